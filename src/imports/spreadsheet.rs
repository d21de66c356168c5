//! Spreadsheets (XLSX): the same rows and columns as CSV, read and written. The only user of calamine and rust_xlsxwriter.
//!
//! # Why
//! - **Every cell becomes the text that a CSV file would hold**, so that one set of rules reads both. A real date of a spreadsheet is
//!   written as a day, a real time as `HH:MM`; neither depends on how the cell is shown.
//! - **No `'` guards a formula here**: a cell says itself that it is a text, so nothing is added and nothing taken away.
//! - **Codes are written as texts**, or a spreadsheet would turn the tag `04E10` into a number as soon as somebody edits it.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use jiff::ToSpan;
use jiff::civil::DateTime;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::export::{Exported, cells_of};
use super::kind::Kind;
use super::table::{MAX_BYTES, MAX_ROWS, Table};
use super::word::fold;
use super::{Caution, Fault, Flaw, ImportError};
use crate::domain::time::Zone;

/// Most columns that are looked at: the widest file has 14, and notes beside it are warned of.
const MAX_COLUMNS: usize = 200;
/// Most bytes that the parts of a file may unfold to. A hundred thousand households take 60 MB; a small file can be made to unfold to
/// a thousand times its size, to take the server's memory.
const MAX_UNFOLDED_BYTES: u64 = 128 * 1024 * 1024;
/// Most places of cells that are held, 24 bytes each before any text: a note far to the right of each row would take gigabytes.
const MAX_SLOTS: usize = 6_000_000;
/// From here on a spreadsheet rounds whole numbers.
const ROUNDED_FROM: f64 = 1e15;
/// Columns that are numbers.
const NUMBERS: [&str; 15] = [
    "year",
    "lat",
    "lon",
    "order",
    "people",
    "max_g",
    "division_g",
    "min_g",
    "after_read_s",
    "before_read_s",
    "together_s",
    "every_weeks",
    "gross_g",
    "tare_g",
    "percent",
];

/// A spreadsheet taken apart.
pub struct Sheet {
    /// The name of the sheet that was read.
    pub name: String,
    /// Its rows and columns.
    pub table: Table,
}

/// Takes a file apart: the sheet named as the kind, else the first one that holds anything.
pub fn read(kind: Kind, bytes: &[u8]) -> Result<Sheet, ImportError> {
    if bytes.len() > MAX_BYTES {
        return Err(ImportError::whole(Flaw::TooLarge { bytes: bytes.len(), most: MAX_BYTES }));
    }
    check_unfolded(bytes)?;
    let mut book: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|error| ImportError::whole(Flaw::NotSpreadsheet(error.to_string())))?;
    let mut names = book.sheet_names();
    // A stable sort: the sheet that names the kind comes first, the others stay in their order.
    names.sort_by_key(|name| fold(name) != kind.as_str());
    for name in &names {
        let rows = cells(&mut book, name)?;
        if rows.is_empty() {
            continue;
        }
        let mut table = Table::from_texts(kind, rows).map_err(|error| error.on_sheet(name))?;
        let others: Vec<String> = names.iter().filter(|other| *other != name).cloned().collect();
        if !others.is_empty() {
            table.warnings.push(Caution::OtherSheets { read: name.clone(), others }.into());
        }
        return Ok(Sheet { name: name.clone(), table });
    }
    Err(ImportError::whole(Flaw::NoCells))
}

/// Refuses a file whose parts say that they unfold to more than memory should hold.
fn check_unfolded(bytes: &[u8]) -> Result<(), ImportError> {
    // Entries of the central directory (APPNOTE.TXT, 4.3.12): signature, and the unfolded size at offset 24.
    let entries = bytes.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x01\x02");
    let sizes = entries.filter_map(|(at, _)| bytes.get(at + 24..at + 28)?.try_into().ok().map(u32::from_le_bytes));
    let unfolded: u64 = sizes.map(u64::from).sum();
    if unfolded > MAX_UNFOLDED_BYTES {
        return Err(ImportError::whole(Flaw::Unfolds { bytes: unfolded, most: MAX_UNFOLDED_BYTES }));
    }
    Ok(())
}

