//! Choosing: guests' hearts, the couple's selection with its limit, and what the photographer takes back of both.
//!
//! - **A list belongs to whoever holds its key.** A guest gets one with their first heart and keeps it in a cookie; nobody
//!   signs in. The couple's list is made by the photographer and opened by its link, on as many devices as they like.
//! - **Keys are signatures, not secrets in rows** ([`ListKeys`]). Each is made for one purpose: to own a list ([`OWNER`]), to
//!   open the couple's ([`COUPLE`]), to look at a list that is shared ([`READER`]).
//! - **Nothing is chosen that its owner does not see**, and nobody is shown more of a list than they would see without it:
//!   both go through [`Visit`].
//! - **The couple may hide photos from other guests**, where the photographer lets it (`hiding`).
//!
//! Must not know doors.

mod hiding;
mod sidecar;

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use crate::{
    domain::{ChoiceKind, ChoiceList, ChoiceListId, Photo, PhotoId, PhotoSessionId, Viewer},
    events::Events,
    guests::{ListKeys, Visit},
    secrets::LinkSigner,
    store::{Choosing, Store, StoreError},
    throttle::{Throttle, network},
};

pub use crate::store::{ChosenBy, ChosenPhoto, Hearts};
pub use sidecar::sidecar;

const OWNER: &str = "choices";
const COUPLE: &str = "choices-couple";
const READER: &str = "choices-shared";

/// Characters of an owner's name.
const LONGEST_NAME: usize = 60;
/// The most that a couple may be let choose.
pub const MOST: u32 = 10_000;

#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    #[error("there is no such list")]
    NotFound,
    #[error("a photo is not there for whoever chooses it")]
    PhotoNotFound,
    #[error("the couple's selection takes no photos of guests")]
    FromGuest,
    #[error("the list holds no more than {0} photos")]
    Full(u32),
    #[error("the name is too long or not one line")]
    InvalidName,
    #[error("the limit is zero or too large")]
    InvalidLimit,
    #[error("the list does not take that")]
    NotHere,
    #[error("this device may not hide photos from other guests")]
    MayNotHide,
    #[error("the studio shows {} of the photos all the same", .0.len())]
    Overruled(Vec<PhotoId>),
    #[error("too many lists came from this address; the next may come in {} s", .0.as_secs())]
    TooMany(Duration),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What its owner changes of a list; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct OwnChange {
    pub name: Option<Option<String>>,
    pub is_shared: Option<bool>,
    pub is_done: Option<bool>,
}

/// What the photographer wants of the couple's selection; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct SelectionChange {
    pub most: Option<Option<u32>>,
    /// The couple may hide photos from other guests.
    pub may_hide: Option<bool>,
    /// The link that was given away opens nothing any more.
    pub renew_link: bool,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Choices {
    store: Store,
    keys: ListKeys,
    events: Events,
    /// A wedding's guests at once behind one address, then one a second: each list is a row that is kept.
    lists: Arc<Throttle<(PhotoSessionId, IpAddr)>>,
}

impl Choices {
    #[must_use]
    pub fn new(store: Store, links: LinkSigner, events: Events) -> Self {
        let keys = ListKeys::new(store.clone(), links);
        Self { store, keys, events, lists: Arc::new(Throttle::new(300, Duration::from_secs(1))) }
    }

    /// Forgets who has been quiet for a while; call it now and then.
    pub fn tidy(&self) {
        self.lists.forget_old();
    }

