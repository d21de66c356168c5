//! The written table of roles, and every route against it.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::routing::{get, post};
use tower::ServiceExt;

use super::super::guard::router_of;
use super::super::table::{Reader, Route, routes};
use super::{Server, example};
use crate::store::{Opening, Role, Secret};

/// Every route with who may: the contract's table of roles, address by address. `everyone`: without signing in.
/// A new route is declared here too, by a person who has looked at the contract.
const WRITTEN: &[(&str, &str)] = &[
    // Hamlet-level figures, definitions, and what belongs to every page.
    ("GET /", "everyone"),
    ("GET /areas/{code}", "everyone"),
    ("GET /tonnage", "everyone"),
    ("GET /public", "everyone"),
    // A household's own page: whoever has its code.
    ("GET /h", "everyone"),
    ("POST /h", "everyone"),
    ("GET /h/{code}", "everyone"),
    // Cards, and letters with private codes.
    ("GET /cards", "officer"),
    ("POST /cards", "officer"),
    ("GET /cards/print/{id}", "officer"),
    ("GET /cards/print/{id}/pdf", "officer"),
    ("GET /cards/print/{id}/list.csv", "officer"),
    ("GET /own-codes", "officer"),
    ("POST /own-codes", "officer"),
    ("POST /own-codes/revoke", "officer"),
    ("GET /own-codes/letters/{id}", "officer"),
    ("POST /own-codes/letters/{id}/pdf", "officer"),
    ("GET /own-codes/letters/{id}/list.csv", "officer"),
    ("GET /definitions", "everyone"),
    ("GET /api/v1/sorting-share", "everyone"),
    ("GET /api/v1/sorting-share/series", "everyone"),
    ("GET /api/v1/sorting-share/areas", "everyone"),
    ("GET /api/v1/tonnage", "everyone"),
    ("GET /charts/{file}", "everyone"),
    ("GET /events", "everyone"),
    ("GET /healthz", "everyone"),
    ("GET /readyz", "everyone"),
    ("GET /api/openapi.json", "everyone"),
    ("GET /api/docs", "everyone"),
    ("GET /api/docs/", "everyone"),
    ("GET /api/docs/{file}", "everyone"),
    ("GET /assets/{file}", "everyone"),
    ("GET /fonts/{file}", "everyone"),
    // Signing in and out, and pairing a phone on which nobody is signed in yet.
    ("GET /sign-in", "everyone"),
    ("POST /sign-in", "everyone"),
    ("POST /sign-out", "everyone"),
    ("GET /phones/pair", "everyone"),
    ("POST /phones/pair", "everyone"),
    ("GET /phones/sign-in", "everyone"),
    ("POST /phones/sign-in", "everyone"),
    // Household states: own hamlets, own scope, states without names.
    ("GET /households", "officer viewer visitor"),
    ("GET /api/v1/states", "officer viewer visitor"),
    ("GET /api/v1/pickups", "officer"),
    // Rounds, pickups, findings, undo.
    ("POST /api/v1/rounds", "crew officer"),
    ("POST /api/v1/pickups", "crew officer"),
    ("POST /api/v1/pickups/{id}/void", "crew officer"),
    ("POST /api/v1/findings", "crew officer"),
    // Visits and pathways.
    ("POST /api/v1/visits", "officer visitor"),
    // Data quality, devices, quarantine.
    ("GET /quality", "admin officer"),
    ("GET /quality.csv", "admin officer"),
    // Points, devices' condition, gaps and alerts: read by officers, managed by admins.
    ("GET /alerts", "admin officer"),
    ("GET /alerts.csv", "admin officer"),
    ("GET /alerts/{id}", "admin officer"),
    ("POST /alerts/{id}/acknowledge", "admin officer"),
    ("GET /api/v1/alerts", "admin officer"),
    ("POST /api/v1/alerts/{id}/acknowledge", "admin officer"),
    ("GET /points", "admin officer"),
    ("GET /points.csv", "admin officer"),
    ("GET /points/{code}", "admin officer"),
    ("GET /points/{code}/days.csv", "admin officer"),
    ("GET /devices", "admin officer"),
    ("GET /devices.csv", "admin officer"),
    ("GET /devices/{device}", "admin officer"),
    ("GET /devices/{device}/days.csv", "admin officer"),
    ("GET /api/v1/devices", "admin officer"),
    ("GET /api/v1/devices/{device}/days", "admin officer"),
    ("GET /api/v1/gaps", "admin officer"),
    ("POST /devices/{device}/gaps", "admin"),
    ("GET /quarantine", "admin"),
    ("GET /quarantine/{id}", "admin"),
    ("POST /quarantine/{id}/replay", "admin"),
    ("GET /api/v1/quarantine", "admin"),
    ("GET /api/v1/quarantine/{id}", "admin"),
    ("POST /api/v1/quarantine/{id}/replay", "admin"),
    // One's own account.
    ("GET /account", "admin crew officer viewer visitor"),
    ("POST /account/password", "admin crew officer viewer visitor"),
    ("POST /account/sessions/end", "admin crew officer viewer visitor"),
    ("GET /account/tokens", "admin crew officer viewer visitor"),
    ("POST /account/tokens", "admin crew officer viewer visitor"),
    ("POST /account/tokens/revoke", "admin crew officer viewer visitor"),
    // Users and the access log.
    ("GET /users", "admin"),
    ("POST /users", "admin"),
    ("GET /users/{name}", "admin"),
    ("POST /users/{name}/roles", "admin"),
    ("POST /users/{name}/password", "admin"),
    ("POST /users/{name}/pin", "admin"),
    ("POST /users/{name}/disable", "admin"),
    ("POST /users/{name}/enable", "admin"),
    ("GET /access-log", "admin"),
    ("GET /access-log.csv", "admin"),
    // Phones of crews.
    ("GET /phones", "admin officer"),
    ("POST /phones", "admin officer"),
    ("POST /phones/{id}/revoke", "admin officer"),
    ("POST /phones/{id}/unlock", "admin officer"),
    // The crew app without anybody's data, shares by period, indicators.
    ("GET /shares", "everyone"),
    ("GET /shares.csv", "everyone"),
    ("GET /indicators", "everyone"),
    ("GET /indicators.csv", "everyone"),
    ("GET /api/v1/indicators", "everyone"),
    ("GET /api/v1/visiting", "everyone"),
    ("GET /visiting.csv", "everyone"),
    ("GET /visits/shell", "everyone"),
    ("GET /visits/worker.js", "everyone"),
    ("GET /visits/app.webmanifest", "everyone"),
    ("GET /crew/shell", "everyone"),
    ("GET /crew/worker.js", "everyone"),
    ("GET /crew/app.webmanifest", "everyone"),
    ("GET /app/{edition}/{*file}", "everyone"),
    // Weighbridge tickets and destinations.
    ("GET /tickets", "officer"),
    ("POST /tickets", "officer"),
    ("POST /tickets/void", "officer"),
    ("POST /destinations", "officer"),
    ("GET /api/v1/tickets", "officer"),
    // Collection points and lists: states without names.
    ("GET /households.csv", "officer viewer visitor"),
    ("GET /households/sheet", "officer viewer visitor"),
    ("GET /api/v1/sorting-share/points", "officer viewer visitor"),
    ("GET /api/v1/sorting-share/points/{code}/series", "officer viewer visitor"),
    // Visits and pathways, one by one, by list, by file.
    ("GET /households/visits", "officer visitor"),
    ("POST /households/visits", "officer visitor"),
    ("POST /households/visits-file", "officer visitor"),
    ("POST /households/{code}/visits", "officer visitor"),
    ("POST /households/{code}/void", "officer visitor"),
    ("POST /api/v1/visits/{id}/void", "officer visitor"),
    ("POST /api/v1/pathways", "officer visitor"),
    ("POST /api/v1/attempts", "officer visitor"),
    ("GET /api/v1/visits/now", "officer visitor"),
    ("GET /api/v1/visits/list", "officer visitor"),
    ("GET /visits", "officer visitor"),
    ("GET /visits/house", "officer visitor"),
    ("POST /visits/results", "officer visitor"),
    ("POST /visits/attempts", "officer visitor"),
    ("POST /visits/voids", "officer visitor"),
    // The evidence of a household: own hamlets, own scope.
    ("GET /households/{code}", "officer visitor"),
    ("GET /api/v1/households/{code}/evidence", "officer visitor"),
    // Rounds.
    ("GET /rounds", "officer"),
    ("GET /rounds.csv", "officer"),
    // The register, its files, and what waits for a second person.
    ("GET /register", "officer"),
    ("GET /register/rows/{kind}", "officer"),
    ("GET /register/row/{kind}", "officer"),
    ("GET /register/form/{kind}", "officer"),
    ("POST /register/form/{kind}", "officer"),
    ("POST /register/erase", "officer"),
    ("GET /register/files", "officer"),
    ("POST /register/files", "officer"),
    ("POST /register/files/confirm", "officer"),
    ("GET /register/export/{file}", "officer"),
    ("GET /register/faults", "officer"),
    ("GET /register/faults.csv", "officer"),
    ("GET /register/proposals", "officer"),
    ("GET /register/proposals/{id}", "officer"),
    ("POST /register/proposals/{id}", "officer"),
    // The crew's pages and app.
    ("POST /api/v1/crew/reports", "crew officer"),
    ("POST /api/v1/pickups/{id}/photos", "crew officer"),
    ("GET /api/v1/crew/now", "crew officer"),
    ("GET /api/v1/crew/rounds", "crew officer"),
    ("GET /api/v1/crew/round", "crew officer"),
    ("GET /api/v1/crew/weight", "crew officer"),
    ("GET /crew", "crew officer"),
    ("GET /crew/round", "crew officer"),
    ("GET /crew/house", "crew officer"),
    ("POST /crew/rounds", "crew officer"),
    ("POST /crew/pickups", "crew officer"),
    ("POST /crew/voids", "crew officer"),
    ("POST /crew/reports", "crew officer"),
    // What crews reported, and their pictures.
    ("GET /api/v1/crew/reports", "officer"),
    ("GET /api/v1/photos/{id}", "officer"),
    ("POST /api/v1/photos/{id}/erase", "officer"),
    ("GET /crew-reports", "officer"),
    ("POST /crew-reports/erase", "officer"),
    // What officers sign, read.
    ("GET /rules", "officer viewer"),
    ("GET /reports", "officer viewer"),
    ("GET /reports/verify", "officer viewer"),
    ("GET /reports/{month}", "officer viewer"),
    ("GET /reports/{month}/{revision}", "officer viewer"),
    ("GET /api/v1/reports", "officer viewer"),
    ("GET /api/v1/reports/{month}", "officer viewer"),
    ("GET /api/v1/reports/{month}/{revision}", "officer viewer"),
    ("GET /api/v1/reports/{month}/{revision}/csv", "officer viewer"),
    ("GET /api/v1/reports/{month}/{revision}/verify", "officer viewer"),
    ("GET /audit", "officer viewer"),
    ("GET /audit/{id}", "officer viewer"),
    // Signing.
    ("POST /rules/preview", "officer"),
    ("GET /rules/preview/{id}", "officer"),
    ("POST /rules/preview/{id}/save", "officer"),
    ("POST /reports/{month}/close", "officer"),
    ("POST /api/v1/reports/{month}/close", "officer"),
    ("POST /audit/draw", "officer"),
    ("GET /audit/{id}/sheet", "officer"),
    ("POST /audit/{id}/results", "officer"),
];

