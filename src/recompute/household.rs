//! Households: their states as spans, and the differences of the hamlets' totals.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Recompute, RecomputeError};
use crate::domain::facts::Operation;
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode};
use crate::domain::pickup::Pickup;
use crate::domain::register::{Commune, Register};
use crate::domain::round::RoundOutcome;
use crate::domain::sorting::{HouseholdFacts, Judged};
use crate::domain::state::DayState;
use crate::domain::time::LocalDay;
use crate::store::{Change, StaleMark, StateChange, StateSpan};

/// Households that are computed and written together.
pub(super) const TOGETHER: usize = 400;

/// Households to compute together, each from a day on.
pub(super) struct Chunk {
    pub households: BTreeMap<HouseholdCode, LocalDay>,
    pub marks: Vec<StaleMark>,
}

/// Households, each with the day to compute it from and its marks.
pub(super) type Work = BTreeMap<HouseholdCode, (LocalDay, Vec<StaleMark>)>;

/// Splits the work into chunks of households that share their places, so that rounds are read once.
pub(super) fn chunks(work: Work, register: &Register) -> Vec<Chunk> {
    let mut by_place: Vec<_> =
        work.into_iter().map(|(code, (from, marks))| (register.places_of(&code), code, from, marks)).collect();
    by_place.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let mut chunks: Vec<Chunk> = Vec::new();
    for (_, code, from, marks) in by_place {
        if chunks.last().is_none_or(|chunk| chunk.households.len() >= TOGETHER) {
            chunks.push(Chunk { households: BTreeMap::new(), marks: Vec::new() });
        }
        let Some(chunk) = chunks.last_mut() else { continue };
        chunk.households.insert(code, from);
        chunk.marks.extend(marks);
    }
    chunks
}

/// Names the first difference of a check.
pub(super) fn difference(change: &StateChange) -> Option<String> {
    let put = change.spans.put.first().map(|span| ("should be", span));
    let gone = change.spans.gone.first().map(|span| ("is stored but should not be", span));
    let (what, span) = put.or(gone)?;
    Some(format!(
        "household {}: {} from {} {what} {}",
        span.household,
        span.state.state,
        span.from,
        span.state.reason.map_or("", |reason| reason.as_str())
    ))
}

/// Everything that the states of some households are computed from.
struct Gathered {
    pickups: HashMap<HouseholdCode, Vec<Pickup>>,
    statements: HashMap<HouseholdCode, Vec<Operation>>,
    rounds: HashMap<PlaceCode, Vec<RoundOutcome>>,
}

impl Recompute {
    /// Computes what changes for households, each from its day through `through`.
    pub(super) async fn state_change(
        &self,
        households: &BTreeMap<HouseholdCode, LocalDay>,
        through: LocalDay,
    ) -> Result<StateChange, RecomputeError> {
        let codes: Vec<HouseholdCode> = households.keys().cloned().collect();
        let Some(first) = households.values().min().copied() else { return Ok(StateChange::default()) };
        let gathered = self.gather(&codes, first, through).await?;
        let mut stored: HashMap<HouseholdCode, Vec<StateSpan>> = HashMap::new();
        // The span that ends right before is read too: it may have to be joined.
        for span in self.store.spans(&codes, first - 1).await? {
            stored.entry(span.household.clone()).or_default().push(span);
        }
        let (commune, register) = (Arc::clone(&self.commune), Arc::clone(&self.register));
        let households = households.clone();
        let compute = move || {
            let mut change = StateChange::default();
            for (code, from) in &households {
                let facts = HouseholdFacts::gather(
                    &commune,
                    &register,
                    code,
                    gathered.pickups.get(code).into_iter().flatten(),
                    gathered.statements.get(code).into_iter().flatten(),
                    register.places_of(code).iter().filter_map(|place| gathered.rounds.get(place)).flatten(),
                );
                let computed = computed(&facts, &register, code, *from, through);
                let old: Vec<StateSpan> = stored
                    .remove(code)
                    .unwrap_or_default()
                    .into_iter()
                    .filter(|span| span.to.is_none_or(|to| to >= *from - 1))
                    .collect();
                renew(&commune, code, old, &computed, (*from, through), &mut change);
            }
            change
        };
        tokio::task::spawn_blocking(compute).await.map_err(|_| RecomputeError::Cancelled)
    }

