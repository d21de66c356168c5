//! More than the database can take: a backlog waits in the broker, and the database has a tenth of its time for the service.
//!
//! # Why
//! **What "not starved" means.** A live event is in the database after some commits, however long the backlog is; pages and figures
//! stay alive meanwhile. That it came past the backlog is seen by what was left of the backlog then, not by a clock.

use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::device::{Fleet, Plan};
use super::service::Service;
use super::stage::Stage;
use super::{LOOK, until};
use crate::support::mosquitto::Mosquitto;
use crate::support::{free_port, long};

/// Devices of the backlog, and of those that send meanwhile.
const BACKLOG_DEVICES: usize = 50;
const LIVE_DEVICES: usize = 4;
/// The database is another's nine tenths of the time.
const TAKEN: Duration = Duration::from_millis(90);
const LEFT: Duration = Duration::from_millis(10);
/// Most memory resident at once, KiB: about 560 MiB were seen with a million messages. A backlog read as a whole would need more.
const MEMORY_KIB: u64 = 800 * 1024;
/// The longest wait of a live event: some commits, each of which waits for its tenth.
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
    /// Messages of the backlog that were not stored when the last live event was.
    left: u64,
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
            if stored == expected {
                seen.left = all.saturating_sub(service.counted("phanloai_events_accepted_total").await);
            }
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
    let live_plan = Plan { most_events: 1, first_device: BACKLOG_DEVICES, ..Plan::new(LIVE_DEVICES, 25, 40, 8) };
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
         live events waited {:.1?} at most during the backlog, of which {} were left then, and {:.1?} after it; slowest page {:.1?}",
        memory_kib / 1024,
        meanwhile.wait,
        meanwhile.left,
        afterwards.wait,
        meanwhile.page.max(afterwards.page)
    );
    stage.verdict(&[&backlog, &live, &late], &mut [&mut service]).await;
    assert!(memory_kib < MEMORY_KIB, "{memory_kib} KiB were resident");
    assert!(meanwhile.left > 0, "live events pass the backlog: {meanwhile:?}");
    assert!(meanwhile.wait < LIVE_WAIT, "{meanwhile:?}");
    assert!(afterwards.wait < LIVE_WAIT, "{afterwards:?}");
    assert!(meanwhile.early_g > 0, "figures come while the backlog is worked off");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_embedded_broker_one_device_with_a_backlog_holds_up_no_other() {
    let messages = if long() { 200_000 } else { 30_000 };
    let backlog_plan = Plan { most_events: 1, window: 2_000, ..Plan::new(1, messages, 50_000, 17) };
    let live_plan = Plan { most_events: 1, first_device: 1, ..Plan::new(LIVE_DEVICES, 25, 40, 18) };
    let stage = Stage::on_sqlite(1 + LIVE_DEVICES).await;
    let port = free_port();
    let mut service = stage.embedded(port);
    service.start().await;
    let slow = slowed(&stage).await;
    let mut backlog = Fleet::start(backlog_plan, port);
    backlog.until_acknowledged(1).await;
    let mut live = Fleet::start(live_plan, port);
    // Here PUBACK means that it is stored.
    live.until_acknowledged(live_plan.total()).await;
    let left = backlog_plan.total() - backlog.acknowledged();
    drop(slow);
    backlog.finish().await;
    live.finish().await;
    println!("{left} of {messages} messages of the backlog were left when the last live event was stored");
    stage.verdict(&[&backlog, &live], &mut [&mut service]).await;
    assert!(left > 0, "live events pass the backlog");
}
