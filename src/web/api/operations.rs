//! What crews, visitors and officers state: rounds, pickups, findings, visits, and what does not hold any more.
//!
//! Each write carries an id that the client made. The same id with the same content answers the first receipt again, so that a phone
//! without signal may send as often as it likes; with other content it is refused, and the first stays.
//!
//! # Why
//! A write that names an unknown household, place or stream is refused at once and not kept here: the sender is a person with
//! the screen still before them, and their outbox keeps the item with the reason.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Request, State as Shared};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::stamp;
use crate::domain::facts::{CrewResult, Operation, Statement};
use crate::domain::ids::{AreaCode, DeviceId, EventId, HouseholdCode, LogId, PlaceCode, StreamCode};
use crate::domain::proposal::VISITS_A_DAY_MAX;
use crate::domain::state::{FindingKind, Pathway, PathwayLevel, VisitResult};
use crate::domain::time::{Instant, LocalDay, MINUTE_MS};
use crate::domain::visit::{self, Found, StreamFound};
use crate::store::{Account, Role};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::scope::Scope;

/// How far a phone's clock may be ahead.
const AHEAD_MS: i64 = 5 * MINUTE_MS;
/// Greatest weight typed by hand, grams: what nobody lifts.
const MANUAL_G_MAX: i64 = 300_000;
/// Longest reason, characters.
const REASON_MAX: usize = 500;

/// A body in JSON; what cannot be read is told as a problem.
pub struct Written<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Written<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Problem::bad_value(format!("the body cannot be read: {}", rejection.body_text())))?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Problem::bad_value(format!("the body is not what this address takes: {error}")))
    }
}

/// An instant: RFC 3339 with zone, or milliseconds since 1970 UTC.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum At {
    /// Milliseconds since 1970 UTC.
    Ms(i64),
    /// RFC 3339 with zone.
    Text(String),
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Receipt {
    /// The id that the client made.
    pub id: Uuid,
    /// When it was recorded first, RFC 3339.
    #[schema(format = DateTime)]
    pub recorded_at: String,
    /// Whose record it is.
    pub by: String,
}

/// A round is opened or closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundWritten {
    pub(crate) id: Uuid,
    pub(crate) place: String,
    pub(crate) stream: String,
    #[schema(value_type = String, format = Date)]
    pub(crate) service_date: LocalDay,
    pub(crate) action: RoundAction,
    pub(crate) at: At,
    pub(crate) simulated: Option<bool>,
}

/// What is done with a round.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundAction {
    /// It begins.
    Open,
    /// It ends.
    Close,
}

/// A pickup that a crew logged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PickupWritten {
    pub(crate) id: Uuid,
    pub(crate) at: At,
    pub(crate) household: String,
    pub(crate) place: String,
    pub(crate) stream: String,
    #[schema(value_type = String)]
    pub(crate) result: CrewResult,
    /// Why the result is what it is, in the crew's words.
    pub(crate) reason: Option<String>,
    /// Weight typed by hand, grams, 1 to 300 000.
    pub(crate) manual_g: Option<i64>,
    /// The scale reading that this pickup used.
    pub(crate) reading: Option<ReadingNamed>,
    pub(crate) simulated: Option<bool>,
}

/// A device's event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingNamed {
    device: String,
    log: String,
    seq: i64,
}

/// A pickup does not hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidWritten {
    pub id: Uuid,
    pub at: At,
    pub reason: String,
    /// Of what was stated first in a write: everything else that the same write stated goes with it. A visit takes it along anyway.
    #[serde(default)]
    pub whole: bool,
    pub simulated: Option<bool>,
}

/// A finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingWritten {
    id: Uuid,
    at: At,
    household: String,
    /// Left out: names none.
    stream: Option<String>,
    #[schema(value_type = String)]
    finding: FindingKind,
    /// What was seen, in the crew's words.
    reason: Option<String>,
    simulated: Option<bool>,
}

