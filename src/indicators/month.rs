//! A month's figures as they are frozen when it is closed: names with values, for the commune and each hamlet; what differs
//! between two of them; and the year's value.
//!
//! # Why
//! A flat list of named values, not a struct of fields: what is computed one day more is one name more, and a report that was
//! frozen before keeps its text and so its hash.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Badge, Completeness, Counts, Figure, Name, Tonnage, Value as Measured};
use crate::domain::ids::{AreaCode, StreamCode};
use crate::domain::month::Month;
use crate::domain::state::{Level, Reason};
use crate::domain::units::Percent;

/// Another indicator of a month as it was frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenIndicator {
    /// Which.
    pub name: Name,
    /// For one stream. `None`: for all.
    pub stream: Option<StreamCode>,
    /// Grams of a yield, or a percentage. `None`: it had no value.
    pub value: Option<Value>,
    /// What was divided.
    pub part: i64,
    /// By what.
    pub whole: i64,
}

/// A figure's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Households, pickups, events, grams or milliseconds.
    Whole(i64),
    /// A percentage. `None`: there is nothing to take a share of.
    Percent(Option<Percent>),
}

impl Serialize for Value {
    /// Writes a percentage as text, `"92.83"`: every reader then hashes the same bytes.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Percent(Some(percent)) => serializer.collect_str(percent),
            Self::Percent(None) => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(i64),
            Percent(Option<String>),
        }
        match Written::deserialize(deserializer)? {
            Written::Whole(number) => Ok(Self::Whole(number)),
            Written::Percent(None) => Ok(Self::Percent(None)),
            Written::Percent(Some(text)) => percent(&text)
                .map(|percent| Self::Percent(Some(percent)))
                .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a percentage with two decimals"))),
        }
    }
}

fn percent(text: &str) -> Option<Percent> {
    let (whole, hundredths) = text.split_once('.').filter(|(_, decimals)| decimals.len() == 2)?;
    let whole: u32 = whole.parse().ok()?;
    let hundredths: u32 = hundredths.parse().ok()?;
    Some(Percent::from_hundredths(whole.checked_mul(100)? + hundredths))
        .filter(|percent| percent.hundredths() <= 10_000)
}

/// The frozen figures of the commune or of a hamlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaFigures {
    /// The hamlet's code; empty: the commune.
    pub area: String,
    /// The name when it was frozen.
    pub name: String,
    /// How far the share may be used. `None`: E = 0.
    pub badge: Option<Badge>,
    /// The figures by name.
    pub values: BTreeMap<String, Value>,
}

impl AreaFigures {
    /// Gives a whole number; what there is not is 0.
    pub fn whole(&self, name: &str) -> i64 {
        match self.values.get(name) {
            Some(Value::Whole(number)) => *number,
            Some(Value::Percent(_)) | None => 0,
        }
    }

    /// Gives a percentage.
    pub fn percent(&self, name: &str) -> Option<Percent> {
        match self.values.get(name) {
            Some(Value::Percent(percent)) => *percent,
            Some(Value::Whole(_)) | None => None,
        }
    }

    /// Gives the other indicators, in their order. None: the report is of a version that had none.
    pub fn indicators(&self) -> Vec<FrozenIndicator> {
        let names = self.values.keys().filter_map(|key| IndicatorKey::of(key)).filter(|key| key.kind == "part");
        let mut all: Vec<FrozenIndicator> = names
            .map(|key| {
                let name = indicator_name(key.name, key.stream.as_ref());
                let value = ["percent", "g"].into_iter().find_map(|kind| self.values.get(&format!("{name}.{kind}")));
                FrozenIndicator {
                    value: value.copied().filter(|value| *value != Value::Percent(None)),
                    part: self.whole(&format!("{name}.part")),
                    whole: self.whole(&format!("{name}.whole")),
                    name: key.name,
                    stream: key.stream,
                }
            })
            .collect();
        all.sort_by(|a, b| (a.name, &a.stream).cmp(&(b.name, &b.stream)));
        all
    }

    /// Gives the counts of the month's end.
    pub fn counts(&self) -> Counts {
        Counts {
            eligible: self.whole("eligible"),
            sorting: self.whole("sorting"),
            not_sorting: self.whole("not_sorting"),
            undetermined: std::array::from_fn(|at| self.whole(&format!("undetermined.{}", Reason::ALL[at]))),
            evidence: std::array::from_fn(|at| self.whole(&format!("evidence.{}", Level::ALL[at]))),
            at_least_one: self.whole("at_least_one_group"),
            enrolled: self.whole("enrolled"),
            served: self.whole("served"),
            measured: self.whole("measured"),
            participating: self.whole("participating"),
            opportunities: self.whole("opportunities"),
            set_outs: self.whole("set_outs"),
            home_treated: self.whole("home_treated"),
            people: self.whole("people"),
            people_stated: self.whole("people_stated"),
        }
    }
}

