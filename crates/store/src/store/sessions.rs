//! Photo sessions of our own, and the one studio that owns them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    IN_LIST, Store, StoreError, flag, micros, optional_text, optional_time, placeholders, text, time,
    unsigned, webhooks,
};
use crate::domain::{
    Announced, GalleryTerms, PhotoSession, PhotoSessionId, PriceId, SessionStatus, StudioId, TimeZone, UserId,
};

pub struct SessionRows<'a>(pub(super) &'a Store);

impl SessionRows<'_> {
    pub async fn create(&self, session: &PhotoSession) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        insert(&mut tx, session).await?;
        Ok(tx.commit().await?)
    }

    pub async fn get(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, StoreError> {
        sqlx::query("SELECT * FROM photo_sessions WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| session(&row))
            .transpose()
    }

    /// The ids of this list that are sessions of ours.
    pub async fn which_are_ours(
        &self,
        ids: &[PhotoSessionId],
    ) -> Result<HashSet<PhotoSessionId>, StoreError> {
        let mut ours = HashSet::new();
        for chunk in ids.chunks(IN_LIST) {
            let sql = format!("SELECT id FROM photo_sessions WHERE id IN ({})", placeholders(1, chunk.len()));
            let query = sqlx::query(sqlx::AssertSqlSafe(sql));
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            for row in query.fetch_all(&self.0.reads).await? {
                ours.insert(text(&row, "id")?);
            }
        }
        Ok(ours)
    }

    /// For whom a session is shot, where that is somebody with an account.
    pub async fn client_of(&self, id: PhotoSessionId) -> Result<Option<UserId>, StoreError> {
        let row = sqlx::query("SELECT client_id FROM photo_sessions WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map_or(Ok(None), |row| optional_text(&row, "client_id"))
    }

    /// Newest first; `after` is the last session of the page before.
    pub async fn list(
        &self,
        after: Option<PhotoSessionId>,
        limit: u32,
    ) -> Result<Vec<PhotoSession>, StoreError> {
        let sql = match after {
            None => "SELECT * FROM photo_sessions WHERE $1 = '' ORDER BY created_at DESC, id DESC LIMIT $2",
            Some(_) => {
                "SELECT * FROM photo_sessions WHERE (created_at, id) < \
                 (SELECT created_at, id FROM photo_sessions WHERE id = $1) ORDER BY created_at DESC, id DESC LIMIT $2"
            }
        };
        sqlx::query(sql)
            .bind(after.map_or_else(String::new, |id| id.to_string()))
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(session)
            .collect()
    }

    /// `false` when there is no such session. The studio's webhooks hear of it.
    pub async fn set_status(
        &self,
        id: PhotoSessionId,
        status: SessionStatus,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let Some(before) = locked(&mut tx, id).await? else { return Ok(false) };
        sqlx::query("UPDATE photo_sessions SET status = $2, updated_at = $3 WHERE id = $1")
            .bind(id.to_string())
            .bind(status.as_str())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        let after = PhotoSession { status, ..before.clone() };
        webhooks::announce(&mut tx, (&before).into(), &after, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Turns the session's two switches, those that are named; `false` when there is no such session. The studio's
    /// webhooks hear of it.
    pub async fn set_switches(
        &self,
        id: PhotoSessionId,
        gallery_open: Option<bool>,
        face_search: Option<bool>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let Some(before) = locked(&mut tx, id).await? else { return Ok(false) };
        let after = PhotoSession {
            gallery_open: gallery_open.unwrap_or(before.gallery_open),
            face_search: face_search.unwrap_or(before.face_search),
            ..before.clone()
        };
        sqlx::query(
            "UPDATE photo_sessions SET gallery_open = $2, face_search = $3, updated_at = $4 WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(i64::from(after.gallery_open))
        .bind(i64::from(after.face_search))
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        webhooks::announce(&mut tx, (&before).into(), &after, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The studio of an installation that has not been told of any: made on first use.
    pub async fn default_studio(&self, now: DateTime<Utc>) -> Result<StudioId, StoreError> {
        let mut tx = self.0.write().await?;
        let oldest = sqlx::query("SELECT id FROM studios ORDER BY created_at, id LIMIT 1")
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(row) = oldest {
            return text(&row, "id");
        }
        let id = StudioId::generate();
        sqlx::query("INSERT INTO studios (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(id.to_string())
            .bind("Studio")
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(id)
    }
}

/// The session as it is before this transaction changes it: nobody else writes until then.
async fn locked(
    tx: &mut Transaction<'static, Any>,
    id: PhotoSessionId,
) -> Result<Option<PhotoSession>, StoreError> {
    sqlx::query("SELECT * FROM photo_sessions WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&mut **tx)
        .await?
        .map(|row| session(&row))
        .transpose()
}

/// The studio's webhooks hear of a session that begins enabled.
pub(super) async fn insert(
    tx: &mut Transaction<'static, Any>,
    session: &PhotoSession,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO photo_sessions (id, name, description, studio_id, photographer_id, status, \
         gallery_open, face_search, scheduled_at, completed_at, created_at, updated_at, pin, reveals_at, ends_at, \
         at_end, downloads, watermark, prices, cover, previews, time_zone, guest_photos, \
         most_from_a_guest, most_from_guests, comments) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
         $22, $23, $24, $25, $26)",
    )
    .bind(session.id.to_string())
    .bind(session.name.as_str())
    .bind(session.description.as_deref())
    .bind(session.studio_id.to_string())
    .bind(session.photographer_id.map(|id| id.to_string()))
    .bind(session.status.as_str())
    .bind(i64::from(session.gallery_open))
    .bind(i64::from(session.face_search))
    .bind(session.scheduled_at.map(micros))
    .bind(session.completed_at.map(micros))
    .bind(micros(session.created_at))
    .bind(micros(session.updated_at))
    .bind(session.terms.pin.as_deref())
    .bind(session.terms.reveals_at.map(micros))
    .bind(session.terms.ends_at.map(micros))
    .bind(session.terms.at_end.as_str())
    .bind(session.terms.downloads.as_str())
    .bind(i64::from(session.terms.watermark))
    .bind(session.terms.prices.as_deref().map(joined))
    .bind(session.terms.cover.map(|photo| photo.to_string()))
    .bind(session.terms.previews.as_str())
    .bind(session.time_zone.map(TimeZone::name))
    .bind(session.terms.guest_photos.as_str())
    .bind(i64::from(session.terms.most_from_a_guest))
    .bind(i64::from(session.terms.most_from_guests))
    .bind(session.terms.comments.as_str())
    .execute(&mut **tx)
    .await?;
    webhooks::announce(tx, Announced::NOTHING, session, session.created_at).await
}

pub(super) fn session(row: &AnyRow) -> Result<PhotoSession, StoreError> {
    Ok(PhotoSession {
        id: text(row, "id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        studio_id: text(row, "studio_id")?,
        photographer_id: optional_text(row, "photographer_id")?,
        status: text(row, "status")?,
        gallery_open: flag(row, "gallery_open")?,
        face_search: flag(row, "face_search")?,
        terms: GalleryTerms {
            pin: row.try_get("pin")?,
            reveals_at: optional_time(row, "reveals_at")?,
            ends_at: optional_time(row, "ends_at")?,
            at_end: text(row, "at_end")?,
            downloads: text(row, "downloads")?,
            watermark: flag(row, "watermark")?,
            prices: prices(row)?,
            cover: optional_text(row, "cover")?,
            previews: text(row, "previews")?,
            guest_photos: text(row, "guest_photos")?,
            most_from_a_guest: unsigned(row, "most_from_a_guest")?,
            most_from_guests: unsigned(row, "most_from_guests")?,
            comments: text(row, "comments")?,
        },
        scheduled_at: optional_time(row, "scheduled_at")?,
        time_zone: optional_text(row, "time_zone")?,
        completed_at: optional_time(row, "completed_at")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// As the column `prices` keeps them.
pub(super) fn joined(prices: &[PriceId]) -> String {
    prices.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn prices(row: &AnyRow) -> Result<Option<Vec<PriceId>>, StoreError> {
    let joined: Option<String> = row.try_get("prices")?;
    let id = |id: &str| id.parse().map_err(|_| StoreError::Corrupt("column prices".to_owned()));
    joined.map(|joined| joined.split(',').filter(|id| !id.is_empty()).map(id).collect()).transpose()
}
