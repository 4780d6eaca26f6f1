//! What a studio decides of comments that guests have written, and reports of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{Row, any::AnyRow};

use super::{
    Comment, CommentRows, IN_LIST, Newest, StoreError,
    comments::comment,
    micros, placeholders,
    reports::{NewReport, Reportable},
    text, unsigned,
};
use crate::domain::{CommentId, CommentState, PhotoId, PhotoSessionId, SenderId};

/// A comment, as its studio looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskComment {
    pub comment: Comment,
    /// How many have reported it since the studio looked at it.
    pub reports: u64,
    /// What they wrote, as far as they did.
    pub notes: Vec<String>,
}

/// A comment beside the name of its photo's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedComment {
    pub comment: Comment,
    pub filename: String,
}

/// What the studio has not looked at, or what was reported since. What lies in the bin nobody sees.
const TO_LOOK_AT: &str = "p.bin_until IS NULL AND (c.decided_at IS NULL OR c.reported_at > c.decided_at)";

const REPORTABLE: Reportable = Reportable {
    table: "photo_comments",
    id: "id",
    only: "is_shown = 1",
    reports: "comment_reports",
    of: "comment_id",
};

impl CommentRows<'_> {
    /// Comments that the studio has not looked at, or that were reported since: the reported ones first, then the oldest.
    pub async fn to_look_at(
        &self,
        session: PhotoSessionId,
        most: u32,
    ) -> Result<Vec<DeskComment>, StoreError> {
        let sql = format!(
            "SELECT c.* FROM photo_comments c JOIN photos p ON p.id = c.photo_id \
             WHERE c.photo_session_id = $1 AND {TO_LOOK_AT} \
             ORDER BY CASE WHEN c.reported_at > COALESCE(c.decided_at, 0) THEN 0 ELSE 1 END, c.created_at, c.id LIMIT $2"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .bind(i64::from(most))
            .fetch_all(&self.0.reads)
            .await?;
        self.with_reports(session, &rows).await
    }

    /// How many there are of them.
    pub async fn count_to_look_at(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT COUNT(*) AS n FROM photo_comments c JOIN photos p ON p.id = c.photo_id \
             WHERE c.photo_session_id = $1 AND {TO_LOOK_AT}"
        );
        let row =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string()).fetch_one(&self.0.reads).await?;
        unsigned(&row, "n")
    }

    /// Comments that the studio has decided, the newest first.
    pub async fn decided(
        &self,
        session: PhotoSessionId,
        is_shown: bool,
        after: Option<Newest<CommentId>>,
        limit: u32,
    ) -> Result<Vec<DeskComment>, StoreError> {
        let (at, id) = Newest::bound(after);
        let state = if is_shown { "c.is_shown = 1" } else { "c.declined_at IS NOT NULL" };
        let sql = format!(
            "SELECT c.* FROM photo_comments c JOIN photos p ON p.id = c.photo_id \
             WHERE c.photo_session_id = $1 AND p.bin_until IS NULL AND {state} AND (c.created_at, c.id) < ($2, $3) \
             ORDER BY c.created_at DESC, c.id DESC LIMIT $4"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .bind(at)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?;
        self.with_reports(session, &rows).await
    }

    async fn with_reports(
        &self,
        session: PhotoSessionId,
        rows: &[AnyRow],
    ) -> Result<Vec<DeskComment>, StoreError> {
        let mut told = REPORTABLE.since_decided::<CommentId>(self.0, session).await?;
        rows.iter()
            .map(|row| {
                let comment = comment(row)?;
                let (reports, notes) = told.remove(&comment.id).unwrap_or_default();
                Ok(DeskComment { comment, reports, notes })
            })
            .collect()
    }

    /// All comments of a session, the oldest first.
    pub async fn exported(&self, session: PhotoSessionId) -> Result<Vec<ExportedComment>, StoreError> {
        sqlx::query(
            "SELECT c.*, p.filename AS filename FROM photo_comments c JOIN photos p ON p.id = c.photo_id \
             WHERE c.photo_session_id = $1 AND p.bin_until IS NULL ORDER BY c.created_at, c.id",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(|row| Ok(ExportedComment { comment: comment(row)?, filename: row.try_get("filename")? }))
        .collect()
    }

    /// Notes what the studio has decided of comments of a session; how many there were, and on which photos. `Waiting` takes
    /// a decision back.
    pub async fn decide(
        &self,
        session: PhotoSessionId,
        comments: &[CommentId],
        state: CommentState,
        now: DateTime<Utc>,
    ) -> Result<(u64, BTreeSet<PhotoId>), StoreError> {
        let now = micros(now);
        let (is_shown, decided_at, declined_at) = match state {
            CommentState::Waiting => (0_i64, None, None),
            CommentState::Shown => (1, Some(now), None),
            CommentState::Declined => (0, Some(now), Some(now)),
        };
        let mut tx = self.0.write().await?;
        let (mut changed, mut photos) = (0, BTreeSet::new());
        for chunk in comments.chunks(IN_LIST) {
            let sql = format!(
                "UPDATE photo_comments SET is_shown = $2, decided_at = $3, declined_at = $4 \
                 WHERE photo_session_id = $1 AND id IN ({}) RETURNING photo_id",
                placeholders(5, chunk.len())
            );
            let query = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(session.to_string())
                .bind(is_shown)
                .bind(decided_at)
                .bind(declined_at);
            let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
            for row in query.fetch_all(&mut *tx).await? {
                changed += 1;
                photos.insert(text(&row, "photo_id")?);
            }
        }
        tx.commit().await?;
        Ok((changed, photos))
    }

    /// Answers a comment of a session in the studio's name, or takes the answer away; the comment as it is now, `None` when
    /// there is none.
    pub async fn answer(
        &self,
        session: PhotoSessionId,
        id: CommentId,
        answer: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Option<Comment>, StoreError> {
        let mut tx = self.0.write().await?;
        let row = sqlx::query(
            "UPDATE photo_comments SET answer = $3, answered_at = $4 WHERE photo_session_id = $1 AND id = $2 RETURNING *",
        )
        .bind(session.to_string())
        .bind(id.to_string())
        .bind(answer)
        .bind(answer.map(|_| micros(now)))
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        row.as_ref().map(comment).transpose()
    }

    /// Notes that a guest has reported a comment that is shown, once. One that the studio has not looked at is hidden when
    /// `hidden_after` have reported it. Returns whether it is hidden from now on; `None` when there is none that is shown.
    pub async fn report(
        &self,
        id: CommentId,
        reporter: SenderId,
        note: &str,
        hidden_after: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<bool>, StoreError> {
        let mut tx = self.0.write().await?;
        let new = NewReport { id: id.to_string(), reporter, note, hidden_after, now };
        let Some((_, is_hidden_now)) = REPORTABLE.note(&mut tx, new).await? else { return Ok(None) };
        if is_hidden_now {
            let sql = "UPDATE photo_comments SET is_shown = 0 WHERE id = $1";
            sqlx::query(sql).bind(id.to_string()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(Some(is_hidden_now))
    }
}
