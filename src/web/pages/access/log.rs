//! The access log: who looked at which households, on a page and as a file.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use crate::domain::ids::HouseholdCode;
use crate::domain::time::Instant;
use crate::store::{Looked, LooksQuery};
use crate::web::api::stamp;
use crate::web::ask::{self, Ask};
use crate::web::download;
use crate::web::guard::{Site, Who};
use crate::web::pages::{frame, shown};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::sign_in::encoded;
use crate::web::views::access::{AccessLog, LookLine};

/// Looks on a page.
const PAGE: i64 = 100;
/// Looks in a file; more are asked for by day.
const FILE_MAX: i64 = 50_000;

/// Which looks are asked for.
#[derive(Debug, Deserialize)]
pub struct LooksAsk {
    account: Option<String>,
    household: Option<String>,
    from: Option<String>,
    to: Option<String>,
    /// `MS_ID` of the last look of the page before.
    after: Option<String>,
}

impl LooksAsk {
    fn query(&self, site: &Site, limit: i64) -> Result<LooksQuery, Problem> {
        let after = ask::given(&self.after)
            .map(|text| {
                let place = text.split_once('_');
                let place = place.and_then(|(ms, id)| Some((Instant::from_ms(ms.parse().ok()?), id.to_owned())));
                place.ok_or_else(|| {
                    Problem::bad_value(format!("parameter `after`: `{text}` is not a page's; leave it out to begin"))
                })
            })
            .transpose()?;
        Ok(LooksQuery {
            account: ask::given(&self.account).map(str::to_lowercase),
            household: ask::given(&self.household).map(HouseholdCode::from),
            from: ask::instant(site, "from", &self.from, false)?,
            to: ask::instant(site, "to", &self.to, true)?,
            after,
            limit,
        })
    }

    fn filters(&self) -> [String; 4] {
        [&self.account, &self.household, &self.from, &self.to]
            .map(|field| ask::given(field).unwrap_or_default().to_owned())
    }

    /// Gives the filters as a query that ends in `&`, or nothing.
    fn as_query(&self) -> String {
        let names = ["account", "household", "from", "to"];
        let given = names.iter().zip(self.filters()).filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| format!("{name}={}&", encoded(&value))).collect()
    }
}

/// Shows who looked at which households.
pub async fn access_log(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<LooksAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.access.log.to_owned();
    let mut looks = site.web.store.looks(asked.query(&site, PAGE + 1)?).await?;
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = looks.len() > page;
    looks.truncate(page);
    let query = asked.as_query();
    let next =
        looks.last().filter(|_| more).map(|look| format!("/access-log?{query}after={}_{}", look.at.ms(), look.id));
    let zone = read::commune(&site).zone.clone();
    shown(&AccessLog {
        frame,
        asked: asked.filters(),
        rows: looks
            .into_iter()
            .map(|look| LookLine {
                at: lang.moment(&zone, look.at),
                account: look.account,
                action: action(t.access.looks, &look.action).to_owned(),
                everybody: look.seen.everybody,
                subject: look.seen.subject,
                rows: look.seen.rows.map_or_else(String::new, |rows| lang.count(rows)),
            })
            .collect(),
        next: next.unwrap_or_default(),
        csv: format!("/access-log.csv?{}", query.trim_end_matches('&')),
    })
}

/// Names what was looked at. A word of an older release stays as it is.
fn action<'t>(looks: &'static [(&'static str, &'static str)], word: &'t str) -> &'t str {
    looks.iter().find(|(of, _)| *of == word).map_or(word, |(_, name)| name)
}

/// Gives the same as a file, with the households of each look.
pub async fn access_log_csv(Shared(site): Shared<Arc<Site>>, Ask(asked): Ask<LooksAsk>) -> Result<Response, Problem> {
    let looks = site.web.store.looks(asked.query(&site, FILE_MAX + 1)?).await?;
    if looks.len() > usize::try_from(FILE_MAX).unwrap_or(usize::MAX) {
        return Err(Problem::bad_value(format!(
            "there are more than {FILE_MAX} looks; ask for fewer days with `from` and `to`"
        )));
    }
    let zone = read::commune(&site).zone.clone();
    // The mark by which spreadsheets know UTF-8.
    let mut file = String::from("\u{feff}at,account,action,subject,rows,households\r\n");
    for look in looks {
        line(&mut file, &stamp(&zone, look.at), &look);
    }
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"access-log.csv\""),
    ];
    Ok((head, file).into_response())
}

fn line(file: &mut String, at: &str, look: &Looked) {
    let named = look.seen.households.iter().map(HouseholdCode::as_str);
    let households: Vec<&str> = if look.seen.everybody { vec!["*"] } else { named.collect() };
    let rows = look.seen.rows.map_or_else(String::new, |rows| rows.to_string());
    let households = households.join(" ");
    download::line(file, [at, &look.account, &look.action, &look.seen.subject, &rows, &households].into_iter());
}
