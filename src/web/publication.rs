//! What the asker may know of the hamlets: the one door between the store's counts and every answer that the public can reach.
//!
//! Whoever may see households sees everything; everybody else what [`disclosure`](crate::indicators::disclosure) leaves.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::{Site, Who};
use super::problem::Problem;
use super::table::May;
use super::{read, visiting};
use crate::domain::ids::{AreaCode, StreamCode};
use crate::domain::time::LocalDay;
use crate::indicators::disclosure::{PeriodParts, hidden_altogether, hidden_masses, published};
use crate::indicators::{Counts, Hidden, Part, Shown, Step, TonnageRow, Visiting};
use crate::store::StoreError;

/// Tells whether small numbers need not be hidden from the asker: from those who see households themselves, and who keep the machine.
pub fn sees_all(who: &Who) -> bool {
    who.may(May::States) || who.may(May::Devices)
}

/// Counts of every hamlet on a day, as far as the asker may know them, and those of the commune, which are exact.
pub struct Hamlets {
    /// Counts by hamlet.
    pub shown: BTreeMap<AreaCode, Shown>,
    /// The hamlets together.
    pub commune: Counts,
}

impl Hamlets {
    /// Gives a hamlet's counts.
    pub fn of(&self, area: &AreaCode) -> Shown {
        self.shown.get(area).copied().unwrap_or_default()
    }
}

/// Reads the counts of a day.
pub async fn hamlets(site: &Site, who: &Who, day: LocalDay) -> Result<Hamlets, Problem> {
    let counts = site.web.store.counts_on(day).await?;
    let mut commune = Counts::default();
    counts.values().for_each(|of| commune.merge(of));
    let is_told = sees_all(who) || day <= told_until(site).await?;
    let untold = || Shown::without(Counts::default(), [Part::Households]);
    let shown =
        if is_told { for_asker(who, counts) } else { counts.into_keys().map(|area| (area, untold())).collect() };
    Ok(Hamlets { shown, commune })
}

/// Gives the last day that the public is told of a hamlet: one that is over and computed. As a day runs, each hand-over follows from its
/// numbers by subtraction.
async fn told_until(site: &Site) -> Result<LocalDay, StoreError> {
    Ok(read::last_finished(site).await?.unwrap_or(read::today(site) - 1))
}

fn for_asker(who: &Who, counts: BTreeMap<AreaCode, Counts>) -> BTreeMap<AreaCode, Shown> {
    if sees_all(who) {
        counts.into_iter().map(|(area, counts)| (area, Shown::all(counts))).collect()
    } else {
        published(&counts)
    }
}

/// Reads the counts of a hamlet, or of the commune, day by day. Days without any eligible household are left out.
pub async fn days(
    site: &Site,
    who: &Who,
    area: Option<&AreaCode>,
    from: LocalDay,
    to: LocalDay,
) -> Result<Vec<(LocalDay, Shown)>, Problem> {
    let Some(area) = area.filter(|_| !sees_all(who)) else {
        let days = site.web.store.counts_series(area, from, to).await?;
        return Ok(days.into_iter().map(|(day, counts)| (day, Shown::all(counts))).collect());
    };
    let by_day = by_day(site, from, to.min(told_until(site).await?)).await?;
    let area = area.clone();
    let published = move || {
        let of_area = by_day.into_iter().filter_map(|(day, counts)| Some((day, *published(&counts).get(&area)?)));
        of_area.filter(|(_, shown)| !shown.is_nobody()).collect()
    };
    tokio::task::spawn_blocking(published).await.map_err(|error| Problem::internal("hiding small numbers", &error))
}

/// Reads the counts of every hamlet that has eligible households, day by day.
async fn by_day(
    site: &Site,
    from: LocalDay,
    to: LocalDay,
) -> Result<BTreeMap<LocalDay, BTreeMap<AreaCode, Counts>>, Problem> {
    let mut days: BTreeMap<LocalDay, BTreeMap<AreaCode, Counts>> = BTreeMap::new();
    for (area, day, counts) in site.web.store.counts_by_area(from, to).await? {
        days.entry(day).or_default().insert(area, counts);
    }
    Ok(days)
}

