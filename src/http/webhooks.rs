//! `/api/webhooks`: who receives events of a studio's sessions, and the log of what was sent.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{self, Params, PathId},
    guard::Caller,
    messages::Code,
    paging,
    problem::Problem,
    shared::time,
    words,
};
use crate::{
    accounts,
    app::AppState,
    domain::{DeliveryId, Role, StudioId, WebhookId},
    webhooks::{self, TargetError, WebhookError},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(switch, delete))
        .routes(routes!(deliveries))
        .routes(routes!(replay))
}

/// The studios whose webhooks are the caller's affair; `None` is all.
fn studios(caller: &accounts::Caller) -> Option<&[StudioId]> {
    match caller.role {
        Role::SuperAdmin => None,
        Role::Admin | Role::Photographer | Role::Customer | Role::Operator => Some(&caller.studios),
    }
}

#[derive(Serialize, ToSchema)]
pub struct Webhook {
    id: Uuid,
    studio_id: Uuid,
    url: String,
    events: Vec<words::SessionEvent>,
    /// Whether events are sent. A receiver that answers 410 is switched off.
    enabled: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<webhooks::Webhook> for Webhook {
    fn from(webhook: webhooks::Webhook) -> Self {
        Self {
            id: webhook.id.0,
            studio_id: webhook.studio_id.0,
            url: webhook.url,
            events: webhook.events.iter().copied().map(Into::into).collect(),
            enabled: webhook.enabled,
            created_at: time(webhook.created_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Webhooks {
    /// Oldest first.
    webhooks: Vec<Webhook>,
}

/// List the studio's webhooks
#[utoipa::path(get, path = "/api/webhooks", operation_id = "list_webhooks", tag = "webhooks", responses((status = 200, body = Webhooks)))]
pub async fn list(State(app): State<AppState>, Caller(caller): Caller) -> Result<Json<Webhooks>, Problem> {
    let webhooks = app.webhooks.list(studios(&caller)).await?;
    Ok(Json(Webhooks { webhooks: webhooks.into_iter().map(Into::into).collect() }))
}

#[derive(Deserialize, ToSchema)]
pub struct NewWebhook {
    /// https, in the public internet.
    url: String,
    #[schema(value_type = Vec<words::SessionEvent>)]
    events: Vec<String>,
    /// The studio; without one, the caller's first studio.
    #[serde(alias = "studioId")]
    studio_id: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedWebhook {
    #[serde(flatten)]
    about: Webhook,
    /// `whsec_…`, to check signatures with. Shown this once.
    secret: String,
}

/// Create a webhook
#[utoipa::path(
    post,
    path = "/api/webhooks",
    operation_id = "create_webhook",
    tag = "webhooks",
    request_body = NewWebhook,
    responses((status = 201, body = CreatedWebhook))
)]
pub async fn create(
    State(app): State<AppState>,
    Caller(caller): Caller,
    extract::Json(new): extract::Json<NewWebhook>,
) -> Result<(StatusCode, Json<CreatedWebhook>), Problem> {
    let events = new.events.iter().map(|event| event.parse()).collect::<Result<Vec<_>, _>>();
    let events = events.map_err(|_| Code::InvalidWebhookEvents)?;
    let studio = match new.studio_id.map(StudioId).or(caller.studios.first().copied()) {
        Some(studio) if caller.may_run(studio) => studio,
        None if caller.role == Role::SuperAdmin => app.studios.default(app.now()).await?,
        _ => return Err(Code::StudioNotFound.into()),
    };
    let made = app.webhooks.register(studio, &new.url, events, app.now()).await?;
    Ok((StatusCode::CREATED, Json(CreatedWebhook { about: made.webhook.into(), secret: made.secret })))
}

#[derive(Deserialize, ToSchema)]
pub struct WebhookSwitch {
    enabled: Option<bool>,
}

/// Switch a webhook on or off
#[utoipa::path(
    patch,
    path = "/api/webhooks/{webhook_id}",
    operation_id = "switch_webhook",
    tag = "webhooks",
    params(("webhook_id" = Uuid, Path)),
    request_body = WebhookSwitch,
    responses((status = 200, body = Webhook))
)]
pub async fn switch(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<WebhookId>,
    extract::Json(to): extract::Json<WebhookSwitch>,
) -> Result<Json<Webhook>, Problem> {
    let webhook = app.webhooks.switch(id, to.enabled, studios(&caller)).await?;
    Ok(Json(webhook.ok_or(Code::WebhookNotFound)?.into()))
}

/// Remove a webhook with its log
#[utoipa::path(
    delete,
    path = "/api/webhooks/{webhook_id}",
    operation_id = "delete_webhook",
    tag = "webhooks",
    params(("webhook_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<WebhookId>,
) -> Result<StatusCode, Problem> {
    if app.webhooks.delete(id, studios(&caller)).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Code::WebhookNotFound.into())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Delivery {
    /// The `webhook-id` of every attempt.
    id: Uuid,
    webhook_id: Uuid,
    event: words::SessionEvent,
    session_id: Uuid,
    /// `failed` is given up.
    state: words::DeliveryState,
    attempts: u32,
    /// HTTP status of the last attempt, if it was answered.
    last_status: Option<u16>,
    /// Code of the last failure; see docs/API.md.
    last_error: Option<String>,
    #[schema(format = DateTime)]
    next_attempt_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    delivered_at: Option<String>,
}

impl From<&webhooks::Delivery> for Delivery {
    fn from(delivery: &webhooks::Delivery) -> Self {
        Self {
            id: delivery.id.0,
            webhook_id: delivery.webhook_id.0,
            event: delivery.event.into(),
            session_id: delivery.session_id.0,
            state: delivery.state.into(),
            attempts: delivery.attempts,
            last_status: delivery.last_status,
            last_error: delivery.last_error.clone(),
            next_attempt_at: delivery.next_attempt_at.map(time),
            created_at: time(delivery.created_at),
            delivered_at: delivery.delivered_at.map(time),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Deliveries {
    /// Newest first.
    deliveries: Vec<Delivery>,
    /// `null` on the last page.
    next_cursor: Option<String>,
}

/// List the log of deliveries, page by page; it is kept for 30 days
#[utoipa::path(
    get,
    path = "/api/webhooks/deliveries",
    operation_id = "list_deliveries",
    tag = "webhooks",
    params(Page),
    responses((status = 200, body = Deliveries))
)]
pub async fn deliveries(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(page): Params<Page>,
) -> Result<Json<Deliveries>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<DeliveryId> = paging::after(page.cursor)?;
    let mut lines = app.webhooks.deliveries(studios(&caller), after, limit + 1).await?;
    Ok(Json(Deliveries {
        next_cursor: paging::cut(&mut lines, limit, |last| last.id.to_string()),
        deliveries: lines.iter().map(Into::into).collect(),
    }))
}

/// Send a delivery again, whatever its outcome was
#[utoipa::path(
    post,
    path = "/api/webhooks/deliveries/{delivery_id}/replay",
    operation_id = "replay_delivery",
    tag = "webhooks",
    params(("delivery_id" = Uuid, Path)),
    responses((status = 202))
)]
pub async fn replay(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<DeliveryId>,
) -> Result<StatusCode, Problem> {
    if app.webhooks.replay(id, studios(&caller), app.now()).await? {
        return Ok(StatusCode::ACCEPTED);
    }
    Err(Code::DeliveryNotFound.into())
}

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Target(TargetError::Malformed) => Code::InvalidWebhookUrl.into(),
            WebhookError::Target(TargetError::Unreachable) => Code::PrivateWebhookUrl.into(),
            WebhookError::NoEvents => Code::InvalidWebhookEvents.into(),
            WebhookError::TooMany => Code::TooManyWebhooks.into(),
            WebhookError::Store(error) => error.into(),
        }
    }
}