/// How the names of the other indicators begin.
const INDICATOR: &str = "indicator.";
/// How the names of masses by stream begin.
const TONNAGE: &str = "tonnage.";

/// What an area's figures are made from.
#[derive(Clone, Debug, Default)]
pub struct MonthParts {
    /// Counts at the end of the month's last day.
    pub counts: Counts,
    /// The year's target for the share. `None`: there is none.
    pub target: Option<Percent>,
    /// Completeness of the 28 days up to the last day, which stands beside the share.
    pub before_end: Completeness,
    /// Completeness of the month's days, which stands beside the tonnage.
    pub within: Completeness,
    /// Tonnage of the month's days.
    pub tonnage: BTreeMap<StreamCode, Tonnage>,
    /// The other indicators of the month.
    pub indicators: Vec<Figure>,
}

impl AreaFigures {
    /// Names every figure of an area's month.
    pub fn of(area: &str, name: &str, parts: &MonthParts) -> Self {
        let counts = &parts.counts;
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        let mut whole = |name: &str, number: i64| {
            values.insert(name.to_owned(), Value::Whole(number));
        };
        whole("eligible", counts.eligible);
        whole("sorting", counts.sorting);
        whole("not_sorting", counts.not_sorting);
        whole("undetermined", counts.undetermined_total());
        for reason in Reason::ALL {
            whole(&format!("undetermined.{reason}"), counts.undetermined_for(*reason));
        }
        for level in Level::ALL {
            whole(&format!("evidence.{level}"), counts.evidence_of(*level));
        }
        whole("at_least_one_group", counts.at_least_one);
        whole("enrolled", counts.enrolled);
        whole("served", counts.served);
        whole("measured", counts.measured);
        whole("participating", counts.participating);
        whole("opportunities", counts.opportunities);
        whole("set_outs", counts.set_outs);
        whole("home_treated", counts.home_treated);
        whole("people", counts.people);
        whole("people_stated", counts.people_stated);
        whole("device_working_ms", parts.within.working_ms);
        whole("device_scheduled_ms", parts.within.scheduled_ms);
        whole("events_received", parts.within.received);
        whole("events_missing", parts.within.missing);
        for (stream, tonnage) in &parts.tonnage {
            whole(&format!("tonnage.{stream}.weighed_g"), tonnage.weighed_g);
            whole(&format!("tonnage.{stream}.manual_g"), tonnage.manual_g);
            whole(&format!("tonnage.{stream}.estimated_g"), tonnage.estimated_g);
            whole(&format!("tonnage.{stream}.unknown_household_g"), tonnage.unknown_household_g);
            whole(&format!("tonnage.{stream}.pickups"), tonnage.pickups);
        }
        for figure in &parts.indicators {
            let name = indicator_name(figure.name, figure.stream.as_ref());
            whole(&format!("{name}.part"), figure.part);
            whole(&format!("{name}.whole"), figure.whole);
            if let Measured::GramsPerHouseholdWeek(grams) = figure.value {
                whole(&format!("{name}.g"), grams);
            }
        }
        let percents = [
            ("share_percent", counts.share()),
            ("upper_percent", counts.upper()),
            ("coverage_percent", counts.coverage()),
            ("target_percent", parts.target),
            ("completeness_percent", parts.before_end.percent()),
            ("month_completeness_percent", parts.within.percent()),
            ("at_least_one_group_percent", counts.at_least_one_share()),
            ("enrolled_percent", counts.enrolled_share()),
            ("participation_percent", counts.participation()),
            ("set_out_percent", counts.set_out()),
        ];
        values.extend(percents.into_iter().map(|(name, percent)| (name.to_owned(), Value::Percent(percent))));
        for figure in &parts.indicators {
            let percent = match figure.value {
                Measured::Percent(percent) => Some(percent),
                Measured::GramsPerHouseholdWeek(_) => continue,
                Measured::Missing(_) => None,
            };
            let name = indicator_name(figure.name, figure.stream.as_ref());
            values.insert(format!("{name}.percent"), Value::Percent(percent));
        }
        Self { area: area.to_owned(), name: name.to_owned(), badge: counts.badge(), values }
    }
}

/// Names an indicator among the frozen figures: `indicator.landfill_rate`, `indicator.yield.food`.
pub fn indicator_name(name: Name, stream: Option<&StreamCode>) -> String {
    match stream {
        Some(stream) => format!("{INDICATOR}{name}.{stream}"),
        None => format!("{INDICATOR}{name}"),
    }
}

/// The name of a frozen indicator's value or part, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorKey<'k> {
    /// Which.
    pub name: Name,
    /// For one stream.
    pub stream: Option<StreamCode>,
    /// `percent`, `g`, `part` or `whole`.
    pub kind: &'k str,
}

