//! Indicators, collection points, tickets, and the same as CSV files.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shares::{Share, beside, share, share_of_period};
use super::{RowsOf, scoped, stamp};
use crate::domain::ids::{AreaCode, PlaceCode, StreamCode};
use crate::domain::ticket::{Standing, TicketFact, standings};
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::indicators::{DataSource, Figure, Masses, Missing, Name, Part, PeriodShare, Step, Unit, Value};
use crate::web::ask::{self, Ask};
use crate::web::figures::{self, PeriodFigures};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::publication;
use crate::web::read::{self, Whose};
use crate::web::sheet::{csv_file, maybe};
use crate::web::table::May;

/// Tickets listed at most.
const TICKETS: i64 = 2_000;

/// Whose figures, over which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodAsk {
    /// Hamlet; the commune when left out.
    pub area: Option<String>,
    /// Collection point, for those who may see household states.
    pub point: Option<String>,
    /// First day.
    pub from: Option<String>,
    /// Last day; the last finished day when left out.
    pub to: Option<String>,
    /// `day`, `week`, `month` or `year`.
    pub step: Option<String>,
    /// The page's language; the file's is always the API's.
    pub lang: Option<String>,
    /// The page's theme.
    pub theme: Option<String>,
}

/// What a period was asked for, parsed.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose.
    pub whose: Whose,
    /// First day.
    pub from: LocalDay,
    /// Last day.
    pub to: LocalDay,
    /// Step.
    pub step: Step,
}

/// How many steps are shown when no first day is asked for.
const fn usual_days(step: Step) -> i32 {
    match step {
        Step::Day => 27,
        Step::Week => 12 * 7,
        Step::Month => 365,
        Step::Year => 4 * 365,
    }
}

/// Parses what a period is asked for, and refuses what the asker may not see.
pub async fn asked(site: &Site, who: &Who, asked: &PeriodAsk, step: Step) -> Result<Asked, Problem> {
    let area = ask::area(site, &asked.area)?;
    publication::may_see(site, who, area.as_ref()).await?;
    let whose = match ask::given(&asked.point) {
        None => Whose::of(area),
        Some(code) => Whose::Point(known_point(site, who, code)?),
    };
    let step = ask::step(&asked.step, step)?;
    let last = match ask::day("to", &asked.to)? {
        Some(day) => day,
        None => read::last_finished(site).await?.unwrap_or_else(|| read::today(site) - 1),
    };
    let first = ask::day("from", &asked.from)?.unwrap_or(last - usual_days(step));
    let (from, to) = ask::range(first, last)?;
    Ok(Asked { whose, from, to, step })
}

/// Finds a point that the asker may see: figures below the hamlet are for those who may see household states there.
pub fn known_point(site: &Site, who: &Who, code: &str) -> Result<PlaceCode, Problem> {
    if !who.may(May::States) {
        return Err(Problem::unauthenticated("figures of a collection point need a role; sign in at /sign-in"));
    }
    let register = site.web.register.borrow().clone();
    let Some((point, versions)) = register.points.get_key_value(code) else {
        return Err(Problem::bad_value(format!(
            "unknown point `{code}`; /api/v1/sorting-share/points lists the points"
        )));
    };
    scoped(who, Some(versions.newest().area.clone()))?;
    Ok(point.clone())
}

/// A collection point beside the others.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointRow {
    /// The point's code.
    #[schema(value_type = String)]
    point: PlaceCode,
    /// Its name.
    name: String,
    /// Its share.
    #[serde(flatten)]
    share: Share,
}

/// Which points, on which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PointsAsk {
    /// Hamlet.
    area: Option<String>,
    /// Day, `YYYY-MM-DD`; the last finished day when left out.
    on: Option<String>,
}

