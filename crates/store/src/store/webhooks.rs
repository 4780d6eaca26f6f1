//! Webhooks and their deliveries. The deliveries are a queue of their own beside [`super::jobs`]: they wait
//! for hours between attempts, keep a log, and can be sent again.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    Store, StoreError, below, flag, lease::Lease, micros, optional_time, placeholders, text, time, unsigned,
};
use crate::domain::{
    Announced, DeliveryId, PhotoSession, PhotoSessionId, SessionEvent, StudioId, WebhookId, Words,
};

pub struct WebhookRows<'a>(pub(super) &'a Store);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub id: WebhookId,
    pub studio_id: StudioId,
    pub url: String,
    pub events: Vec<SessionEvent>,
    /// Nothing is sent to one that is switched off.
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
}

/// A webhook with what signs its deliveries; not `Debug`, so that it is never logged.
pub struct NewWebhook {
    pub webhook: Webhook,
    /// `whsec_…`
    pub secret: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    Queued,
    Delivered,
    /// Given up; may be sent again by hand.
    Failed,
}

impl Words for DeliveryState {
    const NAME: &'static str = "DeliveryState";
    const ALL: &'static [Self] = &[Self::Queued, Self::Delivered, Self::Failed];
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        })
    }
}

impl FromStr for DeliveryState {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "queued" => Ok(Self::Queued),
            "delivered" => Ok(Self::Delivered),
            "failed" => Ok(Self::Failed),
            _ => Err("unknown state of a delivery"),
        }
    }
}

/// A line of the delivery log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub event: SessionEvent,
    pub session_id: PhotoSessionId,
    pub state: DeliveryState,
    pub attempts: u32,
    /// HTTP status of the last attempt that was answered.
    pub last_status: Option<u16>,
    /// Why the last attempt failed: a code.
    pub last_error: Option<String>,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub delivered_at: Option<DateTime<Utc>>,
}

/// A delivery whose time has come; not `Debug`, because it holds the secret.
pub struct DueDelivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub url: String,
    pub secret: String,
    pub webhook_enabled: bool,
    pub payload: String,
    /// This one included.
    pub attempts: u32,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    Delivered { status: u16 },
    Failed { status: Option<u16>, error: &'static str, next: Option<DateTime<Utc>> },
}

