//! The settled numbers of every log, as ranges: stored, declared lost or refused.
//!
//! Owns `log_range` (all of them), `log_refused` (those alone), how a batch is merged into them, and what an
//! acknowledgement is read from.
//!
//! # Why
//! - **Refused numbers outlast their quarantine rows**: the quarantine drops its oldest when it is full, and a number that
//!   became missing by that would be asked for, sent, refused and asked for again, for ever.
//! - **A refused number far ahead settles nothing**: one event with an absurd number would otherwise make everything up to
//!   it missing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::append::NUMBER;
use super::chapters::chapter_of;
use super::{Rows, Store, StoreError, json, reading};
use crate::domain::ids::{DeviceId, LogId};
use crate::domain::reading::Reading;

pub(super) const RUN: Rows = Rows(&[("device", Text), ("log", Text), ("first", Whole), ("last", Whole)]);
const LOG: Rows = Rows(&[("device", Text), ("log", Text)]);

/// A number further ahead of its log than this is a fault of the device, not a gap.
pub const FURTHEST_AHEAD: i64 = 1_000_000;
/// Ranges that an acknowledgement can need of each kind: it holds 64 missing ones, which lie between 65, and names where
/// the next one begins.
const RANGES_FOR_ACK: i64 = 66;

/// First and last number.
pub(super) type Span = (i64, i64);

/// What the database holds of a log, as far as an acknowledgement tells it. Ranges are disjoint and rise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogExtent {
    /// The first ranges that are stored, declared lost or refused.
    pub settled: Vec<(i64, i64)>,
    /// The last ranges that are refused.
    pub refused: Vec<(i64, i64)>,
}

impl LogExtent {
    /// Gives the ranges before, and between, those that are settled.
    pub fn missing(&self) -> Vec<(i64, i64)> {
        let mut from = 1;
        let mut missing = Vec::new();
        for (first, last) in &self.settled {
            if from < *first {
                missing.push((from, first - 1));
            }
            from = last + 1;
        }
        missing
    }

    /// Gives the greatest settled number; 0: none.
    pub fn upto(&self) -> i64 {
        self.settled.last().map_or(0, |range| range.1)
    }
}

/// Numbers of one log that follow each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Run {
    pub device: String,
    pub log: String,
    pub first: i64,
    pub last: i64,
}

/// A number of a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Number {
    pub device: String,
    pub log: String,
    pub seq: i64,
}

/// How the stored ranges change.
#[derive(Debug, Default)]
pub(super) struct Merge {
    /// Ranges whose first number begins none any more.
    pub gone: BTreeSet<Run>,
    /// Ranges that are new or end elsewhere.
    pub put: BTreeSet<Run>,
    /// Numbers at which a gap ends that shrank, closed or may now stand on another event: the first event received from
    /// there on is the one that it stands on, or stood on.
    pub next_to: BTreeSet<Number>,
}

/// Joins numbers and ranges of one log to disjoint ranges, in order.
pub(super) fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for (first, last) in spans {
        match joined.last_mut() {
            Some(open) if first <= open.1.saturating_add(1) => open.1 = open.1.max(last),
            Some(_) | None => joined.push((first, last)),
        }
    }
    joined
}

/// Joins runs of any logs, per log.
pub(super) fn joined(runs: impl IntoIterator<Item = Run>) -> Vec<Run> {
    let mut logs: BTreeMap<(String, String), Vec<Span>> = BTreeMap::new();
    for run in runs {
        logs.entry((run.device, run.log)).or_default().push((run.first, run.last));
    }
    let of_log = |((device, log), spans): ((String, String), Vec<Span>)| {
        let run = |(first, last)| Run { device: device.clone(), log: log.clone(), first, last };
        union(spans).into_iter().map(run).collect::<Vec<Run>>()
    };
    logs.into_iter().flat_map(of_log).collect()
}

