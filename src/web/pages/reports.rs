//! Closed months: the list, one month with what differs, closing and revising, the sheet to sign, the check of the hashes.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};

use super::indicators::{a_household_week, part_of, parts};
use super::{Fields, field, fields, frame, shown};
use crate::domain::ids::StreamCode;
use crate::domain::month::Month;
use crate::domain::register::Commune;
use crate::domain::units::Percent;
use crate::indicators::month::{AreaFigures, FigureChange, IndicatorKey, Value, differences, year_value};
use crate::indicators::{Badge, Counts, Name};
use crate::store::{MonthReport, StoredReport, figures_sha256};
use crate::web::api::{find_report, month_of};
use crate::web::closing::{self, Closing, Refusal};
use crate::web::drawing::stream_name;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::scope::whole_commune;
use crate::web::table::May;
use crate::web::texts::Texts;
use crate::web::views::signing::{
    AreaLine, ChangeRow, CloseForm, DifferenceView, FrozenRow, MonthRow, MoveRow, NameValue, ReportPage, ReportsPage,
    RevisionRow, SheetPage, TonnageRow, VerdictRow, VerifyPage, YearRow,
};

/// Months on the page: two years and what is open.
const MONTHS: usize = 25;
/// Differences on the page; the API gives all.
const CHANGES: usize = 60;

fn month_name(month: Month, t: &Texts) -> String {
    (t.signing.month_name)(&month.number().to_string(), &month.year().to_string())
}

fn percent(percent: Option<Percent>, lang: Lang) -> String {
    percent.map_or_else(|| "–".to_owned(), |percent| lang.percent(percent))
}

const fn badge_class(badge: Badge) -> &'static str {
    match badge {
        Badge::Sufficient => "sufficient",
        Badge::Indicative => "indicative",
        Badge::Insufficient => "insufficient",
    }
}

/// Gives a badge's word and class; without one nothing is known.
pub(super) fn badge(badge: Option<Badge>, t: &Texts) -> (&'static str, &'static str) {
    let badge = badge.unwrap_or(Badge::Insufficient);
    (t.badge_name(badge), badge_class(badge))
}

fn status(revision: Option<i64>, over: bool, t: &Texts, lang: Lang) -> String {
    match revision {
        None if over => t.signing.open.to_owned(),
        None => t.signing.running.to_owned(),
        Some(..=1) => t.signing.closed.to_owned(),
        Some(number) => (t.signing.revised)(&lang.count(number)),
    }
}

/// Lists the months: open, closed, revised, and the values of the years.
pub async fn reports(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.signing.reports.to_owned();
    let store = &site.web.store;
    let last = read::last_finished(&site).await?;
    let stored = store.month_reports().await?;
    let mut months = Vec::new();
    if let (Some(first), Some(last)) = (store.computed_from().await?, last) {
        let mut month = Month::of(last.next());
        while month >= Month::of(first) && months.len() < MONTHS {
            months.push(month);
            month = Month::of(month.first_day() - 1);
        }
    }
    let mut rows = Vec::new();
    for month in &months {
        rows.push(month_row(&site, *month, last.is_some_and(|last| month.last_day() <= last), &stored, lang, t).await?);
    }
    let mut latest: Vec<(Month, Option<Percent>)> = Vec::new();
    for of in &stored {
        let share = of.report()?.figures.commune.percent("share_percent");
        latest.retain(|(month, _)| *month != of.month);
        latest.push((of.month, share));
    }
    let mut years: Vec<i16> = latest.iter().map(|(month, _)| month.year()).collect();
    years.sort_unstable();
    years.dedup();
    let years = years.into_iter().rev().map(|year| {
        let value = year_value(year, &latest);
        YearRow {
            year: year.to_string(),
            mean: percent(value.mean, lang),
            december: percent(value.december, lang),
            months: format!("{} / 12", value.months),
        }
    });
    shown(&ReportsPage { rows, years: years.collect(), frame })
}

