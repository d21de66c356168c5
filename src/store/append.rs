//! Appending readings: idempotent by (device, log, seq), with what they make stale, in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::{Rows, Store, StoreError, json, writing};
use crate::domain::ids::{DeviceId, EventId, LogId};
use crate::domain::reading::{Event, Reading};
use crate::domain::time::{Instant, Zone};

pub(super) const READING: Rows = Rows(&[
    ("device", Text),
    ("log", Text),
    ("seq", Whole),
    ("boot", Whole),
    ("ms", Whole),
    ("at_ms", Whole),
    ("clock", Text),
    ("sent_ms", Whole),
    ("received_ms", Whole),
    ("simulated", Whole),
    ("time_ms", Whole),
    ("grade", Text),
    ("kind", Text),
    ("body", Text),
    ("extra", Text),
]);

const QUARANTINE: Rows = Rows(&[
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
]);

pub(super) const STALE: Rows = Rows(&[("kind", Text), ("key", Text), ("day", Text), ("generation", Whole)]);
pub(super) const STALE_AGAIN: &str = "on conflict (kind, key, day) do update set generation = stale.generation + 1";

const SEEN: Rows = Rows(&[("device", Text), ("last_seen_ms", Whole), ("battery_mv", Whole), ("battery_ms", Whole)]);

#[derive(Serialize)]
struct ReadingRow<'a> {
    device: &'a str,
    log: &'a str,
    seq: i64,
    boot: i64,
    ms: i64,
    at_ms: Option<i64>,
    clock: &'static str,
    sent_ms: Option<i64>,
    received_ms: i64,
    simulated: i64,
    time_ms: i64,
    grade: &'static str,
    kind: &'static str,
    body: String,
    extra: &'a str,
}

/// A mark that a derived row must be computed again from a day on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Mark {
    pub kind: &'static str,
    pub key: String,
    pub day: String,
    pub generation: i64,
}

impl Mark {
    pub(super) fn new(kind: &'static str, key: impl Into<String>, day: crate::domain::time::LocalDay) -> Self {
        Self { kind, key: key.into(), day: day.to_string(), generation: 1 }
    }
}

/// Something that could not be taken as a reading, with all a technician needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Identity: a digest of topic and raw bytes, or of an event.
    pub id: String,
    /// Machine word of the reason.
    pub code: &'static str,
    /// The reason in plain words.
    pub reason: String,
    /// The topic.
    pub topic: String,
    /// The device, where the topic names one.
    pub device: Option<String>,
    /// The log, where it could be read.
    pub log: Option<String>,
    /// The event's number, where it could be read.
    pub seq: Option<i64>,
    /// The raw bytes, hexadecimal.
    pub raw_hex: String,
    /// Their size.
    pub size_bytes: i64,
    /// When it came.
    #[serde(rename = "first_ms")]
    pub at: Instant,
    #[serde(rename = "last_ms")]
    /// When it came last.
    pub last: Instant,
    /// How often.
    pub count: i64,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Readings that are new.
    pub new: u64,
    /// Readings that were stored already with the same content.
    pub duplicates: u64,
    /// Readings whose identity was stored with other content: the first one stays.
    pub conflicts: Vec<EventId>,
    /// Every log that the batch touched.
    pub logs: BTreeSet<(DeviceId, LogId)>,
}

/// What a device holds of its log: for the ack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogExtent {
    /// Ranges stored or declared lost, in order.
    pub ranges: Vec<(i64, i64)>,
}

