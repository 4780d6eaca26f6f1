//! Archives of photos: a guest's choice, or what an order has paid for.

use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures::{
    Stream, StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};

use super::{Archive, names, zip::Entry};
use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    compute::Lane,
    domain::{ArchiveId, Derivative, Downloads, Photo, PhotoId, PhotoSessionId, PhotoState},
    guests::Visit,
    marks::{self, MarkError, Marks, StudioMark},
    secrets::LinkSigner,
    store::{ArchiveRow, FileSum, Store, StoreError},
};

/// Photos in one archive.
pub const MOST_PHOTOS: usize = 10_000;
/// What a link to a guest's archive opens, for the signer.
const PURPOSE: &str = "archive";
/// How long a guest's archive can be fetched.
const OPEN: TimeDelta = TimeDelta::hours(24);
/// How long one request works on what the archive needs to know of its files, before it says "later".
const PREPARING: Duration = Duration::from_secs(20);
/// Files read or marked at the same time for one archive.
const FILES_AT_ONCE: usize = 4;
/// What was found out is written so many at a time.
const ROWS: usize = 500;

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// None of the photos can be had.
    #[error("there are no such photos")]
    NoPhotos,
    #[error("an archive holds {MOST_PHOTOS} photos at most")]
    TooManyPhotos,
    /// The studio lets guests save nothing.
    #[error("nothing may be saved here")]
    DownloadsOff,
    /// Forged, incomplete, or out of date.
    #[error("the link does not work")]
    BadLink,
    /// A photo has gone or looks different since the archive was begun.
    #[error("the photos have changed")]
    Changed,
    /// Files are still being read or marked; what is done is kept, so asking again gets further.
    #[error("{done} of {photos} photos are prepared")]
    Preparing { done: usize, photos: usize },
    #[error(transparent)]
    Mark(#[from] Arc<MarkError>),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which files of the photos are meant.
#[derive(Clone)]
pub enum Copies {
    /// What the photographer sent.
    Originals,
    /// The largest of at most so many pixels that guests see, under the studio's mark if there is one.
    Shown { mark: Option<Arc<StudioMark>>, most: u32 },
}

/// A guest's archive that can be fetched.
pub struct Begun {
    pub id: ArchiveId,
    pub expires_at: DateTime<Utc>,
    /// Of the link, for `expires_at`.
    pub key: String,
    pub archive: Archive,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Archives {
    store: Store,
    blobs: Blobs,
    marks: Marks,
    links: LinkSigner,
}

impl Archives {
    #[must_use]
    pub fn new(store: Store, blobs: Blobs, marks: Marks, links: LinkSigner) -> Self {
        Self { store, blobs, marks, links }
    }

    /// Begins an archive of what a guest may see of these photos; others are left out.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub async fn begin(
        &self,
        visit: &Visit,
        photos: &[PhotoId],
        now: DateTime<Utc>,
    ) -> Result<Begun, ArchiveError> {
        let archive = self.shown(visit, within_limit(photos)?).await?;
        self.keep(visit.session.id, photos, false, archive, now).await
    }

    /// The same of originals, for whoever manages the session.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub async fn begin_originals(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        now: DateTime<Utc>,
    ) -> Result<Begun, ArchiveError> {
        let archive = self.originals(session, within_limit(photos)?).await?;
        self.keep(session, photos, true, archive, now).await
    }

    async fn keep(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
        originals: bool,
        archive: Archive,
        now: DateTime<Utc>,
    ) -> Result<Begun, ArchiveError> {
        let expires_at = (now + OPEN).trunc_subsecs(0);
        let (id, digest) = (ArchiveId::generate(), archive.digest().to_owned());
        let row = ArchiveRow { id, session, photos: photos.to_vec(), originals, digest, expires_at };
        let id = self.store.archives().keep(&row).await?;
        let key = self.links.sign(PURPOSE, &id.to_string(), Some(expires_at));
        Ok(Begun { id, expires_at, key, archive })
    }

    /// The session of a guest's archive, whose link is checked first.
    ///
    /// # Errors
    /// [`ArchiveError::BadLink`].
    pub async fn find(
        &self,
        id: ArchiveId,
        expires: DateTime<Utc>,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<ArchiveRow, ArchiveError> {
        if !self.links.verify(PURPOSE, &id.to_string(), Some(expires), now, key) {
            return Err(ArchiveError::BadLink);
        }
        self.store.archives().get(id).await?.ok_or(ArchiveError::BadLink)
    }

    /// The archive as it was begun.
    ///
    /// # Errors
    /// [`ArchiveError::Changed`] when it could not be the same bytes any more.
    pub async fn open(&self, visit: &Visit, row: &ArchiveRow) -> Result<Archive, ArchiveError> {
        unchanged(row, self.shown(visit, &row.photos).await)
    }

    /// The same of originals. Whoever has the link may have them: it was made for who manages the session.
    ///
    /// # Errors
    /// [`ArchiveError::Changed`] when it could not be the same bytes any more.
    pub async fn open_originals(&self, row: &ArchiveRow) -> Result<Archive, ArchiveError> {
        unchanged(row, self.originals(row.session, &row.photos).await)
    }

    async fn shown(&self, visit: &Visit, photos: &[PhotoId]) -> Result<Archive, ArchiveError> {
        let copies = match (visit.downloads(), visit.downloads().most()) {
            (Downloads::Original, _) => Copies::Originals,
            (_, Some(most)) => Copies::Shown { mark: visit.mark.clone(), most },
            (_, None) => return Err(ArchiveError::DownloadsOff),
        };
        self.of(visit.these(photos).await?, &copies).await
    }

    /// Originals of photos of a session that are still there, hidden ones too: they have been paid for, or are the
    /// studio's own.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub async fn originals(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
    ) -> Result<Archive, ArchiveError> {
        let mut photos = self.store.photos().get_many(photos).await?;
        photos.retain(|photo| photo.photo_session_id == session);
        self.of(photos, &Copies::Originals).await
    }

    /// The bytes of an archive, or what was asked for of them.
    pub fn bytes(
        &self,
        archive: Archive,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, BlobError>> + Send + use<> {
        Arc::new(archive).bytes(self.blobs.clone(), range)
    }

    /// The bytes of a photo's original, or what was asked for of them.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn original(
        &self,
        photo: &Photo,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        let key = BlobKey::original(photo.photo_session_id, photo.id);
        Ok(self.blobs.get_stream(key, Some(range)).await?.bytes)
    }

    /// An archive of these photos by the time of the shot, in whatever order they come.
    async fn of(&self, mut photos: Vec<Photo>, copies: &Copies) -> Result<Archive, ArchiveError> {
        photos.retain(|photo| photo.state == PhotoState::Ready);
        let taken = |photo: &Photo| photo.taken_at.unwrap_or(photo.created_at.naive_utc());
        photos.sort_by(|a, b| (a.ordered_at, &a.name_key, a.id).cmp(&(b.ordered_at, &b.name_key, b.id)));
        photos.dedup_by_key(|photo| photo.id);
        if photos.is_empty() {
            return Err(ArchiveError::NoPhotos);
        }
        let files: Vec<BlobKey> =
            photos.iter().map(|photo| copies.file_of(photo)).collect::<Result<_, _>>()?;
        let sums = self.sums(&photos, &files, copies).await?;
        let wanted = photos.iter().map(|photo| names::clean(&photo.filename, copies.extension_of(photo)));
        let names = names::unique(wanted.collect());
        let entries = photos.iter().zip(names).zip(sums).map(|((photo, name), sum)| Entry {
            name,
            bytes: sum.bytes,
            crc32: sum.crc32,
            modified: taken(photo),
        });
        let of = entries.zip(&photos).zip(files).map(|((entry, photo), file)| (entry, photo.id, file));
        Ok(Archive::new(of.collect()))
    }

    /// Length and checksum of every file. What is not known yet is found out now, as far as the time goes.
    async fn sums(
        &self,
        photos: &[Photo],
        files: &[BlobKey],
        copies: &Copies,
    ) -> Result<Vec<FileSum>, ArchiveError> {
        let ids: Vec<PhotoId> = photos.iter().map(|photo| photo.id).collect();
        // Of derivatives the largest is meant; small pictures have one of that name too.
        let mut known = self.store.files().sums(&ids, copies.prefix()).await?;
        let names: Vec<(PhotoId, String)> =
            ids.iter().zip(files).map(|(id, file)| (*id, file.name())).collect();
        let unknown: Vec<usize> = (0..files.len()).filter(|&n| !known.contains_key(&names[n])).collect();
        let until = Instant::now() + PREPARING;
        let left = unknown.len();
        let mut finding = stream::iter(unknown)
            .take_while(|_| std::future::ready(Instant::now() < until))
            .map(|n| async move { Ok::<_, ArchiveError>((n, self.sum(&photos[n], files[n], copies).await?)) })
            .buffer_unordered(FILES_AT_ONCE);
        let mut found = 0;
        let mut fresh = Vec::new();
        while let Some((n, sum)) = finding.try_next().await? {
            // A marked copy's row is written with it.
            if !matches!(files[n], BlobKey::Marked { .. }) {
                fresh.push((ids[n], sum.clone()));
            }
            if fresh.len() >= ROWS {
                self.store.files().keep_all(&std::mem::take(&mut fresh)).await?;
            }
            known.insert(names[n].clone(), sum);
            found += 1;
        }
        self.store.files().keep_all(&fresh).await?;
        if found < left {
            let photos = files.len();
            return Err(ArchiveError::Preparing { done: photos - (left - found), photos });
        }
        let sums = names.iter().map(|name| known.remove(name).ok_or(ArchiveError::Changed));
        sums.collect()
    }

    async fn sum(&self, photo: &Photo, file: BlobKey, copies: &Copies) -> Result<FileSum, ArchiveError> {
        if let (BlobKey::Marked { .. }, Copies::Shown { mark: Some(mark), most }) = (file, copies) {
            let clean = marks::key(photo, largest(photo, *most)?).map_err(Arc::new)?;
            let made = self.marks.make(photo.id, clean, mark, Lane::Batch).await.map_err(Arc::new)?;
            return Ok(made.1);
        }
        let mut stream = self.blobs.get_stream(file, None).await?;
        let mut crc = crc32fast::Hasher::new();
        while let Some(bytes) = stream.bytes.try_next().await? {
            crc.update(&bytes);
        }
        Ok(FileSum { name: file.name(), bytes: stream.length, crc32: crc.finalize(), mark: None })
    }

    /// Removes guests' archives that have run out; returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.store.archives().sweep(now).await
    }
}

