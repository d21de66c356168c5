//! Which derived rows are stale, and their renewal: facts -> pure functions -> rows.
//!
//! Owns the order of the work: places first ([`place`]: pickups, rounds, completeness, tonnage, tickets of weighbridges; [`condition`]: the devices'), then
//! what people stated ([`statements`]: counts by person and day, tickets of forms and files), then the households that they
//! touched ([`household`]: states and the hamlets' totals); and what a new rule would change ([`rules`]). Touches the database through `store` only, and
//! decides nothing that `domain` decides.
//!
//! # Why
//! A pickup or a round bears on the states of its household for as long as the rules' windows reach, and not longer: a late reading
//! of two years ago renews three months of the households that it touches, and nothing that came after. What a person stated, and
//! the register, hold from their day on.
//!
//! Every step reads what is stored, computes what should be, and writes the difference. So a pass can be cut anywhere
//! and run again, a second pass changes nothing, and `rebuild --check` is the same work with the writing left out.

mod condition;
mod household;
mod place;
mod rules;
mod statements;

pub use rules::{DayEffect, Effect, stale_by_rule};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::attribution::Windows;
use crate::domain::facts::Statement;
use crate::domain::ids::{AreaCode, DeviceId, EventId, HouseholdCode, LogId, PlaceCode};
use crate::domain::pickup::{Pickup, Source};
use crate::domain::register::{Commune, Register};
use crate::domain::time::LocalDay;
use crate::indicators::Counts;
use crate::store::{FROM_THEN_ON, NEAR, PracticeSpan, StaleMark, Store, StoreError};

/// Why figures could not be renewed.
#[derive(Debug, thiserror::Error)]
pub enum RecomputeError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A computation was cancelled by the shutdown.
    #[error("the computation was cancelled")]
    Cancelled,
}

/// What one pass did.
#[derive(Clone, Debug, Default)]
pub struct Pass {
    /// Places computed.
    pub places: usize,
    /// Households computed.
    pub households: usize,
    /// States or totals changed.
    pub figures_changed: bool,
    /// Pickups that came or changed.
    pub pickups: Vec<Pickup>,
    /// In a check: the first difference found.
    pub difference: Option<String>,
}

/// Whether differences are written or only told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Write them.
    Write,
    /// Tell the first one; change nothing.
    Check,
}

/// The renewal of derived rows, for one commune and one state of its register.
#[derive(Clone, Debug)]
pub struct Recompute {
    /// The database.
    pub store: Store,
    /// The commune.
    pub commune: Arc<Commune>,
    /// The register as it is now.
    pub register: Arc<Register>,
    /// The version of the register; marks are kept when the database has a newer one by then.
    pub register_version: Option<String>,
    /// The times within which readings are joined.
    pub windows: Windows,
}

/// Stale marks of a place, with its days.
#[derive(Debug, Default)]
struct PlaceWork {
    days: BTreeSet<LocalDay>,
    marks: Vec<(&'static str, String, LocalDay, i64)>,
}

/// At most so many marks of a kind are taken in one pass; the rest waits for the next.
const MARKS_A_PASS: i64 = 20_000;
/// Days of a place that are computed together: bounds the memory of a long backlog.
const DAYS_TOGETHER: i32 = 31;

impl Recompute {
    /// Moves the figures' last day on to `today`, and back to the first day of service.
    pub async fn roll_to(&self, today: LocalDay) -> Result<(), RecomputeError> {
        let begin = self.register.first_service_day().unwrap_or(today).min(today);
        let computed_from = self.store.computed_from().await?;
        let through = self.store.computed_through().await?;
        if computed_from.is_none_or(|from| begin < from) {
            self.mark_households(begin).await?;
            self.mark_places(begin, today).await?;
            self.store.put_setting("computed_from", &begin.to_string()).await?;
        }
        match through {
            Some(through) if through < today => {
                let households = self.register.households.keys().map(|code| code.to_string());
                self.store.roll(through, today, households).await?;
                self.mark_places(through.next(), today).await?;
            }
            Some(_) => {}
            None => self.store.put_setting("computed_through", &today.to_string()).await?,
        }
        Ok(())
    }

    /// Tells whether an import came since the register was read: what it marked must be computed with the new one.
    async fn register_is_outdated(&self) -> Result<bool, RecomputeError> {
        Ok(self.store.setting("register_version").await? != self.register_version)
    }

