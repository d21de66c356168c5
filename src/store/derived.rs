//! Derived rows: pickups, rounds, completeness, tonnage, states and their totals. Written as differences only.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::append::{FROM_THEN_ON, Mark, NEAR, STALE, STALE_AGAIN};
use super::conditions::{CONDITION, DeviceCondition};
use super::facts::keys;
use super::tickets::{TICKET, TICKET_AGAIN, ticket_row};
use super::visits::{VERIFIED, VerifiedSpan, verified_row};
use super::{Rows, Store, StoreError, day, json, reading, unreadable, writing};
use crate::domain::ids::{AreaCode, DeviceId, HouseholdCode, PlaceCode, StationCode, StreamCode};
use crate::domain::pickup::{Grams, Pickup};
use crate::domain::round::{Round, RoundOutcome};
use crate::domain::sorting::Practice;
use crate::domain::state::{DayState, Level, Reason, State};
use crate::domain::ticket::TicketFact;
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::{Completeness, Counts, EventQuality, Service};

const PICKUP: Rows = Rows(&[
    ("id", Text),
    ("place", Text),
    ("station", Text),
    ("stream", Text),
    ("day", Text),
    ("time_ms", Whole),
    ("household", Text),
    ("source", Text),
    ("net_g", Whole),
    ("accepted", Whole),
    ("body", Text),
]);
const ROUND: Rows = Rows(&[
    ("place", Text),
    ("stream", Text),
    ("day", Text),
    ("start_ms", Whole),
    ("end_ms", Whole),
    ("ran", Whole),
    ("observable", Whole),
    ("crew_opened", Whole),
]);
const DEVICE_DAY: Rows = Rows(&[
    ("device", Text),
    ("day", Text),
    ("place", Text),
    ("area", Text),
    ("working_ms", Whole),
    ("scheduled_ms", Whole),
    ("received", Whole),
    ("missing", Whole),
    ("in_use", Whole),
    ("weights", Whole),
    ("unstable", Whole),
    ("late", Whole),
    ("clock_doubted", Whole),
]);
const PLACE_DAY: Rows = Rows(&[
    ("place", Text),
    ("stream", Text),
    ("day", Text),
    ("area", Text),
    ("scheduled", Whole),
    ("ran", Whole),
    ("observable", Whole),
    ("hand_overs", Whole),
    ("tagged", Whole),
    ("overload", Whole),
    ("below_min", Whole),
]);
const TONNAGE_DAY: Rows = Rows(&[
    ("place", Text),
    ("stream", Text),
    ("day", Text),
    ("area", Text),
    ("weighed_g", Whole),
    ("manual_g", Whole),
    ("estimated_g", Whole),
    ("unknown_household_g", Whole),
    ("pickups", Whole),
]);
const STATE: Rows = Rows(&[
    ("household", Text),
    ("from_day", Text),
    ("to_day", Text),
    ("area", Text),
    ("state", Text),
    ("reason", Text),
    ("weakest", Text),
    ("at_least_one", Whole),
    ("enrolled", Whole),
    ("missing", Text),
]);
const PRACTICE: Rows = Rows(&[
    ("household", Text),
    ("from_day", Text),
    ("to_day", Text),
    ("point", Text),
    ("served", Whole),
    ("measured", Whole),
    ("participating", Whole),
    ("opportunities", Whole),
    ("set_outs", Whole),
    ("home_treated", Whole),
    ("people", Whole),
]);
const AREA_DAY: Rows = Rows(&[
    ("area", Text),
    ("day", Text),
    ("eligible", Whole),
    ("sorting", Whole),
    ("not_sorting", Whole),
    ("only_other", Whole),
    ("only_declared", Whole),
    ("one_stream_missing", Whole),
    ("no_pickup", Whole),
    ("not_observable", Whole),
    ("device", Whole),
    ("crew", Whole),
    ("verified", Whole),
    ("at_least_one", Whole),
    ("enrolled", Whole),
    ("served", Whole),
    ("measured", Whole),
    ("participating", Whole),
    ("opportunities", Whole),
    ("set_outs", Whole),
    ("home_treated", Whole),
    ("people", Whole),
    ("people_stated", Whole),
]);
const POINT_DAY: Rows = Rows(&[
    ("point", Text),
    ("day", Text),
    ("eligible", Whole),
    ("sorting", Whole),
    ("not_sorting", Whole),
    ("only_other", Whole),
    ("only_declared", Whole),
    ("one_stream_missing", Whole),
    ("no_pickup", Whole),
    ("not_observable", Whole),
    ("device", Whole),
    ("crew", Whole),
    ("verified", Whole),
    ("at_least_one", Whole),
    ("enrolled", Whole),
    ("served", Whole),
    ("measured", Whole),
    ("participating", Whole),
    ("opportunities", Whole),
    ("set_outs", Whole),
    ("home_treated", Whole),
    ("people", Whole),
    ("people_stated", Whole),
]);

/// What the last interval of a household ends with: it holds until a later day is computed otherwise.
pub const OPEN_DAY: &str = "9999-12-31";

