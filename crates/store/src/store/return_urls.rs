//! Where found photos of a studio lead.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Store, StoreError, micros};
use crate::domain::{ReturnUrl, StudioId};

pub struct ReturnUrlRows<'a>(pub(super) &'a Store);

impl ReturnUrlRows<'_> {
    /// `None` for a studio that has never said where.
    pub async fn get(&self, studio: StudioId) -> Result<Option<ReturnUrl>, StoreError> {
        let row = sqlx::query("SELECT url FROM studio_return_urls WHERE studio_id = $1")
            .bind(studio.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        let url = |row: sqlx::any::AnyRow| {
            row.try_get::<&str, _>("url")?.parse().map_err(|_| StoreError::Corrupt("column url".to_owned()))
        };
        row.map(url).transpose()
    }

    pub async fn set(
        &self,
        studio: StudioId,
        url: Option<&ReturnUrl>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM studio_return_urls WHERE studio_id = $1")
            .bind(studio.to_string())
            .execute(&mut *tx)
            .await?;
        if let Some(url) = url {
            sqlx::query("INSERT INTO studio_return_urls (studio_id, url, updated_at) VALUES ($1, $2, $3)")
                .bind(studio.to_string())
                .bind(url.to_string())
                .bind(micros(now))
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}
