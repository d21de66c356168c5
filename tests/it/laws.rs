//! Laws that hold in every commune: what order, repeats, batches, restarts and lateness may not change, and what must
//! add up.
//!
//! Owns nothing but the laws: the communes are those of `oracle::generate`, each from a seed that a failure names.
//! `PHANLOAI_LONG` tries many more of them.
//!
//! # Why
//! Derived rows are compared as they stand in the file, every column of every row, and not through the methods that
//! read them: two wrongs in the same method would look alike. Hamlets' days on which nobody counts are left out, as
//! every reader leaves them out.

use std::collections::{BTreeMap, BTreeSet};

use phanloai::app::{import, load_register, rebuild};
use phanloai::domain::ids::AreaCode;
use phanloai::domain::time::LocalDay;
use phanloai::domain::units::Percent;
use phanloai::imports::Kind;
use phanloai::indicators::{Completeness, Counts};
use phanloai::store::{StatesQuery, Store};
use proptest::prelude::*;
use serde_json::Value;
use sqlx::{AssertSqlSafe, SqlitePool};
use tempfile::TempDir;

use crate::commune::{NOW, Still, TestCommune};
use crate::oracle::generate::{Knobs, generate, generate_with};
use crate::oracle::random::Random;
use crate::oracle::time::Day;
use crate::oracle::world::{Event, World};
use crate::oracle_operations::operations;

/// The derived tables, in the order of their making.
const DERIVED: [&str; 15] = [
    "pickup",
    "round",
    "device_day",
    "tonnage_day",
    "household_state",
    "area_day",
    "household_practice",
    "point_day",
    "place_day",
    "statement_day",
    "ticket",
    "condition_day",
    "place_statement_day",
    "visit_day",
    "household_verified",
];

/// Derived rows: table and columns, as JSON.
pub type Rows = BTreeSet<(&'static str, String)>;

/// A commune in a file that can be opened again.
pub struct Kept {
    pub commune: TestCommune,
    pub url: String,
}

impl Kept {
    /// Opens a commune with a world's register and statements, without readings and crew operations.
    pub async fn empty(world: &World) -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("kept.db").display());
        let store = Store::open(&url).await.unwrap();
        Self { commune: TestCommune::in_store(store, folder, world, None).await, url }
    }

    /// Opens a commune in which everything came in order, once and in time, and computes it once.
    pub async fn plain(world: &World) -> Self {
        let kept = Self::empty(world).await;
        let mut events: Vec<Event> = world.events.clone();
        events.sort_by_key(|event| (event.time_ms(), event.key.clone()));
        events.dedup_by(|a, b| a.key == b.key);
        kept.append(&events).await;
        kept.commune.record(world).await;
        kept.commune.compute(&text(world.to)).await;
        kept
    }

    async fn append(&self, events: &[Event]) {
        let world = World { events: events.to_vec(), ..World::default() };
        let envelopes: Vec<(String, String)> =
            world.envelopes().into_iter().map(|(device, envelope)| (device, envelope.to_string())).collect();
        let envelopes: Vec<(&str, String)> = envelopes.iter().map(|(d, e)| (d.as_str(), e.clone())).collect();
        self.commune.append(&envelopes).await;
    }

    /// Stops and starts, as after a crash or an update.
    pub async fn reopen(&mut self) {
        self.commune.store.close().await;
        self.commune.store = Store::open(&self.url).await.unwrap();
    }

    /// Reads what statements give, each row one text.
    pub async fn select(&self, statements: &[(&'static str, &'static str)]) -> Rows {
        let pool = SqlitePool::connect(&self.url).await.unwrap();
        let mut rows = Rows::new();
        for (table, sql) in statements {
            let found: Vec<String> = sqlx::query_scalar(*sql).fetch_all(&pool).await.unwrap();
            rows.extend(found.into_iter().map(|row| (*table, row)));
        }
        pool.close().await;
        rows
    }

    /// Reads every derived row.
    pub async fn rows(&self) -> Rows {
        assert_eq!(self.commune.store.stale_count().await.unwrap(), 0, "figures are up to date");
        let pool = SqlitePool::connect(&self.url).await.unwrap();
        let mut rows = Rows::new();
        for table in DERIVED {
            let columns: Vec<String> = sqlx::query_scalar("select name from pragma_table_info($1)")
                .bind(table)
                .fetch_all(&pool)
                .await
                .unwrap();
            let members: Vec<String> = columns.iter().map(|name| format!("'{name}', {name}")).collect();
            let counted = if matches!(table, "area_day" | "point_day") { "eligible <> 0" } else { "true" };
            let sql = format!("select json_object({}) from {table} where {counted}", members.join(", "));
            let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
            rows.extend(found.into_iter().map(|row| (table, row)));
        }
        pool.close().await;
        rows
    }
}

