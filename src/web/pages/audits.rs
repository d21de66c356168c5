//! Audits: drawing a sample, its sheet, entering what was found, and the corrected estimate beside the published share.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;

use super::reports::badge;
use super::{Fields, field, fields, frame, shown};
use crate::domain::ids::HouseholdCode;
use crate::domain::month::Month;
use crate::domain::state::State;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::indicators::Counts;
use crate::indicators::audit::{AuditResult, Stratum, Tally, estimate, usual_size};
use crate::indicators::standing::{Listed, read_list};
use crate::store::{Audit, Found, Sampled, Seen, draw_seed, sha256, tallies};
use crate::web::api::log_look;
use crate::web::ask::Ask;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::scope::{Scope, whole_commune};
use crate::web::table::May;
use crate::web::texts::Texts;
use crate::web::views::lists::Choice;
use crate::web::views::signing::{
    AuditPage, AuditRow, AuditSheet, AuditsPage, EnterForm, EstimateView, NameValue, SampleRow, SheetRow, StratumRow,
};

/// Longest seed and note, characters.
const SEED_MAX: usize = 64;
const NOTE_MAX: usize = 500;

fn many(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn share(sorting: i64, eligible: i64) -> Option<Percent> {
    Percent::share(u64::try_from(sorting).ok()?, u64::try_from(eligible).ok()?)
}

/// Gives the counts as published of an audit's list.
fn published_counts(audit: &Audit) -> Counts {
    let of = |state: State| audit.strata.iter().filter(|(stratum, _)| stratum.state() == state).map(|(_, n)| n).sum();
    Counts {
        eligible: audit.strata.values().sum(),
        sorting: of(State::Sorting),
        not_sorting: of(State::NotSorting),
        ..Counts::default()
    }
}

/// Writes the share as published of an audit's list: S / E of what was drawn from.
fn published(audit: &Audit, lang: Lang) -> String {
    published_counts(audit).share().map_or_else(|| "–".to_owned(), |share| lang.percent(share))
}

fn estimate_view(tallies: &BTreeMap<Stratum, Tally>, lang: Lang, t: &Texts) -> Option<EstimateView> {
    let of = estimate(tallies)?;
    Some(EstimateView {
        share: lang.percent(of.share),
        interval: (t.signing.interval)(&lang.percent(of.low), &lang.percent(of.high)),
        silent: (t.signing.silent_bounds)(&lang.percent(of.silent_low), &lang.percent(of.silent_high)),
        unheard: if of.unheard > 0 { (t.signing.unheard)(&lang.count(of.unheard)) } else { String::new() },
    })
}

/// Gives what the overview says of the latest audit that has an answer: the day, the estimate and its interval; and its page, for
/// those who may open it.
pub async fn latest_estimate(
    site: &Site,
    who: &Who,
    lang: Lang,
    t: &Texts,
) -> Result<Option<(String, String)>, Problem> {
    for audit in site.web.store.audits().await? {
        let sample = site.web.store.audit_sample(&audit.id).await?;
        if let Some(of) = estimate(&tallies(&audit, &sample)) {
            let line = (t.signing.overview_line)(
                &lang.day(audit.day),
                &lang.percent(of.share),
                &lang.percent(of.low),
                &lang.percent(of.high),
            );
            let href = if who.may(May::Signed) { format!("/audit/{}", audit.id) } else { String::new() };
            return Ok(Some((line, href)));
        }
    }
    Ok(None)
}

/// Lists the audits, and the form of a new draw to officers.
pub async fn audits(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    audits_page(&site, &who, (&headers, &uri), &Fields::new(), String::new()).await
}

async fn audits_page(
    site: &Site,
    who: &Who,
    (headers, uri): (&HeaderMap, &Uri),
    sent: &Fields,
    refusal: String,
) -> Result<Response, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.signing.audit.to_owned();
    let zone = read::commune(site).zone.clone();
    let mut rows = Vec::new();
    for audit in site.web.store.audits().await? {
        let sample = site.web.store.audit_sample(&audit.id).await?;
        let tallies = tallies(&audit, &sample);
        let found = sample.iter().filter(|row| row.found.is_some()).count();
        let view = estimate_view(&tallies, lang, t);
        rows.push(AuditRow {
            href: format!("/audit/{}", audit.id),
            day: lang.day(audit.day),
            drawn: format!("{} · {}", audit.by, lang.moment(&zone, audit.drawn)),
            entered: (t.signing.entered)(&lang.count(many(found)), &lang.count(many(sample.len()))),
            published: published(&audit, lang),
            badge: badge(published_counts(&audit).badge(), t),
            estimate: view.as_ref().map_or_else(|| "–".to_owned(), |view| view.share.clone()),
            interval: view.map(|view| view.interval).unwrap_or_default(),
        });
    }
    // The month that just ended is what is closed next, and what an audit stands beside.
    let last = read::last_finished(site).await?;
    let usual_day = last.map(|last| if last == last.month_end() { last } else { last.month_start() - 1 });
    let usual_day = match (usual_day, site.web.store.computed_from().await?, last) {
        (Some(day), Some(from), Some(last)) => Some(if day < from { last } else { day }),
        (day, _, last) => day.or(last),
    };
    let eligible = match usual_day {
        Some(day) => site.web.store.counts_on(day).await?.values().map(|counts| counts.eligible).sum(),
        None => 0,
    };
    let kept = |name: &str, usual: String| sent.get(name).cloned().unwrap_or(usual);
    let status = if refusal.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = AuditsPage {
        may_draw: who.may(May::Sign) && usual_day.is_some(),
        rows,
        refusal,
        day: kept("day", usual_day.map(|day| day.to_string()).unwrap_or_default()),
        size: kept("size", usual_size(eligible).to_string()),
        seed: kept("seed", String::new()),
        frame,
    };
    Ok((status, shown(&view)?).into_response())
}

