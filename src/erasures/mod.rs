//! Erasing for good, beside the running service: who asks, what is done, and the receipt.
//!
//! - **Asked twice.** The first request says what would go and gives a word that confirms it, good for ten minutes, for
//!   this thing and this caller. Only with that word anything is erased.
//! - **Rows first, in the transaction that notes the request** (`store/requests.rs`). From then on nobody sees it, and a
//!   process that dies forgets nothing: the note stays open.
//! - **The rest in the background of one node** ([`ErasureKeeper`]): files and vectors, once more after whoever had a
//!   photo in hand is done; then the face index and the database's file are written anew, once for all requests that
//!   wait. Searches and uploads go on.
//! - **A receipt only when nothing is left.** A second look counts; while something is there, the request stays open and
//!   says what it waits for. The receipt is a row and a file in a folder of receipts, which a restore of an older back-up
//!   carries out (`backup/receipts.rs`).
//!
//! The command `pixora erase` does the same at once, where no server runs. Must not know doors.

mod keeper;
mod receipt;

use std::{path::PathBuf, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use crate::{
    domain::{
        Clock, Erasable, ErasureId, Once, OnceKey, Photo, PhotoId, PhotoSessionId, SessionStatus, StudioId,
        UserId,
    },
    events::{Event, Events},
    guests::Guests,
    people::People,
    photo_sessions::PhotoSessions,
    photos::{EraseError, Eraser},
    secrets::LinkSigner,
    store::{AccountKept, AccountRows, Asked, NewErasure, Removed, Store, StoreError},
};

pub use crate::store::{AccountHeld, ErasureFilter, ErasureRequest, Newest};
pub use keeper::ErasureKeeper;
pub use receipt::{About, ConsentRows, Database, IndexFiles, OrderRows, PersonRows, Receipt, mentions};

/// The purpose in the signature of a confirmation.
const PURPOSE: &str = "erasure";
/// How long somebody may think about it.
const THINKING: TimeDelta = TimeDelta::minutes(10);

#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    #[error("the erasure is not confirmed, or the confirmation is too old")]
    NotConfirmed,
    #[error("there is nothing like that")]
    NotFound,
    #[error("the key was used for another request")]
    KeyReused,
    #[error("the account is still needed: {0:?}")]
    Held(AccountHeld),
    #[error(transparent)]
    Erase(#[from] EraseError),
}

impl From<StoreError> for ErasureError {
    fn from(error: StoreError) -> Self {
        Self::Erase(error.into())
    }
}

/// Something that is to be erased, of which the caller has been checked.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub of: Erasable,
    pub session: PhotoSessionId,
    pub studio: StudioId,
    pub by: UserId,
}

/// What would go, and the word that confirms it.
#[derive(Debug, Clone)]
pub struct Preview {
    pub photos: u64,
    pub files: u64,
    pub vectors: u64,
    /// Of an account: what would go, and what would stay.
    pub account: Option<(AccountRows, AccountKept)>,
    pub confirm: String,
    pub confirm_until: DateTime<Utc>,
}

/// Where receipts and the database's file are.
#[derive(Debug, Clone)]
pub struct Places {
    pub receipts: PathBuf,
    /// `None` with PostgreSQL.
    pub database: Option<PathBuf>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Erasures {
    store: Store,
    eraser: Eraser,
    sessions: PhotoSessions,
    guests: Guests,
    people: People,
    events: Events,
    links: LinkSigner,
    places: Places,
    wake: Arc<Notify>,
    clock: Clock,
}

/// The rooms that hear of an erasure.
pub struct Neighbours {
    pub sessions: PhotoSessions,
    pub guests: Guests,
    pub people: People,
    pub events: Events,
}

impl Erasures {
    #[must_use]
    pub fn new(eraser: Eraser, neighbours: Neighbours, links: LinkSigner, places: Places) -> Self {
        let Neighbours { sessions, guests, people, events } = neighbours;
        let (store, clock) = (eraser.store.clone(), Arc::clone(&eraser.clock));
        let wake = Arc::default();
        Self { store, eraser, sessions, guests, people, events, links, places, wake, clock }
    }

    /// What would go.
    ///
    /// # Errors
    /// [`EraseError`].
    pub async fn preview(&self, wish: &Wish) -> Result<Preview, EraseError> {
        let Removed { files, vectors, .. } = self.eraser.measure(wish.of, wish.session).await?;
        let photos = match wish.of {
            Erasable::Session(session) => self.store.photos().counts(session).await?.kept(),
            Erasable::Photo(_) => 1,
            Erasable::Person(_)
            | Erasable::Consent(_)
            | Erasable::Order(_)
            | Erasable::Account(_)
            | Erasable::News(_) => 0,
        };
        let account = match wish.of {
            Erasable::Account(account) => {
                let account = self.store.account(account).await?;
                Some((account.rows, account.stays))
            }
            _ => None,
        };
        let until = (self.clock)() + THINKING;
        let signature = self.links.sign(PURPOSE, &signed(wish), Some(until));
        let confirm = format!("{}.{signature}", until.timestamp());
        Ok(Preview { photos, files, vectors, account, confirm, confirm_until: until })
    }

