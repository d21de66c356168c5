//! Pages of rows: households, tonnage, devices, data quality.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::Html;
use serde::Deserialize;

use super::{faults, frame, shown};
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode};
use crate::domain::state::{Proof, Reason, State};
use crate::domain::time::LocalDay;
use crate::store::{Account, Seen, StateRow, StatesQuery};
use crate::web::api::{known_devices, log_look, scoped};
use crate::web::ask::{self, Ask};
use crate::web::drawing::{Drawing, Kind, Wanted, stream_mark, stream_name};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::table::May;
use crate::web::texts::Texts;
use crate::web::views::lists::{
    Choice, DeviceLine, Devices, HouseholdLine, Households, Quality, QuarantineLine, TonnageLine, TonnagePage,
};

/// Households on a page.
const PAGE: usize = 100;
/// Points on the page of data quality: those that need care first.
const POINTS: usize = 15;
/// Quarantined messages and gaps on the page.
const QUARANTINE: i64 = 50;
const GAPS: usize = 100;

fn area_choices(site: &Site, only: &[AreaCode], chosen: Option<&AreaCode>) -> Vec<Choice> {
    let register = site.web.register.borrow();
    register
        .areas
        .values()
        .filter(|area| only.is_empty() || only.contains(&area.code))
        .map(|area| Choice {
            value: area.code.to_string(),
            label: area.name.clone(),
            chosen: chosen == Some(&area.code),
        })
        .collect()
}

/// What the list of households is asked for.
#[derive(Debug, Deserialize)]
pub struct HouseholdsAsk {
    area: Option<String>,
    state: Option<String>,
    reason: Option<String>,
    /// `GROUP_CODE` of the last row of the page before.
    after: Option<String>,
}

/// Parts of the list in its order: N, then U by reason in the order of visits, then S only when asked for.
fn groups(state: Option<State>, reason: Option<Reason>) -> Vec<(State, Option<Reason>)> {
    let undetermined = Reason::ALL.iter().map(|&of| (State::Undetermined, Some(of)));
    let all = std::iter::once((State::NotSorting, None)).chain(undetermined).chain([(State::Sorting, None)]);
    all.filter(|(of, _)| match state {
        Some(state) => *of == state,
        None => *of != State::Sorting,
    })
    .filter(|(_, of)| reason.is_none() || *of == reason)
    .collect()
}

/// Lists households: those not sorting and undetermined first, codes only. Each look is logged.
pub async fn households(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<HouseholdsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.households.to_owned();
    let own: Vec<AreaCode> = who.account.as_ref().map(|account: &Account| account.areas.clone()).unwrap_or_default();
    // A visitor who has chosen none yet begins with the first of their hamlets.
    let wanted = ask::area(&site, &asked.area)?.or_else(|| own.first().cloned());
    let area = scoped(&who, wanted)?;
    let state = ask::word("state", &asked.state, &["S", "N", "U"], State::from_word)?;
    let words: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    let reason = ask::word("reason", &asked.reason, &words, Reason::from_word)?;
    let on = read::last_finished(&site).await?;
    let groups = groups(state, reason);
    let (rows, more) = match on {
        Some(on) => {
            let subject = format!(
                "page on={on} area={} state={} reason={}",
                area.as_ref().map_or("", AreaCode::as_str),
                state.map_or("", State::as_str),
                reason.map_or("", Reason::as_str)
            );
            let (rows, more) = household_rows(&site, on, area.as_ref(), &groups, ask::given(&asked.after)).await?;
            let shown = rows.iter().map(|row| row.household.clone());
            log_look(&site, &who, "states", Seen::list(subject, shown, rows.len())).await?;
            (rows, more)
        }
        None => (Vec::new(), None),
    };
    let filter = |name: &str, value: &Option<String>| {
        ask::given(value).map(|value| format!("{name}={}&", crate::web::sign_in::encoded(value))).unwrap_or_default()
    };
    let next = more.map_or_else(String::new, |after| {
        let filters =
            [filter("area", &asked.area), filter("state", &asked.state), filter("reason", &asked.reason)].concat();
        format!("/households?{filters}after={}", crate::web::sign_in::encoded(&after))
    });
    let view = Households {
        day: on.map_or_else(|| t.nothing_yet.to_owned(), |on| (t.end_of_day)(&lang.day(on))),
        areas: area_choices(&site, &own, area.as_ref()),
        states: State::ALL.iter().map(|&of| choice(of.as_str(), t.state_name(of), state == Some(of))).collect(),
        reasons: Reason::ALL.iter().map(|&of| choice(of.as_str(), t.reason_name(of), reason == Some(of))).collect(),
        rows: rows.into_iter().map(|row| household_line(&site, row, t)).collect(),
        next,
        frame,
    };
    shown(&view)
}

