//! The last known state of the sessions in the studio's database, so that a change is noticed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::{IN_LIST, Store, StoreError, flag, micros, placeholders, text, webhooks};
use crate::domain::{Announced, PhotoSession, PhotoSessionId, SessionStatus};

/// In `external_sync`.
const FIRST_SWEEP: &str = "first_sweep";

pub struct SeenSessionRows<'a>(pub(super) &'a Store);

/// All that is compared.
#[derive(PartialEq)]
struct Seen {
    status: SessionStatus,
    facepass_enabled: bool,
    updated_at: i64,
}

impl From<&PhotoSession> for Seen {
    fn from(session: &PhotoSession) -> Self {
        Self {
            status: session.status.clone(),
            facepass_enabled: session.facepass_enabled(),
            updated_at: micros(session.updated_at),
        }
    }
}

impl SeenSessionRows<'_> {
    /// Notes the sessions as they are now and returns the places of those that are new or changed. The
    /// deliveries that their changes cause commit with the notes, unless this is still the first sweep:
    /// what was so before anybody looked has not changed.
    pub async fn note(
        &self,
        sessions: &[PhotoSession],
        now: DateTime<Utc>,
    ) -> Result<Vec<usize>, StoreError> {
        let mut tx = self.0.write().await?;
        let announce = first_sweep_done(&mut tx).await?;
        let mut changed = Vec::new();
        for (page, start) in sessions.chunks(IN_LIST).zip((0..).step_by(IN_LIST)) {
            let seen = seen(&mut tx, page).await?;
            for (session, at) in page.iter().zip(start..) {
                let before = seen.get(&session.id);
                if before == Some(&session.into()) {
                    continue;
                }
                write(&mut tx, session).await?;
                if announce {
                    let before = before.map_or(Announced::NOTHING, |seen| {
                        Announced::new(&seen.status, seen.facepass_enabled)
                    });
                    webhooks::announce(&mut tx, before, session, now).await?;
                }
                changed.push(at);
            }
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// Every session has been seen once: from now on a new one is a change.
    pub async fn first_sweep_done(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("INSERT INTO external_sync (step, at) VALUES ($1, $2) ON CONFLICT (step) DO NOTHING")
            .bind(FIRST_SWEEP)
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

async fn first_sweep_done(tx: &mut Transaction<'static, Any>) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT at FROM external_sync WHERE step = $1")
        .bind(FIRST_SWEEP)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}

async fn seen(
    tx: &mut Transaction<'static, Any>,
    sessions: &[PhotoSession],
) -> Result<HashMap<PhotoSessionId, Seen>, StoreError> {
    let sql =
        format!("SELECT * FROM external_sessions_seen WHERE id IN ({})", placeholders(1, sessions.len()));
    let query = sessions
        .iter()
        .fold(sqlx::query(sqlx::AssertSqlSafe(sql)), |query, session| query.bind(session.id.to_string()));
    let rows = query.fetch_all(&mut **tx).await?;
    let read = |row| {
        let seen = Seen {
            status: text(row, "status")?,
            facepass_enabled: flag(row, "facepass_enabled")?,
            updated_at: row.try_get("updated_at")?,
        };
        Ok((text(row, "id")?, seen))
    };
    rows.iter().map(read).collect()
}

async fn write(tx: &mut Transaction<'static, Any>, session: &PhotoSession) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO external_sessions_seen (id, status, facepass_enabled, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, \
         facepass_enabled = excluded.facepass_enabled, updated_at = excluded.updated_at",
    )
    .bind(session.id.to_string())
    .bind(session.status.as_str())
    .bind(i64::from(session.facepass_enabled()))
    .bind(micros(session.updated_at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
