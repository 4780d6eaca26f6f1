//! `/api/photos/{photo_id}/original` and `/raw`: the files of a photo, byte for byte, for who manages its session.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use super::photos::managed_photo;
use crate::{
    app::{App, AppState},
    domain::{Photo, PhotoId, SentFile},
    galleries::extension,
    http::{
        extract::PathId,
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::{attachment, partial},
        words::Binary,
    },
};

/// Get the original of a photo
#[utoipa::path(
    get,
    path = "/api/photos/{photo_id}/original",
    operation_id = "get_original",
    tag = "studio",
    params(("photo_id" = Uuid, Path)),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Binary),
        (status = 206, description = "The part that `Range` asked for"),
        (status = 304, description = "Unchanged")
    )
)]
pub async fn original(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let photo = managed_photo(&app, &caller, id).await?;
    answer(&app, &photo, photo.original_file(), &headers).await
}

/// Get the RAW file of a photo, where it was sent beside a picture
#[utoipa::path(
    get,
    path = "/api/photos/{photo_id}/raw",
    operation_id = "get_raw",
    tag = "studio",
    params(("photo_id" = Uuid, Path)),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Binary),
        (status = 206, description = "The part that `Range` asked for"),
        (status = 304, description = "Unchanged")
    )
)]
pub async fn raw(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let photo = managed_photo(&app, &caller, id).await?;
    let raw = photo.raw_file().ok_or(Code::PhotoNotFound)?;
    answer(&app, &photo, raw, &headers).await
}

async fn answer(
    app: &App,
    photo: &Photo,
    file: SentFile<'_>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let mut common = HeaderMap::new();
    common.insert(header::CONTENT_TYPE, HeaderValue::from_str(file.media_type).map_err(Problem::internal)?);
    let extension = extension(file.filename, file.media_type);
    common.insert(header::CONTENT_DISPOSITION, attachment(file.filename, extension));
    common.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    let etag = format!("\"{}\"", file.sha256);
    partial(headers, &etag, common, file.bytes, async |range| {
        Ok(Body::from_stream(app.archives.original(photo.photo_session_id, file.file, range).await?))
    })
    .await
}
