//! The overview of the commune, and the same for one hamlet.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Html;

use super::shares::number;
use super::workload::visiting_part;
use super::{frame, shown};
use crate::domain::ids::AreaCode;
use crate::domain::pickup::Pickup;
use crate::domain::state::{Level, Reason};
use crate::domain::time::{HOUR_MS, LocalDay};
use crate::domain::units::Percent;
use crate::indicators::{AreaShare, Badge, Part as Disclosed, ShareDay, Shown, Step};
use crate::web::api::scoped;
use crate::web::drawing::{Drawing, Kind, Wanted, stream_mark, stream_name};
use crate::web::equipment::{alert_line, area_of, raised};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::sign_in::{encoded, segment};
use crate::web::table::May;
use crate::web::texts::{Texts, filled};
use crate::web::views::bar::{Bar, width};
use crate::web::views::overview::{
    Care, Figure, HamletFigures, HamletLine, Headline, NextLine, Overview, Part, PickupLine, ProgressLine, TodayLine,
};
use crate::web::{Progress, ask, publication, read};

/// Latest pickups shown, and how old they may be.
const PICKUPS: usize = 8;
const PICKUPS_WITHIN_MS: i64 = 24 * HOUR_MS;
/// Alerts shown.
const CARE: usize = 5;
/// Seconds after which a page without script reloads itself while stored events are being loaded.
const REFRESH_S: u32 = 3;

/// Shows the overview.
pub async fn overview(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    compose(&site, &who, &headers, &uri, None).await
}

/// Shows a hamlet's overview.
pub async fn area(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(code): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let area = ask::known_area(&site, &code)?;
    publication::may_see(&site, &who, Some(&area)).await?;
    compose(&site, &who, &headers, &uri, Some(area)).await
}

async fn compose(
    site: &Site,
    who: &Who,
    headers: &HeaderMap,
    uri: &Uri,
    area: Option<AreaCode>,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    let hamlet = area.as_ref().map(|area| read::area_name(site, area));
    if let Some(name) = &hamlet {
        frame.title.clone_from(name);
    }
    let catch_up = site.web.ready.borrow().catch_up;
    frame.refresh_s = catch_up.map(|_| REFRESH_S);
    let progress = catch_up.map(|progress| progress_line(progress, lang));
    let day = match read::last_finished(site).await? {
        Some(day) => Some(read::share_day(site, who, area.as_ref(), day).await?).filter(|day| !day.counts.is_nobody()),
        None => None,
    };
    let Some(day) = day else {
        return shown(&Overview {
            frame,
            hamlet,
            shares: String::new(),
            headline: None,
            progress,
            trend: None,
            hamlets: Vec::new(),
            some_hidden: false,
            reasons_hidden: false,
            next: Vec::new(),
            visiting: None,
            tonnage: None,
            behind: None,
            quality: false,
            completeness: None,
            pickups: None,
            today: Vec::new(),
            is_commune: area.is_none(),
            care: None,
            alarm: None,
        });
    };
    let figure = async |kind: Kind| -> Result<Option<Figure>, Problem> {
        let wanted = Wanted::usual(kind, area.clone());
        Drawing::read(site, who, &wanted).await?.figure(lang, t).await
    };
    let (hamlets, some_hidden) = match &area {
        None => hamlets(site, who, day.day, lang, t).await?,
        Some(_) => (Vec::new(), false),
    };
    let care = if who.may(May::Condition) { Some(care(site, who, area.as_ref(), lang, t).await?) } else { None };
    let audit = match &area {
        None => super::latest_estimate(site, who, lang, t).await?,
        Some(_) => None,
    };
    let alarm = match (who.may(May::Tickets), &area) {
        (true, None) => super::indicators::alarm(site, lang, t).await?.filter(|alarm| alarm.raised),
        (true, Some(_)) | (false, _) => None,
    };
    let view = Overview {
        alarm,
        shares: area
            .as_ref()
            .map_or_else(|| "/shares".to_owned(), |area| format!("/shares?area={}", encoded(area.as_str()))),
        headline: Some(headline(site, &day, audit, lang, t).await?),
        behind: is_listed(who, area.as_ref()).then(|| match &area {
            None => "/households?".to_owned(),
            Some(area) => format!("/households?area={}&", encoded(area.as_str())),
        }),
        quality: who.may(May::Quality),
        progress,
        trend: figure(Kind::Trend).await?,
        hamlets,
        some_hidden,
        reasons_hidden: day.counts.hides(Disclosed::Reasons),
        next: next(who, &day.counts, area.as_ref(), lang, t),
        visiting: visiting_part(site, who, area.as_ref(), (lang, t)).await?,
        tonnage: figure(Kind::Tonnage).await?,
        completeness: figure(Kind::Completeness).await?,
        pickups: if who.may(May::Pickups) { Some(pickups(site, area.as_ref(), lang, t).await?) } else { None },
        today: if area.is_none() && !who.may(May::Pickups) { today(site, (lang, t)).await? } else { Vec::new() },
        is_commune: area.is_none(),
        care,
        hamlet,
        frame,
    };
    shown(&view)
}

