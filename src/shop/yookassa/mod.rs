//! YooKassa over its HTTP interface: a page of theirs where an order is paid, and messages that something happened.
//! The messages are not signed, so nothing in them is believed: each is a reason to ask how payment and refund stand.
//! <https://yookassa.ru/developers/api>

mod json;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Semaphore;

use super::{
    MessageError, PaymentError, PaymentProvider,
    payment::{Ended, Refund},
    provider_http::{back_to, client, refusal, send},
};
use crate::{
    domain::{Currency, Order, Payment, PaymentEvent, PaymentMethod, PaymentNotice, PaymentPage},
    secrets,
};
use json::{NewPayment, NewRefund, Notification, Receipt, Status, TheirPayment, TheirRefund};

/// The account may be in one currency only.
const CURRENCY: &str = "RUB";
/// Messages about which YooKassa is asked at the same time: anybody can send some.
const MESSAGES: usize = 8;
/// Characters of an idempotency key.
const KEY: usize = 64;

/// The data of an account.
#[derive(Clone)]
pub struct YooKassaAccount {
    pub shop_id: String,
    pub secret_key: String,
    /// With its version, without a slash at its end: `https://api.yookassa.ru/v3`.
    pub api_url: String,
    /// The rate of tax for receipts (54-FZ) by YooKassa's numbering; without it no receipts are asked for.
    pub vat_code: Option<u8>,
}

/// One account at YooKassa. Never printed: it holds the account's secret.
pub struct YooKassa {
    client: reqwest::Client,
    account: YooKassaAccount,
    messages: Semaphore,
}

impl YooKassa {
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn new(account: YooKassaAccount) -> Result<Self, reqwest::Error> {
        Ok(Self { client: client()?, account, messages: Semaphore::new(MESSAGES) })
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let YooKassaAccount { shop_id, secret_key, api_url, .. } = &self.account;
        self.client.request(method, format!("{api_url}{path}")).basic_auth(shop_id, Some(secret_key))
    }

    /// `None` when this account has none of that name.
    async fn find<T: DeserializeOwned>(&self, kind: &str, id: &str) -> Result<Option<T>, PaymentError> {
        let (status, body) = send(self.request(Method::GET, &format!("/{kind}/{id}"))).await?;
        match status {
            StatusCode::NOT_FOUND => Ok(None),
            _ => read(status, &body).map(Some),
        }
    }

    async fn make<T: DeserializeOwned>(
        &self,
        kind: &str,
        about: &str,
        what: &impl Serialize,
    ) -> Result<T, PaymentError> {
        let mut key = secrets::hash(about);
        key.truncate(KEY);
        let request = self.request(Method::POST, &format!("/{kind}")).header("Idempotence-Key", key);
        let (status, body) = send(request.json(what)).await?;
        read(status, &body)
    }

    fn receipt(&self, order: &Order) -> Option<Receipt> {
        self.account.vat_code.map(|vat_code| Receipt::of(order, vat_code))
    }

    /// What is true of a message; `None` when it concerns no order, or nothing that moved money.
    async fn notice(&self, notification: Notification) -> Result<Option<PaymentNotice>, MessageError> {
        let Notification { event, object } = notification;
        let (payment, message) = match event.as_str() {
            "payment.succeeded" => (object.id.clone(), format!("yookassa:{event}:{}", object.id)),
            "refund.succeeded" => {
                let refund: TheirRefund =
                    self.find("refunds", &object.id).await?.ok_or(MessageError::Signature)?;
                if refund.status != Status::Succeeded {
                    return Err(MessageError::Signature);
                }
                (refund.payment_id, format!("yookassa:{event}:{}", refund.id))
            }
            // A payment that was given up moved nothing, and whatever else there is or will be concerns no order.
            _ => return Ok(None),
        };
        let payment: TheirPayment = self.find("payments", &payment).await?.ok_or(MessageError::Signature)?;
        let Some(order) = payment.order() else { return Ok(None) };
        let event = match event.as_str() {
            "payment.succeeded" if payment.status == Status::Succeeded => {
                PaymentEvent::Paid(payment.amount.money())
            }
            "payment.succeeded" => return Err(MessageError::Signature),
            _ => PaymentEvent::Returned { amount: payment.returned(), whole: payment.is_returned() },
        };
        Ok(Some(PaymentNotice { message, order, reference: payment.id, event }))
    }
}

