//! `phanloai import` and `phanloai export`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;

use super::Place;
use crate::app;
use crate::domain::time::Clock;
use crate::imports::{Exported, Kind, export as write_csv};
use crate::store::Store;

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// Areas, points, routes, households, tags, devices, schedule, pathways, findings, visits, exclusions or tickets.
    kind: String,
    /// The file.
    file: PathBuf,
    /// Only tells what the import would do.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// As for import.
    kind: String,
    /// The file to write.
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
    let file = &arguments.file;
    if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx")) {
        bail!("{} is a spreadsheet; save it as CSV (UTF-8) and import that", file.display());
    }
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (store, commune) = arguments.place.open().await?;
    let done = app::import(&store, &commune, kind, &bytes, clock, "import", arguments.dry_run).await;
    store.close().await;
    let done = done.with_context(|| format!("{} was not imported", file.display()))?;
    for warning in &done.warnings {
        eprintln!("warning: {warning}");
    }
    let verb = if arguments.dry_run { "would change" } else { "changed" };
    println!("{}: {} rows read, {} {verb}", kind.as_str(), done.rows, done.changed);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn export(arguments: ExportArguments) -> anyhow::Result<ExitCode> {
    let kind = kind(&arguments.kind)?;
    let (store, commune) = arguments.place.open().await?;
    let text = exported(&store, &commune, kind).await;
    store.close().await;
    let text = text?;
    std::fs::write(&arguments.file, &text).with_context(|| format!("cannot write {}", arguments.file.display()))?;
    println!("{}: {} rows written", kind.as_str(), text.lines().count().saturating_sub(1));
    Ok(ExitCode::SUCCESS)
}

async fn exported(store: &Store, commune: &crate::domain::register::Commune, kind: Kind) -> anyhow::Result<String> {
    let mut newest = std::collections::BTreeMap::new();
    for (_, row) in store.register_rows().await? {
        newest.insert((row.kind(), row.key()), row);
    }
    let rows: Vec<_> = newest.into_values().collect();
    let mut operations = Vec::new();
    for word in ["finding", "visit", "pathway", "ticket"] {
        operations.extend(store.operations_of_kind(word).await?);
    }
    let people = store.people().await?.into_iter().map(|person| crate::imports::Person {
        household: person.household.into(),
        head_name: Some(person.head_name).filter(|name| !name.is_empty()),
        address: Some(person.address).filter(|address| !address.is_empty()),
    });
    let people: Vec<_> = people.collect();
    let exported = Exported { rows: &rows, operations: &operations, people: &people };
    Ok(write_csv(kind, &exported, &commune.zone)?)
}
