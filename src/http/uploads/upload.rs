//! `/api/uploads/{upload_id}`: how far an upload is, its next part, its end.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};

use super::{protocol, standing};
use crate::{
    app::AppState,
    domain::UploadId,
    http::{extract::PathId, guard::Caller, problem::Problem, words::Binary},
};

/// Get the progress of an upload
///
/// A request that is still writing to it makes room: the client that asks has lost that connection.
#[utoipa::path(
    head,
    path = "/api/uploads/{upload_id}",
    operation_id = "get_upload",
    tag = "uploads",
    params(("upload_id" = Uuid, Path), ("Tus-Resumable" = String, Header, example = "1.0.0")),
    responses((status = 200, description = "`Upload-Offset`, `Upload-Length`, `Upload-Metadata`, and as of a `PATCH`"))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<UploadId>,
) -> Result<Response, Problem> {
    let progress = app.uploads.progress(caller.user, id).await?;
    let mut answer = standing(&progress);
    answer.insert(HeaderName::from_static("upload-length"), progress.upload.bytes.into());
    if let Ok(metadata) = HeaderValue::try_from(protocol::metadata_of(&progress.upload)) {
        answer.insert(HeaderName::from_static("upload-metadata"), metadata);
    }
    Ok((StatusCode::OK, answer).into_response())
}

/// Send the next part of an upload
///
/// What the answer's `Upload-Offset` counts is on the disk. A part whose connection breaks counts as far as it
/// came; one with an `Upload-Checksum` (`sha1` or `sha256`) counts whole or not at all.
#[utoipa::path(
    patch,
    path = "/api/uploads/{upload_id}",
    operation_id = "append_to_upload",
    tag = "uploads",
    params(
        ("upload_id" = Uuid, Path),
        ("Tus-Resumable" = String, Header, example = "1.0.0"),
        ("Upload-Offset" = u64, Header),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha1 base64` or `sha256 base64`, of this part")
    ),
    request_body(content = Binary, content_type = "application/offset+octet-stream"),
    responses((
        status = 204,
        description = "`Upload-Offset` and `Upload-Expires`; after the last byte `Pixora-Result` (stored, duplicate, \
                       sidecar or rejected) with `Pixora-Photo-Id` or `Pixora-Reject-Code`"
    ))
)]
pub async fn append(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<UploadId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let part = protocol::part(&headers)?;
    let progress = app.uploads.append(caller.user, id, part, body.into_data_stream()).await?;
    Ok((StatusCode::NO_CONTENT, standing(&progress)).into_response())
}

/// Cancel an upload
///
/// A photo that was already made from it stays.
#[utoipa::path(
    delete,
    path = "/api/uploads/{upload_id}",
    operation_id = "terminate_upload",
    tag = "uploads",
    params(("upload_id" = Uuid, Path), ("Tus-Resumable" = String, Header, example = "1.0.0")),
    responses((status = 204, description = "Gone"))
)]
pub async fn terminate(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<UploadId>,
) -> Result<StatusCode, Problem> {
    app.uploads.terminate(caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
