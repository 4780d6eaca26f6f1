//! The bin. A photo that a manager puts there is deleted for everybody else at once, and for good when its time is over.
//!
//! Its vectors stay in the index until then, as those of a hidden photo do: the rows say at every search which photos
//! may be found, so nothing has to be put back when somebody takes the photo out again.
//!
//! Emptying the bin ends the time of its photos in one transaction. What erases them reads only rows, so a crash in the
//! middle leaves the rest to the next look.

use futures::{StreamExt, TryStreamExt, stream};

use super::{EraseError, GalleryKeeper};
use crate::{
    domain::{Photo, PhotoId, PhotoSessionId},
    events::Event,
    store::StoreError,
};

/// Photos that are erased at a time.
const PORTION: u32 = 100;

impl GalleryKeeper {
    /// For how many days a deleted photo can be taken back.
    #[must_use]
    pub fn bin_days(&self) -> i64 {
        self.bin_life.num_days()
    }

    /// Puts photos into the bin; where there is none, and where there is no picture to show in it, deletes them for good. Those of
    /// another session are left alone, and so are those in the bin. Returns which were deleted.
    ///
    /// # Errors
    /// [`EraseError`]; what was deleted by then stays deleted.
    pub async fn bin(&self, session: PhotoSessionId, photos: &[PhotoId]) -> Result<Vec<PhotoId>, EraseError> {
        let rows = self.store.photos().get_many(photos).await?;
        let rows = rows.into_iter().filter(|photo| photo.photo_session_id == session && !photo.is_in_bin());
        let (seen, rows): (Vec<bool>, Vec<PhotoId>) =
            rows.map(|photo| (photo.is_visible(), photo.id)).unzip();
        if self.bin_life.is_zero() {
            self.delete(session, &rows).await?;
            return Ok(rows);
        }
        let until = (self.eraser.clock)() + self.bin_life;
        let binned = self.store.photos().put_into_bin(session, &rows, until).await?;
        for (photo, seen) in rows.iter().zip(seen).filter(|(photo, _)| binned.contains(photo)) {
            if seen {
                self.events.publish(session, Event::Taken { id: *photo, state: None });
            }
            self.events.publish(session, Event::deleted(*photo));
        }
        let rest: Vec<PhotoId> = rows.iter().filter(|photo| !binned.contains(photo)).copied().collect();
        self.delete(session, &rest).await?;
        Ok(rows)
    }

    /// Takes photos of a session out of the bin; those whose time is over are left in it. Returns how they are now.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn restore(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
    ) -> Result<Vec<Photo>, StoreError> {
        let restored = self.store.photos().restore(session, photos, (self.eraser.clock)()).await?;
        let restored = self.store.photos().get_many(&restored).await?;
        for photo in &restored {
            self.events.publish(session, Event::photo(photo));
        }
        Ok(restored)
    }

    /// Ends the time of everything in a session's bin. Returns how many photos; they are erased soon.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn empty_bin(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let photos = self.store.photos().empty_bin(session).await?;
        if photos > 0 {
            self.emptied.notify_one();
        }
        Ok(photos)
    }

    /// Somebody has emptied a bin on this node.
    pub async fn emptied(&self) {
        self.emptied.notified().await;
    }

    /// Erases the photos whose time in the bin is over. Returns how many.
    ///
    /// # Errors
    /// [`EraseError`]; the rest is erased the next time.
    pub async fn sweep_bins(&self) -> Result<usize, EraseError> {
        let mut erased = 0;
        loop {
            let now = (self.eraser.clock)();
            let due = self.store.photos().due_in_bin(now, PORTION).await?;
            if due.is_empty() {
                return Ok(erased);
            }
            erased += due.len();
            // Several at once share the index's flushes.
            let gone = stream::iter(due).map(Ok).try_for_each_concurrent(8, |photo| async move {
                if let Some(erasure) = self.store.erasures().begin_in_bin(photo, now).await? {
                    self.events.publish(erasure.session, Event::deleted(photo));
                    self.eraser.remove(&erasure).await?;
                }
                Ok::<_, EraseError>(())
            });
            gone.await?;
        }
    }

    /// Folds names of rows from before names were searched; returns how many, a portion at most.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn fold_names(&self) -> Result<usize, StoreError> {
        self.store.photos().fold_names(PORTION).await
    }
}
