//! Hosts of studios: one each, entered by anybody, proven by one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{Row, any::AnyRow};

use super::{Store, StoreError, micros, optional_time, text, time};
use crate::domain::StudioId;

pub struct HostRows<'a>(pub(super) &'a Store);

/// A host that a studio has entered.
#[derive(Debug, Clone)]
pub struct StudioHost {
    pub studio: StudioId,
    pub host: String,
    /// What the studio puts into DNS to show that the name is its own.
    pub token: String,
    pub proven_at: Option<DateTime<Utc>>,
    pub in_use_at: Option<DateTime<Utc>>,
    /// Code of what the last check found.
    pub problem: Option<String>,
    /// Checks in a row that found something.
    pub attempts: u32,
    pub checked_at: Option<DateTime<Utc>>,
    pub next_check_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

impl HostRows<'_> {
    pub async fn get(&self, studio: StudioId) -> Result<Option<StudioHost>, StoreError> {
        sqlx::query("SELECT * FROM studio_hosts WHERE studio_id = $1")
            .bind(studio.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .as_ref()
            .map(studio_host)
            .transpose()
    }

    /// All of them, those that were entered first first.
    pub async fn all(&self) -> Result<Vec<StudioHost>, StoreError> {
        sqlx::query("SELECT * FROM studio_hosts ORDER BY created_at, studio_id")
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(studio_host)
            .collect()
    }

    /// Those that are in use.
    pub async fn in_use(&self) -> Result<HashMap<StudioId, String>, StoreError> {
        sqlx::query("SELECT studio_id, host FROM studio_hosts WHERE in_use_at IS NOT NULL")
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| Ok((text(row, "studio_id")?, row.try_get("host")?)))
            .collect()
    }

    /// The one that has been proven to be of a studio.
    pub async fn proven(&self, host: &str) -> Result<Option<StudioHost>, StoreError> {
        sqlx::query("SELECT * FROM studio_hosts WHERE host = $1 AND proven_at IS NOT NULL")
            .bind(host)
            .fetch_optional(&self.0.reads)
            .await?
            .as_ref()
            .map(studio_host)
            .transpose()
    }

    /// Keeps what a studio has entered, in the place of what it had entered before.
    pub async fn enter(
        &self,
        studio: StudioId,
        host: &str,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM studio_hosts WHERE studio_id = $1")
            .bind(studio.to_string())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO studio_hosts (studio_id, host, token, next_check_at, created_at) \
             VALUES ($1, $2, $3, $4, $4)",
        )
        .bind(studio.to_string())
        .bind(host)
        .bind(token)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Whether there was one.
    pub async fn remove(&self, studio: StudioId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let removed = sqlx::query("DELETE FROM studio_hosts WHERE studio_id = $1")
            .bind(studio.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(removed.rows_affected() > 0)
    }

    /// The name is the studio's. `false` when another studio was first.
    pub async fn prove(&self, host: &StudioHost, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let taken = sqlx::query(
            "SELECT 1 FROM studio_hosts WHERE host = $1 AND studio_id <> $2 AND proven_at IS NOT NULL",
        )
        .bind(&host.host)
        .bind(host.studio.to_string())
        .fetch_optional(&mut *tx)
        .await?;
        if taken.is_some() {
            return Ok(false);
        }
        sqlx::query(
            "UPDATE studio_hosts SET proven_at = $1, problem = NULL, attempts = 0, checked_at = $1, \
             next_check_at = $1 WHERE token = $2 AND proven_at IS NULL",
        )
        .bind(micros(now))
        .bind(&host.token)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Links of the studio lead there from now on; it is looked at again at `next`.
    pub async fn use_it(
        &self,
        token: &str,
        now: DateTime<Utc>,
        next: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE studio_hosts SET in_use_at = COALESCE(in_use_at, $1), problem = NULL, attempts = 0, \
             checked_at = $1, next_check_at = $2 WHERE token = $3 AND proven_at IS NOT NULL",
        )
        .bind(micros(now))
        .bind(micros(next))
        .bind(token)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// A check has found something; it is tried again at `next`.
    pub async fn postpone(
        &self,
        token: &str,
        problem: &str,
        now: DateTime<Utc>,
        next: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE studio_hosts SET problem = $1, attempts = attempts + 1, checked_at = $2, \
             next_check_at = $3 WHERE token = $4",
        )
        .bind(problem)
        .bind(micros(now))
        .bind(micros(next))
        .bind(token)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// It is tried again at `next`, if that is sooner.
    pub async fn hasten(&self, token: &str, next: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE studio_hosts SET next_check_at = $1 WHERE token = $2 AND next_check_at > $1")
            .bind(micros(next))
            .bind(token)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

fn studio_host(row: &AnyRow) -> Result<StudioHost, StoreError> {
    Ok(StudioHost {
        studio: text(row, "studio_id")?,
        host: row.try_get("host")?,
        token: row.try_get("token")?,
        proven_at: optional_time(row, "proven_at")?,
        in_use_at: optional_time(row, "in_use_at")?,
        problem: row.try_get("problem")?,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or_default(),
        checked_at: optional_time(row, "checked_at")?,
        next_check_at: time(row, "next_check_at")?,
        created_at: time(row, "created_at")?,
    })
}
