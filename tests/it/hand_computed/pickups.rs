//! From readings to pickups and grams, worked out by hand: whose a weight is, what a load weighs, what counts once.
//!
//! `AA` is the tag of household `A`, `AB` another of its own, `BB` that of `B`; `CC` is nobody's. The station has one device; times are
//! in milliseconds after 07:00 of Wednesday 2026-03-18, in the hours of the round of food.

use std::collections::{BTreeSet, HashMap};

use phanloai::domain::attribution::{HandOver, Observed, StationRegister, Windows, attribute};
use phanloai::domain::facts::{CrewResult, Operation, Statement};
use phanloai::domain::ids::{EventId, HouseholdCode};
use phanloai::domain::pickup::{CrewWords, Grams, Pickup, Source, from_crew, from_hand_overs, tally};
use phanloai::domain::reading::{ClockState, Event, Grade, Range, Reading, Weight};
use phanloai::domain::register::{Commune, Device, DeviceKind, Register, Row, ScaleMode, Tag, Validity};
use phanloai::domain::time::Instant;

use super::{FOOD_DAYS, commune, day, line};

const NOTHING: [String; 0] = [];
const S: i64 = 1_000;

fn seven() -> Instant {
    commune().zone.at_minute(day("03-18"), 7 * 60)
}

fn register(kind: DeviceKind, mode: ScaleMode) -> Register {
    let device = Device {
        device: "d".into(),
        place: "P".into(),
        kind,
        station: None,
        profile: "native".to_owned(),
        mode,
        stream: Some("food".into()),
        max_g: Some(60_000),
        division_g: Some(20),
        min_g: Some(400),
        verified_until: None,
        after_read_s: None,
        before_read_s: None,
        together_s: None,
        validity: Validity::default(),
    };
    let tag = |uid: &str, household: &str| {
        let (valid_from, valid_to) = (day("03-01"), None);
        Row::Tag(Tag { uid: uid.into(), household: household.into(), tech: None, valid_from, valid_to })
    };
    let rows = [
        Row::Device(device),
        tag("AA", "A"),
        tag("AB", "A"),
        tag("BB", "B"),
        Row::Schedule(line("food", FOOD_DAYS, 1)),
    ];
    Register::build(rows.map(|row| (day("2025-01-01"), row)))
}

fn tag(uid: &str) -> Event {
    Event::Tag { uid: uid.into(), tech: "hf".to_owned(), rssi_dbm: None, antenna: None }
}

fn weight(gross_g: i64, load: Option<i64>) -> Weight {
    let (division_g, range, stream) = (None, None, None);
    Weight { gross_g, tare_g: 0, stable: true, load, stream, division_g, range, maintenance: false }
}

fn level(gross_g: i64, load: i64) -> Event {
    Event::Weight(weight(gross_g, Some(load)))
}

fn bare(gross_g: i64) -> Event {
    Event::Weight(weight(gross_g, None))
}

fn event_id(seq: usize) -> EventId {
    EventId { device: "d".into(), log: "00000001".into(), seq: i64::try_from(seq).unwrap() }
}

fn observed(events: &[(i64, Event)]) -> Vec<Observed> {
    let one = |(seq, (later_ms, event)): (usize, &(i64, Event))| {
        let time = seven().plus_ms(*later_ms);
        let reading = Reading {
            id: event_id(seq),
            boot: 1,
            ms: *later_ms,
            at: Some(time),
            clock: ClockState::Synced,
            sent_ms: None,
            received: time,
            simulated: false,
            event: event.clone(),
            extra: String::new(),
        };
        Observed { reading, time, grade: Grade::Device }
    };
    events.iter().enumerate().map(one).collect()
}

fn hand_overs(kind: DeviceKind, mode: ScaleMode, events: &[(i64, Event)]) -> Vec<HandOver> {
    let (register, commune) = (register(kind, mode), commune());
    let owners = StationRegister { register: &register, zone: &commune.zone, station: &"P".into() };
    attribute(&observed(events), owners, &Windows::default())
}

