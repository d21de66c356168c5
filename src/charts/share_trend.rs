//! The share by day: how it rises, how wide the band of doubt is, and how far the target.

use super::Chart;
use super::axis::{
    PercentPlot, TICKS_A_DAY, WHOLE, day_labels, day_tick, height, percent_grid, percent_labels_width, percent_plot,
};
use super::look::{Context, Form, Lang, Look};
use super::number::{day_long, percent, percent_plain};
use super::palette::Ink;
use super::sheet::{Caption, Field, Sheet, Type, body_height, dots, empty_picture, picture, spread};
use super::words::Words;
use crate::domain::state::State;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::indicators::{ShareDay, Shown};

/// Draws the share by day: S as a line, U hatched above it up to the upper bound, N from there to 100 %, the target dashed.
///
/// `days` are in order of day. A day without an eligible household, or a day left out, is a gap. Provisional days carry a
/// hatched strip at the foot; the day of `context.today` is dashed and marked "so far".
pub fn share_trend(days: &[ShareDay], look: Look, context: &Context) -> Chart {
    let words = Words(look.lang);
    let last_known = days.iter().rev().find(|day| day.counts.share().is_some());
    let caption = Caption {
        kind: "trend",
        title: words.trend_title(context),
        subtitle: words.definition(words.trend_definition(), context),
        label: label(last_known, words, context),
        source: true,
    };
    let (Some(first), Some(last), Some(_)) = (days.first(), days.last(), last_known) else {
        return empty_picture(look, context, &caption, words.no_shares());
    };
    let (plot_height, gutter) = match look.form {
        Form::Narrow => (dots(236), dots(104)),
        Form::Wide | Form::Share => (dots(320), dots(126)),
    };
    let has_provisional = days.iter().any(|day| day.provisional);
    let foot = dots(if has_provisional { 50 } else { 32 });
    let around = foot + dots(8);
    let plot_height = body_height(look, context, &caption, plot_height + around) - around;
    picture(look, context, &caption, plot_height + around, |sheet, field| {
        let left = field.left + percent_labels_width(look.lang);
        let plot_field = Field {
            left,
            top: field.top + dots(8),
            right: field.right - gutter,
            bottom: field.top + dots(8) + plot_height,
        };
        let plot = percent_plot(sheet, plot_field, first.day, last.day);
        let runs = runs(days);
        for run in &runs {
            fill_run(sheet, &plot, run);
        }
        percent_grid(sheet, plot_field);
        for run in &runs {
            line_run(sheet, &plot, run, context.today);
        }
        mark_gaps(sheet, &plot, plot_field, &runs, words);
        target_line(sheet, &plot, days);
        if has_provisional {
            provisional_strip(sheet, &plot, plot_field, days, words);
        }
        day_labels(sheet, plot_field, first.day, last.day, |day| plot.backend_coord(&(day_tick(day), 0)).0);
        if let Some(day) = last_known {
            end_labels(sheet, &plot, plot_field, day, context, words);
        }
    })
}

/// One day's heights on the percent axis.
#[derive(Clone, Copy)]
struct Point {
    day: LocalDay,
    share: i32,
    /// `None`: U and N are not told apart.
    upper: Option<i32>,
}

fn point(day: &ShareDay) -> Option<Point> {
    Some(Point { day: day.day, share: height(day.counts.share()?), upper: day.counts.upper().map(height) })
}

/// Cuts the days into runs without a gap.
fn runs(days: &[ShareDay]) -> Vec<Vec<Point>> {
    let mut runs: Vec<Vec<Point>> = Vec::new();
    for point in days.iter().filter_map(point) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| last.day.next() == point.day) => run.push(point),
            Some(_) | None => runs.push(vec![point]),
        }
    }
    runs
}

