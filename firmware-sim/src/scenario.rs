//! A scenario file: a commune, what its people do, what goes wrong, and what a service's figures must come to.
//!
//! ```toml
//! about = "Everybody separates and nothing goes wrong."
//! households = 150
//! points = 2
//! days = 30
//! seed = 7
//!
//! [habits]
//! separates_all = 1
//!
//! [faults]
//! base = "none"          # or "moderate", "all_at_once"
//! missed_card = 200
//!
//! [crews]                # crews with phones; left out: none
//! looks_inside = 2000
//!
//! [expect]
//! precision_percent_at_least = 99.0
//! ```

use crate::commune::{Commune, CommuneSpec};
use crate::crew::Crews;
use crate::fault::Faults;
use crate::fieldwork::FieldworkRates;
use crate::habits::HabitMix;
use crate::plan::Plan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a scenario cannot be used.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read scenario `{}`: {cause}", path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// It is no scenario.
    #[error("scenario is not valid: {0}")]
    Parse(#[from] toml::de::Error),
    /// The faults build on something unknown.
    #[error("unknown base `{0}` of the faults; bases are none, moderate, all_at_once")]
    Base(String),
}

/// A scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is for, one sentence.
    pub about: String,
    /// Households in the register.
    pub households: u32,
    /// Collection points; in proportion to the households, if not given.
    pub points: Option<u32>,
    /// Days of history.
    pub days: u32,
    /// The same seed gives the same events.
    pub seed: u64,
    /// Last day of the history; the caller's, if not given.
    pub today: Option<Date>,
    /// Length of a round, minutes; 180, if not given.
    pub round_minutes: Option<u32>,
    /// What people do.
    #[serde(default)]
    pub habits: HabitMix,
    #[serde(default)]
    faults: toml::Table,
    /// What visitors and crews get wrong.
    #[serde(default)]
    pub fieldwork: FieldworkRates,
    /// What crews write. `None`: they have no phones.
    pub crews: Option<Crews>,
    /// What the figures must come to.
    #[serde(default)]
    pub expect: Expect,
}

