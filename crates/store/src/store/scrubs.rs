//! How far a walk over everything that is kept has come.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Store, StoreError, micros, optional_time, time, unsigned};
use crate::domain::PhotoId;

/// The only walk there is.
const NAME: &str = "photos";

pub struct ScrubRows<'a>(pub(super) &'a Store);

/// A walk that goes on after a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scrub {
    /// The last photo that was looked at.
    pub after: Option<PhotoId>,
    pub began_at: DateTime<Utc>,
    /// When the last walk came to its end.
    pub finished_at: Option<DateTime<Utc>>,
    /// Looked at in this walk.
    pub photos: u64,
    /// Of these, not as they were written.
    pub damaged: u64,
}

impl ScrubRows<'_> {
    pub async fn get(&self) -> Result<Option<Scrub>, StoreError> {
        let row = sqlx::query("SELECT * FROM scrubs WHERE name = $1").bind(NAME);
        let row = row.fetch_optional(&self.0.reads).await?;
        row.map(|row| {
            Ok(Scrub {
                after: row.try_get::<&str, _>("after")?.parse().ok(),
                began_at: time(&row, "began_at")?,
                finished_at: optional_time(&row, "finished_at")?,
                photos: unsigned(&row, "photos")?,
                damaged: unsigned(&row, "damaged")?,
            })
        })
        .transpose()
    }

    pub async fn keep(&self, scrub: &Scrub) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO scrubs (name, after, began_at, finished_at, photos, damaged) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET after = excluded.after, \
             began_at = excluded.began_at, finished_at = excluded.finished_at, photos = excluded.photos, \
             damaged = excluded.damaged",
        )
        .bind(NAME)
        .bind(scrub.after.map_or_else(String::new, |photo| photo.to_string()))
        .bind(micros(scrub.began_at))
        .bind(scrub.finished_at.map(micros))
        .bind(scrub.photos.cast_signed())
        .bind(scrub.damaged.cast_signed())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}
