//! The likeliest way in which cards and loads of one reader belong together, order kept, by the true rates.
//!
//! A station serves one person at a time, so the visits of a reader follow one another: each shows a card or none, then
//! lays down its loads. A way of joining says of each load whether it is the open visit's next, or the first of a new
//! visit with a later showing, or the first of one without. Its likelihood is the product of the rates of what it
//! claims; dynamic programming over the loads finds the greatest.
//!
//! # Why
//! The rates are counted from the truth itself ([`Rates::of`]), not copied from the station's physics: whatever a
//! scenario makes people and readers do, this assigner knows it, and a truth file is enough to compute it. It knows what
//! no service can: how often cards go unread, how long people take between card, bag and bag, and how soon the next one
//! comes. It does not look at streams or masses: who brings two bags of one stream is no rarity outside the simulator.
//!
//! Delays are counted in bins of a second; every bin holds a trace, so that no joining is impossible and a rare delay is
//! still judged by its neighbours.

use std::collections::BTreeMap;

/// Delays are counted singly up to here, seconds.
const BINS: usize = 60;
/// A card shown longer ago than this is no new visit's.
const REACH_MS: i64 = 60_000;
/// What an empty bin holds.
const TRACE: f64 = 0.02;
/// Loads of a visit that are told apart; a fourth is as likely as a third.
const LOADS: usize = 3;
/// Density of the first visit of a busy stretch, a second; the same for every joining.
const FIRST: f64 = 1.0 / 60.0;

/// How long something takes: chances a second, counted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Delays {
    bins: Vec<f64>,
    sum: f64,
    /// Delays beyond the bins, and by how much in all, seconds.
    long: f64,
    long_s: f64,
}

impl Delays {
    fn none() -> Self {
        Self { bins: vec![TRACE; BINS], sum: TRACE * 60.0, long: TRACE, long_s: 60.0 * TRACE }
    }

    pub(super) fn count(&mut self, delay_ms: i64) {
        let Some(bin) = Self::bin(delay_ms) else { return };
        self.sum += 1.0;
        match self.bins.get_mut(bin) {
            Some(slot) => *slot += 1.0,
            None => {
                self.long += 1.0;
                self.long_s += Self::beyond_s(delay_ms);
            }
        }
    }

    /// Chance a second that it takes `delay_ms`.
    pub(super) fn density(&self, delay_ms: i64) -> f64 {
        let whole = self.sum + TRACE;
        match Self::bin(delay_ms).map(|bin| self.bins.get(bin)) {
            None => 1e-9,
            Some(Some(count)) => count / whole,
            Some(None) => {
                let mean_s = (self.long_s / self.long).max(1.0);
                (self.long / whole * (-Self::beyond_s(delay_ms) / mean_s).exp() / mean_s).max(1e-9)
            }
        }
    }

    /// How many took as long as `delay_ms`, to the second.
    fn held(&self, delay_ms: i64) -> f64 {
        Self::bin(delay_ms).and_then(|bin| self.bins.get(bin)).copied().unwrap_or(self.long)
    }

    fn bin(delay_ms: i64) -> Option<usize> {
        usize::try_from(delay_ms.div_euclid(1_000)).ok()
    }

    fn beyond_s(delay_ms: i64) -> f64 {
        f64::from(u32::try_from(delay_ms / 1_000 - 60).unwrap_or(0))
    }
}

/// One visit as it really was: its reads in time order (none: unread) and its loads, milliseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct TrueVisit {
    pub(super) reads_ms: Vec<i64>,
    pub(super) loads_ms: Vec<i64>,
}

/// What happens how often at a reader, as the truth shows.
#[derive(Debug, Clone)]
pub(super) struct Rates {
    /// Visits without any read.
    unread: f64,
    /// Visits that go on after their first, second, later load.
    more: [f64; LOADS],
    /// From the first read to the first load.
    settle: Delays,
    /// From a load to the visit's next.
    next: Delays,
    /// How long before a later load its card is shown again, where it is.
    again_before: Delays,
    /// From a read to the visit's next load but one: where the card is shown again between, and where it is not.
    since_again: Delays,
    since_silent: Delays,
    /// From a visit's last load to the next visit's first read, and to its first load.
    to_read: Delays,
    to_load: Delays,
    /// Showings that belong to no load, a second.
    idle: f64,
}

