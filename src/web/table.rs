//! Every route with its role, in one table.
//!
//! # Why
//! The router is built from this table and the guard asks it at each request: a route that is not in it is refused, so
//! nobody can add one and forget its role. The OpenAPI document takes its roles from here too.

use std::sync::Arc;

use axum::http::Method;
use axum::routing::{MethodRouter, get, post};

use super::guard::Site;
use super::{api, assets, events, openapi, pages, pictures, sign_in};
use crate::store::{Account, Role};

/// What a route lets one do, and so who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Hamlet-level figures, definitions, and what belongs to every page: everyone.
    Public,
    /// Household states without names: officers, viewers, visitors in their own hamlets. Each look is logged.
    States,
    /// Pickups with their households: officers. Each look is logged.
    Pickups,
    /// Writing what a crew does: rounds, pickups, findings: crews and officers.
    Collect,
    /// Writing visits and pathways: visitors in their own hamlets, and officers.
    Visit,
    /// Data quality in sum: officers and admins.
    Quality,
    /// Devices, gaps, quarantined messages: admins.
    Devices,
    /// One's own account, sessions and tokens: whoever is signed in. Changed after signing in with a password only.
    Own,
    /// Pairing phones for crews and withdrawing them: officers and admins. After signing in with a password only.
    Phones,
    /// Accounts, and the log of who looked at which households: admins. Changed after signing in with a password only.
    Accounts,
}

impl May {
    /// Gives the roles that may; empty: everyone.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Public => &[],
            Self::States => &[Role::Officer, Role::Viewer, Role::Visitor],
            Self::Pickups => &[Role::Officer],
            Self::Collect => &[Role::Crew, Role::Officer],
            Self::Visit => &[Role::Visitor, Role::Officer],
            Self::Quality => &[Role::Officer, Role::Admin],
            Self::Devices | Self::Accounts => &[Role::Admin],
            Self::Own => Role::ALL,
            Self::Phones => &[Role::Officer, Role::Admin],
        }
    }

    /// Tells whether someone may.
    pub fn allows(self, account: Option<&Account>) -> bool {
        match self {
            Self::Public => true,
            Self::States
            | Self::Pickups
            | Self::Collect
            | Self::Visit
            | Self::Quality
            | Self::Devices
            | Self::Own
            | Self::Phones
            | Self::Accounts => {
                account.is_some_and(|account| self.roles().iter().any(|role| account.roles.contains(role)))
            }
        }
    }
}

/// Who reads the answer, and so how an error is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A person: errors are pages.
    Person,
    /// A program: errors are problem documents.
    Program,
}

/// A route.
pub struct Route {
    /// Method; GET answers HEAD too.
    pub method: Method,
    /// Path, with `{parameters}`.
    pub path: &'static str,
    /// Who may.
    pub may: May,
    /// Who reads the answer.
    pub reader: Reader,
    /// What answers.
    pub handler: MethodRouter<Arc<Site>>,
}

fn page(path: &'static str, may: May, handler: MethodRouter<Arc<Site>>) -> Route {
    Route { method: Method::GET, path, may, reader: Reader::Person, handler }
}

fn form(path: &'static str, may: May, handler: MethodRouter<Arc<Site>>) -> Route {
    Route { method: Method::POST, path, may, reader: Reader::Person, handler }
}

fn data(path: &'static str, may: May, handler: MethodRouter<Arc<Site>>) -> Route {
    Route { method: Method::GET, path, may, reader: Reader::Program, handler }
}

fn write(path: &'static str, may: May, handler: MethodRouter<Arc<Site>>) -> Route {
    Route { method: Method::POST, path, may, reader: Reader::Program, handler }
}

