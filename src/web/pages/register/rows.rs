//! The register's lists as of a day, one row with its history, and a household's personal data.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::cells::{file_cells, told};
use super::{Filled, Scope, account, frame, household_of, kind, shown};
use crate::domain::facts::Operation;
use crate::domain::ids::HouseholdCode;
use crate::domain::register::{Register, Row};
use crate::domain::time::{LocalDay, Zone};
use crate::imports::{Kind, fold};
use crate::store::{Erasure, Person, RowVersion, Seen};
use crate::web::api::log_look;
use crate::web::ask::{self, Ask};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::sign_in::encoded;
use crate::web::texts::RegisterTexts;
use crate::web::views::register::{ListPage, ListRow, RegisterHome, Related, RowPage, Said, Tile};

/// Rows on a page.
const PAGE: usize = 100;

/// Gives the address of a row's page.
pub(super) fn address(kind: Kind, key: &str) -> String {
    format!("/register/row/{kind}?key={}", encoded(key))
}

/// Shows the kinds with their counts, and what waits.
pub async fn register(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, r) = (frame.lang, frame.t.register);
    frame.title = r.title.to_owned();
    let counts = site.web.store.register_counts().await?;
    let scope = Scope::of(&who)?;
    let waiting = site.web.store.proposals_waiting().await?;
    let register = site.web.register.borrow().clone();
    let waiting = waiting.iter().filter(|of| scope.admits_proposal(&register, of)).count();
    let tile = |kind: Kind| Tile {
        href: format!("/register/rows/{kind}"),
        label: r.kind(kind),
        count: lang
            .count(kind.row().or(kind.statement()).and_then(|word| counts.get(word)).copied().unwrap_or_default()),
    };
    let tiles = Kind::ALL.iter().copied().map(tile).collect();
    let waiting = lang.count(i64::try_from(waiting).unwrap_or(i64::MAX));
    shown(&RegisterHome { frame, r, tiles, waiting })
}

/// What a list is asked for.
#[derive(Debug, Deserialize)]
pub struct ListAsk {
    q: Option<String>,
    on: Option<String>,
    all: Option<String>,
    page: Option<String>,
}

/// A row of a list, before it is drawn.
struct Entry {
    key: String,
    cells: Vec<String>,
    household: Option<HouseholdCode>,
    holds: bool,
    found_in: String,
}

/// Lists a kind's rows as of a day. A look at households is logged.
pub async fn rows(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(word): Path<String>,
    Ask(asked): Ask<ListAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let kind = kind(&word)?;
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, r) = (frame.lang, frame.t.register);
    frame.title = r.kind(kind).to_owned();
    let on = ask::day("on", &asked.on)?.unwrap_or_else(|| read::today(&site));
    let all = ask::given(&asked.all).is_some();
    let page: usize = match ask::given(&asked.page) {
        None => 1,
        Some(text) => text.parse().ok().filter(|page| *page >= 1).ok_or_else(|| {
            Problem::bad_value(format!("parameter `page`: `{text}` is not a page; leave it out to begin"))
        })?,
    };
    let q = ask::given(&asked.q).unwrap_or_default().to_owned();
    let subject = format!("kind={kind} on={on} page={page} searched={}", !q.is_empty());
    let scope = Scope::of(&who)?;
    let register = site.web.register.borrow().clone();
    let wanted = fold(&q);
    let mut found = entries(&site, kind, on).await?;
    found.retain(|entry| {
        (all || entry.holds)
            && (wanted.is_empty() || entry.found_in.contains(&wanted))
            && entry.household.as_ref().is_none_or(|household| scope.admits(&register, household))
    });
    let count = lang.count(i64::try_from(found.len()).unwrap_or(i64::MAX));
    let first = (page - 1).saturating_mul(PAGE);
    let more = found.len() > first.saturating_add(PAGE);
    let query = format!("q={}&on={on}{}", encoded(&q), if all { "&all=1" } else { "" });
    let on_page: Vec<Entry> = found.into_iter().skip(first).take(PAGE).collect();
    let shown_here = on_page.iter().filter_map(|entry| entry.household.clone());
    log_look(&site, &who, "register", Seen::list(subject, shown_here, on_page.len())).await?;
    let rows = on_page
        .into_iter()
        .map(|entry| ListRow {
            href: if kind.row().is_some() { address(kind, &entry.key) } else { String::new() },
            cells: entry.cells.iter().map(|cell| told(cell, lang, r)).collect(),
            ended: !entry.holds,
        })
        .collect();
    let view = ListPage {
        kind: kind.as_str(),
        name: r.kind(kind),
        head: kind.columns().iter().map(|column| r.column(column.name)).collect(),
        q,
        on: on.to_string(),
        all,
        count: (r.rows_found)(&count),
        rows,
        previous: if page > 1 { format!("/register/rows/{kind}?{query}&page={}", page - 1) } else { String::new() },
        next: if more { format!("/register/rows/{kind}?{query}&page={}", page + 1) } else { String::new() },
        addable: kind.row().is_some(),
        frame,
        r,
    };
    shown(&view)
}

