//! Lists of library keys that are indexed one after the other.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sqlx::{Row, any::AnyRow};

use super::{JobKind, Store, StoreError, flag, jobs, micros, optional_time, text, time, unsigned};
use crate::domain::{ExternalId, FaceBatchId, JobId, PhotoSessionId};

pub struct FaceBatchRows<'a>(pub(super) &'a Store);

/// How far one photo of a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    Waiting,
    Done,
    Failed,
}

impl fmt::Display for BatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
        })
    }
}

impl FromStr for BatchState {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Waiting, Self::Done, Self::Failed];
        all.into_iter().find(|state| state.to_string() == text).ok_or("unknown state")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatchItem {
    pub external: ExternalId,
    pub key: String,
    /// The picture is to be kept.
    pub is_kept: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchItem {
    pub number: u32,
    pub new: NewBatchItem,
    /// Why it failed.
    pub code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceBatch {
    pub id: FaceBatchId,
    pub session: PhotoSessionId,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub waiting: u64,
    pub done: u64,
    pub failed: u64,
}

const BATCHES: &str = "SELECT b.*, \
     (SELECT COUNT(*) FROM face_batch_items i WHERE i.batch_id = b.id AND i.state = 'waiting') AS waiting, \
     (SELECT COUNT(*) FROM face_batch_items i WHERE i.batch_id = b.id AND i.state = 'done') AS done, \
     (SELECT COUNT(*) FROM face_batch_items i WHERE i.batch_id = b.id AND i.state = 'failed') AS failed \
     FROM face_batches b WHERE b.photo_session_id = $1";

impl FaceBatchRows<'_> {
    /// Writes a batch and the job that does it.
    pub async fn create(
        &self,
        id: FaceBatchId,
        session: PhotoSessionId,
        items: &[NewBatchItem],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("INSERT INTO face_batches (id, photo_session_id, created_at) VALUES ($1, $2, $3)")
            .bind(id.to_string())
            .bind(session.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        for (number, item) in (0_i64..).zip(items) {
            sqlx::query(
                "INSERT INTO face_batch_items (batch_id, number, external_id, library_key, is_kept, state) \
                 VALUES ($1, $2, $3, $4, $5, 'waiting')",
            )
            .bind(id.to_string())
            .bind(number)
            .bind(item.external.as_str())
            .bind(item.key.as_str())
            .bind(i64::from(item.is_kept))
            .execute(&mut *tx)
            .await?;
        }
        jobs::enqueue(&mut tx, JobKind::IndexBatch, id.0, now).await?;
        Ok(tx.commit().await?)
    }

    pub async fn get(
        &self,
        session: PhotoSessionId,
        id: FaceBatchId,
    ) -> Result<Option<FaceBatch>, StoreError> {
        sqlx::query(sqlx::AssertSqlSafe(format!("{BATCHES} AND b.id = $2")))
            .bind(session.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .as_ref()
            .map(batch)
            .transpose()
    }

    /// The session of a batch.
    pub async fn session(&self, id: FaceBatchId) -> Result<Option<PhotoSessionId>, StoreError> {
        let row = sqlx::query("SELECT photo_session_id FROM face_batches WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| text(&row, "photo_session_id")).transpose()
    }

    /// The session's batches that have not ended, the oldest first.
    pub async fn open(&self, session: PhotoSessionId, limit: u32) -> Result<Vec<FaceBatch>, StoreError> {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "{BATCHES} AND b.ended_at IS NULL ORDER BY b.created_at, b.id LIMIT $2"
        )))
        .bind(session.to_string())
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(batch)
        .collect()
    }

    /// Up to `limit` photos of a batch in this state, in their order.
    pub async fn items(
        &self,
        id: FaceBatchId,
        state: BatchState,
        limit: u32,
    ) -> Result<Vec<BatchItem>, StoreError> {
        sqlx::query(
            "SELECT number, external_id, library_key, is_kept, code FROM face_batch_items \
             WHERE batch_id = $1 AND state = $2 ORDER BY number LIMIT $3",
        )
        .bind(id.to_string())
        .bind(state.to_string())
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(item)
        .collect()
    }

    /// One photo of a batch is done, or failed by a code.
    pub async fn settle(&self, id: FaceBatchId, number: u32, code: Option<&str>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE face_batch_items SET code = $3, state = CASE WHEN $3 IS NULL THEN 'done' ELSE 'failed' END \
             WHERE batch_id = $1 AND number = $2",
        )
        .bind(id.to_string())
        .bind(i64::from(number))
        .bind(code)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Ends a batch with its job. What still waits has failed by this code.
    pub async fn end(
        &self,
        id: FaceBatchId,
        job: JobId,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE face_batch_items SET state = 'failed', code = $2 WHERE batch_id = $1 AND state = 'waiting'",
        )
        .bind(id.to_string())
        .bind(code)
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE face_batches SET ended_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        jobs::finish(&mut tx, job).await?;
        Ok(tx.commit().await?)
    }
}

fn batch(row: &AnyRow) -> Result<FaceBatch, StoreError> {
    Ok(FaceBatch {
        id: text(row, "id")?,
        session: text(row, "photo_session_id")?,
        created_at: time(row, "created_at")?,
        ended_at: optional_time(row, "ended_at")?,
        waiting: unsigned(row, "waiting")?,
        done: unsigned(row, "done")?,
        failed: unsigned(row, "failed")?,
    })
}

fn item(row: &AnyRow) -> Result<BatchItem, StoreError> {
    Ok(BatchItem {
        number: unsigned(row, "number")?,
        new: NewBatchItem {
            external: text(row, "external_id")?,
            key: row.try_get("library_key")?,
            is_kept: flag(row, "is_kept")?,
        },
        code: row.try_get("code")?,
    })
}
