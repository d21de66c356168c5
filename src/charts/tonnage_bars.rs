//! The mass collected, stacked by stream; weighed, typed and estimated told apart by texture.

use super::Chart;
use super::axis::{
    MassPlot, THIN, TICKS_A_DAY, bar_edges, day_labels, mass_grid, mass_labels_width, mass_marks, mass_plot,
};
use super::key::{Mark, key, key_height};
use super::look::{Context, Form, Lang, Look, StreamLook};
use super::number::{MassUnit, mass};
use super::palette::{Ink, Texture};
use super::sheet::{Caption, Field, Sheet, Side, Type, body_height, dots, empty_picture, inner_width, picture, spread};
use super::words::Words;
use crate::domain::ids::StreamCode;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::indicators::{MassTold, Step, Tonnage, TonnageRow};

/// Draws a bar a period, stacked by stream in the order of `context.streams` (streams it does not name come last, in grey).
///
/// Weighed is solid, typed by the crew hatched, estimated dotted. A period without a row is a gap; the period that holds
/// `context.today` is marked "so far". Masses are in kilograms, or in tonnes from 2 t on.
pub fn tonnage_bars(rows: &[TonnageRow], step: Step, look: Look, context: &Context) -> Chart {
    let words = Words(look.lang);
    let context = &with_every_stream(rows, context, words);
    let periods = periods(rows, step, &context.streams);
    let greatest = periods.iter().map(Period::total_g).max().unwrap_or(0);
    let unit = MassUnit::for_greatest(greatest);
    let caption = Caption {
        kind: "tonnage",
        title: words.tonnage_title(context),
        subtitle: subtitle(rows, unit, step, words, context),
        label: label(rows, words, context),
        source: true,
    };
    if greatest <= 0 {
        return empty_picture(look, context, &caption, words.no_tonnage());
    }
    let textures = textures(rows, words);
    let key_words: Vec<&str> = textures.iter().map(|(_, word)| word.as_str()).collect();
    let key_room = key_height(inner_width(look.form), &key_words) + dots(18);
    let (plot_height, names_max) = match look.form {
        Form::Narrow => (dots(220), dots(86)),
        Form::Wide | Form::Share => (dots(300), dots(170)),
    };
    let names =
        context.streams.iter().map(|stream| NAME.width(stream.name_in(look.lang))).max().unwrap_or(0).min(names_max);
    let gutter = dots(33) + names;
    let marks = mass_marks(greatest);
    let around = key_room + dots(26);
    let plot_height = body_height(look, context, &caption, plot_height + around) - around;
    picture(look, context, &caption, plot_height + around, |sheet, field| {
        key(sheet, field, &textures);
        let top = field.top + key_room;
        let left = field.left + mass_labels_width(&marks, unit, look.lang);
        let plot_field = Field { left, top, right: field.right - gutter, bottom: top + plot_height };
        let slots = i32::try_from(periods.len()).unwrap_or(1);
        let plot = mass_plot(sheet, plot_field, slots, marks.last().copied().unwrap_or(greatest));
        mass_grid(sheet, plot_field, &plot, &marks, unit);
        let stack = Stack { sheet, plot: &plot, field: plot_field };
        stack.draw(&periods);
        stack.totals(&periods, unit, context, words);
        stack.foot(&periods, step);
        stack.stream_labels(&periods, names, context, words);
    })
}

/// How a stream's name is set.
const NAME: Type = Type::new(13, Ink::Text);

/// A period's masses, one a stream of the context.
struct Period {
    from: LocalDay,
    to: LocalDay,
    streams: Vec<Tonnage>,
}

impl Period {
    fn total_g(&self) -> i64 {
        self.streams.iter().map(Tonnage::total_g).sum()
    }
}