impl Rates {
    /// Counts over busy stretches of visits; `showings` is how many there are in all.
    pub(super) fn of(stretches: &[Vec<TrueVisit>], showings: usize) -> Self {
        let mut rates = Self {
            unread: 0.0,
            more: [0.0; LOADS],
            settle: Delays::none(),
            next: Delays::none(),
            again_before: Delays::none(),
            since_again: Delays::none(),
            since_silent: Delays::none(),
            to_read: Delays::none(),
            to_load: Delays::none(),
            idle: 0.0,
        };
        let (mut visits, mut read, mut seconds) = (0.0, 0.0, 1.0);
        let (mut reached, mut went_on) = ([0.0; LOADS], [0.0; LOADS]);
        for stretch in stretches {
            let mut before_ms: Option<i64> = None;
            for visit in stretch {
                let (Some(&first_ms), Some(&last_ms)) = (visit.loads_ms.first(), visit.loads_ms.last()) else {
                    continue;
                };
                visits += 1.0;
                seconds += before_ms.map_or(60.0, |before_ms| seconds_of(last_ms - before_ms));
                if let Some(before_ms) = before_ms {
                    rates.to_load.count(first_ms - before_ms);
                }
                if let Some(&read_ms) = visit.reads_ms.first() {
                    read += 1.0;
                    rates.settle.count(first_ms - read_ms);
                    if let Some(before_ms) = before_ms {
                        rates.to_read.count(read_ms - before_ms);
                    }
                }
                for (nth, pair) in visit.loads_ms.windows(2).enumerate() {
                    rates.next.count(pair[1] - pair[0]);
                    went_on[nth.min(LOADS - 1)] += 1.0;
                    let Some((between, before)) = around(&visit.reads_ms, pair[0], pair[1]) else { continue };
                    match between {
                        Some(read_ms) => {
                            rates.since_again.count(pair[1] - before);
                            rates.again_before.count(pair[1] - read_ms);
                        }
                        None => rates.since_silent.count(pair[1] - before),
                    }
                }
                for nth in 0..visit.loads_ms.len() {
                    reached[nth.min(LOADS - 1)] += 1.0;
                }
                before_ms = Some(last_ms);
            }
        }
        let share = |part: f64, whole: f64| ((part + 0.5) / (whole + 1.0)).clamp(1e-4, 1.0 - 1e-4);
        rates.unread = share(visits - read, visits);
        for (more, (on, reached)) in rates.more.iter_mut().zip(went_on.iter().zip(reached)) {
            *more = share(*on, reached);
        }
        let showings = f64::from(u32::try_from(showings).unwrap_or(u32::MAX));
        rates.idle = ((showings - read).max(0.0) + 0.5) / seconds;
        rates
    }
}

impl Rates {
    /// Chance that a card is shown again before a later load that settles `since_ms` after its last read: the longer ago, the
    /// surer.
    fn shows_again(&self, since_ms: i64) -> f64 {
        let again = self.since_again.held(since_ms);
        again / (again + self.since_silent.held(since_ms))
    }
}

fn seconds_of(ms: i64) -> f64 {
    f64::from(u32::try_from(ms / 1_000).unwrap_or(0))
}

/// The last read between two loads, if any, and the last one before the first of them. `None`: the card was never read
/// before.
fn around(reads_ms: &[i64], first_ms: i64, next_ms: i64) -> Option<(Option<i64>, i64)> {
    let before_ms = *reads_ms.iter().rfind(|read_ms| **read_ms < first_ms)?;
    let between = reads_ms.iter().rfind(|read_ms| (first_ms..next_ms).contains(*read_ms));
    Some((between.copied(), before_ms))
}

/// Whose a load is, and where its visit stands after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    /// Showings used or passed over so far.
    used: usize,
    /// The open visit showed a card: the last of those used.
    is_read: bool,
    /// Its loads so far, from 1.
    loads: usize,
}

impl Standing {
    fn showing(self) -> Option<usize> {
        self.used.checked_sub(1).filter(|_| self.is_read)
    }
}

/// One busy stretch: when loads settled, and the reads of each showing.
pub(super) struct Stretch<'a> {
    pub(super) rates: &'a Rates,
    pub(super) loads_ms: &'a [i64],
    pub(super) showings: &'a [&'a [i64]],
}

