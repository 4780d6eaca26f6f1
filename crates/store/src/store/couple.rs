//! Photos that the couple hides from other guests.

use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::{IN_LIST, PhotoRows, StoreError, micros, placeholders, text};
use crate::domain::{PhotoId, PhotoSessionId};

/// What is said of photos of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoupleWish {
    /// The couple hides them, at this moment.
    Hide(DateTime<Utc>),
    /// The couple shows them again.
    Show,
    /// The studio shows them all the same.
    Overrule,
    /// The studio leaves them to the couple again.
    Leave,
}

impl PhotoRows<'_> {
    /// Does what is wished. Where the couple would hide photos that the studio shows all the same, nothing is changed and
    /// those are returned.
    pub async fn wish(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        wish: CoupleWish,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let mut tx = self.0.write().await?;
        if matches!(wish, CoupleWish::Hide(_)) {
            let overruled = overruled(&mut tx, session, photos).await?;
            if !overruled.is_empty() {
                return Ok(overruled);
            }
        }
        let change = match wish {
            CoupleWish::Hide(at) => format!("couple_hid_at = COALESCE(couple_hid_at, {})", micros(at)),
            CoupleWish::Show => "couple_hid_at = NULL, couple_overruled = 0".to_owned(),
            CoupleWish::Overrule => {
                "couple_overruled = CASE WHEN couple_hid_at IS NULL THEN 0 ELSE 1 END".to_owned()
            }
            CoupleWish::Leave => "couple_overruled = 0".to_owned(),
        };
        for chunk in photos.chunks(IN_LIST) {
            let listed = placeholders(2, chunk.len());
            let sql = format!("UPDATE photos SET {change} WHERE photo_session_id = $1 AND id IN ({listed})");
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            query.execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(Vec::new())
    }

    /// Those of a session that the couple hides, in the order in which it did.
    pub async fn hidden_by_couple(&self, session: PhotoSessionId) -> Result<Vec<PhotoId>, StoreError> {
        sqlx::query(
            "SELECT id FROM photos WHERE photo_session_id = $1 AND couple_hid_at IS NOT NULL AND couple_overruled = 0 \
             ORDER BY couple_hid_at, id",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(|row| text(row, "id"))
        .collect()
    }
}

async fn overruled(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    photos: &[PhotoId],
) -> Result<Vec<PhotoId>, StoreError> {
    let mut found = Vec::new();
    for chunk in photos.chunks(IN_LIST) {
        let sql = format!(
            "SELECT id FROM photos WHERE photo_session_id = $1 AND couple_overruled = 1 AND id IN ({})",
            placeholders(2, chunk.len())
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
        let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
        for row in query.fetch_all(&mut **tx).await? {
            found.push(text(&row, "id")?);
        }
    }
    Ok(found)
}
