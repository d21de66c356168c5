//! Charts: which figures go into each, for the pages and for the picture files.

use std::sync::Arc;

use super::equipment::{device_href, place_href};
use super::guard::{Site, Who};
use super::lang::Lang;
use super::problem::Problem;
use super::publication;
use super::read::{self, Whose};
use super::sign_in::encoded;
use super::texts::Texts;
use super::views::overview::Figure;
use crate::charts::number::{day_long, day_short};
use crate::charts::{
    Chart, Context, CourseDay, Form, Look, Measure, StreamLook, Theme, area_bars, companions, completeness_days,
    course, headline, share_periods, share_trend, tonnage_bars, visiting_weeks,
};
use crate::domain::ids::AreaCode;
use crate::domain::register::Commune;
use crate::domain::time::LocalDay;
use crate::indicators::{
    AreaShare, Battery, CompletenessDay, Counts, MassTold, PeriodShare, ShareDay, Step, TonnageRow, Visiting,
};
use crate::store::DeviceCondition;

/// A chart's kind, as in its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The share by day.
    Trend,
    /// The hamlets compared.
    Areas,
    /// Tonnage by period.
    Tonnage,
    /// Completeness by day.
    Completeness,
    /// The share by period.
    Periods,
    /// The share beside the figures that are often taken for it.
    Companions,
    /// A device's battery by day.
    Battery,
    /// What a device's empty scale shows, by day.
    Zero,
    /// The headline, to share.
    Headline,
    /// The workload of visits by week.
    Visiting,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Trend,
        Self::Areas,
        Self::Tonnage,
        Self::Completeness,
        Self::Periods,
        Self::Companions,
        Self::Battery,
        Self::Zero,
        Self::Headline,
        Self::Visiting,
    ];

    /// Refuses what there is no such chart of.
    fn suits(self, whose: &Whose) -> Result<(), Problem> {
        let suits = match (self, whose) {
            (Self::Battery | Self::Zero, Whose::Device(_)) | (Self::Completeness, _) => true,
            (Self::Battery | Self::Zero, _)
            | (_, Whose::Device(_))
            | (Self::Areas | Self::Trend | Self::Headline | Self::Visiting, Whose::Point(_)) => false,
            (
                Self::Trend
                | Self::Areas
                | Self::Tonnage
                | Self::Periods
                | Self::Companions
                | Self::Headline
                | Self::Visiting,
                Whose::Commune | Whose::Area(_) | Whose::Point(_),
            ) => true,
        };
        let word = self.word();
        let of = match whose {
            Whose::Commune => "the commune",
            Whose::Area(_) => "a hamlet",
            Whose::Point(_) => "a point",
            Whose::Device(_) => "a device",
        };
        if suits {
            Ok(())
        } else {
            Err(Problem::bad_value(format!("there is no chart `{word}` of {of}; battery and zero are of a device")))
        }
    }

    /// Gives the word of the address.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trend => "sorting-share",
            Self::Areas => "areas",
            Self::Tonnage => "tonnage",
            Self::Completeness => "completeness",
            Self::Periods => "periods",
            Self::Companions => "companions",
            Self::Battery => "battery",
            Self::Zero => "zero",
            Self::Headline => "headline",
            Self::Visiting => "visiting",
        }
    }

    /// Finds the kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Days shown when no range is asked for.
    const fn usual_days(self) -> i32 {
        match self {
            Self::Trend
            | Self::Areas
            | Self::Completeness
            | Self::Companions
            | Self::Headline
            | Self::Battery
            | Self::Zero
            | Self::Visiting => 28,
            Self::Tonnage => 56,
            Self::Periods => 365,
        }
    }

    /// Where its figures are in the API.
    const fn api(self) -> &'static str {
        match self {
            Self::Trend | Self::Completeness | Self::Periods => "/api/v1/sorting-share/series",
            Self::Companions | Self::Headline => "/api/v1/sorting-share",
            Self::Areas => "/api/v1/sorting-share/areas",
            Self::Tonnage => "/api/v1/tonnage",
            Self::Battery | Self::Zero => "/api/v1/devices",
            Self::Visiting => "/visiting.csv",
        }
    }
}

