//! Every route with its role, in one table.
//!
//! # Why
//! The router is built from this table and the guard asks it at each request: a route that is not in it is refused, so
//! nobody can add one and forget its role. The OpenAPI document takes its roles from here too.
//!
//! Devices are the admin's to manage, and the officer answers for what they prove: so officers read what condition a device is in, what
//! is missing of it and which alerts are open, and admins alone see and change how it gets in (passwords, refused logins) and what was
//! not taken (quarantine). Giving officers the whole of devices was rejected: who signs a figure must not be able to void what is
//! missing from it.

use std::sync::Arc;

use axum::http::Method;
use axum::routing::{MethodRouter, get, post};

use super::guard::Site;
use super::{api, assets, events, jpeg, openapi, pages, pictures, sign_in};
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
    /// Everything that stands behind a household's state: officers, and visitors in their own hamlets. Each look is logged.
    Evidence,
    /// Rounds and what became of them: officers.
    Rounds,
    /// The register, its files, and what waits for a second person: officers. Each look at households is logged.
    Register,
    /// Printing households' cards and letters with their private codes, and revoking these: officers. Each look is logged.
    Papers,
    /// What officers sign, read: rules, closed months, audits: officers and viewers.
    Signed,
    /// Signing: new rules, closing a month, drawing and entering an audit: officers.
    Sign,
    /// Data quality in sum: officers and admins.
    Quality,
    /// Points, devices and their condition, gaps and alerts, read: officers and admins. No credentials, no refusals beyond their number.
    Condition,
    /// Saying that one takes care of an alert, or does not after all: officers and admins.
    Acknowledge,
    /// Devices' passwords and refusals, words on gaps, quarantined messages: admins.
    Devices,
    /// Weighbridge tickets and destinations; who recorded what: officers.
    Tickets,
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
            Self::Pickups | Self::Register | Self::Papers => &[Role::Officer],
            Self::Collect => &[Role::Crew, Role::Officer],
            Self::Visit | Self::Evidence => &[Role::Visitor, Role::Officer],
            Self::Signed => &[Role::Officer, Role::Viewer],
            Self::Sign => &[Role::Officer],
            Self::Rounds => &[Role::Officer],
            Self::Quality | Self::Condition | Self::Acknowledge => &[Role::Officer, Role::Admin],
            Self::Devices | Self::Accounts => &[Role::Admin],
            Self::Tickets => &[Role::Officer],
            Self::Own => Role::ALL,
            Self::Phones => &[Role::Officer, Role::Admin],
        }
    }

    /// Tells whether someone may.
    pub fn allows(self, account: Option<&Account>) -> bool {
        let roles = self.roles();
        roles.is_empty() || account.is_some_and(|account| roles.iter().any(|role| account.roles.contains(role)))
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

/// Bytes of a request body; the largest is a form of a few fields.
const BODY_MAX: usize = 64 * 1024;
/// Bytes of a visitor's list: a hundred times what one person visits in a year.
const VISITS_FILE_MAX: usize = 1024 * 1024;
/// Bytes of an uploaded file of at most 16 MiB, as the page that shows it sends it back.
const UPLOAD_MAX: usize = 24 * 1024 * 1024;

impl Route {
    /// Gives the most bytes of a request's body.
    pub fn body_max(&self) -> usize {
        if self.path.starts_with("/register/files") {
            UPLOAD_MAX
        } else if self.path == "/households/visits-file" {
            VISITS_FILE_MAX
        } else if self.path.ends_with("/photos") {
            // A picture that is too large is told so in words, so a little more is read.
            jpeg::SIZE_MAX + BODY_MAX
        } else {
            BODY_MAX
        }
    }
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
        page("/public", May::Public, get(pages::public)),
        // Whoever has a household's code may see its page, and nothing else.
        page("/h", May::Public, get(pages::own_form)),
        form("/h", May::Public, post(pages::open_own)),
        page("/h/{code}", May::Public, get(pages::own_page)),
        page("/cards", May::Papers, get(pages::cards)),
        form("/cards", May::Papers, post(pages::print_cards)),
        page("/cards/print/{id}", May::Papers, get(pages::cards_job)),
        page("/cards/print/{id}/pdf", May::Papers, get(pages::cards_pdf)),
        page("/cards/print/{id}/list.csv", May::Papers, get(pages::cards_list)),
        page("/own-codes", May::Papers, get(pages::own_codes)),
        form("/own-codes", May::Papers, post(pages::make_own_codes)),
        form("/own-codes/revoke", May::Papers, post(pages::revoke_own_code)),
        page("/own-codes/letters/{id}", May::Papers, get(pages::letters_job)),
        form("/own-codes/letters/{id}/pdf", May::Papers, post(pages::fetch_letters)),
        page("/own-codes/letters/{id}/list.csv", May::Papers, get(pages::letters_list)),
        page("/tonnage", May::Public, get(pages::tonnage)),
        page("/shares", May::Public, get(pages::shares)),
        data("/shares.csv", May::Public, get(api::shares_csv)),
        page("/indicators", May::Public, get(pages::indicators)),
        data("/indicators.csv", May::Public, get(api::indicators_csv)),
        page("/tickets", May::Tickets, get(pages::tickets)),
        form("/tickets", May::Tickets, post(pages::write_ticket)),
        form("/tickets/void", May::Tickets, post(pages::void_ticket)),
        form("/destinations", May::Tickets, post(pages::write_destination)),
        page("/definitions", May::Public, get(pages::definitions)),
        page("/households", May::States, get(pages::households)),
        page("/households.csv", May::States, get(pages::households_csv)),
        page("/households/sheet", May::States, get(pages::visit_sheet)),
        page("/households/visits", May::Visit, get(pages::visits)),
        form("/households/visits", May::Visit, post(pages::write_visits)),
        form("/households/visits-file", May::Visit, post(pages::write_visits_file)),
        page("/households/{code}", May::Evidence, get(pages::household)),
        form("/households/{code}/visits", May::Visit, post(pages::write_visit)),
        form("/households/{code}/void", May::Visit, post(pages::write_void)),
        page("/rounds", May::Rounds, get(pages::rounds)),
        page("/rounds.csv", May::Rounds, get(pages::rounds_csv)),
        page("/alerts", May::Condition, get(pages::alerts)),
        data("/alerts.csv", May::Condition, get(pages::alerts_csv)),
        page("/alerts/{id}", May::Condition, get(pages::alert)),
        form("/alerts/{id}/acknowledge", May::Acknowledge, post(pages::acknowledge)),
        page("/points", May::Condition, get(pages::points)),
        data("/points.csv", May::Condition, get(pages::points_csv)),
        page("/points/{code}", May::Condition, get(pages::point)),
        data("/points/{code}/days.csv", May::Condition, get(pages::point_days_csv)),
        page("/devices", May::Condition, get(pages::devices)),
        data("/devices.csv", May::Condition, get(pages::devices_csv)),
        page("/devices/{device}", May::Condition, get(pages::device)),
        data("/devices/{device}/days.csv", May::Condition, get(pages::device_days_csv)),
        form("/devices/{device}/gaps", May::Devices, post(pages::write_gap)),
        page("/quality", May::Quality, get(pages::quality)),
        data("/quality.csv", May::Quality, get(pages::quality_csv)),
        page("/register", May::Register, get(pages::register::register)),
        page("/register/rows/{kind}", May::Register, get(pages::register::rows)),
        page("/register/row/{kind}", May::Register, get(pages::register::row)),
        page("/register/form/{kind}", May::Register, get(pages::register::form)),
        form("/register/form/{kind}", May::Register, post(pages::register::save)),
        form("/register/erase", May::Register, post(pages::register::erase)),
        page("/register/files", May::Register, get(pages::register::files)),
        form("/register/files", May::Register, post(pages::register::upload)),
        form("/register/files/confirm", May::Register, post(pages::register::confirm)),
        page("/register/export/{file}", May::Register, get(pages::register::export)),
        page("/register/faults", May::Register, get(pages::register::faults)),
        page("/register/faults.csv", May::Register, get(pages::register::faults_csv)),
        page("/register/proposals", May::Register, get(pages::register::proposals)),
        page("/register/proposals/{id}", May::Register, get(pages::register::proposal)),
        form("/register/proposals/{id}", May::Register, post(pages::register::decide)),
        page("/sign-in", May::Public, get(sign_in::form)),
        form("/sign-in", May::Public, post(sign_in::sign_in)),
        form("/sign-out", May::Public, post(sign_in::sign_out)),
        data("/api/v1/sorting-share", May::Public, get(api::sorting_share)),
        data("/api/v1/sorting-share/series", May::Public, get(api::series)),
        data("/api/v1/sorting-share/areas", May::Public, get(api::areas)),
        data("/api/v1/sorting-share/points", May::States, get(api::points)),
        data("/api/v1/sorting-share/points/{code}/series", May::States, get(api::point_series)),
        data("/api/v1/visiting", May::Public, get(api::visiting_of)),
        data("/visiting.csv", May::Public, get(api::visiting_csv)),
        data("/api/v1/tonnage", May::Public, get(api::tonnage)),
        data("/api/v1/indicators", May::Public, get(api::indicators)),
        data("/api/v1/tickets", May::Tickets, get(api::tickets)),
        data("/api/v1/states", May::States, get(api::states)),
        data("/api/v1/pickups", May::Pickups, get(api::pickups)),
        write("/api/v1/rounds", May::Collect, post(api::write_round)),
        write("/api/v1/pickups", May::Collect, post(api::write_pickup)),
        write("/api/v1/pickups/{id}/void", May::Collect, post(api::write_void)),
        write("/api/v1/findings", May::Collect, post(api::write_finding)),
        data("/api/v1/households/{code}/evidence", May::Evidence, get(api::evidence)),
        write("/api/v1/crew/reports", May::Collect, post(api::write_report)),
        data("/api/v1/crew/reports", May::Pickups, get(api::crew_reports)),
        write("/api/v1/pickups/{id}/photos", May::Collect, post(api::write_photo)),
        data("/api/v1/photos/{id}", May::Pickups, get(api::photo)),
        write("/api/v1/photos/{id}/erase", May::Pickups, post(api::erase_photo)),
        data("/api/v1/crew/now", May::Collect, get(api::crew_now)),
        data("/api/v1/crew/rounds", May::Collect, get(api::crew_rounds)),
        data("/api/v1/crew/round", May::Collect, get(api::crew_round)),
        data("/api/v1/crew/weight", May::Collect, get(api::crew_weight)),
        page("/crew", May::Collect, get(pages::crew)),
        page("/crew/round", May::Collect, get(pages::crew_round)),
        page("/crew/house", May::Collect, get(pages::crew_house)),
        form("/crew/rounds", May::Collect, post(pages::crew_write_round)),
        form("/crew/pickups", May::Collect, post(pages::crew_write_pickup)),
        form("/crew/voids", May::Collect, post(pages::crew_write_void)),
        form("/crew/reports", May::Collect, post(pages::crew_write_report)),
        // The app without anybody's data, so that it opens without a signal and after the session has ended.
        page("/crew/shell", May::Public, get(pages::crew_shell)),
        data("/crew/worker.js", May::Public, get(pages::crew_worker)),
        data("/crew/app.webmanifest", May::Public, get(pages::crew_manifest)),
        data("/app/{edition}/{*file}", May::Public, get(assets::app_file)),
        page("/crew-reports", May::Pickups, get(pages::crew_reports)),
        form("/crew-reports/erase", May::Pickups, post(pages::crew_erase_photo)),
        write("/api/v1/visits", May::Visit, post(api::write_visit)),
        write("/api/v1/visits/{id}/void", May::Visit, post(api::write_visit_void)),
        write("/api/v1/pathways", May::Visit, post(api::write_pathway)),
        data("/api/v1/alerts", May::Condition, get(api::alerts)),
        write("/api/v1/alerts/{id}/acknowledge", May::Acknowledge, post(api::acknowledge_alert)),
        data("/api/v1/devices", May::Condition, get(api::devices)),
        data("/api/v1/devices/{device}/days", May::Condition, get(api::device_days)),
        data("/api/v1/gaps", May::Condition, get(api::gaps)),
        data("/api/v1/visits/now", May::Visit, get(api::visit_now)),
        data("/api/v1/visits/list", May::Visit, get(api::visit_list)),
        page("/visits", May::Visit, get(pages::visitor_list)),
        page("/visits/house", May::Visit, get(pages::visitor_house)),
        form("/visits/results", May::Visit, post(pages::visitor_write_visit)),
        form("/visits/attempts", May::Visit, post(pages::visitor_write_attempt)),
        form("/visits/voids", May::Visit, post(pages::visitor_write_void)),
        page("/visits/shell", May::Public, get(pages::visits_shell)),
        data("/visits/worker.js", May::Public, get(pages::visits_worker)),
        data("/visits/app.webmanifest", May::Public, get(pages::visits_manifest)),
        write("/api/v1/attempts", May::Visit, post(api::write_attempt)),
        data("/api/v1/quarantine", May::Devices, get(api::quarantine)),
        data("/api/v1/quarantine/{id}", May::Devices, get(api::quarantined)),
        write("/api/v1/quarantine/{id}/replay", May::Devices, post(api::replay)),
        page("/quarantine", May::Devices, get(pages::quarantine)),
        page("/quarantine/{id}", May::Devices, get(pages::quarantined)),
        form("/quarantine/{id}/replay", May::Devices, post(pages::replay)),
        page("/rules", May::Signed, get(pages::rules)),
        form("/rules/preview", May::Sign, post(pages::begin_preview)),
        page("/rules/preview/{id}", May::Sign, get(pages::preview)),
        form("/rules/preview/{id}/save", May::Sign, post(pages::save_rule)),
        page("/reports", May::Signed, get(pages::reports)),
        page("/reports/verify", May::Signed, get(pages::verify_reports)),
        page("/reports/{month}", May::Signed, get(pages::report)),
        page("/reports/{month}/{revision}", May::Signed, get(pages::report_sheet)),
        form("/reports/{month}/close", May::Sign, post(pages::close_month)),
        data("/api/v1/reports", May::Signed, get(api::reports)),
        data("/api/v1/reports/{month}", May::Signed, get(api::report)),
        data("/api/v1/reports/{month}/{revision}", May::Signed, get(api::report_text)),
        data("/api/v1/reports/{month}/{revision}/csv", May::Signed, get(api::report_csv)),
        data("/api/v1/reports/{month}/{revision}/verify", May::Signed, get(api::verify_report)),
        write("/api/v1/reports/{month}/close", May::Sign, post(api::close_report)),
        page("/audit", May::Signed, get(pages::audits)),
        form("/audit/draw", May::Sign, post(pages::draw_audit)),
        page("/audit/{id}", May::Signed, get(pages::audit)),
        page("/audit/{id}/sheet", May::Sign, get(pages::audit_sheet)),
        form("/audit/{id}/results", May::Sign, post(pages::enter_results)),
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
