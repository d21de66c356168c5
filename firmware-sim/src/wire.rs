//! The native protocol's bytes, version 1, and nothing else: the replaceable part.
//!
//! Written from the published contract, with its own types. Events in, topics and JSON out.

use crate::walk::{Body, Event};
use serde::Serialize;

/// Most events in an envelope.
pub const MAX_EVENTS: usize = 256;
/// Largest body sent, bytes. 256 of the longest events stay below it.
pub const MAX_BODY_BYTES: usize = 200 * 1_024;

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
    at: i64,
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
/// twice are repeated at the end. `sent_ms` is milliseconds since that boot.
#[must_use]
pub fn envelope(log: u32, sent_ms: i64, events: &[Event]) -> Vec<u8> {
    let name = log_name(log);
    let again = events.iter().filter(|event| event.repeated);
    let body = Envelope {
        log: &name,
        boot: events.first().map_or(1, |event| event.boot),
        sent_ms,
        simulated: true,
        events: events.iter().chain(again).map(wire_event).collect(),
    };
    serde_json::to_vec(&body).expect("numbers and text always have a JSON form")
}

/// The body of an online state; `next` is the sequence number the log's next event will get.
#[must_use]
pub fn online(log: u32, next: u64) -> Vec<u8> {
    let state = State {
        online: true,
        log: &log_name(log),
        oldest: 1,
        next,
        firmware: concat!("sim-", env!("CARGO_PKG_VERSION")),
    };
    serde_json::to_vec(&state).expect("numbers and text always have a JSON form")
}

/// The body of an offline state, also the will.
#[must_use]
pub fn offline() -> Vec<u8> {
    br#"{"online":false}"#.to_vec()
}

fn wire_event(event: &Event) -> WireEvent {
    let mut wire = WireEvent {
        seq: event.seq,
        boot: event.boot,
        ms: event.ms,
        at: event.at_ms,
        clock: "synced",
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
            let light = load.is_some() && gross_g < capacity.min_g;
            wire.range = light.then_some("below_min");
        }
        Body::Heartbeat { battery_mv, rssi_dbm } => {
            wire.battery_mv = Some(battery_mv);
            wire.rssi_dbm = Some(rssi_dbm);
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
        Event { seq, boot: 7, ms: 86_410_000, at_ms, send_at_ms: at_ms, repeated: false, lost: false, body }
    }

    #[test]
    fn an_envelope_reads_as_the_contract_says() {
        let weight =
            Body::Weight { gross_g: 380, stable: true, load: Some(118), stream: Stream::Food, capacity: PLATFORM };
        let events = [
            event(1, Body::Tag { uid: Uid(0x04_A224_B2C1_5F80) }),
            event(2, weight),
            event(3, Body::Heartbeat { battery_mv: 12_600, rssi_dbm: -80 }),
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
                r#""battery_mv":12600,"rssi_dbm":-80}]}"#
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
        assert!(envelope(u32::MAX, i64::MAX, &events).len() <= MAX_BODY_BYTES);
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
