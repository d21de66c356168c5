//! The collection points: what needs care first.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, Response};
use serde::Deserialize;

use super::devices::care;
use super::lists::{area_choices, choice};
use super::{frame, shown};
use crate::changes::fold;
use crate::domain::alert::{Severity, Subject};
use crate::domain::ids::{AreaCode, PlaceCode};
use crate::indicators::{Completeness, Counts, Service, Tonnage};
use crate::store::KeptAlert;
use crate::web::api::scoped;
use crate::web::ask::{self, Ask};
use crate::web::equipment::{MONTH, place_and_area, place_href, raised, written};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::sign_in::encoded;
use crate::web::table::May;
use crate::web::texts::Texts;
use crate::web::views::equipment::{PointLine, Points, SortHead};
use crate::web::{download, read};

/// What the list is asked for.
#[derive(Debug, Deserialize)]
pub struct PointsAsk {
    q: Option<String>,
    area: Option<String>,
    show: Option<String>,
    sort: Option<String>,
}

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sort {
    /// What needs care most first.
    #[default]
    Trouble,
    Name,
    /// The lowest share first.
    Share,
    /// The least complete first.
    Complete,
    /// The most missed first.
    Missed,
    /// The greatest mass first.
    Mass,
}

impl Sort {
    const WORDS: [(&'static str, Self); 6] = [
        ("trouble", Self::Trouble),
        ("name", Self::Name),
        ("share", Self::Share),
        ("complete", Self::Complete),
        ("missed", Self::Missed),
        ("mass", Self::Mass),
    ];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, sort)| *sort == self).map_or("", |(word, _)| word)
    }

    const fn direction(self) -> &'static str {
        match self {
            Self::Missed | Self::Mass | Self::Trouble => "descending",
            Self::Name | Self::Share | Self::Complete => "ascending",
        }
    }
}

/// A point with its figures.
struct PointFacts {
    place: PlaceCode,
    name: String,
    hamlet: String,
    area: Option<AreaCode>,
    /// Counts of its households. `None`: the asker may not see them, or there are none.
    counts: Option<Counts>,
    complete: Completeness,
    service: Service,
    tonnage: Tonnage,
    devices: usize,
    alerts: Vec<KeptAlert>,
}

impl PointFacts {
    fn severity(&self) -> Option<Severity> {
        self.alerts.first().map(|kept| kept.alert.kind().severity())
    }

    fn missed(&self) -> i64 {
        self.service.scheduled - self.service.ran
    }
}

async fn point_facts(site: &Site, who: &Who) -> Result<Vec<PointFacts>, Problem> {
    let store = &site.web.store;
    let today = read::today(site);
    let to = read::last_finished(site).await?.unwrap_or(today - 1);
    let from = to - (MONTH - 1);
    let counts = if who.may(May::States) { store.point_counts_on(to).await? } else { BTreeMap::new() };
    let complete = store.completeness_by_place(from, to).await?;
    let service = store.service_by_place(from, to).await?;
    let tonnage = store.tonnage_by_place(from, to).await?;
    let register = site.web.register.borrow().clone();
    let mut alerts: BTreeMap<PlaceCode, Vec<KeptAlert>> = BTreeMap::new();
    for kept in raised(site).await? {
        let place = match &kept.alert.subject {
            Subject::Place(place) => Some(place.clone()),
            Subject::Device(device) => register.devices.get(device).map(|of| of.on(today).place.clone()),
            Subject::Commune | Subject::Area(_) => None,
        };
        if let Some(place) = place {
            alerts.entry(place).or_default().push(kept);
        }
    }
    let mut places: BTreeSet<PlaceCode> = register.points.keys().cloned().collect();
    places.extend(register.scheduled_places().cloned());
    Ok(places
        .into_iter()
        .map(|place| {
            let (name, hamlet) = place_and_area(site, &place, today);
            let area = register.area_of_place(&place, today).cloned();
            let seen = area.is_some() && scoped(who, area.clone()).is_ok();
            PointFacts {
                counts: counts.get(&place).copied().filter(|counts| seen && counts.eligible > 0),
                complete: complete.get(&place).copied().unwrap_or_default(),
                service: service.get(&place).copied().unwrap_or_default(),
                tonnage: tonnage.get(&place).cloned().unwrap_or_default(),
                devices: register.devices_on(&place, today).count(),
                alerts: alerts.remove(&place).unwrap_or_default(),
                place,
                name,
                hamlet,
                area,
            }
        })
        .collect())
}