/// A visit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitWritten {
    /// Made by the client.
    pub id: Uuid,
    /// The day of the visit.
    #[schema(value_type = String, format = Date)]
    pub on: LocalDay,
    /// The household's code.
    pub household: String,
    /// What was found, `sorting` or `not_sorting`; left out where `streams` tells it.
    #[schema(value_type = Option<String>)]
    pub result: Option<VisitResult>,
    /// The stream that `result` names; left out: names none.
    pub stream: Option<String>,
    /// Home pathways that were seen, beside `result`.
    #[serde(default)]
    pub pathways: Vec<PathwayWritten>,
    /// What was seen or heard of each stream, instead of `result`.
    #[serde(default)]
    pub streams: Vec<FoundWritten>,
    /// Says whether the write is of a simulated commune.
    pub simulated: Option<bool>,
}

/// A home pathway that was seen on a visit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathwayWritten {
    /// The stream.
    pub stream: String,
    /// How it is treated.
    #[schema(value_type = String)]
    pub pathway: Pathway,
}

/// What was seen or heard of a stream.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundWritten {
    /// The stream.
    pub stream: String,
    /// `sorting`: seen; `not_sorting`; `declared`: said and not seen.
    #[schema(value_type = String)]
    pub found: Found,
    /// How it is treated at home: seen, or said.
    #[schema(value_type = Option<String>)]
    pub pathway: Option<Pathway>,
}

/// What every write asks of the register and the clock.
pub(super) struct Desk<'a> {
    site: &'a Site,
    pub(super) account: &'a Account,
    pub(super) now: Instant,
}

impl<'a> Desk<'a> {
    pub(super) fn open(site: &'a Site, who: &'a Who, simulated: Option<bool>) -> Result<Self, Problem> {
        let account = who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in to write"))?;
        let commune = read::commune(site);
        match simulated {
            Some(simulated) if simulated != commune.simulated => Err(Problem::unusable(format!(
                "`simulated` is {simulated}, and this commune's data is {}: the two are never mixed",
                if commune.simulated { "simulated" } else { "real" }
            ))),
            Some(_) | None => Ok(Self { site, account, now: site.web.clock.now() }),
        }
    }

    pub(super) fn at(&self, at: &At) -> Result<Instant, Problem> {
        let at = match at {
            At::Ms(ms) => Instant::from_ms(*ms),
            At::Text(text) => text.parse::<jiff::Timestamp>().map(Instant::from).map_err(|_| {
                Problem::bad_value(format!(
                    "`at`: `{text}` is no time; write 2026-11-23T18:05:00+07:00 or milliseconds since 1970"
                ))
            })?,
        };
        self.not_ahead("at", at)?;
        Ok(at)
    }

    pub(super) fn not_ahead(&self, name: &str, at: Instant) -> Result<(), Problem> {
        if at > self.now.plus_ms(AHEAD_MS) {
            let zone = read::commune(self.site).zone.clone();
            return Err(Problem::unusable(format!(
                "`{name}` is {}, which has not come yet; set the phone's clock",
                stamp(&zone, at)
            )));
        }
        Ok(())
    }

    pub(super) fn stream(&self, code: &str) -> Result<StreamCode, Problem> {
        let commune = read::commune(self.site);
        commune.stream(code).map(|stream| stream.code.clone()).ok_or_else(|| {
            let known: Vec<&str> = commune.streams.iter().map(|stream| stream.code.as_str()).collect();
            Problem::unusable(format!("unknown stream `{code}`; streams are {}", known.join(", ")))
        })
    }

    pub(super) fn place(&self, code: &str) -> Result<PlaceCode, Problem> {
        let place = PlaceCode::from(code);
        let register = self.site.web.register.borrow();
        let known = register.points.contains_key(&place)
            || register.scheduled_places().any(|scheduled| *scheduled == place)
            || !register.households_at(&place).is_empty();
        if known {
            Ok(place)
        } else {
            Err(Problem::unusable(format!("unknown place `{code}`; use a point's or route's code")))
        }
    }

