//! Crews with phones beside the devices, over real HTTP: what they write late, twice and in conflict with the scales.

use std::collections::{BTreeMap, BTreeSet};

use firmware_sim::crew::post::{PostOptions, Posted, post};
use firmware_sim::crew::{Says, Write, writes};
use phanloai::domain::ids::StreamCode;
use phanloai::domain::pickup::{Pickup, Source};
use phanloai::domain::time::{Instant, LocalDay};
use phanloai::indicators::{Step, Tonnage};
use phanloai::store::{PickupsQuery, Role, StatesQuery};

use crate::scenarios::{LAST, Stage, now, scenario};

/// Everything published that crews can touch.
#[derive(Debug, PartialEq)]
struct Figures {
    pickups: Vec<Pickup>,
    tonnage: BTreeMap<(LocalDay, StreamCode), Tonnage>,
    states: Vec<String>,
}

impl Figures {
    async fn of(stage: &Stage) -> Self {
        let store = &stage.app.store;
        let query = PickupsQuery {
            from: Instant::from_ms(0),
            to: now(),
            place: None,
            household: None,
            after: None,
            limit: i64::MAX,
        };
        let last: LocalDay = LAST.parse().unwrap();
        let rows = store.tonnage(None, last - 40, last, Step::Day).await.unwrap();
        let states = StatesQuery { on: last, area: None, state: None, reason: None, after: None, limit: i64::MAX };
        Self {
            pickups: store.pickups(&query).await.unwrap(),
            tonnage: rows.into_iter().map(|row| ((row.from, row.stream), row.tonnage)).collect(),
            states: store.states(&states).await.unwrap().iter().map(|row| format!("{row:?}")).collect(),
        }
    }

    fn weighed(&self) -> BTreeMap<&(LocalDay, StreamCode), i64> {
        let weighed = self.tonnage.iter().map(|(key, tonnage)| (key, tonnage.weighed_g));
        weighed.filter(|(_, grams)| *grams > 0).collect()
    }

    /// Crew pickups that no device's weight of the same household, stream and round stands before.
    fn alone(&self) -> Vec<&Pickup> {
        let group = |pickup: &Pickup| (pickup.household.clone(), pickup.stream.clone(), pickup.day, pickup.round_start);
        let accepted = || self.pickups.iter().filter(|pickup| pickup.is_accepted());
        let weighed: BTreeSet<_> =
            accepted().filter(|pickup| pickup.source == Source::Device && pickup.net_g.is_some()).map(group).collect();
        accepted().filter(|pickup| pickup.source == Source::Crew && !weighed.contains(&group(pickup))).collect()
    }
}

/// Posts what the phones have sent by now, and waits for the figures.
async fn posted(stage: &Stage, writes: &[Write], token: &str) -> Posted {
    let options = PostOptions::new(stage.server(), token, now().ms());
    let writes = writes.to_vec();
    let told = tokio::task::spawn_blocking(move || post(&writes, &options, |_| {}).unwrap()).await.unwrap();
    stage.settled().await;
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn what_crews_write_counts_once_beside_the_devices_and_harms_no_household() {
    let scenario = scenario("crews");
    let stage = Stage::play(&scenario).await;
    let officer = stage.token("score", Role::Officer).await;
    let crew = stage.token("to1", Role::Crew).await;
    let (score_without, without) = (stage.scored(&officer).await, Figures::of(&stage).await);
    let mut writes = writes(&stage.plan, &scenario.crews.unwrap());
    writes.retain(|write| write.sent_at_ms < now().ms());

    let told = posted(&stage, &writes, &crew).await;
    assert_eq!((told.refused, &told.reasons), (0, &Vec::new()));
    assert_eq!((told.created, told.created + told.repeated), (told.total, sent(&writes)));
    let (score, with) = (stage.scored(&officer).await, Figures::of(&stage).await);
    println!("without {score_without}\nwith {score}\n{told:?}");

    assert_eq!(with.weighed(), without.weighed(), "a crew's word changes no scale's");
    let typed: i64 = with.alone().iter().filter_map(|pickup| pickup.net_g).sum();
    let manual: i64 = with.tonnage.values().map(|tonnage| tonnage.manual_g).sum();
    assert_eq!(manual, typed, "a typed weight counts only where no device weighed");
    assert!(manual > 0);
    a_hand_over_is_one(&writes, &with);
    what_is_void_does_not_count(&writes, &with);

    let shortfalls = score.shortfalls(&scenario.expect);
    assert!(shortfalls.is_empty(), "{}\n{score}", shortfalls.join("; "));
    assert!(score.states.wrongly_not_sorting <= score_without.states.wrongly_not_sorting, "{score}");
    assert!(score.states.sorting >= score_without.states.sorting, "{score}");
    assert!(score.service.right >= score_without.service.right, "{score}");

    let again = posted(&stage, &writes, &crew).await;
    assert_eq!((again.created, again.repeated, again.refused), (0, sent(&writes), 0));
    assert_eq!(Figures::of(&stage).await, with, "the same writes again change nothing");
    stage.app.stop().await;
}

fn sent(writes: &[Write]) -> u64 {
    writes.iter().map(|write| u64::from(write.times)).sum()
}

/// What a scale weighed does not count again as typed or estimated, but where its card's read was lost.
fn a_hand_over_is_one(writes: &[Write], figures: &Figures) {
    let weighed: BTreeSet<String> =
        writes.iter().filter(|write| write.weighed_as.is_some()).map(|write| write.id.to_string()).collect();
    let alone = figures.alone();
    let twice = alone.iter().filter(|pickup| weighed.contains(&pickup.id)).count();
    println!("{twice} of {} crew pickups that count were weighed by a device too", alone.len());
    assert!(twice * 20 <= alone.len(), "{twice} of {}", alone.len());
}

/// Void pickups are not accepted, and a reading that a crew named belongs to who came.
fn what_is_void_does_not_count(writes: &[Write], figures: &Figures) {
    let by_id: BTreeMap<&str, &Pickup> = figures.pickups.iter().map(|pickup| (pickup.id.as_str(), pickup)).collect();
    let by_reading: BTreeMap<String, &Pickup> = figures
        .pickups
        .iter()
        .flat_map(|pickup| pickup.readings.iter().map(move |reading| (reading.to_string(), pickup)))
        .collect();
    let (mut voids, mut named) = (0, 0);
    for write in writes {
        match &write.says {
            Says::Void { pickup } => {
                voids += 1;
                assert!(by_id.get(pickup.to_string().as_str()).is_none_or(|pickup| !pickup.is_accepted()), "{write:?}");
            }
            Says::Pickup { household, reading: Some(_), .. } if write.came.as_ref() == Some(household) => {
                let Some(pickup) = write.weighed_as.as_ref().and_then(|event| by_reading.get(event)) else { continue };
                if pickup.is_accepted() {
                    named += 1;
                    assert_eq!(pickup.household.as_ref().map(|of| of.as_str()), Some(household.as_str()), "{write:?}");
                }
            }
            Says::Pickup { .. } | Says::Round { .. } | Says::Finding { .. } => {}
        }
    }
    println!("{voids} slips taken back, {named} readings named");
    assert!(voids > 5 && named > 50, "{voids} {named}");
}
