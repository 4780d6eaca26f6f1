//! Where files are: in a folder or in a bucket.

use std::{fmt, path::PathBuf};

use super::{BlobError, Blobs, S3Bucket};

#[derive(Clone)]
pub enum BlobPlace {
    Folder(PathBuf),
    S3(S3Bucket),
}

impl BlobPlace {
    /// Opens it: a folder is made, if need be; a bucket is not asked yet, see [`Blobs::check`].
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(&self) -> Result<Blobs, BlobError> {
        match self {
            Self::Folder(folder) => Blobs::open_folder(folder),
            Self::S3(bucket) => Blobs::open_s3(bucket),
        }
    }
}

impl fmt::Display for BlobPlace {
    /// For people; neither form has a secret in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::S3(bucket) => bucket.fmt(f),
        }
    }
}
