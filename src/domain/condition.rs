//! What a device's own events of a day tell of its condition: battery, empty scale, levels, clock.
//!
//! Owns the counts and extremes of one device and one local day; what follows from several days is `indicators`'.
//!
//! # Why
//! A day's heartbeats are hundreds of rows, and a question about a scale's zero asks weeks of them. So each day is condensed once,
//! when its events come, and a page reads thirty small rows instead of ten thousand heartbeats.

use serde::{Deserialize, Serialize};

use super::attribution::{Observed, below_min, overloaded};
use super::reading::{Event, Grade, Weight};
use super::register::{Device, ScaleMode};
use super::time::Instant;

/// What one heartbeat says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Battery, millivolts. `None`: not said.
    pub battery_mv: Option<i64>,
    /// Indication of the empty scale, grams. `None`: not said.
    pub zero_g: Option<i64>,
}

/// A device's condition on a local day.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Condition {
    /// Lowest battery said, millivolts. `None`: none was said.
    pub battery_low_mv: Option<i64>,
    /// Last battery said, millivolts.
    pub battery_last_mv: Option<i64>,
    /// Heartbeats that say what the empty scale shows.
    pub zeros: i64,
    /// The least of these, grams. `None`: none was said.
    pub zero_low_g: Option<i64>,
    /// The middle one, grams; of an even number the lower of the two.
    pub zero_mid_g: Option<i64>,
    /// The greatest, grams.
    pub zero_high_g: Option<i64>,
    /// Settled levels, lifts and tickets; calibration left out.
    pub settled: i64,
    /// Levels that had not settled; calibration left out.
    pub unstable: i64,
    /// Of the settled ones, over the scale's limit.
    pub overload: i64,
    /// Of these, above zero and below the scale's minimum.
    pub below_min: i64,
    /// Of these, below zero by more than a division.
    pub below_zero: i64,
    /// Greatest common divisor of the settled gross masses: the step of the display once there are enough of them, grams.
    /// `None`: nothing but zero was weighed.
    pub step_g: Option<i64>,
    /// The division that the last level named, grams. `None`: none did.
    pub division_g: Option<i64>,
    /// Most settled levels in a row that were the same and not zero.
    pub run: i64,
    /// That level, net grams. `None`: there was none.
    pub run_g: Option<i64>,
    /// From the first to the last of them, milliseconds.
    pub run_ms: i64,
    /// Tags read beside the scale within the rounds that need it; of a tag reader its own.
    pub reads: i64,
    /// Events in use whose time was rebuilt from the uptime.
    pub rebuilt: i64,
    /// … known from the events around them.
    pub neighbour: i64,
    /// … known by arrival only.
    pub received: i64,
}

impl Condition {
    /// Condenses one device's day.
    ///
    /// `beats` are its heartbeats and `events` its other events, both in order of time; `reads` are the times at which tags were
    /// read beside it within the rounds that need it, in order.
    pub fn of_day(beats: &[Beat], events: &[Observed], device: &Device, reads: &[Instant]) -> Self {
        let mut condition = Self { reads: whole(reads.len()), ..Self::default() };
        condition.hear(beats);
        let mut run = Run::default();
        for observed in events {
            condition.grade(observed.grade);
            match &observed.reading.event {
                Event::Weight(weight) if weight.stable && !weight.maintenance => {
                    condition.level(weight, device);
                    let is_new = device.mode != ScaleMode::Bin || run.is_read_since(observed.time, reads);
                    run.add(weight.net_g(), observed.time, is_new);
                    condition.keep_run(&run);
                }
                Event::Lift { gross_g, .. } | Event::Ticket { gross_g, .. } => {
                    condition.settled += 1;
                    condition.step(*gross_g);
                }
                Event::Weight(weight) => condition.unstable += i64::from(!weight.maintenance),
                Event::Tag { .. } | Event::Heartbeat { .. } | Event::Lost { .. } => {}
            }
        }
        condition
    }

