//! Weighbridge tickets: what was delivered where, stated by a weighbridge, a form or a file.

use serde::{Deserialize, Serialize};

use super::attribution::Observed;
use super::facts::{Operation, Statement};
use super::ids::StreamCode;
use super::reading::Event;
use super::state::word;
use super::time::{Instant, LocalDay, Zone};

word!(
    /// What is done with the waste at a destination.
    DestinationKind {
        /// Landfilled as it came.
        Dump = "dump",
        /// Composted, recycled or otherwise treated, apart from other streams.
        Plant = "plant",
    }
);

/// Where tickets are made out to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Its code, as tickets name it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What becomes of the waste there.
    pub kind: DestinationKind,
}

/// A statement of one ticket. Of those with one number, the first known that is not void counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFact {
    /// Identity: the reading's or the operation's.
    pub id: String,
    /// The ticket's number.
    pub ticket: String,
    /// Local day of weighing.
    pub day: LocalDay,
    /// When it was weighed.
    pub at: Instant,
    /// Vehicle.
    pub vehicle: String,
    /// Stream.
    pub stream: StreamCode,
    /// Gross mass, grams.
    pub gross_g: i64,
    /// Tare, grams.
    pub tare_g: i64,
    /// Destination, by its code.
    pub destination: String,
    /// When the service first knew of it.
    pub known: Instant,
    /// Who stated it: a device, or a person's name.
    pub by: String,
    /// Stated by a weighbridge.
    pub device: bool,
    /// Taken back.
    pub void: bool,
}

impl TicketFact {
    /// Makes the ticket of a weighbridge's reading. `None` for other readings.
    pub fn of_reading(observed: &Observed, is_void: bool, zone: &Zone) -> Option<Self> {
        let Event::Ticket { vehicle, gross_g, tare_g, stream, destination, ticket } = &observed.reading.event else {
            return None;
        };
        Some(Self {
            id: observed.reading.id.to_string(),
            ticket: ticket.clone(),
            day: zone.day_of(observed.time),
            at: observed.time,
            vehicle: vehicle.clone(),
            stream: stream.clone(),
            gross_g: *gross_g,
            tare_g: *tare_g,
            destination: destination.clone(),
            known: observed.reading.received,
            by: observed.reading.id.device.to_string(),
            device: true,
            void: is_void,
        })
    }

    /// Makes the ticket of a person's statement. `None` for other statements.
    pub fn of_operation(operation: &Operation, is_void: bool, zone: &Zone) -> Option<Self> {
        let Statement::Ticket { at, ticket, vehicle, stream, gross_g, tare_g, destination } = &operation.statement
        else {
            return None;
        };
        Some(Self {
            id: operation.id.clone(),
            ticket: ticket.clone(),
            day: zone.day_of(*at),
            at: *at,
            vehicle: vehicle.clone(),
            stream: stream.clone(),
            gross_g: *gross_g,
            tare_g: *tare_g,
            destination: destination.clone(),
            known: operation.recorded,
            by: operation.by.clone(),
            device: false,
            void: is_void,
        })
    }

    /// Gives the net mass, grams.
    pub fn net_g(&self) -> i64 {
        self.gross_g.saturating_sub(self.tare_g)
    }

    /// Tells whether two tickets say the same, whoever stated them.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.ticket == other.ticket
            && self.vehicle == other.vehicle
            && self.day == other.day
            && self.stream == other.stream
            && self.gross_g == other.gross_g
            && self.tare_g == other.tare_g
            && self.destination == other.destination
    }
}

word!(
    /// What becomes of a ticket among those of its number.
    Standing {
        /// It counts.
        Counts = "counts",
        /// It says what the one that counts says.
        Repeats = "repeats",
        /// It says something else than the one that counts, and is kept beside it.
        Conflicts = "conflicts",
        /// It was taken back.
        Void = "void",
    }
);

/// Judges the tickets of one number: the first known that is not void counts.
pub fn standings(of_one_number: &[TicketFact]) -> Vec<Standing> {
    let alive = of_one_number.iter().filter(|ticket| !ticket.void);
    let counting = alive.min_by(|a, b| (a.known, &a.id).cmp(&(b.known, &b.id)));
    of_one_number
        .iter()
        .map(|ticket| match counting {
            _ if ticket.void => Standing::Void,
            Some(counting) if counting.id == ticket.id => Standing::Counts,
            Some(counting) if counting.says_the_same(ticket) => Standing::Repeats,
            Some(_) | None => Standing::Conflicts,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(id: &str, known_ms: i64, gross_g: i64) -> TicketFact {
        TicketFact {
            id: id.to_owned(),
            ticket: "BP-0001".to_owned(),
            day: LocalDay::from_number(20_700),
            at: Instant::from_ms(0),
            vehicle: "29H-123.45".to_owned(),
            stream: "other".into(),
            gross_g,
            tare_g: 4_000_000,
            destination: "bac-phong".to_owned(),
            known: Instant::from_ms(known_ms),
            by: "x".to_owned(),
            device: false,
            void: false,
        }
    }

    #[test]
    fn the_first_known_ticket_of_a_number_counts_and_a_differing_one_stays_beside_it() {
        let all = [ticket("b", 5, 9_000_000), ticket("a", 9, 9_000_000), ticket("c", 7, 9_100_000)];
        assert_eq!(standings(&all), [Standing::Counts, Standing::Repeats, Standing::Conflicts]);
    }

    #[test]
    fn when_the_one_that_counts_is_taken_back_the_next_takes_its_place() {
        let first = TicketFact { void: true, ..ticket("b", 5, 9_000_000) };
        let all = [first, ticket("a", 9, 9_000_000), ticket("c", 7, 9_100_000)];
        assert_eq!(standings(&all), [Standing::Void, Standing::Conflicts, Standing::Counts]);
    }
}
