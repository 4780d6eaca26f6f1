//! Photos on their way in: [tus 1.0](https://tus.io/protocols/resumable-upload) at `/api/uploads`, one form for
//! scripts, and the account of what has arrived.

use axum::{
    extract::DefaultBodyLimit,
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::from_fn,
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::{messages::Code, problem::Problem};
use crate::{
    accounts::Caller,
    app::{App, AppState},
    domain::{PhotoSession, PhotoSessionId},
    photos::{Progress, ReceiveError, UploadError, UploadResult},
};

mod create;
mod form;
mod ledger;
mod protocol;
mod rejections;
mod upload;

pub(super) use protocol::{
    GuestFile, announced_by_guest, name_version, part, speak as speak_tus, take_method,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    let tus = OpenApiRouter::new()
        .routes(routes!(create::capabilities))
        .routes(routes!(create::capabilities_of_one))
        .routes(routes!(create::create))
        .routes(routes!(upload::show))
        .routes(routes!(upload::append))
        .routes(routes!(upload::terminate))
        .layer(from_fn(protocol::speak));
    OpenApiRouter::new()
        .merge(tus)
        .routes(routes!(form::send).layer(DefaultBodyLimit::disable()))
        .routes(routes!(ledger::show).layer(DefaultBodyLimit::max(ledger::BODY_BYTES)))
        .routes(routes!(rejections::list))
        .routes(routes!(rejections::dismiss))
}

/// The session, if the caller may put photos into it; else there is none.
async fn session(
    app: &App,
    caller: &Caller,
    id: PhotoSessionId,
) -> Result<std::sync::Arc<PhotoSession>, Problem> {
    let session = app.sessions.get(id).await?;
    let may = app.accounts.may_upload(caller, &session).await?;
    if may { Ok(session) } else { Err(Code::SessionNotFound.into()) }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::NotFound => Code::UploadNotFound.into(),
            UploadError::TooLarge => Code::UploadTooLarge.into(),
            UploadError::Busy => Code::UploadLocked.into(),
            UploadError::OffsetMismatch(offset) => {
                Self::new(Code::UploadOffsetMismatch).with("upload_offset", offset)
            }
            UploadError::TooLong => Self::new(Code::MalformedUpload).with("field", "Content-Length"),
            UploadError::ChecksumMismatch => Code::ChecksumMismatch.into(),
            UploadError::Interrupted => Code::UploadInterrupted.into(),
            UploadError::Store(error) => error.into(),
            UploadError::Blob(error) | UploadError::Receive(ReceiveError::Blob(error)) => error.into(),
            UploadError::Receive(_) | UploadError::Task(_) => Self::failed(&error),
        }
    }
}

/// The headers of every answer about an upload: its offset, its expiry, its outcome.
pub(super) fn standing(progress: &Progress) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("upload-offset", progress.offset.to_string());
    match &progress.upload.result {
        None => set("upload-expires", progress.expires_at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        Some(result) => {
            set("pixora-result", result.name().to_owned());
            match result {
                UploadResult::Stored(photo) | UploadResult::Duplicate(photo) => {
                    set("pixora-photo-id", photo.to_string());
                }
                UploadResult::Sidecar => {}
                UploadResult::Rejected(code) => set("pixora-reject-code", code.clone()),
            }
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use std::io;

    use axum::{http::StatusCode, response::IntoResponse};

    use super::*;
    use crate::app::BlobError;

    #[test]
    fn a_full_disk_is_told_as_something_that_passes_and_any_other_failure_is_ours() {
        let status = |kind: io::ErrorKind| {
            let error = BlobError::Source(io::Error::from(kind));
            Problem::from(UploadError::Blob(error)).into_response().status()
        };
        assert_eq!(status(io::ErrorKind::StorageFull), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(io::ErrorKind::QuotaExceeded), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status(io::ErrorKind::PermissionDenied), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
