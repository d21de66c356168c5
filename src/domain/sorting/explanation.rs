//! Why a household has its state on a day: what counted, what did not, and what stands open.
//!
//! Owns the listing only. The verdict is [`HouseholdFacts::judged`]'s own, and every line below it is asked of the questions that
//! the verdict is made of.

use super::{Evidence, Fate, Favourable, HouseholdFacts, Judged, Named, Standing, counted};
use crate::domain::ids::StreamCode;
use crate::domain::rules::Rules;
use crate::domain::state::Level;
use crate::domain::time::{Instant, LocalDay};

/// Why a household has its state at the end of a day.
///
/// Pickups, operations and rounds are named by their place among those that [`HouseholdFacts::gather`] was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The day.
    pub day: LocalDay,
    /// The version of the rule in force on it.
    pub rule_version: String,
    /// Whether it counts, and if not, why.
    pub standing: Standing,
    /// The verdict. `None`: it does not count.
    pub judged: Option<Judged>,
    /// It has a tag on the day.
    pub tagged: bool,
    /// A crew opened one of its rounds of late.
    pub crew_logged: bool,
    /// It could have been seen.
    pub observable: bool,
    /// Each stream, in the commune's order.
    pub streams: Vec<StreamStory>,
    /// What speaks against it and had happened by then, oldest first.
    pub contraries: Vec<ContraryStory>,
}

/// A stream of a household on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamStory {
    /// The stream.
    pub stream: StreamCode,
    /// The sorting rule asks for it.
    pub required: bool,
    /// The level at which it is accounted for. `None`: it is not, or the rule does not ask for it.
    pub accounted: Option<Level>,
    /// It is declared, so far unseen.
    pub declared: bool,
    /// First instant of its window.
    pub window_from: Instant,
    /// It is scheduled less than weekly, so its window is whole.
    pub sparse: bool,
    /// Days up to the day whose opportunities make it observable.
    pub days: i32,
    /// So many of them make it observable.
    pub enough: usize,
    /// Opportunities within those days, oldest first.
    pub opportunities: Vec<OpportunityStory>,
    /// Accepted pickups within those days, oldest first.
    pub pickups: Vec<PickupStory>,
    /// Verified pathways and visits that found sorting, of the stream or naming none.
    pub verified: Vec<VerifiedStory>,
    /// Declared pathways, by operation.
    pub declarations: Vec<usize>,
}

/// An opportunity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpportunityStory {
    /// Which round.
    pub round: usize,
    /// It began within the stream's window.
    pub in_window: bool,
}

/// An accepted pickup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PickupStory {
    /// Which pickup.
    pub pickup: usize,
    /// Its level.
    pub level: Level,
    /// It lies within the stream's window.
    pub in_window: bool,
    /// The finding that contests it, by operation.
    pub contested_by: Option<usize>,
}

impl PickupStory {
    /// Tells whether it speaks for its stream.
    pub fn counts(&self) -> bool {
        self.in_window && self.contested_by.is_none()
    }
}

/// A verified pathway, or a visit that found sorting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedStory {
    /// Which operation.
    pub operation: usize,
    /// It is a pathway.
    pub is_pathway: bool,
    /// The last day on which it stands.
    pub last_day: LocalDay,
    /// The later contrary fact that voids it, by operation.
    pub voided_by: Option<usize>,
}

impl VerifiedStory {
    /// Tells whether it stands on a day.
    pub fn stands_on(&self, day: LocalDay) -> bool {
        self.voided_by.is_none() && day <= self.last_day
    }
}

/// A contrary finding, or a visit that found no sorting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContraryStory {
    /// Which operation.
    pub operation: usize,
    /// The last day on which it can speak.
    pub last_day: LocalDay,
    /// What became of it.
    pub fate: Fate,
    /// Pickups that help to close it, one of each later round.
    pub closing: Vec<usize>,
    /// So many of them close it.
    pub enough: usize,
}

