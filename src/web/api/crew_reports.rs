//! What crews report to the officers: a lost card, a new or empty house, a missed stop. It changes no figure.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::operations::{At, Desk, Receipt, Written, reason};
use super::{RowsOf, log_look, stamp};
use crate::domain::facts::{Operation, ReportKind, Statement};
use crate::domain::time::LocalDay;
use crate::store::Seen;
use crate::web::ask::{self, Ask};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::scope::Scope;

/// Days of reports when none are asked for.
pub const REPORT_DAYS: i32 = 30;

/// A report.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportWritten {
    pub(crate) id: Uuid,
    pub(crate) at: At,
    /// Point or route.
    pub(crate) place: String,
    /// `lost_tag`, `new_house`, `empty_house` or `missed_stop`.
    #[schema(value_type = String)]
    pub(crate) report: ReportKind,
    /// Left out only for `new_house`.
    pub(crate) household: Option<String>,
    /// In the crew's words; needed for `new_house`, to find it.
    pub(crate) note: Option<String>,
    pub(crate) simulated: Option<bool>,
}

/// Reports something to the officers.
#[utoipa::path(post, path = "/api/v1/crew/reports", tag = "crew", request_body = ReportWritten,
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Recorded before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_report(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Written(report): Written<ReportWritten>,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(&site, &who, report.simulated)?;
    let at = desk.at(&report.at)?;
    let note = reason(report.note)?;
    let household = report.household.map(|code| desk.household(&code, desk.day_of(at))).transpose()?;
    match report.report {
        ReportKind::NewHouse if note.is_none() => {
            return Err(Problem::unusable("`note` is empty; say where the new house stands"));
        }
        ReportKind::LostTag | ReportKind::EmptyHouse | ReportKind::MissedStop if household.is_none() => {
            return Err(Problem::unusable(format!("`household` is missing; a report `{}` names one", report.report)));
        }
        ReportKind::NewHouse | ReportKind::LostTag | ReportKind::EmptyHouse | ReportKind::MissedStop => {}
    }
    let place = desk.own_place(&report.place, desk.day_of(at))?;
    desk.record(report.id, vec![Statement::Report { at, place, report: report.report, household, note }]).await
}

/// Which reports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportsAsk {
    /// First day; 30 days up to `to` when left out.
    from: Option<String>,
    /// Last day; today when left out.
    to: Option<String>,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub struct CrewReportOf {
    id: String,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    at: String,
    place: String,
    #[schema(value_type = String)]
    report: ReportKind,
    household: Option<String>,
    note: Option<String>,
    /// Who reported it.
    by: String,
}

/// Reports of crews, latest first. Each look is logged.
#[utoipa::path(get, path = "/api/v1/crew/reports", tag = "crew", params(ReportsAsk),
    responses((status = 200, body = RowsOf<CrewReportOf>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn crew_reports(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<ReportsAsk>,
) -> Result<Json<RowsOf<CrewReportOf>>, Problem> {
    let to = ask::day("to", &asked.to)?.unwrap_or_else(|| read::today(&site));
    let (from, to) = ask::range(ask::day("from", &asked.from)?.unwrap_or(to - (REPORT_DAYS - 1)), to)?;
    let zone = read::commune(&site).zone.clone();
    let rows = reports_of(&site, &who, from, to).await?.into_iter().filter_map(|operation| match operation.statement {
        Statement::Report { at, place, report, household, note } => Some(CrewReportOf {
            id: operation.id,
            at: stamp(&zone, at),
            place: place.to_string(),
            report,
            household: household.map(|household| household.to_string()),
            note,
            by: operation.by,
        }),
        Statement::Round { .. }
        | Statement::Pickup { .. }
        | Statement::Void { .. }
        | Statement::Finding { .. }
        | Statement::Visit { .. }
        | Statement::Pathway { .. }
        | Statement::Attempt { .. }
        | Statement::Ticket { .. } => None,
    });
    Ok(Json(RowsOf { rows: rows.collect() }))
}

/// Reads the reports of a range of days within the account's hamlets, latest first, and logs the look.
pub async fn reports_of(site: &Site, who: &Who, from: LocalDay, to: LocalDay) -> Result<Vec<Operation>, Problem> {
    let scope = Scope::of(who)?;
    let register = site.web.register.borrow().clone();
    let mut reports = site.web.store.operations_on("report", from, to).await?;
    reports.retain(|report| match &report.statement {
        Statement::Report { household: Some(household), .. } => scope.admits(&register, household),
        Statement::Report { place, .. } => scope.admits_place(&register, place, to),
        Statement::Round { .. }
        | Statement::Pickup { .. }
        | Statement::Void { .. }
        | Statement::Finding { .. }
        | Statement::Visit { .. }
        | Statement::Pathway { .. }
        | Statement::Attempt { .. }
        | Statement::Ticket { .. } => false,
    });
    reports.reverse();
    let shown = reports.iter().filter_map(|report| report.statement.household().cloned());
    log_look(site, who, "reports", Seen::list(format!("from={from} to={to}"), shown, reports.len())).await?;
    Ok(reports)
}
