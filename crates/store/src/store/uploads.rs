//! Files on their way in, and those that were not taken.

use std::{collections::HashMap, fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sqlx::{Row, any::AnyRow};
use uuid::Uuid;

use super::{IN_LIST, Store, StoreError, flag, micros, optional_text, placeholders, text, time, unsigned};
use crate::domain::{PhotoId, PhotoSessionId, UploadId, UserId};

pub struct UploadRows<'a>(pub(super) &'a Store);

/// One file on its way in. How many of its bytes are there is the spooled file's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: UploadId,
    pub photo_session_id: PhotoSessionId,
    /// The user who began the upload.
    pub user: UserId,
    /// The id of the photo; of a duplicate, the photo that was there first.
    pub photo: PhotoId,
    pub filename: String,
    /// When complete.
    pub bytes: u64,
    /// As the client promised; lower-case hex.
    pub sha256: Option<String>,
    pub guest_id: Option<String>,
    pub begins_selected: bool,
    /// It takes the place of the photo of its name.
    pub replaces: bool,
    /// `Upload-Metadata` as the client sent it; `None` for an upload that an earlier version began.
    pub metadata: Option<String>,
    /// `None` while bytes are missing.
    pub result: Option<UploadResult>,
    pub created_at: DateTime<Utc>,
}

/// The outcome of a complete upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadResult {
    Stored(PhotoId),
    /// The session had the same bytes already, as this photo.
    Duplicate(PhotoId),
    /// No picture, but what an editor says of one.
    Sidecar,
    Rejected(String),
}

impl UploadResult {
    /// `stored`, `duplicate`, `sidecar` or `rejected`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stored(_) => "stored",
            Self::Duplicate(_) => "duplicate",
            Self::Sidecar => "sidecar",
            Self::Rejected(_) => "rejected",
        }
    }
}

/// A file that was sent and not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Of the photo, where the file is kept.
    pub id: Uuid,
    pub is_photo: bool,
    pub filename: String,
    /// `None` where the file was refused unread.
    pub sha256: Option<String>,
    pub bytes: u64,
    pub code: String,
    pub at: DateTime<Utc>,
}

/// Place in the list of rejections. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RejectionCursor {
    at: i64,
    id: Uuid,
}

impl RejectionCursor {
    /// The place just after this one.
    #[must_use]
    pub fn after(rejection: &Rejection) -> Self {
        Self { at: micros(rejection.at), id: rejection.id }
    }
}

impl fmt::Display for RejectionCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.at, self.id.simple())
    }
}

impl FromStr for RejectionCursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, id) = text.split_once('.').ok_or("not a cursor")?;
        let at = u64::from_str_radix(at, 16).map_err(|_| "not a cursor")?.cast_signed();
        Ok(Self { at, id: Uuid::try_parse(id).map_err(|_| "not a cursor")? })
    }
}

