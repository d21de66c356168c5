//! Alerts, and saying that one takes care of them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::operations::Written;
use super::{PageOf, stamp};
use crate::domain::alert::{AlertKind, Subject};
use crate::domain::time::{Instant, Zone};
use crate::store::{Acknowledged, Acknowledgement, KeptAlert, PastAlerts};
use crate::web::ask::{self, Ask};
use crate::web::equipment;
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;

/// Alerts of the past given when no number is asked for, and at most.
const LIMIT: i64 = 100;
const LIMIT_MAX: i64 = 1_000;
/// Longest note, characters.
const NOTE_MAX: usize = 500;

/// Which alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlertsAsk {
    /// `open` (when left out) or `past`.
    show: Option<String>,
    /// A kind only.
    kind: Option<String>,
    /// A device only.
    device: Option<String>,
    /// A collection point or route only.
    place: Option<String>,
    /// A hamlet only; of `open` ones its points and devices too.
    area: Option<String>,
    /// Of `past` ones: rows at most, 1 to 1 000; 100 when left out.
    limit: Option<String>,
    /// Of `past` ones: the page after this `next`.
    after: Option<String>,
}

/// That somebody takes care of an alert.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcknowledgementOf {
    /// Who.
    by: String,
    #[schema(format = DateTime)]
    at: String,
    /// What they say; may be empty.
    note: String,
}

/// An alert.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertOf {
    id: String,
    /// Machine word of the kind.
    kind: &'static str,
    /// `alarm`, `warning` or `notice`.
    severity: &'static str,
    /// What it is about: `commune`, `area`, `place` or `device`.
    of: &'static str,
    /// The code of that; empty for the commune.
    code: String,
    /// What was found, in numbers; members by kind.
    #[schema(value_type = Object)]
    cause: serde_json::Value,
    #[schema(format = DateTime)]
    first_seen: String,
    /// When people were told.
    #[schema(format = DateTime)]
    raised: Option<String>,
    #[schema(format = DateTime)]
    last_seen: String,
    /// Since when it is gone and rests before it closes; null: it holds, or nothing is proven.
    #[schema(format = DateTime)]
    clear_since: Option<String>,
    /// When it had ended; null: it is open.
    #[schema(format = DateTime)]
    resolved: Option<String>,
    /// Who takes care; null: nobody.
    acknowledged: Option<AcknowledgementOf>,
}

fn alert_of(zone: &Zone, kept: KeptAlert) -> AlertOf {
    let alert = kept.alert;
    let moment = |at: Option<Instant>| at.map(|at| stamp(zone, at));
    let (of, code) = alert.subject.parts();
    AlertOf {
        kind: alert.kind().as_str(),
        severity: alert.kind().severity().as_str(),
        of,
        code: code.to_owned(),
        cause: serde_json::to_value(&alert.cause).unwrap_or_default(),
        first_seen: stamp(zone, alert.first_seen),
        raised: moment(alert.raised),
        last_seen: stamp(zone, alert.last_seen),
        clear_since: moment(alert.clear_since),
        resolved: moment(alert.resolved),
        acknowledged: kept.acknowledged.map(|said| AcknowledgementOf {
            by: said.by,
            at: stamp(zone, said.at),
            note: said.note,
        }),
        id: alert.id,
    }
}

