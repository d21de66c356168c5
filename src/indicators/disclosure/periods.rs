//! What the public may know of a hamlet's indicators of a period.

use std::collections::BTreeSet;

use super::{Hidden, Part, StreamCode};
use crate::indicators::{Figure, Missing, Name, Value};

/// What is hidden of a hamlet on the days of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeriodParts {
    /// Hidden at the end of the period's last day.
    pub end: Hidden,
    /// Hidden on a day of it or more.
    pub ever: Hidden,
    /// Streams whose mass is hidden on a day of it or more.
    pub masses: BTreeSet<StreamCode>,
}

/// Leaves of a hamlet's indicators what the public may know.
pub fn public_figures(figures: Vec<Figure>, hidden: &PeriodParts) -> Vec<Figure> {
    figures
        .into_iter()
        .map(|figure| {
            // How masses are known (weighed, typed, estimated) is told of the commune alone: few are typed, and each is somebody's.
            let figure = Figure { masses: None, ..figure };
            if is_hidden(&figure, hidden) {
                Figure { value: Value::Missing(Missing::Hidden), part: 0, whole: 0, ..figure }
            } else {
                figure
            }
        })
        .collect()
}

fn is_hidden(figure: &Figure, hidden: &PeriodParts) -> bool {
    let any_mass = !hidden.masses.is_empty() || hidden.ever.hides(Part::Households);
    match figure.name {
        Name::Yield => {
            figure.stream.as_ref().is_none_or(|stream| hidden.masses.contains(stream))
                || hidden.ever.hides(Part::Practice)
        }
        // Masses of all streams in one figure: less the streams that are shown, one that is not would be left.
        Name::SeparateCollection => any_mass,
        Name::Collection => any_mass || hidden.ever.hides(Part::Persons),
        // Findings are few, and each is somebody's; so is what is known of no household.
        Name::Contamination | Name::Refusal | Name::AttributedWeight => true,
        Name::ServiceCoverage => hidden.end.hides(Part::Practice),
        Name::HomeTreatment => hidden.end.hides(Part::HomeTreated),
        // They count hand-overs, or events of them, of all streams.
        Name::TagReads | Name::Overload | Name::BelowMin | Name::Unstable | Name::LateEvents | Name::ClockDoubted => {
            any_mass
        }
        // Of the commune alone, or of rounds and devices, not of households.
        Name::Landfill
        | Name::StreamIntegrity
        | Name::MissedRounds
        | Name::DeviceHours
        | Name::KnownMissing
        | Name::PastVerification => false,
    }
}
