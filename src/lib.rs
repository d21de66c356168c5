//! phanloai: household waste sorting, measured.

pub mod app;
pub mod broker;
pub mod charts;
pub mod cli;
pub mod config;
pub mod devices;
pub mod domain;
pub mod imports;
pub mod indicators;
pub mod ingest;
pub mod recompute;
pub mod store;
pub mod telemetry;
pub mod web;
