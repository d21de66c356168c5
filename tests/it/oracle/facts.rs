//! What the evaluator is held to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::evaluate::{Outcome, evaluate};
use super::generate::{Knobs, generate, generate_with};
use super::read::read_world;
use super::time::Day;
use super::world::{Operation, Said, Stream};

fn commune_1() -> (Outcome, Value) {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/commune-1");
    let stream = |code: &str, required| Stream { code: code.to_owned(), required, mean_g: None };
    let streams = vec![stream("food", true), stream("recyclable", true), stream("other", false)];
    let expected: Value = serde_json::from_slice(&std::fs::read(dir.join("expected.json")).unwrap()).unwrap();
    let days = || expected["states"].as_object().unwrap().keys().map(|day| day.parse().unwrap());
    let world = read_world(&dir, streams, days().min().unwrap(), days().max().unwrap());
    let outcome = evaluate(&world, world.from, world.to);
    (outcome, expected)
}

#[test]
fn the_worked_example_comes_out_to_the_last_household_day_and_gram() {
    let (outcome, expected) = commune_1();
    let mut states: BTreeMap<(Day, String), String> = BTreeMap::new();
    for (day, households) in expected["states"].as_object().unwrap() {
        for (household, state) in households.as_object().unwrap() {
            states.insert((day.parse().unwrap(), household.clone()), state.as_str().unwrap().to_owned());
        }
    }
    let mut differences: Vec<String> = Vec::new();
    let keys: std::collections::BTreeSet<_> = states.keys().chain(outcome.states.keys()).collect();
    for key in keys {
        if states.get(key) != outcome.states.get(key) {
            differences.push(format!("{key:?}: expected {:?}, found {:?}", states.get(key), outcome.states.get(key)));
        }
    }
    let found: BTreeMap<String, i64> =
        outcome.tonnage.iter().map(|((day, stream), tonnage)| (format!("{day}|{stream}"), tonnage.total_g())).collect();
    let tonnage: BTreeMap<String, i64> = expected["tonnage"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, grams)| (key.clone(), grams.as_i64().unwrap()))
        .collect();
    assert!(differences.is_empty(), "{} states differ:\n{}", differences.len(), differences.join("\n"));
    assert_eq!(found, tonnage);
    assert_eq!(
        Some(outcome.distinct_events),
        expected["distinct_events"].as_u64().and_then(|n| usize::try_from(n).ok())
    );
}

#[test]
fn a_seed_gives_one_world() {
    let arrival = |seed| generate(seed).envelopes();
    assert_eq!(arrival(7), arrival(7));
    assert_ne!(arrival(7), arrival(8));
}

#[test]
fn arrival_order_and_repeats_change_no_figure() {
    let mut repeats = 0;
    for seed in 0..8 {
        let world = generate(seed);
        let before = evaluate(&world, world.from, world.to);
        let mut tidy = world.clone();
        tidy.events.sort_by(|a, b| a.key.cmp(&b.key));
        tidy.events.dedup();
        let after = evaluate(&tidy, world.from, world.to);
        repeats += world.events.len() - tidy.events.len();
        assert_eq!(
            (before.states, before.tonnage, before.days),
            (after.states, after.tonnage, after.days),
            "seed {seed}"
        );
    }
    assert!(repeats > 1_000, "{repeats}");
}

#[test]
fn a_world_written_as_imports_reads_back_the_same() {
    let world = generate(3);
    let dir = std::env::temp_dir().join(format!("oracle-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    world.write_csvs(&dir);
    let lines: Vec<String> = world
        .envelopes()
        .iter()
        .flat_map(|(device, envelope)| {
            let line = |event: &Value| serde_json::json!({ "device": device, "event": event }).to_string();
            envelope["events"].as_array().unwrap().iter().map(line).collect::<Vec<String>>()
        })
        .collect();
    std::fs::write(dir.join("events.jsonl"), lines.join("\n")).unwrap();
    let read = read_world(&dir, world.streams.clone(), world.from, world.to);
    std::fs::remove_dir_all(&dir).unwrap();
    assert_eq!(format!("{:?}", world.households), format!("{:?}", read.households));
    assert_eq!(format!("{:?}", world.devices), format!("{:?}", read.devices));
    assert_eq!(format!("{:?}", world.findings), format!("{:?}", read.findings));
    assert_eq!(world.streams.len(), world.commune_toml().matches("[[stream]]").count());
    assert_eq!(world.events.len(), read.events.len());
    assert!(world.events.iter().zip(&read.events).all(|(a, b)| (a.at_ms, &a.body) == (b.at_ms, &b.body)));
}

/// A generator that forgets a rule would let it go untested.
#[test]
fn the_worlds_of_forty_seeds_meet_every_state() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut note = |what: &str, times: usize| *seen.entry(what.to_owned()).or_default() += times;
    for seed in 0..40 {
        let world = generate(seed);
        let outcome = evaluate(&world, world.from, world.to);
        outcome.states.values().for_each(|state| note(state, 1));
        note("events", world.events.len());
        for pickup in &outcome.pickups {
            note(if pickup.household.is_some() { "pickup of a household" } else { "pickup of nobody known" }, 1);
            note("contested", usize::from(pickup.contested));
            note("not accepted", usize::from(!pickup.accepted));
            note("outside rounds", usize::from(pickup.round.is_none()));
            note("presence", usize::from(pickup.from_readings && pickup.net_g.is_none()));
            note("a device's pickup taken back", usize::from(pickup.void));
            note("below the minimum", usize::from(pickup.below_min));
        }
        for operation in &world.operations {
            note("ticket", usize::from(matches!(operation, Operation::Ticket { .. })));
            let is_void = |id: &String| world.voids().any(|void| void == id);
            if let Operation::Said { id, said } = operation {
                note("visit taken back", usize::from(is_void(id) && matches!(said, Said::Visit(_))));
                note("finding taken back", usize::from(is_void(id) && matches!(said, Said::Finding(_))));
                note("pathway taken back", usize::from(is_void(id) && matches!(said, Said::Pathway(_))));
            }
        }
        note(
            "day under a second rule",
            usize::try_from(world.rules.last().map_or(0, |rule| world.to.0 - rule.from.0)).unwrap(),
        );
        for tonnage in outcome.tonnage.values() {
            note("manual", usize::from(tonnage.manual_g > 0));
            note("estimated", usize::from(tonnage.estimated_g > 0));
        }
    }
    let all = [
        "S:device",
        "S:crew",
        "S:verified",
        "N",
        "U:only_declared",
        "U:one_stream_missing",
        "U:not_observable",
        "U:only_other",
        "U:no_pickup",
        "pickup of a household",
        "pickup of nobody known",
        "contested",
        "not accepted",
        "outside rounds",
        "presence",
        "manual",
        "estimated",
        "a device's pickup taken back",
        "below the minimum",
        "ticket",
        "visit taken back",
        "finding taken back",
        "pathway taken back",
        "day under a second rule",
    ];
    for what in all {
        assert!(seen.get(what).copied().unwrap_or(0) >= 20, "too few of `{what}`: {seen:#?}");
    }
}

#[test]
fn worlds_with_open_questions_have_figures_too() {
    let knobs = Knobs { open_questions: true, ..Knobs::default() };
    let households: usize = (0..8)
        .map(|seed| {
            let world = generate_with(seed, knobs);
            evaluate(&world, world.from, world.to).states.len()
        })
        .sum();
    assert!(households > 0);
}
