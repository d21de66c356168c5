//! The page of tonnage, and what pages of rows share.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Uri};
use axum::response::Html;
use serde::Deserialize;

use super::{frame, shown};
use crate::domain::ids::{AreaCode, PlaceCode};
use crate::indicators::MassTold;
use crate::web::ask::{self, Ask};
use crate::web::drawing::{Drawing, Kind, Wanted, apart, mass, stream_mark, stream_name};
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::views::lists::{Choice, TonnageLine, TonnagePage};

/// Makes one choice of a filter.
pub(super) fn choice(value: &str, label: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), chosen }
}

/// Gives the choices of hamlet.
pub fn area_choices(site: &Site, only: &[AreaCode], chosen: Option<&AreaCode>) -> Vec<Choice> {
    let register = site.web.register.borrow();
    register
        .areas
        .values()
        .filter(|area| only.is_empty() || only.contains(&area.code))
        .map(|area| Choice {
            value: area.code.to_string(),
            label: area.name.clone(),
            chosen: chosen == Some(&area.code),
        })
        .collect()
}

/// What the tonnage page is asked for.
#[derive(Debug, Deserialize)]
pub struct TonnageAsk {
    area: Option<String>,
}

/// Shows tonnage by week and stream.
pub async fn tonnage(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Ask(asked): Ask<TonnageAsk>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(&site, &who, &headers, &uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.tonnage.to_owned();
    let area = ask::area(&site, &asked.area)?;
    let areas = area_choices(&site, &[], area.as_ref());
    let drawing = Drawing::read(&site, &who, &Wanted::usual(Kind::Tonnage, area)).await?;
    let commune = read::commune(&site);
    let rows = drawing
        .tonnage_rows()
        .into_iter()
        .map(|row| {
            let (colour, icon) = stream_mark(&commune, row.stream.as_str());
            let tonnage = &row.tonnage;
            TonnageLine {
                period: format!("{} – {}", lang.short_day(row.from), lang.day(row.to)),
                stream: stream_name(&commune, row.stream.as_str(), lang, t),
                colour,
                icon,
                cells: [
                    mass(&row, apart(&row, tonnage.weighed_g), lang),
                    mass(&row, apart(&row, tonnage.manual_g), lang),
                    mass(&row, apart(&row, tonnage.estimated_g), lang),
                    mass(&row, Some(tonnage.total_g()), lang),
                    mass(&row, apart(&row, tonnage.unknown_household_g), lang),
                    if row.told == MassTold::Hidden { t.hidden.to_owned() } else { lang.count(tonnage.pickups) },
                ],
            }
        })
        .collect();
    let figure = drawing.figure(lang, t).await?;
    shown(&TonnagePage { frame, areas, figure, rows })
}

pub(super) fn place_name(site: &Site, place: &PlaceCode) -> String {
    let register = site.web.register.borrow();
    register.points.get(place).map_or_else(|| place.to_string(), |point| point.newest().name.clone())
}
