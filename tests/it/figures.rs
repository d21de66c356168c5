//! Tickets by every way, counted once; points add up to hamlets; what is taken back leaves every sum.

use std::collections::BTreeMap;

use phanloai::app::import;
use phanloai::domain::facts::{Operation, Statement};
use phanloai::domain::ids::AreaCode;
use phanloai::domain::time::LocalDay;
use phanloai::imports::Kind;
use phanloai::indicators::Counts;
use serde_json::json;

use crate::commune::{NOW, Still, TestCommune};
use crate::oracle::generate::generate;

const TICKETS: &str = "ticket,vehicle,at,stream,gross_g,tare_g,destination\n\
    BP-1,29H-1,2026-09-02T10:00+07:00,other,9000000,4000000,bac-phong\n\
    BP-2,29H-1,2026-09-02T15:00+07:00,food,6000000,4000000,u-phan\n";

async fn delivered_g(commune: &TestCommune) -> i64 {
    let (from, to) = ("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
    commune.store.delivered(from, to).await.unwrap().iter().map(|(_, delivered)| delivered.net_g).sum()
}

/// A world whose first device of the register is a weighbridge too: any device may send a ticket.
fn envelope(ticket: &str, gross_g: i64) -> String {
    json!({"log": "0badcafe", "boot": 9, "sent_ms": 5_000, "simulated": false, "events": [
        {"seq": 1, "boot": 9, "ms": 4_000, "at": "2026-09-02T10:00:00+07:00", "clock": "synced", "type": "ticket",
         "vehicle": "29H-1", "gross_g": gross_g, "tare_g": 4_000_000, "stream": "other",
         "destination": "bac-phong", "ticket": ticket}]})
    .to_string()
}

#[tokio::test]
async fn a_ticket_counts_once_whichever_way_it_comes_and_not_at_all_when_taken_back() {
    let world = generate(11);
    let commune = TestCommune::empty_of_world(&world, None).await;
    let device = world.devices.first().expect("a world has devices").device.clone();
    let today = "2026-11-20";
    commune.compute(today).await;
    for _ in 0..2 {
        import(&commune.store, &commune.commune, Kind::Tickets, TICKETS.as_bytes(), &Still(NOW), "canbo", false)
            .await
            .unwrap();
    }
    commune.compute(today).await;
    assert_eq!(delivered_g(&commune).await, 7_000_000);
    // The weighbridge sends the same ticket, then another weight under its number.
    commune.append(&[(device.as_str(), envelope("BP-1", 9_000_000))]).await;
    commune.compute(today).await;
    assert_eq!(delivered_g(&commune).await, 7_000_000);
    let differing = TICKETS.replace("9000000", "9900000");
    import(
        &commune.store,
        &commune.commune,
        Kind::Tickets,
        differing.as_bytes(),
        &Still(NOW.plus_ms(60_000)),
        "canbo",
        false,
    )
    .await
    .unwrap();
    commune.compute(today).await;
    assert_eq!(delivered_g(&commune).await, 7_000_000, "a differing second one stays beside the first");
    assert_eq!(commune.check().await, None);
    // All with the first weight are taken back: the differing one takes their place.
    let (from, to) = ("2026-09-01".parse().unwrap(), "2026-09-30".parse().unwrap());
    let tickets = commune.store.tickets(from, to, 50).await.unwrap();
    let voids: Vec<Operation> = tickets
        .iter()
        .filter(|ticket| ticket.ticket == "BP-1" && ticket.gross_g == 9_000_000)
        .map(|ticket| Operation {
            id: format!("void-{}", ticket.id),
            recorded: NOW,
            by: "canbo".to_owned(),
            statement: Statement::Void { at: NOW, pickup: ticket.id.clone(), reason: "sai số cân".to_owned() },
        })
        .collect();
    assert_eq!(voids.len(), 2);
    commune.store.record(&voids, &commune.commune.zone).await.unwrap();
    commune.compute(today).await;
    assert_eq!(delivered_g(&commune).await, 7_900_000);
    assert_eq!(commune.check().await, None);
}

#[tokio::test]
async fn points_of_a_world_without_routes_add_up_to_the_commune() {
    for seed in 20..24 {
        let world = generate(seed);
        if world.households.iter().any(|row| row.point.is_none()) {
            continue;
        }
        let commune = TestCommune::of_world(&world, None).await;
        commune.compute(&world.to.to_string()).await;
        let (from, to): (LocalDay, LocalDay) =
            (world.from.to_string().parse().unwrap(), world.to.to_string().parse().unwrap());
        for on in from.through(to) {
            let sum = |all: Vec<Counts>| {
                let mut sum = Counts::default();
                all.iter().for_each(|counts| sum.merge(counts));
                sum
            };
            let areas: BTreeMap<AreaCode, Counts> = commune.store.counts_on(on).await.unwrap();
            let points = commune.store.point_counts_on(on).await.unwrap();
            assert_eq!(sum(points.into_values().collect()), sum(areas.into_values().collect()), "seed {seed}, {on}");
        }
    }
}
