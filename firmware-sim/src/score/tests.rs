//! Hand-made cases: five hand-overs, three households, two days.

use super::*;
use crate::habits::Habit;
use crate::truth::{TrueHabit, TrueVisit};
use std::collections::BTreeMap;

fn run() -> TruthLine {
    TruthLine::Run(TrueRun {
        simulated: true,
        seed: 1,
        households: 3,
        points: 1,
        from: "2026-11-01".to_owned(),
        to: "2026-11-02".to_owned(),
    })
}

fn habit(household: &str, from: &str, sorts: bool) -> TruthLine {
    let habit = if sorts { Habit::SeparatesAll } else { Habit::Mixes };
    TruthLine::Habit(TrueHabit { household: household.to_owned(), from: from.to_owned(), habit, sorts })
}

fn hand_over(household: &str, seq: u64, net_g: i64, mishaps: Vec<Mishap>) -> TruthLine {
    let read = !mishaps.iter().any(|mishap| matches!(mishap, Mishap::NoCard | Mishap::MissedCard));
    TruthLine::HandOver(TrueHandOver {
        household: household.to_owned(),
        point: "D-001".to_owned(),
        device: "P".to_owned(),
        log: "00000001".to_owned(),
        stream: Stream::Food,
        mass_g: net_g + 5,
        net_g,
        at_ms: i64::try_from(seq).unwrap() * 100_000,
        tag_device: "P".to_owned(),
        tag_log: "00000001".to_owned(),
        tag_seq: read.then_some(seq * 10),
        weight_seq: Some(seq),
        mishaps,
    })
}

fn read(card_of: &str, seq: u64) -> TruthLine {
    TruthLine::Read(TrueRead {
        point: "D-001".to_owned(),
        station: "D-001".to_owned(),
        device: "P".to_owned(),
        log: "00000001".to_owned(),
        seq: seq * 10,
        at_ms: i64::try_from(seq).unwrap() * 100_000 - 8_000,
        card_of: Some(card_of.to_owned()),
    })
}

fn truth() -> Truth {
    let lines = vec![
        run(),
        habit("A", "2026-11-01", true),
        habit("B", "2026-11-01", false),
        habit("B", "2026-11-02", true),
        habit("C", "2026-11-01", false),
        read("A", 1),
        read("B", 2),
        read("A", 4),
        read("C", 5),
        hand_over("A", 1, 1_000, vec![]),
        hand_over("B", 2, 2_000, vec![]),
        hand_over("C", 3, 3_000, vec![Mishap::MissedCard]),
        hand_over("B", 4, 4_000, vec![Mishap::NeighbourCard]),
        hand_over("C", 5, 5_000, vec![Mishap::WeightLost]),
    ];
    Truth::of_lines(lines, i64::MAX).unwrap()
}

fn pickup(seq: u64, household: Option<&str>) -> PickupAnswer {
    PickupAnswer { household: household.map(str::to_owned), readings: vec![format!("P~00000001~{seq}")] }
}

fn day(on: &str, share: f64, upper: f64, states: [&str; 3]) -> DayAnswer {
    let states = ["A", "B", "C"].iter().zip(states).map(|(of, state)| ((*of).to_owned(), state.to_owned()));
    DayAnswer { on: on.to_owned(), share_percent: Some(share), upper_percent: Some(upper), states: states.collect() }
}

fn answers() -> Answers {
    Answers {
        pickups: vec![pickup(1, Some("A")), pickup(2, None), pickup(3, Some("B")), pickup(4, Some("A"))],
        days: vec![day("2026-11-01", 33.33, 66.67, ["S", "U", "N"]), day("2026-11-02", 33.33, 33.34, ["N", "U", "S"])],
        weighed_g: BTreeMap::from([("food".to_owned(), 9_000)]),
    }
}

#[test]
fn precision_is_of_the_given_and_recall_of_the_observable() {
    let score = score(&truth(), &answers());
    // Given: 1 to A rightly, 3 to B wrongly; 4 is a swapped card and stands apart, 5 never arrived.
    assert_eq!((score.service.given, score.service.right), (2, 1));
    assert_eq!(score.service.precision_percent, Some(50.0));
    // Card and weight arrived: 1 and 2.
    assert_eq!((score.service.observable, score.service.found), (2, 1));
    // Arrived, with a card of its own: 1, 2 and 3; 2 is nobody's and 3 is B's.
    assert_eq!((score.service.arrived, score.service.misplaced), (3, 2));
    assert_eq!(score.swapped, Swapped { hand_overs: 1, given_to_the_card: 1, given_to_who_came: 0 });
}

