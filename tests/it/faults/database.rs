//! PostgreSQL is stopped, and crashes, while devices send.

use super::device::{Fleet, Plan};
use super::service::Service;
use super::stage::Stage;
use super::until;
use crate::support::postgres_server::PostgresServer;
use crate::support::{free_port, long};

/// Waits until the service has seen that it cannot commit, and has tried once more.
async fn nothing_is_acknowledged(service: &Service, fleet: &Fleet) {
    service.not_ready().await;
    assert_eq!(service.status("/healthz").await, Some(200), "the process is well");
    let failed = until("a commit fails", async || {
        Some(service.counted("phanloai_commits_failed_total").await).filter(|failed| *failed > 0)
    })
    .await;
    let acknowledged = fleet.acknowledged();
    until("a commit fails once more", async || {
        (service.counted("phanloai_commits_failed_total").await > failed).then_some(())
    })
    .await;
    assert_eq!(fleet.acknowledged(), acknowledged, "nothing is acknowledged that is not committed");
    assert_eq!(service.status("/readyz").await, Some(503));
    assert_eq!(service.status("/healthz").await, Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_waits_for_its_database_and_goes_on_by_itself() {
    let outages = if long() { 12 } else { 2 };
    let mut server = PostgresServer::start().await;
    let plan = Plan::new(6, 150 * outages, 300, 4);
    let stage = Stage::on_postgres(&server.url(), plan.devices).await;
    let port = free_port();
    let mut service = stage.embedded(port);
    service.start().await;
    let mut fleet = Fleet::start(plan, port);
    for outage in 0..outages {
        fleet.until_acknowledged((outage + 1) * plan.total() / (outages + 2)).await;
        if outage % 2 == 0 {
            server.stop();
            nothing_is_acknowledged(&service, &fleet).await;
        } else {
            server.crash();
            service.not_ready().await;
        }
        server.restart().await;
        service.ready().await;
    }
    fleet.finish().await;
    stage.verdict(&[&fleet], &mut [&mut service]).await;
}
