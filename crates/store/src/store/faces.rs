//! Faces: the truth that the index is a copy of.

use std::collections::{HashMap, HashSet};

use sqlx::{Any, Row, Transaction, any::AnyRow};
use uuid::Uuid;

use super::{IN_LIST, Store, StoreError, news_kept, placeholders, text, unsigned, withheld};
use crate::domain::{FaceId, FaceRow, PhotoId, PhotoSessionId, RelativeBox, kept_by_crops};

pub struct FaceRows<'a>(pub(super) &'a Store);

/// Where a found face is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceInPhoto {
    pub id: FaceId,
    pub photo_id: PhotoId,
    pub number: u32,
    pub rect: RelativeBox,
}

/// A face with the session that it may be searched in.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionFace {
    pub photo_session_id: PhotoSessionId,
    pub face: FaceRow,
}

impl FaceRows<'_> {
    /// Ids that are not there are left out.
    pub async fn by_ids(&self, ids: &[FaceId]) -> Result<HashMap<FaceId, FaceInPhoto>, StoreError> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(IN_LIST) {
            let sql = format!(
                "SELECT id, photo_id, number, x, y, w, h FROM faces WHERE id IN ({})",
                placeholders(1, chunk.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for id in chunk {
                query = query.bind(id.to_string());
            }
            for row in query.fetch_all(&self.0.reads).await? {
                let face = FaceInPhoto {
                    id: face_id(&row)?,
                    photo_id: text(&row, "photo_id")?,
                    number: unsigned(&row, "number")?,
                    rect: rect(&row)?,
                };
                found.insert(face.id, face);
            }
        }
        Ok(found)
    }

    /// Where crops of each photo are cut, see [`kept_by_crops`]; photos without faces are left out.
    pub async fn crops(&self, photos: &[PhotoId]) -> Result<HashMap<PhotoId, (f64, f64)>, StoreError> {
        let mut faces: HashMap<PhotoId, Vec<RelativeBox>> = HashMap::new();
        for chunk in photos.chunks(IN_LIST) {
            let sql = format!(
                "SELECT photo_id, x, y, w, h FROM faces WHERE photo_id IN ({})",
                placeholders(1, chunk.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for id in chunk {
                query = query.bind(id.to_string());
            }
            for row in query.fetch_all(&self.0.reads).await? {
                faces.entry(text(&row, "photo_id")?).or_default().push(rect(&row)?);
            }
        }
        let kept = |(photo, faces): (PhotoId, Vec<RelativeBox>)| Some((photo, kept_by_crops(&faces)?));
        Ok(faces.into_iter().filter_map(kept).collect())
    }

    /// The faces whose quality is below `least`.
    pub async fn below(&self, ids: &[FaceId], least: f32) -> Result<HashSet<FaceId>, StoreError> {
        let mut found = HashSet::new();
        for chunk in ids.chunks(IN_LIST) {
            let sql = format!(
                "SELECT id FROM faces WHERE quality < $1 AND id IN ({})",
                placeholders(2, chunk.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(f64::from(least));
            for id in chunk {
                query = query.bind(id.to_string());
            }
            for row in query.fetch_all(&self.0.reads).await? {
                found.insert(face_id(&row)?);
            }
        }
        Ok(found)
    }

    /// Vectors of faces that share a photo with another, from `photos` photos at most, without those whose
    /// quality is below `least`. An id ends in random digits, so those with the lowest ones are a fair sample.
    pub async fn of_group_photos(
        &self,
        session: PhotoSessionId,
        model: &str,
        photos: u32,
        least: f32,
    ) -> Result<Vec<(PhotoId, Vec<f32>)>, StoreError> {
        let rows = sqlx::query(
            "SELECT photo_id, embedding FROM faces WHERE photo_session_id = $1 AND model = $2 AND quality >= $3 \
             AND photo_id IN (SELECT photo_id FROM faces WHERE photo_session_id = $1 AND model = $2 \
             GROUP BY photo_id HAVING COUNT(*) > 1 ORDER BY SUBSTR(photo_id, 25) LIMIT $4)",
        )
        .bind(session.to_string())
        .bind(model)
        .bind(f64::from(least))
        .bind(i64::from(photos))
        .fetch_all(&self.0.reads)
        .await?;
        rows.iter()
            .map(|row| Ok((text(row, "photo_id")?, floats_of(row.try_get::<&[u8], _>("embedding")?)?)))
            .collect()
    }

    /// A page of a model's faces with their vectors, session by session; `after` is the last of the
    /// page before.
    pub async fn page(
        &self,
        model: &str,
        after: Option<(PhotoSessionId, FaceId)>,
        limit: u32,
    ) -> Result<Vec<SessionFace>, StoreError> {
        let (session, id) =
            after.map_or_else(Default::default, |(session, id)| (session.to_string(), id.to_string()));
        sqlx::query(
            "SELECT * FROM faces WHERE model = $1 AND (photo_session_id, model, id) > ($2, $1, $3) \
             ORDER BY photo_session_id, model, id LIMIT $4",
        )
        .bind(model)
        .bind(session)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(session_face)
        .collect()
    }

    /// Like [`FaceRows::page`], within one session.
    pub async fn page_of_session(
        &self,
        session: PhotoSessionId,
        model: &str,
        after: Option<FaceId>,
        limit: u32,
    ) -> Result<Vec<SessionFace>, StoreError> {
        sqlx::query(
            "SELECT * FROM faces WHERE photo_session_id = $1 AND model = $2 AND id > $3 ORDER BY id LIMIT $4",
        )
        .bind(session.to_string())
        .bind(model)
        .bind(after.map_or_else(String::new, |id| id.to_string()))
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(session_face)
        .collect()
    }

    /// Ids of a session's faces under a model, without their vectors.
    pub async fn ids_of_session(
        &self,
        session: PhotoSessionId,
        model: &str,
    ) -> Result<Vec<FaceId>, StoreError> {
        sqlx::query("SELECT id FROM faces WHERE photo_session_id = $1 AND model = $2")
            .bind(session.to_string())
            .bind(model)
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(face_id)
            .collect()
    }

    /// Where a model's index was when it was last brought in step with the rows.
    pub async fn index_place(&self, model: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT place FROM face_indexes WHERE model = $1")
            .bind(model)
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| Ok(row.try_get("place")?)).transpose()
    }

    pub async fn set_index_place(&self, model: &str, place: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO face_indexes (model, place) VALUES ($1, $2) \
             ON CONFLICT (model) DO UPDATE SET place = excluded.place",
        )
        .bind(model)
        .bind(place)
        .execute(&self.0.writes)
        .await?;
        Ok(())
    }

    /// Every session that has faces under a model, with how many.
    pub async fn by_session(&self, model: &str) -> Result<Vec<(PhotoSessionId, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT photo_session_id, COUNT(*) AS n FROM faces WHERE model = $1 GROUP BY photo_session_id",
        )
        .bind(model)
        .fetch_all(&self.0.reads)
        .await?;
        rows.iter().map(|row| Ok((text(row, "photo_session_id")?, unsigned(row, "n")?))).collect()
    }

    /// Faces of one photo, every model's.
    pub async fn of_photo(&self, photo: PhotoId) -> Result<Vec<SessionFace>, StoreError> {
        sqlx::query("SELECT * FROM faces WHERE photo_id = $1 ORDER BY model, number")
            .bind(photo.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(session_face)
            .collect()
    }

    /// The models that have made vectors, each with how many, the most first.
    pub async fn models(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT model, COUNT(*) AS n FROM faces GROUP BY model ORDER BY COUNT(*) DESC, model",
        )
        .fetch_all(&self.0.reads)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("model")?, unsigned(row, "n")?))).collect()
    }

    /// How many numbers the vectors of a model have, if there are any.
    pub async fn dimension(&self, model: &str) -> Result<Option<usize>, StoreError> {
        let row = sqlx::query("SELECT embedding FROM faces WHERE model = $1 LIMIT 1")
            .bind(model)
            .fetch_optional(&self.0.reads)
            .await?;
        let numbers = |row: sqlx::any::AnyRow| Ok(row.try_get::<Vec<u8>, _>("embedding")?.len() / 4);
        row.map(numbers).transpose()
    }

    /// How many of a photo's vectors are not what was written. Those of earlier versions, which have no checksum,
    /// get one.
    pub async fn damaged(&self, photo: PhotoId) -> Result<u64, StoreError> {
        let rows = sqlx::query("SELECT id, embedding, checksum FROM faces WHERE photo_id = $1")
            .bind(photo.to_string())
            .fetch_all(&self.0.reads)
            .await?;
        let mut damaged = 0;
        for row in &rows {
            let embedding: &[u8] = row.try_get("embedding")?;
            let found = i64::from(crc32fast::hash(embedding));
            match row.try_get::<Option<i64>, _>("checksum")? {
                Some(written) => damaged += u64::from(written != found),
                None if floats_of(embedding).is_ok_and(|vector| is_unit(&vector)) => {
                    self.sum_up(face_id(row)?, found).await?;
                }
                None => damaged += 1,
            }
        }
        Ok(damaged)
    }

    async fn sum_up(&self, face: FaceId, checksum: i64) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE faces SET checksum = $2 WHERE id = $1 AND checksum IS NULL")
            .bind(face.to_string())
            .bind(checksum)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Faces that a model's index should hold.
    pub async fn total(&self, model: &str) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM faces WHERE model = $1")
            .bind(model)
            .fetch_one(&self.0.reads)
            .await?;
        unsigned(&row, "n")
    }

    /// Every model's faces of a session.
    pub async fn count_all(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM faces WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_one(&self.0.reads)
            .await?;
        unsigned(&row, "n")
    }

    pub async fn count(&self, session: PhotoSessionId, model: &str) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM faces WHERE photo_session_id = $1 AND model = $2")
            .bind(session.to_string())
            .bind(model)
            .fetch_one(&self.0.reads)
            .await?;
        unsigned(&row, "n")
    }
}

