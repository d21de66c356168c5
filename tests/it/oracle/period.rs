//! What is published of a hamlet or the commune: the share and what stands beside it on a day, and the other indicators of a period.
//!
//! Owns the sums and the rounding. Every value is a whole number: hundredths of a percent, truncated, or grams.
//!
//! Choices: the hamlet of a route is that of its first household in walking order; several holders' tags beside a weight are tags
//! read with it; a ticket that is known at the same moment as another of its number comes after it when its id does.

use std::collections::{BTreeMap, BTreeSet};

use super::attribute::distinct;
use super::evaluate::{Outcome, Tonnage};
use super::gather::{Facts, facts};
use super::rounds::{Working, is_needed, worked_ms};
use super::time::{Day, HOUR_MS, holds};
use super::world::{Body, DESTINATIONS, Operation, Ticket, World};

/// What is divided, by what, and the value; `None`: there is none.
pub type Told = (i64, i64, Option<i64>);

/// An indicator and, where it is of one, the stream.
pub type Key = (String, Option<String>);

/// Takes an indicator, the stream where it is of one, what is divided by what, and the value.
type Tell<'a> = dyn FnMut(&str, Option<&String>, (i64, i64), Option<i64>) + 'a;

/// Days of a share's completeness.
const COMPLETENESS_DAYS: i64 = 28;
const LATE_MS: i64 = HOUR_MS;

/// Hundredths of a percent, truncated; 100 % at most.
pub fn share(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| if part >= whole { 10_000 } else { part * 10_000 / whole })
}

/// Hundredths of a percent, rounded up, but 100 % only when whole.
pub fn upper(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| if part >= whole { 10_000 } else { ((part * 10_000 + whole - 1) / whole).min(9_999) })
}

/// Everything the figures are made of.
pub struct Books<'a> {
    world: &'a World,
    outcome: &'a Outcome,
    facts: Facts<'a>,
    /// Of the devices of a place on a day: milliseconds worked and scheduled, events received and missing before them.
    device_days: BTreeMap<(Day, String), (i64, i64, i64, i64)>,
    /// When everything was received.
    received_ms: i64,
}

