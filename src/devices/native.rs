//! The native profile, version 1: envelopes of events, a device's state, and the service's acknowledgement.
//!
//! # Why
//! - **The whole text is parsed once**, into values that keep every member; the events are judged afterwards one by one, so that a bad
//!   one does not cost the others of its envelope. Where that fails, each event is parsed on its own: a number beyond every
//!   range, or half of a surrogate pair, spoils the one event that holds it.
//! - **A member that is `null` is absent**, and a whole number may be written `3420.0`: small JSON libraries do both.
//! - **Unknown members of the envelope are dropped**, those of events kept: only the event is stored, and its content must not depend
//!   on which envelope brought it, or a second sending would be a conflict.
//! - **A wrong `simulated` mark refuses the events, not the message**: then their numbers are known and the acknowledgement can tell the
//!   device not to send them again.

mod again;
mod event;
mod exchange;
mod members;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json::{Json, Member, RawMembers, excerpt, sort_members};
use super::{Accepts, Decoded, RefusedEvent, Rejection};
use crate::domain::ids::{DeviceId, EventId, LogId};
use crate::domain::reading::Reading;
use crate::domain::time::Instant;
use members::{Members, wrong_type};

pub use again::message_of;
pub use event::normal_uid;
pub use exchange::{Ack, DeviceState, ack, decode_state};

/// Most events in an envelope.
pub const MAX_EVENTS: usize = 256;
/// Largest message, bytes.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Digits of a log's name.
const LOG_DIGITS: usize = 8;

/// What the envelope says of all its events.
struct Envelope<'a> {
    device: &'a DeviceId,
    log: LogId,
    boot: Option<i64>,
    sent_ms: Option<i64>,
    simulated: bool,
    received: Instant,
}

/// Decodes a message on an events topic.
///
/// # Errors
/// The message as a whole cannot be read: undecodable, not an envelope, or over a limit.
pub fn decode_events(
    device: &DeviceId,
    payload: &[u8],
    received: Instant,
    accepts: &Accepts<'_>,
) -> Result<Decoded, Rejection> {
    let (mut list, broken) = object(payload)?;
    let members = Members(&list);
    let envelope = Envelope {
        device,
        log: log_id(members.need_text("log")?)?,
        boot: boot(members)?,
        sent_ms: members.count("sent_ms")?,
        simulated: members.flag("simulated")?.unwrap_or(false),
        received,
    };
    match members.need("events")? {
        Json::Array(events) if events.len() + broken.len() > MAX_EVENTS => {
            return Err(Rejection::TooManyEvents { events: events.len() + broken.len() });
        }
        Json::Array(_) => {}
        other => return Err(wrong_type("events", "a list", other)),
    }
    let mut events = Vec::new();
    for (name, value) in &mut list {
        if let ("events", Json::Array(held)) = (name.as_ref(), value) {
            events = std::mem::take(held);
        }
    }
    let mut readings = Vec::with_capacity(events.len());
    let mut refused: Vec<RefusedEvent> = broken.into_iter().map(|event| envelope.refuse_broken(event)).collect();
    for mut event in events {
        match reading(&envelope, &mut event, accepts) {
            Ok(reading) => readings.push(reading),
            Err(rejection) => refused.push(envelope.refuse(&event, rejection)),
        }
    }
    Ok(Decoded { log: Some(envelope.log), readings, refused })
}

fn reading(envelope: &Envelope<'_>, event: &mut Json<'_>, accepts: &Accepts<'_>) -> Result<Reading, Rejection> {
    let Json::Object(list) = event else {
        return Err(Rejection::NotAnObject { what: "event", found: event.excerpt() });
    };
    sort_members(list).map_err(|member| Rejection::RepeatedMember { member: excerpt(&member) })?;
    let members = Members(list);
    let seq = event::seq(members)?;
    let boot = boot(members)?.or(envelope.boot).ok_or(Rejection::MissingMember { member: "boot" })?;
    let ms = members.count("ms")?.ok_or(Rejection::MissingMember { member: "ms" })?;
    let at = event::at(members)?;
    let clock = event::clock(members)?;
    let simulated = members.flag("simulated")?.unwrap_or(envelope.simulated);
    let (event, extra) = event::decode(members, seq, accepts)?;
    if simulated != accepts.simulated {
        return Err(Rejection::WrongSimulated { simulated });
    }
    Ok(Reading {
        id: EventId { device: envelope.device.clone(), log: envelope.log.clone(), seq },
        boot,
        ms,
        at,
        clock,
        // Only the clock of the same boot can tell the event's age.
        sent_ms: envelope.sent_ms.filter(|_| envelope.boot == Some(boot)),
        received: envelope.received,
        simulated,
        event,
        extra,
    })
}

