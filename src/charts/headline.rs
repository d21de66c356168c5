//! The headline as a picture that stands alone: the share, how far it may be used, the bar, and the states beneath.

use super::Chart;
use super::area_bars::states_bar;
use super::look::{Context, Form, Lang, Look};
use super::number::percent;
use super::palette::Ink;
use super::share_bar::{beneath_parts, list, parts_of, scale};
use super::sheet::{Caption, Field, Sheet, Type, dots, empty_picture, picture};
use super::text::wrap;
use super::words::Words;
use crate::indicators::{Badge, ShareDay};

/// Draws the headline. A share that is not sufficiently founded to be published is not written large: the picture says so, and
/// between which bounds the truth lies.
pub fn headline(day: &ShareDay, look: Look, context: &Context) -> Chart {
    let words = Words(look.lang);
    let caption = Caption {
        kind: "headline",
        title: words.trend_title(context),
        subtitle: words.definition(words.headline_definition(), context),
        label: label(day, words, context),
        source: true,
    };
    let (Some(share), Some(badge)) = (day.counts.share(), day.counts.badge()) else {
        return empty_picture(look, context, &caption, words.no_shares());
    };
    let states = parts_of(&day.counts);
    let figure_height = match look.form {
        Form::Narrow => dots(118),
        Form::Wide | Form::Share => dots(86),
    };
    let bar_height = dots(44);
    let beneath = match look.form {
        Form::Narrow => i32::try_from(states.len()).unwrap_or(3) * dots(26) + dots(14),
        Form::Wide | Form::Share => dots(56),
    };
    let height = figure_height + dots(30) + bar_height + beneath;
    picture(look, context, &caption, height, |sheet, field| {
        let spare = (field.height() - height).max(0) / 2;
        let field = Field { top: field.top + spare, ..field };
        let large = match badge {
            Badge::Insufficient => words.badge(badge).to_owned(),
            Badge::Sufficient | Badge::Indicative => percent(share, look.lang),
        };
        figure(sheet, field, &large, &beside(day, badge, words), look.form);
        let top = field.top + figure_height + dots(30);
        let bar = Field { top, bottom: top + bar_height, ..field };
        states_bar(sheet, bar, &day.counts);
        scale(sheet, bar, day.target, words);
        match look.form {
            Form::Narrow => list(sheet, bar, &states, words),
            Form::Wide | Form::Share => beneath_parts(sheet, bar, &day.counts, &states, words),
        }
    })
}

/// Writes the figure large, and the lines beside it or, where there is no room, beneath.
fn figure(sheet: &Sheet, field: Field, large: &str, lines: &[String], form: Form) {
    let fits = |size: i32, room: i32| Type::new(size, Ink::SortingText).bold().width(large) <= room;
    let room = match form {
        Form::Narrow => field.width(),
        Form::Wide | Form::Share => field.width() * 11 / 20,
    };
    let size = [60, 52, 44, 36, 30, 26].into_iter().find(|size| fits(*size, room)).unwrap_or(22);
    let kind = Type::new(size, Ink::Text).bold();
    let small = Type::new(14, Ink::Text);
    match form {
        Form::Narrow => {
            sheet.text(large, (field.left, field.top + dots(size)), kind);
            let mut y = field.top + dots(size + 6);
            for line in lines.iter().flat_map(|line| wrap(line, small.size, small.weight, field.width())) {
                y += dots(19);
                sheet.text(&line, (field.left, y), small);
            }
        }
        Form::Wide | Form::Share => {
            sheet.text(large, (field.left, field.top + dots(34 + size / 2)), kind);
            let left = field.left + kind.width(large) + dots(24);
            let mut y = field.top + dots(8);
            for line in lines.iter().flat_map(|line| wrap(line, small.size, small.weight, field.right - left)) {
                y += dots(20);
                sheet.text(&line, (left, y), small);
            }
        }
    }
}

/// Gives the lines beside the figure: how far it may be used, and what it is made of or between which bounds it lies.
fn beside(day: &ShareDay, badge: Badge, words: Words) -> Vec<String> {
    let counts = &day.counts;
    let bounds = counts
        .share()
        .zip(counts.upper())
        .map(|(low, high)| words.between(&percent(low, words.0), &percent(high, words.0)));
    let coverage = counts.coverage().map(|coverage| words.covered(&percent(coverage, words.0)));
    let made_of = counts.sorting().zip(counts.eligible()).map(|(s, e)| words.of_all(s, e));
    match badge {
        Badge::Insufficient => [coverage, bounds].into_iter().flatten().collect(),
        Badge::Sufficient | Badge::Indicative => {
            [Some(words.badge(badge).to_owned()), made_of, bounds].into_iter().flatten().collect()
        }
    }
}

fn label(day: &ShareDay, words: Words, context: &Context) -> String {
    let title = words.trend_title(context);
    let (Some(share), Some(badge)) = (day.counts.share(), day.counts.badge()) else { return format!("{title}.") };
    let figure = match badge {
        Badge::Insufficient => words.badge(badge).to_owned(),
        Badge::Sufficient | Badge::Indicative => match words.0 {
            Lang::Vi => format!("{} ({})", percent(share, words.0), words.badge(badge)),
            Lang::En => format!("{} ({})", percent(share, words.0), words.badge(badge)),
        },
    };
    format!("{title}, {}: {figure}. {}.", context.period, beside(day, badge, words).join("; "))
}
