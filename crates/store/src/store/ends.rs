//! Galleries that end: which are due, and whose owners were told.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{SessionRows, StoreError, mails, micros, sessions};
use crate::domain::{AtEnd, Email, Mail, PhotoSession, SessionStatus};

impl SessionRows<'_> {
    /// Sessions whose gallery has ended and that are not put away; of those that are to be erased at their end, also
    /// every one that ended by `erased`.
    pub async fn ended(
        &self,
        now: DateTime<Utc>,
        erased: DateTime<Utc>,
    ) -> Result<Vec<PhotoSession>, StoreError> {
        sqlx::query(
            "SELECT * FROM photo_sessions WHERE ends_at <= $1 \
             AND (status <> $2 OR (at_end = $3 AND ends_at <= $4)) ORDER BY ends_at LIMIT 100",
        )
        .bind(micros(now))
        .bind(SessionStatus::Archived.as_str())
        .bind(AtEnd::Erase.as_str())
        .bind(micros(erased))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(sessions::session)
        .collect()
    }

    /// Queues a mail for each gallery that ends between `now` and `until`, to its photographer, once for each end;
    /// returns how many. An end that nobody can be told of is noted as well.
    pub async fn remind(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        words: impl Fn(&PhotoSession, Email) -> Mail,
    ) -> Result<usize, StoreError> {
        let mut tx = self.0.write().await?;
        let rows = sqlx::query(
            "SELECT s.*, u.email AS owner FROM photo_sessions s \
             LEFT JOIN users u ON u.id = s.photographer_id AND u.disabled = 0 \
             WHERE s.ends_at > $1 AND s.ends_at <= $2 AND s.status <> $3 \
             AND (s.told_end IS NULL OR s.told_end <> s.ends_at) LIMIT 100",
        )
        .bind(micros(now))
        .bind(micros(until))
        .bind(SessionStatus::Archived.as_str())
        .fetch_all(&mut *tx)
        .await?;
        let mut queued = Vec::new();
        for row in &rows {
            let session = sessions::session(row)?;
            sqlx::query("UPDATE photo_sessions SET told_end = ends_at WHERE id = $1")
                .bind(session.id.to_string())
                .execute(&mut *tx)
                .await?;
            let owner: Option<String> = row.try_get("owner")?;
            if let Some(owner) = owner.and_then(|owner| owner.parse().ok()) {
                queued.push(words(&session, owner));
            }
        }
        mails::enqueue(&mut tx, &queued, now).await?;
        tx.commit().await?;
        Ok(queued.len())
    }
}
