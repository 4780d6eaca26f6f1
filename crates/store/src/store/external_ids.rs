//! Ids that other programs have for photos, and the photos that came to be found only: their faces are kept, their
//! pictures are not.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::{
    Erasure, IN_LIST, NewPhoto, Store, StoreError, erasures, faces, flag, micros, photo_row, placeholders,
    text, unsigned, withheld,
};
use crate::domain::{
    ExternalId, FaceId, FaceRow, Photo, PhotoId, PhotoSessionId, PhotoState, name_key, stem_key,
};

pub struct ExternalIdRows<'a>(pub(super) &'a Store);

/// A photo, and what it is called elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalPhoto {
    pub photo: Photo,
    /// The photo came in under this id, and goes with it.
    pub is_owner: bool,
}

/// A photo whose faces are known and whose picture is not kept.
#[derive(Debug, Clone)]
pub struct NewIndexed {
    pub id: PhotoId,
    pub session: PhotoSessionId,
    pub external: ExternalId,
    pub sha256: String,
    pub bytes: u64,
    pub media_type: String,
    /// Upright; pixels.
    pub width: u32,
    pub height: u32,
    pub taken_at: Option<NaiveDateTime>,
    /// By model, the one in use first.
    pub faces: Vec<(String, Vec<FaceRow>)>,
}

/// The outcome of [`ExternalIdRows::index`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indexed {
    /// With the photo that the id had before, if it is to be removed.
    Done(Option<Box<Erasure>>),
    /// The session has this content; nothing was written, and the new vectors are to be removed.
    Known,
    /// The vectors were removed before the rows came: somebody swept, or erased the session.
    Swept,
}

/// The outcome of [`ExternalIdRows::tie`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tied {
    /// With the photo that the id had before, if it is to be removed.
    Done(Option<Box<Erasure>>),
    /// The photo has been deleted meanwhile.
    Gone,
}

