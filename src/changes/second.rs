//! What of a change waits for a second person: see [`crate::domain::proposal`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Known, evaluated};
use crate::domain::facts::Operation;
use crate::domain::ids::HouseholdCode;
use crate::domain::proposal::{ALONE_DAYS, Proposed, Stated, takes_out};
use crate::domain::register::{Commune, Row};
use crate::domain::time::Instant;
use crate::store::{Store, StoreError};

/// Gives what of rows and statements must wait for a second person, after what `by` did alone of late. `None`: nothing.
///
/// # Errors
/// The database's.
pub async fn waiting(
    store: &Store,
    commune: &Commune,
    known: &Known,
    (rows, operations): (&[Row], &[Operation]),
    (by, now): (&str, Instant),
) -> Result<Option<Proposed>, StoreError> {
    if let Some(proposed) = taken_out(commune, known, rows, now) {
        let alone = taken_out_alone(store, commune, known, (by, now)).await?;
        return Ok(Some(proposed).filter(|proposed| proposed.needs_second(&alone)));
    }
    let verifying = operations.iter().filter(|operation| operation.statement.verifies());
    let stated = verifying.map(|operation| Stated {
        id: operation.id.clone(),
        by: operation.by.clone(),
        statement: operation.statement.clone(),
    });
    let proposed = Proposed::Statements { rows: stated.collect() };
    if proposed.households().is_empty() {
        return Ok(None);
    }
    let alone = verified_alone(store, commune, (by, now)).await?;
    Ok(Some(proposed).filter(|proposed| proposed.needs_second(&alone)))
}

/// Gives the rows that take households out of the denominator. A file holds one kind of them.
fn taken_out(commune: &Commune, known: &Known, rows: &[Row], now: Instant) -> Option<Proposed> {
    let new: Vec<(Instant, Row)> = rows.iter().map(|row| (now, row.clone())).collect();
    let out = |row: &&Row| matches!(row, Row::Exclusion(_) | Row::Household(_));
    if !rows.iter().any(|row| out(&row)) {
        return None;
    }
    let after = evaluated(commune, &known.versions, &new);
    let (mut exclusions, mut endings) = (Vec::new(), Vec::new());
    for row in rows {
        let before = known.newest(row.kind(), &row.key()).map(|(_, held)| held);
        match row {
            _ if takes_out(before, row, &after).is_none() => {}
            Row::Exclusion(row) => exclusions.push(row.clone()),
            Row::Household(row) => endings.push(row.clone()),
            Row::Area(_)
            | Row::Point(_)
            | Row::Route(_)
            | Row::Tag(_)
            | Row::Device(_)
            | Row::Schedule(_)
            | Row::Target(_)
            | Row::Rule(_) => {}
        }
    }
    match (exclusions.is_empty(), endings.is_empty()) {
        (false, _) => Some(Proposed::Exclusions { rows: exclusions }),
        (true, false) => Some(Proposed::Endings { rows: endings }),
        (true, true) => None,
    }
}

/// Gives the households that somebody took out of the denominator alone within the last days, and that are still out by that.
async fn taken_out_alone(
    store: &Store,
    commune: &Commune,
    known: &Known,
    (by, now): (&str, Instant),
) -> Result<BTreeSet<HouseholdCode>, StoreError> {
    let since = commune.zone.start_of(commune.zone.day_of(now) - (ALONE_DAYS - 1));
    let mut households = BTreeSet::new();
    let own = store.rows_alone(by, since).await?;
    let mut own_at: BTreeMap<(&str, String), BTreeSet<Instant>> = BTreeMap::new();
    for version in &own {
        own_at.entry((version.row.kind(), version.row.key())).or_default().insert(version.at);
    }
    let mut earlier: BTreeMap<(&str, String), &Row> = BTreeMap::new();
    // Every version in the order of recording, so that each stands beside the one that it replaced.
    for (at, row) in &known.versions {
        let key = (row.kind(), row.key());
        let Some(times) = own_at.get(&key) else { continue };
        let is_own = times.contains(at);
        let before = earlier.insert(key, row);
        if is_own {
            households.extend(takes_out(before, row, &known.register).cloned());
        }
    }
    Ok(households)
}

/// Gives the households that somebody verified alone since the day began.
pub async fn verified_alone(
    store: &Store,
    commune: &Commune,
    (by, now): (&str, Instant),
) -> Result<BTreeSet<HouseholdCode>, StoreError> {
    let since = commune.zone.start_of(commune.zone.day_of(now));
    let stated = store.stated_alone(by, since).await?;
    let verifying = stated.iter().filter(|operation| operation.statement.verifies());
    Ok(verifying.filter_map(|operation| operation.statement.household().cloned()).collect())
}
