//! Shares and tonnage: figures at hamlet level, open to everyone.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{RowsOf, stamp};
use crate::domain::ids::{AreaCode, StreamCode};
use crate::domain::state::{Level, Reason};
use crate::domain::time::{Instant, LocalDay};
use crate::domain::units::Percent;
use crate::indicators::{Badge, Completeness, MassTold, Part, PeriodShare, ShareDay, Shown, Step, TonnageRow};
use crate::web::ask::{self, Ask};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::publication;
use crate::web::read::{self, Whose};

/// The definition that the share follows, an anchor of `/definitions`.
const DEFINITION: &str = "sorting-share";

/// U by reason, in visit-priority order.
#[derive(Debug, Serialize, ToSchema)]
pub struct ByReason {
    only_other: Option<i64>,
    only_declared: Option<i64>,
    one_stream_missing: Option<i64>,
    no_pickup: Option<i64>,
    not_observable: Option<i64>,
}

impl ByReason {
    /// Asks for each reason's households.
    pub(super) fn of(count: impl Fn(Reason) -> Option<i64>) -> Self {
        Self {
            only_other: count(Reason::OnlyOther),
            only_declared: count(Reason::OnlyDeclared),
            one_stream_missing: count(Reason::OneStreamMissing),
            no_pickup: count(Reason::NoPickup),
            not_observable: count(Reason::NotObservable),
        }
    }
}

/// S by the weakest level of evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct ByEvidence {
    device: Option<i64>,
    crew: Option<i64>,
    verified: Option<i64>,
}

/// What stands beside the share, each with its own definition.
#[derive(Debug, Serialize, ToSchema)]
pub struct Companions {
    /// Enrolled / E.
    #[schema(value_type = Option<f64>)]
    enrolled_percent: Option<Percent>,
    /// At least one group / E.
    #[schema(value_type = Option<f64>)]
    at_least_one_group_percent: Option<Percent>,
    /// Households with as many opportunities of a required stream as a window holds.
    measured: Option<i64>,
    /// Of these, those that set out at one of them or more.
    participating: Option<i64>,
    /// WRAP's participation rate: participating / measured; null when nobody is.
    #[schema(value_type = Option<f64>)]
    participation_percent: Option<Percent>,
    /// The measured households' last opportunities.
    opportunities: Option<i64>,
    /// Those at which the household set out.
    set_outs: Option<i64>,
    /// WRAP's set-out rate: set-outs / opportunities; null when there is none.
    #[schema(value_type = Option<f64>)]
    set_out_percent: Option<Percent>,
    /// Households to which a round that ran was offered in the window's days.
    served: Option<i64>,
}

/// A year's values.
#[derive(Debug, Serialize, ToSchema)]
pub struct YearMean {
    /// The calendar year.
    year: i16,
    /// Months whose end counts.
    months: i64,
    /// Mean of the month-end shares, truncated.
    #[schema(value_type = Option<f64>)]
    mean_share_percent: Option<Percent>,
    /// Mean of the upper bounds, rounded up.
    #[schema(value_type = Option<f64>)]
    mean_upper_percent: Option<Percent>,
    /// Mean of the coverages, truncated.
    #[schema(value_type = Option<f64>)]
    mean_coverage_percent: Option<Percent>,
}

