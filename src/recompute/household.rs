//! Households: their states as spans, and the differences of the hamlets' totals.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Recompute, RecomputeError};
use crate::domain::facts::Operation;
use crate::domain::ids::{AreaCode, HouseholdCode, PlaceCode, StreamCode};
use crate::domain::pickup::Pickup;
use crate::domain::register::{Commune, Register};
use crate::domain::round::RoundOutcome;
use crate::domain::sorting::{HouseholdFacts, Practice};
use crate::domain::state::DayState;
use crate::domain::time::LocalDay;
use crate::indicators::Counts;
use crate::store::{Change, HouseholdMark, PracticeSpan, StateChange, StateSpan, VerifiedSpan};

/// Households that are computed and written together.
pub(super) const TOGETHER: usize = 400;

/// The first and the last day to compute.
pub(super) type Days = (LocalDay, LocalDay);

/// Households to compute together.
pub(super) struct Chunk {
    pub households: BTreeMap<HouseholdCode, Days>,
    pub marks: Vec<HouseholdMark>,
}

/// Households, each with the days to compute and its marks.
pub(super) type Work = BTreeMap<HouseholdCode, (Days, Vec<HouseholdMark>)>;

/// Adds what a mark asks for.
pub(super) fn ask(work: &mut Work, days: Days, mark: HouseholdMark) {
    let (held, marks) = work.entry(HouseholdCode::new(mark.1.0.as_str())).or_insert((days, Vec::new()));
    *held = (held.0.min(days.0), held.1.max(days.1));
    marks.push(mark);
}