async fn entries(site: &Site, kind: Kind, on: LocalDay) -> Result<Vec<Entry>, Problem> {
    let zone = read::commune(site).zone.clone();
    let people = if kind == Kind::Households { site.web.store.people().await? } else { Vec::new() };
    let drawn: Box<dyn FnOnce() -> Vec<Entry> + Send> = if let Some(word) = kind.row() {
        let versions = site.web.store.register_versions(word).await?;
        Box::new(move || row_entries(kind, &versions, &people, &zone, on))
    } else {
        let operations = site.web.store.operations_of_kind(kind.statement().unwrap_or_default()).await?;
        let voids = site.web.store.voids(operations.iter().map(|operation| operation.id.as_str())).await?;
        Box::new(move || statement_entries(kind, &operations, &voids, &zone, on))
    };
    // Ten thousand rows are some milliseconds of writing and folding.
    tokio::task::spawn_blocking(drawn).await.map_err(|error| Problem::internal("drawing the list", &error))
}

fn row_entries(kind: Kind, versions: &[RowVersion], people: &[Person], zone: &Zone, on: LocalDay) -> Vec<Entry> {
    let mut by_key: BTreeMap<String, Vec<&RowVersion>> = BTreeMap::new();
    for version in versions {
        by_key.entry(version.row.key()).or_default().push(version);
    }
    let people_of: HashMap<&str, &Person> = people.iter().map(|person| (person.household.as_str(), person)).collect();
    by_key
        .into_iter()
        .filter_map(|(key, versions)| {
            // As the evaluated register: the first version holds from the beginning, validity is the newest version's.
            let then = versions.iter().rev().find(|of| zone.day_of(of.at) <= on).or(versions.first())?;
            let (from, to) = versions.last()?.row.validity();
            let holds = from.is_none_or(|from| from <= on) && to.is_none_or(|to| on < to);
            let household = household_of(&then.row).cloned();
            let person = household.as_ref().and_then(|of| people_of.get(of.as_str()).copied());
            let own: Vec<Person> = person.cloned().into_iter().collect();
            let cells = file_cells(kind, std::slice::from_ref(&then.row), &[], &own, zone).pop()?;
            let found_in = fold(&cells.join(" "));
            Some(Entry { key, cells, household, holds, found_in })
        })
        .collect()
}

/// What was taken back holds no more, like a row that has ended.
fn statement_entries(
    kind: Kind,
    operations: &[Operation],
    voids: &BTreeSet<String>,
    zone: &Zone,
    on: LocalDay,
) -> Vec<Entry> {
    operations
        .iter()
        .rev()
        .filter_map(|operation| {
            let cells = file_cells(kind, &[], std::slice::from_ref(operation), &[], zone).pop()?;
            Some(Entry {
                key: operation.id.clone(),
                found_in: fold(&cells.join(" ")),
                cells,
                household: operation.statement.household().cloned(),
                holds: zone.day_of(operation.statement.at(zone)) <= on && !voids.contains(&operation.id),
            })
        })
        .collect()
}

/// Which row is meant.
#[derive(Debug, Deserialize)]
pub struct RowAsk {
    key: String,
    done: Option<String>,
}

/// Shows one row with every version of it; a household also with its personal data and what belongs to it. The look is logged.
pub async fn row(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(word): Path<String>,
    Ask(asked): Ask<RowAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let done = asked.done.as_deref() == Some("1");
    drawn(&site, &who, kind(&word)?, &asked.key, (&headers, &uri), (done, "")).await
}

async fn drawn(
    site: &Site,
    who: &Who,
    kind: Kind,
    key: &str,
    (headers, uri): (&HeaderMap, &Uri),
    (done, refusal): (bool, &'static str),
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, r) = (frame.lang, frame.t.register);
    let unknown = || Problem::not_found(format!("no {kind} row `{key}` is recorded; /register/rows/{kind} lists them"));
    let history = site.web.store.register_history(kind.row().ok_or_else(unknown)?, key).await?;
    let newest = history.last().ok_or_else(unknown)?;
    let register = site.web.register.borrow().clone();
    let household = household_of(&newest.row).cloned();
    if let Some(household) = household.as_ref().filter(|of| !in_scope(who, &register, of)) {
        return Err(Problem::forbidden(format!("household `{household}` lies outside the account's hamlets")));
    }
    log_look(site, who, "register row", Seen::list(format!("kind={kind} key={key}"), household.clone(), 1)).await?;
    let zone = read::commune(site).zone.clone();
    frame.title = format!("{}: {}", r.kind(kind), key.replace('|', " · "));
    let own = match (&newest.row, &household) {
        (Row::Household(_), Some(code)) => Some(code.clone()),
        (_, _) => None,
    };
    let person = match &own {
        Some(code) => site.web.store.person(code).await?,
        None => None,
    };
    let erasures = match &own {
        Some(code) => site.web.store.erasures_of(code).await?,
        None => Vec::new(),
    };
    let people: Vec<Person> = person.into_iter().collect();
    let cells = file_cells(kind, std::slice::from_ref(&newest.row), &[], &people, &zone).pop().unwrap_or_default();
    let view = RowPage {
        kind: kind.as_str(),
        name: r.kind(kind),
        key: encoded(key),
        bare_key: key.to_owned(),
        facts: kind
            .columns()
            .iter()
            .zip(&cells)
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| (r.column(column.name), told(cell, lang, r)))
            .collect(),
        ends: kind.columns().iter().any(|column| matches!(column.name, "valid_to" | "to")),
        done,
        refusal,
        versions: said(kind, &history, &zone, lang, r),
        personal: own.is_some(),
        has_person: !people.is_empty(),
        erasures: erasures.iter().map(|of| (r.erased)(&of.by, &lang.moment(&zone, of.at), &of.reason)).collect(),
        related: household.as_ref().map(|code| related(&register, code, r)).unwrap_or_default(),
        household: own.map(|code| code.to_string()).unwrap_or_default(),
        frame,
        r,
    };
    shown(&view)
}

