//! From readings to hand-overs: which household laid what on which scale.
//!
//! Owns the three times of a station and the rule of visits. Precision comes first: what could be two households' is
//! nobody's.
//!
//! The readings of a station in time order form *visits*: a tag read opens one, a read of another tag closes it, and so
//! does a silence longer than [`Windows::after_read_ms`]. Stable
//! weights within [`Windows::after_read_ms`] of the visit's last read belong to it; a weight with no open visit belongs
//! to the household read within the next [`Windows::before_read_ms`], if it is the only one.
//!
//! # Why
//! An unregistered tag is somebody's: beside a household's it makes a weight ambiguous, exactly as it will once it is
//! registered. A load with one overloaded level is overloaded as a whole.
//!
//! A person without a card who comes close behind a household falls into its visit, or ahead of the next one's. No rule
//! over all stations can tell: several weighings of one visit are allowed. Who runs a station knows how long a bag takes
//! there and whether cards are shown first, so the device register may name its times. None is longer than
//! [`Windows::repeat_ms`], so a station's own times never join clusters that [`Windows::quiet_ms`] parts.
//!
//! Loads are grouped in the order of the device's own log, not of its clock: a clock that jumps back cannot tear one
//! load in two. Every rise of a bin is a hand-over, however small: dropping small ones would lose mass without a trace.

use std::collections::BTreeMap;

use super::ids::{DeviceId, EventId, HouseholdCode, LogId, StationCode, StreamCode, TagUid};
use super::reading::{Event, Grade, Range, Reading, Weight};
use super::register::{Device, Register, ScaleMode};
use super::state::word;
use super::time::{Instant, MINUTE_MS, Zone};

/// The times within which a station's readings are joined, milliseconds, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// A weight this long after a visit's last read still belongs to it.
    pub after_read_ms: i64,
    /// A weight with no open visit belongs to the tag read this soon after it.
    pub before_read_ms: i64,
    /// Reads of two households this close are ambiguous.
    pub ambiguous_ms: i64,
    /// Reads of one household this close, at a station without a scale, are one pickup.
    pub repeat_ms: i64,
}

impl Default for Windows {
    fn default() -> Self {
        Self { after_read_ms: 30_000, before_read_ms: 15_000, ambiguous_ms: 2_000, repeat_ms: 2 * MINUTE_MS }
    }
}

impl Windows {
    /// Gives the times of the station that these devices form: what they name, else these.
    ///
    /// Where devices of one station differ, the more careful holds: the shorter reach, the wider doubt.
    #[must_use]
    pub fn of_station(&self, members: &[Device]) -> Self {
        let named = |pick: fn(&Device) -> Option<i64>| members.iter().filter_map(pick).map(|named_s| named_s * 1_000);
        Self {
            after_read_ms: named(|device| device.after_read_s).min().unwrap_or(self.after_read_ms),
            before_read_ms: named(|device| device.before_read_s).min().unwrap_or(self.before_read_ms),
            ambiguous_ms: named(|device| device.together_s).max().unwrap_or(self.ambiguous_ms),
            repeat_ms: self.repeat_ms,
        }
    }

    /// Gives a quiet time after which no reading can be joined with an earlier one, loads and bins apart.
    pub fn quiet_ms(&self) -> i64 {
        self.after_read_ms.max(self.before_read_ms).max(self.ambiguous_ms).max(self.repeat_ms) + 1
    }
}

word!(
    /// Whose a hand-over is.
    Attribution {
        /// One household's, and no other could be meant.
        Known = "known",
        /// No registered tag was read.
        Unknown = "unknown",
        /// Two households could be meant: counted like unknown.
        Ambiguous = "ambiguous",
    }
);

/// One reading of a station, with its graded time.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The reading.
    pub reading: Reading,
    /// Its graded time.
    pub time: Instant,
    /// How the time is known.
    pub grade: Grade,
}

