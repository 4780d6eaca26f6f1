//! `/api/keys`: named keys for scripts.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    accounts::{self, AccountError},
    app::AppState,
    domain::{ApiKeyId, Scope},
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::time,
        words,
    },
};

#[derive(Serialize, ToSchema)]
pub struct ApiKey {
    id: Uuid,
    name: String,
    /// The first characters of the key.
    prefix: String,
    scopes: Vec<words::Scope>,
    created_at: String,
    last_used_at: Option<String>,
}

impl From<accounts::ApiKey> for ApiKey {
    fn from(key: accounts::ApiKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes.into_iter().map(Into::into).collect(),
            created_at: time(key.created_at),
            last_used_at: key.last_used_at.map(time),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ApiKeys {
    /// Newest first.
    keys: Vec<ApiKey>,
    /// The scopes that a new key may have: those that the caller's role has use for.
    offered_scopes: Vec<&'static str>,
}

fn offered(caller: &accounts::Caller) -> Vec<&'static str> {
    Scope::offered_to(caller.role).into_iter().map(Scope::as_str).collect()
}

/// List the caller's API keys
#[utoipa::path(get, path = "/api/keys", operation_id = "list_api_keys", tag = "accounts", responses((status = 200, body = ApiKeys)))]
pub async fn list(State(app): State<AppState>, Caller(caller): Caller) -> Result<Json<ApiKeys>, Problem> {
    let keys = app.accounts.api_keys(&caller).await?;
    Ok(Json(ApiKeys { keys: keys.into_iter().map(Into::into).collect(), offered_scopes: offered(&caller) }))
}

#[derive(Deserialize, ToSchema)]
pub struct NewApiKey {
    name: String,
    /// Only scopes that are offered.
    #[schema(value_type = Vec<words::Scope>)]
    scopes: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedApiKey {
    #[serde(flatten)]
    about: ApiKey,
    /// Shown this once.
    key: String,
}

/// Create an API key
#[utoipa::path(
    post,
    path = "/api/keys",
    operation_id = "create_api_key",
    tag = "accounts",
    request_body = NewApiKey,
    responses((status = 201, body = CreatedApiKey))
)]
pub async fn create(
    State(app): State<AppState>,
    Caller(caller): Caller,
    extract::Json(new): extract::Json<NewApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>), Problem> {
    let made = app.accounts.create_api_key(&caller, &new.name, &new.scopes).await;
    let (about, key) = made.map_err(|error| match error {
        AccountError::InvalidScopes => Problem::new(Code::InvalidScopes).with("offered", offered(&caller)),
        other => other.into(),
    })?;
    Ok((StatusCode::CREATED, Json(CreatedApiKey { about: about.into(), key })))
}

/// Revoke an API key
#[utoipa::path(
    delete,
    path = "/api/keys/{id}",
    operation_id = "revoke_api_key",
    tag = "accounts",
    params(("id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn revoke(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    app.accounts.revoke_api_key(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
