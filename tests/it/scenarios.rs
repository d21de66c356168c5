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
use phanloai::store::{Account, PickupsQuery, Role, Secret, StatesQuery, Store};
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
    what_crews_wrongly_say_breaks_the_band_by_what_the_file_says: "hasty_crews",
}

#[tokio::test(flavor = "multi_thread")]
async fn who_moves_within_the_commune_counts_in_its_old_hamlet_before_and_in_its_new_one_after() {
    let scenario = scenario("households_move");
    let stage = Stage::play(&scenario).await;
    let commune = &stage.plan.commune;
    let last: LocalDay = LAST.parse().unwrap();
    let (mut moved, mut weighed) = (0, 0);
    for household in &commune.households {
        let Some(dwelling) = &household.moved else { continue };
        let day: LocalDay = dwelling.from.to_string().parse().unwrap();
        if day >= last || dwelling.area == household.area || household.valid_to.is_some() {
            continue;
        }
        let state = async |on: LocalDay, area: usize| {
            let area = Some(commune.areas[area].code.as_str().into());
            let query = StatesQuery { on, area, state: None, reason: None, after: None, limit: i64::MAX };
            let rows = stage.store.states(&query).await.unwrap();
            rows.iter().any(|row| row.household.as_str() == household.code)
        };
        // Who is excluded, or too new to count, counts in neither.
        let (before, after) = (day - 1, last - 1);
        let counts_before = state(before, household.area).await || state(before, dwelling.area).await;
        let counts_after = state(after, household.area).await || state(after, dwelling.area).await;
        assert_eq!(state(before, household.area).await, counts_before, "{} before {day}", household.code);
        assert_eq!(state(after, dwelling.area).await, counts_after, "{} after {day}", household.code);
        moved += u32::from(counts_before && counts_after);
        let (from, to) = (Zone::named("Asia/Ho_Chi_Minh").unwrap().start_of(day), now());
        let code = household.code.as_str().into();
        let query = PickupsQuery { from, to, place: None, household: Some(code), after: None, limit: i64::MAX };
        let place = &commune.points[dwelling.point].code;
        for pickup in stage.store.pickups(&query).await.unwrap() {
            weighed += 1;
            assert_eq!(pickup.place.as_str(), place, "{} after {day}", household.code);
        }
    }
    stage.app.stop().await;
    println!("{moved} households moved, {weighed} pickups at their new points");
    assert!(moved > 5 && weighed > 20, "{moved} {weighed}");
}
