//! The rows of consents: all in the table `consents_kept`, those that stand in the view `consents`. What else there is
//! of a guest stands in `guests.rs`.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{StoreError, micros, optional_text, optional_time, text, time};
use crate::domain::{ConsentId, ConsentPurpose, Language, PhotoSessionId, StudioId};

/// A recorded "yes".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub id: ConsentId,
    /// The guest's first consent in the session; those that belong to one guest share it.
    pub record: ConsentId,
    pub photo_session_id: PhotoSessionId,
    /// Of the session; unknown for some old ones.
    pub studio_id: Option<StudioId>,
    pub purpose: ConsentPurpose,
    /// Of the text that the guest agreed to.
    pub version: String,
    /// That it was read in.
    pub language: Language,
    pub created_at: DateTime<Utc>,
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// Writes a consent down. Every consent goes through here, together with what it is for.
pub(super) async fn record(tx: &mut Transaction<'static, Any>, new: &Consent) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO consents_kept (id, photo_session_id, version, language, created_at, purpose, record_id, studio_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(new.id.to_string())
    .bind(new.photo_session_id.to_string())
    .bind(new.version.as_str())
    .bind(new.language.as_str())
    .bind(micros(new.created_at))
    .bind(new.purpose.as_str())
    .bind(new.record.to_string())
    .bind(new.studio_id.map(|studio| studio.to_string()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) fn consent(row: &AnyRow) -> Result<Consent, StoreError> {
    Ok(Consent {
        id: text(row, "id")?,
        record: text(row, "record_id")?,
        photo_session_id: text(row, "photo_session_id")?,
        studio_id: optional_text(row, "studio_id")?,
        purpose: text(row, "purpose")?,
        version: row.try_get("version")?,
        language: text(row, "language")?,
        created_at: time(row, "created_at")?,
        withdrawn_at: optional_time(row, "withdrawn_at")?,
    })
}
