//! What is refused is kept, replayed after a fix, and in nobody's way however much comes.

use std::sync::Arc;

use phanloai::app::{SystemClock, import, load_register, replay_all, replay_one};
use phanloai::devices::Root;
use phanloai::domain::register::{Commune, Stream};
use phanloai::domain::time::Instant;
use phanloai::imports::Kind;
use phanloai::ingest::replay::{Replay, ReplayTotals};
use phanloai::store::{QuarantineRow, ReplayOutcome, Replayed, Store};
use rumqttc::v5::mqttbytes::v5::PubAckReason;

use crate::scales::{LOG, Scale, Service, devices_file, envelope, topic};

const ROOT: &str = "phanloai/v1";

/// Lets a client of this machine publish messages, each acknowledged.
async fn publish(service: &Service, messages: &[(&str, String)]) {
    let mut client = Scale::connect("gateway", service.port(), None).await.unwrap();
    for (device, payload) in messages {
        assert_eq!(client.publish(&topic(device, "events"), payload.as_str()).await, PubAckReason::Success);
    }
}

async fn all(service: &Service, commune: &Commune) -> ReplayTotals {
    replay_all(&service.store, ROOT, commune, None, Arc::new(SystemClock), "admin").await.unwrap()
}

async fn rows(store: &Store) -> Vec<QuarantineRow> {
    store.quarantine(1_000).await.unwrap()
}

