//! One service day of the crews: from what really happened to what they write about it.

use super::{Crews, Reading, Says, Why, Write};
use crate::calendar::{Day, MINUTE_MS, Stream};
use crate::commune::{Point, key};
use crate::dice::Dice;
use crate::fieldwork::Fieldwork;
use crate::habits::Habit;
use crate::plan::Plan;
use crate::score::weight_event;
use crate::truth::{Mishap, TrueHandOver};
use crate::walk::day_key;
use std::collections::HashMap;
use uuid::Uuid;

const SECOND_MS: i64 = 1_000;
/// Of the bags seen to be mixed, per 10 000: told as a finding after the household has gone.
const TOLD_LATER: u32 = 3_000;
/// Of the separated bags looked into, per 10 000: the crew writes that they are clean.
const TOLD_CLEAN: u32 = 2_000;
/// Division of a crew's hand scale, grams.
const HAND_SCALE_G: i64 = 100;

/// The crews of a commune.
pub(super) struct Crew<'a> {
    plan: &'a Plan,
    crews: Crews,
    /// Ids are made in it.
    namespace: Uuid,
    households: HashMap<&'a str, usize>,
    /// What the fieldwork says was found in a round, by household and service day.
    findings: HashMap<(usize, Day), (Option<Stream>, &'static str)>,
}

/// One crew's shift: a point on a service day.
struct Shift<'a> {
    crew: &'a Crew<'a>,
    point: &'a Point,
    day: Day,
    closes_ms: i64,
    /// The phone has no signal before this time.
    online_from_ms: i64,
    dice: Dice,
    writes: Vec<Write>,
}

impl<'a> Crew<'a> {
    pub(super) fn new(plan: &'a Plan, crews: Crews) -> Self {
        let commune = &plan.commune;
        let mut findings = HashMap::new();
        for finding in Fieldwork::generate(commune).findings {
            let today = Day::at(finding.at_ms);
            let point = commune.households[finding.household].point_on(today.date());
            let window = commune.points[point].window;
            let of_day = [today, today.plus(-1)].into_iter().find(|day| {
                let (opens_ms, closes_ms) = window.on(*day);
                (opens_ms..closes_ms).contains(&finding.at_ms)
            });
            if let Some(day) = of_day {
                findings.insert((finding.household, day), (finding.stream, finding.finding));
            }
        }
        let seed = format!("firmware-sim crews {}", commune.spec.seed);
        Self {
            plan,
            crews,
            namespace: Uuid::new_v5(&Uuid::NAMESPACE_OID, seed.as_bytes()),
            households: commune.households.iter().enumerate().map(|(index, of)| (of.code.as_str(), index)).collect(),
            findings,
        }
    }

    /// What the crews write about service day `day`, phone by phone.
    pub(super) fn on(&self, day: Day, truth: &[TrueHandOver]) -> Vec<Write> {
        if self.plan.is_closed(day) {
            return Vec::new();
        }
        let mut of_point: HashMap<&str, Vec<(usize, &TrueHandOver)>> = HashMap::new();
        for (number, hand_over) in truth.iter().enumerate() {
            of_point.entry(&hand_over.point).or_default().push((number, hand_over));
        }
        let commune = &self.plan.commune;
        let mut writes = Vec::new();
        for (index, point) in commune.points.iter().enumerate() {
            let has_phone = Dice::new(commune.spec.seed, &[41, key(index)]).chance(self.crews.points);
            if has_phone {
                let hand_overs = of_point.remove(point.code.as_str()).unwrap_or_default();
                writes.extend(Shift::begin(self, index, day).work(&hand_overs));
            }
        }
        writes
    }

    fn id(&self, name: &str) -> Uuid {
        Uuid::new_v5(&self.namespace, name.as_bytes())
    }
}

impl<'a> Shift<'a> {
    fn begin(crew: &'a Crew<'a>, index: usize, day: Day) -> Self {
        let commune = &crew.plan.commune;
        let point = &commune.points[index];
        let mut dice = Dice::new(commune.spec.seed, &[42, key(index), day_key(day)]);
        let (opens_ms, closes_ms) = point.window.on(day);
        let back_ms = closes_ms + dice.between(120, 480) * MINUTE_MS;
        let online_from_ms = if dice.chance(crew.crews.offline) { back_ms } else { opens_ms };
        Self { crew, point, day, closes_ms, online_from_ms, dice, writes: Vec::new() }
    }

    fn work(mut self, hand_overs: &[(usize, &TrueHandOver)]) -> Vec<Write> {
        let streams: Vec<Stream> =
            self.crew.plan.commune.rounds_on(self.point, self.day).iter().map(|round| round.stream).collect();
        let opens_ms = self.point.window.on(self.day).0;
        for &stream in &streams {
            self.round(stream, true, opens_ms);
        }
        for (number, hand_over) in hand_overs {
            self.see(*number, hand_over);
        }
        for stream in streams {
            self.round(stream, false, self.closes_ms);
        }
        // Slips are taken back while the next households are served: a phone sends in order of writing.
        self.writes.sort_by_key(|write| write.sent_at_ms);
        self.writes
    }

    fn round(&mut self, stream: Stream, opened: bool, at_ms: i64) {
        let service_date = self.day.date().to_string();
        let word = if opened { "open" } else { "close" };
        let name = format!("{word} {} {} {service_date}", self.point.code, stream.code());
        let says = Says::Round { point: self.point.code.clone(), stream, service_date, opened };
        self.write(&name, at_ms, at_ms, Why::Round, None, says);
    }

