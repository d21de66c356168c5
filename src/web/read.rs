//! From the store's counts to published figures: a share with its completeness, target and cut-off; and which hamlets
//! the public may see.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::guard::{Site, Who};
use super::problem::Problem;
use super::table::May;
use crate::domain::ids::AreaCode;
use crate::domain::month::Month;
use crate::domain::register::Commune;
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::{AreaShare, Completeness, Counts, ShareDay, Step};
use crate::store::StoreError;

/// Days whose completeness stands beside a share.
const COMPLETENESS_DAYS: i32 = 28;
/// A hamlet with fewer households is hidden from the public.
const FEWEST_HOUSEHOLDS: i64 = 10;
/// The headline's name among the targets.
const HEADLINE: &str = "sorting_share";

/// The commune in force.
pub fn commune(site: &Site) -> Arc<Commune> {
    site.web.commune.borrow().clone()
}

/// Gives the local day of now.
pub fn today(site: &Site) -> LocalDay {
    commune(site).zone.day_of(site.web.clock.now())
}

/// Gives the last finished day whose states are computed. `None`: no day is.
pub async fn last_finished(site: &Site) -> Result<Option<LocalDay>, StoreError> {
    Ok(site.web.store.computed_through().await?.map(|day| day.min(today(site) - 1)))
}

/// Gives when the last event that counts was received.
pub async fn cut_off(site: &Site) -> Result<Option<Instant>, StoreError> {
    site.web.store.cut_off().await
}

/// Counts of every hamlet on a day, with which of them the asker may see.
pub struct Hamlets {
    /// Counts by hamlet.
    pub counts: BTreeMap<AreaCode, Counts>,
    /// Hidden from the asker.
    pub hidden: BTreeSet<AreaCode>,
}

impl Hamlets {
    /// Gives the counts of the commune: the hamlets together.
    pub fn commune(&self) -> Counts {
        let mut all = Counts::default();
        for counts in self.counts.values() {
            all.merge(counts);
        }
        all
    }
}

/// Reads the counts of a day.
pub async fn hamlets(site: &Site, who: &Who, day: LocalDay) -> Result<Hamlets, StoreError> {
    let counts = site.web.store.counts_on(day).await?;
    let hidden = if sees_households(who) { BTreeSet::new() } else { hidden(&counts) };
    Ok(Hamlets { counts, hidden })
}

/// Tells whether small numbers need not be hidden from the asker: from those who see households themselves.
fn sees_households(who: &Who) -> bool {
    who.may(May::States) || who.may(May::Devices)
}

/// Chooses the hamlets to hide: those with 1 to 9 households, and when that is one alone, the next smallest too, or the
/// commune's total less the others would give it away.
fn hidden(counts: &BTreeMap<AreaCode, Counts>) -> BTreeSet<AreaCode> {
    let mut by_size: Vec<(i64, &AreaCode)> =
        counts.iter().filter(|(_, counts)| counts.eligible > 0).map(|(area, counts)| (counts.eligible, area)).collect();
    by_size.sort();
    let small = by_size.iter().filter(|(eligible, _)| *eligible < FEWEST_HOUSEHOLDS).count();
    let together: i64 = by_size.iter().take(small).map(|(eligible, _)| eligible).sum();
    let needs_another = small > 0 && (small == 1 || together < FEWEST_HOUSEHOLDS);
    by_size.iter().take(small + usize::from(needs_another)).map(|(_, area)| (*area).clone()).collect()
}

/// Refuses figures of a hamlet that is hidden from the asker on a day.
pub async fn may_see(site: &Site, who: &Who, area: Option<&AreaCode>) -> Result<(), Problem> {
    let Some(area) = area.filter(|_| !sees_households(who)) else {
        return Ok(());
    };
    let Some(day) = last_finished(site).await? else {
        return Ok(());
    };
    let hamlets = hamlets(site, who, day).await?;
    if hamlets.hidden.contains(area) { Err(Problem::hidden(area.as_str())) } else { Ok(()) }
}

/// Reads the share of the commune or of a hamlet on a day.
pub async fn share_day(site: &Site, area: Option<&AreaCode>, day: LocalDay) -> Result<ShareDay, StoreError> {
    let by_area = site.web.store.counts_on(day).await?;
    let counts = match area {
        Some(area) => by_area.get(area).copied().unwrap_or_default(),
        None => Hamlets { counts: by_area, hidden: BTreeSet::new() }.commune(),
    };
    let completeness = completeness(site, area, day).await?;
    let settled = settled_months(site, day, day).await?;
    Ok(share_of(site, day, counts, completeness, &settled))
}

fn share_of(
    site: &Site,
    day: LocalDay,
    counts: Counts,
    completeness: Completeness,
    settled: &BTreeSet<Month>,
) -> ShareDay {
    let target = target_on(&commune(site), day);
    ShareDay { day, counts, completeness, target, provisional: !settled.contains(&Month::of(day)) }
}

