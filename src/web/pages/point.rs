//! One collection point: the share of its households, its rounds, its mass, its devices.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Response};

use super::alerts::EARLIER;
use super::device::DaysAsk;
use super::devices::device_line;
use super::rounds::fate_of;
use super::{frame, shown};
use crate::domain::alert::Subject;
use crate::domain::ids::PlaceCode;
use crate::domain::register::Commune;
use crate::domain::round::RoundOutcome;
use crate::domain::time::LocalDay;
use crate::indicators::Shown;
use crate::store::{KeptAlert, PastAlerts, RoundFate};
use crate::web::api::scoped;
use crate::web::ask::Ask;
use crate::web::download;
use crate::web::drawing::{Drawing, Kind, Wanted, stream_mark, stream_name};
use crate::web::equipment::{
    MONTH, alert_line, device_facts, known_place, place_and_area, place_href, raised, written,
};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read::{self, Whose};
use crate::web::sign_in::{encoded, segment};
use crate::web::table::May;
use crate::web::texts::{Texts, WatchTexts};
use crate::web::views::bar::Bar;
use crate::web::views::equipment::{CalendarDay, CalendarRound, PointPage, PointShare};

/// Shows a collection point.
pub async fn point(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(code): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let w = t.watch;
    let place = known_place(&site, &who, &code)?;
    let today = read::today(&site);
    let (name, hamlet) = place_and_area(&site, &place, today);
    frame.title.clone_from(&name);
    let (area, registered) = {
        let register = site.web.register.borrow();
        (register.area_of_place(&place, today).cloned(), register.points.contains_key(&place))
    };
    let figure = async |kind: Kind| -> Result<_, Problem> {
        let wanted = Wanted { whose: Whose::Point(place.clone()), ..Wanted::usual(kind, None) };
        Drawing::read(&site, &who, &wanted).await?.figure(lang, t).await
    };
    let mut devices = device_facts(&site).await?;
    devices.retain(|of| of.registered.as_ref().is_some_and(|device| device.place == place));
    let here = |kept: &KeptAlert| match &kept.alert.subject {
        Subject::Place(of) => *of == place,
        Subject::Device(device) => devices.iter().any(|of| of.device == *device),
        Subject::Commune | Subject::Area(_) => false,
    };
    let mut alerts = raised(&site).await?;
    alerts.retain(here);
    let past = PastAlerts { subject: Some(Subject::Place(place.clone())), limit: EARLIER, ..PastAlerts::default() };
    let past = site.web.store.past_alerts(&past).await?;
    let seen = who.may(May::States) && area.is_some() && scoped(&who, area.clone()).is_ok();
    let (weeks, fates) = calendar(&site, &who, &place, today, (lang, t)).await?;
    let view = PointPage {
        w,
        code: place.to_string(),
        area: (hamlet, area.map_or_else(String::new, |area| format!("/areas/{}", segment(area.as_str())))),
        register_href: if registered && who.may(May::Register) {
            format!("/register/row/points?key={}", encoded(place.as_str()))
        } else {
            String::new()
        },
        alerts: alerts.iter().map(|kept| alert_line(&site, &who, kept, lang, t)).collect(),
        share: if seen { share(&site, &place, lang, t).await? } else { None },
        weeks,
        fates,
        rounds_href: if who.may(May::Rounds) { rounds_href(&place, today - (MONTH - 1), today) } else { String::new() },
        tonnage: figure(Kind::Tonnage).await?,
        completeness: figure(Kind::Completeness).await?,
        devices: devices.iter().map(|of| device_line(&site, of, lang, t)).collect(),
        earlier: past.iter().map(|kept| alert_line(&site, &who, kept, lang, t)).collect(),
        csv: format!("{}/days.csv", place_href(&place)),
        name,
        frame,
    };
    shown(&view)
}

fn rounds_href(place: &PlaceCode, from: LocalDay, to: LocalDay) -> String {
    format!("/rounds?place={}&from={from}&to={to}", encoded(place.as_str()))
}

/// Reads the share of the households whose point it is. `None`: nobody is eligible.
async fn share(site: &Site, place: &PlaceCode, lang: Lang, t: &'static Texts) -> Result<Option<PointShare>, Problem> {
    let Some(day) = read::last_finished(site).await? else { return Ok(None) };
    let counts = site.web.store.point_series(place, day, day).await?.pop();
    let Some((_, counts)) = counts else { return Ok(None) };
    let query = encoded(place.as_str());
    Ok(Some(PointShare {
        share: written(counts.share(), lang),
        sentence: (t.share_sentence)(&lang.count(counts.sorting), &lang.count(counts.eligible)),
        beside: [written(counts.upper(), lang), written(counts.coverage(), lang)],
        bar: Bar::of(&Shown::all(counts), read::target_on(&read::commune(site), day)),
        day: (t.end_of_day)(&lang.day(day)),
        href: format!("/shares?point={query}"),
        households: format!("/households?point={query}"),
    }))
}

type Fates = Vec<(&'static str, &'static str, &'static str, &'static str, String)>;

/// Class, icon and place of the words of what became of a round; one that has not ended is still to come, unless it ran.
const fn fate_at(outcome: &RoundOutcome, is_over: bool) -> (&'static str, &'static str, usize) {
    match (fate_of(outcome), is_over) {
        (RoundFate::Counted, true) => ("s", "s", 0),
        (RoundFate::Unobserved, true) => ("u", "u", 1),
        (RoundFate::Missed, true) => ("n", "n", 2),
        (RoundFate::Counted | RoundFate::Unobserved | RoundFate::Missed, false) => ("later", "later", 3),
    }
}

