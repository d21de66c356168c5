//! Adding, editing and ending a row, and recording an earlier version again: a new version through the same checks as a file.
//!
//! # Why
//! The form carries which version it was made from. When somebody recorded another one meanwhile, nothing is recorded: what was typed
//! stays, the other's change is shown, and the next attempt is made from that version, knowingly.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::cells::file_cells;
use super::rows::{address, said};
use super::{Filled, Scope, account, frame, household_of, kind, shown};
use crate::changes::{self, Act, Known};
use crate::domain::ids::{HouseholdCode, PlaceCode};
use crate::domain::proposal::Proposal;
use crate::domain::register::{DeviceKind, Register, Row, ScaleMode, TARGET_INDICATORS};
use crate::domain::state::ExclusionReason;
use crate::domain::time::{Instant, LocalDay};
use crate::imports::{Column, ImportError, Kind, parse_cells};
use crate::store::{Person, Recorded, RowVersion};
use crate::web::api::propose;
use crate::web::ask::{self, Ask};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::texts::{RegisterTexts, flaw};
use crate::web::views::lists::Choice;
use crate::web::views::register::{Field, FormPage};

/// How often a form is checked again when the register moved meanwhile.
const ATTEMPTS: usize = 5;
/// Longest reason, characters.
const REASON_MAX: usize = 500;

/// Which row is edited, and from what.
#[derive(Debug, Deserialize)]
pub struct FormAsk {
    /// The row's key; without it a row is added.
    key: Option<String>,
    /// Milliseconds of the version to begin with; without it the newest.
    version: Option<String>,
    /// Ends the row: offers today as the end.
    end: Option<String>,
    /// Offers a tag's number.
    uid: Option<String>,
    /// Offers a household.
    household: Option<String>,
    /// Offers the first day.
    from: Option<String>,
}

/// A form as it stands: the row that it edits, what is typed, and what does not fit.
struct Draft {
    kind: Kind,
    key: Option<String>,
    /// Cells in the order of the kind's columns.
    cells: Vec<String>,
    reason: String,
    /// Milliseconds of the newest version that the writer has seen.
    seen: Option<i64>,
    /// Identity of the proposal that the form may become: the form sent twice is one.
    id: String,
    /// Message by column; the empty column: the whole row.
    faults: Vec<(String, String)>,
    /// What stands above the form.
    refusal: String,
    history: Vec<RowVersion>,
}

/// Shows the form to add a row, to edit one, or to record an earlier version again.
pub async fn form(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(word): Path<String>,
    Ask(asked): Ask<FormAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let kind = kind(&word)?;
    let (lang, t) = crate::web::pages::words(&headers, &uri);
    let commune = read::commune(&site);
    let key = ask::given(&asked.key).map(str::to_owned);
    let history = history(&site, kind, key.as_deref()).await?;
    in_scope(&site, &who, &history)?;
    let mut reason = String::new();
    let mut cells = vec![String::new(); kind.columns().len()];
    let mut put = |name: &str, value: &str| {
        if let Some(at) = kind.columns().iter().position(|column| column.name == name) {
            value.clone_into(&mut cells[at]);
        }
    };
    if key.is_none() {
        put("by", &account(&who)?.name);
        put("uid", ask::given(&asked.uid).unwrap_or_default());
        put("household", ask::given(&asked.household).unwrap_or_default());
        let from = ask::given(&asked.from).map_or_else(|| read::today(&site).to_string(), str::to_owned);
        // What is asked for in every row begins today; what always was there needs no first day.
        for column in kind.columns().iter().filter(|column| column.required) {
            if matches!(column.name, "valid_from" | "from") {
                put(column.name, &from);
            }
        }
        put("every_weeks", "1");
    }
    if let Some(newest) = history.last() {
        let asked_ms = ask::given(&asked.version).and_then(|text| text.parse::<i64>().ok());
        let begin = asked_ms.and_then(|ms| history.iter().find(|of| of.at.ms() == ms)).unwrap_or(newest);
        if begin.at != newest.at {
            reason = (t.register.restored)(&lang.moment(&commune.zone, begin.at));
        }
        let people = person_of(&site, &newest.row).await?;
        cells = file_cells(kind, std::slice::from_ref(&begin.row), &[], &people, &commune.zone).pop().unwrap_or(cells);
        if ask::given(&asked.end).is_some() {
            let today = read::today(&site).to_string();
            for (cell, column) in cells.iter_mut().zip(kind.columns()) {
                if matches!(column.name, "valid_to" | "to") {
                    cell.clone_from(&today);
                }
            }
        }
    }
    let seen = history.last().map(|of| of.at.ms());
    let id = Uuid::now_v7().to_string();
    let draft = Draft { kind, key, cells, reason, seen, id, faults: Vec::new(), refusal: String::new(), history };
    drawn(&site, &who, draft, (&headers, &uri))
}

