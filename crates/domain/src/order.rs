//! A sale and the states it goes through.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    Discount, Email, Invalid, Language, LineId, Money, Names, OrderEventId, OrderId, Phone, PhotoId,
    PhotoSessionId, PriceId, PriceKind, Shipping, StudioId, TaxLine, UserId,
};

words! {
    /// How an order is paid.
    PaymentMethod "payment method" {
        /// Buyer and studio settle it between them, and the studio marks it.
        Manual "manual",
        /// Stripe's hosted checkout.
        Stripe "stripe",
        /// The payment page of YooKassa.
        Yookassa "yookassa",
    }
}

words! {
    /// Where an order stands.
    OrderStatus "order status" {
        /// Being put together; never seen outside of the transaction that places it.
        Draft "draft",
        /// The buyer wants it; it is to be paid.
        Placed "placed",
        Paid "paid",
        /// Everything has been handed over.
        Fulfilled "fulfilled",
        Cancelled "cancelled",
        Refunded "refunded",
    }
}

/// Who changes an order's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderActor {
    /// The buyer.
    Guest,
    /// Pixora itself.
    System,
    /// The payment provider.
    Provider,
    /// Somebody of the studio.
    User(UserId),
}

impl fmt::Display for OrderActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guest => f.write_str("guest"),
            Self::System => f.write_str("system"),
            Self::Provider => f.write_str("provider"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}

impl FromStr for OrderActor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.split_once(':') {
            None if text == "guest" => Ok(Self::Guest),
            None if text == "system" => Ok(Self::System),
            None if text == "provider" => Ok(Self::Provider),
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| Invalid("actor")),
            _ => Err(Invalid("actor")),
        }
    }
}

impl OrderStatus {
    /// The one table of what may follow what, and who may do it. Nothing leads out of `cancelled` and
    /// `refunded`, and nothing leads anywhere twice.
    #[must_use]
    pub fn may_become(self, to: Self, actor: OrderActor) -> bool {
        use OrderActor::{Guest, Provider, System, User};
        use OrderStatus::{Cancelled, Draft, Fulfilled, Paid, Placed, Refunded};
        match (self, to) {
            (Draft, Placed) => matches!(actor, Guest),
            // Pixora itself where nothing is to be paid.
            (Placed, Paid) => matches!(actor, User(_) | Provider | System),
            (Placed, Cancelled) => matches!(actor, Guest | User(_)),
            (Paid, Fulfilled) => matches!(actor, User(_) | System),
            (Paid | Fulfilled, Refunded) => matches!(actor, User(_) | Provider),
            _ => false,
        }
    }
}

/// A step that [`OrderStatus::may_become`] does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {from} cannot become {to}")]
pub struct TransitionRefused {
    pub from: OrderStatus,
    pub to: OrderStatus,
}

/// One step of an order, as its log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderEvent {
    pub id: OrderEventId,
    pub at: DateTime<Utc>,
    pub from: OrderStatus,
    pub to: OrderStatus,
    pub actor: OrderActor,
    pub note: Option<String>,
}

/// The buyer. After the session was erased the name and the address are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    pub name: String,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    /// The buyer's note to the studio.
    pub note: Option<String>,
    pub language: Language,
}

/// One thing in a cart or an order, with name and price as they were when it was priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: LineId,
    pub price_id: PriceId,
    pub kind: PriceKind,
    pub size: Option<String>,
    pub name: Names,
    /// The package that it is a part of, by the price of that; such a line has the package's name and costs nothing
    /// itself.
    pub package: Option<PriceId>,
    /// Of files and prints.
    pub photo_id: Option<PhotoId>,
    pub filename: Option<String>,
    pub quantity: u32,
    pub unit: Money,
    /// `quantity` × `unit`, or nothing when the line is covered.
    pub amount: Money,
    /// A digital photo beside a bundle or a package that has it already.
    pub covered: bool,
}

/// A page of a payment provider where an order is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentPage {
    pub url: String,
    /// The provider's id of this payment.
    pub reference: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    /// For people, unique in its studio: `2026-000123`.
    pub number: String,
    pub status: OrderStatus,
    pub session_id: PhotoSessionId,
    pub session_name: String,
    pub studio_id: StudioId,
    pub studio_name: String,
    /// The photographer of the session.
    pub photographer_id: Option<Uuid>,
    pub buyer: Buyer,
    pub payment: PaymentMethod,
    /// The last one that was begun.
    pub payment_page: Option<PaymentPage>,
    /// Empty where only the order itself was asked for.
    pub lines: Vec<Line>,
    /// What a promo code took off the sum of the lines.
    pub discount: Option<Discount>,
    /// How it is delivered, where something has to be made and the studio offers ways.
    pub shipping: Option<Shipping>,
    pub tax: Option<TaxLine>,
    /// The sum of the lines without the discount, with the shipping, and with a tax that the prices do not hold.
    pub total: Money,
    pub created_at: DateTime<Utc>,
    pub placed_at: Option<DateTime<Utc>>,
    pub paid_at: Option<DateTime<Utc>>,
    pub fulfilled_at: Option<DateTime<Utc>>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub refunded_at: Option<DateTime<Utc>>,
    /// When the payment provider was asked to give the money back. It says itself when that is done.
    pub refund_asked_at: Option<DateTime<Utc>>,
}

