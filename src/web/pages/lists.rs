//! Pages of rows: tonnage, devices, data quality.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::Html;
use serde::Deserialize;

use super::{faults, frame, shown};
use crate::domain::ids::{AreaCode, PlaceCode};
use crate::domain::register::{Device, Validity};
use crate::domain::state::Proof;
use crate::indicators::MassTold;
use crate::web::api::known_devices;
use crate::web::ask::{self, Ask};
use crate::web::drawing::{Drawing, Kind, Wanted, apart, mass, stream_mark, stream_name};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::table::May;
use crate::web::texts::Texts;
use crate::web::views::lists::{Choice, DeviceLine, Devices, Quality, QuarantineLine, TonnageLine, TonnagePage};

/// Points on the page of data quality: those that need care first.
const POINTS: usize = 15;
/// Quarantined messages and gaps on the page.
const QUARANTINE: i64 = 50;
const GAPS: usize = 100;

/// Makes one choice of a filter.
pub(super) fn choice(value: &str, label: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), chosen }
}

/// Gives the choices of hamlet.
pub fn area_choices(site: &Site, only: &[AreaCode], chosen: Option<&AreaCode>) -> Vec<Choice> {
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
    let drawing = Drawing::read(&site, &who, &Wanted::usual(Kind::Tonnage, area)).await?;
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
                    mass(&row, apart(&row, tonnage.weighed_g), lang),
                    mass(&row, apart(&row, tonnage.manual_g), lang),
                    mass(&row, apart(&row, tonnage.estimated_g), lang),
                    mass(&row, Some(tonnage.total_g()), lang),
                    mass(&row, apart(&row, tonnage.unknown_household_g), lang),
                    if row.told == MassTold::Hidden { t.hidden.to_owned() } else { lang.count(tonnage.pickups) },
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
                place: registered.map_or_else(|| t.unknown.to_owned(), |device| whereabouts(&site, device, lang, t)),
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

/// Names a device's place, and says from when until when it is in use, where it is not today.
fn whereabouts(site: &Site, device: &Device, lang: Lang, t: &Texts) -> String {
    let place = place_name(site, &device.place);
    let Validity { valid_from, valid_to } = device.validity;
    match (valid_from, valid_to) {
        _ if device.validity.holds(read::today(site)) => place,
        (Some(from), _) if from > read::today(site) => format!("{place} · {}", (t.in_use_from)(&lang.day(from))),
        (_, Some(to)) => format!("{place} · {}", (t.out_of_use)(&lang.day(to))),
        (_, None) => place,
    }
}

pub(super) fn place_name(site: &Site, place: &PlaceCode) -> String {
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
    let wanted = Wanted::usual(Kind::Completeness, None);
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
