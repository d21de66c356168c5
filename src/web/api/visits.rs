//! Visits beyond the single one: declared pathways, attempts, what is taken back, and the same visit of many households in one act.
//!
//! # Why
//! A visit carries no note. What is written of a household in free words is personal data, and a fact cannot be erased; what an officer
//! must know of a house where nothing could be seen is one of three words ([`AttemptOutcome`]).
//!
//! Verifying many households in one act moves the headline, so beyond [`ALONE_MAX`](crate::domain::proposal::ALONE_MAX) of them a second person must look: [`settle`] is
//! the one door for every list, whichever form it came from.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::operations::{At, Desk, Receipt, VisitWritten, VoidWritten, Written, part_id, reason};
use crate::changes;
use crate::domain::facts::{AttemptOutcome, Operation, Statement};
use crate::domain::proposal::{Proposal, Proposed, Stated};
use crate::domain::state::{Pathway, PathwayLevel};
use crate::domain::time::LocalDay;
use crate::imports::{self, Format, ImportError, Kind};
use crate::store::Role;
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;

/// A home pathway is declared, or was seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathwayStated {
    /// Made by the client.
    pub id: Uuid,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub on: LocalDay,
    /// The household's code.
    pub household: String,
    /// The stream.
    pub stream: String,
    /// How it is treated.
    #[schema(value_type = String)]
    pub pathway: Pathway,
    /// `declared`, or `verified`: seen on a visit.
    #[schema(value_type = String)]
    pub level: PathwayLevel,
    /// Says whether the write is of a simulated commune.
    pub simulated: Option<bool>,
}

/// Records a home pathway, declared or seen.
#[utoipa::path(post, path = "/api/v1/pathways", tag = "operations", request_body = PathwayStated,
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Recorded before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_pathway(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Written(stated): Written<PathwayStated>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    record_pathways(&site, &who, stated.id, &[stated]).await
}

/// Records home pathways of one write, under ids made of its own.
pub async fn record_pathways(
    site: &Site,
    who: &Who,
    id: Uuid,
    stated: &[PathwayStated],
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(site, who, stated.first().and_then(|stated| stated.simulated))?;
    for stated in stated.iter().filter(|stated| stated.level == PathwayLevel::Verified) {
        desk.has_time_for(&stated.household, stated.on).await?;
    }
    let mut statements = Vec::with_capacity(stated.len());
    for stated in stated {
        desk.not_ahead("on", read::commune(site).zone.start_of(stated.on))?;
        statements.push(Statement::Pathway {
            on: stated.on,
            household: desk.household(&stated.household, stated.on)?,
            stream: desk.stream(&stated.stream)?,
            pathway: stated.pathway,
            level: stated.level,
        });
    }
    desk.record(id, statements).await
}

/// A visitor came and could see nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttemptWritten {
    /// Made by the client.
    pub id: Uuid,
    /// When.
    pub at: At,
    /// The household's code.
    pub household: String,
    /// `away`: nobody at home; `declined`: the visitor was not let look; `vacant`: nobody lives there.
    #[schema(value_type = String)]
    pub outcome: AttemptOutcome,
    /// Says whether the write is of a simulated commune.
    pub simulated: Option<bool>,
}

/// Records an attempt to visit. It is no evidence: no figure but the count of attempts changes.
#[utoipa::path(post, path = "/api/v1/attempts", tag = "operations", request_body = AttemptWritten,
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Recorded before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_attempt(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Written(attempt): Written<AttemptWritten>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(&site, &who, attempt.simulated)?;
    let at = desk.at(&attempt.at)?;
    let household = desk.household(&attempt.household, desk.day_of(at))?;
    desk.record(attempt.id, vec![Statement::Attempt { at, household, outcome: attempt.outcome }]).await
}

/// Records one visit.
pub async fn record_visit(
    site: &Site,
    who: &Who,
    visit: &VisitWritten,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(site, who, visit.simulated)?;
    let statements = desk.visit(visit)?;
    desk.has_time_for(&visit.household, visit.on).await?;
    desk.record(visit.id, statements).await
}

/// Declares that a visit, with the pathways seen on it, or a single pathway, finding or attempt does not hold: one's own, officers any.
#[utoipa::path(post, path = "/api/v1/visits/{id}/void", tag = "operations", request_body = VoidWritten,
    params(("id" = String, Path, description = "The visit's id; a pathway's or a finding's will do too")),
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Recorded before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_visit_void(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(stated): Path<String>,
    Written(void): Written<VoidWritten>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    record_void(&site, &who, &stated, void).await
}

