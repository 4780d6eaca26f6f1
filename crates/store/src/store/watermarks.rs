//! The watermarks that studios lay over unpaid previews.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Store, StoreError, micros, text, unsigned};
use crate::domain::{StudioId, Watermark, WatermarkKind};

pub struct WatermarkRows<'a>(pub(super) &'a Store);

impl WatermarkRows<'_> {
    /// `None` when the studio marks nothing.
    pub async fn get(&self, studio: StudioId) -> Result<Option<Watermark>, StoreError> {
        let row = sqlx::query("SELECT * FROM watermarks WHERE studio_id = $1")
            .bind(studio.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| {
            let logo: Option<String> = row.try_get("logo")?;
            let logo = logo.map(|logo| BASE64_STANDARD.decode(logo)).transpose();
            Ok(Watermark {
                kind: text::<WatermarkKind>(&row, "kind")?,
                text: row.try_get("text")?,
                logo: logo.map_err(|_| StoreError::Corrupt("column logo".to_owned()))?,
                opacity: unsigned(&row, "opacity")?,
            })
        })
        .transpose()
    }

    /// `None` removes it.
    pub async fn set(
        &self,
        studio: StudioId,
        watermark: Option<&Watermark>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM watermarks WHERE studio_id = $1")
            .bind(studio.to_string())
            .execute(&mut *tx)
            .await?;
        if let Some(Watermark { kind, text, logo, opacity }) = watermark {
            sqlx::query(
                "INSERT INTO watermarks (studio_id, kind, text, logo, opacity, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(studio.to_string())
            .bind(kind.as_str())
            .bind(text.as_deref())
            .bind(logo.as_ref().map(|logo| BASE64_STANDARD.encode(logo)))
            .bind(i64::from(*opacity))
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}
