//! The workload of visits: what is to be visited now, what runs out in the weeks to come, what was done, and when the list would be worked
//! off at the present pace.
//!
//! # Why
//! The estimate looks no further than verifications are known to run out: what is seen this week runs out after that, and would be a guess
//! upon a guess. Where the list is not worked off by then it says so, and a pace of nothing gives no estimate. Weeks are added up in
//! whole parts of a visit, so that no rounding moves a week.

use serde::Serialize;

use super::Counts;
use crate::domain::state::{Level, Reason};
use crate::domain::time::LocalDay;

/// Weeks that are shown before and after the present one.
pub const WEEKS: i32 = 8;
/// Finished weeks whose mean is the present pace.
pub const PACE_WEEKS: i64 = 4;
/// Weeks ahead, the present one among them, that the estimate looks at: as long as a verification stands.
pub const AHEAD_WEEKS: i32 = 26;
const DAYS_A_WEEK: i64 = 7;

/// What visitors did in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VisitWeek {
    /// Monday.
    pub from: LocalDay,
    /// Sunday.
    pub to: LocalDay,
    /// Visits: households of which something was seen, each once a day.
    pub visited: i64,
    /// Households at which nothing could be seen, each once a day.
    pub not_seen: i64,
}

/// What runs out in a week unless somebody goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RunOutWeek {
    /// Monday.
    pub from: LocalDay,
    /// Sunday.
    pub to: LocalDay,
    /// Households whose verifications end; of the present week, from the last finished day on.
    pub households: i64,
}

/// The workload of visits of an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visiting {
    /// The day at whose end the states hold.
    pub on: LocalDay,
    /// The day that is not over.
    pub today: LocalDay,
    /// N.
    pub not_sorting: i64,
    /// U by reason, in the order of `Reason::ALL`.
    pub undetermined: [i64; 5],
    /// S that rest on verifications alone in some stream.
    pub verified: i64,
    /// What was done: the weeks before the present one, oldest first, and the present one so far.
    pub done: Vec<VisitWeek>,
    /// What runs out: the present week and those to come, [`AHEAD_WEEKS`] in all.
    pub ahead: Vec<RunOutWeek>,
}

/// When the list would be worked off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// There is nobody to visit.
    Nobody,
    /// Nothing was done in the weeks that make the pace.
    NoPace,
    /// In this week, the `weeks`-th from the present one on.
    Within {
        /// Monday.
        week: LocalDay,
        /// 1: the present week.
        weeks: i64,
    },
    /// Not within [`AHEAD_WEEKS`].
    NotWithin,
}

impl Visiting {
    /// Puts the workload together. `visits`: what was done, by day; `run_outs`: households by the last day on which their verifications stand.
    pub fn new(
        (on, today): (LocalDay, LocalDay),
        counts: &Counts,
        visits: &[(LocalDay, i64, i64)],
        run_outs: &[(LocalDay, i64)],
    ) -> Self {
        let this_week = today.week_start();
        let week = |at: i32| (this_week + 7 * at, this_week + 7 * at + 6);
        let done = (-WEEKS..=0).map(week).map(|(from, to)| {
            let of_week = || visits.iter().filter(|(day, ..)| from <= *day && *day <= to);
            let (visited, not_seen) = (of_week().map(|of| of.1).sum(), of_week().map(|of| of.2).sum());
            VisitWeek { from, to, visited, not_seen }
        });
        let ahead = (0..AHEAD_WEEKS).map(week).map(|(from, to)| {
            // What stood on the last finished day for the last time runs out in the present week, even when that day was a Sunday.
            let first = if from == this_week { on.min(from) } else { from };
            let of_week = run_outs.iter().filter(|(day, _)| first <= *day && *day <= to);
            RunOutWeek { from, to, households: of_week.map(|of| of.1).sum() }
        });
        Self {
            on,
            today,
            not_sorting: counts.not_sorting,
            undetermined: counts.undetermined,
            verified: counts.evidence_of(Level::Verified),
            done: done.collect(),
            ahead: ahead.collect(),
        }
    }

