//! `POST /api/v1/sessions/{session_id}/pin`: a guest types in a gallery's PIN.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{
        client::Client,
        cookies,
        extract::{self, PathId},
        problem::Problem,
    },
};

#[derive(Deserialize, ToSchema)]
pub struct TypedPin {
    #[schema(max_length = 32)]
    pin: String,
}

/// Open a gallery with its PIN
///
/// The answer sets a cookie, which opens every address of the session for twelve hours, or until the PIN is changed.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/pin",
    operation_id = "unlock_session",
    tag = "sessions",
    params(("session_id" = Uuid, Path)),
    request_body = TypedPin,
    responses((status = 204, description = "Open"))
)]
pub async fn unlock(
    State(app): State<AppState>,
    Client(client): Client,
    PathId(id): PathId<PhotoSessionId>,
    extract::Json(typed): extract::Json<TypedPin>,
) -> Result<(StatusCode, HeaderMap), Problem> {
    let pass = app.guests.unlock(id, client.ip, &typed.pin).await?;
    Ok((StatusCode::NO_CONTENT, cookies::set_pass(id, pass, cookies::secure(&app))))
}
