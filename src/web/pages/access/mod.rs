//! Pages of those who keep the doors: accounts, one's own account and tokens, paired phones, the access log.
//!
//! # Why
//! What a secret is shown on is the answer to the form that made it, and no page of its own: it stands in no address and
//! cannot be opened again.

mod account;
mod log;
mod phones;
mod tokens;
mod users;

pub use account::*;
pub use log::*;
pub use phones::*;
pub use tokens::*;
pub use users::*;

use std::collections::BTreeSet;

use axum::http::HeaderMap;

use crate::domain::ids::AreaCode;
use crate::domain::time::Instant;
use crate::store::{Account, Actor, Role};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::texts::Texts;
use crate::web::views::access::Tick;

/// Gives the account that is signed in; the guard lets nobody else this far.
fn signed_in(who: &Who) -> Result<&Account, Problem> {
    who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in at /sign-in"))
}

fn actor(site: &Site, who: &Who) -> Result<Actor, Problem> {
    Ok(Actor { name: signed_in(who)?.name.clone(), at: site.web.clock.now() })
}

fn roles_in_words(roles: &BTreeSet<Role>, t: &'static Texts) -> String {
    roles.iter().map(|role| t.access.role_name(*role)).collect::<Vec<_>>().join(", ")
}

fn areas_in_words(site: &Site, areas: &[AreaCode]) -> String {
    areas.iter().map(|area| read::area_name(site, area)).collect::<Vec<_>>().join(", ")
}

fn role_ticks(offered: impl IntoIterator<Item = Role>, ticked: &BTreeSet<Role>, t: &'static Texts) -> Vec<Tick> {
    let tick = |role: Role| Tick {
        value: role.as_str().to_owned(),
        label: t.access.role_label(role).to_owned(),
        ticked: ticked.contains(&role),
    };
    offered.into_iter().map(tick).collect()
}

fn area_ticks(site: &Site, ticked: &[AreaCode]) -> Vec<Tick> {
    let register = site.web.register.borrow();
    let tick = |(code, area): (&AreaCode, &crate::domain::register::Area)| Tick {
        value: code.to_string(),
        label: area.name.clone(),
        ticked: ticked.contains(code),
    };
    register.areas.iter().map(tick).collect()
}

/// Reads the roles and hamlets that were ticked; unknown ones are named.
fn ticked(site: &Site, fields: &crate::web::fields::Fields) -> Result<(BTreeSet<Role>, Vec<AreaCode>), Problem> {
    let roles = fields.all("role").map(role).collect::<Result<_, _>>()?;
    let areas = fields
        .all("area")
        .map(|code| crate::web::ask::known_area(site, code).map_err(|problem| Problem::bad_value(problem.detail)))
        .collect::<Result<_, _>>()?;
    Ok((roles, areas))
}

fn role(word: &str) -> Result<Role, Problem> {
    Role::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        Problem::bad_value(format!("unknown role `{word}`; roles are {}", words.join(", ")))
    })
}

/// Writes an instant, or nothing where there was none.
fn moment(site: &Site, lang: Lang, at: Option<Instant>) -> String {
    at.map_or_else(String::new, |at| lang.moment(&read::commune(site).zone, at))
}

/// Gives the site's address as the one who asks sees it, without a path.
pub fn own_address(site: &Site, headers: &HeaderMap) -> String {
    let host = headers.get(axum::http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = if site.web.settings.secure { "https" } else { "http" };
    site.web.settings.public_origin.clone().unwrap_or_else(|| format!("{scheme}://{host}"))
}
