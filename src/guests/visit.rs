//! What a visitor sees of a session: every door that shows photos to a guest asks here.
//!
//! [`Guests::open`] lets a guest into a session, [`Guests::enter`] also knows which pictures they see there. What
//! makes a photo visible is said by [`Photo::is_visible`] and its words in SQL, what makes a session open by
//! [`PhotoSession::is_open`]; a new condition belongs there, or into [`Guests::open`] if it depends on who asks.

use std::sync::Arc;

use bytes::Bytes;

use super::{GuestError, Guests};
use crate::{
    accounts::Caller,
    domain::{Derivative, PersonId, PersonSummary, Photo, PhotoId, PhotoSession, PhotoSessionId},
    marks::{CLEAN, MarkError, Marks, StudioMark},
    photo_sessions::SessionError,
    store::{Credits, GalleryCursor, PhotoCounts, Store, StoreError},
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
    store: Store,
    marks: Marks,
}

impl Guests {
    /// The session, if guests may use it now.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn open(&self, session: PhotoSessionId) -> Result<Arc<PhotoSession>, SessionError> {
        self.sessions.open(session).await
    }

    /// The session, if guests may search it by face now.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn open_to_search(&self, session: PhotoSessionId) -> Result<Arc<PhotoSession>, SessionError> {
        let session = self.open(session).await?;
        if session.face_search { Ok(session) } else { Err(SessionError::FaceSearchOff) }
    }

    /// A guest's look into a session, if guests may use it now.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::Mark`].
    pub async fn enter(&self, session: PhotoSessionId) -> Result<Visit, GuestError> {
        let session = self.open(session).await?;
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
    ) -> Result<Visit, GuestError> {
        if let Some(caller) = caller {
            let session = self.sessions.get(session).await?;
            if caller.sees_all_of(&session) {
                let clean = caller.sees_clean(&session);
                return self.visit(session, true, clean).await;
            }
        }
        self.enter(session).await
    }

    async fn visit(
        &self,
        session: Arc<PhotoSession>,
        manages: bool,
        clean: bool,
    ) -> Result<Visit, GuestError> {
        let mark = self.marks.current(session.studio_id).await?;
        Ok(Visit { session, mark, manages, clean, store: self.store.clone(), marks: self.marks.clone() })
    }
}

impl Visit {
    /// A page of the session's photos, all or those of `person`, by the time of the shot (of upload, where the camera
    /// did not say).
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photos(
        &self,
        person: Option<PersonId>,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        self.store.photos().list_ready(self.session.id, !self.manages, person, after, limit).await
    }

    /// The ids of all of them, in the same order.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photo_ids(&self, person: Option<PersonId>) -> Result<Vec<PhotoId>, StoreError> {
        self.store.photos().ready_ids(self.session.id, !self.manages, person).await
    }

    /// Whether the visitor may filter by people.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn shows_people(&self) -> Result<bool, StoreError> {
        let PhotoSession { id, studio_id, .. } = &*self.session;
        Ok(self.store.people().switches(*id, *studio_id).await?.is_for_guests())
    }

    /// The people of the photos that the visitor sees, those in the most photos first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn people(&self) -> Result<Vec<PersonSummary>, StoreError> {
        self.store.people().list(self.session.id, !self.manages).await
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
        self.store.photos().ready_of(self.session.id, ids, !self.manages).await
    }

    /// How the session's photos stand.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn counts(&self) -> Result<PhotoCounts, StoreError> {
        self.store.photos().counts(self.session.id).await
    }

    /// Whether the visitor may have this derivative without the studio's mark.
    #[must_use]
    pub fn sees_clean(&self, derivative: &Derivative) -> bool {
        self.clean || self.mark.is_none() || derivative.size <= CLEAN
    }

    /// What the studio wants written into the files that the visitor takes home.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn credits(&self) -> Result<Credits, StoreError> {
        self.store.studio_credits().get(self.session.studio_id).await
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
