//! `/api/photo-sessions/{session_id}`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr,
        schema::{AnyOfBuilder, Schema},
    },
};
use uuid::Uuid;

use super::{managed, session_change::SessionChangeJson, sessions::StudioSessionJson};
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    guests::Described,
    http::{
        extract::{self, PathId},
        guard::{Caller, MaybeCaller},
        holder::Holder,
        problem::Problem,
        shared::time,
    },
};

#[derive(Serialize, ToSchema)]
pub struct GuestPhotos {
    ready: u64,
    queued: u64,
}

/// A session as everybody with its link may see it.
#[derive(Serialize, ToSchema)]
pub struct GuestSession {
    id: Uuid,
    name: String,
    description: Option<String>,
    studio_id: Uuid,
    status: String,
    /// Whether guests get in and may search by a selfie now.
    facepass_enabled: bool,
    #[schema(format = DateTime)]
    scheduled_at: Option<String>,
    /// In which the session's times are shown, by its IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[schema(format = DateTime)]
    completed_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    url: String,
    photos: GuestPhotos,
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum SessionJson {
    Studio(Box<StudioSessionJson>),
    Guest(Box<GuestSession>),
}

/// Every session of a studio is also what a guest sees of it, so the two are no "one of".
impl PartialSchema for SessionJson {
    fn schema() -> RefOr<Schema> {
        let shape = |name| Ref::from_schema_name(name);
        let shapes =
            AnyOfBuilder::new().item(shape(StudioSessionJson::name())).item(shape(GuestSession::name()));
        Schema::AnyOf(shapes.build()).into()
    }
}

impl ToSchema for SessionJson {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((StudioSessionJson::name().into(), StudioSessionJson::schema()));
        schemas.push((GuestSession::name().into(), GuestSession::schema()));
        StudioSessionJson::schemas(schemas);
        GuestSession::schemas(schemas);
    }
}

/// Get a session: everything for its managers, the public part for everybody else
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}",
    operation_id = "get_photo_session",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = SessionJson))
)]
pub async fn show(
    State(app): State<AppState>,
    MaybeCaller(caller): MaybeCaller,
    Holder(pass): Holder,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<SessionJson>, Problem> {
    let Described { session, manages, counts } = app.guests.described(id, caller.as_ref(), &pass).await?;
    if manages {
        let whole = StudioSessionJson::new(app.studio.whole(&session).await?, counts, &app);
        return Ok(Json(SessionJson::Studio(Box::new(whole))));
    }
    Ok(Json(SessionJson::Guest(Box::new(GuestSession {
        id: id.0,
        name: session.name.clone(),
        description: session.description.clone(),
        studio_id: session.studio_id.0,
        status: session.status.to_string(),
        facepass_enabled: session.facepass_enabled(),
        scheduled_at: session.scheduled_at.map(time),
        time_zone: app.settings.zone(session.time_zone).map(|zone| zone.to_string()),
        completed_at: session.completed_at.map(time),
        created_at: time(session.created_at),
        updated_at: time(session.updated_at),
        url: app.addresses.session(session.studio_id, id),
        photos: GuestPhotos { ready: counts.selected, queued: counts.queued },
    }))))
}

/// Change a session; guests see it at once
#[utoipa::path(
    patch,
    path = "/api/photo-sessions/{session_id}",
    operation_id = "change_photo_session",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = SessionChangeJson,
    responses((status = 200, body = StudioSessionJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    change: Result<extract::Json<SessionChangeJson>, Problem>,
) -> Result<Json<StudioSessionJson>, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(change) = change?;
    let changed = app.studio.change(id, change.parsed()?, app.now()).await?;
    let counts = app.gallery.counts(id).await?;
    Ok(Json(StudioSessionJson::new(changed, counts, &app)))
}
