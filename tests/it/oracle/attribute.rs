//! From events to hand-overs: which weight is whose.
//!
//! Owns stations, visits, loads, bins, lifts and readers without a scale. It knows no rounds and no findings.

use std::collections::{BTreeMap, BTreeSet};

use super::time::MINUTE_MS;
use super::visit::{Holder, Owner, Read, Reads, holder, normal_uid, owner};
use super::world::{Body, Device, Event, EventKey, Tag, Weight, World};

const SAME_PRESENCE_MS: i64 = 2 * MINUTE_MS;

/// One hand-over as the devices saw it.
#[derive(Clone, Debug)]
pub struct Handover {
    pub place: String,
    pub stream: String,
    pub time_ms: i64,
    /// None: presence at a reader without a scale.
    pub net_g: Option<i64>,
    /// Stable, not overloaded, not void.
    pub accepted: bool,
    pub overload: bool,
    pub below_min: bool,
    /// Taken back: see `gather`.
    pub void: bool,
    pub owner: Owner,
    /// The reading that names it: its first settled level, its step, its lift, its first read.
    pub anchor: EventKey,
    pub readings: Vec<EventKey>,
}

/// Keeps the first arrival of each identity.
pub fn distinct(events: &[Event]) -> Vec<&Event> {
    let mut seen = BTreeSet::new();
    events.iter().filter(|event| seen.insert(event.key.clone())).collect()
}

pub fn attribute(world: &World) -> Vec<Handover> {
    let events = distinct(&world.events);
    let mut stations: BTreeMap<(String, String), Vec<&Device>> = BTreeMap::new();
    for device in &world.devices {
        let station = device.station.clone().unwrap_or_default();
        stations.entry((device.place.clone(), station)).or_default().push(device);
    }
    let mut handovers = Vec::new();
    for devices in stations.values() {
        let station = Station::new(devices, &events, &world.tags);
        handovers.extend(station.handovers());
    }
    handovers.sort_by(|a, b| (a.time_ms, &a.readings).cmp(&(b.time_ms, &b.readings)));
    handovers
}

/// A level a scale showed: when, in which event.
type Level<'a> = (i64, &'a Event, &'a Weight);

struct Station<'a> {
    devices: &'a [&'a Device],
    /// By time, then device and number.
    events: Vec<(i64, &'a Event)>,
    reads: Reads,
    tags: &'a [Tag],
}

