//! The sorting rule: a household's state at the end of each local day, from its facts.
//!
//! Owns windows, evidence, contrary findings, reasons and eligibility. The facts of a household are gathered once
//! ([`HouseholdFacts`]) and judged day by day ([`HouseholdFacts::on`]); a day sees only what had happened by its end. Why a day is judged
//! so, tells [`explanation`]; what would change it, [`outlook`].
//!
//! # Why
//! The explanation asks the same questions of the same facts as the judgement does, and takes its verdict as it is; the outlook puts
//! a supposed fact among the others and judges again. Neither knows a rule of its own, so neither can disagree.

pub mod explanation;
pub mod outlook;

mod gather;
mod lapse;
mod practice;
mod verdict;

pub use lapse::Lapse;
pub use practice::Practice;
pub use verdict::{Fate, Judged, Standing, StreamSet};

use super::ids::{HouseholdCode, PlaceCode};
use super::register::{Commune, Register};
use super::rules::Rules;
use super::state::{DayState, Level, Reason, State};
use super::time::{Instant, LocalDay};

/// A pickup as evidence.
#[derive(Clone, Debug)]
struct Evidence {
    /// Which of the pickups it was gathered from.
    source: usize,
    time: Instant,
    stream: usize,
    level: Level,
    /// Place, stream and start of its round; two such rounds close a contrary finding.
    round: Option<(PlaceCode, usize, Instant)>,
    /// The contrary finding that contests it: from when, and which of the operations.
    contested: Option<(Instant, usize)>,
}

/// A finding or visit that speaks against sorting.
#[derive(Clone, Debug)]
struct Contrary {
    /// Which of the operations it was gathered from.
    source: usize,
    time: Instant,
    day: LocalDay,
    stream: Named,
    /// A finding contests pickups; a visit contests nothing.
    is_finding: bool,
}

/// A finding or visit that speaks for it: closes contraries; some also stand for a stream.
#[derive(Clone, Debug)]
struct Favourable {
    /// Which of the operations it was gathered from.
    source: usize,
    time: Instant,
    day: LocalDay,
    stream: Named,
    /// Level C: accounts for its stream. False for a `clean` finding.
    accounts: bool,
    /// Counts as declared when its days are over.
    is_pathway: bool,
    /// A pathway that treats food waste: compost or animal feed.
    treats_food: bool,
}

/// The stream that a fact names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    None,
    /// Index in the commune's streams.
    Stream(usize),
    /// A stream that the commune does not have.
    Foreign,
}

impl Named {
    fn is(self, stream: usize) -> bool {
        self == Self::Stream(stream)
    }
    fn is_or_names_none(self, stream: usize) -> bool {
        self == Self::None || self.is(stream)
    }
}

#[derive(Clone, Debug)]
struct Opportunity {
    /// Which of the rounds it was gathered from.
    source: usize,
    place: PlaceCode,
    service_date: LocalDay,
    start: Instant,
    end: Instant,
    crew_opened: bool,
}

/// A declared home pathway.
#[derive(Clone, Debug)]
struct Declared {
    /// Which of the operations it was gathered from.
    source: usize,
    day: LocalDay,
    stream: usize,
}

/// Everything that bears on one household's states.
#[derive(Clone, Debug)]
pub struct HouseholdFacts<'a> {
    commune: &'a Commune,
    register: &'a Register,
    household: HouseholdCode,
    places: Vec<PlaceCode>,
    pickups: Vec<Evidence>,
    contraries: Vec<Contrary>,
    favourables: Vec<Favourable>,
    declared: Vec<Declared>,
    /// By stream index, in order of start.
    opportunities: Vec<Vec<Opportunity>>,
    /// Service date and end of every round that was offered and ran, observable or not.
    ran: Vec<(LocalDay, Instant)>,
}

impl<'a> HouseholdFacts<'a> {
    /// Judges the household at the end of a local day. `None`: it is not in the denominator.
    pub fn on(&self, day: LocalDay) -> Option<DayState> {
        self.judged(day).map(|judged| judged.state)
    }

