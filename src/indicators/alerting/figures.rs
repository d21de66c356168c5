//! What the figures of hamlets and points show: completeness that fell, contamination that rose, waste that was mixed again.
//!
//! # Why
//! Small numbers tremble. A rate is compared with its own past by intervals that do not meet, at 99 % each, because some eighty
//! hamlets and points are looked at every day: at 95 % one of them would be alarmed by chance every few weeks.

use crate::domain::alert::{Cause, Verdict};
use crate::domain::units::Percent;
use crate::indicators::interval::{Z_99, wilson};
use crate::indicators::secondary::{CLEAN, CONTRARY};
use crate::indicators::{Completeness, Remixing, RemixingRule, Verdict as Remixed};

/// When completeness has fallen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompletenessRule {
    /// Days that are judged, up to the last finished one.
    pub days: i32,
    /// Days before them that they are compared with.
    pub days_before: i32,
    /// Completeness below which it may have fallen, hundredths of a percent.
    pub low: u32,
    /// … and it fell by at least so much, hundredths of a percent.
    pub fell: u32,
    /// Completeness from which on it is in order again, hundredths of a percent.
    pub recovered: u32,
}

impl CompletenessRule {
    /// The rule in force: of 7 days below 80 %, and 10 points below the 28 days before; over at 85 %.
    pub const STANDARD: Self = Self { days: 7, days_before: 28, low: 8_000, fell: 1_000, recovered: 8_500 };

    /// Judges the last days beside those before.
    pub fn judge(&self, now: &Completeness, before: &Completeness) -> Verdict {
        let Some(now) = now.percent().map(Percent::hundredths) else { return Verdict::Between };
        let before = before.percent().map(Percent::hundredths);
        if now >= self.recovered {
            Verdict::Clear
        } else if now < self.low && before.is_none_or(|before| before >= now.saturating_add(self.fell)) {
            Verdict::Holds(Cause::CompletenessFell { now, before })
        } else {
            // A fall that its own past has caught up with is still one.
            Verdict::Between
        }
    }
}

/// What was inspected, and how much of it was contrary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inspected {
    /// Contrary findings: mixed, contaminated, refused.
    pub contrary: i64,
    /// Inspected separated pickups, the contrary ones among them.
    pub inspected: i64,
}

impl Inspected {
    /// Counts a statement by its word, as days of statements hold them; others are left out.
    pub fn add(&mut self, word: &str, count: i64) {
        let contrary = CONTRARY.contains(&word);
        self.contrary += if contrary { count } else { 0 };
        self.inspected += if contrary || CLEAN.contains(&word) { count } else { 0 };
    }

    fn share(&self) -> Option<Percent> {
        Percent::share(u64::try_from(self.contrary).ok()?, u64::try_from(self.inspected).ok()?)
    }

    /// Gives the ends of the 99 % interval, hundredths of a percent, the lower one rounded up and the upper one down: what may be one
    /// hundredth apart is not told apart.
    fn interval(&self) -> Option<(u32, u32)> {
        let real = |count: i64| u32::try_from(count).ok().map(f64::from);
        let (contrary, inspected) = (real(self.contrary)?, real(self.inspected).filter(|inspected| *inspected > 0.0)?);
        let (low, high) = wilson((contrary / inspected).min(1.0), inspected, Z_99);
        let hundredths = |share: f64, rounded: fn(f64) -> f64| format!("{:.0}", rounded(share * 10_000.0)).parse().ok();
        Some((hundredths(low, f64::ceil)?, hundredths(high, f64::floor)?))
    }
}

/// When contamination has risen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContaminationRule {
    /// Days that are judged, up to the last finished one, and days before them that they are compared with.
    pub days: i32,
    /// Fewest inspected, of either.
    pub inspected: i64,
    /// Fewest contrary findings of the days that are judged.
    pub contrary: i64,
}

impl ContaminationRule {
    /// The rule in force: 28 days beside the 28 before, 50 inspected in each and 10 contrary findings.
    pub const STANDARD: Self = Self { days: 28, inspected: 50, contrary: 10 };

    /// Judges the last days beside those before. `bar` is that of the open alert, hundredths of a percent, if there is one: the days
    /// before will come to hold what raised it, and must not end it by that.
    pub fn judge(&self, now: &Inspected, before: &Inspected, bar: Option<u32>) -> Verdict {
        let Some(share) = now.share().filter(|_| now.inspected >= self.inspected) else {
            // Too little is inspected to say that anything rises; and nothing to say that it has ended.
            return if bar.is_some() { Verdict::Between } else { Verdict::Clear };
        };
        let cause = |bar| Cause::ContaminationRose {
            contrary: now.contrary,
            inspected: now.inspected,
            contrary_before: before.contrary,
            inspected_before: before.inspected,
            bar,
        };
        match (bar, now.interval(), before.interval()) {
            (Some(bar), ..) if share.hundredths() <= bar => Verdict::Clear,
            (Some(bar), ..) => Verdict::Holds(cause(bar)),
            (None, Some((low, _)), Some((_, high)))
                if low > high && now.contrary >= self.contrary && before.inspected >= self.inspected =>
            {
                Verdict::Holds(cause(high))
            }
            (None, Some(_) | None, Some(_) | None) => Verdict::Clear,
        }
    }
}

/// Parts of the mass, percent points, by which less must be missing before a re-mixing alarm has ended.
const REMIXING_REST_PERCENT: i64 = 2;

