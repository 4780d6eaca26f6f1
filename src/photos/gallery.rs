//! What a studio does with photos that are there: show, hide, delete.

use chrono::Utc;
use futures::{StreamExt, TryStreamExt, stream};

use super::{EraseError, Eraser};
use crate::{
    domain::{PhotoId, PhotoSessionId},
    events::{Event, Events},
    store::{Store, StoreError},
};

/// Guests see every change at once.
#[derive(Clone)]
pub struct GalleryKeeper {
    store: Store,
    eraser: Eraser,
    events: Events,
}

impl GalleryKeeper {
    #[must_use]
    pub fn new(store: Store, eraser: Eraser, events: Events) -> Self {
        Self { store, eraser, events }
    }

    /// Shows or hides photos; those of another session are left alone. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn select(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        is_selected: bool,
    ) -> Result<u64, StoreError> {
        let changed = self.store.photos().set_selected(session, photos, is_selected).await?;
        for photo in self.store.photos().get_many(photos).await? {
            if photo.photo_session_id == session {
                self.events.publish(session, Event::photo(&photo));
            }
        }
        Ok(changed)
    }

    /// Deletes photos with their files and vectors; those of another session are left alone. Returns how
    /// many there were.
    ///
    /// # Errors
    /// [`EraseError`]; what was deleted by then stays deleted, and what is left of it is removed later.
    pub async fn delete(&self, session: PhotoSessionId, photos: &[PhotoId]) -> Result<u64, EraseError> {
        let mut erasures = Vec::new();
        for photo in self.store.photos().of_session(session, photos).await? {
            // The row goes first, so guests are refused from here on.
            if let Some(erasure) = self.store.erasures().begin(photo, Utc::now()).await? {
                self.events.publish(session, Event::deleted(photo));
                erasures.push(erasure);
            }
        }
        // Several at once share the index's flushes.
        let removed = stream::iter(&erasures).map(Ok).try_for_each_concurrent(8, |erasure| async move {
            self.eraser.remove(erasure).await.map(|_| ())
        });
        removed.await?;
        Ok(erasures.len() as u64)
    }
}