/// What a chart is asked to show.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The kind.
    pub kind: Kind,
    /// Whose.
    pub whose: Whose,
    /// Period of a chart by periods.
    pub step: Step,
    /// First day; `None`: as usual.
    pub from: Option<LocalDay>,
    /// Last day; `None`: the last finished one.
    pub to: Option<LocalDay>,
}

impl Wanted {
    /// Asks for a chart of a hamlet or the commune over its usual days.
    pub fn usual(kind: Kind, area: Option<AreaCode>) -> Self {
        Self { kind, whose: Whose::of(area), step: Step::Month, from: None, to: None }
    }
}

/// A chart's figures, ready to draw in any form.
#[derive(Clone, Debug)]
pub struct Drawing {
    figures: Figures,
    kind: Kind,
    whose: Whose,
    step: Step,
    from: LocalDay,
    to: LocalDay,
    context: Context,
    commune: Arc<Commune>,
    as_of: Option<crate::domain::time::Instant>,
}

#[derive(Clone, Debug)]
enum Figures {
    Trend(Vec<ShareDay>),
    Areas(Vec<AreaShare>),
    Tonnage(Vec<TonnageRow>),
    Completeness(Vec<CompletenessDay>),
    Periods(Vec<PeriodShare>),
    Companions(Box<ShareDay>),
    Course(Measure, Vec<CourseDay>, Vec<i64>),
    Headline(Box<ShareDay>),
    Visiting(Option<Box<Visiting>>),
}

impl Drawing {
    /// Reads what a chart shows, as far as the asker may see it.
    pub async fn read(site: &Site, who: &Who, wanted: &Wanted) -> Result<Self, Problem> {
        let area = wanted.whose.area();
        publication::may_see(site, who, area).await?;
        wanted.kind.suits(&wanted.whose)?;
        let today = read::today(site);
        let finished = read::last_finished(site).await?.unwrap_or(today - 1);
        let last = match wanted.kind {
            Kind::Trend
            | Kind::Areas
            | Kind::Completeness
            | Kind::Periods
            | Kind::Companions
            | Kind::Headline
            | Kind::Visiting => finished,
            Kind::Tonnage | Kind::Battery | Kind::Zero => today,
        };
        let to = wanted.to.unwrap_or(last);
        let (from, to) = super::ask::range(wanted.from.unwrap_or(to - (wanted.kind.usual_days() - 1)), to)?;
        let from = match wanted.kind {
            Kind::Tonnage if wanted.from.is_none() => from.week_start(),
            Kind::Trend
            | Kind::Areas
            | Kind::Tonnage
            | Kind::Completeness
            | Kind::Periods
            | Kind::Companions
            | Kind::Battery
            | Kind::Zero
            | Kind::Headline
            | Kind::Visiting => from,
        };
        let figures = match wanted.kind {
            Kind::Trend => Figures::Trend(read::series(site, who, area, (from, to)).await?),
            Kind::Areas => {
                let (shares, _) = read::area_shares(site, who, to).await?;
                Figures::Areas(shares.into_iter().filter(|of| area.is_none_or(|area| *area == of.area)).collect())
            }
            Kind::Tonnage => Figures::Tonnage(read::weekly_tonnage(site, who, &wanted.whose, (from, to)).await?),
            Kind::Completeness => Figures::Completeness(read::completeness_days(site, &wanted.whose, from, to).await?),
            Kind::Battery => course_of(site, &wanted.whose, Measure::Battery, from, to).await?,
            Kind::Zero => course_of(site, &wanted.whose, Measure::Zero, from, to).await?,
            Kind::Periods => Figures::Periods(read::periods(site, who, &wanted.whose, (from, to), wanted.step).await?),
            Kind::Companions | Kind::Headline => {
                let days = read::periods(site, who, &wanted.whose, (to, to), Step::Day).await?;
                let day = Box::new(match days.into_iter().next() {
                    Some(day) => day.last,
                    None => read::nobody(site, to),
                });
                if wanted.kind == Kind::Headline { Figures::Headline(day) } else { Figures::Companions(day) }
            }
            // It stands between the weeks past and those to come, whichever days are asked for.
            Kind::Visiting => Figures::Visiting(publication::visiting(site, who, area).await?.map(Box::new)),
        };
        let commune = read::commune(site);
        let completeness = match &wanted.whose {
            Whose::Commune | Whose::Area(_) => read::completeness(site, area, to.min(finished)).await?,
            Whose::Point(point) => read::point_completeness(site, point, to.min(finished)).await?,
            Whose::Device(device) => read::device_completeness(site, device, to.min(finished)).await?,
        }
        .percent();
        let context = Context {
            place: read::whose_name(site, &wanted.whose),
            rule_version: commune.rules_on(to).version.clone(),
            completeness,
            today: (to >= today).then_some(today),
            streams: stream_looks(&commune),
            ..Context::default()
        };
        let as_of = read::cut_off(site).await?;
        let (kind, whose, step) = (wanted.kind, wanted.whose.clone(), wanted.step);
        Ok(Self { figures, kind, whose, step, from, to, context, commune, as_of })
    }

