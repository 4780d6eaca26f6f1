//! Selling photos: a studio's prices, guests' carts, orders and how they are paid.
//!
//! Offers [`PriceLists`], [`Carts`] and [`Orders`], bound together as [`Shop`]; a new way to pay is a
//! [`PaymentProvider`]. What anything costs is computed here and nowhere else ([`price`]); where an order may
//! go stands in `OrderStatus::may_become`. Must not know HTTP, SQL, or which session is open.

mod cart;
mod checkout;
mod downloads;
mod letters;
mod orders;
mod payment;
mod prices;
mod pricing;
mod settle;
mod stripe;

pub use cart::{Cart, CartError, Carts, MOST_ITEMS};
pub use checkout::{CheckoutError, NewOrder};
pub use downloads::{Download, DownloadKey};
pub use orders::{OrderError, Orders};
pub use payment::{Manual, PaymentError, PaymentProvider, Payments};
pub use prices::{NewPrice, PriceError, PriceLists};
pub use pricing::{Priced, PricingError, price};
pub use stripe::{Stripe, WebhookError};

use crate::{mail::Postbox, secrets::LinkSigner, store::Store};

/// Cheap to clone.
#[derive(Clone)]
pub struct Shop {
    pub prices: PriceLists,
    pub carts: Carts,
    pub orders: Orders,
}

impl Shop {
    /// `public_url` is where guests reach us, without a slash at its end.
    #[must_use]
    pub fn new(
        store: Store,
        links: LinkSigner,
        postbox: Postbox,
        public_url: String,
        payments: Payments,
    ) -> Self {
        Self {
            prices: PriceLists::new(store.clone()),
            carts: Carts::new(store.clone()),
            orders: Orders::new(store, links, postbox, public_url, payments),
        }
    }
}
