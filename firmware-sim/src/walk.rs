//! Service days in order: what each device logged, numbered as its log numbers it, and the truth beside it.
//!
//! # Why
//! A day's content depends on the seed and the day alone; only the numbers (sequence, load, boot) depend on
//! the days before. So a run is resumed by walking again from the origin, which costs milliseconds a day and
//! needs no state of its own on disk that could disagree with the seed.

use crate::calendar::{DAY_MS, Day, MINUTE_MS};
use crate::commune::{Commune, PLATFORM, Point, key};
use crate::device_day::{DeviceDay, is_replaced};
use crate::device_log::{Content, DeviceLog};
use crate::dice::{Dice, mix};
use crate::disturbance::Disturbance;
use crate::event::{Body, Event};
use crate::outing::{bags, held_card};
use crate::plan::Plan;
use crate::scale::ScaleDay;
use crate::season::{waste_permille, wetness_permille};
use crate::station::{Bench, Capture, HandOver, Station, Trace, Visitor};
use crate::truth::{Mishap, TrueHandOver};
use crate::wire::{self, log_name};
use std::sync::Arc;

/// Devices are powered this long before and after their window.
pub const POWER_MARGIN_MS: i64 = 30 * MINUTE_MS;
const HEARTBEAT_MS: i64 = 5 * MINUTE_MS;

/// Where a device's log stands.
#[derive(Debug, Clone, Copy)]
struct Log {
    name: u32,
    /// Units before this one.
    replaced: u64,
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
    /// Messages out of order: when, from which device, what.
    pub disturbances: Vec<(i64, usize, Disturbance)>,
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
        let log = |name| Log { name, replaced: 0, next_seq: 1, loads: 0, boot: 1, booted_ms };
        let logs = plan.commune.devices.iter().map(|device| log(device.log)).collect();
        Self { next: plan.commune.origin, logs, plan }
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

    /// The log device `device` writes now.
    #[must_use]
    pub fn log_of(&self, device: usize) -> u32 {
        self.logs[device].name
    }

    /// The events and hand-overs of the next service day.
    pub fn next_day(&mut self) -> ServiceDay {
        let plan = Arc::clone(&self.plan);
        let day = self.next;
        self.next = day.plus(1);
        let mut service = ServiceDay { events: vec![Vec::new(); plan.commune.devices.len()], ..ServiceDay::default() };
        for device in 0..self.logs.len() {
            self.replace(&plan, device, day);
        }
        for index in 0..plan.commune.points.len() {
            let (trace, spans) = self.point_day(&plan, index, day);
            self.log_point_day(&plan, index, day, trace, &spans, &mut service);
        }
        service
    }

    /// Puts a new unit in the place of `device`, when its day has come and nothing of the old one waits.
    fn replace(&mut self, plan: &Plan, device: usize, day: Day) {
        let point = &plan.commune.points[plan.commune.devices[device].point];
        let on_ms = point.window.on(day).0 - POWER_MARGIN_MS;
        // A day before, everything is through: outages of a device last hours.
        let waits = plan.broker_outage().is_some_and(|(from, to)| (from..to + DAY_MS).contains(&on_ms));
        if waits || !is_replaced(plan, device, day) {
            return;
        }
        let replaced = self.logs[device].replaced + 1;
        let name = mix(plan.commune.spec.seed, &[2, key(device), replaced]) >> 32;
        let name = u32::try_from(name).unwrap_or(u32::MAX);
        self.logs[device] = Log { name, replaced, next_seq: 1, loads: 0, boot: 1, booted_ms: on_ms - 20_000 };
    }

