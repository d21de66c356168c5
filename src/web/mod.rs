//! Pages, API, charts, sign-in and server-sent events: the only user of axum.
//!
//! Owns who may see what (`table`), how a request is answered, and nothing of what the figures mean. Reads through the
//! store and `indicators`; previews of rules are computed by `recompute`.
//!
//! | Module | Owns |
//! |---|---|
//! | `table` | every route with its role, in one table |
//! | `door` | the listening socket, plain or with TLS |
//! | `guard` | who asks, may they, from which site; the security headers |
//! | `sign_in` | sessions by password and by PIN, their cookies, attempts |
//! | `problem` | errors: RFC 9457 for programs, a page for people |
//! | `ask` | query parameters, parsed at the edge |
//! | `publication` | what the asker may know of the hamlets: small numbers are hidden from the public |
//! | `read` | counts from the store to shares with all that must stand beside them |
//! | `figures` | the store's sums to the indicators of periods, the re-mixing alarm and the guards of the share |
//! | `visiting` | the workload of visits |
//! | `scope` | the hamlets that an account's work is limited to |
//! | `sheet` | CSV files |
//! | `closing`, `previews` | closing a month; what a new rule would change |
//! | `equipment` | devices, points and alerts, read for pages and the API; alerts in words |
//! | `jobs` | work beside the requests, under way and done: previews, papers to print |
//! | `evidence` | everything that stands behind a household's state on a day |
//! | `download` | tables as files |
//! | `outbox`, `jpeg` | what phones send: which versions of their items are taken, and what is kept of a picture |
//! | `drawing` | which figures go into each chart |
//! | `api`, `pages`, `pictures`, `events`, `openapi` | the answers |
//! | `views`, `texts`, `lang` | what pages look like, in which words |

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use futures_util::future::BoxFuture;
use tokio::sync::{broadcast, watch};

use crate::config::Network;
use crate::domain::ids::StreamCode;
use crate::domain::register::{Commune, Register};
use crate::domain::time::{Clock, Instant};
use crate::store::{AlertCounts, Replayed, Store, StoreError};

pub mod api;
mod ask;
mod assets;
mod closing;
mod door;
mod download;
mod drawing;
mod equipment;
mod events;
mod evidence;
mod fields;
mod figures;
mod guard;
mod jobs;
mod jpeg;
mod lang;
mod limit;
mod metrics;
mod openapi;
mod outbox;
mod pages;
mod pictures;
mod previews;
mod problem;
mod publication;
mod read;
mod scope;
mod sheet;
mod sign_in;
mod table;
mod texts;
mod views;
mod visiting;

pub use door::{Door, Peer};
pub use metrics::serve_metrics;

#[cfg(test)]
mod tests;

/// What the web server needs; made by the composition root.
#[derive(Clone)]
pub struct Web {
    /// The database.
    pub store: Store,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// The commune in force.
    pub commune: watch::Receiver<Arc<Commune>>,
    /// The register in force, for names.
    pub register: watch::Receiver<Arc<Register>>,
    /// What happens, for server-sent events; slow readers lose old events, never hold back new ones.
    pub live: broadcast::Sender<Live>,
    /// How many alerts are open, for the navigation.
    pub alerts: watch::Sender<AlertCounts>,
    /// What works and what does not.
    pub ready: watch::Receiver<Readiness>,
    /// Replays a row of the quarantine (its id) for somebody (account).
    pub replay: Replay,
    /// How it is reached.
    pub settings: Settings,
}

/// What replays a row of the quarantine, made by the composition root: the pages decode nothing.
pub type Replay = Arc<dyn Fn(String, String) -> BoxFuture<'static, Result<Replayed, StoreError>> + Send + Sync>;

/// How the server is reached from outside.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The origin that browsers see, for example `https://rac.tanminh.vn`, without a path. `None`: the `Host` header's.
    pub public_origin: Option<String>,
    /// Browsers reach the server by TLS: cookies are `Secure` and `__Host-`.
    pub secure: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// Figures were recomputed.
    Figures,
    /// A pickup was added.
    Pickup {
        /// Where, by name.
        place: String,
        /// Which stream.
        stream: StreamCode,
        /// When.
        at: Instant,
        /// Net mass, grams. `None`: presence only.
        net_g: Option<i64>,
    },
    /// Alerts came, ended or were acknowledged.
    Alerts,
    /// The catch-up went on.
    Progress(Progress),
}

/// How far the catch-up of stored events is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Events done.
    pub done: i64,
    /// Events in all.
    pub total: i64,
    /// Events a second.
    pub per_second: i64,
    /// Seconds left. `None`: not known yet.
    pub eta_s: Option<i64>,
    /// Pickups derived so far.
    pub pickups: i64,
}

/// What works and what does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// The last write reached the database.
    pub database: bool,
    /// The broker session stands.
    pub broker: bool,
    /// The catch-up under way; `None` when done.
    pub catch_up: Option<Progress>,
}

/// Gives the path of every page, with `{parameters}`: what persons read.
pub fn page_paths() -> Vec<&'static str> {
    let pages = table::routes()
        .into_iter()
        .filter(|route| route.method == Method::GET && route.reader == table::Reader::Person);
    pages.map(|route| route.path).collect()
}

/// Makes the router: every route of the table behind the guard.
pub fn router(web: Web) -> Router {
    guard::guarded(Arc::new(guard::Site::new(web)))
}

/// Serves until `shutdown` is done, then ends open event streams and finishes the requests under way.
///
/// # Errors
/// The listener's, when it cannot accept any more.
pub async fn serve(
    door: impl Into<Door>,
    web: Web,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (ending, ended) = watch::channel(false);
    let site = Arc::new(guard::Site::new(web).ending_with(ended));
    let router = guard::guarded(site);
    axum::serve(door.into(), router.into_make_service_with_connect_info::<Peer>())
        .with_graceful_shutdown(async move {
            shutdown.await;
            // Event streams never end by themselves and would hold the shutdown.
            ending.send_replace(true);
        })
        .await
}
