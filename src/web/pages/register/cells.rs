//! Rows of the register and statements as cells of a table, in the reader's language.

use crate::domain::facts::Operation;
use crate::domain::register::Row;
use crate::domain::time::{LocalDay, Zone};
use crate::imports::{Exported, Kind, cells_of};
use crate::store::Person;
use crate::web::lang::Lang;
use crate::web::texts::RegisterTexts;
use crate::web::views::register::Sheet;

/// Gives rows as a file has them, without the header.
pub fn file_cells(
    kind: Kind,
    rows: &[Row],
    operations: &[Operation],
    people: &[Person],
    zone: &Zone,
) -> Vec<Vec<String>> {
    let people: Vec<crate::imports::Person> = people.iter().map(crate::changes::file_person).collect();
    let exported = Exported { rows, operations, people: &people };
    let mut cells = cells_of(kind, &exported, zone);
    cells.split_off(1)
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
