//! `/api/v1/sessions/{session_id}/consents`: a guest's yes to face matching, and its withdrawal.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{ConsentId, PhotoSessionId},
    http::{
        client::Client,
        extract::{self, PathId, PathIds},
        holder::Holder,
        messages::Code,
        problem::Problem,
        words,
    },
};

#[derive(Deserialize, ToSchema)]
pub struct GivenConsent {
    /// The version of the text that the guest agreed to.
    #[schema(example = "2026-11", max_length = 32)]
    version: String,
    /// The language in which the guest read the text.
    #[schema(value_type = words::Language)]
    language: String,
}

#[derive(Serialize, ToSchema)]
pub struct RecordedConsent {
    consent_id: Uuid,
}

/// Record a guest's consent to face matching
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/consents",
    operation_id = "give_consent",
    tag = "search",
    params(("session_id" = Uuid, Path)),
    request_body = GivenConsent,
    responses((status = 201, body = RecordedConsent))
)]
pub async fn create(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Client(client): Client,
    Holder(pass): Holder,
    extract::Json(given): extract::Json<GivenConsent>,
) -> Result<(StatusCode, Json<RecordedConsent>), Problem> {
    app.guests.admit_consent(id, &pass, client.ip).await?;
    let consent = ConsentId::generate();
    let language = given.language.parse().map_err(|_| Code::InvalidConsent)?;
    app.guests.agree(consent, id, &pass, given.version, language, app.now()).await?;
    Ok((StatusCode::CREATED, Json(RecordedConsent { consent_id: consent.0 })))
}

/// Withdraw a consent and erase the searches made under it
///
/// Works also after the session was closed.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/consents/{consent_id}",
    operation_id = "withdraw_consent",
    tag = "search",
    params(("session_id" = Uuid, Path), ("consent_id" = Uuid, Path)),
    responses((status = 204, description = "Erased"))
)]
pub async fn withdraw(
    State(app): State<AppState>,
    PathIds(id, consent_id): PathIds<PhotoSessionId, ConsentId>,
) -> Result<StatusCode, Problem> {
    app.guests.withdraw(id, consent_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
