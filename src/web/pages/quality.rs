//! Data quality: how complete the data is, where it is not, and why.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Response};
use serde::Deserialize;

use super::lists::area_choices;
use super::{frame, shown};
use crate::domain::ids::{AreaCode, DeviceId, PlaceCode};
use crate::domain::time::LocalDay;
use crate::indicators::{Completeness, EventQuality, ScaleRule, Service, Verification};
use crate::store::StoreError;
use crate::web::ask::{self, Ask};
use crate::web::drawing::{Drawing, Kind, Wanted};
use crate::web::equipment::{DeviceFacts, MONTH, device_facts, device_href, part, place_and_area, place_href, written};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::sign_in::{encoded, segment};
use crate::web::table::May;
use crate::web::texts::WatchTexts;
use crate::web::views::bar::width;
use crate::web::views::quality::{Quality, QualityLine};
use crate::web::{download, read};

/// Devices with missing events on the page.
const GAPS: usize = 20;

/// What the page is asked for.
#[derive(Debug, Deserialize)]
pub struct QualityAsk {
    area: Option<String>,
}

/// What stands in a line.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    complete: Completeness,
    events: EventQuality,
    service: Service,
}

impl Sums {
    fn merge(&mut self, other: &Self) {
        self.complete.merge(&other.complete);
        self.events.merge(&other.events);
        self.service.merge(&other.service);
    }
}

/// Everything the page and its file are made of.
struct Figures {
    from: LocalDay,
    to: LocalDay,
    places: BTreeMap<PlaceCode, Sums>,
    areas: BTreeMap<AreaCode, Sums>,
    all: Sums,
}

async fn figures(site: &Site, area: Option<&AreaCode>) -> Result<Figures, StoreError> {
    let store = &site.web.store;
    let to = read::last_finished(site).await?.unwrap_or_else(|| read::today(site) - 1);
    let from = to - (MONTH - 1);
    let register = site.web.register.borrow().clone();
    let mut figures = Figures { from, to, places: BTreeMap::new(), areas: BTreeMap::new(), all: Sums::default() };
    for (place, complete) in store.completeness_by_place(from, to).await? {
        figures.places.entry(place).or_default().complete = complete;
    }
    for (place, events) in store.quality_by_place(from, to).await? {
        figures.places.entry(place).or_default().events = events;
    }
    for (place, service) in store.service_by_place(from, to).await? {
        figures.places.entry(place).or_default().service = service;
    }
    figures.places.retain(|place, sums| {
        let of = register.area_of_place(place, to);
        if area.is_some_and(|area| of != Some(area)) {
            return false;
        }
        figures.areas.entry(of.cloned().unwrap_or_else(|| AreaCode::new(""))).or_default().merge(sums);
        figures.all.merge(sums);
        true
    });
    Ok(figures)
}

fn line(name: String, href: String, sums: &Sums, lang: Lang, w: &WatchTexts) -> QualityLine {
    let share = |of: i64, whole: i64| written(part(of, whole), lang);
    let (complete, events, service) = (&sums.complete, &sums.events, &sums.service);
    let hours = if complete.scheduled_ms > 0 {
        (w.hours_of)(&lang.hours(complete.working_ms), &lang.hours(complete.scheduled_ms))
    } else {
        "–".to_owned()
    };
    QualityLine {
        name,
        href,
        cells: [
            written(complete.percent(), lang),
            hours,
            lang.count(complete.missing),
            share(events.late, events.in_use),
            share(events.clock_doubted, events.in_use),
            share(events.unstable, events.weights),
            share(service.overload, service.hand_overs),
            share(service.hand_overs - service.tagged, service.hand_overs),
        ],
        width: complete.percent().map_or_else(String::new, width),
    }
}

/// The least complete first; where nothing was scheduled last.
fn least_first<K: Ord>(sums: &BTreeMap<K, Sums>) -> Vec<(&K, &Sums)> {
    let mut sorted: Vec<(&K, &Sums)> = sums.iter().collect();
    sorted.sort_by_key(|(_, sums)| (sums.complete.percent().is_none(), sums.complete.percent()));
    sorted
}