/// What was laid on a scale, lifted by a vehicle, or shown by a tag at a reader without a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// The reading that names it: the first settled level of the load, the level after the step, the lift, the read.
    pub anchor: EventId,
    /// Every reading behind it, in log order.
    pub readings: Vec<EventId>,
    /// When.
    pub time: Instant,
    /// How the time is known.
    pub grade: Grade,
    /// Stream; unnamed where neither event nor device names one.
    pub stream: StreamCode,
    /// Net mass, grams. `None`: presence only.
    pub net_g: Option<i64>,
    /// The mass is over the scale's limit and never used.
    pub overload: bool,
    /// The mass is below the scale's minimum: presence counts, the mass is flagged.
    pub below_min: bool,
    /// Whose it is.
    pub attribution: Attribution,
    /// The household, where known.
    pub household: Option<HouseholdCode>,
    /// The tag that was read, where one was.
    pub tag: Option<TagUid>,
}

/// What attribution asks of the register, for one station.
#[derive(Clone, Copy, Debug)]
pub struct StationRegister<'a> {
    /// The register.
    pub register: &'a Register,
    /// Where local days begin.
    pub zone: &'a Zone,
    /// The station.
    pub station: &'a StationCode,
}

impl StationRegister<'_> {
    fn household_of(&self, uid: &TagUid, time: Instant) -> Option<HouseholdCode> {
        self.register.household_of(uid, self.zone.day_of(time)).cloned()
    }

    fn device(&self, id: &DeviceId, time: Instant) -> Option<&Device> {
        self.register.devices.get(id).map(|versions| versions.on(self.zone.day_of(time)))
    }

    fn has_scale(&self) -> bool {
        self.register
            .devices
            .values()
            .any(|versions| versions.all().any(|(_, device)| device.kind.weighs() && device.station() == *self.station))
    }
}

#[derive(Debug)]
struct Visit {
    uid: TagUid,
    household: Option<HouseholdCode>,
    reads: Vec<(Instant, EventId)>,
    ambiguous: bool,
}

struct Load<'a> {
    levels: Vec<(&'a Observed, &'a Weight)>,
}

/// Joins a station's readings into hand-overs.
///
/// `observed` holds all readings of one station between two quiet gaps, in any order; for bins it also holds the last
/// settled level before, whose own hand-over the caller drops by its time. The answer is ordered by time and anchor.
pub fn attribute(observed: &[Observed], owners: StationRegister<'_>, windows: &Windows) -> Vec<HandOver> {
    let mut in_time: Vec<&Observed> = observed.iter().collect();
    in_time.sort_by(|a, b| (a.time, &a.reading.id).cmp(&(b.time, &b.reading.id)));
    let visits = visits(&in_time, owners, windows);
    let restless = restless(&in_time);
    let mut hand_overs = Vec::new();
    for (device_id, weights) in weights_by_device(&in_time) {
        let Some(device) = owners.device(&device_id, weights[0].0.time) else { continue };
        match device.mode {
            ScaleMode::Platform => {
                for load in loads(&weights, &in_time, device) {
                    let mut hand_over = load.hand_over(device, &visits, windows);
                    if let (Some(hand_over), Some(number)) = (&mut hand_over, load.number()) {
                        hand_over.readings.extend(restless.get(&number).into_iter().flatten().cloned());
                    }
                    hand_overs.extend(hand_over);
                }
            }
            ScaleMode::Bin => bin_steps(&weights, device, &visits, windows, &mut hand_overs),
            ScaleMode::Lift => {}
        }
    }
    for observation in &in_time {
        if let Event::Lift { uid, gross_g, tare_g, stream } = &observation.reading.event
            && gross_g > tare_g
        {
            hand_overs.push(lift(observation, uid, (*gross_g, *tare_g), stream.as_ref(), owners));
        }
    }
    if !owners.has_scale() {
        presences(&visits, owners, windows, &in_time, &mut hand_overs);
    }
    hand_overs.sort_by(|a, b| (a.time, &a.anchor).cmp(&(b.time, &b.anchor)));
    hand_overs
}

