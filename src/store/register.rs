//! The register's rows, every version kept with who recorded it, when and why; and personal data apart from them.
//!
//! # Why
//! Rows are checked against the register as read, outside any transaction. `register_version` rises with each change and is compared
//! when the change is written: of two people who change the register at once, the second is checked again against the first's rows.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::append::{Mark, STALE, STALE_AGAIN};
use super::facts::{OPERATION, operation_marks, operation_row};
use super::proposals::DECIDE;
use super::{Rows, Store, StoreError, json, reading, unreadable, writing};
use crate::domain::facts::Operation;
use crate::domain::ids::HouseholdCode;
use crate::domain::proposal::Decision;
use crate::domain::register::Row;
use crate::domain::rules::RuleChange;
use crate::domain::time::{Instant, LocalDay, Zone};

const REGISTER: Rows = Rows(&[
    ("kind", Text),
    ("key", Text),
    ("recorded_ms", Whole),
    ("recorded_by", Text),
    ("reason", Text),
    ("body", Text),
]);
const PERSON: Rows = Rows(&[("household", Text), ("head_name", Text), ("address", Text), ("folded", Text)]);
const VERSION: &str = "register_version";

#[derive(Serialize)]
struct RegisterRow<'a> {
    kind: &'static str,
    key: String,
    recorded_ms: i64,
    recorded_by: &'a str,
    reason: Option<&'a str>,
    body: String,
}

/// A household's personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The household's code.
    pub household: String,
    /// Name of its head; empty when not stated.
    pub head_name: String,
    /// Address; empty when not stated.
    pub address: String,
    /// Name and address without diacritics and case, for search.
    pub folded: String,
}

/// A recorded version of a register row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowVersion {
    /// When it was recorded.
    pub at: Instant,
    /// Who recorded it.
    pub by: String,
    /// Why. `None`: nobody said.
    pub reason: Option<String>,
    /// What it says.
    pub row: Row,
}

/// That a household's personal data was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The household.
    pub household: HouseholdCode,
    /// When.
    pub at: Instant,
    /// Who did it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What is recorded in one transaction: rows of the register, personal data, statements, and the decision that lets them in.
#[derive(Clone, Debug)]
pub struct RegisterChange<'a> {
    /// New versions of rows. The caller leaves out rows that say what is held.
    pub rows: &'a [Row],
    /// Personal data.
    pub people: &'a [Person],
    /// Statements, each recorded once by its id, with the zone that gives their days. `None`: none.
    pub stated: Option<(&'a [Operation], &'a Zone)>,
    /// What the rows make stale: kind, key, day.
    pub stale: Vec<(&'static str, String, LocalDay)>,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
    /// The register's version against which the rows were checked; outer `None`: they were not, and any version will do.
    pub basis: Option<Option<String>>,
    /// The proposal that this confirms, with the confirmation.
    pub confirms: Option<(&'a str, &'a Decision)>,
}

/// What became of a change of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is recorded.
    Done {
        /// Statements that were not known before.
        new_operations: u64,
    },
    /// The register changed since it was read: nothing is recorded; read it and check again.
    Moved,
    /// The proposal was decided before: nothing is recorded.
    Decided,
}

/// Writes a change within a transaction and gives what became of it; a transaction that gives anything else than `Done` is dropped.
macro_rules! changed {
    ($tx:ident, $change:expr, $texts:expr) => {{
        let (change, texts): (&RegisterChange<'_>, Texts) = ($change, $texts);
        let mut verdict = None;
        if let Some((proposal, decision)) = change.confirms {
            let decided = sqlx::query(DECIDE)
                .bind(proposal)
                .bind(decision.verdict.as_str())
                .bind(decision.at.ms())
                .bind(&decision.by)
                .bind(&decision.reason)
                .execute(&mut *$tx)
                .await?
                .rows_affected();
            if decided == 0 {
                verdict = Some(Recorded::Decided);
            }
        }
        if verdict.is_none() && !change.rows.is_empty() {
            sqlx::query("insert into setting (key, value) values ($1, '0') on conflict (key) do nothing")
                .bind(VERSION)
                .execute(&mut *$tx)
                .await?;
            // The row's lock makes a second change wait here until the first one is committed.
            let raised = match &change.basis {
                Some(basis) => sqlx::query(
                    "update setting set value = cast(cast(value as bigint) + 1 as text) where key = $1 and value = $2",
                )
                .bind(VERSION)
                .bind(basis.as_deref().unwrap_or("0"))
                .execute(&mut *$tx)
                .await?,
                None => {
                    sqlx::query("update setting set value = cast(cast(value as bigint) + 1 as text) where key = $1")
                        .bind(VERSION)
                        .execute(&mut *$tx)
                        .await?
                }
            };
            if raised.rows_affected() == 0 {
                verdict = Some(Recorded::Moved);
            }
        }
        match verdict {
            Some(verdict) => verdict,
            None => {
                if !change.rows.is_empty() {
                    sqlx::query(texts.insert).bind(&texts.rows).execute(&mut *$tx).await?;
                }
                if !change.people.is_empty() {
                    sqlx::query(texts.person).bind(json(&change.people)).execute(&mut *$tx).await?;
                }
                let mut new_operations = 0;
                if change.stated.is_some_and(|(operations, _)| !operations.is_empty()) {
                    let done = sqlx::query(texts.operation).bind(&texts.operations).execute(&mut *$tx).await?;
                    new_operations = done.rows_affected();
                }
                if texts.marked || new_operations > 0 {
                    let marks = if new_operations > 0 { &texts.all_marks } else { &texts.marks };
                    sqlx::query(texts.mark).bind(marks).execute(&mut *$tx).await?;
                }
                Recorded::Done { new_operations }
            }
        }
    }};
}

/// The texts of a change, made before the transaction begins.
struct Texts {
    insert: sqlx::AssertSqlSafe<String>,
    rows: String,
    person: sqlx::AssertSqlSafe<String>,
    operation: sqlx::AssertSqlSafe<String>,
    operations: String,
    mark: sqlx::AssertSqlSafe<String>,
    /// What the rows make stale.
    marks: String,
    /// That, and what the statements make stale.
    all_marks: String,
    marked: bool,
}

/// A version of the rule with who recorded it, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedRule {
    /// When.
    pub recorded: Instant,
    /// Who.
    pub by: String,
    /// What, and why.
    pub change: RuleChange,
}

