//! What one person recorded without a second one: what a proposal brought in is left out.

use super::facts::StoredOperation;
use super::register::version;
use super::{RowVersion, Store, StoreError, reading};
use crate::domain::facts::Operation;
use crate::domain::time::{Instant, LocalDay};

/// Leaves out what a second person confirmed: it was recorded at the time of the confirmation, in the name of who proposed it.
const CONFIRMED: &str =
    "select 1 from proposal as p join proposal_decision as d on d.proposal = p.id where d.verdict = 'confirmed'";

impl Store {
    /// Gives versions of exclusions and households that somebody recorded alone from an instant on, oldest first.
    pub async fn rows_alone(&self, by: &str, since: Instant) -> Result<Vec<RowVersion>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select r.recorded_ms, r.recorded_by, r.reason, r.body from register_row as r \
             where r.kind in ('exclusion', 'household') and r.recorded_by = $1 and r.recorded_ms >= $2 \
             and not exists ({CONFIRMED} and p.proposed_by = r.recorded_by and d.decided_ms = r.recorded_ms) \
             order by r.recorded_ms, r.kind, r.key"
        ));
        let rows: Vec<(i64, String, Option<String>, String)> =
            reading!(self, pool => sqlx::query_as(sql).bind(by).bind(since.ms()).fetch_all(pool).await?);
        rows.into_iter().map(version).collect()
    }

    /// Gives the findings, visits and pathways that somebody recorded, or handed in, alone from an instant on.
    pub async fn stated_alone(&self, by: &str, since: Instant) -> Result<Vec<Operation>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select o.id, o.recorded_ms, o.recorded_by, o.body from operation as o \
             where o.recorded_ms >= $2 and coalesce(o.entered_by, o.recorded_by) = $1 \
             and o.kind in ('finding', 'visit', 'pathway') \
             and not exists ({CONFIRMED} and p.proposed_by = $1 and d.decided_ms = o.recorded_ms) \
             order by o.recorded_ms, o.id"
        ));
        let rows: Vec<StoredOperation> =
            reading!(self, pool => sqlx::query_as(sql).bind(by).bind(since.ms()).fetch_all(pool).await?);
        rows.into_iter().map(StoredOperation::into_operation).collect()
    }

    /// Counts the households that somebody visited on a day, by what they recorded themselves, less one household.
    pub async fn visited_on(&self, by: &str, on: LocalDay, less: &str) -> Result<i64, StoreError> {
        let (count,): (i64,) = reading!(self, pool => {
            sqlx::query_as(
                "select count(distinct household) from operation where day = $2 and kind in ('visit', 'pathway') \
                 and recorded_by = $1 and household <> $3",
            )
            .bind(by).bind(on.to_string()).bind(less).fetch_one(pool).await?
        });
        Ok(count)
    }
}
