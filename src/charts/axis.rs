//! Scales and their marks: a percent axis, a mass axis, and days along the foot.

use plotters::coord::types::{RangedCoordi32, RangedCoordi64};
use plotters::prelude::*;

use super::canvas::Canvas;
use super::look::Lang;
use super::number::{MassUnit, day_short, mass, month, percent_plain};
use super::palette::Ink;
use super::sheet::{Field, Sheet, Side, Type, dots};
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;

/// Ticks in a day along the foot: even, so that a day has a middle.
pub(super) const TICKS_A_DAY: i32 = 10;

/// A hundred percent, in the unit of the percent axis (hundredths of a percent).
pub(super) const WHOLE: i32 = 10_000;

/// Days along the foot, hundredths of a percent up the side.
pub(super) type PercentPlot = ChartContext<'static, Canvas, Cartesian2d<RangedCoordi32, RangedCoordi32>>;

/// Periods along the foot, grams up the side.
pub(super) type MassPlot = ChartContext<'static, Canvas, Cartesian2d<RangedCoordi32, RangedCoordi64>>;

/// Size of axis labels, pixels.
const LABEL: i32 = 12;

/// Lays coordinates over a field: the days from `first` to `last` with half a day on each side, and 0 to 100 %.
pub(super) fn percent_plot(sheet: &Sheet, field: Field, first: LocalDay, last: LocalDay) -> PercentPlot {
    let half = TICKS_A_DAY / 2;
    ChartBuilder::on(&sheet.part(field))
        .build_cartesian_2d(day_tick(first) - half..day_tick(last) + half, 0..WHOLE)
        .expect("the canvas writes to memory and never fails")
}

/// Lays coordinates over a field: `periods` slots, and 0 to `top_g` grams.
pub(super) fn mass_plot(sheet: &Sheet, field: Field, periods: i32, top_g: i64) -> MassPlot {
    ChartBuilder::on(&sheet.part(field))
        .build_cartesian_2d(0..periods * TICKS_A_DAY, 0..top_g)
        .expect("the canvas writes to memory and never fails")
}

/// Gives a day's middle along the foot.
pub(super) const fn day_tick(day: LocalDay) -> i32 {
    day.number().saturating_mul(TICKS_A_DAY)
}

/// Slots below this width, dots, hold bars that touch: gaps between them would only flicker.
pub(super) const THIN: i32 = dots(3);

/// Gives the left and the right edge of the bar in a slot: a quarter of a thick slot stays free, and no bar is wider than
/// `widest` dots.
pub(super) fn bar_edges((left, right): (i32, i32), widest: i32) -> (i32, i32) {
    if right - left < THIN {
        return (left, right.max(left + 1));
    }
    let gap = ((right - left) / 8).min(dots(10));
    let wide = (right - left - 2 * gap).clamp(1, widest);
    let left = i32::midpoint(left, right) - wide / 2;
    (left, left + wide)
}

/// Gives a share's height on the percent axis.
pub(super) fn height(share: Percent) -> i32 {
    i32::try_from(share.hundredths()).unwrap_or(WHOLE).min(WHOLE)
}

/// Draws the grid of a percent axis, labelled on the left of the field.
pub(super) fn percent_grid(sheet: &Sheet, field: Field) {
    for quarter in 0..=4 {
        let y = field.bottom - field.height() * quarter / 4;
        let ink = if quarter == 0 { Ink::Axis } else { Ink::Grid };
        sheet.line(vec![(field.left, y), (field.right, y)], ink, 4);
        let share = Percent::from_hundredths(quarter.unsigned_abs() * 2_500);
        let label = percent_plain(share, sheet.look.lang);
        sheet.text(&label, (field.left - dots(6), y + dots(4)), Type::new(LABEL, Ink::Muted).at(Side::End));
    }
}

/// Gives the width of a percent axis' labels with their gap, dots.
pub(super) fn percent_labels_width(lang: Lang) -> i32 {
    Type::new(LABEL, Ink::Muted).width(&percent_plain(Percent::from_hundredths(10_000), lang)) + dots(8)
}

/// Gives the marks of a mass axis: round steps, the last one at or above the greatest mass.
pub(super) fn mass_marks(greatest_g: i64) -> Vec<i64> {
    let greatest = greatest_g.max(4_000);
    let mut step = 1_000_i64;
    let mut factors = [2, 5, 10].into_iter();
    let mut decade = 1_000_i64;
    while step.saturating_mul(6) < greatest {
        match factors.next() {
            Some(10) | None => {
                decade *= 10;
                step = decade;
                factors = [2, 5, 10].into_iter();
            }
            Some(factor) => step = decade * factor,
        }
    }
    let count = (greatest + step - 1) / step;
    (0..=count).map(|index| index * step).collect()
}

