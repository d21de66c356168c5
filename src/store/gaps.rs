//! What is known to be missing from every log, and what people say of it.
//!
//! Owns the gaps between the settled numbers ([`numbers`](super::numbers)), the tail that only a device's state tells of
//! (`log_next`), the numbers declared lost, and the corrections.
//!
//! # Why
//! - **A gap stands on the day of the next received event**, whatever lies between: declared lost and refused numbers have
//!   no day of their own.
//! - **A voided number stays missing in the acknowledgement**: a person may be wrong, and a device deletes what is not
//!   asked for. It only leaves the figures.

use std::collections::{BTreeMap, BTreeSet};

use super::append::{Mark, STALE, STALE_AGAIN};
use super::chapters::chapter_of;
use super::numbers::{FURTHEST_AHEAD, RUN, Run, Span, joined, union};
use super::{Pools, Store, StoreError, json, reading, unreadable, writing};
use crate::domain::ids::{DeviceId, LogId};
use crate::domain::reading::Event;
use crate::domain::time::{Instant, Zone};

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
const GAPS: &str = concat!(
    "select g.device, g.log, g.gap_from, g.gap_to, n.seq, n.time_ms from (select f.device, f.log, f.gap_from, f.gap_to, \
     (select s.seq from reading as s where s.device = f.device and s.log = f.log and s.chapter >= ",
    chapter_of!("f.gap_to"),
    " and s.seq > f.gap_to order by s.chapter, s.seq limit 1) as next from (select device, log, \
     cast(coalesce(lag(last) over (partition by device, log order by first), 0) + 1 as bigint) as gap_from, \
     first - 1 as gap_to from log_range where ($1 = '' or device = $1)) as f where f.gap_to >= f.gap_from) as g \
     left join reading_chapter as c on c.device = g.device and c.log = g.log and c.chapter = ",
    chapter_of!("g.next"),
    " left join reading_row as n on n.chapter_no = c.no and n.seq = g.next order by g.device, g.log, g.gap_from"
);

type GapRow = (String, String, i64, i64, Option<i64>, Option<i64>);

fn gap((device, log, from, to, seq, time_ms): GapRow) -> Gap {
    let next = seq.zip(time_ms.map(Instant::from_ms));
    Gap { device: device.into(), log: log.into(), from, to, next }
}

/// Gives the missing ranges that are voided.
fn voided_ranges(gaps: &[Gap], corrections: &[Correction]) -> Vec<NumberRange> {
    let mut ranges = Vec::new();
    for ((device, log), spans) in voided(corrections) {
        for gap in gaps.iter().filter(|gap| gap.device == device && gap.log == log) {
            let within = |span: &Span| (span.0.max(gap.from), span.1.min(gap.to));
            let cut = spans.iter().map(within).filter(|(from, to)| from <= to);
            ranges.extend(cut.map(|(from, to)| NumberRange { device: device.clone(), log: log.clone(), from, to }));
        }
    }
    ranges
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
        // Asked for in an order, SQLite goes through every reading there is and leaves the index of losses aside.
        let rows: Vec<(String, String, String)> = reading!(self, pool => {
            sqlx::query_as("select device, log, body from reading where kind = 'lost' and ($1 = '' or device = $1)")
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
             and s.log = r.log and s.chapter >= {} and s.chapter <= {} and s.seq >= r.first and s.seq <= r.last) \
             from {} order by 1, 2, 3",
            chapter_of!("r.first"),
            chapter_of!("r.last"),
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
        Ok(voided_ranges(&self.unsettled(device).await?, &self.corrections(device).await?))
    }

    /// Gives what stands where in all logs together.
    pub async fn number_totals(&self) -> Result<NumberTotals, StoreError> {
        let (unsettled, corrections) = (self.unsettled(None).await?, self.corrections(None).await?);
        let ranges = voided_ranges(&unsettled, &corrections);
        let gaps = without_voided(unsettled, &voided(&corrections));
        Ok(NumberTotals {
            missing: gaps.iter().map(Gap::numbers).sum(),
            gaps: i64::try_from(gaps.len()).unwrap_or(i64::MAX),
            lost: self.lost(None).await?.iter().map(|row| row.1).sum(),
            voided: ranges.iter().map(|range| range.to - range.from + 1).sum(),
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
