//! Rows of the register.

use super::cell::Line;
use super::word::fold;
use super::{Caution, Flaw, Person, Referred};
use crate::devices::native::normal_uid;
use crate::devices::topic::device_id;
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode, StationCode};
use crate::domain::register::{
    Area, Device, DeviceKind, Exclusion, Household, Point, Register, RouteStop, ScaleMode, ScheduleRow,
    TARGET_INDICATORS, Tag, Target, Validity,
};
use crate::domain::state::ExclusionReason;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;

/// Most persons of a household.
const PEOPLE_MAX: i64 = 1_000;
/// Greatest mass of a scale, grams: a weighbridge's 100 t.
const MASS_MAX_G: i64 = 100_000_000;
/// Longest time of a station, seconds: readings further apart are never joined.
const STATION_TIME_MAX_S: i64 = 120;
/// Most weeks between two rounds.
const EVERY_WEEKS_MAX: i32 = 52;
/// An absence shorter than this is short for an exclusion, days.
const SHORT_ABSENCE_DAYS: i32 = 60;
/// Years that a target may be of.
const TARGET_YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;
/// The tag technologies of the native contract.
const TECHS: [&str; 4] = ["hf", "uhf", "lf", "qr"];

pub fn area(line: &mut Line<'_, '_>) -> Option<Area> {
    let (code, name) = (line.code("code"), line.words("name"));
    let validity = validity(line);
    let area = Area { code: AreaCode::from(code?), name: name?, validity };
    line.is_sound().then_some(area)
}

pub fn point(line: &mut Line<'_, '_>) -> Option<Point> {
    let (code, name, area) = (line.code("code"), line.words("name"), line.area());
    let (lat, lon) = (line.number("lat", -90.0, 90.0), line.number("lon", -180.0, 180.0));
    if line.is_sound() && lat.is_some() != lon.is_some() {
        line.warn(Caution::HalfPosition);
    }
    let validity = validity(line);
    let point = Point { code: PlaceCode::from(code?), name: name?, area: AreaCode::from(area?), lat, lon, validity };
    line.is_sound().then_some(point)
}

pub fn route(line: &mut Line<'_, '_>) -> Option<RouteStop> {
    let (route, household) = (line.code("route"), line.household());
    let order = line.number("order", 0, i64::from(i32::MAX));
    if let Some(code) = route.as_deref().filter(|code| line.reader.context.known.points.contains_key(*code)) {
        line.fault("route", code, Flaw::RouteIsPoint(code.to_owned()));
    }
    let validity = validity(line);
    let (route, household) = (PlaceCode::from(route?), HouseholdCode::from(household?));
    let stop = RouteStop { route, household, order: order?, validity };
    line.is_sound().then_some(stop)
}

pub fn household(line: &mut Line<'_, '_>, people: &mut Vec<Person>) -> Option<Household> {
    let (code, area) = (line.code("code"), line.area());
    let (head_name, address) = (line.words("head_name"), line.words("address"));
    let persons = line.number("people", 0, PEOPLE_MAX);
    let points = &line.reader.context.known.points;
    let known = || points.keys().map(|code| code.as_str());
    let point = line.reference("point", Referred::Point, |code| points.contains_key(code), known);
    let (valid_from, valid_to) = line.validity("valid_from", "valid_to");
    if !line.is_sound() {
        return None;
    }
    let code = HouseholdCode::from(code?);
    if head_name.is_some() || address.is_some() {
        people.push(Person { household: code.clone(), head_name, address });
    }
    let (area, point) = (AreaCode::from(area?), point.map(PlaceCode::from));
    if let Some(point) = &point {
        closed_point(line, point, valid_to);
    }
    Some(Household { code, area, people: persons, point, valid_from: valid_from?, valid_to })
}

pub fn tag(line: &mut Line<'_, '_>) -> Option<Tag> {
    let text = line.text("uid");
    let uid = text.and_then(normal_uid);
    if let (Some(text), None) = (text, &uid) {
        line.fault("uid", text, Flaw::NotTag(text.to_owned()));
    }
    let household = line.household();
    let tech = line.word("tech", &TECHS, |tech| tech).map(str::to_owned);
    let (valid_from, valid_to) = line.validity("valid_from", "valid_to");
    let tag = Tag { uid: uid?, household: HouseholdCode::from(household?), tech, valid_from: valid_from?, valid_to };
    line.is_sound().then_some(tag)
}

