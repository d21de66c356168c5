//! The explanation of a state is the state's own, and what is said to change it does so, on generated communes.

use std::collections::BTreeMap;

use phanloai::domain::facts::Operation;
use phanloai::domain::ids::HouseholdCode;
use phanloai::domain::pickup::Pickup;
use phanloai::domain::register::Register;
use phanloai::domain::round::RoundOutcome;
use phanloai::domain::sorting::explanation::Explanation;
use phanloai::domain::sorting::outlook::{Act, Turn};
use phanloai::domain::sorting::{Fate, HouseholdFacts, Judged, Standing};
use phanloai::domain::state::State;
use phanloai::domain::time::LocalDay;

use crate::commune::{NOW, TestCommune};
use crate::laws::{seeds, text};
use crate::oracle::generate::generate;

/// Facts of a household as the store keeps them.
struct Raw {
    pickups: Vec<Pickup>,
    operations: Vec<Operation>,
    rounds: Vec<RoundOutcome>,
}

impl Raw {
    async fn of(commune: &TestCommune, register: &Register, household: &HouseholdCode, to: LocalDay) -> Self {
        let (store, zone, from) = (&commune.store, &commune.commune.zone, to - 400);
        let mut rounds = Vec::new();
        for place in register.places_of(household) {
            rounds.extend(store.rounds(&place, from, to).await.unwrap());
        }
        let pickups = store.pickups_between(household, zone.start_of(from), zone.start_of(to.next())).await.unwrap();
        let operations = store.statements_of(std::slice::from_ref(household)).await.unwrap();
        Self { pickups, operations, rounds }
    }

    fn facts<'a>(&self, commune: &'a TestCommune, register: &'a Register, code: &HouseholdCode) -> HouseholdFacts<'a> {
        HouseholdFacts::gather(&commune.commune, register, code, &self.pickups, &self.operations, &self.rounds)
    }

    /// Leaves out what came after a day.
    fn known_on(&self, commune: &TestCommune, day: LocalDay) -> Self {
        let zone = &commune.commune.zone;
        let close = zone.start_of(day.next());
        Self {
            pickups: self.pickups.iter().filter(|pickup| pickup.time < close).cloned().collect(),
            operations: self.operations.iter().filter(|one| one.statement.at(zone) < close).cloned().collect(),
            rounds: self.rounds.iter().filter(|outcome| outcome.round.end <= close).cloned().collect(),
        }
    }
}

/// Works the verdict out from the explanation's lines alone.
fn state_of(why: &Explanation) -> Option<State> {
    if why.standing != Standing::Counts {
        return None;
    }
    let required = || why.streams.iter().filter(|story| story.required);
    let open = why.contraries.iter().any(|story| story.fate == Fate::Open);
    let accounted = required().all(|story| {
        story.pickups.iter().any(|pickup| pickup.counts())
            || story.verified.iter().any(|verified| verified.stands_on(why.day))
    });
    Some(match (open, accounted && required().count() > 0) {
        (true, _) => State::NotSorting,
        (false, true) => State::Sorting,
        (false, false) => State::Undetermined,
    })
}

type Verdict = Option<(State, Option<phanloai::domain::state::Reason>)>;

fn verdict(judged: Option<Judged>) -> Verdict {
    judged.map(|judged| (judged.state.state, judged.state.reason))
}

/// Does what a turn says, as facts beside the others, and judges its day.
fn done(
    commune: &TestCommune,
    register: &Register,
    code: &HouseholdCode,
    raw: &Raw,
    day: LocalDay,
    turn: &Turn,
) -> Verdict {
    let known = raw.known_on(commune, day);
    let plain = known.facts(commune, register, code);
    let zone = &commune.commune.zone;
    let mut after = known.known_on(commune, day);
    after.rounds.extend(plain.rounds_to_come(day, turn.day).iter().map(|round| plain.as_scheduled(round)));
    let on = match &turn.act {
        Act::Pickups(_) | Act::Nothing => turn.day,
        Act::Visit | Act::Pathways(_) | Act::Clean(_) | Act::NotSorting => day.next(),
    };
    for (at, statement) in turn.act.statements(code, on, zone.at_minute(on, 720)).into_iter().enumerate() {
        after.operations.push(Operation { id: format!("supposed-{at}"), recorded: NOW, by: "x".into(), statement });
    }
    if let Act::Pickups(rounds) = &turn.act {
        after.pickups.extend(rounds.iter().map(|round| plain.handed_over(round)));
    }
    verdict(after.facts(commune, register, code).judged(turn.day))
}

