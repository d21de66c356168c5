//! The register's rows, every version kept, and personal data apart from them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::append::{Mark, STALE, STALE_AGAIN};
use super::{Rows, Store, StoreError, json, reading, unreadable, writing};
use crate::domain::register::Row;
use crate::domain::rules::RuleChange;
use crate::domain::time::{Instant, LocalDay};

const REGISTER: Rows =
    Rows(&[("kind", Text), ("key", Text), ("recorded_ms", Whole), ("recorded_by", Text), ("body", Text)]);
const PERSON: Rows = Rows(&[("household", Text), ("head_name", Text), ("address", Text), ("folded", Text)]);

#[derive(Serialize)]
struct RegisterRow {
    kind: &'static str,
    key: String,
    recorded_ms: i64,
    recorded_by: String,
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
        rows.into_iter()
            .map(|(ms, body)| {
                let row = serde_json::from_str(&body).map_err(|why| unreadable("register row", &body, why))?;
                Ok((Instant::from_ms(ms), row))
            })
            .collect()
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
        let marks: BTreeSet<Mark> = stale.into_iter().map(|(kind, key, day)| Mark::new(kind, key, day)).collect();
        let mark = self.insert("stale", STALE, STALE_AGAIN);
        let rows: Vec<RegisterRow> = rows
            .iter()
            .map(|row| RegisterRow {
                kind: row.kind(),
                key: row.key(),
                recorded_ms: at.ms(),
                recorded_by: by.to_owned(),
                body: json(row),
            })
            .collect();
        let insert = self.insert(
            "register_row",
            REGISTER,
            "on conflict (kind, key, recorded_ms) do update set body = excluded.body, recorded_by = excluded.recorded_by",
        );
        let person = self.insert(
            "person",
            PERSON,
            "on conflict (household) do update set head_name = excluded.head_name, address = excluded.address, \
             folded = excluded.folded",
        );
        writing!(self, tx => {
            if !rows.is_empty() {
                sqlx::query(insert).bind(json(&rows)).execute(&mut *tx).await?;
                sqlx::query(
                    "insert into setting (key, value) values ('register_version', '1') \
                     on conflict (key) do update set value = cast(cast(setting.value as bigint) + 1 as text)",
                )
                .execute(&mut *tx)
                .await?;
            }
            if !marks.is_empty() {
                sqlx::query(mark).bind(json(&marks)).execute(&mut *tx).await?;
            }
            if !people.is_empty() {
                sqlx::query(person).bind(json(&people)).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Gives personal data of every household, by code.
    pub async fn people(&self) -> Result<Vec<Person>, StoreError> {
        let rows: Vec<(String, String, String, String)> = reading!(self, pool => {
            sqlx::query_as("select household, head_name, address, folded from person order by household")
                .fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(household, head_name, address, folded)| Person { household, head_name, address, folded })
            .collect())
    }
}
