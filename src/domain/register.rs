//! The register: who is registered where, with which tags, devices and schedule, and since when.
//!
//! Owns the rows as they are imported ([`Row`]) and their evaluated form, the [`Register`], which answers "what held
//! on this day". Personal data (names, addresses) is not here: no rule needs it.
//!
//! # Why
//! A register row has two times. Its own `valid_from` and `valid_to` say when the thing held and come from the newest
//! version. Its other columns (a household's point, a device's station) hold from the day on which that version was
//! recorded, so that moving a household never rewrites its past; the first version holds from the beginning.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::ids::{AreaCode, DeviceId, HouseholdCode, PlaceCode, StationCode, StreamCode, TagUid};
use super::rules::{RuleChange, Rules};
use super::state::{ExclusionReason, word};
use super::ticket::Destination;
use super::time::{LocalDay, Zone};
use super::units::Percent;

/// A stream of the commune.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// The stream's code.
    pub code: StreamCode,
    /// Vietnamese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// A required group of the sorting rule.
    pub required: bool,
    /// `#RRGGBB`.
    pub colour: String,
    /// Name of an icon.
    pub icon: String,
    /// Mean mass of a pickup without weight, grams. `None`: such pickups add nothing to tonnage.
    pub mean_g: Option<i64>,
    /// What people are told about it.
    #[serde(default)]
    pub guide: StreamGuide,
}

/// What people are told about a stream, in two languages; empty: what the product says of streams of its code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamGuide {
    /// What belongs to it, in Vietnamese.
    pub examples: String,
    /// What belongs to it, in English.
    pub examples_en: String,
    /// What to do with it, in Vietnamese.
    pub how: String,
    /// What to do with it, in English.
    pub how_en: String,
}

/// The indicators that may have a target.
pub const TARGET_INDICATORS: [&str; 1] = ["sorting_share"];

/// A year's target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The indicator, for example `sorting_share`.
    pub indicator: String,
    /// The calendar year.
    pub year: i16,
    /// The target.
    #[serde(rename = "hundredths", with = "hundredths")]
    pub percent: Percent,
}

/// A percentage as it is kept: hundredths of a percent.
mod hundredths {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Percent;

    pub fn serialize<S: Serializer>(percent: &Percent, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(percent.hundredths())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Percent, D::Error> {
        u32::deserialize(deserializer).map(Percent::from_hundredths)
    }
}

/// From when until when a thing is there at all. The other columns of its row hold from their recording on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// First day. `None`: it always was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<LocalDay>,
    /// First day on which it is no longer there. `None`: it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<LocalDay>,
}

impl Validity {
    /// Tells whether the thing is there on a day.
    pub fn holds(self, day: LocalDay) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }
}

/// What is fixed when a commune's database is created, with its streams, targets and rules.
#[derive(Clone, Debug)]
pub struct Commune {
    /// Administrative code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Time zone of its local days.
    pub zone: Zone,
    /// A simulated commune holds simulated facts only, and a real one never does.
    pub simulated: bool,
    /// Its streams, in the order of display.
    pub streams: Vec<Stream>,
    /// Targets by year.
    pub targets: Vec<Target>,
    /// Rule versions, by effective date. Never empty.
    pub rules: Vec<Rules>,
    /// What is taken as given, for want of measurement.
    pub assumptions: Assumptions,
    /// Whom households ask, in words: a name, a telephone number. Empty: the hamlet head or the officer.
    pub contact: String,
}

/// What is taken as given, for want of measurement, and where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assumptions {
    /// Waste generated, grams a person and day. `None`: not stated, so that no collection rate is given.
    pub per_person_day_g: Option<i64>,
    /// Where that comes from, in words.
    pub source: String,
    /// Destinations of the first day; later ones are recorded.
    pub destinations: Vec<Destination>,
}

impl Commune {
    /// Finds a stream.
    pub fn stream(&self, code: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.code.as_str() == code)
    }

    /// Finds a year's target for an indicator.
    pub fn target(&self, indicator: &str, year: i16) -> Option<Percent> {
        self.targets.iter().find(|target| target.year == year && target.indicator == indicator).map(|t| t.percent)
    }

    /// Gives the rule version in force on a day.
    pub fn rules_on(&self, day: LocalDay) -> &Rules {
        super::rules::in_force(&self.rules, day).expect("a commune has at least one rule version")
    }
}