/// Whose each hand-over is, and its grams: `A 900`, `? 900` for unknown, `A|B 900` for ambiguous.
fn told(mode: ScaleMode, events: &[(i64, Event)]) -> Vec<String> {
    use phanloai::domain::attribution::Attribution::{Ambiguous, Known, Unknown};
    let tell = |of: &HandOver| {
        let whose = match (of.attribution, &of.household) {
            (Known, Some(household)) => household.to_string(),
            (Ambiguous, None) => "A|B".to_owned(),
            (Unknown, None) => "?".to_owned(),
            (Known, None) | (Ambiguous | Unknown, Some(_)) => panic!("{of:?}"),
        };
        format!("{whose} {}", of.net_g.map_or("-".to_owned(), |net_g| net_g.to_string()))
    };
    hand_overs(DeviceKind::Combined, mode, events).iter().map(tell).collect()
}

use ScaleMode::{Bin, Lift, Platform};

#[test]
fn a_weight_is_the_visits_for_thirty_seconds_after_its_last_read() {
    let after = |later_ms| told(Platform, &[(0, tag("AA")), (later_ms, level(900, 1))]);
    assert_eq!(after(30 * S), ["A 900"]);
    assert_eq!(after(30 * S + 1), ["? 900"]);
    let again = |later_ms| told(Platform, &[(0, tag("AA")), (25 * S, tag("AA")), (later_ms, level(900, 1))]);
    assert_eq!(again(55 * S), ["A 900"]);
    assert_eq!(again(55 * S + 1), ["? 900"]);
}

#[test]
fn a_weight_before_its_read_waits_fifteen_seconds() {
    let before = |later_ms| told(Platform, &[(0, level(900, 1)), (later_ms, tag("AA"))]);
    assert_eq!(before(15 * S), ["A 900"]);
    assert_eq!(before(15 * S + 1), ["? 900"]);
}

#[test]
fn one_visit_weighs_several_streams_and_times() {
    let events = [(0, tag("AA")), (5 * S, level(900, 1)), (12 * S, level(400, 2)), (20 * S, level(700, 3))];
    assert_eq!(told(Platform, &events), ["A 900", "A 400", "A 700"]);
}

#[test]
fn a_read_of_another_tag_closes_the_visit_and_opens_the_next() {
    let events = |other: &str| [(0, tag("AA")), (9 * S, tag(other)), (12 * S, level(900, 1))];
    assert_eq!(told(Platform, &events("BB")), ["B 900"]);
    assert_eq!(told(Platform, &events("CC")), ["? 900"], "an unregistered one too");
    assert_eq!(told(Platform, &events("AB")), ["A 900"]);
    // Before the other came, the weight was the first one's.
    assert_eq!(told(Platform, &[(0, tag("AA")), (8 * S, level(900, 1)), (9 * S, tag("BB"))]), ["A 900"]);
}

#[test]
fn reads_of_two_households_within_two_seconds_are_nobodys() {
    let apart = |second: &str, ms| told(Platform, &[(0, tag("AA")), (ms, tag(second)), (5 * S, level(900, 1))]);
    assert_eq!(apart("BB", 2 * S), ["A|B 900"]);
    assert_eq!(apart("BB", 2 * S + 1), ["B 900"]);
    assert_eq!(apart("CC", 2 * S), ["A|B 900"], "an unregistered tag is somebody's");
    assert_eq!(apart("AB", 2 * S), ["A 900"], "two tags of one household are one candidate");
}

#[test]
fn the_first_of_two_visits_that_meet_is_nobodys_as_well() {
    let events =
        [(0, tag("AA")), (3 * S, level(900, 1)), (10 * S, tag("AA")), (11 * S, tag("BB")), (15 * S, level(700, 2))];
    assert_eq!(told(Platform, &events), ["A|B 900", "A|B 700"]);
}

#[test]
fn two_candidates_after_a_weight_are_nobodys() {
    let events = |second: &str| [(0, level(900, 1)), (4 * S, tag("AA")), (12 * S, tag(second))];
    assert_eq!(told(Platform, &events("BB")), ["A|B 900"]);
    assert_eq!(told(Platform, &events("CC")), ["A|B 900"]);
    assert_eq!(told(Platform, &events("AB")), ["A 900"]);
    let late = [(0, level(900, 1)), (4 * S, tag("AA")), (15 * S + 1, tag("BB"))];
    assert_eq!(told(Platform, &late), ["A 900"]);
}

#[test]
fn a_load_is_whose_it_was_at_its_first_settled_level_and_weighs_its_greatest() {
    let mut restless = weight(5_000, Some(1));
    restless.stable = false;
    let events = [
        (0, tag("AA")),
        (4 * S, Event::Weight(restless)),
        (5 * S, level(900, 1)),
        (9 * S, tag("BB")),
        (12 * S, level(1_500, 1)),
        (13 * S, level(1_400, 1)),
    ];
    assert_eq!(told(Platform, &events), ["A 1500"]);
    assert_eq!(hand_overs(DeviceKind::Combined, Platform, &events)[0].time, seven().plus_ms(5 * S));
}

