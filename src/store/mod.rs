//! The database: the only place that uses sqlx.
//!
//! Owns the tables, their SQL and every transaction. [`Store`] is one concrete type over SQLite and PostgreSQL; the SQL
//! is written once in their common subset. Facts ([`facts`], [`register`]) are appended, readings by the [`chapters`] of
//! their logs; derived rows ([`derived`]) can be dropped and rebuilt; [`figures`], [`households`] and [`rounds`] read
//! them for people; [`numbers`] and [`gaps`] know what of every log is settled and what is missing; [`access`],
//! [`sessions`], [`tokens`], [`phones`] and [`looks`] keep who may in and who looked at whom; [`months`] and [`audits`]
//! keep what an officer signs; [`alerts`] keeps what was seen and who takes care of it.
//!
//! # Why
//! sqlx's `Any` driver lacks types that are needed, and two copies of the SQL drift apart. A private enum of two pools
//! and two macros that expand one body for each keep one text. Many rows travel as one JSON parameter, which each
//! database turns back into rows ([`Rows`]): one statement a batch, and the only place where the two differ.

mod access;
mod alerts;
mod alone;
mod append;
mod audits;
mod canonical;
mod chapters;
mod conditions;
mod derived;
mod device_access;
mod facts;
mod figures;
mod gaps;
mod households;
mod looks;
mod many;
mod months;
mod numbers;
mod own_codes;
mod period;
mod phones;
mod photos;
mod proposals;
mod quarantine;
mod quarantine_room;
mod register;
mod register_faults;
mod regrade;
mod rounds;
mod sessions;
mod statements;
mod tickets;
mod tokens;
mod turn;
mod visits;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

pub use access::*;
pub use alerts::*;
pub use append::*;
pub(crate) use append::{FROM_THEN_ON, NEAR};
pub use audits::*;
pub use canonical::sha256;
pub use conditions::DeviceCondition;
pub use derived::*;
pub use device_access::*;
pub use facts::{HouseholdMark, StaleMark};

pub use figures::*;
pub use households::*;
pub use rounds::*;

pub use gaps::{Correction, Gap, NumberRange, NumberTotals};
pub use looks::*;
pub use months::*;
pub use numbers::{FURTHEST_AHEAD, LogExtent};
pub use own_codes::{NewOwnCode, OwnCode};
pub use phones::*;
pub use photos::{Photo, PhotoNote};
pub use quarantine::{QuarantineRow, QuarantineSum, ReplayOutcome, Replayed, Replaying};
pub use register::*;
pub use sessions::*;
pub use statements::{PlaceStatementDay, StatementDay};
pub use tokens::*;
pub use turn::Turn;
pub use visits::{ToVisit, VerifiedSpan, VisitCounts};

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no database that is supported.
    #[error("unknown database url `{0}`; write sqlite://path/to/file.db or postgres://user@host/name")]
    UnknownUrl(String),
    /// The database's folder cannot be made.
    #[error("cannot make the folder `{0}` for the database: {1}")]
    Folder(String, #[source] std::io::Error),
    /// The database answered with an error.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored text is not what this version writes.
    #[error("stored {what} `{value}` cannot be read: {why}")]
    Unreadable {
        /// What it is.
        what: &'static str,
        /// The value at fault.
        value: String,
        /// Why.
        why: String,
    },
}

#[derive(Clone, Debug)]
enum Pools {
    /// One connection writes, so that a writer never waits in vain for another; the others read.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
        /// Locked by the program that renews figures.
        turn_file: Arc<PathBuf>,
    },
    Postgres(PgPool),
}

/// The database of one commune.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Pools,
    quarantine_max_bytes: i64,
}

/// Runs one body against the reading pool of either database.
macro_rules! reading {
    ($store:expr, $pool:ident => $body:expr) => {
        match &$store.pools {
            $crate::store::Pools::Sqlite { read: $pool, .. } => $body,
            $crate::store::Pools::Postgres($pool) => $body,
        }
    };
}
pub(crate) use reading;

/// Runs one body in a write transaction of either database and commits it.
///
/// SQLite begins `immediate`: a transaction that reads first and then writes would fail at once when another wrote.
macro_rules! writing {
    ($store:expr, $tx:ident => $body:expr) => {
        match &$store.pools {
            $crate::store::Pools::Sqlite { write, .. } => {
                let mut $tx = write.begin_with("begin immediate").await?;
                let answer = $body;
                $tx.commit().await?;
                answer
            }
            $crate::store::Pools::Postgres(pool) => {
                let mut $tx = pool.begin().await?;
                let answer = $body;
                $tx.commit().await?;
                answer
            }
        }
    };
}
pub(crate) use writing;

/// A column of a batch: its name and whether it is a whole number.
type Column = (&'static str, ColumnType);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnType {
    Text,
    Whole,
}

