//! Visits: whom to go to, what runs out unless somebody goes, and how much was done. All but the people's names from derived rows.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::derived::OPEN_DAY;
use super::derived::rows::StateRowDb;
use super::facts::{KEYS, keys};
use super::{Rows, StateSpan, Store, StoreError, day, json, reading, writing};
use crate::domain::ids::{AreaCode, HouseholdCode, StreamCode};
use crate::domain::time::LocalDay;

pub(super) const VERIFIED: Rows = Rows(&[
    ("household", Text),
    ("from_day", Text),
    ("to_day", Text),
    ("area", Text),
    ("until_day", Text),
    ("streams", Text),
]);
const VISIT_DAY: Rows = Rows(&[("day", Text), ("area", Text), ("visited", Whole), ("not_seen", Whole)]);

/// From one day through another: a household sorts, and verifications alone hold that up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedSpan {
    /// Household.
    pub household: HouseholdCode,
    /// First day.
    pub from: LocalDay,
    /// Last day; `None`: still open.
    pub to: Option<LocalDay>,
    /// Hamlet.
    pub area: AreaCode,
    /// The last day on which every verification that is needed stands.
    pub until: LocalDay,
    /// Required streams whose only evidence ends with that day, in the commune's order.
    pub streams: Vec<StreamCode>,
}

#[derive(Serialize, sqlx::FromRow)]
pub(super) struct VerifiedRow {
    household: String,
    from_day: String,
    to_day: String,
    area: String,
    until_day: String,
    streams: String,
}

pub(super) fn verified_row(span: &VerifiedSpan) -> VerifiedRow {
    VerifiedRow {
        household: span.household.to_string(),
        from_day: span.from.to_string(),
        to_day: span.to.map_or_else(|| OPEN_DAY.to_owned(), |to| to.to_string()),
        area: span.area.to_string(),
        until_day: span.until.to_string(),
        streams: span.streams.iter().fold(String::new(), |codes, code| format!("{codes} {code} ")),
    }
}

fn codes(text: &str) -> Vec<StreamCode> {
    text.split_whitespace().map(StreamCode::new).collect()
}

impl VerifiedRow {
    fn into_span(self) -> Result<VerifiedSpan, StoreError> {
        Ok(VerifiedSpan {
            from: day(&self.from_day)?,
            to: if self.to_day == OPEN_DAY { None } else { Some(day(&self.to_day)?) },
            until: day(&self.until_day)?,
            streams: codes(&self.streams),
            household: self.household.into(),
            area: self.area.into(),
        })
    }
}

/// What visitors did in a hamlet on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VisitCounts {
    /// Households of which something was seen: a visit, or a verified pathway, that stands.
    pub visited: i64,
    /// Households at which a visitor could see nothing all day.
    pub not_seen: i64,
}

#[derive(Serialize)]
struct VisitDayRow<'a> {
    day: LocalDay,
    area: &'a str,
    visited: i64,
    not_seen: i64,
}

/// A household that a visitor should go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToVisit {
    /// Its state, and since when.
    pub span: StateSpan,
    /// Its place in the order of visits: 0 for N, then by reason, those whose verifications run out last.
    pub visit_order: i64,
    /// For those that sort: the last day on which the verifications stand, and the streams whose evidence then ends.
    pub runs_out: Option<(LocalDay, Vec<StreamCode>)>,
    /// Name of its head; empty when not stated.
    pub head_name: String,
    /// Address; empty when not stated.
    pub address: String,
}

#[derive(sqlx::FromRow)]
struct ToVisitRow {
    #[sqlx(flatten)]
    state: StateRowDb,
    visit_order: i64,
    until_day: Option<String>,
    streams: Option<String>,
    head_name: Option<String>,
    address: Option<String>,
}

impl ToVisitRow {
    fn into_household(self) -> Result<ToVisit, StoreError> {
        Ok(ToVisit {
            span: self.state.into_span()?,
            visit_order: self.visit_order,
            runs_out: match (self.until_day, self.streams) {
                (Some(until), Some(streams)) => Some((day(&until)?, codes(&streams))),
                (Some(_) | None, _) => None,
            },
            head_name: self.head_name.unwrap_or_default(),
            address: self.address.unwrap_or_default(),
        })
    }
}

