//! The same files, written: what is exported can be imported again and gives the same rows.

use std::collections::HashMap;

use super::Person;
use super::kind::Kind;
use super::word::guard;
use crate::domain::facts::{Operation, Statement};
use crate::domain::ids::HouseholdCode;
use crate::domain::register::{Row, ScheduleRow, Validity};
use crate::domain::time::{Instant, Zone};
use crate::domain::units::Percent;

/// Columns of numbers that may be negative: a number is no formula.
const NEGATIVE: [&str; 2] = ["lat", "lon"];

/// What to write. Rows and statements of other kinds than the file's are left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exported<'a> {
    /// Rows of the register.
    pub rows: &'a [Row],
    /// Statements.
    pub operations: &'a [Operation],
    /// Personal data, for households; empty where the reader may not see it.
    pub people: &'a [Person],
}

/// Writes a CSV file in UTF-8 without byte order mark, with the columns of the contract in their order.
///
/// A text that a spreadsheet would take for a formula gets a `'` before it, which the import takes away again. Times carry the
/// commune's offset.
pub fn export(kind: Kind, exported: &Exported<'_>, zone: &Zone) -> String {
    written(&guarded(kind, exported, zone))
}

/// Writes any table as CSV in the same way: a text that a spreadsheet would take for a formula gets a `'` before it.
pub fn table_csv(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| guard(cell)).collect()).collect();
    written(&rows)
}

fn written(rows: &[Vec<String>]) -> String {
    rows.iter().map(|row| csv_line(row.iter().map(String::as_str)) + "\n").collect()
}

/// Writes cells as a line of CSV (RFC 4180), without its end.
///
/// # Why
/// A cell with a semicolon or a tab is quoted too: a Vietnamese spreadsheet separates by `;`, and would make a cell of its own, and a
/// formula, of what comes after one.
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        if cell.contains([',', ';', '\t', '"', '\r', '\n']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line
}

fn guarded(kind: Kind, exported: &Exported<'_>, zone: &Zone) -> Vec<Vec<String>> {
    let mut cells = cells_of(kind, exported, zone);
    for row in &mut cells {
        for (cell, _) in row.iter_mut().zip(kind.columns()).filter(|(_, column)| !NEGATIVE.contains(&column.name)) {
            *cell = guard(cell);
        }
    }
    cells
}

/// Gives the cells of a file, header first, as they are.
pub fn cells_of(kind: Kind, exported: &Exported<'_>, zone: &Zone) -> Vec<Vec<String>> {
    let people: HashMap<&HouseholdCode, &Person> = exported.people.iter().map(|p| (&p.household, p)).collect();
    let rows = exported.rows.iter().filter(|row| kind_of_row(row) == Some(kind)).map(|row| row_cells(row, &people));
    let operations = exported
        .operations
        .iter()
        .filter(|operation| kind_of_statement(&operation.statement) == Some(kind))
        .map(|operation| operation_cells(operation, zone));
    let header = kind.columns().iter().map(|column| column.name.to_owned()).collect();
    std::iter::once(header).chain(rows).chain(operations).collect()
}

fn kind_of_row(row: &Row) -> Option<Kind> {
    Some(match row {
        Row::Area(_) => Kind::Areas,
        Row::Point(_) => Kind::Points,
        Row::Route(_) => Kind::Routes,
        Row::Household(_) => Kind::Households,
        Row::Tag(_) => Kind::Tags,
        Row::Device(_) => Kind::Devices,
        Row::Schedule(_) => Kind::Schedule,
        Row::Exclusion(_) => Kind::Exclusions,
        Row::Target(_) => Kind::Targets,
        Row::Rule(_) => return None,
    })
}

fn kind_of_statement(statement: &Statement) -> Option<Kind> {
    match statement {
        Statement::Pathway { .. } => Some(Kind::Pathways),
        Statement::Finding { .. } => Some(Kind::Findings),
        Statement::Visit { .. } => Some(Kind::Visits),
        Statement::Ticket { .. } => Some(Kind::Tickets),
        Statement::Round { .. }
        | Statement::Pickup { .. }
        | Statement::Void { .. }
        | Statement::Attempt { .. }
        | Statement::Report { .. } => None,
    }
}

/// Gives a text cell.
fn text(value: impl ToString) -> String {
    value.to_string()
}

