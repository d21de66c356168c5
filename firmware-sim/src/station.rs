//! The physics of a point: people come one after another, a card is read, loads settle on the scale.
//!
//! Owns times and masses within one window. Sequence numbers, faults of the log and of delivery are
//! [`crate::walk`]'s.
//!
//! # Why
//! Arrivals are drawn one by one over the window, thicker in its middle, which makes them a Poisson process
//! of varying rate; a station serves one person at a time, so others wait. That keeps neighbouring
//! visits as close as they really get, without making them overlap.

use crate::calendar::Stream;
use crate::commune::{Capacity, Uid};
use crate::dice::Dice;
use crate::event::Body;
use crate::fault::Faults;
use crate::scale::ScaleDay;
use crate::truth::Mishap;

/// Longest time from a card's last read to a level that still belongs to it, milliseconds, kept with a margin.
const REACH_MS: i64 = 26_000;

/// The devices of a point, as indices into the commune's.
#[derive(Debug, Clone, Copy)]
pub struct Bench {
    /// Reads cards.
    pub reader: usize,
    /// Weighs.
    pub scale: usize,
    /// Limits of the scale.
    pub capacity: Capacity,
    /// The bin for recyclables and its limits, where there is one.
    pub bin: Option<(usize, Capacity)>,
}

/// Somebody on the way to a point.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Index of the household.
    pub household: usize,
    /// Reaches the point, milliseconds since 1970 UTC.
    pub arrives_ms: i64,
    /// The card held up.
    pub card: Option<Uid>,
    /// What is already known to be wrong.
    pub mishaps: Vec<Mishap>,
    /// What they bring: stream and grams before rounding.
    pub bags: Vec<(Stream, i64)>,
}

/// Something a device captured; its place in [`Trace::captures`] names it.
#[derive(Debug, Clone, Copy)]
pub struct Capture {
    /// Index of the device.
    pub device: usize,
    /// Milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// What.
    pub body: Body,
}

/// A hand-over and the captures that carry it.
#[derive(Debug, Clone)]
pub struct HandOver {
    /// Index of the household.
    pub household: usize,
    /// Stream.
    pub stream: Stream,
    /// Mass of the bag, grams.
    pub mass_g: i64,
    /// What the scale showed of it, grams.
    pub net_g: i64,
    /// Device that weighed.
    pub scale: usize,
    /// Device that read the card, or should have.
    pub reader: usize,
    /// Index of the first read's capture.
    pub tag: Option<usize>,
    /// Index of the first settled level's capture.
    pub weight: usize,
    /// What went wrong.
    pub mishaps: Vec<Mishap>,
}

/// What one window left behind.
#[derive(Debug, Default)]
pub struct Trace {
    /// In no order.
    pub captures: Vec<Capture>,
    /// In order of service.
    pub hand_overs: Vec<HandOver>,
}

/// A point during one window.
pub struct Station<'a> {
    bench: Bench,
    scale: ScaleDay,
    faults: &'a Faults,
    dice: &'a mut Dice,
    /// Departures from zero so far, of the platform.
    loads: u64,
    bin_level_g: i64,
    bin_free_ms: i64,
    trace: Trace,
}

impl<'a> Station<'a> {
    /// A station whose scale has counted `loads` so far.
    pub fn new(bench: Bench, scale: ScaleDay, faults: &'a Faults, dice: &'a mut Dice, loads: u64) -> Self {
        Self { bench, scale, faults, dice, loads, bin_level_g: 0, bin_free_ms: i64::MIN, trace: Trace::default() }
    }

