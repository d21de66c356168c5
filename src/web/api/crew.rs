//! What a crew's phone needs for its round: today's rounds, a round's houses, the scale's latest weight. House codes and
//! cards, never names.
//!
//! # Why
//! A card's printed code (QR) holds nothing but the number of the household's tag, which says nothing without the register. The
//! phone gets the numbers of its own round's households and finds them there, so scanning works without a signal, and a lost
//! phone tells no more than a bag of cards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::State as Shared;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::field::{NowOf, now_of};
use super::{log_look, stamp};
use crate::domain::facts::{CrewResult, Operation, Statement};
use crate::domain::ids::{EventId, HouseholdCode, PlaceCode, StreamCode, as_counted};
use crate::domain::pickup::{Source, from_crew};
use crate::domain::reading::{Event, Range};
use crate::domain::register::{Register, ScaleMode};
use crate::domain::round::rounds_on;
use crate::domain::state::ExclusionReason;
use crate::domain::time::{Instant, LocalDay};
use crate::store::{Account, PickupsQuery, Seen};
use crate::web::ask::{self, Ask};
use crate::web::guard::{Site, Who};
use crate::web::pages::App;
use crate::web::problem::Problem;
use crate::web::read;

/// How old the weight on the scale may be, milliseconds: the bag that lies there now.
const WEIGHT_AGE_MS: i64 = 30_000;
/// How far a device's clock may be ahead of ours.
const WEIGHT_AHEAD_MS: i64 = 30_000;
/// Pickups of a place and a day at most.
const PICKUPS_MAX: i64 = 20_000;

fn account(who: &Who) -> Result<&Account, Problem> {
    who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in to collect"))
}

/// Tells who is signed in and the server's time, so that a phone can tell its own clock's error.
#[utoipa::path(get, path = "/api/v1/crew/now", tag = "crew",
    responses((status = 200, body = NowOf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn crew_now(Shared(site): Shared<Arc<Site>>, Extension(who): Extension<Who>) -> Result<Json<NowOf>, Problem> {
    now_of(&site, account(&who)?, App::Crew).map(Json)
}

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CrewRoundsAsk {
    /// Service date, `YYYY-MM-DD`; today when left out.
    pub on: Option<String>,
}

/// A place where rounds are held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CrewPlace {
    /// Point or route.
    #[schema(value_type = String)]
    pub place: PlaceCode,
    /// Its name.
    pub name: String,
}

/// A scheduled or opened round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CrewRound {
    /// Point or route.
    #[schema(value_type = String)]
    pub place: PlaceCode,
    /// Its name.
    pub name: String,
    /// Stream.
    #[schema(value_type = String)]
    pub stream: StreamCode,
    /// Service date.
    #[schema(value_type = String, format = Date)]
    pub service_date: LocalDay,
    /// Scheduled start, local `HH:MM`; null: not scheduled.
    pub start: Option<String>,
    /// Scheduled end, local `HH:MM`; null: not scheduled.
    pub end: Option<String>,
    /// Scheduled hours hold the present time.
    pub current: bool,
    /// A crew opened it.
    pub opened: bool,
    /// A crew closed it after that.
    pub closed: bool,
    /// Households that it serves.
    pub households: usize,
}

/// The rounds of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct CrewRounds {
    /// Service date.
    #[schema(value_type = String, format = Date)]
    pub service_date: LocalDay,
    /// Scheduled rounds and those that were opened: opened ones first, then those whose hours are now, then by start.
    pub rows: Vec<CrewRound>,
    /// Every place where a round can be opened.
    pub places: Vec<CrewPlace>,
}

