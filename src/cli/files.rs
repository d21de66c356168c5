//! `phanloai import` and `phanloai export`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;

use super::Place;
use crate::changes::{self, File};
use crate::domain::time::Clock;
use crate::imports::{Format, Kind};

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// Areas, points, routes, households, tags, devices, schedule, pathways, findings, visits, exclusions or tickets.
    kind: String,
    /// The file: CSV or XLSX.
    file: PathBuf,
    /// Only tells what the import would do.
    #[arg(long)]
    dry_run: bool,
    /// Why, kept with every version that the import records.
    #[arg(long, value_name = "WHY")]
    reason: Option<String>,
    /// Who imports, kept with every version.
    #[arg(long, value_name = "NAME", default_value = "import")]
    by: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// As for import.
    kind: String,
    /// The file to write: XLSX where its name ends in .xlsx, else CSV.
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

pub(super) fn kind(word: &str) -> anyhow::Result<Kind> {
    let Some(kind) = Kind::from_word(word) else {
        let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        bail!("unknown kind `{word}`; kinds are {}", words.join(", "));
    };
    Ok(kind)
}

pub(super) async fn import(arguments: ImportArguments, clock: &dyn Clock) -> anyhow::Result<ExitCode> {
    let kind = kind(&arguments.kind)?;
    let path = &arguments.file;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = File { kind, format: Format::of(&bytes), bytes: &bytes };
    let (store, commune) = arguments.place.open().await?;
    let (now, reason) = (clock.now(), arguments.reason.as_deref());
    let done = if arguments.dry_run {
        changes::preview(&store, &commune, file, now).await.map(|preview| preview.imported())
    } else {
        changes::import(&store, &commune, file, now, &arguments.by, reason).await
    };
    store.close().await;
    let done = done.with_context(|| format!("{} was not imported", path.display()))?;
    for warning in &done.warnings {
        eprintln!("warning: {warning}");
    }
    let verb = if arguments.dry_run { "would change" } else { "changed" };
    println!("{}: {} rows read, {} {verb}", kind.as_str(), done.rows, done.changed);
    if done.changed > 0 {
        println!("  {} new, {} replacing an earlier version", done.new, done.changed - done.new);
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn export(arguments: ExportArguments) -> anyhow::Result<ExitCode> {
    let kind = kind(&arguments.kind)?;
    let (store, commune) = arguments.place.open().await?;
    let format = Format::of_name(&arguments.file.to_string_lossy());
    let written = changes::exported(&store, &commune, kind, format).await;
    store.close().await;
    let written = written?;
    std::fs::write(&arguments.file, &written.bytes)
        .with_context(|| format!("cannot write {}", arguments.file.display()))?;
    println!("{}: {} rows written", kind.as_str(), written.rows);
    Ok(ExitCode::SUCCESS)
}
