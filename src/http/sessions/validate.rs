//! `GET /api/v1/sessions/validate/{session_id}` and `POST /api/v1/sessions/validate`.

use axum::{Json, extract::State};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{PhotoSession, PhotoSessionId},
    http::{extract, messages::Code, problem::Problem, shared::time},
    photo_sessions::{SessionError, Validation},
};

const MOST: usize = 100;
/// Sessions of one batch that are asked for at the same time: one batch must not take every connection.
const ASKED_AT_ONCE: usize = 4;

#[derive(Serialize, ToSchema)]
pub struct ValidatedSession {
    id: Uuid,
    name: String,
    studio_id: Uuid,
    facepass_enabled: bool,
    photographer_id: Option<Uuid>,
    status: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<&PhotoSession> for ValidatedSession {
    fn from(session: &PhotoSession) -> Self {
        Self {
            id: session.id.0,
            // Nothing is said of a gallery that opens with a PIN.
            name: if session.terms.pin.is_some() { String::new() } else { session.name.clone() },
            studio_id: session.studio_id.0,
            facepass_enabled: session.facepass_enabled(),
            photographer_id: session.photographer_id,
            status: session.status.to_string(),
            created_at: time(session.created_at),
            updated_at: time(session.updated_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ValidationAnswer {
    valid: bool,
    session: Option<ValidatedSession>,
    /// `Session not found` or `FacePass is not enabled`; in English for every client, because clients compare it.
    error: Option<&'static str>,
}

impl From<Validation> for ValidationAnswer {
    fn from(validation: Validation) -> Self {
        let refused = |error| Self { valid: false, session: None, error: Some(error) };
        match validation {
            Validation::Valid(session) => {
                Self { valid: true, session: Some((&*session).into()), error: None }
            }
            Validation::NotFound => refused("Session not found"),
            Validation::FacePassDisabled => refused("FacePass is not enabled"),
        }
    }
}

/// Validate a session
///
/// Always 200 for a well-formed id. Answers are up to 30 seconds old.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/validate/{session_id}",
    operation_id = "validate_session",
    tag = "sessions",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = ValidationAnswer))
)]
pub async fn one(
    State(app): State<AppState>,
    extract::PathId(id): extract::PathId<PhotoSessionId>,
) -> Result<Json<ValidationAnswer>, Problem> {
    let validation = app.sessions.validate(id).await.map_err(SessionError::from)?;
    Ok(Json(validation.into()))
}

#[derive(Deserialize, ToSchema)]
pub struct SessionBatch {
    /// Up to 100; a repeated id is answered as often as it was asked.
    #[serde(alias = "sessionIds")]
    #[schema(max_items = 100, value_type = Vec<Uuid>)]
    session_ids: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct BatchItem {
    session_id: Uuid,
    #[serde(flatten)]
    answer: ValidationAnswer,
}

#[derive(Serialize, ToSchema)]
pub struct BatchAnswer {
    /// The results in the order of the request.
    results: Vec<BatchItem>,
}

/// Validate up to 100 sessions
#[utoipa::path(
    post,
    path = "/api/v1/sessions/validate",
    operation_id = "validate_sessions",
    tag = "sessions",
    request_body = SessionBatch,
    responses((status = 200, body = BatchAnswer))
)]
pub async fn many(
    State(app): State<AppState>,
    extract::Json(batch): extract::Json<SessionBatch>,
) -> Result<Json<BatchAnswer>, Problem> {
    if batch.session_ids.len() > MOST {
        return Err(Code::TooManyIds.into());
    }
    let ids: Vec<PhotoSessionId> = extract::ids(&batch.session_ids)?;
    let validate = async |id: PhotoSessionId| {
        let validation = app.sessions.validate(id).await.map_err(SessionError::from)?;
        Ok::<_, Problem>(BatchItem { session_id: id.0, answer: validation.into() })
    };
    let results = stream::iter(ids).map(validate).buffered(ASKED_AT_ONCE).try_collect().await?;
    Ok(Json(BatchAnswer { results }))
}
