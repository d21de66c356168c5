//! Cards: who has one, giving numbers to those who have none, and the sheets to print.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Redirect, Response};

use super::{
    Asked, PaperAbout, PaperFile, PaperKind, PapersAsk, Which, account, asked, begin, by_hamlet, done, form, job_page,
    list, log_papers, paper, pdf, people, place_of, preview, printed_name,
};
use crate::changes::Known;
use crate::changes::cards::{Chosen, Issue, Renewal, card_of, chosen, issue};
use crate::reports::{CARDS_A_SHEET, Card, CardSheets};
use crate::web::ask::Ask;
use crate::web::fields::Fields;
use crate::web::guard::{Site, Who};
use crate::web::pages::{frame, shown};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::texts::filled;
use crate::web::views::papers::Cards;

/// Columns of the list for handing out; names follow where they are printed.
const LIST: [&str; 8] = ["sheet", "place_on_sheet", "card", "household", "hamlet", "place", "head_name", "address"];

/// Shows who has a card, and what printing would do.
pub async fn cards(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<PapersAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let p = &t.public;
    frame.title = p.cards.to_owned();
    let asked = asked(&site, &who, &ask)?;
    let today = read::today(&site);
    let has_card = |register: &_, code: &_| card_of(register, code, today).is_some();
    let shown_preview = if ask.show.is_some() {
        let all = chosen(&site.web.register.borrow(), &asked.selection, today);
        let of = wanted(&all, asked.which);
        let many = |number: usize| lang.count(i64::try_from(number).unwrap_or(i64::MAX));
        let new = of.iter().filter(|of| of.card.is_none() || asked.which == Which::Replace).count();
        let texts = [
            filled(p.chosen, &[("n", &many(all.len())), ("print", &many(of.len()))]),
            filled(p.new_numbers, &[("n", &many(new))]),
            filled(p.sheets, &[("n", &many(of.len().div_ceil(CARDS_A_SHEET)))]),
        ];
        log_papers(&site, &who, "cards", &of.iter().take(super::NAMED).cloned().collect::<Vec<_>>(), &asked).await?;
        Some(preview(&site, &of, texts))
    } else {
        None
    };
    shown(&Cards {
        form: form(&site, &who, &ask, &asked)?,
        preview: shown_preview,
        hamlets: by_hamlet(&site, &who, has_card)?
            .into_iter()
            .map(|(name, all, with)| (name, lang.count(all), lang.count(with), lang.count(all - with)))
            .collect(),
        frame,
    })
}

/// Leaves those of the chosen whose card is printed.
fn wanted(all: &[Chosen], which: Which) -> Vec<Chosen> {
    let keep = |of: &&Chosen| match which {
        Which::Missing => of.card.is_none(),
        Which::All | Which::Replace => true,
    };
    all.iter().filter(keep).cloned().collect()
}

/// Gives numbers to those who have none, and begins the sheets.
pub async fn print_cards(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    fields: Fields,
) -> Result<Redirect, Problem> {
    let asked = asked(&site, &who, &PapersAsk::of(&fields))?;
    let by = account(&who)?.name.clone();
    let (commune, today) = (read::commune(&site), read::today(&site));
    let register = Known::read(&site.web.store, &commune).await?.register;
    let of = wanted(&chosen(&register, &asked.selection, today), asked.which);
    if of.is_empty() {
        return Err(Problem::unusable("nobody of those chosen gets a card; choose others at /cards"));
    }
    let reason = match fields.one("reason") {
        "" => "printed cards",
        said => said,
    };
    let named: Vec<_> = of.iter().map(|of| of.household.clone()).collect();
    let renewal = match asked.which {
        Which::Missing | Which::All => Renewal::Missing,
        Which::Replace => Renewal::Replace,
    };
    let act = Issue { now: site.web.clock.now(), by: &by, reason };
    issue(&site.web.store, &commune, &named, renewal, act, draw).await.map_err(refused)?;
    let of = with_numbers(&site, &asked, of).await?;
    log_papers(&site, &who, "cards", &of, &asked).await?;
    let sheets = sheets(&site, &asked, &of).await?;
    let about = PaperAbout { account: by, kind: PaperKind::Cards };
    let rows = rows(&site, &of, &sheets);
    let id = begin(&site, about, sheets.sheets(), move |tell| {
        Ok(PaperFile { pdf: sheets.pdf(tell)?, list: rows, codes: Vec::new() })
    });
    Ok(Redirect::to(&format!("/cards/print/{id}")))
}

fn draw() -> [u8; 5] {
    let mut bytes = [0; 5];
    rand::fill(&mut bytes);
    bytes
}

fn refused(error: crate::changes::ChangeError) -> Problem {
    use crate::changes::ChangeError;
    match error {
        ChangeError::Store(error) => error.into(),
        error @ (ChangeError::Refused(_)
        | ChangeError::NotYours(_)
        | ChangeError::NoProposal(_)
        | ChangeError::Busy) => Problem::taken(error.to_string()),
    }
}

/// Reads the numbers as they are now recorded; the register that pages see follows within seconds.
async fn with_numbers(site: &Site, asked: &Asked, of: Vec<Chosen>) -> Result<Vec<Chosen>, Problem> {
    let register = Known::read(&site.web.store, &read::commune(site)).await?.register;
    let named: std::collections::HashSet<_> = of.iter().map(|of| of.household.clone()).collect();
    let all = chosen(&register, &asked.selection, read::today(site));
    Ok(all.into_iter().filter(|of| named.contains(&of.household)).collect())
}

async fn sheets(site: &Site, asked: &Asked, of: &[Chosen]) -> Result<CardSheets, Problem> {
    let people = people(site, asked.names).await?;
    let register = site.web.register.borrow().clone();
    let card = |of: &Chosen| {
        let household = printed_name(&people, &of.household);
        Some(Card { number: of.card.clone()?, household, place: place_of(&register, of) })
    };
    Ok(CardSheets { paper: paper(site, asked.lang), cards: of.iter().filter_map(card).collect() })
}

/// Tells which sheet holds whose card.
fn rows(site: &Site, of: &[Chosen], sheets: &CardSheets) -> Vec<Vec<String>> {
    let register = site.web.register.borrow();
    let of = of.iter().filter(|of| of.card.is_some()).zip(&sheets.cards).enumerate();
    of.map(|(at, (of, card))| {
        let hamlet = register.areas.get(&of.area).map_or_else(String::new, |area| area.name.clone());
        let place = of.route.as_ref().or(of.point.as_ref()).map_or_else(String::new, ToString::to_string);
        let (name, address) = card.household.clone().unwrap_or_default();
        vec![
            (at / CARDS_A_SHEET + 1).to_string(),
            (at % CARDS_A_SHEET + 1).to_string(),
            card.number.to_string(),
            of.household.to_string(),
            hamlet,
            place,
            name,
            address,
        ]
    })
    .collect()
}

/// Shows how far the sheets are.
pub async fn cards_job(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    job_page(&site, &who, (&headers, &uri), PaperKind::Cards, &id)
}

/// Gives the sheets.
pub async fn cards_pdf(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    pdf("cards", &*done(&site, &who, PaperKind::Cards, &id)?)
}

/// Gives the list of whose card lies where, for handing out.
pub async fn cards_list(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    Ok(list("cards.csv", &LIST, &*done(&site, &who, PaperKind::Cards, &id)?))
}
