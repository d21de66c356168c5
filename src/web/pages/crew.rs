//! The crew's pages of forms, and the officers' page of what crews reported.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Redirect};
use serde::Deserialize;
use uuid::Uuid;

use super::field::{Filled, again_is_fine, fresh_id, now};
use super::{frame, shown};
use crate::domain::facts::{AttemptOutcome, CrewResult, ReportKind, Statement};
use crate::domain::time::{HOUR_MS, LocalDay};
use crate::store::PhotoNote;
use crate::web::api::{
    self, CrewDone, CrewHouse, CrewRound, CrewRoundAsk, PickupWritten, REPORT_DAYS, ReportWritten, RoundAction,
    RoundWritten, VoidWritten, Written,
};
use crate::web::ask::Ask;
use crate::web::drawing::{stream_mark, stream_name};
use crate::web::evidence;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::sign_in::encoded;
use crate::web::texts::{CrewTexts, FieldTexts, Texts, filled};
use crate::web::views::crew::{
    DoneLine, House, HouseLine, PhotoLine, Place, ReportLine, Reports, Round, RoundLine, Rounds, VacantLine,
};
use crate::web::views::lists::Choice;

/// Lists today's rounds.
pub async fn crew(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.crew.rounds.to_owned();
    let account = who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in to collect"))?;
    let rounds = api::rounds_of(&site, account, read::today(&site)).await?;
    let commune = read::commune(&site);
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label, chosen: false };
    let view = Rounds {
        rows: rounds.rows.iter().map(|row| round_line(&site, row, lang, t)).collect(),
        places: rounds.places.iter().map(|place| choice(place.place.as_str(), place.name.clone())).collect(),
        streams: commune
            .streams
            .iter()
            .map(|stream| choice(stream.code.as_str(), stream_name(&commune, stream.code.as_str(), lang, t)))
            .collect(),
        on: rounds.service_date.to_string(),
        id: fresh_id(),
        frame,
    };
    shown(&view)
}

fn round_line(site: &Site, row: &CrewRound, lang: Lang, t: &'static Texts) -> RoundLine {
    let commune = read::commune(site);
    let (colour, icon) = stream_mark(&commune, row.stream.as_str());
    let households = i64::try_from(row.households).unwrap_or(i64::MAX);
    let hours = match (&row.start, &row.end) {
        (Some(start), Some(end)) => filled(t.crew.hours, &[("start", start), ("end", end)]),
        (None, _) | (_, None) => t.crew.unscheduled.to_owned(),
    };
    RoundLine {
        id: fresh_id(),
        place: row.place.to_string(),
        name: row.name.clone(),
        stream: row.stream.to_string(),
        stream_name: stream_name(&commune, row.stream.as_str(), lang, t),
        colour,
        icon,
        more: format!("{hours} · {}", filled(t.field.households, &[("n", &lang.count(households))])),
        state: match (row.opened, row.closed, row.current) {
            (_, true, _) => t.crew.round_closed,
            (true, false, _) => t.crew.round_opened,
            (false, false, true) => t.crew.round_current,
            (false, false, false) => "",
        },
        open: row.opened && !row.closed,
    }
}

/// Which round a page shows.
#[derive(Debug, Deserialize)]
pub struct CrewAsk {
    place: String,
    stream: String,
    on: Option<String>,
    #[serde(default)]
    household: String,
}

impl CrewAsk {
    fn round(&self) -> CrewRoundAsk {
        CrewRoundAsk { place: self.place.clone(), stream: self.stream.clone(), on: self.on.clone() }
    }
}

fn query(place: &str, stream: &str, on: &str) -> String {
    format!("place={}&stream={}&on={}", encoded(place), encoded(stream), encoded(on))
}

fn place_of(site: &Site, round: &CrewRound, lang: Lang, t: &Texts) -> Place {
    let on = round.service_date.to_string();
    Place {
        query: query(round.place.as_str(), round.stream.as_str(), &on),
        place: round.place.to_string(),
        name: round.name.clone(),
        stream: round.stream.to_string(),
        stream_name: stream_name(&read::commune(site), round.stream.as_str(), lang, t),
        day: lang.day(round.service_date),
        on,
    }
}

