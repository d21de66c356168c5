//! Pages of the quarantine: the list, one message, and its replay.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Redirect};

use super::{frame, shown};
use crate::domain::time::Zone;
use crate::store::{QuarantineRow, ReplayOutcome};
use crate::web::api::replayed;
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::texts::Texts;
use crate::web::views::quarantine::{Line, Quarantine, Quarantined};

/// Messages on the page.
const ROWS: i64 = 200;
/// Characters of a message on its page; the API gives all.
const RAW_CHARS: usize = 20_000;

fn line(zone: &Zone, lang: Lang, t: &'static Texts, row: &QuarantineRow) -> Line {
    let outcome = row.outcome.map(|outcome| {
        let word = match outcome {
            ReplayOutcome::Taken => t.replay_taken,
            ReplayOutcome::Refused => t.replay_refused,
            ReplayOutcome::Conflict => t.replay_conflict,
        };
        let at = row.replayed.map_or_else(String::new, |at| lang.moment(zone, at));
        format!("{word} · {at} · {}", row.replayed_by.as_deref().unwrap_or_default())
    });
    Line {
        id: row.id.clone(),
        reason: row.reason.clone(),
        topic: row.topic.clone(),
        first_seen: lang.moment(zone, row.first_seen),
        last_seen: lang.moment(zone, row.last_seen),
        times: lang.count(row.count),
        outcome: outcome.unwrap_or_default(),
    }
}

/// Lists the quarantine, latest first.
pub async fn quarantine(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.quarantine.to_owned();
    let zone = read::commune(&site).zone.clone();
    let sum = site.web.store.quarantine_sum().await?;
    let totals = site.web.store.quarantine_totals().await?;
    let rows = site.web.store.quarantine(ROWS).await?;
    let view = Quarantine {
        frame,
        held: (t.quarantine_held)(&lang.count(sum.rows), &lang.count(sum.bytes / 1_000), &lang.count(sum.conflicts)),
        dropped: if sum.dropped > 0 { (t.quarantine_dropped)(&lang.count(sum.dropped)) } else { String::new() },
        totals: totals.into_iter().map(|(code, count)| (code, lang.count(count))).collect(),
        rows: rows.iter().map(|row| line(&zone, lang, t, row)).collect(),
    };
    shown(&view)
}

/// Shows one message.
pub async fn quarantined(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.quarantine.to_owned();
    let zone = read::commune(&site).zone.clone();
    let row = site.web.store.quarantined(&id).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("nothing is kept under `{id}`; see /quarantine")))?;
    let raw = site.web.store.quarantined_raw(&id).await?.unwrap_or_default();
    let raw = hex::decode(&raw).unwrap_or_default();
    let view = Quarantined {
        frame,
        code: row.code.clone(),
        size: lang.count(row.size_bytes),
        raw: String::from_utf8_lossy(&raw).chars().take(RAW_CHARS).collect(),
        replayable: row.whole && row.outcome != Some(ReplayOutcome::Taken),
        cut: !row.whole,
        row: line(&zone, lang, t, &row),
    };
    shown(&view)
}

/// Replays one message and leads back to it.
pub async fn replay(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Result<Redirect, Problem> {
    replayed(&site, &who, &id).await?;
    Ok(Redirect::to(&format!("/quarantine/{}", crate::web::sign_in::encoded(&id))))
}