/// Draws a sample and leads to it.
pub async fn draw_audit(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    form: Result<Form<Fields>, FormRejection>,
) -> Result<Response, Problem> {
    whole_commune(&who)?;
    let sent = fields(form)?;
    let (_, t) = super::words(&headers, &uri);
    let here = Uri::from_static("/audit");
    let store = &site.web.store;
    let day: Option<LocalDay> = field(&sent, "day").parse().ok();
    let last = read::last_finished(&site).await?;
    let Some(day) = day.filter(|day| last.is_some_and(|last| *day <= last)) else {
        return audits_page(&site, &who, (&headers, &here), &sent, t.signing.draw_refused_day.to_owned()).await;
    };
    let (revision, listed) = frame_of(&site, day).await?;
    if listed.is_empty() {
        return audits_page(&site, &who, (&headers, &here), &sent, t.signing.draw_refused_day.to_owned()).await;
    }
    let size: Option<i64> = field(&sent, "size").parse().ok().filter(|size| (1..=1_000_000).contains(size));
    let seed = field(&sent, "seed");
    let (Some(size), true) = (size, seed.chars().count() <= SEED_MAX) else {
        return audits_page(&site, &who, (&headers, &here), &sent, t.signing.draw_refused_size.to_owned()).await;
    };
    let mut strata: BTreeMap<Stratum, i64> = BTreeMap::new();
    for row in &listed {
        *strata.entry(Stratum::of(row)).or_default() += 1;
    }
    let audit = Audit {
        id: uuid::Uuid::now_v7().simple().to_string(),
        day,
        seed: if seed.is_empty() { draw_seed() } else { seed.to_owned() },
        size,
        frame_sha256: String::new(),
        strata,
        revision,
        register_version: store.setting("register_version").await?,
        drawn: site.web.clock.now(),
        by: who.account.as_ref().map(|account| account.name.clone()).unwrap_or_default(),
    };
    store.add_audit(&audit, &listed).await?;
    Ok(Redirect::to(&format!("/audit/{}", audit.id)).into_response())
}

/// Gives the list to draw from: the signed one at a closed month's end, or the states of the day as they are.
async fn frame_of(site: &Site, day: LocalDay) -> Result<(Option<i64>, Vec<Listed>), Problem> {
    let store = &site.web.store;
    let month = Month::of(day);
    if day == month.last_day()
        && let Some(signed) = store.month_report(month, None).await?
        && let Some(states) = store.month_states(month, signed.revision).await?
    {
        let listed = read_list(&states).map_err(|line| {
            Problem::internal("reading a closed month's list", &std::io::Error::other(format!("line `{line}`")))
        })?;
        return Ok((Some(signed.revision), listed));
    }
    Ok((None, store.list_on(day).await?))
}

