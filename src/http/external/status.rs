//! How the photos of a program stand.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::batch::BatchJson;
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{extract::PathId, guard::Caller, problem::Problem, studio::managed},
    photos::ExternalStanding,
};

/// How the photos with external ids stand, by id
#[derive(Serialize, ToSchema)]
pub struct IndexStatus {
    /// Found, and not kept.
    indexed: u64,
    /// Found and kept.
    ready: u64,
    /// Kept, and waiting for the pipeline.
    queued: u64,
    /// Kept, and impossible to show.
    rejected: u64,
    /// Of the photos that can be found.
    faces: u64,
    /// Of the indexed, those to be sent again: another model takes over, and cannot look at what is not kept.
    outdated: u64,
    /// The model that looks at new photos.
    model: String,
    /// That have not ended, at most 100.
    batches: Vec<BatchJson>,
}

/// See how the photos with external ids stand
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/index-status",
    operation_id = "get_index_status",
    tag = "faces",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = IndexStatus))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(session): PathId<PhotoSessionId>,
) -> Result<Json<IndexStatus>, Problem> {
    managed(&app, &caller, session).await?;
    let ExternalStanding { indexed, ready, queued, rejected, faces, outdated, model, batches } =
        app.external.standing(session).await?;
    let batches = batches.into_iter().map(|batch| BatchJson::new(batch, Vec::new())).collect();
    Ok(Json(IndexStatus { indexed, ready, queued, rejected, faces, outdated, model, batches }))
}
