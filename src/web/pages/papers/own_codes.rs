//! Private codes: letters for those who have none, whose codes were made and ended by whom, and revoking one.
//!
//! # Why
//! A code is shown nowhere but on its letter, and begins to hold when the letters are fetched: a paper that nobody fetched shuts nobody's
//! page. What is kept of it cannot be turned back into it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Redirect, Response};

use super::{
    PaperAbout, PaperFile, PaperKind, PapersAsk, Which, account, asked, begin, by_hamlet, done, form, job_page, list,
    log_papers, paper, pdf, people, place_of, preview, printed_name,
};
use crate::changes::cards::{Chosen, chosen};
use crate::domain::ids::HouseholdCode;
use crate::reports::{LETTERS_A_SHEET, Letter, Letters};
use crate::store::{Actor, NewOwnCode, draw_readable, fingerprint};
use crate::web::api::log_look;
use crate::web::ask::{self, Ask};
use crate::web::evidence;
use crate::web::fields::Fields;
use crate::web::guard::{Site, Who};
use crate::web::pages::access::own_address;
use crate::web::pages::own_page::plain_code;
use crate::web::pages::{frame, shown};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::sign_in::encoded;
use crate::web::texts::filled;
use crate::web::views::papers::{OwnCodeLine, OwnCodes, OwnCodesOf};

/// Groups of four of a code: 31 letters and digits that are not taken for one another, 98 bits.
pub const CODE_GROUPS: usize = 5;
/// Columns of the list for handing out.
const LIST: [&str; 5] = ["sheet", "place_on_sheet", "household", "hamlet", "place"];

/// Shows who has a code, what making letters would do, and one household's codes.
pub async fn own_codes(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<PapersAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let p = &t.public;
    frame.title = p.own_codes.to_owned();
    let asked = asked(&site, &who, &ask)?;
    let with_code = site.web.store.households_with_own_code().await?;
    let preview = if ask.show.is_some() {
        let all = chosen(&site.web.register.borrow(), &asked.selection, read::today(&site));
        let of = wanted(&all, asked.which, &with_code);
        let many = |number: usize| lang.count(i64::try_from(number).unwrap_or(i64::MAX));
        let replaced = of.iter().filter(|of| with_code.contains(&of.household)).count();
        let texts = [
            filled(p.chosen, &[("n", &many(all.len())), ("print", &many(of.len()))]),
            filled(p.replaced_codes, &[("n", &many(replaced))]),
            filled(p.sheets, &[("n", &many(of.len().div_ceil(LETTERS_A_SHEET)))]),
        ];
        log_papers(&site, &who, "own codes", &of.iter().take(super::NAMED).cloned().collect::<Vec<_>>(), &asked)
            .await?;
        Some(preview(&site, &of, texts))
    } else {
        None
    };
    let of = match ask::given(&ask.household) {
        Some(code) => Some(codes_of(&site, &who, code, (lang, p)).await?),
        None => None,
    };
    shown(&OwnCodes {
        form: form(&site, &who, &ask, &asked)?,
        preview,
        address: if site.web.settings.public_origin.is_some() { String::new() } else { own_address(&site, &headers) },
        done: match ask::given(&ask.done) {
            Some("revoked") => p.code_revoked,
            Some(_) | None => "",
        },
        of,
        hamlets: by_hamlet(&site, &who, |_, code| with_code.contains(code))?
            .into_iter()
            .map(|(name, all, with)| (name, lang.count(all), lang.count(with), lang.count(all - with)))
            .collect(),
        frame,
    })
}

/// Leaves those of the chosen who get a letter.
fn wanted(all: &[Chosen], which: Which, with_code: &std::collections::BTreeSet<HouseholdCode>) -> Vec<Chosen> {
    let keep = |of: &&Chosen| match which {
        Which::Missing => !with_code.contains(&of.household),
        // A code cannot be printed again: nobody knows it.
        Which::All | Which::Replace => true,
    };
    all.iter().filter(keep).cloned().collect()
}