impl ExternalIdRows<'_> {
    /// The photo that a program calls so.
    pub async fn find(
        &self,
        session: PhotoSessionId,
        external: &ExternalId,
    ) -> Result<Option<ExternalPhoto>, StoreError> {
        let row = sqlx::query(
            "SELECT photos.*, e.is_owner FROM external_photos e JOIN photos ON photos.id = e.photo_id \
             WHERE e.photo_session_id = $1 AND e.external_id = $2",
        )
        .bind(session.to_string())
        .bind(external.as_str())
        .fetch_optional(&self.0.reads)
        .await?;
        let found =
            |row| Ok(ExternalPhoto { photo: photo_row::photo(&row)?, is_owner: flag(&row, "is_owner")? });
        row.map(found).transpose()
    }

    /// The photo of the session with this content, and the models that have looked at it.
    pub async fn with_content(
        &self,
        session: PhotoSessionId,
        sha256: &str,
    ) -> Result<Option<(Photo, Vec<String>)>, StoreError> {
        let row = sqlx::query("SELECT * FROM photos WHERE photo_session_id = $1 AND sha256 = $2")
            .bind(session.to_string())
            .bind(sha256)
            .fetch_optional(&self.0.reads)
            .await?;
        let Some(photo) = row.map(|row| photo_row::photo(&row)).transpose()? else { return Ok(None) };
        let models = sqlx::query("SELECT model FROM photo_models WHERE photo_id = $1")
            .bind(photo.id.to_string())
            .fetch_all(&self.0.reads)
            .await?;
        let models = models.iter().map(|row| row.try_get("model")).collect::<Result<_, _>>()?;
        Ok(Some((photo, models)))
    }

    /// The external ids of photos, by photo, the oldest first; photos without one are left out.
    pub async fn of_photos(&self, photos: &[PhotoId]) -> Result<HashMap<PhotoId, Vec<String>>, StoreError> {
        let mut ids: HashMap<PhotoId, Vec<String>> = HashMap::new();
        for chunk in photos.chunks(IN_LIST) {
            let sql = format!(
                "SELECT photo_id, external_id FROM external_photos WHERE photo_id IN ({}) \
                 ORDER BY created_at, external_id",
                placeholders(1, chunk.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql));
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            for row in query.fetch_all(&self.0.reads).await? {
                ids.entry(text(&row, "photo_id")?).or_default().push(row.try_get("external_id")?);
            }
        }
        Ok(ids)
    }

    /// Some of the session's external ids, in their order.
    pub async fn page(&self, session: PhotoSessionId, limit: u32) -> Result<Vec<ExternalId>, StoreError> {
        sqlx::query(
            "SELECT external_id FROM external_photos WHERE photo_session_id = $1 ORDER BY external_id LIMIT $2",
        )
        .bind(session.to_string())
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(|row| text(row, "external_id"))
        .collect()
    }

    /// How many external ids lead to photos in each state; of those whose picture was not kept also how many faces
    /// they have.
    pub async fn standing(&self, session: PhotoSessionId) -> Result<Vec<(PhotoState, u64, u64)>, StoreError> {
        sqlx::query(
            "SELECT p.state, COUNT(*) AS n, CAST(SUM(p.faces) AS BIGINT) AS faces FROM external_photos e \
             JOIN photos p ON p.id = e.photo_id WHERE e.photo_session_id = $1 GROUP BY p.state",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(|row| Ok((text(row, "state")?, unsigned(row, "n")?, unsigned(row, "faces")?)))
        .collect()
    }

    /// External ids of photos whose picture was not kept and at which this model has not looked.
    pub async fn lacking(&self, session: PhotoSessionId, model: &str) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS n FROM external_photos e JOIN photos p ON p.id = e.photo_id \
             WHERE e.photo_session_id = $1 AND p.state = 'indexed' AND NOT EXISTS \
             (SELECT 1 FROM photo_models m WHERE m.photo_id = p.id AND m.model = $2)",
        )
        .bind(session.to_string())
        .bind(model)
        .fetch_one(&self.0.reads)
        .await?;
        unsigned(&row, "n")
    }

    /// Gives a photo of the session an external id. An id that another photo had leaves that one.
    pub async fn tie(
        &self,
        session: PhotoSessionId,
        external: &ExternalId,
        (photo, is_owner): (PhotoId, bool),
        now: DateTime<Utc>,
    ) -> Result<Tied, StoreError> {
        let mut tx = self.0.write().await?;
        let there = sqlx::query("SELECT 1 FROM photos WHERE id = $1 AND photo_session_id = $2")
            .bind(photo.to_string())
            .bind(session.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        if there.is_none() {
            return Ok(Tied::Gone);
        }
        let erasure = leave(&mut tx, session, external, Some(photo), now).await?;
        insert(&mut tx, session, external.as_str(), photo, is_owner, now).await?;
        tx.commit().await?;
        Ok(Tied::Done(erasure))
    }

    /// Writes down that vectors are about to be written of which the rows come later, by `due_at` at the latest.
    pub async fn expect(
        &self,
        session: PhotoSessionId,
        photo: PhotoId,
        faces: &[FaceId],
        due_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        erasures::expect(&mut tx, (session, photo), faces, due_at).await?;
        Ok(tx.commit().await?)
    }

    /// Writes a photo whose vectors are written, under its external id. A photo of the same content that has not been
    /// looked at by each of these models is replaced by it.
    pub async fn index(&self, new: &NewIndexed, now: DateTime<Utc>) -> Result<Indexed, StoreError> {
        let mut tx = self.0.write().await?;
        if !erasures::came(&mut tx, new.id).await? {
            return Ok(Indexed::Swept);
        }
        let mut moved = Vec::new();
        if let Some((before, is_complete)) = alike(&mut tx, new).await? {
            if is_complete {
                return Ok(Indexed::Known);
            }
            moved = take(&mut tx, before).await?;
            erasures::begin(&mut tx, before, now).await?;
        }
        let erasure = leave(&mut tx, new.session, &new.external, None, now).await?;
        insert_photo(&mut tx, new, now).await?;
        for (model, made) in &new.faces {
            faces::replace(&mut tx, new.id, model, made).await?;
            faces::looked_at(&mut tx, new.id, model).await?;
        }
        withheld::look_again(&mut tx, new.id).await?;
        moved.retain(|other| other.id != new.external.as_str());
        give(&mut tx, new.session, new.id, &moved).await?;
        insert(&mut tx, new.session, new.external.as_str(), new.id, true, now).await?;
        tx.commit().await?;
        Ok(Indexed::Done(erasure))
    }

    /// Forgets an external id; the photo goes with it if it came in under it and has no other. `None` when no photo is
    /// called so.
    pub async fn remove(
        &self,
        session: PhotoSessionId,
        external: &ExternalId,
        now: DateTime<Utc>,
    ) -> Result<Option<Option<Box<Erasure>>>, StoreError> {
        let mut tx = self.0.write().await?;
        let there =
            sqlx::query("SELECT 1 FROM external_photos WHERE photo_session_id = $1 AND external_id = $2")
                .bind(session.to_string())
                .bind(external.as_str())
                .fetch_optional(&mut *tx)
                .await?;
        if there.is_none() {
            return Ok(None);
        }
        let erasure = leave(&mut tx, session, external, None, now).await?;
        tx.commit().await?;
        Ok(Some(erasure))
    }
}

/// An external id of a photo that another one takes the place of.
pub(super) struct Moved {
    id: String,
    is_owner: bool,
    created_at: i64,
}

