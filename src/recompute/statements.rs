//! What people stated: counts by day, hamlet, person and word, and the tickets of forms and files.

use std::collections::BTreeMap;

use super::{Recompute, RecomputeError, event_id};
use crate::domain::facts::{Operation, Statement};
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode};
use crate::domain::register::Register;
use crate::domain::state::PathwayLevel;
use crate::domain::ticket::TicketFact;
use crate::domain::time::LocalDay;
use crate::store::{PlaceStatementDay, StatementDay, VisitCounts};

/// What was stated on a day, counted.
struct Stated {
    rows: Vec<StatementDay>,
    places: Vec<PlaceStatementDay>,
    visits: BTreeMap<AreaCode, VisitCounts>,
}

impl Recompute {
    /// Counts the stale days' statements and visits again.
    pub(super) async fn renew_statements(&self) -> Result<(), RecomputeError> {
        for mark in self.store.stale("statement", i64::MAX).await? {
            let day = mark.1;
            let stated = self.stated_on(day).await?;
            let held = (self.store.statement_counts(day).await?, self.store.place_statement_counts(day).await?);
            if held.0 != stated.rows || held.1 != stated.places {
                self.store.put_statement_counts(day, &stated.rows, &stated.places).await?;
            }
            if self.store.visit_counts(day).await? != stated.visits {
                self.store.put_visit_counts(day, &stated.visits).await?;
            }
            self.store.clear_stale("statement", &[mark]).await?;
        }
        Ok(())
    }

    /// Counts what was stated on a day by hamlet, person and word, and by place; and the households that visitors went to by hamlet.
    async fn stated_on(&self, day: LocalDay) -> Result<Stated, RecomputeError> {
        let mut counts: BTreeMap<(AreaCode, String, String), i64> = BTreeMap::new();
        let mut places: BTreeMap<(PlaceCode, String), i64> = BTreeMap::new();
        let mut went: BTreeMap<(AreaCode, HouseholdCode), bool> = BTreeMap::new();
        for operation in self.store.statements_on(day).await? {
            let area = area(&self.register, &operation, day);
            if let (Some(household), Some(seen)) = (operation.statement.household(), sees(&operation.statement)) {
                *went.entry((area.clone(), household.clone())).or_default() |= seen;
            }
            if let Some(word) = word(&operation) {
                if let Some(place) = place(&self.register, &operation, day) {
                    *places.entry((place, word.clone())).or_default() += 1;
                }
                *counts.entry((area, operation.by, word)).or_default() += 1;
            }
        }
        let rows = counts.into_iter().map(|((area, recorded_by, word), count)| StatementDay {
            day: day.to_string(),
            area: area.to_string(),
            recorded_by,
            word,
            count,
        });
        let places = places.into_iter().map(|((place, word), count)| PlaceStatementDay {
            day: day.to_string(),
            place: place.to_string(),
            word,
            count,
        });
        let mut visits: BTreeMap<AreaCode, VisitCounts> = BTreeMap::new();
        for ((area, _), seen) in went {
            let of = visits.entry(area).or_default();
            *(if seen { &mut of.visited } else { &mut of.not_seen }) += 1;
        }
        Ok(Stated { rows: rows.collect(), places: places.collect(), visits })
    }

    /// Makes the stale tickets of people's statements again.
    pub(super) async fn renew_tickets(&self) -> Result<(), RecomputeError> {
        let marks = self.store.stale("ticket", i64::MAX).await?;
        if marks.is_empty() {
            return Ok(());
        }
        let voids = self.store.voids(marks.iter().map(|mark| mark.0.as_str())).await?;
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        for (id, _, _) in &marks {
            let operation = self.store.operation(id).await?;
            match operation.and_then(|o| TicketFact::of_operation(&o, voids.contains(id), &self.commune.zone)) {
                Some(ticket) => put.push(ticket),
                None => gone.push(id.clone()),
            }
        }
        self.store.put_tickets(&put, &gone).await?;
        self.store.clear_stale("ticket", &marks).await?;
        Ok(())
    }

