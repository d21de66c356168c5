//! Every page of the product, found by its links and looked at in a real browser: by a keyboard's and a screen reader's eyes (axe-core),
//! on a telephone and on a desk, light and dark, in both languages; without errors, shifting layout or anything wider than the screen.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use firmware_sim::Faults;
use phanloai::alerts::Watch;
use phanloai::app::{load_commune, load_register};
use phanloai::changes;
use phanloai::domain::proposal::{Proposal, Proposed};
use phanloai::domain::register::Exclusion;
use phanloai::domain::state::ExclusionReason;
use phanloai::domain::time::{HOUR_MS, Zone};
use phanloai::store::{Account, Refused, Role, hash_password};
use phanloai::web::page_paths;
use serde_json::{Value, json};

use crate::commune::conflict;
use crate::month::{Month, month, now};
use crate::support::chromium::{Browser, View};

const AXE: &str = include_str!("support/axe/axe.min.js");
const NAME: &str = "lan";
const PASSWORD: &str = "mat khau du dai 12";

/// Pages that no link leads to, each with the reason.
const WITHOUT_LINK: &[(&str, &str)] = &[
    ("/h/{code}", "a household's own page, opened by its private code"),
    ("/crew/shell", "what the app on a phone opens without a signal"),
    ("/visits/shell", "what the app on a phone opens without a signal"),
    ("/phones/pair", "opened on the phone by the code that is printed for it"),
    ("/phones/sign-in", "where a paired phone arrives"),
    ("/api/docs", "leads on to /api/docs/"),
];

/// Pages whose content is somebody else's: looked at for errors only.
const OTHERS_PAGES: &[&str] = &["/api/docs", "/api/docs/"];

/// Greatest layout shift that counts as good, ten-thousandths (Web Vitals: 0.1).
const SHIFT_MAX: i64 = 1_000;

struct Reader {
    browser: Browser,
    server: String,
    /// What is wrong, by page and view.
    faults: BTreeSet<String>,
    /// Addresses behind links that are no page: answered once each.
    files: BTreeSet<String>,
}

impl Reader {
    async fn open(&mut self, path: &str, lang: &str, view: View) {
        self.browser.look(view).await;
        let sign = if path.contains('?') { '&' } else { '?' };
        self.browser.open(&format!("{}{path}{sign}lang={lang}", self.server)).await;
        let status =
            self.browser.script("return performance.getEntriesByType('navigation')[0].responseStatus", &[]).await;
        if status != json!(200) {
            self.faults.insert(format!("{path} answers {status}"));
        }
    }

    async fn examine(&mut self, path: &str, view: &str) {
        let spare = self.browser.script("return innerWidth - document.documentElement.scrollWidth", &[]).await;
        if spare.as_i64().is_none_or(|spare| spare < 0) {
            self.faults.insert(format!("{path} ({view}): wider than the screen by {spare}"));
        }
        let shift = self
            .browser
            .script_async(
                "const done = arguments[0]; let sum = 0;
                 new PerformanceObserver((list) => list.getEntries().forEach((entry) => sum += entry.value))
                     .observe({ type: 'layout-shift', buffered: true });
                 document.fonts.ready.then(() => setTimeout(() => done(Math.round(sum * 10000)), 50));",
            )
            .await;
        // A long table's columns find their width while it comes, and an app draws what it finds on the phone.
        let is_short = path == "/" || path.starts_with("/areas/") || path.starts_with("/public");
        if shift.as_i64().is_none_or(|shift| shift > if is_short { 0 } else { SHIFT_MAX }) {
            self.faults.insert(format!("{path} ({view}): the layout shifts by {shift} ten-thousandths"));
        }
        // By a key, not by a pointer: the mark of the place is for those.
        for _ in 0..5 {
            let tab = json!({ "type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9 });
            self.browser.devtools("Input.dispatchKeyEvent", tab).await;
            if self.browser.script("return document.querySelector(':focus-visible') !== null", &[]).await == json!(true)
            {
                break;
            }
        }
        let unseen = self
            .browser
            .script(
                "const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"]');
                 return [...all].filter((element) => {
                     if (!element.checkVisibility({ visibilityProperty: true }) || element.disabled) return false;
                     element.focus();
                     const style = getComputedStyle(element);
                     return document.activeElement !== element || (style.outlineStyle === 'none' && style.boxShadow === 'none');
                 }).map((element) => element.outerHTML.slice(0, 90));",
                &[],
            )
            .await;
        for element in unseen.as_array().expect("a list") {
            self.faults.insert(format!("{path} ({view}): the keyboard's place is not seen on {element}"));
        }
        let found = self
            .browser
            .script_async(&format!(
                "{AXE};
                 const done = arguments[0];
                 axe.run(document, {{ resultTypes: ['violations'] }}).then((result) => done(result.violations.map((one) =>
                     `${{one.id}}: ${{one.nodes.length}} × ${{one.nodes[0].target.join(' ')}}: ${{one.nodes[0].failureSummary}}`)));",
            ))
            .await;
        for fault in found.as_array().expect("a list") {
            self.faults.insert(format!("{path} ({view}): {}", fault.as_str().unwrap_or_default()));
        }
    }

    async fn fetch(&self, path: &str) -> Value {
        let ask =
            format!("const done = arguments[0]; fetch({path:?}).then((answer) => done(answer.status), () => done(0))");
        self.browser.script_async(&ask).await
    }
}

/// Gives the route that a path belongs to, of those given: words before parameters. A `{kind}` is a page of its own each time.
fn route_of(path: &str, routes: &[&'static str]) -> Option<(&'static str, String)> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |route: &&&'static str| {
        let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
        route.len() == path.len() && route.iter().zip(&path).all(|(of, is)| of == is || of.starts_with('{'))
    };
    let route = routes.iter().filter(fits).min_by_key(|route| route.matches('{').count())?;
    Some((route, if route.contains("{kind}") { path.to_owned() } else { (*route).to_owned() }))
}

