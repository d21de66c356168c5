//! The disk is full.
//!
//! # Why
//! A limit on the size of the process's files stands for the full disk: it makes the same writes fail, needs neither root
//! nor a file system of its own, and is lifted while the process runs.

use std::process::Command;

use super::device::{Fleet, Plan};
use super::service::Service;
use super::stage::Stage;
use super::until;
use crate::support::{free_port, long};

/// Sets the greatest size of a file of the process, bytes or `unlimited`.
fn limit(service: &Service, size: &str) {
    let mut prlimit = Command::new("prlimit");
    prlimit.args(["--pid", &service.id().to_string(), &format!("--fsize={size}:unlimited")]);
    assert!(prlimit.status().expect("prlimit runs").success(), "the limit is set");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_acknowledgements_and_nothing_else() {
    let times = if long() { 20 } else { 3 };
    let plan = Plan::new(6, 100 * times, 400, 5);
    let stage = Stage::on_sqlite(plan.devices).await;
    let port = free_port();
    let mut service = stage.embedded(port);
    service.start().await;
    let mut fleet = Fleet::start(plan, port);
    for time in 0..times {
        fleet.until_acknowledged((time + 1) * plan.total() / (times + 2)).await;
        limit(&service, "4096");
        service.not_ready().await;
        let failed = async || service.counted("phanloai_commits_failed_total").await;
        let (failed_once, acknowledged) = (failed().await, fleet.acknowledged());
        until("commits fail again", async || (failed().await > failed_once + 1).then_some(())).await;
        assert_eq!(fleet.acknowledged(), acknowledged, "nothing is acknowledged that is not committed");
        assert_eq!(service.status("/healthz").await, Some(200), "the process is well");
        assert_eq!(service.status("/readyz").await, Some(503));
        limit(&service, "unlimited");
        service.ready().await;
    }
    fleet.finish().await;
    stage.verdict(&[&fleet], &mut [&mut service]).await;
}
