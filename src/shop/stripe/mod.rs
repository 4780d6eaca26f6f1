//! Stripe Checkout over its HTTP interface: a page of theirs where an order is paid, and signed messages about
//! what became of it. Neither a library of theirs nor a script of theirs in our pages.

mod amount;
mod event;
mod signature;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;

use super::{
    MessageError, PaymentError, PaymentProvider,
    payment::{Ended, Refund},
    provider_http::{back_to, client, refusal, send},
};
use crate::domain::{Order, Payment, PaymentMethod, PaymentNotice, PaymentPage};
use event::Message;

/// The version of the interface that this speaks, whatever the account's own is.
const VERSION: &str = "2024-06-20";

/// One account at Stripe. Never printed: it holds the account's secret.
pub struct Stripe {
    client: reqwest::Client,
    secret_key: String,
    webhook_secret: String,
    /// Without a slash at its end.
    api_url: String,
}

/// The fields of a session that are read: <https://docs.stripe.com/api/checkout/sessions/object>.
#[derive(Deserialize)]
struct Session {
    id: String,
    url: Option<String>,
    /// `open`, `complete` or `expired`.
    status: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    r#type: String,
    code: Option<String>,
    param: Option<String>,
}

impl Stripe {
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn new(secret_key: String, webhook_secret: String, api_url: String) -> Result<Self, reqwest::Error> {
        Ok(Self { client: client()?, secret_key, webhook_secret, api_url })
    }

    /// A page for the order. The key makes a second request for the same page find the first, also when its
    /// answer was lost; a page that has run out makes room for another.
    async fn create(&self, order: &Order, return_url: &str, after: &str) -> Result<Session, PaymentError> {
        let unavailable = |reason: &str| PaymentError::Unavailable(reason.to_owned());
        let amount = amount::write(order.total).ok_or_else(|| unavailable("the amount cannot be charged"))?;
        let id = order.id.to_string();
        let mut form = vec![
            ("mode", "payment".to_owned()),
            ("client_reference_id", id.clone()),
            ("metadata[order_id]", id.clone()),
            // A refund is told of the charge, which has these and not the session's.
            ("payment_intent_data[metadata][order_id]", id.clone()),
            ("payment_intent_data[description]", format!("{} {}", order.studio_name, order.number)),
            ("line_items[0][quantity]", "1".to_owned()),
            ("line_items[0][price_data][currency]", order.total.currency().to_string().to_lowercase()),
            ("line_items[0][price_data][unit_amount]", amount.to_string()),
            (
                "line_items[0][price_data][product_data][name]",
                format!("{} · {}", order.session_name, order.number),
            ),
            ("locale", order.buyer.language.to_string()),
            ("success_url", back_to(return_url, "done")),
            ("cancel_url", back_to(return_url, "cancelled")),
        ];
        if let Some(email) = &order.buyer.email {
            form.push(("customer_email", email.as_str().to_owned()));
        }
        let (status, body) =
            self.post("/v1/checkout/sessions", &format!("pixora-{id}{after}"), &form).await?;
        read(status, &body)
    }

    async fn post(
        &self,
        path: &str,
        key: &str,
        form: &[(&str, String)],
    ) -> Result<(StatusCode, Bytes), PaymentError> {
        let request = self.request(Method::POST, path).header("Idempotency-Key", key);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(encoded(form));
        send(request).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.api_url));
        request.bearer_auth(&self.secret_key).header("Stripe-Version", VERSION)
    }

    /// A session that was made before; `None` when this account has none of that name.
    async fn retrieve(&self, id: &str) -> Result<Option<Session>, PaymentError> {
        let (status, body) = send(self.request(Method::GET, &format!("/v1/checkout/sessions/{id}"))).await?;
        if status == StatusCode::NOT_FOUND { Ok(None) } else { read(status, &body).map(Some) }
    }
}

