//! Archives that guests have asked for.

use chrono::{DateTime, Utc};
use sqlx::Row;
use uuid::Uuid;

use super::{Store, StoreError, flag, micros, text, time};
use crate::domain::{ArchiveId, PhotoId, PhotoSessionId};

pub struct ArchiveRows<'a>(pub(super) &'a Store);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRow {
    pub id: ArchiveId,
    pub session: PhotoSessionId,
    pub photos: Vec<PhotoId>,
    /// Whether it holds what the photographer sent.
    pub originals: bool,
    /// Of what it held when it was made.
    pub digest: String,
    pub expires_at: DateTime<Utc>,
}

/// Archives of one session that are kept at the same time; the oldest make room.
const MOST: i64 = 200;

impl ArchiveRows<'_> {
    /// Keeps an archive and returns its id: the one of the same content, if that was asked for before.
    pub async fn keep(&self, archive: &ArchiveRow) -> Result<ArchiveId, StoreError> {
        let photos: String = archive.photos.iter().map(|id| id.0.simple().to_string()).collect();
        let session = archive.session.to_string();
        let mut tx = self.0.write().await?;
        let row = sqlx::query(
            "INSERT INTO archives (id, photo_session_id, photos, originals, digest, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (photo_session_id, digest) DO UPDATE SET originals = excluded.originals, expires_at = excluded.expires_at RETURNING id",
        )
        .bind(archive.id.to_string())
        .bind(session.as_str())
        .bind(photos)
        .bind(i64::from(archive.originals))
        .bind(archive.digest.as_str())
        .bind(micros(archive.expires_at))
        .fetch_one(&mut *tx)
        .await?;
        let id = text(&row, "id")?;
        sqlx::query(
            "DELETE FROM archives WHERE id IN (SELECT id FROM archives WHERE photo_session_id = $1 \
             ORDER BY expires_at DESC, id DESC LIMIT 1000000 OFFSET $2)",
        )
        .bind(session)
        .bind(MOST)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    pub async fn get(&self, id: ArchiveId) -> Result<Option<ArchiveRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM archives WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| {
            let hex: &str = row.try_get("photos")?;
            let photos = hex.as_bytes().chunks(32).map(|id| Uuid::try_parse_ascii(id).map(PhotoId));
            Ok(ArchiveRow {
                id: text(&row, "id")?,
                session: text(&row, "photo_session_id")?,
                photos: photos
                    .collect::<Result<_, _>>()
                    .map_err(|_| StoreError::Corrupt("column photos".to_owned()))?,
                originals: flag(&row, "originals")?,
                digest: row.try_get("digest")?,
                expires_at: time(&row, "expires_at")?,
            })
        })
        .transpose()
    }

    /// Removes those that have run out; returns how many.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let swept = sqlx::query("DELETE FROM archives WHERE expires_at <= $1")
            .bind(micros(now))
            .execute(&mut *tx)
            .await?
            .rows_affected();
        tx.commit().await?;
        Ok(swept)
    }
}
