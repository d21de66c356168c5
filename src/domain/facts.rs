//! Operations: what crews, visitors and officers state. Appended, never changed; a correction is a new fact.

use serde::{Deserialize, Serialize};

use super::ids::{EventId, HouseholdCode, PlaceCode, StreamCode};
use super::state::{FindingKind, Pathway, PathwayLevel, VisitResult, word};
use super::time::{Instant, LocalDay, Zone};

word!(
    /// What a crew saw when it took a household's stream.
    CrewResult {
        /// Separated: evidence level B.
        Separated = "separated",
        /// Mixed.
        Mixed = "mixed",
        /// Contaminated.
        Contaminated = "contaminated",
        /// Refused.
        Refused = "refused",
    }
);

impl CrewResult {
    /// Gives the contrary finding that the result states. `None` for separated.
    pub const fn finding(self) -> Option<FindingKind> {
        match self {
            Self::Separated => None,
            Self::Mixed => Some(FindingKind::Mixed),
            Self::Contaminated => Some(FindingKind::Contaminated),
            Self::Refused => Some(FindingKind::Refused),
        }
    }
}

word!(
    /// What a crew met on its way that an officer should know. It is no evidence and changes no figure.
    ReportKind {
        /// A household's card is lost or cannot be read.
        LostTag = "lost_tag",
        /// A house that is not in the register.
        NewHouse = "new_house",
        /// Nobody lives there any more.
        EmptyHouse = "empty_house",
        /// A stop that the round could not serve.
        MissedStop = "missed_stop",
    }
);

word!(
    /// Why a visitor who came could see nothing. It is no evidence and changes no figure.
    AttemptOutcome {
        /// Nobody was at home.
        Away = "away",
        /// Somebody was, and did not let the visitor look: that says nothing about how they sort.
        Declined = "declined",
        /// Nobody lives there any more, which an officer should look at.
        Vacant = "vacant",
    }
);

/// What a person stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Statement {
    /// A crew opened or closed a round.
    Round {
        /// Place.
        place: PlaceCode,
        /// Stream.
        stream: StreamCode,
        /// Service date.
        service_date: LocalDay,
        /// True: opened; false: closed.
        open: bool,
        /// When.
        at: Instant,
    },
    /// A crew logged a pickup.
    Pickup {
        /// When.
        at: Instant,
        /// Household.
        household: HouseholdCode,
        /// Place.
        place: PlaceCode,
        /// Stream.
        stream: StreamCode,
        /// What the crew saw.
        result: CrewResult,
        /// Why, in the crew's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Typed weight, grams. `None`: not weighed by hand.
        manual_g: Option<i64>,
        /// The scale reading that this pickup used.
        reading: Option<EventId>,
    },
    /// A pickup, of a crew or of devices, or a ticket does not hold.
    Void {
        /// When.
        at: Instant,
        /// The pickup's or the ticket's id.
        pickup: String,
        /// Why.
        reason: String,
    },
    /// A finding.
    Finding {
        /// When.
        at: Instant,
        /// Household.
        household: HouseholdCode,
        /// Stream. `None`: names none.
        stream: Option<StreamCode>,
        /// What was found.
        finding: FindingKind,
        /// What was seen, in the words of who saw it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A visit.
    Visit {
        /// Day; stands at 12:00 local.
        on: LocalDay,
        /// Household.
        household: HouseholdCode,
        /// What was found.
        result: VisitResult,
        /// Stream. `None`: names none.
        stream: Option<StreamCode>,
    },
    /// A home pathway.
    Pathway {
        /// Day; stands at 12:00 local.
        on: LocalDay,
        /// Household.
        household: HouseholdCode,
        /// Stream.
        stream: StreamCode,
        /// How.
        pathway: Pathway,
        /// Declared or seen.
        level: PathwayLevel,
    },
    /// A visitor came and could see nothing.
    Attempt {
        /// When: the hour tells when to come instead.
        at: Instant,
        /// Household.
        household: HouseholdCode,
        /// Why nothing was seen.
        outcome: AttemptOutcome,
    },
    /// A weighbridge ticket of a destination.
    Ticket {
        /// When.
        at: Instant,
        /// Ticket number.
        ticket: String,
        /// Vehicle.
        vehicle: String,
        /// Stream.
        stream: StreamCode,
        /// Gross mass, grams.
        gross_g: i64,
        /// Tare, grams.
        tare_g: i64,
        /// Destination.
        destination: String,
    },
    /// A crew's report to the officers.
    Report {
        /// When.
        at: Instant,
        /// Point or route.
        place: PlaceCode,
        /// What was met.
        report: ReportKind,
        /// Household. `None`: a house that is not in the register.
        household: Option<HouseholdCode>,
        /// In the crew's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

/// A statement with its identity and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Made by the client (UUID), or for an import a digest of the row: the same fact twice is one fact.
    pub id: String,
    /// When the service first recorded it.
    pub recorded: Instant,
    /// Who: a user's or an importer's name.
    pub by: String,
    /// What.
    pub statement: Statement,
}

impl Statement {
    /// Gives the kind's word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Round { .. } => "round",
            Self::Pickup { .. } => "pickup",
            Self::Void { .. } => "void",
            Self::Finding { .. } => "finding",
            Self::Visit { .. } => "visit",
            Self::Pathway { .. } => "pathway",
            Self::Attempt { .. } => "attempt",
            Self::Ticket { .. } => "ticket",
            Self::Report { .. } => "report",
        }
    }

    /// Gives why something does not hold. `None`: the statement takes nothing back.
    pub fn void_reason(&self) -> Option<&str> {
        match self {
            Self::Void { reason, .. } => Some(reason),
            Self::Round { .. }
            | Self::Pickup { .. }
            | Self::Finding { .. }
            | Self::Visit { .. }
            | Self::Pathway { .. }
            | Self::Attempt { .. }
            | Self::Ticket { .. }
            | Self::Report { .. } => None,
        }
    }

    /// Gives the household that the statement speaks of.
    pub fn household(&self) -> Option<&HouseholdCode> {
        match self {
            Self::Pickup { household, .. }
            | Self::Finding { household, .. }
            | Self::Visit { household, .. }
            | Self::Pathway { household, .. }
            | Self::Attempt { household, .. } => Some(household),
            Self::Report { household, .. } => household.as_ref(),
            Self::Round { .. } | Self::Void { .. } | Self::Ticket { .. } => None,
        }
    }

    /// Gives the instant at which the statement stands. Facts dated by day alone stand at 12:00 local.
    pub fn at(&self, zone: &Zone) -> Instant {
        match self {
            Self::Round { at, .. }
            | Self::Pickup { at, .. }
            | Self::Void { at, .. }
            | Self::Finding { at, .. }
            | Self::Attempt { at, .. }
            | Self::Ticket { at, .. }
            | Self::Report { at, .. } => *at,
            Self::Visit { on, .. } | Self::Pathway { on, .. } => zone.at_minute(*on, 12 * 60),
        }
    }
}
