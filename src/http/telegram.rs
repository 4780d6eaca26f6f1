//! `POST /api/telegram/webhook`: what people told the bot, if Telegram is to bring it here.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use bytes::Bytes;

use super::{messages::Code, problem::Problem};
use crate::{app::AppState, telegram::WebhookRefused};

/// Of the Bot API's `setWebhook`.
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// Receive an update from Telegram
///
/// Only Telegram can use it, because it knows a secret. Everybody else gets 404.
#[utoipa::path(
    post,
    path = "/api/telegram/webhook",
    operation_id = "receive_telegram_update",
    tag = "telegram",
    params(("x-telegram-bot-api-secret-token" = String, Header)),
    request_body(content = serde_json::Value, description = "An `Update` of the Bot API"),
    responses((status = 200, description = "The update is stored; Telegram need not send it again"))
)]
pub async fn webhook(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let bot = app.telegram.as_ref().ok_or(Code::NotFound)?;
    let secret = headers.get(SECRET).and_then(|secret| secret.to_str().ok()).unwrap_or_default();
    match bot.take(secret, &body, app.now()).await {
        Ok(()) => Ok(StatusCode::OK),
        Err(WebhookRefused::Stranger) => Err(Code::NotFound.into()),
        Err(WebhookRefused::Store(error)) => Err(error.into()),
    }
}
