//! Local days, the hours of a place, and which streams it takes on which day.
//!
//! # Why
//! Vietnam has had one offset, +07:00, since 1975 and no summer time, so a local day here is a number of
//! days since 1970-01-01 and conversion is one addition. The service uses the time-zone database; the two
//! agreeing is part of what a run checks.

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use serde::{Deserialize, Serialize};

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
const OFFSET_MS: i64 = 7 * 3_600_000;
const EPOCH: Date = Date::constant(1970, 1, 1);
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A local day: days since 1970-01-01, local calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// The day of `date`.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self(date.duration_since(EPOCH).as_hours() / 24)
    }

    /// The local day an instant falls on; `at_ms` is milliseconds since 1970 UTC.
    #[must_use]
    pub fn at(at_ms: i64) -> Self {
        Self((at_ms + OFFSET_MS).div_euclid(DAY_MS))
    }

    /// The calendar date.
    #[must_use]
    pub fn date(self) -> Date {
        EPOCH.checked_add(SignedDuration::from_hours(self.0 * 24)).unwrap_or(EPOCH)
    }

    /// Local midnight at its start, milliseconds since 1970 UTC.
    #[must_use]
    pub fn midnight_ms(self) -> i64 {
        self.0 * DAY_MS - OFFSET_MS
    }

    /// The day `days` later (earlier when negative).
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// Monday is 0, Sunday 6.
    #[must_use]
    pub fn weekday(self) -> usize {
        // 1970-01-01 was a Thursday.
        usize::try_from((self.0 + 3).rem_euclid(7)).unwrap_or(0)
    }
}

/// A date and time with zone, `2026-11-23T18:05:31+07:00`.
#[must_use]
pub fn local_time(at_ms: i64) -> String {
    let day = Day::at(at_ms);
    let second = (at_ms - day.midnight_ms()) / 1_000;
    format!("{}T{:02}:{:02}:{:02}+07:00", day.date(), second / 3_600, second / 60 % 60, second % 60)
}

/// `date` moved by `days`; `date` itself at the edge of the calendar.
#[must_use]
pub fn shift(date: Date, days: i64) -> Date {
    date.checked_add(days.days()).unwrap_or(date)
}

/// A group of waste.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Food waste (thực phẩm), a required group.
    Food,
    /// Recyclables (tái chế), a required group.
    Recyclable,
    /// The rest (còn lại).
    Other,
}

impl Stream {
    /// Every stream, in the order of the commune's file.
    pub const ALL: [Self; 3] = [Self::Food, Self::Recyclable, Self::Other];

    /// The code on the wire and in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Food => "food",
            Self::Recyclable => "recyclable",
            Self::Other => "other",
        }
    }
}

/// The hours of a place's rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Minutes from local midnight, 0..1440.
    pub start_min: i64,
    /// Length in minutes; start plus length may pass midnight.
    pub length_min: i64,
}

impl Window {
    /// Start and end of the round of service day `day`, milliseconds since 1970 UTC.
    #[must_use]
    pub fn on(self, day: Day) -> (i64, i64) {
        let start_ms = day.midnight_ms() + self.start_min * MINUTE_MS;
        (start_ms, start_ms + self.length_min * MINUTE_MS)
    }

    /// `HH:MM` of start and end.
    #[must_use]
    pub fn clock(self) -> (String, String) {
        let text = |minute: i64| format!("{:02}:{:02}", minute / 60 % 24, minute % 60);
        (text(self.start_min), text(self.start_min + self.length_min))
    }
}

/// One row of a place's schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundPlan {
    /// What is collected.
    pub stream: Stream,
    /// Monday first.
    pub weekdays: [bool; 7],
    /// Every how many seven-day blocks, counted from the schedule's first day.
    pub every_weeks: i64,
}

impl RoundPlan {
    /// A row from letters for the days it runs, such as `"M-W-F--"`.
    #[must_use]
    pub fn new(stream: Stream, days: &str, every_weeks: i64) -> Self {
        let mut weekdays = [false; 7];
        for (slot, letter) in weekdays.iter_mut().zip(days.chars()) {
            *slot = letter != '-';
        }
        Self { stream, weekdays, every_weeks }
    }

    /// Whether a round is scheduled on `day`, the schedule being valid from `first`.
    #[must_use]
    pub fn runs_on(&self, day: Day, first: Day) -> bool {
        day >= first && self.weekdays[day.weekday()] && (day.0 - first.0).div_euclid(7) % self.every_weeks == 0
    }

    /// Mean days between two rounds, times 100.
    #[must_use]
    pub fn spacing_centidays(&self) -> i64 {
        let rounds: i64 = self.weekdays.iter().map(|&runs| i64::from(runs)).sum();
        700 * self.every_weeks / rounds.max(1)
    }

    /// The schedule column `weekdays`: `daily` or `Mon Wed Fri`.
    #[must_use]
    pub fn weekdays_text(&self) -> String {
        if self.weekdays.iter().all(|&runs| runs) {
            return "daily".to_owned();
        }
        let named = WEEKDAYS.iter().zip(self.weekdays);
        let chosen: Vec<&str> = named.filter(|(_, runs)| *runs).map(|(name, _)| *name).collect();
        chosen.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_its_date_agree() {
        let date = Date::constant(2026, 11, 23);
        let day = Day::of(date);
        assert_eq!(day.date(), date);
        assert_eq!(day.weekday(), 0);
        assert_eq!(Day::at(day.midnight_ms()), day);
        assert_eq!(Day::at(day.midnight_ms() - 1), day.plus(-1));
        assert_eq!(local_time(1_795_400_735_250), "2026-11-23T09:25:35+07:00");
    }

    #[test]
    fn fortnightly_rounds_skip_every_other_block() {
        let first = Day::of(Date::constant(2026, 11, 4));
        let row = RoundPlan::new(Stream::Recyclable, "-----S-", 2);
        let runs: Vec<i64> = (0..28).filter(|&n| row.runs_on(first.plus(n), first)).collect();
        assert_eq!(runs, [3, 17]);
        assert_eq!(row.weekdays_text(), "Sat");
    }
}
