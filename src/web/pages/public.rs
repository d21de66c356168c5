//! The public page: the commune's share and what it means, on a phone, in a link, and on a wall.
//!
//! # Why
//! A share with evidence about less than 70 % of the households is not published: in its place the page says that it is not, how much is
//! known, and between which bounds the truth lies. That is more than a number that will be quoted without its badge.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::access::own_address;
use super::guides::guides;
use super::shares::number;
use super::{frame, hamlet_line, shown};
use crate::charts::{Form, Theme};
use crate::domain::time::LocalDay;
use crate::domain::units::Percent;
use crate::indicators::{Badge, ShareDay};
use crate::web::ask::Ask;
use crate::web::drawing::{Drawing, Kind, Wanted};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::sign_in::segment;
use crate::web::texts::{Texts, filled};
use crate::web::views::bar::Bar;
use crate::web::views::overview::{HamletLine, Part};
use crate::web::views::public::{LinkCard, PictureLine, Public, PublicHead, Wall};

/// What the page is asked for.
#[derive(Debug, Deserialize)]
pub struct PublicAsk {
    /// It is for a wall, whatever the value.
    wall: Option<String>,
}

/// Shows the public page. It is the same for everybody: who is signed in sees what the public sees.
pub async fn public(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(ask): Ask<PublicAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.public.title.to_owned();
    let nobody = Who::default();
    let day = match read::last_finished(&site).await? {
        Some(day) => Some(read::share_day(&site, &nobody, None, day).await?).filter(|day| !day.counts.is_nobody()),
        None => None,
    };
    let head = match &day {
        Some(day) => Some(head(&site, day, lang, t).await?),
        None => None,
    };
    let (hamlets, some_hidden) = match &day {
        Some(day) => hamlets(&site, day.day, lang, t).await?,
        None => (Vec::new(), false),
    };
    let commune = read::commune(&site);
    let guides = guides(&commune, lang, t);
    let origin = own_address(&site, &headers);
    if ask.wall.is_some() {
        return wall(&site, frame, (head, hamlets, some_hidden, guides), &origin)
            .await
            .map(IntoResponse::into_response);
    }
    let figure = async |kind: Kind| match &day {
        Some(_) => Drawing::read(&site, &nobody, &Wanted::usual(kind, None)).await?.figure(lang, t).await,
        None => Ok(None),
    };
    let view = Public {
        card: card(&origin, head.as_ref(), &commune.name, day.as_ref(), lang, t),
        head,
        trend: figure(Kind::Trend).await?,
        hamlets,
        some_hidden,
        tonnage: figure(Kind::Tonnage).await?,
        guides,
        pictures: pictures(day.as_ref(), lang, t),
        frame,
    };
    shown(&view).map(IntoResponse::into_response)
}

async fn head(site: &Site, day: &ShareDay, lang: Lang, t: &'static Texts) -> Result<PublicHead, Problem> {
    let (counts, p) = (&day.counts, &t.public);
    let commune = read::commune(site);
    let percent = |percent: Option<Percent>| percent.map_or_else(|| "–".to_owned(), |percent| lang.percent(percent));
    let part = |class, name, count: Option<i64>| Part {
        class,
        name,
        count: number(count, lang),
        percent: percent(counts.part_of_all(count)),
    };
    let badge = counts.badge().unwrap_or(Badge::Insufficient);
    let made_of = (t.share_sentence)(&number(counts.sorting(), lang), &number(counts.eligible(), lang));
    let bounds = [("low", percent(counts.share())), ("high", percent(counts.upper()))];
    let bounds: Vec<(&str, &str)> = bounds.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let needed = [("known", percent(counts.coverage())), ("needed", lang.target(Badge::INDICATIVE_FROM))];
    let needed: Vec<(&str, &str)> = needed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let parts = [
        part("s", t.states[0], counts.sorting()),
        part("u", t.states[2], counts.undetermined_total()),
        part("n", t.states[1], counts.not_sorting()),
    ];
    let (figure, is_words, sentence) = match badge {
        Badge::Insufficient => (t.badge_name(badge).to_owned(), true, filled(p.not_enough, &needed)),
        Badge::Sufficient | Badge::Indicative => (percent(counts.share()), false, made_of),
    };
    Ok(PublicHead {
        figure,
        is_words,
        badge: t.badge_name(badge),
        badge_class: match badge {
            Badge::Sufficient => "sufficient",
            Badge::Indicative => "indicative",
            Badge::Insufficient => "insufficient",
        },
        sentence,
        bounds: filled(p.bounds, &bounds),
        bar: Bar::of(counts, day.target),
        spoken: parts.iter().map(|part| format!("{} {}", part.count, part.name)).collect::<Vec<_>>().join(", "),
        target: day.target.map_or_else(
            || t.no_target.to_owned(),
            |target| (t.target)(&day.day.date().year().to_string(), &lang.target(target)),
        ),
        day: (t.end_of_day)(&lang.day(day.day)),
        provisional: day.provisional,
        parts,
        enrolled: (
            percent(counts.enrolled_share()),
            format!("{} / {}", number(counts.enrolled(), lang), (t.of_households)(&number(counts.eligible(), lang))),
        ),
        coverage: percent(counts.coverage()),
        completeness: day.completeness.percent().map_or_else(|| t.no_device.to_owned(), |of| lang.percent(of)),
        as_of: read::cut_off(site).await?.map(|at| lang.moment(&commune.zone, at)).unwrap_or_default(),
        rules: commune.rules_on(day.day).version.clone(),
    })
}

