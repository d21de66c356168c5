//! The audit: which strata, how many of each, and what the visits say of the truth.
//!
//! Owns the sample's allocation and the corrected estimate with its interval. Draws nothing itself: the order of the households
//! within a stratum comes from outside.
//!
//! # Why
//! Strata are the states as published, S by its weakest evidence and U by its reason: at most nine, each large enough to be visited,
//! and each as alike within as the figures know. State by hamlet would make more strata than the sample can fill.
//!
//! The interval is the one of Zou, Huang and Zhang for a linear function of binomial proportions (*A note on confidence interval
//! estimation for a linear function of binomial proportions*, Computational Statistics & Data Analysis 53, 2009, 1080-1085), known as
//! MOVER: each stratum's Wilson limits, combined by the squares of their distances. Unlike the usual variance formula it does
//! not say "exactly 0 %" or "exactly 100 %" of a stratum of which five were visited. A finite stratum is seen as one of which more
//! were visited, r (n - 1) / (n - r) for r of n (Cochran, *Sampling Techniques*, 3rd edition, 1977, section 3.2: the variance of a
//! sampled proportion is (n - r) / (n - 1) of the binomial one); all of it visited leaves no doubt.

use std::collections::BTreeMap;

use super::interval::{Z_95, wilson};
use super::standing::Listed;
use crate::domain::ids::HouseholdCode;
use crate::domain::state::{Level, Reason, State, word};
use crate::domain::units::Percent;

word!(
    /// A stratum: a state as published, S by its weakest evidence, U by its reason.
    Stratum {
        /// Sorting, by devices.
        Device = "S:device",
        /// Sorting, by a crew's word at its weakest.
        Crew = "S:crew",
        /// Sorting, by a visit at its weakest.
        Verified = "S:verified",
        /// Not sorting.
        NotSorting = "N",
        /// Undetermined: only streams that are not required.
        OnlyOther = "U:only_other",
        /// Undetermined: declared only.
        OnlyDeclared = "U:only_declared",
        /// Undetermined: one required stream is missing.
        OneStreamMissing = "U:one_stream_missing",
        /// Undetermined: nothing handed over.
        NoPickup = "U:no_pickup",
        /// Undetermined: could not be seen.
        NotObservable = "U:not_observable",
    }
);

impl Stratum {
    /// Gives the stratum of a household.
    pub fn of(row: &Listed) -> Self {
        match row.state.state {
            State::Sorting => match row.state.weakest {
                Some(Level::Device) => Self::Device,
                Some(Level::Crew) => Self::Crew,
                Some(Level::Verified) | None => Self::Verified,
            },
            State::NotSorting => Self::NotSorting,
            State::Undetermined => match row.state.reason {
                Some(Reason::OnlyOther) => Self::OnlyOther,
                Some(Reason::OnlyDeclared) => Self::OnlyDeclared,
                Some(Reason::OneStreamMissing) => Self::OneStreamMissing,
                Some(Reason::NoPickup) => Self::NoPickup,
                Some(Reason::NotObservable) | None => Self::NotObservable,
            },
        }
    }

    /// Gives the published state of its households.
    pub const fn state(self) -> State {
        match self {
            Self::Device | Self::Crew | Self::Verified => State::Sorting,
            Self::NotSorting => State::NotSorting,
            Self::OnlyOther | Self::OnlyDeclared | Self::OneStreamMissing | Self::NoPickup | Self::NotObservable => {
                State::Undetermined
            }
        }
    }
}

word!(
    /// What a visitor of the audit found.
    AuditResult {
        /// The household sorts.
        Sorting = "sorting",
        /// It does not.
        NotSorting = "not_sorting",
        /// Nobody was there, or it could not be found.
        NotReached = "not_reached",
        /// The household did not want to answer.
        Refused = "refused",
    }
);

/// Fewest households drawn from a stratum that has them.
const FEWEST_OF_A_STRATUM: i64 = 5;

/// Gives the sample size that gives ±5 points at 95 % whatever the truth, for so many households: 371 of 10 500.
///
/// Cochran, section 4.4: n0 / (1 + (n0 - 1) / N) with n0 = 1.96² × 0.25 / 0.05² = 384.16.
pub fn usual_size(households: i64) -> i64 {
    if households <= 0 {
        return 0;
    }
    // 384.16 N / (N + 383.16), rounded up, in whole hundredths.
    (38_416 * households + (100 * households + 38_316) - 1) / (100 * households + 38_316)
}

