//! Files of keys: readable by their owner only, and never half written.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("a file of keys cannot be read or written ({path}: {reason})")]
    Io { path: PathBuf, reason: io::Error },
    #[error(
        "the keys in {0} are damaged; remove the file, and what they signed (sign-ins, links or certificates) ends with them"
    )]
    Damaged(PathBuf),
}

/// The keys in a file; `None` when there is no file.
///
/// # Errors
/// [`KeyFileError`].
pub fn read<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, KeyFileError> {
    match fs::read(file) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map(Some).map_err(|_| KeyFileError::Damaged(file.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(KeyFileError::Io { path: file.to_owned(), reason }),
    }
}

/// Written beside and renamed, so that a crash leaves the old keys or the new ones.
///
/// # Errors
/// [`KeyFileError::Io`].
pub fn write<T: Serialize>(file: &Path, keys: &T) -> Result<(), KeyFileError> {
    let written = || {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = file.with_extension("new");
        let mut options = OpenOptions::new();
        let mut output = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        output.write_all(&serde_json::to_vec(keys)?)?;
        output.sync_all()?;
        fs::rename(beside, file)
    };
    written().map_err(|reason| KeyFileError::Io { path: file.to_owned(), reason })
}
