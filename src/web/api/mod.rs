//! The API: JSON as published in the OpenAPI document.
//!
//! Percentages are numbers with two decimals or null, masses whole grams, days `YYYY-MM-DD`, instants RFC 3339 with the
//! commune's offset.

mod alerts;
mod crew;
mod crew_reports;
mod equipment;
mod evidence;
mod field;
mod health;
mod households;
mod indicators;
mod operations;
mod photos;
mod reports;
mod shares;
mod visit_houses;
mod visit_list;
mod visiting;
mod visits;

pub use alerts::*;
pub use crew::*;
pub use crew_reports::*;
pub use equipment::*;
pub use evidence::*;
pub use field::NowOf;
pub use health::*;
pub use households::*;
pub use indicators::*;
pub use operations::*;
pub use photos::*;
pub use reports::*;
pub use shares::*;
pub use visit_list::*;
pub use visiting::*;
pub use visits::*;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::time::{Instant, Zone};

/// Rows of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowsOf<T> {
    /// The rows.
    pub rows: Vec<T>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageOf<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Pass it as `after` to get the next page; null at the end.
    pub next: Option<String>,
}

/// Writes an instant in RFC 3339 with the zone's offset, in whole milliseconds.
pub fn stamp(zone: &Zone, instant: Instant) -> String {
    zone.zoned(instant).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}
