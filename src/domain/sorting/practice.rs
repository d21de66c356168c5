//! What stands beside a household's state: whether it is served, what it set out at its last opportunities, and whether it
//! treats its food waste at home.
//!
//! # Why
//! WRAP's rates divide by the households *served*. A household that could not be observed at its last opportunities would
//! lower them without having done anything, so they divide by those that could: the *measured* ones.

use serde::{Deserialize, Serialize};

use super::{HouseholdFacts, Opportunity, counted};
use crate::domain::rules::Rules;
use crate::domain::time::{Instant, LocalDay};

/// A household's practice at the end of one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Practice {
    /// A round that was offered to it ran within the window's days.
    pub served: bool,
    /// Of at least one required stream it had as many opportunities as a window holds, within the window's days.
    pub measured: bool,
    /// Measured, and it set out at one or more of these opportunities.
    pub participating: bool,
    /// These opportunities, all measured streams together.
    pub opportunities: i64,
    /// Those at which it set out.
    pub set_outs: i64,
    /// A visitor saw that it composts or feeds its food waste to animals, and nothing since voids that.
    pub home_treated: bool,
}

impl HouseholdFacts<'_> {
    /// Gives the household's practice at the end of a local day on which it is eligible.
    pub fn practice_on(&self, day: LocalDay) -> Practice {
        let rules = self.commune.rules_on(day);
        let close = self.commune.zone.start_of(day.next());
        let mut practice = Practice {
            served: self.is_served(day, close, rules),
            home_treated: self.is_home_treated(day, close, rules),
            ..Practice::default()
        };
        let streams = self.commune.streams.iter().enumerate();
        for (stream, _) in streams.filter(|(_, stream)| stream.required) {
            let (days, enough) = if self.is_sparse(stream, day) {
                (rules.sparse_window_days, rules.sparse_observable_opportunities)
            } else {
                (rules.window_days, rules.window_opportunities)
            };
            let recent = counted(&self.opportunities[stream], close).rev().filter(|o| day - o.service_date < days);
            let last: Vec<&Opportunity> = recent.take(enough).collect();
            if last.len() < enough {
                continue;
            }
            let set_outs = last.iter().filter(|opportunity| self.set_out(stream, opportunity, close)).count();
            practice.measured = true;
            practice.participating |= set_outs > 0;
            practice.opportunities += i64::try_from(last.len()).unwrap_or(i64::MAX);
            practice.set_outs += i64::try_from(set_outs).unwrap_or(i64::MAX);
        }
        practice
    }

    fn is_served(&self, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        self.ran.iter().any(|(service_date, end)| *end <= close && day - *service_date < rules.window_days)
    }

    /// Tells whether an accepted, uncontested pickup of the stream fell in the round.
    fn set_out(&self, stream: usize, opportunity: &Opportunity, close: Instant) -> bool {
        self.pickups.iter().any(|pickup| {
            pickup.stream == stream
                && pickup.time < close
                && pickup
                    .round
                    .as_ref()
                    .is_some_and(|(place, _, start)| *start == opportunity.start && *place == opportunity.place)
                && !pickup.is_contested(close)
        })
    }

    fn is_home_treated(&self, day: LocalDay, close: Instant, rules: &Rules) -> bool {
        self.favourables.iter().any(|seen| {
            let stream = match seen.stream {
                super::Named::Stream(stream) => stream,
                super::Named::None | super::Named::Foreign => return false,
            };
            seen.treats_food
                && seen.time < close
                && day - seen.day <= rules.verified_days
                && self.voided_by(seen, stream, close).is_none()
        })
    }
}