/// Reads the codes of a household within the asker's scope. The look is logged.
async fn codes_of(
    site: &Site,
    who: &Who,
    code: &str,
    (lang, p): (crate::charts::Lang, &'static crate::web::texts::PublicTexts),
) -> Result<OwnCodesOf, Problem> {
    let household = evidence::household(site, who, code, read::today(site))?.0;
    log_look(site, who, "own codes", format!("household={household}")).await?;
    let zone = read::commune(site).zone.clone();
    let codes = site.web.store.own_codes_of(&household).await?;
    let is_good = codes.iter().any(|code| code.ended.is_none());
    let line = |code: crate::store::OwnCode| OwnCodeLine {
        made: lang.moment(&zone, code.made),
        made_by: code.made_by,
        ended: match code.ended {
            None => p.code_good.to_owned(),
            Some((at, by, reason)) => {
                let why = reason
                    .map_or_else(|| p.code_replaced.to_owned(), |reason| filled(p.code_ended, &[("why", &reason)]));
                format!("{} · {by} · {why}", lang.moment(&zone, at))
            }
        },
    };
    Ok(OwnCodesOf { household: household.to_string(), lines: codes.into_iter().map(line).collect(), is_good })
}

/// Draws codes and begins their letters. Nothing is recorded yet.
pub async fn make_own_codes(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Redirect, Problem> {
    let asked = asked(&site, &who, &PapersAsk::of(&fields))?;
    let with_code = site.web.store.households_with_own_code().await?;
    let register = site.web.register.borrow().clone();
    let of = wanted(&chosen(&register, &asked.selection, read::today(&site)), asked.which, &with_code);
    if of.is_empty() {
        return Err(Problem::unusable("nobody of those chosen gets a letter; choose others at /own-codes"));
    }
    log_papers(&site, &who, "own codes", &of, &asked).await?;
    let people = people(&site, asked.names).await?;
    let (mut codes, mut letters, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (at, of) in of.iter().enumerate() {
        let code = draw_readable(CODE_GROUPS);
        codes.push(NewOwnCode {
            household: of.household.clone(),
            fingerprint: fingerprint(&plain_code(&code).unwrap_or_else(|| code.clone())),
        });
        let hamlet = register.areas.get(&of.area).map_or_else(String::new, |area| area.name.clone());
        let place = of.route.as_ref().or(of.point.as_ref()).map_or_else(String::new, ToString::to_string);
        let (sheet, on_sheet) = (at / LETTERS_A_SHEET + 1, at % LETTERS_A_SHEET + 1);
        rows.push(vec![sheet.to_string(), on_sheet.to_string(), of.household.to_string(), hamlet, place]);
        letters.push(Letter {
            household: of.household.to_string(),
            place: place_of(&register, of),
            person: printed_name(&people, &of.household),
            code,
        });
    }
    let letters = Letters {
        paper: paper(&site, asked.lang),
        address: format!("{}/h", own_address(&site, &headers)),
        contact: read::commune(&site).contact.clone(),
        letters,
    };
    let about = PaperAbout { account: account(&who)?.name.clone(), kind: PaperKind::Codes };
    let id =
        begin(&site, about, letters.sheets(), move |tell| Ok(PaperFile { pdf: letters.pdf(tell)?, list: rows, codes }));
    Ok(Redirect::to(&format!("/own-codes/letters/{id}")))
}

/// Shows how far the letters are.
pub async fn letters_job(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    job_page(&site, &who, (&headers, &uri), PaperKind::Codes, &id)
}

/// Lets the codes hold from now on, those that the households had end, and gives their letters. Fetched again, it gives the same letters.
pub async fn fetch_letters(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let file = done(&site, &who, PaperKind::Codes, &id)?;
    let by = Actor { name: account(&who)?.name.clone(), at: site.web.clock.now() };
    site.web.store.make_own_codes(&id, &file.codes, &by).await?;
    pdf("letters", &file)
}

/// Gives the list of whose letter lies where, for handing out.
pub async fn letters_list(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    Ok(list("letters.csv", &LIST, &*done(&site, &who, PaperKind::Codes, &id)?))
}

/// Revokes a household's code.
pub async fn revoke_own_code(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    fields: Fields,
) -> Result<Redirect, Problem> {
    let household = evidence::household(&site, &who, fields.one("household"), read::today(&site))?.0;
    let reason = fields.one("reason");
    if reason.is_empty() {
        return Err(Problem::unusable("say why the code is revoked; the reason is kept"));
    }
    let by = Actor { name: account(&who)?.name.clone(), at: site.web.clock.now() };
    site.web.store.revoke_own_code(&household, &by, reason).await?;
    Ok(Redirect::to(&format!("/own-codes?household={}&done=revoked", encoded(household.as_str()))))
}
