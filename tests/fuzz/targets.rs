//! What must hold of every decoder, whatever bytes it gets. One function a decoder; it panics where the promise is broken.
//!
//! Everywhere: no panic, a reason that is not empty, output that is bounded by the input, and what was read can be written and
//! read again. Used by `cargo fuzz` (see README.md) and by the ordinary tests (`tests/it/fuzzing.rs`).

use std::fmt::Display;
use std::sync::LazyLock;

use phanloai::config::{DatabaseUrl, MqttUrl, Network};
use phanloai::devices::native::{self, MAX_EVENTS, MAX_MESSAGE_BYTES};
use phanloai::devices::{Accepts, Decoded, Rejection, Root, Topic};
use phanloai::domain::ids::{DeviceId, StreamCode};
use phanloai::domain::reading::Reading;
use phanloai::domain::register::{Register, Row};
use phanloai::domain::time::{Instant, LocalDay, Zone};
use phanloai::imports::{Context, Exported, Kind, commune_toml, export, parse};
use phanloai::ingest::session::BrokerAddress;
use serde_json::{Map, Value, json};

/// A decoder's name with what must hold of it.
pub type Target = (&'static str, fn(&[u8]));

/// Every decoder.
pub const TARGETS: &[Target] = &[
    ("events", events),
    ("state", state),
    ("topic", topic),
    ("commune", commune),
    ("imports", imports),
    ("config_address", config_address),
    ("session_address", session_address),
];

const RECEIVED: Instant = Instant::from_ms(1_795_440_000_000);
/// Longest reason for a message or a setting, characters: a technician reads it.
const REASON_MAX_CHARS: usize = 1_000;
/// A password that no reason and no log may show.
const PASSWORD: &str = "hunter2";

static STREAMS: LazyLock<Vec<StreamCode>> =
    LazyLock::new(|| ["food", "recyclable", "other"].map(StreamCode::from).to_vec());

fn accepts(simulated: bool) -> Accepts<'static> {
    Accepts { streams: &STREAMS, simulated }
}

fn is_told(reason: &impl Display) {
    let text = reason.to_string();
    assert!(!text.trim().is_empty(), "a reason says something");
    assert!(text.chars().count() <= REASON_MAX_CHARS, "a reason is short: {} characters", text.chars().count());
}

fn decoded(payload: &[u8], simulated: bool) -> Result<Decoded, Rejection> {
    native::decode_events(&DeviceId::from("s-1"), payload, RECEIVED, &accepts(simulated))
}

/// Native events, as a whole message and as one event between two good ones.
pub fn events(data: &[u8]) {
    for simulated in [false, true] {
        match decoded(data, simulated) {
            Err(rejection) => {
                assert!(!rejection.code().is_empty());
                is_told(&rejection);
            }
            Ok(found) => {
                assert!(found.readings.len() + found.refused.len() <= MAX_EVENTS && data.len() <= MAX_MESSAGE_BYTES);
                for reading in &found.readings {
                    let again = decoded(&written(reading), simulated).expect("what was read can be read again");
                    assert_eq!(again.readings, std::slice::from_ref(reading));
                    assert!(reading.extra.len() <= 8 * data.len(), "what is kept is bounded by what came");
                }
                for refused in &found.refused {
                    is_told(&refused.rejection);
                    let again = decoded(refused.message.as_bytes(), simulated);
                    // Written again, an event can be longer than it came: escapes.
                    if matches!(again, Err(Rejection::TooLarge { .. })) {
                        continue;
                    }
                    let again = again.expect("a refused event can be replayed by itself");
                    assert_eq!((again.readings.len(), again.refused.len()), (0, 1), "{}", refused.message);
                    assert_eq!(again.refused[0].rejection, refused.rejection, "it is refused for the same reason");
                    assert_eq!(again.refused[0].raw, refused.raw, "and kept as the same");
                }
            }
        }
    }
    among_good_events(data);
}