/// Splits the work into chunks of households that share their places, so that rounds are read once.
pub(super) fn chunks(work: Work, register: &Register) -> Vec<Chunk> {
    let mut by_place: Vec<_> =
        work.into_iter().map(|(code, (days, marks))| (register.places_of(&code), code, days, marks)).collect();
    by_place.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let mut chunks: Vec<Chunk> = Vec::new();
    for (_, code, days, marks) in by_place {
        if chunks.last().is_none_or(|chunk| chunk.households.len() >= TOGETHER) {
            chunks.push(Chunk { households: BTreeMap::new(), marks: Vec::new() });
        }
        let Some(chunk) = chunks.last_mut() else { continue };
        chunk.households.insert(code, days);
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
        let practice =
            spans.next().map(|s| format!("the practice of household {} from {} differs", s.household, s.from));
        let mut spans = change.verified.put.iter().chain(&change.verified.gone);
        return practice.or_else(|| {
            spans.next().map(|s| format!("the verifications of household {} from {} differ", s.household, s.from))
        });
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
pub(super) struct Gathered {
    pub pickups: HashMap<HouseholdCode, Vec<Pickup>>,
    pub statements: HashMap<HouseholdCode, Vec<Operation>>,
    pub rounds: HashMap<PlaceCode, Vec<RoundOutcome>>,
}

impl Recompute {
    /// Computes what changes for households, each on its days. `through` is the last day of all figures.
    pub(super) async fn state_change(
        &self,
        households: &BTreeMap<HouseholdCode, Days>,
        through: LocalDay,
    ) -> Result<StateChange, RecomputeError> {
        let codes: Vec<HouseholdCode> = households.keys().cloned().collect();
        let first = households.values().map(|days| days.0).min();
        let last = households.values().map(|days| days.1).max();
        let (Some(first), Some(last)) = (first, last) else { return Ok(StateChange::default()) };
        let gathered = self.gather(&codes, first, last).await?;
        let mut stored: HashMap<HouseholdCode, Vec<StateSpan>> = HashMap::new();
        // The spans right before and after are read too: they may have to be joined.
        for span in self.store.spans(&codes, first - 1, last + 1).await? {
            stored.entry(span.household.clone()).or_default().push(span);
        }
        let mut practice: HashMap<HouseholdCode, Vec<PracticeSpan>> = HashMap::new();
        for span in self.store.practice_spans(&codes, first - 1, last + 1).await? {
            practice.entry(span.household.clone()).or_default().push(span);
        }
        let mut verified: HashMap<HouseholdCode, Vec<VerifiedSpan>> = HashMap::new();
        for span in self.store.verified_spans(&codes, first - 1, last + 1).await? {
            verified.entry(span.household.clone()).or_default().push(span);
        }
        let (commune, register) = (Arc::clone(&self.commune), Arc::clone(&self.register));
        let households = households.clone();
        let compute = move || {
            let mut change = StateChange::default();
            for (code, (from, last)) in &households {
                let facts = HouseholdFacts::gather(
                    &commune,
                    &register,
                    code,
                    gathered.pickups.get(code).into_iter().flatten(),
                    gathered.statements.get(code).into_iter().flatten(),
                    register.places_of(code).iter().filter_map(|place| gathered.rounds.get(place)).flatten(),
                );
                let stretch = Stretch { from: *from, last: *last, through };
                let computed = computed(&facts, (&commune, &register), code, *from, *last);
                let states = stretch.near(stored.remove(code), |span| (span.from, span.to));
                let practice = stretch.near(practice.remove(code), |span| (span.from, span.to));
                let verified = stretch.near(verified.remove(code), |span| (span.from, span.to));
                note_totals(&states, &practice, &computed, stretch, &mut change);
                renew_states(code, states, &computed, stretch, &mut change);
                renew_practice(code, practice, &computed, stretch, &mut change);
                renew_verified(code, verified, &computed, stretch, &mut change);
            }
            change
        };
        tokio::task::spawn_blocking(compute).await.map_err(|_| RecomputeError::Cancelled)
    }

    async fn gather(
        &self,
        codes: &[HouseholdCode],
        first: LocalDay,
        last: LocalDay,
    ) -> Result<Gathered, RecomputeError> {
        self.gather_since(codes, first - self.reach_days(), last).await
    }

    /// Reads the facts of households from a day through another.
    pub(super) async fn gather_since(
        &self,
        codes: &[HouseholdCode],
        since: LocalDay,
        last: LocalDay,
    ) -> Result<Gathered, RecomputeError> {
        let zone = &self.commune.zone;
        let mut gathered = Gathered { pickups: HashMap::new(), statements: HashMap::new(), rounds: HashMap::new() };
        for pickup in self.store.household_pickups(codes, zone.start_of(since), zone.start_of(last.next())).await? {
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
            let rounds = self.store.rounds(&place, since, last).await?;
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
    /// Required streams that are not accounted for.
    missing: Vec<StreamCode>,
    /// `None`: stored before there was any.
    beside: Option<Beside>,
    /// For how long verifications alone hold the state up. `None`: they do not.
    verified: Option<Verified>,
}

/// The last day on which they stand, and the streams whose evidence then ends.
type Verified = (LocalDay, Vec<StreamCode>);

/// What stands beside the state.
#[derive(Clone, Debug, PartialEq)]
struct Beside {
    point: Option<PlaceCode>,
    practice: Practice,
    people: Option<i64>,
}

fn computed(
    facts: &HouseholdFacts<'_>,
    (commune, register): (&Commune, &Register),
    code: &HouseholdCode,
    from: LocalDay,
    through: LocalDay,
) -> Vec<Day> {
    let versions = register.households.get(code);
    from.through(through)
        .map(|day| {
            let judged = facts.judged(day)?;
            let lapse = facts.lapse(&judged, day);
            versions?.on(day).map(|household| Counted {
                verified: lapse.map(|lapse| (lapse.last_day, lapse.streams.codes(commune))),
                area: household.area.clone(),
                state: judged.state,
                missing: judged.missing.codes(commune),
                beside: Some(Beside {
                    point: household.point.clone(),
                    practice: facts.practice_on(day),
                    people: household.people,
                }),
            })
        })
        .collect()
}

/// The days of a household that are computed anew, and the last day of all figures.
#[derive(Clone, Copy)]
struct Stretch {
    from: LocalDay,
    last: LocalDay,
    through: LocalDay,
}

impl Stretch {
    /// Keeps the spans that reach the day before, the days themselves, or the day after.
    fn near<T>(self, stored: Option<Vec<T>>, days: impl Fn(&T) -> (LocalDay, Option<LocalDay>)) -> Vec<T> {
        let mut all = stored.unwrap_or_default();
        all.retain(|span| {
            let (from, to) = days(span);
            from <= self.last + 1 && to.is_none_or(|to| to >= self.from - 1)
        });
        all
    }

    /// Joins what held before, equal days, and what holds after to spans: first day, last day (`None`: open) and what holds.
    fn spans<T: Clone + PartialEq>(
        self,
        old: &[(LocalDay, Option<LocalDay>, T)],
        days: impl Iterator<Item = Option<T>>,
    ) -> Vec<(LocalDay, Option<LocalDay>, T)> {
        let before = old.iter().rfind(|(first, _, _)| *first < self.from);
        let before = before.map(|(first, to, of)| (*first, to.map_or(self.from - 1, |to| to.min(self.from - 1)), of));
        let mut joined: Vec<(LocalDay, LocalDay, T)> =
            before.into_iter().map(|(first, last, of)| (first, last, of.clone())).collect();
        for (day, new) in self.from.through(self.last).zip(days) {
            let Some(new) = new else { continue };
            match joined.last_mut() {
                Some((_, last, of)) if *last == day - 1 && *of == new => *last = day,
                Some(_) | None => joined.push((day, day, new)),
            }
        }
        let is_open = |last: LocalDay| self.last == self.through && last == self.through;
        let mut spans: Vec<_> =
            joined.into_iter().map(|(first, last, of)| (first, (!is_open(last)).then_some(last), of)).collect();
        let after = old.iter().find(|(first, to, _)| covers(*first, *to, self.last + 1));
        if let Some((_, to, of)) = after.filter(|_| self.last < self.through) {
            match spans.last_mut() {
                Some((_, last, held)) if *last == Some(self.last) && held == of => *last = *to,
                Some(_) | None => spans.push((self.last + 1, *to, of.clone())),
            }
        }
        spans
    }
}

fn covers(from: LocalDay, to: Option<LocalDay>, day: LocalDay) -> bool {
    from <= day && to.is_none_or(|to| day <= to)
}

/// What of a household goes into the totals of a day: its hamlet, its state, and its point, practice and persons beside it.
type InTotals<'a> = (&'a AreaCode, DayState, Option<(Option<&'a PlaceCode>, Practice, Option<i64>)>);

/// Notes the differences of the hamlets' and points' totals, day by day.
fn note_totals(
    states: &[StateSpan],
    practice: &[PracticeSpan],
    computed: &[Day],
    stretch: Stretch,
    change: &mut StateChange,
) {
    let held = |day: LocalDay| -> Option<InTotals<'_>> {
        let span = states.iter().find(|span| covers(span.from, span.to, day))?;
        let beside = practice.iter().find(|span| covers(span.from, span.to, day));
        Some((&span.area, span.state, beside.map(|span| (span.point.as_ref(), span.practice, span.people))))
    };
    for (day, new) in stretch.from.through(stretch.last).zip(computed) {
        let was = held(day);
        let new = new.as_ref().map(|counted| {
            let beside = counted.beside.as_ref();
            let beside = beside.map(|beside| (beside.point.as_ref(), beside.practice, beside.people));
            (&counted.area, counted.state, beside)
        });
        if was == new {
            continue;
        }
        for (side, by) in [(was, -1), (new, 1)] {
            let Some(of) = side else { continue };
            add(change.totals.entry((of.0.clone(), day)).or_default(), &of, by);
            if let Some((Some(point), ..)) = of.2 {
                add(change.points.entry((point.clone(), day)).or_default(), &of, by);
            }
        }
    }
}

fn add(counts: &mut Counts, (_, state, beside): &InTotals<'_>, by: i64) {
    counts.add(state, by);
    if let Some((_, practice, people)) = beside {
        counts.add_practice(practice, *people, by);
    }
}

/// Compares a household's stored states with its computed days, and notes what must change.
fn renew_states(
    code: &HouseholdCode,
    old: Vec<StateSpan>,
    computed: &[Day],
    stretch: Stretch,
    change: &mut StateChange,
) {
    let held: Vec<_> =
        old.iter().map(|span| (span.from, span.to, (span.area.clone(), span.state, span.missing.clone()))).collect();
    let days = computed
        .iter()
        .map(|day| day.as_ref().map(|counted| (counted.area.clone(), counted.state, counted.missing.clone())));
    let spans = stretch.spans(&held, days).into_iter().map(|(from, to, (area, state, missing))| StateSpan {
        household: code.clone(),
        from,
        to,
        area,
        state,
        missing,
    });
    note_spans(&spans.collect::<Vec<_>>(), &old, &mut change.spans);
}

/// Compares a household's stored practice with its computed days, and notes what must change.
fn renew_practice(
    code: &HouseholdCode,
    old: Vec<PracticeSpan>,
    computed: &[Day],
    stretch: Stretch,
    change: &mut StateChange,
) {
    let beside =
        |span: &PracticeSpan| Beside { point: span.point.clone(), practice: span.practice, people: span.people };
    let held: Vec<_> = old.iter().map(|span| (span.from, span.to, beside(span))).collect();
    let days = computed.iter().map(|day| day.as_ref().and_then(|counted| counted.beside.clone()));
    let spans = stretch.spans(&held, days).into_iter().map(|(from, to, beside)| PracticeSpan {
        household: code.clone(),
        from,
        to,
        point: beside.point,
        practice: beside.practice,
        people: beside.people,
    });
    note_spans(&spans.collect::<Vec<_>>(), &old, &mut change.practice);
}

/// Compares how long verifications hold a household up, as stored and as computed, and notes what must change.
fn renew_verified(
    code: &HouseholdCode,
    old: Vec<VerifiedSpan>,
    computed: &[Day],
    stretch: Stretch,
    change: &mut StateChange,
) {
    let held: Vec<_> =
        old.iter().map(|span| (span.from, span.to, (span.area.clone(), (span.until, span.streams.clone())))).collect();
    let days = computed.iter().map(|day| {
        let counted = day.as_ref()?;
        counted.verified.clone().map(|verified| (counted.area.clone(), verified))
    });
    let spans = stretch.spans(&held, days).into_iter().map(|(from, to, (area, (until, streams)))| VerifiedSpan {
        household: code.clone(),
        from,
        to,
        area,
        until,
        streams,
    });
    note_spans(&spans.collect::<Vec<_>>(), &old, &mut change.verified);
}

/// Notes the spans to write and the stored ones to drop.
fn note_spans<T: Clone + PartialEq>(new: &[T], old: &[T], into: &mut Change<T>) {
    into.put.extend(new.iter().filter(|span| !old.contains(span)).cloned());
    into.gone.extend(old.iter().filter(|span| !new.contains(span)).cloned());
}
