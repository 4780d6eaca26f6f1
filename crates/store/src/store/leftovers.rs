//! What is left of a photo's earlier file: the original, what was made from it, its vectors. The row is written with
//! the change that made it useless, so that a crash leaves none of it behind.

use sqlx::{Any, Row, Transaction, any::AnyRow};
use uuid::Uuid;

use super::{Store, StoreError, faces, files, text};
use crate::domain::{Derivative, FaceId, Photo, PhotoId, PhotoSessionId};

pub struct LeftoverRows<'a>(pub(super) &'a Store);

/// Files and vectors of one photo that nothing refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    id: Uuid,
    pub photo: PhotoId,
    pub session: PhotoSessionId,
    /// Ids under which originals lie.
    pub originals: Vec<PhotoId>,
    /// Names of derivatives and marked copies.
    pub files: Vec<String>,
    pub faces: Vec<FaceId>,
}

impl LeftoverRows<'_> {
    /// Of one photo, or of all. Those of a photo that waits for its worker are left out: what is shown now was made
    /// from the file before.
    pub async fn due(&self, photo: Option<PhotoId>) -> Result<Vec<Leftover>, StoreError> {
        sqlx::query(
            "SELECT * FROM leftovers WHERE ($1 = '' OR photo_id = $1) AND NOT EXISTS \
             (SELECT 1 FROM jobs WHERE jobs.subject = leftovers.photo_id AND jobs.state = 'queued')",
        )
        .bind(photo.map_or_else(String::new, |photo| photo.to_string()))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(leftover)
        .collect()
    }

    /// Nothing of it is left.
    pub async fn finish(&self, leftover: &Leftover) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM leftovers WHERE id = $1")
            .bind(leftover.id.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// An original whose place another file has taken.
pub(super) async fn note_original(
    tx: &mut Transaction<'static, Any>,
    photo: &Photo,
    original: PhotoId,
) -> Result<(), StoreError> {
    note(tx, photo.id, photo.photo_session_id, &[original], &[], &[]).await
}

/// What was made of a photo before, of which only `derivatives` and `kept_faces` stay; called before they are written.
pub(super) async fn note_made(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    derivatives: &[Derivative],
    kept_faces: &[FaceId],
) -> Result<(), StoreError> {
    let id = photo.to_string();
    let row = sqlx::query("SELECT photo_session_id, derivatives FROM photos WHERE id = $1").bind(id.as_str());
    let Some(row) = row.fetch_optional(&mut **tx).await? else { return Ok(()) };
    let before: Vec<Derivative> = serde_json::from_str(row.try_get("derivatives")?)
        .map_err(|_| StoreError::Corrupt("column derivatives".to_owned()))?;
    let stem = |derivative: &Derivative| format!("{}-{}", derivative.size, derivative.hash);
    let kept: Vec<String> = derivatives.iter().map(stem).collect();
    let mut files: Vec<String> =
        before.iter().map(|derivative| format!("{}.jpg", stem(derivative))).collect();
    let rows = sqlx::query("SELECT name FROM photo_files WHERE photo_id = $1").bind(id.as_str());
    for row in rows.fetch_all(&mut **tx).await? {
        files.push(row.try_get("name")?);
    }
    files.retain(|name| name.ends_with(".jpg") && !kept.iter().any(|stem| name.starts_with(stem)));
    files.sort_unstable();
    files.dedup();
    for name in &files {
        files::forget(tx, photo, name).await?;
    }
    let rows = sqlx::query("SELECT id FROM faces WHERE photo_id = $1").bind(id.as_str());
    let rows = rows.fetch_all(&mut **tx).await?;
    let mut gone = rows.iter().map(faces::face_id).collect::<Result<Vec<FaceId>, _>>()?;
    gone.retain(|face| !kept_faces.contains(face));
    if files.is_empty() && gone.is_empty() {
        return Ok(());
    }
    note(tx, photo, text(&row, "photo_session_id")?, &[], &files, &gone).await
}

async fn note(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    session: PhotoSessionId,
    originals: &[PhotoId],
    files: &[String],
    faces: &[FaceId],
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO leftovers (id, photo_id, photo_session_id, originals, files, faces) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(Uuid::now_v7().to_string())
    .bind(photo.to_string())
    .bind(session.to_string())
    .bind(json(originals)?)
    .bind(json(files)?)
    .bind(json(faces)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets the leftovers of a photo that is deleted as a whole; returns the originals among them.
pub(super) async fn take(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
) -> Result<Vec<PhotoId>, StoreError> {
    let rows = sqlx::query("SELECT * FROM leftovers WHERE photo_id = $1").bind(photo.to_string());
    let rows = rows.fetch_all(&mut **tx).await?;
    sqlx::query("DELETE FROM leftovers WHERE photo_id = $1")
        .bind(photo.to_string())
        .execute(&mut **tx)
        .await?;
    let leftovers = rows.iter().map(leftover).collect::<Result<Vec<_>, _>>()?;
    Ok(leftovers.into_iter().flat_map(|leftover| leftover.originals).collect())
}

pub(super) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn leftover(row: &AnyRow) -> Result<Leftover, StoreError> {
    let corrupt = |_| StoreError::Corrupt("a row of leftovers".to_owned());
    Ok(Leftover {
        id: text(row, "id")?,
        photo: text(row, "photo_id")?,
        session: text(row, "photo_session_id")?,
        originals: serde_json::from_str(row.try_get("originals")?).map_err(corrupt)?,
        files: serde_json::from_str(row.try_get("files")?).map_err(corrupt)?,
        faces: serde_json::from_str(row.try_get("faces")?).map_err(corrupt)?,
    })
}
