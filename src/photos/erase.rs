//! Erasing, and showing that it is complete.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    blobs::{BlobError, BlobKey, Blobs, Spool},
    domain::{Clock, Erasable, FaceId, Photo, PhotoId, PhotoSessionId, UserId},
    index::{FaceIndex, IndexError},
    store::{Erased, Erasure, ErasureRequest, Removed, RemovedAccount, Store, StoreError},
    usage::Usage,
};

#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl EraseError {
    /// Stable name of what keeps an erasure from its end.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) if error.is_full() => "storage_full",
            Self::Blob(error) if error.is_full() => "storage_full",
            Self::Index(error) if error.is_full() => "storage_full",
            Self::Store(_) => "database_unavailable",
            Self::Blob(_) => "storage_unavailable",
            Self::Index(_) => "index_unavailable",
        }
    }
}

/// The receipt of an erasure: what was removed, and the result of a second look.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    pub session: PhotoSessionId,
    pub photo: Option<PhotoId>,
    pub rows: Option<Erased>,
    pub files: u64,
    pub vectors: u64,
    /// Rows, files and vectors still there after erasing; all zero when it is complete.
    pub left: Left,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Left {
    pub photos: u64,
    pub faces: u64,
    pub files: u64,
    pub vectors: u64,
}

/// Removes photos and sessions from rows, files and vectors.
#[derive(Clone)]
pub struct Eraser {
    pub store: Store,
    pub blobs: Blobs,
    pub spool: Spool,
    /// Of every model.
    pub index: Arc<dyn FaceIndex>,
    pub usage: Usage,
    pub clock: Clock,
}

impl Eraser {
    /// Erases a session with all that hangs on it. Rows go first: nothing refers to what goes after, and
    /// a photo in the pipeline notices that its row is gone and takes its files and vectors away itself.
    ///
    /// # Errors
    /// [`EraseError`]; asking again goes on where it stopped.
    pub async fn session(&self, session: PhotoSessionId) -> Result<Receipt, EraseError> {
        // Counts still in memory would come back with the next flush.
        self.usage.forget(session);
        let rows = self.store.erase_session(session).await?;
        let before = self.index.count(session).await?;
        let (files, left) = self.remove_session(session).await?;
        let vectors = before.saturating_sub(left.vectors);
        Ok(Receipt { session, photo: None, rows: Some(rows), files, vectors, left })
    }

    /// Removes files and vectors of a session whose rows are gone; how many files, and what is left.
    async fn remove_session(&self, session: PhotoSessionId) -> Result<(u64, Left), EraseError> {
        self.index.delete_session(session).await?;
        let coming_in = self.spool.remove_session(session).await?;
        let files = self.blobs.delete_session(session).await? + coming_in;
        let left = Left {
            photos: self.store.photos().ids(session).await?.len() as u64,
            faces: self.store.faces().count_all(session).await?,
            files: self.blobs.count_session(session).await?,
            vectors: self.index.count(session).await?,
        };
        Ok((files, left))
    }

    /// The files and vectors that there are of something.
    ///
    /// # Errors
    /// [`EraseError`].
    pub async fn measure(&self, of: Erasable, session: PhotoSessionId) -> Result<Removed, EraseError> {
        let (files, vectors) = match of {
            Erasable::Session(session) => {
                (self.blobs.count_session(session).await?, self.index.count(session).await?)
            }
            Erasable::Photo(photo) => {
                let row = self.store.photos().get(photo).await?;
                let originals: Vec<PhotoId> = row.iter().flat_map(Photo::originals).collect();
                let files = self.files_of(session, photo, &originals).await?;
                (files, self.vectors_of(session, photo).await?.len() as u64)
            }
            // A person's vectors and an account's files are counted with the rows that name them.
            Erasable::Person(_)
            | Erasable::Consent(_)
            | Erasable::Order(_)
            | Erasable::Account(_)
            | Erasable::News(_) => (0, 0),
        };
        Ok(Removed { files, vectors, ..Removed::default() })
    }