    /// Gives U of a reason.
    pub fn undetermined_for(&self, reason: Reason) -> i64 {
        Reason::ALL.iter().zip(self.undetermined).find(|(of, _)| **of == reason).map_or(0, |(_, count)| count)
    }

    /// Gives the households to visit now: N and U, one visit each.
    pub fn to_visit(&self) -> i64 {
        self.not_sorting + self.undetermined.iter().sum::<i64>()
    }

    /// Gives the weeks ahead that are shown: the present one and those after it, [`WEEKS`] in all.
    pub fn shown_ahead(&self) -> &[RunOutWeek] {
        let shown = usize::try_from(WEEKS).unwrap_or(0).min(self.ahead.len());
        &self.ahead[..shown]
    }

    /// Gives what runs out in the weeks shown.
    pub fn running_out(&self) -> i64 {
        self.shown_ahead().iter().map(|week| week.households).sum()
    }

    /// Gives what rests on verifications that end after the weeks shown.
    pub fn later(&self) -> i64 {
        (self.verified - self.running_out()).max(0)
    }

    /// Gives the finished weeks whose mean is the pace.
    fn pace_weeks(&self) -> &[VisitWeek] {
        let finished = self.done.len().saturating_sub(1);
        let weeks = usize::try_from(PACE_WEEKS).unwrap_or(0);
        &self.done[finished.saturating_sub(weeks)..finished]
    }

    /// Gives the visits of the weeks that make the pace.
    pub fn pace_visits(&self) -> i64 {
        self.pace_weeks().iter().map(|week| week.visited).sum()
    }

    /// Gives the households at which nothing could be seen in these weeks.
    pub fn pace_not_seen(&self) -> i64 {
        self.pace_weeks().iter().map(|week| week.not_seen).sum()
    }

    /// Gives the pace, visits a week, rounded; at least 1 where anything was done. `None`: nothing was.
    pub fn pace(&self) -> Option<i64> {
        let visits = self.pace_visits();
        (visits > 0).then(|| ((visits + PACE_WEEKS / 2) / PACE_WEEKS).max(1))
    }

    /// Gives the pace at which everything would be done within the weeks shown, visits a week, rounded up.
    pub fn needed_pace(&self) -> i64 {
        let weeks = i64::from(WEEKS);
        (self.to_visit() + self.running_out() + weeks - 1) / weeks
    }