    async fn mark_households(&self, from: LocalDay) -> Result<(), RecomputeError> {
        let marks = self.register.households.keys().map(|code| (code.to_string(), from));
        Ok(self.store.mark_stale("household", marks).await?)
    }

    /// Marks every place on every day, so that rounds without any event are known as missed.
    async fn mark_places(&self, from: LocalDay, to: LocalDay) -> Result<(), RecomputeError> {
        let places = self.places();
        let marks = places.iter().flat_map(|place| from.through(to).map(|day| (place.to_string(), day)));
        Ok(self.store.mark_stale("place", marks).await?)
    }

    /// Gives every place that has a schedule or ever had a device.
    fn places(&self) -> BTreeSet<PlaceCode> {
        let mut places: BTreeSet<PlaceCode> = self.register.scheduled_places().cloned().collect();
        for versions in self.register.devices.values() {
            places.extend(versions.all().map(|(_, device)| device.place.clone()));
        }
        places
    }

    /// Renews what is stale.
    pub async fn pass(&self) -> Result<Pass, RecomputeError> {
        let mut pass = Pass::default();
        self.resolve_marks().await?;
        for (place, work) in self.place_work().await? {
            self.renew_place(&place, &work.days, Mode::Write, &mut pass).await?;
            if self.register_is_outdated().await? {
                return Ok(pass);
            }
            let mut by_kind: BTreeMap<&'static str, Vec<StaleMark>> = BTreeMap::new();
            for (kind, key, day, generation) in work.marks {
                by_kind.entry(kind).or_default().push((key, day, generation));
            }
            for (kind, done) in by_kind {
                self.store.clear_stale(kind, &done).await?;
            }
            pass.places += 1;
        }
        self.renew_statements().await?;
        self.renew_tickets().await?;
        self.renew_households(&mut pass).await?;
        Ok(pass)
    }

    async fn renew_place(
        &self,
        place: &PlaceCode,
        days: &BTreeSet<LocalDay>,
        mode: Mode,
        pass: &mut Pass,
    ) -> Result<(), RecomputeError> {
        for (from, to) in stretches(days) {
            let change = self.place_change(place, from, to).await?;
            match mode {
                Mode::Write if change.is_empty() && change.households.is_empty() => {}
                Mode::Write => self.store.apply_place(&change).await?,
                Mode::Check => {
                    pass.difference = pass.difference.take().or_else(|| place::difference(place, &change));
                }
            }
            pass.pickups.extend(change.pickups.put);
        }
        Ok(())
    }

    /// Turns marks that name a reading or a void pickup into marks of what is computed.
    async fn resolve_marks(&self) -> Result<(), RecomputeError> {
        let zone = &self.commune.zone;
        let readings = self.store.stale("reading", MARKS_A_PASS).await?;
        for (key, _, _) in &readings {
            if let Some(id) = event_id(key)
                && let Some(time) = self.store.reading_time(&id).await?
            {
                self.store.mark_stale("device", [(id.device.to_string(), zone.day_of(time))]).await?;
            }
        }
        self.store.clear_stale("reading", &readings).await?;
        let voids = self.store.stale("void", MARKS_A_PASS).await?;
        for (id, _, _) in &voids {
            self.resolve_void(id).await?;
            if let Some(operation) = self.store.operation(id).await? {
                let day = zone.day_of(operation.statement.at(zone));
                if let Some(household) = operation.statement.household() {
                    self.store.mark_stale("household", [(household.to_string(), day)]).await?;
                }
                if let Statement::Pickup { reading, .. } = &operation.statement {
                    self.store.mark_stale("crew", [(id.clone(), day)]).await?;
                    if let Some(reading) = reading {
                        self.store.mark_stale("reading", [(reading.to_string(), day)]).await?;
                    }
                }
            }
            for pickup in self.store.pickups_by_id([id.as_str()]).await? {
                if let (Source::Device, Some(id)) = (pickup.source, event_id(&pickup.id)) {
                    self.store.mark_stale("device", [(id.device.to_string(), zone.day_of(pickup.time))]).await?;
                }
            }
        }
        self.store.clear_stale("void", &voids).await?;
        Ok(())
    }

