//! The published device contract: its schema, its examples and both programs that speak it, held against each other.
//!
//! A body that fits the schema is taken; what is refused does not fit it, but for the rules that no schema can state.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use firmware_sim::{Commune, CommuneSpec, Faults, Plan, Walk, wire};
use jiff::civil::date;
use jsonschema::Validator;
use phanloai::devices::native::{Ack, ack};
use phanloai::devices::{Accepts, Decoded, Rejection, Root, Topic, decode};
use phanloai::domain::ids::StreamCode;
use phanloai::domain::time::Instant;
use serde_json::Value;

/// Refused by a rule of the commune, of the log or of JSON itself, although their values fit the schema.
const BEYOND_THE_SCHEMA: [&str; 5] =
    ["lost_backwards", "lost_its_own_number", "member_twice", "simulated_at_a_real_commune", "stream_unknown"];

/// 2026-11-23T18:05:40+07:00, a moment after the events of the fixtures.
const RECEIVED: Instant = Instant::from_ms(1_795_431_940_000);

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn published() -> Value {
    let text = fs::read_to_string(repository().join("docs/device-contract.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Gives the validator of one of the contract's bodies: `envelope`, `state` or `ack`.
fn validator(body: &str) -> Validator {
    let mut schema = published();
    schema["anyOf"] = serde_json::json!([{ "$ref": format!("#/$defs/{body}") }]);
    jsonschema::draft202012::new(&schema).unwrap()
}

fn fixtures(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = repository().join("tests/fixtures/native").join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    found.sort();
    assert!(found.len() > 10, "the fixtures are there");
    found
}

/// Decodes for a commune with the streams of the fixtures.
fn taken(payload: &[u8], simulated: bool) -> Result<Decoded, Rejection> {
    let streams = ["food", "recyclable", "other"].map(StreamCode::from);
    let topic = Topic::parse(&Root::parse("phanloai/v1").unwrap(), "phanloai/v1/tm-07-scale/events").unwrap();
    decode(&topic, payload, RECEIVED, &Accepts { streams: &streams, simulated })
}

fn assert_fits(validator: &Validator, name: &str, body: &Value) {
    let faults: Vec<_> = validator.iter_errors(body).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{name}: {faults:?}");
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::draft202012::meta::is_valid(&published()));
}

#[test]
fn accepted_fixtures_fit_the_schema_and_are_taken_whole() {
    let envelope = validator("envelope");
    for (name, path) in fixtures("accepted") {
        let payload = fs::read(path).unwrap();
        let body: Value = serde_json::from_slice(&payload).unwrap();
        assert_fits(&envelope, &name, &body);
        let decoded = taken(&payload, false).unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        assert_eq!(decoded.refused, [], "{name}");
        assert_eq!(decoded.readings.len(), body["events"].as_array().unwrap().len(), "{name}");
    }
}

#[test]
fn refused_fixtures_do_not_fit_and_are_refused_in_these_words() {
    let envelope = validator("envelope");
    for (name, path) in fixtures("refused") {
        let payload = fs::read(&path).unwrap();
        let fits = serde_json::from_slice(&payload).is_ok_and(|body: Value| envelope.is_valid(&body));
        assert_eq!(fits, BEYOND_THE_SCHEMA.contains(&name.as_str()), "{name}");
        let reason = match taken(&payload, false) {
            Err(rejection) => rejection.to_string(),
            Ok(decoded) => {
                let refused = decoded.refused.first().unwrap_or_else(|| panic!("{name} was taken"));
                refused.rejection.to_string()
            }
        };
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap();
        assert_eq!(reason, expected.trim_end(), "{name}");
    }
}

#[test]
fn the_contracts_own_examples_fit_the_schema() {
    let contract = fs::read_to_string(repository().join("docs/device-contract.md")).unwrap();
    let any = jsonschema::draft202012::new(&published()).unwrap();
    let examples: Vec<&str> =
        contract.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(examples.len(), 4);
    for example in &examples {
        assert_fits(&any, example, &serde_json::from_str(example).unwrap());
    }
    assert_eq!(taken(examples[0].as_bytes(), false).unwrap().readings.len(), 2);
}

#[test]
fn what_the_service_acknowledges_fits_the_schema() {
    let many = (0..100).map(|n| (n * 2 + 1, n * 2 + 1)).collect();
    let sent = Ack {
        log: "9f1c22ab".into(),
        epoch: "5b0e".to_owned(),
        upto: 300,
        missing: many,
        refused: vec![(250, 260)],
        now: RECEIVED,
    };
    assert_fits(&validator("ack"), "ack", &serde_json::from_slice(&ack(&sent)).unwrap());
    let nothing_yet = Ack { upto: 0, missing: vec![], refused: vec![], ..sent };
    assert_fits(&validator("ack"), "ack", &serde_json::from_slice(&ack(&nothing_yet)).unwrap());
}

#[test]
fn what_the_simulator_sends_fits_the_schema_and_is_taken_whole() {
    let (envelope, state) = (validator("envelope"), validator("state"));
    for body in [wire::online(0x9f1c_22ab, 1), wire::offline()] {
        assert_fits(&state, "state", &serde_json::from_slice(&body).unwrap());
    }
    let commune = Commune::generate(&CommuneSpec::sized(1_000, date(2026, 11, 22), 3, 7));
    let mut walk = Walk::new(Arc::new(Plan { commune, faults: Faults::moderate() }));
    let mut sent = 0;
    for _ in 0..3 {
        for events in walk.next_day().events {
            for of_one_boot in events.chunk_by(|one, next| one.boot == next.boot) {
                for few in of_one_boot.chunks(100) {
                    let payload = wire::envelope(0x9f1c_22ab, few.last().unwrap().ms, few);
                    assert_fits(&envelope, "envelope", &serde_json::from_slice(&payload).unwrap());
                    assert_eq!(taken(&payload, true).unwrap().refused, []);
                    sent += few.len();
                }
            }
        }
    }
    assert!(sent > 1_000, "{sent}");
}

#[test]
fn nothing_the_simulator_sends_enters_a_real_commune() {
    let nothing_taken = |payload: &[u8]| {
        let readings = taken(payload, false).map_or(0, |decoded| decoded.readings.len());
        assert_eq!(readings, 0, "{}", String::from_utf8_lossy(payload));
    };
    let commune = Commune::generate(&CommuneSpec::sized(1_000, date(2026, 11, 22), 6, 7));
    let plan = Arc::new(Plan { commune, faults: Faults::all_at_once() });
    let mut walk = Walk::new(Arc::clone(&plan));
    let (mut sent, mut disturbed) = (0, 0);
    for _ in 0..6 {
        let day = walk.next_day();
        let of_one_boot = day.events.iter().flat_map(|events| events.chunk_by(|one, next| one.boot == next.boot));
        for few in of_one_boot.flat_map(|events| events.chunks(100)) {
            let payload = wire::envelope(0x9f1c_22ab, few.last().unwrap().ms, few);
            nothing_taken(&payload);
            assert!(!taken(&payload, true).unwrap().readings.is_empty());
            sent += few.len();
        }
        for (_, _, disturbance) in &day.disturbances {
            nothing_taken(&disturbance.body());
            disturbed += 1;
        }
    }
    assert!(sent > 1_000 && disturbed > 0, "{sent} {disturbed}");
    let writes = firmware_sim::crew::writes(&plan, &firmware_sim::Crews::default());
    assert!(writes.iter().all(|write| write.body()["simulated"] == true) && writes.len() > 100, "{}", writes.len());
}
