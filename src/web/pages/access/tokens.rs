//! API tokens: made by their owner, shown once, revoked by their owner or an administrator.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::{moment, role, role_ticks, roles_in_words, signed_in};
use crate::domain::time::HOUR_MS;
use crate::store::{Grant, MadeToken, Role, Secret};
use crate::web::fields::Fields;
use crate::web::guard::{Entrance, Site, Who};
use crate::web::lang::Lang;
use crate::web::pages::{frame, shown, words};
use crate::web::problem::Problem;
use crate::web::table::May;
use crate::web::texts::Texts;
use crate::web::views::access::{ShownOnce, TokenLine, Tokens};

/// Longest a token made on the page may last, days.
const DAYS_MAX: i64 = 366;
/// Longest name of a token, characters.
const NAME_MAX: usize = 60;

fn token_line(site: &Site, lang: Lang, t: &'static Texts, token: MadeToken) -> TokenLine {
    let roles = token.grant.roles.as_ref().map_or_else(|| t.access.all_roles.to_owned(), |of| roles_in_words(of, t));
    let scope = if token.grant.read_only { format!("{roles} · {}", t.access.read_only) } else { roles };
    let expired = token.grant.expires.is_some_and(|expires| expires <= site.web.clock.now());
    TokenLine {
        scope,
        created: moment(site, lang, Some(token.created)),
        expires: match token.grant.expires {
            None => t.access.never_expires.to_owned(),
            Some(_) if expired => t.access.expired.to_owned(),
            Some(at) => moment(site, lang, Some(at)),
        },
        used: moment(site, lang, token.used),
        name: token.grant.name,
        account: token.account,
        id: token.fingerprint,
    }
}

async fn tokens_page(
    site: &Site,
    who: &Who,
    headers: &HeaderMap,
    uri: &Uri,
    refusal: &str,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.access.tokens.to_owned();
    let account = signed_in(who)?;
    let of_all = who.may(May::Accounts);
    let made = site.web.store.tokens(if of_all { None } else { Some(&account.name) }).await?;
    shown(&Tokens {
        refusal: refusal.to_owned(),
        of_all,
        may_change: matches!(who.by, Entrance::Password { .. }),
        rows: made.into_iter().map(|token| token_line(site, lang, t, token)).collect(),
        roles: role_ticks(account.roles.iter().copied(), &account.roles, t),
        frame,
    })
}

/// Lists tokens: one's own, and for administrators all.
pub async fn tokens(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    tokens_page(&site, &who, &headers, &uri, "").await
}

/// Makes a token for oneself and shows it once.
pub async fn make_token(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    fields: Fields,
) -> Result<Response, Problem> {
    let t = words(&headers, &uri).1;
    let account = signed_in(&who)?;
    let name = fields.one("name").to_owned();
    let roles = fields.all("role").map(role).collect::<Result<BTreeSet<Role>, Problem>>()?;
    let days: Option<i64> = fields.one("days").parse().ok().filter(|days| (1..=DAYS_MAX).contains(days));
    let refusal = if name.is_empty() || name.chars().count() > NAME_MAX {
        Some(t.access.bad_token_name)
    } else if roles.is_empty() || !roles.is_subset(&account.roles) {
        Some(t.access.no_role)
    } else {
        None
    };
    let (None, Some(days)) = (refusal, days) else {
        let page = tokens_page(&site, &who, &headers, &uri, refusal.unwrap_or(t.access.bad_days)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let now = site.web.clock.now();
    let grant = Grant {
        name: name.clone(),
        roles: Some(roles),
        read_only: !fields.one("read_only").is_empty(),
        expires: Some(now.plus_ms(days * 24 * HOUR_MS)),
    };
    let secret = Secret::new();
    site.web.store.add_token(&secret.fingerprint, &account.name, now, grant).await?;
    let mut frame = frame(&site, &who, &headers, &uri);
    frame.title = t.access.token.to_owned();
    let view = ShownOnce {
        frame,
        of: name,
        label: t.access.token,
        secret: secret.plain,
        advice: t.access.token_more,
        drawing: String::new(),
        address: String::new(),
        back: "/account/tokens".to_owned(),
    };
    shown(&view).map(IntoResponse::into_response)
}

/// Revokes a token: one's own, or as an administrator anybody's.
pub async fn revoke_token(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    fields: Fields,
) -> Result<Redirect, Problem> {
    let account = signed_in(&who)?;
    let only = if who.may(May::Accounts) { None } else { Some(account.name.as_str()) };
    if site.web.store.revoke_token(fields.one("token"), only).await? {
        Ok(Redirect::to("/account/tokens"))
    } else {
        Err(Problem::not_found("there is no such token; it may have been revoked already; see /account/tokens"))
    }
}
