//! The engine and the second evaluator agree, state by state, gram by gram and figure by figure as published, on generated communes:
//! 240 of them, and 2 400 with `PHANLOAI_LONG`. Half of them get everything in one go; the others get it out of order, some of it twice,
//! and most of it late, the register among it: when the figures of the days before were computed without it.

use std::collections::BTreeMap;

use phanloai::domain::facts::{Operation, Statement};
use phanloai::domain::ids::HouseholdCode;
use phanloai::domain::time::LocalDay;

use crate::commune::TestCommune;
use crate::laws::seeds;
use crate::oracle::evaluate::evaluate;
use crate::oracle::generate::generate;
use crate::oracle::random::Random;
use crate::oracle::time::Day;
use crate::oracle::world::World;
use crate::oracle_operations::operations;
use crate::published;

/// Communes of one test; four tests share the seeds so that they run side by side.
fn communes() -> u64 {
    let range = seeds(0, 60);
    // Ten times as many as usual are enough for a long run.
    (range.end - range.start).min(600)
}

/// Feeds a commune out of order, an eighth of it twice, and computes the figures in between.
async fn late_twice_and_out_of_order(world: &World, seed: u64) -> TestCommune {
    let mut random = Random::new(seed ^ 0x1a7e);
    let commune = TestCommune::empty_of_world(&not_all_of_the_register(world, &mut random), None).await;
    let mut envelopes: Vec<(String, String)> =
        world.envelopes().into_iter().map(|(device, envelope)| (device, envelope.to_string())).collect();
    random.shuffle(&mut envelopes);
    let again = envelopes.len().div_ceil(8);
    envelopes.extend(envelopes[..again].to_vec());
    let part = envelopes.len().div_ceil(3).max(1);
    // What is taken back was counted before.
    let is_void = |operation: &Operation| matches!(operation.statement, Statement::Void { .. });
    let (_, said): (Vec<Operation>, Vec<Operation>) = operations(world).into_iter().partition(is_void);
    let mut today = world.from;
    for (at, batch) in envelopes.chunks(part).enumerate() {
        let batch: Vec<(&str, String)> = batch.iter().map(|(d, e)| (d.as_str(), e.clone())).collect();
        commune.append(&batch).await;
        if at == 1 {
            commune.store.record(&said, &commune.commune.zone).await.unwrap();
            commune.import_of_world(world).await;
        }
        today = Day(random.between(today.0, world.to.0));
        commune.compute(&today.to_string()).await;
    }
    commune.import_of_world(world).await;
    commune.record(world).await;
    commune
}

/// Gives the world with what was entered into the register so far: some households, tags, exclusions, and some of what was found.
fn not_all_of_the_register(world: &World, random: &mut Random) -> World {
    let mut early = world.clone();
    let mut some = |percent: i64| -> bool { random.chance(percent) };
    let mut codes: Vec<String> = world.households.iter().map(|row| row.code.clone()).collect();
    codes.dedup();
    // The route must be known, as its schedule is.
    let first_of_route = world.routes.first().map(|row| row.household.clone());
    codes.retain(|code| first_of_route.as_ref() == Some(code) || some(80));
    early.households.retain(|row| codes.contains(&row.code));
    early.routes.retain(|row| codes.contains(&row.household));
    early.tags.retain(|row| codes.contains(&row.household) && some(70));
    early.exclusions.retain(|row| codes.contains(&row.household) && some(50));
    early.findings.retain(|row| codes.contains(&row.household) && some(50));
    early.visits.retain(|row| codes.contains(&row.household) && some(50));
    early.pathways.retain(|row| codes.contains(&row.household) && some(50));
    early
}

