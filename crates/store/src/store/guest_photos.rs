//! Photos that guests send, and who sent them. What their studio decides stands in `guest_desk.rs`.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Store, StoreError, comments, erasures, micros, optional_time, photo_row, text, time, unsigned};
use crate::domain::{ConsentId, PhotoId, PhotoSessionId, SenderId};

/// A guest's device that sends photos, writes on them, or reports something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub id: SenderId,
    pub session: PhotoSessionId,
    /// May be empty.
    pub name: String,
}

/// A photo that a guest announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSent {
    pub photo: PhotoId,
    /// To its publication.
    pub consent: ConsentId,
    /// As the guest calls it.
    pub filename: String,
}

/// A photo of a guest, as that guest sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPhoto {
    pub photo: PhotoId,
    pub filename: String,
    pub sent_at: DateTime<Utc>,
    /// The studio has looked at it.
    pub is_decided: bool,
    /// And has not taken it.
    pub is_declined: bool,
}

/// Why a guest may send no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    OfGuest,
    OfSession,
    /// The guest was forgotten, or their consent withdrawn, meanwhile.
    Gone,
}

/// A photo that its sender has taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenBack {
    pub photo: PhotoId,
    /// Whether guests saw it.
    pub was_visible: bool,
}

/// What counts against a limit: photos that are there, and those that are on their way.
const COUNTS: &str = "(EXISTS (SELECT 1 FROM photos p WHERE p.id = g.photo_id AND p.bin_until IS NULL) \
     OR EXISTS (SELECT 1 FROM uploads u WHERE u.photo_id = g.photo_id AND u.result IS NULL))";

/// Marks a photo that a guest has announced. One that the guest has taken back while its file was coming is gone before
/// anybody sees it.
pub(super) async fn mark(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT taken_back_at FROM guest_photos WHERE photo_id = $1")
        .bind(photo.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(()) };
    sqlx::query("UPDATE photos SET is_from_guest = 1 WHERE id = $1")
        .bind(photo.to_string())
        .execute(&mut **tx)
        .await?;
    if optional_time(&row, "taken_back_at")?.is_some() {
        erasures::begin(tx, photo, now).await?;
    }
    Ok(())
}

/// Whose photos are taken back.
#[derive(Clone, Copy)]
enum Of {
    Sender(SenderId),
    Consent(ConsentId),
}

/// Takes back what was sent under a consent.
pub(super) async fn withdraw(
    tx: &mut Transaction<'static, Any>,
    consent: ConsentId,
    now: DateTime<Utc>,
) -> Result<Vec<TakenBack>, StoreError> {
    take_back_all(tx, Of::Consent(consent), now).await
}

async fn take_back_all(
    tx: &mut Transaction<'static, Any>,
    of: Of,
    now: DateTime<Utc>,
) -> Result<Vec<TakenBack>, StoreError> {
    let (column, id) = match of {
        Of::Sender(id) => ("sender_id", id.to_string()),
        Of::Consent(id) => ("consent_id", id.to_string()),
    };
    let rows = {
        let sql = format!(
            "SELECT p.* FROM photos p JOIN guest_photos g ON g.photo_id = p.id WHERE g.{column} = $1 ORDER BY p.id"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.as_str()).fetch_all(&mut **tx).await?
    };
    let mut taken = Vec::with_capacity(rows.len());
    for row in &rows {
        let photo = photo_row::photo(row)?;
        erasures::begin(tx, photo.id, now).await?;
        taken.push(TakenBack { photo: photo.id, was_visible: photo.is_visible() });
    }
    // A file that is just coming in finds its row, and goes.
    for sql in [
        format!(
            "DELETE FROM guest_photos WHERE {column} = $1 AND NOT EXISTS \
             (SELECT 1 FROM uploads u WHERE u.photo_id = guest_photos.photo_id AND u.result IS NULL)"
        ),
        format!(
            "DELETE FROM uploads WHERE photo_id IN (SELECT photo_id FROM guest_photos WHERE {column} = $1)"
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.as_str()).execute(&mut **tx).await?;
    }
    let sql = format!("UPDATE guest_photos SET taken_back_at = $2, filename = '' WHERE {column} = $1");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.as_str()).bind(micros(now)).execute(&mut **tx).await?;
    Ok(taken)
}

pub struct GuestPhotoRows<'a>(pub(super) &'a Store);