    /// The crew sees a hand-over, and may write about it.
    fn see(&mut self, number: usize, of: &TrueHandOver) {
        let rates = self.crew.crews;
        let why = why(of);
        let chance = if why == Why::Shown { rates.logs } else { rates.logs_unread };
        let logs = self.dice.chance(chance);
        let looks = self.dice.chance(rates.looks_inside);
        let later = self.dice.chance(TOLD_LATER);
        let tells_clean = self.dice.chance(TOLD_CLEAN);
        let result = self.result(of, looks);
        // Outside the round, another figure would be meant.
        let at_ms = (of.at_ms + self.dice.between(2, 40) * SECOND_MS).min(self.closes_ms - SECOND_MS).max(of.at_ms);
        let finding = match result {
            "mixed" if looks && later => Some("mixed"),
            "separated" if looks && tells_clean => Some("clean"),
            _ => None,
        };
        if let Some(finding) = finding {
            let says =
                Says::Finding { household: of.household.clone(), stream: of.stream, finding: finding.to_owned() };
            self.write(&self.name("finding", number), at_ms, at_ms, Why::LookedInside, Some(of), says);
        }
        if finding != Some("mixed") && (logs || result != "separated") {
            self.log(number, of, at_ms, why, result);
        }
    }

    /// Logs a pickup; now and then for a neighbour first.
    fn log(&mut self, number: usize, of: &TrueHandOver, at_ms: i64, why: Why, result: &str) {
        let rates = self.crew.crews;
        let types_weight = self.dice.chance(rates.types_weight) || why == Why::Unweighed;
        let names_reading = self.dice.chance(rates.names_reading) || why != Why::Shown;
        let reading = of.weight_seq.filter(|_| names_reading).map(|seq| Reading {
            device: of.device.clone(),
            log: of.log.clone(),
            seq,
        });
        let weighs = types_weight && result != "refused";
        let manual_g = weighs.then(|| ((of.mass_g + HAND_SCALE_G / 2) / HAND_SCALE_G * HAND_SCALE_G).max(HAND_SCALE_G));
        let pickup = |household: &str| Says::Pickup {
            point: of.point.clone(),
            stream: of.stream,
            household: household.to_owned(),
            result: result.to_owned(),
            manual_g,
            reading: reading.clone(),
        };
        let slips = self.dice.chance(rates.mistakes);
        let neighbour = *self.dice.pick(&self.point.households);
        let neighbour = &self.crew.plan.commune.households[neighbour];
        let notices_ms = at_ms + self.dice.between(30, 300) * SECOND_MS;
        let right = self.name("pickup", number);
        if !slips || neighbour.code == of.household || !neighbour.is_registered_on(self.day.date()) {
            self.write(&right, at_ms, at_ms, why, Some(of), pickup(&of.household));
            return;
        }
        let wrong = self.name("mistake", number);
        let void = Says::Void { pickup: self.crew.id(&wrong) };
        self.write(&wrong, at_ms, at_ms, Why::Mistake, Some(of), pickup(&neighbour.code));
        self.write(&self.name("void", number), notices_ms, notices_ms, Why::Amends, Some(of), void);
        self.write(&right, at_ms, notices_ms, Why::Amends, Some(of), pickup(&of.household));
    }

    fn name(&self, what: &str, number: usize) -> String {
        format!("{what} {} {number}", self.day.date())
    }

    /// What the crew says of a bag: what the fieldwork found, else what it sees where it looks.
    fn result(&self, of: &TrueHandOver, looks: bool) -> &'static str {
        let Some(&household) = self.crew.households.get(of.household.as_str()) else { return "separated" };
        match self.crew.findings.get(&(household, self.day)) {
            Some((stream, finding)) if stream.is_none_or(|stream| stream == of.stream) && *finding != "clean" => {
                return finding;
            }
            Some(_) | None => {}
        }
        let habit = self.crew.plan.commune.households[household].habit.on(self.day);
        if looks && is_mixed(habit, of.stream) { "mixed" } else { "separated" }
    }

    fn write(&mut self, name: &str, at_ms: i64, written_ms: i64, why: Why, of: Option<&TrueHandOver>, says: Says) {
        // Slower than the quickest slip is noticed, so that a void never overtakes its pickup.
        let sent_at_ms = (written_ms + self.dice.between(1, 20) * SECOND_MS).max(self.online_from_ms);
        let times = if self.dice.chance(self.crew.crews.repeats) { 2 } else { 1 };
        self.writes.push(Write {
            id: self.crew.id(name),
            at_ms,
            sent_at_ms,
            times,
            why,
            came: of.map(|of| of.household.clone()),
            weighed_as: of.and_then(weight_event),
            says,
        });
    }
}

/// Why a crew would log this hand-over.
fn why(of: &TrueHandOver) -> Why {
    let others = of.mishaps.iter().any(|mishap| matches!(mishap, Mishap::NeighbourCard | Mishap::SwappedCard));
    if of.weight_seq.is_none() {
        Why::Unweighed
    } else if of.tag_seq.is_none() {
        Why::Unread
    } else if others {
        Why::OthersCard
    } else {
        Why::Shown
    }
}

/// Whether who looks into this bag finds what belongs in another.
fn is_mixed(habit: Habit, stream: Stream) -> bool {
    match habit {
        Habit::Mixes | Habit::Pretends => true,
        Habit::FoodOnly => stream == Stream::Other,
        Habit::SeparatesAll | Habit::SellsRecyclables | Habit::HomeFood | Habit::AllAtHome | Habit::Absent => false,
    }
}
