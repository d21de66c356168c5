//! Laws of logs: what a device is told, what is missing and how a time is known may not depend on order, repeats, batches,
//! restarts, or on which of two writers took what.
//!
//! Owns a maker of logs with everything that goes wrong in them (numbers that never come, are refused, declared lost or
//! voided; clocks that are unset, drift, jump, or show 1970 or a day to come) and a second grading, written from the
//! device contract alone: slow, and without the product's code.

use std::collections::{BTreeMap, BTreeSet};

use phanloai::domain::ids::EventId;
use phanloai::domain::reading::{ClockState, Event, Reading, Weight};
use phanloai::domain::time::{HOUR_MS, Instant, MINUTE_MS};
use phanloai::store::{Correction, LogExtent, Refused, Store};

use crate::commune::{NOW, conflict};
use crate::laws::{Kept, Rows, assert_same, seeds, text};
use crate::oracle::generate::generate;
use crate::oracle::random::Random;
use crate::oracle::time::Day;
use crate::oracle::world::World;

const DAY_MS: i64 = 24 * HOUR_MS;
/// 2020-01-01T00:00Z.
const YEAR_2020_MS: i64 = 1_577_836_800_000;

/// Something that reaches the database.
#[derive(Clone)]
enum Fact {
    Reading(Reading),
    Refused(Refused),
    Next { device: String, log: String, next: i64 },
    Correction(Correction),
}

/// How a device's clock goes wrong in one boot.
#[derive(Clone, Copy)]
enum Watch {
    Right,
    Drifts,
    Jumps,
    Unset,
    Year1970,
    FromTheFuture,
}

/// A commune whose devices' logs hold everything that goes wrong.
fn logs(seed: u64) -> (World, Vec<Fact>) {
    let mut random = Random::new(seed ^ 0x106);
    let mut world = (seed * 1_000..).map(generate).find(|world| !world.devices.is_empty()).unwrap();
    world.events.clear();
    let mut facts = Vec::new();
    for device in world.devices.iter().take(3) {
        for log in ["0a11ce01", "0a11ce02"] {
            let start_ms = world.from.start_ms() + random.between(0, 5) * DAY_MS;
            facts.extend(log_of(&mut random, &device.device, log, start_ms));
        }
    }
    (world, facts)
}

