//! The quarantine: what was not taken, kept raw within a limit, and what its replay gave.
//!
//! Owns the tables `quarantine`, `quarantine_share` and `quarantine_sum`; what is kept when there is no room, `quarantine_room` decides.
//!
//! # Why
//! **Sums are kept, not counted**: a commit asks for a few rows by their keys, however much is held, and a flood that finds no room
//! writes two numbers.

use std::collections::BTreeMap;

use super::ColumnType::{Text, Whole};
use super::append::Refused;
use super::facts::keys;
use super::{Rows, Store, StoreError, reading, unreadable};
use crate::domain::ids::DeviceId;
use crate::domain::state::word;
use crate::domain::time::Instant;

pub(super) const QUARANTINE: Rows = Rows(&[
    ("id", Text),
    ("code", Text),
    ("reason", Text),
    ("topic", Text),
    ("device", Text),
    ("log", Text),
    ("seq", Whole),
    ("raw_hex", Text),
    ("size_bytes", Whole),
    ("first_ms", Whole),
    ("last_ms", Whole),
    ("count", Whole),
    ("kept_bytes", Whole),
]);
pub(super) const ID: Rows = Rows(&[("id", Text)]);
pub(super) const SHARE: Rows = Rows(&[("holder", Text), ("held_rows", Whole), ("held_bytes", Whole)]);
/// Rows that a commit looks at when it makes room; bounds what a flood costs the good messages beside it.
pub(super) const EVICTED_MOST: i64 = 1_000;

word!(
    /// What the last replay gave.
    ReplayOutcome {
        /// Nothing of it is refused any more: what it holds is stored.
        Taken = "taken",
        /// It is still refused; the reason is the present one.
        Refused = "refused",
        /// Its event is stored with other content; the first one stays.
        Conflict = "conflict",
    }
);

/// What became of the wish to replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// Nothing is kept under this id.
    Unknown,
    /// Only the beginning of the message is kept.
    Cut,
    /// It was replayed, now or before.
    Done(ReplayOutcome),
}

/// A row of the quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Identity.
    pub id: String,
    /// Machine word of the reason.
    pub code: String,
    /// The reason in plain words.
    pub reason: String,
    /// The topic.
    pub topic: String,
    /// The device, where one is named.
    pub device: Option<String>,
    /// When it came first.
    pub first_seen: Instant,
    /// When it came last.
    pub last_seen: Instant,
    /// How often.
    pub count: i64,
    /// Size of the raw bytes.
    pub size_bytes: i64,
    /// All of the raw bytes are kept, so that it can be replayed.
    pub whole: bool,
    /// What the last replay gave. `None`: never replayed.
    pub outcome: Option<ReplayOutcome>,
    /// When it was replayed last.
    pub replayed: Option<Instant>,
    /// Who did.
    pub replayed_by: Option<String>,
}

/// What the quarantine holds and what it dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuarantineSum {
    /// Rows held.
    pub rows: i64,
    /// Bytes that they take, roughly.
    pub bytes: i64,
    /// Rows dropped since the beginning, because there was no room.
    pub dropped: i64,
    /// Conflicts among the rows held.
    pub conflicts: i64,
}

/// A replay under way: which rows, when, by whom.
#[derive(Clone, Copy, Debug)]
pub struct Replaying<'a> {
    /// The rows.
    pub ids: &'a [String],
    /// When.
    pub at: Instant,
    /// Who.
    pub by: &'a str,
}

/// What a replayed row becomes.
#[derive(Debug)]
pub(super) struct Verdict {
    pub id: String,
    pub outcome: ReplayOutcome,
    /// Code and reason, where it is refused still.
    pub told: Option<(&'static str, String)>,
}

impl Replaying<'_> {
    /// Takes the replayed rows' own refusals out of `refused` and tells what each row becomes.
    pub(super) fn verdicts(self, refused: &mut Vec<Refused>) -> Vec<Verdict> {
        let (own, others): (Vec<Refused>, Vec<Refused>) =
            std::mem::take(refused).into_iter().partition(|row| self.ids.contains(&row.id));
        *refused = others;
        let mut own: BTreeMap<String, Refused> = own.into_iter().map(|row| (row.id.clone(), row)).collect();
        let verdict = |id: &String| match own.remove(id) {
            None => Verdict { id: id.clone(), outcome: ReplayOutcome::Taken, told: None },
            Some(row) => {
                let conflict = row.code == "conflict";
                let outcome = if conflict { ReplayOutcome::Conflict } else { ReplayOutcome::Refused };
                Verdict { id: id.clone(), outcome, told: Some((row.code, row.reason)) }
            }
        };
        self.ids.iter().map(verdict).collect()
    }
}

