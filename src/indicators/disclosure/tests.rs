//! The attacker: knows every published number and this program, and tries every commune that would look the same.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// Kinds of households, as finely as published cells can tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ByDevice,
    ByCrew,
    ByVisit,
    Not,
    NotButEnrolled,
    OneMissing,
    DeclaredWithOne,
    DeclaredOnly,
    OnlyOther,
    NoPickup,
    NoPickupButEnrolled,
    NotObservable,
}

fn counts(kinds: &[(Kind, i64)]) -> Counts {
    let mut counts = Counts::default();
    for (kind, number) in kinds {
        counts.eligible += number;
        let (state, reason, at_least_one, enrolled) = match kind {
            Kind::ByDevice | Kind::ByCrew | Kind::ByVisit => ('S', None, true, true),
            Kind::Not => ('N', None, false, false),
            Kind::NotButEnrolled => ('N', None, false, true),
            Kind::OneMissing => ('U', Some(2), true, true),
            Kind::DeclaredWithOne => ('U', Some(1), true, true),
            Kind::DeclaredOnly => ('U', Some(1), false, true),
            Kind::OnlyOther => ('U', Some(0), false, false),
            Kind::NoPickup => ('U', Some(3), false, false),
            Kind::NoPickupButEnrolled => ('U', Some(3), false, true),
            Kind::NotObservable => ('U', Some(4), false, false),
        };
        counts.sorting += if state == 'S' { *number } else { 0 };
        counts.not_sorting += if state == 'N' { *number } else { 0 };
        if let Some(reason) = reason {
            counts.undetermined[reason] += number;
        }
        match kind {
            Kind::ByDevice => counts.evidence[0] += number,
            Kind::ByCrew => counts.evidence[1] += number,
            Kind::ByVisit => counts.evidence[2] += number,
            _ => {}
        }
        counts.at_least_one += if at_least_one { *number } else { 0 };
        counts.enrolled += if enrolled { *number } else { 0 };
    }
    counts
}

/// Every hamlet of at most `most` households of some kinds.
fn hamlets(kinds: &[Kind], most: i64) -> Vec<Counts> {
    let mut found = vec![Vec::new()];
    for kind in kinds {
        found = found
            .into_iter()
            .flat_map(|start: Vec<(Kind, i64)>| {
                let left = most - start.iter().map(|(_, number)| number).sum::<i64>();
                (0..=left).map(move |number| [start.clone(), vec![(*kind, number)]].concat())
            })
            .collect();
    }
    found.iter().map(|kinds| counts(kinds)).collect()
}

fn named(hamlets: &[Counts]) -> BTreeMap<AreaCode, Counts> {
    hamlets.iter().enumerate().map(|(place, counts)| (AreaCode::new(format!("H{place}")), *counts)).collect()
}

/// Every published number: of the hamlets, and of the commune.
fn everything_published(hamlets: &[Counts], fewest: i64) -> (Vec<Shown>, Counts) {
    let counts = named(hamlets);
    let mut commune = Counts::default();
    counts.values().for_each(|counts| commune.merge(counts));
    (published_from(&counts, fewest).into_values().collect(), commune)
}

/// Every number of a publication; -1 stands for a hidden one.
fn told(shown: &Shown) -> Vec<i64> {
    let numbers = [
        shown.eligible(),
        shown.sorting(),
        shown.not_sorting(),
        shown.undetermined_total(),
        shown.at_least_one(),
        shown.enrolled(),
        shown.served(),
        shown.measured(),
        shown.participating(),
        shown.opportunities(),
        shown.set_outs(),
    ];
    let reasons = Reason::ALL.iter().map(|reason| shown.undetermined_for(*reason));
    let levels = Level::ALL.iter().map(|level| shown.evidence_of(*level));
    numbers.into_iter().chain(reasons).chain(levels).map(|number| number.unwrap_or(-1)).collect()
}