impl Envelope<'_> {
    fn refuse(&self, event: &Json<'_>, rejection: Rejection) -> RefusedEvent {
        let seq = if let Json::Object(list) = event { event::seq(Members(list)).ok() } else { None };
        self.refused(seq, serde_json::to_string(event).expect("parsed JSON can be written again"), rejection)
    }

    fn refuse_broken(&self, event: BrokenEvent<'_>) -> RefusedEvent {
        /// All that is asked of an event that cannot be read.
        #[derive(Deserialize)]
        struct Numbered {
            seq: Option<i64>,
        }
        let seq = serde_json::from_str::<Numbered>(event.raw).ok().and_then(|event| event.seq);
        self.refused(seq, event.raw.to_owned(), event.rejection)
    }

    fn refused(&self, seq: Option<i64>, raw: String, rejection: Rejection) -> RefusedEvent {
        let member = |name: &str, value: Option<i64>| value.map(|v| format!("\"{name}\":{v},")).unwrap_or_default();
        let message = format!(
            "{{\"log\":\"{}\",{}{}\"simulated\":{},\"events\":[{raw}]}}",
            self.log,
            member("boot", self.boot),
            member("sent_ms", self.sent_ms),
            self.simulated,
        );
        RefusedEvent { log: Some(self.log.clone()), seq, raw, message, rejection }
    }
}

/// An event of a readable envelope that cannot be parsed itself.
struct BrokenEvent<'a> {
    raw: &'a str,
    rejection: Rejection,
}

fn not_json(error: &serde_json::Error) -> Rejection {
    Rejection::NotJson { reason: excerpt(&error.to_string()) }
}

/// Parses a message that must be one JSON object, and gives its members, sorted, those of its events not; and the events that
/// cannot be parsed, which are left out.
fn object(payload: &[u8]) -> Result<(Vec<Member<'_>>, Vec<BrokenEvent<'_>>), Rejection> {
    if payload.len() > MAX_MESSAGE_BYTES {
        return Err(Rejection::TooLarge { bytes: payload.len() });
    }
    let text = std::str::from_utf8(payload).map_err(|error| Rejection::NotUtf8 { at: error.valid_up_to() })?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let (mut list, broken) = match Json::deserialize(&mut deserializer) {
        Ok(value) => {
            deserializer.end().map_err(|error| Rejection::SeveralValues { column: error.column() })?;
            let Json::Object(list) = value else {
                return Err(Rejection::NotAnObject { what: "message", found: value.excerpt() });
            };
            (list, Vec::new())
        }
        Err(error) => apart(text).ok_or_else(|| not_json(&error))?,
    };
    list.sort_by(|(left, _), (right, _)| left.cmp(right));
    if let Some(pair) = list.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(Rejection::RepeatedMember { member: excerpt(&pair[0].0) });
    }
    Ok((list, broken))
}

/// Parses the events of a message one by one. `None`: it is not they that cannot be parsed.
fn apart(text: &str) -> Option<(Vec<Member<'_>>, Vec<BrokenEvent<'_>>)> {
    let (mut list, mut broken) = (Vec::new(), Vec::new());
    for (name, value) in serde_json::from_str::<RawMembers<'_>>(text).ok()?.0 {
        if name != "events" {
            list.push((name, serde_json::from_str(value.get()).ok()?));
            continue;
        }
        let mut events = Vec::new();
        for event in serde_json::from_str::<Vec<&RawValue>>(value.get()).ok()? {
            match serde_json::from_str(event.get()) {
                Ok(event) => events.push(event),
                Err(_) if !event.get().starts_with('{') => return None,
                Err(error) => broken.push(BrokenEvent { raw: event.get(), rejection: not_json(&error) }),
            }
        }
        list.push((name, Json::Array(events)));
    }
    Some((list, broken))
}

fn boot(members: Members<'_, '_>) -> Result<Option<i64>, Rejection> {
    members.int("boot", (0, i64::from(u32::MAX)), "a boot's number is from 0 to 4294967295")
}

/// Gives a log's name in lower hexadecimal.
fn log_id(text: &str) -> Result<LogId, Rejection> {
    if text.len() == LOG_DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(LogId::from(text.to_ascii_lowercase()));
    }
    Err(Rejection::BadLog { log: excerpt(text) })
}

#[cfg(test)]
mod tests;
