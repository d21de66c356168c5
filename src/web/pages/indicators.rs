//! The indicators beside the share, and the re-mixing alarm for officers.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Html;

use super::shares::{csv_address, filter, period_name};
use super::{frame, shown};
use crate::indicators::{Figure, Masses, Name, Step, Value, Verdict};
use crate::web::api::{PeriodAsk, asked, no_point};
use crate::web::ask::Ask;
use crate::web::drawing::stream_name;
use crate::web::figures::{self, PeriodFigures};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::table::May;
use crate::web::texts::Texts;
use crate::web::views::figures::{AlarmBox, IndicatorLine, Indicators};

/// Earlier periods beside the latest.
const EARLIER: usize = 6;

/// Shows the indicators of the latest period, with the earlier ones.
pub async fn indicators(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(query): Ask<PeriodAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let f = &t.figures;
    frame.title = f.indicators_title.to_owned();
    let asked = asked(&site, &who, &query, Step::Month).await?;
    let area = no_point(&asked)?;
    let mut periods = figures::indicators(&site, &who, area, (asked.from, asked.to), asked.step).await?;
    let latest = periods.pop();
    let earlier: Vec<&PeriodFigures> = periods.iter().rev().take(EARLIER).collect();
    let named = |period: &PeriodFigures| period_name(period.from, period.to, asked.step, lang);
    let value_in = |period: &PeriodFigures, wanted: &Figure| {
        let figure = period.figures.iter().find(|of| of.name == wanted.name && of.stream == wanted.stream);
        figure.map(|figure| value(figure, lang, t)).filter(|text| !text.is_empty()).unwrap_or_else(|| "–".to_owned())
    };
    let figures_of = |period: &PeriodFigures| -> Vec<Figure> { period.figures.clone() };
    let latest_figures = latest.as_ref().map(figures_of).unwrap_or_default();
    let history = if earlier.is_empty() { Vec::new() } else { latest_figures.clone() };
    let view = Indicators {
        whose: read::whose_name(&site, &asked.whose),
        filter: filter(&site, &asked, f),
        period: latest.as_ref().map(|period| span(period, asked.step, lang)).unwrap_or_default(),
        complete: latest.as_ref().map_or_else(String::new, |period| {
            let percent = period.completeness.percent();
            percent.map_or_else(|| f.complete_none.to_owned(), |percent| (f.complete)(&lang.percent(percent)))
        }),
        groups: groups(&site, &latest_figures, lang, t),
        earlier: earlier.iter().map(|period| named(period)).collect(),
        history: history
            .iter()
            .map(|figure| {
                (name(&site, figure, lang, t), earlier.iter().map(|period| value_in(period, figure)).collect())
            })
            .collect(),
        csv: csv_address("/indicators.csv", &asked),
        alarm: if who.may(May::Tickets) { alarm(&site, lang, t).await? } else { None },
        f,
        frame,
    };
    shown(&view)
}

fn span(period: &PeriodFigures, step: Step, lang: Lang) -> String {
    let name = period_name(period.from, period.to, step, lang);
    match step {
        Step::Day | Step::Week => name,
        Step::Month | Step::Year => {
            format!("{name} ({} – {})", lang.short_day(period.from), lang.day(period.to))
        }
    }
}

fn name(site: &Site, figure: &Figure, lang: Lang, t: &Texts) -> String {
    let name = t.figures.name_of(figure.name);
    match &figure.stream {
        Some(stream) => format!("{name} – {}", stream_name(&read::commune(site), stream.as_str(), lang, t)),
        None => name.to_owned(),
    }
}

fn value(figure: &Figure, lang: Lang, t: &Texts) -> String {
    match figure.value {
        Value::Percent(percent) => lang.percent(percent),
        Value::GramsPerHouseholdWeek(grams) => a_household_week(grams, lang, t),
        Value::Missing(_) => String::new(),
    }
}

/// Writes grams a household and week as kilograms.
pub fn a_household_week(grams: i64, lang: Lang, t: &Texts) -> String {
    let kilograms = lang.kilograms(grams);
    format!("{} {}", kilograms.trim_end_matches("kg").trim_end(), t.figures.a_household_week)
}

/// In which group an indicator stands.
const fn group(name: Name) -> usize {
    match name {
        Name::Yield
        | Name::SeparateCollection
        | Name::Landfill
        | Name::Collection
        | Name::Contamination
        | Name::Refusal
        | Name::MissedRounds => 0,
        Name::ServiceCoverage | Name::HomeTreatment => 1,
        Name::StreamIntegrity => 2,
        Name::TagReads
        | Name::AttributedWeight
        | Name::Unstable
        | Name::Overload
        | Name::BelowMin
        | Name::DeviceHours
        | Name::KnownMissing
        | Name::LateEvents
        | Name::ClockDoubted
        | Name::PastVerification => 3,
    }
}

