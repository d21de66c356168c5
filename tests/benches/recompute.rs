//! What it costs to turn facts into figures, on a simulated commune of 600 households over 42 days.
//!
//! `cargo bench --bench recompute` prints times by divan; "item" is a day's state of a household, a reading, or a page.

use std::sync::{Arc, LazyLock};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use divan::Bencher;
use divan::counter::ItemsCount;
use firmware_sim::{Commune as SimCommune, CommuneSpec, Faults, Plan, Walk, wire};
use phanloai::app::{import, load_commune, load_register};
use phanloai::devices::{Accepts, Root, Topic, decode};
use phanloai::domain::attribution::{Observed, StationRegister, Windows, attribute};
use phanloai::domain::facts::Operation;
use phanloai::domain::ids::{DeviceId, HouseholdCode, StationCode, StreamCode};
use phanloai::domain::pickup::Pickup;
use phanloai::domain::reading::Reading;
use phanloai::domain::register::{Commune, Register};
use phanloai::domain::round::RoundOutcome;
use phanloai::domain::sorting::HouseholdFacts;
use phanloai::domain::time::{Clock, Instant, LocalDay};
use phanloai::imports::Kind;
use phanloai::recompute::Recompute;
use phanloai::store::{Refused, Store};
use phanloai::web::{self, Readiness, Settings, Web};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{broadcast, watch};
use tower::ServiceExt as _;

const HOUSEHOLDS: u32 = 600;
const DAYS: u32 = 42;
const TODAY: &str = "2026-11-23";
/// Households whose facts are judged in one measured run.
const JUDGED: usize = 60;
/// Days judged of each.
const JUDGED_DAYS: i32 = 28;

struct Still(Instant);

impl Clock for Still {
    fn now(&self) -> Instant {
        self.0
    }
}

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
    store: Store,
    commune: Arc<Commune>,
    register: Arc<Register>,
    facts: Vec<Facts>,
    station: StationCode,
    observed: Vec<Observed>,
    clock: Arc<Still>,
    _folder: TempDir,
}

static SCENE: LazyLock<Scene> = LazyLock::new(Scene::make);

fn main() {
    LazyLock::force(&SCENE);
    divan::main();
}

fn day(text: &str) -> LocalDay {
    text.parse().expect("a day")
}

impl Scene {
    fn make() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(Self::fill()).into_scene(runtime)
    }

    async fn fill() -> Filled {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&format!("sqlite://{}", folder.path().join("bench.db").display())).await.expect("open");
        let spec = CommuneSpec::sized(HOUSEHOLDS, day(TODAY).date(), DAYS, 1);
        let plan = Arc::new(Plan { commune: SimCommune::generate(&spec), faults: Faults::moderate() });
        let files = folder.path().join("commune");
        plan.commune.write_files(&files).expect("files");
        let commune = Arc::new(load_commune(&store, Some(&files.join("commune.toml"))).await.expect("a commune"));
        let clock = Arc::new(Still(commune.zone.at_minute(day(TODAY), 9 * 60)));
        for kind in Kind::ALL {
            let file = files.join(format!("{}.csv", kind.as_str()));
            if let Ok(bytes) = std::fs::read(&file) {
                import(&store, &commune, *kind, &bytes, clock.as_ref(), "bench", false).await.expect("a valid file");
            }
        }
        let register = Arc::new(load_register(&store, &commune).await.expect("a register"));
        append_history(&store, &commune, &plan, clock.now()).await;
        let recompute = Recompute {
            store: store.clone(),
            commune: Arc::clone(&commune),
            register: Arc::clone(&register),
            register_version: store.setting("register_version").await.expect("a setting"),
            windows: Windows::default(),
        };
        recompute.roll_to(day(TODAY)).await.expect("rolled");
        while store.stale_count().await.expect("a count") > 0 {
            recompute.pass().await.expect("a pass");
        }
        Filled { store, commune, register, clock, folder }
    }
}

struct Filled {
    store: Store,
    commune: Arc<Commune>,
    register: Arc<Register>,
    clock: Arc<Still>,
    folder: TempDir,
}

impl Filled {
    fn into_scene(self, runtime: Runtime) -> Scene {
        let (facts, (station, observed)) =
            runtime.block_on(async { (self.facts().await, self.busiest_station().await) });
        let Self { store, commune, register, clock, folder } = self;
        Scene { runtime, store, commune, register, facts, station, observed, clock, _folder: folder }
    }

