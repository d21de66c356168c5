//! The look for alerts over a real database, with a clock that stands where the test puts it.

use std::path::Path;
use std::sync::Arc;

use phanloai::alerts::Watch;
use phanloai::app::{import, load_commune, load_register};
use phanloai::domain::alert::{AlertKind, Cause, Subject};
use phanloai::domain::attribution::Windows;
use phanloai::domain::facts::{CrewResult, Operation, Statement};
use phanloai::domain::ids::{EventId, LogId};
use phanloai::domain::reading::{ClockState, Event, Reading, Weight};
use phanloai::domain::register::Commune;
use phanloai::domain::time::{HOUR_MS, Instant, LocalDay, MINUTE_MS};
use phanloai::imports::Kind;
use phanloai::recompute::Recompute;
use phanloai::store::{Acknowledgement, DeviceRefusals, Refused, Store};
use tempfile::TempDir;

use crate::commune::{Still, conflict};

/// 2026-11-23T06:00+07:00, a Monday: the round begins.
const MORNING: Instant = Instant::from_ms(1_795_388_400_000);
const DAY_MS: i64 = 24 * HOUR_MS;

fn morning(days: i64, minutes: i64) -> Instant {
    MORNING.plus_ms(days * DAY_MS + minutes * MINUTE_MS)
}

/// A point with a reader and a scale, food collected daily from 06:00 to 08:00.
struct Point {
    store: Store,
    commune: Arc<Commune>,
    url: String,
    _folder: TempDir,
}

/// Every event has a log of its own, so that none is missing between two of them.
fn log_of(at: Instant) -> LogId {
    LogId::from(format!("{:08x}", at.ms() / 1_000))
}

fn event(device: &str, at: Instant, event: Event) -> Reading {
    Reading {
        id: EventId { device: device.into(), log: log_of(at), seq: 1 },
        boot: 1,
        ms: 0,
        at: Some(at),
        clock: ClockState::Synced,
        sent_ms: None,
        received: at,
        simulated: false,
        event,
        extra: String::new(),
    }
}

fn beat(device: &str, at: Instant, zero_g: Option<i64>) -> Reading {
    event(device, at, Event::Heartbeat { battery_mv: Some(12_600), rssi_dbm: None, queued: None, zero_g })
}

fn tag(at: Instant) -> Reading {
    event("reader", at, Event::Tag { uid: "04AA".into(), tech: "hf".to_owned(), rssi_dbm: None, antenna: None })
}

fn level(at: Instant, gross_g: i64) -> Reading {
    let weight = Weight {
        gross_g,
        tare_g: 0,
        stable: true,
        load: None,
        stream: Some("food".into()),
        division_g: None,
        range: None,
        maintenance: false,
    };
    event("scale", at, Event::Weight(weight))
}

async fn imports(store: &Store, commune: &Commune, kind: Kind, text: &str, at: Instant) {
    import(store, commune, kind, text.as_bytes(), &Still(at), "test", false).await.unwrap();
}

const DEVICES: &str = "device,place,kind,mode,division_g,max_g,verified_until\n";