/// Every collection point on one day, highest share first: that of the households whose point it is.
#[utoipa::path(get, path = "/api/v1/sorting-share/points", tag = "figures", params(PointsAsk),
    responses((status = 200, body = RowsOf<PointRow>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn points(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<PointsAsk>,
) -> Result<Json<RowsOf<PointRow>>, Problem> {
    let area = scoped(&who, ask::area(&site, &asked.area)?)?;
    let on = match ask::day("on", &asked.on)? {
        Some(day) => Some(day),
        None => read::last_finished(&site).await?,
    };
    let day = on.unwrap_or_else(|| read::today(&site) - 1);
    let beside = beside(&site).await?;
    let rows = read::point_shares(&site, area.as_ref(), day).await?;
    let rows = rows.into_iter().map(|of| PointRow {
        share: share(&site, Some(of.area), on, &of.share, &beside),
        point: of.point,
        name: of.name,
    });
    Ok(Json(RowsOf { rows: rows.collect() }))
}

/// A collection point's shares over time.
#[utoipa::path(get, path = "/api/v1/sorting-share/points/{code}/series", tag = "figures",
    params(("code" = String, Path, description = "the point"), PeriodAsk),
    responses((status = 200, body = RowsOf<Share>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn point_series(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(code): Path<String>,
    Ask(query): Ask<PeriodAsk>,
) -> Result<Json<RowsOf<Share>>, Problem> {
    let query = PeriodAsk { point: Some(code), ..query };
    let asked = asked(&site, &who, &query, Step::Day).await?;
    let beside = beside(&site).await?;
    let rows = read::periods(&site, &who, &asked.whose, (asked.from, asked.to), asked.step).await?;
    Ok(Json(RowsOf { rows: rows.iter().map(|period| share_of_period(&site, None, period, &beside)).collect() }))
}

/// An indicator of an area and a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct IndicatorRow {
    /// First day of the period.
    #[schema(value_type = String, format = Date)]
    from: LocalDay,
    /// Last day in the figures.
    #[schema(value_type = String, format = Date)]
    to: LocalDay,
    /// Hamlet; null: the commune.
    #[schema(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// Which, for example `landfill_rate`.
    #[schema(value_type = String)]
    indicator: Name,
    /// Its definition, an anchor of `/definitions`.
    definition: String,
    /// `percent` or `g_per_household_week`.
    #[schema(value_type = String)]
    unit: Unit,
    /// Where its data comes from: `devices`, `crew`, `visits`, `tickets`, `schedule`, `register`, `assumption`.
    #[schema(value_type = Vec<String>)]
    sources: &'static [DataSource],
    /// For one stream; null: for all.
    #[schema(value_type = Option<String>)]
    stream: Option<StreamCode>,
    /// The value; null where there is none, with the reason in `missing`.
    value: Option<f64>,
    /// Why there is no value.
    #[schema(value_type = Option<String>)]
    missing: Option<Missing>,
    /// What is divided (grams, households, rounds …).
    part: i64,
    /// By what.
    whole: i64,
    /// Of collected mass: how it is known; null elsewhere.
    #[schema(value_type = Option<Object>)]
    masses: Option<Masses>,
    /// What is assumed; null: nothing is.
    assumption: Option<String>,
    /// Data completeness of the period; null where no device is scheduled.
    #[schema(value_type = Option<f64>)]
    completeness_percent: Option<Percent>,
    /// Version of the rules in force on the last day.
    rule_version: String,
    /// The commune is simulated.
    simulated: bool,
}

fn indicator_row(site: &Site, area: Option<&AreaCode>, period: &PeriodFigures, figure: &Figure) -> IndicatorRow {
    let commune = read::commune(site);
    let (value, missing) = match figure.value {
        Value::Percent(percent) => (Some(percent.as_f64()), None),
        Value::GramsPerHouseholdWeek(grams) => (i32::try_from(grams).ok().map(f64::from), None),
        Value::Missing(why) => (None, Some(why)),
    };
    let assumed = figure.name == Name::Collection;
    let assumption = commune
        .assumptions
        .per_person_day_g
        .filter(|_| assumed)
        .map(|grams| format!("{grams} g a person and day ({})", commune.assumptions.source));
    IndicatorRow {
        from: period.from,
        to: period.to,
        area: area.cloned(),
        indicator: figure.name,
        definition: figure.name.as_str().replace('_', "-"),
        unit: unit(figure.name),
        sources: figure.name.sources(),
        stream: figure.stream.clone(),
        value,
        missing,
        part: figure.part,
        whole: figure.whole,
        masses: figure.masses,
        assumption,
        completeness_percent: period.completeness.percent(),
        rule_version: commune.rules_on(period.to).version.clone(),
        simulated: commune.simulated,
    }
}

/// Gives what an indicator is counted in.
pub fn unit(name: Name) -> Unit {
    if name == Name::Yield { Unit::GramsPerHouseholdWeek } else { Unit::Percent }
}

/// The indicators beside the share, by period. Where data is missing, the value is null and the reason given.
#[utoipa::path(get, path = "/api/v1/indicators", tag = "figures", params(PeriodAsk),
    responses((status = 200, body = RowsOf<IndicatorRow>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn indicators(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(query): Ask<PeriodAsk>,
) -> Result<Json<RowsOf<IndicatorRow>>, Problem> {
    Ok(Json(RowsOf { rows: indicator_rows(&site, &who, &query).await? }))
}

async fn indicator_rows(site: &Site, who: &Who, query: &PeriodAsk) -> Result<Vec<IndicatorRow>, Problem> {
    let asked = asked(site, who, query, Step::Month).await?;
    let area = no_point(&asked)?;
    let periods = figures::indicators(site, who, area, (asked.from, asked.to), asked.step).await?;
    Ok(periods
        .iter()
        .flat_map(|period| period.figures.iter().map(|figure| indicator_row(site, area, period, figure)))
        .collect())
}

/// Gives the hamlet that is asked for; indicators have no points.
pub fn no_point(asked: &Asked) -> Result<Option<&AreaCode>, Problem> {
    match &asked.whose {
        Whose::Commune => Ok(None),
        Whose::Area(area) => Ok(Some(area)),
        Whose::Point(_) | Whose::Device(_) => {
            Err(Problem::bad_value("indicators are of the commune or a hamlet; leave `point` out"))
        }
    }
}

/// The indicators as a CSV file.
pub async fn indicators_csv(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(query): Ask<PeriodAsk>,
) -> Result<Response, Problem> {
    let head = [
        "from",
        "to",
        "area",
        "indicator",
        "unit",
        "sources",
        "stream",
        "value",
        "missing",
        "part",
        "whole",
        "weighed_g",
        "manual_g",
        "estimated_g",
        "assumption",
        "completeness_percent",
        "rule_version",
        "simulated",
    ];
    let rows = indicator_rows(&site, &who, &query).await?;
    let cells = |row: IndicatorRow| {
        let mass = |of: fn(&Masses) -> i64| maybe(row.masses.as_ref().map(of));
        vec![
            row.from.to_string(),
            row.to.to_string(),
            maybe(row.area.clone()),
            row.indicator.to_string(),
            row.unit.to_string(),
            row.sources.iter().map(|source| source.as_str()).collect::<Vec<_>>().join(" "),
            maybe(row.stream.clone()),
            maybe(row.value),
            maybe(row.missing),
            row.part.to_string(),
            row.whole.to_string(),
            mass(|masses| masses.weighed_g),
            mass(|masses| masses.manual_g),
            mass(|masses| masses.estimated_g),
            row.assumption.clone().unwrap_or_default(),
            maybe(row.completeness_percent),
            row.rule_version.clone(),
            row.simulated.to_string(),
        ]
    };
    csv_file("indicators", &head, rows.into_iter().map(cells).collect())
}

/// The shares of the page `/shares` as a CSV file.
pub async fn shares_csv(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(query): Ask<PeriodAsk>,
) -> Result<Response, Problem> {
    let asked = asked(&site, &who, &query, Step::Day).await?;
    let commune = read::commune(&site);
    let head = [
        "from",
        "to",
        "area",
        "point",
        "state_at_end_of",
        "eligible",
        "sorting",
        "not_sorting",
        "undetermined",
        "share_percent",
        "upper_percent",
        "coverage_percent",
        "target_percent",
        "months_in_mean",
        "enrolled",
        "at_least_one_group",
        "served",
        "measured",
        "participating",
        "opportunities",
        "set_outs",
        "enrolled_percent",
        "at_least_one_group_percent",
        "participation_percent",
        "set_out_percent",
        "completeness_percent",
        "rule_version",
        "provisional",
        "simulated",
        "hidden",
    ];
    let (area, point) = match &asked.whose {
        Whose::Commune | Whose::Device(_) => (String::new(), String::new()),
        Whose::Area(area) => (area.to_string(), String::new()),
        Whose::Point(point) => (String::new(), point.to_string()),
    };
    let cells = |period: &PeriodShare| {
        let counts = &period.last.counts;
        vec![
            period.from.to_string(),
            period.to.to_string(),
            area.clone(),
            point.clone(),
            period.last.day.to_string(),
            maybe(counts.eligible()),
            maybe(counts.sorting()),
            maybe(counts.not_sorting()),
            maybe(counts.undetermined_total()),
            maybe(period.share),
            maybe(period.upper),
            maybe(period.coverage),
            maybe(period.last.target),
            maybe(period.months),
            maybe(counts.enrolled()),
            maybe(counts.at_least_one()),
            maybe(counts.served()),
            maybe(counts.measured()),
            maybe(counts.participating()),
            maybe(counts.opportunities()),
            maybe(counts.set_outs()),
            maybe(counts.enrolled_share()),
            maybe(counts.at_least_one_share()),
            maybe(counts.participation()),
            maybe(counts.set_out()),
            maybe(period.last.completeness.percent()),
            commune.rules_on(period.last.day).version.clone(),
            period.last.provisional.to_string(),
            commune.simulated.to_string(),
            counts.hidden().parts().map(Part::as_str).collect::<Vec<_>>().join(" "),
        ]
    };
    let rows = read::periods(&site, &who, &asked.whose, (asked.from, asked.to), asked.step).await?;
    csv_file("sorting-share", &head, rows.iter().map(cells).collect())
}

/// A statement of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketRow {
    id: String,
    /// The ticket's number.
    ticket: String,
    /// When it was weighed, RFC 3339.
    #[schema(format = DateTime)]
    at: String,
    vehicle: String,
    #[schema(value_type = String)]
    stream: StreamCode,
    gross_g: i64,
    tare_g: i64,
    net_g: i64,
    destination: String,
    /// `counts`, `repeats`, `conflicts` or `void`.
    #[schema(value_type = String)]
    standing: Standing,
    /// A device, or an account.
    by: String,
    /// Sent by a weighbridge.
    device: bool,
}

/// Which tickets.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TicketsAsk {
    /// First day; 27 days before the last when left out.
    from: Option<String>,
    /// Last day; today when left out.
    to: Option<String>,
}

/// Weighbridge tickets, latest first: of one number the first known that is not void counts.
#[utoipa::path(get, path = "/api/v1/tickets", tag = "figures", params(TicketsAsk),
    responses((status = 200, body = RowsOf<TicketRow>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn tickets(
    State(site): State<Arc<Site>>,
    Ask(asked): Ask<TicketsAsk>,
) -> Result<Json<RowsOf<TicketRow>>, Problem> {
    let last = ask::day("to", &asked.to)?.unwrap_or_else(|| read::today(&site));
    let (from, to) = ask::range(ask::day("from", &asked.from)?.unwrap_or(last - 27), last)?;
    let zone = read::commune(&site).zone.clone();
    let rows = judged(site.web.store.tickets(from, to, TICKETS).await?);
    let rows = rows.into_iter().map(|(ticket, standing)| TicketRow {
        at: stamp(&zone, ticket.at),
        net_g: ticket.net_g(),
        id: ticket.id,
        ticket: ticket.ticket,
        vehicle: ticket.vehicle,
        stream: ticket.stream,
        gross_g: ticket.gross_g,
        tare_g: ticket.tare_g,
        destination: ticket.destination,
        standing,
        by: ticket.by,
        device: ticket.device,
    });
    Ok(Json(RowsOf { rows: rows.collect() }))
}

/// Judges each ticket among those of its number, keeping the order.
pub fn judged(tickets: Vec<TicketFact>) -> Vec<(TicketFact, Standing)> {
    let mut by_number: std::collections::HashMap<String, Vec<TicketFact>> = std::collections::HashMap::new();
    for ticket in &tickets {
        by_number.entry(ticket.ticket.clone()).or_default().push(ticket.clone());
    }
    let mut standing: std::collections::HashMap<String, Standing> = std::collections::HashMap::new();
    for of_one_number in by_number.values() {
        let ids = of_one_number.iter().map(|ticket| ticket.id.clone());
        standing.extend(ids.zip(standings(of_one_number)));
    }
    tickets
        .into_iter()
        .map(|ticket| {
            let of = standing.get(&ticket.id).copied().unwrap_or(Standing::Conflicts);
            (ticket, of)
        })
        .collect()
}