/// A hamlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Code.
    pub code: AreaCode,
    /// Name.
    pub name: String,
    /// From when until when it is there.
    #[serde(flatten)]
    pub validity: Validity,
}

/// A collection point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Code.
    pub code: PlaceCode,
    /// Name.
    pub name: String,
    /// The hamlet that its tonnage belongs to.
    pub area: AreaCode,
    /// Latitude, degrees.
    pub lat: Option<f64>,
    /// Longitude, degrees.
    pub lon: Option<f64>,
    /// From when until when it is there.
    #[serde(flatten)]
    pub validity: Validity,
}

/// A household's place on a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteStop {
    /// The route.
    pub route: PlaceCode,
    /// The household.
    pub household: HouseholdCode,
    /// Walking order.
    pub order: i64,
    /// From when until when it is there.
    #[serde(flatten)]
    pub validity: Validity,
}

/// A household. Its head's name and its address are kept apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Household {
    /// Code.
    pub code: HouseholdCode,
    /// Hamlet.
    pub area: AreaCode,
    /// Persons. `None`: not stated.
    pub people: Option<i64>,
    /// Collection point. `None`: served by routes only, or not at all.
    pub point: Option<PlaceCode>,
    /// First day of registration.
    pub valid_from: LocalDay,
    /// First day on which it is no longer registered.
    pub valid_to: Option<LocalDay>,
}

/// A tag and the household that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Number.
    pub uid: TagUid,
    /// Household.
    pub household: HouseholdCode,
    /// `hf`, `uhf`, `lf` or `qr`.
    pub tech: Option<String>,
    /// First day.
    pub valid_from: LocalDay,
    /// First day on which it is no longer the household's.
    pub valid_to: Option<LocalDay>,
}

word!(
    /// What a device measures.
    DeviceKind {
        /// Reads tags.
        TagReader = "tag_reader",
        /// Weighs.
        Scale = "scale",
        /// Reads tags and weighs.
        Combined = "combined",
        /// Weighs vehicles.
        Weighbridge = "weighbridge",
    }
);

impl DeviceKind {
    /// Tells whether it reads tags.
    pub const fn reads_tags(self) -> bool {
        match self {
            Self::TagReader | Self::Combined => true,
            Self::Scale | Self::Weighbridge => false,
        }
    }
    /// Tells whether it weighs households' waste.
    pub const fn weighs(self) -> bool {
        match self {
            Self::Scale | Self::Combined => true,
            Self::TagReader | Self::Weighbridge => false,
        }
    }
}

word!(
    /// How a scale's levels become hand-overs.
    ScaleMode {
        /// A load is a hand-over.
        Platform = "platform",
        /// The step between settled levels is a hand-over.
        Bin = "bin",
        /// One event carries identity, gross and tare.
        Lift = "lift",
    }
);

/// A device at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Device id: topic level and user name.
    pub device: DeviceId,
    /// Point, route or vehicle.
    pub place: PlaceCode,
    /// What it measures.
    pub kind: DeviceKind,
    /// Station. `None`: the devices of a place that name none form one station.
    pub station: Option<StationCode>,
    /// Payload profile.
    pub profile: String,
    /// Scale mode; `platform` when none is given.
    pub mode: ScaleMode,
    /// The stream that it measures. `None`: its events name theirs.
    pub stream: Option<StreamCode>,
    /// Maximum capacity (Max), grams.
    pub max_g: Option<i64>,
    /// Scale division (e), grams.
    pub division_g: Option<i64>,
    /// Minimum capacity (Min), grams.
    pub min_g: Option<i64>,
    /// Last day of the scale's legal verification.
    pub verified_until: Option<LocalDay>,
    /// How long after a visit's last read a weight is its own at this station, seconds, 1..=120. `None`: the standard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_read_s: Option<i64>,
    /// How long before a read a weight may be its own at this station, seconds, 0..=120. `None`: the standard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_read_s: Option<i64>,
    /// How close reads of two households are ambiguous at this station, seconds, 0..=120. `None`: the standard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together_s: Option<i64>,
    /// From when until when it is there.
    #[serde(flatten)]
    pub validity: Validity,
}

