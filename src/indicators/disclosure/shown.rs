//! Counts as far as the reader may know them.

use super::{AreaCode, Badge, Counts, Level, Part, Percent, Reason};
use crate::indicators::whole;

/// Which parts are hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hidden(u16);

impl Hidden {
    /// Hides some parts, and those that need them.
    pub fn of(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut hidden = Self::default();
        for part in parts {
            hidden.0 |= 1 << part.place();
        }
        for part in Part::ALL {
            if part.needs().is_some_and(|needed| hidden.hides(needed)) {
                hidden.0 |= 1 << part.place();
            }
        }
        hidden
    }

    /// Tells whether a part is hidden.
    pub const fn hides(self, part: Part) -> bool {
        self.0 & (1 << part.place()) != 0
    }

    /// Tells whether nothing is hidden.
    pub const fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// Gives the hidden parts, in the order of `Part::ALL`.
    pub fn parts(self) -> impl Iterator<Item = Part> {
        Part::ALL.iter().copied().filter(move |part| self.hides(*part))
    }
}

/// Counts as far as the reader may know them: what is hidden is `None`, in every figure that is made of it.
///
/// # Why
/// A hidden number is not kept: whatever is made of this value cannot tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    counts: Counts,
    hidden: Hidden,
}

impl From<Counts> for Shown {
    fn from(counts: Counts) -> Self {
        Self::all(counts)
    }
}

impl Shown {
    /// Shows everything: to those who may see households, and of the commune.
    pub const fn all(counts: Counts) -> Self {
        Self { counts, hidden: Hidden(0) }
    }

    /// Shows all but some parts, and those that need them.
    pub fn without(counts: Counts, hidden: impl IntoIterator<Item = Part>) -> Self {
        let hidden = Hidden::of(hidden);
        let keep = |part: Part, number: i64| if hidden.hides(part) { 0 } else { number };
        let kept = Counts {
            eligible: keep(Part::Households, counts.eligible),
            sorting: keep(Part::Sorting, counts.sorting),
            not_sorting: keep(Part::States, counts.not_sorting),
            undetermined: match (hidden.hides(Part::States), hidden.hides(Part::Reasons)) {
                (true, _) => [0; 5],
                // U stays known, its reasons do not.
                (false, true) => [counts.undetermined_total(), 0, 0, 0, 0],
                (false, false) => counts.undetermined,
            },
            evidence: counts.evidence.map(|number| keep(Part::Evidence, number)),
            at_least_one: keep(Part::AtLeastOne, counts.at_least_one),
            enrolled: keep(Part::Enrolled, counts.enrolled),
            served: keep(Part::Practice, counts.served),
            measured: keep(Part::Practice, counts.measured),
            participating: keep(Part::Practice, counts.participating),
            opportunities: keep(Part::Practice, counts.opportunities),
            set_outs: keep(Part::Practice, counts.set_outs),
            home_treated: keep(Part::HomeTreated, counts.home_treated),
            people: keep(Part::Persons, counts.people),
            people_stated: keep(Part::Persons, counts.people_stated),
        };
        Self { counts: kept, hidden }
    }

    /// Gives the hidden parts.
    pub const fn hidden(&self) -> Hidden {
        self.hidden
    }

    /// Tells whether a part is hidden.
    pub const fn hides(&self, part: Part) -> bool {
        self.hidden.hides(part)
    }

    /// Tells whether nobody is counted; `false` where that is hidden.
    pub fn is_nobody(&self) -> bool {
        self.eligible().is_some_and(|eligible| eligible <= 0)
    }

    /// Gives a figure that is made of some parts. `None`: one of them is hidden.
    fn of<T>(&self, parts: &[Part], figure: impl FnOnce(&Counts) -> T) -> Option<T> {
        parts.iter().all(|part| !self.hides(*part)).then(|| figure(&self.counts))
    }

    /// Gives E.
    pub fn eligible(&self) -> Option<i64> {
        self.of(&[Part::Households], |counts| counts.eligible)
    }

    /// Gives S.
    pub fn sorting(&self) -> Option<i64> {
        self.of(&[Part::Sorting], |counts| counts.sorting)
    }

    /// Gives N.
    pub fn not_sorting(&self) -> Option<i64> {
        self.of(&[Part::States], |counts| counts.not_sorting)
    }

