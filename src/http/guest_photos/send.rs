//! `/api/v1/sessions/{session_id}/guest-uploads`: a guest's photo on its way in, by tus.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    app::{App, AppState},
    domain::{PhotoSessionId, SenderId, UploadId, UserId},
    guests::{Device, Pass},
    http::{
        client::{Client, Origin},
        cookies,
        extract::{PathId, PathIds},
        holder::Holder,
        messages::Code,
        problem::Problem,
        uploads::{GuestFile, announced_by_guest, part, standing},
        words::Binary,
    },
};

/// Of one file: what a phone takes, with room.
const MAX_BYTES: u64 = 50_000_000;
/// What phones call their photos. RAWs and sidecars are a photographer's; what a file really is, its content says later.
const ENDINGS: [&str; 8] = ["jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "jxl"];

/// Who sends, as the uploads know them: by an id that no account has.
fn user(sender: SenderId) -> UserId {
    UserId(sender.0)
}

/// The guest who goes on with what they began.
async fn known(app: &App, id: PhotoSessionId, pass: &Pass, headers: &HeaderMap) -> Result<UserId, Problem> {
    let token = cookies::guest_sender(headers).ok_or(Code::UploadNotFound)?;
    let sender = app.guests.goes_on_sending(id, pass, &token).await?;
    Ok(user(sender.ok_or(Code::UploadNotFound)?))
}

/// Begin to send a photo as a guest, where the session takes them
///
/// As `POST /api/uploads`. `Upload-Metadata` holds `filename` and `consent` (its id, for the purpose `sharing`), and may
/// hold `name` (of the guest) and `sha256`. The answer to the first sets the cookie by which the guest's device is known.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/guest-uploads",
    operation_id = "create_guest_upload",
    tag = "uploads",
    params(
        ("session_id" = Uuid, Path),
        ("Tus-Resumable" = String, Header, example = "1.0.0"),
        ("Upload-Length" = u64, Header, maximum = 50_000_000),
        ("Upload-Metadata" = String, Header, description = "`name base64,name base64`")
    ),
    responses((status = 201, description = "`Location` is the upload's address; headers as of a `PATCH`"))
)]
pub async fn create(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    Client(client): Client,
    Origin(origin): Origin,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let token = cookies::guest_sender(&headers);
    let GuestFile { mut new, name, consent } = announced_by_guest(&headers, id)?;
    let ending = new.filename.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let is_photo = ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()));
    if !is_photo || new.bytes > MAX_BYTES {
        return Err(Code::NotAPhoto.into());
    }
    app.guests.may_announce(client.ip)?;
    let device = Device { token: token.as_deref(), name: name.as_deref() };
    let sending = app.guests.sending(id, &pass, device, consent).await?;
    new.user = user(sending.sender.id);
    let filename = std::mem::take(&mut new.filename);
    new.filename = sending.filename(&filename);
    new.begins_selected = sending.is_seen_at_once;
    let progress = app.uploads.create(new).await?;
    let upload = &progress.upload;
    if let Err(refused) = app.guests.announce(&sending, upload.photo, &filename).await {
        app.uploads.terminate(upload.user, upload.id).await?;
        return Err(refused.into());
    }
    let mut answer = standing(&progress);
    let location = format!("{origin}/api/v1/sessions/{id}/guest-uploads/{}", upload.id);
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.insert(header::LOCATION, location);
    }
    if let Some(token) = sending.token {
        answer.extend(cookies::set_guest_sender(id, token, cookies::secure(&app)));
    }
    Ok((StatusCode::CREATED, answer).into_response())
}

/// Get the progress of a guest's upload
#[utoipa::path(
    head,
    path = "/api/v1/sessions/{session_id}/guest-uploads/{upload_id}",
    operation_id = "get_guest_upload",
    tag = "uploads",
    params(("session_id" = Uuid, Path), ("upload_id" = Uuid, Path), ("Tus-Resumable" = String, Header, example = "1.0.0")),
    responses((status = 200, description = "`Upload-Offset`, `Upload-Length`, and as of a `PATCH`"))
)]
pub async fn show(
    State(app): State<AppState>,
    PathIds(session, id): PathIds<PhotoSessionId, UploadId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let user = known(&app, session, &pass, &headers).await?;
    let progress = app.uploads.progress(user, id).await?;
    let mut answer = standing(&progress);
    answer.insert(HeaderName::from_static("upload-length"), progress.upload.bytes.into());
    Ok((StatusCode::OK, answer).into_response())
}

/// Send the next part of a guest's photo
#[utoipa::path(
    patch,
    path = "/api/v1/sessions/{session_id}/guest-uploads/{upload_id}",
    operation_id = "append_to_guest_upload",
    tag = "uploads",
    params(
        ("session_id" = Uuid, Path),
        ("upload_id" = Uuid, Path),
        ("Tus-Resumable" = String, Header, example = "1.0.0"),
        ("Upload-Offset" = u64, Header)
    ),
    request_body(content = Binary, content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "As of `PATCH /api/uploads/{upload_id}`"))
)]
pub async fn append(
    State(app): State<AppState>,
    PathIds(session, id): PathIds<PhotoSessionId, UploadId>,
    Holder(pass): Holder,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let user = known(&app, session, &pass, &headers).await?;
    let part = part(&headers)?;
    let progress = app.uploads.append(user, id, part, body.into_data_stream()).await?;
    Ok((StatusCode::NO_CONTENT, standing(&progress)).into_response())
}

/// Cancel a guest's upload
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/guest-uploads/{upload_id}",
    operation_id = "terminate_guest_upload",
    tag = "uploads",
    params(("session_id" = Uuid, Path), ("upload_id" = Uuid, Path), ("Tus-Resumable" = String, Header, example = "1.0.0")),
    responses((status = 204, description = "Gone"))
)]
pub async fn terminate(
    State(app): State<AppState>,
    PathIds(session, id): PathIds<PhotoSessionId, UploadId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let user = known(&app, session, &pass, &headers).await?;
    app.uploads.terminate(user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