impl Device {
    /// Gives the station whose readings this device's are joined with.
    pub fn station(&self) -> StationCode {
        self.station.clone().unwrap_or_else(|| StationCode::new(self.place.as_str()))
    }
}

/// A line of the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRow {
    /// Point or route.
    pub place: PlaceCode,
    /// Stream.
    pub stream: StreamCode,
    /// Monday first; true where a round is held.
    pub weekdays: [bool; 7],
    /// Every so many seven-day blocks, counted from `valid_from`. 1 or more.
    pub every_weeks: i32,
    /// Start, minutes after local midnight.
    pub start_minute: i32,
    /// End, minutes after local midnight; at or before the start means the next day.
    pub end_minute: i32,
    /// First service date.
    pub valid_from: LocalDay,
    /// First day without service.
    pub valid_to: Option<LocalDay>,
}

impl ScheduleRow {
    /// Tells whether a round starts on `day`.
    pub fn serves(&self, day: LocalDay) -> bool {
        if day < self.valid_from || self.valid_to.is_some_and(|to| day >= to) {
            return false;
        }
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
        let block = (day - self.valid_from).div_euclid(7);
        self.weekdays[weekday] && block.rem_euclid(self.every_weeks.max(1)) == 0
    }

    /// Tells whether fewer rounds are held than weeks pass.
    pub fn is_less_than_weekly(&self) -> bool {
        let weekdays = self.weekdays.iter().filter(|serves| **serves).count();
        i32::try_from(weekdays).is_ok_and(|weekdays| weekdays < self.every_weeks)
    }

    /// Gives the end in minutes after the service date's midnight: past 1 440 when it crosses midnight.
    pub fn end_minute_from_service_date(&self) -> i32 {
        if self.end_minute <= self.start_minute { self.end_minute + 24 * 60 } else { self.end_minute }
    }
}

/// A household that is not in the denominator for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Household.
    pub household: HouseholdCode,
    /// Why.
    pub reason: ExclusionReason,
    /// First day.
    pub from: LocalDay,
    /// First day on which it counts again.
    pub to: Option<LocalDay>,
    /// Who decided.
    pub by: String,
}

/// One row of the register, of any kind, as recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum Row {
    /// A hamlet.
    Area(Area),
    /// A collection point.
    Point(Point),
    /// A stop of a route.
    Route(RouteStop),
    /// A household.
    Household(Household),
    /// A tag.
    Tag(Tag),
    /// A device.
    Device(Device),
    /// A line of the schedule.
    Schedule(ScheduleRow),
    /// An exclusion.
    Exclusion(Exclusion),
    /// A year's target.
    Target(Target),
    /// A version of the sorting rule.
    Rule(RuleChange),
}

impl Row {
    /// Gives the kind's word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Area(_) => "area",
            Self::Point(_) => "point",
            Self::Route(_) => "route",
            Self::Household(_) => "household",
            Self::Tag(_) => "tag",
            Self::Device(_) => "device",
            Self::Schedule(_) => "schedule",
            Self::Exclusion(_) => "exclusion",
            Self::Target(_) => "target",
            Self::Rule(_) => "rule",
        }
    }

    /// Gives the first day of the row's own validity, and the first day on which it no longer holds. `None`: it has none.
    pub const fn validity(&self) -> (Option<LocalDay>, Option<LocalDay>) {
        match self {
            Self::Household(row) => (Some(row.valid_from), row.valid_to),
            Self::Tag(row) => (Some(row.valid_from), row.valid_to),
            Self::Schedule(row) => (Some(row.valid_from), row.valid_to),
            Self::Exclusion(row) => (Some(row.from), row.to),
            Self::Rule(row) => (Some(row.rules.effective_from), None),
            Self::Area(Area { validity, .. })
            | Self::Point(Point { validity, .. })
            | Self::Route(RouteStop { validity, .. })
            | Self::Device(Device { validity, .. }) => (validity.valid_from, validity.valid_to),
            // A target is its year's.
            Self::Target(_) => (None, None),
        }
    }

    /// Gives what identifies the thing across its versions.
    pub fn key(&self) -> String {
        match self {
            Self::Area(row) => row.code.to_string(),
            Self::Point(row) => row.code.to_string(),
            Self::Route(row) => format!("{}|{}", row.route, row.household),
            Self::Household(row) => format!("{}|{}", row.code, row.valid_from),
            Self::Tag(row) => format!("{}|{}", row.uid, row.valid_from),
            Self::Device(row) => row.device.to_string(),
            Self::Schedule(row) => format!("{}|{}|{}|{}", row.place, row.stream, row.valid_from, row.start_minute),
            Self::Exclusion(row) => format!("{}|{}|{}", row.household, row.reason, row.from),
            Self::Target(row) => format!("{}|{}", row.indicator, row.year),
            Self::Rule(row) => row.rules.version.clone(),
        }
    }
}

