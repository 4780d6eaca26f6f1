//! `/api/auth/…`: in, out, and who am I.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Tokens, User, with_cookies};
use crate::{
    app::AppState,
    http::{
        client::Client,
        cookies, extract,
        guard::{Caller, MaybeCaller},
        language,
        messages::Code,
        problem::Problem,
    },
};

#[derive(Deserialize, ToSchema)]
pub struct Credentials {
    /// E-mail address or telephone number.
    login: String,
    #[schema(format = Password)]
    password: String,
}

/// Sign in with a password
#[utoipa::path(
    post,
    path = "/api/auth/login",
    operation_id = "sign_in",
    tag = "accounts",
    request_body = Credentials,
    responses((status = 200, body = Tokens))
)]
pub async fn login(
    State(app): State<AppState>,
    Client(client): Client,
    headers: HeaderMap,
    extract::Json(given): extract::Json<Credentials>,
) -> Result<Response, Problem> {
    let devices = cookies::known_devices(&headers);
    let signed_in = app.accounts.sign_in_on(&given.login, given.password, &client, &devices).await?;
    Ok(with_cookies(&app, StatusCode::OK, signed_in))
}

#[derive(Deserialize, ToSchema)]
pub struct RefreshToken {
    /// A browser leaves it out: it has the cookie.
    #[serde(alias = "refreshToken")]
    refresh_token: Option<String>,
}

/// Exchange a refresh token for new tokens
///
/// The token is used up. If it comes a second time, the device is signed out.
#[utoipa::path(
    post,
    path = "/api/auth/refresh",
    operation_id = "refresh_tokens",
    tag = "accounts",
    request_body = RefreshToken,
    responses((status = 200, body = Tokens))
)]
pub async fn refresh(
    State(app): State<AppState>,
    headers: HeaderMap,
    extract::Json(given): extract::Json<RefreshToken>,
) -> Result<Response, Problem> {
    let token = given.refresh_token.or_else(|| cookies::refresh(&headers));
    let token = token.ok_or(Code::InvalidRefreshToken)?;
    Ok(with_cookies(&app, StatusCode::OK, app.accounts.refresh(&token).await?))
}

/// Sign this device out
#[utoipa::path(post, path = "/api/auth/logout", operation_id = "sign_out", tag = "accounts", responses((status = 204)))]
pub async fn logout(
    State(app): State<AppState>,
    MaybeCaller(caller): MaybeCaller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match (caller, cookies::refresh(&headers)) {
        (Some(caller), _) => app.accounts.sign_out(&caller).await?,
        // The access token has run out; this cookie comes from our own pages only (`SameSite=Strict`).
        (None, Some(token)) => app.accounts.sign_out_by_token(&token).await?,
        // Nobody known asks: then nobody's cookies are taken away.
        (None, None) => return Ok(StatusCode::NO_CONTENT.into_response()),
    }
    Ok((StatusCode::NO_CONTENT, cookies::clear(cookies::secure(&app))).into_response())
}

#[derive(Serialize, ToSchema)]
pub struct Me {
    user: User,
    /// The device session; `null` for an API key.
    session_id: Option<Uuid>,
}

/// Get the signed-in user
#[utoipa::path(get, path = "/api/auth/me", operation_id = "get_me", tag = "accounts", responses((status = 200, body = Me)))]
pub async fn me(State(app): State<AppState>, Caller(caller): Caller) -> Result<Json<Me>, Problem> {
    let account = app.accounts.account(caller.user).await?;
    Ok(Json(Me { user: account.into(), session_id: caller.device_session().map(|id| id.0) }))
}

#[derive(Deserialize, ToSchema)]
pub struct PasswordChange {
    #[serde(alias = "currentPassword")]
    #[schema(format = Password)]
    current_password: String,
    /// 10 to 200 characters, and not easy to guess.
    #[serde(alias = "newPassword")]
    #[schema(format = Password)]
    new_password: String,
    /// Whether the API keys stay valid. Otherwise they are revoked.
    #[serde(default, alias = "keepApiKeys")]
    keep_api_keys: bool,
}

/// Change the caller's password
///
/// Signs the other devices out, and ends the API keys unless they are to be kept.
#[utoipa::path(
    post,
    path = "/api/auth/password",
    operation_id = "change_password",
    tag = "accounts",
    request_body = PasswordChange,
    responses((status = 204))
)]
pub async fn password(
    State(app): State<AppState>,
    Caller(caller): Caller,
    headers: HeaderMap,
    extract::Json(given): extract::Json<PasswordChange>,
) -> Result<(StatusCode, HeaderMap), Problem> {
    let PasswordChange { current_password, new_password, keep_api_keys } = given;
    let language = language::of(&headers);
    let changed =
        app.accounts.change_password(&caller, current_password, &new_password, keep_api_keys, language);
    let known_device = changed.await?;
    Ok((StatusCode::NO_CONTENT, cookies::set_known(caller.user, known_device, cookies::secure(&app))))
}

#[derive(Deserialize, ToSchema)]
pub struct SetUp {
    /// From the link.
    token: String,
    email: String,
    /// 10 to 200 characters, and not easy to guess.
    #[schema(format = Password)]
    password: String,
    name: String,
    #[serde(alias = "studioName")]
    studio_name: String,
}

/// Make the first account
///
/// Works once, with the link that the server printed at its first start.
#[utoipa::path(
    post,
    path = "/api/auth/setup",
    operation_id = "set_up",
    tag = "accounts",
    request_body = SetUp,
    responses((status = 201, body = Tokens))
)]
pub async fn setup(
    State(app): State<AppState>,
    Client(client): Client,
    extract::Json(given): extract::Json<SetUp>,
) -> Result<Response, Problem> {
    let SetUp { token, email, password, name, studio_name } = given;
    let signed_in = app.accounts.set_up(&token, &email, &password, &name, &studio_name, &client).await?;
    Ok(with_cookies(&app, StatusCode::CREATED, signed_in))
}
