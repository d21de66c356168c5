//! The devices: what needs care first.

use std::cmp::Ordering;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Response};
use serde::Deserialize;

use super::lists::{area_choices, choice};
use super::{frame, shown};
use crate::changes::fold;
use crate::domain::alert::AlertKind;
use crate::domain::ids::AreaCode;
use crate::domain::register::{DeviceKind, Validity};
use crate::domain::state::Proof;
use crate::domain::time::LocalDay;
use crate::indicators::{ScaleRule, Verification};
use crate::store::KeptAlert;
use crate::web::ask::{self, Ask};
use crate::web::equipment::{DeviceFacts, device_facts, device_href, mark, place_and_area, place_href, written};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::sign_in::encoded;
use crate::web::texts::{Texts, WatchTexts};
use crate::web::views::equipment::{Care, DeviceLine, Devices, SortHead};
use crate::web::{download, read};

/// What the list is asked for.
#[derive(Debug, Deserialize)]
pub struct DevicesAsk {
    q: Option<String>,
    area: Option<String>,
    kind: Option<String>,
    show: Option<String>,
    sort: Option<String>,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sort {
    /// What needs care most first.
    #[default]
    Trouble,
    Name,
    Place,
    /// The longest silent first.
    Seen,
    /// The lowest first.
    Battery,
    /// The least complete first.
    Complete,
    /// The most missing first.
    Missing,
    /// The first to run out first.
    Verified,
}

impl Sort {
    const WORDS: [(&'static str, Self); 8] = [
        ("trouble", Self::Trouble),
        ("name", Self::Name),
        ("place", Self::Place),
        ("seen", Self::Seen),
        ("battery", Self::Battery),
        ("complete", Self::Complete),
        ("missing", Self::Missing),
        ("verified", Self::Verified),
    ];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, sort)| *sort == self).map_or("", |(word, _)| word)
    }

    /// Tells whether the least comes first.
    const fn direction(self) -> &'static str {
        match self {
            Self::Missing | Self::Trouble => "descending",
            Self::Name | Self::Place | Self::Seen | Self::Battery | Self::Complete | Self::Verified => "ascending",
        }
    }
}

/// The list as it was asked for, checked.
struct Asked {
    q: String,
    area: Option<AreaCode>,
    kind: Option<DeviceKind>,
    trouble: bool,
    sort: Sort,
}

impl Asked {
    fn of(site: &Site, ask: &DevicesAsk) -> Result<Self, Problem> {
        let kinds: Vec<&str> = DeviceKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let sorts = Sort::WORDS.map(|(word, _)| word);
        let sort = ask::word("sort", &ask.sort, &sorts, |word| {
            Sort::WORDS.iter().find(|(known, _)| *known == word).map(|(_, sort)| *sort)
        })?;
        let trouble = ask::word("show", &ask.show, &["trouble"], |word| (word == "trouble").then_some(true))?;
        Ok(Self {
            q: ask::given(&ask.q).unwrap_or_default().to_owned(),
            area: ask::area(site, &ask.area)?,
            kind: ask::word("kind", &ask.kind, &kinds, DeviceKind::from_word)?,
            trouble: trouble.unwrap_or(false),
            sort: sort.unwrap_or_default(),
        })
    }

    /// Gives the filter as a query, sorted by something.
    fn query(&self, sort: Sort) -> String {
        let mut parts = vec![format!("q={}", encoded(&self.q))];
        parts.extend(self.area.as_ref().map(|area| format!("area={}", encoded(area.as_str()))));
        parts.extend(self.kind.map(|kind| format!("kind={kind}")));
        parts.extend(self.trouble.then(|| "show=trouble".to_owned()));
        parts.push(format!("sort={}", sort.word()));
        parts.join("&")
    }

    /// Gives the devices that the filter leaves, sorted, and how many there are in all.
    async fn read(&self, site: &Site) -> Result<(Vec<DeviceFacts>, usize), Problem> {
        let mut facts = device_facts(site).await?;
        let all = facts.len();
        let today = read::today(site);
        let wanted = fold(&self.q);
        facts.retain(|of| {
            self.area.as_ref().is_none_or(|area| of.area.as_ref() == Some(area))
                && self.kind.is_none_or(|kind| of.registered.as_ref().is_some_and(|device| device.kind == kind))
                && (!self.trouble || !of.alerts.is_empty())
                && (wanted.is_empty() || found_in(site, of, today).contains(&wanted))
        });
        // By id before; sorting is stable.
        facts.sort_by(|one, other| order(site, self.sort, one, other, today));
        Ok((facts, all))
    }
}