fn done_line(site: &Site, done: &CrewDone, lang: Lang, t: &'static CrewTexts) -> DoneLine {
    let at = crate::domain::time::Instant::from_ms(done.at_ms);
    let what = done.result.map_or(t.by_device, |result| result_word(t, result));
    DoneLine {
        pickup: done.pickup.clone(),
        id: if done.own { fresh_id() } else { String::new() },
        text: format!("{} · {what}", lang.time(&read::commune(site).zone, at)),
    }
}

const fn result_word(t: &CrewTexts, result: CrewResult) -> &'static str {
    match result {
        CrewResult::Separated => t.result_separated,
        CrewResult::Mixed => t.result_mixed,
        CrewResult::Contaminated => t.result_contaminated,
        CrewResult::Refused => t.result_refused,
    }
}

const fn report_word(t: &CrewTexts, report: ReportKind) -> &'static str {
    match report {
        ReportKind::LostTag => t.report_lost_tag,
        ReportKind::NewHouse => t.report_new_house,
        ReportKind::EmptyHouse => t.report_empty_house,
        ReportKind::MissedStop => t.report_missed_stop,
    }
}

/// Shows a round: houses left and houses done.
pub async fn crew_round(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<CrewAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let known = api::round_of(&site, &who, &asked.round()).await?;
    let place = place_of(&site, &known.round, lang, t);
    frame.title = place.name.clone();
    let line = |house: &CrewHouse| HouseLine {
        household: house.household.to_string(),
        href: format!("/crew/house?{}&household={}", place.query, encoded(house.household.as_str())),
        done: house.done.iter().map(|done| done_line(&site, done, lang, &t.crew)).collect(),
    };
    let left: Vec<HouseLine> = known.houses.iter().filter(|house| house.done.is_empty()).map(line).collect();
    let listed_done = known.houses.len() - left.len();
    let finished = known.houses.iter().filter(|house| !house.done.is_empty()).chain(&known.others);
    let done: Vec<HouseLine> = finished.map(line).collect();
    let count = |number: usize| lang.count(i64::try_from(number).unwrap_or(i64::MAX));
    let progress = [("done", &*count(listed_done)), ("all", &*count(known.houses.len()))];
    let view = Round {
        progress: filled(t.field.progress, &progress),
        counts: (listed_done, known.houses.len()),
        heads: (
            filled(t.field.tab_left, &[("n", &count(left.len()))]),
            filled(t.field.tab_done, &[("n", &count(done.len()))]),
        ),
        id: fresh_id(),
        place,
        left,
        done,
        frame,
    };
    shown(&view)
}

/// Shows one house with its forms.
pub async fn crew_house(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<CrewAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, &frame.t.crew);
    let typed = asked.household.trim();
    let known = api::round_of(&site, &who, &asked.round()).await?;
    let house =
        known.houses.iter().chain(&known.others).find(|house| house.household.as_str().eq_ignore_ascii_case(typed));
    let household = house.map_or_else(|| typed.to_owned(), |house| house.household.to_string());
    frame.title = household.clone();
    let view = House {
        place: place_of(&site, &known.round, lang, frame.t),
        done: house.iter().flat_map(|house| &house.done).map(|done| done_line(&site, done, lang, t)).collect(),
        results: CrewResult::ALL.iter().map(|result| (result.as_str(), result_word(t, *result))).collect(),
        reasons: vec![
            t.reason_with_other,
            t.reason_with_plastic,
            t.reason_with_food,
            t.reason_hazardous,
            t.reason_wet,
            t.reason_liquid,
            t.reason_not_sorted,
            t.reason_too_much,
            t.reason_dangerous,
        ],
        reports: ReportKind::ALL.iter().map(|report| (report.as_str(), report_word(t, *report))).collect(),
        ids: (fresh_id(), fresh_id()),
        household,
        frame,
    };
    shown(&view)
}

/// The form that opens or closes a round.
#[derive(Debug, Deserialize)]
pub struct RoundForm {
    id: Uuid,
    place: String,
    stream: String,
    on: LocalDay,
    action: RoundAction,
}

