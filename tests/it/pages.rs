//! The pages in a real browser: what must be seen, with and without scripts, on a telephone and on a desk.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use phanloai::domain::alert::{AlertKind, Cause, Look, Subject, Verdict};
use phanloai::domain::ids::{AreaCode, HouseholdCode};
use phanloai::domain::register::{
    Area, Assumptions, Commune, Device, DeviceKind, Point, Register, Row, ScaleMode, Stream, Target, Validity,
};
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
    rows.extend([(today, Row::Point(point())), (today, Row::Device(scale(today)))]);
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

fn point() -> Point {
    let name = "Đình làng, sân sau".into();
    Point { code: "P".into(), name, area: "A".into(), lat: None, lon: None, validity: Validity::default() }
}

/// A scale whose verification has run out.
fn scale(today: LocalDay) -> Device {
    Device {
        device: "can-dinh-lang".into(),
        place: "P".into(),
        kind: DeviceKind::Scale,
        station: None,
        profile: "native".into(),
        mode: ScaleMode::Platform,
        stream: None,
        max_g: Some(60_000),
        division_g: Some(20),
        min_g: Some(400),
        verified_until: Some(today - 3),
        after_read_s: None,
        before_read_s: None,
        together_s: None,
        validity: Validity::default(),
    }
}

/// A look that finds the scale past its verification, and one that finds what it is told.
async fn find(store: &Store, more: Option<Cause>) {
    let now = Instant::from_ms(NOW_MS);
    let of_scale = || Subject::Device("can-dinh-lang".into());
    let until: LocalDay = "2026-11-20".parse().expect("a day");
    let mut look = Look::default();
    for cause in more.into_iter().chain([Cause::VerificationOverdue { until }]) {
        look.note(cause.kind(), of_scale(), Verdict::Holds(cause));
    }
    let open = store.open_alerts().await.expect("read").into_iter().map(|kept| kept.alert).collect();
    let changes = look.changes(open, now, |kind: AlertKind, _: &Subject| kind.as_str().replace('_', "-"));
    store.keep_alerts(&changes).await.expect("kept");
}

