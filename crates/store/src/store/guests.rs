//! Records about guests: their consents, and how many photos they found. Nothing else is kept.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::{Store, StoreError, micros, text, time, unsigned};
use crate::domain::{ConsentId, Language, PhotoSessionId, SearchId};

pub struct GuestRows<'a>(pub(super) &'a Store);

/// A recorded "yes" to face matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub id: ConsentId,
    pub photo_session_id: PhotoSessionId,
    /// Of the text that the guest agreed to.
    pub version: String,
    /// That it was read in.
    pub language: Language,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub struct NewSearch {
    pub id: SearchId,
    pub photo_session_id: PhotoSessionId,
    pub consent_id: Option<ConsentId>,
    /// Photos found.
    pub matches: u32,
}

impl GuestRows<'_> {
    pub async fn record_consent(&self, consent: &Consent) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        record(&mut tx, consent).await?;
        Ok(tx.commit().await?)
    }

    pub async fn consent(&self, id: ConsentId) -> Result<Option<Consent>, StoreError> {
        let row = sqlx::query("SELECT * FROM consents WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| {
            Ok(Consent {
                id: text(&row, "id")?,
                photo_session_id: text(&row, "photo_session_id")?,
                version: row.try_get("version")?,
                language: text(&row, "language")?,
                created_at: time(&row, "created_at")?,
            })
        })
        .transpose()
    }

    /// Deletes the consent and the searches made under it; `false` when there is none.
    pub async fn withdraw_consent(&self, id: ConsentId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let (consents, _) = withdraw(&mut tx, id).await?;
        tx.commit().await?;
        Ok(consents == 1)
    }

    pub async fn record_search(&self, search: &NewSearch, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        insert(&mut tx, search, now).await?;
        Ok(tx.commit().await?)
    }

    /// Records searches of earlier times, but for those whose consent is gone by now.
    pub async fn record_searches(&self, searches: &[(NewSearch, DateTime<Utc>)]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for (search, at) in searches {
            let stands = match search.consent_id {
                None => true,
                Some(id) => sqlx::query("SELECT 1 FROM consents WHERE id = $1")
                    .bind(id.to_string())
                    .fetch_optional(&mut *tx)
                    .await?
                    .is_some(),
            };
            if stands {
                insert(&mut tx, search, *at).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Searches made under a consent.
    pub async fn searches_under(&self, consent: ConsentId) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM searches WHERE consent_id = $1")
            .bind(consent.to_string())
            .fetch_one(&self.0.reads)
            .await?;
        unsigned(&row, "n")
    }

    /// Searches recorded for a session.
    pub async fn searches(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM searches WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_one(&self.0.reads)
            .await?;
        unsigned(&row, "n")
    }
}

pub(super) async fn record(
    tx: &mut Transaction<'static, Any>,
    consent: &Consent,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO consents (id, photo_session_id, version, language, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(consent.id.to_string())
    .bind(consent.photo_session_id.to_string())
    .bind(consent.version.as_str())
    .bind(consent.language.as_str())
    .bind(micros(consent.created_at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Deletes a consent and the searches made under it; how many of each there were.
pub(super) async fn withdraw(
    tx: &mut Transaction<'static, Any>,
    id: ConsentId,
) -> Result<(u64, u64), StoreError> {
    let mut delete = async |sql: &'static str| -> Result<u64, StoreError> {
        Ok(sqlx::query(sql).bind(id.to_string()).execute(&mut **tx).await?.rows_affected())
    };
    let searches = delete("DELETE FROM searches WHERE consent_id = $1").await?;
    Ok((delete("DELETE FROM consents WHERE id = $1").await?, searches))
}

async fn insert(
    tx: &mut Transaction<'static, Any>,
    search: &NewSearch,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO searches (id, photo_session_id, consent_id, matches, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(search.id.to_string())
    .bind(search.photo_session_id.to_string())
    .bind(search.consent_id.map(|id| id.to_string()))
    .bind(i64::from(search.matches))
    .bind(micros(at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