pub fn text(day: Day) -> String {
    day.to_string()
}

/// Gives `few` seeds, or many.
#[expect(clippy::disallowed_methods, reason = "the way in from tests/run.sh")]
pub fn seeds(first: u64, few: u64) -> std::ops::Range<u64> {
    first..first + few * if std::env::var_os("PHANLOAI_LONG").is_some() { 25 } else { 1 }
}

/// Fails with the first differences of two communes' rows.
pub fn assert_same(seed: u64, what: &str, wanted: &Rows, got: &Rows) {
    let mut differences: Vec<String> =
        wanted.difference(got).map(|(table, row)| format!("only as wanted: {table} {row}")).collect();
    differences.extend(got.difference(wanted).map(|(table, row)| format!("only as {what}: {table} {row}")));
    let shown = differences[..differences.len().min(8)].join("\n");
    assert!(differences.is_empty(), "seed {seed}, {what}: {} rows differ\n{shown}", differences.len());
}

/// Feeds a commune in some other order: readings shuffled and repeated, in batches of any size, with operations,
/// figures and restarts at any moment between.
async fn in_disorder(world: &World, seed: u64) -> Kept {
    let mut random = Random::new(seed ^ 0x5eed);
    let mut kept = Kept::empty(world).await;
    let mut events = world.events.clone();
    let repeated: Vec<Event> = events.iter().filter(|_| random.chance(15)).cloned().collect();
    events.extend(repeated);
    if random.chance(70) {
        random.shuffle(&mut events);
    }
    let mut operations = operations(world);
    random.shuffle(&mut operations);
    let mut today = world.from;
    let pieces = random.between(3, 7);
    for piece in (1..=pieces).rev() {
        let left = usize::try_from(piece).unwrap();
        let now = if random.chance(75) { events.len() / left } else { 0 };
        let rest = events.split_off(now);
        kept.append(&events).await;
        events = rest;
        let later = operations.split_off(operations.len() / left);
        kept.commune.store.record(&operations, &kept.commune.commune.zone).await.unwrap();
        operations = later;
        if random.chance(60) {
            today = Day(random.between(today.0, world.to.0));
            kept.commune.compute(&text(today)).await;
        }
        if random.chance(40) {
            kept.reopen().await;
        }
    }
    kept.append(&events).await;
    kept.commune.store.record(&operations, &kept.commune.commune.zone).await.unwrap();
    kept.commune.compute(&text(world.to)).await;
    kept
}

#[tokio::test]
async fn order_repeats_batches_and_restarts_change_no_figure() {
    for seed in seeds(1_000, 3) {
        let world = generate(seed);
        let wanted = Kept::plain(&world).await.rows().await;
        let kept = in_disorder(&world, seed).await;
        assert_same(seed, "came in disorder", &wanted, &kept.rows().await);
        assert_eq!(kept.commune.check().await, None, "seed {seed}");
    }
}

#[tokio::test]
async fn figures_kept_up_equal_figures_rebuilt() {
    for seed in seeds(2_000, 2) {
        let world = generate(seed);
        let kept = in_disorder(&world, seed).await;
        let commune = &kept.commune;
        // The imports were made now, so their devices are expected to work up to now.
        commune.compute(&commune.commune.zone.day_of(NOW).to_string()).await;
        let kept_up = kept.rows().await;
        let register = load_register(&commune.store, &commune.commune).await.unwrap();
        rebuild(&commune.store, commune.commune.clone(), register.into(), &Still(NOW), |_| {}).await.unwrap();
        assert_same(seed, "rebuilt", &kept_up, &kept.rows().await);
        assert_eq!(commune.check().await, None, "seed {seed}");
    }
}