    async fn place_work(&self) -> Result<BTreeMap<PlaceCode, PlaceWork>, RecomputeError> {
        let mut work: BTreeMap<PlaceCode, PlaceWork> = BTreeMap::new();
        let mut orphans = Vec::new();
        for (key, day, generation) in self.store.stale("device", MARKS_A_PASS).await? {
            match self.register.devices.get(key.as_str()) {
                Some(versions) => {
                    let entry = work.entry(versions.on(day).place.clone()).or_default();
                    entry.days.insert(day);
                    entry.marks.push(("device", key, day, generation));
                }
                None => orphans.push((key, day, generation)),
            }
        }
        if !orphans.is_empty() {
            self.store.clear_stale("device", &orphans).await?;
        }
        for (key, day, generation) in self.store.stale("crew", MARKS_A_PASS).await? {
            if let Some(operation) = self.store.operation(&key).await?
                && let Statement::Pickup { place, .. } = operation.statement
            {
                let entry = work.entry(place).or_default();
                entry.days.insert(day);
                entry.marks.push(("crew", key, day, generation));
            }
        }
        for (key, day, generation) in self.store.stale("place", MARKS_A_PASS).await? {
            let entry = work.entry(PlaceCode::new(key.as_str())).or_default();
            entry.days.insert(day);
            entry.marks.push(("place", key, day, generation));
        }
        Ok(work)
    }

    async fn renew_households(&self, pass: &mut Pass) -> Result<(), RecomputeError> {
        let from_then_on = self.store.stale(FROM_THEN_ON, i64::MAX).await?;
        let near = self.store.stale(NEAR, i64::MAX).await?;
        let Some(through) = self.store.computed_through().await? else { return Ok(()) };
        // Facts may be older than the first day of service; figures begin there.
        let begin = self.store.computed_from().await?.unwrap_or(through);
        let reach = self.reach_days();
        let mut work = household::Work::new();
        for mark in from_then_on {
            household::ask(&mut work, (mark.1.max(begin), through), (FROM_THEN_ON, mark));
        }
        for mark in near {
            let last = (mark.1 + reach).max(begin).min(through);
            household::ask(&mut work, (mark.1.max(begin), last), (NEAR, mark));
        }
        pass.households += work.len();
        for chunk in household::chunks(work, &self.register) {
            let change = self.state_change(&chunk.households, through).await?;
            if self.register_is_outdated().await? {
                return Ok(());
            }
            pass.figures_changed |= !change.spans.is_empty();
            self.store.apply_states(&change, &chunk.marks).await?;
        }
        Ok(())
    }

    /// Gives the days that a pickup or a round can bear on a household's state, its own among them.
    fn reach_days(&self) -> i32 {
        self.commune.rules.iter().map(|rules| rules.reach_days()).max().unwrap_or(0) + 1
    }

    /// Marks everything stale, as after [`Store::drop_derived`].
    pub async fn mark_all(&self, today: LocalDay) -> Result<(), RecomputeError> {
        let zone = &self.commune.zone;
        for (device, first, last) in self.store.reading_extents().await? {
            let days = zone.day_of(first).through(zone.day_of(last));
            self.store.mark_stale("device", days.map(|day| (device.to_string(), day))).await?;
        }
        let days = self.store.statement_days().await?;
        self.store.mark_stale("statement", days.into_iter().map(|day| (String::new(), day))).await?;
        for ticket in self.store.operations_of_kind("ticket").await? {
            let day = zone.day_of(ticket.statement.at(zone));
            self.store.mark_stale("ticket", [(ticket.id, day)]).await?;
        }
        for kind in ["pickup", "round"] {
            for operation in self.store.operations_of_kind(kind).await? {
                let day = zone.day_of(operation.statement.at(zone));
                match operation.statement {
                    Statement::Pickup { .. } => self.store.mark_stale("crew", [(operation.id, day)]).await?,
                    Statement::Round { place, service_date, .. } => {
                        self.store.mark_stale("place", [(place.to_string(), service_date)]).await?;
                    }
                    Statement::Void { .. }
                    | Statement::Finding { .. }
                    | Statement::Visit { .. }
                    | Statement::Pathway { .. }
                    | Statement::Ticket { .. }
                    | Statement::Attempt { .. }
                    | Statement::Report { .. } => {}
                }
            }
        }
        self.roll_to(today).await
    }

