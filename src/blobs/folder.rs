//! The operations that only a folder has or needs.

use std::{
    fs::File,
    io::{self, ErrorKind, SeekFrom},
    ops::Range,
    path::Path,
};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::{BlobError, PIECE, spool::sync_folder_of};

/// `object_store` reads a local file 8 KiB at a time, each on another thread: too slow for gigabytes.
pub(super) async fn in_large_pieces(
    file: File,
    range: Range<u64>,
) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
    let mut file = tokio::fs::File::from_std(file);
    file.seek(SeekFrom::Start(range.start)).await.map_err(BlobError::Source)?;
    let part = file.take(range.end - range.start);
    Ok(ReaderStream::with_capacity(part, PIECE).map_err(BlobError::Source).boxed())
}

/// Gives a file a second name, which is durable then; no error when it has it.
pub(super) fn link(file: &Path, target: &Path) -> io::Result<()> {
    let folder = target.parent().unwrap_or(target);
    if !folder.exists() {
        std::fs::create_dir_all(folder)?;
        // The session's folder may be as new as this one.
        sync_folder_of(folder)?;
        folder.parent().map_or(Ok(()), sync_folder_of)?;
    }
    match std::fs::hard_link(file, target) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_folder_of(target)
}

/// Counts the files below a folder that are not whole, and deletes them when told to.
pub(super) fn unfinished(folder: &Path, delete: bool) -> io::Result<u64> {
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let mut unfinished = 0;
    for file in files.filter(|file| is_staged(&file.file_name().to_string_lossy())) {
        unfinished += 1;
        if delete {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(unfinished)
}

/// `object_store` writes `name` as `name#1` and renames it when it is whole.
pub(super) fn is_staged(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|digit| digit.is_ascii_digit()))
}