impl Store {
    /// Gives the spans in which verifications alone hold households up, as far as they reach into the days from `from` through `to`,
    /// by household and first day.
    pub async fn verified_spans(
        &self,
        households: &[HouseholdCode],
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<VerifiedSpan>, StoreError> {
        let keys = keys(households.iter().map(HouseholdCode::as_str));
        let sql = sqlx::AssertSqlSafe(format!(
            "select s.household, s.from_day, s.to_day, s.area, s.until_day, s.streams \
             from {} join household_verified as s on s.household = r.key where s.to_day >= $2 and s.from_day <= $3 \
             order by s.household, s.from_day",
            self.rows(KEYS)
        ));
        let rows: Vec<VerifiedRow> = reading!(self, pool => {
            sqlx::query_as(sql).bind(&keys).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(VerifiedRow::into_span).collect()
    }

    /// Gives the households of a hamlet to go to, as they stood at the end of a day, in the order of visits: N, U by reason, then S whose
    /// verifications stand until `until` at the latest, the soonest first.
    pub async fn to_visit(&self, area: &AreaCode, on: LocalDay, until: LocalDay) -> Result<Vec<ToVisit>, StoreError> {
        if self.computed_through().await?.is_none_or(|through| on > through) {
            return Ok(Vec::new());
        }
        let order = super::households::visit_order();
        let sql = sqlx::AssertSqlSafe(format!(
            "select s.household, s.from_day, s.to_day, s.area, s.state, s.reason, s.weakest, s.at_least_one, s.enrolled, \
             s.missing, {order} as visit_order, v.until_day, v.streams, p.head_name, p.address \
             from household_state as s \
             left join household_verified as v on v.household = s.household and v.from_day <= $2 and v.to_day >= $2 \
             left join person as p on p.household = s.household \
             where s.area = $1 and s.from_day <= $2 and s.to_day >= $2 and (s.state <> 'S' or v.until_day <= $3) \
             order by {order}, v.until_day, s.household"
        ));
        let rows: Vec<ToVisitRow> = reading!(self, pool => {
            sqlx::query_as(sql)
                .bind(area.as_str()).bind(on.to_string()).bind(until.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(ToVisitRow::into_household).collect()
    }

    /// Counts the households that verifications alone hold up at the end of a day, by the last day on which they stand; those that lie in
    /// a range of days. Of a hamlet, or of the commune.
    pub async fn run_outs(
        &self,
        area: Option<&AreaCode>,
        on: LocalDay,
        (first, last): (LocalDay, LocalDay),
    ) -> Result<Vec<(LocalDay, i64)>, StoreError> {
        let rows: Vec<(String, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select until_day, cast(count(*) as bigint) from household_verified where until_day >= $2 and until_day <= $3 \
                 and to_day >= $1 and from_day <= $1 and ($4 = '' or area = $4) group by until_day order by until_day",
            )
            .bind(on.to_string()).bind(first.to_string()).bind(last.to_string())
            .bind(area.map_or("", AreaCode::as_str)).fetch_all(pool).await?
        });
        rows.into_iter().map(|(until, count)| Ok((day(&until)?, count))).collect()
    }

    /// Gives what visitors did on a day, by hamlet.
    pub async fn visit_counts(&self, on: LocalDay) -> Result<BTreeMap<AreaCode, VisitCounts>, StoreError> {
        let rows: Vec<(String, i64, i64)> = reading!(self, pool => {
            sqlx::query_as("select area, visited, not_seen from visit_day where day = $1")
                .bind(on.to_string()).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|(area, visited, not_seen)| (area.into(), VisitCounts { visited, not_seen })).collect())
    }

    /// Replaces what visitors did on a day.
    pub async fn put_visit_counts(
        &self,
        on: LocalDay,
        counts: &BTreeMap<AreaCode, VisitCounts>,
    ) -> Result<(), StoreError> {
        let insert = self.insert("visit_day", VISIT_DAY, "");
        let rows: Vec<VisitDayRow<'_>> = counts
            .iter()
            .map(|(area, of)| VisitDayRow { day: on, area: area.as_str(), visited: of.visited, not_seen: of.not_seen })
            .collect();
        writing!(self, tx => {
            sqlx::query("delete from visit_day where day = $1").bind(on.to_string()).execute(&mut *tx).await?;
            if !rows.is_empty() {
                sqlx::query(insert).bind(json(&rows)).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Adds up what visitors did in a hamlet, or in the commune, by day; days on which nobody went are left out.
    pub async fn visit_days(
        &self,
        area: Option<&AreaCode>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(LocalDay, VisitCounts)>, StoreError> {
        let rows: Vec<(String, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select day, cast(sum(visited) as bigint), cast(sum(not_seen) as bigint) from visit_day \
                 where day >= $1 and day <= $2 and ($3 = '' or area = $3) group by day order by day",
            )
            .bind(from.to_string()).bind(to.to_string()).bind(area.map_or("", AreaCode::as_str)).fetch_all(pool).await?
        });
        rows.into_iter().map(|(on, visited, not_seen)| Ok((day(&on)?, VisitCounts { visited, not_seen }))).collect()
    }
}
