//! `POST /api/photo-sessions/{session_id}/photos`: several whole files in one form, for scripts.

use axum::{
    Json,
    extract::{
        Multipart, State,
        multipart::{Field, MultipartRejection},
    },
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{protocol, session};
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        words::Binary,
    },
    photos::{About, UploadResult, plain_filename},
};

/// Of a field that is no photo.
const TEXT_BYTES: usize = 1 << 10;

/// The form, for the documentation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field, see `send`")]
pub struct PhotosForm {
    /// Pictures, RAW files and sidecars (`.xmp`), at most 100 MB each.
    #[schema(value_type = Vec<Binary>, min_items = 1)]
    photo: Vec<Vec<u8>>,
    /// For whom every photo in the form was taken, in the studio's own words.
    #[schema(max_length = 200)]
    guest_id: Option<String>,
    /// Whether guests see the photos of the form; `true` by default.
    is_selected: Option<bool>,
    /// `name`: each photo behind this field takes the place of the session's photo of its name, and keeps that one's
    /// id, address and orders. One of another second or camera stays beside it.
    #[schema(pattern = "^(name)?$")]
    replace: Option<String>,
}

/// The outcome of a file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Stored,
    /// Its bytes were there before.
    Duplicate,
    /// No picture: what it says of one has been read.
    Sidecar,
    Rejected,
}

#[derive(Serialize, ToSchema)]
pub struct SentPhoto {
    filename: String,
    result: Outcome,
    /// The photo; for a duplicate, the photo that was there first.
    photo_id: Option<Uuid>,
    /// Why it was rejected.
    code: Option<String>,
}

impl SentPhoto {
    fn new(filename: String, result: UploadResult) -> Self {
        let (result, photo, code) = match result {
            UploadResult::Stored(photo) => (Outcome::Stored, Some(photo), None),
            UploadResult::Duplicate(photo) => (Outcome::Duplicate, Some(photo), None),
            UploadResult::Sidecar => (Outcome::Sidecar, None, None),
            UploadResult::Rejected(code) => (Outcome::Rejected, None, Some(code)),
        };
        Self { filename, result, photo_id: photo.map(|photo| photo.0), code }
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
    operation_id = "upload_photos",
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
    let (mut about, mut stored, mut results) = (About::default(), Vec::new(), Vec::new());
    while let Some(field) = multipart.next_field().await? {
        match extract::snake_case(field.name().unwrap_or_default()).as_str() {
            "photo" => {
                let filename =
                    field.file_name().and_then(plain_filename).unwrap_or_else(|| "photo".to_owned());
                let result = app.uploads.take(id, filename.clone(), about.clone(), field).await?;
                stored.extend(match &result {
                    UploadResult::Stored(photo) => Some(*photo),
                    UploadResult::Duplicate(_) | UploadResult::Sidecar | UploadResult::Rejected(_) => None,
                });
                results.push(SentPhoto::new(filename, result));
            }
            // A field may stand behind the photos that it is about.
            "guest_id" => {
                about.guest_id =
                    protocol::guest_id(text(field).await?).ok_or_else(|| malformed("guest_id"))?;
                app.gallery.set_guest(id, &stored, about.guest_id.as_deref()).await?;
            }
            "is_selected" => {
                about.begins_selected =
                    protocol::is_selected(&text(field).await?).ok_or_else(|| malformed("is_selected"))?;
                app.gallery.select(id, &stored, about.begins_selected).await?;
            }
            "replace" => {
                about.replaces =
                    protocol::replaces(&text(field).await?).ok_or_else(|| malformed("replace"))?;
            }
            other => return Err(extract::unknown_field(other)),
        }
    }
    if results.is_empty() { Err(Code::MissingPhoto.into()) } else { Ok(Json(SentPhotos { results })) }
}

fn malformed(field: &str) -> Problem {
    Problem::new(Code::MalformedBody).with("field", field)
}

async fn text(mut field: Field<'_>) -> Result<String, Problem> {
    let mut text = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        if text.len() + chunk.len() > TEXT_BYTES {
            return Err(Code::MalformedBody.into());
        }
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).map_err(|_| Code::MalformedBody.into())
}