impl Point {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("alerts.db").display());
        let store = Store::open(&url).await.unwrap();
        let file = folder.path().join("commune.toml");
        let toml = "[commune]\ncode = \"T\"\nname = \"Xã thử\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = false\n\n\
                    [[stream]]\ncode = \"food\"\nname = \"Thực phẩm\"\nrequired = true\n";
        std::fs::write(&file, toml).unwrap();
        let commune = load_commune(&store, Some(Path::new(&file))).await.unwrap();
        let at = morning(-80, 0);
        imports(&store, &commune, Kind::Areas, "code,name\nA,Thôn A\n", at).await;
        imports(&store, &commune, Kind::Points, "code,name,area\nP,Đình làng,A\n", at).await;
        let households = "code,area,valid_from,point\nH,A,2026-01-01,P\n";
        imports(&store, &commune, Kind::Households, households, at).await;
        let devices = format!("{DEVICES}reader,P,tag_reader,,,,\nscale,P,scale,platform,20,60000,2027-11-01\n");
        imports(&store, &commune, Kind::Devices, &devices, at).await;
        let schedule = "place,stream,weekdays,start,end,valid_from\nP,food,daily,06:00,08:00,2026-09-01\n";
        imports(&store, &commune, Kind::Schedule, schedule, at).await;
        Self { store, commune: Arc::new(commune), url, _folder: folder }
    }

    async fn append(&self, readings: &[Reading]) {
        self.store.append(readings, &[], &self.commune.zone, conflict).await.unwrap();
    }

    /// Both devices send heartbeats over the round of some days.
    async fn working(&self, days: std::ops::RangeInclusive<i64>) {
        let mut readings = Vec::new();
        for (day, minute) in days.flat_map(|day| (-5..=125).step_by(5).map(move |minute| (day, minute))) {
            readings.push(beat("reader", morning(day, minute), None));
            readings.push(beat("scale", morning(day, minute), Some(0)));
        }
        self.append(&readings).await;
    }

    async fn compute(&self, now: Instant) {
        let recompute = Recompute {
            store: self.store.clone(),
            commune: Arc::clone(&self.commune),
            register_version: self.store.setting("register_version").await.unwrap(),
            register: Arc::new(load_register(&self.store, &self.commune).await.unwrap()),
            windows: Windows::default(),
        };
        recompute.roll_to(self.commune.zone.day_of(now)).await.unwrap();
        while self.store.stale_count().await.unwrap() > 0 {
            recompute.pass().await.unwrap();
        }
        assert_eq!(recompute.check().await.unwrap(), None, "conditions and counts are rebuilt as they were kept");
    }

    async fn watch(&self) -> Watch {
        let register = Arc::new(load_register(&self.store, &self.commune).await.unwrap());
        Watch { store: self.store.clone(), commune: Arc::clone(&self.commune), register }
    }

    /// Looks as a service does that has listened for ever.
    async fn look(&self, now: Instant) {
        self.watch().await.look(now, Some(morning(-90, 0))).await.unwrap();
    }

    /// The raised alerts, as words.
    async fn open(&self) -> Vec<String> {
        let open = self.store.open_alerts().await.unwrap();
        let raised = open.iter().filter(|kept| kept.alert.raised.is_some());
        let mut words: Vec<String> =
            raised.map(|kept| format!("{} {}", kept.alert.kind(), kept.alert.subject.parts().1)).collect();
        words.sort();
        words
    }
}

#[tokio::test]
async fn a_device_that_falls_silent_in_its_round_is_one_alert_until_it_has_been_heard_for_a_while() {
    let point = Point::new().await;
    point.working(-1..=-1).await;
    point.append(&[beat("reader", morning(0, 10), None), beat("scale", morning(0, 0), Some(0))]).await;
    point.look(morning(0, 20)).await;
    assert_eq!(point.open().await, [""; 0]);
    // Looked at again and again, also between two minutes.
    for minute in 31..40 {
        assert!(point.watch().await.look(morning(0, minute), Some(morning(-9, 0))).await.unwrap());
        let soon = morning(0, minute).plus_ms(30_000);
        assert!(!point.watch().await.look(soon, Some(morning(-9, 0))).await.unwrap(), "not twice a minute");
    }
    assert_eq!(point.open().await, ["silent scale"]);
    // Heard, silent, heard again: one alert, and it rests before it ends.
    point.append(&[beat("reader", morning(0, 45), None), beat("scale", morning(0, 45), Some(0))]).await;
    point.look(morning(0, 46)).await;
    point.append(&[beat("reader", morning(0, 60), None), beat("scale", morning(0, 60), Some(0))]).await;
    point.look(morning(0, 60)).await;
    assert_eq!(point.open().await, ["silent scale"]);
    point.look(morning(0, 61)).await;
    assert_eq!(point.open().await, [""; 0]);
    let kept = point.store.past_alerts(&phanloai::store::PastAlerts { limit: 9, ..Default::default() }).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].alert.raised, kept[0].alert.resolved), (Some(morning(0, 31)), Some(morning(0, 46))));
}

#[tokio::test]
async fn a_restart_and_another_instance_go_on_with_the_alerts_that_are_open() {
    let point = Point::new().await;
    point.append(&[beat("reader", morning(0, 0), None), beat("scale", morning(0, 0), Some(0))]).await;
    point.look(morning(0, 40)).await;
    let both = ["silent reader", "silent scale"];
    assert_eq!(point.open().await, both);
    let open = point.store.open_alerts().await.unwrap();
    let said = Acknowledgement {
        id: "0198-a".to_owned(),
        alert: open[0].alert.id.clone(),
        taken_back: false,
        note: String::new(),
        at: morning(0, 41),
        by: "canbo".to_owned(),
    };
    point.store.acknowledge(&said).await.unwrap();
    // Another program over the same database, which has just begun to listen: it knows nothing of the silence and ends nothing.
    let other = Store::open(&point.url).await.unwrap();
    let watch = Watch { store: other.clone(), ..point.watch().await };
    assert!(watch.look(morning(0, 42), Some(morning(0, 42))).await.unwrap());
    assert!(!point.watch().await.look(morning(0, 42), Some(morning(-9, 0))).await.unwrap(), "it was looked just now");
    assert!(watch.look(morning(0, 43), None).await.unwrap(), "nor without a broker");
    assert_eq!(point.open().await, both);
    let again = other.open_alerts().await.unwrap();
    assert_eq!(again[0].alert.id, open[0].alert.id);
    assert_eq!(again[0].acknowledged.as_ref().map(|said| said.by.as_str()), Some("canbo"));
    other.close().await;
}

