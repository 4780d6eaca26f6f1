//! Hand-offs and the places of their pictures.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    IN_LIST, Newest, Once, OnceKey, Store, StoreError, flag, micros, once, optional_text, placeholders, text,
    time, unsigned,
};
use crate::{
    domain::{
        HANDOFF_LIFE, HandoffId, HandoffPhoto, HandoffPhotoId, HandoffPhotoType, HandoffRefusal,
        HandoffSession, HandoffStatus, MOST_HANDOFFS, MOST_STRANGERS_HANDOFFS, StudioId,
    },
    secrets,
};

pub struct HandoffRows<'a>(pub(super) &'a Store);

/// How long one that is over is told from one that never was.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Selects the hand-offs that match `$1`, each with the number of its pictures.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT handoffs.*, \
             (SELECT COUNT(*) FROM handoff_photos p WHERE p.handoff_id = handoffs.id AND p.photo_type = 'uploaded') \
             AS uploads, \
             (SELECT COUNT(*) FROM handoff_photos p WHERE p.handoff_id = handoffs.id AND p.photo_type = 'result') \
             AS results FROM handoffs ",
            $rest
        )
    };
}

/// The outcome of a request for a new hand-off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    Once(Once),
    /// Too many live already.
    Full,
}

/// A picture that is to get its place; its file is written.
#[derive(Debug, Clone)]
pub struct NewHandoffPhoto {
    pub id: HandoffPhotoId,
    pub handoff: HandoffId,
    pub photo_type: HandoffPhotoType,
    pub telegram_file_id: Option<String>,
    /// The key of the request that brings it; the same key brings no second picture.
    pub once: Option<String>,
    pub bytes: u64,
}

/// The outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PicturePlaced {
    Added(HandoffPhoto),
    /// It was brought before, as this one.
    Before(HandoffPhoto),
    Refused(HandoffRefusal),
    NoSuchHandoff,
}