/// Rounds of a day, the ones to offer first on top.
#[utoipa::path(get, path = "/api/v1/crew/rounds", tag = "crew", params(CrewRoundsAsk),
    responses((status = 200, body = CrewRounds), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn crew_rounds(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<CrewRoundsAsk>,
) -> Result<Json<CrewRounds>, Problem> {
    let on = ask::day("on", &asked.on)?.unwrap_or_else(|| read::today(&site));
    rounds_of(&site, account(&who)?, on).await.map(Json)
}

/// Reads the rounds of a day within the account's hamlets.
pub async fn rounds_of(site: &Site, account: &Account, on: LocalDay) -> Result<CrewRounds, Problem> {
    let words = site.web.store.operations_on("round", on, on).await?;
    let mut stated: BTreeMap<(PlaceCode, StreamCode), (bool, bool)> = BTreeMap::new();
    for operation in words {
        if let Statement::Round { place, stream, open, .. } = operation.statement {
            let (opened, closed) = stated.entry((place, stream)).or_default();
            *opened |= open;
            *closed = !open;
        }
    }
    let commune = read::commune(site);
    let register = site.web.register.borrow().clone();
    let now = site.web.clock.now();
    let own = |place: &PlaceCode| in_scope(&register, account, place, on);
    let mut hours: BTreeMap<(PlaceCode, StreamCode), (Instant, Instant)> = BTreeMap::new();
    for place in register.scheduled_places().filter(|place| own(place)) {
        for round in rounds_on(&register, &commune.zone, place, on) {
            let held = hours.entry((round.place, round.stream)).or_insert((round.start, round.end));
            *held = (held.0.min(round.start), held.1.max(round.end));
        }
    }
    let keys: BTreeSet<_> = hours.keys().chain(stated.keys().filter(|(place, _)| own(place))).cloned().collect();
    let time = |at: Instant| commune.zone.datetime(at).strftime("%H:%M").to_string();
    let mut rows: Vec<(Option<Instant>, CrewRound)> = keys
        .into_iter()
        .map(|key| {
            let scheduled = hours.get(&key).copied();
            let (opened, closed) = stated.get(&key).copied().unwrap_or_default();
            let (place, stream) = key;
            let row = CrewRound {
                name: place_name(&register, &place, on),
                households: households_of(&register, account, &place, on).len(),
                start: scheduled.map(|(start, _)| time(start)),
                end: scheduled.map(|(_, end)| time(end)),
                current: scheduled.is_some_and(|(start, end)| start <= now && now <= end),
                service_date: on,
                opened,
                closed,
                place,
                stream,
            };
            (scheduled.map(|(start, _)| start), row)
        })
        .collect();
    rows.sort_by(|(start, row), (other_start, other)| {
        let first = |row: &CrewRound| (!row.opened || row.closed, !row.current, row.closed);
        (first(row), start, &row.name, &row.stream).cmp(&(first(other), other_start, &other.name, &other.stream))
    });
    Ok(CrewRounds {
        service_date: on,
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        places: places_of(&register, &own, on),
    })
}

/// Tells whether a place lies in the account's hamlets; an account without any has the whole commune.
fn in_scope(register: &Register, account: &Account, place: &PlaceCode, on: LocalDay) -> bool {
    account.areas.is_empty() || register.area_of_place(place, on).is_some_and(|area| account.areas.contains(area))
}

fn places_of(register: &Register, own: &dyn Fn(&PlaceCode) -> bool, on: LocalDay) -> Vec<CrewPlace> {
    let routes = register.households.keys().flat_map(|household| register.places_of(household));
    let all: BTreeSet<PlaceCode> = register.points.keys().cloned().chain(routes).filter(own).collect();
    let mut places: Vec<CrewPlace> =
        all.into_iter().map(|place| CrewPlace { name: place_name(register, &place, on), place }).collect();
    places.sort_by(|one, other| one.name.cmp(&other.name));
    places
}

/// Gives a point's name, or a route's code.
pub fn place_name(register: &Register, place: &PlaceCode, on: LocalDay) -> String {
    register.points.get(place).map_or_else(|| place.to_string(), |point| point.on(on).name.clone())
}

/// Which round.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CrewRoundAsk {
    /// Point or route.
    pub place: String,
    /// Stream.
    pub stream: String,
    /// Service date, `YYYY-MM-DD`; today when left out.
    pub on: Option<String>,
}

