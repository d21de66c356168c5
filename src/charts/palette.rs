//! The inks: what a shape or a text means, and how that looks in a theme.
//!
//! # Why
//! Plotters knows colours as three bytes, yet a picture also needs hatching, dots, dashes, halos and colours that a page's
//! own theme decides. So plotters draws in *indexed* colours: a byte that numbers an entry of the [`Palette`], and the
//! canvas writes what the entry says. The rejected way, hatching by many clipped lines, made pictures ten times as large.

use plotters::style::RGBColor;

use super::look::{StreamLook, Theme};

/// What a shape or a text means; the palette says how that looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Paper,
    Text,
    Muted,
    /// Muted, on top of shapes.
    Note,
    Grid,
    Axis,
    Sorting,
    SortingTint,
    SortingText,
    SortingLine,
    SoFarLine,
    NotSorting,
    NotSortingTint,
    NotSortingText,
    Undetermined,
    UndeterminedText,
    OnSolid,
    Target,
    TargetText,
    Provisional,
    Device,
    Simulated,
    SimulatedText,
    /// A stream's colour, by its place in the context; `Texture` tells how the mass is known.
    Stream(usize, Texture),
    StreamGlyph,
    Sample(Texture),
}

/// How a surface is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texture {
    Flat,
    Hatched,
    /// Thin slanting lines, for large surfaces.
    HatchedFine,
    Dotted,
    /// A dashed line.
    Dashed,
    /// A text with a rim of paper, readable on top of lines.
    Rimmed,
}

/// One entry of the palette.
#[derive(Clone, Debug)]
pub(super) struct Paint {
    /// An SVG paint: `#RRGGBB`, or `var(--token,#RRGGBB)`.
    pub colour: String,
    pub texture: Texture,
}

/// The inks of one picture, by number.
#[derive(Clone, Debug)]
pub(super) struct Palette {
    entries: Vec<(Ink, Paint)>,
}

/// Token, light colour, dark colour. Data colours: Okabe and Ito; text on them at least WCAG AA.
const TOKENS: &[(&str, &str, &str)] = &[
    ("paper", "#FFFFFF", "#111827"),
    ("text", "#1F2937", "#F3F4F6"),
    ("muted", "#566070", "#AEB6C2"),
    ("grid", "#E5E7EB", "#273244"),
    ("axis", "#9CA3AF", "#6B7280"),
    ("sorting", "#0072B2", "#2B8FCB"),
    ("sorting-tint", "#DCEBF5", "#14324A"),
    ("sorting-text", "#005A8E", "#7CC4F0"),
    ("not-sorting", "#D55E00", "#E0701A"),
    ("not-sorting-tint", "#F9DFCC", "#5C3317"),
    ("not-sorting-text", "#A84400", "#F7A66B"),
    ("undetermined", "#8A93A1", "#8A93A1"),
    ("undetermined-text", "#4B5563", "#C3CAD4"),
    ("on-solid", "#FFFFFF", "#FFFFFF"),
    ("target", "#1F2937", "#F3F4F6"),
    ("device", "#5B7083", "#8DA2B5"),
    ("simulated", "#FBEFD0", "#4A3A10"),
    ("simulated-text", "#6B4A00", "#F5D27A"),
    ("glyph", "#111827", "#111827"),
];

/// Gives the style sheet with the custom properties that [`Theme::Page`] draws with: light ones on `:root`, dark ones where
/// the visitor's system asks for dark or an ancestor says `data-theme="dark"`.
pub fn page_tokens() -> String {
    let list = |dark: bool| -> String {
        TOKENS
            .iter()
            .map(|(token, light, night)| format!("--chart-{token}:{};", if dark { night } else { light }))
            .collect()
    };
    format!(
        ":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root:not([data-theme=\"light\"]){{{dark}}}}}\n\
         [data-theme=\"dark\"]{{{dark}}}\n",
        light = list(false),
        dark = list(true)
    )
}

