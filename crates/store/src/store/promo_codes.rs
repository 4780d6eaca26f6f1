//! Promo codes of studios. Their uses are the orders that name them and were not cancelled, so that an order and its
//! use are one row and can never differ.

use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{Store, StoreError, flag, micros, optional_text, optional_time, text, time, unsigned};
use crate::domain::{
    Currency, Email, Money, OrderStatus, PhotoSessionId, Promo, PromoId, PromoUses, PromoValue, PromoWord,
    StudioId,
};

pub struct PromoRows<'a>(pub(super) &'a Store);

impl PromoRows<'_> {
    /// A studio's codes, the newest first, with their uses.
    pub async fn list(&self, studio: StudioId) -> Result<Vec<(Promo, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT p.*, (SELECT COUNT(*) FROM shop_orders o WHERE o.promo_id = p.id AND o.status <> $2) AS uses \
             FROM promo_codes p WHERE p.studio_id = $1 ORDER BY p.id DESC",
        )
        .bind(studio.to_string())
        .bind(OrderStatus::Cancelled.as_str())
        .fetch_all(&self.0.reads)
        .await?;
        rows.iter().map(|row| Ok((promo(row)?, unsigned(row, "uses")?))).collect()
    }

    /// The code of that word, and how often it was used.
    pub async fn find(
        &self,
        studio: StudioId,
        word: &PromoWord,
    ) -> Result<Option<(Promo, PromoUses)>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        find(&mut reading, studio, word, None).await
    }

    /// Writes a code, new or changed; `false` when the studio has another of that word.
    pub async fn put(&self, promo: &Promo) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let row = sqlx::query(
            "SELECT COUNT(*) AS n FROM promo_codes WHERE studio_id = $1 AND word = $2 AND id <> $3",
        )
        .bind(promo.studio_id.to_string())
        .bind(promo.word.as_str())
        .bind(promo.id.to_string())
        .fetch_one(&mut *tx)
        .await?;
        if unsigned::<u64>(&row, "n")? > 0 {
            return Ok(false);
        }
        let (percent, amount) = match promo.value {
            PromoValue::Percent(percent) => (Some(percent), None),
            PromoValue::Amount(amount) => (None, Some(amount)),
        };
        sqlx::query(
            "INSERT INTO promo_codes (id, studio_id, photo_session_id, word, percent, amount, currency, starts_at, \
             ends_at, most_uses, once_per_email, active, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT (id) DO UPDATE SET photo_session_id = excluded.photo_session_id, word = excluded.word, \
             percent = excluded.percent, amount = excluded.amount, currency = excluded.currency, \
             starts_at = excluded.starts_at, ends_at = excluded.ends_at, most_uses = excluded.most_uses, \
             once_per_email = excluded.once_per_email, active = excluded.active",
        )
        .bind(promo.id.to_string())
        .bind(promo.studio_id.to_string())
        .bind(promo.session_id.map(|id| id.to_string()))
        .bind(promo.word.as_str())
        .bind(percent.map(i64::from))
        .bind(amount.map(Money::amount))
        .bind(amount.map(|amount| amount.currency().to_string()))
        .bind(promo.from.map(micros))
        .bind(promo.until.map(micros))
        .bind(promo.most_uses.map(i64::from))
        .bind(i64::from(promo.once_per_email))
        .bind(i64::from(promo.active))
        .bind(micros(promo.created_at))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Removes a code; orders keep its word. `false` when there is none.
    pub async fn remove(&self, studio: StudioId, id: PromoId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let removed = sqlx::query("DELETE FROM promo_codes WHERE studio_id = $1 AND id = $2")
            .bind(studio.to_string())
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(removed.rows_affected() > 0)
    }
}

/// Within a checkout nobody else writes, so the count stays true until the order is written.
pub(super) async fn find(
    connection: &mut AnyConnection,
    studio: StudioId,
    word: &PromoWord,
    buyer: Option<&Email>,
) -> Result<Option<(Promo, PromoUses)>, StoreError> {
    let row = sqlx::query("SELECT * FROM promo_codes WHERE studio_id = $1 AND word = $2")
        .bind(studio.to_string())
        .bind(word.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let promo = promo(&row)?;
    let row = sqlx::query(
        "SELECT COUNT(*) AS n, CAST(COALESCE(SUM(CASE WHEN LOWER(email) = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS own \
         FROM shop_orders WHERE promo_id = $1 AND status <> $2",
    )
    .bind(promo.id.to_string())
    .bind(OrderStatus::Cancelled.as_str())
    .bind(buyer.map_or_else(String::new, |email| email.as_str().to_lowercase()))
    .fetch_one(connection)
    .await?;
    let uses = PromoUses { all: unsigned(&row, "n")?, of_buyer: unsigned(&row, "own")? };
    Ok(Some((promo, uses)))
}

fn promo(row: &AnyRow) -> Result<Promo, StoreError> {
    let corrupt = |column: &str| StoreError::Corrupt(format!("column {column}"));
    let percent: Option<i64> = row.try_get("percent")?;
    let most_uses: Option<i64> = row.try_get("most_uses")?;
    let value = match percent {
        Some(percent) => PromoValue::Percent(percent.try_into().map_err(|_| corrupt("percent"))?),
        None => {
            let currency: Currency = text(row, "currency")?;
            PromoValue::Amount(Money::new(row.try_get("amount")?, currency).map_err(|_| corrupt("amount"))?)
        }
    };
    Ok(Promo {
        id: text(row, "id")?,
        studio_id: text(row, "studio_id")?,
        session_id: optional_text::<PhotoSessionId>(row, "photo_session_id")?,
        word: text(row, "word")?,
        value,
        from: optional_time(row, "starts_at")?,
        until: optional_time(row, "ends_at")?,
        most_uses: most_uses.map(|most| most.try_into().map_err(|_| corrupt("most_uses"))).transpose()?,
        once_per_email: flag(row, "once_per_email")?,
        active: flag(row, "active")?,
        created_at: time(row, "created_at")?,
    })
}
