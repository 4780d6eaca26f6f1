//! `/api/sessions`: where one is signed in.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::SignInOrigin;
use crate::{
    app::AppState,
    domain::DeviceSessionId,
    http::{
        extract::{Params, PathId},
        guard::Caller,
        paging,
        problem::Problem,
        shared::time,
    },
};

#[derive(Serialize, ToSchema)]
pub struct Device {
    id: Uuid,
    /// Whether this is the device that asks.
    current: bool,
    #[serde(flatten)]
    origin: SignInOrigin,
    created_at: String,
    last_activity_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct Devices {
    /// The last used first.
    sessions: Vec<Device>,
}

/// List the devices on which the caller is signed in
#[utoipa::path(get, path = "/api/sessions", operation_id = "list_devices", tag = "accounts", responses((status = 200, body = Devices)))]
pub async fn list(State(app): State<AppState>, Caller(caller): Caller) -> Result<Json<Devices>, Problem> {
    let here = caller.device_session();
    let devices = app.accounts.devices(&caller).await?.into_iter().map(|device| Device {
        id: device.id.0,
        current: Some(device.id) == here,
        origin: device.origin.into(),
        created_at: time(device.created_at),
        last_activity_at: time(device.last_activity_at),
    });
    Ok(Json(Devices { sessions: devices.collect() }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryLength {
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 20)]
    limit: Option<String>,
}

/// How somebody signed in.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "documents what rows hold")]
pub enum SignInMethod {
    Password,
    Totp,
    RecoveryCode,
    Passkey,
    Qr,
    Setup,
}

#[derive(Serialize, ToSchema)]
pub struct HistoryEntry {
    id: Uuid,
    at: String,
    success: bool,
    /// The code of a failure.
    reason: Option<String>,
    #[schema(value_type = SignInMethod)]
    method: String,
    #[serde(flatten)]
    origin: SignInOrigin,
}

#[derive(Serialize, ToSchema)]
pub struct History {
    /// Newest first.
    entries: Vec<HistoryEntry>,
}

/// List the last attempts to sign in, including failed ones
#[utoipa::path(
    get,
    path = "/api/sessions/history",
    operation_id = "list_sign_ins",
    tag = "accounts",
    params(HistoryLength),
    responses((status = 200, body = History))
)]
pub async fn history(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(length): Params<HistoryLength>,
) -> Result<Json<History>, Problem> {
    let limit = paging::limit(length.limit.as_deref(), 20)?;
    let entries = app.accounts.history(&caller, limit).await?.into_iter().map(|entry| HistoryEntry {
        id: entry.id.0,
        at: time(entry.at),
        success: entry.failure.is_none(),
        reason: entry.failure,
        method: entry.method,
        origin: entry.origin.into(),
    });
    Ok(Json(History { entries: entries.collect() }))
}

/// Sign one device out
#[utoipa::path(
    delete,
    path = "/api/sessions/{id}",
    operation_id = "end_device",
    tag = "accounts",
    params(("id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn end(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<DeviceSessionId>,
) -> Result<StatusCode, Problem> {
    app.accounts.end_device(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct Ended {
    ended: u64,
}

/// Sign all other devices out
#[utoipa::path(
    delete,
    path = "/api/sessions/others/all",
    operation_id = "end_other_devices",
    tag = "accounts",
    responses((status = 200, body = Ended))
)]
pub async fn end_others(State(app): State<AppState>, Caller(caller): Caller) -> Result<Json<Ended>, Problem> {
    Ok(Json(Ended { ended: app.accounts.end_other_devices(&caller).await? }))
}
