//! The visitors' pages of forms: a hamlet's list, and one household with its questions.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;
use uuid::Uuid;

use super::field::{Filled, again_is_fine, fresh_id, now};
use super::households::pathways_of;
use super::lists::choice;
use super::visit_words::{Teller, who_of};
use super::{frame, shown};
use crate::changes::fold;
use crate::domain::facts::AttemptOutcome;
use crate::domain::state::{Pathway, Reason};
use crate::domain::time::LocalDay;
use crate::domain::visit::Found;
use crate::web::api::{
    self, AttemptWritten, FoundWritten, VisitDone, VisitHouse, VisitList, VisitListAsk, VisitWhy, VisitWritten,
    VoidWritten, Written,
};
use crate::web::ask::{self, Ask};
use crate::web::evidence;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::sign_in::encoded;
use crate::web::texts::{FieldTexts, Texts, VisitsTexts, filled};
use crate::web::views::lists::Choice;
use crate::web::views::visits::{Question, VisitAreas, VisitDoneLine, VisitHousePage, VisitLine, VisitLists};

/// What the list is asked for.
#[derive(Debug, Deserialize)]
pub struct VisitorAsk {
    area: Option<String>,
    since: Option<String>,
    q: Option<String>,
    why: Option<String>,
    part: Option<String>,
    /// The household, for its page.
    household: Option<String>,
}

impl VisitorAsk {
    fn list(&self) -> VisitListAsk {
        VisitListAsk { area: self.area.clone(), since: self.since.clone() }
    }
}

/// A part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Left,
    Tried,
    Done,
}

impl Part {
    const ALL: [Self; 3] = [Self::Left, Self::Tried, Self::Done];

    const fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Tried => "tried",
            Self::Done => "done",
        }
    }

    fn of(house: &VisitHouse) -> Self {
        if house.settled || house.is_visited() {
            Self::Done
        } else if house.done.is_empty() {
            Self::Left
        } else {
            Self::Tried
        }
    }
}

/// Shows a hamlet's list, or the hamlets to choose from.
pub async fn visitor_list(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<VisitorAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let v = &t.visits;
    let account = who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in to visit"))?;
    let areas = api::areas_of(&site, account);
    if areas.len() != 1 && ask::given(&asked.area).is_none() {
        frame.title = v.areas.to_owned();
        let link = |of: api::VisitArea| (format!("/visits?plain=1&area={}", encoded(of.area.as_str())), of.name);
        let view = VisitAreas { areas: areas.into_iter().map(link).collect(), v, frame };
        return shown(&view).map(IntoResponse::into_response);
    }
    let list = api::list_of(&site, &who, &asked.list()).await?;
    frame.title = format!("{}: {}", v.title, list.name);
    let commune = read::commune(&site);
    let teller = Teller { commune: &commune, lang, t, v };
    let part = ask::word("part", &asked.part, &Part::ALL.map(Part::word), |word| {
        Part::ALL.into_iter().find(|part| part.word() == word)
    })?;
    let part = part.unwrap_or(Part::Left);
    let why = ask::given(&asked.why);
    let search = ask::given(&asked.q).map(fold);
    let matches = |house: &&VisitHouse| {
        let found = |text: &String| fold(&format!("{} {}", who_of(house), house.household)).contains(text.as_str());
        why.is_none_or(|why| house.why.word() == why) && search.as_ref().is_none_or(found)
    };
    let matching: Vec<&VisitHouse> = list.households.iter().filter(matches).collect();
    let count = |number: usize| lang.count(i64::try_from(number).unwrap_or(i64::MAX));
    let query = |part: Part| {
        let more = |name: &str, value: &Option<String>| {
            ask::given(value).map(|value| format!("&{name}={}", encoded(value))).unwrap_or_default()
        };
        format!("{}&part={}{}{}", place(&list), part.word(), more("why", &asked.why), more("q", &asked.q))
    };
    let parts = Part::ALL.map(|of| {
        let rows = matching.iter().filter(|house| Part::of(house) == of).count();
        let words = match of {
            Part::Left => t.field.tab_left,
            Part::Tried => v.tab_tried,
            Part::Done => t.field.tab_done,
        };
        (query(of), filled(words, &[("n", &count(rows))]), of == part)
    });
    let line = |house: &&VisitHouse| {
        let (class, why) = teller.why(house);
        VisitLine {
            href: format!("/visits/house?{}&household={}", rest(&list), encoded(house.household.as_str())),
            household: house.household.to_string(),
            who: who_of(house),
            class,
            why,
            done: house.done.iter().map(|done| teller.done(done)).collect(),
        }
    };
    let new_ones = list.households.iter().filter(|house| !house.listed && house.why != VisitWhy::Visited).count();
    let (done, all) = list.progress();
    let view = VisitLists {
        name: list.name.clone(),
        areas: areas.iter().map(|of| choice(of.area.as_str(), &of.name, of.area == list.area)).collect(),
        sinces: since_choices(&list, v, lang),
        whys: why_choices(t, why),
        search: ask::given(&asked.q).unwrap_or_default().to_owned(),
        since: filled(v.since, &[("day", &lang.day(list.since))]),
        progress: filled(t.field.progress, &[("done", &count(done)), ("all", &count(all))]),
        counts: (done, all),
        visited: filled(v.visited, &[("today", &count(list.visited_today)), ("week", &count(list.visited_week))]),
        new_ones: if new_ones == 0 { String::new() } else { filled(v.new_ones, &[("n", &count(new_ones))]) },
        parts: parts.to_vec(),
        part: part.word(),
        rows: matching.iter().filter(|house| Part::of(house) == part).map(line).collect(),
        none: match (list.households.is_empty(), search.is_some() || why.is_some(), part) {
            (true, ..) => v.list_none,
            (false, true, _) => v.list_no_match,
            (false, false, Part::Left) => v.all_done,
            (false, false, Part::Tried) => v.none_tried,
            (false, false, Part::Done) => v.none_done,
        },
        v,
        frame,
    };
    shown(&view).map(IntoResponse::into_response)
}