async fn find(site: &Site, id: &str) -> Result<Audit, Problem> {
    let audit = site.web.store.audit(id).await?;
    audit.ok_or_else(|| Problem::not_found(format!("there is no audit `{id}`; see /audit")))
}

/// What the page of an audit is asked for.
#[derive(Debug, Deserialize)]
pub struct AuditAsk {
    /// A household to fill into the form.
    household: Option<String>,
}

/// Shows an audit: the estimate beside the published share, the strata, and the sample with what was found.
pub async fn audit(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    Ask(asked): Ask<AuditAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut sent = Fields::new();
    if let Some(household) = asked.household {
        sent.insert("household".to_owned(), household);
    }
    audit_page(&site, &who, (&headers, &uri), &id, (&sent, String::new())).await
}

async fn audit_page(
    site: &Site,
    who: &Who,
    (headers, uri): (&HeaderMap, &Uri),
    id: &str,
    (sent, refusal): (&Fields, String),
) -> Result<Response, Problem> {
    let audit = find(site, id).await?;
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = (t.signing.audit_of)(&lang.day(audit.day));
    let zone = read::commune(site).zone.clone();
    let sample = site.web.store.audit_sample(id).await?;
    let own = own_sample(site, who, &sample)?;
    let codes = own.iter().map(|row| row.household.clone());
    log_look(site, who, "audit", Seen::list(format!("page audit={id} on={}", audit.day), codes, own.len())).await?;
    let tallies = tallies(&audit, &sample);
    let found = sample.iter().filter(|row| row.found.is_some()).count();
    let frame_text = site.web.store.audit_frame(id).await?.unwrap_or_default();
    let drawn_from = match audit.revision {
        Some(number) => (t.signing.frame_signed)(&lang.count(number)),
        None => t.signing.frame_provisional.to_owned(),
    };
    let status = if refusal.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let kept = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let chosen = AuditResult::from_word(field(sent, "result"));
    let today = read::today(site);
    let enter = who.may(May::Sign).then(|| EnterForm {
        action: format!("/audit/{id}/results"),
        household: kept("household"),
        results: AuditResult::ALL
            .iter()
            .map(|&result| Choice {
                value: result.as_str().to_owned(),
                label: t.signing.result_name(result).to_owned(),
                chosen: chosen == Some(result),
            })
            .collect(),
        day: sent.get("day").cloned().unwrap_or_else(|| today.to_string()),
        note: kept("note"),
        csv: kept("csv"),
    });
    let estimate = estimate_view(&tallies, lang, t);
    let view = AuditPage {
        id: id.to_owned(),
        title: (t.signing.audit_of)(&lang.day(audit.day)),
        published: published(&audit, lang),
        badge: badge(published_counts(&audit).badge(), t),
        estimate,
        entered: (t.signing.entered)(&lang.count(many(found)), &lang.count(many(sample.len()))),
        strata: tallies.iter().map(|(stratum, tally)| stratum_row(*stratum, tally, lang, t)).collect(),
        sample: own.iter().map(|row| sample_row(id, row, enter.is_some(), lang, t)).collect(),
        beside: vec![
            NameValue {
                name: t.signing.drawn.to_owned(),
                value: format!("{} · {} · {drawn_from}", audit.by, lang.moment(&zone, audit.drawn)),
            },
            NameValue { name: t.signing.seed.to_owned(), value: audit.seed.clone() },
            NameValue { name: t.signing.frame_hash.to_owned(), value: sha256(&frame_text) },
            NameValue {
                name: t.signing.register_version.to_owned(),
                value: audit.register_version.clone().unwrap_or_else(|| "–".to_owned()),
            },
        ],
        enter,
        refusal,
        frame,
    };
    Ok((status, shown(&view)?).into_response())
}

/// Gives the part of a sample that lies in the account's hamlets.
fn own_sample<'s>(site: &Site, who: &Who, sample: &'s [Sampled]) -> Result<Vec<&'s Sampled>, Problem> {
    let (scope, register) = (Scope::of(who)?, site.web.register.borrow());
    Ok(sample.iter().filter(|row| scope.admits(&register, &row.household)).collect())
}