#[tokio::test]
async fn a_late_reading_changes_only_what_it_can() {
    for seed in seeds(3_000, 4) {
        let world = generate(seed);
        let mut random = Random::new(seed ^ 0x1a7e);
        let Some(one) = world.events.get(random.place(world.events.len().max(1))).cloned() else { continue };
        let day = Day::of(one.time_ms().unwrap());
        let is_late = |event: &&Event| {
            event.key.device == one.key.device && event.time_ms().is_some_and(|time_ms| Day::of(time_ms) == day)
        };
        let late: Vec<Event> = world.events.iter().filter(is_late).cloned().collect();
        let mut in_time = world.clone();
        in_time.events.retain(|event| !is_late(&event));
        let kept = Kept::plain(&in_time).await;
        let before = kept.rows().await;
        kept.append(&late).await;
        kept.commune.compute(&text(world.to)).await;
        let after = kept.rows().await;
        assert_same(seed, "came late", &Kept::plain(&world).await.rows().await, &after);
        let beyond = beyond_reach(&world, &one.key.device, day, &before, &after);
        assert!(
            beyond.is_empty(),
            "seed {seed}: readings of {} on {day} changed\n{}",
            one.key.device,
            beyond.join("\n")
        );
    }
}

#[tokio::test]
async fn readings_that_come_half_a_year_late_give_the_figures_that_they_would_have_given() {
    for seed in seeds(3_500, 2) {
        // Longer than the windows reach, so that the renewal ends before the last day.
        let world = generate_with(seed, Knobs { days: Some(210), ..Knobs::default() });
        let mut random = Random::new(seed ^ 0x1a7e);
        let late_days = [random.between(5, 20), random.between(40, 60), random.between(61, 75)];
        let is_late = |event: &&Event| {
            event.time_ms().is_some_and(|time_ms| late_days.contains(&(Day::of(time_ms).0 - world.from.0)))
        };
        let late: Vec<Event> = world.events.iter().filter(is_late).cloned().collect();
        assert!(!late.is_empty(), "seed {seed}");
        let mut in_time = world.clone();
        in_time.events.retain(|event| !is_late(&event));
        let kept = Kept::plain(&in_time).await;
        let before = kept.rows().await;
        kept.append(&late).await;
        kept.commune.compute(&text(world.to)).await;
        let after = kept.rows().await;
        assert_ne!(before, after, "seed {seed}: they matter");
        assert_same(seed, "came late", &Kept::plain(&world).await.rows().await, &after);
        assert_eq!(kept.commune.check().await, None, "seed {seed}");
    }
}

/// Gives the differences that a device's readings of a day cannot make.
fn beyond_reach(world: &World, device: &str, day: Day, before: &Rows, after: &Rows) -> Vec<String> {
    let place = &world.devices.iter().find(|row| row.device == device).unwrap().place;
    // A bin's level also says what was put in until the next level, whenever that comes.
    let has_bins = world.devices.iter().any(|row| row.place == *place && row.mode.as_deref() == Some("bin"));
    // A round may cross midnight.
    let first = text(day.plus(-1));
    let last = if has_bins { text(world.to.plus(1)) } else { text(day.plus(1)) };
    let changed: Vec<(&str, Value)> =
        before.symmetric_difference(after).map(|(table, row)| (*table, serde_json::from_str(row).unwrap())).collect();
    let pickups = changed.iter().filter(|(table, _)| *table == "pickup");
    let mut touched: BTreeSet<&str> = pickups.filter_map(|(_, row)| row["household"].as_str()).collect();
    let served = world.households.iter().filter(|row| row.point.as_ref() == Some(place));
    touched.extend(served.map(|row| row.code.as_str()));
    touched.extend(world.routes.iter().filter(|row| row.route == *place).map(|row| row.household.as_str()));
    let within = |row: &Value| row["day"].as_str().is_some_and(|on| first.as_str() <= on && on <= last.as_str());
    let mut beyond: Vec<String> = changed
        .iter()
        .filter(|(table, row)| match *table {
            "pickup" | "round" | "tonnage_day" | "place_day" | "condition_day" => {
                row["place"] != **place || !within(row)
            }
            "device_day" => row["device"] != *device || row["day"].as_str() < Some(&first),
            "area_day" | "point_day" => row["day"].as_str() < Some(&first),
            "statement_day" | "place_statement_day" | "ticket" => true,
            _ => !touched.contains(row["household"].as_str().unwrap()),
        })
        .map(|(table, row)| format!("{table} {row}"))
        .collect();
    let early = |rows: &Rows| states_until(rows, &first);
    if early(before) != early(after) {
        beyond.push(format!("states before {first}"));
    }
    beyond
}

