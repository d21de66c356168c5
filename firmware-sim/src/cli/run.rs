//! `run` and `files`: history, then live, over MQTT; the register and the truth as files.

use super::broker::Broker;
use super::shape::Shape;
use super::stop_signal;
use anyhow::Context;
use clap::Args;
use firmware_sim::Plan;
use firmware_sim::publish::{Phase, Progress, system_clock_ms};
use firmware_sim::truth::{self, TruthLine};
use firmware_sim::{Crews, crew};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// How often the history's progress is told, milliseconds.
const TELL_MS: i64 = 500;

/// How fast the history goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speed {
    /// As fast as the broker takes it.
    Max,
    /// So many times as fast as it happened.
    Times(u32),
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "max" => Ok(Self::Max),
            _ => match text.parse() {
                Ok(times) if times > 0 => Ok(Self::Times(times)),
                Ok(_) | Err(_) => Err("a whole number above 0, or `max`".to_owned()),
            },
        }
    }
}

#[derive(Args)]
pub struct Run {
    #[command(flatten)]
    broker: Broker,
    #[command(flatten)]
    shape: Shape,
    /// Directory for commune.toml and the CSV files.
    #[arg(long)]
    files: Option<PathBuf>,
    /// File for the truth of the history, JSON lines.
    #[arg(long)]
    truth: Option<PathBuf>,
    /// The history so many times as fast as it happened, or `max`; live goes by the clock.
    #[arg(long, default_value = "max")]
    speed: Speed,
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
pub struct Files {
    #[command(flatten)]
    shape: Shape,
    /// Directory for commune.toml and the CSV files.
    #[arg(long)]
    files: PathBuf,
    /// File for the truth of the history, JSON lines.
    #[arg(long)]
    truth: Option<PathBuf>,
}

impl Run {
    pub async fn run(&self) -> anyhow::Result<()> {
        let plan = self.shape.plan()?;
        write_out(&plan, self.shape.crews()?, self.files.as_deref(), self.truth.as_deref())?;
        let mut options = self.broker.options()?;
        options.live = !self.no_live;
        options.connections = self.connections;
        options.max_events_per_s = self.max_events_per_s;
        options.resume_from_ms = self.resume_from_ms;
        options.history_speed = match self.speed {
            Speed::Max => None,
            Speed::Times(times) => Some(times),
        };
        let started_ms = system_clock_ms();
        let shown_ms = AtomicI64::new(0);
        let report = move |progress: Progress| {
            let now_ms = system_clock_ms();
            if progress.phase != Phase::Done && now_ms - shown_ms.load(Ordering::Relaxed) < TELL_MS {
                return;
            }
            shown_ms.store(now_ms, Ordering::Relaxed);
            eprintln!("{}", line(&progress, now_ms - started_ms));
        };
        let summary = firmware_sim::run(plan, options, report, stop_signal()).await?;
        eprintln!(
            "{} of {} simulated events acknowledged; resume from {}",
            summary.acked_events, summary.published_events, summary.resume_from_ms
        );
        Ok(())
    }
}

impl Files {
    pub fn write(&self) -> anyhow::Result<()> {
        write_out(&self.shape.plan()?, self.shape.crews()?, Some(&self.files), self.truth.as_deref())
    }
}

fn line(progress: &Progress, elapsed_ms: i64) -> String {
    let elapsed_ms = u64::try_from(elapsed_ms).unwrap_or(0).max(1);
    let phase = match progress.phase {
        Phase::History => "history",
        Phase::Live => "live",
        Phase::Done => "done",
    };
    format!(
        "{phase} {}: {} of {} simulated events acknowledged, {} a second",
        progress.day,
        progress.acked_events,
        progress.total_events,
        progress.acked_events * 1_000 / elapsed_ms
    )
}

fn write_out(plan: &Arc<Plan>, crews: Option<Crews>, files: Option<&Path>, truth: Option<&Path>) -> anyhow::Result<()> {
    if let Some(directory) = files {
        plan.commune.write_files(directory)?;
    }
    if let Some(path) = truth {
        write_truth(plan, crews, path).with_context(|| format!("cannot write the truth to `{}`", path.display()))?;
    }
    Ok(())
}

/// The truth of `plan`, and what its crews write.
pub fn write_truth(plan: &Arc<Plan>, crews: Option<Crews>, path: &Path) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let written = crews.map(|crews| crew::writes(plan, &crews)).unwrap_or_default();
    for line in truth::lines(plan).chain(written.into_iter().map(TruthLine::CrewWrote)) {
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}
