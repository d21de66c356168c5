//! Files of every kind: what one would change, and changing it.

use std::collections::{HashMap, HashSet};

use super::{ATTEMPTS, Act, ChangeError, Known, fold, record, streams};
use crate::domain::facts::Operation;
use crate::domain::register::{Commune, Row};
use crate::domain::time::Instant;
use crate::imports::{self, Format, Kind};
use crate::store::{self, Person, Recorded, Store, StoreError};

/// A file as it came.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// What it holds.
    pub kind: Kind,
    /// How it is written.
    pub format: Format,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows of the file.
    pub rows: usize,
    /// Rows that say something new.
    pub changed: usize,
    /// What an officer should look at.
    pub warnings: Vec<String>,
}

/// What a file would change, checked against the register as read.
#[derive(Debug)]
pub struct Preview {
    /// The register that it was checked against.
    pub known: Known,
    /// Rows of the file.
    pub rows: usize,
    /// New versions, of rows known and unknown.
    pub new_rows: Vec<Row>,
    /// Personal data that is new or different.
    pub people: Vec<Person>,
    /// Statements that were not known.
    pub operations: Vec<Operation>,
    /// What an officer should look at.
    pub warnings: Vec<String>,
    now: Instant,
}

impl Preview {
    /// Gives the sums.
    pub fn imported(&self) -> Imported {
        let changed = self.new_rows.len() + self.operations.len() + self.people_alone();
        Imported { rows: self.rows, changed, warnings: self.warnings.clone() }
    }

    /// Counts the households of which only the personal data changes.
    fn people_alone(&self) -> usize {
        let codes = self.new_rows.iter().filter_map(|row| match row {
            Row::Household(household) => Some(household.code.as_str()),
            Row::Area(_)
            | Row::Point(_)
            | Row::Route(_)
            | Row::Tag(_)
            | Row::Device(_)
            | Row::Schedule(_)
            | Row::Exclusion(_) => None,
        });
        let changed: HashSet<&str> = codes.collect();
        self.people.iter().filter(|person| !changed.contains(person.household.as_str())).count()
    }

    /// Gives the version that a row would replace. `None`: the row is new.
    pub fn replaced(&self, row: &Row) -> Option<&Row> {
        self.known.newest(row.kind(), &row.key()).map(|(_, held)| held)
    }
}

/// Reads a file and tells what it would change; writes nothing.
///
/// # Errors
/// Every fault of the file; the database's.
pub async fn preview(store: &Store, commune: &Commune, file: File<'_>, now: Instant) -> Result<Preview, ChangeError> {
    let known = Known::read(store, commune).await?;
    let streams = streams(commune);
    let parsed = imports::parse_file(file.kind, file.format, file.bytes, &known.context(commune, &streams, now))?;
    let held = if parsed.people.is_empty() { Vec::new() } else { store.people().await? };
    let mut operations = Vec::with_capacity(parsed.operations.len());
    let ids = store.known_operations(parsed.operations.iter().map(|operation| operation.id.as_str())).await?;
    operations.extend(parsed.operations.iter().filter(|operation| !ids.contains(&operation.id)).cloned());
    Ok(Preview {
        rows: parsed.rows.len() + parsed.operations.len(),
        new_rows: known.news(parsed.rows),
        people: new_people(&held, parsed.people),
        operations,
        warnings: parsed.warnings,
        now,
        known,
    })
}

/// Gives the personal data that differs from what is held. A cell that the file leaves empty says nothing and changes nothing.
fn new_people(held: &[Person], people: Vec<imports::Person>) -> Vec<Person> {
    let held: HashMap<&str, &Person> = held.iter().map(|person| (person.household.as_str(), person)).collect();
    let merged = people.into_iter().map(|person| {
        let before = held.get(person.household.as_str());
        let or_held = |said: Option<String>, of: fn(&Person) -> &String| {
            said.unwrap_or_else(|| before.map(|held| of(held).clone()).unwrap_or_default())
        };
        let head_name = or_held(person.head_name, |held| &held.head_name);
        let address = or_held(person.address, |held| &held.address);
        kept_person(person.household.as_str(), head_name, address)
    });
    merged.filter(|person| held.get(person.household.as_str()) != Some(&person)).collect()
}

/// Gives personal data as it is kept, with its form for search.
pub fn kept_person(household: &str, head_name: String, address: String) -> store::Person {
    let folded = fold(&format!("{head_name} {address}"));
    Person { household: household.to_owned(), head_name, address, folded }
}

/// Imports a file. The same file again changes nothing.
///
/// # Errors
/// Every fault of the file; the database's; that others change the register all the time.
pub async fn import(
    store: &Store,
    commune: &Commune,
    file: File<'_>,
    now: Instant,
    by: &str,
    reason: Option<&str>,
) -> Result<Imported, ChangeError> {
    for _ in 0..ATTEMPTS {
        let preview = preview(store, commune, file, now).await?;
        if record_preview(store, commune, &preview, by, reason).await? {
            return Ok(preview.imported());
        }
    }
    Err(ChangeError::Busy)
}

/// Records what a preview shows. Gives `false` when the register moved since: nothing is recorded then.
///
/// # Errors
/// The database's.
pub async fn record_preview(
    store: &Store,
    commune: &Commune,
    preview: &Preview,
    by: &str,
    reason: Option<&str>,
) -> Result<bool, StoreError> {
    let act = Act {
        rows: &preview.new_rows,
        people: &preview.people,
        operations: &preview.operations,
        now: preview.now,
        by,
        reason,
        confirms: None,
    };
    Ok(record(store, commune, &preview.known, act).await? != Recorded::Moved)
}
