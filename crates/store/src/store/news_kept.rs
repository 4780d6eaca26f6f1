//! What is kept for a guest's news, on its way out: all of it goes in the transaction of whatever ends it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{Any, Transaction};

use super::{Erased, NewErasure, Removed, StoreError, erasure_notes, text};
use crate::domain::{ConsentId, Erasable, ErasureId};

/// How much there is of somebody's news.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct NewsKept {
    /// Addresses, one for each guest.
    pub news: u64,
    pub news_vectors: u64,
}

/// Erases everything of one guest's news, and notes the erasure, so that its remains in files go too and it is counted.
/// Whatever ends a consent to news goes through here; `false` when there is nothing.
pub(super) async fn stop(
    tx: &mut Transaction<'static, Any>,
    id: ConsentId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT photo_session_id, studio_id FROM news WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let NewsKept { news, news_vectors } = erase(tx, id).await?;
    let removed = Removed { rows: Erased { news, news_vectors, ..Erased::default() }, ..Removed::default() };
    let request = NewErasure {
        id: ErasureId::generate(),
        of: Erasable::News(id),
        session: text(&row, "photo_session_id")?,
        studio: text(&row, "studio_id")?,
        asked_by: None,
        asked_at: now,
    };
    erasure_notes::note(tx, &request, &removed, false).await?;
    Ok(true)
}

/// Erases everything of one guest's news; how much there was.
pub(super) async fn erase(tx: &mut Transaction<'static, Any>, id: ConsentId) -> Result<NewsKept, StoreError> {
    let mut delete = async |sql: &'static str| -> Result<u64, StoreError> {
        Ok(sqlx::query(sql).bind(id.to_string()).execute(&mut **tx).await?.rows_affected())
    };
    let news_vectors = delete("DELETE FROM news_vectors WHERE news_id = $1").await?;
    // What is on its way goes with it.
    Ok(NewsKept { news: delete("DELETE FROM news WHERE id = $1").await?, news_vectors })
}

/// The faces of a photo go: a guest who said that one of them is theirs left a copy of its vector.
pub(super) async fn faces_gone(
    tx: &mut Transaction<'static, Any>,
    column: &'static str,
    id: &str,
) -> Result<(), StoreError> {
    let sql = format!(
        "DELETE FROM news_vectors WHERE news_id IN (SELECT n.id FROM news n JOIN faces f \
         ON f.photo_session_id = n.photo_session_id WHERE f.{column} = $1) \
         AND vector IN (SELECT embedding FROM faces WHERE {column} = $1)"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).execute(&mut **tx).await?;
    Ok(())
}
