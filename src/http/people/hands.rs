//! What a photographer says of people: who they are, which faces are not theirs, and that they are not shown.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::{PersonFaceId, PersonId, PhotoSessionId},
    http::{
        extract::{self, PathId, PathIds},
        guard::Caller,
        messages::Code,
        problem::Problem,
        studio::managed,
    },
    people::PersonChange,
};

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
pub struct PersonChangeJson {
    /// `null` takes the name away.
    #[serde(default, deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80)]
    name: Option<Option<String>>,
    /// `true` withholds every photo that shows this person from guests, `false` shows them again.
    #[serde(alias = "isHidden")]
    is_hidden: Option<bool>,
    #[serde(alias = "isChild")]
    is_child: Option<bool>,
}

/// Name, hide or mark somebody
///
/// Hiding takes every photo that shows the person out of galleries, searches, archives, carts, open pages and the bot at
/// once; a new photo in such a session is withheld until it is known whom it shows.
#[utoipa::path(
    patch,
    path = "/api/photo-sessions/{session_id}/people/{person_id}",
    operation_id = "change_person",
    tag = "people",
    params(("session_id" = Uuid, Path), ("person_id" = Uuid, Path)),
    request_body = PersonChangeJson,
    responses((status = 204, description = "Guests see it so from now on"))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, person): PathIds<PhotoSessionId, PersonId>,
    change: Result<extract::Json<PersonChangeJson>, Problem>,
) -> Result<StatusCode, Problem> {
    let session = managed(&app, &caller, id).await?;
    let extract::Json(PersonChangeJson { name, is_hidden, is_child }) = change?;
    app.people.change(&session, person, PersonChange { name, is_hidden, is_child }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct MergedPeople {
    /// Who becomes this person.
    #[schema(value_type = Vec<Uuid>, min_items = 1, max_items = 200)]
    people: Vec<String>,
}

/// Make others one with a person
///
/// Two people who are in one photo stay two. If one of them is hidden, all of them are.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/people/{person_id}/merge",
    operation_id = "merge_people",
    tag = "people",
    params(("session_id" = Uuid, Path), ("person_id" = Uuid, Path)),
    request_body = MergedPeople,
    responses((status = 204, description = "They are one"))
)]
pub async fn merge(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, person): PathIds<PhotoSessionId, PersonId>,
    merged: Result<extract::Json<MergedPeople>, Problem>,
) -> Result<StatusCode, Problem> {
    let session = managed(&app, &caller, id).await?;
    let extract::Json(MergedPeople { people }) = merged?;
    let others: Vec<PersonId> = extract::ids(&people)?;
    if others.is_empty() {
        return Err(Code::MalformedBody.into());
    }
    app.people.merge(&session, person, &others).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct SplitFaces {
    /// Faces that are not this person.
    #[schema(value_type = Vec<Uuid>, min_items = 1, max_items = 200)]
    faces: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SplitOff {
    /// Who the faces are now.
    person_id: Uuid,
}

/// Take faces away from a person
///
/// They never come back to that person, however the session is grouped later and whatever model looks at it.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/people/{person_id}/split",
    operation_id = "split_person",
    tag = "people",
    params(("session_id" = Uuid, Path), ("person_id" = Uuid, Path)),
    request_body = SplitFaces,
    responses((status = 200, body = SplitOff))
)]
pub async fn split(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, person): PathIds<PhotoSessionId, PersonId>,
    split: Result<extract::Json<SplitFaces>, Problem>,
) -> Result<Json<SplitOff>, Problem> {
    let session = managed(&app, &caller, id).await?;
    let extract::Json(SplitFaces { faces }) = split?;
    let mut faces: Vec<PersonFaceId> = extract::ids(&faces)?;
    faces.sort_unstable();
    faces.dedup();
    match faces.len() {
        0 => return Err(Code::MalformedBody.into()),
        1..=200 => {}
        _ => return Err(Code::TooManyPeople.into()),
    }
    let new = app.people.split(&session, person, &faces, app.now()).await?;
    Ok(Json(SplitOff { person_id: new.0 }))
}

/// Group the faces anew
///
/// Everybody of whom nobody has said anything is grouped again; names, merges, splits and who is hidden stay.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/people/regroup",
    operation_id = "regroup_people",
    tag = "people",
    params(("session_id" = Uuid, Path)),
    responses((status = 202, description = "It is done in the background"))
)]
pub async fn regroup(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<StatusCode, Problem> {
    let session = managed(&app, &caller, id).await?;
    app.people.regroup(&session).await?;
    Ok(StatusCode::ACCEPTED)
}
