//! What the public may know of a hamlet: which of its figures are published, and which are hidden so that no household shows.
//!
//! Owns the rule and the only way from [`Counts`] to what a public page, file, chart or answer says ([`Shown`]). Pure: the
//! publication of a day is a function of that day's counts of all hamlets, and of nothing else.
//!
//! # Why
//! **The threat.** Whoever reads everything that the public can reach: each day of each hamlet and of the commune, every step
//! (day, week, month, year), every companion figure, percentages with two decimals beside the number they divide by, charts,
//! files; who knows this program, and perhaps some households. It must not learn how a group of fewer than ten households of a
//! hamlet stands: neighbours would know which ones.
//!
//! **Cells.** A cell is a count of households that is published or follows from what is: a state, its complement, the difference of
//! two nested figures ("at least one group" less "sorting"). A cell of a hamlet may be 0 or at least [`FEWEST`]. *None* and *all* stay
//! visible: 100 % is the programme's aim, and nobody is singled out by it. The commune's totals stay exact, however small: three among
//! ten thousand are found by nobody.
//!
//! **Parts.** Cells are published and hidden by [`Part`], each as a whole, so that a part's cells can never be found from each other. Of
//! findings (contamination, refusals) nothing is published by hamlet, nor how masses are known: they are few, and each is somebody's.
//!
//! **Subtraction.** The commune less the hamlets that are shown is the sum of the hidden ones, so one hidden hamlet would be no
//! secret: others are hidden with it until there are two or more and their sum is no small cell either. Where two parts hide hamlets in
//! common, the sum over both is looked at too: that is where one figure less the other could be had. Whom to add goes by the order of
//! codes. Taking the smallest hamlet, which would hide least, was tried and rejected: that it was the smallest tells how large the
//! hidden one can be at least, and the attacker below found it out.
//!
//! **Days and periods.** A day's publication depends on no other day, and nothing public adds up a hidden cell with others over time:
//! a week's, month's or year's figure of a hamlet is made of days on which its part is shown, or it is hidden. So periods can be
//! subtracted from one another at will and give days that were shown anyway.
//!
//! **What it does not do.** A count that goes from 240 to 241 tells that somebody's state changed, not whose; who knows that one household
//! alone moved that day has learnt it. Noise or rounding of every figure would prevent that, and was rejected: the hamlets would no longer
//! add up to the commune, and the figure that is signed would not be the one on the wall. A commune of one hamlet has no secret from
//! its own total.
//!
//! The attacker is a test: it knows this program and every published number, and tries every small commune.

use std::collections::{BTreeMap, BTreeSet};

use super::{Badge, Counts};
use crate::domain::ids::{AreaCode, StreamCode};
use crate::domain::state::{Level, Reason, word};
use crate::domain::units::Percent;

mod periods;
mod shown;
#[cfg(test)]
mod tests;

pub use periods::{PeriodParts, public_figures};
pub use shown::{Hidden, Shown, hidden_altogether};

/// The fewest households that a published cell of a hamlet stands for.
pub const FEWEST: i64 = 10;

word!(
    /// A part of a hamlet's figures, published or hidden as a whole. Each but the first needs another one.
    Part {
        /// E, and with it everything.
        Households = "households",
        /// S and its share.
        Sorting = "sorting",
        /// S by the weakest level of evidence.
        Evidence = "evidence",
        /// Households with at least one group.
        AtLeastOne = "at_least_one_group",
        /// Households enrolled.
        Enrolled = "enrolled",
        /// N and U, and so the upper bound and the coverage.
        States = "states",
        /// U by reason.
        Reasons = "reasons",
        /// Served, measured, participating, set out.
        Practice = "practice",
        /// Households seen to treat their food waste at home.
        HomeTreated = "home_treatment",
        /// Persons.
        Persons = "persons",
    }
);

impl Part {
    /// Gives the part without which this one says nothing. `None`: it stands alone.
    pub const fn needs(self) -> Option<Self> {
        match self {
            Self::Households => None,
            Self::Sorting | Self::Practice | Self::HomeTreated | Self::Persons => Some(Self::Households),
            Self::Evidence | Self::AtLeastOne | Self::Enrolled | Self::States => Some(Self::Sorting),
            Self::Reasons => Some(Self::States),
        }
    }

