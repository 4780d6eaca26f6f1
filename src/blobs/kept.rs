//! The files of a folder that a back-up keeps.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{BlobKey, Blobs, folder::is_staged};
use crate::domain::{PhotoId, PhotoSessionId};

/// A file that a back-up keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Below the storage's folder.
    pub path: PathBuf,
    pub belongs: Belongs,
}

/// The owner of a stored file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    Original(PhotoId),
    Derivative(PhotoId),
    /// To a ticket, a customer, or the installation as a whole.
    Elsewhere,
}

impl Blobs {
    /// The storage's folder; `None` where the storage is none.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.root.as_deref()
    }
}

/// Where a photo's original lies below a storage's folder.
#[must_use]
pub fn original_path(session: PhotoSessionId, photo: PhotoId) -> PathBuf {
    BlobKey::original(session, photo).path().as_ref().into()
}

/// Files below `folder`, a storage's or a copy of one, in no order; those that go meanwhile are left out. Left
/// out too: what is being written, copies with a watermark (they are made when they are asked for), and
/// hand-offs, of which nothing is to outlive half an hour.
///
/// # Errors
/// Each item: a folder that cannot be read.
pub fn kept_files(folder: &Path) -> impl Iterator<Item = io::Result<KeptFile>> {
    let entries = walkdir::WalkDir::new(folder).min_depth(1).into_iter();
    let wanted = entries.filter_entry(|entry| entry.depth() > 1 || entry.file_name() != "handoffs");
    let folder = folder.to_owned();
    wanted.filter_map(move |entry| match entry {
        Ok(entry) if entry.file_type().is_file() => {
            let path = entry.path().strip_prefix(&folder).ok()?.to_owned();
            Some(Ok(KeptFile { belongs: belongs(&path)?, path }))
        }
        Ok(_) => None,
        Err(error) if error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) => None,
        Err(error) => Some(Err(error.into())),
    })
}

fn belongs(path: &Path) -> Option<Belongs> {
    let parts: Vec<&str> = path.iter().map(|part| part.to_str()).collect::<Option<_>>()?;
    if parts.last().is_none_or(|name| is_staged(name)) {
        return None;
    }
    match parts[..] {
        ["sessions", _, "originals", photo] => Some(Belongs::Original(photo.parse().ok()?)),
        ["sessions", session, "derivatives", photo, name] => {
            let photo = photo.parse().ok()?;
            let key = BlobKey::named(session.parse().ok()?, photo, name)?;
            matches!(key, BlobKey::Derivative { .. }).then_some(Belongs::Derivative(photo))
        }
        ["tickets" | "customers" | "installation", ..] => Some(Belongs::Elsewhere),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CustomerImageId, HandoffId, HandoffPhotoId, UserId};

    #[tokio::test]
    async fn a_back_up_keeps_what_cannot_be_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open_folder(folder.path()).unwrap();
        let (session, photo) = (PhotoSessionId::generate(), PhotoId::generate());
        let derivative = BlobKey::Derivative { session, photo, size: 320, hash: 7 };
        let (customer, image) = (UserId::generate(), CustomerImageId::generate());
        let handoff = BlobKey::Handoff { handoff: HandoffId::generate(), photo: HandoffPhotoId::generate() };
        let original = BlobKey::original(session, photo);
        let of_customer = BlobKey::CustomerImage { customer, image, preview: false };
        for key in [original, derivative, derivative.marked(9).unwrap(), handoff, of_customer] {
            blobs.put(key, &b"bytes"[..]).await.unwrap();
        }
        std::fs::write(folder.path().join(format!("{}#1", original.path())), b"half").unwrap();
        let mut kept: Vec<KeptFile> = kept_files(folder.path()).collect::<io::Result<_>>().unwrap();
        kept.sort_by(|a, b| a.path.cmp(&b.path));
        let named = |key: BlobKey, belongs| KeptFile { path: key.path().as_ref().into(), belongs };
        let expected = [
            named(of_customer, Belongs::Elsewhere),
            named(derivative, Belongs::Derivative(photo)),
            named(original, Belongs::Original(photo)),
        ];
        assert_eq!(kept, expected);
        assert_eq!(original_path(session, photo), expected[2].path);
    }
}
