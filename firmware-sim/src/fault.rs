//! What goes wrong, and how often. Rates are per 10 000.

/// Fault rates of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// Visits whose card is never read.
    pub missed_card: u32,
    /// Visits made with a neighbour's card.
    pub neighbour_card: u32,
    /// Events delivered a second time, unchanged.
    pub duplicate: u32,
    /// Device days in which the uplink fails for two to eight hours; the events of that time come late.
    pub late_device_day: u32,
    /// Device days that lose a stretch of 5 to 60 events, declared nowhere.
    pub lost_stretch_device_day: u32,
    /// Device days that begin with a reboot.
    pub reboot_device_day: u32,
    /// Loads that show an unstable level first.
    pub unstable_first: u32,
    /// Loads that settle twice.
    pub settles_twice: u32,
    /// Days on which all devices of one hamlet are without power, in the middle of the history. 0: none.
    pub silent_hamlet_days: u32,
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
        }
    }

    /// Nothing goes wrong, and every load settles at once.
    #[must_use]
    pub fn none() -> Self {
        Self {
            missed_card: 0,
            neighbour_card: 0,
            duplicate: 0,
            late_device_day: 0,
            lost_stretch_device_day: 0,
            reboot_device_day: 0,
            unstable_first: 0,
            settles_twice: 0,
            silent_hamlet_days: 0,
        }
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::moderate()
    }
}
