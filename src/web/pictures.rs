//! Charts as files: SVG, and PNG of the same drawing.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::known_point;
use super::ask::{self, Ask};
use super::drawing::{Drawing, Kind, Wanted};
use super::equipment::{known_device, known_place};
use super::guard::{Site, Who};
use super::lang::Lang;
use super::problem::Problem;
use super::read::Whose;
use crate::charts::{Form, Theme, png};
use crate::indicators::Step;

/// What a chart shows and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PictureAsk {
    /// Hamlet; the commune when left out.
    area: Option<String>,
    /// Collection point, for `periods` and `companions` and those who may see household states; for `completeness` and `tonnage` and those
    /// who may see devices.
    point: Option<String>,
    /// Device, for `battery`, `zero` and `completeness`, and those who may see devices.
    device: Option<String>,
    /// `day`, `week`, `month` or `year`, for `periods`; `month` when left out.
    step: Option<String>,
    /// First day; four weeks before the last (tonnage: eight) when left out.
    from: Option<String>,
    /// Last day; the last finished day when left out.
    to: Option<String>,
    /// `vi` or `en`.
    lang: Option<String>,
    /// `narrow` (a phone), `wide`, or `share` (1200 x 630 pixels as PNG).
    form: Option<String>,
    /// `light` or `dark`.
    theme: Option<String>,
}

/// A chart as a picture file.
#[utoipa::path(get, path = "/charts/{file}", tag = "charts",
    params(("file" = String, Path, description = "`headline`, `sorting-share`, `periods`, `companions`, `areas`, `tonnage`, `completeness`, `visiting`, `battery` or `zero`, with `.svg` or `.png`"), PictureAsk),
    responses((status = 200, content_type = "image/svg+xml", body = String),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn picture(
    State(site): State<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(file): Path<String>,
    Ask(asked): Ask<PictureAsk>,
) -> Result<Response, Problem> {
    let unknown = || {
        let known: Vec<&str> = Kind::ALL.into_iter().map(Kind::word).collect();
        Problem::not_found(format!("unknown chart `{file}`; charts are {}, each as .svg or .png", known.join(", ")))
    };
    let (word, ending) = file.rsplit_once('.').ok_or_else(unknown)?;
    let kind = Kind::from_word(word).ok_or_else(unknown)?;
    let as_png = match ending {
        "svg" => false,
        "png" => true,
        _ => return Err(unknown()),
    };
    let lang = ask::word("lang", &asked.lang, &["vi", "en"], Lang::from_code)?.unwrap_or_default();
    let form = ask::word("form", &asked.form, &["narrow", "wide", "share"], Form::from_word)?.unwrap_or_default();
    let theme = ask::word("theme", &asked.theme, &["light", "dark"], Theme::from_word)?.unwrap_or_default();
    let wanted = Wanted {
        kind,
        whose: match (ask::given(&asked.point), ask::given(&asked.device)) {
            (None, None) => Whose::of(ask::area(&site, &asked.area)?),
            (None, Some(device)) => Whose::Device(known_device(&site, &who, device).await?),
            // What a point's devices and rounds show is no household's state; its masses are those of few households.
            (Some(point), _) if matches!(kind, Kind::Completeness | Kind::Tonnage) => {
                Whose::Point(known_place(&site, &who, point)?)
            }
            (Some(point), _) => Whose::Point(known_point(&site, &who, point)?),
        },
        step: ask::step(&asked.step, Step::Month)?,
        from: ask::day("from", &asked.from)?,
        to: ask::day("to", &asked.to)?,
    };
    let drawing = Drawing::read(&site, &who, &wanted).await?;
    let (kind, bytes) = tokio::task::spawn_blocking(move || {
        let chart = drawing.draw(lang, form, theme);
        if as_png {
            png(&chart)
                .map(|bytes| ("image/png", bytes))
                .map_err(|error| Problem::internal("rendering a chart", &error))
        } else {
            Ok(("image/svg+xml", chart.svg.into_bytes()))
        }
    })
    .await
    .map_err(|error| Problem::internal("drawing a chart", &error))??;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        // The figures change as data comes in; a minute spares a dashboard that shows many.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=60")),
    ];
    Ok((headers, bytes).into_response())
}
