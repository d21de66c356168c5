//! One event of an envelope.

use serde::ser::{SerializeMap, Serializer};

use super::members::{MAX_WHOLE, Members, wrong_type};
use crate::devices::json::{Json, excerpt};
use crate::devices::{Accepts, Rejection};
use crate::domain::ids::{StreamCode, TagUid};
use crate::domain::reading::{ClockState, Event, Range, Weight};
use crate::domain::time::Instant;

/// Greatest mass either way, grams: a weighbridge's 100 t.
const MASS_LIMIT_G: i64 = 100_000_000;
/// Instants of the years 1 to 9999, milliseconds since 1970 UTC.
const TIME_RANGE_MS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;
/// The tag technologies of the contract.
const TECHS: [&str; 4] = ["hf", "uhf", "lf", "qr"];
/// Hexadecimal digits of a tag's number. EPC (GS1 EPC Tag Data Standard) ends at 496 bits, 124 digits.
const UID_DIGITS: std::ops::RangeInclusive<usize> = 2..=128;

/// Members that every event may have.
const COMMON: &[&str] = &["seq", "boot", "ms", "at", "clock", "type", "simulated"];

/// Decodes what was captured, with the members that this version does not know as JSON text.
pub fn decode(members: Members<'_, '_>, seq: i64, accepts: &Accepts<'_>) -> Result<(Event, String), Rejection> {
    let kind = members.need_text("type")?;
    let (event, known): (Event, &[&str]) = match kind {
        "tag" => (tag(members)?, &["uid", "tech", "rssi_dbm", "antenna"]),
        "weight" => (
            Event::Weight(weight(members, accepts)?),
            &["gross_g", "tare_g", "stable", "load", "stream", "division_g", "range", "maintenance"],
        ),
        "lift" => (lift(members, accepts)?, &["uid", "gross_g", "tare_g", "stream"]),
        "ticket" => (ticket(members, accepts)?, &["vehicle", "gross_g", "tare_g", "stream", "destination", "ticket"]),
        "heartbeat" => (heartbeat(members)?, &["battery_mv", "rssi_dbm", "queued", "zero_g"]),
        "lost" => (lost(members, seq)?, &["from", "to"]),
        other => return Err(Rejection::UnknownType { found: excerpt(other) }),
    };
    Ok((event, unknown_members(members, known)))
}

fn tag(members: Members<'_, '_>) -> Result<Event, Rejection> {
    let tech = members.need_text("tech")?;
    if !TECHS.contains(&tech) {
        let allowed = "hf, uhf, lf, qr";
        return Err(Rejection::UnknownWord { member: "tech", found: excerpt(tech), allowed });
    }
    Ok(Event::Tag {
        uid: uid(members)?,
        tech: tech.to_owned(),
        rssi_dbm: members.level("rssi_dbm")?,
        antenna: members.level("antenna")?,
    })
}

fn weight(members: Members<'_, '_>, accepts: &Accepts<'_>) -> Result<Weight, Rejection> {
    let range = match members.text("range")? {
        None => None,
        Some(word) => Some(Range::from_word(word).ok_or_else(|| Rejection::UnknownWord {
            member: "range",
            found: excerpt(word),
            allowed: "ok, below_min, overload",
        })?),
    };
    Ok(Weight {
        gross_g: gross_g(members)?,
        tare_g: tare_g(members)?.unwrap_or(0),
        stable: members.flag("stable")?.ok_or(Rejection::MissingMember { member: "stable" })?,
        load: members.count("load")?,
        stream: stream(members, accepts)?,
        division_g: members.int("division_g", (1, MASS_LIMIT_G), "a division is 1 g or more")?,
        range,
        maintenance: members.flag("maintenance")?.unwrap_or(false),
    })
}

fn lift(members: Members<'_, '_>, accepts: &Accepts<'_>) -> Result<Event, Rejection> {
    Ok(Event::Lift {
        uid: uid(members)?,
        gross_g: gross_g(members)?,
        tare_g: tare_g(members)?.ok_or(Rejection::MissingMember { member: "tare_g" })?,
        stream: stream(members, accepts)?,
    })
}

fn ticket(members: Members<'_, '_>, accepts: &Accepts<'_>) -> Result<Event, Rejection> {
    Ok(Event::Ticket {
        vehicle: members.need_name("vehicle")?,
        gross_g: gross_g(members)?,
        tare_g: tare_g(members)?.ok_or(Rejection::MissingMember { member: "tare_g" })?,
        stream: stream(members, accepts)?.ok_or(Rejection::MissingMember { member: "stream" })?,
        destination: members.need_name("destination")?,
        ticket: members.need_name("ticket")?,
    })
}

fn heartbeat(members: Members<'_, '_>) -> Result<Event, Rejection> {
    Ok(Event::Heartbeat {
        battery_mv: members.count("battery_mv")?,
        rssi_dbm: members.level("rssi_dbm")?,
        queued: members.count("queued")?,
        zero_g: members.level("zero_g")?,
    })
}

