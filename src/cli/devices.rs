//! `phanloai device`.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Place;
use crate::app::load_register;

#[derive(Debug, Args)]
pub(super) struct DeviceArguments {
    #[command(subcommand)]
    command: DeviceCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum DeviceCommand {
    /// Lists the devices of the register with what is known of each.
    List,
}

pub(super) async fn run(arguments: DeviceArguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        DeviceCommand::List => {}
    }
    let (store, commune) = arguments.place.open().await?;
    let register = load_register(&store, &commune).await?;
    let heard = store.devices().await?;
    store.close().await;
    println!("device\tplace\tkind\tmode\tlast seen\treceived\tmissing");
    for (id, versions) in &register.devices {
        let device = versions.newest();
        let status = heard.iter().find(|status| status.device == *id);
        let last = status.and_then(|s| s.last_seen);
        let last = last.map_or_else(|| "never".to_owned(), |at| commune.zone.datetime(at).to_string());
        let (received, missing) = status.map_or((0, 0), |s| (s.received, s.missing));
        println!("{id}\t{}\t{}\t{}\t{last}\t{received}\t{missing}", device.place, device.kind, device.mode);
    }
    Ok(ExitCode::SUCCESS)
}
