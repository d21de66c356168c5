//! Keys that come twice, and validity that overlaps: within the file, and between the file and the register.

use std::collections::{HashMap, HashSet};

use super::cell::Reader;
use super::flaw::{Caution, Flaw, Origin, Thing};
use crate::domain::register::{Register, Row, ScheduleRow};
use crate::domain::time::LocalDay;

/// Drops rows that repeat another wholly and notes a fault for each that repeats a key or overlaps.
pub fn check(rows: &mut Vec<Row>, numbers: &[usize], reader: &mut Reader<'_>) {
    let numbers = drop_repeated(rows, numbers, reader);
    match rows.first() {
        Some(Row::Schedule(_)) => schedule(rows.iter().zip(&numbers), reader),
        Some(first) => validity(first, rows, &numbers, reader),
        None => {}
    }
}

fn drop_repeated(rows: &mut Vec<Row>, numbers: &[usize], reader: &mut Reader<'_>) -> Vec<usize> {
    let mut first: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    let mut dropped = HashSet::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(earlier) = first.get(&row.key()).copied() else {
            first.insert(row.key(), index);
            continue;
        };
        dropped.insert(index);
        if rows[earlier] == *row {
            reader.warn(numbers[index], Caution::Repeats(numbers[earlier]));
        } else {
            let key = row.key().replace('|', " ");
            let flaw = Flaw::KeyTwice { key: key.clone(), first: numbers[earlier] };
            reader.fault(numbers[index], "", &key, flaw);
        }
    }
    let mut index = 0;
    rows.retain(|_| {
        index += 1;
        !dropped.contains(&(index - 1))
    });
    numbers.iter().enumerate().filter(|(index, _)| !dropped.contains(index)).map(|(_, number)| *number).collect()
}

/// A validity with where it comes from, and in words what else the row says.
type Held = (Origin, LocalDay, Option<LocalDay>, String);

/// Gives what must not hold twice at once (a tag, a household), with its validity. `None`: rows of this kind have no validity
/// of their own, or share it by other rules.
fn held(row: &Row, origin: Origin) -> Option<(Thing, String, Held)> {
    match row {
        Row::Household(row) => {
            let held = (origin, row.valid_from, row.valid_to, row.area.to_string());
            Some((Thing::Household, row.code.to_string(), held))
        }
        Row::Tag(row) => {
            let held = (origin, row.valid_from, row.valid_to, row.household.to_string());
            Some((Thing::Tag, row.uid.to_string(), held))
        }
        Row::Exclusion(row) => {
            let held = (origin, row.from, row.to, row.reason.to_string());
            Some((Thing::Exclusion, row.household.to_string(), held))
        }
        Row::Area(_)
        | Row::Point(_)
        | Row::Route(_)
        | Row::Device(_)
        | Row::Schedule(_)
        | Row::Target(_)
        | Row::Rule(_) => None,
    }
}

/// Gives the register's rows, each in its newest version, of a kind that has a validity of its own.
fn known_rows(kind: &Row, known: &Register) -> Vec<Row> {
    let tags = || known.households.keys().flat_map(|household| known.tags_of(household));
    match kind {
        Row::Household(_) => {
            // Versions come oldest first, so that the newest of each row stays.
            let versions = known.households.values().flat_map(|registration| registration.all());
            let rows = versions.cloned().map(Row::Household).map(|row| (row.key(), row));
            rows.collect::<HashMap<_, _>>().into_values().collect()
        }
        Row::Tag(_) => tags().cloned().map(Row::Tag).collect(),
        Row::Exclusion(_) => known.exclusions.values().flatten().cloned().map(Row::Exclusion).collect(),
        Row::Area(_)
        | Row::Point(_)
        | Row::Route(_)
        | Row::Device(_)
        | Row::Schedule(_)
        | Row::Target(_)
        | Row::Rule(_) => Vec::new(),
    }
}

fn validity(first: &Row, rows: &[Row], numbers: &[usize], reader: &mut Reader<'_>) {
    let mut groups: HashMap<String, Vec<Held>> = HashMap::with_capacity(rows.len());
    let mut replaced = HashSet::with_capacity(rows.len());
    let mut what = Thing::Household;
    for (row, number) in rows.iter().zip(numbers) {
        if let Some((word, key, held)) = held(row, Origin::File(*number)) {
            what = word;
            groups.entry(key).or_default().push(held);
            replaced.insert(row.key());
        }
    }
    for row in known_rows(first, reader.context.known) {
        // A row of the same key is replaced by the file's.
        if let Some((_, key, held)) = held(&row, Origin::Register).filter(|_| !replaced.contains(&row.key()))
            && let Some(group) = groups.get_mut(&key)
        {
            group.push(held);
        }
    }
    report(groups, what, reader);
}

