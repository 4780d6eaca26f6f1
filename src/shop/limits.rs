//! How often guests may make carts and orders. Many guests share a venue's network, so one who tries again and again
//! is held to their own cart, and a network to what costs: a cart is a row, an order sends a mail.

use std::{net::IpAddr, sync::Arc, time::Duration};

use crate::{
    domain::PhotoSessionId,
    throttle::{Throttle, network},
};

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Limits(Arc<Throttles>);

struct Throttles {
    carts: Throttle<(PhotoSessionId, IpAddr)>,
    /// By the hash of the cart's token.
    tries: Throttle<String>,
    orders: Throttle<(PhotoSessionId, IpAddr)>,
    promos: Throttle<(PhotoSessionId, IpAddr)>,
}

impl Default for Limits {
    fn default() -> Self {
        Self(Arc::new(Throttles {
            // A wedding's guests at once, then one a second.
            carts: Throttle::new(300, Duration::from_secs(1)),
            // Checkouts of one cart, whatever becomes of them: thirty, then one every ten seconds.
            tries: Throttle::new(30, Duration::from_secs(10)),
            // Sixty orders, then one every five seconds: each may send a mail to an address that nobody has checked.
            orders: Throttle::new(60, Duration::from_secs(5)),
            // Thirty promo codes that do not count, then one every twenty seconds: nobody guesses one so.
            promos: Throttle::new(30, Duration::from_secs(20)),
        }))
    }
}

impl Limits {
    /// Counts a new cart.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn cart(&self, session: PhotoSessionId, address: IpAddr) -> Result<(), Duration> {
        self.0.carts.check(&(session, network(address)))
    }

    /// Counts a checkout, also one that is refused.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn attempt(&self, token_hash: &str) -> Result<(), Duration> {
        self.0.tries.check(&token_hash.to_owned())
    }

    /// Counts an order that would be placed now.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn order(&self, session: PhotoSessionId, address: IpAddr) -> Result<(), Duration> {
        self.0.orders.check(&(session, network(address)))
    }

    /// Counts a promo code that is tried.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn promo(&self, session: PhotoSessionId, address: IpAddr) -> Result<(), Duration> {
        self.0.promos.check(&(session, network(address)))
    }

    /// The promo code that was tried last counts.
    pub(super) fn right_promo(&self, session: PhotoSessionId, address: IpAddr) {
        self.0.promos.give_back(&(session, network(address)));
    }

    /// Forgets who has been quiet long enough.
    pub(super) fn forget_old(&self) {
        self.0.carts.forget_old();
        self.0.tries.forget_old();
        self.0.orders.forget_old();
        self.0.promos.forget_old();
    }
}
