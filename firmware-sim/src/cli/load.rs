//! `load`: envelopes at a rate, and how long each took.

use super::broker::Broker;
use super::stop_signal;
use clap::Args;
use firmware_sim::calendar::Day;
use firmware_sim::load::{Load as Wanted, put_on};
use firmware_sim::publish::system_clock_ms;
use firmware_sim::{Commune, CommuneSpec};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Households whose cards a device reads.
const HOUSEHOLDS_A_DEVICE: u32 = 10;

#[derive(Args)]
pub struct Load {
    #[command(flatten)]
    broker: Broker,
    /// Devices, each with its own connection.
    #[arg(long, default_value_t = 70)]
    devices: u32,
    /// Envelopes a second over all devices.
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    /// How long.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Directory for commune.toml and the CSV files of these devices, for a service that must know them.
    #[arg(long)]
    files: Option<PathBuf>,
}

impl Load {
    pub async fn run(&self) -> anyhow::Result<()> {
        let today = Day::at(system_clock_ms()).date();
        let mut spec = CommuneSpec::sized(self.devices.saturating_mul(HOUSEHOLDS_A_DEVICE), today, 1, 1);
        spec.points = self.devices;
        let commune = Commune::generate(&spec);
        if let Some(directory) = &self.files {
            commune.write_files(directory)?;
        }
        let load = Wanted {
            options: self.broker.options()?,
            commune: Arc::new(commune),
            devices: usize::try_from(self.devices)?,
            envelopes_per_s: self.rate,
            lasts: Duration::from_secs(self.seconds),
        };
        for line in put_on(load, stop_signal()).await?.lines() {
            println!("{line}");
        }
        Ok(())
    }
}