    /// Judges the household at the end of a local day, and tells which streams are missing.
    pub fn judged(&self, day: LocalDay) -> Option<Judged> {
        let rules = self.commune.rules_on(day);
        let close = self.commune.zone.start_of(day.next());
        if self.standing(day, close, rules) != Standing::Counts {
            return None;
        }
        let open_contrary = self.contraries.iter().any(|c| self.fate(c, day, close, rules) == Fate::Open);
        let required = || self.commune.streams.iter().enumerate().filter(|(_, stream)| stream.required).map(|(i, _)| i);
        let mut accounted = 0;
        let mut missing = StreamSet::default();
        let (mut missing_count, mut declared) = (0, 0);
        let mut weakest: Option<Level> = None;
        for stream in required() {
            match self.accounted(stream, day, close, rules) {
                Some(level) => {
                    accounted += 1;
                    weakest = weakest.max(Some(level));
                }
                None => {
                    missing.insert(stream);
                    missing_count += 1;
                    declared += i32::from(self.is_declared(stream, day, close, rules));
                }
            }
        }
        let whole = missing_count == 0 && accounted > 0;
        let enrolled = accounted > 0 || declared > 0;
        let at_least_one = accounted > 0 && !open_contrary;
        let base = DayState { state: State::NotSorting, reason: None, weakest: None, at_least_one, enrolled };
        if open_contrary {
            return Some(Judged { state: base, missing });
        }
        if whole {
            return Some(Judged { state: DayState { state: State::Sorting, weakest, ..base }, missing });
        }
        let reason = if declared == missing_count {
            Reason::OnlyDeclared
        } else if accounted > 0 {
            Reason::OneStreamMissing
        } else if !self.is_observable(day, close, rules) {
            Reason::NotObservable
        } else if self.handed_over_other(day, close, rules) {
            Reason::OnlyOther
        } else {
            Reason::NoPickup
        };
        Some(Judged { state: DayState { state: State::Undetermined, reason: Some(reason), ..base }, missing })
    }

    fn standing(&self, day: LocalDay, close: Instant, rules: &Rules) -> Standing {
        let Some(household) = self.register.households.get(&self.household) else { return Standing::NotRegistered };
        if household.on(day).is_none() {
            return Standing::NotRegistered;
        }
        let exclusions = self.register.exclusions.get(&self.household);
        let excluded = exclusions.and_then(|all| all.iter().find(|e| e.from <= day && e.to.is_none_or(|to| day < to)));
        if let Some(exclusion) = excluded {
            return Standing::Excluded { reason: exclusion.reason, from: exclusion.from, to: exclusion.to };
        }
        let counts_from = household.first_day() + rules.new_household_days;
        let opportunities = self.required_opportunities(close);
        let enough = rules.new_household_opportunities;
        if day >= counts_from || opportunities >= enough {
            return Standing::Counts;
        }
        Standing::New { counts_from, opportunities, enough }
    }

    fn required_opportunities(&self, close: Instant) -> usize {
        let streams = self.commune.streams.iter().zip(&self.opportunities);
        streams.filter(|(stream, _)| stream.required).map(|(_, opps)| counted(opps, close).count()).sum()
    }

    /// Tells whether the stream is scheduled less than weekly for the household on a day, by every line.
    fn is_sparse(&self, stream: usize, day: LocalDay) -> bool {
        let code = &self.commune.streams[stream].code;
        let mut lines = self
            .places
            .iter()
            .filter(|place| self.register.serves(place, &self.household, day))
            .flat_map(|place| self.register.schedule_on(place, day))
            .filter(|line| line.stream == *code)
            .peekable();
        lines.peek().is_some() && lines.all(|line| line.is_less_than_weekly())
    }

    /// Gives the first instant of a stream's window on a day.
    fn window_start(&self, stream: usize, day: LocalDay, close: Instant, rules: &Rules) -> Instant {
        let zone = &self.commune.zone;
        if self.is_sparse(stream, day) {
            return zone.start_of(day - (rules.sparse_window_days - 1));
        }
        let longest = zone.start_of(day - (rules.window_days - 1));
        let third_last = counted(&self.opportunities[stream], close).rev().nth(rules.window_opportunities - 1);
        third_last.map_or(longest, |opportunity| opportunity.start.max(longest))
    }

