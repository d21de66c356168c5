//! What pages and renewal cost after three years, beside the same commune after two weeks and after half of the three years.
//!
//! `cargo bench --bench growth` with 10 000 households; `PHANLOAI_BENCH_HOUSEHOLDS=100000` for ten times as many (most
//! of an hour and some gigabytes). It prints times and their ratio, and passes no judgement.
//!
//! # Why
//! Two weeks are simulated and computed by the engine. Then they are repeated backwards in time, table by table, until there are
//! three years of them: facts of that size would take hours to compute, and what a page reads is the same. Pickups are repeated for
//! one household in ten, whole for each of them. The station that a late reading comes to has real readings in all three
//! years, and the states of its households are computed by the engine.
//!
//! Many pages look back over a window of their own, such as 13 months. Two weeks do not fill it: they tell what a window costs, and half
//! of the time beside the whole tells whether a page reads more than its window.

mod parts {
    pub mod simulated;
}

use std::path::Path;
use std::time::{Duration, Instant as Moment};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use parts::simulated::{Simulated, TODAY, day};
use phanloai::app::load_register;
use phanloai::domain::ids::{DeviceId, EventId, HouseholdCode};
use phanloai::domain::reading::{ClockState, Event, Reading, Weight};
use phanloai::domain::time::{Clock as _, LocalDay};
use phanloai::store::{Account, Refused, Role, Secret};
use phanloai::web::page_paths;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tower::ServiceExt as _;

const HOUSEHOLDS: u32 = 10_000;
/// Days that are simulated: whole weeks, so that weekdays stay.
const SIMULATED_DAYS: i32 = 14;
/// How often they are repeated: three years.
const TIMES: i32 = 78;
/// Every so many-th household keeps its pickups.
const ONE_IN: i32 = 10;
const ROUNDS: usize = 15;
const DAY_MS: i64 = 24 * 3_600_000;

#[expect(clippy::disallowed_methods, reason = "a program that measures has no configuration")]
fn households() -> u32 {
    std::env::var("PHANLOAI_BENCH_HOUSEHOLDS").ok().and_then(|text| text.parse().ok()).unwrap_or(HOUSEHOLDS)
}

#[tokio::main]
async fn main() {
    let households = households();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let days = u32::try_from(SIMULATED_DAYS).expect("two weeks");
    let mut simulated = Simulated::make(folder.path(), households, days).await;
    let token = officer(&simulated).await;
    let subject = Subject::choose(folder.path()).await;
    println!("{households} households, SQLite, median of {ROUNDS}");
    let young = measured(&simulated, &subject, &token).await;
    let late_young = late(&simulated, &subject, day(TODAY) - 5, 0).await;
    let began = Moment::now();
    subject.repeat(&mut simulated, 1..=TIMES / 2).await;
    println!("half of three years made in {:.0?}", began.elapsed());
    let half = measured(&simulated, &subject, &token).await;
    let late_half = late(&simulated, &subject, day(TODAY) - 5, 60_000).await;
    let began = Moment::now();
    subject.repeat(&mut simulated, TIMES / 2 + 1..=TIMES).await;
    println!("the other half made in {:.0?}", began.elapsed());
    let old = measured(&simulated, &subject, &token).await;
    println!("{:<44} {:>11} {:>11} {:>11} {:>14}", "", "two weeks", "half", "three years", "ratio to half");
    for (((what, young), (_, half)), (_, old)) in young.into_iter().zip(half).zip(old) {
        tell(&what, young, half, old);
    }
    let late_old = late(&simulated, &subject, day(TODAY) - 5, 90_000).await;
    let late_ancient = late(&simulated, &subject, day(TODAY) - 705, 0).await;
    tell("a late reading of five days ago", late_young, late_half, late_old);
    println!("{:<44} {:>11} {:>11} {late_ancient:>11.2?}", "a late reading of 705 days ago", "", "");
}

