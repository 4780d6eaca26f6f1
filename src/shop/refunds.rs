//! Where an order ends against its payment: a cancelled one is not paid afterwards, and what was paid goes back the
//! way it came. The provider's own word ends a refund, see `settle.rs`.

use chrono::{DateTime, Utc};

use super::{
    OrderError, Orders,
    payment::{Ended, Refund},
    settle::remark,
};
use crate::{
    domain::{Order, OrderActor, OrderId, OrderStatus},
    store::Moved,
};

impl Orders {
    /// Ends the page where the order could still be paid, if it has one.
    ///
    /// # Errors
    /// [`OrderError::BeingPaid`] when somebody has paid there, [`OrderError::Payment`] when the provider does not
    /// answer: an order that may be paid at this moment is not cancelled.
    pub(super) async fn end_page(&self, id: OrderId) -> Result<(), OrderError> {
        let Some(order) = self.get(id).await? else { return Ok(()) };
        let provider = self.payments.provider(order.payment).filter(|_| order.status == OrderStatus::Placed);
        let (Some(provider), Some(page)) = (provider, &order.payment_page) else { return Ok(()) };
        match provider.end(page).await? {
            Ended::Closed => Ok(()),
            Ended::Paid => Err(OrderError::BeingPaid),
        }
    }

    /// Asks the provider to give the order's money back; `None` where there is nothing to ask and nothing to wait
    /// for. The order stays as it is until the provider tells that the money is on its way.
    ///
    /// # Errors
    /// [`OrderError::Payment`]; [`OrderError::Store`].
    pub(super) async fn ask_refund(
        &self,
        id: OrderId,
        actor: OrderActor,
        note: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Option<Order>, OrderError> {
        let Some(order) = self.get(id).await? else { return Ok(None) };
        if !order.status.may_become(OrderStatus::Refunded, actor) {
            return Ok(None);
        }
        let Some(provider) = self.payments.provider(order.payment) else { return Ok(None) };
        let Some(payment) = self.store.payments().accepted(id).await? else { return Ok(None) };
        if provider.refund(&order, &payment).await? == Refund::NothingToAsk {
            return Ok(None);
        }
        let asked = |order: &mut Order| -> Result<Moved, OrderError> {
            let mut events = Vec::new();
            // The provider's word may have come before, and somebody may ask twice.
            if order.status != OrderStatus::Refunded && order.refund_asked_at.is_none() {
                order.refund_asked_at = Some(now);
                let asked =
                    remark(order.buyer.language, "server.orders.refund_asked", payment.amount, &payment);
                let note = note.map_or_else(|| asked.clone(), |note| format!("{asked} {note}"));
                events.push(order.remark(actor, note, now));
            }
            Ok(Moved { events, mails: Vec::new() })
        };
        self.store.orders().change(id, now, asked).await?.ok_or(OrderError::NotFound)?.map(Some)
    }
}
