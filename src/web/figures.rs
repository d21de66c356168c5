//! From the store's sums to the indicators of periods, the re-mixing alarm, and the guards of the share.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::{Site, Who};
use super::problem::Problem;
use super::{publication, read};
use crate::domain::ids::{AreaCode, StreamCode};
use crate::domain::register::Register;
use crate::domain::state::ExclusionReason;
use crate::domain::time::LocalDay;
use crate::indicators::disclosure::public_figures;
use crate::indicators::{
    AreaExclusions, Completeness, Figure, PeriodFacts, PersonCounts, Remixing, RemixingRule, Scales, Step, Verdict,
    figures,
};
use crate::store::StoreError;

/// Days whose records by person stand beside the share.
pub const GUARD_DAYS: i32 = 28;

/// The indicators of one period.
pub struct PeriodFigures {
    /// First day.
    pub from: LocalDay,
    /// Last day that is in the figures.
    pub to: LocalDay,
    /// Completeness of its days.
    pub completeness: Completeness,
    /// The indicators, as far as the asker may know them.
    pub figures: Vec<Figure>,
}

/// Reads the indicators of each period of a hamlet or the commune, in order, as far as the asker may know them. Days that are not
/// over are left out.
pub async fn indicators(
    site: &Site,
    who: &Who,
    area: Option<&AreaCode>,
    (from, to): (LocalDay, LocalDay),
    step: Step,
) -> Result<Vec<PeriodFigures>, Problem> {
    let Some(finished) = read::last_finished(site).await? else { return Ok(Vec::new()) };
    let (from, to) = (step.period_of(from).0, step.period_of(to).1.min(finished));
    if from > to {
        return Ok(Vec::new());
    }
    let (store, commune) = (&site.web.store, read::commune(site));
    let required: BTreeSet<&StreamCode> = commune.streams.iter().filter(|s| s.required).map(|s| &s.code).collect();
    let mut periods: BTreeMap<LocalDay, PeriodFacts> = BTreeMap::new();
    let start = |day: LocalDay| step.period_of(day).0;
    for (day, counts) in store.counts_series(area, from, to).await? {
        let facts = periods.entry(start(day)).or_default();
        // Days on which nobody is eligible are not among these: where the last one is not, nobody is at the end.
        facts.end = (day == step.period_of(day).1.min(to)).then_some(counts);
        facts.days.push(counts);
    }
    for row in store.tonnage(area, from, to, step).await? {
        let is_required = required.contains(&row.stream);
        let held = periods.entry(start(row.from)).or_default();
        held.collected.entry(row.stream).or_insert((is_required, row.tonnage));
    }
    for (day, service) in store.service_days(area, from, to).await? {
        periods.entry(start(day)).or_default().service.merge(&service);
    }
    for (day, quality) in store.quality_by_day(area, from, to).await? {
        periods.entry(start(day)).or_default().events.merge(&quality);
    }
    for (day, word, count) in store.statement_sums(area, from, to).await? {
        *periods.entry(start(day)).or_default().statements.entry(word).or_default() += count;
    }
    for day in store.completeness_days(area, from, to).await? {
        periods.entry(start(day.day)).or_default().completeness.merge(&day.completeness);
    }
    if area.is_none() {
        for (day, delivered) in store.delivered(from, to).await? {
            let is_required = required.contains(&delivered.stream);
            periods.entry(start(day)).or_default().delivered.push((is_required, delivered));
        }
    }
    let mut hidden = match area.filter(|_| !publication::sees_all(who)) {
        Some(area) => Some(publication::period_parts(site, area, (from, to), step).await?),
        None => None,
    };
    let register = site.web.register.borrow().clone();
    Ok(periods
        .into_iter()
        .map(|(first, facts)| {
            let last = step.period_of(first).1.min(to);
            let facts = PeriodFacts {
                is_commune: area.is_none(),
                scales: scales(&register, area, last),
                per_person_day_g: commune.assumptions.per_person_day_g,
                ..facts
            };
            let all = figures(&facts);
            let figures = match &mut hidden {
                Some(hidden) => public_figures(all, &hidden.remove(&first).unwrap_or_default()),
                None => all,
            };
            PeriodFigures { from: first, to: last, completeness: facts.completeness, figures }
        })
        .collect())
}