fn cells(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Vec<(usize, Vec<String>)>, ImportError> {
    let unreadable =
        |error: &dyn std::fmt::Display| ImportError::whole(Flaw::SheetUnreadable(error.to_string())).on_sheet(sheet);
    let mut reader = book.worksheet_cells_reader(sheet).map_err(|error| unreadable(&error))?;
    let mut rows: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut faults = ImportError::default();
    let mut slots = 0;
    while let Some(cell) = reader.next_cell().map_err(|error| unreadable(&error))? {
        let (row, column) = cell.get_position();
        let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column)) else { continue };
        let text = match text_of(cell.get_value()) {
            Ok(text) => text,
            Err(flaw) => {
                let column = letters(column);
                faults.push(Fault { sheet: sheet.to_owned(), row: row + 1, column, value: String::new(), flaw });
                continue;
            }
        };
        if text.is_empty() || column >= MAX_COLUMNS {
            continue;
        }
        let cells = rows.entry(row + 1).or_default();
        if cells.len() <= column {
            slots += column + 1 - cells.len();
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
        if rows.len() > MAX_ROWS {
            return Err(ImportError::whole(Flaw::TooManyRows { most: MAX_ROWS }).on_sheet(sheet));
        }
        if slots > MAX_SLOTS {
            return Err(ImportError::whole(Flaw::TooWide).on_sheet(sheet));
        }
    }
    if faults.total > 0 { Err(faults) } else { Ok(rows.into_iter().collect()) }
}

/// Gives the text that a CSV file would hold.
fn text_of(cell: &DataRef<'_>) -> Result<String, Flaw> {
    Ok(match cell {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.abs() >= ROUNDED_FROM => return Err(Flaw::Rounded(number.to_string())),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(true) => "true".to_owned(),
        DataRef::Bool(false) => "false".to_owned(),
        DataRef::DateTime(moment) => moment_text(*moment).ok_or_else(|| Flaw::NotDate(moment.as_f64().to_string()))?,
        DataRef::Error(error) => return Err(Flaw::Formula(error.to_string())),
    })
}

/// Writes a date as `YYYY-MM-DD`, a time of day as `HH:MM`, both together with a space; seconds only where there are any.
fn moment_text(moment: ExcelDateTime) -> Option<String> {
    let (year, month, day, hour, minute, second, ms) = moment.to_ymd_hms_milli();
    let small = |number: u8| i8::try_from(number).ok();
    let read = DateTime::new(
        i16::try_from(year).ok()?,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    )
    .ok()?;
    // A fraction of a day is rarely a whole number of milliseconds: 17:05 may read as 17:04:59.999.
    let read = if ms >= 500 { read.checked_add(1.second()).ok()? } else { read };
    let time = if read.second() == 0 { read.strftime("%H:%M") } else { read.strftime("%H:%M:%S") }.to_string();
    let number = moment.as_f64();
    Some(if number < 1.0 {
        time
    } else if time == "00:00" {
        read.date().to_string()
    } else {
        format!("{} {time}", read.date())
    })
}

/// Names a column as a spreadsheet does: A, B … Z, AA.
fn letters(mut column: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    name.iter().rev().collect()
}

/// Writes a workbook of one sheet, named as the kind, with the columns of the contract in their order.
///
/// # Errors
/// More rows than a sheet holds (1 048 576), or a text longer than a cell holds (32 767).
pub fn export_xlsx(kind: Kind, exported: &Exported<'_>, zone: &Zone) -> Result<Vec<u8>, ImportError> {
    written(kind, &cells_of(kind, exported, zone))
        .map_err(|error| ImportError::whole(Flaw::Unwritable(error.to_string())))
}

fn written(kind: Kind, rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(kind.as_str())?;
    sheet.set_freeze_panes(1, 0)?;
    let (head, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    for (at, column) in (0_u16..).zip(kind.columns()) {
        // Also for the rows that people will add below.
        if !NUMBERS.contains(&column.name) {
            sheet.set_column_format(at, &text)?;
        }
        sheet.set_column_width(at, 16)?;
    }
    for (row, cells) in (0_u32..).zip(rows) {
        for ((at, cell), column) in (0_u16..).zip(cells).zip(kind.columns()) {
            let number = cell.parse::<f64>().ok().filter(|_| NUMBERS.contains(&column.name));
            match number {
                _ if row == 0 => sheet.write_string_with_format(row, at, cell, &head)?,
                _ if cell.is_empty() => continue,
                Some(number) => sheet.write_number(row, at, number)?,
                None => sheet.write_string_with_format(row, at, cell, &text)?,
            };
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_a_spreadsheet_names_them() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn dates_and_times_become_the_texts_of_a_csv_file() {
        let moment = |number: f64| {
            moment_text(ExcelDateTime::new(number, calamine::ExcelDateTimeType::DateTime, false)).expect("a date")
        };
        assert_eq!(moment(46_349.0), "2026-11-23");
        assert_eq!(moment(46_349.0 + (17.0 * 60.0 + 5.0) / 1440.0), "2026-11-23 17:05");
        assert_eq!(moment((17.0 * 60.0 + 5.0) / 1440.0), "17:05");
        assert_eq!(moment(46_349.0 + 61.0 / 86_400.0), "2026-11-23 00:01:01");
    }
}
