//! What a person corrects later changes the past that it speaks of, and only that: a pickup declared void, a finding that
//! comes late, a tag that moves to another household.

use std::collections::BTreeSet;

use phanloai::app::import;
use phanloai::domain::facts::{Operation, Statement};
use phanloai::domain::state::FindingKind;
use phanloai::domain::time::LocalDay;
use phanloai::imports::Kind;
use serde_json::Value;

use crate::commune::{NOW, Still};
use crate::laws::{Kept, Rows, assert_same, seeds, states_until, text};
use crate::oracle::generate::generate;
use crate::oracle::random::Random;
use crate::oracle::world::{Operation as Posted, World};

fn parsed(rows: &Rows, table: &str) -> Vec<Value> {
    let of_table = rows.iter().filter(|(name, _)| *name == table);
    of_table.map(|(_, row)| serde_json::from_str(row).unwrap()).collect()
}

/// Rows of a table that are not the same before and after.
fn changed(before: &Rows, after: &Rows, table: &str) -> Vec<Value> {
    parsed(&before.symmetric_difference(after).cloned().collect(), table)
}

fn of(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}

async fn record(kept: &Kept, world: &World, statement: Statement) {
    let operation = Operation { id: "late".to_owned(), recorded: NOW, by: "cán bộ".to_owned(), statement };
    kept.commune.store.record(&[operation], &kept.commune.commune.zone).await.unwrap();
    kept.commune.compute(&text(world.to)).await;
}

/// Checks that states changed for some households only, and not before a day; and that a rebuild would give the same.
async fn only(seed: u64, kept: &Kept, before: &Rows, after: &Rows, households: &BTreeSet<String>, first: &str) {
    for row in changed(before, after, "household_state") {
        assert!(households.contains(&of(&row, "household")), "seed {seed}: not of {households:?}: {row}");
    }
    assert_eq!(states_until(before, first), states_until(after, first), "seed {seed}: states before {first}");
    for row in changed(before, after, "area_day") {
        assert!(of(&row, "day").as_str() >= first, "seed {seed}: before {first}: {row}");
    }
    assert_eq!(kept.commune.check().await, None, "seed {seed}");
}

#[tokio::test]
async fn a_pickup_declared_void_changes_its_round_and_its_households_only() {
    let mut told = 0;
    for seed in seeds(7_000, 6) {
        let world = generate(seed);
        let kept = Kept::plain(&world).await;
        let before = kept.rows().await;
        let accepted: Vec<Value> = parsed(&before, "pickup").into_iter().filter(|row| row["accepted"] == 1).collect();
        let mut random = Random::new(seed ^ 0x501d);
        let Some(one) = accepted.get(random.place(accepted.len().max(1))) else { continue };
        let (place, day) = (of(one, "place"), of(one, "day"));
        record(&kept, &world, Statement::Void { at: NOW, pickup: of(one, "id"), reason: "nhầm hộ".to_owned() }).await;
        let after = kept.rows().await;
        let pickups = changed(&before, &after, "pickup");
        assert!(!pickups.is_empty(), "seed {seed}: {one} is void");
        // A crew's word that held this hand-over stands for itself again, so its pickup may change with it.
        let near = |row: &Value| {
            let on: LocalDay = of(row, "day").parse().unwrap();
            of(row, "place") == place && (on - day.parse::<LocalDay>().unwrap()).abs() <= 1
        };
        for table in ["pickup", "round", "tonnage_day"] {
            for row in changed(&before, &after, table) {
                assert!(near(&row), "seed {seed}: {table} beyond {place} on {day}: {row}");
            }
        }
        assert_eq!(changed(&before, &after, "device_day"), [Value::Null; 0], "seed {seed}");
        let mut households: BTreeSet<String> = pickups.iter().map(|row| of(row, "household")).collect();
        if !changed(&before, &after, "round").is_empty() {
            // The round did not run after all: an opportunity less for everybody there.
            let served = world.households.iter().filter(|row| row.point.as_deref() == Some(&place));
            households.extend(served.map(|row| row.code.clone()));
            households.extend(world.routes.iter().filter(|row| row.route == place).map(|row| row.household.clone()));
        }
        let first = pickups.iter().map(|row| of(row, "day")).min().unwrap_or_default();
        only(seed, &kept, &before, &after, &households, &first).await;
        told += 1;
    }
    assert!(told > 3, "{told} communes had a pickup");
}

