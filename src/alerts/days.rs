//! What is made of whole days: scales, completeness, contamination, re-mixing.

use std::collections::{BTreeMap, BTreeSet};

use super::Watch;
use crate::domain::alert::{Alert, AlertKind, Cause, Look, Subject};
use crate::domain::ids::{AreaCode, DeviceId, PlaceCode};
use crate::domain::time::LocalDay;
use crate::indicators::alerting::{self, CompletenessRule, ContaminationRule, Inspected};
use crate::indicators::{Completeness, ConditionDay, RemixingRule, ScaleRule};
use crate::store::StoreError;

impl Watch {
    pub(super) async fn days(&self, look: &mut Look, today: LocalDay, open: &[Alert]) -> Result<(), StoreError> {
        for kind in [
            AlertKind::ScaleZero,
            AlertKind::ScaleStep,
            AlertKind::ScaleStuck,
            AlertKind::ScaleMute,
            AlertKind::ScaleUnsteady,
            AlertKind::VerificationDue,
            AlertKind::VerificationOverdue,
            AlertKind::CompletenessFell,
            AlertKind::ContaminationRose,
        ] {
            look.judges(kind);
        }
        self.scales(look, today).await?;
        let finished = today - 1;
        self.completeness(look, finished).await?;
        self.contamination(look, finished, open).await?;
        let rule = RemixingRule::STANDARD;
        let required = self.commune.streams.iter().filter(|s| s.required).map(|s| s.code.clone()).collect();
        let mass = self.store.remixing(&required, finished - (rule.days - 1), finished).await?;
        look.note(AlertKind::Remixing, Subject::Commune, alerting::remixing(&rule, &mass));
        Ok(())
    }

    /// Today counts too: a scale that has stopped is not left standing until tomorrow.
    async fn scales(&self, look: &mut Look, today: LocalDay) -> Result<(), StoreError> {
        let rule = ScaleRule::STANDARD;
        let mut days: BTreeMap<DeviceId, Vec<ConditionDay>> = BTreeMap::new();
        for row in self.store.conditions(None, today - (rule.days - 1), today).await? {
            days.entry(row.device).or_default().push((row.day, row.condition));
        }
        for (id, versions) in &self.register.devices {
            let device = versions.on(today);
            // What reads tags only has no scale to judge, and what is not in use needs no care.
            if device.kind.reads_tags() && !device.kind.weighs() || !device.validity.holds(today) {
                continue;
            }
            let health = rule.judge(device, days.get(id).map_or(&[][..], Vec::as_slice), today);
            for (kind, verdict) in alerting::scale(&health) {
                look.note(kind, Subject::Device(id.clone()), verdict);
            }
        }
        Ok(())
    }

    async fn completeness(&self, look: &mut Look, finished: LocalDay) -> Result<(), StoreError> {
        let rule = CompletenessRule::STANDARD;
        let (from, before) = (finished - (rule.days - 1), finished - rule.days);
        let first = before - (rule.days_before - 1);
        let places = self.store.completeness_by_place(from, finished).await?;
        let places_before = self.store.completeness_by_place(first, before).await?;
        let mut points: BTreeMap<AreaCode, i64> = BTreeMap::new();
        for (place, now) in &places {
            let earlier = places_before.get(place).copied().unwrap_or_default();
            look.note(AlertKind::CompletenessFell, Subject::Place(place.clone()), rule.judge(now, &earlier));
            if let Some(area) = self.register.area_of_place(place, finished) {
                *points.entry(area.clone()).or_default() += 1;
            }
        }
        let areas = self.store.completeness_by_area(from, finished).await?;
        let areas_before = self.store.completeness_by_area(first, before).await?;
        // A hamlet of one point says what the point says.
        for (area, now) in areas.iter().filter(|(area, _)| points.get(*area).copied().unwrap_or(0) > 1) {
            let earlier: Completeness = areas_before.get(area).copied().unwrap_or_default();
            look.note(AlertKind::CompletenessFell, Subject::Area(area.clone()), rule.judge(now, &earlier));
        }
        Ok(())
    }

    async fn contamination(&self, look: &mut Look, finished: LocalDay, open: &[Alert]) -> Result<(), StoreError> {
        let rule = ContaminationRule::STANDARD;
        let (from, before) = (finished - (rule.days - 1), finished - rule.days);
        let first = before - (rule.days - 1);
        let mut now: BTreeMap<Subject, Inspected> = BTreeMap::new();
        let mut earlier: BTreeMap<Subject, Inspected> = BTreeMap::new();
        for (into, (from, to)) in [(&mut now, (from, finished)), (&mut earlier, (first, before))] {
            for (place, word, count) in self.store.place_statement_sums(from, to).await? {
                into.entry(Subject::Place(place)).or_default().add(&word, count);
            }
            for (area, word, count) in self.store.area_statement_sums(from, to).await? {
                into.entry(Subject::Area(area)).or_default().add(&word, count);
            }
        }
        let bars = bars(open);
        let subjects: BTreeSet<Subject> = now.keys().chain(bars.keys()).cloned().collect();
        for subject in subjects {
            let of = |inspected: &BTreeMap<Subject, Inspected>| inspected.get(&subject).copied().unwrap_or_default();
            if self.is_known(&subject) {
                let verdict = rule.judge(&of(&now), &of(&earlier), bars.get(&subject).copied());
                look.note(AlertKind::ContaminationRose, subject, verdict);
            }
        }
        Ok(())
    }

    /// Tells whether the register knows a hamlet or point: households that it does not know are counted under none.
    fn is_known(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Area(area) => self.register.areas.contains_key(area),
            Subject::Place(place) => self.has_place(place),
            Subject::Commune | Subject::Device(_) => true,
        }
    }

    fn has_place(&self, place: &PlaceCode) -> bool {
        self.register.points.contains_key(place) || self.register.scheduled_places().any(|known| known == place)
    }
}

/// Gives the bar of each open alert of contamination.
fn bars(open: &[Alert]) -> BTreeMap<Subject, u32> {
    let mut bars = BTreeMap::new();
    for alert in open {
        if let Cause::ContaminationRose { bar, .. } = alert.cause {
            bars.insert(alert.subject.clone(), bar);
        }
    }
    bars
}
