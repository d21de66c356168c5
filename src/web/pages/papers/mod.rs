//! Papers to print: households' cards, and the letters with their private codes.
//!
//! # Why
//! A paper is made beside the requests, since ten thousand cards take some seconds, and is given to the account that asked alone. Nothing is
//! recorded by looking: what would be done is shown first, and done when that is confirmed.

mod cards;
mod own_codes;

pub use cards::*;
pub use own_codes::*;

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::lists::{area_choices, choice};
use super::{followed, frame, shown};
use crate::changes::cards::{Chosen, Order, Selection, place_of};
use crate::charts::Lang;
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode};
use crate::domain::register::Register;
use crate::reports::{NoPdf, Paper};
use crate::store::{Account, NewOwnCode, Person, Seen};
use crate::web::api::log_look;
use crate::web::ask;
use crate::web::download;
use crate::web::drawing::stream_looks;
use crate::web::fields::Fields;
use crate::web::guard::{Site, Who};
use crate::web::jobs::{Jobs, Progress};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::texts::filled;
use crate::web::views::papers::{PaperJob, PapersForm, PapersPreview};

/// Households of a selection that the page names.
const NAMED: usize = 10;
/// Seconds after which the page of a paper under way loads itself again.
const FOLLOW_S: u32 = 1;

/// What a paper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperKind {
    /// Cards.
    Cards,
    /// Letters with private codes.
    Codes,
}

/// What a paper under way is about.
#[derive(Clone, Debug)]
pub struct PaperAbout {
    /// Who asked for it, and alone gets it.
    account: String,
    kind: PaperKind,
}

/// A paper that is done.
pub struct PaperFile {
    pdf: Vec<u8>,
    /// Which sheet holds whose, without any private code: for handing out.
    list: Vec<Vec<String>>,
    /// The codes of its letters, which begin to hold when the letters are fetched.
    codes: Vec<NewOwnCode>,
}

/// The papers of a site, under way and done.
pub type Papers = Jobs<PaperAbout, Arc<PaperFile>>;

/// Which households of those chosen get a paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those that have no card, or no code.
    #[default]
    Missing,
    /// All: a card that is there is printed again.
    All,
    /// All, each with something new in place of what it had.
    Replace,
}

impl Which {
    const WORDS: [&str; 3] = ["missing", "all", "replace"];

    const fn word(self) -> &'static str {
        match self {
            Self::Missing => Self::WORDS[0],
            Self::All => Self::WORDS[1],
            Self::Replace => Self::WORDS[2],
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Missing, Self::All, Self::Replace].into_iter().find(|which| which.word() == word)
    }
}

/// Whose papers are asked for, and how they are to look.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PapersAsk {
    area: Option<String>,
    place: Option<String>,
    /// Codes of households, between spaces or commas.
    households: Option<String>,
    order: Option<String>,
    which: Option<String>,
    /// Names and addresses are printed.
    names: Option<String>,
    /// Language of the paper.
    print: Option<String>,
    /// What would be done is to be shown.
    show: Option<String>,
    /// The household whose codes are looked at.
    household: Option<String>,
    /// What was just done.
    done: Option<String>,
}

impl PapersAsk {
    /// Reads the form that confirms what was shown.
    fn of(fields: &Fields) -> Self {
        let one = |name| Some(fields.one(name).to_owned()).filter(|value| !value.is_empty());
        Self {
            area: one("area"),
            place: one("place"),
            households: one("households"),
            order: one("order"),
            which: one("which"),
            names: one("names"),
            print: one("print"),
            ..Self::default()
        }
    }
}

/// What is asked for, checked.
struct Asked {
    selection: Selection,
    which: Which,
    names: bool,
    lang: Lang,
}

fn account(who: &Who) -> Result<&Account, Problem> {
    who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in to print papers"))
}