fn tell(what: &str, young: Duration, half: Duration, old: Duration) {
    println!("{what:<44} {young:>11.2?} {half:>11.2?} {old:>11.2?} {:>14.2}", old.as_secs_f64() / half.as_secs_f64());
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Makes an account that may see everything, and gives its token.
async fn officer(simulated: &Simulated) -> String {
    let roles = Role::ALL.iter().copied().collect();
    let account = Account { name: "bench".to_owned(), roles, areas: Vec::new(), enabled: true };
    let (store, now) = (&simulated.store, simulated.clock.now());
    store.add_account(&account, None, now).await.expect("an account");
    let secret = Secret::new();
    store.add_token(&secret.fingerprint, "bench", now, None).await.expect("a token");
    secret.plain
}

/// Pages that answer only to a round, a household or a person on a phone.
const NOT_ALONE: &[&str] =
    &["/crew/round", "/crew/house", "/visits/house", "/phones/pair", "/phones/sign-in", "/api/docs", "/api/docs/"];

/// Times every page.
async fn measured(simulated: &Simulated, subject: &Subject, token: &str) -> Vec<(String, Duration)> {
    let router = simulated.router();
    let household = &subject.household;
    let alone = page_paths().into_iter().filter(|path| !path.contains('{') && !NOT_ALONE.contains(path));
    let mut pages: Vec<String> = alone.map(ToOwned::to_owned).collect();
    pages.extend([
        format!("/areas/{}", subject.area),
        format!("/households/{household}"),
        format!("/api/v1/households/{household}/evidence"),
        format!("/points/{}", subject.place),
        format!("/devices/{}", subject.device),
    ]);
    let mut measured = Vec::new();
    for page in pages {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let began = Moment::now();
            ask(&router, &page, token).await;
            times.push(began.elapsed());
        }
        measured.push((page, median(times)));
    }
    measured
}

async fn ask(router: &Router, page: &str, token: &str) {
    let request = Request::get(page).header("authorization", format!("Bearer {token}"));
    let request = request.body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    assert!(response.status().is_success(), "{page}: {}", response.status());
    to_bytes(response.into_body(), usize::MAX).await.expect("a body");
}

/// Times readings that come late, `after_ms` after the hour: a card and a weight at the subject's station.
async fn late(simulated: &Simulated, subject: &Subject, on: LocalDay, after_ms: i64) -> Duration {
    let mut times = Vec::new();
    for number in 0..ROUNDS {
        let number = i64::try_from(number).expect("a few");
        let at = simulated.commune.zone.at_minute(on, 18 * 60).plus_ms(number * 120_000 + after_ms);
        let seq = 900_000_000 + at.ms() / 1_000 % 100_000_000;
        let reading = |seq: i64, later_ms: i64, event: Event| Reading {
            id: EventId { device: subject.device.clone(), log: "0ddba111".into(), seq },
            boot: 1,
            ms: later_ms,
            at: Some(at.plus_ms(later_ms)),
            clock: ClockState::Synced,
            sent_ms: None,
            received: simulated.clock.now(),
            simulated: true,
            event,
            extra: String::new(),
        };
        let tag = Event::Tag { uid: subject.tag.as_str().into(), tech: "hf".to_owned(), rssi_dbm: None, antenna: None };
        let weight = Weight {
            gross_g: 1_500,
            tare_g: 0,
            stable: true,
            load: Some(number),
            stream: Some("food".into()),
            division_g: Some(20),
            range: None,
            maintenance: false,
        };
        let readings = [reading(seq, 0, tag), reading(seq + 1, 3_000, Event::Weight(weight))];
        let conflict = |reading: &Reading| -> Refused { panic!("{} was stored with other content", reading.id) };
        simulated.store.append(&readings, &[], &simulated.commune.zone, conflict).await.expect("appended");
        let began = Moment::now();
        let households = simulated.renew().await;
        times.push(began.elapsed());
        assert!(households > 0, "it matters to its household");
    }
    median(times)
}

/// The household whose pages are asked for, and to whose station readings come late.
struct Subject {
    household: HouseholdCode,
    area: String,
    tag: String,
    device: DeviceId,
    place: String,
    base: SqliteConnectOptions,
}

