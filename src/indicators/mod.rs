//! Published numbers: each with its definition, its rule version and its cut-off.
//!
//! Owns how counts become shares, bounds, coverage and badges, and the shape in which the pages, the charts and the API
//! get them. May use `domain` only; where the counts come from is `store`'s.

pub mod alerting;
pub mod audit;
pub mod disclosure;
mod guards;
mod interval;
pub mod month;
mod period;
mod remixing;
mod scale_health;
mod secondary;
pub mod standing;
mod visiting;

pub use disclosure::{Hidden, Part, Shown};
pub use guards::{AreaExclusions, Flag, PersonCounts, Thresholds, flags};
pub use period::{AreaPeriod, Delivered, EventQuality, PeriodShare, Service, YearShare, periods, year_shares};
pub use remixing::{Remixing, RemixingRule, Verdict};
pub use scale_health::{
    Battery, ConditionDay, Mute, ScaleHealth, ScalePart, ScaleRule, Step as ScaleStep, Stuck, Verification, Zero,
    ZeroVerdict,
};
pub use secondary::{DataSource, Figure, Masses, Missing, Name, PeriodFacts, Scales, Unit, Value, figures};
pub use visiting::{AHEAD_WEEKS, Outlook, PACE_WEEKS, RunOutWeek, VisitWeek, Visiting, WEEKS};

use serde::{Deserialize, Serialize};

use crate::domain::ids::{AreaCode, StreamCode};
use crate::domain::sorting::Practice;
use crate::domain::state::{DayState, Level, Reason, State};
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;

/// How many households of an area stand where on one day. The states add up: `sorting + not_sorting + undetermined = eligible`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// E: active registered households less exclusions.
    pub eligible: i64,
    /// S.
    pub sorting: i64,
    /// N.
    pub not_sorting: i64,
    /// U by reason, in the order of `Reason::ALL`.
    pub undetermined: [i64; 5],
    /// S by the weakest level, in the order of `Level::ALL`.
    pub evidence: [i64; 3],
    /// Households with at least one group.
    pub at_least_one: i64,
    /// Households enrolled: declared or better in at least one required stream.
    pub enrolled: i64,
    /// Households served: a round offered to them ran within the window's days.
    pub served: i64,
    /// Households with as many opportunities of a required stream as a window holds.
    pub measured: i64,
    /// Of these, those that set out at one or more of them.
    pub participating: i64,
    /// The measured households' last opportunities.
    pub opportunities: i64,
    /// Those at which the household set out.
    pub set_outs: i64,
    /// Households seen to treat their food waste at home.
    pub home_treated: i64,
    /// Persons of the households that stated them.
    pub people: i64,
    /// Households that stated their persons.
    pub people_stated: i64,
}

impl Counts {
    /// Adds (`by` = 1) or takes back (`by` = -1) one household's day.
    pub fn add(&mut self, day: &DayState, by: i64) {
        self.eligible += by;
        match day.state {
            State::Sorting => self.sorting += by,
            State::NotSorting => self.not_sorting += by,
            State::Undetermined => {}
        }
        if let Some(reason) = day.reason {
            self.undetermined[reason_index(reason)] += by;
        }
        if let Some(level) = day.weakest {
            self.evidence[level_index(level)] += by;
        }
        self.at_least_one += if day.at_least_one { by } else { 0 };
        self.enrolled += if day.enrolled { by } else { 0 };
    }

    /// Adds (`by` = 1) or takes back (`by` = -1) what stands beside one household's state, and its persons.
    pub fn add_practice(&mut self, practice: &Practice, people: Option<i64>, by: i64) {
        let one = |holds: bool| if holds { by } else { 0 };
        self.served += one(practice.served);
        self.measured += one(practice.measured);
        self.participating += one(practice.participating);
        self.opportunities += by * practice.opportunities;
        self.set_outs += by * practice.set_outs;
        self.home_treated += one(practice.home_treated);
        self.people += by * people.unwrap_or(0);
        self.people_stated += one(people.is_some());
    }

    /// Gives what is the sum of the households' states, without what stands beside them.
    pub fn states_alone(&self) -> Counts {
        Counts {
            eligible: self.eligible,
            sorting: self.sorting,
            not_sorting: self.not_sorting,
            undetermined: self.undetermined,
            evidence: self.evidence,
            at_least_one: self.at_least_one,
            enrolled: self.enrolled,
            ..Counts::default()
        }
    }