/// The columns of a batch that travels as a JSON array of objects.
#[derive(Clone, Copy, Debug)]
struct Rows(&'static [Column]);

impl Rows {
    /// Gives the column names, comma separated.
    fn names(self) -> String {
        self.0.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

impl Store {
    /// Opens the database of a URL and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let store = if let Some(path) = url.strip_prefix("sqlite://") {
            Self::open_sqlite(path).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url)?;
            let pool = PgPoolOptions::new()
                .max_connections(12)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await?;
            Self { pools: Pools::Postgres(pool), quarantine_max_bytes: i64::MAX }
        } else {
            return Err(StoreError::UnknownUrl(url.to_owned()));
        };
        match &store.pools {
            Pools::Sqlite { write, .. } => sqlx::migrate!("./migrations").run(write).await?,
            Pools::Postgres(pool) => sqlx::migrate!("./migrations").run(pool).await?,
        }
        Ok(store)
    }

    async fn open_sqlite(path: &str) -> Result<Self, StoreError> {
        let file = path.split('?').next().unwrap_or(path);
        if let Some(folder) = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::Folder(folder.display().to_string(), error))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(30))
            // 64 MB of journal: moving it writes each page once, however many commits wrote it.
            .pragma("wal_autocheckpoint", "16000")
            .pragma("cache_size", "-65536")
            .pragma("temp_store", "memory")
            .foreign_keys(true);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            // SQLite itself rolls back a transaction whose commit meets a full disk. sqlx's own rollback then fails, and from then on
            // it takes this connection for one within a transaction and refuses to begin another: only a new one helps.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(options.clone())
            .await?;
        // Six caches; what they do not hold, the operating system's does.
        let options = options.pragma("cache_size", "-16384");
        let read = SqlitePoolOptions::new().max_connections(6).connect_with(options).await?;
        let turn_file = Arc::new(PathBuf::from(format!("{file}.turn")));
        Ok(Self { pools: Pools::Sqlite { write, read, turn_file }, quarantine_max_bytes: i64::MAX })
    }

    /// Gives a clause that turns the JSON array in parameter `$1` into rows named `r`.
    fn rows(&self, rows: Rows) -> String {
        match &self.pools {
            Pools::Sqlite { .. } => {
                let columns: Vec<String> =
                    rows.0.iter().map(|(name, _)| format!("item ->> '{name}' as {name}")).collect();
                // Without `materialized`, SQLite writes each row out as text anew for each of its columns.
                format!(
                    "(with batch as materialized (select value as item from json_each($1)) select {} from batch) as r",
                    columns.join(", ")
                )
            }
            Pools::Postgres(_) => {
                let columns: Vec<String> = rows
                    .0
                    .iter()
                    .map(|(name, of)| match of {
                        ColumnType::Text => format!("{name} text"),
                        ColumnType::Whole => format!("{name} bigint"),
                    })
                    .collect();
                format!("json_to_recordset($1::json) as r({})", columns.join(", "))
            }
        }
    }

    /// Gives an `insert` of a whole batch, whose rows travel as JSON in `$1`; `tail` is the conflict clause.
    fn insert(&self, table: &str, rows: Rows, tail: &str) -> sqlx::AssertSqlSafe<String> {
        let names = rows.names();
        sqlx::AssertSqlSafe(format!(
            "insert into {table} ({names}) select {names} from {} where true {tail}",
            self.rows(rows)
        ))
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), StoreError> {
        reading!(self, pool => { sqlx::query("select 1").execute(pool).await?; });
        Ok(())
    }

    /// Closes every connection, after what they are doing.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Gives a setting. `None`: never set.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        reading!(self, pool => {
            let row: Option<(String,)> =
                sqlx::query_as("select value from setting where key = $1").bind(key).fetch_optional(pool).await?;
            Ok(row.map(|row| row.0))
        })
    }

    /// Sets a setting.
    pub async fn put_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        writing!(self, tx => {
            sqlx::query("insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value")
                .bind(key).bind(value).execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// Sets a setting unless it is set, and gives the one that holds.
    pub async fn setting_or(&self, key: &str, value: &str) -> Result<String, StoreError> {
        let held = writing!(self, tx => {
            sqlx::query("insert into setting (key, value) values ($1, $2) on conflict (key) do nothing")
                .bind(key).bind(value).execute(&mut *tx).await?;
            let row: (String,) =
                sqlx::query_as("select value from setting where key = $1").bind(key).fetch_one(&mut *tx).await?;
            row.0
        });
        Ok(held)
    }
}

/// Turns a value into the JSON text that a batch travels as.
fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("rows of texts and numbers always serialise")
}

fn unreadable(what: &'static str, value: &str, why: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable { what, value: value.to_owned(), why: why.to_string() }
}

fn day(text: &str) -> Result<crate::domain::time::LocalDay, StoreError> {
    text.parse().map_err(|why| unreadable("day", text, why))
}
