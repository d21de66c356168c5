//! What a commune holds: register, schedule, inspections, device events and crew operations, as plain rows.
//!
//! Owns the shapes alone: it decides nothing. The rows carry the column names of the CSV imports, so that the same
//! structs read and write those files.

use serde::{Deserialize, Serialize};

use super::time::{Day, HOUR_MS, moment};

#[derive(Clone, Debug)]
pub struct Stream {
    pub code: String,
    pub required: bool,
    /// Grams taken for a pickup without weight. None: such a pickup adds nothing.
    pub mean_g: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Area {
    pub code: String,
    pub name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Point {
    pub code: String,
    pub name: String,
    pub area: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Route {
    pub route: String,
    pub household: String,
    pub order: i64,
}

/// One version of a household: a household that moves has several rows with adjoining validity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Household {
    pub code: String,
    pub area: String,
    /// Persons. None: not stated.
    #[serde(default)]
    pub people: Option<i64>,
    pub point: Option<String>,
    pub valid_from: Day,
    pub valid_to: Option<Day>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tag {
    pub uid: String,
    pub household: String,
    pub tech: String,
    pub valid_from: Day,
    pub valid_to: Option<Day>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    pub device: String,
    pub place: String,
    /// `tag_reader`, `scale` or `combined`.
    pub kind: String,
    #[serde(default)]
    pub station: Option<String>,
    #[serde(default)]
    pub profile: Option<String>,
    /// `platform`, `bin` or `lift`; none: `platform`.
    #[serde(default)]
    pub mode: Option<String>,
    #[serde(default)]
    pub stream: Option<String>,
    #[serde(default)]
    pub max_g: Option<i64>,
    #[serde(default)]
    pub division_g: Option<i64>,
    #[serde(default)]
    pub min_g: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScheduleRow {
    pub place: String,
    pub stream: String,
    /// `daily`, or names of days: `Mon Wed Fri`.
    pub weekdays: String,
    #[serde(default)]
    pub every_weeks: Option<i64>,
    /// `HH:MM`.
    pub start: String,
    /// `HH:MM`; at or before `start`: of the next day.
    pub end: String,
    pub valid_from: Day,
    #[serde(default)]
    pub valid_to: Option<Day>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pathway {
    pub household: String,
    pub stream: String,
    pub pathway: String,
    /// `declared` or `verified`.
    pub level: String,
    pub on: Day,
    pub by: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    pub household: String,
    pub stream: Option<String>,
    /// `mixed`, `contaminated`, `refused` or `clean`.
    pub finding: String,
    #[serde(rename = "at", with = "moment")]
    pub at_ms: i64,
    pub by: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visit {
    pub household: String,
    pub on: Day,
    /// `sorting` or `not_sorting`.
    pub result: String,
    pub stream: Option<String>,
    pub by: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exclusion {
    pub household: String,
    pub reason: String,
    pub from: Day,
    pub to: Option<Day>,
    pub by: String,
}

/// The identity of an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    pub device: String,
    pub log: String,
    pub seq: u64,
}

impl EventKey {
    /// How a void names it.
    pub fn name(&self) -> String {
        format!("{}~{}~{}", self.device, self.log, self.seq)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub key: EventKey,
    pub boot: u32,
    /// Uptime at capture.
    pub ms: i64,
    /// Capture time. None, or `clock` = `unset`: the event has no device-graded time, and the evaluator leaves it out.
    pub at_ms: Option<i64>,
    pub clock: String,
    pub body: Body,
}

impl Event {
    /// Capture time of `device` grade.
    pub fn time_ms(&self) -> Option<i64> {
        match self.clock.as_str() {
            "synced" | "holdover" => self.at_ms,
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Heartbeat,
    Tag { uid: String, tech: String },
    Weight(Weight),
    Lift { uid: String, gross_g: i64, tare_g: i64, stream: Option<String> },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weight {
    pub gross_g: i64,
    pub tare_g: i64,
    pub stable: bool,
    pub load: Option<u64>,
    pub stream: Option<String>,
    pub division_g: Option<i64>,
    /// `ok`, `below_min`, `overload`.
    pub range: Option<String>,
    pub maintenance: bool,
}

/// What a crew does on its page; times are the client's.
#[derive(Clone, Debug)]
pub enum Operation {
    Round {
        id: String,
        place: String,
        stream: String,
        service_date: Day,
        action: RoundAction,
        at_ms: i64,
    },
    Pickup(CrewPickup),
    /// A finding, a visit or a pathway that did not come in a file.
    Said {
        id: String,
        said: Said,
    },
    /// A ticket that did not come in a file.
    Ticket {
        id: String,
        /// How much later than the others it became known.
        known_after_ms: i64,
        ticket: Ticket,
    },
    /// Takes back what has that id: a crew's pickup, a ticket, what was said; or a device's pickup, by the reading that names it.
    Void {
        id: String,
        pickup: String,
        at_ms: i64,
    },
}

/// What somebody says of a household.
#[derive(Clone, Debug)]
pub enum Said {
    Finding(Finding),
    Visit(Visit),
    Pathway(Pathway),
}

/// What a vehicle delivered.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub number: String,
    pub vehicle: String,
    pub at_ms: i64,
    pub stream: String,
    pub gross_g: i64,
    pub tare_g: i64,
    pub destination: String,
}

/// Where tickets are made out to: code, and whether it is a dump (else a plant).
pub const DESTINATIONS: [(&str, bool); 2] = [("bac-phong", true), ("u-phan", false)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundAction {
    Open,
    Close,
}

#[derive(Clone, Debug)]
pub struct CrewPickup {
    pub id: String,
    pub at_ms: i64,
    pub household: String,
    pub place: String,
    pub stream: String,
    /// `separated`, `mixed`, `contaminated` or `refused`.
    pub result: String,
    pub manual_g: Option<i64>,
    pub reading: Option<EventKey>,
}

/// The numbers of the sorting rule, from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub from: Day,
    pub window_opportunities: usize,
    pub window_days: i64,
    pub observable_opportunities: usize,
    pub rare_window_days: i64,
    pub rare_opportunities: usize,
    pub verified_days: i64,
    pub contrary_days: i64,
    pub closing_rounds: usize,
    pub contests_within_ms: i64,
    pub new_days: i64,
    pub new_opportunities: usize,
    pub working_percent: i64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            from: Day(0),
            window_opportunities: 3,
            window_days: 28,
            observable_opportunities: 3,
            rare_window_days: 90,
            rare_opportunities: 2,
            verified_days: 180,
            contrary_days: 90,
            closing_rounds: 2,
            contests_within_ms: 2 * HOUR_MS,
            new_days: 30,
            new_opportunities: 3,
            working_percent: 80,
        }
    }
}

/// All stored facts of one commune. `events` stand in arrival order, repeats included.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The days the figures are asked for.
    pub from: Day,
    pub to: Day,
    /// Versions of the rule, by day. None: the standard one.
    pub rules: Vec<Limits>,
    /// Waste generated, grams a person and day. None: nobody says.
    pub per_person_day_g: Option<i64>,
    pub streams: Vec<Stream>,
    pub areas: Vec<Area>,
    pub points: Vec<Point>,
    pub routes: Vec<Route>,
    pub households: Vec<Household>,
    pub tags: Vec<Tag>,
    pub devices: Vec<Device>,
    pub schedule: Vec<ScheduleRow>,
    pub pathways: Vec<Pathway>,
    pub findings: Vec<Finding>,
    pub visits: Vec<Visit>,
    pub exclusions: Vec<Exclusion>,
    pub events: Vec<Event>,
    pub operations: Vec<Operation>,
}

impl World {
    /// The rule in force on a day: the last that is, or the first of all before any is.
    pub fn limits(&self, day: Day) -> Limits {
        let last = self.rules.iter().rfind(|rule| rule.from <= day);
        last.or(self.rules.first()).cloned().unwrap_or_default()
    }

    /// The same world, in which what was said by itself and not taken back stands among the rows of files.
    pub fn settled(&self) -> World {
        let mut world = self.clone();
        let is_void = |id: &String| self.voids().any(|void| void == id);
        for operation in &self.operations {
            match operation {
                Operation::Said { id, said } if !is_void(id) => match said.clone() {
                    Said::Finding(finding) => world.findings.push(finding),
                    Said::Visit(visit) => world.visits.push(visit),
                    Said::Pathway(pathway) => world.pathways.push(pathway),
                },
                _ => {}
            }
        }
        world
    }

    /// The ids of what was taken back.
    pub fn voids(&self) -> impl Iterator<Item = &String> {
        self.operations.iter().filter_map(|operation| match operation {
            Operation::Void { pickup, .. } => Some(pickup),
            _ => None,
        })
    }
}
