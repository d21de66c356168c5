//! Two instances share a broker's messages and a database.

use super::device::{Fleet, Plan};
use super::stage::Stage;
use crate::support::long;
use crate::support::mosquitto::Mosquitto;
use crate::support::postgres::Database;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_instances_one_may_be_killed_and_nothing_is_lost_or_doubled() {
    let kills = if long() { 20 } else { 3 };
    let database = Database::create().await;
    let plan = Plan::new(8, 100 * kills, 400, 6);
    let stage = Stage::on_postgres(&database.url, plan.devices).await;
    let mosquitto = Mosquitto::start();
    let mqtt = |id: &str| format!("url = \"{}\"\nshared_group = \"writers\"\nclient_id = \"{id}\"", mosquitto.url());
    let mut one = stage.service("one", &mqtt("one"));
    let mut two = stage.service("two", &mqtt("two"));
    one.start().await;
    two.start().await;
    let mut fleet = Fleet::start(plan, mosquitto.port());
    let events = fleet.sent().count();
    for kill in 0..kills {
        stage.until_stored((kill + 1) * events / (kills + 2)).await;
        let killed = if kill % 2 == 0 { &mut one } else { &mut two };
        killed.kill();
        // The other goes on alone for a while.
        fleet.until_acknowledged((2 * kill + 3) * plan.total() / (2 * kills + 4)).await;
        killed.start().await;
    }
    fleet.finish().await;
    for instance in [&one, &two] {
        let accepted = instance.counted("phanloai_events_accepted_total").await;
        assert!(accepted > 0, "both took part");
    }
    stage.verdict(&[&fleet], &mut [&mut one, &mut two]).await;
}
