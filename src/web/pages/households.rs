//! The list of households in the order of visits, as page, file and sheet; and visits recorded from it.

use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;
use uuid::Uuid;

use super::lists::choice;
use super::register::fault_lines;
use super::{area_choices, frame, shown};
use crate::changes::fold;
use crate::domain::facts::AttemptOutcome;
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode, StreamCode};
use crate::domain::proposal::ALONE_MAX;
use crate::domain::register::Commune;
use crate::domain::state::{Pathway, Reason, State, VisitResult};
use crate::domain::time::LocalDay;
use crate::imports::{ImportError, Kind};
use crate::store::{Account, HouseholdsQuery, ListedHousehold, Seen};
use crate::web::api::{Act, PathwayWritten, Settled, VisitWritten, log_look, scoped, settle, stated, stated_in_file};
use crate::web::ask::{self, Ask};
use crate::web::drawing::stream_name;
use crate::web::evidence::sees_names;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::sign_in::encoded;
use crate::web::table::May;
use crate::web::texts::{HouseholdsTexts, RegisterTexts, Texts};
use crate::web::views::households::{Filters, HouseholdLine, Households, StreamField, VisitFields, VisitSheet, Visits};
use crate::web::views::lists::Choice;
use crate::web::{download, read};

/// Households on a page.
const PAGE: i64 = 100;
/// Households on a sheet: about twelve pages of A4.
const SHEET: i64 = 240;
/// Households read together for a file.
const TOGETHER: i64 = 2_000;

/// What the list of households is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct HouseholdsAsk {
    q: Option<String>,
    area: Option<String>,
    state: Option<String>,
    reason: Option<String>,
    missing: Option<String>,
    point: Option<String>,
    /// `ORDER_CODE` of the last row of the page before.
    after: Option<String>,
    /// Of so many households it was just recorded.
    done: Option<String>,
    /// It waits for a second person, as this proposal.
    waits: Option<String>,
}

/// A list as it was asked for, checked.
struct Asked {
    query: Option<HouseholdsQuery>,
    filters: Filters,
    area: Option<AreaCode>,
    code: Option<HouseholdCode>,
}

