//! Writes a world as its users would hand it over: import files, envelopes, posts.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::time::local_text;
use super::world::{Body, Event, EventKey, Operation, RoundAction, World};

const LARGEST_ENVELOPE: usize = 200;

impl World {
    /// Writes every kind of import with at least one row, as `KIND.csv`.
    pub fn write_csvs(&self, dir: &Path) {
        write_rows(dir, "areas", &self.areas);
        write_rows(dir, "points", &self.points);
        write_rows(dir, "routes", &self.routes);
        write_rows(dir, "households", &self.households);
        write_rows(dir, "tags", &self.tags);
        write_rows(dir, "devices", &self.devices);
        write_rows(dir, "schedule", &self.schedule);
        write_rows(dir, "pathways", &self.pathways);
        write_rows(dir, "findings", &self.findings);
        write_rows(dir, "visits", &self.visits);
        write_rows(dir, "exclusions", &self.exclusions);
    }

    /// The commune file, with the streams.
    pub fn commune_toml(&self) -> String {
        let mut text =
            "[commune]\ncode = \"99999\"\nname = \"Xã thử\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = false\n"
                .to_owned();
        for stream in &self.streams {
            let (code, required) = (&stream.code, stream.required);
            write!(
                text,
                "\n[[stream]]\ncode = \"{code}\"\nname = \"{code}\"\nname_en = \"{code}\"\nrequired = {required}\n"
            )
            .expect("a string grows");
            text.push_str("colour = \"#2f6f4f\"\nicon = \"bag\"\n");
            if let Some(mean_g) = stream.mean_g {
                writeln!(text, "mean_g = {mean_g}").expect("a string grows");
            }
        }
        text
    }

    /// Envelopes in arrival order, each with its device. None has `sent_ms`: times are graded from `at`.
    pub fn envelopes(&self) -> Vec<(String, Value)> {
        let of = |event: &Event| (event.key.device.clone(), event.key.log.clone(), event.boot);
        let mut groups: Vec<&[Event]> = Vec::new();
        for group in self.events.chunk_by(|a, b| of(a) == of(b)) {
            groups.extend(group.chunks(LARGEST_ENVELOPE));
        }
        let envelope = |events: &&[Event]| {
            let (device, log, boot) = of(&events[0]);
            let events: Vec<Value> = events.iter().map(event_json).collect();
            (device, json!({ "log": log, "boot": boot, "events": events }))
        };
        groups.iter().map(envelope).collect()
    }

    /// What the crew posts, in order: path below `/api/v1` and body.
    pub fn posts(&self) -> Vec<(String, Value)> {
        self.operations.iter().map(post).collect()
    }
}

fn write_rows<T: Serialize>(dir: &Path, kind: &str, rows: &[T]) {
    if rows.is_empty() {
        return;
    }
    let mut writer = csv::Writer::from_path(dir.join(format!("{kind}.csv"))).expect("the directory can be written");
    for row in rows {
        writer.serialize(row).expect("a row is flat");
    }
    writer.flush().expect("the file can be written");
}

fn post(operation: &Operation) -> (String, Value) {
    match operation {
        Operation::Round { id, place, stream, service_date, action, at_ms } => {
            let action = match action {
                RoundAction::Open => "open",
                RoundAction::Close => "close",
            };
            let body = json!({
                "id": id, "place": place, "stream": stream, "service_date": service_date, "action": action,
                "at": local_text(*at_ms),
            });
            ("/rounds".to_owned(), body)
        }
        Operation::Pickup(pickup) => {
            let mut body = json!({
                "id": pickup.id, "at": local_text(pickup.at_ms), "household": pickup.household, "place": pickup.place,
                "stream": pickup.stream, "result": pickup.result,
            });
            if let Some(manual_g) = pickup.manual_g {
                body["manual_g"] = json!(manual_g);
            }
            if let Some(EventKey { device, log, seq }) = &pickup.reading {
                body["reading"] = json!({ "device": device, "log": log, "seq": seq });
            }
            ("/pickups".to_owned(), body)
        }
        Operation::Void { id, pickup, at_ms } => {
            let body = json!({ "id": id, "at": local_text(*at_ms), "reason": "logged for the wrong house" });
            (format!("/pickups/{pickup}/void"), body)
        }
    }
}

/// One event as the device contract writes it; times alternate between the two forms.
fn event_json(event: &Event) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
    };
    put("seq", json!(event.key.seq));
    put("boot", json!(event.boot));
    put("ms", json!(event.ms));
    match event.at_ms {
        Some(at_ms) if event.key.seq.is_multiple_of(2) => put("at", json!(local_text(at_ms))),
        at_ms => put("at", json!(at_ms)),
    }
    put("clock", json!(event.clock));
    match &event.body {
        Body::Heartbeat => put("type", json!("heartbeat")),
        Body::Tag { uid, tech } => {
            put("type", json!("tag"));
            put("uid", json!(uid));
            put("tech", json!(tech));
        }
        Body::Lift { uid, gross_g, tare_g, stream } => {
            put("type", json!("lift"));
            put("uid", json!(uid));
            put("gross_g", json!(gross_g));
            put("tare_g", json!(tare_g));
            put("stream", json!(stream));
        }
        Body::Weight(weight) => {
            put("type", json!("weight"));
            put("gross_g", json!(weight.gross_g));
            put("tare_g", json!(weight.tare_g));
            put("stable", json!(weight.stable));
            put("load", json!(weight.load));
            put("stream", json!(weight.stream));
            put("division_g", json!(weight.division_g));
            put("range", json!(weight.range));
            put("maintenance", json!(weight.maintenance.then_some(true)));
        }
    }
    Value::Object(members)
}
