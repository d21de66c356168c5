//! What the devices of a place see in the hours of its rounds, and at odd times between.
//!
//! Owns heartbeats, silences and the order of hand-overs; `scene` makes a single one. Hand-overs stand far enough apart
//! that each is judged alone: what matters happens within a scene.

use std::collections::BTreeMap;

use super::attribute::{has_reader, has_scale};
use super::generate::{Draft, Setup};
use super::scene::{self, Scene};
use super::time::{Day, HOUR_MS, MINUTE_MS, SECOND_MS, holds};
use super::world::{Body, Weight};

/// An event before it has a number.
#[derive(Clone, Debug)]
pub struct Raw {
    pub device: String,
    pub time_ms: i64,
    pub body: Body,
}

/// What outlives a session.
#[derive(Default)]
pub struct Counters {
    pub loads: BTreeMap<String, u64>,
    pub levels_g: BTreeMap<String, i64>,
    /// How often, in percent, a household brings a stream.
    habits: BTreeMap<(String, String), i64>,
}

/// Hours in which hand-overs may happen at a place.
struct Session {
    place: usize,
    start_ms: i64,
    end_ms: i64,
    streams: Vec<String>,
    /// False for odd times outside every round.
    scheduled: bool,
}

pub fn add_sessions(draft: &mut Draft) {
    let mut counters = Counters::default();
    let first_ms = draft.world.from.start_ms() + MINUTE_MS;
    for device in draft.world.devices.clone() {
        if device.mode.as_deref() == Some("bin") {
            let level_g = if draft.knobs.open_questions { draft.random.between(0, 40) * 20 } else { 0 };
            let empty = Weight { gross_g: level_g, stable: true, ..Weight::default() };
            counters.levels_g.insert(device.device.clone(), level_g);
            emit(draft, &device.device, first_ms, Body::Weight(empty));
        }
    }
    for session in sessions(draft) {
        session.play(draft, &mut counters);
    }
}

pub fn emit(draft: &mut Draft, device: &str, time_ms: i64, body: Body) {
    draft.raws.push(Raw { device: device.to_owned(), time_ms, body });
}

fn sessions(draft: &mut Draft) -> Vec<Session> {
    let mut hours: BTreeMap<(i64, i64, String), Vec<String>> = BTreeMap::new();
    for round in draft.rounds() {
        hours.entry((round.start_ms, round.end_ms, round.place)).or_default().push(round.stream);
    }
    let place_of = |draft: &Draft, code: &str| draft.places.iter().position(|place| place.code == code);
    let mut sessions = Vec::new();
    for ((start_ms, end_ms, code), streams) in hours {
        let place = place_of(draft, &code).expect("a scheduled place is one of ours");
        sessions.push(Session { place, start_ms, end_ms, streams, scheduled: true });
    }
    let streams: Vec<String> = draft.world.streams.iter().map(|stream| stream.code.clone()).collect();
    for number in draft.world.from.0..=draft.world.to.0 {
        for place in 0..draft.places.len() {
            if draft.random.chance(6) {
                let start_ms = Day(number).start_ms() + 11 * HOUR_MS;
                let end_ms = start_ms + 20 * MINUTE_MS;
                sessions.push(Session { place, start_ms, end_ms, streams: streams.clone(), scheduled: false });
            }
        }
    }
    sessions.sort_by_key(|session| session.start_ms);
    sessions
}

impl Session {
    fn play(&self, draft: &mut Draft, counters: &mut Counters) {
        let setup = draft.places[self.place].setup;
        if setup == Setup::Bare {
            return;
        }
        let first_raw = draft.raws.len();
        if self.scheduled {
            self.beat(draft);
        }
        self.empty_bins(draft, counters);
        let mut visits = self.visits(draft, counters);
        draft.random.shuffle(&mut visits);
        let count = visits.len();
        let mut cursor = self.start_ms + draft.random.between(20, 90) * SECOND_MS;
        if draft.random.chance(10) {
            cursor = self.start_ms - 200 * SECOND_MS;
        }
        let midnight = Day::of(self.end_ms).start_ms();
        for (number, (household, streams)) in visits.into_iter().enumerate() {
            let mut time_ms = cursor;
            if number == 0 && draft.edge() {
                time_ms = self.start_ms + draft.random.pick(&[0, -1, 1]);
            } else if cursor < midnight && midnight < cursor + 4 * MINUTE_MS && draft.edge() {
                time_ms = midnight + draft.random.pick(&[0, -1, 10 * SECOND_MS]);
            } else if number + 1 == count && cursor <= self.end_ms && draft.edge() {
                time_ms = self.end_ms + draft.random.pick(&[0, 1, -1]);
            }
            let place = draft.places[self.place].code.clone();
            let scene = Scene { place, setup, household, streams, time_ms };
            let before = draft.raws.len();
            scene::play(draft, counters, &scene);
            let last_ms = draft.raws[before..].iter().map(|raw| raw.time_ms).max().unwrap_or(time_ms);
            cursor = last_ms.max(time_ms) + draft.random.between(100, 240) * SECOND_MS;
            if cursor > self.end_ms + 5 * MINUTE_MS {
                break;
            }
        }
        if self.scheduled {
            self.silence(draft, first_raw);
        }
    }

