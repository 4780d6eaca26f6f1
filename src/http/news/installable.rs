//! What makes the guest's page a thing that a phone can install, and that can be notified while it is closed.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{assets, extract::PathId, holder::Holder, messages::Code, problem::Problem},
};

/// The web app manifest of a session's page
///
/// Of a gallery that is not open to its reader it says nothing.
#[utoipa::path(
    get,
    path = "/session/{session_id}/manifest.webmanifest",
    operation_id = "page_manifest",
    tag = "pages",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, content_type = "application/manifest+json", body = Object))
)]
pub async fn manifest(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Response, Problem> {
    let name = match app.guests.open(id, &pass).await {
        Ok(session) => session.name.clone(),
        Err(error) => {
            tracing::debug!(%error, "the manifest has no name");
            "Pixora".to_owned()
        }
    };
    let page = format!("/session/{id}");
    let icon = |size: u32, purpose: &str| {
        json!({
            "src": format!("{}/icons/{size}.png", assets::base_path()),
            "sizes": format!("{size}x{size}"),
            "type": "image/png",
            "purpose": purpose,
        })
    };
    let manifest = json!({
        "id": page,
        "name": name,
        "short_name": name,
        "start_url": page,
        "scope": page,
        "display": "standalone",
        "background_color": "#faf8f5",
        "theme_color": "#faf8f5",
        "icons": [icon(192, "any"), icon(512, "any"), icon(512, "maskable")],
    });
    let kind = HeaderValue::from_static("application/manifest+json");
    Ok(([(header::CONTENT_TYPE, kind)], Json(manifest)).into_response())
}

/// The worker of guests' pages, which shows notifications
///
/// It lies at the root because a worker serves no page above itself.
#[utoipa::path(
    get,
    path = "/news-worker.js",
    operation_id = "get_news_worker",
    tag = "pages",
    responses((status = 200, content_type = "text/javascript", body = String))
)]
pub async fn worker() -> Result<Response, Problem> {
    let script = assets::template("js/news/worker.js").ok_or(Code::NotFound)?;
    let headers = [(header::CONTENT_TYPE, "text/javascript"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, script).into_response())
}
