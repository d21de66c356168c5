//! The score as a table for a terminal.

use super::{Attribution, Score};
use std::fmt::{Display, Formatter, Result};

fn figure(value: Option<f64>, unit: &str) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}{unit}"))
}

fn row(out: &mut Formatter<'_>, name: &str, of: &Attribution) -> Result {
    writeln!(
        out,
        "  {name:<28} {:>10} {:>10} {:>10} {:>10} {:>10}",
        figure(of.precision_percent, " %"),
        figure(of.recall_percent, " %"),
        figure(of.misplaced_percent, " %"),
        of.given,
        of.observable
    )
}

impl Display for Score {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let run = &self.run;
        writeln!(
            out,
            "Simulated: {} households, {} points, {} to {}, seed {}",
            run.households, run.points, run.from, run.to, run.seed
        )?;
        writeln!(out, "\nWhose bag                       precision     recall  misplaced      given observable")?;
        row(out, "service", &self.service)?;
        row(out, "nearest card in time", &self.nearest_card)?;
        row(out, "best in order (knows rates)", &self.best_in_order)?;
        let swapped = &self.swapped;
        writeln!(
            out,
            "  with another's card: {} hand-overs, {} given to the card's household, {} to who came",
            swapped.hand_overs, swapped.given_to_the_card, swapped.given_to_who_came
        )?;
        writeln!(out, "\nMass, kg           brought      shown  published      error  error of brought")?;
        for of in &self.tonnage {
            writeln!(
                out,
                "  {:<12} {:>11} {:>10} {:>10} {:>10} {:>17}",
                of.stream.code(),
                of.brought_g / 1_000,
                of.shown_g / 1_000,
                of.published_g / 1_000,
                figure(of.error_percent, " %"),
                figure(of.error_against_brought_percent, " %")
            )?;
        }
        let last = self.share.last();
        writeln!(
            out,
            "\nShare of {}: published {}, true {}, at most {}",
            last.map_or("-", |day| day.on.as_str()),
            figure(last.and_then(|day| day.share_percent), " %"),
            figure(last.and_then(|day| day.true_percent), " %"),
            figure(last.and_then(|day| day.upper_percent), " %")
        )?;
        writeln!(
            out,
            "  error {}, mean over {} days {}; the truth lies in the band on {} of them",
            figure(self.share_error_points, " points"),
            self.share.len(),
            figure(self.share_bias_points, " points"),
            figure(self.band_days_percent, " %")
        )?;
        let states = &self.states;
        writeln!(
            out,
            "  {} eligible: {} sorting ({} wrongly, {} of them stopped lately), {} not sorting ({} wrongly, {} changed since), \
             {} undetermined",
            states.eligible,
            states.sorting,
            states.wrongly_sorting,
            states.sorting_until_lately,
            states.not_sorting,
            states.wrongly_not_sorting,
            states.not_sorting_until_lately,
            states.undetermined
        )
    }
}