/// A value that changed over time: its versions with the first day of each, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Versions<T>(Vec<(LocalDay, T)>);

impl<T> Versions<T> {
    /// Gives what held on a day.
    pub fn on(&self, day: LocalDay) -> &T {
        let at = self.0.partition_point(|(from, _)| *from <= day);
        &self.0[at.saturating_sub(1)].1
    }
    /// Gives the newest version.
    pub fn newest(&self) -> &T {
        &self.0[self.0.len() - 1].1
    }
    /// Gives all versions with their first day; the first one's is the beginning of time.
    pub fn all(&self) -> impl Iterator<Item = (LocalDay, &T)> {
        self.0.iter().map(|(from, value)| (*from, value))
    }
    fn push(&mut self, from: LocalDay, value: T) {
        match self.0.last_mut() {
            Some((last, held)) if *last == from => *held = value,
            _ => self.0.push((from, value)),
        }
    }
}

const BEGINNING: LocalDay = LocalDay::from_number(i32::MIN / 2);

fn record<K: Ord, T>(into: &mut BTreeMap<K, Versions<T>>, key: K, from: LocalDay, value: T) {
    match into.get_mut(&key) {
        Some(versions) => versions.push(from, value),
        None => {
            into.insert(key, Versions(vec![(BEGINNING, value)]));
        }
    }
}

/// A household's registration: its rows by validity, each with its recorded versions. A household that moves has a
/// row for each of its dwellings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registration(Vec<Versions<Household>>);

impl Registration {
    /// Gives what is registered on a day. `None`: the household is not registered then.
    pub fn on(&self, day: LocalDay) -> Option<&Household> {
        let row = self.0.iter().find(|row| holds(row.newest().valid_from, row.newest().valid_to, day))?;
        Some(row.on(day))
    }
    /// Gives the newest row.
    pub fn newest(&self) -> &Household {
        self.0[self.0.len() - 1].newest()
    }
    /// Gives the first day of registration.
    pub fn first_day(&self) -> LocalDay {
        self.0[0].newest().valid_from
    }
    /// Gives every version of every row.
    pub fn all(&self) -> impl Iterator<Item = &Household> {
        self.0.iter().flat_map(|row| row.all().map(|(_, household)| household))
    }
    fn record(&mut self, from: LocalDay, household: Household) {
        match self.0.iter_mut().find(|row| row.newest().valid_from == household.valid_from) {
            Some(row) => row.push(from, household),
            None => {
                self.0.push(Versions(vec![(BEGINNING, household)]));
                self.0.sort_by_key(|row| row.newest().valid_from);
            }
        }
    }
}

/// The register, evaluated: answers what held on a day. Built from every recorded row, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// Hamlets by code.
    pub areas: BTreeMap<AreaCode, Area>,
    /// Collection points by code.
    pub points: BTreeMap<PlaceCode, Versions<Point>>,
    /// Households by code.
    pub households: BTreeMap<HouseholdCode, Registration>,
    /// Devices by id.
    pub devices: BTreeMap<DeviceId, Versions<Device>>,
    /// Schedule lines by key.
    pub schedule: BTreeMap<String, Versions<ScheduleRow>>,
    /// Exclusions by household.
    pub exclusions: HashMap<HouseholdCode, Vec<Exclusion>>,
    tags: HashMap<TagUid, Vec<Tag>>,
    tags_of: HashMap<HouseholdCode, Vec<Tag>>,
    routes: BTreeMap<String, Versions<RouteStop>>,
    routes_of: HashMap<HouseholdCode, Vec<PlaceCode>>,
    households_at: HashMap<PlaceCode, Vec<HouseholdCode>>,
    schedule_at: HashMap<PlaceCode, Vec<String>>,
    devices_at: HashMap<PlaceCode, Vec<DeviceId>>,
}

