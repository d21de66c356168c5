//! What people write down: pathways declared and verified, visits, crews' findings, exclusions.
//!
//! Everything lies before the commune's `today`; findings fall inside rounds of the history.
//!
//! # Why
//! Fieldwork follows the households' true habits, incompletely: hamlet heads visited about half of those who
//! treat waste at home. What they did not see stays undetermined in the figures, as it would in life.

use crate::calendar::{Day, MINUTE_MS, Stream, shift};
use crate::commune::{Commune, Household, key};
use crate::dice::Dice;
use crate::habits::Habit;
use jiff::civil::Date;

/// What becomes of waste at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pathway {
    /// Index of the household.
    pub household: usize,
    /// Stream kept at home.
    pub stream: Stream,
    /// `compost`, `animal_feed`, `sold`, `given`.
    pub pathway: &'static str,
    /// Seen on a visit, not only declared.
    pub is_verified: bool,
    /// Local day.
    pub on: Date,
    /// Who wrote it down.
    pub by: String,
}

/// A visit to a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Index of the household.
    pub household: usize,
    /// Local day.
    pub on: Date,
    /// Sorting was found.
    pub found_sorting: bool,
    /// The stream looked at; `None`: all.
    pub stream: Option<Stream>,
    /// Who went.
    pub by: String,
}

/// What a crew saw in a bag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Index of the household.
    pub household: usize,
    /// Stream of the bag; `None`: nobody could say.
    pub stream: Option<Stream>,
    /// `mixed`, `contaminated`, `refused`, `clean`.
    pub finding: &'static str,
    /// Milliseconds since 1970 UTC, inside a round.
    pub at_ms: i64,
    /// Which crew.
    pub by: String,
}

/// Why a household does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Index of the household.
    pub household: usize,
    /// `absent`, `vacant`, `moved`, `not_a_household`.
    pub reason: &'static str,
    /// First day.
    pub from: Date,
    /// First day it counts again.
    pub to: Option<Date>,
    /// Who decided.
    pub by: String,
}

/// All fieldwork of a commune, in order of household.
#[derive(Debug, Clone, Default)]
pub struct Fieldwork {
    /// Home treatment.
    pub pathways: Vec<Pathway>,
    /// Visits.
    pub visits: Vec<Visit>,
    /// Findings.
    pub findings: Vec<Finding>,
    /// Exclusions.
    pub exclusions: Vec<Exclusion>,
}

impl Fieldwork {
    /// Draws the fieldwork of `commune`.
    #[must_use]
    pub fn generate(commune: &Commune) -> Self {
        let mut fieldwork = Self::default();
        for index in 0..commune.households.len() {
            let mut desk = Desk::new(commune, index);
            desk.write_down(&mut fieldwork);
        }
        fieldwork
    }
}

/// One household as seen from the hamlet head's desk.
struct Desk<'a> {
    commune: &'a Commune,
    household: &'a Household,
    index: usize,
    dice: Dice,
    head: String,
}

impl<'a> Desk<'a> {
    fn new(commune: &'a Commune, index: usize) -> Self {
        let household = &commune.households[index];
        Self {
            commune,
            household,
            index,
            dice: Dice::new(commune.spec.seed, &[21, key(index)]),
            head: format!("Trưởng {}", commune.areas[household.area].inside()),
        }
    }

    fn write_down(&mut self, out: &mut Fieldwork) {
        let today = Day::of(self.commune.spec.today);
        match self.household.habit.on(today.plus(-1)) {
            Habit::SeparatesAll => self.separates(out),
            Habit::SellsRecyclables => self.home(out, &[Stream::Recyclable]),
            Habit::HomeFood => self.home(out, &[Stream::Food]),
            Habit::AllAtHome => self.home(out, &[Stream::Food, Stream::Recyclable]),
            Habit::FoodOnly => {
                if self.dice.chance(1_300) {
                    let on = self.day_within(80);
                    self.visit(out, on, false, Some(Stream::Recyclable));
                }
            }
            Habit::Mixes => self.mixes(out),
            Habit::Pretends => self.pretends(out),
            Habit::Absent => self.absent(out),
        }
    }

    fn separates(&mut self, out: &mut Fieldwork) {
        if self.dice.chance(500) {
            let on = self.day_within(180);
            self.visit(out, on, true, None);
        }
        let (chance, finding) = if self.dice.chance(7_000) { (500, "clean") } else { (700, "contaminated") };
        // A learner's old findings would speak of another habit.
        if self.household.habit.change.is_none() && self.dice.chance(chance) {
            self.finding(out, Stream::Food, Some(Stream::Food), finding);
        }
    }