/// Makes `faces` the only faces that `model` has of the photo. The session is read from the photo's
/// row, so that a face cannot be filed under another session.
pub(super) async fn replace(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    model: &str,
    faces: &[FaceRow],
) -> Result<(), StoreError> {
    let before = sqlx::query("DELETE FROM faces WHERE photo_id = $1 AND model = $2")
        .bind(photo.to_string())
        .bind(model)
        .execute(&mut **tx)
        .await?;
    if before.rows_affected() > 0 {
        withheld::vectors_gone(tx, photo).await?;
    }
    let erased: Vec<RelativeBox> = sqlx::query("SELECT * FROM erased_faces WHERE photo_id = $1")
        .bind(photo.to_string())
        .fetch_all(&mut **tx)
        .await?
        .iter()
        .map(rect)
        .collect::<Result<_, _>>()?;
    for face in faces.iter().filter(|face| !erased.iter().any(|erased| erased.is_same_face(&face.rect))) {
        let embedding = bytes_of(&face.embedding);
        let checksum = crc32fast::hash(&embedding);
        sqlx::query(
            "INSERT INTO faces (id, photo_id, photo_session_id, number, model, x, y, w, h, quality, embedding, \
             checksum) SELECT $1, id, photo_session_id, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM photos \
             WHERE id = $2",
        )
        .bind(face.id.to_string())
        .bind(photo.to_string())
        .bind(i64::from(face.number))
        .bind(model)
        .bind(f64::from(face.rect.x))
        .bind(f64::from(face.rect.y))
        .bind(f64::from(face.rect.w))
        .bind(f64::from(face.rect.h))
        .bind(f64::from(face.quality))
        .bind(embedding)
        .bind(i64::from(checksum))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
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

/// Deletes a photo's faces and says which they were.
pub(super) async fn delete(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
) -> Result<Vec<FaceId>, StoreError> {
    withheld::vectors_gone(tx, photo).await?;
    news_kept::faces_gone(tx, "photo_id", &photo.to_string()).await?;
    sqlx::query("DELETE FROM faces WHERE photo_id = $1 RETURNING id")
        .bind(photo.to_string())
        .fetch_all(&mut **tx)
        .await?
        .iter()
        .map(face_id)
        .collect()
}

pub(super) fn face_id(row: &AnyRow) -> Result<FaceId, StoreError> {
    Ok(FaceId(text::<Uuid>(row, "id")?))
}

pub(super) fn rect(row: &AnyRow) -> Result<RelativeBox, StoreError> {
    Ok(RelativeBox {
        x: row.try_get::<f64, _>("x")? as f32,
        y: row.try_get::<f64, _>("y")? as f32,
        w: row.try_get::<f64, _>("w")? as f32,
        h: row.try_get::<f64, _>("h")? as f32,
    })
}

pub(super) fn session_face(row: &AnyRow) -> Result<SessionFace, StoreError> {
    let embedding: &[u8] = row.try_get("embedding")?;
    Ok(SessionFace {
        photo_session_id: text(row, "photo_session_id")?,
        face: FaceRow {
            id: face_id(row)?,
            photo_id: text(row, "photo_id")?,
            number: unsigned(row, "number")?,
            model: row.try_get("model")?,
            rect: rect(row)?,
            quality: row.try_get::<f64, _>("quality")? as f32,
            embedding: floats_of(embedding)?,
        },
    })
}

pub(super) fn bytes_of(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Checks that an embedding has unit length, as every written one has.
fn is_unit(vector: &[f32]) -> bool {
    (vector.iter().map(|value| value * value).sum::<f32>() - 1.0).abs() < 0.01
}

pub(super) fn floats_of(bytes: &[u8]) -> Result<Vec<f32>, StoreError> {
    let (chunks, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(StoreError::Corrupt("column embedding".to_owned()));
    }
    Ok(chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect())
}
