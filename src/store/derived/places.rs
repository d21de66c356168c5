//! What is derived for a place: pickups, rounds, devices' days, tonnage.

use std::collections::BTreeSet;

use super::rows::{
    DEVICE_DAY, DeviceDayRow, PICKUP, PLACE_DAY, ROUND, RoundRow, TONNAGE_DAY, pickup_of, pickup_row, replacing,
    round_row, tonnage_row,
};
use super::{DeviceDay, PlaceChange, PlaceDay, TonnageDay};
use crate::domain::ids::{DeviceId, HouseholdCode, PlaceCode, StationCode};
use crate::domain::pickup::{Grams, Pickup};
use crate::domain::round::RoundOutcome;
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::Service;
use crate::store::ColumnType::Text;
use crate::store::append::{Mark, NEAR, STALE, STALE_AGAIN};
use crate::store::conditions::CONDITION;
use crate::store::facts::keys;
use crate::store::tickets::{TICKET, TICKET_AGAIN, ticket_row};
use crate::store::{Rows, Store, StoreError, day, json, reading, writing};

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
}