/// Gives the table.
pub fn routes() -> Vec<Route> {
    vec![
        page("/", May::Public, get(pages::overview)),
        page("/areas/{code}", May::Public, get(pages::area)),
        page("/tonnage", May::Public, get(pages::tonnage)),
        page("/definitions", May::Public, get(pages::definitions)),
        page("/households", May::States, get(pages::households)),
        page("/devices", May::Devices, get(pages::devices)),
        page("/quality", May::Quality, get(pages::quality)),
        page("/sign-in", May::Public, get(sign_in::form)),
        form("/sign-in", May::Public, post(sign_in::sign_in)),
        form("/sign-out", May::Public, post(sign_in::sign_out)),
        data("/api/v1/sorting-share", May::Public, get(api::sorting_share)),
        data("/api/v1/sorting-share/series", May::Public, get(api::series)),
        data("/api/v1/sorting-share/areas", May::Public, get(api::areas)),
        data("/api/v1/tonnage", May::Public, get(api::tonnage)),
        data("/api/v1/states", May::States, get(api::states)),
        data("/api/v1/pickups", May::Pickups, get(api::pickups)),
        write("/api/v1/rounds", May::Collect, post(api::write_round)),
        write("/api/v1/pickups", May::Collect, post(api::write_pickup)),
        write("/api/v1/pickups/{id}/void", May::Collect, post(api::write_void)),
        write("/api/v1/findings", May::Collect, post(api::write_finding)),
        write("/api/v1/visits", May::Visit, post(api::write_visit)),
        data("/api/v1/devices", May::Devices, get(api::devices)),
        data("/api/v1/gaps", May::Devices, get(api::gaps)),
        data("/api/v1/quarantine", May::Devices, get(api::quarantine)),
        data("/api/v1/quarantine/{id}", May::Devices, get(api::quarantined)),
        write("/api/v1/quarantine/{id}/replay", May::Devices, post(api::replay)),
        page("/quarantine", May::Devices, get(pages::quarantine)),
        page("/quarantine/{id}", May::Devices, get(pages::quarantined)),
        form("/quarantine/{id}/replay", May::Devices, post(pages::replay)),
        page("/account", May::Own, get(pages::access::account)),
        form("/account/password", May::Own, post(pages::access::change_password)),
        form("/account/sessions/end", May::Own, post(pages::access::end_sessions)),
        page("/account/tokens", May::Own, get(pages::access::tokens)),
        form("/account/tokens", May::Own, post(pages::access::make_token)),
        form("/account/tokens/revoke", May::Own, post(pages::access::revoke_token)),
        page("/users", May::Accounts, get(pages::access::users)),
        form("/users", May::Accounts, post(pages::access::add_user)),
        page("/users/{name}", May::Accounts, get(pages::access::user)),
        form("/users/{name}/roles", May::Accounts, post(pages::access::set_roles)),
        form("/users/{name}/password", May::Accounts, post(pages::access::give_password)),
        form("/users/{name}/pin", May::Accounts, post(pages::access::give_pin)),
        form("/users/{name}/disable", May::Accounts, post(pages::access::disable)),
        form("/users/{name}/enable", May::Accounts, post(pages::access::enable)),
        page("/access-log", May::Accounts, get(pages::access::access_log)),
        data("/access-log.csv", May::Accounts, get(pages::access::access_log_csv)),
        page("/phones", May::Phones, get(pages::access::phones)),
        form("/phones", May::Phones, post(pages::access::invite_phone)),
        form("/phones/{id}/revoke", May::Phones, post(pages::access::revoke_phone)),
        form("/phones/{id}/unlock", May::Phones, post(pages::access::unlock)),
        // Opened on the phone, where nobody is signed in yet.
        page("/phones/pair", May::Public, get(pages::access::pair_form)),
        form("/phones/pair", May::Public, post(pages::access::pair)),
        page("/phones/sign-in", May::Public, get(pages::access::pin_form)),
        form("/phones/sign-in", May::Public, post(sign_in::sign_in_by_pin)),
        data("/charts/{file}", May::Public, get(pictures::picture)),
        data("/events", May::Public, get(events::events)),
        data("/healthz", May::Public, get(api::healthz)),
        data("/readyz", May::Public, get(api::readyz)),
        data("/api/openapi.json", May::Public, get(openapi::document)),
        page("/api/docs", May::Public, get(openapi::to_browser)),
        page("/api/docs/", May::Public, get(openapi::browser_start)),
        data("/api/docs/{file}", May::Public, get(openapi::browser_file)),
        data("/assets/{file}", May::Public, get(assets::asset)),
        data("/fonts/{file}", May::Public, get(assets::font)),
    ]
}
