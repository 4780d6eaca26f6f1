//! `/api/studios/{studio_id}/host`: the host under which guests reach the studio's sessions.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::branding::check;
use crate::{
    app::{App, AppState},
    domain::StudioId,
    hosts::{Certified, HostError, Hosts, StudioHost},
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::time,
    },
};

/// How far a host is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HostState {
    /// DNS does not say yet that it is the studio's.
    Waiting,
    /// It is the studio's; its certificate is fetched, or it does not lead here yet.
    Proven,
    /// Links of the studio lead there.
    InUse,
}

#[derive(Serialize, ToSchema)]
pub struct RecordJson {
    /// Of the TXT record.
    name: String,
    value: String,
}

#[derive(Serialize, ToSchema)]
pub struct HostJson {
    host: String,
    /// What links begin with when it is in use.
    url: String,
    state: HostState,
    record: RecordJson,
    /// What the last check found: `record_missing`, `dns_unavailable`, `host_taken`, `host_unreachable`, `host_elsewhere`,
    /// `certificate_failed`.
    problem: Option<String>,
    #[schema(format = DateTime)]
    checked_at: Option<String>,
    /// When it is looked at again by itself.
    #[schema(format = DateTime)]
    next_check_at: String,
    #[schema(format = DateTime)]
    in_use_at: Option<String>,
}

/// The host of a studio
#[derive(Serialize, ToSchema)]
pub struct StudioHostJson {
    /// The host of the installation, to which the studio's has to lead.
    installation: String,
    /// Whether this installation can serve hosts of studios: not with certificates of its own authority.
    available: bool,
    host: Option<HostJson>,
}

impl StudioHostJson {
    fn new(app: &App, host: Option<StudioHost>) -> Self {
        Self {
            installation: app.addresses.own_host().to_owned(),
            available: app.hosts.certified() != Certified::Never,
            host: host.map(|host| {
                let (name, value) = Hosts::record(&host);
                HostJson {
                    url: app.addresses.under(&host.host),
                    state: match (host.proven_at, host.in_use_at) {
                        (_, Some(_)) => HostState::InUse,
                        (Some(_), None) => HostState::Proven,
                        (None, None) => HostState::Waiting,
                    },
                    record: RecordJson { name, value },
                    problem: host.problem,
                    checked_at: host.checked_at.map(time),
                    next_check_at: time(host.next_check_at),
                    in_use_at: host.in_use_at.map(time),
                    host: host.host,
                }
            }),
        }
    }
}

/// Get the host under which guests reach the studio's sessions
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/host",
    operation_id = "get_host",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = StudioHostJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<StudioHostJson>, Problem> {
    check(&caller, id)?;
    Ok(Json(StudioHostJson::new(&app, app.hosts.get(id).await?)))
}

#[derive(Deserialize, ToSchema)]
pub struct NewHostJson {
    /// A DNS name such as `photos.example.com`.
    host: String,
}

/// Enter the host under which guests are to reach the studio's sessions
///
/// It has no effect until DNS shows that it is the studio's and it leads here.
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/host",
    operation_id = "set_host",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    request_body = NewHostJson,
    responses((status = 200, body = StudioHostJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<NewHostJson>, Problem>,
) -> Result<Json<StudioHostJson>, Problem> {
    check(&caller, id)?;
    let extract::Json(new) = new?;
    let host = app.hosts.enter(id, &new.host).await?;
    Ok(Json(StudioHostJson::new(&app, Some(host))))
}

/// Remove the studio's host: guests reach its sessions under the installation's again
#[utoipa::path(
    delete,
    path = "/api/studios/{studio_id}/host",
    operation_id = "delete_host",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<StatusCode, Problem> {
    check(&caller, id)?;
    app.hosts.remove(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Check the studio's host now
///
/// A certificate that could not be fetched is asked for again a quarter of an hour after the last time at the soonest.
#[utoipa::path(
    post,
    path = "/api/studios/{studio_id}/host/check",
    operation_id = "check_host",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = StudioHostJson))
)]
pub async fn look(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<StudioHostJson>, Problem> {
    check(&caller, id)?;
    let host = app.hosts.check(id).await?;
    Ok(Json(StudioHostJson::new(&app, Some(host))))
}

impl From<HostError> for Problem {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Invalid => Code::InvalidHost.into(),
            HostError::Installation => Code::HostOfInstallation.into(),
            HostError::Taken => Code::HostTaken.into(),
            HostError::Unavailable => Code::HostsUnavailable.into(),
            HostError::NotFound => Code::HostNotFound.into(),
            HostError::Store(error) => error.into(),
        }
    }
}