impl Order {
    /// Takes one step. The only way to another status; the caller keeps the event with the order.
    ///
    /// # Errors
    /// [`TransitionRefused`]; the order is as before.
    pub fn step(
        &mut self,
        to: OrderStatus,
        actor: OrderActor,
        note: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<OrderEvent, TransitionRefused> {
        let from = self.status;
        if !from.may_become(to, actor) {
            return Err(TransitionRefused { from, to });
        }
        self.status = to;
        match to {
            OrderStatus::Draft => {}
            OrderStatus::Placed => self.placed_at = Some(now),
            OrderStatus::Paid => self.paid_at = Some(now),
            OrderStatus::Fulfilled => self.fulfilled_at = Some(now),
            OrderStatus::Cancelled => self.cancelled_at = Some(now),
            OrderStatus::Refunded => self.refunded_at = Some(now),
        }
        Ok(OrderEvent { id: OrderEventId::generate(), at: now, from, to, actor, note })
    }

    /// Something that its log says and that moves nothing.
    #[must_use]
    pub fn remark(&self, actor: OrderActor, note: String, now: DateTime<Utc>) -> OrderEvent {
        let (id, from, to) = (OrderEventId::generate(), self.status, self.status);
        OrderEvent { id, at: now, from, to, actor, note: Some(note) }
    }

    /// Nothing in it has to be made or sent.
    #[must_use]
    pub fn is_digital(&self) -> bool {
        !self.lines.iter().any(|line| line.kind.is_made())
    }

    /// The sum of the lines.
    #[must_use]
    pub fn items(&self) -> Money {
        let currency = self.total.currency();
        let on_top = self.tax.filter(|line| !line.tax.included).map_or(0, |line| line.amount.amount());
        let shipping = self.shipping.as_ref().map_or(0, |shipping| shipping.amount.amount());
        let discount = self.discount.as_ref().map_or(0, |discount| discount.amount.amount());
        // Also where the lines were not read: the total was made of the others.
        Money::new(self.total.amount() - on_top - shipping + discount, currency)
            .unwrap_or(Money::zero(currency))
    }

    /// The order as it was in the moment when it was placed. One of nothing was paid in that moment.
    #[must_use]
    pub fn as_placed(mut self) -> Self {
        if self.total.amount() == 0 {
            return self;
        }
        self.status = OrderStatus::Placed;
        (self.paid_at, self.fulfilled_at, self.cancelled_at, self.refunded_at) = (None, None, None, None);
        self.refund_asked_at = None;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every status × every status × every kind of actor.
    #[test]
    fn the_whole_matrix_of_steps() {
        let user = OrderActor::User(UserId::generate());
        let actors = [OrderActor::Guest, OrderActor::System, OrderActor::Provider, user];
        let mut allowed = Vec::new();
        for from in OrderStatus::ALL {
            for to in OrderStatus::ALL {
                for actor in actors.iter().filter(|actor| from.may_become(*to, **actor)) {
                    let actor = actor.to_string();
                    allowed.push(format!("{from} {to} {}", actor.split(':').next().unwrap_or_default()));
                }
            }
        }
        assert_eq!(
            allowed,
            [
                "draft placed guest",
                "placed paid system",
                "placed paid provider",
                "placed paid user",
                "placed cancelled guest",
                "placed cancelled user",
                "paid fulfilled system",
                "paid fulfilled user",
                "paid refunded provider",
                "paid refunded user",
                "fulfilled refunded provider",
                "fulfilled refunded user",
            ]
        );
    }

    #[test]
    fn an_actor_reads_as_it_is_written() {
        let user = OrderActor::User(UserId::generate());
        for actor in [OrderActor::Guest, OrderActor::System, OrderActor::Provider, user] {
            assert_eq!(actor.to_string().parse(), Ok(actor));
        }
        for bad in ["", "user", "user:", "guest:1", "somebody"] {
            assert!(bad.parse::<OrderActor>().is_err(), "{bad}");
        }
    }
}