/// Adds the streams that only the rows name, so that no mass is left out.
fn with_every_stream(rows: &[TonnageRow], context: &Context, words: Words) -> Context {
    let mut context = context.clone();
    for row in rows {
        if context.streams.iter().all(|stream| stream.code != row.stream) {
            context.streams.push(StreamLook {
                code: row.stream.clone(),
                name: stream_name(&row.stream, words),
                name_en: String::new(),
                colour: String::new(),
                icon: String::new(),
            });
        }
    }
    context
}

fn stream_name(code: &StreamCode, words: Words) -> String {
    if code.is_named() { code.as_str().to_owned() } else { words.unnamed_stream().to_owned() }
}

/// Lays the rows out by period, from the first to the last without a hole.
fn periods(rows: &[TonnageRow], step: Step, streams: &[StreamLook]) -> Vec<Period> {
    let (Some(first), Some(last)) = (rows.iter().map(|row| row.from).min(), rows.iter().map(|row| row.to).max()) else {
        return Vec::new();
    };
    let mut periods: Vec<Period> = Vec::new();
    let mut day = first;
    while day <= last {
        let (_, end) = step.period_of(day);
        periods.push(Period { from: day, to: end.min(last), streams: vec![Tonnage::default(); streams.len()] });
        day = end.next();
    }
    for row in rows {
        let period = periods.iter_mut().find(|period| period.from <= row.from && row.from <= period.to);
        let index = streams.iter().position(|stream| stream.code == row.stream);
        if let (Some(period), Some(index)) = (period, index) {
            period.streams[index].merge(&row.tonnage);
        }
    }
    periods
}

struct Stack<'a> {
    sheet: &'a Sheet,
    plot: &'a MassPlot,
    field: Field,
}