/// Shows data quality.
pub async fn quality(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<QualityAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let w = t.watch;
    frame.title = t.quality.to_owned();
    let area = ask::area(&site, &ask.area)?;
    let figures = figures(&site, area.as_ref()).await?;
    let wanted = Wanted::usual(Kind::Completeness, area.clone());
    let figure = Drawing::read(&site, &who, &wanted).await?.figure(lang, t).await?;
    let mut facts = device_facts(&site).await?;
    facts.retain(|of| area.is_none() || of.area == area);
    let totals = if area.is_some() {
        let here: Vec<&DeviceId> = facts.iter().map(|of| &of.device).collect();
        site.web.store.quarantine_totals_of(&here).await?
    } else {
        site.web.store.quarantine_totals().await?
    };
    let mut hamlets = Vec::new();
    if area.is_none() && !figures.areas.is_empty() {
        hamlets.push(line(w.whole_commune.to_owned(), String::new(), &figures.all, lang, w));
        for (code, sums) in least_first(&figures.areas) {
            let href = if code.as_str().is_empty() {
                String::new()
            } else {
                format!("/quality?area={}", segment(code.as_str()))
            };
            let name = if code.as_str().is_empty() { t.unknown.to_owned() } else { read::area_name(&site, code) };
            hamlets.push(line(name, href, sums, lang, w));
        }
    }
    let points = least_first(&figures.places)
        .into_iter()
        .map(|(place, sums)| line(place_and_area(&site, place, figures.to).0, place_href(place), sums, lang, w))
        .collect();
    let devices_by = |sort: &str| {
        let area = area.as_ref().map_or_else(String::new, |area| format!("&area={}", encoded(area.as_str())));
        format!("/devices?sort={sort}{area}")
    };
    let reasons = reasons(&site, &figures, &facts, &totals, &devices_by, (lang, w)).await?;
    let (gaps, more) = missing(&site, &facts, lang, w);
    let quarantine = if who.may(May::Devices) { "/quarantine" } else { "" };
    let view = Quality {
        w,
        areas: area_choices(&site, &[], area.as_ref()),
        period: (w.period)(&lang.day(figures.from), &lang.day(figures.to)),
        figure,
        reasons,
        scales: (scales(&site, &facts, lang, w), devices_by("verified")),
        hamlets,
        points,
        gaps,
        more: (more, devices_by("missing")),
        totals: totals.into_iter().map(|(code, count)| (code, lang.count(count))).collect(),
        quarantine,
        csv: area
            .map_or_else(|| "/quality.csv".to_owned(), |area| format!("/quality.csv?area={}", segment(area.as_str()))),
        frame,
    };
    shown(&view)
}

