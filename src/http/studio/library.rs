//! `/api/photo-sessions/{session_id}/library` and `/sync`: originals that lie in a library.

use std::path::Path;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::managed;
use crate::{
    accounts,
    app::{App, AppState},
    domain::PhotoSessionId,
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        rights,
        shared::time,
    },
    photos::LibraryState,
};

const PATH: &str = "/api/photo-sessions/{session_id}/library";

/// How the library of a session stands
#[derive(Serialize, ToSchema)]
pub struct LibraryJson {
    /// The folder that the session is tied to; `null` where the settings say where its originals lie.
    folder: Option<String>,
    /// Where the last sync found files.
    place: Option<String>,
    /// Whether the caller may tie the session to a folder.
    can_tie: bool,
    is_running: bool,
    /// Of the present or last sync: files in the listing so far.
    listed: u64,
    /// Pictures among them that are photos of the session.
    photos: u64,
    /// When a sync last went through the whole listing.
    synced_at: Option<String>,
    /// When the next one begins.
    due_at: Option<String>,
    /// Why the last sync failed: `library_unavailable`, `library_access_denied` (the keys are not good, or not any
    /// more), `library_empty`, `library_changed` or the code of another failure.
    code: Option<String>,
    /// Files that are refused, at most 200.
    refused: Vec<RefusedFile>,
}

#[derive(Serialize, ToSchema)]
pub struct RefusedFile {
    key: String,
    code: String,
}

impl LibraryJson {
    fn new(LibraryState { row, refused, can_tie }: LibraryState, caller: &accounts::Caller) -> Self {
        let row = row.as_ref();
        let refused = refused.into_iter();
        let refused = refused.map(|file| RefusedFile { key: file.key, code: file.code.unwrap_or_default() });
        Self {
            folder: row.and_then(|row| row.folder.clone()),
            place: row.and_then(|row| row.place.clone()),
            can_tie: can_tie && rights::row("PUT", PATH).is_some_and(|row| row.who.admits(caller.role)),
            is_running: row.is_some_and(|row| row.is_running),
            listed: row.map_or(0, |row| row.listed),
            photos: row.map_or(0, |row| row.taken),
            synced_at: row.and_then(|row| row.synced_at).map(time),
            due_at: row.and_then(|row| row.due_at).map(time),
            code: row.and_then(|row| row.code.clone()),
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
    state(&app, &caller, id).await
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
    state(&app, &caller, id).await
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
    Ok((StatusCode::ACCEPTED, state(&app, &caller, id).await?))
}

async fn state(
    app: &App,
    caller: &accounts::Caller,
    id: PhotoSessionId,
) -> Result<Json<LibraryJson>, Problem> {
    let state = app.libraries.state(id).await?.ok_or(Code::LibraryOff)?;
    Ok(Json(LibraryJson::new(state, caller)))
}