/// Gives the list's own address.
fn place(list: &VisitList) -> String {
    format!("/visits?plain=1&{}", rest(list))
}

fn rest(list: &VisitList) -> String {
    format!("area={}&since={}", encoded(list.area.as_str()), list.since)
}

fn since_choices(list: &VisitList, v: &VisitsTexts, lang: Lang) -> Vec<Choice> {
    let named = [
        (list.today, v.since_today),
        (list.today.week_start(), v.since_week),
        (list.today.month_start(), v.since_month),
    ];
    let mut choices: Vec<Choice> = Vec::new();
    for (day, name) in named {
        if choices.iter().all(|choice| choice.value != day.to_string()) {
            choices.push(choice(&day.to_string(), name, day == list.since));
        }
    }
    if choices.iter().all(|choice| !choice.chosen) {
        choices.push(choice(&list.since.to_string(), &lang.day(list.since), true));
    }
    choices
}

fn why_choices(t: &'static Texts, chosen: Option<&str>) -> Vec<Choice> {
    let reasons = Reason::ALL.iter().map(|&reason| (reason.as_str(), t.reason_name(reason)));
    let first = [(VisitWhy::NotSorting.word(), t.visits.why_not_sorting)];
    let last = [(VisitWhy::RunningOut.word(), t.visits.why_running_out)];
    first.into_iter().chain(reasons).chain(last).map(|(word, name)| choice(word, name, chosen == Some(word))).collect()
}

/// Shows one household with its questions. Each look is logged.
pub async fn visitor_house(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<VisitorAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let v = &t.visits;
    let typed = ask::given(&asked.household).unwrap_or_default().to_uppercase();
    let today = read::today(&site);
    let (code, area) = evidence::household(&site, &who, &typed, today)?;
    let asked = VisitListAsk { area: Some(area.to_string()), since: asked.since };
    let (list, house) = api::house_in_list(&site, &who, &asked, &code).await?;
    let commune = read::commune(&site);
    let teller = Teller { commune: &commune, lang, t, v };
    let (class, why) = teller.why(&house);
    let done_line = |done: &VisitDone| VisitDoneLine {
        stated: done.id.clone(),
        id: if done.own { fresh_id() } else { String::new() },
        text: teller.done(done),
    };
    frame.title = code.to_string();
    let view = VisitHousePage {
        back: place(&list),
        area_name: list.name.clone(),
        who: who_of(&house),
        class,
        why,
        look: teller.look(&house),
        known: teller.known(&house),
        done: house.done.iter().map(done_line).collect(),
        questions: questions(&teller),
        outcomes: AttemptOutcome::ALL.iter().map(|&of| (of.as_str(), teller.outcome(of))).collect(),
        ids: (fresh_id(), fresh_id()),
        today: today.to_string(),
        place: (list.area.to_string(), list.since.to_string()),
        household: code.to_string(),
        v,
        frame,
    };
    shown(&view)
}

