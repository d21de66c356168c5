//! From the store's counts to published figures: a share with its completeness, target and cut-off.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::guard::{Site, Who};
use super::problem::Problem;
use super::publication;
use crate::domain::ids::{AreaCode, DeviceId, PlaceCode, StreamCode};
use crate::domain::month::Month;
use crate::domain::register::Commune;
use crate::domain::time::{Instant, LocalDay};
use crate::indicators::disclosure::hidden_altogether;
use crate::indicators::{
    self, AreaShare, Completeness, CompletenessDay, Counts, MassTold, Part, PeriodShare, ShareDay, Shown, Step,
    Tonnage, TonnageRow,
};
use crate::store::StoreError;

/// Days whose completeness stands beside a share.
const COMPLETENESS_DAYS: i32 = 28;
/// The headline's name among the targets.
pub const HEADLINE: &str = "sorting_share";

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

/// Reads the share of the commune or of a hamlet on a day, as far as the asker may know it.
pub async fn share_day(site: &Site, who: &Who, area: Option<&AreaCode>, day: LocalDay) -> Result<ShareDay, Problem> {
    let hamlets = publication::hamlets(site, who, day).await?;
    let counts = area.map_or_else(|| Shown::all(hamlets.commune), |area| hamlets.of(area));
    let completeness = completeness(site, area, day).await?;
    let settled = settled_months(site, day, day).await?;
    Ok(share_of(site, day, counts, completeness, &settled))
}

