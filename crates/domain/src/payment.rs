//! Events and states of an order's payment, as the payment provider reports them.

use super::{Money, OrderId};

/// One message, as far as it concerns an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentNotice {
    /// The provider's id of the message: the same one may come again.
    pub message: String,
    pub order: OrderId,
    /// The provider's id of the payment.
    pub reference: String,
    pub event: PaymentEvent,
}

/// Amounts are `None` where they are no money that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentEvent {
    Paid(Option<Money>),
    /// So much of it has been given back by now; `whole` when that is all of it.
    Returned {
        amount: Option<Money>,
        whole: bool,
    },
    /// A refund that had been asked for did not work.
    NotReturned,
}

/// The state of a payment. Its events may come in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub reference: String,
    pub order: OrderId,
    pub is_paid: bool,
    pub amount: Option<Money>,
    /// The order is paid with it.
    pub accepted: bool,
    /// All of it was given back.
    pub returned: bool,
}
