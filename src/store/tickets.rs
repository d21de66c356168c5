//! Tickets and destinations: what was delivered where.
//!
//! # Why
//! A ticket's standing among those of its number is asked when figures are read and not stored: so each stored row is a function
//! of its own fact alone, and a second ticket of a number years later renews nothing but itself.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::facts::keys;
use super::{Rows, Store, StoreError, day, json, reading, unreadable, writing};
use crate::domain::attribution::Observed;
use crate::domain::ids::{DeviceId, StreamCode};
use crate::domain::ticket::{Destination, DestinationKind, TicketFact};
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::Delivered;

pub(super) const TICKET: Rows = Rows(&[
    ("id", Text),
    ("ticket", Text),
    ("day", Text),
    ("at_ms", Whole),
    ("vehicle", Text),
    ("stream", Text),
    ("gross_g", Whole),
    ("tare_g", Whole),
    ("destination", Text),
    ("known_ms", Whole),
    ("recorded_by", Text),
    ("device", Whole),
    ("void", Whole),
]);
pub(super) const TICKET_AGAIN: &str = "on conflict (id) do update set ticket = excluded.ticket, day = excluded.day, \
    at_ms = excluded.at_ms, vehicle = excluded.vehicle, stream = excluded.stream, gross_g = excluded.gross_g, \
    tare_g = excluded.tare_g, destination = excluded.destination, known_ms = excluded.known_ms, \
    recorded_by = excluded.recorded_by, device = excluded.device, void = excluded.void";
const COLUMNS: &str = "t.id, t.ticket, t.day, t.at_ms, t.vehicle, t.stream, t.gross_g, t.tare_g, t.destination, t.known_ms, \
    t.recorded_by, t.device, t.void";
/// Of one number the first known that is not void counts.
const COUNTS: &str = "t.void = 0 and not exists (select 1 from ticket as o where o.ticket = t.ticket and o.void = 0 \
    and (o.known_ms < t.known_ms or (o.known_ms = t.known_ms and o.id < t.id)))";

#[derive(Serialize, sqlx::FromRow)]
pub(super) struct TicketRow {
    id: String,
    ticket: String,
    day: String,
    at_ms: i64,
    vehicle: String,
    stream: String,
    gross_g: i64,
    tare_g: i64,
    destination: String,
    known_ms: i64,
    recorded_by: String,
    device: i64,
    void: i64,
}

pub(super) fn ticket_row(ticket: &TicketFact) -> TicketRow {
    TicketRow {
        id: ticket.id.clone(),
        ticket: ticket.ticket.clone(),
        day: ticket.day.to_string(),
        at_ms: ticket.at.ms(),
        vehicle: ticket.vehicle.clone(),
        stream: ticket.stream.to_string(),
        gross_g: ticket.gross_g,
        tare_g: ticket.tare_g,
        destination: ticket.destination.clone(),
        known_ms: ticket.known.ms(),
        recorded_by: ticket.by.clone(),
        device: i64::from(ticket.device),
        void: i64::from(ticket.void),
    }
}

impl TicketRow {
    fn into_ticket(self) -> Result<TicketFact, StoreError> {
        Ok(TicketFact {
            day: day(&self.day)?,
            id: self.id,
            ticket: self.ticket,
            at: Instant::from_ms(self.at_ms),
            vehicle: self.vehicle,
            stream: self.stream.into(),
            gross_g: self.gross_g,
            tare_g: self.tare_g,
            destination: self.destination,
            known: Instant::from_ms(self.known_ms),
            by: self.recorded_by,
            device: self.device != 0,
            void: self.void != 0,
        })
    }
}

impl Store {
    pub(super) fn drop_tickets_sql(&self) -> sqlx::AssertSqlSafe<String> {
        let keys = self.rows(Rows(&[("key", Text)]));
        sqlx::AssertSqlSafe(format!("delete from ticket where id in (select r.key from {keys})"))
    }

    /// Writes tickets of people's statements, and drops those of the ids that are no more.
    pub async fn put_tickets(&self, put: &[TicketFact], gone: &[String]) -> Result<(), StoreError> {
        let rows = json(&put.iter().map(ticket_row).collect::<Vec<_>>());
        let gone = keys(gone.iter().map(String::as_str));
        let (insert, drop) = (self.insert("ticket", TICKET, TICKET_AGAIN), self.drop_tickets_sql());
        writing!(self, tx => {
            sqlx::query(drop).bind(&gone).execute(&mut *tx).await?;
            sqlx::query(insert).bind(&rows).execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// Gives the tickets of ids, where they are stored, by id.
    pub async fn tickets_by_id(&self, ids: impl IntoIterator<Item = &str>) -> Result<Vec<TicketFact>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select {COLUMNS} from {} join ticket as t on t.id = r.key order by t.id",
            self.rows(Rows(&[("key", Text)]))
        ));
        let keys = keys(ids);
        let rows: Vec<TicketRow> = reading!(self, pool => sqlx::query_as(sql).bind(&keys).fetch_all(pool).await?);
        rows.into_iter().map(TicketRow::into_ticket).collect()
    }

