//! Closed months: the list, what was signed to the byte, its check, and closing.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RowsOf, Written, stamp};
use crate::domain::month::Month;
use crate::domain::units::Percent;
use crate::indicators::month::Value;
use crate::store::{MonthReport, StoredReport, figures_sha256};
use crate::web::closing::{self, Closing};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::scope::whole_commune;

/// A revision of a closed month.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportOf {
    /// The month, `YYYY-MM`.
    #[schema(value_type = String)]
    pub month: Month,
    /// 1: the first closing; 2 and more: revisions.
    pub revision: i64,
    /// The text's format.
    pub format: String,
    /// SHA-256 of the text at `/api/v1/reports/{month}/{revision}`, hexadecimal.
    pub sha256: String,
    /// When it was closed, RFC 3339.
    pub closed_at: String,
    /// By whom.
    pub closed_by: String,
    /// The figures are simulated: never an official figure.
    pub simulated: bool,
    /// E at the month's end.
    pub eligible: i64,
    /// S at the month's end.
    pub sorting: i64,
    /// S / E, truncated; null when E = 0.
    #[schema(value_type = Option<f64>)]
    pub share_percent: Option<Percent>,
    /// How far the share may be used: `sufficient`, `indicative` or `insufficient`.
    #[schema(value_type = Option<String>)]
    pub badge: Option<crate::indicators::Badge>,
}

/// A month with every revision and how it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub struct MonthOf {
    /// The month, `YYYY-MM`.
    #[schema(value_type = String)]
    pub month: Month,
    /// `open`, `closed` or `revised`.
    pub status: &'static str,
    /// Its last day is over and computed: it may be closed.
    pub over: bool,
    /// Figures or households' states differ now from what was last signed.
    pub differs: bool,
    /// Hash of the figures of now, to be named when closing; null before the last day is over.
    pub figures_sha256: Option<String>,
    /// The revisions, first to last.
    pub revisions: Vec<ReportOf>,
    /// Figures of now that differ from what was last signed.
    pub changes: Vec<ChangeOf>,
    /// Households whose state differs now.
    pub households_moved: i64,
}

/// A figure that is not what was signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeOf {
    /// The hamlet; empty: the commune.
    pub area: String,
    /// The figure's name.
    pub figure: String,
    /// What was signed: a whole number, a percentage as text, or null.
    #[schema(value_type = Option<String>)]
    pub before: Option<Value>,
    /// What it is now.
    #[schema(value_type = Option<String>)]
    pub after: Option<Value>,
}

/// Whether a report is what was signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerdictOf {
    /// Every hash was made again and holds.
    pub holds: bool,
    /// What does not hold.
    pub faults: Vec<String>,
    /// The text's hash.
    pub sha256: String,
}

/// Closing a month.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseWritten {
    /// Within 30 days of the month's end data may be under way; true: close all the same.
    #[serde(default)]
    confirm_early: bool,
    /// Why a closed month is revised, 5 to 500 characters; ignored at the first closing.
    reason: Option<String>,
    /// `figures_sha256` of the month as it was looked at; when the figures moved since, nothing is closed.
    figures_sha256: Option<String>,
}

fn report_of(site: &Site, stored: &StoredReport) -> Result<ReportOf, Problem> {
    let report = stored.report()?;
    let counts = report.figures.commune.counts();
    Ok(ReportOf {
        month: stored.month,
        revision: stored.revision,
        format: stored.format.clone(),
        sha256: stored.sha256.clone(),
        closed_at: stamp(&read::commune(site).zone, stored.closed),
        closed_by: stored.by.clone(),
        simulated: report.simulated,
        eligible: counts.eligible,
        sorting: counts.sorting,
        share_percent: counts.share(),
        badge: counts.badge(),
    })
}

/// Parses a month of an address.
pub fn month_of(text: &str) -> Result<Month, Problem> {
    text.parse().map_err(|why| Problem::not_found(format!("no month {why}; see /api/v1/reports")))
}

