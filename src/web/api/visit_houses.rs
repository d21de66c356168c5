//! The households of a visitor's list, put together: states as they stood when the stretch began and as they stand, what was stated since,
//! what was known before.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::operations::part_id;
use super::visit_list::{VisitBefore, VisitDone, VisitFound, VisitHouse, VisitPathway, VisitWhy};
use crate::domain::facts::{Operation, Statement};
use crate::domain::ids::{AreaCode, HouseholdCode, StreamCode, as_counted};
use crate::domain::register::{Commune, Register};
use crate::domain::state::{PathwayLevel, VisitResult};
use crate::domain::time::{Instant, LocalDay};
use crate::domain::visit::Found;
use crate::store::{Account, Role, ToVisit};
use crate::web::guard::Site;
use crate::web::problem::Problem;
use crate::web::read;

/// A verification is on the list when it ends within so many days.
const RUNNING_OUT_DAYS: i32 = 28;
/// Attempts of so many days are told.
const ATTEMPT_DAYS: i32 = 30;

/// Tells whether a household lies in a hamlet: where it is registered on a day, else where it was last.
fn lies_in(register: &Register, area: &AreaCode, household: &HouseholdCode, on: LocalDay) -> bool {
    let spells = register.households.get(household);
    spells.is_some_and(|spells| spells.on(on).unwrap_or_else(|| spells.newest()).area == *area)
}

/// Gives what visitors stated of a hamlet's households in a range of days, what was taken back left out.
async fn stated(
    site: &Site,
    area: &AreaCode,
    (from, to): (LocalDay, LocalDay),
    kinds: &[&str],
) -> Result<Vec<Operation>, Problem> {
    let register = site.web.register.borrow().clone();
    let mut all = Vec::new();
    for kind in kinds {
        let of_kind = site.web.store.operations_on(kind, from, to).await?;
        all.extend(of_kind.into_iter().filter(|operation| {
            operation.statement.household().is_some_and(|household| lies_in(&register, area, household, to))
        }));
    }
    let void = site.web.store.voids(all.iter().map(|operation| operation.id.as_str())).await?;
    all.retain(|operation| !void.contains(&operation.id));
    Ok(all)
}

/// Gives the households of a hamlet at which something was seen, with the days.
pub(super) async fn visited_since(
    site: &Site,
    area: &AreaCode,
    from: LocalDay,
    to: LocalDay,
) -> Result<BTreeMap<HouseholdCode, BTreeSet<LocalDay>>, Problem> {
    let mut visited: BTreeMap<HouseholdCode, BTreeSet<LocalDay>> = BTreeMap::new();
    for operation in stated(site, area, (from, to), &["visit", "pathway"]).await? {
        match operation.statement {
            Statement::Visit { on, household, .. }
            | Statement::Pathway { on, household, level: PathwayLevel::Verified, .. } => {
                visited.entry(household).or_default().insert(on);
            }
            Statement::Pathway { level: PathwayLevel::Declared, .. }
            | Statement::Attempt { .. }
            | Statement::Round { .. }
            | Statement::Pickup { .. }
            | Statement::Void { .. }
            | Statement::Finding { .. }
            | Statement::Ticket { .. }
            | Statement::Report { .. } => {}
        }
    }
    Ok(visited)
}

/// Puts the list together.
pub(super) async fn houses(
    site: &Site,
    account: &Account,
    area: &AreaCode,
    (since, on, today): (LocalDay, LocalDay, LocalDay),
) -> Result<Vec<VisitHouse>, Problem> {
    let store = &site.web.store;
    let begin = (since - 1).min(on);
    let now = store.to_visit(area, on, on + RUNNING_OUT_DAYS).await?;
    let then = if begin == on { now.clone() } else { store.to_visit(area, begin, begin + RUNNING_OUT_DAYS).await? };
    let mut houses: BTreeMap<HouseholdCode, VisitHouse> = BTreeMap::new();
    for (rows, listed) in [(&then, true), (&now, false)] {
        for row in rows {
            houses.entry(row.span.household.clone()).or_insert_with(|| house_of(row, listed));
        }
    }
    let needed: BTreeSet<&HouseholdCode> = now.iter().map(|row| &row.span.household).collect();
    let writes = stated(site, area, (since, today), &["visit", "pathway", "attempt"]).await?;
    for (household, done) in done_by_household(writes, account, &read::commune(site)) {
        let house = match houses.remove(&household) {
            Some(house) => house,
            None => unlisted(site, &household).await?,
        };
        houses.insert(household, VisitHouse { done, ..house });
    }
    for house in houses.values_mut() {
        house.settled = house.listed && !needed.contains(&house.household) && !house.is_visited();
    }
    tell_before(site, area, (since, today), &mut houses).await?;
    let mut houses: Vec<VisitHouse> = houses.into_values().collect();
    houses.sort_by_cached_key(|house| (house.why, house.until, as_counted(house.household.as_str())));
    Ok(houses)
}

fn house_of(row: &ToVisit, listed: bool) -> VisitHouse {
    let why = VisitWhy::of(row);
    let (until, streams) = match (&row.runs_out, why) {
        (Some((until, streams)), VisitWhy::RunningOut) => (Some(*until), streams.clone()),
        (Some(_) | None, _) => (None, row.span.missing.clone()),
    };
    VisitHouse {
        household: row.span.household.clone(),
        head_name: row.head_name.clone(),
        address: row.address.clone(),
        listed,
        why,
        streams,
        declared: Vec::new(),
        until,
        settled: false,
        before: None,
        attempts: 0,
        attempt_ms: None,
        done: Vec::new(),
    }
}

