//! The studio's gallery: every photo of a session whatever its state; show, hide, delete, try again.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{managed, mark_for, sessions::Photos};
use crate::{
    accounts,
    app::{App, AppState},
    domain::{Photo, PhotoFacts, PhotoId, PhotoSessionId, PhotoState, RawFile},
    http::{
        extract::{self, Params, PathId},
        guard::Caller,
        messages::Code,
        paging,
        problem::Problem,
        sessions::photos::GalleryHours,
        shared::{Focus, Picture, time},
        words,
    },
    marks::StudioMark,
    photos::{GalleryCursor, PhotoFilter},
};

const MOST_IN_BATCH: usize = 500;

/// A photo as its studio sees it.
#[derive(Serialize, ToSchema)]
pub struct ManagedPhotoJson {
    #[serde(flatten)]
    picture: Picture,
    bytes: u64,
    /// The SHA-256 of the original, in lower-case hex.
    sha256: String,
    state: words::PhotoState,
    reject_code: Option<String>,
    is_selected: bool,
    /// Guests do not see the photo, because it shows somebody who is hidden, or may.
    is_withheld: bool,
    faces: u32,
    /// `null` where there are none.
    focus: Option<Focus>,
    #[schema(format = DateTime)]
    created_at: String,
    guest_id: Option<String>,
    /// The file has faults, and what could be read of it is shown.
    damaged: bool,
    /// The percentage of a damaged picture that could be read.
    readable: Option<u8>,
    /// The file holds more pictures than the one that is shown.
    animated: bool,
    camera: Option<String>,
    /// Minutes that the camera's clock was ahead of UTC, where the file says so.
    utc_offset_minutes: Option<i32>,
    /// Stars, 1 to 5; -1 is "rejected".
    rating: Option<i8>,
    /// The editor's colour label, in its language.
    label: Option<String>,
    keywords: Vec<String>,
    caption: Option<String>,
    creator: Option<String>,
    copyright: Option<String>,
    media_type: String,
    /// The RAW of the shot, where it is there beside the picture that is shown.
    raw: Option<RawJson>,
}

#[derive(Serialize, ToSchema)]
pub struct RawJson {
    filename: String,
    bytes: u64,
    /// Lower-case hex.
    sha256: String,
    media_type: String,
}

impl From<RawFile> for RawJson {
    fn from(RawFile { filename, bytes, sha256, media_type, .. }: RawFile) -> Self {
        Self { filename, bytes, sha256, media_type }
    }
}