/// Gives how many households to draw from each stratum: by its size, but five at least, or all where there are fewer. The sum is the
/// size that is asked for, or a few more.
pub fn allocate(strata: &BTreeMap<Stratum, i64>, size: i64) -> BTreeMap<Stratum, i64> {
    let all: i64 = strata.values().sum();
    let size = size.min(all);
    let mut drawn: BTreeMap<Stratum, i64> = strata
        .iter()
        .filter(|(_, households)| **households > 0)
        .map(|(stratum, households)| {
            let share = size * households / all;
            (*stratum, share.max(FEWEST_OF_A_STRATUM).min(*households))
        })
        .collect();
    while drawn.values().sum::<i64>() < size {
        // The largest part that the whole numbers left out so far; the first stratum of several.
        let wanting = |stratum: &Stratum, drawn: i64| size * strata[stratum] - drawn * all;
        let next = drawn
            .iter()
            .filter(|(stratum, drawn)| **drawn < strata[*stratum])
            .max_by_key(|(stratum, drawn)| (wanting(stratum, **drawn), std::cmp::Reverse(**stratum)))
            .map(|(stratum, _)| *stratum);
        match next {
            Some(stratum) => *drawn.entry(stratum).or_default() += 1,
            None => break,
        }
    }
    drawn
}

/// Draws a sample: of each stratum the first households in the order that `rank` gives. The same list, size and ranks give the same
/// households.
pub fn draw<R: Ord>(frame: &[Listed], size: i64, rank: impl Fn(&HouseholdCode) -> R) -> Vec<(Stratum, HouseholdCode)> {
    let mut strata: BTreeMap<Stratum, Vec<(R, &HouseholdCode)>> = BTreeMap::new();
    for row in frame {
        strata.entry(Stratum::of(row)).or_default().push((rank(&row.household), &row.household));
    }
    let sizes = strata.iter().map(|(stratum, of)| (*stratum, i64::try_from(of.len()).unwrap_or(i64::MAX))).collect();
    let drawn = allocate(&sizes, size);
    let mut sample = Vec::new();
    for (stratum, mut households) in strata {
        households.sort();
        let many = drawn.get(&stratum).and_then(|many| usize::try_from(*many).ok()).unwrap_or(0);
        sample.extend(households.into_iter().take(many).map(|(_, household)| (stratum, household.clone())));
    }
    sample
}

/// A stratum with what was found there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Households of the stratum, n.
    pub households: i64,
    /// Drawn.
    pub drawn: i64,
    /// Visited: sorts.
    pub sorting: i64,
    /// Visited: does not sort.
    pub not_sorting: i64,
    /// Not reached.
    pub not_reached: i64,
    /// Refused to answer.
    pub refused: i64,
}

impl Tally {
    /// Counts a result.
    pub fn note(&mut self, result: AuditResult) {
        match result {
            AuditResult::Sorting => self.sorting += 1,
            AuditResult::NotSorting => self.not_sorting += 1,
            AuditResult::NotReached => self.not_reached += 1,
            AuditResult::Refused => self.refused += 1,
        }
    }

    /// Gives the households that answered, r.
    pub fn answered(&self) -> i64 {
        self.sorting + self.not_sorting
    }

    /// Gives the households drawn of which nothing is entered yet.
    pub fn waiting(&self) -> i64 {
        (self.drawn - self.answered() - self.not_reached - self.refused).max(0)
    }

    /// Gives the households drawn that did not answer, for whatever reason.
    pub fn silent(&self) -> i64 {
        (self.drawn - self.answered()).max(0)
    }
}

/// What the visits say of the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Corrected estimate: the sum of n q / E over the strata, rounded to the nearest hundredth.
    pub share: Percent,
    /// Lower end of its 95 % interval, rounded down.
    pub low: Percent,
    /// Upper end, rounded up.
    pub high: Percent,
    /// The estimate if nobody who did not answer sorted.
    pub silent_low: Percent,
    /// The estimate if everybody who did not answer sorted.
    pub silent_high: Percent,
    /// Households in strata of which nobody answered: the interval holds every possibility for them.
    pub unheard: i64,
}

