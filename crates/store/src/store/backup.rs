//! Rows on their way into a back-up and out of it.

use std::path::Path;

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Engine, Store, StoreError, flag, text, time};
use crate::domain::{PhotoId, PhotoSessionId};

/// An original as a back-up knows it. A photo has one, or one and a RAW.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPhoto {
    pub id: PhotoId,
    /// Under which id it lies.
    pub file: PhotoId,
    /// It is the RAW beside the one that is shown.
    pub is_second: bool,
    pub session: PhotoSessionId,
    /// Of the original; lower-case hex.
    pub sha256: String,
    pub created_at: DateTime<Utc>,
}

impl Store {
    /// Whether the rows lie in a file of ours, which [`Store::copy_to`] can copy.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.engine == Engine::Sqlite
    }

    /// Writes all rows as they are at one moment into a new SQLite file, while others read and write on. The
    /// file is not yet flushed.
    ///
    /// # Errors
    /// Where the rows are not in SQLite, or `file` is there already.
    pub async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let file = file.to_str().ok_or(StoreError::Url("the back-up's path is not UTF-8"))?;
        sqlx::query("VACUUM INTO $1").bind(file).execute(&self.reads).await?;
        Ok(())
    }

    /// Every original of every photo of every session, but for those that lie in libraries.
    pub async fn kept_photos(&self) -> Result<Vec<KeptPhoto>, StoreError> {
        sqlx::query(
            "SELECT id, COALESCE(original_id, id) AS file, CAST(0 AS BIGINT) AS is_second, photo_session_id, sha256, created_at \
             FROM photos WHERE state <> 'indexed' AND NOT EXISTS (SELECT 1 FROM library_files WHERE file_id = COALESCE(original_id, id)) \
             UNION ALL SELECT id, raw_id AS file, CAST(1 AS BIGINT) AS is_second, photo_session_id, \
             raw_sha256 AS sha256, created_at FROM photos WHERE raw_id IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM library_files WHERE file_id = raw_id)",
        )
            .fetch_all(&self.reads)
            .await?
            .iter()
            .map(|row| {
                Ok(KeptPhoto {
                    id: text(row, "id")?,
                    file: text(row, "file")?,
                    is_second: flag(row, "is_second")?,
                    session: text(row, "photo_session_id")?,
                    sha256: row.try_get("sha256")?,
                    created_at: time(row, "created_at")?,
                })
            })
            .collect()
    }

    /// After a restore: forgets what rows remember of things that no back-up has. Copies with a watermark are
    /// made when they are asked for; where the face index was is not where these rows' faces are; of an upload
    /// that had begun there are no bytes.
    pub async fn forget_what_was_left_out(&self) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        for sql in [
            "DELETE FROM photo_files WHERE mark IS NOT NULL",
            "DELETE FROM face_indexes",
            "DELETE FROM uploads WHERE result IS NULL",
        ] {
            sqlx::query(sql).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}
