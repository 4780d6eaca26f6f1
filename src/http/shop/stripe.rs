//! `POST /api/payments/stripe/webhook`: what became of a payment.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use chrono::Utc;

use crate::{
    app::AppState,
    http::{messages::Code, problem::Problem},
    shop::WebhookError,
};

/// Where Stripe tells what became of a payment; the signature is the key
#[utoipa::path(
    post,
    path = "/api/payments/stripe/webhook",
    tag = "shop",
    params(("stripe-signature" = String, Header)),
    request_body(content = String, content_type = "application/json", description = "An event, as Stripe documents it"),
    responses((status = 200, description = "Taken in, or nothing to do with orders"))
)]
pub async fn webhook(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<StatusCode, Problem> {
    let stripe = app.stripe.as_ref().ok_or(Code::NotFound)?;
    let body = body.map_err(|_| Code::BodyTooLarge)?;
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    stripe.hear(&app.shop.orders, signature, &body, Utc::now()).await?;
    Ok(StatusCode::OK)
}

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Signature => Code::WebhookSignatureInvalid.into(),
            WebhookError::Malformed => Code::MalformedBody.into(),
            WebhookError::Order(error) => error.into(),
        }
    }
}
