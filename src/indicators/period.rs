//! What a period's figures are made of, added up; and the values of years.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Completeness, Counts, Part, ShareDay, Step, Tonnage};
use crate::domain::ids::StreamCode;
use crate::domain::pickup::{Pickup, Source};
use crate::domain::round::RoundOutcome;
use crate::domain::ticket::DestinationKind;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;

/// Rounds that were scheduled, and hand-overs at devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Rounds scheduled.
    pub scheduled: i64,
    /// Of these, rounds that ran.
    pub ran: i64,
    /// Rounds that could be observed, whether they ran or not.
    pub observable: i64,
    /// Hand-overs at devices, overloaded ones included, void ones not.
    pub hand_overs: i64,
    /// Of these, those at which a registered tag was read, or tags of which it could be either's.
    pub tagged: i64,
    /// Overloaded.
    pub overload: i64,
    /// Below the scale's minimum.
    pub below_min: i64,
}

impl Service {
    /// Adds a round.
    pub fn add_round(&mut self, outcome: &RoundOutcome) {
        self.scheduled += 1;
        self.ran += i64::from(outcome.ran);
        self.observable += i64::from(outcome.observable);
    }

    /// Adds a pickup; those of crews are no hand-overs at devices.
    pub fn add_pickup(&mut self, pickup: &Pickup) {
        match pickup.source {
            Source::Device if !pickup.void => {
                self.hand_overs += 1;
                self.tagged += i64::from(pickup.tag_read);
                self.overload += i64::from(pickup.overload);
                self.below_min += i64::from(pickup.below_min);
            }
            Source::Device | Source::Crew => {}
        }
    }

    /// Adds another place's or day's.
    pub fn merge(&mut self, other: &Self) {
        self.scheduled += other.scheduled;
        self.ran += other.ran;
        self.observable += other.observable;
        self.hand_overs += other.hand_overs;
        self.tagged += other.tagged;
        self.overload += other.overload;
        self.below_min += other.below_min;
    }
}

/// What devices' events, heartbeats left out, show of their quality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventQuality {
    /// Events.
    pub in_use: i64,
    /// Of these, levels of a scale.
    pub weights: i64,
    /// Levels that had not settled.
    pub unstable: i64,
    /// Events that came more than an hour after their capture.
    pub late: i64,
    /// Events whose time is not the device's own: its clock was not set, or contradicted its uptime.
    pub clock_doubted: i64,
}

impl EventQuality {
    /// Adds another device's or day's.
    pub fn merge(&mut self, other: &Self) {
        self.in_use += other.in_use;
        self.weights += other.weights;
        self.unstable += other.unstable;
        self.late += other.late;
        self.clock_doubted += other.clock_doubted;
    }
}

/// Waste of one stream that tickets say was delivered to destinations of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Stream.
    pub stream: StreamCode,
    /// What becomes of it there. `None`: the ticket's destination is not known.
    pub kind: Option<DestinationKind>,
    /// Net mass, grams.
    pub net_g: i64,
    /// Tickets.
    pub tickets: i64,
}

/// What the days of a period add up to, of a hamlet or the commune.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AreaPeriod {
    /// Counts by day; days without an eligible household are left out.
    pub days: BTreeMap<LocalDay, Counts>,
    /// Completeness.
    pub completeness: Completeness,
    /// Waste collected by stream.
    pub tonnage: BTreeMap<StreamCode, Tonnage>,
    /// Rounds and hand-overs.
    pub service: Service,
    /// Quality of the devices' events.
    pub events: EventQuality,
    /// What was stated, by word.
    pub statements: BTreeMap<String, i64>,
}

impl AreaPeriod {
    /// Adds another hamlet's.
    pub fn merge(&mut self, other: &Self) {
        for (day, counts) in &other.days {
            self.days.entry(*day).or_default().merge(counts);
        }
        self.completeness.merge(&other.completeness);
        for (stream, tonnage) in &other.tonnage {
            self.tonnage.entry(stream.clone()).or_default().merge(tonnage);
        }
        self.service.merge(&other.service);
        self.events.merge(&other.events);
        for (word, count) in &other.statements {
            *self.statements.entry(word.clone()).or_default() += count;
        }
    }
}

/// The share of a year: the mean of its month-end values, with the last month's (December's, once the year is over).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearShare {
    /// The calendar year.
    pub year: i16,
    /// Mean of the published month-end shares, truncated.
    pub share: Option<Percent>,
    /// Mean of the upper bounds, rounded up.
    pub upper: Option<Percent>,
    /// Mean of the coverages, truncated.
    pub coverage: Option<Percent>,
    /// Months whose end counts.
    pub months: i64,
    /// The last of them.
    pub last: ShareDay,
}

/// A period of a series with its published values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodShare {
    /// First day.
    pub from: LocalDay,
    /// Last day.
    pub to: LocalDay,
    /// S / E; of a year the mean of its month-end values.
    pub share: Option<Percent>,
    /// Upper bound.
    pub upper: Option<Percent>,
    /// Evidence coverage.
    pub coverage: Option<Percent>,
    /// Of a year: the months whose end counts. `None`: not a year.
    pub months: Option<i64>,
    /// The state at the period's last finished day; of a year that of its last month end.
    pub last: ShareDay,
}