    async fn gather(
        &self,
        codes: &[HouseholdCode],
        first: LocalDay,
        through: LocalDay,
    ) -> Result<Gathered, RecomputeError> {
        let reach = self.commune.rules.iter().map(|rules| rules.reach_days()).max().unwrap_or(0) + 1;
        let since = first - reach;
        let mut gathered = Gathered { pickups: HashMap::new(), statements: HashMap::new(), rounds: HashMap::new() };
        for pickup in self.store.household_pickups(codes, self.commune.zone.start_of(since)).await? {
            if let Some(household) = &pickup.household {
                gathered.pickups.entry(household.clone()).or_default().push(pickup);
            }
        }
        for operation in self.store.statements_of(codes).await? {
            if let Some(household) = operation.statement.household() {
                gathered.statements.entry(household.clone()).or_default().push(operation);
            }
        }
        let places: BTreeSet<PlaceCode> = codes.iter().flat_map(|code| self.register.places_of(code)).collect();
        for place in places {
            let rounds = self.store.rounds(&place, since, through).await?;
            gathered.rounds.insert(place, rounds);
        }
        Ok(gathered)
    }
}

type Day = Option<(AreaCode, Judged)>;

fn computed(
    facts: &HouseholdFacts<'_>,
    register: &Register,
    code: &HouseholdCode,
    from: LocalDay,
    through: LocalDay,
) -> Vec<Day> {
    let versions = register.households.get(code);
    from.through(through)
        .map(|day| {
            let judged = facts.judged(day)?;
            versions?.on(day).map(|household| (household.area.clone(), judged))
        })
        .collect()
}

/// Compares a household's stored spans with its computed days, and notes what must change.
fn renew(
    commune: &Commune,
    code: &HouseholdCode,
    old: Vec<StateSpan>,
    computed: &[Day],
    (from, through): (LocalDay, LocalDay),
    change: &mut StateChange,
) {
    let held = |day: LocalDay| -> Option<(AreaCode, DayState)> {
        let span = old.iter().find(|span| span.from <= day && span.to.is_none_or(|to| day <= to))?;
        Some((span.area.clone(), span.state))
    };
    for (day, new) in from.through(through).zip(computed) {
        let was = held(day);
        let is = new.as_ref().map(|(area, judged)| (area.clone(), judged.state));
        if was == is {
            continue;
        }
        for (side, by) in [(&was, -1), (&is, 1)] {
            if let Some((area, state)) = side {
                change.totals.entry((area.clone(), day)).or_default().add(state, by);
            }
        }
    }
    let mut spans: Vec<StateSpan> = Vec::new();
    if let Some(before) = old.iter().rfind(|span| span.from < from) {
        let to = before.to.map_or(from - 1, |to| to.min(from - 1));
        spans.push(StateSpan { to: Some(to), ..before.clone() });
    }
    for (day, new) in from.through(through).zip(computed) {
        let Some((area, judged)) = new else { continue };
        let missing = judged.missing.codes(commune);
        match spans.last_mut() {
            Some(span)
                if span.to == Some(day - 1)
                    && span.area == *area
                    && span.state == judged.state
                    && span.missing == missing =>
            {
                span.to = Some(day);
            }
            Some(_) | None => spans.push(StateSpan {
                household: code.clone(),
                from: day,
                to: Some(day),
                area: area.clone(),
                state: judged.state,
                missing,
            }),
        }
    }
    if let Some(last) = spans.last_mut()
        && last.to == Some(through)
    {
        last.to = None;
    }
    let (put, gone) = Change::between(&spans, &old);
    change.spans.put.extend(put);
    change.spans.gone.extend(gone);
}

impl Change<StateSpan> {
    /// Gives the spans to write and the stored ones to drop.
    fn between(new: &[StateSpan], old: &[StateSpan]) -> (Vec<StateSpan>, Vec<StateSpan>) {
        let put = new.iter().filter(|span| !old.contains(span)).cloned().collect();
        let gone = old.iter().filter(|span| !new.contains(span)).cloned().collect();
        (put, gone)
    }
}
