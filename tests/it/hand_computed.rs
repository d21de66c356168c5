//! States worked out by hand from the definitions, one for each state, reason and limit.
//!
//! The household `H` brings its waste to the point `P`: food on Monday, Wednesday and Friday, recyclables on Saturday, the rest on
//! Tuesday, 06:00 to 08:00 each. 2026-03-02 is a Monday. Unless a case says otherwise every round runs and is observable, the household
//! is registered since 2026-01-01 and has a tag. A state is written `S:level`, `N`, `U:reason`, or `-` where it does not count.

mod edges;
mod pickups;
mod practice;
mod rounds;

use phanloai::domain::attribution::Attribution;
use phanloai::domain::facts::{AttemptOutcome, CrewResult, Operation, Statement};
use phanloai::domain::ids::StreamCode;
use phanloai::domain::pickup::{Pickup, Source};
use phanloai::domain::reading::Grade;
use phanloai::domain::register::{Commune, Exclusion, Household, Register, Row, ScheduleRow, Stream, Tag};
use phanloai::domain::round::{Round, RoundOutcome, round_at, rounds_on};
use phanloai::domain::rules::Rules;
use phanloai::domain::sorting::{HouseholdFacts, Judged, Practice};
use phanloai::domain::state::{ExclusionReason, FindingKind, Pathway, PathwayLevel, VisitResult};
use phanloai::domain::time::{Instant, LocalDay, MINUTE_MS, Zone};

fn day(text: &str) -> LocalDay {
    // `03-18` is 2026-03-18.
    if text.len() == 5 { format!("2026-{text}").parse().unwrap() } else { text.parse().unwrap() }
}

fn commune() -> Commune {
    let stream = |code: &str, required: bool| Stream {
        code: code.into(),
        name: code.into(),
        name_en: code.into(),
        required,
        colour: String::new(),
        icon: String::new(),
        mean_g: None,
        guide: Default::default(),
    };
    Commune {
        code: "1".into(),
        name: "x".into(),
        zone: Zone::named("Asia/Ho_Chi_Minh").unwrap(),
        simulated: false,
        streams: vec![stream("food", true), stream("recyclable", true), stream("other", false)],
        targets: Vec::new(),
        rules: vec![Rules::standard("1", LocalDay::from_number(0))],
        assumptions: Default::default(),
        contact: String::new(),
    }
}

const FOOD_DAYS: [bool; 7] = [true, false, true, false, true, false, false];
const SATURDAY: [bool; 7] = [false, false, false, false, false, true, false];
const TUESDAY: [bool; 7] = [false, true, false, false, false, false, false];

fn line(stream: &str, weekdays: [bool; 7], every_weeks: i32) -> ScheduleRow {
    let (start_minute, end_minute) = (6 * 60, 8 * 60);
    let (valid_from, valid_to) = (day("01-01"), None);
    ScheduleRow {
        place: "P".into(),
        stream: stream.into(),
        weekdays,
        every_weeks,
        start_minute,
        end_minute,
        valid_from,
        valid_to,
    }
}

/// A hand-over.
#[derive(Clone)]
struct Given {
    place: &'static str,
    stream: String,
    time: Instant,
    source: Source,
    result: Option<CrewResult>,
    grade: Grade,
}

/// A household with its facts.
struct Case {
    commune: Commune,
    valid_from: LocalDay,
    /// The day from which it is registered at another point, and which.
    moved: Option<(LocalDay, &'static str)>,
    /// First day on which it is registered no longer.
    valid_to: Option<LocalDay>,
    tag: Option<(LocalDay, Option<LocalDay>)>,
    schedule: Vec<ScheduleRow>,
    exclusions: Vec<Exclusion>,
    pickups: Vec<Given>,
    operations: Vec<Operation>,
    /// Rounds that did not run, by stream and day.
    missed: Vec<(String, LocalDay)>,
    /// Rounds that ran and could not be observed, by stream and day.
    blind: Vec<(String, LocalDay)>,
    /// No round of the stream runs from a day on.
    stopped: Vec<(String, LocalDay)>,
    crew_opened: Vec<LocalDay>,
}

impl Case {
    fn new() -> Self {
        Self {
            commune: commune(),
            valid_from: day("01-01"),
            moved: None,
            valid_to: None,
            tag: Some((day("01-01"), None)),
            schedule: vec![line("food", FOOD_DAYS, 1), line("recyclable", SATURDAY, 1), line("other", TUESDAY, 1)],
            exclusions: Vec::new(),
            pickups: Vec::new(),
            operations: Vec::new(),
            missed: Vec::new(),
            blind: Vec::new(),
            stopped: Vec::new(),
            crew_opened: Vec::new(),
        }
    }