impl HouseholdFacts<'_> {
    /// Explains the household's state at the end of a local day.
    pub fn explain(&self, day: LocalDay) -> Explanation {
        let rules = self.commune.rules_on(day);
        let close = self.commune.zone.start_of(day.next());
        let happened = self.contraries.iter().filter(|contrary| contrary.time < close);
        Explanation {
            day,
            rule_version: rules.version.clone(),
            standing: self.standing(day, close, rules),
            judged: self.judged(day),
            tagged: self.register.has_tag(&self.household, day),
            crew_logged: self.crew_logged(day, close, rules),
            observable: self.is_observable(day, close, rules),
            streams: (0..self.commune.streams.len()).map(|stream| self.story(stream, day, close, rules)).collect(),
            contraries: happened
                .map(|contrary| ContraryStory {
                    operation: contrary.source,
                    last_day: contrary.day + rules.contrary_days,
                    fate: self.fate(contrary, day, close, rules),
                    closing: self.closing(contrary, close).iter().map(|pickup| pickup.source).collect(),
                    enough: rules.closing_rounds,
                })
                .collect(),
        }
    }

    fn story(&self, stream: usize, day: LocalDay, close: Instant, rules: &Rules) -> StreamStory {
        let of = &self.commune.streams[stream];
        let window_from = self.window_start(stream, day, close, rules);
        let (days, enough) = self.observed_days(stream, day, rules);
        let since = self.commune.zone.start_of(day - (days - 1));
        let looked_at = |pickup: &&Evidence| pickup.stream == stream && pickup.time >= since && pickup.time < close;
        let speaks = |c: &&Favourable| c.accounts && c.stream.is_or_names_none(stream) && c.time < close;
        let declared = self.declared.iter().filter(|declared| declared.stream == stream && declared.day <= day);
        StreamStory {
            stream: of.code.clone(),
            required: of.required,
            accounted: if of.required { self.accounted(stream, day, close, rules) } else { None },
            declared: self.is_declared(stream, day, close, rules),
            window_from,
            sparse: self.is_sparse(stream, day),
            days,
            enough,
            opportunities: self
                .recent(stream, day, close, days)
                .map(|o| OpportunityStory { round: o.source, in_window: o.start >= window_from })
                .collect(),
            pickups: self
                .pickups
                .iter()
                .filter(looked_at)
                .map(|pickup| PickupStory {
                    pickup: pickup.source,
                    level: pickup.level,
                    in_window: pickup.time >= window_from,
                    contested_by: pickup.contested.filter(|(from, _)| *from < close).map(|(_, by)| by),
                })
                .collect(),
            verified: self
                .favourables
                .iter()
                .filter(speaks)
                .map(|c| VerifiedStory {
                    operation: c.source,
                    is_pathway: c.is_pathway,
                    last_day: c.day + rules.verified_days,
                    voided_by: self.voided_by(c, stream, close).map(|contrary| contrary.source),
                })
                .collect(),
            declarations: declared.map(|declared| declared.source).collect(),
        }
    }

    /// Gives what was known at the end of a day: later facts left out.
    pub(super) fn known_on(&self, day: LocalDay) -> Self {
        let close = self.commune.zone.start_of(day.next());
        let mut known = self.clone();
        known.contraries.retain(|contrary| contrary.time < close);
        known.favourables.retain(|favourable| favourable.time < close);
        known.declared.retain(|declared| declared.day <= day);
        known.pickups.retain(|pickup| pickup.time < close);
        for pickup in &mut known.pickups {
            pickup.contested = pickup.contested.filter(|(from, _)| *from < close);
        }
        for opportunities in &mut known.opportunities {
            *opportunities = counted(opportunities, close).cloned().collect();
        }
        known
    }

    /// Gives the streams that open contrary facts name; `None` in it: one names no stream.
    pub(super) fn open_streams(&self, day: LocalDay) -> Vec<Option<usize>> {
        let rules = self.commune.rules_on(day);
        let close = self.commune.zone.start_of(day.next());
        let mut streams = Vec::new();
        for contrary in self.contraries.iter().filter(|c| self.fate(c, day, close, rules) == Fate::Open) {
            let named = match contrary.stream {
                Named::None => None,
                Named::Stream(stream) => Some(stream),
                Named::Foreign => continue,
            };
            if !streams.contains(&named) {
                streams.push(named);
            }
        }
        streams
    }
}
