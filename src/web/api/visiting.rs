//! The workload of visits: the commune's is open to everyone, a hamlet's to those from whom no small number is hidden.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shares::{ByReason, beside};
use crate::domain::ids::AreaCode;
use crate::domain::time::LocalDay;
use crate::indicators::{AHEAD_WEEKS, Outlook, Visiting};
use crate::web::ask::{self, Ask};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::{download, publication, read};

/// The definition that the workload follows, an anchor of `/definitions`.
const DEFINITION: &str = "visiting";

/// Whose workload.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VisitingAsk {
    /// Hamlet; the commune when left out.
    area: Option<String>,
}

/// What visitors did in a week.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoneWeek {
    /// Monday.
    #[schema(value_type = String, format = Date)]
    from: LocalDay,
    /// Sunday.
    #[schema(value_type = String, format = Date)]
    to: LocalDay,
    /// Visits: households of which something was seen, each once a day.
    visited: i64,
    /// Households at which nothing could be seen, each once a day.
    not_seen: i64,
    /// The week is not over.
    so_far: bool,
}

/// What runs out in a week.
#[derive(Debug, Serialize, ToSchema)]
pub struct AheadWeek {
    /// Monday.
    #[schema(value_type = String, format = Date)]
    from: LocalDay,
    /// Sunday.
    #[schema(value_type = String, format = Date)]
    to: LocalDay,
    /// Households whose verifications end, if no other evidence comes.
    households: i64,
}

/// When the list would be worked off: an estimate.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkedOff {
    /// Monday of the week.
    #[schema(value_type = String, format = Date)]
    week: LocalDay,
    /// Which week that is; 1: the present one.
    weeks: i64,
}

/// The workload of visits.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitingOf {
    /// Hamlet; null: the commune.
    #[schema(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// The local day at whose end the states hold; null: no day is computed yet, and every count is 0.
    #[schema(value_type = Option<String>, format = Date)]
    on: Option<LocalDay>,
    /// The definition, an anchor of `/definitions`.
    definition: &'static str,
    /// Households to visit now, one visit each: N and U.
    to_visit: i64,
    /// N.
    not_sorting: i64,
    /// U by reason.
    undetermined_by_reason: ByReason,
    /// S that rest on verifications alone in some stream.
    resting_on_verifications: i64,
    /// What runs out, by week: the present one and seven more.
    running_out: Vec<AheadWeek>,
    /// What rests on verifications that end after these weeks.
    running_out_later: i64,
    /// What was done, by week: eight weeks and the present one so far.
    done: Vec<DoneWeek>,
    /// Mean visits a week of the last four finished weeks, rounded; null: nothing was done in them.
    pace_a_week: Option<i64>,
    /// Visits a week at which everything would be done within eight weeks, rounded up.
    needed_pace_a_week: i64,
    /// When the list would be worked off at that pace; null: nobody is on it, nothing was done, or not within `estimate_weeks`.
    worked_off: Option<WorkedOff>,
    /// Weeks ahead that the estimate looks at.
    estimate_weeks: i32,
    /// The commune is simulated.
    simulated: bool,
    /// When the last event counted was received.
    #[schema(value_type = Option<String>, format = DateTime)]
    as_of: Option<String>,
}

/// What is to be visited, what runs out, what was done, and when the list would be worked off. An estimate with assumptions: see its
/// definition.
#[utoipa::path(get, path = "/api/v1/visiting", tag = "figures", params(VisitingAsk),
    responses((status = 200, body = VisitingOf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn visiting_of(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<VisitingAsk>,
) -> Result<Json<VisitingOf>, Problem> {
    let area = ask::area(&site, &asked.area)?;
    let found = publication::visiting(&site, &who, area.as_ref()).await?;
    let on = found.as_ref().map(|of| of.on);
    let today = read::today(&site);
    let of = found.unwrap_or_else(|| Visiting::new((today, today), &Default::default(), &[], &[]));
    let (simulated, as_of) = beside(&site).await?.into_parts();
    Ok(Json(VisitingOf {
        area,
        on,
        definition: DEFINITION,
        to_visit: of.to_visit(),
        not_sorting: of.not_sorting,
        undetermined_by_reason: ByReason::of(|reason| Some(of.undetermined_for(reason))),
        resting_on_verifications: of.verified,
        running_out: of
            .shown_ahead()
            .iter()
            .map(|week| AheadWeek { from: week.from, to: week.to, households: week.households })
            .collect(),
        running_out_later: of.later(),
        done: of
            .done
            .iter()
            .map(|week| DoneWeek {
                from: week.from,
                to: week.to,
                visited: week.visited,
                not_seen: week.not_seen,
                so_far: week.to >= of.today,
            })
            .collect(),
        pace_a_week: of.pace(),
        needed_pace_a_week: of.needed_pace(),
        worked_off: match of.outlook() {
            Outlook::Within { week, weeks } => Some(WorkedOff { week, weeks }),
            Outlook::Nobody | Outlook::NoPace | Outlook::NotWithin => None,
        },
        estimate_weeks: AHEAD_WEEKS,
        simulated,
        as_of,
    }))
}

/// The same by week as a file: what was done, what runs out.
pub async fn visiting_csv(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<VisitingAsk>,
) -> Result<Response, Problem> {
    let area = ask::area(&site, &asked.area)?;
    let found = publication::visiting(&site, &who, area.as_ref()).await?;
    let on = found.as_ref().map(|of| of.on.to_string()).unwrap_or_default();
    let mut rows: Vec<Vec<String>> = Vec::new();
    if let Some(of) = &found {
        rows.extend(of.done.iter().map(|week| {
            let running_out = of.ahead.iter().find(|ahead| ahead.from == week.from);
            vec![
                week.from.to_string(),
                week.to.to_string(),
                week.visited.to_string(),
                week.not_seen.to_string(),
                running_out.map_or_else(String::new, |ahead| ahead.households.to_string()),
            ]
        }));
        rows.extend(of.ahead.iter().skip(1).map(|week| {
            let none = String::new;
            vec![week.from.to_string(), week.to.to_string(), none(), none(), week.households.to_string()]
        }));
    }
    let head = ["week_from", "week_to", "visited", "not_seen", "running_out"];
    Ok(download::csv(&format!("visiting-{on}.csv"), &head, rows))
}