    const fn place(self) -> usize {
        match self {
            Self::Households => 0,
            Self::Sorting => 1,
            Self::Evidence => 2,
            Self::AtLeastOne => 3,
            Self::Enrolled => 4,
            Self::States => 5,
            Self::Reasons => 6,
            Self::Practice => 7,
            Self::HomeTreated => 8,
            Self::Persons => 9,
        }
    }
}

/// Gives a part's cells: its own, and those that follow with earlier parts that are open.
fn cells(part: Part, counts: &Counts, open: impl Fn(Part) -> bool) -> Vec<i64> {
    let all = counts.eligible;
    let (sorting, undetermined) = (counts.sorting, counts.undetermined_total());
    let (at_least_one, enrolled) = (counts.at_least_one, counts.enrolled);
    match part {
        Part::Households => vec![all],
        Part::Sorting => vec![sorting, all - sorting],
        Part::Evidence => counts.evidence.to_vec(),
        Part::AtLeastOne => vec![at_least_one - sorting, all - at_least_one],
        Part::Enrolled => {
            let mut cells = vec![enrolled - sorting, all - enrolled];
            if open(Part::AtLeastOne) {
                cells.push(enrolled - at_least_one);
            }
            cells
        }
        Part::States => {
            let mut cells = vec![counts.not_sorting, undetermined];
            if open(Part::AtLeastOne) {
                // Nobody with an open contrary finding has a group that counts.
                cells.push(undetermined - (at_least_one - sorting));
            }
            cells
        }
        Part::Reasons => {
            let mut cells = counts.undetermined.to_vec();
            let missing_one = counts.undetermined_for(Reason::OneStreamMissing);
            let declared = counts.undetermined_for(Reason::OnlyDeclared);
            if open(Part::AtLeastOne) {
                // Who lacks one stream has another; of those with a declaration some have one.
                let declared_with_one = at_least_one - sorting - missing_one;
                cells.extend([declared_with_one, declared - declared_with_one]);
            }
            if open(Part::Enrolled) {
                cells.push(enrolled - sorting - missing_one - declared);
            }
            cells
        }
        Part::Practice => vec![
            counts.served,
            all - counts.served,
            counts.measured,
            (counts.served - counts.measured).max(0),
            counts.participating,
            counts.measured - counts.participating,
            counts.set_outs,
            counts.opportunities - counts.set_outs,
        ],
        Part::HomeTreated => vec![counts.home_treated, all - counts.home_treated],
        Part::Persons => vec![counts.people_stated, all - counts.people_stated],
    }
}

/// How small a cell may be, `together` hamlets being added up.
#[derive(Clone, Copy)]
struct Limit {
    fewest: i64,
    together: usize,
}

impl Limit {
    /// Tells whether a cell may be known. A sum of as many households as hidden hamlets could be one in each, and of so many times the
    /// largest small number could be that number in each.
    fn holds(self, cell: i64) -> bool {
        let hamlets = i64::try_from(self.together).unwrap_or(i64::MAX);
        let at_an_end = hamlets > 1 && (cell <= hamlets || cell == hamlets * (self.fewest - 1));
        cell == 0 || cell >= self.fewest && !at_an_end
    }

    fn holds_all(self, part: Part, counts: &Counts, open: impl Fn(Part) -> bool) -> bool {
        cells(part, counts, open).into_iter().all(|cell| self.holds(cell))
    }
}

/// Places of hamlets in a list.
type Places = BTreeSet<usize>;

/// The hamlets that somebody is counted in, by code.
struct Hamlets<'a> {
    counts: Vec<(&'a AreaCode, &'a Counts)>,
    fewest: i64,
}

impl<'a> Hamlets<'a> {
    fn of(counts: &'a BTreeMap<AreaCode, Counts>, fewest: i64) -> Self {
        Self { counts: counts.iter().filter(|(_, counts)| counts.eligible > 0).collect(), fewest }
    }

    fn sum(&self, places: &Places) -> Counts {
        let mut sum = Counts::default();
        for place in places {
            sum.merge(self.counts[*place].1);
        }
        sum
    }

