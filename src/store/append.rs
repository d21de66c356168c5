//! Appending readings: idempotent by (device, log, seq), with what they make stale, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::chapters::{self, Chapter};
use super::numbers::{self, Run, joined};
use super::quarantine::{ReplayOutcome, Replaying, Verdict, keep_refused};
use super::{Pools, Rows, Store, StoreError, json, many, regrade, writing};
use crate::domain::ids::{DeviceId, EventId, LogId};
use crate::domain::reading::{Event, Reading};
use crate::domain::time::{Instant, LocalDay, Zone};

pub(super) const READING: Rows = Rows(&[
    ("chapter_no", Whole),
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

pub(super) const STALE: Rows = Rows(&[("kind", Text), ("key", Text), ("day", Text), ("generation", Whole)]);
pub(super) const STALE_AGAIN: &str = "on conflict (kind, key, day) do update set generation = stale.generation + 1";

const SEEN: Rows = Rows(&[("device", Text), ("last_seen_ms", Whole), ("battery_mv", Whole), ("battery_ms", Whole)]);

#[derive(Serialize)]
pub(super) struct ReadingRow<'a> {
    pub chapter_no: i64,
    pub seq: i64,
    pub boot: i64,
    pub ms: i64,
    pub at_ms: Option<i64>,
    pub clock: &'static str,
    pub sent_ms: Option<i64>,
    pub received_ms: i64,
    pub simulated: i64,
    pub time_ms: i64,
    pub grade: &'static str,
    pub kind: &'static str,
    pub body: String,
    pub extra: &'a str,
}

/// Kind of mark: a household's states from a day on.
pub(crate) const FROM_THEN_ON: &str = "household";
/// Kind of mark: a household's states as far as a pickup or a round of a day bears on them.
pub(crate) const NEAR: &str = "household_near";

/// A mark that a derived row must be computed again from a day on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Mark {
    pub kind: &'static str,
    pub key: String,
    pub day: String,
    pub generation: i64,
}