/// A device's day: how long it worked, how much came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeviceDay {
    /// Device.
    pub device: DeviceId,
    /// Local day.
    pub day: LocalDay,
    /// Its place then.
    pub place: PlaceCode,
    /// The place's hamlet; empty when unknown.
    pub area: AreaCode,
    /// Working within its rounds, milliseconds.
    pub working_ms: i64,
    /// Scheduled by its rounds, milliseconds.
    pub scheduled_ms: i64,
    /// Events received.
    pub received: i64,
    /// Events known to be missing right before one received on this day.
    pub missing: i64,
    /// What its events in use show of their quality.
    #[serde(flatten)]
    pub events: EventQuality,
}

/// A place's rounds and hand-overs of one stream and day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceDay {
    /// Place.
    pub place: PlaceCode,
    /// Stream; may be unnamed.
    pub stream: StreamCode,
    /// Local day.
    pub day: LocalDay,
    /// The place's hamlet; empty when unknown.
    pub area: AreaCode,
    /// What was scheduled and handed over.
    #[serde(flatten)]
    pub service: Service,
}

impl DeviceDay {
    /// Gives how complete the device's day is.
    pub fn completeness(&self) -> Completeness {
        completeness_from(self.working_ms, self.scheduled_ms, self.received, self.missing)
    }
}

/// A place's stream and day with its grams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TonnageDay {
    /// Place.
    pub place: PlaceCode,
    /// Stream.
    pub stream: StreamCode,
    /// Day.
    pub day: LocalDay,
    /// The place's hamlet; empty when unknown.
    pub area: AreaCode,
    /// Grams.
    pub grams: Grams,
}

/// Rows of one kind that came, changed or went.
#[derive(Clone, Debug)]
pub struct Change<T> {
    /// New or changed rows.
    pub put: Vec<T>,
    /// Rows that no longer hold.
    pub gone: Vec<T>,
}

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self { put: Vec::new(), gone: Vec::new() }
    }
}

impl<T> Change<T> {
    /// Tells whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty()
    }
}

/// What recomputing a place changed.
#[derive(Clone, Debug, Default)]
pub struct PlaceChange {
    /// Pickups.
    pub pickups: Change<Pickup>,
    /// Rounds.
    pub rounds: Change<RoundOutcome>,
    /// Device days.
    pub device_days: Change<DeviceDay>,
    /// Tonnage.
    pub tonnage: Change<TonnageDay>,
    /// Rounds and hand-overs by stream and day.
    pub place_days: Change<PlaceDay>,
    /// Tickets of its weighbridges.
    pub tickets: Change<TicketFact>,
    /// Its devices' conditions.
    pub conditions: Change<DeviceCondition>,
    /// Households whose states must be computed again, each with the first and the last day of what changed.
    pub households: BTreeMap<HouseholdCode, (LocalDay, LocalDay)>,
}

impl PlaceChange {
    /// Tells whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.pickups.is_empty()
            && self.rounds.is_empty()
            && self.device_days.is_empty()
            && self.tonnage.is_empty()
            && self.place_days.is_empty()
            && self.tickets.is_empty()
            && self.conditions.is_empty()
    }
}

/// A household's state from one day through another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSpan {
    /// Household.
    pub household: HouseholdCode,
    /// First day.
    pub from: LocalDay,
    /// Last day; `None`: still open.
    pub to: Option<LocalDay>,
    /// Hamlet.
    pub area: AreaCode,
    /// State.
    pub state: DayState,
    /// Required streams that are not accounted for, in the commune's order.
    pub missing: Vec<StreamCode>,
}

/// What stands beside a household's state, from one day through another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PracticeSpan {
    /// Household.
    pub household: HouseholdCode,
    /// First day.
    pub from: LocalDay,
    /// Last day; `None`: still open.
    pub to: Option<LocalDay>,
    /// Its collection point.
    pub point: Option<PlaceCode>,
    /// Its practice.
    pub practice: Practice,
    /// Its persons. `None`: not stated.
    pub people: Option<i64>,
}

/// What recomputing households changed.
#[derive(Clone, Debug, Default)]
pub struct StateChange {
    /// Spans.
    pub spans: Change<StateSpan>,
    /// Spans of what stands beside the states.
    pub practice: Change<PracticeSpan>,
    /// Spans in which verifications alone hold the state up.
    pub verified: Change<VerifiedSpan>,
    /// Differences to add to the hamlets' totals.
    pub totals: BTreeMap<(AreaCode, LocalDay), Counts>,
    /// Differences to add to the points' totals.
    pub points: BTreeMap<(PlaceCode, LocalDay), Counts>,
}

#[derive(Serialize)]
struct PickupRow<'a> {
    id: &'a str,
    place: &'a str,
    station: &'a str,
    stream: &'a str,
    day: LocalDay,
    time_ms: i64,
    household: Option<&'a str>,
    source: &'static str,
    net_g: Option<i64>,
    accepted: i64,
    body: String,
}

fn pickup_row(pickup: &Pickup) -> PickupRow<'_> {
    PickupRow {
        id: &pickup.id,
        place: pickup.place.as_str(),
        station: pickup.station.as_str(),
        stream: pickup.stream.as_str(),
        day: pickup.day,
        time_ms: pickup.time.ms(),
        household: pickup.household.as_ref().map(HouseholdCode::as_str),
        source: pickup.source.as_str(),
        net_g: pickup.net_g,
        accepted: i64::from(pickup.is_accepted()),
        body: json(pickup),
    }
}

