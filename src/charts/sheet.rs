//! The sheet a chart is drawn on: title, definition, room for the plot, source line, and the band of simulated data.
//!
//! Owns the layout around a plot and the few strokes that all charts share. All lengths are in dots, a quarter of a pixel.

use std::cell::RefCell;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Chart;
use super::canvas::{Canvas, DOTS_PER_PX, Drawn, document};
use super::look::{Context, Form, Look};
use super::palette::{Ink, Palette};
use super::text::{FAMILY, Weight, shorten, width, wrap};
use super::words::Words;

/// Turns pixels into dots.
pub(super) const fn dots(px: i32) -> i32 {
    px * DOTS_PER_PX
}

/// Where a text stands with regard to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The text begins at the point.
    Start,
    Middle,
    /// The text ends at the point.
    End,
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    /// Size, pixels.
    pub size: i32,
    pub weight: Weight,
    pub ink: Ink,
    pub side: Side,
}

impl Type {
    pub const fn new(size: i32, ink: Ink) -> Self {
        Self { size, weight: Weight::Regular, ink, side: Side::Start }
    }
    pub const fn bold(self) -> Self {
        Self { weight: Weight::SemiBold, ..self }
    }
    pub const fn at(self, side: Side) -> Self {
        Self { side, ..self }
    }
    /// Gives the width of a text so set, dots.
    pub fn width(self, text: &str) -> i32 {
        width(text, self.size, self.weight)
    }
    /// Cuts a text so set to a width, dots.
    pub fn shorten(self, text: &str, max: i32) -> String {
        shorten(text, self.size, self.weight, max)
    }
}

/// A rectangle on the sheet, dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Field {
    pub const fn width(self) -> i32 {
        self.right - self.left
    }
    pub const fn height(self) -> i32 {
        self.bottom - self.top
    }
}

/// What a picture says in words.
#[derive(Clone, Debug, Default)]
pub(super) struct Caption {
    /// Short name in ids: `trend`.
    pub kind: &'static str,
    /// The subject. Empty: no head is drawn (the page says it).
    pub title: String,
    /// Definition, unit, period.
    pub subtitle: String,
    /// What a screen reader reads: subject and the main figures.
    pub label: String,
    /// Whether completeness, rule version and cut-off are written beneath.
    pub source: bool,
}

/// The open sheet.
pub(super) struct Sheet {
    area: DrawingArea<Canvas, Shift>,
    drawn: Rc<RefCell<Drawn>>,
    palette: Rc<Palette>,
    pub look: Look,
}

impl Sheet {
    /// Gives the part of the sheet in a field, for plotters to lay coordinates over.
    pub fn part(&self, field: Field) -> DrawingArea<Canvas, Shift> {
        self.area.clone().shrink((field.left, field.top), (field.width(), field.height()))
    }

    fn draw<E>(&self, element: &E)
    where
        for<'b> &'b E: plotters::element::PointCollection<'b, (i32, i32)>,
        E: plotters::element::Drawable<Canvas>,
    {
        self.area.draw(element).expect("the canvas writes to memory and never fails");
    }

    pub fn rect(&self, field: Field, ink: Ink) {
        let style = self.palette.colour(ink).filled();
        self.draw(&Rectangle::new([(field.left, field.top), (field.right, field.bottom)], style));
    }

    pub fn line(&self, points: Vec<(i32, i32)>, ink: Ink, width: u32) {
        self.draw(&PathElement::new(points, self.palette.colour(ink).stroke_width(width)));
    }

    pub fn polygon(&self, points: Vec<(i32, i32)>, ink: Ink) {
        self.draw(&Polygon::new(points, self.palette.colour(ink).filled()));
    }

    pub fn disc(&self, centre: (i32, i32), radius: i32, ink: Ink) {
        self.draw(&Circle::new(centre, radius, self.palette.colour(ink).filled()));
    }

