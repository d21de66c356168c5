//! Rules: the versions, a new one's preview on the real data, and its recording.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};

use super::{followed, frame, shown};
use crate::domain::register::Row;
use crate::domain::rules::{RuleChange, Rules};
use crate::domain::time::{LocalDay, MINUTE_MS};
use crate::indicators::Counts;
use crate::indicators::standing::Standing;
use crate::recompute::{DayEffect, Effect, stale_by_rule};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::previews::{self, Progress};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::scope::whole_commune;
use crate::web::table::May;
use crate::web::texts::Texts;
use crate::web::views::signing::{
    EffectDay, MoveRow, NumberRow, PreviewDone, PreviewPage, RuleField, RulesPage, ShareRow, VersionRow,
};

/// A form's fields as sent.
pub type Fields = HashMap<String, String>;

/// Most days that a rule may lie ahead.
const AHEAD_DAYS: i32 = 366;
/// Seconds after which the page of a running preview loads itself again.
const FOLLOW_S: u32 = 1;

/// A number of a rule: its field, and what one of the shown unit is in the stored one.
struct Number {
    field: &'static str,
    unit: i64,
    of: fn(&Rules) -> i64,
    put: fn(&mut Rules, i64) -> Option<()>,
    limit: &'static str,
}

fn many(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Every number, in the order of the page.
const NUMBERS: [Number; 12] = [
    Number {
        field: "window_opportunities",
        unit: 1,
        of: |r| many(r.window_opportunities),
        put: |r, n| usize::try_from(n).ok().map(|n| r.window_opportunities = n),
        limit: "1 – 100",
    },
    Number {
        field: "window_days",
        unit: 1,
        of: |r| r.window_days.into(),
        put: |r, n| i32::try_from(n).ok().map(|n| r.window_days = n),
        limit: "1 – 3660",
    },
    Number {
        field: "observable_opportunities",
        unit: 1,
        of: |r| many(r.observable_opportunities),
        put: |r, n| usize::try_from(n).ok().map(|n| r.observable_opportunities = n),
        limit: "1 – 100",
    },
    Number {
        field: "sparse_window_days",
        unit: 1,
        of: |r| r.sparse_window_days.into(),
        put: |r, n| i32::try_from(n).ok().map(|n| r.sparse_window_days = n),
        limit: "1 – 3660",
    },
    Number {
        field: "sparse_observable_opportunities",
        unit: 1,
        of: |r| many(r.sparse_observable_opportunities),
        put: |r, n| usize::try_from(n).ok().map(|n| r.sparse_observable_opportunities = n),
        limit: "1 – 100",
    },
    Number {
        field: "verified_days",
        unit: 1,
        of: |r| r.verified_days.into(),
        put: |r, n| i32::try_from(n).ok().map(|n| r.verified_days = n),
        limit: "1 – 3660",
    },
    Number {
        field: "contrary_days",
        unit: 1,
        of: |r| r.contrary_days.into(),
        put: |r, n| i32::try_from(n).ok().map(|n| r.contrary_days = n),
        limit: "1 – 3660",
    },
    Number {
        field: "closing_rounds",
        unit: 1,
        of: |r| many(r.closing_rounds),
        put: |r, n| usize::try_from(n).ok().map(|n| r.closing_rounds = n),
        limit: "1 – 100",
    },
    Number {
        field: "contested_within_ms",
        unit: MINUTE_MS,
        of: |r| r.contested_within_ms,
        put: |r, n| {
            r.contested_within_ms = n;
            Some(())
        },
        limit: "0 – 1440",
    },
    Number {
        field: "new_household_days",
        unit: 1,
        of: |r| r.new_household_days.into(),
        put: |r, n| i32::try_from(n).ok().map(|n| r.new_household_days = n),
        limit: "0 – 3660",
    },
    Number {
        field: "new_household_opportunities",
        unit: 1,
        of: |r| many(r.new_household_opportunities),
        put: |r, n| usize::try_from(n).ok().map(|n| r.new_household_opportunities = n),
        limit: "1 – 100",
    },
    Number {
        field: "working_percent",
        unit: 1,
        of: |r| r.working_percent,
        put: |r, n| {
            r.working_percent = n;
            Some(())
        },
        limit: "0 – 100",
    },
];

/// Reads a form of our own pages.
pub fn fields(form: Result<Form<Fields>, FormRejection>) -> Result<Fields, Problem> {
    form.map(|Form(fields)| fields)
        .map_err(|rejection| Problem::bad_value(format!("the form cannot be read: {}", rejection.body_text())))
}

/// Gives a field without the blanks around it.
pub fn field<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).map_or("", |value| value.trim())
}

