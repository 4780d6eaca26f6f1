//! How often somebody may try ([`Throttle`]: a token bucket, GCRA, for each key), and how much of something limited
//! somebody may hold at a time ([`Shares`]). In memory; a restart forgives.

mod shares;

pub use shares::{Exhausted, Share, Shares};

use std::{hash::Hash, net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

/// So many tries at once, then one more after each pause.
pub struct Throttle<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Throttle<K> {
    /// # Panics
    /// When one of the two is zero.
    #[must_use]
    pub fn new(burst: u32, then_every: Duration) -> Self {
        let burst = NonZeroU32::new(burst).expect("a constant that is not zero");
        let quota = Quota::with_period(then_every).expect("a constant that is not zero").allow_burst(burst);
        Self(RateLimiter::keyed(quota))
    }

    /// Counts a try.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub fn check(&self, key: &K) -> Result<(), Duration> {
        let clock = DefaultClock::default();
        self.0.check_key(key).map_err(|not_until| not_until.wait_time_from(clock.now()))
    }

    /// Forgets who has been quiet long enough to have all tries again.
    pub fn forget_old(&self) {
        self.0.retain_recent();
    }
}

/// Whom an address stands for: one household has a whole /64 of IPv6.
#[must_use]
pub fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() & !u128::from(u64::MAX)).into()),
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_used_their_tries_waits_and_others_do_not() {
        let throttle = Throttle::new(2, Duration::from_secs(30));
        assert_eq!((throttle.check(&"a"), throttle.check(&"a")), (Ok(()), Ok(())));
        let wait = throttle.check(&"a").expect_err("too many");
        assert!(wait > Duration::from_secs(20), "{wait:?}");
        assert_eq!(throttle.check(&"b"), Ok(()));
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