/// The list as it was asked for, checked.
struct Asked {
    q: String,
    area: Option<AreaCode>,
    trouble: bool,
    sort: Sort,
}

impl Asked {
    fn of(site: &Site, ask: &PointsAsk) -> Result<Self, Problem> {
        let sorts = Sort::WORDS.map(|(word, _)| word);
        let sort = ask::word("sort", &ask.sort, &sorts, |word| {
            Sort::WORDS.iter().find(|(known, _)| *known == word).map(|(_, sort)| *sort)
        })?;
        let trouble = ask::word("show", &ask.show, &["trouble"], |word| (word == "trouble").then_some(true))?;
        Ok(Self {
            q: ask::given(&ask.q).unwrap_or_default().to_owned(),
            area: ask::area(site, &ask.area)?,
            trouble: trouble.unwrap_or(false),
            sort: sort.unwrap_or_default(),
        })
    }

    fn query(&self, sort: Sort) -> String {
        let mut parts = vec![format!("q={}", encoded(&self.q))];
        parts.extend(self.area.as_ref().map(|area| format!("area={}", encoded(area.as_str()))));
        parts.extend(self.trouble.then(|| "show=trouble".to_owned()));
        parts.push(format!("sort={}", sort.word()));
        parts.join("&")
    }

    async fn read(&self, site: &Site, who: &Who) -> Result<(Vec<PointFacts>, usize), Problem> {
        let mut facts = point_facts(site, who).await?;
        let all = facts.len();
        let wanted = fold(&self.q);
        facts.retain(|of| {
            self.area.as_ref().is_none_or(|area| of.area.as_ref() == Some(area))
                && (!self.trouble || !of.alerts.is_empty())
                && (wanted.is_empty() || fold(&format!("{} {} {}", of.place, of.name, of.hamlet)).contains(&wanted))
        });
        facts.sort_by(|one, other| order(self.sort, one, other));
        Ok((facts, all))
    }
}

fn order(sort: Sort, one: &PointFacts, other: &PointFacts) -> Ordering {
    // What is not known comes last.
    let known =
        |percent: Option<crate::domain::units::Percent>| percent.map_or(u32::MAX, |percent| percent.hundredths());
    match sort {
        Sort::Trouble => {
            let rank = |of: &PointFacts| (of.severity().is_none(), of.severity(), usize::MAX - of.alerts.len());
            rank(one).cmp(&rank(other))
        }
        Sort::Name => one.name.cmp(&other.name),
        Sort::Share => {
            let of = |facts: &PointFacts| known(facts.counts.and_then(|counts| counts.share()));
            of(one).cmp(&of(other))
        }
        Sort::Complete => known(one.complete.percent()).cmp(&known(other.complete.percent())),
        Sort::Missed => other.missed().cmp(&one.missed()),
        Sort::Mass => other.tonnage.total_g().cmp(&one.tonnage.total_g()),
    }
}

fn point_line(of: &PointFacts, lang: Lang, t: &'static Texts) -> PointLine {
    let w = t.watch;
    let count = |count: usize| lang.count(i64::try_from(count).unwrap_or(i64::MAX));
    PointLine {
        name: of.name.clone(),
        href: place_href(&of.place),
        code: of.place.to_string(),
        area: of.hamlet.clone(),
        share: of.counts.map_or_else(
            || ("–".to_owned(), String::new()),
            |counts| (written(counts.share(), lang), (t.of_households)(&lang.count(counts.eligible))),
        ),
        complete: written(of.complete.percent(), lang),
        rounds: (w.rounds_of)(&lang.count(of.service.ran), &lang.count(of.service.scheduled)),
        missed: lang.count(of.missed()),
        mass: lang.tonnes(of.tonnage.total_g()),
        devices: count(of.devices),
        care: care(&of.alerts, w),
    }
}

