//! Writes a world as its users would hand it over: import files, envelopes.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::time::local_text;
use super::world::{Body, DESTINATIONS, Event, Limits, World};

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
        for (code, is_dump) in DESTINATIONS {
            let kind = if is_dump { "dump" } else { "plant" };
            write!(text, "\n[[destination]]\ncode = \"{code}\"\nname = \"{code}\"\nkind = \"{kind}\"\n")
                .expect("a string grows");
        }
        if let Some(grams) = self.per_person_day_g {
            write!(text, "\n[generation]\ngrams_per_person_day = {grams}\nsource = \"giả định\"\n")
                .expect("a string grows");
        }
        for (number, rule) in self.rules.iter().enumerate() {
            write!(text, "\n[[rule]]\nversion = \"v{number}\"\neffective_from = \"{}\"\n", rule.from)
                .expect("a string grows");
            for (name, value) in limits(rule) {
                writeln!(text, "{name} = {value}").expect("a string grows");
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
}

/// A rule's numbers by the names of the commune file.
fn limits(rule: &Limits) -> [(&'static str, i64); 12] {
    let whole = |count: usize| i64::try_from(count).expect("a few");
    [
        ("window_opportunities", whole(rule.window_opportunities)),
        ("window_days", rule.window_days),
        ("observable_opportunities", whole(rule.observable_opportunities)),
        ("sparse_window_days", rule.rare_window_days),
        ("sparse_observable_opportunities", whole(rule.rare_opportunities)),
        ("verified_days", rule.verified_days),
        ("contrary_days", rule.contrary_days),
        ("closing_rounds", whole(rule.closing_rounds)),
        ("contested_within_ms", rule.contests_within_ms),
        ("new_household_days", rule.new_days),
        ("new_household_opportunities", whole(rule.new_opportunities)),
        ("working_percent", rule.working_percent),
    ]
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
