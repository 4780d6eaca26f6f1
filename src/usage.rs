//! How sessions are used, counted by the hour.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::{
    domain::PhotoSessionId,
    store::{Store, StoreError, UsageKey},
};

pub use crate::store::{UsageCounts, UsageHour, UsageKind};

/// Counts in memory and writes now and then: a page view does not cost a synchronous commit.
/// What was not flushed when the process is killed is lost, which statistics can bear.
#[derive(Clone, Debug)]
pub struct Usage {
    store: Store,
    waiting: Arc<Mutex<HashMap<UsageKey, u64>>>,
}

impl Usage {
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, waiting: Arc::default() }
    }

    /// Counts one use.
    pub fn bump(&self, session: PhotoSessionId, kind: UsageKind, now: DateTime<Utc>) {
        // Whole hours have a place among the dates, so this cannot fail.
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting.entry((session, hour, kind)).or_default() += 1;
    }

    /// Writes what has been counted since the last flush; call it every few seconds and at the end.
    ///
    /// # Errors
    /// `StoreError`; then it stays counted.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let counts = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if counts.is_empty() {
            return Ok(());
        }
        let result = self.store.usage().add(&counts).await;
        if result.is_err() {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, n) in counts {
                *waiting.entry(key).or_default() += n;
            }
        }
        result
    }

    /// A session's use hour by hour, oldest first, from the hour of `from` up to that of `to` (included), with what
    /// was counted in the last seconds. Hours in which nothing happened are left out.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn hours(
        &self,
        session: PhotoSessionId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<UsageHour>, StoreError> {
        self.flush().await?;
        self.store.usage().hours(session, from, to).await
    }

    /// Forgets what is still counted of a session that is being erased.
    pub fn forget(&self, session: PhotoSessionId) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(id, _, _), _| *id != session);
    }
}