/// Lists the collection points.
pub async fn points(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<PointsAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    let w = t.watch;
    frame.title = w.points.to_owned();
    let asked = Asked::of(&site, &ask)?;
    let (facts, all) = asked.read(&site, &who).await?;
    let head = |label, sort: Option<Sort>, number| SortHead {
        label,
        href: sort.map_or_else(String::new, |sort| format!("/points?{}", asked.query(sort))),
        sorted: sort.filter(|sort| *sort == asked.sort).map_or("", Sort::direction),
        number,
    };
    let sees_shares = who.may(May::States);
    let mut heads = vec![head(w.point, Some(Sort::Name), false)];
    if sees_shares {
        heads.push(head(w.share, Some(Sort::Share), true));
    }
    heads.extend([
        head(w.complete_month, Some(Sort::Complete), true),
        head(w.rounds, None, true),
        head(w.missed, Some(Sort::Missed), true),
        head(w.mass, Some(Sort::Mass), true),
        head(w.devices, None, true),
        head(w.care_column, Some(Sort::Trouble), false),
    ]);
    let count = |count: usize| lang.count(i64::try_from(count).unwrap_or(i64::MAX));
    let to = read::last_finished(&site).await?;
    let view = Points {
        w,
        areas: area_choices(&site, &[], asked.area.as_ref()),
        shown: vec![choice("trouble", w.show_trouble, asked.trouble)],
        sort: if asked.sort == Sort::default() { String::new() } else { asked.sort.word().to_owned() },
        sum: (w.of_all)(&count(facts.len()), &count(all)),
        none: all == 0,
        period: to.map_or_else(String::new, |to| (w.period)(&lang.day(to - (MONTH - 1)), &lang.day(to))),
        sees_shares,
        heads,
        rows: facts.iter().map(|of| point_line(of, lang, t)).collect(),
        csv: format!("/points.csv?{}", asked.query(asked.sort)),
        q: asked.q,
        frame,
    };
    shown(&view)
}

/// Gives the list as a file.
pub async fn points_csv(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<PointsAsk>,
) -> Result<Response, Problem> {
    let asked = Asked::of(&site, &ask)?;
    let (facts, _) = asked.read(&site, &who).await?;
    let percent =
        |percent: Option<crate::domain::units::Percent>| percent.map_or_else(String::new, |of| of.to_string());
    let rows = facts.iter().map(|of| {
        let alerts: Vec<&str> = of.alerts.iter().map(|kept| kept.alert.kind().as_str()).collect();
        vec![
            of.place.to_string(),
            of.name.clone(),
            of.hamlet.clone(),
            of.counts.map_or_else(String::new, |counts| counts.sorting.to_string()),
            of.counts.map_or_else(String::new, |counts| counts.eligible.to_string()),
            percent(of.counts.and_then(|counts| counts.share())),
            percent(of.complete.percent()),
            of.service.scheduled.to_string(),
            of.service.ran.to_string(),
            of.service.observable.to_string(),
            of.tonnage.weighed_g.to_string(),
            of.tonnage.manual_g.to_string(),
            of.tonnage.estimated_g.to_string(),
            of.devices.to_string(),
            alerts.join(" "),
        ]
    });
    let head = [
        "point",
        "name",
        "area",
        "sorting",
        "eligible",
        "share_percent",
        "completeness_percent",
        "rounds_scheduled",
        "rounds_ran",
        "rounds_observable",
        "weighed_g",
        "manual_g",
        "estimated_g",
        "devices",
        "alerts",
    ];
    Ok(download::csv("points.csv", &head, rows))
}
