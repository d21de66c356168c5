//! `phanloai quarantine`.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::Place;

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
    /// Shows one refusal with its raw bytes.
    Show {
        /// Its id.
        id: String,
    },
}

pub(super) async fn run(arguments: QuarantineArguments) -> anyhow::Result<ExitCode> {
    let (store, commune) = arguments.place.open().await?;
    match arguments.command {
        QuarantineCommand::List { limit } => {
            println!("id\tcount\tlast seen\tcode\treason");
            for row in store.quarantine(limit).await? {
                let last = commune.zone.datetime(row.last_seen);
                println!("{}\t{}\t{last}\t{}\t{}", row.id, row.count, row.code, row.reason);
            }
        }
        QuarantineCommand::Show { id } => {
            let rows = store.quarantine(i64::MAX).await?;
            let row = rows
                .iter()
                .find(|row| row.id == id)
                .with_context(|| format!("nothing is kept under `{id}`; see `phanloai quarantine list`"))?;
            let raw = store.quarantined_raw(&id).await?.unwrap_or_default();
            let raw = hex::decode(&raw).unwrap_or_default();
            println!("topic:  {}\nreason: {} ({})\ncount:  {}", row.topic, row.reason, row.code, row.count);
            println!("first:  {}", commune.zone.datetime(row.first_seen));
            println!("last:   {}", commune.zone.datetime(row.last_seen));
            println!("bytes:  {}\n{}", row.size_bytes, String::from_utf8_lossy(&raw));
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