fn visits(in_time: &[&Observed], owners: StationRegister<'_>, windows: &Windows) -> Vec<Visit> {
    let mut visits: Vec<Visit> = Vec::new();
    for observation in in_time {
        let Event::Tag { uid, .. } = &observation.reading.event else { continue };
        // A time known by arrival only says nothing about who stood there.
        if observation.grade == Grade::Received {
            continue;
        }
        let read = (observation.time, observation.reading.id.clone());
        match visits.last_mut() {
            // The household is asked again after midnight, when the tag may have become another's.
            Some(open)
                if open.uid == *uid
                    && open.is_open_at(observation.time, windows)
                    && open.household == owners.household_of(uid, observation.time) =>
            {
                open.reads.push(read);
            }
            Some(_) | None => visits.push(Visit {
                uid: uid.clone(),
                household: owners.household_of(uid, observation.time),
                reads: vec![read],
                ambiguous: false,
            }),
        }
    }
    mark_ambiguous(&mut visits, windows);
    visits
}

fn mark_ambiguous(visits: &mut [Visit], windows: &Windows) {
    for later in 1..visits.len() {
        let Some(opened) = visits[later].reads.first().map(|read| read.0) else { continue };
        for earlier in (0..later).rev() {
            let Some(closed) = visits[earlier].reads.last().map(|read| read.0) else { continue };
            if opened.since(closed) > windows.ambiguous_ms {
                break;
            }
            if !visits[earlier].is_same_holder(&visits[later]) {
                visits[earlier].ambiguous = true;
                visits[later].ambiguous = true;
            }
        }
    }
}

type Owner = (Attribution, Option<HouseholdCode>, Option<TagUid>, Option<EventId>);

/// Finds whose a weight is.
fn owner(visits: &[Visit], weight: &Observed, windows: &Windows) -> Owner {
    if weight.grade == Grade::Received {
        return (Attribution::Unknown, None, None, None);
    }
    let time = weight.time;
    let opened = visits.partition_point(|visit| visit.reads.first().is_some_and(|read| read.0 <= time));
    if let Some(visit) = opened.checked_sub(1).and_then(|at| visits.get(at)) {
        let last_read = visit.reads.iter().rfind(|read| read.0 <= time);
        if let Some((read_at, read)) = last_read
            && time.since(*read_at) <= windows.after_read_ms
        {
            let (attribution, household) = visit.owner();
            return (attribution, household, Some(visit.uid.clone()), Some(read.clone()));
        }
    }
    let until = time.plus_ms(windows.before_read_ms);
    let mut candidate: Option<(&Visit, &EventId)> = None;
    for visit in &visits[opened.saturating_sub(1)..] {
        let Some((_, read)) = visit.reads.iter().find(|read| read.0 > time && read.0 <= until) else { continue };
        match candidate {
            Some((other, _)) if !other.is_same_holder(visit) => {
                return (Attribution::Ambiguous, None, None, None);
            }
            Some(_) => {}
            None => candidate = Some((visit, read)),
        }
    }
    match candidate {
        Some((visit, read)) => {
            let (attribution, household) = visit.owner();
            (attribution, household, Some(visit.uid.clone()), Some(read.clone()))
        }
        None => (Attribution::Unknown, None, None, None),
    }
}

impl Visit {
    fn is_open_at(&self, time: Instant, windows: &Windows) -> bool {
        self.reads.last().is_some_and(|(last, _)| time.since(*last) <= windows.after_read_ms)
    }