/// Checks what is asked for; an officer limited to hamlets gets those alone.
fn asked(site: &Site, who: &Who, ask: &PapersAsk) -> Result<Asked, Problem> {
    let own = &account(who)?.areas;
    let area = ask::area(site, &ask.area)?;
    if let Some(area) = area.as_ref().filter(|area| !own.is_empty() && !own.contains(area)) {
        return Err(Problem::forbidden(format!("area `{area}` is not one of the account's own; choose another")));
    }
    let register = site.web.register.borrow().clone();
    let place = ask::given(&ask.place).map(PlaceCode::from);
    if let Some(place) = place.as_ref().filter(|place| register.households_at(place).is_empty()) {
        return Err(Problem::bad_value(format!(
            "no household is served at `{place}`; choose a point or route of the list"
        )));
    }
    let named = ask.households.as_deref().unwrap_or_default();
    let mut households = Vec::new();
    for code in named.split([' ', ',', ';', '\n', '\r', '\t']).filter(|code| !code.is_empty()) {
        match register.households.get_key_value(code) {
            Some((code, _)) => households.push(code.clone()),
            None => {
                return Err(Problem::bad_value(format!("no household `{code}` is registered; correct or remove it")));
            }
        }
    }
    let orders = Order::ALL.map(Order::word);
    Ok(Asked {
        selection: Selection {
            areas: area.map_or_else(|| own.clone(), |area| vec![area]),
            place,
            households,
            order: ask::word("order", &ask.order, &orders, Order::from_word)?.unwrap_or_default(),
        },
        which: ask::word("which", &ask.which, &Which::WORDS, Which::from_word)?.unwrap_or_default(),
        names: ask::given(&ask.names).is_some(),
        lang: ask::word("print", &ask.print, &["vi", "en"], Lang::from_code)?.unwrap_or_default(),
    })
}

/// Makes the form as it stands.
fn form(site: &Site, who: &Who, ask: &PapersAsk, asked: &Asked) -> Result<PapersForm, Problem> {
    let register = site.web.register.borrow().clone();
    let own = &account(who)?.areas;
    let area = ask::given(&ask.area).map(AreaCode::from);
    let today = read::today(site);
    let mut places: Vec<(PlaceCode, String)> =
        register.points.iter().map(|(code, of)| (code.clone(), of.on(today).name.clone())).collect();
    let routes = register.households.keys().flat_map(|household| register.places_of(household));
    let mut routes: Vec<PlaceCode> = routes.filter(|place| !register.points.contains_key(place)).collect();
    routes.sort();
    routes.dedup();
    places.extend(routes.into_iter().map(|route| (route.clone(), route.to_string())));
    let in_own = |place: &PlaceCode| {
        own.is_empty() || register.area_of_place(place, today).is_some_and(|area| own.contains(area))
    };
    let places = places
        .into_iter()
        .filter(|(code, _)| in_own(code))
        .map(|(code, name)| choice(code.as_str(), &name, asked.selection.place.as_ref() == Some(&code)));
    Ok(PapersForm {
        areas: area_choices(site, own, area.as_ref()),
        places: places.collect(),
        households: ask::given(&ask.households).unwrap_or_default().to_owned(),
        order: asked.selection.order.word(),
        which: asked.which.word(),
        names: asked.names,
        print: asked.lang.code(),
    })
}

/// The paper's own facts.
fn paper(site: &Site, lang: Lang) -> Paper {
    let commune = read::commune(site);
    Paper { lang, commune: commune.name.clone(), streams: stream_looks(&commune), simulated: commune.simulated }
}

/// Reads names and addresses of those chosen; nothing where they are not printed.
async fn people(site: &Site, names: bool) -> Result<HashMap<String, Person>, Problem> {
    if !names {
        return Ok(HashMap::new());
    }
    let people = site.web.store.people().await?;
    Ok(people.into_iter().map(|person| (person.household.clone(), person)).collect())
}

fn printed_name(people: &HashMap<String, Person>, household: &HouseholdCode) -> Option<(String, String)> {
    people.get(household.as_str()).map(|person| (person.head_name.clone(), person.address.clone()))
}

/// Writes into the access log whose papers are made, and whether names stand on them.
async fn log_papers(site: &Site, who: &Who, action: &str, chosen: &[Chosen], asked: &Asked) -> Result<(), Problem> {
    let names = if asked.names { "yes" } else { "no" };
    let subject = format!("which={} names={names}", asked.which.word());
    let households = chosen.iter().map(|of| of.household.clone());
    log_look(site, who, action, Seen::list(subject, households, chosen.len())).await
}

/// Tells what would be printed.
fn preview(site: &Site, of: &[Chosen], texts: [String; 3]) -> PapersPreview {
    let register = site.web.register.borrow();
    let line = |of: &Chosen| {
        let number = of.card.as_ref().map(ToString::to_string);
        (of.household.to_string(), place_of(&register, of), number.unwrap_or_default())
    };
    PapersPreview { texts, lines: of.iter().take(NAMED).map(line).collect() }
}

