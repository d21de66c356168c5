//! However a device's readings lie in logs and their chapters, they are found by time, on SQLite and on PostgreSQL; readings from before
//! there were chapters are kept.

use phanloai::domain::ids::{DeviceId, EventId, LogId};
use phanloai::domain::reading::{ClockState, Event, Reading};
use phanloai::domain::time::{HOUR_MS, Instant};
use phanloai::store::Store;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::commune::conflict;
use crate::store_on_both::{T, heartbeat, level, on_both, reading, tag, zone};
use crate::support::postgres::Database;

/// The last version of the database in which each reading held the names of its device and its log.
const BEFORE_CHAPTERS: i64 = 16;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

fn of_log(log: &str, seq: i64, later_ms: i64, gross_g: i64) -> Reading {
    let id = EventId { device: "d".into(), log: log.into(), seq };
    Reading { id, ..reading("d", seq, later_ms, level(gross_g, true)) }
}

fn named(found: &[phanloai::domain::attribution::Observed]) -> Vec<String> {
    found.iter().map(|observed| format!("{}{}", observed.reading.id.log, observed.reading.id.seq)).collect()
}

#[tokio::test]
async fn several_logs_of_one_device_read_as_one() {
    on_both(async |store| {
        // The log whose name comes last is heard of first.
        let batches = [
            vec![of_log("z", 1, 0, 100), of_log("z", 2, 2_000, 300)],
            vec![of_log("a", 1, 2_000, 250), of_log("m", 7, 1_000, 200), of_log("a", 2, 9_000, 400)],
        ];
        for batch in &batches {
            let appended = store.append(batch, &[], &zone(), conflict).await.unwrap();
            assert_eq!(appended.new, u64::try_from(batch.len()).unwrap());
        }
        let (d, e) = (DeviceId::new("d"), DeviceId::new("e"));
        let other = reading("e", 1, 3_000, level(1, true));
        store.append(&[other], &[], &zone(), conflict).await.unwrap();
        // By time; of one instant by the log's name, whichever came first.
        let in_use = store.readings_in_use(std::slice::from_ref(&d), T, T.plus_ms(9_000)).await.unwrap();
        assert_eq!(named(&in_use), ["z1", "m7", "a1", "z2", "a2"]);
        let presence = store.presence(&d, T, T.plus_ms(9_000)).await.unwrap();
        let present: Vec<String> = presence.iter().map(|event| format!("{}{}", event.2, event.3)).collect();
        assert_eq!(present, ["z1", "m7", "a1", "z2", "a2"]);
        assert_eq!(named(&store.latest_readings(&d, 3).await.unwrap()), ["a2", "z2", "a1"]);
        assert_eq!(named(&store.latest_readings(&d, 2).await.unwrap()), ["a2", "z2"]);
        let near = async |later_ms: i64, earlier: bool| {
            let found = store.neighbour_level(&d, T.plus_ms(later_ms), earlier).await.unwrap();
            found.map(|observed| named(&[observed]).remove(0))
        };
        assert_eq!(near(9_000, true).await.as_deref(), Some("z2"));
        assert_eq!(near(2_000, true).await.as_deref(), Some("m7"));
        assert_eq!(near(1_000, false).await.as_deref(), Some("a1"));
        assert_eq!(near(0, true).await, None);
        let devices = std::slice::from_ref(&d);
        let use_near = async |later_ms: i64, earlier: bool| {
            store.neighbour_use(devices, T.plus_ms(later_ms), earlier).await.unwrap().map(|time| time.since(T))
        };
        assert_eq!((use_near(2_000, true).await, use_near(2_000, false).await), (Some(1_000), Some(9_000)));
        let mut extents = store.reading_extents().await.unwrap();
        extents.sort();
        let (three, nine) = (T.plus_ms(3_000), T.plus_ms(9_000));
        assert_eq!(extents, [(d.clone(), T, nine), (e, three, three)]);
        // What is sent again is known by its names.
        let appended = store.append(&batches.concat(), &[], &zone(), conflict).await.unwrap();
        assert_eq!((appended.new, appended.duplicates, appended.conflicts.len()), (0, 5, 0));
    })
    .await;
}