/// Makes periods of days in order: the state at each period's last day; of a year the mean of its month-end values.
pub fn periods(days: &[ShareDay], step: Step) -> Vec<PeriodShare> {
    match step {
        Step::Day | Step::Week | Step::Month => days
            .chunk_by(|a, b| step.period_of(a.day) == step.period_of(b.day))
            .filter_map(|of_period| {
                let last = of_period.last()?.clone();
                let (from, to) = step.period_of(last.day);
                let counts = &last.counts;
                let (share, upper, coverage) = (counts.share(), counts.upper(), counts.coverage());
                Some(PeriodShare { from, to, share, upper, coverage, months: None, last })
            })
            .collect(),
        Step::Year => year_shares(days)
            .into_iter()
            .map(|year| {
                let (from, to) = step.period_of(year.last.day);
                let YearShare { share, upper, coverage, months, last, .. } = year;
                PeriodShare { from, to, share, upper, coverage, months: Some(months), last }
            })
            .collect(),
    }
}

/// Makes years of days in order: a month counts when its last day is among them.
pub fn year_shares(days: &[ShareDay]) -> Vec<YearShare> {
    let ends: Vec<&ShareDay> = days.iter().filter(|day| day.day == day.day.month_end()).collect();
    ends.chunk_by(|a, b| a.day.date().year() == b.day.date().year())
        .filter_map(|months| {
            let last = (*months.last()?).clone();
            // A mean with a hidden value in it, less the ones that are shown, would give it away.
            let hides = |part: Part| months.iter().any(|day| day.counts.hides(part));
            let share = mean(months.iter().map(|day| day.counts.share()), false);
            let upper = mean(months.iter().map(|day| day.counts.upper()), true);
            let coverage = mean(months.iter().map(|day| day.counts.coverage()), false);
            Some(YearShare {
                year: last.day.date().year(),
                share: share.filter(|_| !hides(Part::Sorting)),
                upper: upper.filter(|_| !hides(Part::States)),
                coverage: coverage.filter(|_| !hides(Part::States)),
                months: i64::try_from(months.len()).unwrap_or(0),
                last,
            })
        })
        .collect()
}

/// Gives the mean of published values. A mean of 100 % needs 100 % each time.
fn mean(values: impl Iterator<Item = Option<Percent>>, up: bool) -> Option<Percent> {
    let known: Vec<u32> = values.flatten().map(Percent::hundredths).collect();
    let count = u32::try_from(known.len()).ok().filter(|count| *count > 0)?;
    let sum: u32 = known.iter().sum();
    let whole = known.iter().all(|value| *value >= 10_000);
    let mean = if up { sum.div_ceil(count) } else { sum / count };
    Some(Percent::from_hundredths(if whole { 10_000 } else { mean.min(9_999) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str, sorting: i64, eligible: i64) -> ShareDay {
        ShareDay {
            day: text.parse().expect("a day"),
            counts: Counts { eligible, sorting, undetermined: [eligible - sorting, 0, 0, 0, 0], ..Counts::default() }
                .into(),
            completeness: Completeness::default(),
            target: None,
            provisional: true,
        }
    }

    #[test]
    fn a_year_is_the_mean_of_its_month_ends_with_the_last_one() {
        let days = [
            day("2026-09-30", 1, 4),
            day("2026-10-15", 4, 4),
            day("2026-10-31", 1, 3),
            day("2026-11-30", 4, 4),
            day("2026-12-31", 3, 4),
            day("2027-01-20", 4, 4),
            day("2027-01-31", 4, 4),
        ];
        let years = year_shares(&days);
        assert_eq!(years.len(), 2);
        // (25.00 + 33.33 + 100.00 + 75.00) / 4 = 58.3325
        assert_eq!(years[0].share, Some(Percent::from_hundredths(5_833)));
        assert_eq!((years[0].year, years[0].months, years[0].last.day.to_string()), (2026, 4, "2026-12-31".to_owned()));
        assert_eq!(years[1].share, Some(Percent::from_hundredths(10_000)));
    }

    #[test]
    fn a_year_with_a_hidden_month_has_no_mean_to_subtract_from() {
        let hidden = ShareDay {
            counts: crate::indicators::Shown::without(
                Counts { eligible: 40, sorting: 35, ..Counts::default() },
                [Part::Sorting],
            ),
            ..day("2026-10-31", 0, 0)
        };
        let years = year_shares(&[day("2026-09-30", 10, 40), hidden, day("2026-11-30", 20, 40)]);
        assert_eq!((years[0].share, years[0].upper, years[0].months), (None, None, 3));
    }

    #[test]
    fn a_year_without_a_month_end_has_no_value() {
        assert_eq!(year_shares(&[day("2026-10-15", 4, 4)]), []);
    }
}
