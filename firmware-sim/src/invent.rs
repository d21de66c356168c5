//! Invents a commune from its seed: names, places, devices, hours, people, habits.
//!
//! # Why
//! Each point, device and household has dice of its own, so that a larger commune begins with the same
//! households in other surroundings, and a change to one rule leaves the other draws as they were.

use crate::calendar::{Day, RoundPlan, Stream, Window, shift};
use crate::commune::{
    Area, BIN, Card, Commune, CommuneSpec, Device, DeviceKind, Dwelling, Household, Mode, PLATFORM, Point, Uid, key,
};
use crate::dice::{Dice, mix};
use crate::habits::HabitCourse;
use crate::names;
use jiff::civil::Date;

impl Commune {
    /// Invents the commune of `spec`. Zero households, points or areas count as one.
    #[must_use]
    pub fn generate(spec: &CommuneSpec) -> Self {
        let mut spec = spec.clone();
        spec.households = spec.households.max(1);
        spec.points = spec.points.clamp(1, spec.households);
        spec.areas = spec.areas.clamp(1, spec.points);
        spec.days = spec.days.max(1);
        spec.round_minutes = spec.round_minutes.max(30);
        let origin = Day::of(spec.today).plus(-i64::from(spec.days));
        let mut commune = Self {
            origin,
            areas: areas(spec.areas),
            points: Vec::new(),
            devices: Vec::new(),
            households: Vec::new(),
            spec,
        };
        commune.add_points();
        commune.add_households();
        commune
    }

    fn add_points(&mut self) {
        let count = usize::try_from(self.spec.points).unwrap_or(1);
        for index in 0..count {
            let mut dice = Dice::new(self.spec.seed, &[1, key(index)]);
            let area = index * self.areas.len() / count;
            let position_udeg = (
                11_560_000 + place(area, 5) * 14_000 + dice.between(-5_000, 5_000),
                108_900_000 + place(area / 5, 5) * 16_000 + dice.between(-6_000, 6_000),
            );
            let (reader, scale, bin) = self.add_devices(index, &mut dice);
            self.points.push(Point {
                code: format!("D-{:03}", index + 1),
                name: format!(
                    "Điểm tập kết số {}, {} {}",
                    index + 1,
                    names::landmark(&mut dice),
                    self.areas[area].inside()
                ),
                area,
                position_udeg,
                window: window(index, count, self.spec.round_minutes, &mut dice),
                rounds: rounds(index),
                reader,
                scale,
                bin,
                households: Vec::new(),
                newcomers: Vec::new(),
            });
        }
    }

    /// Adds a point's devices: combined mostly, reader and scale apart at every thirty-fifth, a bin at every twentieth.
    fn add_devices(&mut self, point: usize, dice: &mut Dice) -> (usize, usize, Option<usize>) {
        let number = point + 1;
        let apart = point % 35 == 3;
        let (reader, scale) = if apart {
            let reader = self.add_device(format!("P{number:03}-R"), point, DeviceKind::TagReader, dice);
            (reader, self.add_device(format!("P{number:03}-S"), point, DeviceKind::Scale, dice))
        } else {
            let both = self.add_device(format!("P{number:03}-A"), point, DeviceKind::Combined, dice);
            (both, both)
        };
        let bin = (point % 20 == 7).then(|| {
            let bin = self.add_device(format!("P{number:03}-B"), point, DeviceKind::Combined, dice);
            let device = &mut self.devices[bin];
            device.station = format!("D-{number:03}-B");
            device.mode = Mode::Bin;
            device.stream = Some(Stream::Recyclable);
            device.capacity = Some(BIN);
            bin
        });
        (reader, scale, bin)
    }

    fn add_device(&mut self, code: String, point: usize, kind: DeviceKind, dice: &mut Dice) -> usize {
        let index = self.devices.len();
        let log = mix(self.spec.seed, &[2, key(index)]) >> 32;
        let capacity = match kind {
            DeviceKind::Combined | DeviceKind::Scale => Some(PLATFORM),
            DeviceKind::TagReader => None,
        };
        self.devices.push(Device {
            code,
            point,
            kind,
            station: format!("D-{:03}", point + 1),
            mode: Mode::Platform,
            stream: None,
            capacity,
            log: u32::try_from(log).unwrap_or(u32::MAX),
            verified_until: shift(self.spec.today, dice.between(-10, 340)),
        });
        index
    }

    fn add_households(&mut self) {
        let count = usize::try_from(self.spec.households).unwrap_or(1);
        let mut sizing = Dice::new(self.spec.seed, &[3]);
        let weights: Vec<usize> = self.points.iter().map(|_| 70 + sizing.index(61)).collect();
        let sum: usize = weights.iter().sum();
        let mut point = 0;
        let mut reached = weights[0];
        for index in 0..count {
            while index * sum >= reached * count && point + 1 < self.points.len() {
                point += 1;
                reached += weights[point];
            }
            let household = self.household(index, point);
            self.points[point].households.push(index);
            if let Some(dwelling) = &household.moved {
                self.points[dwelling.point].newcomers.push(index);
            }
            self.households.push(household);
        }
    }