/// Gives what the spans say of the days before `end`, neighbouring spans of one state joined.
pub fn states_until(rows: &Rows, end: &str) -> BTreeMap<(String, String), Value> {
    let spans = rows.iter().filter(|(table, _)| *table == "household_state");
    let mut states = BTreeMap::new();
    for (_, row) in spans {
        let mut row: Value = serde_json::from_str(row).unwrap();
        let day = |row: &Value, name: &str| row[name].as_str().unwrap().parse::<LocalDay>().unwrap();
        let (from, to) = (day(&row, "from_day"), day(&row, "to_day").min(end.parse::<LocalDay>().unwrap() - 1));
        let members = row.as_object_mut().unwrap();
        members.remove("from_day");
        members.remove("to_day");
        for on in from.through(to) {
            states.insert((row["household"].as_str().unwrap().to_owned(), on.to_string()), row.clone());
        }
    }
    states
}

/// Feeds a commune in which only the first `known` kinds of import came before the readings; the others follow.
async fn register_late(world: &World, known: &[Kind], between: bool) -> Kept {
    let mut first = world.clone();
    for kind in Kind::ALL.iter().filter(|kind| !known.contains(kind)) {
        match kind {
            Kind::Areas => first.areas.clear(),
            Kind::Points => first.points.clear(),
            Kind::Households => first.households.clear(),
            Kind::Routes => first.routes.clear(),
            Kind::Tags => first.tags.clear(),
            Kind::Devices => first.devices.clear(),
            Kind::Schedule => first.schedule.clear(),
            Kind::Pathways => first.pathways.clear(),
            Kind::Findings => first.findings.clear(),
            Kind::Visits => first.visits.clear(),
            Kind::Exclusions => first.exclusions.clear(),
            Kind::Tickets | Kind::Targets => {}
        }
    }
    let kept = Kept::plain(&first).await;
    let folder = TempDir::new().unwrap();
    world.write_csvs(folder.path());
    for kind in Kind::ALL.iter().filter(|kind| !known.contains(kind)) {
        let Ok(bytes) = std::fs::read(folder.path().join(format!("{}.csv", kind.as_str()))) else { continue };
        let commune = &kept.commune;
        import(&commune.store, &commune.commune, *kind, &bytes, &Still(NOW), "test", false).await.unwrap();
        if between {
            kept.commune.compute(&text(world.to)).await;
        }
    }
    kept.commune.compute(&text(world.to)).await;
    kept
}

#[tokio::test]
async fn a_tag_assigned_later_names_its_earlier_reads_from_its_first_day_on() {
    for seed in seeds(4_000, 3) {
        let world = generate(seed);
        let known: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Tags).collect();
        let wanted = Kept::plain(&world).await.rows().await;
        let kept = register_late(&world, &known, true).await;
        assert_same(seed, "tags assigned later", &wanted, &kept.rows().await);
        assert_eq!(kept.commune.check().await, None, "seed {seed}");
    }
}

#[tokio::test]
async fn the_register_may_come_after_the_readings() {
    for (at, seed) in seeds(5_000, 4).enumerate() {
        let world = generate(seed);
        // The hamlets alone; all up to the routes; all up to the schedule; all up to the exclusions; and what is between.
        let known = &Kind::ALL[..1 + at * 3 % (Kind::ALL.len() - 1)];
        let wanted = Kept::plain(&world).await.rows().await;
        let kept = register_late(&world, known, seed.is_multiple_of(2)).await;
        let what = format!("with only {:?} known before the readings", known.last().map(|kind| kind.as_str()));
        assert_same(seed, &what, &wanted, &kept.rows().await);
        assert_eq!(kept.commune.check().await, None, "seed {seed}");
    }
}

#[tokio::test]
async fn households_may_come_after_a_schedule_that_is_computed() {
    let known = [Kind::Areas, Kind::Points, Kind::Devices, Kind::Schedule];
    // A schedule of a route needs the route, which needs its households.
    let worlds = (5_500..).map(|seed| (seed, generate(seed))).filter(|(_, world)| world.routes.is_empty());
    for (seed, world) in worlds.take(seeds(5_500, 2).count()) {
        let wanted = Kept::plain(&world).await.rows().await;
        let kept = register_late(&world, &known, true).await;
        assert_same(seed, "households came last", &wanted, &kept.rows().await);
    }
}

