//! Which commune and what goes wrong: from flags, or from a scenario with flags over it.

use clap::Args;
use firmware_sim::publish::system_clock_ms;
use firmware_sim::scenario::Scenario;
use firmware_sim::{Commune, CommuneSpec, Crews, Faults, Plan, calendar::Day};
use std::path::PathBuf;
use std::sync::Arc;

const DAYS: u32 = 28;
const SEED: u64 = 1;

#[derive(Args)]
pub struct Shape {
    /// Scenario file; the flags below override it.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Households in the register (10457).
    #[arg(long)]
    households: Option<u32>,
    /// Collection points; by default in proportion to the households.
    #[arg(long)]
    points: Option<u32>,
    /// Days of history before today (28).
    #[arg(long)]
    days: Option<u32>,
    /// The same seed gives the same commune and events (1).
    #[arg(long)]
    seed: Option<u64>,
    /// The last day of the history (YYYY-MM-DD); today, if not given.
    #[arg(long)]
    today: Option<jiff::civil::Date>,
    /// Nothing goes wrong.
    #[arg(long)]
    no_faults: bool,
}

impl Shape {
    pub fn plan(&self) -> anyhow::Result<Arc<Plan>> {
        let today = self.today.unwrap_or_else(|| Day::at(system_clock_ms()).date());
        let (mut spec, mut faults) = match self.scenario()? {
            Some(mut scenario) => {
                scenario.households = self.households.unwrap_or(scenario.households);
                (scenario.spec(today), scenario.faults()?)
            }
            None => {
                let households = self.households.unwrap_or(firmware_sim::commune::HOUSEHOLDS);
                (CommuneSpec::sized(households, today, DAYS, SEED), Faults::moderate())
            }
        };
        spec.points = self.points.unwrap_or(spec.points);
        spec.days = self.days.unwrap_or(spec.days);
        spec.seed = self.seed.unwrap_or(spec.seed);
        spec.today = self.today.unwrap_or(spec.today);
        if self.no_faults {
            faults = Faults::none();
        }
        Ok(Arc::new(Plan { commune: Commune::generate(&spec), faults }))
    }

    /// What the scenario says of crews. `None`: nothing.
    pub fn crews(&self) -> anyhow::Result<Option<Crews>> {
        Ok(self.scenario()?.and_then(|scenario| scenario.crews))
    }

    fn scenario(&self) -> anyhow::Result<Option<Scenario>> {
        Ok(self.scenario.as_deref().map(Scenario::read).transpose()?)
    }
}
