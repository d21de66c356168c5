//! Mosquitto is killed with signal 9 and loses what it acknowledged: PUBACK of an outside broker is no proof after that.

use super::device::{Fleet, Plan, Proof};
use super::stage::Stage;
use crate::support::long;
use crate::support::mosquitto::Mosquitto;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_mosquitto_forgot_comes_from_the_devices_logs() {
    let kills = if long() { 40 } else { 4 };
    let plan = Plan { proof: Proof::Ack, ..Plan::new(6, 60 * kills, 500, 3) };
    let stage = Stage::on_sqlite(plan.devices).await;
    let mut mosquitto = Mosquitto::start();
    let mut service = stage.outside(&mosquitto.url());
    service.start().await;
    let mut fleet = Fleet::start(plan, mosquitto.port());
    for kill in 0..kills {
        fleet.until_acknowledged((kill + 1) * plan.total() / (kills + 2)).await;
        mosquitto.kill();
        service.not_ready().await;
        mosquitto.restart();
        service.ready().await;
    }
    fleet.finish().await;
    stage.verdict(&[&fleet], &mut [&mut service]).await;
}
