//! What goes wrong, and how often. Rates are per 10 000, but for fields whose name says another unit.

use serde::{Deserialize, Serialize};

/// Faults of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// Visits whose card is never read.
    pub missed_card: u32,
    /// Visits made with a neighbour's card.
    pub neighbour_card: u32,
    /// Households that have exchanged cards with their neighbour for good; the register does not know.
    #[serde(default)]
    pub swapped_cards: u32,
    /// Events delivered a second time, unchanged.
    pub duplicate: u32,
    /// Events that stand after their successor in an envelope.
    #[serde(default)]
    pub reordered: u32,
    /// Device days in which the uplink fails for two to eight hours; the events of that time come late.
    pub late_device_day: u32,
    /// Device days with up to four failures of the uplink, each of 2 to 20 minutes.
    #[serde(default)]
    pub burst_device_day: u32,
    /// Hours without broker for everybody, in the middle of the history. 0: none.
    #[serde(default)]
    pub broker_outage_hours: u32,
    /// Device days that lose a stretch of 5 to 60 events, declared nowhere.
    pub lost_stretch_device_day: u32,
    /// Device days without uplink on a small flash: the oldest events are lost, and declared.
    #[serde(default)]
    pub full_flash_device_day: u32,
    /// Events that small flash holds; below 8 counts as 8.
    #[serde(default)]
    pub flash_events: u32,
    /// Device days that begin with a reboot.
    pub reboot_device_day: u32,
    /// Device days that begin with a new unit, or a wiped one: a new log.
    #[serde(default)]
    pub replaced_device_day: u32,
    /// Each device's clock is off by up to this many seconds, either way.
    #[serde(default)]
    pub clock_skew_s: u32,
    /// Clocks are set at the start only and drift by up to this many millionths, either way. 0: set daily.
    #[serde(default)]
    pub clock_drift_ppm: u32,
    /// Device days on which the clock jumps by up to a day, either way, until the next day.
    #[serde(default)]
    pub clock_jump_device_day: u32,
    /// Device days that begin with a reboot and without any time, for one to four hours.
    #[serde(default)]
    pub clock_unset_device_day: u32,
    /// Loads that show an unstable level first.
    pub unstable_first: u32,
    /// Loads that settle twice.
    pub settles_twice: u32,
    /// Loads before which somebody steps on the platform: a level over the maximum.
    #[serde(default)]
    pub overload_first: u32,
    /// A scale's zero lies up to this far off within a day, grams.
    #[serde(default)]
    pub zero_drift_g: u32,
    /// A scale's span is off by up to this many millionths.
    #[serde(default)]
    pub span_ppm: u32,
    /// A level reached from above reads this much more, grams.
    #[serde(default)]
    pub hysteresis_g: u32,
    /// Device days with half an envelope.
    #[serde(default)]
    pub malformed_device_day: u32,
    /// Device days with an envelope beyond the contract's size.
    #[serde(default)]
    pub oversized_device_day: u32,
    /// Device days with an envelope under a name nobody has registered.
    #[serde(default)]
    pub wrong_device_day: u32,
    /// Device days on which the first envelope comes again, retained.
    #[serde(default)]
    pub retained_replay_device_day: u32,
    /// Days on which all devices of one hamlet are without power, in the middle of the history. 0: none.
    pub silent_hamlet_days: u32,
    /// Days of the history on which a storm keeps everybody at home, drawn by the seed.
    #[serde(default)]
    pub storm_days: u32,
}

impl Faults {
    /// A well-kept commune on an ordinary month.
    #[must_use]
    pub fn moderate() -> Self {
        Self {
            missed_card: 200,
            neighbour_card: 20,
            duplicate: 100,
            late_device_day: 400,
            lost_stretch_device_day: 40,
            reboot_device_day: 20,
            unstable_first: 1_500,
            settles_twice: 800,
            silent_hamlet_days: 2,
            ..Self::none()
        }
    }

    /// Everything at once, harder than any real month: 2 % missed reads, 1 % duplicates, about 5 % of events
    /// late by hours, clocks that are off, drift, jump and are unset, and all the rest.
    #[must_use]
    pub fn all_at_once() -> Self {
        Self {
            missed_card: 200,
            neighbour_card: 50,
            swapped_cards: 50,
            duplicate: 100,
            reordered: 100,
            late_device_day: 900,
            burst_device_day: 2_000,
            broker_outage_hours: 6,
            lost_stretch_device_day: 100,
            full_flash_device_day: 150,
            flash_events: 48,
            reboot_device_day: 300,
            replaced_device_day: 100,
            clock_skew_s: 40,
            clock_drift_ppm: 40,
            clock_jump_device_day: 200,
            clock_unset_device_day: 300,
            unstable_first: 1_500,
            settles_twice: 800,
            overload_first: 100,
            // One division of the platform a day, as R 76-1, 3.9.2.3 allows for 5 °C.
            zero_drift_g: 20,
            // R 76-1, 3.5.1: half a division up to 500 of them is 1 000 millionths at 10 kg.
            span_ppm: 1_000,
            // R 76-1, 3.9.4.2: zero return within half a division.
            hysteresis_g: 10,
            malformed_device_day: 200,
            oversized_device_day: 50,
            wrong_device_day: 100,
            retained_replay_device_day: 200,
            silent_hamlet_days: 2,
            storm_days: 1,
        }
    }

    /// Nothing goes wrong, and every load settles at once.
    #[must_use]
    pub fn none() -> Self {
        Self {
            missed_card: 0,
            neighbour_card: 0,
            swapped_cards: 0,
            duplicate: 0,
            reordered: 0,
            late_device_day: 0,
            burst_device_day: 0,
            broker_outage_hours: 0,
            lost_stretch_device_day: 0,
            full_flash_device_day: 0,
            flash_events: 0,
            reboot_device_day: 0,
            replaced_device_day: 0,
            clock_skew_s: 0,
            clock_drift_ppm: 0,
            clock_jump_device_day: 0,
            clock_unset_device_day: 0,
            unstable_first: 0,
            settles_twice: 0,
            overload_first: 0,
            zero_drift_g: 0,
            span_ppm: 0,
            hysteresis_g: 0,
            malformed_device_day: 0,
            oversized_device_day: 0,
            wrong_device_day: 0,
            retained_replay_device_day: 0,
            silent_hamlet_days: 0,
            storm_days: 0,
        }
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::moderate()
    }
}
