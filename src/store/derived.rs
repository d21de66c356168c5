//! Derived rows: pickups, rounds, completeness, tonnage, states and their totals. Written as differences only.
//!
//! What they are is here; `places` reads and writes what belongs to a place, `states` what belongs to a household, and `rows` says how
//! each stands in its table.

mod places;
pub(super) mod rows;
mod states;

use std::collections::BTreeMap;

use serde::Serialize;

use self::rows::completeness_from;
use super::conditions::DeviceCondition;
use super::visits::VerifiedSpan;
use crate::domain::ids::{AreaCode, DeviceId, HouseholdCode, PlaceCode, StreamCode};
use crate::domain::pickup::{Grams, Pickup};
use crate::domain::round::RoundOutcome;
use crate::domain::sorting::Practice;
use crate::domain::state::DayState;
use crate::domain::ticket::TicketFact;
use crate::domain::time::LocalDay;
use crate::indicators::{Completeness, Counts, EventQuality, Service};

/// What the last interval of a household ends with: it holds until a later day is computed otherwise.
pub const OPEN_DAY: &str = "9999-12-31";

/// A device's day: how long it worked, how much came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeviceDay {
    /// Device.
    pub device: DeviceId,
    /// Local day.
    pub day: LocalDay,
    /// Its place then.
    pub place: PlaceCode,
    /// The place's hamlet; empty when unknown.
    pub area: AreaCode,
    /// Working within its rounds, milliseconds.
    pub working_ms: i64,
    /// Scheduled by its rounds, milliseconds.
    pub scheduled_ms: i64,
    /// Events received.
    pub received: i64,
    /// Events known to be missing right before one received on this day.
    pub missing: i64,
    /// What its events in use show of their quality.
    #[serde(flatten)]
    pub events: EventQuality,
}

/// A place's rounds and hand-overs of one stream and day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceDay {
    /// Place.
    pub place: PlaceCode,
    /// Stream; may be unnamed.
    pub stream: StreamCode,
    /// Local day.
    pub day: LocalDay,
    /// The place's hamlet; empty when unknown.
    pub area: AreaCode,
    /// What was scheduled and handed over.
    #[serde(flatten)]
    pub service: Service,
}

impl DeviceDay {
    /// Gives how complete the device's day is.
    pub fn completeness(&self) -> Completeness {
        completeness_from(self.working_ms, self.scheduled_ms, self.received, self.missing)
    }
}

/// A place's stream and day with its grams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TonnageDay {
    /// Place.
    pub place: PlaceCode,
    /// Stream.
    pub stream: StreamCode,
    /// Day.
    pub day: LocalDay,
    /// The place's hamlet; empty when unknown.
    pub area: AreaCode,
    /// Grams.
    pub grams: Grams,
}

/// Rows of one kind that came, changed or went.
#[derive(Clone, Debug)]
pub struct Change<T> {
    /// New or changed rows.
    pub put: Vec<T>,
    /// Rows that no longer hold.
    pub gone: Vec<T>,
}

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self { put: Vec::new(), gone: Vec::new() }
    }
}

impl<T> Change<T> {
    /// Tells whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty()
    }
}

/// What recomputing a place changed.
#[derive(Clone, Debug, Default)]
pub struct PlaceChange {
    /// Pickups.
    pub pickups: Change<Pickup>,
    /// Rounds.
    pub rounds: Change<RoundOutcome>,
    /// Device days.
    pub device_days: Change<DeviceDay>,
    /// Tonnage.
    pub tonnage: Change<TonnageDay>,
    /// Rounds and hand-overs by stream and day.
    pub place_days: Change<PlaceDay>,
    /// Tickets of its weighbridges.
    pub tickets: Change<TicketFact>,
    /// Its devices' conditions.
    pub conditions: Change<DeviceCondition>,
    /// Households whose states must be computed again, each with the first and the last day of what changed.
    pub households: BTreeMap<HouseholdCode, (LocalDay, LocalDay)>,
}

impl PlaceChange {
    /// Tells whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.pickups.is_empty()
            && self.rounds.is_empty()
            && self.device_days.is_empty()
            && self.tonnage.is_empty()
            && self.place_days.is_empty()
            && self.tickets.is_empty()
            && self.conditions.is_empty()
    }
}

/// A household's state from one day through another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSpan {
    /// Household.
    pub household: HouseholdCode,
    /// First day.
    pub from: LocalDay,
    /// Last day; `None`: still open.
    pub to: Option<LocalDay>,
    /// Hamlet.
    pub area: AreaCode,
    /// State.
    pub state: DayState,
    /// Required streams that are not accounted for, in the commune's order.
    pub missing: Vec<StreamCode>,
}

/// What stands beside a household's state, from one day through another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PracticeSpan {
    /// Household.
    pub household: HouseholdCode,
    /// First day.
    pub from: LocalDay,
    /// Last day; `None`: still open.
    pub to: Option<LocalDay>,
    /// Its collection point.
    pub point: Option<PlaceCode>,
    /// Its practice.
    pub practice: Practice,
    /// Its persons. `None`: not stated.
    pub people: Option<i64>,
}

/// What recomputing households changed.
#[derive(Clone, Debug, Default)]
pub struct StateChange {
    /// Spans.
    pub spans: Change<StateSpan>,
    /// Spans of what stands beside the states.
    pub practice: Change<PracticeSpan>,
    /// Spans in which verifications alone hold the state up.
    pub verified: Change<VerifiedSpan>,
    /// Differences to add to the hamlets' totals.
    pub totals: BTreeMap<(AreaCode, LocalDay), Counts>,
    /// Differences to add to the points' totals.
    pub points: BTreeMap<(PlaceCode, LocalDay), Counts>,
}
