//! One photo of another program.

use axum::{
    Json,
    extract::{FromRequest, Multipart, Path, Request, State, rejection::PathRejection},
    http::StatusCode,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ExternalPhotoJson;
use crate::{
    app::AppState,
    domain::{ExternalId, PhotoSessionId, PhotoState},
    http::{
        extract::{self, Params, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        studio::managed,
        words::Binary,
    },
    photos::Given,
};

/// What else stands at the address of an external id.
const IDS: &str = "ids";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Keeping {
    /// `true`: the picture becomes a photo of the gallery too, as if it were uploaded.
    #[param(value_type = Option<bool>)]
    keep: Option<String>,
}

impl Keeping {
    fn is_wanted(&self) -> Result<bool, Problem> {
        match self.keep.as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(Problem::new(Code::MalformedBody).with("field", "keep")),
        }
    }
}

/// The form, for the documentation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field, see `given`")]
pub struct ExternalPhotoForm {
    /// At most 100 MB.
    #[schema(value_type = Binary)]
    photo: Vec<u8>,
}

/// A picture that lies in the session's library.
#[derive(Deserialize, ToSchema)]
pub struct InLibraryJson {
    /// Below the library's place, with `/` between folders.
    #[serde(alias = "libraryKey")]
    library_key: String,
}

#[derive(Serialize, ToSchema)]
pub struct ForgottenJson {
    /// External ids.
    forgotten: u64,
}

/// Make a photo findable under an id of your own
///
/// The faces are found while you wait. The picture is not kept, unless `keep` says so. The same content under the same
/// id changes nothing; other content takes the place of what was there.
#[utoipa::path(
    put,
    path = "/api/v1/sessions/{session_id}/photos/{external_id}",
    operation_id = "put_external_photo",
    tag = "faces",
    params(
        ("session_id" = Uuid, Path),
        ("external_id" = String, Path, description = "Any text of 1 to 200 bytes, percent-encoded"),
        Keeping
    ),
    request_body(content(
        (Binary = "application/octet-stream"), (ExternalPhotoForm = "multipart/form-data"), (InLibraryJson = "application/json")
    )),
    responses(
        (status = 200, body = ExternalPhotoJson),
        (status = 202, description = "It is kept, and waits for the pipeline", body = ExternalPhotoJson)
    )
)]
pub async fn put(
    State(app): State<AppState>,
    Caller(caller): Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    Params(keeping): Params<Keeping>,
    request: Request,
) -> Result<(StatusCode, Json<ExternalPhotoJson>), Problem> {
    let (session, id) = named(path)?;
    managed(&app, &caller, session).await?;
    take(&app, session, id, &keeping, request).await
}

/// The same under the id `ids`, which is an address of its own
#[utoipa::path(
    put,
    path = "/api/v1/sessions/{session_id}/photos/ids",
    operation_id = "put_external_photo_ids",
    tag = "faces",
    params(("session_id" = Uuid, Path), Keeping),
    request_body(content(
        (Binary = "application/octet-stream"), (ExternalPhotoForm = "multipart/form-data"), (InLibraryJson = "application/json")
    )),
    responses(
        (status = 200, body = ExternalPhotoJson),
        (status = 202, description = "It is kept, and waits for the pipeline", body = ExternalPhotoJson)
    )
)]
pub async fn put_ids(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(session): PathId<PhotoSessionId>,
    Params(keeping): Params<Keeping>,
    request: Request,
) -> Result<(StatusCode, Json<ExternalPhotoJson>), Problem> {
    managed(&app, &caller, session).await?;
    take(&app, session, external_id(IDS)?, &keeping, request).await
}

/// Forget a photo by its external id
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/photos/{external_id}",
    operation_id = "delete_external_photo",
    tag = "faces",
    params(
        ("session_id" = Uuid, Path),
        ("external_id" = String, Path, description = "As it was sent, percent-encoded")
    ),
    responses((status = 204))
)]
pub async fn remove(
    State(app): State<AppState>,
    Caller(caller): Caller,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (session, id) = named(path)?;
    managed(&app, &caller, session).await?;
    app.external.remove(session, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The same under the id `ids`, which is an address of its own
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/photos/ids",
    operation_id = "delete_external_photo_ids",
    tag = "faces",
    params(("session_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn remove_ids(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(session): PathId<PhotoSessionId>,
) -> Result<StatusCode, Problem> {
    managed(&app, &caller, session).await?;
    app.external.remove(session, &external_id(IDS)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forget every photo that has an external id
///
/// Photos that came in by another way stay.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/photos",
    operation_id = "delete_external_photos",
    tag = "faces",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = ForgottenJson))
)]
pub async fn remove_all(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(session): PathId<PhotoSessionId>,
) -> Result<Json<ForgottenJson>, Problem> {
    managed(&app, &caller, session).await?;
    Ok(Json(ForgottenJson { forgotten: app.external.remove_all(session).await? }))
}

/// An external id from text that a client sent.
pub(super) fn external_id(text: &str) -> Result<ExternalId, Problem> {
    text.parse().map_err(|_| Code::InvalidExternalId.into())
}

fn named(
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<(PhotoSessionId, ExternalId), Problem> {
    // Not percent-decodable, or not UTF-8.
    let Path((session, external)) = path.map_err(|_| Code::InvalidExternalId)?;
    Ok((extract::id(&session)?, external_id(&external)?))
}

async fn take(
    app: &AppState,
    session: PhotoSessionId,
    id: ExternalId,
    keeping: &Keeping,
    request: Request,
) -> Result<(StatusCode, Json<ExternalPhotoJson>), Problem> {
    let keep = keeping.is_wanted()?;
    let given = given(app, request).await?;
    let sent = app.external.put(session, &id, given, keep).await?;
    let status = if sent.photo.state == PhotoState::Queued { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(ExternalPhotoJson::new(id.to_string(), sent))))
}

/// The picture, or where it lies.
async fn given(app: &AppState, request: Request) -> Result<Given, Problem> {
    if extract::is_json(request.headers()) {
        let extract::Json(InLibraryJson { library_key }) = extract::Json::from_request(request, app).await?;
        return Ok(Given::InLibrary(library_key));
    }
    if extract::media_type(request.headers()) != "multipart/form-data" {
        return Ok(Given::Bytes(Bytes::from_request(request, app).await?, None));
    }
    let mut multipart = Multipart::from_request(request, app).await?;
    let mut photo = None;
    while let Some(field) = multipart.next_field().await? {
        match extract::snake_case(field.name().unwrap_or_default()).as_str() {
            "photo" => {
                let name = field.file_name().map(str::to_owned);
                photo = Some(Given::Bytes(field.bytes().await?, name));
            }
            other => return Err(extract::unknown_field(other)),
        }
    }
    photo.ok_or_else(|| Code::MissingPhoto.into())
}
