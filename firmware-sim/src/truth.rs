//! What really happened, as JSON lines; `docs/simulator.md` describes them for those who read them elsewhere.
//!
//! Hand-overs name the events that carry them, so that a join made elsewhere can be checked event by event.

use crate::calendar::{Day, Stream};
use crate::commune::{Household, Uid};
use crate::crew::Write;
use crate::event::{Body, Event};
use crate::fieldwork::Fieldwork;
use crate::habits::Habit;
use crate::plan::Plan;
use crate::walk::Walk;
use crate::wire::log_name;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Visits reach back this far before the history; what they found was true then.
const HABITS_BEFORE_DAYS: i64 = 180;

/// One line of the truth file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TruthLine {
    /// What was simulated; the first line.
    Run(TrueRun),
    /// What a crew saw in a bag.
    CrewSaw(TrueFinding),
    /// What a visitor found at a house.
    Visited(TrueVisit),
    /// What a crew wrote on its phone, and why.
    CrewWrote(Write),
    /// A registered card was read, or one that nobody has registered.
    Read(TrueRead),
    /// A household handed over one stream.
    HandOver(TrueHandOver),
    /// What a household does from a day on.
    Habit(TrueHabit),
}

/// A household handed over one stream at one point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueHandOver {
    /// Who really came.
    pub household: String,
    /// Where.
    pub point: String,
    /// Device that weighed it.
    pub device: String,
    /// Log of `device`, 8 hex digits.
    pub log: String,
    /// What.
    pub stream: Stream,
    /// Mass of the bag, grams.
    pub mass_g: i64,
    /// What the scale's display settled at, net, grams.
    pub net_g: i64,
    /// Time of the first settled level, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Device that read the card.
    pub tag_device: String,
    /// Log of `tag_device`.
    pub tag_log: String,
    /// First read of the visit. `None`: no card, or never read.
    pub tag_seq: Option<u64>,
    /// First settled level of the load. `None`: the device was silent.
    pub weight_seq: Option<u64>,
    /// What went wrong; empty mostly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mishaps: Vec<Mishap>,
}

/// Why a hand-over cannot be seen as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mishap {
    /// The household has no card.
    NoCard,
    /// The reader missed the card.
    MissedCard,
    /// It held up a neighbour's card.
    NeighbourCard,
    /// It has a neighbour's card for its own, and the neighbour has its.
    SwappedCard,
    /// The read of its card was lost for ever.
    ReadLost,
    /// Its weight was lost for ever.
    WeightLost,
    /// The devices were without power.
    DeviceSilent,
}

/// What a household does from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueHabit {
    /// Who.
    pub household: String,
    /// First local day, `YYYY-MM-DD`.
    pub from: String,
    /// What it does.
    pub habit: Habit,
    /// Whether that is sorting at source.
    pub sorts: bool,
}

/// What was simulated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueRun {
    /// Always true: nobody lives here.
    pub simulated: bool,
    /// Its seed.
    pub seed: u64,
    /// Households in the register.
    pub households: u32,
    /// Collection points.
    pub points: u32,
    /// First local day, `YYYY-MM-DD`.
    pub from: String,
    /// Last local day, `YYYY-MM-DD`.
    pub to: String,
}

/// What a crew saw in a bag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueFinding {
    /// Whose bag.
    pub household: String,
    /// Stream it was brought as; `None`: nobody could say.
    pub stream: Option<Stream>,
    /// `mixed`, `contaminated`, `refused`, `clean`.
    pub finding: String,
    /// Milliseconds since 1970 UTC.
    pub at_ms: i64,
}

/// What a visitor found at a house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueVisit {
    /// Whose.
    pub household: String,
    /// Local day, `YYYY-MM-DD`.
    pub on: String,
    /// Sorting was found.
    pub found_sorting: bool,
    /// Stream looked at; `None`: all.
    pub stream: Option<Stream>,
}

/// A card held up to a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueRead {
    /// Where.
    pub point: String,
    /// The devices that work together there.
    pub station: String,
    /// Reader.
    pub device: String,
    /// Its log, 8 hex digits.
    pub log: String,
    /// The event.
    pub seq: u64,
    /// Milliseconds since 1970 UTC, true time.
    pub at_ms: i64,
    /// Household the register gives the card to.
    pub card_of: Option<String>,
}