impl ManagedPhotoJson {
    /// `mark` is for callers who may list photos but not see them without a watermark.
    fn new(photo: &Photo, mark: Option<&StudioMark>, focus: Option<(f64, f64)>) -> Self {
        let PhotoFacts { readable, offset_minutes, camera, rating, label, words } = photo.facts.clone();
        Self {
            damaged: readable.is_some() && photo.state == PhotoState::Ready,
            readable,
            animated: words.animated,
            camera,
            utc_offset_minutes: offset_minutes,
            rating,
            label,
            keywords: words.keywords,
            caption: words.caption,
            creator: words.creator,
            copyright: words.copyright,
            media_type: photo.media_type.clone(),
            raw: photo.raw.clone().map(RawJson::from),
            picture: Picture::new(photo, mark, u32::MAX),
            bytes: photo.bytes,
            sha256: photo.sha256.clone(),
            state: photo.state.into(),
            reject_code: photo.reject_code.clone(),
            is_selected: photo.is_selected,
            is_withheld: photo.is_withheld,
            faces: photo.faces,
            focus: focus.map(Focus::from),
            created_at: time(photo.created_at),
            guest_id: photo.guest_id.clone(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    #[param(inline, value_type = Option<words::PhotoState>)]
    state: Option<String>,
    #[param(value_type = Option<bool>)]
    selected: Option<String>,
    /// So many stars or more, 1 to 5.
    #[serde(alias = "minRating")]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 5)]
    min_rating: Option<String>,
    /// The editor's colour label.
    label: Option<String>,
    /// Ready photos by their number of faces: `nobody` 0, `solo` 1, `couple` 2, `small_group` 3 to 5, `group` 6 and more.
    #[param(inline, value_type = Option<CompanyWord>)]
    company: Option<String>,
    /// Photos that show this person of the session.
    #[param(value_type = Option<Uuid>)]
    person: Option<String>,
    /// A keyword or the colour label of an editor.
    tag: Option<String>,
}

/// See [`crate::domain::Company`].
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only described, never made")]
pub enum CompanyWord {
    Nobody,
    Solo,
    Couple,
    SmallGroup,
    Group,
}

impl Page {
    fn filter(&self) -> Result<PhotoFilter, Problem> {
        let malformed = |_| Code::MalformedQuery;
        let state = self.state.as_deref().map(|text| text.parse().map_err(malformed)).transpose()?;
        let selected = self.selected.as_deref().map(|text| text.parse().map_err(|_| Code::MalformedQuery));
        let min_rating = self.min_rating.as_deref().map(|text| stars(text).ok_or(Code::MalformedQuery));
        let (selected, min_rating) = (selected.transpose()?, min_rating.transpose()?);
        let company = self.company.as_deref().map(|text| text.parse().map_err(|_| Code::MalformedQuery));
        let person = self.person.as_deref().map(extract::id).transpose()?;
        Ok(PhotoFilter {
            state,
            selected,
            min_rating,
            label: self.label.clone(),
            company: company.transpose()?,
            person,
            tag: self.tag.clone(),
        })
    }
}

#[derive(Serialize, ToSchema)]
pub struct ManagedPage {
    /// By the time of the shot.
    photos: Vec<ManagedPhotoJson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
    counts: Photos,
}

/// List every photo of a session, whatever its state
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/photos",
    operation_id = "list_photos",
    tag = "studio",
    params(("session_id" = Uuid, Path), Page),
    responses((status = 200, body = ManagedPage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(page): Params<Page>,
) -> Result<Json<ManagedPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let filter = page.filter()?;
    let after: Option<GalleryCursor> = paging::after(page.cursor)?;
    let session = managed(&app, &caller, id).await?;
    let mark = mark_for(&app, &caller, &session).await?;
    let mut photos = app.gallery.photos(id, filter, after, limit + 1).await?;
    let counts = app.gallery.counts(id).await?;
    let mut crops = app.gallery.crops(&photos).await?;
    let mut json = |photo: &Photo| ManagedPhotoJson::new(photo, mark.as_deref(), crops.remove(&photo.id));
    Ok(Json(ManagedPage {
        next_cursor: paging::cut(&mut photos, limit, |last| GalleryCursor::after(last).to_string()),
        photos: photos.iter().map(&mut json).collect(),
        counts: counts.into(),
    }))
}

#[derive(Serialize, ToSchema)]
pub struct ManagedIds {
    /// By the time of the shot.
    #[schema(value_type = Vec<Uuid>)]
    photo_ids: Vec<PhotoId>,
}

/// List the ids of every photo that matches the filter, so that all can be selected without reading every page
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/photos/ids",
    operation_id = "list_photo_ids",
    tag = "studio",
    params(("session_id" = Uuid, Path), Page),
    responses((status = 200, body = ManagedIds))
)]
pub async fn ids(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(page): Params<Page>,
) -> Result<Json<ManagedIds>, Problem> {
    let filter = page.filter()?;
    managed(&app, &caller, id).await?;
    Ok(Json(ManagedIds { photo_ids: app.gallery.photo_ids(id, filter).await? }))
}

/// Count the photos that match the filter by the hour of the shot
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/photos/hours",
    operation_id = "list_photo_hours",
    tag = "studio",
    params(("session_id" = Uuid, Path), Page),
    responses((status = 200, body = GalleryHours))
)]
pub async fn hours(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(page): Params<Page>,
) -> Result<Json<GalleryHours>, Problem> {
    let filter = page.filter()?;
    managed(&app, &caller, id).await?;
    Ok(Json(app.gallery.hours(id, filter).await?.into()))
}

fn stars(text: &str) -> Option<i8> {
    text.parse().ok().filter(|stars| (1..=5).contains(stars))
}

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
    let middle = app.gallery.crops(&changed).await?.remove(&id);
    Ok(Json(ManagedPhotoJson::new(changed.first().ok_or(Code::PhotoNotFound)?, None, middle)))
}

/// Delete a photo with its files and faces
#[utoipa::path(
    delete,
    path = "/api/photos/{photo_id}",
    operation_id = "delete_photo",
    tag = "studio",
    params(("photo_id" = Uuid, Path)),
    responses((status = 204, description = "The photo, its files and its faces are erased"))
)]
pub async fn delete(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoId>,
) -> Result<StatusCode, Problem> {
    let session = session_of(&app, &caller, id).await?;
    match app.gallery.delete(session, &[id]).await? {
        0 => Err(Code::PhotoNotFound.into()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// The session of a photo that is the caller's to manage.
async fn session_of(app: &App, caller: &accounts::Caller, id: PhotoId) -> Result<PhotoSessionId, Problem> {
    Ok(managed_photo(app, caller, id).await?.photo_session_id)
}

/// A photo that is the caller's to manage.
pub(in crate::http) async fn managed_photo(
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
    Delete,
    /// Process photos again that failed by our fault (`processing_failed`).
    Retry,
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
}

#[derive(Serialize, ToSchema)]
pub struct Changed {
    /// How many of the given photos belong to the session.
    changed: u64,
}

/// Show, hide, delete or process again many photos of a session
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
    let changed = match batch.action {
        Action::Select => app.gallery.select(id, &photos, true).await?.len() as u64,
        Action::Hide => app.gallery.select(id, &photos, false).await?.len() as u64,
        Action::Delete => app.gallery.delete(id, &photos).await?,
        Action::Retry => app.gallery.retry(id, Some(&photos)).await? as u64,
    };
    Ok(Json(Changed { changed }))
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
    Ok(Json(Changed { changed: app.gallery.retry(id, None).await? as u64 }))
}
