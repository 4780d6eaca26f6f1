//! `/api/v1/sessions/{session_id}/consents`: a guest's yes to face matching, and its withdrawal.

use axum::{Json, extract::State, http::StatusCode};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{ConsentId, PhotoSessionId},
    http::{
        extract::{self, PathId, PathIds},
        messages::Code,
        problem::Problem,
    },
    store::Consent,
};

#[derive(Deserialize, ToSchema)]
pub struct GivenConsent {
    /// Of the text that the guest agreed to.
    #[schema(example = "2026-11", max_length = 32)]
    version: String,
    /// That the text was read in.
    #[schema(pattern = "^(ru|en)$")]
    language: String,
}

impl GivenConsent {
    fn is_sound(&self) -> bool {
        let plain = self.version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
        plain && (1..=32).contains(&self.version.len()) && matches!(self.language.as_str(), "ru" | "en")
    }
}

#[derive(Serialize, ToSchema)]
pub struct RecordedConsent {
    consent_id: Uuid,
}

/// Record a guest's consent to face matching
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/consents",
    tag = "search",
    params(("session_id" = Uuid, Path)),
    request_body = GivenConsent,
    responses((status = 201, body = RecordedConsent))
)]
pub async fn create(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    extract::Json(given): extract::Json<GivenConsent>,
) -> Result<(StatusCode, Json<RecordedConsent>), Problem> {
    if !given.is_sound() {
        return Err(Code::InvalidConsent.into());
    }
    app.sessions.open(id).await?;
    let consent = Consent {
        id: ConsentId::generate(),
        photo_session_id: id,
        version: given.version,
        language: given.language,
        created_at: Utc::now(),
    };
    app.store.guests().record_consent(&consent).await?;
    Ok((StatusCode::CREATED, Json(RecordedConsent { consent_id: consent.id.0 })))
}

/// Withdraw a consent and erase what hangs on it
///
/// Works also after the session was closed.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/consents/{consent_id}",
    tag = "search",
    params(("session_id" = Uuid, Path), ("consent_id" = Uuid, Path)),
    responses((status = 204, description = "Erased"))
)]
pub async fn withdraw(
    State(app): State<AppState>,
    PathIds(id, consent_id): PathIds<PhotoSessionId, ConsentId>,
) -> Result<StatusCode, Problem> {
    let consent = app.store.guests().consent(consent_id).await?;
    consent.filter(|consent| consent.photo_session_id == id).ok_or(Code::ConsentNotFound)?;
    app.store.guests().withdraw_consent(consent_id).await?;
    app.live.forget(consent_id);
    Ok(StatusCode::NO_CONTENT)
}
