//! Two others who join cards and loads: a naive one, and one that knows what no service can.
//!
//! Both see true times; the service has the devices' clocks. So the better one is a bound, not a goal. Neither keeps back
//! what is doubtful, as a service may: what each misplaces is told beside what it gives wrongly.

use super::in_order::{Rates, Stretch, TrueVisit};
use super::{Truth, weight_event};
use crate::truth::{Mishap, TrueRead};
use std::collections::{BTreeMap, HashMap};

/// A card further away than this is nobody's.
const NEAREST_MS: i64 = 60_000;
/// Reads of one card this close are one showing of it.
const ONE_SHOWING_MS: i64 = 60_000;
/// Loads further apart than this have no card in common.
const QUIET_MS: i64 = 10 * 60_000;
/// Gives each load to the household of the card read nearest in time.
#[must_use]
pub fn nearest_card(truth: &Truth) -> Vec<Option<&str>> {
    let by_reader = reads_by_reader(truth);
    let nearest = |of: &crate::truth::TrueHandOver| {
        weight_event(of)?;
        let reads = by_reader.get(of.tag_device.as_str())?;
        let read = reads.iter().min_by_key(|read| (read.at_ms - of.at_ms).abs())?;
        ((read.at_ms - of.at_ms).abs() <= NEAREST_MS).then_some(read.card_of.as_deref()).flatten()
    };
    truth.hand_overs.iter().map(nearest).collect()
}

/// The likeliest assignment that keeps the order of showings and loads at each reader, by the rates that the
/// truth shows ([`super::in_order`]).
#[must_use]
pub fn best_in_order(truth: &Truth) -> Vec<Option<&str>> {
    let mut given: Vec<Option<&str>> = vec![None; truth.hand_overs.len()];
    let readers: Vec<Reader<'_>> = readers(truth);
    let visits: Vec<Vec<TrueVisit>> = readers.iter().flat_map(|reader| reader.visits(truth)).collect();
    let rates = Rates::of(&visits, readers.iter().map(|reader| reader.showings.len()).sum());
    for reader in &readers {
        for busy in reader.busy() {
            let (first_ms, last_ms) = (busy[0].0, busy[busy.len() - 1].0);
            let from = reader.showings.partition_point(|showing| showing.ends_ms() < first_ms - NEAREST_MS);
            let until = reader.showings.partition_point(|showing| showing.reads_ms[0] <= last_ms);
            let near = &reader.showings[from..until.max(from)];
            let loads_ms: Vec<i64> = busy.iter().map(|(at_ms, _)| *at_ms).collect();
            let showings: Vec<&[i64]> = near.iter().map(|showing| showing.reads_ms.as_slice()).collect();
            let stretch = Stretch { rates: &rates, loads_ms: &loads_ms, showings: &showings };
            for ((_, place), showing) in busy.iter().zip(stretch.likeliest()) {
                given[*place] = showing.and_then(|showing| near[showing].card_of);
            }
        }
    }
    given
}

/// A reader, the showings at it, and the loads beside it that arrived: when, and their place among the hand-overs.
struct Reader<'a> {
    showings: Vec<Showing<'a>>,
    loads: Vec<(i64, usize)>,
}

fn readers(truth: &Truth) -> Vec<Reader<'_>> {
    let mut of_reader: BTreeMap<&str, Vec<(i64, usize)>> = BTreeMap::new();
    for (place, of) in truth.hand_overs.iter().enumerate() {
        if weight_event(of).is_some() {
            of_reader.entry(&of.tag_device).or_default().push((of.at_ms, place));
        }
    }
    let reads = reads_by_reader(truth);
    let reader = |(name, mut loads): (&str, Vec<(i64, usize)>)| {
        loads.sort_unstable();
        Reader { showings: reads.get(name).map(|reads| showings(reads)).unwrap_or_default(), loads }
    };
    of_reader.into_iter().map(reader).collect()
}

impl Reader<'_> {
    fn busy(&self) -> impl Iterator<Item = &[(i64, usize)]> {
        self.loads.chunk_by(|(one_ms, _), (next_ms, _)| next_ms - one_ms < QUIET_MS)
    }

    /// What really happened at it, stretch by stretch: a household comes once a day.
    fn visits(&self, truth: &Truth) -> Vec<Vec<TrueVisit>> {
        let of_stretch = |busy: &[(i64, usize)]| {
            let same = |one: &(i64, usize), next: &(i64, usize)| {
                truth.hand_overs[one.1].household == truth.hand_overs[next.1].household
            };
            busy.chunk_by(same).map(|loads| self.visit(truth, loads)).collect()
        };
        self.busy().map(of_stretch).collect()
    }

    fn visit(&self, truth: &Truth, loads: &[(i64, usize)]) -> TrueVisit {
        let (first_ms, last_ms) = (loads[0].0, loads[loads.len() - 1].0);
        let of = &truth.hand_overs[loads[0].1];
        let was_read = of.tag_seq.is_some() && !of.mishaps.contains(&Mishap::ReadLost);
        // The last showing that began before the first load is its own: cards are shown first.
        let began = self.showings.partition_point(|showing| showing.reads_ms[0] <= first_ms);
        let showing = began.checked_sub(1).and_then(|place| self.showings.get(place)).filter(|_| was_read);
        let reads_ms = showing.map(|showing| &showing.reads_ms[..]).unwrap_or_default();
        TrueVisit {
            reads_ms: reads_ms.iter().copied().filter(|read_ms| *read_ms < last_ms).collect(),
            loads_ms: loads.iter().map(|(at_ms, _)| *at_ms).collect(),
        }
    }
}

fn reads_by_reader(truth: &Truth) -> HashMap<&str, Vec<&TrueRead>> {
    let mut by_reader: HashMap<&str, Vec<&TrueRead>> = HashMap::new();
    for read in &truth.reads {
        by_reader.entry(read.device.as_str()).or_default().push(read);
    }
    for reads in by_reader.values_mut() {
        reads.sort_by_key(|read| (read.at_ms, read.seq));
    }
    by_reader
}

/// A card held up, once or several times in a row.
struct Showing<'a> {
    card_of: Option<&'a str>,
    reads_ms: Vec<i64>,
}

impl Showing<'_> {
    fn ends_ms(&self) -> i64 {
        self.reads_ms.last().copied().unwrap_or(i64::MIN)
    }
}

fn showings<'a>(reads: &[&'a TrueRead]) -> Vec<Showing<'a>> {
    let mut showings: Vec<Showing<'a>> = Vec::new();
    for read in reads {
        let card_of = read.card_of.as_deref();
        match showings.last_mut() {
            Some(last) if last.card_of == card_of && read.at_ms - last.ends_ms() <= ONE_SHOWING_MS => {
                last.reads_ms.push(read.at_ms);
            }
            Some(_) | None => showings.push(Showing { card_of, reads_ms: vec![read.at_ms] }),
        }
    }
    showings
}
