//! Stars and labels that the photographer gives: they lie over what a photo's file and its sidecars say.

use std::collections::BTreeMap;

use sqlx::{Any, Row, Transaction};

use super::{IN_LIST, PhotoRows, StoreError, photo_row::stars, placeholders, text};
use crate::domain::{PhotoId, PhotoSessionId};

/// What is given to photos; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// 1 to 5 stars, 0 for none, -1 for "rejected".
    pub rating: Option<i8>,
    /// `Some(None)` takes the label off.
    pub label: Option<Option<String>>,
}

/// Photos that had the same stars and label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub photos: Vec<PhotoId>,
    /// 0 for no stars.
    pub rating: i8,
    pub label: Option<String>,
}

/// Makes what was given what counts.
const LAY_OVER: &str = "UPDATE photos SET rating = CASE WHEN given_rating IS NULL THEN rating ELSE NULLIF(given_rating, 0) END, \
     label = CASE WHEN given_label IS NULL THEN label ELSE NULLIF(given_label, '') END";

impl PhotoRows<'_> {
    /// Gives stars or a label to photos of a session; returns what those of the session had before.
    pub async fn mark(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        marks: Marks,
    ) -> Result<Vec<Marked>, StoreError> {
        let label = marks.label.map(Option::unwrap_or_default);
        let mut tx = self.0.write().await?;
        let mut before: BTreeMap<(i8, Option<String>), Vec<PhotoId>> = BTreeMap::new();
        for chunk in photos.chunks(IN_LIST) {
            let sql = format!(
                "SELECT id, rating, label FROM photos WHERE photo_session_id = $1 AND id IN ({})",
                placeholders(2, chunk.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            for row in query.fetch_all(&mut *tx).await? {
                let had = (stars(&row)?.unwrap_or(0), row.try_get("label")?);
                before.entry(had).or_default().push(text(&row, "id")?);
            }
            let sql = format!(
                "UPDATE photos SET given_rating = COALESCE($2, given_rating), given_label = COALESCE($3, given_label) \
                 WHERE photo_session_id = $1 AND id IN ({})",
                placeholders(4, chunk.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(session.to_string())
                .bind(marks.rating.map(i64::from))
                .bind(label.as_deref());
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            query.execute(&mut *tx).await?;
            let sql = format!(
                "{LAY_OVER} WHERE photo_session_id = $1 AND id IN ({})",
                placeholders(2, chunk.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            query.execute(&mut *tx).await?;
        }
        tx.commit().await?;
        let marked = before.into_iter().map(|((rating, label), photos)| Marked { photos, rating, label });
        Ok(marked.collect())
    }
}

/// A photo's file or its sidecar has been read again.
pub(super) async fn lay_over(tx: &mut Transaction<'static, Any>, photo: PhotoId) -> Result<(), StoreError> {
    let sql = format!("{LAY_OVER} WHERE id = $1");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(photo.to_string()).execute(&mut **tx).await?;
    Ok(())
}

/// A sidecar came that says something of stars or the label: it is newer than what was given.
pub(super) async fn give_way(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    (rating, label): (bool, bool),
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE photos SET given_rating = CASE WHEN $2 = 1 THEN NULL ELSE given_rating END, \
         given_label = CASE WHEN $3 = 1 THEN NULL ELSE given_label END WHERE id = $1",
    )
    .bind(photo.to_string())
    .bind(i64::from(rating))
    .bind(i64::from(label))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
