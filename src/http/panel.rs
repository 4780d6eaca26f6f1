//! The studio's pages. They are empty frames: scripts fill them through the API.

use axum::{http::HeaderMap, response::Response};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{language::Language, pages};
use crate::app::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(photo_sessions))
        .routes(routes!(photo_session))
        .routes(routes!(webhooks))
        .routes(routes!(studio))
        .routes(routes!(tickets))
        .routes(routes!(new_ticket))
        .routes(routes!(ticket))
}

/// The photo sessions that one may manage
#[utoipa::path(get, path = "/dashboard/photo-sessions", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn photo_sessions(headers: HeaderMap) -> Response {
    pages::dashboard("photo_sessions", Language::of(&headers))
}

/// One photo session: its QR code, upload, photos and analytics
#[utoipa::path(
    get,
    path = "/dashboard/photo-sessions/{session_id}",
    tag = "pages",
    params(("session_id" = String, Path, description = "Read by the page's script, not here")),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn photo_session(headers: HeaderMap) -> Response {
    pages::dashboard("photo_session", Language::of(&headers))
}

/// Webhooks and their delivery log
#[utoipa::path(get, path = "/dashboard/settings/webhooks", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn webhooks(headers: HeaderMap) -> Response {
    pages::dashboard("webhooks", Language::of(&headers))
}

/// How the studio looks on its cards
#[utoipa::path(get, path = "/dashboard/settings/studio", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn studio(headers: HeaderMap) -> Response {
    pages::dashboard("studio", Language::of(&headers))
}

/// Tickets: one's own, or the desk's
#[utoipa::path(get, path = "/dashboard/tickets", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn tickets(headers: HeaderMap) -> Response {
    pages::dashboard("tickets", Language::of(&headers))
}

/// A new ticket
#[utoipa::path(get, path = "/dashboard/tickets/new", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn new_ticket(headers: HeaderMap) -> Response {
    pages::dashboard("new_ticket", Language::of(&headers))
}

/// One ticket: what was said and sent, and an answer
#[utoipa::path(
    get,
    path = "/dashboard/tickets/{ticket_id}",
    tag = "pages",
    params(("ticket_id" = String, Path, description = "Read by the page's script, not here")),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn ticket(headers: HeaderMap) -> Response {
    pages::dashboard("ticket", Language::of(&headers))
}