pub fn device(line: &mut Line<'_, '_>) -> Option<Device> {
    let text = line.text("device");
    let device = text.and_then(device_id);
    if let (Some(text), None) = (text, &device) {
        line.fault("device", text, Flaw::NotDevice(text.to_owned()));
    }
    let place = line.code("place");
    if let Some(place) = place.as_deref().filter(|place| !is_place(line.reader.context.known, place)) {
        line.warn(Caution::Vehicle(place.to_owned()));
    }
    let kind = line.word("kind", DeviceKind::ALL, DeviceKind::as_str);
    let station = line.code("station").map(StationCode::from);
    let profile = line.code("profile").unwrap_or_else(|| "native".to_owned());
    let mode = line.word("mode", ScaleMode::ALL, ScaleMode::as_str).unwrap_or(ScaleMode::Platform);
    let stream = line.stream();
    let (max_g, division_g) = (line.number("max_g", 1, MASS_MAX_G), line.number("division_g", 1, MASS_MAX_G));
    let min_g = line.number("min_g", 0, MASS_MAX_G);
    let verified_until = line.day("verified_until");
    let (after_read_s, before_read_s, together_s) = (
        line.number("after_read_s", 1, STATION_TIME_MAX_S),
        line.number("before_read_s", 0, STATION_TIME_MAX_S),
        line.number("together_s", 0, STATION_TIME_MAX_S),
    );
    let validity = validity(line);
    if let (Some(min_g), Some(max_g)) = (min_g, max_g)
        && min_g >= max_g
    {
        line.fault("min_g", &min_g.to_string(), Flaw::MinNotBelowMax { min_g, max_g });
    }
    if !line.is_sound() {
        return None;
    }
    let (device, place, kind) = (device?, PlaceCode::from(place?), kind?);
    Some(Device {
        device,
        place,
        kind,
        station,
        profile,
        mode,
        stream,
        max_g,
        division_g,
        min_g,
        verified_until,
        after_read_s,
        before_read_s,
        together_s,
        validity,
    })
}

/// Reads from when until when a thing is there.
fn validity(line: &mut Line<'_, '_>) -> Validity {
    let (valid_from, valid_to) = line.validity("valid_from", "valid_to");
    Validity { valid_from, valid_to }
}

/// Notes a point that is closed while a household hands over there.
fn closed_point(line: &mut Line<'_, '_>, point: &PlaceCode, to: Option<LocalDay>) {
    let end = line.reader.context.known.points.get(point).and_then(|point| point.newest().validity.valid_to);
    if let Some(day) = end.filter(|end| to.is_none_or(|to| *end < to)) {
        line.warn(Caution::Closed { point: point.to_string(), day });
    }
}

pub fn target(line: &mut Line<'_, '_>) -> Option<Target> {
    let indicator = line.word("indicator", &TARGET_INDICATORS, |word| word);
    let year = line.number::<i16>("year", *TARGET_YEARS.start(), *TARGET_YEARS.end());
    let text = line.text("percent").map(|text| text.trim_end_matches('%').trim().replace(',', "."));
    let percent = text.as_deref().and_then(hundredths);
    if let (Some(text), None) = (text, percent) {
        let (least, most) = ("0".to_owned(), "100".to_owned());
        line.fault("percent", &text, Flaw::NotNumber { text: text.clone(), least, most });
    }
    Some(Target { indicator: indicator?.to_owned(), year: year?, percent: percent? })
}

/// Reads a percentage with at most two decimals.
fn hundredths(text: &str) -> Option<Percent> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 2 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let hundredths: u32 = format!("{whole}{decimals:0<2}").parse().ok()?;
    (hundredths <= 10_000).then(|| Percent::from_hundredths(hundredths))
}

