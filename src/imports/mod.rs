//! Files of the register and of what people stated: CSV or XLSX in, typed rows out, and back.
//!
//! Owns the columns, their Vietnamese names and every reason for which a file is refused. It is pure: it gets bytes, the register
//! as known and the time, and touches no database. May use the domain, and the devices' forms of ids and tag numbers.
//!
//! # Why
//! - **All faults at once**: an officer corrects a file of 10 000 lines in one go, not line by line. A file with one fault gives no rows.
//! - **References are checked here**, against the register and not the database: the message can name row, column and the nearest code.
//! - **A date in the future is a warning**: a wrong clock on this side must not refuse a right file.

mod cell;
pub mod commune;
mod export;
mod flaw;
mod kind;
mod overlap;
mod register;
mod spreadsheet;
mod statements;
mod table;
mod word;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use crate::domain::facts::Operation;
use crate::domain::ids::{HouseholdCode, StreamCode};
use crate::domain::register::{Register, Row};
use crate::domain::time::{Instant, LocalDay, Zone};

pub use commune::{CommuneError, commune_toml};
pub use export::{Exported, cells_of, csv_line, export, table_csv};
pub use flaw::{Caution, Flaw, Origin, Referred, Thing, Warning, columns};
pub use kind::{Column, Kind};
pub use spreadsheet::export_xlsx;
pub use statements::identity;

pub use word::{fold, guard};

use cell::{Line, Reader};
use table::Table;

/// Faults that are kept and shown; the others are counted.
const FAULTS_SHOWN: usize = 100;
/// Warnings that are kept; the others are counted.
const WARNINGS_SHOWN: usize = 100;

/// What a file is read against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The commune's time zone, for local times.
    pub zone: &'a Zone,
    /// Codes of the commune's streams.
    pub streams: &'a [StreamCode],
    /// The register as known, for references and overlaps.
    pub known: &'a Register,
    /// The time of the import; becomes the operations' `recorded`.
    pub now: Instant,
}

impl Context<'_> {
    /// Gives the local day of the import.
    pub fn today(&self) -> LocalDay {
        self.zone.day_of(self.now)
    }
}

/// A household's personal data, kept apart from the register.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The household.
    pub household: HouseholdCode,
    /// Name of its head.
    pub head_name: Option<String>,
    /// Address.
    pub address: Option<String>,
}

/// Shows the household only: names and addresses never reach a log.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("household", &self.household).finish_non_exhaustive()
    }
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// Rows of the register, in the order of the file.
    pub rows: Vec<Row>,
    /// Statements; the id is a digest of the kind and the normalised columns, so that the same row is the same fact.
    pub operations: Vec<Operation>,
    /// Personal data, from households only.
    pub people: Vec<Person>,
    /// What an officer should look at; nothing here stops the import.
    pub warnings: Vec<Warning>,
}

/// One cell, or one row, that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Name of the sheet; empty where the file has none.
    pub sheet: String,
    /// Row as a spreadsheet counts it: the header is 1.
    pub row: usize,
    /// Column's name as the contract gives it; empty where the whole row or file is meant.
    pub column: String,
    /// The cell.
    pub value: String,
    /// What is wrong, and the way out.
    pub flaw: Flaw,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.sheet.is_empty() {
            write!(f, "sheet `{}`, ", self.sheet)?;
        }
        if self.column.is_empty() {
            write!(f, "row {}: {}", self.row, self.flaw)
        } else {
            write!(f, "row {}, column {}: {}", self.row, self.column, self.flaw)
        }
    }
}

/// Why a file is refused: the first 100 faults, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ImportError {
    /// The first faults, by row.
    pub faults: Vec<Fault>,
    /// Number of all faults.
    pub total: usize,
}

impl ImportError {
    fn push(&mut self, fault: Fault) {
        self.total += 1;
        if self.faults.len() < FAULTS_SHOWN {
            self.faults.push(fault);
        }
    }

    fn whole(flaw: Flaw) -> Self {
        Self::at_row(1, flaw)
    }

    fn at_row(row: usize, flaw: Flaw) -> Self {
        let (sheet, column, value) = (String::new(), String::new(), String::new());
        Self { faults: vec![Fault { sheet, row, column, value, flaw }], total: 1 }
    }

    fn on_sheet(mut self, name: &str) -> Self {
        for fault in &mut self.faults {
            name.clone_into(&mut fault.sheet);
        }
        self
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file has {} fault(s); nothing was imported", self.total)?;
        for fault in &self.faults {
            write!(f, "\n{fault}")?;
        }
        if self.total > self.faults.len() {
            write!(f, "\nand {} more", self.total - self.faults.len())?;
        }
        Ok(())
    }
}