/// Imports the devices of a world, of which every other one ended ten days after its begin.
async fn end_some_devices(kept: &Kept, world: &World) {
    let folder = TempDir::new().unwrap();
    world.write_csvs(folder.path());
    let text_of_all = std::fs::read_to_string(folder.path().join("devices.csv")).unwrap();
    let end = text(world.from.plus(10));
    let mut lines = text_of_all.lines();
    let mut ended = format!("{},valid_to\n", lines.next().unwrap());
    for (number, line) in lines.enumerate() {
        let end = if number % 2 == 0 { end.as_str() } else { "" };
        ended.push_str(&format!("{line},{end}\n"));
    }
    let commune = &kept.commune;
    import(&commune.store, &commune.commune, Kind::Devices, ended.as_bytes(), &Still(NOW), "test", false)
        .await
        .unwrap();
    commune.compute(&text(world.to)).await;
}

#[tokio::test]
async fn a_device_that_ended_earlier_than_was_known_leaves_nothing_behind() {
    let long = |world: &World| world.from.plus(42) <= world.to && !world.devices.is_empty();
    let worlds = (5_800..).map(|seed| (seed, generate(seed))).filter(|(_, world)| long(world));
    for (seed, world) in worlds.take(seeds(5_800, 3).count()) {
        let unknown = Kept::plain(&World { devices: Vec::new(), ..world.clone() }).await;
        end_some_devices(&unknown, &world).await;
        let kept = Kept::plain(&world).await;
        let before = kept.rows().await;
        end_some_devices(&kept, &world).await;
        let after = kept.rows().await;
        assert_same(seed, "devices ended later", &unknown.rows().await, &after);
        assert_ne!(before, after, "seed {seed}: what they sent afterwards counts no more");
        assert_eq!(kept.commune.check().await, None, "seed {seed}");
    }
}

#[tokio::test]
async fn an_import_in_the_middle_of_a_renewal_is_not_lost() {
    let seed = 5_600;
    let world = generate(seed);
    let mut first = world.clone();
    first.tags.clear();
    let kept = Kept::plain(&first).await;
    let commune = &kept.commune;
    // A renewal that took the register before the import, and the marks after it.
    let renewal = commune.recompute().await;
    let folder = TempDir::new().unwrap();
    world.write_csvs(folder.path());
    let bytes = std::fs::read(folder.path().join("tags.csv")).unwrap();
    import(&commune.store, &commune.commune, Kind::Tags, &bytes, &Still(NOW), "test", false).await.unwrap();
    // It may refuse to go on with an old register; what it may not do is take the marks away.
    let _ = renewal.pass().await;
    commune.compute(&text(world.to)).await;
    let wanted = Kept::plain(&world).await.rows().await;
    assert_same(seed, "imported in the middle", &wanted, &kept.rows().await);
}

#[tokio::test]
async fn a_route_s_households_and_stops_may_come_after_what_is_computed() {
    let known = [Kind::Areas, Kind::Points, Kind::Devices];
    let worlds = (5_560..).map(|seed| (seed, generate(seed))).filter(|(_, world)| !world.routes.is_empty());
    for (seed, world) in worlds.take(seeds(5_560, 2).count()) {
        let wanted = Kept::plain(&world).await.rows().await;
        let kept = register_late(&world, &known, true).await;
        assert_same(seed, "households, stops and schedule came last", &wanted, &kept.rows().await);
    }
}

