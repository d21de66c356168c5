//! Devices, collection points and alerts, read for pages and the API; and alerts in words.

use std::collections::BTreeMap;

use super::guard::{Site, Who};
use super::lang::Lang;
use super::problem::Problem;
use super::read;
use super::sign_in::segment;
use super::table::May;
use super::texts::Texts;
use super::views::watch::AlertLine;
use crate::domain::alert::{Alert, AlertKind, Cause, Severity, Subject};
use crate::domain::ids::{AreaCode, DeviceId, PlaceCode};
use crate::domain::register::Device;
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::indicators::Completeness;
use crate::store::{Heard, KeptAlert, StoreError};

/// Days over which completeness stands in lists: a week and four.
pub const WEEK: i32 = 7;
/// See [`WEEK`].
pub const MONTH: i32 = 28;

/// A device as lists show it: what is registered, what was heard, what is open.
pub struct DeviceFacts {
    /// Its id.
    pub device: DeviceId,
    /// What the register says today. `None`: it is not registered.
    pub registered: Option<Device>,
    /// What was heard of it.
    pub heard: Heard,
    /// Events known to be missing.
    pub missing: i64,
    /// Completeness of the last seven finished days.
    pub week: Completeness,
    /// Completeness of the last 28 finished days.
    pub month: Completeness,
    /// Its hamlet.
    pub area: Option<AreaCode>,
    /// Its open alerts, most important first.
    pub alerts: Vec<KeptAlert>,
}

impl DeviceFacts {
    /// Gives what matters most of what is open. `None`: nothing is.
    pub fn severity(&self) -> Option<Severity> {
        self.alerts.first().map(|kept| kept.alert.kind().severity())
    }

    /// Tells whether an alert of a kind is open.
    pub fn has(&self, kind: AlertKind) -> bool {
        self.alerts.iter().any(|kept| kept.alert.kind() == kind)
    }
}

/// Reads every device that is registered or was heard of, by id. The work grows with devices, not with history.
pub async fn device_facts(site: &Site) -> Result<Vec<DeviceFacts>, StoreError> {
    let store = &site.web.store;
    let today = read::today(site);
    let finished = read::last_finished(site).await?.unwrap_or(today - 1);
    let mut heard = store.heard().await?;
    let mut missing: BTreeMap<DeviceId, i64> = BTreeMap::new();
    for gap in store.gaps(None).await? {
        *missing.entry(gap.device.clone()).or_default() += gap.numbers();
    }
    let week = store.completeness_by_device(finished - (WEEK - 1), finished).await?;
    let month = store.completeness_by_device(finished - (MONTH - 1), finished).await?;
    let mut alerts: BTreeMap<Subject, Vec<KeptAlert>> = BTreeMap::new();
    for kept in raised(site).await? {
        alerts.entry(kept.alert.subject.clone()).or_default().push(kept);
    }
    let register = site.web.register.borrow().clone();
    let mut facts: Vec<DeviceFacts> = Vec::with_capacity(register.devices.len());
    let mut add = |device: DeviceId, registered: Option<Device>, heard: Heard| {
        let place = registered.as_ref().map(|device| &device.place);
        facts.push(DeviceFacts {
            area: place.and_then(|place| register.area_of_place(place, today)).cloned(),
            missing: missing.get(&device).copied().unwrap_or(0),
            week: week.get(&device).copied().unwrap_or_default(),
            month: month.get(&device).copied().unwrap_or_default(),
            alerts: alerts.remove(&Subject::Device(device.clone())).unwrap_or_default(),
            device,
            registered,
            heard,
        });
    };
    for (id, versions) in &register.devices {
        add(id.clone(), Some(versions.on(today).clone()), heard.remove(id).unwrap_or_default());
    }
    for (id, of) in heard {
        add(id, None, of);
    }
    facts.sort_by(|one, other| one.device.cmp(&other.device));
    Ok(facts)
}

/// Reads the open alerts that people are told of, most important first: by severity, those of nobody before those that somebody takes
/// care of, then by kind, the latest first.
pub async fn raised(site: &Site) -> Result<Vec<KeptAlert>, StoreError> {
    let mut open = site.web.store.open_alerts().await?;
    open.retain(|kept| kept.alert.raised.is_some());
    open.sort_by(|one, other| {
        let of = |kept: &KeptAlert| (kept.alert.kind().severity(), kept.acknowledged.is_some(), kept.alert.kind());
        of(one)
            .cmp(&of(other))
            .then_with(|| other.alert.raised.cmp(&one.alert.raised))
            .then_with(|| one.alert.subject.cmp(&other.alert.subject))
    });
    Ok(open)
}

/// Finds a device that is registered or was heard of; an unknown one is "not found".
pub async fn known_device(site: &Site, who: &Who, id: &str) -> Result<DeviceId, Problem> {
    if !who.may(May::Condition) {
        return Err(Problem::unauthenticated("devices need a role; sign in at /sign-in"));
    }
    let device = DeviceId::new(id);
    let registered = site.web.register.borrow().devices.contains_key(&device);
    if registered || site.web.store.heard().await?.contains_key(&device) {
        return Ok(device);
    }
    Err(Problem::not_found(format!("unknown device `{id}`; /devices lists the devices")))
}

