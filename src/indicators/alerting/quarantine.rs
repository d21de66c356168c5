//! The quarantine's room.

use serde::{Deserialize, Serialize};

use crate::domain::alert::{Cause, Verdict};
use crate::domain::time::{HOUR_MS, Instant};

/// Part of the room, percent, from which the quarantine is nearly full; below [`EMPTIED_PERCENT`] it is not any more.
const FULL_PERCENT: i64 = 90;
const EMPTIED_PERCENT: i64 = 80;
/// A loss counts as new for so long.
const LOSS_MS: i64 = 24 * HOUR_MS;

/// Judges what the quarantine holds against its room, bytes.
pub fn full(bytes: i64, max_bytes: i64) -> Verdict {
    let part = |percent: i64| i128::from(max_bytes) * i128::from(percent);
    let held = i128::from(bytes) * 100;
    if held >= part(FULL_PERCENT) {
        Verdict::Holds(Cause::QuarantineFull { bytes, max_bytes })
    } else if held >= part(EMPTIED_PERCENT) {
        Verdict::Between
    } else {
        Verdict::Clear
    }
}

/// What was dropped when it was looked at last, and when more was found than before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Rows dropped since the beginning.
    pub rows: i64,
    /// When a look found more than the one before. `None`: none did.
    pub last: Option<Instant>,
}

/// Judges the rows dropped since the beginning, beside what an earlier look found. `None`: this is the first one, which cannot tell
/// what is new. Gives what the next look needs.
pub fn dropping(before: Option<Dropped>, rows: i64, now: Instant) -> (Dropped, Verdict) {
    let last = match before {
        Some(before) if rows > before.rows => Some(now),
        Some(before) => before.last,
        None => None,
    };
    let verdict = match last {
        Some(last) if now.since(last) < LOSS_MS => Verdict::Holds(Cause::QuarantineDropping { dropped: rows, last }),
        Some(_) | None => Verdict::Clear,
    };
    (Dropped { rows, last }, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_tenths_are_nearly_full_and_less_than_eight_are_not() {
        assert!(matches!(full(900, 1_000), Verdict::Holds(_)));
        assert_eq!([full(899, 1_000), full(800, 1_000)], [Verdict::Between, Verdict::Between]);
        assert_eq!([full(799, 1_000), full(0, i64::MAX)], [Verdict::Clear, Verdict::Clear]);
    }

    #[test]
    fn a_loss_is_new_for_a_day_and_an_old_one_is_none() {
        let at = |hour: i64| Instant::from_ms(hour * HOUR_MS);
        let (seen, verdict) = dropping(None, 70, at(0));
        assert_eq!(verdict, Verdict::Clear, "the first look cannot tell what is new");
        let (seen, verdict) = dropping(Some(seen), 70, at(1));
        assert_eq!(verdict, Verdict::Clear);
        let (seen, verdict) = dropping(Some(seen), 71, at(2));
        assert_eq!(verdict, Verdict::Holds(Cause::QuarantineDropping { dropped: 71, last: at(2) }));
        let (seen, verdict) = dropping(Some(seen), 71, at(25));
        assert!(matches!(verdict, Verdict::Holds(_)));
        assert_eq!(dropping(Some(seen), 71, at(26)).1, Verdict::Clear);
    }
}