    fn in_window(
        &self,
        stream: usize,
        day: LocalDay,
        close: Instant,
        rules: &Rules,
    ) -> impl Iterator<Item = &Evidence> + use<'_> {
        let start = self.window_start(stream, day, close, rules);
        self.pickups.iter().filter(move |p| p.stream == stream && start <= p.time && p.time < close)
    }

    /// Gives the strongest level that accounts for a required stream.
    fn accounted(&self, stream: usize, day: LocalDay, close: Instant, rules: &Rules) -> Option<Level> {
        let handed_over = self.in_window(stream, day, close, rules).filter(|p| !p.is_contested(close)).map(|p| p.level);
        handed_over.min().or_else(|| {
            let verified = self.favourables.iter().any(|c| {
                c.accounts
                    && c.stream.is_or_names_none(stream)
                    && c.time < close
                    && day - c.day <= rules.verified_days
                    && self.voided_by(c, stream, close).is_none()
            });
            verified.then_some(Level::Verified)
        })
    }

    /// Finds the later contrary fact of the stream, or of none named, that voids a C.
    fn voided_by(&self, favourable: &Favourable, stream: usize, close: Instant) -> Option<&Contrary> {
        let mut later = self.contraries.iter().filter(|c| c.time > favourable.time && c.time < close);
        later.find(|c| c.stream.is_or_names_none(stream))
    }

    fn is_declared(&self, stream: usize, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        self.declared.iter().any(|declared| declared.stream == stream && declared.day <= day)
            || self.favourables.iter().any(|c| {
                c.is_pathway
                    && c.stream.is(stream)
                    && day - c.day > rules.verified_days
                    && self.voided_by(c, stream, close).is_none()
            })
    }

    /// Tells what became of a contrary fact by the end of a day.
    fn fate(&self, contrary: &Contrary, day: LocalDay, close: Instant, rules: &Rules) -> Fate {
        if contrary.time >= close {
            return Fate::NotYet;
        }
        if day - contrary.day > rules.contrary_days {
            return Fate::Silent;
        }
        let answer = self.favourables.iter().find(|favourable| {
            let same = contrary.stream == Named::None
                || favourable.stream == Named::None
                || favourable.stream == contrary.stream;
            favourable.time > contrary.time && favourable.time < close && same
        });
        if let Some(answer) = answer {
            return Fate::Answered(answer.source);
        }
        if self.closing(contrary, close).len() < rules.closing_rounds { Fate::Open } else { Fate::Outweighed }
    }

    /// Gives the uncontested pickups that help to close a contrary fact, one of each later round.
    fn closing(&self, contrary: &Contrary, close: Instant) -> Vec<&Evidence> {
        let mut of_rounds: Vec<&Evidence> = Vec::new();
        for pickup in self.pickups.iter().filter(|p| p.time < close && !p.is_contested(close)) {
            let of_stream = match contrary.stream {
                Named::None => self.commune.streams[pickup.stream].required,
                Named::Stream(stream) => pickup.stream == stream,
                Named::Foreign => false,
            };
            let later = pickup.round.as_ref().is_some_and(|round| round.2 > contrary.time);
            if of_stream && later && of_rounds.iter().all(|held| held.round != pickup.round) {
                of_rounds.push(pickup);
            }
        }
        of_rounds
    }

    fn is_observable(&self, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        let tagged = self.register.has_tag(&self.household, day);
        (0..self.commune.streams.len()).any(|stream| {
            let (days, enough) = self.observed_days(stream, day, rules);
            (tagged || self.crew_logged(day, close, rules)) && self.recent(stream, day, close, days).count() >= enough
        })
    }

    /// Gives the days that are looked at, and the opportunities within them that make a stream observable.
    fn observed_days(&self, stream: usize, day: LocalDay, rules: &Rules) -> (i32, usize) {
        if self.is_sparse(stream, day) {
            (rules.sparse_window_days, rules.sparse_observable_opportunities)
        } else {
            (rules.window_days, rules.observable_opportunities)
        }
    }

    /// Gives the opportunities of a stream whose service date lies in the `days` up to a day.
    fn recent(
        &self,
        stream: usize,
        day: LocalDay,
        close: Instant,
        days: i32,
    ) -> impl Iterator<Item = &Opportunity> + use<'_> {
        counted(&self.opportunities[stream], close).filter(move |o| day - o.service_date < days)
    }

    /// Tells whether a crew opened one of the household's rounds within its stream's days.
    fn crew_logged(&self, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        (0..self.opportunities.len()).any(|stream| {
            let (days, _) = self.observed_days(stream, day, rules);
            self.recent(stream, day, close, days).any(|opportunity| opportunity.crew_opened)
        })
    }

    fn handed_over_other(&self, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        let other = self.commune.streams.iter().enumerate().filter(|(_, stream)| !stream.required);
        other.into_iter().any(|(stream, _)| self.in_window(stream, day, close, rules).next().is_some())
    }
}

impl Evidence {
    fn is_contested(&self, close: Instant) -> bool {
        self.contested.is_some_and(|(from, _)| from < close)
    }
}

/// Gives the opportunities that have ended by the close of a day.
fn counted(opportunities: &[Opportunity], close: Instant) -> impl DoubleEndedIterator<Item = &Opportunity> {
    opportunities.iter().filter(move |opportunity| opportunity.end <= close)
}