/// Merges new runs with the stored ranges near them. Both are disjoint and given per log in order of their first number.
pub(super) fn merge(runs: &[Run], near: Vec<(String, String, i64, i64)>) -> Merge {
    let mut logs: BTreeMap<(String, String), (Vec<Span>, Vec<Span>)> = BTreeMap::new();
    for run in runs {
        logs.entry((run.device.clone(), run.log.clone())).or_default().0.push((run.first, run.last));
    }
    for (device, log, first, last) in near {
        logs.entry((device, log)).or_default().1.push((first, last));
    }
    let mut merge = Merge::default();
    for ((device, log), (new, mut held)) in logs {
        held.sort_unstable();
        let joined = union(new.iter().chain(&held).copied().collect());
        let run = |(first, last): Span| Run { device: device.clone(), log: log.clone(), first, last };
        // One that begins as before is overwritten: the ordinary case, of a log that goes on.
        let begins = |first| joined.binary_search_by_key(&first, |range| range.0).is_ok();
        merge.gone.extend(held.iter().filter(|range| !begins(range.0)).copied().map(run));
        merge.put.extend(joined.iter().filter(|range| !held.contains(range)).copied().map(run));
        let mut note = |seq| merge.next_to.insert(Number { device: device.clone(), log: log.clone(), seq });
        // The gap before a stored range changed where what lies before it did.
        for (at, range) in held.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| held.get(at)).map_or(0, |before| before.1);
            if new.iter().any(|(first, last)| *first < range.0 && *last > before) {
                note(range.0);
            }
        }
        // An event that came between a gap and the one on which it stood takes it over.
        let furthest = held.iter().map(|range| range.1).max().unwrap_or(0);
        for (_, last) in new.iter().filter(|range| range.1 < furthest) {
            note(last + 1);
        }
    }
    merge
}

/// Merges runs into a table of ranges, within a transaction, and gives how it changed.
macro_rules! merge_into {
    ($store:expr, $tx:ident, $table:literal, $runs:expr) => {{
        let near: Vec<(String, String, i64, i64)> = sqlx::query_as($store.near_ranges_sql($table))
            .bind($crate::store::json($runs))
            .fetch_all(&mut *$tx)
            .await?;
        let merge = $crate::store::numbers::merge($runs, near);
        if !merge.gone.is_empty() {
            let gone = $crate::store::json(&merge.gone);
            sqlx::query($store.drop_ranges_sql($table)).bind(gone).execute(&mut *$tx).await?;
        }
        if !merge.put.is_empty() {
            let put = $crate::store::json(&merge.put);
            sqlx::query($store.put_ranges_sql($table)).bind(put).execute(&mut *$tx).await?;
        }
        merge
    }};
}
pub(super) use merge_into;

/// Records refused numbers, within a transaction, and gives those that settle their number.
macro_rules! settle {
    ($store:expr, $tx:ident, $runs:expr, $readings:expr) => {{
        let runs: &Vec<$crate::store::numbers::Run> = $runs;
        if runs.is_empty() {
            Vec::new()
        } else {
            $crate::store::numbers::merge_into!($store, $tx, "log_refused", runs);
            let last: Vec<(String, String, i64)> =
                sqlx::query_as($store.last_numbers_sql()).bind($crate::store::json(&runs)).fetch_all(&mut *$tx).await?;
            $crate::store::numbers::within_reach(runs, last, $readings)
        }
    }};
}
pub(super) use settle;

/// Gives the part of refused runs that is not too far ahead of its log.
pub(super) fn within_reach(runs: &[Run], last: Vec<(String, String, i64)>, readings: &[&Reading]) -> Vec<Run> {
    let mut furthest: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for (device, log, last) in &last {
        furthest.insert((device, log), *last);
    }
    for reading in readings {
        let held = furthest.entry((reading.id.device.as_str(), reading.id.log.as_str())).or_default();
        *held = (*held).max(reading.id.seq);
    }
    runs.iter()
        .filter_map(|run| {
            let furthest = furthest.get(&(run.device.as_str(), run.log.as_str())).copied().unwrap_or(0);
            let last = run.last.min(furthest.saturating_add(FURTHEST_AHEAD));
            (run.first <= last).then(|| Run { last, ..run.clone() })
        })
        .collect()
}

