//! `score`: a service's answers against a truth file.

use anyhow::{Context, bail};
use clap::Args;
use firmware_sim::publish::system_clock_ms;
use firmware_sim::scenario::Scenario;
use firmware_sim::score::{Truth, fetch::fetch, picture, score};
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

#[derive(Args)]
pub struct Score {
    /// Truth file of the run.
    #[arg(long)]
    truth: PathBuf,
    /// The service's pages, such as http://127.0.0.1:8080.
    #[arg(long)]
    server: String,
    /// Token of an account that may see households.
    #[arg(long)]
    token: Option<String>,
    /// Leave out what happened at or after this time, milliseconds since 1970; now, if not given.
    #[arg(long)]
    until_ms: Option<i64>,
    /// Scenario whose bounds must hold; else exit 1.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Write the score as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the score, SVG.
    #[arg(long, value_name = "FILE.svg")]
    picture: Option<PathBuf>,
}

impl Score {
    pub fn run(&self) -> anyhow::Result<()> {
        let file = File::open(&self.truth).with_context(|| format!("cannot read `{}`", self.truth.display()))?;
        let truth = Truth::read(BufReader::new(file), self.until_ms.unwrap_or_else(system_clock_ms))?;
        let answers = fetch(&self.server, self.token.as_deref(), &truth.run.from, &truth.run.to)?;
        let score = score(&truth, &answers);
        print!("{score}");
        if let Some(path) = &self.json {
            std::fs::write(path, serde_json::to_vec_pretty(&score)?)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        if let Some(path) = &self.picture {
            if path.extension().is_none_or(|ending| ending != "svg") {
                bail!("the picture is SVG; name a file that ends in .svg, not `{}`", path.display());
            }
            std::fs::write(path, picture::svg(&score)?)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        if let Some(path) = &self.scenario {
            let shortfalls = score.shortfalls(&Scenario::read(path)?.expect);
            if !shortfalls.is_empty() {
                bail!("`{}` is not met: {}", path.display(), shortfalls.join("; "));
            }
        }
        Ok(())
    }
}
