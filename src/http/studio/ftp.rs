//! `/api/photo-sessions/{session_id}/ftp`: the sign-in of a session's cameras.

use axum::{Json, extract::State, http::StatusCode};
use hyper::Uri;
use serde::Serialize;
use utoipa::ToSchema;

use super::managed;
use crate::{
    accounts::FtpAccount,
    app::{App, AppState},
    config::{FtpSettings, Tls},
    domain::PhotoSessionId,
    http::{client::Origin, extract::PathId, guard::Caller, messages::Code, problem::Problem, shared::time},
};

/// How cameras send photos into a session by FTP
#[derive(Serialize, ToSchema)]
pub struct FtpJson {
    host: String,
    port: u16,
    /// Whether the server speaks explicit TLS (FTPES).
    tls: bool,
    /// Whether it wants TLS from everybody.
    requires_tls: bool,
    /// `null` where the session has no sign-in for cameras.
    account: Option<FtpAccountJson>,
}

/// It opens the session for new photos and for nothing else
#[derive(Serialize, ToSchema)]
pub struct FtpAccountJson {
    login: String,
    password: String,
    created_at: String,
}

impl FtpJson {
    fn new(app: &App, settings: &FtpSettings, origin: &str, account: Option<FtpAccount>) -> Self {
        let met: Uri = origin.parse().unwrap_or_default();
        let told = settings.address.map(|address| address.to_string());
        let account = account.map(|FtpAccount { login, password, created_at, .. }| FtpAccountJson {
            login,
            password,
            created_at: time(created_at),
        });
        Self {
            host: told.unwrap_or_else(|| met.host().unwrap_or_default().to_owned()),
            port: settings.bind.port(),
            tls: !matches!(app.settings.tls, Tls::Off),
            requires_tls: settings.requires_tls,
            account,
        }
    }
}

fn settings(app: &App) -> Result<&FtpSettings, Problem> {
    app.settings.ftp.as_ref().ok_or_else(|| Code::FtpOff.into())
}

/// Get the sign-in of a session's cameras
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/ftp",
    operation_id = "get_ftp",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = FtpJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Origin(origin): Origin,
) -> Result<Json<FtpJson>, Problem> {
    managed(&app, &caller, id).await?;
    let settings = settings(&app)?;
    let account = app.accounts.camera_account(id).await?;
    Ok(Json(FtpJson::new(&app, settings, &origin, account)))
}

/// Give a session's cameras a new sign-in
///
/// One that they had ends at once.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/ftp",
    operation_id = "renew_ftp",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 201, body = FtpJson))
)]
pub async fn renew(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Origin(origin): Origin,
) -> Result<(StatusCode, Json<FtpJson>), Problem> {
    managed(&app, &caller, id).await?;
    let settings = settings(&app)?;
    let account = app.accounts.renew_camera_account(id).await?;
    Ok((StatusCode::CREATED, Json(FtpJson::new(&app, settings, &origin, Some(account)))))
}

/// Revoke the sign-in of a session's cameras
#[utoipa::path(
    delete,
    path = "/api/photo-sessions/{session_id}/ftp",
    operation_id = "revoke_ftp",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn revoke(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<StatusCode, Problem> {
    managed(&app, &caller, id).await?;
    app.accounts.revoke_camera_account(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
