//! The fields of a webhook that concern us. <https://docs.stripe.com/api/events/types>

use serde::Deserialize;

use super::amount;
use crate::domain::{OrderId, PaymentEvent, PaymentNotice};

#[derive(Deserialize)]
struct Event {
    id: String,
    r#type: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: serde_json::Value,
}

/// A checkout session, see <https://docs.stripe.com/api/checkout/sessions/object>.
#[derive(Deserialize)]
struct Session {
    id: String,
    client_reference_id: Option<String>,
    payment_intent: Option<String>,
    payment_status: String,
    amount_total: Option<i64>,
    currency: Option<String>,
}

/// See <https://docs.stripe.com/api/charges/object>.
#[derive(Deserialize)]
struct Charge {
    payment_intent: Option<String>,
    amount_refunded: i64,
    currency: String,
    /// Everything was given back.
    refunded: bool,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    order_id: Option<String>,
}

/// See <https://docs.stripe.com/api/refunds/object>.
#[derive(Deserialize)]
struct Refund {
    payment_intent: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

/// The meaning of a message.
pub enum Message {
    Payment(PaymentNotice),
    /// Nothing to do with our orders, or nothing that moves money.
    Nothing,
    /// Not what the documentation promises.
    Malformed,
}

#[must_use]
pub fn read(body: &[u8]) -> Message {
    let Ok(Event { id, r#type, data }) = serde_json::from_slice(body) else { return Message::Malformed };
    let read = match r#type.as_str() {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => paid(id, data.object),
        "charge.refunded" => refunded(id, data.object),
        "refund.failed" => not_refunded(id, data.object),
        // A payment that failed or ran out moved nothing: the buyer begins another one. Whatever else there is
        // or will be does not concern orders.
        _ => return Message::Nothing,
    };
    read.unwrap_or(Message::Malformed)
}

fn paid(message: String, object: serde_json::Value) -> Option<Message> {
    let session: Session = serde_json::from_value(object).ok()?;
    // "unpaid" is a bank transfer on its way; its end comes as an event of its own.
    if session.payment_status == "unpaid" {
        return Some(Message::Nothing);
    }
    let Some(order) = session.client_reference_id.as_deref().and_then(our_order) else {
        // The account may have other uses.
        return Some(Message::Nothing);
    };
    let (total, currency) = (session.amount_total?, session.currency?);
    Some(Message::Payment(PaymentNotice {
        message,
        order,
        reference: session.payment_intent.unwrap_or(session.id),
        event: PaymentEvent::Paid(amount::read(total, &currency)),
    }))
}

fn refunded(message: String, object: serde_json::Value) -> Option<Message> {
    let charge: Charge = serde_json::from_value(object).ok()?;
    let order = charge.metadata.order_id.as_deref().and_then(our_order);
    let (Some(order), Some(reference)) = (order, charge.payment_intent) else {
        return Some(Message::Nothing);
    };
    let amount = amount::read(charge.amount_refunded, &charge.currency);
    let event = PaymentEvent::Returned { amount, whole: charge.refunded };
    Some(Message::Payment(PaymentNotice { message, order, reference, event }))
}

fn not_refunded(message: String, object: serde_json::Value) -> Option<Message> {
    let Refund { payment_intent, metadata } = serde_json::from_value(object).ok()?;
    let (Some(order), Some(reference)) = (metadata.order_id.as_deref().and_then(our_order), payment_intent)
    else {
        // Begun in Stripe's dashboard, where it is seen too.
        return Some(Message::Nothing);
    };
    Some(Message::Payment(PaymentNotice { message, order, reference, event: PaymentEvent::NotReturned }))
}

fn our_order(text: &str) -> Option<OrderId> {
    text.parse().ok()
}
