//! `GET /api/v1/sessions/{session_id}`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{PhotoSession, PhotoSessionId},
    http::{extract::PathId, holder::Holder, problem::Problem, shared::time},
};

#[derive(Serialize, ToSchema)]
pub struct SessionData {
    id: Uuid,
    name: String,
    description: Option<String>,
    studio_id: Uuid,
    photographer_id: Option<Uuid>,
    status: String,
    /// Whether guests get in and may search by a selfie now.
    facepass_enabled: bool,
    #[schema(format = DateTime)]
    scheduled_at: Option<String>,
    #[schema(format = DateTime)]
    completed_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<&PhotoSession> for SessionData {
    fn from(session: &PhotoSession) -> Self {
        Self {
            id: session.id.0,
            name: session.name.clone(),
            description: session.description.clone(),
            studio_id: session.studio_id.0,
            photographer_id: session.photographer_id,
            status: session.status.to_string(),
            facepass_enabled: session.facepass_enabled(),
            scheduled_at: session.scheduled_at.map(time),
            completed_at: session.completed_at.map(time),
            created_at: time(session.created_at),
            updated_at: time(session.updated_at),
        }
    }
}

/// Get a session's data, also while FacePass is off
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}",
    operation_id = "get_session",
    tag = "sessions",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = SessionData))
)]
pub async fn show(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Json<SessionData>, Problem> {
    Ok(Json((&*app.guests.described(id, None, &pass).await?.session).into()))
}
