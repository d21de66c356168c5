//! How well a device keeps: its battery, and of a scale its zero, its step, what it shows and until when it is verified.
//!
//! Owns what follows from the conditions of several days ([`Condition`]); raises nothing by itself.
//!
//! # Why
//! - **The zero is judged against the division.** OIML R 76-1 (2006): the zero is set to within 0.25 e (4.5.2), so an empty scale in order
//!   shows zero, which is within 0.5 e; in service a small load may be off by 1 e (3.5.2, twice 3.5.1); no zero device may take away
//!   more than 4 % of Max (4.5.1).
//! - **The drift is the middle of all slopes between two days** (Theil and Sen): one day on which somebody left a bag on the platform
//!   moves a least-squares line, and not this one.
//! - **The step is what most days show.** A single odd level makes a day's common divisor 1 g; it does not make most days'.

use serde::Serialize;

use crate::domain::condition::Condition;
use crate::domain::register::Device;
use crate::domain::time::{LocalDay, MINUTE_MS};

/// A single lithium cell below this is low, millivolts: its last tenth. From [`CELL_RECOVERED_MV`] on it is not any more.
const CELL_LOW_MV: i64 = 3_300;
const CELL_RECOVERED_MV: i64 = 3_400;
/// A 12 V lead battery below this is low, millivolts: deeper discharge ruins it.
const LEAD_LOW_MV: i64 = 11_500;
const LEAD_RECOVERED_MV: i64 = 11_800;
/// Above this a battery is a 12 V one, millivolts.
const LEAD_FROM_MV: i64 = 6_000;

/// How a battery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Battery {
    /// Nearly empty.
    Low,
    /// Above the threshold, and not yet charged.
    Weak,
    /// In order.
    Good,
}

impl Battery {
    /// Judges a voltage, millivolts.
    pub const fn of(battery_mv: i64) -> Self {
        let (low_mv, recovered_mv) = Self::limits_mv(battery_mv);
        if battery_mv < low_mv {
            Self::Low
        } else if battery_mv < recovered_mv {
            Self::Weak
        } else {
            Self::Good
        }
    }

    /// Gives below what a battery of this voltage's kind is low, and from what on it is not any more, millivolts.
    pub const fn limits_mv(battery_mv: i64) -> (i64, i64) {
        if battery_mv > LEAD_FROM_MV { (LEAD_LOW_MV, LEAD_RECOVERED_MV) } else { (CELL_LOW_MV, CELL_RECOVERED_MV) }
    }
}

/// When a scale is not in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ScaleRule {
    /// Days that are looked at, today among them.
    pub days: i32,
    /// Latest days whose zeros count as "now", and within how many days they must lie.
    pub zero_days: usize,
    /// See `zero_days`.
    pub zero_within_days: i32,
    /// Fewest days with a zero for a drift.
    pub drift_days: usize,
    /// Part of Max, percent, beyond which a zero cannot be set (OIML R 76-1, 4.5.1).
    pub zero_range_percent: i64,
    /// Levels more than a division below zero in the last three days that show a zero off as well.
    pub below_zero: i64,
    /// Fewest settled levels of a day for a step.
    pub step_levels: i64,
    /// Equal levels in a row of a scale that is stuck, and the time from the first to the last, milliseconds.
    pub stuck_times: i64,
    /// See `stuck_times`.
    pub stuck_ms: i64,
    /// Cards read beside a scale that weighed nothing.
    pub mute_reads: i64,
    /// Days over which parts are taken.
    pub part_days: i32,
    /// Fewest levels for a part.
    pub part_levels: i64,
    /// Part of levels that do not settle, percent, above which a scale is unsteady.
    pub unstable_percent: i64,
    /// Part of settled levels over the limit, percent, above which it is unsteady.
    pub overload_percent: i64,
    /// Days before the verification runs out from which it is due.
    pub due_days: i32,
}