/// Reads tonnage by period and stream; a hamlet's is that of its places.
///
/// To the public a hamlet's days are told when they are over.
pub async fn tonnage(
    site: &Site,
    who: &Who,
    area: Option<&AreaCode>,
    (from, to): (LocalDay, LocalDay),
    step: Step,
) -> Result<Vec<TonnageRow>, Problem> {
    let Some(area) = area.filter(|_| !sees_all(who)) else {
        return Ok(site.web.store.tonnage(area, from, to, step).await?);
    };
    let to = to.min(told_until(site).await?);
    let rows = site.web.store.tonnage(Some(area), from, to, step).await?;
    let hidden = hidden_days(site, area, (from, to)).await?;
    let is_hidden = |row: &TonnageRow| {
        hidden.iter().any(|(day, stream)| *stream == row.stream && step.period_of(*day).0 == row.from)
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let hides = is_hidden(&row);
            row.for_public(hides)
        })
        .collect())
}

/// Finds the days and streams whose mass is hidden in a hamlet.
async fn hidden_days(
    site: &Site,
    area: &AreaCode,
    (from, to): (LocalDay, LocalDay),
) -> Result<BTreeSet<(LocalDay, StreamCode)>, Problem> {
    let pickups = site.web.store.pickups_by_area(from, to).await?;
    let counts = by_day(site, from, to).await?;
    let area = area.clone();
    let find = move || {
        let mut small: BTreeMap<LocalDay, BTreeSet<AreaCode>> = BTreeMap::new();
        for (day, counts) in &counts {
            small.insert(*day, hidden_altogether(&published(counts)).cloned().collect());
        }
        let none = BTreeSet::new();
        let mut hidden = BTreeSet::new();
        for ((day, stream), pickups) in pickups {
            if hidden_masses(&pickups, small.get(&day).unwrap_or(&none)).contains(&area) {
                hidden.insert((day, stream));
            }
        }
        hidden
    };
    tokio::task::spawn_blocking(find).await.map_err(|error| Problem::internal("hiding small numbers", &error))
}

/// Finds what is hidden of a hamlet's indicators, by the first day of each period.
pub async fn period_parts(
    site: &Site,
    area: &AreaCode,
    (from, to): (LocalDay, LocalDay),
    step: Step,
) -> Result<BTreeMap<LocalDay, PeriodParts>, Problem> {
    let mut periods: BTreeMap<LocalDay, PeriodParts> = BTreeMap::new();
    for (day, shown) in days(site, &Who::default(), Some(area), from, to).await? {
        let parts = periods.entry(step.period_of(day).0).or_default();
        parts.end = shown.hidden();
        parts.ever = Hidden::of(parts.ever.parts().chain(shown.hidden().parts()));
    }
    for (day, stream) in hidden_days(site, area, (from, to)).await? {
        periods.entry(step.period_of(day).0).or_default().masses.insert(stream);
    }
    Ok(periods)
}

/// Tells whether the workload of visits is told: the commune's to everybody, a hamlet's to those who see everything.
///
/// # Why
/// It is made of the hamlet's N, of U by reason, and of how many households were visited in each week: small numbers nearly always, of
/// which a list with holes would help nobody.
pub fn tells_visiting(who: &Who, area: Option<&AreaCode>) -> bool {
    area.is_none() || sees_all(who)
}

/// Reads the workload of visits. `None`: no day is finished yet.
pub async fn visiting(site: &Site, who: &Who, area: Option<&AreaCode>) -> Result<Option<Visiting>, Problem> {
    match area {
        Some(area) if !tells_visiting(who, Some(area)) => Err(Problem::forbidden(format!(
            "the workload of visits in area `{area}` is not public; sign in as visitor, officer or viewer, or leave out `area`"
        ))),
        Some(_) | None => Ok(visiting::visiting(site, area).await?),
    }
}

/// Refuses the pages of a hamlet that is hidden from the asker altogether on the last finished day.
pub async fn may_see(site: &Site, who: &Who, area: Option<&AreaCode>) -> Result<(), Problem> {
    let Some(area) = area.filter(|_| !sees_all(who)) else {
        return Ok(());
    };
    let Some(day) = read::last_finished(site).await? else {
        return Ok(());
    };
    let hamlets = hamlets(site, who, day).await?;
    if hamlets.of(area).hides(Part::Households) { Err(Problem::hidden(area.as_str())) } else { Ok(()) }
}
