//! What goes wrong at one device on one day: its uplink, its power, its clock, its flash.
//!
//! Drawn from dice of its own, so that a rate of zero leaves every other draw as it was.

use crate::calendar::{DAY_MS, Day, MINUTE_MS};
use crate::commune::key;
use crate::device_log::{Clock, ClockGrade, Stamp};
use crate::dice::Dice;
use crate::disturbance::Disturbance;
use crate::plan::Plan;
use crate::walk::day_key;

/// One device's day.
#[derive(Debug, Clone)]
pub(crate) struct DeviceDay {
    /// The uplink is down from, until; milliseconds since 1970 UTC.
    outages: Vec<(i64, i64)>,
    /// Flash holds so few events that the oldest are lost. `None`: enough.
    pub flash_events: Option<usize>,
    /// It starts anew.
    pub reboots: bool,
    /// The clock is off by this much from a moment on.
    jump: Option<(i64, i64)>,
    /// The device's own steady error, milliseconds, and its drift, millionths.
    skew_ms: i64,
    drift_ppm: i64,
    /// It has no time before this moment.
    unset_until_ms: Option<i64>,
    /// Messages out of order, by when they go.
    pub disturbances: Vec<(i64, Disturbance)>,
    /// The first envelope comes again, retained.
    pub replays: bool,
}

/// Whether `device` begins `day` with a new or wiped unit.
pub(crate) fn is_replaced(plan: &Plan, device: usize, day: Day) -> bool {
    let mut dice = Dice::new(plan.commune.spec.seed, &[18, key(device), day_key(day)]);
    day > plan.commune.origin && dice.chance(plan.faults.replaced_device_day)
}

impl DeviceDay {
    /// Draws the day of `device`, which is powered between `on_ms` and `off_ms`. `late` is an outage drawn
    /// already.
    pub fn draw(plan: &Plan, device: usize, day: Day, (on_ms, off_ms): (i64, i64), late: Option<(i64, i64)>) -> Self {
        let faults = &plan.faults;
        let seed = plan.commune.spec.seed;
        let mut own = Dice::new(seed, &[19, key(device)]);
        let mut dice = Dice::new(seed, &[20, key(device), day_key(day)]);
        let mut outages: Vec<(i64, i64)> = late.into_iter().chain(plan.broker_outage()).collect();
        if dice.chance(faults.burst_device_day) {
            for _ in 0..dice.between(1, 4) {
                let from_ms = dice.between(on_ms, off_ms);
                outages.push((from_ms, from_ms + dice.between(2, 20) * MINUTE_MS));
            }
        }
        let full = dice.chance(faults.full_flash_device_day);
        if full {
            outages.push((on_ms, off_ms + dice.between(5, 60) * MINUTE_MS));
        }
        let jumps = dice.chance(faults.clock_jump_device_day);
        let jump = (dice.between(on_ms, off_ms), dice.between(-DAY_MS, DAY_MS));
        let unset = dice.chance(faults.clock_unset_device_day);
        let unset_until_ms = on_ms + dice.between(60, 240) * MINUTE_MS;
        let skew = i64::from(faults.clock_skew_s) * 1_000;
        let drift = i64::from(faults.clock_drift_ppm);
        let mut disturbances = Vec::new();
        type Kind = fn(u64) -> Disturbance;
        let kinds: [(u32, Kind); 3] = [
            (faults.malformed_device_day, |salt| Disturbance::Malformed { salt }),
            (faults.oversized_device_day, |salt| Disturbance::Oversized { salt }),
            (faults.wrong_device_day, |salt| Disturbance::WrongDevice { salt }),
        ];
        for (rate, kind) in kinds {
            let (happens, at_ms, salt) = (dice.chance(rate), dice.between(on_ms, off_ms), Disturbance::salt(&mut dice));
            if happens {
                disturbances.push((at_ms, kind(salt)));
            }
        }
        Self {
            outages,
            flash_events: full.then(|| usize::try_from(faults.flash_events).unwrap_or(usize::MAX)),
            reboots: unset,
            jump: jumps.then_some(jump),
            skew_ms: own.between(-skew, skew),
            drift_ppm: own.between(-drift, drift),
            unset_until_ms: unset.then_some(unset_until_ms),
            disturbances,
            replays: dice.chance(faults.retained_replay_device_day),
        }
    }

    /// When something captured at `at_ms` can leave: at once, or after every outage it falls into.
    pub fn leaves_ms(&self, at_ms: i64) -> i64 {
        let mut leaves_ms = at_ms;
        // Each pass ends at least one outage for good.
        for _ in 0..=self.outages.len() {
            let held = self.outages.iter().filter(|(from, to)| (*from..*to).contains(&leaves_ms));
            leaves_ms = held.map(|(_, to)| *to).max().unwrap_or(leaves_ms);
        }
        leaves_ms
    }

    /// The device's own stamp of what it captures at `at_ms`, `ms` into start `boot`.
    pub fn stamp(&self, plan: &Plan, boot: u32, ms: i64, at_ms: i64) -> Stamp {
        if self.unset_until_ms.is_some_and(|until_ms| at_ms < until_ms) {
            return Stamp { boot, ms, at_ms: None, clock: ClockGrade::Unset };
        }
        let mut clock = Clock::default();
        let drifting = plan.faults.clock_drift_ppm > 0;
        let set_ms = if drifting { 0 } else { ms };
        clock.set(at_ms - ms + set_ms, set_ms);
        let stamp = clock.stamp(boot, ms);
        let jump_ms = self.jump.filter(|(from_ms, _)| at_ms >= *from_ms).map_or(0, |(_, by_ms)| by_ms);
        let off_ms = self.skew_ms + ms * self.drift_ppm / 1_000_000 + jump_ms;
        Stamp { at_ms: stamp.at_ms.map(|shown_ms| shown_ms + off_ms), ..stamp }
    }
}
