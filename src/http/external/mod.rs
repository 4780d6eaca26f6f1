//! `/api/v1/sessions/{session_id}/photos/{external_id}` and around it: face search for programs that keep their photos
//! themselves.

use axum::extract::DefaultBodyLimit;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};
use uuid::Uuid;

use super::{messages::Code, problem::Problem, sessions::search::BoxJson, words::PhotoState};
use crate::{
    app::{AppState, ComputeError},
    domain::FaceRow,
    photos::{ExternalError, FindError, MAX_BYTES, Sent},
};

mod batch;
mod photo;
mod status;

/// Of a picture and the form around it.
const PICTURE_BYTES: usize = MAX_BYTES as usize + (64 << 10);
/// Of a batch: 500 photos with the longest ids and keys, every letter escaped.
const BATCH_BYTES: usize = 8 << 20;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(photo::put, photo::remove).layer(DefaultBodyLimit::max(PICTURE_BYTES)))
        .routes(routes!(photo::put_ids, photo::remove_ids).layer(DefaultBodyLimit::max(PICTURE_BYTES)))
        .routes(routes!(photo::remove_all))
        .routes(routes!(batch::create).layer(DefaultBodyLimit::max(BATCH_BYTES)))
        .routes(routes!(batch::show))
        .routes(routes!(status::show))
}

/// A face that was found.
#[derive(Serialize, ToSchema)]
pub struct FoundFace {
    r#box: BoxJson,
    /// 0..1
    quality: f32,
}

impl From<FaceRow> for FoundFace {
    fn from(face: FaceRow) -> Self {
        Self { r#box: face.rect.into(), quality: face.quality }
    }
}

/// A photo of another program
#[derive(Serialize, ToSchema)]
pub struct ExternalPhotoJson {
    external_id: String,
    photo_id: Uuid,
    /// `indexed`: it is found, and its picture was not kept. `queued`: it is kept and waits for the pipeline.
    #[schema(value_type = PhotoState)]
    state: PhotoState,
    /// Why a kept photo was rejected.
    code: Option<String>,
    /// The width of the upright picture, in pixels.
    width: u32,
    height: u32,
    /// `null` while the photo waits.
    faces: Option<Vec<FoundFace>>,
}

impl ExternalPhotoJson {
    fn new(external_id: String, Sent { photo, faces }: Sent) -> Self {
        let is_waiting = photo.is_waiting();
        Self {
            external_id,
            photo_id: photo.id.0,
            state: photo.state.into(),
            code: photo.reject_code,
            width: photo.width,
            height: photo.height,
            faces: (!is_waiting).then(|| faces.into_iter().map(FoundFace::from).collect()),
        }
    }
}

impl From<ExternalError> for Problem {
    fn from(error: ExternalError) -> Self {
        match error {
            ExternalError::NotFound => Code::PhotoNotFound.into(),
            ExternalError::BatchNotFound => Code::BatchNotFound.into(),
            ExternalError::BatchSize => Code::InvalidBatch.into(),
            ExternalError::TooManyBatches => Code::TooManyBatches.into(),
            ExternalError::Interrupted => Code::IndexingInterrupted.into(),
            ExternalError::TooLarge => Code::UploadTooLarge.into(),
            ExternalError::Picture(error) => {
                let problem = Self::new(Code::PhotoRejected).with("reason", error.code());
                match error.readable() {
                    Some(readable) => problem.with("readable", readable),
                    None => problem,
                }
            }
            ExternalError::Library(error) => error.into(),
            ExternalError::Find(FindError::Compute(ComputeError::Full { retry_after })) => {
                Self::new(Code::QueueFull).retry_after(retry_after)
            }
            ExternalError::Find(FindError::Compute(ComputeError::TimedOut)) => Code::TimedOut.into(),
            ExternalError::Receive(crate::photos::ReceiveError::Blob(error)) => error.into(),
            ExternalError::Receive(crate::photos::ReceiveError::Store(error)) => error.into(),
            ExternalError::Erase(error) => error.into(),
            ExternalError::Store(error) => error.into(),
            other @ (ExternalError::Find(_) | ExternalError::Receive(_)) => Self::failed(&other),
        }
    }
}
