//! The real parts that tests stand on: PostgreSQL, Mosquitto, Chromium.
//!
//! Owns: starting, reaching and stopping them. Knows nothing of what the product does with them.
//! Everything here is behind the feature `real-parts`, which `tests/run.sh` turns on together with the servers.
//!
//! # Why
//! A test that cannot run must fail. So a missing server is a panic that names the variable, and no test looks
//! for itself whether a server is there; leaving such tests out is the feature's business, seen on the command line.

pub mod certificates;
pub mod chromium;
pub mod mosquitto;
pub mod postgres;

/// Gives the environment variable `name`, which `tests/run.sh` sets; panics where it is missing.
#[expect(clippy::disallowed_methods, reason = "the way in from tests/run.sh")]
pub fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run tests/run.sh, which starts what this needs"))
}