/// Gives a run's outline along one height; a lone day becomes a short level piece.
fn outline(plot: &PercentPlot, run: &[Point], of: impl Fn(&Point) -> i32) -> Vec<(i32, i32)> {
    match run {
        [only] => {
            let reach = TICKS_A_DAY * 2 / 5;
            let (x, y) = (day_tick(only.day), of(only));
            vec![plot.backend_coord(&(x - reach, y)), plot.backend_coord(&(x + reach, y))]
        }
        many => many.iter().map(|point| plot.backend_coord(&(day_tick(point.day), of(point)))).collect(),
    }
}

fn fill_run(sheet: &Sheet, plot: &PercentPlot, run: &[Point]) {
    let fill = |low: &[(i32, i32)], high: &[(i32, i32)], ink| {
        sheet.polygon(low.iter().chain(high.iter().rev()).copied().collect(), ink);
    };
    fill(&outline(plot, run, |_| 0), &outline(plot, run, |point| point.share), Ink::SortingTint);
    for told in run.chunk_by(|a, b| a.upper.is_some() == b.upper.is_some()) {
        let Some(Point { upper: Some(_), .. }) = told.first() else { continue };
        let share = outline(plot, told, |point| point.share);
        let upper = outline(plot, told, |point| point.upper.unwrap_or(point.share));
        fill(&share, &upper, Ink::Undetermined);
        fill(&upper, &outline(plot, told, |_| WHOLE), Ink::NotSortingTint);
    }
}

fn line_run(sheet: &Sheet, plot: &PercentPlot, run: &[Point], today: Option<LocalDay>) {
    let line = outline(plot, run, |point| point.share);
    let ends_today = run.last().is_some_and(|point| Some(point.day) == today);
    if let (true, [.., before, end]) = (ends_today, &line[..]) {
        sheet.line(line[..line.len() - 1].to_vec(), Ink::SortingLine, 10);
        sheet.line(vec![*before, *end], Ink::SoFarLine, 10);
    } else {
        sheet.line(line.clone(), Ink::SortingLine, 10);
    }
    if let ([only], true) = (run, !ends_today) {
        sheet.disc(plot.backend_coord(&(day_tick(only.day), only.share)), dots(4), Ink::Sorting);
    }
}

fn mark_gaps(sheet: &Sheet, plot: &PercentPlot, field: Field, runs: &[Vec<Point>], words: Words) {
    let kind = Type::new(12, Ink::Muted).at(super::sheet::Side::Middle);
    for pair in runs.windows(2) {
        let (Some(before), Some(after)) = (pair[0].last(), pair[1].first()) else { continue };
        let from = plot.backend_coord(&(day_tick(before.day), 0)).0;
        let to = plot.backend_coord(&(day_tick(after.day), 0)).0;
        if to - from > kind.width(words.no_eligible()) + dots(8) {
            sheet.text(words.no_eligible(), ((from + to) / 2, (field.top + field.bottom) / 2 + dots(14)), kind);
        }
    }
}

/// Draws the target, a level piece for each stretch of days with one target.
fn target_line(sheet: &Sheet, plot: &PercentPlot, days: &[ShareDay]) {
    let half = TICKS_A_DAY / 2;
    for stretch in days.chunk_by(|a, b| a.target == b.target) {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { continue };
        let Some(target) = first.target else { continue };
        let from = plot.backend_coord(&(day_tick(first.day) - half, height(target)));
        let to = plot.backend_coord(&(day_tick(last.day) + half, height(target)));
        sheet.line(vec![from, to], Ink::Target, 6);
    }
}

fn provisional_strip(sheet: &Sheet, plot: &PercentPlot, field: Field, days: &[ShareDay], words: Words) {
    let half = TICKS_A_DAY / 2;
    let top = field.bottom + dots(32);
    let kind = Type::new(12, Ink::Muted);
    let mut label_x = field.left;
    for stretch in days.chunk_by(|a, b| a.provisional == b.provisional && a.day.next() == b.day) {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { continue };
        if first.provisional {
            let left = plot.backend_coord(&(day_tick(first.day) - half, 0)).0;
            let right = plot.backend_coord(&(day_tick(last.day) + half, 0)).0;
            sheet.rect(Field { left, top, right, bottom: top + dots(5) }, Ink::Provisional);
            label_x = left;
        }
    }
    let x = label_x.min(field.right + dots(90) - kind.width(words.provisional())).max(field.left);
    sheet.text(words.provisional(), (x, top + dots(18)), kind);
}

