//! Signing in and out: by password, or by PIN on a paired phone; the session, its cookie, and how often one may try.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use super::ask::Ask;
use super::guard::{Site, Who, address_of};
use super::pages::access::pin_page;
use super::pages::{frame, words};
use super::problem::Problem;
use super::views::plain::SignIn;
use crate::domain::time::HOUR_MS;
use crate::store::{Opening, Phone, Secret, fingerprint, verify_password};

/// How long a session lasts: a working day, so that a phone left behind is signed out by the next.
const SESSION_MS: i64 = 12 * HOUR_MS;
/// How long a phone stays paired without being used: as long as browsers keep a cookie (Chromium: 400 days).
const PHONE_KEPT: Duration = Duration::from_secs(400 * 24 * 3600);
/// Longest user name and password looked at.
const NAME_MAX: usize = 64;
const PASSWORD_MAX: usize = 256;

/// Gives the session cookie's name. `__Host-` binds it to this host by TLS, which a plain address cannot have.
fn cookie_name(site: &Site) -> &'static str {
    if site.web.settings.secure { "__Host-session" } else { "session" }
}

/// Gives the secret of the session's cookie.
pub fn session_secret(site: &Site, headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers).get(cookie_name(site)).map(|cookie| cookie.value().to_owned())
}

fn phone_cookie_name(site: &Site) -> &'static str {
    if site.web.settings.secure { "__Host-phone" } else { "phone" }
}

/// Finds the paired phone that asks. `None`: it is none, or was withdrawn.
pub async fn phone(site: &Site, headers: &HeaderMap) -> Result<Option<Phone>, Problem> {
    let jar = CookieJar::from_headers(headers);
    let Some(cookie) = jar.get(phone_cookie_name(site)) else {
        return Ok(None);
    };
    Ok(site.web.store.phone_of(&fingerprint(cookie.value()), site.web.clock.now()).await?)
}

/// Gives the cookie by which a phone is known from now on.
pub fn phone_cookie(site: &Site, secret: String) -> Cookie<'static> {
    Cookie::build((phone_cookie_name(site), secret))
        .path("/")
        .http_only(true)
        .secure(site.web.settings.secure)
        .same_site(SameSite::Lax)
        .max_age(PHONE_KEPT.try_into().expect("400 days fit"))
        .build()
}

/// Gives the address of the sign-in page that leads back afterwards.
pub fn address_before(uri: &Uri) -> String {
    let back = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("/sign-in?next={}", encoded(back))
}

/// Encodes a text for a query.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Encodes a text for one segment of a path: a code may hold a `/`.
pub fn segment(text: &str) -> String {
    encoded(text).replace('/', "%2F")
}

/// Gives a path of this site to go to; anything else, such as `//evil.example`, leads to the overview.
pub fn safe_next(next: &str) -> &str {
    let own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.starts_with("/\\")
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if own { next } else { "/" }
}

/// What the sign-in page takes.
#[derive(Deserialize)]
pub struct FormAsk {
    next: Option<String>,
    /// `password`: not by PIN, although this is a paired phone.
    by: Option<String>,
}

/// Shows the sign-in page.
pub async fn form(
    State(site): State<Arc<Site>>,
    axum::Extension(who): axum::Extension<Who>,
    Ask(ask): Ask<FormAsk>,
    request: Request,
) -> Result<Response, Problem> {
    let next = safe_next(ask.next.as_deref().unwrap_or("/")).to_owned();
    if ask.by.as_deref() != Some("password") && phone(&site, request.headers()).await?.is_some() {
        return Ok(Redirect::to(&format!("/phones/sign-in?next={}", encoded(&next))).into_response());
    }
    page(&site, &who, &request.into_parts().0, StatusCode::OK, String::new(), String::new(), next)
}