    /// Adds another area's counts.
    pub fn merge(&mut self, other: &Counts) {
        self.eligible += other.eligible;
        self.sorting += other.sorting;
        self.not_sorting += other.not_sorting;
        for (mine, theirs) in self.undetermined.iter_mut().zip(other.undetermined) {
            *mine += theirs;
        }
        for (mine, theirs) in self.evidence.iter_mut().zip(other.evidence) {
            *mine += theirs;
        }
        self.at_least_one += other.at_least_one;
        self.enrolled += other.enrolled;
        self.served += other.served;
        self.measured += other.measured;
        self.participating += other.participating;
        self.opportunities += other.opportunities;
        self.set_outs += other.set_outs;
        self.home_treated += other.home_treated;
        self.people += other.people;
        self.people_stated += other.people_stated;
    }

    /// Gives U, all reasons together.
    pub fn undetermined_total(&self) -> i64 {
        self.undetermined.iter().sum()
    }

    /// Gives U for one reason.
    pub fn undetermined_for(&self, reason: Reason) -> i64 {
        self.undetermined[reason_index(reason)]
    }

    /// Gives S of one weakest evidence level.
    pub fn evidence_of(&self, level: Level) -> i64 {
        self.evidence[level_index(level)]
    }

    /// Published share S / E, truncated. `None` when E = 0.
    pub fn share(&self) -> Option<Percent> {
        Percent::share(whole(self.sorting), whole(self.eligible))
    }

    /// Upper bound (S + U) / E, rounded up. `None` when E = 0.
    pub fn upper(&self) -> Option<Percent> {
        Percent::upper_bound(whole(self.sorting + self.undetermined_total()), whole(self.eligible))
    }

    /// Evidence coverage (S + N) / E, truncated. `None` when E = 0.
    pub fn coverage(&self) -> Option<Percent> {
        Percent::share(whole(self.sorting + self.not_sorting), whole(self.eligible))
    }

    /// Enrolled / E, truncated. `None` when E = 0.
    pub fn enrolled_share(&self) -> Option<Percent> {
        Percent::share(whole(self.enrolled), whole(self.eligible))
    }

    /// At least one group / E, truncated. `None` when E = 0.
    pub fn at_least_one_share(&self) -> Option<Percent> {
        Percent::share(whole(self.at_least_one), whole(self.eligible))
    }

    /// WRAP's participation rate: participating / measured, truncated. `None` when nobody could be measured.
    pub fn participation(&self) -> Option<Percent> {
        Percent::share(whole(self.participating), whole(self.measured))
    }

    /// WRAP's set-out rate: set-outs / opportunities, truncated. `None` when nobody could be measured.
    pub fn set_out(&self) -> Option<Percent> {
        Percent::share(whole(self.set_outs), whole(self.opportunities))
    }

    /// Served / E, truncated. `None` when E = 0.
    pub fn service_coverage(&self) -> Option<Percent> {
        Percent::share(whole(self.served), whole(self.eligible))
    }

    /// Households seen to treat their food waste at home / E, truncated. `None` when E = 0.
    pub fn home_treatment(&self) -> Option<Percent> {
        Percent::share(whole(self.home_treated), whole(self.eligible))
    }

    /// How far the figure may be used, from its coverage. `None` when E = 0.
    pub fn badge(&self) -> Option<Badge> {
        self.coverage().map(Badge::of)
    }
}

fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

const fn reason_index(reason: Reason) -> usize {
    match reason {
        Reason::OnlyOther => 0,
        Reason::OnlyDeclared => 1,
        Reason::OneStreamMissing => 2,
        Reason::NoPickup => 3,
        Reason::NotObservable => 4,
    }
}

const fn level_index(level: Level) -> usize {
    match level {
        Level::Device => 0,
        Level::Crew => 1,
        Level::Verified => 2,
    }
}

/// How far a share may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    /// Coverage of 90 % or more: *đủ căn cứ*.
    Sufficient,
    /// Coverage from 70 % up to 90 %: *tham khảo*.
    Indicative,
    /// Coverage below 70 %: *chưa đủ căn cứ để công bố*.
    Insufficient,
}

impl Badge {
    /// Coverage from which a share is sufficiently founded.
    pub const SUFFICIENT_FROM: Percent = Percent::from_hundredths(9_000);
    /// Coverage from which a share is indicative.
    pub const INDICATIVE_FROM: Percent = Percent::from_hundredths(7_000);

    /// Grades a coverage.
    pub fn of(coverage: Percent) -> Self {
        if coverage >= Self::SUFFICIENT_FROM {
            Self::Sufficient
        } else if coverage >= Self::INDICATIVE_FROM {
            Self::Indicative
        } else {
            Self::Insufficient
        }
    }
}

/// How complete the data behind an area and a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// Device time working within the rounds, milliseconds.
    pub working_ms: i64,
    /// Device time scheduled by the rounds, milliseconds.
    pub scheduled_ms: i64,
    /// Events received.
    pub received: i64,
    /// Events known to be missing.
    pub missing: i64,
}

