//! `/api/qr-auth/…`: signing a device in by a scanned code.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SignInOrigin, Tokens, secure};
use crate::{
    accounts::Polled,
    app::AppState,
    http::{
        client::Client, cookies, extract, guard::Caller, problem::Problem, sessions::qr_svg, shared::time,
    },
};

#[derive(Serialize, ToSchema)]
pub struct NewQrCode {
    /// To poll with; stays on the asking device. The picture shows another one.
    code: String,
    /// The page that the picture leads to.
    confirm_url: String,
    /// Opens the studio's own app instead.
    app_url: String,
    /// The picture.
    qr_svg: String,
    expires_at: String,
    /// Seconds.
    expires_in: i64,
}

/// Ask to be signed in by another device
#[utoipa::path(
    post,
    path = "/api/qr-auth/generate",
    operation_id = "generate_qr_login",
    tag = "accounts",
    responses((status = 201, body = NewQrCode))
)]
pub async fn generate(
    State(app): State<AppState>,
    Client(client): Client,
) -> Result<(StatusCode, Json<NewQrCode>), Problem> {
    let code = app.accounts.generate_qr(&client).await?;
    let confirm_url = format!("{}/qr-login?code={}", app.settings.public_url, code.scan_code);
    let new = NewQrCode {
        qr_svg: qr_svg(&confirm_url).map_err(Problem::internal)?,
        app_url: format!("{}://qr-login?code={}", app.settings.app_scheme, code.scan_code),
        code: code.poll_code,
        confirm_url,
        expires_at: time(code.expires_at),
        expires_in: code.expires_in,
    };
    Ok((StatusCode::CREATED, Json(new)))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QrState {
    Pending,
    Confirmed,
    Rejected,
    Expired,
}

#[derive(Serialize, ToSchema)]
pub struct QrStatus {
    status: QrState,
    /// With `confirmed`; the answer that has them is given once.
    tokens: Option<Tokens>,
}

/// What became of the code; meant to be polled every 2 seconds
#[utoipa::path(
    get,
    path = "/api/qr-auth/status/{code}",
    operation_id = "get_qr_login",
    tag = "accounts",
    params(("code" = String, Path)),
    responses((status = 200, body = QrStatus))
)]
pub async fn status(
    State(app): State<AppState>,
    Client(client): Client,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let without = |status| Json(QrStatus { status, tokens: None }).into_response();
    Ok(match app.accounts.poll_qr(&code, &client).await? {
        Polled::Pending => without(QrState::Pending),
        Polled::Rejected => without(QrState::Rejected),
        Polled::Expired => without(QrState::Expired),
        Polled::Confirmed(signed_in) => {
            let cookies = cookies::set(&signed_in, secure(&app));
            let confirmed = QrStatus { status: QrState::Confirmed, tokens: Some((*signed_in).into()) };
            (cookies, Json(confirmed)).into_response()
        }
    })
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskingState {
    Pending,
    /// It was confirmed, was rejected or ran out.
    Settled,
}

#[derive(Serialize, ToSchema)]
pub struct AskingDevice {
    status: AskingState,
    #[serde(flatten)]
    origin: SignInOrigin,
    created_at: String,
    expires_at: String,
}

/// Which device asks, for whoever is to confirm
#[utoipa::path(
    get,
    path = "/api/qr-auth/request/{code}",
    operation_id = "get_qr_login_request",
    tag = "accounts",
    params(("code" = String, Path, description = "From the picture")),
    responses((status = 200, body = AskingDevice))
)]
pub async fn request(
    State(app): State<AppState>,
    Caller(_): Caller,
    Path(code): Path<String>,
) -> Result<Json<AskingDevice>, Problem> {
    let request = app.accounts.qr_request(&code).await?;
    Ok(Json(AskingDevice {
        status: if request.pending { AskingState::Pending } else { AskingState::Settled },
        origin: request.origin.into(),
        created_at: time(request.created_at),
        expires_at: time(request.expires_at),
    }))
}

#[derive(Deserialize, ToSchema)]
pub struct ScannedCode {
    code: String,
}

/// Sign the asking device in as oneself
#[utoipa::path(
    post,
    path = "/api/qr-auth/confirm",
    operation_id = "confirm_qr_login",
    tag = "accounts",
    request_body = ScannedCode,
    responses((status = 204))
)]
pub async fn confirm(
    State(app): State<AppState>,
    Caller(caller): Caller,
    extract::Json(scanned): extract::Json<ScannedCode>,
) -> Result<StatusCode, Problem> {
    app.accounts.confirm_qr(&caller, &scanned.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Turn the asking device away
#[utoipa::path(
    post,
    path = "/api/qr-auth/reject",
    operation_id = "reject_qr_login",
    tag = "accounts",
    request_body = ScannedCode,
    responses((status = 204))
)]
pub async fn reject(
    State(app): State<AppState>,
    Caller(caller): Caller,
    extract::Json(scanned): extract::Json<ScannedCode>,
) -> Result<StatusCode, Problem> {
    app.accounts.reject_qr(&caller, &scanned.code).await?;
    Ok(StatusCode::NO_CONTENT)
}