/// Puts what was typed into a rule. `Err`: what to tell.
fn typed(site: &Site, fields: &Fields, t: &Texts) -> Result<Rules, String> {
    let words = &t.signing;
    let from: LocalDay = field(fields, "effective_from").parse().map_err(|_| words.rule_not_a_day.to_owned())?;
    let mut rules = read::commune(site).rules_on(from).clone();
    rules.version = field(fields, "version").to_owned();
    rules.effective_from = from;
    for (number, name) in NUMBERS.iter().zip(words.numbers) {
        let put = field(fields, number.field).parse::<i64>().ok().and_then(|value| value.checked_mul(number.unit));
        put.and_then(|value| (number.put)(&mut rules, value))
            .ok_or_else(|| (words.rule_out_of_range)(name, number.limit))?;
    }
    rules.check().map_err(|fault| {
        let at = NUMBERS.iter().position(|number| number.field == fault.key);
        match at {
            Some(at) => (words.rule_out_of_range)(words.numbers[at], NUMBERS[at].limit),
            None => (words.rule_out_of_range)(words.rule_version, "1 – 40"),
        }
    })?;
    Ok(rules)
}

/// Finds what forbids a rule. `None`: it may be recorded.
async fn refusal(site: &Site, rules: &Rules, lang: Lang, t: &Texts) -> Result<Option<String>, Problem> {
    let words = &t.signing;
    let commune = read::commune(site);
    if commune.rules.iter().any(|held| held.version == rules.version) {
        return Ok(Some((words.rule_same_version)(&rules.version)));
    }
    if let Some(first) = commune.rules.first().filter(|first| rules.effective_from < first.effective_from) {
        return Ok(Some((words.rule_before_first)(&lang.day(first.effective_from))));
    }
    let closed = site.web.store.closed_through().await?;
    if let Some(closed) = closed.filter(|closed| rules.effective_from <= *closed) {
        return Ok(Some((words.rule_closed)(&lang.day(closed))));
    }
    if rules.effective_from > read::today(site) + AHEAD_DAYS {
        return Ok(Some(words.rule_far.to_owned()));
    }
    let held = commune.rules_on(rules.effective_from);
    if NUMBERS.iter().all(|number| (number.of)(held) == (number.of)(rules)) {
        return Ok(Some(words.rule_unchanged.to_owned()));
    }
    Ok(None)
}

fn number_rows(before: &Rules, after: &Rules, lang: Lang, t: &Texts) -> Vec<NumberRow> {
    NUMBERS
        .iter()
        .zip(t.signing.numbers)
        .map(|(number, name)| {
            let (before, after) = ((number.of)(before) / number.unit, (number.of)(after) / number.unit);
            NumberRow { name, before: lang.count(before), after: lang.count(after), changed: before != after }
        })
        .collect()
}

/// Tells in one line what a version changes.
fn changed(before: &Rules, after: &Rules, lang: Lang, t: &Texts) -> String {
    let rows = number_rows(before, after, lang, t);
    let changed = rows.iter().filter(|row| row.changed);
    changed.map(|row| format!("{}: {} → {}", row.name, row.before, row.after)).collect::<Vec<_>>().join("; ")
}

/// Shows the versions, and the form of a new one to officers.
pub async fn rules(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    rules_page(&site, &who, (&headers, &uri), &Fields::new(), String::new()).await
}

