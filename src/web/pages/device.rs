//! One device: what it is, how well it keeps, what is missing of it, what it said last.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::alerts::EARLIER;
use super::devices::{connection, verified};
use super::{frame, shown};
use crate::domain::alert::Subject;
use crate::domain::attribution::Observed;
use crate::domain::condition::Condition;
use crate::domain::ids::{DeviceId, LogId};
use crate::domain::reading::{Event, Grade};
use crate::domain::register::Device;
use crate::domain::state::Proof;
use crate::domain::time::{HOUR_MS, LocalDay};
use crate::indicators::{Battery, ConditionDay, ScaleHealth, ScaleRule, Verification, ZeroVerdict};
use crate::store::{Correction, DeviceDay, PastAlerts};
use crate::web::ask::{self, Ask};
use crate::web::download;
use crate::web::drawing::{Drawing, Kind, Wanted, stream_name};
use crate::web::equipment::{
    DeviceFacts, MONTH, alert_line, device_facts, device_href, known_device, part, place_and_area, place_href, written,
};
use crate::web::fields::Fields;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read::{self, Whose};
use crate::web::sign_in::{encoded, segment};
use crate::web::table::May;
use crate::web::texts::{Texts, WatchTexts};
use crate::web::views::equipment::{Check, DevicePage, GapLine, ReadingLine};

/// Latest readings shown.
const READINGS: i64 = 30;
/// Ranges shown at most.
const GAPS: usize = 200;
/// Longest reason, characters.
const WHY_MAX: usize = 500;

/// Shows a device.
pub async fn device(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let w = t.watch;
    let device = known_device(&site, &who, &id).await?;
    frame.title = device.to_string();
    let facts = device_facts(&site).await?.into_iter().find(|of| of.device == device);
    let of = facts.ok_or_else(|| Problem::not_found(format!("unknown device `{id}`; /devices lists the devices")))?;
    let (store, today) = (&site.web.store, read::today(&site));
    let (from, finished) = (today - (MONTH - 1), read::last_finished(&site).await?.unwrap_or(today - 1));
    let conditions = conditions(&site, &device, from, today).await?;
    let days = store.device_days(&device, finished - (MONTH - 1), finished).await?;
    let registered = of.registered.as_ref();
    let checks = registered.filter(|device| device.kind.weighs() || !device.kind.reads_tags()).map(|device| {
        let health = ScaleRule::STANDARD.judge(device, &conditions, today);
        checks(&health, &conditions, lang, w)
    });
    let figure = async |kind: Kind| -> Result<_, Problem> {
        let wanted = Wanted { whose: Whose::Device(device.clone()), ..Wanted::usual(kind, None) };
        Drawing::read(&site, &who, &wanted).await?.figure(lang, t).await
    };
    let (refusals, last_refusal, password) = access(&site, &who, &device, lang, t).await?;
    let (place, area) = registered.map(|of| place_and_area(&site, &of.place, today)).unwrap_or_default();
    let past = PastAlerts { subject: Some(Subject::Device(device.clone())), limit: EARLIER, ..PastAlerts::default() };
    let past = store.past_alerts(&past).await?;
    let manages = who.may(May::Devices);
    let proof = registered.and_then(|of| Proof::of_profile(&of.profile));
    let here = device_href(&device);
    let (shown_gaps, gaps_rest) = gaps(&site, &device, manages, lang, t).await?;
    let view = DevicePage {
        w,
        kind: registered.map_or(w.not_registered, |of| t.kind_name(of.kind)).to_owned(),
        place: (place, registered.map_or_else(String::new, |of| place_href(&of.place))),
        area,
        alerts: of.alerts.iter().map(|kept| alert_line(&site, &who, kept, lang, t)).collect(),
        connection: connection(&of, t),
        facts: told(&site, &of, today, lang, t),
        proof: w.proof_of(proof),
        register_href: match registered {
            Some(_) if who.may(May::Register) => {
                format!("/register/row/devices?key={}", encoded(device.as_str()))
            }
            Some(_) | None => String::new(),
        },
        completeness: figure(Kind::Completeness).await?,
        battery: figure(Kind::Battery).await?,
        zero: if checks.is_some() { figure(Kind::Zero).await? } else { None },
        checks: checks.unwrap_or_default(),
        gaps: shown_gaps,
        gaps_rest,
        gaps_more: w.missing_of(proof),
        words: words(&site, &device, lang, w).await?,
        manages,
        times: times(&days, &conditions, lang, w),
        refusals,
        last_refusal,
        password,
        readings: store
            .latest_readings(&device, READINGS)
            .await?
            .iter()
            .map(|observed| reading_line(&site, observed, lang, t))
            .collect(),
        earlier: past.iter().map(|kept| alert_line(&site, &who, kept, lang, t)).collect(),
        csv: format!("{here}/days.csv"),
        here,
        device: device.to_string(),
        frame,
    };
    shown(&view)
}