impl ScaleRule {
    /// The rule in force.
    pub const STANDARD: Self = Self {
        days: 28,
        zero_days: 3,
        zero_within_days: 7,
        drift_days: 14,
        zero_range_percent: 4,
        below_zero: 3,
        step_levels: 20,
        stuck_times: 10,
        stuck_ms: 10 * MINUTE_MS,
        mute_reads: 20,
        part_days: 7,
        part_levels: 50,
        unstable_percent: 30,
        overload_percent: 5,
        due_days: 30,
    };
}

/// A day with the device's condition.
pub type ConditionDay = (LocalDay, Condition);

/// How the zero stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroVerdict {
    /// No heartbeat told it, or no division is known.
    Unknown,
    /// Within half a division: the empty scale shows zero.
    Holds,
    /// Within a division.
    Near,
    /// Within a division, and moving by more than one in 28 days.
    Drifts,
    /// Off by more than a division.
    Off,
    /// Off by more than a zero device may set.
    OutOfRange,
}

/// The empty scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Zero {
    /// What it shows of late: the middle of the last days' middles, grams.
    pub now_g: Option<i64>,
    /// The day that told it last.
    pub on: Option<LocalDay>,
    /// How it moves, milligrams a day. `None`: too few days.
    pub drift_mg_per_day: Option<i64>,
    /// What it is judged against: the division, grams.
    pub division_g: Option<i64>,
    /// Levels more than a division below zero in the last three days.
    pub below_zero: i64,
    /// What follows.
    pub verdict: ZeroVerdict,
}

/// The step of the display.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What most days show, grams. `None`: too few levels.
    pub seen_g: Option<i64>,
    /// What the scale's own levels say, grams.
    pub said_g: Option<i64>,
    /// The registered division, grams.
    pub registered_g: Option<i64>,
}

impl Step {
    /// Gives the step that contradicts the register, as it was seen or said. `None`: nothing does.
    pub fn differs(&self) -> Option<i64> {
        let registered_g = self.registered_g?;
        self.seen_g.or(self.said_g).filter(|step_g| *step_g != registered_g)
    }
}

/// A scale that shows the same again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stuck {
    /// The day.
    pub on: LocalDay,
    /// The level, net grams.
    pub level_g: i64,
    /// How often in a row.
    pub times: i64,
    /// From the first to the last, milliseconds.
    pub for_ms: i64,
}

/// A scale that weighs nothing while cards are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mute {
    /// The day.
    pub on: LocalDay,
    /// Cards read.
    pub reads: i64,
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScalePart {
    /// The part.
    pub part: i64,
    /// The whole.
    pub whole: i64,
}

impl ScalePart {
    fn is_above(self, percent: i64) -> bool {
        i128::from(self.part) * 100 > i128::from(self.whole) * i128::from(percent)
    }
}

/// The legal verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verification")]
pub enum Verification {
    /// The device weighs nothing that needs one.
    NotNeeded,
    /// The register names no day.
    NotStated,
    /// It holds.
    Holds {
        /// Last day.
        until: LocalDay,
        /// Days left, today not counted.
        days_left: i32,
    },
    /// It runs out within the rule's days.
    Due {
        /// Last day.
        until: LocalDay,
        /// Days left, today not counted.
        days_left: i32,
    },
    /// It has run out.
    Overdue {
        /// Last day.
        until: LocalDay,
        /// Days since.
        days_over: i32,
    },
}

/// How well a scale keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScaleHealth {
    /// The empty scale.
    pub zero: Zero,
    /// The step.
    pub step: Step,
    /// Stuck. `None`: it is not, or too few levels came.
    pub stuck: Option<Stuck>,
    /// Mute. `None`: it is not, or too few cards were read.
    pub mute: Option<Mute>,
    /// Levels that did not settle, of all.
    pub unstable: ScalePart,
    /// Settled levels over the limit, of the settled ones.
    pub overload: ScalePart,
    /// Settled levels below the minimum, of the settled ones.
    pub below_min: ScalePart,
    /// Too many levels do not settle or are over the limit.
    pub unsteady: bool,
    /// The verification.
    pub verification: Verification,
}

