//! The headline as a bar: from nothing to everybody, with what is known, what is not, and the target.

use super::Chart;
use super::area_bars::{Parts, parts, states_bar};
use super::look::{Context, Form, Lang, Look};
use super::number::{percent, percent_plain};
use super::palette::Ink;
use super::sheet::{Caption, Field, Sheet, Side, Type, dots, empty_picture, picture, spread};
use super::words::Words;
use crate::domain::state::State;
use crate::domain::units::Percent;
use crate::indicators::{ShareDay, Shown};

/// Draws the bar of the overview: S solid from 0, U hatched up to the upper bound, N at the end, the target marked.
///
/// It has no title and no source line: the page's headline stands beside it. `None`, or a day with E = 0, says so in words.
pub fn share_bar(day: Option<&ShareDay>, look: Look, context: &Context) -> Chart {
    let words = Words(look.lang);
    let known = day.and_then(|day| Some((day, day.counts.share()?, day.counts.upper()?)));
    let Some((day, share, upper)) = known else {
        let caption = Caption { kind: "share", label: words.trend_title(context) + ".", ..Caption::default() };
        return empty_picture(look, context, &caption, words.no_shares());
    };
    let caption = Caption { kind: "share", label: label(day, share, upper, words, context), ..Caption::default() };
    let bar_height = match look.form {
        Form::Narrow => dots(36),
        Form::Wide | Form::Share => dots(44),
    };
    let states = parts_of(&day.counts);
    let rows = i32::try_from(states.len()).unwrap_or(3);
    let beneath = match look.form {
        Form::Narrow => rows * dots(26) + dots(14),
        Form::Wide | Form::Share => dots(56),
    };
    picture(look, context, &caption, dots(30) + bar_height + beneath, |sheet, field| {
        let bar = Field { top: field.top + dots(30), bottom: field.top + dots(30) + bar_height, ..field };
        states_bar(sheet, bar, &day.counts);
        scale(sheet, bar, day.target, words);
        match look.form {
            Form::Narrow => list(sheet, bar, &states, words),
            Form::Wide | Form::Share => beneath_parts(sheet, bar, &day.counts, &states, words),
        }
    })
}

/// The states that hold a household, each with its count and its share of E, truncated.
pub(super) fn parts_of(counts: &Shown) -> Vec<(State, i64, Percent)> {
    [
        (State::Sorting, counts.sorting()),
        (State::Undetermined, counts.undetermined_total()),
        (State::NotSorting, counts.not_sorting()),
    ]
    .into_iter()
    .filter_map(|(state, count)| Some((state, count?, counts.part_of_all(count)?)))
    .filter(|(state, count, _)| *state == State::Sorting || *count > 0)
    .collect()
}

const fn ink_of(state: State) -> Ink {
    match state {
        State::Sorting => Ink::SortingText,
        State::Undetermined => Ink::UndeterminedText,
        State::NotSorting => Ink::NotSortingText,
    }
}

/// Marks 0 and the target above the bar.
pub(super) fn scale(sheet: &Sheet, bar: Field, target: Option<Percent>, words: Words) {
    let kind = Type::new(13, Ink::Muted);
    let baseline = bar.top - dots(9);
    sheet.text("0", (bar.left, baseline), kind);
    let Some(target) = target else {
        sheet.text(
            &percent_plain(Percent::from_hundredths(10_000), words.0),
            (bar.right, baseline),
            kind.at(Side::End),
        );
        return;
    };
    let hundredths = i32::try_from(target.hundredths()).unwrap_or(10_000).min(10_000);
    let x = bar.left + bar.width() / 100 * hundredths / 100;
    let x = if hundredths == 10_000 { bar.right - 4 } else { x };
    sheet.line(vec![(x, bar.top - dots(6)), (x, bar.bottom + dots(6))], Ink::TargetText, 8);
    let text = format!("{} {}", words.target(), percent_plain(target, words.0));
    let kind = Type::new(13, Ink::TargetText).bold().at(Side::End);
    let x = (x + 4).max(bar.left + dots(24) + kind.width(&text));
    sheet.text(&text, (x, baseline), kind);
}

/// How a state's word and its figures are set beneath a wide bar.
const WORD: Type = Type::new(15, Ink::Text).bold();
const FIGURES: Type = Type::new(14, Ink::Text);

/// Writes each part where it begins, moved apart where the texts would touch.
pub(super) fn beneath_parts(sheet: &Sheet, bar: Field, counts: &Shown, states: &[(State, i64, Percent)], words: Words) {
    let Some(Parts { sorting, undetermined: Some(undetermined) }) = parts(counts, bar.width()) else { return };
    let texts: Vec<(&str, String)> = states
        .iter()
        .map(|(state, count, share)| {
            (words.state(*state), format!("{} · {}", percent(*share, words.0), words.households(*count)))
        })
        .collect();
    let width_of = |(word, figures): &(&str, String)| WORD.width(word).max(FIGURES.width(figures)) + dots(23);
    let widest = texts.iter().map(width_of).max().unwrap_or(0);
    let last = texts.last().map_or(0, width_of);
    let wanted: Vec<i32> = states
        .iter()
        .map(|(state, ..)| match state {
            State::Sorting => bar.left,
            State::Undetermined => bar.left + sorting,
            State::NotSorting => bar.left + sorting + undetermined,
        })
        .collect();
    let placed = spread(&wanted, widest + dots(20), bar.left, bar.right - last);
    for (((state, ..), (word, figures)), x) in states.iter().zip(&texts).zip(placed) {
        let top = bar.bottom + dots(12);
        let icon = Field { left: x, top, right: x + dots(16), bottom: top + dots(16) };
        super::icons::state(sheet, icon, *state);
        let text_x = x + dots(23);
        sheet.text(word, (text_x, top + dots(13)), Type { ink: ink_of(*state), ..WORD });
        sheet.text(figures, (text_x, top + dots(33)), FIGURES);
    }
}

/// Lists the parts beneath the bar, one a line.
pub(super) fn list(sheet: &Sheet, bar: Field, states: &[(State, i64, Percent)], words: Words) {
    let kind = Type::new(14, Ink::Text).at(Side::End);
    let counts = states.iter().map(|(_, count, _)| kind.width(&words.households(*count))).max().unwrap_or(0);
    let mut top = bar.bottom + dots(14);
    for (state, count, share) in states {
        let icon = Field { left: bar.left, top, right: bar.left + dots(16), bottom: top + dots(16) };
        super::icons::state(sheet, icon, *state);
        let baseline = top + dots(13);
        sheet.text(words.state(*state), (bar.left + dots(24), baseline), Type::new(14, ink_of(*state)).bold());
        sheet.text(&words.households(*count), (bar.right, baseline), kind);
        sheet.text(&percent(*share, words.0), (bar.right - counts - dots(16), baseline), kind.bold());
        top += dots(26);
    }
}

fn label(day: &ShareDay, share: Percent, upper: Percent, words: Words, context: &Context) -> String {
    let title = words.trend_title(context);
    let (share, upper) = (percent(share, words.0), percent(upper, words.0));
    let eligible = words.households(day.counts.eligible().unwrap_or(0));
    match words.0 {
        Lang::Vi => format!("{title}: {share} trong {eligible} đang phân loại, cao nhất có thể {upper}."),
        Lang::En => format!("{title}: {share} of {eligible} sorting, at most {upper}."),
    }
}
