//! Sums over periods for the indicators: rounds and hand-overs, events and their quality; and all of it by hamlet.

use std::collections::{BTreeMap, BTreeSet};

use super::{Store, StoreError, day, reading};
use crate::domain::ids::{AreaCode, DeviceId, PlaceCode, StreamCode};
use crate::domain::reading::Grade;
use crate::domain::ticket::DestinationKind;
use crate::domain::time::{HOUR_MS, Instant, LocalDay};
use crate::indicators::{AreaPeriod, EventQuality, Remixing, Service, Step};

/// An event this much later than its capture is late.
const LATE_MS: i64 = HOUR_MS;

impl Store {
    /// Gives what a device's events between two instants show of their quality, heartbeats left out, by time: each event's time and
    /// its part of the counts, and whether it is a ticket.
    pub async fn event_quality(
        &self,
        device: &DeviceId,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<(Instant, EventQuality, bool)>, StoreError> {
        let rows: Vec<(i64, i64, String, String, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select time_ms, received_ms, grade, kind, \
                 cast(case when kind = 'weight' and body like '%\"stable\":false%' then 1 else 0 end as bigint) \
                 from reading where device = $1 and kind <> 'heartbeat' and used_to_ms >= $2 and used_from_ms <= $3 \
                 and time_ms >= $2 and time_ms <= $3 order by time_ms",
            )
            .bind(device.as_str()).bind(from.ms()).bind(to.ms()).fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(time_ms, received_ms, grade, kind, unstable)| {
                let quality = EventQuality {
                    in_use: 1,
                    weights: i64::from(kind == "weight"),
                    unstable,
                    late: i64::from(received_ms - time_ms > LATE_MS),
                    clock_doubted: i64::from(grade != Grade::Device.as_str()),
                };
                (Instant::from_ms(time_ms), quality, kind == "ticket")
            })
            .collect())
    }

    /// Adds up the rounds and hand-overs of a hamlet's places, or of all, by day.
    pub async fn service_days(
        &self,
        area: Option<&AreaCode>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(LocalDay, Service)>, StoreError> {
        type Row = (String, i64, i64, i64, i64, i64, i64, i64);
        let rows: Vec<Row> = reading!(self, pool => {
            sqlx::query_as(
                "select day, cast(sum(scheduled) as bigint), cast(sum(ran) as bigint), cast(sum(observable) as bigint), \
                 cast(sum(hand_overs) as bigint), cast(sum(tagged) as bigint), cast(sum(overload) as bigint), \
                 cast(sum(below_min) as bigint) from place_day where day >= $1 and day <= $2 and ($3 = '' or area = $3) \
                 group by day order by day",
            )
            .bind(from.to_string()).bind(to.to_string()).bind(area.map_or("", AreaCode::as_str)).fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|(on, scheduled, ran, observable, hand_overs, tagged, overload, below_min)| {
                let service = Service { scheduled, ran, observable, hand_overs, tagged, overload, below_min };
                Ok((day(&on)?, service))
            })
            .collect()
    }

    /// Adds up the quality of the events of a hamlet's devices, or of all, by day.
    pub async fn quality_by_day(
        &self,
        area: Option<&AreaCode>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(LocalDay, EventQuality)>, StoreError> {
        let rows: Vec<(String, i64, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select day, cast(sum(in_use) as bigint), cast(sum(weights) as bigint), cast(sum(unstable) as bigint), \
                 cast(sum(late) as bigint), cast(sum(clock_doubted) as bigint) from device_day \
                 where day >= $1 and day <= $2 and ($3 = '' or area = $3) group by day order by day",
            )
            .bind(from.to_string()).bind(to.to_string()).bind(area.map_or("", AreaCode::as_str)).fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|(on, in_use, weights, unstable, late, clock_doubted)| {
                Ok((day(&on)?, EventQuality { in_use, weights, unstable, late, clock_doubted }))
            })
            .collect()
    }

    /// Adds up the rounds and hand-overs of each place over some days.
    pub async fn service_by_place(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<PlaceCode, Service>, StoreError> {
        type Row = (String, i64, i64, i64, i64, i64, i64, i64);
        let rows: Vec<Row> = reading!(self, pool => {
            sqlx::query_as(
                "select place, cast(sum(scheduled) as bigint), cast(sum(ran) as bigint), cast(sum(observable) as bigint), \
                 cast(sum(hand_overs) as bigint), cast(sum(tagged) as bigint), cast(sum(overload) as bigint), \
                 cast(sum(below_min) as bigint) from place_day where day >= $1 and day <= $2 group by place",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(place, scheduled, ran, observable, hand_overs, tagged, overload, below_min)| {
                let service = Service { scheduled, ran, observable, hand_overs, tagged, overload, below_min };
                (place.into(), service)
            })
            .collect())
    }

    /// Adds up the quality of the events of each place's devices over some days.
    pub async fn quality_by_place(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<PlaceCode, EventQuality>, StoreError> {
        let rows: Vec<(String, i64, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select place, cast(sum(in_use) as bigint), cast(sum(weights) as bigint), cast(sum(unstable) as bigint), \
                 cast(sum(late) as bigint), cast(sum(clock_doubted) as bigint) from device_day \
                 where day >= $1 and day <= $2 group by place",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(place, in_use, weights, unstable, late, clock_doubted)| {
                (place.into(), EventQuality { in_use, weights, unstable, late, clock_doubted })
            })
            .collect())
    }

    /// Gives what the re-mixing alarm compares over some days: what was picked up of the required streams, and what plants took of them.
    pub async fn remixing(
        &self,
        required: &BTreeSet<StreamCode>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Remixing, StoreError> {
        let mut mass = Remixing::default();
        for row in self.tonnage(None, from, to, Step::Year).await? {
            if required.contains(&row.stream) {
                mass.picked_up_g += row.tonnage.weighed_g + row.tonnage.manual_g;
            }
        }
        for (_, delivered) in self.delivered(from, to).await? {
            mass.tickets += delivered.tickets;
            if required.contains(&delivered.stream) && delivered.kind == Some(DestinationKind::Plant) {
                mass.still_separate_g += delivered.net_g;
            }
        }
        Ok(mass)
    }

    /// Gives what each hamlet's days between two add up to; under the empty code what lies in no known one.
    pub async fn area_periods(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<AreaCode, AreaPeriod>, StoreError> {
        let mut periods: BTreeMap<AreaCode, AreaPeriod> = BTreeMap::new();
        for (area, day, counts) in self.counts_by_area(from, to).await? {
            periods.entry(area).or_default().days.insert(day, counts);
        }
        for (area, completeness) in self.completeness_by_area(from, to).await? {
            periods.entry(area).or_default().completeness = completeness;
        }
        for (area, tonnage) in self.tonnage_by_area(from, to).await? {
            periods.entry(area).or_default().tonnage = tonnage;
        }
        type OfPlaces = (String, i64, i64, i64, i64, i64, i64, i64);
        type OfDevices = (String, i64, i64, i64, i64, i64);
        type OfStatements = (String, String, i64);
        let (places, devices, statements): (Vec<OfPlaces>, Vec<OfDevices>, Vec<OfStatements>) = reading!(self, pool => (
            sqlx::query_as(
                "select area, cast(sum(scheduled) as bigint), cast(sum(ran) as bigint), cast(sum(observable) as bigint), \
                 cast(sum(hand_overs) as bigint), cast(sum(tagged) as bigint), cast(sum(overload) as bigint), \
                 cast(sum(below_min) as bigint) from place_day where day >= $1 and day <= $2 group by area",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?,
            sqlx::query_as(
                "select area, cast(sum(in_use) as bigint), cast(sum(weights) as bigint), cast(sum(unstable) as bigint), \
                 cast(sum(late) as bigint), cast(sum(clock_doubted) as bigint) from device_day \
                 where day >= $1 and day <= $2 group by area",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?,
            sqlx::query_as(
                "select area, word, cast(sum(count) as bigint) from statement_day where day >= $1 and day <= $2 \
                 group by area, word",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?,
        ));
        for (area, scheduled, ran, observable, hand_overs, tagged, overload, below_min) in places {
            periods.entry(area.into()).or_default().service =
                Service { scheduled, ran, observable, hand_overs, tagged, overload, below_min };
        }
        for (area, in_use, weights, unstable, late, clock_doubted) in devices {
            periods.entry(area.into()).or_default().events =
                EventQuality { in_use, weights, unstable, late, clock_doubted };
        }
        for (area, word, count) in statements {
            periods.entry(area.into()).or_default().statements.insert(word, count);
        }
        Ok(periods)
    }
}
