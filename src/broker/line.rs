//! Which of the taken messages are durable: two counters, and nothing about who sent them.
//!
//! # Why
//! The writer commits in order, so one counter for all clients tells as much as one for each, and a client's acknowledgement
//! needs no other book than the count at its moment.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::watch;

use super::Durable;

/// The messages on their way to the database.
pub(super) struct Line {
    // Bounded by whoever takes messages: a hook that has no room left keeps its client waiting.
    taken: Mutex<(u64, UnboundedSender<Durable>)>,
    durable: watch::Receiver<u64>,
}

impl Line {
    /// Gives the line, and the task that watches over it, to be run.
    pub(super) fn new() -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (taken, waiting) = unbounded_channel();
        let (told, durable) = watch::channel(0);
        (Self { taken: Mutex::new((0, taken)), durable }, settle(waiting, told))
    }

    /// Counts a message that was taken and becomes durable when `durable` says so.
    pub(super) fn take(&self, durable: Durable) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.0 += 1;
        // Without the task nothing becomes durable any more, and nothing is acknowledged.
        drop(taken.1.send(durable));
    }

    /// Messages taken so far.
    pub(super) fn taken(&self) -> u64 {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Messages durable so far: all of the first so many.
    pub(super) fn durable(&self) -> watch::Receiver<u64> {
        self.durable.clone()
    }
}

/// Counts messages as they become durable, in the order in which they were taken. A message whose sender is gone never
/// will be, nor will any after it be counted.
async fn settle(mut waiting: UnboundedReceiver<Durable>, told: watch::Sender<u64>) {
    let mut next = waiting.recv().await;
    while let Some(durable) = next {
        if durable.0.await.is_err() {
            return;
        }
        let mut settled = 1;
        // Everything of the same commit in one go, so that each connection wakes once.
        next = loop {
            let Ok(mut durable) = waiting.try_recv() else {
                break None;
            };
            match durable.0.try_recv() {
                Ok(()) => settled += 1,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break Some(durable),
            }
        };
        told.send_modify(|durable| *durable += settled);
        if next.is_none() {
            next = waiting.recv().await;
        }
    }
}
