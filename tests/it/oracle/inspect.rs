//! What people saw and logged: crew rounds and pickups, findings, visits, pathways.
//!
//! Dates and times lean to the limits: 2 h, the ends of rounds, 90 and 180 days.

use std::collections::BTreeSet;

use super::attribute::{Handover, attribute};
use super::generate::{Draft, Setup};
use super::rounds::Round;
use super::session::households_at;
use super::time::{DAY_MS, Day, HOUR_MS, MINUTE_MS};
use super::visit::Owner;
use super::world::{CrewPickup, DESTINATIONS, EventKey, Finding, Operation, Pathway, RoundAction, Said, Ticket, Visit};

const BY: &str = "crew";

/// Half of the households never hear a contrary word, so that a `not sorting` does not hide every other rule.
fn is_inspected(household: &str) -> bool {
    household.bytes().last().is_some_and(|digit| digit % 2 == 0)
}

/// Crew rounds, crew pickups and their voids.
pub fn add_crew(draft: &mut Draft) {
    let handovers = attribute(&draft.world);
    let mut named = BTreeSet::new();
    for round in draft.rounds() {
        let bare = draft.places.iter().any(|place| place.code == round.place && place.setup == Setup::Bare);
        let opened = draft.random.chance(if bare { 75 } else { 10 });
        if opened {
            add_opening(draft, &round);
        } else if bare && !draft.knobs.open_questions {
            continue;
        }
        for household in households_at(draft, &round.place, round.date) {
            let has_tag = draft.world.tags.iter().any(|tag| tag.household == household);
            let clear = opened || has_tag || draft.knobs.open_questions;
            if clear && draft.random.chance(if opened { 35 } else { 3 }) {
                add_pickup(draft, &round, opened, household, &handovers, &mut named);
            }
        }
    }
}

fn add_opening(draft: &mut Draft, round: &Round) {
    let operation = |draft: &mut Draft, action, at_ms| Operation::Round {
        id: draft.random.uuid(),
        place: round.place.clone(),
        stream: round.stream.clone(),
        service_date: round.date,
        action,
        at_ms,
    };
    let open = operation(draft, RoundAction::Open, round.start_ms + MINUTE_MS);
    draft.world.operations.push(open);
    if draft.random.chance(60) {
        let close = operation(draft, RoundAction::Close, round.end_ms);
        draft.world.operations.push(close);
    }
}

fn add_pickup(
    draft: &mut Draft,
    round: &Round,
    opened: bool,
    household: String,
    handovers: &[Handover],
    named: &mut BTreeSet<EventKey>,
) {
    let mut result = "separated";
    if is_inspected(&household) && draft.random.chance(35) {
        result = draft.random.pick(&["mixed", "contaminated", "refused"]);
    }
    let may_refuse = opened || draft.knobs.open_questions;
    let result = if result == "refused" && !may_refuse { "mixed" } else { result };
    let mut at_ms = draft.random.between(round.start_ms / 1_000, round.end_ms / 1_000) * 1_000;
    if draft.edge() {
        at_ms = draft.random.pick(&[round.start_ms, round.end_ms]);
    }
    if draft.knobs.open_questions && draft.edge() {
        at_ms = draft.random.pick(&[round.start_ms - 1, round.end_ms + 1]);
    }
    let manual_g = (result != "refused" && draft.random.chance(55)).then(|| draft.random.between(1, 200) * 100);
    let mut reading = None;
    if result != "refused" && draft.random.chance(50) {
        let free: Vec<&Handover> = handovers
            .iter()
            .filter(|handover| handover.place == round.place && handover.stream == round.stream)
            .filter(|handover| round.holds(handover.time_ms) && handover.net_g.is_some())
            .filter(|handover| match &handover.owner {
                Owner::Household(owner) => *owner == household || draft.knobs.open_questions,
                Owner::Unknown | Owner::Ambiguous => true,
            })
            .filter(|handover| !handover.readings.iter().any(|key| named.contains(key)))
            .collect();
        if !free.is_empty() {
            let handover = draft.random.pick(&free);
            reading = Some(handover.readings[0].clone());
            named.extend(handover.readings.iter().cloned());
            at_ms = (handover.time_ms + MINUTE_MS).min(round.end_ms);
        }
    }
    let id = draft.random.uuid();
    draft.world.operations.push(Operation::Pickup(CrewPickup {
        id: id.clone(),
        at_ms,
        household,
        place: round.place.clone(),
        stream: round.stream.clone(),
        result: result.to_owned(),
        manual_g,
        reading,
    }));
    if draft.random.chance(15) {
        let void = Operation::Void { id: draft.random.uuid(), pickup: id, at_ms: at_ms + HOUR_MS };
        draft.world.operations.push(void);
    }
}