async fn conditions(
    site: &Site,
    device: &DeviceId,
    from: LocalDay,
    to: LocalDay,
) -> Result<Vec<ConditionDay>, Problem> {
    let rows = site.web.store.conditions(Some(device), from, to).await?;
    Ok(rows.into_iter().map(|row| (row.day, row.condition)).collect())
}

/// What is said of a device: name and value.
fn told(site: &Site, of: &DeviceFacts, today: LocalDay, lang: Lang, t: &'static Texts) -> Vec<(&'static str, String)> {
    let w = t.watch;
    let commune = read::commune(site);
    let moment = |at| lang.moment(&commune.zone, at);
    let battery = of.heard.battery.map_or_else(String::new, |(battery_mv, at)| {
        let standing = w.battery_of(Battery::of(battery_mv));
        format!("{}\u{a0}V · {standing} · {}", lang.volts(battery_mv), moment(at))
    });
    let mut facts = vec![
        (w.last_heard, of.heard.last_seen.map_or_else(|| w.never.to_owned(), moment)),
        (w.battery, battery),
        (w.complete_month, written(of.month.percent(), lang)),
        (w.missing, lang.count(of.missing)),
    ];
    if let Some(device) = &of.registered {
        let stream = device.stream.as_ref();
        facts.push((
            w.stream,
            stream.map_or_else(|| w.any_stream.to_owned(), |code| stream_name(&commune, code.as_str(), lang, t)),
        ));
        if device.kind.weighs() || !device.kind.reads_tags() {
            facts.push((w.limits, limits(device, lang)));
            facts.push((w.verified, verified(of, today, lang, w).0));
        }
        facts.push((w.profile, device.profile.clone()));
    }
    facts.push((w.firmware, of.heard.firmware.clone().unwrap_or_default()));
    facts
}

fn limits(device: &Device, lang: Lang) -> String {
    let mass = |grams: Option<i64>| grams.map_or_else(|| "–".to_owned(), |grams| lang.grams(grams));
    format!("{} / {} / {}", mass(device.max_g), mass(device.division_g), mass(device.min_g))
}

/// Class, icon and words of a verdict.
fn verdict(w: &WatchTexts, at: usize) -> (&'static str, &'static str, &'static str) {
    let (class, icon) = [("s", "s"), ("warning", "warn"), ("n", "n"), ("u", "u")][at.min(3)];
    (class, icon, w.verdicts[at.min(3)])
}

const IN_ORDER: usize = 0;
const WATCH: usize = 1;
const OUT_OF_ORDER: usize = 2;
const UNKNOWN: usize = 3;