impl Completeness {
    /// Adds another area's or day's completeness.
    pub fn merge(&mut self, other: &Completeness) {
        self.working_ms += other.working_ms;
        self.scheduled_ms += other.scheduled_ms;
        self.received += other.received;
        self.missing += other.missing;
    }

    /// Gives (time working / time scheduled) x (received / (received + missing)), truncated.
    /// `None` where no device is scheduled.
    pub fn percent(&self) -> Option<Percent> {
        if self.scheduled_ms <= 0 {
            return None;
        }
        let events = self.received + self.missing;
        let (received, events) = if events > 0 { (self.received, events) } else { (1, 1) };
        let part = u128::from(whole(self.working_ms)) * u128::from(whole(received)) * 10_000;
        let all = u128::from(whole(self.scheduled_ms)) * u128::from(whole(events));
        u32::try_from(part / all).ok().map(|hundredths| Percent::from_hundredths(hundredths.min(10_000)))
    }
}

/// One day's share of an area, with all that must stand beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareDay {
    /// The local day at whose end the states hold.
    pub day: LocalDay,
    /// S, N, U, E, as far as the reader may know them.
    pub counts: Shown,
    /// Completeness of the 28 days up to `day`.
    pub completeness: Completeness,
    /// The month's target. `None` where the commune has none for that year.
    pub target: Option<Percent>,
    /// The day is not over, or its month is not closed.
    pub provisional: bool,
}

/// A hamlet beside the others on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaShare {
    /// The hamlet.
    pub area: AreaCode,
    /// Its name.
    pub name: String,
    /// Its counts, as far as the reader may know them.
    pub counts: Shown,
    /// Completeness of the 28 days up to the day.
    pub completeness: Completeness,
}

/// Waste of one stream in one period, grams.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tonnage {
    /// Weighed by a device, accepted and not void; includes unknown households.
    pub weighed_g: i64,
    /// Typed by a crew where no device weighed.
    pub manual_g: i64,
    /// Pickups without a weight, at the stream's configured mean.
    pub estimated_g: i64,
    /// The part of `weighed_g` whose household is unknown or ambiguous.
    pub unknown_household_g: i64,
    /// Accepted pickups counted.
    pub pickups: i64,
}

impl Tonnage {
    /// Adds another place's or day's tonnage.
    pub fn merge(&mut self, other: &Tonnage) {
        self.weighed_g += other.weighed_g;
        self.manual_g += other.manual_g;
        self.estimated_g += other.estimated_g;
        self.unknown_household_g += other.unknown_household_g;
        self.pickups += other.pickups;
    }

    /// Gives weighed, manual and estimated together, grams.
    pub fn total_g(&self) -> i64 {
        self.weighed_g + self.manual_g + self.estimated_g
    }
}

/// A row of a tonnage table or chart: a period (its first day) and a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TonnageRow {
    /// First day of the period.
    pub from: LocalDay,
    /// Last day of the period.
    pub to: LocalDay,
    /// The stream.
    pub stream: StreamCode,
    /// The masses, as far as the reader may know them.
    pub tonnage: Tonnage,
    /// How far that is.
    pub told: MassTold,
}

/// How far a reader may know a mass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MassTold {
    /// Weighed, typed and estimated apart.
    #[default]
    Apart,
    /// As one number: all of it stands in `weighed_g`, whichever way it is known.
    Together,
    /// Not at all; the numbers are nought.
    Hidden,
}

impl TonnageRow {
    /// Leaves what the public may know of a hamlet's mass: how it is known is told of the commune alone.
    pub fn for_public(self, hidden: bool) -> Self {
        if hidden {
            return Self { tonnage: Tonnage::default(), told: MassTold::Hidden, ..self };
        }
        let tonnage =
            Tonnage { weighed_g: self.tonnage.total_g(), pickups: self.tonnage.pickups, ..Tonnage::default() };
        Self { tonnage, told: MassTold::Together, ..self }
    }
}

/// One day's completeness of an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletenessDay {
    /// The local day.
    pub day: LocalDay,
    /// Its completeness; nothing scheduled gives `None` from `percent()`.
    pub completeness: Completeness,
}

/// The length of a period in a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A local day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year. The share of a year is the mean of its month-end values ([`year_shares`]).
    Year,
}

impl Step {
    /// Every step, shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// Gives the word of addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// Gives the first and the last day of the period that holds `day`.
    pub fn period_of(self, day: LocalDay) -> (LocalDay, LocalDay) {
        match self {
            Self::Day => (day, day),
            Self::Week => (day.week_start(), day.week_start() + 6),
            Self::Month => (day.month_start(), day.month_end()),
            Self::Year => (day.year_start(), day.year_end()),
        }
    }
}