/// What the sign-in form sends.
#[derive(Deserialize)]
pub struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Signs in: checks the password off the async threads and opens a session.
pub async fn sign_in(State(site): State<Arc<Site>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = address_of(&site, &parts);
    let request = Request::from_parts(parts.clone(), body);
    let Form(credentials) = Form::<Credentials>::from_request(request, &()).await.map_err(|rejection| {
        Problem::bad_value(format!(
            "the sign-in form cannot be read: {}; send `name` and `password`",
            rejection.body_text()
        ))
    })?;
    let next = safe_next(&credentials.next).to_owned();
    let name = credentials.name.trim().to_lowercase();
    let nobody = Who::default();
    let (lang, texts) = words(&parts.headers, &parts.uri);
    let now = site.web.clock.now();
    let wait_ms = site.attempts.wait_ms(&name, address, now);
    if wait_ms > 0 {
        let refusal = (texts.sign_in_locked)(&lang.span(wait_ms));
        let response = page(&site, &nobody, &parts, StatusCode::TOO_MANY_REQUESTS, refusal, name, next)?;
        return Ok(later(response, wait_ms));
    }
    site.attempts.count(&name, address, now);
    let acceptable = name.len() <= NAME_MAX && credentials.password.len() <= PASSWORD_MAX;
    let kept = if acceptable { site.web.store.password_of(&name).await? } else { None };
    let password = if acceptable { credentials.password } else { String::new() };
    let right = site.attempts.check(move || verify_password(&password, kept.as_deref())).await?;
    if !right {
        let refusal = texts.sign_in_refused.to_owned();
        return page(&site, &nobody, &parts, StatusCode::UNAUTHORIZED, refusal, name, next);
    }
    site.attempts.forgive(&name, address);
    let cookie = open(&site, &parts.headers, &name, None).await?;
    Ok((CookieJar::new().add(cookie), Redirect::to(&next)).into_response())
}

/// Adds to an answer when to try again.
pub fn later(mut response: Response, wait_ms: i64) -> Response {
    if let Ok(seconds) = HeaderValue::from_str(&(wait_ms / 1000 + 1).to_string()) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// Opens a session in place of the one that the browser had, and gives its cookie.
async fn open(
    site: &Site,
    headers: &HeaderMap,
    account: &str,
    phone: Option<&str>,
) -> Result<Cookie<'static>, Problem> {
    if let Some(old) = session_secret(site, headers) {
        site.web.store.close_session(&fingerprint(&old)).await?;
    }
    let (secret, at) = (Secret::new(), site.web.clock.now());
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let browser = browser_hint(agent);
    let opening = Opening {
        fingerprint: &secret.fingerprint,
        account,
        at,
        expires: at.plus_ms(SESSION_MS),
        browser: &browser,
        phone,
    };
    site.web.store.open_session(&opening).await?;
    let cookie = Cookie::build((cookie_name(site), secret.plain))
        .path("/")
        .http_only(true)
        .secure(site.web.settings.secure)
        .same_site(SameSite::Lax);
    // A phone's browser is put away by the system during a round; the session must outlast that.
    let kept = Duration::from_millis(SESSION_MS.unsigned_abs());
    let cookie = if phone.is_some() { cookie.max_age(kept.try_into().expect("12 hours fit")) } else { cookie };
    Ok(cookie.build())
}

/// Says in two words what a browser says of itself in a hundred: enough to know one's own again.
fn browser_hint(agent: &str) -> String {
    let first =
        |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    // The order tells: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("coc_coc", "Cốc Cốc"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    browser.into_iter().chain(system).collect::<Vec<_>>().join(" · ")
}

/// What the PIN form sends.
#[derive(Deserialize)]
pub struct PinCredentials {
    #[serde(default)]
    name: String,
    #[serde(default)]
    pin: String,
    #[serde(default)]
    next: String,
}

