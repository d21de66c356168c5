//! Two others who join cards and loads: a naive one, and one that knows what no service can.
//!
//! Both see true times; the service has the devices' clocks. So the better one is a bound, not a goal.

use super::{Truth, weight_event};
use crate::truth::TrueRead;
use std::collections::HashMap;

/// A card further away than this is nobody's.
const NEAREST_MS: i64 = 60_000;
/// Reads of one card this close are one showing of it.
const ONE_SHOWING_MS: i64 = 60_000;
/// Loads further apart than this have no card in common.
const QUIET_MS: i64 = 10 * 60_000;
/// Density of arrivals, one in half a minute, as a chance a second.
const ARRIVALS_PER_S: f64 = 1.0 / 30.0;
/// A card shown and nothing laid on the scale.
const EMPTY_HANDED: f64 = 0.01;

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
/// truth shows.
#[must_use]
pub fn best_in_order(truth: &Truth) -> Vec<Option<&str>> {
    let arrived = || truth.hand_overs.iter().filter(|of| weight_event(of).is_some());
    let all = u32::try_from(arrived().count()).unwrap_or(u32::MAX);
    let unread = u32::try_from(arrived().filter(|of| of.tag_seq.is_none()).count()).unwrap_or(u32::MAX);
    let unread = (f64::from(unread) / f64::from(all.max(1))).clamp(0.001, 0.999);
    let mut given: Vec<Option<&str>> = vec![None; truth.hand_overs.len()];
    for (reader, reads) in reads_by_reader(truth) {
        let mut loads: Vec<(i64, usize)> = Vec::new();
        for (place, of) in truth.hand_overs.iter().enumerate() {
            if of.tag_device == reader && weight_event(of).is_some() {
                loads.push((of.at_ms, place));
            }
        }
        loads.sort_unstable();
        let showings = showings(&reads);
        for busy in loads.chunk_by(|(one_ms, _), (next_ms, _)| next_ms - one_ms < QUIET_MS) {
            let (first_ms, last_ms) = (busy[0].0, busy[busy.len() - 1].0);
            let from = showings.partition_point(|showing| showing.ends_ms() < first_ms - NEAREST_MS);
            let until = showings.partition_point(|showing| showing.reads_ms[0] <= last_ms);
            let near = &showings[from..until.max(from)];
            let times: Vec<i64> = busy.iter().map(|(at_ms, _)| *at_ms).collect();
            for ((_, place), showing) in busy.iter().zip(assign(&times, near, unread)) {
                given[*place] = showing.and_then(|showing| near[showing].card_of);
            }
        }
    }
    given
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

    /// Chance a second that a load of this showing settles at `at_ms`.
    fn density(&self, at_ms: i64) -> f64 {
        let since_ms = self.reads_ms.iter().map(|read_ms| at_ms - read_ms).filter(|since_ms| *since_ms >= 0).min();
        // The station's own times: 5 to 15 s from the first read, 3 to 12 s from one held up again, and loads
        // that follow without a new read.
        match since_ms {
            Some(3_000..=15_500) => 0.07,
            Some(0..3_000) => 0.01,
            Some(15_501..=30_000) => 0.01,
            Some(_) | None => 0.0,
        }
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

/// For each load, its showing or none, by dynamic programming: after each load, the cheapest way to have
/// last used each showing.
fn assign(loads_ms: &[i64], showings: &[Showing<'_>], unread: f64) -> Vec<Option<usize>> {
    let nobody = -(unread * ARRIVALS_PER_S).ln();
    let skipped = -EMPTY_HANDED.ln();
    // Place 0 stands for no showing used yet; place n for showing n - 1.
    let mut cost: Vec<f64> = vec![f64::INFINITY; showings.len() + 1];
    cost[0] = 0.0;
    // From which place each load came, where it used a showing.
    let mut came: Vec<HashMap<usize, usize>> = Vec::with_capacity(loads_ms.len());
    for &at_ms in loads_ms {
        let mut steps = HashMap::new();
        let mut next: Vec<f64> = cost.iter().map(|cost| cost + nobody).collect();
        let first = showings.partition_point(|showing| showing.ends_ms() < at_ms - NEAREST_MS);
        let near = showings.iter().enumerate().skip(first).take_while(|(_, of)| of.reads_ms[0] <= at_ms);
        for (place, showing) in near.map(|(index, showing)| (index + 1, showing)) {
            let density = showing.density(at_ms);
            if density <= 0.0 {
                continue;
            }
            let own = -((1.0 - unread) * density).ln();
            for (from, before) in cost.iter().enumerate().take(place + 1) {
                let between = u32::try_from(place.saturating_sub(from + 1)).unwrap_or(u32::MAX);
                let total = before + f64::from(between) * skipped + own;
                if total < next[place] {
                    next[place] = total;
                    steps.insert(place, from);
                }
            }
        }
        cost = next;
        came.push(steps);
    }
    let end = |place: usize| {
        let left = u32::try_from(showings.len() - place).unwrap_or(u32::MAX);
        cost[place] + f64::from(left) * skipped
    };
    let mut place = (0..cost.len()).min_by(|&a, &b| end(a).total_cmp(&end(b))).unwrap_or(0);
    let mut assigned = vec![None; loads_ms.len()];
    for (load, steps) in came.iter().enumerate().rev() {
        if let Some(&from) = steps.get(&place) {
            assigned[load] = Some(place - 1);
            place = from;
        }
    }
    assigned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(card_of: &'static str, reads_ms: &[i64]) -> Showing<'static> {
        Showing { card_of: Some(card_of), reads_ms: reads_ms.to_vec() }
    }

    #[test]
    fn a_load_far_from_every_card_is_nobodys() {
        let showings = [shown("a", &[0]), shown("b", &[100_000])];
        let assigned = assign(&[10_000, 60_000, 108_000], &showings, 0.02);
        assert_eq!(assigned, [Some(0), None, Some(1)]);
    }

    #[test]
    fn order_is_kept_where_the_nearest_card_would_cross() {
        // The load at 14 s is nearer to b, read at 12 s, but then a would have come with nothing.
        let showings = [shown("a", &[0]), shown("b", &[12_000])];
        assert_eq!(assign(&[14_000, 20_000], &showings, 0.02), [Some(0), Some(1)]);
    }
}
