//! Paired phones: the list, a code for another, pairing on the phone itself, and the page to sign in there by PIN.
//!
//! # Why
//! A phone is paired by a button, not by opening the address: programs that preview links would use the code up.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;

use super::{actor, moment, own_address};
use crate::domain::time::MINUTE_MS;
use crate::store::{AccountChange, Phone, Secret, draw_readable, fingerprint};
use crate::web::ask::{self, Ask};
use crate::web::fields::Fields;
use crate::web::guard::{Site, Who, address_of};
use crate::web::pages::{frame, shown, words};
use crate::web::problem::Problem;
use crate::web::sign_in::{encoded, later, phone, phone_cookie, safe_next};
use crate::web::views::access::{Pair, PhoneLine, Phones, PinSignIn, ShownOnce};

/// How long a code pairs a phone: long enough to walk over to it.
const CODE_MS: i64 = 10 * MINUTE_MS;
/// Groups of four of a code.
const CODE_GROUPS: usize = 3;
/// Longest name of a phone, characters.
const NAME_MAX: usize = 60;
/// Side of the drawing of an address, pixels.
const DRAWING_PX: u32 = 240;

async fn phones_page(
    site: &Site,
    who: &Who,
    headers: &HeaderMap,
    uri: &Uri,
    refusal: &str,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.access.phones.to_owned();
    let phones = site.web.store.phones(site.web.clock.now()).await?;
    let rows = phones
        .into_iter()
        .map(|phone| PhoneLine {
            state: match phone.paired {
                Some(at) => (t.access.paired_since)(&moment(site, lang, Some(at))),
                None => (t.access.code_until)(&moment(site, lang, Some(phone.code_expires))),
            },
            by: phone.made.name,
            used: moment(site, lang, phone.used),
            id: phone.id,
            name: phone.name,
            locked: phone.locked,
        })
        .collect();
    shown(&Phones { frame, refusal: refusal.to_owned(), rows })
}

/// Lists paired phones.
pub async fn phones(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    phones_page(&site, &who, &headers, &uri, "").await
}

