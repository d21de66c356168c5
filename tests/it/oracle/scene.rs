//! One hand-over, or something that looks like one, in front of the devices of a place.

use super::generate::{Draft, Setup};
use super::session::{Counters, emit, households_at, uid_of};
use super::time::{Day, MINUTE_MS, SECOND_MS};
use super::world::{Body, Weight};

const MAX_G: i64 = 60_000;
const DIVISION_G: i64 = 20;

pub struct Scene {
    pub place: String,
    pub setup: Setup,
    /// None: nobody holds out a tag.
    pub household: Option<String>,
    pub streams: Vec<String>,
    /// When the first weight settles, or the tag is read where nothing weighs.
    pub time_ms: i64,
}

pub fn play(draft: &mut Draft, counters: &mut Counters, scene: &Scene) {
    match scene.setup {
        Setup::Combined | Setup::NoLoad | Setup::Split | Setup::Bins => scene.weigh_visit(draft, counters),
        Setup::Readers => scene.show_tags(draft),
        Setup::Lift => scene.lift(draft),
        Setup::Bare => {}
    }
}

impl Scene {
    fn weigh_visit(&self, draft: &mut Draft, counters: &mut Counters) {
        let uid = self.household.as_ref().and_then(|household| uid_of(draft, household, self.time_ms));
        let other = self.other_uid(draft);
        let number = draft.random.between(0, 23);
        match (number, uid, other) {
            (0, Some(uid), _) => {
                let after_ms = draft.random.pick(&[1, 3 * SECOND_MS, 15 * SECOND_MS, 15 * SECOND_MS + 1]);
                self.read(draft, &uid, after_ms);
            }
            (1, Some(uid), _) => {
                self.read(draft, &uid, -45 * SECOND_MS);
                self.read(draft, &uid, -20 * SECOND_MS);
            }
            (2, Some(uid), Some(other)) => {
                let apart_ms = draft.random.pick(&[500, 2 * SECOND_MS, 2 * SECOND_MS + 1]);
                self.read(draft, &other, -8 * SECOND_MS - apart_ms);
                self.read(draft, &uid, -8 * SECOND_MS);
            }
            (3, Some(uid), Some(other)) => {
                self.read(draft, &uid, 4 * SECOND_MS);
                let after_ms = draft.random.pick(&[12 * SECOND_MS, 15 * SECOND_MS, 15 * SECOND_MS + 1]);
                self.read(draft, &other, after_ms);
            }
            (4, _, _) => {}
            (5, _, _) => {
                let stranger = format!("EE{:06X}", draft.random.between(0, 9_999));
                self.read(draft, &stranger, -5 * SECOND_MS);
            }
            (6, Some(uid), _) => return self.unsettled(draft, counters, &uid),
            (7, Some(uid), _) => return self.too_heavy(draft, counters, &uid),
            (8, Some(uid), _) => {
                self.read(draft, &uid, -5 * SECOND_MS);
                self.put(draft, counters, 0, self.time_ms, 2_000, |weight| weight.maintenance = true);
                return;
            }
            (9, Some(uid), _) => {
                self.read(draft, &uid, -5 * SECOND_MS);
                self.put(draft, counters, 0, self.time_ms, 60, |weight| weight.range = Some("below_min".to_owned()));
                return self.zero(draft, self.time_ms + 9 * SECOND_MS);
            }
            (10 | 11, Some(uid), other) => return self.several_levels(draft, counters, &uid, other.as_deref()),
            (12, Some(uid), Some(other)) => {
                self.read(draft, &uid, -5 * SECOND_MS);
                self.bring_all(draft, counters, 0);
                self.read(draft, &other, 30 * SECOND_MS);
                return self.bring_all(draft, counters, 32 * SECOND_MS);
            }
            (13, Some(uid), Some(other)) if draft.knobs.open_questions => {
                let stranger = if draft.random.chance(50) { other } else { "EEFF00".to_owned() };
                self.read(draft, &uid, -12 * SECOND_MS);
                self.read(draft, &stranger, -11 * SECOND_MS);
                self.read(draft, &uid, -5 * SECOND_MS);
            }
            (_, Some(uid), _) => {
                let mut before_ms = draft.random.between(1, 12) * SECOND_MS;
                if draft.edge() {
                    before_ms = draft.random.pick(&[30 * SECOND_MS, 30 * SECOND_MS + 1, 29 * SECOND_MS]);
                }
                self.read(draft, &uid, -before_ms);
                if draft.random.chance(20) {
                    self.read(draft, &uid, -before_ms + 500);
                }
            }
            (_, None, _) => {}
        }
        self.bring_all(draft, counters, 0);
    }