    /// Tells whether nothing was told.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn hear(&mut self, beats: &[Beat]) {
        self.battery_low_mv = beats.iter().filter_map(|beat| beat.battery_mv).min();
        self.battery_last_mv = beats.iter().rev().find_map(|beat| beat.battery_mv);
        let mut zeros: Vec<i64> = beats.iter().filter_map(|beat| beat.zero_g).collect();
        zeros.sort_unstable();
        self.zeros = whole(zeros.len());
        self.zero_low_g = zeros.first().copied();
        self.zero_mid_g = zeros.get(zeros.len().saturating_sub(1) / 2).copied();
        self.zero_high_g = zeros.last().copied();
    }

    fn grade(&mut self, grade: Grade) {
        match grade {
            Grade::Device => {}
            Grade::Rebuilt => self.rebuilt += 1,
            Grade::Neighbour => self.neighbour += 1,
            Grade::Received => self.received += 1,
        }
    }

    fn level(&mut self, weight: &Weight, device: &Device) {
        let net_g = weight.net_g();
        self.settled += 1;
        self.overload += i64::from(overloaded(weight, device));
        self.below_min += i64::from(net_g > 0 && below_min(weight, net_g, device));
        let division_g = weight.division_g.or(device.division_g).unwrap_or(0);
        self.below_zero += i64::from(net_g < -division_g);
        self.division_g = weight.division_g.or(self.division_g);
        self.step(weight.gross_g);
    }

    fn step(&mut self, gross_g: i64) {
        // Tare is typed or taken, and need not lie on the display's steps; the gross mass does.
        let gross_g = gross_g.saturating_abs();
        if gross_g > 0 {
            self.step_g = Some(common_divisor(self.step_g.unwrap_or(0), gross_g));
        }
    }

    fn keep_run(&mut self, run: &Run) {
        if run.length > self.run {
            self.run = run.length;
            self.run_g = Some(run.net_g);
            self.run_ms = run.last.since(run.first);
        }
    }
}

/// Equal levels in a row.
#[derive(Debug)]
struct Run {
    net_g: i64,
    length: i64,
    first: Instant,
    last: Instant,
}

impl Default for Run {
    fn default() -> Self {
        Self { net_g: 0, length: 0, first: Instant::from_ms(0), last: Instant::from_ms(0) }
    }
}

impl Run {
    /// Tells whether a tag was read since the last level of the run: a bin that nobody fills rightly shows what it showed.
    fn is_read_since(&self, time: Instant, reads: &[Instant]) -> bool {
        let after = reads.partition_point(|read| *read <= self.last);
        reads.get(after).is_some_and(|read| *read <= time)
    }

    fn add(&mut self, net_g: i64, time: Instant, is_new: bool) {
        if net_g == 0 {
            *self = Self::default();
        } else if self.length == 0 || net_g != self.net_g {
            *self = Self { net_g, length: 1, first: time, last: time };
        } else if is_new {
            self.length += 1;
            self.last = time;
        }
    }
}

