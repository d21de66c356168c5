//! Alerts: what is open and what was, one alert, and saying that one takes care of it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::lists::{area_choices, choice};
use super::{frame, shown};
use crate::domain::alert::{AlertKind, Severity};
use crate::domain::ids::AreaCode;
use crate::domain::time::Instant;
use crate::store::{Acknowledged, Acknowledgement, KeptAlert, PastAlerts};
use crate::web::api::acknowledged;
use crate::web::ask::{self, Ask};
use crate::web::equipment::{self, alert_line, mark, raised, subject_words};
use crate::web::fields::Fields;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::sign_in::encoded;
use crate::web::texts::WatchTexts;
use crate::web::views::lists::Choice;
use crate::web::views::watch::{AlertPage, Alerts};
use crate::web::{download, read};

/// Alerts of the past on a page.
const PAGE: i64 = 50;
/// Alerts of the past in a file at most.
const FILE: i64 = 10_000;
/// Earlier alerts beside one.
pub(super) const EARLIER: i64 = 5;

/// What the list is asked for.
#[derive(Debug, Deserialize)]
pub struct AlertsAsk {
    show: Option<String>,
    kind: Option<String>,
    area: Option<String>,
    taken: Option<String>,
    /// `MS~ID` of the last row of the page before.
    after: Option<String>,
}

/// The list as it was asked for, checked.
struct Asked {
    past: bool,
    kind: Option<AlertKind>,
    area: Option<AreaCode>,
    taken: Option<bool>,
    after: Option<(Instant, String)>,
}

impl Asked {
    fn of(site: &Site, ask: &AlertsAsk) -> Result<Self, Problem> {
        let kinds: Vec<&str> = AlertKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let after = ask::given(&ask.after)
            .map(|text| {
                let parts = text.split_once('~').and_then(|(ms, id)| Some((ms.parse().ok()?, id.to_owned())));
                parts.map(|(ms, id): (i64, String)| (Instant::from_ms(ms), id)).ok_or_else(|| {
                    Problem::bad_value(format!("parameter `after`: `{text}` is not a page's; leave it out to begin"))
                })
            })
            .transpose()?;
        let past = ask::word("show", &ask.show, &["open", "past"], |word| match word {
            "open" => Some(false),
            "past" => Some(true),
            _ => None,
        })?;
        let taken = ask::word("taken", &ask.taken, &["yes", "no"], |word| match word {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        })?;
        let kind = ask::word("kind", &ask.kind, &kinds, AlertKind::from_word)?;
        let past = past.unwrap_or(false);
        // What is over has no hamlet of now, and nobody need take care of it.
        let (area, taken) = if past { (None, None) } else { (ask::area(site, &ask.area)?, taken) };
        Ok(Self { past, kind, area, taken, after })
    }

    /// Reads the alerts, of the past at most so many.
    async fn read(&self, site: &Site, limit: i64) -> Result<Vec<KeptAlert>, Problem> {
        if self.past {
            let query = PastAlerts { kind: self.kind, subject: None, after: self.after.clone(), limit };
            return Ok(site.web.store.past_alerts(&query).await?);
        }
        let mut open = raised(site).await?;
        open.retain(|kept| {
            self.kind.is_none_or(|kind| kept.alert.kind() == kind)
                && self.taken.is_none_or(|taken| kept.acknowledged.is_some() == taken)
                && self
                    .area
                    .as_ref()
                    .is_none_or(|area| equipment::area_of(site, &kept.alert.subject).as_ref() == Some(area))
        });
        Ok(open)
    }

    fn query(&self) -> String {
        let mut query = format!("show={}", if self.past { "past" } else { "open" });
        if let Some(kind) = self.kind {
            query.push_str(&format!("&kind={kind}"));
        }
        if let Some(area) = &self.area {
            query.push_str(&format!("&area={}", encoded(area.as_str())));
        }
        if let Some(taken) = self.taken {
            query.push_str(if taken { "&taken=yes" } else { "&taken=no" });
        }
        query
    }

