//! `/api/auth/passkeys…`, `/api/auth/login/passkey…`: passkeys.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Tokens,
    two_step::{OwnPassword, RecoveryCodes},
    with_cookies,
};
use crate::{
    accounts::{self, NewPasskey, PasskeyAnswer, PasskeyChallenge},
    app::AppState,
    domain::{Email, PasskeyId},
    http::{
        client::Client,
        extract::{self, PathId},
        guard::Caller,
        language,
        problem::Problem,
    },
};

/// What a browser is asked to do, for `navigator.credentials`. Bytes are base64url.
#[derive(Serialize, ToSchema)]
pub struct PasskeyOptions {
    challenge: String,
    /// The host whose passkeys these are.
    rp_id: String,
    /// Of a registration: the ids of the passkeys that are there. Of a sign-in: of those that may answer, or none for any.
    credential_ids: Vec<String>,
    /// Of a registration: the algorithms that are understood, by preference.
    algorithms: Vec<PasskeyAlgorithm>,
    /// Of a registration: who gets the passkey.
    user: Option<PasskeyOwner>,
}

#[derive(Serialize, ToSchema)]
pub struct PasskeyAlgorithm {
    /// As COSE numbers it.
    alg: i64,
}

#[derive(Serialize, ToSchema)]
pub struct PasskeyOwner {
    id: Uuid,
    name: String,
    /// What they sign in with.
    login: String,
}

impl From<PasskeyChallenge> for PasskeyOptions {
    fn from(from: PasskeyChallenge) -> Self {
        let owner = |user: crate::domain::User| PasskeyOwner {
            id: user.id.0,
            login: user
                .email
                .as_ref()
                .map(Email::as_str)
                .or(user.phone.as_ref().map(crate::domain::Phone::as_str))
                .unwrap_or_default()
                .to_owned(),
            name: user.name,
        };
        Self {
            challenge: from.challenge,
            rp_id: from.site.id,
            credential_ids: from.credentials,
            algorithms: accounts::ALGORITHMS.map(|alg| PasskeyAlgorithm { alg }).into(),
            user: from.user.map(owner),
        }
    }
}

/// Begin to register a passkey
#[utoipa::path(
    post,
    path = "/api/auth/passkeys/options",
    operation_id = "begin_passkey",
    tag = "accounts",
    request_body = OwnPassword,
    responses((status = 201, body = PasskeyOptions))
)]
pub async fn begin(
    State(app): State<AppState>,
    Caller(caller): Caller,
    extract::Json(own): extract::Json<OwnPassword>,
) -> Result<(StatusCode, Json<PasskeyOptions>), Problem> {
    let options = app.accounts.begin_passkey(&caller, own.text()).await?;
    Ok((StatusCode::CREATED, Json(options.into())))
}

/// The browser's answer to a registration; bytes are base64url.
#[derive(Deserialize, ToSchema)]
pub struct PasskeyRegistration {
    /// What its owner calls it.
    name: String,
    /// `response.clientDataJSON`
    #[serde(alias = "clientData")]
    client_data: String,
    /// `response.attestationObject`
    #[serde(alias = "attestationObject")]
    attestation_object: String,
}

/// Register a passkey
#[utoipa::path(
    post,
    path = "/api/auth/passkeys",
    operation_id = "add_passkey",
    tag = "accounts",
    request_body = PasskeyRegistration,
    responses((status = 201, body = RecoveryCodes))
)]
pub async fn add(
    State(app): State<AppState>,
    Caller(caller): Caller,
    headers: HeaderMap,
    extract::Json(given): extract::Json<PasskeyRegistration>,
) -> Result<(StatusCode, Json<RecoveryCodes>), Problem> {
    let PasskeyRegistration { name, client_data, attestation_object } = given;
    let new = NewPasskey { name, client_data, attestation_object };
    let codes = app.accounts.add_passkey(&caller, new, language::of(&headers)).await?;
    Ok((StatusCode::CREATED, Json(codes.into())))
}

/// Remove one of the caller's passkeys
#[utoipa::path(
    post,
    path = "/api/auth/passkeys/{passkey_id}/removal",
    operation_id = "remove_passkey",
    tag = "accounts",
    params(("passkey_id" = Uuid, Path)),
    request_body = OwnPassword,
    responses((status = 204))
)]
pub async fn remove(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PasskeyId>,
    headers: HeaderMap,
    own: Result<extract::Json<OwnPassword>, Problem>,
) -> Result<StatusCode, Problem> {
    app.accounts.check_passkey(&caller, id).await?;
    let extract::Json(own) = own?;
    app.accounts.remove_passkey(&caller, id, own.text(), language::of(&headers)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct PasskeyWish {
    /// The `step_token` of the answer `second_step_required`; without one the passkey signs in alone.
    #[serde(alias = "stepToken")]
    step_token: Option<String>,
}

/// Ask for something that a passkey is to sign
#[utoipa::path(
    post,
    path = "/api/auth/login/passkey/options",
    operation_id = "ask_passkey",
    tag = "accounts",
    request_body = PasskeyWish,
    responses((status = 201, body = PasskeyOptions))
)]
pub async fn ask(
    State(app): State<AppState>,
    Client(client): Client,
    extract::Json(wish): extract::Json<PasskeyWish>,
) -> Result<(StatusCode, Json<PasskeyOptions>), Problem> {
    let options = app.accounts.ask_passkey(wish.step_token.as_deref(), &client).await?;
    Ok((StatusCode::CREATED, Json(options.into())))
}

/// What a passkey signed; bytes are base64url.
#[derive(Deserialize, ToSchema)]
pub struct PasskeySignature {
    /// `id`
    #[serde(alias = "credentialId")]
    credential_id: String,
    /// `response.clientDataJSON`
    #[serde(alias = "clientData")]
    client_data: String,
    /// `response.authenticatorData`
    #[serde(alias = "authenticatorData")]
    authenticator_data: String,
    /// `response.signature`
    signature: String,
}

/// Sign in with a passkey
#[utoipa::path(
    post,
    path = "/api/auth/login/passkey",
    operation_id = "sign_in_by_passkey",
    tag = "accounts",
    request_body = PasskeySignature,
    responses((status = 200, body = Tokens))
)]
pub async fn login(
    State(app): State<AppState>,
    Client(client): Client,
    extract::Json(given): extract::Json<PasskeySignature>,
) -> Result<Response, Problem> {
    let PasskeySignature { credential_id, client_data, authenticator_data, signature } = given;
    let answer = PasskeyAnswer { credential_id, client_data, authenticator_data, signature };
    let signed_in = app.accounts.sign_in_by_passkey(answer, &client).await?;
    Ok(with_cookies(&app, StatusCode::OK, signed_in))
}
