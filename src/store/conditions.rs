//! Devices' conditions by day, and the heartbeats that they are made of.

use serde::{Deserialize, Serialize};

use super::ColumnType::{Text, Whole};
use super::{Rows, Store, StoreError, day, reading, unreadable};
use crate::domain::condition::{Beat, Condition};
use crate::domain::ids::{DeviceId, PlaceCode};
use crate::domain::time::{Instant, LocalDay};

pub(super) const CONDITION: Rows = Rows(&[
    ("device", Text),
    ("day", Text),
    ("place", Text),
    ("battery_low_mv", Whole),
    ("battery_last_mv", Whole),
    ("zeros", Whole),
    ("zero_low_g", Whole),
    ("zero_mid_g", Whole),
    ("zero_high_g", Whole),
    ("settled", Whole),
    ("unstable", Whole),
    ("overload", Whole),
    ("below_min", Whole),
    ("below_zero", Whole),
    ("step_g", Whole),
    ("division_g", Whole),
    ("run", Whole),
    ("run_g", Whole),
    ("run_ms", Whole),
    ("reads", Whole),
    ("rebuilt", Whole),
    ("neighbour", Whole),
    ("received", Whole),
]);

/// A device's condition on a local day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeviceCondition {
    /// Device.
    pub device: DeviceId,
    /// Local day.
    pub day: LocalDay,
    /// Its place then.
    pub place: PlaceCode,
    /// Its condition.
    #[serde(flatten)]
    pub condition: Condition,
}

#[derive(sqlx::FromRow)]
struct ConditionRow {
    device: String,
    day: String,
    place: String,
    battery_low_mv: Option<i64>,
    battery_last_mv: Option<i64>,
    zeros: i64,
    zero_low_g: Option<i64>,
    zero_mid_g: Option<i64>,
    zero_high_g: Option<i64>,
    settled: i64,
    unstable: i64,
    overload: i64,
    below_min: i64,
    below_zero: i64,
    step_g: Option<i64>,
    division_g: Option<i64>,
    run: i64,
    run_g: Option<i64>,
    run_ms: i64,
    reads: i64,
    rebuilt: i64,
    neighbour: i64,
    received: i64,
}

impl ConditionRow {
    fn into_condition(self) -> Result<DeviceCondition, StoreError> {
        Ok(DeviceCondition {
            device: self.device.into(),
            day: day(&self.day)?,
            place: self.place.into(),
            condition: Condition {
                battery_low_mv: self.battery_low_mv,
                battery_last_mv: self.battery_last_mv,
                zeros: self.zeros,
                zero_low_g: self.zero_low_g,
                zero_mid_g: self.zero_mid_g,
                zero_high_g: self.zero_high_g,
                settled: self.settled,
                unstable: self.unstable,
                overload: self.overload,
                below_min: self.below_min,
                below_zero: self.below_zero,
                step_g: self.step_g,
                division_g: self.division_g,
                run: self.run,
                run_g: self.run_g,
                run_ms: self.run_ms,
                reads: self.reads,
                rebuilt: self.rebuilt,
                neighbour: self.neighbour,
                received: self.received,
            },
        })
    }
}

/// The members of a heartbeat that tell of a condition.
#[derive(Deserialize)]
struct Said {
    battery_mv: Option<i64>,
    zero_g: Option<i64>,
}

impl Store {
    /// Gives what a device's heartbeats between two instants, both included, say of its condition, in order of time.
    pub async fn heartbeats(
        &self,
        device: &DeviceId,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<(Instant, Beat)>, StoreError> {
        let rows: Vec<(i64, String)> = reading!(self, pool => {
            sqlx::query_as(
                "select time_ms, body from reading where device = $1 and beat_to_ms >= $2 and beat_from_ms <= $3 \
                 and time_ms >= $2 and time_ms <= $3 and kind = 'heartbeat' order by time_ms, log, seq",
            )
            .bind(device.as_str()).bind(from.ms()).bind(to.ms()).fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|(time_ms, body)| {
                let said: Said = serde_json::from_str(&body).map_err(|why| unreadable("heartbeat", &body, why))?;
                let beat = Beat { battery_mv: said.battery_mv, zero_g: said.zero_g };
                Ok((Instant::from_ms(time_ms), beat))
            })
            .collect()
    }

    /// Gives the conditions in a range of days of a device, or of every device, by device and day.
    pub async fn conditions(
        &self,
        device: Option<&DeviceId>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<DeviceCondition>, StoreError> {
        let sql = |by_device: &str| {
            let names = CONDITION.names();
            sqlx::AssertSqlSafe(format!(
                "select {names} from condition_day where day >= $1 and day <= $2 {by_device} order by device, day"
            ))
        };
        let (from, to) = (from.to_string(), to.to_string());
        let mut rows: Vec<ConditionRow> = reading!(self, pool => match device {
            Some(device) => {
                sqlx::query_as(sql("and device = $3")).bind(from).bind(to).bind(device.as_str()).fetch_all(pool).await?
            }
            None => sqlx::query_as(sql("")).bind(from).bind(to).fetch_all(pool).await?,
        });
        // Databases order texts each in its own way.
        rows.sort_by(|a, b| (&a.device, &a.day).cmp(&(&b.device, &b.day)));
        rows.into_iter().map(ConditionRow::into_condition).collect()
    }
}
