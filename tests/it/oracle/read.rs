//! Reads a world from import files and a list of events.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::time::{Day, moment_ms};
use super::world::{Body, Event, EventKey, Stream, Weight, World};

/// Reads a directory of CSV imports with `events.jsonl` or `events.jsonl.gz`; a missing file holds no rows.
pub fn read_world(dir: &Path, streams: Vec<Stream>, from: Day, to: Day) -> World {
    World {
        from,
        to,
        streams,
        areas: rows(dir, "areas"),
        points: rows(dir, "points"),
        routes: rows(dir, "routes"),
        households: rows(dir, "households"),
        tags: rows(dir, "tags"),
        devices: rows(dir, "devices"),
        schedule: rows(dir, "schedule"),
        pathways: rows(dir, "pathways"),
        findings: rows(dir, "findings"),
        visits: rows(dir, "visits"),
        exclusions: rows(dir, "exclusions"),
        events: events(dir),
        ..World::default()
    }
}

fn rows<T: DeserializeOwned>(dir: &Path, kind: &str) -> Vec<T> {
    let path = dir.join(format!("{kind}.csv"));
    if !path.exists() {
        return Vec::new();
    }
    let mut reader = csv::Reader::from_path(&path).unwrap();
    reader.deserialize().map(|row| row.unwrap_or_else(|error| panic!("{}: {error}", path.display()))).collect()
}

fn events(dir: &Path) -> Vec<Event> {
    let plain = dir.join("events.jsonl");
    let lines: Box<dyn Read> = if plain.exists() {
        Box::new(File::open(plain).unwrap())
    } else {
        Box::new(GzDecoder::new(File::open(dir.join("events.jsonl.gz")).unwrap()))
    };
    BufReader::new(lines)
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            event(line["device"].as_str().unwrap(), "00000001", &line["event"])
        })
        .collect()
}

/// One event as the device contract writes it.
fn event(device: &str, log: &str, value: &Value) -> Event {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let grams = |name: &str| value[name].as_i64().unwrap_or(0);
    let body = match value["type"].as_str().unwrap() {
        "heartbeat" => Body::Heartbeat,
        "tag" => Body::Tag { uid: text("uid").unwrap(), tech: text("tech").unwrap() },
        "lift" => Body::Lift {
            uid: text("uid").unwrap(),
            gross_g: grams("gross_g"),
            tare_g: grams("tare_g"),
            stream: text("stream"),
        },
        "weight" => Body::Weight(Weight {
            gross_g: grams("gross_g"),
            tare_g: grams("tare_g"),
            stable: value["stable"].as_bool().unwrap(),
            load: value["load"].as_u64(),
            stream: text("stream"),
            division_g: value["division_g"].as_i64(),
            range: text("range"),
            maintenance: value["maintenance"].as_bool().unwrap_or(false),
        }),
        other => panic!("event type `{other}`"),
    };
    Event {
        key: EventKey { device: device.to_owned(), log: log.to_owned(), seq: value["seq"].as_u64().unwrap() },
        boot: u32::try_from(value["boot"].as_u64().unwrap()).unwrap(),
        ms: value["ms"].as_i64().unwrap(),
        at_ms: value["at"].as_i64().or_else(|| value["at"].as_str().map(moment_ms)),
        clock: text("clock").unwrap(),
        body,
    }
}
