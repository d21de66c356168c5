//! What the calendar and the weather do to waste: Tết, storms, wet days.

use crate::calendar::Day;
use crate::dice::Dice;
use jiff::civil::Date;

/// First days of Tết, Vietnamese lunar calendar (+07:00).
const TET: [Date; 8] = [
    Date::constant(2025, 1, 29),
    Date::constant(2026, 2, 17),
    Date::constant(2027, 2, 6),
    Date::constant(2028, 1, 26),
    Date::constant(2029, 2, 13),
    Date::constant(2030, 2, 2),
    Date::constant(2031, 1, 23),
    Date::constant(2032, 2, 11),
];

/// Waste on `day` against an ordinary day, per mille.
///
/// Ho Chi Minh City counts 140 to 200 % of an ordinary day in the last three days before Tết (Thanh Niên,
/// 2026-01-21); Hanoi some 30 % more in the days before, up to twice on single days (Tiền Phong, VTV). The
/// countryside is taken at the lower end, and the days after as the feasts thin out.
#[must_use]
pub fn waste_permille(day: Day) -> i64 {
    match days_from_tet(day) {
        Some(-7..=-4) => 1_150,
        Some(-3..=-1) => 1_400,
        Some(2..=6) => 1_250,
        Some(7..=9) => 1_100,
        Some(_) | None => 1_000,
    }
}

/// Whether no truck drives for the feast: crews rest on the first two days (Thanh Niên, 2026-01-21).
#[must_use]
pub fn is_holiday(day: Day) -> bool {
    matches!(days_from_tet(day), Some(0 | 1))
}

/// Mass of a bag against a dry day, per mille, by the point's weather on `day`.
///
/// Food waste is three quarters water whatever the weather; what rain adds clings to bags and garden waste.
/// Assumed, not measured: up to 8 % on one day in four.
#[must_use]
pub fn wetness_permille(dice: &mut Dice) -> i64 {
    if dice.chance(2_500) { 1_000 + dice.between(0, 80) } else { 1_000 }
}

fn days_from_tet(day: Day) -> Option<i64> {
    TET.iter().map(|&first| day.0 - Day::of(first).0).find(|days| (-10..=10).contains(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waste_peaks_before_tet_and_nobody_collects_on_its_first_days() {
        let tet = Day::of(Date::constant(2027, 2, 6));
        assert_eq!(waste_permille(tet.plus(-2)), 1_400);
        assert!(is_holiday(tet) && is_holiday(tet.plus(1)) && !is_holiday(tet.plus(2)));
        assert_eq!(waste_permille(Day::of(Date::constant(2026, 11, 23))), 1_000);
    }
}
