//! Sessions whose originals lie in a library, and the files of libraries as they were last seen.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    Store, StoreError, files, flag, micros, optional_text, optional_time, photo_row, placeholders, text,
    unsigned,
};
use crate::domain::{Photo, PhotoId, PhotoSessionId};

/// The code of a file whose content the session has from elsewhere.
pub(super) const DUPLICATE: &str = "duplicate";
/// The code of a library that lists more files than one session may have. It stands in the ledger once, and until a sync
/// has gone through the whole listing.
pub const TOO_MANY_FILES: &str = "library_too_many_files";
/// Keys that are looked up at a time.
const KEYS: usize = 250;

pub struct LibraryRows<'a>(pub(super) &'a Store);

/// A session's library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryRow {
    pub session: PhotoSessionId,
    /// The folder that the studio has tied the session to.
    pub folder: Option<String>,
    /// Where the last sync found files.
    pub place: Option<String>,
    pub due_at: Option<DateTime<Utc>>,
    pub visited_at: Option<DateTime<Utc>>,
    /// The last sync that went through the whole listing.
    pub synced_at: Option<DateTime<Utc>>,
    /// The number of the present or last sync.
    pub round: u64,
    /// Files in the listing so far.
    pub listed: u64,
    /// Pictures among them that were taken in.
    pub taken: u64,
    pub is_running: bool,
    /// Syncs that failed since the last whole one.
    pub failures: u32,
    /// Why the last sync failed.
    pub code: Option<String>,
}

/// A file as it was last seen in a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryFileRow {
    pub key: String,
    pub place: String,
    /// Under which id it is an original of a photo.
    pub file: Option<PhotoId>,
    pub bytes: u64,
    pub stamp: String,
    /// Why it was refused.
    pub code: Option<String>,
}

/// Where a file that is taken in lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InLibrary {
    pub key: String,
    pub place: String,
    pub stamp: String,
    /// The sync that takes it in.
    pub round: u64,
}

/// A file of a library, as it was written down.
pub(super) struct Noted<'a> {
    pub(super) original: Option<PhotoId>,
    pub(super) sha256: Option<&'a str>,
    pub(super) bytes: u64,
    pub(super) code: Option<&'a str>,
}