/// Merges a run into the stored ranges of its log. Gives the capture time of the event after the gap that changed.
macro_rules! merge_run {
    ($tx:ident, $run:expr) => {{
        let run = $run;
        let before: Option<(i64, i64)> = sqlx::query_as(
            "select first, last from log_range where device = $1 and log = $2 and first <= $3 order by first desc limit 1",
        )
        .bind(run.device.as_str()).bind(run.log.as_str()).bind(run.first).fetch_optional(&mut *$tx).await?;
        let inside: Vec<(i64, i64)> = sqlx::query_as(
            "select first, last from log_range where device = $1 and log = $2 and first > $3 and first <= $4",
        )
        .bind(run.device.as_str()).bind(run.log.as_str()).bind(run.first).bind(run.last + 1)
        .fetch_all(&mut *$tx).await?;
        let touches = before.filter(|(_, last)| *last >= run.first - 1);
        let first = touches.map_or(run.first, |(first, _)| first);
        let last = inside.iter().chain(&touches).map(|(_, last)| *last).fold(run.last, i64::max);
        for (gone, _) in &inside {
            sqlx::query("delete from log_range where device = $1 and log = $2 and first = $3")
                .bind(run.device.as_str()).bind(run.log.as_str()).bind(gone).execute(&mut *$tx).await?;
        }
        sqlx::query(
            "insert into log_range (device, log, first, last) values ($1, $2, $3, $4) \
             on conflict (device, log, first) do update set last = excluded.last",
        )
        .bind(run.device.as_str()).bind(run.log.as_str()).bind(first).bind(last).execute(&mut *$tx).await?;
        // The gap before the next range shrank, or closed: it stands on the day of the event that ended it.
        let mut changed: Vec<i64> = inside.iter().map(|(first, _)| *first).collect();
        let next: Option<(i64,)> = sqlx::query_as(
            "select first from log_range where device = $1 and log = $2 and first > $3 order by first limit 1",
        )
        .bind(run.device.as_str()).bind(run.log.as_str()).bind(last).fetch_optional(&mut *$tx).await?;
        changed.extend(next.map(|next| next.0));
        let mut times: Vec<i64> = Vec::new();
        for seq in changed {
            let time: Option<(i64,)> =
                sqlx::query_as("select time_ms from reading where device = $1 and log = $2 and seq = $3")
                    .bind(run.device.as_str()).bind(run.log.as_str()).bind(seq).fetch_optional(&mut *$tx).await?;
            times.extend(time.map(|time| time.0));
        }
        times
    }};
}

impl Store {
    /// Appends readings and quarantine rows in one transaction, and marks what they make stale.
    ///
    /// The same identity with the same content is a duplicate; with other content a conflict, which `conflict` turns into
    /// a quarantine row and the first one stays.
    pub async fn append(
        &self,
        readings: &[Reading],
        refused: &[Refused],
        zone: &Zone,
        conflict: impl Fn(&Reading) -> Refused,
    ) -> Result<Appended, StoreError> {
        let mut appended = Appended::default();
        let mut first: HashMap<&EventId, &Reading> = HashMap::with_capacity(readings.len());
        let mut order: Vec<&Reading> = Vec::with_capacity(readings.len());
        let mut in_conflict: Vec<&Reading> = Vec::new();
        for reading in readings {
            match first.get(&reading.id) {
                None => {
                    first.insert(&reading.id, reading);
                    order.push(reading);
                }
                Some(kept) if kept.same_content(reading) => appended.duplicates += 1,
                Some(_) => in_conflict.push(reading),
            }
        }
        let rows: Vec<ReadingRow> = order.iter().map(|reading| row(reading)).collect();
        let rows = json(&rows);
        let insert = self.insert("reading", READING, "on conflict (device, log, seq) do nothing");
        let select = sqlx::AssertSqlSafe(format!(
            "select {} from {} join reading as s on s.device = r.device and s.log = r.log and s.seq = r.seq",
            super::facts::STORED,
            self.rows(READING)
        ));
        let (runs, lost) = runs(&order);
        let marks = marks(&order, zone);
        let seen = json(&seen(&order));
        let mark = self.insert("stale", STALE, STALE_AGAIN);
        let quarantine = self.insert(
            "quarantine",
            QUARANTINE,
            "on conflict (id) do update set count = quarantine.count + excluded.count, last_ms = excluded.last_ms",
        );
        let saw = self.insert(
            "device_state",
            SEEN,
            "on conflict (device) do update set last_seen_ms = case when device_state.last_seen_ms > excluded.last_seen_ms \
             then device_state.last_seen_ms else excluded.last_seen_ms end, \
             battery_mv = coalesce(excluded.battery_mv, device_state.battery_mv), \
             battery_ms = coalesce(excluded.battery_ms, device_state.battery_ms)",
        );
        let duplicates_in_batch = appended.duplicates;
        let mut refused: Vec<Refused> = refused.to_vec();
        writing!(self, tx => {
            let mut new = 0;
            if !order.is_empty() {
                new = sqlx::query(insert).bind(&rows).execute(&mut *tx).await?.rows_affected();
                let known = u64::try_from(order.len()).unwrap_or(u64::MAX) - new;
                appended.new = new;
                appended.duplicates = duplicates_in_batch + known;
                if known > 0 {
                    let stored: Vec<super::facts::StoredReading> =
                        sqlx::query_as(select).bind(&rows).fetch_all(&mut *tx).await?;
                    for stored in stored {
                        let stored = stored.into_reading()?.reading;
                        if let Some(sent) = first.get(&stored.id)
                            && !sent.same_content(&stored)
                        {
                            in_conflict.push(sent);
                            appended.duplicates -= 1;
                        }
                    }
                }
            }
            if new > 0 {
                let mut marks = marks;
                for run in runs.iter().chain(&lost) {
                    let after_gap = merge_run!(tx, run);
                    marks.extend(after_gap.into_iter().map(|time_ms| {
                        Mark::new("device", run.device.as_str(), zone.day_of(Instant::from_ms(time_ms)))
                    }));
                }
                sqlx::query(mark).bind(json(&marks)).execute(&mut *tx).await?;
                sqlx::query(saw).bind(&seen).execute(&mut *tx).await?;
            }
            refused.extend(in_conflict.iter().map(|reading| conflict(reading)));
            let refused = merged(refused);
            if !refused.is_empty() {
                sqlx::query(quarantine).bind(json(&refused)).execute(&mut *tx).await?;
            }
        });
        appended.conflicts = in_conflict.iter().map(|reading| reading.id.clone()).collect();
        appended.logs = readings.iter().map(|r| (r.id.device.clone(), r.id.log.clone())).collect();
        Ok(appended)
    }
}

