//! `POST /api/photo-sessions/{session_id}/photos/marks`: stars, labels and rejections that the photographer gives.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{managed, photos::MOST_IN_BATCH};
use crate::{
    app::AppState,
    domain::{ColourLabel, PhotoId, PhotoSessionId},
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
    },
    photos::{Marked, Marks},
};

const LONGEST_LABEL: usize = 60;

#[derive(Deserialize, ToSchema)]
pub struct MarksJson {
    #[serde(alias = "photoIds")]
    #[schema(value_type = Vec<Uuid>, min_items = 1, max_items = 500)]
    photo_ids: Vec<String>,
    /// 1 to 5 stars, 0 for none, -1 for "rejected".
    #[schema(minimum = -1, maximum = 5)]
    rating: Option<i8>,
    /// `red`, `yellow`, `green`, `blue` or `purple`, or another text of an editor's, up to 60 characters; `null` takes it off.
    #[serde(default, deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>, max_length = 60)]
    label: Option<Option<String>>,
}

#[derive(Serialize, ToSchema)]
pub struct MarkedJson {
    /// How many of the given photos belong to the session.
    changed: u64,
    /// What they had before; sent back one by one, it undoes the change.
    before: Vec<BeforeJson>,
}

/// Photos that had the same stars and label.
#[derive(Serialize, ToSchema)]
pub struct BeforeJson {
    #[schema(value_type = Vec<Uuid>)]
    photo_ids: Vec<PhotoId>,
    /// 1 to 5 stars, 0 for none, -1 for "rejected".
    rating: i8,
    label: Option<String>,
}

impl From<Marked> for BeforeJson {
    fn from(Marked { photos, rating, label }: Marked) -> Self {
        Self { photo_ids: photos, rating, label }
    }
}

/// A label as it is written into files.
fn label_of(text: &str) -> Result<String, Code> {
    let text = text.trim();
    if let Some(colour) = text.parse().ok().or_else(|| ColourLabel::of(text)) {
        return Ok(ColourLabel::name(colour).to_owned());
    }
    let fits = (1..=LONGEST_LABEL).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Code::InvalidMarks) }
}

/// Give stars, a label or a rejection to photos of a session
///
/// What is given lies over what the photo's file says, also after it is processed again, until a sidecar that comes later
/// says something else. Guests see none of it.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/photos/marks",
    operation_id = "mark_photos",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = MarksJson,
    responses((status = 200, body = MarkedJson))
)]
pub async fn mark(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    marks: Result<extract::Json<MarksJson>, Problem>,
) -> Result<Json<MarkedJson>, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(MarksJson { photo_ids, rating, label }) = marks?;
    if photo_ids.len() > MOST_IN_BATCH {
        return Err(Code::TooManyPhotos.into());
    }
    if photo_ids.is_empty() || (rating.is_none() && label.is_none()) {
        return Err(Code::MalformedBody.into());
    }
    let photos: Vec<PhotoId> = extract::ids(&photo_ids)?;
    if rating.is_some_and(|stars| !(-1..=5).contains(&stars)) {
        return Err(Code::InvalidMarks.into());
    }
    let label = label.map(|label| label.as_deref().map(label_of).transpose()).transpose()?;
    let before = app.gallery.mark(id, &photos, Marks { rating, label }).await?;
    let changed = before.iter().map(|marked| marked.photos.len() as u64).sum();
    Ok(Json(MarkedJson { changed, before: before.into_iter().map(Into::into).collect() }))
}
