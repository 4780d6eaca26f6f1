//! Which photos were embedded by which model, so that another model can take over.

use sqlx::{Any, Transaction};

use super::{Photos, StoreError, faces, photos, unsigned};
use crate::domain::{FaceRow, Photo, PhotoId};

impl Photos<'_> {
    /// Ready photos that a model has not looked at, by id; `after` is the last of the page before.
    pub async fn lacking(
        &self,
        model: &str,
        after: Option<PhotoId>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        sqlx::query(
            "SELECT * FROM photos WHERE state = 'ready' AND id > $2 AND NOT EXISTS (SELECT 1 FROM photo_models \
             WHERE photo_models.photo_id = photos.id AND photo_models.model = $1) ORDER BY id LIMIT $3",
        )
        .bind(model)
        .bind(after.map_or_else(String::new, |id| id.to_string()))
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(photos::photo)
        .collect()
    }

    /// How many ready photos a model has not looked at.
    pub async fn count_lacking(&self, model: &str) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS n FROM photos WHERE state = 'ready' AND NOT EXISTS (SELECT 1 FROM photo_models \
             WHERE photo_models.photo_id = photos.id AND photo_models.model = $1)",
        )
        .bind(model)
        .fetch_one(&self.0.reads)
        .await?;
        unsigned(&row, "n")
    }

    /// Adds what another model makes of a ready photo, beside what is there, in one transaction. `false` when
    /// the photo has been erased meanwhile.
    pub async fn add_model(&self, id: PhotoId, model: &str, made: &[FaceRow]) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let ready = sqlx::query("SELECT 1 AS n FROM photos WHERE id = $1 AND state = 'ready'")
            .bind(id.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        if ready.is_none() {
            return Ok(false);
        }
        faces::replace(&mut tx, id, model, made).await?;
        looked_at(&mut tx, id, model).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Notes that a model has looked at the photo.
pub(super) async fn looked_at(
    tx: &mut Transaction<'static, Any>,
    id: PhotoId,
    model: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO photo_models (photo_id, model) VALUES ($1, $2) ON CONFLICT (photo_id, model) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(model)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