    /// Marks what a taken back statement was counted in.
    pub(super) async fn resolve_void(&self, id: &str) -> Result<(), RecomputeError> {
        let zone = &self.commune.zone;
        if let Some(operation) = self.store.operation(id).await? {
            let day = zone.day_of(operation.statement.at(zone));
            match operation.statement {
                Statement::Pickup { .. }
                | Statement::Finding { .. }
                | Statement::Visit { .. }
                | Statement::Pathway { .. }
                | Statement::Attempt { .. } => self.store.mark_stale("statement", [(String::new(), day)]).await?,
                Statement::Ticket { .. } => self.store.mark_stale("ticket", [(operation.id, day)]).await?,
                Statement::Round { .. } | Statement::Void { .. } | Statement::Report { .. } => {}
            }
        } else if let Some(event) = event_id(id)
            && let Some(time) = self.store.reading_time(&event).await?
        {
            self.store.mark_stale("device", [(event.device.to_string(), zone.day_of(time))]).await?;
        }
        Ok(())
    }

    pub(super) async fn check_statements(&self) -> Result<Option<String>, RecomputeError> {
        for day in self.store.statement_days().await? {
            let stated = self.stated_on(day).await?;
            if stated.rows != self.store.statement_counts(day).await?
                || stated.visits != self.store.visit_counts(day).await?
            {
                return Ok(Some(format!("the counts of what was stated on {day} differ")));
            }
            if stated.places != self.store.place_statement_counts(day).await? {
                return Ok(Some(format!("the counts by place of what was stated on {day} differ")));
            }
        }
        Ok(None)
    }

    pub(super) async fn check_tickets(&self) -> Result<Option<String>, RecomputeError> {
        let operations = self.store.operations_of_kind("ticket").await?;
        let voids = self.store.voids(operations.iter().map(|operation| operation.id.as_str())).await?;
        let ticket = |o: &Operation| TicketFact::of_operation(o, voids.contains(&o.id), &self.commune.zone);
        let mut tickets: Vec<TicketFact> = operations.iter().filter_map(ticket).collect();
        tickets.sort_by(|a, b| a.id.cmp(&b.id));
        let stored = self.store.stated_tickets().await?;
        let differs =
            tickets.iter().zip(&stored).find(|(computed, stored)| computed != stored).map(|(ticket, _)| ticket);
        let longer = tickets.get(stored.len()).or_else(|| stored.get(tickets.len()));
        Ok(differs.or(longer).map(|ticket| format!("ticket {} of {} differs", ticket.ticket, ticket.id)))
    }
}

/// The word under which a statement is counted. `None`: it says nothing of a household.
fn word(operation: &Operation) -> Option<String> {
    match &operation.statement {
        Statement::Pickup { result, .. } => Some(format!("pickup.{result}")),
        Statement::Finding { finding, .. } => Some(format!("finding.{finding}")),
        Statement::Visit { result, .. } => Some(format!("visit.{result}")),
        Statement::Pathway { level, .. } => Some(format!("pathway.{level}")),
        Statement::Round { .. }
        | Statement::Void { .. }
        | Statement::Ticket { .. }
        | Statement::Attempt { .. }
        | Statement::Report { .. } => None,
    }
}

/// Tells whether somebody went to a household and saw something there. `None`: nobody went.
const fn sees(statement: &Statement) -> Option<bool> {
    match statement {
        Statement::Visit { .. } | Statement::Pathway { level: PathwayLevel::Verified, .. } => Some(true),
        Statement::Attempt { .. } => Some(false),
        Statement::Pathway { level: PathwayLevel::Declared, .. }
        | Statement::Pickup { .. }
        | Statement::Finding { .. }
        | Statement::Round { .. }
        | Statement::Void { .. }
        | Statement::Ticket { .. }
        | Statement::Report { .. } => None,
    }
}

/// The hamlet of the household that a statement speaks of, then; its newest one when it was not registered then.
fn area(register: &Register, operation: &Operation, day: LocalDay) -> AreaCode {
    let household = operation.statement.household().and_then(|code| register.households.get(code));
    household.map_or_else(|| AreaCode::new(""), |spells| spells.on(day).unwrap_or_else(|| spells.newest()).area.clone())
}

/// The place at which something was stated; where it names none, the point of its household then.
fn place(register: &Register, operation: &Operation, day: LocalDay) -> Option<PlaceCode> {
    if let Statement::Pickup { place, .. } = &operation.statement {
        return Some(place.clone());
    }
    register.households.get(operation.statement.household()?)?.on(day)?.point.clone()
}
