//! Rounds worked out by hand: when they are held, whether they ran, whether they could be observed.

use std::collections::BTreeMap;

use phanloai::domain::ids::DeviceId;
use phanloai::domain::register::{Device, DeviceKind, Register, Row, ScaleMode, ScheduleRow, Validity};
use phanloai::domain::round::{Round, RoundOutcome, judge, round_at, rounds_on, working_ms};
use phanloai::domain::time::{Instant, LocalDay, MINUTE_MS, Zone};

use super::{FOOD_DAYS, SATURDAY, day, line};

fn zone() -> Zone {
    Zone::named("Asia/Ho_Chi_Minh").unwrap()
}

fn register(lines: &[ScheduleRow], devices: &[(&str, DeviceKind, Option<&str>)]) -> Register {
    let device = |(name, kind, stream): &(&str, DeviceKind, Option<&str>)| {
        Row::Device(Device {
            device: (*name).into(),
            place: "P".into(),
            kind: *kind,
            station: None,
            profile: "native".to_owned(),
            mode: ScaleMode::Platform,
            stream: stream.map(Into::into),
            max_g: None,
            division_g: None,
            min_g: None,
            verified_until: None,
            after_read_s: None,
            before_read_s: None,
            together_s: None,
            validity: Validity::default(),
        })
    };
    let rows = lines.iter().cloned().map(Row::Schedule).chain(devices.iter().map(device));
    Register::build(rows.map(|row| (day("2025-01-01"), row)))
}

fn dates(line: ScheduleRow, from: &str, to: &str) -> Vec<String> {
    let register = register(&[line], &[]);
    let held = |date: &LocalDay| !rounds_on(&register, &zone(), &"P".into(), *date).is_empty();
    let dates = day(from).through(day(to)).filter(held);
    dates.map(|date| date.to_string()[5..].to_owned()).collect()
}

#[test]
fn every_weeks_counts_blocks_of_seven_days_from_the_lines_first_day() {
    // 2026-01-01 is a Thursday: its first block ends with Wednesday the 7th.
    assert_eq!(dates(line("food", SATURDAY, 2), "01-01", "01-31"), ["01-03", "01-17", "01-31"]);
    assert_eq!(dates(line("food", SATURDAY, 1), "01-01", "01-17"), ["01-03", "01-10", "01-17"]);
    // Monday to Friday of one block are of two calendar weeks.
    assert_eq!(dates(line("food", FOOD_DAYS, 2), "01-01", "01-20"), ["01-02", "01-05", "01-07", "01-16", "01-19"]);
}

#[test]
fn a_line_holds_from_its_first_day_to_the_last_before_its_end() {
    let line = ScheduleRow { valid_from: day("03-04"), valid_to: Some(day("03-09")), ..line("food", FOOD_DAYS, 1) };
    assert_eq!(dates(line, "03-01", "03-31"), ["03-04", "03-06"]);
}

#[test]
fn a_round_holds_both_its_ends_and_the_service_date_is_that_of_its_start() {
    let night = ScheduleRow { start_minute: 23 * 60, end_minute: 60, ..line("food", FOOD_DAYS, 1) };
    let register = register(&[night], &[]);
    let at = |on: &str, minute: i32, late_ms: i64| {
        let at = zone().at_minute(day(on), minute).plus_ms(late_ms);
        round_at(&register, &zone(), &"P".into(), &"food".into(), at).map(|round| round.service_date.to_string())
    };
    // Wednesday the 18th.
    assert_eq!(at("03-18", 23 * 60, -1), None);
    assert_eq!(at("03-18", 23 * 60, 0).as_deref(), Some("2026-03-18"));
    assert_eq!(at("03-19", 60, 0).as_deref(), Some("2026-03-18"));
    assert_eq!(at("03-19", 60, 1), None);
    assert_eq!(at("03-19", 23 * 60, 0), None, "no round begins on a Thursday");
}

#[test]
fn a_device_works_from_each_of_its_events_for_ten_minutes() {
    let at = |minute: i64| Instant::from_ms(minute * MINUTE_MS);
    let minutes = |events: &[i64]| {
        let events: Vec<Instant> = events.iter().map(|minute| at(*minute)).collect();
        working_ms(&events, at(100), at(200)) / MINUTE_MS
    };
    assert_eq!(minutes(&[]), 0);
    assert_eq!(minutes(&[120]), 10);
    assert_eq!(minutes(&[120, 125]), 15, "twice is not longer");
    assert_eq!(minutes(&[120, 120]), 10);
    assert_eq!(minutes(&[95]), 5, "from before the hours into them");
    assert_eq!(minutes(&[90]), 0);
    assert_eq!(minutes(&[195]), 5, "not beyond them");
    assert_eq!(minutes(&[200]), 0);
    assert_eq!(minutes(&(90..200).step_by(5).collect::<Vec<_>>()), 100);
}