/// Every line of the truth of `plan`: the run, habits, findings, visits, then each service day up to the commune's
/// `today`, that day included; a day's reads come before its hand-overs.
pub fn lines(plan: &Arc<Plan>) -> impl Iterator<Item = TruthLine> + '_ {
    let last = Day::of(plan.commune.spec.today);
    let mut walk = Walk::new(Arc::clone(plan));
    let days = std::iter::from_fn(move || (walk.day() <= last).then(|| walk.next_day()));
    let holders = holders(plan);
    let days = days.flat_map(move |day| {
        let reads = reads(plan, &holders, &day.events).map(TruthLine::Read).collect::<Vec<_>>();
        reads.into_iter().chain(day.truth.into_iter().map(TruthLine::HandOver)).collect::<Vec<_>>()
    });
    std::iter::once(run_line(plan)).chain(habits(plan)).chain(witnessed(plan)).chain(days)
}

/// Whose each card is, by the register.
fn holders(plan: &Plan) -> HashMap<Uid, usize> {
    let cards = |(index, household): (usize, &Household)| {
        household.cards.iter().map(move |card| (card.uid, index)).collect::<Vec<_>>()
    };
    plan.commune.households.iter().enumerate().flat_map(cards).collect()
}

/// The reads among a day's events that are not lost, by device and in the order of its log.
fn reads<'a>(
    plan: &'a Plan,
    holders: &'a HashMap<Uid, usize>,
    events: &'a [Vec<Event>],
) -> impl Iterator<Item = TrueRead> + 'a {
    let commune = &plan.commune;
    let of_device = move |(device, events): (&'a crate::commune::Device, &'a Vec<Event>)| {
        let sent = events.iter().filter(|event| !event.lost);
        sent.filter_map(move |event| match event.body {
            Body::Tag { uid } => Some(TrueRead {
                point: commune.points[device.point].code.clone(),
                station: device.station.clone(),
                device: device.code.clone(),
                log: log_name(event.log),
                seq: event.seq,
                at_ms: event.at_ms,
                card_of: holders.get(&uid).map(|&household| commune.households[household].code.clone()),
            }),
            Body::Weight { .. } | Body::Heartbeat { .. } | Body::Lost { .. } => None,
        })
    };
    commune.devices.iter().zip(events).flat_map(of_device)
}

fn run_line(plan: &Plan) -> TruthLine {
    let spec = &plan.commune.spec;
    TruthLine::Run(TrueRun {
        simulated: true,
        seed: spec.seed,
        households: spec.households,
        points: spec.points,
        from: plan.commune.origin.date().to_string(),
        to: spec.today.to_string(),
    })
}

/// Habits from [`HABITS_BEFORE_DAYS`] before the origin, and every later change, in order of household.
fn habits(plan: &Plan) -> impl Iterator<Item = TruthLine> + '_ {
    let first = plan.commune.origin.plus(-HABITS_BEFORE_DAYS);
    plan.commune.households.iter().flat_map(move |household| {
        let later = household.habit.change.filter(|(day, _)| *day > first);
        let lines = [Some((first, household.habit.on(first))), later];
        lines.into_iter().flatten().map(|(day, habit)| {
            TruthLine::Habit(TrueHabit {
                household: household.code.clone(),
                from: day.date().to_string(),
                habit,
                sorts: habit.sorts(),
            })
        })
    })
}

/// What the imports of findings and visits say.
fn witnessed(plan: &Plan) -> impl Iterator<Item = TruthLine> + '_ {
    let Fieldwork { findings, visits, .. } = Fieldwork::generate(&plan.commune);
    let code = |household: usize| plan.commune.households[household].code.clone();
    let findings = findings.into_iter().map(move |finding| {
        TruthLine::CrewSaw(TrueFinding {
            household: code(finding.household),
            stream: finding.stream,
            finding: finding.finding.to_owned(),
            at_ms: finding.at_ms,
        })
    });
    let visits = visits.into_iter().map(move |visit| {
        TruthLine::Visited(TrueVisit {
            household: code(visit.household),
            on: visit.on.to_string(),
            found_sorting: visit.found_sorting,
            stream: visit.stream,
        })
    });
    findings.chain(visits)
}
