//! Decoders: what a device sends, turned into readings.
//!
//! Owns the topics, the payload formats, every reason for which a message or an event is refused, which topics are a device's
//! own, and the form of its password. May use the domain, serde and, for passwords, ring only: it opens no connection, reads no clock and keeps nothing between two calls, so that a message decodes
//! the same today and when it is replayed from quarantine.
//!
//! # Why
//! A message that cannot be read at all is an `Err`; an event that breaks a rule is one [`RefusedEvent`] beside the readings
//! of the others. A `Vec<Result<..>>` was rejected: the caller stores readings and refusals in different tables.

pub mod access;
pub mod credential;
mod json;
pub mod native;
mod rejection;
pub mod topic;

use crate::domain::ids::{LogId, StreamCode};
use crate::domain::reading::Reading;
use crate::domain::time::Instant;

pub use rejection::Rejection;
pub use topic::{Channel, Root, Topic};

/// What the commune takes: its streams, and whether its facts are simulated.
#[derive(Clone, Debug)]
pub struct Accepts<'a> {
    /// Codes of the commune's streams.
    pub streams: &'a [StreamCode],
    /// The mark that every event must carry.
    pub simulated: bool,
}

/// A decoded message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The event log that the message speaks of. `None`: the profile has none.
    pub log: Option<LogId>,
    /// The readings, in the order of the message.
    pub readings: Vec<Reading>,
    /// The events that break a rule, in the order of the message.
    pub refused: Vec<RefusedEvent>,
}

/// An event that is kept in quarantine instead of being counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedEvent {
    /// Its log. `None`: the profile has none.
    pub log: Option<LogId>,
    /// Its number, where that much could be read.
    pub seq: Option<i64>,
    /// The event as JSON with sorted members; the same event gives the same text.
    pub raw: String,
    /// A message that holds this event alone and decodes by itself, for replay.
    pub message: String,
    /// Why it was refused.
    pub rejection: Rejection,
}

/// Decodes a message on an events topic.
///
/// `received` becomes the readings' receive time; on replay pass the time of the first receipt.
///
/// # Errors
/// The message as a whole cannot be read: undecodable, not an envelope, over a limit, or not on an events topic.
pub fn decode(topic: &Topic, payload: &[u8], received: Instant, accepts: &Accepts<'_>) -> Result<Decoded, Rejection> {
    match topic.channel {
        Channel::Events => native::decode_events(&topic.device, payload, received, accepts),
        Channel::State | Channel::Ack => Err(Rejection::NotEvents { channel: topic.channel }),
    }
}