/// A round of 100 minutes from 100 to 200, at a place with devices that sent events at some minutes.
fn outcome(
    devices: &[(&str, DeviceKind, Option<&str>)],
    events: &[(&str, &[i64])],
    pickup: bool,
    opened: bool,
) -> (bool, bool) {
    let register = register(&[], devices);
    let at = |minute: i64| Instant::from_ms(minute * MINUTE_MS);
    let events: BTreeMap<DeviceId, Vec<Instant>> = events
        .iter()
        .map(|(device, minutes)| ((*device).into(), minutes.iter().map(|minute| at(*minute)).collect()))
        .collect();
    let round =
        Round { place: "P".into(), stream: "food".into(), service_date: day("03-18"), start: at(100), end: at(200) };
    let RoundOutcome { ran, observable, .. } =
        judge(&register, round, 80, pickup, opened, |device| events.get(device).map_or(&[][..], Vec::as_slice));
    (ran, observable)
}

const EIGHTY: &[i64] = &[100, 110, 120, 130, 140, 150, 160, 170];
const SEVENTY: &[i64] = &[100, 110, 120, 130, 140, 150, 160];

#[test]
fn a_round_ran_when_a_crew_opened_it_or_an_accepted_pickup_fell_in_it() {
    let reader = [("r", DeviceKind::Combined, None)];
    assert_eq!(outcome(&reader, &[("r", EIGHTY)], false, false), (false, true), "missed, and observed");
    assert_eq!(outcome(&reader, &[("r", EIGHTY)], true, false), (true, true));
    assert_eq!(outcome(&reader, &[("r", SEVENTY)], true, false), (true, false));
    assert_eq!(outcome(&reader, &[("r", SEVENTY)], false, true), (true, true));
    assert_eq!(outcome(&[], &[], false, true), (true, true));
}

#[test]
fn eighty_percent_of_the_hours_are_enough_and_a_millisecond_less_is_not() {
    let at = |late_ms: i64| Instant::from_ms(100 * MINUTE_MS + late_ms);
    let register = register(&[], &[("r", DeviceKind::Combined, None)]);
    let observable = |short_ms: i64| {
        let events: Vec<Instant> = (0..8).map(|ten| at(ten * 10 * MINUTE_MS - short_ms)).collect();
        let (start, end) = (at(0), at(100 * MINUTE_MS));
        let round = Round { place: "P".into(), stream: "food".into(), service_date: day("03-18"), start, end };
        judge(&register, round, 80, true, false, |_| events.as_slice()).observable
    };
    assert!(observable(0));
    assert!(!observable(1));
}

#[test]
fn every_reader_of_the_place_and_every_scale_of_the_stream_must_work() {
    use DeviceKind::{Scale, TagReader, Weighbridge};
    let devices = [
        ("reader", TagReader, None),
        ("food", Scale, Some("food")),
        ("other", Scale, Some("other")),
        ("other reader", TagReader, Some("other")),
        ("bridge", Weighbridge, None),
    ];
    let working: [(&str, &[i64]); 2] = [("reader", EIGHTY), ("food", EIGHTY)];
    assert_eq!(outcome(&devices, &working, true, false), (true, true), "the rest's devices need not work");
    assert_eq!(outcome(&devices, &[("reader", EIGHTY), ("food", SEVENTY)], true, false), (true, false));
    assert_eq!(outcome(&devices, &[("reader", SEVENTY), ("food", EIGHTY)], true, false), (true, false));
    let any = [("reader", TagReader, None), ("scale", Scale, None)];
    assert_eq!(outcome(&any, &[("reader", EIGHTY)], true, false), (true, false), "a scale that names no stream");
}

#[test]
fn a_place_without_a_device_proves_nothing_by_itself() {
    assert_eq!(outcome(&[], &[], true, false), (true, false));
    let other = [("other", DeviceKind::Combined, Some("other"))];
    assert_eq!(outcome(&other, &[("other", EIGHTY)], true, false), (true, false));
}