    /// Removes files and vectors of something whose rows are gone, and looks again. May run as often as one likes.
    ///
    /// # Errors
    /// [`EraseError`]; asking again goes on where it stopped.
    pub async fn remove_asked(&self, request: &ErasureRequest) -> Result<Left, EraseError> {
        let session = request.asked.session;
        match request.asked.of {
            Erasable::Session(session) => {
                self.usage.forget(session);
                Ok(self.remove_session(session).await?.1)
            }
            Erasable::Photo(photo) => {
                let originals = &request.removed.originals;
                let faces = self.vectors_of(session, photo).await?;
                self.index.delete_faces(session, &faces).await?;
                for file in originals.iter().chain([&photo]) {
                    self.blobs.delete_photo(session, *file).await?;
                }
                if (self.clock)() >= request.quiet_from() {
                    self.store.erasures().finish(photo).await?;
                }
                self.left_of_photo(session, photo, originals).await
            }
            Erasable::Person(_) => {
                let faces = &request.removed.faces;
                self.index.delete_faces(session, faces).await?;
                let there = self.index.faces(session).await?;
                let vectors = faces.iter().filter(|face| there.contains_key(face)).count() as u64;
                let rows = self.store.faces().by_ids(faces).await?.len() as u64;
                Ok(Left { faces: rows, vectors, ..Left::default() })
            }
            Erasable::Consent(consent) => {
                let guests = self.store.guests();
                let rows =
                    guests.recorded(consent).await?.map_or(0, |_| 1) + guests.searches_under(consent).await?;
                self.sweep(Some((self.clock)())).await?;
                let photos = self.store.erasures().unfinished(&request.removed.originals).await?;
                let comments = self.store.comments().written_under(consent).await?.len() as u64;
                Ok(Left { photos: rows + photos + comments, ..Left::default() })
            }
            Erasable::News(news) => {
                let left = self.store.news().left(news).await?;
                Ok(Left { photos: left.news, vectors: left.news_vectors, ..Left::default() })
            }
            Erasable::Account(account) => {
                self.remove_account(account, request.removed.account.as_ref()).await
            }
            Erasable::Order(order) => {
                Ok(Left { photos: self.store.orders_with_buyer(order).await?, ..Left::default() })
            }
        }
    }

    /// Removes the files of an account whose rows are gone, and looks again.
    ///
    /// # Errors
    /// [`EraseError`]; asking again goes on where it stopped.
    pub async fn remove_account(
        &self,
        account: UserId,
        removed: Option<&RemovedAccount>,
    ) -> Result<Left, EraseError> {
        let mut files = 0;
        for ticket in removed.iter().flat_map(|removed| &removed.tickets) {
            self.blobs.delete_ticket(*ticket).await?;
        }
        for image in removed.iter().flat_map(|removed| &removed.images) {
            for preview in [false, true] {
                let key = BlobKey::CustomerImage { customer: account, image: *image, preview };
                self.blobs.delete(key).await?;
                files += self.blobs.length(key).await?.map_or(0, |_| 1);
            }
            self.store.customer_images().remove(*image).await?;
        }
        let left = self.store.account(account).await?;
        Ok(Left { photos: left.rows.total(), files, ..Left::default() })
    }

    async fn left_of_photo(
        &self,
        session: PhotoSessionId,
        photo: PhotoId,
        originals: &[PhotoId],
    ) -> Result<Left, EraseError> {
        Ok(Left {
            photos: self.store.photos().get(photo).await?.map_or(0, |_| 1),
            faces: self.store.faces().of_photo(photo).await?.len() as u64,
            files: self.files_of(session, photo, originals).await?,
            vectors: self.vectors_of(session, photo).await?.len() as u64,
        })
    }

    /// Erases one photo; `None` when there is no such photo.
    ///
    /// # Errors
    /// As [`Eraser::session`].
    pub async fn photo(&self, photo: PhotoId) -> Result<Option<Receipt>, EraseError> {
        let Some(mut erasure) = self.store.erasures().begin(photo, (self.clock)()).await? else {
            return Ok(None);
        };
        let session = erasure.session;
        let there = self.vectors_of(session, photo).await?;
        let before = there.len() as u64;
        erasure.faces = there.into_iter().chain(erasure.faces).collect();
        let files = self.remove(&erasure).await?;
        let left = self.left_of_photo(session, photo, &erasure.originals).await?;
        let vectors = before.saturating_sub(left.vectors);
        Ok(Some(Receipt { session, photo: Some(photo), rows: Some(erasure.rows), files, vectors, left }))
    }

