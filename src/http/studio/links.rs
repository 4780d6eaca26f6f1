//! `/api/photo-sessions/{session_id}/links`: the ways to a session that are counted apart.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::managed;
use crate::{
    app::AppState,
    domain::{PhotoSessionId, SessionLink},
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::time,
    },
    photo_sessions::LinkError,
};

#[derive(Serialize, ToSchema)]
pub struct LinkJson {
    code: String,
    /// Where it hangs; empty for the one that the session's own QR code has.
    label: String,
    url: String,
    /// How often it was followed.
    visits: u64,
    #[schema(format = DateTime)]
    created_at: String,
}

impl LinkJson {
    fn new(SessionLink { code, label, created_at }: SessionLink, visits: u64, url: String) -> Self {
        Self { code: code.to_string(), label, url, visits, created_at: time(created_at) }
    }
}

#[derive(Serialize, ToSchema)]
pub struct LinksJson {
    /// Oldest first; the session's own is always among them.
    links: Vec<LinkJson>,
}

/// List the session's short links, with how often each was followed
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/links",
    operation_id = "list_links",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = LinksJson))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<LinksJson>, Problem> {
    let studio = managed(&app, &caller, id).await?.studio_id;
    app.studio.own_link(id, app.now()).await?;
    let followed = app.usage.links(id).await?;
    let links = app.studio.links(id).await?.into_iter();
    let visits = |link: &SessionLink| followed.get(&link.code).copied().unwrap_or_default();
    let json = |link: SessionLink| {
        let (visits, url) = (visits(&link), app.addresses.link(studio, link.code));
        LinkJson::new(link, visits, url)
    };
    let links = links.map(json).collect();
    Ok(Json(LinksJson { links }))
}

#[derive(Deserialize, ToSchema)]
pub struct NewLinkJson {
    /// Where it hangs: 1 to 60 characters in one line.
    label: String,
}

/// Make a short link with a code of its own; asked for twice, it is the same
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/links",
    operation_id = "create_link",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = NewLinkJson,
    responses((status = 201, body = LinkJson))
)]
pub async fn create(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    new: Result<extract::Json<NewLinkJson>, Problem>,
) -> Result<(StatusCode, Json<LinkJson>), Problem> {
    let studio = managed(&app, &caller, id).await?.studio_id;
    let extract::Json(new) = new?;
    let link = app.studio.add_link(id, &new.label, app.now()).await?;
    let visits = app.usage.links(id).await?.get(&link.code).copied().unwrap_or_default();
    let url = app.addresses.link(studio, link.code);
    Ok((StatusCode::CREATED, Json(LinkJson::new(link, visits, url))))
}

/// Remove a short link: its code leads nowhere from then on
#[utoipa::path(
    delete,
    path = "/api/photo-sessions/{session_id}/links/{code}",
    operation_id = "delete_link",
    tag = "studio",
    params(("session_id" = Uuid, Path), ("code" = String, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<AppState>,
    Caller(caller): Caller,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path((session, code)) = path.map_err(|_| Code::MalformedId)?;
    let session = extract::id(&session)?;
    managed(&app, &caller, session).await?;
    app.studio.remove_link(session, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::InvalidLabel => Code::InvalidLabel.into(),
            LinkError::TooMany => Code::TooManyLinks.into(),
            LinkError::NotFound => Code::LinkNotFound.into(),
            LinkError::Store(error) => error.into(),
        }
    }
}
