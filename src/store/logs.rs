//! The numbers of logs: what a stored reading names its device and its log by.
//!
//! Owns `reading_log`, and which number a log gets. A number is given with the log's first reading and stays for ever. It says when a log
//! was first heard of in this database and nothing else: what is ordered or shown goes by the names, which the view `reading` puts
//! beside each row.
//!
//! # Why
//! Device and log were texts in each row and in both of its indexes, a quarter of the database. With a number in their place a commit
//! of many devices' readings takes a fifth less, and what it takes grows less with the readings that are stored: keys half as long fill
//! an index's pages half as fast.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ColumnType::{Text, Whole};
use super::append::{ReadingRow, row};
use super::{Rows, Store};
use crate::domain::reading::Reading;

const NAMED: Rows = Rows(&[("device", Text), ("log", Text)]);
const NUMBERED: Rows = Rows(&[("no", Whole), ("device", Text), ("log", Text)]);

/// A log by its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Named {
    pub device: String,
    pub log: String,
}

/// A log that gets a number.
#[derive(Serialize)]
pub(super) struct Numbered<'a> {
    no: i64,
    device: &'a str,
    log: &'a str,
}

/// Gives the logs of readings that stand in the order of their identity.
pub(super) fn named(readings: &[&Reading]) -> Vec<Named> {
    let name = |of_log: &[&Reading]| {
        let id = &of_log.first()?.id;
        Some(Named { device: id.device.to_string(), log: id.log.to_string() })
    };
    by_log(readings).filter_map(name).collect()
}

/// Gives new logs the numbers after the last one.
pub(super) fn numbered(new: &[Named], last: i64) -> Vec<Numbered<'_>> {
    (last + 1..).zip(new).map(|(no, named)| Numbered { no, device: &named.device, log: &named.log }).collect()
}

/// Gives the rows of readings that stand in the order of their identity, each with the number of its log.
pub(super) fn rows<'a>(readings: &[&'a Reading], numbers: &BTreeMap<Named, i64>) -> Vec<ReadingRow<'a>> {
    let logs = named(readings);
    let of_log = |(of_log, named): (&[&'a Reading], &Named)| {
        let no = numbers.get(named).copied().expect("every log of the batch has its number");
        of_log.iter().map(|reading| row(reading, no)).collect::<Vec<_>>()
    };
    by_log(readings).zip(&logs).flat_map(of_log).collect()
}

fn by_log<'r, 'a>(readings: &'r [&'a Reading]) -> impl Iterator<Item = &'r [&'a Reading]> {
    readings.chunk_by(|one, next| one.id.log == next.id.log && one.id.device == next.id.device)
}

impl Store {
    pub(super) fn numbers_of_logs_sql(&self) -> sqlx::AssertSqlSafe<String> {
        sqlx::AssertSqlSafe(format!(
            "select l.device, l.log, l.no from {} join reading_log as l on l.device = r.device and l.log = r.log",
            self.rows(NAMED)
        ))
    }

    pub(super) fn number_logs_sql(&self) -> sqlx::AssertSqlSafe<String> {
        self.insert("reading_log", NUMBERED, "")
    }
}

/// Gives the number of each log of some readings, within a transaction: new ones get theirs.
macro_rules! numbers_of_logs {
    ($store:expr, $tx:ident, $readings:expr) => {{
        use $crate::store::logs::{Named, named, numbered};
        let logs = named($readings);
        let known: Vec<(String, String, i64)> =
            sqlx::query_as($store.numbers_of_logs_sql()).bind($crate::store::json(&logs)).fetch_all(&mut *$tx).await?;
        let mut numbers: std::collections::BTreeMap<Named, i64> =
            known.into_iter().map(|(device, log, no)| (Named { device, log }, no)).collect();
        let new: Vec<Named> = logs.into_iter().filter(|named| !numbers.contains_key(named)).collect();
        if !new.is_empty() {
            let (last,): (i64,) =
                sqlx::query_as("select coalesce(max(no), 0) from reading_log").fetch_one(&mut *$tx).await?;
            let rows = $crate::store::json(&numbered(&new, last));
            sqlx::query($store.number_logs_sql()).bind(rows).execute(&mut *$tx).await?;
            numbers.extend((last + 1..).zip(new).map(|(no, named)| (named, no)));
        }
        numbers
    }};
}
pub(super) use numbers_of_logs;
