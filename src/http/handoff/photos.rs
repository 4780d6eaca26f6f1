//! `/api/session/{handoff_id}/photos` and `…/result`: the pictures of a hand-off.

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    inline,
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
    /// The answer that `shape` makes of these pictures; with the pictures themselves, if they are asked for, in the
    /// order in which it names them.
    async fn answer<T: Serialize>(
        &self,
        app: &AppState,
        named: Vec<HandoffPhoto>,
        shape: impl FnOnce(Vec<HandoffPhotoJson>) -> T,
    ) -> Result<Response, Problem> {
        if self.include.as_deref() != Some("data") {
            let photos = named.into_iter().map(|photo| HandoffPhotoJson::new(photo, None)).collect();
            return Ok(Json(shape(photos)).into_response());
        }
        inline::answer(app, named, shape).await
    }
}

#[derive(Serialize, ToSchema)]
pub struct HandoffPhotos {
    /// In the order of arrival, at most 5.
    photos: Vec<HandoffPhotoJson>,
}

/// A result of the booth.
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
    request: Request,
    photo_type: HandoffPhotoType,
) -> Result<(StatusCode, Json<HandoffPhotoJson>), Problem> {
    // Before a byte is read: whoever comes too late is told that, whatever they send.
    app.handoff.get(id).await?;
    let sent = SentPhoto::read(request).await?.of_type(photo_type)?;
    let Added { photo, is_new } = app.handoff.add_photo(id, sent).await?;
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
    request: Request,
) -> Result<(StatusCode, Json<HandoffPhotoJson>), Problem> {
    take(&app, id, request, HandoffPhotoType::Uploaded).await
}

/// List the photos that were sent to the booth
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
) -> Result<Response, Problem> {
    let found = app.handoff.photos(id, HandoffPhotoType::Uploaded).await?;
    include.answer(&app, found, |photos| HandoffPhotos { photos }).await
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
    request: Request,
) -> Result<(StatusCode, Json<HandoffPhotoJson>), Problem> {
    take(&app, id, request, HandoffPhotoType::Result).await
}

/// Get the finished picture
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
) -> Result<Response, Problem> {
    let photos = app.handoff.results(id).await?;
    let last = photos.last().cloned().ok_or(Code::ResultNotFound)?;
    let named = std::iter::once(last).chain(photos).collect();
    include
        .answer(&app, named, |mut photos| {
            let last = photos.remove(0);
            HandoffResult { last, photos }
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Saving {
    /// `1` saves the picture instead of showing it.
    download: Option<String>,
}

/// Get a picture of a hand-off
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
    let photo = app.handoff.photo(id, photo).await?;
    let jpeg = app.handoff.content(&photo).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (header::CONTENT_LENGTH, jpeg.length.into()),
    ];
    let body = Body::from_stream(jpeg.bytes);
    if saving.download.as_deref() != Some("1") {
        return Ok((headers, body).into_response());
    }
    let name = format!("attachment; filename=\"photobooth-{}.jpg\"", photo.order_index + 1);
    Ok((headers, [(header::CONTENT_DISPOSITION, name)], body).into_response())
}
