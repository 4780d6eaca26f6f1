//! How a session is used, counted by the hour.

use std::{collections::HashMap, fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Row;

use super::{Store, StoreError, micros, unsigned};
use crate::domain::{LinkCode, PhotoSessionId};

const HOUR: i64 = 3_600_000_000;

fn hour_of(time: DateTime<Utc>) -> i64 {
    micros(time).div_euclid(HOUR) * HOUR
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UsageKind {
    PageView,
    Search,
    /// A search that found photos.
    Hit,
    /// A search that found none.
    Empty,
    Download,
    /// Somebody came by a link of the session.
    Link(LinkCode),
}

impl fmt::Display for UsageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Link(code) => return write!(f, "link:{code}"),
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
            _ => {
                let code = text.strip_prefix("link:").and_then(|code| code.parse().ok());
                Self::Link(code.ok_or("unknown kind of use")?)
            }
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

impl UsageCounts {
    fn add(&mut self, kind: &str, n: u64) {
        *match kind.parse() {
            Ok(UsageKind::PageView) => &mut self.page_views,
            Ok(UsageKind::Search) => &mut self.searches,
            Ok(UsageKind::Hit) => &mut self.hits,
            Ok(UsageKind::Empty) => &mut self.empty,
            Ok(UsageKind::Download) => &mut self.downloads,
            // Each is counted for itself, and its visitor once more as a view of the page. What a newer version wrote is not
            // ours to count.
            Ok(UsageKind::Link(_)) | Err(_) => return,
        } += n;
    }
}

impl std::ops::AddAssign for UsageCounts {
    fn add_assign(&mut self, other: Self) {
        self.page_views += other.page_views;
        self.searches += other.searches;
        self.hits += other.hits;
        self.empty += other.empty;
        self.downloads += other.downloads;
    }
}

/// Use within one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageHour {
    /// Its start.
    pub hour: DateTime<Utc>,
    pub counts: UsageCounts,
}

pub struct UsageRows<'a>(pub(super) &'a Store);

/// The session, hour and kind of a count of use; any moment of the hour stands for it.
pub type UsageKey = (PhotoSessionId, DateTime<Utc>, UsageKind);

impl UsageRows<'_> {
    /// Adds to what has been counted.
    pub async fn add(&self, counts: &HashMap<UsageKey, u64>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for ((session, hour, kind), n) in counts {
            sqlx::query(
                "INSERT INTO usage_counters (photo_session_id, hour, kind, n) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (photo_session_id, hour, kind) DO UPDATE SET n = usage_counters.n + excluded.n",
            )
            .bind(session.to_string())
            .bind(hour_of(*hour))
            .bind(kind.to_string())
            .bind(n.cast_signed())
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// A session's use hour by hour, oldest first, from the hour of `from` up to that of `to` (included).
    /// Hours in which nothing happened are left out.
    pub async fn hours(
        &self,
        session: PhotoSessionId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<UsageHour>, StoreError> {
        let rows = sqlx::query(
            "SELECT hour, kind, n FROM usage_counters WHERE photo_session_id = $1 AND hour >= $2 AND hour <= $3 \
             ORDER BY hour",
        )
        .bind(session.to_string())
        .bind(hour_of(from))
        .bind(hour_of(to))
        .fetch_all(&self.0.reads)
        .await?;
        let mut hours: Vec<UsageHour> = Vec::new();
        for row in &rows {
            let hour = super::time(row, "hour")?;
            if hours.last().is_none_or(|last| last.hour != hour) {
                hours.push(UsageHour { hour, counts: UsageCounts::default() });
            }
            if let Some(last) = hours.last_mut() {
                last.counts.add(row.try_get("kind")?, unsigned(row, "n")?);
            }
        }
        Ok(hours)
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
            counts.add(row.try_get("kind")?, unsigned(row, "n")?);
        }
        Ok(counts)
    }
}
