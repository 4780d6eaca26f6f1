//! `/api/auth/email…`: another e-mail address, once it is confirmed.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::AppState,
    http::{client::Client, extract, guard::Caller, language, problem::Problem},
};

#[derive(Deserialize, ToSchema)]
pub struct EmailChange {
    email: String,
    /// The caller's own.
    #[schema(format = Password)]
    password: String,
}

/// Ask for another e-mail address
///
/// A link is mailed there; the address counts once it is followed.
#[utoipa::path(
    post,
    path = "/api/auth/email",
    operation_id = "ask_email_change",
    tag = "accounts",
    request_body = EmailChange,
    responses((status = 202, description = "A link is on its way to the new address"))
)]
pub async fn ask(
    State(app): State<AppState>,
    Caller(caller): Caller,
    headers: HeaderMap,
    extract::Json(EmailChange { email, password }): extract::Json<EmailChange>,
) -> Result<StatusCode, Problem> {
    app.accounts.ask_email(&caller, password, &email, language::of(&headers)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Give up the address that waits to be confirmed
#[utoipa::path(delete, path = "/api/auth/email", operation_id = "cancel_email_change", tag = "accounts", responses((status = 204)))]
pub async fn cancel(State(app): State<AppState>, Caller(caller): Caller) -> Result<StatusCode, Problem> {
    app.accounts.cancel_email(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct EmailConfirmation {
    /// From the link.
    token: String,
}

#[derive(Serialize, ToSchema)]
pub struct ConfirmedEmail {
    email: String,
}

/// Confirm an e-mail address by its link
///
/// The old address is told.
#[utoipa::path(
    post,
    path = "/api/auth/email/confirm",
    operation_id = "confirm_email",
    tag = "accounts",
    request_body = EmailConfirmation,
    responses((status = 200, body = ConfirmedEmail))
)]
pub async fn confirm(
    State(app): State<AppState>,
    Client(client): Client,
    headers: HeaderMap,
    extract::Json(EmailConfirmation { token }): extract::Json<EmailConfirmation>,
) -> Result<Json<ConfirmedEmail>, Problem> {
    let email = app.accounts.confirm_email(&token, language::of(&headers), &client).await?;
    Ok(Json(ConfirmedEmail { email: email.as_str().to_owned() }))
}

#[derive(Serialize, ToSchema)]
pub struct AccountSettings {
    /// Waits until the link that was mailed there is followed.
    awaited_email: Option<String>,
    /// Whether mail is sent here; without it an address cannot be confirmed.
    mail: bool,
}

/// Get what the caller can change of their own account
#[utoipa::path(get, path = "/api/auth/account", operation_id = "get_account", tag = "accounts", responses((status = 200, body = AccountSettings)))]
pub async fn settings(
    State(app): State<AppState>,
    Caller(caller): Caller,
) -> Result<Json<AccountSettings>, Problem> {
    let awaited_email = app.accounts.awaited_email(&caller).await?.map(|email| email.as_str().to_owned());
    Ok(Json(AccountSettings { awaited_email, mail: app.postbox.enabled() }))
}
