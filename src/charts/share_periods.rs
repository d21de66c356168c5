//! The share by day, week, month or year: a bar a period, with both bounds, the coverage and the target.

use super::Chart;
use super::area_bars::{Parts, parts};
use super::axis::{bar_edges, height, percent_grid, percent_labels_width};
use super::key::{Mark, key, key_height};
use super::look::{Context, Form, Lang, Look};
use super::number::{day_short, month, percent};
use super::palette::Ink;
use super::sheet::{Caption, Field, Sheet, Side, Type, body_height, dots, empty_picture, inner_width, picture};
use super::words::Words;
use crate::domain::state::State;
use crate::domain::units::Percent;
use crate::indicators::{PeriodShare, Step};

/// Draws S as a solid bar, U hatched above it up to the upper bound, N from there to 100 %; a dot at the coverage; the target dashed.
///
/// `periods` are in order; one that is missing between two others leaves its place empty.
pub fn share_periods(periods: &[PeriodShare], step: Step, look: Look, context: &Context) -> Chart {
    let words = Words(look.lang);
    let last = periods.iter().rev().find(|period| period.share.is_some());
    let caption = Caption {
        kind: "periods",
        title: words.trend_title(context),
        subtitle: words.definition(words.periods_definition(step), context),
        label: label(last, step, words, context),
        source: true,
    };
    let Some(slots) = slots(periods, step).filter(|_| last.is_some()) else {
        return empty_picture(look, context, &caption, words.no_shares());
    };
    let plot_height = match look.form {
        Form::Narrow => dots(220),
        Form::Wide | Form::Share => dots(280),
    };
    let mut marks = vec![
        (Mark::State(State::Sorting), words.state(State::Sorting).to_owned()),
        (Mark::State(State::Undetermined), words.to_the_upper_bound().to_owned()),
        (Mark::State(State::NotSorting), words.state(State::NotSorting).to_owned()),
        (Mark::Swatch(Ink::Device), words.coverage().to_owned()),
    ];
    if periods.iter().any(|period| period.share.is_some() && period.upper.is_none()) {
        marks.push((Mark::Swatch(Ink::Grid), words.rest_hidden().to_owned()));
    }
    let key_words: Vec<&str> = marks.iter().map(|(_, word)| word.as_str()).collect();
    let key_room = key_height(inner_width(look.form), &key_words) + dots(14);
    let around = key_room + dots(30);
    let plot_height = body_height(look, context, &caption, plot_height + around) - around;
    picture(look, context, &caption, plot_height + around, |sheet, field| {
        key(sheet, field, &marks);
        let plot = Field {
            left: field.left + percent_labels_width(look.lang),
            top: field.top + key_room,
            right: field.right,
            bottom: field.top + key_room + plot_height,
        };
        percent_grid(sheet, plot);
        let count = i32::try_from(slots.len()).unwrap_or(i32::MAX).max(1);
        let edge = |slot: i32| plot.left + plot.width() * slot / count;
        let mut labelled_to = i32::MIN;
        for (place, slot) in (0..count).zip(&slots) {
            let Some(period) = slot else { continue };
            let (left, right) = bar_edges((edge(place), edge(place + 1)), dots(64));
            bar(sheet, plot, (left, right), period, look.lang);
            labelled_to = label_foot(sheet, plot, (left, right), period, step, labelled_to);
        }
        targets(sheet, plot, &slots, edge, words);
    })
}

/// Gives the periods with an empty place for each that is missing. `None`: there is none at all, or too many to draw.
fn slots(periods: &[PeriodShare], step: Step) -> Option<Vec<Option<&PeriodShare>>> {
    const MOST: usize = 4_000;
    let (first, last) = (periods.first()?, periods.last()?);
    let mut slots = Vec::new();
    let mut rest = periods.iter().peekable();
    let mut from = first.from;
    while from <= last.from && slots.len() < MOST {
        slots.push(rest.next_if(|period| period.from == from));
        from = step.period_of(from).1.next();
    }
    Some(slots)
}

fn y(plot: Field, share: Percent) -> i32 {
    let up = i64::from(plot.height()) * i64::from(height(share)) / 10_000;
    plot.bottom - i32::try_from(up).unwrap_or(0)
}