fn choice(value: &str, label: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), chosen }
}

/// Reads a page of the list, group after group, and where the next page begins.
async fn household_rows(
    site: &Site,
    on: LocalDay,
    area: Option<&AreaCode>,
    groups: &[(State, Option<Reason>)],
    after: Option<&str>,
) -> Result<(Vec<StateRow>, Option<String>), Problem> {
    let (first, mut code) = match after {
        None => (0, None),
        Some(after) => {
            let place = after.split_once('_').and_then(|(group, code)| Some((group.parse::<usize>().ok()?, code)));
            let (group, code) = place.ok_or_else(|| {
                Problem::bad_value(format!("parameter `after`: `{after}` is not a page's; leave it out to begin"))
            })?;
            (group, Some(HouseholdCode::from(code)))
        }
    };
    let mut rows: Vec<StateRow> = Vec::new();
    for (group, &(state, reason)) in groups.iter().enumerate().skip(first) {
        let room = PAGE - rows.len();
        let query = StatesQuery {
            on,
            area: area.cloned(),
            state: Some(state),
            reason,
            after: code.take(),
            limit: i64::try_from(room).unwrap_or(100) + 1,
        };
        let mut found = site.web.store.states(&query).await?;
        let more = found.len() > room;
        found.truncate(room);
        rows.extend(found);
        if more {
            let last = rows.last().map(|row| row.household.to_string()).unwrap_or_default();
            return Ok((rows, Some(format!("{group}_{last}"))));
        }
    }
    Ok((rows, None))
}

fn household_line(site: &Site, row: StateRow, t: &'static Texts) -> HouseholdLine {
    HouseholdLine {
        household: row.household.to_string(),
        hamlet: read::area_name(site, &row.area),
        class: match row.state.state {
            State::Sorting => "s",
            State::NotSorting => "n",
            State::Undetermined => "u",
        },
        state: t.state_name(row.state.state),
        reason: row.state.reason.map_or("", |reason| t.reason_name(reason)),
    }
}

/// What the tonnage page is asked for.
#[derive(Debug, Deserialize)]
pub struct TonnageAsk {
    area: Option<String>,
}

/// Shows tonnage by week and stream.
pub async fn tonnage(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<TonnageAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.tonnage.to_owned();
    let area = ask::area(&site, &asked.area)?;
    let areas = area_choices(&site, &[], area.as_ref());
    let drawing = Drawing::read(&site, &who, &Wanted { kind: Kind::Tonnage, area, from: None, to: None }).await?;
    let commune = read::commune(&site);
    let rows = drawing
        .tonnage_rows()
        .into_iter()
        .map(|row| {
            let (colour, icon) = stream_mark(&commune, row.stream.as_str());
            let tonnage = &row.tonnage;
            TonnageLine {
                period: format!("{} – {}", lang.short_day(row.from), lang.day(row.to)),
                stream: stream_name(&commune, row.stream.as_str(), lang, t),
                colour,
                icon,
                cells: [
                    lang.tonnes(tonnage.weighed_g),
                    lang.tonnes(tonnage.manual_g),
                    lang.tonnes(tonnage.estimated_g),
                    lang.tonnes(tonnage.total_g()),
                    lang.tonnes(tonnage.unknown_household_g),
                    lang.count(tonnage.pickups),
                ],
            }
        })
        .collect();
    let figure = drawing.figure(lang, t).await?;
    shown(&TonnagePage { frame, areas, figure, rows })
}