/// Makes the weeks of the last 28 days, Monday first, and counts what became of the rounds.
async fn calendar(
    site: &Site,
    who: &Who,
    place: &PlaceCode,
    today: LocalDay,
    (lang, t): (Lang, &'static Texts),
) -> Result<(Vec<Vec<CalendarDay>>, Fates), Problem> {
    let w: &'static WatchTexts = t.watch;
    let (from, now) = (today - (MONTH - 1), site.web.clock.now());
    let commune = read::commune(site);
    let mut rounds: BTreeMap<LocalDay, Vec<RoundOutcome>> = BTreeMap::new();
    let mut counts = [0_i64; 4];
    for outcome in site.web.store.rounds(place, from, today).await? {
        counts[fate_at(&outcome, outcome.round.end <= now).2] += 1;
        rounds.entry(outcome.round.service_date).or_default().push(outcome);
    }
    if rounds.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let first = from.week_start();
    let last = today.week_start() + 6;
    let days: Vec<LocalDay> = first.through(last).collect();
    let weeks = days
        .chunks(7)
        .map(|week| {
            week.iter()
                .map(|day| {
                    let of_day = rounds.get(day).map_or(&[][..], Vec::as_slice);
                    let within = from <= *day && *day <= today;
                    let drawn = of_day
                        .iter()
                        .map(|outcome| calendar_round(&commune, outcome, outcome.round.end <= now, (lang, t)));
                    let drawn: Vec<CalendarRound> = drawn.collect();
                    let href =
                        if within && who.may(May::Rounds) { rounds_href(place, *day, *day) } else { String::new() };
                    let is_first = *day == from || *day == day.month_start();
                    let label = if is_first { lang.short_day(*day) } else { day.date().day().to_string() };
                    CalendarDay {
                        label: if within { label } else { String::new() },
                        spoken: spoken(*day, &drawn, lang, w),
                        href,
                        rounds: if within { drawn } else { Vec::new() },
                    }
                })
                .collect()
        })
        .collect();
    let marks = [("s", "s"), ("u", "u"), ("n", "n"), ("later", "later")];
    let fates = (0..4)
        .filter(|at| *at < 3 || counts[*at] > 0)
        .map(|at| (marks[at].0, marks[at].1, w.fates[at], w.fates_more[at], lang.count(counts[at])))
        .collect();
    Ok((weeks, fates))
}

fn calendar_round(
    commune: &Commune,
    outcome: &RoundOutcome,
    is_over: bool,
    (lang, t): (Lang, &'static Texts),
) -> CalendarRound {
    let (class, icon, at) = fate_at(outcome, is_over);
    let stream = outcome.round.stream.as_str();
    let (colour, stream_icon) = stream_mark(commune, stream);
    let stream = stream_name(commune, stream, lang, t);
    CalendarRound { class, icon, fate: t.watch.fates_short[at], stream_icon, colour, stream }
}

/// Tells a day's rounds to whoever hears the page.
fn spoken(day: LocalDay, rounds: &[CalendarRound], lang: Lang, w: &WatchTexts) -> String {
    let count = lang.count(i64::try_from(rounds.len()).unwrap_or(i64::MAX));
    let told: Vec<String> = rounds.iter().map(|round| format!("{} {}", round.stream, round.fate)).collect();
    format!("{}: {}", (w.day_rounds)(&lang.day(day), &count), told.join(", "))
}

/// Gives a point's days as a file: mass and rounds by stream, completeness.
pub async fn point_days_csv(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(code): Path<String>,
    Ask(ask): Ask<DaysAsk>,
) -> Result<Response, Problem> {
    let place = known_place(&site, &who, &code)?;
    let (from, to) = ask.range(&site)?;
    let store = &site.web.store;
    let complete = store.place_completeness(&place, from, to).await?;
    let complete: BTreeMap<LocalDay, String> = complete
        .into_iter()
        .map(|day| (day.day, day.completeness.percent().map_or_else(String::new, |percent| percent.to_string())))
        .collect();
    let mut grams: BTreeMap<(LocalDay, String), [i64; 5]> = BTreeMap::new();
    for row in store.tonnage_days(&place, from, to).await? {
        let of = &row.grams;
        let cells = [of.weighed_g, of.manual_g, of.estimated_g, of.unknown_household_g, of.pickups];
        grams.insert((row.day, row.stream.to_string()), cells);
    }
    let mut service: BTreeMap<(LocalDay, String), [i64; 7]> = BTreeMap::new();
    for row in store.place_days(&place, from, to).await? {
        let of = &row.service;
        let cells = [of.scheduled, of.ran, of.observable, of.hand_overs, of.tagged, of.overload, of.below_min];
        service.insert((row.day, row.stream.to_string()), cells);
    }
    let keys: std::collections::BTreeSet<(LocalDay, String)> = grams.keys().chain(service.keys()).cloned().collect();
    let rows = keys.into_iter().map(|key| {
        let mut cells = vec![key.0.to_string(), key.1.clone(), complete.get(&key.0).cloned().unwrap_or_default()];
        cells.extend(service.get(&key).copied().unwrap_or_default().map(|number| number.to_string()));
        cells.extend(grams.get(&key).copied().unwrap_or_default().map(|number| number.to_string()));
        cells
    });
    let head = [
        "day",
        "stream",
        "completeness_percent",
        "rounds_scheduled",
        "rounds_ran",
        "rounds_observable",
        "hand_overs",
        "tagged",
        "overload",
        "below_min",
        "weighed_g",
        "manual_g",
        "estimated_g",
        "unknown_household_g",
        "pickups",
    ];
    Ok(download::csv(&format!("{}-{from}-{to}.csv", segment(place.as_str())), &head, rows))
}