impl WebhookRows<'_> {
    pub async fn create(&self, NewWebhook { webhook, secret }: &NewWebhook) -> Result<(), StoreError> {
        let events =
            serde_json::to_string(&webhook.events).map_err(|_| StoreError::Corrupt("events".into()))?;
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO webhooks (id, studio_id, url, events, secret, enabled, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(webhook.id.to_string())
        .bind(webhook.studio_id.to_string())
        .bind(webhook.url.as_str())
        .bind(events)
        .bind(secret.as_str())
        .bind(i64::from(webhook.enabled))
        .bind(micros(webhook.created_at))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    pub async fn get(&self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        sqlx::query("SELECT * FROM webhooks WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| webhook(&row))
            .transpose()
    }

    /// Of these studios, or of all, oldest first.
    pub async fn list(&self, studios: Option<&[StudioId]>) -> Result<Vec<Webhook>, StoreError> {
        let sql = format!("SELECT * FROM webhooks WHERE {} ORDER BY id", of_studios(studios, 1));
        bind_studios(sqlx::query(sqlx::AssertSqlSafe(sql)), studios)
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(webhook)
            .collect()
    }

    /// Removes a webhook with its deliveries; `false` when there is none.
    pub async fn delete(&self, id: WebhookId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done =
            sqlx::query("DELETE FROM webhooks WHERE id = $1").bind(id.to_string()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// `false` when there is no such webhook.
    pub async fn set_enabled(&self, id: WebhookId, enabled: bool) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query("UPDATE webhooks SET enabled = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(i64::from(enabled))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// The log of these studios, or of all, newest first; `after` is the last line of the page before.
    pub async fn deliveries(
        &self,
        studios: Option<&[StudioId]>,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let sql = format!(
            "SELECT * FROM webhook_deliveries WHERE id < $1 AND {} ORDER BY id DESC LIMIT $2",
            of_studios(studios, 3)
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(below(after)).bind(i64::from(limit));
        bind_studios(query, studios).fetch_all(&self.0.reads).await?.iter().map(delivery).collect()
    }

    /// Makes a delivery of these studios due again, with its attempts counted from the start; `false` when
    /// there is none.
    pub async fn replay(
        &self,
        id: DeliveryId,
        studios: Option<&[StudioId]>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sql = format!(
            "UPDATE webhook_deliveries SET state = 'queued', attempts = 0, next_attempt_at = $2 \
             WHERE id = $1 AND {}",
            of_studios(studios, 3)
        );
        let mut tx = self.0.write().await?;
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_string()).bind(micros(now));
        let done = bind_studios(query, studios).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes up to `limit` deliveries whose time has come. Each is due again after `lease_for`, should we die
    /// before the attempt is [`settle`](Self::settle)d.
    pub async fn lease_due(
        &self,
        limit: u32,
        lease_for: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        let lease = Lease {
            table: "webhook_deliveries",
            due: "state = 'queued' AND next_attempt_at <= $1",
            kind: None,
            until: "next_attempt_at",
            owner: None,
            order: "next_attempt_at, id",
        };
        let Some((mut tx, leased)) = lease.take(self.0, limit, lease_for, now).await? else {
            return Ok(Vec::new());
        };
        if leased.is_empty() {
            // Another worker was faster.
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT d.id, d.webhook_id, d.payload, d.attempts, w.url, w.secret, w.enabled \
             FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE d.id IN ({}) ORDER BY d.id",
            placeholders(1, leased.len())
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for row in &leased {
            query = query.bind(row.try_get::<String, _>("id")?);
        }
        let deliveries =
            query.fetch_all(&mut *tx).await?.iter().map(due_delivery).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(deliveries)
    }

    /// Writes how an attempt ended. One without a next attempt is the last.
    pub async fn settle(
        &self,
        id: DeliveryId,
        attempt: &Attempt,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (state, status, error, next, delivered_at) = match attempt {
            Attempt::Delivered { status } => (DeliveryState::Delivered, Some(*status), None, None, Some(now)),
            Attempt::Failed { status, error, next: None } => {
                (DeliveryState::Failed, *status, Some(*error), None, None)
            }
            Attempt::Failed { status, error, next } => {
                (DeliveryState::Queued, *status, Some(*error), *next, None)
            }
        };
        let mut tx = self.0.write().await?;
        sqlx::query(
            "UPDATE webhook_deliveries SET state = $2, last_status = $3, last_error = $4, next_attempt_at = $5, \
             delivered_at = COALESCE($6, delivered_at) WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(state.to_string())
        .bind(status.map(i64::from))
        .bind(error)
        .bind(next.map(micros))
        .bind(delivered_at.map(micros))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Deletes log lines older than `before` that wait for nothing.
    pub async fn forget_deliveries(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query("DELETE FROM webhook_deliveries WHERE state <> 'queued' AND created_at < $1")
            .bind(micros(before))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

/// Queues a delivery for each of the studio's webhooks that asked for what happened between `before` and
/// `after`, in the transaction of the change itself.
pub(super) async fn announce(
    tx: &mut Transaction<'static, Any>,
    before: Announced,
    after: &PhotoSession,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let events = before.until(after.into());
    if events.is_empty() {
        return Ok(());
    }
    let webhooks = sqlx::query("SELECT * FROM webhooks WHERE studio_id = $1 AND enabled = 1 ORDER BY id")
        .bind(after.studio_id.to_string())
        .fetch_all(&mut **tx)
        .await?;
    for webhook in webhooks.iter().map(webhook) {
        let webhook = webhook?;
        for event in events.iter().filter(|event| webhook.events.contains(event)) {
            sqlx::query(
                "INSERT INTO webhook_deliveries (id, webhook_id, studio_id, photo_session_id, event, payload, \
                 state, next_attempt_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $7)",
            )
            .bind(DeliveryId::generate().to_string())
            .bind(webhook.id.to_string())
            .bind(after.studio_id.to_string())
            .bind(after.id.to_string())
            .bind(event.to_string())
            .bind(event.payload(after, now))
            .bind(micros(now))
            .execute(&mut **tx)
            .await?;
        }
    }
    Ok(())
}

/// A condition on `studio_id` with placeholders from `$first`.
fn of_studios(studios: Option<&[StudioId]>, first: usize) -> String {
    match studios {
        None => "1 = 1".to_owned(),
        Some([]) => "1 = 0".to_owned(),
        Some(studios) => format!("studio_id IN ({})", placeholders(first, studios.len())),
    }
}

type Query<'q> = sqlx::query::Query<'q, Any, sqlx::any::AnyArguments>;

fn bind_studios<'q>(query: Query<'q>, studios: Option<&[StudioId]>) -> Query<'q> {
    studios.unwrap_or_default().iter().fold(query, |query, studio| query.bind(studio.to_string()))
}

fn webhook(row: &AnyRow) -> Result<Webhook, StoreError> {
    let events: &str = row.try_get("events")?;
    Ok(Webhook {
        id: text(row, "id")?,
        studio_id: text(row, "studio_id")?,
        url: row.try_get("url")?,
        events: serde_json::from_str(events).map_err(|_| StoreError::Corrupt("column events".into()))?,
        enabled: flag(row, "enabled")?,
        created_at: time(row, "created_at")?,
    })
}

fn delivery(row: &AnyRow) -> Result<Delivery, StoreError> {
    let status: Option<i64> = row.try_get("last_status")?;
    Ok(Delivery {
        id: text(row, "id")?,
        webhook_id: text(row, "webhook_id")?,
        event: text(row, "event")?,
        session_id: text(row, "photo_session_id")?,
        state: text(row, "state")?,
        attempts: unsigned(row, "attempts")?,
        last_status: status.and_then(|status| u16::try_from(status).ok()),
        last_error: row.try_get("last_error")?,
        next_attempt_at: optional_time(row, "next_attempt_at")?,
        created_at: time(row, "created_at")?,
        delivered_at: optional_time(row, "delivered_at")?,
    })
}

fn due_delivery(row: &AnyRow) -> Result<DueDelivery, StoreError> {
    Ok(DueDelivery {
        id: text(row, "id")?,
        webhook_id: text(row, "webhook_id")?,
        url: row.try_get("url")?,
        secret: row.try_get("secret")?,
        webhook_enabled: flag(row, "enabled")?,
        payload: row.try_get("payload")?,
        attempts: unsigned(row, "attempts")?,
    })
}