impl Store {
    /// Gives the rule versions that officers recorded, oldest first.
    pub async fn recorded_rules(&self) -> Result<Vec<RecordedRule>, StoreError> {
        let rows: Vec<(i64, String, String)> = reading!(self, pool => {
            sqlx::query_as(
                "select recorded_ms, recorded_by, body from register_row where kind = 'rule' order by recorded_ms, key",
            )
            .fetch_all(pool)
            .await?
        });
        rows.into_iter()
            .filter_map(|(ms, by, body)| match serde_json::from_str(&body) {
                Ok(Row::Rule(change)) => Some(Ok(RecordedRule { recorded: Instant::from_ms(ms), by, change })),
                Ok(_) => None,
                Err(why) => Some(Err(unreadable("rule", &body, why))),
            })
            .collect()
    }

    /// Gives every recorded version of the register's rows, oldest first.
    pub async fn register_rows(&self) -> Result<Vec<(Instant, Row)>, StoreError> {
        let rows: Vec<(i64, String)> = reading!(self, pool => {
            sqlx::query_as("select recorded_ms, body from register_row order by recorded_ms, kind, key").fetch_all(pool).await?
        });
        rows.into_iter().map(|(ms, body)| Ok((Instant::from_ms(ms), row_of(&body)?))).collect()
    }

    /// Gives every recorded version of the rows of a kind, by key, oldest first.
    pub async fn register_versions(&self, kind: &str) -> Result<Vec<RowVersion>, StoreError> {
        let rows: Vec<(i64, String, Option<String>, String)> = reading!(self, pool => {
            sqlx::query_as(
                "select recorded_ms, recorded_by, reason, body from register_row where kind = $1 order by key, recorded_ms",
            )
            .bind(kind).fetch_all(pool).await?
        });
        rows.into_iter().map(version).collect()
    }

    /// Gives every recorded version of one row, oldest first.
    pub async fn register_history(&self, kind: &str, key: &str) -> Result<Vec<RowVersion>, StoreError> {
        let rows: Vec<(i64, String, Option<String>, String)> = reading!(self, pool => {
            sqlx::query_as(
                "select recorded_ms, recorded_by, reason, body from register_row where kind = $1 and key = $2 order by recorded_ms",
            )
            .bind(kind).bind(key).fetch_all(pool).await?
        });
        rows.into_iter().map(version).collect()
    }