async fn holds_in(seed: u64, told: &mut BTreeMap<&'static str, u32>) {
    let world = generate(seed);
    let commune = TestCommune::of_world(&world, None).await;
    commune.compute(&text(world.to)).await;
    let register = commune.recompute().await.register;
    let last: LocalDay = text(world.to).parse().unwrap();
    for code in register.households.keys() {
        let raw = Raw::of(&commune, &register, code, last).await;
        let facts = raw.facts(&commune, &register, code);
        for day in [last - 20, last - 7, last - 1, last] {
            let why = facts.explain(day);
            assert_eq!(why.judged, facts.judged(day), "seed {seed}: {code} on {day}");
            assert_eq!(
                state_of(&why),
                facts.on(day).map(|state| state.state),
                "seed {seed}: {code} on {day}: {why:#?}"
            );
            let known = raw.known_on(&commune, day);
            assert_eq!(known.facts(&commune, &register, code).judged(day), why.judged, "seed {seed}: later facts");
            let now = verdict(why.judged);
            for turn in facts.outlook(day) {
                let becomes = verdict(turn.becomes);
                assert_ne!(becomes, now, "seed {seed}: {code} on {day}: {turn:?} changes nothing");
                let given = done(&commune, &register, code, &raw, day, &turn);
                assert_eq!(given, becomes, "seed {seed}: {code} on {day}: {turn:#?}");
                let act = match &turn.act {
                    Act::Nothing => "nothing",
                    Act::Visit => "visit",
                    Act::Pathways(_) => "pathways",
                    Act::Clean(_) => "clean",
                    Act::Pickups(_) => "pickups",
                    Act::NotSorting => "not_sorting",
                };
                *told.entry(act).or_default() += 1;
            }
        }
        let spans = commune.store.spans_between(code, last, last).await.unwrap();
        let stored = spans.first().map(|span| (span.state, span.missing.clone()));
        let judged = facts.judged(last).map(|judged| (judged.state, judged.missing.codes(&commune.commune)));
        assert_eq!(stored, judged, "seed {seed}: {code}");
    }
}

#[tokio::test]
async fn an_explanation_has_the_engine_s_state_and_what_would_change_it_does() {
    let mut told = BTreeMap::new();
    for seed in seeds(8_000, 24) {
        holds_in(seed, &mut told).await;
    }
    assert_eq!(told.len(), 6, "each kind of act was told at least once: {told:?}");
}

#[tokio::test]
async fn a_visit_taken_back_leaves_the_state_as_it_was() {
    let mut found = None;
    for seed in 8_100..8_120 {
        let world = generate(seed);
        let commune = TestCommune::of_world(&world, None).await;
        let last = text(world.to);
        commune.compute(&last).await;
        let before = commune.states(&last).await;
        if let Some(household) = before.iter().find(|(_, state)| state.starts_with("U:")).map(|(code, _)| code.clone())
        {
            found = Some((commune, last, before, household));
            break;
        }
    }
    let (commune, last, before, household) = found.expect("some household of twenty communes is U");
    let household = &household;
    let visit = phanloai::domain::facts::Statement::Visit {
        on: last.parse().unwrap(),
        household: household.as_str().into(),
        result: phanloai::domain::state::VisitResult::Sorting,
        stream: None,
    };
    let record = async |id: &str, statement| {
        let operation = Operation { id: id.to_owned(), recorded: NOW, by: "x".into(), statement };
        commune.store.record(&[operation], &commune.commune.zone).await.unwrap();
        commune.compute(&last).await;
    };
    record("visit", visit).await;
    assert_eq!(commune.states(&last).await[household].split(':').next(), Some("S"));
    let (pickup, reason) = ("visit".to_owned(), "nhầm hộ".to_owned());
    record("void", phanloai::domain::facts::Statement::Void { at: NOW, pickup, reason }).await;
    assert_eq!(commune.states(&last).await, before);
    assert_eq!(commune.check().await, None);
}
