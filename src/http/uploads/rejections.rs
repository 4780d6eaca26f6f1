//! `GET /api/photo-sessions/{session_id}/rejections`: what was sent and cannot be shown.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::session;
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{
        extract::{Params, PathId, PathIds},
        guard::Caller,
        messages::Code,
        paging,
        problem::Problem,
        shared::time,
    },
    photos::{Rejection, RejectionCursor},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Rejections {
    /// Oldest first.
    rejections: Vec<RejectedFile>,
    /// `null` on the last page.
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct RejectedFile {
    /// `null` where the file is kept as a photo that cannot be shown.
    rejection_id: Option<Uuid>,
    photo_id: Option<Uuid>,
    filename: String,
    /// `null` if the file was refused before it was read.
    sha256: Option<String>,
    bytes: u64,
    code: String,
    at: String,
}

impl From<Rejection> for RejectedFile {
    fn from(Rejection { id, is_photo, filename, sha256, bytes, code, at }: Rejection) -> Self {
        let (rejection_id, photo_id) = if is_photo { (None, Some(id)) } else { (Some(id), None) };
        Self { rejection_id, photo_id, filename, sha256, bytes, code, at: time(at) }
    }
}

/// List files that were sent and cannot be shown
///
/// A file that was accepted later is no longer listed.
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/rejections",
    operation_id = "list_rejections",
    tag = "uploads",
    params(("session_id" = Uuid, Path), Page),
    responses((status = 200, body = Rejections))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(page): Params<Page>,
) -> Result<Json<Rejections>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<RejectionCursor> = paging::after(page.cursor)?;
    session(&app, &caller, id).await?;
    let mut found = app.uploads.rejections(id, after, limit + 1).await?;
    Ok(Json(Rejections {
        next_cursor: paging::cut(&mut found, limit, |last| RejectionCursor::after(last).to_string()),
        rejections: found.into_iter().map(RejectedFile::from).collect(),
    }))
}

/// Remove a file from the list once its sender has dealt with it
#[utoipa::path(
    delete,
    path = "/api/photo-sessions/{session_id}/rejections/{rejection_id}",
    operation_id = "dismiss_rejection",
    tag = "uploads",
    params(("session_id" = Uuid, Path), ("rejection_id" = Uuid, Path)),
    responses((status = 204, description = "No longer listed"))
)]
pub async fn dismiss(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, rejection): PathIds<PhotoSessionId, Uuid>,
) -> Result<StatusCode, Problem> {
    session(&app, &caller, id).await?;
    match app.uploads.dismiss(id, rejection).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Code::NotFound.into()),
    }
}
