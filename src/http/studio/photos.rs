//! What a studio does with photos: show, hide, delete and take back, put into chapters, try again.

use std::collections::HashSet;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    managed,
    photo_list::{ManagedPhotoJson, shown},
};
use crate::{
    accounts,
    app::{App, AppState},
    domain::{ChapterId, Photo, PhotoId, PhotoSessionId},
    http::{
        extract::{self, Params, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
    },
};

pub(super) const MOST_IN_BATCH: usize = 500;

#[derive(Deserialize, ToSchema)]
pub struct PhotoChange {
    /// `false` hides the photo from guests everywhere.
    #[serde(alias = "isSelected")]
    is_selected: bool,
}

/// Show or hide a photo
#[utoipa::path(
    patch,
    path = "/api/photos/{photo_id}",
    operation_id = "change_photo",
    tag = "studio",
    params(("photo_id" = Uuid, Path)),
    request_body = PhotoChange,
    responses((status = 200, body = ManagedPhotoJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoId>,
    change: Result<extract::Json<PhotoChange>, Problem>,
) -> Result<Json<ManagedPhotoJson>, Problem> {
    let session = session_of(&app, &caller, id).await?;
    let extract::Json(change) = change?;
    let changed = app.gallery.select(session, &[id], change.is_selected).await?;
    Ok(Json(shown(&app, session, &changed, None).await?.pop().ok_or(Code::PhotoNotFound)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Deletion {
    /// Puts the photo into the bin instead: it is deleted for everybody at once, and those who manage the session can take it
    /// back for as many days as the service is set to.
    #[param(value_type = Option<bool>)]
    bin: Option<String>,
}

/// Delete a photo with its files and faces
#[utoipa::path(
    delete,
    path = "/api/photos/{photo_id}",
    operation_id = "delete_photo",
    tag = "studio",
    params(("photo_id" = Uuid, Path), Deletion),
    responses((status = 204, description = "The photo, its files and its faces are erased, or it is in the bin"))
)]
pub async fn delete(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoId>,
    Params(deletion): Params<Deletion>,
) -> Result<StatusCode, Problem> {
    let into_bin = deletion.bin.as_deref().map(|text| text.parse().map_err(|_| Code::MalformedQuery));
    let into_bin: bool = into_bin.transpose()?.unwrap_or_default();
    let session = kept_photo(&app, &caller, id).await?.photo_session_id;
    let deleted = match into_bin {
        true => app.gallery.bin(session, &[id]).await?,
        false => app.gallery.delete(session, &[id]).await?,
    };
    if deleted.is_empty() { Err(Code::PhotoNotFound.into()) } else { Ok(StatusCode::NO_CONTENT) }
}

/// The session of a photo that is the caller's to manage.
async fn session_of(app: &App, caller: &accounts::Caller, id: PhotoId) -> Result<PhotoSessionId, Problem> {
    Ok(managed_photo(app, caller, id).await?.photo_session_id)
}

/// A photo that is the caller's to manage. One in the bin is deleted until it is taken out.
pub(super) async fn managed_photo(
    app: &App,
    caller: &accounts::Caller,
    id: PhotoId,
) -> Result<Photo, Problem> {
    let photo = kept_photo(app, caller, id).await?;
    if photo.is_in_bin() { Err(Code::PhotoNotFound.into()) } else { Ok(photo) }
}

/// The same, in the bin or not.
pub(in crate::http) async fn kept_photo(
    app: &App,
    caller: &accounts::Caller,
    id: PhotoId,
) -> Result<Photo, Problem> {
    let photo = app.gallery.photo(id).await?.ok_or(Code::PhotoNotFound)?;
    let session = app.sessions.get(photo.photo_session_id).await?;
    if caller.may_manage(&session) { Ok(photo) } else { Err(Code::PhotoNotFound.into()) }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Select,
    Hide,
    /// Erase photos with their files and faces, also those in the bin.
    Delete,
    /// Put photos into the bin.
    Bin,
    /// Take photos out of the bin.
    Restore,
    /// Put photos into the chapter `chapter_id`; without one, where the time of the shot says.
    Chapter,
    /// Process photos again that failed by our fault (`processing_failed`).
    Retry,
    /// Show photos to guests although the couple has hidden them.
    Overrule,
    /// Leave it to the couple again whether guests see photos.
    LeaveToCouple,
}

#[derive(Deserialize, ToSchema)]
pub struct PhotoBatch {
    /// The photos, unless `min_rating` names them.
    #[serde(default, alias = "photoIds")]
    #[schema(value_type = Vec<Uuid>, min_items = 1, max_items = 500)]
    photo_ids: Vec<String>,
    /// Instead of `photo_ids`: every photo of so many stars or more is shown or hidden.
    #[serde(alias = "minRating")]
    #[schema(minimum = 1, maximum = 5)]
    min_rating: Option<i8>,
    action: Action,
    #[serde(default, alias = "chapterId")]
    #[schema(value_type = Option<Uuid>)]
    chapter_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Changed {
    changed: u64,
    /// The photos that were named and could not be changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<NotChanged>,
}

#[derive(Serialize, ToSchema)]
pub struct NotChanged {
    photo_id: Uuid,
    /// Why, as one of the codes of this interface.
    code: &'static str,
}

impl Changed {
    fn of(named: &[PhotoId], changed: impl IntoIterator<Item = PhotoId>, why: Code) -> Self {
        let changed: HashSet<PhotoId> = changed.into_iter().collect();
        let left: HashSet<&PhotoId> = named.iter().filter(|photo| !changed.contains(photo)).collect();
        let failed = left.into_iter().map(|photo| NotChanged { photo_id: photo.0, code: why.name() });
        Self { changed: changed.len() as u64, failed: failed.collect() }
    }
}

/// Show, hide, delete, put into the bin, take back, put into a chapter or process again many photos of a session
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/photos/batch",
    operation_id = "change_photos",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = PhotoBatch,
    responses((status = 200, body = Changed))
)]
pub async fn batch(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    batch: Result<extract::Json<PhotoBatch>, Problem>,
) -> Result<Json<Changed>, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(batch) = batch?;
    if batch.photo_ids.len() > MOST_IN_BATCH {
        return Err(Code::TooManyPhotos.into());
    }
    let photos: Vec<PhotoId> = match batch.min_rating {
        Some(stars)
            if (1..=5).contains(&stars)
                && batch.photo_ids.is_empty()
                && matches!(batch.action, Action::Select | Action::Hide) =>
        {
            app.gallery.rated(id, stars).await?
        }
        Some(_) => return Err(Code::MalformedBody.into()),
        None if batch.photo_ids.is_empty() => return Err(Code::MalformedBody.into()),
        None => extract::ids(&batch.photo_ids)?,
    };
    let chapter: Option<ChapterId> = batch.chapter_id.as_deref().map(extract::id).transpose()?;
    if chapter.is_some() && !matches!(batch.action, Action::Chapter) {
        return Err(Code::MalformedBody.into());
    }
    let ids = |photos: Vec<Photo>| photos.into_iter().map(|photo| photo.id).collect();
    let gallery = &app.gallery;
    let (changed, why): (Vec<PhotoId>, Code) = match batch.action {
        Action::Select => (ids(gallery.select(id, &photos, true).await?), Code::PhotoNotFound),
        Action::Hide => (ids(gallery.select(id, &photos, false).await?), Code::PhotoNotFound),
        Action::Delete => (gallery.delete(id, &photos).await?, Code::PhotoNotFound),
        Action::Restore => (ids(gallery.restore(id, &photos).await?), Code::PhotoNotInBin),
        Action::Bin => (gallery.bin(id, &photos).await?, Code::PhotoNotFound),
        Action::Chapter => (gallery.put_into_chapter(id, &photos, chapter).await?, Code::PhotoNotFound),
        Action::Retry => (gallery.retry(id, Some(&photos)).await?, Code::PhotoNotFailed),
        Action::Overrule => (ids(app.choices.overrule(id, &photos, true).await?), Code::PhotoNotFound),
        Action::LeaveToCouple => (ids(app.choices.overrule(id, &photos, false).await?), Code::PhotoNotFound),
    };
    Ok(Json(Changed::of(&photos, changed, why)))
}

#[derive(Serialize, ToSchema)]
pub struct Emptied {
    /// How many photos are erased now.
    photos: u64,
}

/// Empty the bin of a session
///
/// From this answer on nothing can be taken out of it any more. The photos, their files and their faces are erased right
/// behind it, also after a crash.
#[utoipa::path(
    delete,
    path = "/api/photo-sessions/{session_id}/bin",
    operation_id = "empty_bin",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = Emptied))
)]
pub async fn empty_bin(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<Emptied>, Problem> {
    managed(&app, &caller, id).await?;
    Ok(Json(Emptied { photos: app.gallery.empty_bin(id).await? }))
}

/// Process again every photo of a session that failed by a fault of the service
///
/// Photos with the reject code `processing_failed` are queued again. Whoever made the file need not send it again.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/photos/retry",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = Changed))
)]
pub async fn retry(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<Changed>, Problem> {
    managed(&app, &caller, id).await?;
    let retried = app.gallery.retry(id, None).await?;
    Ok(Json(Changed { changed: retried.len() as u64, failed: Vec::new() }))
}
