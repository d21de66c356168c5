//! The workload of visits of the commune or a hamlet, from derived rows to the indicator.
//!
//! Reads the counts of one day, some weeks of [`visit_days`](crate::store::Store::visit_days), and one range of the index of what runs
//! out: the work of a request grows neither with history nor with the households that rest on nothing that ends.

use super::guard::Site;
use super::read;
use crate::domain::ids::AreaCode;
use crate::domain::time::LocalDay;
use crate::indicators::{AHEAD_WEEKS, Visiting, WEEKS};
use crate::store::StoreError;

/// Reads the workload. `None`: no day is finished yet.
pub async fn visiting(site: &Site, area: Option<&AreaCode>) -> Result<Option<Visiting>, StoreError> {
    let Some(on) = read::last_finished(site).await? else { return Ok(None) };
    let store = &site.web.store;
    let today = read::today(site);
    let mut counts = crate::indicators::Counts::default();
    for (of, held) in store.counts_on(on).await? {
        if area.is_none_or(|area| *area == of) {
            counts.merge(&held);
        }
    }
    let from = today.week_start() - 7 * WEEKS;
    let visits: Vec<(LocalDay, i64, i64)> = store
        .visit_days(area, from, today)
        .await?
        .into_iter()
        .map(|(day, counts)| (day, counts.visited, counts.not_seen))
        .collect();
    let run_outs = store.run_outs(area, on, (on, today.week_start() + 7 * AHEAD_WEEKS)).await?;
    Ok(Some(Visiting::new((on, today), &counts, &visits, &run_outs)))
}
