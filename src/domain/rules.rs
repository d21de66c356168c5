//! The sorting rule's numbers, as data with a version and an effective date.

use serde::{Deserialize, Serialize};

use super::time::{HOUR_MS, LocalDay};

/// One version of the sorting rule. Every limit is inclusive.
///
/// Sources: the window of three opportunities follows WRAP's participation rule (at least once in three consecutive
/// collection opportunities); the other limits are this product's own, listed in the definitions page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The version's name, shown beside every figure.
    pub version: String,
    /// First local day whose states follow this version.
    pub effective_from: LocalDay,
    /// Opportunities in a stream's window.
    #[serde(default = "three")]
    pub window_opportunities: usize,
    /// Longest window, days up to and including the day.
    #[serde(default = "twenty_eight")]
    pub window_days: i32,
    /// Opportunities within `window_days` that make a stream observable.
    #[serde(default = "three")]
    pub observable_opportunities: usize,
    /// Window of a stream scheduled less than weekly, days, whole.
    #[serde(default = "ninety")]
    pub sparse_window_days: i32,
    /// Opportunities within `sparse_window_days` that make such a stream observable.
    #[serde(default = "two")]
    pub sparse_observable_opportunities: usize,
    /// Days for which a verified pathway or a sorting visit stands.
    #[serde(default = "one_hundred_and_eighty")]
    pub verified_days: i32,
    /// Days after which an open contrary finding falls silent.
    #[serde(default = "ninety")]
    pub contrary_days: i32,
    /// Rounds with an uncontested pickup that close a contrary finding.
    #[serde(default = "two")]
    pub closing_rounds: usize,
    /// Where no round holds the finding, pickups this near to it are contested, milliseconds.
    #[serde(default = "two_hours")]
    pub contested_within_ms: i64,
    /// Days for which a new household is excluded.
    #[serde(default = "thirty")]
    pub new_household_days: i32,
    /// Opportunities after which a new household counts all the same.
    #[serde(default = "three")]
    pub new_household_opportunities: usize,
    /// Share of a round's hours that its devices must work for the round to be observable, percent.
    #[serde(default = "eighty")]
    pub working_percent: i64,
}

const fn two() -> usize {
    2
}
const fn three() -> usize {
    3
}
const fn twenty_eight() -> i32 {
    28
}
const fn thirty() -> i32 {
    30
}
const fn ninety() -> i32 {
    90
}
const fn one_hundred_and_eighty() -> i32 {
    180
}
const fn eighty() -> i64 {
    80
}
const fn two_hours() -> i64 {
    2 * HOUR_MS
}

impl Rules {
    /// Gives the product's own first version, in force from `effective_from` on.
    pub fn standard(version: &str, effective_from: LocalDay) -> Self {
        Self {
            version: version.to_owned(),
            effective_from,
            window_opportunities: three(),
            window_days: twenty_eight(),
            observable_opportunities: three(),
            sparse_window_days: ninety(),
            sparse_observable_opportunities: two(),
            verified_days: one_hundred_and_eighty(),
            contrary_days: ninety(),
            closing_rounds: two(),
            contested_within_ms: two_hours(),
            new_household_days: thirty(),
            new_household_opportunities: three(),
            working_percent: eighty(),
        }
    }

    /// Checks that every number makes sense.
    ///
    /// # Errors
    /// The first one that does not.
    pub fn check(&self) -> Result<(), RuleOutOfRange> {
        let days = |value: i32| (1..=3_660).contains(&value);
        let few = |value: usize| (1..=100).contains(&value);
        let (a_day, a_few) = ("write 1 to 3660 days", "write 1 to 100");
        let checks: [(&'static str, bool, &'static str); 13] = [
            (
                "version",
                !self.version.trim().is_empty() && self.version.chars().count() <= VERSION_MAX,
                "write a name of 1 to 40 characters",
            ),
            ("window_opportunities", few(self.window_opportunities), a_few),
            ("window_days", days(self.window_days), a_day),
            ("observable_opportunities", few(self.observable_opportunities), a_few),
            ("sparse_window_days", days(self.sparse_window_days), a_day),
            ("sparse_observable_opportunities", few(self.sparse_observable_opportunities), a_few),
            ("verified_days", days(self.verified_days), a_day),
            ("contrary_days", days(self.contrary_days), a_day),
            ("closing_rounds", few(self.closing_rounds), a_few),
            ("contested_within_ms", (0..=86_400_000).contains(&self.contested_within_ms), "write 0 to 86400000"),
            ("new_household_days", (0..=3_660).contains(&self.new_household_days), "write 0 to 3660 days"),
            ("new_household_opportunities", few(self.new_household_opportunities), a_few),
            ("working_percent", (0..=100).contains(&self.working_percent), "write 0 to 100"),
        ];
        match checks.into_iter().find(|(_, fits, _)| !fits) {
            Some((key, _, limit)) => Err(RuleOutOfRange { version: self.version.clone(), key, limit }),
            None => Ok(()),
        }
    }

    /// Gives the days before `day` whose pickups and rounds can still bear on the state of `day`.
    pub fn reach_days(&self) -> i32 {
        self.window_days.max(self.sparse_window_days).max(self.contrary_days + 1)
    }
}

/// A rule's number that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule `{version}`: `{key}` is out of range; {limit}")]
pub struct RuleOutOfRange {
    /// The version.
    pub version: String,
    /// The key.
    pub key: &'static str,
    /// What is allowed.
    pub limit: &'static str,
}

/// Longest name of a version, characters.
const VERSION_MAX: usize = 40;

/// A new version of the rule, as an officer recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// The version.
    pub rules: Rules,
    /// Why it was made.
    pub why: String,
}

/// Puts a version into its place: by effective date; of two with one date the later recorded holds.
pub fn insert(versions: &mut Vec<Rules>, rules: Rules) {
    versions.retain(|held| held.version != rules.version);
    let at = versions.partition_point(|held| held.effective_from <= rules.effective_from);
    versions.insert(at, rules);
}

/// Finds the version in force on a day: the last that is effective, or the first of all before any is.
pub fn in_force(versions: &[Rules], day: LocalDay) -> Option<&Rules> {
    versions.iter().rfind(|rules| rules.effective_from <= day).or_else(|| versions.first())
}
