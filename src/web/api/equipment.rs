//! Devices, what is known to be missing, and what could not be read: for those who keep the system running.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{RowsOf, stamp};
use crate::domain::condition::Condition;
use crate::domain::ids::{DeviceId, LogId};
use crate::domain::state::Proof;
use crate::domain::time::{LocalDay, Zone};
use crate::domain::units::Percent;
use crate::store::{
    Credential, DeviceDay, DeviceRefusals, DeviceStatus, Gap, NumberRange, QuarantineRow, ReplayOutcome, Replayed,
};
use crate::web::ask::{self, Ask};
use crate::web::equipment::{MONTH, known_device};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::table::May;

/// Quarantined messages listed when no number is asked for, and at most.
const QUARANTINE: i64 = 200;
const QUARANTINE_MAX: i64 = 2_000;

/// A device: what the register says and what was heard of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceOf {
    #[schema(value_type = String)]
    device: DeviceId,
    /// Point, route or vehicle; null: not registered.
    place: Option<String>,
    /// `tag_reader`, `scale`, `combined` or `weighbridge`; null: not registered.
    kind: Option<&'static str>,
    /// Payload profile; null: not registered.
    profile: Option<String>,
    /// What its events can prove about their completeness: `exact`, `counted` or `best_effort`; null: not registered.
    proof: Option<&'static str>,
    /// The stream that it measures; null: its events name theirs.
    stream: Option<String>,
    /// When it was heard of last; null: never.
    #[schema(format = DateTime)]
    last_seen: Option<String>,
    /// What its state message says; null: it never said.
    online: Option<bool>,
    /// Events received.
    received: i64,
    /// Events known to be missing.
    missing: i64,
    /// Battery, millivolts; null: never said.
    battery_mv: Option<i64>,
    /// Firmware; null: never said.
    firmware: Option<String>,
    /// Whether it may log in at the embedded broker with a password; null: it has none, or the asker is no admin.
    password_enabled: Option<bool>,
    /// When its password was made; null: it has none, or the asker is no admin.
    #[schema(format = DateTime)]
    password_made: Option<String>,
    /// How often the embedded broker refused it something.
    refused: i64,
    /// What was refused last; null: nothing was, or the asker is no admin.
    last_refusal: Option<RefusalOf>,
    /// Last day of the scale's legal verification.
    #[schema(value_type = Option<String>, format = Date)]
    verified_until: Option<crate::domain::time::LocalDay>,
}

/// A refusal of the embedded broker.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalOf {
    #[schema(format = DateTime)]
    at: String,
    /// `login`, `publish` or `subscribe`.
    what: String,
    /// The topic, or why the login was refused.
    detail: String,
}

/// A registered device or one that was heard of, with all sides.
pub struct Known {
    /// Its id.
    pub device: DeviceId,
    /// What the register says today.
    pub registered: Option<crate::domain::register::Device>,
    /// What was heard of it.
    pub status: Option<DeviceStatus>,
    /// What it logs in with.
    pub credential: Option<Credential>,
    /// How often it was turned away.
    pub refusals: Option<DeviceRefusals>,
}

/// Reads every device that is registered or was heard of, by id.
pub async fn known_devices(site: &Site) -> Result<Vec<Known>, Problem> {
    let today = read::today(site);
    let mut heard: BTreeMap<DeviceId, DeviceStatus> =
        site.web.store.devices().await?.into_iter().map(|status| (status.device.clone(), status)).collect();
    let credentials = site.web.store.credentials().await?;
    let mut credentials: BTreeMap<DeviceId, Credential> =
        credentials.into_iter().map(|credential| (credential.device.clone(), credential)).collect();
    let refusals = site.web.store.refusals().await?;
    let mut refusals: BTreeMap<DeviceId, DeviceRefusals> =
        refusals.into_iter().map(|refused| (refused.device.clone(), refused)).collect();
    let register = site.web.register.borrow().clone();
    let mut known: Vec<Known> = register
        .devices
        .iter()
        .map(|(id, versions)| Known {
            device: id.clone(),
            registered: Some(versions.on(today).clone()),
            status: heard.remove(id),
            credential: credentials.remove(id),
            refusals: refusals.remove(id),
        })
        .collect();
    known.extend(heard.into_iter().map(|(device, status)| Known {
        credential: credentials.remove(&device),
        refusals: refusals.remove(&device),
        device,
        registered: None,
        status: Some(status),
    }));
    known.sort_by(|one, other| one.device.cmp(&other.device));
    Ok(known)
}

