//! Sends what is queued: at least once, in attempts that lie further and further apart.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, StatusCode, header};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{Span, field};

use super::{Push, Subscription, seal};
use crate::{
    domain::{Clock, NewsChannel},
    queue::{self, BackOff, Pace, Work},
    store::{NewsMail, QueuedNews, Store, StoreError},
    targets::{self, retry_after},
    telemetry,
};

/// From the connection to the head of the answer.
const ATTEMPT: Duration = Duration::from_secs(15);
/// A notification that is not settled by then died with its process, and is sent again.
const LEASE: Duration = Duration::from_secs(60);
const AT_ONCE: usize = 16;
/// Between looks at the queue; nobody says that something was queued.
const POLL: Duration = Duration::from_secs(1);
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_secs(15), Duration::from_secs(60 * 60));
/// A notification that is older has missed its purpose.
const GIVE_UP: TimeDelta = TimeDelta::days(2);
/// How long the push service keeps it for a browser that is not there.
const KEPT_THERE: Duration = Duration::from_secs(24 * 60 * 60);

/// What becomes of a notification that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Composed {
    /// JSON for the page's worker, and where it goes.
    Notification(Box<(Subscription, String)>),
    /// There is nothing (any more) to be told.
    Nothing,
    /// It may be told later, not now.
    Later,
}

/// Makes notifications, as far as their reader may see them now, and hears what became of the reader.
#[async_trait]
pub trait Composer: Send + Sync + 'static {
    /// # Errors
    /// [`StoreError`]; it is asked again then.
    async fn compose(&self, news: &NewsMail) -> Result<Composed, StoreError>;

    /// The push service knows the browser no more.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn gone(&self, news: &NewsMail) -> Result<(), StoreError>;
}

/// Sends what lies in the outbox. Cheap to clone.
#[derive(Clone)]
pub struct Pusher {
    store: Store,
    push: Push,
    composer: Arc<dyn Composer>,
    client: Client,
    /// Where the operator of a push service finds us.
    contact: String,
    clock: Clock,
}

#[derive(Clone)]
struct Outbox(Pusher);

impl Work for Outbox {
    type Item = QueuedNews;
    type Outcome = Result<(), StoreError>;
    const NAME: &'static str = "pushes";

    async fn due(&self, room: usize) -> Result<Vec<QueuedNews>, StoreError> {
        let Pusher { store, clock, .. } = &self.0;
        store
            .news_messages(NewsChannel::Push)
            .lease_due(u32::try_from(room).unwrap_or(u32::MAX), LEASE, clock())
            .await
    }

    async fn act(self, queued: QueuedNews) -> Result<(), StoreError> {
        self.0.send(queued).await
    }
}

/// What an attempt came to.
enum Outcome {
    Sent,
    /// Nobody is there any more.
    Gone,
    /// It will never be taken.
    Refused(&'static str),
    /// It may be taken after this, at the earliest.
    Later(&'static str, Option<TimeDelta>),
}

impl Pusher {
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn new(
        store: Store,
        push: Push,
        composer: Arc<dyn Composer>,
        contact: String,
        clock: Clock,
    ) -> Result<Self, reqwest::Error> {
        let client = targets::client(&push.target, ATTEMPT)?;
        Ok(Self { store, push, composer, client, contact, clock })
    }

    /// Until cancelled; attempts under way are finished.
    pub async fn run(self, stop: CancellationToken) {
        let pace = Pace { at_once: AT_ONCE, poll: POLL, rest: Duration::ZERO, farewell: None };
        queue::run(Outbox(self), pace, &Notify::new(), &stop, |settled| {
            if let Err(error) = settled {
                tracing::warn!(%error, "what became of a notification could not be written down; it is sent again");
            }
        })
        .await;
    }

    /// Makes one attempt for each notification that is due; returns how many.
    ///
    /// # Errors
    /// [`StoreError`]; what was not settled comes again.
    pub async fn send_due(&self) -> Result<usize, StoreError> {
        let due =
            self.store.news_messages(NewsChannel::Push).lease_due(u32::MAX, LEASE, (self.clock)()).await?;
        let count = due.len();
        for queued in due {
            self.send(queued).await?;
        }
        Ok(count)
    }

    #[tracing::instrument(name = "push", skip_all, fields(attempt = queued.attempts, code = field::Empty))]
    async fn send(&self, queued: QueuedNews) -> Result<(), StoreError> {
        let (rows, now) = (self.store.news_messages(NewsChannel::Push), (self.clock)());
        let outcome = match self.composer.compose(&queued.news).await? {
            Composed::Notification(made) => self.attempt(&made.0, &made.1, now).await,
            Composed::Nothing => return rows.sent(queued.id).await,
            Composed::Later => Outcome::Later("closed", None),
        };
        let code = match &outcome {
            Outcome::Sent => "sent",
            Outcome::Gone => "gone",
            Outcome::Refused(code) | Outcome::Later(code, _) => code,
        };
        Span::current().record("code", code);
        telemetry::push_attempted(code);
        match outcome {
            Outcome::Gone => self.composer.gone(&queued.news).await,
            Outcome::Later(_, asked) if now - queued.created_at <= GIVE_UP => {
                let wait = TimeDelta::from_std(BACK_OFF.wait(queued.attempts)).unwrap_or(GIVE_UP);
                rows.retry(queued.id, now + asked.unwrap_or_default().max(wait)).await
            }
            Outcome::Sent => rows.sent(queued.id).await,
            Outcome::Refused(_) | Outcome::Later(..) => {
                tracing::warn!(push = %queued.id, code, "a notification is given up");
                rows.sent(queued.id).await
            }
        }
    }

    async fn attempt(&self, to: &Subscription, content: &str, now: DateTime<Utc>) -> Outcome {
        let Ok(endpoint) = self.push.target.parse(&to.endpoint) else {
            return Outcome::Refused("private_address");
        };
        let Some((p256dh, auth)) = to.keys() else { return Outcome::Refused("invalid_keys") };
        let Some(body) = seal::seal(content.as_bytes(), &p256dh, &auth) else {
            return Outcome::Refused("too_large");
        };
        let Some(authorization) = self.push.keys.authorization(&endpoint, &self.contact, now) else {
            return Outcome::Later("unsigned", None);
        };
        let sent = self
            .client
            .post(endpoint)
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("ttl", KEPT_THERE.as_secs())
            .body(body)
            .send()
            .await;
        match sent {
            Ok(answer) => {
                let wait = retry_after(&answer, now);
                match answer.status() {
                    status if status.is_success() => Outcome::Sent,
                    // RFC 8030, section 7.3; 404 is what services say of one that was removed.
                    StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone,
                    StatusCode::TOO_MANY_REQUESTS => Outcome::Later("too_many", wait),
                    status if status.is_server_error() => Outcome::Later("unavailable", wait),
                    _ => Outcome::Refused("refused"),
                }
            }
            Err(error) => match targets::code(&error) {
                // Its name means another address by now.
                code @ ("private_address" | "invalid_url") => Outcome::Refused(code),
                code => Outcome::Later(code, None),
            },
        }
    }
}
