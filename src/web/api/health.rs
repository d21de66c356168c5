//! Whether the process is up, and whether it can do its work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::guard::Site;

/// The process is up.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `up`.
    status: &'static str,
}

/// Tells that the process is up, whatever it waits for.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = Health)))]
pub async fn healthz() -> Json<Health> {
    Json(Health { status: "up" })
}

/// What works and what does not.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// All of the below.
    ready: bool,
    /// The database answers, and the last write reached it.
    database: bool,
    /// The broker session stands.
    broker: bool,
    /// Stored events are all in the figures.
    caught_up: bool,
    /// How far the catch-up is; null when done.
    progress: Option<CatchUp>,
}

/// How far the catch-up is.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatchUp {
    /// Events done.
    done: i64,
    /// Events in all.
    total: i64,
    /// Events a second.
    per_second: i64,
    /// Seconds left; null: not known yet.
    eta_s: Option<i64>,
    /// Pickups so far.
    pickups: i64,
}

/// Tells whether database, broker session and catch-up are ready; 503 until they are.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, body = Ready), (status = 503, body = Ready)))]
pub async fn readyz(State(site): State<Arc<Site>>) -> (StatusCode, Json<Ready>) {
    let readiness = *site.web.ready.borrow();
    let database = readiness.database && site.web.store.ping().await.is_ok();
    let caught_up = readiness.catch_up.is_none();
    let ready = database && readiness.broker && caught_up;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let progress = readiness.catch_up.map(|progress| CatchUp {
        done: progress.done,
        total: progress.total,
        per_second: progress.per_second,
        eta_s: progress.eta_s,
        pickups: progress.pickups,
    });
    (status, Json(Ready { ready, database, broker: readiness.broker, caught_up, progress }))
}
