//! `/api/photo-sessions/{session_id}/chapters`: the parts of a session's day.

use std::collections::HashMap;

use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::managed;
use crate::{
    app::{App, AppState},
    domain::{Chapter, ChapterId, Chapters, PhotoSessionId, suggested_starts},
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        sessions::chapters::{ChapterJson, CreditJson, credits},
        shared::camera_time,
    },
    photos::{ChapterError, PhotoPlace, WantedChapter},
};

impl From<ChapterError> for Problem {
    fn from(error: ChapterError) -> Self {
        match error {
            ChapterError::InvalidName => Code::InvalidChapterName.into(),
            ChapterError::TooMany => Code::TooManyChapters.into(),
            ChapterError::NotFound => Code::ChapterNotFound.into(),
            ChapterError::Store(error) => error.into(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ManagedChapters {
    /// In the photographer's order.
    chapters: Vec<ChapterJson>,
    /// Photos that are in no chapter.
    outside: u64,
    /// The photographers whom files name, those of the most photos first.
    credits: Vec<CreditJson>,
    /// Where chapters may begin: at the first photo, and where nothing was shot for a while.
    suggested: Vec<SuggestedChapter>,
}

#[derive(Serialize, ToSchema)]
pub struct SuggestedChapter {
    /// By the session's clock, without a zone.
    starts_at: String,
    photos: u64,
}

/// List the chapters of a session, and where more of them may begin
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/chapters",
    operation_id = "list_chapters",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = ManagedChapters))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<ManagedChapters>, Problem> {
    managed(&app, &caller, id).await?;
    let chapters = app.gallery.chapters(id).await?;
    Ok(Json(managed_chapters(&app, id, &chapters).await?))
}

#[derive(Deserialize, ToSchema)]
pub struct NewChapters {
    /// In their order. Chapters that are there and not among these go.
    #[schema(max_items = 50)]
    chapters: Vec<NewChapter>,
}

#[derive(Deserialize, ToSchema)]
pub struct NewChapter {
    /// Absent for a new one.
    #[serde(default, alias = "chapterId")]
    #[schema(value_type = Option<Uuid>)]
    chapter_id: Option<String>,
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// By the session's clock, without a zone: `2026-06-20T15:00`. Without it only photos are in the chapter that were put
    /// there by hand.
    #[serde(default, alias = "startsAt")]
    starts_at: Option<String>,
}

impl NewChapter {
    fn read(self) -> Result<WantedChapter, Problem> {
        Ok(WantedChapter {
            id: self.chapter_id.as_deref().map(extract::id).transpose()?,
            name: self.name,
            starts_at: self.starts_at.as_deref().map(local_time).transpose()?,
        })
    }
}

/// A time of the session's clock, which has no zone.
fn local_time(text: &str) -> Result<NaiveDateTime, Problem> {
    let forms = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
    let read = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    read.ok_or(Code::InvalidTime.into())
}

/// Set the chapters of a session
///
/// The whole list takes the place of the one before: chapters are added, renamed, moved and removed by it. Photos that
/// were put by hand into a chapter that goes are where their time says.
#[utoipa::path(
    put,
    path = "/api/photo-sessions/{session_id}/chapters",
    operation_id = "set_chapters",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = NewChapters,
    responses((status = 200, body = ManagedChapters))
)]
pub async fn set(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    new: Result<extract::Json<NewChapters>, Problem>,
) -> Result<Json<ManagedChapters>, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(NewChapters { chapters }) = new?;
    let wanted = chapters.into_iter().map(NewChapter::read).collect::<Result<_, _>>()?;
    let chapters = app.gallery.set_chapters(id, wanted).await?;
    Ok(Json(managed_chapters(&app, id, &chapters).await?))
}

async fn managed_chapters(
    app: &App,
    session: PhotoSessionId,
    chapters: &Chapters,
) -> Result<ManagedChapters, Problem> {
    let places = app.gallery.places(session).await?;
    let mut photos: HashMap<Option<ChapterId>, u64> = HashMap::new();
    for place in &places {
        *photos.entry(chapters.of(place.moment, place.chapter)).or_default() += 1;
    }
    let mut of = |chapter: Option<ChapterId>| photos.remove(&chapter).unwrap_or_default();
    let json = |chapter: &Chapter| ChapterJson::new(chapter, of(Some(chapter.id)));
    Ok(ManagedChapters {
        chapters: chapters.list.iter().map(json).collect(),
        outside: photos.remove(&None).unwrap_or_default(),
        credits: credits(&places),
        suggested: suggested(&places, chapters.offset_minutes),
    })
}

fn suggested(places: &[PhotoPlace], offset_minutes: i32) -> Vec<SuggestedChapter> {
    let moments: Vec<DateTime<Utc>> = places.iter().map(|place| place.moment).collect();
    let zone = TimeDelta::minutes(i64::from(offset_minutes));
    let starts = suggested_starts(&moments);
    let ends = starts.iter().skip(1).copied().chain([DateTime::<Utc>::MAX_UTC]);
    let chapter = |(start, end): (&DateTime<Utc>, DateTime<Utc>)| SuggestedChapter {
        starts_at: camera_time((*start + zone).naive_utc()),
        photos: moments.iter().filter(|moment| **moment >= *start && **moment < end).count() as u64,
    };
    starts.iter().zip(ends).map(chapter).collect()
}
