//! `GET /api/v1/sessions/{session_id}/photos`: the gallery.

use axum::{Json, extract::State};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{Chapter, ChapterId, Chapters, Photo, PhotoId, PhotoSessionId},
    guests::Visit,
    http::{
        extract::{self, Params, PathId, PathIds},
        holder::Holder,
        messages::Code,
        paging,
        problem::Problem,
        shared::{Focus, Picture, camera_time},
    },
    photos::{GalleryCursor, Narrowed, PhotoOrder},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only photos that show this person, where guests may filter by people.
    #[param(value_type = Option<Uuid>)]
    person: Option<String>,
    /// Only photos of this chapter.
    #[param(value_type = Option<Uuid>)]
    chapter: Option<String>,
    /// Only photos by this photographer, whom their files name.
    credit: Option<String>,
    /// The last photo first.
    #[param(value_type = Option<bool>)]
    descending: Option<String>,
}

impl Which {
    /// What the guest wants to see, and in which order.
    async fn read(self, visit: &Visit) -> Result<(Narrowed, PhotoOrder), Problem> {
        let person = self.person.as_deref().map(extract::id).transpose()?;
        if person.is_some() && !visit.shows_people().await? {
            return Err(Code::PeopleOff.into());
        }
        let chapter: Option<ChapterId> = self.chapter.as_deref().map(extract::id).transpose()?;
        let chapter = match chapter {
            Some(id) => Some(visit.chapters().await?.span(id).ok_or(Code::ChapterNotFound)?),
            None => None,
        };
        let descending =
            self.descending.as_deref().map(|text| text.parse().map_err(|_| Code::MalformedQuery));
        let order =
            PhotoOrder { descending: descending.transpose()?.unwrap_or_default(), ..PhotoOrder::default() };
        Ok((Narrowed { person, credit: self.credit, chapter }, order))
    }
}

#[derive(Serialize, ToSchema)]
pub struct GalleryPhoto {
    #[serde(flatten)]
    pub picture: Picture,
    /// How many faces the photo shows.
    pub faces: u32,
    /// `null` where there are none.
    pub focus: Option<Focus>,
    /// The chapter in which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapter_id: Option<Uuid>,
}

impl GalleryPhoto {
    /// Where a crop is cut, in percent, so that heads stay in it; `cropAt` in `static/js/guest/tile.js` does the same.
    pub fn crop(&self) -> (u32, u32) {
        // Heads are in the upper part of tall pictures.
        let usual = || if self.picture.is_narrow() { (50, 20) } else { (50, 50) };
        self.focus.as_ref().map_or_else(usual, Focus::percent)
    }
}

#[derive(Serialize, ToSchema)]
pub struct GalleryPage {
    /// By the time of the shot, unless another order was asked for.
    pub photos: Vec<GalleryPhoto>,
    /// `null` on the last page.
    pub next_cursor: Option<String>,
    /// Photos that can be shown now; of those that were asked for.
    pub total: u64,
    /// Photos still in the queue.
    pub pending: u64,
    /// The chapters in which these photos are, for headings between them; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chapters: Vec<ChapterName>,
}

/// What a chapter is called.
#[derive(Serialize, ToSchema)]
pub struct ChapterName {
    chapter_id: Uuid,
    name: String,
}

impl ChapterName {
    /// Those in which any of these photos is, in the photographer's order.
    fn of(photos: &[GalleryPhoto], chapters: &Chapters) -> Vec<Self> {
        let is_here = |chapter: &&Chapter| photos.iter().any(|photo| photo.chapter_id == Some(chapter.id.0));
        let name = |chapter: &Chapter| Self { chapter_id: chapter.id.0, name: chapter.name.clone() };
        chapters.list.iter().filter(is_here).map(name).collect()
    }
}

/// List the gallery, page by page
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/photos",
    operation_id = "list_gallery",
    tag = "photos",
    params(("session_id" = Uuid, Path), Page, Which),
    responses((status = 200, body = GalleryPage))
)]
pub async fn list(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    Params(page): Params<Page>,
    Params(which): Params<Which>,
) -> Result<Json<GalleryPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<GalleryCursor> = paging::after(page.cursor)?;
    let visit = app.guests.enter(id, &pass).await?;
    let (narrowed, order) = which.read(&visit).await?;
    Ok(Json(page_of(&visit, narrowed, order, after, limit).await?))
}

/// A page of what the visitor sees.
///
/// # Errors
/// A fault of the store.
pub async fn page_of(
    visit: &Visit,
    narrowed: Narrowed,
    order: PhotoOrder,
    after: Option<GalleryCursor>,
    limit: u32,
) -> Result<GalleryPage, Problem> {
    let counts = visit.counts().await?;
    let total = match narrowed.is_all() {
        true => counts.selected,
        false => visit.photo_ids(narrowed.clone(), order).await?.len() as u64,
    };
    let mut photos = visit.photos(narrowed, order, after, limit + 1).await?;
    let next_cursor = paging::cut(&mut photos, limit, |last| order.after(last).to_string());
    let chapters = visit.chapters().await?;
    let photos = shown_in(visit, &photos, &chapters).await?;
    Ok(GalleryPage {
        next_cursor,
        chapters: ChapterName::of(&photos, &chapters),
        photos,
        total,
        pending: counts.queued,
    })
}