/// Bounds of a [`crate::score::Score`]; what is not given is not asked. Percentages are of the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Of the pickups given to a household, those given to the right one.
    pub precision_percent_at_least: Option<f64>,
    /// Of the hand-overs whose card and weight arrived, those given to their household.
    pub recall_percent_at_least: Option<f64>,
    /// Published mass against the mass shown by the scales and not lost, of every stream.
    pub tonnage_error_percent_at_most: Option<f64>,
    /// Published share less true share, points, on the last day.
    pub share_error_points_at_most: Option<f64>,
    /// Days on which the truth lies between the share and its upper bound.
    pub band_days_percent_at_least: Option<f64>,
    /// Days on which it does: what a scenario made to break the band must show at most.
    pub band_days_percent_at_most: Option<f64>,
    /// Households that sort and are said not to, though nothing rightly spoke against them: what a scenario must show at
    /// least.
    pub wrongly_not_sorting_percent_at_least: Option<f64>,
    /// Households that sort and are said not to, though nothing rightly spoke against them.
    pub wrongly_not_sorting_percent_at_most: Option<f64>,
    /// Households that do not sort and are said to.
    pub wrongly_sorting_percent_at_most: Option<f64>,
    /// Households that do not sort and are said to: what the scenario must show at least.
    pub wrongly_sorting_percent_at_least: Option<f64>,
    /// Published share on the last day.
    pub share_percent_at_least: Option<f64>,
    /// Published share on the last day.
    pub share_percent_at_most: Option<f64>,
    /// Hand-overs given to a wrong household, against those of the best assigner that keeps order and knows the true rates,
    /// as shares of the given.
    pub error_times_best_at_most: Option<f64>,
    /// The same of the misplaced: given to a wrong household, or observable and given to nobody.
    pub misplaced_times_best_at_most: Option<f64>,
    /// The precision is at least the nearest-card baseline's.
    pub better_than_nearest_card: bool,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// The file cannot be read or is no scenario.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let text =
            std::fs::read_to_string(path).map_err(|cause| ScenarioError::Read { path: path.to_owned(), cause })?;
        Self::parse(&text)
    }

    /// Parses a scenario.
    ///
    /// # Errors
    /// The text is no scenario.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)?;
        scenario.faults()?;
        Ok(scenario)
    }

    /// Its faults: the base's, with what the file says otherwise.
    ///
    /// # Errors
    /// An unknown base or fault.
    pub fn faults(&self) -> Result<Faults, ScenarioError> {
        let mut own = self.faults.clone();
        let base = match own.remove("base") {
            None => Faults::none(),
            Some(toml::Value::String(base)) if base == "none" => Faults::none(),
            Some(toml::Value::String(base)) if base == "moderate" => Faults::moderate(),
            Some(toml::Value::String(base)) if base == "all_at_once" => Faults::all_at_once(),
            Some(other) => return Err(ScenarioError::Base(other.to_string())),
        };
        let mut all = toml::Table::try_from(&base).expect("numbers always have a TOML form");
        all.extend(own);
        Ok(toml::Value::Table(all).try_into()?)
    }

    /// The commune to invent; `today` stands in where the file names no day.
    #[must_use]
    pub fn spec(&self, today: Date) -> CommuneSpec {
        let mut spec = CommuneSpec::sized(self.households, self.today.unwrap_or(today), self.days, self.seed);
        if let Some(points) = self.points {
            spec.points = points;
            spec.areas = spec.areas.max(points.min(4));
        }
        if let Some(minutes) = self.round_minutes {
            spec.round_minutes = minutes;
        }
        spec.habits = self.habits.clone();
        spec.fieldwork = self.fieldwork;
        spec
    }

    /// The plan of a run.
    ///
    /// # Errors
    /// As [`Scenario::faults`].
    pub fn plan(&self, today: Date) -> Result<Plan, ScenarioError> {
        Ok(Plan { commune: Commune::generate(&self.spec(today)), faults: self.faults()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        about = "a test"
        households = 90
        days = 5
        seed = 1
        round_minutes = 60
        [habits]
        mixes = 1
        separates_all = 0
        [faults]
        base = "moderate"
        duplicate = 7
        [crews]
        offline = 9
        [expect]
        share_percent_at_most = 1.5
    "#;

    #[test]
    fn a_file_overrides_its_base() {
        let scenario = Scenario::parse(TEXT).unwrap();
        let wanted = Faults { duplicate: 7, ..Faults::moderate() };
        assert_eq!(scenario.faults().unwrap(), wanted);
        assert_eq!(scenario.crews, Some(Crews { offline: 9, ..Crews::default() }));
        let spec = scenario.spec(Date::constant(2026, 11, 23));
        assert_eq!((spec.households, spec.round_minutes, spec.habits.mixes), (90, 60, 1));
    }

    /// Mean time between one household's visit and the next, milliseconds, while a station is at work.
    fn spacing_ms(name: &str) -> i64 {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios").join(name);
        let plan = Scenario::read(&path).unwrap().plan(Date::constant(2026, 11, 20)).unwrap();
        let (mut gaps, mut sum_ms) = (0, 0);
        let mut walk = crate::Walk::new(std::sync::Arc::new(plan));
        for _ in 0..14 {
            let truth = walk.next_day().truth;
            for pair in truth.windows(2).filter(|pair| pair[0].household != pair[1].household) {
                let gap_ms = pair[1].at_ms - pair[0].at_ms;
                if pair[0].point == pair[1].point && (0..1_200_000).contains(&gap_ms) {
                    gaps += 1;
                    sum_ms += gap_ms;
                }
            }
        }
        sum_ms / gaps
    }

    #[test]
    fn stations_are_as_busy_as_the_scenarios_say() {
        let (faults, busiest) = (spacing_ms("all_faults.toml"), spacing_ms("busiest_rate.toml"));
        assert!((50_000..=62_000).contains(&faults), "{faults}");
        assert!((20_000..=35_000).contains(&busiest), "{busiest}");
    }

    #[test]
    fn the_best_in_order_misplaces_few_at_the_busiest_rate() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios/busiest_rate.toml");
        let plan = Scenario::read(&path).unwrap().plan(Date::constant(2026, 11, 20)).unwrap();
        let truth = crate::score::Truth::of(&std::sync::Arc::new(plan), i64::MAX);
        let score = crate::score::score(&truth, &crate::score::Answers::default());
        let misplaced = score.best_in_order.misplaced_percent.unwrap();
        assert!(misplaced < 0.15, "{misplaced} %");
    }

    #[test]
    fn every_scenario_of_the_repository_is_one() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
        let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 10);
        for file in files {
            let scenario = Scenario::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert_ne!(scenario.expect, Expect::default(), "{}", file.display());
        }
    }

    #[test]
    fn what_it_does_not_know_it_names() {
        let with = |from: &str, to: &str| Scenario::parse(&TEXT.replace(from, to)).unwrap_err().to_string();
        assert!(with("duplicate", "dublicate").contains("dublicate"));
        assert!(with("moderate", "mild").contains("bases are none, moderate, all_at_once"));
        assert!(with("offline", "offlline").contains("offlline"));
        assert!(with("share_percent_at_most", "share").contains("share"));
    }
}
