//! `/api/v1/sessions/{session_id}/hidden`: photos that the couple hides from other guests.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::AppState,
    domain::{PhotoId, PhotoSessionId},
    http::{
        extract::{self, PathId},
        holder::Holder,
        messages::Code,
        problem::Problem,
        sessions::photos::{GalleryPhoto, shown},
    },
};

/// The server's limit for one change.
const MOST_AT_ONCE: usize = 500;

/// Photos that the couple hides.
#[derive(Serialize, ToSchema)]
pub struct HiddenPhotosJson {
    /// In the order in which they were hidden.
    photos: Vec<GalleryPhoto>,
}

/// List the photos that the couple hides from other guests
///
/// For the couple, by the cookie that `hearts` and `hearts/open` set where the photographer lets it hide photos.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/hidden",
    operation_id = "list_hidden_photos",
    tag = "choices",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = HiddenPhotosJson))
)]
pub async fn list(
    State(app): State<AppState>,
    PathId(session): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Json<HiddenPhotosJson>, Problem> {
    let visit = app.guests.enter(session, &pass).await?;
    let photos = app.choices.hidden(&visit).await?;
    Ok(Json(HiddenPhotosJson { photos: shown(&visit, &photos).await? }))
}

#[derive(Deserialize, ToSchema)]
pub struct HiddenChange {
    #[serde(alias = "photoIds")]
    #[schema(value_type = Vec<Uuid>, min_items = 1, max_items = 500)]
    photo_ids: Vec<String>,
    /// `false` shows them again.
    #[serde(alias = "isHidden")]
    is_hidden: bool,
}

/// All that the couple hides now.
#[derive(Serialize, ToSchema)]
pub struct HiddenJson {
    #[schema(value_type = Vec<Uuid>)]
    photo_ids: Vec<PhotoId>,
}

/// Hide photos from other guests, or show them again
///
/// For the couple, like the list. 409 `hiding_overruled`, and nothing is changed, where the studio shows one of the photos
/// all the same; its `photo_ids` name those.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/hidden",
    operation_id = "hide_photos",
    tag = "choices",
    params(("session_id" = Uuid, Path)),
    request_body = HiddenChange,
    responses((status = 200, body = HiddenJson))
)]
pub async fn change(
    State(app): State<AppState>,
    PathId(session): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    change: Result<extract::Json<HiddenChange>, Problem>,
) -> Result<Json<HiddenJson>, Problem> {
    let visit = app.guests.enter(session, &pass).await?;
    let extract::Json(HiddenChange { photo_ids, is_hidden }) = change?;
    if photo_ids.len() > MOST_AT_ONCE {
        return Err(Code::TooManyPhotos.into());
    }
    if photo_ids.is_empty() {
        return Err(Code::MalformedBody.into());
    }
    let photos: Vec<PhotoId> = extract::ids(&photo_ids)?;
    app.choices.hide(&visit, &photos, is_hidden, app.now()).await?;
    let photo_ids = app.choices.hidden(&visit).await?.iter().map(|photo| photo.id).collect();
    Ok(Json(HiddenJson { photo_ids }))
}
