//! How often somebody may try: for each account and for each address. A token bucket (GCRA) each.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use super::AccountError;

/// Ten tries, then one every half minute: 2,890 guesses a day at one account.
const ACCOUNT: (u32, Duration) = (10, Duration::from_secs(30));
/// Thirty tries, then one every two seconds: a studio behind one address does not notice.
const ADDRESS: (u32, Duration) = (30, Duration::from_secs(2));

/// Thirty orders, then one every ten seconds: each may send a mail to an address that nobody has checked, and
/// the guests of a wedding share the venue's network.
const ORDERS: (u32, Duration) = (30, Duration::from_secs(10));

fn quota((burst, then_every): (u32, Duration)) -> Quota {
    let burst = NonZeroU32::new(burst).expect("a constant that is not zero");
    Quota::with_period(then_every).expect("a constant that is not zero").allow_burst(burst)
}

pub struct Throttle {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    orders: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            accounts: RateLimiter::keyed(quota(ACCOUNT)),
            addresses: RateLimiter::keyed(quota(ADDRESS)),
            orders: RateLimiter::keyed(quota(ORDERS)),
        }
    }
}

impl Throttle {
    /// Counts a try from an address.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn address(&self, ip: IpAddr) -> Result<(), AccountError> {
        self.addresses.check_key(&network(ip)).map_err(wait)
    }

    /// Counts an order from an address.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn order(&self, ip: IpAddr) -> Result<(), AccountError> {
        self.orders.check_key(&network(ip)).map_err(wait)
    }

    /// Counts a try at an account, whether it exists or not. Keeps the name by hash only.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn account(&self, login: &str) -> Result<(), AccountError> {
        self.accounts.check_key(&crate::secrets::hash(login)).map_err(wait)
    }

    /// Forgets who has been quiet long enough to have all tries again.
    pub fn forget_old(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
        self.orders.retain_recent();
    }
}

/// One household has a whole /64 of IPv6.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() & !u128::from(u64::MAX)).into()),
        ip => ip,
    }
}

fn wait(not_until: governor::NotUntil<<DefaultClock as Clock>::Instant>) -> AccountError {
    AccountError::TooManyAttempts(not_until.wait_time_from(DefaultClock::default().now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_at_one_account_must_wait() {
        let throttle = Throttle::default();
        for _ in 0..10 {
            throttle.account("anna@example.com").expect("within the burst");
        }
        let refused = throttle.account("anna@example.com").expect_err("too many");
        assert!(
            matches!(refused, AccountError::TooManyAttempts(wait) if wait > Duration::from_secs(20)),
            "{refused}"
        );
        throttle.account("ivan@example.com").expect("another account is not concerned");
    }

    #[test]
    fn one_household_is_one_address() {
        let network = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
