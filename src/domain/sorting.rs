//! The sorting rule: a household's state at the end of each local day, from its facts.
//!
//! Owns windows, evidence, contrary findings, reasons and eligibility. The facts of a household are gathered once
//! ([`HouseholdFacts`]) and judged day by day ([`HouseholdFacts::on`]); a day sees only what had happened by its end.

use super::facts::{Operation, Statement};
use super::ids::{HouseholdCode, PlaceCode, StreamCode};
use super::pickup::{Pickup, Source};
use super::register::{Commune, Register};
use super::round::{RoundOutcome, round_at};
use super::rules::Rules;
use super::state::{DayState, Level, PathwayLevel, Reason, State, VisitResult};
use super::time::{Instant, LocalDay};

/// A pickup as evidence.
#[derive(Clone, Debug)]
struct Evidence {
    time: Instant,
    stream: usize,
    level: Level,
    /// Place, stream and start of its round; two such rounds close a contrary finding.
    round: Option<(PlaceCode, usize, Instant)>,
    /// From when a contrary finding contests it.
    contested_from: Option<Instant>,
}

/// A finding or visit that speaks against sorting.
#[derive(Clone, Debug)]
struct Contrary {
    time: Instant,
    day: LocalDay,
    stream: Named,
    /// A finding contests pickups; a visit contests nothing.
    is_finding: bool,
}

/// A finding or visit that speaks for it: closes contraries; some also stand for a stream.
#[derive(Clone, Debug)]
struct Favourable {
    time: Instant,
    day: LocalDay,
    stream: Named,
    /// Level C: accounts for its stream. False for a `clean` finding.
    accounts: bool,
    /// Counts as declared when its days are over.
    is_pathway: bool,
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
    service_date: LocalDay,
    start: Instant,
    end: Instant,
    crew_opened: bool,
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
    declared: Vec<(LocalDay, usize)>,
    /// By stream index, in order of start.
    opportunities: Vec<Vec<Opportunity>>,
}

