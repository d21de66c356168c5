//! The surface plotters draws on: a plotters backend that writes a small SVG.
//!
//! Owns the SVG's syntax: paths, texts, patterns, the accessible head. Knows no chart.
//!
//! # Why
//! Plotters' own SVG backend has whole-pixel coordinates, no hatching, no dashes, and writes one element of a hundred bytes a
//! bar. This one takes *dots*, a quarter of a pixel, and writes pixels; joins neighbouring shapes of one ink into one path;
//! and turns the indexed colours of `look` into paints, patterns and dashes. A picture of 400 days stays under 40 KB.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::rc::Rc;

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontStyle};

use super::palette::{Paint, Palette, Texture};
use super::text::{FAMILY, clean};

/// Dots in a pixel: the fineness of plotters' whole numbers.
pub(super) const DOTS_PER_PX: i32 = 4;

/// Size of a text that says none, pixels.
const DEFAULT_TEXT_PX: &str = "13";

/// Stands in pattern names until the picture's own name is known; `clean` keeps it out of texts.
const NAME_MARK: char = '\u{E000}';

/// What has been drawn, shared between the canvas (inside plotters) and the sheet that finishes the document.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    body: String,
    /// Attributes and data of the path that still grows.
    open: Option<(String, String)>,
    /// Numbers of the inks used as patterns.
    patterns: Vec<u8>,
}

impl Drawn {
    /// Ends the growing path, so that what follows lies above it.
    fn close_path(&mut self) {
        if let Some((attributes, data)) = self.open.take() {
            let _ = write!(self.body, "<path {attributes} d=\"{data}\"/>");
        }
    }

    fn add_path(&mut self, attributes: String, data: &str) {
        match &mut self.open {
            Some((known, grown)) if *known == attributes => grown.push_str(data),
            Some(_) | None => {
                self.close_path();
                self.open = Some((attributes, data.to_owned()));
            }
        }
    }

    /// Starts a link around what follows.
    pub fn open_link(&mut self, href: &str) {
        self.close_path();
        let _ = write!(self.body, "<a href=\"{}\">", escaped(href));
    }

    /// Ends the link.
    pub fn close_link(&mut self) {
        self.close_path();
        self.body.push_str("</a>");
    }
}

/// The plotters backend.
pub(super) struct Canvas {
    pub drawn: Rc<RefCell<Drawn>>,
    pub palette: Rc<Palette>,
    /// Width and height, dots.
    pub size: (u32, u32),
}

impl Canvas {
    fn paint(&self, colour: BackendColor) -> (u8, &Paint) {
        let number = colour.rgb.2;
        (number, self.palette.paint(number))
    }

    fn fill(&self, colour: BackendColor) -> String {
        let (number, paint) = self.paint(colour);
        match paint.texture {
            Texture::Hatched | Texture::HatchedFine | Texture::Dotted => {
                let mut drawn = self.drawn.borrow_mut();
                if !drawn.patterns.contains(&number) {
                    drawn.patterns.push(number);
                }
                format!("fill=\"url(#{NAME_MARK}{number})\"")
            }
            Texture::Flat | Texture::Dashed | Texture::Rimmed => format!("fill=\"{}\"", paint.colour),
        }
    }

    fn stroke<S: BackendStyle>(&self, style: &S) -> String {
        let (_, paint) = self.paint(style.color());
        let width = px(i32::try_from(style.stroke_width()).unwrap_or(DOTS_PER_PX));
        let dashes = match paint.texture {
            Texture::Dashed => " stroke-dasharray=\"4 3\"",
            Texture::Flat | Texture::Hatched | Texture::HatchedFine | Texture::Dotted | Texture::Rimmed => "",
        };
        format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"{dashes}", paint.colour)
    }
}