/// A round with its houses.
#[derive(Debug, Serialize, ToSchema)]
pub struct CrewRoundOf {
    /// The round.
    pub round: CrewRound,
    /// The server's time, milliseconds since 1970 UTC.
    pub now_ms: i64,
    /// Its houses in walking order: a route's order, at a point the order of codes.
    pub houses: Vec<CrewHouse>,
    /// Pickups of this round by household that is not among the houses.
    pub others: Vec<CrewHouse>,
}

/// A house of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CrewHouse {
    /// Its code.
    #[schema(value_type = String)]
    pub household: HouseholdCode,
    /// Numbers of its tags of that day: what its card's printed code holds.
    pub cards: Vec<String>,
    /// What is known of it in this round; void pickups are left out.
    pub done: Vec<CrewDone>,
}

/// A pickup of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CrewDone {
    /// The pickup's id.
    pub pickup: String,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// `crew` or `device`.
    pub source: &'static str,
    /// What the crew saw; null for devices.
    #[schema(value_type = Option<String>)]
    pub result: Option<CrewResult>,
    /// The asker logged it, and so may take it back.
    pub own: bool,
}

/// A round with its houses in walking order. Each look is logged.
#[utoipa::path(get, path = "/api/v1/crew/round", tag = "crew", params(CrewRoundAsk),
    responses((status = 200, body = CrewRoundOf), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn crew_round(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<CrewRoundAsk>,
) -> Result<Json<CrewRoundOf>, Problem> {
    round_of(&site, &who, &asked).await.map(Json)
}

/// Reads a round with its houses, and logs the look.
pub async fn round_of(site: &Site, who: &Who, asked: &CrewRoundAsk) -> Result<CrewRoundOf, Problem> {
    let account = account(who)?;
    let on = ask::day("on", &asked.on)?.unwrap_or_else(|| read::today(site));
    let (place, stream) = (PlaceCode::from(asked.place.as_str()), StreamCode::from(asked.stream.as_str()));
    let known = rounds_of(site, account, on).await?;
    if !known.places.iter().any(|known| known.place == place) {
        return Err(Problem::not_found(format!("no place `{place}` for account `{}`; see /crew", account.name)));
    }
    if read::commune(site).stream(stream.as_str()).is_none() {
        return Err(Problem::not_found(format!("unknown stream `{stream}`; see /crew")));
    }
    let register = site.web.register.borrow().clone();
    let households = households_of(&register, account, &place, on);
    let unscheduled = || CrewRound {
        place: place.clone(),
        name: place_name(&register, &place, on),
        stream: stream.clone(),
        service_date: on,
        start: None,
        end: None,
        current: false,
        opened: false,
        closed: false,
        households: households.len(),
    };
    let round = known.rows.iter().find(|row| row.place == place && row.stream == stream).cloned();
    let round = round.unwrap_or_else(unscheduled);
    let mut done = done_in(site, account, &place, &stream, on).await?;
    let house = |household: HouseholdCode, done: Vec<CrewDone>| CrewHouse {
        cards: cards(&register, &household, on),
        household,
        done,
    };
    let houses = households
        .into_iter()
        .map(|household| {
            let of = done.remove(&household).unwrap_or_default();
            house(household, of)
        })
        .collect();
    let others: Vec<CrewHouse> = done.into_iter().map(|(household, of)| house(household, of)).collect();
    let houses: Vec<CrewHouse> = houses;
    let shown = houses.iter().chain(&others).map(|house| house.household.clone());
    let subject = format!("on={on} place={place} stream={stream}");
    log_look(site, who, "round", Seen::list(subject, shown, houses.len() + others.len())).await?;
    Ok(CrewRoundOf { round, now_ms: site.web.clock.now().ms(), houses, others })
}

/// Gives the households that a place serves on a day in walking order, those in the account's hamlets; houses that are known to
/// stand empty are left out.
fn households_of(register: &Register, account: &Account, place: &PlaceCode, on: LocalDay) -> Vec<HouseholdCode> {
    let in_scope = |household: &HouseholdCode| {
        let registered = register.households.get(household).and_then(|spells| spells.on(on));
        registered.is_some_and(|spell| account.areas.is_empty() || account.areas.contains(&spell.area))
    };
    let mut households: Vec<HouseholdCode> = register
        .households_at(place)
        .iter()
        .filter(|household| {
            register.serves(place, household, on) && in_scope(household) && !stands_empty(register, household, on)
        })
        .cloned()
        .collect();
    households.sort_by_cached_key(|household| {
        (register.stop_order(place, household, on).unwrap_or(i64::MAX), as_counted(household.as_str()))
    });
    households
}

fn stands_empty(register: &Register, household: &HouseholdCode, on: LocalDay) -> bool {
    register.exclusions.get(household).into_iter().flatten().any(|exclusion| {
        let gone = match exclusion.reason {
            ExclusionReason::Vacant | ExclusionReason::Moved | ExclusionReason::NotAHousehold => true,
            ExclusionReason::Absent => false,
        };
        gone && exclusion.from <= on && exclusion.to.is_none_or(|to| on < to)
    })
}

fn cards(register: &Register, household: &HouseholdCode, on: LocalDay) -> Vec<String> {
    let tags = register.tags_of(household).iter();
    tags.filter(|tag| tag.valid_from <= on && tag.valid_to.is_none_or(|to| on < to))
        .map(|tag| tag.uid.to_string())
        .collect()
}

/// Gives the accepted pickups of a round by household: what crews logged at once, what devices saw once it is in the figures.
async fn done_in(
    site: &Site,
    account: &Account,
    place: &PlaceCode,
    stream: &StreamCode,
    on: LocalDay,
) -> Result<BTreeMap<HouseholdCode, Vec<CrewDone>>, Problem> {
    let (commune, register) = (read::commune(site), site.web.register.borrow().clone());
    // A round that crosses midnight has pickups on the next day.
    let logged = site.web.store.crew_operations(place, on, on + 1).await?;
    let voids = site.web.store.voids(logged.iter().map(|operation| operation.id.as_str())).await?;
    let mut done: BTreeMap<HouseholdCode, Vec<CrewDone>> = BTreeMap::new();
    for operation in &logged {
        let Some(pickup) = from_crew(operation, voids.contains(&operation.id), &register, &commune) else { continue };
        if let Some(household) = pickup.household
            && !pickup.void
            && (&pickup.stream, pickup.day) == (stream, on)
        {
            done.entry(household).or_default().push(CrewDone {
                own: operation.by == account.name,
                pickup: pickup.id,
                at_ms: pickup.time.ms(),
                source: Source::Crew.as_str(),
                result: pickup.result,
            });
        }
    }
    let query = PickupsQuery {
        from: commune.zone.start_of(on),
        to: commune.zone.start_of(on + 2),
        place: Some(place.clone()),
        household: None,
        after: None,
        limit: PICKUPS_MAX,
    };
    for pickup in site.web.store.pickups(&query).await? {
        // A crew's word about a device's pickup is among those logged.
        let counts = pickup.source == Source::Device && pickup.is_accepted() && !pickup.named_by_crew;
        if let Some(household) = pickup.household
            && counts
            && (&pickup.stream, pickup.day) == (stream, on)
        {
            done.entry(household).or_default().push(CrewDone {
                pickup: pickup.id,
                at_ms: pickup.time.ms(),
                source: Source::Device.as_str(),
                result: None,
                own: false,
            });
        }
    }
    Ok(done)
}

/// Which scale.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CrewWeightAsk {
    /// Point or route.
    place: String,
    /// Stream.
    stream: String,
}