/// A share with all that must stand beside it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Share {
    /// Hamlet; null: the commune.
    #[schema(value_type = Option<String>)]
    area: Option<AreaCode>,
    /// The local day at whose end the states hold.
    #[schema(value_type = Option<String>, format = Date)]
    on: Option<LocalDay>,
    /// The definition, an anchor of `/definitions`.
    definition: &'static str,
    /// Version of the rules in force on that day.
    rule_version: String,
    /// E: active registered households less exclusions.
    eligible: Option<i64>,
    /// S.
    sorting: Option<i64>,
    /// N.
    not_sorting: Option<i64>,
    /// U.
    undetermined: Option<i64>,
    undetermined_by_reason: ByReason,
    /// S / E, truncated to two decimals; null when E = 0.
    #[schema(value_type = Option<f64>)]
    share_percent: Option<Percent>,
    /// (S + U) / E, rounded up.
    #[schema(value_type = Option<f64>)]
    upper_percent: Option<Percent>,
    /// (S + N) / E, truncated.
    #[schema(value_type = Option<f64>)]
    coverage_percent: Option<Percent>,
    /// The year's target; null when there is none.
    #[schema(value_type = Option<f64>)]
    target_percent: Option<Percent>,
    /// How far the figure may be used: `sufficient`, `indicative` or `insufficient`.
    #[schema(value_type = Option<String>)]
    badge: Option<Badge>,
    evidence: ByEvidence,
    /// Households with at least one required stream.
    at_least_one_group: Option<i64>,
    /// Households declared or better in at least one required stream.
    enrolled: Option<i64>,
    /// Named for what they are, never in place of the share.
    companions: Companions,
    /// For a year: the mean of its month-end values; the other figures are those of its last month end.
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<YearMean>,
    /// Completeness of the 28 days up to `on`; null where no device is scheduled.
    #[schema(value_type = Option<f64>)]
    completeness_percent: Option<Percent>,
    /// Parts that are hidden from the asker, whose numbers are null: they would tell of fewer than 10 households. Left out when nothing is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    hidden_parts: Vec<Part>,
    /// The day or its month is still open.
    provisional: bool,
    /// The commune is simulated.
    simulated: bool,
    /// When the last event counted was received.
    #[schema(value_type = Option<String>, format = DateTime)]
    as_of: Option<String>,
}

/// What stands beside every share of one answer.
pub(super) struct Beside {
    simulated: bool,
    as_of: Option<String>,
}

impl Beside {
    /// Gives whether the commune is simulated, and when the last event counted was received.
    pub(super) fn into_parts(self) -> (bool, Option<String>) {
        (self.simulated, self.as_of)
    }
}

pub(super) async fn beside(site: &Site) -> Result<Beside, Problem> {
    let commune = read::commune(site);
    let as_of = read::cut_off(site).await?.map(|at: Instant| stamp(&commune.zone, at));
    Ok(Beside { simulated: commune.simulated, as_of })
}

pub(super) fn share(
    site: &Site,
    area: Option<AreaCode>,
    on: Option<LocalDay>,
    day: &ShareDay,
    beside: &Beside,
) -> Share {
    let counts: &Shown = &day.counts;
    Share {
        area,
        on,
        definition: DEFINITION,
        rule_version: read::commune(site).rules_on(day.day).version.clone(),
        eligible: counts.eligible(),
        sorting: counts.sorting(),
        not_sorting: counts.not_sorting(),
        undetermined: counts.undetermined_total(),
        undetermined_by_reason: ByReason::of(|reason| counts.undetermined_for(reason)),
        share_percent: counts.share(),
        upper_percent: counts.upper(),
        coverage_percent: counts.coverage(),
        target_percent: day.target,
        badge: counts.badge(),
        evidence: ByEvidence {
            device: counts.evidence_of(Level::Device),
            crew: counts.evidence_of(Level::Crew),
            verified: counts.evidence_of(Level::Verified),
        },
        at_least_one_group: counts.at_least_one(),
        enrolled: counts.enrolled(),
        companions: Companions {
            enrolled_percent: counts.enrolled_share(),
            at_least_one_group_percent: counts.at_least_one_share(),
            measured: counts.measured(),
            participating: counts.participating(),
            participation_percent: counts.participation(),
            opportunities: counts.opportunities(),
            set_outs: counts.set_outs(),
            set_out_percent: counts.set_out(),
            served: counts.served(),
        },
        year: None,
        completeness_percent: day.completeness.percent(),
        hidden_parts: counts.hidden().parts().collect(),
        provisional: day.provisional,
        simulated: beside.simulated,
        as_of: beside.as_of.clone(),
    }
}

/// Makes the row of a period; of a year with its mean.
pub(super) fn share_of_period(site: &Site, area: Option<AreaCode>, period: &PeriodShare, beside: &Beside) -> Share {
    let year = period.months.map(|months| YearMean {
        year: period.from.date().year(),
        months,
        mean_share_percent: period.share,
        mean_upper_percent: period.upper,
        mean_coverage_percent: period.coverage,
    });
    Share { year, ..share(site, area, Some(period.last.day), &period.last, beside) }
}

