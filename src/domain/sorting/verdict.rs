//! What a day's judgement says: the verdict, whether the household counts at all, what became of a contrary fact.

use crate::domain::ids::StreamCode;
use crate::domain::register::Commune;
use crate::domain::state::{DayState, ExclusionReason};
use crate::domain::time::LocalDay;

/// Streams of the commune, by their place in its list; a commune has at most 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamSet(u64);

impl StreamSet {
    pub(super) fn insert(&mut self, stream: usize) {
        self.0 |= u32::try_from(stream).ok().and_then(|stream| 1_u64.checked_shl(stream)).unwrap_or(0);
    }
    /// Tells whether the stream at a place of the commune's list is in the set.
    pub fn contains(self, stream: usize) -> bool {
        u32::try_from(stream).ok().and_then(|stream| self.0.checked_shr(stream)).is_some_and(|rest| rest & 1 == 1)
    }
    /// Gives the codes, in the commune's order.
    pub fn codes(self, commune: &Commune) -> Vec<StreamCode> {
        let streams = commune.streams.iter().enumerate();
        streams.filter(|(at, _)| self.contains(*at)).map(|(_, stream)| stream.code.clone()).collect()
    }
}

/// A day's verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The state.
    pub state: DayState,
    /// Required streams that are not accounted for.
    pub missing: StreamSet,
}

/// Whether a household is in the denominator, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Counts,
    /// It is not registered on the day.
    NotRegistered,
    /// It is excluded.
    Excluded {
        /// Why.
        reason: ExclusionReason,
        /// First day.
        from: LocalDay,
        /// First day on which it no longer is. `None`: not known.
        to: Option<LocalDay>,
    },
    /// It is new.
    New {
        /// The day from which it counts at the latest.
        counts_from: LocalDay,
        /// Its opportunities of required streams so far.
        opportunities: usize,
        /// With so many it counts.
        enough: usize,
    },
}

/// What became of a contrary fact by the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It had not happened.
    NotYet,
    /// It makes the household N.
    Open,
    /// It is too old to speak.
    Silent,
    /// A later `clean` finding or C answered it: which of the operations.
    Answered(usize),
    /// Enough later rounds with uncontested pickups.
    Outweighed,
}
