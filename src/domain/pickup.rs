//! Pickups: hand-overs of devices and what crews logged, made one; and their grams.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::attribution::{Attribution, HandOver};
use super::facts::{CrewResult, Operation, Statement};
use super::ids::{EventId, HouseholdCode, PlaceCode, StationCode, StreamCode};
use super::reading::Grade;
use super::register::{Commune, Register};
use super::round::round_at;
use super::state::word;
use super::time::{Instant, LocalDay};

word!(
    /// Where a pickup comes from.
    Source {
        /// Derived from readings.
        Device = "device",
        /// Logged by a crew.
        Crew = "crew",
    }
);

/// One household, or an unknown one, handed over one stream at one place and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pickup {
    /// Identity: the anchor reading's, or the crew's own.
    pub id: String,
    /// Where it comes from.
    pub source: Source,
    /// Point or route.
    pub place: PlaceCode,
    /// Station; for a crew's pickup the place itself.
    pub station: StationCode,
    /// Stream; may be unnamed.
    pub stream: StreamCode,
    /// When.
    pub time: Instant,
    /// How the time is known.
    pub grade: Grade,
    /// Service date of its round, else the local day: its day in every figure.
    pub day: LocalDay,
    /// Start of its round. `None`: outside every round.
    pub round_start: Option<Instant>,
    /// Household. `None`: unknown or ambiguous.
    pub household: Option<HouseholdCode>,
    /// Why there is no household.
    pub attribution: Attribution,
    /// The household was named by a crew, and not by a tag.
    pub named_by_crew: bool,
    /// A registered tag was read with it, or tags of which it could be either's, whoever named the household then.
    #[serde(default)]
    pub tag_read: bool,
    /// Net mass, grams: weighed by a device, or typed by the crew. `None`: presence only.
    pub net_g: Option<i64>,
    /// Flagged: below the scale's minimum.
    pub below_min: bool,
    /// Over the scale's limit: not accepted.
    pub overload: bool,
    /// Declared void: not accepted.
    pub void: bool,
    /// What the crew saw. `None` for devices.
    pub result: Option<CrewResult>,
    /// The readings behind it.
    pub readings: Vec<EventId>,
}

impl Pickup {
    /// Tells whether it is stable, not overloaded and not void; what a crew refused was not handed over.
    pub fn is_accepted(&self) -> bool {
        let refused = self.source == Source::Crew && self.result == Some(CrewResult::Refused);
        !self.overload && !self.void && !refused
    }

    /// Tells whether its time is good enough to fall in a round and speak for a household.
    pub fn is_timed(&self) -> bool {
        self.grade != Grade::Received
    }
}

/// Crew statements that bear on a station's hand-overs.
#[derive(Clone, Debug, Default)]
pub struct CrewWords {
    /// Crew pickups that name a reading and were not taken back, by the reading.
    pub by_reading: HashMap<EventId, Operation>,
    /// Ids of void pickups.
    pub voids: BTreeSet<String>,
}

/// Makes pickups of a station's hand-overs. A crew pickup that names one of their readings gives it its household.
pub fn from_hand_overs(
    hand_overs: Vec<HandOver>,
    place: &PlaceCode,
    station: &StationCode,
    crew: &CrewWords,
    register: &Register,
    commune: &Commune,
) -> Vec<Pickup> {
    hand_overs
        .into_iter()
        .map(|hand_over| {
            let named = hand_over.readings.iter().find_map(|id| crew.by_reading.get(id));
            let mut pickup = of_hand_over(hand_over, place, station, register, commune);
            pickup.void = crew.voids.contains(&pickup.id);
            // What is not accepted is no hand-over that the crew's word could stand on.
            if let Some(operation) = named
                && pickup.is_accepted()
                && let Statement::Pickup { household, result, .. } = &operation.statement
            {
                // Where the tag had said the same, the evidence stays the device's.
                pickup.named_by_crew = pickup.household.as_ref() != Some(household);
                pickup.household = Some(household.clone());
                pickup.attribution = Attribution::Known;
                pickup.result = Some(*result);
            }
            pickup
        })
        .collect()
}

