//! `phanloai report`.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::Place;
use crate::domain::month::Month;
use crate::store::Store;

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    #[command(subcommand)]
    command: ReportCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum ReportCommand {
    /// Lists the closed months with their revisions, shares and hashes.
    List,
    /// Writes a signed report to the byte: its `sha256sum` is the hash on the sheet.
    Show {
        /// The month, YYYY-MM.
        month: Month,
        /// The revision; the latest when left out.
        #[arg(long)]
        revision: Option<i64>,
    },
    /// Makes every hash again; exits with 1 when a report is not what was signed.
    Verify {
        /// This month only, YYYY-MM.
        month: Option<Month>,
    },
}

pub(super) async fn run(arguments: ReportArguments) -> anyhow::Result<ExitCode> {
    let (store, _) = arguments.place.open().await?;
    let done = match arguments.command {
        ReportCommand::List => list(&store).await,
        ReportCommand::Show { month, revision } => show(&store, month, revision).await,
        ReportCommand::Verify { month } => verify(&store, month).await,
    };
    store.close().await;
    done
}

async fn list(store: &Store) -> anyhow::Result<ExitCode> {
    println!("month\trevision\tshare\tsimulated\tclosed by\tsha256");
    for stored in store.month_reports().await? {
        let report = stored.report()?;
        let share =
            report.figures.commune.percent("share_percent").map_or_else(|| "-".to_owned(), |p| format!("{p} %"));
        let row = [stored.month.to_string(), stored.revision.to_string(), share, report.simulated.to_string()];
        println!("{}\t{}\t{}", row.join("\t"), stored.by, stored.sha256);
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(store: &Store, month: Month, revision: Option<i64>) -> anyhow::Result<ExitCode> {
    let stored = store.month_report(month, revision).await?;
    let stored = stored
        .with_context(|| format!("{month} is not closed, or has no such revision; see `phanloai report list`"))?;
    // No line feed after it: the text is written to the byte.
    print!("{}", stored.content);
    Ok(ExitCode::SUCCESS)
}

async fn verify(store: &Store, month: Option<Month>) -> anyhow::Result<ExitCode> {
    let mut verdict = ExitCode::SUCCESS;
    for stored in store.month_reports().await? {
        if month.is_some_and(|month| month != stored.month) {
            continue;
        }
        let faults = store.report_faults(stored.month, stored.revision).await?.unwrap_or_default();
        let told = if faults.is_empty() { "holds".to_owned() } else { format!("DOES NOT HOLD: {}", faults.join("; ")) };
        println!("{} revision {}: {told}", stored.month, stored.revision);
        if !faults.is_empty() {
            verdict = ExitCode::FAILURE;
        }
    }
    Ok(verdict)
}
