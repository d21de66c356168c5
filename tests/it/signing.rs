//! What an officer signs, from facts to the sheet: a preview tells what recording a rule then does; a closed month outlives late
//! data and a rebuild; a report's text and hash are those of the published form.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use phanloai::app::{load_commune, load_register, rebuild};
use phanloai::domain::ids::AreaCode;
use phanloai::domain::month::Month;
use phanloai::domain::register::Row;
use phanloai::domain::rules::{RuleChange, Rules};
use phanloai::domain::time::{Instant, LocalDay, Zone};
use phanloai::indicators::Counts;
use phanloai::indicators::standing::{read_list, write_list};
use phanloai::recompute::{Recompute, stale_by_rule};
use phanloai::store::{Account, MONTH_FORMAT, Replayed, Role, Secret, StoredReport};
use phanloai::web::{Live, Readiness, Settings, Web, router};
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};
use tower::ServiceExt;

use crate::commune::{Still, TestCommune};
use crate::oracle::generate::generate;
use crate::oracle::world::World;

async fn renewed(commune: &TestCommune) -> Recompute {
    let newest = Arc::new(load_commune(&commune.store, None).await.unwrap());
    Recompute { commune: newest, ..commune.recompute().await }
}

async fn compute(commune: &TestCommune, today: LocalDay) {
    let recompute = renewed(commune).await;
    recompute.roll_to(today).await.unwrap();
    while commune.store.stale_count().await.unwrap() > 0 {
        recompute.pass().await.unwrap();
    }
}

fn last_day(world: &World) -> LocalDay {
    LocalDay::from_number(i32::try_from(world.to.0).unwrap())
}

fn counted(counts: BTreeMap<AreaCode, Counts>) -> BTreeMap<AreaCode, Counts> {
    let states = counts.into_iter().map(|(area, counts)| (area, counts.states_alone()));
    states.filter(|(_, counts)| *counts != Counts::default()).collect()
}

#[tokio::test]
async fn recording_a_rule_does_what_its_preview_told_and_the_preview_writes_nothing() {
    let mut moved = 0;
    for seed in 9_100..9_106 {
        let world = generate(seed);
        let commune = TestCommune::of_world(&world, None).await;
        let today = last_day(&world);
        compute(&commune, today).await;
        let last = today - 1;
        let recompute = renewed(&commune).await;
        let from = last - 10;
        let rules = Rules {
            window_days: 9,
            verified_days: 12,
            contrary_days: 4,
            working_percent: 35,
            new_household_days: 2,
            ..Rules::standard("thử", from)
        };
        let before = (commune.store.counts_on(last).await.unwrap(), commune.store.stale_count().await.unwrap());
        let effect =
            recompute.effect_of(&rules, last, None, |_, _| {}).await.unwrap().expect("there are finished days");
        let after = (commune.store.counts_on(last).await.unwrap(), commune.store.stale_count().await.unwrap());
        assert_eq!(before, after, "seed {seed}: the preview wrote");
        let told = &effect.days[&last];
        assert_eq!(counted(told.before.clone()), counted(before.0), "seed {seed}: before");
        moved += told.moves.households();

        let days = (commune.store.computed_from().await.unwrap(), commune.store.computed_through().await.unwrap());
        let stale = stale_by_rule(&recompute.commune, &recompute.register, &rules, days);
        let row = Row::Rule(RuleChange { rules, why: "thử nghiệm".to_owned() });
        commune.store.record_register(&[row], &[], stale, Instant::from_ms(1_795_410_000_001), "can-bo").await.unwrap();
        let outdated = recompute.pass().await.unwrap();
        assert!(!outdated.figures_changed, "seed {seed}: a pass with the old rule wrote");
        compute(&commune, today).await;
        assert_eq!(
            counted(commune.store.counts_on(last).await.unwrap()),
            counted(told.after.clone()),
            "seed {seed}: after"
        );
        for (day, (_, after)) in &effect.course {
            let mut all = Counts::default();
            commune.store.counts_on(*day).await.unwrap().values().for_each(|counts| all.merge(counts));
            assert_eq!(all.states_alone(), *after, "seed {seed}: {day}");
        }
        assert_eq!(renewed(&commune).await.check().await.unwrap(), None, "seed {seed}");
    }
    assert!(moved > 0, "the rule of this test moves nobody");
}