type Drawing = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawing {
        Ok(())
    }

    fn present(&mut self) -> Drawing {
        self.drawn.borrow_mut().close_path();
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawing {
        self.draw_rect((x, y), (x + 1, y + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawing {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawing {
        let attributes = if fill { self.fill(style.color()) } else { self.stroke(style) };
        let (width, height) = (right - left, bottom - top);
        if fill && (width == 0 || height == 0) {
            return Ok(());
        }
        let data = format!("M{}h{}v{}h{}z", pair(left, top), px(width), px(height), px(-width));
        self.drawn.borrow_mut().add_path(attributes, &data);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawing {
        let attributes = self.stroke(style);
        self.drawn.borrow_mut().add_path(attributes, &polyline(path));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawing {
        let attributes = self.fill(style.color());
        self.drawn.borrow_mut().add_path(attributes, &(polyline(path) + "z"));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, fill: bool) -> Drawing {
        let attributes = if fill { self.fill(style.color()) } else { self.stroke(style) };
        let radius = px(i32::try_from(radius).unwrap_or(0));
        let mut drawn = self.drawn.borrow_mut();
        drawn.close_path();
        let _ = write!(drawn.body, "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\" {attributes}/>", px(x), px(y));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawing {
        let (_, paint) = self.paint(style.color());
        let size = format!("{}", style.size());
        let size = if size == DEFAULT_TEXT_PX { String::new() } else { format!(" font-size=\"{size}\"") };
        let weight = match style.style() {
            FontStyle::Bold => " font-weight=\"600\"",
            FontStyle::Normal | FontStyle::Italic | FontStyle::Oblique => "",
        };
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let rim = match paint.texture {
            Texture::Rimmed => {
                format!(" stroke=\"{}\" stroke-width=\"3\" paint-order=\"stroke\"", self.palette.paper())
            }
            Texture::Flat | Texture::Hatched | Texture::HatchedFine | Texture::Dotted | Texture::Dashed => {
                String::new()
            }
        };
        let mut drawn = self.drawn.borrow_mut();
        drawn.close_path();
        let _ = write!(
            drawn.body,
            "<text x=\"{}\" y=\"{}\"{size}{weight}{anchor} fill=\"{}\"{rim}>{}</text>",
            px(x),
            px(y),
            paint.colour,
            escaped(&clean(text))
        );
        Ok(())
    }
}

/// Makes the document of what has been drawn.
///
/// Its patterns are named after its content, so that several pictures can stand in one page.
pub(super) fn document(
    drawn: &Drawn,
    palette: &Palette,
    (width, height): (i32, i32),
    kind: &str,
    label: &str,
) -> String {
    let name = format!("{kind}-{:08x}-", fingerprint(&drawn.body));
    let label = escaped(&clean(label));
    // An image's parts are not offered to a screen reader, so a picture with links in it is a group.
    let role = if drawn.body.contains("<a ") { "group" } else { "img" };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"{role}\" \
         aria-label=\"{label}\" font-family=\"'{FAMILY}',sans-serif\" font-size=\"{DEFAULT_TEXT_PX}\" \
         stroke-linejoin=\"round\"><title>{label}</title>",
        w = px(width),
        h = px(height),
    );
    if !drawn.patterns.is_empty() {
        svg.push_str("<defs>");
        for &number in &drawn.patterns {
            svg.push_str(&pattern(&name, number, palette));
        }
        svg.push_str("</defs>");
    }
    svg.push_str(&drawn.body.replace(NAME_MARK, &name));
    svg.push_str("</svg>");
    svg
}

/// The one helper that hatches: slanting lines or dots of an ink on paper.
fn pattern(name: &str, number: u8, palette: &Palette) -> String {
    let paper = palette.paper();
    let Paint { colour, texture } = palette.paint(number);
    let slanting = |width: &str| format!("<path d=\"M1 0v5\" stroke=\"{colour}\" stroke-width=\"{width}\"/>");
    let turned = " patternTransform=\"rotate(45)\"";
    let (side, turn, mark) = match texture {
        Texture::Dotted => (4, "", format!("<circle cx=\"2\" cy=\"2\" r=\"1.1\" fill=\"{colour}\"/>")),
        Texture::HatchedFine => (5, turned, slanting("1.1")),
        Texture::Hatched | Texture::Flat | Texture::Dashed | Texture::Rimmed => (5, turned, slanting("2")),
    };
    format!(
        "<pattern id=\"{name}{number}\" width=\"{side}\" height=\"{side}\" patternUnits=\"userSpaceOnUse\"{turn}>\
         <path d=\"M0 0h{side}v{side}H0z\" fill=\"{paper}\"/>{mark}</pattern>"
    )
}

/// FNV-1a, 32 bits: enough to tell the pictures of one page apart.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Writes dots as pixels, without a needless zero.
fn px(dots: i32) -> String {
    let sign = if dots < 0 { "-" } else { "" };
    let size = dots.unsigned_abs();
    let units = size / 4;
    match (units, size % 4) {
        (units, 0) => format!("{sign}{units}"),
        (0, quarters) => format!("{sign}{}", quarter(quarters)),
        (units, quarters) => format!("{sign}{units}{}", quarter(quarters)),
    }
}

const fn quarter(quarters: u32) -> &'static str {
    match quarters {
        1 => ".25",
        2 => ".5",
        3 => ".75",
        _ => "",
    }
}

fn pair(x: i32, y: i32) -> String {
    let (x, y) = (px(x), px(y));
    if y.starts_with('-') { format!("{x}{y}") } else { format!("{x} {y}") }
}

/// Writes points as a path, each relative to the last; points in the middle of a straight run are left out.
fn polyline(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut kept: Vec<BackendCoord> = Vec::new();
    for point in points {
        if kept.last() == Some(&point) {
            continue;
        }
        if let [.., before, last] = kept[..]
            && turns_nowhere(before, last, point)
        {
            kept.pop();
        }
        kept.push(point);
    }
    let mut out = String::new();
    let mut at: Option<BackendCoord> = None;
    for (x, y) in kept {
        match at {
            None => {
                let _ = write!(out, "M{}", pair(x, y));
            }
            Some((from_x, from_y)) => {
                let (dx, dy) = (x - from_x, y - from_y);
                let step = match (dx, dy) {
                    (dx, 0) => format!("h{}", px(dx)),
                    (0, dy) => format!("v{}", px(dy)),
                    (dx, dy) => format!("l{}", pair(dx, dy)),
                };
                out.push_str(&step);
            }
        }
        at = Some((x, y));
    }
    out
}

fn turns_nowhere(a: BackendCoord, b: BackendCoord, c: BackendCoord) -> bool {
    let cross = (b.0 - a.0) * (c.1 - b.1) - (b.1 - a.1) * (c.0 - b.0);
    let along = (b.0 - a.0) * (c.0 - b.0) + (b.1 - a.1) * (c.1 - b.1);
    cross == 0 && along > 0
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_written_as_pixels() {
        assert_eq!([px(0), px(4), px(-3), px(9), px(2)], ["0", "1", "-.75", "2.25", ".5"]);
    }

    #[test]
    fn a_straight_run_keeps_its_ends_only() {
        assert_eq!(polyline([(0, 0), (4, 0), (8, 0), (8, 4)]), "M0 0h2v1");
        assert_eq!(polyline([(0, 0), (4, 0), (0, 0)]), "M0 0h1h-1");
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escaped("<a b=\"c\">&"), "&lt;a b=&quot;c&quot;&gt;&amp;");
    }
}
