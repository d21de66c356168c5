//! Limits and rare meetings of rules: what starts at one instant, what lies a day or a millisecond beyond, what was lost or moved.

use phanloai::domain::facts::CrewResult;
use phanloai::domain::register::{Exclusion, ScheduleRow};
use phanloai::domain::state::ExclusionReason;
use phanloai::domain::state::FindingKind::{Clean, Contaminated, Mixed, Refused};
use phanloai::domain::state::PathwayLevel::{Declared, Verified};
use phanloai::domain::state::VisitResult::{NotSorting, Sorting};
use phanloai::domain::time::MINUTE_MS;

use super::{AT_0730, Case, FOOD_DAYS, NOON, SATURDAY, T, TUESDAY, day, line};

/// A night round of food from 23:30 to 00:30 on the days of `FOOD_DAYS`.
fn by_night() -> Case {
    let mut case = Case::new();
    case.schedule[0] = ScheduleRow { start_minute: 23 * 60 + 30, end_minute: 30, ..line("food", FOOD_DAYS, 1) };
    case
}

#[test]
fn each_kind_of_contrary_finding_makes_n_and_contests() {
    for finding in [Mixed, Contaminated, Refused] {
        let case = Case::new().gives("food", "03-18").gives("recyclable", "03-14");
        let case = case.found(Some("food"), finding, "03-18", AT_0730);
        assert_eq!(case.state(T), "N", "{finding}");
        assert_eq!(case.found(None, Clean, "03-19", NOON).state(T), "U:one_stream_missing", "{finding}");
    }
}

#[test]
fn a_finding_after_midnight_leaves_the_day_before_as_it_was() {
    let case = by_night().gives_at("food", "03-18", 23 * 60 + 40).gives("recyclable", "03-14");
    assert_eq!(case.state("03-18"), "S:device");
    let case = case.found(Some("food"), Mixed, "03-19", 10);
    assert_eq!(case.state("03-18"), "S:device");
    assert_eq!(case.state("03-19"), "N");
    // When it is closed, the pickup stays contested.
    assert_eq!(case.found(Some("food"), Clean, "03-20", NOON).state("03-20"), "U:one_stream_missing");
}

#[test]
fn a_round_that_crosses_midnight_counts_from_the_day_on_which_it_ends() {
    let mut case = by_night();
    case.valid_from = day("03-02");
    case.stopped.push(("recyclable".into(), day("03-01")));
    // Monday the 2nd to Tuesday, Wednesday to Thursday, Friday to Saturday the 7th.
    assert_eq!(case.state("03-06"), "-");
    assert_eq!(case.state("03-07"), "U:no_pickup");
}

#[test]
fn a_round_that_ends_at_midnight_has_ended_by_the_end_of_its_day() {
    let mut case = Case::new();
    case.schedule[0] = ScheduleRow { start_minute: 22 * 60, end_minute: 0, ..line("food", FOOD_DAYS, 1) };
    case.valid_from = day("03-02");
    assert_eq!(case.state("03-05"), "-");
    assert_eq!(case.state("03-06"), "U:no_pickup");
}

#[test]
fn a_pickup_at_the_first_instant_of_its_window_counts_and_a_minute_before_does_not() {
    let with = |minute| Case::new().gives("recyclable", "03-14").gives_at("food", "03-16", minute).state(T);
    assert_eq!(with(6 * 60), "S:device");
    assert_eq!(with(6 * 60 - 1), "U:one_stream_missing");
}

#[test]
fn what_is_known_by_its_arrival_alone_is_no_evidence() {
    let case = Case::new().gives("recyclable", "03-14").gives("food", "03-18");
    assert_eq!(case.state(T), "S:device");
    assert_eq!(case.of_no_known_time().state(T), "U:one_stream_missing");
    assert_eq!(Case::new().gives("other", "03-17").of_no_known_time().state(T), "U:no_pickup");
}

