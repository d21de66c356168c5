//! The chapters of logs: what a stored reading names its device and its log by.
//!
//! Owns `reading_chapter`: the number of each stretch of 256 numbers of a log, and from when to when its readings are. A number is given
//! with a chapter's first reading and stays for ever. It says when a chapter was begun in this database and nothing else: what is
//! ordered or shown goes by the names, which the view `reading` puts beside each row.
//!
//! # Why
//! With device, log and number as the key of a reading, each of a hundred devices appends at a place of its own, all over an index that
//! grows with what is stored: every commit touches a few pages around each place, and their parents. Chapters that are being written are
//! new ones and stand side by side at the index's end, however much stands before it: with ten million readings stored a commit writes hardly
//! more pages than with ten thousand. A day's readings of a device are found by the times of its chapters, which are exact: they are taken
//! from the readings with every change. All chapters of the device are looked through for that, one for 256 readings: an index of their
//! times would have to be written with each commit, at a place for each device once more.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::append::{ReadingRow, row};
use super::{Rows, Store};
use crate::domain::reading::Reading;

/// How many numbers of a log a chapter takes. Migrations hold it too: it cannot change.
macro_rules! numbers_of_one {
    () => {
        256
    };
}
pub(super) use numbers_of_one;

const NUMBERS: i64 = numbers_of_one!();

/// Gives the SQL of the chapter that a number of a log is in.
macro_rules! chapter_of {
    ($seq:literal) => {
        concat!("(", $seq, " / ", $crate::store::chapters::numbers_of_one!(), ")")
    };
}
pub(super) use chapter_of;

const NAMED: Rows = Rows(&[("device", Text), ("log", Text), ("chapter", Whole)]);
const NUMBERED: Rows = Rows(&[("no", Whole), ("device", Text), ("log", Text), ("chapter", Whole)]);

/// A chapter by its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Chapter {
    pub device: String,
    pub log: String,
    pub chapter: i64,
}

impl Chapter {
    /// Names the chapter that a number of a log is in.
    pub(super) fn of(device: &str, log: &str, seq: i64) -> Self {
        Self { device: device.to_owned(), log: log.to_owned(), chapter: seq / NUMBERS }
    }
}

/// A chapter with its number.
#[derive(Serialize)]
pub(super) struct Numbered<'a> {
    no: i64,
    #[serde(flatten)]
    chapter: &'a Chapter,
}

/// Gives the chapters of readings that stand in the order of their identity.
pub(super) fn chapters(readings: &[&Reading]) -> Vec<Chapter> {
    let named = |together: &[&Reading]| {
        let id = &together.first()?.id;
        Some(Chapter::of(id.device.as_str(), id.log.as_str(), id.seq))
    };
    by_chapter(readings).filter_map(named).collect()
}

/// Gives new chapters the numbers after the last one.
pub(super) fn numbered(new: &[Chapter], last: i64) -> Vec<Numbered<'_>> {
    (last + 1..).zip(new).map(|(no, chapter)| Numbered { no, chapter }).collect()
}

/// Gives the rows of readings that stand in the order of their identity, each with the number of its chapter.
pub(super) fn rows<'a>(readings: &[&'a Reading], numbers: &BTreeMap<Chapter, i64>) -> Vec<ReadingRow<'a>> {
    let chapters = chapters(readings);
    let of_chapter = |(together, chapter): (&[&'a Reading], &Chapter)| {
        let no = numbers.get(chapter).copied().expect("every chapter of the batch has its number");
        together.iter().map(|reading| row(reading, no)).collect::<Vec<_>>()
    };
    by_chapter(readings).zip(&chapters).flat_map(of_chapter).collect()
}

fn by_chapter<'r, 'a>(readings: &'r [&'a Reading]) -> impl Iterator<Item = &'r [&'a Reading]> {
    let together = |one: &Reading, next: &Reading| {
        one.id.seq / NUMBERS == next.id.seq / NUMBERS && one.id.log == next.id.log && one.id.device == next.id.device
    };
    readings.chunk_by(move |one, next| together(one, next))
}

impl Store {
    pub(super) fn numbers_of_chapters_sql(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "select c.device, c.log, c.chapter, c.no from {} \
             join reading_chapter as c on c.device = r.device and c.log = r.log and c.chapter = r.chapter",
            self.rows(NAMED)
        ))
    }

    pub(super) fn number_chapters_sql(&self) -> sqlx::AssertSqlSafe<String> {
        self.insert("reading_chapter", NUMBERED, "")
    }

    /// Takes the times of some chapters from their readings anew.
    pub(super) fn time_chapters_sql(&self) -> sqlx::AssertSqlSafe<String> {
        let end = |end: &str, kind: &str| {
            format!(
                "(select {end}(t.time_ms) from reading_row as t where t.chapter_no = reading_chapter.no and t.kind {kind} 'heartbeat')"
            )
        };
        sqlx::AssertSqlSafe(format!(
            "update reading_chapter set used_from_ms = {}, used_to_ms = {}, beat_from_ms = {}, beat_to_ms = {} \
             where no in (select c.no from {} \
             join reading_chapter as c on c.device = r.device and c.log = r.log and c.chapter = r.chapter)",
            end("min", "<>"),
            end("max", "<>"),
            end("min", "="),
            end("max", "="),
            self.rows(NAMED)
        ))
    }
}

/// Gives the number of each chapter of some readings, within a transaction: new ones get theirs.
macro_rules! numbers_of_chapters {
    ($store:expr, $tx:ident, $readings:expr) => {{
        use $crate::store::chapters::{Chapter, chapters, numbered};
        let chapters = chapters($readings);
        let known: Vec<(String, String, i64, i64)> = sqlx::query_as($store.numbers_of_chapters_sql())
            .bind($crate::store::json(&chapters))
            .fetch_all(&mut *$tx)
            .await?;
        let mut numbers: std::collections::BTreeMap<Chapter, i64> =
            known.into_iter().map(|(device, log, chapter, no)| (Chapter { device, log, chapter }, no)).collect();
        let new: Vec<Chapter> = chapters.into_iter().filter(|chapter| !numbers.contains_key(chapter)).collect();
        if !new.is_empty() {
            let (last,): (i64,) =
                sqlx::query_as("select coalesce(max(no), 0) from reading_chapter").fetch_one(&mut *$tx).await?;
            let rows = $crate::store::json(&numbered(&new, last));
            sqlx::query($store.number_chapters_sql()).bind(rows).execute(&mut *$tx).await?;
            numbers.extend((last + 1..).zip(new).map(|(no, chapter)| (chapter, no)));
        }
        numbers
    }};
}
pub(super) use numbers_of_chapters;
