//! Accounts: the list, one of them, and what an administrator does to it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{actor, area_ticks, areas_in_words, moment, role_ticks, roles_in_words, ticked};
use crate::domain::ids::AreaCode;
use crate::store::{
    Account, AccountChange, Altered, Login, Role, draw_pin, draw_readable, hash_password, hash_pin, is_account_name,
};
use crate::web::ask::{self, Ask};
use crate::web::fields::Fields;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::pages::{frame, shown};
use crate::web::problem::Problem;
use crate::web::sign_in::encoded;
use crate::web::texts::Texts;
use crate::web::views::access::{ShownOnce, User, UserLine, Users};

/// Groups of four of a password that is given.
const PASSWORD_GROUPS: usize = 4;
/// Changes on the page of an account.
const CHANGES: i64 = 30;

fn user_line(site: &Site, lang: Lang, t: &'static Texts, login: &Login) -> UserLine {
    let account = &login.account;
    UserLine {
        name: account.name.clone(),
        roles: roles_in_words(&account.roles, t),
        areas: areas_in_words(site, &account.areas),
        last_sign_in: moment(site, lang, login.last_sign_in),
        note: if !account.enabled {
            t.access.disabled
        } else if login.one_time {
            t.access.waits_for_password
        } else if !login.password && !login.pin {
            t.access.tokens_only
        } else {
            ""
        },
    }
}

/// What the form for another account was filled in with.
#[derive(Default)]
struct Filled {
    name: String,
    roles: BTreeSet<Role>,
    areas: Vec<AreaCode>,
}

async fn users_page(
    site: &Site,
    who: &Who,
    headers: &HeaderMap,
    uri: &Uri,
    refusal: String,
    filled: Filled,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.access.users.to_owned();
    let logins = site.web.store.logins().await?;
    shown(&Users {
        frame,
        refusal,
        rows: logins.iter().map(|login| user_line(site, lang, t, login)).collect(),
        name: filled.name,
        roles: role_ticks(Role::ALL.iter().copied(), &filled.roles, t),
        areas: area_ticks(site, &filled.areas),
    })
}

/// Lists every account.
pub async fn users(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    users_page(&site, &who, &headers, &uri, String::new(), Filled::default()).await
}

