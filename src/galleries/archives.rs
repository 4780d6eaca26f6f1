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

use super::{
    Archive,
    archive::Piece,
    credits::{credit_segments, segments_tag},
    names,
};
use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    compute::Lane,
    domain::{
        ArchiveId, Derivative, Downloads, Photo, PhotoId, PhotoSessionId, PhotoState, SentFile, StudioId,
    },
    guests::Visit,
    marks::{self, MarkError, Marks, StudioMark},
    secrets::LinkSigner,
    store::{ArchiveRow, Credits, FileSum, Store, StoreError},
};

/// Photos in one archive.
pub const MOST_PHOTOS: usize = 10_000;
/// The purpose in the signature of a link to a guest's archive.
const PURPOSE: &str = "archive";
/// How long a guest's archive can be fetched.
const OPEN: TimeDelta = TimeDelta::hours(24);
/// How long one request works on what the archive needs to know of its files, before it says "later".
const PREPARING: Duration = Duration::from_secs(20);
/// Files read or marked at the same time for one archive.
const FILES_AT_ONCE: usize = 4;
/// The number of rows that are written at a time.
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

/// The kind of files in an archive.
#[derive(Clone)]
pub enum Copies {
    /// The photographer's files without RAWs: of a photo that has nothing else, the largest derivative.
    Originals,
    /// Everything that the photographer sent, each RAW as a file of its own.
    Sent,
    /// The largest that the guest gets, under the studio's mark if there is one.
    Shown { mark: Option<Arc<StudioMark>>, most: u32 },
}

