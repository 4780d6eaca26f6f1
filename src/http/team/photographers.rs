//! `/api/photo-sessions/{session_id}/photographers`: who takes part in a session.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    accounts::Photographers,
    app::AppState,
    domain::{PhotoSessionId, User, UserId},
    http::{
        extract::{self, PathId},
        guard::Caller,
        problem::Problem,
        studio::managed,
        words,
    },
};

#[derive(Serialize, ToSchema)]
pub struct PhotographerJson {
    id: Uuid,
    name: String,
    role: words::Role,
    /// Whether the session is theirs.
    is_owner: bool,
    /// Whether they take part beside its owner.
    takes_part: bool,
}

#[derive(Serialize, ToSchema)]
pub struct PhotographersJson {
    /// The members of the session's studio who may take part, by name.
    photographers: Vec<PhotographerJson>,
}

impl From<Photographers> for PhotographersJson {
    fn from(from: Photographers) -> Self {
        let Photographers { candidates, owner, others } = from;
        let json = |user: User| PhotographerJson {
            is_owner: Some(user.id) == owner,
            takes_part: others.contains(&user.id),
            id: user.id.0,
            name: user.name,
            role: user.role.into(),
        };
        Self { photographers: candidates.into_iter().map(json).collect() }
    }
}

/// List who takes part in a session, and who could
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/photographers",
    operation_id = "get_photographers",
    tag = "team",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = PhotographersJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<PhotographersJson>, Problem> {
    let session = managed(&app, &caller, id).await?;
    Ok(Json(app.accounts.photographers(&session).await?.into()))
}

#[derive(Deserialize, ToSchema)]
pub struct PhotographersInput {
    /// Who takes part beside the session's owner. They manage it as the owner does.
    #[serde(alias = "photographerIds")]
    photographer_ids: Vec<Uuid>,
}

/// Set who takes part in a session
#[utoipa::path(
    put,
    path = "/api/photo-sessions/{session_id}/photographers",
    operation_id = "set_photographers",
    tag = "team",
    params(("session_id" = Uuid, Path)),
    request_body = PhotographersInput,
    responses((status = 200, body = PhotographersJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    given: Result<extract::Json<PhotographersInput>, Problem>,
) -> Result<Json<PhotographersJson>, Problem> {
    let session = managed(&app, &caller, id).await?;
    let extract::Json(given) = given?;
    let others = given.photographer_ids.into_iter().map(UserId).collect();
    app.accounts.set_photographers(&session, others).await?;
    Ok(Json(app.accounts.photographers(&session).await?.into()))
}
