//! What leaves the house: archives, and the watermark over what has not been sold.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::{messages::Code, problem::Problem};
use crate::{
    app::{AppState, BlobError},
    galleries::ArchiveError,
};

mod archives;
mod watermark;

pub(super) use archives::{Signed, answer};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(archives::begin).layer(DefaultBodyLimit::max(archives::BODY_BYTES)))
        .routes(routes!(archives::fetch))
        .routes(
            routes!(watermark::show, watermark::change).layer(DefaultBodyLimit::max(watermark::BODY_BYTES)),
        )
        .routes(routes!(watermark::preview))
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::NoPhotos => Code::PhotoNotFound.into(),
            ArchiveError::TooManyPhotos => Code::ArchiveTooLarge.into(),
            ArchiveError::BadLink => Code::LinkInvalid.into(),
            ArchiveError::Changed => Code::ArchiveChanged.into(),
            ArchiveError::Preparing { done, photos } => {
                Self::new(Code::ArchivePreparing).with("prepared", done).with("photos", photos)
            }
            ArchiveError::Mark(error) => error.into(),
            ArchiveError::Blob(error) => error.into(),
            ArchiveError::Store(error) => error.into(),
        }
    }
}

impl From<MarkError> for Problem {
    fn from(error: MarkError) -> Self {
        (&error).into()
    }
}

impl From<Arc<MarkError>> for Problem {
    fn from(error: Arc<MarkError>) -> Self {
        (&*error).into()
    }
}

impl From<&MarkError> for Problem {
    fn from(error: &MarkError) -> Self {
        match error {
            MarkError::NotFound => Code::PhotoNotFound.into(),
            MarkError::Empty(_) => Code::InvalidWatermark.into(),
            MarkError::QueueFull { retry_after } => Self::new(Code::PicturesBusy).retry_after(*retry_after),
            MarkError::TimedOut => Code::TimedOut.into(),
            MarkError::Blob(BlobError::Unavailable(_)) => Self::new(Code::StorageUnavailable).because(error),
            MarkError::Drawing(_) | MarkError::Blob(_) | MarkError::Store(_) => Self::failed(error),
        }
    }
}
