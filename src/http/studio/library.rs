//! `/api/photo-sessions/{session_id}/library` and `/sync`: originals that lie in a library.

use std::path::Path;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::managed;
use crate::{
    app::{App, AppState},
    domain::PhotoSessionId,
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::time,
    },
    photos::LibraryState,
};

/// How the library of a session stands
#[derive(Serialize, ToSchema)]
pub struct LibraryJson {
    /// The folder that the session is tied to; absent where the settings say where its originals lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    /// Where the last sync found files.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    is_running: bool,
    /// Of the present or last sync: files in the listing so far.
    listed: u64,
    /// Pictures among them that are photos of the session.
    photos: u64,
    /// When a sync last went through the whole listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    synced_at: Option<String>,
    /// When the next one begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    /// Why the last sync failed: `library_unavailable`, `library_empty`, `library_changed` or the code of another
    /// failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Files that are refused, at most 200.
    refused: Vec<RefusedFile>,
}

#[derive(Serialize, ToSchema)]
pub struct RefusedFile {
    key: String,
    code: String,
}

impl From<LibraryState> for LibraryJson {
    fn from(LibraryState { row, refused }: LibraryState) -> Self {
        let refused = refused.into_iter();
        let refused = refused.map(|file| RefusedFile { key: file.key, code: file.code.unwrap_or_default() });
        Self {
            folder: row.folder,
            place: row.place,
            is_running: row.is_running,
            listed: row.listed,
            photos: row.taken,
            synced_at: row.synced_at.map(time),
            due_at: row.due_at.map(time),
            code: row.code,
            refused: refused.collect(),
        }
    }
}

/// Get the state of a session's library
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/library",
    operation_id = "get_library",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = LibraryJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<LibraryJson>, Problem> {
    managed(&app, &caller, id).await?;
    state(&app, id).await
}

#[derive(Deserialize, ToSchema)]
pub struct LibraryChange {
    /// A folder below one of those that the operator has allowed; `null` goes back to the settings.
    #[serde(deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>)]
    folder: Option<Option<String>>,
}

/// Tie a session to a folder with its originals
///
/// The folder is only read. A sync begins at once.
#[utoipa::path(
    put,
    path = "/api/photo-sessions/{session_id}/library",
    operation_id = "put_library",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = LibraryChange,
    responses((status = 200, body = LibraryJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    change: Result<extract::Json<LibraryChange>, Problem>,
) -> Result<Json<LibraryJson>, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(LibraryChange { folder }) = change?;
    app.libraries.tie(id, folder.flatten().as_deref().map(Path::new)).await?;
    state(&app, id).await
}

/// Look through a session's library now
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/sync",
    operation_id = "sync_library",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 202, body = LibraryJson))
)]
pub async fn sync(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<(StatusCode, Json<LibraryJson>), Problem> {
    managed(&app, &caller, id).await?;
    app.libraries.want(id).await?;
    Ok((StatusCode::ACCEPTED, state(&app, id).await?))
}

async fn state(app: &App, id: PhotoSessionId) -> Result<Json<LibraryJson>, Problem> {
    let state = app.libraries.state(id).await?.ok_or(Code::LibraryOff)?;
    Ok(Json(state.into()))
}