    /// Finds a place in the account's scope: what is said of a round there is said of everybody who is served.
    pub(super) fn own_place(&self, code: &str, on: LocalDay) -> Result<PlaceCode, Problem> {
        let place = self.place(code)?;
        let register = self.site.web.register.borrow();
        if Scope::of_account(self.account).admits_place(&register, &place, on) {
            return Ok(place);
        }
        Err(Problem::forbidden(format!("place `{place}` lies outside the hamlets of account `{}`", self.account.name)))
    }

    /// Finds a household that is registered on a day and in the account's scope.
    pub(super) fn household(&self, code: &str, on: LocalDay) -> Result<HouseholdCode, Problem> {
        let register = self.site.web.register.borrow();
        let Some((code, spells)) = register.households.get_key_value(code) else {
            return Err(Problem::unusable(format!("unknown household `{code}`; check the code on the card")));
        };
        let area: &AreaCode = spells.on(on).map_or(&spells.newest().area, |household| &household.area);
        let areas = &self.account.areas;
        // A visitor without hamlets has none; officers and crews without any have the whole commune.
        let everywhere =
            areas.is_empty() && [Role::Officer, Role::Crew].iter().any(|role| self.account.roles.contains(role));
        if everywhere || areas.contains(area) {
            Ok(code.clone())
        } else {
            Err(Problem::forbidden(format!(
                "household `{code}` is in area `{area}`, which is not one of account `{}`'s",
                self.account.name
            )))
        }
    }

    /// Refuses to take back a pickup that nobody knows, or of another hamlet.
    async fn may_void(&self, pickup: &str) -> Result<(), Problem> {
        let derived = self.site.web.store.pickups_by_id([pickup]).await?.pop();
        let stated = self.site.web.store.operation(pickup).await?;
        let (place, household) = match (derived, stated.map(|stated| stated.statement)) {
            (_, Some(Statement::Pickup { place, household, .. })) => (place, Some(household)),
            (Some(derived), _) => (derived.place, derived.household),
            (None, _) => {
                return Err(Problem::not_found(format!(
                    "no pickup `{pickup}` is known; GET /api/v1/pickups lists them with their ids"
                )));
            }
        };
        let register = self.site.web.register.borrow();
        let scope = Scope::of_account(self.account);
        let own = match &household {
            Some(household) => scope.admits(&register, household),
            None => scope.admits_place(&register, &place, self.day_of(self.now)),
        };
        if own {
            return Ok(());
        }
        Err(Problem::forbidden(format!(
            "pickup `{pickup}` lies outside the hamlets of account `{}`",
            self.account.name
        )))
    }

    pub(super) fn day_of(&self, at: Instant) -> LocalDay {
        read::commune(self.site).zone.day_of(at)
    }

    /// Refuses one household more on a day on which the account has visited more than anybody can.
    ///
    /// # Why
    /// Visits that are recorded one by one need no second person, or a phone without signal could not record them. A program that sends
    /// them by the hundred is stopped here; more than is usual is flagged beside the share long before.
    pub(super) async fn has_time_for(&self, household: &str, on: LocalDay) -> Result<(), Problem> {
        let visited = self.site.web.store.visited_on(&self.account.name, on, household).await?;
        if visited < VISITS_A_DAY_MAX {
            return Ok(());
        }
        Err(Problem::unusable(format!(
            "account `{}` has recorded visits of {visited} households on {on}, as many as one person makes in a day; hand in the \
             others as a list at /households/visits, where a second officer confirms them",
            self.account.name
        )))
    }