pub fn schedule(line: &mut Line<'_, '_>) -> Option<ScheduleRow> {
    let known = line.reader.context.known;
    let points = || known.points.keys().map(|code| code.as_str());
    let place = line.reference("place", Referred::Place, |code| is_place(known, code), points);
    let stream = line.stream();
    let text = line.text("weekdays");
    let weekdays = text.and_then(weekdays);
    if let (Some(text), None) = (text, weekdays) {
        line.fault("weekdays", text, Flaw::NoWeekdays(text.to_owned()));
    }
    let every_weeks = line.number("every_weeks", 1, EVERY_WEEKS_MAX).unwrap_or(1);
    let (start_minute, end_minute) = (line.minute("start"), line.minute("end"));
    if start_minute == Some(24 * 60) {
        line.fault("start", "24:00", Flaw::StartsAtEnd);
    }
    if let (Some(start), Some(end)) = (start_minute, end_minute)
        && start == end
    {
        line.fault("end", "", Flaw::NoLength);
    }
    let (valid_from, valid_to) = line.validity("valid_from", "valid_to");
    if !line.is_sound() {
        return None;
    }
    Some(ScheduleRow {
        place: PlaceCode::from(place?),
        stream: stream?,
        weekdays: weekdays?,
        every_weeks,
        start_minute: start_minute?,
        end_minute: end_minute?,
        valid_from: valid_from?,
        valid_to,
    })
}

pub fn exclusion(line: &mut Line<'_, '_>) -> Option<Exclusion> {
    let household = line.household();
    let reason = line.word("reason", ExclusionReason::ALL, ExclusionReason::as_str);
    let (from, to) = line.validity("from", "to");
    let by = line.words("by");
    if let (Some(ExclusionReason::Absent), Some(from), Some(to)) = (reason, from, to)
        && to - from < SHORT_ABSENCE_DAYS
    {
        line.warn(Caution::ShortAbsence { from, to, days: SHORT_ABSENCE_DAYS });
    }
    let household = HouseholdCode::from(household?);
    let exclusion = Exclusion { household, reason: reason?, from: from?, to, by: by? };
    line.is_sound().then_some(exclusion)
}

/// Tells whether a code names a point or a route.
fn is_place(known: &Register, code: &str) -> bool {
    known.points.contains_key(code) || !known.households_at(&PlaceCode::from(code)).is_empty()
}

/// Reads weekdays, Monday first: English or Vietnamese, short or long, or `daily`.
///
/// # Why
/// Without diacritics `thứ` (day) and `Thu` (Thursday) are one word: followed by 2 to 7 it is the first.
fn weekdays(text: &str) -> Option<[bool; 7]> {
    let folded = fold(text);
    if matches!(folded.as_str(), "daily" | "hang ngay" | "moi ngay" | "tat ca") {
        return Some([true; 7]);
    }
    let separated = folded.replace([',', ';', '+', '/'], " ");
    let mut tokens = separated.split_whitespace().peekable();
    let mut days = [false; 7];
    while let Some(token) = tokens.next() {
        let next = tokens.peek().copied().unwrap_or_default();
        let numbered = |text: &str| text.parse::<usize>().ok().filter(|n| (2..=7).contains(n)).map(|n| n - 2);
        let day = match token {
            "thu" if numbered(next).is_some() => tokens.next().and_then(numbered),
            "chu" if next == "nhat" => tokens.next().map(|_| 6),
            "mon" | "monday" => Some(0),
            "tue" | "tuesday" => Some(1),
            "wed" | "wednesday" => Some(2),
            "thu" | "thursday" => Some(3),
            "fri" | "friday" => Some(4),
            "sat" | "saturday" => Some(5),
            "sun" | "sunday" | "cn" | "t8" => Some(6),
            other => other.strip_prefix('t').and_then(numbered),
        };
        days[day?] = true;
    }
    days.contains(&true).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::weekdays;

    #[test]
    fn weekdays_are_read_in_both_languages() {
        let days = |text: &str| weekdays(text).map(|days| days.map(u8::from));
        for text in ["Mon Wed Fri", "monday,wed;FRI", "T2 T4 T6", "thứ 2, thứ 4, thứ 6", "Thứ 2 t4 fri"] {
            assert_eq!(days(text), Some([1, 0, 1, 0, 1, 0, 0]), "{text}");
        }
        assert_eq!(days("Thu"), Some([0, 0, 0, 1, 0, 0, 0]));
        assert_eq!(days("Thu Sun"), Some([0, 0, 0, 1, 0, 0, 1]));
        for text in ["CN", "chủ nhật", "Sunday"] {
            assert_eq!(days(text), Some([0, 0, 0, 0, 0, 0, 1]), "{text}");
        }
        for text in ["daily", "Hằng ngày", "hàng ngày"] {
            assert_eq!(days(text), Some([1; 7]), "{text}");
        }
        for text in ["", "Mon-Fri", "T9", "chủ", "weekend"] {
            assert_eq!(days(text), None, "{text}");
        }
    }
}