fn read(status: StatusCode, body: &[u8]) -> Result<Session, PaymentError> {
    if status == StatusCode::OK {
        let malformed = |_| PaymentError::Unavailable("a session that cannot be read".to_owned());
        return serde_json::from_slice(body).map_err(malformed);
    }
    Err(refused(status, body))
}

/// Its message is for people and may repeat what was sent; type, code and parameter do not.
fn refused(status: StatusCode, body: &[u8]) -> PaymentError {
    let reason = serde_json::from_slice(body).map_or_else(
        |_| String::new(),
        |Failure { error: Reason { r#type, code, param } }| {
            format!("{type} {} {}", code.unwrap_or_default(), param.unwrap_or_default(), type = r#type)
        },
    );
    refusal(status, reason.trim_end())
}

/// `application/x-www-form-urlencoded`, with everything escaped that might have to be.
fn encoded(form: &[(&str, String)]) -> String {
    let escape = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    form.iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}

#[async_trait]
impl PaymentProvider for Stripe {
    fn method(&self) -> PaymentMethod {
        PaymentMethod::Stripe
    }

    async fn begin(&self, order: &Order, return_url: &str) -> Result<Option<PaymentPage>, PaymentError> {
        let mut after = String::new();
        if let Some(page) = &order.payment_page {
            let session = self.retrieve(&page.reference).await?;
            match session.and_then(|session| session.status).as_deref() {
                Some("open") => return Ok(Some(page.clone())),
                // Paid, and we shall hear of it; or a bank is still at work.
                Some("complete") => return Ok(None),
                // Run out, or made by another account.
                _ => after = format!("-{}", page.reference),
            }
        }
        let session = self.create(order, return_url, &after).await?;
        let url = session.url.ok_or_else(|| PaymentError::Unavailable("a session without a page".into()))?;
        Ok(Some(PaymentPage { url, reference: session.id }))
    }

    async fn end(&self, page: &PaymentPage) -> Result<Ended, PaymentError> {
        let status = async || {
            Ok::<_, PaymentError>(self.retrieve(&page.reference).await?.and_then(|session| session.status))
        };
        let mut is = status().await?;
        if is.as_deref() == Some("open") {
            let path = format!("/v1/checkout/sessions/{}/expire", page.reference);
            let (answer, body) = self.post(&path, &format!("pixora-end-{}", page.reference), &[]).await?;
            if answer.is_server_error() {
                return Err(refused(answer, &body));
            }
            // Somebody may have paid between the two.
            is = status().await?;
        }
        match is.as_deref() {
            Some("complete") => Ok(Ended::Paid),
            Some("open") => Err(PaymentError::Unavailable("a page that stays open".into())),
            _ => Ok(Ended::Closed),
        }
    }

    async fn refund(&self, order: &Order, payment: &Payment) -> Result<Refund, PaymentError> {
        let form = [
            ("payment_intent", payment.reference.clone()),
            ("reason", "requested_by_customer".to_owned()),
            ("metadata[order_id]", order.id.to_string()),
        ];
        let key = format!("pixora-refund-{}", payment.reference);
        let (status, body) = self.post("/v1/refunds", &key, &form).await?;
        if status == StatusCode::OK {
            return Ok(Refund::Asked);
        }
        let code = serde_json::from_slice(&body).ok().and_then(|failure: Failure| failure.error.code);
        match code.as_deref() {
            Some("charge_already_refunded") => Ok(Refund::NothingToAsk),
            _ => Err(refused(status, &body)),
        }
    }

    fn signature_header(&self) -> Option<&'static str> {
        Some("stripe-signature")
    }

    async fn read(
        &self,
        signature: &str,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<PaymentNotice>, MessageError> {
        if !signature::is_sound(signature, body, &self.webhook_secret, now) {
            return Err(MessageError::Signature);
        }
        match event::read(body) {
            Message::Payment(notice) => Ok(Some(notice)),
            Message::Nothing => Ok(None),
            Message::Malformed => Err(MessageError::Malformed),
        }
    }
}
