//! How a session is used, counted by the hour.

use std::{
    collections::HashMap,
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Row;

use super::{Store, StoreError, micros, unsigned};
use crate::domain::PhotoSessionId;

const HOUR: i64 = 3_600_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UsageKind {
    PageView,
    Search,
    /// A search that found photos.
    Hit,
    /// A search that found none.
    Empty,
    Download,
}

impl fmt::Display for UsageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PageView => "page_view",
            Self::Search => "search",
            Self::Hit => "hit",
            Self::Empty => "empty",
            Self::Download => "download",
        })
    }
}

impl FromStr for UsageKind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "page_view" => Self::PageView,
            "search" => Self::Search,
            "hit" => Self::Hit,
            "empty" => Self::Empty,
            "download" => Self::Download,
            _ => return Err("unknown kind of use"),
        })
    }
}

/// A session's use since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct UsageCounts {
    pub page_views: u64,
    pub searches: u64,
    pub hits: u64,
    pub empty: u64,
    pub downloads: u64,
}

pub struct UsageRows<'a>(pub(super) &'a Store);

type Key = (PhotoSessionId, i64, UsageKind);

impl UsageRows<'_> {
    async fn add(&self, counts: &HashMap<Key, u64>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for ((session, hour, kind), n) in counts {
            sqlx::query(
                "INSERT INTO usage_counters (photo_session_id, hour, kind, n) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (photo_session_id, hour, kind) DO UPDATE SET n = usage_counters.n + excluded.n",
            )
            .bind(session.to_string())
            .bind(*hour)
            .bind(kind.to_string())
            .bind(n.cast_signed())
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    pub async fn counts(&self, session: PhotoSessionId) -> Result<UsageCounts, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, CAST(SUM(n) AS BIGINT) AS n FROM usage_counters WHERE photo_session_id = $1 GROUP BY kind",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?;
        let mut counts = UsageCounts::default();
        for row in &rows {
            let n = unsigned(row, "n")?;
            match row.try_get::<&str, _>("kind")?.parse() {
                Ok(UsageKind::PageView) => counts.page_views = n,
                Ok(UsageKind::Search) => counts.searches = n,
                Ok(UsageKind::Hit) => counts.hits = n,
                Ok(UsageKind::Empty) => counts.empty = n,
                Ok(UsageKind::Download) => counts.downloads = n,
                // Written by a newer version; not ours to count.
                Err(_) => {}
            }
        }
        Ok(counts)
    }
}

/// Counts in memory and writes now and then: a page view does not cost a synchronous commit.
/// What was not flushed when the process is killed is lost, which statistics can bear.
#[derive(Clone, Debug)]
pub struct Usage {
    store: Store,
    waiting: Arc<Mutex<HashMap<Key, u64>>>,
}

impl Usage {
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, waiting: Arc::default() }
    }

    pub fn bump(&self, session: PhotoSessionId, kind: UsageKind, now: DateTime<Utc>) {
        let hour = micros(now).div_euclid(HOUR) * HOUR;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting.entry((session, hour, kind)).or_default() += 1;
    }

    /// Writes what has been counted since the last flush; call it every few seconds and at the end.
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

    /// Forgets what is still counted of a session that is being erased.
    pub fn forget(&self, session: PhotoSessionId) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(id, _, _), _| *id != session);
    }
}
