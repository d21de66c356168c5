//! Readings: events as a device captured them, and how far their time can be trusted.

use serde::{Deserialize, Serialize};

use super::ids::{EventId, StreamCode, TagUid};
use super::state::word;
use super::time::{Instant, MINUTE_MS};

word!(
    /// What the device knew of the time when it logged the event.
    ClockState {
        /// Set within the last day.
        Synced = "synced",
        /// Set earlier in this boot, drifting.
        Holdover = "holdover",
        /// Never set in this boot.
        Unset = "unset",
    }
);

word!(
    /// How an event's time is known, best first.
    Grade {
        /// By the device's own clock.
        Device = "device",
        /// From the receive time and the device's uptime.
        Rebuilt = "rebuilt",
        /// Between graded events of the same boot.
        Neighbour = "neighbour",
        /// By arrival only: adds tonnage on that day, is no household evidence.
        Received = "received",
    }
);

word!(
    /// A weight's range as the scale itself judged it.
    Range {
        /// Within Min ..= Max.
        Ok = "ok",
        /// Below Min: presence counts, the weight is flagged.
        BelowMin = "below_min",
        /// Over Max: never used.
        Overload = "overload",
    }
);

/// What was captured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A tag was read.
    Tag {
        /// Its number.
        uid: TagUid,
        /// `hf`, `uhf`, `lf` or `qr`.
        tech: String,
        /// Signal strength, dBm.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        rssi_dbm: Option<i64>,
        /// Antenna number.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        antenna: Option<i64>,
    },
    /// A level of a scale.
    Weight(Weight),
    /// A vehicle lift: identity and weight in one event.
    Lift {
        /// The tag.
        uid: TagUid,
        /// Gross mass, grams.
        gross_g: i64,
        /// Tare, grams.
        tare_g: i64,
        /// Stream.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        stream: Option<StreamCode>,
    },
    /// A weighbridge ticket.
    Ticket {
        /// Vehicle.
        vehicle: String,
        /// Gross mass, grams.
        gross_g: i64,
        /// Tare, grams.
        tare_g: i64,
        /// Stream.
        stream: StreamCode,
        /// Destination.
        destination: String,
        /// Ticket number.
        ticket: String,
    },
    /// Sign of life.
    Heartbeat {
        /// Battery, millivolts.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        battery_mv: Option<i64>,
        /// Signal strength, dBm.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        rssi_dbm: Option<i64>,
        /// Events waiting in the device.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        queued: Option<i64>,
        /// Indication of the empty scale, grams.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        zero_g: Option<i64>,
    },
    /// These numbers of this log are gone for ever.
    Lost {
        /// First.
        from: i64,
        /// Last.
        to: i64,
    },
}

/// A level of a scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    /// Gross mass, grams.
    pub gross_g: i64,
    /// Tare, grams.
    pub tare_g: i64,
    /// The level had settled. Unstable levels are never used.
    pub stable: bool,
    /// Number of this device's departures from zero.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub load: Option<i64>,
    /// Stream.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stream: Option<StreamCode>,
    /// Scale division, grams.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub division_g: Option<i64>,
    /// The scale's own judgement.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub range: Option<Range>,
    /// Calibration or test: never waste.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub maintenance: bool,
}

impl Weight {
    /// Gives the net mass, grams; negative for a scale below zero.
    pub fn net_g(&self) -> i64 {
        self.gross_g.saturating_sub(self.tare_g)
    }
}

impl Event {
    /// Gives gross mass and tare, grams. `None`: the event weighs nothing.
    pub const fn masses_g(&self) -> Option<(i64, i64)> {
        match self {
            Self::Weight(weight) => Some((weight.gross_g, weight.tare_g)),
            Self::Lift { gross_g, tare_g, .. } | Self::Ticket { gross_g, tare_g, .. } => Some((*gross_g, *tare_g)),
            Self::Tag { .. } | Self::Heartbeat { .. } | Self::Lost { .. } => None,
        }
    }

    /// Gives the type's word on the wire.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Tag { .. } => "tag",
            Self::Weight(_) => "weight",
            Self::Lift { .. } => "lift",
            Self::Ticket { .. } => "ticket",
            Self::Heartbeat { .. } => "heartbeat",
            Self::Lost { .. } => "lost",
        }
    }
}

/// A stored reading: identity, content, and when it was first received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Identity.
    pub id: EventId,
    /// Number of the boot in which it was captured.
    pub boot: i64,
    /// Milliseconds since that boot, at capture.
    pub ms: i64,
    /// The device's own time. `None`: it had none.
    pub at: Option<Instant>,
    /// What the device knew of the time.
    pub clock: ClockState,
    /// Milliseconds since the same boot at sending; `None` where the envelope gave none or another boot's.
    pub sent_ms: Option<i64>,
    /// First receive time.
    pub received: Instant,
    /// Made by a simulator.
    pub simulated: bool,
    /// Content.
    pub event: Event,
    /// Members that this version does not know, as JSON; empty when there are none.
    pub extra: String,
}

/// 2020-01-01T00:00Z: a device's clock before it was never set.
const EARLIEST_PLAUSIBLE: Instant = Instant::from_ms(1_577_836_800_000);
pub(super) const FUTURE_TOLERANCE_MS: i64 = 5 * MINUTE_MS;
pub(super) const UPTIME_TOLERANCE_MS: i64 = 2 * MINUTE_MS;

impl Reading {
    /// Gives the capture time as far as the uptime tells: receive time less the event's age at sending.
    pub fn uptime_estimate(&self) -> Option<Instant> {
        let age_ms = self.sent_ms?.checked_sub(self.ms)?;
        (age_ms >= 0).then(|| self.received.plus_ms(-age_ms))
    }

    /// Grades the reading's time by what the reading itself holds.
    ///
    /// `device` needs a set clock, a time from 2020 on, at most 5 min after receipt, and within 2 min of the uptime
    /// estimate where there is one; else the uptime estimate; else the time of receipt, which neighbours may better
    /// ([`regrade`](super::neighbour::regrade)).
    pub fn graded_time(&self) -> (Instant, Grade) {
        let estimate = self.uptime_estimate();
        let clock_set = match self.clock {
            ClockState::Synced | ClockState::Holdover => true,
            ClockState::Unset => false,
        };
        if let Some(at) = self.at {
            let plausible = clock_set
                && at >= EARLIEST_PLAUSIBLE
                && at.since(self.received) <= FUTURE_TOLERANCE_MS
                && estimate.is_none_or(|estimate| at.since(estimate).abs() <= UPTIME_TOLERANCE_MS);
            if plausible {
                return (at, Grade::Device);
            }
        }
        match estimate {
            Some(estimate) if estimate >= EARLIEST_PLAUSIBLE => (estimate, Grade::Rebuilt),
            Some(_) | None => (self.received, Grade::Received),
        }
    }

    /// Tells whether two readings of one identity say the same, compared as parsed values.
    pub fn same_content(&self, other: &Reading) -> bool {
        self.boot == other.boot
            && self.ms == other.ms
            && self.at == other.at
            && self.clock == other.clock
            && self.simulated == other.simulated
            && self.event == other.event
            && self.extra == other.extra
    }
}
