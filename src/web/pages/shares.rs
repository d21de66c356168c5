//! The shares by period: of the commune, a hamlet or a point, with what stands beside them and who may have bent them.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Html;

use super::lists::{area_choices, choice};
use super::{frame, shown};
use crate::domain::ids::AreaCode;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::indicators::{AreaExclusions, Badge, Part, PeriodShare, ShareDay, Step, Thresholds, flags};
use crate::web::api::{Asked, PeriodAsk, asked, scoped};
use crate::web::ask::Ask;
use crate::web::drawing::{Drawing, Kind, Wanted};
use crate::web::figures::{exclusions, people};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read::{self, Whose};
use crate::web::table::May;
use crate::web::texts::{FiguresTexts, Texts};
use crate::web::views::figures::{Filter, Guards, Pair, PeriodLine, PointLine, Shares};

/// Periods in the table at most; the file has all.
const PERIODS: usize = 120;

/// Shows the shares by period.
pub async fn shares(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(query): Ask<PeriodAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let f = &t.figures;
    frame.title = f.shares_title.to_owned();
    let asked = asked(&site, &who, &query, Step::Month).await?;
    let periods = read::periods(&site, &who, &asked.whose, (asked.from, asked.to), asked.step).await?;
    let day = read::last_finished(&site).await?.map(|finished| finished.min(asked.to));
    let latest = match day {
        Some(day) => read::periods(&site, &who, &asked.whose, (day, day), Step::Day).await?.into_iter().next(),
        None => None,
    };
    let wanted = |kind, to| Wanted {
        kind,
        whose: asked.whose.clone(),
        step: asked.step,
        from: Some(if kind == Kind::Periods { asked.from } else { to }),
        to: Some(to),
    };
    let mut drawn = Vec::new();
    for (kind, to) in [(Kind::Companions, day.unwrap_or(asked.to)), (Kind::Periods, asked.to)] {
        drawn.push(Drawing::read(&site, &who, &wanted(kind, to)).await?.figure(lang, t).await?);
    }
    let chart = drawn.pop().flatten();
    let companions = drawn.pop().flatten();
    let csv = csv_address("/shares.csv", &asked);
    let view = Shares {
        whose: read::whose_name(&site, &asked.whose),
        filter: filter(&site, &asked, f),
        definitions: latest.as_ref().map(|period| definitions(&period.last, lang, t)).unwrap_or_default(),
        pair: latest.as_ref().map(|period| pair(&period.last, lang, t)),
        companions,
        chart,
        rows: periods.iter().rev().take(PERIODS).map(|period| line(period, asked.step, lang, t)).collect(),
        csv,
        targets: targets(&site, lang),
        edits_targets: who.may(May::Register),
        points: points(&site, &who, &asked, day, lang).await?,
        guards: match day {
            Some(day) => guards(&site, &who, asked.whose.area(), day, lang, f).await?,
            None => None,
        },
        f,
        frame,
    };
    shown(&view)
}

/// Gives the choices of a period page as they stand.
pub fn filter(site: &Site, asked: &Asked, f: &FiguresTexts) -> Filter {
    Filter {
        areas: area_choices(site, &[], asked.whose.area()),
        steps: Step::ALL.iter().map(|&step| choice(step.word(), f.step_of(step), step == asked.step)).collect(),
        point: match &asked.whose {
            Whose::Point(point) => point.to_string(),
            Whose::Commune | Whose::Area(_) | Whose::Device(_) => String::new(),
        },
        from: asked.from.to_string(),
        to: asked.to.to_string(),
    }
}

/// Gives the address of a period page's file.
pub fn csv_address(path: &str, asked: &Asked) -> String {
    let whose = match &asked.whose {
        Whose::Commune | Whose::Device(_) => String::new(),
        Whose::Area(area) => format!("&area={}", crate::web::sign_in::encoded(area.as_str())),
        Whose::Point(point) => format!("&point={}", crate::web::sign_in::encoded(point.as_str())),
    };
    format!("{path}?from={}&to={}&step={}{whose}", asked.from, asked.to, asked.step.word())
}

