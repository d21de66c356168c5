//! A month of 300 households, from the simulator's devices over MQTT into figures, against what really happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use firmware_sim::publish::PublishOptions;
use firmware_sim::truth::{Mishap, TrueHandOver};
use firmware_sim::{Commune as SimCommune, CommuneSpec, Faults, Plan, Walk};
use phanloai::app::{App, import, load_commune};
use phanloai::config::{Config, DatabaseUrl, MqttUrl};
use phanloai::domain::pickup::Pickup;
use phanloai::domain::time::{Clock, Instant, LocalDay};
use phanloai::imports::Kind;
use phanloai::indicators::Step;
use phanloai::store::{PickupsQuery, Store};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::commune::Still;

const DAYS: u32 = 30;
const LAST: &str = "2026-11-20";

/// A minute after the last day of the history ended.
pub fn now() -> Instant {
    let zone = phanloai::domain::time::Zone::named("Asia/Ho_Chi_Minh").unwrap();
    zone.start_of(LAST.parse::<LocalDay>().unwrap().next()).plus_ms(60_000)
}

pub struct Month {
    pub app: App,
    plan: Arc<Plan>,
    truth: Vec<TrueHandOver>,
    _folder: TempDir,
}

/// Runs the service, as it comes, and the simulator until the whole history is in the figures.
pub async fn month(faults: Faults) -> Month {
    run(300, faults, |_| {}).await
}

/// Runs a commune of `households` with the parts that `choose` names.
async fn run(households: u32, faults: Faults, choose: impl FnOnce(&mut Config)) -> Month {
    let folder = TempDir::new().unwrap();
    let spec = CommuneSpec::sized(households, LAST.parse().unwrap(), DAYS, 7);
    let plan = Arc::new(Plan { commune: SimCommune::generate(&spec), faults });
    let files = folder.path().join("commune");
    std::fs::create_dir_all(&files).unwrap();
    plan.commune.write_files(&files).unwrap();
    let mut config = Config::default();
    config.database.url = DatabaseUrl::sqlite(&folder.path().join("month.db").display().to_string());
    for listen in [&mut config.http.listen, &mut config.mqtt.listen, &mut config.metrics.listen] {
        *listen = "127.0.0.1:0".parse().unwrap();
    }
    choose(&mut config);
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
    let app = App::start(&config, store, commune, clock).await.unwrap();
    let (host, port) = match (&config.mqtt.url, app.mqtt) {
        (MqttUrl::Outside(broker), _) => (broker.host.clone(), broker.port),
        (MqttUrl::Embedded, Some(address)) => (address.ip().to_string(), address.port()),
        (MqttUrl::Embedded, None) => panic!("the embedded broker has no address"),
    };
    let options = PublishOptions { live: false, now_ms: Arc::new(|| now().ms()), ..PublishOptions::new(host, port) };
    let (_stop, stop_seen) = watch::channel(false);
    let summary = firmware_sim::run(Arc::clone(&plan), options, |_| {}, stop_seen).await.unwrap();
    assert!(summary.acked_events * 300 > 10_000 * u64::from(households), "the history was published: {summary:?}");
    until_computed(&app, summary.published_events).await;
    let mut walk = Walk::new(Arc::clone(&plan));
    let mut truth = Vec::new();
    for _ in 0..=DAYS {
        truth.extend(walk.next_day().truth);
    }
    truth.retain(|hand_over| hand_over.at_ms < now().ms());
    Month { app, plan, truth, _folder: folder }
}

