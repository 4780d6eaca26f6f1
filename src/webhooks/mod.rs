//! Tells a studio's other systems what happened to a photo session, in the form of Standard Webhooks
//! (<https://www.standardwebhooks.com>).
//!
//! Offers [`Webhooks`] (make, list, remove, read the log, send again) and [`Deliverer`], which sends what is
//! queued. What is queued is written by [`crate::store`] in the transaction of the change itself. Must not
//! know HTTP routes, users, or where a session lives.

mod deliver;

use chrono::{DateTime, Utc};

pub use crate::targets::{Lookup, Target, TargetError};
pub use deliver::Deliverer;

use crate::{
    domain::{DeliveryId, SessionEvent, StudioId, WebhookId},
    store::{NewWebhook, Store, StoreError},
};

pub use crate::store::{Delivery, DeliveryState, Webhook};

/// Webhooks of one studio.
const MOST: usize = 20;

#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error("a webhook needs at least one event")]
    NoEvents,
    #[error("a studio may have {MOST} webhooks")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Webhooks and the log of their deliveries. `studios` are those that the caller may see; `None` is all.
#[derive(Clone)]
pub struct Webhooks {
    store: Store,
    target: Target,
}

impl Webhooks {
    #[must_use]
    pub fn new(store: Store, target: Target) -> Self {
        Self { store, target }
    }

    /// Makes a webhook. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub async fn register(
        &self,
        studio_id: StudioId,
        url: &str,
        mut events: Vec<SessionEvent>,
        now: DateTime<Utc>,
    ) -> Result<NewWebhook, WebhookError> {
        let url = self.target.inspect(url).await?.to_string();
        events.sort_unstable();
        events.dedup();
        if events.is_empty() {
            return Err(WebhookError::NoEvents);
        }
        if self.store.webhooks().list(Some(&[studio_id])).await?.len() >= MOST {
            return Err(WebhookError::TooMany);
        }
        let webhook =
            Webhook { id: WebhookId::generate(), studio_id, url, events, enabled: true, created_at: now };
        let new = NewWebhook { webhook, secret: secret() };
        self.store.webhooks().create(&new).await?;
        Ok(new)
    }

    pub async fn list(&self, studios: Option<&[StudioId]>) -> Result<Vec<Webhook>, StoreError> {
        self.store.webhooks().list(studios).await
    }

    /// Removes a webhook with its log; `false` when there is none to be seen.
    pub async fn delete(&self, id: WebhookId, studios: Option<&[StudioId]>) -> Result<bool, StoreError> {
        Ok(self.visible(id, studios).await? && self.store.webhooks().delete(id).await?)
    }

    /// Switches a webhook on or off, if told to; `None` when there is none to be seen.
    pub async fn switch(
        &self,
        id: WebhookId,
        enabled: Option<bool>,
        studios: Option<&[StudioId]>,
    ) -> Result<Option<Webhook>, StoreError> {
        if !self.visible(id, studios).await? {
            return Ok(None);
        }
        if let Some(enabled) = enabled {
            self.store.webhooks().set_enabled(id, enabled).await?;
        }
        self.store.webhooks().get(id).await
    }

    /// The log, newest first; `after` is the last line of the page before.
    pub async fn deliveries(
        &self,
        studios: Option<&[StudioId]>,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.store.webhooks().deliveries(studios, after, limit).await
    }

    /// Sends a delivery again, with the same `webhook-id`, whatever became of it; `false` when there is none
    /// to be seen.
    pub async fn replay(
        &self,
        id: DeliveryId,
        studios: Option<&[StudioId]>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.store.webhooks().replay(id, studios, now).await
    }

    async fn visible(&self, id: WebhookId, studios: Option<&[StudioId]>) -> Result<bool, StoreError> {
        let webhook = self.store.webhooks().get(id).await?;
        Ok(webhook.is_some_and(|webhook| studios.is_none_or(|studios| studios.contains(&webhook.studio_id))))
    }
}

/// 32 random bytes in the form that Standard Webhooks gives a symmetric key.
fn secret() -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("whsec_{}", STANDARD.encode(rand::random::<[u8; 32]>()))
}
