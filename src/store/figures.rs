//! Figures for pages and the API, read from derived rows: the work of a request does not grow with history.

use std::collections::BTreeMap;

use sqlx::Row as _;

use super::derived::rows::{StateRowDb, completeness_from, counts_from, pickup_of};
use super::{Store, StoreError, day, reading};
use crate::domain::ids::{AreaCode, DeviceId, HouseholdCode, PlaceCode, StreamCode};
use crate::domain::pickup::Pickup;
use crate::domain::state::{DayState, Reason, State};
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::{Completeness, CompletenessDay, Counts, MassTold, Step, Tonnage, TonnageRow};

const COUNTS: &str = "eligible, sorting, not_sorting, only_other, only_declared, one_stream_missing, no_pickup, \
                      not_observable, device, crew, verified, at_least_one, enrolled, served, measured, \
                      participating, opportunities, set_outs, home_treated, people, people_stated";

/// Which household states are asked for.
#[derive(Clone, Debug)]
pub struct StatesQuery {
    /// The day.
    pub on: LocalDay,
    /// A hamlet only.
    pub area: Option<AreaCode>,
    /// A state only.
    pub state: Option<State>,
    /// A reason only.
    pub reason: Option<Reason>,
    /// Households after this code.
    pub after: Option<HouseholdCode>,
    /// At most so many.
    pub limit: i64,
}

/// A household's state on the day that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateRow {
    /// Household.
    pub household: HouseholdCode,
    /// Hamlet.
    pub area: AreaCode,
    /// State.
    pub state: DayState,
}

/// Which pickups are asked for.
#[derive(Clone, Debug)]
pub struct PickupsQuery {
    /// From, included.
    pub from: Instant,
    /// To, not included.
    pub to: Instant,
    /// A place only.
    pub place: Option<PlaceCode>,
    /// A household only.
    pub household: Option<HouseholdCode>,
    /// Pickups after this time and id.
    pub after: Option<(i64, String)>,
    /// At most so many.
    pub limit: i64,
}

/// Pickups by day and stream, of each hamlet's places.
pub type PickupsByArea = BTreeMap<(LocalDay, StreamCode), BTreeMap<AreaCode, i64>>;

/// What is known of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceStatus {
    /// Device.
    pub device: DeviceId,
    /// When it was heard of last.
    pub last_seen: Option<Instant>,
    /// What its retained state says. `None`: never said.
    pub online: Option<bool>,
    /// Battery, millivolts.
    pub battery_mv: Option<i64>,
    /// Firmware.
    pub firmware: Option<String>,
    /// Events received since the beginning.
    pub received: i64,
    /// Events known to be missing, those that the device only spoke of included.
    pub missing: i64,
}

/// What was heard of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// When an event of it came last. `None`: never.
    pub last_seen: Option<Instant>,
    /// What its retained state says. `None`: never said.
    pub online: Option<bool>,
    /// Battery, millivolts, and when it was said. `None`: never.
    pub battery: Option<(i64, Instant)>,
    /// Firmware.
    pub firmware: Option<String>,
}

macro_rules! counts_of {
    ($row:expr, $from:expr) => {{
        let mut numbers = [0_i64; crate::store::derived::rows::COUNTS];
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = $row.try_get(at + $from)?;
        }
        counts_from(&numbers)
    }};
}