/// Waits until every published event is stored and nothing is stale. An outside broker acknowledges before the service
/// has the event.
async fn until_computed(app: &App, events: u64) {
    let events = i64::try_from(events).unwrap();
    loop {
        let (stored, _) = app.store.stored_totals().await.unwrap();
        if stored >= events && app.store.stale_count().await.unwrap() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

impl Month {
    async fn pickups(&self) -> BTreeMap<String, Pickup> {
        let query = PickupsQuery {
            from: Instant::from_ms(0),
            to: now(),
            place: None,
            household: None,
            after: None,
            limit: i64::MAX,
        };
        let pickups = self.app.store.pickups(&query).await.unwrap();
        pickups.into_iter().map(|pickup| (pickup.id.clone(), pickup)).collect()
    }

    fn pickup_of<'a>(&self, pickups: &'a BTreeMap<String, Pickup>, truth: &TrueHandOver) -> Option<&'a Pickup> {
        let seq = truth.weight_seq?;
        pickups.get(&format!("{}~{}~{seq}", truth.device, truth.log))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_faults_every_hand_over_is_a_pickup_of_its_household_to_the_gram() {
    let month = month(Faults::none()).await;
    let pickups = month.pickups().await;
    let observable: Vec<&TrueHandOver> = month.truth.iter().filter(|t| t.weight_seq.is_some()).collect();
    assert!(observable.len() > 2_000, "{} hand-overs", observable.len());
    let mut wrong = Vec::new();
    let (mut known, mut with_card, mut taken_for_another, mut given) = (0, 0, 0, 0);
    for truth in &observable {
        let Some(pickup) = month.pickup_of(&pickups, truth) else {
            wrong.push(format!("no pickup for {truth:?}"));
            continue;
        };
        if pickup.net_g != Some(truth.net_g) || pickup.stream.as_str() != truth.stream.code() {
            wrong.push(format!("{truth:?} became {pickup:?}"));
        }
        let named = pickup.household.as_ref().map(|household| household.as_str());
        if truth.tag_seq.is_some() {
            with_card += 1;
            known += usize::from(named == Some(truth.household.as_str()));
        }
        given += usize::from(named.is_some());
        if named.is_some_and(|named| named != truth.household) {
            // Who has no card and follows close behind another's read cannot be told from that household.
            match truth.tag_seq {
                None => taken_for_another += 1,
                Some(_) => wrong.push(format!("{} was given to {named:?}: {truth:?}", pickup.id)),
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong, first {:#?}", wrong.len(), wrong.first());
    assert_eq!(pickups.len(), observable.len(), "no pickup without a hand-over");
    assert!(taken_for_another * 50 <= given, "{taken_for_another} of {given} were another's without a card");
    assert!(known * 100 >= with_card * 97, "{known} of {with_card} hand-overs with a card have their household");
    let days = (LocalDay::from_number(0), LAST.parse::<LocalDay>().unwrap() + 1);
    let rows = month.app.store.tonnage(None, days.0, days.1, Step::Day).await.unwrap();
    let weighed: i64 = rows.iter().map(|row| row.tonnage.weighed_g).sum();
    assert_eq!(weighed, observable.iter().map(|truth| truth.net_g).sum::<i64>(), "tonnage is the truth's");
    month.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_faults_nobody_is_given_anothers_bag_but_by_a_swapped_card() {
    let month = month(Faults::moderate()).await;
    let pickups = month.pickups().await;
    let (mut given, mut right, mut observable) = (0_u32, 0_u32, 0_u32);
    for truth in &month.truth {
        let Some(pickup) = month.pickup_of(&pickups, truth) else { continue };
        let own = pickup.household.as_ref().map(|household| household.as_str() == truth.household);
        let swapped = truth.mishaps.contains(&Mishap::NeighbourCard);
        observable += u32::from(truth.mishaps.is_empty() && truth.tag_seq.is_some());
        right += u32::from(own == Some(true));
        given += u32::from(own.is_some() && !swapped);
        let read_well = truth.tag_seq.is_some() && truth.mishaps.is_empty();
        assert!(!(read_well && own == Some(false)), "{truth:?} was given to {:?}", pickup.household);
    }
    assert!(given > 1_000, "{given} pickups have a household");
    assert!(right * 1_000 >= given * 995, "precision: {right} of {given}");
    assert!(right * 100 >= observable * 97, "recall: {right} of {observable}");
    let day: LocalDay = LAST.parse().unwrap();
    let counts = month.app.store.counts_on(day).await.unwrap();
    for (area, counts) in &counts {
        let sum = counts.sorting + counts.not_sorting + counts.undetermined_total();
        assert_eq!(sum, counts.eligible, "S + N + U = E in {area}");
    }
    assert!(counts.values().map(|counts| counts.sorting).sum::<i64>() > 50);
    let days = month.app.store.completeness_days(None, day - 29, day).await.unwrap();
    let worst = days.iter().filter_map(|day| day.completeness.percent()).min().unwrap();
    assert!(worst.hundredths() < 10_000, "lost stretches and silent devices show");
    assert_eq!(month.plan.commune.households.len(), 300);
    month.app.stop().await;
}

#[cfg(feature = "real-parts")]
#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_and_postgresql_give_the_same_figures_as_the_parts_that_need_nothing() {
    let mosquitto = crate::support::mosquitto::Mosquitto::start();
    let database = crate::support::postgres::Database::create().await;
    let own = run(60, Faults::moderate(), |_| {}).await;
    let real = run(60, Faults::moderate(), |config| {
        config.mqtt.url = mosquitto.url().parse().unwrap();
        config.database.url = database.url.parse().unwrap();
    })
    .await;
    let day: LocalDay = LAST.parse().unwrap();
    assert_eq!(own.pickups().await, real.pickups().await);
    let counts = own.app.store.counts_series(None, day - 29, day).await.unwrap();
    assert_eq!(counts, real.app.store.counts_series(None, day - 29, day).await.unwrap());
    assert!(counts.iter().all(|(_, counts)| counts.eligible > 0), "every day has figures");
    let tonnage = own.app.store.tonnage(None, day - 29, day, Step::Day).await.unwrap();
    assert_eq!(tonnage, real.app.store.tonnage(None, day - 29, day, Step::Day).await.unwrap());
    assert_eq!(
        own.app.store.completeness_days(None, day - 29, day).await.unwrap(),
        real.app.store.completeness_days(None, day - 29, day).await.unwrap()
    );
    own.app.stop().await;
    real.app.stop().await;
}