/// Makes a code that pairs a phone, and shows it once: to type, and as a drawing for its camera.
pub async fn invite_phone(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    fields: Fields,
) -> Result<Response, Problem> {
    let t = words(&headers, &uri).1;
    let name = fields.one("name");
    if name.is_empty() || name.chars().count() > NAME_MAX {
        let page = phones_page(&site, &who, &headers, &uri, t.access.bad_phone_name).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let by = actor(&site, &who)?;
    let code = draw_readable(CODE_GROUPS);
    let id = uuid::Uuid::now_v7().to_string();
    site.web.store.invite_phone(&id, name, &fingerprint(&code), by.at.plus_ms(CODE_MS), &by).await?;
    let address = format!("{}/phones/pair?code={code}", own_address(&site, &headers));
    let mut frame = frame(&site, &who, &headers, &uri);
    frame.title = t.access.pair_code.to_owned();
    let view = ShownOnce {
        frame,
        of: name.to_owned(),
        label: t.access.pair_code,
        secret: code,
        advice: t.access.pair_code_more,
        drawing: drawn(&address)?,
        address,
        back: "/phones".to_owned(),
    };
    shown(&view).map(IntoResponse::into_response)
}

/// Draws an address for a camera, without the head that makes it a file.
fn drawn(address: &str) -> Result<String, Problem> {
    let code = QrCode::new(address).map_err(|error| Problem::internal("drawing the address", &error))?;
    let svg = code.render::<svg::Color>().min_dimensions(DRAWING_PX, DRAWING_PX).build();
    Ok(svg.find("<svg").map_or_else(String::new, |start| svg[start..].to_owned()))
}

/// Withdraws a phone and ends its sessions.
pub async fn revoke_phone(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    if site.web.store.revoke_phone(&id, &actor(&site, &who)?).await? {
        Ok(Redirect::to("/phones"))
    } else {
        Err(Problem::not_found("there is no such phone; it may have been withdrawn already; see /phones"))
    }
}

/// Lets a locked account try again on a phone.
pub async fn unlock(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Redirect, Problem> {
    let account = fields.one("account").to_owned();
    site.web.store.forgive_pin(&id, &account).await?;
    let change = AccountChange { by: actor(&site, &who)?, account, what: format!("unlocked on phone {id}") };
    site.web.store.note_account_change(&change).await?;
    Ok(Redirect::to("/phones"))
}

/// What the pairing page is asked for.
#[derive(Debug, Deserialize)]
pub struct PairAsk {
    /// The code of the drawing.
    code: Option<String>,
}

/// Shows, on the phone, the button that pairs it.
pub async fn pair_form(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<PairAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    frame.title = frame.t.access.pair_here.to_owned();
    shown(&Pair { frame, refusal: String::new(), code: ask::given(&asked.code).unwrap_or_default().to_owned() })
}

/// Pairs the phone that shows a code, and leads it to the sign-in by PIN.
pub async fn pair(Shared(site): Shared<Arc<Site>>, request: Request) -> Result<Response, Problem> {
    use axum::extract::FromRequest as _;
    let (parts, body) = request.into_parts();
    let (headers, uri) = (parts.headers.clone(), parts.uri.clone());
    let address = address_of(&site, &parts);
    let fields = Fields::from_request(Request::from_parts(parts, body), &()).await?;
    let (lang, t) = words(&headers, &uri);
    let code = fields.one("code").to_lowercase();
    let refuse = |status: StatusCode, refusal: String| {
        let mut frame = frame(&site, &Who::default(), &headers, &uri);
        frame.title = t.access.pair_here.to_owned();
        let page = shown(&Pair { frame, refusal, code: code.clone() })?;
        Ok::<Response, Problem>((status, page).into_response())
    };
    let now = site.web.clock.now();
    let wait_ms = site.attempts.wait_ms("pair", address, now);
    if wait_ms > 0 {
        return Ok(later(refuse(StatusCode::TOO_MANY_REQUESTS, (t.sign_in_locked)(&lang.span(wait_ms)))?, wait_ms));
    }
    site.attempts.count("pair", address, now);
    let secret = Secret::new();
    if !site.web.store.pair_phone(&fingerprint(&code), &secret.fingerprint, now).await? {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, t.access.bad_code.to_owned());
    }
    site.attempts.forgive("pair", address);
    let jar = CookieJar::new().add(phone_cookie(&site, secret.plain));
    Ok((jar, Redirect::to("/phones/sign-in")).into_response())
}

/// What the page to sign in by PIN is asked for.
#[derive(Debug, Deserialize)]
pub struct PinAsk {
    next: Option<String>,
}

/// Shows the page to sign in by PIN; on a phone that is not paired, how to pair it.
pub async fn pin_form(
    Shared(site): Shared<Arc<Site>>,
    Ask(asked): Ask<PinAsk>,
    request: Request,
) -> Result<Response, Problem> {
    let parts = request.into_parts().0;
    let next = safe_next(asked.next.as_deref().unwrap_or("/crew")).to_owned();
    let phone = phone(&site, &parts.headers).await?;
    pin_page(&site, &parts, StatusCode::OK, phone, String::new(), next).await
}

/// Draws the page to sign in by PIN. Without a phone it says how to pair one, and names nobody.
pub async fn pin_page(
    site: &Site,
    parts: &Parts,
    status: StatusCode,
    phone: Option<Phone>,
    refusal: String,
    next: String,
) -> Result<Response, Problem> {
    let mut frame = frame(site, &Who::default(), &parts.headers, &parts.uri);
    frame.title = frame.t.access.pin_sign_in.to_owned();
    frame.here = format!("/phones/sign-in?next={}&", encoded(&next));
    let names = match &phone {
        Some(_) => site.web.store.names_with_pin().await?,
        None => Vec::new(),
    };
    let view = PinSignIn {
        frame,
        refusal,
        phone: phone.map(|phone| phone.name).unwrap_or_default(),
        names,
        by_password: format!("/sign-in?by=password&next={}", encoded(&next)),
        next,
    };
    Ok((status, shown(&view)?).into_response())
}
