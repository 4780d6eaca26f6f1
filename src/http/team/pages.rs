//! The pages of the team and of an invitation. They are empty frames: scripts fill them through the API.

use axum::{http::HeaderMap, response::Response};

use crate::http::{language, pages};

/// Show the studio's team
#[utoipa::path(get, path = "/dashboard/settings/team", operation_id = "page_team", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn team(headers: HeaderMap) -> Response {
    pages::dashboard("team", language::of(&headers))
}

/// Accept an invitation
///
/// The link's token stands in the fragment, which browsers keep to themselves.
#[utoipa::path(get, path = "/join", operation_id = "page_join", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn join(headers: HeaderMap) -> Response {
    pages::account("join", language::of(&headers))
}
