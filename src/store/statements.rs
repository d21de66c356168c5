//! What people stated, counted by day, hamlet, who and word.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::facts::StoredOperation;
use super::{Rows, Store, StoreError, day, json, reading, writing};
use crate::domain::facts::Operation;
use crate::domain::ids::{AreaCode, PlaceCode};
use crate::domain::time::LocalDay;

const STATEMENT_DAY: Rows =
    Rows(&[("day", Text), ("area", Text), ("recorded_by", Text), ("word", Text), ("count", Whole)]);

/// How often one person stated one thing of a hamlet's households on a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::FromRow)]
pub struct StatementDay {
    /// Local day.
    pub day: String,
    /// The household's hamlet then.
    pub area: String,
    /// Who: an account, or the name in an imported file.
    pub recorded_by: String,
    /// What: `pickup.separated`, `finding.mixed`, `visit.sorting`, `pathway.verified` …
    pub word: String,
    /// How often.
    pub count: i64,
}

const PLACE_STATEMENT_DAY: Rows = Rows(&[("day", Text), ("place", Text), ("word", Text), ("count", Whole)]);

/// How often one thing was stated at a place on a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::FromRow)]
pub struct PlaceStatementDay {
    /// Local day.
    pub day: String,
    /// The place that it was stated at, or the household's point then.
    pub place: String,
    /// What, as in [`StatementDay`].
    pub word: String,
    /// How often.
    pub count: i64,
}

impl Store {
    /// Gives what was stated of households on a local day, void statements left out, by id.
    pub async fn statements_on(&self, on: LocalDay) -> Result<Vec<Operation>, StoreError> {
        let rows: Vec<StoredOperation> = reading!(self, pool => {
            sqlx::query_as(
                "select o.id, o.recorded_ms, o.recorded_by, o.body from operation as o where o.day = $1 \
                 and o.kind in ('pickup', 'finding', 'visit', 'pathway', 'attempt') \
                 and not exists (select 1 from operation as v where v.voids = o.id) order by o.id",
            )
            .bind(on.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(StoredOperation::into_operation).collect()
    }

    /// Gives the days on which anything was stated.
    pub async fn statement_days(&self) -> Result<Vec<LocalDay>, StoreError> {
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as("select distinct day from operation order by day").fetch_all(pool).await?
        });
        rows.into_iter().map(|row| day(&row.0)).collect()
    }

    /// Gives the stored counts of a day, by hamlet, who and word.
    pub async fn statement_counts(&self, on: LocalDay) -> Result<Vec<StatementDay>, StoreError> {
        let mut rows: Vec<StatementDay> = reading!(self, pool => {
            sqlx::query_as("select day, area, recorded_by, word, count from statement_day where day = $1")
                .bind(on.to_string()).fetch_all(pool).await?
        });
        // Databases order texts each in its own way.
        rows.sort();
        Ok(rows)
    }

    /// Gives the stored counts of a day, by place and word.
    pub async fn place_statement_counts(&self, on: LocalDay) -> Result<Vec<PlaceStatementDay>, StoreError> {
        let mut rows: Vec<PlaceStatementDay> = reading!(self, pool => {
            sqlx::query_as("select day, place, word, count from place_statement_day where day = $1")
                .bind(on.to_string()).fetch_all(pool).await?
        });
        rows.sort();
        Ok(rows)
    }

    /// Adds up what was stated at each place over some days, by place and word.
    pub async fn place_statement_sums(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(PlaceCode, String, i64)>, StoreError> {
        let rows: Vec<(String, String, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select place, word, cast(sum(count) as bigint) from place_statement_day where day >= $1 and day <= $2 \
                 group by place, word order by place, word",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|(place, word, count)| (place.into(), word, count)).collect())
    }

    /// Adds up what was stated in each hamlet over some days, by hamlet and word.
    pub async fn area_statement_sums(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(AreaCode, String, i64)>, StoreError> {
        let rows: Vec<(String, String, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select area, word, cast(sum(count) as bigint) from statement_day where day >= $1 and day <= $2 \
                 group by area, word order by area, word",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|(area, word, count)| (area.into(), word, count)).collect())
    }

    /// Replaces the counts of a day: by hamlet, who and word, and by place and word.
    pub async fn put_statement_counts(
        &self,
        on: LocalDay,
        rows: &[StatementDay],
        places: &[PlaceStatementDay],
    ) -> Result<(), StoreError> {
        let insert = self.insert("statement_day", STATEMENT_DAY, "");
        let insert_places = self.insert("place_statement_day", PLACE_STATEMENT_DAY, "");
        writing!(self, tx => {
            sqlx::query("delete from statement_day where day = $1").bind(on.to_string()).execute(&mut *tx).await?;
            sqlx::query("delete from place_statement_day where day = $1").bind(on.to_string()).execute(&mut *tx).await?;
            if !rows.is_empty() {
                sqlx::query(insert).bind(json(&rows)).execute(&mut *tx).await?;
            }
            if !places.is_empty() {
                sqlx::query(insert_places).bind(json(&places)).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Adds up what was stated in a hamlet, or in the commune, by day and word.
    pub async fn statement_sums(
        &self,
        area: Option<&AreaCode>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(LocalDay, String, i64)>, StoreError> {
        let rows: Vec<(String, String, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select day, word, cast(sum(count) as bigint) from statement_day where day >= $1 and day <= $2 \
                 and ($3 = '' or area = $3) group by day, word order by day, word",
            )
            .bind(from.to_string()).bind(to.to_string()).bind(area.map_or("", AreaCode::as_str)).fetch_all(pool).await?
        });
        rows.into_iter().map(|(on, word, count)| Ok((day(&on)?, word, count))).collect()
    }

    /// Gives what each person stated: by name and word, the sum and the most on one day.
    pub async fn statements_by_person(
        &self,
        area: Option<&AreaCode>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<(String, String), (i64, i64)>, StoreError> {
        let rows: Vec<(String, String, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select recorded_by, word, cast(sum(a_day) as bigint), cast(max(a_day) as bigint) from \
                 (select day, recorded_by, word, sum(count) as a_day from statement_day \
                 where day >= $1 and day <= $2 and ($3 = '' or area = $3) group by day, recorded_by, word) as d \
                 group by recorded_by, word order by recorded_by, word",
            )
            .bind(from.to_string()).bind(to.to_string()).bind(area.map_or("", AreaCode::as_str)).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|(by, word, sum, most)| ((by, word), (sum, most))).collect())
    }

    /// Counts what each person took back of others between two days, both included: statements, and pickups of devices.
    pub async fn taken_back_by_person(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<String, i64>, StoreError> {
        let rows: Vec<(String, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select v.recorded_by, count(distinct v.voids) from operation as v left join operation as o on o.id = v.voids \
                 where v.kind = 'void' and v.day >= $1 and v.day <= $2 \
                 and (o.id is null or o.recorded_by <> v.recorded_by) group by v.recorded_by",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        Ok(rows.into_iter().collect())
    }
}