    /// The erasure that was asked for under this key before, if there was one.
    ///
    /// # Errors
    /// [`ErasureError::KeyReused`], or the database's.
    pub async fn earlier(&self, key: Option<&OnceKey>) -> Result<Option<ErasureRequest>, ErasureError> {
        let Some(key) = key else { return Ok(None) };
        match self.store.erasure_requests().answered(key).await? {
            None | Some(Once::First) => Ok(None),
            Some(Once::Reused) => Err(ErasureError::KeyReused),
            Some(Once::Again(id)) => self.named(&id).await.map(Some),
        }
    }

    /// Erases the rows and begins with the rest; `confirm` is the word of the [`Preview`].
    ///
    /// # Errors
    /// [`ErasureError`]; nothing is erased then.
    pub async fn ask(
        &self,
        wish: Wish,
        confirm: &str,
        key: Option<&OnceKey>,
    ) -> Result<ErasureRequest, ErasureError> {
        let now = (self.clock)();
        if !self.is_confirmed(&wish, confirm, now) {
            return Err(ErasureError::NotConfirmed);
        }
        if let Erasable::Account(account) = wish.of
            && let Some(held) = self.store.account_held(account).await?
        {
            return Err(ErasureError::Held(held));
        }
        let Wish { of, session, studio, by } = wish;
        let new =
            NewErasure { id: ErasureId::generate(), of, session, studio, asked_by: Some(by), asked_at: now };
        let measured = self.eraser.measure(of, session).await?;
        let seen = self.seen(of).await?;
        let written = self.written(of).await?;
        match self.store.erasure_requests().ask(&new, measured, key).await? {
            Asked::NotFound => Err(ErasureError::NotFound),
            Asked::Once(Once::Again(id)) => self.named(&id).await,
            Asked::Once(Once::First | Once::Reused) => Err(ErasureError::KeyReused),
            Asked::Begun(turned) => {
                self.tell(&wish, &seen).await;
                self.people.told(session, &turned).await?;
                self.guests.tell_comments(session, written).await?;
                self.wake.notify_one();
                self.named(&new.id.to_string()).await
            }
        }
    }

    /// One erasure.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn get(&self, id: ErasureId) -> Result<Option<ErasureRequest>, StoreError> {
        self.store.erasure_requests().get(id).await
    }

    /// Erasures that the filter lets through, newest first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn list(
        &self,
        filter: &ErasureFilter,
        after: Option<Newest<ErasureId>>,
        limit: u32,
    ) -> Result<Vec<ErasureRequest>, StoreError> {
        self.store.erasure_requests().list(filter, after, limit).await
    }

    fn is_confirmed(&self, wish: &Wish, confirm: &str, now: DateTime<Utc>) -> bool {
        let Some((until, signature)) = confirm.split_once('.') else { return false };
        let until = until.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        until.is_some() && self.links.verify(PURPOSE, &signed(wish), until, now, signature)
    }

    async fn named(&self, id: &str) -> Result<ErasureRequest, ErasureError> {
        let id: ErasureId = id.parse().map_err(|_| ErasureError::NotFound)?;
        self.get(id).await?.ok_or(ErasureError::NotFound)
    }

    /// The photos that guests see and that go with what is to be erased.
    async fn seen(&self, of: Erasable) -> Result<Vec<PhotoId>, StoreError> {
        let photos = match of {
            Erasable::Photo(photo) => vec![photo],
            Erasable::Consent(consent) => self.store.guest_photos().sent_under(consent).await?,
            _ => return Ok(Vec::new()),
        };
        let photos = self.store.photos().get_many(&photos).await?.into_iter();
        Ok(photos.filter(Photo::is_visible).map(|photo| photo.id).collect())
    }

    /// The photos that lose comments with what is to be erased.
    async fn written(&self, of: Erasable) -> Result<Vec<PhotoId>, StoreError> {
        match of {
            Erasable::Consent(consent) => self.store.comments().written_under(consent).await,
            _ => Ok(Vec::new()),
        }
    }

    /// Tells everybody who watches, on every node.
    async fn tell(&self, wish: &Wish, seen: &[PhotoId]) {
        for photo in seen {
            self.events.publish(wish.session, Event::Taken { id: *photo, state: None });
        }
        match wish.of {
            Erasable::Session(session) => {
                let (status, gallery_open, face_search) = (SessionStatus::Archived, false, false);
                self.sessions.changed_elsewhere(session, &status, gallery_open, face_search).await;
                self.events.publish(session, Event::Session { status, gallery_open, face_search });
            }
            Erasable::Photo(photo) => {
                self.events.publish(wish.session, Event::deleted(photo));
            }
            Erasable::Consent(consent) => self.guests.drop_consent(consent),
            Erasable::Person(_) | Erasable::Order(_) | Erasable::Account(_) | Erasable::News(_) => {}
        }
    }
}

/// What a confirmation is good for.
fn signed(wish: &Wish) -> String {
    format!("{} {} {}", wish.of.kind(), wish.of.id(), wish.by)
}
