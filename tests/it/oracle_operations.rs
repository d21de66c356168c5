//! The second evaluator's crew operations, as the product's.

use phanloai::domain::facts::{CrewResult, Operation, Statement};
use phanloai::domain::ids::EventId;
use phanloai::domain::time::{Instant, LocalDay};

use crate::oracle::world::{Operation as Posted, RoundAction, World};

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
        Posted::Void { id, pickup, at_ms } => (
            id,
            Statement::Void {
                at: Instant::from_ms(*at_ms),
                pickup: pickup.clone(),
                reason: "logged by mistake".to_owned(),
            },
        ),
    };
    Operation { id: id.clone(), recorded: crate::commune::NOW, by: "crew".to_owned(), statement }
}
