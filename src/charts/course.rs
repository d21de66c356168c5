//! The course of something a device says of itself, day by day: its battery, the zero of its scale.

use plotters::prelude::*;

use super::Chart;
use super::axis::{MassPlot, TICKS_A_DAY, day_labels, day_tick};
use super::look::{Context, Form, Lang, Look};
use super::number::{day_short, whole};
use super::palette::Ink;
use super::sheet::{Caption, Field, Sheet, Side, Type, body_height, dots, empty_picture, picture, spread};
use super::words::Words;
use crate::domain::time::LocalDay;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// A battery, millivolts.
    Battery,
    /// What the empty scale shows, grams.
    Zero,
}

/// A day of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CourseDay {
    /// The local day.
    pub day: LocalDay,
    /// The least of the day.
    pub low: i64,
    /// What stands for the day.
    pub middle: i64,
    /// The greatest.
    pub high: i64,
}

/// Marks along the side at most, and size of labels, pixels.
const MARKS: i64 = 6;
const LABEL: i32 = 12;

/// Draws each day's range as an upright stroke and its middle as a line, with the limits dashed. The scale does not begin at zero: it
/// holds the values and the limits. A day on which nothing was said is a gap.
pub fn course(
    measure: Measure,
    days: &[CourseDay],
    limits: &[i64],
    (first, last): (LocalDay, LocalDay),
    look: Look,
    context: &Context,
) -> Chart {
    let words = Words(look.lang);
    let caption = Caption {
        kind: measure.word(),
        title: words.course_title(measure, context),
        subtitle: format!("{} {}", words.definition(words.course_definition(measure), context), words.course_gaps()),
        label: label(measure, days, words, context),
        source: true,
    };
    if days.is_empty() {
        return empty_picture(look, context, &caption, words.no_course());
    }
    let (plot_height, gutter) = match look.form {
        Form::Narrow => (dots(180), dots(112)),
        Form::Wide | Form::Share => (dots(220), dots(116)),
    };
    let around = dots(8) + dots(32);
    let plot_height = body_height(look, context, &caption, plot_height + around) - around;
    let lows = days.iter().map(|day| day.low).chain(limits.iter().copied());
    let highs = days.iter().map(|day| day.high).chain(limits.iter().copied());
    let marks = marks(lows.min().unwrap_or(0), highs.max().unwrap_or(0));
    picture(look, context, &caption, around + plot_height, |sheet, field| {
        let kind = Type::new(LABEL, Ink::Muted);
        let written: Vec<String> = marks.iter().map(|mark| measure.written(*mark, look.lang)).collect();
        let left = field.left + written.iter().map(|text| kind.width(text)).max().unwrap_or(0) + dots(8);
        let top = field.top + dots(8);
        let plot_field = Field { left, top, right: field.right - gutter, bottom: top + plot_height };
        let plot = plot(sheet, plot_field, (first, last), &marks);
        for (mark, text) in marks.iter().zip(&written) {
            let (_, y) = plot.backend_coord(&(0, *mark));
            sheet.line(vec![(plot_field.left, y), (plot_field.right, y)], Ink::Grid, 4);
            sheet.text(text, (plot_field.left - dots(6), y + dots(4)), kind.at(Side::End));
        }
        for limit in limits {
            let (_, y) = plot.backend_coord(&(0, *limit));
            sheet.line(vec![(plot_field.left, y), (plot_field.right, y)], Ink::Target, 6);
        }
        for day in days {
            let at = |value| plot.backend_coord(&(day_tick(day.day), value));
            sheet.line(vec![at(day.low), at(day.high)], Ink::Axis, 12);
        }
        for run in days.chunk_by(|a, b| a.day.next() == b.day) {
            let line: Vec<(i32, i32)> =
                run.iter().map(|day| plot.backend_coord(&(day_tick(day.day), day.middle))).collect();
            if line.len() > 1 {
                sheet.line(line.clone(), Ink::Device, 10);
            }
            for point in line {
                sheet.disc(point, dots(3), Ink::Device);
            }
        }
        side_labels(sheet, &plot, plot_field, (measure, words), days, limits);
        day_labels(sheet, plot_field, first, last, |day| plot.backend_coord(&(day_tick(day), 0)).0);
    })
}

