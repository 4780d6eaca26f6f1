//! What studios say of their sales beside their prices: payment by hand, tax, ways of delivery.

use chrono::{DateTime, Utc};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{
    Store, StoreError, flag, micros,
    shop_prices::{names, written},
    text,
};
use crate::domain::{ShippingMethod, ShopSettings, StudioId, Tax};

pub struct ShopSettingRows<'a>(pub(super) &'a Store);

impl ShopSettingRows<'_> {
    /// Nothing said, for a studio that never set any.
    pub async fn get(&self, studio: StudioId) -> Result<ShopSettings, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        settings(&mut reading, studio).await
    }

    /// Sets all of them.
    pub async fn replace(
        &self,
        studio: StudioId,
        new: &ShopSettings,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO shop_settings (studio_id, payment_instructions, seller, tax_rate, tax_included, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (studio_id) DO UPDATE SET \
             payment_instructions = excluded.payment_instructions, seller = excluded.seller, \
             tax_rate = excluded.tax_rate, tax_included = excluded.tax_included, updated_at = excluded.updated_at",
        )
        .bind(studio.to_string())
        .bind(new.payment_instructions.as_deref())
        .bind(new.seller.as_deref())
        .bind(new.tax.map(|tax| i64::from(tax.rate)))
        .bind(i64::from(new.tax.is_some_and(|tax| tax.included)))
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM shipping_methods WHERE studio_id = $1")
            .bind(studio.to_string())
            .execute(&mut *tx)
            .await?;
        for (position, method) in (0_i64..).zip(&new.shipping) {
            sqlx::query(
                "INSERT INTO shipping_methods (id, studio_id, position, names, amount, needs_address, active) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(method.id.to_string())
            .bind(studio.to_string())
            .bind(position)
            .bind(written(&method.name)?)
            .bind(method.amount)
            .bind(i64::from(method.needs_address))
            .bind(i64::from(method.active))
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}

pub(super) async fn settings(
    connection: &mut AnyConnection,
    studio: StudioId,
) -> Result<ShopSettings, StoreError> {
    let row = sqlx::query("SELECT * FROM shop_settings WHERE studio_id = $1")
        .bind(studio.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(ShopSettings::default()) };
    let shipping = sqlx::query("SELECT * FROM shipping_methods WHERE studio_id = $1 ORDER BY position")
        .bind(studio.to_string())
        .fetch_all(connection)
        .await?
        .iter()
        .map(method)
        .collect::<Result<_, _>>()?;
    Ok(ShopSettings {
        payment_instructions: row.try_get("payment_instructions")?,
        seller: row.try_get("seller")?,
        tax: tax(&row)?,
        shipping,
    })
}

/// Of the columns `tax_rate` and `tax_included`.
pub(super) fn tax(row: &AnyRow) -> Result<Option<Tax>, StoreError> {
    let rate: Option<i64> = row.try_get("tax_rate")?;
    let Some(rate) = rate else { return Ok(None) };
    let rate = rate.try_into().map_err(|_| StoreError::Corrupt("column tax_rate".into()))?;
    Ok(Some(Tax { rate, included: flag(row, "tax_included")? }))
}

fn method(row: &AnyRow) -> Result<ShippingMethod, StoreError> {
    Ok(ShippingMethod {
        id: text(row, "id")?,
        name: names(row, "names")?,
        amount: row.try_get("amount")?,
        needs_address: flag(row, "needs_address")?,
        active: flag(row, "active")?,
    })
}