impl Stack<'_> {
    /// Gives the left and the right edge of a period's bar.
    fn edges(&self, index: usize) -> (i32, i32) {
        let slot = i32::try_from(index).unwrap_or(0) * TICKS_A_DAY;
        let left = self.plot.backend_coord(&(slot, 0)).0;
        let right = self.plot.backend_coord(&(slot + TICKS_A_DAY, 0)).0;
        bar_edges((left, right), dots(64))
    }

    fn middle(&self, index: usize) -> i32 {
        let (left, right) = self.edges(index);
        i32::midpoint(left, right)
    }

    fn y(&self, mass_g: i64) -> i32 {
        self.plot.backend_coord(&(0, mass_g)).1
    }

    /// Draws every bar, layer by layer, so that neighbours of one ink become one path.
    ///
    /// Bars that touch are drawn as one outline a layer, from zero and from the top layer down, so that the lower layers
    /// cover the upper ones: a year of days stays small.
    fn draw(&self, periods: &[Period]) {
        let streams = periods.first().map_or(0, |period| period.streams.len());
        for stream in (0..streams).rev() {
            for texture in [Texture::Dotted, Texture::Hatched, Texture::Flat] {
                let ink = Ink::Stream(stream, texture);
                let mut outline: Vec<(i32, i32)> = Vec::new();
                for (index, period) in periods.iter().enumerate() {
                    let mass = mass_of(&period.streams[stream], texture);
                    if mass <= 0 {
                        continue;
                    }
                    let (left, right) = self.edges(index);
                    let top_g = top_of(period, stream, texture);
                    let (top, bottom) = (self.y(top_g), self.y(top_g - mass));
                    if right - left >= THIN {
                        self.sheet.rect(Field { left, top, right, bottom }, ink);
                        continue;
                    }
                    if outline.last().is_some_and(|last| last.0 != left) {
                        self.sheet.polygon(std::mem::take(&mut outline), ink);
                    }
                    if outline.pop().is_none() {
                        outline.push((left, self.y(0)));
                    }
                    // A whole pixel is fine enough for bars that thin.
                    let top = top - top.rem_euclid(dots(1));
                    outline.extend([(left, top), (right, top), (right, self.y(0))]);
                }
                if !outline.is_empty() {
                    self.sheet.polygon(outline, ink);
                }
            }
        }
    }

    /// Writes each bar's total above it where all fit; marks the period that is not over.
    fn totals(&self, periods: &[Period], unit: MassUnit, context: &Context, words: Words) {
        let kind = Type::new(12, Ink::Text).bold().at(Side::Middle);
        let figures: Vec<String> = periods.iter().map(|period| mass(period.total_g(), unit, words.0)).collect();
        let slot = self.field.width() / i32::try_from(periods.len()).unwrap_or(i32::MAX).max(1);
        let all_fit = figures.iter().all(|figure| kind.width(figure) + dots(3) <= slot);
        for (index, (period, figure)) in periods.iter().zip(&figures).enumerate() {
            let top = self.y(period.total_g());
            let open = context.today.is_some_and(|today| period.from <= today && today <= period.to);
            if all_fit && period.total_g() > 0 {
                self.sheet.text(figure, (self.middle(index), top - dots(5)), kind);
            }
            if open && period.total_g() > 0 {
                let (left, right) = self.edges(index);
                let line = vec![(left, self.y(0)), (left, top), (right, top), (right, self.y(0))];
                self.sheet.line(line, Ink::Target, 5);
                let note = Type::new(12, Ink::Note).at(Side::Middle);
                let half = note.width(words.so_far()) / 2;
                let x = self.middle(index).min(self.field.right + dots(8) - half);
                let beneath = periods.iter().enumerate().filter(|(other, _)| {
                    let (from, to) = self.edges(*other);
                    from < x + half && to > x - half
                });
                let clear = beneath.map(|(_, other)| self.y(other.total_g())).min().unwrap_or(top);
                if top - clear > dots(16) {
                    self.sheet.line(vec![(self.middle(index), clear), (self.middle(index), top)], Ink::Muted, 4);
                }
                self.sheet.text(words.so_far(), (x, clear - dots(if all_fit { 20 } else { 6 })), note);
            }
        }
    }

    fn foot(&self, periods: &[Period], step: Step) {
        let (Some(first), Some(last)) = (periods.first(), periods.last()) else { return };
        let index_of = |day: LocalDay| periods.iter().position(|period| period.from <= day && day <= period.to);
        match step {
            Step::Day => day_labels(self.sheet, self.field, first.from, last.from, |day| {
                index_of(day).map_or(self.field.left, |index| self.middle(index))
            }),
            Step::Week | Step::Month | Step::Year => self.period_labels(periods, step),
        }
    }

    /// Writes the weeks' first days or the months, as many as fit, counted from the last.
    fn period_labels(&self, periods: &[Period], step: Step) {
        let lang = self.sheet.look.lang;
        let kind = Type::new(12, Ink::Muted).at(Side::Middle);
        let write = |period: &Period| match step {
            Step::Month => super::number::month(period.from, lang),
            Step::Year => period.from.date().year().to_string(),
            Step::Day | Step::Week => super::number::day_short(period.from, lang),
        };
        let widest = periods.iter().map(|period| kind.width(&write(period))).max().unwrap_or(0) + dots(8);
        let slot = (self.field.width() / i32::try_from(periods.len()).unwrap_or(i32::MAX).max(1)).max(1);
        let stride = usize::try_from(widest / slot + 1).unwrap_or(1);
        for (index, period) in periods.iter().enumerate().rev().step_by(stride) {
            let x = self.middle(index);
            self.sheet.line(vec![(x, self.field.bottom), (x, self.field.bottom + dots(4))], Ink::Axis, 4);
            self.sheet.text(&write(period), (x, self.field.bottom + dots(20)), kind);
        }
    }

    /// Names the streams beside the last full bar, each with its icon.
    fn stream_labels(&self, periods: &[Period], names: i32, context: &Context, words: Words) {
        let Some(last) = periods.iter().rev().find(|period| period.total_g() > 0) else { return };
        let mut below = 0;
        let (mut shown, mut wanted) = (Vec::new(), Vec::new());
        for (index, tonnage) in last.streams.iter().enumerate() {
            let in_any = periods.iter().any(|period| period.streams[index].total_g() > 0);
            let middle = self.y(below + tonnage.total_g() / 2);
            below += tonnage.total_g();
            if in_any {
                shown.push(index);
                wanted.push(middle);
            }
        }
        let placed = spread(&wanted, dots(26), self.field.top + dots(10), self.field.bottom - dots(10));
        for (index, y) in shown.into_iter().zip(placed) {
            let stream = &context.streams[index];
            let x = self.field.right + dots(18);
            super::icons::stream(self.sheet, (x, y), index, stream);
            self.sheet.text(&NAME.shorten(stream.name_in(words.0), names), (x + dots(15), y + dots(5)), NAME);
        }
    }
}

