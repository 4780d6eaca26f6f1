//! The studio's actions on stored photos: list, show, hide, delete, and retry those that failed by a fault of the service.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{NaiveDateTime, TimeDelta};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::Notify;

use super::{EraseError, Eraser, Takeover};
use crate::{
    domain::{Photo, PhotoId, PhotoSessionId, Viewer},
    events::{Event, Events},
    store::{
        CameraClock, GalleryCursor, Marked, Marks, PhotoCounts, PhotoFilter, PhotoOrder, SessionZone,
        SetAside, Store, StoreError,
    },
};

/// Guests see every change at once.
#[derive(Clone)]
pub struct GalleryKeeper {
    pub(super) store: Store,
    pub(super) eraser: Eraser,
    pub(super) events: Events,
    /// How long a deleted photo stays in the bin; zero where there is none.
    pub(super) bin_life: TimeDelta,
    pub(super) emptied: Arc<Notify>,
}

impl GalleryKeeper {
    #[must_use]
    pub fn new(store: Store, eraser: Eraser, events: Events, bin_life: TimeDelta) -> Self {
        Self { store, eraser, events, bin_life, emptied: Arc::default() }
    }

    /// A photo, whatever its state.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photo(&self, id: PhotoId) -> Result<Option<Photo>, StoreError> {
        self.store.photos().get(id).await
    }

    /// Every photo of a session that the filter lets through, whatever its state.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photos(
        &self,
        session: PhotoSessionId,
        filter: PhotoFilter,
        order: PhotoOrder,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<Photo>, StoreError> {
        self.store.photos().list_managed(session, filter, order, after, limit).await
    }

    /// Photos of a session that are ready, hidden ones too, in the order of `ids`.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn some(&self, session: PhotoSessionId, ids: &[PhotoId]) -> Result<Vec<Photo>, StoreError> {
        self.store.photos().ready_of(session, ids, Viewer::Studio).await
    }

    /// Where crops of these photos are cut, of those that have faces.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn crops(&self, photos: &[Photo]) -> Result<HashMap<PhotoId, (f64, f64)>, StoreError> {
        let ids: Vec<PhotoId> = photos.iter().map(|photo| photo.id).collect();
        self.store.faces().crops(&ids).await
    }

    /// How far another embedding model has come in taking over.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn takeover(&self) -> Result<Takeover, StoreError> {
        Takeover::of(&self.store).await
    }

    /// The ids of all of them, in the same order.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photo_ids(
        &self,
        session: PhotoSessionId,
        filter: PhotoFilter,
        order: PhotoOrder,
    ) -> Result<Vec<PhotoId>, StoreError> {
        self.store.photos().managed_ids(session, filter, order).await
    }

    /// How many of them were shot in each hour of the session's clock, in the same order.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn hours(
        &self,
        session: PhotoSessionId,
        filter: PhotoFilter,
        descending: bool,
    ) -> Result<Vec<(NaiveDateTime, u64)>, StoreError> {
        self.store.photos().managed_hours(session, filter, descending).await
    }

    /// How a session's photos stand.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn counts(&self, session: PhotoSessionId) -> Result<PhotoCounts, StoreError> {
        self.store.photos().counts(session).await
    }

    /// The same of several sessions; those without photos are left out.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn counts_of(
        &self,
        sessions: &[PhotoSessionId],
    ) -> Result<HashMap<PhotoSessionId, PhotoCounts>, StoreError> {
        self.store.photos().counts_of(sessions).await
    }

    /// Photos that guests could see, of so many stars or more.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn rated(&self, session: PhotoSessionId, min_rating: i8) -> Result<Vec<PhotoId>, StoreError> {
        self.store.photos().rated(session, min_rating).await
    }

    /// The zone in which clocks are read that do not say their own.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn zone(&self, session: PhotoSessionId) -> Result<SessionZone, StoreError> {
        self.store.clocks().zone(session).await
    }

    /// The cameras of a session whose photos have a time.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn cameras(&self, session: PhotoSessionId) -> Result<Vec<CameraClock>, StoreError> {
        self.store.clocks().cameras(session).await
    }

    /// Reads clocks in another zone; `None` goes back to the one that most photos name.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn set_zone(&self, session: PhotoSessionId, minutes: Option<i32>) -> Result<(), StoreError> {
        self.store.clocks().set_zone(session, minutes).await
    }

    /// Moves one camera's clock.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn shift_clock(
        &self,
        session: PhotoSessionId,
        camera: &str,
        seconds: i64,
    ) -> Result<(), StoreError> {
        self.store.clocks().shift(session, camera, seconds).await
    }

    /// Shows or hides photos; those of another session are left alone. Returns how they are now.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn select(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        is_selected: bool,
    ) -> Result<Vec<Photo>, StoreError> {
        let seen = self.seen_by_guests(photos).await?;
        self.store.photos().set_selected(session, photos, is_selected).await?;
        let mut changed = self.store.photos().get_many(photos).await?;
        changed.retain(|photo| photo.photo_session_id == session && !photo.is_in_bin());
        let sent = changed.iter().filter(|photo| photo.is_from_guest).map(|photo| photo.id);
        let sent: Vec<PhotoId> = sent.collect();
        if !sent.is_empty() {
            // Whoever shows or hides them has looked at them. A crash in between has them looked at once more.
            self.store.guest_photos().decide(&sent, (self.eraser.clock)()).await?;
        }
        for photo in &changed {
            self.events.turned(photo, seen.contains(&photo.id));
        }
        Ok(changed)
    }

    /// Gives stars or a label to photos; those of another session are left alone. Returns what they had before.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn mark(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        marks: Marks,
    ) -> Result<Vec<Marked>, StoreError> {
        let marked = self.store.photos().mark(session, photos, marks).await?;
        self.events.publish(session, Event::Marked);
        Ok(marked)
    }

    /// The photos among these that guests see now.
    async fn seen_by_guests(&self, photos: &[PhotoId]) -> Result<HashSet<PhotoId>, StoreError> {
        let photos = self.store.photos().get_many(photos).await?;
        let seen = photos.iter().filter(|photo| photo.is_visible());
        Ok(seen.map(|photo| photo.id).collect())
    }

    /// Says whom photos of a session were taken for.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn set_guest(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        guest_id: Option<&str>,
    ) -> Result<(), StoreError> {
        self.store.photos().set_guest(session, photos, guest_id).await
    }

    /// Queues photos of a session again that failed by our fault: all of them, or those of `photos` that did.
    /// Returns which there were.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn retry(
        &self,
        session: PhotoSessionId,
        photos: Option<&[PhotoId]>,
    ) -> Result<Vec<PhotoId>, StoreError> {
        let retried = match photos {
            None => self.store.photos().retry(SetAside::Session(session), (self.eraser.clock)()).await?,
            Some(photos) => {
                let photos = self.store.photos().of_session(session, photos).await?;
                self.store.photos().retry(SetAside::Photos(&photos), (self.eraser.clock)()).await?
            }
        };
        for photo in self.store.photos().get_many(&retried).await? {
            self.events.publish(session, Event::photo(&photo));
        }
        Ok(retried)
    }

    /// Deletes photos for good with their files and vectors, also those in the bin; those of another session are left alone. Returns how
    /// many there were.
    ///
    /// # Errors
    /// [`EraseError`]; what was deleted by then stays deleted, and what is left of it is removed later.
    pub async fn delete(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
    ) -> Result<Vec<PhotoId>, EraseError> {
        let mut erasures = Vec::new();
        let seen = self.seen_by_guests(photos).await?;
        for photo in self.store.photos().of_session(session, photos).await? {
            // The row goes first, so guests are refused from here on.
            if let Some(erasure) = self.store.erasures().begin(photo, (self.eraser.clock)()).await? {
                if seen.contains(&photo) {
                    self.events.publish(session, Event::Taken { id: photo, state: None });
                }
                self.events.publish(session, Event::deleted(photo));
                erasures.push(erasure);
            }
        }
        // Several at once share the index's flushes.
        let removed = stream::iter(&erasures).map(Ok).try_for_each_concurrent(8, |erasure| async move {
            self.eraser.remove(erasure).await.map(|_| ())
        });
        removed.await?;
        Ok(erasures.iter().map(|erasure| erasure.photo).collect())
    }

    /// A file of a session's library is gone. A photo goes with its picture; of one that has lost its RAW the picture
    /// stays, and a RAW that has lost its picture is taken in as a photo of its own by the next sync.
    ///
    /// # Errors
    /// As [`GalleryKeeper::delete`].
    pub(super) async fn lost_in_library(
        &self,
        session: PhotoSessionId,
        original: PhotoId,
    ) -> Result<(), EraseError> {
        let library = self.store.library();
        let Some(photo) = library.photo_of(session, original).await? else { return Ok(()) };
        if photo.original != original {
            return Ok(library.drop_raw(photo.id).await?);
        }
        self.delete(session, &[photo.id]).await?;
        if let Some(raw) = photo.raw {
            library.take_anew(raw.file).await?;
        }
        Ok(())
    }
}
