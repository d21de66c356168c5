//! What would change a household's state: acts that somebody can do, and time alone.
//!
//! Owns the list of what is worth supposing. Each supposed fact is taken in by the same doors as a real one, the day is judged as any
//! other, and only what changes the verdict is told.
//!
//! # Why
//! Of the days to come it is supposed that every round runs as scheduled, and is observable where the place has devices for its
//! stream. That is what the household is told to expect; were rounds left out, evidence would seem to last longer than it does.

use super::{HouseholdFacts, Judged};
use crate::domain::attribution::Attribution;
use crate::domain::facts::Statement;
use crate::domain::ids::{HouseholdCode, StationCode, StreamCode};
use crate::domain::pickup::{Pickup, Source};
use crate::domain::reading::Grade;
use crate::domain::round::{Round, RoundOutcome, needs, rounds_on};
use crate::domain::state::{FindingKind, Pathway, PathwayLevel, Reason, State, VisitResult};
use crate::domain::time::{Instant, LocalDay};

/// Days ahead within which a pickup is looked for.
const PICKUP_DAYS: i32 = 28;
/// Stands for a fact that is only supposed.
const SUPPOSED: usize = usize::MAX;

/// What is supposed to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing: time alone.
    Nothing,
    /// A visit finds sorting and names no stream.
    Visit,
    /// Home pathways of streams are seen on a visit.
    Pathways(Vec<StreamCode>),
    /// A `clean` finding of a stream, or naming none.
    Clean(Option<StreamCode>),
    /// The household hands over in each of some rounds.
    Pickups(Vec<Round>),
    /// A visit finds no sorting and names no stream.
    NotSorting,
}

/// An act and what it makes of the household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What happens.
    pub act: Act,
    /// The day at whose end the verdict is another.
    pub day: LocalDay,
    /// For a single pickup: the last service date on which it does the same.
    pub until: Option<LocalDay>,
    /// The verdict then. `None`: it does not count.
    pub becomes: Option<Judged>,
    /// For time alone: required streams that are no longer accounted for then.
    pub lapsed: Vec<StreamCode>,
}

impl Turn {
    /// Tells whether this turn asks for a part of what another asks for, and gives the same verdict.
    fn does_the_same_with_less(&self, other: &Self) -> bool {
        let less = match (&self.act, &other.act) {
            (Act::Pickups(mine), Act::Pickups(theirs)) => mine.iter().all(|round| theirs.contains(round)),
            (Act::Pathways(mine), Act::Pathways(theirs)) => mine.iter().all(|stream| theirs.contains(stream)),
            (mine, theirs) => mine == theirs,
        };
        less && verdict(self.becomes.as_ref()) == verdict(other.becomes.as_ref())
    }
}

type Verdict = Option<(State, Option<Reason>)>;

fn verdict(judged: Option<&Judged>) -> Verdict {
    judged.map(|judged| (judged.state.state, judged.state.reason))
}

impl Act {
    /// Gives the statements that say what happens, on a day.
    pub fn statements(&self, household: &HouseholdCode, on: LocalDay, noon: Instant) -> Vec<Statement> {
        let household = household.clone();
        match self {
            Self::Nothing | Self::Pickups(_) => Vec::new(),
            Self::Visit => vec![Statement::Visit { on, household, result: VisitResult::Sorting, stream: None }],
            Self::NotSorting => vec![Statement::Visit { on, household, result: VisitResult::NotSorting, stream: None }],
            Self::Clean(stream) => {
                let (stream, finding) = (stream.clone(), FindingKind::Clean);
                vec![Statement::Finding { at: noon, household, stream, finding, reason: None }]
            }
            Self::Pathways(streams) => streams
                .iter()
                .map(|stream| Statement::Pathway {
                    on,
                    household: household.clone(),
                    stream: stream.clone(),
                    // How it is treated does not matter to the rule.
                    pathway: Pathway::Given,
                    level: PathwayLevel::Verified,
                })
                .collect(),
        }
    }
}

