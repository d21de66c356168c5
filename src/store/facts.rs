//! Facts, read back: readings with their graded times, operations, and marks of what became stale.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::append::{Mark, NUMBER, STALE, STALE_AGAIN};
use super::chapters::chapter_of;
use super::{Rows, Store, StoreError, day, json, reading, unreadable, writing};
use crate::domain::attribution::Observed;
use crate::domain::facts::{Operation, Statement};
use crate::domain::ids::{DeviceId, EventId, HouseholdCode, LogId, PlaceCode};
use crate::domain::reading::{ClockState, Grade, Reading};
use crate::domain::time::{Instant, LocalDay, Zone};

/// Chapters of a device that are asked for its nearest level before all are.
const NEAR: i64 = 4;

pub(super) const STORED: &str = "s.device, s.log, s.seq, s.boot, s.ms, s.at_ms, s.clock, s.sent_ms, s.received_ms, \
                                 s.simulated, s.time_ms, s.grade, s.body, s.extra";

/// A reading as stored.
#[derive(sqlx::FromRow)]
pub(super) struct StoredReading {
    device: String,
    log: String,
    seq: i64,
    boot: i64,
    ms: i64,
    at_ms: Option<i64>,
    clock: String,
    sent_ms: Option<i64>,
    received_ms: i64,
    simulated: i64,
    time_ms: i64,
    grade: String,
    body: String,
    extra: String,
}

impl StoredReading {
    pub(super) fn into_reading(self) -> Result<Observed, StoreError> {
        let clock =
            ClockState::from_word(&self.clock).ok_or_else(|| unreadable("clock", &self.clock, "unknown word"))?;
        let grade = Grade::from_word(&self.grade).ok_or_else(|| unreadable("grade", &self.grade, "unknown word"))?;
        let event = serde_json::from_str(&self.body).map_err(|why| unreadable("event", &self.body, why))?;
        Ok(Observed {
            reading: Reading {
                id: EventId { device: self.device.into(), log: LogId::from(self.log), seq: self.seq },
                boot: self.boot,
                ms: self.ms,
                at: self.at_ms.map(Instant::from_ms),
                clock,
                sent_ms: self.sent_ms,
                received: Instant::from_ms(self.received_ms),
                simulated: self.simulated != 0,
                event,
                extra: self.extra,
            },
            time: Instant::from_ms(self.time_ms),
            grade,
        })
    }
}

/// A stale mark: what is named, the day, and the generation that rises with each mark.
pub type StaleMark = (String, LocalDay, i64);

/// A mark of a household, with its kind.
pub type HouseholdMark = (&'static str, StaleMark);

pub(super) const KEYS: Rows = Rows(&[("key", Text)]);

#[derive(Serialize)]
struct Key<'a> {
    key: &'a str,
}

pub(super) fn keys<'a>(keys: impl IntoIterator<Item = &'a str>) -> String {
    json(&keys.into_iter().map(|key| Key { key }).collect::<Vec<_>>())
}

pub(super) const OPERATION: Rows = Rows(&[
    ("id", Text),
    ("kind", Text),
    ("household", Text),
    ("place", Text),
    ("day", Text),
    ("at_ms", Whole),
    ("voids", Text),
    ("reading_device", Text),
    ("contrary", Whole),
    ("recorded_ms", Whole),
    ("recorded_by", Text),
    ("entered_by", Text),
    ("body", Text),
]);

#[derive(Serialize)]
pub(super) struct OperationRow<'a> {
    id: &'a str,
    kind: &'static str,
    household: Option<&'a str>,
    place: Option<&'a str>,
    day: String,
    at_ms: i64,
    voids: Option<&'a str>,
    reading_device: Option<&'a str>,
    contrary: i64,
    recorded_ms: i64,
    recorded_by: &'a str,
    entered_by: Option<&'a str>,
    body: String,
}

