//! Rounds of some days: which ran, which could be observed, why not, and how many were missed.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Response};
use serde::Deserialize;

use super::{frame, place_name, shown};
use crate::domain::ids::PlaceCode;
use crate::domain::pickup::Pickup;
use crate::domain::round::RoundOutcome;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::store::{RoundFate, RoundsQuery};
use crate::web::ask::{self, Ask};
use crate::web::drawing::{stream_mark, stream_name};
use crate::web::evidence::{Watch, watches_of};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::sign_in::encoded;
use crate::web::texts::{HouseholdsTexts, Texts};
use crate::web::views::lists::Choice;
use crate::web::views::rounds::{RoundLine, Rounds};
use crate::web::{download, read};

/// Rounds on a page.
const PAGE: i64 = 60;
/// Days shown when none are asked for.
const USUAL_DAYS: i32 = 7;
/// Most days of a file: each unobserved round asks its devices.
const FILE_DAYS: i32 = 92;

/// What the page is asked for.
#[derive(Debug, Deserialize)]
pub struct RoundsAsk {
    from: Option<String>,
    to: Option<String>,
    place: Option<String>,
    stream: Option<String>,
    fate: Option<String>,
    /// `DAY~START~STREAM~PLACE` of the last row of the page before.
    after: Option<String>,
}

async fn asked(site: &Site, ask: &RoundsAsk, limit: i64) -> Result<RoundsQuery, Problem> {
    let last = site.web.store.computed_through().await?.unwrap_or_else(|| read::today(site));
    let to = ask::day("to", &ask.to)?.unwrap_or(last);
    let from = ask::day("from", &ask.from)?.unwrap_or(to - (USUAL_DAYS - 1));
    let (from, to) = ask::range(from, to)?;
    let commune = read::commune(site);
    let codes: Vec<&str> = commune.streams.iter().map(|stream| stream.code.as_str()).collect();
    let fates: Vec<&str> = RoundFate::ALL.iter().map(|fate| fate.as_str()).collect();
    let after = ask::given(&ask.after)
        .map(|text| {
            let mut parts = text.splitn(4, '~');
            let mut next = || parts.next().unwrap_or_default();
            let (day, start, stream, place) = (next(), next(), next(), next());
            match (day.parse(), start.parse()) {
                (Ok(day), Ok(start_ms)) => Ok((day, place.to_owned(), start_ms, stream.to_owned())),
                _ => Err(Problem::bad_value(format!(
                    "parameter `after`: `{text}` is not a page's; leave it out to begin"
                ))),
            }
        })
        .transpose()?;
    Ok(RoundsQuery {
        from,
        to,
        place: ask::given(&ask.place).map(PlaceCode::from),
        stream: ask::word("stream", &ask.stream, &codes, |code| commune.stream(code).map(|one| one.code.clone()))?,
        fate: ask::word("fate", &ask.fate, &fates, RoundFate::from_word)?,
        ended_by: site.web.clock.now(),
        after,
        limit,
    })
}

/// Tells what became of a round that ended.
pub(super) const fn fate_of(outcome: &RoundOutcome) -> RoundFate {
    match (outcome.ran, outcome.observable) {
        (false, _) => RoundFate::Missed,
        (true, false) => RoundFate::Unobserved,
        (true, true) => RoundFate::Counted,
    }
}

/// Gives class and words of a fate.
pub(super) const fn fate_words(h: &HouseholdsTexts, fate: RoundFate) -> (&'static str, &'static str) {
    match fate {
        RoundFate::Missed => ("n", h.missed),
        RoundFate::Unobserved => ("u", h.unobserved),
        RoundFate::Counted => ("s", h.counted),
    }
}

/// Says why a round that ran could not be observed.
pub(super) fn why_unobserved(h: &HouseholdsTexts, watches: &[Watch]) -> String {
    if watches.is_empty() {
        return h.no_device.to_owned();
    }
    let weak = watches.iter().filter(|watch| !watch.enough);
    let told: Vec<String> =
        weak.map(|watch| (h.device_worked)(watch.device.as_str(), &watch.percent.to_string())).collect();
    told.join("; ")
}

/// Gives the anchor of a round's row.
pub(super) fn anchor(outcome: &RoundOutcome) -> String {
    let round = &outcome.round;
    format!("{}~{}~{}~{}", round.service_date, round.start.ms(), round.stream, round.place)
}

