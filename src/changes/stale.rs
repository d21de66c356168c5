//! What a changed register can touch, and so must be computed again.

use super::{Known, evaluated};
use crate::domain::ids::{DeviceId, PlaceCode};
use crate::domain::register::{Commune, Household, Row};
use crate::domain::time::{Instant, LocalDay};
use crate::store::{Store, StoreError};

/// What must be computed again: kind, key, and the day from on or of.
pub(super) type Marks = Vec<(&'static str, String, LocalDay)>;

/// Finds what a changed register can touch.
///
/// # Why
/// A register row reaches back to its valid-from date, and may join or part readings of a station, so what it names is
/// computed again over all days. The marks are written with the rows: neither is ever there without the other.
pub(super) async fn marks(
    store: &Store,
    commune: &Commune,
    known: &Known,
    rows: &[Row],
    (now, through): (Instant, Option<LocalDay>),
) -> Result<Marks, StoreError> {
    // Before anything is derived there is nothing to derive again.
    let Some(through) = through.filter(|_| !rows.is_empty()) else { return Ok(Vec::new()) };
    let before = &known.register;
    let new: Vec<(Instant, Row)> = rows.iter().map(|row| (now, row.clone())).collect();
    let after = evaluated(commune, &known.versions, &new);
    let begin = after.first_service_day().unwrap_or(through).min(through);
    let extents = store.reading_extents().await?;
    let mut households = std::collections::BTreeSet::new();
    let mut places = std::collections::BTreeSet::new();
    let mut routes = std::collections::BTreeSet::new();
    let mut moved = false;
    for row in rows {
        match row {
            Row::Area(_) => {}
            Row::Point(point) => {
                places.insert(point.code.clone());
            }
            Row::Route(stop) => {
                routes.insert(stop.route.clone());
                households.insert(stop.household.clone());
            }
            Row::Household(household) => {
                households.insert(household.code.clone());
                let held = known.newest(row.kind(), &row.key());
                if !held.is_some_and(|(_, held)| stays(held, household)) {
                    moved = true;
                    routes.extend(after.places_of(&household.code));
                }
            }
            Row::Tag(tag) => {
                households.insert(tag.household.clone());
                // Whose it was until now has one tag less.
                if let Some((_, Row::Tag(held))) = known.newest(row.kind(), &row.key()) {
                    households.insert(held.household.clone());
                }
                // Its reads may lie at any place.
                places.extend(after.scheduled_places().cloned());
                places.extend(after.devices.values().map(|versions| versions.newest().place.clone()));
            }
            Row::Device(device) => {
                places.insert(device.place.clone());
                if let Some(versions) = before.devices.get(&device.device) {
                    places.extend(versions.all().map(|(_, held)| held.place.clone()));
                }
            }
            Row::Schedule(line) => {
                places.insert(line.place.clone());
                households.extend(after.households_at(&line.place).iter().cloned());
            }
            Row::Exclusion(exclusion) => {
                households.insert(exclusion.household.clone());
            }
            // What is published beside a target is computed when it is asked for.
            Row::Target(_) => {}
            // No file holds a rule; what a new one makes stale is marked where it is recorded.
            Row::Rule(_) => {}
        }
    }
    let first = extents.iter().map(|(_, first, _)| commune.zone.day_of(*first)).min().unwrap_or(begin).min(begin);
    // A round that lasts beyond midnight has readings of a day that is not computed as a whole yet.
    let last = |place: &PlaceCode| {
        let of_place = |device: &DeviceId| {
            after.devices.get(device).is_some_and(|versions| versions.all().any(|(_, held)| held.place == *place))
        };
        let ends = extents.iter().filter(|(device, _, _)| of_place(device));
        ends.map(|(_, _, last)| commune.zone.day_of(*last)).max().unwrap_or(through).max(through)
    };
    // What was stated of a household counts for its hamlet, which may be another now.
    let stated = if moved { store.statement_days().await? } else { Vec::new() };
    let mut marks: Marks = households.into_iter().map(|code| ("household", code.to_string(), begin)).collect();
    marks.extend(stated.into_iter().map(|day| ("statement", String::new(), day)));
    // A route's figures belong to the hamlet of the first household on it, which may be another now.
    for route in routes.difference(&places) {
        let mut begins = before.area_breaks(route);
        begins.extend(after.area_breaks(route));
        begins.retain(|day| first < *day && *day <= last(route));
        begins.insert(first);
        let begins: Vec<LocalDay> = begins.into_iter().collect();
        for (place, begin) in begins.iter().enumerate() {
            if before.area_of_place(route, *begin) != after.area_of_place(route, *begin) {
                let end = begins.get(place + 1).map_or(last(route), |next| *next - 1);
                marks.extend(begin.through(end).map(|day| ("place", route.to_string(), day)));
            }
        }
    }
    for place in places {
        marks.extend(first.through(last(&place)).map(|day| ("place", place.to_string(), day)));
    }
    Ok(marks)
}

/// Tells whether a household stays where it was: only the number of its people may be another.
fn stays(held: &Row, household: &Household) -> bool {
    matches!(held, Row::Household(held) if Household { people: household.people, ..held.clone() } == *household)
}