impl<'a> OperationRow<'a> {
    /// Says who handed it in, where that is not who stated it.
    pub(super) fn entered_by(mut self, by: &'a str) -> Self {
        self.entered_by = Some(by).filter(|by| *by != self.recorded_by);
        self
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct StoredOperation {
    pub(super) id: String,
    pub(super) recorded_ms: i64,
    pub(super) recorded_by: String,
    pub(super) body: String,
}

impl StoredOperation {
    pub(super) fn into_operation(self) -> Result<Operation, StoreError> {
        let statement = serde_json::from_str(&self.body).map_err(|why| unreadable("operation", &self.body, why))?;
        Ok(Operation { id: self.id, recorded: Instant::from_ms(self.recorded_ms), by: self.recorded_by, statement })
    }
}

pub(super) fn operation_row<'a>(operation: &'a Operation, zone: &Zone) -> OperationRow<'a> {
    let at = operation.statement.at(zone);
    let mut row = OperationRow {
        id: &operation.id,
        kind: operation.statement.kind(),
        household: operation.statement.household().map(HouseholdCode::as_str),
        place: None,
        day: zone.day_of(at).to_string(),
        at_ms: at.ms(),
        voids: None,
        reading_device: None,
        contrary: 0,
        recorded_ms: operation.recorded.ms(),
        recorded_by: &operation.by,
        entered_by: None,
        body: json(&operation.statement),
    };
    match &operation.statement {
        Statement::Round { place, service_date, .. } => {
            row.place = Some(place.as_str());
            row.day = service_date.to_string();
        }
        Statement::Pickup { place, result, reading, .. } => {
            row.place = Some(place.as_str());
            row.contrary = i64::from(result.finding().is_some());
            row.reading_device = reading.as_ref().map(|id| id.device.as_str());
        }
        Statement::Void { pickup, .. } => row.voids = Some(pickup),
        Statement::Report { place, .. } => row.place = Some(place.as_str()),
        Statement::Finding { .. }
        | Statement::Visit { .. }
        | Statement::Pathway { .. }
        | Statement::Attempt { .. }
        | Statement::Ticket { .. } => {}
    }
    row
}

pub(super) fn operation_marks(operation: &Operation, zone: &Zone) -> Vec<Mark> {
    let day = zone.day_of(operation.statement.at(zone));
    let mut marks = figure_marks(operation, day);
    match operation.statement {
        Statement::Pickup { .. }
        | Statement::Finding { .. }
        | Statement::Visit { .. }
        | Statement::Pathway { .. }
        | Statement::Attempt { .. } => marks.push(Mark::new("statement", "", day)),
        Statement::Round { .. } | Statement::Void { .. } | Statement::Ticket { .. } | Statement::Report { .. } => {}
    }
    marks
}

fn figure_marks(operation: &Operation, day: LocalDay) -> Vec<Mark> {
    match &operation.statement {
        Statement::Round { place, service_date, .. } => vec![Mark::new("place", place.as_str(), *service_date)],
        Statement::Pickup { reading, .. } => {
            let mut marks = vec![Mark::new("crew", operation.id.as_str(), day)];
            marks.extend(reading.as_ref().map(|id| Mark::new("reading", id.to_string(), day)));
            marks.extend(operation.statement.household().map(|h| Mark::new("household", h.as_str(), day)));
            marks
        }
        Statement::Void { pickup, .. } => vec![Mark::new("void", pickup.as_str(), day)],
        Statement::Finding { household, .. }
        | Statement::Visit { household, .. }
        | Statement::Pathway { household, .. } => vec![Mark::new("household", household.as_str(), day)],
        Statement::Ticket { .. } => vec![Mark::new("ticket", operation.id.as_str(), day)],
        Statement::Attempt { .. } | Statement::Report { .. } => Vec::new(),
    }
}