/// What lies on the scale.
#[derive(Debug, Serialize, ToSchema)]
pub struct CrewWeight {
    /// The latest settled weight that no pickup names yet; null: there is none.
    pub weight: Option<WeightOf>,
    /// A scale stands at the place.
    pub scale: bool,
}

/// A settled weight.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeightOf {
    /// Its reading's device.
    pub device: String,
    /// Its reading's log.
    pub log: String,
    /// Its reading's number.
    pub seq: i64,
    /// Net mass, grams.
    pub net_g: i64,
    /// How old it is, milliseconds.
    pub age_ms: i64,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    pub at: String,
}

/// The latest settled weight of the place's platform scales, at most 30 s old, which no pickup of today names yet.
#[utoipa::path(get, path = "/api/v1/crew/weight", tag = "crew", params(CrewWeightAsk),
    responses((status = 200, body = CrewWeight), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn crew_weight(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<CrewWeightAsk>,
) -> Result<Json<CrewWeight>, Problem> {
    let account = account(&who)?;
    let (place, stream) = (PlaceCode::from(asked.place), StreamCode::from(asked.stream));
    let (now, today) = (site.web.clock.now(), read::today(&site));
    let register = site.web.register.borrow().clone();
    if !in_scope(&register, account, &place, today) {
        return Err(Problem::not_found(format!("no place `{place}` for account `{}`; see /crew", account.name)));
    }
    // A bin's level is what all have put in; only a platform's is one household's.
    let scales: Vec<_> = register
        .devices_on(&place, today)
        .filter(|device| device.kind.weighs() && device.mode == ScaleMode::Platform)
        .filter(|device| device.stream.as_ref().is_none_or(|own| *own == stream))
        .map(|device| device.device.clone())
        .collect();
    if scales.is_empty() {
        return Ok(Json(CrewWeight { weight: None, scale: false }));
    }
    let named = named_readings(&site, &place, today).await?;
    let from = now.plus_ms(-WEIGHT_AGE_MS);
    let observed = site.web.store.readings_in_use(&scales, from, now.plus_ms(WEIGHT_AHEAD_MS)).await?;
    let latest = observed
        .into_iter()
        .filter_map(|observed| match &observed.reading.event {
            Event::Weight(weight)
                if weight.stable
                    && !weight.maintenance
                    && weight.range != Some(Range::Overload)
                    && weight.net_g() > 0
                    && weight.stream.as_ref().is_none_or(|own| *own == stream)
                    && !named.contains(&observed.reading.id) =>
            {
                Some((observed.time, observed.reading.id.clone(), weight.net_g()))
            }
            Event::Weight(_)
            | Event::Tag { .. }
            | Event::Lift { .. }
            | Event::Ticket { .. }
            | Event::Heartbeat { .. }
            | Event::Lost { .. } => None,
        })
        .max_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    let zone = read::commune(&site).zone.clone();
    let weight = latest.map(|(time, id, net_g)| WeightOf {
        device: id.device.to_string(),
        log: id.log.to_string(),
        seq: id.seq,
        net_g,
        age_ms: now.since(time).max(0),
        at: stamp(&zone, time),
    });
    Ok(Json(CrewWeight { weight, scale: true }))
}

/// Gives the readings that crew pickups of a place name today.
async fn named_readings(site: &Site, place: &PlaceCode, today: LocalDay) -> Result<BTreeSet<EventId>, Problem> {
    let logged = site.web.store.crew_operations(place, today, today).await?;
    let voids = site.web.store.voids(logged.iter().map(|operation| operation.id.as_str())).await?;
    let standing = logged.into_iter().filter(|operation| !voids.contains(&operation.id));
    Ok(standing
        .filter_map(|operation: Operation| match operation.statement {
            Statement::Pickup { reading, .. } => reading,
            Statement::Round { .. }
            | Statement::Void { .. }
            | Statement::Finding { .. }
            | Statement::Visit { .. }
            | Statement::Pathway { .. }
            | Statement::Ticket { .. }
            | Statement::Attempt { .. }
            | Statement::Report { .. } => None,
        })
        .collect())
}
