//! What really happened, as JSON lines: one line for each hand-over, one for each household's habit at the
//! start and at each change.
//!
//! A line's `kind` is `hand_over` or `habit`. Hand-overs name the events that carry them, so that a join
//! made elsewhere can be checked event by event.

use crate::calendar::Stream;
use crate::habits::Habit;
use serde::Serialize;

/// One line of the truth file.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TruthLine {
    /// A household handed over one stream.
    HandOver(TrueHandOver),
    /// What a household does from a day on.
    Habit(TrueHabit),
}

/// A household handed over one stream at one point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueHandOver {
    /// Who really came.
    pub household: String,
    /// Where.
    pub point: String,
    /// Device that weighed it.
    pub device: String,
    /// Log of `device`, 8 hex digits.
    pub log: String,
    /// What.
    pub stream: Stream,
    /// Net mass on the scale's display, grams, rounded to its division.
    pub net_g: i64,
    /// Time of the first settled level, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Device that read the card.
    pub tag_device: String,
    /// Log of `tag_device`.
    pub tag_log: String,
    /// First read of the visit. `None`: no card, or never read.
    pub tag_seq: Option<u64>,
    /// First settled level of the load. `None`: the device was silent.
    pub weight_seq: Option<u64>,
    /// What went wrong; empty mostly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mishaps: Vec<Mishap>,
}

/// Why a hand-over cannot be seen as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mishap {
    /// The household has no card.
    NoCard,
    /// The reader missed the card.
    MissedCard,
    /// It held up a neighbour's card.
    NeighbourCard,
    /// An event of it was lost for ever.
    EventLost,
    /// The devices were without power.
    DeviceSilent,
}

/// What a household does from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrueHabit {
    /// Who.
    pub household: String,
    /// First local day, `YYYY-MM-DD`.
    pub from: String,
    /// What it does.
    pub habit: Habit,
    /// Whether that is sorting at source.
    pub sorts: bool,
}