#[test]
fn a_pickup_counts_at_any_place() {
    let case = Case::new().gives("recyclable", "03-14").gives("food", "03-18").elsewhere("Q");
    assert_eq!(case.state(T), "S:device");
}

#[test]
fn rounds_at_any_place_observable_or_not_close_a_finding_and_pickups_outside_rounds_do_not() {
    let mut case = Case::new().found(Some("food"), Mixed, "03-13", NOON);
    case.schedule.push(ScheduleRow { place: "Q".into(), ..line("food", FOOD_DAYS, 1) });
    let one = case.gives("food", "03-16");
    // Outside its hours, twice, and in two rounds' hours of another stream.
    let outside = one.gives_at("food", "03-17", NOON).gives_at("food", "03-19", NOON).gives("food", "03-17");
    assert_eq!(outside.state("03-20"), "N");
    let mut elsewhere = outside.gives("food", "03-18").elsewhere("Q");
    assert_eq!(elsewhere.state("03-20"), "U:one_stream_missing");
    elsewhere.blind = vec![("food".into(), day("03-16")), ("food".into(), day("03-18"))];
    assert_eq!(elsewhere.state("03-20"), "U:one_stream_missing");
}

#[test]
fn pickups_of_one_hour_at_two_places_are_two_rounds() {
    let mut case = Case::new().found(Some("food"), Mixed, "03-13", NOON);
    case.schedule.push(ScheduleRow { place: "Q".into(), ..line("food", FOOD_DAYS, 1) });
    assert_eq!(
        case.gives("food", "03-16").gives("food", "03-16").elsewhere("Q").state("03-16"),
        "U:one_stream_missing"
    );
}

#[test]
fn contested_pickups_close_nothing() {
    let case = Case::new().found(Some("food"), Mixed, "03-13", NOON).gives("food", "03-16").gives("food", "03-18");
    let case = case.found(Some("food"), Mixed, "03-16", AT_0730).found(Some("food"), Clean, "03-16", NOON);
    // The finding of the 13th was closed by the clean one; a third, of the 17th, is followed by one round alone.
    assert_eq!(case.state("03-16"), "U:no_pickup");
    let case = case.found(Some("food"), Mixed, "03-15", NOON);
    assert_eq!(
        case.state("03-18"),
        "U:one_stream_missing",
        "the clean one of the 16th is later than that of the 15th too"
    );
    let two = Case::new().found(Some("food"), Mixed, "03-13", NOON).gives("food", "03-16").gives("food", "03-18");
    let two = two.found(Some("food"), Mixed, "03-16", AT_0730);
    assert_eq!(two.state("03-18"), "N");
    // Both are open until two uncontested rounds later than each: those of the 18th and the 20th.
    assert_eq!(two.gives("food", "03-20").state("03-20"), "U:one_stream_missing");
}

#[test]
fn what_a_later_c_closed_stays_closed_when_that_c_is_lost() {
    let case = Case::new().found(Some("food"), Mixed, "03-10", NOON).pathway("food", Verified, "03-12");
    assert_eq!(case.state("03-12"), "U:one_stream_missing");
    let lost = case.found(Some("food"), Mixed, "03-15", NOON).found(Some("food"), Clean, "03-16", NOON);
    assert_eq!(lost.state("03-15"), "N");
    assert_eq!(lost.state("03-16"), "U:no_pickup");
}

#[test]
fn a_c_is_lost_to_a_later_visit_or_to_what_names_no_stream_and_not_to_what_comes_at_its_own_instant() {
    let seen = || Case::new().gives("recyclable", "03-14").pathway("food", Verified, "03-12");
    let cleared = |case: Case| case.found(None, Clean, "03-20", NOON).state(T);
    assert_eq!(cleared(seen()), "S:verified");
    assert_eq!(cleared(seen().visited(NotSorting, Some("food"), "03-13")), "U:one_stream_missing");
    assert_eq!(cleared(seen().visited(NotSorting, None, "03-13")), "U:one_stream_missing");
    assert_eq!(cleared(seen().visited(NotSorting, Some("recyclable"), "03-13")), "S:verified");
    assert_eq!(cleared(seen().found(None, Mixed, "03-13", NOON)), "U:one_stream_missing");
    // Visits and pathways of one day stand at the same noon.
    assert_eq!(cleared(seen().visited(NotSorting, Some("food"), "03-12")), "S:verified");
    assert_eq!(cleared(seen().found(Some("food"), Mixed, "03-12", NOON)), "S:verified");
    assert_eq!(cleared(seen().found(Some("food"), Mixed, "03-12", NOON + 1)), "U:one_stream_missing");
}

