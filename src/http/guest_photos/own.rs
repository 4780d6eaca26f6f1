//! `/api/v1/sessions/{session_id}/guest-photos`: what this guest has sent, and how they take it back.

use std::collections::HashMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{Photo, PhotoId, PhotoSessionId, PhotoState},
    guests::OwnPhoto,
    http::{
        cookies,
        extract::{PathId, PathIds},
        holder::Holder,
        problem::Problem,
        shared::{Picture, time},
    },
};

/// How a photo stands that a guest has sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnState {
    /// It is not processed yet.
    Arriving,
    /// The studio has not looked at it yet.
    Waiting,
    /// The other guests see it.
    Shown,
    /// The studio, or whom it shows, has hidden it.
    Hidden,
    /// The studio has not taken it.
    Declined,
    /// It could not be read.
    Failed,
}

impl OwnState {
    fn of(own: &OwnPhoto, photo: Option<&Photo>) -> Self {
        match photo {
            _ if own.is_declined => Self::Declined,
            None => Self::Hidden,
            Some(photo) if photo.is_visible() => Self::Shown,
            Some(photo) => match photo.state {
                PhotoState::Ready if own.is_decided || photo.is_only_withheld() => Self::Hidden,
                PhotoState::Ready => Self::Waiting,
                PhotoState::Rejected => Self::Failed,
                _ => Self::Arriving,
            },
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OwnPhotoJson {
    photo_id: Uuid,
    /// As the guest calls it.
    filename: String,
    state: OwnState,
    #[schema(format = DateTime)]
    sent_at: String,
    /// The picture, where guests see it.
    picture: Option<Picture>,
}

#[derive(Serialize, ToSchema)]
pub struct OwnPhotosJson {
    /// As the guest wrote it; may be empty.
    name: String,
    /// The newest first.
    photos: Vec<OwnPhotoJson>,
}

/// List the photos that this guest has sent
///
/// By the cookie of their first one; nobody else sees the list.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/guest-photos",
    operation_id = "list_own_photos",
    tag = "photos",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = OwnPhotosJson))
)]
pub async fn list(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<Json<OwnPhotosJson>, Problem> {
    let visit = app.guests.enter(id, &pass).await?;
    let token = cookies::guest_sender(&headers);
    let Some(own) = app.guests.own_photos(id, token.as_deref()).await? else {
        return Ok(Json(OwnPhotosJson { name: String::new(), photos: Vec::new() }));
    };
    let ids: Vec<PhotoId> = own.photos.iter().map(|own| own.photo).collect();
    let photos = app.gallery.any(id, &ids).await?;
    let photos: HashMap<PhotoId, Photo> = photos.into_iter().map(|photo| (photo.id, photo)).collect();
    let mut seen: HashMap<PhotoId, Photo> =
        visit.these(&ids).await?.into_iter().map(|photo| (photo.id, photo)).collect();
    let photos = own.photos.into_iter().map(|own| OwnPhotoJson {
        photo_id: own.photo.0,
        state: OwnState::of(&own, photos.get(&own.photo)),
        sent_at: time(own.sent_at),
        picture: seen
            .remove(&own.photo)
            .map(|photo| Picture::new(&photo, visit.mark.as_deref(), visit.largest())),
        filename: own.filename,
    });
    Ok(Json(OwnPhotosJson { name: own.sender.name, photos: photos.collect() }))
}

/// Take back a photo that this guest has sent: it is erased for good
///
/// Works also after the session was closed, and when it takes no more photos.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/guest-photos/{photo_id}",
    operation_id = "take_back_photo",
    tag = "photos",
    params(("session_id" = Uuid, Path), ("photo_id" = Uuid, Path)),
    responses((status = 204, description = "Taken back"))
)]
pub async fn take_back(
    State(app): State<AppState>,
    PathIds(session, photo): PathIds<PhotoSessionId, PhotoId>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let token = cookies::guest_sender(&headers);
    let own = app.guests.own_photo(session, token.as_deref(), photo).await?;
    app.gallery.take_back(session, &own).await?;
    Ok(StatusCode::NO_CONTENT)
}