fn log_of(random: &mut Random, device: &str, log: &str, start_ms: i64) -> Vec<Fact> {
    let mut facts = Vec::new();
    let (mut boot, mut boot_ms, mut time_ms) = (1, start_ms, start_ms);
    let watches =
        [Watch::Right, Watch::Right, Watch::Drifts, Watch::Jumps, Watch::Unset, Watch::Year1970, Watch::FromTheFuture];
    let mut watch = random.pick(&watches);
    let mut gone: Vec<i64> = Vec::new();
    let count = random.between(5, 60);
    for seq in 1..=count {
        time_ms += random.between(1, 40) * MINUTE_MS + random.between(0, 999);
        if random.chance(8) {
            (boot, boot_ms) = (boot + 1, time_ms);
        }
        if random.chance(25) {
            watch = random.pick(&watches);
        }
        let id = EventId { device: device.into(), log: log.into(), seq };
        if random.chance(15) {
            if random.chance(40) {
                facts.push(Fact::Refused(refused(&id)));
            } else {
                gone.push(seq);
            }
            continue;
        }
        let (at_ms, clock) = match watch {
            Watch::Right => (Some(time_ms), ClockState::Synced),
            Watch::Drifts => (Some(time_ms + (time_ms - boot_ms) / 500), ClockState::Holdover),
            Watch::Jumps => (Some(time_ms + random.pick(&[0, 3 * HOUR_MS, -MINUTE_MS, 90_000])), ClockState::Synced),
            Watch::Unset => (random.chance(50).then_some(time_ms - boot_ms), ClockState::Unset),
            Watch::Year1970 => (Some(time_ms - boot_ms), ClockState::Synced),
            Watch::FromTheFuture => (Some(time_ms + 9 * DAY_MS), ClockState::Synced),
        };
        let received_ms = time_ms + random.between(1, 3_000) * MINUTE_MS;
        let lost = gone.first().copied().filter(|_| random.chance(20));
        let event = match lost {
            Some(from) => {
                gone.clear();
                Event::Lost { from, to: seq - random.between(1, 2).min(seq - from) }
            }
            None if random.chance(70) => {
                Event::Heartbeat { battery_mv: None, rssi_dbm: None, queued: None, zero_g: None }
            }
            None => Event::Weight(Weight {
                gross_g: random.between(1, 90) * 20,
                tare_g: 0,
                stable: true,
                load: Some(seq),
                stream: Some("food".into()),
                division_g: None,
                range: None,
                maintenance: false,
            }),
        };
        // Most carry no time of sending, as events of an earlier boot; what was sent stands in for an age of hours.
        let age_ms = received_ms - time_ms + random.pick(&[0, 0, 4 * MINUTE_MS]);
        facts.push(Fact::Reading(Reading {
            id,
            boot,
            ms: time_ms - boot_ms,
            at: at_ms.map(Instant::from_ms),
            clock,
            sent_ms: random.chance(25).then_some(time_ms - boot_ms + age_ms),
            received: Instant::from_ms(received_ms),
            simulated: false,
            event,
            extra: String::new(),
        }));
    }
    let next = count + random.between(1, 4);
    facts.push(Fact::Next { device: device.to_owned(), log: log.to_owned(), next });
    facts.push(Fact::Next { device: device.to_owned(), log: log.to_owned(), next: random.between(1, next) });
    for _ in 0..random.between(0, 3) {
        let from = random.between(1, count);
        facts.push(Fact::Correction(Correction {
            id: random.uuid(),
            device: device.into(),
            log: log.into(),
            from,
            to: from + random.between(0, 20),
            void: random.chance(70),
            why: "thẻ nhớ cháy".to_owned(),
            at: NOW.plus_ms(random.between(0, 3)),
            by: "kỹ thuật".to_owned(),
        }));
    }
    facts
}

fn refused(id: &EventId) -> Refused {
    Refused {
        id: id.to_string(),
        code: "unknown_type",
        reason: "unknown type".to_owned(),
        topic: format!("phanloai/v1/{}/events", id.device),
        device: Some(id.device.to_string()),
        log: Some(id.log.to_string()),
        seq: Some(id.seq),
        raw_hex: String::new(),
        size_bytes: 0,
        at: NOW,
        last: NOW,
        count: 1,
    }
}

/// The day on which everything is received, to which the figures reach.
fn today(kept: &Kept) -> String {
    kept.commune.commune.zone.day_of(NOW).to_string()
}

/// Feeds facts in their order, readings and refusals next to each other in one transaction of at most `together`.
async fn feed(kept: &Kept, store: &Store, facts: &[Fact], together: usize) {
    let zone = &kept.commune.commune.zone;
    for some in facts.chunks(together.max(1)) {
        let (mut readings, mut refused) = (Vec::new(), Vec::new());
        for fact in some {
            match fact {
                Fact::Reading(reading) => readings.push(reading.clone()),
                Fact::Refused(row) => refused.push(row.clone()),
                Fact::Next { device, log, next } => {
                    let device = device.as_str().into();
                    store.note_device_state(&device, true, NOW, None, Some(log), Some(*next)).await.unwrap();
                }
                Fact::Correction(correction) => {
                    store.correct(correction, zone).await.unwrap();
                }
            }
        }
        store.append(&readings, &refused, zone, conflict).await.unwrap();
    }
}

/// Everything that depends on facts alone.
#[derive(Debug, PartialEq)]
struct Told {
    numbers: Rows,
    extents: Vec<LogExtent>,
    gaps: Vec<String>,
}