impl LibraryRows<'_> {
    pub async fn get(&self, session: PhotoSessionId) -> Result<Option<LibraryRow>, StoreError> {
        sqlx::query("SELECT * FROM libraries WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .as_ref()
            .map(library)
            .transpose()
    }

    /// A guest has come: a sync is due once the last one is older than `since`. Returns whether one is due now.
    pub async fn visited(
        &self,
        session: PhotoSessionId,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO libraries (photo_session_id, visited_at, due_at) VALUES ($1, $2, $2) \
             ON CONFLICT (photo_session_id) DO UPDATE SET visited_at = excluded.visited_at, \
             due_at = CASE WHEN libraries.due_at IS NOT NULL THEN libraries.due_at \
             WHEN libraries.synced_at IS NULL OR libraries.synced_at < $3 THEN excluded.due_at ELSE NULL END \
             WHERE libraries.is_erased = 0",
        )
        .bind(session.to_string())
        .bind(micros(now))
        .bind(micros(since))
        .execute(&mut *tx)
        .await?;
        let row = sqlx::query("SELECT due_at FROM libraries WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_one(&mut *tx)
            .await?;
        let due = optional_time(&row, "due_at")?;
        tx.commit().await?;
        Ok(due.is_some_and(|due| due <= now))
    }

    /// A sync is wanted now.
    pub async fn want(&self, session: PhotoSessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO libraries (photo_session_id, due_at) VALUES ($1, $2) \
             ON CONFLICT (photo_session_id) DO UPDATE SET due_at = excluded.due_at, is_erased = 0",
        )
        .bind(session.to_string())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Ties the session to a folder, or to the places of the settings again. Files that were seen elsewhere stay until
    /// the next sync.
    pub async fn tie(
        &self,
        session: PhotoSessionId,
        folder: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO libraries (photo_session_id, folder, due_at) VALUES ($1, $2, $3) \
             ON CONFLICT (photo_session_id) DO UPDATE SET folder = excluded.folder, \
             due_at = excluded.due_at, is_erased = 0",
        )
        .bind(session.to_string())
        .bind(folder)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Sessions whose sync is due, the longest waiting first.
    pub async fn due(&self, limit: u32, now: DateTime<Utc>) -> Result<Vec<LibraryRow>, StoreError> {
        sqlx::query("SELECT * FROM libraries WHERE due_at <= $1 ORDER BY due_at LIMIT $2")
            .bind(micros(now))
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(library)
            .collect()
    }

    /// A sync of this place begins; returns its number.
    pub async fn begin(&self, session: PhotoSessionId, place: &str) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let row = sqlx::query(
            "UPDATE libraries SET place = $2, round = round + 1, listed = 0, taken = 0, is_running = 1 \
             WHERE photo_session_id = $1 RETURNING round",
        )
        .bind(session.to_string())
        .bind(place)
        .fetch_one(&mut *tx)
        .await?;
        let round = unsigned(&row, "round")?;
        tx.commit().await?;
        Ok(round)
    }

    /// The rows of these keys.
    pub async fn known(
        &self,
        session: PhotoSessionId,
        keys: &[&str],
    ) -> Result<HashMap<String, LibraryFileRow>, StoreError> {
        let mut known = HashMap::new();
        for keys in keys.chunks(KEYS) {
            let sql = format!(
                "SELECT * FROM library_files WHERE photo_session_id = $1 AND key IN ({})",
                placeholders(2, keys.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
            let query = keys.iter().fold(query, |query, key| query.bind(*key));
            for row in query.fetch_all(&self.0.reads).await? {
                let file = file(&row)?;
                known.insert(file.key.clone(), file);
            }
        }
        Ok(known)
    }

    /// Of a page of the listing: these keys are as they were, and so far so many files are listed and taken in.
    pub async fn saw(
        &self,
        session: PhotoSessionId,
        round: u64,
        unchanged: &[&str],
        progress: (u64, u64),
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for keys in unchanged.chunks(KEYS) {
            let sql = format!(
                "UPDATE library_files SET round = $2 WHERE photo_session_id = $1 AND key IN ({})",
                placeholders(3, keys.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
            let query = keys.iter().fold(query.bind(round.cast_signed()), |query, key| query.bind(*key));
            query.execute(&mut *tx).await?;
        }
        sqlx::query("UPDATE libraries SET listed = $2, taken = $3 WHERE photo_session_id = $1")
            .bind(session.to_string())
            .bind(progress.0.cast_signed())
            .bind(progress.1.cast_signed())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Writes that a file is refused. A photo that was made of it before stays.
    pub async fn refuse(
        &self,
        session: PhotoSessionId,
        file: &InLibrary,
        bytes: u64,
        code: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        note(&mut tx, session, file, Noted { original: None, sha256: None, bytes, code: Some(code) }).await?;
        Ok(tx.commit().await?)
    }

    /// Up to `limit` files that this sync has not seen: they are gone. Each with whether another key that it has seen
    /// has the same original.
    pub async fn unseen(
        &self,
        session: PhotoSessionId,
        round: u64,
        limit: u32,
    ) -> Result<Vec<(LibraryFileRow, bool)>, StoreError> {
        sqlx::query(
            "SELECT f.*, (SELECT COUNT(*) FROM library_files o WHERE o.file_id = f.file_id AND o.round = $2) AS others \
             FROM library_files f WHERE f.photo_session_id = $1 AND f.round <> $2 ORDER BY f.key LIMIT $3",
        )
        .bind(session.to_string())
        .bind(round.cast_signed())
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(|row| Ok((file(row)?, unsigned::<u64>(row, "others")? > 0)))
        .collect()
    }

    /// Whether any file of the session's library is known.
    pub async fn has_files(&self, session: PhotoSessionId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM library_files WHERE photo_session_id = $1 LIMIT 1")
            .bind(session.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(row.is_some())
    }

    /// Forgets these files.
    pub async fn forget(&self, session: PhotoSessionId, keys: &[&str]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for keys in keys.chunks(KEYS) {
            let sql = format!(
                "DELETE FROM library_files WHERE photo_session_id = $1 AND key IN ({})",
                placeholders(2, keys.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
            keys.iter().fold(query, |query, key| query.bind(*key)).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The photo that has this original.
    pub async fn photo_of(
        &self,
        session: PhotoSessionId,
        original: PhotoId,
    ) -> Result<Option<Photo>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        photo_of(&mut reading, session, original).await
    }

    /// A photo's RAW is gone from the library; its picture is there.
    pub async fn drop_raw(&self, photo: PhotoId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        files::forget(&mut tx, photo, "raw").await?;
        sqlx::query(
            "UPDATE photos SET raw_id = NULL, raw_filename = NULL, raw_sha256 = NULL, raw_bytes = NULL, \
             raw_media_type = NULL WHERE id = $1",
        )
        .bind(photo.to_string())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Forgets an original that is still in the library, so that the next sync takes it in as a new one.
    pub async fn take_anew(&self, original: PhotoId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM library_files WHERE file_id = $1")
            .bind(original.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Where an original lies, if it lies in a library.
    pub async fn file(&self, original: PhotoId) -> Result<Option<LibraryFileRow>, StoreError> {
        sqlx::query("SELECT * FROM library_files WHERE file_id = $1 ORDER BY round DESC, key LIMIT 1")
            .bind(original.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .as_ref()
            .map(file)
            .transpose()
    }

    /// Files of the session's library that were refused, by key.
    pub async fn refused(
        &self,
        session: PhotoSessionId,
        limit: u32,
    ) -> Result<Vec<LibraryFileRow>, StoreError> {
        sqlx::query(
            "SELECT * FROM library_files WHERE photo_session_id = $1 AND code <> 'duplicate' ORDER BY key LIMIT $2",
        )
        .bind(session.to_string())
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(file)
        .collect()
    }

    /// The sync that this row was due for has ended: `code` says why it failed, and `next` when the next one begins. One
    /// that was wanted meanwhile stays due.
    pub async fn end(
        &self,
        began: &LibraryRow,
        code: Option<&str>,
        next: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE libraries SET is_running = 0, code = $2, \
             due_at = CASE WHEN due_at IS NULL OR due_at = $5 THEN $3 ELSE due_at END, \
             failures = CASE WHEN $2 IS NULL THEN 0 ELSE failures + 1 END, \
             synced_at = CASE WHEN $2 IS NULL THEN $4 ELSE synced_at END WHERE photo_session_id = $1",
        )
        .bind(began.session.to_string())
        .bind(code)
        .bind(next.map(micros))
        .bind(micros(now))
        .bind(began.due_at.map(micros))
        .execute(&mut *tx)
        .await?;
        if code.is_none() {
            sqlx::query("DELETE FROM upload_rejections WHERE photo_session_id = $1 AND code = $2")
                .bind(began.session.to_string())
                .bind(TOO_MANY_FILES)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Something changed in the library: a sync is due now. An erased session stays as it is.
    pub async fn changed(&self, session: PhotoSessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE libraries SET due_at = $2 WHERE photo_session_id = $1 AND is_erased = 0")
            .bind(session.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Up to `limit` sessions with a library, those that were in use last first.
    pub async fn in_use(&self, limit: u32) -> Result<Vec<LibraryRow>, StoreError> {
        sqlx::query(
            "SELECT * FROM libraries WHERE is_erased = 0 \
             ORDER BY COALESCE(visited_at, synced_at, due_at, 0) DESC, photo_session_id LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(library)
        .collect()
    }
}

/// Whether the session still has a library: it may have been erased during a sync.
pub(super) async fn is_there(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM libraries WHERE photo_session_id = $1 AND is_erased = 0")
        .bind(session.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}

/// The photo that has this original.
pub(super) async fn photo_of(
    connection: &mut sqlx::AnyConnection,
    session: PhotoSessionId,
    original: PhotoId,
) -> Result<Option<Photo>, StoreError> {
    sqlx::query(
        "SELECT * FROM photos WHERE photo_session_id = $1 AND (COALESCE(original_id, id) = $2 OR raw_id = $2)",
    )
    .bind(session.to_string())
    .bind(original.to_string())
    .fetch_optional(connection)
    .await?
    .as_ref()
    .map(photo_row::photo)
    .transpose()
}

/// Whether an original lies in a library.
pub(super) async fn has(tx: &mut Transaction<'static, Any>, original: PhotoId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM library_files WHERE file_id = $1")
        .bind(original.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}

/// The original of this content that the session had from its library until the photo was deleted here.
pub(super) async fn deleted_here(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    sha256: &str,
) -> Result<Option<PhotoId>, StoreError> {
    let row = sqlx::query(
        "SELECT file_id FROM library_files WHERE photo_session_id = $1 AND sha256 = $2 AND file_id IS NOT NULL LIMIT 1",
    )
    .bind(session.to_string())
    .bind(sha256)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| text(&row, "file_id")).transpose()
}

/// The original that this key had, if no other key has it.
pub(super) async fn earlier(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    key: &str,
) -> Result<Option<PhotoId>, StoreError> {
    let row = sqlx::query(
        "SELECT file_id FROM library_files f WHERE photo_session_id = $1 AND key = $2 AND file_id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM library_files o WHERE o.file_id = f.file_id AND o.key <> f.key)",
    )
    .bind(session.to_string())
    .bind(key)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| text(&row, "file_id")).transpose()
}

/// Writes a file as it is now.
pub(super) async fn note(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    file: &InLibrary,
    noted: Noted<'_>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO library_files (photo_session_id, key, place, file_id, sha256, bytes, stamp, code, round) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (photo_session_id, key) DO UPDATE SET place = excluded.place, \
         file_id = COALESCE(excluded.file_id, library_files.file_id), \
         sha256 = COALESCE(excluded.sha256, library_files.sha256), bytes = excluded.bytes, \
         stamp = excluded.stamp, code = excluded.code, round = excluded.round",
    )
    .bind(session.to_string())
    .bind(file.key.as_str())
    .bind(file.place.as_str())
    .bind(noted.original.map(|file| file.to_string()))
    .bind(noted.sha256)
    .bind(noted.bytes.cast_signed())
    .bind(file.stamp.as_str())
    .bind(noted.code)
    .bind(file.round.cast_signed())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn library(row: &AnyRow) -> Result<LibraryRow, StoreError> {
    Ok(LibraryRow {
        session: text(row, "photo_session_id")?,
        folder: row.try_get("folder")?,
        place: row.try_get("place")?,
        due_at: optional_time(row, "due_at")?,
        visited_at: optional_time(row, "visited_at")?,
        synced_at: optional_time(row, "synced_at")?,
        round: unsigned(row, "round")?,
        listed: unsigned(row, "listed")?,
        taken: unsigned(row, "taken")?,
        is_running: flag(row, "is_running")?,
        failures: unsigned(row, "failures")?,
        code: row.try_get("code")?,
    })
}

fn file(row: &AnyRow) -> Result<LibraryFileRow, StoreError> {
    Ok(LibraryFileRow {
        key: row.try_get("key")?,
        place: row.try_get("place")?,
        file: optional_text(row, "file_id")?,
        bytes: unsigned(row, "bytes")?,
        stamp: row.try_get("stamp")?,
        code: row.try_get("code")?,
    })
}