/// What must not be learnt: a cell of less than `fewest` households.
fn secrets(counts: &Counts, fewest: i64) -> Vec<Secret> {
    let mut secrets = Vec::new();
    for part in Part::ALL {
        let own = cells(*part, counts, |_| false).len();
        for (place, cell) in cells(*part, counts, |_| true).into_iter().enumerate() {
            let with = match (part, place.checked_sub(own)) {
                (_, None) => None,
                (Part::Reasons, Some(2)) => Some(Part::Enrolled),
                (_, Some(_)) => Some(Part::AtLeastOne),
            };
            let parts = [Some(*part), with].into_iter().flatten().collect();
            secrets.push(Secret {
                name: format!("{part} {place}"),
                parts,
                value: cell,
                is_small: (1..fewest).contains(&cell),
            });
        }
    }
    secrets
}

/// A number of a hamlet, made of some parts.
struct Secret {
    name: String,
    parts: Vec<Part>,
    value: i64,
    is_small: bool,
}

/// Tries every commune of some hamlets, and looks whether those that are published alike agree in a secret. Gives how many kept one.
///
/// Where a part is hidden in every hamlet, nothing but the commune's exact total is published: what follows from that alone is let be.
fn attack(kinds: &[Kind], number: usize, most: i64, looked_at: i64, fewest: i64) -> usize {
    let profiles = hamlets(kinds, most);
    let mut alike: HashMap<Vec<i64>, Vec<Vec<usize>>> = HashMap::new();
    let mut at = vec![0; number];
    loop {
        let commune: Vec<Counts> = at.iter().map(|place| profiles[*place]).collect();
        let (shown, total) = everything_published(&commune, fewest);
        let numbers = shown.iter().flat_map(told).chain(told(&Shown::all(total)));
        alike.entry(numbers.collect()).or_default().push(at.clone());
        let Some(next) = at.iter().position(|place| place + 1 < profiles.len()) else { break };
        at[next] += 1;
        at[..next].fill(0);
    }
    let (mut learnt, mut kept) = (Vec::new(), 0);
    let known: Vec<Vec<Secret>> = profiles.iter().map(|counts| secrets(counts, fewest)).collect();
    for communes in alike.values() {
        let first: Vec<Counts> = communes[0].iter().map(|place| profiles[*place]).collect();
        // At the largest hamlets the list of communes ends, not the attacker's doubt. Where nobody of the whole commune is
        // undetermined, its exact totals leave one state to whoever is not sorting.
        if first.iter().any(|counts| counts.eligible > looked_at) || first.iter().all(|c| c.undetermined_total() == 0) {
            continue;
        }
        let shown = everything_published(&first, fewest).0;
        let live = shown.iter().filter(|shown| !shown.is_nobody()).count();
        let everywhere = |part: &Part| shown.iter().filter(|shown| shown.hides(*part)).count() == live;
        for hamlet in 0..number {
            for (at, secret) in known[communes[0][hamlet]].iter().enumerate() {
                let agree = || communes.iter().all(|commune| known[commune[hamlet]][at].value == secret.value);
                if !secret.is_small || secret.parts.iter().any(everywhere) {
                    continue;
                }
                kept += communes.len();
                if agree() {
                    learnt.push(format!("{} = {} of hamlet {hamlet} of {first:?}", secret.name, secret.value));
                }
            }
        }
    }
    assert!(learnt.is_empty(), "{} secrets were learnt, such as {}", learnt.len(), learnt[0]);
    kept
}

/// 3 households stand for the 10, so that hamlets of up to 4 will do: what counts is how cells hang together, not how large they are.
#[test]
fn whoever_tries_every_small_commune_learns_no_small_state() {
    assert!(attack(&[Kind::ByDevice, Kind::Not, Kind::NoPickup], 3, 4, 3, 3) > 500);
}

#[test]
fn nor_one_by_the_figures_that_stand_beside() {
    assert!(attack(&[Kind::Not, Kind::OneMissing, Kind::NoPickup], 3, 4, 3, 3) > 500);
}

const PRIME: i64 = 2_147_483_647;

/// Brings equations into a form in which it is easily seen what follows from them.
fn reduced(mut rows: Vec<Vec<i64>>) -> Vec<(usize, Vec<i64>)> {
    let mut found: Vec<(usize, Vec<i64>)> = Vec::new();
    while let Some(row) = rows.pop() {
        let row = rest(row, &found);
        if let Some(lead) = row.iter().position(|number| *number != 0) {
            let inverse = power(row[lead], PRIME - 2);
            found.push((lead, row.iter().map(|number| number * inverse % PRIME).collect()));
        }
    }
    found
}