fn in_scope(who: &Who, register: &Register, household: &HouseholdCode) -> bool {
    Scope::of(who).is_ok_and(|scope| scope.admits(register, household))
}

/// Tells every version, newest first: who, when, why, and what differs from the one before.
pub(super) fn said(
    kind: Kind,
    history: &[RowVersion],
    zone: &Zone,
    lang: Lang,
    r: &'static RegisterTexts,
) -> Vec<Said> {
    let cells =
        |of: &RowVersion| file_cells(kind, std::slice::from_ref(&of.row), &[], &[], zone).pop().unwrap_or_default();
    let mut all = Vec::with_capacity(history.len());
    let mut before: Option<Vec<String>> = None;
    for version in history {
        let now = cells(version);
        let changes = before.as_ref().map(|before| differences(kind, before, &now, lang, r));
        all.push(Said {
            by: (r.version_by)(&version.by, &lang.moment(zone, version.at)),
            reason: version.reason.clone().unwrap_or_default(),
            changes: changes.unwrap_or_else(|| vec![r.first_version.to_owned()]),
            version: version.at.ms(),
        });
        before = Some(now);
    }
    all.reverse();
    all
}

/// Tells the cells that differ: name, what was, what is.
pub(super) fn differences(
    kind: Kind,
    before: &[String],
    now: &[String],
    lang: Lang,
    r: &'static RegisterTexts,
) -> Vec<String> {
    let shown = |cell: &String| if cell.is_empty() { "–".to_owned() } else { told(cell, lang, r) };
    kind.columns()
        .iter()
        .zip(before.iter().zip(now))
        .filter(|(_, (before, now))| before != now)
        .map(|(column, (before, now))| format!("{}: {} → {}", r.column(column.name), shown(before), shown(now)))
        .collect()
}

/// Gives what else the register holds of a household.
fn related(register: &Register, household: &HouseholdCode, r: &'static RegisterTexts) -> Vec<Related> {
    let mut all = Vec::new();
    if let Some(registration) = register.households.get(household) {
        let mut keys: Vec<String> = registration.all().cloned().map(|of| Row::Household(of).key()).collect();
        keys.dedup();
        all.extend(keys.into_iter().map(|key| (Kind::Households, key)));
    }
    all.extend(register.tags_of(household).iter().cloned().map(|tag| (Kind::Tags, Row::Tag(tag).key())));
    let exclusions = register.exclusions.get(household).into_iter().flatten().cloned();
    all.extend(exclusions.map(|exclusion| (Kind::Exclusions, Row::Exclusion(exclusion).key())));
    all.into_iter()
        .map(|(kind, key)| Related {
            href: address(kind, &key),
            label: format!("{}: {}", r.kind(kind), key.replace('|', " · ")),
        })
        .collect()
}

/// Erases a household's personal data, after its code was typed again and a reason given.
pub async fn erase(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    filled: Filled,
) -> Result<Response, Problem> {
    let (_, t) = crate::web::pages::words(&headers, &uri);
    let key = filled.field("key").to_owned();
    let history = site.web.store.register_history("household", &key).await?;
    let Some(Row::Household(household)) = history.last().map(|newest| &newest.row) else {
        return Err(Problem::not_found(format!(
            "no household row `{key}` is recorded; /register/rows/households lists them"
        )));
    };
    let register = site.web.register.borrow().clone();
    if !in_scope(&who, &register, &household.code) {
        return Err(Problem::forbidden(t.register.out_of_scope));
    }
    let reason = filled.field("reason");
    if reason.is_empty() || filled.field("sure") != household.code.as_str() {
        let refusal = t.register.erase_mismatch;
        let page = drawn(&site, &who, Kind::Households, &key, (&headers, &uri), (false, refusal)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let erasure = Erasure {
        household: household.code.clone(),
        at: site.web.clock.now(),
        by: account(&who)?.name.clone(),
        reason: reason.to_owned(),
    };
    site.web.store.erase_person(&erasure).await?;
    Ok(Redirect::to(&format!("{}&done=1", address(Kind::Households, &key))).into_response())
}