/// Devices with their state.
#[utoipa::path(get, path = "/api/v1/devices", tag = "devices",
    responses((status = 200, body = RowsOf<DeviceOf>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn devices(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
) -> Result<Json<RowsOf<DeviceOf>>, Problem> {
    let manages = who.may(May::Devices);
    let zone = read::commune(&site).zone.clone();
    let rows = known_devices(&site)
        .await?
        .into_iter()
        .map(|known| {
            let registered = known.registered.as_ref();
            let status = known.status.as_ref();
            DeviceOf {
                place: registered.map(|device| device.place.to_string()),
                kind: registered.map(|device| device.kind.as_str()),
                profile: registered.map(|device| device.profile.clone()),
                proof: registered.and_then(|device| Proof::of_profile(&device.profile)).map(Proof::as_str),
                stream: registered.and_then(|device| device.stream.as_ref()).map(ToString::to_string),
                last_seen: status.and_then(|status| status.last_seen).map(|at| stamp(&zone, at)),
                online: status.and_then(|status| status.online),
                received: status.map_or(0, |status| status.received),
                missing: status.map_or(0, |status| status.missing),
                battery_mv: status.and_then(|status| status.battery_mv),
                firmware: status.and_then(|status| status.firmware.clone()),
                password_enabled: known.credential.as_ref().filter(|_| manages).map(|credential| credential.enabled),
                password_made: known.credential.as_ref().filter(|_| manages).map(|of| stamp(&zone, of.made)),
                refused: known.refusals.as_ref().map_or(0, |refused| refused.count),
                last_refusal: known.refusals.filter(|_| manages).map(|refused| RefusalOf {
                    at: stamp(&zone, refused.last),
                    what: refused.what,
                    detail: refused.detail,
                }),
                verified_until: registered.and_then(|device| device.verified_until),
                device: known.device,
            }
        })
        .collect();
    Ok(Json(RowsOf { rows }))
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeviceDaysAsk {
    /// First day; 28 days before the last when left out.
    from: Option<String>,
    /// Last day; today when left out.
    to: Option<String>,
}

/// A day of a device: how complete it is, and what its own events tell of its condition.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceDayOf {
    #[schema(value_type = String, format = Date)]
    day: LocalDay,
    /// Percent with two decimals; null: no round needed it.
    #[schema(value_type = Option<f64>)]
    completeness_percent: Option<Percent>,
    /// Working within its rounds, milliseconds.
    working_ms: i64,
    /// Scheduled by its rounds, milliseconds.
    scheduled_ms: i64,
    /// Events received.
    received: i64,
    /// Events known to be missing before one received on this day.
    missing: i64,
    /// Events in use: heartbeats left out.
    in_use: i64,
    /// Of these, more than an hour late.
    late: i64,
    /// Of these, whose time is not the device's own.
    clock_doubted: i64,
    /// Battery, zero, levels, step, run of equal levels, cards read; members as in the CSV file.
    #[schema(value_type = Object)]
    condition: Condition,
}

/// A device's days.
#[utoipa::path(get, path = "/api/v1/devices/{device}/days", tag = "devices",
    params(("device" = String, Path, description = "Its id"), DeviceDaysAsk),
    responses((status = 200, body = RowsOf<DeviceDayOf>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn device_days(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(device): Path<String>,
    Ask(asked): Ask<DeviceDaysAsk>,
) -> Result<Json<RowsOf<DeviceDayOf>>, Problem> {
    let device = known_device(&site, &who, &device).await?;
    let to = ask::day("to", &asked.to)?.unwrap_or_else(|| read::today(&site));
    let from = ask::day("from", &asked.from)?.unwrap_or(to - (MONTH - 1));
    let (from, to) = ask::range(from, to)?;
    let days = site.web.store.device_days(&device, from, to).await?;
    let mut days: BTreeMap<LocalDay, DeviceDay> = days.into_iter().map(|row| (row.day, row)).collect();
    let conditions = site.web.store.conditions(Some(&device), from, to).await?;
    let mut conditions: BTreeMap<LocalDay, Condition> =
        conditions.into_iter().map(|row| (row.day, row.condition)).collect();
    let rows = from.through(to).filter_map(|day| {
        let (row, condition) = (days.remove(&day), conditions.remove(&day));
        if row.is_none() && condition.is_none() {
            return None;
        }
        let of = |part: fn(&DeviceDay) -> i64| row.as_ref().map_or(0, part);
        Some(DeviceDayOf {
            day,
            completeness_percent: row.as_ref().and_then(|row| row.completeness().percent()),
            working_ms: of(|row| row.working_ms),
            scheduled_ms: of(|row| row.scheduled_ms),
            received: of(|row| row.received),
            missing: of(|row| row.missing),
            in_use: of(|row| row.events.in_use),
            late: of(|row| row.events.late),
            clock_doubted: of(|row| row.events.clock_doubted),
            condition: condition.unwrap_or_default(),
        })
    });
    Ok(Json(RowsOf { rows: rows.collect() }))
}

/// Of which device.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GapsAsk {
    /// Device; every one when left out.
    device: Option<String>,
}

/// A range of events known to be missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapOf {
    #[schema(value_type = String)]
    device: DeviceId,
    #[schema(value_type = String)]
    log: LogId,
    /// First missing number.
    from: i64,
    /// Last missing number.
    to: i64,
    /// The local day on which they count, that of the next event received; null: none was, and the device's state message
    /// tells of them.
    #[schema(value_type = Option<String>, format = Date)]
    on: Option<crate::domain::time::LocalDay>,
}

/// A range of numbers that are gone and do not count as missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct NumbersOf {
    #[schema(value_type = String)]
    device: DeviceId,
    #[schema(value_type = String)]
    log: LogId,
    /// First number.
    from: i64,
    /// Last number.
    to: i64,
}

/// What is missing, and what is gone for ever.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapList {
    /// Ranges known to be missing.
    rows: Vec<GapOf>,
    /// Ranges that the devices declared lost. They count neither as received nor as missing.
    lost: Vec<NumbersOf>,
    /// Missing ranges that a person voided, with a reason.
    voided: Vec<NumbersOf>,
}