/// Takes from an equation what follows from others; nothing is left when all of it does.
fn rest(mut row: Vec<i64>, known: &[(usize, Vec<i64>)]) -> Vec<i64> {
    for number in &mut row {
        *number = number.rem_euclid(PRIME);
    }
    for (lead, other) in known {
        let times = row[*lead];
        if times != 0 {
            for (number, less) in row.iter_mut().zip(other) {
                *number = (*number - times * less % PRIME).rem_euclid(PRIME);
            }
        }
    }
    row
}

fn power(base: i64, exponent: i64) -> i64 {
    let (mut result, mut base, mut exponent) = (1, base.rem_euclid(PRIME), exponent);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent /= 2;
    }
    result
}

const KINDS: [Kind; 12] = [
    Kind::ByDevice,
    Kind::ByCrew,
    Kind::ByVisit,
    Kind::Not,
    Kind::NotButEnrolled,
    Kind::OneMissing,
    Kind::DeclaredWithOne,
    Kind::DeclaredOnly,
    Kind::OnlyOther,
    Kind::NoPickup,
    Kind::NoPickupButEnrolled,
    Kind::NotObservable,
];

/// A number of counts as an equation: how many times each kind of each hamlet is in it.
fn equation(hamlets: usize, of: Option<usize>, number: impl Fn(&Counts) -> i64) -> Vec<i64> {
    let times: Vec<i64> = KINDS.iter().map(|kind| number(&counts(&[(*kind, 1)]))).collect();
    let part = |hamlet| if of.is_none_or(|of| of == hamlet) { times.clone() } else { vec![0; KINDS.len()] };
    (0..hamlets).flat_map(part).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever can be had from the published numbers of a commune by adding and subtracting is no small cell.
    #[test]
    fn nothing_small_can_be_had_by_subtraction(
        commune in prop::collection::vec(prop::collection::vec(prop_oneof![Just(0_i64), 1..25_i64, 10..60_i64], 12), 3..7),
    ) {
        let hamlets: Vec<Counts> =
            commune.iter().map(|numbers| counts(&KINDS.into_iter().zip(numbers.iter().copied()).collect::<Vec<_>>())).collect();
        let shown: Vec<Shown> = published(&named(&hamlets)).into_values().collect();
        let all = told(&Shown::all(Counts::default())).len();
        let mut rows = Vec::new();
        for at in 0..all {
            let number = |counts: &Counts| told(&Shown::all(*counts))[at];
            rows.push(equation(hamlets.len(), None, number));
            let open = shown.iter().enumerate().filter(|(_, shown)| told(shown)[at] >= 0);
            rows.extend(open.map(|(hamlet, _)| equation(hamlets.len(), Some(hamlet), number)));
        }
        let known = reduced(rows);
        let everywhere = |part: &Part| shown.iter().all(|shown| shown.hides(*part) || shown.is_nobody());
        for (hamlet, counts) in hamlets.iter().enumerate() {
            for (at, secret) in secrets(counts, FEWEST).iter().enumerate() {
                let number = |counts: &Counts| secrets(counts, FEWEST)[at].value;
                let follows = rest(equation(hamlets.len(), Some(hamlet), number), &known).iter().all(|left| *left == 0);
                prop_assert!(
                    !follows || !secret.is_small || secret.parts.iter().any(everywhere),
                    "{} = {} of hamlet {hamlet} follows from what is published", secret.name, secret.value
                );
            }
        }
    }

    /// What a reader gets holds no hidden number, in no form.
    #[test]
    fn what_is_shown_adds_up_and_is_never_small(numbers in prop::collection::vec((0..40_i64, 0..40_i64, 0..40_i64), 2..9)) {
        let hamlets: Vec<Counts> = numbers
            .iter()
            .map(|(s, n, u)| counts(&[(Kind::ByDevice, *s), (Kind::Not, *n), (Kind::NoPickup, *u)]))
            .collect();
        for shown in published(&named(&hamlets)).values() {
            let small = |number: Option<i64>| number.is_some_and(|number| (1..FEWEST).contains(&number));
            for number in [shown.eligible(), shown.sorting(), shown.not_sorting(), shown.undetermined_total()] {
                prop_assert!(!small(number), "{shown:?}");
            }
            if let (Some(all), Some(sorting)) = (shown.eligible(), shown.sorting()) {
                prop_assert!(!small(Some(all - sorting)), "{shown:?}");
            }
            prop_assert_eq!(shown.share().is_some(), shown.sorting().is_some() && shown.eligible() != Some(0));
            prop_assert_eq!(shown.hides(Part::States), shown.upper().is_none() && !shown.is_nobody());
        }
    }

    /// Masses: as with households, by the pickups that they were weighed at.
    #[test]
    fn one_hamlet_s_mass_is_never_the_commune_s_less_the_others(
        pickups in prop::collection::vec(0..30_i64, 2..9),
        small in prop::collection::btree_set(0..8_usize, 0..3),
    ) {
        let name = |place: usize| AreaCode::new(format!("H{place}"));
        let pickups: BTreeMap<AreaCode, i64> = pickups.into_iter().enumerate().map(|(at, number)| (name(at), number)).collect();
        let small: BTreeSet<AreaCode> = small.into_iter().map(name).filter(|name| pickups.contains_key(name)).collect();
        let hidden = hidden_masses(&pickups, &small);
        for (area, number) in &pickups {
            let must = *number > 0 && (*number < FEWEST || small.contains(area));
            prop_assert!(!must || hidden.contains(area));
        }
        let live = pickups.values().filter(|number| **number > 0).count();
        if !hidden.is_empty() && hidden.len() < live {
            prop_assert!(hidden.len() > 1);
            prop_assert!(hidden.iter().map(|area| pickups[area]).sum::<i64>() >= FEWEST);
        }
    }
}

