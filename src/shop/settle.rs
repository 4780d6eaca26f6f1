//! Applies a payment provider's events to an order. An event may come more than once, and events in any order: a
//! refund may be reported before the payment, a payment after the order was cancelled. Money that came and does not pay the order
//! is written into the order's log, where the studio sees it and can give it back.

use chrono::{DateTime, Utc};

use super::{MessageError, OrderError, Orders, mails};
use crate::{
    domain::{
        Language, Money, Order, OrderActor, OrderEvent, OrderStatus, Payment, PaymentEvent, PaymentMethod,
        PaymentNotice, TransitionRefused,
    },
    store::{Moved, TakenIn},
    words::Words,
};

/// Why money that came does not pay the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stray {
    /// Another amount or currency than the order's.
    Wrong,
    Cancelled,
    /// The order was paid before, by other means.
    Twice,
}

impl Orders {
    /// Takes in a message that came to the address of a payment provider. `signature` is the value of the header
    /// with this name. A message that comes again changes nothing.
    ///
    /// # Errors
    /// [`MessageError`]; with [`MessageError::Order`] it should be sent again.
    pub async fn receive(
        &self,
        method: PaymentMethod,
        signature: impl Fn(&str) -> String,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), MessageError> {
        let provider = self.payments.provider(method).ok_or(MessageError::NotOffered)?;
        let signature = provider.signature_header().map(signature).unwrap_or_default();
        match provider.read(&signature, body, now).await? {
            Some(notice) => Ok(self.settle(&notice, now).await?),
            None => Ok(()),
        }
    }

    async fn settle(&self, notice: &PaymentNotice, now: DateTime<Utc>) -> Result<(), OrderError> {
        let ending = match self.get(notice.order).await? {
            Some(order) => Some(self.ending(order.studio_id, order.id).await?),
            None => None,
        };
        let settle = |order: &mut Order, payment: &mut Payment| {
            let (events, is_paid) = settle(order, payment, notice.event, now);
            let mail = ending.as_ref().filter(|_| is_paid).and_then(|ending| mails::paid(order, ending));
            Moved { events, mails: self.mails(mail) }
        };
        match self.store.payments().take_in(notice, now, settle).await? {
            TakenIn::New => self.postbox.wake(),
            TakenIn::Again => {}
            TakenIn::NoOrder => {
                tracing::warn!(order = %notice.order, "a payment for an order that is not there")
            }
        }
        Ok(())
    }
}

/// The order's steps, and whether it has been paid now and stays so.
fn settle(
    order: &mut Order,
    payment: &mut Payment,
    event: PaymentEvent,
    now: DateTime<Utc>,
) -> (Vec<OrderEvent>, bool) {
    let mut events = Vec::new();
    let mut step = |order: &mut Order, to, actor, note| -> Result<(), TransitionRefused> {
        events.push(order.step(to, actor, note, now)?);
        Ok(())
    };
    let was = order.status;
    let mut remark = None;
    match event {
        // Some payments are reported twice, in separate messages.
        PaymentEvent::Paid(_) if payment.is_paid => {}
        PaymentEvent::Paid(amount) => {
            (payment.is_paid, payment.amount) = (true, amount);
            match stray(order, amount) {
                Some(stray) => remark = Some(stray_words(order.buyer.language, stray, payment)),
                None => {
                    payment.accepted =
                        step(order, OrderStatus::Paid, OrderActor::Provider, Some(payment.reference.clone()))
                            .is_ok();
                    if order.is_digital() {
                        // Refused only where the order was not paid above.
                        let _ = step(order, OrderStatus::Fulfilled, OrderActor::System, None);
                    }
                }
            }
        }
        PaymentEvent::Returned { whole: true, .. } => payment.returned = true,
        PaymentEvent::Returned { amount, whole: false } => {
            remark = Some(self::remark(order.buyer.language, "server.orders.part_returned", amount, payment));
        }
        PaymentEvent::NotReturned if order.refund_asked_at.take().is_some() => {
            remark = Some(self::remark(order.buyer.language, "server.orders.refund_failed", None, payment));
        }
        PaymentEvent::NotReturned => {}
    }
    // In whichever order the two were reported.
    if payment.returned && payment.accepted {
        // Refused where the studio has marked it before.
        let _ = step(order, OrderStatus::Refunded, OrderActor::Provider, Some(payment.reference.clone()));
    } else if payment.returned && payment.is_paid && remark.is_none() {
        remark =
            Some(self::remark(order.buyer.language, "server.orders.stray_returned", payment.amount, payment));
    }
    if let Some(note) = remark {
        events.push(order.remark(OrderActor::Provider, note, now));
    }
    let is_paid =
        was == OrderStatus::Placed && matches!(order.status, OrderStatus::Paid | OrderStatus::Fulfilled);
    (events, is_paid)
}

fn stray(order: &Order, amount: Option<Money>) -> Option<Stray> {
    match order.status {
        _ if amount != Some(order.total) => Some(Stray::Wrong),
        OrderStatus::Placed => None,
        OrderStatus::Cancelled => Some(Stray::Cancelled),
        OrderStatus::Draft | OrderStatus::Paid | OrderStatus::Fulfilled | OrderStatus::Refunded => {
            Some(Stray::Twice)
        }
    }
}

fn stray_words(language: Language, stray: Stray, payment: &Payment) -> String {
    let key = match stray {
        Stray::Wrong => "server.orders.stray.wrong",
        Stray::Cancelled => "server.orders.stray.cancelled",
        Stray::Twice => "server.orders.stray.twice",
    };
    remark(language, key, payment.amount, payment)
}

/// A line of the order's log about this payment.
pub(super) fn remark(language: Language, key: &str, amount: Option<Money>, payment: &Payment) -> String {
    let amount = amount.map_or_else(|| "?".to_owned(), |amount| amount.to_string());
    Words(language).fill(key, &[("amount", &amount), ("reference", &payment.reference)])
}

#[cfg(test)]
mod tests;
