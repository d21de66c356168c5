//! The API: JSON as published in the OpenAPI document.
//!
//! Percentages are numbers with two decimals or null, masses whole grams, days `YYYY-MM-DD`, instants RFC 3339 with the
//! commune's offset.

mod crew;
mod equipment;
mod health;
mod households;
mod operations;
mod photos;
mod reports;
mod shares;

pub use crew::*;
pub use equipment::*;
pub use health::*;
pub use households::*;
pub use operations::*;
pub use photos::*;
pub use reports::*;
pub use shares::*;

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
pub(super) fn stamp(zone: &Zone, instant: Instant) -> String {
    zone.zoned(instant).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}
