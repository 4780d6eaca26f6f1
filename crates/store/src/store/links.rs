//! Short links of sessions.

use std::collections::HashMap;

use sqlx::{Row, any::AnyRow};

use super::{Store, StoreError, micros, text, time, unsigned};
use crate::domain::{LinkCode, PhotoSessionId, SessionLink};

pub struct LinkRows<'a>(pub(super) &'a Store);

impl LinkRows<'_> {
    /// The session that a code leads to.
    pub async fn session_of(&self, code: LinkCode) -> Result<Option<PhotoSessionId>, StoreError> {
        sqlx::query("SELECT photo_session_id FROM session_links WHERE code = $1")
            .bind(code.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| text(&row, "photo_session_id"))
            .transpose()
    }

    /// Oldest first.
    pub async fn of_session(&self, session: PhotoSessionId) -> Result<Vec<SessionLink>, StoreError> {
        sqlx::query("SELECT * FROM session_links WHERE photo_session_id = $1 ORDER BY created_at, code")
            .bind(session.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(link)
            .collect()
    }

    /// The session's link of this label, which is `new` if there was none; `None` where it has `most` others.
    pub async fn named(
        &self,
        session: PhotoSessionId,
        new: &SessionLink,
        most: u64,
    ) -> Result<Option<SessionLink>, StoreError> {
        let mut tx = self.0.write().await?;
        let known = "SELECT * FROM session_links WHERE photo_session_id = $1 AND label = $2";
        let known =
            sqlx::query(known).bind(session.to_string()).bind(&new.label).fetch_optional(&mut *tx).await?;
        if let Some(row) = known {
            return Ok(Some(link(&row)?));
        }
        let count = sqlx::query("SELECT COUNT(*) AS n FROM session_links WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_one(&mut *tx)
            .await?;
        if unsigned::<u64>(&count, "n")? >= most {
            return Ok(None);
        }
        sqlx::query(
            "INSERT INTO session_links (code, photo_session_id, label, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(new.code.to_string())
        .bind(session.to_string())
        .bind(new.label.as_str())
        .bind(micros(new.created_at))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Some(new.clone()))
    }

    /// `false` when the session has no such link.
    pub async fn remove(&self, session: PhotoSessionId, code: LinkCode) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let removed = sqlx::query("DELETE FROM session_links WHERE code = $1 AND photo_session_id = $2")
            .bind(code.to_string())
            .bind(session.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(removed.rows_affected() > 0)
    }

    /// How often each was followed.
    pub async fn followed(&self, session: PhotoSessionId) -> Result<HashMap<LinkCode, u64>, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, CAST(SUM(n) AS BIGINT) AS n FROM usage_counters \
             WHERE photo_session_id = $1 AND kind LIKE 'link:%' GROUP BY kind",
        )
        .bind(session.to_string())
        .fetch_all(&self.0.reads)
        .await?;
        let mut followed = HashMap::new();
        for row in &rows {
            let kind: &str = row.try_get("kind")?;
            if let Some(code) = kind.strip_prefix("link:").and_then(|code| code.parse().ok()) {
                followed.insert(code, unsigned(row, "n")?);
            }
        }
        Ok(followed)
    }
}

fn link(row: &AnyRow) -> Result<SessionLink, StoreError> {
    Ok(SessionLink {
        code: text(row, "code")?,
        label: row.try_get("label")?,
        created_at: time(row, "created_at")?,
    })
}