/// One photo's file for who has bought it.
pub struct Delivered {
    pub extension: String,
    pub media_type: String,
    pub bytes: u64,
    /// Without quotes.
    pub etag: String,
    piece: Piece,
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
    pub(super) store: Store,
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
        let archive = self.sent(session, within_limit(photos)?).await?;
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
        unchanged(row, self.sent(row.session, &row.photos).await)
    }

    async fn shown(&self, visit: &Visit, photos: &[PhotoId]) -> Result<Archive, ArchiveError> {
        let copies = match visit.downloads {
            Downloads::Off => return Err(ArchiveError::DownloadsOff),
            Downloads::Original => Copies::Originals,
            Downloads::Web | Downloads::Full => {
                Copies::Shown { mark: visit.mark.clone(), most: visit.largest() }
            }
        };
        let credits = visit.credits().await?;
        self.of(visit.these(photos).await?, &copies, &credits).await
    }

    /// Originals of photos of a session that are still there, hidden ones too: they have been paid for, or are the
    /// studio's own.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub async fn originals(
        &self,
        studio: StudioId,
        session: PhotoSessionId,
        photos: &[PhotoId],
    ) -> Result<Archive, ArchiveError> {
        let mut photos = self.store.photos().get_many(photos).await?;
        photos.retain(|photo| photo.photo_session_id == session);
        let credits = self.store.studio_credits().get(studio).await?;
        self.of(photos, &Copies::Originals, &credits).await
    }

    /// The bytes of an archive, or what was asked for of them.
    pub fn bytes(
        &self,
        archive: Archive,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, BlobError>> + Send + use<> {
        Arc::new(archive).bytes(self.blobs.clone(), range)
    }

    /// Every original of photos of a session, for who manages it.
    async fn sent(&self, session: PhotoSessionId, photos: &[PhotoId]) -> Result<Archive, ArchiveError> {
        let mut photos = self.store.photos().get_many(photos).await?;
        photos.retain(|photo| photo.photo_session_id == session);
        self.of(photos, &Copies::Sent, &Credits::default()).await
    }

    /// The file of a photo that who has bought it gets.
    ///
    /// # Errors
    /// [`ArchiveError`]; `Changed` when it is not there any more.
    pub async fn delivered(&self, studio: StudioId, photo: &Photo) -> Result<Delivered, ArchiveError> {
        let copies = Copies::Originals;
        let credits = self.store.studio_credits().get(studio).await?;
        let piece = copies.piece_of(photo, &photo.original_file(), &credits)?;
        let extension = copies.extension_of(photo, &photo.original_file()).to_owned();
        if !matches!(piece.key, BlobKey::Original { .. }) {
            let bytes = self.blobs.length(piece.key).await?.ok_or(ArchiveError::Changed)?;
            let bytes = bytes + piece.segments.len() as u64;
            let etag = format!("{}-{}", piece.key.name(), segments_tag(&piece.segments));
            return Ok(Delivered { extension, media_type: "image/jpeg".to_owned(), bytes, etag, piece });
        }
        let (media_type, etag) = (photo.media_type.clone(), photo.sha256.clone());
        Ok(Delivered { extension, media_type, bytes: photo.bytes, etag, piece })
    }

    /// The bytes of a delivered file, or what was asked for of them.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn delivered_bytes(
        &self,
        file: &Delivered,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        Ok(file.piece.read(&self.blobs, range).await?.0)
    }

    /// The bytes of one of a photo's originals, by the id under which it lies, or what was asked for of them.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn original(
        &self,
        session: PhotoSessionId,
        file: PhotoId,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        Ok(self.blobs.get_stream(BlobKey::original(session, file), Some(range)).await?.bytes)
    }

    /// An archive of these photos by the time of the shot, in whatever order they come.
    async fn of(
        &self,
        mut photos: Vec<Photo>,
        copies: &Copies,
        credits: &Credits,
    ) -> Result<Archive, ArchiveError> {
        photos.retain(|photo| photo.state == PhotoState::Ready && !photo.is_in_bin());
        let taken = |photo: &Photo| photo.taken_at.unwrap_or(photo.created_at.naive_utc());
        photos.sort_by(|a, b| (a.ordered_at, &a.name_key, a.id).cmp(&(b.ordered_at, &b.name_key, b.id)));
        photos.dedup_by_key(|photo| photo.id);
        if photos.is_empty() {
            return Err(ArchiveError::NoPhotos);
        }
        let files = photos.iter().flat_map(|photo| copies.files(photo).map(move |file| (photo, file)));
        let files: Vec<(&Photo, SentFile<'_>)> = files.collect();
        let pieces = files.iter().map(|(photo, file)| copies.piece_of(photo, file, credits));
        let pieces: Vec<Piece> = pieces.collect::<Result<_, _>>()?;
        let stored: Vec<(&Photo, BlobKey)> =
            files.iter().zip(&pieces).map(|((photo, _), piece)| (*photo, piece.key)).collect();
        let sums = self.sums(&stored, copies).await?;
        let wanted =
            files.iter().map(|(photo, file)| names::clean(file.filename, copies.extension_of(photo, file)));
        let names = names::unique(wanted.collect());
        let of = files.iter().zip(names).zip(sums).zip(pieces).map(|((((photo, _), name), sum), piece)| {
            (piece.entry(name, &sum, taken(photo)), photo.id, piece)
        });
        Ok(Archive::new(of.collect()))
    }

    /// Length and checksum of every file. What is not known yet is found out now, as far as the time goes.
    pub(super) async fn sums(
        &self,
        files: &[(&Photo, BlobKey)],
        copies: &Copies,
    ) -> Result<Vec<FileSum>, ArchiveError> {
        let ids: Vec<PhotoId> = files.iter().map(|(photo, _)| photo.id).collect();
        // Of derivatives the largest is meant; small pictures have one of that name too.
        let mut known = self.store.files().sums(&ids, "").await?;
        let names: Vec<(PhotoId, String)> =
            files.iter().map(|(photo, file)| (photo.id, sum_name(photo, *file))).collect();
        let unknown: Vec<usize> = (0..files.len()).filter(|&n| !known.contains_key(&names[n])).collect();
        let until = Instant::now() + PREPARING;
        let left = unknown.len();
        let mut finding = stream::iter(unknown)
            .take_while(|_| std::future::ready(Instant::now() < until))
            .map(|n| async move { Ok::<_, ArchiveError>((n, self.sum(files[n], copies).await?)) })
            .buffer_unordered(FILES_AT_ONCE);
        let mut found = 0;
        let mut fresh = Vec::new();
        while let Some((n, mut sum)) = finding.try_next().await? {
            sum.name.clone_from(&names[n].1);
            // A marked copy's row is written with it.
            if !matches!(files[n].1, BlobKey::Marked { .. }) {
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

    async fn sum(&self, (photo, file): (&Photo, BlobKey), copies: &Copies) -> Result<FileSum, ArchiveError> {
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
    /// The files of a photo that are meant.
    fn files<'a>(&self, photo: &'a Photo) -> impl Iterator<Item = SentFile<'a>> + use<'a> {
        photo.files().take(if matches!(self, Self::Sent) { usize::MAX } else { 1 })
    }

    /// Whether the original is not for who gets these copies. A guest's file says where it was taken.
    fn hides(&self, photo: &Photo, file: &SentFile<'_>) -> bool {
        matches!(self, Self::Originals) && (file.is_raw() || photo.is_from_guest)
    }

    /// The stored file, and what the studio wants written into it. An original is what it is.
    pub(super) fn piece_of(
        &self,
        photo: &Photo,
        file: &SentFile<'_>,
        credits: &Credits,
    ) -> Result<Piece, ArchiveError> {
        let (mark, most) = match self {
            Self::Originals | Self::Sent if !self.hides(photo, file) => {
                let key = BlobKey::original(photo.photo_session_id, file.file);
                return Ok(Piece { key, segments: Bytes::new() });
            }
            Self::Originals | Self::Sent => (None, u32::MAX),
            Self::Shown { mark, most } => (mark.as_ref(), *most),
        };
        let clean = marks::key(photo, largest(photo, most)?).map_err(Arc::new)?;
        let key = mark.map_or(clean, |mark| mark.key_of(clean));
        Ok(Piece { key, segments: credit_segments(credits, photo) })
    }

    pub(super) fn extension_of<'a>(&self, photo: &Photo, file: &SentFile<'a>) -> &'a str {
        match self {
            Self::Originals | Self::Sent if !self.hides(photo, file) => {
                names::extension(file.filename, file.media_type)
            }
            Self::Originals | Self::Sent | Self::Shown { .. } => "jpg",
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

/// The name under which a file's sum is kept: a photo may have two originals.
fn sum_name(photo: &Photo, file: BlobKey) -> String {
    let raw = photo.raw_file().map(|raw| BlobKey::original(photo.photo_session_id, raw.file));
    if raw == Some(file) { "raw".to_owned() } else { file.name() }
}

/// The derivative that a guest saves.
fn largest(photo: &Photo, most: u32) -> Result<&Derivative, ArchiveError> {
    let fitting = photo.derivatives.iter().filter(|derivative| derivative.size <= most);
    fitting.max_by_key(|derivative| derivative.size).ok_or(ArchiveError::Changed)
}
