//! Rows of what people stated: home pathways, findings, visits and weighbridge tickets.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::cell::{Line, Reader};
use super::kind::Kind;
use super::{Caution, Flaw};
use crate::domain::facts::{Operation, Statement};
use crate::domain::ids::{HouseholdCode, StreamCode};
use crate::domain::state::{FindingKind, Pathway, PathwayLevel, VisitResult};

/// Greatest mass of a vehicle, grams: a weighbridge's 100 t.
const MASS_MAX_G: i64 = 100_000_000;
/// Who stands behind a row that names nobody.
const UNNAMED: &str = "import";

/// Reads a row. Kinds of the register have no statements.
pub fn operation(kind: Kind, line: &mut Line<'_, '_>) -> Option<Operation> {
    let statement = match kind {
        Kind::Pathways => pathway(line),
        Kind::Findings => finding(line),
        Kind::Visits => visit(line),
        Kind::Tickets => ticket(line),
        Kind::Areas
        | Kind::Points
        | Kind::Routes
        | Kind::Households
        | Kind::Tags
        | Kind::Devices
        | Kind::Schedule
        | Kind::Exclusions
        | Kind::Targets => None,
    };
    let by = line.words("by");
    if !line.is_sound() {
        return None;
    }
    let (statement, by) = (statement?, by.unwrap_or_else(|| UNNAMED.to_owned()));
    Some(Operation { id: identity(kind, &statement, &by), recorded: line.reader.context.now, by, statement })
}

fn pathway(line: &mut Line<'_, '_>) -> Option<Statement> {
    let (household, stream) = (line.household(), line.stream());
    let pathway = line.word("pathway", Pathway::ALL, Pathway::as_str);
    let level = line.word("level", PathwayLevel::ALL, PathwayLevel::as_str);
    let on = line.past_day("on");
    let household = HouseholdCode::from(household?);
    Some(Statement::Pathway { on: on?, household, stream: stream?, pathway: pathway?, level: level? })
}

fn finding(line: &mut Line<'_, '_>) -> Option<Statement> {
    let (household, stream) = (line.household(), line.stream());
    let finding = line.word("finding", FindingKind::ALL, FindingKind::as_str);
    let at = line.instant("at");
    let household = HouseholdCode::from(household?);
    Some(Statement::Finding { at: at?, household, stream, finding: finding?, reason: None })
}

fn visit(line: &mut Line<'_, '_>) -> Option<Statement> {
    let household = line.household();
    let on = line.past_day("on");
    let result = line.word("result", VisitResult::ALL, VisitResult::as_str);
    let stream = line.stream();
    let household = HouseholdCode::from(household?);
    Some(Statement::Visit { on: on?, household, result: result?, stream })
}

fn ticket(line: &mut Line<'_, '_>) -> Option<Statement> {
    let (ticket, vehicle) = (line.words("ticket"), line.words("vehicle"));
    let at = line.instant("at");
    let stream = line.stream();
    let (gross_g, tare_g) = (line.number("gross_g", 0, MASS_MAX_G), line.number("tare_g", 0, MASS_MAX_G));
    if let (Some(gross_g), Some(tare_g)) = (gross_g, tare_g)
        && tare_g > gross_g
    {
        line.fault("tare_g", &tare_g.to_string(), Flaw::TareAboveGross { tare_g, gross_g });
    }
    let destination = line.words("destination");
    Some(Statement::Ticket {
        at: at?,
        ticket: ticket?,
        vehicle: vehicle?,
        stream: stream?,
        gross_g: gross_g?,
        tare_g: tare_g?,
        destination: destination?,
    })
}

/// Gives the identity of a row: SHA-256 of its kind and its columns in the order of the contract, normalised, each ended by the
/// ASCII unit separator. Times are milliseconds since 1970 UTC, so that two ways of writing one time are one.
pub fn identity(kind: Kind, statement: &Statement, by: &str) -> String {
    let stream_word = |stream: &Option<StreamCode>| stream.as_ref().map(ToString::to_string).unwrap_or_default();
    let columns = match statement {
        Statement::Pathway { on, household, stream, pathway, level } => {
            vec![household.to_string(), stream.to_string(), pathway.to_string(), level.to_string(), on.to_string()]
        }
        Statement::Finding { at, household, stream, finding, reason: _ } => {
            vec![household.to_string(), stream_word(stream), finding.to_string(), at.ms().to_string()]
        }
        Statement::Visit { on, household, result, stream } => {
            vec![household.to_string(), on.to_string(), result.to_string(), stream_word(stream)]
        }
        Statement::Ticket { at, ticket, vehicle, stream, gross_g, tare_g, destination } => vec![
            ticket.clone(),
            vehicle.clone(),
            at.ms().to_string(),
            stream.to_string(),
            gross_g.to_string(),
            tare_g.to_string(),
            destination.clone(),
        ],
        Statement::Round { .. }
        | Statement::Pickup { .. }
        | Statement::Void { .. }
        | Statement::Attempt { .. }
        | Statement::Report { .. } => Vec::new(),
    };
    let mut hasher = Sha256::new();
    for column in std::iter::once(kind.as_str()).chain(columns.iter().map(String::as_str)).chain([by]) {
        hasher.update(column.as_bytes());
        hasher.update([0x1f]);
    }
    hex::encode(hasher.finalize())
}

/// Keeps the first of rows that say the same, with a warning for each other.
pub fn merge_repeated(operations: &mut Vec<Operation>, reader: &mut Reader<'_>) {
    let mut seen = HashSet::with_capacity(operations.len());
    let before = operations.len();
    operations.retain(|operation| seen.insert(operation.id.clone()));
    if operations.len() < before {
        reader.note(Caution::RepeatedRows(before - operations.len()));
    }
}