    /// The faces of a deleted photo that the index has now, whatever the rows said.
    async fn vectors_of(&self, session: PhotoSessionId, photo: PhotoId) -> Result<Vec<FaceId>, IndexError> {
        let there = self.index.faces(session).await?;
        Ok(there.into_iter().filter(|(_, of)| *of == photo).map(|(face, _)| face).collect())
    }

    /// Removes the vectors and files of a deleted photo; returns how many files. May run twice. A photo that
    /// a worker has in hand may be written once more: it is removed again when that is over.
    ///
    /// # Errors
    /// [`EraseError`]; [`Eraser::sweep`] goes on where it stopped.
    pub async fn remove(&self, erasure: &Erasure) -> Result<u64, EraseError> {
        self.index.delete_faces(erasure.session, &erasure.faces).await?;
        let mut files = self.blobs.delete_photo(erasure.session, erasure.photo).await?;
        for original in erasure.originals.iter().filter(|original| **original != erasure.photo) {
            files += self.blobs.delete_photo(erasure.session, *original).await?;
        }
        if !erasure.again {
            self.store.erasures().finish(erasure.photo).await?;
        }
        Ok(files)
    }

    /// Removes what earlier deletions left behind: all of it at the start (`now` is `None`), later what is
    /// due. Returns how many photos.
    ///
    /// # Errors
    /// [`EraseError`]; the rest is due the next time.
    pub async fn sweep(&self, now: Option<DateTime<Utc>>) -> Result<usize, EraseError> {
        let due = self.store.erasures().due(now).await?;
        for erasure in &due {
            self.remove(erasure).await?;
        }
        remove_leftovers(&self.store, &self.blobs, &self.index, None).await?;
        Ok(due.len())
    }

    /// Files of a deleted photo that are there.
    async fn files_of(
        &self,
        session: PhotoSessionId,
        photo: PhotoId,
        originals: &[PhotoId],
    ) -> Result<u64, BlobError> {
        let mut files = self.blobs.count_photo(session, photo).await?;
        for original in originals.iter().filter(|original| **original != photo) {
            files += self.blobs.count_photo(session, *original).await?;
        }
        Ok(files)
    }
}

/// Removes what is left of earlier files of a photo, or of all photos: originals that were replaced, what was made
/// from them, and their vectors. May run twice. What the row names again meanwhile stays.
///
/// # Errors
/// [`EraseError`]; the rest is removed the next time.
pub(super) async fn remove_leftovers(
    store: &Store,
    blobs: &Blobs,
    index: &Arc<dyn FaceIndex>,
    photo: Option<PhotoId>,
) -> Result<(), EraseError> {
    for leftover in store.leftovers().due(photo).await? {
        let session = leftover.session;
        let mut files = leftover.files.clone();
        if !leftover.originals.is_empty() {
            // A worker that was killed may have left what it made of a file before this one, of which no row knows.
            // Files that another worker makes meanwhile are not touched: its job is queued, or its row is read below.
            files.extend(blobs.made_of(session, leftover.photo).await?);
            if !store.leftovers().due(Some(leftover.photo)).await?.contains(&leftover) {
                continue;
            }
        }
        let now = store.photos().get(leftover.photo).await?;
        let faces = store.faces().of_photo(leftover.photo).await?;
        let gone = leftover.faces.iter().filter(|id| !faces.iter().any(|it| it.face.id == **id));
        let gone: Vec<FaceId> = gone.copied().collect();
        if !gone.is_empty() {
            index.delete_faces(session, &gone).await?;
        }
        let is_original =
            |file: PhotoId| now.as_ref().is_some_and(|photo| photo.originals().any(|it| it == file));
        for original in leftover.originals.iter().filter(|file| !is_original(**file)) {
            blobs.delete(BlobKey::original(session, *original)).await?;
        }
        let made = now.iter().flat_map(|photo| &photo.derivatives);
        let kept: Vec<String> = made.map(|it| format!("{}-{}", it.size, it.hash)).collect();
        for name in files.iter().filter(|name| !kept.iter().any(|stem| name.starts_with(stem))) {
            if let Some(key) = BlobKey::named(session, leftover.photo, name) {
                blobs.delete(key).await?;
            }
        }
        store.leftovers().finish(&leftover).await?;
    }
    Ok(())
}
