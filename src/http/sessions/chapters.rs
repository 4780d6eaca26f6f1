//! `GET /api/v1/sessions/{session_id}/chapters`: by what a guest may narrow the gallery.

use std::{cmp::Reverse, collections::HashMap};

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{Chapter, ChapterId, PhotoSessionId},
    http::{extract::PathId, holder::Holder, problem::Problem, shared::camera_time},
    photos::PhotoPlace,
};

/// A part of a session's day.
#[derive(Serialize, ToSchema)]
pub struct ChapterJson {
    chapter_id: Uuid,
    name: String,
    /// By the session's clock, without a zone; `null` where photos are put into it by hand only.
    starts_at: Option<String>,
    photos: u64,
}

impl ChapterJson {
    pub fn new(chapter: &Chapter, photos: u64) -> Self {
        Self {
            chapter_id: chapter.id.0,
            name: chapter.name.clone(),
            starts_at: chapter.starts_at.map(camera_time),
            photos,
        }
    }
}

/// A photographer whom files name.
#[derive(Serialize, ToSchema)]
pub struct CreditJson {
    name: String,
    photos: u64,
}

/// The photographers whom files name, those of the most photos first.
pub fn credits(places: &[PhotoPlace]) -> Vec<CreditJson> {
    let mut photos: HashMap<&str, u64> = HashMap::new();
    for credit in places.iter().filter_map(|place| place.credit.as_deref()) {
        *photos.entry(credit).or_default() += 1;
    }
    let mut photos: Vec<(&str, u64)> = photos.into_iter().collect();
    photos.sort_unstable_by_key(|(name, photos)| (Reverse(*photos), *name));
    photos.into_iter().map(|(name, photos)| CreditJson { name: name.to_owned(), photos }).collect()
}

#[derive(Serialize, ToSchema)]
pub struct GalleryChapters {
    /// In the photographer's order; those without a photo that the guest sees are left out.
    chapters: Vec<ChapterJson>,
    /// The photographers whom files name, those of the most photos first.
    credits: Vec<CreditJson>,
}

/// List the chapters of the gallery and the photographers of its photos
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/chapters",
    operation_id = "list_gallery_chapters",
    tag = "photos",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = GalleryChapters))
)]
pub async fn list(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Json<GalleryChapters>, Problem> {
    let visit = app.guests.enter(id, &pass).await?;
    let (chapters, places) = (visit.chapters().await?, visit.places().await?);
    let mut photos: HashMap<ChapterId, u64> = HashMap::new();
    for chapter in places.iter().filter_map(|place| chapters.of(place.moment, place.chapter)) {
        *photos.entry(chapter).or_default() += 1;
    }
    let shown = |chapter: &Chapter| Some(ChapterJson::new(chapter, photos.remove(&chapter.id)?));
    Ok(Json(GalleryChapters {
        chapters: chapters.list.iter().filter_map(shown).collect(),
        credits: credits(&places),
    }))
}
