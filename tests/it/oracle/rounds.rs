//! The rounds of the schedule: when each was, whether it ran and whether it could be observed.

use std::collections::BTreeMap;

use super::attribute::{has_reader, has_scale};
use super::time::{DAY_MS, Day, HOUR_MS, MINUTE_MS, holds};
use super::world::{Device, Operation, RoundAction, ScheduleRow, World};

const WORKS_FOR_MS: i64 = 10 * MINUTE_MS;

/// When each device sent an event, by capture time.
pub type Working = BTreeMap<String, Vec<i64>>;

#[derive(Clone, Debug)]
pub struct Round {
    pub place: String,
    pub stream: String,
    pub date: Day,
    pub start_ms: i64,
    pub end_ms: i64,
    /// A crew opened it.
    pub opened: bool,
    /// Opened, or an accepted pickup fell in it: see `evaluate`.
    pub ran: bool,
    pub observable: bool,
}

impl Round {
    /// Limits are inclusive.
    pub fn holds(&self, time_ms: i64) -> bool {
        self.start_ms <= time_ms && time_ms <= self.end_ms
    }
}

/// Every scheduled round with a service date in `from..=to`, by start.
pub fn scheduled(world: &World, working: &Working, from: Day, to: Day) -> Vec<Round> {
    let mut rounds = Vec::new();
    for row in &world.schedule {
        for number in from.0..=to.0 {
            let date = Day(number);
            if !is_held(row, date) {
                continue;
            }
            let start_ms = date.start_ms() + clock_ms(&row.start);
            let mut end_ms = date.start_ms() + clock_ms(&row.end);
            if end_ms <= start_ms {
                end_ms += DAY_MS;
            }
            let opened = is_opened(world, row, date);
            rounds.push(Round {
                place: row.place.clone(),
                stream: row.stream.clone(),
                date,
                start_ms,
                end_ms,
                opened,
                ran: opened,
                observable: opened || all_worked(world, working, row, date, (start_ms, end_ms)),
            });
        }
    }
    rounds.sort_by_key(|round| (round.start_ms, round.place.clone(), round.stream.clone()));
    rounds
}

fn is_held(row: &ScheduleRow, date: Day) -> bool {
    let block = (date.0 - row.valid_from.0).div_euclid(7);
    holds(row.valid_from, row.valid_to, date)
        && block % row.every_weeks.unwrap_or(1) == 0
        && weekdays(row).contains(&date.weekday())
}

/// The names of the days of a row.
pub fn weekdays(row: &ScheduleRow) -> Vec<&str> {
    if row.weekdays == "daily" {
        return vec!["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    }
    row.weekdays.split_whitespace().collect()
}

fn clock_ms(text: &str) -> i64 {
    let (hours, minutes) = text.split_once(':').expect("HH:MM");
    let number = |text: &str| text.parse::<i64>().expect("HH:MM");
    number(hours) * HOUR_MS + number(minutes) * MINUTE_MS
}

fn is_opened(world: &World, row: &ScheduleRow, date: Day) -> bool {
    world.operations.iter().any(|operation| match operation {
        Operation::Round { place, stream, service_date, action, .. } => {
            *action == RoundAction::Open && *place == row.place && *stream == row.stream && *service_date == date
        }
        Operation::Pickup(_) | Operation::Said { .. } | Operation::Ticket { .. } | Operation::Void { .. } => false,
    })
}

/// Every device the stream needs at the place worked for 80 % of the hours, by the rule of the service date; a place with no such device proves nothing.
fn all_worked(world: &World, working: &Working, row: &ScheduleRow, date: Day, (start_ms, end_ms): (i64, i64)) -> bool {
    let percent = world.limits(date).working_percent;
    let needed: Vec<&Device> =
        world.devices.iter().filter(|device| device.place == row.place && is_needed(device, &row.stream)).collect();
    !needed.is_empty()
        && needed
            .iter()
            .all(|device| worked_ms(working, &device.device, start_ms, end_ms) * 100 >= (end_ms - start_ms) * percent)
}

/// A reader or scale that names the stream, or none.
pub fn is_needed(device: &Device, stream: &str) -> bool {
    (has_reader(device) || has_scale(device)) && device.stream.as_ref().is_none_or(|named| named == stream)
}

/// How long the device worked within the hours: from each of its events until 10 min after.
pub fn worked_ms(working: &Working, device: &str, start_ms: i64, end_ms: i64) -> i64 {
    let mut times: Vec<i64> = working
        .get(device)
        .into_iter()
        .flatten()
        .copied()
        .filter(|time_ms| start_ms - WORKS_FOR_MS < *time_ms && *time_ms < end_ms)
        .collect();
    times.sort_unstable();
    let mut worked = 0;
    let mut counted_to = start_ms;
    for time_ms in times {
        let from = time_ms.max(counted_to);
        let to = (time_ms + WORKS_FOR_MS).min(end_ms);
        worked += (to - from).max(0);
        counted_to = counted_to.max(to);
    }
    worked
}