async fn lines(
    site: &Site,
    found: &[RoundOutcome],
    (lang, t): (Lang, &'static Texts),
) -> Result<Vec<RoundLine>, Problem> {
    let (h, commune) = (t.households_room, read::commune(site));
    let zone = commune.zone.clone();
    let mut pickups: BTreeMap<(PlaceCode, LocalDay), Vec<Pickup>> = BTreeMap::new();
    let mut lines = Vec::with_capacity(found.len());
    for outcome in found {
        let round = &outcome.round;
        let key = (round.place.clone(), round.service_date);
        if !pickups.contains_key(&key) {
            let of_day = site.web.store.place_pickups(&key.0, key.1, key.1).await?;
            pickups.insert(key.clone(), of_day);
        }
        let in_round = |pickup: &&Pickup| {
            pickup.is_accepted() && pickup.stream == round.stream && pickup.round_start == Some(round.start)
        };
        let count = pickups.get(&key).map_or(0, |all| all.iter().filter(in_round).count());
        let fate = fate_of(outcome);
        let (class, words) = fate_words(h, fate);
        let why = match fate {
            RoundFate::Unobserved => why_unobserved(h, &watches_of(site, outcome).await?),
            RoundFate::Counted if outcome.crew_opened => h.crew_opened.to_owned(),
            RoundFate::Missed | RoundFate::Counted => String::new(),
        };
        let (colour, icon) = stream_mark(&commune, round.stream.as_str());
        lines.push(RoundLine {
            anchor: anchor(outcome),
            day: lang.day(round.service_date),
            place: place_name(site, &round.place),
            stream: stream_name(&commune, round.stream.as_str(), lang, t),
            colour,
            icon,
            hours: format!("{} – {}", lang.time(&zone, round.start), lang.time(&zone, round.end)),
            class,
            fate: words,
            why,
            pickups: lang.count(i64::try_from(count).unwrap_or(i64::MAX)),
        });
    }
    Ok(lines)
}

fn percent(lang: Lang, part: i64, of: i64) -> String {
    let share = u64::try_from(part).ok().zip(u64::try_from(of).ok()).and_then(|(part, of)| Percent::share(part, of));
    share.map_or_else(|| "–".to_owned(), |percent| lang.percent(percent))
}

/// Lists rounds that ended, latest first.
pub async fn rounds(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<RoundsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let h = t.households_room;
    frame.title = h.rounds.to_owned();
    let query = asked(&site, &ask, PAGE + 1).await?;
    let mut found = site.web.store.listed_rounds(&query).await?;
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let sums = site.web.store.round_sums(&query).await?;
    let part = |name: &str, value: &Option<String>| {
        ask::given(value).map(|value| format!("{name}={}&", encoded(value))).unwrap_or_default()
    };
    let filters = [part("place", &ask.place), part("stream", &ask.stream), part("fate", &ask.fate)].concat();
    let filters = format!("from={}&to={}&{filters}", query.from, query.to);
    let commune = read::commune(&site);
    let places: Vec<PlaceCode> = site.web.register.borrow().scheduled_places().cloned().collect();
    let choice = |value: &str, label: String, chosen: bool| Choice { value: value.to_owned(), label, chosen };
    let view = Rounds {
        h,
        from: query.from.to_string(),
        to: query.to.to_string(),
        places: places
            .iter()
            .map(|place| choice(place.as_str(), place_name(&site, place), query.place.as_ref() == Some(place)))
            .collect(),
        streams: commune
            .streams
            .iter()
            .map(|stream| {
                let name = stream_name(&commune, stream.code.as_str(), lang, t);
                choice(stream.code.as_str(), name, query.stream.as_ref() == Some(&stream.code))
            })
            .collect(),
        fates: RoundFate::ALL
            .iter()
            .map(|&fate| choice(fate.as_str(), fate_words(h, fate).1.to_owned(), query.fate == Some(fate)))
            .collect(),
        sums: vec![
            (h.rounds_sum)(
                &percent(lang, sums.missed(), sums.scheduled),
                &lang.count(sums.missed()),
                &lang.count(sums.scheduled),
            ),
            (h.rounds_observed)(
                &percent(lang, sums.ran - sums.counted, sums.ran),
                &lang.count(sums.ran - sums.counted),
                &lang.count(sums.ran),
            ),
        ],
        next: found
            .last()
            .filter(|_| more)
            .map_or_else(String::new, |last| format!("/rounds?{filters}after={}", encoded(&anchor(last)))),
        rows: lines(&site, &found, (lang, t)).await?,
        query: filters,
        frame,
    };
    shown(&view)
}

/// Gives the rounds as a file, all of them.
pub async fn rounds_csv(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<RoundsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let h = t.households_room;
    let query = asked(&site, &ask, i64::MAX).await?;
    if query.to - query.from >= FILE_DAYS {
        return Err(Problem::bad_value(format!(
            "from {} to {} is more than {FILE_DAYS} days; ask for fewer",
            query.from, query.to
        )));
    }
    let found = site.web.store.listed_rounds(&query).await?;
    let rows = lines(&site, &found, (lang, t)).await?;
    let cells = found.iter().zip(rows).map(|(outcome, row)| {
        vec![
            outcome.round.service_date.to_string(),
            outcome.round.place.to_string(),
            row.place,
            outcome.round.stream.to_string(),
            row.hours,
            fate_of(outcome).to_string(),
            row.why,
            row.pickups,
        ]
    });
    let head = [t.day, t.place, h.name, t.stream, h.hours, h.fate, h.why, h.pickups_of];
    Ok(download::csv(&format!("rounds-{}-{}.csv", query.from, query.to), &head, cells))
}