impl std::error::Error for ImportError {}

/// Reads a CSV file: UTF-8 with or without a byte order mark, separated by `,`, `;` or tabs, with a header row.
///
/// # Errors
/// Every fault of the file: undecodable or too large, a column missing, a cell that does not fit, an unknown reference, a key that
/// comes twice, or overlapping validity.
pub fn parse(kind: Kind, bytes: &[u8], context: &Context<'_>) -> Result<Parsed, ImportError> {
    read(kind, Table::from_csv(kind, bytes)?, context)
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 text, separated by `,`, `;` or tabs.
    Csv,
    /// A spreadsheet.
    Xlsx,
}

impl Format {
    /// Tells a file's format from its first bytes, whatever it is called: a spreadsheet is a ZIP archive.
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"PK\x03\x04") { Self::Xlsx } else { Self::Csv }
    }

    /// Tells the format that a file's name asks for.
    pub fn of_name(name: &str) -> Self {
        match name.rsplit_once('.') {
            Some((_, ending)) if ending.eq_ignore_ascii_case("xlsx") => Self::Xlsx,
            Some(_) | None => Self::Csv,
        }
    }
}

/// Reads a file of either format.
///
/// # Errors
/// As [`parse`].
pub fn parse_file(kind: Kind, format: Format, bytes: &[u8], context: &Context<'_>) -> Result<Parsed, ImportError> {
    match format {
        Format::Csv => parse(kind, bytes, context),
        Format::Xlsx => {
            let sheet = spreadsheet::read(kind, bytes)?;
            read(kind, sheet.table, context).map_err(|error| error.on_sheet(&sheet.name))
        }
    }
}

/// Reads cells as they are, from a form or as [`cells_of`] gives them; the first row is the header. The same rules hold, but nothing
/// guards a formula.
///
/// # Errors
/// As [`parse`].
pub fn parse_cells(kind: Kind, cells: Vec<Vec<String>>, context: &Context<'_>) -> Result<Parsed, ImportError> {
    let numbered = cells.into_iter().enumerate().map(|(index, row)| (index + 1, row));
    read(kind, Table::from_texts(kind, numbered)?, context)
}

/// Keeps what a household's rows tell of its people, at the place of the first: of each cell the last one that says something.
fn tell_once(people: &mut Vec<Person>) {
    let mut places: HashMap<HouseholdCode, usize> = HashMap::new();
    let mut once: Vec<Person> = Vec::with_capacity(people.len());
    for person in people.drain(..) {
        match places.entry(person.household.clone()) {
            Entry::Occupied(place) => {
                let told = &mut once[*place.get()];
                told.head_name = person.head_name.or(told.head_name.take());
                told.address = person.address.or(told.address.take());
            }
            Entry::Vacant(place) => {
                place.insert(once.len());
                once.push(person);
            }
        }
    }
    *people = once;
}

fn read(kind: Kind, table: Table, context: &Context<'_>) -> Result<Parsed, ImportError> {
    let mut reader = Reader::new(&table, context);
    let mut parsed = Parsed::default();
    let mut row_numbers = Vec::with_capacity(table.rows.len());
    for (number, cells) in &table.rows {
        let mut line = Line::new(&mut reader, *number, cells);
        let taken = match kind {
            Kind::Areas => register::area(&mut line).map(Row::Area),
            Kind::Points => register::point(&mut line).map(Row::Point),
            Kind::Routes => register::route(&mut line).map(Row::Route),
            Kind::Households => register::household(&mut line, &mut parsed.people).map(Row::Household),
            Kind::Tags => register::tag(&mut line).map(Row::Tag),
            Kind::Devices => register::device(&mut line).map(Row::Device),
            Kind::Schedule => register::schedule(&mut line).map(Row::Schedule),
            Kind::Exclusions => register::exclusion(&mut line).map(Row::Exclusion),
            Kind::Targets => register::target(&mut line).map(Row::Target),
            Kind::Pathways | Kind::Findings | Kind::Visits | Kind::Tickets => {
                parsed.operations.extend(statements::operation(kind, &mut line));
                None
            }
        };
        if let Some(row) = taken {
            parsed.rows.push(row);
            row_numbers.push(*number);
        }
    }
    overlap::check(&mut parsed.rows, &row_numbers, &mut reader);
    tell_once(&mut parsed.people);
    statements::merge_repeated(&mut parsed.operations, &mut reader);
    parsed.warnings = reader.warnings();
    let error = reader.faults;
    if error.total > 0 { Err(error) } else { Ok(parsed) }
}
