//! The native protocol's bytes, version 1, and nothing else: the replaceable part.
//!
//! Written from the published contract, with its own types. Events in, topics and JSON out.

use crate::device_log::{Ack, ClockGrade, Span};
use crate::event::{Body, Event};
use serde::{Deserialize, Serialize};

/// Most events in an envelope.
pub const MAX_EVENTS: usize = 256;
/// Largest body sent, bytes. 256 of the longest events stay below it.
pub const MAX_BODY_BYTES: usize = 200 * 1_024;
/// Upper bound of an event's length in an envelope, bytes.
pub const MAX_EVENT_BYTES: usize = 512;

#[derive(Serialize)]
struct Envelope<'a> {
    log: &'a str,
    boot: u32,
    sent_ms: i64,
    simulated: bool,
    events: Vec<WireEvent>,
}

#[derive(Serialize)]
struct WireEvent {
    seq: u64,
    boot: u32,
    ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    clock: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tech: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gross_g: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tare_g: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    load: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    division_g: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    battery_mv: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rssi_dbm: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zero_g: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<u64>,
}

#[derive(Serialize)]
struct State<'a> {
    online: bool,
    log: &'a str,
    oldest: u64,
    next: u64,
    firmware: &'a str,
}

/// Topic of a device's events.
#[must_use]
pub fn events_topic(root: &str, device: &str) -> String {
    format!("{root}/{device}/events")
}

/// Topic of a device's state.
#[must_use]
pub fn state_topic(root: &str, device: &str) -> String {
    format!("{root}/{device}/state")
}

/// Topic of the service's acknowledgements to a device.
#[must_use]
pub fn ack_topic(root: &str, device: &str) -> String {
    format!("{root}/{device}/ack")
}

/// A log's name: 8 hex digits.
#[must_use]
pub fn log_name(log: u32) -> String {
    format!("{log:08x}")
}

/// The body of one envelope. `events` share a boot and come in the order of their log; those to be sent
/// twice are repeated at the end, as far as there is room. `sent_ms` is milliseconds since that boot.
#[must_use]
pub fn envelope(log: u32, sent_ms: i64, events: &[Event]) -> Vec<u8> {
    let name = log_name(log);
    let room = MAX_EVENTS.saturating_sub(events.len());
    let again = events.iter().filter(|event| event.repeated).take(room);
    let body = Envelope {
        log: &name,
        boot: events.first().map_or(1, |event| event.boot),
        sent_ms,
        simulated: true,
        events: in_order_sent(events).into_iter().chain(again).map(wire_event).collect(),
    };
    serde_json::to_vec(&body).expect("numbers and text always have a JSON form")
}

/// Events in order of their log, but those that were reordered stand after their successor.
fn in_order_sent(events: &[Event]) -> Vec<&Event> {
    let mut order: Vec<&Event> = events.iter().collect();
    for place in 1..order.len() {
        if events[place - 1].reordered {
            order.swap(place - 1, place);
        }
    }
    order
}

/// The body of an online state of a log that still holds everything; `next` is the sequence number its next
/// event will get.
#[must_use]
pub fn online(log: u32, next: u64) -> Vec<u8> {
    online_holding(log, 1, next)
}

/// The body of an online state of a log that holds events from `oldest` on.
#[must_use]
pub fn online_holding(log: u32, oldest: u64, next: u64) -> Vec<u8> {
    let state =
        State { online: true, log: &log_name(log), oldest, next, firmware: concat!("sim-", env!("CARGO_PKG_VERSION")) };
    serde_json::to_vec(&state).expect("numbers and text always have a JSON form")
}

/// The body of an offline state, also the will.
#[must_use]
pub fn offline() -> Vec<u8> {
    br#"{"online":false}"#.to_vec()
}

#[derive(Deserialize)]
struct WireAck {
    log: String,
    epoch: String,
    upto: u64,
    #[serde(default)]
    missing: Vec<(u64, u64)>,
    #[serde(default)]
    refused: Vec<(u64, u64)>,
    now: i64,
}

/// Reads an acknowledgement. `None`: the body is none.
#[must_use]
pub fn read_ack(body: &[u8]) -> Option<Ack> {
    let ack: WireAck = serde_json::from_slice(body).ok()?;
    let spans = |pairs: Vec<(u64, u64)>| pairs.into_iter().map(|(first, last)| Span { first, last }).collect();
    Some(Ack {
        log: u32::from_str_radix(&ack.log, 16).ok()?,
        epoch: ack.epoch,
        upto: ack.upto,
        missing: spans(ack.missing),
        refused: spans(ack.refused),
        now_ms: ack.now,
    })
}

