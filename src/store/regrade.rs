//! Grading again what has no time of its own, where a batch changes what stands around it.
//!
//! Owns `doubtful_boot`. The rule itself is `domain::neighbour`'s.
//!
//! # Why
//! - **Within the transaction that appends**: a grade is a function of the stored facts, so it may never be read before
//!   it follows them, whatever the order in which they came.
//! - **Only boots that hold an event without a time of its own are looked at**, and they are few: they stand in a table of
//!   their own, so that every other batch costs one look into it. With the first and the last event that has a time kept
//!   beside it, a boot that never had a clock costs no more, however long it is.
//! - **Only between the graded events around the batch**: beyond them nothing can change.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ColumnType::{Text, Whole};
pub(super) use super::chapters::Chapter;
use super::chapters::chapter_of;
use super::{Rows, Store, StoreError, unreadable};
use crate::domain::neighbour::Stamp;
use crate::domain::reading::{Grade, Reading};
use crate::domain::time::Instant;

pub(super) const BOOT: Rows = Rows(&[("device", Text), ("log", Text), ("boot", Whole)]);
const GRADED: Rows = Rows(&[("device", Text), ("log", Text), ("seq", Whole), ("time_ms", Whole), ("grade", Text)]);

/// One boot of one log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Boot {
    pub device: String,
    pub log: String,
    pub boot: i64,
}

/// Numbers of a boot's first and last graded event.
pub(super) type Reach = (Option<i64>, Option<i64>);

/// What a batch holds of a boot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    pub first: i64,
    pub last: i64,
    /// An event of it has no time of its own.
    pub doubtful: bool,
    /// An event of it has one.
    pub graded: bool,
}

/// A reading's new time.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Regraded {
    pub device: String,
    pub log: String,
    pub seq: i64,
    pub time_ms: i64,
    pub grade: &'static str,
}

pub(super) fn touches(readings: &[&Reading]) -> BTreeMap<Boot, Touch> {
    let mut boots: BTreeMap<(&str, &str, i64), Touch> = BTreeMap::new();
    for reading in readings {
        let doubtful = match reading.graded_time().1 {
            Grade::Received | Grade::Neighbour => true,
            Grade::Device | Grade::Rebuilt => false,
        };
        let seq = reading.id.seq;
        let touch = boots.entry((reading.id.device.as_str(), reading.id.log.as_str(), reading.boot)).or_insert(Touch {
            first: seq,
            last: seq,
            doubtful: false,
            graded: false,
        });
        touch.first = touch.first.min(seq);
        touch.last = touch.last.max(seq);
        touch.doubtful |= doubtful;
        touch.graded |= !doubtful;
    }
    let owned = |((device, log, boot), touch): ((&str, &str, i64), Touch)| {
        (Boot { device: device.to_owned(), log: log.to_owned(), boot }, touch)
    };
    boots.into_iter().map(owned).collect()
}

pub(super) type StampRow = (i64, i64, i64, i64, String);

pub(super) fn stamp((seq, ms, received_ms, time_ms, grade): StampRow) -> Result<Stamp, StoreError> {
    let grade = Grade::from_word(&grade).ok_or_else(|| unreadable("grade", &grade, "unknown word"))?;
    Ok(Stamp { seq, ms, received: Instant::from_ms(received_ms), time: Instant::from_ms(time_ms), grade })
}

/// The numbers of the first and the last graded event of a boot in a range of numbers.
pub(super) const REACH: &str = concat!(
    "select min(seq), max(seq) from reading where device = $1 and log = $2 and boot = $3 and chapter >= ",
    chapter_of!("$4"),
    " and chapter <= ",
    chapter_of!("$5"),
    " and seq >= $4 and seq <= $5 and grade in ('device', 'rebuilt')"
);
pub(super) const GRADED_BEFORE: &str = concat!(
    "select seq from reading where device = $1 and log = $2 and boot = $3 and chapter <= ",
    chapter_of!("$4"),
    " and seq < $4 and grade in ('device', 'rebuilt') order by chapter desc, seq desc limit 1"
);
pub(super) const GRADED_AFTER: &str = concat!(
    "select seq from reading where device = $1 and log = $2 and boot = $3 and chapter >= ",
    chapter_of!("$4"),
    " and seq > $4 and grade in ('device', 'rebuilt') order by chapter, seq limit 1"
);
pub(super) const STRETCH: &str = concat!(
    "select seq, ms, received_ms, time_ms, grade from reading where device = $1 and log = $2 and boot = $3 and chapter >= ",
    chapter_of!("$4"),
    " and chapter <= ",
    chapter_of!("$5"),
    " and seq >= $4 and seq <= $5 order by chapter, seq"
);
pub(super) const KEEP_REACH: &str = "insert into doubtful_boot (device, log, boot, low, high) values ($1, $2, $3, $4, $5) \
    on conflict (device, log, boot) do update set low = excluded.low, high = excluded.high";

pub(super) fn wider(held: Reach, new: Reach) -> Reach {
    (held.0.into_iter().chain(new.0).min(), held.1.into_iter().chain(new.1).max())
}

