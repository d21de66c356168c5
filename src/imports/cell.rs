//! Cells of a row, read as values; what does not fit becomes a fault and reading goes on.

use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use unicode_normalization::UnicodeNormalization;

use super::table::Table;
use super::word::nearest;
use super::{Caution, Context, Fault, Flaw, ImportError, Referred, WARNINGS_SHOWN, Warning};
use crate::domain::ids::StreamCode;
use crate::domain::time::{Instant, LocalDay};

/// Longest code, characters.
const CODE_MAX_CHARS: usize = 64;
/// Years that a date may name; others are typing errors.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// Reads a table's rows, collecting faults and warnings.
pub struct Reader<'a> {
    /// What the file is read against.
    pub context: &'a Context<'a>,
    table: &'a Table,
    /// Faults so far.
    pub faults: ImportError,
    warnings: Vec<Warning>,
    warnings_left_out: usize,
}

impl<'a> Reader<'a> {
    /// Starts with the header's warnings.
    pub fn new(table: &'a Table, context: &'a Context<'a>) -> Self {
        let warnings = table.warnings.clone();
        Self { context, table, faults: ImportError::default(), warnings, warnings_left_out: 0 }
    }

    /// Notes a fault.
    pub fn fault(&mut self, row: usize, column: &str, value: &str, flaw: Flaw) {
        let (sheet, column, value) = (String::new(), column.to_owned(), value.to_owned());
        self.faults.push(Fault { sheet, row, column, value, flaw });
    }

    /// Notes a warning about a row.
    pub fn warn(&mut self, row: usize, caution: Caution) {
        if self.warnings.len() < WARNINGS_SHOWN {
            self.warnings.push(Warning { row: Some(row), caution });
        } else {
            self.warnings_left_out += 1;
        }
    }

    /// Notes a warning about the file as a whole.
    pub fn note(&mut self, caution: Caution) {
        self.warnings.push(caution.into());
    }

    /// Gives the warnings, with a last line that counts those left out.
    pub fn warnings(&mut self) -> Vec<Warning> {
        let mut warnings = std::mem::take(&mut self.warnings);
        if self.warnings_left_out > 0 {
            warnings.push(Caution::More(self.warnings_left_out).into());
        }
        warnings
    }
}

/// One row. A method gives `None` for an empty cell, after a fault where the column is required, and for a cell that does not
/// fit, after a fault.
pub struct Line<'r, 'a> {
    /// The reader.
    pub reader: &'r mut Reader<'a>,
    /// Row as a spreadsheet counts it.
    pub row: usize,
    cells: &'a [String],
    faults_before: usize,
}

impl<'r, 'a> Line<'r, 'a> {
    /// Begins a row.
    pub fn new(reader: &'r mut Reader<'a>, row: usize, cells: &'a [String]) -> Self {
        let faults_before = reader.faults.total;
        Self { reader, row, cells, faults_before }
    }

    /// Tells whether every cell read so far fits.
    pub fn is_sound(&self) -> bool {
        self.reader.faults.total == self.faults_before
    }

    /// Notes a fault of a cell.
    pub fn fault(&mut self, column: &str, value: &str, flaw: Flaw) {
        self.reader.fault(self.row, column, value, flaw);
    }

    /// Notes a warning.
    pub fn warn(&mut self, caution: Caution) {
        self.reader.warn(self.row, caution);
    }