impl Register {
    /// Builds the register from recorded rows with the local day of their recording, oldest first.
    pub fn build(rows: impl IntoIterator<Item = (LocalDay, Row)>) -> Self {
        let mut register = Self::default();
        let mut tags: BTreeMap<String, Tag> = BTreeMap::new();
        let mut exclusions: BTreeMap<String, Exclusion> = BTreeMap::new();
        for (recorded, row) in rows {
            let key = row.key();
            match row {
                Row::Area(area) => {
                    register.areas.insert(area.code.clone(), area);
                }
                Row::Point(point) => record(&mut register.points, point.code.clone(), recorded, point),
                Row::Route(stop) => record(&mut register.routes, key, recorded, stop),
                Row::Household(household) => {
                    register.households.entry(household.code.clone()).or_default().record(recorded, household);
                }
                Row::Tag(tag) => {
                    tags.insert(key, tag);
                }
                Row::Device(device) => record(&mut register.devices, device.device.clone(), recorded, device),
                Row::Schedule(line) => record(&mut register.schedule, key, recorded, line),
                Row::Exclusion(exclusion) => {
                    exclusions.insert(key, exclusion);
                }
                // The commune holds its targets and rules.
                Row::Target(_) | Row::Rule(_) => {}
            }
        }
        for tag in tags.into_values() {
            register.tags_of.entry(tag.household.clone()).or_default().push(tag.clone());
            register.tags.entry(tag.uid.clone()).or_default().push(tag);
        }
        for exclusion in exclusions.into_values() {
            register.exclusions.entry(exclusion.household.clone()).or_default().push(exclusion);
        }
        register.index();
        register
    }

    fn index(&mut self) {
        for (code, registration) in &self.households {
            for household in registration.all() {
                if let Some(point) = &household.point {
                    push_once(self.households_at.entry(point.clone()).or_default(), code);
                }
            }
        }
        for stops in self.routes.values() {
            let stop = stops.newest();
            push_once(self.routes_of.entry(stop.household.clone()).or_default(), &stop.route);
            push_once(self.households_at.entry(stop.route.clone()).or_default(), &stop.household);
        }
        for (key, versions) in &self.schedule {
            push_once(self.schedule_at.entry(versions.newest().place.clone()).or_default(), key);
        }
        for (id, versions) in &self.devices {
            for (_, device) in versions.all() {
                push_once(self.devices_at.entry(device.place.clone()).or_default(), id);
            }
        }
    }

    /// Gives the household that a tag belongs to on a day. `None`: the tag is not registered then.
    pub fn household_of(&self, uid: &TagUid, day: LocalDay) -> Option<&HouseholdCode> {
        let tags = self.tags.get(uid)?;
        tags.iter().find(|tag| holds(tag.valid_from, tag.valid_to, day)).map(|tag| &tag.household)
    }

    /// Tells whether the household has a tag on a day.
    pub fn has_tag(&self, household: &HouseholdCode, day: LocalDay) -> bool {
        self.tags_of.get(household).is_some_and(|tags| tags.iter().any(|t| holds(t.valid_from, t.valid_to, day)))
    }

    /// Gives a household's tags, at any time.
    pub fn tags_of(&self, household: &HouseholdCode) -> &[Tag] {
        self.tags_of.get(household).map_or(&[], Vec::as_slice)
    }

    /// Gives every place that ever served the household: its points and its routes.
    pub fn places_of(&self, household: &HouseholdCode) -> Vec<PlaceCode> {
        let mut places = Vec::new();
        if let Some(registration) = self.households.get(household) {
            for version in registration.all() {
                if let Some(point) = &version.point {
                    push_once(&mut places, point);
                }
            }
        }
        for route in self.routes_of.get(household).into_iter().flatten() {
            push_once(&mut places, route);
        }
        places
    }