const FIXED: &[(Ink, &str, Texture)] = &[
    (Ink::Paper, "paper", Texture::Flat),
    (Ink::Text, "text", Texture::Flat),
    (Ink::Muted, "muted", Texture::Flat),
    (Ink::Note, "muted", Texture::Rimmed),
    (Ink::Grid, "grid", Texture::Flat),
    (Ink::Axis, "axis", Texture::Flat),
    (Ink::Sorting, "sorting", Texture::Flat),
    (Ink::SortingTint, "sorting-tint", Texture::Flat),
    (Ink::SortingText, "sorting-text", Texture::Rimmed),
    (Ink::SortingLine, "sorting", Texture::Flat),
    (Ink::SoFarLine, "sorting", Texture::Dashed),
    (Ink::NotSorting, "not-sorting", Texture::Flat),
    (Ink::NotSortingTint, "not-sorting-tint", Texture::Flat),
    (Ink::NotSortingText, "not-sorting-text", Texture::Rimmed),
    (Ink::Undetermined, "undetermined", Texture::HatchedFine),
    (Ink::UndeterminedText, "undetermined-text", Texture::Rimmed),
    (Ink::OnSolid, "on-solid", Texture::Flat),
    (Ink::Target, "target", Texture::Dashed),
    (Ink::TargetText, "target", Texture::Rimmed),
    (Ink::Provisional, "axis", Texture::Hatched),
    (Ink::Device, "device", Texture::Flat),
    (Ink::Simulated, "simulated", Texture::Flat),
    (Ink::SimulatedText, "simulated-text", Texture::Flat),
    (Ink::StreamGlyph, "glyph", Texture::Flat),
    (Ink::Sample(Texture::Flat), "muted", Texture::Flat),
    (Ink::Sample(Texture::Hatched), "muted", Texture::Hatched),
    (Ink::Sample(Texture::Dotted), "muted", Texture::Dotted),
];

/// Streams with a colour of their own; a commune has three to six.
const STREAMS_MAX: usize = 60;

impl Palette {
    /// Mixes the inks of a theme and of the commune's streams.
    pub fn new(theme: Theme, streams: &[StreamLook]) -> Self {
        let mut entries: Vec<(Ink, Paint)> = FIXED
            .iter()
            .map(|&(ink, token, texture)| (ink, Paint { colour: colour_of(theme, token), texture }))
            .collect();
        for (index, stream) in streams.iter().take(STREAMS_MAX).enumerate() {
            for texture in [Texture::Flat, Texture::Hatched, Texture::Dotted] {
                let colour =
                    if is_hex_colour(&stream.colour) { stream.colour.clone() } else { colour_of(theme, "axis") };
                entries.push((Ink::Stream(index, texture), Paint { colour, texture }));
            }
        }
        Self { entries }
    }

    /// Gives the number of an ink, as the colour that plotters carries to the canvas.
    pub fn colour(&self, ink: Ink) -> RGBColor {
        let index = self.entries.iter().position(|(known, _)| *known == ink).unwrap_or(0);
        RGBColor(0, 0, u8::try_from(index).expect("a palette holds fewer than 256 inks"))
    }

    /// Gives the entry of a number.
    pub fn paint(&self, number: u8) -> &Paint {
        &self.entries[usize::from(number)].1
    }

    /// Gives the paper, which lies beneath hatching and around rimmed text.
    pub fn paper(&self) -> &str {
        &self.entries[0].1.colour
    }
}

fn colour_of(theme: Theme, token: &str) -> String {
    let (_, light, dark) =
        TOKENS.iter().find(|(known, _, _)| *known == token).expect("every ink names a token of the table");
    match theme {
        Theme::Light => (*light).to_owned(),
        Theme::Dark => (*dark).to_owned(),
        Theme::Page => format!("var(--chart-{token},{light})"),
    }
}

fn is_hex_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::StreamCode;

    #[test]
    fn a_stream_colour_that_is_not_a_colour_cannot_break_out_of_the_picture() {
        let stream = |colour: &str| StreamLook {
            code: StreamCode::new("food"),
            name: "Thực phẩm".into(),
            name_en: String::new(),
            colour: colour.into(),
            icon: "leaf".into(),
        };
        let palette = Palette::new(Theme::Light, &[stream("\"/><script>"), stream("#009E73")]);
        let paint = |index| palette.paint(palette.colour(Ink::Stream(index, Texture::Flat)).2).colour.clone();
        assert_eq!(paint(0), "#9CA3AF");
        assert_eq!(paint(1), "#009E73");
    }

    #[test]
    fn every_ink_has_a_token_and_the_first_is_paper() {
        for theme in [Theme::Light, Theme::Dark, Theme::Page] {
            let palette = Palette::new(theme, &[]);
            assert_eq!(palette.colour(Ink::Paper).2, 0);
        }
        assert!(page_tokens().contains("--chart-paper:#111827;"));
    }
}