pub(super) fn pickup_of(body: &str) -> Result<Pickup, StoreError> {
    serde_json::from_str(body).map_err(|why| unreadable("pickup", body, why))
}

#[derive(Serialize, sqlx::FromRow)]
pub(super) struct RoundRow {
    place: String,
    stream: String,
    day: String,
    start_ms: i64,
    end_ms: i64,
    ran: i64,
    observable: i64,
    crew_opened: i64,
}

fn round_row(outcome: &RoundOutcome) -> RoundRow {
    RoundRow {
        place: outcome.round.place.to_string(),
        stream: outcome.round.stream.to_string(),
        day: outcome.round.service_date.to_string(),
        start_ms: outcome.round.start.ms(),
        end_ms: outcome.round.end.ms(),
        ran: i64::from(outcome.ran),
        observable: i64::from(outcome.observable),
        crew_opened: i64::from(outcome.crew_opened),
    }
}

impl RoundRow {
    pub(super) fn into_outcome(self) -> Result<RoundOutcome, StoreError> {
        Ok(RoundOutcome {
            round: Round {
                place: self.place.into(),
                stream: self.stream.into(),
                service_date: day(&self.day)?,
                start: Instant::from_ms(self.start_ms),
                end: Instant::from_ms(self.end_ms),
            },
            ran: self.ran != 0,
            observable: self.observable != 0,
            crew_opened: self.crew_opened != 0,
        })
    }
}

#[derive(Serialize)]
struct TonnageRow<'a> {
    place: &'a str,
    stream: &'a str,
    day: LocalDay,
    area: &'a str,
    weighed_g: i64,
    manual_g: i64,
    estimated_g: i64,
    unknown_household_g: i64,
    pickups: i64,
}

fn tonnage_row(row: &TonnageDay) -> TonnageRow<'_> {
    TonnageRow {
        place: row.place.as_str(),
        stream: row.stream.as_str(),
        day: row.day,
        area: row.area.as_str(),
        weighed_g: row.grams.weighed_g,
        manual_g: row.grams.manual_g,
        estimated_g: row.grams.estimated_g,
        unknown_household_g: row.grams.unknown_household_g,
        pickups: row.grams.pickups,
    }
}

#[derive(Serialize, sqlx::FromRow)]
pub(super) struct StateRowDb {
    pub household: String,
    pub from_day: String,
    pub to_day: String,
    pub area: String,
    pub state: String,
    pub reason: Option<String>,
    pub weakest: Option<String>,
    pub at_least_one: i64,
    pub enrolled: i64,
    /// Codes, each with a space before and after.
    pub missing: String,
}

fn state_row(span: &StateSpan) -> StateRowDb {
    StateRowDb {
        household: span.household.to_string(),
        from_day: span.from.to_string(),
        to_day: span.to.map_or_else(|| OPEN_DAY.to_owned(), |to| to.to_string()),
        area: span.area.to_string(),
        state: span.state.state.to_string(),
        reason: span.state.reason.map(|reason| reason.to_string()),
        weakest: span.state.weakest.map(|level| level.to_string()),
        at_least_one: i64::from(span.state.at_least_one),
        enrolled: i64::from(span.state.enrolled),
        missing: span.missing.iter().fold(String::new(), |codes, code| format!("{codes} {code} ")),
    }
}

impl StateRowDb {
    pub(super) fn into_span(self) -> Result<StateSpan, StoreError> {
        let word = |what: &'static str, value: &str| unreadable(what, value, "unknown word");
        let reason = self.reason.as_deref().map(|r| Reason::from_word(r).ok_or_else(|| word("reason", r)));
        let weakest = self.weakest.as_deref().map(|l| Level::from_word(l).ok_or_else(|| word("level", l)));
        Ok(StateSpan {
            from: day(&self.from_day)?,
            to: if self.to_day == OPEN_DAY { None } else { Some(day(&self.to_day)?) },
            state: DayState {
                state: State::from_word(&self.state).ok_or_else(|| word("state", &self.state))?,
                reason: reason.transpose()?,
                weakest: weakest.transpose()?,
                at_least_one: self.at_least_one != 0,
                enrolled: self.enrolled != 0,
            },
            missing: self.missing.split_whitespace().map(StreamCode::from).collect(),
            household: self.household.into(),
            area: self.area.into(),
        })
    }
}

#[derive(sqlx::FromRow)]
struct DeviceDayRow {
    device: String,
    day: String,
    place: String,
    area: String,
    working_ms: i64,
    scheduled_ms: i64,
    received: i64,
    missing: i64,
    in_use: i64,
    weights: i64,
    unstable: i64,
    late: i64,
    clock_doubted: i64,
}

impl DeviceDayRow {
    fn into_day(self) -> Result<DeviceDay, StoreError> {
        Ok(DeviceDay {
            device: self.device.into(),
            day: day(&self.day)?,
            place: self.place.into(),
            area: self.area.into(),
            working_ms: self.working_ms,
            scheduled_ms: self.scheduled_ms,
            received: self.received,
            missing: self.missing,
            events: EventQuality {
                in_use: self.in_use,
                weights: self.weights,
                unstable: self.unstable,
                late: self.late,
                clock_doubted: self.clock_doubted,
            },
        })
    }
}

