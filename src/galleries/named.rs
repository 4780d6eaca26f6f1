//! An archive for who prints: photos under given names and in folders, each as often as it is wanted, beside a table.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::NaiveDateTime;

use super::{Archive, ArchiveError, Archives, Copies, archive::Piece, names, zip::Entry};
use crate::{
    domain::{Photo, PhotoId, PhotoSessionId, PhotoState, StudioId},
    store::FileSum,
};

/// A photo as somebody wants it in an archive.
#[derive(Debug, Clone)]
pub struct Named {
    pub photo: PhotoId,
    pub folder: String,
    /// Before the photographer's own name.
    pub prefix: String,
}

/// The files of such an archive, before its table is written.
pub struct NamedFiles {
    /// With the place of each in what was wanted.
    files: Vec<(usize, Entry, PhotoId, Piece)>,
    modified: NaiveDateTime,
}

impl NamedFiles {
    /// The place of each file in what was wanted, and its name in the archive.
    pub fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        self.files.iter().map(|(n, entry, ..)| (*n, entry.name.as_str()))
    }

    /// The archive, with one more file behind the others.
    #[must_use]
    pub fn with(self, name: &str, content: Vec<u8>) -> Archive {
        let entry = Entry {
            name: name.to_owned(),
            bytes: content.len() as u64,
            crc32: crc32fast::hash(&content),
            modified: self.modified,
        };
        let files = self.files.into_iter().map(|(_, entry, photo, piece)| (entry, photo, piece));
        Archive::with(files.collect(), vec![(entry, Bytes::from(content))])
    }
}

impl Archives {
    /// Originals of a session under these names; those that are not there any more are left out.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub async fn named(
        &self,
        studio: StudioId,
        session: PhotoSessionId,
        wanted: &[Named],
    ) -> Result<NamedFiles, ArchiveError> {
        let mut ids: Vec<PhotoId> = wanted.iter().map(|named| named.photo).collect();
        ids.sort();
        ids.dedup();
        let mut photos = self.store.photos().get_many(&ids).await?;
        photos.retain(|photo| photo.photo_session_id == session && photo.state == PhotoState::Ready);
        let credits = self.store.studio_credits().get(studio).await?;
        let copies = Copies::Originals;
        let pieces = photos.iter().map(|photo| copies.piece_of(photo, &photo.original_file(), &credits));
        let pieces: Vec<Piece> = pieces.collect::<Result<_, _>>()?;
        let stored: Vec<_> = photos.iter().zip(&pieces).map(|(photo, piece)| (photo, piece.key)).collect();
        let sums = self.sums(&stored, &copies).await?;
        let found: HashMap<PhotoId, (&Photo, Piece, FileSum)> = photos
            .iter()
            .zip(pieces)
            .zip(sums)
            .map(|((photo, piece), sum)| (photo.id, (photo, piece, sum)))
            .collect();
        let mut placed = Vec::new();
        let mut paths = Vec::new();
        for (n, named) in wanted.iter().enumerate() {
            let Some((photo, piece, sum)) = found.get(&named.photo) else { continue };
            let extension = copies.extension_of(photo, &photo.original_file());
            let name = names::clean(&format!("{}{}", named.prefix, photo.filename), extension);
            paths.push(format!("{}/{name}", names::folder(&named.folder)));
            placed.push((n, *photo, piece, sum));
        }
        let Some((_, first, ..)) = placed.first() else { return Err(ArchiveError::NoPhotos) };
        let modified = first.created_at.naive_utc();
        let files = placed.into_iter().zip(names::unique(paths)).map(|((n, photo, piece, sum), path)| {
            let modified = photo.taken_at.unwrap_or(photo.created_at.naive_utc());
            (n, piece.entry(path, sum, modified), photo.id, piece.clone())
        });
        Ok(NamedFiles { files: files.collect(), modified })
    }
}
