//! Service days in order: what each device logged, numbered as its log numbers it, and the truth beside it.
//!
//! # Why
//! A day's content depends on the seed and the day alone; only the numbers (sequence, load, boot) depend on
//! the days before. So a run is resumed by walking again from the origin, which costs milliseconds a day and
//! needs no state of its own on disk that could disagree with the seed.

use crate::calendar::{Day, MINUTE_MS, Stream};
use crate::commune::{Capacity, Commune, Household, PLATFORM, Point, Uid, key};
use crate::dice::{Dice, mix};
use crate::fault::Faults;
use crate::habits::{attends_per_10_000, waste_g_per_day};
use crate::station::{Bench, Capture, HandOver, Station, Trace, Visitor};
use crate::truth::{Mishap, TrueHabit, TrueHandOver, TruthLine};
use crate::wire::log_name;
use std::sync::Arc;

/// Devices are powered this long before and after their window.
pub const POWER_MARGIN_MS: i64 = 30 * MINUTE_MS;
const HEARTBEAT_MS: i64 = 5 * MINUTE_MS;

/// What an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// A card was read.
    Tag {
        /// Its chip number.
        uid: Uid,
    },
    /// A level.
    Weight {
        /// Grams.
        gross_g: i64,
        /// Settled.
        stable: bool,
        /// Departure from zero it belongs to; `None` on a bin.
        load: Option<u64>,
        /// Stream chosen.
        stream: Stream,
        /// Limits of the scale.
        capacity: Capacity,
    },
    /// Powered and well.
    Heartbeat {
        /// Battery, millivolts.
        battery_mv: i64,
        /// Signal, dBm.
        rssi_dbm: i64,
    },
}

/// An event of a device's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// 1 and up, without holes.
    pub seq: u64,
    /// Start it belongs to, 1 and up.
    pub boot: u32,
    /// Milliseconds since that start.
    pub ms: i64,
    /// Capture, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Leaves the device at this time or later; never before an earlier event of its log.
    pub send_at_ms: i64,
    /// Sent twice, unchanged.
    pub repeated: bool,
    /// Gone from the log: never sent.
    pub lost: bool,
    /// What it says.
    pub body: Body,
}

/// A commune and what goes wrong in it: everything a run depends on.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The register and its devices.
    pub commune: Commune,
    /// Fault rates.
    pub faults: Faults,
}

impl Plan {
    /// Whether the devices of hamlet `area` are without power on service day `day`.
    #[must_use]
    pub fn is_silent(&self, area: usize, day: Day) -> bool {
        let spec = &self.commune.spec;
        let unlucky = mix(spec.seed, &[11]) % key(self.commune.areas.len());
        let first = self.commune.origin.plus(i64::from(spec.days) / 2);
        let last = first.plus(i64::from(self.faults.silent_hamlet_days));
        key(area) == unlucky && day >= first && day < last
    }

    /// Habits as they stand at the origin, and every later change, in order of household.
    pub fn habits(&self) -> impl Iterator<Item = TruthLine> + '_ {
        let origin = self.commune.origin;
        self.commune.households.iter().flat_map(move |household| {
            let later = household.habit.change.filter(|(day, _)| *day > origin);
            let lines = [Some((origin, household.habit.on(origin))), later];
            lines.into_iter().flatten().map(|(day, habit)| {
                TruthLine::Habit(TrueHabit {
                    household: household.code.clone(),
                    from: day.date().to_string(),
                    habit,
                    sorts: habit.sorts(),
                })
            })
        })
    }
}

/// Where a device's log stands.
#[derive(Debug, Clone, Copy)]
struct Log {
    next_seq: u64,
    loads: u64,
    boot: u32,
    booted_ms: i64,
}

/// One service day: rounds belong to the day their window starts on.
#[derive(Debug, Clone, Default)]
pub struct ServiceDay {
    /// Events of each device, by its index in the commune, in the order of its log.
    pub events: Vec<Vec<Event>>,
    /// Hand-overs, by point and then in order of service.
    pub truth: Vec<TrueHandOver>,
}

/// Walks the service days from the origin on.
#[derive(Debug, Clone)]
pub struct Walk {
    plan: Arc<Plan>,
    next: Day,
    logs: Vec<Log>,
}

