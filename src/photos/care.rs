//! Looking after what is kept: is every file and vector of a photo what was written, and what can be made again?
//!
//! Originals are known by the SHA-256 in their row, derivatives by the hash in their name, copies with a watermark by
//! their CRC-32, vectors by the checksum beside them. What is made from an original is made again by the pipeline,
//! while the photo stays as it is; an original can only come from a back-up.

use std::{collections::HashMap, fmt};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    domain::{Clock, Photo, PhotoId, PhotoState},
    store::{FileSum, Store, StoreError},
};

/// A fault of a photo's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    OriginalMissing,
    OriginalDamaged,
    DerivativeMissing,
    DerivativeDamaged,
    /// A copy with a watermark is not what its row says.
    CopyDamaged,
    VectorDamaged,
}

impl Fault {
    pub const ALL: [Self; 6] = [
        Self::OriginalMissing,
        Self::OriginalDamaged,
        Self::DerivativeMissing,
        Self::DerivativeDamaged,
        Self::CopyDamaged,
        Self::VectorDamaged,
    ];

    /// Stable name, for logs and scripts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OriginalMissing => "original_missing",
            Self::OriginalDamaged => "original_damaged",
            Self::DerivativeMissing => "derivative_missing",
            Self::DerivativeDamaged => "derivative_damaged",
            Self::CopyDamaged => "copy_damaged",
            Self::VectorDamaged => "vector_damaged",
        }
    }

    #[must_use]
    pub fn is_of_original(self) -> bool {
        matches!(self, Self::OriginalMissing | Self::OriginalDamaged)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum CareError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// The result of a check, and how much was read for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Each fault once, sorted.
    pub faults: Vec<Fault>,
    pub bytes: u64,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Care {
    store: Store,
    blobs: Blobs,
    clock: Clock,
}

impl Care {
    #[must_use]
    pub fn new(store: Store, blobs: Blobs, clock: Clock) -> Self {
        Self { store, blobs, clock }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Compares names and lengths of a photo's files with the rows. `lengths` are those of its session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn glance(
        &self,
        photo: &Photo,
        lengths: &HashMap<(PhotoId, String), u64>,
    ) -> Result<Vec<Fault>, CareError> {
        if photo.state == PhotoState::Indexed {
            return Ok(Vec::new());
        }
        let there = |name: String| lengths.get(&(photo.id, name)).copied();
        let mut faults = Vec::new();
        for written in photo.files() {
            let key = BlobKey::original(photo.photo_session_id, written.file);
            match lengths.get(&(written.file, key.name())) {
                None if self.lies_in_library(written.file).await? => {}
                None => faults.push(Fault::OriginalMissing),
                Some(bytes) if *bytes != written.bytes => faults.push(Fault::OriginalDamaged),
                Some(_) => {}
            }
        }
        let sums = self.sums(photo).await?;
        for key in derivatives(photo) {
            let written = sums.get(&key.name()).map(|sum| sum.bytes);
            match there(key.name()) {
                None => faults.push(Fault::DerivativeMissing),
                Some(0) => faults.push(Fault::DerivativeDamaged),
                Some(bytes) if written.is_some_and(|written| written != bytes) => {
                    faults.push(Fault::DerivativeDamaged);
                }
                Some(_) => {}
            }
        }
        Ok(sorted(faults))
    }

    /// Reads everything of a photo and compares it with what was written.
    ///
    /// # Errors
    /// When rows or storage do not answer, which says nothing of the photo.
    pub async fn look(&self, photo: &Photo) -> Result<Looked, CareError> {
        let mut looked = Looked::default();
        for written in photo.files().filter(|_| photo.state != PhotoState::Indexed) {
            if self.lies_in_library(written.file).await? {
                continue;
            }
            match self.hash(BlobKey::original(photo.photo_session_id, written.file)).await? {
                None => looked.faults.push(Fault::OriginalMissing),
                Some((hash, bytes)) => {
                    looked.bytes += bytes;
                    if hex::encode(hash) != written.sha256 {
                        looked.faults.push(Fault::OriginalDamaged);
                    }
                }
            }
        }
        for key in derivatives(photo) {
            let BlobKey::Derivative { hash: named, .. } = key else { continue };
            match self.hash(key).await? {
                None => looked.faults.push(Fault::DerivativeMissing),
                Some((hash, bytes)) => {
                    looked.bytes += bytes;
                    if hash[..8] != named.to_be_bytes()[..] {
                        looked.faults.push(Fault::DerivativeDamaged);
                    }
                }
            }
        }
        self.look_at_copies(photo, &mut looked).await?;
        if self.store.faces().damaged(photo.id).await? > 0 {
            looked.faults.push(Fault::VectorDamaged);
        }
        looked.faults = sorted(looked.faults);
        Ok(looked)
    }

    /// Whether an original lies in a library, which is not ours to look after: the next sync does.
    async fn lies_in_library(&self, original: PhotoId) -> Result<bool, StoreError> {
        Ok(self.store.library().file(original).await?.is_some_and(|file| file.code.is_none()))
    }

    async fn look_at_copies(&self, photo: &Photo, looked: &mut Looked) -> Result<(), CareError> {
        for (name, sum) in self.sums(photo).await? {
            let Some(key @ BlobKey::Marked { .. }) = BlobKey::named(photo.photo_session_id, photo.id, &name)
            else {
                continue;
            };
            match self.blobs.get(key).await {
                // It is made when it is asked for.
                Err(BlobError::NotFound) => {}
                Err(error) => return Err(error.into()),
                Ok(bytes) => {
                    looked.bytes += bytes.len() as u64;
                    if !sum.is_of(&bytes) {
                        looked.faults.push(Fault::CopyDamaged);
                    }
                }
            }
        }
        Ok(())
    }

    /// Has everything made again that can be. Returns what cannot be, sorted.
    ///
    /// # Errors
    /// When rows or storage do not answer.
    pub async fn mend(&self, photo: &Photo, faults: &[Fault]) -> Result<Vec<Fault>, CareError> {
        let lost: Vec<Fault> = faults.iter().copied().filter(|fault| fault.is_of_original()).collect();
        if faults.contains(&Fault::CopyDamaged) {
            self.drop_copies(photo).await?;
        }
        let made = |fault: &&Fault| {
            matches!(fault, Fault::DerivativeMissing | Fault::DerivativeDamaged | Fault::VectorDamaged)
        };
        if faults.iter().any(|fault| made(&fault)) {
            // Nothing is made from a damaged original: it would take the place of what is still good. And of a photo
            // that is not kept there is none.
            if !lost.is_empty() || photo.state == PhotoState::Indexed {
                return Ok(faults.iter().filter(made).chain(&lost).copied().collect());
            }
            self.store.jobs().remake(photo.id, self.now()).await?;
        }
        Ok(lost)
    }

    /// Copies with a watermark are made when they are asked for.
    async fn drop_copies(&self, photo: &Photo) -> Result<(), CareError> {
        let mut gone = Vec::new();
        for name in self.sums(photo).await?.into_keys() {
            if let Some(key @ BlobKey::Marked { .. }) =
                BlobKey::named(photo.photo_session_id, photo.id, &name)
            {
                self.blobs.delete(key).await?;
                gone.push((photo.id, name));
            }
        }
        Ok(self.store.files().forget(&gone).await?)
    }

    async fn sums(&self, photo: &Photo) -> Result<HashMap<String, FileSum>, StoreError> {
        let sums = self.store.files().sums(&[photo.id], "").await?;
        Ok(sums.into_iter().map(|((_, name), sum)| (name, sum)).collect())
    }

    /// SHA-256 and length of a file; `None` when there is none.
    async fn hash(&self, key: BlobKey) -> Result<Option<([u8; 32], u64)>, BlobError> {
        let mut file = match self.blobs.get_stream(key, None).await {
            Err(BlobError::NotFound) => return Ok(None),
            file => file?,
        };
        let mut hash = Sha256::new();
        let mut length = 0;
        while let Some(bytes) = file.bytes.try_next().await? {
            length += bytes.len() as u64;
            hash.update(&bytes);
            // A piece costs a millisecond of this core, where somebody else may wait.
            tokio::task::yield_now().await;
        }
        Ok(Some((hash.finalize().into(), length)))
    }
}

/// Of a photo that guests see.
fn derivatives(photo: &Photo) -> impl Iterator<Item = BlobKey> + '_ {
    let ready = photo.state == PhotoState::Ready;
    let key = |derivative| BlobKey::derivative(photo.photo_session_id, photo.id, derivative);
    photo.derivatives.iter().filter(move |_| ready).filter_map(key)
}

fn sorted(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_unstable();
    faults.dedup();
    faults
}
