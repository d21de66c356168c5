//! Instants, local days and the commune's time zone.
//!
//! # Why
//! Instants are UTC milliseconds and days are day numbers: both are plain integers in the database, compare and
//! subtract exactly, and the zone is needed only where a day begins.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

/// A point in time, milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// Takes milliseconds since 1970 UTC.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }
    /// Gives milliseconds since 1970 UTC.
    pub const fn ms(self) -> i64 {
        self.0
    }
    /// Gives the instant `ms` milliseconds later.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
    /// Gives the milliseconds from `earlier` to this instant.
    pub const fn since(self, earlier: Instant) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
    /// Gives the library's timestamp; instants outside its range are clamped to it.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }
}

impl From<Timestamp> for Instant {
    fn from(stamp: Timestamp) -> Self {
        Self(stamp.as_millisecond())
    }
}

/// A calendar day in the commune's zone, as the number of days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDay(i32);

/// Why a text is not a day.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a day; write YYYY-MM-DD")]
pub struct NotADay(String);

const EPOCH: Date = Date::constant(1970, 1, 1);

impl LocalDay {
    /// Takes a day number, 0 = 1970-01-01.
    pub const fn from_number(days: i32) -> Self {
        Self(days)
    }
    /// Gives the day number, 0 = 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }
    /// Takes a calendar date.
    pub fn from_date(date: Date) -> Self {
        let hours = date.duration_since(EPOCH).as_hours();
        Self(i32::try_from(hours / 24).expect("a calendar date lies within ten thousand years of 1970"))
    }
    /// Gives the calendar date; numbers outside the calendar are clamped to it.
    pub fn date(self) -> Date {
        EPOCH.saturating_add(SignedDuration::from_hours(i64::from(self.0) * 24))
    }
    /// Gives the day of the week.
    pub fn weekday(self) -> Weekday {
        self.date().weekday()
    }
    /// Gives the first day of this day's month.
    pub fn month_start(self) -> Self {
        Self::from_date(self.date().first_of_month())
    }
    /// Gives the last day of this day's month.
    pub fn month_end(self) -> Self {
        Self::from_date(self.date().last_of_month())
    }
    /// Gives the first day of this day's calendar year.
    pub fn year_start(self) -> Self {
        Self::from_date(self.date().first_of_year())
    }
    /// Gives the last day of this day's calendar year.
    pub fn year_end(self) -> Self {
        Self::from_date(self.date().last_of_year())
    }
    /// Gives the Monday of this day's week.
    pub fn week_start(self) -> Self {
        Self(self.0 - i32::from(self.weekday().to_monday_zero_offset()))
    }
    /// Gives the next day.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
    /// Gives the days from this one to `last`, both included.
    pub fn through(self, last: LocalDay) -> impl DoubleEndedIterator<Item = LocalDay> + use<> {
        (self.0..=last.0).map(LocalDay)
    }
}

impl Add<i32> for LocalDay {
    type Output = LocalDay;
    fn add(self, days: i32) -> LocalDay {
        LocalDay(self.0.saturating_add(days))
    }
}

impl Sub<i32> for LocalDay {
    type Output = LocalDay;
    fn sub(self, days: i32) -> LocalDay {
        LocalDay(self.0.saturating_sub(days))
    }
}

impl Sub for LocalDay {
    type Output = i32;
    fn sub(self, earlier: LocalDay) -> i32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for LocalDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.date(), f)
    }
}

impl fmt::Debug for LocalDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for LocalDay {
    type Err = NotADay;
    fn from_str(text: &str) -> Result<Self, NotADay> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' {
            return Err(NotADay(text.to_owned()));
        }
        text.parse::<Date>().map(Self::from_date).map_err(|_| NotADay(text.to_owned()))
    }
}

impl Serialize for LocalDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The commune's time zone: where a local day begins and ends.
#[derive(Clone, Debug)]
pub struct Zone {
    zone: TimeZone,
    /// Set when the zone never changes its offset from the first day of 1980 on, which spares a table look-up a call.
    fixed_offset_ms: Option<i64>,
}

/// Why a time zone's name is not usable.
#[derive(Debug, thiserror::Error)]
#[error("unknown time zone `{0}`; write an IANA name such as Asia/Ho_Chi_Minh")]
pub struct UnknownZone(String);

impl Zone {
    /// Finds a zone by its IANA name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownZone(name.to_owned()))?;
        let from = Timestamp::from_second(315_532_800).map_err(|_| UnknownZone(name.to_owned()))?;
        let fixed_offset_ms =
            zone.following(from).next().is_none().then(|| i64::from(zone.to_offset(from).seconds()) * 1000);
        Ok(Self { zone, fixed_offset_ms })
    }

    /// Gives the local day that holds an instant.
    pub fn day_of(&self, instant: Instant) -> LocalDay {
        if let Some(offset_ms) = self.fixed_offset_ms {
            let days = (instant.0.saturating_add(offset_ms)).div_euclid(24 * HOUR_MS);
            return LocalDay(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }));
        }
        LocalDay::from_date(self.zone.to_datetime(instant.timestamp()).date())
    }

    /// Gives the instant of `minute` (0 = midnight, may exceed a day) on a local day.
    pub fn at_minute(&self, day: LocalDay, minute: i32) -> Instant {
        if let Some(offset_ms) = self.fixed_offset_ms {
            return Instant(i64::from(day.0) * 24 * HOUR_MS - offset_ms + i64::from(minute) * MINUTE_MS);
        }
        let whole_days = minute.div_euclid(24 * 60);
        let rest = minute.rem_euclid(24 * 60);
        let date = (day + whole_days).date();
        let stamp =
            self.zone.to_timestamp(date.at(0, 0, 0, 0)).map_or(Instant(i64::from(day.0) * 24 * HOUR_MS), Instant::from);
        stamp.plus_ms(i64::from(rest) * MINUTE_MS)
    }

    /// Gives the first instant of a local day.
    pub fn start_of(&self, day: LocalDay) -> Instant {
        self.at_minute(day, 0)
    }

    /// Gives the local date and time of an instant, for display.
    pub fn datetime(&self, instant: Instant) -> jiff::civil::DateTime {
        self.zone.to_datetime(instant.timestamp())
    }

    /// Gives the zoned time of an instant, for RFC 3339 with the zone's offset.
    pub fn zoned(&self, instant: Instant) -> jiff::ZonedDateTime {
        instant.timestamp().to_zoned_datetime(self.zone.clone())
    }

    /// Gives the zone itself, for parsing local times.
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// Where "now" comes from, so that tests own the time.
pub trait Clock: Send + Sync {
    /// Gives the present instant.
    fn now(&self) -> Instant;
}
