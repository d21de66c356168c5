//! The network between device and broker, or between service and broker, breaks in every way a TCP connection can.

use super::device::{Fleet, Plan};
use super::proxy::{Fate, Proxy};
use super::stage::Stage;
use crate::support::mosquitto::Mosquitto;
use crate::support::{free_port, long};

/// What the service's connection carries. A window that is sent again after each loss must fit in now and then: a connection
/// that never carries that much never gets anywhere, because what came on a lost connection cannot be acknowledged.
const BYTES: std::ops::Range<usize> = 20_000..300_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_device_behind_a_bad_network_loses_and_doubles_nothing() {
    for seed in 1..=if long() { 10 } else { 1 } {
        let plan = Plan { keep_alive_s: 1, ..Plan::new(8, 200, 400, 200 + seed) };
        let stage = Stage::on_sqlite(plan.devices).await;
        let port = free_port();
        let mut service = stage.embedded(port);
        service.start().await;
        let proxy = Proxy::start(port, &Fate::ALL, 300..8_000, seed).await;
        let mut fleet = Fleet::start(plan, proxy.port());
        fleet.until_acknowledged(plan.total() * 9 / 10).await;
        proxy.heal();
        fleet.finish().await;
        for fate in Fate::ALL {
            assert!(proxy.met(fate) >= 3, "{fate:?} was met {} times", proxy.met(fate));
        }
        assert!(service.counted("phanloai_events_duplicate_total").await > 0, "what was not acknowledged came again");
        stage.verdict(&[&fleet], &mut [&mut service]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_connection_to_the_broker_is_cut_loses_and_doubles_nothing() {
    for seed in 1..=if long() { 10 } else { 1 } {
        let plan = Plan::new(8, 250, 250, 300 + seed);
        let stage = Stage::on_sqlite(plan.devices).await;
        let mosquitto = Mosquitto::start();
        let proxy = Proxy::start(mosquitto.port(), &[Fate::Cut, Fate::HalfOpen], BYTES, seed).await;
        let mut service = stage.outside(&format!("mqtt://127.0.0.1:{}", proxy.port()));
        service.start().await;
        let mut fleet = Fleet::start(plan, mosquitto.port());
        stage.until_stored(fleet.sent().count() * 9 / 10).await;
        proxy.heal();
        fleet.finish().await;
        assert!(proxy.met(Fate::Cut) + proxy.met(Fate::HalfOpen) >= 3, "the connection was cut");
        stage.verdict(&[&fleet], &mut [&mut service]).await;
    }
}
