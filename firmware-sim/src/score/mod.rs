//! A service's answers against the truth: whose bag, how much, who sorts.
//!
//! Owns the sums; the answers come over HTTP ([`fetch`]) or from a test. Beside the service stand two
//! others who were given the same events: the nearest card in time, and the best assigner that keeps the
//! order of cards and loads and knows the true rates ([`rivals`]).
//!
//! # Why
//! Swapped and borrowed cards are scored apart: no service can see them, and counted with the rest they
//! would hide what a service can do.
//!
//! A household that began to sort yesterday is still said not to, until the rule's two rounds have gone by: what spoke
//! against it was true on its day. That is the rule's own slowness and no wrong judgement, so such households are counted
//! apart ([`States::not_sorting_until_lately`]); the band is held against what people really do, slowness included.
//!
//! The true share of a day is taken over the households the service counts as eligible that day, so that the
//! error is one of judgement and not of the denominator.

#[cfg(feature = "measure")]
pub mod fetch;
mod figures;
mod in_order;
#[cfg(feature = "measure")]
pub mod picture;
pub mod rivals;
pub mod table;
#[cfg(test)]
mod tests;

pub use figures::{Answers, Attribution, DayAnswer, PickupAnswer, Score, ShareDay, States, StreamTonnage, Swapped};

use crate::calendar::{Day, Stream, shift};
use crate::plan::Plan;
use crate::scenario::Expect;
use crate::truth::{Mishap, TrueHandOver, TrueRead, TrueRun, TruthLine};
use std::collections::HashMap;
use std::sync::Arc;
use thiserror::Error;

/// Why a truth file cannot be used.
#[derive(Debug, Error)]
pub enum TruthError {
    /// It cannot be read.
    #[error("cannot read the truth: {0}")]
    Read(#[from] std::io::Error),
    /// A line is none of the truth's.
    #[error("line {line} of the truth is not valid: {cause}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong.
        cause: serde_json::Error,
    },
    /// The first line does not say what was simulated.
    #[error("the truth does not begin with a line of kind `run`; write it with `firmware-sim run --truth`")]
    NoRun,
}

/// What really happened, ready to be compared.
#[derive(Debug, Clone)]
pub struct Truth {
    /// What was simulated.
    pub run: TrueRun,
    /// By household: from which day on it sorts, or not; days as `YYYY-MM-DD`.
    pub habits: HashMap<String, Vec<(String, bool)>>,
    /// By household: the days on which somebody spoke against it, as `YYYY-MM-DD`.
    pub accused: HashMap<String, Vec<String>>,
    /// Every hand-over.
    pub hand_overs: Vec<TrueHandOver>,
    /// Every read that is not lost.
    pub reads: Vec<TrueRead>,
}

impl Truth {
    /// Reads a truth file; what happened after `until_ms` (milliseconds since 1970 UTC) is left out.
    ///
    /// # Errors
    /// The file cannot be read, or is none.
    pub fn read(file: impl std::io::BufRead, until_ms: i64) -> Result<Self, TruthError> {
        let mut lines = Vec::new();
        for (index, line) in file.lines().enumerate() {
            let parsed = serde_json::from_str(&line?);
            lines.push(parsed.map_err(|cause| TruthError::Line { line: index + 1, cause })?);
        }
        Self::of_lines(lines, until_ms).ok_or(TruthError::NoRun)
    }

    /// The truth of `plan` up to `until_ms`.
    #[must_use]
    pub fn of(plan: &Arc<Plan>, until_ms: i64) -> Self {
        Self::of_lines(crate::truth::lines(plan), until_ms).expect("the truth begins with its run")
    }