/// Notes each row of the file that overlaps one before it.
fn report(groups: HashMap<String, Vec<Held>>, what: Thing, reader: &mut Reader<'_>) {
    let mut found = Vec::new();
    for (key, mut held) in groups {
        held.retain(|(_, from, to, _)| to.is_none_or(|to| to > *from));
        held.sort_by_key(|(_, from, _, _)| *from);
        let mut held = held.iter();
        let Some(mut longest) = held.next() else { continue };
        for next in held {
            let ((left, from, to, whose), (right, start, end, _)) = (longest, next);
            if outlasts(*end, *to) {
                longest = next;
            }
            if to.is_some_and(|to| to <= *start) {
                continue;
            }
            let (row, other) = match (left, right) {
                (_, Origin::File(row)) => (*row, *left),
                (Origin::File(row), Origin::Register) => (*row, *right),
                (Origin::Register, Origin::Register) => continue,
            };
            let (start, whose) = (*start, whose.clone());
            let flaw = Flaw::Overlaps { thing: what, key: key.clone(), start, other, whose, from: *from, to: *to };
            found.push((row, key.clone(), flaw));
        }
    }
    found.sort_by(|(row, key, _), (other_row, other, _)| (row, key).cmp(&(other_row, other)));
    for (row, key, flaw) in found {
        reader.fault(row, "", &key, flaw);
    }
}

/// Tells whether an end lies after another; no end lies after all.
fn outlasts(end: Option<LocalDay>, other: Option<LocalDay>) -> bool {
    match (end, other) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(end), Some(other)) => end > other,
    }
}

fn schedule<'r>(file: impl Iterator<Item = (&'r Row, &'r usize)>, reader: &mut Reader<'_>) {
    let mut by_round: HashMap<(String, String), Vec<(Origin, &ScheduleRow)>> = HashMap::new();
    let mut replaced = HashSet::new();
    for (row, number) in file {
        if let Row::Schedule(line) = row {
            replaced.insert(row.key());
            let round = (line.place.to_string(), line.stream.to_string());
            by_round.entry(round).or_default().push((Origin::File(*number), line));
        }
    }
    for (_, versions) in reader.context.known.schedule.iter().filter(|(key, _)| !replaced.contains(*key)) {
        let line = versions.newest();
        if let Some(lines) = by_round.get_mut(&(line.place.to_string(), line.stream.to_string())) {
            lines.push((Origin::Register, line));
        }
    }
    let mut found = Vec::new();
    for ((place, stream), lines) in &by_round {
        for (index, (left, earlier)) in lines.iter().enumerate() {
            for (right, later) in &lines[index + 1..] {
                // The file's rows come before the register's, so the left one is always the file's where either is.
                let (Origin::File(row), Some(day)) = (*left, shared_day(earlier, later)) else { continue };
                let (row, other) = match right {
                    Origin::File(number) => (row.max(*number), Origin::File(row.min(*number))),
                    Origin::Register => (row, Origin::Register),
                };
                let flaw = Flaw::RoundsOverlap { place: place.clone(), stream: stream.clone(), day, other };
                found.push((row, place.clone(), flaw));
            }
        }
    }
    found.sort_by(|(row, place, _), (other_row, other, _)| (row, place).cmp(&(other_row, other)));
    for (row, place, flaw) in found {
        reader.fault(row, "place", &place, flaw);
    }
}

/// Finds a service day on which the hours of two lines overlap, taking in rounds that cross midnight.
///
/// # Why
/// Two lines may take turns (every second week each), so their real days are compared: after the least common multiple of
/// their weeks they repeat.
fn shared_day(left: &ScheduleRow, right: &ScheduleRow) -> Option<LocalDay> {
    let from = left.valid_from.max(right.valid_from) - 1;
    let weeks = least_common_multiple(left.every_weeks, right.every_weeks);
    let to = from + weeks.saturating_mul(7).saturating_add(2);
    from.through(to).filter(|day| left.serves(*day)).find(|day| {
        [-1, 0, 1].into_iter().any(|shift| {
            let offset = shift * 24 * 60;
            right.serves(*day + shift)
                && left.start_minute < right.end_minute_from_service_date() + offset
                && right.start_minute + offset < left.end_minute_from_service_date()
        })
    })
}

fn least_common_multiple(left: i32, right: i32) -> i32 {
    let (mut a, mut b) = (left.max(1), right.max(1));
    let product = a.saturating_mul(b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    product / a
}
