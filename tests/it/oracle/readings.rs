//! What attribution is held to, on stations made by hand.

use super::attribute::{Handover, attribute};
use super::time::{Day, SECOND_MS};
use super::visit::Owner;
use super::world::{Body, Device, Event, EventKey, Tag, Weight, World};

const NOON_MS: i64 = 1_790_000_000_000;

/// A place with one combined device; A's tag is AA, B's is BB.
fn station(mode: &str, events: &[(i64, Body)]) -> World {
    let device = Device {
        device: "d".to_owned(),
        place: "P".to_owned(),
        kind: if mode == "reader" { "tag_reader" } else { "combined" }.to_owned(),
        station: None,
        profile: None,
        mode: (mode != "reader").then(|| mode.to_owned()),
        stream: Some("food".to_owned()),
        max_g: Some(60_000),
        division_g: Some(20),
        min_g: Some(100),
    };
    let tag = |household: &str| Tag {
        uid: household.repeat(2),
        household: household.to_owned(),
        tech: "hf".to_owned(),
        valid_from: Day::of(NOON_MS).plus(-9),
        valid_to: None,
    };
    let event = |(number, (later_ms, body)): (usize, &(i64, Body))| Event {
        key: EventKey { device: "d".to_owned(), log: "1".to_owned(), seq: u64::try_from(number).unwrap() },
        boot: 1,
        ms: *later_ms,
        at_ms: Some(NOON_MS + later_ms),
        clock: "synced".to_owned(),
        body: body.clone(),
    };
    World {
        devices: vec![device],
        tags: vec![tag("A"), tag("B")],
        events: events.iter().enumerate().map(event).collect(),
        ..World::default()
    }
}

fn tag(uid: &str) -> Body {
    Body::Tag { uid: uid.to_owned(), tech: "hf".to_owned() }
}

fn level(gross_g: i64, load: Option<u64>) -> Body {
    Body::Weight(Weight { gross_g, stable: true, load, ..Weight::default() })
}

fn owners(handovers: &[Handover]) -> Vec<Owner> {
    handovers.iter().map(|handover| handover.owner.clone()).collect()
}

fn grams(handovers: &[Handover]) -> Vec<Option<i64>> {
    handovers.iter().map(|handover| handover.net_g).collect()
}

fn of(household: &str) -> Owner {
    Owner::Household(household.to_owned())
}

#[test]
fn a_visit_reaches_thirty_seconds_and_not_a_millisecond_more() {
    let after = |later_ms| owners(&attribute(&station("platform", &[(0, tag("AA")), (later_ms, level(900, Some(1)))])));
    assert_eq!(after(30 * SECOND_MS), [of("A")]);
    assert_eq!(after(30 * SECOND_MS + 1), [Owner::Unknown]);
}

#[test]
fn a_tag_may_follow_its_weight_by_fifteen_seconds() {
    let before =
        |later_ms| owners(&attribute(&station("platform", &[(0, level(900, Some(1))), (later_ms, tag("aa"))])));
    assert_eq!(before(15 * SECOND_MS), [of("A")]);
    assert_eq!(before(15 * SECOND_MS + 1), [Owner::Unknown]);
}

#[test]
fn two_households_within_two_seconds_are_ambiguous() {
    let apart = |apart_ms| {
        let events = [(0, tag("AA")), (apart_ms, tag("BB")), (5 * SECOND_MS, level(900, Some(1)))];
        owners(&attribute(&station("platform", &events)))
    };
    assert_eq!(apart(2 * SECOND_MS), [Owner::Ambiguous]);
    assert_eq!(apart(2 * SECOND_MS + 1), [of("B")]);
}

#[test]
fn two_households_after_a_weight_are_ambiguous() {
    let events = [(0, level(900, Some(1))), (4 * SECOND_MS, tag("AA")), (12 * SECOND_MS, tag("BB"))];
    assert_eq!(owners(&attribute(&station("platform", &events))), [Owner::Ambiguous]);
}

#[test]
fn a_strange_tag_closes_a_visit() {
    let events = [(0, tag("AA")), (9 * SECOND_MS, tag("CC")), (12 * SECOND_MS, level(900, Some(1)))];
    assert_eq!(owners(&attribute(&station("platform", &events))), [Owner::Unknown]);
}

#[test]
fn a_load_is_whose_it_was_at_first_and_weighs_its_greatest_level() {
    let events = [
        (0, tag("AA")),
        (5 * SECOND_MS, level(900, Some(1))),
        (9 * SECOND_MS, tag("BB")),
        (12 * SECOND_MS, level(1_500, Some(1))),
        (13 * SECOND_MS, level(1_400, Some(1))),
    ];
    let handovers = attribute(&station("platform", &events));
    assert_eq!((owners(&handovers), grams(&handovers)), (vec![of("A")], vec![Some(1_500)]));
}

#[test]
fn without_load_a_repeated_level_is_one_until_a_zero_or_a_tag() {
    let events = [
        (0, tag("AA")),
        (5 * SECOND_MS, level(900, None)),
        (7 * SECOND_MS, level(920, None)),
        (9 * SECOND_MS, level(0, None)),
        (11 * SECOND_MS, level(920, None)),
        (12 * SECOND_MS, tag("BB")),
        (14 * SECOND_MS, level(920, None)),
    ];
    let handovers = attribute(&station("platform", &events));
    assert_eq!(owners(&handovers), [of("A"), of("A"), of("B")]);
    assert_eq!(grams(&handovers), [Some(920), Some(920), Some(920)]);
}

#[test]
fn a_bin_counts_rises_and_no_fall() {
    let events = [
        (0, level(0, None)),
        (60 * SECOND_MS, tag("AA")),
        (65 * SECOND_MS, level(900, None)),
        (66 * SECOND_MS, level(900, None)),
        (100 * SECOND_MS, level(20, None)),
        (200 * SECOND_MS, tag("BB")),
        (205 * SECOND_MS, level(720, None)),
    ];
    let handovers = attribute(&station("bin", &events));
    assert_eq!((owners(&handovers), grams(&handovers)), (vec![of("A"), of("B")], vec![Some(900), Some(700)]));
}

#[test]
fn max_and_nine_divisions_is_not_yet_overload() {
    let accepted = |gross_g| attribute(&station("platform", &[(0, level(gross_g, Some(1)))]))[0].accepted;
    assert!(accepted(60_180));
    assert!(!accepted(60_181));
}

#[test]
fn a_lift_names_household_and_weight_at_once() {
    let lift = Body::Lift { uid: "bb".to_owned(), gross_g: 9_900, tare_g: 9_000, stream: None };
    let handovers = attribute(&station("lift", &[(0, lift)]));
    assert_eq!((owners(&handovers), grams(&handovers)), (vec![of("B")], vec![Some(900)]));
}

#[test]
fn reads_without_a_scale_are_one_pickup_for_two_minutes() {
    let reads = |later_ms| attribute(&station("reader", &[(0, tag("AA")), (later_ms, tag("AA"))])).len();
    assert_eq!(reads(120 * SECOND_MS), 1);
    assert_eq!(reads(120 * SECOND_MS + 1), 2);
}