    fn household(&self, index: usize, point: usize) -> Household {
        let spec = &self.spec;
        let mut dice = Dice::new(spec.seed, &[4, key(index)]);
        let area = self.points[point].area;
        let people = [1, 2, 3, 4, 5, 6, 7, 8][dice.weighted(&[8, 18, 22, 28, 14, 6, 3, 1])];
        // As far back as visits reach, so that what was verified runs out over the half year to come and not all of it at its end.
        let settled = shift(self.origin.date(), -180);
        let is_new = dice.chance(spec.habits.moves_in);
        let valid_from = if is_new { shift(spec.today, -dice.between(2, 45)) } else { settled };
        let habit = HabitCourse::draw(&mut dice, self.origin, i64::from(spec.days) + 60, &spec.habits);
        let mut moving = Dice::new(spec.seed, &[17, key(index)]);
        let moves = moving.chance(spec.habits.moves);
        let moved = self.origin.plus(moving.between(5, i64::from(spec.days).max(6))).date();
        let valid_to = (moves && moved > valid_from).then_some(moved);
        let mut cards = cards(index, spec, valid_from, self.origin, &mut dice);
        let moved = self.dwelling(index, point, (valid_from, valid_to), &mut cards);
        if let (Some(to), Some(last)) = (valid_to, cards.last_mut()) {
            last.valid_to = Some(last.valid_from.max(to));
        }
        Household {
            code: format!("TM-{:05}", index + 1),
            area,
            point,
            moved,
            head_name: names::person(&mut dice),
            address: names::address(&mut dice, &self.areas[area].name),
            people,
            valid_from,
            valid_to,
            cards,
            habit,
            diligence_permille: dice.between(820, 1_180),
        }
    }

    /// Where household `index` moves to within the commune, if it does: half keep their card, the others hand it in and
    /// are given one at the new point.
    fn dwelling(
        &self,
        index: usize,
        point: usize,
        (valid_from, valid_to): (Date, Option<Date>),
        cards: &mut Vec<Card>,
    ) -> Option<Dwelling> {
        let spec = &self.spec;
        let mut dice = Dice::new(spec.seed, &[26, key(index)]);
        let moves = dice.chance(spec.habits.moves_within);
        let from = self.origin.plus(dice.between(5, i64::from(spec.days).max(6))).date();
        if !moves || self.points.len() < 2 || from <= valid_from || valid_to.is_some_and(|to| to <= from) {
            return None;
        }
        let to = (point + 1 + dice.index(self.points.len() - 1)) % self.points.len();
        let area = self.points[to].area;
        if dice.chance(5_000)
            && let Some(last) = cards.last_mut()
            && last.valid_from < from
        {
            let given = Card { uid: uid(spec.seed, index, 2), valid_from: from, valid_to: last.valid_to };
            last.valid_to = Some(from);
            cards.push(given);
        }
        Some(Dwelling { from, area, point: to, address: names::address(&mut dice, &self.areas[area].name) })
    }
}

/// Chip number of the household's card number `nth`.
fn uid(seed: u64, index: usize, nth: u64) -> Uid {
    Uid(0x04_0000_0000_0000 | (mix(seed, &[5, key(index), nth]) >> 16))
}

fn areas(count: u32) -> Vec<Area> {
    let area = |index: usize| Area { code: format!("T{:02}", index + 1), name: names::hamlet(index) };
    (0..usize::try_from(count).unwrap_or(1)).map(area).collect()
}

/// Two in a hundred have no card; one in two hundred had theirs replaced during the history.
fn cards(index: usize, spec: &CommuneSpec, valid_from: Date, origin: Day, dice: &mut Dice) -> Vec<Card> {
    if dice.chance(200) {
        return Vec::new();
    }
    let uid = |nth| uid(spec.seed, index, nth);
    let swapped = origin.plus(dice.between(1, i64::from(spec.days))).date();
    if dice.chance(50) && swapped > valid_from {
        return vec![
            Card { uid: uid(0), valid_from, valid_to: Some(swapped) },
            Card { uid: uid(1), valid_from: swapped, valid_to: None },
        ];
    }
    vec![Card { uid: uid(0), valid_from, valid_to: None }]
}

