//! `POST /api/payments/{method}/webhook`: what became of a payment.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};

use crate::{
    app::AppState,
    domain::PaymentMethod,
    http::{extract::PathId, messages::Code, problem::Problem, words},
    shop::MessageError,
};

/// Receive an event about a payment from a payment provider; its signature is checked, or the provider is asked
#[utoipa::path(
    post,
    path = "/api/payments/{method}/webhook",
    operation_id = "receive_payment_message",
    tag = "shop",
    params(
        ("method" = words::PaymentMethod, Path),
        ("stripe-signature" = Option<String>, Header, description = "Of a message of Stripe's")
    ),
    request_body(content = String, content_type = "application/json", description = "An event, as the provider documents it"),
    responses((status = 200, description = "Taken in, or nothing to do with orders"))
)]
pub async fn webhook(
    State(app): State<AppState>,
    PathId(method): PathId<String>,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<StatusCode, Problem> {
    let method: PaymentMethod = method.parse().map_err(|_| Code::NotFound)?;
    let body = body.map_err(|_| Code::BodyTooLarge)?;
    let signature = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    app.shop.orders.receive(method, signature, &body, app.now()).await?;
    Ok(StatusCode::OK)
}

impl From<MessageError> for Problem {
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::NotOffered => Code::NotFound.into(),
            MessageError::Signature => Code::WebhookSignatureInvalid.into(),
            MessageError::Malformed => Code::MalformedBody.into(),
            MessageError::Order(error) => error.into(),
        }
    }
}