/// Whose share, on which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShareAsk {
    /// Hamlet; the commune when left out.
    area: Option<String>,
    /// Day, `YYYY-MM-DD`; the last finished day when left out.
    on: Option<String>,
}

/// The share of households sorting at source, of the commune or a hamlet on one day.
#[utoipa::path(get, path = "/api/v1/sorting-share", tag = "figures", params(ShareAsk),
    responses((status = 200, body = Share), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn sorting_share(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<ShareAsk>,
) -> Result<Json<Share>, Problem> {
    let area = ask::area(&site, &asked.area)?;
    publication::may_see(&site, &who, area.as_ref()).await?;
    let on = match ask::day("on", &asked.on)? {
        Some(day) => Some(day),
        None => read::last_finished(&site).await?,
    };
    let day = read::share_day(&site, &who, area.as_ref(), on.unwrap_or_else(|| read::today(&site) - 1)).await?;
    let beside = beside(&site).await?;
    Ok(Json(share(&site, area, on, &day, &beside)))
}

/// Whose series, over which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SeriesAsk {
    /// Hamlet; the commune when left out.
    area: Option<String>,
    /// First day; four weeks before the last when left out.
    from: Option<String>,
    /// Last day; the last finished day when left out.
    to: Option<String>,
    /// `day`, `week`, `month` or `year`.
    step: Option<String>,
}