/// Writes what the last known day says, beside its point.
fn end_labels(sheet: &Sheet, plot: &PercentPlot, field: Field, day: &ShareDay, context: &Context, words: Words) {
    let lang = words.0;
    let (Some(share), Some(at)) = (day.counts.share(), point(day)) else { return };
    let so_far = Some(day.day) == context.today;
    let end = plot.backend_coord(&(day_tick(at.day), at.share));
    sheet.disc(end, dots(5), Ink::Sorting);
    if so_far {
        sheet.disc(end, dots(3), Ink::Paper);
    }
    let middle = |low: i32, high: i32| plot.backend_coord(&(0, i32::midpoint(low, high))).1;
    let up_to = |upper| match lang {
        Lang::Vi => format!("tới {}", percent(upper, lang)),
        Lang::En => format!("up to {}", percent(upper, lang)),
    };
    let mut labels = vec![(end.1, percent(share, lang), words.state(State::Sorting).to_owned(), Ink::SortingText)];
    if let Some((upper, to)) =
        day.counts.upper().zip(at.upper).filter(|_| day.counts.undetermined_total().is_some_and(|count| count > 0))
    {
        let word = words.state(State::Undetermined).to_owned();
        labels.push((middle(at.share, to), up_to(upper), word, Ink::UndeterminedText));
    }
    if let Some((not_sorting, from)) = not_sorting_share(&day.counts).zip(at.upper) {
        let y = middle(from, WHOLE);
        labels.push((y, percent(not_sorting, lang), words.state(State::NotSorting).to_owned(), Ink::NotSortingText));
    }
    if let Some(target) = day.target {
        let y = plot.backend_coord(&(0, height(target))).1;
        labels.push((y - dots(18), percent_plain(target, lang), words.target().to_owned(), Ink::TargetText));
    }
    let wanted: Vec<i32> = labels.iter().map(|(y, ..)| *y).collect();
    let lines = if so_far { dots(50) } else { dots(35) };
    let placed = spread(&wanted, lines, field.top + dots(6), field.bottom + dots(24) - lines);
    if let (true, Some(y)) = (so_far, placed.first()) {
        sheet.text(words.so_far(), (field.right + dots(10), y + dots(30)), Type::new(12, Ink::SortingText));
    }
    for ((_, figure, word, ink), y) in labels.iter().zip(placed) {
        let x = field.right + dots(10);
        sheet.text(figure, (x, y), Type::new(15, *ink).bold());
        sheet.text(word, (x, y + dots(15)), Type::new(12, *ink));
    }
}

/// Gives N / E, truncated. `None` where there is no N.
fn not_sorting_share(counts: &Shown) -> Option<Percent> {
    counts.part_of_all(counts.not_sorting().filter(|count| *count > 0))
}

fn label(day: Option<&ShareDay>, words: Words, context: &Context) -> String {
    let title = words.trend_title(context);
    let Some((day, share)) = day.and_then(|day| Some((day, day.counts.share()?))) else {
        return format!("{title}.");
    };
    let lang = words.0;
    let (date, share) = (day_long(day.day, lang), percent(share, lang));
    let upper = day.counts.upper().map(|upper| percent(upper, lang));
    let upper = match lang {
        Lang::Vi => upper.map(|upper| format!(", cao nhất có thể {upper}")),
        Lang::En => upper.map(|upper| format!(", at most {upper}")),
    };
    let upper = upper.unwrap_or_default();
    match lang {
        Lang::Vi => format!("{title}. {date}: {share} đang phân loại{upper}."),
        Lang::En => format!("{title}. {date}: {share} sorting{upper}."),
    }
}
