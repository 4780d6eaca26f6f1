//! The guest's page: `/api/v1/sessions/{session_id}/interface` and, shorter for the QR code, `/session/{session_id}`.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde_json::json;

use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{extract::PathId, language, pages, problem::Problem, shared::time},
    usage::UsageKind,
};

/// The guest's page
///
/// A browser gets an HTML error page instead of a problem.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/interface",
    operation_id = "page_session_interface",
    tag = "pages",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn api(
    app: State<AppState>,
    id: PathId<PhotoSessionId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    page(app, id, headers).await
}

/// The guest's page, as in the QR code
#[utoipa::path(
    get,
    path = "/session/{session_id}",
    operation_id = "page_session",
    tag = "pages",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn short(
    app: State<AppState>,
    id: PathId<PhotoSessionId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    page(app, id, headers).await
}

async fn page(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = app.guests.open(id).await?;
    let counts = app.gallery.counts(id).await?;
    let people = app.people.switches(&session).await?;
    app.usage.bump(id, UsageKind::PageView, app.now());
    let for_script = json!({
        "id": session.id,
        "name": session.name,
        "description": session.description,
        "status": session.status,
        "scheduled_at": session.scheduled_at.map(time),
        "facepass_enabled": session.facepass_enabled(),
        "people": people.is_for_guests(),
        "photos_total": counts.total,
        "photos_ready": counts.selected,
        "error": null,
    });
    Ok(pages::guest(&format!("{} · Pixora", session.name), &for_script, language::of(&headers)))
}