    /// Tells whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        match &self.figures {
            Figures::Trend(rows) => rows.is_empty(),
            Figures::Areas(rows) => rows.is_empty(),
            Figures::Tonnage(rows) => rows.is_empty(),
            Figures::Completeness(rows) => rows.iter().all(|row| row.completeness.percent().is_none()),
            Figures::Periods(rows) => rows.is_empty(),
            Figures::Companions(day) | Figures::Headline(day) => day.counts.is_nobody(),
            Figures::Course(_, days, _) => days.is_empty(),
            Figures::Visiting(of) => of.as_ref().is_none_or(|of| of.to_visit() + of.verified + of.pace_visits() == 0),
        }
    }

    /// Draws it. Takes milliseconds: call it off the async threads.
    pub fn draw(&self, lang: Lang, form: Form, theme: Theme) -> Chart {
        let look = Look { lang, form, theme, simulated: self.commune.simulated };
        let context = Context {
            period: self.period(lang),
            as_of: self.as_of.map_or_else(|| "–".to_owned(), |at| lang.moment(&self.commune.zone, at)),
            area_href: (theme == Theme::Page).then(|| "/areas/".to_owned()),
            ..self.context.clone()
        };
        match &self.figures {
            Figures::Trend(days) => share_trend(days, look, &context),
            Figures::Areas(shares) => area_bars(shares, look, &context),
            Figures::Tonnage(rows) => tonnage_bars(rows, Step::Week, look, &context),
            Figures::Completeness(days) => completeness_days(days, look, &context),
            Figures::Periods(periods) => share_periods(periods, self.step, look, &context),
            Figures::Companions(day) => companions(&day.counts, look, &context),
            Figures::Course(measure, days, limits) => {
                course(*measure, days, limits, (self.from, self.to), look, &context)
            }
            Figures::Headline(day) => headline(day, look, &context),
            Figures::Visiting(of) => match of {
                Some(of) => visiting_weeks(of, look, &context),
                None => {
                    let nothing = Visiting::new((self.to, self.to.next()), &Counts::default(), &[], &[]);
                    visiting_weeks(&nothing, look, &context)
                }
            },
        }
    }

    fn period(&self, lang: Lang) -> String {
        match self.kind {
            Kind::Areas | Kind::Companions | Kind::Headline => day_long(self.to, lang),
            Kind::Visiting => match &self.figures {
                Figures::Visiting(Some(of)) => weeks_long(of, lang),
                Figures::Visiting(None)
                | Figures::Trend(_)
                | Figures::Areas(_)
                | Figures::Tonnage(_)
                | Figures::Completeness(_)
                | Figures::Periods(_)
                | Figures::Companions(_)
                | Figures::Headline(_)
                | Figures::Course(..) => String::new(),
            },
            Kind::Trend | Kind::Tonnage | Kind::Completeness | Kind::Periods | Kind::Battery | Kind::Zero => {
                let from = if self.from.date().year() == self.to.date().year() {
                    day_short(self.from, lang)
                } else {
                    day_long(self.from, lang)
                };
                format!("{from} – {}", day_long(self.to, lang))
            }
        }
    }

    /// Draws it for a page, wide and narrow, with its table.
    pub async fn figure(self, lang: Lang, t: &'static Texts) -> Result<Option<Figure>, Problem> {
        if self.is_empty() {
            return Ok(None);
        }
        tokio::task::spawn_blocking(move || {
            let drawings = vec![
                ("wide", self.draw(lang, Form::Wide, Theme::Page).svg),
                ("narrow", self.draw(lang, Form::Narrow, Theme::Page).svg),
            ];
            let (head, rows) = self.table(lang, t);
            let area = match &self.whose {
                Whose::Commune => String::new(),
                Whose::Area(area) => format!("&area={}", encoded(area.as_str())),
                Whose::Point(point) => format!("&point={}", encoded(point.as_str())),
                Whose::Device(device) => format!("&device={}", encoded(device.as_str())),
            };
            let step = self.step.word();
            let (from, to) = (self.from, self.to);
            let days = if self.kind == Kind::Visiting { String::new() } else { format!("&from={from}&to={to}") };
            let mut picture = format!("/charts/{}.png?lang={}{days}{area}", self.kind.word(), lang.code());
            if self.kind == Kind::Periods {
                picture.push_str(&format!("&step={step}"));
            }
            let days = match &self.whose {
                Whose::Device(device) => Some(format!("{}/days.csv", device_href(device))),
                Whose::Point(point) => Some(format!("{}/days.csv", place_href(point))),
                Whose::Commune | Whose::Area(_) => None,
            };
            let of_days = days.filter(|_| !matches!(self.kind, Kind::Periods | Kind::Companions));
            let api = match self.kind {
                _ if let Some(days) = &of_days => format!("{days}?from={from}&to={to}"),
                Kind::Periods => format!("/shares.csv?from={from}&to={to}&step={step}{area}"),
                Kind::Companions | Kind::Headline => format!("/shares.csv?from={to}&to={to}&step=day{area}"),
                Kind::Areas => format!("{}?on={to}", self.kind.api()),
                Kind::Visiting if area.is_empty() => self.kind.api().to_owned(),
                Kind::Visiting => format!("{}?{}", self.kind.api(), area.trim_start_matches('&')),
                Kind::Tonnage => format!("{}?from={from}&to={to}&step=week{area}", self.kind.api()),
                Kind::Trend | Kind::Completeness | Kind::Battery | Kind::Zero => {
                    format!("{}?from={from}&to={to}{area}", self.kind.api())
                }
            };
            Some(Figure { drawings, head, rows, picture, api })
        })
        .await
        .map_err(|error| Problem::internal("drawing a chart", &error))
    }

    fn table(&self, lang: Lang, t: &'static Texts) -> (Vec<&'static str>, Vec<Vec<String>>) {
        let share = |percent: Option<crate::domain::units::Percent>| {
            percent.map_or_else(|| "–".to_owned(), |percent| lang.percent(percent))
        };
        let count = |count: Option<i64>| count.map_or_else(|| "–".to_owned(), |count| lang.count(count));
        match &self.figures {
            Figures::Trend(days) => (
                vec![t.day, t.share, t.upper, t.states[0], t.states[1], t.states[2], t.completeness],
                days.iter()
                    .rev()
                    .map(|day| {
                        vec![
                            lang.day(day.day),
                            share(day.counts.share()),
                            share(day.counts.upper()),
                            count(day.counts.sorting()),
                            count(day.counts.not_sorting()),
                            count(day.counts.undetermined_total()),
                            share(day.completeness.percent()),
                        ]
                    })
                    .collect(),
            ),
            Figures::Areas(shares) => (
                vec![t.hamlet, t.share, t.upper, t.completeness],
                shares
                    .iter()
                    .map(|of| {
                        vec![
                            of.name.clone(),
                            share(of.counts.share()),
                            share(of.counts.upper()),
                            share(of.completeness.percent()),
                        ]
                    })
                    .collect(),
            ),
            Figures::Tonnage(rows) => (
                vec![t.period, t.stream, t.total, t.weighed, t.manual, t.estimated, t.unknown_mass],
                rows.iter()
                    .rev()
                    .map(|row| {
                        vec![
                            format!("{} – {}", lang.short_day(row.from), lang.day(row.to)),
                            stream_name(&self.commune, row.stream.as_str(), lang, t),
                            mass(row, Some(row.tonnage.total_g()), lang),
                            mass(row, apart(row, row.tonnage.weighed_g), lang),
                            mass(row, apart(row, row.tonnage.manual_g), lang),
                            mass(row, apart(row, row.tonnage.estimated_g), lang),
                            mass(row, apart(row, row.tonnage.unknown_household_g), lang),
                        ]
                    })
                    .collect(),
            ),
            Figures::Periods(_) | Figures::Companions(_) | Figures::Headline(_) | Figures::Visiting(None) => {
                (Vec::new(), Vec::new())
            }
            Figures::Visiting(Some(of)) => visiting_table(of, lang, t),
            Figures::Course(measure, days, _) => (
                vec![t.day, t.watch.least, t.watch.middle, t.watch.greatest],
                days.iter()
                    .rev()
                    .map(|day| {
                        let of = |value| measure.written(value, lang);
                        vec![lang.day(day.day), of(day.low), of(day.middle), of(day.high)]
                    })
                    .collect(),
            ),
            Figures::Completeness(days) => (
                vec![t.day, t.completeness, t.received, t.missing],
                days.iter()
                    .rev()
                    .map(|day| {
                        vec![
                            lang.day(day.day),
                            share(day.completeness.percent()),
                            lang.count(day.completeness.received),
                            lang.count(day.completeness.missing),
                        ]
                    })
                    .collect(),
            ),
        }
    }

    /// Gives the workload of visits; `None` for another kind, and before the first finished day.
    pub fn visiting(&self) -> Option<&Visiting> {
        match &self.figures {
            Figures::Visiting(of) => of.as_deref(),
            Figures::Trend(_)
            | Figures::Areas(_)
            | Figures::Tonnage(_)
            | Figures::Completeness(_)
            | Figures::Periods(_)
            | Figures::Companions(_)
            | Figures::Headline(_)
            | Figures::Course(..) => None,
        }
    }

    /// Gives the tonnage rows, latest first; empty for another kind.
    pub fn tonnage_rows(&self) -> Vec<TonnageRow> {
        match &self.figures {
            Figures::Tonnage(rows) => rows.iter().rev().cloned().collect(),
            Figures::Trend(_)
            | Figures::Areas(_)
            | Figures::Completeness(_)
            | Figures::Periods(_)
            | Figures::Companions(_)
            | Figures::Course(..)
            | Figures::Headline(_)
            | Figures::Visiting(_) => Vec::new(),
        }
    }
}