impl Store {
    pub(super) fn doubtful_sql(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "select s.device, s.log, s.boot, s.low, s.high from {} join doubtful_boot as s \
             on s.device = r.device and s.log = r.log and s.boot = r.boot",
            self.rows(BOOT)
        ))
    }

    pub(super) fn regrade_sql(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "update reading_row set time_ms = r.time_ms, grade = r.grade \
             from {} join reading_chapter as c on c.device = r.device and c.log = r.log and c.chapter = {} \
             where reading_row.chapter_no = c.no and reading_row.seq = r.seq",
            self.rows(GRADED),
            chapter_of!("r.seq")
        ))
    }
}

/// Grades again around a batch that is inserted, within its transaction, and gives the old and the new times of what
/// changed, by device, and the chapters that it is in.
macro_rules! regrade {
    ($store:expr, $tx:ident, $readings:expr) => {{
        use $crate::store::regrade as parts;
        let touches = parts::touches($readings);
        let boots: Vec<&parts::Boot> = touches.keys().collect();
        let known: Vec<(String, String, i64, Option<i64>, Option<i64>)> =
            sqlx::query_as($store.doubtful_sql()).bind($crate::store::json(&boots)).fetch_all(&mut *$tx).await?;
        let known: std::collections::BTreeMap<parts::Boot, parts::Reach> = known
            .into_iter()
            .map(|(device, log, boot, low, high)| (parts::Boot { device, log, boot }, (low, high)))
            .collect();
        let mut moved: Vec<(String, i64)> = Vec::new();
        let mut moved_in: std::collections::BTreeSet<parts::Chapter> = std::collections::BTreeSet::new();
        for (boot, touch) in &touches {
            let held = known.get(boot).copied();
            if !(touch.doubtful || held.is_some()) {
                continue;
            }
            if !touch.graded && held == Some((None, None)) {
                continue;
            }
            let (first, last) = if held.is_some() { (touch.first, touch.last) } else { (0, i64::MAX) };
            let seen: parts::Reach = sqlx::query_as(parts::REACH)
                .bind(&boot.device)
                .bind(&boot.log)
                .bind(boot.boot)
                .bind(first)
                .bind(last)
                .fetch_one(&mut *$tx)
                .await?;
            let reach = parts::wider(held.unwrap_or_default(), seen);
            if held != Some(reach) {
                sqlx::query(parts::KEEP_REACH)
                    .bind(&boot.device)
                    .bind(&boot.log)
                    .bind(boot.boot)
                    .bind(reach.0)
                    .bind(reach.1)
                    .execute(&mut *$tx)
                    .await?;
            }
            let (Some(low), Some(high)) = reach else { continue };
            if touch.last < low || high < touch.first {
                continue;
            }
            let mut from = low;
            if low < touch.first {
                let before: Option<(i64,)> = sqlx::query_as(parts::GRADED_BEFORE)
                    .bind(&boot.device)
                    .bind(&boot.log)
                    .bind(boot.boot)
                    .bind(touch.first)
                    .fetch_optional(&mut *$tx)
                    .await?;
                from = before.map_or(low, |before| before.0);
            }
            let mut to = high;
            if high > touch.last {
                let after: Option<(i64,)> = sqlx::query_as(parts::GRADED_AFTER)
                    .bind(&boot.device)
                    .bind(&boot.log)
                    .bind(boot.boot)
                    .bind(touch.last)
                    .fetch_optional(&mut *$tx)
                    .await?;
                to = after.map_or(high, |after| after.0);
            }
            if from >= to {
                continue;
            }
            let rows: Vec<parts::StampRow> = sqlx::query_as(parts::STRETCH)
                .bind(&boot.device)
                .bind(&boot.log)
                .bind(boot.boot)
                .bind(from)
                .bind(to)
                .fetch_all(&mut *$tx)
                .await?;
            let stamps = rows.into_iter().map(parts::stamp).collect::<Result<Vec<_>, $crate::store::StoreError>>()?;
            let changed = $crate::domain::neighbour::regrade(&stamps);
            if changed.is_empty() {
                continue;
            }
            let rows: Vec<parts::Regraded> = changed
                .iter()
                .map(|stamp| parts::Regraded {
                    device: boot.device.clone(),
                    log: boot.log.clone(),
                    seq: stamp.seq,
                    time_ms: stamp.time.ms(),
                    grade: stamp.grade.as_str(),
                })
                .collect();
            sqlx::query($store.regrade_sql()).bind($crate::store::json(&rows)).execute(&mut *$tx).await?;
            moved_in.extend(rows.iter().map(|row| parts::Chapter::of(&row.device, &row.log, row.seq)));
            for new in &changed {
                let old = stamps.binary_search_by_key(&new.seq, |stamp| stamp.seq).ok().and_then(|at| stamps.get(at));
                let times = [Some(new.time), old.map(|old| old.time)];
                moved.extend(times.into_iter().flatten().map(|time| (boot.device.clone(), time.ms())));
            }
        }
        (moved, moved_in)
    }};
}
pub(super) use regrade;