/// Finds a collection point or a place with a schedule or devices; an unknown one is "not found".
pub fn known_place(site: &Site, who: &Who, code: &str) -> Result<PlaceCode, Problem> {
    if !who.may(May::Condition) {
        return Err(Problem::unauthenticated("collection points need a role; sign in at /sign-in"));
    }
    let place = PlaceCode::new(code);
    let register = site.web.register.borrow();
    let is_known = register.points.contains_key(&place)
        || register.scheduled_places().any(|known| *known == place)
        || register.devices.values().any(|versions| versions.newest().place == place);
    if is_known {
        Ok(place)
    } else {
        Err(Problem::not_found(format!("unknown collection point `{code}`; /points lists the points")))
    }
}

/// Gives a device's page.
pub fn device_href(device: &DeviceId) -> String {
    format!("/devices/{}", segment(device.as_str()))
}

/// Gives a point's page.
pub fn place_href(place: &PlaceCode) -> String {
    format!("/points/{}", segment(place.as_str()))
}

/// Names a place, and the hamlet it lies in.
pub fn place_and_area(site: &Site, place: &PlaceCode, today: LocalDay) -> (String, String) {
    let register = site.web.register.borrow().clone();
    let name = register.points.get(place).map_or_else(|| place.to_string(), |point| point.newest().name.clone());
    let area = register.area_of_place(place, today);
    let hamlet = area.and_then(|area| register.areas.get(area)).map(|area| area.name.clone()).unwrap_or_default();
    (name, hamlet)
}

/// Gives the hamlet that an alert belongs to. `None`: to none, or to all.
pub fn area_of(site: &Site, subject: &Subject) -> Option<AreaCode> {
    let today = read::today(site);
    let register = site.web.register.borrow().clone();
    match subject {
        Subject::Commune => None,
        Subject::Area(area) => Some(area.clone()),
        Subject::Place(place) => register.area_of_place(place, today).cloned(),
        Subject::Device(device) => {
            register.area_of_place(&register.devices.get(device)?.on(today).place, today).cloned()
        }
    }
}

/// Gives a percentage, or a dash where there is none.
pub fn written(percent: Option<Percent>, lang: Lang) -> String {
    percent.map_or_else(|| "–".to_owned(), |percent| lang.percent(percent))
}

/// Gives a part of a whole as a percentage. `None` where there is no whole.
pub fn part(part: i64, whole: i64) -> Option<Percent> {
    Percent::share(u64::try_from(part).ok()?, u64::try_from(whole).ok()?)
}

/// Gives the class and the icon of a severity.
pub const fn mark(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Alarm => ("alarming", "hazard"),
        Severity::Warning => ("warning", "warn"),
        Severity::Notice => ("noticed", "note"),
    }
}

/// Writes what an alert is about: its name, its page, and where that is.
pub fn subject_words(site: &Site, who: &Who, alert: &Alert, t: &Texts) -> (String, String, String) {
    let today = read::today(site);
    match &alert.subject {
        Subject::Commune => {
            let href = match alert.kind() {
                AlertKind::QuarantineDropping | AlertKind::QuarantineFull if who.may(May::Devices) => "/quarantine",
                AlertKind::Remixing if who.may(May::Tickets) => "/tickets",
                AlertKind::Remixing => "/indicators",
                AlertKind::Silent
                | AlertKind::ScaleMute
                | AlertKind::ScaleStuck
                | AlertKind::QuarantineDropping
                | AlertKind::QuarantineFull
                | AlertKind::CompletenessFell
                | AlertKind::ContaminationRose
                | AlertKind::VerificationOverdue
                | AlertKind::ScaleZero
                | AlertKind::ScaleStep
                | AlertKind::Conflict
                | AlertKind::Refused
                | AlertKind::LowBattery
                | AlertKind::Missing
                | AlertKind::ScaleUnsteady
                | AlertKind::VerificationDue => "/quality",
            };
            (t.watch.commune.to_owned(), href.to_owned(), String::new())
        }
        Subject::Area(area) => {
            (read::area_name(site, area), format!("/areas/{}", segment(area.as_str())), String::new())
        }
        Subject::Place(place) => {
            let (name, hamlet) = place_and_area(site, place, today);
            (name, place_href(place), hamlet)
        }
        Subject::Device(device) => {
            let place = site.web.register.borrow().devices.get(device).map(|versions| versions.on(today).place.clone());
            let (name, hamlet) = place.map(|place| place_and_area(site, &place, today)).unwrap_or_default();
            let at = [name, hamlet].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
            (device.to_string(), device_href(device), at)
        }
    }
}

