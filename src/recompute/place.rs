//! A place: its stations' readings become pickups; then its rounds, completeness, tonnage and tickets.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Recompute, RecomputeError};
use crate::domain::attribution::{Observed, StationRegister, attribute};
use crate::domain::facts::{Operation, Statement};
use crate::domain::ids::{AreaCode, DeviceId, EventId, HouseholdCode, LogId, PlaceCode, StationCode, StreamCode};
use crate::domain::pickup::{CrewWords, Grams, Pickup, Source, from_crew, from_hand_overs, tally};
use crate::domain::reading::Event;
use crate::domain::register::{Device, ScaleMode};
use crate::domain::round::{Round, RoundOutcome, WORKING_AFTER_EVENT_MS, judge, needs, rounds_on, working_ms};
use crate::domain::ticket::TicketFact;
use crate::domain::time::{HOUR_MS, Instant, LocalDay};
use crate::indicators::{EventQuality, Service};
use crate::store::{Change, DeviceDay, PlaceChange, PlaceDay, TonnageDay};

/// A station's readings between two quiet gaps, complete in themselves.
struct Cluster {
    from: Instant,
    to: Instant,
    observed: Vec<Observed>,
}

/// Names the first difference of a check.
pub(super) fn difference(place: &PlaceCode, change: &PlaceChange) -> Option<String> {
    let pickup = change.pickups.put.first().map(|p| format!("pickup {} at {place} is not stored as computed", p.id));
    let gone = || change.pickups.gone.first().map(|p| format!("pickup {} at {place} should not be stored", p.id));
    let round = || {
        let computed = change.rounds.put.first();
        let stored = change.rounds.gone.first();
        let told = |o: Option<&RoundOutcome>| {
            o.map_or("none".to_owned(), |o| format!("ran {} observable {}", o.ran, o.observable))
        };
        let one = computed.or(stored)?;
        Some(format!(
            "round of {} at {place} on {}: stored {}, computed {}",
            one.round.stream,
            one.round.service_date,
            told(stored),
            told(computed)
        ))
    };
    let day = || {
        let mut days = change.device_days.put.iter().chain(&change.device_days.gone);
        days.next().map(|d| format!("completeness of device {} on {} differs", d.device, d.day))
    };
    let tonnage = || {
        let mut rows = change.tonnage.put.iter().chain(&change.tonnage.gone);
        rows.next().map(|t| format!("tonnage of {} at {place} on {} differs", t.stream, t.day))
    };
    let place_day = || {
        let mut rows = change.place_days.put.iter().chain(&change.place_days.gone);
        rows.next().map(|row| format!("rounds and hand-overs of {} at {place} on {} differ", row.stream, row.day))
    };
    let ticket = || {
        let mut tickets = change.tickets.put.iter().chain(&change.tickets.gone);
        tickets.next().map(|ticket| format!("ticket {} of {} differs", ticket.ticket, ticket.id))
    };
    let condition = || {
        let mut rows = change.conditions.put.iter().chain(&change.conditions.gone);
        rows.next().map(|row| format!("condition of device {} on {} differs", row.device, row.day))
    };
    let rows = round().or_else(day).or_else(tonnage).or_else(place_day);
    pickup.or_else(gone).or(rows).or_else(ticket).or_else(condition)
}

/// A device's capture times with their log numbers.
type Presence = Vec<(Instant, bool, LogId, i64)>;

