//! Back-ups beside the running service, and restores into an empty data directory.
//!
//! A back-up is a folder: `blobs/`, a copy of the files; `{id}/`, rows and keys of one moment; and the
//! [`Manifest`], which names the `{id}` that counts. Rows are taken first and files after them: a row's file is
//! there before its row, and a file never changes under its name. So a second back-up into the same folder
//! copies only what is new, and until its manifest replaces the last one the last back-up stays whole.
//!
//! Knows rows and files; the face index is made again from the rows.
//!
//! # How a back-up is made
//!
//! `backup/make.rs` takes the rows as they are at one moment, then keys, then files: a row's file is there
//! before its row, so whatever the rows name is there, unless it was erased meanwhile. What is a file to be
//! kept is said in `blobs/kept.rs`. The files of all back-ups into one folder lie together, because a file
//! never changes under its name; rows and keys lie in a folder of each back-up's own, and the manifest that
//! names it replaces the last one by a rename, after everything was flushed. Only then are earlier rows and
//! erased files removed, so that a killed back-up leaves the last one as it was. `backup/restore.rs` is
//! where rows and files are made to agree: files that no row names are not restored, rows whose file is not
//! there are erased as their photos were, derivatives that are not there are made again, and what rows
//! remember of things that are left out (copies with a mark, begun uploads, the place of the index) is
//! forgotten. It works in a folder within the data directory, the rows are moved into place last. With
//! PostgreSQL the rows are `pg_dump`'s: its users have their own ways, and a client of the right version
//! belongs to their server, not to our image.

mod files;
mod make;
mod manifest;
mod receipts;
mod restore;

use std::{io, path::PathBuf};

use crate::store::StoreError;

pub use make::{Progress, make};
pub use manifest::{FilesAre, Manifest, RowsAre};
pub use receipts::read_receipts;
pub use restore::{Restored, restore};

/// The files' copy within a back-up, and their place within a data directory.
const BLOBS: &str = "blobs";
/// Small folders of the data directory that are copied whole: keys that sign, and those of TLS.
const KEYS: [&str; 2] = ["keys", "tls"];

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{path} cannot be read or written: {reason}")]
    Io { path: PathBuf, reason: io::Error },
    #[error("another process is at work on this back-up")]
    Running,
    /// There is no manifest: none was made here, or the first one was interrupted.
    #[error("there is no complete back-up in {0}")]
    Incomplete(PathBuf),
    #[error(
        "{0} holds the back-up of another installation, which this one would replace; if it is the one that you have \
         lost, `pixora restore` brings it back, else choose another folder"
    )]
    OfAnother(PathBuf),
    #[error("a newer version of Pixora has made this back-up; restore it with that version")]
    Newer,
    #[error("the back-up is damaged: {0}; take another one")]
    Damaged(&'static str),
    #[error("{0} is not empty; a restore goes into an empty data directory (PIXORA_DATA_DIR) only")]
    NotEmpty(PathBuf),
    #[error("the back-up holds its rows, and DATABASE_URL is set; unset it to restore them into SQLite")]
    RowsInside,
    #[error("the back-up's rows are PostgreSQL's; restore the dump there and set DATABASE_URL")]
    RowsOutside,
    #[error(
        "the database has photos that are newer than the back-up's files; restore the dump that was made before it"
    )]
    RowsTooNew,
    #[error("{0} is no receipt of an erasure; take it out of the folder, or put the right one in its place")]
    Receipt(PathBuf),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    /// Stable name of the failure, for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "io",
            Self::Running => "backup_running",
            Self::Incomplete(_) => "backup_incomplete",
            Self::OfAnother(_) => "backup_of_another",
            Self::Newer => "backup_newer",
            Self::Damaged(_) => "backup_damaged",
            Self::NotEmpty(_) => "data_directory_not_empty",
            Self::RowsInside => "backup_rows_inside",
            Self::RowsOutside => "backup_rows_outside",
            Self::RowsTooNew => "rows_newer_than_files",
            Self::Receipt(_) => "receipt_unreadable",
            Self::Store(error) => error.code(),
        }
    }
}
