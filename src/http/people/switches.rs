//! `/api/studios/{studio_id}/people` and `/api/photo-sessions/{session_id}/people/switches`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::AppState,
    domain::{PhotoSessionId, StudioId},
    http::{
        extract::{self, PathId},
        guard::Caller,
        problem::Problem,
        studio::{check_studio, managed},
    },
    people::PeopleSwitches,
};

#[derive(Serialize, Deserialize, ToSchema)]
pub struct StudioPeople {
    /// Sessions of the studio may group the faces in their photos by person. Off until somebody switches it on.
    #[serde(alias = "isOn")]
    is_on: bool,
}

/// Whether the studio has switched people on
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/people",
    operation_id = "get_studio_people",
    tag = "people",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = StudioPeople))
)]
pub async fn studio(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<StudioPeople>, Problem> {
    check_studio(&caller, id)?;
    Ok(Json(StudioPeople { is_on: app.people.studio_switch(id).await? }))
}

/// Switch people on or off for the studio
///
/// Who is hidden stays hidden, and what was said of people is kept until it is erased.
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/people",
    operation_id = "set_studio_people",
    tag = "people",
    params(("studio_id" = Uuid, Path)),
    request_body = StudioPeople,
    responses((status = 200, body = StudioPeople))
)]
pub async fn set_studio(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<StudioPeople>, Problem>,
) -> Result<Json<StudioPeople>, Problem> {
    check_studio(&caller, id)?;
    let extract::Json(StudioPeople { is_on }) = new?;
    app.people.set_studio_switch(id, is_on, app.now()).await?;
    Ok(Json(StudioPeople { is_on }))
}

#[derive(Serialize, ToSchema)]
pub struct SessionPeople {
    /// The studio has switched people on.
    studio: bool,
    /// So has this session.
    is_on: bool,
    /// Guests are shown people to filter by.
    for_guests: bool,
    /// A selfie finds people who are marked as children only with a guardian's yes.
    guardian: bool,
    /// Ready photos whose faces have not been put to people yet.
    photos_left: u64,
}

#[derive(Deserialize, ToSchema)]
pub struct SessionPeopleChange {
    #[serde(alias = "isOn")]
    is_on: bool,
    #[serde(default, alias = "forGuests")]
    for_guests: bool,
    /// Whether a selfie finds people who are marked as children only with a guardian's yes; left out, it stays as it is.
    guardian: Option<bool>,
}

impl SessionPeople {
    fn new(switches: PeopleSwitches, photos_left: u64) -> Self {
        let PeopleSwitches { studio, session, guests, guardian } = switches;
        Self { studio, is_on: session, for_guests: guests, guardian, photos_left }
    }
}

/// Whether people are on in the session
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/people/switches",
    operation_id = "get_session_people",
    tag = "people",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = SessionPeople))
)]
pub async fn session(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<SessionPeople>, Problem> {
    let session = managed(&app, &caller, id).await?;
    Ok(Json(SessionPeople::new(app.people.switches(&session).await?, app.people.left(id).await?)))
}

/// Switch people on or off in the session
#[utoipa::path(
    put,
    path = "/api/photo-sessions/{session_id}/people/switches",
    operation_id = "set_session_people",
    tag = "people",
    params(("session_id" = Uuid, Path)),
    request_body = SessionPeopleChange,
    responses((status = 200, body = SessionPeople))
)]
pub async fn set_session(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    new: Result<extract::Json<SessionPeopleChange>, Problem>,
) -> Result<Json<SessionPeople>, Problem> {
    let session = managed(&app, &caller, id).await?;
    let extract::Json(SessionPeopleChange { is_on, for_guests, guardian }) = new?;
    let switches = app.people.set_switches(&session, is_on, for_guests, guardian).await?;
    Ok(Json(SessionPeople::new(switches, app.people.left(id).await?)))
}
