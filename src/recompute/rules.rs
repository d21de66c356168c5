//! A new version of the rule: what it would change, computed on the stored facts without writing; and what it makes stale.
//!
//! # Why
//! Both sides of a preview are computed, the rules in force and the ones proposed, by the code that computes the figures, from one
//! reading of the facts: nothing can differ but the rule. Reads go through the reading connections, a few hundred households at a
//! time, so that the intake never waits for them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::household::{Gathered, chunks};
use super::{Recompute, RecomputeError};
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode};
use crate::domain::month::Month;
use crate::domain::register::{Commune, Register};
use crate::domain::round::RoundOutcome;
use crate::domain::rules::{Rules, insert};
use crate::domain::sorting::HouseholdFacts;
use crate::domain::time::LocalDay;
use crate::indicators::Counts;
use crate::indicators::standing::{Moves, Standing};

/// Month ends looked at, at most: a year of open months.
const MONTH_ENDS: usize = 12;

/// What a rule would change on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayEffect {
    /// Counts of each hamlet by the rules in force.
    pub before: BTreeMap<AreaCode, Counts>,
    /// Counts of each hamlet by the rules proposed.
    pub after: BTreeMap<AreaCode, Counts>,
    /// Households that move. On days of the open month's course only counts are kept, so it is empty there.
    pub moves: Moves,
}

impl DayEffect {
    /// Gives the counts of the commune before and after.
    pub fn commune(&self) -> (Counts, Counts) {
        let sum = |by_area: &BTreeMap<AreaCode, Counts>| {
            let mut all = Counts::default();
            for counts in by_area.values() {
                all.merge(counts);
            }
            all
        };
        (sum(&self.before), sum(&self.after))
    }
}

/// What a rule would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The rule proposed, as it would be recorded.
    pub rules: Rules,
    /// The rule that holds on its first day now.
    pub instead_of: Rules,
    /// From which day the preview takes the rule as in force.
    pub as_from: LocalDay,
    /// The last finished day.
    pub last_day: LocalDay,
    /// The last finished day and the ends of open months that the rule reaches, oldest first.
    pub days: BTreeMap<LocalDay, DayEffect>,
    /// Each finished day of the current month: counts of the commune before and after.
    pub course: BTreeMap<LocalDay, (Counts, Counts)>,
}

/// Gives what a new rule makes stale: kind, key, and the day from on or of.
pub fn stale_by_rule(
    commune: &Commune,
    register: &Register,
    rules: &Rules,
    (from, through): (Option<LocalDay>, Option<LocalDay>),
) -> Vec<(&'static str, String, LocalDay)> {
    // What is not computed yet will be computed by the new rule anyhow.
    let Some(through) = through.filter(|through| rules.effective_from <= *through) else { return Vec::new() };
    let first = from.map_or(rules.effective_from, |from| from.max(rules.effective_from));
    let mut marks: Vec<_> = register.households.keys().map(|code| ("household", code.to_string(), first)).collect();
    if commune.rules_on(rules.effective_from).working_percent != rules.working_percent {
        for place in register.scheduled_places() {
            marks.extend(first.through(through).map(|day| ("place", place.to_string(), day)));
        }
    }
    marks
}

impl Recompute {
    /// Computes what a rule would change, and writes nothing. `progress` is told households done and in all.
    ///
    /// A rule that takes effect after the last finished day is shown as if it had been in force since the current month began.
    /// `None`: there is no finished day yet.
    pub async fn effect_of(
        &self,
        rules: &Rules,
        last_day: LocalDay,
        closed: Option<LocalDay>,
        progress: impl Fn(usize, usize),
    ) -> Result<Option<Effect>, RecomputeError> {
        let Some(begin) = self.store.computed_from().await?.filter(|begin| *begin <= last_day) else {
            return Ok(None);
        };
        let month = last_day.month_start().max(begin);
        let as_from = if rules.effective_from > last_day { month } else { rules.effective_from.max(begin) };
        let mut proposed = Commune::clone(&self.commune);
        // A rule of days to come stands for those in force until then.
        proposed.rules.retain(|held| held.effective_from <= as_from || held.effective_from > rules.effective_from);
        let effective_from = rules.effective_from.min(as_from);
        insert(&mut proposed.rules, Rules { effective_from, ..rules.clone() });
        let proposed = Arc::new(proposed);
        let wanted = wanted_days(as_from, last_day, closed);
        let first = month.min(wanted.first().copied().unwrap_or(last_day));
        let days: Vec<LocalDay> = first.through(last_day).filter(|day| *day >= month || wanted.contains(day)).collect();
        let mut effect = Effect {
            instead_of: self.commune.rules_on(rules.effective_from).clone(),
            rules: rules.clone(),
            as_from,
            last_day,
            days: wanted.iter().map(|day| (*day, DayEffect::default())).collect(),
            course: month.through(last_day).map(|day| (day, Default::default())).collect(),
        };
        let since = first - (self.reach(&self.commune).max(self.reach(&proposed)) + 1);
        let judged = self.rounds_by(&proposed, since.max(as_from), last_day).await?;
        let all = self.register.households.keys().map(|code| (code.clone(), ((first, last_day), Vec::new()))).collect();
        let (mut done, total) = (0, self.register.households.len());
        for chunk in chunks(all, &self.register) {
            let codes: Vec<HouseholdCode> = chunk.households.into_keys().collect();
            done += codes.len();
            let gathered = self.gather_since(&codes, since, last_day).await?;
            let (now, then) = (Arc::clone(&self.commune), Arc::clone(&proposed));
            let (register, judged, days) = (Arc::clone(&self.register), Arc::clone(&judged), days.clone());
            let compute = move || {
                let rounds = judged.with(&gathered.rounds);
                for code in &codes {
                    let before = facts(&now, &register, code, &gathered, &gathered.rounds);
                    let after = facts(&then, &register, code, &gathered, &rounds);
                    note(&mut effect, &register, code, &days, &before, &after);
                }
                effect
            };
            effect = tokio::task::spawn_blocking(compute).await.map_err(|_| RecomputeError::Cancelled)?;
            progress(done, total);
        }
        Ok(Some(effect))
    }

