//! Files of every kind: what one would change, and changing it.

use std::collections::{HashMap, HashSet};

use tokio::sync::Semaphore;

use super::{ATTEMPTS, Act, ChangeError, Known, fold, record, streams};
use crate::domain::facts::Operation;
use crate::domain::register::{Commune, Row};
use crate::domain::time::{Instant, Zone};
use crate::imports::{self, Exported, Format, Kind, Parsed, Warning};
use crate::store::{self, Person, Recorded, Store, StoreError};

/// Files that are read at once. One takes some hundred megabytes at most; those after it wait.
static READING: Semaphore = Semaphore::const_new(1);

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
    /// Of these, rows of which no version was held before.
    pub new: usize,
    /// What an officer should look at.
    pub warnings: Vec<Warning>,
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
    pub warnings: Vec<Warning>,
    now: Instant,
}

impl Preview {
    /// Gives the sums.
    pub fn imported(&self) -> Imported {
        let changed = self.new_rows.len() + self.operations.len() + self.people_alone();
        let new = self.new_rows.iter().filter(|row| self.replaced(row).is_none()).count() + self.operations.len();
        Imported { rows: self.rows, changed, new, warnings: self.warnings.clone() }
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
            | Row::Exclusion(_)
            | Row::Target(_)
            | Row::Rule(_) => None,
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
    let (known, parsed) = read(Known::read(store, commune).await?, commune, file, now).await;
    let parsed = parsed?;
    let held = if parsed.people.is_empty() { Vec::new() } else { store.people().await? };
    Ok(Preview {
        rows: parsed.rows.len() + parsed.operations.len(),
        new_rows: known.news(parsed.rows),
        people: new_people(&held, parsed.people),
        operations: unsaid(store, &commune.zone, file.kind, parsed.operations).await?,
        warnings: parsed.warnings,
        now,
        known,
    })
}

/// Reads a file off the async threads, one file at a time.
async fn read(
    known: Known,
    commune: &Commune,
    file: File<'_>,
    now: Instant,
) -> (Known, Result<Parsed, imports::ImportError>) {
    let _turn = READING.acquire().await.expect("nobody closes it");
    let (commune, kind, format, bytes) = (commune.clone(), file.kind, file.format, file.bytes.to_vec());
    let reading = tokio::task::spawn_blocking(move || {
        let streams = streams(&commune);
        let parsed = imports::parse_file(kind, format, &bytes, &known.context(&commune, &streams, now));
        (known, parsed)
    });
    reading.await.expect("reading a file never panics and is never cancelled")
}

/// Gives those statements that nobody has said yet, word for word, whichever way: by file, on a page or through the API.
///
/// # Why
/// What was recorded on a page has an id of its own. It comes back with every export, under the identity of its content, and must not
/// count a second time; nor must it stand again after it was taken back.
pub async fn unsaid(
    store: &Store,
    zone: &Zone,
    kind: Kind,
    operations: Vec<Operation>,
) -> Result<Vec<Operation>, StoreError> {
    let days = operations.iter().map(|operation| zone.day_of(operation.statement.at(zone)));
    let (Some(word), Some(from), Some(to)) = (kind.statement(), days.clone().min(), days.max()) else {
        return Ok(operations);
    };
    let ids = store.known_operations(operations.iter().map(|operation| operation.id.as_str())).await?;
    // What is said word for word is said of the same day.
    let held = store.operations_on(word, from, to).await?;
    let said: HashSet<String> =
        held.iter().map(|operation| imports::identity(kind, &operation.statement, &operation.by)).collect();
    let is_said =
        |new: &Operation| ids.contains(&new.id) || said.contains(&imports::identity(kind, &new.statement, &new.by));
    Ok(operations.into_iter().filter(|new| !is_said(new)).collect())
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

/// A file to hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Rows below the header.
    pub rows: usize,
}

/// Writes everything of a kind: of the register each row's newest version, of statements all that stand.
///
/// # Errors
/// The database's; a spreadsheet that would be too long.
pub async fn exported(store: &Store, commune: &Commune, kind: Kind, format: Format) -> Result<Written, ChangeError> {
    let known = Known::read(store, commune).await?;
    let rows: Vec<Row> = known.rows().into_iter().cloned().collect();
    let mut operations = Vec::new();
    if let Some(word) = kind.statement() {
        operations = store.operations_of_kind(word).await?;
        let voids = store.voids(operations.iter().map(|operation| operation.id.as_str())).await?;
        operations.retain(|operation| !voids.contains(&operation.id));
    }
    let people = if kind == Kind::Households { store.people().await? } else { Vec::new() };
    let people: Vec<imports::Person> = people.iter().map(file_person).collect();
    let exported = Exported { rows: &rows, operations: &operations, people: &people };
    let bytes = match format {
        Format::Csv => imports::export(kind, &exported, &commune.zone).into_bytes(),
        Format::Xlsx => imports::export_xlsx(kind, &exported, &commune.zone)?,
    };
    Ok(Written { bytes, rows: imports::cells_of(kind, &exported, &commune.zone).len() - 1 })
}

/// Gives personal data as a file has it.
pub fn file_person(person: &Person) -> imports::Person {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    imports::Person {
        household: person.household.as_str().into(),
        head_name: given(&person.head_name),
        address: given(&person.address),
    }
}