    /// Gives U, all reasons together.
    pub fn undetermined_total(&self) -> Option<i64> {
        self.of(&[Part::States], Counts::undetermined_total)
    }

    /// Gives U for one reason.
    pub fn undetermined_for(&self, reason: Reason) -> Option<i64> {
        self.of(&[Part::Reasons], |counts| counts.undetermined_for(reason))
    }

    /// Gives S of one weakest evidence level.
    pub fn evidence_of(&self, level: Level) -> Option<i64> {
        self.of(&[Part::Evidence], |counts| counts.evidence_of(level))
    }

    /// Gives the households with at least one group.
    pub fn at_least_one(&self) -> Option<i64> {
        self.of(&[Part::AtLeastOne], |counts| counts.at_least_one)
    }

    /// Gives the households enrolled.
    pub fn enrolled(&self) -> Option<i64> {
        self.of(&[Part::Enrolled], |counts| counts.enrolled)
    }

    /// Gives the households served.
    pub fn served(&self) -> Option<i64> {
        self.of(&[Part::Practice], |counts| counts.served)
    }

    /// Gives the households measured.
    pub fn measured(&self) -> Option<i64> {
        self.of(&[Part::Practice], |counts| counts.measured)
    }

    /// Gives those of the measured that set out at one opportunity or more.
    pub fn participating(&self) -> Option<i64> {
        self.of(&[Part::Practice], |counts| counts.participating)
    }

    /// Gives the measured households' last opportunities.
    pub fn opportunities(&self) -> Option<i64> {
        self.of(&[Part::Practice], |counts| counts.opportunities)
    }

    /// Gives those at which the household set out.
    pub fn set_outs(&self) -> Option<i64> {
        self.of(&[Part::Practice], |counts| counts.set_outs)
    }

    /// Published share S / E. `None` when it is hidden or E = 0.
    pub fn share(&self) -> Option<Percent> {
        self.of(&[Part::Sorting], Counts::share).flatten()
    }

    /// Upper bound (S + U) / E. `None` when it is hidden or E = 0.
    pub fn upper(&self) -> Option<Percent> {
        self.of(&[Part::States], Counts::upper).flatten()
    }

    /// Evidence coverage (S + N) / E. `None` when it is hidden or E = 0.
    pub fn coverage(&self) -> Option<Percent> {
        self.of(&[Part::States], Counts::coverage).flatten()
    }

    /// Enrolled / E. `None` when it is hidden or E = 0.
    pub fn enrolled_share(&self) -> Option<Percent> {
        self.of(&[Part::Enrolled], Counts::enrolled_share).flatten()
    }

    /// At least one group / E. `None` when it is hidden or E = 0.
    pub fn at_least_one_share(&self) -> Option<Percent> {
        self.of(&[Part::AtLeastOne], Counts::at_least_one_share).flatten()
    }

    /// WRAP's participation rate. `None` when it is hidden or nobody could be measured.
    pub fn participation(&self) -> Option<Percent> {
        self.of(&[Part::Practice], Counts::participation).flatten()
    }

    /// WRAP's set-out rate. `None` when it is hidden or nobody could be measured.
    pub fn set_out(&self) -> Option<Percent> {
        self.of(&[Part::Practice], Counts::set_out).flatten()
    }

    /// How far the figure may be used. Where the coverage is hidden, S alone vouches for it: a coverage that is no greater than the
    /// true one, made of what is public. `None` when the share is hidden or E = 0.
    pub fn badge(&self) -> Option<Badge> {
        if self.hides(Part::States) { self.share().map(Badge::of) } else { self.counts.badge() }
    }

    /// Gives a number's share of E, truncated. `None` when either is hidden or E = 0.
    pub fn part_of_all(&self, number: Option<i64>) -> Option<Percent> {
        Percent::share(whole(number?), whole(self.eligible()?))
    }
}

/// Gives the hamlets that a list of publications hides altogether.
pub fn hidden_altogether<'a>(
    shown: impl IntoIterator<Item = (&'a AreaCode, &'a Shown)>,
) -> impl Iterator<Item = &'a AreaCode> {
    shown.into_iter().filter(|(_, shown)| shown.hides(Part::Households)).map(|(area, _)| area)
}