#[test]
fn what_never_settles_and_what_calibrates_is_no_hand_over() {
    let (mut restless, mut calibration) = (weight(900, Some(1)), weight(900, Some(2)));
    (restless.stable, calibration.maintenance) = (false, true);
    let events = [(0, tag("AA")), (5 * S, Event::Weight(restless)), (9 * S, Event::Weight(calibration))];
    assert_eq!(told(Platform, &events), NOTHING);
    assert_eq!(told(Platform, &[(0, tag("AA")), (5 * S, level(0, 1)), (9 * S, level(-40, 2))]), NOTHING);
}

#[test]
fn a_load_number_is_good_for_one_start_of_the_device() {
    let mut events = observed(&[(0, tag("AA")), (5 * S, level(900, 1)), (9 * S, level(700, 1))]);
    events[2].reading.boot = 2;
    let (register, commune) = (register(DeviceKind::Combined, Platform), commune());
    let owners = StationRegister { register: &register, zone: &commune.zone, station: &"P".into() };
    let masses: Vec<_> = attribute(&events, owners, &Windows::default()).iter().map(|of| of.net_g).collect();
    assert_eq!(masses, [Some(900), Some(700)]);
}

#[test]
fn without_load_numbers_a_level_within_one_division_is_the_same_until_a_zero_or_a_tag() {
    let first = [(0, tag("AA")), (5 * S, bare(900))];
    let with = |rest: &[(i64, Event)]| told(Platform, &[&first[..], rest].concat());
    assert_eq!(with(&[(7 * S, bare(920))]), ["A 920"], "one division");
    assert_eq!(with(&[(7 * S, bare(921))]), ["A 900", "A 921"]);
    assert_eq!(with(&[(7 * S, bare(880))]), ["A 900"]);
    assert_eq!(with(&[(7 * S, bare(0)), (8 * S, bare(900))]), ["A 900", "A 900"]);
    assert_eq!(with(&[(7 * S, tag("AA")), (8 * S, bare(900))]), ["A 900", "A 900"]);
    assert_eq!(with(&[(7 * S, tag("BB")), (8 * S, bare(900))]), ["A 900", "B 900"]);
}

#[test]
fn above_max_and_nine_divisions_a_load_is_left_out_and_one_such_level_is_enough() {
    let accepted = |events: &[(i64, Event)]| !hand_overs(DeviceKind::Combined, Platform, events)[0].overload;
    assert!(accepted(&[(0, level(60_180, 1))]));
    assert!(!accepted(&[(0, level(60_181, 1))]));
    assert!(!accepted(&[(0, level(60_181, 1)), (4 * S, level(900, 1))]));
    let mut said = weight(900, Some(1));
    said.range = Some(Range::Overload);
    assert!(!accepted(&[(0, Event::Weight(said))]));
    // Gross, not net, is what the scale carries.
    let mut tared = weight(60_181, Some(1));
    tared.tare_g = 5_000;
    assert!(!accepted(&[(0, Event::Weight(tared))]));
}

#[test]
fn below_the_minimum_presence_counts_and_the_weight_is_flagged() {
    let flagged = |gross_g| {
        let of = &hand_overs(DeviceKind::Combined, Platform, &[(0, tag("AA")), (S, level(gross_g, 1))])[0];
        (of.below_min, of.net_g, of.overload)
    };
    assert_eq!(flagged(399), (true, Some(399), false));
    assert_eq!(flagged(400), (false, Some(400), false));
}

#[test]
fn a_bin_counts_its_rises_and_no_fall_and_passes_over_what_is_too_heavy() {
    let events = [
        (0, bare(300)),
        (60 * S, tag("AA")),
        (65 * S, bare(1_200)),
        (66 * S, bare(1_200)),
        (100 * S, bare(20)),
        (200 * S, tag("BB")),
        (205 * S, bare(720)),
        (220 * S, bare(61_000)),
        (222 * S, bare(740)),
    ];
    assert_eq!(told(Bin, &events), ["A 900", "B 700", "B 20"]);
}