/// Says why roles and hamlets do not go together. Empty: they do.
fn unfit(roles: &BTreeSet<Role>, areas: &[AreaCode], t: &'static Texts) -> &'static str {
    if roles.is_empty() {
        t.access.no_role
    } else if roles.contains(&Role::Visitor) && areas.is_empty() {
        t.access.no_area
    } else {
        ""
    }
}

/// Adds an account and shows its first password once.
pub async fn add_user(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    fields: Fields,
) -> Result<Response, Problem> {
    let t = crate::web::pages::words(&headers, &uri).1;
    let name = fields.one("name").to_lowercase();
    let (roles, areas) = ticked(&site, &fields)?;
    let refuse = async |refusal: &str| {
        let filled = Filled { name: name.clone(), roles: roles.clone(), areas: areas.clone() };
        let page = users_page(&site, &who, &headers, &uri, refusal.to_owned(), filled).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let wrong = unfit(&roles, &areas, t);
    if !is_account_name(&name) {
        return refuse(t.access.bad_name).await;
    }
    if !wrong.is_empty() {
        return refuse(wrong).await;
    }
    let by = actor(&site, &who)?;
    let account = Account { name: name.clone(), roles: roles.clone(), areas: areas.clone(), enabled: true };
    if !site.web.store.add_account(&account, None, by.at).await? {
        return refuse(t.access.name_taken).await;
    }
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let what = format!("added with roles {}", words.join(","));
    site.web.store.note_account_change(&AccountChange { by, account: name.clone(), what }).await?;
    give(&site, &who, &headers, &uri, &name).await
}

/// Gives an account a password for its next sign-in and shows it once.
pub async fn give_password(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(name): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    give(&site, &who, &headers, &uri, &name).await
}

async fn give(site: &Site, who: &Who, headers: &HeaderMap, uri: &Uri, name: &str) -> Result<Response, Problem> {
    let secret = draw_readable(PASSWORD_GROUPS);
    let password = secret.clone();
    let hash = site.attempts.check(move || hash_password(&password)).await?;
    let hash = hash.map_err(|error| Problem::internal("hashing a password", &error))?;
    if !site.web.store.give_password(name, &hash, &actor(site, who)?).await? {
        return Err(no_such(name));
    }
    let t = crate::web::pages::words(headers, uri).1;
    once(site, who, headers, uri, name, (t.access.first_password, secret, t.access.first_password_more))
}

/// Gives a crew member a PIN and shows it once.
pub async fn give_pin(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(name): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let pin = draw_pin();
    let drawn = pin.clone();
    let hash = site.attempts.check(move || hash_pin(&drawn)).await?;
    let hash = hash.map_err(|error| Problem::internal("hashing a PIN", &error))?;
    if !site.web.store.set_pin(&name, Some(&hash), &actor(&site, &who)?).await? {
        return Err(no_such(&name));
    }
    let t = crate::web::pages::words(&headers, &uri).1;
    once(&site, &who, &headers, &uri, &name, (t.access.pin, pin, t.access.pin_more))
}

fn once(
    site: &Site,
    who: &Who,
    headers: &HeaderMap,
    uri: &Uri,
    name: &str,
    (label, secret, advice): (&'static str, String, &'static str),
) -> Result<Response, Problem> {
    let mut frame = frame(site, who, headers, uri);
    frame.title = label.to_owned();
    let back = format!("/users/{}", encoded(name));
    // The form's own address cannot be opened; the switches lead to the account.
    frame.here = format!("{back}?");
    let view = ShownOnce {
        frame,
        of: name.to_owned(),
        label,
        secret,
        advice,
        drawing: String::new(),
        address: String::new(),
        back,
    };
    shown(&view).map(IntoResponse::into_response)
}

fn no_such(name: &str) -> Problem {
    Problem::not_found(format!("there is no user `{name}`; see /users"))
}

/// What the page of an account is asked for.
#[derive(Debug, Deserialize)]
pub struct UserAsk {
    /// What was just done.
    done: Option<String>,
}

/// Shows an account.
pub async fn user(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(name): Path<String>,
    Ask(asked): Ask<UserAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let t = crate::web::pages::words(&headers, &uri).1;
    let done = match ask::given(&asked.done) {
        Some("roles") => t.access.done_roles,
        Some("disabled") => t.access.done_disabled,
        Some("enabled") => t.access.done_enabled,
        Some(_) | None => "",
    };
    user_page(&site, &who, &headers, &uri, &name, "", done).await
}

async fn user_page(
    site: &Site,
    who: &Who,
    headers: &HeaderMap,
    uri: &Uri,
    name: &str,
    refusal: &str,
    done: &'static str,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    let login = site.web.store.logins().await?.into_iter().find(|login| login.account.name == name);
    let login = login.ok_or_else(|| no_such(name))?;
    frame.title = name.to_owned();
    frame.here = format!("/users/{}?", encoded(name));
    let changes = site.web.store.account_changes(name, CHANGES).await?;
    shown(&User {
        frame,
        refusal: refusal.to_owned(),
        done,
        row: user_line(site, lang, t, &login),
        created: moment(site, lang, Some(login.created)),
        enabled: login.account.enabled,
        pin: login.pin,
        crew: login.account.roles.contains(&Role::Crew),
        roles: role_ticks(Role::ALL.iter().copied(), &login.account.roles, t),
        areas: area_ticks(site, &login.account.areas),
        changes: changes
            .into_iter()
            .map(|change| [moment(site, lang, Some(change.by.at)), change.by.name, change.what])
            .collect(),
    })
}

/// Replaces an account's roles and hamlets.
pub async fn set_roles(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(name): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    fields: Fields,
) -> Result<Response, Problem> {
    let t = crate::web::pages::words(&headers, &uri).1;
    let (roles, areas) = ticked(&site, &fields)?;
    let wrong = unfit(&roles, &areas, t);
    if !wrong.is_empty() {
        let page = user_page(&site, &who, &headers, &uri, &name, wrong, "").await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let altered = site.web.store.set_roles(&name, &roles, &areas, &actor(&site, &who)?).await?;
    answered(&site, &who, &headers, &uri, &name, altered, "roles").await
}

/// Shuts an account.
pub async fn disable(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(name): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let altered = site.web.store.set_enabled(&name, false, &actor(&site, &who)?).await?;
    answered(&site, &who, &headers, &uri, &name, altered, "disabled").await
}

/// Opens an account again.
pub async fn enable(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(name): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let altered = site.web.store.set_enabled(&name, true, &actor(&site, &who)?).await?;
    answered(&site, &who, &headers, &uri, &name, altered, "enabled").await
}

async fn answered(
    site: &Site,
    who: &Who,
    headers: &HeaderMap,
    uri: &Uri,
    name: &str,
    altered: Altered,
    done: &str,
) -> Result<Response, Problem> {
    match altered {
        Altered::Done => Ok(Redirect::to(&format!("/users/{}?done={done}", encoded(name))).into_response()),
        Altered::Unknown => Err(no_such(name)),
        Altered::LastAdmin => {
            let t = crate::web::pages::words(headers, uri).1;
            let page = user_page(site, who, headers, uri, name, t.access.last_admin, "").await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}
