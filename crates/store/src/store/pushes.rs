//! Notifications on their way to browsers: an outbox.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::{NewsMail, Store, StoreError, lease::Lease, micros, text, time, unsigned};
use crate::domain::{ConsentId, PhotoId, PushId};

pub struct PushRows<'a>(pub(super) &'a Store);

/// A notification whose time to be tried has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedPush {
    pub id: PushId,
    pub news: NewsMail,
    /// This one counted.
    pub attempts: u32,
    pub created_at: DateTime<Utc>,
}

/// Queues a notification in the transaction of what it tells.
pub(super) async fn enqueue(
    tx: &mut Transaction<'static, Any>,
    news: ConsentId,
    photos: &[PhotoId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let photos = serde_json::to_string(photos).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query("INSERT INTO pushes (id, news_id, photos, due_at, created_at) VALUES ($1, $2, $3, $4, $4)")
        .bind(PushId::generate().to_string())
        .bind(news.to_string())
        .bind(photos)
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl PushRows<'_> {
    /// Takes up to `limit` notifications whose time has come, oldest first. Each is due again after `lease_for`, should we
    /// die before it is [`sent`](Self::sent) or [`retry`](Self::retry) is called.
    pub async fn lease_due(
        &self,
        limit: u32,
        lease_for: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueuedPush>, StoreError> {
        let lease = Lease {
            table: "pushes",
            due: "due_at <= $1",
            kind: None,
            until: "due_at",
            owner: None,
            order: "due_at, id",
        };
        let Some((tx, rows)) = lease.take(self.0, limit, lease_for, now).await? else {
            return Ok(Vec::new());
        };
        let queued = |row| {
            let photos = serde_json::from_str(Row::try_get(row, "photos")?);
            let photos = photos.map_err(|_| StoreError::Corrupt("column photos".to_owned()))?;
            Ok(QueuedPush {
                id: text(row, "id")?,
                news: NewsMail { news: text(row, "news_id")?, photos },
                attempts: unsigned(row, "attempts")?,
                created_at: time(row, "created_at")?,
            })
        };
        let pushes = rows.iter().map(queued).collect::<Result<_, StoreError>>()?;
        tx.commit().await?;
        Ok(pushes)
    }

    /// Removes a notification: the push service has it, or will never take it.
    pub async fn sent(&self, id: PushId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM pushes WHERE id = $1").bind(id.to_string()).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    pub async fn retry(&self, id: PushId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE pushes SET due_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(micros(at))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