#[test]
fn a_lift_names_household_and_net_weight_in_one() {
    let lift = |uid: &str, gross_g, tare_g| Event::Lift { uid: uid.into(), gross_g, tare_g, stream: None };
    let events = [(0, lift("BB", 9_900, 9_000)), (S, lift("CC", 9_500, 9_000)), (2 * S, lift("AA", 9_000, 9_000))];
    assert_eq!(told(Lift, &events), ["B 900", "? 500"]);
}

#[test]
fn without_a_scale_reads_two_minutes_apart_are_one_pickup_and_nothing_is_ambiguous() {
    let reads = |events: &[(i64, Event)]| -> Vec<String> {
        let all = hand_overs(DeviceKind::TagReader, Platform, events);
        all.iter().map(|of| of.household.as_ref().map_or("?".to_owned(), ToString::to_string)).collect()
    };
    assert_eq!(reads(&[(0, tag("AA")), (120 * S, tag("AA"))]), ["A"]);
    assert_eq!(reads(&[(0, tag("AA")), (120 * S + 1, tag("AA"))]), ["A", "A"]);
    assert_eq!(reads(&[(0, tag("AA")), (90 * S, tag("AA")), (200 * S, tag("AA"))]), ["A"], "each from the one before");
    assert_eq!(reads(&[(0, tag("AA")), (S, tag("AB"))]), ["A"], "two tags of one household");
    assert_eq!(reads(&[(0, tag("AA")), (S, tag("BB")), (2 * S, tag("CC"))]), ["A", "B", "?"]);
}

/// A commune in which a pickup of food without weight counts 1 500 g.
fn with_mean() -> Commune {
    let mut commune = commune();
    commune.streams[0].mean_g = Some(1_500);
    commune
}

fn crew(id: &str, result: CrewResult, manual_g: Option<i64>, reading: Option<EventId>) -> Operation {
    let at = seven().plus_ms(60 * S);
    let (household, place, stream, reason) = ("A".into(), "P".into(), "food".into(), None);
    let statement = Statement::Pickup { at, household, place, stream, result, reason, manual_g, reading };
    Operation { id: id.to_owned(), recorded: at, by: "crew".to_owned(), statement }
}

/// The pickups of readings, some taken back, with crews' words that name readings.
fn pickups(events: &[(i64, Event)], named: &[Operation], voids: &[&str]) -> Vec<Pickup> {
    let (register, commune) = (register(DeviceKind::Combined, Platform), with_mean());
    let by_reading: HashMap<EventId, Operation> = named
        .iter()
        .filter_map(|operation| match &operation.statement {
            Statement::Pickup { reading: Some(id), .. } => Some((id.clone(), operation.clone())),
            _ => None,
        })
        .collect();
    let voids: BTreeSet<String> = voids.iter().map(|id| (*id).to_owned()).collect();
    let words = CrewWords { by_reading, voids };
    let hand_overs = hand_overs(DeviceKind::Combined, Platform, events);
    from_hand_overs(hand_overs, &"P".into(), &"P".into(), &words, &register, &commune)
}

fn by_crew(operation: &Operation, void: bool) -> Pickup {
    from_crew(operation, void, &register(DeviceKind::Combined, Platform), &with_mean()).unwrap()
}

fn grams(pickups: &[Pickup]) -> Grams {
    tally(pickups, &with_mean()).remove("food").unwrap_or_default()
}

#[test]
fn a_crew_that_names_a_reading_gives_the_whole_hand_over_its_household() {
    let events = [(0, bare(900)), (4 * S, bare(900))];
    let named = crew("c", CrewResult::Separated, None, Some(event_id(1)));
    let [pickup] = &pickups(&events, &[named], &[])[..] else { panic!("one hand-over") };
    assert_eq!(
        (pickup.household.as_ref().map(HouseholdCode::as_str), pickup.named_by_crew, pickup.tag_read),
        (Some("A"), true, false)
    );
    let with_tag = [(0, tag("AA")), (S, level(900, 1))];
    let named = crew("c", CrewResult::Separated, None, Some(event_id(1)));
    let [pickup] = &pickups(&with_tag, &[named], &[])[..] else { panic!("one hand-over") };
    assert_eq!((pickup.named_by_crew, pickup.tag_read), (false, true), "the tag had said the same");
    let others = [(0, tag("BB")), (S, level(900, 1))];
    let named = crew("c", CrewResult::Separated, None, Some(event_id(1)));
    let [pickup] = &pickups(&others, &[named], &[])[..] else { panic!("one hand-over") };
    assert_eq!(
        (pickup.household.as_ref().map(HouseholdCode::as_str), pickup.named_by_crew, pickup.tag_read),
        (Some("A"), true, true)
    );
}