#[test]
fn the_rivals_are_scored_on_the_same_hand_overs() {
    let score = score(&truth(), &answers());
    assert_eq!((score.nearest_card.given, score.nearest_card.right), (2, 2));
    assert_eq!((score.best_in_order.given, score.best_in_order.right), (2, 2));
    assert_eq!(score.best_in_order.recall_percent, Some(100.0));
}

#[test]
fn tonnage_is_held_against_what_arrived_and_what_was_brought() {
    let score = score(&truth(), &answers());
    let food = &score.tonnage[0];
    assert_eq!((food.shown_g, food.brought_g, food.published_g), (10_000, 15_025, 9_000));
    assert_eq!(food.error_percent, Some(-10.0));
    assert_eq!(score.tonnage[1].error_percent, None);
}

#[test]
fn a_day_is_in_the_band_when_the_truth_lies_between_share_and_bound() {
    let score = score(&truth(), &answers());
    // Day 1: A of three sorts, 33.33..; day 2: A and B, 66.66.. above the bound.
    assert_eq!(score.share.iter().map(|day| day.in_band).collect::<Vec<_>>(), [true, false]);
    assert_eq!(score.band_days_percent, Some(50.0));
    assert!((score.share_error_points.unwrap() + 33.336).abs() < 0.01);
    assert!(score.share_bias_points.unwrap() > -17.0 && score.share_bias_points.unwrap() < -16.0);
}

#[test]
fn wrong_states_are_counted_on_the_last_day() {
    let states = score(&truth(), &answers()).states;
    assert_eq!((states.eligible, states.sorting, states.not_sorting, states.undetermined), (3, 1, 1, 1));
    assert_eq!((states.wrongly_sorting, states.wrongly_not_sorting), (1, 1));
}

#[test]
fn who_changed_since_it_was_rightly_said_not_to_sort_is_counted_apart() {
    let visited = |on: &str| {
        TruthLine::Visited(TrueVisit {
            household: "B".to_owned(),
            on: on.to_owned(),
            found_sorting: false,
            stream: None,
        })
    };
    let lines =
        |visit: &str| vec![run(), habit("B", "2026-11-01", false), habit("B", "2026-11-02", true), visited(visit)];
    let states = |visit: &str| {
        let truth = Truth::of_lines(lines(visit), i64::MAX).unwrap();
        states(&truth, &day("2026-11-02", 0.0, 0.0, ["U", "N", "U"]))
    };
    let of = |states: States| (states.wrongly_not_sorting, states.not_sorting_until_lately);
    assert_eq!(of(states("2026-11-01")), (0, 1));
    assert_eq!(of(states("2026-11-02")), (1, 0), "it did sort when it was visited");
    assert_eq!(of(states("2026-11-03")), (1, 0), "what is said later speaks of no earlier day");
}

#[test]
fn what_falls_short_is_said_in_words() {
    let score = score(&truth(), &answers());
    assert_eq!(score.shortfalls(&Expect::default()), [""; 0]);
    let expect = Expect {
        precision_percent_at_least: Some(99.0),
        tonnage_error_percent_at_most: Some(1.0),
        better_than_nearest_card: true,
        ..Expect::default()
    };
    assert_eq!(
        score.shortfalls(&expect),
        [
            "precision is 50.00, below 99",
            "tonnage error is 10.00, not within 1",
            "precision against the nearest card is 50.00, below 100"
        ]
    );
}

#[test]
fn the_table_carries_the_mark_and_the_figures() {
    let text = score(&truth(), &answers()).to_string();
    assert!(text.starts_with("Simulated: 3 households"));
    assert!(text.contains("nearest card in time"));
    let last = text.lines().last().unwrap();
    assert_eq!(
        last,
        "  3 eligible: 1 sorting (1 wrongly, 0 of them stopped lately), 1 not sorting (1 wrongly, 0 changed since), 1 undetermined"
    );
}

#[test]
fn a_truth_file_reads_back_what_was_written() {
    let spec = crate::CommuneSpec::sized(60, jiff::civil::Date::constant(2026, 11, 23), 3, 1);
    let plan = Arc::new(Plan { commune: crate::Commune::generate(&spec), faults: crate::Faults::all_at_once() });
    let mut file = Vec::new();
    for line in crate::truth::lines(&plan) {
        serde_json::to_writer(&mut file, &line).unwrap();
        file.push(b'\n');
    }
    let (read, made) = (Truth::read(file.as_slice(), i64::MAX).unwrap(), Truth::of(&plan, i64::MAX));
    assert_eq!((&read.run, &read.hand_overs, &read.reads), (&made.run, &made.hand_overs, &made.reads));
    assert!(!read.hand_overs.is_empty());
    let wrong = Truth::read("{}".as_bytes(), 0).unwrap_err().to_string();
    assert!(wrong.starts_with("line 1 of the truth is not valid"), "{wrong}");
}
