//! What people stated: counts by day, hamlet, person and word, and the tickets of forms and files.

use std::collections::BTreeMap;

use super::{Recompute, RecomputeError, event_id};
use crate::domain::facts::{Operation, Statement};
use crate::domain::ids::{AreaCode, PlaceCode};
use crate::domain::register::Register;
use crate::domain::ticket::TicketFact;
use crate::domain::time::LocalDay;
use crate::store::{PlaceStatementDay, StatementDay};

impl Recompute {
    /// Counts the stale days' statements again.
    pub(super) async fn renew_statements(&self) -> Result<(), RecomputeError> {
        for mark in self.store.stale("statement", i64::MAX).await? {
            let (rows, places) = self.statement_rows(mark.1).await?;
            let held = (self.store.statement_counts(mark.1).await?, self.store.place_statement_counts(mark.1).await?);
            if held.0 != rows || held.1 != places {
                self.store.put_statement_counts(mark.1, &rows, &places).await?;
            }
            self.store.clear_stale("statement", &[mark]).await?;
        }
        Ok(())
    }

    /// Counts by hamlet and person, and by place.
    async fn statement_rows(
        &self,
        day: LocalDay,
    ) -> Result<(Vec<StatementDay>, Vec<PlaceStatementDay>), RecomputeError> {
        let mut counts: BTreeMap<(AreaCode, String, String), i64> = BTreeMap::new();
        let mut places: BTreeMap<(PlaceCode, String), i64> = BTreeMap::new();
        for operation in self.store.statements_on(day).await? {
            let Some(word) = word(&operation) else { continue };
            if let Some(place) = place(&self.register, &operation, day) {
                *places.entry((place, word.clone())).or_default() += 1;
            }
            let area = area(&self.register, &operation, day);
            *counts.entry((area, operation.by, word)).or_default() += 1;
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
        Ok((rows.collect(), places.collect()))
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
                | Statement::Pathway { .. } => self.store.mark_stale("statement", [(String::new(), day)]).await?,
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
            let (rows, places) = self.statement_rows(day).await?;
            if rows != self.store.statement_counts(day).await? {
                return Ok(Some(format!("the counts of what was stated on {day} differ")));
            }
            if places != self.store.place_statement_counts(day).await? {
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
        Statement::Round { .. } | Statement::Void { .. } | Statement::Ticket { .. } | Statement::Report { .. } => None,
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
