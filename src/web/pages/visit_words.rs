//! A household to visit, in words: why it is on the list, what to look at, what was known and what was done.

use super::households::pathway_name;
use crate::domain::facts::AttemptOutcome;
use crate::domain::ids::StreamCode;
use crate::domain::register::Commune;
use crate::domain::state::{Pathway, VisitResult};
use crate::domain::time::Instant;
use crate::domain::visit::Found;
use crate::web::api::{VisitDone, VisitFound, VisitHouse, VisitWhy};
use crate::web::drawing::stream_name;
use crate::web::lang::Lang;
use crate::web::texts::{Texts, VisitsTexts, filled};

/// The words that a household is told in.
pub(super) struct Teller<'a> {
    pub commune: &'a Commune,
    pub lang: Lang,
    pub t: &'static Texts,
    pub v: &'static VisitsTexts,
}

impl Teller<'_> {
    pub(super) fn stream(&self, code: &str) -> String {
        stream_name(self.commune, code, self.lang, self.t)
    }

    pub(super) fn pathway(&self, pathway: Pathway) -> &'static str {
        pathway_name(self.t.households_room, pathway)
    }

    pub(super) fn why(&self, house: &VisitHouse) -> (&'static str, String) {
        let (class, why) = match house.why {
            VisitWhy::NotSorting => ("n", self.v.why_not_sorting),
            VisitWhy::Undetermined(reason) => ("u", self.t.reason_name(reason)),
            VisitWhy::RunningOut => ("s", self.v.why_running_out),
            VisitWhy::Visited => ("", self.v.why_visited),
        };
        let mut parts = vec![why.to_owned()];
        parts.extend(house.until.map(|day| filled(self.v.until, &[("day", &self.lang.day(day))])));
        if house.settled {
            parts.push(self.v.settled.to_owned());
        } else if !house.listed && house.why != VisitWhy::Visited {
            parts.push(self.v.new_one.to_owned());
        }
        (class, parts.join(" · "))
    }

    /// Tells what to look at.
    pub(super) fn look(&self, house: &VisitHouse) -> Vec<String> {
        let line = |code: &StreamCode| {
            let stream = self.stream(code.as_str());
            let declared: Vec<&str> =
                house.declared.iter().filter(|of| of.stream == *code).map(|of| self.pathway(of.pathway)).collect();
            match (house.until, declared.is_empty()) {
                (Some(day), _) => filled(self.v.look_until, &[("stream", &stream), ("day", &self.lang.day(day))]),
                (None, true) => filled(self.v.look_missing, &[("stream", &stream)]),
                (None, false) => {
                    filled(self.v.look_declared, &[("stream", &stream), ("pathway", &declared.join(", "))])
                }
            }
        };
        let lines: Vec<String> = house.streams.iter().map(line).collect();
        if lines.is_empty() { vec![self.v.look_all.to_owned()] } else { lines }
    }

    /// Tells what was known before the stretch.
    pub(super) fn known(&self, house: &VisitHouse) -> Vec<String> {
        let before = house.before.as_ref().map(|before| {
            let what = match before.result {
                VisitResult::Sorting => self.v.found_sorting,
                VisitResult::NotSorting => self.v.found_not_sorting,
            };
            filled(self.v.before, &[("day", &self.lang.day(before.on)), ("what", what)])
        });
        let attempts = house.attempt_ms.map(|ms| {
            let (zone, at) = (&self.commune.zone, Instant::from_ms(ms));
            let (time, day) = (self.lang.time(zone, at), self.lang.day(zone.day_of(at)));
            let count = self.lang.count(i64::try_from(house.attempts).unwrap_or(i64::MAX));
            filled(self.v.attempts_before, &[("n", &count), ("time", &time), ("day", &day)])
        });
        before.into_iter().chain(attempts).collect()
    }

    fn found(&self, of: &VisitFound) -> String {
        let stream = of.stream.as_ref().map_or_else(|| self.v.found_all.to_owned(), |code| self.stream(code.as_str()));
        let what = match (of.found, of.pathway) {
            (Found::Sorting, Some(pathway)) => filled(self.v.found_saw, &[("pathway", self.pathway(pathway))]),
            (Found::Declared, Some(pathway)) => filled(self.v.found_said, &[("pathway", self.pathway(pathway))]),
            (Found::Sorting | Found::Declared, None) => self.v.found_sorting.to_owned(),
            (Found::NotSorting, _) => self.v.found_not_sorting.to_owned(),
        };
        format!("{stream}: {what}")
    }

    pub(super) fn done(&self, done: &VisitDone) -> String {
        let when = match done.at_ms.map(Instant::from_ms) {
            Some(at) => format!("{} {}", self.lang.time(&self.commune.zone, at), self.lang.short_day(done.on)),
            None => self.lang.short_day(done.on),
        };
        let what = match done.outcome {
            Some(outcome) => self.outcome(outcome).to_owned(),
            None => done.found.iter().map(|of| self.found(of)).collect::<Vec<_>>().join("; "),
        };
        format!("{when} · {what} · {}", done.by)
    }

    pub(super) const fn outcome(&self, outcome: AttemptOutcome) -> &'static str {
        match outcome {
            AttemptOutcome::Away => self.v.away,
            AttemptOutcome::Declined => self.v.declined,
            AttemptOutcome::Vacant => self.v.vacant,
        }
    }
}

/// Gives name and address.
pub(super) fn who_of(house: &VisitHouse) -> String {
    [house.head_name.as_str(), house.address.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}