/// The pages and the API over a commune's database, for an officer.
pub struct Office {
    router: axum::Router,
    token: String,
}

impl Office {
    /// Opens the pages over a commune's database, with an officer's token.
    pub async fn open(commune: &TestCommune, now: Instant, name: &str) -> Self {
        let store = commune.store.clone();
        let newest = load_commune(&store, None).await.unwrap();
        let register = load_register(&store, &newest).await.unwrap();
        let web = Web {
            store: store.clone(),
            clock: Arc::new(Still(now)),
            commune: watch::channel(Arc::new(newest)).1,
            register: watch::channel(Arc::new(register)).1,
            live: broadcast::channel::<Live>(16).0,
            ready: watch::channel(Readiness { database: true, broker: true, catch_up: None }).1,
            alerts: watch::channel(phanloai::store::AlertCounts::default()).0,
            replay: Arc::new(|_, _| Box::pin(async { Ok(Replayed::Unknown) })),
            settings: Settings::default(),
        };
        let account =
            Account { name: name.to_owned(), roles: BTreeSet::from([Role::Officer]), areas: Vec::new(), enabled: true };
        store.add_account(&account, None, now).await.unwrap();
        let secret = Secret::new();
        store.add_token(&secret.fingerprint, name, now, None).await.unwrap();
        Self { router: router(web), token: secret.plain }
    }

    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn json(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, text) = self.ask(method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// Envelopes with their devices.
type Envelopes = Vec<(String, String)>;

/// Splits a commune's envelopes into those that come in time and those that come late: every second one.
fn halves(world: &World) -> (Envelopes, Envelopes) {
    let envelopes: Envelopes =
        world.envelopes().iter().map(|(device, envelope)| (device.clone(), envelope.to_string())).collect();
    let (early, late): (Vec<_>, Vec<_>) = envelopes.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let plain = |part: Vec<(usize, (String, String))>| part.into_iter().map(|(_, envelope)| envelope).collect();
    (plain(early), plain(late))
}

async fn append(commune: &TestCommune, envelopes: &[(String, String)]) {
    let borrowed: Vec<(&str, String)> =
        envelopes.iter().map(|(device, text)| (device.as_str(), text.clone())).collect();
    commune.append(&borrowed).await;
}

#[tokio::test]
async fn late_data_after_a_closing_leads_to_a_revision_and_never_touches_what_was_signed() {
    let zone = Zone::named("Asia/Ho_Chi_Minh").unwrap();
    let mut revised = false;
    for seed in 9_200..9_212 {
        let world = generate(seed);
        let commune = TestCommune::empty_of_world(&world, None).await;
        let (early, late) = halves(&world);
        append(&commune, &early).await;
        let month = Month::of(LocalDay::from_number(i32::try_from(world.from.0).unwrap()));
        let today = month.last_day() + 3;
        compute(&commune, today).await;
        let now = zone.at_minute(today, 9 * 60);
        let office = Office::open(&commune, now, "can-bo").await;
        let path = format!("/api/v1/reports/{month}");

        let (status, problem) = office.ask("POST", &format!("{path}/close"), Some(json!({}))).await;
        if status == StatusCode::UNPROCESSABLE_ENTITY && problem.contains("no household counts") {
            continue;
        }
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert!(problem.contains("confirm_early"), "{problem}");
        let on = format!("/api/v1/sorting-share?on={}", month.last_day());
        assert_eq!(office.json("GET", &on, None).await["provisional"], true);
        let looked_at = office.json("GET", &path, None).await;
        assert_eq!((&looked_at["status"], &looked_at["over"]), (&json!("open"), &json!(true)));
        let wrong = json!({ "confirm_early": true, "figures_sha256": "00" });
        assert_eq!(office.ask("POST", &format!("{path}/close"), Some(wrong)).await.0, StatusCode::CONFLICT);
        let right = json!({ "confirm_early": true, "figures_sha256": looked_at["figures_sha256"] });
        let closed = office.json("POST", &format!("{path}/close"), Some(right.clone())).await;
        assert_eq!(
            (closed["revision"].as_i64(), closed["simulated"].as_bool()),
            (Some(1), Some(commune.commune.simulated))
        );
        assert_eq!(office.json("GET", &on, None).await["provisional"], false);
        assert_eq!(office.ask("POST", &format!("{path}/close"), Some(right)).await.0, StatusCode::CONFLICT);
        let (_, signed) = office.ask("GET", &format!("{path}/1"), None).await;

        append(&commune, &late).await;
        commune.record(&world).await;
        let (status, problem) =
            office.ask("POST", &format!("{path}/close"), Some(json!({ "confirm_early": true }))).await;
        assert_eq!(status, StatusCode::CONFLICT, "{problem}");
        assert!(problem.contains("being computed"), "{problem}");
        compute(&commune, today).await;
        let differing = office.json("GET", &path, None).await;
        if differing["differs"] == false {
            continue;
        }
        let no_reason = office.ask("POST", &format!("{path}/close"), Some(json!({ "confirm_early": true }))).await;
        assert!(no_reason.1.contains("needs a `reason`"), "{no_reason:?}");
        let revise = json!({ "confirm_early": true, "reason": "dữ liệu của nửa số thiết bị về muộn" });
        let second = office.json("POST", &format!("{path}/close"), Some(revise)).await;
        assert_eq!(second["revision"], 2);
        let text: Value = serde_json::from_str(&office.ask("GET", &format!("{path}/2"), None).await.1).unwrap();
        assert_eq!(text["previous_sha256"], closed["sha256"]);
        let listed = text["changes"].as_array().unwrap();
        assert_eq!(listed.len(), differing["changes"].as_array().unwrap().len());
        let households: i64 = text["moves"].as_array().unwrap().iter().filter_map(|of| of["households"].as_i64()).sum();
        assert_eq!(Some(households), differing["households_moved"].as_i64());
        assert_eq!(office.json("GET", &path, None).await["differs"], false);
        revised |= households > 0;

        let newest = load_commune(&commune.store, None).await.unwrap();
        let register = load_register(&commune.store, &newest).await.unwrap();
        let before = commune.store.month_reports().await.unwrap();
        rebuild(&commune.store, Arc::new(newest), Arc::new(register), &Still(now), |_| {}).await.unwrap();
        assert_eq!(commune.store.month_reports().await.unwrap(), before);
        assert_eq!(office.ask("GET", &format!("{path}/1"), None).await.1, signed);
        assert_eq!(phanloai::store::sha256(&signed), closed["sha256"].as_str().unwrap());
        for revision in [1, 2] {
            let verdict = office.json("GET", &format!("{path}/{revision}/verify"), None).await;
            assert_eq!((&verdict["holds"], &verdict["faults"]), (&json!(true), &json!([])));
        }
        if revised {
            break;
        }
    }
    assert!(revised, "late data moved no household of any of the communes");
}

/// A report and its list, written and hashed by another program (Python's json and hashlib): later versions must find it whole.
#[test]
fn a_report_s_text_and_hash_are_those_that_another_program_makes() {
    const SHA256: &str = "01a77b8ad6f230d68e615623e916af3ed2992a8a81f456dbeb45153ca5b40f70";
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/signing");
    let content = std::fs::read_to_string(folder.join("month-report.json")).unwrap();
    let states = std::fs::read_to_string(folder.join("month-report.states")).unwrap();
    assert_eq!(phanloai::store::sha256(&content), SHA256);
    let stored = StoredReport {
        month: "2026-11".parse().unwrap(),
        revision: 1,
        format: MONTH_FORMAT.to_owned(),
        sha256: SHA256.to_owned(),
        content: content.clone(),
        closed: Instant::from_ms(0),
        by: "can-bo".to_owned(),
    };
    assert_eq!(stored.faults(&states, None), Vec::<String>::new());
    let report = stored.report().unwrap();
    assert_eq!(report.text(), content);
    assert_eq!(report.figures.commune.counts().share().unwrap().to_string(), "40.00");
    assert_eq!(write_list(&read_list(&states).unwrap()), states);
}
