//! The facts of a household, taken in from pickups, operations and rounds.

use super::{Contrary, Declared, Evidence, Favourable, HouseholdFacts, Named, Opportunity};
use crate::domain::facts::{Operation, Statement};
use crate::domain::ids::{HouseholdCode, StreamCode};
use crate::domain::pickup::{Pickup, Source};
use crate::domain::register::{Commune, Register};
use crate::domain::round::{RoundOutcome, round_at};
use crate::domain::state::{Level, Pathway, PathwayLevel, VisitResult};
use crate::domain::time::{Instant, LocalDay};

impl<'a> HouseholdFacts<'a> {
    /// Gathers the facts of a household: its pickups, the operations that name it (void ones left out), and the rounds of
    /// its places.
    ///
    /// All three must reach back at least [`Rules::reach_days`] before the first day to be judged; operations at least
    /// to their beginning.
    pub fn gather<'r>(
        commune: &'a Commune,
        register: &'a Register,
        household: &HouseholdCode,
        pickups: impl IntoIterator<Item = &'r Pickup>,
        operations: impl IntoIterator<Item = &'r Operation>,
        rounds: impl IntoIterator<Item = &'r RoundOutcome>,
    ) -> Self {
        let mut facts = Self {
            commune,
            register,
            household: household.clone(),
            places: register.places_of(household),
            pickups: Vec::new(),
            contraries: Vec::new(),
            favourables: Vec::new(),
            declared: Vec::new(),
            opportunities: vec![Vec::new(); commune.streams.len()],
            ran: Vec::new(),
        };
        for (source, operation) in operations.into_iter().enumerate() {
            facts.take(&operation.statement, source);
        }
        facts.contraries.sort_by_key(|contrary| contrary.time);
        for (source, pickup) in pickups.into_iter().enumerate() {
            facts.take_pickup(pickup, source);
        }
        for (source, outcome) in rounds.into_iter().enumerate() {
            facts.take_round(outcome, source);
        }
        facts.sort();
        facts
    }

    pub(super) fn sort(&mut self) {
        self.contraries.sort_by_key(|contrary| contrary.time);
        self.pickups.sort_by_key(|pickup| pickup.time);
        for opportunities in &mut self.opportunities {
            opportunities.sort_by_key(|opportunity| opportunity.start);
        }
    }

    fn named(&self, stream: Option<&StreamCode>) -> Named {
        match stream {
            None => Named::None,
            Some(code) => self.index(code).map_or(Named::Foreign, Named::Stream),
        }
    }

    pub(super) fn index(&self, code: &StreamCode) -> Option<usize> {
        self.commune.streams.iter().position(|stream| stream.code == *code)
    }

    pub(super) fn take(&mut self, statement: &Statement, source: usize) {
        let time = statement.at(&self.commune.zone);
        let day = self.commune.zone.day_of(time);
        match statement {
            Statement::Finding { stream, finding, .. } => {
                let stream = self.named(stream.as_ref());
                self.take_finding((time, day, source), stream, finding.is_contrary());
            }
            Statement::Pickup { stream, result, .. } => {
                if result.finding().is_some() {
                    let stream = self.named(Some(stream));
                    self.take_finding((time, day, source), stream, true);
                }
            }
            Statement::Visit { result, stream, .. } => {
                let stream = self.named(stream.as_ref());
                match result {
                    VisitResult::NotSorting => {
                        self.contraries.push(Contrary { source, time, day, stream, is_finding: false });
                    }
                    VisitResult::Sorting => {
                        let (accounts, is_pathway, treats_food) = (true, false, false);
                        self.favourables.push(Favourable {
                            source,
                            time,
                            day,
                            stream,
                            accounts,
                            is_pathway,
                            treats_food,
                        });
                    }
                }
            }
            Statement::Pathway { stream, pathway, level, .. } => match (level, self.index(stream)) {
                (PathwayLevel::Declared, Some(stream)) => self.declared.push(Declared { source, day, stream }),
                (PathwayLevel::Verified, Some(stream)) => self.favourables.push(Favourable {
                    source,
                    time,
                    day,
                    stream: Named::Stream(stream),
                    accounts: true,
                    is_pathway: true,
                    treats_food: match pathway {
                        Pathway::Compost | Pathway::AnimalFeed => true,
                        Pathway::Sold | Pathway::Given => false,
                    },
                }),
                (PathwayLevel::Declared | PathwayLevel::Verified, None) => {}
            },
            Statement::Round { .. }
            | Statement::Void { .. }
            | Statement::Ticket { .. }
            | Statement::Attempt { .. }
            | Statement::Report { .. } => {}
        }
    }

    fn take_finding(&mut self, (time, day, source): (Instant, LocalDay, usize), stream: Named, contrary: bool) {
        if contrary {
            self.contraries.push(Contrary { source, time, day, stream, is_finding: true });
        } else {
            let (accounts, is_pathway, treats_food) = (false, false, false);
            self.favourables.push(Favourable { source, time, day, stream, accounts, is_pathway, treats_food });
        }
    }

    pub(super) fn take_round(&mut self, outcome: &RoundOutcome, source: usize) {
        let round = &outcome.round;
        let Some(stream) = self.index(&round.stream) else { return };
        let Some(household) = self.register.households.get(&self.household) else { return };
        let offered = round.service_date >= household.first_day()
            && self.register.serves(&round.place, &self.household, round.service_date);
        if offered && outcome.ran {
            self.ran.push((round.service_date, round.end));
        }
        if offered && outcome.ran && outcome.observable {
            self.opportunities[stream].push(Opportunity {
                source,
                place: round.place.clone(),
                service_date: round.service_date,
                start: round.start,
                end: round.end,
                crew_opened: outcome.crew_opened,
            });
        }
    }

    pub(super) fn take_pickup(&mut self, pickup: &Pickup, source: usize) {
        let Some(stream) = self.index(&pickup.stream) else { return };
        if !pickup.is_accepted() || !pickup.is_timed() || pickup.household.as_ref() != Some(&self.household) {
            return;
        }
        let level = match (pickup.source, pickup.named_by_crew) {
            (Source::Device, false) => Level::Device,
            (Source::Device, true) | (Source::Crew, _) => Level::Crew,
        };
        self.pickups.push(Evidence {
            source,
            time: pickup.time,
            stream,
            level,
            round: pickup.round_start.map(|start| (pickup.place.clone(), stream, start)),
            contested: self.contested(pickup, stream),
        });
    }

    /// Finds the earliest contrary finding that contests a pickup: in the same round of the pickup's own place and
    /// stream, or near in time where that place and stream have no round at the finding's time.
    fn contested(&self, pickup: &Pickup, stream: usize) -> Option<(Instant, usize)> {
        let contests = |contrary: &&Contrary| {
            if !contrary.is_finding || !contrary.stream.is_or_names_none(stream) {
                return false;
            }
            match round_at(self.register, &self.commune.zone, &pickup.place, &pickup.stream, contrary.time) {
                Some(round) => pickup.round_start == Some(round.start),
                None => {
                    let within_ms = self.commune.rules_on(contrary.day).contested_within_ms;
                    pickup.time.since(contrary.time).abs() <= within_ms
                }
            }
        };
        self.contraries.iter().find(contests).map(|contrary| (contrary.time, contrary.source))
    }
}