    /// Lets the households of a point come on `day`; also gives the devices powered.
    fn point_day(&mut self, plan: &Plan, index: usize, day: Day) -> (Trace, Vec<usize>) {
        let commune = &plan.commune;
        let point = &commune.points[index];
        let rounds = commune.rounds_on(point, day);
        if rounds.is_empty() || plan.is_closed(day) {
            return (Trace::default(), Vec::new());
        }
        let mut dice = Dice::new(commune.spec.seed, &[12, key(index), day_key(day)]);
        let (opens_ms, closes_ms) = point.window.on(day);
        let mut weather = Dice::new(commune.spec.seed, &[15, key(index), day_key(day)]);
        let season_permille = waste_permille(day) * wetness_permille(&mut weather) / 1_000;
        let mut visitors = Vec::new();
        for member in point.members() {
            let household = &commune.households[member];
            if household.point_on(day.date()) != index {
                continue;
            }
            let bags = bags(household, day, &rounds, season_permille, &mut dice);
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
        let scale = self.scale_day(plan, point.scale, day);
        let station = Station::new(bench, scale, &plan.faults, &mut dice, loads);
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

    /// The errors of a scale on `day`.
    fn scale_day(&self, plan: &Plan, device: usize, day: Day) -> ScaleDay {
        let commune = &plan.commune;
        let (opens_ms, closes_ms) = commune.points[commune.devices[device].point].window.on(day);
        let mut own = Dice::new(commune.spec.seed, &[23, key(device)]);
        let mut dice = Dice::new(commune.spec.seed, &[24, key(device), day_key(day)]);
        ScaleDay::draw(&plan.faults, &mut own, &mut dice, opens_ms, closes_ms)
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
                self.log_device_day(plan, device, day, &trace, &mut numbers, service);
            }
        }
        let lines = trace.hand_overs.into_iter().map(|hand_over| {
            let at_ms = trace.captures[hand_over.weight].at_ms;
            self.truth_line(commune, point, hand_over, at_ms, silent, &numbers)
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
        service: &mut ServiceDay,
    ) {
        let commune = &plan.commune;
        let mut dice = Dice::new(commune.spec.seed, &[13, key(device), day_key(day)]);
        let (opens_ms, closes_ms) = commune.points[commune.devices[device].point].window.on(day);
        let (on_ms, off_ms) = (opens_ms - POWER_MARGIN_MS, closes_ms + POWER_MARGIN_MS);
        let scale = commune.devices[device].capacity.map(|_| self.scale_day(plan, device, day));
        let mut captured: Vec<(Option<usize>, Capture)> = heartbeats(device, scale, on_ms, off_ms, &mut dice);
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
        let today = DeviceDay::draw(plan, device, day, (on_ms, off_ms), outage);
        if today.reboots {
            log.boot += 1;
            log.booted_ms = on_ms - 20_000;
        }
        let mut noise = Dice::new(commune.spec.seed, &[25, key(device), day_key(day)]);
        let mut flash = DeviceLog::resuming(log.name, log.boot, log.next_seq, today.flash_events.unwrap_or(usize::MAX));
        let mut logged: Vec<(u64, bool, Option<usize>)> = Vec::with_capacity(captured.len());
        for (place, (number, capture)) in captured.into_iter().enumerate() {
            let stamp = today.stamp(plan, log.boot, capture.at_ms - log.booted_ms, capture.at_ms);
            let fate = Fate {
                repeated: dice.chance(plan.faults.duplicate),
                reordered: plan.faults.reordered > 0 && noise.chance(plan.faults.reordered),
                lost: lost.as_ref().is_some_and(|stretch| stretch.contains(&place)),
            };
            let seq = flash.append(stamp, wire::MAX_EVENT_BYTES, (capture, fate));
            logged.push((seq, fate.lost, number));
        }
        log.next_seq = flash.next();
        let held_from = flash.oldest();
        service.events[device].reserve_exact(flash.held().len());
        for entry in flash.held() {
            let (body, fate) = match &entry.content {
                Content::Event((capture, fate)) => (capture.body, *fate),
                Content::Lost(span) => {
                    (Body::Lost { span: *span }, Fate { repeated: false, reordered: false, lost: false })
                }
            };
            let at_ms = log.booted_ms + entry.stamp.ms;
            service.events[device].push(Event {
                log: log.name,
                seq: entry.seq,
                boot: entry.stamp.boot,
                ms: entry.stamp.ms,
                at_ms,
                clock_at_ms: entry.stamp.at_ms,
                clock: entry.stamp.clock,
                send_at_ms: today.leaves_ms(at_ms),
                repeated: fate.repeated,
                reordered: fate.reordered,
                lost: fate.lost,
                body,
            });
        }
        for (seq, lost, number) in logged {
            if let Some(number) = number {
                numbers[number] = Some((seq, lost || seq < held_from));
            }
        }
        self.disturb(today, device, on_ms, service);
    }

    /// Adds the day's messages out of order.
    fn disturb(&self, today: DeviceDay, device: usize, on_ms: i64, service: &mut ServiceDay) {
        let here = today.disturbances.into_iter().map(|(at_ms, what)| (at_ms, device, what));
        service.disturbances.extend(here);
        let events = &service.events[device];
        let first: Vec<Event> = events.iter().filter(|event| !event.lost).take(20).copied().collect();
        let whole = first.iter().all(|event| event.boot == first[0].boot);
        if today.replays
            && whole
            && let Some(last) = first.last()
        {
            let body = wire::envelope(last.log, last.ms + 1_000, &first);
            let at_ms = last.send_at_ms.max(on_ms);
            service.disturbances.push((at_ms, device, Disturbance::RetainedReplay { body }));
        }
    }

    fn truth_line(
        &self,
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
        for (event, mishap) in [(tag, Mishap::ReadLost), (weight, Mishap::WeightLost)] {
            if event.is_some_and(|(_, lost)| lost) {
                mishaps.push(mishap);
            }
        }
        TrueHandOver {
            household: commune.households[hand_over.household].code.clone(),
            point: point.code.clone(),
            device: scale.code.clone(),
            log: log_name(self.logs[hand_over.scale].name),
            stream: hand_over.stream,
            mass_g: hand_over.mass_g,
            net_g: hand_over.net_g,
            at_ms,
            tag_device: reader.code.clone(),
            tag_log: log_name(self.logs[hand_over.reader].name),
            tag_seq: tag.map(|(seq, _)| seq),
            weight_seq: weight.map(|(seq, _)| seq),
            mishaps,
        }
    }
}

/// What becomes of an event on its way.
#[derive(Debug, Clone, Copy)]
struct Fate {
    repeated: bool,
    reordered: bool,
    lost: bool,
}

fn heartbeats(
    device: usize,
    scale: Option<ScaleDay>,
    on_ms: i64,
    off_ms: i64,
    dice: &mut Dice,
) -> Vec<(Option<usize>, Capture)> {
    let mut beats = Vec::new();
    let mut at_ms = on_ms + dice.between(0, 4_000);
    while at_ms < off_ms {
        let body = Body::Heartbeat {
            battery_mv: dice.between(12_250, 12_900),
            rssi_dbm: dice.between(-97, -68),
            zero_g: scale.map(|scale| scale.zero_g(at_ms)),
        };
        beats.push((None, Capture { device, at_ms, body }));
        at_ms += HEARTBEAT_MS - dice.between(0, 800);
    }
    beats
}

pub(crate) fn day_key(day: Day) -> u64 {
    u64::try_from(day.0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commune::CommuneSpec;
    use crate::device_log::{ClockGrade, Span};
    use crate::fault::Faults;
    use jiff::civil::Date;
    use std::collections::HashMap;

    const HOUR_MS: i64 = 60 * MINUTE_MS;

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
    fn with_every_fault_each_number_is_sent_or_lost_and_runs_repeat() {
        let (one, two) = (plan(1_500, Faults::all_at_once()), plan(1_500, Faults::all_at_once()));
        let mut known: HashMap<(usize, u32), Vec<Span>> = HashMap::new();
        let (mut late, mut all, mut kinds) = (0, 0, std::collections::BTreeSet::new());
        for (a, b) in days(&one, 28).into_iter().zip(days(&two, 28)) {
            assert_eq!((&a.events, &a.truth, &a.disturbances), (&b.events, &b.truth, &b.disturbances));
            for (device, events) in a.events.iter().enumerate() {
                for event in events {
                    let spans = known.entry((device, event.log)).or_default();
                    spans.push(Span { first: event.seq, last: event.seq });
                    if let Body::Lost { span } = event.body {
                        spans.push(span);
                        kinds.insert("lost");
                    }
                    all += 1;
                    late += usize::from(event.send_at_ms - event.at_ms > 2 * HOUR_MS);
                    match (event.clock_at_ms, event.clock) {
                        (None, ClockGrade::Unset) => kinds.insert("unset"),
                        (Some(at_ms), _) if (at_ms - event.at_ms).abs() > HOUR_MS => kinds.insert("jumped"),
                        (Some(_), ClockGrade::Holdover) => kinds.insert("holdover"),
                        (Some(_), ClockGrade::Synced) => kinds.insert("synced"),
                        (clock_at_ms, clock) => panic!("{clock_at_ms:?} {clock:?}"),
                    };
                }
            }
            for (_, _, disturbance) in &a.disturbances {
                kinds.insert(match disturbance {
                    Disturbance::Malformed { .. } => "malformed",
                    Disturbance::Oversized { .. } => "oversized",
                    Disturbance::WrongDevice { .. } => "wrong device",
                    Disturbance::RetainedReplay { .. } => "replay",
                });
            }
        }
        assert!(known.len() > 10, "units were replaced");
        for ((device, log), spans) in known {
            assert_eq!(Span::joined(spans).len(), 1, "device {device}, log {log:08x}");
        }
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let wanted =
            ["holdover", "jumped", "lost", "malformed", "oversized", "replay", "synced", "unset", "wrong device"];
        assert_eq!(kinds, wanted);
        assert!((3..=9).contains(&(late * 100 / all)), "{late} of {all} late");
    }

    #[test]
    fn swapped_cards_come_in_pairs() {
        let plan = plan(1_500, Faults { swapped_cards: 1_000, ..Faults::none() });
        let swapped: std::collections::BTreeSet<String> = days(&plan, 28)
            .into_iter()
            .flat_map(|day| day.truth)
            .filter(|line| line.mishaps.contains(&Mishap::SwappedCard))
            .map(|line| line.household)
            .collect();
        assert!((60..200).contains(&swapped.len()), "{}", swapped.len());
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
                        Body::Weight { .. } | Body::Tag { .. } | Body::Heartbeat { .. } | Body::Lost { .. } => {}
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

    #[test]
    fn who_moves_comes_to_the_old_point_before_and_to_the_new_one_after() {
        let mut spec = CommuneSpec::sized(600, Date::constant(2026, 11, 23), 28, 3);
        spec.habits.moves_within = 3_000;
        let plan = Arc::new(Plan { commune: Commune::generate(&spec), faults: Faults::none() });
        let commune = &plan.commune;
        let households: HashMap<&str, _> = commune.households.iter().map(|of| (of.code.as_str(), of)).collect();
        let (mut before, mut after) = (0, 0);
        for (date, day) in (0..).map(|nth| commune.origin.plus(nth).date()).zip(days(&plan, 28)) {
            for line in day.truth {
                let household = households[line.household.as_str()];
                let Some(dwelling) = &household.moved else { continue };
                let (count, point) =
                    if dwelling.from <= date { (&mut after, dwelling.point) } else { (&mut before, household.point) };
                assert_eq!(line.point, commune.points[point].code, "{} on {date}", line.household);
                *count += 1;
            }
        }
        assert!(before > 100 && after > 100, "{before} {after}");
    }
}
