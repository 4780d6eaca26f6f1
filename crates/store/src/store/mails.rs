//! Mails on their way out: an outbox.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::{Store, StoreError, lease::Lease, micros, optional_text, text, time, unsigned};
use crate::domain::{ConsentId, Mail, MailId, PhotoId};

pub struct MailRows<'a>(pub(super) &'a Store);

/// A mail whose time to be tried has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMail {
    pub id: MailId,
    /// Empty words where news are to be written first.
    pub mail: Mail,
    pub news: Option<NewsMail>,
    /// This one counted.
    pub attempts: u32,
    pub created_at: DateTime<Utc>,
}

/// News whose words are written when they are sent, as far as their guest sees these photos then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsMail {
    pub news: ConsentId,
    pub photos: Vec<PhotoId>,
}

/// Queues a mail that goes with somebody's news.
pub(super) async fn enqueue_of(
    tx: &mut Transaction<'static, Any>,
    news: ConsentId,
    mail: &Mail,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    insert(tx, mail, Some(news), None, now).await
}

/// Queues news for the guest at this address.
pub(super) async fn enqueue_news(
    tx: &mut Transaction<'static, Any>,
    news: ConsentId,
    to: &str,
    photos: &[PhotoId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let to = to.parse().map_err(|_| StoreError::Corrupt("column address".to_owned()))?;
    let mail = Mail { to, subject: String::new(), body: String::new() };
    let photos = serde_json::to_string(photos).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    insert(tx, &mail, Some(news), Some(photos), now).await
}

/// Queues mails in the transaction of what they report.
pub(super) async fn enqueue(
    tx: &mut Transaction<'static, Any>,
    mails: &[Mail],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for mail in mails {
        insert(tx, mail, None, None, now).await?;
    }
    Ok(())
}

async fn insert(
    tx: &mut Transaction<'static, Any>,
    mail: &Mail,
    news: Option<ConsentId>,
    photos: Option<String>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO mails (id, recipient, subject, body, due_at, created_at, news_id, photos) \
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7)",
    )
    .bind(MailId::generate().to_string())
    .bind(mail.to.as_str())
    .bind(mail.subject.as_str())
    .bind(mail.body.as_str())
    .bind(micros(now))
    .bind(news.map(|news| news.to_string()))
    .bind(photos)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

impl MailRows<'_> {
    /// Queues mails that report no other change of the rows.
    pub async fn queue(&self, mails: &[Mail], now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        enqueue(&mut tx, mails, now).await?;
        Ok(tx.commit().await?)
    }

    /// Takes up to `limit` mails whose time has come, oldest first. Each is due again after `lease_for`, should
    /// we die before it is [`sent`](Self::sent) or [`retry`](Self::retry) is called.
    pub async fn lease_due(
        &self,
        limit: u32,
        lease_for: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueuedMail>, StoreError> {
        let lease = Lease {
            table: "mails",
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
            let mail = Mail {
                to: text(row, "recipient")?,
                subject: row.try_get("subject")?,
                body: row.try_get("body")?,
            };
            let photos: Option<&str> = row.try_get("photos")?;
            let news = match (optional_text(row, "news_id")?, photos) {
                (Some(news), Some(photos)) => {
                    let photos = serde_json::from_str(photos);
                    Some(NewsMail {
                        news,
                        photos: photos.map_err(|_| StoreError::Corrupt("column photos".into()))?,
                    })
                }
                _ => None,
            };
            Ok(QueuedMail {
                id: text(row, "id")?,
                mail,
                news,
                attempts: unsigned(row, "attempts")?,
                created_at: time(row, "created_at")?,
            })
        };
        let mut mails: Vec<_> = rows.iter().map(queued).collect::<Result<_, StoreError>>()?;
        tx.commit().await?;
        mails.sort_by_key(|mail| mail.id);
        Ok(mails)
    }

    /// Removes a mail: the server has it, or will never take it.
    pub async fn sent(&self, id: MailId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM mails WHERE id = $1").bind(id.to_string()).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    pub async fn retry(&self, id: MailId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE mails SET due_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(micros(at))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