#[tokio::test]
async fn a_late_finding_changes_its_household_only() {
    let mut told = 0;
    for seed in seeds(7_100, 6) {
        let world = generate(seed);
        let kept = Kept::plain(&world).await;
        let before = kept.rows().await;
        let pickups = parsed(&before, "pickup");
        let Some(one) = pickups.iter().find(|row| row["household"].is_string()) else { continue };
        let at = phanloai::domain::time::Instant::from_ms(one["time_ms"].as_i64().unwrap());
        let (household, day) = (of(one, "household"), kept.commune.commune.zone.day_of(at).to_string());
        let statement = Statement::Finding {
            at,
            household: household.as_str().into(),
            stream: None,
            finding: FindingKind::Mixed,
            reason: None,
        };
        record(&kept, &world, statement).await;
        let after = kept.rows().await;
        for table in ["pickup", "round", "tonnage_day", "device_day"] {
            assert_eq!(changed(&before, &after, table), [Value::Null; 0], "seed {seed}: {table}");
        }
        told += usize::from(!changed(&before, &after, "household_state").is_empty());
        only(seed, &kept, &before, &after, &BTreeSet::from([household]), &day).await;
    }
    assert!(told > 0, "no finding changed a state");
}

#[tokio::test]
async fn a_tag_that_moves_takes_its_reads_with_it_from_that_day_on_only() {
    let mut told = 0;
    for seed in seeds(7_200, 8) {
        let mut world = generate(seed);
        let kept = Kept::plain(&world).await;
        let before = kept.rows().await;
        let Some(at) = world.tags.iter().position(|tag| tag.valid_to.is_none() && tag.valid_from < world.to.plus(-6))
        else {
            continue;
        };
        let old = world.tags[at].clone();
        let Some(heir) =
            world.households.iter().find(|row| row.code != old.household && row.valid_from <= old.valid_from)
        else {
            continue;
        };
        let moved = world.to.plus(-5);
        let heir = heir.code.clone();
        world.tags[at].valid_to = Some(moved);
        world.tags.push(crate::oracle::world::Tag {
            household: heir.clone(),
            valid_from: moved,
            valid_to: None,
            ..old.clone()
        });
        let folder = tempfile::TempDir::new().unwrap();
        world.write_csvs(folder.path());
        let bytes = std::fs::read(folder.path().join("tags.csv")).unwrap();
        let commune = &kept.commune;
        import(&commune.store, &commune.commune, Kind::Tags, &bytes, &Still(NOW), "test", false).await.unwrap();
        kept.commune.compute(&text(world.to)).await;
        let after = kept.rows().await;
        // A round may have begun the day before.
        let first = text(moved.plus(-1));
        let pickups = changed(&before, &after, "pickup");
        for row in &pickups {
            assert!(of(row, "day") >= first, "seed {seed}: before the move: {row}");
        }
        let mut households: BTreeSet<String> = pickups.iter().map(|row| of(row, "household")).collect();
        households.extend([old.household.clone(), heir]);
        only(seed, &kept, &before, &after, &households, &first).await;
        told += usize::from(before != after);
    }
    assert!(told > 0, "no move changed a figure");
}

#[tokio::test]
async fn what_is_taken_back_late_leaves_what_it_would_have_left() {
    let mut told = 0;
    for seed in seeds(7_300, 4) {
        let world = generate(seed);
        let is_void = |operation: &Posted| matches!(operation, Posted::Void { .. });
        let mut before = world.clone();
        before.operations.retain(|operation| !is_void(operation));
        let kept = Kept::plain(&before).await;
        let counted = kept.rows().await;
        kept.commune.record(&world).await;
        kept.commune.compute(&text(world.to)).await;
        let after = kept.rows().await;
        assert_same(seed, "taken back late", &Kept::plain(&world).await.rows().await, &after);
        assert_eq!(kept.commune.check().await, None, "seed {seed}");
        told += changed(&counted, &after, "pickup").len();
    }
    assert!(told > 0, "nothing was taken back");
}