    fn of_lines(lines: impl IntoIterator<Item = TruthLine>, until_ms: i64) -> Option<Self> {
        let mut run = None;
        let (mut habits, mut hand_overs, mut reads) = (HashMap::<String, Vec<_>>::new(), Vec::new(), Vec::new());
        let mut accused = HashMap::<String, Vec<String>>::new();
        for line in lines {
            match line {
                TruthLine::Run(of) => run = Some(of),
                TruthLine::Habit(habit) => {
                    habits.entry(habit.household).or_default().push((habit.from, habit.sorts));
                }
                TruthLine::HandOver(hand_over) if hand_over.at_ms < until_ms => hand_overs.push(hand_over),
                TruthLine::Read(read) if read.at_ms < until_ms => reads.push(read),
                TruthLine::CrewSaw(saw) if saw.finding != "clean" => {
                    accused.entry(saw.household).or_default().push(Day::at(saw.at_ms).date().to_string());
                }
                TruthLine::Visited(visit) if !visit.found_sorting => {
                    accused.entry(visit.household).or_default().push(visit.on);
                }
                TruthLine::CrewWrote(write) => {
                    if let Some(household) = write.accuses() {
                        accused.entry(household.to_owned()).or_default().push(Day::at(write.at_ms).date().to_string());
                    }
                }
                TruthLine::HandOver(_) | TruthLine::Read(_) | TruthLine::CrewSaw(_) | TruthLine::Visited(_) => {}
            }
        }
        Some(Self { run: run?, habits, accused, hand_overs, reads })
    }

    /// Whether `household` sorts at the end of `day`.
    #[must_use]
    pub fn sorts(&self, household: &str, day: &str) -> bool {
        let course = self.habits.get(household).map(Vec::as_slice).unwrap_or_default();
        course.iter().rev().find(|(from, _)| from.as_str() <= day).is_some_and(|(_, sorts)| *sorts)
    }

    /// The day on which `household` began to do what it does on `day`. `None`: it has never done otherwise.
    fn since(&self, household: &str, day: &str) -> Option<&str> {
        let course = self.habits.get(household).map(Vec::as_slice).unwrap_or_default();
        let at = course.iter().rposition(|(from, _)| from.as_str() <= day)?;
        (0..=at)
            .rev()
            .find(|&place| place > 0 && course[place - 1].1 != course[at].1)
            .map(|place| course[place].0.as_str())
    }

    /// Whether all that was said against `household` up to `day` was true when it was said, and something was.
    fn was_rightly_accused(&self, household: &str, day: &str) -> bool {
        let said = self.accused.get(household).map(Vec::as_slice).unwrap_or_default();
        let mut said = said.iter().filter(|said| said.as_str() <= day).peekable();
        said.peek().is_some() && said.all(|said| !self.sorts(household, said))
    }
}

/// The longest window of the published rule, days.
const WINDOW_DAYS: i64 = 28;

/// Compares.
#[must_use]
pub fn score(truth: &Truth, answers: &Answers) -> Score {
    let mut by_event: HashMap<&str, Option<&str>> = HashMap::new();
    for pickup in &answers.pickups {
        for reading in &pickup.readings {
            by_event.insert(reading, pickup.household.as_deref());
        }
    }
    let given: Vec<Option<&str>> =
        truth.hand_overs.iter().map(|of| by_event.get(weight_event(of)?.as_str()).copied().flatten()).collect();
    let share = shares(truth, &answers.days);
    let errors: Vec<f64> = share.iter().filter_map(|day| Some(day.share_percent? - day.true_percent?)).collect();
    let in_band = share.iter().filter(|day| day.in_band).count();
    Score {
        simulated: true,
        run: truth.run.clone(),
        service: attribution(truth, &given),
        nearest_card: attribution(truth, &rivals::nearest_card(truth)),
        best_in_order: attribution(truth, &rivals::best_in_order(truth)),
        swapped: swapped(truth, &given),
        tonnage: Stream::ALL.iter().map(|&stream| tonnage(truth, answers, stream)).collect(),
        share_error_points: errors.last().copied(),
        share_bias_points: mean(&errors),
        band_days_percent: percent(count(in_band), count(share.len())),
        states: answers.days.last().map(|day| states(truth, day)).unwrap_or_default(),
        share,
    }
}

/// The event of a hand-over's weight, as a service names it. `None`: there is none that can arrive.
pub(crate) fn weight_event(of: &TrueHandOver) -> Option<String> {
    let seq = of.weight_seq.filter(|_| !of.mishaps.contains(&Mishap::WeightLost))?;
    Some(format!("{}~{}~{seq}", of.device, of.log))
}