    fn at(&self, on: &str, minute: i32) -> Instant {
        self.commune.zone.at_minute(day(on), minute)
    }

    /// A device's pickup at 07:00.
    fn gives(self, stream: &str, on: &str) -> Self {
        self.gives_at(stream, on, 7 * 60)
    }

    fn gives_at(mut self, stream: &str, on: &str, minute: i32) -> Self {
        let time = self.at(on, minute);
        self.pickups.push(Given {
            place: "P",
            stream: stream.into(),
            time,
            source: Source::Device,
            result: None,
            grade: Grade::Device,
        });
        self
    }

    /// The last hand-over was at another place.
    fn elsewhere(mut self, place: &'static str) -> Self {
        self.pickups.last_mut().unwrap().place = place;
        self
    }

    /// The last hand-over's time is known by its arrival alone.
    fn of_no_known_time(mut self) -> Self {
        self.pickups.last_mut().unwrap().grade = Grade::Received;
        self
    }

    /// A crew's pickup at 07:00, which states a finding unless it was separated.
    fn crew_takes(mut self, stream: &str, on: &str, result: CrewResult) -> Self {
        let at = self.at(on, 7 * 60);
        let (source, result_of_crew, grade) = (Source::Crew, Some(result), Grade::Device);
        self.pickups.push(Given { place: "P", stream: stream.into(), time: at, source, result: result_of_crew, grade });
        let statement = Statement::Pickup {
            at,
            household: "H".into(),
            place: "P".into(),
            stream: stream.into(),
            result,
            reason: None,
            manual_g: None,
            reading: None,
        };
        if result.finding().is_some() { self.states(statement) } else { self }
    }

    fn states(mut self, statement: Statement) -> Self {
        let id = self.operations.len().to_string();
        self.operations.push(Operation { id, recorded: Instant::from_ms(0), by: "x".into(), statement });
        self
    }

    fn found(self, stream: Option<&str>, finding: FindingKind, on: &str, minute: i32) -> Self {
        let at = self.at(on, minute);
        self.found_at(stream, finding, at)
    }

    fn found_at(self, stream: Option<&str>, finding: FindingKind, at: Instant) -> Self {
        let stream = stream.map(StreamCode::from);
        self.states(Statement::Finding { at, household: "H".into(), stream, finding, reason: None })
    }

    fn visited(self, result: VisitResult, stream: Option<&str>, on: &str) -> Self {
        let stream = stream.map(StreamCode::from);
        self.states(Statement::Visit { on: day(on), household: "H".into(), result, stream })
    }

    fn pathway(self, stream: &str, level: PathwayLevel, on: &str) -> Self {
        let (on, household, pathway) = (day(on), "H".into(), Pathway::Compost);
        self.states(Statement::Pathway { on, household, stream: stream.into(), pathway, level })
    }

    fn register(&self) -> Register {
        let known = day("2025-01-01");
        let mut rows: Vec<Row> = self.schedule.iter().cloned().map(Row::Schedule).collect();
        let dwelling = |point: &str, valid_from, valid_to| {
            let point = Some(point.into());
            Row::Household(Household { code: "H".into(), area: "A".into(), people: None, point, valid_from, valid_to })
        };
        let until = self.moved.map(|(from, _)| from).or(self.valid_to);
        rows.push(dwelling("P", self.valid_from, until));
        rows.extend(self.moved.map(|(from, point)| dwelling(point, from, self.valid_to)));
        if let Some((valid_from, valid_to)) = self.tag {
            rows.push(Row::Tag(Tag { uid: "AA".into(), household: "H".into(), tech: None, valid_from, valid_to }));
        }
        rows.extend(self.exclusions.iter().cloned().map(Row::Exclusion));
        Register::build(rows.into_iter().map(|row| (known, row)))
    }

    fn judged(&self, on: &str) -> Option<Judged> {
        self.with_facts(|facts| {
            let judged = facts.judged(day(on));
            assert_eq!(facts.explain(day(on)).judged, judged, "the explanation of {on}");
            judged
        })
    }

