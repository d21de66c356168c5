//! What people write down: pathways declared and verified, visits, crews' findings, exclusions.
//!
//! Everything lies before the commune's `today`; findings fall inside rounds of the history.
//!
//! # Why
//! Fieldwork follows the households' true habits, incompletely: hamlet heads visited about half of those who
//! treat waste at home. What they did not see stays undetermined in the figures, as it would in life.
//!
//! What is written down is true on its day: each habit of a household is witnessed only while it lasts, so a learner's
//! old visits found no sorting, rightly. Whether evidence is right and whether figures follow from it are two
//! questions; a scenario that asks the second must not mix in the first. Wrong evidence is asked for by name
//! ([`FieldworkRates::false_findings`]).

use crate::calendar::{Day, MINUTE_MS, Stream, shift};
use crate::commune::{Commune, Household, key};
use crate::dice::Dice;
use crate::habits::Habit;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What visitors and crews get wrong, per 10 000 of what each member names. The default is nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldworkRates {
    /// Households that sort and of whom a crew says once, on some day of the history, that a bag was contaminated.
    pub false_findings: u32,
}

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

/// One household as seen from the hamlet head's desk, while one of its habits lasts.
struct Desk<'a> {
    commune: &'a Commune,
    household: &'a Household,
    index: usize,
    dice: Dice,
    /// First and last day of the habit.
    spell: (Day, Day),
}

impl<'a> Desk<'a> {
    fn new(commune: &'a Commune, index: usize) -> Self {
        Self {
            commune,
            household: &commune.households[index],
            index,
            dice: Dice::new(commune.spec.seed, &[21, key(index)]),
            spell: (Day(i64::MIN), Day(i64::MAX)),
        }
    }

    fn write_down(&mut self, out: &mut Fieldwork) {
        let course = self.household.habit;
        let last = Day::of(self.commune.spec.today).plus(-1);
        let (first_ends, later) = match course.change {
            Some((day, habit)) if day <= last => (day.plus(-1), Some((day, habit))),
            Some(_) | None => (last, None),
        };
        self.witness(course.first, (Day(i64::MIN), first_ends), out);
        if let Some((day, habit)) = later {
            self.witness(habit, (day, last), out);
        }
    }

    fn witness(&mut self, habit: Habit, spell: (Day, Day), out: &mut Fieldwork) {
        self.spell = spell;
        match habit {
            Habit::SeparatesAll => self.separates(out),
            Habit::SellsRecyclables => self.home(out, &[Stream::Recyclable]),
            Habit::HomeFood => self.home(out, &[Stream::Food]),
            Habit::AllAtHome => self.home(out, &[Stream::Food, Stream::Recyclable]),
            Habit::FoodOnly => self.food_only(out),
            Habit::Mixes => self.mixes(out),
            Habit::Pretends => self.pretends(out),
            Habit::Absent => self.absent(out),
        }
        self.wronged(habit, out);
    }

    fn separates(&mut self, out: &mut Fieldwork) {
        if self.dice.chance(500) {
            let on = self.day_within(180);
            self.visit(out, on, true, None);
        }
        if self.dice.chance(350) {
            self.finding(out, Stream::Food, Some(Stream::Food), "clean");
        }
    }

