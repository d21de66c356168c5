//! The numbers of every log: which are settled, which are known to be missing, and what people say of them.
//!
//! Owns the ranges (`log_range`: stored, declared lost or refused; `log_refused`: refused alone), what devices say comes
//! next (`log_next`), and the corrections. An acknowledgement, a gap and completeness are all read from here.
//!
//! # Why
//! - **Refused numbers outlast their quarantine rows**: the quarantine drops its oldest when it is full, and a number that
//!   became missing by that would be asked for, sent, refused and asked for again, for ever.
//! - **A refused number far ahead settles nothing**: one event with an absurd number would otherwise make everything up to
//!   it missing.
//! - **A gap stands on the day of the next received event**, whatever lies between: declared lost and refused numbers have
//!   no day of their own.
//! - **A voided number stays missing in the acknowledgement**: a person may be wrong, and a device deletes what is not
//!   asked for. It only leaves the figures.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::append::{Mark, NUMBER, STALE, STALE_AGAIN};
use super::{Pools, Rows, Store, StoreError, json, reading, unreadable, writing};
use crate::domain::ids::{DeviceId, LogId};
use crate::domain::reading::Event;
use crate::domain::time::{Instant, Zone};

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
    pub gone: BTreeSet<Run>,
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
        merge.gone.extend(held.iter().filter(|range| !joined.contains(range)).copied().map(run));
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
        let merge = $crate::store::gaps::merge($runs, near);
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
        let runs: &Vec<$crate::store::gaps::Run> = $runs;
        if runs.is_empty() {
            Vec::new()
        } else {
            $crate::store::gaps::merge_into!($store, $tx, "log_refused", runs);
            let last: Vec<(String, String, i64)> =
                sqlx::query_as($store.last_numbers_sql()).bind($crate::store::json(&runs)).fetch_all(&mut *$tx).await?;
            $crate::store::gaps::within_reach(runs, last, $readings)
        }
    }};
}
pub(super) use settle;

/// Gives the part of refused runs that is not too far ahead of its log.
pub(super) fn within_reach(
    runs: &[Run],
    last: Vec<(String, String, i64)>,
    readings: &[&crate::domain::reading::Reading],
) -> Vec<Run> {
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
             and s.seq >= r.seq order by s.seq limit 1) from {}",
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

/// Numbers of a log that are known to be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Device.
    pub device: DeviceId,
    /// Log.
    pub log: LogId,
    /// First missing number.
    pub from: i64,
    /// Last missing number.
    pub to: i64,
    /// The number and the time of the next event received: the gap counts on its day. None: nothing was received after it.
    pub next: Option<(i64, Instant)>,
}

impl Gap {
    /// Gives how many numbers it holds.
    pub const fn numbers(&self) -> i64 {
        self.to - self.from + 1
    }
}

/// Numbers of a log that its device declared lost and of which none is stored, or that a person voided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberRange {
    /// Device.
    pub device: DeviceId,
    /// Log.
    pub log: LogId,
    /// First number.
    pub from: i64,
    /// Last number.
    pub to: i64,
}

/// A person's word that numbers of a log will never come, or that they may come after all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Identity: the same one twice is one.
    pub id: String,
    /// Device.
    pub device: DeviceId,
    /// Log.
    pub log: LogId,
    /// First number.
    pub from: i64,
    /// Last number.
    pub to: i64,
    /// True: they will never come. False: an earlier word to that effect is taken back.
    pub void: bool,
    /// Why.
    pub why: String,
    /// When it was recorded.
    pub at: Instant,
    /// Who.
    pub by: String,
}

/// How many numbers of all logs stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NumberTotals {
    /// Known to be missing.
    pub missing: i64,
    /// Ranges in which they lie.
    pub gaps: i64,
    /// Declared lost by their devices.
    pub lost: i64,
    /// Missing, and voided by a person.
    pub voided: i64,
}

/// Takes a range out of disjoint ranges.
fn without(spans: &[Span], (first, last): Span) -> Vec<Span> {
    let pieces = |span: &Span| [(span.0, span.1.min(first - 1)), (span.0.max(last.saturating_add(1)), span.1)];
    spans.iter().flat_map(pieces).filter(|piece| piece.0 <= piece.1).collect()
}

type Logs<T> = BTreeMap<(DeviceId, LogId), T>;

/// Gives the numbers that the last word on them voids.
fn voided(corrections: &[Correction]) -> Logs<Vec<Span>> {
    let mut voided: Logs<Vec<Span>> = BTreeMap::new();
    for correction in corrections {
        let held = voided.entry((correction.device.clone(), correction.log.clone())).or_default();
        let span = (correction.from, correction.to);
        *held = without(held, span);
        if correction.void {
            held.push(span);
            *held = union(std::mem::take(held));
        }
    }
    voided
}