fn share_of(
    site: &Site,
    day: LocalDay,
    counts: Shown,
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

/// Gives the day of an area in which nobody is eligible.
pub fn nobody(site: &Site, day: LocalDay) -> ShareDay {
    share_of(site, day, Shown::default(), Completeness::default(), &BTreeSet::new())
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

/// Whose share is asked for.
#[derive(Clone, Debug)]
pub enum Whose {
    /// The commune's.
    Commune,
    /// A hamlet's.
    Area(AreaCode),
    /// A collection point's: that of the households whose point it is.
    Point(PlaceCode),
    /// A device's; it has no share.
    Device(DeviceId),
}

impl Whose {
    /// Takes a hamlet, or the commune where none is named.
    pub fn of(area: Option<AreaCode>) -> Self {
        area.map_or(Self::Commune, Self::Area)
    }

    /// Gives the hamlet. `None`: it is not one.
    pub fn area(&self) -> Option<&AreaCode> {
        match self {
            Self::Area(area) => Some(area),
            Self::Commune | Self::Point(_) | Self::Device(_) => None,
        }
    }
}

/// Reads the share of each period; days that are not over are left out.
pub async fn periods(
    site: &Site,
    who: &Who,
    whose: &Whose,
    (from, to): (LocalDay, LocalDay),
    step: Step,
) -> Result<Vec<PeriodShare>, Problem> {
    let Some(finished) = last_finished(site).await? else { return Ok(Vec::new()) };
    // A year is made of its months' ends, whichever of its days is asked for.
    let (from, to) = match step {
        Step::Day | Step::Week | Step::Month => (from, to),
        Step::Year => (step.period_of(from).0, step.period_of(to).1),
    };
    let to = to.min(finished);
    let (rows, days) = match whose {
        Whose::Commune => counts_and_days(site, who, None, (from, to)).await?,
        Whose::Area(area) => counts_and_days(site, who, Some(area), (from, to)).await?,
        Whose::Point(point) => (
            shown_whole(site.web.store.point_series(point, from, to).await?),
            site.web.store.place_completeness(point, from - (COMPLETENESS_DAYS - 1), to).await?,
        ),
        Whose::Device(_) => (Vec::new(), Vec::new()),
    };
    let settled = settled_months(site, from, to).await?;
    Ok(indicators::periods(&shares(site, with_ends(rows, step, to), &days, &settled), step))
}

/// Shows counts as they are: of a collection point, to those who may see them.
fn shown_whole(rows: Vec<(LocalDay, Counts)>) -> Vec<(LocalDay, Shown)> {
    rows.into_iter().map(|(day, counts)| (day, Shown::all(counts))).collect()
}

/// Adds the last day of each week or month on which nobody is eligible any more: the period's value is then none, and not that of an
/// earlier day.
fn with_ends(rows: Vec<(LocalDay, Shown)>, step: Step, to: LocalDay) -> Vec<(LocalDay, Shown)> {
    match step {
        // Of a year only the months count whose end has a value.
        Step::Day | Step::Year => return rows,
        Step::Week | Step::Month => {}
    }
    let mut whole = Vec::with_capacity(rows.len());
    for of_period in rows.chunk_by(|a, b| step.period_of(a.0) == step.period_of(b.0)) {
        whole.extend_from_slice(of_period);
        let end = of_period.last().map(|(day, _)| (*day, step.period_of(*day).1.min(to)));
        whole.extend(end.filter(|(last, end)| last < end).map(|(_, end)| (end, Shown::default())));
    }
    whole
}

/// Gives each day its share with the completeness of the 28 days up to it.
fn shares(
    site: &Site,
    rows: Vec<(LocalDay, Shown)>,
    days: &[CompletenessDay],
    settled: &BTreeSet<Month>,
) -> Vec<ShareDay> {
    let by_day: BTreeMap<LocalDay, Completeness> = days.iter().map(|day| (day.day, day.completeness)).collect();
    rows.into_iter()
        .map(|(day, counts)| {
            let mut completeness = Completeness::default();
            for part in by_day.range(day - (COMPLETENESS_DAYS - 1)..=day) {
                completeness.merge(part.1);
            }
            share_of(site, day, counts, completeness, settled)
        })
        .collect()
}

/// A collection point beside the others of its hamlet on one day.
pub struct PointShare {
    /// The point.
    pub point: PlaceCode,
    /// Its name.
    pub name: String,
    /// Its hamlet.
    pub area: AreaCode,
    /// Its share.
    pub share: ShareDay,
}

/// Reads the points' shares on a day, of a hamlet or of all, highest share first.
pub async fn point_shares(site: &Site, area: Option<&AreaCode>, day: LocalDay) -> Result<Vec<PointShare>, StoreError> {
    let counts = site.web.store.point_counts_on(day).await?;
    let completeness = site.web.store.completeness_by_place(day - (COMPLETENESS_DAYS - 1), day).await?;
    let settled = settled_months(site, day, day).await?;
    let register = site.web.register.borrow().clone();
    let mut points: Vec<PointShare> = counts
        .into_iter()
        .filter(|(_, counts)| counts.eligible > 0)
        .filter_map(|(point, counts)| {
            let known = register.points.get(&point)?.on(day);
            let complete = completeness.get(&point).copied().unwrap_or_default();
            let (name, area) = (known.name.clone(), known.area.clone());
            let share = share_of(site, day, Shown::all(counts), complete, &settled);
            Some(PointShare { share, point, name, area })
        })
        .filter(|of| area.is_none_or(|area| *area == of.area))
        .collect();
    points.sort_by(|one, other| {
        other.share.counts.share().cmp(&one.share.counts.share()).then_with(|| one.name.cmp(&other.name))
    });
    Ok(points)
}

/// Reads the completeness of the 28 days up to a day at a point.
pub async fn point_completeness(site: &Site, point: &PlaceCode, day: LocalDay) -> Result<Completeness, StoreError> {
    let mut all = Completeness::default();
    for day in site.web.store.place_completeness(point, day - (COMPLETENESS_DAYS - 1), day).await? {
        all.merge(&day.completeness);
    }
    Ok(all)
}

/// Reads the completeness of the 28 days up to a day of a device.
pub async fn device_completeness(site: &Site, device: &DeviceId, day: LocalDay) -> Result<Completeness, StoreError> {
    let mut all = Completeness::default();
    for row in site.web.store.device_days(device, day - (COMPLETENESS_DAYS - 1), day).await? {
        all.merge(&row.completeness());
    }
    Ok(all)
}

/// Reads the completeness by day of whoever is asked for.
pub async fn completeness_days(
    site: &Site,
    whose: &Whose,
    from: LocalDay,
    to: LocalDay,
) -> Result<Vec<CompletenessDay>, StoreError> {
    let store = &site.web.store;
    match whose {
        Whose::Commune => store.completeness_days(None, from, to).await,
        Whose::Area(area) => store.completeness_days(Some(area), from, to).await,
        Whose::Point(point) => store.place_completeness(point, from, to).await,
        Whose::Device(device) => {
            let days = store.device_days(device, from, to).await?;
            Ok(days.iter().map(|row| CompletenessDay { day: row.day, completeness: row.completeness() }).collect())
        }
    }
}

/// Reads the tonnage by week and stream, as far as the asker may know it; a device has none.
pub async fn weekly_tonnage(
    site: &Site,
    who: &Who,
    whose: &Whose,
    (from, to): (LocalDay, LocalDay),
) -> Result<Vec<TonnageRow>, Problem> {
    let point = match whose {
        Whose::Commune | Whose::Area(_) => {
            return publication::tonnage(site, who, whose.area(), (from, to), Step::Week).await;
        }
        Whose::Device(_) => return Ok(Vec::new()),
        Whose::Point(point) => point,
    };
    let mut weeks: BTreeMap<(LocalDay, LocalDay, StreamCode), Tonnage> = BTreeMap::new();
    for row in site.web.store.tonnage_days(point, from, to).await? {
        let (first, last) = Step::Week.period_of(row.day);
        weeks.entry((first, last, row.stream)).or_default().merge(&Tonnage {
            weighed_g: row.grams.weighed_g,
            manual_g: row.grams.manual_g,
            estimated_g: row.grams.estimated_g,
            unknown_household_g: row.grams.unknown_household_g,
            pickups: row.grams.pickups,
        });
    }
    Ok(weeks
        .into_iter()
        .map(|((from, to, stream), tonnage)| TonnageRow { from, to, stream, tonnage, told: MassTold::Apart })
        .collect())
}

async fn counts_and_days(
    site: &Site,
    who: &Who,
    area: Option<&AreaCode>,
    (from, to): (LocalDay, LocalDay),
) -> Result<(Vec<(LocalDay, Shown)>, Vec<CompletenessDay>), Problem> {
    let rows = publication::days(site, who, area, from, to).await?;
    let days = site.web.store.completeness_days(area, from - (COMPLETENESS_DAYS - 1), to).await?;
    Ok((rows, days))
}

/// Reads the share of each day on which anybody is eligible, as far as the asker may know it.
pub async fn series(
    site: &Site,
    who: &Who,
    area: Option<&AreaCode>,
    (from, to): (LocalDay, LocalDay),
) -> Result<Vec<ShareDay>, Problem> {
    let (rows, days) = counts_and_days(site, who, area, (from, to)).await?;
    let settled = settled_months(site, from, to).await?;
    Ok(shares(site, rows, &days, &settled))
}

/// Reads the hamlets' shares on a day, those of which the asker may know anything, highest share first; and which are hidden.
pub async fn area_shares(site: &Site, who: &Who, day: LocalDay) -> Result<(Vec<AreaShare>, Vec<AreaCode>), Problem> {
    let hamlets = publication::hamlets(site, who, day).await?;
    let mut completeness = site.web.store.completeness_by_area(day - (COMPLETENESS_DAYS - 1), day).await?;
    let register = site.web.register.borrow().clone();
    let mut shares: Vec<AreaShare> = register
        .areas
        .values()
        .map(|area| AreaShare {
            area: area.code.clone(),
            name: area.name.clone(),
            counts: hamlets.of(&area.code),
            completeness: completeness.remove(&area.code).unwrap_or_default(),
        })
        .filter(|of| !of.counts.hides(Part::Households))
        .collect();
    shares.sort_by(|one, other| other.counts.share().cmp(&one.counts.share()).then_with(|| one.name.cmp(&other.name)));
    Ok((shares, hidden_altogether(&hamlets.shown).cloned().collect()))
}

/// Names the commune, a hamlet or a point.
pub fn whose_name(site: &Site, whose: &Whose) -> String {
    match whose {
        Whose::Commune => commune(site).name.clone(),
        Whose::Area(area) => area_name(site, area),
        Whose::Point(point) => {
            let register = site.web.register.borrow();
            register.points.get(point).map_or_else(|| point.to_string(), |point| point.newest().name.clone())
        }
        Whose::Device(device) => device.to_string(),
    }
}

/// Gives the hamlet's name, or its code when the register does not know it.
pub fn area_name(site: &Site, area: &AreaCode) -> String {
    site.web.register.borrow().areas.get(area).map_or_else(|| area.to_string(), |area| area.name.clone())
}