fn wire_event(event: &Event) -> WireEvent {
    let mut wire = WireEvent {
        seq: event.seq,
        boot: event.boot,
        ms: event.ms,
        at: event.clock_at_ms,
        clock: match event.clock {
            ClockGrade::Synced => "synced",
            ClockGrade::Holdover => "holdover",
            ClockGrade::Unset => "unset",
        },
        kind: "heartbeat",
        uid: None,
        tech: None,
        gross_g: None,
        tare_g: None,
        stable: None,
        load: None,
        stream: None,
        division_g: None,
        range: None,
        battery_mv: None,
        rssi_dbm: None,
        zero_g: None,
        from: None,
        to: None,
    };
    match event.body {
        Body::Tag { uid } => {
            wire.kind = "tag";
            wire.uid = Some(uid.to_string());
            wire.tech = Some("hf");
        }
        Body::Weight { gross_g, stable, load, stream, capacity } => {
            wire.kind = "weight";
            wire.gross_g = Some(gross_g);
            wire.tare_g = Some(0);
            wire.stable = Some(stable);
            wire.load = load;
            wire.stream = Some(stream.code());
            wire.division_g = Some(capacity.division_g);
            // Above Max + 9 e nothing may be indicated (OIML R 76-1, 4.2.3); a bin shows its whole content.
            wire.range = match load {
                Some(_) if gross_g < capacity.min_g => Some("below_min"),
                Some(_) if gross_g > capacity.max_g + 9 * capacity.division_g => Some("overload"),
                Some(_) | None => None,
            };
        }
        Body::Heartbeat { battery_mv, rssi_dbm, zero_g } => {
            wire.battery_mv = Some(battery_mv);
            wire.rssi_dbm = Some(rssi_dbm);
            wire.zero_g = zero_g;
        }
        Body::Lost { span } => {
            wire.kind = "lost";
            wire.from = Some(span.first);
            wire.to = Some(span.last);
        }
    }
    wire
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Stream;
    use crate::commune::{PLATFORM, Uid};

    fn event(seq: u64, body: Body) -> Event {
        let at_ms = 1_795_400_731_250;
        Event {
            log: 0x9f1c_22ab,
            seq,
            boot: 7,
            ms: 86_410_000,
            at_ms,
            clock_at_ms: Some(at_ms),
            clock: ClockGrade::Synced,
            send_at_ms: at_ms,
            repeated: false,
            reordered: false,
            lost: false,
            body,
        }
    }

    #[test]
    fn an_envelope_reads_as_the_contract_says() {
        let weight =
            Body::Weight { gross_g: 380, stable: true, load: Some(118), stream: Stream::Food, capacity: PLATFORM };
        let events = [
            event(1, Body::Tag { uid: Uid(0x04_A224_B2C1_5F80) }),
            event(2, weight),
            event(3, Body::Heartbeat { battery_mv: 12_600, rssi_dbm: -80, zero_g: Some(0) }),
        ];
        let text = String::from_utf8(envelope(0x9f1c_22ab, 86_412_345, &events)).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"log":"9f1c22ab","boot":7,"sent_ms":86412345,"simulated":true,"events":["#,
                r#"{"seq":1,"boot":7,"ms":86410000,"at":1795400731250,"clock":"synced","type":"tag","#,
                r#""uid":"04A224B2C15F80","tech":"hf"},"#,
                r#"{"seq":2,"boot":7,"ms":86410000,"at":1795400731250,"clock":"synced","type":"weight","#,
                r#""gross_g":380,"tare_g":0,"stable":true,"load":118,"stream":"food","division_g":20,"#,
                r#""range":"below_min"},"#,
                r#"{"seq":3,"boot":7,"ms":86410000,"at":1795400731250,"clock":"synced","type":"heartbeat","#,
                r#""battery_mv":12600,"rssi_dbm":-80,"zero_g":0}]}"#
            )
        );
    }

    #[test]
    fn a_full_envelope_of_the_longest_events_stays_within_the_limit() {
        let body = Body::Weight {
            gross_g: -60_000,
            stable: false,
            load: Some(u64::MAX),
            stream: Stream::Recyclable,
            capacity: PLATFORM,
        };
        let events = vec![event(1 << 53, body); MAX_EVENTS];
        const { assert!(MAX_EVENTS * MAX_EVENT_BYTES <= MAX_BODY_BYTES) };
        let length = envelope(u32::MAX, i64::MAX, &events).len();
        assert!(length <= MAX_EVENTS * MAX_EVENT_BYTES, "{length}");
    }

    #[test]
    fn a_repeated_event_comes_again_unchanged() {
        let mut twice = event(1, Body::Tag { uid: Uid(1) });
        twice.repeated = true;
        let body = envelope(1, 5, &[twice, event(2, Body::Tag { uid: Uid(2) })]);
        let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(read["events"].as_array().unwrap().len(), 3);
        assert_eq!(read["events"][0], read["events"][2]);
    }
}