fn lost(members: Members<'_, '_>, seq: i64) -> Result<Event, Rejection> {
    let bound = |member| members.level(member)?.ok_or(Rejection::MissingMember { member });
    let (from, to) = (bound("from")?, bound("to")?);
    // A log cannot have lost a number that it had not given out when it said so.
    if from < 1 || from > to || to >= seq {
        return Err(Rejection::BadLoss { from, to, seq });
    }
    Ok(Event::Lost { from, to })
}

/// Gives the event's own time. `None`: it has none.
pub fn at(members: Members<'_, '_>) -> Result<Option<Instant>, Rejection> {
    let Some(value) = members.get("at") else { return Ok(None) };
    let instant = match value {
        Json::Int(ms) => Some(Instant::from_ms(*ms)),
        Json::Text(text) => text.parse::<jiff::Timestamp>().ok().map(Instant::from),
        Json::Null | Json::Bool(_) | Json::Large(_) | Json::Float(_) | Json::Array(_) | Json::Object(_) => None,
    };
    match instant.filter(|instant| TIME_RANGE_MS.contains(&instant.ms())) {
        Some(instant) => Ok(Some(instant)),
        None => Err(Rejection::BadTime { found: value.excerpt() }),
    }
}

/// Gives what the device knew of the time.
pub fn clock(members: Members<'_, '_>) -> Result<ClockState, Rejection> {
    let word = members.need_text("clock")?;
    ClockState::from_word(word).ok_or_else(|| Rejection::UnknownWord {
        member: "clock",
        found: excerpt(word),
        allowed: "synced, holdover, unset",
    })
}

/// Gives the event's number.
pub fn seq(members: Members<'_, '_>) -> Result<i64, Rejection> {
    members
        .int("seq", (1, MAX_WHOLE), "a number is from 1 to 9007199254740991")?
        .ok_or(Rejection::MissingMember { member: "seq" })
}

fn gross_g(members: Members<'_, '_>) -> Result<i64, Rejection> {
    let member = "gross_g";
    let grams = members.level(member)?.ok_or(Rejection::MissingMember { member })?;
    if grams.abs() > MASS_LIMIT_G {
        return Err(Rejection::AbsurdMass { member, grams, limit: MASS_LIMIT_G });
    }
    Ok(grams)
}

fn tare_g(members: Members<'_, '_>) -> Result<Option<i64>, Rejection> {
    let member = "tare_g";
    match members.level(member)? {
        Some(grams) if grams < 0 => Err(Rejection::NegativeTare { grams }),
        Some(grams) if grams > MASS_LIMIT_G => Err(Rejection::AbsurdMass { member, grams, limit: MASS_LIMIT_G }),
        fitting => Ok(fitting),
    }
}

fn stream(members: Members<'_, '_>, accepts: &Accepts<'_>) -> Result<Option<StreamCode>, Rejection> {
    let Some(word) = members.text("stream")? else { return Ok(None) };
    // The commune's own code is cloned, which spares an allocation an event.
    if let Some(known) = accepts.streams.iter().find(|code| code.as_str() == word) {
        return Ok(Some(known.clone()));
    }
    let streams = accepts.streams.iter().map(StreamCode::as_str).collect::<Vec<_>>().join(", ");
    Err(Rejection::UnknownStream { found: excerpt(word), streams })
}

fn uid(members: Members<'_, '_>) -> Result<TagUid, Rejection> {
    let text = match members.need("uid")? {
        Json::Text(text) => text,
        other => return Err(wrong_type("uid", "text", other)),
    };
    normal_uid(text).ok_or_else(|| Rejection::BadUid { uid: excerpt(text) })
}

/// Gives a tag's number in upper hexadecimal without separators. `None`: it is not 2 to 128 hexadecimal digits.
pub fn normal_uid(text: &str) -> Option<TagUid> {
    let mut digits = String::with_capacity(text.len());
    for character in text.chars().filter(|c| !matches!(c, '-' | ':')) {
        if !character.is_ascii_hexdigit() {
            return None;
        }
        digits.push(character.to_ascii_uppercase());
    }
    UID_DIGITS.contains(&digits.len()).then(|| TagUid::from(digits))
}

fn unknown_members(members: Members<'_, '_>, known: &[&str]) -> String {
    let is_unknown = |name: &str| !COMMON.contains(&name) && !known.contains(&name);
    let mut unknown = members.0.iter().filter(|(name, value)| *value != Json::Null && is_unknown(name)).peekable();
    if unknown.peek().is_none() {
        return String::new();
    }
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut text);
    let written = serializer.serialize_map(None).and_then(|mut map| {
        unknown.try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    });
    written.ok().and_then(|()| String::from_utf8(text).ok()).expect("parsed JSON can be written again")
}
