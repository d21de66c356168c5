//! The command line: arguments, exit codes, one file a command.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage. What a command says goes to standard output, what happened to standard
//! error.

mod accounts;
mod cards;
mod demo;
mod devices;
mod files;
mod gaps;
mod quarantine;
mod rebuild;
mod report;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::app::{SystemClock, load_commune};
use crate::config::Config;
use crate::domain::register::Commune;
use crate::store::Store;

/// Household waste sorting, measured: from scales and tag readers to a share with its evidence.
#[derive(Debug, Parser)]
#[command(name = "phanloai", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows a simulated commune: invents it, replays weeks of events through MQTT, then goes on live.
    Demo(demo::DemoArguments),
    /// Runs the service.
    Serve(Place),
    /// Imports a CSV file into the register or the facts; a second import of the same file changes nothing.
    Import(files::ImportArguments),
    /// Exports a kind as CSV.
    Export(files::ExportArguments),
    /// Adds, changes and lists users, and makes their API tokens.
    User(accounts::UserArguments),
    /// Gives households' printed cards their numbers, and prints them.
    Card(cards::CardArguments),
    /// Adds devices and their passwords, rotates and disables those, lists devices, writes Mosquitto's files.
    Device(devices::DeviceArguments),
    /// Lists the events known to be missing, and records that some will never come.
    Gap(gaps::GapArguments),
    /// Lists, shows and verifies what was signed: closed months.
    Report(report::ReportArguments),
    /// Computes every derived row again from the facts.
    Rebuild(rebuild::RebuildArguments),
    /// Lists what was refused, shows it with the reason, and replays it after a fix.
    Quarantine(quarantine::QuarantineArguments),
}

/// Which service is meant.
#[derive(Debug, Args)]
struct Place {
    /// Configuration file; without it `phanloai.toml` in this folder, if there is one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Place {
    fn config(&self) -> anyhow::Result<Config> {
        let usual = PathBuf::from("phanloai.toml");
        let file = self.config.clone().or_else(|| usual.exists().then_some(usual));
        Ok(Config::load(file.as_deref(), environment())?)
    }

    async fn open(&self) -> anyhow::Result<(Store, Commune)> {
        open(&self.config()?).await
    }
}

/// Opens the database of a configuration and its commune.
async fn open(config: &Config) -> anyhow::Result<(Store, Commune)> {
    let store = Store::open(config.database.url.expose())
        .await
        .with_context(|| format!("cannot open the database {:?}", config.database.url))?;
    let commune = load_commune(&store, config.commune.file.as_deref()).await?;
    Ok((store, commune))
}

/// Gives the environment; it enters here and nowhere else.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?))).collect()
}

/// Runs the command line and gives its exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let usage = error.use_stderr();
            // Nothing can be done about a closed terminal.
            let _ = error.print();
            return if usage { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    // Only the first installation counts; ring is the one provider that is linked.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match runtime.block_on(run(arguments.command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let directives = environment().into_iter().find(|(key, _)| key == "RUST_LOG").map(|(_, value)| value);
    match command {
        Command::Demo(arguments) => {
            crate::telemetry::init_logging(
                crate::config::LogFormat::Text,
                Some(directives.as_deref().unwrap_or("warn")),
            )?;
            demo::run(arguments).await
        }
        Command::Serve(place) => serve::run(&place, directives.as_deref()).await,
        Command::Import(arguments) => files::import(arguments, &SystemClock).await,
        Command::Export(arguments) => files::export(arguments).await,
        Command::User(arguments) => accounts::run(arguments, &SystemClock).await,
        Command::Card(arguments) => cards::run(arguments, &SystemClock).await,
        Command::Device(arguments) => devices::run(arguments, &SystemClock).await,
        Command::Gap(arguments) => gaps::run(arguments, &SystemClock).await,
        Command::Report(arguments) => report::run(arguments).await,
        Command::Rebuild(arguments) => rebuild::run(arguments, Arc::new(SystemClock)).await,
        Command::Quarantine(arguments) => quarantine::run(arguments, Arc::new(SystemClock)).await,
    }
}
