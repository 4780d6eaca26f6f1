//! `/api/embedding-models`: how far another embedding model has come in taking over.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::AppState, http::problem::Problem, photos::Takeover};

#[derive(Serialize, ToSchema)]
pub struct TakeoverJson {
    /// The model that looks at every photo now; absent when none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Ready photos, and how many of them it has not looked at yet.
    photos: u64,
    left: u64,
    /// The model that was in use before, whose vectors are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// When they are erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_until: Option<DateTime<Utc>>,
}

/// Get the progress of a change of the embedding model
#[utoipa::path(
    get,
    path = "/api/embedding-models",
    operation_id = "get_embedding_models",
    tag = "studio",
    responses((status = 200, body = TakeoverJson))
)]
pub async fn show(State(app): State<AppState>) -> Result<Json<TakeoverJson>, Problem> {
    let Takeover { next, photos, left, before } = app.gallery.takeover().await?;
    let (before, kept_until) = before.unzip();
    Ok(Json(TakeoverJson { next, photos, left, before, kept_until }))
}