async fn month_row(
    site: &Site,
    month: Month,
    over: bool,
    stored: &[StoredReport],
    lang: Lang,
    t: &Texts,
) -> Result<MonthRow, Problem> {
    let signed = stored.iter().rfind(|of| of.month == month);
    let (share, of, eligible, differs, by) = match signed {
        Some(of) => {
            let report = of.report()?;
            let differs = !differences(&report.figures, &closing::figures_now(site, month).await?).is_empty();
            let (zone, figures) = (&read::commune(site).zone, report.figures.commune);
            let by = format!("{} · {}", of.by, lang.moment(zone, of.closed));
            (figures.percent("share_percent"), figures.badge, figures.whole("eligible"), differs, by)
        }
        // Nothing to compare with: the state at its end says all that is shown.
        None => {
            let mut counts = Counts::default();
            site.web.store.counts_on(month.last_day()).await?.values().for_each(|of_area| counts.merge(of_area));
            (counts.share(), counts.badge(), counts.eligible, false, String::new())
        }
    };
    let shown = over || signed.is_some();
    let (badge, badge_class) = badge(of, t);
    Ok(MonthRow {
        href: format!("/reports/{month}"),
        name: month_name(month, t),
        status: status(signed.map(|of| of.revision), over, t, lang),
        differs,
        share: if shown { percent(share, lang) } else { String::new() },
        badge: if shown { badge } else { "" },
        badge_class,
        eligible: if shown { lang.count(eligible) } else { String::new() },
        by,
    })
}

/// Shows one month: its figures, what was signed, what differs, and the form to close or revise it.
pub async fn report(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(month): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    report_page(&site, &who, (&headers, &uri), month_of(&month)?, (String::new(), String::new())).await
}

async fn report_page(
    site: &Site,
    who: &Who,
    (headers, uri): (&HeaderMap, &Uri),
    month: Month,
    (refusal, reason): (String, String),
) -> Result<Response, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = format!("{} · {}", month_name(month, t), t.signing.reports);
    let commune = read::commune(site);
    let store = &site.web.store;
    let over = closing::is_over(month, read::last_finished(site).await?);
    let revisions: Vec<StoredReport> =
        store.month_reports().await?.into_iter().filter(|of| of.month == month).collect();
    let now = closing::figures_now(site, month).await?;
    let signed = revisions.last();
    let difference = match signed {
        Some(signed) => {
            let listed = store.list_on(month.last_day()).await?;
            Some(closing::difference(site, signed, &now, &listed).await?)
        }
        None => None,
    };
    let differs = difference.as_ref().is_some_and(|difference| !difference.is_empty());
    let difference_view = difference.as_ref().filter(|difference| !difference.is_empty()).map(|difference| {
        let moves = difference.moves.0.iter().map(|((area, from, to), count)| MoveRow {
            hamlet: read::area_name(site, area),
            from: t.standing_name(*from),
            to: t.standing_name(*to),
            households: lang.count(*count),
        });
        difference_view(&commune, &difference.changes, moves.collect(), lang, t)
    });
    let mut lines = Vec::new();
    for of in &revisions {
        let faults = store.report_faults(month, of.revision).await?.unwrap_or_default();
        let report = of.report()?;
        lines.push(RevisionRow {
            name: (t.signing.revision)(&lang.count(of.revision)),
            href: format!("/reports/{month}/{}", of.revision),
            json: format!("/api/v1/reports/{month}/{}", of.revision),
            csv: format!("/api/v1/reports/{month}/{}/csv", of.revision),
            by: format!("{} · {}", of.by, lang.moment(&commune.zone, of.closed)),
            reason: report.reason.clone().unwrap_or_default(),
            share: percent(report.figures.commune.percent("share_percent"), lang),
            sha256: of.sha256.clone(),
            holds: faults.is_empty(),
        });
    }
    let early = closing::early(site, month);
    let may_close = who.may(May::Sign) && over && (signed.is_none() || differs);
    let form = may_close.then(|| CloseForm {
        action: format!("/reports/{month}/close"),
        revise: signed.is_some(),
        early: early.map(|days| (t.signing.close_early)(&lang.count(days.into()))).unwrap_or_default(),
        figures: figures_sha256(&now),
        reason,
    });
    let shown_figures = match signed {
        Some(signed) => signed.report()?.figures,
        None => now,
    };
    let (badge, badge_class) = badge(shown_figures.commune.badge, t);
    let code = if refusal.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = ReportPage {
        name: month_name(month, t),
        status: status(signed.map(|of| of.revision), over, t, lang),
        open: signed.is_none(),
        over,
        refusal,
        share: percent(shown_figures.commune.percent("share_percent"), lang),
        badge,
        badge_class,
        figures: figure_rows(&commune, &shown_figures.commune, lang, t),
        areas: shown_figures.areas.iter().map(|of| area_line(of, lang, t)).collect(),
        indicators: indicator_rows(&commune, &shown_figures.commune, lang, t),
        stands: signed.is_some() && !differs,
        difference: difference_view,
        form,
        revisions: lines,
        frame,
    };
    Ok((code, shown(&view)?).into_response())
}