    /// One weighing of each stream, 7 s apart.
    fn bring_all(&self, draft: &mut Draft, counters: &mut Counters, later_ms: i64) {
        let mut time_ms = self.time_ms + later_ms;
        for number in 0..self.streams.len() {
            let grams = self.grams(draft);
            self.put(draft, counters, number, time_ms, grams, |_| {});
            self.zero(draft, time_ms + 3 * SECOND_MS);
            time_ms += 7 * SECOND_MS;
        }
    }

    /// A load that never settles, or that settles when the visit is over.
    fn unsettled(&self, draft: &mut Draft, counters: &mut Counters, uid: &str) {
        self.read(draft, uid, -5 * SECOND_MS);
        let grams = self.grams(draft);
        let load = self.put(draft, counters, 0, self.time_ms, grams, |weight| weight.stable = false);
        if draft.random.chance(60) {
            let later_ms = draft.random.pick(&[3 * SECOND_MS, 25 * SECOND_MS, 25 * SECOND_MS + 1, 40 * SECOND_MS]);
            self.again(draft, counters, &load, self.time_ms + later_ms, grams, true);
        }
    }

    /// At Max + 9 e, one division above it, or said to be over by the device.
    fn too_heavy(&self, draft: &mut Draft, counters: &mut Counters, uid: &str) {
        self.read(draft, uid, -5 * SECOND_MS);
        if self.setup == Setup::Bins && !draft.knobs.open_questions {
            return;
        }
        let gross_g = MAX_G + draft.random.pick(&[9, 10]) * DIVISION_G;
        let says_so = draft.random.chance(20);
        let load = self.put(draft, counters, 0, self.time_ms, gross_g, |weight| {
            (weight.gross_g, weight.tare_g) = (gross_g, if weight.load.is_some() { 500 } else { 0 });
            weight.range = says_so.then(|| "overload".to_owned());
        });
        if draft.knobs.open_questions && draft.random.chance(50) {
            self.again(draft, counters, &load, self.time_ms + 4 * SECOND_MS, 3_000, true);
        }
        self.zero(draft, self.time_ms + 9 * SECOND_MS);
    }

    /// Several levels of one load, another household's tag between them; without `load`, a level that repeats.
    fn several_levels(&self, draft: &mut Draft, counters: &mut Counters, uid: &str, other: Option<&str>) {
        self.read(draft, uid, -5 * SECOND_MS);
        let grams = self.grams(draft);
        let first = self.put(draft, counters, 0, self.time_ms, grams, |_| {});
        let second = |seconds: i64| self.time_ms + seconds * SECOND_MS;
        if self.setup == Setup::NoLoad || self.setup == Setup::Bins {
            let step_g = if self.setup == Setup::NoLoad { draft.random.pick(&[0, 20, -20]) } else { 0 };
            self.again(draft, counters, &first, second(4), grams + step_g, true);
            if let (Some(other), true) = (other, draft.random.chance(30) && self.setup == Setup::NoLoad) {
                self.read(draft, other, 6 * SECOND_MS);
                self.again(draft, counters, &first, second(8), grams, true);
            }
        } else {
            self.again(draft, counters, &first, second(2), grams + 4_000, false);
            if let (Some(other), true) = (other, draft.random.chance(60)) {
                self.read(draft, other, 3 * SECOND_MS);
            }
            let more_g = draft.random.pick(&[-200, 0, 1_500]);
            self.again(draft, counters, &first, second(5), grams + more_g, true);
        }
        self.zero(draft, second(10));
    }

    /// Reads at readers that weigh nothing: one pickup for reads within 2 min of each other.
    fn show_tags(&self, draft: &mut Draft) {
        let own = self.household.as_ref().and_then(|household| uid_of(draft, household, self.time_ms));
        let uid = own.unwrap_or_else(|| format!("EE{:06X}", draft.random.between(0, 9_999)));
        for stream in &self.streams {
            let device = format!("dev-{}-{stream}", self.place);
            let mut later = vec![0];
            if draft.random.chance(40) {
                later.push(draft.random.pick(&[500, 30 * SECOND_MS, 2 * MINUTE_MS, 2 * MINUTE_MS + 1]));
            }
            if draft.knobs.open_questions && draft.random.chance(20) {
                later.extend([MINUTE_MS, 3 * MINUTE_MS]);
            }
            for later_ms in later {
                let body = Body::Tag { uid: uid.clone(), tech: "hf".to_owned() };
                emit(draft, &device, self.time_ms + later_ms, body);
            }
        }
    }

