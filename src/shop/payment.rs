//! Ways to pay. [`Manual`] is always there; a hosted checkout is a [`PaymentProvider`] more, chosen in `app/`.
//! A provider only makes the page: that it was paid comes back through [`super::Orders::transition`].

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::{Order, PaymentMethod, PaymentPage};

#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// Why, for the log; never holds a secret.
    #[error("the payment provider did not answer as it should: {0}")]
    Unavailable(String),
}

#[async_trait]
pub trait PaymentProvider: Send + Sync {
    fn method(&self) -> PaymentMethod;

    /// A page where exactly the order's total in its currency is paid; `None` where nothing is paid online.
    /// From the page the buyer comes back to `return_url`. May be called again for the same order.
    async fn begin(&self, order: &Order, return_url: &str) -> Result<Option<PaymentPage>, PaymentError>;
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
