//! `GET /api/v1/sessions/{session_id}/facepass-status`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::PhotoSessionId,
    guests::Described,
    http::{extract::PathId, holder::Holder, problem::Problem},
};

#[derive(Serialize, ToSchema)]
pub struct FacepassStatus {
    session_id: Uuid,
    facepass_enabled: bool,
    status: String,
    /// Photos received, whatever became of them.
    photos_total: u64,
    /// Photos that guests can see.
    photos_ready: u64,
    /// Photos whose faces can be found. A photo is ready only once they are.
    photos_indexed: u64,
    faces_indexed: u64,
    queued: u64,
    rejected: u64,
}

/// Get the state of FacePass: whether it is on, how many photos are indexed, and how many wait
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/facepass-status",
    operation_id = "get_facepass_status",
    tag = "sessions",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = FacepassStatus))
)]
pub async fn show(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Json<FacepassStatus>, Problem> {
    let Described { session, counts, .. } = app.guests.described(id, None, &pass).await?;
    Ok(Json(FacepassStatus {
        session_id: id.0,
        status: session.status.to_string(),
        facepass_enabled: session.facepass_enabled(),
        photos_total: counts.total,
        photos_ready: counts.selected,
        photos_indexed: counts.ready,
        faces_indexed: counts.faces,
        queued: counts.queued,
        rejected: counts.rejected,
    }))
}