impl Store {
    /// Records operations, each once by its id, with what they make stale. Gives how many are new.
    pub async fn record(&self, operations: &[Operation], zone: &Zone) -> Result<u64, StoreError> {
        let rows: Vec<OperationRow> = operations.iter().map(|operation| operation_row(operation, zone)).collect();
        let marks: BTreeSet<Mark> = operations.iter().flat_map(|operation| operation_marks(operation, zone)).collect();
        let insert = self.insert("operation", OPERATION, "on conflict (id) do nothing");
        let mark = self.insert("stale", STALE, STALE_AGAIN);
        let new = writing!(self, tx => {
            let new = sqlx::query(insert).bind(json(&rows)).execute(&mut *tx).await?.rows_affected();
            if new > 0 && !marks.is_empty() {
                sqlx::query(mark).bind(json(&marks)).execute(&mut *tx).await?;
            }
            new
        });
        Ok(new)
    }

    /// Gives the operation of an id.
    pub async fn operation(&self, id: &str) -> Result<Option<Operation>, StoreError> {
        let row: Option<StoredOperation> = reading!(self, pool => {
            sqlx::query_as("select id, recorded_ms, recorded_by, body from operation where id = $1")
                .bind(id).fetch_optional(pool).await?
        });
        row.map(StoredOperation::into_operation).transpose()
    }

    /// Gives which of the ids are an operation's.
    pub async fn known_operations(&self, ids: impl IntoIterator<Item = &str>) -> Result<BTreeSet<String>, StoreError> {
        let keys = keys(ids);
        let sql =
            sqlx::AssertSqlSafe(format!("select o.id from {} join operation as o on o.id = r.key", self.rows(KEYS)));
        let rows: Vec<(String,)> = reading!(self, pool => sqlx::query_as(sql).bind(&keys).fetch_all(pool).await?);
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// Gives the operations of an import's kind, by id.
    pub async fn operations_of_kind(&self, kind: &str) -> Result<Vec<Operation>, StoreError> {
        let rows: Vec<StoredOperation> = reading!(self, pool => {
            sqlx::query_as("select id, recorded_ms, recorded_by, body from operation where kind = $1 order by at_ms, id")
                .bind(kind).fetch_all(pool).await?
        });
        rows.into_iter().map(StoredOperation::into_operation).collect()
    }

    /// Gives the operations of a kind whose day lies in a range, both included, in order of time.
    pub async fn operations_on(&self, kind: &str, from: LocalDay, to: LocalDay) -> Result<Vec<Operation>, StoreError> {
        let rows: Vec<StoredOperation> = reading!(self, pool => {
            sqlx::query_as(
                "select id, recorded_ms, recorded_by, body from operation \
                 where kind = $1 and day >= $2 and day <= $3 order by at_ms, id",
            )
            .bind(kind).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(StoredOperation::into_operation).collect()
    }

    /// Gives what is stated of households: findings, visits, pathways, and crew pickups that state a finding; void ones
    /// left out. In order of household and time.
    pub async fn statements_of(&self, households: &[HouseholdCode]) -> Result<Vec<Operation>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select o.id, o.recorded_ms, o.recorded_by, o.body from {} join operation as o on o.household = r.key \
             where (o.kind in ('finding', 'visit', 'pathway') or o.contrary = 1) \
             and not exists (select 1 from operation as v where v.voids = o.id) order by o.household, o.at_ms, o.id",
            self.rows(KEYS)
        ));
        let keys = keys(households.iter().map(HouseholdCode::as_str));
        let rows: Vec<StoredOperation> = reading!(self, pool => sqlx::query_as(sql).bind(&keys).fetch_all(pool).await?);
        rows.into_iter().map(StoredOperation::into_operation).collect()
    }