fn checks(health: &ScaleHealth, days: &[ConditionDay], lang: Lang, w: &'static WatchTexts) -> Vec<Check> {
    let mass = |grams: i64| lang.grams(grams);
    let check = |at: usize, anchor, seen: String, of: usize| {
        let (class, icon, verdict) = verdict(w, of);
        Check { name: w.checks[at], anchor, seen, class, icon, verdict }
    };
    let zero = &health.zero;
    let zero_seen = match (zero.now_g, zero.division_g) {
        (Some(now_g), Some(division_g)) => (w.zero_now)(&mass(now_g), &mass(division_g)),
        (Some(now_g), None) => (w.zero_alone)(&mass(now_g)),
        (None, _) => w.zero_unknown.to_owned(),
    };
    let zero_of = match zero.verdict {
        ZeroVerdict::Unknown => UNKNOWN,
        ZeroVerdict::Holds => IN_ORDER,
        ZeroVerdict::Near | ZeroVerdict::Drifts => WATCH,
        ZeroVerdict::Off | ZeroVerdict::OutOfRange => OUT_OF_ORDER,
    };
    let drift_g = zero.drift_mg_per_day.map(|mg| mg * i64::from(ScaleRule::STANDARD.days) / 1_000);
    let drift_of = match (drift_g, zero.verdict) {
        (None, _) => UNKNOWN,
        (Some(_), ZeroVerdict::Drifts) => WATCH,
        (Some(_), _) => IN_ORDER,
    };
    let step = &health.step;
    let step_seen = step.seen_g.or(step.said_g);
    let registered = step.registered_g.map_or_else(|| "–".to_owned(), mass);
    let step_of = match (step_seen, step.registered_g, step.differs()) {
        (None, _, _) | (_, None, _) => UNKNOWN,
        (Some(_), Some(_), Some(_)) => OUT_OF_ORDER,
        (Some(_), Some(_), None) => IN_ORDER,
    };
    let weighed = health.unstable.whole;
    let share = |of: crate::indicators::ScalePart| {
        if of.whole == 0 {
            return w.too_few.to_owned();
        }
        (w.part_of)(&lang.count(of.part), &lang.count(of.whole), &written(part(of.part, of.whole), lang))
    };
    let known = |of: usize| if weighed == 0 { UNKNOWN } else { of };
    let rule = ScaleRule::STANDARD;
    let above = |of: crate::indicators::ScalePart, percent: i64| {
        known(if of.whole >= rule.part_levels && of.part * 100 > of.whole * percent { OUT_OF_ORDER } else { IN_ORDER })
    };
    let reads: i64 = days.iter().rev().take(7).map(|(_, condition)| condition.reads).sum();
    let (until, until_of) = match health.verification {
        Verification::NotNeeded => (w.not_needed.to_owned(), IN_ORDER),
        Verification::NotStated => (w.not_stated.to_owned(), UNKNOWN),
        Verification::Holds { until, .. } => (lang.day(until), IN_ORDER),
        Verification::Due { until, days_left } => {
            (format!("{} · {}", lang.day(until), (w.days_left)(&lang.count(i64::from(days_left)))), WATCH)
        }
        Verification::Overdue { until, .. } => ((w.overdue)(&lang.day(until)), OUT_OF_ORDER),
    };
    vec![
        check(0, "scale-zero", format!("{} · {zero_seen}", w.zero_of(zero.verdict)), zero_of),
        check(1, "scale-zero", drift_g.map_or_else(|| w.drift_unknown.to_owned(), |g| (w.drift)(&mass(g))), drift_of),
        check(
            2,
            "scale-step",
            step_seen.map_or_else(|| w.step_unknown.to_owned(), |seen_g| (w.step_of)(&mass(seen_g), &registered)),
            step_of,
        ),
        check(
            3,
            "scale-stuck",
            health.stuck.map_or_else(
                || w.stuck_no.to_owned(),
                |stuck| {
                    let level = lang.kilograms(stuck.level_g);
                    (w.says_stuck)(&level, &lang.count(stuck.times), &lang.span(stuck.for_ms), &lang.day(stuck.on))
                },
            ),
            if health.stuck.is_some() { OUT_OF_ORDER } else { known(IN_ORDER) },
        ),
        check(
            4,
            "scale-mute",
            health.mute.map_or_else(
                || w.mute_no.to_owned(),
                |mute| (w.says_mute)(&lang.count(mute.reads), &lang.day(mute.on)),
            ),
            match health.mute {
                Some(_) => OUT_OF_ORDER,
                None if reads == 0 => UNKNOWN,
                None => IN_ORDER,
            },
        ),
        check(5, "scale-unsteady", share(health.unstable), above(health.unstable, rule.unstable_percent)),
        check(6, "scale-unsteady", share(health.overload), above(health.overload, rule.overload_percent)),
        check(7, "below-minimum-share", share(health.below_min), known(IN_ORDER)),
        check(8, "scale-verification", until, until_of),
    ]
}

