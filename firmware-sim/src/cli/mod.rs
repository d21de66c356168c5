//! The simulator on the command line, one file a command.

mod broker;
#[cfg(feature = "measure")]
mod crews;
#[cfg(feature = "measure")]
mod load;
mod run;
#[cfg(feature = "measure")]
mod score;
mod shape;

use anyhow::Context;
use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// A simulated commune's collection points, with known truth.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Publish a commune's history and then its live events over MQTT.
    Run(run::Run),
    /// Write the commune's files and, if asked, its truth, without any broker.
    Files(run::Files),
    /// Post what crews with phones write over HTTP.
    #[cfg(feature = "measure")]
    Crews(crews::Crews),
    /// Hold a service's figures against the truth.
    #[cfg(feature = "measure")]
    Score(score::Score),
    /// Send envelopes at a rate and time their acknowledgements.
    #[cfg(feature = "measure")]
    Load(load::Load),
}

impl Cli {
    pub fn run(&self) -> anyhow::Result<()> {
        let runtime = || Runtime::new().context("cannot start the async runtime");
        match &self.command {
            Command::Run(command) => runtime()?.block_on(command.run()),
            Command::Files(command) => command.write(),
            #[cfg(feature = "measure")]
            Command::Crews(command) => command.run(),
            #[cfg(feature = "measure")]
            Command::Score(command) => command.run(),
            #[cfg(feature = "measure")]
            Command::Load(command) => runtime()?.block_on(command.run()),
        }
    }
}

/// True once the user or the system asks to stop: Ctrl-C, SIGTERM.
fn stop_signal() -> watch::Receiver<bool> {
    let (stopper, stop) = watch::channel(false);
    tokio::spawn(async move {
        asked_to_stop().await;
        // Nobody listening means the run is over already.
        let _ = stopper.send(true);
    });
    stop
}

#[cfg(unix)]
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() {
    // Without a way to hear of it, the run ends by itself or is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
