//! Which files an ingest takes, what becomes of each, and the report of it.

use std::path::{Path, PathBuf};

use serde::Serialize;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    Stored,
    /// The session had it.
    Duplicate,
    Rejected(String),
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) accepted: usize,
    pub(super) duplicates: usize,
    pub(super) rejected: Vec<Rejected>,
    /// Accepted photos that can be found now.
    pub(super) indexed: usize,
    /// Faces in them.
    pub(super) faces: u64,
    /// The server's own account of all that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ledger: Option<Sums>,
}

#[derive(Debug, Serialize)]
pub(super) struct Rejected {
    pub(super) file: String,
    pub(super) code: String,
}

impl Report {
    pub(super) fn reject(&mut self, file: &Path, code: &str) {
        self.rejected.push(Rejected { file: file.display().to_string(), code: code.to_owned() });
    }
}

/// `sent = indexed + queued + rejected + missing`, over the distinct contents.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Sums {
    pub(super) sent: usize,
    pub(super) stored: usize,
    pub(super) indexed: usize,
    pub(super) queued: usize,
    pub(super) rejected: usize,
    pub(super) missing: usize,
}

impl std::fmt::Display for Sums {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sent, indexed, queued, rejected, missing, .. } = self;
        write!(
            f,
            "{sent} sent = {indexed} indexed + {queued} queued + {rejected} rejected + {missing} missing"
        )
    }
}

/// Regular files in a stable order. What was named but does not exist is kept: it is rejected by name.
pub(super) fn files(paths: &[PathBuf]) -> Vec<PathBuf> {
    let hidden =
        |entry: &walkdir::DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let walk = walkdir::WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter();
        let entries = walk.filter_entry(|entry| !hidden(entry)).filter_map(Result::ok);
        files.extend(entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path));
    }
    files
}