impl HouseholdFacts<'_> {
    /// Tells what would change the household's state from a day on, given what was known at its end.
    pub fn outlook(&self, day: LocalDay) -> Vec<Turn> {
        let known = self.known_on(day);
        let now = verdict(known.judged(day).as_ref());
        let rules = self.commune.rules_on(day);
        let horizon = rules.verified_days.max(rules.contrary_days).max(rules.new_household_days) + 1;
        let rounds = self.rounds_to_come(day, day + horizon);
        let mut silence = known.clone();
        for round in &rounds {
            silence.take_round(&self.as_scheduled(round), SUPPOSED);
        }
        silence.sort();
        let mut turns: Vec<Turn> = Vec::new();
        if now.is_some() {
            for act in self.acts(&known, day, &rounds) {
                let turn = self.turn(&silence, act, day, now, &rounds);
                turns.extend(turn.filter(|turn| !turns.iter().any(|held| held.does_the_same_with_less(turn))));
            }
        }
        turns.extend(self.time_alone(&silence, day, now, horizon));
        turns
    }

    /// Lists what is worth supposing.
    fn acts(&self, known: &Self, day: LocalDay, rounds: &[Round]) -> Vec<Act> {
        let missing = known.judged(day).map(|judged| judged.missing.codes(self.commune)).unwrap_or_default();
        let open = known.open_streams(day);
        let mut acts = vec![Act::Visit];
        acts.extend(missing.iter().map(|stream| Act::Pathways(vec![stream.clone()])));
        if missing.len() > 1 {
            acts.push(Act::Pathways(missing.clone()));
        }
        for stream in &open {
            acts.push(Act::Clean(stream.map(|stream| self.commune.streams[stream].code.clone())));
        }
        let next_of = |stream: &StreamCode| rounds.iter().find(|round| round.stream == *stream).cloned();
        let first: Vec<Round> = missing.iter().filter_map(next_of).collect();
        acts.extend(first.iter().map(|round| Act::Pickups(vec![round.clone()])));
        if missing.len() > 1 && first.len() == missing.len() {
            acts.push(Act::Pickups(first));
        }
        for stream in open {
            let of_stream = |round: &&Round| match stream {
                Some(stream) => round.stream == self.commune.streams[stream].code,
                None => self.commune.stream(round.stream.as_str()).is_some_and(|stream| stream.required),
            };
            let enough = self.commune.rules_on(day).closing_rounds;
            let next: Vec<Round> = rounds.iter().filter(of_stream).take(enough).cloned().collect();
            acts.extend((1..=next.len()).map(|count| Act::Pickups(next[..count].to_vec())));
        }
        acts.push(Act::NotSorting);
        acts
    }

    /// Judges what an act makes of the household. `None`: nothing that time alone would not.
    fn turn(&self, silence: &Self, act: Act, day: LocalDay, now: Verdict, rounds: &[Round]) -> Option<Turn> {
        let (on, becomes) = self.supposing(silence, &act, day);
        let then = verdict(becomes.as_ref());
        if then == now || then == verdict(silence.judged(on).as_ref()) {
            return None;
        }
        let until = match &act {
            Act::Pickups(of) if of.len() == 1 => {
                let later = rounds.iter().filter(|round| round.stream == of[0].stream && round.start >= of[0].start);
                let same = later.take_while(|round| {
                    let (_, judged) = self.supposing(silence, &Act::Pickups(vec![(*round).clone()]), day);
                    round.service_date - day <= PICKUP_DAYS && verdict(judged.as_ref()) == then
                });
                same.last().map(|round| round.service_date)
            }
            Act::Pickups(_) | Act::Nothing | Act::Visit | Act::Pathways(_) | Act::Clean(_) | Act::NotSorting => None,
        };
        Some(Turn { act, day: on, until, becomes, lapsed: Vec::new() })
    }

    /// Gives the day at whose end an act is judged, and the verdict.
    fn supposing(&self, silence: &Self, act: &Act, day: LocalDay) -> (LocalDay, Option<Judged>) {
        let zone = &self.commune.zone;
        let mut supposed = silence.clone();
        let mut on = day.next();
        for statement in act.statements(&self.household, on, zone.at_minute(on, 12 * 60)) {
            supposed.take(&statement, SUPPOSED);
        }
        supposed.contraries.sort_by_key(|contrary| contrary.time);
        if let Act::Pickups(rounds) = act {
            for round in rounds {
                supposed.take_pickup(&self.handed_over(round), SUPPOSED);
                on = on.max(zone.day_of(round.end));
            }
        }
        supposed.sort();
        (on, supposed.judged(on))
    }

    /// Finds the first day on which the verdict is another by itself.
    fn time_alone(&self, silence: &Self, day: LocalDay, now: Verdict, horizon: i32) -> Option<Turn> {
        let changes = |on: &LocalDay| verdict(silence.judged(*on).as_ref()) != now;
        let on = day.next().through(day + horizon).find(changes)?;
        let becomes = silence.judged(on);
        let before = silence.judged(on - 1).map(|judged| judged.missing.codes(self.commune)).unwrap_or_default();
        let after = becomes.map(|judged| judged.missing.codes(self.commune)).unwrap_or_default();
        let lapsed = after.into_iter().filter(|stream| !before.contains(stream)).collect();
        Some(Turn { act: Act::Nothing, day: on, until: None, becomes, lapsed })
    }

    /// Gives the household's rounds after a day, by start.
    pub fn rounds_to_come(&self, after: LocalDay, last: LocalDay) -> Vec<Round> {
        let close = self.commune.zone.start_of(after.next());
        let mut rounds: Vec<Round> = Vec::new();
        for place in &self.places {
            // A round of the day itself that crosses midnight has not ended yet.
            for date in after.through(last).filter(|date| self.register.serves(place, &self.household, *date)) {
                let of_day = rounds_on(self.register, &self.commune.zone, place, date);
                rounds.extend(of_day.into_iter().filter(|round| round.start >= close));
            }
        }
        rounds.sort_by(|a, b| (a.start, &a.place, &a.stream).cmp(&(b.start, &b.place, &b.stream)));
        rounds
    }

    /// Gives a round to come as it is expected: it runs, and is observable where the place has devices for it.
    pub fn as_scheduled(&self, round: &Round) -> RoundOutcome {
        let mut devices = self.register.devices_on(&round.place, round.service_date);
        let observable = devices.any(|device| needs(device, &round.stream));
        RoundOutcome { round: round.clone(), ran: true, observable, crew_opened: false }
    }

    /// Gives the pickup of a round to come: by device where the household can be seen there, else by the crew.
    pub fn handed_over(&self, round: &Round) -> Pickup {
        let seen = self.as_scheduled(round).observable && self.register.has_tag(&self.household, round.service_date);
        Pickup {
            id: String::new(),
            source: if seen { Source::Device } else { Source::Crew },
            place: round.place.clone(),
            station: StationCode::new(round.place.as_str()),
            stream: round.stream.clone(),
            time: round.start,
            grade: Grade::Device,
            day: round.service_date,
            round_start: Some(round.start),
            household: Some(self.household.clone()),
            attribution: Attribution::Known,
            named_by_crew: !seen,
            tag_read: seen,
            net_g: None,
            below_min: false,
            overload: false,
            void: false,
            result: None,
            readings: Vec::new(),
        }
    }
}