/// Takes back what was stated of a household.
pub async fn record_void(
    site: &Site,
    who: &Who,
    id: &str,
    void: VoidWritten,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(site, who, void.simulated)?;
    let Some(why) = reason(Some(void.reason))? else {
        return Err(Problem::unusable("`reason` is empty; say why it does not hold"));
    };
    let stated = site.web.store.operation(id).await?;
    let stated = stated.ok_or_else(|| Problem::not_found(format!("nothing was recorded under `{id}`")))?;
    let household = match &stated.statement {
        Statement::Visit { household, .. }
        | Statement::Pathway { household, .. }
        | Statement::Finding { household, .. }
        | Statement::Attempt { household, .. } => household,
        Statement::Round { .. }
        | Statement::Pickup { .. }
        | Statement::Void { .. }
        | Statement::Ticket { .. }
        | Statement::Report { .. } => {
            let kind = stated.statement.kind();
            return Err(Problem::unusable(format!("`{id}` is a {kind}, neither visit, pathway, finding nor attempt")));
        }
    };
    let zone = read::commune(site).zone.clone();
    desk.household(household.as_str(), zone.day_of(stated.statement.at(&zone)))?;
    if stated.by != desk.account.name && !desk.account.roles.contains(&Role::Officer) {
        return Err(Problem::forbidden(format!(
            "`{id}` was recorded by `{}`, not by `{}`; ask an officer",
            stated.by, desk.account.name
        )));
    }
    let at = desk.at(&void.at)?;
    let mut gone = vec![id.to_owned()];
    // What was seen on the visit goes with it.
    let whole = void.whole || matches!(stated.statement, Statement::Visit { .. });
    if let (true, Ok(first)) = (whole, id.parse::<Uuid>()) {
        for part in 1.. {
            let part = part_id(first, part).to_string();
            if site.web.store.operation(&part).await?.is_none() {
                break;
            }
            gone.push(part);
        }
    }
    let statements = gone.into_iter().map(|pickup| Statement::Void { at, pickup, reason: why.clone() }).collect();
    desk.record(void.id, statements).await
}

/// What became of a list of visits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Each is recorded: of how many households.
    Recorded(usize),
    /// They wait for a second person: the proposal's id.
    Waits(String),
}

/// A list of statements of many households, made in one act.
pub struct Act {
    /// Identity of the act: the same one sent twice counts once.
    pub id: Uuid,
    /// Why, for the second person.
    pub reason: String,
    /// What is stated; each with an id of its own.
    pub rows: Vec<Stated>,
}

/// Gives what visits of one act state, each household under an id made of the act's.
pub fn stated(site: &Site, who: &Who, visits: &[VisitWritten]) -> Result<Vec<Stated>, Problem> {
    let mut rows = Vec::new();
    for visit in visits {
        let desk = Desk::open(site, who, visit.simulated)?;
        for (at, statement) in desk.visit(visit)?.into_iter().enumerate() {
            let id = part_id(visit.id, at).to_string();
            rows.push(Stated { id, by: desk.account.name.clone(), statement });
        }
    }
    Ok(rows)
}

/// Reads a list of visits or pathways as a file holds it, for households of the account's scope; what was said before is left out. The
/// same row is the same statement, whichever way it came; its author is who hands the file in. Inner `Err`: the faults of the file.
pub async fn stated_in_file(
    site: &Site,
    who: &Who,
    kind: Kind,
    bytes: &[u8],
) -> Result<Result<Vec<Stated>, ImportError>, Problem> {
    let desk = Desk::open(site, who, None)?;
    let commune = read::commune(site);
    let register = site.web.register.borrow().clone();
    let streams = changes::streams(&commune);
    let context = imports::Context { zone: &commune.zone, streams: &streams, known: &register, now: desk.now };
    let parsed = match imports::parse_file(kind, Format::of(bytes), bytes, &context) {
        Ok(parsed) => parsed,
        Err(faults) => return Ok(Err(faults)),
    };
    let mut operations = Vec::with_capacity(parsed.operations.len());
    for operation in parsed.operations {
        let on = commune.zone.day_of(operation.statement.at(&commune.zone));
        desk.not_ahead("on", commune.zone.start_of(on))?;
        if let Some(household) = operation.statement.household() {
            desk.household(household.as_str(), on)?;
        }
        operations.push(Operation { by: desk.account.name.clone(), ..operation });
    }
    let new = changes::unsaid(&site.web.store, &commune.zone, kind, operations).await?;
    let stated = |operation: Operation| Stated { id: operation.id, by: operation.by, statement: operation.statement };
    Ok(Ok(new.into_iter().map(stated).collect()))
}

/// Records what is stated of many households as one act; beyond the few that one person may verify alone in a day it waits for a second
/// person.
pub async fn settle(site: &Site, who: &Who, act: Act) -> Result<Settled, Problem> {
    let desk = Desk::open(site, who, None)?;
    let (store, commune) = (&site.web.store, read::commune(site));
    let proposed = Proposed::Statements { rows: act.rows };
    let households = proposed.households().len();
    let alone = changes::verified_alone(store, &commune, (&desk.account.name, desk.now)).await?;
    if proposed.needs_second(&alone) {
        let (id, by) = (act.id.to_string(), desk.account.name.clone());
        let proposal = Proposal { id, at: desk.now, by, reason: act.reason, proposed, decision: None };
        propose(site, &proposal).await?;
        return Ok(Settled::Waits(proposal.id));
    }
    if let Proposed::Statements { rows } = proposed {
        let recorded = desk.now;
        let operations: Vec<Operation> = rows
            .into_iter()
            .map(|row| Operation { id: row.id, recorded, by: row.by, statement: row.statement })
            .collect();
        store.record(&operations, &commune.zone).await?;
    }
    Ok(Settled::Recorded(households))
}

/// Keeps a proposal; one under the id of another is refused, or what it says would be lost.
pub async fn propose(site: &Site, proposal: &Proposal) -> Result<(), Problem> {
    if changes::propose(&site.web.store, proposal).await? {
        return Ok(());
    }
    Err(Problem::taken(format!(
        "id `{}` was used before for another proposal; the first stays; load the form anew and send it again",
        proposal.id
    )))
}