/// Shares over time: the state at each period's last finished day; of a year that of its last month end, with the mean of its
/// month ends in `year`. Days without an eligible household are left out.
#[utoipa::path(get, path = "/api/v1/sorting-share/series", tag = "figures", params(SeriesAsk),
    responses((status = 200, body = RowsOf<Share>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn series(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<SeriesAsk>,
) -> Result<Json<RowsOf<Share>>, Problem> {
    let area = ask::area(&site, &asked.area)?;
    publication::may_see(&site, &who, area.as_ref()).await?;
    let step = ask::step(&asked.step, Step::Day)?;
    let last = match ask::day("to", &asked.to)? {
        Some(day) => day,
        None => read::last_finished(&site).await?.unwrap_or_else(|| read::today(&site) - 1),
    };
    let (from, to) = ask::range(ask::day("from", &asked.from)?.unwrap_or(last - 27), last)?;
    let beside = beside(&site).await?;
    let rows = match step {
        // Today is told too, so far; a period's value needs a finished day.
        Step::Day => read::series(&site, &who, area.as_ref(), (from, to))
            .await?
            .iter()
            .map(|day| share(&site, area.clone(), Some(day.day), day, &beside))
            .collect(),
        Step::Week | Step::Month | Step::Year => read::periods(&site, &who, &Whose::of(area.clone()), (from, to), step)
            .await?
            .iter()
            .map(|period| share_of_period(&site, area.clone(), period, &beside))
            .collect(),
    };
    Ok(Json(RowsOf { rows }))
}

/// On which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AreasAsk {
    /// Day, `YYYY-MM-DD`; the last finished day when left out.
    on: Option<String>,
}

/// A hamlet beside the others.
#[derive(Debug, Serialize, ToSchema)]
pub struct AreaRow {
    /// The hamlet's name.
    name: String,
    /// All its figures are hidden to protect households; only `area` and `name` are given.
    hidden: bool,
    /// Its share.
    #[serde(flatten)]
    share: Option<Share>,
    /// Its code, when hidden.
    #[serde(skip_serializing_if = "Option::is_none", rename = "area")]
    #[schema(ignore)]
    hidden_area: Option<AreaCode>,
}

/// Every hamlet on one day, highest share first; those under 10 households are hidden from the public.
#[utoipa::path(get, path = "/api/v1/sorting-share/areas", tag = "figures", params(AreasAsk),
    responses((status = 200, body = RowsOf<AreaRow>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn areas(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<AreasAsk>,
) -> Result<Json<RowsOf<AreaRow>>, Problem> {
    let on = match ask::day("on", &asked.on)? {
        Some(day) => Some(day),
        None => read::last_finished(&site).await?,
    };
    let day = on.unwrap_or_else(|| read::today(&site) - 1);
    let beside = beside(&site).await?;
    let target = read::target_on(&read::commune(&site), day);
    let provisional = read::settled_months(&site, day, day).await?.is_empty();
    let (shares, hidden) = read::area_shares(&site, &who, day).await?;
    let shown = shares.into_iter().map(|of| {
        let share_day = ShareDay { day, counts: of.counts, completeness: of.completeness, target, provisional };
        AreaRow {
            name: of.name,
            hidden: false,
            share: Some(share(&site, Some(of.area), on, &share_day, &beside)),
            hidden_area: None,
        }
    });
    let hidden = hidden.into_iter().map(|area| AreaRow {
        name: read::area_name(&site, &area),
        hidden: true,
        share: None,
        hidden_area: Some(area),
    });
    Ok(Json(RowsOf { rows: shown.chain(hidden).collect() }))
}

/// Waste of one stream in one period.
#[derive(Debug, Serialize, ToSchema)]
pub struct TonnageOf {
    /// The period's first day.
    #[schema(value_type = String, format = Date)]
    period: LocalDay,
    /// The stream's code; empty: not named.
    #[schema(value_type = String)]
    stream: StreamCode,
    /// Masses and pickups.
    #[serde(flatten)]
    #[schema(inline)]
    masses: Masses,
    /// Data completeness of the period's days within the range; null: no device was scheduled.
    #[schema(value_type = Option<f64>)]
    completeness_percent: Option<Percent>,
}

/// Masses, grams, and the pickups counted. Null: hidden from the asker.
#[derive(Debug, Serialize, ToSchema)]
pub struct Masses {
    /// Weighed by a device, unknown households included. Of a hamlet the public gets the total alone.
    weighed_g: Option<i64>,
    /// Typed by a crew where no device weighed.
    manual_g: Option<i64>,
    /// Pickups without weight at the stream's configured mean.
    estimated_g: Option<i64>,
    /// The part of `weighed_g` whose household is unknown.
    unknown_household_g: Option<i64>,
    /// Weighed, typed and estimated together.
    total_g: Option<i64>,
    /// Accepted pickups.
    pickups: Option<i64>,
    /// They would tell of fewer than 10 pickups, or their parts might. Left out when nothing is hidden.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hidden: bool,
}

impl From<&TonnageRow> for Masses {
    fn from(row: &TonnageRow) -> Self {
        let mass = &row.tonnage;
        let (apart, told) = (row.told == MassTold::Apart, row.told != MassTold::Hidden);
        Self {
            weighed_g: apart.then_some(mass.weighed_g),
            manual_g: apart.then_some(mass.manual_g),
            estimated_g: apart.then_some(mass.estimated_g),
            unknown_household_g: apart.then_some(mass.unknown_household_g),
            total_g: told.then(|| mass.total_g()),
            pickups: told.then_some(mass.pickups),
            hidden: !apart,
        }
    }
}

/// Waste collected by stream and period; a hamlet's is that of its places.
#[utoipa::path(get, path = "/api/v1/tonnage", tag = "figures", params(SeriesAsk),
    responses((status = 200, body = RowsOf<TonnageOf>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn tonnage(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<SeriesAsk>,
) -> Result<Json<RowsOf<TonnageOf>>, Problem> {
    let area = ask::area(&site, &asked.area)?;
    publication::may_see(&site, &who, area.as_ref()).await?;
    let step = ask::step(&asked.step, Step::Day)?;
    let last = ask::day("to", &asked.to)?.unwrap_or_else(|| read::today(&site));
    let (from, to) = ask::range(ask::day("from", &asked.from)?.unwrap_or(last - 27), last)?;
    let rows = publication::tonnage(&site, &who, area.as_ref(), (from, to), step).await?;
    let mut periods: BTreeMap<LocalDay, Completeness> = BTreeMap::new();
    for day in site.web.store.completeness_days(area.as_ref(), from, to).await? {
        periods.entry(step.period_of(day.day).0).or_default().merge(&day.completeness);
    }
    let rows = rows
        .into_iter()
        .map(|row| TonnageOf {
            period: row.from,
            masses: Masses::from(&row),
            stream: row.stream,
            completeness_percent: periods.get(&step.period_of(row.from).0).and_then(Completeness::percent),
        })
        .collect();
    Ok(Json(RowsOf { rows }))
}