/// A minute of the round of some visitor.
fn visits(day: i64, weighs: impl Fn(i64) -> Option<i64>) -> Vec<Reading> {
    (0..30)
        .flat_map(|visit| {
            let at = morning(day, 3 * visit + 2).plus_ms(7_000);
            let mut readings = vec![tag(at)];
            readings.extend(weighs(visit).map(|gross_g| level(at.plus_ms(8_000), gross_g)));
            readings
        })
        .collect()
}

#[tokio::test]
async fn a_scale_that_weighs_nothing_sticks_or_loses_its_zero_is_an_alert_until_it_works_again() {
    let point = Point::new().await;
    point.working(-10..=0).await;
    for day in -10..-2 {
        point.append(&visits(day, |visit| Some(500 + 20 * visit))).await;
    }
    point.append(&visits(-2, |_| None)).await;
    let evening = |day| morning(day, 900);
    point.compute(evening(-2)).await;
    point.look(evening(-2)).await;
    assert_eq!(point.open().await, ["scale_mute scale"]);
    let mute = point.store.open_alerts().await.unwrap().remove(0).alert.cause;
    assert_eq!(mute, Cause::ScaleMute { reads: 30, on: "2026-11-21".parse().unwrap() });

    point.append(&visits(-1, |_| Some(740))).await;
    point.compute(evening(-1)).await;
    point.look(evening(-1)).await;
    point.look(evening(-1).plus_ms(HOUR_MS)).await;
    assert_eq!(point.open().await, ["scale_stuck scale"], "it weighs again, and always the same");

    // It shows what is laid on it in steps of 50 g, on a zero of its own.
    point.append(&visits(0, |visit| Some(500 + 50 * (visit % 7)))).await;
    point.compute(evening(0)).await;
    point.look(evening(0)).await;
    point.look(evening(0).plus_ms(HOUR_MS)).await;
    assert_eq!(point.open().await, [""; 0], "most days show the registered step");
    for day in 1..=9 {
        point.working(day..=day).await;
        point.append(&visits(day, |visit| Some(500 + 50 * (visit % 7)))).await;
        let zeros: Vec<Reading> = (0..60).map(|n| beat("scale", morning(day, 130 + n), Some(-60))).collect();
        point.append(&zeros).await;
    }
    point.compute(evening(9)).await;
    point.look(evening(9)).await;
    assert_eq!(point.open().await, ["scale_step scale", "scale_zero scale"]);
}

#[tokio::test]
async fn completeness_that_fell_is_an_alert_and_half_computed_days_are_none() {
    let point = Point::new().await;
    point.working(-40..=-8).await;
    // Of the last week three days.
    point.working(-7..=-5).await;
    let noon = morning(0, 360);
    point.compute(noon).await;
    let recompute_waits = [(String::from("P"), point.commune.zone.day_of(noon) - 3)];
    point.store.mark_stale("place", recompute_waits).await.unwrap();
    point.look(noon).await;
    assert_eq!(point.open().await, ["silent reader", "silent scale"], "a day waits to be computed: nothing is proven");
    point.compute(noon).await;
    point.look(noon.plus_ms(MINUTE_MS)).await;
    let fell = "completeness_fell P";
    assert_eq!(point.open().await, [fell, "silent reader", "silent scale"], "the hamlet of one point adds nothing");
    let open = point.store.open_alerts().await.unwrap();
    let causes: Vec<&Cause> = open.iter().map(|kept| &kept.alert.cause).collect();
    assert!(causes.contains(&&Cause::CompletenessFell { now: 4_285, before: Some(10_000) }), "{causes:?}");
    // It works again: after a week of it the alert has ended, not before.
    for day in 0..=7 {
        point.working(day..=day).await;
        let noon = morning(day, 360 + 24 * 60);
        point.compute(noon).await;
        point.look(noon).await;
        let is_open = point.open().await.contains(&fell.to_owned());
        assert_eq!(is_open, day < 5, "on day {day}");
    }
}

