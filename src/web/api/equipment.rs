//! Devices, what is known to be missing, and what could not be read: for those who keep the system running.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{RowsOf, stamp};
use crate::domain::ids::{DeviceId, LogId};
use crate::store::{DeviceStatus, Gap, NumberRange};
use crate::web::ask::{self, Ask};
use crate::web::guard::Site;
use crate::web::problem::Problem;
use crate::web::read;

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
    /// Last day of the scale's legal verification.
    #[schema(value_type = Option<String>, format = Date)]
    verified_until: Option<crate::domain::time::LocalDay>,
}

/// A registered device or one that was heard of, with both sides.
pub struct Known {
    /// Its id.
    pub device: DeviceId,
    /// What the register says today.
    pub registered: Option<crate::domain::register::Device>,
    /// What was heard of it.
    pub status: Option<DeviceStatus>,
}

/// Reads every device that is registered or was heard of, by id.
pub async fn known_devices(site: &Site) -> Result<Vec<Known>, Problem> {
    let today = read::today(site);
    let mut heard: BTreeMap<DeviceId, DeviceStatus> =
        site.web.store.devices().await?.into_iter().map(|status| (status.device.clone(), status)).collect();
    let register = site.web.register.borrow().clone();
    let mut known: Vec<Known> = register
        .devices
        .iter()
        .map(|(id, versions)| Known {
            device: id.clone(),
            registered: Some(versions.on(today).clone()),
            status: heard.remove(id),
        })
        .collect();
    known.extend(heard.into_iter().map(|(device, status)| Known { device, registered: None, status: Some(status) }));
    known.sort_by(|one, other| one.device.cmp(&other.device));
    Ok(known)
}

/// Devices with their state.
#[utoipa::path(get, path = "/api/v1/devices", tag = "devices",
    responses((status = 200, body = RowsOf<DeviceOf>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn devices(State(site): State<Arc<Site>>) -> Result<Json<RowsOf<DeviceOf>>, Problem> {
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
                stream: registered.and_then(|device| device.stream.as_ref()).map(ToString::to_string),
                last_seen: status.and_then(|status| status.last_seen).map(|at| stamp(&zone, at)),
                online: status.and_then(|status| status.online),
                received: status.map_or(0, |status| status.received),
                missing: status.map_or(0, |status| status.missing),
                battery_mv: status.and_then(|status| status.battery_mv),
                firmware: status.and_then(|status| status.firmware.clone()),
                verified_until: registered.and_then(|device| device.verified_until),
                device: known.device,
            }
        })
        .collect();
    Ok(Json(RowsOf { rows }))
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
    /// How often each reason was met, in all.
    totals: Vec<QuarantineTotal>,
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
    Ok(Json(QuarantineList {
        rows: rows
            .into_iter()
            .map(|row| QuarantineOf {
                first_seen: stamp(&zone, row.first_seen),
                last_seen: stamp(&zone, row.last_seen),
                id: row.id,
                code: row.code,
                reason: row.reason,
                topic: row.topic,
                device: row.device,
                count: row.count,
                size_bytes: row.size_bytes,
            })
            .collect(),
        totals: totals.into_iter().map(|(code, count)| QuarantineTotal { code, count }).collect(),
    }))
}
