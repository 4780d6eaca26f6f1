//! Photos that guests have sent: what their studio decides, and how they are hidden or taken back.

use super::{EraseError, GalleryKeeper};
use crate::{
    domain::{Photo, PhotoId, PhotoSessionId},
    events::Event,
    store::{OwnPhoto, SentPhoto, StoreError},
};

impl GalleryKeeper {
    /// Photos of guests that the studio is to look at, the reported ones first; and how many there are of them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn sent_by_guests(
        &self,
        session: PhotoSessionId,
        most: u32,
    ) -> Result<(Vec<SentPhoto>, u64), StoreError> {
        let rows = self.store.guest_photos();
        Ok((rows.to_look_at(session, most).await?, rows.count_to_look_at(session).await?))
    }

    /// The studio has looked at photos of guests: they are shown, or deleted. Photos that no guest has sent are left
    /// alone. Returns how many there were.
    ///
    /// # Errors
    /// [`EraseError`]; what was decided by then stays.
    pub async fn decide_of_guests(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        show: bool,
    ) -> Result<u64, EraseError> {
        let mut sent = self.store.photos().get_many(photos).await?;
        sent.retain(|photo| photo.is_from_guest && photo.photo_session_id == session);
        let sent: Vec<PhotoId> = sent.iter().map(|photo| photo.id).collect();
        if show {
            self.select(session, &sent, true).await?;
            return Ok(sent.len() as u64);
        }
        // Hidden first: a crash in between leaves photos that only their studio sees.
        self.select(session, &sent, false).await?;
        let declined = self.store.guest_photos().decline(session, &sent, (self.eraser.clock)()).await?;
        Ok(self.delete(session, &declined).await?.len() as u64)
    }

    /// Photos of a session, whatever their state.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn any(&self, session: PhotoSessionId, ids: &[PhotoId]) -> Result<Vec<Photo>, StoreError> {
        let mut photos = self.store.photos().get_many(ids).await?;
        photos.retain(|photo| photo.photo_session_id == session);
        Ok(photos)
    }

    /// Others have reported a photo of a guest, and hidden it by that, or not: open panels and pages hear of it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn reported(
        &self,
        session: PhotoSessionId,
        photo: PhotoId,
        is_hidden_now: bool,
    ) -> Result<(), StoreError> {
        if let Some(photo) = self.store.photos().get(photo).await? {
            if is_hidden_now {
                self.events.publish(session, Event::Taken { id: photo.id, state: Some(photo.state) });
            }
            self.events.publish(session, Event::photo(&photo));
        }
        Ok(())
    }

    /// A guest takes back a photo of theirs: it is erased for good, at once.
    ///
    /// # Errors
    /// [`EraseError`]; what is left of it is removed later.
    pub async fn take_back(&self, session: PhotoSessionId, own: &OwnPhoto) -> Result<(), EraseError> {
        self.delete(session, &[own.photo]).await?;
        Ok(self.store.guest_photos().drop(own.photo).await?)
    }
}
