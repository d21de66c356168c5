//! A simulated commune in a SQLite file, with its figures computed.

use std::path::Path;
use std::sync::Arc;

use firmware_sim::{Commune as SimCommune, CommuneSpec, Faults, Plan, Walk, wire};
use phanloai::app::{import, load_commune, load_register};
use phanloai::devices::{Accepts, Root, Topic, decode};
use phanloai::domain::attribution::Windows;
use phanloai::domain::ids::StreamCode;
use phanloai::domain::reading::Reading;
use phanloai::domain::register::{Commune, Register};
use phanloai::domain::time::{Clock, Instant, LocalDay};
use phanloai::imports::Kind;
use phanloai::recompute::Recompute;
use phanloai::store::{Refused, Store};
use phanloai::web::{self, Readiness, Settings, Web};
use tokio::sync::{broadcast, watch};

/// Today, in every bench.
pub const TODAY: &str = "2026-11-23";

/// A clock that does not move.
pub struct Still(pub Instant);

impl Clock for Still {
    fn now(&self) -> Instant {
        self.0
    }
}

/// Reads a day.
pub fn day(text: &str) -> LocalDay {
    text.parse().expect("a day")
}

/// The commune.
pub struct Simulated {
    pub store: Store,
    pub commune: Arc<Commune>,
    pub register: Arc<Register>,
    pub clock: Arc<Still>,
}

impl Simulated {
    /// Makes one of so many households, with the days before today, as `bench.db` in a folder.
    pub async fn make(folder: &Path, households: u32, days: u32) -> Self {
        let store = Store::open(&format!("sqlite://{}", folder.join("bench.db").display())).await.expect("open");
        let spec = CommuneSpec::sized(households, day(TODAY).date(), days, 1);
        let plan = Arc::new(Plan { commune: SimCommune::generate(&spec), faults: Faults::moderate() });
        let files = folder.join("commune");
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
        append_history(&store, &commune, &plan, days, clock.now()).await;
        let made = Self { store, commune, register, clock };
        made.recompute().await.roll_to(day(TODAY)).await.expect("rolled");
        made.renew().await;
        made
    }

    /// Gives the renewal of figures with the register as it was read last.
    pub async fn recompute(&self) -> Recompute {
        Recompute {
            store: self.store.clone(),
            commune: Arc::clone(&self.commune),
            register: Arc::clone(&self.register),
            register_version: self.store.setting("register_version").await.expect("a setting"),
            windows: Windows::default(),
        }
    }

    /// Renews what is stale, and gives how many households were computed.
    pub async fn renew(&self) -> usize {
        let recompute = self.recompute().await;
        let mut households = 0;
        while self.store.stale_count().await.expect("a count") > 0 {
            households += recompute.pass().await.expect("a pass").households;
        }
        households
    }

    /// Gives the pages and the API. The senders keep them fed.
    pub fn router(&self) -> axum::Router {
        let (_, commune) = watch::channel(Arc::clone(&self.commune));
        let (_, register) = watch::channel(Arc::clone(&self.register));
        let (_, ready) = watch::channel(Readiness { database: true, broker: true, catch_up: None });
        web::router(Web {
            store: self.store.clone(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            commune,
            register,
            live: broadcast::channel(1).0,
            ready,
            alerts: watch::channel(phanloai::store::AlertCounts::default()).0,
            replay: Arc::new(|_, _| Box::pin(async { Ok(phanloai::store::Replayed::Unknown) })),
            settings: Settings::default(),
        })
    }
}

/// Appends all that the devices of a plan sent in its days.
async fn append_history(store: &Store, commune: &Commune, plan: &Arc<Plan>, days: u32, now: Instant) {
    let streams: Vec<StreamCode> = commune.streams.iter().map(|stream| stream.code.clone()).collect();
    let accepts = Accepts { streams: &streams, simulated: true };
    let root = Root::parse("phanloai/v1").expect("a root");
    let conflict = |reading: &Reading| -> Refused { panic!("{} was stored with other content", reading.id) };
    let mut walk = Walk::new(Arc::clone(plan));
    for _ in 0..days {
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