/// Readings over many chapters of two logs, their times in no order, each kind rare enough that whole chapters lack it.
fn scattered() -> Vec<Reading> {
    let mut state: u64 = 20_261_129;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % below).unwrap()
    };
    let mut readings = Vec::new();
    for log in ["z", "a"] {
        let mut seq = 0;
        for _ in 0..90 {
            seq += 1 + draw(200);
            // Mostly onwards, and some far back.
            let later_ms = if draw(8) == 0 { draw(20_000) } else { seq };
            let event = match draw(12) {
                0 => level(seq, draw(2) == 0),
                1..6 => heartbeat(Some(3_000 + seq)),
                _ => tag("E1"),
            };
            let id = EventId { device: "d".into(), log: log.into(), seq };
            readings.push(Reading { id, ..reading("d", seq, later_ms, event) });
        }
    }
    readings
}

#[tokio::test]
async fn readings_are_found_by_time_wherever_their_chapters_lie() {
    on_both(async |store| {
        for batch in scattered().chunks(37) {
            store.append(batch, &[], &zone(), conflict).await.unwrap();
        }
        let d = DeviceId::new("d");
        let devices = std::slice::from_ref(&d);
        let key = |one: &Reading| (one.at.unwrap(), one.id.log.clone(), one.id.seq);
        let mut sorted = scattered();
        sorted.sort_by_key(key);
        let beat = |one: &Reading| matches!(one.event, Event::Heartbeat { .. });
        let settled = |one: &Reading| matches!(&one.event, Event::Weight(weight) if weight.stable);
        for from in (-500..21_000).step_by(750).map(|later_ms| T.plus_ms(later_ms)) {
            let to = from.plus_ms(1_900);
            let within = || sorted.iter().filter(|one| one.at.unwrap() >= from && one.at.unwrap() <= to);
            let found = store.readings_in_use(devices, from, to).await.unwrap();
            let found: Vec<_> = found.into_iter().map(|one| one.reading.id).collect();
            assert_eq!(found, within().filter(|one| !beat(one)).map(|one| one.id.clone()).collect::<Vec<_>>());
            let presence = store.presence(&d, from, to).await.unwrap();
            assert_eq!(
                presence.into_iter().map(|(at, _, log, seq)| (at, log, seq)).collect::<Vec<_>>(),
                within().map(key).collect::<Vec<_>>()
            );
            let beats = store.heartbeats(&d, from, to).await.unwrap();
            assert_eq!(
                beats.into_iter().map(|beat| beat.0).collect::<Vec<_>>(),
                within().filter(|one| beat(one)).map(|one| one.at.unwrap()).collect::<Vec<_>>()
            );
            let before = || sorted.iter().rev().filter(|one| one.at.unwrap() < from);
            let after = || sorted.iter().filter(|one| one.at.unwrap() > from);
            for (earlier, level, used) in [
                (true, before().find(|one| settled(one)), before().find(|one| !beat(one))),
                (false, after().find(|one| settled(one)), after().find(|one| !beat(one))),
            ] {
                let found = store.neighbour_level(&d, from, earlier).await.unwrap();
                assert_eq!(found.map(|one| one.reading.id), level.map(|one| one.id.clone()), "{from:?} {earlier}");
                let found = store.neighbour_use(devices, from, earlier).await.unwrap();
                assert_eq!(found, used.map(|one| one.at.unwrap()), "{from:?} {earlier}");
            }
        }
        for limit in [1, 2, 5, 40, 500] {
            let latest = store.latest_readings(&d, limit).await.unwrap();
            let expected = sorted.iter().rev().take(usize::try_from(limit).unwrap()).map(|one| one.id.clone());
            assert_eq!(latest.into_iter().map(|one| one.reading.id).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
        let (first, last) = (sorted.first().unwrap().at.unwrap(), sorted.last().unwrap().at.unwrap());
        assert_eq!(store.reading_extents().await.unwrap(), [(d.clone(), first, last)]);
        for one in &sorted {
            assert_eq!(store.reading_time(&one.id).await.unwrap(), one.at);
        }
        // Sent once more in another order.
        let mut again = scattered();
        again.sort_by_key(|one| (one.ms % 7, one.id.seq));
        let appended = store.append(&again, &[], &zone(), conflict).await.unwrap();
        assert_eq!((appended.new, appended.duplicates), (0, 180));
    })
    .await;
}

#[tokio::test]
async fn a_time_that_is_graded_again_moves_its_chapter() {
    on_both(async |store| {
        let d = DeviceId::new("d");
        let devices = std::slice::from_ref(&d);
        let unset = |seq: i64, later_ms: i64| Reading {
            at: None,
            clock: ClockState::Unset,
            received: T.plus_ms(HOUR_MS),
            ..of_log("a", seq, later_ms, 100)
        };
        let graded = |seq: i64, later_ms: i64| of_log("a", seq, later_ms, 100);
        store.append(&[unset(300, 300)], &[], &zone(), conflict).await.unwrap();
        let in_use = async |from: i64, to: i64| {
            named(&store.readings_in_use(devices, T.plus_ms(from), T.plus_ms(to)).await.unwrap())
        };
        assert_eq!(in_use(0, 1_000).await, [""; 0], "known by its arrival only");
        // Neighbours in the chapters before and after give it a time.
        store.append(&[graded(200, 200), graded(600, 600)], &[], &zone(), conflict).await.unwrap();
        assert_eq!(in_use(0, 1_000).await, ["a200", "a300", "a600"]);
        assert_eq!(in_use(2_000, 2 * HOUR_MS).await, [""; 0]);
        let extents = store.reading_extents().await.unwrap();
        assert_eq!(extents, [(d.clone(), T.plus_ms(200), T.plus_ms(600))]);
        assert_eq!(store.neighbour_use(devices, T.plus_ms(600), true).await.unwrap(), Some(T.plus_ms(300)));
    })
    .await;
}

/// Statements that store a reading of log `l` of a device in the version before, and its number.
fn stored_before(of: &Reading) -> [String; 2] {
    let EventId { device, log, seq } = &of.id;
    let (time, grade) = of.graded_time();
    let body = serde_json::to_string(&of.event).unwrap();
    let extra = of.extra.replace('\'', "''");
    [
        format!(
            "insert into reading (device, log, seq, boot, ms, at_ms, clock, sent_ms, received_ms, simulated, time_ms, grade, kind, body, \
             extra) values ('{device}', '{log}', {seq}, {}, {}, {}, '{}', null, {}, 0, {}, '{}', '{}', '{body}', '{extra}')",
            of.boot,
            of.ms,
            of.at.unwrap().ms(),
            of.clock.as_str(),
            of.received.ms(),
            time.ms(),
            grade.as_str(),
            of.event.kind(),
        ),
        format!("insert into log_range (device, log, first, last) values ('{device}', '{log}', {seq}, {seq})"),
    ]
}

/// Checks a database that held some readings before there were chapters.
async fn keeps(store: &Store, before: &[Reading]) {
    let both = ["d".into(), "e".into()];
    let all = async || {
        let found = store.readings_in_use(&both, Instant::from_ms(0), T.plus_ms(99_000)).await.unwrap();
        found.into_iter().map(|observed| observed.reading).collect::<Vec<Reading>>()
    };
    assert_eq!(all().await, before, "each reading as it was");
    let sent_again = store.append(before, &[], &zone(), conflict).await.unwrap();
    assert_eq!((sent_again.new, sent_again.duplicates), (0, 3));
    let new = [of_log("a", 2, 5_000, 400), of_log("k", 1, 6_000, 500)];
    assert_eq!(store.append(&new, &[], &zone(), conflict).await.unwrap().new, 2);
    assert_eq!(all().await.len(), 5);
    assert_eq!(store.log_ranges(&"d".into(), &LogId::new("a")).await.unwrap(), [(1, 2)]);
}

#[tokio::test]
async fn readings_from_before_there_were_chapters_are_kept() {
    let before = [of_log("z", 1, 0, 100), of_log("a", 1, 2_000, 250), reading("e", 1, 3_000, level(1, true))];
    let statements: Vec<String> = before.iter().flat_map(stored_before).collect();

    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("before.db").display());
    let mut sqlite = SqliteConnection::connect(&url).await.unwrap();
    MIGRATIONS.run_to(BEFORE_CHAPTERS, &mut sqlite).await.unwrap();
    for statement in &statements {
        sqlx::query(AssertSqlSafe(statement.as_str())).execute(&mut sqlite).await.unwrap();
    }
    sqlite.close().await.unwrap();
    let store = Store::open(&url).await.unwrap();
    keeps(&store, &before).await;
    store.close().await;

    let database = Database::create().await;
    let mut postgres = PgConnection::connect(&database.url).await.unwrap();
    MIGRATIONS.run_to(BEFORE_CHAPTERS, &mut postgres).await.unwrap();
    for statement in &statements {
        sqlx::query(AssertSqlSafe(statement.as_str())).execute(&mut postgres).await.unwrap();
    }
    postgres.close().await.unwrap();
    let store = Store::open(&database.url).await.unwrap();
    keeps(&store, &before).await;
    store.close().await;
}