impl ScaleRule {
    /// Judges a device by its conditions, in order of day, and the register's row.
    pub fn judge(&self, device: &Device, days: &[ConditionDay], today: LocalDay) -> ScaleHealth {
        let since = today - (self.days - 1);
        let days: Vec<&ConditionDay> = days.iter().filter(|(day, _)| since <= *day && *day <= today).collect();
        let of_late = || days.iter().filter(|(day, _)| today - *day < self.part_days).map(|(_, condition)| condition);
        let sum = |part: fn(&Condition) -> i64| -> i64 { of_late().map(part).sum() };
        let settled = sum(|c| c.settled);
        let unstable = ScalePart { part: sum(|c| c.unstable), whole: settled + sum(|c| c.unstable) };
        let overload = ScalePart { part: sum(|c| c.overload), whole: settled };
        let unsteady = (unstable.whole >= self.part_levels && unstable.is_above(self.unstable_percent))
            || (overload.whole >= self.part_levels && overload.is_above(self.overload_percent));
        ScaleHealth {
            zero: self.zero(device, &days, today),
            step: self.step(device, &days),
            stuck: self.stuck(&days, today),
            mute: self.mute(&days, today),
            unstable,
            overload,
            below_min: ScalePart { part: sum(|c| c.below_min), whole: settled },
            unsteady,
            verification: self.verification(device, today),
        }
    }

    fn zero(&self, device: &Device, days: &[&ConditionDay], today: LocalDay) -> Zero {
        let known: Vec<(LocalDay, i64)> =
            days.iter().filter_map(|(day, condition)| Some((*day, condition.zero_mid_g?))).collect();
        let late: Vec<i64> = known
            .iter()
            .rev()
            .take(self.zero_days)
            .filter(|(day, _)| today - *day < self.zero_within_days)
            .map(|(_, zero_g)| *zero_g)
            .collect();
        let now_g = middle(late);
        let drift_mg_per_day = (known.len() >= self.drift_days).then(|| slope_mg_per_day(&known)).flatten();
        let said_g = days.iter().rev().find_map(|(_, condition)| condition.division_g);
        let division_g = device.division_g.or(said_g).filter(|division_g| *division_g > 0);
        let fresh = days.iter().filter(|(day, _)| today - *day < 3);
        let below_zero: i64 = fresh.map(|(_, condition)| condition.below_zero).sum();
        let verdict = match (now_g, division_g) {
            (Some(now_g), Some(division_g)) => {
                let beyond_g = device.max_g.map(|max_g| max_g.saturating_mul(self.zero_range_percent) / 100);
                let moves_g =
                    drift_mg_per_day.unwrap_or(0).saturating_abs().saturating_mul(i64::from(self.days)) / 1_000;
                let off_g = now_g.saturating_abs();
                if beyond_g.is_some_and(|beyond_g| off_g > beyond_g) {
                    ZeroVerdict::OutOfRange
                } else if off_g > division_g || below_zero >= self.below_zero {
                    ZeroVerdict::Off
                } else if moves_g > division_g {
                    ZeroVerdict::Drifts
                } else if off_g.saturating_mul(2) > division_g {
                    ZeroVerdict::Near
                } else {
                    ZeroVerdict::Holds
                }
            }
            (None, _) | (_, None) if below_zero >= self.below_zero => ZeroVerdict::Off,
            (None, _) | (_, None) => ZeroVerdict::Unknown,
        };
        Zero { now_g, on: known.last().map(|(day, _)| *day), drift_mg_per_day, division_g, below_zero, verdict }
    }

