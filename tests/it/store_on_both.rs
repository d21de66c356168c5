//! Every method of the store tells the same on SQLite and on PostgreSQL.
//!
//! Owns one function an area of the store, run on a fresh database of each kind with the same assertions, and whole
//! communes computed on both and compared figure by figure. The last test finds a method that nothing here calls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use phanloai::domain::attribution::Attribution;
use phanloai::domain::facts::{CrewResult, Operation, Statement};
use phanloai::domain::ids::{AreaCode, DeviceId, EventId, HouseholdCode, LogId, PlaceCode};
use phanloai::domain::pickup::{Grams, Pickup, Source};
use phanloai::domain::reading::{ClockState, Event, Grade, Reading, Weight};
use phanloai::domain::register::{Area, Point, Row, Validity};
use phanloai::domain::round::{Round, RoundOutcome};
use phanloai::domain::state::{DayState, FindingKind, Level, Reason, State, VisitResult};
use phanloai::domain::time::{HOUR_MS, Instant, LocalDay, MINUTE_MS, Zone};
use phanloai::indicators::{Completeness, Counts, EventQuality, Step, Tonnage};
use phanloai::store::{
    Account, Actor, Altered, Change, Correction, Credential, DeviceDay, DeviceRefusals, Gap, LogExtent, Looked,
    NumberRange, NumberTotals, Opening, Person, PickupsQuery, PlaceChange, Refused, ReplayOutcome, Replaying, Role,
    StateChange, StateSpan, StatesQuery, Store, TonnageDay,
};
use tempfile::TempDir;

use crate::commune::{TestCommune, conflict};
use crate::oracle::generate::generate;
use crate::oracle::world::{Stream, World};
use crate::support::postgres::Database;

/// 2026-09-01T08:00+07:00, a Tuesday.
pub(crate) const T: Instant = Instant::from_ms(1_788_224_400_000);

const DAY_MS: i64 = 24 * HOUR_MS;

/// Runs the same on a fresh database of each kind.
pub(crate) async fn on_both(tells: impl AsyncFn(&Store)) {
    let folder = TempDir::new().unwrap();
    eprintln!("on SQLite");
    let sqlite = sqlite(&folder).await;
    tells(&sqlite).await;
    sqlite.close().await;
    eprintln!("on PostgreSQL");
    let database = Database::create().await;
    let postgres = Store::open(&database.url).await.unwrap();
    tells(&postgres).await;
    postgres.close().await;
}

pub async fn sqlite(folder: &TempDir) -> Store {
    Store::open(&format!("sqlite://{}", folder.path().join("both.db").display())).await.unwrap()
}

pub(crate) fn zone() -> Zone {
    Zone::named("Asia/Ho_Chi_Minh").unwrap()
}

fn day(text: &str) -> LocalDay {
    text.parse().unwrap()
}

pub(crate) fn first() -> LocalDay {
    zone().day_of(T)
}

fn households(codes: &[&str]) -> Vec<HouseholdCode> {
    codes.iter().map(|code| HouseholdCode::new(*code)).collect()
}

fn event_id(device: &str, seq: i64) -> EventId {
    EventId { device: device.into(), log: "0a11ce01".into(), seq }
}

pub(crate) fn reading(device: &str, seq: i64, later_ms: i64, event: Event) -> Reading {
    Reading {
        id: event_id(device, seq),
        boot: 1,
        ms: later_ms,
        at: Some(T.plus_ms(later_ms)),
        clock: ClockState::Synced,
        sent_ms: None,
        received: T.plus_ms(later_ms + 500),
        simulated: false,
        event,
        extra: r#"{"ghi_chú":"thử ' \" \\"}"#.to_owned(),
    }
}

pub(crate) fn tag(uid: &str) -> Event {
    Event::Tag { uid: uid.into(), tech: "hf".to_owned(), rssi_dbm: Some(-40), antenna: None }
}

pub(crate) fn level(gross_g: i64, stable: bool) -> Event {
    let load = Some(1);
    let (stream, range) = (Some("food".into()), None);
    Event::Weight(Weight { gross_g, tare_g: 0, stable, load, stream, division_g: Some(20), range, maintenance: false })
}

pub(crate) fn heartbeat(battery_mv: Option<i64>) -> Event {
    Event::Heartbeat { battery_mv, rssi_dbm: None, queued: None, zero_g: None }
}

fn refused(id: &str, code: &'static str, at: Instant) -> Refused {
    Refused {
        id: id.to_owned(),
        code,
        reason: "không đọc được: `\u{1}\"`".to_owned(),
        topic: "phanloai/v1/d/events".to_owned(),
        device: Some("d".to_owned()),
        log: None,
        seq: None,
        raw_hex: "7b00ff".to_owned(),
        size_bytes: 3,
        at,
        last: at,
        count: 1,
    }
}

#[tokio::test]
async fn settings_are_kept() {
    on_both(async |store| {
        store.ping().await.unwrap();
        assert_eq!(store.setting("tên").await.unwrap(), None);
        store.put_setting("tên", "Xã Tân Mai").await.unwrap();
        store.put_setting("tên", "Xã 'Tân Mai' \\ \"2\"").await.unwrap();
        assert_eq!(store.setting("tên").await.unwrap().unwrap(), "Xã 'Tân Mai' \\ \"2\"");
        assert_eq!(store.setting_or("tên", "khác").await.unwrap(), "Xã 'Tân Mai' \\ \"2\"");
        assert_eq!(store.setting_or("mới", "một").await.unwrap(), "một");
        assert_eq!(store.setting("mới").await.unwrap().unwrap(), "một");
        assert_eq!((store.computed_through().await.unwrap(), store.cut_off().await.unwrap()), (None, None));
        assert_eq!(store.computed_from().await.unwrap(), None);
        store.put_setting("computed_from", "2026-08-31").await.unwrap();
        assert_eq!(store.computed_from().await.unwrap(), Some(first() - 1));
        store.put_setting("computed_through", "2026-09-01").await.unwrap();
        store.put_setting("cut_off_ms", &T.ms().to_string()).await.unwrap();
        assert_eq!(store.computed_through().await.unwrap(), Some(first()));
        assert_eq!(store.cut_off().await.unwrap(), Some(T));
    })
    .await;
}

#[tokio::test]
async fn a_database_opened_again_holds_what_it_held() {
    let folder = TempDir::new().unwrap();
    let database = Database::create().await;
    for url in [format!("sqlite://{}", folder.path().join("again.db").display()), database.url.clone()] {
        let store = Store::open(&url).await.unwrap();
        store.put_setting("a", "b").await.unwrap();
        store.close().await;
        assert!(store.ping().await.is_err(), "closed");
        let store = Store::open(&url).await.unwrap();
        assert_eq!(store.setting("a").await.unwrap().unwrap(), "b");
        store.close().await;
    }
    assert!(Store::open("mysql://x").await.unwrap_err().to_string().contains("write sqlite://"));
}

#[tokio::test]
async fn the_register_keeps_every_version() {
    on_both(async |store| {
        let area =
            |name: &str| Row::Area(Area { code: "A1".into(), name: name.to_owned(), validity: Validity::default() });
        let point = Row::Point(Point {
            code: "P1".into(),
            name: "Đình làng".to_owned(),
            area: "A1".into(),
            lat: Some(20.123_456_789),
            lon: None,
            validity: Validity::default(),
        });
        let person = |head_name: &str| Person {
            household: "H1".to_owned(),
            head_name: head_name.to_owned(),
            address: "Thôn Đông, số 5".to_owned(),
            folded: head_name.to_lowercase(),
        };
        store.record_register(&[area("Thôn 1"), point.clone()], &[person("Nguyễn Ả")], [], T, "officer").await.unwrap();
        assert_eq!(store.setting("register_version").await.unwrap().unwrap(), "1");
        store.record_register(&[], &[person("Nguyễn Ẳ")], [], T, "officer").await.unwrap();
        assert_eq!(store.setting("register_version").await.unwrap().unwrap(), "1", "personal data is no register row");
        store.record_register(&[area("Thôn Một")], &[], [], T.plus_ms(1), "officer").await.unwrap();
        store.record_register(&[area("Thôn Mốt")], &[], [], T.plus_ms(1), "other").await.unwrap();
        assert_eq!(store.setting("register_version").await.unwrap().unwrap(), "3");
        let rows = store.register_rows().await.unwrap();
        assert_eq!(rows, [(T, area("Thôn 1")), (T, point), (T.plus_ms(1), area("Thôn Mốt"))]);
        assert_eq!(store.people().await.unwrap(), [person("Nguyễn Ẳ")]);
    })
    .await;
}