    /// Gives a cell that is not empty.
    pub fn text(&mut self, column: &'static str) -> Option<&'a str> {
        let table = self.reader.table;
        let at =
            table.columns.iter().position(|known| known.name == column).expect("readers name columns of their kind");
        let cell = table.places[at].and_then(|place| self.cells.get(place)).map_or("", String::as_str);
        if !cell.is_empty() {
            if cell.chars().any(|c| c == '\0') {
                self.fault(column, "", Flaw::ZeroByte);
                return None;
            }
            return Some(cell);
        }
        if table.columns[at].required {
            self.fault(column, "", Flaw::Missing(column));
        }
        None
    }

    /// Gives a text in composed form (NFC), so that equal letters are equal bytes.
    pub fn words(&mut self, column: &'static str) -> Option<String> {
        self.text(column).map(|text| text.nfc().collect())
    }

    /// Gives a code: 1 to 64 characters, none of them a control character, white space or `|`.
    pub fn code(&mut self, column: &'static str) -> Option<String> {
        let code: String = self.words(column)?;
        let fits = |c: char| !c.is_control() && !c.is_whitespace() && c != '|';
        if code.chars().count() <= CODE_MAX_CHARS && code.chars().all(fits) {
            return Some(code);
        }
        self.fault(column, &code, Flaw::NotCode(code.clone()));
        None
    }

    /// Gives a code that must be known already.
    pub fn reference<'c, I: Iterator<Item = &'c str>>(
        &mut self,
        column: &'static str,
        what: Referred,
        is_known: impl FnOnce(&str) -> bool,
        known: impl FnOnce() -> I,
    ) -> Option<String> {
        let code = self.code(column)?;
        if is_known(&code) {
            return Some(code);
        }
        // The search for the nearest is worth its time only where it will be shown.
        let shown = self.reader.faults.total < super::FAULTS_SHOWN;
        let nearest = if shown { nearest(&code, known()).map(str::to_owned) } else { None };
        self.fault(column, &code, Flaw::Unknown { what, code: code.clone(), nearest });
        None
    }

    /// Gives a household's code that the register knows.
    pub fn household(&mut self) -> Option<String> {
        let households = &self.reader.context.known.households;
        let known = || households.keys().map(|code| code.as_str());
        self.reference("household", Referred::Household, |code| households.contains_key(code), known)
    }

    /// Gives a hamlet's code that the register knows.
    pub fn area(&mut self) -> Option<String> {
        let areas = &self.reader.context.known.areas;
        let known = || areas.keys().map(|code| code.as_str());
        self.reference("area", Referred::Area, |code| areas.contains_key(code), known)
    }

    /// Gives a stream of the commune.
    pub fn stream(&mut self) -> Option<StreamCode> {
        let word = self.text("stream")?;
        let streams = self.reader.context.streams;
        if let Some(stream) = streams.iter().find(|stream| stream.as_str() == word) {
            return Some(stream.clone());
        }
        let known = streams.iter().map(ToString::to_string).collect();
        self.fault("stream", word, Flaw::UnknownStream { word: word.to_owned(), known });
        None
    }

    /// Gives one of a list of words.
    pub fn word<T: Copy>(&mut self, column: &'static str, all: &[T], word_of: impl Fn(T) -> &'static str) -> Option<T> {
        let text = self.text(column)?;
        if let Some(found) = all.iter().find(|value| word_of(**value).eq_ignore_ascii_case(text)) {
            return Some(*found);
        }
        let known = all.iter().map(|value| word_of(*value)).collect();
        self.fault(column, text, Flaw::UnknownWord { column, word: text.to_owned(), known });
        None
    }

    /// Gives a number within bounds.
    pub fn number<T>(&mut self, column: &'static str, least: T, most: T) -> Option<T>
    where
        T: FromStr + PartialOrd + Display + Copy,
    {
        let text = self.text(column)?;
        match text.parse::<T>() {
            Ok(number) if number >= least && number <= most => Some(number),
            Ok(_) | Err(_) => {
                let (least, most) = (least.to_string(), most.to_string());
                self.fault(column, text, Flaw::NotNumber { text: text.to_owned(), least, most });
                None
            }
        }
    }

    /// Gives a day, written `YYYY-MM-DD` or `DD/MM/YYYY`.
    pub fn day(&mut self, column: &'static str) -> Option<LocalDay> {
        let text = self.text(column)?;
        let day = date(text).map(LocalDay::from_date);
        if day.is_none() {
            self.fault(column, text, Flaw::NotDay(text.to_owned()));
        }
        day
    }

    /// Gives a day on which something happened; a day to come is a warning.
    pub fn past_day(&mut self, column: &'static str) -> Option<LocalDay> {
        let day = self.day(column)?;
        if day > self.reader.context.today() {
            self.warn(Caution::DayToCome { column, day });
        }
        Some(day)
    }

    /// Gives the first day, and the first day on which it no longer holds.
    pub fn validity(&mut self, from: &'static str, to: &'static str) -> (Option<LocalDay>, Option<LocalDay>) {
        let (first, end) = (self.day(from), self.day(to));
        if let (Some(first), Some(end)) = (first, end) {
            if end < first {
                self.fault(to, &end.to_string(), Flaw::EndsBefore { to, end, from, first });
            } else if end == first {
                self.warn(Caution::NeverHolds { from, to, day: first });
            }
        }
        (first, end)
    }

    /// Gives an instant: local date and time, or one with its zone. A time to come is a warning.
    pub fn instant(&mut self, column: &'static str) -> Option<Instant> {
        let text = self.text(column)?;
        let Some(instant) = self.parse_instant(text) else {
            self.fault(column, text, Flaw::NotInstant(text.to_owned()));
            return None;
        };
        if instant > self.reader.context.now {
            self.warn(Caution::TimeToCome { column, text: text.to_owned() });
        }
        Some(instant)
    }

    fn parse_instant(&self, text: &str) -> Option<Instant> {
        let (day, time) = text.split_once(['T', 't', ' '])?;
        let date = date(day)?;
        if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
            return Some(Instant::from(stamp));
        }
        let time: Time = time.trim().parse().ok()?;
        let zone = self.reader.context.zone.time_zone();
        zone.to_timestamp(DateTime::from_parts(date, time)).ok().map(Instant::from)
    }

    /// Gives minutes after midnight from `HH:MM`.
    pub fn minute(&mut self, column: &'static str) -> Option<i32> {
        let text = self.text(column)?;
        let minute = minute_of(text);
        if minute.is_none() {
            self.fault(column, text, Flaw::NotTimeOfDay(text.to_owned()));
        }
        minute
    }
}

fn date(text: &str) -> Option<Date> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let date = if let Some((day, rest)) = text.split_once('/') {
        let (month, year) = rest.split_once('/')?;
        if year.len() != 4 || ![day, month, year].into_iter().all(digits) {
            return None;
        }
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?
    } else {
        text.parse::<LocalDay>().ok()?.date()
    };
    YEARS.contains(&date.year()).then_some(date)
}

/// Reads `HH:MM` or `HH:MM:00`; `24:00` is the end of the day.
fn minute_of(text: &str) -> Option<i32> {
    let (hour, rest) = text.split_once(':')?;
    let minute = rest.strip_suffix(":00").filter(|rest| !rest.contains(':')).unwrap_or(rest);
    let two_digits = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return None;
    }
    let (hour, minute): (i32, i32) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= 24 * 60).then_some(total)
}