fn to_round(place: &str, stream: &str, on: LocalDay) -> Redirect {
    Redirect::to(&format!("/crew/round?{}", query(place, stream, &on.to_string())))
}

/// Opens or closes a round.
pub async fn crew_write_round(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Filled(form): Filled<RoundForm>,
) -> Result<Redirect, Problem> {
    let to = match form.action {
        RoundAction::Open => to_round(&form.place, &form.stream, form.on),
        RoundAction::Close => Redirect::to("/crew?plain=1"),
    };
    let round = RoundWritten {
        id: form.id,
        place: form.place,
        stream: form.stream,
        service_date: form.on,
        action: form.action,
        at: now(&site),
        simulated: None,
    };
    again_is_fine(api::write_round(Shared(site), Extension(who), Written(round)).await)?;
    Ok(to)
}

/// The form that logs a pickup.
#[derive(Debug, Deserialize)]
pub struct PickupForm {
    id: Uuid,
    place: String,
    stream: String,
    on: LocalDay,
    household: String,
    result: CrewResult,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    kilograms: String,
}

/// Logs a pickup.
pub async fn crew_write_pickup(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Filled(form): Filled<PickupForm>,
) -> Result<Redirect, Problem> {
    let to = to_round(&form.place, &form.stream, form.on);
    let pickup = PickupWritten {
        id: form.id,
        at: now(&site),
        household: form.household,
        place: form.place,
        stream: form.stream,
        result: form.result,
        reason: Some(form.reason),
        manual_g: grams(&form.kilograms)?,
        reading: None,
        simulated: None,
    };
    again_is_fine(api::write_pickup(Shared(site), Extension(who), Written(pickup)).await)?;
    Ok(to)
}

