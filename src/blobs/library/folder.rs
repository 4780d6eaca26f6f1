//! A folder as a library.

use std::{
    fs::{File, Metadata},
    io::ErrorKind,
    ops::Range,
    path::{Component, Path, PathBuf},
    time::UNIX_EPOCH,
};

use futures::{StreamExt, stream::BoxStream};
use tokio::sync::mpsc;

use super::{Listed, PAGE, keys::is_usable, part};
use crate::blobs::{BlobError, BlobStream, folder::in_large_pieces};

#[derive(Clone, Debug)]
pub(super) struct FolderLibrary {
    root: PathBuf,
    base: PathBuf,
}

impl FolderLibrary {
    pub(super) fn new(root: PathBuf, base: PathBuf) -> Self {
        Self { root, base }
    }

    pub(super) async fn health(&self) -> Result<(), BlobError> {
        let base = self.base.clone();
        blocking(move || std::fs::read_dir(base).map(|_| ()).map_err(|_| BlobError::library_away())).await
    }

    pub(super) fn list(&self) -> BoxStream<'static, Result<Vec<Listed>, BlobError>> {
        let (pages, listed) = mpsc::channel(2);
        let Self { root, base } = self.clone();
        tokio::task::spawn_blocking(move || walk(&root, &base, &pages));
        futures::stream::unfold(listed, |mut listed| async { listed.recv().await.map(|page| (page, listed)) })
            .boxed()
    }

    pub(super) async fn find(&self, key: &str) -> Result<Listed, BlobError> {
        let (root, key) = (self.root.clone(), key.to_owned());
        blocking(move || {
            let meta = open(&root, &key)?.metadata().map_err(BlobError::Source)?;
            Ok(Listed { key, bytes: meta.len(), stamp: stamp(&meta), fault: None })
        })
        .await
    }

    pub(super) async fn get_stream(
        &self,
        key: &str,
        stamp: &str,
        range: Option<Range<u64>>,
    ) -> Result<BlobStream, BlobError> {
        let (root, key, listed) = (self.root.clone(), key.to_owned(), stamp.to_owned());
        let (file, length) = blocking(move || {
            let file = open(&root, &key)?;
            let now = file.metadata().map_err(BlobError::Source)?;
            if self::stamp(&now) == listed { Ok((file, now.len())) } else { Err(BlobError::Changed) }
        })
        .await?;
        let range = part(range, length)?;
        let bytes = in_large_pieces(file, range.clone()).await?;
        Ok(BlobStream { length, range, etag: None, bytes })
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    let done = tokio::time::timeout(crate::blobs::ANSWER, tokio::task::spawn_blocking(work)).await;
    match done {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => Err(BlobError::Source(std::io::Error::other(error))),
        // A network file system that is gone does not answer at all.
        Err(_) => Err(BlobError::late()),
    }
}

fn stamp(file: &Metadata) -> String {
    let changed = file.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{}-{}", changed.unwrap_or_default().as_nanos(), file.len())
}

/// The path of a key, with every link followed, if that stays below the root.
fn resolve(root: &Path, key: &str) -> Result<PathBuf, BlobError> {
    let below = Path::new(key);
    let is_plain = below.components().all(|step| matches!(step, Component::Normal(_)));
    if key.is_empty() || !is_plain {
        return Err(BlobError::NotFound);
    }
    // A file system that is not mounted has lost no single file.
    let root = root.canonicalize().map_err(|_| BlobError::library_away())?;
    match root.join(below).canonicalize() {
        Ok(path) if path.starts_with(&root) => Ok(path),
        Ok(_) => Err(BlobError::NotFound),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(BlobError::NotFound)
        }
        Err(error) => Err(BlobError::Source(error)),
    }
}

fn open(root: &Path, key: &str) -> Result<File, BlobError> {
    let path = resolve(root, key)?;
    // Opening a pipe would wait for somebody to write.
    if !std::fs::metadata(&path).is_ok_and(|meta| meta.is_file()) {
        return Err(BlobError::NotFound);
    }
    File::open(path).map_err(BlobError::Source)
}

/// Sends every file below the root, page by page. Linked folders are not entered.
fn walk(root: &Path, base: &Path, pages: &mpsc::Sender<Result<Vec<Listed>, BlobError>>) {
    if let Err(error) = std::fs::read_dir(root) {
        if error.kind() == ErrorKind::NotFound && root != base && std::fs::read_dir(base).is_ok() {
            // A session that has no folder yet.
            return;
        }
        drop(pages.blocking_send(Err(BlobError::library_away())));
        return;
    }
    let mut page = Vec::with_capacity(PAGE);
    for entry in walkdir::WalkDir::new(root).min_depth(1) {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => continue,
            Ok(entry) => page.push(listed(root, entry.path())),
            Err(error) => match error.path() {
                // A folder that cannot be read hides files that may still be there: the listing is not whole.
                Some(path) if path == root || path.is_dir() => {
                    drop(pages.blocking_send(Err(BlobError::library_away())));
                    return;
                }
                Some(path) => page.push(refused(root, path, "unreadable")),
                None => {}
            },
        }
        if page.len() >= PAGE && pages.blocking_send(Ok(std::mem::take(&mut page))).is_err() {
            return;
        }
    }
    if !page.is_empty() {
        drop(pages.blocking_send(Ok(page)));
    }
}

fn listed(root: &Path, path: &Path) -> Listed {
    let below = path.strip_prefix(root).unwrap_or(path);
    let Some(key) = below.to_str().filter(|key| is_usable(key)) else {
        return refused(root, path, "library_key_unusable");
    };
    let link = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_symlink());
    match std::fs::metadata(path) {
        Err(_) if link => refused(root, path, "broken_link"),
        Err(_) => refused(root, path, "unreadable"),
        Ok(_) if link && resolve(root, key).is_err() => refused(root, path, "outside_library"),
        Ok(meta) if !meta.is_file() => refused(root, path, "not_a_file"),
        Ok(meta) => Listed { key: key.to_owned(), bytes: meta.len(), stamp: stamp(&meta), fault: None },
    }
}

fn refused(root: &Path, path: &Path, fault: &'static str) -> Listed {
    let key = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    Listed { key, bytes: 0, stamp: String::new(), fault: Some(fault) }
}