/// Gives what is left of gaps without the voided numbers.
fn without_voided(gaps: Vec<Gap>, voided: &Logs<Vec<Span>>) -> Vec<Gap> {
    let mut left = Vec::new();
    for gap in gaps {
        let mut spans = vec![(gap.from, gap.to)];
        for span in voided.get(&(gap.device.clone(), gap.log.clone())).into_iter().flatten() {
            spans = without(&spans, *span);
        }
        left.extend(spans.into_iter().map(|(from, to)| Gap { from, to, ..gap.clone() }));
    }
    left
}

/// Finds the gaps between a device's settled numbers, or every device's, each with the next event received.
const GAPS: &str = "select g.device, g.log, g.gap_from, g.gap_to, n.seq, n.time_ms from (select device, log, \
    cast(coalesce(lag(last) over (partition by device, log order by first), 0) + 1 as bigint) as gap_from, \
    first - 1 as gap_to from log_range where ($1 = '' or device = $1)) as g \
    left join reading as n on n.device = g.device and n.log = g.log and n.seq = (select s.seq from reading as s \
    where s.device = g.device and s.log = g.log and s.seq > g.gap_to order by s.seq limit 1) \
    where g.gap_to >= g.gap_from order by g.device, g.log, g.gap_from";

type GapRow = (String, String, i64, i64, Option<i64>, Option<i64>);

fn gap((device, log, from, to, seq, time_ms): GapRow) -> Gap {
    let next = seq.zip(time_ms.map(Instant::from_ms));
    Gap { device: device.into(), log: log.into(), from, to, next }
}

impl Store {
    /// Gives the known-missing ranges of a device's logs, or of every device's, voided ones left out: the gaps, and the
    /// tail that a device said it has and that never came.
    pub async fn gaps(&self, device: Option<&DeviceId>) -> Result<Vec<Gap>, StoreError> {
        Ok(without_voided(self.unsettled(device).await?, &voided(&self.corrections(device).await?)))
    }

