//! Pictures of waste: taken with a pickup, seen and erased by officers.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::operations::{Desk, Receipt};
use super::{log_look, stamp};
use crate::domain::facts::Statement;
use crate::domain::ids::HouseholdCode;
use crate::store::{Photo, PhotoNote, Role};
use crate::web::ask::Ask;
use crate::web::guard::{Site, Who};
use crate::web::problem::Problem;
use crate::web::scope::Scope;
use crate::web::{jpeg, read};

/// Pictures of one pickup at most.
const PHOTOS_MAX: usize = 3;

/// Which picture.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PhotoAsk {
    /// The picture's id, made by the client.
    id: Uuid,
}

/// Keeps a picture of a pickup's waste: JPEG, at most 1 280 pixels and 512 KiB; what a camera adds to it is left out. Crews to their
/// own pickups, officers to any.
#[utoipa::path(post, path = "/api/v1/pickups/{id}/photos", tag = "crew", params(("id" = String, Path, description = "The crew's pickup"), PhotoAsk),
    request_body(content = Vec<u8>, content_type = "image/jpeg"),
    responses((status = 201, body = Receipt), (status = 200, body = Receipt, description = "Kept before"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn write_photo(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(pickup): Path<String>,
    Ask(asked): Ask<PhotoAsk>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Receipt>), Problem> {
    let desk = Desk::open(&site, &who, None)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind != "image/jpeg" {
        return Err(Problem::unusable(format!("the body is `{kind}`; send `image/jpeg`")));
    }
    let Some(stated) = site.web.store.operation(&pickup).await? else {
        return Err(Problem::unusable(format!("unknown pickup `{pickup}`; send the pickup before its picture")));
    };
    let Statement::Pickup { reading, .. } = &stated.statement else {
        return Err(Problem::unusable(format!("`{pickup}` is a {}, not a pickup", stated.statement.kind())));
    };
    if stated.by != desk.account.name && !desk.account.roles.contains(&Role::Officer) {
        return Err(Problem::forbidden(format!("pickup `{pickup}` is not account `{}`'s own", desk.account.name)));
    }
    let jpeg = jpeg::cleaned(&body).map_err(|error| Problem::unusable(error.to_string()))?;
    let note = PhotoNote {
        id: asked.id.to_string(),
        reading: reading.as_ref().map(ToString::to_string),
        sha256: hex::encode(Sha256::digest(&jpeg)),
        size_bytes: i64::try_from(jpeg.len()).unwrap_or(i64::MAX),
        recorded: desk.now,
        by: desk.account.name.clone(),
        erased: None,
        pickup,
    };
    let known = site.web.store.photos_of([note.pickup.as_str()]).await?;
    if known.len() >= PHOTOS_MAX && known.iter().all(|known| known.id != note.id) {
        return Err(Problem::unusable(format!(
            "pickup `{}` has {PHOTOS_MAX} pictures already, the most it can have",
            note.pickup
        )));
    }
    let new = site.web.store.add_photo(&Photo { note: note.clone(), jpeg: Some(jpeg) }).await?;
    let Some(first) = site.web.store.photo_note(&note.id).await? else {
        return Err(Problem::not_found(format!("picture `{}` is gone", note.id)));
    };
    if (&first.sha256, &first.pickup, &first.by) != (&note.sha256, &note.pickup, &note.by) {
        return Err(Problem::taken(format!(
            "id `{}` was used before with other content; the first stays; make a new id",
            note.id
        )));
    }
    let zone = read::commune(&site).zone.clone();
    let receipt = Receipt { id: asked.id, recorded_at: stamp(&zone, first.recorded), by: first.by };
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(receipt)))
}

/// Gives the household of a picture's pickup when it lies in the account's hamlets.
pub async fn photo_household(site: &Site, who: &Who, note: &PhotoNote) -> Result<HouseholdCode, Problem> {
    let stated = site.web.store.operation(&note.pickup).await?.map(|stated| stated.statement);
    let household = match stated {
        Some(Statement::Pickup { household, .. }) => household,
        Some(_) | None => return Err(Problem::not_found(format!("picture `{}` belongs to no pickup", note.id))),
    };
    if Scope::of(who)?.admits(&site.web.register.borrow(), &household) {
        return Ok(household);
    }
    Err(Problem::forbidden(format!("picture `{}` lies outside the account's hamlets", note.id)))
}

/// A picture. Each look is logged.
#[utoipa::path(get, path = "/api/v1/photos/{id}", tag = "crew", params(("id" = String, Path, description = "The picture")),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn photo(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let gone = || Problem::not_found(format!("no picture `{id}`, or it was erased"));
    let note = site.web.store.photo_note(&id).await?.ok_or_else(gone)?;
    let household = photo_household(&site, &who, &note).await?;
    let jpeg = site.web.store.photo(&id).await?.ok_or_else(gone)?;
    log_look(&site, &who, "photo", format!("photo={id} household={household}")).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response())
}

/// That a picture was erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erased {
    id: String,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    erased_at: String,
    /// By whom.
    by: String,
}

/// Erases a picture for good; the pickup stays, and so does the note that there was one.
#[utoipa::path(post, path = "/api/v1/photos/{id}/erase", tag = "crew", params(("id" = String, Path, description = "The picture")),
    responses((status = 200, body = Erased), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn erase_photo(
    Shared(site): Shared<Arc<Site>>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> Result<Json<Erased>, Problem> {
    let desk = Desk::open(&site, &who, None)?;
    if let Some(note) = site.web.store.photo_note(&id).await? {
        photo_household(&site, &who, &note).await?;
    }
    site.web.store.erase_photo(&id, desk.now, &desk.account.name).await?;
    let note = site.web.store.photo_note(&id).await?;
    let Some((at, by)) = note.and_then(|note| note.erased) else {
        return Err(Problem::not_found(format!("no picture `{id}`")));
    };
    Ok(Json(Erased { id, erased_at: stamp(&read::commune(&site).zone, at), by }))
}
