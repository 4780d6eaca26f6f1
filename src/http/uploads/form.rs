//! `POST /api/photo-sessions/{session_id}/photos`: several whole files in one form, for scripts.

use axum::{
    Json,
    extract::{Multipart, State, multipart::MultipartRejection},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::session;
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{extract::PathId, guard::Caller, messages::Code, problem::Problem},
    photos::{UploadResult, plain_filename},
};

/// The form, for the documentation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field, see `send`")]
pub struct PhotosForm {
    /// JPEG, PNG or WebP, at most 100 MB each.
    #[schema(value_type = Vec<String>, format = Binary, min_items = 1)]
    photo: Vec<Vec<u8>>,
}

#[derive(Serialize, ToSchema)]
pub struct SentPhoto {
    filename: String,
    /// `stored`, `duplicate` or `rejected`
    result: &'static str,
    /// Of a duplicate, the photo that was there first.
    photo_id: Option<Uuid>,
    /// Why it was rejected.
    code: Option<String>,
}

impl SentPhoto {
    fn new(filename: String, result: UploadResult) -> Self {
        let name = result.name();
        let (photo_id, code) = match result {
            UploadResult::Stored(photo) | UploadResult::Duplicate(photo) => (Some(photo.0), None),
            UploadResult::Rejected(code) => (None, Some(code)),
        };
        Self { filename, result: name, photo_id, code }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SentPhotos {
    /// In the order of the form. `stored` and `duplicate` are on the disk.
    results: Vec<SentPhoto>,
}

/// Send whole files
///
/// For scripts. A connection that breaks loses the file it was at; `/api/uploads` goes on where it was.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/photos",
    tag = "uploads",
    params(("session_id" = Uuid, Path)),
    request_body(content = PhotosForm, content_type = "multipart/form-data"),
    responses((status = 200, body = SentPhotos))
)]
pub async fn send(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Json<SentPhotos>, Problem> {
    session(&app, &caller, id).await?;
    let mut multipart = multipart?;
    let mut results = Vec::new();
    while let Some(field) = multipart.next_field().await? {
        if field.name() != Some("photo") {
            let name: String = field.name().unwrap_or_default().chars().take(64).collect();
            return Err(Problem::new(Code::UnknownField).with("field", name));
        }
        let filename = field.file_name().and_then(plain_filename).unwrap_or_else(|| "photo".to_owned());
        let result = app.uploads.take(id, filename.clone(), field).await?;
        results.push(SentPhoto::new(filename, result));
    }
    if results.is_empty() { Err(Code::MissingPhoto.into()) } else { Ok(Json(SentPhotos { results })) }
}