/// Signs a crew member in by PIN, on a paired phone only.
pub async fn sign_in_by_pin(State(site): State<Arc<Site>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = address_of(&site, &parts);
    let request = Request::from_parts(parts.clone(), body);
    let Form(credentials) = Form::<PinCredentials>::from_request(request, &()).await.map_err(|rejection| {
        Problem::bad_value(format!("the form cannot be read: {}; send `name` and `pin`", rejection.body_text()))
    })?;
    let next = match safe_next(&credentials.next) {
        "/" => "/crew".to_owned(),
        next => next.to_owned(),
    };
    let (lang, texts) = words(&parts.headers, &parts.uri);
    let Some(phone) = phone(&site, &parts.headers).await? else {
        return pin_page(&site, &parts, StatusCode::FORBIDDEN, None, String::new(), next).await;
    };
    let (name, now) = (credentials.name, site.web.clock.now());
    // By address too, against one who holds several phones; apart from the passwords of the same name.
    let counted = format!("pin {name}");
    let wait_ms = site.attempts.wait_ms(&counted, address, now);
    if wait_ms > 0 {
        let refusal = (texts.sign_in_locked)(&lang.span(wait_ms));
        let response = pin_page(&site, &parts, StatusCode::TOO_MANY_REQUESTS, Some(phone), refusal, next).await?;
        return Ok(later(response, wait_ms));
    }
    site.attempts.count(&counted, address, now);
    let acceptable = name.len() <= NAME_MAX && credentials.pin.len() <= PASSWORD_MAX;
    let may_try = acceptable && site.web.store.count_pin_try(&phone.id, &name).await?;
    let kept = if may_try { site.web.store.pin_of(&name).await? } else { None };
    let pin = if acceptable { credentials.pin } else { String::new() };
    let right = site.attempts.check(move || verify_password(&pin, kept.as_deref())).await?;
    if !right {
        // Asked anew: this try may have been the last.
        let phone = self::phone(&site, &parts.headers).await?;
        let locked = phone.as_ref().is_some_and(|phone| phone.locked.contains(&name));
        let refusal = if locked { texts.access.pin_locked } else { texts.access.pin_refused };
        return pin_page(&site, &parts, StatusCode::UNAUTHORIZED, phone, refusal.to_owned(), next).await;
    }
    site.attempts.forgive(&counted, address);
    site.web.store.forgive_pin(&phone.id, &name).await?;
    let cookie = open(&site, &parts.headers, &name, Some(&phone.id)).await?;
    Ok((CookieJar::new().add(cookie), Redirect::to(&next)).into_response())
}

/// Signs out: ends the session on the server and forgets the cookie.
pub async fn sign_out(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(secret) = session_secret(&site, &headers) {
        site.web.store.close_session(&fingerprint(&secret)).await?;
    }
    let gone = Cookie::build(cookie_name(&site)).path("/").secure(site.web.settings.secure);
    let mut jar = CookieJar::from_headers(&headers);
    jar = jar.remove(gone);
    Ok((jar, Redirect::to("/")).into_response())
}

fn page(
    site: &Site,
    who: &Who,
    parts: &axum::http::request::Parts,
    status: StatusCode,
    refusal: String,
    name: String,
    next: String,
) -> Result<Response, Problem> {
    let mut frame = frame(site, who, &parts.headers, &parts.uri);
    frame.title = frame.t.sign_in.to_owned();
    // The form's own address takes no switches back after a refusal; they lead to the empty form.
    frame.here = format!("/sign-in?next={}&", encoded(&next));
    let html = SignIn { frame, refusal, name, next }
        .render()
        .map_err(|error| Problem::internal("drawing the sign-in page", &error))?;
    Ok((status, Html(html)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_in_two_words() {
        let agent = "Mozilla/5.0 (Linux; Android 13; SM-A136B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36";
        assert_eq!(browser_hint(agent), "Chrome · Android");
        assert_eq!(
            browser_hint("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Version/17.1 Safari/604.1"),
            "Safari · iPhone"
        );
        assert_eq!(browser_hint("<script>"), "");
    }

    #[test]
    fn signing_in_leads_only_to_this_site() {
        assert_eq!(safe_next("/households?state=U"), "/households?state=U");
        for evil in ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x", ""] {
            assert_eq!(safe_next(evil), "/", "{evil}");
        }
        assert_eq!(encoded("/households?state=U&area=ă"), "/households%3Fstate%3DU%26area%3D%C4%83");
    }
}
