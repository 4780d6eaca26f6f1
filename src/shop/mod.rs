//! Selling photos: a studio's prices, guests' carts, orders and how they are paid.
//!
//! Offers [`PriceLists`], [`Carts`] and [`Orders`], bound together as [`Shop`]; a new way to pay is a
//! [`PaymentProvider`]. What anything costs is computed here and nowhere else ([`price`]); where an order may
//! go stands in `OrderStatus::may_become`. Must not know HTTP, SQL, or which session is open.
//!
//! # How an order moves
//!
//! `shop/` decides, `store/shop_*.rs` writes. `shop/pricing.rs` is the one function that prices a cart,
//! whether it is looked at or becomes an order; `domain/money.rs` computes in checked `i64` and refuses
//! what does not fit. A checkout is one transaction (`store/shop_orders.rs`, `place`): claim of the
//! idempotency key, cart, prices and photos as they are now, number, order, lines, log, mail. After a crash
//! all of it is there or none, and a cart becomes one order because its id is unique among orders. What the
//! key remembers is the order's id alone: names and links are not written twice.
//!
//! Where an order may go, and by whom, is one table (`OrderStatus::may_become`); `Order::step` asks it and
//! is the only way to another status. Guest, studio and payment provider all come through
//! `shop::Orders::transition`, which writes step, log and mail together. A way to pay is a
//! `PaymentProvider` (`shop/payment.rs`): it makes the page where one pays, and what happened there comes
//! back as a transition. Stripe (`shop/stripe/`) is spoken to over its documented HTTP interface, without a
//! library or a script of theirs. Its messages come more than once and in any order, so what they do is a
//! pure function of what is known of order and payment (`shop/settle.rs`), and message, payment, order, log
//! and mails commit together (`store/payments.rs`). YooKassa (`shop/yookassa/`) does not sign its messages, so each
//! is only a reason to ask it how the payment stands. A refund is asked for at the provider and ends the order when
//! the provider says so; an order is cancelled only after its open page was ended (`shop/refunds.rs`). The idempotency key of a page is the order's id and,
//! after a page that has run out, that page's: clicks, retries and crashes end at one open page. Mails hold
//! nothing that a buyer wrote, so that ordering under a stranger's address sends the stranger no words of
//! the buyer's.
//!
//! # Packages
//!
//! A package is a price with parts: so many files, prints of a size, or all files of the session. Every part has an id
//! as prices have, so that a cart puts photos into it as it puts them beside any other price, and nothing but
//! `pricing.rs` knows more of it: the package's line has the price, the lines of its parts have the photos and cost
//! nothing. Whatever looks at kinds of lines (downloads, the lab's files, delivery, refunds) needs no word about
//! packages. More photos than fit are refused where a cart changes, and fewer than fit at the checkout.
//!
//! # What is counted beside the items
//!
//! `pricing.rs` takes off what a promo code gives, adds the chosen way of delivery, and computes the tax of what is left,
//! rounded half up once; everything else is exact. A use of a promo code has no row of its own: it is an order that names the
//! code and was not cancelled, so a crash cannot leave one without the other, and the one that writes last is refused. An
//! address stays thirty days after its order is done (`ADDRESS_KEPT`). An order of nothing is paid as it is placed.

mod cart;
mod checkout;
mod downloads;
mod limits;
mod mails;
mod orders;
mod payment;
mod prices;
mod pricing;
mod prints;
mod promos;
mod provider_http;
mod receipt;
mod refunds;
mod settings;
mod settle;
mod stripe;
mod yookassa;

pub use crate::store::{ListedOrder, LoggedEvent, NewItem, OrderFilter, OrderTotals, SalesHour};
pub use cart::{Cart, CartError, Carts, MOST_ITEMS};
pub use checkout::{CheckoutBy, CheckoutError, NewOrder};
pub use downloads::{Download, DownloadKey};
pub use orders::{OrderError, Orders};
pub use payment::{Ended, Manual, MessageError, PaymentError, PaymentProvider, Payments, Refund};
pub use prices::{NewPart, NewPrice, PriceError, PriceLists};
pub use pricing::{Extras, Filling, Package, Priced, PricingError, price};
pub use prints::Print;
pub use promos::{NewPromo, PromoError, Promos};
pub use settings::{NewSettings, NewShipping, Settings, SettingsError};
pub use stripe::Stripe;
pub use yookassa::{YooKassa, YooKassaAccount};

use crate::{domain::Addresses, mail::Postbox, secrets::LinkSigner, store::Store};
use limits::Limits;

/// Cheap to clone.
#[derive(Clone)]
pub struct Shop {
    pub prices: PriceLists,
    pub settings: Settings,
    pub promos: Promos,
    pub carts: Carts,
    pub orders: Orders,
}

impl Shop {
    #[must_use]
    pub fn new(
        store: Store,
        links: LinkSigner,
        postbox: Postbox,
        addresses: Addresses,
        payments: Payments,
    ) -> Self {
        let limits = Limits::default();
        let prices = PriceLists::new(store.clone());
        Self {
            carts: Carts::new(store.clone(), prices.clone(), limits.clone()),
            prices,
            settings: Settings::new(store.clone()),
            promos: Promos::new(store.clone()),
            orders: Orders::new(store, links, postbox, addresses, payments, limits),
        }
    }
}