fn difference_view(
    commune: &Commune,
    changes: &[FigureChange],
    moves: Vec<MoveRow>,
    lang: Lang,
    t: &Texts,
) -> DifferenceView {
    let value =
        |value: Option<Value>, name: &str| value.map_or_else(|| "–".to_owned(), |value| written(name, value, lang));
    let rows: Vec<ChangeRow> = changes
        .iter()
        .map(|change| ChangeRow {
            area: if change.area.is_empty() { t.signing.commune_row.to_owned() } else { change.name.clone() },
            figure: figure_name(commune, &change.figure, lang, t),
            before: value(change.before, &change.figure),
            after: value(change.after, &change.figure),
        })
        .collect();
    let more = rows.len().saturating_sub(CHANGES);
    DifferenceView {
        changes: rows.into_iter().take(CHANGES).collect(),
        more: if more > 0 {
            (t.signing.more_changes)(&lang.count(i64::try_from(more).unwrap_or(i64::MAX)))
        } else {
            String::new()
        },
        moves,
    }
}

/// Writes a frozen value as its name says: percent, grams as kilograms, or a whole number.
fn written(name: &str, value: Value, lang: Lang) -> String {
    match value {
        Value::Whole(number) if IndicatorKey::of(name).is_some() => match IndicatorKey::of(name) {
            Some(key) if key.kind == "g" => lang.kilograms(number),
            Some(key) => part_of(key.name, number, lang),
            None => lang.count(number),
        },
        Value::Percent(percent) => self::percent(percent, lang),
        Value::Whole(number) if name.ends_with("_g") => lang.kilograms(number),
        Value::Whole(number) => lang.count(number),
    }
}

/// Names a frozen figure; one of another version keeps its own name.
fn figure_name(commune: &Commune, name: &str, lang: Lang, t: &Texts) -> String {
    let known =
        |name: &str| t.signing.figures.iter().find(|(key, _)| *key == name).map(|(_, label)| (*label).to_owned());
    if let Some(key) = IndicatorKey::of(name) {
        let kind = known(key.kind).map_or_else(String::new, |kind| format!(" ({kind})"));
        return format!("{}{kind}", indicator_label(commune, key.name, key.stream.as_ref(), lang, t));
    }
    let mut parts = name.split('.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("tonnage"), Some(stream), Some(kind)) => {
            let kind = known(kind).unwrap_or_else(|| kind.to_owned());
            format!("{}: {kind}", stream_name(commune, stream, lang, t))
        }
        (Some("undetermined"), Some(reason), None) => crate::domain::state::Reason::from_word(reason)
            .map_or_else(|| name.to_owned(), |reason| format!("U: {}", t.reason_name(reason))),
        (Some("evidence"), Some(level), None) => crate::domain::state::Level::from_word(level)
            .map_or_else(|| name.to_owned(), |level| format!("S: {}", t.level_name(level))),
        _ => known(name).unwrap_or_else(|| name.to_owned()),
    }
}

/// The figures of the month's end in the order of reading; tonnage stands apart.
const ORDER: [&str; 32] = [
    "eligible",
    "sorting",
    "evidence.device",
    "evidence.crew",
    "evidence.verified",
    "not_sorting",
    "undetermined",
    "undetermined.only_other",
    "undetermined.only_declared",
    "undetermined.one_stream_missing",
    "undetermined.no_pickup",
    "undetermined.not_observable",
    "share_percent",
    "upper_percent",
    "coverage_percent",
    "target_percent",
    "completeness_percent",
    "month_completeness_percent",
    "at_least_one_group",
    "at_least_one_group_percent",
    "enrolled",
    "enrolled_percent",
    "served",
    "measured",
    "participating",
    "participation_percent",
    "opportunities",
    "set_outs",
    "set_out_percent",
    "home_treated",
    "people",
    "events_missing",
];

