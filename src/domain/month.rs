//! A calendar month of local days: the unit that is closed.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::time::LocalDay;

/// A calendar month, written `YYYY-MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first: LocalDay,
}

/// Why a text is not a month.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month; write YYYY-MM")]
pub struct NotAMonth(String);

impl Month {
    /// Gives the month that holds a day.
    pub fn of(day: LocalDay) -> Self {
        Self { first: day.month_start() }
    }
    /// Gives its first day.
    pub const fn first_day(self) -> LocalDay {
        self.first
    }
    /// Gives its last day.
    pub fn last_day(self) -> LocalDay {
        self.first.month_end()
    }
    /// Gives the month after it.
    pub fn next(self) -> Self {
        Self::of(self.last_day().next())
    }
    /// Gives the calendar year.
    pub fn year(self) -> i16 {
        self.first.date().year()
    }
    /// Gives the number within the year, 1 ..= 12.
    pub fn number(self) -> i8 {
        self.first.date().month()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

impl FromStr for Month {
    type Err = NotAMonth;
    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let not_a_month = || NotAMonth(text.to_owned());
        let (year, month) =
            text.split_once('-').filter(|(y, m)| y.len() == 4 && m.len() == 2).ok_or_else(not_a_month)?;
        let all_digits = year.bytes().chain(month.bytes()).all(|byte| byte.is_ascii_digit());
        let (Ok(year), Ok(month), true) = (year.parse(), month.parse(), all_digits) else { return Err(not_a_month()) };
        Date::new(year, month, 1).map(|date| Self { first: LocalDay::from_date(date) }).map_err(|_| not_a_month())
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_written_as_it_is_read_and_knows_its_days() {
        let month: Month = "2028-02".parse().unwrap();
        assert_eq!(month.to_string(), "2028-02");
        assert_eq!(
            (month.first_day().to_string(), month.last_day().to_string()),
            ("2028-02-01".into(), "2028-02-29".into())
        );
        assert_eq!("2027-12".parse::<Month>().unwrap().next().to_string(), "2028-01");
        for wrong in ["2028-2", "2028-13", "28-02", "2028-02-01", "+028-02", ""] {
            assert_eq!(wrong.parse::<Month>(), Err(NotAMonth(wrong.to_owned())));
        }
    }
}