async fn history(site: &Site, kind: Kind, key: Option<&str>) -> Result<Vec<RowVersion>, Problem> {
    let word = kind.row().ok_or_else(|| {
        Problem::not_found(format!("{kind} are statements: they are recorded once, by file or on their own pages"))
    })?;
    let Some(key) = key else { return Ok(Vec::new()) };
    let history = site.web.store.register_history(word, key).await?;
    if history.is_empty() {
        return Err(Problem::not_found(format!("no {kind} row `{key}` is recorded; /register/rows/{kind} lists them")));
    }
    Ok(history)
}

/// Refuses a row of a household outside the account's hamlets.
fn in_scope(site: &Site, who: &Who, history: &[RowVersion]) -> Result<(), Problem> {
    let Some(household) = history.last().and_then(|newest| household_of(&newest.row)) else { return Ok(()) };
    if Scope::of(who)?.admits(&site.web.register.borrow(), household) {
        return Ok(());
    }
    Err(Problem::forbidden(format!("household `{household}` lies outside the account's hamlets")))
}

async fn person_of(site: &Site, row: &Row) -> Result<Vec<Person>, Problem> {
    Ok(match row {
        Row::Household(household) => site.web.store.person(&household.code).await?.into_iter().collect(),
        Row::Area(_)
        | Row::Point(_)
        | Row::Route(_)
        | Row::Tag(_)
        | Row::Device(_)
        | Row::Schedule(_)
        | Row::Exclusion(_)
        | Row::Target(_)
        | Row::Rule(_) => Vec::new(),
    })
}

/// Records what the form says as a new version.
pub async fn save(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(word): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    filled: Filled,
) -> Result<Response, Problem> {
    let kind = kind(&word)?;
    let key = filled.given("key").map(str::to_owned);
    let history = history(&site, kind, key.as_deref()).await?;
    in_scope(&site, &who, &history)?;
    let mut draft = Draft {
        kind,
        history,
        key,
        // A field of the row must not be mistaken for one of the form.
        cells: kind.columns().iter().map(|column| filled.field(&field_name(column)).to_owned()).collect(),
        reason: filled.field("why").chars().take(REASON_MAX).collect(),
        seen: filled.given("seen").and_then(|text| text.parse().ok()),
        id: filled.given("id").and_then(|id| id.parse::<Uuid>().ok()).unwrap_or_else(Uuid::now_v7).to_string(),
        faults: Vec::new(),
        refusal: String::new(),
    };
    let (lang, t) = crate::web::pages::words(&headers, &uri);
    for _ in 0..ATTEMPTS {
        match attempt(&site, &who, &mut draft, lang, t.register).await? {
            Outcome::Recorded(key) => {
                return Ok(Redirect::to(&format!("{}&done=1", address(kind, &key))).into_response());
            }
            Outcome::Refused => {
                let page = drawn(&site, &who, draft, (&headers, &uri))?;
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
            }
            Outcome::Waits => {
                return Ok(Redirect::to(&format!("/register/proposals/{}", draft.id)).into_response());
            }
            Outcome::Moved => {}
        }
    }
    t.register.busy.clone_into(&mut draft.refusal);
    Ok((StatusCode::CONFLICT, drawn(&site, &who, draft, (&headers, &uri))?).into_response())
}

