//! `/session/{session_id}/show`: the photos of a session one after the other, for a screen in the hall.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde_json::json;

use super::{brand_of, in_brand};
use crate::{
    app::{App, AppState},
    domain::{Language, PhotoSessionId, TimeZone},
    guests::{GuestError, Pass},
    http::{extract::PathId, holder::Holder, language, pages::SessionPage, problem::Problem, shared::time},
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
) -> Response {
    match shown(&app, id, &pass, language::of(&headers)).await {
        Ok(page) => page,
        Err(problem) => in_brand(&app, id, problem).await,
    }
}

async fn shown(app: &App, id: PhotoSessionId, pass: &Pass, language: Language) -> Result<Response, Problem> {
    let visit = app.guests.enter(id, pass).await;
    let brand = brand_of(app, id).await?;
    let mut page = SessionPage { brand: brand.as_ref(), ..SessionPage::default() };
    let session = match visit {
        Ok(visit) => visit.session,
        Err(GuestError::Session(SessionError::PinRequired)) => {
            page.session = json!({ "id": id, "name": "", "error": { "code": "pin_required" } });
            return page.slideshow(language).map_err(Problem::internal);
        }
        Err(error) => return Err(error.into()),
    };
    page.name = &session.name;
    page.session = json!({
        "id": id,
        "name": session.name,
        "facepass_enabled": session.facepass_enabled(),
        "time_zone": app.settings.zone(session.time_zone).map(TimeZone::name),
        "reveals_at": session.terms.reveals_at.map(time),
        "error": null,
    });
    page.slideshow(language).map_err(Problem::internal)
}
