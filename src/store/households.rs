//! Households, as people look at them: the list in the order of visits, and everything that stands behind one of them.
//!
//! What is read of one household lies between two instants, but for what people stated of it: a declaration has no end, and a
//! household has a few statements a year.

use super::derived::rows::{StateRowDb, pickup_of};
use super::facts::{StoredOperation, StoredReading};
use super::{StateSpan, Store, StoreError, json, reading};
use crate::domain::attribution::Observed;
use crate::domain::facts::Operation;
use crate::domain::ids::{AreaCode, EventId, HouseholdCode, PlaceCode, StreamCode};
use crate::domain::pickup::Pickup;
use crate::domain::state::{Reason, State};
use crate::domain::time::{Instant, LocalDay};

/// Which households are asked for.
#[derive(Clone, Debug)]
pub struct HouseholdsQuery {
    /// The day.
    pub on: LocalDay,
    /// A hamlet only.
    pub area: Option<AreaCode>,
    /// A state only.
    pub state: Option<State>,
    /// A reason only.
    pub reason: Option<Reason>,
    /// Only those that miss this required stream.
    pub missing: Option<StreamCode>,
    /// Only those whose collection point it is on that day.
    pub point: Option<PlaceCode>,
    /// Only those whose code holds this text, folded.
    pub search: Option<String>,
    /// The text is searched in names and addresses too.
    pub in_names: bool,
    /// Also those that sort, after all others.
    pub with_sorting: bool,
    /// Households after this one of the list: its place in the order of visits, and its code.
    pub after: Option<(i64, HouseholdCode)>,
    /// At most so many.
    pub limit: i64,
}

/// A household of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedHousehold {
    /// Its state, and since when.
    pub span: StateSpan,
    /// Its place in the order of visits: 0 for N, then by reason, S last.
    pub visit_order: i64,
    /// Name of its head; empty when not stated.
    pub head_name: String,
    /// Address; empty when not stated.
    pub address: String,
}

/// Something stated of a household, and who took it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// What was stated.
    pub operation: Operation,
    /// The first operation that declares it void.
    pub void: Option<Operation>,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    state: StateRowDb,
    visit_order: i64,
    head_name: Option<String>,
    address: Option<String>,
}

#[derive(sqlx::FromRow)]
struct StatedRow {
    #[sqlx(flatten)]
    stated: StoredOperation,
    void_id: Option<String>,
    void_recorded_ms: Option<i64>,
    void_by: Option<String>,
    void_body: Option<String>,
}

impl StatedRow {
    fn into_stated(self) -> Result<Stated, StoreError> {
        let void = match (self.void_id, self.void_recorded_ms, self.void_by, self.void_body) {
            (Some(id), Some(recorded_ms), Some(recorded_by), Some(body)) => {
                Some(StoredOperation { id, recorded_ms, recorded_by, body }.into_operation()?)
            }
            _ => None,
        };
        Ok(Stated { operation: self.stated.into_operation()?, void })
    }
}

/// Gives the place in the order of visits as SQL.
pub(super) fn visit_order() -> String {
    let reasons: Vec<String> =
        Reason::ALL.iter().zip(1..).map(|(reason, at)| format!("when s.reason = '{reason}' then {at}")).collect();
    format!("cast(case when s.state = 'N' then 0 when s.state = 'S' then 9 {} else 8 end as bigint)", reasons.join(" "))
}

/// Makes a pattern that finds a text anywhere; `!` guards what would be a wildcard.
fn holding(text: &str) -> String {
    let guarded = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{guarded}%")
}