    /// Serves everybody, in order of arrival, between `opens_ms` and `closes_ms`; who would be served
    /// after the close goes home. Gives the trace and the scale's new load count.
    pub fn serve(mut self, visitors: &mut [Visitor], opens_ms: i64, closes_ms: i64) -> (Trace, u64) {
        visitors.sort_by_key(|visitor| (visitor.arrives_ms, visitor.household));
        if let Some((bin, capacity)) = self.bench.bin {
            self.bin_level(bin, opens_ms - 60_000, 0, capacity);
        }
        let mut free_ms = opens_ms;
        for visitor in visitors.iter() {
            let starts_ms = visitor.arrives_ms.max(free_ms);
            if starts_ms > closes_ms - 120_000 {
                break;
            }
            free_ms = self.visit(visitor, starts_ms) + self.dice.between(3_000, 9_000);
        }
        if let Some((bin, capacity)) = self.bench.bin {
            let emptied_ms = closes_ms.max(self.bin_free_ms) + 600_000;
            self.bin_level(bin, emptied_ms, 0, capacity);
        }
        (self.trace, self.loads)
    }

    /// One visit from its start; gives its end.
    fn visit(&mut self, visitor: &Visitor, starts_ms: i64) -> i64 {
        let mut mishaps = visitor.mishaps.clone();
        let missed = visitor.card.is_some() && self.dice.chance(self.faults.missed_card);
        if missed {
            mishaps.push(Mishap::MissedCard);
        }
        let card = visitor.card.filter(|_| !missed);
        let mut now_ms = starts_ms;
        let mut last_read_ms = starts_ms;
        let mut first_read = None;
        let (to_bin, to_platform): (Vec<_>, Vec<_>) =
            visitor.bags.iter().partition(|(stream, _)| self.bench.bin.is_some() && *stream == Stream::Recyclable);
        for (nth, (stream, mass_g)) in to_platform.into_iter().enumerate() {
            let settles_ms = if nth == 0 {
                now_ms + self.dice.between(5_000, 15_000)
            } else {
                now_ms + self.dice.between(7_000, 12_000)
            };
            let reads_again = nth > 0 && (settles_ms + 4_000 - last_read_ms > REACH_MS || self.dice.chance(7_000));
            if nth == 0 || reads_again {
                last_read_ms = if nth == 0 { starts_ms } else { settles_ms - self.dice.between(3_000, 5_000) };
                let read = card.map(|uid| self.read(self.bench.reader, uid, last_read_ms));
                first_read = first_read.or(read);
            }
            self.step_on(settles_ms, stream);
            let (weight, left_ms, net_g) = self.load(settles_ms, stream, mass_g);
            now_ms = left_ms;
            self.trace.hand_overs.push(HandOver {
                household: visitor.household,
                stream,
                mass_g,
                net_g,
                scale: self.bench.scale,
                reader: self.bench.reader,
                tag: first_read,
                weight,
                mishaps: mishaps.clone(),
            });
        }
        for (stream, mass_g) in to_bin {
            now_ms = self.drop_in_bin(visitor, card, now_ms, stream, mass_g, &mishaps);
        }
        now_ms
    }

    /// A card held up: one read, sometimes a second within seconds.
    fn read(&mut self, device: usize, uid: Uid, at_ms: i64) -> usize {
        let first = self.capture(device, at_ms, Body::Tag { uid });
        if self.dice.chance(2_500) {
            let again_ms = at_ms + self.dice.between(700, 2_400);
            self.capture(device, again_ms, Body::Tag { uid });
        }
        first
    }

    /// Somebody steps on the platform before the bag does: a load of its own, over the maximum.
    fn step_on(&mut self, settles_ms: i64, stream: Stream) {
        if self.faults.overload_first == 0 || !self.dice.chance(self.faults.overload_first) {
            return;
        }
        self.loads += 1;
        let capacity = self.bench.capacity;
        // R 76-1, 4.2.3: no indication above Max + 9 e; this one tells what it feels.
        let gross_g = capacity.max_g + self.dice.between(10, 400) * capacity.division_g;
        let body = Body::Weight { gross_g, stable: true, load: Some(self.loads), stream, capacity };
        self.capture(self.bench.scale, settles_ms - 3_500, body);
    }

