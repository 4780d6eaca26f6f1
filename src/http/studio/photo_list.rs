//! The studio's gallery: every photo of a session whatever its state, narrowed and ordered as the studio wants it.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{managed, mark_for, sessions::Photos};
use crate::{
    app::{App, AppState},
    domain::{
        ChapterSpan, Chapters, ColourLabel, Photo, PhotoFacts, PhotoId, PhotoSessionId, PhotoState, RawFile,
    },
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
    photos::{GalleryCursor, PhotoFilter, PhotoOrder},
};

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
    /// When the couple has hidden the photo from other guests; absent where it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    couple_hid_at: Option<String>,
    /// The studio shows the photo although the couple has hidden it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    couple_overruled: bool,
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
    /// Which of Lightroom's five labels it is; absent where it is none of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<words::ColourLabel>,
    keywords: Vec<String>,
    caption: Option<String>,
    creator: Option<String>,
    copyright: Option<String>,
    media_type: String,
    /// The RAW of the shot, where it is there beside the picture that is shown.
    raw: Option<RawJson>,
    /// The chapter in which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    chapter_id: Option<Uuid>,
    /// It was put into its chapter by hand.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    chapter_by_hand: bool,
    /// It is in the bin, and is erased then.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    bin_until: Option<String>,
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
    pub fn new(
        photo: &Photo,
        mark: Option<&StudioMark>,
        focus: Option<(f64, f64)>,
        chapters: &Chapters,
    ) -> Self {
        let PhotoFacts { readable, offset_minutes, camera, rating, label, words } = photo.facts.clone();
        Self {
            damaged: readable.is_some() && photo.state == PhotoState::Ready,
            readable,
            animated: words.animated,
            camera,
            utc_offset_minutes: offset_minutes,
            rating,
            colour: label.as_deref().and_then(ColourLabel::of).map(Into::into),
            label,
            keywords: words.keywords,
            caption: words.caption,
            creator: words.creator,
            copyright: words.copyright,
            media_type: photo.media_type.clone(),
            raw: photo.raw.clone().map(RawJson::from),
            chapter_id: chapters.of(photo.ordered_at, photo.chapter).map(|chapter| chapter.0),
            chapter_by_hand: photo.chapter.is_some(),
            bin_until: photo.bin_until.map(time),
            picture: Picture::new(photo, mark, u32::MAX),
            bytes: photo.bytes,
            sha256: photo.sha256.clone(),
            state: photo.state.into(),
            reject_code: photo.reject_code.clone(),
            is_selected: photo.is_selected,
            is_withheld: photo.is_withheld,
            couple_hid_at: photo.couple_hides.map(|hides| time(hides.at)),
            couple_overruled: photo.couple_hides.is_some_and(|hides| hides.is_overruled),
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
    /// `next_cursor` of the page before, which was asked for with the same filter and order.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    #[param(inline, value_type = Option<words::PhotoState>)]
    state: Option<String>,
    /// Only photos that failed by our fault, and may be tried again.
    #[param(value_type = Option<bool>)]
    failed: Option<String>,
    #[param(value_type = Option<bool>)]
    selected: Option<String>,
    /// So many stars or more, 1 to 5.
    #[serde(alias = "minRating")]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 5)]
    min_rating: Option<String>,
    /// The colour label; Lightroom's five also in another language of the editor's.
    label: Option<String>,
    /// Ready photos by their number of faces: `nobody` 0, `solo` 1, `couple` 2, `small_group` 3 to 5, `group` 6 and more.
    #[param(inline, value_type = Option<CompanyWord>)]
    company: Option<String>,
    /// Photos that show this person of the session.
    #[param(value_type = Option<Uuid>)]
    person: Option<String>,
    /// A keyword or the colour label of an editor.
    tag: Option<String>,
    /// A part of the file's name, whatever its capitals are.
    name: Option<String>,
    /// The photographer whom the file names.
    credit: Option<String>,
    /// A chapter's id, or `none` for the photos that are in no chapter.
    chapter: Option<String>,
    /// So many guests or more have given it a heart.
    #[serde(alias = "minHearts")]
    #[param(value_type = Option<u32>, minimum = 1)]
    min_hearts: Option<String>,
    /// Photos in this list of a guest or the couple.
    #[param(value_type = Option<Uuid>)]
    list: Option<String>,
    /// Photos that the photographer has rejected.
    #[param(value_type = Option<bool>)]
    flagged: Option<String>,
    /// Photos that the couple hides from other guests.
    #[serde(alias = "hiddenByCouple")]
    #[param(value_type = Option<bool>)]
    hidden_by_couple: Option<String>,
    /// The photos in the bin, which are left out otherwise.
    #[param(value_type = Option<bool>)]
    bin: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Order {
    #[param(inline, value_type = Option<words::PhotoSort>)]
    sort: Option<String>,
    /// The last one first.
    #[param(value_type = Option<bool>)]
    descending: Option<String>,
}

impl Order {
    fn read(&self) -> Result<PhotoOrder, Problem> {
        Ok(PhotoOrder {
            sort: parsed(self.sort.as_deref())?.unwrap_or_default(),
            descending: parsed(self.descending.as_deref())?.unwrap_or_default(),
        })
    }
}

/// A parameter that is a word, a number or a truth.
fn parsed<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Problem> {
    Ok(text.map(|text| text.parse().map_err(|_| Code::MalformedQuery)).transpose()?)
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

impl Filter {
    async fn read(self, app: &App, session: PhotoSessionId) -> Result<PhotoFilter, Problem> {
        let min_rating = self.min_rating.as_deref().map(|text| stars(text).ok_or(Code::MalformedQuery));
        let min_hearts: Option<u32> = parsed(self.min_hearts.as_deref())?;
        if min_hearts == Some(0) {
            return Err(Code::MalformedQuery.into());
        }
        Ok(PhotoFilter {
            state: parsed(self.state.as_deref())?,
            failed: parsed(self.failed.as_deref())?.unwrap_or_default(),
            selected: parsed(self.selected.as_deref())?,
            min_rating: min_rating.transpose()?,
            label: self.label,
            company: parsed(self.company.as_deref())?,
            person: self.person.as_deref().map(extract::id).transpose()?,
            tag: self.tag,
            name: self.name,
            credit: self.credit,
            chapter: span(app, session, self.chapter.as_deref()).await?,
            min_hearts,
            list: self.list.as_deref().map(extract::id).transpose()?,
            flagged: parsed(self.flagged.as_deref())?.unwrap_or_default(),
            hidden_by_couple: parsed(self.hidden_by_couple.as_deref())?.unwrap_or_default(),
            in_bin: parsed(self.bin.as_deref())?.unwrap_or_default(),
        })
    }
}

/// The photos of the chapter that is asked for.
async fn span(
    app: &App,
    session: PhotoSessionId,
    text: Option<&str>,
) -> Result<Option<ChapterSpan>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let chapters = app.gallery.chapters(session).await?;
    if text == "none" {
        return Ok(Some(chapters.outside()));
    }
    Ok(Some(chapters.span(extract::id(text)?).ok_or(Code::ChapterNotFound)?))
}

#[derive(Serialize, ToSchema)]
pub struct ManagedPage {
    photos: Vec<ManagedPhotoJson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
    counts: Photos,
    /// For how many days a deleted photo can be taken back; 0 where it is erased at once.
    bin_days: i64,
}

/// List every photo of a session, whatever its state
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/photos",
    operation_id = "list_photos",
    tag = "studio",
    params(("session_id" = Uuid, Path), Page, Filter, Order),
    responses((status = 200, body = ManagedPage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(page): Params<Page>,
    Params(filter): Params<Filter>,
    Params(order): Params<Order>,
) -> Result<Json<ManagedPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<GalleryCursor> = paging::after(page.cursor)?;
    let order = order.read()?;
    let session = managed(&app, &caller, id).await?;
    let filter = filter.read(&app, id).await?;
    let mark = mark_for(&app, &caller, &session).await?;
    let mut photos = app.gallery.photos(id, filter, order, after, limit + 1).await?;
    let counts = app.gallery.counts(id).await?;
    let next_cursor = paging::cut(&mut photos, limit, |last| order.after(last).to_string());
    let photos = shown(&app, id, &photos, mark.as_deref()).await?;
    let bin_days = app.gallery.bin_days();
    Ok(Json(ManagedPage { photos, next_cursor, counts: counts.into(), bin_days }))
}

/// Photos of one session as its studio sees them.
///
/// # Errors
/// A fault of the store.
pub async fn shown(
    app: &App,
    session: PhotoSessionId,
    photos: &[Photo],
    mark: Option<&StudioMark>,
) -> Result<Vec<ManagedPhotoJson>, Problem> {
    let mut crops = app.gallery.crops(photos).await?;
    let chapters = app.gallery.chapters(session).await?;
    let json = |photo: &Photo| ManagedPhotoJson::new(photo, mark, crops.remove(&photo.id), &chapters);
    Ok(photos.iter().map(json).collect())
}

#[derive(Serialize, ToSchema)]
pub struct ManagedIds {
    #[schema(value_type = Vec<Uuid>)]
    photo_ids: Vec<PhotoId>,
}

/// List the ids of every photo that matches the filter, so that all can be selected without reading every page
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/photos/ids",
    operation_id = "list_photo_ids",
    tag = "studio",
    params(("session_id" = Uuid, Path), Filter, Order),
    responses((status = 200, body = ManagedIds))
)]
pub async fn ids(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(filter): Params<Filter>,
    Params(order): Params<Order>,
) -> Result<Json<ManagedIds>, Problem> {
    let order = order.read()?;
    managed(&app, &caller, id).await?;
    let filter = filter.read(&app, id).await?;
    Ok(Json(ManagedIds { photo_ids: app.gallery.photo_ids(id, filter, order).await? }))
}

/// Count the photos that match the filter by the hour of the shot
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/photos/hours",
    operation_id = "list_photo_hours",
    tag = "studio",
    params(("session_id" = Uuid, Path), Filter, Order),
    responses((status = 200, body = GalleryHours))
)]
pub async fn hours(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(filter): Params<Filter>,
    Params(order): Params<Order>,
) -> Result<Json<GalleryHours>, Problem> {
    let order = order.read()?;
    managed(&app, &caller, id).await?;
    let filter = filter.read(&app, id).await?;
    Ok(Json(app.gallery.hours(id, filter, order.descending).await?.into()))
}

fn stars(text: &str) -> Option<i8> {
    text.parse().ok().filter(|stars| (1..=5).contains(stars))
}
