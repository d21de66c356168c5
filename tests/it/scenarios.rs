//! The simulator's scenarios: each commune through the whole service, its figures by the public API, and the score
//! against what really happened within the bounds of its file.

use std::path::Path;
use std::sync::Arc;

use firmware_sim::Plan;
use firmware_sim::publish::PublishOptions;
use firmware_sim::scenario::Scenario;
use firmware_sim::score::fetch::fetch;
use firmware_sim::score::{Score, Truth, score};
use phanloai::app::{App, import, load_commune};
use phanloai::config::{Config, DatabaseUrl};
use phanloai::domain::time::{Clock, Instant, LocalDay, Zone};
use phanloai::imports::Kind;
use phanloai::store::{Account, Role, Secret, Store};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::commune::Still;

pub const LAST: &str = "2026-11-20";

/// A minute after the last day of the history ended.
pub fn now() -> Instant {
    let zone = Zone::named("Asia/Ho_Chi_Minh").unwrap();
    zone.start_of(LAST.parse::<LocalDay>().unwrap().next()).plus_ms(60_000)
}

/// The service after a scenario's devices have sent their history.
pub struct Stage {
    pub app: App,
    pub plan: Arc<Plan>,
    store: Store,
    _folder: TempDir,
}

impl Stage {
    /// Runs the service and the simulator until the whole history is in the figures.
    pub async fn play(scenario: &Scenario) -> Self {
        let folder = TempDir::new().unwrap();
        let plan = Arc::new(scenario.plan(LAST.parse().unwrap()).unwrap());
        let files = folder.path().join("commune");
        plan.commune.write_files(&files).unwrap();
        let mut config = Config::default();
        config.database.url = DatabaseUrl::sqlite(&folder.path().join("scenario.db").display().to_string());
        for listen in [&mut config.http.listen, &mut config.mqtt.listen, &mut config.metrics.listen] {
            *listen = "127.0.0.1:0".parse().unwrap();
        }
        let clock: Arc<dyn Clock> = Arc::new(Still(now()));
        let store = Store::open(config.database.url.expose()).await.unwrap();
        let commune = load_commune(&store, Some(&files.join("commune.toml"))).await.unwrap();
        for kind in Kind::ALL {
            let file = files.join(format!("{}.csv", kind.as_str()));
            if file.exists() {
                let bytes = std::fs::read(&file).unwrap();
                import(&store, &commune, *kind, &bytes, clock.as_ref(), "test", false).await.unwrap();
            }
        }
        let app = App::start(&config, store.clone(), commune, clock).await.unwrap();
        let mqtt = app.mqtt.unwrap();
        let options = PublishOptions {
            live: false,
            now_ms: Arc::new(|| now().ms()),
            ..PublishOptions::new(mqtt.ip().to_string(), mqtt.port())
        };
        let (_stop, stop_seen) = watch::channel(false);
        let summary = firmware_sim::run(Arc::clone(&plan), options, |_| {}, stop_seen).await.unwrap();
        assert_eq!(summary.acked_events, summary.published_events);
        let stage = Self { app, plan, store, _folder: folder };
        stage.settled().await;
        stage
    }

    /// Waits until everything stored is computed: broker and API answer what is committed.
    pub async fn settled(&self) {
        while self.app.store.stale_count().await.unwrap() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    pub fn server(&self) -> String {
        format!("http://{}", self.app.http)
    }

    /// Makes an account and gives its token.
    pub async fn token(&self, name: &str, role: Role) -> String {
        let roles = [role].into_iter().collect();
        let account = Account { name: name.to_owned(), roles, areas: Vec::new(), enabled: true };
        self.store.add_account(&account, None, now()).await.unwrap();
        let secret = Secret::new();
        self.store.add_token(&secret.fingerprint, name, now(), None).await.unwrap();
        secret.plain
    }

    /// Asks the public API as the account of `token`, and scores its answers.
    pub async fn scored(&self, token: &str) -> Score {
        let (server, token) = (self.server(), token.to_owned());
        let truth = Truth::of(&self.plan, now().ms());
        let asked = tokio::task::spawn_blocking(move || {
            let answers = fetch(&server, Some(&token), &truth.run.from, &truth.run.to).unwrap();
            score(&truth, &answers)
        });
        asked.await.unwrap()
    }
}

/// Reads a scenario of the repository.
pub fn scenario(name: &str) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name).with_extension("toml");
    Scenario::read(&file).unwrap()
}

/// Plays the scenario `name` and holds its bounds.
async fn holds(name: &str) {
    let scenario = scenario(name);
    let stage = Stage::play(&scenario).await;
    let officer = stage.token("score", Role::Officer).await;
    let score = stage.scored(&officer).await;
    stage.app.stop().await;
    println!("{name}: {score}");
    assert!(score.service.given > 300, "{name}: too little happened\n{score}");
    let shortfalls = score.shortfalls(&scenario.expect);
    assert!(shortfalls.is_empty(), "{name}: {}\n{score}", shortfalls.join("; "));
}

macro_rules! scenarios {
    ($($fact:ident: $name:literal),+ $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $fact() {
            holds($name).await;
        }
    )+};
}

scenarios! {
    where_everybody_sorts_most_are_seen_to: "everybody_sorts",
    where_nobody_sorts_nobody_is_said_to: "nobody_sorts",
    who_composts_at_home_is_not_called_not_sorting: "home_composting",
    a_hamlet_without_power_is_not_called_not_sorting: "devices_down",
    a_campaign_shows_in_the_share: "campaign",
    exchanged_cards_spoil_only_their_own_households: "tag_swap",
    households_that_move_leave_the_figures_right: "households_move",
    every_fault_at_once_gives_few_bags_to_the_wrong_household: "all_faults",
    at_the_busiest_rate_precision_holds: "busiest_rate",
    a_card_shows_no_bags_content: "bags_content_unseen",
}