/// Names a period.
pub fn period_name(from: LocalDay, to: LocalDay, step: Step, lang: Lang) -> String {
    match step {
        Step::Day => lang.day(from),
        Step::Week => format!("{} – {}", lang.short_day(from), lang.day(to)),
        Step::Month => format!("{:02}/{}", from.date().month(), from.date().year()),
        Step::Year => from.date().year().to_string(),
    }
}

fn written(percent: Option<Percent>, lang: Lang) -> String {
    percent.map_or_else(|| "–".to_owned(), |percent| lang.percent(percent))
}

/// Writes a count, or a dash where it is hidden.
pub fn number(count: Option<i64>, lang: Lang) -> String {
    count.map_or_else(|| "–".to_owned(), |count| lang.count(count))
}

fn badge_of(badge: Option<Badge>, t: &Texts) -> (&'static str, &'static str) {
    let badge = badge.unwrap_or(Badge::Insufficient);
    (t.badge_name(badge), badge_class(badge))
}

const fn badge_class(badge: Badge) -> &'static str {
    match badge {
        Badge::Sufficient => "sufficient",
        Badge::Indicative => "indicative",
        Badge::Insufficient => "insufficient",
    }
}

fn pair(day: &ShareDay, lang: Lang, t: &Texts) -> Pair {
    let counts = &day.counts;
    let of =
        |part: Option<i64>| format!("{} / {}", number(part, lang), (t.of_households)(&number(counts.eligible(), lang)));
    Pair {
        day: (t.end_of_day)(&lang.day(day.day)),
        enrolled: (written(counts.enrolled_share(), lang), of(counts.enrolled())),
        sorting: (written(counts.share(), lang), of(counts.sorting())),
        badge: badge_of(counts.badge(), t),
        beside: [
            written(counts.upper(), lang),
            written(counts.coverage(), lang),
            written(day.completeness.percent(), lang),
        ],
        target: day.target.map_or_else(
            || t.no_target.to_owned(),
            |target| (t.target)(&day.day.date().year().to_string(), &lang.target(target)),
        ),
    }
}

/// Gives each figure with its value, its parts and its definition.
fn definitions(day: &ShareDay, lang: Lang, t: &Texts) -> Vec<(&'static str, String, String, &'static str)> {
    let (counts, f) = (&day.counts, &t.figures);
    vec![
        (f.enrolled, written(counts.enrolled_share(), lang), t.enrolled_more.to_owned(), "enrolled"),
        (
            t.at_least_one,
            written(counts.at_least_one_share(), lang),
            t.at_least_one_more.to_owned(),
            "at-least-one-group",
        ),
        (f.sorting, written(counts.share(), lang), f.sorting_more.to_owned(), "sorting-share"),
        (f.participation, written(counts.participation(), lang), f.participation_more.to_owned(), "participation-rate"),
        (f.set_out, written(counts.set_out(), lang), f.set_out_more.to_owned(), "set-out-rate"),
        (t.coverage, written(counts.coverage(), lang), t.coverage_more.to_owned(), "coverage"),
    ]
}

fn line(period: &PeriodShare, step: Step, lang: Lang, t: &Texts) -> PeriodLine {
    let (counts, f) = (&period.last.counts, &t.figures);
    let so_far = period.last.day < period.to && step != Step::Year;
    PeriodLine {
        period: period_name(period.from, period.to, step, lang),
        note: match period.months {
            Some(months) => (f.mean_of)(&lang.count(months)),
            None if so_far => (t.end_of_day)(&lang.day(period.last.day)),
            None => String::new(),
        },
        cells: [
            written(counts.enrolled_share(), lang),
            written(period.share, lang),
            written(period.upper, lang),
            written(period.coverage, lang),
            written(counts.at_least_one_share(), lang),
            written(counts.participation(), lang),
            written(counts.set_out(), lang),
            number(counts.sorting(), lang),
            number(counts.not_sorting(), lang),
            number(counts.undetermined_total(), lang),
            number(counts.eligible(), lang),
            written(period.last.completeness.percent(), lang),
        ],
        badge: badge_of(
            period.coverage.map(Badge::of).or_else(|| counts.badge().filter(|_| counts.hides(Part::States))),
            t,
        ),
    }
}