/// Keeps refused rows within a write transaction of either database, as far as there is room.
macro_rules! keep_refused {
    ($store:expr, $tx:ident, $refused:expr) => {{
        let refused: Vec<$crate::store::Refused> = $refused;
        let ids = $crate::store::json(&refused.iter().map(|row| serde_json::json!({ "id": row.id })).collect::<Vec<_>>());
        let known: Vec<(String,)> =
            sqlx::query_as($store.known_refused()).bind(ids).fetch_all(&mut *$tx).await?;
        let known: std::collections::BTreeSet<String> = known.into_iter().map(|row| row.0).collect();
        let (again, fresh): (Vec<_>, Vec<_>) =
            refused.into_iter().map($crate::store::quarantine_room::Incoming::new).partition(|row| known.contains(row.id()));
        let mut settled = $crate::store::quarantine_room::Settled::default();
        if !fresh.is_empty() {
            let mut room = $crate::store::quarantine_room::Room::default();
            let held: (i64,) = sqlx::query_as("select held_bytes from quarantine_sum where one = 1").fetch_one(&mut *$tx).await?;
            room.left = $store.quarantine_max_bytes.saturating_sub(held.0);
            if fresh.iter().map(|row| row.kept_bytes()).sum::<i64>() > room.left {
                let greatest: Option<(String, i64)> = sqlx::query_as(
                    "select holder, held_bytes from quarantine_share order by held_bytes desc, holder limit 1",
                )
                .fetch_optional(&mut *$tx)
                .await?;
                room.greatest = greatest.unwrap_or_default();
                let most = $crate::store::quarantine::EVICTED_MOST;
                room.replayed = sqlx::query_as(
                    "select id, coalesce(device, ''), kept_bytes from quarantine where outcome = 'taken' order by last_ms limit $1",
                )
                .bind(most)
                .fetch_all(&mut *$tx)
                .await?
                .into_iter()
                .map($crate::store::quarantine_room::evictable)
                .collect();
                // A flood that only pays itself needs no look at what would go.
                if fresh.iter().any(|row| row.holder() != room.greatest.0) {
                    room.oldest = sqlx::query_as(
                        "select id, coalesce(device, ''), kept_bytes from quarantine where coalesce(device, '') = $1 \
                         and (outcome is null or outcome <> 'taken') order by last_ms limit $2",
                    )
                    .bind(&room.greatest.0)
                    .bind(most)
                    .fetch_all(&mut *$tx)
                    .await?
                    .into_iter()
                    .map($crate::store::quarantine_room::evictable)
                    .collect();
                }
            }
            settled = $crate::store::quarantine_room::settle(fresh, room);
        }
        if !settled.evicted.is_empty() {
            let ids: Vec<_> = settled.evicted.iter().map(|row| serde_json::json!({ "id": row.id })).collect();
            sqlx::query($store.drop_refused()).bind($crate::store::json(&ids)).execute(&mut *$tx).await?;
        }
        let rows: Vec<_> = again.iter().chain(&settled.kept).collect();
        if !rows.is_empty() {
            sqlx::query($store.put_refused()).bind($crate::store::json(&rows)).execute(&mut *$tx).await?;
        }
        if !settled.shares.is_empty() {
            let shares: Vec<_> = settled.shares.values().collect();
            sqlx::query($store.put_shares()).bind($crate::store::json(&shares)).execute(&mut *$tx).await?;
            sqlx::query("delete from quarantine_share where held_bytes <= 0").execute(&mut *$tx).await?;
        }
        if !settled.shares.is_empty() || settled.dropped > 0 {
            let (rows, bytes) = settled.sum();
            sqlx::query(
                "update quarantine_sum set held_rows = held_rows + $1, held_bytes = held_bytes + $2, dropped = dropped + $3 \
                 where one = 1",
            )
            .bind(rows)
            .bind(bytes)
            .bind(settled.dropped)
            .execute(&mut *$tx)
            .await?;
        }
    }};
}
pub(super) use keep_refused;

impl Store {
    /// Gives the same store with a limit on what its quarantine keeps, bytes.
    pub fn limiting_quarantine(mut self, max_bytes: u64) -> Self {
        self.quarantine_max_bytes = i64::try_from(max_bytes).unwrap_or(i64::MAX);
        self
    }

    /// Gives the limit on what its quarantine keeps, bytes.
    pub const fn quarantine_room(&self) -> i64 {
        self.quarantine_max_bytes
    }

