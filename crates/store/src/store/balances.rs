//! Customers' balances. Every change is one conditional statement inside a transaction, so that orders
//! that come at once never take more than there is.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{InsufficientBalance, Store, StoreError, micros};
use crate::domain::{Balance, PLACEMENT_CURRENCY, UserId};

pub struct BalanceRows<'a>(pub(super) &'a Store);

impl BalanceRows<'_> {
    /// `None` when the customer has no account of money.
    pub async fn get(&self, customer: UserId) -> Result<Option<Balance>, StoreError> {
        let row = sqlx::query("SELECT amount, reserved FROM customer_balances WHERE customer_id = $1")
            .bind(customer.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| balance(&row)).transpose()
    }

    /// Adds minor units, or takes them when `delta` is negative; opens the account when there is none.
    /// `None` when that would leave less than is reserved, or more than a number holds.
    pub async fn add(
        &self,
        customer: UserId,
        delta: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<Balance>, StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO customer_balances (customer_id, amount, reserved, currency, updated_at) \
             VALUES ($1, 0, 0, $2, $3) ON CONFLICT (customer_id) DO UPDATE SET updated_at = excluded.updated_at",
        )
        .bind(customer.to_string())
        .bind(PLACEMENT_CURRENCY)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        let row = sqlx::query("SELECT amount, reserved FROM customer_balances WHERE customer_id = $1")
            .bind(customer.to_string())
            .fetch_one(&mut *tx)
            .await?;
        let before = balance(&row)?;
        let Some(amount) = before.amount.checked_add(delta).filter(|amount| *amount >= before.reserved)
        else {
            return Ok(None);
        };
        sqlx::query("UPDATE customer_balances SET amount = $2, updated_at = $3 WHERE customer_id = $1")
            .bind(customer.to_string())
            .bind(amount)
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(Balance { amount, ..before }))
    }
}

/// Reserves minor units for an order and says how many: none where the customer has no account of money.
pub(super) async fn reserve(
    tx: &mut Transaction<'static, Any>,
    customer: UserId,
    amount: i64,
    now: DateTime<Utc>,
) -> Result<Result<i64, InsufficientBalance>, StoreError> {
    let reserved = sqlx::query(
        "UPDATE customer_balances SET reserved = reserved + $2, updated_at = $3 \
         WHERE customer_id = $1 AND amount - reserved >= $2",
    )
    .bind(customer.to_string())
    .bind(amount)
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    if reserved.rows_affected() == 1 {
        return Ok(Ok(amount));
    }
    let row = sqlx::query("SELECT amount, reserved FROM customer_balances WHERE customer_id = $1")
        .bind(customer.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(match row {
        Some(row) => Err(InsufficientBalance { available: balance(&row)?.available() }),
        None => Ok(0),
    })
}

/// Ends a reservation; `spent` of it leaves the account.
pub(super) async fn settle(
    tx: &mut Transaction<'static, Any>,
    customer: UserId,
    reserved: i64,
    spent: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE customer_balances SET reserved = reserved - $2, amount = amount - $3, updated_at = $4 \
         WHERE customer_id = $1",
    )
    .bind(customer.to_string())
    .bind(reserved)
    .bind(spent)
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn balance(row: &AnyRow) -> Result<Balance, StoreError> {
    Ok(Balance { amount: row.try_get("amount")?, reserved: row.try_get("reserved")? })
}
