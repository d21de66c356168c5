//! `crews`: what crews with phones write, posted to a service.

use super::run::write_truth;
use super::shape::Shape;
use anyhow::{Context, bail};
use clap::Args;
use firmware_sim::crew::post::{PostOptions, Posted, post};
use firmware_sim::crew::writes;
use firmware_sim::publish::system_clock_ms;
use std::path::PathBuf;

#[derive(Args)]
pub struct Crews {
    #[command(flatten)]
    shape: Shape,
    /// The service's pages, such as http://127.0.0.1:8080.
    #[arg(long)]
    server: String,
    /// Token of a crew's account.
    #[arg(long)]
    token: String,
    /// Leave out what the phones send at or after this time, milliseconds since 1970; now, if not given.
    #[arg(long)]
    until_ms: Option<i64>,
    /// File for the truth with the crews' writes, JSON lines.
    #[arg(long)]
    truth: Option<PathBuf>,
}

impl Crews {
    pub fn run(&self) -> anyhow::Result<()> {
        let plan = self.shape.plan()?;
        let crews = self.shape.crews()?.unwrap_or_default();
        if let Some(path) = &self.truth {
            write_truth(&plan, Some(crews), path)
                .with_context(|| format!("cannot write the truth to `{}`", path.display()))?;
        }
        let until_ms = self.until_ms.unwrap_or_else(system_clock_ms);
        let options = PostOptions::new(self.server.as_str(), self.token.as_str(), until_ms);
        let posted = post(&writes(&plan, &crews), &options, |posted| eprintln!("{}", line(posted)))?;
        if posted.refused > 0 {
            bail!("{} writes were refused, such as: {}", posted.refused, posted.reasons.join("; "));
        }
        Ok(())
    }
}

fn line(posted: &Posted) -> String {
    format!(
        "{} of {} simulated writes: {} recorded, {} answered with the first receipt, {} refused, {} tried again",
        posted.done, posted.total, posted.created, posted.repeated, posted.refused, posted.tried_again
    )
}