fn read<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, PaymentError> {
    if status == StatusCode::OK {
        let malformed = |_| PaymentError::Unavailable("an answer that cannot be read".to_owned());
        return serde_json::from_slice(body).map_err(malformed);
    }
    // Its description is for people and may repeat what was sent.
    let failure: json::Failure = serde_json::from_slice(body).unwrap_or_default();
    Err(refusal(status, format!("{} {}", failure.code, failure.parameter).trim_end()))
}

#[async_trait]
impl PaymentProvider for YooKassa {
    fn method(&self) -> PaymentMethod {
        PaymentMethod::Yookassa
    }

    fn takes(&self, currency: Currency) -> bool {
        currency.as_str() == CURRENCY
    }

    async fn begin(&self, order: &Order, return_url: &str) -> Result<Option<PaymentPage>, PaymentError> {
        let mut about = format!("payment {}", order.id);
        if let Some(page) = &order.payment_page {
            match self.find("payments", &page.reference).await?.map(|payment: TheirPayment| payment.status) {
                Some(Status::Pending) => return Ok(Some(page.clone())),
                Some(Status::Succeeded | Status::WaitingForCapture) => return Ok(None),
                // Given up or run out, or made by another account.
                Some(Status::Canceled | Status::Other) | None => {
                    about = format!("{about} after {}", page.reference);
                }
            }
        }
        let new = NewPayment::of(order, back_to(return_url, "done"), self.receipt(order));
        let payment: TheirPayment = self.make("payments", &about, &new).await?;
        let url = payment.confirmation.and_then(|it| it.confirmation_url);
        let url = url.ok_or_else(|| PaymentError::Unavailable("a payment without a page".into()))?;
        Ok(Some(PaymentPage { url, reference: payment.id }))
    }

    /// A page that nobody has paid on cannot be closed there; it runs out within an hour. Who pays until then is
    /// remarked in the order's log, like everybody who pays a cancelled order.
    async fn end(&self, page: &PaymentPage) -> Result<Ended, PaymentError> {
        let payment: Option<TheirPayment> = self.find("payments", &page.reference).await?;
        Ok(match payment.map(|payment| payment.status) {
            Some(Status::Succeeded | Status::WaitingForCapture) => Ended::Paid,
            Some(Status::Pending | Status::Canceled | Status::Other) | None => Ended::Closed,
        })
    }

    async fn refund(&self, order: &Order, payment: &Payment) -> Result<Refund, PaymentError> {
        let unknown = || PaymentError::Refused("no such payment in this account".into());
        let theirs: TheirPayment = self.find("payments", &payment.reference).await?.ok_or_else(unknown)?;
        let Some(rest) = theirs.rest().filter(|rest| rest.amount() > 0) else {
            return Ok(Refund::NothingToAsk);
        };
        // A part that was given back by hand has its own receipt.
        let receipt = self.receipt(order).filter(|_| rest == order.total);
        let about = format!("refund {} {}", theirs.id, rest.decimal());
        let refund: TheirRefund =
            self.make("refunds", &about, &NewRefund::of(&theirs.id, rest, receipt)).await?;
        match refund.status {
            Status::Canceled => Err(PaymentError::Refused("the refund was cancelled".into())),
            _ => Ok(Refund::Asked),
        }
    }

    async fn read(
        &self,
        _signature: &str,
        body: &[u8],
        _now: DateTime<Utc>,
    ) -> Result<Option<PaymentNotice>, MessageError> {
        let notification: Notification = serde_json::from_slice(body).map_err(|_| MessageError::Malformed)?;
        if !notification.is_sound() {
            return Err(MessageError::Malformed);
        }
        let busy = |_| PaymentError::Unavailable("too many messages at once".into());
        let _asking = self.messages.try_acquire().map_err(busy)?;
        self.notice(notification).await
    }
}