enum Outcome {
    Recorded(String),
    /// It waits for a second person.
    Waits,
    Refused,
    Moved,
}

async fn attempt(
    site: &Site,
    who: &Who,
    draft: &mut Draft,
    lang: Lang,
    r: &'static RegisterTexts,
) -> Result<Outcome, Problem> {
    let commune = read::commune(site);
    let known = Known::read(&site.web.store, &commune).await?;
    let now = site.web.clock.now();
    let row = match parsed(draft, &known, &commune, now) {
        Ok(row) => row,
        Err(error) => {
            draft.faults = error.faults.into_iter().map(|of| (of.column, flaw(&of.flaw, lang, r))).collect();
            r.form_faults.clone_into(&mut draft.refusal);
            return Ok(Outcome::Refused);
        }
    };
    if let Some(refusal) = refused(draft, &row, &known, who, r)? {
        draft.refusal = refusal;
        return Ok(Outcome::Refused);
    }
    let held = draft.key.as_deref().and_then(|key| known.newest(row.kind(), key));
    if let Some((at, _)) = held.filter(|(at, _)| Some(at.ms()) != draft.seen) {
        draft.history = self::history(site, draft.kind, draft.key.as_deref()).await?;
        let by = draft.history.last().map(|of| of.by.clone()).unwrap_or_default();
        draft.refusal = (r.changed_meanwhile)(&by, &lang.moment(&commune.zone, *at));
        draft.seen = Some(at.ms());
        return Ok(Outcome::Refused);
    }
    let key = row.key();
    let people = changed_person(site, draft, &row).await?;
    let rows = known.news([row]);
    if rows.is_empty() && people.is_empty() {
        r.unchanged.clone_into(&mut draft.refusal);
        return Ok(Outcome::Refused);
    }
    let by = &account(who)?.name;
    if let Some(proposed) = changes::waiting(&site.web.store, &commune, &known, (&rows, &[]), (by, now)).await? {
        if draft.reason.is_empty() {
            draft.faults = vec![("why".to_owned(), r.why_missing.to_owned())];
            r.row_waits.clone_into(&mut draft.refusal);
            return Ok(Outcome::Refused);
        }
        let (id, reason) = (draft.id.clone(), draft.reason.clone());
        propose(site, &Proposal { id, at: now, by: by.clone(), reason, proposed, decision: None }).await?;
        return Ok(Outcome::Waits);
    }
    let act = Act {
        rows: &rows,
        people: &people,
        operations: &[],
        now,
        by,
        reason: Some(draft.reason.as_str()).filter(|reason| !reason.is_empty()),
        confirms: None,
    };
    Ok(match changes::record(&site.web.store, &commune, &known, act).await? {
        Recorded::Done { .. } => Outcome::Recorded(key),
        Recorded::Moved | Recorded::Decided => Outcome::Moved,
    })
}

fn parsed(
    draft: &Draft,
    known: &Known,
    commune: &crate::domain::register::Commune,
    now: Instant,
) -> Result<Row, ImportError> {
    let streams = changes::streams(commune);
    let header = draft.kind.columns().iter().map(|column| column.name.to_owned()).collect();
    let read = parse_cells(draft.kind, vec![header, draft.cells.clone()], &known.context(commune, &streams, now))?;
    read.rows.into_iter().next().ok_or_else(ImportError::default)
}

