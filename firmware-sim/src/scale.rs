//! The scale: from a mass on the platform to the level its display settles at.
//!
//! # Why
//! The service sees levels, never masses; how far the two lie apart bounds what its tonnage can be worth.
//! Errors of one scale are of one sign all day (span, zero), so they do not cancel over a day's bags.

use crate::commune::Capacity;
use crate::dice::Dice;
use crate::fault::Faults;

/// A scale's errors on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScaleDay {
    /// Span error: millionths of the load.
    span_ppm: i64,
    /// Zero at the start of the day, grams.
    zero_g: i64,
    /// What the zero gains until the day's end, grams.
    creep_g: i64,
    /// The day's first moment and length, milliseconds.
    from_ms: i64,
    length_ms: i64,
    /// A level reached from above reads this much more, grams.
    hysteresis_g: i64,
}

impl ScaleDay {
    /// Draws the errors of a scale: its own span error, kept from day to day (`device_dice`), moved by the
    /// day's temperature; the zero of the day and its creep (`dice`).
    pub fn draw(faults: &Faults, device_dice: &mut Dice, dice: &mut Dice, from_ms: i64, until_ms: i64) -> Self {
        let up_to = |dice: &mut Dice, limit: u32| dice.between(-i64::from(limit), i64::from(limit));
        let own_ppm = up_to(device_dice, faults.span_ppm);
        // Coastal Ninh Thuận varies by some 10 °C over the year and R 76-1, 3.9.2 holds the span within its
        // error over -10 to 40 °C: a fifth of the own error is more than a verified scale may move.
        let warmth_ppm = up_to(dice, faults.span_ppm / 5);
        Self {
            span_ppm: own_ppm + warmth_ppm,
            zero_g: up_to(dice, faults.zero_drift_g / 2),
            creep_g: up_to(dice, faults.zero_drift_g / 2),
            from_ms,
            length_ms: (until_ms - from_ms).max(1),
            hysteresis_g: i64::from(faults.hysteresis_g),
        }
    }

    /// What an empty platform shows at `at_ms`, grams before rounding.
    #[must_use]
    pub fn zero_g(&self, at_ms: i64) -> i64 {
        self.zero_g + self.creep_g * (at_ms - self.from_ms).clamp(0, self.length_ms) / self.length_ms
    }

    /// What the display settles at under `mass_g`: to the nearest division, one at least for a real load, and
    /// never over the maximum. `from_above`: part of a greater load was taken off.
    #[must_use]
    pub fn shows(&self, mass_g: i64, at_ms: i64, from_above: bool, capacity: Capacity) -> i64 {
        let hysteresis_g = if from_above { self.hysteresis_g } else { 0 };
        let level_g = mass_g + mass_g * self.span_ppm / 1_000_000 + self.zero_g(at_ms) + hysteresis_g;
        let divisions = (level_g + capacity.division_g / 2).div_euclid(capacity.division_g);
        (divisions.max(1) * capacity.division_g).min(capacity.max_g)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commune::PLATFORM;

    fn day(faults: &Faults, seed: u64) -> ScaleDay {
        ScaleDay::draw(faults, &mut Dice::new(seed, &[1]), &mut Dice::new(seed, &[2]), 0, 1_000)
    }

    #[test]
    fn a_perfect_scale_shows_the_mass_to_the_division() {
        let scale = day(&Faults::none(), 1);
        assert_eq!(scale.shows(1_813, 5, false, PLATFORM), 1_820);
        assert_eq!(scale.shows(1, 5, false, PLATFORM), 20);
        assert_eq!(scale.shows(99_999, 5, false, PLATFORM), 60_000);
    }

    #[test]
    fn span_zero_and_hysteresis_stay_within_their_limits() {
        let faults = Faults { span_ppm: 1_000, zero_drift_g: 40, hysteresis_g: 10, ..Faults::none() };
        for seed in 0..200 {
            let scale = day(&faults, seed);
            let error_g = scale.shows(20_000, 500, true, PLATFORM) - 20_000;
            assert!(error_g.abs() <= 20 + 4 + 40 + 10 + 10, "{error_g}");
            assert!(scale.zero_g(2_000).abs() <= 40);
        }
    }
}
