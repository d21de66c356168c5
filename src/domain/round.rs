//! Collection rounds: which were scheduled, which ran, and which could be observed.

use super::ids::{DeviceId, PlaceCode, StreamCode};
use super::register::{Device, Register};
use super::time::{Instant, LocalDay, MINUTE_MS, Zone};

/// For how long after one of its events a device counts as working, milliseconds.
pub const WORKING_AFTER_EVENT_MS: i64 = 10 * MINUTE_MS;

/// A scheduled round. Its hours are inclusive at both ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Point or route.
    pub place: PlaceCode,
    /// Stream.
    pub stream: StreamCode,
    /// The local day on which it starts.
    pub service_date: LocalDay,
    /// Start.
    pub start: Instant,
    /// End; may lie on the next local day.
    pub end: Instant,
}

/// A round with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundOutcome {
    /// The round.
    pub round: Round,
    /// A crew opened it, or an accepted pickup fell in it.
    pub ran: bool,
    /// Every device that the stream needs worked long enough, or a crew opened it.
    pub observable: bool,
    /// A crew opened it.
    pub crew_opened: bool,
}

/// Gives a place's rounds whose service date is `day`, by start and stream.
pub fn rounds_on(register: &Register, zone: &Zone, place: &PlaceCode, day: LocalDay) -> Vec<Round> {
    let mut rounds: Vec<Round> = register
        .schedule_on(place, day)
        .filter(|line| line.serves(day))
        .map(|line| Round {
            place: place.clone(),
            stream: line.stream.clone(),
            service_date: day,
            start: zone.at_minute(day, line.start_minute),
            end: zone.at_minute(day, line.end_minute_from_service_date()),
        })
        .collect();
    rounds.sort_by(|a, b| (a.start, &a.stream).cmp(&(b.start, &b.stream)));
    rounds.dedup_by(|a, b| a.start == b.start && a.stream == b.stream);
    rounds
}

/// Finds the round of a place and stream whose hours hold an instant: the earlier one where two do.
pub fn round_at(
    register: &Register,
    zone: &Zone,
    place: &PlaceCode,
    stream: &StreamCode,
    at: Instant,
) -> Option<Round> {
    let day = zone.day_of(at);
    [day - 1, day].into_iter().find_map(|service_date| {
        rounds_on(register, zone, place, service_date)
            .into_iter()
            .find(|round| round.stream == *stream && round.start <= at && at <= round.end)
    })
}

/// Tells whether a round of `stream` needs the device: every tag reader of the place, and the stream's scales.
pub fn needs(device: &Device, stream: &StreamCode) -> bool {
    let of_stream = device.stream.as_ref().is_none_or(|own| own == stream);
    (device.kind.reads_tags() || device.kind.weighs()) && of_stream
}

/// Gives the time within `from ..= to` during which a device worked, milliseconds: from each of its events until
/// [`WORKING_AFTER_EVENT_MS`] after. `events` are its capture times in order.
pub fn working_ms(events: &[Instant], from: Instant, to: Instant) -> i64 {
    let mut total_ms = 0;
    let mut covered_until = from;
    let begin = events.partition_point(|at| at.plus_ms(WORKING_AFTER_EVENT_MS) <= from);
    for at in events[begin..].iter().take_while(|at| **at < to) {
        let start = (*at).max(covered_until);
        let end = at.plus_ms(WORKING_AFTER_EVENT_MS).min(to);
        if end > start {
            total_ms += end.since(start);
            covered_until = end;
        }
    }
    total_ms
}

/// Gives how long each device that a round needs worked within its hours, milliseconds.
///
/// `events_of` gives a device's capture times in order, around the round.
pub fn watches<'a>(
    register: &Register,
    round: &Round,
    events_of: impl Fn(&DeviceId) -> &'a [Instant],
) -> Vec<(DeviceId, i64)> {
    let on_place = register.devices_on(&round.place, round.service_date);
    on_place
        .filter(|device| needs(device, &round.stream))
        .map(|device| (device.device.clone(), working_ms(events_of(&device.device), round.start, round.end)))
        .collect()
}

/// Tells whether a device worked long enough within a round of some length.
pub fn worked_enough(working_ms: i64, length_ms: i64, working_percent: i64) -> bool {
    working_ms * 100 >= working_percent * length_ms
}

/// Judges a round.
///
/// `events_of` gives a device's capture times in order, around the round; `accepted_pickup` tells whether one fell in it.
pub fn judge<'a>(
    register: &Register,
    round: Round,
    working_percent: i64,
    accepted_pickup: bool,
    crew_opened: bool,
    events_of: impl Fn(&DeviceId) -> &'a [Instant],
) -> RoundOutcome {
    let length_ms = round.end.since(round.start);
    let watches = watches(register, &round, events_of);
    let watched = !watches.is_empty()
        && watches.iter().all(|(_, working_ms)| worked_enough(*working_ms, length_ms, working_percent));
    RoundOutcome { ran: accepted_pickup || crew_opened, observable: watched || crew_opened, crew_opened, round }
}