impl Store {
    /// Gives households with their state on a day in the order of visits: N, U by reason, S. Days after
    /// [`Store::computed_through`] have none.
    pub async fn listed_households(&self, query: &HouseholdsQuery) -> Result<Vec<ListedHousehold>, StoreError> {
        if self.computed_through().await?.is_none_or(|through| query.on > through) {
            return Ok(Vec::new());
        }
        let order = visit_order();
        let sql = sqlx::AssertSqlSafe(format!(
            "select s.household, s.from_day, s.to_day, s.area, s.state, s.reason, s.weakest, s.at_least_one, s.enrolled, \
             s.missing, {order} as visit_order, p.head_name, p.address \
             from household_state as s left join person as p on p.household = s.household \
             where s.from_day <= $1 and s.to_day >= $1 and ($2 = '' or s.area = $2) and ($3 = '' or s.state = $3) \
             and ($4 = '' or s.reason = $4) and ($5 = '' or s.missing like $5 escape '!') \
             and ($6 = '' or lower(s.household) like $6 escape '!' or ($7 = 1 and p.folded like $6 escape '!')) \
             and ($12 = '' or exists (select 1 from household_practice as h where h.household = s.household \
             and h.from_day <= $1 and h.to_day >= $1 and h.point = $12)) \
             and ($8 = 1 or s.state <> 'S') and ({order} > $9 or ({order} = $9 and s.household > $10)) \
             order by {order}, s.household limit $11"
        ));
        let (after_order, after_code) = query.after.as_ref().map_or((-1, ""), |(order, code)| (*order, code.as_str()));
        let missing = query.missing.as_ref().map_or_else(String::new, |stream| holding(&format!(" {stream} ")));
        let rows: Vec<ListedRow> = reading!(self, pool => {
            sqlx::query_as(sql)
                .bind(query.on.to_string())
                .bind(query.area.as_ref().map_or("", AreaCode::as_str))
                .bind(query.state.map_or("", State::as_str))
                .bind(query.reason.map_or("", Reason::as_str))
                .bind(missing)
                .bind(query.search.as_deref().map_or_else(String::new, holding))
                .bind(i64::from(query.in_names))
                .bind(i64::from(query.with_sorting || query.state == Some(State::Sorting)))
                .bind(after_order)
                .bind(after_code)
                .bind(query.limit)
                .bind(query.point.as_ref().map_or("", PlaceCode::as_str))
                .fetch_all(pool)
                .await?
        });
        rows.into_iter()
            .map(|row| {
                Ok(ListedHousehold {
                    span: row.state.into_span()?,
                    visit_order: row.visit_order,
                    head_name: row.head_name.unwrap_or_default(),
                    address: row.address.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Gives a household's pickups from an instant to another, the last not included, by time.
    pub async fn pickups_between(
        &self,
        household: &HouseholdCode,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Pickup>, StoreError> {
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as(
                "select body from pickup where household = $1 and time_ms >= $2 and time_ms < $3 order by time_ms, id",
            )
            .bind(household.as_str()).bind(from.ms()).bind(to.ms()).fetch_all(pool).await?
        });
        rows.iter().map(|row| pickup_of(&row.0)).collect()
    }

    /// Gives a household's states that reach into a range of days, by first day.
    pub async fn spans_between(
        &self,
        household: &HouseholdCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<StateSpan>, StoreError> {
        let rows: Vec<StateRowDb> = reading!(self, pool => {
            sqlx::query_as(
                "select household, from_day, to_day, area, state, reason, weakest, at_least_one, enrolled, missing \
                 from household_state where household = $1 and from_day <= $3 and to_day >= $2 order by from_day",
            )
            .bind(household.as_str()).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(StateRowDb::into_span).collect()
    }

    /// Gives what was stated of a household (findings, visits, pathways, attempts to visit, crew pickups that state a finding), void or
    /// not, by time.
    pub async fn stated_of(&self, household: &HouseholdCode) -> Result<Vec<Stated>, StoreError> {
        let rows: Vec<StatedRow> = reading!(self, pool => {
            sqlx::query_as(
                "select o.id, o.recorded_ms, o.recorded_by, o.body, v.id as void_id, v.recorded_ms as void_recorded_ms, \
                 v.recorded_by as void_by, v.body as void_body from operation as o left join operation as v on v.voids = o.id \
                 where o.household = $1 and (o.kind in ('finding', 'visit', 'pathway', 'attempt') or o.contrary = 1) \
                 order by o.at_ms, o.id, v.recorded_ms, v.id",
            )
            .bind(household.as_str()).fetch_all(pool).await?
        });
        let mut stated = rows.into_iter().map(StatedRow::into_stated).collect::<Result<Vec<_>, _>>()?;
        // Declared void twice is void once.
        stated.dedup_by(|later, first| later.operation.id == first.operation.id);
        Ok(stated)
    }

    /// Gives stored readings of ids, by time.
    pub async fn readings_of(&self, ids: &[EventId]) -> Result<Vec<Observed>, StoreError> {
        let sql = self.readings_of_sql();
        let rows: Vec<StoredReading> =
            reading!(self, pool => sqlx::query_as(sql).bind(json(&ids)).fetch_all(pool).await?);
        rows.into_iter().map(StoredReading::into_reading).collect()
    }
}
