//! Photos that the couple hides from other guests, where the photographer lets its link do so.
//!
//! This is neither the studio's own hiding nor a guest's wish to be left out: each of the three hides by itself, and a photo
//! is shown when none of them hides it. What was hidden stays so when the couple loses the right, until the studio shows it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{ChoiceError, Choices};
use crate::{
    domain::{Photo, PhotoId, PhotoSessionId, Viewer},
    guests::Visit,
    store::{CoupleWish, StoreError},
};

impl Choices {
    /// The photos that the couple hides, in the order in which it did.
    ///
    /// # Errors
    /// [`ChoiceError::MayNotHide`], [`ChoiceError::Store`].
    pub async fn hidden(&self, visit: &Visit) -> Result<Vec<Photo>, ChoiceError> {
        if visit.viewer() != Viewer::Couple {
            return Err(ChoiceError::MayNotHide);
        }
        let hidden = self.store.photos().hidden_by_couple(visit.session.id).await?;
        Ok(visit.these(&hidden).await?)
    }

    /// Hides photos from other guests for the couple, or shows them again.
    ///
    /// # Errors
    /// [`ChoiceError::MayNotHide`], [`ChoiceError::PhotoNotFound`], [`ChoiceError::Overruled`], [`ChoiceError::Store`];
    /// nothing is changed then.
    pub async fn hide(
        &self,
        visit: &Visit,
        photos: &[PhotoId],
        hide: bool,
        now: DateTime<Utc>,
    ) -> Result<(), ChoiceError> {
        if visit.viewer() != Viewer::Couple {
            return Err(ChoiceError::MayNotHide);
        }
        if visit.these(photos).await?.len() < photos.len() {
            return Err(ChoiceError::PhotoNotFound);
        }
        let wish = if hide { CoupleWish::Hide(now) } else { CoupleWish::Show };
        self.wish(visit.session.id, photos, wish).await?;
        Ok(())
    }

    /// Shows photos to guests although the couple hides them, or leaves them to the couple again. Returns those of the
    /// session.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn overrule(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        overrule: bool,
    ) -> Result<Vec<Photo>, ChoiceError> {
        self.wish(session, photos, if overrule { CoupleWish::Overrule } else { CoupleWish::Leave }).await
    }

    /// Changes what is wished and tells everybody who watches.
    async fn wish(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        wish: CoupleWish,
    ) -> Result<Vec<Photo>, ChoiceError> {
        let seen = self.store.photos().get_many(photos).await?;
        let seen: HashSet<PhotoId> =
            seen.iter().filter(|photo| photo.is_visible()).map(|photo| photo.id).collect();
        let overruled = self.store.photos().wish(session, photos, wish).await?;
        if !overruled.is_empty() {
            return Err(ChoiceError::Overruled(overruled));
        }
        let mut changed = self.store.photos().get_many(photos).await?;
        changed.retain(|photo| photo.photo_session_id == session);
        for photo in &changed {
            self.events.turned(photo, seen.contains(&photo.id));
        }
        Ok(changed)
    }

    /// How many photos the couple hides, for those who manage the session.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn hidden_count(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        Ok(self.store.photos().hidden_by_couple(session).await?.len() as u64)
    }
}