impl GuestPhotoRows<'_> {
    /// Who has this token (its hash) in the session.
    pub async fn sender(&self, session: PhotoSessionId, token: &str) -> Result<Option<Sender>, StoreError> {
        sqlx::query("SELECT * FROM guest_senders WHERE token = $1 AND photo_session_id = $2")
            .bind(token)
            .bind(session.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| Ok(Sender { id: text(&row, "id")?, session, name: row.try_get("name")? }))
            .transpose()
    }

    /// A new sender, or the same under another name.
    pub async fn set_sender(
        &self,
        sender: &Sender,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO guest_senders (id, photo_session_id, token, name, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        )
        .bind(sender.id.to_string())
        .bind(sender.session.to_string())
        .bind(token)
        .bind(sender.name.as_str())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Notes that a guest sends a photo, if they are still there and their limit, and that of the session, allow one more.
    pub async fn announce(
        &self,
        sender: &Sender,
        new: &NewSent,
        most: (u32, u32),
        now: DateTime<Utc>,
    ) -> Result<Result<(), Refused>, StoreError> {
        let mut tx = self.0.write().await?;
        let there = sqlx::query(
            "SELECT 1 AS n FROM guest_senders s JOIN consents c ON c.id = $2 \
             WHERE s.id = $1",
        )
        .bind(sender.id.to_string())
        .bind(new.consent.to_string())
        .fetch_optional(&mut *tx)
        .await?;
        if there.is_none() {
            return Ok(Err(Refused::Gone));
        }
        for (column, id, most, full) in [
            ("sender_id", sender.id.to_string(), most.0, Refused::OfGuest),
            ("photo_session_id", sender.session.to_string(), most.1, Refused::OfSession),
        ] {
            let sql = format!("SELECT COUNT(*) AS n FROM guest_photos g WHERE g.{column} = $1 AND {COUNTS}");
            let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_one(&mut *tx).await?;
            if unsigned::<u64>(&row, "n")? >= u64::from(most) {
                return Ok(Err(full));
            }
        }
        sqlx::query(
            "INSERT INTO guest_photos (photo_id, photo_session_id, sender_id, consent_id, filename, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.photo.to_string())
        .bind(sender.session.to_string())
        .bind(sender.id.to_string())
        .bind(new.consent.to_string())
        .bind(new.filename.as_str())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// What a guest has sent, as far as its file has come, the newest first.
    pub async fn own(&self, sender: SenderId, most: u32) -> Result<Vec<OwnPhoto>, StoreError> {
        sqlx::query(
            "SELECT g.* FROM guest_photos g WHERE g.sender_id = $1 AND g.taken_back_at IS NULL \
             AND (g.declined_at IS NOT NULL OR EXISTS (SELECT 1 FROM photos p WHERE p.id = g.photo_id AND p.bin_until IS NULL)) \
             ORDER BY g.created_at DESC, g.photo_id DESC LIMIT $2",
        )
        .bind(sender.to_string())
        .bind(i64::from(most))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(own)
        .collect()
    }

    /// What was sent under a consent.
    pub async fn sent_under(&self, consent: ConsentId) -> Result<Vec<PhotoId>, StoreError> {
        let sql = "SELECT photo_id FROM guest_photos WHERE consent_id = $1";
        let rows = sqlx::query(sql).bind(consent.to_string()).fetch_all(&self.0.reads).await?;
        rows.iter().map(|row| text(row, "photo_id")).collect()
    }

    /// One of a guest's own.
    pub async fn own_photo(&self, sender: SenderId, photo: PhotoId) -> Result<Option<OwnPhoto>, StoreError> {
        sqlx::query(
            "SELECT * FROM guest_photos WHERE sender_id = $1 AND photo_id = $2 AND taken_back_at IS NULL",
        )
        .bind(sender.to_string())
        .bind(photo.to_string())
        .fetch_optional(&self.0.reads)
        .await?
        .as_ref()
        .map(own)
        .transpose()
    }

    /// Forgets what is left of a photo whose rows are gone, or that never came.
    pub async fn drop(&self, photo: PhotoId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM guest_photos WHERE photo_id = $1")
            .bind(photo.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Forgets a guest who has sent photos or written on some, with all of it; also the photo of each comment.
    pub async fn forget_sender(
        &self,
        sender: SenderId,
        now: DateTime<Utc>,
    ) -> Result<(Vec<TakenBack>, Vec<PhotoId>), StoreError> {
        let mut tx = self.0.write().await?;
        let taken = take_back_all(&mut tx, Of::Sender(sender), now).await?;
        let unwritten = comments::forget(&mut tx, sender).await?;
        for sql in [
            "DELETE FROM guest_photo_reports WHERE sender_id = $1",
            "DELETE FROM guest_senders WHERE id = $1",
        ] {
            sqlx::query(sql).bind(sender.to_string()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok((taken, unwritten))
    }
}

fn own(row: &AnyRow) -> Result<OwnPhoto, StoreError> {
    Ok(OwnPhoto {
        photo: text(row, "photo_id")?,
        filename: row.try_get("filename")?,
        sent_at: time(row, "created_at")?,
        is_decided: optional_time(row, "decided_at")?.is_some(),
        is_declined: optional_time(row, "declined_at")?.is_some(),
    })
}
