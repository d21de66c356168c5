//! Crews with phones: the rounds they open and close, the hand-overs they log and what they saw in the bags.
//!
//! Owns the plan of what is written when, as a function of the commune's plan and the crews' rates alone; it knows no
//! network. The `post` module sends the plan.
//!
//! # Why
//! Crews know the faces: they name who really came, except by mistake, and take a mistake back. They type a weight where no
//! scale works, and name the scale's reading where the station shows nobody or the wrong one; a weight typed beside a
//! working scale is the conflict that a service must settle.
//!
//! Ids come from the seed and the hand-over, not from the rates: the same commune posted with other rates meets its own
//! ids, and the service refuses what differs instead of counting it again.

#[cfg(feature = "measure")]
pub mod post;
mod shift;
#[cfg(test)]
mod tests;

use crate::calendar::{Day, Stream};
use crate::plan::Plan;
use crate::walk::Walk;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shift::Crew;
use std::sync::Arc;
use uuid::Uuid;

/// What crews do, per 10 000 of what each member names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crews {
    /// Points whose crew has a phone.
    pub points: u32,
    /// Hand-overs logged where the station shows who came.
    pub logs: u32,
    /// Hand-overs logged where it shows nobody, or the wrong one.
    pub logs_unread: u32,
    /// Pickups with a weight typed though the scale has weighed.
    pub types_weight: u32,
    /// Pickups that name the scale's reading though the station shows who came.
    pub names_reading: u32,
    /// Bags that the crew looks into.
    pub looks_inside: u32,
    /// Rounds through which the phone has no signal; it sends all at once, two to eight hours after.
    pub offline: u32,
    /// Writes whose answer is lost, so that they are sent twice.
    pub repeats: u32,
    /// Pickups logged for a neighbour first.
    pub mistakes: u32,
}

impl Default for Crews {
    /// Invented: half of the points have a phone, and its crew logs every fifth hand-over that it need not.
    fn default() -> Self {
        Self {
            points: 5_000,
            logs: 2_000,
            logs_unread: 9_000,
            types_weight: 500,
            names_reading: 1_000,
            looks_inside: 1_000,
            offline: 1_000,
            repeats: 300,
            mistakes: 100,
        }
    }
}

/// Something a crew writes, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// Made by the phone.
    pub id: Uuid,
    /// When it is said to have been, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// When the phone sends it, milliseconds since 1970 UTC.
    pub sent_at_ms: i64,
    /// How often the phone sends it: 1, or 2 where the first answer is lost.
    pub times: u32,
    /// Why it is written.
    pub why: Why,
    /// Who really came. `None`: it is about no hand-over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<String>,
    /// The event that weighed the same hand-over, `device~log~seq`. `None`: none did, or it never arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighed_as: Option<String>,
    /// What it says.
    #[serde(flatten)]
    pub says: Says,
}

/// Why a crew writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The round begins or ends.
    Round,
    /// The station shows who came; the crew logs it besides.
    Shown,
    /// The station shows nobody: no card, or not read.
    Unread,
    /// The station shows another household than the one that came.
    OthersCard,
    /// No scale works.
    Unweighed,
    /// The crew looked into the bag.
    LookedInside,
    /// A slip: the pickup is given to a neighbour.
    Mistake,
    /// The slip is taken back, or what is right is written in its place.
    Amends,
}

/// What a crew says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub enum Says {
    /// A round is opened or closed.
    Round {
        /// Place.
        point: String,
        /// Stream.
        stream: Stream,
        /// Local day, `YYYY-MM-DD`.
        service_date: String,
        /// Opened; else closed.
        opened: bool,
    },
    /// A household handed over a bag.
    Pickup {
        /// Place.
        point: String,
        /// Stream.
        stream: Stream,
        /// Who is said to have come.
        household: String,
        /// `separated`, `mixed`, `contaminated`, `refused`.
        result: String,
        /// Weight typed, grams.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        manual_g: Option<i64>,
        /// The scale's reading that is meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reading: Option<Reading>,
    },
    /// A pickup does not hold.
    Void {
        /// Its id.
        pickup: Uuid,
    },
    /// What was in a bag, without a pickup.
    Finding {
        /// Whose.
        household: String,
        /// Stream.
        stream: Stream,
        /// `mixed`, `clean`.
        finding: String,
    },
}

/// A device's event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Device.
    pub device: String,
    /// Its log, 8 hex digits.
    pub log: String,
    /// The event.
    pub seq: u64,
}

impl Write {
    /// Where it is posted to.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.says {
            Says::Round { .. } => "/api/v1/rounds".to_owned(),
            Says::Pickup { .. } => "/api/v1/pickups".to_owned(),
            Says::Void { pickup } => format!("/api/v1/pickups/{pickup}/void"),
            Says::Finding { .. } => "/api/v1/findings".to_owned(),
        }
    }

    /// Whom it speaks against; a slip that is taken back speaks against nobody.
    #[must_use]
    pub fn accuses(&self) -> Option<&str> {
        let (household, is_contrary) = match &self.says {
            Says::Pickup { household, result, .. } => (household, result != "separated"),
            Says::Finding { household, finding, .. } => (household, finding != "clean"),
            Says::Round { .. } | Says::Void { .. } => return None,
        };
        (is_contrary && self.why != Why::Mistake).then_some(household)
    }

    /// What is posted.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = match &self.says {
            Says::Round { point, stream, service_date, opened } => json!({
                "place": point, "stream": stream, "service_date": service_date,
                "action": if *opened { "open" } else { "close" }
            }),
            Says::Pickup { point, stream, household, result, manual_g, reading } => json!({
                "place": point, "stream": stream, "household": household, "result": result,
                "manual_g": manual_g, "reading": reading
            }),
            Says::Void { .. } => json!({"reason": "nhầm hộ (mô phỏng)"}),
            Says::Finding { household, stream, finding } => {
                json!({"household": household, "stream": stream, "finding": finding})
            }
        };
        body["id"] = json!(self.id);
        body["at"] = json!(self.at_ms);
        body["simulated"] = json!(true);
        body
    }
}

/// Everything the crews of `plan` write up to the commune's `today`, that day included, in order of sending; what one phone
/// sends keeps its order.
#[must_use]
pub fn writes(plan: &Arc<Plan>, crews: &Crews) -> Vec<Write> {
    let last = Day::of(plan.commune.spec.today);
    let crew = Crew::new(plan, *crews);
    let mut walk = Walk::new(Arc::clone(plan));
    let mut writes = Vec::new();
    while walk.day() <= last {
        let day = walk.day();
        let service = walk.next_day();
        writes.extend(crew.on(day, &service.truth));
    }
    writes.sort_by_key(|write: &Write| write.sent_at_ms);
    writes
}
