//! Who measures does not set the measure: exclusions by hamlet, and what each person recorded, with what stands out flagged.
//!
//! # Why
//! A flag is a question, not a finding: it says which number to look at and by which rule, and changes no figure.

use serde::Serialize;

/// When a number is flagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Thresholds {
    /// A hamlet's excluded part of its registered households, percent, from which it may be flagged.
    pub excluded_percent: i64,
    /// … and so many times the commune's part.
    pub excluded_times: i64,
    /// Visits and verified pathways of one person on one day, above which they are flagged.
    pub verified_a_day: i64,
    /// Separated pickups of one person on one day, above which they are flagged.
    pub pickups_a_day: i64,
    /// From so many visits on, a person who found everyone sorting is flagged.
    pub all_sorting_from: i64,
    /// From so many clean findings on, a person who never found anything else is flagged.
    pub all_clean_from: i64,
    /// Statements of others that one person took back, above which it is flagged.
    pub taken_back: i64,
}

impl Thresholds {
    /// 10 % and twice the commune's part; 40 visits a day; 600 pickups a day; 30 visits without one "not sorting"; 30 findings that are
    /// all clean; 20 statements of others taken back.
    pub const STANDARD: Self = Self {
        excluded_percent: 10,
        excluded_times: 2,
        verified_a_day: 40,
        pickups_a_day: 600,
        all_sorting_from: 30,
        all_clean_from: 30,
        taken_back: 20,
    };
}

/// A hamlet's exclusions on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AreaExclusions {
    /// Households registered.
    pub registered: i64,
    /// Of these, excluded, by reason in the order of `ExclusionReason::ALL`.
    pub excluded: [i64; 4],
}

impl AreaExclusions {
    /// Gives all excluded households.
    pub fn total(&self) -> i64 {
        self.excluded.iter().sum()
    }
}

/// What one person recorded in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PersonCounts {
    /// Who.
    pub by: String,
    /// B: separated pickups.
    pub separated: i64,
    /// The most of them on one day.
    pub separated_most: i64,
    /// Pickups with a finding, and findings by themselves, clean ones left out.
    pub contrary: i64,
    /// C: visits that found sorting, and verified pathways.
    pub verified: i64,
    /// The most visits and verified pathways on one day.
    pub verified_most: i64,
    /// Visits that found no sorting.
    pub not_sorting: i64,
    /// Clean findings: each closes what stood against a household.
    pub clean: i64,
    /// Statements and pickups of others taken back.
    pub taken_back: i64,
}

/// What stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Many households of the hamlet are excluded.
    ManyExcluded,
    /// More visits on one day than one person makes.
    ManyVisitsADay,
    /// More pickups on one day than one person makes.
    ManyPickupsADay,
    /// Every visit found sorting.
    AllSorting,
    /// Every finding was clean.
    AllClean,
    /// Much of what others recorded was taken back.
    ManyTakenBack,
}

impl Thresholds {
    /// Tells whether a hamlet's exclusions stand out beside the commune's.
    pub fn of_area(&self, area: &AreaExclusions, commune: &AreaExclusions) -> Option<Flag> {
        let share = |of: &AreaExclusions, times: i64| i128::from(of.total()) * i128::from(times);
        let many =
            share(area, 100) >= i128::from(area.registered) * i128::from(self.excluded_percent) && area.total() > 0;
        let beside = share(area, 1) * i128::from(commune.registered)
            >= share(commune, self.excluded_times) * i128::from(area.registered);
        (many && beside).then_some(Flag::ManyExcluded)
    }
}

/// Gives what stands out in one person's records.
pub fn flags(person: &PersonCounts, thresholds: &Thresholds) -> Vec<Flag> {
    let rules = [
        (person.verified_most > thresholds.verified_a_day, Flag::ManyVisitsADay),
        (person.separated_most > thresholds.pickups_a_day, Flag::ManyPickupsADay),
        (person.verified >= thresholds.all_sorting_from && person.not_sorting == 0, Flag::AllSorting),
        (person.clean >= thresholds.all_clean_from && person.contrary == 0, Flag::AllClean),
        (person.taken_back > thresholds.taken_back, Flag::ManyTakenBack),
    ];
    rules.into_iter().filter(|(holds, _)| *holds).map(|(_, flag)| flag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hamlet_with_a_tenth_excluded_and_twice_the_communes_part_stands_out() {
        let of = |registered, moved| AreaExclusions { registered, excluded: [0, 0, moved, 0] };
        let rule = Thresholds::STANDARD;
        assert_eq!(rule.of_area(&of(100, 10), &of(1_000, 50)), Some(Flag::ManyExcluded));
        assert_eq!(rule.of_area(&of(100, 9), &of(1_000, 10)), None);
        assert_eq!(rule.of_area(&of(100, 10), &of(1_000, 51)), None);
        assert_eq!(rule.of_area(&of(0, 0), &of(0, 0)), None);
    }

    #[test]
    fn a_person_is_asked_about_who_visits_more_than_a_day_allows_or_only_finds_sorting() {
        let person = PersonCounts { verified: 30, verified_most: 41, ..PersonCounts::default() };
        assert_eq!(flags(&person, &Thresholds::STANDARD), [Flag::ManyVisitsADay, Flag::AllSorting]);
        let person = PersonCounts { verified: 60, verified_most: 40, not_sorting: 1, ..PersonCounts::default() };
        assert_eq!(flags(&person, &Thresholds::STANDARD), []);
        let person = PersonCounts { clean: 30, taken_back: 21, ..PersonCounts::default() };
        assert_eq!(flags(&person, &Thresholds::STANDARD), [Flag::AllClean, Flag::ManyTakenBack]);
        let person = PersonCounts { clean: 30, contrary: 1, taken_back: 20, ..PersonCounts::default() };
        assert_eq!(flags(&person, &Thresholds::STANDARD), []);
    }
}
