//! What a household does with its waste, by day.
//!
//! # Why
//! The mix is invented, not measured. It follows what surveys of rural communes say in shape: most sell
//! bottles and cans to the scrap trade, many give food waste to animals or compost it, and those who do
//! sort and yet never cross a scale. A simulator in which everybody who sorts is seen would prove nothing.

use crate::calendar::{Day, Stream};
use crate::dice::Dice;
use serde::{Deserialize, Serialize};

/// A household's way with its waste.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Brings bags as food, recyclables and the rest, with everything in each.
    Pretends,
    /// Nobody there.
    Absent,
}

impl Habit {
    const DRAWN: [Self; 8] = [
        Self::SeparatesAll,
        Self::SellsRecyclables,
        Self::HomeFood,
        Self::AllAtHome,
        Self::FoodOnly,
        Self::Mixes,
        Self::Absent,
        Self::Pretends,
    ];

    /// Draws a habit from `mix`.
    pub fn draw(dice: &mut Dice, mix: &HabitMix) -> Self {
        Self::DRAWN[dice.weighted(&mix.weights())]
    }

    /// Whether the household truly sorts at source, seen or not.
    #[must_use]
    pub fn sorts(self) -> bool {
        match self {
            Self::SeparatesAll | Self::SellsRecyclables | Self::HomeFood | Self::AllAtHome => true,
            Self::FoodOnly | Self::Mixes | Self::Pretends | Self::Absent => false,
        }
    }

    /// Part of the household's waste it brings as `stream`, per mille of all it makes. 0: it never brings it.
    ///
    /// Composition: 62 % food, 11 % recyclable, 27 % the rest; the scrap trade leaves a little behind.
    #[must_use]
    pub fn part_permille(self, stream: Stream) -> i64 {
        match (self, stream) {
            (Self::SeparatesAll | Self::SellsRecyclables | Self::FoodOnly | Self::Pretends, Stream::Food) => 620,
            (Self::SeparatesAll | Self::HomeFood | Self::Pretends, Stream::Recyclable) => 110,
            (Self::SeparatesAll | Self::HomeFood | Self::Pretends, Stream::Other) => 270,
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

/// What a commune's households do: weights of the habits, and rates per 10 000 households.
///
/// The default is invented. Its shape follows surveys: 92 % of the households of one rural commune sell
/// bottles and cans, two thirds of those asked in Da Nang give food waste to pig farmers (Pham et al.,
/// Sustainability 2021: 66 %).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HabitMix {
    /// Weight of [`Habit::SeparatesAll`].
    pub separates_all: u32,
    /// Weight of [`Habit::SellsRecyclables`].
    pub sells_recyclables: u32,
    /// Weight of [`Habit::HomeFood`].
    pub home_food: u32,
    /// Weight of [`Habit::AllAtHome`].
    pub all_at_home: u32,
    /// Weight of [`Habit::FoodOnly`].
    pub food_only: u32,
    /// Weight of [`Habit::Mixes`].
    pub mixes: u32,
    /// Weight of [`Habit::Absent`].
    pub absent: u32,
    /// Weight of [`Habit::Pretends`].
    pub pretends: u32,
    /// Households that mix and learn to sort some day, per 10 000.
    pub learns: u32,
    /// Households that separate and give up some day, per 10 000 of them.
    pub gives_up: u32,
    /// Households that leave the commune during the history, per 10 000.
    pub moves: u32,
    /// Households that come into the commune during the last 45 days, per 10 000.
    pub moves_in: u32,
    /// Households that move to another point during the history, mostly in another hamlet, per 10 000.
    pub moves_within: u32,
    /// A campaign.
    pub campaign: Option<Campaign>,
}

/// A day on which many learn to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Days after the first day of the history.
    pub after_days: u32,
    /// Households won, per 10 000 of those who do not sort.
    pub wins: u32,
}

impl Default for HabitMix {
    fn default() -> Self {
        Self {
            separates_all: 345,
            sells_recyclables: 225,
            home_food: 95,
            all_at_home: 75,
            food_only: 75,
            mixes: 150,
            absent: 35,
            pretends: 0,
            learns: 720,
            gives_up: 200,
            moves: 0,
            moves_in: 45,
            moves_within: 0,
            campaign: None,
        }
    }
}

impl HabitMix {
    /// In the order of [`Habit::DRAWN`]; all zero counts as the default.
    fn weights(&self) -> [u32; 8] {
        let weights = [
            self.separates_all,
            self.sells_recyclables,
            self.home_food,
            self.all_at_home,
            self.food_only,
            self.mixes,
            self.absent,
            self.pretends,
        ];
        if weights.iter().all(|&weight| weight == 0) { Self::default().weights() } else { weights }
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
    /// before `origin` and `spread_days` after it; a few give up. A campaign wins over some who do not sort.
    pub fn draw(dice: &mut Dice, origin: Day, spread_days: i64, mix: &HabitMix) -> Self {
        let course = Self::draw_alone(dice, origin, spread_days, mix);
        let Some(campaign) = mix.campaign else { return course };
        let day = origin.plus(i64::from(campaign.after_days));
        let before = course.on(day);
        let can_be_won = !before.sorts() && before != Habit::Absent;
        if can_be_won && dice.chance(campaign.wins) {
            return Self { first: before, change: Some((day, Habit::SeparatesAll)) };
        }
        course
    }

    fn draw_alone(dice: &mut Dice, origin: Day, spread_days: i64, mix: &HabitMix) -> Self {
        if dice.chance(mix.learns) {
            let day = origin.plus(dice.between(-30, spread_days));
            let learned = if dice.chance(7_000) { Habit::SeparatesAll } else { Habit::SellsRecyclables };
            return Self { first: Habit::Mixes, change: Some((day, learned)) };
        }
        let first = Habit::draw(dice, mix);
        let gives_up = first == Habit::SeparatesAll && dice.chance(mix.gives_up);
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
/// Mean about 0.38 kg per person and day over all households, within the 0.31 to 0.45 kg of rural communes; the
/// mass per head falls as the household grows (644 households of Ho Chi Minh City, 2015: 0.41 kg, SD 0.313, 61.6 %
/// food; 62 households of Hue, 2017: 286 ± 171 g, both inversely with the number of people).
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