/// The text that a device is found by: its name, its place and hamlet, its profile.
fn found_in(site: &Site, of: &DeviceFacts, today: LocalDay) -> String {
    let (place, area) =
        of.registered.as_ref().map(|device| place_and_area(site, &device.place, today)).unwrap_or_default();
    let registered = of.registered.as_ref();
    let code = registered.map_or("", |device| device.place.as_str());
    let profile = registered.map_or("", |device| device.profile.as_str());
    fold(&format!("{} {place} {area} {code} {profile}", of.device))
}

fn order(site: &Site, sort: Sort, one: &DeviceFacts, other: &DeviceFacts, today: LocalDay) -> Ordering {
    let place = |of: &DeviceFacts| of.registered.as_ref().map(|device| place_and_area(site, &device.place, today).0);
    // What is not known comes last.
    let known = |value: Option<i64>| value.unwrap_or(i64::MAX);
    match sort {
        Sort::Trouble => {
            let rank = |of: &DeviceFacts| (of.severity().is_none(), of.severity(), usize::MAX - of.alerts.len());
            rank(one).cmp(&rank(other))
        }
        Sort::Name => one.device.cmp(&other.device),
        Sort::Place => place(one).cmp(&place(other)),
        // Never heard is the longest silence.
        Sort::Seen => one.heard.last_seen.cmp(&other.heard.last_seen),
        Sort::Battery => {
            let of = |facts: &DeviceFacts| known(facts.heard.battery.map(|(battery_mv, _)| battery_mv));
            of(one).cmp(&of(other))
        }
        Sort::Complete => {
            let of = |facts: &DeviceFacts| known(facts.week.percent().map(|percent| i64::from(percent.hundredths())));
            of(one).cmp(&of(other))
        }
        Sort::Missing => other.missing.cmp(&one.missing),
        Sort::Verified => {
            let of = |facts: &DeviceFacts| {
                let until = facts.registered.as_ref().and_then(|device| device.verified_until);
                known(until.map(|day| i64::from(day.number())))
            };
            of(one).cmp(&of(other))
        }
    }
}

/// Gives class, icon and word of a device's connection.
pub(super) fn connection(of: &DeviceFacts, t: &Texts) -> (&'static str, &'static str, &'static str) {
    if of.has(AlertKind::Silent) {
        return ("n", "off", t.watch.silent);
    }
    match of.heard.online {
        Some(true) => ("s", "on", t.watch.online),
        Some(false) => ("u", "off", t.watch.offline),
        None => ("u", "u", t.unknown),
    }
}

/// Writes until when a device is verified; and whether that is over.
pub(super) fn verified(of: &DeviceFacts, today: LocalDay, lang: Lang, w: &WatchTexts) -> (String, bool) {
    let Some(device) = &of.registered else { return (String::new(), false) };
    match ScaleRule::STANDARD.judge(device, &[], today).verification {
        Verification::NotNeeded => (w.not_needed.to_owned(), false),
        Verification::NotStated => (w.not_stated.to_owned(), false),
        Verification::Holds { until, .. } => (lang.day(until), false),
        Verification::Due { until, days_left } => {
            (format!("{} ({})", lang.day(until), (w.days_left)(&lang.count(i64::from(days_left)))), false)
        }
        Verification::Overdue { until, .. } => ((w.overdue)(&lang.day(until)), true),
    }
}

/// Writes what is open about something, in short.
pub(super) fn care(alerts: &[KeptAlert], w: &WatchTexts) -> Vec<Care> {
    alerts
        .iter()
        .map(|kept| {
            let kind = kept.alert.kind();
            let (class, icon) = mark(kind.severity());
            let href = format!("/alerts/{}", kept.alert.id);
            Care { href, class, icon, severity: w.severity_of(kind.severity()), kind: w.kind_of(kind) }
        })
        .collect()
}

/// Names a device's place, and says from when or until when it is in use, where it is not today.
fn whereabouts(place: String, validity: Validity, today: LocalDay, (lang, t): (Lang, &Texts)) -> String {
    match (validity.valid_from, validity.valid_to) {
        _ if validity.holds(today) => place,
        (Some(from), _) if from > today => format!("{place} · {}", (t.in_use_from)(&lang.day(from))),
        (_, Some(to)) => format!("{place} · {}", (t.out_of_use)(&lang.day(to))),
        (_, None) => place,
    }
}

