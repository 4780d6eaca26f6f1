//! `/api/auth`, `/api/sessions`, `/api/keys`, `/api/qr-auth` and the pages around them.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{cookies, messages::Code, problem::Problem, words};
use crate::{
    accounts::{Account, AccountError, Origin, SignedIn},
    app::AppState,
};

mod auth;
mod devices;
mod email;
mod keys;
mod pages;
mod passkeys;
mod qr;
mod reset;
mod two_step;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::me))
        .routes(routes!(auth::password))
        .routes(routes!(auth::setup))
        .routes(routes!(two_step::show))
        .routes(routes!(two_step::begin))
        .routes(routes!(two_step::confirm))
        .routes(routes!(two_step::remove))
        .routes(routes!(two_step::renew))
        .routes(routes!(two_step::login))
        .routes(routes!(passkeys::begin))
        .routes(routes!(passkeys::add))
        .routes(routes!(passkeys::remove))
        .routes(routes!(passkeys::ask))
        .routes(routes!(passkeys::login))
        .routes(routes!(email::settings))
        .routes(routes!(email::ask, email::cancel))
        .routes(routes!(email::confirm))
        .routes(routes!(reset::ask))
        .routes(routes!(reset::confirm))
        .routes(routes!(devices::list))
        .routes(routes!(devices::history))
        .routes(routes!(devices::end))
        .routes(routes!(devices::end_others))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(qr::generate))
        .routes(routes!(qr::poll))
        .routes(routes!(qr::status))
        .routes(routes!(qr::request))
        .routes(routes!(qr::confirm))
        .routes(routes!(qr::reject))
        .routes(routes!(pages::login))
        .routes(routes!(pages::setup))
        .routes(routes!(pages::reset))
        .routes(routes!(pages::confirm_email))
        .routes(routes!(pages::account))
        .routes(routes!(pages::qr_login))
        .routes(routes!(pages::dashboard))
        .routes(routes!(pages::sessions))
        .routes(routes!(pages::keys))
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::InvalidCredentials => Code::InvalidCredentials.into(),
            AccountError::SecondStepRequired(step) => {
                let methods: Vec<_> = step.methods.iter().map(|method| method.as_str()).collect();
                Self::new(Code::SecondStepRequired).with("step_token", step.token).with("methods", methods)
            }
            AccountError::SecondStepExpired => Code::SecondStepExpired.into(),
            AccountError::InvalidCode => Code::InvalidCode.into(),
            AccountError::AuthenticatorThere => Code::AuthenticatorThere.into(),
            AccountError::NoAuthenticator => Code::NoAuthenticator.into(),
            AccountError::TwoStepOff => Code::TwoStepOff.into(),
            AccountError::PasskeysOff => Code::PasskeysOff.into(),
            AccountError::PasskeyRefused => Code::PasskeyRefused.into(),
            AccountError::PasskeyNotFound => Code::PasskeyNotFound.into(),
            AccountError::TooManyPasskeys => Code::TooManyPasskeys.into(),
            AccountError::TooManyAttempts(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            AccountError::InvalidRefreshToken => Code::InvalidRefreshToken.into(),
            AccountError::RefreshTokenReused => Code::RefreshTokenReused.into(),
            AccountError::SetupLinkInvalid => Code::SetupLinkInvalid.into(),
            AccountError::ResetLinkInvalid => Code::ResetLinkInvalid.into(),
            AccountError::EmailLinkInvalid => Code::EmailLinkInvalid.into(),
            AccountError::StudioNotFound => Code::StudioNotFound.into(),
            AccountError::MemberNotFound => Code::MemberNotFound.into(),
            AccountError::NotBelow => Code::Forbidden.into(),
            AccountError::InvalidRole => Code::InvalidRole.into(),
            AccountError::InvalidEnd => Code::InvalidEnd.into(),
            AccountError::LastOwner => Code::LastOwner.into(),
            AccountError::InvalidHeir => Code::InvalidHeir.into(),
            AccountError::InvalidPhotographer => Code::InvalidPhotographer.into(),
            AccountError::InvitationNotFound => Code::InvitationNotFound.into(),
            AccountError::InvitationInvalid => Code::InvitationInvalid.into(),
            AccountError::RoleDiffers => Code::RoleDiffers.into(),
            AccountError::MailOff => Code::MailOff.into(),
            AccountError::InvalidEmail => Code::InvalidEmail.into(),
            AccountError::InvalidPhone => Code::InvalidPhone.into(),
            AccountError::InvalidName => Code::InvalidName.into(),
            AccountError::WeakPassword => Code::WeakPassword.into(),
            AccountError::LoginTaken => Code::LoginTaken.into(),
            AccountError::DeviceSessionNotFound => Code::DeviceSessionNotFound.into(),
            AccountError::ApiKeyNotFound => Code::ApiKeyNotFound.into(),
            AccountError::InvalidScopes => Code::InvalidScopes.into(),
            AccountError::QrCodeNotFound => Code::QrCodeNotFound.into(),
            AccountError::QrCodeSettled => Code::QrCodeSettled.into(),
            AccountError::UserNotFound => Code::UserNotFound.into(),
            AccountError::Hash(_) | AccountError::Secret(_) => Self::failed(&error),
            AccountError::Store(error) => error.into(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct StudioOfUser {
    id: Uuid,
    name: String,
}

#[derive(Serialize, ToSchema)]
pub struct User {
    id: Uuid,
    name: String,
    email: Option<String>,
    /// E.164.
    phone: Option<String>,
    role: words::Role,
    studios: Vec<StudioOfUser>,
}

impl From<Account> for User {
    fn from(Account { user, studios }: Account) -> Self {
        Self {
            id: user.id.0,
            name: user.name,
            email: user.email.map(|email| email.as_str().to_owned()),
            phone: user.phone.map(|phone| phone.as_str().to_owned()),
            role: user.role.into(),
            studios: studios.into_iter().map(|it| StudioOfUser { id: it.id.0, name: it.name }).collect(),
        }
    }
}

/// The tokens of a device, shown this once. A browser gets them as cookies besides.
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    access_token: String,
    refresh_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds that the access token is honoured.
    expires_in: i64,
    user: User,
}

impl From<SignedIn> for Tokens {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token,
            refresh_token: signed_in.refresh_token,
            token_type: "Bearer",
            expires_in: signed_in.expires_in,
            user: signed_in.account.into(),
        }
    }
}

fn with_cookies(app: &AppState, status: StatusCode, signed_in: SignedIn) -> Response {
    let cookies: HeaderMap = cookies::set(&signed_in, cookies::secure(app));
    (status, cookies, Json(Tokens::from(signed_in))).into_response()
}

/// The kind of device on which a user signs in.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "documents what rows hold")]
pub enum DeviceKind {
    Phone,
    Tablet,
    Computer,
    Unknown,
}

/// Where a sign-in came from.
#[derive(Serialize, ToSchema)]
pub struct SignInOrigin {
    #[schema(value_type = DeviceKind)]
    device: String,
    os: Option<String>,
    browser: Option<String>,
    ip: String,
    /// Where the operator has configured a place database; never a guess.
    location: Option<String>,
}

impl From<Origin> for SignInOrigin {
    fn from(origin: Origin) -> Self {
        let Origin { ip, device, os, browser, location } = origin;
        Self { device, os, browser, ip, location }
    }
}
