//! Metadata of stored files: length, CRC-32, and the watermark that a copy shows.

use std::collections::HashMap;

use sqlx::{Any, Row, Transaction};

use super::{IN_LIST, Store, StoreError, placeholders, text, unsigned};
use crate::domain::{PhotoId, PhotoSessionId, StudioId};

pub struct FileRows<'a>(pub(super) &'a Store);

/// One stored file of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSum {
    /// Among the files of its photo, as `blobs` names it.
    pub name: String,
    pub bytes: u64,
    pub crc32: u32,
    /// Of a copy that carries one: the studio, and the mark's hash.
    pub mark: Option<(StudioId, String)>,
}

impl FileSum {
    /// Whether these bytes are what was written.
    #[must_use]
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        self.bytes == bytes.len() as u64 && self.crc32 == crc32fast::hash(bytes)
    }
}

impl FileRows<'_> {
    /// The files of `photos` whose name begins so, by photo and name.
    pub async fn sums(
        &self,
        photos: &[PhotoId],
        name: &str,
    ) -> Result<HashMap<(PhotoId, String), FileSum>, StoreError> {
        let mut found = HashMap::with_capacity(photos.len());
        for chunk in photos.chunks(IN_LIST) {
            let sql = format!(
                "SELECT photo_id, name, bytes, crc32 FROM photo_files WHERE name LIKE $1 AND photo_id IN ({})",
                placeholders(2, chunk.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(format!("{name}%"));
            for id in chunk {
                query = query.bind(id.to_string());
            }
            for row in query.fetch_all(&self.0.reads).await? {
                let name: String = row.try_get("name")?;
                let (bytes, crc32) = (unsigned(&row, "bytes")?, unsigned(&row, "crc32")?);
                let sum = FileSum { name: name.clone(), bytes, crc32, mark: None };
                found.insert((text(&row, "photo_id")?, name), sum);
            }
        }
        Ok(found)
    }

    /// The recorded length and CRC-32 of one file, if there are any.
    pub async fn sum(&self, photo: PhotoId, name: &str) -> Result<Option<FileSum>, StoreError> {
        let row = sqlx::query("SELECT bytes, crc32 FROM photo_files WHERE photo_id = $1 AND name = $2")
            .bind(photo.to_string())
            .bind(name)
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| {
            let (bytes, crc32) = (unsigned(&row, "bytes")?, unsigned(&row, "crc32")?);
            Ok(FileSum { name: name.to_owned(), bytes, crc32, mark: None })
        })
        .transpose()
    }

    /// `false` when the photo has been erased meanwhile: a file just written for it must go.
    pub async fn keep(&self, photo: PhotoId, sum: &FileSum) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let is_there = keep(&mut tx, photo, sum).await?;
        tx.commit().await?;
        Ok(is_there)
    }

    /// Keeps many at once; those of photos that have been erased meanwhile are left out.
    pub async fn keep_all(&self, sums: &[(PhotoId, FileSum)]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for (photo, sum) in sums {
            keep(&mut tx, *photo, sum).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Studios with copies that carry a mark, and which marks those are.
    pub async fn marks(&self) -> Result<Vec<(StudioId, String)>, StoreError> {
        sqlx::query("SELECT DISTINCT studio_id, mark FROM photo_files WHERE mark IS NOT NULL")
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| Ok((text(row, "studio_id")?, row.try_get("mark")?)))
            .collect()
    }

    /// Some copies that carry this mark: session, photo and name.
    pub async fn marked(
        &self,
        studio: StudioId,
        mark: &str,
        limit: u32,
    ) -> Result<Vec<(PhotoSessionId, PhotoId, String)>, StoreError> {
        sqlx::query(
            "SELECT p.photo_session_id AS session, f.photo_id AS photo, f.name AS name FROM photo_files f \
             JOIN photos p ON p.id = f.photo_id WHERE f.studio_id = $1 AND f.mark = $2 LIMIT $3",
        )
        .bind(studio.to_string())
        .bind(mark)
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(|row| Ok((text(row, "session")?, text(row, "photo")?, row.try_get("name")?)))
        .collect()
    }

    pub async fn forget(&self, files: &[(PhotoId, String)]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for (photo, name) in files {
            forget(&mut tx, *photo, name).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Deletes the metadata of one file of a photo.
pub(super) async fn forget(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    name: &str,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM photo_files WHERE photo_id = $1 AND name = $2")
        .bind(photo.to_string())
        .bind(name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Moves the metadata of one file of a photo to another name.
pub(super) async fn rename(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    from: &str,
    to: &str,
) -> Result<(), StoreError> {
    forget(tx, photo, to).await?;
    sqlx::query("UPDATE photo_files SET name = $3 WHERE photo_id = $1 AND name = $2")
        .bind(photo.to_string())
        .bind(from)
        .bind(to)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Within a transaction that writes the photo's row.
pub(super) async fn keep(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    FileSum { name, bytes, crc32, mark }: &FileSum,
) -> Result<bool, StoreError> {
    let (studio, mark) = mark.as_ref().map(|(studio, mark)| (studio.to_string(), mark.as_str())).unzip();
    let kept = sqlx::query(
        "INSERT INTO photo_files (photo_id, name, bytes, crc32, studio_id, mark) \
         SELECT id, $2, $3, $4, $5, $6 FROM photos WHERE id = $1 ON CONFLICT (photo_id, name) DO UPDATE SET \
         bytes = excluded.bytes, crc32 = excluded.crc32",
    )
    .bind(photo.to_string())
    .bind(name.as_str())
    .bind(bytes.cast_signed())
    .bind(i64::from(*crc32))
    .bind(studio)
    .bind(mark)
    .execute(&mut **tx)
    .await?;
    Ok(kept.rows_affected() == 1)
}