/// Where there are many points, a quarter of them crowd the early morning and the late
/// afternoon, and the others are spread over the day, neighbours far apart.
fn window(index: usize, count: usize, round_minutes: u32, dice: &mut Dice) -> Window {
    let start_min = match index % 8 {
        1 if count >= 12 => dice.between(27, 36) * 10,
        6 if count >= 12 => dice.between(93, 111) * 10,
        _ => {
            // A prime that does not divide the count visits every slot once.
            let stride = if count.is_multiple_of(29) { 31 } else { 29 };
            let slot = index * stride % count * 1_440 / count;
            i64::try_from(slot / 10 * 10).unwrap_or(0)
        }
    };
    Window { start_min, length_min: i64::from(round_minutes) }
}

/// Every point has a round each day, so that a live picture always moves.
fn rounds(index: usize) -> Vec<RoundPlan> {
    let fortnight = if index % 23 == 11 { 2 } else { 1 };
    match index % 4 {
        0 => vec![
            RoundPlan::new(Stream::Food, "M-W-F--", 1),
            RoundPlan::new(Stream::Other, "-T-T-S-", 1),
            RoundPlan::new(Stream::Recyclable, "------S", 1),
        ],
        1 => vec![
            RoundPlan::new(Stream::Food, "-T-T-S-", 1),
            RoundPlan::new(Stream::Other, "M-W-F-S", 1),
            RoundPlan::new(Stream::Recyclable, "------S", 1),
        ],
        2 => vec![
            RoundPlan::new(Stream::Food, "M-W-F--", 1),
            RoundPlan::new(Stream::Other, "MTWTFSS", 1),
            RoundPlan::new(Stream::Recyclable, "-----S-", 1),
        ],
        _ => vec![
            RoundPlan::new(Stream::Food, "-T-T-S-", 1),
            RoundPlan::new(Stream::Other, "MTWTFSS", 1),
            RoundPlan::new(Stream::Recyclable, "--W----", fortnight),
        ],
    }
}

fn place(index: usize, across: usize) -> i64 {
    i64::try_from(index % across).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn full() -> Commune {
        Commune::generate(&CommuneSpec::new(Date::constant(2026, 11, 23), 28, 1))
    }

    #[test]
    fn codes_cards_and_logs_are_unique() {
        let commune = full();
        assert_eq!(commune.households.len(), 10_457);
        let codes: BTreeSet<_> = commune.households.iter().map(|h| &h.code).collect();
        assert_eq!(codes.len(), 10_457);
        let cards: Vec<Uid> = commune.households.iter().flat_map(|h| &h.cards).map(|c| c.uid).collect();
        assert_eq!(cards.iter().collect::<BTreeSet<_>>().len(), cards.len());
        assert!(cards.iter().all(|uid| uid.to_string().len() == 14 && uid.to_string().starts_with("04")));
        let logs: BTreeSet<u32> = commune.devices.iter().map(|d| d.log).collect();
        assert_eq!(logs.len(), commune.devices.len());
    }

    #[test]
    fn at_any_moment_several_points_are_in_a_round() {
        let commune = full();
        let first = commune.origin.plus(7);
        for minute in (0..7 * 1_440).step_by(10) {
            let at_ms = first.midnight_ms() + minute * 60_000;
            let open = |point: &&Point| {
                [Day::at(at_ms), Day::at(at_ms).plus(-1)].iter().any(|&day| {
                    let (start, end) = point.window.on(day);
                    (start..end).contains(&at_ms) && !commune.rounds_on(point, day).is_empty()
                })
            };
            let open_points = commune.points.iter().filter(open).count();
            assert!(open_points >= 5, "{open_points} at minute {minute}");
        }
    }

    #[test]
    fn one_household_is_a_commune_too() {
        let tiny = Commune::generate(&CommuneSpec::sized(1, Date::constant(2026, 11, 23), 1, 9));
        assert_eq!((tiny.households.len(), tiny.points.len(), tiny.areas.len()), (1, 1, 1));
    }

    #[test]
    fn who_moves_within_the_commune_keeps_its_card_or_changes_it_on_the_day() {
        let mut spec = CommuneSpec::sized(1_200, Date::constant(2026, 11, 23), 28, 5);
        spec.habits.moves_within = 2_000;
        let commune = Commune::generate(&spec);
        let (mut kept, mut changed) = (0, 0);
        for household in &commune.households {
            let Some(dwelling) = &household.moved else { continue };
            assert!(dwelling.point != household.point && household.valid_from < dwelling.from);
            assert_eq!(commune.points[dwelling.point].area, dwelling.area);
            let (before, after) = (household.card_on(shift(dwelling.from, -1)), household.card_on(dwelling.from));
            assert_eq!(before.is_some(), after.is_some(), "{}", household.code);
            if before.is_some() {
                *if before == after { &mut kept } else { &mut changed } += 1;
            }
        }
        assert!(kept > 50 && changed > 50, "{kept} {changed}");
    }
}