#[test]
fn a_c_is_lost_to_a_contrary_fact_that_fell_silent_long_ago() {
    let case = Case::new().pathway("food", Verified, "01-05").gives("recyclable", "06-20");
    let case = case.found(Some("food"), Mixed, "01-20", NOON);
    assert_eq!(case.state("04-20"), "N");
    assert_eq!(case.state("06-21"), "U:one_stream_missing");
    assert_eq!(
        Case::new().pathway("food", Verified, "01-05").gives("recyclable", "06-20").state("06-21"),
        "S:verified"
    );
}

#[test]
fn a_visit_that_found_no_sorting_is_open_for_90_days_and_closed_like_a_finding() {
    let case = Case::new().visited(NotSorting, Some("food"), "03-01");
    assert_eq!(case.state("05-30"), "N");
    assert_eq!(case.state("05-31"), "U:no_pickup");
    let two = Case::new().visited(NotSorting, Some("food"), "03-13").gives("food", "03-16").gives("food", "03-18");
    assert_eq!(two.state("03-16"), "N");
    assert_eq!(two.state("03-18"), "U:one_stream_missing");
    assert_eq!(
        Case::new().visited(NotSorting, Some("food"), "03-13").visited(Sorting, None, "03-14").state(T),
        "S:verified"
    );
}

#[test]
fn a_contrary_fact_of_a_stream_that_is_not_required_makes_n_too() {
    let case =
        Case::new().gives("food", "03-18").gives("recyclable", "03-14").found(Some("other"), Mixed, "03-17", NOON);
    assert_eq!(case.state(T), "N");
    assert_eq!(
        case.gives("other", "03-24")
            .gives("other", "03-31")
            .gives("food", "03-30")
            .gives("recyclable", "03-28")
            .state("03-31"),
        "S:device"
    );
}

#[test]
fn a_clean_finding_of_one_stream_closes_what_names_none() {
    let case = Case::new().found(None, Mixed, "03-13", NOON);
    assert_eq!(case.found(Some("other"), Clean, "03-14", NOON).state(T), "U:no_pickup");
}

#[test]
fn a_clean_finding_accounts_for_nothing() {
    assert_eq!(
        Case::new().gives("recyclable", "03-14").found(Some("food"), Clean, "03-18", NOON).state(T),
        "U:one_stream_missing"
    );
}

#[test]
fn within_a_rounds_hours_a_finding_contests_that_round_alone_however_near_another_pickup_is() {
    let case = |minute| {
        let case = Case::new().gives_at("food", "03-18", minute).gives("recyclable", "03-14");
        case.found(Some("food"), Mixed, "03-18", AT_0730).found(None, Clean, "03-19", NOON).state(T)
    };
    assert_eq!(case(8 * 60), "U:one_stream_missing");
    assert_eq!(case(8 * 60 + 1), "S:device", "a minute after the round");
}

#[test]
fn a_finding_of_no_stream_asks_each_pickups_own_stream_for_its_round() {
    // Recyclables handed over on a Wednesday, in the hours of food alone.
    let case = |minute| {
        let case = Case::new().gives("food", "03-16").gives_at("recyclable", "03-18", minute);
        case.found(None, Mixed, "03-18", AT_0730).found(None, Clean, "03-19", NOON).state(T)
    };
    assert_eq!(case(9 * 60 + 30), "U:one_stream_missing", "recyclables have no round then: within 2 hours");
    assert_eq!(case(9 * 60 + 31), "S:device");
    assert_eq!(case(5 * 60 + 30), "U:one_stream_missing", "before, likewise");
    assert_eq!(case(5 * 60 + 29), "S:device");
}