    /// Gives what a visit states: its result and each home pathway that was seen, or what was found of each stream.
    pub(super) fn visit(&self, visit: &VisitWritten) -> Result<Vec<Statement>, Problem> {
        self.not_ahead("on", read::commune(self.site).zone.start_of(visit.on))?;
        let household = self.household(&visit.household, visit.on)?;
        let result = match (visit.result, visit.streams.is_empty()) {
            (Some(result), true) => result,
            (None, false) if visit.stream.is_none() && visit.pathways.is_empty() => {
                return self.visit_by_stream(visit, &household);
            }
            (Some(_) | None, false) => {
                return Err(Problem::unusable(
                    "`streams` tells all that was found; leave `result`, `stream` and `pathways` out beside it",
                ));
            }
            (None, true) => return Err(Problem::unusable("the visit says nothing; send `result`, or `streams`")),
        };
        let mut statements = vec![Statement::Visit {
            on: visit.on,
            household: household.clone(),
            result,
            stream: visit.stream.as_deref().map(|stream| self.stream(stream)).transpose()?,
        }];
        for seen in &visit.pathways {
            statements.push(Statement::Pathway {
                on: visit.on,
                household: household.clone(),
                stream: self.stream(&seen.stream)?,
                pathway: seen.pathway,
                level: PathwayLevel::Verified,
            });
        }
        Ok(statements)
    }

    fn visit_by_stream(&self, visit: &VisitWritten, household: &HouseholdCode) -> Result<Vec<Statement>, Problem> {
        let mut found: Vec<StreamFound> = Vec::with_capacity(visit.streams.len());
        for told in &visit.streams {
            let stream = self.stream(&told.stream)?;
            if found.iter().any(|held| held.stream == stream) {
                return Err(Problem::unusable(format!("stream `{stream}` stands twice in `streams`; name it once")));
            }
            match (told.found, told.pathway) {
                (Found::Declared, None) => {
                    return Err(Problem::unusable(format!(
                        "stream `{stream}` is declared without `pathway`; say how the household treats it"
                    )));
                }
                (Found::NotSorting, Some(pathway)) => {
                    return Err(Problem::unusable(format!(
                        "stream `{stream}` is not sorted and has the pathway `{pathway}`; leave one of them out"
                    )));
                }
                (Found::Declared, Some(_)) | (Found::NotSorting, None) | (Found::Sorting, _) => {}
            }
            found.push(StreamFound { stream, found: told.found, pathway: told.pathway });
        }
        let commune = read::commune(self.site);
        let required: Vec<StreamCode> =
            commune.streams.iter().filter(|stream| stream.required).map(|stream| stream.code.clone()).collect();
        Ok(visit::statements(visit.on, household, &found, &required))
    }

    /// Records statements under the client's id: the first under the id itself, the others under ids made of it.
    pub(super) async fn record(
        &self,
        id: Uuid,
        statements: Vec<Statement>,
    ) -> Result<(StatusCode, Json<Receipt>), Problem> {
        let operations: Vec<Operation> = statements
            .into_iter()
            .enumerate()
            .map(|(at, statement)| Operation {
                id: part_id(id, at).to_string(),
                recorded: self.now,
                by: self.account.name.clone(),
                statement,
            })
            .collect();
        let zone = read::commune(self.site).zone.clone();
        let new = self.site.web.store.record(&operations, &zone).await?;
        let first = self.site.web.store.operation(&id.to_string()).await?;
        let (Some(first), Some(mine)) = (first, operations.first()) else {
            return Err(Problem::not_found(format!("operation `{id}` is gone")));
        };
        if first.statement != mine.statement || first.by != mine.by {
            return Err(Problem::taken(format!(
                "id `{id}` was used before with other content; the first stays; make a new id for this one"
            )));
        }
        let status = if new > 0 { StatusCode::CREATED } else { StatusCode::OK };
        Ok((status, Json(Receipt { id, recorded_at: stamp(&zone, first.recorded), by: first.by })))
    }
}

pub(super) fn reason(text: Option<String>) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if text.chars().count() > REASON_MAX => {
            Err(Problem::unusable(format!("`reason` has more than {REASON_MAX} characters; shorten it")))
        }
        Some(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        None => Ok(None),
    }
}

/// Gives the id of a statement of a write: the first has the client's own, the others ids made of it.
pub(super) fn part_id(id: Uuid, at: usize) -> Uuid {
    if at == 0 { id } else { Uuid::new_v5(&id, at.to_string().as_bytes()) }
}

