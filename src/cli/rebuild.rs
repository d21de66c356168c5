//! `phanloai rebuild`.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::Place;
use crate::app::{load_register, rebuild};
use crate::domain::attribution::Windows;
use crate::domain::time::Clock;
use crate::recompute::Recompute;

#[derive(Debug, Args)]
pub(super) struct RebuildArguments {
    /// Changes nothing; tells the first difference and then exits with 1.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(arguments: RebuildArguments, clock: Arc<dyn Clock>) -> anyhow::Result<ExitCode> {
    let (store, commune) = arguments.place.open().await?;
    let register = Arc::new(load_register(&store, &commune).await?);
    let commune = Arc::new(commune);
    if arguments.check {
        let register_version = store.setting("register_version").await?;
        let recompute =
            Recompute { store: store.clone(), commune, register, register_version, windows: Windows::default() };
        let difference = recompute.check().await?;
        store.close().await;
        return Ok(match difference {
            None => {
                println!("every derived row is what the facts give");
                ExitCode::SUCCESS
            }
            Some(difference) => {
                println!("first difference: {difference}");
                ExitCode::FAILURE
            }
        });
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} marks, {eta} left")?;
    let bar = ProgressBar::new(0).with_style(style);
    rebuild(&store, commune, register, clock.as_ref(), |left| {
        let left = u64::try_from(left).unwrap_or(0);
        bar.set_length(bar.length().unwrap_or(0).max(left));
        bar.set_position(bar.length().unwrap_or(0) - left);
    })
    .await?;
    bar.finish_and_clear();
    store.close().await;
    println!("every derived row was computed again");
    Ok(ExitCode::SUCCESS)
}