#[tokio::test]
async fn readings_are_appended_once_and_conflicts_are_quarantined() {
    on_both(async |store| {
        let zone = zone();
        let turn = |reading: &Reading| refused(&format!("conflict {}", reading.id), "conflict", reading.received);
        let (one, two) = (reading("d", 1, 0, tag("E1")), reading("d", 2, 5_000, level(900, true)));
        let appended = store.append(&[one.clone(), two.clone(), one.clone()], &[], &zone, turn).await.unwrap();
        assert_eq!((appended.new, appended.duplicates, appended.conflicts.len()), (2, 1, 0));
        assert_eq!(appended.logs, BTreeSet::from([(DeviceId::new("d"), LogId::new("0a11ce01"))]));
        assert_eq!(store.stale("device", 9).await.unwrap(), [("d".to_owned(), first(), 1)]);
        // Again, received later: a duplicate. With other content: a conflict, and the first one stays.
        let late = Reading { received: T.plus_ms(DAY_MS), ..one.clone() };
        let other = Reading { event: level(1_000, true), ..two.clone() };
        let third = reading("d", 3, 6_000, level(920, true));
        let forged = Reading { event: level(5, true), ..third.clone() };
        let batch = [late, other, third.clone(), forged];
        let appended = store.append(&batch, &[], &zone, turn).await.unwrap();
        assert_eq!((appended.new, appended.duplicates), (1, 1));
        assert_eq!(appended.conflicts.iter().map(|id| id.seq).collect::<BTreeSet<_>>(), BTreeSet::from([2, 3]));
        let kept = store.readings_in_use(&["d".into()], T, T.plus_ms(9_000)).await.unwrap();
        assert_eq!(kept.iter().map(|o| o.reading.clone()).collect::<Vec<_>>(), [one, two, third]);
        assert!(kept.iter().all(|o| o.grade == Grade::Device));
        // Nothing new, nothing stale.
        store.clear_stale("device", &store.stale("device", 9).await.unwrap()).await.unwrap();
        assert_eq!(store.append(&batch[..1], &[], &zone, conflict).await.unwrap().duplicates, 1);
        assert_eq!(store.append(&[], &[], &zone, conflict).await.unwrap().new, 0);
        assert_eq!(store.stale_count().await.unwrap(), 0);
        // The quarantine counts what comes again, in one batch and later.
        let (a, b) = (refused("a", "not_json", T), refused("b", "too_large", T.plus_ms(7)));
        store.append(&[], &[a.clone(), b, a.clone()], &zone, conflict).await.unwrap();
        store.append(&[], &[Refused { last: T.plus_ms(9), ..a }], &zone, conflict).await.unwrap();
        let rows = store.quarantine(2).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), ["conflict", "conflict"]);
        let rows = store.quarantine(9).await.unwrap();
        assert_eq!((rows[2].id.as_str(), rows[2].count, rows[2].last_seen), ("a", 3, T.plus_ms(9)));
        assert_eq!((rows[3].id.as_str(), rows[3].count, rows[3].size_bytes), ("b", 1, 3));
        assert_eq!((rows[2].reason.as_str(), rows[2].device.as_deref()), ("không đọc được: `\u{1}\"`", Some("d")));
        assert_eq!(store.quarantined_raw("a").await.unwrap().unwrap(), "7b00ff");
        assert_eq!(store.quarantined_raw("c").await.unwrap(), None);
        let totals = [("not_json", 3), ("conflict", 2), ("too_large", 1)].map(|(code, n)| (code.to_owned(), n));
        assert_eq!(store.quarantine_totals().await.unwrap(), totals);
        let (d, unknown) = (DeviceId::new("d"), DeviceId::new("nobody"));
        assert_eq!(store.quarantine_totals_of(&[&unknown, &d]).await.unwrap(), totals);
        assert_eq!(store.quarantine_totals_of(&[&unknown]).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn devices_have_one_password_each_and_their_refusals_add_up() {
    on_both(async |store| {
        let (d, e) = (DeviceId::new("d"), DeviceId::new("e"));
        assert_eq!(store.credential(&d).await.unwrap(), None);
        assert!(!store.rotate_credential(&d, "$7$0", T).await.unwrap() && !store.disable_credential(&d).await.unwrap());
        assert!(store.add_credential(&e, "$7$e", T).await.unwrap());
        assert!(store.add_credential(&d, "$7$1", T).await.unwrap());
        assert!(!store.add_credential(&d, "$7$2", T.plus_ms(1)).await.unwrap(), "the first one stays");
        let held = |enabled: bool, password: &str, made: Instant| Credential {
            device: d.clone(),
            password: password.to_owned(),
            enabled,
            made,
        };
        assert_eq!(store.credential(&d).await.unwrap(), Some(held(true, "$7$1", T)));
        assert!(store.disable_credential(&d).await.unwrap());
        assert_eq!(store.credential(&d).await.unwrap(), Some(held(false, "$7$1", T)));
        assert!(store.rotate_credential(&d, "$7$3", T.plus_ms(2)).await.unwrap());
        let all = store.credentials().await.unwrap();
        assert_eq!(all[0], held(true, "$7$3", T.plus_ms(2)));
        assert_eq!((all.len(), &all[1].device), (2, &e));
        let refused = |count: i64, later_ms: i64, what: &str| DeviceRefusals {
            device: d.clone(),
            count,
            last: T.plus_ms(later_ms),
            what: what.to_owned(),
            detail: "phanloai/v1/e/events".to_owned(),
        };
        store.note_refusals(&[]).await.unwrap();
        store
            .note_refusals(&[refused(3, 0, "login"), DeviceRefusals { device: e.clone(), ..refused(1, 0, "login") }])
            .await
            .unwrap();
        store.note_refusals(&[refused(2, 9, "publish")]).await.unwrap();
        let all = store.refusals().await.unwrap();
        assert_eq!((all[0].clone(), all[1].count), (refused(5, 9, "publish"), 1));
    })
    .await;
}

#[tokio::test]
async fn the_quarantine_keeps_within_its_limit_and_records_replays() {
    on_both(async |store| {
        let of = |id: &str, device: &str, later_ms: i64| Refused {
            device: Some(device.to_owned()),
            ..refused(id, "not_json", T.plus_ms(later_ms))
        };
        let ids = async |code: &str, after: &str| store.replayable(code, after, 9).await.unwrap();
        store.append(&[], &[of("a1", "a", 0), of("a2", "a", 1), of("b1", "b", 2)], &zone(), conflict).await.unwrap();
        let cut = Refused { size_bytes: 4, ..of("b2", "b", 3) };
        store.append(&[], &[cut, of("b1", "b", 4)], &zone(), conflict).await.unwrap();
        let sum = store.quarantine_sum().await.unwrap();
        assert_eq!((sum.rows, sum.dropped, sum.conflicts), (4, 0, 0));
        assert_eq!(ids("", "").await, ["a1", "a2", "b1"]);
        assert_eq!(ids("not_json", "a1").await, ["a2", "b1"]);
        assert_eq!(ids("too_large", "").await, Vec::<String>::new());
        assert_eq!(store.quarantined("c").await.unwrap(), None);
        assert!(!store.quarantined("b2").await.unwrap().unwrap().whole);

        let replayed = ["a1".to_owned(), "a2".to_owned(), "b1".to_owned()];
        let replaying = Replaying { ids: &replayed, at: T.plus_ms(9), by: "quản trị" };
        let one = reading("d", 1, 0, tag("E1"));
        let still = Refused { reason: "khác".to_owned(), code: "too_large", ..of("a2", "a", 1) };
        let clash = Refused { code: "conflict", ..of("b1", "b", 1) };
        let readings = std::slice::from_ref(&one);
        let outcomes = store.append_replayed(readings, &[still, clash], &zone(), conflict, replaying).await.unwrap();
        assert_eq!(outcomes, [ReplayOutcome::Taken, ReplayOutcome::Refused, ReplayOutcome::Conflict]);
        assert_eq!(store.stored_totals().await.unwrap().0, 1);
        let row = store.quarantined("a2").await.unwrap().unwrap();
        assert_eq!((row.code.as_str(), row.reason.as_str(), row.count), ("too_large", "khác", 1));
        assert_eq!((row.replayed, row.replayed_by.as_deref()), (Some(T.plus_ms(9)), Some("quản trị")));
        assert_eq!(ids("", "").await, ["a2", "b1"]);
        assert_eq!(store.quarantine_sum().await.unwrap().conflicts, 1);

        // Full to the brim: what was replayed goes first, then the greatest holder's oldest; its own new ones find no room.
        let full = store.clone().limiting_quarantine(u64::try_from(sum.bytes).unwrap());
        full.append(&[], &[of("c1", "c", 10)], &zone(), conflict).await.unwrap();
        assert_eq!((full.quarantined("a1").await.unwrap(), full.quarantine_sum().await.unwrap().dropped), (None, 0));
        full.append(&[], &[of("b3", "b", 11), of("c2", "c", 12)], &zone(), conflict).await.unwrap();
        let held: BTreeSet<String> = full.quarantine(9).await.unwrap().into_iter().map(|row| row.id).collect();
        assert_eq!(held, ["a2", "b1", "c1", "c2"].map(str::to_owned).into());
        let after = full.quarantine_sum().await.unwrap();
        assert_eq!((after.rows, after.dropped, after.bytes <= sum.bytes), (4, 2, true));
    })
    .await;
}

#[tokio::test]
async fn any_text_can_be_quarantined() {
    on_both(async |store| {
        for (number, text) in
            ["\0", "a\0b", "\u{feff}", "𝄞", "\u{202e}", "'; drop table reading; --"].iter().enumerate()
        {
            let id = number.to_string();
            let row = Refused { reason: (*text).to_owned(), ..refused(&id, "x", T) };
            let stored = store.append(&[], &[row], &zone(), conflict).await;
            assert!(stored.is_ok(), "{text:?}: {stored:?}");
            assert!(store.quarantine(9).await.unwrap().iter().any(|row| row.id == id), "{text:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn numbers_of_a_log_join_to_ranges_with_gaps_between() {
    on_both(async |store| {
        let (device, log) = (DeviceId::new("d"), LogId::new("0a11ce01"));
        let send = async |from: i64, to: i64| {
            let batch: Vec<Reading> =
                (from..=to).map(|seq| reading("d", seq, seq % 60 * MINUTE_MS, heartbeat(None))).collect();
            store.append(&batch, &[], &zone(), conflict).await.unwrap();
            store.log_ranges(&device, &log).await.unwrap()
        };
        assert_eq!(store.last_number(&device, &log).await.unwrap(), None);
        assert_eq!(store.stored_totals().await.unwrap(), (0, 0));
        assert_eq!(send(4, 5).await, [(4, 5)]);
        assert_eq!(send(10, 12).await, [(4, 5), (10, 12)]);
        assert_eq!(send(7, 7).await, [(4, 5), (7, 7), (10, 12)]);
        let gap = |from, to| {
            let next = Some((to + 1, T.plus_ms((to + 1) * MINUTE_MS)));
            Gap { device: device.clone(), log: log.clone(), from, to, next }
        };
        assert_eq!(store.gaps(Some(&device)).await.unwrap(), [gap(1, 3), gap(6, 6), gap(8, 9)]);
        assert_eq!(store.gaps(None).await.unwrap().len(), 3);
        assert_eq!(store.gaps(Some(&"e".into())).await.unwrap(), []);
        let mut before = store.gaps_before(&device).await.unwrap();
        before.sort();
        assert_eq!(before, [(log.clone(), 4, 3), (log.clone(), 7, 1), (log.clone(), 10, 2)]);
        assert_eq!(send(6, 9).await, [(4, 12)]);
        // Declared lost: accounted for without a reading, twice said as once.
        let lost = |seq| reading("d", seq, HOUR_MS, Event::Lost { from: 1, to: 2 });
        store.append(&[lost(13), lost(14)], &[], &zone(), conflict).await.unwrap();
        assert_eq!(store.log_ranges(&device, &log).await.unwrap(), [(1, 2), (4, 14)]);
        assert_eq!(store.gaps(None).await.unwrap(), [gap(3, 3)]);
        let range = |from, to| NumberRange { device: device.clone(), log: log.clone(), from, to };
        assert_eq!(store.lost(Some(&device)).await.unwrap(), [(range(1, 2), 2)]);
        assert_eq!(store.lost(Some(&"e".into())).await.unwrap(), []);
        assert_eq!(store.last_number(&device, &log).await.unwrap(), Some(14));
        assert_eq!(store.stored_totals().await.unwrap(), (13, 0));
        let far = 9_007_199_254_740_991;
        assert_eq!(send(far, far).await, [(1, 2), (4, 14), (far, far)]);
    })
    .await;
}

#[tokio::test]
async fn refused_and_lost_numbers_are_settled_and_a_gap_stands_on_the_next_event_received() {
    on_both(async |store| {
        let (device, log) = (DeviceId::new("d"), LogId::new("0a11ce01"));
        let refuse = |seq: i64| Refused {
            log: Some(log.to_string()),
            seq: Some(seq),
            ..refused(&seq.to_string(), "unknown_type", T)
        };
        let extent = async || {
            let key = (device.clone(), log.clone());
            let none = (device.clone(), LogId::new("0a11ce02"));
            let mut extents = store.log_extents(&BTreeSet::from([key.clone(), none.clone()])).await.unwrap();
            assert_eq!(extents.remove(&none).unwrap(), LogExtent::default());
            let extent = extents.remove(&key).unwrap();
            (extent.upto(), extent.missing(), extent.refused)
        };
        let append = async |seqs: &[i64], refused: &[i64]| {
            let readings: Vec<Reading> =
                seqs.iter().map(|seq| reading("d", *seq, *seq * DAY_MS, heartbeat(None))).collect();
            let refused: Vec<Refused> = refused.iter().map(|seq| refuse(*seq)).collect();
            store.append(&readings, &refused, &zone(), conflict).await.unwrap()
        };
        let marks = async || -> Vec<String> {
            let marks = store.stale("device", 99).await.unwrap();
            store.clear_stale("device", &marks).await.unwrap();
            marks.into_iter().map(|(_, on, _)| on.to_string()).collect()
        };
        let appended = append(&[], &[3, 2]).await;
        assert_eq!(
            appended.logs,
            BTreeSet::from([(device.clone(), log.clone())]),
            "a log of refused events is owed too"
        );
        assert_eq!(extent().await, (3, vec![(1, 1)], vec![(2, 3)]));
        // One absurd number settles nothing, and makes nothing missing.
        append(&[], &[5_000_000]).await;
        assert_eq!(extent().await, (3, vec![(1, 1)], vec![(2, 3), (5_000_000, 5_000_000)]));
        assert_eq!(store.gaps_before(&device).await.unwrap(), [], "nothing was received after it");
        assert!(marks().await.is_empty());
        append(&[8], &[]).await;
        assert_eq!(extent().await.1, [(1, 1), (4, 7)]);
        // Two gaps stand on the same event: what lies between is refused.
        assert_eq!(store.gaps_before(&device).await.unwrap(), [(log.clone(), 8, 1), (log.clone(), 8, 4)]);
        assert_eq!(marks().await, ["2026-09-09"]);
        append(&[2], &[]).await;
        assert_eq!(store.gaps_before(&device).await.unwrap(), [(log.clone(), 2, 1), (log.clone(), 8, 4)]);
        assert_eq!(marks().await, ["2026-09-03", "2026-09-09"], "the gap moved from one day to the other");
        append(&[], &[5, 6]).await;
        assert_eq!(marks().await, ["2026-09-09"]);
        assert_eq!(extent().await, (8, vec![(1, 1), (4, 4), (7, 7)], vec![(2, 3), (5, 6), (5_000_000, 5_000_000)]));
    })
    .await;
}

#[tokio::test]
async fn missing_numbers_are_voided_by_the_last_word_and_a_tail_shows() {
    on_both(async |store| {
        let (device, log) = (DeviceId::new("d"), LogId::new("0a11ce01"));
        let sent: Vec<Reading> = [5, 10].map(|seq| reading("d", seq, seq * DAY_MS, heartbeat(None))).into();
        store.append(&sent, &[], &zone(), conflict).await.unwrap();
        store.note_device_state(&device, true, T, None, Some("0a11ce01"), Some(13)).await.unwrap();
        store.note_device_state(&device, true, T, None, Some("0a11ce01"), Some(12)).await.unwrap();
        // Too far away to be true.
        store.note_device_state(&"e".into(), true, T, None, Some("0a11ce01"), Some(9_000_000)).await.unwrap();
        let told = async || -> Vec<(i64, i64, Option<i64>)> {
            let gaps = store.gaps(Some(&device)).await.unwrap();
            gaps.into_iter().map(|gap| (gap.from, gap.to, gap.next.map(|next| next.0))).collect()
        };
        assert_eq!(told().await, [(1, 4, Some(5)), (6, 9, Some(10)), (11, 12, None)]);
        assert_eq!(store.gaps(None).await.unwrap().len(), 3);
        assert_eq!(store.devices().await.unwrap()[0].missing, 10);
        let marks = store.stale("device", 99).await.unwrap();
        store.clear_stale("device", &marks).await.unwrap();
        let correction = |id: &str, from, to, void, later_ms| Correction {
            id: id.to_owned(),
            device: device.clone(),
            log: log.clone(),
            from,
            to,
            void,
            why: "thẻ nhớ cháy".to_owned(),
            at: T.plus_ms(later_ms),
            by: "kỹ thuật".to_owned(),
        };
        let (void, back) = (correction("a", 3, 8, true, 1), correction("b", 8, 8, false, 2));
        assert!(store.correct(&back, &zone()).await.unwrap());
        assert!(store.correct(&void, &zone()).await.unwrap());
        assert!(!store.correct(&void, &zone()).await.unwrap(), "the same word twice is one");
        assert_eq!(told().await, [(1, 2, Some(5)), (8, 9, Some(10)), (11, 12, None)]);
        assert_eq!(store.gaps_before(&device).await.unwrap(), [(log.clone(), 5, 2), (log.clone(), 10, 2)]);
        let days: Vec<String> = store.stale("device", 9).await.unwrap().iter().map(|mark| mark.1.to_string()).collect();
        assert_eq!(days, ["2026-09-06", "2026-09-11"]);
        let range = |from, to| NumberRange { device: device.clone(), log: log.clone(), from, to };
        assert_eq!(store.voided(Some(&device)).await.unwrap(), [range(3, 4), range(6, 7)]);
        let totals = NumberTotals { missing: 6, gaps: 3, lost: 0, voided: 4 };
        assert_eq!(store.number_totals().await.unwrap(), totals);
        assert_eq!(store.corrections(Some(&device)).await.unwrap(), [void, back]);
        assert_eq!(store.corrections(Some(&"e".into())).await.unwrap(), []);
        // What comes all the same fills its gap, and a voided number is asked for to the end.
        store.append(&[reading("d", 7, 7 * DAY_MS, heartbeat(None))], &[], &zone(), conflict).await.unwrap();
        assert_eq!(store.voided(None).await.unwrap(), [range(3, 4), range(6, 6)]);
        let extents = store.log_extents(&BTreeSet::from([(device.clone(), log.clone())])).await.unwrap();
        assert_eq!(extents.values().next().unwrap().missing(), [(1, 4), (6, 6), (8, 9)]);
    })
    .await;
}

#[tokio::test]
async fn an_event_between_graded_ones_gets_a_time_when_they_have_come() {
    on_both(async |store| {
        let device = DeviceId::new("d");
        let unset = |seq: i64, boot: i64| Reading {
            at: None,
            clock: ClockState::Unset,
            boot,
            received: T.plus_ms(9 * DAY_MS),
            ..reading("d", seq, seq * 1_000, heartbeat(None))
        };
        let grades = async || -> Vec<(i64, bool, i64)> {
            let seen = store.presence(&device, T, T.plus_ms(20 * DAY_MS)).await.unwrap();
            let mut seen: Vec<_> = seen.into_iter().map(|(at, timed, _, seq)| (seq, timed, at.since(T))).collect();
            seen.sort_unstable();
            seen
        };
        let append = async |batch: &[Reading]| {
            store.append(batch, &[], &zone(), conflict).await.unwrap();
            let marks = store.stale("device", 99).await.unwrap();
            store.clear_stale("device", &marks).await.unwrap();
            marks.into_iter().map(|(_, on, _)| on.to_string()).collect::<Vec<String>>()
        };
        let late = 9 * DAY_MS;
        assert_eq!(append(&[unset(2, 1), unset(3, 2)]).await, ["2026-09-10"]);
        // The gap before the second one is filled, so its day counts anew.
        assert_eq!(append(&[reading("d", 1, 1_000, heartbeat(None))]).await, ["2026-09-01", "2026-09-10"]);
        assert_eq!(grades().await, [(1, true, 1_000), (2, false, late), (3, false, late)]);
        // The one behind it; the other's boot is not theirs.
        let behind = Reading { at: Some(T.plus_ms(5_000)), ..reading("d", 4, 4_000, heartbeat(None)) };
        assert_eq!(append(&[behind]).await, ["2026-09-01", "2026-09-10"], "the old day and the new one");
        assert_eq!(grades().await, [(1, true, 1_000), (2, true, 2_333), (3, false, late), (4, true, 5_000)]);
        assert_eq!(append(&[unset(2, 1)]).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn the_nearest_level_is_found_among_several_of_one_instant() {
    on_both(async |store| {
        let levels =
            [(1, 0, true), (2, 1_000, true), (3, 1_000, false), (4, 1_000, false), (5, 1_000, true), (6, 2_000, true)];
        let batch: Vec<Reading> = levels
            .iter()
            .map(|&(seq, later_ms, stable)| reading("d", seq, later_ms, level(100 * seq, stable)))
            .collect();
        store.append(&batch[..4], &[], &zone(), conflict).await.unwrap();
        let near = async |later_ms: i64, earlier: bool| {
            let found = store.neighbour_level(&"d".into(), T.plus_ms(later_ms), earlier).await.unwrap();
            found.map(|observed| observed.reading.id.seq)
        };
        // Two that never settled come after the settled one of their instant.
        assert_eq!(
            (near(2_000, true).await, near(1_000, true).await, near(0, false).await),
            (Some(2), Some(1), Some(2))
        );
        store.append(&batch[4..], &[], &zone(), conflict).await.unwrap();
        assert_eq!((near(2_000, true).await, near(1_000, false).await), (Some(5), Some(6)));
    })
    .await;
}

#[tokio::test]
async fn readings_are_found_by_device_and_time() {
    on_both(async |store| {
        let unset = Reading { at: None, clock: ClockState::Unset, ..reading("d", 9, 50_000, heartbeat(Some(3_600))) };
        let batch = [
            reading("d", 1, 0, level(0, true)),
            reading("d", 2, 1_000, tag("E1")),
            reading("d", 3, 2_000, level(500, false)),
            reading("d", 4, 3_000, level(900, true)),
            reading("d", 5, 4_000, heartbeat(Some(3_700))),
            unset.clone(),
            reading("e", 1, 2_500, tag("E2")),
        ];
        store.append(&batch, &[], &zone(), conflict).await.unwrap();
        let (d, e) = (DeviceId::new("d"), DeviceId::new("e"));
        let both = [d.clone(), e.clone()];
        let seqs = async |from: i64, to: i64| -> Vec<(String, i64)> {
            let found = store.readings_in_use(&both, T.plus_ms(from), T.plus_ms(to)).await.unwrap();
            found.iter().map(|o| (o.reading.id.device.to_string(), o.reading.id.seq)).collect()
        };
        assert_eq!(seqs(1_000, 3_000).await, [("d", 2), ("d", 3), ("d", 4), ("e", 1)].map(|(d, n)| (d.to_owned(), n)));
        assert_eq!(seqs(4_000, 90_000).await, []);
        let level_near = async |later_ms: i64, earlier: bool| {
            let found = store.neighbour_level(&d, T.plus_ms(later_ms), earlier).await.unwrap();
            found.map(|observed| observed.reading.id.seq)
        };
        // The level in between never settled.
        assert_eq!((level_near(3_000, true).await, level_near(0, false).await), (Some(1), Some(4)));
        assert_eq!((level_near(0, true).await, level_near(3_000, false).await), (None, None));
        let use_near = async |later_ms: i64, earlier: bool| {
            store.neighbour_use(&both, T.plus_ms(later_ms), earlier).await.unwrap().map(|time| time.since(T))
        };
        assert_eq!((use_near(3_000, true).await, use_near(2_000, false).await), (Some(2_500), Some(2_500)));
        assert_eq!((use_near(0, true).await, use_near(3_000, false).await), (None, None));
        let (arrival, _) = unset.graded_time();
        let presence = store.presence(&d, T.plus_ms(4_000), T.plus_ms(DAY_MS)).await.unwrap();
        let log = LogId::new("0a11ce01");
        assert_eq!(presence, [(T.plus_ms(4_000), true, log.clone(), 5), (arrival, false, log, 9)]);
        let presence = store.presence(&d, T.plus_ms(1_000), T.plus_ms(4_000)).await.unwrap();
        let present: Vec<i64> = presence.into_iter().map(|event| event.3).collect();
        assert_eq!(present, [2, 3, 4, 5], "heartbeats and what is in use, in order of time");
        let latest = store.latest_readings(&d, 3).await.unwrap();
        let latest: Vec<i64> = latest.iter().map(|observed| observed.reading.id.seq).collect();
        assert_eq!(latest, [9, 5, 4], "the latest first, whatever they are");
        assert_eq!(store.reading_time(&event_id("e", 1)).await.unwrap(), Some(T.plus_ms(2_500)));
        assert_eq!(store.reading_time(&event_id("e", 2)).await.unwrap(), None);
        let mut extents = store.reading_extents().await.unwrap();
        extents.sort();
        assert_eq!(extents, [(d.clone(), T, arrival), (e.clone(), T.plus_ms(2_500), T.plus_ms(2_500))]);
        // What devices say of themselves; an older message takes nothing away.
        store.note_device_state(&e, true, T, Some("1.2.3"), Some("0a11ce01"), Some(2)).await.unwrap();
        store.note_device_state(&e, false, T.plus_ms(1), None, None, None).await.unwrap();
        store.note_device_state(&"f".into(), true, T, None, None, None).await.unwrap();
        let older = reading("d", 6, -HOUR_MS, heartbeat(None));
        store.append(&[older], &[], &zone(), conflict).await.unwrap();
        let devices = store.devices().await.unwrap();
        let ids: Vec<&str> = devices.iter().map(|device| device.device.as_str()).collect();
        assert_eq!(ids, ["d", "e", "f"]);
        assert_eq!((devices[0].last_seen, devices[0].battery_mv), (Some(unset.received), Some(3_600)));
        assert_eq!((devices[1].online, devices[1].firmware.as_deref()), (Some(false), Some("1.2.3")));
        assert_eq!((devices[2].last_seen, devices[2].online, devices[2].received), (None, Some(true), 0));
    })
    .await;
}

fn operation(id: &str, statement: Statement) -> Operation {
    Operation { id: id.to_owned(), recorded: T.plus_ms(DAY_MS), by: "tổ 1".to_owned(), statement }
}

fn crew_pickup(later_ms: i64, result: CrewResult, reading: Option<EventId>) -> Statement {
    Statement::Pickup {
        at: T.plus_ms(later_ms),
        household: "H1".into(),
        place: "P1".into(),
        stream: "food".into(),
        result,
        reason: None,
        manual_g: Some(1_200),
        reading,
    }
}

fn ids(operations: &[Operation]) -> Vec<&str> {
    operations.iter().map(|operation| operation.id.as_str()).collect()
}

#[tokio::test]
async fn operations_are_recorded_once() {
    on_both(async |store| {
        let round = Statement::Round {
            place: "P1".into(),
            stream: "food".into(),
            service_date: first() - 1,
            open: true,
            at: T,
        };
        let void = Statement::Void { at: T, pickup: "p2".to_owned(), reason: "nhầm hộ".to_owned() };
        let finding = Statement::Finding {
            at: T,
            household: "H2".into(),
            stream: None,
            finding: FindingKind::Mixed,
            reason: Some("lẫn túi ni lông".to_owned()),
        };
        let visit =
            Statement::Visit { on: first(), household: "H1".into(), result: VisitResult::Sorting, stream: None };
        let all = [
            operation("r1", round),
            operation("p1", crew_pickup(1_000, CrewResult::Separated, Some(event_id("d", 4)))),
            operation("p2", crew_pickup(2_000, CrewResult::Mixed, None)),
            operation("p3", crew_pickup(3_000, CrewResult::Refused, None)),
            operation("v1", void),
            operation("f1", finding),
            operation("s1", visit),
        ];
        assert_eq!(store.record(&all, &zone()).await.unwrap(), 7);
        let marks = async |kind: &str| -> Vec<String> {
            store.stale(kind, 99).await.unwrap().into_iter().map(|(key, on, _)| format!("{key} {on}")).collect()
        };
        assert_eq!(marks("place").await, ["P1 2026-08-31"]);
        assert_eq!(marks("crew").await, ["p1 2026-09-01", "p2 2026-09-01", "p3 2026-09-01"]);
        assert_eq!(marks("reading").await, ["d~0a11ce01~4 2026-09-01"]);
        assert_eq!(marks("void").await, ["p2 2026-09-01"]);
        assert_eq!(marks("household").await, ["H1 2026-09-01", "H2 2026-09-01"]);
        let changed = operation("p1", crew_pickup(9_000, CrewResult::Mixed, None));
        assert_eq!(store.record(&[changed], &zone()).await.unwrap(), 0, "the first one stays");
        assert_eq!(store.record(&[], &zone()).await.unwrap(), 0);
        assert_eq!(store.operation("p1").await.unwrap().as_ref(), Some(&all[1]));
        assert_eq!(store.operation("p9").await.unwrap(), None);
        assert_eq!(ids(&store.operations_of_kind("pickup").await.unwrap()), ["p1", "p2", "p3"]);
        // A separated pickup states no finding, and a void one nothing.
        let said = store.statements_of(&households(&["H2", "H1", "H9"])).await.unwrap();
        assert_eq!(ids(&said), ["p3", "s1", "f1"]);
        let crew = async |from, to| store.crew_operations(&"P1".into(), from, to).await.unwrap();
        assert_eq!(ids(&crew(first() - 1, first()).await), ["r1", "p1", "p2", "p3"]);
        assert_eq!(ids(&crew(first() - 1, first() - 1).await), ["r1"]);
        assert_eq!(ids(&store.crew_pickups_naming(&["c".into(), "d".into()]).await.unwrap()), ["p1"]);
        assert_eq!(store.voids(["p1", "p2", "p2"]).await.unwrap(), BTreeSet::from(["p2".to_owned()]));
        assert_eq!(store.voids([]).await.unwrap(), BTreeSet::new());
    })
    .await;
}

#[tokio::test]
async fn a_mark_set_while_its_work_runs_survives() {
    on_both(async |store| {
        let marks = [("b", "2026-09-02"), ("b", "2026-09-01"), ("a", "2026-09-03"), ("a", "2026-09-03")];
        store.mark_stale("place", marks.map(|(key, on)| (key.to_owned(), day(on)))).await.unwrap();
        store.mark_stale("place", []).await.unwrap();
        store.mark_stale("device", [("a".to_owned(), day("2026-09-03"))]).await.unwrap();
        assert_eq!(store.stale_count().await.unwrap(), 4);
        let taken = store.stale("place", 2).await.unwrap();
        assert_eq!(taken, [("a".to_owned(), day("2026-09-03"), 1), ("b".to_owned(), day("2026-09-01"), 1)]);
        store.mark_stale("place", [("b".to_owned(), day("2026-09-01"))]).await.unwrap();
        store.clear_stale("place", &taken).await.unwrap();
        store.clear_stale("place", &[]).await.unwrap();
        let left = store.stale("place", i64::MAX).await.unwrap();
        assert_eq!(left, [("b".to_owned(), day("2026-09-01"), 2), ("b".to_owned(), day("2026-09-02"), 1)]);
        assert_eq!(store.stale("device", 9).await.unwrap().len(), 1);
    })
    .await;
}

fn pickup(id: &str, later_ms: i64, household: Option<&str>) -> Pickup {
    let time = T.plus_ms(later_ms);
    Pickup {
        id: id.to_owned(),
        source: if id.starts_with('c') { Source::Crew } else { Source::Device },
        place: "P1".into(),
        station: "P1-s".into(),
        stream: "food".into(),
        time,
        grade: Grade::Device,
        day: zone().day_of(time),
        round_start: Some(T),
        household: household.map(HouseholdCode::new),
        attribution: if household.is_some() { Attribution::Known } else { Attribution::Unknown },
        named_by_crew: false,
        tag_read: true,
        net_g: Some(900),
        below_min: false,
        overload: false,
        void: false,
        result: None,
        readings: vec![event_id("d", 4)],
    }
}

fn outcome(stream: &str, on: LocalDay, ran: bool) -> RoundOutcome {
    let start = zone().at_minute(on, 8 * 60);
    let round =
        Round { place: "P1".into(), stream: stream.into(), service_date: on, start, end: start.plus_ms(HOUR_MS) };
    RoundOutcome { round, ran, observable: true, crew_opened: false }
}

fn device_day(device: &str, on: LocalDay, area: &str, received: i64) -> DeviceDay {
    DeviceDay {
        device: device.into(),
        day: on,
        place: "P1".into(),
        area: area.into(),
        working_ms: 1_800_000,
        scheduled_ms: 3_600_000,
        received,
        missing: 1,
        events: EventQuality { in_use: received, weights: 4, unstable: 1, late: 2, clock_doubted: 3 },
    }
}

fn tonnage_day(stream: &str, on: LocalDay, area: &str, weighed_g: i64) -> TonnageDay {
    let grams = Grams { weighed_g, manual_g: 10, estimated_g: 5, unknown_household_g: 3, pickups: 2 };
    TonnageDay { place: "P1".into(), stream: stream.into(), day: on, area: area.into(), grams }
}

fn pickup_ids(pickups: &[Pickup]) -> Vec<&str> {
    pickups.iter().map(|pickup| pickup.id.as_str()).collect()
}

fn put<T>(put: Vec<T>) -> Change<T> {
    Change { put, gone: Vec::new() }
}

#[tokio::test]
async fn a_places_rows_are_written_as_differences() {
    on_both(async |store| {
        let (on, next) = (first(), first() + 1);
        let place = PlaceCode::new("P1");
        let change = PlaceChange {
            pickups: put(vec![
                pickup("d1", 0, Some("H1")),
                pickup("d2", 60_000, None),
                pickup("c1", 30_000, Some("H2")),
                pickup("d3", DAY_MS, Some("H1")),
            ]),
            rounds: put(vec![outcome("food", on, true), outcome("other", on, false), outcome("food", next, false)]),
            device_days: put(vec![device_day("d", on, "A1", 7), device_day("d", next, "A1", 0)]),
            tonnage: put(vec![tonnage_day("food", on, "A1", 900), tonnage_day("other", next, "A1", 100)]),
            households: BTreeMap::from([("H1".into(), (on, on)), ("H2".into(), (on, next))]),
            ..PlaceChange::default()
        };
        store.apply_place(&change).await.unwrap();
        let marks = store.stale("household_near", 9).await.unwrap();
        let marked = [("H1".to_owned(), on, 1), ("H2".to_owned(), on, 1), ("H2".to_owned(), next, 1)];
        assert_eq!(marks, marked, "first and last day of what changed");
        let (from, to) = (T, T.plus_ms(2 * DAY_MS));
        let station = async |from, to| store.station_pickups(&"P1-s".into(), from, to).await.unwrap();
        assert_eq!(station(from, to).await, [0, 1, 3].map(|at: usize| change.pickups.put[at].clone()));
        assert_eq!(pickup_ids(&station(T.plus_ms(1), T.plus_ms(60_000)).await), ["d2"]);
        let at_place = async |from, to| store.place_pickups(&place, from, to).await.unwrap();
        assert_eq!(pickup_ids(&at_place(on, on).await), ["d1", "c1", "d2"]);
        assert_eq!(store.pickups_by_id(["d2", "d9"]).await.unwrap(), [change.pickups.put[1].clone()]);
        let of = store.household_pickups(&households(&["H2", "H1"]), T, to).await.unwrap();
        assert_eq!(pickup_ids(&of), ["d1", "d3", "c1"]);
        assert_eq!(store.household_pickups(&households(&["H1"]), to, to.plus_ms(1)).await.unwrap(), []);
        let until = of[0].time;
        assert_eq!(store.household_pickups(&households(&["H2", "H1"]), T, until).await.unwrap(), []);
        assert_eq!(store.rounds(&place, on, next).await.unwrap(), change.rounds.put);
        assert_eq!(store.rounds(&place, next, next).await.unwrap(), change.rounds.put[2..]);
        assert_eq!(store.device_days(&"d".into(), on, next).await.unwrap(), change.device_days.put);
        assert_eq!(store.quality_days(None, on, next).await.unwrap(), change.device_days.put);
        assert_eq!(store.quality_days(Some(&"e".into()), on, next).await.unwrap(), []);
        assert_eq!(store.quality_days(None, next, next).await.unwrap(), change.device_days.put[1..]);
        assert_eq!(store.tonnage_days(&place, on, next).await.unwrap(), change.tonnage.put);
        assert_eq!(store.stored_totals().await.unwrap(), (0, 4));
        // Figures of these rows.
        let page = async |after: Option<(i64, String)>, household: Option<&str>, limit| {
            let household = household.map(HouseholdCode::new);
            let query = PickupsQuery { from, to, place: Some(place.clone()), household, after, limit };
            store.pickups(&query).await.unwrap()
        };
        assert_eq!(pickup_ids(&page(None, None, 2).await), ["d1", "c1"]);
        assert_eq!(pickup_ids(&page(Some((T.plus_ms(30_000).ms(), "c1".to_owned())), None, 9).await), ["d2", "d3"]);
        assert_eq!(pickup_ids(&page(None, Some("H1"), 9).await), ["d1", "d3"]);
        let elsewhere = PickupsQuery { from, to, place: Some("P2".into()), household: None, after: None, limit: 9 };
        assert_eq!(store.pickups(&elsewhere).await.unwrap(), []);
        assert_eq!(pickup_ids(&store.last_pickups(T.plus_ms(60_000), 2).await.unwrap()), ["d2", "c1"]);
        let area = AreaCode::new("A1");
        let days = async |area: Option<&AreaCode>, step| store.tonnage(area, on, next, step).await.unwrap();
        assert_eq!(days(None, Step::Day).await.len(), 2);
        assert_eq!(days(Some(&"A2".into()), Step::Day).await, []);
        let month = days(Some(&area), Step::Month).await;
        assert_eq!((month[0].from, month[0].to), (day("2026-09-01"), day("2026-09-30")));
        let food = Tonnage { weighed_g: 900, manual_g: 10, estimated_g: 5, unknown_household_g: 3, pickups: 2 };
        assert_eq!((month[0].stream.as_str(), &month[0].tonnage), ("food", &food));
        assert_eq!(days(None, Step::Week).await[0].from, day("2026-08-31"));
        let pickups = store.pickups_by_area(on, next).await.unwrap();
        assert_eq!(pickups.values().map(|areas| areas.get(&area).copied().unwrap_or(0)).sum::<i64>(), 4);
        let all = Completeness { working_ms: 3_600_000, scheduled_ms: 7_200_000, received: 7, missing: 2 };
        assert_eq!(store.completeness_by_area(on, next).await.unwrap(), BTreeMap::from([(area.clone(), all)]));
        assert_eq!(store.completeness_by_place(on, next).await.unwrap(), BTreeMap::from([(place.clone(), all)]));
        let by_day = store.completeness_days(Some(&area), on, next).await.unwrap();
        assert_eq!(by_day.iter().map(|day| day.completeness.received).collect::<Vec<_>>(), [7, 0]);
        assert_eq!(store.completeness_days(Some(&"A2".into()), on, next).await.unwrap(), []);
        // Changed, and gone.
        let moved = Pickup { household: None, net_g: None, ..pickup("d1", 0, None) };
        let second = PlaceChange {
            pickups: Change { put: vec![moved.clone()], gone: vec![pickup("c1", 30_000, None), pickup("d1", 0, None)] },
            rounds: Change { put: vec![outcome("food", on, false)], gone: vec![outcome("other", on, false)] },
            device_days: Change { put: vec![device_day("d", on, "A2", 8)], gone: vec![device_day("d", next, "", 0)] },
            tonnage: Change {
                put: vec![tonnage_day("food", on, "A2", 1)],
                gone: vec![tonnage_day("other", next, "", 0)],
            },
            households: BTreeMap::from([("H1".into(), (on, on))]),
            ..PlaceChange::default()
        };
        store.apply_place(&second).await.unwrap();
        store.apply_place(&PlaceChange::default()).await.unwrap();
        assert_eq!(at_place(on, next).await, [moved, pickup("d2", 60_000, None), pickup("d3", DAY_MS, Some("H1"))]);
        assert_eq!(store.rounds(&place, on, on).await.unwrap(), second.rounds.put);
        assert_eq!(store.device_days(&"d".into(), on, next).await.unwrap(), second.device_days.put);
        assert_eq!(store.tonnage_days(&place, on, next).await.unwrap(), second.tonnage.put);
        let marks = store.stale("household_near", 9).await.unwrap();
        assert_eq!(marks[0], ("H1".to_owned(), on, 2));
        store.drop_derived().await.unwrap();
        assert_eq!((store.stored_totals().await.unwrap(), store.stale_count().await.unwrap()), ((0, 0), 0));
        assert_eq!(store.rounds(&place, on, next).await.unwrap(), []);
        assert_eq!(store.device_days(&"d".into(), on, next).await.unwrap(), []);
        assert_eq!(store.tonnage_days(&place, on, next).await.unwrap(), []);
    })
    .await;
}

const SORTS: DayState =
    DayState { state: State::Sorting, reason: None, weakest: Some(Level::Crew), at_least_one: true, enrolled: true };
const UNSEEN: DayState = DayState {
    state: State::Undetermined,
    reason: Some(Reason::NotObservable),
    weakest: None,
    at_least_one: false,
    enrolled: false,
};

fn span(household: &str, from: LocalDay, to: Option<LocalDay>, state: DayState) -> StateSpan {
    StateSpan { household: household.into(), from, to, area: "A1".into(), state, missing: vec!["food".into()] }
}

fn counts(states: &[(DayState, i64)]) -> Counts {
    let mut counts = Counts::default();
    for (state, by) in states {
        counts.add(state, *by);
    }
    counts
}

#[tokio::test]
async fn states_and_totals_move_together() {
    on_both(async |store| {
        let (on, next) = (first(), first() + 1);
        let area = AreaCode::new("A1");
        store.put_setting("computed_through", &on.to_string()).await.unwrap();
        store.mark_stale("household", [("H1".to_owned(), on), ("H2".to_owned(), on)]).await.unwrap();
        let marks = store.stale("household", 9).await.unwrap();
        let marks: Vec<phanloai::store::HouseholdMark> = marks.into_iter().map(|mark| ("household", mark)).collect();
        let (one, two) = (span("H1", on, None, SORTS), span("H2", on - 1, None, UNSEEN));
        let change = StateChange {
            spans: put(vec![one.clone(), two.clone()]),
            totals: BTreeMap::from([
                ((area.clone(), on), counts(&[(SORTS, 1), (UNSEEN, 1)])),
                ((area.clone(), on - 1), counts(&[(UNSEEN, 1)])),
                ((area.clone(), on - 2), Counts::default()),
            ]),
            ..StateChange::default()
        };
        store.apply_states(&change, &marks).await.unwrap();
        assert_eq!(store.stale_count().await.unwrap(), 0);
        assert_eq!(store.spans(&households(&["H2", "H1"]), on, next).await.unwrap(), [one.clone(), two.clone()]);
        assert_eq!(store.counts_on(on - 2).await.unwrap(), BTreeMap::new());
        // The next day begins: open spans hold, and their totals with them.
        store.roll(on, next, ["H1".to_owned()]).await.unwrap();
        assert_eq!(store.computed_through().await.unwrap(), Some(next));
        assert_eq!(store.stale("household", 9).await.unwrap(), [("H1".to_owned(), next, 1)]);
        assert_eq!(store.counts_on(next).await.unwrap()[&area], counts(&[(SORTS, 1), (UNSEEN, 1)]));
        // H1 is no longer seen; a mark with another generation stays.
        let change = StateChange {
            spans: Change {
                put: vec![span("H1", on, Some(on), SORTS), span("H1", next, None, UNSEEN)],
                gone: vec![one],
            },
            totals: BTreeMap::from([((area.clone(), next), counts(&[(SORTS, -1), (UNSEEN, 1)]))]),
            ..StateChange::default()
        };
        store.apply_states(&change, &[("household", ("H1".to_owned(), next, 7))]).await.unwrap();
        assert_eq!(store.stale_count().await.unwrap(), 1);
        assert_eq!(store.spans(&households(&["H1"]), next, next).await.unwrap(), change.spans.put[1..]);
        assert_eq!(store.spans(&households(&["H1"]), on, on).await.unwrap(), change.spans.put[..1]);
        assert_eq!(store.spans(&households(&["H1"]), on, next).await.unwrap(), change.spans.put);
        let series = [(on, counts(&[(SORTS, 1), (UNSEEN, 1)])), (next, counts(&[(UNSEEN, 2)]))];
        assert_eq!(store.counts_series(Some(&area), on, next).await.unwrap(), series);
        assert_eq!(store.counts_series(None, on, next).await.unwrap(), series);
        assert_eq!(store.counts_series(Some(&"A2".into()), on, next).await.unwrap(), []);
        let query = |on| StatesQuery { on, area: None, state: None, reason: None, after: None, limit: 9 };
        let found = async |query: StatesQuery| -> Vec<String> {
            store.states(&query).await.unwrap().into_iter().map(|row| row.household.to_string()).collect()
        };
        assert_eq!(found(query(next)).await, ["H1", "H2"]);
        assert_eq!(found(query(on - 1)).await, ["H2"]);
        assert_eq!(found(query(next + 1)).await, Vec::<String>::new(), "not computed yet");
        assert_eq!(found(StatesQuery { limit: 1, ..query(next) }).await, ["H1"]);
        assert_eq!(found(StatesQuery { after: Some("H1".into()), ..query(next) }).await, ["H2"]);
        assert_eq!(found(StatesQuery { state: Some(State::Sorting), ..query(on) }).await, ["H1"]);
        assert_eq!(found(StatesQuery { reason: Some(Reason::NotObservable), ..query(on) }).await, ["H2"]);
        assert_eq!(found(StatesQuery { area: Some("A2".into()), ..query(on) }).await, Vec::<String>::new());
        let row = store.states(&StatesQuery { limit: 1, ..query(on) }).await.unwrap().remove(0);
        assert_eq!((row.area, row.state), (area, SORTS));
        store.drop_derived().await.unwrap();
        assert_eq!(store.computed_through().await.unwrap(), None);
        assert_eq!(store.spans(&households(&["H1", "H2"]), on - 9, next).await.unwrap(), []);
        assert_eq!(store.counts_series(None, on - 9, next).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn accounts_sessions_and_tokens_open_and_end() {
    on_both(async |store| {
        let account = |name: &str, roles: &[Role], areas: &[&str]| Account {
            name: name.to_owned(),
            roles: roles.iter().copied().collect(),
            areas: areas.iter().map(|area| AreaCode::new(*area)).collect(),
            enabled: true,
        };
        let hoa = account("hoa", &[Role::Visitor, Role::Crew], &["TM-01", "TM-02"]);
        let an = account("an", &[], &[]);
        assert!(store.add_account(&hoa, Some("$argon2id$x"), T).await.unwrap());
        assert!(store.add_account(&an, None, T).await.unwrap());
        assert!(!store.add_account(&account("hoa", &[Role::Admin], &[]), None, T).await.unwrap());
        assert_eq!(store.accounts().await.unwrap(), [an.clone(), hoa.clone()]);
        assert_eq!(store.account("hoa").await.unwrap(), Some(hoa.clone()));
        assert_eq!(store.account("nobody").await.unwrap(), None);
        assert_eq!(store.password_of("hoa").await.unwrap().unwrap(), "$argon2id$x");
        assert_eq!(store.password_of("an").await.unwrap(), None);
        let hour = |n: i64| T.plus_ms(n * HOUR_MS);
        let open = async |print: &str, expires: Instant| {
            let opening = Opening { fingerprint: print, account: "hoa", at: T, expires, browser: "", phone: None };
            store.open_session(&opening).await.unwrap();
        };
        open("s1", hour(1)).await;
        open("s2", hour(2)).await;
        let of_session =
            async |print: &str, at| store.signed_in(print, at).await.unwrap().map(|signed_in| signed_in.account);
        assert_eq!(of_session("s1", T).await, Some(hoa.clone()));
        assert_eq!(of_session("s1", hour(1)).await, None);
        store.close_session("s2").await.unwrap();
        assert_eq!(of_session("s2", T).await, None);
        store.add_token("t1", "hoa", T, None).await.unwrap();
        store.add_token("t2", "hoa", T, Some(hour(1))).await.unwrap();
        let of_token = async |print: &str, at| store.bearer(print, at).await.unwrap().map(|bearer| bearer.account);
        assert_eq!(of_token("t1", hour(9_999)).await, Some(hoa.clone()));
        assert_eq!((of_token("t2", T).await, of_token("t2", hour(1)).await), (Some(hoa), None));
        // A new password ends the sessions; so does disabling, and tokens rest.
        assert!(store.set_password("hoa", "$argon2id$y", None).await.unwrap());
        assert_eq!(store.password_of("hoa").await.unwrap().unwrap(), "$argon2id$y");
        assert_eq!(of_session("s1", T).await, None);
        assert!(!store.set_password("nobody", "x", None).await.unwrap());
        open("s3", hour(1)).await;
        let by = Actor { name: "quan-tri".to_owned(), at: T };
        assert_eq!(store.set_enabled("hoa", false, &by).await.unwrap(), Altered::Done);
        assert_eq!((of_session("s3", T).await, of_token("t1", T).await), (None, None));
        assert_eq!(store.password_of("hoa").await.unwrap(), None);
        assert_eq!(store.set_enabled("hoa", true, &by).await.unwrap(), Altered::Done);
        assert!(of_token("t1", T).await.is_some() && of_session("s3", T).await.is_none());
        assert_eq!(store.set_enabled("nobody", true, &by).await.unwrap(), Altered::Unknown);
        let look = |later_ms, subject: &str| Looked::new(T.plus_ms(later_ms), "hoa", "states", subject.to_owned());
        let looks = [look(0, "area=TM-01"), look(5, "area=TM-02"), look(3, "area=TM-03")];
        for looked in &looks {
            store.log_look(looked).await.unwrap();
        }
        assert_eq!(store.looks(2).await.unwrap(), [looks[1].clone(), looks[2].clone()]);
    })
    .await;
}

/// Tells everything that can be asked of a commune, a line an answer.
async fn told(commune: &TestCommune, world: &World) -> Vec<String> {
    let store = &commune.store;
    let (from, to) = (day(&world.from.plus(-1).to_string()), day(&world.to.to_string()));
    let mut lines = vec![
        format!("{:?}", store.register_rows().await.unwrap()),
        format!("{:?}", store.stored_totals().await.unwrap()),
        format!("{:?}", store.devices().await.unwrap()),
        format!("{:?}", store.gaps(None).await.unwrap()),
        format!("{:?}", store.quarantine_totals().await.unwrap()),
        format!("{:?}", store.counts_series(None, from, to).await.unwrap()),
        format!("{:?}", store.completeness_by_area(from, to).await.unwrap()),
        format!("{:?}", store.completeness_days(None, from, to).await.unwrap()),
        format!("{:?}", store.last_pickups(crate::commune::NOW, 20).await.unwrap()),
        format!("{:?}", commune.check().await),
        format!("{:?}", store.service_days(None, from, to).await.unwrap()),
        format!("{:?}", store.quality_by_day(None, from, to).await.unwrap()),
        format!("{:?}", store.statement_sums(None, from, to).await.unwrap()),
    ];
    for step in [Step::Day, Step::Week, Step::Month] {
        lines.push(format!("{:?}", store.tonnage(None, from, to, step).await.unwrap()));
    }
    let places: BTreeSet<&String> = world.schedule.iter().map(|row| &row.place).collect();
    for place in places {
        let place = PlaceCode::new(place.as_str());
        lines.push(format!("{:?}", store.place_pickups(&place, from, to).await.unwrap()));
        lines.push(format!("{:?}", store.rounds(&place, from, to).await.unwrap()));
        lines.push(format!("{:?}", store.tonnage_days(&place, from, to).await.unwrap()));
    }
    for row in &world.devices {
        let device = DeviceId::new(row.device.as_str());
        lines.push(format!("{:?}", store.device_days(&device, from, to).await.unwrap()));
        lines.push(format!("{:?}", store.gaps_before(&device).await.unwrap()));
    }
    let codes: BTreeSet<HouseholdCode> =
        world.households.iter().map(|row| HouseholdCode::new(row.code.as_str())).collect();
    let codes: Vec<HouseholdCode> = codes.into_iter().collect();
    lines.push(format!("{:?}", store.statements_of(&codes).await.unwrap()));
    for span in store.spans(&codes, from, to).await.unwrap() {
        lines.push(format!("{span:?}"));
    }
    for on in from.through(to) {
        lines.push(format!("{on} {:?}", store.counts_on(on).await.unwrap()));
        lines.push(format!("{on} {:?}", store.point_counts_on(on).await.unwrap()));
        let query = StatesQuery { on, area: None, state: None, reason: None, after: None, limit: i64::MAX };
        lines.push(format!("{on} {:?}", store.states(&query).await.unwrap()));
    }
    lines
}

/// Computes a world in a store as the service does, the second half of its readings late.
async fn computed(store: Store, world: &World, files: Option<&Path>) -> TestCommune {
    let commune = TestCommune::in_store(store, TempDir::new().unwrap(), world, files).await;
    let envelopes = world.envelopes();
    for (at, batch) in envelopes.chunks(envelopes.len().div_ceil(2).max(1)).enumerate() {
        let batch: Vec<(&str, String)> = batch.iter().map(|(d, e)| (d.as_str(), e.to_string())).collect();
        commune.append(&batch).await;
        if at == 0 {
            commune.compute(&world.to.plus(-3).to_string()).await;
        }
    }
    commune.record(world).await;
    commune.compute(&world.to.to_string()).await;
    commune
}

async fn tells_the_same(world: &World, files: Option<&Path>) {
    let folder = TempDir::new().unwrap();
    let on_sqlite = told(&computed(sqlite(&folder).await, world, files).await, world).await;
    let database = Database::create().await;
    let commune = computed(Store::open(&database.url).await.unwrap(), world, files).await;
    let on_postgres = told(&commune, world).await;
    commune.store.close().await;
    for (sqlite, postgres) in on_sqlite.iter().zip(&on_postgres) {
        assert_eq!(sqlite, postgres);
    }
    assert_eq!(on_sqlite.len(), on_postgres.len());
}

#[tokio::test]
async fn generated_communes_have_the_same_figures() {
    for seed in 7_000..7_002 {
        eprintln!("seed {seed}");
        tells_the_same(&generate(seed), None).await;
    }
}

#[tokio::test]
async fn the_example_commune_has_the_same_figures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/commune-1");
    let streams = [("food", true), ("recyclable", true), ("other", false)];
    let streams = streams.map(|(code, required)| Stream { code: code.to_owned(), required, mean_g: None });
    let days = ["2026-09-01", "2026-10-15"].map(|text| text.parse::<crate::oracle::time::Day>().unwrap());
    let world = crate::oracle::read::read_world(&folder, streams.into(), days[0], days[1]);
    tells_the_same(&world, Some(&folder)).await;
}

#[tokio::test]
async fn one_program_at_a_time_renews_figures() {
    async fn tells(one: &Store, other: &Store) {
        let turn = one.take_turn().await.unwrap().expect("nobody has it");
        assert!(other.take_turn().await.unwrap().is_none());
        turn.give_back().await.unwrap();
        let turn = other.take_turn().await.unwrap().expect("it was given back");
        assert!(one.take_turn().await.unwrap().is_none());
        turn.give_back().await.unwrap();
    }
    let folder = TempDir::new().unwrap();
    tells(&sqlite(&folder).await, &sqlite(&folder).await).await;
    let database = Database::create().await;
    tells(&Store::open(&database.url).await.unwrap(), &Store::open(&database.url).await.unwrap()).await;
}

#[test]
fn no_method_of_the_store_goes_untested() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let is_mine = |name: &str| name.starts_with("store_") && name.ends_with("on_both.rs");
    let files = std::fs::read_dir(tests).unwrap().map(|entry| entry.unwrap().path());
    let mine: String = files
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_mine))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let mut methods = BTreeSet::new();
    for (_, text) in crate::architecture::sources("src/store") {
        let names = text.split("pub async fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
        methods.extend(names.map(str::to_owned));
    }
    let called = |name: &str| mine.contains(&format!(".{name}(")) || mine.contains(&format!("Store::{name}("));
    let untested: Vec<&String> = methods.iter().filter(|name| !called(name)).collect();
    assert!(methods.len() > 60, "found {} methods only", methods.len());
    assert!(untested.is_empty(), "nothing here calls {untested:?}");
}
