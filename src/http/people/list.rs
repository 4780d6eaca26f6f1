//! `/api/photo-sessions/{session_id}/people` and `…/{person_id}/faces`

use std::{collections::HashMap, str::FromStr};

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{BoxJson, GalleryPerson, PortraitJson};
use crate::{
    app::{App, AppState},
    domain::{PersonId, PersonSummary, Photo, PhotoId, PhotoSession, PhotoSessionId, folded_name},
    http::{
        extract::{Params, PathId, PathIds},
        guard::Caller,
        paging,
        problem::Problem,
        shared::Picture,
        studio::{managed, mark_for},
    },
    marks::StudioMark,
    photos::GalleryCursor,
};

/// People on a page, where the client does not say.
const USUAL: u32 = 100;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// A part of the name that somebody was given, or the number of somebody without one.
    name: Option<String>,
}

/// Somebody as the photographer sees them.
#[derive(Serialize, ToSchema)]
pub struct ManagedPerson {
    #[serde(flatten)]
    person: GalleryPerson,
    /// Photos that show this person are withheld from guests.
    is_hidden: bool,
    is_child: bool,
}

#[derive(Serialize, ToSchema)]
pub struct ManagedPeople {
    /// Those in the most photos first.
    people: Vec<ManagedPerson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
    /// How many people there are.
    total: usize,
    /// Every name that was given, for completion.
    names: Vec<String>,
    /// Ready photos whose faces have not been put to people yet.
    photos_left: u64,
}

/// Place in a list of people: the photos and the number of the last of a page.
#[derive(Clone, Copy)]
struct Place {
    photos: u64,
    number: u32,
}

impl Place {
    fn is_before(self, person: &PersonSummary) -> bool {
        person.photos < self.photos || (person.photos == self.photos && person.number > self.number)
    }
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('.').and_then(|(photos, number)| {
            Some(Self { photos: photos.parse().ok()?, number: number.parse().ok()? })
        });
        parts.ok_or("not a cursor")
    }
}

/// Everybody in the photos of a session
///
/// Faces are put to people in the background as photos come.
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/people",
    operation_id = "list_people",
    tag = "people",
    params(("session_id" = Uuid, Path), Page),
    responses((status = 200, body = ManagedPeople))
)]
pub async fn people(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(page): Params<Page>,
) -> Result<Json<ManagedPeople>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), USUAL)?;
    let after: Option<Place> = paging::after(page.cursor)?;
    let session = managed(&app, &caller, id).await?;
    let all = app.people.list(&session).await?;
    let (total, mut names) = (all.len(), all.iter().filter_map(|p| p.name.clone()).collect::<Vec<_>>());
    names.sort_by_cached_key(|name| folded_name(name));
    let wanted = page.name.map(|name| folded_name(name.trim()));
    let is_wanted = |person: &PersonSummary| {
        let is_named =
            |part: &str| person.name.as_deref().is_some_and(|name| folded_name(name).contains(part));
        wanted.as_deref().is_none_or(|part| is_named(part) || person.number.to_string() == part)
    };
    let is_next =
        |person: &PersonSummary| is_wanted(person) && after.is_none_or(|place| place.is_before(person));
    let mut people: Vec<PersonSummary> = all.into_iter().filter(is_next).take(limit as usize + 1).collect();
    let next_cursor = paging::cut(&mut people, limit, |last| format!("{}.{}", last.photos, last.number));
    let mark = mark_for(&app, &caller, &session).await?;
    let photos = portraits(&app, &session, &people).await?;
    let json = |person: PersonSummary| {
        let (is_hidden, is_child) = (person.is_hidden, person.is_child);
        let person = gallery_person(person, &photos, mark.as_deref(), u32::MAX)?;
        Some(ManagedPerson { person, is_hidden, is_child })
    };
    let photos_left = app.people.left(id).await?;
    Ok(Json(ManagedPeople {
        people: people.into_iter().filter_map(json).collect(),
        next_cursor,
        total,
        names,
        photos_left,
    }))
}

/// The photos in which people's best faces are.
async fn portraits(
    app: &App,
    session: &PhotoSession,
    people: &[PersonSummary],
) -> Result<HashMap<PhotoId, Photo>, Problem> {
    let ids: Vec<PhotoId> = people.iter().map(|person| person.photo).collect();
    let photos = app.gallery.some(session.id, &ids).await?;
    Ok(photos.into_iter().map(|photo| (photo.id, photo)).collect())
}

/// `None` for somebody whose photo went meanwhile. `most`: the long side of the largest copy that is sent.
pub(super) fn gallery_person(
    person: PersonSummary,
    photos: &HashMap<PhotoId, Photo>,
    mark: Option<&StudioMark>,
    most: u32,
) -> Option<GalleryPerson> {
    let portrait = PortraitJson::new(&person, photos.get(&person.photo)?, mark, most);
    let PersonSummary { id, number, name, photos, .. } = person;
    Some(GalleryPerson { person_id: id.0, number, name, photos, portrait })
}

#[derive(Serialize, ToSchema)]
pub struct Forgotten {
    people: u64,
}

/// Erase who is in the session
///
/// Groups, names, and what was merged, taken apart and hidden. Photos that were withheld because of somebody are seen
/// again. While people are on, the faces are grouped anew; switch them off first to have that not happen.
#[utoipa::path(
    delete,
    path = "/api/photo-sessions/{session_id}/people",
    operation_id = "erase_people",
    tag = "people",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = Forgotten))
)]
pub async fn forget(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<Forgotten>, Problem> {
    managed(&app, &caller, id).await?;
    Ok(Json(Forgotten { people: app.people.forget(id).await? }))
}

/// A face of somebody, with its whole photo.
#[derive(Serialize, ToSchema)]
pub struct PersonFaceJson {
    face_id: Uuid,
    #[serde(flatten)]
    picture: Picture,
    /// Where the face is in the picture.
    r#box: BoxJson,
}

#[derive(Serialize, ToSchema)]
pub struct PersonFaces {
    /// By the time of the shot.
    faces: Vec<PersonFaceJson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
}

/// The faces that were put to a person
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/people/{person_id}/faces",
    operation_id = "list_person_faces",
    tag = "people",
    params(("session_id" = Uuid, Path), ("person_id" = Uuid, Path), Page),
    responses((status = 200, body = PersonFaces))
)]
pub async fn faces(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, person): PathIds<PhotoSessionId, PersonId>,
    Params(page): Params<Page>,
) -> Result<Json<PersonFaces>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), USUAL)?;
    let after: Option<GalleryCursor> = paging::after(page.cursor)?;
    let session = managed(&app, &caller, id).await?;
    let mark = mark_for(&app, &caller, &session).await?;
    let faces = app.people.faces(&session, person, after, limit + 1).await?;
    let ids: Vec<PhotoId> = faces.iter().map(|face| face.photo).collect();
    let photos = app.gallery.some(id, &ids).await?;
    let mut shown: Vec<(&Photo, PersonFaceJson)> = Vec::with_capacity(photos.len());
    for face in faces {
        let Some(photo) = photos.iter().find(|photo| photo.id == face.photo) else { continue };
        let picture = Picture::new(photo, mark.as_deref(), u32::MAX);
        shown.push((photo, PersonFaceJson { face_id: face.id.0, picture, r#box: face.rect.into() }));
    }
    let next_cursor = paging::cut(&mut shown, limit, |(photo, _)| GalleryCursor::after(photo).to_string());
    Ok(Json(PersonFaces { faces: shown.into_iter().map(|(_, face)| face).collect(), next_cursor }))
}
