//! The page's language: which one, and how it writes numbers, masses, days and times.
//!
//! Owns the writing of every figure a person reads; the words themselves are `texts`. A figure in the API is never
//! written by this module.

use crate::charts::number;
use crate::domain::time::{Instant, LocalDay, Zone};
use crate::domain::units::Percent;

pub use crate::charts::Lang;

impl Lang {
    /// Gives the language that the switch leads to.
    pub const fn other(self) -> Self {
        match self {
            Self::Vi => Self::En,
            Self::En => Self::Vi,
        }
    }

    const fn decimal_mark(self) -> char {
        match self {
            Self::Vi => ',',
            Self::En => '.',
        }
    }

    /// Writes a whole number with its thousands set apart: `10.457` in Vietnamese, `10,457` in English.
    pub fn count(self, number: i64) -> String {
        number::whole(number, self)
    }

    /// Writes a percentage with two decimals: `92,83 %` in Vietnamese, `92.83%` in English.
    pub fn percent(self, percent: Percent) -> String {
        number::percent(percent, self)
    }

    /// Writes a target, whose zero decimals say nothing: `100 %`.
    pub fn target(self, percent: Percent) -> String {
        number::percent_plain(percent, self)
    }

    /// Writes a mass given in grams as tonnes with one decimal, truncated: `12,3 tấn`.
    pub fn tonnes(self, mass_g: i64) -> String {
        let tenths = mass_g / 100_000;
        let unit = match self {
            Self::Vi => "tấn",
            Self::En => "t",
        };
        format!("{}{}{}\u{a0}{unit}", self.count(tenths / 10), self.decimal_mark(), (tenths % 10).abs())
    }

    /// Writes a mass given in grams as kilograms with two decimals, truncated: `3,42 kg`.
    pub fn kilograms(self, mass_g: i64) -> String {
        let hundredths = mass_g / 10;
        format!("{}{}{:02}\u{a0}kg", self.count(hundredths / 100), self.decimal_mark(), (hundredths % 100).abs())
    }

    /// Writes a mass in whole grams: `1.020 g`.
    pub fn grams(self, mass_g: i64) -> String {
        format!("{}\u{a0}g", self.count(mass_g))
    }

    /// Writes a length of time in whole hours, without the unit, truncated.
    pub fn hours(self, span_ms: i64) -> String {
        self.count(span_ms / 3_600_000)
    }

    /// Writes millivolts as volts with two decimals, without the unit: `3,28`.
    pub fn volts(self, battery_mv: i64) -> String {
        format!("{}{}{:02}", battery_mv / 1000, self.decimal_mark(), (battery_mv % 1000).abs() / 10)
    }

    /// Writes a day in full: `22/11/2026` in Vietnamese, `22 Nov 2026` in English.
    pub fn day(self, day: LocalDay) -> String {
        match self {
            Self::Vi => day.date().strftime("%d/%m/%Y").to_string(),
            Self::En => day.date().strftime("%-d %b %Y").to_string(),
        }
    }

    /// Writes a day without its year: `22/11` in Vietnamese, `22 Nov` in English.
    pub fn short_day(self, day: LocalDay) -> String {
        match self {
            Self::Vi => day.date().strftime("%d/%m").to_string(),
            Self::En => day.date().strftime("%-d %b").to_string(),
        }
    }

    /// Writes the local time of an instant: `06:00`.
    pub fn time(self, zone: &Zone, instant: Instant) -> String {
        zone.datetime(instant).strftime("%H:%M").to_string()
    }

    /// Writes the local time and day of an instant: `06:00 23/11/2026`.
    pub fn moment(self, zone: &Zone, instant: Instant) -> String {
        format!("{} {}", self.time(zone, instant), self.day(zone.day_of(instant)))
    }

    /// Writes a length of time in its two largest units: `2 ngày 3 giờ`, `45 giây`.
    pub fn span(self, span_ms: i64) -> String {
        let units = match self {
            Self::Vi => [" ngày", " giờ", " phút", " giây"],
            Self::En => [" d", " h", " min", " s"],
        };
        let seconds = span_ms.max(0) / 1000;
        let parts = [seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60];
        let first = parts.iter().position(|&part| part > 0).unwrap_or(3);
        parts
            .iter()
            .zip(units)
            .skip(first)
            .take(2)
            .filter(|(part, _)| **part > 0)
            .map(|(part, unit)| format!("{part}{unit}"))
            .reduce(|all, part| format!("{all} {part}"))
            .unwrap_or_else(|| format!("0{}", units[3]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_the_language_writes_them() {
        assert_eq!(Lang::Vi.count(10_457), "10.457");
        assert_eq!(Lang::En.count(1_234_567), "1,234,567");
        assert_eq!(Lang::Vi.count(-999), "−999");
        assert_eq!(Lang::Vi.percent(Percent::from_hundredths(9_283)), "92,83\u{a0}%");
        assert_eq!(Lang::En.percent(Percent::from_hundredths(5)), "0.05%");
        assert_eq!(Lang::Vi.target(Percent::from_hundredths(10_000)), "100\u{a0}%");
        assert_eq!(Lang::Vi.tonnes(12_399_999), "12,3\u{a0}tấn");
        assert_eq!(Lang::En.kilograms(3_428), "3.42\u{a0}kg");
    }

    #[test]
    fn a_span_is_told_in_two_units() {
        assert_eq!(Lang::Vi.span(45_000), "45 giây");
        assert_eq!(Lang::En.span(183_600_000), "2 d 3 h");
        assert_eq!(Lang::Vi.span(0), "0 giây");
    }
}