/// Computes the corrected estimate. `None`: nobody answered, or there is no household.
///
/// A stratum in which nobody answered is taken at the others' mean for the estimate, and at 0 and 1 for the interval.
pub fn estimate(strata: &BTreeMap<Stratum, Tally>) -> Option<Estimate> {
    let real = |count: i64| f64::from(u32::try_from(count.max(0)).unwrap_or(u32::MAX));
    let eligible: i64 = strata.values().map(|tally| tally.households).sum();
    let heard: i64 = strata.values().filter(|tally| tally.answered() > 0).map(|tally| tally.households).sum();
    if eligible <= 0 || heard <= 0 {
        return None;
    }
    let (mut sum, mut below, mut above) = (0.0, 0.0, 0.0);
    let (mut silent_low, mut silent_high) = (0.0, 0.0);
    for tally in strata.values().filter(|tally| tally.households > 0) {
        let weight = real(tally.households) / real(eligible);
        if tally.answered() > 0 {
            let share = real(tally.sorting) / real(tally.answered());
            let (low, high) = limits(tally.sorting, tally.answered(), tally.households, real);
            sum += weight * share;
            below += (weight * (share - low)).powi(2);
            above += (weight * (high - share)).powi(2);
        }
        let drawn = real(tally.drawn.max(tally.answered()));
        if drawn > 0.0 {
            silent_low += weight * real(tally.sorting) / drawn;
            silent_high += weight * (real(tally.sorting) + real(tally.silent())) / drawn;
        } else {
            silent_high += weight;
        }
    }
    let unheard = real(eligible - heard) / real(eligible);
    let hundredths = |share: f64, rounded: fn(f64) -> f64| {
        // What is a whole hundredth but for the last bits of the arithmetic stays one.
        let exact = (share.clamp(0.0, 1.0) * 10_000.0 * 1e6).round() / 1e6;
        Percent::from_hundredths(format!("{:.0}", rounded(exact)).parse().unwrap_or(0))
    };
    Some(Estimate {
        share: hundredths(sum / (1.0 - unheard), f64::round),
        low: hundredths(sum - below.sqrt(), f64::floor),
        high: hundredths(sum + above.sqrt() + unheard, f64::ceil),
        silent_low: hundredths(silent_low, f64::floor),
        silent_high: hundredths(silent_high, f64::ceil),
        unheard: eligible - heard,
    })
}

