//! Devices' conditions, alerts and their acknowledgements are the same on SQLite and on PostgreSQL.

use std::collections::BTreeSet;

use phanloai::domain::alert::{Alert, AlertKind, Cause, Change as AlertChange, Look, Subject, Verdict};
use phanloai::domain::condition::{Beat, Condition};
use phanloai::domain::ids::StreamCode;
use phanloai::domain::pickup::Grams;
use phanloai::domain::reading::Event;
use phanloai::domain::time::{HOUR_MS, Instant, MINUTE_MS};
use phanloai::indicators::Remixing;
use phanloai::store::{
    Acknowledged, Acknowledgement, AlertCounts, Change, DeviceCondition, Heard, KeptAlert, PastAlerts, PlaceChange,
    Refused, Store, TonnageDay,
};

use crate::commune::conflict;
use crate::store_on_both::{T, first, on_both, reading, zone};

fn put<T>(put: Vec<T>) -> Change<T> {
    Change { put, gone: Vec::new() }
}

#[tokio::test]
async fn conditions_are_kept_replaced_and_dropped() {
    on_both(async |store| {
        let (on, next) = (first(), first() + 1);
        let full = Condition {
            battery_low_mv: Some(11_900),
            battery_last_mv: Some(12_100),
            zeros: 4,
            zero_low_g: Some(-12),
            zero_mid_g: Some(-3),
            zero_high_g: Some(8),
            settled: 40,
            unstable: 6,
            overload: 1,
            below_min: 7,
            below_zero: 2,
            step_g: Some(20),
            division_g: Some(20),
            run: 3,
            run_g: Some(-740),
            run_ms: 61_000,
            reads: 38,
            rebuilt: 1,
            neighbour: 2,
            received: 3,
        };
        let row = |device: &str, day, condition| DeviceCondition {
            device: device.into(),
            day,
            place: "P1".into(),
            condition,
        };
        let empty = Condition { settled: 1, ..Condition::default() };
        let rows = vec![row("a", on, full.clone()), row("a", next, empty.clone()), row("b", on, empty)];
        store.apply_place(&PlaceChange { conditions: put(rows.clone()), ..PlaceChange::default() }).await.unwrap();
        assert_eq!(store.conditions(None, on, next).await.unwrap(), rows);
        assert_eq!(store.conditions(Some(&"a".into()), next, next).await.unwrap(), rows[1..2]);
        let changed = row("a", on, Condition { run_g: None, zeros: 9, ..full });
        let change = Change { put: vec![changed.clone()], gone: vec![rows[0].clone(), rows[2].clone()] };
        store.apply_place(&PlaceChange { conditions: change, ..PlaceChange::default() }).await.unwrap();
        assert_eq!(store.conditions(None, on, next).await.unwrap(), [changed, rows[1].clone()]);
        store.drop_derived().await.unwrap();
        assert_eq!(store.conditions(None, on, next).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn heartbeats_tell_battery_and_zero_and_a_device_when_it_was_heard() {
    on_both(async |store| {
        let beat = |battery_mv, zero_g| Event::Heartbeat { battery_mv, rssi_dbm: Some(-70), queued: None, zero_g };
        let readings = [
            reading("s", 1, 0, beat(Some(12_600), Some(-4))),
            reading("s", 2, 300_000, beat(None, None)),
            reading("s", 3, 600_000, beat(Some(12_500), Some(6))),
            reading("r", 1, 0, Event::Tag { uid: "04AA".into(), tech: "hf".to_owned(), rssi_dbm: None, antenna: None }),
        ];
        store.append(&readings, &[], &zone(), conflict).await.unwrap();
        store.note_device_state(&"s".into(), true, T, Some("1.4.2"), None, None).await.unwrap();
        let beats = store.heartbeats(&"s".into(), T, T.plus_ms(300_000)).await.unwrap();
        let told = |battery_mv, zero_g| Beat { battery_mv, zero_g };
        assert_eq!(beats, [(T, told(Some(12_600), Some(-4))), (T.plus_ms(300_000), told(None, None))]);
        assert_eq!(store.heartbeats(&"r".into(), T, T).await.unwrap(), []);
        let heard = store.heard().await.unwrap();
        let (received, last) = (readings[3].received, readings[2].received);
        let scale = Heard {
            last_seen: Some(last),
            online: Some(true),
            battery: Some((12_500, last)),
            firmware: Some("1.4.2".to_owned()),
        };
        assert_eq!(heard["s"], scale);
        assert_eq!(heard["r"], Heard { last_seen: Some(received), ..Heard::default() });
    })
    .await;
}

#[tokio::test]
async fn what_was_picked_up_stands_beside_what_plants_took() {
    on_both(async |store| {
        let on = first();
        let tonnage = |stream: &str, weighed_g| TonnageDay {
            place: "P1".into(),
            stream: stream.into(),
            day: on,
            area: "A1".into(),
            grams: Grams { weighed_g, manual_g: 5, estimated_g: 900, unknown_household_g: 0, pickups: 1 },
        };
        let rows = vec![tonnage("food", 1_000), tonnage("other", 7_000)];
        store.apply_place(&PlaceChange { tonnage: put(rows), ..PlaceChange::default() }).await.unwrap();
        let required: BTreeSet<StreamCode> = BTreeSet::from(["food".into(), "recyclable".into()]);
        let mass = store.remixing(&required, on, on).await.unwrap();
        assert_eq!(mass, Remixing { picked_up_g: 1_005, still_separate_g: 0, tickets: 0 });
        assert_eq!(store.remixing(&required, on + 1, on + 9).await.unwrap(), Remixing::default());
    })
    .await;
}

#[tokio::test]
async fn conflicts_are_counted_by_device() {
    on_both(async |store| {
        let row = |id: &str, device: Option<&str>, code: &'static str, later_ms: i64| Refused {
            id: id.to_owned(),
            code,
            reason: "why".to_owned(),
            topic: "t".to_owned(),
            device: device.map(str::to_owned),
            log: None,
            seq: None,
            raw_hex: "00".to_owned(),
            size_bytes: 1,
            at: T.plus_ms(later_ms),
            last: T.plus_ms(later_ms),
            count: 1,
        };
        let rows = [
            row("1", Some("a"), "conflict", 5),
            row("2", Some("a"), "conflict", 9),
            row("3", Some("b"), "conflict", 1),
            row("4", None, "conflict", 1),
            row("5", Some("c"), "not_json", 1),
        ];
        store.append(&[], &rows, &zone(), conflict).await.unwrap();
        let conflicts = store.conflicts().await.unwrap();
        assert_eq!(conflicts, [("a".into(), 2, T.plus_ms(9)), ("b".into(), 1, T.plus_ms(1))]);
    })
    .await;
}

/// Looks once, as the service does.
async fn look(store: &Store, minute: i64, verdicts: &[(Subject, Verdict)]) {
    let now = T.plus_ms(minute * MINUTE_MS);
    let mut look = Look::default();
    for kind in AlertKind::ALL {
        look.judges(*kind);
    }
    for (subject, verdict) in verdicts {
        let kind = if let Verdict::Holds(cause) = verdict { cause.kind() } else { AlertKind::Missing };
        look.note(kind, subject.clone(), verdict.clone());
    }
    let open: Vec<Alert> = store.open_alerts().await.unwrap().into_iter().map(|kept| kept.alert).collect();
    let id = |kind: AlertKind, subject: &Subject| format!("{kind}-{}-{minute}", subject.parts().1);
    store.keep_alerts(&look.changes(open, now, id)).await.unwrap();
}

fn ids(alerts: &[KeptAlert]) -> Vec<&str> {
    alerts.iter().map(|kept| kept.alert.id.as_str()).collect()
}

fn said(id: &str, alert: &str, taken_back: bool, later_ms: i64) -> Acknowledgement {
    Acknowledgement {
        id: id.to_owned(),
        alert: alert.to_owned(),
        taken_back,
        note: "Đã gọi thợ".to_owned(),
        at: T.plus_ms(later_ms),
        by: "canbo".to_owned(),
    }
}

#[tokio::test]
async fn an_alert_is_one_until_it_ends_and_then_a_new_one_that_nobody_acknowledged() {
    on_both(async |store| {
        let device = |name: &str| Subject::Device(name.into());
        let refused = |times| Verdict::Holds(Cause::Refused { times, last: T });
        assert_eq!(store.alerts_version().await.unwrap(), None);
        look(store, 0, &[(device("d"), refused(1)), (device("e"), refused(4))]).await;
        let version = store.alerts_version().await.unwrap();
        look(store, 1, &[(device("d"), refused(2)), (device("e"), refused(4))]).await;
        assert_eq!(store.alerts_version().await.unwrap(), version, "the same alerts as before");
        let open = store.open_alerts().await.unwrap();
        assert_eq!(ids(&open), ["refused-d-0", "refused-e-0"]);
        assert_eq!(open[0].alert.cause, Cause::Refused { times: 2, last: T });
        assert_eq!((open[0].alert.first_seen, open[0].alert.last_seen), (T, T.plus_ms(MINUTE_MS)));
        assert_eq!(AlertCounts::of(&open), AlertCounts { open: 2, waiting: 2 });

        let first = said("a1", "refused-d-0", false, 70_000);
        assert_eq!(store.acknowledge(&first).await.unwrap(), Acknowledged::Done);
        assert_ne!(store.alerts_version().await.unwrap(), version);
        assert_eq!(store.acknowledge(&first).await.unwrap(), Acknowledged::Done, "sent twice, kept once");
        assert_eq!(store.acknowledge(&said("a2", "no-such", false, 0)).await.unwrap(), Acknowledged::Unknown);
        look(store, 2, &[(device("d"), refused(3)), (device("e"), refused(4))]).await;
        let open = store.open_alerts().await.unwrap();
        assert_eq!(open[0].acknowledged.as_ref(), Some(&first), "it goes on and stays acknowledged");
        assert_eq!(AlertCounts::of(&open), AlertCounts { open: 2, waiting: 1 });
        let back = said("a3", "refused-d-0", true, 90_000);
        assert_eq!(store.acknowledge(&back).await.unwrap(), Acknowledged::Done);
        assert_eq!(store.alert("refused-d-0").await.unwrap().unwrap().acknowledged, None);
        assert_eq!(store.acknowledgements("refused-d-0").await.unwrap(), [first, back]);
        let again = said("a4", "refused-d-0", false, 95_000);
        assert_eq!(store.acknowledge(&again).await.unwrap(), Acknowledged::Done);

        look(store, 3, &[(device("e"), refused(4))]).await;
        assert_eq!(ids(&store.open_alerts().await.unwrap()), ["refused-e-0"]);
        let ended = store.alert("refused-d-0").await.unwrap().unwrap();
        assert_eq!(ended.alert.resolved, Some(T.plus_ms(3 * MINUTE_MS)));
        assert_eq!(ended.acknowledged, Some(again));
        assert_eq!(store.acknowledge(&said("a5", "refused-d-0", false, 0)).await.unwrap(), Acknowledged::Over);
        look(store, 9, &[(device("d"), refused(9)), (device("e"), refused(4))]).await;
        let anew = store.alert("refused-d-9").await.unwrap().unwrap();
        assert_eq!((anew.acknowledged, anew.alert.raised), (None, Some(T.plus_ms(9 * MINUTE_MS))));
        assert_eq!(store.alert("no-such").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_second_open_alert_of_a_kind_and_subject_cannot_be_kept() {
    on_both(async |store| {
        let alert = |id: &str| Alert {
            id: id.to_owned(),
            subject: Subject::Commune,
            cause: Cause::QuarantineFull { bytes: 9, max_bytes: 10 },
            first_seen: T,
            raised: Some(T),
            last_seen: T,
            clear_since: None,
            resolved: None,
        };
        store.keep_alerts(&[AlertChange::Raised(alert("one"))]).await.unwrap();
        assert!(store.keep_alerts(&[AlertChange::Raised(alert("two"))]).await.is_err());
        assert_eq!(ids(&store.open_alerts().await.unwrap()), ["one"]);
    })
    .await;
}

#[tokio::test]
async fn what_was_not_raised_is_forgotten_and_what_ended_is_history_by_page() {
    on_both(async |store| {
        let device = |name: &str| Subject::Device(name.into());
        let missing = Verdict::Holds(Cause::Missing { events: 3 });
        look(store, 0, &[(device("d"), missing.clone())]).await;
        let waiting = store.open_alerts().await.unwrap();
        assert_eq!((waiting[0].alert.raised, AlertCounts::of(&waiting).open), (None, 0));
        assert_eq!(store.acknowledge(&said("a", &waiting[0].alert.id, false, 0)).await.unwrap(), Acknowledged::Unknown);
        look(store, 5, &[]).await;
        assert_eq!(store.open_alerts().await.unwrap(), []);
        let query = |kind, subject, after, limit| PastAlerts { kind, subject, after, limit };
        assert_eq!(store.past_alerts(&query(None, None, None, 9)).await.unwrap(), [], "nobody was told of it");

        look(store, 10, &[(device("d"), missing.clone()), (device("e"), missing.clone())]).await;
        look(store, 75, &[(device("d"), missing.clone()), (device("e"), missing)]).await;
        look(store, 80, &[(device("f"), Verdict::Holds(Cause::Refused { times: 1, last: T }))]).await;
        look(store, 90, &[]).await;
        let all = store.past_alerts(&query(None, None, None, 9)).await.unwrap();
        assert_eq!(ids(&all), ["refused-f-80", "missing-e-10", "missing-d-10"]);
        let page = store.past_alerts(&query(None, None, None, 2)).await.unwrap();
        let last = page.last().unwrap();
        let after = last.alert.resolved.map(|at: Instant| (at, last.alert.id.clone()));
        assert_eq!(ids(&store.past_alerts(&query(None, None, after, 2)).await.unwrap()), ["missing-d-10"]);
        let of_kind = store.past_alerts(&query(Some(AlertKind::Refused), None, None, 9)).await.unwrap();
        assert_eq!(ids(&of_kind), ["refused-f-80"]);
        let of_device = store.past_alerts(&query(None, Some(device("d")), None, 9)).await.unwrap();
        assert_eq!(ids(&of_device), ["missing-d-10"]);
        assert_eq!(of_device[0].alert.raised, Some(T.plus_ms(75 * MINUTE_MS)));
        assert!(of_device[0].alert.first_seen.since(T) < HOUR_MS);
    })
    .await;
}
