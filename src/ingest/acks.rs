//! Acknowledgements to devices: what the database holds of each log, sent after every commit that touched it.
//!
//! Owns which devices are owed one ([`Owed`]) and the task that pays ([`Acks`]). It may not wait within the writer, and
//! touches no broker: who can send is handed in.
//!
//! # Why
//! - **What is owed is a set of logs, not of messages.** An acknowledgement is read from the database when it is about to
//!   be sent, so the latest always replaces older unsent ones, the memory is bounded by the number of logs, and any
//!   instance may send it: it tells what is committed, whoever committed it.
//! - **At most ten rounds a second**, the first one at once: a lone message is answered without delay, and under load a
//!   log is acknowledged ten times a second and not thousands of times.
//! - **While a backlog is worked off, a log with gaps waits.** What it lacks may lie in the backlog, and a device that is told so would
//!   send all of it again.
//! - **What could not be sent is owed again.** What was handed to the connection just before it broke is not: the next
//!   commit, or the device coming online, brings a newer one.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::devices::{Root, native};
use crate::domain::ids::{DeviceId, LogId};
use crate::domain::time::Clock;
use crate::store::{LogExtent, Store};
use crate::telemetry::Metrics;

/// Sends a body to a topic at QoS 1, not retained. False: it could not be sent.
pub type SendAck = Box<dyn Fn(String, Vec<u8>) -> BoxFuture<'static, bool> + Send + Sync>;

/// One log of one device.
type Log = (DeviceId, LogId);

/// Logs owed at most; whoever is beyond is acknowledged with its next commit. Far more than a commune has, and some MB.
const OWED_AT_MOST: usize = 65_536;
/// Logs read from the database in one query.
const TOGETHER: usize = 1_000;
/// Acknowledgements on their way to the broker at once: a device that reads slowly holds up one of them.
const UNDER_WAY: usize = 64;
/// Shortest time from one round to the next.
const PACE: Duration = Duration::from_millis(100);
/// Pause after the database or the broker failed.
const PAUSE: Duration = Duration::from_secs(1);

/// The logs whose devices are owed an acknowledgement. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Owed(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    logs: BTreeSet<Log>,
    closed: bool,
}

impl Owed {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under this lock.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds logs. Never waits.
    pub fn add(&self, logs: impl IntoIterator<Item = Log>) {
        let mut state = self.state();
        for log in logs {
            if state.logs.len() < OWED_AT_MOST {
                state.logs.insert(log);
            }
        }
        let any = !state.logs.is_empty();
        drop(state);
        if any {
            self.0.changed.notify_one();
        }
    }

    /// Says that nothing more will be owed: what is gets one more try.
    pub fn close(&self) {
        self.state().closed = true;
        self.0.changed.notify_one();
    }

    fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Waits until something is owed and takes it all. `None`: closed, and nothing is.
    async fn take(&self) -> Option<BTreeSet<Log>> {
        loop {
            {
                let mut state = self.state();
                if !state.logs.is_empty() {
                    return Some(std::mem::take(&mut state.logs));
                }
                if state.closed {
                    return None;
                }
            }
            self.0.changed.notified().await;
        }
    }
}

/// The sender's parts.
pub struct Acks {
    /// The database.
    pub store: Store,
    /// Where the topics begin.
    pub root: Root,
    /// Names the database's life.
    pub epoch: String,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// Counters.
    pub metrics: Metrics,
    /// Who is owed.
    pub owed: Owed,
    /// Whether a backlog is worked off at the broker. `None`: there is never one.
    pub behind: Option<watch::Receiver<bool>>,
}

impl Acks {
    /// Runs until [`Owed::close`].
    pub async fn run(self, send: SendAck) {
        while let Some(logs) = self.owed.take().await {
            let next = Instant::now() + PACE;
            let logs: Vec<Log> = logs.into_iter().collect();
            let mut failed = false;
            for some in logs.chunks(TOGETHER) {
                let unsent = self.acknowledge(some.iter().cloned().collect(), &send).await;
                if self.owed.is_closed() {
                    continue;
                }
                failed |= !unsent.is_empty();
                self.owed.add(unsent);
            }
            if failed {
                tokio::time::sleep(PAUSE).await;
            } else if !self.owed.is_closed() {
                tokio::time::sleep_until(next).await;
            }
        }
    }

    /// Acknowledges logs, and gives those that could not be.
    async fn acknowledge(&self, logs: BTreeSet<Log>, send: &SendAck) -> Vec<Log> {
        let extents = match self.store.log_extents(&logs).await {
            Ok(extents) => extents,
            Err(error) => {
                tracing::warn!(%error, "acknowledgements cannot be read from the database; trying again");
                return logs.into_iter().collect();
            }
        };
        let now = self.clock.now();
        let behind = self.behind.as_ref().is_some_and(|behind| *behind.borrow());
        let sending = extents.into_iter().map(|((device, log), extent)| async move {
            if behind && !extent.missing().is_empty() {
                return Some((device, log));
            }
            let ack = self.ack(log.clone(), &extent, now);
            if send(self.root.ack(&device), native::ack(&ack)).await {
                self.metrics.acks_sent.increment(1);
                return None;
            }
            Some((device, log))
        });
        futures_util::stream::iter(sending).buffer_unordered(UNDER_WAY).filter_map(std::future::ready).collect().await
    }

    fn ack(&self, log: LogId, extent: &LogExtent, now: crate::domain::time::Instant) -> native::Ack {
        native::Ack {
            log,
            epoch: self.epoch.clone(),
            upto: extent.upto(),
            missing: extent.missing(),
            refused: extent.refused.clone(),
            now,
        }
    }
}
