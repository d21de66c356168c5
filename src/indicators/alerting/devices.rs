//! What one device shows: battery, missing events, conflicts, refusals, and its scale.

use crate::domain::alert::{AlertKind, Cause, Verdict};
use crate::domain::time::{HOUR_MS, Instant};
use crate::indicators::scale_health::{Battery, ScaleHealth, Verification, ZeroVerdict};

/// A conflict counts as new for so long: a week to look at what a device sent twice.
const CONFLICT_MS: i64 = 7 * 24 * HOUR_MS;
/// A refusal counts as new for so long.
const REFUSAL_MS: i64 = 24 * HOUR_MS;

/// Judges a battery, millivolts. `None`: it never said.
pub fn battery(battery_mv: Option<i64>) -> Verdict {
    let Some(battery_mv) = battery_mv else { return Verdict::Between };
    match Battery::of(battery_mv) {
        Battery::Low => Verdict::Holds(Cause::LowBattery { battery_mv }),
        Battery::Weak => Verdict::Between,
        Battery::Good => Verdict::Clear,
    }
}

/// Judges the number of events known to be missing.
pub const fn missing(events: i64) -> Verdict {
    if events > 0 { Verdict::Holds(Cause::Missing { events }) } else { Verdict::Clear }
}

/// Judges events held in conflict, with the time of the last.
pub const fn conflict(events: i64, last: Instant, now: Instant) -> Verdict {
    if events > 0 && now.since(last) < CONFLICT_MS {
        Verdict::Holds(Cause::Conflict { events, last })
    } else {
        Verdict::Clear
    }
}

/// Judges how often the broker refused a device something, with the time of the last.
pub const fn refused(times: i64, last: Instant, now: Instant) -> Verdict {
    if times > 0 && now.since(last) < REFUSAL_MS {
        Verdict::Holds(Cause::Refused { times, last })
    } else {
        Verdict::Clear
    }
}

/// Judges a scale: each kind with its verdict.
pub fn scale(health: &ScaleHealth) -> Vec<(AlertKind, Verdict)> {
    let of = |kind: AlertKind, cause: Option<Cause>| (kind, cause.map_or(Verdict::Clear, Verdict::Holds));
    let (due, overdue) = match health.verification {
        Verification::Due { until, .. } => (Some(Cause::VerificationDue { until }), None),
        Verification::Overdue { until, .. } => (None, Some(Cause::VerificationOverdue { until })),
        Verification::NotNeeded | Verification::NotStated | Verification::Holds { .. } => (None, None),
    };
    let unsteady = Cause::ScaleUnsteady {
        unstable: health.unstable.part,
        overload: health.overload.part,
        levels: health.unstable.whole,
    };
    let step = health.step.differs().zip(health.step.registered_g);
    vec![
        (AlertKind::ScaleZero, zero(health)),
        of(AlertKind::ScaleStep, step.map(|(seen_g, registered_g)| Cause::ScaleStep { seen_g, registered_g })),
        of(
            AlertKind::ScaleStuck,
            health.stuck.map(|stuck| Cause::ScaleStuck {
                level_g: stuck.level_g,
                times: stuck.times,
                for_ms: stuck.for_ms,
                on: stuck.on,
            }),
        ),
        of(AlertKind::ScaleMute, health.mute.map(|mute| Cause::ScaleMute { reads: mute.reads, on: mute.on })),
        of(AlertKind::ScaleUnsteady, health.unsteady.then_some(unsteady)),
        of(AlertKind::VerificationDue, due),
        of(AlertKind::VerificationOverdue, overdue),
    ]
}

/// A zero is off beyond a division, and in order again within half of one.
fn zero(health: &ScaleHealth) -> Verdict {
    let zero = &health.zero;
    match zero.verdict {
        ZeroVerdict::Off | ZeroVerdict::OutOfRange => {
            Verdict::Holds(Cause::ScaleZero { zero_g: zero.now_g, division_g: zero.division_g.unwrap_or(0) })
        }
        ZeroVerdict::Near | ZeroVerdict::Drifts | ZeroVerdict::Unknown => Verdict::Between,
        ZeroVerdict::Holds => Verdict::Clear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::condition::Condition;
    use crate::domain::register::{Device, DeviceKind, ScaleMode};
    use crate::domain::time::LocalDay;
    use crate::indicators::scale_health::ScaleRule;

    const NOW: Instant = Instant::from_ms(1_795_399_200_000);

    #[test]
    fn a_battery_is_an_alert_below_the_limit_and_none_only_when_charged() {
        assert_eq!(battery(Some(3_299)), Verdict::Holds(Cause::LowBattery { battery_mv: 3_299 }));
        assert_eq!([battery(Some(3_350)), battery(None)], [Verdict::Between, Verdict::Between]);
        assert_eq!(battery(Some(3_400)), Verdict::Clear);
    }

    #[test]
    fn a_conflict_is_an_alert_for_a_week_and_a_refusal_for_a_day() {
        let hours = |hours: i64| NOW.plus_ms(-hours * HOUR_MS);
        assert!(matches!(conflict(2, hours(167), NOW), Verdict::Holds(Cause::Conflict { events: 2, .. })));
        assert_eq!(conflict(2, hours(168), NOW), Verdict::Clear);
        assert!(matches!(refused(9, hours(23), NOW), Verdict::Holds(Cause::Refused { times: 9, .. })));
        assert_eq!(refused(9, hours(24), NOW), Verdict::Clear);
        assert_eq!([refused(0, NOW, NOW), missing(0)], [Verdict::Clear, Verdict::Clear]);
    }

    #[test]
    fn a_zero_that_was_off_is_in_order_again_only_within_half_a_division() {
        let today = LocalDay::from_number(20_000);
        let device = Device {
            device: "s".into(),
            place: "P1".into(),
            kind: DeviceKind::Scale,
            station: None,
            profile: "native".into(),
            mode: ScaleMode::Platform,
            stream: None,
            max_g: None,
            division_g: Some(20),
            min_g: None,
            verified_until: Some(today - 1),
            after_read_s: None,
            before_read_s: None,
            together_s: None,
            validity: Default::default(),
        };
        let verdicts = |zero_g| {
            let day = (today, Condition { zero_mid_g: Some(zero_g), ..Condition::default() });
            scale(&ScaleRule::STANDARD.judge(&device, &[day], today))
        };
        let zero = |zero_g| verdicts(zero_g)[0].1.clone();
        let off = Verdict::Holds(Cause::ScaleZero { zero_g: Some(-25), division_g: 20 });
        assert_eq!([zero(-25), zero(-15), zero(10)], [off, Verdict::Between, Verdict::Clear]);
        let held: Vec<AlertKind> =
            verdicts(0).into_iter().filter(|(_, v)| matches!(v, Verdict::Holds(_))).map(|(kind, _)| kind).collect();
        assert_eq!(held, [AlertKind::VerificationOverdue]);
    }
}