fn targets(site: &Site, lang: Lang) -> Vec<(String, String)> {
    let commune = read::commune(site);
    let mut targets: Vec<_> = commune.targets.iter().filter(|target| target.indicator == read::HEADLINE).collect();
    targets.sort_by_key(|target| target.year);
    targets.into_iter().map(|target| (target.year.to_string(), lang.target(target.percent))).collect()
}

async fn points(
    site: &Site,
    who: &Who,
    asked: &Asked,
    day: Option<LocalDay>,
    lang: Lang,
) -> Result<Option<Vec<PointLine>>, Problem> {
    let (Some(day), true) = (day, who.may(May::States)) else { return Ok(None) };
    let Ok(area) = scoped(who, asked.whose.area().cloned()) else { return Ok(None) };
    let points = read::point_shares(site, area.as_ref(), day).await?;
    Ok(Some(
        points
            .into_iter()
            .map(|of| {
                let counts = &of.share.counts;
                PointLine {
                    href: format!("/shares?point={}", crate::web::sign_in::encoded(of.point.as_str())),
                    hamlet: read::area_name(site, &of.area),
                    cells: [
                        written(counts.enrolled_share(), lang),
                        written(counts.share(), lang),
                        written(counts.upper(), lang),
                        written(counts.coverage(), lang),
                        number(counts.eligible(), lang),
                        written(of.share.completeness.percent(), lang),
                    ],
                    name: of.name,
                }
            })
            .collect(),
    ))
}

/// Gives exclusions and records by person. Hamlets and persons are for those who may see household states; names for officers.
async fn guards(
    site: &Site,
    who: &Who,
    area: Option<&AreaCode>,
    day: LocalDay,
    lang: Lang,
    f: &FiguresTexts,
) -> Result<Option<Guards>, Problem> {
    let by_area = exclusions(site, day);
    let mut commune = AreaExclusions::default();
    for of in by_area.values() {
        commune.registered += of.registered;
        for (sum, part) in commune.excluded.iter_mut().zip(of.excluded) {
            *sum += part;
        }
    }
    let row = |name: String, of: &AreaExclusions, flag: &'static str| {
        let part = |count: i64| u64::try_from(count).unwrap_or(0);
        let share = Percent::share(part(of.total()), part(of.registered));
        let [absent, vacant, moved, other] = of.excluded.map(|count| lang.count(count));
        (name, [lang.count(of.registered), absent, vacant, moved, other, written(share, lang)], flag)
    };
    let mut rows = vec![row(f.whole_commune.to_owned(), &commune, "")];
    let sees = who.may(May::States) && scoped(who, area.cloned()).is_ok();
    if sees {
        for (code, of) in by_area.iter().filter(|(code, _)| area.is_none_or(|area| area == *code)) {
            let flag = Thresholds::STANDARD.of_area(of, &commune).map_or("", |flag| f.flag_of(flag));
            rows.push(row(read::area_name(site, code), of, flag));
        }
    }
    let mut lines = Vec::new();
    if sees {
        let named = who.may(May::Tickets);
        for (number, person) in (1_i64..).zip(people(site, area, day).await?) {
            let stands_out: Vec<&str> =
                flags(&person, &Thresholds::STANDARD).into_iter().map(|flag| f.flag_of(flag)).collect();
            let counts = [
                person.separated,
                person.separated_most,
                person.verified,
                person.verified_most,
                person.not_sorting,
                person.contrary,
                person.clean,
                person.taken_back,
            ];
            let name = if named { person.by.clone() } else { (f.somebody)(&lang.count(number)) };
            lines.push((name, counts.map(|count| lang.count(count)), stands_out.join("; ")));
        }
    }
    Ok(Some(Guards { exclusions: rows, people: lines }))
}
