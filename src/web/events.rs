//! Server-sent events: what changes, as far as the reader may know it.
//!
//! The public hears that figures changed and how far the catch-up is; pickups go to those who may see pickups, and how
//! many alerts are open to those who may see alerts.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt, stream};
use serde_json::json;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::api::stamp;
use super::guard::{Site, Who};
use super::lang::Lang;
use super::pages::{progress_line, words};
use super::table::May;
use super::{Live, Progress, read};

/// Streams `figures`, `progress` and, to those who may see them, `pickup` and `alerts` events.
#[utoipa::path(get, path = "/events", tag = "figures",
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub async fn events(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    headers: HeaderMap,
    uri: Uri,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (lang, _) = words(&headers, &uri);
    let ended = site.ended.clone();
    let live = BroadcastStream::new(site.web.live.subscribe());
    // What was told while nobody listened: the count in the navigation stands on every page.
    let count = who.may(May::Condition).then(|| counted(&site, "count"));
    let events = live.flat_map(move |happened| {
        let told = match happened {
            Ok(happened) => [told(&site, &who, lang, &happened), None],
            // Events were lost to a slow reader: it reloads what it shows, and so has missed nothing.
            Err(BroadcastStreamRecvError::Lagged(_)) => [Some(figures()), told(&site, &who, lang, &Live::Alerts)],
        };
        stream::iter(told.into_iter().flatten())
    });
    let events = stream::iter(count).chain(events).map(Ok);
    let until = async move {
        match ended {
            Some(mut ended) => {
                // An error means that the server is gone, which ends the stream just as well.
                let _ = ended.wait_for(|ended| *ended).await;
            }
            None => std::future::pending().await,
        }
    };
    Sse::new(events.take_until(until)).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}

fn figures() -> Event {
    Event::default().event("figures").data("{}")
}

fn counted(site: &Site, event: &str) -> Event {
    let counts = *site.web.alerts.borrow();
    Event::default().event(event).data(json!({ "open": counts.open, "waiting": counts.waiting }).to_string())
}

fn told(site: &Site, who: &Who, lang: Lang, happened: &Live) -> Option<Event> {
    match happened {
        Live::Figures => Some(figures()),
        Live::Alerts => who.may(May::Condition).then(|| counted(site, "alerts")),
        Live::Progress(progress) => Some(Event::default().event("progress").data(progress_data(*progress, lang))),
        Live::Pickup { place, stream, at, net_g } => who.may(May::Pickups).then(|| {
            let at = stamp(&read::commune(site).zone, *at);
            let data = json!({ "place": place, "stream": stream.as_str(), "at": at, "net_g": net_g });
            Event::default().event("pickup").data(data.to_string())
        }),
    }
}

fn progress_data(progress: Progress, lang: Lang) -> String {
    json!({
        "done": progress.done,
        "total": progress.total,
        "per_second": progress.per_second,
        "eta_s": progress.eta_s,
        "pickups": progress.pickups,
        "line": progress_line(progress, lang).line,
    })
    .to_string()
}