    fn reach(&self, commune: &Commune) -> i32 {
        commune.rules.iter().map(Rules::reach_days).max().unwrap_or(0)
    }

    /// Judges again the rounds whose devices must work for another part of their hours; nothing where that part is the same.
    async fn rounds_by(
        &self,
        proposed: &Arc<Commune>,
        from: LocalDay,
        to: LocalDay,
    ) -> Result<Arc<Judged>, RecomputeError> {
        let differs =
            |day: LocalDay| proposed.rules_on(day).working_percent != self.commune.rules_on(day).working_percent;
        let mut judged = Judged { from, by_place: HashMap::new() };
        if from > to || !from.through(to).any(differs) {
            return Ok(Arc::new(judged));
        }
        let other = Self { commune: Arc::clone(proposed), ..self.clone() };
        for place in self.register.scheduled_places() {
            judged.by_place.insert(place.clone(), other.judged_rounds(place, from, to).await?);
        }
        Ok(Arc::new(judged))
    }
}

/// Rounds that were judged again, from a day on.
struct Judged {
    from: LocalDay,
    by_place: HashMap<PlaceCode, Vec<RoundOutcome>>,
}

impl Judged {
    /// Puts these rounds in the place of the stored ones.
    fn with(&self, stored: &HashMap<PlaceCode, Vec<RoundOutcome>>) -> HashMap<PlaceCode, Vec<RoundOutcome>> {
        let mut rounds = stored.clone();
        for (place, outcomes) in &mut rounds {
            if let Some(again) = self.by_place.get(place) {
                outcomes.retain(|outcome| outcome.round.service_date < self.from);
                outcomes.extend(again.iter().cloned());
            }
        }
        rounds
    }
}

/// Chooses the days whose households are compared: the last finished day, and the ends of the open months before it that the
/// rule reaches.
fn wanted_days(as_from: LocalDay, last_day: LocalDay, closed: Option<LocalDay>) -> Vec<LocalDay> {
    let mut days = vec![last_day];
    let mut end = last_day.month_start() - 1;
    while end >= as_from && closed.is_none_or(|closed| end > closed) && days.len() <= MONTH_ENDS {
        days.push(end);
        end = Month::of(end).first_day() - 1;
    }
    days.reverse();
    days
}

fn facts<'a>(
    commune: &'a Commune,
    register: &'a Register,
    code: &HouseholdCode,
    gathered: &Gathered,
    rounds: &HashMap<PlaceCode, Vec<RoundOutcome>>,
) -> HouseholdFacts<'a> {
    HouseholdFacts::gather(
        commune,
        register,
        code,
        gathered.pickups.get(code).into_iter().flatten(),
        gathered.statements.get(code).into_iter().flatten(),
        register.places_of(code).iter().filter_map(|place| rounds.get(place)).flatten(),
    )
}

fn note(
    effect: &mut Effect,
    register: &Register,
    code: &HouseholdCode,
    days: &[LocalDay],
    before: &HouseholdFacts<'_>,
    after: &HouseholdFacts<'_>,
) {
    for &day in days {
        let Some(area) = register.households.get(code).and_then(|versions| versions.on(day)).map(|row| &row.area)
        else {
            continue;
        };
        let was = before.on(day);
        let is = if day < effect.as_from { was } else { after.on(day) };
        if let Some((counts_before, counts_after)) = effect.course.get_mut(&day) {
            for (counts, state) in [(counts_before, &was), (counts_after, &is)] {
                if let Some(state) = state {
                    counts.add(state, 1);
                }
            }
        }
        if let Some(of_day) = effect.days.get_mut(&day) {
            for (by_area, state) in [(&mut of_day.before, &was), (&mut of_day.after, &is)] {
                let counts = by_area.entry(area.clone()).or_default();
                if let Some(state) = state {
                    counts.add(state, 1);
                }
            }
            of_day.moves.note(area, Standing::of(was.as_ref()), Standing::of(is.as_ref()));
        }
    }
}
