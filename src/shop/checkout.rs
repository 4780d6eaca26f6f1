//! From a cart to an order.

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, Utc};

use super::{
    mails,
    orders::{Orders, checked_note},
    prices::words,
    pricing::{Extras, Priced, PricingError, price},
    promos::counted,
};
use crate::{
    domain::{
        Address, Buyer, Discount, Language, Money, Order, OrderActor, OrderId, OrderStatus, PaymentMethod,
        PhotoSession, PromoRefused, Shipping, ShippingId, ShopSettings, TransitionRefused,
    },
    secrets,
    store::{Basket, OnceKey, Placed, Placing, StoreError},
};

/// Characters of a buyer's name.
const NAME: usize = 100;
/// Characters of a line of an address.
const ADDRESS_LINE: usize = 120;
const POSTAL_CODE: usize = 16;

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
    #[error("an address has a street, a postal code and a city")]
    InvalidAddress,
    #[error("a way of delivery has to be chosen")]
    NoShipping,
    #[error(transparent)]
    Promo(#[from] PromoRefused),
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
    #[error("{missing} photos are missing in the packages of the cart")]
    NotFilled { missing: u32 },
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
    /// Where to; only kept where the chosen way of delivery needs it.
    pub address: Option<Address>,
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
        let email = buyer.email.clone();
        let studio = self.store.studios().branding(session.studio_id).await?;
        let studio_name = studio.map_or_else(String::new, |studio| studio.name);
        let id = OrderId::generate();
        // Rows keep microseconds; an answer must not say more.
        let now = DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
        let ending = self.ending(session.studio_id, id).await?;
        let decide = |basket: Basket| {
            let instructions = basket.settings.payment_instructions.clone();
            let mut order = draft(id, basket, session, studio_name, buyer, &new, now)?;
            if !provider.takes(order.total.currency()) {
                return Err(CheckoutError::PaymentMethod);
            }
            let mut events = vec![order.step(OrderStatus::Placed, OrderActor::Guest, None, now)?];
            if order.total.amount() == 0 {
                events.push(order.step(OrderStatus::Paid, OrderActor::System, None, now)?);
                if order.is_digital() {
                    events.push(order.step(OrderStatus::Fulfilled, OrderActor::System, None, now)?);
                }
            }
            let mails = self.mails(mails::placed(&order, instructions.as_deref(), &ending));
            // Last: only what would be placed counts for everybody behind the address.
            self.limits.order(session.id, address).map_err(CheckoutError::TooMany)?;
            Ok::<_, CheckoutError>(Placing { order, events, mails })
        };
        let placed = self
            .store
            .orders()
            .place((&hash, email.as_ref()), session.studio_id, (id, key), now, decide)
            .await??;
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
    let Basket { cart, prices, settings, promo, photos, number } = basket;
    if cart.session != session.id {
        return Err(CheckoutError::CartNotFound);
    }
    let list = prices.filter(|_| !cart.items.is_empty()).ok_or(CheckoutError::Empty)?;
    let list = session.terms.offered(list);
    let promo = match &cart.promo {
        Some(_) => Some(counted(promo.as_ref(), session.id, list.currency, now)?),
        None => None,
    };
    let chosen = cart.shipping.and_then(|id| settings.shipping_of(id));
    let extras = Extras {
        off: promo.map(|promo| promo.value),
        shipping: chosen.map(|method| method.amount),
        tax: settings.tax,
    };
    let priced = price(session.id, &cart.items, &list, &photos, extras)?;
    let shipping = shipping(&settings, cart.shipping, &priced, new)?;
    let missing = priced.missing();
    let Priced { lines, discount, tax, total, gone, .. } = priced;
    // Also when what has gone cost nothing: the buyer counts on getting it.
    if total.amount() != new.expected_total || !gone.is_empty() {
        return Err(CheckoutError::TotalChanged { now: total.amount() });
    }
    if missing > 0 {
        return Err(CheckoutError::NotFilled { missing });
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
        discount: promo.map(|promo| Discount {
            promo_id: promo.id,
            word: promo.word.clone(),
            amount: discount,
        }),
        shipping,
        tax,
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

/// How the order is delivered; nothing where nothing has to be made, or the studio offers no ways.
fn shipping(
    settings: &ShopSettings,
    chosen: Option<ShippingId>,
    priced: &Priced,
    new: &NewOrder,
) -> Result<Option<Shipping>, CheckoutError> {
    let is_made = priced.lines.iter().any(|line| line.kind.is_made());
    if !is_made || settings.offered_shipping().next().is_none() {
        return Ok(None);
    }
    let method = chosen.and_then(|id| settings.shipping_of(id)).ok_or(CheckoutError::NoShipping)?;
    let address = method.needs_address.then(|| checked_address(new.address.as_ref())).transpose()?;
    let amount = priced.shipping.unwrap_or(Money::zero(priced.total.currency()));
    Ok(Some(Shipping { name: method.name.clone(), amount, address }))
}

fn checked_address(address: Option<&Address>) -> Result<Address, CheckoutError> {
    let line = |text: &str, most| words(text, most).ok_or(CheckoutError::InvalidAddress);
    let address = address.ok_or(CheckoutError::InvalidAddress)?;
    let country = address.country.as_deref().filter(|country| !country.trim().is_empty());
    Ok(Address {
        street: line(&address.street, ADDRESS_LINE)?,
        postal_code: line(&address.postal_code, POSTAL_CODE)?,
        city: line(&address.city, ADDRESS_LINE)?,
        country: country.map(|country| line(country, ADDRESS_LINE)).transpose()?,
    })
}