async fn told(kept: &Kept) -> Told {
    let store = &kept.commune.store;
    let numbers = kept.select(&[
        (
            "reading",
            "select json_object('id', device || '~' || log || '~' || seq, 't', time_ms, 'g', grade) from reading",
        ),
        ("log_range", "select json_object('d', device, 'l', log, 'f', first, 't', last) from log_range"),
        ("log_refused", "select json_object('d', device, 'l', log, 'f', first, 't', last) from log_refused"),
    ]);
    let numbers = numbers.await;
    let logs: BTreeSet<_> = store.gaps(None).await.unwrap().into_iter().map(|gap| (gap.device, gap.log)).collect();
    let mut gaps: Vec<String> = store.gaps(None).await.unwrap().iter().map(|gap| format!("{gap:?}")).collect();
    gaps.extend(store.lost(None).await.unwrap().iter().map(|lost| format!("{lost:?}")));
    gaps.extend(store.voided(None).await.unwrap().iter().map(|voided| format!("{voided:?}")));
    gaps.push(format!("{:?}", store.number_totals().await.unwrap()));
    Told { numbers, extents: store.log_extents(&logs).await.unwrap().into_values().collect(), gaps }
}

async fn plain(world: &World, facts: &[Fact]) -> Kept {
    let kept = Kept::empty(world).await;
    feed(&kept, &kept.commune.store, facts, facts.len()).await;
    kept.commune.compute(&today(&kept)).await;
    kept
}

#[tokio::test]
async fn what_is_known_of_logs_does_not_depend_on_how_it_came() {
    for seed in seeds(20, 3) {
        let (world, facts) = logs(seed);
        let wanted = plain(&world, &facts).await;
        let mut random = Random::new(seed ^ 0xd15);
        let mut kept = Kept::empty(&world).await;
        let mut shuffled = facts.clone();
        let again: Vec<Fact> = facts.iter().filter(|_| random.chance(20)).cloned().collect();
        shuffled.extend(again);
        random.shuffle(&mut shuffled);
        while !shuffled.is_empty() {
            let size = usize::try_from(random.between(1, 80)).unwrap().min(shuffled.len());
            let rest = shuffled.split_off(size);
            let together = random.pick(&[1, 7, 80]);
            feed(&kept, &kept.commune.store, &shuffled, together).await;
            shuffled = rest;
            if random.chance(30) {
                kept.commune.compute(&text(Day(random.between(world.from.0, world.to.0)))).await;
            }
            if random.chance(20) {
                kept.reopen().await;
            }
        }
        kept.commune.compute(&today(&kept)).await;
        assert_eq!(told(&wanted).await, told(&kept).await, "seed {seed}");
        assert_same(seed, "came in disorder", &wanted.rows().await, &kept.rows().await);
        assert_eq!(kept.commune.check().await, None, "seed {seed}");
    }
}

#[tokio::test]
async fn two_writers_on_one_database_know_what_one_does() {
    for seed in seeds(60, 2) {
        let (world, mut facts) = logs(seed);
        let wanted = plain(&world, &facts).await;
        let kept = Kept::empty(&world).await;
        let other = Store::open(&kept.url).await.unwrap();
        Random::new(seed).shuffle(&mut facts);
        // A shared subscription deals out one device's messages to both, and a few come to both.
        let (one, two) = facts.split_at(facts.len() / 2);
        let (one, two) = (&facts[..one.len() + 5], two);
        tokio::join!(feed(&kept, &kept.commune.store, one, 6), feed(&kept, &other, two, 4));
        other.close().await;
        kept.commune.compute(&today(&kept)).await;
        assert_eq!(told(&wanted).await, told(&kept).await, "seed {seed}");
        assert_same(seed, "came to two writers", &wanted.rows().await, &kept.rows().await);
        assert_eq!(kept.commune.check().await, None, "seed {seed}");
    }
}

