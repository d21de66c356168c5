//! What a household does with its waste, by day.
//!
//! # Why
//! The mix is invented, not measured. It follows what surveys of rural communes say in shape: most sell
//! bottles and cans to the scrap trade, many give food waste to animals or compost it, and those who do
//! sort and yet never cross a scale. A simulator in which everybody who sorts is seen would prove nothing.

use crate::calendar::{Day, Stream};
use crate::dice::Dice;
use serde::Serialize;

/// A household's way with its waste.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Habit {
    /// Brings food, recyclables and the rest, apart.
    SeparatesAll,
    /// Brings food and the rest apart; recyclables go to the scrap trade.
    SellsRecyclables,
    /// Food to compost or animals; brings recyclables and the rest apart.
    HomeFood,
    /// Food to compost or animals, recyclables to the scrap trade; brings only the rest.
    AllAtHome,
    /// Brings food apart; recyclables go into the rest.
    FoodOnly,
    /// Everything in one bag.
    Mixes,
    /// Nobody there.
    Absent,
}

impl Habit {
    const DRAWN: [Self; 7] = [
        Self::SeparatesAll,
        Self::SellsRecyclables,
        Self::HomeFood,
        Self::AllAtHome,
        Self::FoodOnly,
        Self::Mixes,
        Self::Absent,
    ];
    const WEIGHTS: [u32; 7] = [345, 225, 95, 75, 75, 150, 35];

    /// Draws a habit from the invented mix.
    pub fn draw(dice: &mut Dice) -> Self {
        Self::DRAWN[dice.weighted(&Self::WEIGHTS)]
    }

    /// Whether the household truly sorts at source, seen or not.
    #[must_use]
    pub fn sorts(self) -> bool {
        match self {
            Self::SeparatesAll | Self::SellsRecyclables | Self::HomeFood | Self::AllAtHome => true,
            Self::FoodOnly | Self::Mixes | Self::Absent => false,
        }
    }

    /// Part of the household's waste it brings as `stream`, per mille of all it makes. 0: it never brings it.
    ///
    /// Composition: 62 % food, 11 % recyclable, 27 % the rest; the scrap trade leaves a little behind.
    #[must_use]
    pub fn part_permille(self, stream: Stream) -> i64 {
        match (self, stream) {
            (Self::SeparatesAll | Self::SellsRecyclables | Self::FoodOnly, Stream::Food) => 620,
            (Self::SeparatesAll | Self::HomeFood, Stream::Recyclable) => 110,
            (Self::SeparatesAll | Self::HomeFood, Stream::Other) => 270,
            (Self::SellsRecyclables | Self::AllAtHome, Stream::Other) => 290,
            (Self::FoodOnly, Stream::Other) => 380,
            (Self::Mixes, Stream::Other) => 1_000,
            (Self::HomeFood | Self::AllAtHome | Self::Mixes | Self::Absent, Stream::Food)
            | (
                Self::SellsRecyclables | Self::AllAtHome | Self::FoodOnly | Self::Mixes | Self::Absent,
                Stream::Recyclable,
            )
            | (Self::Absent, Stream::Other) => 0,
        }
    }
}

/// Habits over time: one from the start and, for those who learn (or give up), another from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HabitCourse {
    /// From the start.
    pub first: Habit,
    /// From this day on, another.
    pub change: Option<(Day, Habit)>,
}

impl HabitCourse {
    /// Draws a course. About one household in fourteen learns to sort at some day between thirty days
    /// before `origin` and `spread_days` after it; a few give up.
    pub fn draw(dice: &mut Dice, origin: Day, spread_days: i64) -> Self {
        if dice.chance(720) {
            let day = origin.plus(dice.between(-30, spread_days));
            let learned = if dice.chance(7_000) { Habit::SeparatesAll } else { Habit::SellsRecyclables };
            return Self { first: Habit::Mixes, change: Some((day, learned)) };
        }
        let first = Habit::draw(dice);
        let gives_up = first == Habit::SeparatesAll && dice.chance(200);
        let change = gives_up.then(|| (origin.plus(dice.between(0, spread_days)), Habit::FoodOnly));
        Self { first, change }
    }

    /// The habit on `day`.
    #[must_use]
    pub fn on(&self, day: Day) -> Habit {
        match self.change {
            Some((from, later)) if day >= from => later,
            Some(_) | None => self.first,
        }
    }
}

/// Probability that a household brings a stream it does bring to one round of it, per 10 000.
///
/// `spacing_centidays` is the mean time between two rounds: the oftener the truck comes, the fewer rounds
/// each household uses. `diligence_permille` is the household's own factor, about 1 000.
#[must_use]
pub fn attends_per_10_000(stream: Stream, spacing_centidays: i64, diligence_permille: i64) -> u32 {
    let outings_per_week_permille = match stream {
        Stream::Food => 2_250,
        Stream::Recyclable => 740,
        Stream::Other => 1_950,
    };
    let chance = outings_per_week_permille * spacing_centidays / 70 * diligence_permille / 1_000;
    u32::try_from(chance.clamp(0, 9_300)).unwrap_or(0)
}

/// Waste a household of `people` makes in a day, grams.
///
/// Mean about 0.38 kg per person and day over all households; the mass per head falls as the household grows.
#[must_use]
pub fn waste_g_per_day(people: i64) -> i64 {
    const PER_PERSON_G: [i64; 8] = [520, 460, 410, 375, 350, 330, 315, 300];
    let index = usize::try_from(people - 1).unwrap_or(0).min(PER_PERSON_G.len() - 1);
    people * PER_PERSON_G[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_brings_more_than_they_make() {
        for habit in Habit::DRAWN {
            let sum: i64 = Stream::ALL.iter().map(|&s| habit.part_permille(s)).sum();
            assert!(sum <= 1_000, "{habit:?} brings {sum}");
        }
    }

    #[test]
    fn a_learner_sorts_from_the_day_on() {
        let course = HabitCourse { first: Habit::Mixes, change: Some((Day(10), Habit::SeparatesAll)) };
        assert!(!course.on(Day(9)).sorts());
        assert!(course.on(Day(10)).sorts());
    }

    #[test]
    fn a_rarer_round_is_used_by_more() {
        let weekly = attends_per_10_000(Stream::Recyclable, 700, 1_000);
        let fortnightly = attends_per_10_000(Stream::Recyclable, 1_400, 1_000);
        assert!((7_000..8_000).contains(&weekly));
        assert!(fortnightly > weekly);
    }
}
