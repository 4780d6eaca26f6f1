//! Many photos that lie in the session's library.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::photo::external_id;
use crate::{
    app::{AppState, BatchItem, FaceBatch, NewBatchItem},
    domain::{FaceBatchId, PhotoSessionId},
    http::{
        extract::{self, PathId, PathIds},
        guard::Caller,
        problem::Problem,
        shared::time,
        studio::managed,
    },
};

/// A photo of a batch.
#[derive(Deserialize, ToSchema)]
pub struct BatchPhoto {
    #[serde(alias = "externalId")]
    external_id: String,
    /// Below the library's place, with `/` between folders.
    #[serde(alias = "libraryKey")]
    library_key: String,
    /// The picture becomes a photo of the gallery too.
    #[serde(default)]
    keep: bool,
}

#[derive(Deserialize, ToSchema)]
pub struct NewBatch {
    #[schema(min_items = 1, max_items = 500)]
    photos: Vec<BatchPhoto>,
}

/// A photo of a batch that failed.
#[derive(Serialize, ToSchema)]
pub struct FailedPhoto {
    external_id: String,
    library_key: String,
    code: String,
}

/// How far a batch has come
#[derive(Serialize, ToSchema)]
pub struct BatchJson {
    batch_id: Uuid,
    created_at: String,
    /// `null` while photos wait.
    ended_at: Option<String>,
    total: u64,
    waiting: u64,
    done: u64,
    failed: u64,
    failures: Vec<FailedPhoto>,
}

impl BatchJson {
    pub(super) fn new(batch: FaceBatch, failures: Vec<BatchItem>) -> Self {
        let failures = failures.into_iter().map(|item| FailedPhoto {
            external_id: item.new.external.to_string(),
            library_key: item.new.key,
            code: item.code.unwrap_or_default(),
        });
        let FaceBatch { id, created_at, ended_at, waiting, done, failed, .. } = batch;
        Self {
            batch_id: id.0,
            created_at: time(created_at),
            ended_at: ended_at.map(time),
            total: waiting + done + failed,
            waiting,
            done,
            failed,
            failures: failures.collect(),
        }
    }
}

/// Make up to 500 photos of the session's library findable
///
/// They are looked at in their order, and the batch says how far that has come.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/photos:batch",
    operation_id = "create_photo_batch",
    tag = "faces",
    params(("session_id" = Uuid, Path)),
    request_body = NewBatch,
    responses((status = 202, body = BatchJson))
)]
pub async fn create(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(session): PathId<PhotoSessionId>,
    batch: Result<extract::Json<NewBatch>, Problem>,
) -> Result<(StatusCode, Json<BatchJson>), Problem> {
    managed(&app, &caller, session).await?;
    let extract::Json(NewBatch { photos }) = batch?;
    let items = photos.into_iter().map(|BatchPhoto { external_id: id, library_key: key, keep }| {
        Ok(NewBatchItem { external: external_id(&id)?, key, is_kept: keep })
    });
    let items = items.collect::<Result<Vec<_>, Problem>>()?;
    let batch = app.external.queue(session, &items).await?;
    Ok((StatusCode::ACCEPTED, Json(BatchJson::new(batch, Vec::new()))))
}

/// Follow a batch
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/photo-batches/{batch_id}",
    operation_id = "get_photo_batch",
    tag = "faces",
    params(("session_id" = Uuid, Path), ("batch_id" = Uuid, Path)),
    responses((status = 200, body = BatchJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(session, id): PathIds<PhotoSessionId, FaceBatchId>,
) -> Result<Json<BatchJson>, Problem> {
    managed(&app, &caller, session).await?;
    let (batch, failures) = app.external.batch(session, id).await?;
    Ok(Json(BatchJson::new(batch, failures)))
}
