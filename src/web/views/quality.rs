//! Data quality: how complete, where not, and why.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;
use super::overview::Figure;
use crate::web::texts::WatchTexts;
use crate::web::views::filters;

/// Data quality.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/quality.html")]
pub struct Quality {
    /// What every page shares.
    pub frame: Frame,
    /// Its own words.
    pub w: &'static WatchTexts,
    /// Choices of hamlet.
    pub areas: Vec<Choice>,
    /// The days of the figures.
    pub period: String,
    /// Completeness by day; `None` without devices.
    pub figure: Option<Figure>,
    /// Reasons why something is missing: name, meaning, how much, where to look.
    pub reasons: Vec<(&'static str, &'static str, String, String)>,
    /// The scales' verification, a sentence (empty without scales), and where to look.
    pub scales: (String, String),
    /// Hamlets, the commune first; empty when one is asked for.
    pub hamlets: Vec<QualityLine>,
    /// Points, the least complete first.
    pub points: Vec<QualityLine>,
    /// Devices with missing events: name, page, place, count.
    pub gaps: Vec<(String, String, String, String)>,
    /// How many devices more (empty when none), and where to look.
    pub more: (String, String),
    /// Messages that were not taken, by code: code and count.
    pub totals: Vec<(String, String)>,
    /// The quarantine; empty where the reader may not open it.
    pub quarantine: &'static str,
    /// The tables as a file.
    pub csv: String,
}

/// A hamlet or point with its figures.
#[derive(Clone, Debug)]
pub struct QualityLine {
    /// Its name.
    pub name: String,
    /// Its page; empty: none.
    pub href: String,
    /// Completeness; hours working of scheduled; events missing; late; doubted times; not settled; overload; without a tag.
    pub cells: [String; 8],
    /// Width of the completeness, an SVG length; empty: nothing was scheduled.
    pub width: String,
}