#[derive(Serialize, sqlx::FromRow)]
struct PracticeRow {
    household: String,
    from_day: String,
    to_day: String,
    point: String,
    served: i64,
    measured: i64,
    participating: i64,
    opportunities: i64,
    set_outs: i64,
    home_treated: i64,
    people: Option<i64>,
}

fn practice_row(span: &PracticeSpan) -> PracticeRow {
    let practice = &span.practice;
    PracticeRow {
        household: span.household.to_string(),
        from_day: span.from.to_string(),
        to_day: span.to.map_or_else(|| OPEN_DAY.to_owned(), |to| to.to_string()),
        point: span.point.as_ref().map(ToString::to_string).unwrap_or_default(),
        served: i64::from(practice.served),
        measured: i64::from(practice.measured),
        participating: i64::from(practice.participating),
        opportunities: practice.opportunities,
        set_outs: practice.set_outs,
        home_treated: i64::from(practice.home_treated),
        people: span.people,
    }
}

impl PracticeRow {
    fn into_span(self) -> Result<PracticeSpan, StoreError> {
        Ok(PracticeSpan {
            household: self.household.into(),
            from: day(&self.from_day)?,
            to: if self.to_day == OPEN_DAY { None } else { Some(day(&self.to_day)?) },
            point: Some(self.point).filter(|point| !point.is_empty()).map(PlaceCode::from),
            practice: Practice {
                served: self.served != 0,
                measured: self.measured != 0,
                participating: self.participating != 0,
                opportunities: self.opportunities,
                set_outs: self.set_outs,
                home_treated: self.home_treated != 0,
            },
            people: self.people,
        })
    }
}

#[derive(Serialize)]
struct AreaDayRow<'a> {
    area: &'a str,
    day: LocalDay,
    #[serde(flatten)]
    counts: CountsRow,
}

#[derive(Serialize)]
struct PointDayRow<'a> {
    point: &'a str,
    day: LocalDay,
    #[serde(flatten)]
    counts: CountsRow,
}

#[derive(Serialize)]
struct CountsRow {
    eligible: i64,
    sorting: i64,
    not_sorting: i64,
    only_other: i64,
    only_declared: i64,
    one_stream_missing: i64,
    no_pickup: i64,
    not_observable: i64,
    device: i64,
    crew: i64,
    verified: i64,
    at_least_one: i64,
    enrolled: i64,
    served: i64,
    measured: i64,
    participating: i64,
    opportunities: i64,
    set_outs: i64,
    home_treated: i64,
    people: i64,
    people_stated: i64,
}

fn counts_row(counts: &Counts) -> CountsRow {
    CountsRow {
        eligible: counts.eligible,
        sorting: counts.sorting,
        not_sorting: counts.not_sorting,
        only_other: counts.undetermined_for(Reason::OnlyOther),
        only_declared: counts.undetermined_for(Reason::OnlyDeclared),
        one_stream_missing: counts.undetermined_for(Reason::OneStreamMissing),
        no_pickup: counts.undetermined_for(Reason::NoPickup),
        not_observable: counts.undetermined_for(Reason::NotObservable),
        device: counts.evidence_of(Level::Device),
        crew: counts.evidence_of(Level::Crew),
        verified: counts.evidence_of(Level::Verified),
        at_least_one: counts.at_least_one,
        enrolled: counts.enrolled,
        served: counts.served,
        measured: counts.measured,
        participating: counts.participating,
        opportunities: counts.opportunities,
        set_outs: counts.set_outs,
        home_treated: counts.home_treated,
        people: counts.people,
        people_stated: counts.people_stated,
    }
}

