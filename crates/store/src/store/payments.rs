//! Messages from payment providers, each kept once, with its effect on the order.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction};

use super::{Moved, Store, StoreError, flag, mails, micros, optional_text, shop_orders, text};
use crate::domain::{Currency, Money, Order, OrderId, Payment, PaymentNotice};

pub struct PaymentRows<'a>(pub(super) &'a Store);

/// How long a message is remembered. Providers give up after days.
const KEPT: TimeDelta = TimeDelta::days(90);

/// The outcome of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenIn {
    New,
    /// It had come before; nothing was changed.
    Again,
    /// There is no such order, or the payment is another order's.
    NoOrder,
}

impl PaymentRows<'_> {
    /// Takes a message in as `settle` says: message, payment, order, log and mails in one transaction.
    pub async fn take_in(
        &self,
        notice: &PaymentNotice,
        now: DateTime<Utc>,
        settle: impl FnOnce(&mut Order, &mut Payment) -> Moved + Send,
    ) -> Result<TakenIn, StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM payment_messages WHERE at < $1")
            .bind(micros(now - KEPT))
            .execute(&mut *tx)
            .await?;
        let new =
            sqlx::query("INSERT INTO payment_messages (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
                .bind(notice.message.as_str())
                .bind(micros(now))
                .execute(&mut *tx)
                .await?;
        if new.rows_affected() == 0 {
            return Ok(TakenIn::Again);
        }
        let Some(mut order) = shop_orders::get(&mut tx, notice.order).await? else {
            return Ok(TakenIn::NoOrder);
        };
        let mut payment = payment(&mut tx, &notice.reference).await?.unwrap_or_else(|| Payment {
            reference: notice.reference.clone(),
            order: notice.order,
            is_paid: false,
            amount: None,
            accepted: false,
            returned: false,
        });
        if payment.order != notice.order {
            return Ok(TakenIn::NoOrder);
        }
        let Moved { events, mails } = settle(&mut order, &mut payment);
        keep(&mut tx, &payment, now).await?;
        shop_orders::save(&mut tx, &order).await?;
        shop_orders::log(&mut tx, order.id, &events).await?;
        mails::enqueue(&mut tx, &mails, now).await?;
        tx.commit().await?;
        Ok(TakenIn::New)
    }

    /// The payment that an order is paid with; `None` where it was paid by other means.
    pub async fn accepted(&self, order: OrderId) -> Result<Option<Payment>, StoreError> {
        let row = sqlx::query("SELECT * FROM shop_payments WHERE order_id = $1 AND accepted = 1")
            .bind(order.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.as_ref().map(read).transpose()
    }
}

async fn payment(tx: &mut Transaction<'static, Any>, reference: &str) -> Result<Option<Payment>, StoreError> {
    let row = sqlx::query("SELECT * FROM shop_payments WHERE reference = $1")
        .bind(reference)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &sqlx::any::AnyRow) -> Result<Payment, StoreError> {
    let currency: Option<Currency> = optional_text(row, "currency")?;
    let amount: Option<i64> = row.try_get("amount")?;
    let money = amount.zip(currency).map(|(amount, currency)| Money::new(amount, currency));
    Ok(Payment {
        reference: row.try_get("reference")?,
        order: text(row, "order_id")?,
        is_paid: flag(row, "is_paid")?,
        amount: money.transpose().map_err(|_| StoreError::Corrupt("column amount".to_owned()))?,
        accepted: flag(row, "accepted")?,
        returned: flag(row, "returned")?,
    })
}

async fn keep(
    tx: &mut Transaction<'static, Any>,
    payment: &Payment,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO shop_payments (reference, order_id, is_paid, amount, currency, accepted, returned, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (reference) DO UPDATE SET is_paid = excluded.is_paid, \
         amount = excluded.amount, currency = excluded.currency, accepted = excluded.accepted, \
         returned = excluded.returned, updated_at = excluded.updated_at",
    )
    .bind(payment.reference.as_str())
    .bind(payment.order.to_string())
    .bind(i64::from(payment.is_paid))
    .bind(payment.amount.map(Money::amount))
    .bind(payment.amount.map(|money| money.currency().to_string()))
    .bind(i64::from(payment.accepted))
    .bind(i64::from(payment.returned))
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
