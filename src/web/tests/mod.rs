//! The server as a whole: roles, problem documents, headers, sign-in, what the public sees.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::routing::get;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{broadcast, watch};
use tower::ServiceExt;

use super::guard::{Site, router_of};
use super::table::{May, Reader, Route, routes};
use super::{Live, Readiness, Settings, Web, guard};
use crate::domain::ids::{AreaCode, HouseholdCode};
use crate::domain::register::{Area, Assumptions, Commune, Household, Point, Register, Row, Stream, Target, Validity};
use crate::domain::rules::Rules;
use crate::domain::state::{DayState, Level, Reason, State};
use crate::domain::time::{Clock, Instant, LocalDay, Zone};
use crate::domain::units::Percent;
use crate::indicators::Counts;
use crate::store::{
    Account, Actor, Altered, Refused, ReplayOutcome, Replayed, Role, Secret, StateChange, StateSpan, Store,
    hash_password,
};

mod access;
mod crew;
mod figures;
mod households;
mod own_page;
mod register;
mod roles;
mod scope;
mod second;
mod signing;
mod visits;
mod writes;

/// 2026-11-23 09:00 in Hanoi.
const NOW_MS: i64 = 1_795_399_200_000;

struct Stopped(AtomicI64);

impl Clock for Stopped {
    fn now(&self) -> Instant {
        Instant::from_ms(self.0.load(Ordering::Relaxed))
    }
}

fn commune() -> Commune {
    let stream = |code: &str, name: &str, name_en: &str, icon: &str| Stream {
        code: code.into(),
        name: name.into(),
        name_en: name_en.into(),
        required: code != "other",
        colour: "#009E73".into(),
        icon: icon.into(),
        mean_g: None,
        guide: Default::default(),
    };
    Commune {
        code: "11779".into(),
        name: "xã Thử Nghiệm".into(),
        zone: Zone::named("Asia/Ho_Chi_Minh").expect("a zone"),
        simulated: true,
        streams: vec![stream("food", "Thực phẩm", "Food", "leaf"), stream("other", "Còn lại", "Other", "bin")],
        targets: vec![Target {
            indicator: "sorting_share".into(),
            year: 2026,
            percent: Percent::from_hundredths(10_000),
        }],
        rules: vec![Rules::standard("1", LocalDay::from_number(0))],
        assumptions: Assumptions::default(),
        contact: String::new(),
    }
}

fn day(text: &str) -> LocalDay {
    text.parse().expect("a day")
}

/// A commune of three hamlets: 40, 12 and 9 households on 2026-11-22; every household of the first is sorting.
async fn filled(store: &Store) -> Register {
    let today = day("2026-11-23");
    store.setting_or("computed_through", &today.to_string()).await.expect("set");
    let mut change = StateChange::default();
    let mut register = Vec::new();
    for (area, households) in [("A", 40), ("B", 12), ("C", 9)] {
        register.push((
            today,
            Row::Area(Area { code: area.into(), name: format!("Thôn {area}"), validity: Validity::default() }),
        ));
        let point = format!("P-{area}");
        register.push((
            today,
            Row::Point(Point {
                code: point.as_str().into(),
                name: format!("Điểm {area}"),
                area: area.into(),
                lat: None,
                lon: None,
                validity: Validity::default(),
            }),
        ));
        for number in 0..households {
            register.push((
                today,
                Row::Household(Household {
                    code: HouseholdCode::new(format!("{area}-{number:03}")),
                    area: area.into(),
                    people: None,
                    point: Some(point.as_str().into()),
                    valid_from: day("2026-01-01"),
                    valid_to: None,
                }),
            ));
            let sorts = area == "A";
            let state = DayState {
                state: if sorts { State::Sorting } else { State::Undetermined },
                reason: if sorts { None } else { Some(Reason::NoPickup) },
                weakest: if sorts { Some(Level::Device) } else { None },
                at_least_one: sorts,
                enrolled: sorts,
            };
            change.spans.put.push(StateSpan {
                household: HouseholdCode::new(format!("{area}-{number:03}")),
                from: day("2026-11-01"),
                to: None,
                area: area.into(),
                state,
                missing: if sorts { Vec::new() } else { vec!["food".into()] },
            });
            for on in day("2026-11-01").through(today) {
                let counts: &mut Counts = change.totals.entry((AreaCode::new(area), on)).or_default();
                counts.add(&state, 1);
            }
        }
    }
    store.apply_states(&change, &[]).await.expect("written");
    Register::build(register)
}