    /// A load on the platform: gives the capture of its first settled level, the time the platform is free, and what the
    /// scale shows of it. A swing over the load leaves the level to be reached from above.
    fn load(&mut self, settles_ms: i64, stream: Stream, mass_g: i64) -> (usize, i64, i64) {
        self.loads += 1;
        let load = self.loads;
        let division_g = self.bench.capacity.division_g;
        let weight = |gross_g: i64, stable: bool, capacity: Capacity| Body::Weight {
            gross_g,
            stable,
            load: Some(load),
            stream,
            capacity,
        };
        let (scale, capacity) = (self.bench.scale, self.bench.capacity);
        let unstable = self.dice.chance(self.faults.unstable_first);
        let swing = unstable.then(|| (self.dice.between(-10, 20) * division_g, self.dice.between(800, 2_000)));
        let from_above = swing.is_some_and(|(swing_g, _)| swing_g > 0);
        let net_g = self.scale.shows(mass_g, settles_ms, from_above, capacity);
        if let Some((swing_g, before_ms)) = swing {
            self.capture(scale, settles_ms - before_ms, weight((net_g + swing_g).max(0), false, capacity));
        }
        // A second settled level: part of the load put down first, the rest just after.
        let twice = net_g > 4 * division_g && self.dice.chance(self.faults.settles_twice);
        if twice {
            let part_g = net_g - self.dice.between(1, net_g / division_g / 3) * division_g;
            let first = self.capture(scale, settles_ms, weight(part_g, true, capacity));
            let second_ms = settles_ms + self.dice.between(1_800, 3_200);
            self.capture(scale, second_ms, weight(net_g, true, capacity));
            return (first, second_ms + self.dice.between(1_000, 2_500), net_g);
        }
        let first = self.capture(scale, settles_ms, weight(net_g, true, capacity));
        (first, settles_ms + self.dice.between(1_500, 4_000), net_g)
    }

    /// A bag into the bin, which has a reader of its own and shows its whole content.
    fn drop_in_bin(
        &mut self,
        visitor: &Visitor,
        card: Option<Uid>,
        now_ms: i64,
        stream: Stream,
        mass_g: i64,
        mishaps: &[Mishap],
    ) -> i64 {
        let Some((bin, capacity)) = self.bench.bin else {
            return now_ms;
        };
        let read_ms = (now_ms + self.dice.between(4_000, 9_000)).max(self.bin_free_ms + 4_000);
        let settles_ms = read_ms + self.dice.between(5_000, 12_000);
        let net_g = rounded(mass_g, capacity);
        if self.bin_level_g + net_g > capacity.max_g * 8 / 10 {
            self.bin_level(bin, read_ms - 3_000, 0, capacity);
        }
        let tag = card.map(|uid| self.read(bin, uid, read_ms));
        let level_g = self.bin_level_g + net_g;
        let weight = self.bin_level(bin, settles_ms, level_g, capacity);
        self.bin_free_ms = settles_ms;
        self.trace.hand_overs.push(HandOver {
            household: visitor.household,
            stream,
            mass_g,
            net_g,
            scale: bin,
            reader: bin,
            tag,
            weight,
            mishaps: mishaps.to_vec(),
        });
        read_ms
    }

    fn bin_level(&mut self, bin: usize, at_ms: i64, gross_g: i64, capacity: Capacity) -> usize {
        self.bin_level_g = gross_g;
        let body = Body::Weight { gross_g, stable: true, load: None, stream: Stream::Recyclable, capacity };
        self.capture(bin, at_ms, body)
    }

    fn capture(&mut self, device: usize, at_ms: i64, body: Body) -> usize {
        self.trace.captures.push(Capture { device, at_ms, body });
        self.trace.captures.len() - 1
    }
}