impl Walk {
    /// At the origin of `plan`: the first call of [`Walk::next_day`] gives its first day.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let booted_ms = plan.commune.origin.midnight_ms() - POWER_MARGIN_MS - MINUTE_MS;
        let log = Log { next_seq: 1, loads: 0, boot: 1, booted_ms };
        Self { next: plan.commune.origin, logs: vec![log; plan.commune.devices.len()], plan }
    }

    /// The day the next call gives.
    #[must_use]
    pub fn day(&self) -> Day {
        self.next
    }

    /// Earliest time an event of `day` can have: windows start at midnight at the earliest.
    #[must_use]
    pub fn earliest_ms(day: Day) -> i64 {
        day.midnight_ms() - POWER_MARGIN_MS
    }

    /// The sequence number the next event of device `device` will get.
    #[must_use]
    pub fn next_seq(&self, device: usize) -> u64 {
        self.logs[device].next_seq
    }

    /// The events and hand-overs of the next service day.
    pub fn next_day(&mut self) -> ServiceDay {
        let plan = Arc::clone(&self.plan);
        let day = self.next;
        self.next = day.plus(1);
        let mut service = ServiceDay { events: vec![Vec::new(); plan.commune.devices.len()], truth: Vec::new() };
        for index in 0..plan.commune.points.len() {
            let (trace, spans) = self.point_day(&plan, index, day);
            self.log_point_day(&plan, index, day, trace, &spans, &mut service);
        }
        service
    }

    /// Lets the households of a point come on `day`; also gives the devices powered.
    fn point_day(&mut self, plan: &Plan, index: usize, day: Day) -> (Trace, Vec<usize>) {
        let commune = &plan.commune;
        let point = &commune.points[index];
        let rounds = commune.rounds_on(point, day);
        if rounds.is_empty() {
            return (Trace::default(), Vec::new());
        }
        let mut dice = Dice::new(commune.spec.seed, &[12, key(index), day_key(day)]);
        let (opens_ms, closes_ms) = point.window.on(day);
        let mut visitors = Vec::new();
        for &member in &point.households {
            let household = &commune.households[member];
            let bags = bags(household, day, &rounds, &mut dice);
            if bags.is_empty() {
                continue;
            }
            let (card, mishaps) = held_card(plan, point, member, day, &mut dice);
            // Half come at any time, half around the middle: thin but never empty at the edges.
            let span_ms = closes_ms - opens_ms;
            let any_ms = dice.between(0, span_ms);
            let offset_ms = if dice.chance(5_000) { any_ms } else { i64::midpoint(any_ms, dice.between(0, span_ms)) };
            visitors.push(Visitor { household: member, arrives_ms: opens_ms + offset_ms, card, mishaps, bags });
        }
        let bench = Bench {
            reader: point.reader,
            scale: point.scale,
            capacity: PLATFORM,
            bin: point.bin.and_then(|bin| Some((bin, commune.devices[bin].capacity?))),
        };
        let loads = self.logs[point.scale].loads;
        let station = Station::new(bench, &plan.faults, &mut dice, loads);
        let (trace, loads) = station.serve(&mut visitors, opens_ms, closes_ms);
        let mut powered = vec![point.reader];
        if point.scale != point.reader {
            powered.push(point.scale);
        }
        powered.extend(point.bin);
        if !plan.is_silent(point.area, day) {
            self.logs[point.scale].loads = loads;
        }
        (trace, powered)
    }

    /// Numbers what the devices captured and tells the truth about it.
    fn log_point_day(
        &mut self,
        plan: &Plan,
        index: usize,
        day: Day,
        trace: Trace,
        powered: &[usize],
        service: &mut ServiceDay,
    ) {
        let commune = &plan.commune;
        let point = &commune.points[index];
        let silent = plan.is_silent(point.area, day);
        let mut numbers: Vec<Option<(u64, bool)>> = vec![None; trace.captures.len()];
        if !silent {
            for &device in powered {
                service.events[device] = self.log_device_day(plan, device, day, &trace, &mut numbers);
            }
        }
        let lines = trace.hand_overs.into_iter().map(|hand_over| {
            let at_ms = trace.captures[hand_over.weight].at_ms;
            truth_line(commune, point, hand_over, at_ms, silent, &numbers)
        });
        service.truth.extend(lines);
    }

    /// One device's log of one day; notes in `numbers` which capture became which event.
    fn log_device_day(
        &mut self,
        plan: &Plan,
        device: usize,
        day: Day,
        trace: &Trace,
        numbers: &mut [Option<(u64, bool)>],
    ) -> Vec<Event> {
        let commune = &plan.commune;
        let mut dice = Dice::new(commune.spec.seed, &[13, key(device), day_key(day)]);
        let (opens_ms, closes_ms) = commune.points[commune.devices[device].point].window.on(day);
        let (on_ms, off_ms) = (opens_ms - POWER_MARGIN_MS, closes_ms + POWER_MARGIN_MS);
        let mut captured: Vec<(Option<usize>, Capture)> = heartbeats(device, on_ms, off_ms, &mut dice);
        let own = trace.captures.iter().copied().enumerate();
        captured.extend(own.filter(|(_, c)| c.device == device).map(|(n, c)| (Some(n), c)));
        captured.sort_by_key(|(number, capture)| (capture.at_ms, *number));

        let log = &mut self.logs[device];
        if day > commune.origin && dice.chance(plan.faults.reboot_device_day) {
            log.boot += 1;
            log.booted_ms = on_ms - 20_000;
        }
        let outage = dice.chance(plan.faults.late_device_day).then(|| {
            let from_ms = dice.between(on_ms, off_ms);
            (from_ms, from_ms + dice.between(120, 480) * MINUTE_MS)
        });
        let lost = dice.chance(plan.faults.lost_stretch_device_day).then(|| {
            let first = dice.index(captured.len().max(1));
            first..first + 5 + dice.index(56)
        });
        let mut events = Vec::with_capacity(captured.len());
        for (place, (number, capture)) in captured.into_iter().enumerate() {
            let lost = lost.as_ref().is_some_and(|stretch| stretch.contains(&place));
            let held_ms = outage.filter(|(from, to)| (*from..*to).contains(&capture.at_ms));
            if let Some(number) = number {
                numbers[number] = Some((log.next_seq, lost));
            }
            events.push(Event {
                seq: log.next_seq,
                boot: log.boot,
                ms: capture.at_ms - log.booted_ms,
                at_ms: capture.at_ms,
                send_at_ms: held_ms.map_or(capture.at_ms, |(_, to)| to),
                repeated: dice.chance(plan.faults.duplicate),
                lost,
                body: capture.body,
            });
            log.next_seq += 1;
        }
        events
    }
}