struct Server {
    store: Store,
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
            store: store.clone(),
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
        Self { store, address, live, ready, _folder: folder, _channels: (commune_sender, register_sender) }
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

async fn sign_in(server: &Server, browser: &Browser, next: &str) {
    browser.open(&server.url(&format!("/sign-in?next={}", next.replace('/', "%2F")))).await;
    browser.fill("input[name=name]", "can-bo").await;
    browser.fill("input[name=password]", "mat khau thu").await;
    browser.follow("form.stack button").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_acknowledged_with_a_note_and_taken_back_without_scripts() {
    let server = Server::start().await;
    find(&server.store, None).await;
    let browser = Browser::start(View { scripts: false, ..View::PHONE }).await;
    sign_in(&server, &browser, "/alerts").await;
    let list = browser.text("main").await;
    for seen in ["Cân quá hạn kiểm định", "can-dinh-lang", "Đình làng, sân sau", "20/11/2026", "1 chưa ai ghi nhận"]
    {
        assert!(list.contains(seen), "`{seen}` is not on the page:\n{list}");
    }
    browser.follow(".alert-head a").await;
    browser.arrives("/alerts/verification-overdue").await;
    assert!(browser.text("main").await.contains("Chưa ai ghi nhận."));
    browser.fill("textarea[name=note]", "Đã đặt lịch thứ Sáu").await;
    browser.follow("form[action$='/acknowledge'] button").await;
    let taken = browser.text("main").await;
    assert!(taken.contains("can-bo ghi nhận lúc 09:00 23/11/2026"), "{taken}");
    assert!(taken.contains("Đã đặt lịch thứ Sáu"), "{taken}");
    find(&server.store, None).await;
    browser.open(&server.url("/alerts?taken=no")).await;
    assert!(
        browser.text("main").await.contains("Không có cảnh báo nào khớp với bộ lọc."),
        "found again, it is still taken"
    );
    browser.open(&server.url("/alerts/verification-overdue")).await;
    browser.follow("form[action$='/acknowledge'] button").await;
    let back = browser.text("main").await;
    assert!(back.contains("can-bo rút ghi nhận lúc 09:00 23/11/2026"), "{back}");
    browser.open(&server.url("/alerts?taken=no")).await;
    assert!(browser.text("main").await.contains("Cân quá hạn kiểm định"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_beside_the_navigation_falls_with_each_acknowledgement() {
    let server = Server::start().await;
    find(&server.store, Some(Cause::LowBattery { battery_mv: 11_200 })).await;
    find(&server.store, Some(Cause::Refused { times: 4, last: Instant::from_ms(NOW_MS) })).await;
    let browser = Browser::start(View::DESK).await;
    sign_in(&server, &browser, "/devices/can-dinh-lang").await;
    assert!(browser.text("main").await.contains("Thiết bị bị từ chối"));
    browser.follow("#alert-refused form button").await;
    browser.arrives("/devices/can-dinh-lang").await;
    assert_eq!(
        browser.text("[data-alert-count] [aria-hidden]").await,
        "1",
        "the battery has to hold for a while first"
    );
    browser.follow("#alert-verification-overdue form button").await;
    browser.arrives("/devices/can-dinh-lang").await;
    browser.wait_until("document.querySelector('[data-alert-count]').hidden").await;
    assert!(browser.console_errors().await.is_empty(), "{:?}", browser.console_errors().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn points_devices_quality_and_alerts_fit_a_telephone_in_both_themes_and_languages() {
    let server = Server::start().await;
    find(&server.store, None).await;
    let browser = Browser::start(View { scripts: false, ..View::PHONE }).await;
    sign_in(&server, &browser, "/points").await;
    for dark in [false, true] {
        browser.look(View { dark, scripts: false, ..View::PHONE }).await;
        for path in [
            "/alerts",
            "/alerts/verification-overdue",
            "/alerts?show=past",
            "/points",
            "/points/P",
            "/devices",
            "/devices/can-dinh-lang",
            "/quality",
            "/quality?area=A",
        ] {
            for lang in ["vi", "en"] {
                let query = if path.contains('?') { '&' } else { '?' };
                browser.open(&server.url(&format!("{path}{query}lang={lang}"))).await;
                assert!(width_to_spare(&browser).await >= 0, "{path} is wider than the screen ({lang})");
                assert!(!browser.text("h1").await.is_empty(), "{path} has no title");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_the_pages_of_devices_and_alerts_leads_somewhere() {
    let server = Server::start().await;
    find(&server.store, None).await;
    let browser = Browser::start(View::DESK).await;
    sign_in(&server, &browser, "/alerts").await;
    let lost = "const [pages, done] = [arguments[0], arguments[arguments.length - 1]];
        (async () => {
            const lost = [], seen = new Set(), texts = new Map();
            const text = async (path) => {
                if (!texts.has(path)) {
                    const answer = await fetch(path);
                    texts.set(path, answer.ok ? await answer.text() : null);
                }
                return texts.get(path);
            };
            for (const page of pages) {
                const parsed = new DOMParser().parseFromString(await text(page), 'text/html');
                for (const link of parsed.querySelectorAll('main a[href], nav a[href]')) {
                    const to = new URL(link.getAttribute('href'), new URL(page, location.href));
                    // This register is the running service's alone, its history is empty.
                    if (seen.has(to.href) || to.pathname.startsWith('/register/row/')) continue;
                    seen.add(to.href);
                    const answer = await text(to.pathname + to.search);
                    if (answer === null) lost.push(`${page}: ${to.pathname}${to.search}`);
                    else if (to.hash && !answer.includes(`id=\"${to.hash.slice(1)}\"`)) lost.push(`${page}: ${to.pathname}${to.hash}`);
                }
            }
            done(lost);
        })();";
    let pages = "['/alerts', '/alerts/verification-overdue', '/points', '/points/P', '/devices', '/devices/can-dinh-lang', '/quality']";
    let lost = browser.script_async(&lost.replace("arguments[0]", pages)).await;
    assert_eq!(lost, serde_json::json!([]));
}
