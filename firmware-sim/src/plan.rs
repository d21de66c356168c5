//! Everything a run depends on: the commune, and which day goes wrong how for all.

use crate::calendar::{Day, MINUTE_MS};
use crate::commune::{Commune, key};
use crate::dice::mix;
use crate::fault::Faults;
use crate::season::is_holiday;

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// A commune and what goes wrong in it: everything a run depends on.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The register and its devices.
    pub commune: Commune,
    /// Fault rates.
    pub faults: Faults,
}

impl Plan {
    /// Whether the devices of hamlet `area` are without power on service day `day`.
    #[must_use]
    pub fn is_silent(&self, area: usize, day: Day) -> bool {
        let spec = &self.commune.spec;
        let unlucky = mix(spec.seed, &[11]) % key(self.commune.areas.len());
        let first = self.commune.origin.plus(i64::from(spec.days) / 2);
        let last = first.plus(i64::from(self.faults.silent_hamlet_days));
        key(area) == unlucky && day >= first && day < last
    }

    /// Whether nobody collects anywhere on `day`: a feast, or a storm.
    #[must_use]
    pub fn is_closed(&self, day: Day) -> bool {
        is_holiday(day) || self.is_storm(day)
    }

    /// Whether a storm keeps everybody at home on `day`.
    #[must_use]
    pub fn is_storm(&self, day: Day) -> bool {
        let spec = &self.commune.spec;
        let days = u64::from(spec.days);
        let drawn = |nth: u32| self.commune.origin.plus((mix(spec.seed, &[22, u64::from(nth)]) % days).cast_signed());
        (0..self.faults.storm_days).any(|nth| drawn(nth) == day)
    }

    /// When no broker can be reached, from and until, milliseconds since 1970 UTC.
    pub(crate) fn broker_outage(&self) -> Option<(i64, i64)> {
        let from_ms = self.commune.origin.plus(i64::from(self.commune.spec.days) * 2 / 3).midnight_ms() + 8 * HOUR_MS;
        let hours = i64::from(self.faults.broker_outage_hours);
        (hours > 0).then_some((from_ms, from_ms + hours * HOUR_MS))
    }
}