fn bar(sheet: &Sheet, plot: Field, (left, right): (i32, i32), period: &PeriodShare, lang: Lang) {
    let Some(share) = period.share else { return };
    let counts = &period.last.counts;
    // A year's bounds are means; else the exact counts, so that no part that is there vanishes.
    let Parts { sorting, undetermined } = match (period.months, parts(counts, plot.height())) {
        (None, Some(exact)) => exact,
        (Some(_), _) | (None, None) => {
            let sorting = plot.bottom - y(plot, share);
            let undetermined = period.upper.map(|upper| plot.bottom - y(plot, upper) - sorting);
            Parts { sorting, undetermined }
        }
    };
    let first = plot.bottom - sorting;
    match undetermined {
        Some(undetermined) => {
            let second = first - undetermined;
            sheet.rect(Field { left, right, top: second, bottom: first }, Ink::Undetermined);
            sheet.rect(Field { left, right, top: plot.top, bottom: second }, Ink::NotSorting);
        }
        None => sheet.rect(Field { left, right, top: plot.top, bottom: first }, Ink::Grid),
    }
    sheet.rect(Field { left, right, top: first, bottom: plot.bottom }, Ink::Sorting);
    if let Some(coverage) = period.coverage
        && right - left >= dots(5)
    {
        let middle = (i32::midpoint(left, right), y(plot, coverage));
        sheet.disc(middle, dots(5).min((right - left) / 2), Ink::Paper);
        sheet.disc(middle, dots(3).min((right - left) / 3), Ink::Device);
    }
    let kind = Type::new(12, Ink::OnSolid).bold().at(Side::Middle);
    let text = percent(share, lang);
    if right - left > kind.width(&text) + dots(4) && sorting > dots(20) {
        sheet.text(&text, (i32::midpoint(left, right), first + dots(15)), kind);
    }
}

/// Writes a period's name where there is room. Gives where the labels so far end.
fn label_foot(
    sheet: &Sheet,
    plot: Field,
    (left, right): (i32, i32),
    period: &PeriodShare,
    step: Step,
    labelled_to: i32,
) -> i32 {
    let lang = sheet.look.lang;
    let text = match step {
        Step::Day | Step::Week => day_short(period.from, lang),
        Step::Month => month(period.from, lang),
        Step::Year => period.from.date().year().to_string(),
    };
    let kind = Type::new(12, Ink::Muted).at(Side::Middle);
    let half = kind.width(&text) / 2;
    let middle = i32::midpoint(left, right).clamp(plot.left + half, (plot.right - half).max(plot.left + half));
    if middle - half <= labelled_to.saturating_add(dots(8)) {
        return labelled_to;
    }
    sheet.text(&text, (middle, plot.bottom + dots(18)), kind);
    middle + half
}

fn targets(sheet: &Sheet, plot: Field, slots: &[Option<&PeriodShare>], edge: impl Fn(i32) -> i32, words: Words) {
    let mut place = 0;
    let mut last = None;
    for stretch in slots.chunk_by(|a, b| a.and_then(|p| p.last.target) == b.and_then(|p| p.last.target)) {
        let next = place + i32::try_from(stretch.len()).unwrap_or(0);
        if let Some(target) = stretch.first().copied().flatten().and_then(|period| period.last.target) {
            let at = y(plot, target);
            sheet.line(vec![(edge(place), at), (edge(next), at)], Ink::Target, 8);
            last = Some((at, target));
        }
        place = next;
    }
    if let Some((at, target)) = last {
        let text = format!("{} {}", words.target(), super::number::percent_plain(target, words.0));
        let kind = Type::new(12, Ink::TargetText).at(Side::End);
        sheet.text(&text, (plot.right, at - dots(3)), kind);
    }
}

fn label(last: Option<&PeriodShare>, step: Step, words: Words, context: &Context) -> String {
    let title = words.trend_title(context);
    let lang = words.0;
    match last.and_then(|period| Some((period, period.share?, period.upper?))) {
        None => format!("{title}."),
        Some((period, share, upper)) => {
            let when = match step {
                Step::Day | Step::Week => day_short(period.from, lang),
                Step::Month => month(period.from, lang),
                Step::Year => period.from.date().year().to_string(),
            };
            let (share, upper) = (percent(share, lang), percent(upper, lang));
            match lang {
                Lang::Vi => format!("{title}. {when}: {share} đang phân loại, cao nhất có thể {upper}."),
                Lang::En => format!("{title}. {when}: {share} sorting, at most {upper}."),
            }
        }
    }
}