    /// Chooses the hamlets in which a part is hidden; `before` has those of the earlier parts.
    fn closed(&self, part: Part, before: &BTreeMap<Part, Places>) -> Places {
        let own = Limit { fewest: self.fewest, together: 1 };
        let mut closed = part.needs().and_then(|needed| before.get(&needed)).cloned().unwrap_or_default();
        for (place, (_, counts)) in self.counts.iter().enumerate() {
            let is_open = |other| before.get(&other).is_none_or(|closed| !closed.contains(&place));
            if !own.holds_all(part, counts, is_open) {
                closed.insert(place);
            }
        }
        widened(closed, self.counts.len(), |closed| {
            let limit = Limit { fewest: self.fewest, together: closed.len() };
            let joined = joined(part, closed, before);
            let may_be_known = |places: &Places| limit.holds_all(part, &self.sum(places), |_| true);
            // All hamlets together are the commune, whose totals are exact.
            may_be_known(closed) && (joined.len() == self.counts.len() || may_be_known(&joined))
        })
    }
}

/// Adds hamlets, in order of their codes, until there are two or more and their sum may be known, or all are hidden.
fn widened(mut closed: Places, of: usize, may_be_known: impl Fn(&Places) -> bool) -> Places {
    if closed.is_empty() {
        return closed;
    }
    for next in 0..of {
        if closed.len() > 1 && may_be_known(&closed) {
            return closed;
        }
        closed.insert(next);
    }
    closed
}

/// Adds the hamlets of every earlier part that shares cells with this one and hides one of these hamlets: only over all of them
/// together can the cells of both be had.
fn joined(part: Part, closed: &Places, before: &BTreeMap<Part, Places>) -> Places {
    let mut joined = closed.clone();
    let sharing = [Part::AtLeastOne, Part::Enrolled, Part::States, Part::Reasons];
    if !sharing.contains(&part) {
        return joined;
    }
    loop {
        let size = joined.len();
        for other in sharing.iter().filter_map(|other| before.get(other)) {
            if !other.is_disjoint(&joined) {
                joined.extend(other);
            }
        }
        if joined.len() == size {
            return joined;
        }
    }
}

/// Makes what the public may know of a day from the counts of all its hamlets.
pub fn published(counts: &BTreeMap<AreaCode, Counts>) -> BTreeMap<AreaCode, Shown> {
    published_from(counts, FEWEST)
}

fn published_from(counts: &BTreeMap<AreaCode, Counts>, fewest: i64) -> BTreeMap<AreaCode, Shown> {
    let hamlets = Hamlets::of(counts, fewest);
    let mut closed: BTreeMap<Part, Places> = BTreeMap::new();
    for part in Part::ALL {
        closed.insert(*part, hamlets.closed(*part, &closed));
    }
    let mut shown: BTreeMap<AreaCode, Shown> =
        counts.iter().map(|(area, counts)| (area.clone(), Shown::all(*counts))).collect();
    for (place, (area, counts)) in hamlets.counts.iter().enumerate() {
        let hidden = Part::ALL.iter().copied().filter(|part| closed[part].contains(&place));
        shown.insert((*area).clone(), Shown::without(**counts, hidden));
    }
    shown
}

/// Chooses the hamlets whose mass of one stream on one day is hidden, from the pickups that it was weighed at.
///
/// `households` has the hamlets whose number of households is hidden on that day: what few households hand over is hidden with them.
pub fn hidden_masses(pickups: &BTreeMap<AreaCode, i64>, households: &BTreeSet<AreaCode>) -> BTreeSet<AreaCode> {
    hidden_masses_from(pickups, households, FEWEST)
}

fn hidden_masses_from(
    pickups: &BTreeMap<AreaCode, i64>,
    households: &BTreeSet<AreaCode>,
    fewest: i64,
) -> BTreeSet<AreaCode> {
    let hamlets: Vec<(i64, &AreaCode)> =
        pickups.iter().filter(|(_, count)| **count > 0).map(|(area, count)| (*count, area)).collect();
    let own = Limit { fewest, together: 1 };
    let primary =
        hamlets.iter().enumerate().filter(|(_, (count, area))| !own.holds(*count) || households.contains(*area));
    let closed = widened(primary.map(|(place, _)| place).collect(), hamlets.len(), |closed| {
        let sum = closed.iter().map(|place| hamlets[*place].0).sum();
        Limit { fewest, together: closed.len() }.holds(sum)
    });
    closed.into_iter().map(|place| hamlets[place].1.clone()).collect()
}