impl<'a> Station<'a> {
    fn new(devices: &'a [&'a Device], all: &[&'a Event], tags: &'a [Tag]) -> Station<'a> {
        let mut events: Vec<(i64, &Event)> = all
            .iter()
            .filter(|event| devices.iter().any(|device| device.device == event.key.device))
            .filter_map(|event| event.time_ms().map(|time_ms| (time_ms, *event)))
            .collect();
        events.sort_by(|a, b| (a.0, &a.1.key).cmp(&(b.0, &b.1.key)));
        let mut reads = Reads::default();
        for (time_ms, event) in &events {
            if let Body::Tag { uid, .. } = &event.body {
                let uid = normal_uid(uid);
                let holder = holder(tags, &uid, *time_ms);
                reads.all.push(Read { time_ms: *time_ms, uid, holder, key: event.key.clone() });
            }
        }
        Station { devices, events, reads, tags }
    }

    fn handovers(&self) -> Vec<Handover> {
        let mut handovers = Vec::new();
        for device in self.devices {
            match device.mode.as_deref().unwrap_or("platform") {
                "bin" => handovers.extend(self.of_bin(device)),
                "lift" => handovers.extend(self.of_lift(device)),
                "platform" => {
                    handovers.extend(self.of_loads(device));
                    handovers.extend(self.of_repeats(device));
                }
                other => panic!("mode `{other}`"),
            }
        }
        if !self.devices.iter().any(|device| has_scale(device)) {
            handovers.extend(self.of_presence());
        }
        handovers
    }

    /// The device's weights that are waste, in time order.
    fn weights(&self, device: &Device) -> Vec<Level<'a>> {
        let mut weights = Vec::new();
        for (time_ms, event) in &self.events {
            if let Body::Weight(weight) = &event.body
                && event.key.device == device.device
                && !weight.maintenance
            {
                weights.push((*time_ms, *event, weight));
            }
        }
        weights
    }

    /// Platform with `load`: one hand-over a load.
    fn of_loads(&self, device: &Device) -> Vec<Handover> {
        let mut loads: BTreeMap<(&str, u32, u64), Vec<Level>> = BTreeMap::new();
        for (time_ms, event, weight) in self.weights(device) {
            if let Some(load) = weight.load {
                loads.entry((&event.key.log, event.boot, load)).or_default().push((time_ms, event, weight));
            }
        }
        loads.values().filter_map(|levels| self.of_levels(device, levels)).collect()
    }

    /// Platform without `load`: a level that repeats within one division, with no zero and no tag between, is
    /// the same hand-over.
    fn of_repeats(&self, device: &Device) -> Vec<Handover> {
        let mut groups: Vec<Vec<Level>> = Vec::new();
        let mut last: Option<(i64, i64)> = None;
        for (time_ms, event, weight) in self.weights(device) {
            if weight.load.is_some() || !weight.stable {
                continue;
            }
            let net_g = weight.gross_g - weight.tare_g;
            if net_g <= 0 {
                last = None;
                continue;
            }
            let division_g = weight.division_g.or(device.division_g).unwrap_or(0);
            let repeats = last.is_some_and(|(last_ms, last_g)| {
                (net_g - last_g).abs() <= division_g
                    && !self.reads.all.iter().any(|read| last_ms < read.time_ms && read.time_ms <= time_ms)
            });
            if repeats {
                groups.last_mut().expect("a level repeats one before it").push((time_ms, event, weight));
            } else {
                groups.push(vec![(time_ms, event, weight)]);
            }
            last = Some((time_ms, net_g));
        }
        groups.iter().filter_map(|levels| self.of_levels(device, levels)).collect()
    }

    /// One hand-over from its levels: whose it is at the first settled one, weighing the greatest settled one.
    fn of_levels(&self, device: &Device, levels: &[Level]) -> Option<Handover> {
        let settled: Vec<_> = levels.iter().filter(|(_, _, weight)| weight.stable).collect();
        let overload = settled.iter().any(|(_, _, weight)| is_overload(device, weight));
        // What never settled is no hand-over.
        let (time_ms, first_event, first) = settled.first().copied()?;
        let net_g = settled.iter().map(|(_, _, weight)| weight.gross_g - weight.tare_g).max();
        if net_g.is_some_and(|net_g| net_g <= 0) {
            return None;
        }
        Some(Handover {
            place: device.place.clone(),
            stream: stream_of(device, first.stream.as_ref())?,
            time_ms: *time_ms,
            net_g,
            accepted: !overload,
            overload,
            below_min: settled
                .iter()
                .max_by_key(|(_, _, weight)| weight.gross_g - weight.tare_g)
                .is_some_and(|(_, _, weight)| is_below_min(device, weight, net_g)),
            void: false,
            owner: self.reads.owner_of_weight(*time_ms),
            anchor: first_event.key.clone(),
            readings: levels.iter().map(|(_, event, _)| event.key.clone()).collect(),
        })
    }

    /// Bin: the step up between settled levels is the hand-over; a fall only sets the level anew.
    fn of_bin(&self, device: &Device) -> Vec<Handover> {
        let mut handovers = Vec::new();
        let mut level_g: Option<i64> = None;
        for (time_ms, event, weight) in self.weights(device) {
            if !weight.stable || is_overload(device, weight) {
                continue;
            }
            let net_g = weight.gross_g - weight.tare_g;
            let step_g = net_g - level_g.replace(net_g).unwrap_or(net_g);
            if step_g <= 0 {
                continue;
            }
            if let Some(stream) = stream_of(device, weight.stream.as_ref()) {
                handovers.push(Handover {
                    place: device.place.clone(),
                    stream,
                    time_ms,
                    net_g: Some(step_g),
                    accepted: true,
                    overload: false,
                    below_min: is_below_min(device, weight, Some(step_g)),
                    void: false,
                    owner: self.reads.owner_of_weight(time_ms),
                    anchor: event.key.clone(),
                    readings: vec![event.key.clone()],
                });
            }
        }
        handovers
    }

    /// Lift: identity and weight in one event.
    fn of_lift(&self, device: &Device) -> Vec<Handover> {
        let mut handovers = Vec::new();
        for (time_ms, event) in &self.events {
            let Body::Lift { uid, gross_g, tare_g, stream } = &event.body else { continue };
            if event.key.device != device.device || gross_g - tare_g <= 0 {
                continue;
            }
            let Some(stream) = stream_of(device, stream.as_ref()) else { continue };
            let owner = match holder(self.tags, &normal_uid(uid), *time_ms) {
                Holder::Household(household) => Owner::Household(household),
                Holder::Unregistered(_) => Owner::Unknown,
            };
            handovers.push(Handover {
                place: device.place.clone(),
                stream,
                time_ms: *time_ms,
                net_g: Some(gross_g - tare_g),
                accepted: !is_over(device, *gross_g, device.division_g),
                overload: is_over(device, *gross_g, device.division_g),
                below_min: device.min_g.is_some_and(|min_g| gross_g - tare_g < min_g),
                void: false,
                owner,
                anchor: event.key.clone(),
                readings: vec![event.key.clone()],
            });
        }
        handovers
    }

    /// A station with no scale: a read on a reader that names its stream is a pickup without weight; reads of one
    /// holder within 2 min of the one before are one.
    fn of_presence(&self) -> Vec<Handover> {
        let mut handovers: Vec<Handover> = Vec::new();
        let mut last: BTreeMap<(String, Holder), (i64, usize)> = BTreeMap::new();
        for read in &self.reads.all {
            let reader = self.devices.iter().find(|device| device.device == read.key.device);
            let Some(stream) = reader.and_then(|reader| reader.stream.clone()) else { continue };
            let place = self.devices[0].place.clone();
            let who = (stream.clone(), read.holder.clone());
            if let Some((last_ms, number)) = last.get_mut(&who)
                && read.time_ms - *last_ms <= SAME_PRESENCE_MS
            {
                *last_ms = read.time_ms;
                handovers[*number].readings.push(read.key.clone());
                continue;
            }
            last.insert(who, (read.time_ms, handovers.len()));
            handovers.push(Handover {
                place,
                stream,
                time_ms: read.time_ms,
                net_g: None,
                accepted: true,
                overload: false,
                below_min: false,
                void: false,
                owner: owner(&read.holder),
                anchor: read.key.clone(),
                readings: vec![read.key.clone()],
            });
        }
        handovers
    }
}

pub fn has_scale(device: &Device) -> bool {
    matches!(device.kind.as_str(), "scale" | "combined")
}

pub fn has_reader(device: &Device) -> bool {
    matches!(device.kind.as_str(), "tag_reader" | "combined")
}

fn stream_of(device: &Device, named: Option<&String>) -> Option<String> {
    named.or(device.stream.as_ref()).cloned()
}

fn is_overload(device: &Device, weight: &Weight) -> bool {
    weight.range.as_deref() == Some("overload")
        || is_over(device, weight.gross_g, weight.division_g.or(device.division_g))
}

/// Said by the scale, or lighter than its registered minimum.
fn is_below_min(device: &Device, weight: &Weight, net_g: Option<i64>) -> bool {
    weight.range.as_deref() == Some("below_min")
        || device.min_g.is_some_and(|min_g| net_g.is_some_and(|net_g| net_g < min_g))
}

/// OIML R 76: above Max + 9 e.
fn is_over(device: &Device, gross_g: i64, division_g: Option<i64>) -> bool {
    device.max_g.is_some_and(|max_g| gross_g > max_g + 9 * division_g.unwrap_or(0))
}
