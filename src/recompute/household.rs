//! Households: their states as spans, and the differences of the hamlets' totals.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Recompute, RecomputeError};
use crate::domain::facts::Operation;
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode};
use crate::domain::pickup::Pickup;
use crate::domain::register::Register;
use crate::domain::round::RoundOutcome;
use crate::domain::sorting::{HouseholdFacts, Practice};
use crate::domain::state::DayState;
use crate::domain::time::LocalDay;
use crate::indicators::Counts;
use crate::store::{Change, PracticeSpan, StaleMark, StateChange, StateSpan};

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
    let Some((what, span)) = put.or(gone) else {
        let mut spans = change.practice.put.iter().chain(&change.practice.gone);
        return spans.next().map(|s| format!("the practice of household {} from {} differs", s.household, s.from));
    };
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
        let mut practice: HashMap<HouseholdCode, Vec<PracticeSpan>> = HashMap::new();
        for span in self.store.practice_spans(&codes, first - 1).await? {
            practice.entry(span.household.clone()).or_default().push(span);
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
                let states = reaching(stored.remove(code), *from, |span| span.to);
                let practice = reaching(practice.remove(code), *from, |span| span.to);
                note_totals(&states, &practice, &computed, *from, through, &mut change);
                renew_states(code, states, &computed, *from, through, &mut change);
                renew_practice(code, practice, &computed, *from, through, &mut change);
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

/// What a household counts for on one day. `None`: it is not in the denominator.
type Day = Option<Counted>;

/// What a household counts for, and where.
#[derive(Clone, Debug, PartialEq)]
struct Counted {
    area: AreaCode,
    state: DayState,
    /// `None`: stored before there was any.
    beside: Option<Beside>,
}

/// What stands beside the state.
#[derive(Clone, Debug, PartialEq)]
struct Beside {
    point: Option<PlaceCode>,
    practice: Practice,
    people: Option<i64>,
}

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
            let state = facts.on(day)?;
            versions?.on(day).map(|household| Counted {
                area: household.area.clone(),
                state,
                beside: Some(Beside {
                    point: household.point.clone(),
                    practice: facts.practice_on(day),
                    people: household.people,
                }),
            })
        })
        .collect()
}

/// Keeps the spans that reach the day before `from`, or later.
fn reaching<T>(stored: Option<Vec<T>>, from: LocalDay, to: impl Fn(&T) -> Option<LocalDay>) -> Vec<T> {
    let all = stored.unwrap_or_default().into_iter();
    all.filter(|span| to(span).is_none_or(|to| to >= from - 1)).collect()
}

fn covers(from: LocalDay, to: Option<LocalDay>, day: LocalDay) -> bool {
    from <= day && to.is_none_or(|to| day <= to)
}

/// Notes the differences of the hamlets' and points' totals, day by day.
fn note_totals(
    states: &[StateSpan],
    practice: &[PracticeSpan],
    computed: &[Day],
    from: LocalDay,
    through: LocalDay,
    change: &mut StateChange,
) {
    let held = |day: LocalDay| -> Day {
        let span = states.iter().find(|span| covers(span.from, span.to, day))?;
        let beside = practice.iter().find(|span| covers(span.from, span.to, day)).map(|span| Beside {
            point: span.point.clone(),
            practice: span.practice,
            people: span.people,
        });
        Some(Counted { area: span.area.clone(), state: span.state, beside })
    };
    for (day, new) in from.through(through).zip(computed) {
        let was = held(day);
        if was == *new {
            continue;
        }
        for (side, by) in [(&was, -1), (new, 1)] {
            let Some(counted) = side else { continue };
            add(change.totals.entry((counted.area.clone(), day)).or_default(), counted, by);
            if let Some(Beside { point: Some(point), .. }) = &counted.beside {
                add(change.points.entry((point.clone(), day)).or_default(), counted, by);
            }
        }
    }
}

fn add(counts: &mut Counts, counted: &Counted, by: i64) {
    counts.add(&counted.state, by);
    if let Some(beside) = &counted.beside {
        counts.add_practice(&beside.practice, beside.people, by);
    }
}

/// Joins equal days to stretches: first day, last day and what holds. `before` is what holds up to the day before `from`.
fn stretches<T: Clone + PartialEq>(
    before: Option<(LocalDay, T)>,
    days: impl Iterator<Item = Option<T>>,
    from: LocalDay,
) -> Vec<(LocalDay, LocalDay, T)> {
    let mut stretches: Vec<(LocalDay, LocalDay, T)> =
        before.into_iter().map(|(first, of)| (first, from - 1, of)).collect();
    for (day, new) in (0..).map(|later| from + later).zip(days) {
        let Some(new) = new else { continue };
        match stretches.last_mut() {
            Some((_, last, of)) if *last == day - 1 && *of == new => *last = day,
            Some(_) | None => stretches.push((day, day, new)),
        }
    }
    stretches
}

/// Compares a household's stored states with its computed days, and notes what must change.
fn renew_states(
    code: &HouseholdCode,
    old: Vec<StateSpan>,
    computed: &[Day],
    from: LocalDay,
    through: LocalDay,
    change: &mut StateChange,
) {
    let before = old.iter().rfind(|span| span.from < from);
    let before = before.map(|span| (span.from, (span.area.clone(), span.state)));
    let days = computed.iter().map(|day| day.as_ref().map(|counted| (counted.area.clone(), counted.state)));
    let spans = stretches(before, days, from).into_iter().map(|(first, last, (area, state))| StateSpan {
        household: code.clone(),
        from: first,
        to: (last != through).then_some(last),
        area,
        state,
    });
    note_spans(&spans.collect::<Vec<_>>(), &old, &mut change.spans);
}

/// Compares a household's stored practice with its computed days, and notes what must change.
fn renew_practice(
    code: &HouseholdCode,
    old: Vec<PracticeSpan>,
    computed: &[Day],
    from: LocalDay,
    through: LocalDay,
    change: &mut StateChange,
) {
    let before = old
        .iter()
        .rfind(|span| span.from < from)
        .map(|span| (span.from, Beside { point: span.point.clone(), practice: span.practice, people: span.people }));
    let days = computed.iter().map(|day| day.as_ref().and_then(|counted| counted.beside.clone()));
    let spans = stretches(before, days, from).into_iter().map(|(first, last, beside)| PracticeSpan {
        household: code.clone(),
        from: first,
        to: (last != through).then_some(last),
        point: beside.point,
        practice: beside.practice,
        people: beside.people,
    });
    note_spans(&spans.collect::<Vec<_>>(), &old, &mut change.practice);
}

/// Notes the spans to write and the stored ones to drop.
fn note_spans<T: Clone + PartialEq>(new: &[T], old: &[T], into: &mut Change<T>) {
    into.put.extend(new.iter().filter(|span| !old.contains(span)).cloned());
    into.gone.extend(old.iter().filter(|span| !new.contains(span)).cloned());
}
