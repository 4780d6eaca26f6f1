//! The Telegram bot: a door for guests who have no browser at hand. Pictures for a booth's hand-off session in
//! and its results out, and the selfie search.
//!
//! Nothing is lost and nothing is done twice when the process dies at any moment, because everything goes
//! through rows: an update is written down before Telegram is told that it has come ([`inbox`]); it is done in
//! one transaction with what it leads to ([`chats::Outcome`](crate::chats::Outcome)); what is to
//! be said is a row until Telegram has it ([`outbox`]). Telegram knows no second sending of the same message,
//! so one that it took just before a power cut may come twice; it is never missing.
//!
//! [`talk`] and [`booth`] hold the conversation and call services; [`api`] is all that knows `teloxide`. Must
//! not know HTTP routes nor rows other than its own.
//!
//! # How a message goes
//!
//! `telegram/inbox.rs` → row → `talk.rs`, `booth.rs` → row → `outbox.rs`. `teloxide` makes the requests
//! (`api.rs`); its dispatcher is not used, because it acknowledges an update before anybody has acted upon
//! it, and its types of an update are not, because they skip one of which they do not understand a field.
//!
//! - **Written down, then acknowledged.** An update becomes a row (what it asks for, nothing else) before
//!   the next question's `offset`, or the webhook's 200, tells Telegram that it has come. Its number is
//!   remembered for two days, so that it may come again.
//! - **Done once.** The conversation calls services that may be called twice (a consent's id is made with
//!   the update; a hand-off knows the file that it has). Then one transaction marks the update done,
//!   changes what the chat is about, and puts what is to be said into rows.
//! - **Sent until it is received.** A message's row goes when Telegram has it. Telegram knows no key for a
//!   message: one that it took in the moment of a crash comes twice, rather than never.
//! - **In order.** `queue.rs` takes the first row of each chat only, eight chats at a time. A second
//!   between messages to one chat, 30 messages a second in all, and whatever wait a 429 asks for.
//! - **Results of a booth** are looked for in the rows of chats that wait for them: when the hand-off says
//!   that there is one, at the start, and twice a minute. That it is on its way is written down with it.

mod api;
mod booth;
mod inbox;
mod later;
mod message;
mod news;
mod outbox;
mod talk;
mod wire;
mod words;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    chats::{Chats, StoreError},
    config,
    domain::{Addresses, Clock, ConsentId, HandoffId},
    guests::Guests,
    handoff::Handoff,
    news::News,
    queue,
    throttle::Throttle,
};

use api::Api;

/// How often what has run out is removed.
const SWEEP: Duration = Duration::from_secs(300);
/// Rows that were put off become due without a word.
const POLL: Duration = Duration::from_secs(1);
/// Work in progress at shutdown may still be finished; the rest comes again.
const FAREWELL: Duration = Duration::from_secs(5);

/// Why an update that came by webhook was not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookRefused {
    /// Not from Telegram, or webhooks are not what is configured.
    #[error("the sender does not know the secret")]
    Stranger,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The bot. Cheap to clone.
#[derive(Clone)]
pub struct Telegram(Arc<Bot>);

struct Bot {
    chats: Chats,
    guests: Guests,
    handoff: Handoff,
    news: News,
    api: Api,
    /// Of searches, by chat.
    throttle: Throttle<i64>,
    clock: Clock,
    addresses: Addresses,
    webhook: bool,
    /// The bot's user name without the `@`, once Telegram has said it.
    name: OnceLock<String>,
    /// Something has been taken in.
    received: Notify,
    /// Something is to be said.
    said: Notify,
    /// Somebody has come from a booth.
    expected: Notify,
}

impl Bot {
    /// Keeps the bot's user name; the first one counts.
    fn met(&self, name: String) {
        // A second name would mean two bots on one installation, which the setting cannot say.
        let _ = self.name.set(name);
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }
}

impl Telegram {
    #[must_use]
    pub fn new(
        settings: &config::Telegram,
        addresses: Addresses,
        chats: Chats,
        guests: Guests,
        handoff: Handoff,
        news: News,
        clock: Clock,
    ) -> Self {
        Self(Arc::new(Bot {
            api: Api::new(settings),
            chats,
            guests,
            throttle: talk::throttle(),
            handoff,
            news,
            clock,
            addresses,
            webhook: settings.webhook,
            name: OnceLock::new(),
            received: Notify::new(),
            said: Notify::new(),
            expected: Notify::new(),
        }))
    }

    /// Takes in what Telegram has sent to the webhook. `secret` is what the sender says it is.
    ///
    /// # Errors
    /// [`WebhookRefused`]; Telegram sends it again then.
    pub async fn take(&self, secret: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), WebhookRefused> {
        if !self.0.webhook || !self.0.api.is_webhook_secret(secret) {
            return Err(WebhookRefused::Stranger);
        }
        Ok(inbox::take(&self.0, body, now).await?)
    }

    /// The link that opens the bot at this hand-off, once the bot's name is known.
    #[must_use]
    pub fn link(&self, handoff: HandoffId) -> Option<String> {
        self.0.name.get().map(|name| format!("https://t.me/{name}?start={handoff}"))
    }

    /// Whether the bot's name is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.name.get().is_some()
    }

    /// The link by which a chat comes for these news, once the bot's name is known.
    #[must_use]
    pub fn link_to_news(&self, news: ConsentId) -> Option<String> {
        self.0.name.get().map(|name| format!("https://t.me/{name}?start={news}"))
    }

    /// Keeps the bot's user name (without the `@`), as [`introduce`](Self::introduce) does when Telegram says it.
    pub fn meet(&self, name: String) {
        self.0.met(name);
    }

    /// Finds out what the bot is called, so that phones can be led to it; also where another node runs it.
    pub async fn introduce(&self) {
        inbox::introduce(&self.0).await;
    }

    /// Works until cancelled, on one node at a time. Whatever happens to Telegram, this does not end before.
    pub async fn run(self, stop: CancellationToken) {
        let bot = &self.0;
        let sweep = async {
            loop {
                if let Err(error) = bot.chats.sweep(bot.now()).await {
                    tracing::warn!(%error, "what the bot remembers could not be swept");
                }
                bot.throttle.forget_old();
                tokio::time::sleep(SWEEP).await;
            }
        };
        // Nobody says that news were queued: they commit with what they tell of.
        let unsaid = Notify::new();
        tokio::join!(
            stop.run_until_cancelled(inbox::listen(bot)),
            stop.run_until_cancelled(booth::watch(bot)),
            stop.run_until_cancelled(sweep),
            queue::run(talk::Updates(Arc::clone(bot)), talk::PACE, &bot.received, &stop, |()| ()),
            queue::run(news::News(Arc::clone(bot)), news::PACE, &unsaid, &stop, |()| ()),
            queue::run(outbox::Messages(Arc::clone(bot)), outbox::PACE, &bot.said, &stop, |()| ()),
        );
    }
}