    fn step(&self, device: &Device, days: &[&ConditionDay]) -> Step {
        let mut steps: Vec<i64> = days
            .iter()
            .filter(|(_, condition)| condition.settled >= self.step_levels)
            .filter_map(|(_, condition)| condition.step_g)
            .collect();
        steps.sort_unstable();
        // Of two that are seen equally often the greater: a finer one can come of a single odd level.
        let seen = steps.chunk_by(|a, b| a == b).max_by_key(|same| (same.len(), same[0])).map(|same| same[0]);
        Step {
            seen_g: seen,
            said_g: days.iter().rev().find_map(|(_, condition)| condition.division_g),
            registered_g: device.division_g,
        }
    }

    /// The latest of today and yesterday with enough levels says it.
    fn stuck(&self, days: &[&ConditionDay], today: LocalDay) -> Option<Stuck> {
        let mut late = days.iter().rev().filter(|(day, _)| today - *day < 2);
        let (on, condition) = late.find(|(_, condition)| condition.settled >= self.stuck_times)?;
        let is_stuck = condition.run >= self.stuck_times && condition.run_ms >= self.stuck_ms;
        let level_g = condition.run_g?;
        is_stuck.then_some(Stuck { on: *on, level_g, times: condition.run, for_ms: condition.run_ms })
    }

    /// The latest day on which enough cards were read says it.
    fn mute(&self, days: &[&ConditionDay], today: LocalDay) -> Option<Mute> {
        let mut late = days.iter().rev().filter(|(day, _)| today - *day < self.part_days);
        let (on, condition) = late.find(|(_, condition)| condition.reads >= self.mute_reads)?;
        let weighed = condition.settled + condition.unstable;
        (weighed == 0).then_some(Mute { on: *on, reads: condition.reads })
    }

    fn verification(&self, device: &Device, today: LocalDay) -> Verification {
        let Some(until) = device.verified_until else {
            // Weighing for payment or by law needs it; a vehicle's scale too.
            let weighs = device.kind.weighs() || !device.kind.reads_tags();
            return if weighs { Verification::NotStated } else { Verification::NotNeeded };
        };
        let days_left = until - today;
        if days_left < 0 {
            Verification::Overdue { until, days_over: -days_left }
        } else if days_left <= self.due_days {
            Verification::Due { until, days_left }
        } else {
            Verification::Holds { until, days_left }
        }
    }
}

/// Gives the middle of some numbers; of an even number the lower of the two.
fn middle(mut numbers: Vec<i64>) -> Option<i64> {
    numbers.sort_unstable();
    numbers.get(numbers.len().saturating_sub(1) / 2).copied()
}

