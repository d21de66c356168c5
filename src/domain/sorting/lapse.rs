//! How long verifications alone hold a sorting household up.
//!
//! # Why
//! What runs out is asked of the state as it is, supposing that nothing else comes: a later visit, a pickup or a finding makes another
//! answer, on its own day. So it is a fact of the day like the state, and can be kept beside it.

use super::{HouseholdFacts, Judged, StreamSet};
use crate::domain::state::{Level, State};
use crate::domain::time::LocalDay;

/// When a sorting household stops being one unless somebody goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// The last day on which every verification that is needed still stands.
    pub last_day: LocalDay,
    /// Required streams whose only evidence ends with that day.
    pub streams: StreamSet,
}

impl HouseholdFacts<'_> {
    /// Tells when the verdict of a day lapses for want of a verification. `None`: it does not rest on one.
    ///
    /// By the rules of that day; a version that begins later and keeps verifications for another time is not looked at.
    pub fn lapse(&self, judged: &Judged, day: LocalDay) -> Option<Lapse> {
        if judged.state.state != State::Sorting || judged.state.weakest != Some(Level::Verified) {
            return None;
        }
        let rules = self.commune.rules_on(day);
        let close = self.commune.zone.start_of(day.next());
        let mut lapse: Option<Lapse> = None;
        let required = self.commune.streams.iter().enumerate().filter(|(_, stream)| stream.required);
        for (stream, _) in required {
            if self.accounted(stream, day, close, rules) != Some(Level::Verified) {
                continue;
            }
            let standing = self.favourables.iter().filter(|seen| {
                seen.accounts
                    && seen.stream.is_or_names_none(stream)
                    && seen.time < close
                    && self.voided_by(seen, stream, close).is_none()
            });
            let Some(last_day) = standing.map(|seen| seen.day + rules.verified_days).max() else { continue };
            let held = lapse.get_or_insert(Lapse { last_day, streams: StreamSet::default() });
            if last_day < held.last_day {
                *held = Lapse { last_day, streams: StreamSet::default() };
            }
            if last_day == held.last_day {
                held.streams.insert(stream);
            }
        }
        lapse
    }
}