struct Server {
    router: Router,
    site: Arc<Site>,
    store: Store,
    clock: Arc<Stopped>,
    ready: watch::Sender<Readiness>,
    _folder: TempDir,
    _channels: (watch::Sender<Arc<Commune>>, watch::Sender<Arc<Register>>),
}

impl Server {
    async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    async fn start_with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("web.db").display());
        let store = Store::open(&url).await.expect("a database");
        let register = filled(&store).await;
        let clock = Arc::new(Stopped(AtomicI64::new(NOW_MS)));
        let (commune_sender, commune) = watch::channel(Arc::new(commune()));
        let (register_sender, register) = watch::channel(Arc::new(register));
        let (ready, readiness) = watch::channel(Readiness { database: true, broker: true, catch_up: None });
        let web = Web {
            store: store.clone(),
            clock: clock.clone(),
            commune,
            register,
            live: broadcast::channel::<Live>(16).0,
            ready: readiness,
            alerts: watch::channel(crate::store::AlertCounts::default()).0,
            replay: Arc::new(|id, by| {
                let outcome = if by == "quan-tri" { ReplayOutcome::Taken } else { ReplayOutcome::Refused };
                let replayed = if id == "held" { Replayed::Done(outcome) } else { Replayed::Unknown };
                Box::pin(async move { Ok(replayed) })
            }),
            settings,
        };
        let site = Arc::new(Site::new(web));
        let router = guard::guarded(site.clone());
        let _channels = (commune_sender, register_sender);
        Self { router, site, store, clock, ready, _folder: folder, _channels }
    }

    async fn account(&self, name: &str, roles: &[Role], areas: &[&str]) -> String {
        let account = Account {
            name: name.to_owned(),
            roles: roles.iter().copied().collect::<BTreeSet<_>>(),
            areas: areas.iter().map(|area| AreaCode::new(*area)).collect(),
            enabled: true,
        };
        let hash = hash_password("mat khau dung").expect("hashed");
        assert!(self.store.add_account(&account, Some(&hash), self.clock.now()).await.expect("added"));
        let token = Secret::new();
        self.store.add_token(&token.fingerprint, name, self.clock.now(), None).await.expect("added");
        token.plain
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 10_000_000).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let mut request = Request::get(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.ask(request.body(Body::empty()).expect("a request")).await
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request");
        self.ask(request).await
    }

    async fn form(&self, path: &str, token: Option<&str>, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", crate::web::sign_in::encoded(value))).collect();
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.ask(request.body(Body::from(body.join("&"))).expect("a request")).await
    }

    async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let form = format!("name={name}&password={}&next=%2Fhouseholds", password.replace(' ', "+"));
        let request = Request::post("/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .expect("a request");
        self.ask(request).await
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A path of the route that exists, with a value for its parameter.
fn example(path: &str) -> String {
    path.replace("/areas/{code}", "/areas/B")
        .replace("/h/{code}", &format!("/h/{}", own_page::CODE))
        .replace("/households/{code}", "/households/A-001")
        .replace("/charts/{file}", "/charts/tonnage.svg")
        .replace("/assets/{file}", "/assets/style.css")
        .replace("/fonts/{file}", "/fonts/OFL.txt")
        .replace("/reports/{month}/{revision}", "/reports/2026-11/1")
        .replace("/reports/{month}", "/reports/2026-11")
        .replace("/audit/{id}", "/audit/0123456789abcdef")
        .replace("/rules/preview/{id}", "/rules/preview/0123456789abcdef")
        .replace("/quarantine/{id}", "/quarantine/0123456789abcdef")
        .replace("/photos/{id}", "/photos/0123456789abcdef")
        .replace("/app/{edition}/{*file}", &format!("/app/{}/crew/main.js", super::assets::version()))
        .replace("/users/{name}", "/users/admin")
        .replace("/phones/{id}", "/phones/0123456789abcdef")
        .replace("/print/{id}", "/print/0123456789abcdef")
        .replace("/letters/{id}", "/letters/0123456789abcdef")
        .replace("/api/docs/{file}", "/api/docs/index.html")
}

#[tokio::test]
async fn every_route_answers_exactly_the_roles_of_its_row() {
    let server = Server::start().await;
    let mut tokens = Vec::new();
    for role in Role::ALL {
        tokens.push((*role, server.account(role.as_str(), &[*role], &["A"]).await));
    }
    own_page::give_code(&server).await;
    for route in routes().iter().filter(|route| route.method == Method::GET && route.path != "/events") {
        let path = example(route.path);
        let public = route.may == May::Public;
        let anonymous = server.get(&path, None).await;
        let turned_away = if route.reader == Reader::Person { StatusCode::SEE_OTHER } else { StatusCode::UNAUTHORIZED };
        if public {
            assert!(anonymous.status.is_success() || anonymous.status.is_redirection(), "{path}: {}", anonymous.status);
        } else {
            assert_eq!(anonymous.status, turned_away, "{path}");
        }
        for (role, token) in &tokens {
            let answer = server.get(&path, Some(token)).await;
            let may = public || route.may.roles().contains(role);
            assert_eq!(answer.status == StatusCode::FORBIDDEN, !may, "{path} as {role}: {}", answer.status);
            assert!(!may || !answer.status.is_server_error(), "{path} as {role}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_route_that_is_not_in_the_table_is_refused() {
    let server = Server::start().await;
    let rogue = Route {
        method: Method::GET,
        path: "/api/v1/forgotten",
        may: May::Public,
        reader: Reader::Program,
        handler: get(|| async { "everything" }),
    };
    let router = router_of(server.site.clone(), vec![rogue]);
    let request = Request::get("/api/v1/forgotten").body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_answer_carries_the_policy_and_no_inline_script() {
    let server = Server::start().await;
    for path in ["/", "/definitions", "/sign-in", "/nowhere", "/api/v1/sorting-share", "/assets/live.js"] {
        let answer = server.get(path, None).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let inline =
            answer.body.contains("<script>") || answer.body.contains(" style=\"") || answer.body.contains("<style");
        assert!(!inline || !answer.header("content-type").contains("html"), "{path}");
    }
}

#[tokio::test]
async fn errors_of_the_api_are_problem_documents_that_name_the_value() {
    let server = Server::start().await;
    let cases = [
        ("/api/v1/sorting-share?on=hôm-nay", 400, "on"),
        ("/api/v1/sorting-share?area=Z", 400, "unknown area `Z`"),
        ("/api/v1/sorting-share?aera=A", 400, "aera"),
        ("/api/v1/tonnage?step=hour", 400, "use day, week, month"),
        ("/api/v1/sorting-share/series?from=2026-11-20&to=2026-11-01", 400, "swap them"),
        ("/charts/pie.svg", 404, "unknown chart `pie.svg`"),
        ("/api/v1/nothing", 404, "/api/docs"),
        ("/api/v1/states", 401, "officer"),
    ];
    for (path, status, told) in cases {
        let answer = server.get(&path.replace('ô', "%C3%B4"), None).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        let problem = answer.json();
        assert_eq!(problem["status"], status, "{path}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(told)), "{path}: {problem}");
        assert!(problem["type"].is_string() && problem["title"].is_string(), "{path}: {problem}");
    }
}

#[tokio::test]
async fn the_share_stands_with_all_that_belongs_beside_it() {
    let server = Server::start().await;
    let share = server.get("/api/v1/sorting-share", None).await.json();
    assert_eq!(share["on"], "2026-11-22");
    assert_eq!(share["area"], Value::Null);
    assert_eq!((share["eligible"].as_i64(), share["sorting"].as_i64()), (Some(61), Some(40)));
    assert_eq!(share["undetermined_by_reason"]["no_pickup"], 21);
    // 40 / 61 = 65.573… truncated; the upper bound is whole.
    assert_eq!(share["share_percent"], 65.57);
    assert_eq!(share["upper_percent"], 100.0);
    assert_eq!(share["target_percent"], 100.0);
    assert_eq!(share["completeness_percent"], Value::Null);
    assert_eq!(share["evidence"]["device"], 40);
    assert_eq!((share["simulated"].as_bool(), share["provisional"].as_bool()), (Some(true), Some(true)));
    let series = server.get("/api/v1/sorting-share/series?from=2026-11-01&to=2026-11-22&step=week", None).await.json();
    let days: Vec<&str> =
        series["rows"].as_array().expect("rows").iter().filter_map(|row| row["on"].as_str()).collect();
    assert_eq!(days, ["2026-11-01", "2026-11-08", "2026-11-15", "2026-11-22"]);
}

#[tokio::test]
async fn a_hamlet_s_running_day_is_told_to_nobody_from_outside() {
    let server = Server::start().await;
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    let of = async |path: &str, token: Option<&str>| -> Value {
        let answer = server.get(path, token).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).expect("JSON")
    };
    let told =
        |rows: &Value| rows["rows"].as_array().expect("rows").iter().filter(|row| row["eligible"].is_u64()).count();
    let (yesterday, today) = ("/api/v1/sorting-share/areas?on=2026-11-22", "/api/v1/sorting-share/areas?on=2026-11-23");
    assert_eq!([told(&of(yesterday, None).await), told(&of(today, None).await)], [1, 0]);
    assert_eq!(told(&of(today, Some(&officer)).await), 3, "who sees everything sees it so far");
    let series = of("/api/v1/sorting-share/series?area=B&from=2026-11-20&to=2026-11-23&step=day", None).await;
    let days: Vec<&str> =
        series["rows"].as_array().expect("rows").iter().filter_map(|row| row["on"].as_str()).collect();
    assert_eq!(days.last(), Some(&"2026-11-22"), "{series}");
}

#[tokio::test]
async fn a_point_s_masses_are_for_those_who_keep_devices() {
    let server = Server::start().await;
    let chart = "/charts/tonnage.svg?point=P-A&from=2026-11-22&to=2026-11-22";
    for (name, role, status) in [
        ("can-bo", Role::Officer, StatusCode::OK),
        ("nguoi-xem", Role::Viewer, StatusCode::UNAUTHORIZED),
        ("truong-thon", Role::Visitor, StatusCode::UNAUTHORIZED),
    ] {
        let account = server.account(name, &[role], &["A"]).await;
        assert_eq!(server.get(chart, Some(&account)).await.status, status, "{name}");
    }
}

#[tokio::test]
async fn numbers_lead_to_lists_that_the_reader_may_open() {
    let server = Server::start().await;
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    let visitor = server.account("truong-thon", &[Role::Visitor], &["A"]).await;
    let links = async |path: &str, account: &str| server.get(path, Some(account)).await.body.contains("state=S\">");
    assert!(links("/", &officer).await && links("/areas/B", &officer).await);
    assert!(links("/areas/A", &visitor).await);
    assert!(!links("/", &visitor).await && !links("/areas/B", &visitor).await);
}

#[tokio::test]
async fn the_public_sees_no_small_hamlet_and_cannot_subtract_it() {
    let server = Server::start().await;
    let viewer = server.account("viewer", &[Role::Viewer], &[]).await;
    let rows = server.get("/api/v1/sorting-share/areas", None).await.json()["rows"].clone();
    let shown: Vec<(&str, bool)> = rows
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["area"].as_str().unwrap_or_default(), row["hidden"].as_bool().unwrap_or_default()))
        .collect();
    // The first by code is hidden with the small one: the commune less the others would give it.
    assert_eq!(shown, [("B", false), ("A", true), ("C", true)]);
    for path in ["/api/v1/sorting-share?area=C", "/api/v1/sorting-share/series?area=A", "/charts/tonnage.svg?area=C"] {
        assert_eq!(server.get(path, None).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(server.get(path, Some(&viewer)).await.status, StatusCode::OK, "{path}");
    }
    let page = server.get("/", None).await.body;
    assert!(page.contains("ẩn vì ít hộ") && page.contains("Thôn C"));
}

#[tokio::test]
async fn states_come_in_pages_within_the_account_s_hamlets_and_each_look_is_logged() {
    let server = Server::start().await;
    let viewer = server.account("viewer", &[Role::Viewer], &[]).await;
    let visitor = server.account("visitor", &[Role::Visitor], &["B"]).await;
    let first = server.get("/api/v1/states?state=S&limit=30", Some(&viewer)).await.json();
    assert_eq!(first["rows"].as_array().map(Vec::len), Some(30));
    assert_eq!(first["rows"][0]["weakest_evidence"], "device");
    let after = first["next"].as_str().expect("a next page");
    let second = server.get(&format!("/api/v1/states?state=S&limit=30&after={after}"), Some(&viewer)).await.json();
    assert_eq!(second["rows"].as_array().map(Vec::len), Some(10));
    assert_eq!(second["next"], Value::Null);
    let own = server.get("/api/v1/states", Some(&visitor)).await.json();
    assert_eq!(own["rows"].as_array().map(Vec::len), Some(12));
    assert_eq!(server.get("/api/v1/states?area=A", Some(&visitor)).await.status, StatusCode::FORBIDDEN);
    let looks = server.store.looks(10).await.expect("read");
    assert_eq!(looks.len(), 3);
    assert_eq!((looks[0].account.as_str(), looks[0].action.as_str()), ("visitor", "states"));
}

#[tokio::test]
async fn the_quarantine_is_listed_shown_and_replayed_by_admins_alone() {
    let server = Server::start().await;
    let admin = server.account("quan-tri", &[Role::Admin], &[]).await;
    let officer = server.account("can-bo", &[Role::Officer], &[]).await;
    let zone = Zone::named("Asia/Ho_Chi_Minh").expect("a zone");
    let at = Instant::from_ms(NOW_MS);
    let row = Refused {
        id: "held".into(),
        code: "unknown_device",
        reason: "unknown device `<b>`".into(),
        topic: "phanloai/v1/x/events".into(),
        device: Some("x".into()),
        log: None,
        seq: None,
        raw_hex: hex::encode("{\"a\":\"<i>\"}"),
        size_bytes: 11,
        at,
        last: at,
        count: 1,
    };
    server.store.append(&[], &[row], &zone, |_| unreachable!()).await.expect("kept");
    let list = server.get("/api/v1/quarantine", Some(&admin)).await.json();
    assert_eq!((list["held"].as_i64(), list["rows"][0]["replayable"].as_bool()), (Some(1), Some(true)));
    let one = server.get("/api/v1/quarantine/held", Some(&admin)).await.json();
    assert_eq!((one["raw_text"].as_str(), one["outcome"].as_str()), (Some("{\"a\":\"<i>\"}"), None));
    for path in ["/quarantine", "/quarantine/held"] {
        let page = server.get(path, Some(&admin)).await;
        assert!(page.status == StatusCode::OK && !page.body.contains("<b>") && !page.body.contains("<i>"), "{path}");
    }
    assert_eq!(server.get("/quarantine/gone", Some(&admin)).await.status, StatusCode::NOT_FOUND);
    let post = async |path: &str, token: &str| {
        let request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty());
        server.ask(request.expect("a request")).await
    };
    assert_eq!(post("/api/v1/quarantine/held/replay", &admin).await.json()["outcome"], "taken");
    assert_eq!(post("/api/v1/quarantine/gone/replay", &admin).await.status, StatusCode::NOT_FOUND);
    let answer = post("/quarantine/held/replay", &admin).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/quarantine/held"));
    for path in ["/quarantine/held/replay", "/api/v1/quarantine/held/replay"] {
        assert_eq!(post(path, &officer).await.status, StatusCode::FORBIDDEN);
    }
    let cookie = server.sign_in("quan-tri", "mat khau dung").await.header("set-cookie").to_owned();
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    let from = async |origin: &str| {
        let request = Request::post("/quarantine/held/replay").header(header::COOKIE, &cookie);
        let request = request.header(header::HOST, "rac.example").header("origin", origin).body(Body::empty());
        server.ask(request.expect("a request")).await.status
    };
    assert_eq!(from("https://evil.example").await, StatusCode::FORBIDDEN);
    assert_eq!(from("https://rac.example").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_opens_a_session_that_signing_out_ends() {
    let server = Server::start().await;
    server.account("can-bo", &[Role::Officer], &[]).await;
    let answer = server.sign_in("Can-Bo", "mat khau dung").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/households"));
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    let with_cookie = |request: axum::http::request::Builder| {
        request.header(header::COOKIE, cookie.clone()).body(Body::empty()).expect("a request")
    };
    let list = server.ask(with_cookie(Request::get("/households"))).await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains("B-000") && list.body.contains("can-bo"));
    assert_eq!(server.ask(with_cookie(Request::post("/sign-out"))).await.status, StatusCode::SEE_OTHER);
    assert_eq!(server.ask(with_cookie(Request::get("/households"))).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_with_its_account() {
    let server = Server::start().await;
    server.account("can-bo", &[Role::Officer], &[]).await;
    let mut cookies = Vec::new();
    for _ in 0..2 {
        let answer = server.sign_in("can-bo", "mat khau dung").await;
        cookies.push(answer.header("set-cookie").split(';').next().expect("a cookie").to_owned());
    }
    let status = async |cookie: &str| {
        let request = Request::get("/api/v1/states").header(header::COOKIE, cookie).body(Body::empty());
        server.ask(request.expect("a request")).await.status
    };
    assert_eq!(status(&cookies[0]).await, StatusCode::OK);
    server.clock.0.store(NOW_MS + 12 * 3_600_000, Ordering::Relaxed);
    assert_eq!(status(&cookies[0]).await, StatusCode::UNAUTHORIZED);
    server.clock.0.store(NOW_MS, Ordering::Relaxed);
    assert_eq!(status(&cookies[1]).await, StatusCode::OK);
    let by = Actor { name: "quan-tri".into(), at: server.clock.now() };
    assert_eq!(server.store.set_enabled("can-bo", false, &by).await.expect("disabled"), Altered::Done);
    assert_eq!(status(&cookies[1]).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn guessing_is_slowed_and_tells_nothing_about_names() {
    let server = Server::start().await;
    server.account("can-bo", &[Role::Officer], &[]).await;
    let unknown = server.sign_in("khong-ai", "mat khau sai").await;
    let wrong = server.sign_in("can-bo", "mat khau sai").await;
    assert_eq!((unknown.status, wrong.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(unknown.body.replace("khong-ai", "can-bo"), wrong.body);
    for _ in 0..4 {
        server.sign_in("can-bo", "mat khau sai").await;
    }
    let locked = server.sign_in("can-bo", "mat khau dung").await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(locked.header("retry-after"), "301");
    server.clock.0.store(NOW_MS + 301_000, Ordering::Relaxed);
    assert_eq!(server.sign_in("can-bo", "mat khau dung").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let server = Server::start().await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")] {
        let request =
            Request::post("/sign-out").header(header::HOST, "rac.example").header(name, value).body(Body::empty());
        let answer = server.ask(request.expect("a request")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let request =
        Request::post("/sign-out").header(header::HOST, "rac.example").header("origin", "https://rac.example");
    assert_eq!(server.ask(request.body(Body::empty()).expect("a request")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn behind_tls_the_cookie_is_bound_to_the_host() {
    let settings =
        Settings { public_origin: Some("https://rac.example".into()), secure: true, trusted_proxies: Vec::new() };
    let server = Server::start_with(settings).await;
    server.account("can-bo", &[Role::Officer], &[]).await;
    let answer = server.sign_in("can-bo", "mat khau dung").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-session=") && cookie.contains("Secure"), "{cookie}");
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn readiness_is_red_while_stored_events_are_loaded_and_the_page_says_how_far() {
    let server = Server::start().await;
    assert_eq!(server.get("/readyz", None).await.status, StatusCode::OK);
    let progress = super::Progress { done: 250, total: 1_000, per_second: 50, eta_s: Some(15), pickups: 40 };
    server.ready.send_modify(|ready| ready.catch_up = Some(progress));
    let answer = server.get("/readyz", None).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["progress"]["done"], 250);
    assert_eq!(server.get("/healthz", None).await.status, StatusCode::OK);
    let page = server.get("/", None).await.body;
    assert!(page.contains("250 / 1.000 bản ghi") && page.contains("<noscript><meta http-equiv=\"refresh\""));
}

#[tokio::test]
async fn the_overview_reads_well_in_both_languages() {
    let server = Server::start().await;
    let vi = server.get("/", None).await;
    for text in [
        "65,57\u{a0}%",
        "40 trong 61 hộ",
        "chưa đủ căn cứ để công bố",
        "Mục tiêu 2026: 100\u{a0}%",
        "Dữ liệu mô phỏng",
        "Thôn A",
    ] {
        assert!(vi.body.contains(text), "{text}");
    }
    assert!(!vi.body.contains("B-000"), "no household in the public view");
    let en = server.get("/?lang=en", None).await;
    assert!(en.body.contains("65.57%") && en.body.contains("<html lang=\"en\""));
    assert!(en.header("set-cookie").starts_with("lang=en;"));
    let viewer = server.account("viewer", &[Role::Viewer], &[]).await;
    let hamlet = server.get("/areas/A", Some(&viewer)).await;
    assert!(hamlet.body.contains("Thôn A") && hamlet.body.contains("100\u{a0}%"));
    assert_eq!(server.get("/areas/Z", None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn charts_come_as_svg_and_png() {
    let server = Server::start().await;
    let svg = server.get("/charts/sorting-share.svg?lang=en&form=narrow&theme=dark", None).await;
    assert_eq!((svg.status, svg.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    assert!(svg.body.starts_with("<svg"));
    let png = server.get("/charts/areas.png", None).await;
    assert_eq!((png.status, png.header("content-type")), (StatusCode::OK, "image/png"));
}