impl HandoffRows<'_> {
    /// Begins a hand-off, unless its request was answered before. `once` is the request and the answer that it
    /// gets if this is the first of it.
    pub async fn begin(
        &self,
        new: &HandoffSession,
        once: Option<(&OnceKey, &str)>,
    ) -> Result<Begun, StoreError> {
        let mut tx = self.0.write().await?;
        if let Some((key, answer)) = once {
            let earlier = once::claim(&mut tx, key, answer, new.created_at).await?;
            if earlier != Once::First {
                return Ok(Begun::Once(earlier));
            }
        }
        let live = sqlx::query("SELECT COUNT(*) AS live FROM handoffs WHERE by_key = $1 AND expires_at > $2")
            .bind(i64::from(new.by_key))
            .bind(micros(new.created_at))
            .fetch_one(&mut *tx)
            .await?;
        let most = if new.by_key { MOST_HANDOFFS } else { MOST_STRANGERS_HANDOFFS };
        if unsigned::<u64>(&live, "live")? >= most {
            return Ok(Begun::Full);
        }
        sqlx::query(
            "INSERT INTO handoffs (id, kind, status, by_key, studio_id, telegram_user_id, telegram_username, \
             data, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(new.id.to_string())
        .bind(new.kind.as_str())
        .bind(new.status.as_str())
        .bind(i64::from(new.by_key))
        .bind(new.studio.map(|id| id.to_string()))
        .bind(new.telegram_user_id)
        .bind(new.telegram_username.as_deref())
        .bind(new.data.as_ref().map(ToString::to_string))
        .bind(micros(new.created_at))
        .bind(micros(new.expires_at))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Begun::Once(Once::First))
    }

    pub async fn get(&self, id: HandoffId) -> Result<Option<HandoffSession>, StoreError> {
        sqlx::query(select!("WHERE id = $1"))
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| handoff(&row))
            .transpose()
    }

    /// Changes a hand-off as `apply` says, in one transaction; `None` when there is no such hand-off. When
    /// `apply` refuses, nothing is written.
    pub async fn change<E>(
        &self,
        id: HandoffId,
        apply: impl FnOnce(&mut HandoffSession) -> Result<(), E> + Send,
    ) -> Result<Option<Result<HandoffSession, E>>, StoreError> {
        let mut tx = self.0.write().await?;
        let Some(mut handoff) = locked(&mut tx, id).await? else { return Ok(None) };
        if let Err(refusal) = apply(&mut handoff) {
            return Ok(Some(Err(refusal)));
        }
        sqlx::query(
            "UPDATE handoffs SET status = $2, telegram_user_id = $3, telegram_username = $4, data = $5 WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(handoff.status.as_str())
        .bind(handoff.telegram_user_id)
        .bind(handoff.telegram_username.as_deref())
        .bind(handoff.data.as_ref().map(ToString::to_string))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Some(Ok(handoff)))
    }

    /// Gives a picture its place, and the hand-off the status that follows, in one transaction. Of two that
    /// come at the same time for the last place one is refused.
    pub async fn place(
        &self,
        new: &NewHandoffPhoto,
        now: DateTime<Utc>,
    ) -> Result<PicturePlaced, StoreError> {
        let mut tx = self.0.write().await?;
        let Some(mut handoff) = locked(&mut tx, new.handoff).await? else {
            return Ok(PicturePlaced::NoSuchHandoff);
        };
        if handoff.is_over(now) {
            return Ok(PicturePlaced::Refused(HandoffRefusal::Expired));
        }
        if let Some(once) = &new.once {
            let before = sqlx::query("SELECT * FROM handoff_photos WHERE handoff_id = $1 AND once = $2")
                .bind(new.handoff.to_string())
                .bind(once.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(row) = before {
                return Ok(PicturePlaced::Before(photo(&row)?));
            }
        }
        let order_index = match handoff.take(new.photo_type) {
            Ok(order_index) => order_index,
            Err(refusal) => return Ok(PicturePlaced::Refused(refusal)),
        };
        let photo = HandoffPhoto {
            id: new.id,
            handoff: new.handoff,
            photo_type: new.photo_type,
            order_index,
            telegram_file_id: new.telegram_file_id.clone(),
            bytes: new.bytes,
            created_at: now,
        };
        sqlx::query(
            "INSERT INTO handoff_photos (id, handoff_id, photo_type, order_index, telegram_file_id, bytes, \
             created_at, once) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(photo.id.to_string())
        .bind(photo.handoff.to_string())
        .bind(photo.photo_type.as_str())
        .bind(i64::from(photo.order_index))
        .bind(photo.telegram_file_id.as_deref())
        .bind(photo.bytes.cast_signed())
        .bind(micros(now))
        .bind(new.once.as_deref())
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE handoffs SET status = $2 WHERE id = $1")
            .bind(photo.handoff.to_string())
            .bind(handoff.status.as_str())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(PicturePlaced::Added(photo))
    }

    /// Pictures of one type, in order.
    pub async fn photos(
        &self,
        id: HandoffId,
        photo_type: HandoffPhotoType,
    ) -> Result<Vec<HandoffPhoto>, StoreError> {
        sqlx::query(
            "SELECT * FROM handoff_photos WHERE handoff_id = $1 AND photo_type = $2 ORDER BY order_index",
        )
        .bind(id.to_string())
        .bind(photo_type.as_str())
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(photo)
        .collect()
    }

    /// One picture, if it is this hand-off's.
    pub async fn photo(
        &self,
        handoff: HandoffId,
        id: HandoffPhotoId,
    ) -> Result<Option<HandoffPhoto>, StoreError> {
        sqlx::query("SELECT * FROM handoff_photos WHERE id = $1 AND handoff_id = $2")
            .bind(id.to_string())
            .bind(handoff.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| photo(&row))
            .transpose()
    }

    /// Live ones, newest first; of these studios and of none, or of all. `after` is the last of the page before.
    pub async fn list(
        &self,
        studios: Option<&[StudioId]>,
        status: Option<HandoffStatus>,
        after: Option<Newest<HandoffId>>,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<HandoffSession>, StoreError> {
        let (at, id) = Newest::bound(after);
        let mut sql =
            select!("WHERE (created_at, id) < ($1, $2) AND expires_at > $3 AND status <> 'expired'")
                .to_owned();
        let mut values = Vec::new();
        if let Some(studios) = studios {
            sql += " AND (studio_id IS NULL";
            if !studios.is_empty() {
                sql += &format!(" OR studio_id IN ({})", placeholders(4, studios.len()));
                values.extend(studios.iter().map(ToString::to_string));
            }
            sql += ")";
        }
        if let Some(status) = status {
            values.push(status.to_string());
            sql += &format!(" AND status = ${}", values.len() + 3);
        }
        sql += &format!(" ORDER BY created_at DESC, id DESC LIMIT {limit}");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(at).bind(id).bind(micros(now));
        for value in values {
            query = query.bind(value);
        }
        query.fetch_all(&self.0.reads).await?.iter().map(handoff).collect()
    }

    /// Removes a hand-off with its pictures' rows; `None` when there is none. The files are the caller's to
    /// remove afterwards. One whose time was over at `now` is remembered as such.
    pub async fn remove(
        &self,
        id: HandoffId,
        now: DateTime<Utc>,
    ) -> Result<Option<HandoffSession>, StoreError> {
        let mut tx = self.0.write().await?;
        let Some(handoff) = locked(&mut tx, id).await? else { return Ok(None) };
        sqlx::query("DELETE FROM handoffs WHERE id = $1").bind(id.to_string()).execute(&mut *tx).await?;
        once::forget(&mut tx, &id.to_string()).await?;
        if handoff.is_over(now) {
            remember(&mut tx, id, now).await?;
        }
        tx.commit().await?;
        Ok(Some(handoff))
    }

    /// Removes up to `limit` of those whose time is over, as [`HandoffRows::remove`], and the remembered answers
    /// that began them.
    pub async fn remove_over(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<HandoffId>, StoreError> {
        let mut tx = self.0.write().await?;
        let over = sqlx::query(
            "SELECT id FROM handoffs WHERE expires_at <= $1 OR status = 'expired' ORDER BY expires_at LIMIT $2",
        )
        .bind(micros(now))
        .bind(i64::from(limit))
        .fetch_all(&mut *tx)
        .await?;
        let over: Vec<HandoffId> = over.iter().map(|row| text(row, "id")).collect::<Result<_, _>>()?;
        for some in over.chunks(IN_LIST) {
            let sql = format!("DELETE FROM handoffs WHERE id IN ({})", placeholders(1, some.len()));
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for id in some {
                query = query.bind(id.to_string());
            }
            query.execute(&mut *tx).await?;
        }
        for id in &over {
            remember(&mut tx, *id, now).await?;
        }
        sqlx::query("DELETE FROM handoffs_over WHERE over_at <= $1")
            .bind(micros(now - REMEMBERED))
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM answered_requests WHERE operation = $1 AND created_at <= $2")
            .bind(OnceKey::CREATE_HANDOFF)
            .bind(micros(now - HANDOFF_LIFE))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(over)
    }

    /// Whether there was a hand-off with that id whose time was over, not longer than a day ago.
    pub async fn was_over(&self, id: HandoffId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 AS there FROM handoffs_over WHERE id_hash = $1")
            .bind(id_hash(id))
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(row.is_some())
    }

    /// The ids of this list that have no row.
    pub async fn without_row(&self, ids: &[HandoffId]) -> Result<Vec<HandoffId>, StoreError> {
        let mut there = HashSet::new();
        for some in ids.chunks(IN_LIST) {
            let sql = format!("SELECT id FROM handoffs WHERE id IN ({})", placeholders(1, some.len()));
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for id in some {
                query = query.bind(id.to_string());
            }
            for row in query.fetch_all(&self.0.reads).await? {
                there.insert(text::<HandoffId>(&row, "id")?);
            }
        }
        Ok(ids.iter().filter(|id| !there.contains(id)).copied().collect())
    }
}

fn id_hash(id: HandoffId) -> String {
    secrets::hash(&id.to_string())
}

async fn remember(
    tx: &mut Transaction<'static, Any>,
    id: HandoffId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO handoffs_over (id_hash, over_at) VALUES ($1, $2) ON CONFLICT (id_hash) DO NOTHING",
    )
    .bind(id_hash(id))
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The row, which nobody else changes until the transaction ends, because it has the turn to write.
async fn locked(
    tx: &mut Transaction<'static, Any>,
    id: HandoffId,
) -> Result<Option<HandoffSession>, StoreError> {
    sqlx::query(select!("WHERE id = $1"))
        .bind(id.to_string())
        .fetch_optional(&mut **tx)
        .await?
        .map(|row| handoff(&row))
        .transpose()
}

fn handoff(row: &AnyRow) -> Result<HandoffSession, StoreError> {
    let data: Option<&str> = row.try_get("data")?;
    let data = data.map(serde_json::from_str).transpose();
    Ok(HandoffSession {
        id: text(row, "id")?,
        kind: text(row, "kind")?,
        status: text(row, "status")?,
        by_key: flag(row, "by_key")?,
        studio: optional_text(row, "studio_id")?,
        telegram_user_id: row.try_get("telegram_user_id")?,
        telegram_username: row.try_get("telegram_username")?,
        data: data.map_err(|_| StoreError::Corrupt("column data".to_owned()))?,
        uploads: unsigned(row, "uploads")?,
        results: unsigned(row, "results")?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
    })
}

fn photo(row: &AnyRow) -> Result<HandoffPhoto, StoreError> {
    Ok(HandoffPhoto {
        id: text(row, "id")?,
        handoff: text(row, "handoff_id")?,
        photo_type: text(row, "photo_type")?,
        order_index: unsigned(row, "order_index")?,
        telegram_file_id: row.try_get("telegram_file_id")?,
        bytes: unsigned(row, "bytes")?,
        created_at: time(row, "created_at")?,
    })
}