/// Finds the closed months of a range whose figures still are what was signed: their days are not provisional any more.
///
/// A month that later data changed is provisional again until it is revised: what is shown is not what was signed.
pub async fn settled_months(site: &Site, from: LocalDay, to: LocalDay) -> Result<BTreeSet<Month>, StoreError> {
    let counted = |counts: BTreeMap<AreaCode, Counts>| -> BTreeMap<AreaCode, Counts> {
        counts.into_iter().filter(|(_, counts)| *counts != Counts::default()).collect()
    };
    let mut settled = BTreeSet::new();
    for (month, signed) in site.web.store.closed_counts(from, to).await? {
        if counted(site.web.store.counts_on(month.last_day()).await?) == counted(signed) {
            settled.insert(month);
        }
    }
    Ok(settled)
}

/// Gives the headline's target on a day.
pub fn target_on(commune: &Commune, day: LocalDay) -> Option<crate::domain::units::Percent> {
    commune.target(HEADLINE, day.date().year())
}

/// Reads the completeness of the 28 days up to a day.
pub async fn completeness(site: &Site, area: Option<&AreaCode>, day: LocalDay) -> Result<Completeness, StoreError> {
    let by_area = site.web.store.completeness_by_area(day - (COMPLETENESS_DAYS - 1), day).await?;
    let mut all = Completeness::default();
    for (of, completeness) in &by_area {
        if area.is_none_or(|area| area == of) {
            all.merge(completeness);
        }
    }
    Ok(all)
}

/// Reads the share at the end of each period: the state at its last finished day.
pub async fn series(
    site: &Site,
    area: Option<&AreaCode>,
    from: LocalDay,
    to: LocalDay,
    step: Step,
) -> Result<Vec<ShareDay>, StoreError> {
    let rows = site.web.store.counts_series(area, from, to).await?;
    let days = site.web.store.completeness_days(area, from - (COMPLETENESS_DAYS - 1), to).await?;
    let by_day: BTreeMap<LocalDay, Completeness> = days.iter().map(|day| (day.day, day.completeness)).collect();
    let settled = settled_months(site, from, to).await?;
    let mut shares: Vec<ShareDay> = Vec::with_capacity(rows.len());
    for (day, counts) in rows {
        let mut completeness = Completeness::default();
        for part in by_day.range(day - (COMPLETENESS_DAYS - 1)..=day) {
            completeness.merge(part.1);
        }
        let share = share_of(site, day, counts, completeness, &settled);
        match shares.last_mut() {
            Some(last) if step.period_of(last.day) == step.period_of(day) => *last = share,
            _ => shares.push(share),
        }
    }
    Ok(shares)
}

/// Reads the hamlets' shares on a day, those that the asker may see, highest share first; and how many are hidden.
pub async fn area_shares(site: &Site, who: &Who, day: LocalDay) -> Result<(Vec<AreaShare>, Vec<AreaCode>), StoreError> {
    let hamlets = hamlets(site, who, day).await?;
    let mut completeness = site.web.store.completeness_by_area(day - (COMPLETENESS_DAYS - 1), day).await?;
    let register = site.web.register.borrow().clone();
    let mut shares: Vec<AreaShare> = register
        .areas
        .values()
        .filter(|area| !hamlets.hidden.contains(&area.code))
        .map(|area| AreaShare {
            area: area.code.clone(),
            name: area.name.clone(),
            counts: hamlets.counts.get(&area.code).copied().unwrap_or_default(),
            completeness: completeness.remove(&area.code).unwrap_or_default(),
        })
        .collect();
    shares.sort_by(|one, other| other.counts.share().cmp(&one.counts.share()).then_with(|| one.name.cmp(&other.name)));
    Ok((shares, hamlets.hidden.into_iter().collect()))
}

/// Gives the hamlet's name, or its code when the register does not know it.
pub fn area_name(site: &Site, area: &AreaCode) -> String {
    site.web.register.borrow().areas.get(area).map_or_else(|| area.to_string(), |area| area.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sizes: &[(&str, i64)]) -> BTreeMap<AreaCode, Counts> {
        sizes.iter().map(|&(area, eligible)| (AreaCode::new(area), Counts { eligible, ..Counts::default() })).collect()
    }

    #[test]
    fn one_small_hamlet_takes_the_next_smallest_with_it() {
        let hidden = hidden(&of(&[("a", 300), ("b", 9), ("c", 40), ("d", 0)]));
        assert_eq!(hidden.iter().map(AreaCode::as_str).collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn small_hamlets_that_hide_each_other_need_no_more() {
        let hidden = hidden(&of(&[("a", 300), ("b", 9), ("c", 8)]));
        assert_eq!(hidden.iter().map(AreaCode::as_str).collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn nothing_is_hidden_among_large_hamlets() {
        assert!(hidden(&of(&[("a", 300), ("b", 10)])).is_empty());
    }
}