async fn gaps(
    site: &Site,
    device: &DeviceId,
    manages: bool,
    lang: Lang,
    t: &'static Texts,
) -> Result<(Vec<GapLine>, String), Problem> {
    let w = t.watch;
    let (store, zone) = (&site.web.store, read::commune(site).zone.clone());
    let line = |log: &LogId, (from, to): (i64, i64), state, on: String, act: &'static str| GapLine {
        log: log.to_string(),
        numbers: if from == to { lang.count(from) } else { format!("{} – {}", lang.count(from), lang.count(to)) },
        range: (from, to),
        count: lang.count(to - from + 1),
        state,
        on,
        act: if manages { act } else { "" },
        receipt: Uuid::now_v7().to_string(),
    };
    let mut lines = Vec::new();
    let mut open = store.gaps(Some(device)).await?;
    // The latest first: behind the tail nothing has come yet.
    open.sort_by_key(|gap| std::cmp::Reverse(gap.next.map_or(i64::MAX, |(_, at)| at.ms())));
    for gap in open {
        let on = gap.next.map_or_else(|| w.tail.to_owned(), |(_, at)| lang.day(zone.day_of(at)));
        lines.push(line(&gap.log, (gap.from, gap.to), w.is_missing, on, "void"));
    }
    for range in store.voided(Some(device)).await? {
        lines.push(line(&range.log, (range.from, range.to), w.is_voided, String::new(), "restore"));
    }
    for (range, _) in store.lost(Some(device)).await? {
        lines.push(line(&range.log, (range.from, range.to), w.is_lost, String::new(), ""));
    }
    let more = i64::try_from(lines.len().saturating_sub(GAPS)).unwrap_or(i64::MAX);
    lines.truncate(GAPS);
    Ok((lines, if more > 0 { (t.register.and_more)(&lang.count(more)) } else { String::new() }))
}

/// Gives what people said of a device's gaps, the latest first.
async fn words(
    site: &Site,
    device: &DeviceId,
    lang: Lang,
    w: &WatchTexts,
) -> Result<Vec<(String, String, String)>, Problem> {
    let zone = read::commune(site).zone.clone();
    let said = site.web.store.corrections(Some(device)).await?;
    Ok(said
        .iter()
        .rev()
        .map(|of| {
            let words = if of.void { w.voided_by } else { w.restored_by };
            let numbers = format!("{} {} – {}", of.log, lang.count(of.from), lang.count(of.to));
            (words(&of.by, &lang.moment(&zone, of.at)), numbers, of.why.clone())
        })
        .collect())
}

/// Counts events by how their time is known; empty: there are none.
fn times(
    days: &[DeviceDay],
    conditions: &[ConditionDay],
    lang: Lang,
    w: &'static WatchTexts,
) -> Vec<(&'static str, &'static str, String, String)> {
    let all: i64 = days.iter().map(|day| day.events.in_use).sum();
    let doubted: i64 = days.iter().map(|day| day.events.clock_doubted).sum();
    let late: i64 = days.iter().map(|day| day.events.late).sum();
    if all == 0 {
        return Vec::new();
    }
    let (first, last) = (days.first().map(|day| day.day), days.last().map(|day| day.day));
    let within = conditions.iter().filter(|(day, _)| first <= Some(*day) && Some(*day) <= last);
    let sum = |of: fn(&Condition) -> i64| -> i64 { within.clone().map(|(_, condition)| of(condition)).sum() };
    let counts = [all - doubted, sum(|c| c.rebuilt), sum(|c| c.neighbour), sum(|c| c.received)];
    let line = |name, more, count: i64| (name, more, lang.count(count), written(part(count, all), lang));
    let mut lines: Vec<_> =
        w.grades.iter().zip(w.grades_more).zip(counts).map(|((name, more), count)| line(*name, more, count)).collect();
    lines.push(line(w.late, w.late_more, late));
    lines
}

