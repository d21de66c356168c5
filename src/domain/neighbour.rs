//! Times of events that have none of their own, from the events around them in the same boot.
//!
//! # Why
//! - **Around means by number**, which rises with capture and is never reused. Uptime must agree: it may not fall.
//! - **The two neighbours must agree with each other**: where the clock moved 2 min more, or less, than the uptime, one of
//!   them is wrong and nothing tells which, so the event keeps its time of receipt. Guessing was rejected: such a time
//!   would be evidence of a household.
//! - **Both are needed.** One neighbour and the uptime would do for a clock that never jumps, which is not known of it.

use super::reading::{FUTURE_TOLERANCE_MS, Grade, UPTIME_TOLERANCE_MS};
use super::time::Instant;

/// What grading needs of a stored event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Number in its log.
    pub seq: i64,
    /// Milliseconds since the boot, at capture.
    pub ms: i64,
    /// When it was received first.
    pub received: Instant,
    /// Its time as it stands.
    pub time: Instant,
    /// How that is known.
    pub grade: Grade,
}

impl Stamp {
    const fn is_graded(&self) -> bool {
        match self.grade {
            Grade::Device | Grade::Rebuilt => true,
            Grade::Neighbour | Grade::Received => false,
        }
    }
}

/// Gives the time of an event between two graded ones of its boot: as far between their times as its uptime is between
/// theirs, cut to whole milliseconds. `None`: the three contradict each other, or the event would come from the future.
fn between(before: &Stamp, after: &Stamp, event: &Stamp) -> Option<Instant> {
    let (uptime_ms, clock_ms) = (after.ms.checked_sub(before.ms)?, after.time.since(before.time));
    let in_order = before.ms <= event.ms && event.ms <= after.ms && clock_ms >= 0;
    if !in_order || clock_ms.saturating_sub(uptime_ms).abs() > UPTIME_TOLERANCE_MS {
        return None;
    }
    let part = i128::from(clock_ms) * i128::from(event.ms - before.ms) / i128::from(uptime_ms.max(1));
    let time = before.time.plus_ms(i64::try_from(part).ok()?);
    (time.since(event.received) <= FUTURE_TOLERANCE_MS).then_some(time)
}

/// Grades the events of one boot that have no time of their own. `stamps` are a stretch of the boot in order of number;
/// those before its first graded one and after its last keep their time of receipt. Gives the ones that change.
pub fn regrade(stamps: &[Stamp]) -> Vec<Stamp> {
    let mut changed = Vec::new();
    let mut before: Option<&Stamp> = None;
    let mut waiting: Vec<&Stamp> = Vec::new();
    let mut settle = |waiting: &mut Vec<&Stamp>, ends: Option<(&Stamp, &Stamp)>| {
        for event in waiting.drain(..) {
            let time = ends.and_then(|(before, after)| between(before, after, event));
            let (time, grade) = time.map_or((event.received, Grade::Received), |time| (time, Grade::Neighbour));
            if (time, grade) != (event.time, event.grade) {
                changed.push(Stamp { time, grade, ..*event });
            }
        }
    };
    for stamp in stamps {
        if stamp.is_graded() {
            settle(&mut waiting, before.map(|before| (before, stamp)));
            before = Some(stamp);
        } else {
            waiting.push(stamp);
        }
    }
    settle(&mut waiting, None);
    changed
}
