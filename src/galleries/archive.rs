//! One archive on its way to a client.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use sha2::{Digest, Sha256};

use super::zip::{Entry, Layout, Part};
use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    domain::PhotoId,
};

/// A layout and the files that fill it.
#[derive(Debug)]
pub struct Archive {
    layout: Layout,
    /// In the order of the layout's entries.
    files: Vec<BlobKey>,
    digest: String,
}

impl Archive {
    /// `files` pairs each entry with its photo and with where its bytes lie.
    pub(super) fn new(files: Vec<(Entry, PhotoId, BlobKey)>) -> Self {
        let mut digest = Sha256::new();
        for (Entry { name, bytes, crc32, modified }, photo, key) in &files {
            digest.update(format!("{name}\0{bytes} {crc32} {modified} {photo} {}\0", key.name()));
        }
        let (entries, files) = files.into_iter().map(|(entry, _, key)| (entry, key)).unzip();
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
                    let found = self.blobs.get_stream(self.archive.files[entry], Some(range)).await?;
                    if found.length != self.archive.layout.entries()[entry].bytes {
                        return Err(BlobError::Range);
                    }
                    self.file = Some((found.bytes, until));
                }
            }
        }
    }
}