/// Tells why a row that fits is not recorded all the same. `None`: it may be.
fn refused(
    draft: &mut Draft,
    row: &Row,
    known: &Known,
    who: &Who,
    r: &'static RegisterTexts,
) -> Result<Option<String>, Problem> {
    let scope = Scope::of(who)?;
    let held = known.newest(row.kind(), draft.key.as_deref().unwrap_or(&row.key())).map(|(_, held)| held);
    let own = scope.may_change(&known.register, row)
        && held.is_none_or(|held| scope.may_change(&known.register, held) || draft.key.is_none());
    if !own {
        return Ok(Some(r.out_of_scope.to_owned()));
    }
    match &draft.key {
        Some(key) if *key != row.key() => {
            let names = key_columns(draft.kind);
            draft.faults = names.iter().map(|name| ((*name).to_owned(), r.key_fixed.to_owned())).collect();
            Ok(Some(r.key_fixed.to_owned()))
        }
        None if held.is_some() => Ok(Some(r.exists.to_owned())),
        Some(_) if draft.reason.is_empty() => {
            draft.faults = vec![("why".to_owned(), r.why_missing.to_owned())];
            Ok(Some(r.form_faults.to_owned()))
        }
        Some(_) | None => Ok(None),
    }
}

async fn changed_person(site: &Site, draft: &Draft, row: &Row) -> Result<Vec<Person>, Problem> {
    let Row::Household(household) = row else { return Ok(Vec::new()) };
    let cell = |name: &str| {
        let at = draft.kind.columns().iter().position(|column| column.name == name);
        at.and_then(|at| draft.cells.get(at)).cloned().unwrap_or_default()
    };
    let typed = changes::kept_person(household.code.as_str(), cell("head_name"), cell("address"));
    let held = site.web.store.person(&household.code).await?;
    let nothing = typed.head_name.is_empty() && typed.address.is_empty();
    let same = held.as_ref().map_or(nothing, |held| *held == typed);
    Ok(if same { Vec::new() } else { vec![typed] })
}

/// Gives the columns that make up a row's key.
const fn key_columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Areas | Kind::Points => &["code"],
        Kind::Households => &["code", "valid_from"],
        Kind::Routes => &["route", "household"],
        Kind::Tags => &["uid", "valid_from"],
        Kind::Devices => &["device"],
        Kind::Schedule => &["place", "stream", "valid_from", "start"],
        Kind::Exclusions => &["household", "reason", "from"],
        Kind::Targets => &["indicator", "year"],
        Kind::Pathways | Kind::Findings | Kind::Visits | Kind::Tickets => &[],
    }
}

fn field_name(column: &Column) -> String {
    format!("c_{}", column.name)
}

fn drawn(site: &Site, who: &Who, draft: Draft, (headers, uri): (&HeaderMap, &Uri)) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, r) = (frame.lang, frame.t.register);
    let commune = read::commune(site);
    let register = site.web.register.borrow().clone();
    let editing = draft.key.is_some();
    let name = r.kind(draft.kind);
    frame.title = format!("{}: {name}", if editing { r.edit } else { r.add });
    let fault = |name: &str| {
        let found = draft.faults.iter().find(|(column, _)| column == name);
        found.map(|(_, message)| message.clone()).unwrap_or_default()
    };
    let fields = draft
        .kind
        .columns()
        .iter()
        .zip(&draft.cells)
        .map(|(column, value)| {
            let fixed = editing && key_columns(draft.kind).contains(&column.name);
            let mut choices = choices(draft.kind, column.name, &register, &commune, (lang, read::today(site)), r);
            // A value that is no choice any more stays as it is.
            if !choices.is_empty() && !value.is_empty() && choices.iter().all(|choice| choice.value != *value) {
                choices.push(Choice { value: value.clone(), label: value.clone(), chosen: false });
            }
            for choice in &mut choices {
                choice.chosen = choice.value == *value;
            }
            Field {
                name: field_name(column),
                label: r.column(column.name),
                input: input(column.name, value),
                hint: if matches!(column.name, "valid_to" | "to") { r.valid_to_more } else { "" },
                fault: fault(column.name),
                value: value.clone(),
                required: column.required,
                fixed,
                choices,
            }
        })
        .collect();
    let view = FormPage {
        kind: draft.kind.as_str(),
        name,
        key: draft.key.clone().unwrap_or_default(),
        seen: draft.seen.map(|ms| ms.to_string()).unwrap_or_default(),
        id: draft.id.clone(),
        refusal: draft.refusal.clone(),
        row_fault: fault(""),
        why: draft.reason.clone(),
        why_fault: fault("why"),
        why_required: editing,
        back: draft
            .key
            .as_deref()
            .map_or_else(|| format!("/register/rows/{}", draft.kind), |key| address(draft.kind, key)),
        versions: said(draft.kind, &draft.history, &commune.zone, lang, r),
        fields,
        frame,
        r,
    };
    shown(&view)
}