impl<'k> IndicatorKey<'k> {
    /// Takes a name apart. `None`: it is not an indicator's.
    pub fn of(key: &'k str) -> Option<Self> {
        let (of, kind) = key.strip_prefix(INDICATOR)?.rsplit_once('.')?;
        let (name, stream) = of.split_once('.').map_or((of, None), |(name, stream)| (name, Some(stream.into())));
        Some(Self { name: Name::from_word(name)?, stream, kind })
    }
}

/// A month's figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthFigures {
    /// The commune's.
    pub commune: AreaFigures,
    /// The hamlets', by code.
    pub areas: Vec<AreaFigures>,
}

impl MonthFigures {
    /// Gives every area, the commune first.
    pub fn all(&self) -> impl Iterator<Item = &AreaFigures> {
        std::iter::once(&self.commune).chain(&self.areas)
    }

    /// Gives the counts of each hamlet at the month's end.
    pub fn counts(&self) -> BTreeMap<AreaCode, Counts> {
        self.areas.iter().map(|of| (AreaCode::new(of.area.as_str()), of.counts())).collect()
    }
}

/// A figure that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureChange {
    /// The hamlet's code; empty: the commune.
    pub area: String,
    /// The hamlet's or the commune's name.
    pub name: String,
    /// The figure's name.
    pub figure: String,
    /// What it was. `None`: it was not there.
    pub before: Option<Value>,
    /// What it is. `None`: it is not there.
    pub after: Option<Value>,
}

/// Lists what differs, figure by figure. What a report of an earlier version did not name is no difference.
pub fn differences(before: &MonthFigures, after: &MonthFigures) -> Vec<FigureChange> {
    let held: BTreeMap<&str, &AreaFigures> = before.all().map(|of| (of.area.as_str(), of)).collect();
    let named: BTreeSet<&str> = before.all().flat_map(|of| of.values.keys()).map(|name| family(name)).collect();
    let mut changes = Vec::new();
    for now in after.all() {
        changes.extend(area_differences(held.get(now.area.as_str()).copied(), Some(now)));
    }
    let gone = before.all().filter(|old| !after.all().any(|now| now.area == old.area));
    changes.extend(gone.flat_map(|old| area_differences(Some(old), None)));
    changes.retain(|change| named.contains(family(&change.figure)));
    changes
}

/// Gives the part of a name that does not depend on which streams were collected.
fn family(name: &str) -> &str {
    if name.starts_with(TONNAGE) {
        return TONNAGE;
    };
    match name.strip_prefix(INDICATOR).and_then(|rest| rest.find('.')) {
        Some(at) => &name[..INDICATOR.len() + at],
        None => name,
    }
}

