//! Faults while devices send: the real program, real brokers and databases, killed, stopped, cut off and filled up.
//!
//! Owns the devices that send ([`device`]), the program as a process ([`service`]), the faulty network ([`proxy`]) and
//! the verdict ([`stage`]), which is the same after each fault: **every acknowledged event is stored, none is counted
//! twice, the tonnage is the sum of the grams sent, and a rebuild finds no difference.**
//!
//! # Why
//! - **A fault falls after a chosen number of acknowledgements**, not after a time: it hits the middle of the stream on a
//!   fast machine and on a slow one.
//! - **The database is asked, not the program under test**: a program that lost events may also have lost their count.
//! - **Seeds are fixed**, so that a failure comes again; `PHANLOAI_LONG` adds rounds, each with a seed of its own.

mod broker;
mod crashes;
mod database;
mod device;
mod disk;
mod instances;
mod network;
mod overload;
mod proxy;
pub(crate) mod service;
mod stage;

use std::time::Duration;

/// How long anything may take before the test fails.
fn patience() -> Duration {
    Duration::from_secs(if crate::support::long() { 3_600 } else { 180 })
}

/// How often a test looks again at what cannot tell it.
const LOOK: Duration = Duration::from_millis(20);

/// Waits until `seen` gives something, and gives it.
pub(crate) async fn until<T>(what: &str, mut seen: impl AsyncFnMut() -> Option<T>) -> T {
    let began = tokio::time::Instant::now();
    loop {
        if let Some(found) = seen().await {
            return found;
        }
        assert!(began.elapsed() < patience(), "not within {:?}: {what}", patience());
        tokio::time::sleep(LOOK).await;
    }
}