/// Photos as the gallery shows them to the visitor.
///
/// # Errors
/// A fault of the store.
pub async fn shown(visit: &Visit, photos: &[Photo]) -> Result<Vec<GalleryPhoto>, Problem> {
    if photos.is_empty() {
        return Ok(Vec::new());
    }
    shown_in(visit, photos, &visit.chapters().await?).await
}

async fn shown_in(
    visit: &Visit,
    photos: &[Photo],
    chapters: &Chapters,
) -> Result<Vec<GalleryPhoto>, Problem> {
    let mut crops = visit.crops(photos).await?;
    let photo = |photo: &Photo| GalleryPhoto {
        picture: Picture::new(photo, visit.mark.as_deref(), visit.largest()),
        faces: photo.faces,
        focus: crops.remove(&photo.id).map(Focus::from),
        chapter_id: chapters.of(photo.ordered_at, photo.chapter).map(|chapter| chapter.0),
    };
    Ok(photos.iter().map(photo).collect())
}

/// A photo as the visitor sees it.
///
/// # Errors
/// `photo_not_found` for one that they do not see; a fault of the store.
pub async fn one_of(visit: &Visit, id: PhotoId) -> Result<GalleryPhoto, Problem> {
    let photos = visit.these(&[id]).await?;
    shown(visit, &photos).await?.pop().ok_or(Code::PhotoNotFound.into())
}

/// The photo that stands for the session, where it has one and the visitor sees it.
///
/// # Errors
/// A fault of the store.
pub async fn cover_of(visit: &Visit) -> Result<Option<GalleryPhoto>, Problem> {
    let photos = visit.these(visit.session.terms.cover.as_slice()).await?;
    Ok(shown(visit, &photos).await?.pop())
}

/// Get one photo of the gallery
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/gallery/{photo_id}",
    operation_id = "get_gallery_photo",
    tag = "photos",
    params(("session_id" = Uuid, Path), ("photo_id" = Uuid, Path)),
    responses((status = 200, body = GalleryPhoto))
)]
pub async fn one(
    State(app): State<AppState>,
    PathIds(id, photo): PathIds<PhotoSessionId, PhotoId>,
    Holder(pass): Holder,
) -> Result<Json<GalleryPhoto>, Problem> {
    let visit = app.guests.enter(id, &pass).await?;
    Ok(Json(one_of(&visit, photo).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Audience {
    /// `true` leaves out what the couple hides, also for the couple: for a screen that everybody looks at.
    #[serde(alias = "forAll")]
    #[param(value_type = Option<bool>)]
    for_all: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct GalleryIds {
    /// By the time of the shot.
    #[schema(value_type = Vec<Uuid>)]
    photo_ids: Vec<PhotoId>,
}

/// List the ids of the whole gallery, so that a guest can select all photos without reading every page
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/photos/ids",
    operation_id = "list_gallery_ids",
    tag = "photos",
    params(("session_id" = Uuid, Path), Which, Audience),
    responses((status = 200, body = GalleryIds))
)]
pub async fn ids(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Params(which): Params<Which>,
    Params(Audience { for_all }): Params<Audience>,
    Holder(pass): Holder,
) -> Result<Json<GalleryIds>, Problem> {
    let for_all: Option<bool> =
        for_all.map(|text| text.parse().map_err(|_| Code::MalformedQuery)).transpose()?;
    let visit = app.guests.enter(id, &pass).await?;
    let visit = if for_all == Some(true) { visit.of_any_guest() } else { visit };
    let (narrowed, order) = which.read(&visit).await?;
    Ok(Json(GalleryIds { photo_ids: visit.photo_ids(narrowed, order).await? }))
}

/// An hour of the session in which photos were shot.
#[derive(Serialize, ToSchema)]
pub struct GalleryHour {
    /// By the session's clock, without a zone.
    starts_at: String,
    photos: u64,
}

#[derive(Serialize, ToSchema)]
pub struct GalleryHours {
    /// In the gallery's order; hours without photos are left out.
    hours: Vec<GalleryHour>,
}

impl From<Vec<(NaiveDateTime, u64)>> for GalleryHours {
    fn from(hours: Vec<(NaiveDateTime, u64)>) -> Self {
        let hour = |(at, photos)| GalleryHour { starts_at: camera_time(at), photos };
        Self { hours: hours.into_iter().map(hour).collect() }
    }
}

/// Count the gallery's photos by the hour of the shot, so that a guest can go to a time without reading every page
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/photos/hours",
    operation_id = "list_gallery_hours",
    tag = "photos",
    params(("session_id" = Uuid, Path), Which),
    responses((status = 200, body = GalleryHours))
)]
pub async fn hours(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Params(which): Params<Which>,
    Holder(pass): Holder,
) -> Result<Json<GalleryHours>, Problem> {
    let visit = app.guests.enter(id, &pass).await?;
    let (narrowed, order) = which.read(&visit).await?;
    Ok(Json(visit.hours(narrowed, order.descending).await?.into()))
}
