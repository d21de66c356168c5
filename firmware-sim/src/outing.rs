//! Why somebody comes: what a household brings on a day, and the card it holds up.

use crate::calendar::{Day, RoundPlan, Stream};
use crate::commune::{Household, Point, Uid, key};
use crate::dice::Dice;
use crate::habits::{attends_per_10_000, waste_g_per_day};
use crate::plan::Plan;
use crate::truth::Mishap;
use jiff::civil::Date;

/// What `household` brings on `day`, when these rounds run. Empty: it stays at home.
pub(crate) fn bags(
    household: &Household,
    day: Day,
    rounds: &[RoundPlan],
    season_permille: i64,
    dice: &mut Dice,
) -> Vec<(Stream, i64)> {
    if !household.is_registered_on(day.date()) {
        return Vec::new();
    }
    let habit = household.habit.on(day);
    let mut bags = Vec::new();
    for round in rounds {
        let part = habit.part_permille(round.stream);
        if part == 0 {
            continue;
        }
        let spacing = round.spacing_centidays();
        let chance = attends_per_10_000(round.stream, spacing, household.diligence_permille);
        if !dice.chance(chance) {
            continue;
        }
        let made_g = waste_g_per_day(household.people) * part / 1_000 * spacing / 100;
        let carried_g = made_g * 10_000 / i64::from(chance.max(1));
        let mass_g = carried_g * dice.mass_factor_permille() / 1_000 * season_permille / 1_000;
        bags.push((round.stream, mass_g));
    }
    bags
}

/// The card held up and what is wrong with it.
pub(crate) fn held_card(
    plan: &Plan,
    point: &Point,
    member: usize,
    day: Day,
    dice: &mut Dice,
) -> (Option<Uid>, Vec<Mishap>) {
    let households = &plan.commune.households;
    let date = day.date();
    if dice.chance(plan.faults.neighbour_card) {
        let neighbour = *dice.pick(&point.households);
        let card = households[neighbour].card_on(date);
        if neighbour != member
            && card.is_some()
            && households[neighbour].point_on(date) == households[member].point_on(date)
        {
            return (card, vec![Mishap::NeighbourCard]);
        }
    }
    if let Some(card) = swapped_card(plan, member, date) {
        return (Some(card), vec![Mishap::SwappedCard]);
    }
    match households[member].card_on(date) {
        Some(card) => (Some(card), Vec::new()),
        None => (None, vec![Mishap::NoCard]),
    }
}

/// The neighbour's card that `member` took for its own, as the neighbour took its: pairs along the list of the point
/// that both use first. Who moves takes the wrong card along.
fn swapped_card(plan: &Plan, member: usize, date: Date) -> Option<Uid> {
    if plan.faults.swapped_cards == 0 {
        return None;
    }
    let point = &plan.commune.points[plan.commune.households[member].point];
    let place = point.households.iter().position(|&other| other == member)?;
    let neighbour = *point.households.get(place ^ 1)?;
    let mut dice = Dice::new(plan.commune.spec.seed, &[16, key(member.min(neighbour))]);
    let swapped = dice.chance(plan.faults.swapped_cards);
    let both = plan.commune.households[member].card_on(date).is_some();
    plan.commune.households[neighbour].card_on(date).filter(|_| swapped && both)
}