    fn mixes(&mut self, out: &mut Fieldwork) {
        if self.dice.chance(1_800) {
            let on = self.day_within(80);
            self.visit(out, on, false, None);
        }
        if self.dice.chance(1_500) {
            let finding = if self.dice.chance(2_000) { "refused" } else { "mixed" };
            self.finding(out, Stream::Other, None, finding);
        }
        // Some declare what they do not do.
        if self.dice.chance(600) {
            self.pathway(out, Stream::Recyclable, false);
        }
    }

    /// Bags of every colour with the same in each: only who looks inside can tell.
    fn pretends(&mut self, out: &mut Fieldwork) {
        if self.dice.chance(1_800) {
            let on = self.day_within(80);
            self.visit(out, on, false, None);
        }
        if self.dice.chance(2_500) {
            self.finding(out, Stream::Food, Some(Stream::Food), "mixed");
        }
    }

    /// Home treatment: seen by a visit, only declared, seen in part, or never written down.
    fn home(&mut self, out: &mut Fieldwork, streams: &[Stream]) {
        let told = self.dice.weighted(&[64, 18, 5, 13]);
        for (nth, &stream) in streams.iter().enumerate() {
            match told {
                0 => self.pathway(out, stream, true),
                1 => self.pathway(out, stream, false),
                2 => self.pathway(out, stream, nth == 0 && streams.len() > 1),
                _ => {}
            }
        }
    }

    fn absent(&mut self, out: &mut Fieldwork) {
        let (reason, lasts) = match self.dice.weighted(&[45, 12, 8, 3, 32]) {
            0 => ("absent", Some(self.dice.between(75, 240))),
            1 => ("vacant", None),
            2 => ("moved", None),
            3 => ("not_a_household", None),
            _ => return,
        };
        let from = self.day_within(70);
        out.exclusions.push(Exclusion {
            household: self.index,
            reason,
            from,
            to: lasts.map(|days| shift(from, days)),
            by: "Cán bộ địa bàn".to_owned(),
        });
    }

    fn pathway(&mut self, out: &mut Fieldwork, stream: Stream, is_verified: bool) {
        let (usual, rarer) = match stream {
            Stream::Food => ("animal_feed", "compost"),
            Stream::Recyclable | Stream::Other => ("sold", "given"),
        };
        let pathway = if self.dice.chance(6_500) { usual } else { rarer };
        let on = self.day_within(180);
        let by = self.head.clone();
        out.pathways.push(Pathway { household: self.index, stream, pathway, is_verified, on, by });
    }

    fn visit(&mut self, out: &mut Fieldwork, on: Date, found_sorting: bool, stream: Option<Stream>) {
        let by = if self.dice.chance(7_000) { self.head.clone() } else { "Hội Phụ nữ".to_owned() };
        out.visits.push(Visit { household: self.index, on, found_sorting, stream, by });
    }

    /// A finding in a round of `round` within the history; none, when there was no such round.
    fn finding(&mut self, out: &mut Fieldwork, round: Stream, stream: Option<Stream>, finding: &'static str) {
        let point = &self.commune.points[self.household.point];
        let last = Day::of(self.commune.spec.today).plus(-1);
        let first = self.commune.origin.max(Day::of(self.household.valid_from));
        let held = |day: &Day| self.commune.rounds_on(point, *day).iter().any(|row| row.stream == round);
        let days: Vec<Day> = (first.0..last.0).map(Day).filter(held).collect();
        if days.is_empty() {
            return;
        }
        let day = *self.dice.pick(&days);
        let (opens_ms, closes_ms) = point.window.on(day);
        let at_ms = self.dice.between(opens_ms / 1_000 + 600, closes_ms / 1_000 - 600) * 1_000;
        debug_assert!(at_ms < closes_ms - MINUTE_MS);
        let by = format!("Tổ thu gom {}", self.household.point % 6 + 1);
        out.findings.push(Finding { household: self.index, stream, finding, at_ms, by });
    }

    /// A day among the last `days` before today, not before the household was in the register.
    fn day_within(&mut self, days: i64) -> Date {
        let drawn = shift(self.commune.spec.today, -self.dice.between(1, days));
        drawn.max(self.household.valid_from)
    }
}