    /// Tells whether both visits are one household's; of tags that nobody owns, whether they are one tag's.
    fn is_same_holder(&self, other: &Visit) -> bool {
        match (&self.household, &other.household) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.uid == other.uid,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    fn owner(&self) -> (Attribution, Option<HouseholdCode>) {
        match (&self.household, self.ambiguous) {
            (_, true) => (Attribution::Ambiguous, None),
            (Some(household), false) => (Attribution::Known, Some(household.clone())),
            (None, false) => (Attribution::Unknown, None),
        }
    }
}

type LevelsOf<'a> = BTreeMap<DeviceId, Vec<(&'a Observed, &'a Weight)>>;

/// Collects the settled levels of each device: stable ones, in the order of its log, calibration left out.
fn weights_by_device<'a>(in_time: &[&'a Observed]) -> LevelsOf<'a> {
    let mut by_device: LevelsOf<'a> = BTreeMap::new();
    for observation in in_time {
        if let Event::Weight(weight) = &observation.reading.event
            && weight.stable
            && !weight.maintenance
        {
            by_device.entry(observation.reading.id.device.clone()).or_default().push((observation, weight));
        }
    }
    for levels in by_device.values_mut() {
        // Within one log by number; the logs themselves by the time of their first level.
        let mut first: BTreeMap<LogId, Instant> = BTreeMap::new();
        for (observation, _) in levels.iter() {
            first.entry(observation.reading.id.log.clone()).or_insert(observation.time);
        }
        levels.sort_by_key(|(o, _)| (first[&o.reading.id.log], o.reading.id.clone()));
    }
    by_device
}

/// Groups a platform's levels into loads, in the order of their first levels.
fn loads<'a>(levels: &[(&'a Observed, &'a Weight)], in_time: &[&Observed], device: &Device) -> Vec<Load<'a>> {
    let mut loads: Vec<Load<'a>> = Vec::new();
    let mut numbered: BTreeMap<(&LogId, i64, i64), usize> = BTreeMap::new();
    let mut unnumbered: Option<((&Observed, &Weight), usize)> = None;
    for &(observation, weight) in levels {
        let reading = &observation.reading;
        if is_zero(weight) {
            // A load that counts its departures from zero ends by its number; one that does not ends here.
            unnumbered = None;
            continue;
        }
        let same = match (weight.load, unnumbered) {
            (Some(number), _) => numbered.get(&(&reading.id.log, reading.boot, number)).copied(),
            (None, Some(((before, held), at))) => {
                let repeats = before.reading.id.log == reading.id.log
                    && repeats(before, held, observation, weight, in_time, device);
                repeats.then_some(at)
            }
            (None, None) => None,
        };
        let at = same.unwrap_or_else(|| {
            loads.push(Load { levels: Vec::new() });
            loads.len() - 1
        });
        loads[at].levels.push((observation, weight));
        match weight.load {
            Some(number) => {
                numbered.insert((&reading.id.log, reading.boot, number), at);
            }
            None => unnumbered = Some(((observation, weight), at)),
        }
    }
    loads
}

fn is_zero(weight: &Weight) -> bool {
    weight.net_g() <= 0
}

/// Tells whether a level without a load number repeats the one before: within one division, no tag between.
fn repeats(
    before: &Observed,
    held: &Weight,
    now: &Observed,
    weight: &Weight,
    in_time: &[&Observed],
    device: &Device,
) -> bool {
    let division_g = weight.division_g.or(device.division_g).unwrap_or(0);
    let near = (weight.net_g() - held.net_g()).abs() <= division_g;
    let (from, to) = (before.time.min(now.time), before.time.max(now.time));
    near && !in_time.iter().any(|o| matches!(o.reading.event, Event::Tag { .. }) && o.time > from && o.time < to)
}

pub(super) fn overloaded(weight: &Weight, device: &Device) -> bool {
    // OIML R 76-1, 4.2.3: no indication above Max + 9 e.
    let division_g = weight.division_g.or(device.division_g).unwrap_or(0);
    weight.range == Some(Range::Overload) || device.max_g.is_some_and(|max_g| weight.gross_g > max_g + 9 * division_g)
}

pub(super) fn below_min(weight: &Weight, net_g: i64, device: &Device) -> bool {
    weight.range == Some(Range::BelowMin) || device.min_g.is_some_and(|min_g| net_g < min_g)
}

/// What names a load: device, log, boot and number.
type LoadNumber<'a> = (&'a DeviceId, &'a LogId, i64, i64);

