//! The worked example: 60 households over 45 days, with every expected state and gram.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::commune::TestCommune;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/commune-1")
}

fn streams() -> Vec<crate::oracle::world::Stream> {
    [("food", true), ("recyclable", true), ("other", false)]
        .map(|(code, required)| crate::oracle::world::Stream { code: code.to_owned(), required, mean_g: None })
        .into()
}

#[tokio::test]
async fn the_example_commune_gives_every_expected_state_and_gram() {
    let from = crate::oracle::time::Day(20_697);
    let to = crate::oracle::time::Day(20_741);
    let world = crate::oracle::read::read_world(&folder(), streams(), from, to);
    let commune = TestCommune::of_world(&world, Some(&folder())).await;
    commune.compute("2026-10-15").await;
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(folder().join("expected.json")).unwrap()).unwrap();
    let mut differences = Vec::new();
    for (day, states) in expected["states"].as_object().unwrap() {
        let states: BTreeMap<String, String> = serde_json::from_value(states.clone()).unwrap();
        let given = commune.states(day).await;
        for (household, state) in &states {
            let got = given.get(household).cloned().unwrap_or_default();
            if got != *state {
                differences.push(format!("{day} {household}: expected {state}, got {got}"));
            }
        }
        for household in given.keys().filter(|household| !states.contains_key(*household)) {
            differences.push(format!("{day} {household}: expected nothing, got {}", given[household]));
        }
    }
    let tonnage: BTreeMap<String, i64> = serde_json::from_value(expected["tonnage"].clone()).unwrap();
    let given = commune.tonnage("2026-09-01", "2026-10-15").await;
    for (key, grams) in &tonnage {
        let got = given.get(key).map_or(0, phanloai::indicators::Tonnage::total_g);
        if got != *grams {
            differences.push(format!("{key}: expected {grams} g, got {got} g"));
        }
    }
    assert_eq!(given.len(), tonnage.len(), "streams and days with tonnage");
    assert!(
        differences.is_empty(),
        "{} differences, first {:#?}",
        differences.len(),
        &differences[..differences.len().min(20)]
    );
    let (events, _) = commune.store.stored_totals().await.unwrap();
    assert_eq!(events, expected["distinct_events"].as_i64().unwrap());
    let check = commune.check().await;
    assert_eq!(check, None);
}