/// Findings, visits and pathways.
pub fn add_inspections(draft: &mut Draft) {
    let handovers = attribute(&draft.world);
    let rounds = draft.rounds();
    let mut households: Vec<(String, Day)> = Vec::new();
    for row in &draft.world.households {
        match households.iter_mut().find(|(code, _)| *code == row.code) {
            Some((_, first)) => *first = row.valid_from.min(*first),
            None => households.push((row.code.clone(), row.valid_from)),
        }
    }
    for (household, first) in households {
        let own: Vec<(i64, String)> = handovers
            .iter()
            .filter(|handover| handover.owner == Owner::Household(household.clone()))
            .map(|handover| (handover.time_ms, handover.stream.clone()))
            .collect();
        let findings = if is_inspected(&household) { draft.random.pick(&[0, 1, 1, 2, 4]) } else { 0 };
        for _ in 0..findings {
            add_finding(draft, &household, first, &own, &rounds);
        }
        for _ in 0..draft.random.pick(&[0, 0, 1, 2]) {
            let on = some_date(draft);
            add_visit(draft, &household, first, on);
        }
        if draft.random.chance(40) {
            add_pathways(draft, &household, first);
        }
        if is_inspected(&household) && draft.random.chance(60) {
            add_at_noon(draft, &household, first);
        }
        let noon = own.iter().map(|(time_ms, _)| *time_ms).find(|time_ms| {
            let since_ms = time_ms - Day::of(*time_ms).noon_ms();
            (0..HOUR_MS).contains(&since_ms)
        });
        if let Some(time_ms) = noon.filter(|_| is_inspected(&household)) {
            add_not_sorting(draft, &household, Day::of(time_ms));
        }
    }
}

fn add_finding(draft: &mut Draft, household: &str, first: Day, own: &[(i64, String)], rounds: &[Round]) {
    let finding = draft.random.pick(&["mixed", "contaminated", "refused", "mixed", "clean", "clean"]);
    let mut stream = some_stream(draft);
    let at_ms = match draft.random.between(0, 9) {
        0..=5 if !own.is_empty() => {
            let (time_ms, own_stream) = draft.random.pick(own);
            if draft.random.chance(70) {
                stream = Some(own_stream);
            }
            let two_hours = 2 * HOUR_MS;
            let mut later = vec![0, 1, MINUTE_MS, 5 * MINUTE_MS, -MINUTE_MS, -20 * MINUTE_MS, -5 * MINUTE_MS, DAY_MS];
            later.extend([two_hours, two_hours + 1, two_hours - 1, -two_hours, -two_hours - 1]);
            time_ms + draft.random.pick(&later)
        }
        6 | 7 if !rounds.is_empty() => {
            let round = draft.random.pick(rounds);
            let start_ms = round.start_ms;
            draft.random.pick(&[start_ms, start_ms - 1, start_ms + 1, round.end_ms, round.end_ms + 1])
        }
        8 => {
            let age = draft.random.pick(&[89, 90, 91]);
            draft.some_day().plus(-age).start_ms() + draft.random.between(0, DAY_MS - 1)
        }
        _ => draft.some_day().start_ms() + draft.random.pick(&[0, DAY_MS - 1, 12 * HOUR_MS, 9 * HOUR_MS]),
    };
    push_finding(draft, household, first, stream.clone(), finding, at_ms);
    if finding != "clean" && draft.random.chance(35) {
        let later_ms = draft.random.pick(&[1, MINUTE_MS, 5 * HOUR_MS, 2 * DAY_MS]);
        push_finding(draft, household, first, stream, "clean", at_ms + later_ms);
    }
}

fn push_finding(draft: &mut Draft, household: &str, first: Day, stream: Option<String>, finding: &str, at_ms: i64) {
    let findings = &mut draft.world.findings;
    let is_new = !findings.iter().any(|finding| finding.household == household && finding.at_ms == at_ms);
    if is_new && first <= Day::of(at_ms) {
        findings.push(Finding {
            household: household.to_owned(),
            stream,
            finding: finding.to_owned(),
            at_ms,
            by: BY.to_owned(),
        });
    }
}

/// Something else said at the very noon, or on the day, at which a visit or a pathway stands.
fn add_at_noon(draft: &mut Draft, household: &str, first: Day) {
    let visits = draft.world.visits.iter().filter(|visit| visit.household == household).map(|visit| visit.on);
    let pathways =
        draft.world.pathways.iter().filter(|pathway| pathway.household == household).map(|pathway| pathway.on);
    let days: Vec<Day> = visits.chain(pathways).collect();
    if days.is_empty() {
        return;
    }
    let on = draft.random.pick(&days);
    let stream = some_stream(draft);
    if draft.random.chance(30) {
        add_visit(draft, household, first, on);
    } else {
        let finding = draft.random.pick(&["mixed", "clean"]);
        let at_ms = on.noon_ms() + draft.random.pick(&[0, 0, 1, -1]);
        push_finding(draft, household, first, stream, finding, at_ms);
    }
}

fn some_stream(draft: &mut Draft) -> Option<String> {
    let code = draft.random.pick(&draft.world.streams).code;
    draft.random.chance(65).then_some(code)
}

/// A day of the span, often one at which an age reaches its limit within the span.
fn some_date(draft: &mut Draft) -> Day {
    let age = draft.random.pick(&[0, 0, 0, 30, 89, 90, 91, 179, 180, 181]);
    draft.some_day().plus(-age)
}