fn stratum_row(stratum: Stratum, tally: &Tally, lang: Lang, t: &Texts) -> StratumRow {
    let numbers = [
        tally.households,
        tally.drawn,
        tally.sorting,
        tally.not_sorting,
        tally.not_reached,
        tally.refused,
        tally.waiting(),
    ];
    let bound = |sorting: i64| share(sorting, tally.drawn).map_or_else(|| "–".to_owned(), |share| lang.percent(share));
    StratumRow {
        name: t.stratum_name(stratum),
        cells: numbers.map(|number| lang.count(number)),
        share: share(tally.sorting, tally.answered()).map_or_else(|| "–".to_owned(), |share| lang.percent(share)),
        bounds: (t.signing.silent_bounds)(&bound(tally.sorting), &bound(tally.sorting + tally.silent())),
    }
}

fn sample_row(id: &str, row: &Sampled, may_enter: bool, lang: Lang, t: &Texts) -> SampleRow {
    let found = row.found.as_ref();
    SampleRow {
        number: lang.count(row.position),
        household: row.household.to_string(),
        href: if may_enter {
            format!("/audit/{id}?household={}#enter", crate::web::sign_in::encoded(row.household.as_str()))
        } else {
            String::new()
        },
        result: found.map_or("", |found| t.signing.result_name(found.result)),
        day: found.map_or_else(String::new, |found| lang.day(found.day)),
        by: found.map_or_else(String::new, |found| found.by.clone()),
        note: found.map_or_else(String::new, |found| found.note.clone()),
        corrected: row.entries > 1,
    }
}

/// Shows the sheet to take along: households with name and address, without their published state. Each look is logged.
pub async fn audit_sheet(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let audit = find(&site, &id).await?;
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = format!("{} · {}", t.signing.sheet, lang.day(audit.day));
    let sample = site.web.store.audit_sample(&id).await?;
    let sample = own_sample(&site, &who, &sample)?;
    let codes = sample.iter().map(|row| row.household.clone());
    log_look(&site, &who, "names", Seen::list(format!("audit sheet audit={id}"), codes, sample.len())).await?;
    let people: HashMap<String, (String, String)> = site
        .web
        .store
        .people()
        .await?
        .into_iter()
        .map(|person| (person.household, (person.head_name, person.address)))
        .collect();
    let register = site.web.register.borrow().clone();
    let mut rows: Vec<SheetRow> = sample
        .iter()
        .map(|row| {
            let person = people.get(row.household.as_str()).cloned().unwrap_or_default();
            let area =
                register.households.get(&row.household).map(|of| of.on(audit.day).unwrap_or_else(|| of.newest()));
            SheetRow {
                number: lang.count(row.position),
                household: row.household.to_string(),
                hamlet: area.map_or_else(String::new, |household| read::area_name(&site, &household.area)),
                head_name: person.0,
                address: person.1,
            }
        })
        .collect();
    // In the order of a walk, which also hides the strata.
    rows.sort_by(|one, other| (&one.hamlet, &one.household).cmp(&(&other.hamlet, &other.household)));
    shown(&AuditSheet {
        id,
        title: (t.signing.audit_of)(&lang.day(audit.day)),
        seed: audit.seed.clone(),
        results: AuditResult::ALL.iter().map(|result| t.signing.result_name(*result)).collect(),
        rows,
        frame,
    })
}

/// A line as typed.
struct Line<'l> {
    household: &'l str,
    result: &'l str,
    day: &'l str,
    note: String,
}

/// Splits lines of CSV: household, result, day, note. A header line is left out; the note may hold commas.
fn lines(csv: &str) -> Vec<(usize, Line<'_>)> {
    csv.lines()
        .zip(1..)
        .filter(|(line, number)| {
            let first = line.trim_start_matches('\u{feff}').trim().to_lowercase();
            !first.is_empty() && !(*number == 1 && (first.starts_with("household") || first.starts_with("mã hộ")))
        })
        .map(|(line, number)| {
            let line = line.trim_start_matches('\u{feff}');
            let separator = if line.contains(';') && !line.contains(',') { ';' } else { ',' };
            let mut cells = line.splitn(4, separator).map(|cell| cell.trim().trim_matches('"').trim());
            let mut next = || cells.next().unwrap_or_default();
            (number, Line { household: next(), result: next(), day: next(), note: next().replace("\"\"", "\"") })
        })
        .collect()
}