/// Opens or closes a round.
#[utoipa::path(post, path = "/api/v1/rounds", tag = "operations", request_body = RoundWritten,
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Recorded before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_round(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Written(round): Written<RoundWritten>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(&site, &who, round.simulated)?;
    let statement = Statement::Round {
        place: desk.own_place(&round.place, round.service_date)?,
        stream: desk.stream(&round.stream)?,
        service_date: round.service_date,
        open: matches!(round.action, RoundAction::Open),
        at: desk.at(&round.at)?,
    };
    desk.record(round.id, vec![statement]).await
}

/// Logs a pickup.
#[utoipa::path(post, path = "/api/v1/pickups", tag = "operations", request_body = PickupWritten,
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Recorded before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_pickup(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Written(pickup): Written<PickupWritten>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(&site, &who, pickup.simulated)?;
    let at = desk.at(&pickup.at)?;
    if let Some(manual_g) = pickup.manual_g
        && !(1..=MANUAL_G_MAX).contains(&manual_g)
    {
        return Err(Problem::unusable(format!("`manual_g` is {manual_g}; it lies between 1 and {MANUAL_G_MAX} grams")));
    }
    let statement = Statement::Pickup {
        at,
        household: desk.household(&pickup.household, desk.day_of(at))?,
        place: desk.place(&pickup.place)?,
        stream: desk.stream(&pickup.stream)?,
        result: pickup.result,
        reason: reason(pickup.reason)?,
        manual_g: pickup.manual_g,
        reading: pickup.reading.map(|named| EventId {
            device: DeviceId::from(named.device),
            log: LogId::from(named.log),
            seq: named.seq,
        }),
    };
    desk.record(pickup.id, vec![statement]).await
}

/// Declares that a pickup does not hold: crews their own, officers any.
#[utoipa::path(post, path = "/api/v1/pickups/{id}/void", tag = "operations", request_body = VoidWritten,
    params(("id" = String, Path, description = "The pickup's id, as `GET /api/v1/pickups` gives it")),
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Recorded before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_void(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(pickup): Path<String>,
    Written(void): Written<VoidWritten>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(&site, &who, void.simulated)?;
    let Some(why) = reason(Some(void.reason))? else {
        return Err(Problem::unusable("`reason` is empty; say why the pickup does not hold"));
    };
    let stated = site.web.store.operation(&pickup).await?;
    let own = stated.as_ref().is_some_and(|stated| stated.by == desk.account.name);
    let officer = desk.account.roles.contains(&Role::Officer);
    if let Some(stated) = &stated
        && !matches!(stated.statement, Statement::Pickup { .. })
    {
        return Err(Problem::unusable(format!("`{pickup}` is a {}, not a pickup", stated.statement.kind())));
    }
    if !own && !officer {
        return Err(Problem::forbidden(format!(
            "pickup `{pickup}` is not account `{}`'s own; ask an officer",
            desk.account.name
        )));
    }
    if !own {
        desk.may_void(&pickup).await?;
    }
    let statement = Statement::Void { at: desk.at(&void.at)?, pickup, reason: why };
    desk.record(void.id, vec![statement]).await
}

/// Records a finding.
#[utoipa::path(post, path = "/api/v1/findings", tag = "operations", request_body = FindingWritten,
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Recorded before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_finding(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Written(finding): Written<FindingWritten>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(&site, &who, finding.simulated)?;
    let at = desk.at(&finding.at)?;
    let statement = Statement::Finding {
        at,
        household: desk.household(&finding.household, desk.day_of(at))?,
        stream: finding.stream.map(|stream| desk.stream(&stream)).transpose()?,
        finding: finding.finding,
        reason: reason(finding.reason)?,
    };
    desk.record(finding.id, vec![statement]).await
}

/// Records a visit, with the home pathways that were seen.
#[utoipa::path(post, path = "/api/v1/visits", tag = "operations", request_body = VisitWritten,
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Recorded before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_visit(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Written(visit): Written<VisitWritten>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    super::record_visit(&site, &who, &visit).await
}
