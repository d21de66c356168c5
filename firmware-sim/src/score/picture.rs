//! The score as a picture: the published band over the days with the truth in it, and whose bags were found.

use super::{Attribution, Score};
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::{
    BLACK, Color, DrawingArea, DrawingAreaErrorKind, IntoDrawingArea, IntoFont, RGBColor, SVGBackend, ShapeStyle, WHITE,
};
use thiserror::Error;

const SIZE: (u32, u32) = (1_000, 460);
/// Okabe and Ito's blue, vermilion and green: told apart by everybody.
const BLUE: RGBColor = RGBColor(0, 114, 178);
const VERMILION: RGBColor = RGBColor(213, 94, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const GRID: RGBColor = RGBColor(229, 231, 235);

/// Why there is no picture.
#[derive(Debug, Error)]
#[error("cannot draw the score: {0}")]
pub struct PictureError(String);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Draws `score` as SVG.
///
/// # Errors
/// The drawing library fails.
pub fn svg(score: &Score) -> Result<String, PictureError> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw(&root, score).map_err(|cause| PictureError(cause.to_string()))?;
    }
    Ok(text)
}

fn draw(root: &Area<'_>, score: &Score) -> Drawn {
    root.fill(&WHITE)?;
    let title = format!(
        "SIMULATED: {} households, {} to {}, seed {}",
        score.run.households, score.run.from, score.run.to, score.run.seed
    );
    write(root, &title, (24, 14), 17)?;
    let (left, right) = root.split_horizontally(620);
    shares(&left, score)?;
    attribution(&right, score)?;
    root.present()
}

fn write(area: &Area<'_>, text: &str, at: (i32, i32), size: i32) -> Drawn {
    area.draw(&Text::new(text.to_owned(), at, ("sans-serif", size).into_font().color(&BLACK)))
}

fn line(points: Vec<(i32, i32)>, style: impl Into<ShapeStyle>) -> PathElement<(i32, i32)> {
    PathElement::new(points, style)
}

/// A whole pixel; a share lies between 0 and 100.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "a percentage on its way to a screen")]
fn height(percent: f64, pixels: i32) -> i32 {
    (percent.clamp(0.0, 100.0) * f64::from(pixels) / 100.0).round() as i32
}

fn shares(area: &Area<'_>, score: &Score) -> Drawn {
    const BOTTOM: i32 = 400;
    const HEIGHT: i32 = 310;
    let y = |percent: f64| BOTTOM - height(percent, HEIGHT);
    let count = i32::try_from(score.share.len()).unwrap_or(i32::MAX).max(2);
    let x = |index: usize| 70 + i32::try_from(index).unwrap_or(0) * 520 / (count - 1);
    write(area, "Households that sort, %: published band and truth", (24, 44), 15)?;
    for percent in [0, 25, 50, 75, 100] {
        let at = y(f64::from(percent));
        area.draw(&line(vec![(70, at), (590, at)], GRID))?;
        write(area, &percent.to_string(), (36, at - 7), 13)?;
    }
    let band = |value: fn(&super::ShareDay) -> Option<f64>| {
        let of = |(index, day)| Some((x(index), y(value(day)?)));
        score.share.iter().enumerate().filter_map(of).collect::<Vec<_>>()
    };
    let (low, high) = (band(|day| day.share_percent), band(|day| day.upper_percent));
    let around: Vec<(i32, i32)> = low.iter().copied().chain(high.iter().rev().copied()).collect();
    if around.len() > 2 {
        area.draw(&Polygon::new(around, BLUE.mix(0.15).filled()))?;
        area.draw(&line(low, BLUE.stroke_width(2)))?;
        area.draw(&line(high, BLUE.stroke_width(1)))?;
    }
    for (x, y) in band(|day| day.true_percent) {
        area.draw(&Circle::new((x, y), 3, VERMILION.filled()))?;
    }
    if let (Some(first), Some(last)) = (score.share.first(), score.share.last()) {
        write(area, &first.on, (60, BOTTOM + 8), 13)?;
        write(area, &last.on, (520, BOTTOM + 8), 13)?;
    }
    write(area, "blue: share and upper bound; dots: truth", (70, BOTTOM + 30), 13)
}

fn attribution(area: &Area<'_>, score: &Score) -> Drawn {
    write(area, "Whose bag, %: precision, then recall", (10, 44), 15)?;
    let rows: [(&str, &Attribution, RGBColor); 3] = [
        ("service", &score.service, BLUE),
        ("nearest card", &score.nearest_card, VERMILION),
        ("best in order", &score.best_in_order, GREEN),
    ];
    let mut top = 90;
    for (name, of, colour) in rows {
        write(area, name, (10, top), 14)?;
        for (nth, percent) in [of.precision_percent, of.recall_percent].into_iter().enumerate() {
            let at = top + 20 + 26 * i32::try_from(nth).unwrap_or(0);
            let length = percent.map_or(0, |percent| height(percent, 260));
            let style = if nth == 0 { colour.filled() } else { colour.mix(0.5).filled() };
            area.draw(&Rectangle::new([(10, at), (10 + length, at + 18)], style))?;
            let figure = percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent:.2}"));
            write(area, &figure, (18 + length, at + 2), 13)?;
        }
        top += 104;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Answers, DayAnswer, Truth, score};

    #[test]
    fn the_picture_carries_the_mark_the_band_and_the_truth() {
        let spec = crate::CommuneSpec::sized(30, jiff::civil::Date::constant(2026, 11, 23), 3, 1);
        let plan = crate::Plan { commune: crate::Commune::generate(&spec), faults: crate::Faults::none() };
        let truth = Truth::of(&std::sync::Arc::new(plan), i64::MAX);
        let day = |on: &str| DayAnswer {
            on: on.to_owned(),
            share_percent: Some(40.0),
            upper_percent: Some(90.0),
            states: vec![("TM-00001".to_owned(), "U".to_owned())],
        };
        let answers = Answers { days: vec![day("2026-11-21"), day("2026-11-22")], ..Answers::default() };
        let picture = svg(&score(&truth, &answers)).unwrap();
        assert!(picture.contains("SIMULATED: 30 households"));
        assert!(picture.contains("<polygon") && picture.matches("<circle").count() == 2);
    }
}