async fn asked(
    site: &Site,
    who: &Who,
    ask: &HouseholdsAsk,
    (lang, t): (Lang, &'static Texts),
    limit: i64,
) -> Result<Asked, Problem> {
    let own: Vec<AreaCode> = who.account.as_ref().map(|account: &Account| account.areas.clone()).unwrap_or_default();
    // A visitor who has chosen none yet begins with the first of their hamlets.
    let wanted = ask::area(site, &ask.area)?.or_else(|| own.first().cloned());
    let area = scoped(who, wanted)?;
    let state = ask::word("state", &ask.state, &["S", "N", "U"], State::from_word)?;
    let words: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    let reason = ask::word("reason", &ask.reason, &words, Reason::from_word)?;
    let commune = read::commune(site);
    let codes: Vec<&str> = commune.streams.iter().map(|stream| stream.code.as_str()).collect();
    let missing: Option<StreamCode> =
        ask::word("missing", &ask.missing, &codes, |code| commune.stream(code).map(|stream| stream.code.clone()))?;
    let search = ask::given(&ask.q).map(fold);
    let point = ask::given(&ask.point).map(PlaceCode::from);
    let in_names = names(site, who, area.as_ref());
    let after = ask::given(&ask.after)
        .map(|text| {
            let place = text.split_once('_').and_then(|(order, code)| Some((order.parse().ok()?, code.into())));
            place.ok_or_else(|| {
                Problem::bad_value(format!("parameter `after`: `{text}` is not a page's; leave it out to begin"))
            })
        })
        .transpose()?;
    let query = read::last_finished(site).await?.map(|on| HouseholdsQuery {
        on,
        area: area.clone(),
        state,
        reason,
        missing: missing.clone(),
        point: point.clone(),
        search: search.clone(),
        in_names,
        // Whoever looks for one, or at one point, wants to see those that sort, too.
        with_sorting: search.is_some() || point.is_some(),
        after,
        limit,
    });
    let part = |name: &str, value: &Option<String>| {
        ask::given(value).map(|value| format!("{name}={}&", encoded(value))).unwrap_or_default()
    };
    let filters = Filters {
        search: ask::given(&ask.q).unwrap_or_default().to_owned(),
        in_names,
        point: ask::given(&ask.point).unwrap_or_default().to_owned(),
        areas: area_choices(site, &own, area.as_ref()),
        states: State::ALL.iter().map(|&of| choice(of.as_str(), t.state_name(of), state == Some(of))).collect(),
        reasons: Reason::ALL.iter().map(|&of| choice(of.as_str(), t.reason_name(of), reason == Some(of))).collect(),
        missing: commune
            .streams
            .iter()
            .filter(|stream| stream.required)
            .map(|stream| {
                let name = stream_name(&commune, stream.code.as_str(), lang, t);
                choice(stream.code.as_str(), &name, missing.as_ref() == Some(&stream.code))
            })
            .collect(),
        query: [
            part("q", &ask.q),
            part("area", &ask.area),
            part("state", &ask.state),
            part("reason", &ask.reason),
            part("missing", &ask.missing),
            part("point", &ask.point),
        ]
        .concat(),
    };
    let code = ask::given(&ask.q).map(|text| HouseholdCode::new(text.to_uppercase()));
    Ok(Asked { query, filters, area, code })
}

/// Tells whether the reader may search names in everything that the list may show.
fn names(site: &Site, who: &Who, area: Option<&AreaCode>) -> bool {
    match area {
        Some(area) => sees_names(who, area),
        None => site.web.register.borrow().areas.keys().all(|area| sees_names(who, area)),
    }
}

/// Reads the rows of a list, logs the look, and tells where the next page begins.
async fn rows(
    site: &Site,
    who: &Who,
    asked: &Asked,
    what: &str,
) -> Result<(Vec<ListedHousehold>, Option<String>), Problem> {
    let Some(query) = &asked.query else { return Ok((Vec::new(), None)) };
    let seen = subject(query, what);
    let (found, next) = page_of(site, query).await?;
    let codes = found.iter().map(|row| row.span.household.clone());
    log_look(site, who, "states", Seen::list(seen, codes, found.len())).await?;
    Ok((found, next))
}

/// Tells what a list was asked for: never the words that were searched, which may be a name.
fn subject(query: &HouseholdsQuery, what: &str) -> String {
    format!(
        "{what} on={} area={} state={} reason={} missing={} point={} searched={}",
        query.on,
        query.area.as_ref().map_or("", AreaCode::as_str),
        query.state.map_or("", State::as_str),
        query.reason.map_or("", Reason::as_str),
        query.missing.as_ref().map_or("", StreamCode::as_str),
        query.point.as_ref().map_or("", PlaceCode::as_str),
        query.search.is_some()
    )
}

async fn page_of(site: &Site, query: &HouseholdsQuery) -> Result<(Vec<ListedHousehold>, Option<String>), Problem> {
    let one_more = HouseholdsQuery { limit: query.limit + 1, ..query.clone() };
    let mut found = site.web.store.listed_households(&one_more).await?;
    let size = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(|row| format!("{}_{}", row.visit_order, row.span.household));
    Ok((found, next))
}

fn line(
    site: &Site,
    who: &Who,
    commune: &Commune,
    row: ListedHousehold,
    (lang, t): (Lang, &'static Texts),
) -> HouseholdLine {
    let named = sees_names(who, &row.span.area);
    let streams: Vec<String> =
        row.span.missing.iter().map(|code| stream_name(commune, code.as_str(), lang, t)).collect();
    HouseholdLine {
        household: row.span.household.to_string(),
        head_name: if named { row.head_name } else { String::new() },
        address: if named { row.address } else { String::new() },
        hamlet: read::area_name(site, &row.span.area),
        class: class_of(row.span.state.state),
        state: t.state_name(row.span.state.state),
        reason: row.span.state.reason.map_or("", |reason| t.reason_name(reason)),
        missing: streams.join(", "),
        since: lang.day(row.span.from),
    }
}

/// Gives the class of a state's colour and icon.
pub(super) const fn class_of(state: State) -> &'static str {
    match state {
        State::Sorting => "s",
        State::NotSorting => "n",
        State::Undetermined => "u",
    }
}

/// Lists households: those not sorting and undetermined first. Each look is logged.
pub async fn households(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<HouseholdsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let h = t.households_room;
    frame.title = t.households.to_owned();
    let asked = asked(&site, &who, &ask, (lang, t), PAGE).await?;
    let (found, next) = rows(&site, &who, &asked, "page").await?;
    let commune = read::commune(&site);
    let not_listed = match &asked.code {
        Some(code) if found.is_empty() => not_listed(&site, &who, code),
        Some(_) | None => String::new(),
    };
    let view = Households {
        day: match &asked.query {
            Some(query) => (t.end_of_day)(&lang.day(query.on)),
            None => t.nothing_yet.to_owned(),
        },
        next: next
            .map_or_else(String::new, |next| format!("/households?{}after={}", asked.filters.query, encoded(&next))),
        names: asked.filters.in_names,
        opens: who.may(May::Evidence),
        records: who.may(May::Visit),
        rows: found.into_iter().map(|row| line(&site, &who, &commune, row, (lang, t))).collect(),
        not_listed_more: if not_listed.is_empty() { String::new() } else { (h.not_listed)(&not_listed) },
        not_listed,
        filters: asked.filters,
        h,
        frame,
    };
    shown(&view)
}

/// Finds a registered household of the reader's scope that was searched for by its code.
fn not_listed(site: &Site, who: &Who, code: &HouseholdCode) -> String {
    let register = site.web.register.borrow();
    let registered = register.households.get(code).filter(|found| sees_names(who, &found.newest().area));
    registered.map_or_else(String::new, |_| code.to_string())
}

/// Gives the list as a file, all of it. Each look is logged.
pub async fn households_csv(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<HouseholdsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let h = t.households_room;
    let mut asked = asked(&site, &who, &ask, (lang, t), TOGETHER).await?;
    let commune = read::commune(&site);
    let (mut found, mut next) = match &asked.query {
        Some(query) => page_of(&site, query).await?,
        None => (Vec::new(), None),
    };
    let mut codes: Vec<HouseholdCode> = Vec::new();
    let mut cells: Vec<Vec<String>> = Vec::new();
    loop {
        let last = found.last().map(|row| (row.visit_order, row.span.household.clone()));
        codes.extend(found.iter().map(|row| row.span.household.clone()));
        cells.extend(found.into_iter().map(|row| {
            let (on, state) = (row.span.from, row.span.state);
            let shown = line(&site, &who, &commune, row, (lang, t));
            let reason = state.reason.map_or("", |reason| reason.as_str()).to_owned();
            vec![
                shown.household,
                shown.head_name,
                shown.address,
                shown.hamlet,
                state.state.to_string(),
                reason,
                shown.missing,
                on.to_string(),
            ]
        }));
        let (Some(_), Some(query), Some(last)) = (&next, &mut asked.query, last) else { break };
        query.after = Some(last);
        (found, next) = page_of(&site, query).await?;
    }
    if let Some(query) = &asked.query {
        log_look(&site, &who, "states", Seen::list(subject(query, "csv"), codes, cells.len())).await?;
    }
    let head = [t.household, h.name, h.address, t.hamlet, t.state, t.reason, h.missing, h.since];
    let on = asked.query.as_ref().map_or_else(String::new, |query| query.on.to_string());
    Ok(download::csv(&format!("households-{on}.csv"), &head, cells))
}

/// Gives the sheet that a visitor takes along. Each look is logged.
pub async fn visit_sheet(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<HouseholdsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let h = t.households_room;
    frame.title = h.sheet_title.to_owned();
    let asked = asked(&site, &who, &ask, (lang, t), SHEET).await?;
    let (found, next) = rows(&site, &who, &asked, "sheet").await?;
    let commune = read::commune(&site);
    let hamlet = asked.area.as_ref().map_or_else(|| commune.name.clone(), |area| read::area_name(&site, area));
    let day = asked.query.as_ref().map_or_else(String::new, |query| (t.end_of_day)(&lang.day(query.on)));
    let view = VisitSheet {
        head: format!("{hamlet} · {day}"),
        streams: stream_fields(&commune, (lang, t))
            .into_iter()
            .map(|(_, name, pathways)| (name, pathways.into_iter().map(|(_, name)| name).collect()))
            .collect(),
        rows: found.into_iter().map(|row| line(&site, &who, &commune, row, (lang, t))).collect(),
        more: if next.is_some() { (h.sheet_first)(&lang.count(SHEET)) } else { String::new() },
        back: format!("/households?{}", asked.filters.query),
        h,
        frame,
    };
    shown(&view)
}

/// Gives the required streams with their names and home pathways (word, name).
fn stream_fields(commune: &Commune, (lang, t): (Lang, &'static Texts)) -> Vec<StreamField> {
    let required = commune.streams.iter().filter(|stream| stream.required);
    required
        .map(|stream| {
            let named = pathways_of(&stream.code)
                .iter()
                .map(|&pathway| (pathway.as_str(), pathway_name(t.households_room, pathway)))
                .collect();
            (stream.code.to_string(), stream_name(commune, stream.code.as_str(), lang, t), named)
        })
        .collect()
}

/// Gives the ways in which a stream is treated at home. Streams are data; the two of the law have their own ways, any other takes all.
pub(super) fn pathways_of(stream: &StreamCode) -> &'static [Pathway] {
    match stream.as_str() {
        "food" => &[Pathway::Compost, Pathway::AnimalFeed],
        "recyclable" => &[Pathway::Sold, Pathway::Given],
        _ => Pathway::ALL,
    }
}

/// Names a home pathway.
pub(super) const fn pathway_name(h: &HouseholdsTexts, pathway: Pathway) -> &'static str {
    match pathway {
        Pathway::Compost => h.pathways[0],
        Pathway::AnimalFeed => h.pathways[1],
        Pathway::Sold => h.pathways[2],
        Pathway::Given => h.pathways[3],
    }
}

