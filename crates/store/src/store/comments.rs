//! What guests write on photos. What their studio decides stands in `comment_desk.rs`.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Newest, Sender, Store, StoreError, flag, micros, optional_time, text, time, unsigned};
use crate::domain::{CommentId, CommentState, CommentText, ConsentId, PhotoId, PhotoSessionId, SenderId};

/// A comment that a guest writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewComment {
    pub id: CommentId,
    pub photo: PhotoId,
    /// To its publication.
    pub consent: ConsentId,
    /// Shown beside it; may be empty.
    pub name: String,
    pub text: CommentText,
    /// It is seen before the studio has looked at it.
    pub is_shown: bool,
}

/// A comment on a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub session: PhotoSessionId,
    pub photo: PhotoId,
    pub sender: SenderId,
    /// May be empty.
    pub name: String,
    pub text: String,
    pub state: CommentState,
    pub created_at: DateTime<Utc>,
    /// What the studio has answered.
    pub answer: Option<String>,
}

/// Why a comment was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentRefused {
    OfGuest,
    OfSession,
    /// The guest was forgotten, or their consent withdrawn, meanwhile.
    Gone,
    /// The photo was deleted meanwhile.
    NoPhoto,
}

pub(super) fn comment(row: &AnyRow) -> Result<Comment, StoreError> {
    let state = match (optional_time(row, "declined_at")?, flag(row, "is_shown")?) {
        (Some(_), _) => CommentState::Declined,
        (None, true) => CommentState::Shown,
        (None, false) => CommentState::Waiting,
    };
    Ok(Comment {
        id: text(row, "id")?,
        session: text(row, "photo_session_id")?,
        photo: text(row, "photo_id")?,
        sender: text(row, "sender_id")?,
        name: row.try_get("name")?,
        text: row.try_get("body")?,
        state,
        created_at: time(row, "created_at")?,
        answer: row.try_get("answer")?,
    })
}

/// Deletes what was written under a consent; the photo of each.
pub(super) async fn withdraw(
    tx: &mut Transaction<'static, Any>,
    consent: ConsentId,
) -> Result<Vec<PhotoId>, StoreError> {
    delete(tx, "consent_id", consent.to_string()).await
}

/// Deletes what a guest has written, and their reports; the photo of each comment.
pub(super) async fn forget(
    tx: &mut Transaction<'static, Any>,
    sender: SenderId,
) -> Result<Vec<PhotoId>, StoreError> {
    let sql = "DELETE FROM comment_reports WHERE sender_id = $1";
    sqlx::query(sql).bind(sender.to_string()).execute(&mut **tx).await?;
    delete(tx, "sender_id", sender.to_string()).await
}

async fn delete(
    tx: &mut Transaction<'static, Any>,
    column: &'static str,
    id: String,
) -> Result<Vec<PhotoId>, StoreError> {
    let reports = format!(
        "DELETE FROM comment_reports WHERE comment_id IN (SELECT id FROM photo_comments WHERE {column} = $1)"
    );
    sqlx::query(sqlx::AssertSqlSafe(reports)).bind(id.as_str()).execute(&mut **tx).await?;
    let sql = format!("DELETE FROM photo_comments WHERE {column} = $1 RETURNING photo_id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.as_str()).fetch_all(&mut **tx).await?;
    rows.iter().map(|row| text(row, "photo_id")).collect()
}

pub struct CommentRows<'a>(pub(super) &'a Store);

