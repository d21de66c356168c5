//! The workload of visits by week: what was done, what runs out in the weeks to come, and the present pace.

use super::Chart;
use super::axis::bar_edges;
use super::key::{Mark, key, key_height};
use super::look::{Context, Form, Lang, Look};
use super::number::{day_short, whole};
use super::palette::Ink;
use super::sheet::{Caption, Field, Sheet, Side, Type, body_height, dots, empty_picture, inner_width, picture};
use super::words::Words;
use crate::domain::time::LocalDay;
use crate::indicators::Visiting;

const DONE: Ink = Ink::Sorting;
/// What runs out becomes undetermined.
const RUNS_OUT: Ink = Ink::Undetermined;
const FIGURE: Type = Type::new(12, Ink::Text).bold();

/// Draws the visits of the weeks past solid, what runs out in those to come hatched, and the pace as a line. The present week has both.
///
/// Wide, the weeks stand side by side; narrow, they lie beneath each other, with their figures beside the bars.
pub fn visiting_weeks(visiting: &Visiting, look: Look, context: &Context) -> Chart {
    let words = Words(look.lang);
    let caption = Caption {
        kind: "visiting",
        title: words.visiting_title(context),
        subtitle: words.definition(words.visiting_definition(), context),
        label: label(visiting, words, context),
        source: true,
    };
    let bars = bars(visiting);
    let greatest = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(visiting.pace().unwrap_or(0));
    if greatest == 0 {
        return empty_picture(look, context, &caption, words.no_visiting());
    }
    let marks = [(Mark::Swatch(DONE), words.visited()), (Mark::Swatch(RUNS_OUT), words.runs_out())];
    let key_room = key_height(inner_width(look.form), &marks.map(|(_, word)| word)) + dots(10);
    let plot = Plot { bars: &bars, greatest, pace: visiting.pace(), today: visiting.today, words };
    let height = match look.form {
        Form::Wide | Form::Share => body_height(look, context, &caption, key_room + dots(250)) - key_room,
        Form::Narrow => plot.rows_height(),
    };
    picture(look, context, &caption, key_room + height, |sheet, field| {
        key(sheet, field, &marks.map(|(mark, word)| (mark, word.to_owned())));
        let field = Field { top: field.top + key_room, ..field };
        match look.form {
            Form::Wide | Form::Share => plot.columns(sheet, field),
            Form::Narrow => plot.rows(sheet, field),
        }
    })
}

/// A week's bar.
struct Bar {
    from: LocalDay,
    count: i64,
    /// It runs out, in a week that is not over; else it was done.
    ahead: bool,
}

/// Gives the bars in order: the weeks done, the present one last, then those ahead, the present one first.
fn bars(visiting: &Visiting) -> Vec<Bar> {
    let done = visiting.done.iter().map(|week| Bar { from: week.from, count: week.visited, ahead: false });
    let ahead = visiting.shown_ahead().iter().map(|week| Bar { from: week.from, count: week.households, ahead: true });
    done.chain(ahead).collect()
}

/// What both forms draw.
struct Plot<'a> {
    bars: &'a [Bar],
    greatest: i64,
    /// Visits a week. `None`: nothing was done.
    pace: Option<i64>,
    today: LocalDay,
    words: Words,
}

/// Height of a row of the narrow form, pixels.
const ROW: i32 = 24;
/// Room for the pace above and beneath the plot, pixels.
const PACE_ROOM: i32 = 30;

