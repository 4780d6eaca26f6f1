//! How sessions are used, counted by the hour.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::{
    domain::{LinkCode, PhotoSessionId},
    store::{NewSearch, Store, StoreError, UsageKey},
};

pub use crate::store::{UsageCounts, UsageHour, UsageKind};

/// Searches whose rows wait for room on the disk; more are not remembered.
const MOST_LATE: usize = 10_000;

/// Counts in memory and writes now and then: a page view does not cost a synchronous commit.
/// Counts that were not flushed when the process is killed are lost, which statistics can bear.
#[derive(Clone, Debug)]
pub struct Usage {
    store: Store,
    waiting: Arc<Mutex<HashMap<UsageKey, u64>>>,
    /// Searches that were answered while their rows could not be written.
    late: Arc<Mutex<Vec<(NewSearch, DateTime<Utc>)>>>,
}

impl Usage {
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, waiting: Arc::default(), late: Arc::default() }
    }

    /// Counts one use.
    pub fn bump(&self, session: PhotoSessionId, kind: UsageKind, now: DateTime<Utc>) {
        // Whole hours have a place among the dates, so this cannot fail.
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting.entry((session, hour, kind)).or_default() += 1;
    }

    /// Records a search, later where the disk is full: a guest is answered all the same.
    ///
    /// # Errors
    /// Every other failure of the database.
    pub async fn record_search(&self, search: NewSearch, now: DateTime<Utc>) -> Result<(), StoreError> {
        match self.store.guests().record_search(&search, now).await {
            Err(error) if error.is_full() => {
                let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
                if late.len() < MOST_LATE {
                    late.push((search, now));
                }
                Ok(())
            }
            recorded => recorded,
        }
    }

    /// Writes the searches that waited for room. One whose consent was taken back meanwhile is forgotten.
    async fn catch_up(&self) -> Result<(), StoreError> {
        let late = std::mem::take(&mut *self.late.lock().unwrap_or_else(PoisonError::into_inner));
        if late.is_empty() {
            return Ok(());
        }
        let result = self.store.guests().record_searches(&late).await;
        if result.is_err() {
            self.late.lock().unwrap_or_else(PoisonError::into_inner).extend(late);
        }
        result
    }

    /// Writes what has been counted since the last flush; call it every few seconds and at the end.
    ///
    /// # Errors
    /// `StoreError`; then it stays counted.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.catch_up().await?;
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

    /// How often each of a session's links was followed, with what was counted in the last seconds.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn links(&self, session: PhotoSessionId) -> Result<HashMap<LinkCode, u64>, StoreError> {
        self.flush().await?;
        self.store.links().followed(session).await
    }

    /// Forgets what is still counted of a session that is being erased.
    pub fn forget(&self, session: PhotoSessionId) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(id, _, _), _| *id != session);
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.retain(|(search, _)| search.photo_session_id != session);
    }
}
