//! The private codes by which households open their own pages: who made which, when, and who ended it.
//!
//! Owns `own_code` and `own_code_end`, both appended and never changed. A code is good while nothing says that it ended.

use std::collections::BTreeSet;

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::{Actor, Rows, Store, StoreError, json, reading, writing};
use crate::domain::ids::HouseholdCode;
use crate::domain::time::Instant;

const OWN_CODE: Rows = Rows(&[
    ("id", Text),
    ("household", Text),
    ("fingerprint", Text),
    ("made_ms", Whole),
    ("made_by", Text),
    ("batch", Text),
]);

/// A code to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOwnCode {
    /// The household.
    pub household: HouseholdCode,
    /// What is kept of the code.
    pub fingerprint: String,
}

/// A code that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCode {
    /// Names it.
    pub id: String,
    /// When.
    pub made: Instant,
    /// By whom.
    pub made_by: String,
    /// When it ended, by whom, and why; no reason: another took its place. `None`: it is good.
    pub ended: Option<(Instant, String, Option<String>)>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    household: &'a str,
    fingerprint: &'a str,
    made_ms: i64,
    made_by: &'a str,
    batch: &'a str,
}

impl Store {
    /// Makes codes, in one act named `batch`; those that the households had end. An act that was done is not done again: gives `false`.
    pub async fn make_own_codes(&self, batch: &str, codes: &[NewOwnCode], by: &Actor) -> Result<bool, StoreError> {
        let rows: Vec<Row<'_>> = codes
            .iter()
            .map(|code| Row {
                id: uuid::Uuid::now_v7().to_string(),
                household: code.household.as_str(),
                fingerprint: &code.fingerprint,
                made_ms: by.at.ms(),
                made_by: &by.name,
                batch,
            })
            .collect();
        let (sql, rows) = (self.insert("own_code", OWN_CODE, ""), json(&rows));
        let made = writing!(self, tx => {
            // Two officers at once: the second waits here, and sees what the first made.
            sqlx::query(
                "insert into setting (key, value) values ('own_codes_turn', '') \
                 on conflict (key) do update set value = excluded.value",
            )
            .execute(&mut *tx)
            .await?;
            let done: (i64,) = sqlx::query_as("select count(*) from own_code where batch = $1")
                .bind(batch)
                .fetch_one(&mut *tx)
                .await?;
            if done.0 == 0 {
                sqlx::query(sql).bind(&rows).execute(&mut *tx).await?;
                sqlx::query(
                    "insert into own_code_end (code, ended_ms, ended_by) \
                     select old.id, $2, $3 from own_code old where old.batch <> $1 \
                     and exists (select 1 from own_code new where new.batch = $1 and new.household = old.household) \
                     and not exists (select 1 from own_code_end gone where gone.code = old.id)",
                )
                .bind(batch)
                .bind(by.at.ms())
                .bind(&by.name)
                .execute(&mut *tx)
                .await?;
            }
            done.0 == 0
        });
        Ok(made)
    }

    /// Revokes a household's code. Gives `false` when none is good.
    pub async fn revoke_own_code(&self, household: &HouseholdCode, by: &Actor, why: &str) -> Result<bool, StoreError> {
        let ended = writing!(self, tx => {
            sqlx::query(
                "insert into own_code_end (code, ended_ms, ended_by, reason) \
                 select made.id, $2, $3, $4 from own_code made where made.household = $1 \
                 and not exists (select 1 from own_code_end gone where gone.code = made.id)",
            )
            .bind(household.as_str())
            .bind(by.at.ms())
            .bind(&by.name)
            .bind(why)
            .execute(&mut *tx)
            .await?
            .rows_affected()
        });
        Ok(ended > 0)
    }

    /// Finds the household of a code. `None`: there is no such code, or it ended.
    pub async fn household_of_own_code(&self, fingerprint: &str) -> Result<Option<HouseholdCode>, StoreError> {
        let row: Option<(String,)> = reading!(self, pool => {
            sqlx::query_as(
                "select household from own_code where fingerprint = $1 \
                 and not exists (select 1 from own_code_end gone where gone.code = own_code.id)",
            )
            .bind(fingerprint)
            .fetch_optional(pool)
            .await?
        });
        Ok(row.map(|(household,)| HouseholdCode::from(household)))
    }

    /// Gives the codes of a household, the latest first.
    pub async fn own_codes_of(&self, household: &HouseholdCode) -> Result<Vec<OwnCode>, StoreError> {
        type Made = (String, i64, String, Option<i64>, Option<String>, Option<String>);
        let rows: Vec<Made> = reading!(self, pool => {
            sqlx::query_as(
                "select id, made_ms, made_by, ended_ms, ended_by, reason from own_code \
                 left join own_code_end on own_code_end.code = own_code.id where household = $1 \
                 order by made_ms desc, id desc",
            )
            .bind(household.as_str())
            .fetch_all(pool)
            .await?
        });
        let code = |(id, made_ms, made_by, ended_ms, ended_by, reason): Made| OwnCode {
            id,
            made: Instant::from_ms(made_ms),
            made_by,
            ended: ended_ms.zip(ended_by).map(|(ms, by)| (Instant::from_ms(ms), by, reason)),
        };
        Ok(rows.into_iter().map(code).collect())
    }

    /// Gives the households that have a good code.
    pub async fn households_with_own_code(&self) -> Result<BTreeSet<HouseholdCode>, StoreError> {
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as(
                "select distinct household from own_code \
                 where not exists (select 1 from own_code_end gone where gone.code = own_code.id)",
            )
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().map(|(household,)| HouseholdCode::from(household)).collect())
    }
}