async fn hamlets(
    site: &Site,
    day: LocalDay,
    lang: Lang,
    t: &'static Texts,
) -> Result<(Vec<HamletLine>, bool), Problem> {
    let (shares, hidden) = read::area_shares(site, &Who::default(), day).await?;
    let some_hidden = !hidden.is_empty() || shares.iter().any(|of| !of.counts.hidden().is_nothing());
    let mut lines: Vec<HamletLine> =
        shares.iter().filter(|of| !of.counts.is_nobody()).map(|of| hamlet_line(of, lang, t)).collect();
    let hidden = hidden.iter().map(|area| HamletLine {
        href: format!("/areas/{}", segment(area.as_str())),
        name: read::area_name(site, area),
        shown: None,
    });
    lines.extend(hidden);
    Ok((lines, some_hidden))
}

/// Says what others show of a link to the page.
fn card(
    origin: &str,
    head: Option<&PublicHead>,
    commune: &str,
    day: Option<&ShareDay>,
    lang: Lang,
    t: &'static Texts,
) -> LinkCard {
    let on = day.map_or_else(String::new, |day| format!("&to={}", day.day));
    let told = head
        .map_or_else(|| t.nothing_yet.to_owned(), |head| format!("{}. {}. {}", head.figure, head.sentence, head.day));
    LinkCard {
        address: format!("{origin}/public?lang={}", lang.code()),
        title: format!("{}, {commune}", t.public.title),
        description: told,
        picture: format!("{origin}/charts/headline.png?form=share&lang={}{on}", lang.code()),
        locale: match lang {
            Lang::Vi => "vi_VN",
            Lang::En => "en_GB",
        },
    }
}

/// Gives the addresses of the pictures to share, of the day that is shown.
fn pictures(day: Option<&ShareDay>, lang: Lang, t: &'static Texts) -> Vec<PictureLine> {
    let Some(day) = day else { return Vec::new() };
    let (to, p) = (day.day, &t.public);
    let kinds = [
        (Kind::Headline, p.picture_headline),
        (Kind::Trend, p.picture_trend),
        (Kind::Areas, p.picture_areas),
        (Kind::Tonnage, p.picture_tonnage),
    ];
    let line = |(kind, title): (Kind, &'static str)| {
        let address = |form: &str| format!("/charts/{}.png?form={form}&to={to}&lang={}", kind.word(), lang.code());
        PictureLine { title, addresses: [address("share"), address("wide"), address("narrow")] }
    };
    kinds.into_iter().map(line).collect()
}

type Told = (Option<PublicHead>, Vec<HamletLine>, bool, Vec<crate::web::views::public::GuideLine>);

/// Shows the page for a wall.
async fn wall(
    site: &Site,
    frame: crate::web::views::frame::Frame,
    (head, hamlets, some_hidden, guides): Told,
    origin: &str,
) -> Result<Html<String>, Problem> {
    let lang = frame.lang;
    let drawn = async |kind: Kind| -> Result<String, Problem> {
        if head.is_none() {
            return Ok(String::new());
        }
        let drawing = Drawing::read(site, &Who::default(), &Wanted::usual(kind, None)).await?;
        if drawing.is_empty() {
            return Ok(String::new());
        }
        let drawn = tokio::task::spawn_blocking(move || drawing.draw(lang, Form::Share, Theme::Page).svg).await;
        drawn.map_err(|error| Problem::internal("drawing a chart", &error))
    };
    let (trend, tonnage) = (drawn(Kind::Trend).await?, drawn(Kind::Tonnage).await?);
    let address = format!("{}/public", origin.split_once("://").map_or(origin, |(_, host)| host));
    shown(&Wall { head, trend, tonnage, hamlets, some_hidden, guides, address, frame })
}