impl Mark {
    pub(super) fn new(kind: &'static str, key: impl Into<String>, day: LocalDay) -> Self {
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

pub(super) const NUMBER: Rows = Rows(&[("device", Text), ("log", Text), ("seq", Whole)]);

impl Store {
    /// Appends readings and quarantine rows in one transaction, and marks what they make stale.
    ///
    /// The same identity with the same content is a duplicate; with other content a conflict, which `conflict` turns into
    /// a quarantine row and the first one stays.
    ///
    /// # Why
    /// Readings are written in the order of their identity: those of one chapter stand together, and find the pages of the index where
    /// the one before left them.
    pub async fn append(
        &self,
        readings: &[Reading],
        refused: &[Refused],
        zone: &Zone,
        conflict: impl Fn(&Reading) -> Refused,
    ) -> Result<Appended, StoreError> {
        self.append_as(readings, refused, zone, conflict, None).await.map(|(appended, _)| appended)
    }

    /// Appends what rows of the quarantine give when they are replayed, and records at each row what it gave, in the same
    /// transaction. Gives the outcomes in the order of the rows.
    pub async fn append_replayed(
        &self,
        readings: &[Reading],
        refused: &[Refused],
        zone: &Zone,
        conflict: impl Fn(&Reading) -> Refused,
        replaying: Replaying<'_>,
    ) -> Result<Vec<ReplayOutcome>, StoreError> {
        let (_, verdicts) = self.append_as(readings, refused, zone, conflict, Some(replaying)).await?;
        Ok(verdicts.into_iter().map(|verdict| verdict.outcome).collect())
    }

    async fn append_as(
        &self,
        readings: &[Reading],
        refused: &[Refused],
        zone: &Zone,
        conflict: impl Fn(&Reading) -> Refused,
        replaying: Option<Replaying<'_>>,
    ) -> Result<(Appended, Vec<Verdict>), StoreError> {
        let mut appended = Appended::default();
        // Of one identity the first to come stays first.
        let mut sorted: Vec<&Reading> = readings.iter().collect();
        sorted.sort_by(|one, other| one.id.cmp(&other.id));
        let mut order: Vec<&Reading> = Vec::with_capacity(sorted.len());
        let mut in_conflict: Vec<&Reading> = Vec::new();
        for reading in sorted {
            match order.last() {
                Some(kept) if kept.id == reading.id && kept.same_content(reading) => appended.duplicates += 1,
                Some(kept) if kept.id == reading.id => in_conflict.push(reading),
                _ => order.push(reading),
            }
        }
        let stored_of = self.readings_of_sql();
        let next_times = self.next_times_sql();
        let time_chapters = self.time_chapters_sql();
        let marks = marks(&order, zone);
        let seen = json(&seen(&order));
        let mark = self.insert("stale", STALE, STALE_AGAIN);
        let saw = self.insert(
            "device_state",
            SEEN,
            "on conflict (device) do update set last_seen_ms = case when device_state.last_seen_ms > excluded.last_seen_ms \
             then device_state.last_seen_ms else excluded.last_seen_ms end, \
             battery_mv = coalesce(excluded.battery_mv, device_state.battery_mv), \
             battery_ms = coalesce(excluded.battery_ms, device_state.battery_ms)",
        );
        let one_at_a_time = self.one_append_at_a_time();
        let duplicates_in_batch = appended.duplicates;
        let mut refused: Vec<Refused> = refused.to_vec();
        let kept_back;
        let mut verdicts = Vec::new();
        writing!(self, tx => {
            if let Some(one_at_a_time) = one_at_a_time {
                sqlx::query(one_at_a_time).execute(&mut *tx).await?;
            }
            let mut new = 0;
            let mut chapters = BTreeMap::new();
            if !order.is_empty() {
                chapters = chapters::numbers_of_chapters!(self, tx, &order);
                let rows = chapters::rows(&order, &chapters);
                new = many::insert_readings!(self, tx, &rows);
                let known = u64::try_from(order.len()).unwrap_or(u64::MAX) - new;
                appended.new = new;
                appended.duplicates = duplicates_in_batch + known;
                if known > 0 {
                    let ids: Vec<&EventId> = order.iter().map(|reading| &reading.id).collect();
                    let stored: Vec<super::facts::StoredReading> =
                        sqlx::query_as(stored_of).bind(json(&ids)).fetch_all(&mut *tx).await?;
                    for stored in stored {
                        let stored = stored.into_reading()?.reading;
                        if let Ok(at) = order.binary_search_by(|sent| sent.id.cmp(&stored.id))
                            && let Some(sent) = order.get(at)
                            && !sent.same_content(&stored)
                        {
                            in_conflict.push(sent);
                            appended.duplicates -= 1;
                        }
                    }
                }
            }
            refused.extend(in_conflict.iter().map(|reading| conflict(reading)));
            kept_back = refused_runs(&refused);
            let settled = numbers::settle!(self, tx, &kept_back, &order);
            let mut runs = if new > 0 { runs(&order) } else { Vec::new() };
            if !settled.is_empty() {
                runs = joined(runs.into_iter().chain(settled));
            }
            let mut marks = if new > 0 { marks } else { BTreeSet::new() };
            if new > 0 {
                let (moved, moved_in) = regrade::regrade!(self, tx, &order);
                let touched: BTreeSet<Chapter> = chapters.into_keys().chain(moved_in).collect();
                sqlx::query(time_chapters).bind(json(&touched)).execute(&mut *tx).await?;
                marks.extend(moved.into_iter().map(|(device, time_ms)| {
                    Mark::new("device", device, zone.day_of(Instant::from_ms(time_ms)))
                }));
            }
            if !runs.is_empty() {
                let merge = numbers::merge_into!(self, tx, "log_range", &runs);
                if !merge.next_to.is_empty() {
                    let times: Vec<(String, Option<i64>)> =
                        sqlx::query_as(next_times).bind(json(&merge.next_to)).fetch_all(&mut *tx).await?;
                    marks.extend(times.into_iter().filter_map(|(device, time_ms)| {
                        time_ms.map(|ms| Mark::new("device", device, zone.day_of(Instant::from_ms(ms))))
                    }));
                }
            }
            if !marks.is_empty() {
                sqlx::query(mark).bind(json(&marks)).execute(&mut *tx).await?;
            }
            if new > 0 {
                sqlx::query(saw).bind(&seen).execute(&mut *tx).await?;
            }
            for row in &mut refused {
                // PostgreSQL's text holds no NUL.
                row.reason = row.reason.replace('\0', "\u{fffd}");
                row.topic = row.topic.replace('\0', "\u{fffd}");
            }
            let mut refused = merged(refused);
            if let Some(replaying) = replaying {
                verdicts = replaying.verdicts(&mut refused);
                for verdict in &verdicts {
                    let (code, reason) = verdict.told.as_ref().map(|(code, reason)| (*code, reason.as_str())).unzip();
                    sqlx::query(
                        "update quarantine set outcome = $2, replayed_ms = $3, replayed_by = $4, code = coalesce($5, code), \
                         reason = coalesce($6, reason) where id = $1",
                    )
                    .bind(&verdict.id).bind(verdict.outcome.as_str()).bind(replaying.at.ms()).bind(replaying.by)
                    .bind(code).bind(reason)
                    .execute(&mut *tx).await?;
                }
            }
            if !refused.is_empty() {
                keep_refused!(self, tx, refused);
            }
        });
        appended.conflicts = in_conflict.iter().map(|reading| reading.id.clone()).collect();
        appended.logs = readings.iter().map(|r| (r.id.device.clone(), r.id.log.clone())).collect();
        appended.logs.extend(kept_back.into_iter().map(|run| (run.device.into(), run.log.into())));
        Ok((appended, verdicts))
    }

    /// Gives the statement that makes the transactions of several instances append one after the other. `None`: the database does.
    ///
    /// # Why
    /// A batch is merged into the ranges that are stored. Two instances that merge into the same ranges at once do not see each
    /// other's, and the second one overwrites what the first one joined: numbers that are stored would count as missing for ever.
    /// A lock for each log was rejected: a broker deals one device's messages out to all instances, so they would wait all the same.
    const fn one_append_at_a_time(&self) -> Option<&'static str> {
        match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(_) => Some("select pg_advisory_xact_lock(1883, 1)"),
        }
    }
}

