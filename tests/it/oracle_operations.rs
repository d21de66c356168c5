//! The second evaluator's crew operations, as the product's.

use phanloai::domain::facts::{CrewResult, Operation, Statement};
use phanloai::domain::ids::EventId;
use phanloai::domain::state::{FindingKind, Pathway, PathwayLevel, VisitResult};
use phanloai::domain::time::{Instant, LocalDay};

use crate::oracle::time::Day;
use crate::oracle::world::{Operation as Posted, RoundAction, Said, World};

/// Gives the world's crew operations as the service records them.
pub fn operations(world: &World) -> Vec<Operation> {
    world.operations.iter().map(operation).collect()
}

fn operation(posted: &Posted) -> Operation {
    let (id, statement) = match posted {
        Posted::Round { id, place, stream, service_date, action, at_ms } => (
            id,
            Statement::Round {
                place: place.as_str().into(),
                stream: stream.as_str().into(),
                service_date: LocalDay::from_number(i32::try_from(service_date.0).unwrap()),
                open: matches!(action, RoundAction::Open),
                at: Instant::from_ms(*at_ms),
            },
        ),
        Posted::Pickup(pickup) => (
            &pickup.id,
            Statement::Pickup {
                at: Instant::from_ms(pickup.at_ms),
                household: pickup.household.as_str().into(),
                place: pickup.place.as_str().into(),
                stream: pickup.stream.as_str().into(),
                result: CrewResult::from_word(&pickup.result).unwrap(),
                reason: None,
                manual_g: pickup.manual_g,
                reading: pickup.reading.as_ref().map(|key| EventId {
                    device: key.device.as_str().into(),
                    log: key.log.as_str().into(),
                    seq: i64::try_from(key.seq).unwrap(),
                }),
            },
        ),
        Posted::Said { id, said } => (id, statement_of(said)),
        Posted::Ticket { id, ticket, .. } => (
            id,
            Statement::Ticket {
                at: Instant::from_ms(ticket.at_ms),
                ticket: ticket.number.clone(),
                vehicle: ticket.vehicle.clone(),
                stream: ticket.stream.as_str().into(),
                gross_g: ticket.gross_g,
                tare_g: ticket.tare_g,
                destination: ticket.destination.clone(),
            },
        ),
        Posted::Void { id, pickup, at_ms } => (
            id,
            Statement::Void {
                at: Instant::from_ms(*at_ms),
                pickup: pickup.clone(),
                reason: "logged by mistake".to_owned(),
            },
        ),
    };
    let known_after_ms = match posted {
        Posted::Ticket { known_after_ms, .. } => *known_after_ms,
        Posted::Round { .. } | Posted::Pickup(_) | Posted::Said { .. } | Posted::Void { .. } => 0,
    };
    let recorded = crate::commune::NOW.plus_ms(known_after_ms);
    Operation { id: id.clone(), recorded, by: "crew".to_owned(), statement }
}

fn statement_of(said: &Said) -> Statement {
    let on = |day: Day| LocalDay::from_number(i32::try_from(day.0).unwrap());
    match said {
        Said::Finding(finding) => Statement::Finding {
            at: Instant::from_ms(finding.at_ms),
            household: finding.household.as_str().into(),
            stream: finding.stream.as_deref().map(Into::into),
            finding: FindingKind::from_word(&finding.finding).unwrap(),
            reason: None,
        },
        Said::Visit(visit) => Statement::Visit {
            on: on(visit.on),
            household: visit.household.as_str().into(),
            result: VisitResult::from_word(&visit.result).unwrap(),
            stream: visit.stream.as_deref().map(Into::into),
        },
        Said::Pathway(pathway) => Statement::Pathway {
            on: on(pathway.on),
            household: pathway.household.as_str().into(),
            stream: pathway.stream.as_str().into(),
            pathway: Pathway::from_word(&pathway.pathway).unwrap(),
            level: PathwayLevel::from_word(&pathway.level).unwrap(),
        },
    }
}
