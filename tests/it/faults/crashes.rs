//! The service is killed with signal 9.

use std::time::Duration;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng as _};

use super::device::{Fleet, Plan};
use super::service::Service;
use super::stage::Stage;
use crate::support::mosquitto::Mosquitto;
use crate::support::{free_port, long};

const KILLS: usize = 20;
const KILLS_BEHIND_MOSQUITTO: usize = 5;

/// Rounds, each with a seed of its own.
fn rounds() -> u64 {
    if long() { 20 } else { 1 }
}

/// Kills a service within some milliseconds, and now and then its successor while it starts.
async fn kill_at_random(service: &mut Service, kill: usize, random: &mut Xoshiro256PlusPlus) {
    tokio::time::sleep(Duration::from_micros(random.random_range(0..20_000))).await;
    service.kill();
    service.spawn();
    if kill % 4 == 3 {
        tokio::time::sleep(Duration::from_millis(random.random_range(0..150))).await;
        service.kill();
        service.spawn();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_killed_twenty_times_loses_and_doubles_nothing_of_what_its_own_broker_acknowledged() {
    for seed in 1..=rounds() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let plan = Plan::new(8, 375, 600, seed);
        let stage = Stage::on_sqlite(plan.devices).await;
        let port = free_port();
        let mut service = stage.embedded(port);
        service.start().await;
        let mut fleet = Fleet::start(plan, port);
        for kill in 0..KILLS {
            fleet.until_acknowledged((kill + 1) * plan.total() / (KILLS + 2)).await;
            assert!(fleet.acknowledged() < plan.total(), "the kill falls inside the stream");
            kill_at_random(&mut service, kill, &mut random).await;
        }
        fleet.finish().await;
        service.ready().await;
        stage.verdict(&[&fleet], &mut [&mut service]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_killed_behind_mosquitto_loses_and_doubles_nothing() {
    for seed in 1..=rounds() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(100 + seed);
        let plan = Plan::new(8, 250, 400, 100 + seed);
        let stage = Stage::on_sqlite(plan.devices).await;
        let mosquitto = Mosquitto::start();
        let mut service = stage.outside(&mosquitto.url());
        service.start().await;
        let mut fleet = Fleet::start(plan, mosquitto.port());
        for kill in 0..KILLS_BEHIND_MOSQUITTO {
            let events = (kill + 1) * fleet.sent().count() / (KILLS_BEHIND_MOSQUITTO + 2);
            // The broker acknowledges by itself: that the service takes part is seen in its database.
            stage.until_stored(events).await;
            kill_at_random(&mut service, kill, &mut random).await;
        }
        fleet.finish().await;
        service.ready().await;
        stage.verdict(&[&fleet], &mut [&mut service]).await;
    }
}
