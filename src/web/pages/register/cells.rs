//! Rows of the register and statements as cells of a table, in the reader's language.

use crate::domain::facts::Operation;
use crate::domain::register::Row;
use crate::domain::time::{LocalDay, Zone};
use crate::imports::{Exported, Kind, export_cells, unguard};
use crate::store::Person;
use crate::web::lang::Lang;
use crate::web::texts::RegisterTexts;
use crate::web::views::register::Sheet;

/// Gives rows as a file has them, without the header and without what guards formulas.
pub fn file_cells(
    kind: Kind,
    rows: &[Row],
    operations: &[Operation],
    people: &[Person],
    zone: &Zone,
) -> Vec<Vec<String>> {
    let people: Vec<crate::imports::Person> = people.iter().map(file_person).collect();
    let exported = Exported { rows, operations, people: &people };
    let mut cells = export_cells(kind, &exported, zone);
    for cell in cells.iter_mut().flatten() {
        let clean = unguard(cell);
        if clean.len() != cell.len() {
            *cell = clean.to_owned();
        }
    }
    cells.split_off(1)
}

/// Gives personal data as a file has it.
pub fn file_person(person: &Person) -> crate::imports::Person {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    crate::imports::Person {
        household: person.household.as_str().into(),
        head_name: given(&person.head_name),
        address: given(&person.address),
    }
}

/// Writes a cell of a file for a reader: days as the language writes them, words by their names.
pub fn told(cell: &str, lang: Lang, r: &RegisterTexts) -> String {
    if let Ok(day) = cell.parse::<LocalDay>() {
        return lang.day(day);
    }
    r.word(cell).map_or_else(|| cell.to_owned(), str::to_owned)
}

/// Gives a table of a kind's rows.
pub fn sheet(kind: Kind, caption: &str, cells: Vec<Vec<String>>, lang: Lang, r: &'static RegisterTexts) -> Sheet {
    Sheet {
        caption: caption.to_owned(),
        head: kind.columns().iter().map(|column| r.column(column.name)).collect(),
        rows: cells.into_iter().map(|row| row.iter().map(|cell| told(cell, lang, r)).collect()).collect(),
    }
}
