//! `/api/auth/two-step…`, `/api/auth/login/code`: the second step of signing in.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Tokens, with_cookies};
use crate::{
    app::AppState,
    http::{
        client::Client, extract, guard::Caller, language, problem::Problem, sessions::qr_svg, shared::time,
    },
};

#[derive(Serialize, ToSchema)]
pub struct PasskeyJson {
    id: Uuid,
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

/// The caller's second step. It is on with an app or a passkey: then a password alone signs nobody in.
#[derive(Serialize, ToSchema)]
pub struct TwoStepJson {
    /// Whether an authenticator app is set up.
    app: bool,
    /// How many recovery codes are left.
    recovery_codes: u64,
    passkeys: Vec<PasskeyJson>,
    /// Whether there can be passkeys at this address; browsers want a name and TLS.
    passkeys_possible: bool,
}

/// Get the caller's second step
#[utoipa::path(get, path = "/api/auth/two-step", operation_id = "get_two_step", tag = "accounts", responses((status = 200, body = TwoStepJson)))]
pub async fn show(State(app): State<AppState>, Caller(caller): Caller) -> Result<Json<TwoStepJson>, Problem> {
    let state = app.accounts.two_step(&caller).await?;
    let passkeys = state.passkeys.into_iter().map(|it| PasskeyJson {
        id: it.id.0,
        name: it.name,
        created_at: time(it.created_at),
        last_used_at: it.last_used_at.map(time),
    });
    Ok(Json(TwoStepJson {
        app: state.has_app,
        recovery_codes: state.recovery_codes,
        passkeys: passkeys.collect(),
        passkeys_possible: app.accounts.has_passkeys(),
    }))
}

/// A change that the caller's password confirms.
#[derive(Deserialize, ToSchema)]
pub struct OwnPassword {
    #[schema(format = Password)]
    password: String,
}

impl OwnPassword {
    pub(super) fn text(self) -> String {
        self.password
    }
}

#[derive(Serialize, ToSchema)]
pub struct NewAuthenticator {
    /// Base32, to type in.
    secret: String,
    /// `otpauth:`
    uri: String,
    /// The same as a picture.
    qr_svg: String,
}

/// Begin to set an authenticator app up
///
/// It counts once its first code is sent.
#[utoipa::path(
    post,
    path = "/api/auth/two-step/app",
    operation_id = "begin_authenticator",
    tag = "accounts",
    request_body = OwnPassword,
    responses((status = 201, body = NewAuthenticator))
)]
pub async fn begin(
    State(app): State<AppState>,
    Caller(caller): Caller,
    extract::Json(own): extract::Json<OwnPassword>,
) -> Result<(StatusCode, Json<NewAuthenticator>), Problem> {
    let new = app.accounts.begin_authenticator(&caller, own.text()).await?;
    let qr_svg = qr_svg(&new.uri).map_err(Problem::internal)?;
    Ok((StatusCode::CREATED, Json(NewAuthenticator { secret: new.secret, uri: new.uri, qr_svg })))
}

#[derive(Deserialize, ToSchema)]
pub struct AppCode {
    /// Six digits.
    code: String,
}

#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Shown this once, each for one time. Empty where there were some already.
    recovery_codes: Vec<String>,
}

impl From<Vec<String>> for RecoveryCodes {
    fn from(recovery_codes: Vec<String>) -> Self {
        Self { recovery_codes }
    }
}

/// End setting an authenticator app up with its first code
#[utoipa::path(
    post,
    path = "/api/auth/two-step/app/confirm",
    operation_id = "confirm_authenticator",
    tag = "accounts",
    request_body = AppCode,
    responses((status = 200, body = RecoveryCodes))
)]
pub async fn confirm(
    State(app): State<AppState>,
    Caller(caller): Caller,
    headers: HeaderMap,
    extract::Json(AppCode { code }): extract::Json<AppCode>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let codes = app.accounts.confirm_authenticator(&caller, &code, language::of(&headers)).await?;
    Ok(Json(codes.into()))
}

/// Remove the caller's authenticator app
#[utoipa::path(
    post,
    path = "/api/auth/two-step/app/removal",
    operation_id = "remove_authenticator",
    tag = "accounts",
    request_body = OwnPassword,
    responses((status = 204))
)]
pub async fn remove(
    State(app): State<AppState>,
    Caller(caller): Caller,
    headers: HeaderMap,
    extract::Json(own): extract::Json<OwnPassword>,
) -> Result<StatusCode, Problem> {
    app.accounts.remove_authenticator(&caller, own.text(), language::of(&headers)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make other recovery codes
///
/// Those before end.
#[utoipa::path(
    post,
    path = "/api/auth/two-step/recovery-codes",
    operation_id = "renew_recovery_codes",
    tag = "accounts",
    request_body = OwnPassword,
    responses((status = 201, body = RecoveryCodes))
)]
pub async fn renew(
    State(app): State<AppState>,
    Caller(caller): Caller,
    extract::Json(own): extract::Json<OwnPassword>,
) -> Result<(StatusCode, Json<RecoveryCodes>), Problem> {
    let codes = app.accounts.renew_recovery_codes(&caller, own.text()).await?;
    Ok((StatusCode::CREATED, Json(codes.into())))
}

#[derive(Deserialize, ToSchema)]
pub struct SecondStepCode {
    /// The `step_token` of the answer `second_step_required`.
    #[serde(alias = "stepToken")]
    step_token: String,
    /// Of the authenticator app, or a recovery code.
    code: String,
}

/// Take the second step of signing in with a code
#[utoipa::path(
    post,
    path = "/api/auth/login/code",
    operation_id = "sign_in_by_code",
    tag = "accounts",
    request_body = SecondStepCode,
    responses((status = 200, body = Tokens))
)]
pub async fn login(
    State(app): State<AppState>,
    Client(client): Client,
    extract::Json(given): extract::Json<SecondStepCode>,
) -> Result<Response, Problem> {
    let signed_in = app.accounts.sign_in_by_code(&given.step_token, &given.code, &client).await?;
    Ok(with_cookies(&app, StatusCode::OK, signed_in))
}
