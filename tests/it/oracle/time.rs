//! Local days and moments (milliseconds since 1970 UTC).

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// Viet Nam has had no other offset since 1975.
const LOCAL_OFFSET_MS: i64 = 7 * HOUR_MS;

/// A local day, counted from 1970-01-01.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// The local day that holds this moment.
    pub fn of(time_ms: i64) -> Day {
        Day((time_ms + LOCAL_OFFSET_MS).div_euclid(DAY_MS))
    }

    /// Its first moment.
    pub fn start_ms(self) -> i64 {
        self.0 * DAY_MS - LOCAL_OFFSET_MS
    }

    /// The first moment that is no longer of it.
    pub fn end_ms(self) -> i64 {
        Day(self.0 + 1).start_ms()
    }

    /// Where a fact dated by day alone stands: 12:00.
    pub fn noon_ms(self) -> i64 {
        self.start_ms() + 12 * HOUR_MS
    }

    pub fn plus(self, days: i64) -> Day {
        Day(self.0 + days)
    }

    pub fn weekday(self) -> &'static str {
        const NAMES: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        let place = usize::try_from(self.0.rem_euclid(7)).expect("0..7");
        NAMES[place]
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = date(1970, 1, 1).checked_add(self.0.days()).expect("a day of this century");
        write!(f, "{day}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Day, jiff::Error> {
        let day: Date = text.parse()?;
        Ok(Day(i64::from((day - date(1970, 1, 1)).get_days())))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Writes a moment as local RFC 3339 with milliseconds.
pub fn local_text(time_ms: i64) -> String {
    let local = time_ms + LOCAL_OFFSET_MS;
    let clock = local.rem_euclid(DAY_MS);
    format!(
        "{}T{:02}:{:02}:{:02}.{:03}+07:00",
        Day::of(time_ms),
        clock / HOUR_MS,
        clock / MINUTE_MS % 60,
        clock / SECOND_MS % 60,
        clock % SECOND_MS
    )
}

/// Reads an RFC 3339 moment.
pub fn moment_ms(text: &str) -> i64 {
    let at: Timestamp = text.parse().unwrap_or_else(|error| panic!("time `{text}`: {error}"));
    at.as_millisecond()
}

/// Serde form of a moment.
pub mod moment {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{local_text, moment_ms};

    pub fn serialize<S: Serializer>(at_ms: &i64, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&local_text(*at_ms))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        Ok(moment_ms(&String::deserialize(from)?))
    }
}

/// True when `day` is in `[from, to)`; no `to` means for ever.
pub fn holds(from: Day, to: Option<Day>, day: Day) -> bool {
    from <= day && to.is_none_or(|to| day < to)
}
