//! The share bar: S solid, U hatched up to the upper bound, N at the end, and the target as a mark.
//!
//! # Why
//! Drawn as SVG with its widths in attributes: the content security policy allows no inline style, and a pattern keeps
//! its scale when the bar stretches.

use crate::domain::units::Percent;
use crate::indicators::Shown;

/// A bar's segments, as SVG lengths in percent of its width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Width of S.
    pub sorting: String,
    /// Width of U.
    pub undetermined: String,
    /// Where N begins.
    pub not_sorting_at: String,
    /// Width of N.
    pub not_sorting: String,
    /// U and N are not told apart: what is not S is left pale.
    pub ground: bool,
    /// Where the target stands. `None`: no target, or 100 %, which is the bar's own end.
    pub target_at: Option<String>,
}

impl Bar {
    /// Measures the bar of some counts. `None` when there is nobody to count, or S is hidden.
    pub fn of(counts: &Shown, target: Option<Percent>) -> Option<Self> {
        let eligible = counts.eligible().filter(|eligible| *eligible > 0)?;
        let hundredths = |count: i64| count.max(0) * 10_000 / eligible;
        let sorting = hundredths(counts.sorting()?);
        let undetermined = counts.undetermined_total();
        let known_to = undetermined.map_or(10_000, |count| hundredths(counts.sorting().unwrap_or(0) + count));
        Some(Self {
            sorting: length(sorting),
            undetermined: length(if undetermined.is_some() { known_to - sorting } else { 0 }),
            not_sorting_at: length(known_to),
            not_sorting: length(10_000 - known_to),
            ground: undetermined.is_none(),
            target_at: target
                .map(|target| i64::from(target.hundredths()))
                .filter(|&hundredths| hundredths < 10_000)
                .map(length),
        })
    }
}

/// Gives a percentage's width.
pub fn width(percent: Percent) -> String {
    length(i64::from(percent.hundredths().min(10_000)))
}

fn length(hundredths: i64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::{Counts, Part};

    #[test]
    fn the_segments_fill_the_bar() {
        let counts =
            Counts { eligible: 3, sorting: 1, not_sorting: 1, undetermined: [1, 0, 0, 0, 0], ..Counts::default() };
        let bar = Bar::of(&Shown::all(counts), Some(Percent::from_hundredths(9_000))).expect("three households");
        assert_eq!((bar.sorting.as_str(), bar.undetermined.as_str()), ("33.33%", "33.33%"));
        assert_eq!((bar.not_sorting_at.as_str(), bar.not_sorting.as_str()), ("66.66%", "33.34%"));
        assert_eq!(bar.target_at.as_deref(), Some("90.00%"));
        assert_eq!(Bar::of(&Shown::default(), None), None);
        let hidden = Bar::of(&Shown::without(counts, [Part::States]), None).expect("S is shown");
        assert_eq!((hidden.sorting.as_str(), hidden.undetermined.as_str(), hidden.ground), ("33.33%", "0.00%", true));
    }
}