/// Gives the mass known in the way that a texture stands for.
fn mass_of(tonnage: &Tonnage, texture: Texture) -> i64 {
    match texture {
        Texture::Hatched | Texture::HatchedFine => tonnage.manual_g,
        Texture::Dotted => tonnage.estimated_g,
        Texture::Flat | Texture::Dashed | Texture::Rimmed => tonnage.weighed_g,
    }
}

/// Gives the height at which a layer of the stack ends.
fn top_of(period: &Period, stream: usize, texture: Texture) -> i64 {
    let below: i64 = period.streams[..stream].iter().map(Tonnage::total_g).sum();
    let tonnage = &period.streams[stream];
    below
        + match texture {
            Texture::Dotted => tonnage.total_g(),
            Texture::Hatched | Texture::HatchedFine => tonnage.weighed_g + tonnage.manual_g,
            Texture::Flat | Texture::Dashed | Texture::Rimmed => tonnage.weighed_g,
        }
}

/// Names the textures that occur.
fn textures(rows: &[TonnageRow], words: Words) -> Vec<(Mark, String)> {
    let sum = |of: fn(&Tonnage) -> i64| -> i64 { rows.iter().map(|row| of(&row.tonnage)).sum() };
    let together = rows.iter().any(|row| row.told != MassTold::Apart);
    let solid = if together { words.together() } else { words.weighed() };
    [
        (sum(|tonnage| tonnage.weighed_g), Texture::Flat, solid),
        (sum(|tonnage| tonnage.manual_g), Texture::Hatched, words.manual()),
        (sum(|tonnage| tonnage.estimated_g), Texture::Dotted, words.estimated()),
    ]
    .into_iter()
    .filter(|(mass_g, ..)| *mass_g > 0)
    .map(|(_, texture, word)| (Mark::sample(texture), word.to_owned()))
    .collect()
}

fn total(rows: &[TonnageRow]) -> Tonnage {
    let mut total = Tonnage::default();
    for row in rows {
        total.merge(&row.tonnage);
    }
    total
}

fn subtitle(rows: &[TonnageRow], unit: MassUnit, step: Step, words: Words, context: &Context) -> String {
    let definition = words.definition(&words.tonnage_definition(unit.word(words.0), step), context);
    if rows.iter().any(|row| row.told == MassTold::Hidden) {
        return format!("{definition} {}", words.masses_hidden());
    }
    if rows.iter().any(|row| row.told == MassTold::Together) {
        return definition;
    }
    let total = total(rows);
    let unknown = u64::try_from(total.unknown_household_g).ok();
    let weighed = u64::try_from(total.weighed_g).ok();
    match unknown.zip(weighed).and_then(|(unknown, weighed)| Percent::share(unknown, weighed)) {
        Some(share) => format!("{definition} {}", words.unknown_household(share)),
        None => definition,
    }
}

fn label(rows: &[TonnageRow], words: Words, context: &Context) -> String {
    let title = words.tonnage_title(context);
    let total_g = total(rows).total_g();
    if total_g <= 0 {
        return format!("{title}.");
    }
    let unit = MassUnit::for_greatest(total_g);
    let figure = format!("{} {}", mass(total_g, unit, words.0), unit.word(words.0));
    match words.0 {
        Lang::Vi => format!("{title}. Tổng cộng {figure}."),
        Lang::En => format!("{title}. {figure} in all."),
    }
}
