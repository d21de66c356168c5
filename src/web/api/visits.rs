//! Visits beyond the single one: declared pathways, what is taken back, and the same visit of many households in one act.
//!
//! # Why
//! Verifying many households in one act moves the headline, so beyond [`ALONE_MAX`] of them a second person must look: [`settle`] is
//! the one door for every list, whichever form it came from.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::operations::{Desk, Receipt, VisitWritten, VoidWritten, Written, part_id, reason};
use crate::domain::facts::Statement;
use crate::domain::state::{Pathway, PathwayLevel};
use crate::domain::time::LocalDay;
use crate::store::Role;
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;

/// Most households that one person may visit in one act.
pub const ALONE_MAX: usize = 10;

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

/// Records one visit.
pub async fn record_visit(
    site: &Site,
    who: &Who,
    visit: &VisitWritten,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(site, who, visit.simulated)?;
    let statements = desk.visit(visit)?;
    desk.record(visit.id, statements).await
}

/// Declares that a visit, with the pathways seen on it, or a single pathway or finding does not hold: one's own, officers any.
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
        | Statement::Finding { household, .. } => household,
        other => {
            return Err(Problem::unusable(format!("`{id}` is a {}, neither visit, pathway nor finding", other.kind())));
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
    if let (Statement::Visit { .. }, Ok(visit)) = (&stated.statement, id.parse::<Uuid>()) {
        for part in 1.. {
            let part = part_id(visit, part).to_string();
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Each is recorded: how many.
    Recorded(usize),
}

/// Records visits of many households as one act; more than [`ALONE_MAX`] households wait for a second person.
///
/// The visits carry ids of their own, so that the same list sent twice counts once.
pub async fn settle(site: &Site, who: &Who, visits: Vec<VisitWritten>) -> Result<Settled, Problem> {
    let households: BTreeSet<&str> = visits.iter().map(|visit| visit.household.as_str()).collect();
    if households.len() > ALONE_MAX {
        return Err(Problem::unusable(format!(
            "{} households in one act need a second person; record at most {ALONE_MAX} at a time",
            households.len()
        )));
    }
    // Nothing of a list with a fault is recorded.
    for visit in &visits {
        Desk::open(site, who, visit.simulated)?.visit(visit)?;
    }
    for visit in &visits {
        record_visit(site, who, visit).await.map(|_| ())?;
    }
    Ok(Settled::Recorded(visits.len()))
}