/// Deletes the photo of this content whose picture was not kept: the file that comes in has it. Returns its external
/// ids for [`give`].
pub(super) async fn take_indexed(
    tx: &mut Transaction<'static, Any>,
    new: &NewPhoto,
    now: DateTime<Utc>,
) -> Result<Vec<Moved>, StoreError> {
    let row = sqlx::query(
        "SELECT id FROM photos WHERE photo_session_id = $1 AND sha256 = $2 AND state = 'indexed'",
    )
    .bind(new.photo_session_id.to_string())
    .bind(new.sha256.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let photo = text(&row, "id")?;
    let mut moved = take(tx, photo).await?;
    erasures::begin(tx, photo, now).await?;
    // The file came in by another way, and stays when the ids go.
    moved.iter_mut().for_each(|id| id.is_owner = false);
    Ok(moved)
}

async fn take(tx: &mut Transaction<'static, Any>, photo: PhotoId) -> Result<Vec<Moved>, StoreError> {
    let rows = sqlx::query(
        "DELETE FROM external_photos WHERE photo_id = $1 RETURNING external_id, is_owner, created_at",
    )
    .bind(photo.to_string())
    .fetch_all(&mut **tx)
    .await?;
    let moved = |row: &sqlx::any::AnyRow| {
        Ok(Moved {
            id: row.try_get("external_id")?,
            is_owner: flag(row, "is_owner")?,
            created_at: row.try_get("created_at")?,
        })
    };
    rows.iter().map(moved).collect()
}

/// Gives a photo the external ids of another.
pub(super) async fn give(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    photo: PhotoId,
    moved: &[Moved],
) -> Result<(), StoreError> {
    for Moved { id, is_owner, created_at } in moved {
        let created_at = DateTime::from_timestamp_micros(*created_at).unwrap_or_default();
        insert(tx, session, id, photo, *is_owner, created_at).await?;
    }
    Ok(())
}

/// Takes the id from the photo that has it, unless that is `stays`. A photo that came in under the id goes with it;
/// where it has another one, it goes with that.
async fn leave(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    external: &ExternalId,
    stays: Option<PhotoId>,
    now: DateTime<Utc>,
) -> Result<Option<Box<Erasure>>, StoreError> {
    let row = sqlx::query(
        "DELETE FROM external_photos WHERE photo_session_id = $1 AND external_id = $2 AND photo_id <> $3 \
         RETURNING photo_id, is_owner",
    )
    .bind(session.to_string())
    .bind(external.as_str())
    .bind(stays.map_or_else(String::new, |photo| photo.to_string()))
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (photo, is_owner): (PhotoId, bool) = (text(&row, "photo_id")?, flag(&row, "is_owner")?);
    if !is_owner {
        return Ok(None);
    }
    let handed_on = sqlx::query(
        "UPDATE external_photos SET is_owner = 1 WHERE photo_session_id = $1 AND photo_id = $2 AND external_id = \
         (SELECT MIN(o.external_id) FROM external_photos o WHERE o.photo_id = $2)",
    )
    .bind(session.to_string())
    .bind(photo.to_string())
    .execute(&mut **tx)
    .await?;
    if handed_on.rows_affected() > 0 {
        return Ok(None);
    }
    Ok(erasures::begin(tx, photo, now).await?.map(Box::new))
}

/// A photo that is called so already keeps who came in under what.
async fn insert(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    external: &str,
    photo: PhotoId,
    is_owner: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO external_photos (photo_session_id, external_id, photo_id, is_owner, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (photo_session_id, external_id) DO UPDATE SET \
         is_owner = CASE WHEN excluded.is_owner = 1 THEN 1 ELSE external_photos.is_owner END",
    )
    .bind(session.to_string())
    .bind(external)
    .bind(photo.to_string())
    .bind(i64::from(is_owner))
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The photo of this content, and whether it is to stay: it has a file, or each model has looked at it.
async fn alike(
    tx: &mut Transaction<'static, Any>,
    new: &NewIndexed,
) -> Result<Option<(PhotoId, bool)>, StoreError> {
    let row = sqlx::query("SELECT id, state FROM photos WHERE photo_session_id = $1 AND sha256 = $2")
        .bind(new.session.to_string())
        .bind(new.sha256.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (photo, state): (PhotoId, PhotoState) = (text(&row, "id")?, text(&row, "state")?);
    let mut is_complete = true;
    for (model, _) in new.faces.iter().filter(|_| state == PhotoState::Indexed) {
        let looked = sqlx::query("SELECT 1 FROM photo_models WHERE photo_id = $1 AND model = $2")
            .bind(photo.to_string())
            .bind(model.as_str())
            .fetch_optional(&mut **tx)
            .await?;
        is_complete &= looked.is_some();
    }
    Ok(Some((photo, is_complete)))
}

async fn insert_photo(
    tx: &mut Transaction<'static, Any>,
    new: &NewIndexed,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let faces = new.faces.first().map_or(0, |(_, faces)| faces.len());
    sqlx::query(
        "INSERT INTO photos (id, photo_session_id, filename, sha256, bytes, media_type, width, height, \
         is_selected, state, faces, created_at, name_key, stem_key, taken_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 'indexed', $9, $10, $11, $12, $13)",
    )
    .bind(new.id.to_string())
    .bind(new.session.to_string())
    .bind(new.external.as_str())
    .bind(new.sha256.as_str())
    .bind(new.bytes.cast_signed())
    .bind(new.media_type.as_str())
    .bind(i64::from(new.width))
    .bind(i64::from(new.height))
    .bind(i64::try_from(faces).unwrap_or(i64::MAX))
    .bind(micros(now))
    .bind(name_key(new.external.as_str()))
    .bind(stem_key(new.external.as_str()))
    .bind(new.taken_at.map(|taken| micros(taken.and_utc())))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