/// Tells each reason why something is missing: name, meaning, how much, where to look.
async fn reasons(
    site: &Site,
    figures: &Figures,
    facts: &[DeviceFacts],
    totals: &[(String, i64)],
    devices_by: impl Fn(&str) -> String,
    (lang, w): (Lang, &'static WatchTexts),
) -> Result<Vec<(&'static str, &'static str, String, String)>, Problem> {
    let store = &site.web.store;
    let here = |device: &DeviceId| facts.iter().any(|of| of.device == *device);
    let complete = &figures.all.complete;
    let silent_ms = complete.scheduled_ms - complete.working_ms;
    let missing: i64 = facts.iter().map(|of| of.missing).sum();
    let lost: i64 = store.lost(None).await?.iter().filter(|(range, _)| here(&range.device)).map(|(_, lost)| lost).sum();
    let voided = store.voided(None).await?;
    let voided: i64 = voided.iter().filter(|of| here(&of.device)).map(|of| of.to - of.from + 1).sum();
    let refused: i64 = totals.iter().map(|(_, count)| count).sum();
    let amounts = [
        ((w.hours_of)(&lang.hours(silent_ms.max(0)), &lang.hours(complete.scheduled_ms)), devices_by("complete")),
        (lang.count(missing), "#missing".to_owned()),
        (lang.count(lost), devices_by("missing")),
        (lang.count(voided), devices_by("missing")),
        (lang.count(refused), "#refused".to_owned()),
    ];
    let named = w.reasons.into_iter().zip(w.reasons_more).zip(amounts);
    Ok(named.map(|((name, more), (amount, href))| (name, more, amount, href)).collect())
}

fn scales(site: &Site, facts: &[DeviceFacts], lang: Lang, w: &WatchTexts) -> String {
    let today = read::today(site);
    let (mut all, mut over, mut due, mut unstated) = (0, 0, 0, 0);
    for device in facts.iter().filter_map(|of| of.registered.as_ref()) {
        match ScaleRule::STANDARD.judge(device, &[], today).verification {
            Verification::NotNeeded => continue,
            Verification::NotStated => unstated += 1,
            Verification::Holds { .. } => {}
            Verification::Due { .. } => due += 1,
            Verification::Overdue { .. } => over += 1,
        }
        all += 1;
    }
    if all == 0 {
        return String::new();
    }
    (w.scales_sum)(&lang.count(over), &lang.count(due), &lang.count(unstated), &lang.count(all))
}

/// Tells which devices miss most: name, page, place, count; and how many more there are.
fn missing(
    site: &Site,
    facts: &[DeviceFacts],
    lang: Lang,
    w: &WatchTexts,
) -> (Vec<(String, String, String, String)>, String) {
    let today = read::today(site);
    let mut missing: Vec<&DeviceFacts> = facts.iter().filter(|of| of.missing > 0).collect();
    missing.sort_by_key(|of| std::cmp::Reverse(of.missing));
    let more = i64::try_from(missing.len().saturating_sub(GAPS)).unwrap_or(0);
    let lines = missing.into_iter().take(GAPS).map(|of| {
        let place = of.registered.as_ref().map(|device| place_and_area(site, &device.place, today).0);
        (of.device.to_string(), device_href(&of.device), place.unwrap_or_default(), lang.count(of.missing))
    });
    (lines.collect(), if more > 0 { (w.gaps_more)(&lang.count(more)) } else { String::new() })
}

/// Gives hamlets and points as a file.
pub async fn quality_csv(Shared(site): Shared<Arc<Site>>, Ask(ask): Ask<QualityAsk>) -> Result<Response, Problem> {
    let area = ask::area(&site, &ask.area)?;
    let figures = figures(&site, area.as_ref()).await?;
    let cells = |of: &str, code: &str, name: String, sums: &Sums| {
        let Sums { complete, events, service } = sums;
        let percent = complete.percent().map_or_else(String::new, |percent| percent.to_string());
        let mut cells =
            vec![figures.from.to_string(), figures.to.to_string(), of.to_owned(), code.to_owned(), name, percent];
        let numbers = [
            complete.working_ms,
            complete.scheduled_ms,
            complete.received,
            complete.missing,
            events.in_use,
            events.late,
            events.clock_doubted,
            events.weights,
            events.unstable,
            service.hand_overs,
            service.tagged,
            service.overload,
            service.below_min,
        ];
        cells.extend(numbers.map(|number| number.to_string()));
        cells
    };
    let areas =
        figures.areas.iter().map(|(code, sums)| cells("area", code.as_str(), read::area_name(&site, code), sums));
    let places = figures
        .places
        .iter()
        .map(|(place, sums)| cells("place", place.as_str(), place_and_area(&site, place, figures.to).0, sums));
    let head = [
        "from",
        "to",
        "of",
        "code",
        "name",
        "completeness_percent",
        "working_ms",
        "scheduled_ms",
        "received",
        "missing",
        "events",
        "late",
        "clock_doubted",
        "levels",
        "unstable",
        "hand_overs",
        "tagged",
        "overload",
        "below_min",
    ];
    let rows: Vec<Vec<String>> = areas.chain(places).collect();
    Ok(download::csv("quality.csv", &head, rows))
}
