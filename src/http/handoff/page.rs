//! `/handoff/{handoff_id}`: the page that a phone opens.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{
    app::AppState,
    domain::HandoffId,
    handoff::HandoffError,
    http::{
        extract::PathId,
        language::{self, prefers_html},
        openapi::Problem as ProblemDocument,
        pages,
        problem::Problem,
    },
};

/// The phone's page of a hand-off
///
/// If the hand-off is over (410) or does not exist (404), a browser gets the same page, whose script says so;
/// other clients get the problem document.
#[utoipa::path(
    get,
    path = "/handoff/{handoff_id}",
    operation_id = "page_handoff",
    tag = "pages",
    params(("handoff_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (
            status = 404,
            description = "There is no such hand-off",
            content((String = "text/html"), (ProblemDocument = "application/problem+json"))
        ),
        (
            status = 410,
            description = "Its time is over",
            content((String = "text/html"), (ProblemDocument = "application/problem+json"))
        )
    )
)]
pub async fn phone(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let status = match app.handoff.get(id).await {
        Ok(_) => StatusCode::OK,
        Err(HandoffError::Expired) if prefers_html(&headers) => StatusCode::GONE,
        Err(HandoffError::NotFound) if prefers_html(&headers) => StatusCode::NOT_FOUND,
        Err(error) => return Err(error.into()),
    };
    let mut page = pages::plain("handoff.html", language::of(&headers));
    *page.status_mut() = status;
    page.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
    Ok(page)
}