impl Store {
    /// Finds the range at or before each run, those that it touches, and the one after it.
    pub(super) fn near_ranges_sql(&self, table: &str) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "select distinct s.device, s.log, s.first, s.last from {} join {table} as s on s.device = r.device and s.log = r.log \
             where s.first >= coalesce((select max(p.first) from {table} as p where p.device = r.device and p.log = r.log \
             and p.first <= r.first), 0) and s.first <= coalesce((select min(n.first) from {table} as n \
             where n.device = r.device and n.log = r.log and n.first > r.last + 1), r.last + 1)",
            self.rows(RUN)
        ))
    }

    pub(super) fn drop_ranges_sql(&self, table: &str) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "delete from {table} where (device, log, first) in (select r.device, r.log, r.first from {})",
            self.rows(RUN)
        ))
    }

    pub(super) fn put_ranges_sql(&self, table: &str) -> sqlx::AssertSqlSafe<String> {
        self.insert(table, RUN, "on conflict (device, log, first) do update set last = excluded.last")
    }

    /// Finds the greatest settled number of each log of some runs.
    pub(super) fn last_numbers_sql(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "select distinct r.device, r.log, coalesce((select max(s.last) from log_range as s \
             where s.device = r.device and s.log = r.log), 0) from {}",
            self.rows(RUN)
        ))
    }

    /// Finds the time of the first event received from each number on.
    pub(super) fn next_times_sql(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "select r.device, (select s.time_ms from reading as s where s.device = r.device and s.log = r.log \
             and s.chapter >= {} and s.seq >= r.seq order by s.chapter, s.seq limit 1) from {}",
            chapter_of!("r.seq"),
            self.rows(NUMBER)
        ))
    }

    /// Gives what the database holds of some logs, for their acknowledgements. A log of which it holds nothing is empty.
    pub async fn log_extents(
        &self,
        logs: &BTreeSet<(DeviceId, LogId)>,
    ) -> Result<BTreeMap<(DeviceId, LogId), LogExtent>, StoreError> {
        #[derive(Serialize)]
        struct Asked<'a> {
            device: &'a str,
            log: &'a str,
        }
        let asked: Vec<Asked<'_>> =
            logs.iter().map(|(device, log)| Asked { device: device.as_str(), log: log.as_str() }).collect();
        let asked = json(&asked);
        let of = |table: &str, bound: &str| {
            sqlx::AssertSqlSafe(format!(
                "select s.device, s.log, s.first, s.last from {} join {table} as s on s.device = r.device and s.log = r.log \
                 where {bound} order by s.device, s.log, s.first",
                self.rows(LOG)
            ))
        };
        let farthest = i64::MAX;
        let settled = of(
            "log_range",
            &format!(
                "s.first <= coalesce((select t.first from log_range as t where t.device = r.device and t.log = r.log \
                 order by t.first limit 1 offset {}), {farthest})",
                RANGES_FOR_ACK - 1
            ),
        );
        let refused = of(
            "log_refused",
            &format!(
                "s.first >= coalesce((select t.first from log_refused as t where t.device = r.device and t.log = r.log \
                 order by t.first desc limit 1 offset {}), 0)",
                RANGES_FOR_ACK - 1
            ),
        );
        type Row = (String, String, i64, i64);
        // The settled ones first: what is refused meanwhile is settled too late for this answer, and harmless in it.
        let (settled, refused): (Vec<Row>, Vec<Row>) = reading!(self, pool => (
            sqlx::query_as(settled).bind(&asked).fetch_all(pool).await?,
            sqlx::query_as(refused).bind(&asked).fetch_all(pool).await?,
        ));
        let mut extents: BTreeMap<_, LogExtent> = logs.iter().map(|key| (key.clone(), LogExtent::default())).collect();
        for (device, log, first, last) in settled {
            extents.entry((device.into(), log.into())).or_default().settled.push((first, last));
        }
        for (device, log, first, last) in refused {
            extents.entry((device.into(), log.into())).or_default().refused.push((first, last));
        }
        Ok(extents)
    }
}