impl<'a> Books<'a> {
    /// `world` is settled: see [`World::settled`].
    pub fn open(world: &'a World, outcome: &'a Outcome, received_ms: i64) -> Books<'a> {
        let mut working = Working::new();
        for event in distinct(&world.events) {
            working.entry(event.key.device.clone()).or_default().extend(event.time_ms());
        }
        let facts = facts(world, world.to);
        let device_days = device_days(world, &facts, &working);
        Books { world, outcome, facts, device_days, received_ms }
    }

    /// The hamlet of a place: its point's, or that of a route's first household.
    fn area_of_place(&self, place: &str, day: Day) -> String {
        if let Some(point) = self.world.points.iter().find(|point| point.code == place) {
            return point.area.clone();
        }
        let stops = self.world.routes.iter().filter(|stop| stop.route == place);
        let first = stops.min_by_key(|stop| (stop.order, stop.household.clone()));
        first.map(|stop| self.area_of_household(&stop.household, day)).unwrap_or_default()
    }

    /// The hamlet of a household on a day, its last one when it is not registered then.
    fn area_of_household(&self, code: &str, day: Day) -> String {
        let rows = || self.world.households.iter().filter(|row| row.code == code);
        let then = rows().find(|row| holds(row.valid_from, row.valid_to, day));
        let last = || rows().max_by_key(|row| row.valid_from);
        then.or_else(last).map(|row| row.area.clone()).unwrap_or_default()
    }

    fn is_in(&self, area: Option<&str>, place: &str, day: Day) -> bool {
        area.is_none_or(|area| self.area_of_place(place, day) == area)
    }

    fn lives_in(&self, area: Option<&str>, household: &str, day: Day) -> bool {
        area.is_none_or(|area| self.area_of_household(household, day) == area)
    }

    /// The eligible households of a hamlet or a point on a day, each with its state.
    fn eligible(&self, area: Option<&str>, point: Option<&str>, day: Day) -> Vec<(&'a String, &'a String)> {
        let of_day = (day, String::new())..(day.plus(1), String::new());
        let states = self.outcome.states.range(of_day).map(|((_, household), state)| (household, state));
        let at_point = |household: &str| {
            let rows = self.world.households.iter().filter(|row| row.code == household);
            let mut then = rows.filter(|row| holds(row.valid_from, row.valid_to, day));
            then.any(|row| row.point.as_deref() == point)
        };
        states
            .filter(|(household, _)| self.lives_in(area, household, day))
            .filter(|(household, _)| point.is_none() || at_point(household))
            .collect()
    }

    /// The share of a hamlet, a point or the commune at the end of a day, and what stands beside it, by the API's names.
    pub fn share_on(&self, area: Option<&str>, point: Option<&str>, day: Day) -> BTreeMap<&'static str, Option<i64>> {
        let eligible = self.eligible(area, point, day);
        let count = |wanted: &dyn Fn(&str) -> bool| -> i64 {
            i64::try_from(eligible.iter().filter(|(_, state)| wanted(state)).count()).unwrap()
        };
        let beside = |pick: &dyn Fn(&super::evaluate::Practice) -> i64| -> i64 {
            eligible.iter().map(|(household, _)| pick(&self.outcome.practice[&(day, (*household).clone())])).sum()
        };
        let all = count(&|_| true);
        let (sorting, not_sorting) = (count(&|state| state.starts_with('S')), count(&|state| state == "N"));
        let told = |flag: usize| -> i64 {
            let of = |household: &String| {
                let (one_group, enrolled) = self.outcome.beside[&(day, household.clone())];
                i64::from([one_group, enrolled][flag])
            };
            eligible.iter().map(|(household, _)| of(household)).sum()
        };
        let (one_group, enrolled) = (told(0), told(1));
        let (measured, participating) = (beside(&|of| i64::from(of.1)), beside(&|of| i64::from(of.2)));
        let (opportunities, set_outs) = (beside(&|of| of.3), beside(&|of| of.4));
        let complete = match point {
            Some(point) => self.completeness(&|place, _| place == point, day.plus(1 - COMPLETENESS_DAYS), day),
            None => self.completeness(&|place, on| self.is_in(area, place, on), day.plus(1 - COMPLETENESS_DAYS), day),
        };
        let mut told: BTreeMap<&'static str, Option<i64>> = BTreeMap::new();
        for (name, whole) in [
            ("eligible", all),
            ("sorting", sorting),
            ("not_sorting", not_sorting),
            ("undetermined", all - sorting - not_sorting),
            ("only_other", count(&|state| state == "U:only_other")),
            ("only_declared", count(&|state| state == "U:only_declared")),
            ("one_stream_missing", count(&|state| state == "U:one_stream_missing")),
            ("no_pickup", count(&|state| state == "U:no_pickup")),
            ("not_observable", count(&|state| state == "U:not_observable")),
            ("device", count(&|state| state == "S:device")),
            ("crew", count(&|state| state == "S:crew")),
            ("verified", count(&|state| state == "S:verified")),
            ("at_least_one_group", one_group),
            ("enrolled", enrolled),
            ("measured", measured),
            ("participating", participating),
            ("opportunities", opportunities),
            ("set_outs", set_outs),
            ("served", beside(&|of| i64::from(of.0))),
        ] {
            told.insert(name, Some(whole));
        }
        told.insert("share_percent", share(sorting, all));
        told.insert("upper_percent", upper(all - not_sorting, all));
        told.insert("coverage_percent", share(sorting + not_sorting, all));
        told.insert("enrolled_percent", share(enrolled, all));
        told.insert("at_least_one_group_percent", share(one_group, all));
        told.insert("participation_percent", share(participating, measured));
        told.insert("set_out_percent", share(set_outs, opportunities));
        told.insert("completeness_percent", complete);
        told
    }

    /// The mean of the shares at the ends of a year's months, with the number of months; upper bounds rounded up.
    pub fn year(&self, area: Option<&str>, begin: Day, to: Day) -> (i64, [Option<i64>; 3]) {
        let is_month_end = |day: Day| day.to_string()[5..7] != day.plus(1).to_string()[5..7];
        let ends = (begin.0..=to.0).map(Day).filter(|day| is_month_end(*day));
        let told: Vec<_> =
            ends.map(|day| self.share_on(area, None, day)).filter(|of| of["eligible"] != Some(0)).collect();
        let mean = |name: &str, up: bool| {
            let values: Vec<i64> = told.iter().filter_map(|of| of[name]).collect();
            let count = i64::try_from(values.len()).unwrap();
            (count > 0).then(|| {
                let sum: i64 = values.iter().sum();
                if values.iter().all(|value| *value == 10_000) {
                    10_000
                } else if up {
                    ((sum + count - 1) / count).min(9_999)
                } else {
                    sum / count
                }
            })
        };
        let months = i64::try_from(told.len()).unwrap();
        (months, [mean("share_percent", false), mean("upper_percent", true), mean("coverage_percent", false)])
    }

    /// Working and scheduled milliseconds, received and missing events of the devices of some places.
    fn hours_and_events(&self, is_here: &dyn Fn(&str, Day) -> bool, from: Day, to: Day) -> (i64, i64, i64, i64) {
        let mut sums = (0, 0, 0, 0);
        for ((day, place), of) in self.device_days.range((from, String::new())..(to.plus(1), String::new())) {
            if is_here(place, *day) {
                sums = (sums.0 + of.0, sums.1 + of.1, sums.2 + of.2, sums.3 + of.3);
            }
        }
        sums
    }

    fn completeness(&self, is_here: &dyn Fn(&str, Day) -> bool, from: Day, to: Day) -> Option<i64> {
        let (worked, scheduled, received, missing) = self.hours_and_events(is_here, from, to);
        let events = received + missing;
        let (received, events) = if events > 0 { (received, events) } else { (1, 1) };
        let wide = i128::from;
        (scheduled > 0)
            .then(|| i64::try_from(wide(worked) * wide(received) * 10_000 / (wide(scheduled) * wide(events))).unwrap())
    }

    /// Tickets that count: of one number the first known that was not taken back.
    fn tickets(&self) -> Vec<&'a Ticket> {
        let voids: BTreeSet<&String> = self.world.voids().collect();
        let mut first: BTreeMap<&String, (i64, &String, &Ticket)> = BTreeMap::new();
        for operation in &self.world.operations {
            if let Operation::Ticket { id, known_after_ms, ticket } = operation
                && !voids.contains(id)
            {
                let said = (*known_after_ms, id, ticket);
                let held = first.entry(&ticket.number).or_insert(said);
                if (said.0, said.1) < (held.0, held.1) {
                    *held = said;
                }
            }
        }
        first.into_values().map(|(_, _, ticket)| ticket).collect()
    }

    /// What was found and logged in a period, by word.
    fn words(&self, area: Option<&str>, from: Day, to: Day) -> BTreeMap<String, i64> {
        let voids: BTreeSet<&String> = self.world.voids().collect();
        let crew = self.world.operations.iter().filter_map(|operation| match operation {
            Operation::Pickup(pickup) if !voids.contains(&pickup.id) => {
                Some((&pickup.household, pickup.at_ms, format!("pickup.{}", pickup.result)))
            }
            _ => None,
        });
        let findings = self.world.findings.iter();
        let found = findings.map(|finding| (&finding.household, finding.at_ms, format!("finding.{}", finding.finding)));
        let mut words: BTreeMap<String, i64> = BTreeMap::new();
        for (household, at_ms, word) in crew.chain(found) {
            let day = Day::of(at_ms);
            if from <= day && day <= to && self.lives_in(area, household, day) {
                *words.entry(word).or_default() += 1;
            }
        }
        words
    }

    /// The indicators of a hamlet or the commune and a period.
    pub fn indicators(&self, area: Option<&str>, from: Day, to: Day) -> BTreeMap<Key, Told> {
        let is_required = |code: &str| self.world.streams.iter().any(|stream| stream.code == code && stream.required);
        let mut collected: BTreeMap<&String, Tonnage> = BTreeMap::new();
        for ((day, place, stream), tonnage) in &self.outcome.collected {
            if from <= *day && *day <= to && self.is_in(area, place, *day) {
                collected.entry(stream).or_default().add(tonnage);
            }
        }
        let whole_g = |of: &Tonnage| of.weighed_g + of.manual_g + of.estimated_g;
        let all_g: i64 = collected.values().map(whole_g).sum();
        let required_g: i64 =
            collected.iter().filter(|(code, _)| is_required(code)).map(|(_, tonnage)| whole_g(tonnage)).sum();
        let mut told: BTreeMap<Key, Told> = BTreeMap::new();
        let mut tell = |name: &str, stream: Option<&String>, (part, whole): (i64, i64), value: Option<i64>| {
            told.insert((name.to_owned(), stream.cloned()), (part, whole, value));
        };
        let days = || (from.0..=to.0).map(Day);
        let served: i64 = days()
            .flat_map(|day| self.eligible(area, None, day).into_iter().map(move |(household, _)| (day, household)))
            .map(|(day, household)| i64::from(self.outcome.practice[&(day, household.clone())].0))
            .sum();
        for (stream, tonnage) in &collected {
            let grams = whole_g(tonnage);
            tell("yield", Some(stream), (grams, served), (served > 0).then(|| grams * 7 / served.max(1)));
        }
        tell("separate_collection_rate", None, (required_g, all_g), share(required_g, all_g));
        self.of_tickets(area, from, to, &collected, all_g, &mut tell);
        let generated = self.generated_g(area, from, to);
        if let Some(generated) = generated {
            let value = share(all_g, generated).filter(|_| all_g <= generated);
            tell("collection_rate", None, (all_g, generated), value);
        } else {
            tell("collection_rate", None, (0, 0), None);
        }
        let words = self.words(area, from, to);
        let count = |names: &[&str]| -> i64 { names.iter().filter_map(|name| words.get(*name)).sum() };
        let contrary = count(&[
            "pickup.mixed",
            "pickup.contaminated",
            "pickup.refused",
            "finding.mixed",
            "finding.contaminated",
            "finding.refused",
        ]);
        let inspected = contrary + count(&["pickup.separated", "finding.clean"]);
        tell("contamination_rate", None, (contrary, inspected), share(contrary, inspected));
        let refused = count(&["pickup.refused", "finding.refused"]);
        let attempted = refused + collected.values().map(|tonnage| tonnage.hand_overs).sum::<i64>();
        tell("refusal_rate", None, (refused, attempted), share(refused, attempted));
        let last = self.eligible(area, None, to);
        let eligible = i64::try_from(last.len()).unwrap();
        let practice = |household: &String| &self.outcome.practice[&(to, household.clone())];
        let served: i64 = last.iter().map(|(household, _)| i64::from(practice(household).0)).sum();
        let treated: i64 = last.iter().map(|(household, _)| i64::from(practice(household).5)).sum();
        tell("service_coverage", None, (served, eligible), share(served, eligible));
        tell("home_treatment_share", None, (treated, eligible), share(treated, eligible));
        let rounds = || {
            let of_period = |date: Day| from <= date && date <= to;
            self.facts
                .rounds
                .iter()
                .filter(move |round| of_period(round.date) && self.is_in(area, &round.place, round.date))
        };
        let scheduled = i64::try_from(rounds().count()).unwrap();
        let missed = i64::try_from(rounds().filter(|round| !round.ran).count()).unwrap();
        tell("missed_rounds", None, (missed, scheduled), share(missed, scheduled));
        self.of_hand_overs(area, from, to, &collected, &mut tell);
        self.of_events(area, from, to, &mut tell);
        told
    }

    fn generated_g(&self, area: Option<&str>, from: Day, to: Day) -> Option<i64> {
        let per_person_g = self.world.per_person_day_g?;
        let mut generated = 0;
        for day in (from.0..=to.0).map(Day) {
            let eligible = self.eligible(area, None, day);
            let people: Vec<i64> = eligible
                .iter()
                .filter_map(|(household, _)| {
                    let rows = self.world.households.iter().filter(|row| row.code == **household);
                    let mut then = rows.filter(|row| holds(row.valid_from, row.valid_to, day));
                    then.next().and_then(|row| row.people)
                })
                .collect();
            if !people.is_empty() {
                let (households, stated) =
                    (i64::try_from(eligible.len()).unwrap(), i64::try_from(people.len()).unwrap());
                generated += people.iter().sum::<i64>() * households * per_person_g / stated;
            }
        }
        Some(generated)
    }

    fn of_tickets(
        &self,
        area: Option<&str>,
        from: Day,
        to: Day,
        collected: &BTreeMap<&String, Tonnage>,
        all_g: i64,
        tell: &mut Tell<'_>,
    ) {
        if area.is_some() {
            tell("landfill_rate", None, (0, 0), None);
            tell("stream_integrity", None, (0, 0), None);
            return;
        }
        let in_period = |ticket: &&&Ticket| (from..=to).contains(&Day::of(ticket.at_ms));
        let all = self.tickets();
        let tickets: Vec<&&Ticket> = all.iter().filter(in_period).collect();
        let is_dump = |ticket: &Ticket| {
            DESTINATIONS.iter().find(|(code, _)| *code == ticket.destination).map(|(_, is_dump)| *is_dump)
        };
        let net_g = |ticket: &&&Ticket| ticket.gross_g - ticket.tare_g;
        let dumped: i64 = tickets.iter().filter(|ticket| is_dump(ticket) == Some(true)).map(net_g).sum();
        let value = share(dumped, all_g).filter(|_| !tickets.is_empty() && dumped <= all_g);
        tell("landfill_rate", None, (dumped, all_g), value);
        let required = |code: &str| self.world.streams.iter().any(|stream| stream.code == code && stream.required);
        let kept_g = |wanted: &dyn Fn(&str) -> bool| -> i64 {
            let at_plants = tickets.iter().filter(|ticket| is_dump(ticket) == Some(false));
            at_plants.filter(|ticket| required(&ticket.stream) && wanted(&ticket.stream)).map(net_g).sum()
        };
        let picked = |of: &Tonnage| of.weighed_g + of.manual_g;
        let of = || collected.iter().filter(|(code, _)| required(code));
        let mut integrity = |stream: Option<&String>, kept: i64, picked: i64| {
            let value = share(kept, picked).filter(|_| !tickets.is_empty() && kept * 100 <= picked * 120);
            tell("stream_integrity", stream, (kept, picked), value);
        };
        integrity(None, kept_g(&|_| true), of().map(|(_, tonnage)| picked(tonnage)).sum());
        for (code, tonnage) in of() {
            integrity(Some(code), kept_g(&|stream| stream == *code), picked(tonnage));
        }
    }

    fn of_hand_overs(
        &self,
        area: Option<&str>,
        from: Day,
        to: Day,
        collected: &BTreeMap<&String, Tonnage>,
        tell: &mut Tell<'_>,
    ) {
        let here: Vec<_> = self
            .facts
            .pickups
            .iter()
            .filter(|pickup| pickup.from_readings && !pickup.void && from <= pickup.day && pickup.day <= to)
            .filter(|pickup| self.is_in(area, &pickup.place, pickup.day))
            .collect();
        let all = i64::try_from(here.len()).unwrap();
        let count = |holds: &dyn Fn(&super::gather::Pickup) -> bool| -> i64 {
            i64::try_from(here.iter().filter(|pickup| holds(pickup)).count()).unwrap()
        };
        for (name, part) in [
            ("tag_read_rate", count(&|pickup| pickup.tagged)),
            ("overload_share", count(&|pickup| pickup.overload)),
            ("below_minimum_share", count(&|pickup| pickup.below_min)),
        ] {
            tell(name, None, (part, all), share(part, all));
        }
        let weighed: i64 = collected.values().map(|tonnage| tonnage.weighed_g).sum();
        let known = weighed - collected.values().map(|tonnage| tonnage.unknown_household_g).sum::<i64>();
        tell("attributed_weight", None, (known, weighed), share(known, weighed));
    }

    fn of_events(&self, area: Option<&str>, from: Day, to: Day, tell: &mut Tell<'_>) {
        let (mut levels, mut unsettled, mut events, mut late) = (0, 0, 0, 0);
        for event in distinct(&self.world.events) {
            let time_ms = event.time_ms().expect("every event of a world has a time");
            let day = Day::of(time_ms);
            let device = self.world.devices.iter().find(|row| row.device == event.key.device).expect("registered");
            if day < from || to < day || !self.is_in(area, &device.place, day) || event.body == Body::Heartbeat {
                continue;
            }
            events += 1;
            late += i64::from(self.received_ms - time_ms > LATE_MS);
            if let Body::Weight(weight) = &event.body {
                levels += 1;
                unsettled += i64::from(!weight.stable);
            }
        }
        tell("unstable_share", None, (unsettled, levels), share(unsettled, levels));
        tell("late_events", None, (late, events), share(late, events));
        tell("clock_skew", None, (0, events), share(0, events));
        tell("past_verification", None, (0, 0), None);
        let (worked, scheduled, received, missing) =
            self.hours_and_events(&|place, day| self.is_in(area, place, day), from, to);
        tell("device_hours", None, (worked, scheduled), share(worked, scheduled));
        tell("known_missing_events", None, (missing, received + missing), share(missing, received + missing));
    }
}

