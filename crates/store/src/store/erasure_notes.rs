//! The note that something is erased: it stays until nothing is left of it anywhere, and longer, as a receipt.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Erased, RemovedAccount, StoreError, flag, micros, optional_time, text, time};
use crate::domain::{Erasable, ErasureId, FaceId, PhotoId, PhotoSessionId, StudioId, UserId};

/// An erasure, and who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewErasure {
    pub id: ErasureId,
    pub of: Erasable,
    /// The session to which it belongs.
    pub session: PhotoSessionId,
    pub studio: StudioId,
    /// `None` when the guest whom it concerns asked.
    pub asked_by: Option<UserId>,
    pub asked_at: DateTime<Utc>,
}

/// What there was to erase.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Removed {
    pub rows: Erased,
    pub files: u64,
    pub vectors: u64,
    /// Ids under which originals of an erased photo lie.
    pub originals: Vec<PhotoId>,
    /// Faces of an erased person.
    pub faces: Vec<FaceId>,
    /// Of an erased account.
    pub account: Option<RemovedAccount>,
}

/// An erasure as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRequest {
    pub asked: NewErasure,
    pub removed: Removed,
    /// A worker had a photo of it in hand when it was asked for.
    pub in_hand: bool,
    /// Code of what keeps it from its end.
    pub waits_for: Option<String>,
    /// JSON, once nothing is left.
    pub receipt: Option<String>,
    pub completed_at: Option<DateTime<Utc>>,
}

/// Writes down that something is erased, so that the rest of it goes too.
pub(super) async fn note(
    tx: &mut Transaction<'static, Any>,
    new: &NewErasure,
    removed: &Removed,
    in_hand: bool,
) -> Result<(), StoreError> {
    let json = serde_json::to_string(removed).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query(
        "INSERT INTO erasure_requests (id, kind, subject, photo_session_id, studio_id, asked_by, asked_at, \
         removed, in_hand, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $7)",
    )
    .bind(new.id.to_string())
    .bind(new.of.kind())
    .bind(new.of.id().to_string())
    .bind(new.session.to_string())
    .bind(new.studio.to_string())
    .bind(new.asked_by.map_or_else(String::new, |user| user.to_string()))
    .bind(micros(new.asked_at))
    .bind(json)
    .bind(i64::from(in_hand))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) fn request(row: &AnyRow) -> Result<ErasureRequest, StoreError> {
    let corrupt = |column| StoreError::Corrupt(format!("column {column}"));
    let of = Erasable::new(row.try_get("kind")?, text(row, "subject")?).ok_or_else(|| corrupt("kind"))?;
    Ok(ErasureRequest {
        asked: NewErasure {
            id: text(row, "id")?,
            of,
            session: text(row, "photo_session_id")?,
            studio: text(row, "studio_id")?,
            asked_by: Some(row.try_get::<&str, _>("asked_by")?)
                .filter(|user| !user.is_empty())
                .map(|user| user.parse().map_err(|_| corrupt("asked_by")))
                .transpose()?,
            asked_at: time(row, "asked_at")?,
        },
        removed: serde_json::from_str(row.try_get("removed")?).map_err(|_| corrupt("removed"))?,
        in_hand: flag(row, "in_hand")?,
        waits_for: row.try_get("waits_for")?,
        receipt: row.try_get("receipt")?,
        completed_at: optional_time(row, "completed_at")?,
    })
}