/// Reads the course of a measure of a device, with its limits.
async fn course_of(
    site: &Site,
    whose: &Whose,
    measure: Measure,
    from: LocalDay,
    to: LocalDay,
) -> Result<Figures, Problem> {
    let Whose::Device(device) = whose else { return Ok(Figures::Course(measure, Vec::new(), Vec::new())) };
    let rows = site.web.store.conditions(Some(device), from, to).await?;
    let day = |row: &DeviceCondition| {
        let of = &row.condition;
        let (low, middle, high) = match measure {
            Measure::Battery => {
                let (low, last) = (of.battery_low_mv?, of.battery_last_mv?);
                (low, last, low.max(last))
            }
            Measure::Zero => (of.zero_low_g?, of.zero_mid_g?, of.zero_high_g?),
        };
        Some(CourseDay { day: row.day, low, middle, high })
    };
    let days: Vec<CourseDay> = rows.iter().filter_map(day).collect();
    let limits = match measure {
        Measure::Battery => days.last().map(|day| Battery::limits_mv(day.middle).0).into_iter().collect(),
        Measure::Zero => {
            let registered = site.web.register.borrow().devices.get(device).and_then(|of| of.on(to).division_g);
            let said = rows.iter().rev().find_map(|row| row.condition.division_g);
            registered.or(said).map_or_else(Vec::new, |division_g| vec![-division_g, division_g])
        }
    };
    Ok(Figures::Course(measure, days, limits))
}