impl UploadRows<'_> {
    pub async fn create(&self, upload: &Upload) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO uploads (id, photo_session_id, user_id, photo_id, filename, bytes, sha256, guest_id, \
             is_selected, metadata, created_at, replaces) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(upload.id.to_string())
        .bind(upload.photo_session_id.to_string())
        .bind(upload.user.to_string())
        .bind(upload.photo.to_string())
        .bind(upload.filename.as_str())
        .bind(upload.bytes.cast_signed())
        .bind(upload.sha256.as_deref())
        .bind(upload.guest_id.as_deref())
        .bind(i64::from(upload.begins_selected))
        .bind(upload.metadata.as_deref())
        .bind(micros(upload.created_at))
        .bind(i64::from(upload.replaces))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    pub async fn get(&self, id: UploadId) -> Result<Option<Upload>, StoreError> {
        sqlx::query("SELECT * FROM uploads WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| upload(&row))
            .transpose()
    }

    /// Uploads that still miss bytes, or whose last step was cut short, by id.
    pub async fn unfinished(&self, after: Option<UploadId>, limit: u32) -> Result<Vec<Upload>, StoreError> {
        sqlx::query("SELECT * FROM uploads WHERE finished_at IS NULL AND id > $1 ORDER BY id LIMIT $2")
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(upload)
            .collect()
    }

    /// Writes what became of a complete upload; writing it again changes nothing.
    pub async fn finish(
        &self,
        id: UploadId,
        result: &UploadResult,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (photo, code) = match result {
            UploadResult::Stored(photo) | UploadResult::Duplicate(photo) => (Some(*photo), None),
            UploadResult::Sidecar => (None, None),
            UploadResult::Rejected(code) => (None, Some(code.as_str())),
        };
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE uploads SET result = $2, photo_id = COALESCE($3, photo_id), reject_code = $4, finished_at = $5 \
             WHERE id = $1 AND finished_at IS NULL",
        )
        .bind(id.to_string())
        .bind(result.name())
        .bind(photo.map(|photo| photo.to_string()))
        .bind(code)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    pub async fn delete(&self, id: UploadId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM uploads WHERE id = $1").bind(id.to_string()).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets uploads that were finished before `before`; returns how many.
    pub async fn forget_finished(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let deleted = sqlx::query("DELETE FROM uploads WHERE finished_at < $1")
            .bind(micros(before))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(deleted.rows_affected())
    }

    /// Records a file that was not taken. The same file refused again is the same rejection.
    pub async fn reject(&self, session: PhotoSessionId, rejection: &Rejection) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO upload_rejections (id, photo_session_id, filename, sha256, bytes, code, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (photo_session_id, filename, sha256) \
             DO UPDATE SET bytes = excluded.bytes, code = excluded.code, at = excluded.at",
        )
        .bind(rejection.id.to_string())
        .bind(session.to_string())
        .bind(rejection.filename.as_str())
        .bind(rejection.sha256.as_deref().unwrap_or_default())
        .bind(rejection.bytes.cast_signed())
        .bind(rejection.code.as_str())
        .bind(micros(rejection.at))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Forgets that a file was not taken; `false` when there is no such rejection in the session.
    pub async fn dismiss(&self, session: PhotoSessionId, id: Uuid) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query("DELETE FROM upload_rejections WHERE photo_session_id = $1 AND id = $2")
            .bind(session.to_string())
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Why files with these bytes were not taken, by hash.
    pub async fn reject_codes(
        &self,
        session: PhotoSessionId,
        hashes: &[&str],
    ) -> Result<HashMap<String, String>, StoreError> {
        let mut found = HashMap::new();
        for chunk in hashes.chunks(IN_LIST) {
            let sql = format!(
                "SELECT sha256, code FROM upload_rejections WHERE photo_session_id = $1 AND sha256 IN ({}) ORDER BY at",
                placeholders(2, chunk.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
            for hash in chunk {
                query = query.bind(*hash);
            }
            for row in query.fetch_all(&self.0.reads).await? {
                found.insert(row.try_get("sha256")?, row.try_get("code")?);
            }
        }
        Ok(found)
    }

    /// Files that were refused at the door and photos that the pipeline rejected, oldest first. A file that
    /// came in well later is no longer listed.
    pub async fn rejections(
        &self,
        session: PhotoSessionId,
        after: Option<RejectionCursor>,
        limit: u32,
    ) -> Result<Vec<Rejection>, StoreError> {
        let (at, id) = after.map_or((i64::MIN, String::new()), |cursor| (cursor.at, cursor.id.to_string()));
        sqlx::query(
            "SELECT * FROM ( \
               SELECT r.id, 0 AS is_photo, r.filename, r.sha256, r.bytes, r.code, r.at FROM upload_rejections r \
               WHERE r.photo_session_id = $1 AND NOT EXISTS (SELECT 1 FROM photos p \
                 WHERE p.photo_session_id = r.photo_session_id AND (p.sha256 = r.sha256 OR p.raw_sha256 = r.sha256)) \
               UNION ALL \
               SELECT id, 1 AS is_photo, filename, sha256, bytes, COALESCE(reject_code, 'rejected') AS code, created_at AS at \
               FROM photos WHERE photo_session_id = $1 AND state = 'rejected' \
             ) AS listed WHERE (at, id) > ($2, $3) ORDER BY at, id LIMIT $4",
        )
        .bind(session.to_string())
        .bind(at)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(rejection)
        .collect()
    }
}

fn upload(row: &AnyRow) -> Result<Upload, StoreError> {
    let photo = text(row, "photo_id")?;
    let reject_code: Option<String> = row.try_get("reject_code")?;
    let result = match row.try_get::<Option<&str>, _>("result")? {
        None => None,
        Some("stored") => Some(UploadResult::Stored(photo)),
        Some("duplicate") => Some(UploadResult::Duplicate(photo)),
        Some("sidecar") => Some(UploadResult::Sidecar),
        Some("rejected") => Some(UploadResult::Rejected(reject_code.unwrap_or_default())),
        Some(_) => return Err(StoreError::Corrupt("column result".to_owned())),
    };
    Ok(Upload {
        id: text(row, "id")?,
        photo_session_id: text(row, "photo_session_id")?,
        user: text(row, "user_id")?,
        photo,
        filename: row.try_get("filename")?,
        bytes: unsigned(row, "bytes")?,
        sha256: optional_text(row, "sha256")?,
        guest_id: row.try_get("guest_id")?,
        begins_selected: flag(row, "is_selected")?,
        replaces: flag(row, "replaces")?,
        metadata: row.try_get("metadata")?,
        result,
        created_at: time(row, "created_at")?,
    })
}

fn rejection(row: &AnyRow) -> Result<Rejection, StoreError> {
    let sha256: String = row.try_get("sha256")?;
    Ok(Rejection {
        id: text(row, "id")?,
        is_photo: row.try_get::<i64, _>("is_photo")? != 0,
        filename: row.try_get("filename")?,
        sha256: Some(sha256).filter(|hash| !hash.is_empty()),
        bytes: unsigned(row, "bytes")?,
        code: row.try_get("code")?,
        at: time(row, "at")?,
    })
}