/// Checks a line. `Err`: what to tell.
fn checked(
    line: &Line<'_>,
    audit: &Audit,
    sample: &BTreeSet<&HouseholdCode>,
    today: LocalDay,
    t: &Texts,
) -> Result<(HouseholdCode, AuditResult, LocalDay), String> {
    let words = &t.signing;
    let household = HouseholdCode::new(line.household);
    if !sample.contains(&household) {
        return Err((words.enter_unknown)(line.household));
    }
    let result = AuditResult::from_word(line.result).ok_or_else(|| (words.enter_result)(line.result))?;
    let day = line.day.parse().ok().filter(|day: &LocalDay| audit.day <= *day && *day <= today);
    let day = day.ok_or_else(|| (words.enter_day)(line.day))?;
    if line.note.chars().count() > NOTE_MAX {
        return Err((words.enter_note)(line.household));
    }
    Ok((household, result, day))
}

/// Records what was found, one household or lines of CSV, and leads back to the audit.
pub async fn enter_results(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    form: Result<Form<Fields>, FormRejection>,
) -> Result<Response, Problem> {
    let sent = fields(form)?;
    let (lang, t) = super::words(&headers, &uri);
    let audit = find(&site, &id).await?;
    let sampled = site.web.store.audit_sample(&id).await?;
    let sample: BTreeSet<&HouseholdCode> =
        own_sample(&site, &who, &sampled)?.into_iter().map(|row| &row.household).collect();
    let csv = field(&sent, "csv");
    let typed = if csv.is_empty() {
        let (household, result, day) = (field(&sent, "household"), field(&sent, "result"), field(&sent, "day"));
        vec![(0, Line { household, result, day, note: field(&sent, "note").to_owned() })]
    } else {
        lines(csv)
    };
    let now = site.web.clock.now();
    let today = read::today(&site);
    let by = who.account.as_ref().map(|account| account.name.clone()).unwrap_or_default();
    let mut found: Vec<Found> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut fault = if typed.is_empty() { Some(t.signing.enter_empty.to_owned()) } else { None };
    for (number, line) in &typed {
        let told = match checked(line, &audit, &sample, today, t) {
            Ok((household, ..)) if !seen.insert(household.clone()) => (t.signing.enter_twice)(line.household),
            Ok((household, result, day)) => {
                let id = uuid::Uuid::now_v7().simple().to_string();
                found.push(Found {
                    id,
                    household,
                    result,
                    day,
                    note: line.note.clone(),
                    recorded: now,
                    by: by.clone(),
                });
                continue;
            }
            Err(told) => told,
        };
        fault = Some(if *number > 0 { (t.signing.enter_line)(&lang.count(many(*number)), &told) } else { told });
        break;
    }
    if let Some(fault) = fault {
        let here: Uri = format!("/audit/{id}").parse().unwrap_or(uri);
        return audit_page(&site, &who, (&headers, &here), &id, (&sent, fault)).await;
    }
    // What says the same as what holds already is no new entry: a file may be sent twice.
    found.retain(|new| {
        !sampled.iter().any(|row| {
            row.household == new.household
                && row
                    .found
                    .as_ref()
                    .is_some_and(|old| (old.result, old.day, &old.note) == (new.result, new.day, &new.note))
        })
    });
    if !found.is_empty() {
        site.web.store.add_audit_results(&id, &found).await?;
    }
    Ok(Redirect::to(&format!("/audit/{id}")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_results_are_read_with_or_without_a_header() {
        let read = lines(
            "\u{feff}household,result,on,note\r\nH-1,sorting,2026-11-02,ủ, nuôi gà\n\n \"H-2\";refused;2026-11-03\n",
        );
        let told: Vec<String> =
            read.iter().map(|(n, l)| format!("{n}|{}|{}|{}|{}", l.household, l.result, l.day, l.note)).collect();
        assert_eq!(told, ["2|H-1|sorting|2026-11-02|ủ, nuôi gà", "4|H-2|refused|2026-11-03|"]);
    }
}