/// Writes the weeks of a workload, first day to last.
fn weeks_long(of: &Visiting, lang: Lang) -> String {
    let first = of.done.first().map_or(of.on, |week| week.from);
    let last = of.shown_ahead().last().map_or(of.on, |week| week.to);
    format!("{} – {}", day_long(first, lang), day_long(last, lang))
}

/// Gives the weeks of a workload as a table, latest first.
fn visiting_table(of: &Visiting, lang: Lang, t: &'static Texts) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let v = &t.visiting;
    let week = |from: LocalDay, to: LocalDay| format!("{} – {}", lang.short_day(from), lang.day(to));
    let none = || "–".to_owned();
    let ahead = of
        .shown_ahead()
        .iter()
        .skip(1)
        .rev()
        .map(|of| vec![week(of.from, of.to), none(), none(), lang.count(of.households)]);
    let done = of.done.iter().rev().map(|done| {
        let runs_out = of.shown_ahead().iter().find(|ahead| ahead.from == done.from);
        vec![
            week(done.from, done.to),
            lang.count(done.visited),
            lang.count(done.not_seen),
            runs_out.map_or_else(none, |ahead| lang.count(ahead.households)),
        ]
    });
    (vec![v.week, v.visited, v.not_seen, v.runs_out], ahead.chain(done).collect())
}

