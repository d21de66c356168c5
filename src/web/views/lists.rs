//! Pages of rows: tonnage.

use askama::Template;

use super::frame::Frame;
use super::overview::Figure;
use crate::web::views::filters;

/// A choice of a filter.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its value in the query.
    pub value: String,
    /// Its words.
    pub label: String,
    /// It is the one in force.
    pub chosen: bool,
}

/// Tonnage by week and stream.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/tonnage.html")]
pub struct TonnagePage {
    /// What every page shares.
    pub frame: Frame,
    /// Choices of hamlet.
    pub areas: Vec<Choice>,
    /// The chart; `None` without any pickup.
    pub figure: Option<Figure>,
    /// The rows.
    pub rows: Vec<TonnageLine>,
}

/// A week and a stream.
#[derive(Clone, Debug)]
pub struct TonnageLine {
    /// The week.
    pub period: String,
    /// The stream's name.
    pub stream: String,
    /// The stream's colour, `#RRGGBB`.
    pub colour: String,
    /// The stream's icon, a name of the sprite.
    pub icon: &'static str,
    /// Weighed, manual, estimated, total, of which household unknown, pickups.
    pub cells: [String; 6],
}
