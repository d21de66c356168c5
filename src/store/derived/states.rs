//! What is derived for a household: its states and practice, and the totals of them.

use std::collections::BTreeMap;

use super::rows::{
    AREA_DAY, AreaDayRow, POINT_DAY, PRACTICE, PointDayRow, PracticeRow, STATE, StateRowDb, counts_row, practice_row,
    state_row,
};
use super::{PracticeSpan, StateChange, StateSpan};
use crate::domain::ids::HouseholdCode;
use crate::domain::time::LocalDay;
use crate::indicators::Counts;
use crate::store::ColumnType::Text;
use crate::store::append::{FROM_THEN_ON, Mark, STALE, STALE_AGAIN};
use crate::store::facts::{HouseholdMark, keys};
use crate::store::visits::{VERIFIED, verified_row};
use crate::store::{Rows, Store, StoreError, json, reading, writing};

impl Store {
    /// Gives the spans of households that reach into the days from `from` through `to`, by household and first day.
    pub async fn spans(
        &self,
        households: &[HouseholdCode],
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<StateSpan>, StoreError> {
        let keys = keys(households.iter().map(HouseholdCode::as_str));
        let sql = sqlx::AssertSqlSafe(format!(
            "select s.household, s.from_day, s.to_day, s.area, s.state, s.reason, s.weakest, s.at_least_one, s.enrolled, s.missing \
             from {} join household_state as s on s.household = r.key where s.to_day >= $2 and s.from_day <= $3 \
             order by s.household, s.from_day",
            self.rows(Rows(&[("key", Text)]))
        ));
        let rows: Vec<StateRowDb> = reading!(self, pool => {
            sqlx::query_as(sql).bind(&keys).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(StateRowDb::into_span).collect()
    }

    /// Gives the spans of households' practice that reach into the days from `from` through `to`, by household and first day.
    pub async fn practice_spans(
        &self,
        households: &[HouseholdCode],
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<PracticeSpan>, StoreError> {
        let keys = keys(households.iter().map(HouseholdCode::as_str));
        let names: Vec<String> = PRACTICE.0.iter().map(|(name, _)| format!("s.{name}")).collect();
        let sql = sqlx::AssertSqlSafe(format!(
            "select {} from {} join household_practice as s on s.household = r.key where s.to_day >= $2 and s.from_day <= $3 \
             order by s.household, s.from_day",
            names.join(", "),
            self.rows(Rows(&[("key", Text)]))
        ));
        let rows: Vec<PracticeRow> = reading!(self, pool => {
            sqlx::query_as(sql).bind(&keys).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(PracticeRow::into_span).collect()
    }

    /// Writes what recomputing households changed, adds the differences to the hamlets' totals, and takes the marks
    /// away, in one transaction.
    pub async fn apply_states(&self, change: &StateChange, done: &[HouseholdMark]) -> Result<(), StoreError> {
        let gone = json(&change.spans.gone.iter().map(state_row).collect::<Vec<_>>());
        let put = json(&change.spans.put.iter().map(state_row).collect::<Vec<_>>());
        let totals: Vec<AreaDayRow> = differing(&change.totals)
            .map(|((area, day), counts)| AreaDayRow { area: area.as_str(), day: *day, counts: counts_row(counts) })
            .collect();
        let points: Vec<PointDayRow> = differing(&change.points)
            .map(|((point, day), counts)| PointDayRow { point: point.as_str(), day: *day, counts: counts_row(counts) })
            .collect();
        let practice_gone = json(&change.practice.gone.iter().map(practice_row).collect::<Vec<_>>());
        let practice_put = json(&change.practice.put.iter().map(practice_row).collect::<Vec<_>>());
        let verified_gone = json(&change.verified.gone.iter().map(verified_row).collect::<Vec<_>>());
        let verified_put = json(&change.verified.put.iter().map(verified_row).collect::<Vec<_>>());
        let done: Vec<Mark> = done
            .iter()
            .map(|(kind, (key, day, generation))| Mark {
                generation: *generation,
                ..Mark::new(kind, key.as_str(), *day)
            })
            .collect();
        let drop = sqlx::AssertSqlSafe(format!(
            "delete from household_state where (household, from_day) in (select r.household, r.from_day from {})",
            self.rows(STATE)
        ));
        let insert = self.insert("household_state", STATE, "");
        let add = |table: &str, rows: Rows, key: &str| {
            let sums: Vec<String> =
                rows.0[2..].iter().map(|(name, _)| format!("{name} = {table}.{name} + excluded.{name}")).collect();
            self.insert(table, rows, &format!("on conflict ({key}, day) do update set {}", sums.join(", ")))
        };
        let (add_totals, add_points) = (add("area_day", AREA_DAY, "area"), add("point_day", POINT_DAY, "point"));
        let drop_practice = sqlx::AssertSqlSafe(format!(
            "delete from household_practice where (household, from_day) in (select r.household, r.from_day from {})",
            self.rows(PRACTICE)
        ));
        let insert_practice = self.insert("household_practice", PRACTICE, "");
        let drop_verified = sqlx::AssertSqlSafe(format!(
            "delete from household_verified where (household, from_day) in (select r.household, r.from_day from {})",
            self.rows(VERIFIED)
        ));
        let insert_verified = self.insert("household_verified", VERIFIED, "");
        let clear = self.clear_sql();
        writing!(self, tx => {
            if !change.spans.gone.is_empty() {
                sqlx::query(drop).bind(&gone).execute(&mut *tx).await?;
            }
            if !change.spans.put.is_empty() {
                sqlx::query(insert).bind(&put).execute(&mut *tx).await?;
            }
            if !totals.is_empty() {
                sqlx::query(add_totals).bind(json(&totals)).execute(&mut *tx).await?;
            }
            if !change.practice.gone.is_empty() {
                sqlx::query(drop_practice).bind(&practice_gone).execute(&mut *tx).await?;
            }
            if !change.practice.put.is_empty() {
                sqlx::query(insert_practice).bind(&practice_put).execute(&mut *tx).await?;
            }
            if !change.verified.gone.is_empty() {
                sqlx::query(drop_verified).bind(&verified_gone).execute(&mut *tx).await?;
            }
            if !change.verified.put.is_empty() {
                sqlx::query(insert_verified).bind(&verified_put).execute(&mut *tx).await?;
            }
            if !points.is_empty() {
                sqlx::query(add_points).bind(json(&points)).execute(&mut *tx).await?;
            }
            if !done.is_empty() {
                sqlx::query(clear).bind(json(&done)).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Moves the last computed day on. Open spans hold for the new days too, so the totals of the old last day are
    /// carried over to them, and every household is marked from the first of them on, all in one transaction.
    pub async fn roll(
        &self,
        through: LocalDay,
        today: LocalDay,
        households: impl IntoIterator<Item = String>,
    ) -> Result<(), StoreError> {
        let marks: Vec<Mark> =
            households.into_iter().map(|code| Mark::new(FROM_THEN_ON, code, through.next())).collect();
        let names: Vec<&str> = AREA_DAY.0[2..].iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let carry = |table: &str, key: &str| {
            format!(
                "insert into {table} ({key}, day, {names}) select {key}, $1, {names} from {table} where day = $2 \
                 on conflict ({key}, day) do nothing"
            )
        };
        let carries = [carry("area_day", "area"), carry("point_day", "point")];
        let mark = self.insert("stale", STALE, STALE_AGAIN);
        writing!(self, tx => {
            for day in through.next().through(today) {
                for carry in &carries {
                    sqlx::query(sqlx::AssertSqlSafe(carry.clone()))
                        .bind(day.to_string()).bind(through.to_string()).execute(&mut *tx).await?;
                }
            }
            sqlx::query(mark).bind(json(&marks)).execute(&mut *tx).await?;
            sqlx::query("update setting set value = $1 where key = 'computed_through'")
                .bind(today.to_string()).execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// Drops every derived row.
    pub async fn drop_derived(&self) -> Result<(), StoreError> {
        writing!(self, tx => {
            for sql in [
                "delete from pickup",
                "delete from round",
                "delete from device_day",
                "delete from tonnage_day",
                "delete from household_state",
                "delete from area_day",
                "delete from household_practice",
                "delete from household_verified",
                "delete from point_day",
                "delete from place_day",
                "delete from condition_day",
                "delete from place_statement_day",
                "delete from statement_day",
                "delete from visit_day",
                "delete from ticket",
                "delete from stale",
                "delete from setting where key in ('computed_through', 'computed_from')",
            ] {
                sqlx::query(sql).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }
}

/// Leaves out totals to which nothing is added.
fn differing<K>(totals: &BTreeMap<K, Counts>) -> impl Iterator<Item = (&K, &Counts)> {
    totals.iter().filter(|(_, counts)| **counts != Counts::default())
}
