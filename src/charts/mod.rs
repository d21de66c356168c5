//! The pictures: the share by day, the hamlets, the mass collected, the completeness of the data, the course of a battery and of
//! a scale's zero, the headline's bar.
//!
//! Owns how figures look, the fonts, as SVG for pages and as PNG for everything else. Takes figures from `indicators` as they are and
//! counts nothing anew; touches no database and no network. The only module that draws with plotters.
//!
//! Every picture says its subject, definition, unit, period, completeness, rule version and cut-off; marks simulated data;
//! starts its axis at zero; leaves gaps open; and reads without colour (icons, words, hatching).
//!
//! # Why
//! One SVG serves the page (inline, with the page's own colours) and the PNG (rendered by resvg with the font that ships
//! with the program), so that the two cannot differ. Plotters' own bitmap text was rejected: uneven spacing, no smoothing.

mod area_bars;
mod axis;
mod canvas;
mod companions;
mod completeness_days;
mod course;
mod headline;
mod icons;
mod key;
pub mod look;
pub mod number;
mod palette;
mod raster;
mod share_bar;
mod share_periods;
mod share_trend;
mod sheet;
mod text;
mod tonnage_bars;
mod visiting_weeks;
mod words;

#[cfg(test)]
mod tests;

pub use area_bars::area_bars;
pub use companions::companions;
pub use completeness_days::completeness_days;
pub use course::{CourseDay, Measure, course};
pub use headline::headline;
pub use icons::{Strokes, stream_strokes};
pub use look::{Context, Form, Lang, Look, StreamLook, Theme};
pub use palette::page_tokens;
pub use raster::{NoPng, png};
pub use share_bar::share_bar;
pub use share_periods::share_periods;
pub use share_trend::share_trend;
pub use text::{FONTS, Weight, advance, clean};
pub use tonnage_bars::tonnage_bars;
pub use visiting_weeks::visiting_weeks;

/// A finished picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// A whole SVG document, which can also stand inline in a page: ids are its own, no style, no script.
    pub svg: String,
}
