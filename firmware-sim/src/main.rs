//! The simulator on the command line.

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use firmware_sim::publish::{Credentials, Phase, Progress, PublishOptions, system_clock_ms};
use firmware_sim::truth::{self, TruthLine};
use firmware_sim::{Commune, CommuneSpec, Faults, Plan, calendar::Day};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::watch;

/// A simulated commune's collection points, with known truth.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Publish a commune's history and then its live events over MQTT.
    Run(Run),
    /// Write the commune's files and, if asked, its truth, without any broker.
    Files(Files),
}

#[derive(Args)]
struct Shape {
    /// Households in the register.
    #[arg(long, default_value_t = firmware_sim::commune::HOUSEHOLDS)]
    households: u32,
    /// Collection points; by default in proportion to the households.
    #[arg(long)]
    points: Option<u32>,
    /// Days of history before today.
    #[arg(long, default_value_t = 28)]
    days: u32,
    /// The same seed gives the same commune and events.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The last day of the history (YYYY-MM-DD); today, if not given.
    #[arg(long)]
    today: Option<jiff::civil::Date>,
    /// Nothing goes wrong.
    #[arg(long)]
    no_faults: bool,
}

#[derive(Args)]
struct Run {
    /// Broker: mqtt://[user:password@]host[:port].
    #[arg(long, default_value = "mqtt://127.0.0.1:1883")]
    broker: String,
    #[command(flatten)]
    shape: Shape,
    /// Topic root.
    #[arg(long, default_value = "phanloai/v1")]
    root: String,
    /// Directory for commune.toml and the CSV files.
    #[arg(long)]
    files: Option<PathBuf>,
    /// File for the truth of the history, JSON lines.
    #[arg(long)]
    truth: Option<PathBuf>,
    /// End after the history.
    #[arg(long)]
    no_live: bool,
    /// Share this many connections; by default each device has its own.
    #[arg(long)]
    connections: Option<usize>,
    /// Slow the history down to this many events a second.
    #[arg(long)]
    max_events_per_s: Option<u32>,
    /// Do not send what was captured before this time, milliseconds since 1970.
    #[arg(long)]
    resume_from_ms: Option<i64>,
}

#[derive(Args)]
struct Files {
    #[command(flatten)]
    shape: Shape,
    /// Directory for commune.toml and the CSV files.
    #[arg(long)]
    files: PathBuf,
    /// File for the truth of the history, JSON lines.
    #[arg(long)]
    truth: Option<PathBuf>,
}

impl Shape {
    fn plan(&self) -> Arc<Plan> {
        let today = self.today.unwrap_or_else(|| Day::at(system_clock_ms()).date());
        let mut spec = CommuneSpec::sized(self.households, today, self.days, self.seed);
        if let Some(points) = self.points {
            spec.points = points;
        }
        let faults = if self.no_faults { Faults::none() } else { Faults::moderate() };
        Arc::new(Plan { commune: Commune::generate(&spec), faults })
    }
}

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).with_max_level(tracing::Level::WARN).init();
    match Cli::parse().command {
        Command::Run(arguments) => {
            let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
            runtime.block_on(run(&arguments))
        }
        Command::Files(arguments) => {
            let plan = arguments.shape.plan();
            write_out(&plan, Some(&arguments.files), arguments.truth.as_deref())
        }
    }
}

async fn run(arguments: &Run) -> anyhow::Result<()> {
    let plan = arguments.shape.plan();
    write_out(&plan, arguments.files.as_deref(), arguments.truth.as_deref())?;
    let mut options = broker(&arguments.broker)?;
    options.root.clone_from(&arguments.root);
    options.live = !arguments.no_live;
    options.connections = arguments.connections;
    options.max_events_per_s = arguments.max_events_per_s;
    options.resume_from_ms = arguments.resume_from_ms;
    let (stopper, stop) = watch::channel(false);
    let signal = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            // Nobody listening means the run is over already.
            let _ = stopper.send(true);
        }
    });
    let started_ms = system_clock_ms();
    let shown_ms = AtomicI64::new(0);
    let report = move |progress: Progress| {
        let now_ms = system_clock_ms();
        if progress.phase == Phase::History && now_ms - shown_ms.load(Ordering::Relaxed) < 500 {
            return;
        }
        shown_ms.store(now_ms, Ordering::Relaxed);
        eprintln!("{}", line(&progress, now_ms - started_ms));
    };
    let summary = firmware_sim::run(plan, options, report, stop).await?;
    signal.abort();
    eprintln!(
        "{} of {} events acknowledged; resume from {}",
        summary.acked_events, summary.published_events, summary.resume_from_ms
    );
    Ok(())
}

fn line(progress: &Progress, elapsed_ms: i64) -> String {
    let elapsed_ms = u64::try_from(elapsed_ms).unwrap_or(0).max(1);
    let phase = match progress.phase {
        Phase::History => "history",
        Phase::Live => "live",
        Phase::Done => "done",
    };
    format!(
        "{phase} {}: {} of {} events acknowledged, {} a second",
        progress.day,
        progress.acked_events,
        progress.total_events,
        progress.acked_events * 1_000 / elapsed_ms
    )
}

/// Reads `mqtt://[user:password@]host[:port]`.
fn broker(url: &str) -> anyhow::Result<PublishOptions> {
    let Some(rest) = url.strip_prefix("mqtt://") else {
        bail!("broker `{url}` is not of the form mqtt://[user:password@]host[:port]");
    };
    let (login, place) = match rest.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, rest),
    };
    let (host, port) = match place.trim_end_matches('/').rsplit_once(':') {
        Some((host, port)) => (host, port.parse().with_context(|| format!("port `{port}` of broker `{url}`"))?),
        None => (place.trim_end_matches('/'), 1_883),
    };
    let mut options = PublishOptions::new(host, port);
    if let Some((user, password)) = login.and_then(|login| login.split_once(':')) {
        let given = Credentials { user: user.to_owned(), password: password.to_owned() };
        options.credentials = Some(Arc::new(move |_| Some(given.clone())));
    }
    Ok(options)
}

fn write_out(plan: &Arc<Plan>, files: Option<&Path>, truth: Option<&Path>) -> anyhow::Result<()> {
    if let Some(directory) = files {
        plan.commune.write_files(directory)?;
    }
    if let Some(path) = truth {
        write_truth(plan, path).with_context(|| format!("cannot write the truth to `{}`", path.display()))?;
    }
    Ok(())
}

/// Habits, then the hand-overs of every service day up to the commune's `today`, that day included.
fn write_truth(plan: &Arc<Plan>, path: &Path) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut write = |line: &TruthLine| -> anyhow::Result<()> {
        serde_json::to_writer(&mut out, line)?;
        out.write_all(b"\n")?;
        Ok(())
    };
    for line in truth::lines(plan) {
        write(&line)?;
    }
    out.flush()?;
    Ok(())
}