async fn rules_page(
    site: &Site,
    who: &Who,
    (headers, uri): (&HeaderMap, &Uri),
    sent: &Fields,
    refusal: String,
) -> Result<Response, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.signing.rules.to_owned();
    let commune = read::commune(site);
    let zone = commune.zone.clone();
    let today = read::today(site);
    let in_force = commune.rules_on(today);
    let recorded = site.web.store.recorded_rules().await?;
    let mut versions: Vec<VersionRow> = commune
        .rules
        .iter()
        .enumerate()
        .map(|(at, rules)| {
            let by = recorded.iter().rfind(|of| of.change.rules.version == rules.version);
            let before = at.checked_sub(1).and_then(|before| commune.rules.get(before));
            VersionRow {
                version: rules.version.clone(),
                from: lang.day(rules.effective_from),
                in_force: rules.version == in_force.version,
                changed: before.map_or_else(String::new, |before| changed(before, rules, lang, t)),
                why: by.map_or_else(String::new, |of| of.change.why.clone()),
                by: by.map_or_else(
                    || t.signing.rule_of_file.to_owned(),
                    |of| format!("{} · {}", of.by, lang.moment(&zone, of.recorded)),
                ),
            }
        })
        .collect();
    versions.reverse();
    let kept = |name: &str, usual: String| sent.get(name).cloned().unwrap_or(usual);
    let fields = NUMBERS
        .iter()
        .zip(t.signing.numbers)
        .map(|(number, name)| RuleField {
            field: number.field,
            name,
            limit: number.limit,
            value: kept(number.field, ((number.of)(in_force) / number.unit).to_string()),
        })
        .collect();
    let status = if refusal.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = RulesPage {
        may_write: who.may(May::Sign),
        in_force: format!("{} · {} {}", in_force.version, t.signing.rule_from, lang.day(in_force.effective_from)),
        numbers: number_rows(in_force, in_force, lang, t),
        versions,
        refusal,
        version: kept("version", String::new()),
        effective_from: kept("effective_from", today.next().to_string()),
        fields,
        frame,
    };
    Ok((status, shown(&view)?).into_response())
}

/// Begins the preview of a rule and leads to it.
pub async fn begin_preview(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
    form: Result<Form<Fields>, FormRejection>,
) -> Result<Response, Problem> {
    whole_commune(&who)?;
    let sent = fields(form)?;
    let (lang, t) = super::words(&headers, &uri);
    let rules = match typed(&site, &sent, t) {
        Ok(rules) => rules,
        Err(fault) => return rules_page(&site, &who, (&headers, &Uri::from_static("/rules")), &sent, fault).await,
    };
    if let Some(fault) = refusal(&site, &rules, lang, t).await? {
        return rules_page(&site, &who, (&headers, &Uri::from_static("/rules")), &sent, fault).await;
    }
    match previews::begin(&site, rules).await? {
        Some(id) => Ok(Redirect::to(&format!("/rules/preview/{id}")).into_response()),
        None => {
            let fault = t.signing.preview_nothing.to_owned();
            rules_page(&site, &who, (&headers, &Uri::from_static("/rules")), &sent, fault).await
        }
    }
}

fn gone() -> Problem {
    Problem::not_found("the preview is not kept any more; make it again at /rules")
}

/// Shows how far a preview is, and then what the rule would change.
pub async fn preview(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    preview_page(&site, &who, (&headers, &uri), &id, String::new()).await
}

async fn preview_page(
    site: &Site,
    who: &Who,
    (headers, uri): (&HeaderMap, &Uri),
    id: &str,
    refusal: String,
) -> Result<Response, Problem> {
    let (rules, progress) = site.previews.find(id).ok_or_else(gone)?;
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.signing.preview.to_owned();
    let mut view = PreviewPage {
        id: id.to_owned(),
        version: rules.version.clone(),
        from: lang.day(rules.effective_from),
        refusal,
        running: None,
        message: "",
        done: None,
        frame,
    };
    let mut refresh = None;
    match progress {
        Progress::Running(done, all) => {
            let (done, all) = (many(done), many(all));
            view.running = Some((done, all.max(1), (t.signing.preview_running)(&lang.count(done), &lang.count(all))));
            refresh = Some(FOLLOW_S);
        }
        Progress::Failed => view.message = t.signing.preview_failed,
        Progress::Done(None) => view.message = t.signing.preview_nothing,
        Progress::Done(Some(effect)) => view.done = Some(told(site, &effect, lang, t)),
    }
    let status = if view.refusal.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let response = (status, shown(&view)?).into_response();
    Ok(followed(response, refresh))
}

