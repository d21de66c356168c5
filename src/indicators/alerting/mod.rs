//! When an alert is raised and when it has ended: one rule a kind, each from figures alone.
//!
//! Owns the thresholds; the life of an alert is [`domain::alert`](crate::domain::alert), reading the figures is `alerts`'.
//! Every rule stands in the definitions, under the anchor `alert-` and its kind.

mod devices;
mod figures;
mod quarantine;
mod silence;

pub use devices::{battery, conflict, missing, refused, scale};
pub use figures::{CompletenessRule, ContaminationRule, Inspected, remixing};
pub use quarantine::{Dropped, dropping, full};
pub use silence::{Heard, SilenceRule};
