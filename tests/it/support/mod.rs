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
pub mod phone;
pub mod postgres;
pub mod postgres_server;

use std::net::TcpListener;

/// Ports that the system gives to nobody by itself, neither for listening nor for calling (Linux begins at 32768), and
/// below those that `tests/run.sh` uses. A part that is stopped for a while finds its port free again.
const PORTS: std::ops::Range<u16> = 10_000..20_000;

/// Gives the environment variable `name`, which `tests/run.sh` sets; panics where it is missing.
#[expect(clippy::disallowed_methods, reason = "the way in from tests/run.sh")]
pub fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run tests/run.sh, which starts what this needs"))
}

/// Tells whether the long runs are wanted (`tests/run.sh --long`).
#[expect(clippy::disallowed_methods, reason = "the way in from tests/run.sh")]
pub fn long() -> bool {
    std::env::var_os("PHANLOAI_LONG").is_some()
}

/// Gives a port of the loopback address that stays free until it is used, and between two uses.
#[expect(clippy::disallowed_methods, reason = "ports must differ between tests, processes and runs")]
pub fn free_port() -> u16 {
    std::iter::repeat_with(|| rand::random_range(PORTS))
        .take(1_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("one of a thousand ports is free")
}

/// Sends a signal, such as `-TERM`, to a process that a test started.
pub fn signal(process: u32, signal: &str) {
    let sent = std::process::Command::new("sh").args(["-c", &format!("kill {signal} {process}")]).status();
    assert!(sent.expect("sh runs").success(), "process {process} takes {signal}");
}