async fn agrees(seed: u64) -> Result<(), String> {
    let world = generate(seed);
    // Figures begin with the schedule.
    let begin = world.schedule.iter().map(|row| row.valid_from).min().unwrap().min(world.to);
    let outcome = evaluate(&world, begin, world.to);
    let commune = if (seed / 4).is_multiple_of(2) {
        TestCommune::of_world(&world, None).await
    } else {
        late_twice_and_out_of_order(&world, seed).await
    };
    let text = |day: Day| LocalDay::from_number(i32::try_from(day.0).unwrap()).to_string();
    commune.compute(&text(world.to)).await;
    let mut differences = Vec::new();
    for number in begin.0..=world.to.0 {
        let day = Day(number);
        let given = commune.states(&text(day)).await;
        let expected: BTreeMap<String, String> = outcome
            .states
            .iter()
            .filter(|((on, _), _)| *on == day)
            .map(|((_, household), state)| (household.clone(), state.clone()))
            .collect();
        for household in expected.keys().chain(given.keys()).collect::<std::collections::BTreeSet<_>>() {
            let (wanted, got) = (expected.get(household), given.get(household));
            if wanted != got {
                differences.push(format!("{} {household}: expected {wanted:?}, got {got:?}", text(day)));
            }
        }
    }
    let first: LocalDay = text(begin).parse().unwrap();
    let codes: Vec<HouseholdCode> = world.households.iter().map(|row| HouseholdCode::new(row.code.as_str())).collect();
    let spans = commune.store.practice_spans(&codes, first, text(world.to).parse().unwrap()).await.unwrap();
    for ((day, household), wanted) in &outcome.practice {
        let on: LocalDay = text(*day).parse().unwrap();
        let held = spans
            .iter()
            .find(|span| span.household.as_str() == household && span.from <= on && span.to.is_none_or(|to| on <= to));
        let got = held.map(|span| {
            let p = span.practice;
            (p.served, p.measured, p.participating, p.opportunities, p.set_outs, p.home_treated)
        });
        if got != Some(*wanted) {
            differences.push(format!("{on} {household}: practice expected {wanted:?}, got {got:?}"));
        }
    }
    let spans = commune.store.verified_spans(&codes, first, text(world.to).parse().unwrap()).await.unwrap();
    for (day, household) in outcome.practice.keys() {
        let on: LocalDay = text(*day).parse().unwrap();
        let held = spans
            .iter()
            .find(|span| span.household.as_str() == household && span.from <= on && span.to.is_none_or(|to| on <= to));
        let got = held.map(|span| (span.until.to_string(), span.streams.iter().map(ToString::to_string).collect()));
        let wanted = outcome.verified.get(&(*day, household.clone()));
        let wanted = wanted.map(|(until, streams)| (text(*until), streams.clone()));
        if got != wanted {
            differences.push(format!("{on} {household}: verified until expected {wanted:?}, got {got:?}"));
        }
    }
    let given = commune.tonnage(&text(begin), &text(world.to)).await;
    for ((day, stream), wanted) in &outcome.tonnage {
        let got = given.get(&format!("{}|{stream}", text(*day))).cloned().unwrap_or_default();
        let same = got.weighed_g == wanted.weighed_g
            && got.manual_g == wanted.manual_g
            && got.estimated_g == wanted.estimated_g
            && got.unknown_household_g == wanted.unknown_household_g
            && got.pickups == wanted.hand_overs;
        if !same {
            differences.push(format!("{}|{stream}: expected {wanted:?}, got {got:?}", text(*day)));
        }
    }
    if let Some(difference) = commune.check().await {
        differences.push(format!("rebuild --check: {difference}"));
    }
    differences.extend(published::differences(&commune, &world.settled(), &outcome, begin, seed).await);
    if differences.is_empty() {
        return Ok(());
    }
    differences.truncate(6);
    Err(format!("seed {seed}: {differences:#?}"))
}

async fn all_agree(part: u64) {
    let mut faults = Vec::new();
    for seed in (part..communes() * 4).step_by(4) {
        if let Err(fault) = agrees(seed).await {
            faults.push(fault);
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {} communes differ\n{}",
        faults.len(),
        communes(),
        faults[..faults.len().min(5)].join("\n")
    );
}

#[tokio::test]
async fn generated_communes_agree_first_part() {
    all_agree(0).await;
}

#[tokio::test]
async fn generated_communes_agree_second_part() {
    all_agree(1).await;
}

#[tokio::test]
async fn generated_communes_agree_third_part() {
    all_agree(2).await;
}

#[tokio::test]
async fn generated_communes_agree_fourth_part() {
    all_agree(3).await;
}