/// A visit at the start of a round that begins at noon.
fn add_not_sorting(draft: &mut Draft, household: &str, on: Day) {
    if !draft.world.visits.iter().any(|visit| visit.household == household && visit.on == on) {
        let (household, result) = (household.to_owned(), "not_sorting".to_owned());
        let stream = some_stream(draft);
        draft.world.visits.push(Visit { household, on, result, stream, by: "visitor".to_owned() });
    }
}

fn add_visit(draft: &mut Draft, household: &str, first: Day, on: Day) {
    let visits = &mut draft.world.visits;
    if on < first || visits.iter().any(|visit| visit.household == household && visit.on == on) {
        return;
    }
    let stream = some_stream(draft);
    let contrary = is_inspected(household) && draft.random.chance(50);
    let result = if contrary { "not_sorting" } else { "sorting" }.to_owned();
    draft.world.visits.push(Visit { household: household.to_owned(), on, result, stream, by: "visitor".to_owned() });
}

fn add_pathways(draft: &mut Draft, household: &str, first: Day) {
    let together = draft.random.chance(50).then(|| some_date(draft));
    for (stream, pathway) in [("food", "compost"), ("food", "animal_feed"), ("recyclable", "sold")] {
        let on = together.unwrap_or_else(|| some_date(draft));
        if on < first || draft.random.chance(35) {
            continue;
        }
        let level = draft.random.pick(&["declared", "verified", "verified"]).to_owned();
        let by = "visitor".to_owned();
        let (household, stream, pathway) = (household.to_owned(), stream.to_owned(), pathway.to_owned());
        draft.world.pathways.push(Pathway { household, stream, pathway, level, on, by });
    }
}

/// Takes back hand-overs of devices, and says some things by themselves, of which some are taken back.
pub fn take_back(draft: &mut Draft) {
    for handover in attribute(&draft.world) {
        if draft.random.chance(2) {
            push_void(draft, handover.anchor.name(), handover.time_ms + HOUR_MS);
        }
    }
    let findings = std::mem::take(&mut draft.world.findings);
    for finding in findings {
        let at_ms = finding.at_ms;
        match said_by_itself(draft) {
            false => draft.world.findings.push(finding),
            true => push_said(draft, Said::Finding(finding), at_ms),
        }
    }
    let visits = std::mem::take(&mut draft.world.visits);
    for visit in visits {
        let at_ms = visit.on.noon_ms();
        match said_by_itself(draft) {
            false => draft.world.visits.push(visit),
            true => push_said(draft, Said::Visit(visit), at_ms),
        }
    }
    let pathways = std::mem::take(&mut draft.world.pathways);
    for pathway in pathways {
        let at_ms = pathway.on.noon_ms();
        match said_by_itself(draft) {
            false => draft.world.pathways.push(pathway),
            true => push_said(draft, Said::Pathway(pathway), at_ms),
        }
    }
}

fn said_by_itself(draft: &mut Draft) -> bool {
    draft.random.chance(40)
}

fn push_said(draft: &mut Draft, said: Said, at_ms: i64) {
    let id = draft.random.uuid();
    draft.world.operations.push(Operation::Said { id: id.clone(), said });
    if draft.random.chance(35) {
        push_void(draft, id, at_ms + HOUR_MS);
    }
}

fn push_void(draft: &mut Draft, of: String, at_ms: i64) {
    let id = draft.random.uuid();
    draft.world.operations.push(Operation::Void { id, pickup: of, at_ms });
}

/// Vehicles that deliver: some twice under one number, some taken back, some to where nobody knows.
pub fn add_tickets(draft: &mut Draft) {
    if draft.random.chance(25) {
        return;
    }
    for number in 0..draft.random.between(1, 25) {
        let stream = draft.random.pick(&draft.world.streams).code;
        let day = draft.some_day();
        let (tare_g, net_g) = (draft.random.between(900, 1_100) * 1_000, draft.random.between(1, 60) * 1_000);
        let known = draft.random.pick(&DESTINATIONS).0;
        let ticket = Ticket {
            number: format!("T-{number}"),
            vehicle: "29H-1".to_owned(),
            at_ms: day.start_ms() + draft.random.pick(&[0, DAY_MS - 1, 9 * HOUR_MS, 15 * HOUR_MS]),
            stream,
            gross_g: tare_g + net_g,
            tare_g,
            destination: if draft.random.chance(12) { "dau-do" } else { known }.to_owned(),
        };
        let mut known_after_ms = 0;
        for _ in 0..draft.random.pick(&[1, 1, 1, 2, 3]) {
            let mut said = ticket.clone();
            if known_after_ms > 0 && draft.random.chance(50) {
                said.gross_g += 10_000;
            }
            let id = draft.random.uuid();
            draft.world.operations.push(Operation::Ticket { id: id.clone(), known_after_ms, ticket: said });
            if draft.random.chance(20) {
                push_void(draft, id, ticket.at_ms + HOUR_MS);
            }
            known_after_ms += 60_000;
        }
    }
}