fn share(counts: &Counts, lang: Lang) -> String {
    counts.share().map_or_else(|| "–".to_owned(), |share| lang.percent(share))
}

fn told(site: &Site, effect: &Effect, lang: Lang, t: &Texts) -> PreviewDone {
    let from = lang.day(effect.as_from);
    let future = effect.rules.effective_from > effect.last_day;
    PreviewDone {
        as_from: if future { (t.signing.preview_future)(&from) } else { (t.signing.preview_as_from)(&from) },
        numbers: number_rows(&effect.instead_of, &effect.rules, lang, t),
        days: effect.days.iter().rev().map(|(day, of)| effect_day(site, *day, of, lang, t)).collect(),
        course: effect
            .course
            .iter()
            .map(|(day, (before, after))| ShareRow {
                name: lang.day(*day),
                before: share(before, lang),
                after: share(after, lang),
                counts: String::new(),
            })
            .collect(),
    }
}

fn effect_day(site: &Site, day: LocalDay, of: &DayEffect, lang: Lang, t: &Texts) -> EffectDay {
    let (before, after) = of.commune();
    let row = |name: String, before: &Counts, after: &Counts| ShareRow {
        name,
        before: share(before, lang),
        after: share(after, lang),
        counts: format!(
            "S {} → {} · N {} → {} · U {} → {} · E {} → {}",
            lang.count(before.sorting),
            lang.count(after.sorting),
            lang.count(before.not_sorting),
            lang.count(after.not_sorting),
            lang.count(before.undetermined_total()),
            lang.count(after.undetermined_total()),
            lang.count(before.eligible),
            lang.count(after.eligible),
        ),
    };
    let mut hamlets = vec![row(t.signing.commune_row.to_owned(), &before, &after)];
    for (area, before) in &of.before {
        let after = of.after.get(area).copied().unwrap_or_default();
        hamlets.push(row(read::area_name(site, area), before, &after));
    }
    let line = |hamlet: String, from: Standing, to: Standing, count: i64| MoveRow {
        hamlet,
        from: t.standing_name(from),
        to: t.standing_name(to),
        households: lang.count(count),
    };
    let together = of.moves.together();
    EffectDay {
        title: (t.signing.preview_day)(&lang.day(day)),
        moved: (t.signing.households_moved)(&lang.count(of.moves.households())),
        moves: together.iter().map(|((from, to), count)| line(String::new(), *from, *to, *count)).collect(),
        by_hamlet: of
            .moves
            .0
            .iter()
            .map(|((area, from, to), count)| line(read::area_name(site, area), *from, *to, *count))
            .collect(),
        hamlets,
    }
}

/// Records the rule of a preview that was looked at, with what it makes stale, and leads back to the versions.
pub async fn save_rule(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    form: Result<Form<Fields>, FormRejection>,
) -> Result<Response, Problem> {
    whole_commune(&who)?;
    let sent = fields(form)?;
    let (lang, t) = super::words(&headers, &uri);
    let (rules, progress) = site.previews.find(&id).ok_or_else(gone)?;
    let here: Uri = format!("/rules/preview/{id}").parse().map_err(|_| gone())?;
    if !matches!(progress, Progress::Done(Some(_))) {
        return preview_page(&site, &who, (&headers, &here), &id, String::new()).await;
    }
    let why = field(&sent, "why").to_owned();
    if !(5..=500).contains(&why.chars().count()) {
        return preview_page(&site, &who, (&headers, &here), &id, t.signing.reason_missing.to_owned()).await;
    }
    if let Some(fault) = refusal(&site, &rules, lang, t).await? {
        return preview_page(&site, &who, (&headers, &here), &id, fault).await;
    }
    let store = &site.web.store;
    let days = (store.computed_from().await?, store.computed_through().await?);
    let register = site.web.register.borrow().clone();
    let stale = stale_by_rule(&read::commune(&site), &register, &rules, days);
    let by = who.account.map(|account| account.name).unwrap_or_default();
    let row = Row::Rule(RuleChange { rules, why });
    store.record_register(&[row], &[], stale, site.web.clock.now(), &by).await?;
    Ok(Redirect::to("/rules").into_response())
}