impl<'a> HouseholdFacts<'a> {
    /// Gathers the facts of a household: its pickups, the operations that name it (void ones left out), and the rounds of
    /// its places.
    ///
    /// All three must reach back at least [`Rules::reach_days`] before the first day to be judged; operations at least
    /// to their beginning.
    pub fn gather<'r>(
        commune: &'a Commune,
        register: &'a Register,
        household: &HouseholdCode,
        pickups: impl IntoIterator<Item = &'r Pickup>,
        operations: impl IntoIterator<Item = &'r Operation>,
        rounds: impl IntoIterator<Item = &'r RoundOutcome>,
    ) -> Self {
        let mut facts = Self {
            commune,
            register,
            household: household.clone(),
            places: register.places_of(household),
            pickups: Vec::new(),
            contraries: Vec::new(),
            favourables: Vec::new(),
            declared: Vec::new(),
            opportunities: vec![Vec::new(); commune.streams.len()],
        };
        for operation in operations {
            facts.take(&operation.statement);
        }
        facts.contraries.sort_by_key(|contrary| contrary.time);
        for pickup in pickups {
            facts.take_pickup(pickup);
        }
        facts.pickups.sort_by_key(|pickup| pickup.time);
        for outcome in rounds {
            facts.take_round(outcome);
        }
        for opportunities in &mut facts.opportunities {
            opportunities.sort_by_key(|opportunity| opportunity.start);
        }
        facts
    }

    fn named(&self, stream: Option<&StreamCode>) -> Named {
        match stream {
            None => Named::None,
            Some(code) => self.index(code).map_or(Named::Foreign, Named::Stream),
        }
    }

    fn index(&self, code: &StreamCode) -> Option<usize> {
        self.commune.streams.iter().position(|stream| stream.code == *code)
    }

    fn take(&mut self, statement: &Statement) {
        let time = statement.at(&self.commune.zone);
        let day = self.commune.zone.day_of(time);
        match statement {
            Statement::Finding { stream, finding, .. } => {
                let stream = self.named(stream.as_ref());
                self.take_finding(time, day, stream, finding.is_contrary());
            }
            Statement::Pickup { stream, result, .. } => {
                if result.finding().is_some() {
                    let stream = self.named(Some(stream));
                    self.take_finding(time, day, stream, true);
                }
            }
            Statement::Visit { result, stream, .. } => {
                let stream = self.named(stream.as_ref());
                match result {
                    VisitResult::NotSorting => {
                        self.contraries.push(Contrary { time, day, stream, is_finding: false });
                    }
                    VisitResult::Sorting => {
                        self.favourables.push(Favourable { time, day, stream, accounts: true, is_pathway: false });
                    }
                }
            }
            Statement::Pathway { stream, level, .. } => match (level, self.index(stream)) {
                (PathwayLevel::Declared, Some(stream)) => self.declared.push((day, stream)),
                (PathwayLevel::Verified, Some(stream)) => self.favourables.push(Favourable {
                    time,
                    day,
                    stream: Named::Stream(stream),
                    accounts: true,
                    is_pathway: true,
                }),
                (PathwayLevel::Declared | PathwayLevel::Verified, None) => {}
            },
            Statement::Round { .. } | Statement::Void { .. } | Statement::Ticket { .. } | Statement::Report { .. } => {}
        }
    }

    fn take_finding(&mut self, time: Instant, day: LocalDay, stream: Named, contrary: bool) {
        if contrary {
            self.contraries.push(Contrary { time, day, stream, is_finding: true });
        } else {
            self.favourables.push(Favourable { time, day, stream, accounts: false, is_pathway: false });
        }
    }

    fn take_round(&mut self, outcome: &RoundOutcome) {
        let round = &outcome.round;
        let Some(stream) = self.index(&round.stream) else { return };
        let Some(household) = self.register.households.get(&self.household) else { return };
        let offered = round.service_date >= household.first_day()
            && self.register.serves(&round.place, &self.household, round.service_date);
        if offered && outcome.ran && outcome.observable {
            self.opportunities[stream].push(Opportunity {
                service_date: round.service_date,
                start: round.start,
                end: round.end,
                crew_opened: outcome.crew_opened,
            });
        }
    }

    fn take_pickup(&mut self, pickup: &Pickup) {
        let Some(stream) = self.index(&pickup.stream) else { return };
        if !pickup.is_accepted() || !pickup.is_timed() || pickup.household.as_ref() != Some(&self.household) {
            return;
        }
        let level = match (pickup.source, pickup.named_by_crew) {
            (Source::Device, false) => Level::Device,
            (Source::Device, true) | (Source::Crew, _) => Level::Crew,
        };
        self.pickups.push(Evidence {
            time: pickup.time,
            stream,
            level,
            round: pickup.round_start.map(|start| (pickup.place.clone(), stream, start)),
            contested_from: self.contested_from(pickup, stream),
        });
    }

    /// Finds the earliest contrary finding that contests a pickup: in the same round of the pickup's own place and
    /// stream, or near in time where that place and stream have no round at the finding's time.
    fn contested_from(&self, pickup: &Pickup, stream: usize) -> Option<Instant> {
        let contests = |contrary: &&Contrary| {
            if !contrary.is_finding || !contrary.stream.is_or_names_none(stream) {
                return false;
            }
            match round_at(self.register, &self.commune.zone, &pickup.place, &pickup.stream, contrary.time) {
                Some(round) => pickup.round_start == Some(round.start),
                None => {
                    let within_ms = self.commune.rules_on(contrary.day).contested_within_ms;
                    pickup.time.since(contrary.time).abs() <= within_ms
                }
            }
        };
        self.contraries.iter().find(contests).map(|contrary| contrary.time)
    }

    /// Judges the household at the end of a local day. `None`: it is not in the denominator.
    pub fn on(&self, day: LocalDay) -> Option<DayState> {
        let rules = self.commune.rules_on(day);
        let close = self.commune.zone.start_of(day.next());
        if !self.is_eligible(day, close, rules) {
            return None;
        }
        let open_contrary = self.contraries.iter().any(|contrary| self.is_open(contrary, day, close, rules));
        let required = || self.commune.streams.iter().enumerate().filter(|(_, stream)| stream.required).map(|(i, _)| i);
        let mut accounted = 0;
        let mut missing = 0;
        let mut declared = 0;
        let mut weakest: Option<Level> = None;
        for stream in required() {
            match self.accounted(stream, day, close, rules) {
                Some(level) => {
                    accounted += 1;
                    weakest = weakest.max(Some(level));
                }
                None => {
                    missing += 1;
                    declared += i32::from(self.is_declared(stream, day, close, rules));
                }
            }
        }
        let whole = missing == 0 && accounted > 0;
        let enrolled = accounted > 0 || declared > 0;
        let at_least_one = accounted > 0 && !open_contrary;
        let base = DayState { state: State::NotSorting, reason: None, weakest: None, at_least_one, enrolled };
        if open_contrary {
            return Some(base);
        }
        if whole {
            return Some(DayState { state: State::Sorting, weakest, ..base });
        }
        let reason = if declared == missing {
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
        Some(DayState { state: State::Undetermined, reason: Some(reason), ..base })
    }

    fn is_eligible(&self, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        let Some(household) = self.register.households.get(&self.household) else { return false };
        if household.on(day).is_none() {
            return false;
        }
        let excluded = self
            .register
            .exclusions
            .get(&self.household)
            .is_some_and(|exclusions| exclusions.iter().any(|e| e.from <= day && e.to.is_none_or(|to| day < to)));
        if excluded {
            return false;
        }
        day - household.first_day() >= rules.new_household_days
            || self.required_opportunities(close) >= rules.new_household_opportunities
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
                    && !self.is_voided(c, stream, close)
            });
            verified.then_some(Level::Verified)
        })
    }

    /// Tells whether a later contrary fact of the stream, or of none named, voids a C.
    fn is_voided(&self, favourable: &Favourable, stream: usize, close: Instant) -> bool {
        self.contraries.iter().any(|c| c.time > favourable.time && c.time < close && c.stream.is_or_names_none(stream))
    }

    fn is_declared(&self, stream: usize, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        self.declared.iter().any(|(on, declared)| *declared == stream && *on <= day)
            || self.favourables.iter().any(|c| {
                c.is_pathway
                    && c.stream.is(stream)
                    && day - c.day > rules.verified_days
                    && !self.is_voided(c, stream, close)
            })
    }

    fn is_open(&self, contrary: &Contrary, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        if contrary.time >= close || day - contrary.day > rules.contrary_days {
            return false;
        }
        let answered = self.favourables.iter().any(|favourable| {
            let same = contrary.stream == Named::None
                || favourable.stream == Named::None
                || favourable.stream == contrary.stream;
            favourable.time > contrary.time && favourable.time < close && same
        });
        if answered {
            return false;
        }
        let mut rounds: Vec<&(PlaceCode, usize, Instant)> = Vec::new();
        for pickup in self.pickups.iter().filter(|p| p.time < close && !p.is_contested(close)) {
            let of_stream = match contrary.stream {
                Named::None => self.commune.streams[pickup.stream].required,
                Named::Stream(stream) => pickup.stream == stream,
                Named::Foreign => false,
            };
            if let Some(round) = &pickup.round
                && of_stream
                && round.2 > contrary.time
                && !rounds.contains(&round)
            {
                rounds.push(round);
            }
        }
        rounds.len() < rules.closing_rounds
    }

    fn is_observable(&self, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        let tagged = self.register.has_tag(&self.household, day);
        (0..self.commune.streams.len()).any(|stream| {
            let (days, enough) = if self.is_sparse(stream, day) {
                (rules.sparse_window_days, rules.sparse_observable_opportunities)
            } else {
                (rules.window_days, rules.observable_opportunities)
            };
            let recent = || counted(&self.opportunities[stream], close).filter(|o| day - o.service_date < days);
            (tagged || self.crew_logged(day, close, rules)) && recent().count() >= enough
        })
    }

    /// Tells whether a crew opened one of the household's rounds within its stream's days.
    fn crew_logged(&self, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        self.opportunities.iter().enumerate().any(|(stream, opportunities)| {
            let days = if self.is_sparse(stream, day) { rules.sparse_window_days } else { rules.window_days };
            counted(opportunities, close).any(|o| o.crew_opened && day - o.service_date < days)
        })
    }

    fn handed_over_other(&self, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        let other = self.commune.streams.iter().enumerate().filter(|(_, stream)| !stream.required);
        other.into_iter().any(|(stream, _)| self.in_window(stream, day, close, rules).next().is_some())
    }
}

impl Evidence {
    fn is_contested(&self, close: Instant) -> bool {
        self.contested_from.is_some_and(|from| from < close)
    }
}

/// Gives the opportunities that have ended by the close of a day.
fn counted(opportunities: &[Opportunity], close: Instant) -> impl DoubleEndedIterator<Item = &Opportunity> {
    opportunities.iter().filter(move |opportunity| opportunity.end <= close)
}
