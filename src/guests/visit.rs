//! Decides what a visitor sees of a session: every handler that shows photos to a guest asks here.
//!
//! [`Guests::open`] lets a guest into a session, [`Guests::enter`] also knows which pictures they see there. What
//! makes a photo visible is said by [`Photo::is_for`] and its words in SQL, what makes a session open by
//! [`PhotoSession::is_open`], what may be saved by [`GalleryTerms::saved`](crate::domain::GalleryTerms::saved); a new
//! condition belongs there, or into [`Guests::open`] if it depends on who asks.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use bytes::Bytes;
use chrono::{NaiveDateTime, TimeDelta};

use super::{
    GuestError, Guests, Pass,
    pins::{Pins, Refused},
};
use crate::{
    accounts::Caller,
    domain::{
        Chapters, Derivative, Downloads, PersonSummary, Photo, PhotoId, PhotoSession, PhotoSessionId,
        ReturnUrl, Viewer,
    },
    marks::{CLEAN, MarkError, Marks, StudioMark},
    photo_sessions::SessionError,
    store::{Credits, GalleryCursor, Narrowed, PhotoCounts, PhotoOrder, PhotoPlace, Store, StoreError},
};

/// The description of a session that somebody may have.
pub struct Described {
    pub session: Arc<PhotoSession>,
    /// Whether the person who asked manages it.
    pub manages: bool,
    /// As far as they may know.
    pub counts: PhotoCounts,
}

/// A session that is open to its visitor.
pub struct Visit {
    pub session: Arc<PhotoSession>,
    /// The studio's watermark, if it has set one.
    pub mark: Option<Arc<StudioMark>>,
    /// Which photos the visitor sees.
    viewer: Viewer,
    /// They see pictures without the mark.
    clean: bool,
    /// The photos are shown by now.
    sees_photos: bool,
    /// The copies that the visitor may save.
    pub downloads: Downloads,
    store: Store,
    marks: Marks,
}

impl Guests {
    /// The session, if a guest with this pass may use it now.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn open(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
    ) -> Result<Arc<PhotoSession>, SessionError> {
        let session = self.unlocked(session).await?;
        if self.pins.lets_in(&session, pass, self.sessions.now()) {
            Ok(session)
        } else {
            Err(SessionError::PinRequired)
        }
    }

    /// The session, if guests may use it now, whether they have typed in its PIN or not.
    async fn unlocked(&self, session: PhotoSessionId) -> Result<Arc<PhotoSession>, SessionError> {
        self.sessions.open(session).await
    }

    /// A pass into the gallery for somebody at this address who types in its PIN.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::WrongPin`], [`GuestError::TooManyPins`].
    pub async fn unlock(
        &self,
        session: PhotoSessionId,
        address: IpAddr,
        pin: &str,
    ) -> Result<String, GuestError> {
        let session = self.unlocked(session).await?;
        self.pins.unlock(&session, address, pin, self.sessions.now()).map_err(|refused| match refused {
            Refused::Wrong => GuestError::WrongPin,
            Refused::TooOften(wait) => GuestError::TooManyPins(wait),
        })
    }

    /// Describes a session that need not be open. Of one that opens with a PIN, only those who have
    /// typed it in and those who manage it are told anything.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::Store`].
    pub async fn described(
        &self,
        session: PhotoSessionId,
        caller: Option<&Caller>,
        pass: &Pass,
    ) -> Result<Described, GuestError> {
        let session = self.sessions.get(session).await?;
        let manages = caller.is_some_and(|caller| caller.sees_all_of(&session));
        if !manages && !self.pins.lets_in(&session, pass, self.sessions.now()) {
            return Err(SessionError::PinRequired.into());
        }
        let counts = self.store.photos().counts(session.id).await?;
        let counts = if manages || self.sees_photos(&session) { counts } else { counts.unseen() };
        Ok(Described { session, manages, counts })
    }

    /// The session, if guests may search it by face now.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn open_to_search(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
    ) -> Result<Arc<PhotoSession>, SessionError> {
        self.searchable(self.open(session, pass).await?)
    }

    fn searchable(&self, session: Arc<PhotoSession>) -> Result<Arc<PhotoSession>, SessionError> {
        if !session.face_search {
            return Err(SessionError::FaceSearchOff);
        }
        if self.sees_photos(&session) { Ok(session) } else { Err(SessionError::NotRevealed) }
    }

    /// What is to be kept of a session's PIN for [`Guests::enter_away`], of a guest who has typed it in.
    #[must_use]
    pub fn pin_known(&self, session: &PhotoSession) -> Option<String> {
        Pins::known(session)
    }

    /// The look of a guest who hears of new photos while they are not here, if the session may be searched by face now.
    /// A PIN that it asks for must still be the one that the guest knew.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::Mark`].
    pub async fn enter_away(
        &self,
        session: PhotoSessionId,
        pin_known: Option<&str>,
    ) -> Result<Visit, GuestError> {
        let session = self.unlocked(session).await?;
        let asked = Pins::known(&session);
        if asked.is_some() && asked.as_deref() != pin_known {
            return Err(SessionError::PinRequired.into());
        }
        let session = self.searchable(session)?;
        self.visit(session, Viewer::Guest, false).await
    }

    /// Whether guests who are let in see photos by now.
    #[must_use]
    pub fn sees_photos(&self, session: &PhotoSession) -> bool {
        session.is_revealed(self.sessions.now())
    }

    /// A guest's look into a session, if guests may use it now.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::Mark`].
    pub async fn enter(&self, session: PhotoSessionId, pass: &Pass) -> Result<Visit, GuestError> {
        let session = self.open(session, pass).await?;
        let is_couple = self.lists.is_couple(session.id, pass).await?;
        self.visit(session, if is_couple { Viewer::Couple } else { Viewer::Guest }, false).await
    }

    /// The same for whoever asks. Those who manage the session see all of it, also while it is closed to guests; a key
    /// of theirs does as far as it was made for that.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::Mark`].
    pub async fn enter_as(
        &self,
        session: PhotoSessionId,
        caller: Option<&Caller>,
        pass: &Pass,
    ) -> Result<Visit, GuestError> {
        if let Some(caller) = caller {
            let session = self.sessions.get(session).await?;
            if caller.sees_all_of(&session) {
                let clean = caller.sees_clean(&session);
                return self.visit(session, Viewer::Studio, clean).await;
            }
        }
        self.enter(session, pass).await
    }

    async fn visit(
        &self,
        session: Arc<PhotoSession>,
        viewer: Viewer,
        clean: bool,
    ) -> Result<Visit, GuestError> {
        let mark = self.marks.over(&session).await?;
        let manages = viewer == Viewer::Studio;
        let downloads = if manages {
            Downloads::Original
        } else {
            let list = self.store.prices().list(session.studio_id).await?;
            let offered = list.map(|list| session.terms.offered(list));
            session.terms.saved(offered.as_ref(), mark.is_some())
        };
        let sees_photos = manages || self.sees_photos(&session);
        let (store, marks) = (self.store.clone(), self.marks.clone());
        Ok(Visit { session, mark, viewer, clean, sees_photos, downloads, store, marks })
    }
}