impl Subject {
    async fn choose(folder: &Path) -> Self {
        let base = SqliteConnectOptions::new().filename(folder.join("bench.db")).busy_timeout(Duration::from_secs(60));
        let mut own = base.connect().await.expect("the file opens");
        // One that hands over, with a card, at a place with a device.
        let (household, place): (String, String) = sqlx::query_as(
            "select household, place from pickup where household is not null and source = 'device' \
             group by household, place order by count(*) desc, household limit 1",
        )
        .fetch_one(&mut own)
        .await
        .expect("somebody hands over");
        let one = async |own: &mut SqliteConnection, sql: &'static str, key: &str| -> String {
            sqlx::query_scalar(sql).bind(key).fetch_one(own).await.expect("the register holds it")
        };
        let household_row =
            "select body ->> 'area' from register_row where kind = 'household' and body ->> 'code' = $1";
        let tag_row = "select body ->> 'uid' from register_row where kind = 'tag' and body ->> 'household' = $1";
        let device_row = "select body ->> 'device' from register_row where kind = 'device' and body ->> 'place' = $1";
        Self {
            area: one(&mut own, household_row, &household).await,
            tag: one(&mut own, tag_row, &household).await,
            device: DeviceId::from(one(&mut own, device_row, &place).await),
            household: HouseholdCode::from(household),
            place,
            base,
        }
    }

    /// Repeats what was simulated, backwards in time, and lets the register begin before it.
    async fn repeat(&self, simulated: &mut Simulated, times: std::ops::RangeInclusive<i32>) {
        let mut own = self.base.connect().await.expect("the file opens");
        let first = day(TODAY) - SIMULATED_DAYS;
        let begin = first - SIMULATED_DAYS * times.end();
        let written = first - SIMULATED_DAYS * (times.start() - 1);
        for pragma in ["pragma synchronous = off", "pragma cache_size = -400000"] {
            sqlx::query(pragma).execute(&mut own).await.expect("a setting");
        }
        sqlx::query("begin immediate").execute(&mut own).await.expect("begun");
        // What stands before the days that are written gives way to their repetition.
        for table in ["device_day", "condition_day", "statement_day", "place_statement_day", "visit_day"] {
            let sql = AssertSqlSafe(format!("delete from {table} where day < '{written}'"));
            sqlx::query(sql).execute(&mut own).await.expect("deleted");
        }
        for k in times {
            for sql in repeated(k, first, &self.place, self.device.as_str(), self.household.as_str()) {
                let done = sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut own).await;
                done.unwrap_or_else(|error| panic!("{error}: {sql}"));
            }
        }
        for sql in [
            format!(
                "update register_row set body = json_set(body, '$.valid_from', '{begin}') \
                 where body ->> 'valid_from' is not null"
            ),
            format!("update setting set value = '{begin}' where key = 'computed_from'"),
            // Those at the subject's station by the engine itself.
            format!(
                "insert into stale (kind, key, day, generation) select distinct 'household', body ->> 'code', '{begin}', 1 \
                 from register_row \
                 where kind = 'household' and body ->> 'point' = '{}' on conflict (kind, key, day) do nothing",
                self.place
            ),
            "commit".to_owned(),
        ] {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut own).await.expect("written");
        }
        simulated.register = load_register(&simulated.store, &simulated.commune).await.expect("a register").into();
        simulated.renew().await;
    }
}

