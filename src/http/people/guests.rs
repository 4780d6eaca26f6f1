//! `GET /api/v1/sessions/{session_id}/people`: whom guests may filter by.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{GalleryPerson, list::gallery_person};
use crate::{
    app::AppState,
    domain::{PersonSummary, PhotoId, PhotoSessionId},
    http::{extract::PathId, holder::Holder, messages::Code, problem::Problem},
};

/// People that guests are shown; who is in one photo only is found by looking through them.
const MOST: usize = 100;

#[derive(Serialize, ToSchema)]
pub struct GuestPeople {
    /// Those in the most photos first.
    people: Vec<GalleryPerson>,
}

/// The people in the photos that guests see
///
/// Only where the photographer shows people to guests. Who has no name is a face and a number.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/people",
    operation_id = "list_gallery_people",
    tag = "people",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = GuestPeople))
)]
pub async fn people(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Json<GuestPeople>, Problem> {
    let visit = app.guests.enter(id, &pass).await?;
    if !visit.shows_people().await? {
        return Err(Code::PeopleOff.into());
    }
    let people: Vec<PersonSummary> = visit.people().await?.into_iter().take(MOST).collect();
    let ids: Vec<PhotoId> = people.iter().map(|person| person.photo).collect();
    let photos = visit.these(&ids).await?.into_iter().map(|photo| (photo.id, photo)).collect();
    let json =
        |person: PersonSummary| gallery_person(person, &photos, visit.mark.as_deref(), visit.largest());
    Ok(Json(GuestPeople { people: people.into_iter().filter_map(json).collect() }))
}