/// Alerts: open ones, the most important first, all of them; or those that have ended, the last first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "devices", params(AlertsAsk),
    responses((status = 200, body = PageOf<AlertOf>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn alerts(
    State(site): State<Arc<Site>>,
    Ask(asked): Ask<AlertsAsk>,
) -> Result<Json<PageOf<AlertOf>>, Problem> {
    let kinds: Vec<&str> = AlertKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kind = ask::word("kind", &asked.kind, &kinds, AlertKind::from_word)?;
    let area = ask::area(&site, &asked.area)?;
    let device = ask::given(&asked.device).map(|code| Subject::Device(code.into()));
    let place = ask::given(&asked.place).map(|code| Subject::Place(code.into()));
    let subject = device.or(place);
    let past = ask::word("show", &asked.show, &["open", "past"], |word| match word {
        "open" => Some(false),
        "past" => Some(true),
        _ => None,
    })?;
    let zone = read::commune(&site).zone.clone();
    if past != Some(true) {
        let mut open = equipment::raised(&site).await?;
        open.retain(|kept| {
            kind.is_none_or(|kind| kept.alert.kind() == kind)
                && subject.as_ref().is_none_or(|subject| kept.alert.subject == *subject)
                && area
                    .as_ref()
                    .is_none_or(|area| equipment::area_of(&site, &kept.alert.subject).as_ref() == Some(area))
        });
        let rows = open.into_iter().map(|kept| alert_of(&zone, kept)).collect();
        return Ok(Json(PageOf { rows, next: None }));
    }
    let after = ask::given(&asked.after)
        .map(|text| {
            let parts = text.split_once('~').and_then(|(ms, id)| Some((ms.parse().ok()?, id.to_owned())));
            parts.map(|(ms, id): (i64, String)| (Instant::from_ms(ms), id)).ok_or_else(|| {
                Problem::bad_value(format!("parameter `after`: `{text}` is not a `next`; leave it out to begin"))
            })
        })
        .transpose()?;
    let limit = ask::limit(&asked.limit, LIMIT, LIMIT_MAX)?;
    let query = PastAlerts { kind, subject: subject.or(area.map(Subject::Area)), after, limit: limit + 1 };
    let mut found = site.web.store.past_alerts(&query).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more).and_then(|kept| Some((kept.alert.resolved?, kept.alert.id.clone())));
    Ok(Json(PageOf {
        next: last.map(|(at, id)| format!("{}~{id}", at.ms())),
        rows: found.into_iter().map(|kept| alert_of(&zone, kept)).collect(),
    }))
}

/// What is said of an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledging {
    /// A UUID made by the client: the same one twice is kept once.
    id: String,
    /// What one says; at most 500 characters.
    #[serde(default)]
    note: String,
    /// An earlier acknowledgement is taken back.
    #[serde(default)]
    taken_back: bool,
}

/// The alert as it stands afterwards.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcknowledgedOf {
    /// The client's id.
    id: String,
    /// The alert.
    alert: AlertOf,
}

/// Tells that somebody takes care of an alert, or does not after all. It stays acknowledged until it has ended; what comes back
/// afterwards is another alert.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/acknowledge", tag = "devices", params(("id" = String, Path, description = "Its id")),
    request_body = Acknowledging,
    responses((status = 200, body = AcknowledgedOf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn acknowledge_alert(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(alert): Path<String>,
    Written(sent): Written<Acknowledging>,
) -> Result<Json<AcknowledgedOf>, Problem> {
    let said = Acknowledgement {
        id: sent.id,
        alert: alert.clone(),
        taken_back: sent.taken_back,
        note: sent.note,
        at: site.web.clock.now(),
        by: who.account.as_ref().map_or_else(String::new, |account| account.name.clone()),
    };
    let unknown = || Problem::not_found(format!("there is no alert `{alert}`; /api/v1/alerts lists them"));
    match acknowledged(&site, &said).await? {
        Acknowledged::Done => {}
        Acknowledged::Unknown => return Err(unknown()),
        Acknowledged::Over => {
            return Err(Problem::taken(format!("alert `{alert}` has ended; nothing is left to take care of")));
        }
    }
    let kept = site.web.store.alert(&alert).await?.ok_or_else(unknown)?;
    let zone = read::commune(&site).zone.clone();
    Ok(Json(AcknowledgedOf { id: said.id, alert: alert_of(&zone, kept) }))
}

/// Keeps an acknowledgement, for whoever sends it, page or program, and counts anew.
pub async fn acknowledged(site: &Site, said: &Acknowledgement) -> Result<Acknowledged, Problem> {
    if Uuid::parse_str(&said.id).is_err() {
        return Err(Problem::bad_value(format!(
            "`id` is `{}`, not a UUID; make one for each acknowledgement",
            said.id
        )));
    }
    if said.note.chars().count() > NOTE_MAX {
        return Err(Problem::bad_value(format!("`note` is longer than {NOTE_MAX} characters; shorten it")));
    }
    let outcome = site.web.store.acknowledge(said).await?;
    equipment::recount(site).await?;
    Ok(outcome)
}
