//! A hamlet's households to visit, for a visitor's phone and its pages of forms: whom to go to and why, what to look at there, what was
//! done. Names and addresses: each look is logged with the households in it.
//!
//! # Why
//! The list is that of a *stretch* of days, which begins on `since`: who needed a visit at the end of the day before stays on it until the
//! stretch is over, so that "37 of 120" counts down and a household found not sorting this morning does not lead the list this
//! evening. Who came to need one since stands beside it, and is not among the 120. Nothing is stored for that: the list is made of
//! the states as they stood then.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::field::{NowOf, now_of};
use super::visit_houses::{houses, unlisted, visited_since};
use super::{log_look, scoped};
use crate::changes::fold;
use crate::domain::facts::AttemptOutcome;
use crate::domain::ids::{AreaCode, HouseholdCode, StreamCode};
use crate::domain::state::{Pathway, Reason, State, VisitResult};
use crate::domain::time::LocalDay;
use crate::domain::visit::Found;
use crate::store::{Account, Role, Seen, ToVisit};
use crate::web::ask::{self, Ask};
use crate::web::guard::{Site, Who};
use crate::web::pages::App;
use crate::web::problem::Problem;
use crate::web::read;

/// How far back a stretch may begin, days.
const SINCE_MAX_DAYS: i32 = 62;

fn account(who: &Who) -> Result<&Account, Problem> {
    who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in to visit"))
}

/// A hamlet that the account may go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitArea {
    /// Its code.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// Its name.
    pub name: String,
}

/// Who is signed in, what time it is, and where they may go.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitNow {
    #[serde(flatten)]
    now: NowOf,
    /// The hamlets, by name.
    areas: Vec<VisitArea>,
}

/// Tells who is signed in, the server's time, and the hamlets of the account.
#[utoipa::path(get, path = "/api/v1/visits/now", tag = "visits",
    responses((status = 200, body = VisitNow), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn visit_now(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
) -> Result<Json<VisitNow>, Problem> {
    let account = account(&who)?;
    Ok(Json(VisitNow { now: now_of(&site, account, App::Visits)?, areas: areas_of(&site, account) }))
}

/// Gives the hamlets that an account may go to, by name: its own; all for an officer without any.
pub fn areas_of(site: &Site, account: &Account) -> Vec<VisitArea> {
    let register = site.web.register.borrow();
    let everywhere = account.areas.is_empty() && account.roles.contains(&Role::Officer);
    let own = register.areas.values().filter(|area| everywhere || account.areas.contains(&area.code));
    let mut areas: Vec<VisitArea> =
        own.map(|area| VisitArea { area: area.code.clone(), name: area.name.clone() }).collect();
    // As people look names up: `Đông` after `Chợ`, not after `Xuân`.
    areas.sort_by_cached_key(|of| (fold(&of.name), of.name.clone()));
    areas
}

/// Whose list, and since when.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VisitListAsk {
    /// Hamlet; may be left out by who has only one.
    pub area: Option<String>,
    /// The day on which the stretch begins, `YYYY-MM-DD`; this week's Monday when left out.
    pub since: Option<String>,
}

/// Why a household is on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VisitWhy {
    /// It does not sort.
    NotSorting,
    /// It is undetermined, for this reason.
    Undetermined(Reason),
    /// It sorts, and verifications end soon.
    RunningOut,
    /// It need not be visited; somebody went all the same.
    Visited,
}

impl VisitWhy {
    pub(super) fn of(to_visit: &ToVisit) -> Self {
        match (to_visit.span.state.state, to_visit.span.state.reason) {
            (State::NotSorting, _) => Self::NotSorting,
            (State::Undetermined, Some(reason)) => Self::Undetermined(reason),
            (State::Undetermined, None) | (State::Sorting, _) => Self::RunningOut,
        }
    }

    /// Gives the word used in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotSorting => "not_sorting",
            Self::Undetermined(reason) => reason.as_str(),
            Self::RunningOut => "running_out",
            Self::Visited => "visited",
        }
    }
}

impl Serialize for VisitWhy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// A home pathway of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitPathway {
    /// The stream.
    #[schema(value_type = String)]
    pub stream: StreamCode,
    /// How it is treated.
    #[schema(value_type = String)]
    pub pathway: Pathway,
}

/// What was found of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitFound {
    /// The stream; null: every required one.
    #[schema(value_type = Option<String>)]
    pub stream: Option<StreamCode>,
    /// `sorting`, `not_sorting` or `declared`.
    #[schema(value_type = String)]
    pub found: Found,
    /// How it is treated at home; null: not told.
    #[schema(value_type = Option<String>)]
    pub pathway: Option<Pathway>,
}

/// A visit, or an attempt, since the stretch began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitDone {
    /// The id of the write.
    pub id: String,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub on: LocalDay,
    /// For an attempt: when, milliseconds since 1970 UTC.
    pub at_ms: Option<i64>,
    /// For an attempt: why nothing was seen.
    #[schema(value_type = Option<String>)]
    pub outcome: Option<AttemptOutcome>,
    /// For a visit: what was found.
    pub found: Vec<VisitFound>,
    /// Who stated it.
    pub by: String,
    /// The asker may take it back.
    pub own: bool,
}

impl VisitDone {
    /// Tells whether something was seen or heard, and not only tried.
    pub const fn is_visit(&self) -> bool {
        self.outcome.is_none()
    }
}

/// What was found last before the stretch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitBefore {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub on: LocalDay,
    /// `sorting` or `not_sorting`.
    #[schema(value_type = String)]
    pub result: VisitResult,
}

