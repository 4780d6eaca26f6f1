//! `GET /api/consents/{code}`: a guest's own record.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::list::ConsentJson;
use crate::{
    app::AppState,
    consents::Kept,
    http::{client::Client, messages::Code, problem::Problem, shared::time},
};

#[derive(Serialize, ToSchema)]
pub struct RecordedYes {
    #[serde(flatten)]
    consent: ConsentJson,
    /// What the guest read; `null` where another program than Pixora's showed it.
    text: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct GuestRecord {
    session_id: Uuid,
    #[schema(format = DateTime)]
    exported_at: String,
    /// The oldest first.
    consents: Vec<RecordedYes>,
}

/// All that a guest has agreed to in a session
///
/// By the code that the guest was given with a consent. Nothing else is known of a guest: no name, no selfie.
#[utoipa::path(
    get,
    path = "/api/consents/{code}",
    operation_id = "get_consent_record",
    tag = "search",
    params(("code" = String, Path, description = "What the guest keeps")),
    responses((status = 200, body = GuestRecord))
)]
pub async fn show(
    State(app): State<AppState>,
    Client(client): Client,
    code: Result<Path<String>, PathRejection>,
) -> Result<Json<GuestRecord>, Problem> {
    let Path(code) = code.map_err(|_| Code::RecordNotFound)?;
    let kept = app.consents.record_of(&code, client.ip, app.now()).await?;
    let session_id = kept.first().map_or(Uuid::nil(), |kept| kept.consent.photo_session_id.0);
    let json = |Kept { consent, text }: Kept| RecordedYes { consent: consent.into(), text };
    let consents = kept.into_iter().map(json).collect();
    Ok(Json(GuestRecord { session_id, exported_at: time(app.now()), consents }))
}