/// Holds that one event costs no other.
fn among_good_events(data: &[u8]) {
    // What is not JSON by itself may break the message: nobody can tell where it ends.
    if serde_json::from_slice::<Value>(data).is_err() || data.len() > MAX_MESSAGE_BYTES / 2 {
        return;
    }
    let good = |seq: i64| format!("{{\"seq\":{seq},\"ms\":5,\"clock\":\"unset\",\"type\":\"heartbeat\"}}");
    let mut message = format!("{{\"log\":\"9f1c22ab\",\"boot\":7,\"events\":[{},", good(1)).into_bytes();
    message.extend_from_slice(data);
    message.extend_from_slice(format!(",{}]}}", good(9_007_199_254_740_991)).as_bytes());
    // Two levels deeper than by itself.
    if serde_json::from_slice::<Value>(&message).is_err() {
        return;
    }
    let found = decoded(&message, false).expect("the message is sound");
    assert_eq!(found.readings.len() + found.refused.len(), 3, "each event is one of both");
    assert_eq!(found.readings.first().map(|reading| reading.id.seq), Some(1), "the first good one is there");
    assert_eq!(found.readings.last().map(|reading| reading.id.seq), Some(9_007_199_254_740_991), "and the last");
}

/// Writes a reading as a message, anew from its parts.
fn written(reading: &Reading) -> Vec<u8> {
    let mut event = match serde_json::to_value(&reading.event).expect("a reading can be written") {
        Value::Object(members) => members,
        other => panic!("an event is an object, not {other}"),
    };
    if !reading.extra.is_empty() {
        let extra: Map<String, Value> = serde_json::from_str(&reading.extra).expect("what is kept is JSON");
        event.extend(extra);
    }
    event.extend([
        ("seq".to_owned(), json!(reading.id.seq)),
        ("ms".to_owned(), json!(reading.ms)),
        ("clock".to_owned(), json!(reading.clock.as_str())),
    ]);
    if let Some(at) = reading.at {
        event.insert("at".to_owned(), json!(at.ms()));
    }
    let mut envelope = json!({
        "log": reading.id.log.as_str(), "boot": reading.boot, "simulated": reading.simulated, "events": [event],
    });
    if let Some(sent_ms) = reading.sent_ms {
        envelope["sent_ms"] = json!(sent_ms);
    }
    serde_json::to_vec(&envelope).expect("JSON can be written")
}

/// A device's state.
pub fn state(data: &[u8]) {
    match native::decode_state(data) {
        Err(rejection) => is_told(&rejection),
        Ok(state) => {
            let mut body = json!({ "online": state.online });
            if let Some(log) = &state.log {
                body["log"] = json!(log.as_str());
            }
            for (member, number) in [("oldest", state.oldest), ("next", state.next)] {
                if let Some(number) = number {
                    body[member] = json!(number);
                }
            }
            if let Some(firmware) = &state.firmware {
                body["firmware"] = json!(firmware);
            }
            let again = native::decode_state(body.to_string().as_bytes());
            assert_eq!(again.as_ref(), Ok(&state), "what was read can be read again");
        }
    }
}

/// The topic root in the first line, a topic in the second.
pub fn topic(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (root, topic) = text.split_once('\n').unwrap_or(("phanloai/v1", &text));
    let root = match Root::parse(root) {
        Err(error) => return is_told(&error),
        Ok(root) => root,
    };
    for topic in [topic.to_owned(), format!("{root}/{topic}")] {
        if let Some(read) = Topic::parse(&root, &topic) {
            assert_eq!(root.topic(&read.device, read.channel), topic, "a topic that is read is written the same");
            assert!((1..=64).contains(&read.device.as_str().len()));
        }
    }
}

/// `commune.toml`.
pub fn commune(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match commune_toml(text) {
        // The TOML parser shows the line at fault, however long it is.
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.trim().is_empty() && shown.len() <= REASON_MAX_CHARS + 8 * text.len(), "{shown}");
        }
        Ok(commune) => {
            assert!(!commune.streams.is_empty(), "a commune without a stream can count nothing");
            assert!(!commune.rules.is_empty(), "a commune has a rule");
        }
    }
}

