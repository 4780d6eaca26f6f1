//! How often somebody may try ([`Throttle`]: a token bucket, GCRA, for each key), and how much of something limited
//! somebody may hold at a time ([`Shares`]). In memory; a restart forgives.

mod shares;

pub use shares::{Exhausted, Share, Shares};

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};

/// So many tries at once, then one more after each pause.
pub struct Throttle<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, Buckets<K>, DefaultClock>,
    buckets: Buckets<K>,
    then_every: Duration,
}

impl<K: Hash + Eq + Clone> Throttle<K> {
    /// # Panics
    /// When one of the two is zero.
    #[must_use]
    pub fn new(burst: u32, then_every: Duration) -> Self {
        let burst = NonZeroU32::new(burst).expect("a constant that is not zero");
        let quota = Quota::with_period(then_every).expect("a constant that is not zero").allow_burst(burst);
        let buckets = Buckets(Arc::default());
        let limiter = RateLimiter::new(quota, buckets.clone(), DefaultClock::default());
        Self { limiter, buckets, then_every }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub fn check(&self, key: &K) -> Result<(), Duration> {
        let clock = DefaultClock::default();
        self.limiter.check_key(key).map_err(|not_until| not_until.wait_time_from(clock.now()))
    }

    /// Takes a counted try back: it turned out not to be one of those that are to be slowed down.
    pub fn give_back(&self, key: &K) {
        if let Some(until) = self.buckets.lock().get_mut(key) {
            *until = until.as_u64().saturating_sub(Nanos::from(self.then_every).as_u64()).into();
        }
    }

    /// Forgets who has been quiet long enough to have all tries again.
    pub fn forget_old(&self) {
        self.limiter.retain_recent();
    }
}

/// How far each key's tries are used up. The library's own stores cannot take a try back.
struct Buckets<K>(Arc<Mutex<HashMap<K, Nanos>>>);

impl<K> Clone for Buckets<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> Buckets<K> {
    /// A poisoned lock only says that somebody panicked; each change is whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Nanos>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone> StateStore for Buckets<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut buckets = self.lock();
        let (outcome, next) = measure(buckets.get(key).copied())?;
        buckets.insert(key.clone(), next);
        Ok(outcome)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Buckets<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().retain(|_, until| *until > drop_below);
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

/// The network that an address stands for: one household has a whole /64 of IPv6.
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
    fn a_try_that_is_given_back_was_none() {
        let throttle = Throttle::new(2, Duration::from_secs(30));
        for _ in 0..5 {
            assert_eq!(throttle.check(&"a"), Ok(()));
            throttle.give_back(&"a");
        }
        assert_eq!((throttle.check(&"a"), throttle.check(&"a")), (Ok(()), Ok(())));
        throttle.check(&"a").expect_err("two were not given back");
        throttle.give_back(&"nobody");
    }

    #[test]
    fn who_has_been_quiet_is_forgotten() {
        let throttle = Throttle::new(2, Duration::from_millis(1));
        throttle.check(&"a").expect("the first");
        std::thread::sleep(Duration::from_millis(20));
        throttle.forget_old();
        assert!(throttle.buckets.is_empty());
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