fn load_number<'a>(reading: &'a Reading, weight: &Weight) -> Option<LoadNumber<'a>> {
    Some((&reading.id.device, &reading.id.log, reading.boot, weight.load?))
}

/// Collects the unstable levels of each load: never used for its mass, but a crew may name one of them.
fn restless<'a>(in_time: &[&'a Observed]) -> BTreeMap<LoadNumber<'a>, Vec<EventId>> {
    let mut by_load: BTreeMap<LoadNumber<'a>, Vec<EventId>> = BTreeMap::new();
    for observation in in_time {
        if let Event::Weight(weight) = &observation.reading.event
            && !weight.stable
            && !weight.maintenance
            && let Some(number) = load_number(&observation.reading, weight)
        {
            by_load.entry(number).or_default().push(observation.reading.id.clone());
        }
    }
    by_load
}

impl<'a> Load<'a> {
    fn number(&self) -> Option<LoadNumber<'a>> {
        let (first, weight) = self.levels.first()?;
        load_number(&first.reading, weight)
    }

    fn hand_over(&self, device: &Device, visits: &[Visit], windows: &Windows) -> Option<HandOver> {
        let (first, _) = self.levels.first()?;
        let overload = self.levels.iter().any(|(_, weight)| overloaded(weight, device));
        let level = self.levels.iter().map(|(_, weight)| *weight).max_by_key(|weight| weight.net_g())?;
        let (attribution, household, tag, read) = owner(visits, first, windows);
        let mut readings: Vec<EventId> = self.levels.iter().map(|(o, _)| o.reading.id.clone()).collect();
        readings.extend(read);
        Some(HandOver {
            anchor: first.reading.id.clone(),
            readings,
            time: first.time,
            grade: worst(self.levels.iter().map(|(o, _)| o.grade)),
            stream: stream_of(level.stream.as_ref(), device),
            net_g: Some(level.net_g()),
            overload,
            below_min: below_min(level, level.net_g(), device),
            attribution,
            household,
            tag,
        })
    }
}

fn worst(grades: impl Iterator<Item = Grade>) -> Grade {
    grades.max().unwrap_or(Grade::Received)
}

fn stream_of(named: Option<&StreamCode>, device: &Device) -> StreamCode {
    named.or(device.stream.as_ref()).cloned().unwrap_or_else(StreamCode::unnamed)
}

/// Turns a bin's settled levels into hand-overs: the steps up. Emptying is a fall, never a hand-over.
fn bin_steps(
    levels: &[(&Observed, &Weight)],
    device: &Device,
    visits: &[Visit],
    windows: &Windows,
    into: &mut Vec<HandOver>,
) {
    let usable: Vec<_> = levels.iter().filter(|(_, level)| !overloaded(level, device)).collect();
    for pair in usable.windows(2) {
        let [(_, before), (now, level)] = pair else { continue };
        let net_g = level.net_g() - before.net_g();
        if net_g <= 0 {
            continue;
        }
        let (attribution, household, tag, read) = owner(visits, now, windows);
        let mut readings = vec![now.reading.id.clone()];
        readings.extend(read);
        into.push(HandOver {
            anchor: now.reading.id.clone(),
            readings,
            time: now.time,
            grade: now.grade,
            stream: stream_of(level.stream.as_ref(), device),
            net_g: Some(net_g),
            overload: false,
            below_min: below_min(level, net_g, device),
            attribution,
            household,
            tag,
        });
    }
}

