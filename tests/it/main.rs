//! The product's tests as one binary. What needs a server is behind the feature `real-parts`, which `tests/run.sh` sets.

mod acks;
mod agreement;
mod alerting;
mod architecture;
mod commune;
mod contract_schema;
mod correction_laws;
#[cfg(feature = "real-parts")]
mod crew_pages;
mod crews;
mod device_access;
mod device_log;
#[cfg(feature = "real-parts")]
mod every_page;
mod example_commune;
mod explanations;
#[cfg(feature = "real-parts")]
mod faults;
mod figures;
mod fuzzing;
mod hand_computed;
#[cfg(feature = "real-parts")]
mod https;
mod laws;
mod log_laws;
mod month;
mod mqtt_broker;
#[cfg(feature = "real-parts")]
mod mqtt_session;
mod oracle;
mod oracle_operations;
#[cfg(feature = "real-parts")]
mod pages;
mod published;
mod quarantine;
mod register;
mod scales;
mod scenarios;
mod signing;
#[cfg(feature = "real-parts")]
mod store_access_on_both;
#[cfg(feature = "real-parts")]
mod store_alerts_on_both;
#[cfg(feature = "real-parts")]
mod store_chapters_on_both;
#[cfg(feature = "real-parts")]
mod store_crew_on_both;
#[cfg(feature = "real-parts")]
mod store_figures_on_both;
#[cfg(feature = "real-parts")]
mod store_households_on_both;
#[cfg(feature = "real-parts")]
mod store_on_both;
#[cfg(feature = "real-parts")]
mod store_own_codes_on_both;
#[cfg(feature = "real-parts")]
mod store_register_on_both;
#[cfg(feature = "real-parts")]
mod store_signing_on_both;
#[cfg(feature = "real-parts")]
mod store_visits_on_both;
#[cfg(feature = "real-parts")]
mod support;
#[cfg(feature = "real-parts")]
mod visit_pages;