/// Gives the statements that write the simulated days once more, `k` times their length earlier.
fn repeated(k: i32, first: LocalDay, place: &str, device: &str, household: &str) -> Vec<String> {
    let days = k * SIMULATED_DAYS;
    let ms = i64::from(days) * DAY_MS;
    let last = first + (SIMULATED_DAYS - 1);
    let within = format!("day >= '{first}' and day <= '{last}'");
    let earlier = |column: &str| format!("date({column}, '-{days} days')");
    let copied = |table: &str, changed: &[(&str, String)], columns: &[&str], filter: &str| {
        let values: Vec<String> = columns
            .iter()
            .map(|column| {
                let new = changed.iter().find(|(name, _)| name == column).map(|(_, new)| new.clone());
                new.unwrap_or_else(|| (*column).to_owned())
            })
            .collect();
        format!("insert into {table} ({}) select {} from {table} where {filter}", columns.join(", "), values.join(", "))
    };
    // Whole chapters of 256 numbers further on.
    let chapters = 4_000;
    let seq = k * chapters * 256;
    let chapter_no = i64::from(k) * 1_000_000_000;
    let chapters_of_device = format!("device = '{device}' and chapter < {chapters}");
    let number = format!("(cast(substr(id, length(rtrim(id, '0123456789')) + 1) as integer) + {seq})");
    let id = format!("rtrim(id, '0123456789') || {number}");
    let body = format!(
        "json_replace(body, '$.id', {id}, '$.time', time_ms - {ms}, '$.day', {}, \
         '$.round_start', (body ->> 'round_start') - {ms}, '$.readings[0].seq', (body ->> '$.readings[0].seq') + {seq}, \
         '$.readings[1].seq', (body ->> '$.readings[1].seq') + {seq})",
        earlier("day")
    );
    let day_of = vec![("day", earlier("day"))];
    let mut all = vec![
        copied(
            "pickup",
            &[("id", id), ("day", earlier("day")), ("time_ms", format!("time_ms - {ms}")), ("body", body)],
            &["id", "place", "station", "stream", "day", "time_ms", "household", "source", "net_g", "accepted", "body"],
            &format!(
                "{within} and (place = '{place}' or household = '{household}' \
                 or cast(substr(household, -5) as integer) % {ONE_IN} = 0)"
            ),
        ),
        copied(
            "round",
            &[("day", earlier("day")), ("start_ms", format!("start_ms - {ms}")), ("end_ms", format!("end_ms - {ms}"))],
            &["place", "stream", "day", "start_ms", "end_ms", "ran", "observable", "crew_opened"],
            &within,
        ),
        copied(
            "reading_chapter",
            &[
                ("no", format!("no + {chapter_no}")),
                ("chapter", format!("chapter + {}", k * chapters)),
                ("used_from_ms", format!("used_from_ms - {ms}")),
                ("used_to_ms", format!("used_to_ms - {ms}")),
                ("beat_from_ms", format!("beat_from_ms - {ms}")),
                ("beat_to_ms", format!("beat_to_ms - {ms}")),
            ],
            &["no", "device", "log", "chapter", "used_from_ms", "used_to_ms", "beat_from_ms", "beat_to_ms"],
            &chapters_of_device,
        ),
        copied(
            "reading_row",
            &[
                ("chapter_no", format!("chapter_no + {chapter_no}")),
                ("seq", format!("seq + {seq}")),
                ("at_ms", format!("at_ms - {ms}")),
                ("received_ms", format!("received_ms - {ms}")),
                ("time_ms", format!("time_ms - {ms}")),
            ],
            &[
                "chapter_no",
                "seq",
                "boot",
                "ms",
                "at_ms",
                "clock",
                "sent_ms",
                "received_ms",
                "simulated",
                "time_ms",
                "grade",
                "kind",
                "body",
                "extra",
            ],
            &format!("chapter_no in (select no from reading_chapter where {chapters_of_device})"),
        ),
    ];
    let counts = "eligible, sorting, not_sorting, only_other, only_declared, one_stream_missing, no_pickup, not_observable, \
                  device, crew, verified, at_least_one, enrolled, served, measured, participating, opportunities, set_outs, \
                  home_treated, people, people_stated";
    let counts: Vec<&str> = counts.split(", ").collect();
    let with = |keys: &[&'static str], rest: &[&'static str]| -> Vec<&'static str> { [keys, rest].concat() };
    for (table, columns) in [
        ("area_day", with(&["area", "day"], &counts)),
        ("point_day", with(&["point", "day"], &counts)),
        (
            "device_day",
            "device day place area working_ms scheduled_ms received missing in_use weights unstable late clock_doubted"
                .split(' ')
                .collect(),
        ),
        (
            "condition_day",
            "device day place battery_low_mv battery_last_mv zeros zero_low_g zero_mid_g zero_high_g settled unstable overload \
             below_min below_zero step_g division_g run run_g run_ms reads rebuilt neighbour received"
                .split(' ')
                .collect(),
        ),
        ("statement_day", vec!["day", "area", "recorded_by", "word", "count"]),
        ("place_statement_day", vec!["day", "place", "word", "count"]),
        ("visit_day", vec!["day", "area", "visited", "not_seen"]),
        (
            "tonnage_day",
            vec![
                "place",
                "stream",
                "day",
                "area",
                "weighed_g",
                "manual_g",
                "estimated_g",
                "unknown_household_g",
                "pickups",
            ],
        ),
        (
            "place_day",
            vec![
                "place",
                "stream",
                "day",
                "area",
                "scheduled",
                "ran",
                "observable",
                "hand_overs",
                "tagged",
                "overload",
                "below_min",
            ],
        ),
    ] {
        all.push(copied(table, &day_of, &columns, &within));
    }
    let span = [
        ("from_day", format!("date(max(from_day, '{first}'), '-{days} days')")),
        ("to_day", format!("date(min(to_day, '{last}'), '-{days} days')")),
    ];
    let near = format!("from_day <= '{last}' and to_day >= '{first}'");
    let state = ["household", "from_day", "to_day", "area", "state", "reason", "weakest", "at_least_one", "enrolled"];
    all.push(copied("household_state", &span, &state, &near));
    let practice = [
        "household",
        "from_day",
        "to_day",
        "point",
        "served",
        "measured",
        "participating",
        "opportunities",
        "set_outs",
        "home_treated",
        "people",
    ];
    all.push(copied("household_practice", &span, &practice, &near));
    all
}