    fn is_filtered(&self) -> bool {
        self.kind.is_some() || self.area.is_some() || self.taken.is_some()
    }
}

/// Counts open alerts by severity, in words; severities without one are left out.
fn sums(open: &[KeptAlert], lang: Lang, w: &WatchTexts) -> Vec<(&'static str, &'static str, String)> {
    let of = |severity: &Severity| {
        let count = open.iter().filter(|kept| kept.alert.kind().severity() == *severity).count();
        let (class, icon) = mark(*severity);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        (count > 0).then(|| (class, icon, format!("{} {}", lang.count(count), w.severity_of(*severity))))
    };
    Severity::ALL.iter().filter_map(of).collect()
}

/// Lists alerts.
pub async fn alerts(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<AlertsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let w = t.watch;
    frame.title = w.alerts.to_owned();
    let asked = Asked::of(&site, &ask)?;
    let mut found = asked.read(&site, PAGE + 1).await?;
    let size = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = asked.past && found.len() > size;
    if asked.past {
        found.truncate(size);
    }
    let waiting = found.iter().filter(|kept| kept.acknowledged.is_none()).count();
    let waiting = lang.count(i64::try_from(waiting).unwrap_or(i64::MAX));
    let last = found.last().filter(|_| more).and_then(|kept| Some((kept.alert.resolved?, kept.alert.id.clone())));
    let taking = |value, label: &str, taken| choice(value, label, asked.taken == Some(taken));
    let view = Alerts {
        w,
        past: asked.past,
        kinds: AlertKind::ALL
            .iter()
            .map(|kind| choice(kind.as_str(), w.kind_of(*kind), asked.kind == Some(*kind)))
            .collect(),
        areas: area_choices(&site, &[], asked.area.as_ref()),
        takings: vec![taking("no", w.waiting, false), taking("yes", w.taken, true)] as Vec<Choice>,
        sums: if asked.past { Vec::new() } else { sums(&found, lang, w) },
        waiting: (w.waiting_sum)(&waiting),
        none: match (asked.is_filtered(), asked.past) {
            (true, _) => w.none_found,
            (false, true) => w.none_past,
            (false, false) => w.none_open,
        },
        rows: found.iter().map(|kept| alert_line(&site, &who, kept, lang, t)).collect(),
        next: last.map_or_else(String::new, |(at, id)| format!("/alerts?{}&after={}~{id}", asked.query(), at.ms())),
        query: asked.query(),
        frame,
    };
    shown(&view)
}

/// Gives alerts as a file.
pub async fn alerts_csv(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<AlertsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let w = t.watch;
    let zone = read::commune(&site).zone.clone();
    let asked = Asked::of(&site, &ask)?;
    let moment = |at: Option<Instant>| at.map_or_else(String::new, |at| crate::web::api::stamp(&zone, at));
    let found = asked.read(&site, FILE).await?;
    let rows = found.iter().map(|kept| {
        let alert = &kept.alert;
        let (subject, _, at) = subject_words(&site, &who, alert, t);
        let said = kept.acknowledged.as_ref();
        vec![
            alert.id.clone(),
            alert.kind().to_string(),
            w.kind_of(alert.kind()).to_owned(),
            alert.kind().severity().to_string(),
            subject,
            at,
            equipment::says(&site, &alert.cause, lang, t),
            moment(Some(alert.first_seen)),
            moment(Some(alert.last_seen)),
            moment(alert.resolved),
            said.map_or_else(String::new, |said| said.by.clone()),
            moment(said.map(|said| said.at)),
            said.map_or_else(String::new, |said| said.note.clone()),
        ]
    });
    let head = [
        "id",
        "kind",
        w.kind,
        "severity",
        t.device,
        t.place,
        w.seen,
        w.first_seen,
        w.last_looked,
        w.ended,
        w.who,
        w.taken,
        w.note,
    ];
    Ok(download::csv("alerts.csv", &head, rows))
}