    pub(super) fn known_refused(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!("select q.id from {} join quarantine as q on q.id = r.id", self.rows(ID)))
    }

    pub(super) fn drop_refused(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!("delete from quarantine where id in (select r.id from {})", self.rows(ID)))
    }

    pub(super) fn put_refused(&self) -> sqlx::AssertSqlSafe<String> {
        self.insert(
            "quarantine",
            QUARANTINE,
            "on conflict (id) do update set count = quarantine.count + excluded.count, last_ms = excluded.last_ms",
        )
    }

    pub(super) fn put_shares(&self) -> sqlx::AssertSqlSafe<String> {
        self.insert(
            "quarantine_share",
            SHARE,
            "on conflict (holder) do update set held_rows = quarantine_share.held_rows + excluded.held_rows, \
             held_bytes = quarantine_share.held_bytes + excluded.held_bytes",
        )
    }

    /// Gives the quarantine, latest first.
    pub async fn quarantine(&self, limit: i64) -> Result<Vec<QuarantineRow>, StoreError> {
        self.quarantine_rows("", limit).await
    }

    /// Gives a row of the quarantine.
    pub async fn quarantined(&self, id: &str) -> Result<Option<QuarantineRow>, StoreError> {
        Ok(self.quarantine_rows(id, 1).await?.pop())
    }

    async fn quarantine_rows(&self, id: &str, limit: i64) -> Result<Vec<QuarantineRow>, StoreError> {
        let rows: Vec<RawRow> = reading!(self, pool => {
            sqlx::query_as(
                "select id, code, reason, topic, device, first_ms, last_ms, count, size_bytes, \
                 cast(length(raw_hex) as bigint) as raw_digits, outcome, replayed_ms, replayed_by from quarantine \
                 where ($1 = '' or id = $1) order by last_ms desc, id limit $2",
            )
            .bind(id).bind(limit).fetch_all(pool).await?
        });
        rows.into_iter().map(RawRow::into_row).collect()
    }

    /// Gives the raw bytes of a quarantined message as hexadecimal digits.
    pub async fn quarantined_raw(&self, id: &str) -> Result<Option<String>, StoreError> {
        let row: Option<(String,)> = reading!(self, pool => {
            sqlx::query_as("select raw_hex from quarantine where id = $1").bind(id).fetch_optional(pool).await?
        });
        Ok(row.map(|row| row.0))
    }

    /// Gives how often each reason was met, of what was not replayed with success.
    pub async fn quarantine_totals(&self) -> Result<Vec<(String, i64)>, StoreError> {
        Ok(reading!(self, pool => {
            sqlx::query_as(
                "select code, cast(sum(count) as bigint) from quarantine where outcome is null or outcome <> 'taken' \
                 group by code order by 2 desc, 1",
            )
            .fetch_all(pool).await?
        }))
    }

    /// Gives the same of messages that name one of the devices.
    pub async fn quarantine_totals_of(&self, devices: &[&DeviceId]) -> Result<Vec<(String, i64)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select code, cast(sum(count) as bigint) from quarantine where (outcome is null or outcome <> 'taken') \
             and device in (select r.key from {}) group by code order by 2 desc, 1",
            self.rows(Rows(&[("key", Text)]))
        ));
        let named = keys(devices.iter().map(|device| device.as_str()));
        Ok(reading!(self, pool => sqlx::query_as(sql).bind(&named).fetch_all(pool).await?))
    }

    /// Gives ids of rows that a replay may take: kept whole and not taken yet, of one code or (empty) of all, after an id, in order.
    pub async fn replayable(&self, code: &str, after: &str, limit: i64) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as(
                "select id from quarantine where id > $2 and ($1 = '' or code = $1) and length(raw_hex) = 2 * size_bytes \
                 and (outcome is null or outcome <> 'taken') order by id limit $3",
            )
            .bind(code).bind(after).bind(limit).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// Gives the events held in conflict by the device that their topic names: how many, and when one came last.
    pub async fn conflicts(&self) -> Result<Vec<(DeviceId, i64, Instant)>, StoreError> {
        let rows: Vec<(String, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select device, count(*), max(last_ms) from quarantine where code = 'conflict' and device is not null \
                 group by device order by device",
            )
            .fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|(device, count, ms)| (device.into(), count, Instant::from_ms(ms))).collect())
    }

    /// Gives what the quarantine holds and what it dropped.
    pub async fn quarantine_sum(&self) -> Result<QuarantineSum, StoreError> {
        let (rows, bytes, dropped): (i64, i64, i64) = reading!(self, pool => {
            sqlx::query_as("select held_rows, held_bytes, dropped from quarantine_sum where one = 1").fetch_one(pool).await?
        });
        let conflicts: (i64,) = reading!(self, pool => {
            sqlx::query_as("select count(*) from quarantine where code = 'conflict'").fetch_one(pool).await?
        });
        Ok(QuarantineSum { rows, bytes, dropped, conflicts: conflicts.0 })
    }
}

#[derive(sqlx::FromRow)]
struct RawRow {
    id: String,
    code: String,
    reason: String,
    topic: String,
    device: Option<String>,
    first_ms: i64,
    last_ms: i64,
    count: i64,
    size_bytes: i64,
    raw_digits: i64,
    outcome: Option<String>,
    replayed_ms: Option<i64>,
    replayed_by: Option<String>,
}

impl RawRow {
    fn into_row(self) -> Result<QuarantineRow, StoreError> {
        let outcome = self.outcome.map(|word| {
            ReplayOutcome::from_word(&word).ok_or_else(|| unreadable("outcome of a replay", &word, "unknown word"))
        });
        Ok(QuarantineRow {
            id: self.id,
            code: self.code,
            reason: self.reason,
            topic: self.topic,
            device: self.device,
            first_seen: Instant::from_ms(self.first_ms),
            last_seen: Instant::from_ms(self.last_ms),
            count: self.count,
            size_bytes: self.size_bytes,
            whole: self.raw_digits == self.size_bytes.saturating_mul(2),
            outcome: outcome.transpose()?,
            replayed: self.replayed_ms.map(Instant::from_ms),
            replayed_by: self.replayed_by,
        })
    }
}
