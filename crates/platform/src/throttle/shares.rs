//! Something limited (bytes of memory, connections, open streams), of which each key may hold a part at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Why nothing more can be had now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// Everybody together holds all there is.
    #[error("everything is in use")]
    All,
    /// This key holds as much as one key may.
    #[error("the share of one is in use")]
    One,
}

/// Hands out shares of a total; no key holds more than `each`. Cheap to clone.
#[derive(Debug)]
pub struct Shares<K: Hash + Eq + Clone>(Arc<Inner<K>>);

impl<K: Hash + Eq + Clone> Clone for Shares<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Inner<K> {
    total: usize,
    each: usize,
    held: Mutex<Held<K>>,
}

#[derive(Debug)]
struct Held<K> {
    all: usize,
    by_key: HashMap<K, usize>,
}

impl<K> Inner<K> {
    /// A poisoned lock only says that somebody panicked; each change of the numbers is whole.
    fn held(&self) -> MutexGuard<'_, Held<K>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone> Shares<K> {
    #[must_use]
    pub fn new(total: usize, each: usize) -> Self {
        Self(Arc::new(Inner { total, each, held: Mutex::new(Held { all: 0, by_key: HashMap::new() }) }))
    }

    /// A share that holds nothing yet.
    #[must_use]
    pub fn of(&self, key: K) -> Share<K> {
        Share { shares: self.clone(), key, amount: AtomicUsize::new(0) }
    }

    /// A share that holds `amount`, until it is dropped.
    ///
    /// # Errors
    /// [`Exhausted`].
    pub fn take(&self, key: K, amount: usize) -> Result<Share<K>, Exhausted> {
        let share = self.of(key);
        share.grow(amount)?;
        Ok(share)
    }

    /// The sum over all keys.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.0.held().all
    }
}

/// The share of one holder; it is returned when it is dropped.
#[derive(Debug)]
pub struct Share<K: Hash + Eq + Clone> {
    shares: Shares<K>,
    key: K,
    amount: AtomicUsize,
}

impl<K: Hash + Eq + Clone> Share<K> {
    /// Takes so much more.
    ///
    /// # Errors
    /// [`Exhausted`]; what was held before stays held.
    pub fn grow(&self, by: usize) -> Result<(), Exhausted> {
        let Inner { total, each, held } = &*self.shares.0;
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        let of_key = held.by_key.get(&self.key).copied().unwrap_or(0);
        if of_key.saturating_add(by) > *each {
            return Err(Exhausted::One);
        }
        if held.all.saturating_add(by) > *total {
            return Err(Exhausted::All);
        }
        held.all += by;
        held.by_key.insert(self.key.clone(), of_key + by);
        self.amount.fetch_add(by, Ordering::Relaxed);
        Ok(())
    }
}

impl<K: Hash + Eq + Clone> Drop for Share<K> {
    fn drop(&mut self) {
        let amount = *self.amount.get_mut();
        let mut held = self.shares.0.held();
        held.all -= amount;
        if let Some(of_key) = held.by_key.get_mut(&self.key) {
            *of_key -= amount;
            if *of_key == 0 {
                held.by_key.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_cannot_hold_everything_and_what_is_dropped_is_given_back() {
        let shares = Shares::new(10, 6);
        let first = shares.take("a", 4).expect("there is room");
        assert_eq!(first.grow(3), Err(Exhausted::One));
        first.grow(2).expect("up to the share of one");
        assert_eq!(shares.take("a", 1).err(), Some(Exhausted::One));
        assert_eq!(shares.take("b", 5).err(), Some(Exhausted::All));
        let second = shares.take("b", 4).expect("the rest is for others");
        assert_eq!(shares.in_use(), 10);
        drop(first);
        assert_eq!(shares.in_use(), 4);
        shares.take("a", 6).expect("was given back");
        drop(second);
        assert_eq!(shares.in_use(), 0);
        assert!(shares.0.held().by_key.is_empty(), "nobody is remembered who holds nothing");
    }
}
