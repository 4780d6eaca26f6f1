//! Photos on their way out. The row goes with everything that refers to it; what must be removed beside the
//! rows (vectors, files) is written down in the same transaction, so that a crash leaves none of it behind.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Erased, Store, StoreError, faces, jobs, leftovers, micros, photo_row, text};
use crate::domain::{FaceId, PhotoId, PhotoSessionId};

pub struct ErasureRows<'a>(pub(super) &'a Store);

/// A deleted photo of which vectors and files may still be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    pub photo: PhotoId,
    pub session: PhotoSessionId,
    pub faces: Vec<FaceId>,
    /// Ids under which its originals lie.
    pub originals: Vec<PhotoId>,
    /// The rows that went with it.
    pub rows: Erased,
    /// A worker had the photo in hand and may write once more, so this is looked at again later.
    pub again: bool,
}

/// Longer than a worker holds a photo.
pub(super) const IN_HAND: TimeDelta = TimeDelta::minutes(10);

impl ErasureRows<'_> {
    /// Deletes a photo with its faces and jobs and notes what is left to remove; `None` when there is no
    /// such photo.
    pub async fn begin(&self, photo: PhotoId, now: DateTime<Utc>) -> Result<Option<Erasure>, StoreError> {
        let mut tx = self.0.write().await?;
        let erasure = begin(&mut tx, photo, now).await?;
        tx.commit().await?;
        Ok(erasure)
    }

    /// The erasures that are due at `now`; all of them when that is `None`.
    pub async fn due(&self, now: Option<DateTime<Utc>>) -> Result<Vec<Erasure>, StoreError> {
        sqlx::query("SELECT * FROM erasures WHERE due_at <= $1 ORDER BY due_at")
            .bind(now.map_or(i64::MAX, micros))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(erasure)
            .collect()
    }

    /// How many of these photos have something left to remove.
    pub async fn unfinished(&self, photos: &[PhotoId]) -> Result<u64, StoreError> {
        let due: HashSet<PhotoId> = self.due(None).await?.into_iter().map(|erasure| erasure.photo).collect();
        Ok(photos.iter().filter(|photo| due.contains(photo)).count() as u64)
    }

    /// Nothing of the photo is left.
    pub async fn finish(&self, photo: PhotoId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM erasures WHERE photo_id = $1")
            .bind(photo.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// See [`ErasureRows::begin`].
pub(super) async fn begin(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    now: DateTime<Utc>,
) -> Result<Option<Erasure>, StoreError> {
    let row = sqlx::query("SELECT * FROM photos WHERE id = $1")
        .bind(photo.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let whole = photo_row::photo(&row)?;
    let session = whole.photo_session_id;
    let mut originals: Vec<PhotoId> = whole.originals().collect();
    originals.extend(leftovers::take(tx, photo).await?);
    let faces = faces::delete(tx, photo).await?;
    let jobs = jobs::forget(tx, photo.0).await?;
    let again = jobs > 0;
    let mut delete = async |sql: &'static str| -> Result<u64, StoreError> {
        Ok(sqlx::query(sql).bind(photo.to_string()).execute(&mut **tx).await?.rows_affected())
    };
    let rows = Erased {
        jobs,
        faces: faces.len() as u64,
        uploads: delete("DELETE FROM uploads WHERE photo_id = $1").await?,
        photos: delete("DELETE FROM photos WHERE id = $1").await?,
        // What its sender is told of one that the studio has not taken stays.
        guest_photos: delete("DELETE FROM guest_photos WHERE photo_id = $1 AND declined_at IS NULL").await?
            + delete("DELETE FROM guest_photo_reports WHERE photo_id = $1").await?,
        comments: delete(
            "DELETE FROM comment_reports WHERE comment_id IN (SELECT id FROM photo_comments WHERE photo_id = $1)",
        )
        .await?
            + delete("DELETE FROM photo_comments WHERE photo_id = $1").await?,
        ..Erased::default()
    };
    let list = serde_json::to_string(&faces).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query(
        "INSERT INTO erasures (photo_id, photo_session_id, faces, due_at, originals) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(photo.to_string())
    .bind(session.to_string())
    .bind(list)
    .bind(micros(if again { now + IN_HAND } else { now }))
    .bind(leftovers::json(&originals)?)
    .execute(&mut **tx)
    .await?;
    Ok(Some(Erasure { photo, session, faces, originals, rows, again }))
}

/// Writes down that vectors of a photo are to be removed, unless its rows come before `due_at`: nothing else knows
/// them until then.
pub(super) async fn expect(
    tx: &mut Transaction<'static, Any>,
    (session, photo): (PhotoSessionId, PhotoId),
    faces: &[FaceId],
    due_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO erasures (photo_id, photo_session_id, faces, due_at, originals) VALUES ($1, $2, $3, $4, '[]')",
    )
    .bind(photo.to_string())
    .bind(session.to_string())
    .bind(leftovers::json(faces)?)
    .bind(micros(due_at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The rows have come; `false` when the vectors have been removed before that.
pub(super) async fn came(tx: &mut Transaction<'static, Any>, photo: PhotoId) -> Result<bool, StoreError> {
    let sql = sqlx::query("DELETE FROM erasures WHERE photo_id = $1").bind(photo.to_string());
    Ok(sql.execute(&mut **tx).await?.rows_affected() == 1)
}

fn erasure(row: &AnyRow) -> Result<Erasure, StoreError> {
    let faces = serde_json::from_str(row.try_get("faces")?);
    Ok(Erasure {
        photo: text(row, "photo_id")?,
        session: text(row, "photo_session_id")?,
        faces: faces.map_err(|_| StoreError::Corrupt("column faces".to_owned()))?,
        originals: serde_json::from_str(row.try_get("originals")?)
            .map_err(|_| StoreError::Corrupt("column originals".to_owned()))?,
        rows: Erased::default(),
        again: false,
    })
}