    /// Gives a place's crew operations (rounds and pickups) whose day lies in a range.
    pub async fn crew_operations(
        &self,
        place: &PlaceCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<Operation>, StoreError> {
        let rows: Vec<StoredOperation> = reading!(self, pool => {
            sqlx::query_as(
                "select id, recorded_ms, recorded_by, body from operation \
                 where place = $1 and day >= $2 and day <= $3 order by at_ms, id",
            )
            .bind(place.as_str()).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(StoredOperation::into_operation).collect()
    }

    /// Gives the crew pickups that name a reading of one of the devices.
    pub async fn crew_pickups_naming(&self, devices: &[DeviceId]) -> Result<Vec<Operation>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select o.id, o.recorded_ms, o.recorded_by, o.body from {} \
             join operation as o on o.reading_device = r.key order by o.at_ms, o.id",
            self.rows(KEYS)
        ));
        let keys = keys(devices.iter().map(DeviceId::as_str));
        let rows: Vec<StoredOperation> = reading!(self, pool => sqlx::query_as(sql).bind(&keys).fetch_all(pool).await?);
        rows.into_iter().map(StoredOperation::into_operation).collect()
    }

    /// Gives which of the pickups are declared void.
    pub async fn voids(&self, pickups: impl IntoIterator<Item = &str>) -> Result<BTreeSet<String>, StoreError> {
        let keys = keys(pickups);
        let sql = sqlx::AssertSqlSafe(format!(
            "select distinct o.voids from {} join operation as o on o.voids = r.key",
            self.rows(KEYS)
        ));
        let rows: Vec<(String,)> = reading!(self, pool => sqlx::query_as(sql).bind(&keys).fetch_all(pool).await?);
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// Gives the readings of devices between two instants, both included, heartbeats left out, by device and time.
    pub async fn readings_in_use(
        &self,
        devices: &[DeviceId],
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Observed>, StoreError> {
        let mut observed = Vec::new();
        for device in devices {
            let sql = sqlx::AssertSqlSafe(format!(
                "select {STORED} from reading as s where s.device = $1 and s.kind <> 'heartbeat' \
                 and s.used_to_ms >= $2 and s.used_from_ms <= $3 and s.time_ms >= $2 and s.time_ms <= $3 order by s.time_ms, s.log, s.seq"
            ));
            let rows: Vec<StoredReading> = reading!(self, pool => {
                sqlx::query_as(sql).bind(device.as_str()).bind(from.ms()).bind(to.ms()).fetch_all(pool).await?
            });
            for row in rows {
                observed.push(row.into_reading()?);
            }
        }
        Ok(observed)
    }

    /// Gives a device's latest readings, the latest first, heartbeats among them.
    pub async fn latest_readings(&self, device: &DeviceId, limit: i64) -> Result<Vec<Observed>, StoreError> {
        // The latest of as many chapters as end last, from what the fullest of them would give alone.
        let latest = |kind: &str, part: &str| {
            format!(
                "select {STORED} from {part} as c join reading as s on s.chapter_no = c.no where s.kind {kind} 'heartbeat' \
                 and s.time_ms >= coalesce((select max(e.time_ms) from (select (select t.time_ms from reading_row as t \
                 where t.chapter_no = k.no and t.kind {kind} 'heartbeat' order by t.time_ms desc limit 1 offset $2 - 1) as time_ms \
                 from {part} as k) as e), {})",
                -i64::MAX
            )
        };
        let last = |part: &str, end: &str| {
            format!(
                "{part} as (select no from reading_chapter where device = $1 and {end} is not null \
                 order by {end} desc, log desc, chapter desc limit $2)"
            )
        };
        let sql = sqlx::AssertSqlSafe(format!(
            "with {}, {} select * from ({} union all {}) as latest order by time_ms desc, log desc, seq desc limit $2",
            last("used", "used_to_ms"),
            last("beat", "beat_to_ms"),
            latest("<>", "used"),
            latest("=", "beat")
        ));
        let rows: Vec<StoredReading> =
            reading!(self, pool => sqlx::query_as(sql).bind(device.as_str()).bind(limit).fetch_all(pool).await?);
        rows.into_iter().map(StoredReading::into_reading).collect()
    }

    /// Gives the nearest settled level of a device before (`earlier`) or after an instant, calibration left out.
    pub async fn neighbour_level(
        &self,
        device: &DeviceId,
        at: Instant,
        earlier: bool,
    ) -> Result<Option<Observed>, StoreError> {
        let (compare, order, end) = if earlier { ("<", "desc", "max") } else { (">", "asc", "min") };
        let (near, far) = if earlier { ("used_to_ms", "used_from_ms") } else { ("used_from_ms", "used_to_ms") };
        let beyond = sqlx::AssertSqlSafe(format!(
            "select {near} from reading_chapter where device = $1 and {far} {compare}= $2 order by {near} {order} limit 1 offset {NEAR}"
        ));
        let beyond: Option<(i64,)> = reading!(self, pool => {
            sqlx::query_as(beyond).bind(device.as_str()).bind(at.ms()).fetch_optional(pool).await?
        });
        // Beyond every log and number of that instant.
        let mut cursor = if earlier { (at.ms(), "".into(), 0) } else { (at.ms(), LogId::from("~"), 0) };
        // Only what the nearest chapters hold; where they hold none, or none nearer than the next chapter, what all hold.
        let everything = if earlier { -i64::MAX } else { i64::MAX };
        let mut horizon = beyond.map_or(everything, |beyond| beyond.0);
        // Unstable and calibration levels are rare: a few steps find the nearest settled one. Others of its instant may stand before it.
        loop {
            let sql = sqlx::AssertSqlSafe(format!(
                "select {STORED} from reading_chapter as c join reading as s on s.chapter_no = c.no \
                 where c.device = $1 and c.{far} {compare}= $2 and c.{near} {opposite} $5 and s.kind <> 'heartbeat' and s.kind = 'weight' \
                 and (s.time_ms, s.log, s.seq) {compare} ($2, $3, $4) and s.time_ms = (select {end}(t.time_ms) \
                 from reading_row as t where t.chapter_no = c.no and t.kind <> 'heartbeat' and t.kind = 'weight' \
                 and t.time_ms {compare}= $2 and (t.time_ms, c.log, t.seq) {compare} ($2, $3, $4)) \
                 order by s.time_ms {order}, s.log {order}, s.seq {order} limit 1",
                opposite = if earlier { ">" } else { "<" }
            ));
            let (time_ms, log, seq) = &cursor;
            let row: Option<StoredReading> = reading!(self, pool => {
                sqlx::query_as(sql).bind(device.as_str()).bind(time_ms).bind(log.as_str()).bind(seq).bind(horizon)
                    .fetch_optional(pool).await?
            });
            let found = row.map(StoredReading::into_reading).transpose()?;
            let within = |found: &Observed| if earlier { found.time.ms() > horizon } else { found.time.ms() < horizon };
            if horizon != everything && !found.as_ref().is_some_and(within) {
                horizon = everything;
                continue;
            }
            let Some(found) = found else { return Ok(None) };
            if let crate::domain::reading::Event::Weight(weight) = &found.reading.event
                && weight.stable
                && !weight.maintenance
            {
                return Ok(Some(found));
            }
            cursor = (found.time.ms(), found.reading.id.log.clone(), found.reading.id.seq);
        }
    }

    /// Gives the instant of a device's nearest reading in use before (`earlier`) or after an instant.
    pub async fn neighbour_use(
        &self,
        devices: &[DeviceId],
        at: Instant,
        earlier: bool,
    ) -> Result<Option<Instant>, StoreError> {
        let (compare, end) = if earlier { ("<", "max") } else { (">", "min") };
        let (near, far) = if earlier { ("used_to_ms", "used_from_ms") } else { ("used_from_ms", "used_to_ms") };
        // One chapter has a reading on this side at its far end: no other one is asked that ends before it.
        let sql = format!(
            "select {end}(ends.time_ms) from (select (select {end}(t.time_ms) from reading_row as t where t.chapter_no = c.no \
             and t.kind <> 'heartbeat' and t.time_ms {compare} $2) as time_ms from reading_chapter as c where c.device = $1 \
             and c.{far} {compare} $2 and c.{near} {opposite}= (select {end}(k.{far}) from reading_chapter as k \
             where k.device = $1 and k.{far} {compare} $2)) as ends",
            opposite = if earlier { ">" } else { "<" }
        );
        let mut nearest: Option<Instant> = None;
        for device in devices {
            let row: (Option<i64>,) = reading!(self, pool => {
                sqlx::query_as(sqlx::AssertSqlSafe(sql.as_str())).bind(device.as_str()).bind(at.ms()).fetch_one(pool).await?
            });
            if let Some(time) = row.0.map(Instant::from_ms) {
                nearest = Some(match nearest {
                    Some(held) if earlier => held.max(time),
                    Some(held) => held.min(time),
                    None => time,
                });
            }
        }
        Ok(nearest)
    }

    /// Gives the capture times of a device's events between two instants, in order, with their log and number; events
    /// whose time is known by arrival only are marked false.
    pub async fn presence(
        &self,
        device: &DeviceId,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<(Instant, bool, LogId, i64)>, StoreError> {
        let rows: Vec<(i64, String, String, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select time_ms, grade, log, seq from reading where device = $1 and kind <> 'heartbeat' \
                 and used_to_ms >= $2 and used_from_ms <= $3 and time_ms >= $2 and time_ms <= $3 \
                 union all select time_ms, grade, log, seq from reading where device = $1 and kind = 'heartbeat' \
                 and beat_to_ms >= $2 and beat_from_ms <= $3 and time_ms >= $2 and time_ms <= $3 order by 1, 3, 4",
            )
            .bind(device.as_str()).bind(from.ms()).bind(to.ms()).fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(ms, grade, log, seq)| {
                (Instant::from_ms(ms), grade != Grade::Received.as_str(), LogId::from(log), seq)
            })
            .collect())
    }

    /// Finds the readings of ids, by time.
    pub(super) fn readings_of_sql(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "select {STORED} from {} join reading as s on s.device = r.device and s.log = r.log and s.chapter = {} and s.seq = r.seq \
             order by s.time_ms, s.device, s.log, s.seq",
            self.rows(NUMBER),
            chapter_of!("r.seq")
        ))
    }

    /// Gives the capture time of a stored reading.
    pub async fn reading_time(&self, id: &EventId) -> Result<Option<Instant>, StoreError> {
        let row: Option<(i64,)> = reading!(self, pool => {
            sqlx::query_as(concat!(
                "select time_ms from reading where device = $1 and log = $2 and seq = $3 and chapter = ",
                chapter_of!("$3")
            ))
                .bind(id.device.as_str()).bind(id.log.as_str()).bind(id.seq).fetch_optional(pool).await?
        });
        Ok(row.map(|row| Instant::from_ms(row.0)))
    }

    /// Gives the ranges of a log that are stored or declared lost, in order.
    pub async fn log_ranges(&self, device: &DeviceId, log: &LogId) -> Result<Vec<(i64, i64)>, StoreError> {
        Ok(reading!(self, pool => {
            sqlx::query_as("select first, last from log_range where device = $1 and log = $2 order by first")
                .bind(device.as_str()).bind(log.as_str()).fetch_all(pool).await?
        }))
    }

    /// Gives the greatest number of a log that is stored or declared lost.
    pub async fn last_number(&self, device: &DeviceId, log: &LogId) -> Result<Option<i64>, StoreError> {
        let row: (Option<i64>,) = reading!(self, pool => {
            sqlx::query_as("select max(last) from log_range where device = $1 and log = $2")
                .bind(device.as_str()).bind(log.as_str()).fetch_one(pool).await?
        });
        Ok(row.0)
    }

    /// Gives the marks of a kind, at most `limit`, by key and day.
    pub async fn stale(&self, kind: &str, limit: i64) -> Result<Vec<StaleMark>, StoreError> {
        let rows: Vec<(String, String, i64)> = reading!(self, pool => {
            sqlx::query_as("select key, day, generation from stale where kind = $1 order by key, day limit $2")
                .bind(kind).bind(limit).fetch_all(pool).await?
        });
        rows.into_iter().map(|(key, on, generation)| Ok((key, day(&on)?, generation))).collect()
    }

    /// Counts all marks: zero when every figure is up to date.
    pub async fn stale_count(&self) -> Result<i64, StoreError> {
        let row: (i64,) = reading!(self, pool => sqlx::query_as("select count(*) from stale").fetch_one(pool).await?);
        Ok(row.0)
    }

    /// Counts the marks that can change a figure of a day or of one before it.
    pub async fn stale_through(&self, day: LocalDay) -> Result<i64, StoreError> {
        let row: (i64,) = reading!(self, pool => {
            sqlx::query_as("select count(*) from stale where day <= $1").bind(day.to_string()).fetch_one(pool).await?
        });
        Ok(row.0)
    }

    /// Marks keys of a kind as stale from a day on.
    pub async fn mark_stale(
        &self,
        kind: &'static str,
        marks: impl IntoIterator<Item = (String, LocalDay)>,
    ) -> Result<(), StoreError> {
        let marks: BTreeSet<Mark> = marks.into_iter().map(|(key, day)| Mark::new(kind, key, day)).collect();
        if marks.is_empty() {
            return Ok(());
        }
        let sql = self.insert("stale", STALE, STALE_AGAIN);
        writing!(self, tx => { sqlx::query(sql).bind(json(&marks)).execute(&mut *tx).await?; });
        Ok(())
    }

    /// Takes marks away, unless they were set anew since they were read.
    pub async fn clear_stale(&self, kind: &'static str, done: &[StaleMark]) -> Result<(), StoreError> {
        let rows: Vec<Mark> = done
            .iter()
            .map(|(key, day, generation)| Mark { generation: *generation, ..Mark::new(kind, key.as_str(), *day) })
            .collect();
        let sql = self.clear_sql();
        writing!(self, tx => { sqlx::query(sql).bind(json(&rows)).execute(&mut *tx).await?; });
        Ok(())
    }

    pub(super) fn clear_sql(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "delete from stale where (kind, key, day, generation) in (select r.kind, r.key, r.day, r.generation from {})",
            self.rows(STALE)
        ))
    }

    /// Gives the first and the last capture time of each device's readings.
    pub async fn reading_extents(&self) -> Result<Vec<(DeviceId, Instant, Instant)>, StoreError> {
        type Ends = (String, Option<i64>, Option<i64>, Option<i64>, Option<i64>);
        let rows: Vec<Ends> = reading!(self, pool => {
            sqlx::query_as(
                "select device, min(used_from_ms), min(beat_from_ms), max(used_to_ms), max(beat_to_ms) \
                 from reading_chapter group by device",
            )
            .fetch_all(pool).await?
        });
        let mut extents: BTreeMap<DeviceId, (i64, i64)> = BTreeMap::new();
        for (device, used_first, beat_first, used_last, beat_last) in rows {
            for ms in [used_first, beat_first, used_last, beat_last].into_iter().flatten() {
                let extent = extents.entry(DeviceId::from(device.as_str())).or_insert((ms, ms));
                *extent = (extent.0.min(ms), extent.1.max(ms));
            }
        }
        let extent = |(device, (first, last))| (device, Instant::from_ms(first), Instant::from_ms(last));
        Ok(extents.into_iter().map(extent).collect())
    }
}
