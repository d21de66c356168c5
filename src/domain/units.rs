//! Quantities with their units: masses in whole grams and shares that never round up.

use std::fmt;

use serde::{Serialize, Serializer};

/// A percentage with two decimals, kept as hundredths of a percent (0 ..= 10 000).
///
/// # Why
/// A share is published, so it is exact by construction: it truncates (99.996 % is 99.99 %), and 100 % appears only when
/// the whole is reached. An upper bound rounds up instead, but shows 100 % only when whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u32);

impl Percent {
    /// Takes hundredths of a percent, for targets read from a file.
    pub const fn from_hundredths(hundredths: u32) -> Self {
        Self(hundredths)
    }

    /// Gives hundredths of a percent.
    pub const fn hundredths(self) -> u32 {
        self.0
    }

    /// Gives `part / whole`, truncated to two decimals. `None` where there is no whole.
    pub fn share(part: u64, whole: u64) -> Option<Self> {
        Self::scaled(part, whole, false)
    }

    /// Gives `part / whole`, rounded up to two decimals, yet below 100 % unless whole.
    pub fn upper_bound(part: u64, whole: u64) -> Option<Self> {
        Self::scaled(part, whole, true)
    }

    fn scaled(part: u64, whole: u64, up: bool) -> Option<Self> {
        if whole == 0 {
            return None;
        }
        if part >= whole {
            return Some(Self(10_000));
        }
        let scaled = u128::from(part) * 10_000;
        let whole = u128::from(whole);
        let hundredths = if up { scaled.div_ceil(whole) } else { scaled / whole };
        Some(Self(u32::try_from(hundredths).unwrap_or(9_999).min(9_999)))
    }

    /// Gives the number for JSON and drawing, for example 92.83.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_truncates_and_an_upper_bound_rounds_up() {
        assert_eq!(Percent::share(99_996, 100_000), Some(Percent(9_999)));
        assert_eq!(Percent::upper_bound(1, 100_000), Some(Percent(1)));
        assert_eq!(Percent::upper_bound(99_999, 100_000), Some(Percent(9_999)));
        assert_eq!(Percent::share(7, 7), Some(Percent(10_000)));
        assert_eq!(Percent::share(0, 0), None);
    }
}