fn figure_rows(commune: &Commune, of: &AreaFigures, lang: Lang, t: &Texts) -> Vec<NameValue> {
    ORDER
        .iter()
        .filter_map(|name| {
            let value = written(name, *of.values.get(*name)?, lang);
            Some(NameValue { name: figure_name(commune, name, lang, t), value })
        })
        .collect()
}

fn indicator_label(commune: &Commune, name: Name, stream: Option<&StreamCode>, lang: Lang, t: &Texts) -> String {
    let label = t.figures.name_of(name);
    stream.map_or_else(
        || label.to_owned(),
        |stream| format!("{label} – {}", stream_name(commune, stream.as_str(), lang, t)),
    )
}

/// The other indicators as they were frozen: what each is, its value, and what it was made from.
fn indicator_rows(commune: &Commune, of: &AreaFigures, lang: Lang, t: &Texts) -> Vec<FrozenRow> {
    of.indicators()
        .into_iter()
        .map(|of| FrozenRow {
            name: indicator_label(commune, of.name, of.stream.as_ref(), lang, t),
            value: match of.value {
                Some(Value::Percent(percent)) => self::percent(percent, lang),
                Some(Value::Whole(grams)) => a_household_week(grams, lang, t),
                None => "–".to_owned(),
            },
            made_from: parts(of.name, of.part, of.whole, lang),
        })
        .collect()
}

fn area_line(of: &AreaFigures, lang: Lang, t: &Texts) -> AreaLine {
    AreaLine {
        name: of.name.clone(),
        cells: [
            lang.count(of.whole("eligible")),
            lang.count(of.whole("sorting")),
            lang.count(of.whole("not_sorting")),
            lang.count(of.whole("undetermined")),
            percent(of.percent("share_percent"), lang),
            percent(of.percent("upper_percent"), lang),
            percent(of.percent("completeness_percent"), lang),
        ],
        badge: of.badge.map_or("", |badge| t.badge_name(badge)),
    }
}

fn refusal_text(refusal: &Refusal, lang: Lang, t: &Texts) -> String {
    let words = &t.signing;
    match refusal {
        Refusal::NotOver => words.not_over.to_owned(),
        Refusal::Empty => words.empty.to_owned(),
        Refusal::Computing => words.computing.to_owned(),
        Refusal::Early(days) => (words.early_refused)(&lang.count((*days).into())),
        Refusal::Moved => words.moved.to_owned(),
        Refusal::Same => words.same.to_owned(),
        Refusal::Reason => words.reason_missing.to_owned(),
        Refusal::Taken => words.taken.to_owned(),
    }
}

/// Closes or revises a month and leads to what was signed.
pub async fn close_month(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(month): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    form: Result<Form<Fields>, FormRejection>,
) -> Result<Response, Problem> {
    whole_commune(&who)?;
    let sent = fields(form)?;
    let month = month_of(&month)?;
    let (lang, t) = super::words(&headers, &uri);
    let reason = field(&sent, "reason").to_owned();
    let asked = Closing {
        month,
        confirm_early: field(&sent, "confirm_early") == "yes",
        reason: Some(reason.clone()),
        figures_sha256: Some(field(&sent, "figures").to_owned()),
        by: who.account.as_ref().map(|account| account.name.clone()).unwrap_or_default(),
    };
    match closing::close(&site, &asked).await? {
        Ok(stored) => Ok(Redirect::to(&format!("/reports/{month}/{}", stored.revision)).into_response()),
        Err(refusal) => {
            let here: Uri = format!("/reports/{month}").parse().unwrap_or(uri);
            report_page(&site, &who, (&headers, &here), month, (refusal_text(&refusal, lang, t), reason)).await
        }
    }
}

