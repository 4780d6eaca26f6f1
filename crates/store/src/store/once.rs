//! Requests that must not run twice: the first answer to an `Idempotency-Key`, kept with what it made.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, AnyPool, Row, Transaction, any::AnyRow};

use super::{StoreError, micros};
use crate::domain::{Once, OnceKey};

/// How long a key is remembered.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// Forgets the answers that name what is erased now: they hold what it was called. How many there were.
pub(super) async fn forget(tx: &mut Transaction<'static, Any>, id: &str) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM answered_requests WHERE answer LIKE '%' || $1 || '%'")
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

/// Forgets what nobody asks for again.
pub(super) async fn forget_old(
    tx: &mut Transaction<'static, Any>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM answered_requests WHERE created_at < $1")
        .bind(micros(now - KEPT))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What the key was used for, if it was. Claims nothing.
pub(super) async fn answered(reads: &AnyPool, key: &OnceKey) -> Result<Option<Once>, StoreError> {
    let row = sqlx::query(
        "SELECT body, answer FROM answered_requests WHERE caller = $1 AND operation = $2 AND key = $3",
    )
    .bind(key.caller.as_str())
    .bind(key.operation)
    .bind(key.key.as_str())
    .fetch_optional(reads)
    .await?;
    row.map(|row| earlier(&row, key)).transpose()
}

fn earlier(row: &AnyRow, key: &OnceKey) -> Result<Once, StoreError> {
    let same = row.try_get::<&str, _>("body")? == key.body;
    Ok(if same { Once::Again(row.try_get("answer")?) } else { Once::Reused })
}

/// Claims the key for this transaction and files its answer. What the request makes belongs into the same
/// transaction, and only after [`Once::First`].
pub(super) async fn claim(
    tx: &mut Transaction<'static, Any>,
    key: &OnceKey,
    answer: &str,
    now: DateTime<Utc>,
) -> Result<Once, StoreError> {
    forget_old(tx, now).await?;
    let claimed = sqlx::query(
        "INSERT INTO answered_requests (caller, operation, key, body, answer, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (caller, operation, key) DO NOTHING",
    )
    .bind(key.caller.as_str())
    .bind(key.operation)
    .bind(key.key.as_str())
    .bind(key.body.as_str())
    .bind(answer)
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(Once::First);
    }
    let row = sqlx::query(
        "SELECT body, answer FROM answered_requests WHERE caller = $1 AND operation = $2 AND key = $3",
    )
    .bind(key.caller.as_str())
    .bind(key.operation)
    .bind(key.key.as_str())
    .fetch_one(&mut **tx)
    .await?;
    earlier(&row, key)
}