/// Gives the type of an input. A day that a browser's own date field could not show stays a text.
fn input(column: &str, value: &str) -> &'static str {
    match column {
        "valid_from" | "valid_to" | "from" | "to" | "verified_until" | "on"
            if value.is_empty() || value.parse::<LocalDay>().is_ok() =>
        {
            "date"
        }
        _ => "text",
    }
}

/// Gives what a field can be, where that is a short list.
fn choices(
    kind: Kind,
    column: &str,
    register: &Register,
    commune: &crate::domain::register::Commune,
    (lang, today): (Lang, LocalDay),
    r: &'static RegisterTexts,
) -> Vec<Choice> {
    let choice = |value: String, label: String| Choice { value, label, chosen: false };
    let words = |words: &[&'static str]| -> Vec<Choice> {
        words.iter().map(|word| choice((*word).to_owned(), r.word(word).unwrap_or(word).to_owned())).collect()
    };
    // What is closed stays where it stands and is no longer offered.
    let points = || register.points.values().map(|point| point.newest()).filter(|point| point.validity.holds(today));
    let named = |code: &PlaceCode, name: &str| choice(code.to_string(), format!("{code} · {name}"));
    match (kind, column) {
        (_, "area") => register
            .areas
            .values()
            .filter(|area| area.validity.holds(today))
            .map(|area| choice(area.code.to_string(), format!("{} · {}", area.code, area.name)))
            .collect(),
        (_, "stream") => commune
            .streams
            .iter()
            .map(|stream| {
                let name = match lang {
                    Lang::Vi => &stream.name,
                    Lang::En => &stream.name_en,
                };
                choice(stream.code.to_string(), name.clone())
            })
            .collect(),
        (Kind::Households, "point") => points().map(|point| named(&point.code, &point.name)).collect(),
        (Kind::Schedule, "place") => {
            let routes = register.scheduled_places().filter(|place| !register.points.contains_key(*place));
            let points = points().map(|point| named(&point.code, &point.name));
            points.chain(routes.map(|route| choice(route.to_string(), route.to_string()))).collect()
        }
        (Kind::Exclusions, "reason") => words(&ExclusionReason::ALL.iter().map(|of| of.as_str()).collect::<Vec<_>>()),
        (Kind::Devices, "kind") => words(&DeviceKind::ALL.iter().map(|of| of.as_str()).collect::<Vec<_>>()),
        (Kind::Devices, "mode") => words(&ScaleMode::ALL.iter().map(|of| of.as_str()).collect::<Vec<_>>()),
        (Kind::Targets, "indicator") => words(&TARGET_INDICATORS),
        (Kind::Tags, "tech") => words(&["hf", "uhf", "lf", "qr"]),
        (_, _) => Vec::new(),
    }
}

/// Gives the address of the form that assigns an unknown tag from a day on.
pub(super) fn assign_address(uid: &str, household: Option<&HouseholdCode>, from: LocalDay) -> String {
    let household =
        household.map(|of| format!("&household={}", crate::web::sign_in::encoded(of.as_str()))).unwrap_or_default();
    format!("/register/form/tags?uid={uid}&from={from}{household}")
}