fn area_differences(before: Option<&AreaFigures>, after: Option<&AreaFigures>) -> Vec<FigureChange> {
    let Some(of) = after.or(before) else { return Vec::new() };
    let mut names: Vec<&String> = before.into_iter().chain(after).flat_map(|figures| figures.values.keys()).collect();
    names.sort();
    names.dedup();
    let value = |figures: Option<&AreaFigures>, name: &str| figures.and_then(|of| of.values.get(name)).copied();
    names
        .into_iter()
        .map(|name| FigureChange {
            area: of.area.clone(),
            name: of.name.clone(),
            figure: name.clone(),
            before: value(before, name),
            after: value(after, name),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// A year's value: the mean of its closed months' shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearValue {
    /// The calendar year.
    pub year: i16,
    /// Mean of the month-end shares, truncated to two decimals. `None`: no closed month has one.
    pub mean: Option<Percent>,
    /// December's share. `None`: December is not closed, or has none.
    pub december: Option<Percent>,
    /// Closed months that have a share; the year is whole with 12.
    pub months: usize,
}

/// Gives the value of a year from the shares of its closed months.
pub fn year_value(year: i16, months: &[(Month, Option<Percent>)]) -> YearValue {
    let of_year: Vec<(Month, Percent)> = months
        .iter()
        .filter(|(month, _)| month.year() == year)
        .filter_map(|(month, share)| share.map(|share| (*month, share)))
        .collect();
    let sum: u32 = of_year.iter().map(|(_, share)| share.hundredths()).sum();
    let mean = u32::try_from(of_year.len()).ok().filter(|count| *count > 0).map(|count| sum / count);
    YearValue {
        year,
        mean: mean.map(Percent::from_hundredths),
        december: of_year.iter().find(|(month, _)| month.number() == 12).map(|(_, share)| *share),
        months: of_year.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(sorting: i64) -> MonthFigures {
        let counts = Counts {
            eligible: 10,
            sorting,
            undetermined: [10 - sorting, 0, 0, 0, 0],
            evidence: [sorting, 0, 0],
            ..Counts::default()
        };
        let tonnage = Tonnage { weighed_g: 1_500, pickups: 2, ..Tonnage::default() };
        let parts = MonthParts { counts, tonnage: [("food".into(), tonnage)].into(), ..MonthParts::default() };
        MonthFigures {
            commune: AreaFigures::of("", "xã", &parts), areas: vec![AreaFigures::of("A", "thôn A", &parts)]
        }
    }

    #[test]
    fn the_counts_are_read_back_from_the_names() {
        let frozen = figures(7);
        assert_eq!(frozen.commune.counts().sorting, 7);
        assert_eq!(frozen.commune.counts().share(), Percent::share(7, 10));
        assert_eq!(frozen.commune.percent("share_percent"), Percent::share(7, 10));
        assert_eq!(frozen.commune.whole("tonnage.food.weighed_g"), 1_500);
    }

    #[test]
    fn a_difference_names_each_figure_of_each_area_with_both_values() {
        assert_eq!(differences(&figures(7), &figures(7)), []);
        let changes = differences(&figures(7), &figures(8));
        let share = changes.iter().find(|change| change.area == "A" && change.figure == "share_percent").unwrap();
        let percent = |hundredths| Some(Value::Percent(Some(Percent::from_hundredths(hundredths))));
        assert_eq!((share.before, share.after), (percent(7_000), percent(8_000)));
        assert!(!changes.iter().any(|change| change.figure == "eligible"));
        let mut fewer = figures(7);
        fewer.areas.clear();
        assert!(differences(&figures(7), &fewer).iter().all(|change| change.area == "A" && change.after.is_none()));
    }

    #[test]
    fn the_other_indicators_are_frozen_with_their_parts_and_a_report_without_them_differs_by_none() {
        let figure = |name, stream: Option<&str>, value, part, whole| Figure {
            name,
            stream: stream.map(StreamCode::from),
            value,
            part,
            whole,
            masses: None,
        };
        let with = |percent: u32, streams: &[&str]| {
            let percent = Measured::Percent(Percent::from_hundredths(percent));
            let mut indicators = vec![
                figure(Name::Landfill, None, percent, 3, 4),
                figure(Name::Collection, None, Measured::Missing(super::super::Missing::NoPersons), 5, 0),
            ];
            let yields =
                streams.iter().map(|of| figure(Name::Yield, Some(*of), Measured::GramsPerHouseholdWeek(700), 7, 1));
            indicators.extend(yields);
            let parts = MonthParts { indicators, ..MonthParts::default() };
            MonthFigures { commune: AreaFigures::of("", "xã", &parts), areas: Vec::new() }
        };
        let frozen = with(7_500, &["food"]);
        let value = |name: &str| frozen.commune.values.get(name).copied();
        let percent = |hundredths| Some(Value::Percent(Some(Percent::from_hundredths(hundredths))));
        assert_eq!(value("indicator.landfill_rate.percent"), percent(7_500));
        assert_eq!(value("indicator.landfill_rate.part"), Some(Value::Whole(3)));
        assert_eq!(value("indicator.collection_rate.percent"), Some(Value::Percent(None)));
        assert_eq!(value("indicator.yield.food.g"), Some(Value::Whole(700)));
        let read: Vec<(Name, Option<Value>, i64)> =
            frozen.commune.indicators().into_iter().map(|of| (of.name, of.value, of.part)).collect();
        let landfill = (Name::Landfill, percent(7_500), 3);
        assert_eq!(read, [(Name::Yield, Some(Value::Whole(700)), 7), landfill, (Name::Collection, None, 5)]);
        let changed: Vec<String> =
            differences(&frozen, &with(7_400, &["food", "other"])).into_iter().map(|change| change.figure).collect();
        assert_eq!(
            changed,
            [
                "indicator.landfill_rate.percent",
                "indicator.yield.other.g",
                "indicator.yield.other.part",
                "indicator.yield.other.whole"
            ]
        );
        let mut earlier = with(7_500, &["food"]);
        earlier.commune.values.retain(|name, _| !name.starts_with(INDICATOR));
        assert_eq!(differences(&earlier, &frozen), []);
    }

    #[test]
    fn the_year_is_the_mean_of_its_month_ends_beside_december() {
        let month = |text: &str, hundredths| (text.parse().unwrap(), Some(Percent::from_hundredths(hundredths)));
        let months =
            [month("2025-12", 1), month("2026-11", 5_000), ("2026-10".parse().unwrap(), None), month("2026-12", 5_001)];
        let year = year_value(2026, &months);
        assert_eq!(
            (year.mean, year.december, year.months),
            (Some(Percent::from_hundredths(5_000)), Some(Percent::from_hundredths(5_001)), 2)
        );
        assert_eq!(year_value(2027, &months).mean, None);
    }
}
