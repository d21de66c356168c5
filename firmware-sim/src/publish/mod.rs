//! The MQTT side: a commune's history as fast as the broker takes it, then live, at QoS 1.
//!
//! Owns connections and pace. What is sent comes from [`crate::walk`], its bytes from [`crate::wire`].
//!
//! # Why
//! Memory is bounded by the day: one service day is made at a time, and each device's log (`outbox`) holds a
//! few envelopes' events until the service, or without one the broker, has acknowledged them. They are kept
//! there, not in the client library, which forgets them when a broker comes back without a session (`link`).
//!
//! A back-fill looks like a device whose uplink was cut: `sent_ms` less an event's `ms` is the true time
//! between its capture and its sending, on the same boot's clock.

mod feed;
mod ledger;
mod link;
mod outbox;
#[cfg(test)]
mod tests;

use crate::plan::Plan;
use jiff::civil::Date;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use ledger::Ledger;
use link::Link;

/// Jobs waiting for one connection; a day of a device is one or two envelopes, so this is several days.
const LINK_QUEUE: usize = 8;

/// User name and password of one client.
#[derive(Clone)]
pub struct Credentials {
    /// User name, the device's code as a rule.
    pub user: String,
    /// Password.
    pub password: String,
}

/// Gives a client's credentials by its client id (the device's code).
pub type CredentialsOf = Arc<dyn Fn(&str) -> Option<Credentials> + Send + Sync>;

/// Gives the time, milliseconds since 1970 UTC.
pub type ClockMs = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Where and how to publish.
#[derive(Clone)]
pub struct PublishOptions {
    /// Broker's host name or address.
    pub host: String,
    /// Broker's port.
    pub port: u16,
    /// TLS, when wanted.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// Credentials by client id. `None`: anonymous.
    pub credentials: Option<CredentialsOf>,
    /// Topic root, such as `phanloai/v1`.
    pub root: String,
    /// Events captured before this (milliseconds since 1970 UTC) are numbered but not sent. `None`: all are sent.
    pub resume_from_ms: Option<i64>,
    /// Go on with live events after the history, until stopped.
    pub live: bool,
    /// Share this many connections among the devices. `None`: one connection a device, as in the field.
    pub connections: Option<usize>,
    /// Slow the history down to this rate.
    pub max_events_per_s: Option<u32>,
    /// Slow the history down to this many times the pace at which it happened. `None`: as fast as may be.
    pub history_speed: Option<u32>,
    /// The clock.
    pub now_ms: ClockMs,
}

impl PublishOptions {
    /// Everything by default: the whole history, then live, one anonymous connection a device, system clock.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            tls: None,
            credentials: None,
            root: "phanloai/v1".to_owned(),
            resume_from_ms: None,
            live: true,
            connections: None,
            max_events_per_s: None,
            history_speed: None,
            now_ms: Arc::new(system_clock_ms),
        }
    }
}

/// The system's clock, milliseconds since 1970 UTC.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the simulator reads the real clock")]
pub fn system_clock_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Sending what was captured before now.
    History,
    /// The broker has acknowledged the whole history; what is captured from now on goes out at its time.
    Live,
    /// Nothing more will be sent.
    Done,
}

/// How far a run is, in figures. Repeated sendings of one event count once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Phase.
    pub phase: Phase,
    /// Events handed to a connection.
    pub published_events: u64,
    /// Events of the history; while live, those published so far.
    pub total_events: u64,
    /// Events the broker has acknowledged.
    pub acked_events: u64,
    /// Local service day being published.
    pub day: Date,
    /// Every event captured before this time (milliseconds since 1970 UTC) is acknowledged: the next
    /// run's [`PublishOptions::resume_from_ms`].
    pub resume_from_ms: i64,
}

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Events handed to a connection.
    pub published_events: u64,
    /// Events the broker has acknowledged.
    pub acked_events: u64,
    /// The next run's [`PublishOptions::resume_from_ms`].
    pub resume_from_ms: i64,
    /// Stopped from outside before its end.
    pub stopped: bool,
}

/// Why a run ended early.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The broker does not let a client in; trying again would not help.
    #[error("the broker refused client `{client}`: {reason}; check its user name, password and rights")]
    Refused {
        /// Client id.
        client: String,
        /// The broker's answer.
        reason: String,
    },
    /// A task of the run failed: a defect.
    #[error("a task of the simulator failed: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What all tasks of a run share.
struct Desk {
    plan: Arc<Plan>,
    options: PublishOptions,
    ledger: Ledger,
}

/// Publishes `plan`'s history in order of time across devices, each device in the order of its log, then,
/// if asked, live until `stop` becomes true. A broker that cannot be reached is tried again for ever.
///
/// `progress` is called after each acknowledged envelope and at each change of phase; it must be quick.
/// Dropping `stop`'s sender does not stop the run.
///
/// # Errors
/// The broker refuses a client's credentials, or a task fails.
pub async fn run(
    plan: Arc<Plan>,
    options: PublishOptions,
    progress: impl Fn(Progress) + Send + Sync + 'static,
    mut stop: watch::Receiver<bool>,
) -> Result<Summary, PublishError> {
    let origin = plan.commune.origin;
    let desk = Arc::new(Desk { plan, options, ledger: Ledger::new(origin, Box::new(progress)) });
    let mut links = JoinSet::new();
    let queues = open_links(&desk, &mut links, &stop);
    let fed = {
        let feeding = feed::feed(Arc::clone(&desk), queues, stop.clone());
        tokio::pin!(feeding);
        loop {
            tokio::select! {
                fed = &mut feeding => break fed?,
                Some(ended) = links.join_next() => ended??,
            }
        }
    };
    while let Some(ended) = links.join_next().await {
        ended??;
    }
    let stopped = *stop.borrow_and_update();
    desk.ledger.finish();
    let last = desk.ledger.progress();
    Ok(Summary {
        published_events: last.published_events,
        acked_events: last.acked_events,
        resume_from_ms: last.resume_from_ms,
        stopped: stopped && !fed,
    })
}

/// Starts the connections' tasks; gives the queue of each device, by its index.
fn open_links(
    desk: &Arc<Desk>,
    links: &mut JoinSet<Result<(), PublishError>>,
    stop: &watch::Receiver<bool>,
) -> Vec<mpsc::Sender<link::Job>> {
    let devices = desk.plan.commune.devices.len();
    let shared = desk.options.connections.map(|count| count.clamp(1, devices));
    let count = shared.unwrap_or(devices);
    let mut queues = Vec::with_capacity(count);
    for index in 0..count {
        let client = match shared {
            Some(_) => format!("firmware-sim-{index}"),
            None => desk.plan.commune.devices[index].code.clone(),
        };
        let own = shared.is_none().then_some(index);
        let (queue, jobs) = mpsc::channel(LINK_QUEUE);
        queues.push(queue);
        links.spawn(Link::new(Arc::clone(desk), client, own).run(jobs, stop.clone()));
    }
    (0..devices).map(|device| queues[device % count].clone()).collect()
}

/// Waits until `stop` is true; for ever, when nobody can say so any more.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}