impl CommentRows<'_> {
    /// Writes a comment, if its photo and its guest are still there and the limits of the guest and of the session allow one
    /// more. The same words of the same guest on the same photo are the comment that is there already: an answer that got lost
    /// makes nobody write twice.
    pub async fn write(
        &self,
        sender: &Sender,
        new: &NewComment,
        most: (u32, u32),
        now: DateTime<Utc>,
    ) -> Result<Result<Comment, CommentRefused>, StoreError> {
        let mut tx = self.0.write().await?;
        for (sql, ids, refused) in [
            (
                "SELECT 1 AS n FROM guest_senders s JOIN consents c ON c.id = $2 WHERE s.id = $1",
                [sender.id.to_string(), new.consent.to_string()],
                CommentRefused::Gone,
            ),
            (
                "SELECT 1 AS n FROM photos WHERE id = $1 AND photo_session_id = $2 AND bin_until IS NULL",
                [new.photo.to_string(), sender.session.to_string()],
                CommentRefused::NoPhoto,
            ),
        ] {
            let [first, second] = ids;
            let there = sqlx::query(sql).bind(first).bind(second).fetch_optional(&mut *tx).await?;
            if there.is_none() {
                return Ok(Err(refused));
            }
        }
        let sql = "SELECT * FROM photo_comments WHERE sender_id = $1 AND photo_id = $2 AND body = $3";
        let same = sqlx::query(sql)
            .bind(sender.id.to_string())
            .bind(new.photo.to_string())
            .bind(new.text.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(same) = same {
            return Ok(Ok(comment(&same)?));
        }
        for (column, id, most, full) in [
            ("sender_id", sender.id.to_string(), most.0, CommentRefused::OfGuest),
            ("photo_session_id", sender.session.to_string(), most.1, CommentRefused::OfSession),
        ] {
            let sql = format!("SELECT COUNT(*) AS n FROM photo_comments WHERE {column} = $1");
            let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_one(&mut *tx).await?;
            if unsigned::<u64>(&row, "n")? >= u64::from(most) {
                return Ok(Err(full));
            }
        }
        let row = sqlx::query(
            "INSERT INTO photo_comments (id, photo_session_id, photo_id, sender_id, consent_id, name, body, is_shown, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *",
        )
        .bind(new.id.to_string())
        .bind(sender.session.to_string())
        .bind(new.photo.to_string())
        .bind(sender.id.to_string())
        .bind(new.consent.to_string())
        .bind(new.name.as_str())
        .bind(new.text.as_str())
        .bind(i64::from(new.is_shown))
        .bind(micros(now))
        .fetch_one(&mut *tx)
        .await?;
        let written = comment(&row)?;
        tx.commit().await?;
        Ok(Ok(written))
    }

    pub async fn get(&self, id: CommentId) -> Result<Option<Comment>, StoreError> {
        let row = sqlx::query("SELECT * FROM photo_comments WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.as_ref().map(comment).transpose()
    }

    /// The comments on a photo that are shown, and those of this guest, the newest first.
    pub async fn of_photo(
        &self,
        photo: PhotoId,
        own: Option<SenderId>,
        after: Option<Newest<CommentId>>,
        limit: u32,
    ) -> Result<Vec<Comment>, StoreError> {
        let (at, id) = Newest::bound(after);
        sqlx::query(
            "SELECT * FROM photo_comments WHERE photo_id = $1 AND (is_shown = 1 OR sender_id = $2) \
             AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $5",
        )
        .bind(photo.to_string())
        .bind(own.map_or_else(String::new, |own| own.to_string()))
        .bind(at)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(comment)
        .collect()
    }

    /// How many comments on a photo are shown.
    pub async fn shown_on(&self, photo: PhotoId) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM photo_comments WHERE photo_id = $1 AND is_shown = 1";
        let row = sqlx::query(sql).bind(photo.to_string()).fetch_one(&self.0.reads).await?;
        unsigned(&row, "n")
    }

    /// The photos of a session that have comments that are shown, and how many.
    pub async fn shown_in(&self, session: PhotoSessionId) -> Result<Vec<(PhotoId, u64)>, StoreError> {
        sqlx::query(
            "SELECT photo_id, COUNT(*) AS n FROM photo_comments WHERE photo_session_id = $1 AND is_shown = 1 \
             GROUP BY photo_id ORDER BY photo_id",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(|row| Ok((text(row, "photo_id")?, unsigned(row, "n")?)))
        .collect()
    }

    /// The photo of each comment that was written under a consent.
    pub async fn written_under(&self, consent: ConsentId) -> Result<Vec<PhotoId>, StoreError> {
        let sql = "SELECT photo_id FROM photo_comments WHERE consent_id = $1";
        let rows = sqlx::query(sql).bind(consent.to_string()).fetch_all(&self.0.reads).await?;
        rows.iter().map(|row| text(row, "photo_id")).collect()
    }

    /// Deletes a comment, with the reports of it; `false` when there is none.
    pub async fn delete(&self, id: CommentId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let gone = delete(&mut tx, "id", id.to_string()).await?;
        tx.commit().await?;
        Ok(!gone.is_empty())
    }
}