    /// Writes a text whose baseline runs through the point.
    pub fn text(&self, text: &str, point: (i32, i32), kind: Type) {
        let h_pos = match kind.side {
            Side::Start => HPos::Left,
            Side::Middle => HPos::Center,
            Side::End => HPos::Right,
        };
        let font = (FAMILY, kind.size).into_font().style(match kind.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::SemiBold => FontStyle::Bold,
        });
        let colour = self.palette.colour(kind.ink);
        let style = font.color(&colour).pos(Pos::new(h_pos, VPos::Bottom));
        self.draw(&Text::new(text.to_owned(), point, style));
    }

    /// Draws within a link, for pictures inside a page.
    pub fn link(&self, href: &str, draw: impl FnOnce()) {
        self.drawn.borrow_mut().open_link(href);
        draw();
        self.drawn.borrow_mut().close_link();
    }
}

/// Width and height of a picture to share, dots; PNGs have one and a half times as many pixels as it has.
pub(super) const SHARE: (i32, i32) = (dots(800), dots(420));

/// What stands around a picture's body, and how much room it takes, dots.
struct Around {
    set: Setting,
    title: Vec<String>,
    subtitle: Vec<String>,
    source: Vec<String>,
    band: i32,
    head: i32,
    foot: i32,
    padding: i32,
}

impl Around {
    fn of(look: Look, context: &Context, caption: &Caption) -> Self {
        let set = Setting::of(look.form);
        let text_width = set.width - 2 * set.margin;
        let title = wrap(&caption.title, set.title.size, set.title.weight, text_width);
        let subtitle = wrap(&caption.subtitle, set.subtitle.size, set.subtitle.weight, text_width);
        let source = if caption.source { Words(look.lang).source(context) } else { String::new() };
        let source = wrap(&source, set.source.size, set.source.weight, text_width);
        let lines = |lines: &[String], kind: Type| i32::try_from(lines.len()).unwrap_or(0) * line_height(kind);
        let has_head = !caption.title.is_empty();
        let head = if has_head { lines(&title, set.title) + lines(&subtitle, set.subtitle) + dots(17) } else { 0 };
        let foot = if source.is_empty() { 0 } else { lines(&source, set.source) + dots(12) };
        let padding = if has_head { dots(12) } else { dots(4) };
        Self { band: if look.simulated { dots(24) } else { 0 }, set, title, subtitle, source, head, foot, padding }
    }

    fn height(&self) -> i32 {
        self.band + self.padding + self.head + self.foot + self.padding
    }
}

/// Gives the height of a body that is usually `usual` dots high: what is left, in a picture to share.
pub(super) fn body_height(look: Look, context: &Context, caption: &Caption, usual: i32) -> i32 {
    match look.form {
        Form::Narrow | Form::Wide => usual,
        Form::Share => SHARE.1 - Around::of(look, context, caption).height(),
    }
}

/// Draws one picture: head, source line and band around a body `body_height` dots high.
pub(super) fn picture(
    look: Look,
    context: &Context,
    caption: &Caption,
    body_height: i32,
    body: impl FnOnce(&Sheet, Field),
) -> Chart {
    let around = Around::of(look, context, caption);
    let body_height = self::body_height(look, context, caption, body_height);
    let height = around.height() + body_height;
    let words = Words(look.lang);
    let Around { set, title, subtitle, source, band, head, padding, .. } = around;

    let drawn = Rc::new(RefCell::new(Drawn::default()));
    let palette = Rc::new(Palette::new(look.theme, &context.streams));
    let size = (set.width.unsigned_abs(), height.unsigned_abs());
    let canvas = Canvas { drawn: Rc::clone(&drawn), palette: Rc::clone(&palette), size };
    let sheet =
        Sheet { area: canvas.into_drawing_area(), drawn: Rc::clone(&drawn), palette: Rc::clone(&palette), look };

    sheet.rect(Field { left: 0, top: 0, right: set.width, bottom: height }, Ink::Paper);
    if look.simulated {
        sheet.rect(Field { left: 0, top: 0, right: set.width, bottom: band }, Ink::Simulated);
        let kind = Type::new(13, Ink::SimulatedText).bold().at(Side::Middle);
        sheet.text(words.simulated(), (set.width / 2, dots(17)), kind);
    }
    let mut y = band + padding;
    for (paragraph, kind) in [(&title, set.title), (&subtitle, set.subtitle)] {
        y += if y > band + padding { dots(3) } else { 0 };
        for line in paragraph {
            y += line_height(kind);
            sheet.text(line, (set.margin, y - dots(5)), kind);
        }
    }
    let top = band + padding + head;
    body(&sheet, Field { left: set.margin, top, right: set.width - set.margin, bottom: top + body_height });
    let mut y = top + body_height + dots(12);
    for line in &source {
        y += line_height(set.source);
        sheet.text(line, (set.margin, y - dots(5)), set.source);
    }
    sheet.area.present().expect("the canvas writes to memory and never fails");
    let svg = document(&drawn.borrow(), &palette, (set.width, height), caption.kind, &caption.label);
    Chart { svg }
}