impl Visit {
    /// A page of the session's photos, as far as they are not narrowed.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photos(
        &self,
        narrowed: Narrowed,
        order: PhotoOrder,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        if !self.sees_photos {
            return Ok(Vec::new());
        }
        self.store.photos().list_ready((self.session.id, self.viewer), narrowed, order, after, limit).await
    }

    /// The ids of all of them, in the same order.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photo_ids(&self, narrowed: Narrowed, order: PhotoOrder) -> Result<Vec<PhotoId>, StoreError> {
        if !self.sees_photos {
            return Ok(Vec::new());
        }
        self.store.photos().ready_ids((self.session.id, self.viewer), narrowed, order).await
    }

    /// How many of them were shot in each hour of the session's clock, in the same order.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn hours(
        &self,
        narrowed: Narrowed,
        descending: bool,
    ) -> Result<Vec<(NaiveDateTime, u64)>, StoreError> {
        if !self.sees_photos {
            return Ok(Vec::new());
        }
        self.store.photos().hours((self.session.id, self.viewer), narrowed, descending).await
    }

    /// The time between the first of them and the last.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn span(&self) -> Result<TimeDelta, StoreError> {
        let mut ends = Vec::new();
        for descending in [false, true] {
            let order = PhotoOrder { descending, ..PhotoOrder::default() };
            ends.extend(self.photos(Narrowed::default(), order, None, 1).await?);
        }
        let [first, last] = &ends[..] else { return Ok(TimeDelta::zero()) };
        Ok(last.ordered_at - first.ordered_at)
    }

    /// The chapters of the session, once its photos are shown.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn chapters(&self) -> Result<Chapters, StoreError> {
        if !self.sees_photos {
            return Ok(Chapters::default());
        }
        self.store.chapters().of(self.session.id).await
    }

    /// Where each photo belongs that the visitor sees, in the order of the gallery.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn places(&self) -> Result<Vec<PhotoPlace>, StoreError> {
        if !self.sees_photos {
            return Ok(Vec::new());
        }
        self.store.chapters().places(self.session.id, self.viewer).await
    }

    /// Whether the visitor may filter by people.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn shows_people(&self) -> Result<bool, StoreError> {
        let PhotoSession { id, studio_id, .. } = &*self.session;
        Ok(self.store.people().switches(*id, *studio_id).await?.is_for_guests())
    }

    /// Whether a selfie finds children only with a guardian's yes.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn asks_guardian(&self) -> Result<bool, StoreError> {
        self.store.people().needs_guardian(self.session.id).await
    }

    /// The people of the photos that the visitor sees, those in the most photos first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn people(&self) -> Result<Vec<PersonSummary>, StoreError> {
        if !self.sees_photos {
            return Ok(Vec::new());
        }
        self.store.people().list(self.session.id, self.viewer).await
    }

    /// A photo; `None` when there is none of this id that the visitor sees.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photo(&self, id: PhotoId) -> Result<Option<Photo>, StoreError> {
        Ok(self.these(&[id]).await?.pop())
    }

    /// Photos in the order of `ids`; those that the visitor does not see are left out.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn these(&self, ids: &[PhotoId]) -> Result<Vec<Photo>, StoreError> {
        if !self.sees_photos {
            return Ok(Vec::new());
        }
        self.store.photos().ready_of(self.session.id, ids, self.viewer).await
    }

    /// Where crops of these photos are cut, of those that have faces.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn crops(&self, photos: &[Photo]) -> Result<HashMap<PhotoId, (f64, f64)>, StoreError> {
        let ids: Vec<PhotoId> = photos.iter().map(|photo| photo.id).collect();
        self.store.faces().crops(&ids).await
    }

    /// How the session's photos stand.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn counts(&self) -> Result<PhotoCounts, StoreError> {
        let mut counts = self.store.photos().counts(self.session.id).await?;
        if self.viewer == Viewer::Couple {
            let hidden = self.store.photos().hidden_by_couple(self.session.id).await?;
            counts.selected += self.these(&hidden).await?.len() as u64;
        }
        Ok(if self.sees_photos { counts } else { counts.unseen() })
    }

    /// As every guest sees the session, also where it is the couple that asks.
    #[must_use]
    pub fn of_any_guest(self) -> Self {
        let viewer = if self.viewer == Viewer::Couple { Viewer::Guest } else { self.viewer };
        Self { viewer, ..self }
    }

    /// Which photos the visitor sees.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        self.viewer
    }

    /// The long side of the largest copy that the visitor is sent.
    #[must_use]
    pub fn largest(&self) -> u32 {
        if self.viewer == Viewer::Studio { u32::MAX } else { self.downloads.largest() }
    }

    /// Whether the visitor may have this derivative without the studio's mark.
    #[must_use]
    pub fn sees_clean(&self, derivative: &Derivative) -> bool {
        self.clean || self.mark.is_none() || derivative.size <= CLEAN
    }

    /// The credits that go into the files that the visitor downloads.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn credits(&self) -> Result<Credits, StoreError> {
        self.store.studio_credits().get(self.session.studio_id).await
    }

    /// Where found photos of the session lead, as its studio has said.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn return_url(&self) -> Result<Option<ReturnUrl>, StoreError> {
        self.store.return_urls().get(self.session.studio_id).await
    }

    /// A derivative of a photo that the visitor sees, under the studio's mark or without it.
    ///
    /// # Errors
    /// [`MarkError::NotFound`] also for a clean copy that the visitor may not have.
    pub async fn picture(
        &self,
        photo: &Photo,
        derivative: &Derivative,
        marked: bool,
    ) -> Result<Bytes, Arc<MarkError>> {
        if !marked && !self.sees_clean(derivative) {
            return Err(Arc::new(MarkError::NotFound));
        }
        self.marks.picture(photo, derivative, self.mark.as_ref().filter(|_| marked)).await
    }

    /// The picture that a messenger shows beside a link, cut out of a derivative as the visitor sees it.
    ///
    /// # Errors
    /// [`MarkError::NotFound`] also for a photo that the session's studio does not let messengers show.
    pub async fn link_picture(
        &self,
        photo: &Photo,
        derivative: &Derivative,
        marked: bool,
    ) -> Result<Bytes, Arc<MarkError>> {
        if !self.session.terms.is_previewed(photo.id) || (!marked && !self.sees_clean(derivative)) {
            return Err(Arc::new(MarkError::NotFound));
        }
        let crops = self.crops(std::slice::from_ref(photo)).await.map_err(MarkError::from)?;
        // Heads are in the upper part of tall pictures.
        let usual = if photo.width < photo.height { (0.5, 0.2) } else { (0.5, 0.5) };
        let at = crops.get(&photo.id).copied().unwrap_or(usual);
        let mark = self.mark.as_ref().filter(|_| marked);
        self.marks.link_picture(photo, derivative, mark, at).await
    }
}
