//! An event of a device's log, before its bytes.

use crate::calendar::Stream;
use crate::commune::{Capacity, Uid};
use crate::device_log::{ClockGrade, Span};

/// What an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// A card was read.
    Tag {
        /// Its chip number.
        uid: Uid,
    },
    /// A level.
    Weight {
        /// Grams.
        gross_g: i64,
        /// Settled.
        stable: bool,
        /// Departure from zero it belongs to; `None` on a bin.
        load: Option<u64>,
        /// Stream chosen.
        stream: Stream,
        /// Limits of the scale.
        capacity: Capacity,
    },
    /// Powered and well.
    Heartbeat {
        /// Battery, millivolts.
        battery_mv: i64,
        /// Signal, dBm.
        rssi_dbm: i64,
        /// What the empty scale shows, grams. None: the device has no scale.
        zero_g: Option<i64>,
    },
    /// These numbers of the log are gone for ever.
    Lost {
        /// From, to.
        span: Span,
    },
}

/// An event of a device's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Log it belongs to.
    pub log: u32,
    /// 1 and up, without holes.
    pub seq: u64,
    /// Start it belongs to, 1 and up.
    pub boot: u32,
    /// Milliseconds since that start.
    pub ms: i64,
    /// True time of capture, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// What the device's clock said then. `None`: it had no time.
    pub clock_at_ms: Option<i64>,
    /// How good that clock was.
    pub clock: ClockGrade,
    /// Leaves the device at this time or later; never before an earlier event of its log.
    pub send_at_ms: i64,
    /// Sent twice, unchanged.
    pub repeated: bool,
    /// Stands after its successor in an envelope.
    pub reordered: bool,
    /// Gone from the log: never sent.
    pub lost: bool,
    /// What it says.
    pub body: Body,
}
