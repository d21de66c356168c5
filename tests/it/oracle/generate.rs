//! Small random communes that meet every rule, and its limits, often.
//!
//! Owns the register, the schedule and the order of making; `session` makes the device events of a round's hours,
//! `inspect` what people saw and logged, `deliver` the arrival. A seed gives one world for ever.

use super::inspect;
use super::random::Random;
use super::rounds::{Round, Working, scheduled};
use super::session::{self, Raw};
use super::time::{Day, MINUTE_MS};
use super::world::{Area, Device, Exclusion, Household, Limits, Point, Route, ScheduleRow, Stream, Tag, World};
use super::{deliver, gather};

/// What may occur.
#[derive(Clone, Copy, Debug)]
pub struct Knobs {
    /// Also the cases in which the definitions leave room: see the module doc of `oracle`.
    pub open_questions: bool,
    /// Households with two versions (a move within the commune).
    pub moves: bool,
    /// How often, in percent, a time is put exactly at a limit or 1 ms beside it.
    pub edge_percent: i64,
    /// Versions of the rule with other numbers.
    pub rules: bool,
    /// Days of the world. `None`: some weeks.
    pub days: Option<i64>,
}

impl Default for Knobs {
    fn default() -> Knobs {
        Knobs { open_questions: false, moves: true, edge_percent: 30, rules: true, days: None }
    }
}

/// How a place sees hand-overs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// One device that reads tags and weighs all streams, counting loads.
    Combined,
    /// The same, without `load`.
    NoLoad,
    /// A reader and one platform a stream.
    Split,
    /// A reader and one bin a stream.
    Bins,
    /// One reader a stream, no scale.
    Readers,
    /// A vehicle that lifts bins.
    Lift,
    /// No device: crew only.
    Bare,
}

pub struct Place {
    pub code: String,
    pub setup: Setup,
}

/// A world in the making.
pub struct Draft {
    pub random: Random,
    pub knobs: Knobs,
    pub world: World,
    pub places: Vec<Place>,
    pub raws: Vec<Raw>,
}

/// Makes a world in which the definitions leave no room.
pub fn generate(seed: u64) -> World {
    generate_with(seed, Knobs::default())
}

pub fn generate_with(seed: u64, knobs: Knobs) -> World {
    let mut random = Random::new(seed);
    let from: Day = "2026-05-15".parse::<Day>().expect("a day").plus(random.between(0, 60));
    // Some long enough for the 90 days of a rare stream to end within them.
    let some = if random.chance(8) { random.between(95, 105) } else { random.between(20, 60) };
    let days = knobs.days.unwrap_or(some);
    let to = from.plus(days - 1);
    let world = World { from, to, ..World::default() };
    let mut draft = Draft { random, knobs, world, places: Vec::new(), raws: Vec::new() };
    draft.add_rules();
    draft.add_streams();
    draft.add_places();
    draft.add_schedule();
    draft.add_households();
    draft.add_tags();
    draft.add_exclusions();
    session::add_sessions(&mut draft);
    deliver::number(&mut draft);
    inspect::add_crew(&mut draft);
    inspect::add_inspections(&mut draft);
    if !knobs.open_questions {
        gather::drop_words_after_midnight(&mut draft.world);
    }
    inspect::take_back(&mut draft);
    inspect::add_tickets(&mut draft);
    deliver::shuffle_arrival(&mut draft);
    draft.world
}

impl Draft {
    /// True now and then: put the next time at a limit.
    pub fn edge(&mut self) -> bool {
        let percent = self.knobs.edge_percent;
        self.random.chance(percent)
    }

    /// A day of the span.
    pub fn some_day(&mut self) -> Day {
        let (from, to) = (self.world.from, self.world.to);
        Day(self.random.between(from.0, to.0))
    }

    /// Two versions of the rule in some worlds, of which the second begins within the span.
    fn add_rules(&mut self) {
        self.world.per_person_day_g = self.random.chance(80).then(|| self.random.between(3, 50) * 100);
        if !self.knobs.rules || !self.random.chance(25) {
            return;
        }
        let first = Limits { from: self.world.from.plus(-400), ..Limits::default() };
        let from = self.some_day();
        let second = Limits {
            from,
            window_opportunities: self.random.pick(&[2, 3, 4]),
            window_days: self.random.pick(&[14, 21, 28]),
            observable_opportunities: self.random.pick(&[2, 3, 4]),
            rare_window_days: self.random.pick(&[45, 90]),
            rare_opportunities: self.random.pick(&[1, 2, 3]),
            verified_days: self.random.pick(&[20, 30, 180]),
            contrary_days: self.random.pick(&[5, 20, 90]),
            closing_rounds: self.random.pick(&[1, 2, 3]),
            contests_within_ms: self.random.pick(&[30, 60, 120]) * MINUTE_MS,
            new_days: self.random.pick(&[10, 30]),
            new_opportunities: self.random.pick(&[1, 3, 5]),
            working_percent: self.random.pick(&[50, 80, 95]),
        };
        self.world.rules = vec![first, second];
    }