/// Gives a cell of a number, a day or a word of ours: nothing that needs a guard.
fn plain<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn row_cells(row: &Row, people: &HashMap<&HouseholdCode, &Person>) -> Vec<String> {
    match row {
        Row::Area(area) => {
            let [from, to] = days(area.validity);
            vec![text(&area.code), text(&area.name), from, to]
        }
        Row::Point(p) => {
            let [from, to] = days(p.validity);
            vec![text(&p.code), text(&p.name), text(&p.area), plain(p.lat), plain(p.lon), from, to]
        }
        Row::Route(stop) => {
            let [from, to] = days(stop.validity);
            vec![text(&stop.route), text(&stop.household), stop.order.to_string(), from, to]
        }
        Row::Household(household) => {
            let person = people.get(&household.code);
            vec![
                text(&household.code),
                text(&household.area),
                person.and_then(|p| p.head_name.as_ref()).map(text).unwrap_or_default(),
                person.and_then(|p| p.address.as_ref()).map(text).unwrap_or_default(),
                plain(household.people),
                household.point.as_ref().map(text).unwrap_or_default(),
                household.valid_from.to_string(),
                plain(household.valid_to),
            ]
        }
        Row::Tag(tag) => vec![
            tag.uid.to_string(),
            text(&tag.household),
            plain(tag.tech.as_ref()),
            tag.valid_from.to_string(),
            plain(tag.valid_to),
        ],
        Row::Device(device) => vec![
            text(&device.device),
            text(&device.place),
            device.kind.to_string(),
            device.station.as_ref().map(text).unwrap_or_default(),
            text(&device.profile),
            device.mode.to_string(),
            device.stream.as_ref().map(text).unwrap_or_default(),
            plain(device.max_g),
            plain(device.division_g),
            plain(device.min_g),
            plain(device.verified_until),
            plain(device.after_read_s),
            plain(device.before_read_s),
            plain(device.together_s),
            plain(device.validity.valid_from),
            plain(device.validity.valid_to),
        ],
        Row::Schedule(line) => vec![
            text(&line.place),
            text(&line.stream),
            weekdays(line),
            line.every_weeks.to_string(),
            time_of_day(line.start_minute),
            time_of_day(line.end_minute),
            line.valid_from.to_string(),
            plain(line.valid_to),
        ],
        Row::Exclusion(exclusion) => vec![
            text(&exclusion.household),
            exclusion.reason.to_string(),
            exclusion.from.to_string(),
            plain(exclusion.to),
            text(&exclusion.by),
        ],
        Row::Target(target) => vec![target.indicator.clone(), target.year.to_string(), percent(target.percent)],
        Row::Rule(_) => Vec::new(),
    }
}

fn days(validity: Validity) -> [String; 2] {
    [plain(validity.valid_from), plain(validity.valid_to)]
}

/// Writes a percentage as people type one: `100`, `92.5`.
fn percent(percent: Percent) -> String {
    let (whole, rest) = (percent.hundredths() / 100, percent.hundredths() % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}") }
}

fn operation_cells(operation: &Operation, zone: &Zone) -> Vec<String> {
    let by = text(&operation.by);
    match &operation.statement {
        Statement::Pathway { on, household, stream, pathway, level } => {
            vec![text(household), text(stream), pathway.to_string(), level.to_string(), on.to_string(), by]
        }
        Statement::Finding { at, household, stream, finding, reason: _ } => {
            let stream = stream.as_ref().map(text).unwrap_or_default();
            vec![text(household), stream, finding.to_string(), time(*at, zone), by]
        }
        Statement::Visit { on, household, result, stream } => {
            let stream = stream.as_ref().map(text).unwrap_or_default();
            vec![text(household), on.to_string(), result.to_string(), stream, by]
        }
        Statement::Ticket { at, ticket, vehicle, stream, gross_g, tare_g, destination } => vec![
            text(ticket),
            text(vehicle),
            time(*at, zone),
            text(stream),
            gross_g.to_string(),
            tare_g.to_string(),
            text(destination),
            by,
        ],
        Statement::Round { .. }
        | Statement::Pickup { .. }
        | Statement::Void { .. }
        | Statement::Attempt { .. }
        | Statement::Report { .. } => Vec::new(),
    }
}

fn time(instant: Instant, zone: &Zone) -> String {
    let stamp = instant.timestamp();
    stamp.display_with_offset(zone.time_zone().to_offset(stamp)).to_string()
}

fn time_of_day(minute: i32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn weekdays(line: &ScheduleRow) -> String {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    if line.weekdays == [true; 7] {
        return "daily".to_owned();
    }
    let names: Vec<&str> = NAMES.into_iter().zip(line.weekdays).filter(|(_, held)| *held).map(|(n, _)| n).collect();
    names.join(" ")
}