    /// Gives the missing ranges of a device's logs, or of every device's, those that are voided too.
    async fn unsettled(&self, device: Option<&DeviceId>) -> Result<Vec<Gap>, StoreError> {
        let asked = device.map_or("", DeviceId::as_str);
        let rows: Vec<GapRow> = reading!(self, pool => sqlx::query_as(GAPS).bind(asked).fetch_all(pool).await?);
        let tails: Vec<(String, String, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select n.device, n.log, n.next, coalesce((select max(s.last) from log_range as s \
                 where s.device = n.device and s.log = n.log), 0) from log_next as n where ($1 = '' or n.device = $1)",
            )
            .bind(asked).fetch_all(pool).await?
        });
        let mut gaps: Vec<Gap> = rows.into_iter().map(gap).collect();
        for (device, log, next, last) in tails {
            // What is further away is a fault of the device's counter.
            if last + 1 < next && next - 1 - last <= FURTHEST_AHEAD {
                gaps.push(Gap { device: device.into(), log: log.into(), from: last + 1, to: next - 1, next: None });
            }
        }
        gaps.sort_by(|a, b| (&a.device, &a.log, a.from).cmp(&(&b.device, &b.log, b.from)));
        Ok(gaps)
    }

    /// Gives how many numbers are missing, voided ones left out, before each event received next to a gap: (log, that
    /// event's number, how many). Several gaps may stand before one event.
    pub async fn gaps_before(&self, device: &DeviceId) -> Result<Vec<(LogId, i64, i64)>, StoreError> {
        let rows: Vec<GapRow> =
            reading!(self, pool => sqlx::query_as(GAPS).bind(device.as_str()).fetch_all(pool).await?);
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let gaps = rows.into_iter().map(gap).collect();
        let gaps = without_voided(gaps, &voided(&self.corrections(Some(device)).await?));
        Ok(gaps.into_iter().filter_map(|gap| Some((gap.log.clone(), gap.next?.0, gap.numbers()))).collect())
    }

    /// Gives the numbers that a device, or every device, declared lost and that are not stored all the same: whole
    /// ranges as they were declared, and how many of their numbers are not stored.
    pub async fn lost(&self, device: Option<&DeviceId>) -> Result<Vec<(NumberRange, i64)>, StoreError> {
        let rows: Vec<(String, String, String)> = reading!(self, pool => {
            sqlx::query_as(
                "select device, log, body from reading where kind = 'lost' and ($1 = '' or device = $1) \
                 order by device, log, seq",
            )
            .bind(device.map_or("", DeviceId::as_str)).fetch_all(pool).await?
        });
        let mut runs = Vec::with_capacity(rows.len());
        for (device, log, body) in rows {
            let event: Event = serde_json::from_str(&body).map_err(|why| unreadable("event", &body, why))?;
            if let Event::Lost { from, to } = event {
                runs.push(Run { device, log, first: from, last: to });
            }
        }
        let runs = joined(runs);
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let count = sqlx::AssertSqlSafe(format!(
            "select r.device, r.log, r.first, r.last, (select count(*) from reading as s where s.device = r.device \
             and s.log = r.log and s.seq >= r.first and s.seq <= r.last) from {} order by 1, 2, 3",
            self.rows(RUN)
        ));
        let rows: Vec<(String, String, i64, i64, i64)> =
            reading!(self, pool => sqlx::query_as(count).bind(json(&runs)).fetch_all(pool).await?);
        let range = |(device, log, from, to, stored): (String, String, i64, i64, i64)| {
            (NumberRange { device: device.into(), log: log.into(), from, to }, to - from + 1 - stored)
        };
        Ok(rows.into_iter().map(range).filter(|row| row.1 > 0).collect())
    }

    /// Gives the missing ranges of a device, or of every device, that are voided.
    pub async fn voided(&self, device: Option<&DeviceId>) -> Result<Vec<NumberRange>, StoreError> {
        let gaps = self.unsettled(device).await?;
        let mut ranges = Vec::new();
        for ((device, log), spans) in voided(&self.corrections(device).await?) {
            for gap in gaps.iter().filter(|gap| gap.device == device && gap.log == log) {
                let within = |span: &Span| (span.0.max(gap.from), span.1.min(gap.to));
                let cut = spans.iter().map(within).filter(|(from, to)| from <= to);
                ranges.extend(cut.map(|(from, to)| NumberRange { device: device.clone(), log: log.clone(), from, to }));
            }
        }
        Ok(ranges)
    }

    /// Gives what stands where in all logs together.
    pub async fn number_totals(&self) -> Result<NumberTotals, StoreError> {
        let gaps = self.gaps(None).await?;
        Ok(NumberTotals {
            missing: gaps.iter().map(Gap::numbers).sum(),
            gaps: i64::try_from(gaps.len()).unwrap_or(i64::MAX),
            lost: self.lost(None).await?.iter().map(|row| row.1).sum(),
            voided: self.voided(None).await?.iter().map(|range| range.to - range.from + 1).sum(),
        })
    }

    /// Records a correction once by its id, with the days that it makes stale. Gives whether it is new.
    pub async fn correct(&self, correction: &Correction, zone: &Zone) -> Result<bool, StoreError> {
        let mark = self.insert("stale", STALE, STALE_AGAIN);
        // Appending readings moves gaps to other days: it must not do so between the reading of the gaps and the marks.
        let one_at_a_time = match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(_) => Some("select pg_advisory_xact_lock(1883, 1)"),
        };
        let new = writing!(self, tx => {
            if let Some(one_at_a_time) = one_at_a_time {
                sqlx::query(one_at_a_time).execute(&mut *tx).await?;
            }
            let new = sqlx::query(
                "insert into gap_correction (id, device, log, first, last, void, why, recorded_ms, recorded_by) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing",
            )
            .bind(&correction.id).bind(correction.device.as_str()).bind(correction.log.as_str())
            .bind(correction.from).bind(correction.to).bind(i64::from(correction.void)).bind(&correction.why)
            .bind(correction.at.ms()).bind(&correction.by)
            .execute(&mut *tx).await?.rows_affected();
            let rows: Vec<GapRow> =
                sqlx::query_as(GAPS).bind(correction.device.as_str()).fetch_all(&mut *tx).await?;
            let touched = rows.into_iter().map(gap).filter(|gap| {
                gap.log == correction.log && gap.from <= correction.to && correction.from <= gap.to
            });
            let marks: BTreeSet<Mark> = touched
                .filter_map(|gap| Some(Mark::new("device", correction.device.as_str(), zone.day_of(gap.next?.1))))
                .collect();
            if new > 0 && !marks.is_empty() {
                sqlx::query(mark).bind(json(&marks)).execute(&mut *tx).await?;
            }
            new > 0
        });
        Ok(new)
    }

    /// Gives the corrections of a device, or of every device, in the order in which they hold.
    pub async fn corrections(&self, device: Option<&DeviceId>) -> Result<Vec<Correction>, StoreError> {
        type Row = (String, String, String, i64, i64, i64, String, i64, String);
        let rows: Vec<Row> = reading!(self, pool => {
            sqlx::query_as(
                "select id, device, log, first, last, void, why, recorded_ms, recorded_by from gap_correction \
                 where ($1 = '' or device = $1) order by recorded_ms, id",
            )
            .bind(device.map_or("", DeviceId::as_str)).fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(id, device, log, from, to, void, why, recorded_ms, by)| Correction {
                id,
                device: device.into(),
                log: log.into(),
                from,
                to,
                void: void != 0,
                why,
                at: Instant::from_ms(recorded_ms),
                by,
            })
            .collect())
    }
}