/// Writes refusals, the last one and the password, the latter two for those who may see them.
async fn access(
    site: &Site,
    who: &Who,
    device: &DeviceId,
    lang: Lang,
    t: &'static Texts,
) -> Result<(String, String, &'static str), Problem> {
    let w = t.watch;
    let zone = read::commune(site).zone.clone();
    let refused = site.web.store.refusals().await?.into_iter().find(|of| of.device == *device);
    let told = refused.as_ref().map_or_else(
        || w.refused_none.to_owned(),
        |of| (w.refused_times)(&lang.count(of.count), &lang.moment(&zone, of.last)),
    );
    if !who.may(May::Devices) {
        return Ok((told, String::new(), ""));
    }
    let password = match site.web.store.credential(device).await? {
        None => t.password_none,
        Some(credential) if credential.enabled => t.password_given,
        Some(_) => t.password_disabled,
    };
    Ok((told, refused.map_or_else(String::new, |of| format!("{}: {}", of.what, of.detail)), password))
}

/// Writes a reading without whose it is.
fn reading_line(site: &Site, observed: &Observed, lang: Lang, t: &'static Texts) -> ReadingLine {
    let w = t.watch;
    let zone = &read::commune(site).zone;
    let what = match &observed.reading.event {
        Event::Tag { .. } => w.reads_card.to_owned(),
        Event::Weight(weight) => {
            let mass = lang.grams(weight.net_g());
            match (weight.maintenance, weight.stable) {
                (true, _) => (w.reads_calibration)(&mass),
                (false, true) => (w.reads_level)(&mass),
                (false, false) => (w.reads_unstable)(&mass),
            }
        }
        Event::Lift { gross_g, tare_g, .. } => (w.reads_lift)(&lang.grams(gross_g - tare_g)),
        Event::Ticket { gross_g, tare_g, .. } => (w.reads_ticket)(&lang.kilograms(gross_g - tare_g)),
        Event::Heartbeat { battery_mv, zero_g, .. } => {
            let battery = battery_mv.map(|mv| format!("{} {}\u{a0}V", w.battery.to_lowercase(), lang.volts(mv)));
            let zero = zero_g.map(|zero_g| format!("{} {}", w.checks[0].to_lowercase(), lang.grams(zero_g)));
            let said: Vec<String> = battery.into_iter().chain(zero).collect();
            (w.reads_beat)(&said.join(", "))
        }
        Event::Lost { from, to } => (w.reads_lost)(&format!("{} – {}", lang.count(*from), lang.count(*to))),
    };
    let late_ms = observed.reading.received.since(observed.time);
    ReadingLine {
        time: lang.moment(zone, observed.time),
        what,
        clock: match observed.grade {
            Grade::Device => w.grades[0],
            Grade::Rebuilt => w.grades[1],
            Grade::Neighbour => w.grades[2],
            Grade::Received => w.grades[3],
        },
        late: if late_ms > HOUR_MS { format!("+{}", lang.span(late_ms)) } else { String::new() },
    }
}

/// Which days.
#[derive(Debug, Deserialize)]
pub struct DaysAsk {
    from: Option<String>,
    to: Option<String>,
}

impl DaysAsk {
    /// Gives the days asked for; the last 28 when none are.
    pub(super) fn range(&self, site: &Site) -> Result<(LocalDay, LocalDay), Problem> {
        let to = ask::day("to", &self.to)?.unwrap_or_else(|| read::today(site));
        let from = ask::day("from", &self.from)?.unwrap_or(to - (MONTH - 1));
        ask::range(from, to)
    }
}

/// Gives a device's days as a file.
pub async fn device_days_csv(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    Ask(ask): Ask<DaysAsk>,
) -> Result<Response, Problem> {
    let device = known_device(&site, &who, &id).await?;
    let (from, to) = ask.range(&site)?;
    let days = site.web.store.device_days(&device, from, to).await?;
    let mut days: BTreeMap<LocalDay, DeviceDay> = days.into_iter().map(|row| (row.day, row)).collect();
    let conditions = conditions(&site, &device, from, to).await?;
    let mut conditions: BTreeMap<LocalDay, Condition> = conditions.into_iter().collect();
    let rows: Vec<Vec<String>> = from
        .through(to)
        .filter_map(|day| {
            let (row, condition) = (days.remove(&day), conditions.remove(&day));
            (row.is_some() || condition.is_some()).then(|| day_cells(day, row.as_ref(), &condition.unwrap_or_default()))
        })
        .collect();
    Ok(download::csv(&format!("{}-{from}-{to}.csv", segment(device.as_str())), &DAY_HEAD, rows))
}

