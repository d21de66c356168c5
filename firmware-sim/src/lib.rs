//! A commune that does not exist, with devices that behave as if it did.
//!
//! The simulator invents households with habits, lets them bring their waste to collection points, and
//! writes what the scales and tag readers there would have logged, beside the truth of who handed over
//! what. A run is a pure function of its seed: the same seed gives the same bytes.
//!
//! | Module | Owns |
//! |---|---|
//! | [`commune`] | the register: hamlets, points, devices, households |
//! | `invent` | a commune from its seed |
//! | [`names`] | word lists for invented people and hamlets |
//! | [`habits`] | what a household does with each stream, by day |
//! | [`calendar`] | local days, rounds and windows |
//! | [`crew`] | what crews with phones write, and sending it over HTTP |
//! | [`fieldwork`] | pathways, visits, findings, exclusions |
//! | [`files`] | `commune.toml` and the CSV imports |
//! | [`station`] | physics of scale and reader: a visit becomes tag reads and levels |
//! | [`scale`] | from a mass to what the display shows |
//! | [`season`] | Tết, storms, wet days |
//! | `device_day` | what goes wrong at one device on one day |
//! | [`disturbance`] | messages that no working device sends |
//! | [`fault`] | what goes wrong, and how often |
//! | [`plan`] | what a run depends on, and the days that go wrong for all |
//! | `outing` | what a household brings, and the card it holds up |
//! | [`event`] | an event before its bytes |
//! | [`walk`] | service days in order: events with sequence numbers, and their truth |
//! | [`device_log`] | the device's half of the contract: its log, what to send, what acknowledgements allow |
//! | [`truth`] | what really happened, as JSON lines |
//! | [`wire`] | the native protocol's bytes (the replaceable part) |
//! | [`publish`] | the MQTT client: history as fast as possible, then live |
//! | [`scenario`] | scenario files |
//! | [`score`] | a service's answers against the truth |
//! | [`load`] | as much as a broker takes, with a histogram of its answers |
//! | [`dice`] | seeded randomness |
//!
//! # Why
//! The crate never depends on the service it feeds. Real firmware will not either: the published contract
//! binds the two, so a misreading of it on one side shows as a failed test instead of a shared mistake.

pub mod calendar;
pub mod commune;
pub mod crew;
mod device_day;
pub mod device_log;
pub mod dice;
pub mod disturbance;
pub mod event;
pub mod fault;
pub mod fieldwork;
pub mod files;
pub mod habits;
mod invent;
#[cfg(feature = "measure")]
pub mod load;
pub mod names;
mod outing;
pub mod plan;
pub mod publish;
pub mod scale;
pub mod scenario;
pub mod score;
pub mod season;
pub mod station;
pub mod truth;
pub mod walk;
pub mod wire;

pub use commune::{Commune, CommuneSpec};
pub use crew::Crews;
pub use fault::Faults;
pub use plan::Plan;
pub use publish::{Progress, PublishOptions, Summary, run};
pub use walk::Walk;