fn is_swapped(of: &TrueHandOver) -> bool {
    of.mishaps.iter().any(|mishap| matches!(mishap, Mishap::NeighbourCard | Mishap::SwappedCard))
}

/// `given[n]` is whom hand-over n was given to.
fn attribution(truth: &Truth, given: &[Option<&str>]) -> Attribution {
    let mut sum = Attribution::default();
    for (of, given) in truth.hand_overs.iter().zip(given) {
        if weight_event(of).is_none() || is_swapped(of) {
            continue;
        }
        let right = *given == Some(of.household.as_str());
        sum.given += u64::from(given.is_some());
        sum.right += u64::from(right);
        let read = of.tag_seq.is_some() && !of.mishaps.contains(&Mishap::ReadLost);
        sum.observable += u64::from(read);
        sum.found += u64::from(read && right);
        sum.arrived += 1;
        sum.misplaced += u64::from(!right && (read || given.is_some()));
    }
    sum.misplaced_percent = percent(sum.misplaced, sum.arrived);
    sum.precision_percent = percent(sum.right, sum.given);
    sum.recall_percent = percent(sum.found, sum.observable);
    sum
}

fn swapped(truth: &Truth, given: &[Option<&str>]) -> Swapped {
    let held: HashMap<(&str, &str, u64), &str> = truth
        .reads
        .iter()
        .filter_map(|read| Some(((read.device.as_str(), read.log.as_str(), read.seq), read.card_of.as_deref()?)))
        .collect();
    let mut sum = Swapped::default();
    for (of, given) in truth.hand_overs.iter().zip(given) {
        if weight_event(of).is_none() || !is_swapped(of) {
            continue;
        }
        let holder = of.tag_seq.and_then(|seq| held.get(&(of.tag_device.as_str(), of.tag_log.as_str(), seq)));
        sum.hand_overs += 1;
        sum.given_to_the_card += u64::from(given.is_some() && *given == holder.copied());
        sum.given_to_who_came += u64::from(*given == Some(of.household.as_str()));
    }
    sum
}

fn tonnage(truth: &Truth, answers: &Answers, stream: Stream) -> StreamTonnage {
    let of_stream = || truth.hand_overs.iter().filter(|of| of.stream == stream);
    let brought_g = of_stream().map(|of| of.mass_g).sum();
    let shown_g = of_stream().filter(|of| weight_event(of).is_some()).map(|of| of.net_g).sum();
    let published_g = answers.weighed_g.get(stream.code()).copied().unwrap_or(0);
    StreamTonnage {
        stream,
        brought_g,
        shown_g,
        published_g,
        error_percent: ratio_percent(published_g - shown_g, shown_g),
        error_against_brought_percent: ratio_percent(published_g - brought_g, brought_g),
    }
}

fn shares(truth: &Truth, days: &[DayAnswer]) -> Vec<ShareDay> {
    let of_day = |day: &DayAnswer| {
        let sorts = day.states.iter().filter(|(household, _)| truth.sorts(household, &day.on)).count();
        let true_percent = percent(count(sorts), count(day.states.len()));
        let in_band = match (true_percent, day.share_percent, day.upper_percent) {
            // Published to two decimals, the share cut and the bound raised.
            (Some(truth), Some(share), Some(upper)) => share <= truth && truth <= upper,
            (None, ..) | (_, None, _) | (.., None) => false,
        };
        ShareDay {
            on: day.on.clone(),
            true_percent,
            share_percent: day.share_percent,
            upper_percent: day.upper_percent,
            in_band,
        }
    };
    days.iter().map(of_day).collect()
}