/// Writes what was found as a sentence.
pub fn says(site: &Site, cause: &Cause, lang: Lang, t: &Texts) -> String {
    let w = t.watch;
    let zone = &read::commune(site).zone;
    let now = site.web.clock.now();
    let today = zone.day_of(now);
    let hundredths = |hundredths: u32| lang.percent(Percent::from_hundredths(hundredths));
    let count = |count: i64| lang.count(count);
    match cause {
        Cause::Silent { last_seen: None } => w.says_never.to_owned(),
        Cause::Silent { last_seen: Some(at) } => (w.says_silent)(&lang.moment(zone, *at), &lang.span(now.since(*at))),
        Cause::ScaleMute { reads, on } => (w.says_mute)(&count(*reads), &lang.day(*on)),
        Cause::ScaleStuck { level_g, times, for_ms, on } => {
            (w.says_stuck)(&lang.kilograms(*level_g), &count(*times), &lang.span(*for_ms), &lang.day(*on))
        }
        Cause::Remixing { picked_up_g, still_separate_g } => {
            (w.says_remixing)(&lang.tonnes(*picked_up_g), &lang.tonnes(*still_separate_g))
        }
        Cause::QuarantineDropping { dropped, last } => (w.says_dropping)(&count(*dropped), &lang.moment(zone, *last)),
        Cause::QuarantineFull { bytes, max_bytes } => {
            let megabytes = |bytes: i64| format!("{}\u{a0}MB", count(bytes / 1_000_000));
            (w.says_full)(&megabytes(*bytes), &megabytes(*max_bytes))
        }
        Cause::CompletenessFell { now, before: None } => (w.says_fell_new)(&hundredths(*now)),
        Cause::CompletenessFell { now, before: Some(before) } => (w.says_fell)(&hundredths(*now), &hundredths(*before)),
        Cause::ContaminationRose { contrary, inspected, contrary_before, inspected_before, bar: _ } => {
            (w.says_rose)(&[
                &count(*contrary),
                &count(*inspected),
                &written(part(*contrary, *inspected), lang),
                &count(*contrary_before),
                &count(*inspected_before),
                &written(part(*contrary_before, *inspected_before), lang),
            ])
        }
        Cause::VerificationOverdue { until } => (w.says_overdue)(&lang.day(*until), &count(i64::from(today - *until))),
        Cause::VerificationDue { until } => (w.says_due)(&lang.day(*until), &count(i64::from(*until - today))),
        Cause::ScaleZero { zero_g: None, division_g: _ } => w.says_below_zero.to_owned(),
        Cause::ScaleZero { zero_g: Some(zero_g), division_g } => {
            (w.says_zero)(&lang.grams(*zero_g), &lang.grams(*division_g))
        }
        Cause::ScaleStep { seen_g, registered_g } => (w.says_step)(&lang.grams(*seen_g), &lang.grams(*registered_g)),
        Cause::Conflict { events, last } => (w.says_conflict)(&count(*events), &lang.moment(zone, *last)),
        Cause::Refused { times, last } => (w.says_refused)(&count(*times), &lang.moment(zone, *last)),
        Cause::LowBattery { battery_mv } => (w.says_battery)(&format!("{}\u{a0}V", lang.volts(*battery_mv))),
        Cause::Missing { events } => (w.says_missing)(&count(*events)),
        Cause::ScaleUnsteady { unstable, overload, levels } => {
            (w.says_unsteady)(&count(*unstable), &count(*overload), &count(*levels))
        }
    }
}

/// Writes an alert for a list.
pub fn alert_line(site: &Site, who: &Who, kept: &KeptAlert, lang: Lang, t: &'static Texts) -> AlertLine {
    let w = t.watch;
    let alert = &kept.alert;
    let zone = &read::commune(site).zone;
    let moment = |at| lang.moment(zone, at);
    let kind = alert.kind();
    let (class, icon) = mark(kind.severity());
    let (subject, href, at) = subject_words(site, who, alert, t);
    let time = match alert.resolved {
        Some(end) => {
            let span = lang.span(end.since(alert.first_seen));
            (w.lasted)(&moment(alert.first_seen), &moment(end), &span)
        }
        None => (w.since)(&moment(alert.first_seen), &lang.span(site.web.clock.now().since(alert.first_seen))),
    };
    let resting = alert.clear_since.filter(|_| alert.resolved.is_none());
    AlertLine {
        id: alert.id.clone(),
        class,
        icon,
        severity: w.severity_of(kind.severity()),
        kind: w.kind_of(kind),
        subject,
        href,
        at,
        says: says(site, &alert.cause, lang, t),
        time,
        resting: resting.map_or_else(String::new, |at| (w.resting)(&moment(at))),
        taken: kept.acknowledged.as_ref().map_or_else(String::new, |said| (w.taken_by)(&said.by, &moment(said.at))),
        note: kept.acknowledged.as_ref().map_or_else(String::new, |said| said.note.clone()),
        open: alert.resolved.is_none(),
        receipt: uuid::Uuid::now_v7().to_string(),
    }
}

/// Counts the open alerts anew, for the navigation of every page.
pub async fn recount(site: &Site) -> Result<(), StoreError> {
    let counts = crate::store::AlertCounts::of(&site.web.store.open_alerts().await?);
    site.web.alerts.send_replace(counts);
    Ok(())
}
