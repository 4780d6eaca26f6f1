//! What the interfaces of payment providers have in common: one client, and answers that are read whole.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{StatusCode, redirect::Policy};
use tracing::{Span, field};

use super::PaymentError;

/// For one request. A buyer is waiting.
const PATIENCE: Duration = Duration::from_secs(15);

/// # Errors
/// When the system has no certificates to trust.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    crate::tls::install_provider();
    reqwest::Client::builder().timeout(PATIENCE).redirect(Policy::none()).build()
}

#[tracing::instrument(name = "payment", skip_all, fields(status = field::Empty, code = field::Empty))]
pub(super) async fn send(request: reqwest::RequestBuilder) -> Result<(StatusCode, Bytes), PaymentError> {
    // Without the address: it could hold what somebody put into the settings by mistake.
    let lost = |error: reqwest::Error| {
        Span::current().record("code", "unavailable");
        PaymentError::Unavailable(error.without_url().to_string())
    };
    let answer = request.send().await.map_err(lost)?;
    Span::current().record("status", answer.status().as_u16());
    Ok((answer.status(), answer.bytes().await.map_err(lost)?))
}

/// The error of an answer that is none of the good ones. `reason` holds no words that were sent.
pub(super) fn refusal(status: StatusCode, reason: &str) -> PaymentError {
    let is_ours = status.is_client_error()
        && !matches!(
            status,
            StatusCode::UNAUTHORIZED | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        );
    let reason = format!("{status} {reason}");
    if is_ours { PaymentError::Refused(reason) } else { PaymentError::Unavailable(reason) }
}

/// The buyer's page, told what became of the payment.
pub(super) fn back_to(return_url: &str, payment: &str) -> String {
    let and = if return_url.contains('?') { '&' } else { '?' };
    format!("{return_url}{and}payment={payment}")
}
