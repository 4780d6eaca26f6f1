//! `…/gallery/{photo_id}/reports`: a guest says that a photo of another guest should not be here.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    domain::{PhotoId, PhotoSessionId},
    guests::{Device, NewReport},
    http::{
        client::Client,
        cookies,
        extract::{self, PathIds},
        holder::Holder,
        problem::Problem,
    },
};

#[derive(Deserialize, ToSchema)]
pub struct PhotoReportJson {
    /// What is wrong with it, for the studio; up to 300 characters.
    #[serde(default)]
    #[schema(max_length = 300)]
    note: String,
}

/// Report a photo that a guest has sent
///
/// The studio is told. A photo that it has not looked at is hidden when three devices have reported it; it then decides.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/gallery/{photo_id}/reports",
    operation_id = "report_guest_photo",
    tag = "photos",
    params(("session_id" = Uuid, Path), ("photo_id" = Uuid, Path)),
    request_body = PhotoReportJson,
    responses((status = 204, description = "The first one of a device sets the cookie by which it is known"))
)]
pub async fn create(
    State(app): State<AppState>,
    PathIds(session, photo): PathIds<PhotoSessionId, PhotoId>,
    Holder(pass): Holder,
    Client(client): Client,
    headers: HeaderMap,
    extract::Json(PhotoReportJson { note }): extract::Json<PhotoReportJson>,
) -> Result<Response, Problem> {
    let token = cookies::guest_sender(&headers);
    let device = Device { token: token.as_deref(), name: None };
    let new = NewReport { photo, device, note: &note, address: client.ip };
    let reported = app.guests.report(session, &pass, new).await?;
    app.gallery.reported(session, photo, reported.is_hidden_now).await?;
    let cookie = reported.token.map(|token| cookies::set_guest_sender(session, token, cookies::secure(&app)));
    Ok((StatusCode::NO_CONTENT, cookie.unwrap_or_default()).into_response())
}
