//! The figures of every day, computed household by household from all facts, with no memory between days.
//!
//! Owns the counts of a day and the tonnage. Slow on purpose: each question is asked of the whole world.

use std::collections::{BTreeMap, BTreeSet};

use super::attribute::distinct;
use super::gather::{Facts, Pickup, facts};
use super::household::{self, Eye, Subject};
use super::time::Day;
use super::world::World;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tonnage {
    pub weighed_g: i64,
    pub manual_g: i64,
    pub estimated_g: i64,
    /// The part of `weighed_g` that has no household.
    pub unknown_household_g: i64,
    /// Hand-overs, each counted once.
    pub hand_overs: i64,
}

impl Tonnage {
    /// Adds another place's or day's.
    pub fn add(&mut self, other: &Tonnage) {
        self.weighed_g += other.weighed_g;
        self.manual_g += other.manual_g;
        self.estimated_g += other.estimated_g;
        self.unknown_household_g += other.unknown_household_g;
        self.hand_overs += other.hand_overs;
    }

    /// Weighed and manual, not estimated.
    pub fn total_g(&self) -> i64 {
        self.weighed_g + self.manual_g
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayFigures {
    pub eligible: u32,
    pub sorting: u32,
    pub not_sorting: u32,
    /// U by reason.
    pub undetermined: BTreeMap<String, u32>,
    /// S by `device`, `crew`, `verified`.
    pub evidence: BTreeMap<String, u32>,
    pub at_least_one_group: u32,
    pub enrolled: u32,
}

/// Served, measured, participating, opportunities, set-outs, treated at home.
pub type Practice = (bool, bool, bool, i64, i64, bool);

#[derive(Clone, Debug)]
pub struct Outcome {
    /// `S:device`, `N`, `U:no_pickup`, … of every eligible household.
    pub states: BTreeMap<(Day, String), String>,
    /// What stands beside the state of every eligible household: see [`Eye::practice`].
    pub practice: BTreeMap<(Day, String), Practice>,
    /// When the visits that alone hold a household up stand no more: see [`Eye::verified_until`].
    pub verified: BTreeMap<(Day, String), (Day, Vec<String>)>,
    /// Whether it sorts at least one group, and whether it is enrolled.
    pub beside: BTreeMap<(Day, String), (bool, bool)>,
    pub tonnage: BTreeMap<(Day, String), Tonnage>,
    /// The same by day, place and stream.
    pub collected: BTreeMap<(Day, String, String), Tonnage>,
    pub pickups: Vec<Pickup>,
    pub days: BTreeMap<Day, DayFigures>,
    pub distinct_events: usize,
}

pub fn evaluate(world: &World, from: Day, to: Day) -> Outcome {
    let world = &world.settled();
    let facts = facts(world, to);
    let mut states = BTreeMap::new();
    let mut beside = BTreeMap::new();
    let mut practice = BTreeMap::new();
    let mut verified = BTreeMap::new();
    let mut days = BTreeMap::new();
    let codes: BTreeSet<&String> = world.households.iter().map(|household| &household.code).collect();
    let subjects: Vec<(&String, Subject<'_>)> = codes.iter().map(|code| (*code, Subject::new(&facts, code))).collect();
    for number in from.0..=to.0 {
        let day = Day(number);
        let mut figures = DayFigures::default();
        for (code, subject) in &subjects {
            let eye = Eye { subject, day };
            if eye.is_eligible() {
                let state = eye.state();
                figures.count(&eye, &state);
                states.insert((day, (*code).clone()), state);
                beside.insert((day, (*code).clone()), (eye.sorts_one_group(), eye.is_enrolled()));
                practice.insert((day, (*code).clone()), eye.practice());
                if let Some(until) = eye.verified_until() {
                    verified.insert((day, (*code).clone()), until);
                }
            }
        }
        days.insert(day, figures);
    }
    let mut collected = collected(&facts);
    collected.retain(|(day, _, _), _| from <= *day && *day <= to);
    let mut tonnage: BTreeMap<(Day, String), Tonnage> = BTreeMap::new();
    for ((day, _, stream), of) in &collected {
        tonnage.entry((*day, stream.clone())).or_default().add(of);
    }
    let distinct_events = distinct(&world.events).len();
    Outcome { states, practice, verified, beside, tonnage, collected, days, distinct_events, pickups: facts.pickups }
}

impl DayFigures {
    fn count(&mut self, eye: &Eye<'_>, state: &str) {
        self.eligible += 1;
        match state.split_once(':') {
            Some(("S", level)) => {
                self.sorting += 1;
                *self.evidence.entry(level.to_owned()).or_default() += 1;
            }
            Some(("U", reason)) => *self.undetermined.entry(reason.to_owned()).or_default() += 1,
            _ => self.not_sorting += 1,
        }
        self.at_least_one_group += u32::from(eye.sorts_one_group());
        self.enrolled += u32::from(eye.is_enrolled());
    }
}

/// Within a round, a household and a stream, device weights count; a crew's weight only where there is none.
fn collected(facts: &Facts<'_>) -> BTreeMap<(Day, String, String), Tonnage> {
    let mut tonnage: BTreeMap<(Day, String, String), Tonnage> = BTreeMap::new();
    let together = |a: &Pickup, b: &Pickup| {
        a.household.is_some()
            && a.household == b.household
            && (&a.stream, &a.place, a.round, a.day) == (&b.stream, &b.place, b.round, b.day)
    };
    for pickup in facts.pickups.iter().filter(|pickup| pickup.accepted) {
        let others = || facts.pickups.iter().filter(|other| other.accepted && together(pickup, other));
        let weighed = others().any(|other| other.from_readings && other.net_g.is_some());
        let entry = tonnage.entry((pickup.day, pickup.place.clone(), pickup.stream.clone())).or_default();
        entry.hand_overs += i64::from(is_counted(pickup, &others().collect::<Vec<_>>()));
        match pickup.net_g {
            Some(net_g) if pickup.from_readings => {
                entry.weighed_g += net_g;
                if pickup.household.is_none() {
                    entry.unknown_household_g += net_g;
                }
            }
            Some(net_g) if !weighed => entry.manual_g += net_g,
            Some(_) => {}
            None => {
                let has_weight = others().any(|other| other.net_g.is_some());
                let is_second = !pickup.from_readings && others().any(|other| other.from_readings);
                if !has_weight && !is_second {
                    entry.estimated_g += household::mean_g(facts.world, &pickup.stream);
                }
            }
        }
    }
    tonnage
}

/// Among what is of one round, household and stream the best known count: weighed by devices, then by hand, then seen by
/// devices, then by the crew. What has no household always counts.
fn is_counted(pickup: &Pickup, together: &[&Pickup]) -> bool {
    let rank = |pickup: &Pickup| match (pickup.net_g.is_some(), pickup.from_readings) {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => 2,
        (false, false) => 3,
    };
    together.iter().all(|other| rank(pickup) <= rank(other))
}
