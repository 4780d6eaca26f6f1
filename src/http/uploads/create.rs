//! `/api/uploads`: what the server can do, and a new upload.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{protocol, session, standing};
use crate::{
    app::AppState,
    http::{client::Origin, guard::Caller, problem::Problem, words::Binary},
    photos::MAX_BYTES,
};

/// Get the server's tus capabilities
#[utoipa::path(
    options,
    path = "/api/uploads",
    operation_id = "get_upload_capabilities",
    tag = "uploads",
    responses((status = 204, description = "`Tus-Version`, `Tus-Extension`, `Tus-Max-Size`, `Tus-Checksum-Algorithm`"))
)]
pub async fn capabilities() -> Response {
    capable()
}

/// Get the server's tus capabilities at an upload's address
#[utoipa::path(
    options,
    path = "/api/uploads/{upload_id}",
    operation_id = "get_capabilities_of_upload",
    tag = "uploads",
    params(("upload_id" = String, Path, description = "Not looked at")),
    responses((status = 204, description = "As of `/api/uploads`"))
)]
pub async fn capabilities_of_one() -> Response {
    capable()
}

fn capable() -> Response {
    let headers = [
        ("tus-version", "1.0.0".to_owned()),
        ("tus-extension", "creation,creation-with-upload,checksum,termination,expiration".to_owned()),
        ("tus-checksum-algorithm", "sha1,sha256".to_owned()),
        ("tus-max-size", MAX_BYTES.to_string()),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Begin an upload
///
/// tus 1.0 creation, with the first part or the whole file in the body if the client likes. `Upload-Metadata`
/// holds `photo_session_id` and `filename`, and may hold `sha256` (hex, of the whole file), `guest_id`,
/// `is_selected` and `replace`: with `name` the file takes the place of the session's photo of its name, and keeps
/// that one's id, address and orders.
#[utoipa::path(
    post,
    path = "/api/uploads",
    operation_id = "create_upload",
    tag = "uploads",
    params(
        ("Tus-Resumable" = String, Header, example = "1.0.0"),
        ("Upload-Length" = u64, Header, maximum = 100_000_000),
        ("Upload-Metadata" = String, Header, description = "`name base64,name base64`")
    ),
    request_body(content = Option<Binary>, content_type = "application/offset+octet-stream"),
    responses((status = 201, description = "`Location` is the upload's address; headers as of a `PATCH`"))
)]
pub async fn create(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Origin(origin): Origin,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let user = caller.user;
    let new = protocol::announced(&headers, user)?;
    // Read before anything is made of the announcement.
    let part = protocol::first_part(&headers, new.bytes)?;
    session(&app, &caller, new.session).await?;
    let mut progress = app.uploads.create(new).await?;
    let id = progress.upload.id;
    if let Some(part) = part {
        progress = match app.uploads.append(user, id, part, body.into_data_stream()).await {
            Ok(progress) => progress,
            Err(error) => {
                // A client that does not get the address cannot resume it.
                app.uploads.terminate(user, id).await?;
                return Err(error.into());
            }
        };
    }
    let mut answer = standing(&progress);
    if let Ok(location) = HeaderValue::try_from(format!("{origin}/api/uploads/{id}")) {
        answer.insert(header::LOCATION, location);
    }
    Ok((StatusCode::CREATED, answer).into_response())
}