    /// Recyclables in the rest: seen at the house, or by the crew in the bag.
    fn food_only(&mut self, out: &mut Fieldwork) {
        if self.dice.chance(1_300) {
            let on = self.day_within(80);
            self.visit(out, on, false, Some(Stream::Recyclable));
        }
        if self.dice.chance(800) {
            self.finding(out, Stream::Other, Some(Stream::Other), "contaminated");
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

    /// A crew in a hurry calls a clean bag contaminated.
    fn wronged(&mut self, habit: Habit, out: &mut Fieldwork) {
        let brings = Stream::ALL.into_iter().find(|&stream| habit.part_permille(stream) > 0);
        let (true, Some(stream)) = (habit.sorts(), brings) else { return };
        let honest = std::mem::replace(&mut self.dice, Dice::new(self.commune.spec.seed, &[27, key(self.index)]));
        if self.dice.chance(self.commune.spec.fieldwork.false_findings) {
            self.finding(out, stream, Some(stream), "contaminated");
        }
        self.dice = honest;
    }

    fn pathway(&mut self, out: &mut Fieldwork, stream: Stream, is_verified: bool) {
        let (usual, rarer) = match stream {
            Stream::Food => ("animal_feed", "compost"),
            Stream::Recyclable | Stream::Other => ("sold", "given"),
        };
        let pathway = if self.dice.chance(6_500) { usual } else { rarer };
        let on = self.day_within(180);
        if self.is_witnessed(on) {
            let by = self.head(on);
            out.pathways.push(Pathway { household: self.index, stream, pathway, is_verified, on, by });
        }
    }

    fn visit(&mut self, out: &mut Fieldwork, on: Date, found_sorting: bool, stream: Option<Stream>) {
        let by = if self.dice.chance(7_000) { self.head(on) } else { "Hội Phụ nữ".to_owned() };
        if self.is_witnessed(on) {
            out.visits.push(Visit { household: self.index, on, found_sorting, stream, by });
        }
    }

    /// A finding in a round of `round` within the history; none, when there was no such round.
    fn finding(&mut self, out: &mut Fieldwork, round: Stream, stream: Option<Stream>, finding: &'static str) {
        let last = Day::of(self.commune.spec.today).plus(-1);
        let first = self.commune.origin.max(Day::of(self.household.valid_from));
        let point_on = |day: &Day| &self.commune.points[self.household.point_on(day.date())];
        let held = |day: &Day| {
            self.is_witnessed(day.date())
                && self.commune.rounds_on(point_on(day), *day).iter().any(|row| row.stream == round)
        };
        let days: Vec<Day> = (first.0..last.0).map(Day).filter(held).collect();
        if days.is_empty() {
            return;
        }
        let day = *self.dice.pick(&days);
        let (opens_ms, closes_ms) = point_on(&day).window.on(day);
        let at_ms = self.dice.between(opens_ms / 1_000 + 600, closes_ms / 1_000 - 600) * 1_000;
        debug_assert!(at_ms < closes_ms - MINUTE_MS);
        let by = format!("Tổ thu gom {}", self.household.point_on(day.date()) % 6 + 1);
        out.findings.push(Finding { household: self.index, stream, finding, at_ms, by });
    }

    fn head(&self, on: Date) -> String {
        let area = self.commune.points[self.household.point_on(on)].area;
        format!("Trưởng {}", self.commune.areas[area].inside())
    }

    /// Whether the household is there on `on`, and its habit is the one looked at.
    fn is_witnessed(&self, on: Date) -> bool {
        let (from, to) = self.spell;
        self.household.is_registered_on(on) && (from..=to).contains(&Day::of(on))
    }

    /// A day among the last `days` before today, not before the household was in the register.
    fn day_within(&mut self, days: i64) -> Date {
        let drawn = shift(self.commune.spec.today, -self.dice.between(1, days));
        drawn.max(self.household.valid_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commune::CommuneSpec;

    fn commune(false_findings: u32) -> Commune {
        let mut spec = CommuneSpec::sized(3_000, Date::constant(2026, 11, 23), 28, 4);
        spec.habits.moves = 1_000;
        spec.habits.moves_within = 1_000;
        spec.fieldwork.false_findings = false_findings;
        Commune::generate(&spec)
    }

    fn sorted(commune: &Commune, household: usize, on: Day) -> bool {
        commune.households[household].habit.on(on).sorts()
    }

    #[test]
    fn what_is_written_down_is_true_on_its_day() {
        let commune = commune(0);
        let fieldwork = Fieldwork::generate(&commune);
        for visit in &fieldwork.visits {
            assert_eq!(sorted(&commune, visit.household, Day::of(visit.on)), visit.found_sorting, "{visit:?}");
        }
        for finding in &fieldwork.findings {
            // Rounds that pass midnight belong to the day before.
            let days = [Day::at(finding.at_ms), Day::at(finding.at_ms).plus(-1)];
            let is_true = |day: &Day| sorted(&commune, finding.household, *day) == (finding.finding == "clean");
            assert!(days.iter().any(is_true), "{finding:?}");
        }
        for pathway in fieldwork.pathways.iter().filter(|pathway| pathway.is_verified) {
            assert!(sorted(&commune, pathway.household, Day::of(pathway.on)), "{pathway:?}");
        }
        assert!(fieldwork.visits.len() > 100 && fieldwork.findings.len() > 50);
    }

    #[test]
    fn nothing_is_written_down_of_who_is_not_there() {
        let commune = commune(0);
        let fieldwork = Fieldwork::generate(&commune);
        let visits = fieldwork.visits.iter().map(|visit| (visit.household, visit.on));
        let pathways = fieldwork.pathways.iter().map(|pathway| (pathway.household, pathway.on));
        for (household, on) in visits.chain(pathways) {
            assert!(commune.households[household].is_registered_on(on), "{household} on {on}");
        }
    }

    #[test]
    fn false_findings_fall_on_who_sorts_and_leave_the_rest_as_it_was() {
        let (right, wrong) = (Fieldwork::generate(&commune(0)), Fieldwork::generate(&commune(2_000)));
        assert_eq!((&right.visits, &right.pathways), (&wrong.visits, &wrong.pathways));
        let added: Vec<&Finding> = wrong.findings.iter().filter(|finding| !right.findings.contains(finding)).collect();
        assert_eq!(added.len() + right.findings.len(), wrong.findings.len());
        let commune = commune(2_000);
        assert!(added.iter().all(|finding| sorted(&commune, finding.household, Day::at(finding.at_ms))));
        assert!((250..700).contains(&added.len()), "{}", added.len());
    }
}