/// Gives the middle of the slopes between every two days, milligrams a day.
fn slope_mg_per_day(known: &[(LocalDay, i64)]) -> Option<i64> {
    let mut slopes = Vec::new();
    for (at, (day, zero_g)) in known.iter().enumerate() {
        for (later, later_g) in &known[at + 1..] {
            let days = i64::from(*later - *day);
            if days > 0 {
                slopes.push(later_g.saturating_sub(*zero_g).saturating_mul(1_000) / days);
            }
        }
    }
    middle(slopes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::{DeviceKind, ScaleMode};

    const TODAY: LocalDay = LocalDay::from_number(20_000);

    fn scale() -> Device {
        Device {
            device: "s".into(),
            place: "P1".into(),
            kind: DeviceKind::Scale,
            station: None,
            profile: "native".into(),
            mode: ScaleMode::Platform,
            stream: None,
            max_g: Some(60_000),
            division_g: Some(20),
            min_g: Some(400),
            verified_until: None,
            after_read_s: None,
            before_read_s: None,
            together_s: None,
            validity: Default::default(),
        }
    }

    fn zeros(of: impl Fn(i32) -> Option<i64>) -> Vec<ConditionDay> {
        let day = |ago: i32| (TODAY - ago, Condition { zero_mid_g: of(27 - ago), ..Condition::default() });
        (0..28).rev().map(day).collect()
    }

    fn judge(days: &[ConditionDay]) -> ScaleHealth {
        ScaleRule::STANDARD.judge(&scale(), days, TODAY)
    }

    fn verdict(zero_g: i64) -> ZeroVerdict {
        judge(&zeros(|_| Some(zero_g))).zero.verdict
    }

    #[test]
    fn a_zero_holds_within_half_a_division_and_is_off_beyond_a_whole_one() {
        assert_eq!([verdict(0), verdict(10), verdict(-10)], [ZeroVerdict::Holds; 3]);
        assert_eq!([verdict(11), verdict(-20)], [ZeroVerdict::Near; 2]);
        assert_eq!([verdict(21), verdict(-21), verdict(2_400)], [ZeroVerdict::Off; 3]);
        // 4 % of 60 kg.
        assert_eq!(verdict(2_401), ZeroVerdict::OutOfRange);
    }

    #[test]
    fn one_bag_left_on_the_platform_overnight_is_no_drift_and_a_slow_creep_is() {
        let bag = judge(&zeros(|day| Some(if day == 20 { 9_000 } else { 0 }))).zero;
        assert_eq!((bag.now_g, bag.drift_mg_per_day, bag.verdict), (Some(0), Some(0), ZeroVerdict::Holds));
        // 1 g a day: 28 g in 28 days, from -20 g to 7 g.
        let creep = judge(&zeros(|day| Some(i64::from(day) - 20))).zero;
        assert_eq!((creep.now_g, creep.drift_mg_per_day, creep.verdict), (Some(6), Some(1_000), ZeroVerdict::Drifts));
        // Thirteen days are too few to say.
        let short = judge(&zeros(|day| (day >= 15).then_some(i64::from(day) - 20))).zero;
        assert_eq!((short.drift_mg_per_day, short.verdict), (None, ZeroVerdict::Holds));
    }

    #[test]
    fn an_old_zero_says_nothing_of_now_and_a_scale_that_tells_none_is_known_by_its_levels() {
        let old = judge(&zeros(|day| (day < 20).then_some(500))).zero;
        assert_eq!((old.now_g, old.verdict), (None, ZeroVerdict::Unknown));
        let day = |ago, below_zero| (TODAY - ago, Condition { below_zero, ..Condition::default() });
        assert_eq!(judge(&[day(3, 9), day(1, 2)]).zero.verdict, ZeroVerdict::Unknown);
        assert_eq!(judge(&[day(1, 2), day(0, 1)]).zero.verdict, ZeroVerdict::Off);
        assert_eq!(judge(&[]).zero.verdict, ZeroVerdict::Unknown);
    }

    #[test]
    fn the_step_is_what_most_days_show_and_little_weighing_shows_none() {
        let day =
            |ago, step_g, settled| (TODAY - ago, Condition { step_g: Some(step_g), settled, ..Condition::default() });
        let step = judge(&[day(4, 50, 90), day(3, 1, 90), day(2, 50, 20), day(1, 20, 19)]).step;
        assert_eq!((step.seen_g, step.differs()), (Some(50), Some(50)));
        assert_eq!(judge(&[day(2, 20, 40), day(1, 1, 40)]).step.differs(), None);
        assert_eq!(judge(&[day(1, 400, 3)]).step, Step { seen_g: None, said_g: None, registered_g: Some(20) });
        let unregistered = Device { division_g: None, ..scale() };
        assert_eq!(ScaleRule::STANDARD.judge(&unregistered, &[day(1, 50, 90)], TODAY).step.differs(), None);
        let said = Condition { division_g: Some(10), settled: 3, ..Condition::default() };
        assert_eq!(judge(&[(TODAY, said)]).step.differs(), Some(10));
    }

    #[test]
    fn a_scale_is_stuck_after_ten_equal_levels_over_ten_minutes_until_it_shows_others() {
        let run = |ago, run, minutes| {
            let run_ms = minutes * MINUTE_MS;
            (TODAY - ago, Condition { run, run_g: Some(740), run_ms, settled: run + 2, ..Condition::default() })
        };
        assert_eq!(judge(&[run(1, 10, 10)]).stuck.map(|stuck| (stuck.times, stuck.level_g)), Some((10, 740)));
        assert_eq!(judge(&[run(1, 9, 60)]).stuck, None);
        assert_eq!(judge(&[run(1, 40, 9)]).stuck, None);
        assert_eq!(judge(&[run(2, 40, 90)]).stuck, None, "two days ago");
        assert!(judge(&[run(1, 40, 90), run(0, 2, 5)]).stuck.is_some(), "four levels today say nothing yet");
        assert_eq!(judge(&[run(1, 40, 90), run(0, 8, 5)]).stuck, None);
    }

    #[test]
    fn a_scale_is_mute_when_twenty_cards_were_read_and_nothing_was_weighed() {
        let day = |ago, reads, settled, unstable| {
            (TODAY - ago, Condition { reads, settled, unstable, ..Condition::default() })
        };
        assert_eq!(judge(&[day(2, 20, 0, 0)]).mute, Some(Mute { on: TODAY - 2, reads: 20 }));
        assert_eq!(judge(&[day(2, 19, 0, 0)]).mute, None);
        assert_eq!(judge(&[day(2, 90, 0, 1)]).mute, None, "it moves");
        assert_eq!(judge(&[day(2, 90, 0, 0), day(1, 25, 3, 0)]).mute, None);
        assert!(judge(&[day(2, 90, 0, 0), day(1, 5, 3, 0)]).mute.is_some(), "five cards are too few to say otherwise");
    }

    #[test]
    fn parts_are_of_seven_days_and_speak_of_fifty_levels_or_more() {
        let day = |ago, settled, unstable, overload| {
            (TODAY - ago, Condition { settled, unstable, overload, ..Condition::default() })
        };
        let health = judge(&[day(7, 900, 0, 0), day(6, 30, 16, 0), day(0, 5, 0, 0)]);
        assert_eq!((health.unstable, health.unsteady), (ScalePart { part: 16, whole: 51 }, true));
        assert!(!judge(&[day(0, 33, 16, 0)]).unsteady, "49 levels");
        assert!(!judge(&[day(0, 100, 0, 5)]).unsteady, "five in a hundred are allowed");
        assert!(judge(&[day(0, 100, 0, 6)]).unsteady);
    }

    #[test]
    fn a_verification_is_due_thirty_days_before_it_is_overdue() {
        let of = |kind, verified_until| {
            let device = Device { kind, verified_until, ..scale() };
            ScaleRule::STANDARD.judge(&device, &[], TODAY).verification
        };
        let on = |days| of(DeviceKind::Scale, Some(TODAY + days));
        assert_eq!(on(31), Verification::Holds { until: TODAY + 31, days_left: 31 });
        assert_eq!(on(30), Verification::Due { until: TODAY + 30, days_left: 30 });
        assert_eq!(on(0), Verification::Due { until: TODAY, days_left: 0 });
        assert_eq!(on(-1), Verification::Overdue { until: TODAY - 1, days_over: 1 });
        assert_eq!(of(DeviceKind::Weighbridge, None), Verification::NotStated);
        assert_eq!(of(DeviceKind::TagReader, None), Verification::NotNeeded);
    }

    #[test]
    fn a_battery_is_low_below_its_kinds_limit_and_good_only_well_above() {
        let of = |mv| Battery::of(mv);
        assert_eq!([of(3_299), of(3_300), of(3_400)], [Battery::Low, Battery::Weak, Battery::Good]);
        assert_eq!([of(11_499), of(11_799), of(11_800)], [Battery::Low, Battery::Weak, Battery::Good]);
    }
}