    /// Estimates when the list would be worked off, supposing that every week is as the mean of the finished ones, that a visit settles a
    /// household, and that only verifications that are known run out.
    pub fn outlook(&self) -> Outlook {
        if self.to_visit() == 0 {
            return Outlook::Nobody;
        }
        let visits = self.pace_visits();
        if visits == 0 {
            return Outlook::NoPace;
        }
        let parts = PACE_WEEKS * DAYS_A_WEEK;
        let mut left = self.to_visit() * parts;
        for (week, weeks) in self.ahead.iter().zip(1..) {
            let days = if weeks == 1 { i64::from(week.to - self.on).min(DAYS_A_WEEK) } else { DAYS_A_WEEK };
            left += week.households * parts - visits * days;
            if left <= 0 {
                return Outlook::Within { week: week.from, weeks };
            }
        }
        Outlook::NotWithin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> LocalDay {
        text.parse().expect("a day")
    }

    /// 2026-11-25 is a Wednesday; its week begins on the 23rd.
    fn visiting(undetermined: i64, visits: &[(&str, i64, i64)], run_outs: &[(&str, i64)]) -> Visiting {
        let counts = Counts {
            not_sorting: 10,
            undetermined: [0, 0, 0, undetermined, 0],
            evidence: [0, 0, 500],
            ..Counts::default()
        };
        let visits: Vec<_> = visits.iter().map(|&(on, visited, not_seen)| (day(on), visited, not_seen)).collect();
        let run_outs: Vec<_> = run_outs.iter().map(|&(on, count)| (day(on), count)).collect();
        Visiting::new((day("2026-11-24"), day("2026-11-25")), &counts, &visits, &run_outs)
    }

    #[test]
    fn weeks_run_from_monday_and_the_present_one_is_both_done_so_far_and_ahead() {
        let of = visiting(
            90,
            &[("2026-09-27", 9, 9), ("2026-09-28", 1, 0), ("2026-11-22", 8, 2), ("2026-11-23", 3, 1)],
            &[("2026-11-24", 1), ("2026-11-29", 2), ("2026-11-30", 4), ("2027-01-17", 8), ("2027-01-18", 16)],
        );
        let done: Vec<i64> = of.done.iter().map(|week| week.visited).collect();
        assert_eq!((done, of.done[8].not_seen), (vec![1, 0, 0, 0, 0, 0, 0, 8, 3], 1));
        assert_eq!((of.done[0].from, of.done[8].to), (day("2026-09-28"), day("2026-11-29")));
        let ahead: Vec<i64> = of.shown_ahead().iter().map(|week| week.households).collect();
        assert_eq!(ahead, [3, 4, 0, 0, 0, 0, 0, 8]);
        assert_eq!((of.to_visit(), of.running_out(), of.later()), (100, 15, 485));
        assert_eq!((of.pace_visits(), of.pace(), of.needed_pace()), (8, Some(2), 15));
    }

    #[test]
    fn what_stood_for_the_last_time_on_a_sunday_runs_out_in_the_week_that_begins() {
        let on = (day("2026-11-22"), day("2026-11-23"));
        let of = Visiting::new(on, &Counts::default(), &[], &[(day("2026-11-22"), 5), (day("2026-11-29"), 1)]);
        assert_eq!((of.ahead[0].from, of.ahead[0].households), (day("2026-11-23"), 6));
    }

    #[test]
    fn the_list_is_worked_off_when_visits_outweigh_what_runs_out() {
        // 40 a week. Five of this week's days are left: 100 - 28.6, then 40 a week less what runs out.
        let four = [("2026-10-28", 40, 0), ("2026-11-04", 40, 0), ("2026-11-11", 40, 0), ("2026-11-18", 40, 0)];
        let within = |weeks, week| Outlook::Within { week: day(week), weeks };
        assert_eq!(visiting(90, &four, &[]).outlook(), within(3, "2026-12-07"));
        assert_eq!(visiting(18, &four, &[]).outlook(), within(1, "2026-11-23"));
        assert_eq!(visiting(19, &four, &[]).outlook(), within(2, "2026-11-30"), "a visit more than the week holds");
        assert_eq!(visiting(90, &four, &[("2026-12-01", 60)]).outlook(), within(5, "2026-12-21"));
        let flood: Vec<(LocalDay, i64)> = day("2026-11-24").through(day("2027-06-01")).map(|on| (on, 6)).collect();
        let flood: Vec<(String, i64)> = flood.into_iter().map(|(on, count)| (on.to_string(), count)).collect();
        let flood: Vec<(&str, i64)> = flood.iter().map(|(on, count)| (on.as_str(), *count)).collect();
        assert_eq!(visiting(90, &four, &flood).outlook(), Outlook::NotWithin, "42 a week run out");
    }

    #[test]
    fn nothing_done_gives_no_estimate_and_nobody_to_visit_needs_none() {
        assert_eq!(visiting(90, &[("2026-11-24", 50, 0), ("2026-10-25", 50, 0)], &[]).outlook(), Outlook::NoPace);
        assert_eq!(visiting(90, &[("2026-11-24", 50, 0)], &[]).pace(), None, "this week is not over");
        let nobody = Visiting::new((day("2026-11-24"), day("2026-11-25")), &Counts::default(), &[], &[]);
        assert_eq!((nobody.outlook(), nobody.needed_pace()), (Outlook::Nobody, 0));
        assert_eq!(visiting(90, &[("2026-11-18", 1, 0)], &[]).pace(), Some(1), "less than one a week is told as one");
    }
}