/// Gives the Wilson limits of a share of which `sorting` of `answered` were seen, of `households` in all.
fn limits(sorting: i64, answered: i64, households: i64, real: impl Fn(i64) -> f64) -> (f64, f64) {
    let share = real(sorting) / real(answered);
    if answered >= households {
        return (share, share);
    }
    let as_many_as = real(answered) * real(households - 1) / real(households - answered);
    wilson(share, as_many_as, Z_95)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::state::DayState;

    fn tally(households: i64, sorting: i64, not_sorting: i64, silent: i64) -> Tally {
        Tally {
            households,
            drawn: sorting + not_sorting + silent,
            sorting,
            not_sorting,
            not_reached: silent,
            refused: 0,
        }
    }

    fn told(estimate: Estimate) -> String {
        format!("{} [{}, {}]", estimate.share, estimate.low, estimate.high)
    }

    #[test]
    fn the_usual_size_is_that_of_the_book() {
        assert_eq!(usual_size(10_500), 371);
        assert_eq!(usual_size(10_457), 371);
        assert_eq!(usual_size(1), 1);
        assert_eq!(usual_size(0), 0);
        assert_eq!(usual_size(1_000_000_000), 385);
    }

    #[test]
    fn one_large_stratum_has_wilson_s_interval() {
        // 40 of 100 of very many: Wilson gives 0.30940 to 0.49798.
        let strata = BTreeMap::from([(Stratum::Device, tally(4_000_000_000, 40, 60, 0))]);
        assert_eq!(told(estimate(&strata).unwrap()), "40.00 [30.94, 49.80]");
    }

    #[test]
    fn two_strata_are_combined_as_computed_by_hand() {
        // 1 000 of which 50 visited, 45 sort: as many as 50 x 999 / 950 = 52.5789 visited; Wilson 0.78988 to 0.95565.
        // 3 000 of which 50 visited, 10 sort: as many as 50 x 2999 / 2950 = 50.8305 visited; Wilson 0.11297 to 0.32918.
        // 0.25 x 0.9 + 0.75 x 0.2 = 0.375; below sqrt((0.25 x 0.11012)^2 + (0.75 x 0.08703)^2) = 0.07084;
        // above sqrt((0.25 x 0.05565)^2 + (0.75 x 0.12918)^2) = 0.09788.
        let strata = BTreeMap::from([
            (Stratum::Device, tally(7, 5, 2, 0)),
            (Stratum::NoPickup, tally(9, 9, 0, 0)),
            (Stratum::NotSorting, tally(1, 0, 1, 0)),
        ]);
        // 14 of 17 = 82.3529...
        let estimate = estimate(&strata).unwrap();
        assert_eq!(told(estimate), "82.35 [82.35, 82.36]");
        assert_eq!(
            (estimate.silent_low.to_string(), estimate.silent_high.to_string()),
            ("82.35".into(), "82.36".into())
        );
        let whole = BTreeMap::from([(Stratum::Device, tally(8, 2, 6, 0))]);
        assert_eq!(told(super::estimate(&whole).unwrap()), "25.00 [25.00, 25.00]");
    }

    #[test]
    fn none_or_all_of_a_few_visits_proves_neither_none_nor_all() {
        let none = estimate(&BTreeMap::from([(Stratum::NoPickup, tally(1_000, 0, 5, 0))])).unwrap();
        assert_eq!((none.share.to_string(), none.low.to_string()), ("0.00".into(), "0.00".into()));
        assert!(none.high.hundredths() > 4_000, "{none:?}");
        let all = estimate(&BTreeMap::from([(Stratum::Device, tally(1_000, 5, 0, 0))])).unwrap();
        assert_eq!((all.share.to_string(), all.high.to_string()), ("100.00".into(), "100.00".into()));
        assert!(all.low.hundredths() < 6_000, "{all:?}");
    }

    #[test]
    fn whoever_is_silent_widens_the_bounds_and_a_silent_stratum_the_interval() {
        let strata =
            BTreeMap::from([(Stratum::Device, tally(500, 30, 10, 10)), (Stratum::NotObservable, tally(500, 0, 0, 20))]);
        let estimate = estimate(&strata).unwrap();
        assert_eq!(estimate.share.to_string(), "75.00");
        assert_eq!(
            (estimate.silent_low.to_string(), estimate.silent_high.to_string()),
            ("30.00".into(), "90.00".into())
        );
        assert_eq!(estimate.unheard, 500);
        assert!(estimate.low.hundredths() < 3_750 && estimate.high.hundredths() > 8_750, "{estimate:?}");
        assert_eq!(super::estimate(&BTreeMap::from([(Stratum::Device, tally(10, 0, 0, 5))])), None);
        assert_eq!(super::estimate(&BTreeMap::new()), None);
    }

    #[test]
    fn the_sample_follows_the_strata_with_five_of_the_small_ones() {
        let strata = BTreeMap::from([
            (Stratum::Device, 6_000),
            (Stratum::Crew, 0),
            (Stratum::NotSorting, 3),
            (Stratum::NoPickup, 4_400),
            (Stratum::NotObservable, 54),
        ]);
        let drawn = allocate(&strata, 371);
        assert_eq!(drawn.get(&Stratum::Crew), None);
        assert_eq!((drawn[&Stratum::NotSorting], drawn[&Stratum::NotObservable]), (3, 5));
        assert_eq!((drawn[&Stratum::Device], drawn[&Stratum::NoPickup]), (212, 156));
        assert_eq!(drawn.values().sum::<i64>(), 376);
        assert_eq!(allocate(&strata, 1_000_000).values().sum::<i64>(), 10_457);
        assert_eq!(allocate(&BTreeMap::new(), 371), BTreeMap::new());
    }

    #[test]
    fn the_same_ranks_draw_the_same_households_in_whatever_order_they_are_listed() {
        let row = |number: i32| Listed {
            household: HouseholdCode::new(format!("H-{number:03}")),
            area: "A".into(),
            state: DayState {
                state: if number % 3 == 0 { State::NotSorting } else { State::Undetermined },
                reason: (number % 3 != 0).then_some(Reason::NoPickup),
                weakest: None,
                at_least_one: false,
                enrolled: false,
            },
        };
        let mut frame: Vec<Listed> = (0..300).map(row).collect();
        let rank = |household: &HouseholdCode| household.as_str().bytes().rev().collect::<Vec<u8>>();
        let sample = draw(&frame, 30, rank);
        frame.reverse();
        assert_eq!(draw(&frame, 30, rank), sample);
        assert_eq!(sample.iter().filter(|(stratum, _)| *stratum == Stratum::NotSorting).count(), 10);
        assert_eq!(sample.len(), 30);
        assert_eq!(sample[0].1.as_str(), "H-000");
    }

    /// A generator of whole numbers that is the same everywhere (SplitMix64, Steele, Lea and Flood 2014).
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        }

        fn below(&mut self, limit: i64) -> i64 {
            i64::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
        }
    }

    /// Draws samples of a commune whose truth is known and tells how many of 2 000 intervals hold it.
    fn covered(seed: u64, commune: &[(Stratum, i64, i64)], size: i64) -> usize {
        let mut numbers = Numbers(seed);
        let eligible: i64 = commune.iter().map(|(_, households, _)| households).sum();
        let sorting: i64 = commune.iter().map(|(_, _, sorting)| sorting).sum();
        let strata: BTreeMap<Stratum, i64> = commune.iter().map(|(stratum, n, _)| (*stratum, *n)).collect();
        let drawn = allocate(&strata, size);
        let mut held = 0;
        for _ in 0..2_000 {
            let mut tallies = BTreeMap::new();
            for &(stratum, households, sorting) in commune {
                let (mut left, mut sorting_left) = (households, sorting);
                let mut tally = Tally { households, drawn: drawn[&stratum], ..Tally::default() };
                for _ in 0..drawn[&stratum] {
                    let sorts = numbers.below(left) < sorting_left;
                    left -= 1;
                    sorting_left -= i64::from(sorts);
                    tally.note(if sorts { AuditResult::Sorting } else { AuditResult::NotSorting });
                }
                tallies.insert(stratum, tally);
            }
            let estimate = estimate(&tallies).unwrap();
            // Whole arithmetic: low <= sorting / eligible <= high.
            let truth = sorting * 10_000;
            held += usize::from(
                i64::from(estimate.low.hundredths()) * eligible <= truth
                    && truth <= i64::from(estimate.high.hundredths()) * eligible,
            );
        }
        held
    }

    #[test]
    fn nineteen_of_twenty_intervals_hold_the_truth() {
        type Told<'c> = (&'c str, &'c [(Stratum, i64, i64)], i64);
        let communes: [Told<'_>; 5] = [
            (
                "as the definitions page's example",
                &[
                    (Stratum::Device, 1_000, 960),
                    (Stratum::Verified, 300, 280),
                    (Stratum::NotSorting, 200, 30),
                    (Stratum::OneStreamMissing, 3_000, 2_400),
                    (Stratum::NoPickup, 5_957, 4_100),
                ],
                371,
            ),
            (
                "nearly everybody sorts",
                &[(Stratum::Device, 9_000, 8_950), (Stratum::NotSorting, 57, 20), (Stratum::NoPickup, 1_400, 1_300)],
                371,
            ),
            ("nobody sorts but a few", &[(Stratum::NotObservable, 10_000, 150), (Stratum::NotSorting, 400, 4)], 371),
            (
                "a small hamlet",
                &[(Stratum::Device, 40, 37), (Stratum::NoPickup, 60, 30), (Stratum::NotSorting, 9, 1)],
                50,
            ),
            (
                "nine strata",
                &[
                    (Stratum::Device, 4_000, 3_800),
                    (Stratum::Crew, 800, 720),
                    (Stratum::Verified, 300, 280),
                    (Stratum::NotSorting, 200, 30),
                    (Stratum::OnlyOther, 700, 200),
                    (Stratum::OnlyDeclared, 900, 700),
                    (Stratum::OneStreamMissing, 1_500, 1_100),
                    (Stratum::NoPickup, 1_500, 600),
                    (Stratum::NotObservable, 557, 300),
                ],
                371,
            ),
        ];
        for (at, (name, commune, size)) in communes.into_iter().enumerate() {
            let held = covered(20_261_123 + u64::try_from(at).unwrap(), commune, size);
            assert!(held >= 1_880, "{name}: {held} of 2000 intervals hold the truth");
        }
    }
}