fn states(truth: &Truth, day: &DayAnswer) -> States {
    let mut sum = States::default();
    let window_start = day.on.parse().map(|on| shift(on, -WINDOW_DAYS).to_string()).unwrap_or_default();
    for (household, state) in &day.states {
        let sorts = truth.sorts(household, &day.on);
        sum.eligible += 1;
        match state.as_str() {
            "S" => {
                sum.sorting += 1;
                sum.wrongly_sorting += u64::from(!sorts);
                let lately = truth.since(household, &day.on).is_some_and(|since| since > window_start.as_str());
                sum.sorting_until_lately += u64::from(!sorts && lately);
            }
            "N" => {
                sum.not_sorting += 1;
                let was_true = sorts && truth.was_rightly_accused(household, &day.on);
                sum.not_sorting_until_lately += u64::from(was_true);
                sum.wrongly_not_sorting += u64::from(sorts && !was_true);
            }
            _ => sum.undetermined += 1,
        }
    }
    sum.wrongly_not_sorting_percent = percent(sum.wrongly_not_sorting, sum.eligible);
    sum.wrongly_sorting_percent = percent(sum.wrongly_sorting, sum.eligible);
    sum
}

impl Score {
    /// What falls short of `expect`, in words; empty: nothing.
    #[must_use]
    pub fn shortfalls(&self, expect: &Expect) -> Vec<String> {
        let mut words = Vec::new();
        let mut hold = |name: &str, value: Option<f64>, least: Option<f64>, most: Option<f64>| {
            let (least, most) = (least.unwrap_or(f64::MIN), most.unwrap_or(f64::MAX));
            let asked = least > f64::MIN || most < f64::MAX;
            let value = value.unwrap_or(f64::NAN);
            if asked && !(least..=most).contains(&value) {
                let bound = if value < least { format!("below {least}") } else { format!("not within {most}") };
                words.push(format!("{name} is {value:.2}, {bound}"));
            }
        };
        let worst = self.tonnage.iter().filter_map(|of| of.error_percent).map(f64::abs).fold(0.0, f64::max);
        let last = self.share.last().and_then(|day| day.share_percent);
        let wrong_s = self.states.wrongly_sorting_percent;
        let wrong_n = self.states.wrongly_not_sorting_percent;
        hold("precision", self.service.precision_percent, expect.precision_percent_at_least, None);
        hold("recall", self.service.recall_percent, expect.recall_percent_at_least, None);
        hold("tonnage error", Some(worst), None, expect.tonnage_error_percent_at_most);
        hold("share error", self.share_error_points.map(f64::abs), None, expect.share_error_points_at_most);
        let (least, most) = (expect.band_days_percent_at_least, expect.band_days_percent_at_most);
        hold("days in the band", self.band_days_percent, least, most);
        let (least, most) = (expect.wrongly_not_sorting_percent_at_least, expect.wrongly_not_sorting_percent_at_most);
        hold("wrongly not sorting", wrong_n, least, most);
        let (least, most) = (expect.wrongly_sorting_percent_at_least, expect.wrongly_sorting_percent_at_most);
        hold("wrongly sorting", wrong_s, least, most);
        hold("share", last, expect.share_percent_at_least, expect.share_percent_at_most);
        let nearest = self.nearest_card.precision_percent.filter(|_| expect.better_than_nearest_card);
        hold("precision against the nearest card", self.service.precision_percent, nearest, None);
        let least = self.best_in_order.precision_percent.zip(expect.error_times_best_at_most);
        let least = least.map(|(best, times)| 100.0 - (100.0 - best) * times);
        hold("precision against the best in order", self.service.precision_percent, least, None);
        let most = self.best_in_order.misplaced_percent.zip(expect.misplaced_times_best_at_most);
        let most = most.map(|(best, times)| best * times);
        hold("misplaced, against the best in order,", self.service.misplaced_percent, None, most);
        words
    }
}

fn count(len: usize) -> u64 {
    crate::commune::key(len)
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    ratio_percent(i64::try_from(part).ok()?, i64::try_from(whole).ok()?)
}

/// part / whole in percent; `None`: there is no whole.
#[expect(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "a ratio for a reader; counts and grams are far below 2^53"
)]
fn ratio_percent(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| part as f64 * 100.0 / whole as f64)
}

fn mean(values: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().sum();
    u32::try_from(values.len()).ok().filter(|&len| len > 0).map(|len| sum / f64::from(len))
}
