//! `/session/{session_id}/show`: the photos of a session one after the other, for a screen in the hall.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde_json::json;

use crate::{
    app::AppState,
    domain::PhotoSessionId,
    guests::GuestError,
    http::{extract::PathId, holder::Holder, language, pages, problem::Problem, shared::time},
    photo_sessions::SessionError,
};

/// Show the photos one after the other, new ones as they come
///
/// It shows what guests see, whoever opens it. A browser gets an HTML error page instead of a problem.
#[utoipa::path(
    get,
    path = "/session/{session_id}/show",
    operation_id = "page_slideshow",
    tag = "pages",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn page(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language::of(&headers);
    let session = match app.guests.enter(id, &pass).await {
        Ok(visit) => visit.session,
        Err(GuestError::Session(SessionError::PinRequired)) => {
            let for_script = json!({ "id": id, "name": "", "error": { "code": "pin_required" } });
            return Ok(pages::slideshow("Pixora", &for_script, language));
        }
        Err(error) => return Err(error.into()),
    };
    let for_script = json!({
        "id": id,
        "name": session.name,
        "facepass_enabled": session.facepass_enabled(),
        "reveals_at": session.terms.reveals_at.map(time),
        "error": null,
    });
    Ok(pages::slideshow(&format!("{} · Pixora", session.name), &for_script, language))
}
