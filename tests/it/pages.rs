//! The pages in a real browser: what must be seen, with and without scripts, on a telephone and on a desk.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use phanloai::domain::ids::{AreaCode, HouseholdCode};
use phanloai::domain::register::{Area, Assumptions, Commune, Register, Row, Stream, Target, Validity};
use phanloai::domain::rules::Rules;
use phanloai::domain::state::{DayState, Level, Reason, State};
use phanloai::domain::time::{Clock, Instant, LocalDay, Zone};
use phanloai::domain::units::Percent;
use phanloai::store::{Account, Replayed, Role, StateChange, StateSpan, Store, hash_password};
use phanloai::web::{self, Live, Progress, Readiness, Settings, Web};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};

use crate::support::chromium::{Browser, View};

/// 2026-11-23 09:00 in Hanoi.
const NOW_MS: i64 = 1_795_399_200_000;

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Instant {
        Instant::from_ms(NOW_MS)
    }
}

fn commune() -> Commune {
    let stream = |code: &str, name: &str, name_en: &str| Stream {
        code: code.into(),
        name: name.into(),
        name_en: name_en.into(),
        required: code != "other",
        colour: "#009E73".into(),
        icon: code.into(),
        mean_g: None,
        guide: Default::default(),
    };
    Commune {
        code: "11779".into(),
        name: "xã Thử Nghiệm".into(),
        zone: Zone::named("Asia/Ho_Chi_Minh").expect("a zone"),
        simulated: true,
        streams: vec![stream("food", "Thực phẩm", "Food"), stream("other", "Còn lại", "Other")],
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

/// Two hamlets: of 100 households 80 are sorting, of 50 none is known to.
async fn fill(store: &Store) -> Register {
    let today: LocalDay = "2026-11-23".parse().expect("a day");
    store.setting_or("computed_through", &today.to_string()).await.expect("set");
    let mut change = StateChange::default();
    let mut rows = Vec::new();
    for (area, households, sorting) in [("A", 100, 80), ("B", 50, 0)] {
        rows.push((
            today,
            Row::Area(Area {
                code: area.into(),
                name: format!("Thôn {area} – khu dân cư ven đường"),
                validity: Validity::default(),
            }),
        ));
        for number in 0..households {
            let sorts = number < sorting;
            let state = DayState {
                state: if sorts { State::Sorting } else { State::Undetermined },
                reason: if sorts { None } else { Some(Reason::OneStreamMissing) },
                weakest: if sorts { Some(Level::Device) } else { None },
                at_least_one: true,
                enrolled: true,
            };
            let household = HouseholdCode::new(format!("{area}-{number:03}"));
            let missing = if sorts { Vec::new() } else { vec!["food".into()] };
            change.spans.put.push(StateSpan {
                household,
                from: today - 20,
                to: None,
                area: area.into(),
                state,
                missing,
            });
            for on in (today - 20).through(today) {
                change.totals.entry((AreaCode::new(area), on)).or_default().add(&state, 1);
            }
        }
    }
    store.apply_states(&change, &[]).await.expect("written");
    let account = Account {
        name: "can-bo".into(),
        roles: BTreeSet::from([Role::Officer, Role::Admin]),
        areas: Vec::new(),
        enabled: true,
    };
    let hash = hash_password("mat khau thu").expect("hashed");
    store.add_account(&account, Some(&hash), Instant::from_ms(NOW_MS)).await.expect("added");
    Register::build(rows)
}

struct Server {
    address: SocketAddr,
    live: broadcast::Sender<Live>,
    ready: watch::Sender<Readiness>,
    _folder: TempDir,
    _channels: (watch::Sender<Arc<Commune>>, watch::Sender<Arc<Register>>),
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store =
            Store::open(&format!("sqlite://{}", folder.path().join("pages.db").display())).await.expect("opened");
        let (register_sender, register) = watch::channel(Arc::new(fill(&store).await));
        let (commune_sender, commune) = watch::channel(Arc::new(commune()));
        let (ready, readiness) = watch::channel(Readiness { database: true, broker: true, catch_up: None });
        let live = broadcast::channel(16).0;
        let web = Web {
            store,
            clock: Arc::new(Stopped),
            commune,
            register,
            live: live.clone(),
            ready: readiness,
            alerts: watch::channel(phanloai::store::AlertCounts::default()).0,
            replay: Arc::new(|_, _| Box::pin(async { Ok(Replayed::Unknown) })),
            settings: Settings::default(),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(web::serve(listener, web, std::future::pending()));
        Self { address, live, ready, _folder: folder, _channels: (commune_sender, register_sender) }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn width_to_spare(browser: &Browser) -> i64 {
    let spare = browser.script("return innerWidth - document.documentElement.scrollWidth", &[]).await;
    spare.as_i64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_shows_the_share_and_all_that_must_stand_beside_it() {
    let server = Server::start().await;
    let browser = Browser::start(View::DESK).await;
    browser.open(&server.url("/")).await;
    let page = browser.text("body").await;
    for seen in [
        "53,33 %",
        "80 trong 150 hộ",
        "chưa đủ căn cứ để công bố",
        "Mục tiêu 2026: 100 %",
        "Cận trên",
        "Độ phủ căn cứ",
        "Dữ liệu đầy đủ",
        "Hộ tham gia",
        "còn thiếu một nhóm",
        "Dữ liệu mô phỏng",
        "Thôn A",
    ] {
        assert!(page.contains(seen), "`{seen}` is not on the page:\n{page}");
    }
    assert!(browser.console_errors().await.is_empty(), "{:?}", browser.console_errors().await);
    for asked in browser.requests().await {
        let outside = asked.contains("://") && !asked.starts_with(&server.url("/"));
        assert!(!outside, "the page asked {asked}");
    }
    browser.follow("#hamlets a").await;
    assert!(browser.text("h1").await.contains("Thôn A"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_telephone_in_both_themes_without_scripts() {
    let server = Server::start().await;
    let browser = Browser::start(View { scripts: false, ..View::PHONE }).await;
    for dark in [false, true] {
        browser.look(View { dark, scripts: false, ..View::PHONE }).await;
        for path in [
            "/",
            "/areas/A",
            "/public",
            "/public?lang=en",
            "/h",
            "/tonnage",
            "/definitions",
            "/sign-in",
            "/nowhere",
            "/?lang=en",
        ] {
            browser.open(&server.url(path)).await;
            assert!(width_to_spare(&browser).await >= 0, "{path} is wider than the screen");
            assert!(!browser.text("h1").await.is_empty(), "{path} has no title");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_follows_what_happens_without_being_asked() {
    let server = Server::start().await;
    let browser = Browser::start(View::DESK).await;
    browser.open(&server.url("/")).await;
    browser.wait_until("document.body.classList.contains('is-live')").await;
    let progress = Progress { done: 250, total: 1_000, per_second: 50, eta_s: Some(15), pickups: 40 };
    server.ready.send_modify(|ready| ready.catch_up = Some(progress));
    server.live.send(Live::Progress(progress)).expect("the page listens");
    browser.wait_until("document.querySelector('#progress progress')?.value === 250").await;
    assert!(browser.text("#progress").await.contains("250 / 1.000 bản ghi"));
    server.ready.send_modify(|ready| ready.catch_up = None);
    server.live.send(Live::Figures).expect("the page listens");
    browser.wait_until("!document.querySelector('#progress')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_signs_in_sees_the_list_and_signs_out() {
    let server = Server::start().await;
    let browser = Browser::start(View::PHONE).await;
    browser.open(&server.url("/households")).await;
    assert!(browser.address().await.contains("/sign-in?next="));
    browser.fill("input[name=name]", "can-bo").await;
    browser.fill("input[name=password]", "mat khau sai").await;
    browser.follow("form.stack button").await;
    assert!(browser.text("[role=alert]").await.contains("chưa đúng"));
    browser.fill("input[name=password]", "mat khau thu").await;
    browser.follow("form.stack button").await;
    browser.arrives("/households").await;
    assert!(browser.text("tbody").await.contains("A-080"));
    assert!(width_to_spare(&browser).await >= 0);
    browser.follow("header form button").await;
    assert!(browser.text("header").await.contains("Đăng nhập"), "{}", browser.text("body").await);
    browser.open(&server.url("/households")).await;
    assert!(browser.address().await.contains("/sign-in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_can_be_browsed_without_an_outside_host() {
    let server = Server::start().await;
    let browser = Browser::start(View::DESK).await;
    browser.open(&server.url("/api/docs")).await;
    browser.wait_until("document.body.innerText.includes('/api/v1/sorting-share')").await;
    for asked in browser.requests().await {
        let outside = asked.contains("://") && !asked.starts_with(&server.url("/"));
        assert!(!outside, "the page asked {asked}");
    }
    assert!(browser.console_errors().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_accounts_and_phones_fit_a_telephone_and_need_no_script() {
    let server = Server::start().await;
    let browser = Browser::start(View { scripts: false, ..View::PHONE }).await;
    browser.open(&server.url("/sign-in?next=%2Fusers")).await;
    browser.fill("input[name=name]", "can-bo").await;
    browser.fill("input[name=password]", "mat khau thu").await;
    browser.follow("form.stack button").await;
    assert!(browser.text("h1").await.contains("Người dùng"));
    browser.fill("#add input[name=name]", "to-1").await;
    browser.click("#add input[value=crew]").await;
    browser.follow("#add form > button").await;
    assert!(browser.text("h1").await.contains("to-1"));
    let shown = browser.text(".secret").await;
    assert_eq!(shown.trim().len(), 19, "{shown}");
    browser.open(&server.url("/phones")).await;
    browser.fill("input[name=name]", "Tổ 1").await;
    browser.follow("form.filters button").await;
    let code = browser.text(".secret").await;
    browser.open(&server.url(&format!("/phones/pair?code={}", code.trim()))).await;
    browser.follow("main form button").await;
    browser.arrives("/phones/sign-in").await;
    assert!(browser.console_errors().await.is_empty(), "{:?}", browser.console_errors().await);
    for dark in [false, true] {
        browser.look(View { dark, scripts: false, ..View::PHONE }).await;
        for path in [
            "/users",
            "/users/can-bo",
            "/account",
            "/account/tokens",
            "/phones",
            "/phones/sign-in",
            "/access-log?lang=en",
        ] {
            browser.open(&server.url(path)).await;
            assert!(width_to_spare(&browser).await >= 0, "{path} is wider than the screen");
            assert!(!browser.text("h1").await.is_empty(), "{path} has no title");
        }
    }
}