impl Stretch<'_> {
    /// The showing of each load, or none, by the likeliest joining.
    pub(super) fn likeliest(&self) -> Vec<Option<usize>> {
        let mut columns: Vec<BTreeMap<Standing, (f64, Option<Standing>)>> = Vec::with_capacity(self.loads_ms.len());
        for load in 0..self.loads_ms.len() {
            let mut column: BTreeMap<Standing, (f64, Option<Standing>)> = BTreeMap::new();
            let mut reach = |from: Option<Standing>, before: f64| {
                for (to, cost) in self.steps(load, from) {
                    let slot = column.entry(to).or_insert((f64::INFINITY, None));
                    if before + cost < slot.0 {
                        *slot = (before + cost, from);
                    }
                }
            };
            match columns.last() {
                None => reach(None, 0.0),
                Some(last) => last.iter().for_each(|(from, (cost, _))| reach(Some(*from), *cost)),
            }
            columns.push(column);
        }
        let ends = columns.last().into_iter().flatten();
        let ends = ends.map(|(standing, (cost, _))| (*standing, cost + self.left_over(standing.used)));
        let mut at = ends.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(standing, _)| standing);
        let mut assigned = vec![None; self.loads_ms.len()];
        for (load, column) in columns.iter().enumerate().rev() {
            let Some(standing) = at else { break };
            assigned[load] = standing.showing();
            at = column[&standing].1;
        }
        assigned
    }

    /// What load number `load` can be after `from` (`None`: it is the first), and the cost of each: minus the logarithm of
    /// its likelihood.
    fn steps(&self, load: usize, from: Option<Standing>) -> Vec<(Standing, f64)> {
        let (rates, at_ms) = (self.rates, self.loads_ms[load]);
        let before = from.map(|from| (from, self.loads_ms[load - 1]));
        let used = from.map_or(0, |from| from.used);
        let mut steps = Vec::new();
        if let Some((from, before_ms)) = before {
            let likelihood = rates.more[from.loads - 1]
                * rates.next.density(at_ms - before_ms)
                * self.read_between(from, before_ms, at_ms);
            steps.push((Standing { loads: (from.loads + 1).min(LOADS), ..from }, -likelihood.ln()));
        }
        let ends = before.map_or(1.0, |(from, before_ms)| {
            (1.0 - rates.more[from.loads - 1]) * self.shown_in_vain(from, before_ms, at_ms)
        });
        let unread = before.map_or(FIRST, |(_, before_ms)| rates.to_load.density(at_ms - before_ms)) * rates.unread;
        steps.push((Standing { used, is_read: false, loads: 1 }, -(ends * unread).ln()));
        for (showing, reads_ms) in self.showings.iter().enumerate().skip(used) {
            let read_ms = reads_ms[0];
            if read_ms > at_ms {
                break;
            }
            if at_ms - read_ms > REACH_MS {
                continue;
            }
            let comes = before.map_or(FIRST, |(_, before_ms)| rates.to_read.density(read_ms - before_ms));
            let likelihood = ends * (1.0 - rates.unread) * comes * rates.settle.density(at_ms - read_ms);
            let cost = self.passed_over(showing - used) - likelihood.ln();
            steps.push((Standing { used: showing + 1, is_read: true, loads: 1 }, cost));
        }
        steps
    }

    /// Chance that the open visit's card is read, or not, between two of its loads as it was.
    fn read_between(&self, open: Standing, before_ms: i64, at_ms: i64) -> f64 {
        let Some(showing) = open.showing() else { return 1.0 };
        let rates = self.rates;
        match around(self.showings[showing], before_ms, at_ms) {
            Some((Some(read_ms), since_ms)) => {
                rates.shows_again(at_ms - since_ms) * rates.again_before.density(at_ms - read_ms)
            }
            Some((None, since_ms)) => 1.0 - rates.shows_again(at_ms - since_ms),
            None => 1.0,
        }
    }

    /// Chance a second of ending a visit whose card is read once more after its last load: a read that belongs to nothing.
    fn shown_in_vain(&self, open: Standing, before_ms: i64, at_ms: i64) -> f64 {
        let reads_ms = open.showing().map_or(&[][..], |showing| self.showings[showing]);
        if reads_ms.iter().any(|read_ms| (before_ms..at_ms).contains(read_ms)) { self.rates.idle } else { 1.0 }
    }

    fn passed_over(&self, showings: usize) -> f64 {
        -self.rates.idle.ln() * f64::from(u32::try_from(showings).unwrap_or(u32::MAX))
    }

    fn left_over(&self, used: usize) -> f64 {
        self.passed_over(self.showings.len() - used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    /// Cards are read 5 to 15 s before the load; one visit in ten is unread; half go on, 9 to 15 s later.
    fn rates() -> Rates {
        let mut dice = Dice::new(1, &[]);
        let mut now_ms = 0;
        let mut stretch = Vec::new();
        for _ in 0..2_000 {
            let read_ms = now_ms + dice.between(5_000, 30_000);
            let first_ms = read_ms + dice.between(5_000, 15_000);
            let mut visit = TrueVisit { reads_ms: vec![read_ms], loads_ms: vec![first_ms] };
            now_ms = first_ms;
            if dice.chance(5_000) {
                now_ms += dice.between(9_000, 15_000);
                visit.loads_ms.push(now_ms);
                if dice.chance(5_000) {
                    visit.reads_ms.push(now_ms - 4_000);
                }
            }
            if dice.chance(1_000) {
                visit.reads_ms.clear();
            }
            stretch.push(visit);
        }
        let showings = stretch.iter().filter(|visit| !visit.reads_ms.is_empty()).count();
        Rates::of(&[stretch], showings)
    }

    /// The least cost over every joining, one after another.
    fn least(stretch: &Stretch<'_>, load: usize, from: Option<Standing>) -> f64 {
        if load == stretch.loads_ms.len() {
            return stretch.left_over(from.map_or(0, |from| from.used));
        }
        let costs = stretch.steps(load, from).into_iter().map(|(to, cost)| cost + least(stretch, load + 1, Some(to)));
        costs.fold(f64::INFINITY, f64::min)
    }

    /// The least cost among the joinings that give each load the showing of `assigned`.
    fn cost_of(stretch: &Stretch<'_>, assigned: &[Option<usize>], load: usize, from: Option<Standing>) -> f64 {
        if load == assigned.len() {
            return stretch.left_over(from.map_or(0, |from| from.used));
        }
        let steps = stretch.steps(load, from).into_iter().filter(|(to, _)| to.showing() == assigned[load]);
        let costs = steps.map(|(to, cost)| cost + cost_of(stretch, assigned, load + 1, Some(to)));
        costs.fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn no_joining_is_likelier_than_the_likeliest() {
        let rates = rates();
        for seed in 0..400 {
            let mut dice = Dice::new(seed, &[9]);
            let mut times = |count: i64| {
                let mut times: Vec<i64> = (0..count).map(|_| dice.between(0, 90_000)).collect();
                times.sort_unstable();
                times
            };
            let (loads_ms, reads_ms) = (times(5), times(4));
            let showings: Vec<&[i64]> = reads_ms.chunks(1).collect();
            let stretch = Stretch { rates: &rates, loads_ms: &loads_ms, showings: &showings };
            let (found, least) = (stretch.likeliest(), least(&stretch, 0, None));
            let cost = cost_of(&stretch, &found, 0, None);
            assert!((cost - least).abs() < 1e-9, "seed {seed}: {found:?} costs {cost}, the least is {least}");
            let used: Vec<usize> = found.into_iter().flatten().collect();
            assert!(used.is_sorted(), "{used:?}");
        }
    }

    #[test]
    fn a_card_shown_again_means_another_bag() {
        let rates = rates();
        let showings: [&[i64]; 1] = [&[0, 22_000]];
        let stretch = Stretch { rates: &rates, loads_ms: &[10_000, 26_000], showings: &showings };
        assert_eq!(stretch.likeliest(), [Some(0), Some(0)]);
    }

    #[test]
    fn a_load_far_from_every_card_is_nobodys() {
        let rates = rates();
        let showings: [&[i64]; 2] = [&[0], &[100_000]];
        let stretch = Stretch { rates: &rates, loads_ms: &[10_000, 47_000, 108_000], showings: &showings };
        assert_eq!(stretch.likeliest(), [Some(0), None, Some(1)]);
    }

    #[test]
    fn order_is_kept_where_the_nearest_card_would_cross() {
        // The load at 14 s is nearer to the card read at 12 s, but then the first would have come with nothing.
        let rates = rates();
        let showings: [&[i64]; 2] = [&[0], &[12_000]];
        let stretch = Stretch { rates: &rates, loads_ms: &[14_000, 20_000], showings: &showings };
        assert_eq!(stretch.likeliest(), [Some(0), Some(1)]);
    }

    #[test]
    fn a_bag_after_the_usual_time_is_the_next_persons_whose_card_was_not_read() {
        let rates = rates();
        let showings: [&[i64]; 1] = [&[0]];
        let of = |second_ms: i64| {
            let loads_ms = [10_000, second_ms];
            Stretch { rates: &rates, loads_ms: &loads_ms, showings: &showings }.likeliest()
        };
        assert_eq!(of(22_000), [Some(0), Some(0)]);
        assert_eq!(of(38_000), [Some(0), None]);
    }
}
