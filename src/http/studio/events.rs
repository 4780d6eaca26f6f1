//! `/api/photo-sessions/{session_id}/events`: the events that guests receive, and every photo.

use axum::{extract::State, response::Response};

use super::managed;
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    events::OnBehalfOf,
    http::{extract::PathId, guard::Caller, problem::Problem, sessions::events::stream_of},
    live::Audience,
};

/// Watch a session as its manager: `photo`, `counts`, `session`
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/events",
    operation_id = "watch_photo_session",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream"))
)]
pub async fn manager(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Response, Problem> {
    managed(&app, &caller, id).await?;
    let (accounts, watcher) = (app.accounts.clone(), OnBehalfOf::Account(caller.user));
    stream_of(&app, id, Audience::Manager, watcher, async move { accounts.signed_out(&caller).await })
}
