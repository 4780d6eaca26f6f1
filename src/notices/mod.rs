//! What those who look after a session hear of it: the first visit, an order, an upload that stands still, a guest who asks
//! to be left out. In the panel, and by mail; each can be switched off by whoever is told.
//!
//! [`NoticeKeeper`] finds it in the rows of what happened (`store/notices.rs`). A mail tells all that came within a minute,
//! and the next one comes ten minutes later at the earliest. Must not know doors.

mod words;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{Clock, NoticeId, UserId},
    mail::Postbox,
    store::{Newest, Store, StoreError},
};

pub use crate::store::{Notice, NoticeSetting};

/// Between looks whether something happened.
const POLL: Duration = Duration::from_secs(10);
/// What comes within this is told together.
const GATHERING: TimeDelta = TimeDelta::minutes(1);
/// Between two mails to one reader.
const PAUSE: TimeDelta = TimeDelta::minutes(10);
/// How long a notice is kept.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Cheap to clone.
#[derive(Clone)]
pub struct Notices {
    store: Store,
    postbox: Postbox,
    /// Without a slash at its end.
    public_url: String,
    clock: Clock,
}

impl Notices {
    #[must_use]
    pub fn new(store: Store, postbox: Postbox, public_url: String, clock: Clock) -> Self {
        Self { store, postbox, public_url, clock }
    }

    /// Whether anything can be told by mail.
    #[must_use]
    pub fn can_mail(&self) -> bool {
        self.postbox.enabled()
    }

    /// What the panel shows somebody, the newest first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn list(
        &self,
        user: UserId,
        after: Option<Newest<NoticeId>>,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        self.store.notices().list(user, after, limit).await
    }

    /// How many of them somebody has not looked at.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn unseen(&self, user: UserId) -> Result<u64, StoreError> {
        self.store.notices().unseen(user).await
    }

    /// Somebody has looked at all that there is.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn see(&self, user: UserId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.store.notices().see(user, now).await
    }

    /// How somebody wants to be told, of each kind.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn settings(&self, user: UserId) -> Result<Vec<NoticeSetting>, StoreError> {
        self.store.notices().settings(user).await
    }

    /// Changes that; kinds that are not named stay as they are.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn set(&self, user: UserId, settings: &[NoticeSetting]) -> Result<(), StoreError> {
        self.store.notices().set(user, settings).await
    }
}

/// Runs on one node at a time.
pub struct NoticeKeeper(pub Notices);

impl NoticeKeeper {
    /// Until cancelled.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            match stop.run_until_cancelled(self.round()).await {
                None => return,
                Some(Ok(())) => {}
                Some(Err(error)) => tracing::warn!(%error, "photographers are told later"),
            }
            if stop.run_until_cancelled(tokio::time::sleep(POLL)).await.is_none() {
                return;
            }
        }
    }

    /// Finds what happened, and writes the mails that are due.
    ///
    /// # Errors
    /// `StoreError`; what is done stays done.
    pub async fn round(&self) -> Result<(), StoreError> {
        let Notices { store, postbox, public_url, clock } = &self.0;
        let (rows, now) = (store.notices(), clock());
        rows.collect(GATHERING, PAUSE, now).await?;
        if postbox.enabled() {
            if rows.mail(now, |to, notices| words::mail(to, notices, public_url)).await? > 0 {
                postbox.wake();
            }
        } else {
            rows.forget_mails().await?;
        }
        rows.forget_before(now - KEPT).await
    }
}
