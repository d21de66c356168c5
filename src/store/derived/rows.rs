//! How each derived row stands in its table, and back.

use serde::Serialize;

use super::{DeviceDay, OPEN_DAY, PracticeSpan, StateSpan, TonnageDay};
use crate::domain::ids::{HouseholdCode, PlaceCode, StreamCode};
use crate::domain::pickup::Pickup;
use crate::domain::round::{Round, RoundOutcome};
use crate::domain::sorting::Practice;
use crate::domain::state::{DayState, Level, Reason, State};
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::{Completeness, Counts, EventQuality};
use crate::store::ColumnType::{Text, Whole};
use crate::store::{Rows, StoreError, day, json, unreadable};

pub(super) const PICKUP: Rows = Rows(&[
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
pub(super) const ROUND: Rows = Rows(&[
    ("place", Text),
    ("stream", Text),
    ("day", Text),
    ("start_ms", Whole),
    ("end_ms", Whole),
    ("ran", Whole),
    ("observable", Whole),
    ("crew_opened", Whole),
]);
pub(super) const DEVICE_DAY: Rows = Rows(&[
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
pub(super) const PLACE_DAY: Rows = Rows(&[
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
pub(super) const TONNAGE_DAY: Rows = Rows(&[
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
pub(super) const STATE: Rows = Rows(&[
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
pub(super) const PRACTICE: Rows = Rows(&[
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

/// Gives the columns of a table of counts by day and a key.
macro_rules! counted_by {
    ($key:literal) => {
        Rows(&[
            ($key, Text),
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
        ])
    };
}

pub(super) const AREA_DAY: Rows = counted_by!("area");
pub(super) const POINT_DAY: Rows = counted_by!("point");

#[derive(Serialize)]
pub(super) struct PickupRow<'a> {
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

pub(super) fn pickup_row(pickup: &Pickup) -> PickupRow<'_> {
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

pub(in crate::store) fn pickup_of(body: &str) -> Result<Pickup, StoreError> {
    serde_json::from_str(body).map_err(|why| unreadable("pickup", body, why))
}

#[derive(Serialize, sqlx::FromRow)]
pub(in crate::store) struct RoundRow {
    place: String,
    stream: String,
    day: String,
    start_ms: i64,
    end_ms: i64,
    ran: i64,
    observable: i64,
    crew_opened: i64,
}

pub(super) fn round_row(outcome: &RoundOutcome) -> RoundRow {
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
    pub(in crate::store) fn into_outcome(self) -> Result<RoundOutcome, StoreError> {
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
pub(super) struct TonnageRow<'a> {
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

pub(super) fn tonnage_row(row: &TonnageDay) -> TonnageRow<'_> {
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
pub(in crate::store) struct StateRowDb {
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

pub(super) fn state_row(span: &StateSpan) -> StateRowDb {
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
    pub(in crate::store) fn into_span(self) -> Result<StateSpan, StoreError> {
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
pub(super) struct DeviceDayRow {
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
    pub(super) fn into_day(self) -> Result<DeviceDay, StoreError> {
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
pub(super) struct PracticeRow {
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

pub(super) fn practice_row(span: &PracticeSpan) -> PracticeRow {
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
    pub(super) fn into_span(self) -> Result<PracticeSpan, StoreError> {
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
pub(super) struct AreaDayRow<'a> {
    pub(super) area: &'a str,
    pub(super) day: LocalDay,
    #[serde(flatten)]
    pub(super) counts: CountsRow,
}

#[derive(Serialize)]
pub(super) struct PointDayRow<'a> {
    pub(super) point: &'a str,
    pub(super) day: LocalDay,
    #[serde(flatten)]
    pub(super) counts: CountsRow,
}

#[derive(Serialize)]
pub(super) struct CountsRow {
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

pub(super) fn counts_row(counts: &Counts) -> CountsRow {
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

/// Gives a conflict clause that replaces a row: all columns but the first ones, which are its key.
pub(super) fn replacing(key: &str, rows: Rows, keys: usize) -> String {
    let sets: Vec<String> = rows.0[keys..].iter().map(|(name, _)| format!("{name} = excluded.{name}")).collect();
    format!("on conflict ({key}) do update set {}", sets.join(", "))
}

/// How many numbers counts have.
pub(in crate::store) const COUNTS: usize = 21;

pub(in crate::store) fn counts_from(n: &[i64; COUNTS]) -> Counts {
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

pub(in crate::store) fn completeness_from(
    working_ms: i64,
    scheduled_ms: i64,
    received: i64,
    missing: i64,
) -> Completeness {
    Completeness { working_ms, scheduled_ms, received, missing }
}