/// Numbers of one log that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    device: DeviceId,
    log: LogId,
    first: i64,
    last: i64,
}

fn row<'a>(reading: &'a Reading) -> ReadingRow<'a> {
    let (time, grade) = reading.graded_time();
    ReadingRow {
        device: reading.id.device.as_str(),
        log: reading.id.log.as_str(),
        seq: reading.id.seq,
        boot: reading.boot,
        ms: reading.ms,
        at_ms: reading.at.map(Instant::ms),
        clock: reading.clock.as_str(),
        sent_ms: reading.sent_ms,
        received_ms: reading.received.ms(),
        simulated: i64::from(reading.simulated),
        time_ms: time.ms(),
        grade: grade.as_str(),
        kind: reading.event.kind(),
        body: json(&reading.event),
        extra: &reading.extra,
    }
}

/// Finds the runs of consecutive numbers in a batch, and the ranges that its events declare lost.
fn runs(readings: &[&Reading]) -> (Vec<Run>, Vec<Run>) {
    let mut numbers: BTreeMap<(&DeviceId, &LogId), Vec<i64>> = BTreeMap::new();
    let mut lost = Vec::new();
    for reading in readings {
        numbers.entry((&reading.id.device, &reading.id.log)).or_default().push(reading.id.seq);
        if let Event::Lost { from, to } = &reading.event {
            let (device, log) = (reading.id.device.clone(), reading.id.log.clone());
            lost.push(Run { device, log, first: *from, last: *to });
        }
    }
    let mut runs: Vec<Run> = Vec::new();
    for ((device, log), mut numbers) in numbers {
        numbers.sort_unstable();
        for (at, seq) in numbers.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if at > 0 && *seq <= run.last + 1 => run.last = *seq,
                Some(_) | None => runs.push(Run { device: device.clone(), log: log.clone(), first: *seq, last: *seq }),
            }
        }
    }
    (runs, lost)
}

fn marks(readings: &[&Reading], zone: &Zone) -> BTreeSet<Mark> {
    readings
        .iter()
        .map(|reading| Mark::new("device", reading.id.device.as_str(), zone.day_of(reading.graded_time().0)))
        .collect()
}

#[derive(Serialize)]
struct Seen<'a> {
    device: &'a str,
    last_seen_ms: i64,
    battery_mv: Option<i64>,
    battery_ms: Option<i64>,
}

fn seen<'a>(readings: &[&'a Reading]) -> Vec<Seen<'a>> {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for reading in readings {
        let device = reading.id.device.as_str();
        let entry = seen.entry(device).or_insert(Seen { device, last_seen_ms: 0, battery_mv: None, battery_ms: None });
        entry.last_seen_ms = entry.last_seen_ms.max(reading.received.ms());
        if let Event::Heartbeat { battery_mv: Some(battery_mv), .. } = &reading.event {
            entry.battery_mv = Some(*battery_mv);
            entry.battery_ms = Some(reading.received.ms());
        }
    }
    seen.into_values().collect()
}

/// Makes one row of several refusals of the same thing: a statement may not touch a row twice.
fn merged(refused: Vec<Refused>) -> Vec<Refused> {
    let mut merged: BTreeMap<String, Refused> = BTreeMap::new();
    for row in refused {
        match merged.get_mut(&row.id) {
            Some(kept) => {
                kept.count += row.count;
                kept.last = kept.last.max(row.last);
            }
            None => {
                merged.insert(row.id.clone(), row);
            }
        }
    }
    merged.into_values().collect()
}