/// The time of an event as far as it tells it itself, from the device contract.
fn own_time(reading: &Reading) -> Option<(i64, &'static str)> {
    let received_ms = reading.received.ms();
    let age_ms = reading.sent_ms.map(|sent_ms| sent_ms - reading.ms).filter(|age_ms| *age_ms >= 0);
    let estimate_ms = age_ms.map(|age_ms| received_ms - age_ms);
    let set = reading.clock == ClockState::Synced || reading.clock == ClockState::Holdover;
    if let Some(at_ms) = reading.at.map(Instant::ms)
        && set
        && at_ms >= YEAR_2020_MS
        && at_ms <= received_ms + 5 * MINUTE_MS
        && estimate_ms.is_none_or(|estimate_ms| (at_ms - estimate_ms).abs() <= 2 * MINUTE_MS)
    {
        return Some((at_ms, "device"));
    }
    estimate_ms.filter(|estimate_ms| *estimate_ms >= YEAR_2020_MS).map(|estimate_ms| (estimate_ms, "rebuilt"))
}

/// The time of every event, from the device contract: each one asked of all.
fn graded(facts: &[Fact]) -> BTreeMap<String, (i64, &'static str)> {
    let readings: Vec<&Reading> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Reading(reading) => Some(reading),
            Fact::Refused(_) | Fact::Next { .. } | Fact::Correction(_) => None,
        })
        .collect();
    let same_boot = |a: &Reading, b: &Reading| {
        (&a.id.device, &a.id.log, a.boot) == (&b.id.device, &b.id.log, b.boot) && own_time(a).is_some()
    };
    let grade = |reading: &Reading| -> (i64, &'static str) {
        if let Some(own) = own_time(reading) {
            return own;
        }
        let before = readings.iter().filter(|other| same_boot(other, reading) && other.id.seq < reading.id.seq);
        let after = readings.iter().filter(|other| same_boot(other, reading) && other.id.seq > reading.id.seq);
        if let (Some(before), Some(after)) =
            (before.max_by_key(|other| other.id.seq), after.min_by_key(|other| other.id.seq))
        {
            let (before_ms, after_ms) = (own_time(before).unwrap().0, own_time(after).unwrap().0);
            let (clock_ms, uptime_ms) = (after_ms - before_ms, after.ms - before.ms);
            let part_ms = clock_ms * (reading.ms - before.ms) / uptime_ms.max(1);
            let agree = clock_ms >= 0 && (clock_ms - uptime_ms).abs() <= 2 * MINUTE_MS;
            if agree && before_ms + part_ms <= reading.received.ms() + 5 * MINUTE_MS {
                return (before_ms + part_ms, "neighbour");
            }
        }
        (reading.received.ms(), "received")
    };
    readings.iter().map(|reading| (reading.id.to_string(), grade(reading))).collect()
}

#[tokio::test]
async fn every_time_is_graded_as_the_contract_says() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in seeds(100, 12) {
        let (world, mut facts) = logs(seed);
        let wanted = graded(&facts);
        let kept = Kept::empty(&world).await;
        Random::new(seed).shuffle(&mut facts);
        feed(&kept, &kept.commune.store, &facts, 5).await;
        let rows = kept
            .select(&[(
                "reading",
                "select json_array(device || '~' || log || '~' || seq, time_ms, grade) from reading",
            )])
            .await;
        assert_eq!(rows.len(), wanted.len());
        for (_, row) in rows {
            let (id, time_ms, grade): (String, i64, String) = serde_json::from_str(&row).unwrap();
            assert_eq!((time_ms, grade.as_str()), wanted[&id], "seed {seed}, {id}");
        }
        for (_, grade) in wanted.values() {
            *met.entry(grade).or_default() += 1;
        }
    }
    for grade in ["device", "rebuilt", "neighbour", "received"] {
        assert!(met.get(grade).copied().unwrap_or(0) >= 50, "too few of `{grade}`: {met:?}");
    }
}
