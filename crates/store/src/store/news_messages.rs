//! News on their way to browsers and to chats of the bot: an outbox. Those by mail wait with the other mails.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::{NewsMail, Store, StoreError, lease::Lease, micros, text, time, unsigned};
use crate::domain::{ConsentId, NewsChannel, NewsMessageId, PhotoId};

pub struct NewsMessageRows<'a> {
    pub(super) store: &'a Store,
    pub(super) channel: NewsChannel,
}

/// A message whose time to be tried has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedNews {
    pub id: NewsMessageId,
    pub news: NewsMail,
    /// This one counted.
    pub attempts: u32,
    pub created_at: DateTime<Utc>,
}

/// Queues a message in the transaction of what it tells.
pub(super) async fn enqueue(
    tx: &mut Transaction<'static, Any>,
    (news, channel): (ConsentId, NewsChannel),
    photos: &[PhotoId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let photos = serde_json::to_string(photos).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query(
        "INSERT INTO news_messages (id, news_id, channel, photos, due_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(NewsMessageId::generate().to_string())
    .bind(news.to_string())
    .bind(channel.as_str())
    .bind(photos)
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl NewsMessageRows<'_> {
    /// Takes up to `limit` messages of the channel whose time has come, oldest first. Each is due again after `lease_for`, should we
    /// die before it is [`sent`](Self::sent) or [`retry`](Self::retry) is called.
    pub async fn lease_due(
        &self,
        limit: u32,
        lease_for: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueuedNews>, StoreError> {
        let lease = Lease {
            table: "news_messages",
            due: "due_at <= $1 AND channel = $2",
            kind: Some(self.channel.as_str()),
            until: "due_at",
            owner: None,
            order: "due_at, id",
        };
        let Some((tx, rows)) = lease.take(self.store, limit, lease_for, now).await? else {
            return Ok(Vec::new());
        };
        let read = |row| {
            let photos = serde_json::from_str(Row::try_get(row, "photos")?);
            let photos = photos.map_err(|_| StoreError::Corrupt("column photos".to_owned()))?;
            Ok(QueuedNews {
                id: text(row, "id")?,
                news: NewsMail { news: text(row, "news_id")?, photos },
                attempts: unsigned(row, "attempts")?,
                created_at: time(row, "created_at")?,
            })
        };
        let queued = rows.iter().map(read).collect::<Result<_, StoreError>>()?;
        tx.commit().await?;
        Ok(queued)
    }

    /// Removes a message: it is there, or will never be taken.
    pub async fn sent(&self, id: NewsMessageId) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        sqlx::query("DELETE FROM news_messages WHERE id = $1").bind(id.to_string()).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    pub async fn retry(&self, id: NewsMessageId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        sqlx::query("UPDATE news_messages SET due_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(micros(at))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
