//! The manifest of a back-up. It is written last.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    BackupError,
    files::{at, write},
};
use crate::domain::PhotoId;

const NAME: &str = "backup.json";
/// Another number means that the folder is laid out in another way.
const FORMAT: u32 = 1;

/// Where the rows of a back-up are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsAre {
    /// In the back-up.
    Inside,
    /// In a dump of PostgreSQL, made before the back-up by whoever runs it.
    Dumped,
}

/// Where the files of a back-up are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilesAre {
    /// In the back-up.
    Inside,
    /// In a store with back-ups of its own.
    Elsewhere,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    pub id: Uuid,
    /// Of the Pixora that made it.
    pub version: String,
    /// The installation that the rows belong to; `None` in back-ups of earlier versions.
    #[serde(default)]
    pub installation: Option<String>,
    /// After the rows were taken, before the first file was.
    pub began_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    pub rows: RowsAre,
    /// Of the rows' file; lower-case hex.
    pub rows_sha256: Option<String>,
    pub files: FilesAre,
    /// Rows of photos.
    pub photos: u64,
    /// Files in all, and their bytes; how many of them this back-up copied.
    pub file_count: u64,
    pub file_bytes: u64,
    pub copied: u64,
    /// Files of an earlier back-up into the same folder that are no longer wanted.
    pub removed: u64,
    /// Photos whose original is in neither the storage nor the back-up. Nothing is removed while there are any.
    pub missing: Vec<PhotoId>,
}

impl Manifest {
    pub(super) fn begin(rows: RowsAre, files: FilesAre) -> Self {
        let now = crate::clock::now();
        Self {
            format: FORMAT,
            id: Uuid::now_v7(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            installation: None,
            began_at: now,
            finished_at: now,
            rows,
            rows_sha256: None,
            files,
            photos: 0,
            file_count: 0,
            file_bytes: 0,
            copied: 0,
            removed: 0,
            missing: Vec::new(),
        }
    }

    /// Reads that of the back-up in `folder`.
    ///
    /// # Errors
    /// [`BackupError::Incomplete`] where there is none, [`BackupError::Newer`], [`BackupError::Damaged`].
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        const DAMAGED: BackupError = BackupError::Damaged("its manifest cannot be read");
        let path = folder.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BackupError::Incomplete(folder.to_owned()));
            }
            Err(error) => return Err(at(&path)(error)),
        };
        match serde_json::from_slice(&text) {
            Ok(Format { format: FORMAT }) => serde_json::from_slice(&text).map_err(|_| DAMAGED),
            Ok(_) => Err(BackupError::Newer),
            Err(_) => Err(DAMAGED),
        }
    }

    /// From here on the back-up counts.
    pub(super) fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| at(folder)(error.into()))?;
        write(&folder.join(NAME), &text)
    }

    /// Rows and keys of this back-up.
    pub(super) fn folder(&self, backup: &Path) -> PathBuf {
        backup.join(self.id.to_string())
    }
}

/// Keeps other processes away from a back-up for as long as the file lives.
pub(super) fn lock(folder: &Path) -> Result<File, BackupError> {
    let path = folder.join("lock");
    let file = File::options().create(true).append(true).open(&path).map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BackupError::Running),
        Err(TryLockError::Error(error)) => Err(at(&path)(error)),
    }
}
