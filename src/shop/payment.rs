//! Ways to pay. [`Manual`] is always there; a hosted checkout is a [`PaymentProvider`] more, chosen in `app/`.
//! A provider makes the page and reads its own messages; what a message does to an order is `settle.rs`.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::OrderError;
use crate::domain::{Currency, Order, Payment, PaymentMethod, PaymentNotice, PaymentPage};

#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// Why, for the log; never holds a secret.
    #[error("the payment provider did not answer as it should: {0}")]
    Unavailable(String),
    /// The provider understood and will not do it. Why, for the log.
    #[error("the payment provider refuses: {0}")]
    Refused(String),
}

/// The state of an order's page after it was to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nobody pays there any more, as far as the provider lets us see to it.
    Closed,
    /// Somebody has paid there, or a bank is still at work; a message about it comes or has come.
    Paid,
}

/// The answer to a wish to give money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refund {
    /// The provider was asked, and sends a message when the money is on its way.
    Asked,
    /// The provider has nothing to give back: it took no money, or has given it back before.
    NothingToAsk,
}

/// Why a provider's message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    #[error("no provider of that name sends messages here")]
    NotOffered,
    #[error(
        "the message was not signed by the provider, or not just now, or the provider knows nothing of it"
    )]
    Signature,
    #[error("the message is not what the provider documents")]
    Malformed,
    #[error(transparent)]
    Order(#[from] OrderError),
}

impl From<PaymentError> for MessageError {
    fn from(error: PaymentError) -> Self {
        Self::Order(error.into())
    }
}

#[async_trait]
pub trait PaymentProvider: Send + Sync {
    fn method(&self) -> PaymentMethod;

    /// A page where exactly the order's total in its currency is paid; `None` where nothing is paid online.
    /// From the page the buyer comes back to `return_url`. May be called again for the same order.
    async fn begin(&self, order: &Order, return_url: &str) -> Result<Option<PaymentPage>, PaymentError>;

    /// Whether the provider can charge amounts in this currency.
    fn takes(&self, _currency: Currency) -> bool {
        true
    }

    /// Ends a page, so that an order that is cancelled is not paid afterwards. May be called again.
    async fn end(&self, _page: &PaymentPage) -> Result<Ended, PaymentError> {
        Ok(Ended::Closed)
    }

    /// Asks to give back all of a payment. May be called again: it is given back once.
    async fn refund(&self, _order: &Order, _payment: &Payment) -> Result<Refund, PaymentError> {
        Ok(Refund::NothingToAsk)
    }

    /// The header in which the provider signs its messages; `None` if it does not sign them.
    fn signature_header(&self) -> Option<&'static str> {
        None
    }

    /// Checks a message of the provider and reads what it says of an order; `Ok(None)` for what concerns no order
    /// of ours and must not come again. A provider that does not sign is asked whether it is true.
    ///
    /// # Errors
    /// [`MessageError`].
    async fn read(
        &self,
        _signature: &str,
        _body: &[u8],
        _now: DateTime<Utc>,
    ) -> Result<Option<PaymentNotice>, MessageError> {
        Err(MessageError::NotOffered)
    }
}

/// Buyer and studio settle it between them, and the studio marks the order as paid.
pub struct Manual;

#[async_trait]
impl PaymentProvider for Manual {
    fn method(&self) -> PaymentMethod {
        PaymentMethod::Manual
    }

    async fn begin(&self, _: &Order, _: &str) -> Result<Option<PaymentPage>, PaymentError> {
        Ok(None)
    }
}

/// The ways to pay of this installation. Cheap to clone.
#[derive(Clone)]
pub struct Payments(Arc<[Arc<dyn PaymentProvider>]>);

impl Payments {
    /// [`Manual`], and these.
    #[must_use]
    pub fn new(more: Vec<Arc<dyn PaymentProvider>>) -> Self {
        let manual: Arc<dyn PaymentProvider> = Arc::new(Manual);
        Self(std::iter::once(manual).chain(more).collect())
    }

    #[must_use]
    pub fn methods(&self) -> Vec<PaymentMethod> {
        self.0.iter().map(|provider| provider.method()).collect()
    }

    pub(super) fn provider(&self, method: PaymentMethod) -> Option<&dyn PaymentProvider> {
        self.0.iter().map(AsRef::as_ref).find(|provider| provider.method() == method)
    }
}
