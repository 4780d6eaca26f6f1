//! `/api/auth/reset…`: another password for somebody who has lost theirs.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    http::{client::Client, extract, language, problem::Problem},
};

#[derive(Deserialize, ToSchema)]
pub struct ResetWish {
    /// The e-mail address or telephone number that somebody signs in with.
    login: String,
}

/// Have a link mailed that lets somebody choose another password
///
/// The answer is the same whether there is such an account or not. The link works once and for half an hour.
#[utoipa::path(
    post,
    path = "/api/auth/reset",
    operation_id = "ask_password_reset",
    tag = "accounts",
    request_body = ResetWish,
    responses((status = 202, description = "If somebody signs in so and has an address, a mail is on its way"))
)]
pub async fn ask(
    State(app): State<AppState>,
    Client(client): Client,
    headers: HeaderMap,
    extract::Json(wish): extract::Json<ResetWish>,
) -> Result<StatusCode, Problem> {
    app.accounts.ask_reset(&wish.login, language::of(&headers), &client).await?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize, ToSchema)]
pub struct PasswordReset {
    /// From the link.
    token: String,
    /// 10 to 200 characters, and not easy to guess.
    #[schema(format = Password)]
    password: String,
}

/// Choose another password by a link
///
/// Signs every device out, and ends the API keys.
#[utoipa::path(
    post,
    path = "/api/auth/reset/confirm",
    operation_id = "reset_password",
    tag = "accounts",
    request_body = PasswordReset,
    responses((status = 204, description = "The password is another one"))
)]
pub async fn confirm(
    State(app): State<AppState>,
    Client(client): Client,
    headers: HeaderMap,
    extract::Json(PasswordReset { token, password }): extract::Json<PasswordReset>,
) -> Result<StatusCode, Problem> {
    app.accounts.reset_by_link(&token, &password, language::of(&headers), &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