    /// Computes every derived row again and tells the first difference from what is stored. Changes nothing.
    pub async fn check(&self) -> Result<Option<String>, RecomputeError> {
        let mut pass = Pass::default();
        let Some(through) = self.store.computed_through().await? else { return Ok(None) };
        let mut first = self.register.first_service_day().unwrap_or(through);
        for (_, from, _) in self.store.reading_extents().await? {
            first = first.min(self.commune.zone.day_of(from));
        }
        // Events of days to come are kept, but belong to no figure yet.
        let days: BTreeSet<LocalDay> = first.through(through).collect();
        for place in &self.places() {
            self.renew_place(place, &days, Mode::Check, &mut pass).await?;
            if pass.difference.is_some() {
                return Ok(pass.difference);
            }
        }
        let begin = self.register.first_service_day().unwrap_or(through).min(through);
        let all = self.register.households.keys().map(|code| (code.clone(), ((begin, through), Vec::new()))).collect();
        for chunk in household::chunks(all, &self.register) {
            let change = self.state_change(&chunk.households, through).await?;
            if let Some(difference) = household::difference(&change) {
                return Ok(Some(difference));
            }
        }
        if let Some(difference) = self.check_totals(begin, through).await? {
            return Ok(Some(difference));
        }
        if let Some(difference) = self.check_statements().await? {
            return Ok(Some(difference));
        }
        self.check_tickets().await
    }

    /// Compares the hamlets' and points' totals with the sum of the households' states.
    async fn check_totals(&self, begin: LocalDay, through: LocalDay) -> Result<Option<String>, RecomputeError> {
        let codes: Vec<HouseholdCode> = self.register.households.keys().cloned().collect();
        let mut areas: BTreeMap<LocalDay, BTreeMap<AreaCode, Counts>> = BTreeMap::new();
        let mut points: BTreeMap<LocalDay, BTreeMap<PlaceCode, Counts>> = BTreeMap::new();
        for part in codes.chunks(household::TOGETHER) {
            let mut beside: BTreeMap<HouseholdCode, Vec<PracticeSpan>> = BTreeMap::new();
            for span in self.store.practice_spans(part, begin, through).await? {
                beside.entry(span.household.clone()).or_default().push(span);
            }
            for span in self.store.spans(part, begin, through).await? {
                let last = span.to.unwrap_or(through).min(through);
                let practice = beside.get(&span.household).map_or(&[][..], Vec::as_slice);
                for day in span.from.max(begin).through(last) {
                    let mut counts = Counts::default();
                    counts.add(&span.state, 1);
                    let held = practice.iter().find(|p| p.from <= day && p.to.is_none_or(|to| day <= to));
                    if let Some(held) = held {
                        counts.add_practice(&held.practice, held.people, 1);
                        if let Some(point) = &held.point {
                            points.entry(day).or_default().entry(point.clone()).or_default().merge(&counts);
                        }
                    }
                    areas.entry(day).or_default().entry(span.area.clone()).or_default().merge(&counts);
                }
            }
        }
        for day in begin.through(through) {
            let mut stored = self.store.counts_on(day).await?;
            stored.retain(|_, counts| *counts != Counts::default());
            if stored != areas.remove(&day).unwrap_or_default() {
                return Ok(Some(format!("the totals of {day} are not the sum of the households' states")));
            }
            let mut stored = self.store.point_counts_on(day).await?;
            stored.retain(|_, counts| *counts != Counts::default());
            if stored != points.remove(&day).unwrap_or_default() {
                return Ok(Some(format!("the points' totals of {day} are not the sum of the households' states")));
            }
        }
        Ok(None)
    }
}

/// Splits days into stretches that are computed together.
fn stretches(days: &BTreeSet<LocalDay>) -> Vec<(LocalDay, LocalDay)> {
    let mut stretches: Vec<(LocalDay, LocalDay)> = Vec::new();
    for day in days {
        match stretches.last_mut() {
            Some((from, to)) if *day - *to <= 2 && *day - *from < DAYS_TOGETHER => *to = *day,
            Some(_) | None => stretches.push((*day, *day)),
        }
    }
    stretches
}

/// Reads an event's identity back from a pickup's id.
fn event_id(text: &str) -> Option<EventId> {
    let mut parts = text.split('~');
    let (device, log, seq) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
    parts.next().is_none().then(|| EventId { device: DeviceId::new(device), log: LogId::new(log), seq })
}
