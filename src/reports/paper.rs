//! The sheet of paper: A4, in millimetres from its upper left corner.

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use qrcode::{Color, EcLevel, QrCode};

use super::NoPdf;
use crate::charts::{FONTS, Lang, StreamLook, Weight, advance, clean, stream_strokes};

/// Width and height of A4, millimetres.
pub(super) const A4: (f32, f32) = (210.0, 297.0);
/// Points in a millimetre.
const POINTS: f32 = 72.0 / 25.4;
/// Light modules around a QR code: ISO/IEC 18004 asks for four.
const QUIET: f32 = 4.0;

/// Red, green, blue.
pub(super) type Ink = (u8, u8, u8);
pub(super) const BLACK: Ink = (0x11, 0x18, 0x27);
pub(super) const GREY: Ink = (0x56, 0x60, 0x70);
pub(super) const HAIR: Ink = (0xB4, 0xBA, 0xC4);
pub(super) const WHITE: Ink = (0xFF, 0xFF, 0xFF);
/// The band of simulated data.
pub(super) const BAND: Ink = (0xFF, 0xE2, 0xA6);

/// Reads a colour of the commune's file, `#RRGGBB`; anything else is grey.
pub(super) fn ink_of(colour: &str) -> Ink {
    let part = |at: usize| colour.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
    match (colour.strip_prefix('#'), part(1), part(3), part(5)) {
        (Some(_), Some(red), Some(green), Some(blue)) => (red, green, blue),
        _ => GREY,
    }
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    /// Size, points.
    pub size: f32,
    pub weight: Weight,
    pub ink: Ink,
}

impl Type {
    pub const fn new(size: f32) -> Self {
        Self { size, weight: Weight::Regular, ink: BLACK }
    }
    pub const fn bold(self) -> Self {
        Self { weight: Weight::SemiBold, ..self }
    }
    pub const fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    /// Gives the width of a text so set, millimetres.
    pub fn width(self, text: &str) -> f32 {
        let (units, per_em) = advance(text, self.weight);
        // A line of text has some thousand units a letter: far from what a float holds exactly.
        let units = f32::from(u16::try_from(units / 16).unwrap_or(u16::MAX)) * 16.0;
        units * self.size / f32::from(per_em) / POINTS
    }

    /// Breaks a text at its spaces into at most `most` lines no wider than `max`; what does not fit is cut with an ellipsis.
    pub fn wrap(self, text: &str, max: f32, most: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            let is_last = lines.len() == most;
            match lines.last_mut() {
                Some(line) if is_last || self.width(&format!("{line} {word}")) <= max => {
                    line.push(' ');
                    line.push_str(word);
                }
                Some(_) | None => lines.push(word.to_owned()),
            }
        }
        lines.iter().map(|line| self.shorten(line, max)).collect()
    }

    /// Cuts a text to a width with an ellipsis.
    pub fn shorten(self, text: &str, max: f32) -> String {
        let mut kept = clean(text);
        if self.width(&kept) <= max {
            return kept;
        }
        while !kept.is_empty() && self.width(&format!("{kept}…")) > max {
            kept.pop();
        }
        format!("{}…", kept.trim_end())
    }
}

/// A document of A4 sheets.
pub(super) struct Sheets {
    document: Document,
    fonts: [Font; 2],
}

impl Sheets {
    /// Begins a document.
    pub fn new(title: &str, lang: Lang) -> Self {
        let font =
            |bytes: &'static [u8]| Font::new(bytes.into(), 0).expect("the font shipped with the program is whole");
        let mut document = Document::new();
        document.set_metadata(Metadata::new().title(title.to_owned()).language(lang.code().to_owned()));
        Self { document, fonts: [font(FONTS[0]), font(FONTS[1])] }
    }

    /// Draws a sheet.
    pub fn sheet(&mut self, draw: impl FnOnce(&mut Pen<'_, '_>) -> Result<(), NoPdf>) -> Result<(), NoPdf> {
        let size = PageSettings::from_wh(A4.0 * POINTS, A4.1 * POINTS).expect("A4 has a size");
        let mut page = self.document.start_page_with(size);
        let mut surface = page.surface();
        surface.push_transform(&Transform::from_scale(POINTS, POINTS));
        let drawn = draw(&mut Pen { surface: &mut surface, fonts: &self.fonts });
        surface.pop();
        surface.finish();
        page.finish();
        drawn
    }

    /// Writes the document.
    pub fn finish(self) -> Result<Vec<u8>, NoPdf> {
        self.document.finish().map_err(|error| NoPdf::Write(format!("{error:?}")))
    }
}

/// Draws on a sheet.
pub(super) struct Pen<'a, 's> {
    surface: &'a mut Surface<'s>,
    fonts: &'a [Font; 2],
}