/// What `household` brings on `day`, when these rounds run. Empty: it stays at home.
fn bags(household: &Household, day: Day, rounds: &[crate::calendar::RoundPlan], dice: &mut Dice) -> Vec<(Stream, i64)> {
    if day < Day::of(household.valid_from) {
        return Vec::new();
    }
    let habit = household.habit.on(day);
    let mut bags = Vec::new();
    for round in rounds {
        let part = habit.part_permille(round.stream);
        if part == 0 {
            continue;
        }
        let spacing = round.spacing_centidays();
        let chance = attends_per_10_000(round.stream, spacing, household.diligence_permille);
        if !dice.chance(chance) {
            continue;
        }
        let made_g = waste_g_per_day(household.people) * part / 1_000 * spacing / 100;
        let carried_g = made_g * 10_000 / i64::from(chance.max(1));
        bags.push((round.stream, carried_g * dice.mass_factor_permille() / 1_000));
    }
    bags
}

/// The card held up and what is wrong with it.
fn held_card(plan: &Plan, point: &Point, member: usize, day: Day, dice: &mut Dice) -> (Option<Uid>, Vec<Mishap>) {
    let households = &plan.commune.households;
    let date = day.date();
    if dice.chance(plan.faults.neighbour_card) {
        let neighbour = *dice.pick(&point.households);
        let card = households[neighbour].card_on(date);
        if neighbour != member && card.is_some() {
            return (card, vec![Mishap::NeighbourCard]);
        }
    }
    match households[member].card_on(date) {
        Some(card) => (Some(card), Vec::new()),
        None => (None, vec![Mishap::NoCard]),
    }
}

fn heartbeats(device: usize, on_ms: i64, off_ms: i64, dice: &mut Dice) -> Vec<(Option<usize>, Capture)> {
    let mut beats = Vec::new();
    let mut at_ms = on_ms + dice.between(0, 4_000);
    while at_ms < off_ms {
        let body = Body::Heartbeat { battery_mv: dice.between(12_250, 12_900), rssi_dbm: dice.between(-97, -68) };
        beats.push((None, Capture { device, at_ms, body }));
        at_ms += HEARTBEAT_MS - dice.between(0, 800);
    }
    beats
}