async fn started() -> (Service, Commune) {
    let folder = tempfile::TempDir::new().unwrap();
    let (store, commune) = Service::open(&folder, true).await;
    (Service::run(folder, store, commune.clone(), |_, _| {}).await, commune)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_unknown_device_sent_counts_once_it_is_registered() {
    let (service, commune) = started().await;
    publish(&service, &[("late", envelope(1..=5, "food", true)), ("late", envelope(4..=8, "food", true))]).await;
    assert_eq!(service.store.stored_totals().await.unwrap().0, 0);
    let before = rows(&service.store).await;
    assert!(before.iter().all(|row| row.code == "unknown_device" && row.whole && row.outcome.is_none()));
    assert_eq!(all(&service, &commune).await, ReplayTotals { refused: 2, ..ReplayTotals::default() });

    let file = devices_file(&["late"]);
    import(&service.store, &commune, Kind::Devices, file.as_bytes(), &SystemClock, "test", false).await.unwrap();
    assert_eq!(all(&service, &commune).await, ReplayTotals { taken: 2, ..ReplayTotals::default() });
    assert_eq!(service.store.log_ranges(&"late".into(), &LOG.into()).await.unwrap(), [(1, 8)]);
    assert_eq!(all(&service, &commune).await, ReplayTotals::default(), "what was taken is done with");
    let after = rows(&service.store).await;
    assert_eq!(after.len(), 2, "a replayed row stays");
    for (row, old) in after.iter().zip(&before) {
        assert_eq!((row.outcome, row.replayed_by.as_deref()), (Some(ReplayOutcome::Taken), Some("admin")));
        assert_eq!((row.first_seen, row.last_seen, row.count), (old.first_seen, old.last_seen, 1));
    }
    assert_eq!(service.store.quarantine_totals().await.unwrap(), []);
    let readings =
        service.store.readings_in_use(&["late".into()], Instant::from_ms(0), Instant::from_ms(i64::MAX)).await.unwrap();
    let first_seen = before.iter().map(|row| row.first_seen).min().unwrap();
    assert!(readings.iter().any(|observed| observed.reading.received == first_seen), "received when it came");
    service.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_event_is_replayed_on_its_own_under_the_rules_of_today() {
    let (service, mut commune) = started().await;
    let good = envelope(1..=1, "food", true);
    let with_bad = good.replace("\"events\":[", "\"events\":[{\"seq\":2,\"ms\":1500,\"clock\":\"unset\",\"type\":\"weight\",\"gross_g\":9,\"stable\":true,\"load\":2,\"stream\":\"glass\",\"note\":[1.5]},");
    publish(&service, &[("scale-1", with_bad)]).await;
    let [row] = &rows(&service.store).await[..] else { panic!("one refused") };
    assert_eq!(row.code, "unknown_stream");
    // The good one is stored, and the number of the bad one is accounted for.
    assert_eq!(service.store.stored_totals().await.unwrap().0, 2);
    let again = async |commune: &Commune| {
        replay_one(&service.store, ROOT, commune, &row.id, Arc::new(SystemClock), "admin").await.unwrap()
    };
    assert_eq!(again(&commune).await, Replayed::Done(ReplayOutcome::Refused));
    let food = commune.streams[0].clone();
    commune.streams.push(Stream { code: "paper".into(), ..food.clone() });
    assert_eq!(again(&commune).await, Replayed::Done(ReplayOutcome::Refused));
    let told = service.store.quarantined(&row.id).await.unwrap().unwrap();
    assert_eq!(told.reason, "unknown stream `glass`; streams are food, paper", "the reason is today's");
    assert_eq!((told.count, told.outcome), (1, Some(ReplayOutcome::Refused)));
    commune.streams.push(Stream { code: "glass".into(), ..food });
    assert_eq!(again(&commune).await, Replayed::Done(ReplayOutcome::Taken));
    assert_eq!(service.store.log_ranges(&"scale-1".into(), &LOG.into()).await.unwrap(), [(1, 2)]);
    let nobody = replay_one(&service.store, ROOT, &commune, "nothing", Arc::new(SystemClock), "admin").await.unwrap();
    assert_eq!(nobody, Replayed::Unknown);
    service.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_and_a_leap_stay_what_they_are_when_replayed() {
    let (service, commune) = started().await;
    let first = envelope(1..=1, "food", true);
    let other = first.replace("\"gross_g\":1001", "\"gross_g\":9999");
    assert_ne!(first, other);
    publish(
        &service,
        &[("scale-1", first), ("scale-1", other), ("scale-1", envelope(2_000_000..=2_000_000, "food", true))],
    )
    .await;
    let mut codes: Vec<String> = rows(&service.store).await.into_iter().map(|row| row.code).collect();
    codes.sort();
    assert_eq!(codes, ["conflict", "seq_leap"]);
    assert_eq!(service.store.quarantine_sum().await.unwrap().conflicts, 1);
    assert_eq!(all(&service, &commune).await, ReplayTotals { refused: 1, conflicts: 1, taken: 0 });
    assert_eq!(rows(&service.store).await.len(), 2);
    assert_eq!(service.store.stored_totals().await.unwrap().0, 1);
    // A leap over a number that came meanwhile is none any more.
    publish(&service, &[("scale-1", envelope(1_000_001..=1_000_001, "food", true))]).await;
    assert_eq!(all(&service, &commune).await, ReplayTotals { refused: 0, conflicts: 1, taken: 1 });
    let register = Arc::new(load_register(&service.store, &commune).await.unwrap());
    let replay = Replay {
        store: service.store.clone(),
        root: Root::parse(ROOT).unwrap(),
        commune: Arc::new(commune),
        register,
        clock: Arc::new(SystemClock),
    };
    assert_eq!(replay.all(Some("seq_leap"), "admin").await.unwrap(), ReplayTotals::default());
    service.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_above_the_contract_s_limit_is_kept_in_part_and_not_replayed() {
    let (service, commune) = started().await;
    publish(&service, &[("scale-1", " ".repeat(300 * 1024))]).await;
    let [row] = &rows(&service.store).await[..] else { panic!("one refused") };
    assert_eq!((row.code.as_str(), row.whole, row.size_bytes), ("too_large", false, 300 * 1024));
    let cut = replay_one(&service.store, ROOT, &commune, &row.id, Arc::new(SystemClock), "admin").await.unwrap();
    assert_eq!(cut, Replayed::Cut);
    assert_eq!(all(&service, &commune).await, ReplayTotals::default());
    service.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_bad_messages_takes_bounded_room_and_delays_no_good_one() {
    const MAX_BYTES: i64 = 100_000;
    let service = Service::start(true, |config, _| config.quarantine.max_bytes = MAX_BYTES.unsigned_abs()).await;
    let port = service.port();
    let flood = tokio::spawn(async move {
        let mut client = Scale::connect("flood", port, None).await.unwrap();
        for number in 0..2_000 {
            let bad = format!("{{\"log\":\"9f1c22ab\",\"broken\":{number}}}");
            client.publish(&topic("scale-1", "events"), bad).await;
        }
    });
    let mut good = Scale::connect("good", port, None).await.unwrap();
    for number in 1..=200 {
        let payload = envelope(number..=number, "food", true);
        assert_eq!(good.publish(&topic("scale-2", "events"), payload).await, PubAckReason::Success);
    }
    assert_eq!(service.store.stored_totals().await.unwrap().0, 200, "every good one is stored when it is acknowledged");
    flood.await.unwrap();
    let full = service.store.quarantine_sum().await.unwrap();
    assert!(full.bytes <= MAX_BYTES && full.dropped > 0, "{full:?}");
    assert_eq!(full.rows + full.dropped, 2_000, "each is held or counted as dropped");
    // Another device's fault still finds room, at the cost of the flood.
    publish(&service, &[("scale-3", "not JSON".to_owned())]).await;
    let sum = service.store.quarantine_sum().await.unwrap();
    assert!(sum.bytes <= MAX_BYTES, "{sum:?}");
    assert!(rows(&service.store).await.iter().any(|row| row.device.as_deref() == Some("scale-3")));
    assert!(sum.dropped > full.dropped);
    service.app.stop().await;
}