/// Tells how far the catch-up is.
pub fn progress_line(progress: Progress, lang: Lang) -> ProgressLine {
    let t = Texts::of(lang);
    let eta = progress.eta_s.map_or_else(|| "…".to_owned(), |eta_s| lang.span(eta_s.saturating_mul(1000)));
    let (total, pickups) = (lang.count(progress.total), lang.count(progress.pickups));
    let line = if progress.done < progress.total || progress.total == 0 {
        (t.progress_line)(&lang.count(progress.done), &total, &lang.count(progress.per_second), &pickups, &eta)
    } else {
        (t.progress_counting)(&total, &pickups)
    };
    ProgressLine { done: progress.done, total: progress.total.max(1), line }
}

async fn headline(
    site: &Site,
    day: &ShareDay,
    audit: Option<(String, String)>,
    lang: Lang,
    t: &'static Texts,
) -> Result<Headline, Problem> {
    let commune = read::commune(site);
    let counts = &day.counts;
    let percent = |percent: Option<Percent>| percent.map_or_else(|| "–".to_owned(), |percent| lang.percent(percent));
    let count = |count: Option<i64>| number(count, lang);
    let part_of = |count: Option<i64>| percent(counts.part_of_all(count));
    let part = |class, name, of: Option<i64>| Part { class, name, count: count(of), percent: part_of(of) };
    let badge = counts.badge().unwrap_or(Badge::Insufficient);
    let as_of = read::cut_off(site).await?.map(|at| lang.moment(&commune.zone, at)).unwrap_or_default();
    let level = |level: Level| (t.level_name(level), count(counts.evidence_of(level)));
    Ok(Headline {
        share: percent(counts.share()),
        sentence: (t.share_sentence)(&count(counts.sorting()), &count(counts.eligible())),
        hidden: if counts.hidden().is_nothing() { "" } else { t.public.hidden_cells },
        badge: t.badge_name(badge),
        badge_class: match badge {
            Badge::Sufficient => "sufficient",
            Badge::Indicative => "indicative",
            Badge::Insufficient => "insufficient",
        },
        bar: Bar::of(counts, day.target),
        target: day.target.map_or_else(
            || t.no_target.to_owned(),
            |target| (t.target)(&day.day.date().year().to_string(), &lang.target(target)),
        ),
        day: (t.end_of_day)(&lang.day(day.day)),
        provisional: day.provisional,
        parts: [
            part("s", t.states[0], counts.sorting()),
            part("u", t.states[2], counts.undetermined_total()),
            part("n", t.states[1], counts.not_sorting()),
        ],
        upper: percent(counts.upper()),
        coverage: percent(counts.coverage()),
        completeness: day
            .completeness
            .percent()
            .map_or_else(|| t.no_device.to_owned(), |percent| lang.percent(percent)),
        enrolled: (count(counts.enrolled()), part_of(counts.enrolled())),
        at_least_one: (count(counts.at_least_one()), part_of(counts.at_least_one())),
        rates: [percent(counts.participation()), percent(counts.set_out())],
        widths: counts
            .enrolled_share()
            .zip(counts.coverage())
            .map(|(enrolled, coverage)| (width(enrolled), width(coverage))),
        evidence: [level(Level::Device), level(Level::Crew), level(Level::Verified)],
        audit,
        as_of,
        rules: commune.rules_on(day.day).version.clone(),
    })
}

async fn hamlets(
    site: &Site,
    who: &Who,
    day: LocalDay,
    lang: Lang,
    t: &'static Texts,
) -> Result<(Vec<HamletLine>, bool), Problem> {
    let (shares, hidden) = read::area_shares(site, who, day).await?;
    let mut lines: Vec<HamletLine> =
        shares.iter().filter(|of| !of.counts.is_nobody()).map(|of| hamlet_line(of, lang, t)).collect();
    lines.extend(hidden.iter().map(|area| HamletLine {
        href: format!("/areas/{}", segment(area.as_str())),
        name: read::area_name(site, area),
        shown: None,
    }));
    let some_hidden = !hidden.is_empty() || shares.iter().any(|of| !of.counts.hidden().is_nothing());
    Ok((lines, some_hidden))
}

pub fn hamlet_line(of: &AreaShare, lang: Lang, t: &'static Texts) -> HamletLine {
    let counts = &of.counts;
    let states = [
        (counts.sorting(), t.states[0]),
        (counts.undetermined_total(), t.states[2]),
        (counts.not_sorting(), t.states[1]),
    ];
    let told = states.into_iter().filter_map(|(count, state)| Some(format!("{} {state}", lang.count(count?))));
    let told: Vec<String> = told.collect();
    let spoken = format!("{}: {}", of.name, if told.is_empty() { t.hidden.to_owned() } else { told.join(", ") });
    let shown = Bar::of(counts, None).map(|bar| HamletFigures {
        share: counts.share().map_or_else(|| "–".to_owned(), |share| lang.percent(share)),
        spoken,
        eligible: (t.of_households)(&number(counts.eligible(), lang)),
        bar,
    });
    HamletLine { href: format!("/areas/{}", segment(of.area.as_str())), name: of.name.clone(), shown }
}

