//! Names and values that hold for the whole installation, whichever node asks.

use sqlx::{Any, Executor, Row, Transaction};

use super::StoreError;

pub(super) async fn get<'e>(
    on: impl Executor<'e, Database = Any>,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT value FROM installation WHERE name = $1").bind(name);
    Ok(row.fetch_optional(on).await?.map(|row| row.try_get("value")).transpose()?)
}

pub(super) async fn set(
    tx: &mut Transaction<'static, Any>,
    name: &str,
    value: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO installation (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn unset(tx: &mut Transaction<'static, Any>, name: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM installation WHERE name = $1").bind(name).execute(&mut **tx).await?;
    Ok(())
}