/// Finds a revision; `latest` is the last one.
pub async fn find_report(site: &Site, month: &str, revision: &str) -> Result<StoredReport, Problem> {
    let month = month_of(month)?;
    let number =
        match revision {
            "latest" => None,
            text => Some(text.parse().ok().filter(|number: &i64| *number > 0).ok_or_else(|| {
                Problem::not_found(format!("`{text}` is no revision; write a number from 1, or latest"))
            })?),
        };
    let stored = site.web.store.month_report(month, number).await?;
    stored.ok_or_else(|| Problem::not_found(format!("{month} has no revision {revision}; see /api/v1/reports/{month}")))
}

/// Every closed month with its revisions, latest month first.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports",
    responses((status = 200, body = RowsOf<ReportOf>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn reports(Shared(site): Shared<Arc<Site>>) -> Result<Json<RowsOf<ReportOf>>, Problem> {
    let stored = site.web.store.month_reports().await?;
    let rows = stored.iter().map(|stored| report_of(&site, stored)).collect::<Result<_, _>>()?;
    Ok(Json(RowsOf { rows }))
}

/// A month: open, closed or revised, and what differs now from what was last signed.
#[utoipa::path(get, path = "/api/v1/reports/{month}", tag = "reports", params(("month" = String, Path, description = "`YYYY-MM`")),
    responses((status = 200, body = MonthOf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn report(Shared(site): Shared<Arc<Site>>, Path(month): Path<String>) -> Result<Json<MonthOf>, Problem> {
    let month = month_of(&month)?;
    let revisions: Vec<StoredReport> =
        site.web.store.month_reports().await?.into_iter().filter(|stored| stored.month == month).collect();
    let over = closing::is_over(month, read::last_finished(&site).await?);
    let figures = closing::figures_now(&site, month).await?;
    let difference = match revisions.last() {
        Some(signed) => {
            let listed = site.web.store.list_on(month.last_day()).await?;
            closing::difference(&site, signed, &figures, &listed).await?
        }
        None => closing::Difference::default(),
    };
    Ok(Json(MonthOf {
        month,
        status: match revisions.len() {
            0 => "open",
            1 => "closed",
            _ => "revised",
        },
        over,
        differs: !difference.is_empty(),
        figures_sha256: over.then(|| figures_sha256(&figures)),
        revisions: revisions.iter().map(|stored| report_of(&site, stored)).collect::<Result<_, _>>()?,
        households_moved: difference.moves.households(),
        changes: difference
            .changes
            .into_iter()
            .map(|change| ChangeOf {
                area: change.area,
                figure: change.figure,
                before: change.before,
                after: change.after,
            })
            .collect(),
    }))
}

fn file(kind: &'static str, name: &str, body: String) -> Response {
    let mut response = ([(header::CONTENT_TYPE, kind)], body).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A revision's text to the byte: `sha256sum` of it is the hash on the signed sheet. `revision` is a number, or `latest`.
#[utoipa::path(get, path = "/api/v1/reports/{month}/{revision}", tag = "reports",
    params(("month" = String, Path, description = "`YYYY-MM`"), ("revision" = String, Path, description = "number, or `latest`")),
    responses((status = 200, body = String, content_type = "application/json"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn report_text(
    Shared(site): Shared<Arc<Site>>,
    Path((month, revision)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let stored = find_report(&site, &month, &revision).await?;
    let name = format!("phanloai-{}-r{}.json", stored.month, stored.revision);
    Ok(file("application/json", &name, stored.content))
}

/// A revision's figures as CSV: a line a figure, with what belongs beside them.
#[utoipa::path(get, path = "/api/v1/reports/{month}/{revision}/csv", tag = "reports",
    params(("month" = String, Path, description = "`YYYY-MM`"), ("revision" = String, Path, description = "number, or `latest`")),
    responses((status = 200, body = String, content_type = "text/csv"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn report_csv(
    Shared(site): Shared<Arc<Site>>,
    Path((month, revision)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let stored = find_report(&site, &month, &revision).await?;
    let name = format!("phanloai-{}-r{}.csv", stored.month, stored.revision);
    Ok(file("text/csv; charset=utf-8", &name, csv_of(&stored, &stored.report()?)))
}

fn csv_of(stored: &StoredReport, report: &MonthReport) -> String {
    let head = [
        ("format", report.format.clone()),
        ("commune", report.commune_name.clone()),
        ("month", report.month.to_string()),
        ("revision", report.revision.to_string()),
        ("simulated", report.simulated.to_string()),
        ("closed_at", report.closed_at.clone()),
        ("closed_by", report.closed_by.clone()),
        ("data_until", report.data_until.clone().unwrap_or_default()),
        ("rule_version", report.rule_version().to_owned()),
        ("sha256", stored.sha256.clone()),
    ];
    let mut text = "area,name,figure,value\r\n".to_owned();
    let mut line = |area: &str, name: &str, figure: &str, value: &str| {
        let cells = [area, name, figure, value].map(cell);
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    };
    for (figure, value) in &head {
        line("", &report.commune_name, figure, value);
    }
    for of in report.figures.all() {
        let badge = of.badge.map_or("", badge_word);
        line(&of.area, &of.name, "badge", badge);
        for (figure, value) in &of.values {
            line(&of.area, &of.name, figure, &written(*value));
        }
    }
    text
}

const fn badge_word(badge: crate::indicators::Badge) -> &'static str {
    match badge {
        crate::indicators::Badge::Sufficient => "sufficient",
        crate::indicators::Badge::Indicative => "indicative",
        crate::indicators::Badge::Insufficient => "insufficient",
    }
}

fn written(value: Value) -> String {
    match value {
        Value::Whole(number) => number.to_string(),
        Value::Percent(percent) => percent.map_or_else(String::new, |percent| percent.to_string()),
    }
}

/// Writes a cell; a text that a spreadsheet would take for a formula gets a `'` before it.
fn cell(text: &str) -> String {
    let guarded = match text.chars().next() {
        Some('=' | '+' | '@' | '\t' | '\r') => format!("'{text}"),
        Some('-') if text.parse::<i64>().is_err() => format!("'{text}"),
        Some(_) | None => text.to_owned(),
    };
    if guarded.contains([',', '"', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

/// Makes every hash of a revision again and says whether it holds.
#[utoipa::path(get, path = "/api/v1/reports/{month}/{revision}/verify", tag = "reports",
    params(("month" = String, Path, description = "`YYYY-MM`"), ("revision" = String, Path, description = "number, or `latest`")),
    responses((status = 200, body = VerdictOf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn verify_report(
    Shared(site): Shared<Arc<Site>>,
    Path((month, revision)): Path<(String, String)>,
) -> Result<Json<VerdictOf>, Problem> {
    let stored = find_report(&site, &month, &revision).await?;
    let faults = site.web.store.report_faults(stored.month, stored.revision).await?.unwrap_or_default();
    Ok(Json(VerdictOf { holds: faults.is_empty(), faults, sha256: stored.sha256 }))
}

/// Closes a month, or makes the next revision of a closed one whose figures differ.
#[utoipa::path(post, path = "/api/v1/reports/{month}/close", tag = "reports", request_body = CloseWritten,
    params(("month" = String, Path, description = "`YYYY-MM`")),
    responses((status = 200, body = ReportOf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn close_report(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(month): Path<String>,
    Written(asked): Written<CloseWritten>,
) -> Result<Json<ReportOf>, Problem> {
    whole_commune(&who)?;
    let month = month_of(&month)?;
    let asked = Closing {
        month,
        confirm_early: asked.confirm_early,
        reason: asked.reason,
        figures_sha256: asked.figures_sha256,
        by: who.account.map(|account| account.name).unwrap_or_default(),
    };
    match closing::close(&site, &asked).await? {
        Ok(stored) => Ok(Json(report_of(&site, &stored)?)),
        Err(refusal) => Err(refusal.problem(month)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_never_a_formula() {
        assert_eq!(cell("thôn A, B"), "\"thôn A, B\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("-12"), "-12");
        assert_eq!(cell("-x\"y"), "\"'-x\"\"y\"");
    }
}