    fn add_streams(&mut self) {
        let (one_required, all_required) = (self.random.chance(8), self.random.chance(8));
        let mut add = |code: &str, required, mean_g| {
            self.world.streams.push(Stream { code: code.to_owned(), required, mean_g });
        };
        add("food", true, Some(1_500));
        add("recyclable", !one_required, None);
        add("other", all_required, Some(2_300));
        if self.random.chance(30) {
            self.world.streams.push(Stream { code: "bulky".to_owned(), required: false, mean_g: None });
        }
    }

    fn add_places(&mut self) {
        for number in 0..self.random.between(1, 3) {
            let area = format!("A{}", number % 2);
            if number < 2 {
                self.world.areas.push(Area { code: area.clone(), name: format!("Thôn {}", number + 1) });
            }
            let code = format!("P{number}");
            self.world.points.push(Point { code: code.clone(), name: format!("Điểm {}", number + 1), area });
            let setups = [
                Setup::Combined,
                Setup::Combined,
                Setup::NoLoad,
                Setup::Split,
                Setup::Bins,
                Setup::Readers,
                Setup::Bare,
            ];
            let setup = self.random.pick(&setups);
            self.places.push(Place { code, setup });
        }
        if self.random.chance(35) {
            self.places.push(Place { code: "R1".to_owned(), setup: Setup::Lift });
        }
        for number in 0..self.places.len() {
            self.add_devices(number);
        }
    }

    fn add_devices(&mut self, number: usize) {
        let (place, setup) = (self.places[number].code.clone(), self.places[number].setup);
        let device = |name: &str, kind: &str, mode: Option<&str>, stream: Option<&str>| Device {
            device: format!("dev-{place}-{name}"),
            place: place.clone(),
            kind: kind.to_owned(),
            station: Some(format!("{place}-s")),
            profile: Some("native".to_owned()),
            mode: mode.map(str::to_owned),
            stream: stream.map(str::to_owned),
            max_g: mode.map(|_| 60_000),
            division_g: mode.map(|_| 20),
            min_g: mode.map(|_| 100),
        };
        let streams: Vec<String> = self.world.streams.iter().map(|stream| stream.code.clone()).collect();
        let devices = &mut self.world.devices;
        match setup {
            Setup::Combined | Setup::NoLoad => devices.push(device("all", "combined", Some("platform"), None)),
            Setup::Split | Setup::Bins => {
                devices.push(device("reader", "tag_reader", None, None));
                let mode = if setup == Setup::Bins { "bin" } else { "platform" };
                devices.extend(streams.iter().map(|stream| device(stream, "scale", Some(mode), Some(stream))));
            }
            Setup::Readers => {
                devices.extend(streams.iter().map(|stream| device(stream, "tag_reader", None, Some(stream))));
            }
            Setup::Lift => devices.push(device("lift", "combined", Some("lift"), None)),
            Setup::Bare => {}
        }
    }

    fn add_schedule(&mut self) {
        // Never two at once at one place; noon is when facts dated by day stand.
        let hours = [
            ("05:00", "06:00"),
            ("06:30", "09:30"),
            ("12:00", "13:00"),
            ("17:00", "18:00"),
            ("19:00", "20:30"),
            ("23:30", "00:30"),
        ];
        for number in 0..self.places.len() {
            let place = self.places[number].code.clone();
            let main = self.random.place(hours.len());
            for stream in self.world.streams.clone() {
                let own = if self.random.chance(25) { self.random.place(hours.len()) } else { main };
                let days = match stream.code.as_str() {
                    "food" => ["Mon Wed Fri", "daily", "Tue Sat", "Mon Wed Fri"],
                    "recyclable" => ["Sat", "Wed", "Sun", "Tue Fri"],
                    "other" => ["daily", "Mon Wed Fri", "Tue Thu Sat", "Mon Thu"],
                    _ => ["Sun", "Thu", "Mon", "Sat"],
                };
                let weekdays = self.random.pick(&days).to_owned();
                let rare = !weekdays.contains(' ') && weekdays != "daily" && self.random.chance(45);
                let every_weeks = if rare { Some(self.random.between(2, 3)) } else { None };
                let mut row = ScheduleRow {
                    place: place.clone(),
                    stream: stream.code.clone(),
                    weekdays,
                    every_weeks,
                    start: hours[own].0.to_owned(),
                    end: hours[own].1.to_owned(),
                    valid_from: self.world.from.plus(-self.random.between(0, 16)),
                    valid_to: None,
                };
                let change = self.some_day();
                if self.random.chance(12) && row.valid_from < change {
                    let mut next = row.clone();
                    row.valid_to = Some(change);
                    next.valid_from = change;
                    next.every_weeks = None;
                    next.weekdays = self.random.pick(&days).to_owned();
                    self.world.schedule.push(row);
                    row = next;
                }
                self.world.schedule.push(row);
            }
        }
    }