impl Store {
    /// Gives a station's pickups of devices between two instants, both included.
    pub async fn station_pickups(
        &self,
        station: &StationCode,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Pickup>, StoreError> {
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as(
                "select body from pickup where station = $1 and source = 'device' and time_ms >= $2 and time_ms <= $3 \
                 order by time_ms, id",
            )
            .bind(station.as_str()).bind(from.ms()).bind(to.ms()).fetch_all(pool).await?
        });
        rows.iter().map(|row| pickup_of(&row.0)).collect()
    }

    /// Gives a place's pickups whose day lies in a range.
    pub async fn place_pickups(
        &self,
        place: &PlaceCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<Pickup>, StoreError> {
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as("select body from pickup where place = $1 and day >= $2 and day <= $3 order by time_ms, id")
                .bind(place.as_str()).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.iter().map(|row| pickup_of(&row.0)).collect()
    }

    /// Gives the pickups of ids, where they exist.
    pub async fn pickups_by_id(&self, ids: impl IntoIterator<Item = &str>) -> Result<Vec<Pickup>, StoreError> {
        let keys = keys(ids);
        let sql = sqlx::AssertSqlSafe(format!(
            "select p.body from {} join pickup as p on p.id = r.key",
            self.rows(Rows(&[("key", Text)]))
        ));
        let rows: Vec<(String,)> = reading!(self, pool => sqlx::query_as(sql).bind(&keys).fetch_all(pool).await?);
        rows.iter().map(|row| pickup_of(&row.0)).collect()
    }

    /// Gives households' pickups from an instant until another, by household and time.
    pub async fn household_pickups(
        &self,
        households: &[HouseholdCode],
        from: Instant,
        until: Instant,
    ) -> Result<Vec<Pickup>, StoreError> {
        let keys = keys(households.iter().map(HouseholdCode::as_str));
        let sql = sqlx::AssertSqlSafe(format!(
            "select p.body from {} join pickup as p on p.household = r.key where p.time_ms >= $2 and p.time_ms < $3 \
             order by p.household, p.time_ms, p.id",
            self.rows(Rows(&[("key", Text)]))
        ));
        let rows: Vec<(String,)> = reading!(self, pool => sqlx::query_as(sql).bind(&keys).bind(from.ms()).bind(until.ms()).fetch_all(pool).await?);
        rows.iter().map(|row| pickup_of(&row.0)).collect()
    }

    /// Gives a place's judged rounds whose service date lies in a range.
    pub async fn rounds(
        &self,
        place: &PlaceCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<RoundOutcome>, StoreError> {
        let rows: Vec<RoundRow> = reading!(self, pool => {
            sqlx::query_as(
                "select place, stream, day, start_ms, end_ms, ran, observable, crew_opened from round \
                 where place = $1 and day >= $2 and day <= $3 order by start_ms, stream",
            )
            .bind(place.as_str()).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(RoundRow::into_outcome).collect()
    }

    /// Gives a device's days in a range.
    pub async fn device_days(
        &self,
        device: &DeviceId,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<DeviceDay>, StoreError> {
        self.quality_days(Some(device), from, to).await
    }

    /// Gives the days in a range of a device, or of every device, by device and day.
    pub async fn quality_days(
        &self,
        device: Option<&DeviceId>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<DeviceDay>, StoreError> {
        let rows: Vec<DeviceDayRow> = reading!(self, pool => {
            match device {
                Some(device) => sqlx::query_as(
                    "select device, day, place, area, working_ms, scheduled_ms, received, missing, in_use, weights, unstable, late, \
                     clock_doubted from device_day \
                     where day >= $1 and day <= $2 and device = $3 order by day",
                )
                .bind(from.to_string()).bind(to.to_string()).bind(device.as_str()).fetch_all(pool).await?,
                None => sqlx::query_as(
                    "select device, day, place, area, working_ms, scheduled_ms, received, missing, in_use, weights, unstable, late, \
                     clock_doubted from device_day \
                     where day >= $1 and day <= $2 order by device, day",
                )
                .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?,
            }
        });
        rows.into_iter().map(DeviceDayRow::into_day).collect()
    }

    /// Gives a place's tonnage rows in a range of days.
    pub async fn tonnage_days(
        &self,
        place: &PlaceCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<TonnageDay>, StoreError> {
        type Row = (String, String, String, i64, i64, i64, i64, i64);
        let rows: Vec<Row> = reading!(self, pool => {
            sqlx::query_as(
                "select stream, day, area, weighed_g, manual_g, estimated_g, unknown_household_g, pickups \
                 from tonnage_day where place = $1 and day >= $2 and day <= $3 order by day, stream",
            )
            .bind(place.as_str()).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|(stream, on, area, weighed_g, manual_g, estimated_g, unknown_household_g, pickups)| {
                let grams = Grams { weighed_g, manual_g, estimated_g, unknown_household_g, pickups };
                Ok(TonnageDay { place: place.clone(), stream: stream.into(), day: day(&on)?, area: area.into(), grams })
            })
            .collect()
    }

    /// Writes what recomputing a place changed, with the households that it makes stale, in one transaction.
    pub async fn apply_place(&self, change: &PlaceChange) -> Result<(), StoreError> {
        let pickups = json(&change.pickups.put.iter().map(pickup_row).collect::<Vec<_>>());
        let gone = keys(change.pickups.gone.iter().map(|pickup| pickup.id.as_str()));
        let rounds = json(&change.rounds.put.iter().map(round_row).collect::<Vec<_>>());
        let rounds_gone = json(&change.rounds.gone.iter().map(round_row).collect::<Vec<_>>());
        let days = json(&change.device_days.put);
        let days_gone = json(&change.device_days.gone);
        let tonnage = json(&change.tonnage.put.iter().map(tonnage_row).collect::<Vec<_>>());
        let tonnage_gone = json(&change.tonnage.gone.iter().map(tonnage_row).collect::<Vec<_>>());
        let place_days = json(&change.place_days.put);
        let place_days_gone = json(&change.place_days.gone);
        let conditions = json(&change.conditions.put);
        let conditions_gone = json(&change.conditions.gone);
        let tickets = json(&change.tickets.put.iter().map(ticket_row).collect::<Vec<_>>());
        let tickets_gone = keys(change.tickets.gone.iter().map(|ticket| ticket.id.as_str()));
        let marks: BTreeSet<Mark> = change
            .households
            .iter()
            .flat_map(|(code, (first, last))| [first, last].map(|day| Mark::new(NEAR, code.as_str(), *day)))
            .collect();
        let put_pickups = self.insert(
            "pickup",
            PICKUP,
            "on conflict (id) do update set place = excluded.place, station = excluded.station, stream = excluded.stream, \
             day = excluded.day, time_ms = excluded.time_ms, household = excluded.household, source = excluded.source, \
             net_g = excluded.net_g, accepted = excluded.accepted, body = excluded.body",
        );
        let put_rounds = self.insert(
            "round",
            ROUND,
            "on conflict (place, stream, day, start_ms) do update set end_ms = excluded.end_ms, ran = excluded.ran, \
             observable = excluded.observable, crew_opened = excluded.crew_opened",
        );
        let put_days = self.insert(
            "device_day",
            DEVICE_DAY,
            "on conflict (device, day) do update set place = excluded.place, area = excluded.area, \
             working_ms = excluded.working_ms, scheduled_ms = excluded.scheduled_ms, received = excluded.received, \
             missing = excluded.missing, in_use = excluded.in_use, weights = excluded.weights, \
             unstable = excluded.unstable, late = excluded.late, clock_doubted = excluded.clock_doubted",
        );
        let put_tonnage = self.insert(
            "tonnage_day",
            TONNAGE_DAY,
            "on conflict (place, stream, day) do update set area = excluded.area, weighed_g = excluded.weighed_g, \
             manual_g = excluded.manual_g, estimated_g = excluded.estimated_g, \
             unknown_household_g = excluded.unknown_household_g, pickups = excluded.pickups",
        );
        let put_place_days = self.insert(
            "place_day",
            PLACE_DAY,
            "on conflict (place, stream, day) do update set area = excluded.area, scheduled = excluded.scheduled, \
             ran = excluded.ran, observable = excluded.observable, hand_overs = excluded.hand_overs, \
             tagged = excluded.tagged, overload = excluded.overload, below_min = excluded.below_min",
        );
        let put_tickets = self.insert("ticket", TICKET, TICKET_AGAIN);
        let drop_tickets = self.drop_tickets_sql();
        let put_conditions = self.insert("condition_day", CONDITION, &replacing("device, day", CONDITION, 2));
        let drop_conditions = sqlx::AssertSqlSafe(format!(
            "delete from condition_day where (device, day) in (select r.device, r.day from {})",
            self.rows(CONDITION)
        ));
        let drop_place_days = sqlx::AssertSqlSafe(format!(
            "delete from place_day where (place, stream, day) in (select r.place, r.stream, r.day from {})",
            self.rows(PLACE_DAY)
        ));
        let drop_pickups = sqlx::AssertSqlSafe(format!(
            "delete from pickup where id in (select r.key from {})",
            self.rows(Rows(&[("key", Text)]))
        ));
        let drop_rounds = sqlx::AssertSqlSafe(format!(
            "delete from round where (place, stream, day, start_ms) in (select r.place, r.stream, r.day, r.start_ms from {})",
            self.rows(ROUND)
        ));
        let drop_days = sqlx::AssertSqlSafe(format!(
            "delete from device_day where (device, day) in (select r.device, r.day from {})",
            self.rows(DEVICE_DAY)
        ));
        let drop_tonnage = sqlx::AssertSqlSafe(format!(
            "delete from tonnage_day where (place, stream, day) in (select r.place, r.stream, r.day from {})",
            self.rows(TONNAGE_DAY)
        ));
        let mark = self.insert("stale", STALE, STALE_AGAIN);
        writing!(self, tx => {
            if !change.pickups.gone.is_empty() {
                sqlx::query(drop_pickups).bind(&gone).execute(&mut *tx).await?;
            }
            if !change.pickups.put.is_empty() {
                sqlx::query(put_pickups).bind(&pickups).execute(&mut *tx).await?;
            }
            if !change.rounds.gone.is_empty() {
                sqlx::query(drop_rounds).bind(&rounds_gone).execute(&mut *tx).await?;
            }
            if !change.rounds.put.is_empty() {
                sqlx::query(put_rounds).bind(&rounds).execute(&mut *tx).await?;
            }
            if !change.device_days.gone.is_empty() {
                sqlx::query(drop_days).bind(&days_gone).execute(&mut *tx).await?;
            }
            if !change.device_days.put.is_empty() {
                sqlx::query(put_days).bind(&days).execute(&mut *tx).await?;
            }
            if !change.tonnage.gone.is_empty() {
                sqlx::query(drop_tonnage).bind(&tonnage_gone).execute(&mut *tx).await?;
            }
            if !change.tonnage.put.is_empty() {
                sqlx::query(put_tonnage).bind(&tonnage).execute(&mut *tx).await?;
            }
            if !change.place_days.gone.is_empty() {
                sqlx::query(drop_place_days).bind(&place_days_gone).execute(&mut *tx).await?;
            }
            if !change.place_days.put.is_empty() {
                sqlx::query(put_place_days).bind(&place_days).execute(&mut *tx).await?;
            }
            if !change.tickets.gone.is_empty() {
                sqlx::query(drop_tickets).bind(&tickets_gone).execute(&mut *tx).await?;
            }
            if !change.tickets.put.is_empty() {
                sqlx::query(put_tickets).bind(&tickets).execute(&mut *tx).await?;
            }
            if !change.conditions.gone.is_empty() {
                sqlx::query(drop_conditions).bind(&conditions_gone).execute(&mut *tx).await?;
            }
            if !change.conditions.put.is_empty() {
                sqlx::query(put_conditions).bind(&conditions).execute(&mut *tx).await?;
            }
            if !marks.is_empty() {
                sqlx::query(mark).bind(json(&marks)).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Gives the spans of households that reach into the days from `from` through `to`, by household and first day.
    pub async fn spans(
        &self,
        households: &[HouseholdCode],
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<StateSpan>, StoreError> {
        let keys = keys(households.iter().map(HouseholdCode::as_str));
        let sql = sqlx::AssertSqlSafe(format!(
            "select s.household, s.from_day, s.to_day, s.area, s.state, s.reason, s.weakest, s.at_least_one, s.enrolled, s.missing \
             from {} join household_state as s on s.household = r.key where s.to_day >= $2 and s.from_day <= $3 \
             order by s.household, s.from_day",
            self.rows(Rows(&[("key", Text)]))
        ));
        let rows: Vec<StateRowDb> = reading!(self, pool => {
            sqlx::query_as(sql).bind(&keys).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(StateRowDb::into_span).collect()
    }

    /// Gives the spans of households' practice that reach into the days from `from` through `to`, by household and first day.
    pub async fn practice_spans(
        &self,
        households: &[HouseholdCode],
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<PracticeSpan>, StoreError> {
        let keys = keys(households.iter().map(HouseholdCode::as_str));
        let names: Vec<String> = PRACTICE.0.iter().map(|(name, _)| format!("s.{name}")).collect();
        let sql = sqlx::AssertSqlSafe(format!(
            "select {} from {} join household_practice as s on s.household = r.key where s.to_day >= $2 and s.from_day <= $3 \
             order by s.household, s.from_day",
            names.join(", "),
            self.rows(Rows(&[("key", Text)]))
        ));
        let rows: Vec<PracticeRow> = reading!(self, pool => {
            sqlx::query_as(sql).bind(&keys).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(PracticeRow::into_span).collect()
    }

    /// Gives a place's rounds and hand-overs by stream and day in a range.
    pub async fn place_days(
        &self,
        place: &PlaceCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<PlaceDay>, StoreError> {
        type Row = (String, String, String, i64, i64, i64, i64, i64, i64, i64);
        let rows: Vec<Row> = reading!(self, pool => {
            sqlx::query_as(
                "select stream, day, area, scheduled, ran, observable, hand_overs, tagged, overload, below_min \
                 from place_day where place = $1 and day >= $2 and day <= $3 order by day, stream",
            )
            .bind(place.as_str()).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|(stream, on, area, scheduled, ran, observable, hand_overs, tagged, overload, below_min)| {
                let service = Service { scheduled, ran, observable, hand_overs, tagged, overload, below_min };
                let (stream, area) = (stream.into(), area.into());
                Ok(PlaceDay { place: place.clone(), stream, day: day(&on)?, area, service })
            })
            .collect()
    }

    /// Writes what recomputing households changed, adds the differences to the hamlets' totals, and takes the marks
    /// away, in one transaction.
    pub async fn apply_states(
        &self,
        change: &StateChange,
        done: &[super::facts::HouseholdMark],
    ) -> Result<(), StoreError> {
        let gone = json(&change.spans.gone.iter().map(state_row).collect::<Vec<_>>());
        let put = json(&change.spans.put.iter().map(state_row).collect::<Vec<_>>());
        let totals: Vec<AreaDayRow> = differing(&change.totals)
            .map(|((area, day), counts)| AreaDayRow { area: area.as_str(), day: *day, counts: counts_row(counts) })
            .collect();
        let points: Vec<PointDayRow> = differing(&change.points)
            .map(|((point, day), counts)| PointDayRow { point: point.as_str(), day: *day, counts: counts_row(counts) })
            .collect();
        let practice_gone = json(&change.practice.gone.iter().map(practice_row).collect::<Vec<_>>());
        let practice_put = json(&change.practice.put.iter().map(practice_row).collect::<Vec<_>>());
        let verified_gone = json(&change.verified.gone.iter().map(verified_row).collect::<Vec<_>>());
        let verified_put = json(&change.verified.put.iter().map(verified_row).collect::<Vec<_>>());
        let done: Vec<Mark> = done
            .iter()
            .map(|(kind, (key, day, generation))| Mark {
                generation: *generation,
                ..Mark::new(kind, key.as_str(), *day)
            })
            .collect();
        let drop = sqlx::AssertSqlSafe(format!(
            "delete from household_state where (household, from_day) in (select r.household, r.from_day from {})",
            self.rows(STATE)
        ));
        let insert = self.insert("household_state", STATE, "");
        let add = |table: &str, rows: Rows, key: &str| {
            let sums: Vec<String> =
                rows.0[2..].iter().map(|(name, _)| format!("{name} = {table}.{name} + excluded.{name}")).collect();
            self.insert(table, rows, &format!("on conflict ({key}, day) do update set {}", sums.join(", ")))
        };
        let (add_totals, add_points) = (add("area_day", AREA_DAY, "area"), add("point_day", POINT_DAY, "point"));
        let drop_practice = sqlx::AssertSqlSafe(format!(
            "delete from household_practice where (household, from_day) in (select r.household, r.from_day from {})",
            self.rows(PRACTICE)
        ));
        let insert_practice = self.insert("household_practice", PRACTICE, "");
        let drop_verified = sqlx::AssertSqlSafe(format!(
            "delete from household_verified where (household, from_day) in (select r.household, r.from_day from {})",
            self.rows(VERIFIED)
        ));
        let insert_verified = self.insert("household_verified", VERIFIED, "");
        let clear = self.clear_sql();
        writing!(self, tx => {
            if !change.spans.gone.is_empty() {
                sqlx::query(drop).bind(&gone).execute(&mut *tx).await?;
            }
            if !change.spans.put.is_empty() {
                sqlx::query(insert).bind(&put).execute(&mut *tx).await?;
            }
            if !totals.is_empty() {
                sqlx::query(add_totals).bind(json(&totals)).execute(&mut *tx).await?;
            }
            if !change.practice.gone.is_empty() {
                sqlx::query(drop_practice).bind(&practice_gone).execute(&mut *tx).await?;
            }
            if !change.practice.put.is_empty() {
                sqlx::query(insert_practice).bind(&practice_put).execute(&mut *tx).await?;
            }
            if !change.verified.gone.is_empty() {
                sqlx::query(drop_verified).bind(&verified_gone).execute(&mut *tx).await?;
            }
            if !change.verified.put.is_empty() {
                sqlx::query(insert_verified).bind(&verified_put).execute(&mut *tx).await?;
            }
            if !points.is_empty() {
                sqlx::query(add_points).bind(json(&points)).execute(&mut *tx).await?;
            }
            if !done.is_empty() {
                sqlx::query(clear).bind(json(&done)).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Moves the last computed day on. Open spans hold for the new days too, so the totals of the old last day are
    /// carried over to them, and every household is marked from the first of them on, all in one transaction.
    pub async fn roll(
        &self,
        through: LocalDay,
        today: LocalDay,
        households: impl IntoIterator<Item = String>,
    ) -> Result<(), StoreError> {
        let marks: Vec<Mark> =
            households.into_iter().map(|code| Mark::new(FROM_THEN_ON, code, through.next())).collect();
        let names: Vec<&str> = AREA_DAY.0[2..].iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let carry = |table: &str, key: &str| {
            format!(
                "insert into {table} ({key}, day, {names}) select {key}, $1, {names} from {table} where day = $2 \
                 on conflict ({key}, day) do nothing"
            )
        };
        let carries = [carry("area_day", "area"), carry("point_day", "point")];
        let mark = self.insert("stale", STALE, STALE_AGAIN);
        writing!(self, tx => {
            for day in through.next().through(today) {
                for carry in &carries {
                    sqlx::query(sqlx::AssertSqlSafe(carry.clone()))
                        .bind(day.to_string()).bind(through.to_string()).execute(&mut *tx).await?;
                }
            }
            sqlx::query(mark).bind(json(&marks)).execute(&mut *tx).await?;
            sqlx::query("update setting set value = $1 where key = 'computed_through'")
                .bind(today.to_string()).execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// Drops every derived row.
    pub async fn drop_derived(&self) -> Result<(), StoreError> {
        writing!(self, tx => {
            for sql in [
                "delete from pickup",
                "delete from round",
                "delete from device_day",
                "delete from tonnage_day",
                "delete from household_state",
                "delete from area_day",
                "delete from household_practice",
                "delete from household_verified",
                "delete from point_day",
                "delete from place_day",
                "delete from condition_day",
                "delete from place_statement_day",
                "delete from statement_day",
                "delete from visit_day",
                "delete from ticket",
                "delete from stale",
                "delete from setting where key in ('computed_through', 'computed_from')",
            ] {
                sqlx::query(sql).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }
}

/// Gives a conflict clause that replaces a row: all columns but the first ones, which are its key.
fn replacing(key: &str, rows: Rows, keys: usize) -> String {
    let sets: Vec<String> = rows.0[keys..].iter().map(|(name, _)| format!("{name} = excluded.{name}")).collect();
    format!("on conflict ({key}) do update set {}", sets.join(", "))
}

/// Leaves out totals to which nothing is added.
fn differing<K>(totals: &BTreeMap<K, Counts>) -> impl Iterator<Item = (&K, &Counts)> {
    totals.iter().filter(|(_, counts)| **counts != Counts::default())
}

/// How many numbers counts have.
pub(super) const COUNTS: usize = 21;

pub(super) fn counts_from(n: &[i64; COUNTS]) -> Counts {
    Counts {
        eligible: n[0],
        sorting: n[1],
        not_sorting: n[2],
        undetermined: [n[3], n[4], n[5], n[6], n[7]],
        evidence: [n[8], n[9], n[10]],
        at_least_one: n[11],
        enrolled: n[12],
        served: n[13],
        measured: n[14],
        participating: n[15],
        opportunities: n[16],
        set_outs: n[17],
        home_treated: n[18],
        people: n[19],
        people_stated: n[20],
    }
}

pub(super) fn completeness_from(working_ms: i64, scheduled_ms: i64, received: i64, missing: i64) -> Completeness {
    Completeness { working_ms, scheduled_ms, received, missing }
}