#[tokio::test]
async fn numbers_declared_lost_later_are_no_longer_missing() {
    let mut world = (5_700..).map(generate).find(|world| !world.devices.is_empty()).unwrap();
    world.events.clear();
    let kept = Kept::empty(&world).await;
    let device = world.devices[0].device.clone();
    let send = |seq: i64, later_days: i64, rest: &str| {
        let at = world.from.plus(later_days).noon_ms();
        let event = format!(r#"{{"seq":{seq},"ms":{at},"at":{at},"clock":"synced",{rest}}}"#);
        format!(r#"{{"log":"0a11ce09","boot":1,"events":[{event}]}}"#)
    };
    let heartbeat = r#""type":"heartbeat""#;
    for envelope in [send(1, 2, heartbeat), send(5, 4, heartbeat), send(6, 6, r#""type":"lost","from":2,"to":4"#)] {
        kept.commune.append(&[(device.as_str(), envelope)]).await;
        kept.commune.compute(&text(world.to)).await;
        assert_eq!(kept.commune.check().await, None);
    }
    let (from, to) = (text(world.from).parse().unwrap(), text(world.to).parse().unwrap());
    let days = kept.commune.store.device_days(&device.as_str().into(), from, to).await.unwrap();
    let missing: i64 = days.iter().map(|day| day.missing).sum();
    assert_eq!((missing, kept.commune.store.gaps(None).await.unwrap()), (0, Vec::new()));
}

#[tokio::test]
async fn the_states_of_every_area_and_day_add_up_to_its_households() {
    for seed in seeds(6_000, 3) {
        let world = generate(seed);
        let kept = Kept::plain(&world).await;
        let store = &kept.commune.store;
        let (from, to): (LocalDay, LocalDay) = (text(world.from).parse().unwrap(), text(world.to).parse().unwrap());
        let mut commune: BTreeMap<LocalDay, Counts> = BTreeMap::new();
        for on in from.through(to) {
            let query = StatesQuery { on, area: None, state: None, reason: None, after: None, limit: i64::MAX };
            let mut recount: BTreeMap<AreaCode, Counts> = BTreeMap::new();
            for row in store.states(&query).await.unwrap() {
                recount.entry(row.area).or_default().add(&row.state, 1);
            }
            let counts = store.counts_on(on).await.unwrap();
            for (area, counts) in counts.iter().filter(|(_, counts)| **counts != Counts::default()) {
                let told = format!("seed {seed}, {area} on {on}: {counts:?}");
                assert_eq!(
                    counts.sorting + counts.not_sorting + counts.undetermined_total(),
                    counts.eligible,
                    "{told}"
                );
                assert_eq!(counts.evidence.iter().sum::<i64>(), counts.sorting, "{told}");
                // What stands beside the states is held by `rebuild --check` and by the agreement.
                let states = counts.states_alone();
                assert_eq!(recount.remove(area), Some(states), "{told}");
                commune.entry(on).or_default().merge(counts);
            }
            assert_eq!(recount, BTreeMap::new(), "seed {seed}, {on}");
        }
        let series = store.counts_series(None, from, to).await.unwrap();
        assert_eq!(series, commune.into_iter().collect::<Vec<_>>(), "seed {seed}");
    }
}

/// Tells whether a percentage is the part's share cut off after two decimals, and 100 % only when whole.
fn is_cut_off(percent: Percent, part: i64, whole: i64) -> bool {
    let (hundredths, part, whole) = (i128::from(percent.hundredths()), i128::from(part), i128::from(whole));
    hundredths * whole <= part * 10_000
        && part * 10_000 < (hundredths + 1) * whole
        && (hundredths == 10_000) == (part == whole)
}

proptest! {
    #[test]
    fn no_percentage_rounds_up(
        sorting in 0_i64..40_000,
        not_sorting in prop_oneof![Just(0_i64), 0_i64..40_000],
        undetermined in prop_oneof![Just(0_i64), Just(1_i64), 0_i64..40_000],
    ) {
        let eligible = sorting + not_sorting + undetermined;
        prop_assume!(eligible > 0);
        let counts = Counts {
            eligible, sorting, not_sorting, undetermined: [0, 0, 0, undetermined, 0], ..Counts::default()
        };
        let (share, upper, coverage) = (counts.share().unwrap(), counts.upper().unwrap(), counts.coverage().unwrap());
        prop_assert!(is_cut_off(share, sorting, eligible), "{}", share);
        prop_assert!(is_cut_off(coverage, sorting + not_sorting, eligible), "{}", coverage);
        // The upper bound is not below the true one, and whole only when nothing speaks against it.
        let reaches = i64::from(upper.hundredths()) * eligible >= (sorting + undetermined) * 10_000;
        prop_assert!(reaches || upper.hundredths() == 9_999, "{}", upper);
        prop_assert_eq!(upper.hundredths() == 10_000, not_sorting == 0);
        prop_assert!(share <= upper);
    }

    #[test]
    fn completeness_never_rounds_up(
        working_ms in 0_i64..400_000_000,
        idle_ms in prop_oneof![Just(0_i64), 1_i64..400_000_000],
        received in 0_i64..5_000_000,
        missing in prop_oneof![Just(0_i64), 1_i64..5_000_000],
    ) {
        let scheduled_ms = working_ms + idle_ms;
        let percent = Completeness { working_ms, scheduled_ms, received, missing }.percent();
        prop_assert_eq!(percent.is_some(), scheduled_ms > 0);
        if let Some(percent) = percent {
            let whole = idle_ms == 0 && missing == 0;
            prop_assert_eq!(percent.hundredths() == 10_000, whole);
            let (received, events) = if received + missing > 0 { (received, received + missing) } else { (1, 1) };
            let product = i128::from(working_ms) * i128::from(received) * 10_000;
            let all = i128::from(scheduled_ms) * i128::from(events);
            prop_assert!(i128::from(percent.hundredths()) * all <= product);
        }
    }
}
