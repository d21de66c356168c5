//! Rounds: what became of each, and how many were missed.

use askama::Template;

use super::frame::Frame;
use super::lists::Choice;
use crate::web::texts::HouseholdsTexts;

/// Rounds of some days.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/rounds.html")]
pub struct Rounds {
    /// What every page shares.
    pub frame: Frame,
    /// The words of this room.
    pub h: &'static HouseholdsTexts,
    /// First and last day, `YYYY-MM-DD`.
    pub from: String,
    /// See `from`.
    pub to: String,
    /// Choices of place.
    pub places: Vec<Choice>,
    /// Choices of stream.
    pub streams: Vec<Choice>,
    /// Choices of fate.
    pub fates: Vec<Choice>,
    /// How many were missed, and how many ran unobserved, with their denominators.
    pub sums: Vec<String>,
    /// The rows.
    pub rows: Vec<RoundLine>,
    /// The filters as a query.
    pub query: String,
    /// The next page; empty when there is none.
    pub next: String,
}

/// A round.
#[derive(Clone, Debug)]
pub struct RoundLine {
    /// Anchor of the row.
    pub anchor: String,
    /// Service date.
    pub day: String,
    /// Place.
    pub place: String,
    /// The stream's name.
    pub stream: String,
    /// Its colour.
    pub colour: String,
    /// Its icon.
    pub icon: &'static str,
    /// Hours.
    pub hours: String,
    /// `s` counts, `u` ran unobserved, `n` missed.
    pub class: &'static str,
    /// What became of it.
    pub fate: &'static str,
    /// Why it could not be observed; who opened it.
    pub why: String,
    /// Accepted pickups in it.
    pub pickups: String,
}