    /// The last day on which the verifications stand that alone hold the state up, and the streams whose evidence then ends.
    fn lapses(&self, on: &str) -> String {
        let lapse = self.with_facts(|facts| facts.lapse(&facts.judged(day(on))?, day(on)));
        lapse.map_or_else(String::new, |lapse| {
            let streams: Vec<String> = lapse.streams.codes(&self.commune).iter().map(ToString::to_string).collect();
            format!("{} {}", lapse.last_day, streams.join(" "))
        })
    }

    fn practice(&self, on: &str) -> Practice {
        self.with_facts(|facts| facts.practice_on(day(on)))
    }

    fn with_facts<T>(&self, asked: impl FnOnce(&HouseholdFacts<'_>) -> T) -> T {
        let (register, zone) = (self.register(), &self.commune.zone);
        let pickups: Vec<Pickup> = self.pickups.iter().map(|given| self.pickup(given, &register)).collect();
        let rounds: Vec<RoundOutcome> = day("01-01")
            .through(day("12-31"))
            .flat_map(|date| ["P", "Q"].map(|place| rounds_on(&register, zone, &place.into(), date)))
            .flatten()
            .map(|round| self.outcome(round))
            .collect();
        asked(&HouseholdFacts::gather(&self.commune, &register, &"H".into(), &pickups, &self.operations, &rounds))
    }

    fn pickup(&self, given: &Given, register: &Register) -> Pickup {
        let zone = &self.commune.zone;
        let timed = given.grade != Grade::Received;
        let stream = given.stream.as_str().into();
        let round = timed.then(|| round_at(register, zone, &given.place.into(), &stream, given.time)).flatten();
        Pickup {
            id: format!("{stream}{}", given.time.ms()),
            source: given.source,
            place: given.place.into(),
            station: given.place.into(),
            stream,
            time: given.time,
            grade: given.grade,
            day: zone.day_of(given.time),
            round_start: round.map(|round| round.start),
            household: Some("H".into()),
            attribution: Attribution::Known,
            named_by_crew: given.source == Source::Crew,
            tag_read: given.source == Source::Device,
            net_g: None,
            below_min: false,
            overload: false,
            void: false,
            result: given.result,
            readings: Vec::new(),
        }
    }

    fn outcome(&self, round: Round) -> RoundOutcome {
        let (stream, date) = (round.stream.to_string(), round.service_date);
        let stopped = self.stopped.iter().any(|(of, from)| *of == stream && *from <= date);
        let runs = !stopped && !self.missed.contains(&(stream.clone(), date));
        let observable = runs && !self.blind.contains(&(stream, date));
        RoundOutcome { round, ran: runs, observable, crew_opened: self.crew_opened.contains(&date) }
    }

    fn state(&self, on: &str) -> String {
        let Some(judged) = self.judged(on) else { return "-".to_owned() };
        let state = judged.state;
        let detail = state.weakest.map(|level| level.as_str()).or(state.reason.map(|reason| reason.as_str()));
        detail.map_or_else(|| state.state.to_string(), |detail| format!("{}:{detail}", state.state))
    }
}

use FindingKind::{Clean, Mixed};
use PathwayLevel::{Declared, Verified};
use VisitResult::{NotSorting, Sorting};

/// Minutes of the day.
const AT_0730: i32 = 7 * 60 + 30;
const AT_0900: i32 = 9 * 60;
const NOON: i32 = 12 * 60;

/// Sunday; the food window begins on Monday the 16th, that of recyclables on Saturday the 7th.
const T: &str = "03-22";

#[test]
fn a_household_seen_by_devices_in_both_streams_is_sorting() {
    assert_eq!(Case::new().gives("food", "03-18").gives("recyclable", "03-14").state(T), "S:device");
}

#[test]
fn the_weakest_of_the_streams_strongest_levels_is_told() {
    let case = Case::new().gives("recyclable", "03-14").crew_takes("food", "03-18", CrewResult::Separated);
    assert_eq!(case.state(T), "S:crew");
    assert_eq!(case.gives("food", "03-20").state(T), "S:device");
    let seen = Case::new().gives("recyclable", "03-14").pathway("food", Verified, "03-01");
    assert_eq!(seen.state(T), "S:verified");
}

#[test]
fn a_window_begins_with_the_third_last_opportunity() {
    let with = |food: &str| Case::new().gives("recyclable", "03-14").gives("food", food);
    assert_eq!(with("03-16").state(T), "S:device");
    assert_eq!(with("03-13").state(T), "U:one_stream_missing");
    // The round of Monday the 23rd makes the 18th the third last.
    assert_eq!(with("03-16").gives("recyclable", "03-21").state("03-23"), "U:one_stream_missing");
    assert_eq!(with("03-18").gives("recyclable", "03-21").state("03-23"), "S:device");
}

#[test]
fn a_window_is_never_longer_than_28_days() {
    let mut case = Case::new().gives("recyclable", "02-21").pathway("food", Verified, "03-01");
    case.stopped.push(("recyclable".into(), day("02-22")));
    assert_eq!(case.state("03-20"), "S:verified");
    assert_eq!(case.state("03-21"), "U:one_stream_missing");
}

#[test]
fn what_is_not_an_opportunity_does_not_move_the_window() {
    let mut case = Case::new().gives("recyclable", "03-14").gives("food", "03-13");
    case.missed.push(("food".into(), day("03-18")));
    // Opportunities are then the 13th, 16th and 20th.
    assert_eq!(case.state(T), "S:device");
}

#[test]
fn silence_where_it_could_be_seen_is_no_pickup_and_never_n() {
    assert_eq!(Case::new().state(T), "U:no_pickup");
}

#[test]
fn only_the_rest_handed_over_is_only_other() {
    assert_eq!(Case::new().gives("other", "03-17").state(T), "U:only_other");
    // Its window begins on Tuesday the 3rd.
    assert_eq!(Case::new().gives("other", "03-03").state(T), "U:only_other");
    assert_eq!(Case::new().gives("other", "02-24").state(T), "U:no_pickup");
}

#[test]
fn only_the_rest_handed_over_is_so_even_where_a_finding_contests_it() {
    let case = Case::new().gives("other", "03-17").found(Some("other"), Mixed, "03-17", AT_0730);
    assert_eq!(case.found(Some("other"), Clean, "03-18", NOON).state(T), "U:only_other");
}

#[test]
fn every_unaccounted_stream_declared_is_only_declared() {
    let one = Case::new().pathway("food", Declared, "03-01");
    assert_eq!(one.state(T), "U:no_pickup");
    assert_eq!(one.pathway("recyclable", Declared, "03-01").state(T), "U:only_declared");
    let seen = Case::new().gives("food", "03-18").pathway("recyclable", Declared, "03-01");
    assert_eq!(seen.state(T), "U:only_declared");
    assert_eq!(seen.state("02-28"), "U:no_pickup");
}

#[test]
fn one_of_two_streams_is_one_stream_missing() {
    let case = Case::new().gives("food", "03-18");
    assert_eq!(case.state(T), "U:one_stream_missing");
    let missing = case.judged(T).unwrap().missing.codes(&case.commune);
    assert_eq!(missing, [StreamCode::from("recyclable")]);
}

#[test]
fn without_a_tag_only_a_crew_makes_a_household_observable() {
    let mut case = Case::new();
    case.tag = None;
    assert_eq!(case.state(T), "U:not_observable");
    case.crew_opened.push(day("03-20"));
    assert_eq!(case.state(T), "U:no_pickup");
    // Within the 28 days up to T.
    case.crew_opened = vec![day("02-23")];
    assert_eq!(case.state(T), "U:no_pickup");
    case.crew_opened = vec![day("02-20")];
    assert_eq!(case.state(T), "U:not_observable");
}

#[test]
fn fewer_than_three_opportunities_of_any_stream_in_28_days_are_not_observable() {
    let mut case = Case::new();
    case.stopped = ["food", "recyclable", "other"].map(|stream| (stream.to_owned(), day("03-07"))).into();
    // Food of the 2nd, 4th and 6th: the 2nd counts up to the 29th.
    assert_eq!(case.state("03-29"), "U:no_pickup");
    assert_eq!(case.state("03-30"), "U:not_observable");
}

#[test]
fn a_tag_that_moved_away_no_longer_shows_the_household_from_that_day_on() {
    let mut case = Case::new();
    case.tag = Some((day("01-01"), Some(day("03-15"))));
    assert_eq!(case.state("03-14"), "U:no_pickup");
    assert_eq!(case.state("03-15"), "U:not_observable");
}

#[test]
fn a_contrary_finding_makes_n_for_90_days_and_then_falls_silent() {
    let case = Case::new().found(Some("food"), Mixed, "03-01", NOON);
    assert_eq!(case.state("02-28"), "U:no_pickup");
    assert_eq!(case.state("03-01"), "N");
    assert_eq!(case.state("05-30"), "N");
    assert_eq!(case.state("05-31"), "U:no_pickup");
}

#[test]
fn a_visit_that_finds_no_sorting_makes_n_and_contests_nothing() {
    let case = Case::new().gives("food", "03-18").gives("recyclable", "03-14").visited(NotSorting, None, "03-18");
    assert_eq!(case.state(T), "N");
    assert_eq!(case.found(None, Clean, "03-20", NOON).state(T), "S:device");
}

#[test]
fn each_contrary_result_of_a_crew_makes_n() {
    for result in [CrewResult::Mixed, CrewResult::Contaminated, CrewResult::Refused] {
        let case = Case::new().crew_takes("food", "03-18", result);
        assert_eq!(case.state(T), "N", "{result}");
        // The pickup itself is contested by its own finding, or was none.
        let closed = case.gives("recyclable", "03-14").found(None, Clean, "03-19", NOON);
        assert_eq!(closed.state(T), "U:one_stream_missing", "{result}");
    }
}

#[test]
fn two_later_rounds_with_uncontested_pickups_close_a_finding() {
    let case = Case::new().found(Some("food"), Mixed, "03-13", AT_0730).gives("food", "03-13");
    let one = case.gives("food", "03-16");
    assert_eq!(one.state("03-17"), "N");
    let other_stream = one.gives("recyclable", "03-14").gives("recyclable", "03-21");
    assert_eq!(other_stream.state(T), "N");
    let two = other_stream.gives("food", "03-18");
    assert_eq!(two.state("03-17"), "N");
    assert_eq!(two.state("03-18"), "S:device");
}

#[test]
fn two_pickups_of_one_round_are_one_round() {
    let case = Case::new().found(Some("food"), Mixed, "03-13", NOON).gives("food", "03-16").gives("food", "03-16");
    assert_eq!(case.state(T), "N");
}

#[test]
fn the_round_of_the_finding_itself_does_not_close_it() {
    let before = Case::new().found(Some("food"), Mixed, "03-16", 4 * 60).gives("food", "03-16").gives("food", "03-18");
    assert_eq!(before.state("03-18"), "U:one_stream_missing");
    let within = Case::new().found(Some("food"), Mixed, "03-16", 6 * 60).gives("food", "03-16").gives("food", "03-18");
    assert_eq!(within.state("03-18"), "N");
}

#[test]
fn a_finding_that_names_no_stream_is_closed_by_rounds_of_required_streams_only() {
    let case = Case::new().found(None, Mixed, "03-13", NOON).gives("other", "03-17").gives("food", "03-16");
    assert_eq!(case.state(T), "N");
    assert_eq!(case.gives("recyclable", "03-21").state(T), "S:device");
}

#[test]
fn a_later_clean_finding_of_the_stream_or_of_none_closes() {
    let case = || Case::new().found(Some("food"), Mixed, "03-13", NOON);
    assert_eq!(case().found(Some("food"), Clean, "03-14", NOON).state("03-14"), "U:no_pickup");
    assert_eq!(case().found(None, Clean, "03-14", NOON).state("03-14"), "U:no_pickup");
    assert_eq!(case().found(Some("recyclable"), Clean, "03-14", NOON).state("03-14"), "N");
    assert_eq!(case().found(Some("food"), Clean, "03-13", NOON).state("03-14"), "N", "of the same instant");
    assert_eq!(case().found(Some("food"), Clean, "03-12", NOON).state("03-14"), "N", "earlier");
}

#[test]
fn a_later_visit_or_pathway_closes() {
    let case = || Case::new().found(Some("food"), Mixed, "03-13", NOON);
    assert_eq!(case().visited(Sorting, None, "03-14").state("03-14"), "S:verified");
    assert_eq!(case().pathway("food", Verified, "03-14").state("03-14"), "U:one_stream_missing");
    assert_eq!(case().pathway("recyclable", Verified, "03-14").state("03-14"), "N");
    assert_eq!(case().pathway("food", Declared, "03-14").state("03-14"), "N");
}

#[test]
fn a_verified_pathway_stands_180_days_and_is_declared_from_then_on() {
    let case = Case::new().pathway("food", Verified, "01-02").pathway("recyclable", Verified, "01-02");
    assert_eq!(case.state("07-01"), "S:verified");
    assert_eq!(case.state("07-02"), "U:only_declared");
}

#[test]
fn a_visit_that_found_sorting_stands_180_days_and_declares_nothing() {
    let case = Case::new().visited(Sorting, None, "01-02");
    assert_eq!(case.state("07-01"), "S:verified");
    assert_eq!(case.state("07-02"), "U:no_pickup");
    assert_eq!(Case::new().visited(Sorting, Some("food"), "01-02").state("07-01"), "U:one_stream_missing");
}

#[test]
fn verifications_hold_a_household_up_until_the_first_stream_that_rests_on_them_alone_lapses() {
    let both = || Case::new().pathway("food", Verified, "01-02").pathway("recyclable", Verified, "01-12");
    assert_eq!(both().lapses("03-20"), "2026-07-01 food");
    assert_eq!(both().lapses("07-01"), "2026-07-01 food");
    assert_eq!((both().state("07-01").as_str(), both().state("07-02").as_str()), ("S:verified", "U:only_declared"));
    assert_eq!(both().lapses("07-02"), "", "it has lapsed");
    // The latest that stands counts, whatever it is; one that names no stream stands for both.
    let visited = both().visited(Sorting, None, "02-01");
    assert_eq!(visited.lapses("01-20"), "2026-07-01 food", "before that visit");
    assert_eq!(visited.lapses("03-20"), "2026-07-31 food recyclable");
    assert_eq!((visited.state("07-31").as_str(), visited.state("08-01").as_str()), ("S:verified", "U:only_declared"));
}

#[test]
fn what_does_not_rest_on_a_verification_does_not_lapse() {
    assert_eq!(Case::new().pathway("food", Verified, "03-01").lapses("03-20"), "", "undetermined");
    let handed_over = || Case::new().gives("food", "03-13").gives("recyclable", "03-14");
    assert_eq!(handed_over().visited(Sorting, None, "01-02").lapses("03-14"), "", "both streams are on the scale");
    let one = Case::new().gives("recyclable", "03-14").visited(Sorting, None, "01-02");
    assert_eq!((one.state("03-16").as_str(), one.lapses("03-16").as_str()), ("S:verified", "2026-07-01 food"));
    let contrary = Case::new().visited(Sorting, None, "01-02").visited(NotSorting, Some("other"), "03-01");
    assert_eq!((contrary.state("03-20").as_str(), contrary.lapses("03-20").as_str()), ("N", ""));
}

#[test]
fn an_attempt_to_visit_changes_nothing() {
    let tried = |case: Case| {
        ["02-01", "03-14", "03-16"].iter().fold(case, |case, on| {
            let (at, household) = (case.at(on, NOON), "H".into());
            let outcome = if *on == "03-14" { AttemptOutcome::Vacant } else { AttemptOutcome::Declined };
            case.states(Statement::Attempt { at, household, outcome })
        })
    };
    let cases: [fn() -> Case; 4] = [
        Case::new,
        || Case::new().visited(Sorting, None, "01-02"),
        || Case::new().found(Some("food"), Mixed, "03-13", NOON),
        || Case::new().gives("food", "03-13").pathway("recyclable", Declared, "02-02"),
    ];
    for case in cases {
        for on in ["02-01", "03-14", "03-20", "07-02"] {
            assert_eq!(tried(case()).judged(on), case().judged(on), "{on}");
            assert_eq!(tried(case()).lapses(on), case().lapses(on), "{on}");
        }
    }
}

#[test]
fn a_later_contrary_fact_voids_a_pathway_for_good() {
    let case = Case::new()
        .pathway("food", Verified, "03-01")
        .gives("recyclable", "03-14")
        .found(Some("food"), Mixed, "03-10", NOON)
        .found(Some("food"), Clean, "03-11", NOON);
    assert_eq!(case.state("03-09"), "U:one_stream_missing");
    assert_eq!(case.state(T), "U:one_stream_missing");
    // Nor is it a declaration when its 180 days are over.
    assert_eq!(case.state("09-20"), "U:no_pickup");
    let other = Case::new().pathway("food", Verified, "03-01").gives("recyclable", "03-14");
    let other = other.found(Some("recyclable"), Mixed, "03-10", NOON).found(None, Clean, "03-11", NOON);
    assert_eq!(other.state(T), "S:verified");
}

#[test]
fn a_finding_contests_the_pickups_of_its_round_and_stream() {
    let case = |finding: Option<&str>, minute: i32| {
        let case = Case::new().gives("food", "03-18").gives("recyclable", "03-14");
        case.found(finding, Mixed, "03-18", minute).found(None, Clean, "03-19", NOON).state(T)
    };
    assert_eq!(case(Some("food"), AT_0730), "U:one_stream_missing");
    assert_eq!(case(None, AT_0730), "U:one_stream_missing");
    assert_eq!(case(Some("recyclable"), AT_0730), "S:device");
    // Both ends of the round are in it.
    assert_eq!(case(Some("food"), 6 * 60), "U:one_stream_missing");
    assert_eq!(case(Some("food"), 8 * 60), "U:one_stream_missing");
}

#[test]
fn outside_rounds_a_finding_contests_what_lies_within_two_hours() {
    let case = |late_ms: i64| {
        let case = Case::new().gives("food", "03-18").gives("recyclable", "03-14");
        let at = case.at("03-18", AT_0900).plus_ms(late_ms);
        case.found_at(Some("food"), Mixed, at).found(None, Clean, "03-19", NOON).state(T)
    };
    assert_eq!(case(0), "U:one_stream_missing");
    assert_eq!(case(1), "S:device");
    assert_eq!(case(-30 * MINUTE_MS), "U:one_stream_missing");
}

#[test]
fn an_exclusion_takes_the_household_out_from_its_first_day_to_the_last_before_its_end() {
    let mut case = Case::new().visited(Sorting, None, "03-01");
    let (household, reason, by) = ("H".into(), ExclusionReason::Absent, "x".to_owned());
    case.exclusions.push(Exclusion { household, reason, from: day("03-10"), to: Some(day("03-20")), by });
    assert_eq!(case.state("03-09"), "S:verified");
    assert_eq!(case.state("03-10"), "-");
    assert_eq!(case.state("03-19"), "-");
    assert_eq!(case.state("03-20"), "S:verified");
}

#[test]
fn a_new_household_counts_from_its_third_opportunity_of_required_streams() {
    let mut case = Case::new();
    case.valid_from = day("03-01");
    assert_eq!(case.state("02-28"), "-");
    assert_eq!(case.state("03-05"), "-");
    // Food of the 2nd, 4th and 6th; the rest of the 3rd counts for nothing.
    assert_eq!(case.state("03-06"), "U:no_pickup");
    case.missed.push(("food".into(), day("03-06")));
    assert_eq!(case.state("03-06"), "-");
    assert_eq!(case.state("03-07"), "U:not_observable", "with recyclables of the 7th, and three of no stream");
}

#[test]
fn a_new_household_counts_after_30_days_at_the_latest() {
    let mut case = Case::new();
    case.valid_from = day("03-01");
    case.stopped = ["food", "recyclable", "other"].map(|stream| (stream.to_owned(), day("03-01"))).into();
    assert_eq!(case.state("03-30"), "-");
    assert_eq!(case.state("03-31"), "U:not_observable");
}

#[test]
fn a_stream_collected_every_two_weeks_has_a_window_of_90_days() {
    let mut case = Case::new();
    // From Thursday 2026-01-01 on: Saturdays of the 3rd and 17th of January, and so on.
    case.schedule[1] = line("recyclable", SATURDAY, 2);
    let case = case.gives("recyclable", "01-03").pathway("food", Verified, "01-10");
    assert_eq!(case.state("04-02"), "S:verified");
    assert_eq!(case.state("04-03"), "U:one_stream_missing");
}

#[test]
fn two_opportunities_in_90_days_make_such_a_stream_observable() {
    let mut case = Case::new();
    case.schedule = vec![line("recyclable", SATURDAY, 2)];
    case.stopped.push(("recyclable".into(), day("01-18")));
    // The 3rd and 17th of January; the 3rd counts up to the 2nd of April.
    assert_eq!(case.state("04-02"), "U:no_pickup");
    assert_eq!(case.state("04-03"), "U:not_observable");
}

#[test]
fn at_least_one_group_and_enrolled_are_told_beside() {
    let of = |case: &Case| case.judged(T).map(|judged| (judged.state.at_least_one, judged.state.enrolled)).unwrap();
    assert_eq!(of(&Case::new()), (false, false));
    assert_eq!(of(&Case::new().pathway("food", Declared, "03-01")), (false, true));
    assert_eq!(of(&Case::new().gives("food", "03-18")), (true, true));
    assert_eq!(of(&Case::new().gives("food", "03-18").visited(NotSorting, None, "03-19")), (false, true));
}
