//! Price lists of studios.

use chrono::{DateTime, Utc};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{Store, StoreError, flag, micros, text};
use crate::domain::{Currency, Money, Names, Price, PriceList, StudioId};

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
                "INSERT INTO prices (id, studio_id, position, kind, size, name_ru, name_en, amount, active) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(price.id.to_string())
            .bind(studio.to_string())
            .bind(position)
            .bind(price.kind.as_str())
            .bind(price.size.as_deref())
            .bind(price.name.ru.as_str())
            .bind(price.name.en.as_str())
            .bind(price.amount.amount())
            .bind(i64::from(price.active))
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
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
    let prices = sqlx::query("SELECT * FROM prices WHERE studio_id = $1 ORDER BY position")
        .bind(studio.to_string())
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| price(row, currency))
        .collect::<Result<_, _>>()?;
    Ok(Some(PriceList { currency, prices }))
}

fn price(row: &AnyRow, currency: Currency) -> Result<Price, StoreError> {
    Ok(Price {
        id: text(row, "id")?,
        kind: text(row, "kind")?,
        size: row.try_get("size")?,
        name: names(row)?,
        amount: money(row, "amount", currency)?,
        active: flag(row, "active")?,
    })
}

pub(super) fn names(row: &AnyRow) -> Result<Names, StoreError> {
    Ok(Names { ru: row.try_get("name_ru")?, en: row.try_get("name_en")? })
}

pub(super) fn money(row: &AnyRow, column: &'static str, currency: Currency) -> Result<Money, StoreError> {
    Money::new(row.try_get(column)?, currency).map_err(|_| StoreError::Corrupt(format!("column {column}")))
}
