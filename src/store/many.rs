//! Inserting many readings at once, the faster way of each database: the one place where a table's rows do not travel as
//! every other batch does.
//!
//! # Why
//! Taking columns out of JSON is most of what SQLite spends on a reading. As lists of `values` the same rows cost a third less
//! (`cargo bench --bench ingest -- append`). Their placeholders must be plain `?`: SQLite looks up the name of each `$n` by walking
//! through all before it, so that a statement with hundreds of them costs more in binding than in writing. PostgreSQL is as fast
//! with the JSON that every other batch travels as.
//!
//! `or fail` spares SQLite a copy of every page that a statement touches, kept to undo that statement alone: one that fails ends the
//! whole transaction here.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

use super::append::READING;
use super::{Pools, Store};

/// Rows of one statement, the largest first, so that few statements serve every number of rows and stay prepared. Beyond the
/// largest, a row gets no cheaper.
const SIZES: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];

/// A statement, and how many rows it takes.
pub(super) struct Part {
    pub sql: AssertSqlSafe<Arc<str>>,
    pub rows: usize,
}

impl Store {
    /// Gives the statements that insert so many readings into SQLite one after the other, each row's columns bound in the order of
    /// [`READING`]. `None`: the database takes them as JSON.
    pub(super) fn parts_of_readings(&self, mut count: usize) -> Option<Vec<Part>> {
        match &self.pools {
            Pools::Postgres(_) => None,
            Pools::Sqlite { .. } => {
                let mut parts = Vec::new();
                for rows in SIZES {
                    if count < rows {
                        continue;
                    }
                    let sql: Arc<str> = values(rows).into();
                    while count >= rows {
                        parts.push(Part { sql: AssertSqlSafe(Arc::clone(&sql)), rows });
                        count -= rows;
                    }
                }
                Some(parts)
            }
        }
    }
}

fn values(rows: usize) -> String {
    let row = format!("({})", vec!["?"; READING.0.len()].join(", "));
    format!(
        "insert or fail into reading_row ({}) values {} on conflict (chapter_no, seq) do nothing",
        READING.names(),
        vec![row.as_str(); rows].join(", ")
    )
}

/// Inserts readings that are not stored yet, within a transaction, and gives how many they were.
macro_rules! insert_readings {
    ($store:expr, $tx:ident, $rows:expr) => {{
        let rows: &[$crate::store::append::ReadingRow<'_>] = $rows;
        let mut new = 0;
        match $store.parts_of_readings(rows.len()) {
            None => {
                let insert = $store.insert("reading_row", READING, "on conflict (chapter_no, seq) do nothing");
                new += sqlx::query(insert).bind($crate::store::json(&rows)).execute(&mut *$tx).await?.rows_affected();
            }
            Some(parts) => {
                let mut rest = rows;
                for part in parts {
                    let (now, later) = rest.split_at(part.rows);
                    let mut query = sqlx::query(part.sql);
                    for row in now {
                        query = query
                            .bind(row.chapter_no)
                            .bind(row.seq)
                            .bind(row.boot)
                            .bind(row.ms)
                            .bind(row.at_ms)
                            .bind(row.clock)
                            .bind(row.sent_ms)
                            .bind(row.received_ms)
                            .bind(row.simulated)
                            .bind(row.time_ms)
                            .bind(row.grade)
                            .bind(row.kind)
                            .bind(row.body.as_str())
                            .bind(row.extra);
                    }
                    new += query.execute(&mut *$tx).await?.rows_affected();
                    rest = later;
                }
            }
        }
        new
    }};
}
pub(super) use insert_readings;