fn of_hand_over(
    hand_over: HandOver,
    place: &PlaceCode,
    station: &StationCode,
    register: &Register,
    commune: &Commune,
) -> Pickup {
    let timed = hand_over.grade != Grade::Received;
    let round = timed.then(|| round_at(register, &commune.zone, place, &hand_over.stream, hand_over.time)).flatten();
    Pickup {
        id: hand_over.anchor.to_string(),
        source: Source::Device,
        place: place.clone(),
        station: station.clone(),
        stream: hand_over.stream,
        time: hand_over.time,
        grade: hand_over.grade,
        day: round.as_ref().map_or_else(|| commune.zone.day_of(hand_over.time), |round| round.service_date),
        round_start: round.map(|round| round.start),
        household: hand_over.household,
        attribution: hand_over.attribution,
        named_by_crew: false,
        tag_read: match hand_over.attribution {
            Attribution::Known | Attribution::Ambiguous => true,
            Attribution::Unknown => false,
        },
        net_g: hand_over.net_g,
        below_min: hand_over.below_min,
        overload: hand_over.overload,
        void: false,
        result: None,
        readings: hand_over.readings,
    }
}

/// Makes the pickup of a crew's statement that stands by itself. `None` for other statements.
pub fn from_crew(operation: &Operation, is_void: bool, register: &Register, commune: &Commune) -> Option<Pickup> {
    let Statement::Pickup { at, household, place, stream, result, manual_g, .. } = &operation.statement else {
        return None;
    };
    let round = round_at(register, &commune.zone, place, stream, *at);
    Some(Pickup {
        id: operation.id.clone(),
        source: Source::Crew,
        place: place.clone(),
        station: StationCode::new(place.as_str()),
        stream: stream.clone(),
        time: *at,
        grade: Grade::Device,
        day: round.as_ref().map_or_else(|| commune.zone.day_of(*at), |round| round.service_date),
        round_start: round.map(|round| round.start),
        household: Some(household.clone()),
        attribution: Attribution::Known,
        named_by_crew: true,
        tag_read: false,
        net_g: *manual_g,
        below_min: false,
        overload: false,
        void: is_void,
        result: Some(*result),
        readings: Vec::new(),
    })
}

/// Grams of a stream by how they are known. `unknown_household_g` is a part of `weighed_g`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grams {
    /// Weighed by devices.
    pub weighed_g: i64,
    /// Typed by crews.
    pub manual_g: i64,
    /// At the stream's mean.
    pub estimated_g: i64,
    /// Weighed, of no known household.
    pub unknown_household_g: i64,
    /// Pickups counted.
    pub pickups: i64,
}

/// How a pickup's mass is known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weighing {
    Device,
    Manual,
    DevicePresence,
    CrewPresence,
}

impl Pickup {
    fn weighing(&self) -> Weighing {
        match (self.source, self.net_g) {
            (Source::Device, Some(_)) => Weighing::Device,
            (Source::Crew, Some(_)) => Weighing::Manual,
            (Source::Device, None) => Weighing::DevicePresence,
            (Source::Crew, None) => Weighing::CrewPresence,
        }
    }
}

/// Adds up a place's pickups of one day, by stream.
///
/// One hand-over, one weight: within a round, a household and a stream only the best kind of weighing counts: device,
/// then the crew's typed weight, then presence at the stream's mean. Pickups of unknown households all count.
pub fn tally<'a>(pickups: impl IntoIterator<Item = &'a Pickup>, commune: &Commune) -> BTreeMap<StreamCode, Grams> {
    let accepted: Vec<&Pickup> = pickups.into_iter().filter(|pickup| pickup.is_accepted()).collect();
    let group = |pickup: &'a Pickup| pickup.household.as_ref().map(|who| (who, &pickup.stream, pickup.round_start));
    let mut best: BTreeMap<_, Weighing> = BTreeMap::new();
    for pickup in &accepted {
        if let Some(group) = group(pickup) {
            let kept = best.entry(group).or_insert(Weighing::CrewPresence);
            *kept = (*kept).min(pickup.weighing());
        }
    }
    let mut totals: BTreeMap<StreamCode, Grams> = BTreeMap::new();
    for pickup in accepted {
        if group(pickup).is_some_and(|group| best.get(&group) != Some(&pickup.weighing())) {
            continue;
        }
        let total = totals.entry(pickup.stream.clone()).or_default();
        total.pickups += 1;
        match (pickup.source, pickup.net_g) {
            (Source::Device, Some(net_g)) => {
                total.weighed_g += net_g;
                total.unknown_household_g += if pickup.household.is_none() { net_g } else { 0 };
            }
            (Source::Crew, Some(net_g)) => total.manual_g += net_g,
            (Source::Device | Source::Crew, None) => {
                total.estimated_g += commune.stream(pickup.stream.as_str()).and_then(|s| s.mean_g).unwrap_or(0);
            }
        }
    }
    totals
}