    /// Tells whether a place serves the household on a day: its point then, or one of its routes.
    pub fn serves(&self, place: &PlaceCode, household: &HouseholdCode, day: LocalDay) -> bool {
        let registration = self.households.get(household);
        registration.and_then(|r| r.on(day)).is_some_and(|version| version.point.as_ref() == Some(place))
            || self.stop(place, household, day).is_some()
    }

    /// Gives a household's walking order on a route on a day. `None`: the place is no route of the household then.
    pub fn stop_order(&self, route: &PlaceCode, household: &HouseholdCode, day: LocalDay) -> Option<i64> {
        self.stop(route, household, day).map(|stop| stop.order)
    }

    fn stop(&self, route: &PlaceCode, household: &HouseholdCode, day: LocalDay) -> Option<&RouteStop> {
        if !self.routes_of.get(household)?.contains(route) {
            return None;
        }
        let stop = self.routes.get(&format!("{route}|{household}"))?;
        stop.newest().validity.holds(day).then(|| stop.on(day))
    }

    /// Gives every household that the place ever served.
    pub fn households_at(&self, place: &PlaceCode) -> &[HouseholdCode] {
        self.households_at.get(place).map_or(&[], Vec::as_slice)
    }

    /// Gives the days from which a place may lie in another hamlet than the day before: of a route, where something begins or ends for a
    /// household on it.
    pub fn area_breaks(&self, place: &PlaceCode) -> BTreeSet<LocalDay> {
        let mut days = BTreeSet::new();
        for code in self.households_at(place) {
            for row in self.households.get(code).into_iter().flat_map(|spells| &spells.0) {
                for (from, household) in row.all() {
                    days.extend([Some(from), Some(household.valid_from), household.valid_to].into_iter().flatten());
                }
            }
            for (from, stop) in self.routes.get(&format!("{place}|{code}")).into_iter().flat_map(Versions::all) {
                days.extend([Some(from), stop.validity.valid_from, stop.validity.valid_to].into_iter().flatten());
            }
        }
        days
    }

    /// Tells whether a place is open on a day; one that is no point always is.
    pub fn is_open(&self, place: &PlaceCode, day: LocalDay) -> bool {
        self.points.get(place).is_none_or(|point| point.newest().validity.holds(day))
    }

    /// Gives the schedule lines of a place that hold on a day. A point that is closed has none.
    pub fn schedule_on(&self, place: &PlaceCode, day: LocalDay) -> impl Iterator<Item = &ScheduleRow> {
        let lines = self.schedule_at.get(place).filter(|_| self.is_open(place, day));
        lines.into_iter().flatten().filter_map(move |key| {
            let line = self.schedule.get(key)?;
            let newest = line.newest();
            holds(newest.valid_from, newest.valid_to, day).then(|| line.on(day))
        })
    }

    /// Gives the places that have a schedule.
    pub fn scheduled_places(&self) -> impl Iterator<Item = &PlaceCode> {
        self.schedule_at.keys()
    }

    /// Gives the devices of a place on a day, those that are in use then.
    pub fn devices_on(&self, place: &PlaceCode, day: LocalDay) -> impl Iterator<Item = &Device> {
        self.devices_ever(place, day).filter(move |device| self.is_in_use(&device.device, day))
    }

    /// Gives the devices of a place as they are on a day, in use or not.
    pub fn devices_ever(&self, place: &PlaceCode, day: LocalDay) -> impl Iterator<Item = &Device> {
        let ids = self.devices_at.get(place).into_iter().flatten();
        ids.filter_map(|id| self.devices.get(id))
            .map(move |versions| versions.on(day))
            .filter(move |device| device.place == *place)
    }

    /// Tells whether a device is in use on a day: what it sends on another one is kept and counts for nothing.
    pub fn is_in_use(&self, device: &DeviceId, day: LocalDay) -> bool {
        self.devices.get(device).is_some_and(|versions| versions.newest().validity.holds(day))
    }

    /// Gives the hamlet that a place's tonnage belongs to: its point's, or for a route that of its first household in walking order.
    pub fn area_of_place(&self, place: &PlaceCode, day: LocalDay) -> Option<&AreaCode> {
        if let Some(point) = self.points.get(place) {
            return Some(&point.on(day).area);
        }
        // Who has no stop on that day comes after those who have one.
        let order = |code: &HouseholdCode| self.stop_order(place, code, day).unwrap_or(i64::MAX);
        let (_, first) = self.households_at(place).iter().map(|code| (order(code), code)).min()?;
        let first = self.households.get(first)?;
        Some(&first.on(day).unwrap_or_else(|| first.newest()).area)
    }

