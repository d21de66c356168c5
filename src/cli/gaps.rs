//! `phanloai gap`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::{Place, environment};
use crate::domain::ids::{DeviceId, LogId};
use crate::domain::register::Commune;
use crate::domain::time::Clock;
use crate::store::{Correction, Store};

#[derive(Debug, Args)]
pub(super) struct GapArguments {
    #[command(subcommand)]
    command: GapCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum GapCommand {
    /// Lists what is missing, declared lost and voided.
    List {
        /// This device only.
        device: Option<String>,
    },
    /// Records that missing events will never come: they no longer lower completeness. Should one come, it counts.
    Void(Numbers),
    /// Takes back an earlier `void`.
    Restore(Numbers),
}

#[derive(Debug, Args)]
struct Numbers {
    /// The device.
    device: String,
    /// Its log, eight hexadecimal digits.
    #[arg(long)]
    log: String,
    /// First number.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    from: i64,
    /// Last number.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    to: i64,
    /// The reason.
    #[arg(long)]
    why: String,
    /// Who says so; the name of the system's user when left out.
    #[arg(long)]
    by: Option<String>,
}

pub(super) async fn run(arguments: GapArguments, clock: &dyn Clock) -> anyhow::Result<ExitCode> {
    let (store, commune) = arguments.place.open().await?;
    let done = match arguments.command {
        GapCommand::List { device } => list(&store, &commune, device.map(DeviceId::from)).await,
        GapCommand::Void(numbers) => correct(&store, &commune, numbers, true, clock).await,
        GapCommand::Restore(numbers) => correct(&store, &commune, numbers, false, clock).await,
    };
    store.close().await;
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn list(store: &Store, commune: &Commune, device: Option<DeviceId>) -> anyhow::Result<()> {
    println!("device\tlog\tfrom\tto\tstate\tcounted on");
    for gap in store.gaps(device.as_ref()).await? {
        let on = gap.next.map_or_else(|| "-".to_owned(), |(_, at)| commune.zone.day_of(at).to_string());
        println!("{}\t{}\t{}\t{}\tmissing\t{on}", gap.device, gap.log, gap.from, gap.to);
    }
    for (range, _) in store.lost(device.as_ref()).await? {
        println!("{}\t{}\t{}\t{}\tlost\t-", range.device, range.log, range.from, range.to);
    }
    for range in store.voided(device.as_ref()).await? {
        println!("{}\t{}\t{}\t{}\tvoided\t-", range.device, range.log, range.from, range.to);
    }
    Ok(())
}

async fn correct(
    store: &Store,
    commune: &Commune,
    numbers: Numbers,
    void: bool,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    let Numbers { device, log, from, to, why, by } = numbers;
    if from > to {
        bail!("--from {from} is greater than --to {to}; write the first number before the last");
    }
    if why.trim().is_empty() {
        bail!("--why is empty; say why these events will never come");
    }
    let user = environment().into_iter().find(|(key, _)| key == "USER").map(|(_, value)| value);
    let by = by.or(user).filter(|by| !by.trim().is_empty()).context("nobody is named; add --by NAME")?;
    let (device, log) = (DeviceId::from(device), LogId::from(log.to_ascii_lowercase()));
    let touched = if void {
        let gaps = store.gaps(Some(&device)).await?;
        gaps.into_iter().filter(|gap| gap.log == log).map(|gap| (gap.from, gap.to)).collect()
    } else {
        let voided = store.voided(Some(&device)).await?;
        voided.into_iter().filter(|range| range.log == log).map(|range| (range.from, range.to)).collect::<Vec<_>>()
    };
    let within = touched.iter().map(|(first, last)| (*last).min(to) - (*first).max(from) + 1);
    let count: i64 = within.filter(|count| *count > 0).sum();
    if count == 0 {
        let state = if void { "missing" } else { "voided" };
        bail!("no number from {from} to {to} of log `{log}` of device `{device}` is {state}; see `phanloai gap list`");
    }
    let id = uuid::Uuid::now_v7().to_string();
    let correction = Correction { id, device, log, from, to, void, why, at: clock.now(), by };
    store.correct(&correction, &commune.zone).await?;
    println!("{count} numbers {}", if void { "voided" } else { "count as missing again" });
    Ok(())
}