/// A household to visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitHouse {
    /// Its code.
    #[schema(value_type = String)]
    pub household: HouseholdCode,
    /// Name of its head; empty when not stated.
    pub head_name: String,
    /// Address; empty when not stated.
    pub address: String,
    /// It was on the list when the stretch began; false: it came to need a visit since, or was visited without.
    pub listed: bool,
    /// Why it is on the list.
    #[schema(value_type = String)]
    pub why: VisitWhy,
    /// Streams to look at: those without evidence, or whose verification ends.
    #[schema(value_type = Vec<String>)]
    pub streams: Vec<StreamCode>,
    /// What the household declares and nobody has seen.
    pub declared: Vec<VisitPathway>,
    /// The last day on which its verifications stand, for those that run out.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<LocalDay>,
    /// It needs no visit any more, though nobody went: its evidence came by itself, or it does not count any more.
    pub settled: bool,
    /// The last visit before the stretch; null: there is none.
    pub before: Option<VisitBefore>,
    /// Attempts of the 30 days before the stretch.
    pub attempts: usize,
    /// The latest of them, milliseconds since 1970 UTC.
    pub attempt_ms: Option<i64>,
    /// What was done since the stretch began; what was taken back is left out.
    pub done: Vec<VisitDone>,
}

impl VisitHouse {
    /// Tells whether somebody saw or heard something there since the stretch began.
    pub fn is_visited(&self) -> bool {
        self.done.iter().any(VisitDone::is_visit)
    }
}

/// A hamlet's households to visit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VisitList {
    /// Hamlet.
    #[schema(value_type = String)]
    pub area: AreaCode,
    /// Its name.
    pub name: String,
    /// The day on which the stretch begins.
    #[schema(value_type = String, format = Date)]
    pub since: LocalDay,
    /// The day at whose end the states hold; null: no day is computed yet.
    #[schema(value_type = Option<String>, format = Date)]
    pub on: Option<LocalDay>,
    /// The commune's day.
    #[schema(value_type = String, format = Date)]
    pub today: LocalDay,
    /// The server's time, milliseconds since 1970 UTC.
    pub now_ms: i64,
    /// Households of the hamlet that were visited today, whoever went, on the list or not.
    pub visited_today: usize,
    /// The same of this week, since Monday.
    pub visited_week: usize,
    /// In the order of visits: not sorting, undetermined by reason, then those whose verifications end.
    pub households: Vec<VisitHouse>,
}

impl VisitList {
    /// Gives how many of the households that were on the list when the stretch began are done, and how many there were.
    pub fn progress(&self) -> (usize, usize) {
        let listed = || self.households.iter().filter(|house| house.listed);
        (listed().filter(|house| house.settled || house.is_visited()).count(), listed().count())
    }
}

/// A hamlet's households to visit, with names, and what was done there. Each look is logged.
#[utoipa::path(get, path = "/api/v1/visits/list", tag = "visits", params(VisitListAsk),
    responses((status = 200, body = VisitList), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn visit_list(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<VisitListAsk>,
) -> Result<Json<VisitList>, Problem> {
    list_of(&site, &who, &asked).await.map(Json)
}

/// Finds the hamlet that is asked for; who has several names one.
fn area_of(site: &Site, who: &Who, asked: &VisitListAsk) -> Result<AreaCode, Problem> {
    scoped(who, ask::area(site, &asked.area)?)?.ok_or_else(|| {
        let known: Vec<String> = site.web.register.borrow().areas.keys().map(ToString::to_string).collect();
        Problem::bad_value(format!("parameter `area` is missing; choose a hamlet: {}", known.join(", ")))
    })
}

/// Reads a hamlet's list, and logs the look.
pub async fn list_of(site: &Site, who: &Who, asked: &VisitListAsk) -> Result<VisitList, Problem> {
    let list = read_list(site, who, asked).await?;
    let on = list.on.map(|on| on.to_string()).unwrap_or_default();
    let subject = format!("on={on} area={} since={}", list.area, list.since);
    let shown = list.households.iter().map(|house| house.household.clone());
    log_look(site, who, "visits", Seen::list(subject, shown, list.households.len())).await?;
    Ok(list)
}

/// Reads one household as its hamlet's list has it, and logs the look at it.
pub async fn house_in_list(
    site: &Site,
    who: &Who,
    asked: &VisitListAsk,
    household: &HouseholdCode,
) -> Result<(VisitList, VisitHouse), Problem> {
    let list = read_list(site, who, asked).await?;
    let subject = format!("household={household} area={} since={}", list.area, list.since);
    log_look(site, who, "visits", subject).await?;
    let house = match list.households.iter().find(|house| house.household == *household) {
        Some(house) => house.clone(),
        None => unlisted(site, household).await?,
    };
    Ok((list, house))
}

async fn read_list(site: &Site, who: &Who, asked: &VisitListAsk) -> Result<VisitList, Problem> {
    let account = account(who)?;
    let area = area_of(site, who, asked)?;
    let today = read::today(site);
    let since = ask::day("since", &asked.since)?.unwrap_or_else(|| today.week_start());
    if since > today || today - since > SINCE_MAX_DAYS {
        return Err(Problem::bad_value(format!(
            "parameter `since`: {since} is not one of the {SINCE_MAX_DAYS} days up to {today}"
        )));
    }
    let on = read::last_finished(site).await?;
    let houses = match on {
        Some(on) => houses(site, account, &area, (since, on, today)).await?,
        None => Vec::new(),
    };
    let week = visited_since(site, &area, today.week_start(), today).await?;
    Ok(VisitList {
        name: read::area_name(site, &area),
        visited_today: week.values().filter(|days| days.contains(&today)).count(),
        visited_week: week.len(),
        now_ms: site.web.clock.now().ms(),
        households: houses,
        area,
        since,
        on,
        today,
    })
}
