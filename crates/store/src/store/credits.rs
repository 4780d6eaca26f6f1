//! The credits that studios want in the files that guests download.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Store, StoreError, flag, micros};
use crate::domain::StudioId;

pub struct StudioCreditRows<'a>(pub(super) &'a Store);

/// The credits of a studio; where all are empty nothing is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credits {
    pub creator: Option<String>,
    pub copyright: Option<String>,
    /// An address of any kind: of mail, of a page, a telephone number.
    pub contact: Option<String>,
    /// The creator and copyright of a photo's own file take precedence.
    pub from_photos: bool,
}

impl StudioCreditRows<'_> {
    /// Nothing for a studio that has never said what.
    pub async fn get(&self, studio: StudioId) -> Result<Credits, StoreError> {
        let row = sqlx::query("SELECT * FROM studio_credits WHERE studio_id = $1")
            .bind(studio.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        let Some(row) = row else { return Ok(Credits::default()) };
        Ok(Credits {
            creator: row.try_get("creator")?,
            copyright: row.try_get("copyright")?,
            contact: row.try_get("contact")?,
            from_photos: flag(&row, "from_photos")?,
        })
    }

    pub async fn set(
        &self,
        studio: StudioId,
        credits: &Credits,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO studio_credits (studio_id, creator, copyright, contact, from_photos, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (studio_id) DO UPDATE SET creator = excluded.creator, \
             copyright = excluded.copyright, contact = excluded.contact, from_photos = excluded.from_photos, \
             updated_at = excluded.updated_at",
        )
        .bind(studio.to_string())
        .bind(credits.creator.as_deref())
        .bind(credits.copyright.as_deref())
        .bind(credits.contact.as_deref())
        .bind(i64::from(credits.from_photos))
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}