/// A commune in which everything has happened that a page can show.
async fn busy_month() -> Month {
    let month = month(Faults::moderate()).await;
    let store = &month.app.store;
    let account =
        Account { name: NAME.into(), roles: Role::ALL.iter().copied().collect(), areas: Vec::new(), enabled: true };
    store.add_account(&account, Some(&hash_password(PASSWORD).unwrap()), now()).await.unwrap();
    let rows = (1..=12).map(|number| Exclusion {
        household: format!("TM-{number:05}").as_str().into(),
        reason: ExclusionReason::Vacant,
        from: "2026-11-01".parse().unwrap(),
        to: None,
        by: "an".to_owned(),
    });
    let proposal = Proposal {
        id: "018f2c4e-0000-7000-8000-000000000001".to_owned(),
        at: now(),
        by: "an".to_owned(),
        reason: "khảo sát nhà bỏ trống".to_owned(),
        proposed: Proposed::Exclusions { rows: rows.collect() },
        decision: None,
    };
    assert!(changes::propose(store, &proposal).await.unwrap());
    let refused = Refused {
        id: "1".to_owned(),
        code: "json",
        reason: "expected value at line 1 column 1".to_owned(),
        topic: "phanloai/v1/can-1/events".to_owned(),
        device: Some("can-1".to_owned()),
        log: None,
        seq: None,
        raw_hex: "7b00ff".to_owned(),
        size_bytes: 3,
        at: now(),
        last: now(),
        count: 1,
    };
    let zone = Zone::named("Asia/Ho_Chi_Minh").unwrap();
    store.append(&[], &[refused], &zone, conflict).await.unwrap();
    // Nothing has come for a week since.
    let commune = Arc::new(load_commune(store, None).await.unwrap());
    let register = Arc::new(load_register(store, &commune).await.unwrap());
    let watch = Watch { store: store.clone(), commune, register };
    assert!(watch.look(now().plus_ms(7 * 24 * HOUR_MS), Some(now())).await.unwrap());
    month
}

/// Does what must be done before the pages of it are there, and gives where that leads; and where the apps lead who have no scripts.
async fn begin(browser: &Browser, server: &str) -> Vec<String> {
    let mut begun = Vec::new();
    browser.open(&format!("{server}/rules")).await;
    browser.script("document.querySelector('[name=version]').value ||= '2026-2'", &[]).await;
    browser.script("document.querySelector('[name=effective_from]').value ||= '2026-12-01'", &[]).await;
    browser.script("document.querySelector('[name=window_days]').value = '21'", &[]).await;
    for (path, button) in [
        ("/rules", "form[action='/rules/preview'] button"),
        ("/audit", "form[action='/audit/draw'] button"),
        ("/cards?show=1", "form[action='/cards'][method=post] button"),
        ("/own-codes?show=1", "form[action='/own-codes'][method=post] button"),
        ("/reports/2026-10", "form[action='/reports/2026-10/close'] button"),
    ] {
        if path != "/rules" {
            browser.open(&format!("{server}{path}")).await;
        }
        browser.script("document.querySelector('[name=confirm_early]')?.click()", &[]).await;
        browser.follow(button).await;
        begun.push(browser.address().await.trim_start_matches(server).to_owned());
    }
    browser.look(View { scripts: false, ..View::PHONE }).await;
    for (path, first) in [("/crew", ".field-item button"), ("/visits", ".field-row")] {
        browser.open(&format!("{server}{path}")).await;
        browser.follow(first).await;
        begun.push(browser.address().await.trim_start_matches(server).to_owned());
        begun.extend(links(browser).await);
    }
    begun
}