    async fn facts(&self) -> Vec<Facts> {
        let begin = self.register.first_service_day().expect("a schedule");
        let mut facts = Vec::new();
        for household in self.register.households.keys().take(JUDGED) {
            let one = [household.clone()];
            let since = self.commune.zone.start_of(begin);
            let mut rounds = Vec::new();
            for place in self.register.places_of(household) {
                rounds.extend(self.store.rounds(&place, begin, day(TODAY)).await.expect("rounds"));
            }
            facts.push(Facts {
                household: household.clone(),
                pickups: self.store.household_pickups(&one, since, Instant::from_ms(i64::MAX)).await.expect("pickups"),
                operations: self.store.statements_of(&one).await.expect("statements"),
                rounds,
            });
        }
        facts
    }

    /// Finds the station with the most readings on the day before, and gives them.
    async fn busiest_station(&self) -> (StationCode, Vec<Observed>) {
        let before = day(TODAY) - 1;
        let (from, to) = (self.commune.zone.start_of(before), self.commune.zone.start_of(before.next()));
        let mut stations: std::collections::BTreeMap<StationCode, Vec<DeviceId>> = std::collections::BTreeMap::new();
        for (id, versions) in &self.register.devices {
            stations.entry(versions.newest().station()).or_default().push(id.clone());
        }
        let mut busiest = (StationCode::new(""), Vec::new());
        for (station, devices) in stations {
            let observed = self.store.readings_in_use(&devices, from, to).await.expect("readings");
            if observed.len() > busiest.1.len() {
                busiest = (station, observed);
            }
        }
        busiest
    }
}

async fn append_history(store: &Store, commune: &Commune, plan: &Arc<Plan>, now: Instant) {
    let streams: Vec<StreamCode> = commune.streams.iter().map(|stream| stream.code.clone()).collect();
    let accepts = Accepts { streams: &streams, simulated: true };
    let root = Root::parse("phanloai/v1").expect("a root");
    let conflict = |reading: &Reading| -> Refused { panic!("{} was stored with other content", reading.id) };
    let mut walk = Walk::new(Arc::clone(plan));
    for _ in 0..DAYS {
        let mut readings = Vec::new();
        for (index, events) in walk.next_day().events.into_iter().enumerate() {
            let device = &plan.commune.devices[index];
            let topic = Topic::parse(&root, &wire::events_topic("phanloai/v1", &device.code)).expect("a topic");
            let kept: Vec<_> = events.into_iter().filter(|event| !event.lost).collect();
            for part in kept.chunk_by(|one, next| one.boot == next.boot).flat_map(|boot| boot.chunks(100)) {
                let first = part.first().expect("no chunk is empty");
                let message = wire::envelope(device.log, first.ms + now.ms() - first.at_ms, part);
                readings.extend(decode(&topic, &message, now, &accepts).expect("a valid message").readings);
            }
        }
        store.append(&readings, &[], &commune.zone, conflict).await.expect("appended");
    }
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
                &scene.commune,
                &scene.register,
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
    let owners = StationRegister { register: &scene.register, zone: &scene.commune.zone, station: &scene.station };
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
            let counts = scene.store.counts_on(last).await.expect("counts");
            let completeness = scene.store.completeness_by_area(last - 27, last).await.expect("completeness");
            (counts, completeness)
        })
    });
}

/// The whole overview page: queries, charts and markup.
#[divan::bench]
fn overview_page(bencher: Bencher) {
    let scene = &*SCENE;
    let (_commune_sender, commune) = watch::channel(Arc::clone(&scene.commune));
    let (_register_sender, register) = watch::channel(Arc::clone(&scene.register));
    let (_ready_sender, ready) = watch::channel(Readiness { database: true, broker: true, catch_up: None });
    let router = web::router(Web {
        store: scene.store.clone(),
        clock: Arc::clone(&scene.clock) as Arc<dyn Clock>,
        commune,
        register,
        live: broadcast::channel(1).0,
        ready,
        replay: Arc::new(|_, _| Box::pin(async { Ok(phanloai::store::Replayed::Unknown) })),
        settings: Settings::default(),
    });
    bencher.counter(ItemsCount::new(1_u32)).bench(|| {
        scene.runtime.block_on(async {
            let request = Request::get("/").body(Body::empty()).expect("a request");
            let response = router.clone().oneshot(request).await.expect("an answer");
            assert!(response.status().is_success(), "{}", response.status());
            to_bytes(response.into_body(), usize::MAX).await.expect("a body").len()
        })
    });
}