pub(super) fn row(reading: &Reading, chapter_no: i64) -> ReadingRow<'_> {
    let (time, grade) = reading.graded_time();
    ReadingRow {
        chapter_no,
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

/// Finds the runs of consecutive numbers in a batch, those declared lost among them, disjoint and in order.
fn runs(readings: &[&Reading]) -> Vec<Run> {
    let mut numbers: BTreeMap<(&DeviceId, &LogId), Vec<(i64, i64)>> = BTreeMap::new();
    for reading in readings {
        let of_log = numbers.entry((&reading.id.device, &reading.id.log)).or_default();
        of_log.push((reading.id.seq, reading.id.seq));
        if let Event::Lost { from, to } = &reading.event {
            of_log.push((*from, *to));
        }
    }
    let of_log = |((device, log), numbers): ((&DeviceId, &LogId), Vec<(i64, i64)>)| {
        let run = |(first, last)| Run { device: device.to_string(), log: log.to_string(), first, last };
        numbers::union(numbers).into_iter().map(run).collect::<Vec<Run>>()
    };
    numbers.into_iter().flat_map(of_log).collect()
}

/// Gives the numbers of refused events whose log and number could be read.
fn refused_runs(refused: &[Refused]) -> Vec<Run> {
    joined(refused.iter().filter_map(|row| {
        let (device, log, seq) = (row.device.clone()?, row.log.clone()?, row.seq?);
        Some(Run { device, log, first: seq, last: seq })
    }))
}

fn marks(readings: &[&Reading], zone: &Zone) -> BTreeSet<Mark> {
    let days: BTreeSet<(&str, LocalDay)> =
        readings.iter().map(|reading| (reading.id.device.as_str(), zone.day_of(reading.graded_time().0))).collect();
    days.into_iter().map(|(device, day)| Mark::new("device", device, day)).collect()
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
        if let Event::Heartbeat { battery_mv: Some(battery_mv), .. } = &reading.event
            && entry.battery_ms.is_none_or(|held_ms| reading.received.ms() >= held_ms)
        {
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