    /// The list of the session that this key of its owner opens, if it is one.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn own(
        &self,
        session: PhotoSessionId,
        key: Option<&str>,
    ) -> Result<Option<ChoiceList>, StoreError> {
        let Some(key) = key else { return Ok(None) };
        self.keys.opened(session, OWNER, key).await
    }

    /// A guest's new list.
    ///
    /// # Errors
    /// [`ChoiceError::TooMany`], [`ChoiceError::Store`].
    pub async fn begin(
        &self,
        session: PhotoSessionId,
        address: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<ChoiceList, ChoiceError> {
        self.lists.check(&(session, network(address))).map_err(ChoiceError::TooMany)?;
        let list = new_list(session, ChoiceKind::Guest, now);
        self.store.choices().create(&list).await?;
        Ok(list)
    }

    /// The key by which the owner of a list is known.
    #[must_use]
    pub fn owner_key(&self, list: &ChoiceList) -> String {
        self.keys.key(OWNER, list)
    }

    /// The key in the link of a list that is shared.
    #[must_use]
    pub fn reader_key(&self, list: &ChoiceList) -> Option<String> {
        list.is_shared.then(|| self.keys.key(READER, list))
    }

    /// By which a device of the couple is known at every door, where it may hide photos.
    #[must_use]
    pub fn sight_key(&self, list: &ChoiceList) -> Option<String> {
        self.keys.sight(list)
    }

    /// The key in the couple's link.
    #[must_use]
    pub fn couple_key(&self, list: &ChoiceList) -> String {
        self.keys.key(COUPLE, list)
    }

    /// The couple's list, for whoever has its link. What they chose before as a guest, with the key `before`, goes into it
    /// as far as its limit lets it, and but for photos of guests.
    ///
    /// # Errors
    /// [`ChoiceError::NotFound`], [`ChoiceError::Store`].
    pub async fn open(
        &self,
        visit: &Visit,
        key: &str,
        before: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<ChoiceList, ChoiceError> {
        let session = visit.session.id;
        let couple = self.keys.opened(session, COUPLE, key).await?;
        let couple = couple.filter(|list| list.kind == ChoiceKind::Couple).ok_or(ChoiceError::NotFound)?;
        let own = self.own(session, before).await?;
        if let Some(own) = own.filter(|list| list.kind == ChoiceKind::Guest) {
            for photo in self.photos(visit, &own).await?.iter().filter(|photo| !photo.is_from_guest) {
                match self.store.choices().choose(couple.id, &[photo.id], now).await? {
                    Choosing::Done(_) => {}
                    Choosing::Full(_) | Choosing::NoList => break,
                }
            }
            self.store.choices().erase(session, own.id).await?;
        }
        Ok(couple)
    }

    /// A list that is shared, and those of its photos that the visitor sees.
    ///
    /// # Errors
    /// [`ChoiceError::NotFound`], [`ChoiceError::Store`].
    pub async fn shared(&self, visit: &Visit, key: &str) -> Result<(ChoiceList, Vec<Photo>), ChoiceError> {
        let list = self.keys.opened(visit.session.id, READER, key).await?;
        let list = list.filter(|list| list.is_shared).ok_or(ChoiceError::NotFound)?;
        let photos = self.photos(visit, &list).await?;
        Ok((list, photos))
    }

    /// The photos of a list that the visitor sees, in the order in which they were chosen.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photos(&self, visit: &Visit, list: &ChoiceList) -> Result<Vec<Photo>, StoreError> {
        visit.these(&self.store.choices().photos(list.id).await?).await
    }

    /// Puts photos that the visitor sees into a list; returns how many it holds.
    ///
    /// # Errors
    /// [`ChoiceError`]; nothing is chosen then.
    pub async fn choose(
        &self,
        visit: &Visit,
        list: &ChoiceList,
        photos: &[PhotoId],
        now: DateTime<Utc>,
    ) -> Result<u64, ChoiceError> {
        let seen = visit.these(photos).await?;
        if seen.len() < photos.len() {
            return Err(ChoiceError::PhotoNotFound);
        }
        // The selection is what the photographer works on.
        if list.kind == ChoiceKind::Couple && seen.iter().any(|photo| photo.is_from_guest) {
            return Err(ChoiceError::FromGuest);
        }
        done(self.store.choices().choose(list.id, photos, now).await?)
    }

    /// Takes photos out of a list; returns how many it holds.
    ///
    /// # Errors
    /// [`ChoiceError::NotFound`], [`ChoiceError::Store`].
    pub async fn leave(
        &self,
        list: &ChoiceList,
        photos: &[PhotoId],
        now: DateTime<Utc>,
    ) -> Result<u64, ChoiceError> {
        done(self.store.choices().leave(list.id, photos, now).await?)
    }

    /// Changes what its owner says of a list.
    ///
    /// # Errors
    /// [`ChoiceError::InvalidName`], [`ChoiceError::NotHere`] for a guest's list that would be done,
    /// [`ChoiceError::NotFound`], [`ChoiceError::Store`].
    pub async fn change(
        &self,
        mut list: ChoiceList,
        change: OwnChange,
        now: DateTime<Utc>,
    ) -> Result<ChoiceList, ChoiceError> {
        if let Some(name) = change.name {
            list.name = name.map(|name| parsed_name(&name)).transpose()?.flatten();
        }
        list.is_shared = change.is_shared.unwrap_or(list.is_shared);
        if let Some(is_done) = change.is_done {
            if list.kind != ChoiceKind::Couple {
                return Err(ChoiceError::NotHere);
            }
            list.done_at = is_done.then_some(now);
        }
        list.changed_at = now;
        if self.store.choices().change(&list).await? { Ok(list) } else { Err(ChoiceError::NotFound) }
    }

    /// Erases the list that this key of its owner opens, if it is a guest's. The couple's is the photographer's to remove.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn forget(&self, session: PhotoSessionId, key: &str) -> Result<(), StoreError> {
        let list = self.own(session, Some(key)).await?;
        if let Some(list) = list.filter(|list| list.kind == ChoiceKind::Guest) {
            self.store.choices().erase(session, list.id).await?;
        }
        Ok(())
    }

    /// The session's lists, for those who manage it: the couple's first, and guests' that hold something.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn lists(&self, session: PhotoSessionId) -> Result<Vec<ChoiceList>, StoreError> {
        let mut lists = self.store.choices().of_session(session).await?;
        lists.retain(|list| list.kind == ChoiceKind::Couple || list.photos > 0);
        Ok(lists)
    }

    /// The first `most` photos of each list of a session that are ready, also those that guests do not see.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn first_photos(
        &self,
        session: PhotoSessionId,
        most: u32,
    ) -> Result<HashMap<ChoiceListId, Vec<Photo>>, StoreError> {
        let lists = self.store.choices().first_photos(session, most).await?;
        let ids: Vec<PhotoId> = lists.values().flatten().copied().collect();
        let photos = self.store.photos().ready_of(session, &ids, Viewer::Studio).await?;
        let photos: HashMap<PhotoId, Photo> = photos.into_iter().map(|photo| (photo.id, photo)).collect();
        let of = |ids: Vec<PhotoId>| ids.iter().filter_map(|id| photos.get(id).cloned()).collect();
        Ok(lists.into_iter().map(|(list, ids)| (list, of(ids))).collect())
    }

    /// Makes the couple's selection, or changes its terms. A limit below what was chosen keeps what there is.
    ///
    /// # Errors
    /// [`ChoiceError::InvalidLimit`], [`ChoiceError::Store`].
    pub async fn set_selection(
        &self,
        session: PhotoSessionId,
        change: SelectionChange,
        now: DateTime<Utc>,
    ) -> Result<ChoiceList, ChoiceError> {
        if change.most.flatten().is_some_and(|most| !(1..=MOST).contains(&most)) {
            return Err(ChoiceError::InvalidLimit);
        }
        let rows = self.store.choices();
        let before = rows.of_session(session).await?.into_iter().find(|list| list.kind == ChoiceKind::Couple);
        let is_new = before.is_none();
        let mut list = before.unwrap_or_else(|| new_list(session, ChoiceKind::Couple, now));
        list.most = change.most.unwrap_or(list.most);
        list.may_hide = change.may_hide.unwrap_or(list.may_hide);
        list.turn += u32::from(change.renew_link);
        if is_new {
            rows.create(&list).await?;
        } else if !rows.change(&list).await? {
            return Err(ChoiceError::NotFound);
        }
        Ok(list)
    }

    /// Removes a list of the session.
    ///
    /// # Errors
    /// [`ChoiceError::NotFound`], [`ChoiceError::Store`].
    pub async fn erase(&self, session: PhotoSessionId, list: ChoiceListId) -> Result<(), ChoiceError> {
        if self.store.choices().erase(session, list).await? { Ok(()) } else { Err(ChoiceError::NotFound) }
    }

    /// The photos that orders, guests and the couple have chosen, by name; those of one of them, if it is said of whom.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn chosen(
        &self,
        session: PhotoSessionId,
        by: Option<ChosenBy>,
    ) -> Result<Vec<ChosenPhoto>, StoreError> {
        self.store.choices().chosen(session, by).await
    }
}

fn done(choosing: Choosing) -> Result<u64, ChoiceError> {
    match choosing {
        Choosing::Done(photos) => Ok(photos),
        Choosing::Full(most) => Err(ChoiceError::Full(most)),
        Choosing::NoList => Err(ChoiceError::NotFound),
    }
}

fn new_list(session: PhotoSessionId, kind: ChoiceKind, now: DateTime<Utc>) -> ChoiceList {
    ChoiceList {
        id: ChoiceListId::generate(),
        session,
        kind,
        name: None,
        most: None,
        may_hide: false,
        is_shared: false,
        turn: 0,
        photos: 0,
        created_at: now,
        changed_at: now,
        done_at: None,
    }
}

/// One line of text; an empty one is no name.
fn parsed_name(name: &str) -> Result<Option<String>, ChoiceError> {
    let name = name.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ChoiceError::InvalidName);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}