/// Gives where the links of the page lead, within the product, in the language and colours that are set.
async fn links(browser: &Browser) -> Vec<String> {
    let links = browser
        .script(
            "return [...document.querySelectorAll('a[href]')].filter((link) => link.origin === location.origin)
                 .map((link) => link.pathname + link.search)",
            &[],
        )
        .await;
    let links = links.as_array().expect("a list").iter().filter_map(Value::as_str);
    links.filter(|link| !link.contains("lang=") && !link.contains("theme=")).map(ToOwned::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_found_by_links_and_can_be_used_by_everybody() {
    let month = busy_month().await;
    let server = format!("http://{}", month.app.http);
    let browser = Browser::start(View::DESK).await;
    browser.open(&format!("{server}/sign-in")).await;
    browser.fill("input[name=name]", NAME).await;
    browser.fill("input[name=password]", PASSWORD).await;
    browser.follow("form.stack button").await;
    let begun = begin(&browser, &server).await;

    let routes = page_paths();
    let mut reader = Reader { browser, server, faults: BTreeSet::new(), files: BTreeSet::new() };
    let mut waiting: VecDeque<String> = VecDeque::from(["/".to_owned()]);
    waiting.extend(WITHOUT_LINK.iter().map(|(path, _)| (*path).to_owned()).filter(|path| !path.contains('{')));
    waiting.extend(begun);
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut reached: BTreeSet<&'static str> = BTreeSet::new();
    while let Some(path) = waiting.pop_front() {
        let Some((route, key)) = route_of(&path, &routes) else {
            if reader.files.insert(path.split('?').next().unwrap_or_default().to_owned()) {
                let status = reader.fetch(&path).await;
                if status != json!(200) {
                    reader.faults.insert(format!("a link leads to {path}, which answers {status}"));
                }
            }
            continue;
        };
        if seen.contains_key(&key) {
            continue;
        }
        seen.insert(key, path.clone());
        reached.insert(route);
        if is_file(&path) {
            let status = reader.fetch(&path).await;
            if status != json!(200) {
                reader.faults.insert(format!("a link leads to {path}, which answers {status}"));
            }
            continue;
        }
        eprintln!("{path}");
        reader.open(&path, "vi", View::PHONE).await;
        if !OTHERS_PAGES.contains(&route) {
            reader.examine(&path, "telephone, vi").await;
            waiting.extend(links(&reader.browser).await);
            reader.open(&path, "en", View { dark: true, ..View::DESK }).await;
            reader.examine(&path, "desk, dark, en").await;
        }
        for error in reader.browser.console_errors().await {
            reader.faults.insert(format!("{path}: {error}"));
        }
    }
    let known = |route: &str| reached.contains(route) || WITHOUT_LINK.iter().any(|(path, _)| *path == route);
    let missed: Vec<&&str> = routes.iter().filter(|route| !known(route)).collect();
    let faults: Vec<String> = reader.faults.into_iter().collect();
    assert!(faults.is_empty() && missed.is_empty(), "{}\nno link leads to {missed:?}", faults.join("\n"));
    assert!(seen.len() > 60, "{} pages", seen.len());
}

/// Tells whether what lies there is handed over as a file.
fn is_file(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.ends_with(".csv") || path.ends_with(".xlsx") || path.ends_with("/pdf") || path.starts_with("/register/export/")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_comes_in_less_than_a_hundred_kilobytes_beside_the_fonts() {
    let month = month(Faults::moderate()).await;
    let browser = Browser::start(View::DESK).await;
    browser.open(&format!("http://{}/", month.app.http)).await;
    let parts = browser
        .script(
            "const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
             return all.filter((entry) => !entry.name.endsWith('.woff2')).map((entry) => [entry.name, entry.transferSize])",
            &[],
        )
        .await;
    let parts = parts.as_array().expect("a list");
    let bytes: i64 = parts.iter().filter_map(|part| part[1].as_i64()).sum();
    assert!(parts.len() > 2 && bytes > 5_000, "{parts:?}");
    assert!(bytes < 100_000, "{bytes} bytes: {parts:?}");
}
