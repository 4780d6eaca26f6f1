//! `/api/photo-sessions/{session_id}/people…` and what guests see of it: who is in a session's photos.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{messages::Code, problem::Problem, sessions::search::BoxJson, shared::Picture};
use crate::{
    app::AppState,
    domain::{PersonSummary, Photo},
    marks::StudioMark,
    people::PeopleError,
};

mod guests;
mod hands;
mod list;
mod switches;
mod wishes;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(switches::studio, switches::set_studio))
        .routes(routes!(switches::session, switches::set_session))
        .routes(routes!(list::people, list::forget))
        .routes(routes!(list::faces))
        .routes(routes!(hands::change))
        .routes(routes!(hands::merge))
        .routes(routes!(hands::split))
        .routes(routes!(hands::regroup))
        .routes(routes!(guests::people))
        .routes(routes!(wishes::ask))
        .routes(routes!(wishes::receipt, wishes::take_back))
        .routes(routes!(wishes::list, wishes::change))
        .routes(routes!(wishes::answer))
}

/// The face by which somebody is shown.
#[derive(Serialize, ToSchema)]
pub struct PortraitJson {
    #[serde(flatten)]
    picture: Picture,
    /// Where the face is in the picture.
    r#box: BoxJson,
}

impl PortraitJson {
    fn new(person: &PersonSummary, photo: &Photo, mark: Option<&StudioMark>, most: u32) -> Self {
        Self { picture: Picture::new(photo, mark, most), r#box: person.rect.into() }
    }
}

/// Somebody as guests see them.
#[derive(Serialize, ToSchema)]
pub struct GalleryPerson {
    person_id: Uuid,
    /// What somebody without a name is called.
    number: u32,
    /// As the photographer has named them; never invented.
    name: Option<String>,
    /// How many of the photos that can be seen show this person.
    photos: u64,
    portrait: PortraitJson,
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Off => Code::PeopleOff.into(),
            PeopleError::NotFound => Code::PersonNotFound.into(),
            PeopleError::FaceNotFound => Code::PersonFaceNotFound.into(),
            PeopleError::InvalidName => Code::InvalidPersonName.into(),
            PeopleError::NameTaken(person) => {
                Self::new(Code::PersonNameTaken).with("person_id", person.to_string())
            }
            PeopleError::ShareAPhoto(photo) => {
                Self::new(Code::PeopleShareAPhoto).with("photo_id", photo.to_string())
            }
            PeopleError::NobodyLeft => Code::NobodyLeft.into(),
            PeopleError::TooMany => Code::TooManyPeople.into(),
            PeopleError::Store(error) => error.into(),
        }
    }
}