/// Judges whether what was picked up separately arrived separately.
pub fn remixing(rule: &RemixingRule, mass: &Remixing) -> Verdict {
    match rule.judge(mass) {
        Remixed::Alarm { .. } => {
            Verdict::Holds(Cause::Remixing { picked_up_g: mass.picked_up_g, still_separate_g: mass.still_separate_g })
        }
        Remixed::TooLittle | Remixed::NoTicket => Verdict::Between,
        Remixed::Kept => {
            let stricter = RemixingRule { tolerance_percent: rule.tolerance_percent - REMIXING_REST_PERCENT, ..*rule };
            match stricter.judge(mass) {
                Remixed::Kept => Verdict::Clear,
                Remixed::Alarm { .. } | Remixed::TooLittle | Remixed::NoTicket => Verdict::Between,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A completeness of so many hundredths of a percent.
    fn complete(hundredths: i64) -> Completeness {
        Completeness { working_ms: hundredths, scheduled_ms: 10_000, received: 1, missing: 0 }
    }

    fn fell(now: i64, before: i64) -> Verdict {
        CompletenessRule::STANDARD.judge(&complete(now), &complete(before))
    }

    #[test]
    fn completeness_fell_when_it_is_low_and_was_ten_points_higher() {
        assert_eq!(fell(7_999, 8_999), Verdict::Holds(Cause::CompletenessFell { now: 7_999, before: Some(8_999) }));
        assert_eq!(fell(8_000, 10_000), Verdict::Between);
        assert_eq!(fell(6_000, 6_999), Verdict::Between, "it was always low: a matter for the page, not for an alarm");
        assert_eq!(fell(8_500, 10_000), Verdict::Clear);
    }

    #[test]
    fn without_rounds_nothing_is_known_and_without_a_past_low_is_low() {
        let rule = CompletenessRule::STANDARD;
        assert_eq!(rule.judge(&Completeness::default(), &complete(9_000)), Verdict::Between);
        let new = rule.judge(&complete(5_000), &Completeness::default());
        assert_eq!(new, Verdict::Holds(Cause::CompletenessFell { now: 5_000, before: None }));
    }

    fn rose(now: (i64, i64), before: (i64, i64), bar: Option<u32>) -> Verdict {
        let of = |(contrary, inspected)| Inspected { contrary, inspected };
        ContaminationRule::STANDARD.judge(&of(now), &of(before), bar)
    }

    #[test]
    fn small_numbers_raise_no_alarm() {
        assert_eq!(rose((9, 49), (0, 400), None), Verdict::Clear, "49 inspected");
        assert_eq!(rose((9, 400), (0, 4_000), None), Verdict::Clear, "9 contrary");
        assert_eq!(rose((20, 50), (0, 49), None), Verdict::Clear, "too little is known of before");
        // 10 % of 100 became 20 % of 100: the intervals meet.
        assert_eq!(rose((20, 100), (10, 100), None), Verdict::Clear);
    }

    #[test]
    fn a_rise_beyond_chance_is_an_alarm_until_it_is_back_where_the_past_allowed_it() {
        // 5 % of 1 000: Wilson at 99 % 0.03503 to 0.07090. 10 % of 1 000: 0.07814 to 0.12713.
        let raised = rose((100, 1_000), (50, 1_000), None);
        let cause = |contrary, bar| Cause::ContaminationRose {
            contrary,
            inspected: 1_000,
            contrary_before: 50,
            inspected_before: 1_000,
            bar,
        };
        assert_eq!(raised, Verdict::Holds(cause(100, 709)));
        // Four weeks later the past holds it too: it goes on all the same.
        assert!(matches!(rose((100, 1_000), (100, 1_000), Some(709)), Verdict::Holds(_)));
        assert_eq!(rose((71, 1_000), (50, 1_000), Some(709)), Verdict::Holds(cause(71, 709)));
        assert_eq!(rose((70, 1_000), (50, 1_000), Some(709)), Verdict::Clear);
        assert_eq!(
            rose((5, 20), (50, 1_000), Some(709)),
            Verdict::Between,
            "too little is inspected to say that it ended"
        );
    }

    #[test]
    fn words_of_statements_are_counted_as_the_rate_counts_them() {
        let mut inspected = Inspected::default();
        for (word, count) in [
            ("pickup.separated", 90),
            ("pickup.mixed", 4),
            ("pickup.refused", 1),
            ("finding.contaminated", 3),
            ("finding.clean", 2),
            ("visit.sorting", 40),
        ] {
            inspected.add(word, count);
        }
        assert_eq!(inspected, Inspected { contrary: 8, inspected: 100 });
    }

    #[test]
    fn re_mixing_ends_two_points_below_where_it_begins() {
        let judge = |still_separate_g| {
            remixing(&RemixingRule::STANDARD, &Remixing { picked_up_g: 1_000_000, still_separate_g, tickets: 3 })
        };
        assert!(matches!(judge(799_999), Verdict::Holds(Cause::Remixing { .. })));
        assert_eq!([judge(800_000), judge(819_999)], [Verdict::Between, Verdict::Between]);
        assert_eq!(judge(820_000), Verdict::Clear);
        let nothing = Remixing { picked_up_g: 1_000_000, still_separate_g: 0, tickets: 0 };
        assert_eq!(remixing(&RemixingRule::STANDARD, &nothing), Verdict::Between, "no ticket proves nothing");
    }
}
