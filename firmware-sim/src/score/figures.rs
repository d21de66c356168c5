//! What a service answers, and what its score is made of.

use crate::calendar::Stream;
use crate::truth::TrueRun;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a service says.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// Pickups.
    pub pickups: Vec<PickupAnswer>,
    /// Finished days, in order.
    pub days: Vec<DayAnswer>,
    /// Weighed grams by stream.
    pub weighed_g: BTreeMap<String, i64>,
}

/// A pickup.
#[derive(Debug, Clone, Deserialize)]
pub struct PickupAnswer {
    /// Whose; `None`: unknown or ambiguous.
    pub household: Option<String>,
    /// Events behind it, `device~log~seq`.
    pub readings: Vec<String>,
}

/// A day's share and the states behind it.
#[derive(Debug, Clone, Default)]
pub struct DayAnswer {
    /// `YYYY-MM-DD`.
    pub on: String,
    /// Published, percent of E.
    pub share_percent: Option<f64>,
    /// Upper bound, percent of E.
    pub upper_percent: Option<f64>,
    /// Every eligible household's state: `S`, `N` or `U`.
    pub states: Vec<(String, String)>,
}

/// How well hand-overs found their household.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Attribution {
    /// Hand-overs given to some household.
    pub given: u64,
    /// Of those, to the right one.
    pub right: u64,
    /// Hand-overs whose card and weight arrived.
    pub observable: u64,
    /// Of those, given to their household.
    pub found: u64,
    /// right / given.
    pub precision_percent: Option<f64>,
    /// found / observable.
    pub recall_percent: Option<f64>,
    /// Hand-overs whose weight arrived.
    pub arrived: u64,
    /// Of those, given to a wrong household, or observable and given to nobody.
    pub misplaced: u64,
    /// misplaced / arrived.
    pub misplaced_percent: Option<f64>,
}

/// Hand-overs made with another's card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Swapped {
    /// How many.
    pub hand_overs: u64,
    /// Given to the card's household, as the service must.
    pub given_to_the_card: u64,
    /// Given to who really came.
    pub given_to_who_came: u64,
}

/// Mass of one stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StreamTonnage {
    /// Stream.
    pub stream: Stream,
    /// What people brought, grams.
    pub brought_g: i64,
    /// What the scales showed and did not lose, grams.
    pub shown_g: i64,
    /// What the service published as weighed, grams.
    pub published_g: i64,
    /// (published - shown) / shown.
    pub error_percent: Option<f64>,
    /// (published - brought) / brought: with devices silent, errors of scales and lost events.
    pub error_against_brought_percent: Option<f64>,
}

/// One day's share.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShareDay {
    /// `YYYY-MM-DD`.
    pub on: String,
    /// Eligible households that truly sort.
    pub true_percent: Option<f64>,
    /// As published.
    pub share_percent: Option<f64>,
    /// As published.
    pub upper_percent: Option<f64>,
    /// The truth lies between the two.
    pub in_band: bool,
}

/// States of the last day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct States {
    /// Eligible households.
    pub eligible: u64,
    /// Said to sort.
    pub sorting: u64,
    /// Said not to.
    pub not_sorting: u64,
    /// Undetermined.
    pub undetermined: u64,
    /// Sort, and are said not to, though nothing rightly spoke against them.
    pub wrongly_not_sorting: u64,
    /// Sort by now, and are still said not to: what speaks against them was true on its day.
    pub not_sorting_until_lately: u64,
    /// Do not sort, and are said to.
    pub wrongly_sorting: u64,
    /// Of those, stopped within the 28 days of the longest window.
    pub sorting_until_lately: u64,
    /// wrongly_not_sorting / eligible.
    pub wrongly_not_sorting_percent: Option<f64>,
    /// wrongly_sorting / eligible.
    pub wrongly_sorting_percent: Option<f64>,
}

/// The score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Always true.
    pub simulated: bool,
    /// What was simulated.
    pub run: TrueRun,
    /// The service.
    pub service: Attribution,
    /// The nearest card in time.
    pub nearest_card: Attribution,
    /// The best assigner that keeps order and knows the true rates.
    pub best_in_order: Attribution,
    /// Borrowed and exchanged cards, by the service.
    pub swapped: Swapped,
    /// By stream.
    pub tonnage: Vec<StreamTonnage>,
    /// By day.
    pub share: Vec<ShareDay>,
    /// Published less true share on the last day, points.
    pub share_error_points: Option<f64>,
    /// Mean of that over all days.
    pub share_bias_points: Option<f64>,
    /// Days on which the truth lies in the published band.
    pub band_days_percent: Option<f64>,
    /// States of the last day.
    pub states: States,
}