/// Mass as a scale of these limits shows it: to the nearest division, one at least, never over its maximum.
fn rounded(mass_g: i64, capacity: Capacity) -> i64 {
    let divisions = (mass_g + capacity.division_g / 2) / capacity.division_g;
    (divisions.max(1) * capacity.division_g).min(capacity.max_g)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commune::PLATFORM;

    fn perfect() -> ScaleDay {
        ScaleDay::draw(&Faults::none(), &mut Dice::new(1, &[1]), &mut Dice::new(1, &[2]), 0, 1)
    }

    #[test]
    fn the_greatest_settled_level_of_a_load_is_the_true_mass() {
        let mut faults = Faults::none();
        faults.settles_twice = 10_000;
        let mut dice = Dice::new(5, &[]);
        let bench = Bench { reader: 0, scale: 0, capacity: PLATFORM, bin: None };
        let mut visitors: Vec<Visitor> = (0..50)
            .map(|n| Visitor {
                household: n,
                arrives_ms: 1_000_000 + 1_000 * i64::try_from(n).unwrap(),
                card: Some(Uid(7)),
                mishaps: Vec::new(),
                bags: vec![(Stream::Food, 1_813), (Stream::Other, 655)],
            })
            .collect();
        let (trace, loads) = Station::new(bench, perfect(), &faults, &mut dice, 10).serve(&mut visitors, 0, 10_000_000);
        assert_eq!(loads, 110);
        assert_eq!(trace.hand_overs.len(), 100);
        for hand_over in &trace.hand_overs {
            let Body::Weight { load: of, .. } = trace.captures[hand_over.weight].body else {
                panic!("not a weight");
            };
            let levels = trace.captures.iter().filter_map(|capture| match capture.body {
                Body::Weight { gross_g, stable: true, load, .. } if load == of => Some(gross_g),
                _ => None,
            });
            assert_eq!(levels.max(), Some(hand_over.net_g));
        }
    }

    #[test]
    fn every_level_is_within_reach_of_a_read_of_its_visit() {
        let faults = Faults::none();
        let mut dice = Dice::new(6, &[]);
        let bench = Bench { reader: 0, scale: 0, capacity: PLATFORM, bin: None };
        let mut visitors: Vec<Visitor> = (0..300)
            .map(|n| Visitor {
                household: n,
                arrives_ms: 0,
                card: Some(Uid(u64::try_from(n).unwrap())),
                mishaps: Vec::new(),
                bags: vec![(Stream::Food, 900), (Stream::Recyclable, 300), (Stream::Other, 655)],
            })
            .collect();
        let (mut trace, _) = Station::new(bench, perfect(), &faults, &mut dice, 0).serve(&mut visitors, 0, 100_000_000);
        trace.captures.sort_by_key(|capture| capture.at_ms);
        let mut read_ms = i64::MIN;
        for capture in trace.captures {
            match capture.body {
                Body::Tag { .. } => read_ms = capture.at_ms,
                Body::Weight { .. } => assert!(capture.at_ms - read_ms < 30_000),
                Body::Heartbeat { .. } | Body::Lost { .. } => {}
            }
        }
    }

    #[test]
    fn a_level_reached_from_above_reads_the_hysteresis_more() {
        let faults = Faults { unstable_first: 10_000, hysteresis_g: 10, ..Faults::none() };
        let scale = ScaleDay::draw(&faults, &mut Dice::new(1, &[1]), &mut Dice::new(1, &[2]), 0, 1);
        let bench = Bench { reader: 0, scale: 0, capacity: PLATFORM, bin: None };
        let mut dice = Dice::new(7, &[]);
        let visitor = |n: usize| Visitor {
            household: n,
            arrives_ms: 0,
            card: None,
            mishaps: Vec::new(),
            bags: vec![(Stream::Other, 1_801)],
        };
        let mut visitors: Vec<Visitor> = (0..100).map(visitor).collect();
        let (trace, _) = Station::new(bench, scale, &faults, &mut dice, 0).serve(&mut visitors, 0, 100_000_000);
        let shown: Vec<i64> = trace.hand_overs.iter().map(|hand_over| hand_over.net_g).collect();
        let more = shown.iter().filter(|shown_g| **shown_g == 1_820).count();
        assert_eq!(shown.iter().filter(|shown_g| **shown_g == 1_800).count() + more, 100);
        assert!((40..90).contains(&more), "{more} of 100 came down from a swing");
    }
}
