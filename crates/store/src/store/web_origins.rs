//! Web sites of studios, whose pages may read the interface and show the search in a frame.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Store, StoreError, micros};
use crate::domain::{StudioId, WebOrigin};

pub struct WebOriginRows<'a>(pub(super) &'a Store);

impl WebOriginRows<'_> {
    /// Those of a studio, in the order of the alphabet.
    pub async fn of(&self, studio: StudioId) -> Result<Vec<WebOrigin>, StoreError> {
        let origin = |row: &sqlx::any::AnyRow| {
            row.try_get::<&str, _>("origin")?
                .parse()
                .map_err(|_| StoreError::Corrupt("column origin".to_owned()))
        };
        sqlx::query("SELECT origin FROM studio_web_origins WHERE studio_id = $1 ORDER BY origin")
            .bind(studio.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(origin)
            .collect()
    }

    /// Whether the studio has named it; with `None`, whether any has.
    pub async fn is_named(&self, studio: Option<StudioId>, origin: &WebOrigin) -> Result<bool, StoreError> {
        let sql =
            "SELECT 1 FROM studio_web_origins WHERE origin = $1 AND ($2 IS NULL OR studio_id = $2) LIMIT 1";
        let row = sqlx::query(sql)
            .bind(origin.as_str())
            .bind(studio.map(|studio| studio.to_string()))
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(row.is_some())
    }

    /// Puts these in the place of those that were there.
    pub async fn set(
        &self,
        studio: StudioId,
        origins: &[WebOrigin],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM studio_web_origins WHERE studio_id = $1")
            .bind(studio.to_string())
            .execute(&mut *tx)
            .await?;
        for origin in origins {
            sqlx::query(
                "INSERT INTO studio_web_origins (studio_id, origin, updated_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (studio_id, origin) DO NOTHING",
            )
            .bind(studio.to_string())
            .bind(origin.as_str())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}
