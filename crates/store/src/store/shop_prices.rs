//! Price lists of studios.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{Store, StoreError, flag, micros, text, unsigned};
use crate::domain::{Currency, Money, Names, Part, Price, PriceId, PriceList, StudioId};

pub struct PriceRows<'a>(pub(super) &'a Store);

impl PriceRows<'_> {
    /// `None` for a studio that never set one.
    pub async fn list(&self, studio: StudioId) -> Result<Option<PriceList>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        list(&mut reading, studio).await
    }

    /// Sets the whole list.
    pub async fn replace(
        &self,
        studio: StudioId,
        list: &PriceList,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO price_lists (studio_id, currency, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (studio_id) DO UPDATE SET currency = excluded.currency, updated_at = excluded.updated_at",
        )
        .bind(studio.to_string())
        .bind(list.currency.as_str())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM prices WHERE studio_id = $1")
            .bind(studio.to_string())
            .execute(&mut *tx)
            .await?;
        for (position, price) in (0_i64..).zip(&list.prices) {
            sqlx::query(
                "INSERT INTO prices (id, studio_id, position, kind, size, names, amount, active) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(price.id.to_string())
            .bind(studio.to_string())
            .bind(position)
            .bind(price.kind.as_str())
            .bind(price.size.as_deref())
            .bind(written(&price.name)?)
            .bind(price.amount.amount())
            .bind(i64::from(price.active))
            .execute(&mut *tx)
            .await?;
            insert_parts(&mut tx, price).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn insert_parts(tx: &mut AnyConnection, price: &Price) -> Result<(), StoreError> {
    for (position, part) in (0_i64..).zip(&price.parts) {
        sqlx::query(
            "INSERT INTO package_parts (id, price_id, position, kind, size, quantity) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(part.id.to_string())
        .bind(price.id.to_string())
        .bind(position)
        .bind(part.kind.as_str())
        .bind(part.size.as_deref())
        .bind(i64::from(part.quantity))
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn list(
    connection: &mut AnyConnection,
    studio: StudioId,
) -> Result<Option<PriceList>, StoreError> {
    let row = sqlx::query("SELECT currency FROM price_lists WHERE studio_id = $1")
        .bind(studio.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let currency = text(&row, "currency")?;
    let mut parts = parts(connection, studio).await?;
    let prices = sqlx::query("SELECT * FROM prices WHERE studio_id = $1 ORDER BY position")
        .bind(studio.to_string())
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| price(row, currency, &mut parts))
        .collect::<Result<_, _>>()?;
    Ok(Some(PriceList { currency, prices }))
}

/// Of all packages of a studio, by the price of each.
async fn parts(
    connection: &mut AnyConnection,
    studio: StudioId,
) -> Result<HashMap<PriceId, Vec<Part>>, StoreError> {
    let rows = sqlx::query(
        "SELECT a.* FROM package_parts a JOIN prices p ON p.id = a.price_id WHERE p.studio_id = $1 \
         ORDER BY a.position",
    )
    .bind(studio.to_string())
    .fetch_all(connection)
    .await?;
    let mut parts: HashMap<PriceId, Vec<Part>> = HashMap::new();
    for row in &rows {
        let part = Part {
            id: text(row, "id")?,
            kind: text(row, "kind")?,
            size: row.try_get("size")?,
            quantity: unsigned(row, "quantity")?,
        };
        parts.entry(text(row, "price_id")?).or_default().push(part);
    }
    Ok(parts)
}

fn price(
    row: &AnyRow,
    currency: Currency,
    parts: &mut HashMap<PriceId, Vec<Part>>,
) -> Result<Price, StoreError> {
    let id = text(row, "id")?;
    Ok(Price {
        id,
        kind: text(row, "kind")?,
        size: row.try_get("size")?,
        name: names(row, "names")?,
        amount: money(row, "amount", currency)?,
        active: flag(row, "active")?,
        parts: parts.remove(&id).unwrap_or_default(),
    })
}

pub(super) fn names(row: &AnyRow, column: &str) -> Result<Names, StoreError> {
    let names: &str = row.try_get(column)?;
    serde_json::from_str(names).map_err(|_| StoreError::Corrupt(format!("column {column}")))
}

/// As [`names`] reads them.
pub(super) fn written(names: &Names) -> Result<String, StoreError> {
    serde_json::to_string(names).map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(super) fn money(row: &AnyRow, column: &'static str, currency: Currency) -> Result<Money, StoreError> {
    Money::new(row.try_get(column)?, currency).map_err(|_| StoreError::Corrupt(format!("column {column}")))
}