/// Draws a picture that says in words why there is nothing to see.
pub(super) fn empty_picture(look: Look, context: &Context, caption: &Caption, sentence: &str) -> Chart {
    let caption = Caption { label: format!("{} {sentence}", caption.label), ..caption.clone() };
    picture(look, context, &caption, dots(96), |sheet, field| {
        let kind = Type::new(15, Ink::Muted).at(Side::Middle);
        sheet.rect(field, Ink::Grid);
        sheet.rect(
            Field { left: field.left + 4, top: field.top + 4, right: field.right - 4, bottom: field.bottom - 4 },
            Ink::Paper,
        );
        let lines = wrap(sentence, kind.size, kind.weight, field.width() - dots(24));
        let block = i32::try_from(lines.len()).unwrap_or(0) * line_height(kind);
        let mut y = (field.top + field.bottom - block) / 2;
        for line in &lines {
            y += line_height(kind);
            sheet.text(line, ((field.left + field.right) / 2, y - dots(6)), kind);
        }
    })
}

/// Moves labels apart: each keeps `gap` dots from the next, all stay within `low ..= high`, and none moves further than it
/// must. Gives the new positions in the order of the old ones.
pub(super) fn spread(wanted: &[i32], gap: i32, low: i32, high: i32) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&index| wanted[index]);
    let mut placed = wanted.to_vec();
    let mut floor = low;
    for &index in &order {
        placed[index] = wanted[index].max(floor);
        floor = placed[index] + gap;
    }
    let mut ceiling = high;
    for &index in order.iter().rev() {
        placed[index] = placed[index].min(ceiling);
        ceiling = placed[index] - gap;
    }
    placed
}

/// The sizes of a form.
struct Setting {
    width: i32,
    margin: i32,
    title: Type,
    subtitle: Type,
    source: Type,
}

impl Setting {
    const fn of(form: Form) -> Self {
        match form {
            Form::Narrow => Self {
                width: dots(360),
                margin: dots(12),
                title: Type::new(17, Ink::Text).bold(),
                subtitle: Type::new(13, Ink::Muted),
                source: Type::new(12, Ink::Muted),
            },
            Form::Wide => Self {
                width: dots(880),
                margin: dots(20),
                title: Type::new(20, Ink::Text).bold(),
                subtitle: Type::new(14, Ink::Muted),
                source: Type::new(12, Ink::Muted),
            },
            Form::Share => Self {
                width: SHARE.0,
                margin: dots(24),
                title: Type::new(22, Ink::Text).bold(),
                subtitle: Type::new(15, Ink::Muted),
                source: Type::new(12, Ink::Muted),
            },
        }
    }
}

/// Gives the width between a form's margins, dots.
pub(super) const fn inner_width(form: Form) -> i32 {
    let set = Setting::of(form);
    set.width - 2 * set.margin
}

fn line_height(kind: Type) -> i32 {
    dots(kind.size + kind.size / 3 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_collide_move_apart_and_stay_inside() {
        assert_eq!(spread(&[100, 90, 95], 20, 0, 120), [120, 80, 100]);
        assert_eq!(spread(&[10, 200], 20, 0, 300), [10, 200]);
    }
}