/// Writes a device for a list.
pub(super) fn device_line(site: &Site, of: &DeviceFacts, lang: Lang, t: &'static Texts) -> DeviceLine {
    let w = t.watch;
    let today = read::today(site);
    let zone = &read::commune(site).zone;
    let registered = of.registered.as_ref();
    let (place, area) = registered.map(|device| place_and_area(site, &device.place, today)).unwrap_or_default();
    let place = registered.map_or_else(String::new, |device| whereabouts(place, device.validity, today, (lang, t)));
    let (verified, overdue) = verified(of, today, lang, w);
    DeviceLine {
        device: of.device.to_string(),
        href: device_href(&of.device),
        what: registered.map_or_else(
            || w.not_registered.to_owned(),
            |device| {
                let proof = w.proof_of(Proof::of_profile(&device.profile)).0;
                format!("{} · {}: {proof}", t.kind_name(device.kind), w.proof.to_lowercase())
            },
        ),
        place,
        place_href: registered.map_or_else(String::new, |device| place_href(&device.place)),
        area,
        connection: connection(of, t),
        last_seen: of.heard.last_seen.map_or_else(|| w.never.to_owned(), |at| lang.moment(zone, at)),
        battery: of.heard.battery.map_or_else(String::new, |(mv, _)| format!("{}\u{a0}V", lang.volts(mv))),
        week: written(of.week.percent(), lang),
        missing: lang.count(of.missing),
        verified,
        overdue,
        care: care(&of.alerts, w),
    }
}

/// Lists the devices.
pub async fn devices(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<DevicesAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let w = t.watch;
    frame.title = t.devices.to_owned();
    let asked = Asked::of(&site, &ask)?;
    let (facts, all) = asked.read(&site).await?;
    let head = |label, sort: Option<Sort>, number| SortHead {
        label,
        href: sort.map_or_else(String::new, |sort| format!("/devices?{}", asked.query(sort))),
        sorted: sort.filter(|sort| *sort == asked.sort).map_or("", Sort::direction),
        number,
    };
    let count = |count: usize| lang.count(i64::try_from(count).unwrap_or(i64::MAX));
    let view = Devices {
        w,
        areas: area_choices(&site, &[], asked.area.as_ref()),
        kinds: DeviceKind::ALL
            .iter()
            .map(|kind| choice(kind.as_str(), t.kind_name(*kind), asked.kind == Some(*kind)))
            .collect(),
        shown: vec![choice("trouble", w.show_trouble, asked.trouble)],
        sort: if asked.sort == Sort::default() { String::new() } else { asked.sort.word().to_owned() },
        sum: (w.of_all)(&count(facts.len()), &count(all)),
        none: all == 0,
        heads: vec![
            head(t.device, Some(Sort::Name), false),
            head(t.place, Some(Sort::Place), false),
            head(w.connection, Some(Sort::Seen), false),
            head(w.battery, Some(Sort::Battery), true),
            head(w.complete_week, Some(Sort::Complete), true),
            head(w.missing, Some(Sort::Missing), true),
            head(w.verified, Some(Sort::Verified), false),
            head(w.care_column, Some(Sort::Trouble), false),
        ],
        rows: facts.iter().map(|of| device_line(&site, of, lang, t)).collect(),
        csv: format!("/devices.csv?{}", asked.query(asked.sort)),
        q: asked.q,
        frame,
    };
    shown(&view)
}

/// Gives the list as a file.
pub async fn devices_csv(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<DevicesAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let w = t.watch;
    let zone = read::commune(&site).zone.clone();
    let asked = Asked::of(&site, &ask)?;
    let (facts, _) = asked.read(&site).await?;
    let rows = facts.iter().map(|of| {
        let line = device_line(&site, of, lang, t);
        let device = of.registered.as_ref();
        let alerts: Vec<&str> = of.alerts.iter().map(|kept| kept.alert.kind().as_str()).collect();
        let number = |value: Option<i64>| value.map_or_else(String::new, |value| value.to_string());
        vec![
            line.device,
            device.map_or("", |device| device.kind.as_str()).to_owned(),
            device.map_or("", |device| device.place.as_str()).to_owned(),
            line.place,
            line.area,
            device.map_or("", |device| device.profile.as_str()).to_owned(),
            line.connection.2.to_owned(),
            of.heard.last_seen.map_or_else(String::new, |at| crate::web::api::stamp(&zone, at)),
            number(of.heard.battery.map(|(battery_mv, _)| battery_mv)),
            of.week.percent().map_or_else(String::new, |percent| percent.to_string()),
            of.month.percent().map_or_else(String::new, |percent| percent.to_string()),
            of.missing.to_string(),
            device.and_then(|device| device.verified_until).map_or_else(String::new, |day| day.to_string()),
            alerts.join(" "),
        ]
    });
    let head = [
        t.device,
        t.kind,
        "place",
        t.place,
        t.hamlet,
        w.profile,
        w.connection,
        w.last_heard,
        "battery_mv",
        w.complete_week,
        w.complete_month,
        w.missing,
        w.verified,
        w.care_column,
    ];
    Ok(download::csv("devices.csv", &head, rows))
}
