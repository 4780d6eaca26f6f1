//! `/api/photo-sessions/{session_id}/guest-photos`: the studio looks at what guests have sent.

use std::collections::HashMap;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::AppState,
    domain::{PhotoId, PhotoSessionId},
    guests::Pass,
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::{Picture, time},
        studio::managed,
    },
};

/// Of one answer; the next ones come when these are decided.
const MOST: u32 = 200;
/// Of one decision.
const MOST_IDS: usize = 500;

#[derive(Serialize, ToSchema)]
pub struct GuestPhotoJson {
    #[serde(flatten)]
    picture: Picture,
    /// As the guest wrote it; may be empty.
    sender: String,
    #[schema(format = DateTime)]
    sent_at: String,
    /// How many have reported it since it was looked at.
    reports: u64,
    /// What they wrote.
    notes: Vec<String>,
    /// Whether guests see it now.
    is_shown: bool,
}

#[derive(Serialize, ToSchema)]
pub struct GuestPhotosJson {
    /// Those that were reported, then those that nobody has looked at, the oldest first; up to 200.
    photos: Vec<GuestPhotoJson>,
    /// How many there are in all.
    total: u64,
}

/// List the photos of guests that are to be looked at
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/guest-photos",
    operation_id = "list_guest_photos",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = GuestPhotosJson))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<GuestPhotosJson>, Problem> {
    managed(&app, &caller, id).await?;
    let (sent, total) = app.gallery.sent_by_guests(id, MOST).await?;
    let ids: Vec<PhotoId> = sent.iter().map(|sent| sent.photo).collect();
    let visit = app.guests.enter_as(id, Some(&caller), &Pass::none()).await?;
    let mut photos: HashMap<_, _> =
        visit.these(&ids).await?.into_iter().map(|photo| (photo.id, photo)).collect();
    let photos = sent.into_iter().filter_map(|sent| {
        let photo = photos.remove(&sent.photo)?;
        Some(GuestPhotoJson {
            picture: Picture::new(&photo, visit.mark.as_deref(), visit.largest()),
            sender: sent.sender,
            sent_at: time(sent.sent_at),
            reports: sent.reports,
            notes: sent.notes,
            is_shown: photo.is_visible(),
        })
    });
    Ok(Json(GuestPhotosJson { photos: photos.collect(), total }))
}

#[derive(Deserialize, ToSchema)]
pub struct GuestPhotosDecision {
    /// Up to 500.
    #[serde(alias = "photoIds")]
    #[schema(value_type = Vec<Uuid>)]
    photo_ids: Vec<String>,
    /// `true` shows them to guests, `false` deletes them.
    show: bool,
}

#[derive(Serialize, ToSchema)]
pub struct GuestPhotosDecided {
    /// How many of them guests have sent to this session.
    changed: u64,
}

/// Show photos of guests, or delete them
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/guest-photos",
    operation_id = "decide_guest_photos",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = GuestPhotosDecision,
    responses((status = 200, body = GuestPhotosDecided))
)]
pub async fn decide(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    decision: Result<extract::Json<GuestPhotosDecision>, Problem>,
) -> Result<Json<GuestPhotosDecided>, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(GuestPhotosDecision { photo_ids, show }) = decision?;
    if photo_ids.len() > MOST_IDS {
        return Err(Code::TooManyIds.into());
    }
    let photos: Vec<PhotoId> = extract::ids(&photo_ids)?;
    Ok(Json(GuestPhotosDecided { changed: app.gallery.decide_of_guests(id, &photos, show).await? }))
}