/// Shows a signed revision as a sheet to print and sign.
pub async fn report_sheet(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path((month, revision)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let stored = find_report(&site, &month, &revision).await?;
    let report = stored.report()?;
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = (t.signing.sheet_title)(&month_name(report.month, t));
    let commune = read::commune(&site);
    let moves = report.moves.iter().map(|line| MoveRow {
        hamlet: report
            .figures
            .areas
            .iter()
            .find(|of| of.area == line.area)
            .map_or_else(|| line.area.clone(), |of| of.name.clone()),
        from: standing_word(&line.from, t),
        to: standing_word(&line.to, t),
        households: lang.count(line.households),
    });
    let difference = (!report.changes.is_empty() || !report.moves.is_empty())
        .then(|| difference_view(&commune, &report.changes, moves.collect(), lang, t));
    let (badge, badge_class) = badge(report.figures.commune.badge, t);
    let faults = site.web.store.report_faults(stored.month, stored.revision).await?.unwrap_or_default();
    let view = SheetPage {
        commune: report.commune_name.clone(),
        month: month_name(report.month, t),
        revision: (t.signing.revision)(&lang.count(report.revision)),
        back: format!("/reports/{}", report.month),
        simulated: report.simulated,
        early: report.early,
        reason: report.reason.clone().unwrap_or_default(),
        share: percent(report.figures.commune.percent("share_percent"), lang),
        badge,
        badge_class,
        figures: figure_rows(&commune, &report.figures.commune, lang, t),
        areas: report.figures.areas.iter().map(|of| area_line(of, lang, t)).collect(),
        tonnage: tonnage_rows(&commune, &report, lang, t),
        indicators: indicator_rows(&commune, &report.figures.commune, lang, t),
        difference,
        difference_of: (t.signing.difference_of)(&lang.count(report.revision - 1)),
        beside: vec![
            NameValue {
                name: t.signing.closed_at.to_owned(),
                value: format!("{} · {}", report.closed_at, report.closed_by),
            },
            NameValue {
                name: t.signing.data_until.to_owned(),
                value: report.data_until.clone().unwrap_or_else(|| "–".to_owned()),
            },
            NameValue { name: t.rule_version.to_owned(), value: report.rule_version().to_owned() },
            NameValue {
                name: t.signing.register_version.to_owned(),
                value: report.register_version.clone().unwrap_or_else(|| "–".to_owned()),
            },
        ],
        sha256: stored.sha256.clone(),
        holds: faults.is_empty(),
        frame,
    };
    shown(&view)
}

fn standing_word(word: &str, t: &Texts) -> String {
    use crate::domain::state::Reason;
    use crate::indicators::standing::Standing;
    let all = [Standing::Sorting, Standing::NotSorting, Standing::Outside].into_iter();
    let all = all.chain(Reason::ALL.iter().map(|reason| Standing::Undetermined(*reason)));
    all.into_iter().find(|standing| standing.word() == word).map_or_else(|| word.to_owned(), |of| t.standing_name(of))
}

fn tonnage_rows(commune: &Commune, report: &MonthReport, lang: Lang, t: &Texts) -> Vec<TonnageRow> {
    let of = &report.figures.commune;
    let mut streams: Vec<&str> =
        of.values.keys().filter_map(|name| name.strip_prefix("tonnage.")?.strip_suffix(".weighed_g")).collect();
    streams.sort_by_key(|code| commune.streams.iter().position(|stream| stream.code.as_str() == *code));
    streams
        .into_iter()
        .map(|stream| {
            let grams = |kind: &str| of.whole(&format!("tonnage.{stream}.{kind}"));
            let (weighed, manual, estimated) = (grams("weighed_g"), grams("manual_g"), grams("estimated_g"));
            TonnageRow {
                stream: stream_name(commune, stream, lang, t),
                cells: [
                    lang.kilograms(weighed),
                    lang.kilograms(manual),
                    lang.kilograms(estimated),
                    lang.kilograms(weighed + manual + estimated),
                    lang.kilograms(grams("unknown_household_g")),
                ],
            }
        })
        .collect()
}

/// Makes every hash of every signed report again and says which hold.
pub async fn verify_reports(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.signing.verify.to_owned();
    let mut rows = Vec::new();
    for of in site.web.store.month_reports().await? {
        let faults = site.web.store.report_faults(of.month, of.revision).await?.unwrap_or_default();
        rows.push(VerdictRow {
            href: format!("/reports/{}/{}", of.month, of.revision),
            name: format!("{} · {}", month_name(of.month, t), (t.signing.revision)(&lang.count(of.revision))),
            sha256: of.sha256,
            holds: faults.is_empty(),
            faults: faults.join("; "),
        });
    }
    shown(&VerifyPage { rows, frame })
}
