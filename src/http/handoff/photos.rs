//! `/api/session/{handoff_id}/photos` and `…/result`: the pictures of a hand-off.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    json::HandoffPhotoJson,
    sent::{SentPhoto, SentPhotoForm, SentPhotoJson},
};
use crate::{
    app::AppState,
    domain::{HandoffId, HandoffPhoto, HandoffPhotoId, HandoffPhotoType},
    handoff::Added,
    http::{
        extract::{Params, PathId, PathIds},
        messages::Code,
        problem::Problem,
        words::Binary,
    },
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Include {
    /// `data`: the pictures themselves as well, in base64.
    include: Option<String>,
}

impl Include {
    async fn json(&self, app: &AppState, photo: HandoffPhoto) -> Result<HandoffPhotoJson, Problem> {
        if self.include.as_deref() != Some("data") {
            return Ok(HandoffPhotoJson::new(photo, None));
        }
        let (photo, jpeg) = app.handoff.picture(photo.handoff, photo.id).await?;
        Ok(HandoffPhotoJson::new(photo, Some(BASE64_STANDARD.encode(jpeg))))
    }

    async fn all(&self, app: &AppState, found: Vec<HandoffPhoto>) -> Result<Vec<HandoffPhotoJson>, Problem> {
        let mut photos = Vec::with_capacity(found.len());
        for photo in found {
            photos.push(self.json(app, photo).await?);
        }
        Ok(photos)
    }
}

#[derive(Serialize, ToSchema)]
pub struct HandoffPhotos {
    /// In the order of arrival, at most 5.
    photos: Vec<HandoffPhotoJson>,
}

/// What the booth has left.
#[derive(Serialize, ToSchema)]
pub struct HandoffResult {
    /// The last picture.
    #[serde(flatten)]
    last: HandoffPhotoJson,
    /// All of them, in the order of arrival.
    photos: Vec<HandoffPhotoJson>,
}

async fn take(
    app: &AppState,
    id: HandoffId,
    sent: Result<SentPhoto, Problem>,
    photo_type: HandoffPhotoType,
) -> Result<(StatusCode, Json<HandoffPhotoJson>), Problem> {
    // Whoever comes too late is told that, whatever they send.
    app.handoff.get(id).await?;
    let Added { photo, is_new } = app.handoff.add_photo(id, sent?.of_type(photo_type)?).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(HandoffPhotoJson::new(photo, None))))
}

/// Send a photo to the booth
///
/// The third makes the hand-off `ready`, after the fifth there is no more room. The picture is drawn anew: an
/// upright JPEG of at most 4096 pixels, without EXIF. 200 if the same `telegram_file_id` or `Idempotency-Key`
/// brought it before.
#[utoipa::path(
    post,
    path = "/api/session/{handoff_id}/photos",
    operation_id = "add_handoff_photo",
    tag = "handoff",
    params(("handoff_id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)),
    request_body(content(
        (SentPhotoJson = "application/json"),
        (SentPhotoForm = "multipart/form-data")
    )),
    responses((status = 201, body = HandoffPhotoJson), (status = 200, body = HandoffPhotoJson))
)]
pub async fn add(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
    sent: Result<SentPhoto, Problem>,
) -> Result<(StatusCode, Json<HandoffPhotoJson>), Problem> {
    take(&app, id, sent, HandoffPhotoType::Uploaded).await
}

/// The photos that were sent to the booth
#[utoipa::path(
    get,
    path = "/api/session/{handoff_id}/photos",
    operation_id = "list_handoff_photos",
    tag = "handoff",
    params(("handoff_id" = Uuid, Path), Include),
    responses((status = 200, body = HandoffPhotos))
)]
pub async fn list(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
    Params(include): Params<Include>,
) -> Result<Json<HandoffPhotos>, Problem> {
    let found = app.handoff.photos(id, HandoffPhotoType::Uploaded).await?;
    Ok(Json(HandoffPhotos { photos: include.all(&app, found).await? }))
}

/// Leave the finished picture
///
/// A `download` becomes `ready` with the first.
#[utoipa::path(
    post,
    path = "/api/session/{handoff_id}/result",
    operation_id = "add_handoff_result",
    tag = "handoff",
    params(("handoff_id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)),
    request_body(content(
        (SentPhotoJson = "application/json"),
        (SentPhotoForm = "multipart/form-data")
    )),
    responses((status = 201, body = HandoffPhotoJson), (status = 200, body = HandoffPhotoJson))
)]
pub async fn leave(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
    sent: Result<SentPhoto, Problem>,
) -> Result<(StatusCode, Json<HandoffPhotoJson>), Problem> {
    take(&app, id, sent, HandoffPhotoType::Result).await
}

/// The finished picture
#[utoipa::path(
    get,
    path = "/api/session/{handoff_id}/result",
    operation_id = "get_handoff_result",
    tag = "handoff",
    params(("handoff_id" = Uuid, Path), Include),
    responses((status = 200, body = HandoffResult))
)]
pub async fn result(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
    Params(include): Params<Include>,
) -> Result<Json<HandoffResult>, Problem> {
    let photos = include.all(&app, app.handoff.results(id).await?).await?;
    let last = photos.last().cloned().ok_or(Code::ResultNotFound)?;
    Ok(Json(HandoffResult { last, photos }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Saving {
    /// `1` saves the picture instead of showing it.
    download: Option<String>,
}

/// A picture of a hand-off
#[utoipa::path(
    get,
    path = "/api/session/{handoff_id}/photos/{handoff_photo_id}",
    operation_id = "get_handoff_photo",
    tag = "handoff",
    params(("handoff_id" = Uuid, Path), ("handoff_photo_id" = Uuid, Path), Saving),
    responses((status = 200, content_type = "image/jpeg", body = Binary))
)]
pub async fn picture(
    State(app): State<AppState>,
    PathIds(id, photo): PathIds<HandoffId, HandoffPhotoId>,
    Params(saving): Params<Saving>,
) -> Result<Response, Problem> {
    let (photo, jpeg) = app.handoff.picture(id, photo).await?;
    let jpeg_type = [(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"))];
    if saving.download.as_deref() != Some("1") {
        return Ok((jpeg_type, jpeg).into_response());
    }
    let name = format!("attachment; filename=\"photobooth-{}.jpg\"", photo.order_index + 1);
    Ok((jpeg_type, [(header::CONTENT_DISPOSITION, name)], jpeg).into_response())
}