impl Store {
    /// Gives each hamlet's counts on a day.
    pub async fn counts_on(&self, on: LocalDay) -> Result<BTreeMap<AreaCode, Counts>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select area, {COUNTS} from area_day where day = $1"));
        reading!(self, pool => {
            let rows = sqlx::query(sql).bind(on.to_string()).fetch_all(pool).await?;
            let mut counts = BTreeMap::new();
            for row in rows {
                let area: String = row.try_get(0)?;
                counts.insert(AreaCode::from(area), counts_of!(row, 1));
            }
            Ok(counts)
        })
    }

    /// Gives the accepted pickups of every hamlet's places, day by day and by stream.
    pub async fn pickups_by_area(&self, from: LocalDay, to: LocalDay) -> Result<PickupsByArea, StoreError> {
        let rows: Vec<(String, String, String, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select day, stream, area, cast(sum(pickups) as bigint) from tonnage_day \
                 where day >= $1 and day <= $2 group by day, stream, area",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        let mut pickups = PickupsByArea::new();
        for (on, stream, area, count) in rows {
            pickups.entry((day(&on)?, stream.into())).or_default().insert(area.into(), count);
        }
        Ok(pickups)
    }

    /// Gives each collection point's counts on a day.
    pub async fn point_counts_on(&self, on: LocalDay) -> Result<BTreeMap<PlaceCode, Counts>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select point, {COUNTS} from point_day where day = $1"));
        reading!(self, pool => {
            let rows = sqlx::query(sql).bind(on.to_string()).fetch_all(pool).await?;
            let mut counts = BTreeMap::new();
            for row in rows {
                let point: String = row.try_get(0)?;
                counts.insert(PlaceCode::from(point), counts_of!(row, 1));
            }
            Ok(counts)
        })
    }

    /// Gives the counts of a collection point day by day. Days without any eligible household are left out.
    pub async fn point_series(
        &self,
        point: &PlaceCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(LocalDay, Counts)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select day, {COUNTS} from point_day where point = $1 and day >= $2 and day <= $3 order by day"
        ));
        reading!(self, pool => {
            let rows =
                sqlx::query(sql).bind(point.as_str()).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?;
            let mut series = Vec::with_capacity(rows.len());
            for row in rows {
                let on: String = row.try_get(0)?;
                let counts = counts_of!(row, 1);
                if counts.eligible > 0 {
                    series.push((day(&on)?, counts));
                }
            }
            Ok(series)
        })
    }

    /// Gives the counts of a hamlet, or of the commune, day by day. Days without any eligible household are left out.
    pub async fn counts_series(
        &self,
        area: Option<&AreaCode>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(LocalDay, Counts)>, StoreError> {
        let sums: Vec<String> =
            COUNTS.split(", ").map(|name| format!("cast(sum({}) as bigint)", name.trim())).collect();
        let sql = sqlx::AssertSqlSafe(format!(
            "select day, {} from area_day where day >= $1 and day <= $2 and ($3 = '' or area = $3) group by day order by day",
            sums.join(", ")
        ));
        let area = area.map_or("", AreaCode::as_str);
        reading!(self, pool => {
            let rows = sqlx::query(sql).bind(from.to_string()).bind(to.to_string()).bind(area).fetch_all(pool).await?;
            let mut series = Vec::with_capacity(rows.len());
            for row in rows {
                let on: String = row.try_get(0)?;
                let counts = counts_of!(row, 1);
                if counts.eligible > 0 {
                    series.push((day(&on)?, counts));
                }
            }
            Ok(series)
        })
    }

    /// Gives the counts of every hamlet day by day. Days without any eligible household are left out.
    pub async fn counts_by_area(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<(AreaCode, LocalDay, Counts)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select area, day, {COUNTS} from area_day where day >= $1 and day <= $2 and eligible > 0 order by area, day"
        ));
        reading!(self, pool => {
            let rows = sqlx::query(sql).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?;
            let mut counts = Vec::with_capacity(rows.len());
            for row in rows {
                let (area, on): (String, String) = (row.try_get(0)?, row.try_get(1)?);
                counts.push((AreaCode::from(area), day(&on)?, counts_of!(row, 2)));
            }
            Ok(counts)
        })
    }

    /// Gives each hamlet's completeness over a range of days.
    pub async fn completeness_by_area(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<AreaCode, Completeness>, StoreError> {
        let rows: Vec<(String, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select area, cast(sum(working_ms) as bigint), cast(sum(scheduled_ms) as bigint), \
                 cast(sum(received) as bigint), cast(sum(missing) as bigint) \
                 from device_day where day >= $1 and day <= $2 group by area",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|(area, a, b, c, d)| (area.into(), completeness_from(a, b, c, d))).collect())
    }

    /// Gives each place's completeness over a range of days.
    pub async fn completeness_by_place(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<PlaceCode, Completeness>, StoreError> {
        let rows: Vec<(String, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select place, cast(sum(working_ms) as bigint), cast(sum(scheduled_ms) as bigint), \
                 cast(sum(received) as bigint), cast(sum(missing) as bigint) \
                 from device_day where day >= $1 and day <= $2 group by place",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|(place, a, b, c, d)| (place.into(), completeness_from(a, b, c, d))).collect())
    }

    /// Gives each device's completeness over a range of days.
    pub async fn completeness_by_device(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<DeviceId, Completeness>, StoreError> {
        let rows: Vec<(String, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select device, cast(sum(working_ms) as bigint), cast(sum(scheduled_ms) as bigint), \
                 cast(sum(received) as bigint), cast(sum(missing) as bigint) \
                 from device_day where day >= $1 and day <= $2 group by device",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(|(device, a, b, c, d)| (device.into(), completeness_from(a, b, c, d))).collect())
    }

    /// Gives the completeness of a place day by day.
    pub async fn place_completeness(
        &self,
        place: &PlaceCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<CompletenessDay>, StoreError> {
        let rows: Vec<(String, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select day, cast(sum(working_ms) as bigint), cast(sum(scheduled_ms) as bigint), \
                 cast(sum(received) as bigint), cast(sum(missing) as bigint) from device_day \
                 where day >= $1 and day <= $2 and place = $3 group by day order by day",
            )
            .bind(from.to_string()).bind(to.to_string()).bind(place.as_str()).fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|(on, a, b, c, d)| Ok(CompletenessDay { day: day(&on)?, completeness: completeness_from(a, b, c, d) }))
            .collect()
    }

    /// Gives the completeness of a hamlet, or of the commune, day by day.
    pub async fn completeness_days(
        &self,
        area: Option<&AreaCode>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<CompletenessDay>, StoreError> {
        let area = area.map_or("", AreaCode::as_str);
        let rows: Vec<(String, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select day, cast(sum(working_ms) as bigint), cast(sum(scheduled_ms) as bigint), \
                 cast(sum(received) as bigint), cast(sum(missing) as bigint) from device_day \
                 where day >= $1 and day <= $2 and ($3 = '' or area = $3) group by day order by day",
            )
            .bind(from.to_string()).bind(to.to_string()).bind(area).fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|(on, a, b, c, d)| Ok(CompletenessDay { day: day(&on)?, completeness: completeness_from(a, b, c, d) }))
            .collect()
    }

    /// Gives tonnage by period and stream; a hamlet's is that of its places.
    pub async fn tonnage(
        &self,
        area: Option<&AreaCode>,
        from: LocalDay,
        to: LocalDay,
        step: Step,
    ) -> Result<Vec<TonnageRow>, StoreError> {
        let area = area.map_or("", AreaCode::as_str);
        let rows: Vec<(String, String, i64, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select day, stream, cast(sum(weighed_g) as bigint), cast(sum(manual_g) as bigint), \
                 cast(sum(estimated_g) as bigint), cast(sum(unknown_household_g) as bigint), \
                 cast(sum(pickups) as bigint) from tonnage_day \
                 where day >= $1 and day <= $2 and ($3 = '' or area = $3) group by day, stream order by day, stream",
            )
            .bind(from.to_string()).bind(to.to_string()).bind(area).fetch_all(pool).await?
        });
        let mut periods: BTreeMap<(LocalDay, LocalDay, String), Tonnage> = BTreeMap::new();
        for (on, stream, weighed_g, manual_g, estimated_g, unknown_household_g, pickups) in rows {
            let (first, last) = step.period_of(day(&on)?);
            let tonnage = Tonnage { weighed_g, manual_g, estimated_g, unknown_household_g, pickups };
            periods.entry((first, last, stream)).or_default().merge(&tonnage);
        }
        Ok(periods
            .into_iter()
            .map(|((from, to, stream), tonnage)| TonnageRow {
                from,
                to,
                stream: stream.into(),
                tonnage,
                told: MassTold::Apart,
            })
            .collect())
    }

    /// Gives each place's tonnage over a range of days, all streams together.
    pub async fn tonnage_by_place(
        &self,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<BTreeMap<PlaceCode, Tonnage>, StoreError> {
        let rows: Vec<(String, i64, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select place, cast(sum(weighed_g) as bigint), cast(sum(manual_g) as bigint), \
                 cast(sum(estimated_g) as bigint), cast(sum(unknown_household_g) as bigint), \
                 cast(sum(pickups) as bigint) from tonnage_day where day >= $1 and day <= $2 group by place",
            )
            .bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(place, weighed_g, manual_g, estimated_g, unknown_household_g, pickups)| {
                (place.into(), Tonnage { weighed_g, manual_g, estimated_g, unknown_household_g, pickups })
            })
            .collect())
    }

    /// Gives households' states on a day, by code. Days after [`Store::computed_through`] have none.
    pub async fn states(&self, query: &StatesQuery) -> Result<Vec<StateRow>, StoreError> {
        if self.computed_through().await?.is_none_or(|through| query.on > through) {
            return Ok(Vec::new());
        }
        let rows: Vec<StateRowDb> = reading!(self, pool => {
            sqlx::query_as(
                "select household, from_day, to_day, area, state, reason, weakest, at_least_one, enrolled, missing \
                 from household_state where from_day <= $1 and to_day >= $1 and ($2 = '' or area = $2) \
                 and ($3 = '' or state = $3) and ($4 = '' or reason = $4) and household > $5 order by household limit $6",
            )
            .bind(query.on.to_string())
            .bind(query.area.as_ref().map_or("", AreaCode::as_str))
            .bind(query.state.map_or("", State::as_str))
            .bind(query.reason.map_or("", Reason::as_str))
            .bind(query.after.as_ref().map_or("", HouseholdCode::as_str))
            .bind(query.limit)
            .fetch_all(pool)
            .await?
        });
        rows.into_iter()
            .map(|row| {
                let span = row.into_span()?;
                Ok(StateRow { household: span.household, area: span.area, state: span.state })
            })
            .collect()
    }

    /// Gives pickups in order of time and id.
    pub async fn pickups(&self, query: &PickupsQuery) -> Result<Vec<Pickup>, StoreError> {
        let (after_ms, after_id) = query.after.clone().unwrap_or((i64::MIN, String::new()));
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as(
                "select body from pickup where time_ms >= $1 and time_ms < $2 and ($3 = '' or place = $3) \
                 and ($4 = '' or household = $4) and (time_ms > $5 or (time_ms = $5 and id > $6)) \
                 order by time_ms, id limit $7",
            )
            .bind(query.from.ms())
            .bind(query.to.ms())
            .bind(query.place.as_ref().map_or("", PlaceCode::as_str))
            .bind(query.household.as_ref().map_or("", HouseholdCode::as_str))
            .bind(after_ms)
            .bind(after_id)
            .bind(query.limit)
            .fetch_all(pool)
            .await?
        });
        rows.iter().map(|row| pickup_of(&row.0)).collect()
    }

    /// Gives the last pickups before an instant, newest first.
    pub async fn last_pickups(&self, before: Instant, limit: i64) -> Result<Vec<Pickup>, StoreError> {
        let rows: Vec<(String,)> = reading!(self, pool => {
            sqlx::query_as("select body from pickup where time_ms <= $1 order by time_ms desc, id desc limit $2")
                .bind(before.ms()).bind(limit).fetch_all(pool).await?
        });
        rows.iter().map(|row| pickup_of(&row.0)).collect()
    }

    /// Gives what is known of every device that was ever heard of, by id.
    pub async fn devices(&self) -> Result<Vec<DeviceStatus>, StoreError> {
        type Row = (String, Option<i64>, Option<i64>, Option<i64>, Option<String>);
        let rows: Vec<Row> = reading!(self, pool => {
            sqlx::query_as("select device, last_seen_ms, online, battery_mv, firmware from device_state order by device")
                .fetch_all(pool).await?
        });
        let received: Vec<(String, i64)> = reading!(self, pool => {
            sqlx::query_as("select device, cast(sum(received) as bigint) from device_day group by device")
                .fetch_all(pool).await?
        });
        let received: BTreeMap<String, i64> = received.into_iter().collect();
        let mut missing: BTreeMap<DeviceId, i64> = BTreeMap::new();
        for gap in self.gaps(None).await? {
            *missing.entry(gap.device.clone()).or_default() += gap.numbers();
        }
        Ok(rows
            .into_iter()
            .map(|(device, last_seen, online, battery_mv, firmware)| DeviceStatus {
                last_seen: last_seen.map(Instant::from_ms),
                online: online.map(|online| online != 0),
                battery_mv,
                firmware,
                received: received.get(&device).copied().unwrap_or(0),
                missing: missing.get(device.as_str()).copied().unwrap_or(0),
                device: device.into(),
            })
            .collect())
    }

    /// Gives when each device was heard of last and what its battery was, by device. Reads nothing that grows with history.
    pub async fn heard(&self) -> Result<BTreeMap<DeviceId, Heard>, StoreError> {
        type Row = (String, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<String>);
        let rows: Vec<Row> = reading!(self, pool => {
            sqlx::query_as(
                "select device, last_seen_ms, online, battery_mv, battery_ms, firmware from device_state order by device",
            )
            .fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(device, last_seen, online, battery_mv, battery_ms, firmware)| {
                let heard = Heard {
                    last_seen: last_seen.map(Instant::from_ms),
                    online: online.map(|online| online != 0),
                    battery: battery_mv.zip(battery_ms.map(Instant::from_ms)),
                    firmware,
                };
                (device.into(), heard)
            })
            .collect())
    }

    /// Records what a device's state message says.
    pub async fn note_device_state(
        &self,
        device: &DeviceId,
        online: bool,
        at: Instant,
        firmware: Option<&str>,
        log: Option<&str>,
        next: Option<i64>,
    ) -> Result<(), StoreError> {
        super::writing!(self, tx => {
            sqlx::query(
                "insert into device_state (device, online, online_ms, firmware, log, next_seq) values ($1, $2, $3, $4, $5, $6) \
                 on conflict (device) do update set online = excluded.online, online_ms = excluded.online_ms, \
                 firmware = coalesce(excluded.firmware, device_state.firmware), \
                 log = coalesce(excluded.log, device_state.log), \
                 next_seq = coalesce(excluded.next_seq, device_state.next_seq)",
            )
            .bind(device.as_str()).bind(i64::from(online)).bind(at.ms()).bind(firmware).bind(log).bind(next)
            .execute(&mut *tx).await?;
            if let (Some(log), Some(next)) = (log, next) {
                sqlx::query(
                    "insert into log_next (device, log, next) values ($1, $2, $3) on conflict (device, log) do update \
                     set next = case when log_next.next > excluded.next then log_next.next else excluded.next end",
                )
                .bind(device.as_str()).bind(log).bind(next).execute(&mut *tx).await?;
            }
        });
        Ok(())
    }

    /// Counts what is stored: (readings of which the numbers are accounted for, pickups).
    pub async fn stored_totals(&self) -> Result<(i64, i64), StoreError> {
        let readings: (Option<i64>,) = reading!(self, pool => {
            sqlx::query_as("select cast(sum(last - first + 1) as bigint) from log_range").fetch_one(pool).await?
        });
        let pickups: (i64,) =
            reading!(self, pool => sqlx::query_as("select count(*) from pickup").fetch_one(pool).await?);
        Ok((readings.0.unwrap_or(0), pickups.0))
    }

    /// Gives the last day whose states are computed.
    pub async fn computed_through(&self) -> Result<Option<LocalDay>, StoreError> {
        self.setting("computed_through").await?.map(|text| day(&text)).transpose()
    }

    /// Gives the first day whose states are computed: the first day of service.
    pub async fn computed_from(&self) -> Result<Option<LocalDay>, StoreError> {
        self.setting("computed_from").await?.map(|text| day(&text)).transpose()
    }

    /// Gives the cut-off: the latest instant whose facts are in the figures.
    pub async fn cut_off(&self) -> Result<Option<Instant>, StoreError> {
        Ok(self.setting("cut_off_ms").await?.and_then(|text| text.parse().ok()).map(Instant::from_ms))
    }
}