/// Shows one alert.
pub async fn alert(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    page(&site, &who, &id, &headers, &uri, false).await
}

async fn page(
    site: &Site,
    who: &Who,
    id: &str,
    headers: &HeaderMap,
    uri: &Uri,
    is_over: bool,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, who, headers, uri);
    let (lang, t) = (frame.lang, frame.t);
    let w = t.watch;
    let kept = site.web.store.alert(id).await?.filter(|kept| kept.alert.raised.is_some());
    let kept = kept.ok_or_else(|| Problem::not_found(format!("there is no alert `{id}`; /alerts lists them")))?;
    let line = alert_line(site, who, &kept, lang, t);
    frame.title = line.kind.to_owned();
    let alert = &kept.alert;
    let zone = &read::commune(site).zone;
    let times = [
        (w.first_seen, Some(alert.first_seen)),
        (w.raised, alert.raised),
        (w.last_looked, Some(alert.last_seen)),
        (w.ended, alert.resolved),
    ];
    let said = site.web.store.acknowledgements(id).await?;
    let view = AlertPage {
        w,
        anchor: format!("alert-{}", alert.kind().as_str().replace('_', "-")),
        advice: w.advice_of(alert.kind()),
        times: times.into_iter().filter_map(|(name, at)| Some((name, lang.moment(zone, at?)))).collect(),
        said: said
            .iter()
            .map(|one| {
                let words = if one.taken_back { w.taken_back_by } else { w.taken_by };
                (words(&one.by, &lang.moment(zone, one.at)), one.note.clone())
            })
            .collect(),
        refusal: if is_over { w.over.to_owned() } else { String::new() },
        earlier: earlier(site, who, &kept, lang, t).await?,
        line,
        frame,
    };
    shown(&view)
}

async fn earlier(
    site: &Site,
    who: &Who,
    kept: &KeptAlert,
    lang: Lang,
    t: &'static crate::web::texts::Texts,
) -> Result<Vec<crate::web::views::watch::AlertLine>, Problem> {
    let query = PastAlerts { kind: None, subject: Some(kept.alert.subject.clone()), after: None, limit: EARLIER + 1 };
    let past = site.web.store.past_alerts(&query).await?;
    let others = past.iter().filter(|of| of.alert.id != kept.alert.id);
    Ok(others.map(|of| alert_line(site, who, of, lang, t)).collect())
}

/// Records that somebody takes care of an alert, or does not after all, and leads back to where that was said.
pub async fn acknowledge(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    fields: Fields,
) -> Result<Response, Problem> {
    // A form ends its lines with two characters.
    let note = fields.one("note").replace("\r\n", "\n");
    let said = Acknowledgement {
        id: fields.one("id").to_owned(),
        alert: id.clone(),
        taken_back: fields.one("taken_back") == "1",
        note,
        at: site.web.clock.now(),
        by: who.account.as_ref().map_or_else(String::new, |account| account.name.clone()),
    };
    match acknowledged(&site, &said).await? {
        Acknowledged::Done => Ok(Redirect::to(&way_back(fields.one("back"), &id)).into_response()),
        Acknowledged::Unknown => Err(Problem::not_found(format!("there is no alert `{id}`; /alerts lists them"))),
        Acknowledged::Over => {
            let page = page(&site, &who, &id, &headers, &uri, true).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

/// Gives the page that an acknowledgement was made on; only pages of ours are led to.
fn way_back(from: &str, id: &str) -> String {
    match from {
        "own" => format!("/alerts/{id}"),
        page if page.starts_with("/devices/") && !page.contains("//") => page.to_owned(),
        _ => "/alerts".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(way_back("own", "7f"), "/alerts/7f");
        assert_eq!(way_back("/devices/P001-A", "7f"), "/devices/P001-A");
        for elsewhere in ["//evil.example", "https://evil.example", "/devices//evil.example", "list", ""] {
            assert_eq!(way_back(elsewhere, "7f"), "/alerts", "{elsewhere}");
        }
    }
}