/// Begins a paper beside the requests. `make` draws it, off the async threads.
fn begin(
    site: &Site,
    about: PaperAbout,
    sheets: usize,
    make: impl FnOnce(&dyn Fn(usize)) -> Result<PaperFile, NoPdf> + Send + 'static,
) -> String {
    site.papers.begin(about, sheets.max(1), |told| async move {
        let drawn = tokio::task::spawn_blocking(move || make(&|done| told.tell(done, sheets.max(1)))).await;
        match drawn {
            Ok(Ok(file)) => Some(Arc::new(file)),
            Ok(Err(error)) => {
                tracing::error!(%error, "printing a paper failed");
                None
            }
            Err(error) => {
                tracing::error!(%error, "printing a paper ended early");
                None
            }
        }
    })
}

/// Finds a paper of the account that asks.
fn find(site: &Site, who: &Who, kind: PaperKind, id: &str) -> Result<Progress<Arc<PaperFile>>, Problem> {
    let name = &account(who)?.name;
    let found = site.papers.find(id).filter(|(about, _)| about.kind == kind && about.account == *name);
    found.map(|(_, progress)| progress).ok_or_else(|| {
        let page = match kind {
            PaperKind::Cards => "/cards",
            PaperKind::Codes => "/own-codes",
        };
        Problem::not_found(format!("the paper is not kept any more; make it again at {page}"))
    })
}

/// Shows how far a paper is, and then where it is fetched.
fn job_page(
    site: &Site,
    who: &Who,
    (headers, uri): (&HeaderMap, &Uri),
    kind: PaperKind,
    id: &str,
) -> Result<Response, Problem> {
    let progress = find(site, who, kind, id)?;
    let mut frame = frame(site, who, headers, uri);
    let (lang, p) = (frame.lang, &frame.t.public);
    let many = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut view = PaperJob {
        is_codes: kind == PaperKind::Codes,
        id: id.to_owned(),
        running: None,
        failed: false,
        ready: String::new(),
        frame: frame.clone(),
    };
    let mut refresh = None;
    match progress {
        Progress::Running(done, all) => {
            let told = filled(p.sheets_done, &[("done", &lang.count(many(done))), ("all", &lang.count(many(all)))]);
            view.running = Some((many(done), many(all), told));
            refresh = Some(FOLLOW_S);
        }
        Progress::Failed => view.failed = true,
        Progress::Done(file) => {
            let size = lang.count(many(file.pdf.len().div_ceil(1024)));
            view.ready = filled(p.paper_ready, &[("n", &lang.count(many(file.list.len()))), ("kb", &size)]);
        }
    }
    frame.title = match kind {
        PaperKind::Cards => p.cards,
        PaperKind::Codes => p.own_codes,
    }
    .to_owned();
    view.frame = frame;
    Ok(followed(shown(&view)?.into_response(), refresh))
}

/// Gives a finished paper. `Err`: it is not finished.
fn done(site: &Site, who: &Who, kind: PaperKind, id: &str) -> Result<Arc<PaperFile>, Problem> {
    match find(site, who, kind, id)? {
        Progress::Done(file) => Ok(file),
        Progress::Running(..) | Progress::Failed => {
            Err(Problem::not_found("the paper is not ready; its page tells how far it is"))
        }
    }
}

fn pdf(name: &str, file: &PaperFile) -> Result<Response, Problem> {
    let named = HeaderValue::from_str(&format!("attachment; filename=\"{name}.pdf\""))
        .map_err(|error| Problem::internal("naming a PDF", &error))?;
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")), (header::CONTENT_DISPOSITION, named)];
    Ok((headers, file.pdf.clone()).into_response())
}

/// Gives the list of who gets which sheet.
fn list(name: &str, head: &[&str], file: &PaperFile) -> Response {
    download::csv(name, head, file.list.iter().cloned())
}

/// Gives the choices of hamlets with how many households of each have what.
fn by_hamlet(
    site: &Site,
    who: &Who,
    has: impl Fn(&Register, &HouseholdCode) -> bool,
) -> Result<Vec<(String, i64, i64)>, Problem> {
    let register = site.web.register.borrow().clone();
    let (today, own) = (read::today(site), &account(who)?.areas);
    let mut areas: std::collections::BTreeMap<&AreaCode, (i64, i64)> = std::collections::BTreeMap::new();
    for (code, registration) in &register.households {
        let Some(household) = registration.on(today) else { continue };
        if own.is_empty() || own.contains(&household.area) {
            let sums = areas.entry(&household.area).or_default();
            sums.0 += 1;
            sums.1 += i64::from(has(&register, code));
        }
    }
    Ok(areas.into_iter().map(|(area, (all, with))| (read::area_name(site, area), all, with)).collect())
}