/// A path of the route, with something for each parameter.
fn filled(path: &str) -> String {
    let mut path = example(path);
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        path.replace_range(from..=to, "x");
    }
    path
}

/// The routes of the table with handlers that do nothing: what is tested is who gets through.
fn open_doors() -> Vec<Route> {
    let nothing = || async { StatusCode::NO_CONTENT };
    let with = |route: Route| {
        let handler = if route.method == Method::GET { get(nothing) } else { post(nothing) };
        Route { handler, ..route }
    };
    routes().into_iter().map(with).collect()
}

async fn session(server: &Server, role: Role) -> String {
    server.account(role.as_str(), &[role], &["A"]).await;
    let (secret, at) = (Secret::new(), super::Clock::now(&*server.clock));
    let opening = Opening {
        fingerprint: &secret.fingerprint,
        account: role.as_str(),
        at,
        expires: at.plus_ms(3_600_000),
        browser: "",
        phone: None,
    };
    server.store.open_session(&opening).await.expect("opened");
    format!("session={}", secret.plain)
}

#[tokio::test]
async fn each_role_gets_through_exactly_where_the_written_table_says() {
    let server = Server::start().await;
    let router = router_of(server.site.clone(), open_doors());
    let mut cookies = vec![("everyone", String::new())];
    for role in Role::ALL {
        cookies.push((role.as_str(), session(&server, *role).await));
    }
    let written: BTreeMap<String, BTreeSet<&str>> =
        WRITTEN.iter().map(|(route, who)| ((*route).to_owned(), who.split(' ').collect())).collect();
    assert_eq!(written.len(), WRITTEN.len(), "a route is written twice");
    let mut found: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for route in routes() {
        let through = found.entry(format!("{} {}", route.method, route.path)).or_default();
        for (name, cookie) in &cookies {
            let request = Request::builder()
                .method(route.method.clone())
                .uri(filled(route.path))
                .header(header::COOKIE, cookie)
                .header("sec-fetch-site", "same-origin");
            let request = request.body(Body::empty()).expect("a request");
            let status = router.clone().oneshot(request).await.expect("an answer").status();
            if status == StatusCode::NO_CONTENT {
                through.insert(name);
            } else {
                let refusals = [StatusCode::SEE_OTHER, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
                assert!(refusals.contains(&status), "{} {} as {name}: {status}", route.method, route.path);
            }
        }
        if through.contains("everyone") {
            assert_eq!(through.len(), cookies.len(), "{} lets everyone through and not somebody", route.path);
            *through = BTreeSet::from(["everyone"]);
        }
    }
    for (route, through) in &found {
        assert_eq!(written.get(route), Some(through), "{route}: what is written in this test and what is so differ");
    }
    let gone: Vec<&String> = written.keys().filter(|route| !found.contains_key(*route)).collect();
    assert!(gone.is_empty(), "written here and served no more: {gone:?}");
}

#[tokio::test]
async fn no_form_and_no_write_is_taken_from_another_site() {
    let server = Server::start().await;
    let router = router_of(server.site.clone(), open_doors());
    let roles = [Role::Crew, Role::Visitor, Role::Officer, Role::Admin, Role::Viewer];
    server.account("moi-vai-tro", &roles, &["A"]).await;
    let (secret, at) = (Secret::new(), super::Clock::now(&*server.clock));
    let opening = Opening {
        fingerprint: &secret.fingerprint,
        account: "moi-vai-tro",
        at,
        expires: at.plus_ms(3_600_000),
        browser: "",
        phone: None,
    };
    server.store.open_session(&opening).await.expect("opened");
    let from = [
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "same-site", false),
        ("origin", "https://evil.example", false),
        ("origin", "null", false),
        ("sec-fetch-site", "same-origin", true),
        ("origin", "https://rac.example", true),
        ("referer", "https://evil.example/rac.example", false),
        ("referer", "https://rac.example.evil.example/", false),
        ("referer", "https://rac.example/households?q=a", true),
        ("referer", "https://rac.example", true),
    ];
    let mut forms = 0;
    for route in routes().iter().filter(|route| route.method != Method::GET) {
        for (name, value, taken) in from {
            let request = Request::builder()
                .method(route.method.clone())
                .uri(filled(route.path))
                .header(header::HOST, "rac.example")
                .header(header::COOKIE, format!("session={}", secret.plain))
                .header(name, value);
            let answer =
                router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
            let expected = if taken { StatusCode::NO_CONTENT } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status(), expected, "{} {} with {name}: {value}", route.method, route.path);
        }
        forms += usize::from(route.reader == Reader::Person);
    }
    assert!(forms > 10, "{forms} forms only");
}

#[tokio::test]
async fn a_route_that_reads_changes_nothing_and_so_needs_no_guard_against_other_sites() {
    for route in routes() {
        assert!(matches!(route.method, Method::GET | Method::POST), "{} {}", route.method, route.path);
    }
}