fn device_days(world: &World, facts: &Facts<'_>, working: &Working) -> BTreeMap<(Day, String), (i64, i64, i64, i64)> {
    let mut sums: BTreeMap<(Day, String), (i64, i64, i64, i64)> = BTreeMap::new();
    for device in &world.devices {
        let mut hours: BTreeMap<Day, Vec<(i64, i64)>> = BTreeMap::new();
        for round in facts.rounds.iter().filter(|round| round.place == device.place && is_needed(device, &round.stream))
        {
            hours.entry(round.date).or_default().push((round.start_ms, round.end_ms));
        }
        for (day, mut hours) in hours {
            hours.sort_unstable();
            let sum = sums.entry((day, device.place.clone())).or_default();
            let mut until = i64::MIN;
            for (start, end) in hours {
                let start = start.max(until);
                if start < end {
                    sum.0 += worked_ms(working, &device.device, start, end);
                    sum.1 += end - start;
                    until = end;
                }
            }
        }
    }
    let mut logs: BTreeMap<(&str, &str), BTreeMap<u64, Day>> = BTreeMap::new();
    for event in distinct(&world.events) {
        let day = Day::of(event.time_ms().expect("every event of a world has a time"));
        logs.entry((&event.key.device, &event.key.log)).or_default().insert(event.key.seq, day);
    }
    for ((device, _), log) in logs {
        let place = &world.devices.iter().find(|row| row.device == device).expect("a registered device").place;
        let mut next = 1;
        for (seq, day) in log {
            let sum = sums.entry((day, place.clone())).or_default();
            sum.2 += 1;
            sum.3 += i64::try_from(seq - next).unwrap();
            next = seq + 1;
        }
    }
    sums
}
