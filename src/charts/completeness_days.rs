//! How complete the devices' data is, day by day.

use super::Chart;
use super::axis::{
    TICKS_A_DAY, bar_edges, day_labels, day_tick, height, percent_grid, percent_labels_width, percent_plot,
};
use super::look::{Context, Form, Lang, Look};
use super::number::{day_short, percent};
use super::palette::Ink;
use super::sheet::{Caption, Field, Side, Type, body_height, dots, empty_picture, picture};
use super::words::Words;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::indicators::CompletenessDay;

/// Draws a bar a day, 0 to 100 %; a day without a scheduled round is a gap. The lowest and the last day carry their figures.
pub fn completeness_days(days: &[CompletenessDay], look: Look, context: &Context) -> Chart {
    let words = Words(look.lang);
    let known: Vec<(LocalDay, Percent)> =
        days.iter().filter_map(|day| Some((day.day, day.completeness.percent()?))).collect();
    let caption = Caption {
        kind: "completeness",
        title: words.completeness_title(context),
        subtitle: format!(
            "{} {}",
            words.definition(words.completeness_definition(), context),
            words.completeness_gaps()
        ),
        label: label(&known, words, context),
        source: true,
    };
    let (Some(first), Some(last), false) = (days.first(), days.last(), known.is_empty()) else {
        return empty_picture(look, context, &caption, words.no_completeness());
    };
    let (plot_height, gutter) = match look.form {
        Form::Narrow => (dots(180), dots(8)),
        Form::Wide | Form::Share => (dots(240), dots(8)),
    };
    let around = dots(28) + dots(32);
    let plot_height = body_height(look, context, &caption, plot_height + around) - around;
    picture(look, context, &caption, plot_height + around, |sheet, field| {
        let top = field.top + dots(28);
        let left = field.left + percent_labels_width(look.lang);
        let plot_field = Field { left, top, right: field.right - gutter, bottom: top + plot_height };
        let plot = percent_plot(sheet, plot_field, first.day, last.day);
        percent_grid(sheet, plot_field);
        let half = TICKS_A_DAY / 2;
        let edges = |day: LocalDay| {
            let from = plot.backend_coord(&(day_tick(day) - half, 0)).0;
            let to = plot.backend_coord(&(day_tick(day) + half, 0)).0;
            bar_edges((from, to), dots(48))
        };
        let y_of = |share: Percent| plot.backend_coord(&(0, height(share))).1;
        for &(day, share) in &known {
            let (left, right) = edges(day);
            sheet.rect(Field { left, top: y_of(share), right, bottom: plot_field.bottom }, Ink::Device);
        }
        let mut free_from = field.left;
        for (day, share, text) in notes(&known, context, words) {
            let kind = Type::new(12, Ink::Text).bold().at(Side::Middle);
            let half = kind.width(&text) / 2;
            let (left, right) = edges(day);
            let middle = i32::midpoint(left, right);
            let x = middle.min(field.right - half).max(plot_field.left + half);
            if x - half < free_from {
                continue;
            }
            free_from = x + half + dots(10);
            sheet.text(&text, (x, plot_field.top - dots(11)), kind);
            sheet.line(vec![(middle, plot_field.top - dots(6)), (middle, y_of(share))], Ink::Text, 4);
        }
        day_labels(sheet, plot_field, first.day, last.day, |day| plot.backend_coord(&(day_tick(day), 0)).0);
    })
}

/// Gives the days that carry their figure: the lowest, then the last.
fn notes(known: &[(LocalDay, Percent)], context: &Context, words: Words) -> Vec<(LocalDay, Percent, String)> {
    let lang = words.0;
    let Some(&(last, last_share)) = known.last() else { return Vec::new() };
    let lowest = known.iter().filter(|(day, _)| Some(*day) != context.today).min_by_key(|(_, share)| *share);
    let last_note = if context.today == Some(last) {
        format!("{} {}", percent(last_share, lang), words.so_far())
    } else {
        percent(last_share, lang)
    };
    match lowest {
        Some(&(day, share)) if day == last && known.len() > 1 => vec![(day, share, lowest_note(day, share, words))],
        Some(&(day, share)) if day != last => {
            vec![(day, share, lowest_note(day, share, words)), (last, last_share, last_note)]
        }
        Some(_) | None => vec![(last, last_share, last_note)],
    }
}

fn lowest_note(day: LocalDay, share: Percent, words: Words) -> String {
    format!("{} {} ({})", words.lowest(), percent(share, words.0), day_short(day, words.0))
}

fn label(known: &[(LocalDay, Percent)], words: Words, context: &Context) -> String {
    let title = words.completeness_title(context);
    let Some(&(day, share)) = known.iter().min_by_key(|(_, share)| *share) else { return format!("{title}.") };
    let (share, day) = (percent(share, words.0), day_short(day, words.0));
    match words.0 {
        Lang::Vi => format!("{title}. Thấp nhất {share} vào ngày {day}."),
        Lang::En => format!("{title}. Lowest {share} on {day}."),
    }
}
