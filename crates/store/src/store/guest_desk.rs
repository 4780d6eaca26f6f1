//! What a studio decides of photos that guests have sent, and reports of them.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{
    GuestPhotoRows, IN_LIST, StoreError, micros, photos, placeholders,
    reports::{NewReport, Reportable},
    text, time, unsigned,
};
use crate::domain::{PhotoId, PhotoSessionId, SenderId};

/// A photo of a guest, as its studio looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPhoto {
    pub photo: PhotoId,
    /// May be empty.
    pub sender: String,
    pub sent_at: DateTime<Utc>,
    /// How many have reported it since the studio looked at it.
    pub reports: u64,
    /// What they wrote, as far as they did.
    pub notes: Vec<String>,
}

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// The photo is hidden from now on.
    pub is_hidden_now: bool,
}

/// What the studio has not looked at, or what was reported since.
const TO_LOOK_AT: &str = "p.state = 'ready' AND (g.decided_at IS NULL OR g.reported_at > g.decided_at)";

const REPORTABLE: Reportable = Reportable {
    table: "guest_photos",
    id: "photo_id",
    only: "1 = 1",
    reports: "guest_photo_reports",
    of: "photo_id",
};

impl GuestPhotoRows<'_> {
    /// Photos that the studio has not looked at, or that were reported since: the reported ones first, then the oldest.
    pub async fn to_look_at(&self, session: PhotoSessionId, most: u32) -> Result<Vec<SentPhoto>, StoreError> {
        let sql = format!(
            "SELECT g.photo_id AS photo_id, s.name AS name, g.created_at AS created_at \
             FROM guest_photos g JOIN guest_senders s ON s.id = g.sender_id JOIN photos p ON p.id = g.photo_id \
             WHERE g.photo_session_id = $1 AND {TO_LOOK_AT} \
             ORDER BY CASE WHEN g.reported_at > COALESCE(g.decided_at, 0) THEN 0 ELSE 1 END, g.created_at, g.photo_id \
             LIMIT $2"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .bind(i64::from(most))
            .fetch_all(&self.0.reads)
            .await?;
        let mut told = REPORTABLE.since_decided::<PhotoId>(self.0, session).await?;
        rows.iter()
            .map(|row| {
                let photo: PhotoId = text(row, "photo_id")?;
                let (reports, notes) = told.remove(&photo).unwrap_or_default();
                let (sender, sent_at) = (row.try_get("name")?, time(row, "created_at")?);
                Ok(SentPhoto { photo, sender, sent_at, reports, notes })
            })
            .collect()
    }

    /// How many there are of them.
    pub async fn count_to_look_at(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT COUNT(*) AS n FROM guest_photos g JOIN photos p ON p.id = g.photo_id \
             WHERE g.photo_session_id = $1 AND {TO_LOOK_AT}"
        );
        let row =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string()).fetch_one(&self.0.reads).await?;
        unsigned(&row, "n")
    }

    /// Notes that the studio has looked at photos that guests have sent.
    pub async fn decide(&self, photos: &[PhotoId], now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for chunk in photos.chunks(IN_LIST) {
            let sql = format!(
                "UPDATE guest_photos SET decided_at = $1, declined_at = NULL WHERE photo_id IN ({})",
                placeholders(2, chunk.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(micros(now));
            for photo in chunk {
                query = query.bind(photo.to_string());
            }
            query.execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Notes that the studio does not take photos of the session that guests have sent; returns them.
    pub async fn decline(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        now: DateTime<Utc>,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let mut tx = self.0.write().await?;
        let mut declined = Vec::with_capacity(photos.len());
        for photo in photos {
            let noted = sqlx::query(
                "UPDATE guest_photos SET decided_at = $3, declined_at = $3 \
                 WHERE photo_id = $1 AND photo_session_id = $2",
            )
            .bind(photo.to_string())
            .bind(session.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
            declined.extend((noted.rows_affected() == 1).then_some(*photo));
        }
        tx.commit().await?;
        Ok(declined)
    }

    /// Notes that a guest has reported a photo, once. One that the studio has not looked at is hidden when
    /// `hidden_after` have reported it. `None` when no guest has sent it.
    pub async fn report(
        &self,
        photo: PhotoId,
        reporter: SenderId,
        note: &str,
        hidden_after: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<Reported>, StoreError> {
        let mut tx = self.0.write().await?;
        let new = NewReport { id: photo.to_string(), reporter, note, hidden_after, now };
        let Some((session, is_to_hide)) = REPORTABLE.note(&mut tx, new).await? else { return Ok(None) };
        let is_hidden_now = is_to_hide && photos::set_selected(&mut tx, session, &[photo], false).await? == 1;
        tx.commit().await?;
        Ok(Some(Reported { is_hidden_now }))
    }
}
