//! More than the database can take: a backlog waits in the broker, and the database has a tenth of its time for the service.
//!
//! # Why
//! **What "not starved" means.** The service has one MQTT session, and a broker delivers a session's messages in the order in
//! which they came: a live event waits until everything that came before it is stored, and no receiver can change that. So
//! what is held here is what can be promised: a live event is never overtaken, once the backlog is stored it waits as long
//! as one or two commits take, and pages and figures stay alive meanwhile.

use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::device::{Fleet, Plan};
use super::service::Service;
use super::stage::Stage;
use super::{LOOK, until};
use crate::support::long;
use crate::support::mosquitto::Mosquitto;

/// Devices of the backlog, and of those that send meanwhile.
const BACKLOG_DEVICES: usize = 50;
const LIVE_DEVICES: usize = 4;
/// The database is another's nine tenths of the time.
const TAKEN: Duration = Duration::from_millis(90);
const LEFT: Duration = Duration::from_millis(10);
/// Most memory resident at once, KiB. A queue holds 65 535 messages, a commit 8 192, and SQLite's seven connections keep up to
/// 64 MiB of pages each: 130 MiB with 50 000 messages, 640 MiB with a million. A backlog read as a whole would need more.
const MEMORY_KIB: u64 = 900 * 1024;
/// The longest wait of a live event without a backlog: some commits, each of which waits for its tenth.
const LIVE_WAIT: Duration = Duration::from_secs(20);

/// Takes the database away, nine tenths of the time, until dropped.
async fn slowed(stage: &Stage) -> AbortOnDropHandle<()> {
    let file = stage.database_url.strip_prefix("sqlite://").expect("a SQLite file");
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_secs(30));
    let mut other = options.connect().await.expect("the file can be opened");
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            other.execute("begin immediate").await.expect("the database is had in the end");
            tokio::time::sleep(TAKEN).await;
            other.execute("commit").await.expect("nothing was written");
            tokio::time::sleep(LEFT).await;
        }
    }))
}

/// What was seen while a fleet sent.
#[derive(Debug, Default)]
struct Seen {
    /// Longest time from PUBACK to the database.
    wait: Duration,
    /// Longest time for a page.
    page: Duration,
    /// Grams in the figures before all was stored.
    early_g: i64,
}

/// Watches until the live events are stored, of which there are `expected`, and so many events of all.
async fn watched(stage: &Stage, service: &Service, fleet: &Fleet, expected: i64, all: u64) -> Seen {
    let mut seen = Seen::default();
    let mut acknowledged: Vec<Instant> = Vec::new();
    let mut stored = 0;
    let begin = stage.number("select count(*) from reading where device >= 'scale-050'").await;
    loop {
        let now = Instant::now();
        acknowledged.resize(fleet.acknowledged().max(acknowledged.len()), now);
        let held = stage.number("select count(*) from reading where device >= 'scale-050'").await - begin;
        while stored < held {
            let at = usize::try_from(stored).ok().and_then(|at| acknowledged.get(at)).copied();
            seen.wait = seen.wait.max(at.map_or(Duration::ZERO, |at| at.elapsed()));
            stored += 1;
        }
        let accepted = service.counted("phanloai_events_accepted_total").await;
        if stored >= expected && accepted >= all {
            return seen;
        }
        let asked = Instant::now();
        let tonnage = service.json("/api/v1/tonnage").await;
        seen.page = seen.page.max(asked.elapsed());
        let rows = tonnage["rows"].as_array().expect("rows").iter();
        seen.early_g = rows.map(|row| row["weighed_g"].as_i64().expect("grams")).sum();
        tokio::time::sleep(LOOK).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_before_a_slow_database_is_worked_off_within_bounded_memory() {
    let messages = if long() { 1_000_000 } else { 50_000 };
    let backlog_plan = Plan { most_events: 1, ..Plan::new(BACKLOG_DEVICES, messages / BACKLOG_DEVICES, 50_000, 7) };
    let live_plan = Plan { most_events: 1, first_device: BACKLOG_DEVICES, ..Plan::new(LIVE_DEVICES, 25, 20, 8) };
    let late_plan = Plan { first_device: BACKLOG_DEVICES + LIVE_DEVICES, seed: 9, ..live_plan };
    let stage = Stage::on_sqlite(BACKLOG_DEVICES + 2 * LIVE_DEVICES).await;
    let mosquitto = Mosquitto::start();
    let mut service = stage.outside(&mosquitto.url());
    // The broker keeps what comes for a session that it knows.
    service.start().await;
    service.stop().await;
    let mut backlog = Fleet::start(backlog_plan, mosquitto.port());
    backlog.finish().await;

    let slow = slowed(&stage).await;
    service.start().await;
    let began = Instant::now();
    until("the first of the backlog is stored", async || {
        (service.counted("phanloai_events_accepted_total").await > 0).then_some(())
    })
    .await;
    let mut live = Fleet::start(live_plan, mosquitto.port());
    let total = u64::try_from(backlog_plan.total() + live_plan.total()).expect("a count");
    let live_total = i64::try_from(live_plan.total()).expect("a count");
    let meanwhile = watched(&stage, &service, &live, live_total, total).await;
    let drained = began.elapsed();
    live.finish().await;

    let mut late = Fleet::start(late_plan, mosquitto.port());
    let late_total = i64::try_from(late_plan.total()).expect("a count");
    let afterwards = watched(&stage, &service, &late, late_total, 0).await;
    late.finish().await;
    let memory_kib = service.greatest_memory_kib();
    drop(slow);
    let rate = f64::from(u32::try_from(total).expect("a count")) / drained.as_secs_f64();
    println!(
        "{total} messages with the database slowed to a tenth: {drained:.1?}, {rate:.0} a second; greatest memory {} MiB; \
         live events waited {:.1?} at most behind the backlog and {:.1?} after it; slowest page {:.1?}",
        memory_kib / 1024,
        meanwhile.wait,
        afterwards.wait,
        meanwhile.page.max(afterwards.page)
    );
    stage.verdict(&[&backlog, &live, &late], &mut [&mut service]).await;
    assert!(memory_kib < MEMORY_KIB, "{memory_kib} KiB were resident");
    assert!(meanwhile.wait <= drained, "a live event is not overtaken: {meanwhile:?}");
    assert!(afterwards.wait < LIVE_WAIT, "{afterwards:?}");
    assert!(meanwhile.early_g > 0, "figures come while the backlog is worked off");
}