impl Recompute {
    /// Computes what changes at a place when its readings of the days `from ..= to` are stale.
    pub(super) async fn place_change(
        &self,
        place: &PlaceCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<PlaceChange, RecomputeError> {
        let mut change = PlaceChange::default();
        let devices = self.devices_of(place, from - 1, to + 1);
        // A device works on for minutes after its event, and rounds cross midnight: the days beside are touched too. No
        // day is computed before it comes.
        let through = self.store.computed_through().await?.unwrap_or(to).max(to);
        let (mut first_day, mut last_day) = (from - 1, (to + 1).min(through));
        for (station, members) in stations(&devices) {
            let Some(cluster) = self.cluster(&members, from, to).await? else { continue };
            first_day = first_day.min(self.commune.zone.day_of(cluster.from) - 1);
            last_day = last_day.max(self.commune.zone.day_of(cluster.to));
            let pickups = self.station_pickups(place, &station, &members, &cluster).await?;
            let stored = self.store.station_pickups(&station, cluster.from, cluster.to).await?;
            compare(pickups, stored, |pickup| pickup.id.clone(), &mut change.pickups);
        }
        // A crew's pickup of a round that crosses midnight belongs to the day before its own time.
        let crew = self.store.crew_operations(place, first_day, last_day.next()).await?;
        let stored = self.store.place_pickups(place, first_day, last_day).await?;
        self.crew_pickups(&crew, (first_day, last_day), &stored, &mut change).await?;
        let pickups = after(stored, &change.pickups, first_day, last_day);
        let outcomes =
            self.rounds_and_days(place, (first_day, last_day), &devices, &pickups, &crew, &mut change).await?;
        self.place_days(place, (first_day, last_day), &outcomes, &pickups, &mut change).await?;
        self.tickets((first_day, last_day), &devices, &mut change).await?;
        self.tonnage(place, first_day, last_day, &pickups, &mut change).await?;
        self.conditions(place, (from, to), &devices, &mut change).await?;
        self.touched_households(place, &mut change);
        Ok(change)
    }

    /// Gives the devices of a place on some days, in use or not: what is stored of one that has ended must be found to be taken away.
    fn devices_of(&self, place: &PlaceCode, from: LocalDay, to: LocalDay) -> Vec<Device> {
        let mut devices: BTreeMap<DeviceId, Device> = BTreeMap::new();
        for day in from.through(to) {
            for device in self.register.devices_ever(place, day) {
                devices.insert(device.device.clone(), device.clone());
            }
        }
        devices.into_values().collect()
    }

    /// Reads a station's readings of some days, widened to quiet gaps, whole loads, and for bins to the next level.
    async fn cluster(
        &self,
        members: &[Device],
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Option<Cluster>, RecomputeError> {
        let zone = &self.commune.zone;
        let ids: Vec<DeviceId> = members.iter().map(|device| device.device.clone()).collect();
        let (stale_from, stale_to) = (zone.start_of(from), zone.start_of(to.next()).plus_ms(-1));
        let (mut low, mut high) = (stale_from, stale_to);
        for device in members.iter().filter(|device| device.kind.weighs() && device.mode == ScaleMode::Bin) {
            // The next level's step stands on the last level of the stale days.
            if let Some(next) = self.store.neighbour_level(&device.device, stale_to, false).await? {
                high = high.max(next.time);
            }
        }
        let quiet_ms = self.windows.quiet_ms();
        let mut margin_ms = HOUR_MS;
        loop {
            let (read_from, read_to) = (low.plus_ms(-margin_ms), high.plus_ms(margin_ms));
            let mut observed = self.store.readings_in_use(&ids, read_from, read_to).await?;
            let stored = observed.len();
            observed.retain(|observed| self.counts(observed));
            let has_others = observed.len() < stored;
            observed.sort_by(|a, b| (a.time, &a.reading.id).cmp(&(b.time, &b.reading.id)));
            let begin = quiet_before(&observed, low, quiet_ms);
            let end = quiet_after(&observed, high, quiet_ms);
            let open_before = observed.get(begin).is_some_and(|o| o.time.since(read_from) <= quiet_ms);
            let open_after =
                end.checked_sub(1).and_then(|at| observed.get(at)).is_some_and(|o| read_to.since(o.time) <= quiet_ms);
            if open_before || open_after {
                margin_ms *= 4;
                continue;
            }
            let mut inside: Vec<Observed> = observed.drain(begin..end.max(begin)).collect();
            let (Some(first), Some(last)) = (inside.first(), inside.last()) else {
                // What was made of readings that count no more goes.
                return Ok(has_others.then_some(Cluster { from: stale_from, to: stale_to, observed: inside }));
            };
            let (cluster_from, cluster_to) = (first.time, last.time);
            let (wider_low, wider_high) = self.whole_loads(members, &inside, low, high).await?;
            if wider_low < cluster_from.min(low) || wider_high > cluster_to.max(high) {
                low = low.min(wider_low);
                high = high.max(wider_high);
                continue;
            }
            for device in members.iter().filter(|device| device.kind.weighs() && device.mode == ScaleMode::Bin) {
                let neighbour = self.store.neighbour_level(&device.device, cluster_from, true).await?;
                inside.extend(neighbour.filter(|observed| self.counts(observed)));
            }
            return Ok(Some(Cluster {
                from: cluster_from.min(stale_from),
                to: cluster_to.max(stale_to),
                observed: inside,
            }));
        }
    }

    /// Tells whether the device was in use on the day of its event.
    fn counts(&self, observed: &Observed) -> bool {
        self.register.is_in_use(&observed.reading.id.device, self.commune.zone.day_of(observed.time))
    }

    /// Finds how far the loads at both ends of some readings reach.
    async fn whole_loads(
        &self,
        members: &[Device],
        inside: &[Observed],
        low: Instant,
        high: Instant,
    ) -> Result<(Instant, Instant), RecomputeError> {
        let (mut low, mut high) = (low, high);
        for device in members.iter().filter(|device| device.kind.weighs() && device.mode == ScaleMode::Platform) {
            let levels = || {
                inside
                    .iter()
                    .filter(|o| o.reading.id.device == device.device)
                    .filter(|o| matches!(&o.reading.event, Event::Weight(w) if w.stable && !w.maintenance))
            };
            let (Some(first), Some(last)) = (levels().next(), levels().next_back()) else { continue };
            if let Some(before) = self.store.neighbour_level(&device.device, first.time, true).await?
                && levels().any(|level| may_share_load(&before, level))
            {
                low = low.min(before.time);
            }
            if let Some(next) = self.store.neighbour_level(&device.device, last.time, false).await?
                && levels().any(|level| may_share_load(level, &next))
            {
                high = high.max(next.time);
            }
        }
        Ok((low, high))
    }

    async fn station_pickups(
        &self,
        place: &PlaceCode,
        station: &StationCode,
        members: &[Device],
        cluster: &Cluster,
    ) -> Result<Vec<Pickup>, RecomputeError> {
        let owners = StationRegister { register: &self.register, zone: &self.commune.zone, station };
        // The newest row's times hold for the whole past: whichever days are stale, a day has the same ones.
        let named = members.iter().filter_map(|device| self.register.devices.get(&device.device));
        let newest: Vec<Device> = named.map(|versions| versions.newest().clone()).collect();
        let mut hand_overs = attribute(&cluster.observed, owners, &self.windows.of_station(&newest));
        hand_overs.retain(|hand_over| cluster.from <= hand_over.time && hand_over.time <= cluster.to);
        let ids: Vec<DeviceId> = members.iter().map(|device| device.device.clone()).collect();
        let naming = self.store.crew_pickups_naming(&ids).await?;
        let anchors: Vec<String> = hand_overs.iter().map(|hand_over| hand_over.anchor.to_string()).collect();
        let candidates = anchors.iter().map(String::as_str).chain(naming.iter().map(|operation| operation.id.as_str()));
        let voids = self.store.voids(candidates).await?;
        let by_reading = naming
            .into_iter()
            // A slip that was taken back must not hide the one that amends it and names the same reading.
            .filter(|operation| !voids.contains(&operation.id))
            .filter_map(|operation| match &operation.statement {
                Statement::Pickup { reading: Some(id), .. } => Some((id.clone(), operation)),
                Statement::Pickup { reading: None, .. }
                | Statement::Round { .. }
                | Statement::Void { .. }
                | Statement::Finding { .. }
                | Statement::Visit { .. }
                | Statement::Pathway { .. }
                | Statement::Ticket { .. }
                | Statement::Attempt { .. }
                | Statement::Report { .. } => None,
            })
            .collect();
        let words = CrewWords { by_reading, voids };
        Ok(from_hand_overs(hand_overs, place, station, &words, &self.register, &self.commune))
    }

    /// Makes the pickups that crews logged here and that no hand-over took up.
    async fn crew_pickups(
        &self,
        crew: &[Operation],
        (first_day, last_day): (LocalDay, LocalDay),
        stored: &[Pickup],
        change: &mut PlaceChange,
    ) -> Result<(), RecomputeError> {
        let logged: Vec<&Operation> =
            crew.iter().filter(|operation| matches!(operation.statement, Statement::Pickup { .. })).collect();
        let voids = self.store.voids(logged.iter().map(|operation| operation.id.as_str())).await?;
        let gone: BTreeSet<&str> = change.pickups.gone.iter().map(|pickup| pickup.id.as_str()).collect();
        let used: BTreeSet<&EventId> = stored
            .iter()
            .filter(|pickup| !gone.contains(pickup.id.as_str()))
            .chain(&change.pickups.put)
            .filter(|pickup| pickup.is_accepted())
            .flat_map(|pickup| &pickup.readings)
            .collect();
        let mut pickups = Vec::new();
        for operation in logged {
            let is_void = voids.contains(&operation.id);
            let taken_up = match &operation.statement {
                Statement::Pickup { reading: Some(id), .. } if !is_void => {
                    used.contains(id) || self.is_used_elsewhere(id, &gone).await?
                }
                Statement::Pickup { .. }
                | Statement::Round { .. }
                | Statement::Void { .. }
                | Statement::Finding { .. }
                | Statement::Visit { .. }
                | Statement::Pathway { .. }
                | Statement::Ticket { .. }
                | Statement::Attempt { .. }
                | Statement::Report { .. } => false,
            };
            if !taken_up {
                pickups.extend(from_crew(operation, is_void, &self.register, &self.commune));
            }
        }
        pickups.retain(|pickup| first_day <= pickup.day && pickup.day <= last_day);
        let stored = stored.iter().filter(|pickup| pickup.source == Source::Crew).cloned().collect();
        compare(pickups, stored, |pickup| pickup.id.clone(), &mut change.pickups);
        Ok(())
    }

    /// Tells whether a reading is part of a hand-over of another place or time than those at hand. `gone` are stored ones that hold no
    /// longer.
    async fn is_used_elsewhere(&self, id: &EventId, gone: &BTreeSet<&str>) -> Result<bool, RecomputeError> {
        let Some(time) = self.store.reading_time(id).await? else { return Ok(false) };
        let Some(versions) = self.register.devices.get(&id.device) else { return Ok(false) };
        let station = versions.on(self.commune.zone.day_of(time)).station();
        let near = self.store.station_pickups(&station, time.plus_ms(-HOUR_MS), time.plus_ms(HOUR_MS)).await?;
        let holds = |pickup: &Pickup| pickup.is_accepted() && !gone.contains(pickup.id.as_str());
        Ok(near.iter().any(|pickup| holds(pickup) && pickup.readings.contains(id)))
    }

    async fn rounds_and_days(
        &self,
        place: &PlaceCode,
        (first_day, last_day): (LocalDay, LocalDay),
        devices: &[Device],
        pickups: &[Pickup],
        crew: &[Operation],
        change: &mut PlaceChange,
    ) -> Result<Vec<RoundOutcome>, RecomputeError> {
        let zone = &self.commune.zone;
        let (presence, working) = self.presence(devices, first_day, last_day).await?;
        let events_of = |id: &DeviceId| working.get(id).map_or(&[][..], Vec::as_slice);
        let mut outcomes = Vec::new();
        let mut device_days: BTreeMap<(DeviceId, LocalDay), DeviceDay> = BTreeMap::new();
        for day in first_day.through(last_day) {
            let rounds = rounds_on(&self.register, zone, place, day);
            for device in self.register.devices_on(place, day) {
                let (working_ms, scheduled_ms) = duty(device, &rounds, events_of(&device.device));
                let row = self.device_day(device, place, day);
                device_days.insert((device.device.clone(), day), DeviceDay { working_ms, scheduled_ms, ..row });
            }
            for round in rounds {
                outcomes.push(self.judged(round, pickups, crew, events_of));
            }
        }
        let stored = self.store.rounds(place, first_day, last_day).await?;
        compare(outcomes.clone(), stored, round_key, &mut change.rounds);
        for device in devices {
            self.count_events(device, &presence, &mut device_days).await?;
            let (since, until) = (zone.start_of(first_day), zone.start_of(last_day.next()).plus_ms(-1));
            for (time, quality, _) in self.store.event_quality(&device.device, since, until).await? {
                if let Some(row) = device_days.get_mut(&(device.device.clone(), zone.day_of(time))) {
                    row.events.merge(&quality);
                }
            }
        }
        let rows: Vec<DeviceDay> = device_days.into_values().filter(is_worth_a_row).collect();
        let mut stored = Vec::new();
        for device in devices {
            stored.extend(self.store.device_days(&device.device, first_day, last_day).await?);
        }
        stored.retain(|row| row.place == *place);
        compare(rows, stored, |row| (row.device.clone(), row.day), &mut change.device_days);
        Ok(outcomes)
    }

    /// Counts rounds and hand-overs by stream and day.
    async fn place_days(
        &self,
        place: &PlaceCode,
        (first_day, last_day): (LocalDay, LocalDay),
        outcomes: &[RoundOutcome],
        pickups: &[Pickup],
        change: &mut PlaceChange,
    ) -> Result<(), RecomputeError> {
        let mut rows: BTreeMap<(StreamCode, LocalDay), Service> = BTreeMap::new();
        for outcome in outcomes {
            let row = rows.entry((outcome.round.stream.clone(), outcome.round.service_date)).or_default();
            row.add_round(outcome);
        }
        for pickup in pickups {
            rows.entry((pickup.stream.clone(), pickup.day)).or_default().add_pickup(pickup);
        }
        let rows = rows.into_iter().filter(|(_, service)| *service != Service::default());
        let rows = rows.map(|((stream, day), service)| PlaceDay {
            area: self.register.area_of_place(place, day).cloned().unwrap_or_else(|| AreaCode::new("")),
            place: place.clone(),
            stream,
            day,
            service,
        });
        let stored = self.store.place_days(place, first_day, last_day).await?;
        compare(rows.collect(), stored, |row| (row.stream.clone(), row.day), &mut change.place_days);
        Ok(())
    }

    /// Makes tickets of the weighbridges' readings.
    async fn tickets(
        &self,
        (first_day, last_day): (LocalDay, LocalDay),
        devices: &[Device],
        change: &mut PlaceChange,
    ) -> Result<(), RecomputeError> {
        let zone = &self.commune.zone;
        let (since, until) = (zone.start_of(first_day), zone.start_of(last_day.next()).plus_ms(-1));
        for device in devices {
            let mut readings = self.store.ticket_readings(&device.device, since, until).await?;
            readings.retain(|observed| self.counts(observed));
            let ids: Vec<String> = readings.iter().map(|observed| observed.reading.id.to_string()).collect();
            let voids = self.store.voids(ids.iter().map(String::as_str)).await?;
            let tickets = readings
                .iter()
                .zip(&ids)
                .filter_map(|(observed, id)| TicketFact::of_reading(observed, voids.contains(id), zone))
                .collect();
            let stored = self.store.device_tickets(&device.device, first_day, last_day).await?;
            compare(tickets, stored, |ticket| ticket.id.clone(), &mut change.tickets);
        }
        Ok(())
    }

    /// Judges a place's rounds of some days from what is stored, and changes nothing.
    pub(super) async fn judged_rounds(
        &self,
        place: &PlaceCode,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Vec<RoundOutcome>, RecomputeError> {
        let devices = self.devices_of(place, from - 1, to + 1);
        let crew = self.store.crew_operations(place, from, to.next()).await?;
        let pickups = self.store.place_pickups(place, from, to).await?;
        let (_, working) = self.presence(&devices, from, to).await?;
        let events_of = |id: &DeviceId| working.get(id).map_or(&[][..], Vec::as_slice);
        let rounds = from.through(to).flat_map(|day| rounds_on(&self.register, &self.commune.zone, place, day));
        Ok(rounds.map(|round| self.judged(round, &pickups, &crew, events_of)).collect())
    }

    fn judged<'e>(
        &self,
        round: Round,
        pickups: &[Pickup],
        crew: &[Operation],
        events_of: impl Fn(&DeviceId) -> &'e [Instant],
    ) -> RoundOutcome {
        let ran = pickups
            .iter()
            .any(|p| p.is_accepted() && p.is_timed() && p.stream == round.stream && p.round_start == Some(round.start));
        let opened = crew.iter().any(|operation| opens(operation, &round));
        let percent = self.commune.rules_on(round.service_date).working_percent;
        judge(&self.register, round, percent, ran, opened, events_of)
    }

    /// Reads when devices said something, over some days and what bears on them; and of that what has a time of its own.
    async fn presence(
        &self,
        devices: &[Device],
        first_day: LocalDay,
        last_day: LocalDay,
    ) -> Result<(HashMap<DeviceId, Presence>, HashMap<DeviceId, Vec<Instant>>), RecomputeError> {
        let zone = &self.commune.zone;
        let mut presence: HashMap<DeviceId, Presence> = HashMap::new();
        let mut working: HashMap<DeviceId, Vec<Instant>> = HashMap::new();
        for device in devices {
            let since = zone.start_of(first_day).plus_ms(-WORKING_AFTER_EVENT_MS);
            // A round may cross midnight, so the day after the last is read too.
            let events = self.store.presence(&device.device, since, zone.start_of(last_day + 2)).await?;
            let timed = events.iter().filter(|event| event.1).map(|event| event.0).collect();
            working.insert(device.device.clone(), timed);
            presence.insert(device.device.clone(), events);
        }
        Ok((presence, working))
    }

    fn device_day(&self, device: &Device, place: &PlaceCode, day: LocalDay) -> DeviceDay {
        DeviceDay {
            device: device.device.clone(),
            day,
            place: place.clone(),
            area: self.register.area_of_place(place, day).cloned().unwrap_or_else(|| AreaCode::new("")),
            working_ms: 0,
            scheduled_ms: 0,
            received: 0,
            missing: 0,
            events: EventQuality::default(),
        }
    }

    async fn count_events(
        &self,
        device: &Device,
        presence: &HashMap<DeviceId, Presence>,
        rows: &mut BTreeMap<(DeviceId, LocalDay), DeviceDay>,
    ) -> Result<(), RecomputeError> {
        let zone = &self.commune.zone;
        let mut gaps: HashMap<(LogId, i64), i64> = HashMap::new();
        for (log, next, size) in self.store.gaps_before(&device.device).await? {
            *gaps.entry((log, next)).or_default() += size;
        }
        for (time, _, log, seq) in presence.get(&device.device).into_iter().flatten() {
            let Some(row) = rows.get_mut(&(device.device.clone(), zone.day_of(*time))) else { continue };
            row.received += 1;
            if !gaps.is_empty() {
                row.missing += gaps.get(&(log.clone(), *seq)).copied().unwrap_or(0);
            }
        }
        Ok(())
    }

    async fn tonnage(
        &self,
        place: &PlaceCode,
        first_day: LocalDay,
        last_day: LocalDay,
        pickups: &[Pickup],
        change: &mut PlaceChange,
    ) -> Result<(), RecomputeError> {
        let mut by_day: BTreeMap<LocalDay, Vec<&Pickup>> = BTreeMap::new();
        for pickup in pickups {
            by_day.entry(pickup.day).or_default().push(pickup);
        }
        let mut rows = Vec::new();
        for (day, pickups) in by_day {
            let area = self.register.area_of_place(place, day).cloned().unwrap_or_else(|| AreaCode::new(""));
            for (stream, grams) in tally(pickups, &self.commune) {
                if grams != Grams::default() {
                    rows.push(TonnageDay { place: place.clone(), stream, day, area: area.clone(), grams });
                }
            }
        }
        let stored = self.store.tonnage_days(place, first_day, last_day).await?;
        compare(rows, stored, |row| (row.stream.clone(), row.day), &mut change.tonnage);
        Ok(())
    }

    /// Finds the households whose states the changes can touch, each with its first and last touched day.
    fn touched_households(&self, place: &PlaceCode, change: &mut PlaceChange) {
        let zone = &self.commune.zone;
        let mut touch = BTreeMap::new();
        for pickup in change.pickups.put.iter().chain(&change.pickups.gone) {
            if let Some(household) = &pickup.household {
                note(&mut touch, household, zone.day_of(pickup.time));
                note(&mut touch, household, pickup.day);
            }
        }
        let gone: HashMap<_, &RoundOutcome> = change.rounds.gone.iter().map(|o| (round_key(o), o)).collect();
        let put: BTreeSet<_> = change.rounds.put.iter().map(round_key).collect();
        let came = change.rounds.put.iter().filter(|new| match gone.get(&round_key(new)) {
            Some(old) => offers(old) != offers(new) || old.round.end != new.round.end,
            None => offers(new).0,
        });
        let went = change.rounds.gone.iter().filter(|old| offers(old).0 && !put.contains(&round_key(old)));
        let days: BTreeSet<LocalDay> = came.chain(went).map(|outcome| outcome.round.service_date).collect();
        if let (Some(first), Some(last)) = (days.first(), days.last()) {
            for household in self.register.households_at(place) {
                note(&mut touch, household, *first);
                note(&mut touch, household, *last);
            }
        }
        change.households = touch;
    }
}

fn note(touch: &mut BTreeMap<HouseholdCode, (LocalDay, LocalDay)>, household: &HouseholdCode, day: LocalDay) {
    let days = touch.entry(household.clone()).or_insert((day, day));
    *days = (days.0.min(day), days.1.max(day));
}

/// What a round means for a household: whether it ran, whether it is an opportunity, and whether a crew opened it.
fn offers(outcome: &RoundOutcome) -> (bool, bool, bool) {
    let opportunity = outcome.ran && outcome.observable;
    (outcome.ran, opportunity, opportunity && outcome.crew_opened)
}

fn round_key(outcome: &RoundOutcome) -> (crate::domain::ids::StreamCode, LocalDay, Instant) {
    (outcome.round.stream.clone(), outcome.round.service_date, outcome.round.start)
}

fn opens(operation: &Operation, round: &Round) -> bool {
    matches!(&operation.statement, Statement::Round { place, stream, service_date, open: true, .. }
        if *place == round.place && *stream == round.stream && *service_date == round.service_date)
}

fn is_worth_a_row(row: &DeviceDay) -> bool {
    row.scheduled_ms > 0 || row.received > 0 || row.missing > 0
}

/// Gives how long a device worked, and was scheduled, in the rounds that need it; overlapping rounds count once.
fn duty(device: &Device, rounds: &[Round], events: &[Instant]) -> (i64, i64) {
    let mut spans: Vec<(Instant, Instant)> =
        rounds.iter().filter(|round| needs(device, &round.stream)).map(|round| (round.start, round.end)).collect();
    spans.sort_unstable();
    let (mut working, mut scheduled) = (0, 0);
    let mut until: Option<Instant> = None;
    for (start, end) in spans {
        let start = until.map_or(start, |until| start.max(until));
        if end > start {
            working += working_ms(events, start, end);
            scheduled += end.since(start);
            until = Some(end);
        }
    }
    (working, scheduled)
}

fn stations(devices: &[Device]) -> BTreeMap<StationCode, Vec<Device>> {
    let mut stations: BTreeMap<StationCode, Vec<Device>> = BTreeMap::new();
    for device in devices {
        stations.entry(device.station()).or_default().push(device.clone());
    }
    stations
}

/// Finds where the readings before `low` fall quiet: the index of the first reading after that gap.
fn quiet_before(observed: &[Observed], low: Instant, quiet_ms: i64) -> usize {
    let mut begin = observed.partition_point(|o| o.time < low);
    let mut next = observed.get(begin).map_or(low, |o| o.time.min(low));
    while let Some(before) = begin.checked_sub(1).and_then(|at| observed.get(at)) {
        // `next` starts at the stale days' own edge: a reading may be put in there at any moment of them.
        if next.since(before.time) > quiet_ms {
            break;
        }
        next = before.time;
        begin -= 1;
    }
    begin
}

/// Finds where the readings after `high` fall quiet: one past the last reading before that gap.
fn quiet_after(observed: &[Observed], high: Instant, quiet_ms: i64) -> usize {
    let mut end = observed.partition_point(|o| o.time <= high);
    let mut last = high;
    while let Some(after) = observed.get(end) {
        if after.time.since(last) > quiet_ms {
            break;
        }
        last = after.time;
        end += 1;
    }
    end
}

/// Tells whether two levels of a platform, one before the other, may belong to one load, or to loads that interleave.
fn may_share_load(before: &Observed, after: &Observed) -> bool {
    let (Event::Weight(held), Event::Weight(weight)) = (&before.reading.event, &after.reading.event) else {
        return false;
    };
    before.reading.id.log == after.reading.id.log
        && match (held.load, weight.load) {
            // Numbers rise, so an earlier level with a greater number means that loads overlap.
            (Some(a), Some(b)) => a >= b && before.reading.boot == after.reading.boot,
            (None, None) => held.net_g() > 0 && weight.net_g() > 0,
            (Some(_), None) | (None, Some(_)) => false,
        }
}

/// Notes the difference between what should be and what is stored, by key.
pub(super) fn compare<T: Clone + PartialEq, K: Ord>(
    new: Vec<T>,
    stored: Vec<T>,
    key: impl Fn(&T) -> K,
    into: &mut Change<T>,
) {
    let mut held: BTreeMap<K, T> = stored.into_iter().map(|row| (key(&row), row)).collect();
    for row in new {
        match held.remove(&key(&row)) {
            Some(same) if same == row => {}
            Some(old) => {
                into.gone.push(old);
                into.put.push(row);
            }
            None => into.put.push(row),
        }
    }
    into.gone.extend(held.into_values());
}

/// Gives a place's pickups as they will stand after the change, for the days `first ..= last`.
fn after(stored: Vec<Pickup>, change: &Change<Pickup>, first: LocalDay, last: LocalDay) -> Vec<Pickup> {
    let mut pickups: BTreeMap<String, Pickup> = stored.into_iter().map(|p| (p.id.clone(), p)).collect();
    for gone in &change.gone {
        pickups.remove(&gone.id);
    }
    for put in change.put.iter().filter(|p| first <= p.day && p.day <= last) {
        pickups.insert(put.id.clone(), put.clone());
    }
    pickups.into_values().collect()
}
