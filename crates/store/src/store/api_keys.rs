//! Named keys for scripts, by hash.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Store, StoreError, devices::Actor, micros, optional_time, text, time};
use crate::domain::{ApiKeyId, Scope, UserId};

pub struct ApiKeyRows<'a>(pub(super) &'a Store);

#[derive(Debug, Clone)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub user: UserId,
    pub name: String,
    /// The key's first characters, to recognise it by.
    pub prefix: String,
    pub scopes: Vec<Scope>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

impl ApiKeyRows<'_> {
    pub async fn create(&self, key: &ApiKey, key_hash: &str) -> Result<(), StoreError> {
        let scopes = key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO api_keys (id, user_id, name, prefix, key_hash, scopes, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(key.id.to_string())
        .bind(key.user.to_string())
        .bind(key.name.as_str())
        .bind(key.prefix.as_str())
        .bind(key_hash)
        .bind(scopes)
        .bind(micros(key.created_at))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// The user's keys, newest first.
    pub async fn list(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        sqlx::query("SELECT * FROM api_keys WHERE user_id = $1 ORDER BY id DESC")
            .bind(user.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(api_key)
            .collect()
    }

    /// The user whom the key acts for. `None` when there is no such key or its user is kept out.
    pub async fn actor(
        &self,
        key_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(Actor, ApiKey)>, StoreError> {
        let row = sqlx::query("SELECT * FROM api_keys WHERE key_hash = $1")
            .bind(key_hash)
            .fetch_optional(&self.0.reads)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let key = api_key(&row)?;
        Ok(self.0.actor(key.user, now).await?.map(|actor| (actor, key)))
    }

    pub async fn touch(&self, id: ApiKeyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// `false` when the user has no such key.
    pub async fn revoke(&self, user: UserId, id: ApiKeyId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query("DELETE FROM api_keys WHERE id = $1 AND user_id = $2")
            .bind(id.to_string())
            .bind(user.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Revokes every key of the user; how many there were.
    pub async fn revoke_all(&self, user: UserId) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let revoked = revoke_all(&mut tx, user).await?;
        tx.commit().await?;
        Ok(revoked)
    }
}

/// The write of [`ApiKeyRows::revoke_all`], inside a transaction.
pub(super) async fn revoke_all(tx: &mut Transaction<'static, Any>, user: UserId) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM api_keys WHERE user_id = $1")
        .bind(user.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

fn api_key(row: &AnyRow) -> Result<ApiKey, StoreError> {
    let scopes: &str = row.try_get("scopes")?;
    Ok(ApiKey {
        id: text(row, "id")?,
        user: text(row, "user_id")?,
        name: row.try_get("name")?,
        prefix: row.try_get("prefix")?,
        scopes: scopes
            .split_whitespace()
            .map(|scope| scope.parse().map_err(|_| StoreError::Corrupt("column scopes".into())))
            .collect::<Result<_, _>>()?,
        created_at: time(row, "created_at")?,
        last_used_at: optional_time(row, "last_used_at")?,
    })
}
