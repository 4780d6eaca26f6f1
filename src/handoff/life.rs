//! A hand-off's beginning, its changes, its end.

use std::net::IpAddr;

use serde_json::Value;

use super::{Handoff, HandoffError};
use crate::{
    domain::{HandoffId, HandoffKind, HandoffSession, HandoffStatus, StudioId},
    events::Event,
    store::{Begun, Newest, Once, OnceKey},
    throttle::network,
};

/// Of the JSON that a booth keeps with a hand-off.
const MOST_DATA_BYTES: usize = 16 << 10;
const LONGEST_USERNAME: usize = 32;

/// The maker of a hand-off.
#[derive(Debug, Clone)]
pub enum Maker {
    /// A booth with a key, of this studio.
    Booth(Option<StudioId>),
    /// Anybody else, counted by address.
    Stranger(IpAddr),
}

#[derive(Debug, Clone)]
pub struct NewHandoff {
    pub kind: HandoffKind,
    pub telegram_user_id: Option<i64>,
    pub telegram_username: Option<String>,
    pub data: Option<Value>,
}

/// A field that is `None` stays as it is; `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub status: Option<HandoffStatus>,
    pub telegram_user_id: Option<Option<i64>>,
    pub telegram_username: Option<Option<String>>,
    pub data: Option<Option<Value>>,
}

impl Handoff {
    /// A hand-off that may be begun, see [`Handoff::begin`].
    ///
    /// # Errors
    /// `TooMany`, `DataTooLarge`, `InvalidTelegramUser`.
    pub fn draft(&self, new: NewHandoff, maker: &Maker) -> Result<HandoffSession, HandoffError> {
        let (by_key, studio) = match maker {
            Maker::Booth(studio) => (true, *studio),
            Maker::Stranger(ip) => {
                self.strangers.check(&network(*ip)).map_err(HandoffError::TooMany)?;
                (false, None)
            }
        };
        Ok(HandoffSession {
            by_key,
            studio,
            telegram_user_id: new.telegram_user_id.map(user_id).transpose()?,
            telegram_username: username(new.telegram_username)?,
            data: data(new.data)?,
            ..HandoffSession::begin(new.kind, self.now())
        })
    }

    /// Begins a drafted hand-off, unless its request was answered before. `once` is the request and the answer
    /// that it gets if this is the first of it.
    ///
    /// # Errors
    /// `TooManyLive`.
    pub async fn begin(
        &self,
        draft: &HandoffSession,
        once: Option<(&OnceKey, &str)>,
    ) -> Result<Once, HandoffError> {
        match self.store.handoffs().begin(draft, once).await? {
            Begun::Once(once) => Ok(once),
            Begun::Full => Err(HandoffError::TooManyLive),
        }
    }

    /// A live hand-off.
    ///
    /// # Errors
    /// `NotFound`; `Expired`, and then it is marked so.
    pub async fn get(&self, id: HandoffId) -> Result<HandoffSession, HandoffError> {
        let now = self.now();
        match self.store.handoffs().get(id).await? {
            Some(handoff) if !handoff.is_over(now) => Ok(handoff),
            Some(HandoffSession { status: HandoffStatus::Expired, .. }) => Err(HandoffError::Expired),
            Some(_) => {
                let mark = |handoff: &mut HandoffSession| handoff.go_to(HandoffStatus::Expired);
                self.store.handoffs().change(id, mark).await?;
                self.events.publish(id, Event::Handoff);
                Err(HandoffError::Expired)
            }
            None if self.store.handoffs().was_over(id).await? => Err(HandoffError::Expired),
            None => Err(HandoffError::NotFound),
        }
    }

    /// Changes a live hand-off.
    ///
    /// # Errors
    /// `NotFound`, `Expired`, `Status`, `DataTooLarge`, `InvalidTelegramUser`.
    pub async fn change(&self, id: HandoffId, change: Change) -> Result<HandoffSession, HandoffError> {
        self.get(id).await?;
        let now = self.now();
        let telegram_user_id = change.telegram_user_id.map(|id| id.map(user_id).transpose()).transpose()?;
        let telegram_username = change.telegram_username.map(username).transpose()?;
        let data = change.data.map(data).transpose()?;
        let apply = |handoff: &mut HandoffSession| {
            if handoff.is_over(now) {
                return Err(HandoffError::Expired);
            }
            if let Some(status) = change.status {
                handoff.go_to(status)?;
            }
            handoff.telegram_user_id = telegram_user_id.unwrap_or(handoff.telegram_user_id);
            if let Some(username) = telegram_username {
                handoff.telegram_username = username;
            }
            if let Some(data) = data {
                handoff.data = data;
            }
            Ok(())
        };
        let changed = self.store.handoffs().change(id, apply).await?.ok_or(HandoffError::NotFound)??;
        self.events.publish(id, Event::Handoff);
        Ok(changed)
    }

    /// Ties a Telegram user to a live hand-off; the last one counts.
    ///
    /// # Errors
    /// `NotFound`, `Expired`, `InvalidTelegramUser`.
    pub async fn tie(
        &self,
        id: HandoffId,
        telegram_user_id: i64,
        telegram_username: Option<String>,
    ) -> Result<HandoffSession, HandoffError> {
        let change = Change {
            telegram_user_id: Some(Some(telegram_user_id)),
            telegram_username: Some(telegram_username),
            ..Change::default()
        };
        self.change(id, change).await
    }

    /// Removes a hand-off with its pictures.
    ///
    /// # Errors
    /// `NotFound`; `Expired`, and then it is removed as well.
    pub async fn remove(&self, id: HandoffId) -> Result<(), HandoffError> {
        let live = self.get(id).await;
        if matches!(live, Ok(_) | Err(HandoffError::Expired)) {
            self.store.handoffs().remove(id, self.now()).await?;
            self.events.publish(id, Event::Handoff);
            self.blobs.delete_handoff(id).await?;
        }
        live.map(|_| ())
    }

    /// Live ones, newest first: of these studios and of none, or of all. `after` is the last of the page before.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn list(
        &self,
        studios: Option<&[StudioId]>,
        status: Option<HandoffStatus>,
        after: Option<Newest<HandoffId>>,
        limit: u32,
    ) -> Result<Vec<HandoffSession>, HandoffError> {
        Ok(self.store.handoffs().list(studios, status, after, limit, self.now()).await?)
    }
}

/// Telegram counts people from 1.
fn user_id(id: i64) -> Result<i64, HandoffError> {
    if id > 0 { Ok(id) } else { Err(HandoffError::InvalidTelegramUser) }
}

/// Without the `@`; an empty one is none.
fn username(text: Option<String>) -> Result<Option<String>, HandoffError> {
    let Some(text) = text else { return Ok(None) };
    let name = text.trim().trim_start_matches('@');
    let sound =
        name.len() <= LONGEST_USERNAME && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !sound {
        return Err(HandoffError::InvalidTelegramUser);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

fn data(value: Option<Value>) -> Result<Option<Value>, HandoffError> {
    let value = value.filter(|value| !value.is_null());
    let length = value.as_ref().map_or(0, |value| value.to_string().len());
    if length > MOST_DATA_BYTES { Err(HandoffError::DataTooLarge) } else { Ok(value) }
}
