//! What studios ask their guests in their own words. No version is ever changed or deleted.

use chrono::{DateTime, Utc};
use sqlx::{Row, any::AnyRow};

use super::{Store, StoreError, micros, optional_time, text, time};
use crate::domain::{ConsentPurpose, Language, StudioId};

pub struct ConsentTextRows<'a>(pub(super) &'a Store);

/// One version of a text in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText {
    pub purpose: ConsentPurpose,
    pub version: String,
    pub language: Language,
    pub body: String,
    pub created_at: DateTime<Utc>,
    /// `None` while it is what guests are asked.
    pub replaced_at: Option<DateTime<Utc>>,
}

impl ConsentTextRows<'_> {
    /// Every version that the studio has had, the newest first.
    pub async fn all(&self, studio: StudioId) -> Result<Vec<ConsentText>, StoreError> {
        sqlx::query(
            "SELECT * FROM consent_texts WHERE studio_id = $1 ORDER BY created_at DESC, purpose, version, language",
        )
        .bind(studio.to_string())
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(consent_text)
        .collect()
    }

    /// Makes bodies the studio's text from now on, in the languages in which they are; without any, the studio has
    /// none of its own any more. `version` names them by the number of versions that there were before.
    pub async fn replace(
        &self,
        studio: StudioId,
        purpose: ConsentPurpose,
        version: impl Fn(u64) -> String,
        bodies: &[(Language, String)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE consent_texts SET replaced_at = $3 WHERE studio_id = $1 AND purpose = $2 AND replaced_at IS NULL",
        )
        .bind(studio.to_string())
        .bind(purpose.as_str())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        let row = sqlx::query(
            "SELECT COUNT(DISTINCT version) AS n FROM consent_texts WHERE studio_id = $1 AND purpose = $2",
        )
        .bind(studio.to_string())
        .bind(purpose.as_str())
        .fetch_one(&mut *tx)
        .await?;
        let version = version(super::unsigned(&row, "n")?);
        for (language, body) in bodies {
            sqlx::query(
                "INSERT INTO consent_texts (studio_id, purpose, version, language, body, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(studio.to_string())
            .bind(purpose.as_str())
            .bind(version.as_str())
            .bind(language.as_str())
            .bind(body.as_str())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}

fn consent_text(row: &AnyRow) -> Result<ConsentText, StoreError> {
    Ok(ConsentText {
        purpose: text(row, "purpose")?,
        version: row.try_get("version")?,
        language: text(row, "language")?,
        body: row.try_get("body")?,
        created_at: time(row, "created_at")?,
        replaced_at: optional_time(row, "replaced_at")?,
    })
}
