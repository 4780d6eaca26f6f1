//! The photos that each embedding model has analysed, and the change from one model to another.
//!
//! A takeover is four names of the installation: the model in use, the next one, the one before it, and until when
//! that is kept. Every step is one transaction. Which model answers in a session follows from the rows: the next one
//! from the moment on when no ready photo of the session lacks it.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::{
    PhotoRows, Store, StoreError, faces,
    installation::{get, set, unset},
    micros, photo_row, unsigned,
};
use crate::domain::{FaceRow, Photo, PhotoId, PhotoSessionId};

const USED: &str = "embedder";
const NEXT: &str = "embedder_next";
const BEFORE: &str = "embedder_before";
const KEPT_UNTIL: &str = "embedder_before_until";

/// Faces that one transaction deletes, so that nobody waits long for their turn to write.
const AT_ONCE: i64 = 2_000;

const LACKING: &str = "state = 'ready' AND NOT EXISTS (SELECT 1 FROM photo_models \
     WHERE photo_models.photo_id = photos.id AND photo_models.model = $1)";
/// The same with those whose picture was not kept: nobody but their program can bring them again.
const LACKING_IN_SESSION: &str = "state IN ('ready', 'indexed') AND NOT EXISTS (SELECT 1 FROM photo_models \
     WHERE photo_models.photo_id = photos.id AND photo_models.model = $1)";

/// Names of the embedding models, as the rows have them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakeoverPlan {
    /// The one in use; `None` where none has ever taken over from another.
    pub used: Option<String>,
    /// Looks at every photo now, to be used afterwards.
    pub next: Option<String>,
    /// Was in use before, and until when it can be gone back to.
    pub before: Option<(String, DateTime<Utc>)>,
}

impl Store {
    #[must_use]
    pub fn takeovers(&self) -> TakeoverRows<'_> {
        TakeoverRows(self)
    }
}

pub struct TakeoverRows<'a>(&'a Store);