/// Gives a mass that is told apart from others. `None`: it is not.
pub fn apart(row: &TonnageRow, mass_g: i64) -> Option<i64> {
    match row.told {
        MassTold::Apart => Some(mass_g),
        MassTold::Together | MassTold::Hidden => None,
    }
}

/// Writes a mass of a row, or a dash where it is not told.
pub fn mass(row: &TonnageRow, mass_g: Option<i64>, lang: Lang) -> String {
    match (row.told, mass_g) {
        (MassTold::Apart | MassTold::Together, Some(mass_g)) => lang.tonnes(mass_g),
        (MassTold::Hidden, _) | (_, None) => "–".to_owned(),
    }
}

/// Gives the commune's streams as pictures and papers show them.
pub fn stream_looks(commune: &Commune) -> Vec<StreamLook> {
    commune.streams.iter().map(StreamLook::from).collect()
}

/// Names a stream in a language.
pub fn stream_name(commune: &Commune, code: &str, lang: Lang, t: &Texts) -> String {
    match commune.stream(code) {
        Some(stream) if lang == Lang::En && !stream.name_en.is_empty() => stream.name_en.clone(),
        Some(stream) => stream.name.clone(),
        None if code.is_empty() => t.unknown.to_owned(),
        None => code.to_owned(),
    }
}

/// Gives a stream's colour and its icon's name in the sprite.
pub fn stream_mark(commune: &Commune, code: &str) -> (String, &'static str) {
    let Some(stream) = commune.stream(code) else {
        return ("#8a93a1".to_owned(), "box");
    };
    let icon = match stream.icon.as_str() {
        "leaf" | "food" => "leaf",
        "recycle" | "recyclable" => "recycle",
        "bin" | "other" => "bin",
        "hazard" | "hazardous" => "hazard",
        _ => "box",
    };
    let is_colour = stream.colour.len() == 7
        && stream.colour.starts_with('#')
        && stream.colour.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit());
    (if is_colour { stream.colour.clone() } else { "#8a93a1".to_owned() }, icon)
}