#[test]
fn the_two_hours_before_a_finding_end_as_those_after_it() {
    let case = |early_ms: i64| {
        let case = Case::new().gives("food", "03-18").gives("recyclable", "03-14");
        let at = case.at("03-18", 5 * 60).plus_ms(-early_ms);
        case.found_at(Some("food"), Mixed, at).found(None, Clean, "03-19", NOON).state(T)
    };
    assert_eq!(case(0), "U:one_stream_missing");
    assert_eq!(case(1), "S:device");
    assert_eq!(case(-30 * MINUTE_MS), "U:one_stream_missing");
}

#[test]
fn reasons_hold_in_their_order() {
    let mut unseen = Case::new().gives("food", "03-20").gives("other", "03-17");
    unseen.tag = None;
    assert_eq!(unseen.state(T), "U:one_stream_missing", "before not observable");
    let mut unseen = Case::new().gives("other", "03-17");
    unseen.tag = None;
    assert_eq!(unseen.state(T), "U:not_observable", "before only the rest");
    let declared = unseen.pathway("food", Declared, "03-01").pathway("recyclable", Declared, "03-01");
    assert_eq!(declared.state(T), "U:only_declared", "before all");
}

#[test]
fn a_declaration_counts_from_its_own_day() {
    let case = Case::new().gives("food", "03-18").pathway("recyclable", Declared, "03-20");
    assert_eq!(case.state("03-19"), "U:one_stream_missing");
    assert_eq!(case.state("03-20"), "U:only_declared");
}

#[test]
fn a_verified_pathway_past_its_days_enrols_like_a_declared_one() {
    let case = Case::new().pathway("food", Verified, "01-02");
    let enrolled = |on| case.judged(on).map(|judged| (judged.state.at_least_one, judged.state.enrolled));
    assert_eq!(enrolled("07-01"), Some((true, true)));
    assert_eq!(enrolled("07-02"), Some((false, true)));
}

#[test]
fn three_opportunities_of_a_stream_that_is_not_required_make_a_household_observable() {
    let mut case = Case::new();
    case.stopped = ["food", "recyclable"].map(|stream| (stream.to_owned(), day("02-01"))).into();
    assert_eq!(case.state(T), "U:no_pickup");
    case.missed = ["03-03", "03-10"].map(|on| ("other".to_owned(), day(on))).into();
    // Of the 28 days up to the 22nd: the 24th of February and the 17th of March are left.
    assert_eq!(case.state(T), "U:not_observable");
}

#[test]
fn what_cannot_be_observed_is_no_opportunity_though_it_ran() {
    let mut case = Case::new().gives("recyclable", "03-14").gives("food", "03-13");
    assert_eq!(case.state(T), "U:one_stream_missing");
    case.blind.push(("food".into(), day("03-18")));
    assert_eq!(case.state(T), "S:device");
}

#[test]
fn a_tag_shows_its_household_from_its_first_day() {
    let mut case = Case::new();
    case.tag = Some((day("03-15"), None));
    assert_eq!(case.state("03-14"), "U:not_observable");
    assert_eq!(case.state("03-15"), "U:no_pickup");
}

#[test]
fn a_crew_s_round_of_a_rare_stream_counts_for_90_days() {
    let mut case = Case::new();
    case.tag = None;
    case.schedule = vec![line("recyclable", SATURDAY, 2)];
    // The 3rd of January; it counts up to the 2nd of April, as the second of two opportunities does.
    case.crew_opened = vec![day("01-03")];
    assert_eq!(case.state("04-02"), "U:no_pickup");
    assert_eq!(case.state("04-03"), "U:not_observable");
}