impl Plot<'_> {
    fn length(&self, count: i64, whole: i32) -> i32 {
        let exact = i128::from(count) * i128::from(whole) / i128::from(self.greatest.max(1));
        i32::try_from(exact).unwrap_or(whole).max(i32::from(count > 0) * dots(1))
    }

    const fn ink(bar: &Bar) -> Ink {
        if bar.ahead { RUNS_OUT } else { DONE }
    }

    fn pace_text(&self, pace: i64) -> String {
        self.words.pace(pace)
    }

    /// Draws a column a week: two in the present one.
    fn columns(&self, sheet: &Sheet, field: Field) {
        let lang = self.words.0;
        let slots = i32::try_from(self.bars.len()).unwrap_or(i32::MAX).max(1);
        let plot = Field { top: field.top + dots(PACE_ROOM), bottom: field.bottom - dots(26), ..field };
        let room = plot.height() - dots(18);
        let edge = |slot: i32| plot.left + plot.width() * slot / slots;
        sheet.line(vec![(plot.left, plot.bottom), (plot.right, plot.bottom)], Ink::Axis, 4);
        if let Some(pace) = self.pace {
            let y = plot.bottom - self.length(pace, room);
            sheet.line(vec![(plot.left, y), (plot.right, y)], Ink::Target, 6);
        }
        let mut labelled_to = i32::MIN;
        for (slot, bar) in (0..slots).zip(self.bars) {
            let (left, right) = bar_edges((edge(slot), edge(slot + 1)), dots(40));
            let middle = i32::midpoint(left, right);
            let top = plot.bottom - self.length(bar.count, room);
            sheet.rect(Field { left, right, top, bottom: plot.bottom }, Self::ink(bar));
            // A rim of paper, so that the pace's line runs behind it.
            sheet.text(
                &whole(bar.count, lang),
                (middle, top - dots(5)),
                Type { ink: Ink::Note, ..FIGURE }.at(Side::Middle),
            );
            let present = bar.from == self.today.week_start();
            let name = match (present, bar.ahead) {
                (true, false) => self.words.so_far().to_owned(),
                (true, true) | (false, _) => day_short(bar.from, lang),
            };
            let kind = Type::new(12, Ink::Muted).at(Side::Middle);
            let half = kind.width(&name) / 2;
            if middle - half > labelled_to.saturating_add(dots(6)) {
                sheet.text(&name, (middle, plot.bottom + dots(18)), kind);
                labelled_to = middle + half;
            }
            if present && bar.ahead {
                let x = edge(slot);
                sheet.line(vec![(x, plot.top - dots(4)), (x, plot.bottom)], Ink::Grid, 6);
            }
        }
        if let Some(pace) = self.pace {
            let kind = Type::new(12, Ink::TargetText).at(Side::End);
            sheet.text(&self.pace_text(pace), (plot.right, field.top + dots(14)), kind);
        }
    }

    fn rows_height(&self) -> i32 {
        dots(PACE_ROOM) + i32::try_from(self.bars.len()).unwrap_or(0) * dots(ROW) + dots(ROW)
    }

    /// Draws a row a week: two of the present one.
    fn rows(&self, sheet: &Sheet, field: Field) {
        let lang = self.words.0;
        let name = Type::new(12, Ink::Muted);
        let names: Vec<String> = self
            .bars
            .iter()
            .map(|bar| match bar.from == self.today.week_start() && !bar.ahead {
                true => self.words.so_far().to_owned(),
                false => day_short(bar.from, lang),
            })
            .collect();
        let left = field.left + names.iter().map(|text| name.width(text)).max().unwrap_or(0) + dots(10);
        let figures = FIGURE.width(&whole(self.greatest, lang)) + dots(12);
        let room = field.right - figures - left;
        let top = field.top + dots(PACE_ROOM);
        let bottom = top + i32::try_from(self.bars.len()).unwrap_or(0) * dots(ROW) + dots(8);
        if let Some(pace) = self.pace {
            let x = left + self.length(pace, room);
            sheet.line(vec![(x, top - dots(6)), (x, bottom)], Ink::Target, 6);
            let text = self.pace_text(pace);
            let kind = Type::new(12, Ink::TargetText).at(Side::Middle);
            let half = kind.width(&text) / 2;
            let at = x.clamp(field.left + half, (field.right - half).max(field.left + half));
            sheet.text(&text, (at, field.top + dots(14)), kind);
        }
        sheet.line(vec![(left, top - dots(2)), (left, bottom)], Ink::Axis, 4);
        let mut y = top;
        for (bar, text) in self.bars.iter().zip(&names) {
            if bar.ahead && bar.from == self.today.week_start() {
                y += dots(4);
                sheet.line(vec![(field.left, y), (field.right, y)], Ink::Grid, 4);
                y += dots(4);
            }
            let right = left + self.length(bar.count, room);
            sheet.rect(Field { left, right, top: y + dots(4), bottom: y + dots(ROW - 4) }, Self::ink(bar));
            sheet.text(text, (field.left, y + dots(16)), name);
            sheet.text(&whole(bar.count, lang), (right + dots(6), y + dots(16)), Type { ink: Ink::Note, ..FIGURE });
            y += dots(ROW);
        }
    }
}

fn label(visiting: &Visiting, words: Words, context: &Context) -> String {
    let title = words.visiting_title(context);
    let lang = words.0;
    let (done, ahead) = (whole(visiting.pace_visits(), lang), whole(visiting.running_out(), lang));
    match lang {
        Lang::Vi => format!("{title}. 4 tuần đã qua: {done} lượt đến. 8 tuần tới: {ahead} hộ hết hạn xác minh."),
        Lang::En => {
            format!("{title}. Last 4 weeks: {done} visits. Next 8 weeks: {ahead} households whose verification ends.")
        }
    }
}