#[test]
fn what_is_not_accepted_takes_no_name_from_a_crew() {
    let named = || [crew("c", CrewResult::Separated, None, Some(event_id(0)))];
    let [heavy] = &pickups(&[(0, level(61_000, 1))], &named(), &[])[..] else { panic!("one hand-over") };
    assert_eq!((heavy.is_accepted(), heavy.household.as_ref().map(HouseholdCode::as_str)), (false, None));
    let void = event_id(0).to_string();
    let [void] = &pickups(&[(0, level(900, 1))], &named(), &[&void])[..] else { panic!("one hand-over") };
    assert_eq!((void.is_accepted(), void.household.as_ref().map(HouseholdCode::as_str)), (false, None));
}

#[test]
fn a_crew_takes_what_is_separated_mixed_or_contaminated_and_not_what_it_refuses() {
    let accepted = |result, void| by_crew(&crew("c", result, None, None), void).is_accepted();
    assert!(accepted(CrewResult::Separated, false));
    assert!(accepted(CrewResult::Mixed, false));
    assert!(accepted(CrewResult::Contaminated, false));
    assert!(!accepted(CrewResult::Refused, false));
    assert!(!accepted(CrewResult::Separated, true));
}

#[test]
fn within_a_round_a_household_and_a_stream_the_best_kind_of_weight_counts_once() {
    let devices = pickups(&[(0, tag("AA")), (S, level(900, 1)), (9 * S, level(700, 2))], &[], &[]);
    let manual = by_crew(&crew("m", CrewResult::Separated, Some(2_000), None), false);
    let second = by_crew(&crew("n", CrewResult::Mixed, Some(300), None), false);
    let presence = by_crew(&crew("p", CrewResult::Separated, None, None), false);
    let all = [devices.clone(), vec![manual.clone(), second.clone(), presence.clone()]].concat();
    let counted = |weighed_g, manual_g, estimated_g, pickups| Grams {
        weighed_g,
        manual_g,
        estimated_g,
        unknown_household_g: 0,
        pickups,
    };
    assert_eq!(grams(&all), counted(1_600, 0, 0, 2));
    assert_eq!(grams(&[manual.clone(), second, presence.clone()]), counted(0, 2_300, 0, 2), "several entries add up");
    assert_eq!(grams(&[presence.clone(), presence.clone()]), counted(0, 0, 3_000, 2));
    let mut seen = devices[0].clone();
    seen.net_g = None;
    assert_eq!(grams(&[seen, presence]), counted(0, 0, 1_500, 1), "a device's presence before the crew's");
    let mut elsewhere = manual;
    elsewhere.round_start = None;
    assert_eq!(grams(&[devices, vec![elsewhere]].concat()), counted(1_600, 2_000, 0, 3), "outside the round");
}

#[test]
fn weight_of_nobody_known_counts_each_time_and_what_is_void_or_overloaded_never() {
    let unknown = pickups(&[(0, level(900, 1)), (60 * S, level(700, 2))], &[], &[]);
    assert_eq!((unknown[0].source, unknown[0].household.clone()), (Source::Device, None));
    let of = grams(&unknown);
    assert_eq!((of.weighed_g, of.unknown_household_g, of.pickups), (1_600, 1_600, 2));
    let first = event_id(0).to_string();
    let of =
        grams(&pickups(&[(0, level(900, 1)), (60 * S, level(700, 2)), (120 * S, level(61_000, 3))], &[], &[&first]));
    assert_eq!((of.weighed_g, of.unknown_household_g, of.pickups), (700, 700, 1));
}

#[test]
fn a_pickup_belongs_to_the_round_whose_hours_hold_its_time() {
    let at = |later_ms| {
        let pickup = pickups(&[(later_ms, level(900, 1))], &[], &[]).remove(0);
        (pickup.day.to_string()[5..].to_owned(), pickup.round_start.is_some())
    };
    let hour = 3_600 * S;
    assert_eq!(at(hour), ("03-18".to_owned(), true), "08:00, the end");
    assert_eq!(at(hour + 1), ("03-18".to_owned(), false));
    assert_eq!(at(-hour), ("03-18".to_owned(), true), "06:00, the start");
    assert_eq!(at(24 * hour), ("03-19".to_owned(), false), "no round of food on a Thursday");
}