/// Lists the devices with what is wrong with them.
pub async fn devices(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.devices.to_owned();
    let zone = read::commune(&site).zone.clone();
    let rows = known_devices(&site)
        .await?
        .into_iter()
        .map(|known| {
            let registered = known.registered.as_ref();
            let status = known.status.as_ref();
            DeviceLine {
                place: registered.map_or_else(|| t.unknown.to_owned(), |device| place_name(&site, &device.place)),
                kind: registered.map_or("", |device| t.kind_name(device.kind)),
                profile: registered.map_or_else(String::new, |device| match Proof::of_profile(&device.profile) {
                    Some(proof) => format!("{} · {}", device.profile, t.proof_name(proof)),
                    None => device.profile.clone(),
                }),
                last_seen: status
                    .and_then(|status| status.last_seen)
                    .map_or_else(String::new, |at| lang.moment(&zone, at)),
                connection: match status.and_then(|status| status.online) {
                    Some(true) => t.online,
                    Some(false) => t.offline,
                    None => t.unknown,
                },
                received: lang.count(status.map_or(0, |status| status.received)),
                missing: lang.count(status.map_or(0, |status| status.missing)),
                battery: status
                    .and_then(|status| status.battery_mv)
                    .map_or_else(String::new, |battery_mv| format!("{}\u{a0}V", lang.volts(battery_mv))),
                refused: lang.count(known.refusals.as_ref().map_or(0, |refused| refused.count)),
                last_refusal: known.refusals.as_ref().map_or_else(String::new, |refused| {
                    format!("{} · {}: {}", lang.moment(&zone, refused.last), refused.what, refused.detail)
                }),
                password: match &known.credential {
                    None => t.password_none,
                    Some(credential) if credential.enabled => t.password_given,
                    Some(_) => t.password_disabled,
                },
                faults: faults(&site, &known, lang, t),
                device: known.device.to_string(),
            }
        })
        .collect();
    shown(&Devices { frame, rows })
}

fn place_name(site: &Site, place: &PlaceCode) -> String {
    let register = site.web.register.borrow();
    register.points.get(place).map_or_else(|| place.to_string(), |point| point.newest().name.clone())
}

/// Shows how complete the data is, what could not be read and what is known to be missing.
pub async fn quality(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.quality.to_owned();
    let wanted = Wanted { kind: Kind::Completeness, area: None, from: None, to: None };
    let figure = Drawing::read(&site, &who, &wanted).await?.figure(lang, t).await?;
    let day = read::last_finished(&site).await?.unwrap_or_else(|| read::today(&site) - 1);
    let (shares, _) = read::area_shares(&site, &who, day).await?;
    let hamlets = shares
        .into_iter()
        .map(|of| (of.name, of.completeness.percent().map_or_else(String::new, |percent| lang.percent(percent))))
        .collect();
    let mut places: Vec<_> = site.web.store.completeness_by_place(day - 27, day).await?.into_iter().collect();
    places.sort_by_key(|(_, completeness)| completeness.percent());
    let points = places
        .into_iter()
        .filter(|(_, completeness)| completeness.percent().is_some())
        .take(POINTS)
        .map(|(place, completeness)| {
            let percent = completeness.percent().map_or_else(String::new, |percent| lang.percent(percent));
            (place_name(&site, &place), percent, lang.count(completeness.missing))
        })
        .collect();
    let totals = site.web.store.quarantine_totals().await?;
    let zone = read::commune(&site).zone.clone();
    // The messages themselves and the devices' logs are for those who keep the devices running.
    let (quarantine, gaps) = if who.may(May::Devices) {
        (site.web.store.quarantine(QUARANTINE).await?, site.web.store.gaps(None).await?)
    } else {
        (Vec::new(), Vec::new())
    };
    let view = Quality {
        figure,
        hamlets,
        points,
        totals: totals.into_iter().map(|(code, count)| (code, lang.count(count))).collect(),
        quarantine: quarantine
            .into_iter()
            .map(|row| QuarantineLine {
                last_seen: lang.moment(&zone, row.last_seen),
                times: lang.count(row.count),
                reason: row.reason,
                topic: row.topic,
            })
            .collect(),
        sees_gaps: who.may(May::Devices),
        gaps: gaps
            .into_iter()
            .take(GAPS)
            .map(|gap| (format!("{} · {}", gap.device, gap.log), range(lang.count(gap.from), lang.count(gap.to))))
            .collect(),
        frame,
    };
    shown(&view)
}

fn range(from: String, to: String) -> String {
    if from == to { from } else { format!("{from} – {to}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_begins_with_those_not_sorting_and_leaves_out_those_sorting() {
        let order = groups(None, None);
        assert_eq!(order.first(), Some(&(State::NotSorting, None)));
        assert_eq!(order.get(1), Some(&(State::Undetermined, Some(Reason::OnlyOther))));
        assert!(order.iter().all(|(state, _)| *state != State::Sorting));
        assert_eq!(groups(Some(State::Sorting), None), [(State::Sorting, None)]);
        assert_eq!(groups(None, Some(Reason::NoPickup)), [(State::Undetermined, Some(Reason::NoPickup))]);
    }
}