impl Pen<'_, '_> {
    fn fill(&mut self, (red, green, blue): Ink) {
        let paint = rgb::Color::new(red, green, blue).into();
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::NonZero }));
    }

    fn stroke(&mut self, (red, green, blue): Ink, width: f32, dash: Option<f32>) {
        let paint = rgb::Color::new(red, green, blue).into();
        let dash = dash.map(|length| StrokeDash { array: vec![length, length], offset: 0.0 });
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke { paint, width, dash, line_cap: LineCap::Round, ..Stroke::default() }));
    }

    /// Writes a text from a point on its baseline.
    pub fn text(&mut self, text: &str, (x, y): (f32, f32), kind: Type) {
        let font = match kind.weight {
            Weight::Regular => &self.fonts[0],
            Weight::SemiBold => &self.fonts[1],
        };
        self.fill(kind.ink);
        let size = kind.size / POINTS;
        self.surface.draw_text(
            Point::from_xy(x, y),
            font.clone(),
            size,
            &clean(text),
            false,
            TextDirection::LeftToRight,
        );
    }

    /// Writes a text that ends at a point.
    pub fn text_to(&mut self, text: &str, (x, y): (f32, f32), kind: Type) {
        self.text(text, (x - kind.width(text), y), kind);
    }

    /// Writes a text in the middle.
    pub fn text_amid(&mut self, text: &str, (x, y): (f32, f32), kind: Type) {
        self.text(text, (x - kind.width(text) / 2.0, y), kind);
    }

    pub fn rect(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), ink: Ink) {
        self.fill(ink);
        let mut path = PathBuilder::new();
        path.push_rect(Rect::from_xywh(x, y, width, height).expect("a rectangle has a size"));
        self.surface.draw_path(&path.finish().expect("a rectangle is a path"));
    }

    pub fn line(&mut self, points: &[(f32, f32)], ink: Ink, width: f32, dash: Option<f32>) {
        self.stroke(ink, width, dash);
        let mut path = PathBuilder::new();
        for (at, (x, y)) in points.iter().enumerate() {
            if at == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
    }

    fn disc(&mut self, (x, y): (f32, f32), radius: f32, ink: Ink) {
        // How far a quarter of a circle's handles reach.
        let reach = radius * 0.552_284_8;
        self.fill(ink);
        let mut path = PathBuilder::new();
        path.move_to(x + radius, y);
        path.cubic_to(x + radius, y + reach, x + reach, y + radius, x, y + radius);
        path.cubic_to(x - reach, y + radius, x - radius, y + reach, x - radius, y);
        path.cubic_to(x - radius, y - reach, x - reach, y - radius, x, y - radius);
        path.cubic_to(x + reach, y - radius, x + radius, y - reach, x + radius, y);
        path.close();
        self.surface.draw_path(&path.finish().expect("a disc is a path"));
    }

    /// Draws a stream's icon in a disc of its colour.
    pub fn stream(&mut self, (x, y): (f32, f32), radius: f32, stream: &StreamLook) {
        self.disc((x, y), radius, ink_of(&stream.colour));
        let strokes = stream_strokes(&stream.icon);
        let scale = radius / 40.0;
        for stroke in strokes {
            let points: Vec<(f32, f32)> =
                stroke.iter().map(|(dx, dy)| (x + f32::from(*dx) * scale, y + f32::from(*dy) * scale)).collect();
            self.line(&points, WHITE, radius * 0.15, None);
        }
        if strokes.is_empty() {
            let kind = Type::new(radius * POINTS * 1.1).bold().ink(WHITE);
            self.text_amid(&stream.initial(), (x, y + radius * 0.4), kind);
        }
    }

    /// Draws a QR code with its quiet zone into a square.
    pub fn code(&mut self, content: &str, level: EcLevel, (x, y): (f32, f32), side: f32) -> Result<(), NoPdf> {
        let code = QrCode::with_error_correction_level(content, level)
            .map_err(|error| NoPdf::Code { content: content.to_owned(), reason: error.to_string() })?;
        let modules = code.width();
        let whole = |number: usize| f32::from(u16::try_from(number).unwrap_or(u16::MAX));
        let module = side / (whole(modules) + 2.0 * QUIET);
        self.rect((x, y), (side, side), WHITE);
        self.fill((0, 0, 0));
        let mut path = PathBuilder::new();
        // Runs of dark modules in one rectangle each: fewer bytes, and no seams between modules.
        for (row, colours) in code.to_colors().chunks(modules).enumerate() {
            let mut from = 0;
            while let Some(dark) = colours[from..].iter().position(|colour| *colour == Color::Dark) {
                let first = from + dark;
                let run = colours[first..].iter().take_while(|colour| **colour == Color::Dark).count();
                let rect = Rect::from_xywh(whole(first), whole(row), whole(run), 1.0);
                path.push_rect(rect.expect("a run has a size"));
                from = first + run;
            }
        }
        let corner = (x + QUIET * module, y + QUIET * module);
        let placed = Transform::from_row(module, 0.0, 0.0, module, corner.0, corner.1);
        self.surface.push_transform(&placed);
        if let Some(path) = path.finish() {
            self.surface.draw_path(&path);
        }
        self.surface.pop();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_and_anything_else_is_grey() {
        assert_eq!(ink_of("#009E73"), (0x00, 0x9E, 0x73));
        assert_eq!((ink_of("green"), ink_of("#09"), ink_of("")), (GREY, GREY, GREY));
    }

    #[test]
    fn lines_fit_and_the_last_one_is_cut() {
        let kind = Type::new(8.0);
        let lines = kind.wrap("Thôn Trung tâm thương mại và khu tái định cư số 2 mở rộng", 30.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| kind.width(line) <= 30.0) && lines[1].ends_with('…'), "{lines:?}");
        assert_eq!(kind.wrap("Thôn 1", 30.0, 2), ["Thôn 1"]);
    }
}
