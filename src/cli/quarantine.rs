//! `phanloai quarantine`.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::Place;
use crate::app::{replay_all, replay_one};
use crate::domain::time::Clock;
use crate::store::{ReplayOutcome, Replayed};

/// Who replays by command.
const BY: &str = "command line";

#[derive(Debug, Args)]
pub(super) struct QuarantineArguments {
    #[command(subcommand)]
    command: QuarantineCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum QuarantineCommand {
    /// Lists what was refused, latest first.
    List {
        /// Rows at most.
        #[arg(long, default_value_t = 100)]
        limit: i64,
    },
    /// Decodes refusals again, under the present register and rules, with their first receive time; stores what is good now.
    Replay {
        /// Its id.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        /// All that can be replayed.
        #[arg(long)]
        all: bool,
        /// With --all: only those of this reason, for example unknown_device.
        #[arg(long, requires = "all")]
        code: Option<String>,
    },
    /// Shows one refusal with its raw bytes.
    Show {
        /// Its id.
        id: String,
    },
}

pub(super) async fn run(arguments: QuarantineArguments, clock: Arc<dyn Clock>) -> anyhow::Result<ExitCode> {
    let config = arguments.place.config()?;
    let (store, commune) = super::open(&config).await?;
    let store = store.limiting_quarantine(config.quarantine.max_bytes);
    let mut code = ExitCode::SUCCESS;
    match arguments.command {
        QuarantineCommand::List { limit } => {
            println!("id\tcount\tlast seen\treplay\tcode\treason");
            for row in store.quarantine(limit).await? {
                let last = commune.zone.datetime(row.last_seen);
                let replay = row.outcome.map_or("-", ReplayOutcome::as_str);
                println!("{}\t{}\t{last}\t{replay}\t{}\t{}", row.id, row.count, row.code, row.reason);
            }
            let sum = store.quarantine_sum().await?;
            eprintln!(
                "{} held, {} bytes; {} conflicts; {} dropped for want of room",
                sum.rows, sum.bytes, sum.conflicts, sum.dropped
            );
        }
        QuarantineCommand::Show { id } => {
            let row = store.quarantined(&id).await?;
            let row = row.with_context(|| format!("nothing is kept under `{id}`; see `phanloai quarantine list`"))?;
            let raw = store.quarantined_raw(&id).await?.unwrap_or_default();
            let raw = hex::decode(&raw).unwrap_or_default();
            println!("topic:  {}\nreason: {} ({})\ncount:  {}", row.topic, row.reason, row.code, row.count);
            println!("first:  {}", commune.zone.datetime(row.first_seen));
            println!("last:   {}", commune.zone.datetime(row.last_seen));
            if let (Some(outcome), Some(at)) = (row.outcome, row.replayed) {
                let by = row.replayed_by.as_deref().unwrap_or_default();
                println!("replay: {outcome}, {}, by {by}", commune.zone.datetime(at));
            }
            println!("bytes:  {}\n{}", row.size_bytes, String::from_utf8_lossy(&raw));
        }
        QuarantineCommand::Replay { id: Some(id), .. } => {
            match replay_one(&store, &config.mqtt.root, &commune, &id, clock, BY).await? {
                Replayed::Unknown => bail!("nothing is kept under `{id}`; see `phanloai quarantine list`"),
                Replayed::Cut => {
                    bail!("only the beginning of `{id}` is kept: it was above 256 KiB and cannot be replayed")
                }
                Replayed::Done(outcome) => {
                    println!("{id}\t{outcome}");
                    if outcome != ReplayOutcome::Taken {
                        code = ExitCode::FAILURE;
                    }
                }
            }
        }
        QuarantineCommand::Replay { id: None, code: only, .. } => {
            let totals = replay_all(&store, &config.mqtt.root, &commune, only.as_deref(), clock, BY).await?;
            println!("taken\t{}\nstill refused\t{}\nin conflict\t{}", totals.taken, totals.refused, totals.conflicts);
        }
    }
    store.close().await;
    Ok(code)
}