/// Gives the question of each required stream.
fn questions(teller: &Teller<'_>) -> Vec<Question> {
    let v = teller.v;
    let required = teller.commune.streams.iter().filter(|stream| stream.required);
    required
        .map(|stream| {
            let name = teller.stream(stream.code.as_str());
            let each = |found: Found, words: &'static str| {
                pathways_of(&stream.code).iter().map(move |&pathway| {
                    (format!("{found}:{pathway}"), filled(words, &[("pathway", teller.pathway(pathway))]))
                })
            };
            let seen = each(Found::Sorting, v.saw);
            let apart = [(Found::Sorting.to_string(), v.saw_apart.to_owned())];
            let said = each(Found::Declared, v.said_pathway);
            let rest = [(Found::NotSorting.to_string(), v.not_sorted.to_owned()), (String::new(), v.skip.to_owned())];
            Question {
                field: format!("stream-{}", stream.code),
                ask: filled(v.stream_field, &[("stream", &name)]),
                answers: seen.chain(apart).chain(said).chain(rest).collect(),
            }
        })
        .collect()
}

/// Where a form leads back to.
fn back(area: &str, since: &str) -> Redirect {
    Redirect::to(&format!("/visits?plain=1&area={}&since={}", encoded(area), encoded(since)))
}

/// Records a visit.
pub async fn visitor_write_visit(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, Problem> {
    let v = &frame(&site, &who, &headers, &uri).t.visits;
    let of = |name: &str| fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim());
    let id: Uuid = of("id")
        .parse()
        .map_err(|_| Problem::bad_value(format!("`id` is `{}`, which is no UUID; reload the page", of("id"))))?;
    let on: LocalDay = of("on").parse().map_err(|why| Problem::bad_value(format!("`on`: {why}")))?;
    let mut streams = Vec::new();
    for (field, value) in &fields {
        let (Some(stream), false) = (field.strip_prefix("stream-"), value.is_empty()) else { continue };
        streams.push(found_of(stream, value)?);
    }
    if streams.is_empty() {
        return Err(Problem::unusable(v.nothing_said));
    }
    let visit = VisitWritten {
        id,
        on,
        household: of("household").to_owned(),
        result: None,
        stream: None,
        pathways: Vec::new(),
        streams,
        simulated: None,
    };
    again_is_fine(api::record_visit(&site, &who, &visit).await)?;
    Ok(back(of("area"), of("since")))
}

/// Reads an answer, `sorting`, `sorting:compost`, `declared:sold` or `not_sorting`.
fn found_of(stream: &str, answer: &str) -> Result<FoundWritten, Problem> {
    let unread = || Problem::bad_value(format!("unknown answer `{answer}` of stream `{stream}`; reload the page"));
    let (found, pathway) = match answer.split_once(':') {
        Some((found, pathway)) => (found, Some(Pathway::from_word(pathway).ok_or_else(unread)?)),
        None => (answer, None),
    };
    Ok(FoundWritten { stream: stream.to_owned(), found: Found::from_word(found).ok_or_else(unread)?, pathway })
}

/// The form of an attempt.
#[derive(Debug, Deserialize)]
pub struct AttemptForm {
    id: Uuid,
    household: String,
    outcome: AttemptOutcome,
    #[serde(default)]
    area: String,
    #[serde(default)]
    since: String,
}

/// Records that nothing could be seen.
pub async fn visitor_write_attempt(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Filled(form): Filled<AttemptForm>,
) -> Result<Redirect, Problem> {
    let (id, at, outcome) = (form.id, now(&site), form.outcome);
    let attempt = AttemptWritten { id, at, household: form.household, outcome, simulated: None };
    let to = back(&form.area, &form.since);
    again_is_fine(api::write_attempt(Shared(site), Extension(who), Written(attempt)).await)?;
    Ok(to)
}

/// The form that takes something back.
#[derive(Debug, Deserialize)]
pub struct VisitVoidForm {
    id: Uuid,
    stated: String,
    #[serde(default)]
    area: String,
    #[serde(default)]
    since: String,
}

/// Takes a visit or an attempt back, whole.
pub async fn visitor_write_void(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Filled(form): Filled<VisitVoidForm>,
) -> Result<Redirect, Problem> {
    // Stored with the visit, so in the commune's own language.
    let reason = FieldTexts::VI.undo_reason.to_owned();
    let void = VoidWritten { id: form.id, at: now(&site), reason, whole: true, simulated: None };
    again_is_fine(api::record_void(&site, &who, &form.stated, void).await)?;
    Ok(back(&form.area, &form.since))
}
