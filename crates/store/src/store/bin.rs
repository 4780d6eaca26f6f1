//! The bin: photos that are deleted for everybody, and that those who manage their session may take out again until
//! their time is over.

use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction, any::AnyArguments, query::Query};

use super::{Erasure, ErasureRows, IN_LIST, PhotoRows, StoreError, erasures, micros, placeholders, text};
use crate::domain::{PhotoId, PhotoSessionId, folded_name};

impl PhotoRows<'_> {
    /// Puts photos of a session into the bin until then; returns those that went. A photo whose picture another program
    /// keeps has nothing to show there and stays where it is.
    pub async fn put_into_bin(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        until: DateTime<Utc>,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let sql = "UPDATE photos SET bin_until = $1 WHERE photo_session_id = $2 AND bin_until IS NULL AND state <> 'indexed'";
        self.each(sql, photos, |query| query.bind(micros(until)).bind(session.to_string())).await
    }

    /// Takes photos of a session out of the bin; returns those that were in it and whose time is not over.
    pub async fn restore(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        now: DateTime<Utc>,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let sql = "UPDATE photos SET bin_until = NULL WHERE bin_until > $1 AND photo_session_id = $2";
        self.each(sql, photos, |query| query.bind(micros(now)).bind(session.to_string())).await
    }

    /// Ends the time of everything in a session's bin: nobody sees it there any more. Returns how many photos.
    pub async fn empty_bin(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let ended =
            sqlx::query("UPDATE photos SET bin_until = 0 WHERE photo_session_id = $1 AND bin_until > 0")
                .bind(session.to_string())
                .execute(&mut *tx)
                .await?;
        tx.commit().await?;
        Ok(ended.rows_affected())
    }

    /// Photos whose time in the bin is over, those of the longest time first.
    pub async fn due_in_bin(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<PhotoId>, StoreError> {
        sqlx::query("SELECT id FROM photos WHERE bin_until <= $1 ORDER BY bin_until, id LIMIT $2")
            .bind(micros(now))
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| text(row, "id"))
            .collect()
    }

    /// Runs a change whose `$1` and `$2` are bound by `bind` for these photos, in one transaction; returns those that it
    /// has changed.
    pub(super) async fn each(
        &self,
        sql: &str,
        photos: &[PhotoId],
        bind: impl Fn(Query<'static, Any, AnyArguments>) -> Query<'static, Any, AnyArguments>,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let mut tx = self.0.write().await?;
        let mut changed = Vec::with_capacity(photos.len());
        for chunk in photos.chunks(IN_LIST) {
            let sql = format!("{sql} AND id IN ({}) RETURNING id", placeholders(3, chunk.len()));
            let query = bind(sqlx::query(sqlx::AssertSqlSafe(sql)));
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            for row in query.fetch_all(&mut *tx).await? {
                changed.push(text(&row, "id")?);
            }
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Keeps the folded names of rows from before there was that column; returns how many it found, at most `limit`.
    pub async fn fold_names(&self, limit: u32) -> Result<usize, StoreError> {
        let rows =
            sqlx::query("SELECT id, filename FROM photos WHERE folded_name IS NULL ORDER BY id LIMIT $1")
                .bind(i64::from(limit))
                .fetch_all(&self.0.reads)
                .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let mut tx = self.0.write().await?;
        for row in &rows {
            let filename: String = text(row, "filename")?;
            // The file may have been replaced since the row was read.
            sqlx::query(
                "UPDATE photos SET folded_name = $1 WHERE id = $2 AND filename = $3 AND folded_name IS NULL",
            )
            .bind(folded_name(&filename))
            .bind(text::<PhotoId>(row, "id")?.to_string())
            .bind(filename)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(rows.len())
    }
}

impl ErasureRows<'_> {
    /// Begins the erasure of a photo whose time in the bin is over; `None` when somebody has taken it out meanwhile.
    pub async fn begin_in_bin(
        &self,
        photo: PhotoId,
        now: DateTime<Utc>,
    ) -> Result<Option<Erasure>, StoreError> {
        let mut tx = self.0.write().await?;
        let due = sqlx::query("SELECT 1 AS n FROM photos WHERE id = $1 AND bin_until <= $2")
            .bind(photo.to_string())
            .bind(micros(now))
            .fetch_optional(&mut *tx)
            .await?;
        let erasure = match due {
            Some(_) => erasures::begin(&mut tx, photo, now).await?,
            None => None,
        };
        tx.commit().await?;
        Ok(erasure)
    }
}

/// A file has come again whose photo is in the bin: whoever sent it wants it in the gallery. Returns whether it was there.
pub(super) async fn take_out(tx: &mut Transaction<'static, Any>, photo: PhotoId) -> Result<bool, StoreError> {
    let taken = sqlx::query("UPDATE photos SET bin_until = NULL WHERE id = $1 AND bin_until IS NOT NULL")
        .bind(photo.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(taken.rows_affected() == 1)
}