/// Events known to be missing, by log.
#[utoipa::path(get, path = "/api/v1/gaps", tag = "devices", params(GapsAsk),
    responses((status = 200, body = GapList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn gaps(State(site): State<Arc<Site>>, Ask(asked): Ask<GapsAsk>) -> Result<Json<GapList>, Problem> {
    let device = ask::given(&asked.device).map(DeviceId::from);
    let (store, zone) = (&site.web.store, read::commune(&site).zone.clone());
    let gaps = store.gaps(device.as_ref()).await?;
    let lost = store.lost(device.as_ref()).await?;
    let voided = store.voided(device.as_ref()).await?;
    let on = |gap: &Gap| gap.next.map(|(_, at)| zone.day_of(at));
    let rows = gaps
        .into_iter()
        .map(|gap| GapOf { on: on(&gap), device: gap.device, log: gap.log, from: gap.from, to: gap.to })
        .collect();
    let numbers =
        |range: NumberRange| NumbersOf { device: range.device, log: range.log, from: range.from, to: range.to };
    Ok(Json(GapList {
        rows,
        lost: lost.into_iter().map(|(range, _)| numbers(range)).collect(),
        voided: voided.into_iter().map(numbers).collect(),
    }))
}

/// How many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct QuarantineAsk {
    /// Rows at most, 1 to 2 000; 200 when left out.
    limit: Option<String>,
}

/// A message that could not be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineOf {
    id: String,
    /// Machine word of the reason.
    code: String,
    /// What is wrong and how to put it right.
    reason: String,
    topic: String,
    /// The device, where the topic names one.
    device: Option<String>,
    #[schema(format = DateTime)]
    first_seen: String,
    #[schema(format = DateTime)]
    last_seen: String,
    /// How often it came.
    count: i64,
    /// Size of the raw bytes.
    size_bytes: i64,
    /// All of it is kept, so that it can be replayed.
    replayable: bool,
    /// What the last replay gave: `taken`, `refused` or `conflict`; null: never replayed.
    outcome: Option<&'static str>,
    /// When it was replayed last.
    #[schema(format = DateTime)]
    replayed_at: Option<String>,
    /// Who replayed it.
    replayed_by: Option<String>,
}

/// How often a reason was met.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineTotal {
    /// Machine word of the reason.
    code: String,
    /// How often.
    count: i64,
}

