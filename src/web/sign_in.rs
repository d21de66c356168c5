//! Signing in and out: the session, its cookie, and how often one may try.

use std::sync::Arc;

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
use super::pages::{frame, words};
use super::problem::Problem;
use super::views::plain::SignIn;
use crate::domain::time::HOUR_MS;
use crate::store::{Secret, fingerprint, verify_password};

/// How long a session lasts: a working day, so that a phone left behind is signed out by the next.
const SESSION_MS: i64 = 12 * HOUR_MS;
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

/// Gives a path of this site to go to; anything else, such as `//evil.example`, leads to the overview.
fn safe_next(next: &str) -> &str {
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
}

/// Shows the sign-in page.
pub async fn form(
    State(site): State<Arc<Site>>,
    axum::Extension(who): axum::Extension<Who>,
    Ask(ask): Ask<FormAsk>,
    request: Request,
) -> Result<Response, Problem> {
    let next = safe_next(ask.next.as_deref().unwrap_or("/")).to_owned();
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
        let mut response = page(&site, &nobody, &parts, StatusCode::TOO_MANY_REQUESTS, refusal, name, next)?;
        if let Ok(seconds) = HeaderValue::from_str(&(wait_ms / 1000 + 1).to_string()) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        return Ok(response);
    }
    site.attempts.count(&name, address, now);
    let acceptable = name.len() <= NAME_MAX && credentials.password.len() <= PASSWORD_MAX;
    let kept = if acceptable { site.web.store.password_of(&name).await? } else { None };
    let password = if acceptable { credentials.password } else { String::new() };
    let right = tokio::task::spawn_blocking(move || verify_password(&password, kept.as_deref()))
        .await
        .map_err(|error| Problem::internal("checking the password", &error))?;
    if !right {
        let refusal = texts.sign_in_refused.to_owned();
        return page(&site, &nobody, &parts, StatusCode::UNAUTHORIZED, refusal, name, next);
    }
    site.attempts.forgive(&name, address);
    let secret = Secret::new();
    site.web.store.open_session(&secret.fingerprint, &name, now, now.plus_ms(SESSION_MS)).await?;
    let cookie = Cookie::build((cookie_name(&site), secret.plain))
        .path("/")
        .http_only(true)
        .secure(site.web.settings.secure)
        .same_site(SameSite::Lax);
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
    fn signing_in_leads_only_to_this_site() {
        assert_eq!(safe_next("/households?state=U"), "/households?state=U");
        for evil in ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x", ""] {
            assert_eq!(safe_next(evil), "/", "{evil}");
        }
        assert_eq!(encoded("/households?state=U&area=ă"), "/households%3Fstate%3DU%26area%3D%C4%83");
    }
}