    /// Gives every stored ticket that people stated, by id.
    pub async fn stated_tickets(&self) -> Result<Vec<TicketFact>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from ticket as t where t.device = 0"));
        let mut rows: Vec<TicketRow> = reading!(self, pool => sqlx::query_as(sql).fetch_all(pool).await?);
        // Databases order texts each in its own way.
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows.into_iter().map(TicketRow::into_ticket).collect()
    }

    /// Gives a device's stored tickets of some days, by id.
    pub async fn device_tickets(
        &self,
        device: &DeviceId,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<TicketFact>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select {COLUMNS} from ticket as t where t.device = 1 and t.recorded_by = $1 and t.day >= $2 and t.day <= $3 \
             order by t.id"
        ));
        let rows: Vec<TicketRow> = reading!(self, pool => {
            sqlx::query_as(sql).bind(device.as_str()).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        rows.into_iter().map(TicketRow::into_ticket).collect()
    }

    /// Gives the ticket readings of a device between two instants, both included, by time.
    pub async fn ticket_readings(
        &self,
        device: &DeviceId,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Observed>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select {} from reading as s where s.device = $1 and s.kind <> 'heartbeat' and s.kind = 'ticket' \
             and s.used_to_ms >= $2 and s.used_from_ms <= $3 and s.time_ms >= $2 and s.time_ms <= $3 \
             order by s.time_ms, s.log, s.seq",
            super::facts::STORED
        ));
        let rows: Vec<super::facts::StoredReading> = reading!(self, pool => {
            sqlx::query_as(sql).bind(device.as_str()).bind(from.ms()).bind(to.ms()).fetch_all(pool).await?
        });
        rows.into_iter().map(super::facts::StoredReading::into_reading).collect()
    }

    /// Gives all tickets, latest first, whose number has one of some days; those of one number stand together for whoever judges them.
    pub async fn tickets(&self, from: LocalDay, to: LocalDay, limit: i64) -> Result<Vec<TicketFact>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select {COLUMNS} from ticket as t where t.ticket in \
             (select ticket from ticket where day >= $1 and day <= $2 order by at_ms desc, id limit $3) \
             order by t.at_ms desc, t.id"
        ));
        let rows: Vec<TicketRow> = reading!(self, pool => {
            sqlx::query_as(sql).bind(from.to_string()).bind(to.to_string()).bind(limit).fetch_all(pool).await?
        });
        rows.into_iter().map(TicketRow::into_ticket).collect()
    }

    /// Adds up the tickets that count by day, stream and destination.
    pub async fn delivered(&self, from: LocalDay, to: LocalDay) -> Result<Vec<(LocalDay, Delivered)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select t.day, t.stream, t.destination, cast(sum(t.gross_g - t.tare_g) as bigint), count(*) from ticket as t \
             where t.day >= $1 and t.day <= $2 and {COUNTS} group by t.day, t.stream, t.destination \
             order by t.day, t.stream, t.destination"
        ));
        let rows: Vec<(String, String, String, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(sql).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        let kinds: BTreeMap<String, DestinationKind> =
            self.destinations().await?.into_iter().map(|to| (to.code, to.kind)).collect();
        rows.into_iter()
            .map(|(on, stream, destination, net_g, tickets)| {
                let kind = kinds.get(&destination).copied();
                Ok((day(&on)?, Delivered { stream: StreamCode::from(stream), kind, net_g, tickets }))
            })
            .collect()
    }

    /// Records a destination. A later row of the same code rules.
    pub async fn put_destination(&self, destination: &Destination, at: Instant, by: &str) -> Result<(), StoreError> {
        writing!(self, tx => {
            sqlx::query(
                "insert into destination (code, recorded_ms, name, kind, recorded_by) values ($1, $2, $3, $4, $5) \
                 on conflict (code, recorded_ms) do nothing",
            )
            .bind(&destination.code).bind(at.ms()).bind(&destination.name).bind(destination.kind.as_str()).bind(by)
            .execute(&mut *tx).await?;
        });
        Ok(())
    }

    /// Gives the destinations as they are now, by code.
    pub async fn destinations(&self) -> Result<Vec<Destination>, StoreError> {
        let rows: Vec<(String, String, String)> = reading!(self, pool => {
            sqlx::query_as(
                "select d.code, d.name, d.kind from destination as d where d.recorded_ms = \
                 (select max(n.recorded_ms) from destination as n where n.code = d.code) order by d.code",
            )
            .fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|(code, name, kind)| {
                let kind = DestinationKind::from_word(&kind)
                    .ok_or_else(|| unreadable("destination kind", &kind, "unknown word"))?;
                Ok(Destination { code, name, kind })
            })
            .collect()
    }
}