    fn add_households(&mut self) {
        let points: Vec<Point> = self.world.points.clone();
        let (from, to) = (self.world.from, self.world.to);
        let has_lift = self.places.iter().any(|place| place.setup == Setup::Lift);
        for number in 0..self.random.between(3, 12) {
            let point = self.random.pick(&points);
            let valid_from = match self.random.between(0, 9) {
                0 => from.plus(-self.random.between(28, 31)),
                1 => from.plus(-self.random.between(0, 27)),
                2 => self.some_day(),
                _ => from.plus(-300),
            };
            let mut household = Household {
                code: format!("H{number:03}"),
                area: point.area.clone(),
                people: self.random.chance(80).then(|| self.random.between(1, 7)),
                point: Some(point.code),
                valid_from,
                valid_to: self.random.chance(8).then(|| to.plus(-3)).filter(|end| valid_from < *end),
            };
            if has_lift && self.random.chance(40) {
                let order = (number * 7) % 13 + 1;
                self.world.routes.push(Route { route: "R1".to_owned(), household: household.code.clone(), order });
                if self.random.chance(50) {
                    household.point = None;
                }
            }
            let moving = self.some_day();
            let may_move = self.knobs.moves && household.valid_to.is_none() && valid_from < moving;
            if may_move && self.random.chance(12) {
                let new = self.random.pick(&points);
                let mut moved = household.clone();
                household.valid_to = Some(moving);
                self.world.households.push(household);
                (moved.valid_from, moved.area, moved.point) = (moving, new.area, Some(new.code));
                household = moved;
            }
            self.world.households.push(household);
        }
        if has_lift && self.world.routes.is_empty() {
            let household = self.world.households[0].code.clone();
            self.world.routes.push(Route { route: "R1".to_owned(), household, order: 1 });
        }
    }

    fn add_tags(&mut self) {
        let mut codes: Vec<(String, Day)> = Vec::new();
        for row in &self.world.households {
            if !codes.iter().any(|(code, _)| *code == row.code) {
                let rows = self.world.households.iter().filter(|other| other.code == row.code);
                codes.push((row.code.clone(), rows.map(|row| row.valid_from).min().expect("itself")));
            }
        }
        for (number, (household, valid_from)) in codes.iter().enumerate() {
            if self.random.chance(12) {
                continue;
            }
            let change = self.some_day();
            let tag = |serial: &str, household: &str, valid_from, valid_to| Tag {
                uid: format!("{serial}{number:06X}"),
                household: household.to_owned(),
                tech: "hf".to_owned(),
                valid_from,
                valid_to,
            };
            let rows = match self.random.between(0, 9) {
                // A new tag in place of the old one.
                0 | 1 if *valid_from < change => {
                    vec![tag("E2", household, *valid_from, Some(change)), tag("E3", household, change, None)]
                }
                // Registered late: its earlier reads stay unregistered.
                2 => vec![tag("E2", household, change.max(*valid_from), None)],
                // The same tag passes to another household.
                3 if *valid_from < change => {
                    let heir = self.random.pick(&codes).0;
                    vec![tag("E2", household, *valid_from, Some(change)), tag("E2", &heir, change, None)]
                }
                // Taken back.
                4 if *valid_from < change => vec![tag("E2", household, *valid_from, Some(change))],
                _ => vec![tag("E2", household, *valid_from, None)],
            };
            self.world.tags.extend(rows);
        }
    }

    fn add_exclusions(&mut self) {
        let mut codes: Vec<String> = self.world.households.iter().map(|row| row.code.clone()).collect();
        codes.sort_unstable();
        codes.dedup();
        for household in codes {
            if !self.random.chance(12) {
                continue;
            }
            let from = self.some_day();
            let length = self.random.pick(&[1, 7, 59, 60, 61]);
            self.world.exclusions.push(Exclusion {
                household,
                reason: self.random.pick(&["absent", "vacant", "moved", "not_a_household"]).to_owned(),
                from,
                to: self.random.chance(70).then(|| from.plus(length)),
                by: "officer".to_owned(),
            });
        }
    }

    /// The scheduled rounds of the span, by start.
    pub fn rounds(&self) -> Vec<Round> {
        scheduled(&self.world, &Working::new(), self.world.from, self.world.to)
    }
}