/// A household that was visited without need.
pub(super) async fn unlisted(site: &Site, household: &HouseholdCode) -> Result<VisitHouse, Problem> {
    let person = site.web.store.person(household).await?;
    let (head_name, address) = person.map(|person| (person.head_name, person.address)).unwrap_or_default();
    Ok(VisitHouse {
        household: household.clone(),
        head_name,
        address,
        listed: false,
        why: VisitWhy::Visited,
        streams: Vec::new(),
        declared: Vec::new(),
        until: None,
        settled: false,
        before: None,
        attempts: 0,
        attempt_ms: None,
        done: Vec::new(),
    })
}

/// Tells what was known before the stretch: declarations, the last visit, attempts.
async fn tell_before(
    site: &Site,
    area: &AreaCode,
    (since, today): (LocalDay, LocalDay),
    houses: &mut BTreeMap<HouseholdCode, VisitHouse>,
) -> Result<(), Problem> {
    let codes: Vec<HouseholdCode> = houses.keys().cloned().collect();
    for operation in site.web.store.statements_of(&codes).await? {
        let Some(house) = operation.statement.household().and_then(|household| houses.get_mut(household)) else {
            continue;
        };
        match operation.statement {
            // A verified pathway past its days counts as declared: only of a stream without evidence is it told.
            Statement::Pathway { stream, pathway, .. } => {
                let told = VisitPathway { stream, pathway };
                if house.streams.contains(&told.stream) && !house.declared.contains(&told) {
                    house.declared.push(told);
                }
            }
            Statement::Visit { on, result, .. } if on < since => house.before = Some(VisitBefore { on, result }),
            Statement::Visit { .. }
            | Statement::Attempt { .. }
            | Statement::Round { .. }
            | Statement::Pickup { .. }
            | Statement::Void { .. }
            | Statement::Finding { .. }
            | Statement::Ticket { .. }
            | Statement::Report { .. } => {}
        }
    }
    let zone = read::commune(site).zone.clone();
    for operation in stated(site, area, (since - ATTEMPT_DAYS, today), &["attempt"]).await? {
        if let Statement::Attempt { at, household, .. } = operation.statement
            && zone.day_of(at) < since
            && let Some(house) = houses.get_mut(&household)
        {
            house.attempts += 1;
            house.attempt_ms = house.attempt_ms.max(Some(at.ms()));
        }
    }
    Ok(())
}

/// Puts together what one write stated, each household's in order.
fn done_by_household(
    writes: Vec<Operation>,
    account: &Account,
    commune: &Commune,
) -> BTreeMap<HouseholdCode, Vec<VisitDone>> {
    let zone = &commune.zone;
    let known: BTreeSet<String> = writes.iter().map(|operation| operation.id.clone()).collect();
    let mut first_of: BTreeMap<String, String> = BTreeMap::new();
    for id in &known {
        let Ok(first) = id.parse::<Uuid>() else { continue };
        // A write states a result and a pathway of each stream at most; one of its parts may have been taken back by itself.
        for part in 1..=2 * commune.streams.len() {
            let part = part_id(first, part).to_string();
            if known.contains(&part) {
                first_of.insert(part, id.clone());
            }
        }
    }
    let mut done: BTreeMap<HouseholdCode, BTreeMap<(Instant, String), VisitDone>> = BTreeMap::new();
    let officer = account.roles.contains(&Role::Officer);
    for operation in writes {
        let Some(household) = operation.statement.household().cloned() else { continue };
        let at = operation.statement.at(zone);
        let id = first_of.get(&operation.id).unwrap_or(&operation.id).clone();
        let of = done.entry(household).or_default().entry((operation.recorded, id.clone())).or_insert_with(|| {
            let own = officer || operation.by == account.name;
            VisitDone { id, on: zone.day_of(at), at_ms: None, outcome: None, found: Vec::new(), by: operation.by, own }
        });
        take(of, operation.statement, at);
    }
    let whole = |mut done: VisitDone| {
        // A pathway says all that the result of its stream does.
        let told: Vec<StreamCode> =
            done.found.iter().filter(|of| of.pathway.is_some()).filter_map(|of| of.stream.clone()).collect();
        done.found.retain(|of| {
            of.pathway.is_some()
                || of.found != Found::Sorting
                || of.stream.as_ref().is_none_or(|stream| !told.contains(stream))
        });
        done
    };
    done.into_iter().map(|(household, done)| (household, done.into_values().map(whole).collect())).collect()
}

/// Takes a statement of a write into what it says.
fn take(done: &mut VisitDone, statement: Statement, at: Instant) {
    let (stream, found, pathway) = match statement {
        Statement::Visit { result: VisitResult::Sorting, stream, .. } => (stream, Found::Sorting, None),
        Statement::Visit { result: VisitResult::NotSorting, stream, .. } => (stream, Found::NotSorting, None),
        Statement::Pathway { stream, pathway, level: PathwayLevel::Verified, .. } => {
            (Some(stream), Found::Sorting, Some(pathway))
        }
        Statement::Pathway { stream, pathway, level: PathwayLevel::Declared, .. } => {
            (Some(stream), Found::Declared, Some(pathway))
        }
        Statement::Attempt { outcome, .. } => {
            done.at_ms = Some(at.ms());
            done.outcome = Some(outcome);
            return;
        }
        Statement::Round { .. }
        | Statement::Pickup { .. }
        | Statement::Void { .. }
        | Statement::Finding { .. }
        | Statement::Ticket { .. }
        | Statement::Report { .. } => return,
    };
    done.found.push(VisitFound { stream, found, pathway });
}