    /// Gives the first day of any schedule line: the beginning of the commune's service.
    pub fn first_service_day(&self) -> Option<LocalDay> {
        self.schedule.values().map(|line| line.newest().valid_from).min()
    }
}

fn holds(from: LocalDay, to: Option<LocalDay>, day: LocalDay) -> bool {
    from <= day && to.is_none_or(|to| day < to)
}

fn push_once<T: PartialEq + Clone>(into: &mut Vec<T>, value: &T) {
    if !into.contains(value) {
        into.push(value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: LocalDay = LocalDay::from_number(20_000);

    fn until(day: LocalDay) -> Validity {
        Validity { valid_from: Some(FIRST), valid_to: Some(day) }
    }

    /// A point with a device and a daily round, and a route of one household; each is there from the first day to the tenth.
    fn register() -> Register {
        let end = FIRST + 10;
        let rows = [
            Row::Area(Area { code: "A".into(), name: "A".to_owned(), validity: Validity::default() }),
            Row::Point(Point {
                code: "P".into(),
                name: "P".to_owned(),
                area: "A".into(),
                lat: None,
                lon: None,
                validity: until(end),
            }),
            Row::Household(Household {
                code: "H".into(),
                area: "A".into(),
                people: None,
                point: Some("P".into()),
                valid_from: FIRST - 100,
                valid_to: None,
            }),
            Row::Route(RouteStop { route: "R".into(), household: "H".into(), order: 1, validity: until(end) }),
            Row::Device(Device {
                device: "d".into(),
                place: "P".into(),
                kind: DeviceKind::Scale,
                station: None,
                profile: "native".to_owned(),
                mode: ScaleMode::Platform,
                stream: None,
                max_g: None,
                division_g: None,
                min_g: None,
                verified_until: None,
                after_read_s: None,
                before_read_s: None,
                together_s: None,
                validity: until(end),
            }),
            Row::Schedule(ScheduleRow {
                place: "P".into(),
                stream: "food".into(),
                weekdays: [true; 7],
                every_weeks: 1,
                start_minute: 0,
                end_minute: 60,
                valid_from: FIRST - 100,
                valid_to: None,
            }),
        ];
        Register::build(rows.into_iter().map(|row| (FIRST, row)))
    }

    #[test]
    fn what_has_ended_or_not_begun_is_not_there() {
        let register = register();
        let (point, route, household) = (PlaceCode::new("P"), PlaceCode::new("R"), HouseholdCode::new("H"));
        for (day, there) in [(FIRST - 1, false), (FIRST, true), (FIRST + 9, true), (FIRST + 10, false)] {
            assert_eq!(register.devices_on(&point, day).count() == 1, there, "a device on {day}");
            assert_eq!(register.schedule_on(&point, day).count() == 1, there, "a round of a point on {day}");
            assert_eq!(register.serves(&route, &household, day), there, "a stop of a route on {day}");
            assert_eq!(register.stop_order(&route, &household, day).is_some(), there, "its order on {day}");
        }
        assert!(register.is_open(&route, FIRST + 99), "what is no point is not closed");
        assert_eq!(register.places_of(&household), [point, route], "what it once was stays known");
    }

    #[test]
    fn a_row_recorded_before_things_had_validity_reads_as_one_without() {
        let old = r#"{"row":"route","route":"R","household":"H","order":3}"#;
        let read: Row = serde_json::from_str(old).expect("a row");
        let now =
            Row::Route(RouteStop { route: "R".into(), household: "H".into(), order: 3, validity: Validity::default() });
        assert_eq!(read, now);
        assert_eq!(serde_json::to_string(&now).expect("written"), old);
        let target = Row::Target(Target {
            indicator: "sorting_share".to_owned(),
            year: 2026,
            percent: Percent::from_hundredths(9_250),
        });
        let text = serde_json::to_string(&target).expect("written");
        assert_eq!(serde_json::from_str::<Row>(&text).expect("a row"), target);
    }
}
