//! Bytes of a file, as rows of cells under known columns.

use super::kind::{Column, Kind};
use super::word::{fold, nearest, unguard};
use super::{Caution, Fault, Flaw, ImportError, Warning};

/// Largest file, bytes. Ten thousand households are about 1 MB.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most rows of a file: three times what the largest commune has of anything.
pub const MAX_ROWS: usize = 300_000;
/// Longest cell, bytes.
const MAX_CELL_BYTES: usize = 4_000;

/// A file taken apart.
pub struct Table {
    /// The columns of its kind.
    pub columns: &'static [Column],
    /// For each column of the kind, where it stands in the file. `None`: the file does not have it.
    pub places: Vec<Option<usize>>,
    /// Rows with their number, as a spreadsheet counts them; rows without any content are left out.
    pub rows: Vec<(usize, Vec<String>)>,
    /// Warnings about the header.
    pub warnings: Vec<Warning>,
}

impl Table {
    /// Takes a CSV file apart.
    pub fn from_csv(kind: Kind, bytes: &[u8]) -> Result<Self, ImportError> {
        if bytes.len() > MAX_BYTES {
            return Err(ImportError::whole(Flaw::TooLarge { bytes: bytes.len(), most: MAX_BYTES }));
        }
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(ImportError::whole(Flaw::Utf16));
        }
        // The compound file of Excel 97 to 2003.
        if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(ImportError::whole(Flaw::OldSpreadsheet));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let row = bytes[..error.valid_up_to()].split(|b| *b == b'\n').count();
            ImportError::at_row(row, Flaw::NotUtf8)
        })?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(text))
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        let mut number = 0;
        for record in reader.records() {
            let record = record.map_err(|error| ImportError::at_row(number + 1, Flaw::NotCsv(error.to_string())))?;
            let start = record.position().map_or(0, |at| usize::try_from(at.byte()).unwrap_or(0));
            number += 1 + blank_rows(bytes, start);
            rows.push((number, record.iter().map(str::to_owned).collect()));
            if rows.len() > MAX_ROWS {
                return Err(ImportError::whole(Flaw::TooManyRows { most: MAX_ROWS }));
            }
        }
        Self::from_rows(kind, rows)
    }

    /// Takes numbered rows of cells; the first that has any content is the header. A `'` before what looks like a formula is taken away.
    pub fn from_rows(kind: Kind, rows: impl IntoIterator<Item = (usize, Vec<String>)>) -> Result<Self, ImportError> {
        Self::from_cells(kind, rows, unguard)
    }

    /// Takes numbered rows of cells that nothing guards.
    pub fn from_texts(kind: Kind, rows: impl IntoIterator<Item = (usize, Vec<String>)>) -> Result<Self, ImportError> {
        Self::from_cells(kind, rows, |cell| cell)
    }

    fn from_cells(
        kind: Kind,
        rows: impl IntoIterator<Item = (usize, Vec<String>)>,
        bare: fn(&str) -> &str,
    ) -> Result<Self, ImportError> {
        let mut rows = rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
        let Some((header_row, header)) = rows.next() else {
            return Err(ImportError::whole(Flaw::Empty(kind)));
        };
        let (places, warnings) = columns_of(kind, header_row, &header)?;
        let mut table = Self { columns: kind.columns(), places, rows: Vec::new(), warnings };
        let mut error = ImportError::default();
        for (row, mut cells) in rows {
            for (index, cell) in cells.iter_mut().enumerate() {
                if cell.len() > MAX_CELL_BYTES {
                    let column = header.get(index).cloned().unwrap_or_default();
                    let flaw = Flaw::CellTooLong { bytes: cell.len(), most: MAX_CELL_BYTES };
                    error.push(Fault { sheet: String::new(), row, column, value: String::new(), flaw });
                }
                let clean = bare(cell.trim());
                if clean.len() != cell.len() {
                    *cell = clean.to_owned();
                }
            }
            if let Some(surplus) = cells.iter().skip(header.len()).find(|cell| !cell.is_empty()) {
                let flaw = Flaw::Surplus(surplus.clone());
                error.push(Fault { sheet: String::new(), row, column: String::new(), value: surplus.clone(), flaw });
            }
            table.rows.push((row, cells));
        }
        if error.total > 0 { Err(error) } else { Ok(table) }
    }
}

/// Gives the number of blank rows that the CSV reader skipped before the record at `start`, a byte offset.
///
/// # Why
/// The reader's own line numbers count the lines within quoted cells, which a spreadsheet does not, and miss one after `\r\n`.
fn blank_rows(bytes: &[u8], start: usize) -> usize {
    let (before, after) = bytes.split_at(start.min(bytes.len()));
    let gap = after.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let line_ends = gap.filter(|byte| **byte == b'\n').count();
    // The line feed of the record before is still there when its carriage return ended it.
    line_ends - usize::from(before.ends_with(b"\r") && after.starts_with(b"\n"))
}

/// Gives the separator: the one that the header holds most often outside quotes.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(mark, _)| *mark == byte && !quoted) {
            *count += 1;
        }
    }
    // `max_by_key` takes the last of equals; the comma, first in the list, is the default.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(mark, _)| mark)
}

fn columns_of(kind: Kind, row: usize, header: &[String]) -> Result<(Vec<Option<usize>>, Vec<Warning>), ImportError> {
    let columns = kind.columns();
    let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
    let own = |name: &str| columns.iter().position(|column| fold(column.name) == name);
    let alias = |name: &str| columns.iter().position(|column| column.aliases.contains(&name));
    let mut places = vec![None; columns.len()];
    let mut error = ImportError::default();
    let mut unknown = Vec::new();
    // Own names first: an alias must not take a column's place before its own name was seen.
    for find in [&own as &dyn Fn(&str) -> Option<usize>, &alias] {
        for (at, name) in folded.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if places.contains(&Some(at)) {
                continue;
            }
            match find(name) {
                Some(column) if places[column].is_none() => places[column] = Some(at),
                Some(column) => {
                    let name = columns[column].name;
                    let flaw = Flaw::ColumnTwice { column: name, again: header[at].clone() };
                    error.push(Fault {
                        sheet: String::new(),
                        row,
                        column: name.to_owned(),
                        value: header[at].clone(),
                        flaw,
                    });
                }
                None => {}
            }
        }
    }
    for (at, name) in header.iter().enumerate() {
        if !places.contains(&Some(at)) && !name.trim().is_empty() {
            let nearest = nearest(&folded[at], columns.iter().map(|column| column.name));
            unknown.push(Caution::UnknownColumn { name: name.trim().to_owned(), nearest }.into());
        }
    }
    for (column, _) in columns.iter().zip(&places).filter(|(column, place)| column.required && place.is_none()) {
        let flaw = Flaw::ColumnMissing { column: column.name, kind };
        error.push(Fault { sheet: String::new(), row, column: column.name.to_owned(), value: String::new(), flaw });
    }
    if error.total > 0 { Err(error) } else { Ok((places, unknown)) }
}
