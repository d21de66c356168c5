//! Household states and pickups: personal data, so role-limited and logged.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{PageOf, stamp};
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode, StationCode, StreamCode};
use crate::domain::pickup::Pickup;
use crate::domain::register::Register;
use crate::domain::state::{Level, Reason, State};
use crate::domain::time::LocalDay;
use crate::store::{Looked, PhotoNote, PickupsQuery, Role, Seen, StatesQuery};
use crate::web::ask::{self, Ask};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::scope::Scope;

/// Rows of a page when none are asked for, and at most.
const PAGE: i64 = 500;
const PAGE_MAX: i64 = 5_000;

/// Which households, on which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatesAsk {
    /// Day, `YYYY-MM-DD`; the last finished day when left out.
    on: Option<String>,
    /// Hamlet.
    area: Option<String>,
    /// `S`, `N` or `U`.
    state: Option<String>,
    /// Why undetermined.
    reason: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows at most, 1 to 5 000; 500 when left out.
    limit: Option<String>,
}

/// A household's state.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateOf {
    #[schema(value_type = String)]
    household: HouseholdCode,
    #[schema(value_type = String)]
    area: AreaCode,
    /// `S` sorting, `N` not sorting, `U` undetermined.
    #[schema(value_type = String)]
    state: State,
    /// Why undetermined; null otherwise.
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
    /// For S: `device`, `crew` or `verified`; null otherwise.
    #[schema(value_type = Option<String>)]
    weakest_evidence: Option<Level>,
}

/// Narrows a hamlet filter to those the account is limited to.
///
/// An officer or viewer without hamlets of their own sees the commune; everyone else sees their own hamlets, one at a time.
pub fn scoped(who: &Who, area: Option<AreaCode>) -> Result<Option<AreaCode>, Problem> {
    let Some(account) = &who.account else {
        return Err(Problem::unauthenticated("sign in to see households"));
    };
    let whole_commune =
        account.areas.is_empty() && (account.roles.contains(&Role::Officer) || account.roles.contains(&Role::Viewer));
    if whole_commune {
        return Ok(area);
    }
    let own = || {
        let own: Vec<&str> = account.areas.iter().map(AreaCode::as_str).collect();
        if own.is_empty() { "none".to_owned() } else { own.join(", ") }
    };
    match (area, account.areas.as_slice()) {
        (Some(area), areas) if areas.contains(&area) => Ok(Some(area)),
        (Some(area), _) => Err(Problem::forbidden(format!(
            "area `{area}` is not one of account `{}`'s; its areas: {}",
            account.name,
            own()
        ))),
        (None, [only]) => Ok(Some(only.clone())),
        (None, _) => Err(Problem::forbidden(format!(
            "account `{}` sees its own areas, one at a time; add `area=` with one of: {}",
            account.name,
            own()
        ))),
    }
}

/// Writes a look at households into the access log; without the entry there is no look. A text names what was asked for; a list is
/// [`Seen::list`], with the households in it.
pub async fn log_look(site: &Site, who: &Who, action: &str, seen: impl Into<Seen>) -> Result<(), Problem> {
    let account = who.account.as_ref().map(|account| account.name.clone()).unwrap_or_default();
    let look = Looked::new(site.web.clock.now(), account, action, seen);
    Ok(site.web.store.log_look(&look).await?)
}