/// Counts a hamlet's scales, or all, and those past their verification at the end of a day.
pub fn scales(register: &Register, area: Option<&AreaCode>, day: LocalDay) -> Scales {
    let mut scales = Scales::default();
    let in_use = register.devices.values().filter(|versions| versions.newest().validity.holds(day));
    for device in in_use.map(|versions| versions.on(day)) {
        let is_here = area.is_none_or(|area| register.area_of_place(&device.place, day) == Some(area));
        if let Some(until) = device.verified_until.filter(|_| device.kind.weighs() && is_here) {
            scales.stated += 1;
            scales.past += i64::from(until < day);
        }
    }
    scales
}

/// The re-mixing alarm over the days of its rule up to the last finished one.
pub struct Alarm {
    /// The rule.
    pub rule: RemixingRule,
    /// First day.
    pub from: LocalDay,
    /// Last day.
    pub to: LocalDay,
    /// What is compared.
    pub mass: Remixing,
    /// What follows.
    pub verdict: Verdict,
}

/// Judges whether what was picked up separately arrived separately. `None`: no day is finished.
pub async fn alarm(site: &Site) -> Result<Option<Alarm>, StoreError> {
    let Some(to) = read::last_finished(site).await? else { return Ok(None) };
    let rule = RemixingRule::STANDARD;
    let from = to - (rule.days - 1);
    let commune = read::commune(site);
    let required = commune.streams.iter().filter(|stream| stream.required).map(|stream| stream.code.clone()).collect();
    let mass = site.web.store.remixing(&required, from, to).await?;
    Ok(Some(Alarm { verdict: rule.judge(&mass), rule, from, to, mass }))
}

/// Counts exclusions by hamlet and reason on a day, from the register.
pub fn exclusions(site: &Site, day: LocalDay) -> BTreeMap<AreaCode, AreaExclusions> {
    let register = site.web.register.borrow().clone();
    let mut areas: BTreeMap<AreaCode, AreaExclusions> = BTreeMap::new();
    for (code, spells) in &register.households {
        let Some(household) = spells.on(day) else { continue };
        let area = areas.entry(household.area.clone()).or_default();
        area.registered += 1;
        let exclusions = register.exclusions.get(code).into_iter().flatten();
        let in_force = exclusions.into_iter().find(|e| e.from <= day && e.to.is_none_or(|to| day < to));
        if let Some(exclusion) = in_force {
            let place = match exclusion.reason {
                ExclusionReason::Absent => 0,
                ExclusionReason::Vacant => 1,
                ExclusionReason::Moved => 2,
                ExclusionReason::NotAHousehold => 3,
            };
            area.excluded[place] += 1;
        }
    }
    areas
}

/// Reads what each person recorded in the 28 days up to a day, most first.
pub async fn people(site: &Site, area: Option<&AreaCode>, day: LocalDay) -> Result<Vec<PersonCounts>, StoreError> {
    let counts = site.web.store.statements_by_person(area, day - (GUARD_DAYS - 1), day).await?;
    let mut people: BTreeMap<String, PersonCounts> = BTreeMap::new();
    for ((by, word), (sum, most)) in counts {
        let person = people.entry(by.clone()).or_insert_with(|| PersonCounts { by, ..PersonCounts::default() });
        match word.as_str() {
            "pickup.separated" => {
                person.separated += sum;
                person.separated_most = person.separated_most.max(most);
            }
            "visit.sorting" | "pathway.verified" => {
                person.verified += sum;
                person.verified_most = person.verified_most.max(most);
            }
            "visit.not_sorting" => person.not_sorting += sum,
            "pickup.mixed"
            | "pickup.contaminated"
            | "pickup.refused"
            | "finding.mixed"
            | "finding.contaminated"
            | "finding.refused" => person.contrary += sum,
            "finding.clean" => person.clean += sum,
            _ => {}
        }
    }
    // What was taken back says of no hamlet; it stands beside the commune's share.
    let voids = match area {
        None => site.web.store.taken_back_by_person(day - (GUARD_DAYS - 1), day).await?,
        Some(_) => BTreeMap::new(),
    };
    for (by, count) in voids {
        let person = people.entry(by.clone()).or_insert_with(|| PersonCounts { by, ..PersonCounts::default() });
        person.taken_back = count;
    }
    let mut people: Vec<PersonCounts> = people.into_values().collect();
    people.retain(|person| *person != PersonCounts { by: person.by.clone(), ..PersonCounts::default() });
    people.sort_by(|a, b| (b.verified + b.separated).cmp(&(a.verified + a.separated)).then_with(|| a.by.cmp(&b.by)));
    Ok(people)
}
