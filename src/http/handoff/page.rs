//! `/handoff/{handoff_id}`: the page that a phone opens.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use crate::{
    app::AppState,
    domain::HandoffId,
    handoff::HandoffError,
    http::{extract::PathId, language::Language, pages, problem::Problem},
};

/// The phone's page of a hand-off
///
/// The frame is the same for one that is over (410) or not there (404); its script says so in words.
#[utoipa::path(
    get,
    path = "/handoff/{handoff_id}",
    operation_id = "page_handoff",
    tag = "pages",
    params(("handoff_id" = Uuid, Path)),
    responses(
        (status = 200, body = String, content_type = "text/html"),
        (status = 404, body = String, content_type = "text/html", description = "There is no such hand-off"),
        (status = 410, body = String, content_type = "text/html", description = "Its time is over")
    )
)]
pub async fn phone(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let status = match app.handoff.get(id).await {
        Ok(_) => StatusCode::OK,
        Err(HandoffError::Expired) => StatusCode::GONE,
        Err(HandoffError::NotFound) => StatusCode::NOT_FOUND,
        Err(error) => return Err(error.into()),
    };
    let mut page = pages::plain("handoff.html", Language::of(&headers));
    *page.status_mut() = status;
    Ok(page)
}