/// Reads kilograms as people write them, `3,42`, into grams. `None`: nothing was typed.
fn grams(kilograms: &str) -> Result<Option<i64>, Problem> {
    let typed = kilograms.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let unread = || Problem::bad_value(format!("weight `{typed}` is no number of kilograms; write for example 3,4"));
    let (whole, part) = typed.split_once([',', '.']).unwrap_or((typed, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 3 {
        return Err(unread());
    }
    let grams: i64 = format!("{whole}{part:0<3}").parse().map_err(|_| unread())?;
    Ok(Some(grams))
}

/// The form that takes a pickup back.
#[derive(Debug, Deserialize)]
pub struct VoidForm {
    id: Uuid,
    pickup: String,
    place: String,
    stream: String,
    on: LocalDay,
}

/// Takes a pickup back.
pub async fn crew_write_void(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Filled(form): Filled<VoidForm>,
) -> Result<Redirect, Problem> {
    // Stored with the pickup, so in the commune's own language.
    let reason = FieldTexts::VI.undo_reason.to_owned();
    let void = VoidWritten { id: form.id, at: now(&site), reason, whole: false, simulated: None };
    let pickup = axum::extract::Path(form.pickup);
    again_is_fine(api::write_void(Shared(site), Extension(who), pickup, Written(void)).await)?;
    Ok(to_round(&form.place, &form.stream, form.on))
}

/// The form that reports something.
#[derive(Debug, Deserialize)]
pub struct ReportForm {
    id: Uuid,
    place: String,
    stream: String,
    on: LocalDay,
    household: String,
    report: ReportKind,
    #[serde(default)]
    note: String,
}

/// Reports something to the officers.
pub async fn crew_write_report(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Filled(form): Filled<ReportForm>,
) -> Result<Redirect, Problem> {
    let to = to_round(&form.place, &form.stream, form.on);
    let report = ReportWritten {
        id: form.id,
        at: now(&site),
        place: form.place,
        report: form.report,
        household: if form.report == ReportKind::NewHouse { None } else { Some(form.household) },
        note: Some(form.note),
        simulated: None,
    };
    again_is_fine(api::write_report(Shared(site), Extension(who), Written(report)).await)?;
    Ok(to)
}

// ---- for officers

/// Lists what crews reported, and their pictures. Each look is logged.
pub async fn crew_reports(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.crew.reports_title.to_owned();
    let (today, now) = (read::today(&site), site.web.clock.now());
    let zone = read::commune(&site).zone.clone();
    let register = site.web.register.borrow().clone();
    let mut rows = Vec::new();
    for operation in api::reports_of(&site, &who, today - (REPORT_DAYS - 1), today).await? {
        if let Statement::Report { at, place, report, household, note } = operation.statement {
            rows.push(ReportLine {
                at: lang.moment(&zone, at),
                what: report_word(&t.crew, report),
                place: api::place_name(&register, &place, today),
                household: household.map(|household| household.to_string()).unwrap_or_default(),
                note: note.unwrap_or_default(),
                by: operation.by,
            });
        }
    }
    let notes =
        site.web.store.photos_between(now.plus_ms(-24 * HOUR_MS * i64::from(REPORT_DAYS)), now.plus_ms(1)).await?;
    let mut photos = Vec::new();
    for note in notes {
        match api::photo_household(&site, &who, &note).await {
            Ok(_) => photos.push(photo_line(&site, note, lang, t).await?),
            // Of other hamlets.
            Err(problem) if problem.status.is_client_error() => {}
            Err(problem) => return Err(problem),
        }
    }
    let vacant = vacant(&site, &who, (today - (REPORT_DAYS - 1), today), lang).await?;
    shown(&Reports { frame, rows, photos, vacant })
}

/// Lists the houses of the reader's scope in which nobody lives any more, as visitors told, latest first.
async fn vacant(
    site: &Site,
    who: &Who,
    (from, to): (LocalDay, LocalDay),
    lang: Lang,
) -> Result<Vec<VacantLine>, Problem> {
    let zone = read::commune(site).zone.clone();
    let told = site.web.store.operations_on("attempt", from, to).await?;
    let void = site.web.store.voids(told.iter().map(|operation| operation.id.as_str())).await?;
    let mut lines = Vec::new();
    for operation in told.into_iter().rev().filter(|operation| !void.contains(&operation.id)) {
        let Statement::Attempt { at, household, outcome: AttemptOutcome::Vacant } = operation.statement else {
            continue;
        };
        if evidence::household(site, who, household.as_str(), to).is_ok() {
            lines.push(VacantLine { at: lang.moment(&zone, at), household: household.to_string(), by: operation.by });
        }
    }
    Ok(lines)
}

async fn photo_line(site: &Site, note: PhotoNote, lang: Lang, t: &'static Texts) -> Result<PhotoLine, Problem> {
    let register = site.web.register.borrow().clone();
    let stated = site.web.store.operation(&note.pickup).await?.map(|operation| operation.statement);
    let what = match stated {
        Some(Statement::Pickup { household, place, result, .. }) => {
            let place = api::place_name(&register, &place, read::today(site));
            format!("{household} · {place} · {}", result_word(&t.crew, result))
        }
        Some(_) | None => String::new(),
    };
    Ok(PhotoLine {
        at: lang.moment(&read::commune(site).zone, note.recorded),
        what,
        by: note.by,
        erased: note.erased.map(|(_, by)| filled(t.crew.erased_by, &[("name", &by)])).unwrap_or_default(),
        id: note.id,
    })
}

/// The form that erases a picture.
#[derive(Debug, Deserialize)]
pub struct EraseForm {
    id: String,
}

/// Erases a picture and leads back to the list.
pub async fn crew_erase_photo(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Filled(form): Filled<EraseForm>,
) -> Result<Redirect, Problem> {
    api::erase_photo(Shared(site), Extension(who), axum::extract::Path(form.id))
        .await
        .map(|_| Redirect::to("/crew-reports"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilograms_are_read_as_people_write_them() {
        let read = |text: &str| grams(text).map_err(|problem| problem.detail);
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("3,4"), Ok(Some(3_400)));
        assert_eq!(read(" 12.345 "), Ok(Some(12_345)));
        assert_eq!(read("7"), Ok(Some(7_000)));
        for text in ["-1", "3,4567", "3 kg", "1e3", ","] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