impl Copies {
    fn file_of(&self, photo: &Photo) -> Result<BlobKey, ArchiveError> {
        let Self::Shown { mark, most } = self else {
            return Ok(BlobKey::original(photo.photo_session_id, photo.id));
        };
        let clean = marks::key(photo, largest(photo, *most)?).map_err(Arc::new)?;
        Ok(mark.as_ref().map_or(clean, |mark| mark.key_of(clean)))
    }

    fn prefix(&self) -> &'static str {
        match self {
            Self::Originals => "original",
            Self::Shown { .. } => "",
        }
    }

    fn extension_of<'a>(&self, photo: &'a Photo) -> &'a str {
        match self {
            Self::Originals => names::extension(&photo.filename, &photo.media_type),
            Self::Shown { .. } => "jpg",
        }
    }
}

fn within_limit(photos: &[PhotoId]) -> Result<&[PhotoId], ArchiveError> {
    if photos.len() > MOST_PHOTOS { Err(ArchiveError::TooManyPhotos) } else { Ok(photos) }
}

fn unchanged(row: &ArchiveRow, now: Result<Archive, ArchiveError>) -> Result<Archive, ArchiveError> {
    match now {
        Ok(archive) if archive.digest() == row.digest => Ok(archive),
        Ok(_) | Err(ArchiveError::NoPhotos) => Err(ArchiveError::Changed),
        Err(other) => Err(other),
    }
}

/// What a guest saves of a photo.
fn largest(photo: &Photo, most: u32) -> Result<&Derivative, ArchiveError> {
    let fitting = photo.derivatives.iter().filter(|derivative| derivative.size <= most);
    fitting.max_by_key(|derivative| derivative.size).ok_or(ArchiveError::Changed)
}
