//! `/api/qr-auth/…`: signing a device in by a scanned code.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SignInOrigin, Tokens};
use crate::{
    accounts::{Asker, Polled},
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
///
/// A browser gets a strict cookie with the code: with it, and only with it, `POST /api/qr-auth/status` signs it in.
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
    headers: HeaderMap,
) -> Result<(StatusCode, HeaderMap, Json<NewQrCode>), Problem> {
    let code = app.accounts.generate_qr(&client, cookies::asker(&headers).as_deref()).await?;
    let confirm_url = format!("{}/qr-login?code={}", app.settings.public_url, code.scan_code);
    let new = NewQrCode {
        qr_svg: qr_svg(&confirm_url).map_err(Problem::internal)?,
        app_url: format!("{}://qr-login?code={}", app.settings.app_scheme, code.scan_code),
        code: code.poll_code,
        confirm_url,
        expires_at: time(code.expires_at),
        expires_in: code.expires_in,
    };
    Ok((StatusCode::CREATED, cookies::set_asker(code.asker, cookies::secure(&app)), Json(new)))
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
    /// The tokens, with `confirmed` only; they are given once.
    tokens: Option<Tokens>,
}

impl QrStatus {
    fn new(status: QrState) -> Self {
        Self { status, tokens: None }
    }
}

#[derive(Deserialize, ToSchema)]
pub struct PolledCode {
    code: String,
}

/// Get the status of this browser's code; meant to be polled every 2 seconds
///
/// Once it is confirmed, the answer has the tokens, and the cookies of a signed-in browser. Of a code that another
/// browser asked for it says `expired`.
#[utoipa::path(
    post,
    path = "/api/qr-auth/status",
    tag = "accounts",
    request_body = PolledCode,
    responses((status = 200, body = QrStatus))
)]
pub async fn poll(
    State(app): State<AppState>,
    Client(client): Client,
    headers: HeaderMap,
    extract::Json(PolledCode { code }): extract::Json<PolledCode>,
) -> Result<Response, Problem> {
    let cookie = cookies::asker(&headers).unwrap_or_default();
    Ok(match app.accounts.poll_qr(&code, Asker::Browser(&cookie), &client).await? {
        Polled::Confirmed(signed_in) => {
            let cookies = cookies::set(&signed_in, cookies::secure(&app));
            let confirmed = QrStatus { status: QrState::Confirmed, tokens: Some((*signed_in).into()) };
            (cookies, Json(confirmed)).into_response()
        }
        other => Json(QrStatus::new(word(&other))).into_response(),
    })
}

/// Get the status of a code, for programs without cookies
///
/// Once it is confirmed, the answer has the tokens. It never sets a cookie, so that no link signs a browser in; a
/// browser that was led here by a link or another site is not given the tokens either.
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
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Json<QrStatus>, Problem> {
    let asker = if is_led(&headers) { Asker::Bystander } else { Asker::Program };
    Ok(Json(match app.accounts.poll_qr(&code, asker, &client).await? {
        Polled::Confirmed(signed_in) => {
            QrStatus { status: QrState::Confirmed, tokens: Some((*signed_in).into()) }
        }
        other => QrStatus::new(word(&other)),
    }))
}

fn word(polled: &Polled) -> QrState {
    match polled {
        Polled::Pending => QrState::Pending,
        Polled::Rejected => QrState::Rejected,
        Polled::Expired => QrState::Expired,
        Polled::Confirmed(_) | Polled::Withheld => QrState::Confirmed,
    }
}

/// Whether a browser asks because of a link or another site, by its fetch metadata
/// (<https://www.w3.org/TR/fetch-metadata/>), which no page can forge.
fn is_led(headers: &HeaderMap) -> bool {
    let says = |name: &str, what: &[&str]| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| what.contains(&value))
    };
    says("sec-fetch-mode", &["navigate"]) || says("sec-fetch-site", &["cross-site", "same-site"])
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

/// Get the device that asks, for the user who is to confirm
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

/// Sign the asking device in as the caller
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