/// Household states on one day, by code. Each look is logged.
#[utoipa::path(get, path = "/api/v1/states", tag = "households", params(StatesAsk),
    responses((status = 200, body = PageOf<StateOf>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn states(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<StatesAsk>,
) -> Result<Json<PageOf<StateOf>>, Problem> {
    let area = scoped(&who, ask::area(&site, &asked.area)?)?;
    let state = ask::word("state", &asked.state, &["S", "N", "U"], State::from_word)?;
    let words: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    let reason = ask::word("reason", &asked.reason, &words, Reason::from_word)?;
    let limit = ask::limit(&asked.limit, PAGE, PAGE_MAX)?;
    let on = match ask::day("on", &asked.on)? {
        Some(day) => Some(day),
        None => read::last_finished(&site).await?,
    };
    let Some(on) = on else {
        return Ok(Json(PageOf { rows: Vec::new(), next: None }));
    };
    let subject = format!(
        "on={on} area={} state={} reason={}",
        area.as_ref().map_or("", AreaCode::as_str),
        state.map_or("", State::as_str),
        reason.map_or("", Reason::as_str)
    );
    let after = ask::given(&asked.after).map(HouseholdCode::from);
    let query = StatesQuery { on, area, state, reason, after, limit: limit + 1 };
    let mut found = site.web.store.states(&query).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let shown = found.iter().map(|row| row.household.clone());
    log_look(&site, &who, "states", Seen::list(subject, shown, found.len())).await?;
    let next = found.last().filter(|_| more).map(|row| row.household.to_string());
    let rows = found
        .into_iter()
        .map(|row| StateOf {
            household: row.household,
            area: row.area,
            state: row.state.state,
            reason: row.state.reason,
            weakest_evidence: row.state.weakest,
        })
        .collect();
    Ok(Json(PageOf { rows, next }))
}

/// Which pickups.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PickupsAsk {
    /// From a day or a time on; the day before `to` when left out.
    from: Option<String>,
    /// Up to a day, all of it, or a time, not included; now when left out.
    to: Option<String>,
    /// Point or route.
    place: Option<String>,
    /// Household.
    household: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows at most, 1 to 5 000; 500 when left out.
    limit: Option<String>,
}

/// A pickup.
#[derive(Debug, Serialize, ToSchema)]
pub struct PickupOf {
    id: String,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    at: String,
    /// Its day in every figure: its round's, else the local day.
    #[schema(value_type = String, format = Date)]
    day: LocalDay,
    #[schema(value_type = String)]
    place: PlaceCode,
    #[schema(value_type = String)]
    station: StationCode,
    /// Empty: not named.
    #[schema(value_type = String)]
    stream: StreamCode,
    /// Null: unknown or ambiguous.
    #[schema(value_type = Option<String>)]
    household: Option<HouseholdCode>,
    /// `known`, `unknown` or `ambiguous`.
    attribution: &'static str,
    /// Net mass, grams; null: presence only.
    net_g: Option<i64>,
    /// `device` or `crew`.
    source: &'static str,
    /// Stable, not overloaded, not void.
    accepted: bool,
    /// Below the scale's minimum: presence counts, the weight is flagged.
    below_min: bool,
    /// Readings behind it, `device~log~seq`.
    readings: Vec<String>,
    /// Ids of its pictures; see `/api/v1/photos/{id}`.
    photos: Vec<String>,
}

/// Refuses what lies outside the account's hamlets; an account limited to hamlets names a place or a household of theirs.
fn pickups_in_scope(
    scope: Scope<'_>,
    register: &Register,
    place: Option<&PlaceCode>,
    household: Option<&HouseholdCode>,
    on: LocalDay,
) -> Result<(), Problem> {
    let outside = |what: &str, code: &str| {
        Err(Problem::forbidden(format!("{what} `{code}` lies outside the account's hamlets; name one of theirs")))
    };
    match (place, household) {
        (Some(place), _) if !scope.admits_place(register, place, on) => outside("place", place.as_str()),
        (_, Some(household)) if !scope.admits(register, household) => outside("household", household.as_str()),
        (None, None) if !scope.is_whole() => Err(Problem::bad_value(
            "the account is limited to hamlets; add `place=` or `household=` with one of theirs",
        )),
        (_, _) => Ok(()),
    }
}

/// Pickups in order of time. Each look is logged.
#[utoipa::path(get, path = "/api/v1/pickups", tag = "households", params(PickupsAsk),
    responses((status = 200, body = PageOf<PickupOf>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn pickups(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<PickupsAsk>,
) -> Result<Json<PageOf<PickupOf>>, Problem> {
    let to = ask::instant(&site, "to", &asked.to, true)?.unwrap_or_else(|| site.web.clock.now());
    let from = ask::instant(&site, "from", &asked.from, false)?
        .unwrap_or_else(|| to.plus_ms(-24 * crate::domain::time::HOUR_MS));
    if from > to {
        return Err(Problem::bad_value("parameter `from` is after `to`; swap them"));
    }
    let after = ask::given(&asked.after)
        .map(|text| {
            text.split_once('_').and_then(|(ms, id)| Some((ms.parse().ok()?, id.to_owned()))).ok_or_else(|| {
                Problem::bad_value(format!("parameter `after`: `{text}` is not a page's `next`; leave it out to begin"))
            })
        })
        .transpose()?;
    let limit = ask::limit(&asked.limit, PAGE, PAGE_MAX)?;
    let place = ask::given(&asked.place).map(PlaceCode::from);
    let household = ask::given(&asked.household).map(HouseholdCode::from);
    let register = site.web.register.borrow().clone();
    let scope = Scope::of(&who)?;
    pickups_in_scope(scope, &register, place.as_ref(), household.as_ref(), read::today(&site))?;
    let zone = read::commune(&site).zone.clone();
    let subject = format!(
        "from={} to={} place={} household={}",
        stamp(&zone, from),
        stamp(&zone, to),
        place.as_ref().map_or("", PlaceCode::as_str),
        household.as_ref().map_or("", HouseholdCode::as_str)
    );
    let query = PickupsQuery { from, to, place, household, after, limit: limit + 1 };
    let mut found = site.web.store.pickups(&query).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    for pickup in &mut found {
        // Households of other hamlets hand over here too; whose hand-over it was is not this account's to know.
        pickup.household = pickup.household.take().filter(|household| scope.admits(&register, household));
    }
    let shown = found.iter().filter_map(|pickup| pickup.household.clone());
    log_look(&site, &who, "pickups", Seen::list(subject, shown, found.len())).await?;
    let next = found.last().filter(|_| more).map(|pickup| format!("{}_{}", pickup.time.ms(), pickup.id));
    let keys: Vec<String> = found
        .iter()
        .flat_map(|pickup| pickup.readings.iter().map(ToString::to_string).chain([pickup.id.clone()]))
        .collect();
    let photos = site.web.store.photos_of(keys.iter().map(String::as_str)).await?;
    let photos_of = |pickup: &Pickup| {
        let is_its = |photo: &&PhotoNote| {
            let of_reading = |reading: &String| pickup.readings.iter().any(|own| own.to_string() == *reading);
            photo.pickup == pickup.id || photo.reading.as_ref().is_some_and(of_reading)
        };
        photos.iter().filter(is_its).map(|photo| photo.id.clone()).collect()
    };
    let rows = found
        .into_iter()
        .map(|pickup| PickupOf {
            photos: photos_of(&pickup),
            at: stamp(&zone, pickup.time),
            day: pickup.day,
            attribution: pickup.attribution.as_str(),
            source: pickup.source.as_str(),
            accepted: pickup.is_accepted(),
            below_min: pickup.below_min,
            readings: pickup.readings.iter().map(ToString::to_string).collect(),
            id: pickup.id,
            place: pickup.place,
            station: pickup.station,
            stream: pickup.stream,
            household: pickup.household,
            net_g: pickup.net_g,
        })
        .collect();
    Ok(Json(PageOf { rows, next }))
}