/// The register of the sample commune, to refer to.
static REGISTER: LazyLock<Register> = LazyLock::new(|| {
    let mut rows: Vec<(LocalDay, Row)> = Vec::new();
    for (kind, bytes) in [
        (Kind::Areas, &include_bytes!("../fixtures/commune-1/areas.csv")[..]),
        (Kind::Points, include_bytes!("../fixtures/commune-1/points.csv")),
        (Kind::Households, include_bytes!("../fixtures/commune-1/households.csv")),
        (Kind::Tags, include_bytes!("../fixtures/commune-1/tags.csv")),
        (Kind::Devices, include_bytes!("../fixtures/commune-1/devices.csv")),
    ] {
        let known = Register::build(rows.iter().cloned());
        let parsed = parse(kind, bytes, &context(&known)).expect("the fixture is sound");
        rows.extend(parsed.rows.into_iter().map(|row| (ZONE.day_of(RECEIVED), row)));
    }
    Register::build(rows)
});

static ZONE: LazyLock<Zone> = LazyLock::new(|| Zone::named("Asia/Ho_Chi_Minh").expect("it is built in"));

fn context(known: &Register) -> Context<'_> {
    Context { zone: &ZONE, streams: &STREAMS, known, now: RECEIVED }
}

/// A file of the kind that the first line names.
pub fn imports(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (name, bytes) = (&data[..end], &data[end + 1..]);
    let Some(kind) = Kind::ALL.iter().copied().find(|kind| kind.as_str().as_bytes() == name) else { return };
    let context = context(&REGISTER);
    match parse(kind, bytes, &context) {
        Err(error) => {
            let shown = error.to_string();
            // A hundred faults are shown, each with its cell.
            assert!(!shown.trim().is_empty() && shown.len() <= 100 * REASON_MAX_CHARS + 8 * bytes.len());
        }
        Ok(parsed) => {
            assert!(parsed.rows.len() + parsed.operations.len() <= bytes.len(), "a row is a line");
            let exported = Exported { rows: &parsed.rows, operations: &parsed.operations, people: &parsed.people };
            let file = export(kind, &exported, &ZONE);
            let again = parse(kind, file.as_bytes(), &context);
            let again = again.unwrap_or_else(|error| panic!("what was written can be read: {error}\n{file}"));
            assert_eq!(again.rows, parsed.rows, "{file}");
            assert_eq!(again.operations, parsed.operations, "{file}");
            let different = again.people.iter().zip(&parsed.people).find(|(again, first)| again != first);
            assert!(again.people == parsed.people, "{different:?}: {file}");
        }
    }
}

/// The addresses of the configuration.
pub fn config_address(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<MqttUrl>() {
        Err(error) => is_told(&error),
        Ok(MqttUrl::Embedded) => assert_eq!(text, "embedded"),
        Ok(MqttUrl::Outside(broker)) => {
            assert!(!broker.host.is_empty());
            let shown = MqttUrl::Outside(broker.clone()).to_string();
            let Ok(MqttUrl::Outside(again)) = shown.parse() else { panic!("`{shown}` can be read again") };
            assert_eq!((again.tls, &again.host, again.port), (broker.tls, &broker.host, broker.port), "{shown}");
            if let Some(password) = broker.password.filter(|password| password.expose() == PASSWORD) {
                assert!(broker.host.contains(PASSWORD) || !shown.contains(password.expose()), "{shown}");
            }
        }
    }
    match text.parse::<DatabaseUrl>() {
        Err(error) => is_told(&error),
        Ok(url) => {
            assert_eq!(url.expose(), text);
            let name = text.replace(['@', '?', '#'], "");
            let secret = format!("postgres://u:{PASSWORD}@h/{name}").parse::<DatabaseUrl>();
            let shown = secret.map(|url| format!("{url:?}")).expect("it is an address");
            assert!(name.contains(PASSWORD) || !shown.contains(PASSWORD), "{shown}");
        }
    }
    match text.parse::<Network>() {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(network) => assert_eq!(network.to_string().parse(), Ok(network)),
    }
}

/// The address of the MQTT session.
pub fn session_address(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<BrokerAddress>() {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(!error.to_string().contains(PASSWORD), "{error}");
        }
        Ok(address) => {
            let again: BrokerAddress = address.to_string().parse().expect("what is shown can be read again");
            assert_eq!(again.to_string(), address.to_string());
            let place = text.rsplit_once('@').map_or(text, |(_, place)| place);
            assert!(place.contains(PASSWORD) || !format!("{address} {address:?}").contains(PASSWORD), "{address}");
        }
    }
}
