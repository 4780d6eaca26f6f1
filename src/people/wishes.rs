//! Guests who ask to be left out.
//!
//! A guest who has found themselves asks for all of what they found, or for chosen photos. The photographer says yes, or
//! the session does it by itself. With all of them later photos are held back too: the faces that the guest was found by
//! are a hidden person of the session from then on, so no vector is kept beside those of the photos, and another
//! embedding model changes nothing. The guest keeps a code, which says what became of the wish and takes it back.

use chrono::{DateTime, Utc};

use super::{People, tell};
use crate::{
    consents::{ConsentError, NewConsent},
    domain::{HideRequestId, HideState, PhotoId, PhotoSession, PhotoSessionId, RelativeBox},
    secrets,
    store::{HideRequest, NewHide, StoreError},
};

/// Photos of one wish.
const MOST: usize = 10_000;

#[derive(Debug, thiserror::Error)]
pub enum WishError {
    #[error("none of the photos was found by the guest")]
    NothingToHide,
    #[error(transparent)]
    Consent(#[from] ConsentError),
    #[error("there is no such wish")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a guest wishes.
pub struct Wish {
    /// Every photo that the guest was found in, with their face there.
    pub found: Vec<(PhotoId, RelativeBox)>,
    /// Only these of them; `None` means all, and later ones too.
    pub chosen: Option<Vec<PhotoId>>,
    /// That the wish is made under.
    pub consent: NewConsent,
}

impl People {
    /// Whether what guests ask to have left out goes without the photographer's word.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn hides_by_itself(&self, session: PhotoSessionId) -> Result<bool, StoreError> {
        self.store.hides().by_itself(session).await
    }

    /// # Errors
    /// `StoreError`
    pub async fn set_hides_by_itself(&self, session: PhotoSessionId, on: bool) -> Result<(), StoreError> {
        self.store.hides().set_by_itself(session, on).await
    }

    /// Writes a guest's wish down; returns the code that the guest keeps, and how the wish stands.
    ///
    /// # Errors
    /// [`WishError`].
    pub async fn wish(
        &self,
        session: &PhotoSession,
        wish: Wish,
        now: DateTime<Utc>,
    ) -> Result<(String, HideRequest), WishError> {
        let consent = self.consents.prepare(session, wish.consent, now).await?;
        let later = wish.chosen.is_none();
        let is_meant = |photo: &PhotoId| wish.chosen.as_ref().is_none_or(|chosen| chosen.contains(photo));
        let mut faces: Vec<_> = wish.found.into_iter().filter(|(photo, _)| is_meant(photo)).collect();
        faces.truncate(MOST);
        if faces.is_empty() {
            return Err(WishError::NothingToHide);
        }
        let code = secrets::generate();
        let new = NewHide {
            session: session.id,
            studio: session.studio_id,
            code: secrets::hash(&code),
            faces,
            later,
            consent,
        };
        let at_once = self.hides_by_itself(session.id).await?;
        let turned = self.store.hides().ask(&new, at_once, now).await?;
        tell(&self.store, &self.events, session.id, &turned).await?;
        Ok((code.clone(), self.receipt(&code).await?))
    }

    /// What became of the wish whose code this is.
    ///
    /// # Errors
    /// [`WishError::NotFound`].
    pub async fn receipt(&self, code: &str) -> Result<HideRequest, WishError> {
        self.store.hides().by_code(&secrets::hash(code)).await?.ok_or(WishError::NotFound)
    }

    /// The guest takes the wish back: the photos are seen again, and what was grouped for it is erased.
    ///
    /// # Errors
    /// [`WishError::NotFound`].
    pub async fn take_back(&self, code: &str, now: DateTime<Utc>) -> Result<(), WishError> {
        let wish = self.receipt(code).await?;
        self.settle(wish.session, wish.id, HideState::Withdrawn, now).await
    }

    /// The session's wishes, the newest first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn wishes(&self, session: PhotoSessionId) -> Result<Vec<HideRequest>, StoreError> {
        self.store.hides().list(session).await
    }

    /// The photographer says yes or no to a wish.
    ///
    /// # Errors
    /// [`WishError::NotFound`].
    pub async fn answer(
        &self,
        session: PhotoSessionId,
        wish: HideRequestId,
        accept: bool,
        now: DateTime<Utc>,
    ) -> Result<(), WishError> {
        let state = if accept { HideState::Hidden } else { HideState::Refused };
        self.settle(session, wish, state, now).await
    }

    async fn settle(
        &self,
        session: PhotoSessionId,
        wish: HideRequestId,
        state: HideState,
        now: DateTime<Utc>,
    ) -> Result<(), WishError> {
        let turned = self.store.hides().settle(session, wish, state, now).await?;
        let turned = turned.ok_or(WishError::NotFound)?;
        Ok(tell(&self.store, &self.events, session, &turned).await?)
    }
}