impl Measure {
    /// Gives the word of the address.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Battery => "battery",
            Self::Zero => "zero",
        }
    }

    /// Writes a value with its unit: `12,40 V`, `−20 g`.
    pub fn written(self, value: i64, lang: Lang) -> String {
        match self {
            Self::Battery => {
                let mark = match lang {
                    Lang::Vi => ',',
                    Lang::En => '.',
                };
                format!("{}{mark}{:02}\u{a0}V", value / 1_000, (value % 1_000).abs() / 10)
            }
            Self::Zero => format!("{}\u{a0}g", whole(value, lang)),
        }
    }
}

fn plot(sheet: &Sheet, field: Field, (first, last): (LocalDay, LocalDay), marks: &[i64]) -> MassPlot {
    let half = TICKS_A_DAY / 2;
    let (low, high) = (marks.first().copied().unwrap_or(0), marks.last().copied().unwrap_or(1));
    ChartBuilder::on(&sheet.part(field))
        .build_cartesian_2d(day_tick(first) - half..day_tick(last) + half, low..high)
        .expect("the canvas writes to memory and never fails")
}

/// Writes what the last day says, and what the limits mean, beside the plot.
fn side_labels(
    sheet: &Sheet,
    plot: &MassPlot,
    field: Field,
    (measure, words): (Measure, Words),
    days: &[CourseDay],
    limits: &[i64],
) {
    let Some(last) = days.last() else { return };
    let y_of = |value: i64| plot.backend_coord(&(0, value)).1;
    let mut labels =
        vec![(y_of(last.middle), measure.written(last.middle, words.0), day_short(last.day, words.0), Ink::Text)];
    for limit in limits {
        labels.push((
            y_of(*limit),
            measure.written(*limit, words.0),
            words.course_limit(measure).to_owned(),
            Ink::TargetText,
        ));
    }
    let wanted: Vec<i32> = labels.iter().map(|(y, ..)| *y).collect();
    let placed = spread(&wanted, dots(32), field.top + dots(6), field.bottom - dots(8));
    for ((_, value, word, ink), y) in labels.iter().zip(placed) {
        let x = field.right + dots(8);
        sheet.text(value, (x, y), Type::new(13, *ink).bold());
        sheet.text(word, (x, y + dots(14)), Type::new(LABEL, *ink));
    }
}

/// Gives round marks from at or below the least value to at or above the greatest.
fn marks(low: i64, high: i64) -> Vec<i64> {
    let span = high.saturating_sub(low).max(4);
    let mut step = 1_i64;
    let mut factors = [2, 5, 10].into_iter();
    let mut decade = 1_i64;
    while step.saturating_mul(MARKS - 1) < span {
        match factors.next() {
            Some(10) | None => {
                decade = decade.saturating_mul(10);
                step = decade;
                factors = [2, 5, 10].into_iter();
            }
            Some(factor) => step = decade.saturating_mul(factor),
        }
    }
    let (from, to) = (low.div_euclid(step), high.div_euclid(step) + i64::from(high.rem_euclid(step) > 0));
    (from..=to.max(from + 1)).map(|mark| mark.saturating_mul(step)).collect()
}

fn label(measure: Measure, days: &[CourseDay], words: Words, context: &Context) -> String {
    let title = words.course_title(measure, context);
    let Some(last) = days.last() else { return format!("{title}.") };
    let lang = words.0;
    let low = days.iter().map(|day| day.low).min().unwrap_or(last.low);
    let high = days.iter().map(|day| day.high).max().unwrap_or(last.high);
    let (now, day) = (measure.written(last.middle, lang), day_short(last.day, lang));
    let (low, high) = (measure.written(low, lang), measure.written(high, lang));
    match lang {
        Lang::Vi => format!("{title}. Ngày {day}: {now}; trong kỳ từ {low} tới {high}."),
        Lang::En => format!("{title}. {day}: {now}; from {low} to {high} in the period."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_hold_every_value_and_are_few() {
        assert_eq!(marks(-3, 25), [-10, 0, 10, 20, 30]);
        assert_eq!(marks(12_100, 12_100), [12_100, 12_101]);
        for (low, high) in [(0, 0), (11_500, 12_880), (-2_400, 17), (3_299, 3_301), (-7, -3), (0, 1_000_000)] {
            let marks = marks(low, high);
            assert!(marks.len() <= 8 && marks[0] <= low && marks[marks.len() - 1] >= high, "{low} {high}: {marks:?}");
        }
    }

    #[test]
    fn a_value_carries_its_unit() {
        assert_eq!(Measure::Battery.written(12_405, Lang::Vi), "12,40\u{a0}V");
        assert_eq!(Measure::Zero.written(-1_020, Lang::En), "−1,020\u{a0}g");
    }
}
