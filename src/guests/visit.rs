//! What a visitor sees of a session: every door that shows photos to a guest asks here.
//!
//! [`Guests::open`] lets a guest into a session, [`Guests::enter`] also knows which pictures they see there. What
//! makes a photo visible is said by [`Photo::is_visible`] and its words in SQL, what makes a session open by
//! [`PhotoSession::is_open`]; a new condition belongs there, or into [`Guests::open`] if it depends on who asks.

use std::sync::Arc;

use bytes::Bytes;

use super::{GuestError, Guests, Pass};
use crate::{
    accounts::Caller,
    domain::{Derivative, Downloads, Photo, PhotoId, PhotoSession, PhotoSessionId},
    marks::{CLEAN, MarkError, Marks, StudioMark},
    photo_sessions::SessionError,
    store::{GalleryCursor, PhotoCounts, Store, StoreError},
};

/// A session that is open to its visitor.
pub struct Visit {
    pub session: Arc<PhotoSession>,
    /// The studio's watermark, if it has set one.
    pub mark: Option<Arc<StudioMark>>,
    /// The visitor manages the session: they see hidden photos.
    manages: bool,
    /// They see pictures without the mark.
    clean: bool,
    /// The photos are shown by now.
    sees_photos: bool,
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
        let session = self.sessions.open(session).await?;
        if self.pins.lets_in(&session, pass) { Ok(session) } else { Err(SessionError::PinRequired) }
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

    /// The same of a guest who was let in.
    pub(super) fn searchable(&self, session: Arc<PhotoSession>) -> Result<Arc<PhotoSession>, SessionError> {
        if !session.face_search {
            return Err(SessionError::FaceSearchOff);
        }
        if self.sees_photos(&session) { Ok(session) } else { Err(SessionError::NotRevealed) }
    }

    /// Whether guests who are let in see photos by now.
    #[must_use]
    pub fn sees_photos(&self, session: &PhotoSession) -> bool {
        session.is_revealed((self.clock)())
    }

    /// A guest's look into a session, if guests may use it now.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::Mark`].
    pub async fn enter(&self, session: PhotoSessionId, pass: &Pass) -> Result<Visit, GuestError> {
        let session = self.open(session, pass).await?;
        self.visit(session, false, false).await
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
                return self.visit(session, true, clean).await;
            }
        }
        self.enter(session, pass).await
    }

    async fn visit(
        &self,
        session: Arc<PhotoSession>,
        manages: bool,
        clean: bool,
    ) -> Result<Visit, GuestError> {
        let mark = self.marks.current(session.studio_id).await?;
        let sees_photos = manages || self.sees_photos(&session);
        Ok(Visit {
            session,
            mark,
            manages,
            clean,
            sees_photos,
            store: self.store.clone(),
            marks: self.marks.clone(),
        })
    }
}

impl Visit {
    /// A page of the session's photos, by the time of the shot (of upload, where the camera did not say).
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photos(&self, after: Option<GalleryCursor>, limit: u32) -> Result<Vec<Photo>, StoreError> {
        if !self.sees_photos {
            return Ok(Vec::new());
        }
        self.store.photos().list_ready(self.session.id, !self.manages, after, limit).await
    }

    /// The ids of all of them, in the same order.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photo_ids(&self) -> Result<Vec<PhotoId>, StoreError> {
        if !self.sees_photos {
            return Ok(Vec::new());
        }
        self.store.photos().ready_ids(self.session.id, !self.manages).await
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
        self.store.photos().ready_of(self.session.id, ids, !self.manages).await
    }

    /// How the session's photos stand.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn counts(&self) -> Result<PhotoCounts, StoreError> {
        let counts = self.store.photos().counts(self.session.id).await?;
        Ok(if self.sees_photos { counts } else { counts.unseen() })
    }

    /// What the visitor may save.
    #[must_use]
    pub fn downloads(&self) -> Downloads {
        if self.manages { Downloads::Original } else { self.session.terms.downloads }
    }

    /// Whether they may save this copy.
    #[must_use]
    pub fn may_save(&self, derivative: &Derivative) -> bool {
        self.downloads().most().is_some_and(|most| derivative.size <= most)
    }

    /// Whether the visitor may have this derivative without the studio's mark.
    #[must_use]
    pub fn sees_clean(&self, derivative: &Derivative) -> bool {
        self.clean || self.mark.is_none() || derivative.size <= CLEAN
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
}