/// Gives the width of a mass axis' labels with their gap, dots.
pub(super) fn mass_labels_width(marks: &[i64], unit: MassUnit, lang: Lang) -> i32 {
    let widest =
        marks.iter().map(|&mark| Type::new(LABEL, Ink::Muted).width(&mass_label(mark, marks, unit, lang))).max();
    widest.unwrap_or(0) + dots(8)
}

/// Draws the grid of a mass axis, labelled on the left of the field.
pub(super) fn mass_grid(sheet: &Sheet, field: Field, plot: &MassPlot, marks: &[i64], unit: MassUnit) {
    for &mark in marks {
        let (_, y) = plot.backend_coord(&(0, mark));
        let ink = if mark == 0 { Ink::Axis } else { Ink::Grid };
        sheet.line(vec![(field.left, y), (field.right, y)], ink, 4);
        let label = mass_label(mark, marks, unit, sheet.look.lang);
        sheet.text(&label, (field.left - dots(6), y + dots(4)), Type::new(LABEL, Ink::Muted).at(Side::End));
    }
}

/// Writes a mark; the top one carries the unit, and a decimal only where the steps need one.
fn mass_label(mark_g: i64, marks: &[i64], unit: MassUnit, lang: Lang) -> String {
    let whole_steps = marks.iter().all(|mark| mark % unit.grams() == 0);
    let number = mass(mark_g, unit, lang);
    let number = if whole_steps && unit == MassUnit::Tonne {
        number.trim_end_matches('0').trim_end_matches([',', '.']).to_owned()
    } else {
        number
    };
    let number = if mark_g == 0 { "0".to_owned() } else { number };
    if marks.last() == Some(&mark_g) { format!("{number}\u{a0}{}", unit.word(lang)) } else { number }
}

/// Writes the days along the foot of a field: as many as fit, month starts once the days span more than ten weeks.
pub(super) fn day_labels(sheet: &Sheet, field: Field, first: LocalDay, last: LocalDay, x_of: impl Fn(LocalDay) -> i32) {
    let lang = sheet.look.lang;
    let span = last - first;
    let long = span > 70;
    let marks: Vec<LocalDay> = if long { month_starts(first, last) } else { first.through(last).rev().collect() };
    let steps: &[usize] = if long { &[1, 2, 3, 6, 12, 24, 60, 120] } else { &[1, 2, 7, 14, 28] };
    let write = |day: LocalDay| if long { month(day, lang) } else { day_short(day, lang) };
    let kind = Type::new(LABEL, Ink::Muted).at(Side::Middle);
    let chosen = steps
        .iter()
        .map(|&step| marks.iter().copied().step_by(step).collect::<Vec<LocalDay>>())
        .find(|days| room_for(days, kind, &write, &x_of))
        .unwrap_or_else(|| marks.first().copied().into_iter().collect());
    for day in chosen {
        let x = x_of(day);
        let label = write(day);
        let half = kind.width(&label) / 2;
        sheet.line(vec![(x, field.bottom), (x, field.bottom + dots(4))], Ink::Axis, 4);
        let x = x.min(field.right + dots(20) - half);
        sheet.text(&label, (x, field.bottom + dots(FOOT_BASELINE)), kind);
    }
}

/// Baseline of the labels below the foot of a plot, pixels.
const FOOT_BASELINE: i32 = 24;

fn room_for(
    days: &[LocalDay],
    kind: Type,
    write: &impl Fn(LocalDay) -> String,
    x_of: &impl Fn(LocalDay) -> i32,
) -> bool {
    days.windows(2).all(|pair| {
        let apart = (x_of(pair[0]) - x_of(pair[1])).abs();
        apart >= (kind.width(&write(pair[0])) + kind.width(&write(pair[1]))) / 2 + dots(10)
    })
}

fn month_starts(first: LocalDay, last: LocalDay) -> Vec<LocalDay> {
    let mut marks = Vec::new();
    let mut day = first.month_end().next();
    while day <= last {
        marks.push(day);
        day = day.month_end().next();
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_reach_the_greatest_mass() {
        assert_eq!(mass_marks(83_000_000).last(), Some(&100_000_000));
        assert_eq!(mass_marks(0), [0, 1_000, 2_000, 3_000, 4_000]);
        for greatest in [5_000, 5_001, 812_345, 99_999_999, 4_100_000_000] {
            let marks = mass_marks(greatest);
            assert!(marks.len() <= 7 && marks.last() >= Some(&greatest), "{greatest}: {marks:?}");
        }
    }
}
