//! Gathers what the states are drawn from: pickups in their rounds, and what was said of whom.
//!
//! Owns contests. Windows and ages belong to `household`.

use std::collections::BTreeSet;

use super::attribute::{Handover, attribute, distinct};
use super::rounds::{Round, Working, scheduled};
use super::time::Day;
use super::visit::Owner;
use super::world::{CrewPickup, Operation, World};

/// Who saw a pickup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Verified,
    Crew,
    Device,
}

#[derive(Clone, Debug)]
pub struct Pickup {
    /// None: unknown or ambiguous.
    pub household: Option<String>,
    pub place: String,
    pub stream: String,
    pub time_ms: i64,
    /// The service date of its round; outside every round, the local day.
    pub day: Day,
    /// Index into `Facts::rounds`.
    pub round: Option<usize>,
    pub level: Level,
    /// True for a pickup derived from readings, whoever named its household.
    pub from_readings: bool,
    pub net_g: Option<i64>,
    pub accepted: bool,
    /// Taken back.
    pub void: bool,
    /// A registered tag, or several holders' tags, were read with it.
    pub tagged: bool,
    pub overload: bool,
    pub below_min: bool,
    /// A contrary finding stands against it.
    pub contested: bool,
}

/// A finding or a visit, as evidence at a moment.
#[derive(Clone, Debug)]
pub struct Word {
    pub household: String,
    /// None: of every stream.
    pub stream: Option<String>,
    pub time_ms: i64,
    pub says: Says,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// A `mixed`, `contaminated` or `refused` finding.
    Contrary,
    /// A `clean` finding.
    Clean,
    /// A visit that found sorting, or a verified pathway: level C.
    Sorting { pathway: bool },
    /// A visit that found no sorting.
    NotSorting,
}

/// Everything the states are drawn from.
pub struct Facts<'a> {
    pub world: &'a World,
    pub rounds: Vec<Round>,
    pub pickups: Vec<Pickup>,
    pub words: Vec<Word>,
}

/// Gathers all facts of a world.
pub fn facts(world: &World, to: Day) -> Facts<'_> {
    let voided: BTreeSet<&String> = world.voids().collect();
    let crew: Vec<&CrewPickup> = world
        .operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Pickup(pickup) if !voided.contains(&pickup.id) => Some(pickup),
            _ => None,
        })
        .collect();
    let words = words(world, &crew);
    let mut handovers = attribute(world);
    for handover in &mut handovers {
        handover.void = voided.contains(&handover.anchor.name());
        handover.accepted &= !handover.void;
    }
    let mut working = Working::new();
    for event in distinct(&world.events) {
        working.entry(event.key.device.clone()).or_default().extend(event.time_ms());
    }
    let first = world.schedule.iter().map(|row| row.valid_from).min().unwrap_or(to);
    let rounds = scheduled(world, &working, first, to.plus(2));
    let mut pickups: Vec<Pickup> = handovers.iter().map(|handover| seen_by_devices(handover, &crew)).collect();
    pickups.extend(crew.iter().filter(|pickup| pickup.result != "refused").map(|pickup| logged_by_crew(pickup)));
    let mut facts = Facts { world, rounds, pickups, words };
    facts.place_in_rounds();
    facts.contest();
    facts
}

fn words(world: &World, crew: &[&CrewPickup]) -> Vec<Word> {
    let mut words = Vec::new();
    for finding in &world.findings {
        words.push(Word {
            household: finding.household.clone(),
            stream: finding.stream.clone(),
            time_ms: finding.at_ms,
            says: if finding.finding == "clean" { Says::Clean } else { Says::Contrary },
        });
    }
    for pickup in crew.iter().filter(|pickup| pickup.result != "separated") {
        words.push(Word {
            household: pickup.household.clone(),
            stream: Some(pickup.stream.clone()),
            time_ms: pickup.at_ms,
            says: Says::Contrary,
        });
    }
    for visit in &world.visits {
        words.push(Word {
            household: visit.household.clone(),
            stream: visit.stream.clone(),
            time_ms: visit.on.noon_ms(),
            says: if visit.result == "sorting" { Says::Sorting { pathway: false } } else { Says::NotSorting },
        });
    }
    for pathway in world.pathways.iter().filter(|pathway| pathway.level == "verified") {
        words.push(Word {
            household: pathway.household.clone(),
            stream: Some(pathway.stream.clone()),
            time_ms: pathway.on.noon_ms(),
            says: Says::Sorting { pathway: true },
        });
    }
    words
}

