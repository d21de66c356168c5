//! What devices read, summed up for the report of the register's faults.

use super::ColumnType::Text;
use super::facts::keys;
use super::{Pools, Rows, Store, StoreError, reading};
use crate::domain::ids::{DeviceId, PlaceCode, TagUid};
use crate::domain::register_faults::{CardUse, SLOT_MINUTES, TagReads};
use crate::domain::time::{Instant, MINUTE_MS};

impl Store {
    /// Sums up the reads of each tag by device, from an instant on. Each device comes with the place to tell.
    pub async fn tag_reads(
        &self,
        devices: &[(DeviceId, PlaceCode)],
        from: Instant,
    ) -> Result<Vec<TagReads>, StoreError> {
        let uid = match &self.pools {
            Pools::Sqlite { .. } => "s.body ->> 'uid'",
            Pools::Postgres(_) => "s.body::json ->> 'uid'",
        };
        // `kind <> 'heartbeat'` lets the index of readings in use serve.
        let sql = sqlx::AssertSqlSafe(format!(
            "select t.uid, t.device, count(*), min(t.time_ms), max(t.time_ms) from \
             (select {uid} as uid, s.device, s.time_ms from {} join reading as s on s.device = r.key \
              where s.kind <> 'heartbeat' and s.kind in ('tag', 'lift') and s.used_to_ms >= $2 and s.time_ms >= $2) as t \
             group by t.uid, t.device order by t.uid, t.device",
            self.rows(Rows(&[("key", Text)]))
        ));
        let named = keys(devices.iter().map(|(device, _)| device.as_str()));
        let rows: Vec<(String, String, i64, i64, i64)> =
            reading!(self, pool => sqlx::query_as(sql).bind(&named).bind(from.ms()).fetch_all(pool).await?);
        let places: std::collections::HashMap<&str, &PlaceCode> =
            devices.iter().map(|(device, place)| (device.as_str(), place)).collect();
        Ok(rows
            .into_iter()
            .filter_map(|(uid, device, count, first, last)| {
                Some(TagReads {
                    uid: TagUid::from(uid),
                    place: (*places.get(device.as_str())?).clone(),
                    count,
                    first: Instant::from_ms(first),
                    last: Instant::from_ms(last),
                })
            })
            .collect())
    }

    /// Sums up households' accepted hand-overs to devices by place and slot of the local day, from `from` to before `to`; those from
    /// `recent` on are told apart. `offset_ms` is what local time is ahead of UTC.
    pub async fn card_uses(
        &self,
        from: Instant,
        recent: Instant,
        to: Instant,
        offset_ms: i64,
    ) -> Result<Vec<CardUse>, StoreError> {
        let slot_ms = SLOT_MINUTES * MINUTE_MS;
        let rows: Vec<(String, String, i64, i64, i64, i64, i64)> = reading!(self, pool => {
            sqlx::query_as(
                "select t.household, t.place, t.slot, t.recent, count(*), min(t.time_ms), max(t.time_ms) from \
                 (select household, place, ((time_ms + $4) / $5) % (86400000 / $5) as slot, \
                  cast(case when time_ms >= $2 then 1 else 0 end as bigint) as recent, time_ms from pickup \
                  where household is not null and source = 'device' and accepted = 1 and time_ms >= $1 and time_ms < $3) as t \
                 group by t.household, t.place, t.slot, t.recent order by t.household, t.place, t.slot, t.recent",
            )
            .bind(from.ms()).bind(recent.ms()).bind(to.ms()).bind(offset_ms).bind(slot_ms).fetch_all(pool).await?
        });
        Ok(rows
            .into_iter()
            .map(|(household, place, slot, recent, count, first, last)| CardUse {
                household: household.into(),
                place: place.into(),
                slot,
                recent: recent != 0,
                count,
                first: Instant::from_ms(first),
                last: Instant::from_ms(last),
            })
            .collect())
    }
}
