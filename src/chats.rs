//! What the bot knows of its chats, and what waits in them: updates to act upon, messages to send. What an update or
//! a message means is the bot's affair: here it is text.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    domain::{HandoffPhotoId, NewsChannel, NewsMessageId},
    store::{NewsMessageRows, Store, TelegramOutcome, TelegramRows},
};

pub use crate::store::{
    AwaitedResults, ChatChange, QueuedNews, StoreError, TelegramChat, TelegramOutcome as Outcome, Waiting,
};

/// News that are not settled by then died with their process, and are sent again.
const LEASE: std::time::Duration = std::time::Duration::from_secs(120);

/// Cheap to clone.
#[derive(Clone)]
pub struct Chats {
    store: Store,
}

impl Chats {
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    fn rows(&self) -> TelegramRows<'_> {
        self.store.telegram()
    }

    /// Takes updates in (number, chat, JSON); one that came before is left alone.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn receive(
        &self,
        updates: &[(i64, i64, String)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.rows().receive(updates, now).await
    }

    /// The highest number that was taken in lately.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn last_update(&self, now: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        self.rows().last_update(now).await
    }

    /// The next update of each chat, where that is due.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn due_updates(&self, now: DateTime<Utc>) -> Result<Vec<Waiting<i64>>, StoreError> {
        self.rows().due_updates(now).await
    }

    /// The next update of the chat after this one, JSON, if one has come by now.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn next_update(&self, chat: i64, after: i64) -> Result<Option<String>, StoreError> {
        self.rows().said_next(chat, after).await
    }

    /// Marks an update as done, with all that it leads to; `false` when it was done before.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn settle(
        &self,
        update: &Waiting<i64>,
        outcome: &TelegramOutcome,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.rows().settle(update, outcome, now).await
    }

    /// The update is tried again at `due`.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn postpone_update(&self, update: i64, due: DateTime<Utc>) -> Result<(), StoreError> {
        self.rows().postpone_update(update, due).await
    }

    /// The state of a chat; empty when the chat is unknown.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn about(&self, chat: i64) -> Result<TelegramChat, StoreError> {
        Ok(self.rows().chat(chat).await?.unwrap_or_default())
    }

    /// Everything that is known of a chat goes, unsent messages included.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn forget(&self, chat: i64) -> Result<(), StoreError> {
        self.rows().forget(chat).await
    }

    /// Chats that wait for a booth's results.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn awaited(&self, now: DateTime<Utc>) -> Result<Vec<AwaitedResults>, StoreError> {
        self.rows().awaited(now).await
    }

    /// Puts a result on its way, once; `false` when it is on its way already, or nobody waits any more.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn send_result(
        &self,
        awaited: &AwaitedResults,
        result: HandoffPhotoId,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.rows().send_result(awaited, result, message, now).await
    }

    /// The next message of each chat, where that is due.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn due_messages(&self, now: DateTime<Utc>) -> Result<Vec<Waiting<Uuid>>, StoreError> {
        self.rows().due_messages(now).await
    }

    /// The message is there, or will never be.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn sent(&self, message: Uuid) -> Result<(), StoreError> {
        self.rows().said(message).await
    }

    /// The message is tried again at `due`.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn postpone_message(&self, message: Uuid, due: DateTime<Utc>) -> Result<(), StoreError> {
        self.rows().postpone_message(message, due).await
    }

    fn news(&self) -> NewsMessageRows<'_> {
        self.store.news_messages(NewsChannel::Telegram)
    }

    /// Takes news for chats that are due; each is due again soon, should we die before it is settled.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn due_news(&self, room: usize, now: DateTime<Utc>) -> Result<Vec<QueuedNews>, StoreError> {
        self.news().lease_due(u32::try_from(room).unwrap_or(u32::MAX), LEASE, now).await
    }

    /// News are there, or will never be.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn news_sent(&self, message: NewsMessageId) -> Result<(), StoreError> {
        self.news().sent(message).await
    }

    /// News are tried again at `due`.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn postpone_news(&self, message: NewsMessageId, due: DateTime<Utc>) -> Result<(), StoreError> {
        self.news().retry(message, due).await
    }

    /// Removes what has run out.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.rows().sweep(now).await
    }
}