impl TakeoverRows<'_> {
    pub async fn plan(&self) -> Result<TakeoverPlan, StoreError> {
        let rows = sqlx::query("SELECT name, value FROM installation WHERE name LIKE 'embedder%'")
            .fetch_all(&self.0.reads)
            .await?;
        let mut plan = TakeoverPlan::default();
        let (mut before, mut until) = (None, None);
        for row in rows {
            let value: String = row.try_get("value")?;
            match row.try_get::<&str, _>("name")? {
                USED => plan.used = Some(value),
                NEXT => plan.next = Some(value),
                BEFORE => before = Some(value),
                KEPT_UNTIL => until = value.parse().ok().and_then(DateTime::from_timestamp_micros),
                _ => {}
            }
        }
        plan.before = before.zip(until);
        Ok(plan)
    }

    /// From now on `next` looks at every photo; `used` has looked at those that are ready.
    pub async fn begin(&self, used: &str, next: &str) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        // Photos without a face have no trace of the model that found none.
        sqlx::query(
            "INSERT INTO photo_models (photo_id, model) SELECT id, $1 FROM photos WHERE state = 'ready' \
             ON CONFLICT (photo_id, model) DO NOTHING",
        )
        .bind(used)
        .execute(&mut *tx)
        .await?;
        set(&mut tx, USED, used).await?;
        set(&mut tx, NEXT, next).await?;
        Ok(tx.commit().await?)
    }

    /// The next model is the one in use, and the one before is kept `until` then; `false` while a ready photo lacks
    /// the next model, or when there is none.
    pub async fn finish(&self, until: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let (Some(used), Some(next)) = (get(&mut *tx, USED).await?, get(&mut *tx, NEXT).await?) else {
            return Ok(false);
        };
        let lacking =
            sqlx::query(sqlx::AssertSqlSafe(format!("SELECT 1 AS n FROM photos WHERE {LACKING} LIMIT 1")))
                .bind(&next)
                .fetch_optional(&mut *tx)
                .await?;
        if lacking.is_some() {
            return Ok(false);
        }
        exchange(&mut tx, &used, &next, until).await?;
        unset(&mut tx, NEXT).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Goes back: a takeover that runs ends, and what it made is to be erased at once; else the model before is used
    /// again, and the other one is kept `until` then. `false` when there is nothing to go back to.
    pub async fn go_back(&self, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let Some(used) = get(&mut *tx, USED).await? else { return Ok(false) };
        let (next, before) = (get(&mut *tx, NEXT).await?, get(&mut *tx, BEFORE).await?);
        match (next, before) {
            (Some(next), _) => {
                unset(&mut tx, NEXT).await?;
                set(&mut tx, BEFORE, &next).await?;
                set(&mut tx, KEPT_UNTIL, &micros(now).to_string()).await?;
            }
            (None, Some(before)) => exchange(&mut tx, &used, &before, until).await?,
            (None, None) => return Ok(false),
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The model before is to be erased now. `false` when there is none.
    pub async fn end_keeping(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        if get(&mut *tx, BEFORE).await?.is_none() {
            return Ok(false);
        }
        set(&mut tx, KEPT_UNTIL, &micros(now).to_string()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Deletes some of the faces of the model before, whose time is over. `true` when there are more.
    pub async fn forget_faces(&self, model: &str) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        // A rollback in the meantime has put it into use again.
        if get(&mut *tx, BEFORE).await?.as_deref() != Some(model) {
            return Ok(false);
        }
        let sql = "DELETE FROM faces WHERE id IN (SELECT id FROM faces WHERE model = $1 LIMIT $2)";
        let faces = sqlx::query(sql).bind(model).bind(AT_ONCE).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(faces.rows_affected() > 0)
    }

    /// Forgets the model before, whose faces are deleted.
    pub async fn forget_model(&self, model: &str) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        if get(&mut *tx, BEFORE).await?.as_deref() != Some(model) {
            return Ok(());
        }
        for sql in ["DELETE FROM photo_models WHERE model = $1", "DELETE FROM face_indexes WHERE model = $1"]
        {
            sqlx::query(sql).bind(model).execute(&mut *tx).await?;
        }
        unset(&mut tx, BEFORE).await?;
        unset(&mut tx, KEPT_UNTIL).await?;
        Ok(tx.commit().await?)
    }

    /// Whether no photo of the session that can be found lacks the model.
    pub async fn is_complete(&self, session: PhotoSessionId, model: &str) -> Result<bool, StoreError> {
        let sql =
            format!("SELECT 1 AS n FROM photos WHERE photo_session_id = $2 AND {LACKING_IN_SESSION} LIMIT 1");
        let lacking = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(model)
            .bind(session.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(lacking.is_none())
    }
}

/// `new` is used, `old` is the one before.
async fn exchange(
    tx: &mut Transaction<'static, Any>,
    old: &str,
    new: &str,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    set(tx, USED, new).await?;
    set(tx, BEFORE, old).await?;
    set(tx, KEPT_UNTIL, &micros(until).to_string()).await
}

impl PhotoRows<'_> {
    /// Ready photos that a model has not looked at, session by session; `after` is the last of the page before.
    pub async fn lacking(
        &self,
        model: &str,
        after: Option<(PhotoSessionId, PhotoId)>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        let (session, id) =
            after.map_or_else(Default::default, |(session, id)| (session.to_string(), id.to_string()));
        let sql = format!(
            "SELECT * FROM photos WHERE (photo_session_id, id) > ($2, $3) AND {LACKING} \
             ORDER BY photo_session_id, id LIMIT $4"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(model)
            .bind(session)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(photo_row::photo)
            .collect()
    }

    /// How many ready photos there are, and how many of them a model has not looked at.
    pub async fn count_lacking(&self, model: &str) -> Result<(u64, u64), StoreError> {
        let sql = format!(
            "SELECT (SELECT COUNT(*) FROM photos WHERE state = 'ready') AS n, \
             (SELECT COUNT(*) FROM photos WHERE {LACKING}) AS lacking"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(model).fetch_one(&self.0.reads).await?;
        Ok((unsigned(&row, "n")?, unsigned(&row, "lacking")?))
    }

    /// Adds what another model makes of a ready photo, beside what is there, in one transaction. `false` when
    /// the photo has been erased, or its file replaced, meanwhile; `original` names the file that was looked at.
    pub async fn add_model(
        &self,
        id: PhotoId,
        original: PhotoId,
        model: &str,
        made: &[FaceRow],
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let ready = sqlx::query(
            "SELECT 1 AS n FROM photos WHERE id = $1 AND state = 'ready' AND COALESCE(original_id, id) = $2",
        )
        .bind(id.to_string())
        .bind(original.to_string())
        .fetch_optional(&mut *tx)
        .await?;
        if ready.is_none() {
            return Ok(false);
        }
        faces::replace(&mut tx, id, model, made).await?;
        faces::looked_at(&mut tx, id, model).await?;
        tx.commit().await?;
        Ok(true)
    }
}