/// Tells whether the reader may open the list of just the households that a page of a hamlet, or of the commune, counts.
pub(super) fn is_listed(who: &Who, area: Option<&AreaCode>) -> bool {
    who.may(May::States) && scoped(who, area.cloned()).is_ok_and(|scope| scope.as_ref() == area)
}

fn next(who: &Who, counts: &Shown, area: Option<&AreaCode>, lang: Lang, t: &'static Texts) -> Vec<NextLine> {
    let mut reasons: Vec<(i64, Reason)> = Reason::ALL
        .iter()
        .filter_map(|&reason| Some((counts.undetermined_for(reason)?, reason)))
        .filter(|(count, _)| *count > 0)
        .collect();
    // Largest first; reasons of equal size stay in the order of visits.
    reasons.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let listed = is_listed(who, area);
    reasons
        .into_iter()
        .map(|(count, reason)| NextLine {
            count: lang.count(count),
            reason: t.reason_name(reason),
            action: t.action(reason),
            href: if listed {
                let area = area.map(|area| format!("&area={}", encoded(area.as_str()))).unwrap_or_default();
                format!("/households?state=U&reason={reason}{area}")
            } else {
                String::new()
            },
        })
        .collect()
}

/// Tells what was handed over today so far, by stream: to those who see no single pickup.
///
/// Of the commune alone: in one hamlet, where rounds come one after the other, each would be somebody's.
async fn today(site: &Site, (lang, t): (Lang, &'static Texts)) -> Result<Vec<TodayLine>, Problem> {
    let today = read::today(site);
    let rows = site.web.store.tonnage(None, today, today, Step::Day).await?;
    let commune = read::commune(site);
    let told = rows.into_iter().filter(|row| row.tonnage.pickups > 0).map(|row| {
        let (colour, icon) = stream_mark(&commune, row.stream.as_str());
        TodayLine {
            stream: stream_name(&commune, row.stream.as_str(), lang, t),
            colour,
            icon,
            pickups: filled(t.public.hand_overs, &[("n", &lang.count(row.tonnage.pickups))]),
        }
    });
    Ok(told.collect())
}

async fn pickups(
    site: &Site,
    area: Option<&AreaCode>,
    lang: Lang,
    t: &'static Texts,
) -> Result<Vec<PickupLine>, Problem> {
    let now = site.web.clock.now();
    let wanted = i64::try_from(PICKUPS).unwrap_or(8) * if area.is_some() { 60 } else { 3 };
    let latest = site.web.store.last_pickups(now, wanted).await?;
    let in_area = |pickup: &Pickup| {
        let register = site.web.register.borrow();
        area.is_none_or(|area| register.area_of_place(&pickup.place, pickup.day) == Some(area))
    };
    Ok(latest
        .iter()
        .filter(|pickup| pickup.is_accepted() && now.since(pickup.time) < PICKUPS_WITHIN_MS && in_area(pickup))
        .take(PICKUPS)
        .map(|pickup| pickup_line(site, pickup, lang, t))
        .collect())
}

fn pickup_line(site: &Site, pickup: &Pickup, lang: Lang, t: &'static Texts) -> PickupLine {
    let commune = read::commune(site);
    let register = site.web.register.borrow();
    let (colour, icon) = stream_mark(&commune, pickup.stream.as_str());
    let point = register.points.get(&pickup.place).map(|point| point.on(pickup.day).name.clone());
    PickupLine {
        time: lang.time(&commune.zone, pickup.time),
        stream: stream_name(&commune, pickup.stream.as_str(), lang, t),
        colour,
        icon,
        place: point.unwrap_or_else(|| pickup.place.to_string()),
        household: pickup.household.as_ref().map_or_else(|| t.unknown_household.to_owned(), ToString::to_string),
        weight: pickup.net_g.map_or_else(|| t.no_weight.to_owned(), |net_g| lang.kilograms(net_g)),
    }
}

/// Tells the most important open alerts, of a hamlet or of all.
async fn care(site: &Site, who: &Who, area: Option<&AreaCode>, lang: Lang, t: &'static Texts) -> Result<Care, Problem> {
    let mut open = raised(site).await?;
    open.retain(|kept| area.is_none_or(|area| area_of(site, &kept.alert.subject).as_ref() == Some(area)));
    let more = i64::try_from(open.len().saturating_sub(CARE)).unwrap_or(i64::MAX);
    open.truncate(CARE);
    let more = if more > 0 { (t.watch.care_more)(&lang.count(more)) } else { String::new() };
    Ok(Care { lines: open.iter().map(|kept| alert_line(site, who, kept, lang, t)).collect(), more })
}
