//! One's own account: password, open sessions, language and theme.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{areas_in_words, moment, roles_in_words, signed_in};
use crate::store::{PasswordError, hash_password, verify_password};
use crate::web::ask::{self, Ask};
use crate::web::fields::Fields;
use crate::web::guard::{Entrance, Site, Who, address_of};
use crate::web::pages::{frame, shown, words};
use crate::web::problem::Problem;
use crate::web::sign_in::later;
use crate::web::views::access::{Own, SessionLine};

/// Longest password taken, bytes.
const PASSWORD_MAX: usize = 256;

/// What the page is asked for.
#[derive(Debug, Deserialize)]
pub struct OwnAsk {
    /// What was just done.
    done: Option<String>,
}

/// Shows one's own account.
pub async fn account(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<OwnAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let t = words(&headers, &uri).1;
    let done = match ask::given(&asked.done) {
        Some("password") => t.access.done_password,
        Some("sessions") => t.access.done_sessions,
        Some(_) | None => "",
    };
    own_page(&site, &who, &headers, &uri, String::new(), done).await
}

async fn own_page(
    site: &Site,
    who: &Who,
    headers: &HeaderMap,
    uri: &Uri,
    refusal: String,
    done: &'static str,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.access.account.to_owned();
    frame.here = "/account?".to_owned();
    let account = signed_in(who)?;
    let sessions = site.web.store.sessions(&account.name, site.web.clock.now()).await?;
    let sessions = sessions
        .into_iter()
        .map(|session| SessionLine {
            from: match session.phone {
                Some(phone) => [session.browser, phone].join(" · "),
                None if session.browser.is_empty() => t.access.unknown_browser.to_owned(),
                None => session.browser,
            },
            opened: moment(site, lang, Some(session.opened)),
            used: moment(site, lang, Some(session.used)),
            this: who.session() == Some(session.fingerprint.as_str()),
            id: session.fingerprint,
        })
        .collect();
    shown(&Own {
        refusal,
        done,
        name: account.name.clone(),
        roles: roles_in_words(&account.roles, t),
        areas: areas_in_words(site, &account.areas),
        must_choose: who.must_choose_password(),
        may_change: matches!(who.by, Entrance::Password { .. }),
        sessions,
        frame,
    })
}

/// Changes one's own password; every other session ends.
pub async fn change_password(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    request: Request,
) -> Result<Response, Problem> {
    use axum::extract::FromRequest as _;
    let (parts, body) = request.into_parts();
    let address = address_of(&site, &parts);
    let (headers, uri) = (parts.headers.clone(), parts.uri.clone());
    let fields = Fields::from_request(Request::from_parts(parts, body), &()).await?;
    let (lang, t) = words(&headers, &uri);
    let account = signed_in(&who)?;
    let refuse = async |status: StatusCode, refusal: String| {
        let page = own_page(&site, &who, &headers, &uri, refusal, "").await?;
        Ok((status, page).into_response())
    };
    let (old, new) = (fields.as_typed("old").to_owned(), fields.as_typed("new").to_owned());
    if new != fields.as_typed("again") {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, t.access.not_twice.to_owned()).await;
    }
    if old == new || old.len() > PASSWORD_MAX || new.len() > PASSWORD_MAX {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, t.access.same_password.to_owned()).await;
    }
    // A session left open must not be a place to guess the password at leisure.
    let (counted, now) = (format!("password {}", account.name), site.web.clock.now());
    let wait_ms = site.attempts.wait_ms(&counted, address, now);
    if wait_ms > 0 {
        let refusal = (t.sign_in_locked)(&lang.span(wait_ms));
        return Ok(later(refuse(StatusCode::TOO_MANY_REQUESTS, refusal).await?, wait_ms));
    }
    site.attempts.count(&counted, address, now);
    let kept = site.web.store.password_of(&account.name).await?;
    if !site.attempts.check(move || verify_password(&old, kept.as_deref())).await? {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, t.access.wrong_old.to_owned()).await;
    }
    site.attempts.forgive(&counted, address);
    match site.attempts.check(move || hash_password(&new)).await? {
        Ok(hash) => {
            site.web.store.set_password(&account.name, &hash, who.session()).await?;
            Ok(Redirect::to("/account?done=password").into_response())
        }
        Err(PasswordError::Short(_)) => {
            refuse(StatusCode::UNPROCESSABLE_ENTITY, t.access.short_password.to_owned()).await
        }
        Err(error @ (PasswordError::Hash(_) | PasswordError::NotPin)) => {
            Err(Problem::internal("hashing a password", &error))
        }
    }
}

/// Ends one of one's own sessions, or all but this one.
pub async fn end_sessions(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    fields: Fields,
) -> Result<Redirect, Problem> {
    let account = signed_in(&who)?;
    match fields.one("session") {
        "" => {
            return Err(Problem::bad_value("the form names no session; send `session` with its name or `others`"));
        }
        "others" => site.web.store.close_sessions(&account.name, None, who.session()).await?,
        session => site.web.store.close_sessions(&account.name, Some(session), None).await?,
    };
    Ok(Redirect::to("/account?done=sessions"))
}