/// A crew pickup that names a reading gives that reading its household; the level stays `device` only where the tag
/// had said the same.
fn seen_by_devices(handover: &Handover, crew: &[&CrewPickup]) -> Pickup {
    let by_tag = match &handover.owner {
        Owner::Household(household) => Some(household.clone()),
        Owner::Unknown | Owner::Ambiguous => None,
    };
    let by_crew = crew
        .iter()
        .filter(|_| handover.accepted)
        .find(|pickup| pickup.reading.as_ref().is_some_and(|reading| handover.readings.contains(reading)))
        .map(|pickup| pickup.household.clone());
    let level = if by_crew.is_none() || by_crew == by_tag { Level::Device } else { Level::Crew };
    Pickup {
        household: by_crew.or(by_tag),
        place: handover.place.clone(),
        stream: handover.stream.clone(),
        time_ms: handover.time_ms,
        day: Day::of(handover.time_ms),
        round: None,
        level,
        from_readings: true,
        net_g: handover.net_g,
        accepted: handover.accepted,
        void: handover.void,
        tagged: handover.owner != Owner::Unknown,
        overload: handover.overload,
        below_min: handover.below_min,
        contested: false,
    }
}

fn logged_by_crew(pickup: &CrewPickup) -> Pickup {
    Pickup {
        household: Some(pickup.household.clone()),
        place: pickup.place.clone(),
        stream: pickup.stream.clone(),
        time_ms: pickup.at_ms,
        day: Day::of(pickup.at_ms),
        round: None,
        level: Level::Crew,
        from_readings: false,
        net_g: pickup.manual_g,
        accepted: true,
        void: false,
        tagged: false,
        overload: false,
        below_min: false,
        contested: false,
    }
}

impl Facts<'_> {
    /// The round of this place and stream whose hours hold the moment.
    fn round_at(&self, place: &str, stream: &str, time_ms: i64) -> Option<usize> {
        self.rounds.iter().position(|round| round.place == place && round.stream == stream && round.holds(time_ms))
    }

    fn place_in_rounds(&mut self) {
        for number in 0..self.pickups.len() {
            let pickup = &self.pickups[number];
            let found = self.round_at(&pickup.place, &pickup.stream, pickup.time_ms);
            if let Some(round) = found {
                self.pickups[number].round = found;
                self.pickups[number].day = self.rounds[round].date;
                self.rounds[round].ran |= self.pickups[number].accepted;
            }
        }
    }

    fn contest(&mut self) {
        let contested: Vec<bool> = self.pickups.iter().map(|pickup| self.is_contested(pickup)).collect();
        for (pickup, contested) in self.pickups.iter_mut().zip(contested) {
            pickup.contested = contested;
        }
    }

    fn is_contested(&self, pickup: &Pickup) -> bool {
        self.words.iter().any(|word| word.says == Says::Contrary && self.contests(word, pickup))
    }

    /// True when the contrary word falls in the pickup's round; where that place and stream have none then, within
    /// 2 h of it.
    fn contests(&self, word: &Word, pickup: &Pickup) -> bool {
        pickup.household.as_ref() == Some(&word.household)
            && word.stream.as_ref().is_none_or(|stream| *stream == pickup.stream)
            && match self.round_at(&pickup.place, &pickup.stream, word.time_ms) {
                Some(round) => pickup.round == Some(round),
                None => {
                    (pickup.time_ms - word.time_ms).abs() <= self.world.limits(Day::of(word.time_ms)).contests_within_ms
                }
            }
    }
}

/// Takes back what was found after midnight against a pickup from before it: the definitions do not say whether the
/// day before knows of it.
pub fn drop_words_after_midnight(world: &mut World) {
    let facts = facts(world, world.to);
    let too_late = |word: &&Word| {
        let contests =
            |pickup: &&Pickup| Day::of(pickup.time_ms) < Day::of(word.time_ms) && facts.contests(word, pickup);
        word.says == Says::Contrary && facts.pickups.iter().any(|pickup| contests(&pickup))
    };
    let late: BTreeSet<(String, i64)> =
        facts.words.iter().filter(too_late).map(|word| (word.household.clone(), word.time_ms)).collect();
    world.findings.retain(|finding| !late.contains(&(finding.household.clone(), finding.at_ms)));
    for operation in &mut world.operations {
        if let Operation::Pickup(pickup) = operation
            && late.contains(&(pickup.household.clone(), pickup.at_ms))
        {
            pickup.result = "separated".to_owned();
        }
    }
}