fn truth_line(
    commune: &Commune,
    point: &Point,
    hand_over: HandOver,
    at_ms: i64,
    silent: bool,
    numbers: &[Option<(u64, bool)>],
) -> TrueHandOver {
    let (scale, reader) = (&commune.devices[hand_over.scale], &commune.devices[hand_over.reader]);
    let tag = hand_over.tag.and_then(|capture| numbers[capture]);
    let weight = numbers[hand_over.weight];
    let mut mishaps = hand_over.mishaps;
    if silent {
        mishaps.push(Mishap::DeviceSilent);
    }
    if [tag, weight].iter().flatten().any(|(_, lost)| *lost) {
        mishaps.push(Mishap::EventLost);
    }
    TrueHandOver {
        household: commune.households[hand_over.household].code.clone(),
        point: point.code.clone(),
        device: scale.code.clone(),
        log: log_name(scale.log),
        stream: hand_over.stream,
        net_g: hand_over.net_g,
        at_ms,
        tag_device: reader.code.clone(),
        tag_log: log_name(reader.log),
        tag_seq: tag.map(|(seq, _)| seq),
        weight_seq: weight.map(|(seq, _)| seq),
        mishaps,
    }
}

fn day_key(day: Day) -> u64 {
    u64::try_from(day.0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commune::CommuneSpec;
    use jiff::civil::Date;
    use std::collections::HashMap;

    fn plan(households: u32, faults: Faults) -> Arc<Plan> {
        let spec = CommuneSpec::sized(households, Date::constant(2026, 11, 23), 28, 3);
        Arc::new(Plan { commune: Commune::generate(&spec), faults })
    }

    fn days(plan: &Arc<Plan>, count: usize) -> Vec<ServiceDay> {
        let mut walk = Walk::new(Arc::clone(plan));
        (0..count).map(|_| walk.next_day()).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_events_and_truth() {
        let (one, two) = (plan(900, Faults::moderate()), plan(900, Faults::moderate()));
        for (a, b) in days(&one, 9).iter().zip(days(&two, 9)) {
            assert_eq!(a.events, b.events);
            assert_eq!(a.truth, b.truth);
        }
    }

    #[test]
    fn sequence_numbers_have_no_holes_and_times_never_go_back() {
        let plan = plan(1_500, Faults::moderate());
        let mut last: HashMap<usize, Event> = HashMap::new();
        for day in days(&plan, 28) {
            for (device, events) in day.events.iter().enumerate() {
                for event in events {
                    if let Some(before) = last.insert(device, *event) {
                        assert_eq!(event.seq, before.seq + 1);
                        assert!(event.at_ms >= before.at_ms && event.send_at_ms >= before.send_at_ms);
                        assert!(event.boot >= before.boot);
                        assert!(event.boot > before.boot || event.at_ms - before.at_ms == event.ms - before.ms);
                    } else {
                        assert_eq!(event.seq, 1);
                    }
                    assert!(event.ms > 0 && event.send_at_ms >= event.at_ms);
                }
            }
        }
        assert!(last.len() >= 10);
    }

    #[test]
    fn true_mass_equals_the_weights_shown() {
        let plan = plan(1_500, Faults::none());
        for day in days(&plan, 8) {
            let mut shown_g = 0;
            for (device, events) in day.events.iter().enumerate() {
                let mut loads: HashMap<u64, i64> = HashMap::new();
                let mut level_g = 0;
                for event in events {
                    match event.body {
                        Body::Weight { gross_g, stable: true, load: Some(load), .. } => {
                            loads.entry(load).and_modify(|g| *g = gross_g.max(*g)).or_insert(gross_g);
                        }
                        Body::Weight { gross_g, load: None, .. } => {
                            shown_g += (gross_g - level_g).max(0);
                            level_g = gross_g;
                        }
                        Body::Weight { .. } | Body::Tag { .. } | Body::Heartbeat { .. } => {}
                    }
                }
                shown_g += loads.values().sum::<i64>();
                assert!(device < plan.commune.devices.len());
            }
            let true_g: i64 = day.truth.iter().map(|line| line.net_g).sum();
            assert_eq!(shown_g, true_g);
        }
    }

    #[test]
    fn without_faults_every_hand_over_names_its_events() {
        let plan = plan(1_500, Faults::none());
        for day in days(&plan, 4) {
            for line in &day.truth {
                assert!(line.weight_seq.is_some());
                assert!(line.tag_seq.is_some() || line.mishaps == [Mishap::NoCard]);
            }
        }
    }

    #[test]
    fn a_silent_hamlet_logs_nothing_for_its_days() {
        let plan = plan(10_457, Faults::moderate());
        let middle = plan.commune.origin.plus(14);
        let area = (0..20).find(|&a| plan.is_silent(a, middle)).unwrap();
        let day = days(&plan, 15).pop().unwrap();
        for point in plan.commune.points.iter().filter(|p| p.area == area) {
            assert!(day.events[point.scale].is_empty());
            assert!(day.truth.iter().any(|line| line.point == point.code && line.weight_seq.is_none()));
        }
    }
}
