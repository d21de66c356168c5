//! What it costs to turn facts into figures, on a simulated commune of 600 households over 42 days.
//!
//! `cargo bench --bench recompute` prints times by divan; "item" is a day's state of a household, a reading, or a page.

mod parts {
    pub mod simulated;
}

use std::sync::LazyLock;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use divan::Bencher;
use divan::counter::ItemsCount;
use parts::simulated::{Simulated, TODAY, day};
use phanloai::domain::attribution::{Observed, StationRegister, Windows, attribute};
use phanloai::domain::facts::Operation;
use phanloai::domain::ids::{DeviceId, HouseholdCode, StationCode};
use phanloai::domain::pickup::Pickup;
use phanloai::domain::round::RoundOutcome;
use phanloai::domain::sorting::HouseholdFacts;
use phanloai::domain::time::Instant;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

const HOUSEHOLDS: u32 = 600;
const DAYS: u32 = 42;
/// Households whose facts are judged in one measured run.
const JUDGED: usize = 60;
/// Days judged of each.
const JUDGED_DAYS: i32 = 28;

/// What bears on one household.
struct Facts {
    household: HouseholdCode,
    pickups: Vec<Pickup>,
    operations: Vec<Operation>,
    rounds: Vec<RoundOutcome>,
}

/// The commune with everything computed, and what the measured parts read of it.
struct Scene {
    runtime: Runtime,
    simulated: Simulated,
    facts: Vec<Facts>,
    station: StationCode,
    observed: Vec<Observed>,
    _folder: TempDir,
}

static SCENE: LazyLock<Scene> = LazyLock::new(Scene::make);

fn main() {
    LazyLock::force(&SCENE);
    divan::main();
}

impl Scene {
    fn make() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (simulated, facts, (station, observed)) = runtime.block_on(async {
            let simulated = Simulated::make(folder.path(), HOUSEHOLDS, DAYS).await;
            let facts = facts(&simulated).await;
            let busiest = busiest_station(&simulated).await;
            (simulated, facts, busiest)
        });
        Self { runtime, simulated, facts, station, observed, _folder: folder }
    }
}

async fn facts(of: &Simulated) -> Vec<Facts> {
    let begin = of.register.first_service_day().expect("a schedule");
    let mut facts = Vec::new();
    for household in of.register.households.keys().take(JUDGED) {
        let one = [household.clone()];
        let since = of.commune.zone.start_of(begin);
        let mut rounds = Vec::new();
        for place in of.register.places_of(household) {
            rounds.extend(of.store.rounds(&place, begin, day(TODAY)).await.expect("rounds"));
        }
        facts.push(Facts {
            household: household.clone(),
            pickups: of.store.household_pickups(&one, since, Instant::from_ms(i64::MAX)).await.expect("pickups"),
            operations: of.store.statements_of(&one).await.expect("statements"),
            rounds,
        });
    }
    facts
}

/// Finds the station with the most readings on the day before, and gives them.
async fn busiest_station(of: &Simulated) -> (StationCode, Vec<Observed>) {
    let before = day(TODAY) - 1;
    let (from, to) = (of.commune.zone.start_of(before), of.commune.zone.start_of(before.next()));
    let mut stations: std::collections::BTreeMap<StationCode, Vec<DeviceId>> = std::collections::BTreeMap::new();
    for (id, versions) in &of.register.devices {
        stations.entry(versions.newest().station()).or_default().push(id.clone());
    }
    let mut busiest = (StationCode::new(""), Vec::new());
    for (station, devices) in stations {
        let observed = of.store.readings_in_use(&devices, from, to).await.expect("readings");
        if observed.len() > busiest.1.len() {
            busiest = (station, observed);
        }
    }
    busiest
}

/// States of households: gathering the facts and judging 28 days of each.
#[divan::bench]
fn household_states(bencher: Bencher) {
    let scene = &*SCENE;
    let days = JUDGED_DAYS.unsigned_abs() * u32::try_from(scene.facts.len()).expect("a few households");
    bencher.counter(ItemsCount::new(days)).bench(|| {
        let mut counted = 0_u32;
        for facts in &scene.facts {
            let gathered = HouseholdFacts::gather(
                &scene.simulated.commune,
                &scene.simulated.register,
                &facts.household,
                &facts.pickups,
                &facts.operations,
                &facts.rounds,
            );
            let last = day(TODAY) - 1;
            let states = (last - (JUDGED_DAYS - 1)).through(last).filter_map(|day| gathered.on(day));
            counted += u32::try_from(states.count()).expect("a few days");
        }
        counted
    });
}

/// Hand-overs of a station's day, from its readings.
#[divan::bench]
fn station_day(bencher: Bencher) {
    let scene = &*SCENE;
    let owners = StationRegister {
        register: &scene.simulated.register,
        zone: &scene.simulated.commune.zone,
        station: &scene.station,
    };
    bencher
        .counter(ItemsCount::new(scene.observed.len()))
        .bench(|| attribute(divan::black_box(&scene.observed), owners, &Windows::default()).len());
}

/// The share of a day with its completeness, as queries.
#[divan::bench]
fn share_queries(bencher: Bencher) {
    let scene = &*SCENE;
    let last = day(TODAY) - 1;
    bencher.bench(|| {
        scene.runtime.block_on(async {
            let counts = scene.simulated.store.counts_on(last).await.expect("counts");
            let completeness = scene.simulated.store.completeness_by_area(last - 27, last).await.expect("completeness");
            (counts, completeness)
        })
    });
}

/// The whole overview page: queries, charts and markup.
#[divan::bench]
fn overview_page(bencher: Bencher) {
    let scene = &*SCENE;
    let router = scene.simulated.router();
    bencher.counter(ItemsCount::new(1_u32)).bench(|| {
        scene.runtime.block_on(async {
            let request = Request::get("/").body(Body::empty()).expect("a request");
            let response = router.clone().oneshot(request).await.expect("an answer");
            assert!(response.status().is_success(), "{}", response.status());
            to_bytes(response.into_body(), usize::MAX).await.expect("a body").len()
        })
    });
}
