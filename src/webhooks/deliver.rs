//! Sends what is queued: at least once, in attempts that lie further and further apart.

use std::time::Duration;

use chrono::TimeDelta;
use futures::{StreamExt, stream};
use reqwest::{Client, StatusCode, header};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{Span, field};

use super::Target;
use crate::{
    domain::Clock,
    queue::{self, BackOff, Pace, Work},
    store::{Attempt, DueDelivery, Store, StoreError},
    targets::{self, retry_after},
    telemetry::{self, TraceParent},
};

/// From the connection to the head of the answer.
const ATTEMPT: Duration = Duration::from_secs(10);
/// An attempt that is not settled by then died with its process, and is made again.
const LEASE: Duration = Duration::from_secs(60);
/// Attempts under way at the same time.
const ATTEMPTS_AT_ONCE: usize = 32;
/// Between looks at the queue.
const POLL: Duration = Duration::from_secs(1);
/// Between the first attempt and the second, and so on; after the last the delivery is given up, some
/// sixteen hours after the event.
const WAITS: BackOff = BackOff::Steps(&[
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(4 * 60 * 60),
    Duration::from_secs(8 * 60 * 60),
]);
/// The part of a wait that is added at random, at most: many that failed together should not come back
/// together.
const JITTER: f64 = 0.2;
/// How long the log is kept.
const LOG: TimeDelta = TimeDelta::days(30);
const FORGET: Duration = Duration::from_secs(3600);

#[derive(Clone)]
pub struct Deliverer {
    store: Store,
    target: Target,
    client: Client,
    clock: Clock,
}

/// The deliveries that wait.
#[derive(Clone)]
struct Deliveries(Deliverer);

impl Work for Deliveries {
    type Item = DueDelivery;
    type Outcome = Result<(), StoreError>;
    const NAME: &'static str = "webhooks";

    async fn due(&self, room: usize) -> Result<Vec<DueDelivery>, StoreError> {
        let Deliverer { store, clock, .. } = &self.0;
        store.webhooks().lease_due(u32::try_from(room).unwrap_or(u32::MAX), LEASE, clock()).await
    }

    async fn act(self, delivery: DueDelivery) -> Result<(), StoreError> {
        let attempt = self.0.attempt(&delivery).await;
        self.0.store.webhooks().settle(delivery.id, &attempt, (self.0.clock)()).await
    }
}

/// Why an attempt failed.
struct Failure {
    code: &'static str,
    status: Option<StatusCode>,
    retry_after: Option<TimeDelta>,
}

impl Deliverer {
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn new(store: Store, target: Target, clock: Clock) -> Result<Self, reqwest::Error> {
        let client = targets::client(&target, ATTEMPT)?;
        Ok(Self { store, target, client, clock })
    }

    /// Sends what is due until `stop`; attempts under way are finished.
    pub async fn run(self, stop: CancellationToken) {
        let forget = async {
            loop {
                tokio::time::sleep(FORGET).await;
                if let Err(error) = self.store.webhooks().forget_deliveries((self.clock)() - LOG).await {
                    tracing::warn!(%error, "the log of deliveries cannot be shortened");
                }
            }
        };
        let pace = Pace { at_once: ATTEMPTS_AT_ONCE, poll: POLL, rest: Duration::ZERO, farewell: None };
        // Nobody says that a delivery was queued: it commits with the change that it tells of.
        let more = Notify::new();
        let send = queue::run(Deliveries(self.clone()), pace, &more, &stop, |settled| {
            if let Err(error) = settled {
                tracing::warn!(%error, "what became of a webhook could not be written down; it is sent again");
            }
        });
        tokio::join!(send, stop.run_until_cancelled(forget));
    }

    /// Makes one attempt for each of up to 32 deliveries that are due; returns how many.
    ///
    /// # Errors
    /// When the queue cannot be read or written; what was not settled comes again.
    pub async fn deliver_due(&self) -> Result<usize, StoreError> {
        let queue = Deliveries(self.clone());
        let due = queue.due(ATTEMPTS_AT_ONCE).await?;
        let settled: Vec<_> = stream::iter(due)
            .map(|item| queue.clone().act(item))
            .buffer_unordered(ATTEMPTS_AT_ONCE)
            .collect()
            .await;
        settled.into_iter().try_fold(0, |count, settled| settled.map(|()| count + 1))
    }

    #[tracing::instrument(name = "webhook", skip_all, fields(attempt = delivery.attempts, status = field::Empty, code = field::Empty))]
    async fn attempt(&self, delivery: &DueDelivery) -> Attempt {
        let failed = match self.send(delivery).await {
            Ok(status) => {
                Span::current().record("status", status.as_u16());
                telemetry::webhook_attempted("delivered");
                return Attempt::Delivered { status: status.as_u16() };
            }
            Err(failed) => failed,
        };
        Span::current().record("code", failed.code);
        Span::current().record("status", failed.status.map(|status| status.as_u16()));
        telemetry::webhook_attempted(failed.code);
        tracing::info!(delivery = %delivery.id, "webhook not delivered");
        // Standard Webhooks: 410 says that nobody will ever listen there again.
        let gone = failed.status == Some(StatusCode::GONE);
        if gone && let Err(error) = self.store.webhooks().set_enabled(delivery.webhook_id, false).await {
            tracing::warn!(%error, "a webhook that is gone could not be switched off");
        }
        let hopeless = gone || !delivery.webhook_enabled;
        let next = if hopeless { None } else { wait(delivery.attempts, rand::random()) };
        let next = next.map(|wait| (self.clock)() + failed.retry_after.unwrap_or_default().max(wait));
        Attempt::Failed { status: failed.status.map(|status| status.as_u16()), error: failed.code, next }
    }

    async fn send(&self, delivery: &DueDelivery) -> Result<StatusCode, Failure> {
        if !delivery.webhook_enabled {
            return Err(Failure::without_answer("webhook_disabled"));
        }
        let url = self.target.parse(&delivery.url).map_err(|error| Failure::without_answer(error.code()))?;
        let (id, timestamp) = (delivery.id.to_string(), (self.clock)().timestamp());
        let signature = standardwebhooks::Webhook::new(&delivery.secret)
            .and_then(|key| key.sign(&id, timestamp, delivery.payload.as_bytes()))
            .map_err(|_| Failure::without_answer("unusable_secret"))?;
        let mut request = self.client.post(url);
        if let Some(trace) = telemetry::here(&Span::current()) {
            request = request.header(TraceParent::HEADER, trace.to_string());
        }
        let response = request
            .header(header::CONTENT_TYPE, "application/json")
            .header(HEADER_WEBHOOK_ID, id.as_str())
            .header(HEADER_WEBHOOK_TIMESTAMP, timestamp)
            .header(HEADER_WEBHOOK_SIGNATURE, signature)
            .body(delivery.payload.clone())
            .send()
            .await
            .map_err(|error| Failure::without_answer(targets::code(&error)))?;
        if response.status().is_success() {
            return Ok(response.status());
        }
        Err(Failure {
            code: "refused",
            status: Some(response.status()),
            retry_after: retry_after(&response, (self.clock)()),
        })
    }
}

impl Failure {
    fn without_answer(code: &'static str) -> Self {
        Self { code, status: None, retry_after: None }
    }
}

/// How long to wait after the given attempt, counted from 1; `None` after the last. `chance` is 0..1.
fn wait(attempt: u32, chance: f64) -> Option<TimeDelta> {
    let wait = WAITS.after(attempt)?;
    TimeDelta::from_std(wait.mul_f64(1.0 + JITTER * chance)).ok()
}

#[cfg(test)]
mod tests;
