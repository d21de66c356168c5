//! The device's idea of the time: unset, set lately, or set long ago and drifting.

/// A clock set within this time is `synced`; later it is `holdover`.
const SYNCED_MS: i64 = 86_400_000;
/// Upper bound of a `lost` event's length in an envelope, bytes.
pub(super) const LOST_BYTES: usize = 200;

/// How far an event's wall-clock time can be trusted, as the contract words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockGrade {
    /// Set within the last day.
    Synced,
    /// Set earlier in this boot, drifting since.
    Holdover,
    /// Not set in this boot.
    Unset,
}

/// When an event was captured. Fixed when it is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Start of the device.
    pub boot: u32,
    /// Milliseconds since that start.
    pub ms: i64,
    /// The device's own idea of the time, milliseconds since 1970 UTC. `None`: it has none.
    pub at_ms: Option<i64>,
    /// How good that is.
    pub clock: ClockGrade,
}

/// A clock that runs on the time since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clock {
    /// Wall-clock time at the start, and the uptime when it was set.
    set: Option<(i64, i64)>,
}

impl Clock {
    /// Sets it to `now_ms` (milliseconds since 1970 UTC) at `uptime_ms` (since the start).
    pub fn set(&mut self, now_ms: i64, uptime_ms: i64) {
        self.set = Some((now_ms - uptime_ms, uptime_ms));
    }

    /// Takes an acknowledgement's `now`, unless it was set within the last day: a time that came over the
    /// network is late by the way it took.
    pub fn offer(&mut self, now_ms: i64, uptime_ms: i64) {
        match self.grade(uptime_ms) {
            ClockGrade::Synced => {}
            ClockGrade::Holdover | ClockGrade::Unset => self.set(now_ms, uptime_ms),
        }
    }

    /// How good it is at `uptime_ms`.
    #[must_use]
    pub fn grade(&self, uptime_ms: i64) -> ClockGrade {
        match self.set {
            None => ClockGrade::Unset,
            Some((_, set_ms)) if uptime_ms - set_ms <= SYNCED_MS => ClockGrade::Synced,
            Some(_) => ClockGrade::Holdover,
        }
    }

    /// Stamps an event captured at `uptime_ms` of start `boot`.
    #[must_use]
    pub fn stamp(&self, boot: u32, uptime_ms: i64) -> Stamp {
        Stamp {
            boot,
            ms: uptime_ms,
            at_ms: self.set.map(|(start_ms, _)| start_ms + uptime_ms),
            clock: self.grade(uptime_ms),
        }
    }
}