    fn devices(&self, draft: &Draft) -> Vec<String> {
        let code = &draft.places[self.place].code;
        let own = draft.world.devices.iter().filter(|device| device.place == *code);
        own.filter(|device| has_reader(device) || has_scale(device)).map(|device| device.device.clone()).collect()
    }

    fn beat(&self, draft: &mut Draft) {
        for device in self.devices(draft) {
            let mut time_ms = self.start_ms - 10 * MINUTE_MS - draft.random.between(0, 4_999);
            while time_ms <= self.end_ms + 5 * MINUTE_MS {
                emit(draft, &device, time_ms, Body::Heartbeat);
                time_ms += 5 * MINUTE_MS;
            }
        }
    }

    /// Bins are emptied before they are full, to nothing or nearly so.
    fn empty_bins(&self, draft: &mut Draft, counters: &mut Counters) {
        for device in self.devices(draft) {
            let Some(level_g) = counters.levels_g.get(&device).copied() else { continue };
            if level_g > 25_000 || (level_g > 2_000 && draft.random.chance(25)) {
                let mut left_g = draft.random.pick(&[0, 0, 20, 40]);
                if draft.knobs.open_questions && draft.random.chance(30) {
                    left_g = level_g / 40 * 20;
                }
                let weight = Weight { gross_g: left_g, stable: true, ..Weight::default() };
                emit(draft, &device, self.start_ms - 6 * MINUTE_MS, Body::Weight(weight));
                counters.levels_g.insert(device, left_g);
            }
        }
    }

    /// Who comes, with what.
    fn visits(&self, draft: &mut Draft, counters: &mut Counters) -> Vec<(Option<String>, Vec<String>)> {
        let mut visits = Vec::new();
        for household in households_at(draft, &draft.places[self.place].code.clone(), Day::of(self.start_ms)) {
            let mut streams = Vec::new();
            for stream in &self.streams {
                let habit = draft.random.pick(&[0, 15, 60, 90]);
                let habit = *counters.habits.entry((household.clone(), stream.clone())).or_insert(habit);
                if draft.random.chance(if self.scheduled { habit } else { 10 }) {
                    streams.push(stream.clone());
                }
            }
            if !streams.is_empty() {
                visits.push((Some(household), streams));
            }
        }
        if draft.random.chance(20) {
            visits.push((None, vec![draft.random.pick(&self.streams)]));
        }
        visits
    }

    /// Takes a device's events out of some of the hours: often so that it worked exactly 80 % of them, or 1 ms less.
    fn silence(&self, draft: &mut Draft, first_raw: usize) {
        let (start_ms, end_ms) = (self.start_ms, self.end_ms);
        let needed_ms = (end_ms - start_ms) * 80 / 100;
        for device in self.devices(draft) {
            if !draft.random.chance(14) {
                continue;
            }
            let short = i64::from(draft.random.chance(50));
            let (from_ms, to_ms, beat_ms) = match draft.random.between(0, 4) {
                0 => (start_ms - 30 * MINUTE_MS, end_ms + 30 * MINUTE_MS, None),
                1 | 2 => {
                    let last_ms = start_ms + needed_ms - 10 * MINUTE_MS - short;
                    (last_ms, end_ms + 30 * MINUTE_MS, Some(last_ms))
                }
                3 => {
                    let first_ms = end_ms - needed_ms + short;
                    (start_ms - 30 * MINUTE_MS, first_ms, Some(first_ms))
                }
                _ => {
                    let from_ms = start_ms + draft.random.between(0, 40) * MINUTE_MS;
                    (from_ms, from_ms + draft.random.between(5, 40) * MINUTE_MS, None)
                }
            };
            let mut number = 0;
            draft.raws.retain(|raw| {
                number += 1;
                let silent = raw.device == device && from_ms <= raw.time_ms && raw.time_ms <= to_ms;
                number <= first_raw || !silent
            });
            if let Some(beat_ms) = beat_ms {
                emit(draft, &device, beat_ms, Body::Heartbeat);
            }
        }
    }
}

/// The households whose point or route this is on that day.
pub fn households_at(draft: &Draft, place: &str, day: Day) -> Vec<String> {
    let world = &draft.world;
    let mut found: Vec<String> = world
        .households
        .iter()
        .filter(|row| holds(row.valid_from, row.valid_to, day))
        .filter(|row| {
            let on_route = world.routes.iter().any(|route| route.route == place && route.household == row.code);
            row.point.as_deref() == Some(place) || on_route
        })
        .map(|row| row.code.clone())
        .collect();
    found.sort_unstable();
    found
}

/// The tag the household holds out: its own of that day, seldom an old or a later one.
pub fn uid_of(draft: &mut Draft, household: &str, time_ms: i64) -> Option<String> {
    let day = Day::of(time_ms);
    let tags: Vec<_> = draft.world.tags.iter().filter(|tag| tag.household == household).cloned().collect();
    let valid = tags.iter().find(|tag| holds(tag.valid_from, tag.valid_to, day)).map(|tag| tag.uid.clone());
    if !tags.is_empty() && (valid.is_none() || draft.random.chance(5)) {
        return Some(draft.random.pick(&tags).uid);
    }
    valid
}