/// Names why a visitor could see nothing.
pub(super) const fn attempt_name(h: &HouseholdsTexts, outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Away => h.attempts[0],
        AttemptOutcome::Declined => h.attempts[1],
        AttemptOutcome::Vacant => h.attempts[2],
    }
}

/// Gives the fields of a visit, with a fresh identity.
pub(super) fn visit_fields(site: &Site, (lang, t): (Lang, &'static Texts)) -> VisitFields {
    VisitFields {
        id: Uuid::now_v7().to_string(),
        today: read::today(site).to_string(),
        streams: stream_fields(&read::commune(site), (lang, t)),
    }
}

/// Shows the list with boxes to tick and one form for all that are. Each look is logged.
pub async fn visits(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<HouseholdsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    visits_page(&site, &who, &ask, (&headers, &uri), None).await
}

/// A file that was not taken: what was pasted, and its faults.
struct NotTaken {
    kind: Kind,
    typed: String,
    reason: String,
    error: ImportError,
}

async fn visits_page(
    site: &Site,
    who: &Who,
    ask: &HouseholdsAsk,
    (headers, uri): (&HeaderMap, &Uri),
    not_taken: Option<NotTaken>,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    let h = t.households_room;
    frame.title = h.visits_title.to_owned();
    let asked = asked(site, who, ask, (lang, t), PAGE).await?;
    let (found, next) = rows(site, who, &asked, "visits").await?;
    let commune = read::commune(site);
    let faults = not_taken.as_ref().map(|of| fault_lines(&of.error, lang, t.register)).unwrap_or_default();
    let total = not_taken.as_ref().map_or(0, |of| of.error.total);
    let count = |number: usize| lang.count(i64::try_from(number).unwrap_or(i64::MAX));
    let alone = lang.count(i64::try_from(ALONE_MAX).unwrap_or(i64::MAX));
    let view = Visits {
        more: (h.visits_more)(&alone),
        done: match (ask::given(&ask.done), ask::given(&ask.waits)) {
            (_, Some(_)) => h.visits_wait.to_owned(),
            (Some(count), None) => (h.visits_saved)(count),
            (None, None) => String::new(),
        },
        proposal: ask::given(&ask.waits).filter(|_| who.may(May::Register)).unwrap_or_default().to_owned(),
        fields: visit_fields(site, (lang, t)),
        file_id: Uuid::now_v7().to_string(),
        faults_found: if total > 0 { (t.register.faults_found)(&count(total)) } else { String::new() },
        faults_more: if total > faults.len() {
            (t.register.and_more)(&count(total - faults.len()))
        } else {
            String::new()
        },
        faults,
        file_kinds: file_kinds(not_taken.as_ref().map(|of| of.kind), t.register),
        typed: not_taken.as_ref().map(|of| of.typed.clone()).unwrap_or_default(),
        file_reason: not_taken.map(|of| of.reason).unwrap_or_default(),
        r: t.register,
        rows: found.into_iter().map(|row| line(site, who, &commune, row, (lang, t))).collect(),
        next: next.map_or_else(String::new, |next| {
            format!("/households/visits?{}after={}", asked.filters.query, encoded(&next))
        }),
        filters: asked.filters,
        h,
        frame,
    };
    shown(&view)
}

/// Gives the lists that can be handed in as a file, with their columns.
fn file_kinds(chosen: Option<Kind>, r: &RegisterTexts) -> Vec<Choice> {
    let label = |kind: Kind| {
        let columns: Vec<&str> = kind.columns().iter().map(|column| r.column(column.name)).collect();
        format!("{}: {}", r.kind(kind), columns.join(", "))
    };
    [Kind::Visits, Kind::Pathways]
        .into_iter()
        .map(|kind| choice(kind.as_str(), &label(kind), chosen == Some(kind)))
        .collect()
}

/// A form of a visit, as sent.
pub(super) struct VisitForm {
    pub id: Uuid,
    pub on: LocalDay,
    /// `None`: only declarations.
    pub result: Option<VisitResult>,
    pub stream: Option<String>,
    pub pathways: Vec<(String, Pathway)>,
    pub households: Vec<String>,
    pub reason: String,
    pub back: String,
}

impl VisitForm {
    /// Reads the fields; what cannot be is told with its name.
    pub(super) fn read(fields: Vec<(String, String)>) -> Result<Self, Problem> {
        let of = |name: &str| {
            fields
                .iter()
                .find(|(field, _)| field == name)
                .map(|(_, value)| value.trim())
                .filter(|value| !value.is_empty())
        };
        let needed = |name: &str| of(name).ok_or_else(|| Problem::bad_value(format!("the form lacks `{name}`")));
        let id = needed("id")?;
        let on = needed("on")?;
        let result = needed("result")?;
        let mut pathways = Vec::new();
        for (field, value) in &fields {
            if let (Some(stream), false) = (field.strip_prefix("pathway-"), value.is_empty()) {
                let pathway = Pathway::from_word(value)
                    .ok_or_else(|| Problem::bad_value(format!("unknown pathway `{value}` of stream `{stream}`")))?;
                pathways.push((stream.to_owned(), pathway));
            }
        }
        Ok(Self {
            id: id
                .parse()
                .map_err(|_| Problem::bad_value(format!("`id` is `{id}`, which is no UUID; reload the page")))?,
            on: on.parse().map_err(|why| Problem::bad_value(format!("`on`: {why}")))?,
            result: match result {
                "declared" => None,
                word => Some(VisitResult::from_word(word).ok_or_else(|| {
                    Problem::bad_value(format!("unknown result `{word}`; use sorting, not_sorting or declared"))
                })?),
            },
            stream: of("stream").map(str::to_owned),
            pathways,
            households: fields.iter().filter(|(field, _)| field == "household").map(|(_, code)| code.clone()).collect(),
            reason: of("reason").unwrap_or_default().to_owned(),
            back: of("back").unwrap_or_default().to_owned(),
        })
    }

    /// Gives the visit of one of the households.
    pub(super) fn visit(&self, id: Uuid, household: &str, result: VisitResult) -> VisitWritten {
        VisitWritten {
            id,
            on: self.on,
            household: household.to_owned(),
            result: Some(result),
            streams: Vec::new(),
            stream: self.stream.clone(),
            pathways: self
                .pathways
                .iter()
                .map(|(stream, pathway)| PathwayWritten { stream: stream.clone(), pathway: *pathway })
                .collect(),
            simulated: None,
        }
    }
}

/// Records the same visit of every ticked household.
pub async fn write_visits(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, Problem> {
    let t = frame(&site, &who, &headers, &uri).t;
    let form = VisitForm::read(fields)?;
    let Some(result) = form.result else {
        return Err(Problem::unusable("a declaration is recorded on the household's own page"));
    };
    if form.households.is_empty() {
        return Err(Problem::unusable(t.households_room.visits_none));
    }
    // One identity for the form, one made of it for each household: the form sent twice counts once.
    let visits: Vec<VisitWritten> =
        form.households.iter().map(|code| form.visit(Uuid::new_v5(&form.id, code.as_bytes()), code, result)).collect();
    let rows = stated(&site, &who, &visits)?;
    let reason = if form.reason.is_empty() { t.households_room.visits_title.to_owned() } else { form.reason };
    // The filters of the list, as its own page encodes them; nothing else goes into an address.
    let of_a_query = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%=&+".contains(&byte);
    let back = if form.back.bytes().all(of_a_query) { form.back } else { String::new() };
    settled(&site, &who, Act { id: form.id, reason, rows }, &back).await
}

/// What the form of a list as a file sends: a file, or its content pasted.
#[derive(Debug, Default, Deserialize)]
pub struct FileForm {
    id: String,
    kind: String,
    #[serde(default)]
    file: String,
    #[serde(default)]
    reason: String,
    #[serde(skip)]
    upload: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for FileForm {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let unreadable = |error: String| Problem::bad_value(format!("the form cannot be read: {error}"));
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("multipart/form-data") {
            let read = Form::<Self>::from_request(request, state).await;
            return read.map(|Form(form)| form).map_err(|why| unreadable(why.body_text()));
        }
        let mut form = Self::default();
        let mut parts = Multipart::from_request(request, state).await.map_err(|why| unreadable(why.body_text()))?;
        while let Some(part) = parts.next_field().await.map_err(|why| unreadable(why.body_text()))? {
            let name = part.name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(|why| unreadable(why.body_text()))?;
            let text = || String::from_utf8_lossy(&bytes).trim().to_owned();
            match name.as_str() {
                "id" => form.id = text(),
                "kind" => form.kind = text(),
                "file" => form.file = text(),
                "reason" => form.reason = text(),
                "upload" => form.upload = bytes.to_vec(),
                _ => {}
            }
        }
        Ok(form)
    }
}

/// Records a list of visits or pathways, written as the file of an import is. What does not fit is told row by row, and what was pasted
/// stays.
pub async fn write_visits_file(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    form: FileForm,
) -> Result<Response, Problem> {
    let t = frame(&site, &who, &headers, &uri).t;
    let kind = match form.kind.as_str() {
        "visits" => Kind::Visits,
        "pathways" => Kind::Pathways,
        other => return Err(Problem::bad_value(format!("unknown list `{other}`; use visits or pathways"))),
    };
    let id: Uuid = form
        .id
        .parse()
        .map_err(|_| Problem::bad_value(format!("`id` is `{}`, which is no UUID; reload the page", form.id)))?;
    let bytes = if form.upload.is_empty() { form.file.as_bytes() } else { &form.upload };
    let rows = match stated_in_file(&site, &who, kind, bytes).await? {
        Ok(rows) => rows,
        Err(error) => {
            let not_taken = NotTaken { kind, typed: form.file, reason: form.reason, error };
            let page = visits_page(&site, &who, &HouseholdsAsk::default(), (&headers, &uri), Some(not_taken)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let reason = if form.reason.is_empty() { t.households_room.visits_title.to_owned() } else { form.reason };
    settled(&site, &who, Act { id, reason, rows }, "").await.map(IntoResponse::into_response)
}

async fn settled(site: &Site, who: &Who, act: Act, back: &str) -> Result<Redirect, Problem> {
    let done = match settle(site, who, act).await? {
        Settled::Recorded(count) => format!("done={count}"),
        Settled::Waits(id) => format!("waits={}", encoded(&id)),
    };
    Ok(Redirect::to(&format!("/households/visits?{back}{done}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_names_what_it_lacks() {
        let fields = vec![("id".to_owned(), Uuid::nil().to_string()), ("on".to_owned(), "2026-11-22".to_owned())];
        let problem = VisitForm::read(fields).err().expect("no result is given");
        assert_eq!(problem.detail, "the form lacks `result`");
    }
}