/// The quarantine.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineList {
    /// Messages, latest first.
    rows: Vec<QuarantineOf>,
    /// How often each reason was met, of what is still refused.
    totals: Vec<QuarantineTotal>,
    /// Rows held.
    held: i64,
    /// Bytes that they take, roughly.
    held_bytes: i64,
    /// Rows dropped since the beginning, for want of room.
    dropped: i64,
    /// Rows held whose event is stored with other content.
    conflicts: i64,
}

/// A quarantined message with its raw bytes.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineDetail {
    #[serde(flatten)]
    row: QuarantineOf,
    /// The raw bytes, hexadecimal; only the beginning where it is not replayable.
    raw_hex: String,
    /// The raw bytes as text; null: they are not UTF-8.
    raw_text: Option<String>,
}

/// What a replay gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayOf {
    id: String,
    /// `taken`: all of it is stored; `refused`: still refused, with the present reason; `conflict`: stored with other content.
    outcome: &'static str,
}

fn quarantine_of(zone: &Zone, row: QuarantineRow) -> QuarantineOf {
    QuarantineOf {
        first_seen: stamp(zone, row.first_seen),
        last_seen: stamp(zone, row.last_seen),
        id: row.id,
        code: row.code,
        reason: row.reason,
        topic: row.topic,
        device: row.device,
        count: row.count,
        size_bytes: row.size_bytes,
        replayable: row.whole,
        outcome: row.outcome.map(ReplayOutcome::as_str),
        replayed_at: row.replayed.map(|at| stamp(zone, at)),
        replayed_by: row.replayed_by,
    }
}

fn no_such_row(id: &str) -> Problem {
    Problem::not_found(format!("nothing is kept under `{id}`; /api/v1/quarantine lists what is"))
}

/// A message that could not be read, with its raw bytes.
#[utoipa::path(get, path = "/api/v1/quarantine/{id}", tag = "devices", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = QuarantineDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn quarantined(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
) -> Result<Json<QuarantineDetail>, Problem> {
    let zone = read::commune(&site).zone.clone();
    let row = site.web.store.quarantined(&id).await?.ok_or_else(|| no_such_row(&id))?;
    let raw_hex = site.web.store.quarantined_raw(&id).await?.unwrap_or_default();
    let raw_text = hex::decode(&raw_hex).ok().and_then(|raw| String::from_utf8(raw).ok());
    Ok(Json(QuarantineDetail { row: quarantine_of(&zone, row), raw_hex, raw_text }))
}

/// Decodes a message of the quarantine again, under the present register and rules, with its first receive time. What is good now
/// is stored; what was taken before is left as it is.
#[utoipa::path(post, path = "/api/v1/quarantine/{id}/replay", tag = "devices", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = ReplayOf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn replay(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Result<Json<ReplayOf>, Problem> {
    let outcome = replayed(&site, &who, &id).await?;
    Ok(Json(ReplayOf { id, outcome: outcome.as_str() }))
}

/// Replays for whoever asks, page or program.
pub async fn replayed(site: &Site, who: &Who, id: &str) -> Result<ReplayOutcome, Problem> {
    let by = who.account.as_ref().map_or_else(String::new, |account| account.name.clone());
    match (site.web.replay)(id.to_owned(), by).await? {
        Replayed::Done(outcome) => Ok(outcome),
        Replayed::Unknown => Err(no_such_row(id)),
        Replayed::Cut => Err(Problem::bad_value(format!(
            "only the beginning of `{id}` is kept: it was above 256 KiB; let the device send it again in smaller messages"
        ))),
    }
}

/// Messages that could not be read, latest first.
#[utoipa::path(get, path = "/api/v1/quarantine", tag = "devices", params(QuarantineAsk),
    responses((status = 200, body = QuarantineList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn quarantine(
    State(site): State<Arc<Site>>,
    Ask(asked): Ask<QuarantineAsk>,
) -> Result<Json<QuarantineList>, Problem> {
    let limit = ask::limit(&asked.limit, QUARANTINE, QUARANTINE_MAX)?;
    let zone = read::commune(&site).zone.clone();
    let rows = site.web.store.quarantine(limit).await?;
    let totals = site.web.store.quarantine_totals().await?;
    let sum = site.web.store.quarantine_sum().await?;
    Ok(Json(QuarantineList {
        rows: rows.into_iter().map(|row| quarantine_of(&zone, row)).collect(),
        held: sum.rows,
        held_bytes: sum.bytes,
        dropped: sum.dropped,
        conflicts: sum.conflicts,
        totals: totals.into_iter().map(|(code, count)| QuarantineTotal { code, count }).collect(),
    }))
}
