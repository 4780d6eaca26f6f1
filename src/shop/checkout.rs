//! From a cart to an order.

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, Utc};

use super::{
    mails,
    orders::{Orders, checked_note},
    pricing::{Priced, PricingError, price},
};
use crate::{
    domain::{
        Buyer, Language, Order, OrderActor, OrderId, OrderStatus, PaymentMethod, PhotoSession,
        TransitionRefused,
    },
    secrets,
    store::{Basket, OnceKey, Placed, Placing, StoreError},
};

/// Characters of a buyer's name.
const NAME: usize = 100;

#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    #[error("a name has 1 to {NAME} characters")]
    InvalidName,
    #[error("not an e-mail address")]
    InvalidEmail,
    #[error("not a telephone number")]
    InvalidPhone,
    #[error("the note is too long")]
    InvalidNote,
    #[error("that way to pay is not offered")]
    PaymentMethod,
    #[error("there is no such cart")]
    CartNotFound,
    #[error("the cart has been ordered")]
    Ordered,
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error("nothing in the cart can be bought")]
    Empty,
    /// The current total, in minor units.
    #[error("the cart's total is {now}")]
    TotalChanged { now: i64 },
    #[error("too many checkouts; the next may come in {} s", .0.as_secs())]
    TooMany(Duration),
    #[error(transparent)]
    Pricing(#[from] PricingError),
    #[error("a new order cannot be placed")]
    Step(#[from] TransitionRefused),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The buyer's data at the checkout. No amount in it is used for computing.
#[derive(Debug, Clone)]
pub struct NewOrder {
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
    pub note: Option<String>,
    pub language: Language,
    pub payment: PaymentMethod,
    /// The total that the buyer was shown, in minor units; only compared.
    pub expected_total: i64,
}

/// The caller of a checkout.
#[derive(Debug, Clone, Copy)]
pub struct CheckoutBy<'a> {
    /// Of the cart.
    pub token: &'a str,
    pub address: IpAddr,
}

impl Orders {
    /// Makes an order of a cart, or finds the one that the same request made before; that one is told as it
    /// was then. Where it is paid online, the payment is begun; should the provider be away, the order stands
    /// and [`Orders::pay`] begins again. `session` is the cart's own.
    ///
    /// # Errors
    /// [`CheckoutError`]; nothing is changed then.
    pub async fn checkout(
        &self,
        CheckoutBy { token, address }: CheckoutBy<'_>,
        session: &PhotoSession,
        new: NewOrder,
        key: Option<&OnceKey>,
        now: DateTime<Utc>,
    ) -> Result<Order, CheckoutError> {
        let hash = secrets::hash(token);
        self.limits.attempt(&hash).map_err(CheckoutError::TooMany)?;
        let provider = self.payments.provider(new.payment).ok_or(CheckoutError::PaymentMethod)?;
        let buyer = checked_buyer(&new)?;
        let studio = self.store.studios().branding(session.studio_id).await?;
        let studio_name = studio.map_or_else(String::new, |studio| studio.name);
        let id = OrderId::generate();
        // Rows keep microseconds; an answer must not say more.
        let now = DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
        let ending = self.ending(session.studio_id, id).await?;
        let decide = |basket: Basket| {
            let mut order = draft(id, basket, session, studio_name, buyer, &new, now)?;
            if !provider.takes(order.total.currency()) {
                return Err(CheckoutError::PaymentMethod);
            }
            let events = vec![order.step(OrderStatus::Placed, OrderActor::Guest, None, now)?];
            let mails = self.mails(mails::placed(&order, &ending));
            // Last: only what would be placed counts for everybody behind the address.
            self.limits.order(session.id, address).map_err(CheckoutError::TooMany)?;
            Ok::<_, CheckoutError>(Placing { order, events, mails })
        };
        let placed = self.store.orders().place(&hash, session.studio_id, (id, key), now, decide).await??;
        match placed {
            Placed::New(mut order) => {
                self.postbox.wake();
                order.payment_page = self.begin(&order).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "a payment could not be begun; the buyer can begin it again");
                    None
                });
                Ok(*order)
            }
            // Gone since: whoever erased it did so within the day that the key is kept.
            Placed::Again(id) => Ok(self.get(id).await?.ok_or(CheckoutError::CartNotFound)?.as_placed()),
            Placed::KeyReused => Err(CheckoutError::KeyReused),
            Placed::Ordered => Err(CheckoutError::Ordered),
            Placed::NoCart => Err(CheckoutError::CartNotFound),
        }
    }
}

fn checked_buyer(new: &NewOrder) -> Result<Buyer, CheckoutError> {
    let name = new.name.trim();
    if !(1..=NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(CheckoutError::InvalidName);
    }
    let phone = new.phone.as_deref().map(str::trim).filter(|phone| !phone.is_empty());
    Ok(Buyer {
        name: name.to_owned(),
        email: Some(new.email.parse().map_err(|_| CheckoutError::InvalidEmail)?),
        phone: phone.map(str::parse).transpose().map_err(|_| CheckoutError::InvalidPhone)?,
        note: checked_note(new.note.clone()).ok_or(CheckoutError::InvalidNote)?,
        language: new.language,
    })
}

fn draft(
    id: OrderId,
    basket: Basket,
    session: &PhotoSession,
    studio_name: String,
    buyer: Buyer,
    new: &NewOrder,
    now: DateTime<Utc>,
) -> Result<Order, CheckoutError> {
    let Basket { cart, prices, photos, number } = basket;
    if cart.session != session.id {
        return Err(CheckoutError::CartNotFound);
    }
    let list = prices.filter(|_| !cart.items.is_empty()).ok_or(CheckoutError::Empty)?;
    let list = session.terms.offered(list);
    let Priced { lines, total, gone } = price(session.id, &cart.items, &list, &photos)?;
    // Also when what has gone cost nothing: the buyer counts on getting it.
    if total.amount() != new.expected_total || !gone.is_empty() {
        return Err(CheckoutError::TotalChanged { now: total.amount() });
    }
    Ok(Order {
        id,
        number,
        status: OrderStatus::Draft,
        session_id: session.id,
        session_name: session.name.clone(),
        studio_id: session.studio_id,
        studio_name,
        photographer_id: session.photographer_id,
        buyer,
        payment: new.payment,
        payment_page: None,
        lines,
        total,
        created_at: now,
        placed_at: None,
        paid_at: None,
        fulfilled_at: None,
        cancelled_at: None,
        refunded_at: None,
        refund_asked_at: None,
    })
}