#[test]
fn two_weekdays_every_two_weeks_are_weekly_and_so_is_a_stream_with_one_weekly_line() {
    let both = [false, true, false, false, false, true, false];
    let mut case = Case::new().pathway("food", Verified, "01-10").gives("recyclable", "01-06");
    case.schedule[1] = line("recyclable", both, 2);
    case.stopped.push(("recyclable".into(), day("01-07")));
    assert_eq!(case.state("02-02"), "S:verified");
    assert_eq!(case.state("02-03"), "U:one_stream_missing", "28 days");
    let mut case = Case::new().pathway("food", Verified, "01-10").gives("recyclable", "01-03");
    case.schedule[1] = line("recyclable", SATURDAY, 2);
    assert_eq!(case.state("03-30"), "S:verified", "90 days");
    case.schedule.push(line("recyclable", TUESDAY, 1));
    assert_eq!(case.state("03-30"), "U:one_stream_missing");
}

#[test]
fn a_household_that_moved_is_offered_what_its_place_of_the_day_offers() {
    let mut case = Case::new().gives("recyclable", "03-14").gives("food", "03-13");
    case.schedule.push(ScheduleRow { place: "Q".into(), ..line("food", TUESDAY, 1) });
    assert_eq!(case.state(T), "U:one_stream_missing");
    // At the new point food is collected on Tuesdays: since the move there was one opportunity, the 17th.
    case.moved = Some((day("03-15"), "Q"));
    assert_eq!(case.state(T), "S:device", "the 11th, the 13th and the 17th");
    assert_eq!(case.state("03-31"), "U:one_stream_missing", "the 17th, the 24th and the 31st");
}

#[test]
fn a_household_that_moved_is_not_new_again() {
    let mut case = Case::new();
    case.moved = Some((day("03-15"), "Q"));
    assert_eq!(case.state("03-15"), "U:no_pickup");
    case.valid_to = Some(day("03-20"));
    assert_eq!(case.state("03-19"), "U:no_pickup");
    assert_eq!(case.state("03-20"), "-");
}

#[test]
fn an_exclusion_without_an_end_holds_for_good() {
    let mut case = Case::new();
    let (household, by) = ("H".into(), "x".to_owned());
    case.exclusions.push(Exclusion { household, reason: ExclusionReason::Vacant, from: day("03-10"), to: None, by });
    assert_eq!(case.state("03-09"), "U:no_pickup");
    assert_eq!(case.state("12-31"), "-");
}

#[test]
fn what_happened_while_a_household_was_excluded_counts_when_it_is_back() {
    let mut case = Case::new().gives("food", "03-18").gives("recyclable", "03-14");
    let (household, reason, by) = ("H".into(), ExclusionReason::Absent, "x".to_owned());
    case.exclusions.push(Exclusion { household, reason, from: day("03-10"), to: Some(day(T)), by });
    assert_eq!(case.state("03-21"), "-");
    assert_eq!(case.state(T), "S:device");
}

#[test]
fn a_crew_that_refused_took_nothing() {
    let refused = Case::new().gives("recyclable", "03-14").crew_takes("other", "03-17", CrewResult::Refused);
    assert_eq!(refused.found(None, Clean, "03-18", NOON).state(T), "U:one_stream_missing");
    let only = Case::new().crew_takes("other", "03-17", CrewResult::Refused).found(None, Clean, "03-18", NOON);
    assert_eq!(only.state(T), "U:no_pickup");
}

#[test]
fn each_day_follows_the_rule_in_force_on_it() {
    let mut case = Case::new().found(Some("food"), Mixed, "03-01", NOON);
    let mut shorter = case.commune.rules[0].clone();
    shorter.version = "2".to_owned();
    shorter.effective_from = day("03-20");
    shorter.contrary_days = 10;
    case.commune.rules.push(shorter);
    assert_eq!(case.state("03-19"), "N");
    assert_eq!(case.state("03-20"), "U:no_pickup");
    assert_eq!(case.state("03-11"), "N", "the days before stay");
}