fn of(sizes: &[(&str, i64)]) -> BTreeMap<AreaCode, Counts> {
    sizes.iter().map(|&(area, eligible)| (AreaCode::new(area), counts(&[(Kind::NoPickup, eligible)]))).collect()
}

fn without_households(counts: &BTreeMap<AreaCode, Counts>) -> Vec<String> {
    let shown = published(counts);
    shown.iter().filter(|(_, shown)| shown.hides(Part::Households)).map(|(area, _)| area.to_string()).collect()
}

#[test]
fn one_small_hamlet_takes_another_with_it() {
    assert_eq!(without_households(&of(&[("a", 300), ("b", 9), ("c", 40), ("d", 0)])), ["a", "b"]);
}

#[test]
fn small_hamlets_that_hide_each_other_need_no_more() {
    assert_eq!(without_households(&of(&[("a", 300), ("b", 9), ("c", 8)])), ["b", "c"]);
    assert_eq!(
        without_households(&of(&[("a", 300), ("b", 9), ("c", 9)])),
        ["a", "b", "c"],
        "18 could be 9 in each alone"
    );
}

#[test]
fn nothing_is_hidden_among_large_hamlets() {
    assert!(without_households(&of(&[("a", 300), ("b", 10)])).is_empty());
}

#[test]
fn few_who_fail_hide_how_many_and_leave_the_share() {
    let few = counts(&[(Kind::ByDevice, 200), (Kind::Not, 3), (Kind::NoPickup, 97)]);
    let more = counts(&[(Kind::ByDevice, 100), (Kind::Not, 30), (Kind::NoPickup, 70)]);
    let shown = published(&named(&[few, more, more]));
    let first = &shown["H0"];
    assert_eq!((first.sorting(), first.not_sorting(), first.undetermined_total()), (Some(200), None, None));
    assert_eq!(
        (first.share().map(|share| share.to_string()), first.upper(), first.coverage()),
        (Some("66.66".into()), None, None)
    );
    assert!(shown["H1"].hides(Part::States), "or it would be the commune's less the others'");
    assert_eq!(shown["H2"].not_sorting(), Some(30));
    assert_eq!(first.badge(), Some(Badge::Insufficient), "as far as S alone vouches for it");
}

#[test]
fn nearly_all_is_hidden_and_all_is_not() {
    let nearly = counts(&[(Kind::ByDevice, 295), (Kind::NoPickup, 5)]);
    let (all, half) = (counts(&[(Kind::ByDevice, 300)]), counts(&[(Kind::ByDevice, 150), (Kind::NoPickup, 150)]));
    let shown = published(&named(&[half, nearly, all]));
    assert_eq!(shown["H1"].share(), None);
    assert_eq!(shown["H2"].share().map(|share| share.to_string()), Some("100.00".to_owned()));
}