fn lift(
    observation: &Observed,
    uid: &TagUid,
    (gross_g, tare_g): (i64, i64),
    stream: Option<&StreamCode>,
    owners: StationRegister<'_>,
) -> HandOver {
    let net_g = gross_g.saturating_sub(tare_g);
    let device = owners.device(&observation.reading.id.device, observation.time);
    let household = owners.household_of(uid, observation.time);
    let stream = match (&device, stream) {
        (Some(device), named) => stream_of(named, device),
        (None, Some(named)) => named.clone(),
        (None, None) => StreamCode::unnamed(),
    };
    HandOver {
        anchor: observation.reading.id.clone(),
        readings: vec![observation.reading.id.clone()],
        time: observation.time,
        grade: observation.grade,
        stream,
        net_g: Some(net_g),
        overload: device.as_ref().and_then(|d| d.max_g.map(|max_g| gross_g > max_g + 9 * d.division_g.unwrap_or(0)))
            == Some(true),
        below_min: device.as_ref().and_then(|d| d.min_g).is_some_and(|min_g| net_g < min_g),
        attribution: if household.is_some() { Attribution::Known } else { Attribution::Unknown },
        household,
        tag: Some(uid.clone()),
    }
}

/// Turns the reads of a station without a scale into pickups without weight, on readers that name their stream.
fn presences(
    visits: &[Visit],
    owners: StationRegister<'_>,
    windows: &Windows,
    in_time: &[&Observed],
    into: &mut Vec<HandOver>,
) {
    let grades: BTreeMap<&EventId, Grade> = in_time.iter().map(|o| (&o.reading.id, o.grade)).collect();
    // Keyed by household, or by the tag itself while nobody owns it, and by stream.
    let mut last: BTreeMap<(String, StreamCode), (Instant, usize)> = BTreeMap::new();
    for visit in visits {
        for (time, id) in &visit.reads {
            let Some(stream) = owners.device(&id.device, *time).and_then(|device| device.stream.clone()) else {
                continue;
            };
            let who = visit.household.as_ref().map_or_else(|| format!("tag {}", visit.uid), HouseholdCode::to_string);
            let grade = grades.get(id).copied().unwrap_or(Grade::Received);
            match last.get_mut(&(who.clone(), stream.clone())) {
                Some((seen, at)) if time.since(*seen) <= windows.repeat_ms => {
                    *seen = *time;
                    into[*at].readings.push(id.clone());
                }
                Some(_) | None => {
                    last.insert((who, stream.clone()), (*time, into.len()));
                    into.push(HandOver {
                        anchor: id.clone(),
                        readings: vec![id.clone()],
                        time: *time,
                        grade,
                        stream,
                        net_g: None,
                        overload: false,
                        below_min: false,
                        attribution: if visit.household.is_some() { Attribution::Known } else { Attribution::Unknown },
                        household: visit.household.clone(),
                        tag: Some(visit.uid.clone()),
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str, times: &[(&str, i64)]) -> Device {
        let mut members = serde_json::json!({
            "device": name, "place": "P0", "kind": "combined", "profile": "native", "mode": "platform",
        });
        for (time, value_s) in times {
            members[*time] = (*value_s).into();
        }
        serde_json::from_value(members).unwrap()
    }

    #[test]
    fn a_station_that_names_no_time_has_the_standard_ones() {
        let standard = Windows::default();
        assert_eq!(standard.of_station(&[device("a", &[]), device("b", &[])]), standard);
    }

    #[test]
    fn of_two_devices_the_more_careful_sets_the_stations_times() {
        let one = device("a", &[("after_read_s", 20), ("before_read_s", 15), ("together_s", 2)]);
        let other = device("b", &[("after_read_s", 25), ("before_read_s", 0), ("together_s", 4)]);
        let wanted = Windows { after_read_ms: 20_000, before_read_ms: 0, ambiguous_ms: 4_000, ..Windows::default() };
        assert_eq!(Windows::default().of_station(&[one.clone(), other.clone()]), wanted);
        assert_eq!(Windows::default().of_station(&[other, one]), wanted);
    }

    #[test]
    fn no_time_a_station_may_name_outlasts_the_quiet_between_clusters() {
        let longest = device("a", &[("after_read_s", 120), ("before_read_s", 120), ("together_s", 120)]);
        let standard = Windows::default();
        assert_eq!(standard.of_station(&[longest]).quiet_ms(), standard.quiet_ms());
    }
}
