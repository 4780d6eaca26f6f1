//! `GET /api/v1/sessions/{session_id}/photos`: the gallery, and how a photo looks in JSON.

use axum::{Json, extract::State};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{camera_time, picture_urls};
use crate::{
    app::AppState,
    domain::{Photo, PhotoSessionId},
    http::{
        extract::{Params, PathId},
        paging,
        problem::Problem,
    },
    marks::StudioMark,
    photos::GalleryCursor,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = u32, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

/// What the gallery and the matches of a search both show of a photo.
#[derive(Serialize, ToSchema)]
pub struct Picture {
    photo_id: Uuid,
    filename: String,
    /// Of the upright picture, in pixels.
    width: u32,
    height: u32,
    /// See <https://evanw.github.io/thumbhash/>; base64.
    thumbhash: Option<String>,
    /// The camera's clock, without a zone.
    taken_at: Option<String>,
    /// 320 pixels on the long side, like the others never enlarged. `?download=1` saves instead of showing.
    thumb_url: String,
    /// 1024 pixels on the long side.
    preview_url: String,
    /// 2048 pixels on the long side.
    full_url: String,
}

impl Picture {
    /// As guests see it while their studio has set a mark; without one, as those who manage the session do.
    pub(in crate::http) fn new(photo: &Photo, mark: Option<&StudioMark>) -> Self {
        let mut urls = picture_urls(photo, mark);
        let mut url = |size| urls.remove(&size).unwrap_or_default();
        Self {
            photo_id: photo.id.0,
            filename: photo.filename.clone(),
            width: photo.width,
            height: photo.height,
            thumbhash: photo.thumbhash.as_ref().map(|hash| BASE64_STANDARD.encode(hash)),
            taken_at: photo.taken_at.map(camera_time),
            thumb_url: url(320),
            preview_url: url(1024),
            full_url: url(2048),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct GalleryPhoto {
    #[serde(flatten)]
    picture: Picture,
    /// How many faces the photo shows.
    faces: u32,
}

#[derive(Serialize, ToSchema)]
pub struct GalleryPage {
    /// By the time of the shot.
    photos: Vec<GalleryPhoto>,
    /// `null` on the last page.
    next_cursor: Option<String>,
    /// Photos that can be shown now.
    total: u64,
    /// Photos still in the queue.
    pending: u64,
}

/// The gallery, page by page
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/photos",
    tag = "photos",
    params(("session_id" = Uuid, Path), Page),
    responses((status = 200, body = GalleryPage))
)]
pub async fn list(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Params(page): Params<Page>,
) -> Result<Json<GalleryPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<GalleryCursor> = paging::after(page.cursor)?;
    let visit = app.guests.enter(id).await?;
    let mut photos = visit.photos(after, limit + 1).await?;
    let counts = visit.counts().await?;
    Ok(Json(GalleryPage {
        next_cursor: paging::cut(&mut photos, limit, |last| GalleryCursor::after(last).to_string()),
        photos: photos
            .iter()
            .map(|photo| GalleryPhoto {
                picture: Picture::new(photo, visit.mark.as_deref()),
                faces: photo.faces,
            })
            .collect(),
        total: counts.selected,
        pending: counts.queued,
    }))
}
