//! phanloai: household waste sorting, measured.
//!
//! Events of collection-point scales and tag readers, and what crews, visitors and officers state, become pickups; pickups
//! and statements become each household's state with its evidence; states become the commune's share against its target.
//! Data walks one way: bytes -> readings -> facts -> pickups -> states -> figures -> pages.
//!
//! | Where | What it owns |
//! |---|---|
//! | [`domain`] | the glossary and every rule: attribution, rounds, evidence, the states of a household. Pure |
//! | [`indicators`] | published numbers: shares, bounds, coverage, completeness, tonnage |
//! | [`devices`] | bytes of a device -> readings, or the reason why not |
//! | [`ingest`] | receive, decode, commit, and only then acknowledge; the session with an outside broker |
//! | [`broker`] | the embedded broker |
//! | [`store`] | the database, SQLite or PostgreSQL from one SQL text |
//! | [`recompute`] | what became stale, and its renewal |
//! | [`alerts`] | what somebody should look at: figures judged, alerts raised and ended |
//! | [`imports`] | CSV and XLSX files of the register and of statements |
//! | [`changes`] | what a person or a file changes in the register, checked and recorded in one act |
//! | [`charts`] | figures -> SVG and PNG |
//! | [`reports`] | papers to print, as PDF |
//! | [`web`] | pages, API, sign-in, server-sent events |
//! | [`config`], [`telemetry`] | settings; logs and counters |
//! | [`tls`] | certificates of the listeners |
//! | [`app`], [`cli`] | the composition root; the command line |
//!
//! Where is...? A household's state: [`domain::sorting`]; why, and what would change it: its `explanation` and `outlook`. Whose bag it is: [`domain::attribution`]. Which round a pickup
//! belongs to: [`domain::round`]. What a percentage means: [`indicators::Counts`]. Why a message was refused:
//! [`devices::Rejection`]. Who may see a page: the table in `web/table.rs`.

pub mod alerts;
pub mod app;
pub mod broker;
pub mod changes;
pub mod charts;
pub mod cli;
pub mod config;
pub mod devices;
pub mod domain;
pub mod imports;
pub mod indicators;
pub mod ingest;
pub mod recompute;
pub mod reports;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod web;
