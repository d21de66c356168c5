//! What stands beside a state, worked out by hand: served, measured, set out, food treated at home.

use phanloai::domain::facts::{CrewResult, Statement};
use phanloai::domain::sorting::Practice;
use phanloai::domain::state::FindingKind::Mixed;
use phanloai::domain::state::Pathway;
use phanloai::domain::state::PathwayLevel::{Declared, Verified};
use phanloai::domain::state::VisitResult::{NotSorting, Sorting};

use super::{AT_0730, Case, NOON, SATURDAY, T, day, line};

fn counts(case: &Case, on: &str) -> (bool, bool, i64, i64) {
    let Practice { measured, participating, opportunities, set_outs, .. } = case.practice(on);
    (measured, participating, opportunities, set_outs)
}

#[test]
fn the_last_three_opportunities_of_each_required_stream_are_counted() {
    // Food of the 16th, 18th and 20th; recyclables of the 7th, 14th and 21st; the rest is not required.
    assert_eq!(counts(&Case::new(), T), (true, false, 6, 0));
    let case = Case::new().gives("food", "03-18").gives("food", "03-20").gives("other", "03-17");
    assert_eq!(counts(&case, T), (true, true, 6, 2));
    let case = case.gives("food", "03-13").gives("recyclable", "02-28");
    assert_eq!(counts(&case, T), (true, true, 6, 2), "before the last three");
    assert_eq!(counts(&case.gives("recyclable", "03-07"), T), (true, true, 6, 3));
}

#[test]
fn two_hand_overs_of_one_round_are_one_set_out() {
    let case = Case::new().gives("food", "03-18").gives_at("food", "03-18", AT_0730);
    assert_eq!(counts(&case, T), (true, true, 6, 1));
}

#[test]
fn only_an_uncontested_pickup_in_that_very_round_is_a_set_out() {
    let contested = Case::new().gives("food", "03-18").found(Some("food"), Mixed, "03-18", AT_0730);
    assert_eq!(counts(&contested, T), (true, false, 6, 0));
    assert_eq!(counts(&Case::new().gives_at("food", "03-18", NOON), T), (true, false, 6, 0), "outside its hours");
    assert_eq!(counts(&Case::new().gives("food", "03-18").elsewhere("Q"), T), (true, false, 6, 0), "elsewhere");
    let crew = Case::new().crew_takes("food", "03-18", CrewResult::Separated);
    assert_eq!(counts(&crew, T), (true, true, 6, 1));
    let refused = Case::new().crew_takes("food", "03-18", CrewResult::Refused);
    assert_eq!(counts(&refused, T), (true, false, 6, 0));
}

#[test]
fn a_stream_with_fewer_than_three_opportunities_in_28_days_is_not_measured() {
    let mut case = Case::new().gives("food", "03-04");
    case.stopped = vec![("recyclable".into(), day("02-01")), ("food".into(), day("03-07"))];
    // Food of the 2nd, 4th and 6th: the 2nd is among the 28 days up to the 29th.
    assert_eq!(counts(&case, "03-29"), (true, true, 3, 1));
    assert_eq!(counts(&case, "03-30"), (false, false, 0, 0));
    assert!(case.practice("03-30").served, "the rest is collected");
}

#[test]
fn what_could_not_be_observed_is_not_among_the_three() {
    let mut case = Case::new().gives("food", "03-13");
    assert_eq!(counts(&case, T), (true, false, 6, 0));
    case.blind.push(("food".into(), day("03-18")));
    assert_eq!(counts(&case, T), (true, true, 6, 1));
}

#[test]
fn a_rare_stream_is_measured_by_two_opportunities_in_90_days() {
    let mut case = Case::new().gives("recyclable", "01-03");
    case.schedule = vec![line("recyclable", SATURDAY, 2)];
    case.stopped.push(("recyclable".into(), day("01-18")));
    // The 3rd and the 17th of January.
    assert_eq!(counts(&case, "04-02"), (true, true, 2, 1));
    assert_eq!(counts(&case, "04-03"), (false, false, 0, 0));
}

#[test]
fn a_household_is_served_by_any_round_that_ran_within_28_days_observable_or_not() {
    let mut case = Case::new();
    case.stopped = ["food", "recyclable", "other"].map(|stream| (stream.to_owned(), day("03-04"))).into();
    case.blind = vec![("other".into(), day("03-03"))];
    // The rest was collected on the 3rd for the last time.
    assert!(case.practice("03-30").served);
    assert!(!case.practice("03-31").served);
    assert!(!case.practice("01-01").served, "the first round of the year is on the 2nd");
    assert!(case.practice("01-02").served);
}

#[test]
fn food_is_treated_at_home_where_a_visitor_saw_it_for_180_days() {
    let seen = |pathway: Pathway, stream: &str| {
        let (on, household) = (day("01-02"), "H".into());
        let statement = Statement::Pathway { on, household, stream: stream.into(), pathway, level: Verified };
        let case = Case::new().states(statement);
        [case.practice("01-01"), case.practice("01-02"), case.practice("07-01"), case.practice("07-02")]
            .map(|practice| practice.home_treated)
    };
    assert_eq!(seen(Pathway::Compost, "food"), [false, true, true, false]);
    assert_eq!(seen(Pathway::AnimalFeed, "food"), [false, true, true, false]);
    assert_eq!(seen(Pathway::Sold, "recyclable"), [false; 4]);
    assert_eq!(seen(Pathway::Given, "food"), [false; 4]);
    let word = Case::new().pathway("food", Declared, "01-02");
    assert!(!word.practice(T).home_treated);
    assert!(!Case::new().visited(Sorting, Some("food"), "03-01").practice(T).home_treated, "a visit saw no pathway");
}

#[test]
fn what_voids_the_pathway_ends_the_treatment_at_home() {
    let case = || Case::new().pathway("food", Verified, "03-01");
    assert!(case().practice(T).home_treated);
    assert!(!case().found(Some("food"), Mixed, "03-10", NOON).practice(T).home_treated);
    assert!(!case().visited(NotSorting, None, "03-10").practice(T).home_treated);
    assert!(case().found(Some("recyclable"), Mixed, "03-10", NOON).practice(T).home_treated);
}