    fn lift(&self, draft: &mut Draft) {
        let own = self.household.as_ref().and_then(|household| uid_of(draft, household, self.time_ms));
        let device = format!("dev-{}-lift", self.place);
        for (number, stream) in self.streams.iter().enumerate() {
            let later_ms = 20 * SECOND_MS * i64::try_from(number).expect("few streams");
            let uid = own.clone().unwrap_or_else(|| "EE00000F".to_owned());
            let tare_g = 9_000;
            let mut gross_g = tare_g + self.grams(draft);
            if draft.random.chance(6) {
                gross_g = MAX_G + draft.random.pick(&[9, 10]) * DIVISION_G;
            }
            let body = Body::Lift { uid, gross_g, tare_g, stream: Some(stream.clone()) };
            emit(draft, &device, self.time_ms + later_ms, body);
        }
    }

    fn grams(&self, draft: &mut Draft) -> i64 {
        draft.random.between(10, 500) * DIVISION_G
    }

    /// A tag of another household of the place, valid then.
    fn other_uid(&self, draft: &mut Draft) -> Option<String> {
        let day = Day::of(self.time_ms);
        let mut others = households_at(draft, &self.place, day);
        others.retain(|household| Some(household) != self.household.as_ref());
        let valid = |household: &String| {
            let tags = draft.world.tags.iter();
            tags.filter(|tag| tag.household == *household)
                .find(|tag| super::time::holds(tag.valid_from, tag.valid_to, day))
                .map(|tag| tag.uid.clone())
        };
        let uids: Vec<String> = others.iter().filter_map(valid).collect();
        (!uids.is_empty()).then(|| draft.random.pick(&uids))
    }

    fn read(&self, draft: &mut Draft, uid: &str, later_ms: i64) {
        let device = match self.setup {
            Setup::Split | Setup::Bins => format!("dev-{}-reader", self.place),
            Setup::Combined | Setup::NoLoad | Setup::Readers | Setup::Lift | Setup::Bare => {
                format!("dev-{}-all", self.place)
            }
        };
        let written = match draft.random.between(0, 4) {
            0 => uid.to_lowercase(),
            1 => format!("{}:{}", &uid[..2], &uid[2..]),
            2 => format!("{}-{}", &uid[..4], &uid[4..]),
            _ => uid.to_owned(),
        };
        let body = Body::Tag { uid: written, tech: "hf".to_owned() };
        emit(draft, &device, self.time_ms + later_ms, body);
    }

    /// A settled level of a new load (of a bin: `grams` more), as `change` leaves it; gives back the event.
    fn put(
        &self,
        draft: &mut Draft,
        counters: &mut Counters,
        number: usize,
        time_ms: i64,
        grams: i64,
        change: impl FnOnce(&mut Weight),
    ) -> Weight {
        let stream = &self.streams[number];
        let device = self.scale(number);
        let names_stream = matches!(self.setup, Setup::Combined | Setup::NoLoad) || draft.random.chance(30);
        let mut weight = Weight { stable: true, ..Weight::default() };
        weight.stream = names_stream.then(|| stream.clone());
        match self.setup {
            Setup::Bins => weight.gross_g = counters.levels_g[&device] + grams,
            Setup::NoLoad => weight.gross_g = grams,
            Setup::Combined | Setup::Split | Setup::Readers | Setup::Lift | Setup::Bare => {
                let load = counters.loads.entry(device.clone()).or_insert(0);
                *load += 1;
                (weight.gross_g, weight.tare_g, weight.load) = (grams + 500, 500, Some(*load));
            }
        }
        change(&mut weight);
        if self.setup == Setup::Bins && weight.stable && !weight.maintenance {
            counters.levels_g.insert(device.clone(), weight.gross_g);
        }
        emit(draft, &device, time_ms, Body::Weight(weight.clone()));
        weight
    }

    /// Another level of the same load; a bin settles again at its level.
    fn again(&self, draft: &mut Draft, counters: &mut Counters, of: &Weight, time_ms: i64, grams: i64, stable: bool) {
        let device = self.scale(0);
        let mut weight = Weight { stable, range: None, ..of.clone() };
        if self.setup == Setup::Bins {
            counters.levels_g.insert(device.clone(), weight.gross_g);
        } else {
            weight.gross_g = weight.tare_g + grams;
        }
        emit(draft, &device, time_ms, Body::Weight(weight));
    }

    /// The scale without `load` shows that it is empty again.
    fn zero(&self, draft: &mut Draft, time_ms: i64) {
        if self.setup == Setup::NoLoad {
            let stream = Some(self.streams[0].clone());
            let weight = Weight { stable: true, stream, ..Weight::default() };
            emit(draft, &self.scale(0), time_ms, Body::Weight(weight));
        }
    }

    fn scale(&self, number: usize) -> String {
        match self.setup {
            Setup::Split | Setup::Bins => format!("dev-{}-{}", self.place, self.streams[number]),
            Setup::Combined | Setup::NoLoad | Setup::Readers | Setup::Lift | Setup::Bare => {
                format!("dev-{}-all", self.place)
            }
        }
    }
}