    /// Counts the rows of each kind of the register, and the statements of each kind.
    pub async fn register_counts(&self) -> Result<BTreeMap<String, i64>, StoreError> {
        let rows: Vec<(String, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select kind, count(distinct key) from register_row group by kind \
                 union all select kind, count(*) from operation group by kind",
            )
            .fetch_all(pool).await?
        });
        Ok(rows.into_iter().collect())
    }

    /// Gives the number of the register's last change. `None`: nothing was recorded yet.
    pub async fn register_version(&self) -> Result<Option<String>, StoreError> {
        self.setting(VERSION).await
    }

    /// Records register rows, what they make stale (kind, key, day), and personal data in one transaction. The caller leaves out rows that say what is held.
    pub async fn record_register(
        &self,
        rows: &[Row],
        people: &[Person],
        stale: impl IntoIterator<Item = (&'static str, String, LocalDay)>,
        at: Instant,
        by: &str,
    ) -> Result<(), StoreError> {
        let change = RegisterChange {
            rows,
            people,
            stated: None,
            stale: stale.into_iter().collect(),
            at,
            by,
            reason: None,
            basis: None,
            confirms: None,
        };
        self.change_register(&change).await.map(|_| ())
    }

    /// Records a change of the register in one transaction, or nothing of it.
    pub async fn change_register(&self, change: &RegisterChange<'_>) -> Result<Recorded, StoreError> {
        let texts = self.texts_of(change);
        match &self.pools {
            super::Pools::Sqlite { write, .. } => {
                let mut tx = write.begin_with("begin immediate").await?;
                let recorded = changed!(tx, change, texts);
                if let Recorded::Done { .. } = recorded {
                    tx.commit().await?;
                } else {
                    tx.rollback().await?;
                }
                Ok(recorded)
            }
            super::Pools::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                let recorded = changed!(tx, change, texts);
                if let Recorded::Done { .. } = recorded {
                    tx.commit().await?;
                } else {
                    tx.rollback().await?;
                }
                Ok(recorded)
            }
        }
    }

    fn texts_of(&self, change: &RegisterChange<'_>) -> Texts {
        let rows: Vec<RegisterRow<'_>> = change
            .rows
            .iter()
            .map(|row| RegisterRow {
                kind: row.kind(),
                key: row.key(),
                recorded_ms: change.at.ms(),
                recorded_by: change.by,
                reason: change.reason,
                body: json(row),
            })
            .collect();
        let mut marks: BTreeSet<Mark> =
            change.stale.iter().map(|(kind, key, day)| Mark::new(kind, key.as_str(), *day)).collect();
        let own_marks = json(&marks);
        let marked = !marks.is_empty();
        let mut operations = Vec::new();
        if let Some((stated, zone)) = change.stated {
            operations.extend(stated.iter().map(|operation| operation_row(operation, zone).entered_by(change.by)));
            marks.extend(stated.iter().flat_map(|operation| operation_marks(operation, zone)));
        }
        Texts {
            insert: self.insert(
                "register_row",
                REGISTER,
                "on conflict (kind, key, recorded_ms) do update set body = excluded.body, \
                 recorded_by = excluded.recorded_by, reason = excluded.reason",
            ),
            rows: json(&rows),
            person: self.insert(
                "person",
                PERSON,
                "on conflict (household) do update set head_name = excluded.head_name, address = excluded.address, \
                 folded = excluded.folded",
            ),
            operation: self.insert("operation", OPERATION, "on conflict (id) do nothing"),
            operations: json(&operations),
            mark: self.insert("stale", STALE, STALE_AGAIN),
            marked,
            marks: own_marks,
            all_marks: json(&marks),
        }
    }

    /// Gives personal data of every household, by code.
    pub async fn people(&self) -> Result<Vec<Person>, StoreError> {
        let rows: Vec<(String, String, String, String)> = reading!(self, pool => {
            sqlx::query_as("select household, head_name, address, folded from person order by household")
                .fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(person).collect())
    }

    /// Gives a household's personal data. `None`: nothing is kept.
    pub async fn person(&self, household: &HouseholdCode) -> Result<Option<Person>, StoreError> {
        let row: Option<(String, String, String, String)> = reading!(self, pool => {
            sqlx::query_as("select household, head_name, address, folded from person where household = $1")
                .bind(household.as_str()).fetch_optional(pool).await?
        });
        Ok(row.map(person))
    }

    /// Erases a household's personal data and keeps that it was done. Facts and figures name households by code and stay as they are.
    /// Gives `false` when nothing was kept; the request is recorded all the same.
    pub async fn erase_person(&self, erasure: &Erasure) -> Result<bool, StoreError> {
        let gone = writing!(self, tx => {
            let gone = sqlx::query("delete from person where household = $1")
                .bind(erasure.household.as_str()).execute(&mut *tx).await?.rows_affected();
            sqlx::query(
                "insert into erasure (household, erased_ms, erased_by, reason) values ($1, $2, $3, $4) \
                 on conflict (household, erased_ms) do nothing",
            )
            .bind(erasure.household.as_str()).bind(erasure.at.ms()).bind(&erasure.by).bind(&erasure.reason)
            .execute(&mut *tx).await?;
            gone
        });
        Ok(gone > 0)
    }

    /// Gives when a household's personal data was erased, oldest first.
    pub async fn erasures_of(&self, household: &HouseholdCode) -> Result<Vec<Erasure>, StoreError> {
        let rows: Vec<(i64, String, String)> = reading!(self, pool => {
            sqlx::query_as("select erased_ms, erased_by, reason from erasure where household = $1 order by erased_ms")
                .bind(household.as_str()).fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(ms, by, reason)| Erasure { household: household.clone(), at: Instant::from_ms(ms), by, reason })
            .collect())
    }
}

fn row_of(body: &str) -> Result<Row, StoreError> {
    serde_json::from_str(body).map_err(|why| unreadable("register row", body, why))
}

pub(super) fn version((ms, by, reason, body): (i64, String, Option<String>, String)) -> Result<RowVersion, StoreError> {
    Ok(RowVersion { at: Instant::from_ms(ms), by, reason, row: row_of(&body)? })
}

fn person((household, head_name, address, folded): (String, String, String, String)) -> Person {
    Person { household, head_name, address, folded }
}
