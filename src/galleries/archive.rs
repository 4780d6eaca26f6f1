//! One archive on its way to a client.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use chrono::NaiveDateTime;
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use sha2::{Digest, Sha256};

use super::{
    credits::{START, crc_with},
    zip::{Entry, Layout, Part},
};
use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    domain::PhotoId,
    store::FileSum,
};

/// A layout and the files that fill it.
#[derive(Debug)]
pub struct Archive {
    layout: Layout,
    /// In the order of the layout's entries.
    files: Vec<Filling>,
    digest: String,
}

impl Archive {
    /// `files` pairs each entry with its photo and with where its bytes lie.
    pub(super) fn new(files: Vec<(Entry, PhotoId, Piece)>) -> Self {
        Self::with(files, Vec::new())
    }

    /// The same, and behind them files that are in memory.
    pub(super) fn with(files: Vec<(Entry, PhotoId, Piece)>, ready: Vec<(Entry, Bytes)>) -> Self {
        let mut digest = Sha256::new();
        for (Entry { name, bytes, crc32, modified }, photo, piece) in &files {
            digest.update(format!("{name}\0{bytes} {crc32} {modified} {photo} {}\0", piece.key.name()));
        }
        for (Entry { name, bytes, crc32, .. }, _) in &ready {
            digest.update(format!("{name}\0{bytes} {crc32}\0"));
        }
        let stored = files.into_iter().map(|(entry, _, piece)| (entry, Filling::Stored(piece)));
        let ready = ready.into_iter().map(|(entry, bytes)| (entry, Filling::Ready(bytes)));
        let (entries, files) = stored.chain(ready).unzip();
        Self { layout: Layout::new(entries), files, digest: hex::encode(&digest.finalize()[..16]) }
    }

    /// Of the whole archive, in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.layout.length()
    }

    /// How many files are in it.
    #[must_use]
    pub fn photos(&self) -> usize {
        self.files.len()
    }

    /// Differs when any byte of the archive does: 32 hex digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Part of the archive. Reads no byte that lies outside of it. Fails where a file is not any more what
    /// the layout says: the connection breaks then, and a client that goes on is told of the change.
    pub fn bytes(
        self: Arc<Self>,
        blobs: Blobs,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, BlobError>> + Send + 'static {
        let walk = Walk { archive: self, blobs, at: range.start, end: range.end, file: None };
        stream::try_unfold(walk, Walk::next)
    }
}

/// What fills an entry.
#[derive(Debug, Clone)]
enum Filling {
    Stored(Piece),
    Ready(Bytes),
}

impl Filling {
    /// A part of the file and, where it is known, the length of the whole.
    async fn read(
        &self,
        blobs: &Blobs,
        range: Range<u64>,
    ) -> Result<(BoxStream<'static, Result<Bytes, BlobError>>, Option<u64>), BlobError> {
        match self {
            Self::Stored(piece) => piece.read(blobs, range).await,
            Self::Ready(bytes) => {
                let part = bytes.slice(range.start as usize..range.end as usize);
                Ok((stream::iter([Ok(part)]).boxed(), Some(bytes.len() as u64)))
            }
        }
    }
}

/// A file of an archive: a stored one, with segments behind its first two bytes.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub key: BlobKey,
    pub segments: Bytes,
}

impl Piece {
    /// Its entry under that name, if the stored file has that sum.
    pub(super) fn entry(&self, name: String, sum: &FileSum, modified: NaiveDateTime) -> Entry {
        let mut entry = Entry { name, bytes: sum.bytes, crc32: sum.crc32, modified };
        if !self.segments.is_empty() {
            entry.crc32 = crc_with(&self.segments, sum.crc32, sum.bytes);
            entry.bytes += self.segments.len() as u64;
        }
        entry
    }

    /// A part of the file and, where the stored file was asked, its length with the segments.
    pub(super) async fn read(
        &self,
        blobs: &Blobs,
        range: Range<u64>,
    ) -> Result<(BoxStream<'static, Result<Bytes, BlobError>>, Option<u64>), BlobError> {
        if self.segments.is_empty() {
            let found = blobs.get_stream(self.key, Some(range)).await?;
            return Ok((found.bytes, Some(found.length)));
        }
        let added = self.segments.len() as u64;
        let head = Bytes::from([&START[..], &self.segments].concat());
        let end = head.len() as u64;
        let first = head.slice(range.start.min(end) as usize..range.end.min(end) as usize);
        let first = stream::iter([Ok(first)]);
        if range.end <= end {
            return Ok((first.boxed(), None));
        }
        let rest = range.start.max(end) - added..range.end - added;
        let found = blobs.get_stream(self.key, Some(rest)).await?;
        Ok((first.chain(found.bytes).boxed(), Some(found.length + added)))
    }
}

struct Walk {
    archive: Arc<Archive>,
    blobs: Blobs,
    at: u64,
    end: u64,
    /// The file that is being sent, and where it ends in the archive.
    file: Option<(BoxStream<'static, Result<Bytes, BlobError>>, u64)>,
}

impl Walk {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, BlobError> {
        loop {
            if let Some((file, until)) = &mut self.file {
                match file.next().await.transpose()? {
                    Some(bytes) => {
                        self.at += bytes.len() as u64;
                        return Ok(Some((bytes, self)));
                    }
                    None if self.at == *until => self.file = None,
                    None => return Err(BlobError::Range),
                }
            }
            match self.archive.layout.part(self.at, self.end) {
                None => return Ok(None),
                Some(Part::Bytes(bytes)) => {
                    self.at += bytes.len() as u64;
                    return Ok(Some((bytes.into(), self)));
                }
                Some(Part::File { entry, range }) => {
                    let until = self.at + (range.end - range.start);
                    let (bytes, length) = self.archive.files[entry].read(&self.blobs, range).await?;
                    if length.is_some_and(|length| length != self.archive.layout.entries()[entry].bytes) {
                        return Err(BlobError::Range);
                    }
                    self.file = Some((bytes, until));
                }
            }
        }
    }
}
