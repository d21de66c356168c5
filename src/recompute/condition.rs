//! The condition of a place's devices, day by day.

use std::collections::BTreeMap;

use super::place::compare;
use super::{Recompute, RecomputeError};
use crate::domain::attribution::Observed;
use crate::domain::condition::{Beat, Condition};
use crate::domain::ids::{DeviceId, PlaceCode};
use crate::domain::reading::Event;
use crate::domain::register::{Device, DeviceKind};
use crate::domain::round::{needs, rounds_on};
use crate::domain::time::{Instant, LocalDay};
use crate::store::{DeviceCondition, PlaceChange};

/// Some days of one device.
#[derive(Default)]
struct Log {
    beats: BTreeMap<LocalDay, Vec<Beat>>,
    events: BTreeMap<LocalDay, Vec<Observed>>,
}

impl Recompute {
    /// Condenses the stale days of a place's devices. An event bears on its own local day only, so no day beside is touched.
    pub(super) async fn conditions(
        &self,
        place: &PlaceCode,
        (from, to): (LocalDay, LocalDay),
        devices: &[Device],
        change: &mut PlaceChange,
    ) -> Result<(), RecomputeError> {
        let mut logs: BTreeMap<DeviceId, Log> = BTreeMap::new();
        let mut stored = Vec::new();
        for device in devices {
            logs.insert(device.device.clone(), self.log(&device.device, from, to).await?);
            stored.extend(self.store.conditions(Some(&device.device), from, to).await?);
        }
        stored.retain(|row| row.place == *place);
        let mut rows = Vec::new();
        for day in from.through(to) {
            let members: Vec<&Device> = self.register.devices_on(place, day).collect();
            for device in &members {
                let Some(log) = logs.get(&device.device) else { continue };
                let reads = self.reads_beside(device, &members, &logs, day);
                let (beats, events) = (log.beats.get(&day), log.events.get(&day));
                let condition = Condition::of_day(
                    beats.map_or(&[][..], Vec::as_slice),
                    events.map_or(&[][..], Vec::as_slice),
                    device,
                    &reads,
                );
                if !condition.is_empty() {
                    let device = device.device.clone();
                    rows.push(DeviceCondition { device, day, place: place.clone(), condition });
                }
            }
        }
        compare(rows, stored, |row| (row.device.clone(), row.day), &mut change.conditions);
        Ok(())
    }

    async fn log(&self, device: &DeviceId, from: LocalDay, to: LocalDay) -> Result<Log, RecomputeError> {
        let zone = &self.commune.zone;
        let (since, until) = (zone.start_of(from), zone.start_of(to.next()).plus_ms(-1));
        let mut log = Log::default();
        for (time, beat) in self.store.heartbeats(device, since, until).await? {
            log.beats.entry(zone.day_of(time)).or_default().push(beat);
        }
        for observed in self.store.readings_in_use(std::slice::from_ref(device), since, until).await? {
            log.events.entry(zone.day_of(observed.time)).or_default().push(observed);
        }
        Ok(log)
    }

    /// Gives when tags were read on a day, within the rounds that need the device, by the readers that stand beside it: a device with a
    /// reader of its own counts on that alone.
    fn reads_beside(
        &self,
        device: &Device,
        members: &[&Device],
        logs: &BTreeMap<DeviceId, Log>,
        day: LocalDay,
    ) -> Vec<Instant> {
        let readers = members.iter().filter(|member| match device.kind {
            DeviceKind::Combined | DeviceKind::TagReader => member.device == device.device,
            DeviceKind::Scale => member.kind == DeviceKind::TagReader && member.station() == device.station(),
            DeviceKind::Weighbridge => false,
        });
        // A round that crosses midnight is of the day before.
        let spans: Vec<(Instant, Instant)> = [day - 1, day]
            .into_iter()
            .flat_map(|service| rounds_on(&self.register, &self.commune.zone, &device.place, service))
            .filter(|round| needs(device, &round.stream))
            .map(|round| (round.start, round.end))
            .collect();
        let mut reads: Vec<Instant> = readers
            .filter_map(|reader| logs.get(&reader.device)?.events.get(&day))
            .flatten()
            .filter(|observed| matches!(observed.reading.event, Event::Tag { .. }))
            .map(|observed| observed.time)
            .filter(|time| spans.iter().any(|(start, end)| start <= time && time <= end))
            .collect();
        reads.sort_unstable();
        reads
    }
}