fn groups(site: &Site, figures: &[Figure], lang: Lang, t: &Texts) -> Vec<(&'static str, Vec<IndicatorLine>)> {
    let of_group = |at: usize| figures.iter().filter(move |figure| group(figure.name) == at);
    let groups = t.figures.groups.iter().enumerate();
    let filled = groups.map(|(at, title)| (*title, of_group(at).map(|figure| line(site, figure, lang, t)).collect()));
    filled.filter(|(_, lines): &(&'static str, Vec<IndicatorLine>)| !lines.is_empty()).collect()
}

fn line(site: &Site, figure: &Figure, lang: Lang, t: &Texts) -> IndicatorLine {
    let f = &t.figures;
    let mut notes = Vec::new();
    if let Some(masses) = figure.masses.filter(|masses| *masses != Masses::default()) {
        notes.push((f.split)(
            &lang.kilograms(masses.weighed_g),
            &lang.kilograms(masses.manual_g),
            &lang.kilograms(masses.estimated_g),
        ));
    }
    let commune = read::commune(site);
    if let (Name::Collection, Some(grams)) = (figure.name, commune.assumptions.per_person_day_g) {
        notes.push((f.assumed)(&lang.count(grams), &commune.assumptions.source));
    }
    IndicatorLine {
        name: name(site, figure, lang, t),
        definition: f.definition_of(figure.name),
        sources: f.sources_of(figure.name),
        anchor: figure.name.as_str().replace('_', "-"),
        value: value(figure, lang, t),
        missing: match figure.value {
            Value::Missing(why) => f.missing_of(why),
            Value::Percent(_) | Value::GramsPerHouseholdWeek(_) => "",
        },
        made_from: made_from(figure, lang),
        notes,
    }
}

/// Writes what is divided by what.
fn made_from(figure: &Figure, lang: Lang) -> String {
    if matches!(figure.value, Value::Missing(_)) && figure.whole == 0 {
        return String::new();
    }
    parts(figure.name, figure.part, figure.whole, lang)
}

/// Writes what is divided by what. Household-days are nothing that a reader counts in: of a yield its mass alone.
pub fn parts(name: Name, part: i64, whole: i64, lang: Lang) -> String {
    if name == Name::Yield {
        return lang.kilograms(part);
    }
    format!("{} / {}", part_of(name, part, lang), part_of(name, whole, lang))
}

/// Writes one part of an indicator: masses as kilograms and times as hours.
pub fn part_of(name: Name, number: i64, lang: Lang) -> String {
    const HOUR_MS: i64 = 3_600_000;
    match name {
        Name::SeparateCollection
        | Name::Landfill
        | Name::Collection
        | Name::StreamIntegrity
        | Name::AttributedWeight => lang.kilograms(number),
        Name::DeviceHours => format!("{} h", lang.count(number / HOUR_MS)),
        Name::Yield
        | Name::Contamination
        | Name::Refusal
        | Name::ServiceCoverage
        | Name::HomeTreatment
        | Name::MissedRounds
        | Name::TagReads
        | Name::Unstable
        | Name::Overload
        | Name::BelowMin
        | Name::KnownMissing
        | Name::LateEvents
        | Name::ClockDoubted
        | Name::PastVerification => lang.count(number),
    }
}

/// Tells the re-mixing alarm in words. `None`: no day is finished.
pub async fn alarm(site: &Site, lang: Lang, t: &Texts) -> Result<Option<AlarmBox>, Problem> {
    let Some(alarm) = figures::alarm(site).await? else { return Ok(None) };
    let f = &t.figures;
    let mass = |grams: i64| lang.kilograms(grams);
    let (picked, kept) = (mass(alarm.mass.picked_up_g), mass(alarm.mass.still_separate_g));
    let (raised, says) = match alarm.verdict {
        Verdict::TooLittle => (false, (f.alarm_little)(&picked)),
        Verdict::NoTicket => (false, (f.alarm_no_ticket)(&picked)),
        Verdict::Kept => (false, (f.alarm_kept)(&picked, &kept)),
        Verdict::Alarm { missing_g } => (true, (f.alarm_raised)(&picked, &kept, &mass(missing_g))),
    };
    Ok(Some(AlarmBox {
        raised,
        says,
        period: format!("{} – {}", lang.short_day(alarm.from), lang.day(alarm.to)),
        rule: (f.alarm_rule)(
            &alarm.rule.days.to_string(),
            &alarm.rule.tolerance_percent.to_string(),
            &mass(alarm.rule.least_g),
        ),
    }))
}