fn pickup(id: i64, day: i64, result: CrewResult) -> Operation {
    let at = morning(day, 30);
    Operation {
        id: format!("{day}-{id}"),
        recorded: at,
        by: "to-1".to_owned(),
        statement: Statement::Pickup {
            at,
            household: "H".into(),
            place: "P".into(),
            stream: "food".into(),
            result,
            reason: None,
            manual_g: None,
            reading: None,
        },
    }
}

#[tokio::test]
async fn contamination_that_rose_beyond_chance_is_an_alert_of_the_point_and_its_hamlet() {
    let point = Point::new().await;
    let mut operations = Vec::new();
    for day in -56..0 {
        // Of ten a day one in twenty is mixed, and from four weeks ago on one in five.
        for id in 0..10 {
            let mixed = if day < -28 { id == 0 && day % 2 == 0 } else { id < 2 };
            operations.push(pickup(id, day, if mixed { CrewResult::Mixed } else { CrewResult::Separated }));
        }
    }
    point.store.record(&operations, &point.commune.zone).await.unwrap();
    let noon = morning(0, 360);
    point.compute(noon).await;
    point.look(noon).await;
    let rose = |open: Vec<String>| open.into_iter().filter(|word| word.starts_with("contam")).collect::<Vec<_>>();
    assert_eq!(rose(point.open().await), ["contamination_rose A", "contamination_rose P"]);
    // Four weeks of the same later the past holds it too; it goes on until it is back where the old past allowed it.
    let more = (0..28).flat_map(|day| (0..10).map(move |id| (day, id)));
    let more: Vec<Operation> =
        more.map(|(day, id)| pickup(id, day, if id < 2 { CrewResult::Mixed } else { CrewResult::Separated })).collect();
    point.store.record(&more, &point.commune.zone).await.unwrap();
    let later = morning(28, 360);
    point.compute(later).await;
    point.look(later).await;
    assert_eq!(rose(point.open().await).len(), 2);
    let clean = (28..56).flat_map(|day| (0..10).map(move |id| pickup(id, day, CrewResult::Separated)));
    point.store.record(&clean.collect::<Vec<_>>(), &point.commune.zone).await.unwrap();
    let later = morning(56, 360);
    point.compute(later).await;
    point.look(later).await;
    assert_eq!(rose(point.open().await), [""; 0]);
}

#[tokio::test]
async fn what_the_broker_refuses_and_the_quarantine_keeps_are_alerts_and_so_is_an_old_verification() {
    let point = Point::new().await;
    let point = Point { store: point.store.clone().limiting_quarantine(950), ..point };
    point.working(0..=0).await;
    let now = morning(0, 60);
    let devices = format!("{DEVICES}scale,P,scale,platform,20,60000,2026-11-22\n");
    imports(&point.store, &point.commune, Kind::Devices, &devices, now).await;
    let refusal = DeviceRefusals {
        device: "scale".into(),
        count: 3,
        last: now,
        what: "publish".to_owned(),
        detail: "phanloai/v1/other/events".to_owned(),
    };
    point.store.note_refusals(&[refusal]).await.unwrap();
    let refused = |id: &str, code: &'static str, at: Instant| Refused {
        id: id.to_owned(),
        code,
        reason: "why".to_owned(),
        topic: "phanloai/v1/reader/events".to_owned(),
        device: Some("reader".to_owned()),
        log: None,
        seq: None,
        raw_hex: "00".repeat(300),
        size_bytes: 300,
        at,
        last: at,
        count: 1,
    };
    let zone = &point.commune.zone;
    point.store.append(&[], &[refused("1", "conflict", now)], zone, conflict).await.unwrap();
    point.compute(now).await;
    point.look(now).await;
    let at_first = ["conflict reader", "quarantine_full ", "refused scale", "verification_overdue scale"];
    assert_eq!(point.open().await, at_first);
    // A second one finds no room.
    let later = now.plus_ms(2 * MINUTE_MS);
    point.store.append(&[], &[refused("2", "not_json", later)], zone, conflict).await.unwrap();
    point.look(later).await;
    let open = point.store.open_alerts().await.unwrap();
    let dropping = open.iter().find(|kept| kept.alert.kind() == AlertKind::QuarantineDropping).unwrap();
    assert_eq!(dropping.alert.subject, Subject::Commune);
    assert_eq!(dropping.alert.cause, Cause::QuarantineDropping { dropped: 1, last: later });
    // A day later nothing new was refused, and nothing dropped.
    point.working(1..=1).await;
    let next: LocalDay = zone.day_of(later) + 1;
    point.compute(morning(1, 65)).await;
    point.look(morning(1, 65)).await;
    assert_eq!(next, "2026-11-24".parse().unwrap());
    assert_eq!(point.open().await, ["conflict reader", "quarantine_full ", "verification_overdue scale"]);
}