/// Gives the greatest common divisor of two numbers that are not negative; that of 0 and a number is the number.
pub fn common_divisor(one: i64, other: i64) -> i64 {
    let (mut greater, mut less) = (one.max(other), one.min(other));
    while less > 0 {
        (greater, less) = (less, greater % less);
    }
    greater
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::EventId;
    use crate::domain::reading::{ClockState, Reading};
    use crate::domain::register::{DeviceKind, Validity};

    fn scale(mode: ScaleMode) -> Device {
        Device {
            device: "s".into(),
            place: "P1".into(),
            kind: DeviceKind::Scale,
            station: None,
            profile: "native".into(),
            mode,
            stream: None,
            max_g: Some(60_000),
            division_g: Some(20),
            min_g: Some(400),
            verified_until: None,
            after_read_s: None,
            before_read_s: None,
            together_s: None,
            validity: Validity::default(),
        }
    }

    fn at(second: i64, event: Event) -> Observed {
        let time = Instant::from_ms(second * 1_000);
        let id = EventId { device: "s".into(), log: "0a".into(), seq: second };
        Observed {
            reading: Reading {
                id,
                boot: 1,
                ms: 0,
                at: Some(time),
                clock: ClockState::Synced,
                sent_ms: None,
                received: time,
                simulated: false,
                event,
                extra: String::new(),
            },
            time,
            grade: Grade::Device,
        }
    }

    fn level(second: i64, gross_g: i64) -> Observed {
        let weight = Weight {
            gross_g,
            tare_g: 0,
            stable: true,
            load: None,
            stream: None,
            division_g: None,
            range: None,
            maintenance: false,
        };
        at(second, Event::Weight(weight))
    }

    fn of(events: &[Observed], mode: ScaleMode, reads: &[i64]) -> Condition {
        let reads: Vec<Instant> = reads.iter().map(|second| Instant::from_ms(second * 1_000)).collect();
        Condition::of_day(&[], events, &scale(mode), &reads)
    }

    #[test]
    fn heartbeats_give_the_battery_and_the_middle_of_the_zeros() {
        let beat = |battery_mv, zero_g| Beat { battery_mv, zero_g };
        let beats = [beat(Some(12_600), Some(-3)), beat(Some(12_100), None), beat(Some(12_400), Some(40))];
        let condition = Condition::of_day(&beats, &[], &scale(ScaleMode::Platform), &[]);
        assert_eq!((condition.battery_low_mv, condition.battery_last_mv), (Some(12_100), Some(12_400)));
        assert_eq!(condition.zeros, 2);
        // Of two the lower: no zero is made up that no heartbeat said.
        let zeros = (condition.zero_low_g, condition.zero_mid_g, condition.zero_high_g);
        assert_eq!(zeros, (Some(-3), Some(-3), Some(40)));
        assert!(Condition::of_day(&[beat(None, None)], &[], &scale(ScaleMode::Platform), &[]).is_empty());
    }

    #[test]
    fn the_step_is_what_all_gross_masses_are_multiples_of() {
        let condition = of(&[level(1, 1_240), level(2, 380), level(3, 0), level(4, 60)], ScaleMode::Platform, &[]);
        assert_eq!((condition.step_g, condition.settled, condition.below_min), (Some(20), 4, 2));
        assert_eq!(of(&[level(1, 0)], ScaleMode::Platform, &[]).step_g, None);
        assert_eq!(of(&[level(1, -40), level(2, 100)], ScaleMode::Platform, &[]).step_g, Some(20));
    }

    #[test]
    fn limits_are_judged_as_for_pickups() {
        // Max + 9 e is still indicated; a gram more is an overload. A division below zero is none yet.
        let levels = [level(1, 60_180), level(2, 60_181), level(3, 399), level(4, 400), level(5, -20), level(6, -21)];
        let condition = of(&levels, ScaleMode::Platform, &[]);
        assert_eq!((condition.overload, condition.below_min, condition.below_zero), (1, 1, 1));
    }

    #[test]
    fn equal_levels_in_a_row_are_counted_until_another_or_zero() {
        let levels = [level(1, 500), level(2, 700), level(62, 700), level(182, 700), level(200, 0), level(210, 700)];
        let condition = of(&levels, ScaleMode::Platform, &[]);
        assert_eq!((condition.run, condition.run_g, condition.run_ms), (3, Some(700), 180_000));
        assert_eq!(of(&[level(1, 0), level(2, 0)], ScaleMode::Platform, &[]).run, 0);
    }

    #[test]
    fn a_bin_that_nobody_fills_is_not_stuck() {
        let levels = [level(10, 700), level(20, 700), level(30, 700), level(40, 700)];
        assert_eq!(of(&levels, ScaleMode::Bin, &[]).run, 1);
        assert_eq!(of(&levels, ScaleMode::Bin, &[5, 25, 28]).run, 2);
        assert_eq!(of(&levels, ScaleMode::Bin, &[5, 15, 25, 35]).run, 4);
    }

    #[test]
    fn calibration_tells_nothing_and_a_level_that_swings_only_that() {
        let mut test_load = level(1, 333);
        let mut swinging = level(2, 777);
        for (observed, maintenance, stable) in [(&mut test_load, true, true), (&mut swinging, false, false)] {
            if let Event::Weight(weight) = &mut observed.reading.event {
                (weight.maintenance, weight.stable) = (maintenance, stable);
            }
        }
        let condition = of(&[test_load, swinging], ScaleMode::Platform, &[]);
        assert_eq!(condition, Condition { unstable: 1, ..Condition::default() });
    }

    #[test]
    fn a_divisor_of_nothing_is_the_other_number() {
        assert_eq!((common_divisor(0, 7), common_divisor(12, 18), common_divisor(17, 5)), (7, 6, 1));
    }
}