/// Machine words: a file is for programs and spreadsheets, and its columns keep their names.
const DAY_HEAD: [&str; 27] = [
    "day",
    "completeness_percent",
    "working_ms",
    "scheduled_ms",
    "received",
    "missing",
    "in_use",
    "late",
    "clock_doubted",
    "rebuilt",
    "neighbour",
    "by_arrival",
    "battery_low_mv",
    "battery_last_mv",
    "zero_low_g",
    "zero_mid_g",
    "zero_high_g",
    "settled",
    "unstable",
    "overload",
    "below_min",
    "below_zero",
    "step_g",
    "longest_run",
    "longest_run_g",
    "longest_run_ms",
    "cards_read",
];

fn day_cells(day: LocalDay, row: Option<&DeviceDay>, condition: &Condition) -> Vec<String> {
    let number = |value: Option<i64>| value.map_or_else(String::new, |value| value.to_string());
    let of = |part: fn(&DeviceDay) -> i64| number(row.map(part));
    vec![
        day.to_string(),
        row.and_then(|row| row.completeness().percent()).map_or_else(String::new, |percent| percent.to_string()),
        of(|row| row.working_ms),
        of(|row| row.scheduled_ms),
        of(|row| row.received),
        of(|row| row.missing),
        of(|row| row.events.in_use),
        of(|row| row.events.late),
        of(|row| row.events.clock_doubted),
        condition.rebuilt.to_string(),
        condition.neighbour.to_string(),
        condition.received.to_string(),
        number(condition.battery_low_mv),
        number(condition.battery_last_mv),
        number(condition.zero_low_g),
        number(condition.zero_mid_g),
        number(condition.zero_high_g),
        condition.settled.to_string(),
        condition.unstable.to_string(),
        condition.overload.to_string(),
        condition.below_min.to_string(),
        condition.below_zero.to_string(),
        number(condition.step_g),
        condition.run.to_string(),
        number(condition.run_g),
        condition.run_ms.to_string(),
        condition.reads.to_string(),
    ]
}

/// Records that missing events will never come, or that they may come after all.
pub async fn write_gap(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Redirect, Problem> {
    let device = known_device(&site, &who, &id).await?;
    let number = |name: &str| {
        let text = fields.one(name);
        text.parse::<i64>().map_err(|_| Problem::bad_value(format!("`{name}` is `{text}`, not a number")))
    };
    let (from, to) = (number("from")?, number("to")?);
    let why = fields.one("why");
    if why.is_empty() {
        return Err(Problem::bad_value(
            "the reason is empty; say why these events will never come, or may come after all",
        ));
    }
    if why.chars().count() > WHY_MAX {
        return Err(Problem::bad_value(format!("the reason is longer than {WHY_MAX} characters; shorten it")));
    }
    let void = match fields.one("act") {
        "void" => true,
        "restore" => false,
        other => return Err(Problem::bad_value(format!("unknown act `{other}`; use void or restore"))),
    };
    let receipt = fields.one("id");
    if Uuid::parse_str(receipt).is_err() {
        return Err(Problem::bad_value(format!("`id` is `{receipt}`, not a UUID; load the page again")));
    }
    let log = LogId::new(fields.one("log"));
    let store = &site.web.store;
    let touched = if void {
        store.gaps(Some(&device)).await?.iter().any(|gap| gap.log == log && gap.from <= to && from <= gap.to)
    } else {
        store.voided(Some(&device)).await?.iter().any(|of| of.log == log && of.from <= to && from <= of.to)
    };
    let sent_before = store.corrections(Some(&device)).await?.iter().any(|of| of.id == receipt);
    if !touched && !sent_before {
        let state = if void { "missing" } else { "voided" };
        return Err(Problem::bad_value(format!(
            "no number from {from} to {to} of log `{log}` is {state} any more; load the page again"
        )));
    }
    let correction = Correction {
        id: receipt.to_owned(),
        log,
        from,
        to,
        void,
        why: why.to_owned(),
        at: site.web.clock.now(),
        by: who.account.as_ref().map_or_else(String::new, |account| account.name.clone()),
        device: device.clone(),
    };
    store.correct(&correction, &read::commune(&site).zone).await?;
    Ok(Redirect::to(&format!("{}#missing", device_href(&device))))
}
