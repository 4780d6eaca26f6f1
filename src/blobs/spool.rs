//! Files on their way in, on a local disk even where the finished ones are kept elsewhere.
//!
//! A spooled file's length is the truth about how far it has come: whoever asks gets it only after it has
//! been flushed to the disk, so what was told is never taken back. A part that came with a checksum counts
//! whole or not at all; while it is being written, a mark beside the file says where it began.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::BlobError;
use crate::{
    disk,
    domain::{AttachmentId, PhotoSessionId, TicketId, UploadId},
};

/// Pieces of a body that may wait for the disk, per upload.
const WAITING: usize = 4;

/// Where uploads are put together. Cheap to clone. Does not keep two writers of one file apart: the caller does.
#[derive(Clone, Debug)]
pub struct Spool {
    root: PathBuf,
}

/// The right to tidy up a spool; given back when it is dropped or its process dies.
#[derive(Debug)]
pub struct SpoolClaim {
    _lock: File,
}

/// Names one spooled file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpoolKey {
    pub session: PhotoSessionId,
    pub upload: UploadId,
}

impl SpoolKey {
    /// Of a file that comes with a ticket: a ticket's folder lies beside the sessions'. It has no upload's row,
    /// so what a crash leaves of it is swept with the uploads that nobody knows.
    #[must_use]
    pub fn attachment(ticket: TicketId, attachment: AttachmentId) -> Self {
        Self { session: PhotoSessionId(ticket.0), upload: UploadId(attachment.0) }
    }
}

/// The part of a file that has been flushed to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spooled {
    pub bytes: u64,
    /// When the last byte came; `None` before the first.
    pub touched: Option<SystemTime>,
}

/// The expected hash of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checksum {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

/// A piece of a part on its way to the disk. A writer whose sender is dropped without `End` or `Discard` has
/// been interrupted: it keeps what came, unless a checksum was promised.
pub enum Piece {
    Bytes(Bytes),
    End,
    /// The part is not to count after all.
    Discard,
}

/// How a part ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The file has this many bytes now, flushed.
    Kept(u64),
    /// The part was not what its checksum promised and is gone.
    ChecksumMismatch,
    /// Gone as the sender wished, or interrupted before its checksum could be told.
    Discarded,
}

impl Spool {
    /// Opens (and makes, if need be) a folder; on the file system of the originals, so that a complete file
    /// can become one without being copied.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let root = root.into();
        std::fs::create_dir_all(&root).map_err(BlobError::Source)?;
        Ok(Self { root })
    }

    /// Whether more photos may come in.
    ///
    /// # Errors
    /// [`BlobError::is_full`] when what is left belongs to the rows, the face index and deletions.
    pub async fn room(&self) -> Result<(), BlobError> {
        let root = self.root.clone();
        blocking(move || room(&root)).await
    }

    /// Where the file lies. Only a complete one may be read there.
    #[must_use]
    pub fn path(&self, key: SpoolKey) -> PathBuf {
        self.root.join(key.session.to_string()).join(key.upload.to_string())
    }

    /// The right to tidy up, of which there is one for all processes on this folder; `None` while another has it.
    pub async fn claim(&self) -> Result<Option<SpoolClaim>, BlobError> {
        let path = self.root.join("lock");
        blocking(move || {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            match file.try_lock() {
                Ok(()) => Ok(Some(SpoolClaim { _lock: file })),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(error),
            }
        })
        .await
    }

    /// How much of the file there is, after flushing it and dropping a part that was never verified.
    pub async fn settle(&self, key: SpoolKey) -> Result<Spooled, BlobError> {
        let path = self.path(key);
        blocking(move || settle(&path)).await
    }

    /// Starts to write a part at `offset`, which must be where the settled file ends. Send pieces, then wait
    /// for the outcome.
    pub fn append(
        &self,
        key: SpoolKey,
        offset: u64,
        checksum: Option<Checksum>,
    ) -> (mpsc::Sender<Piece>, impl Future<Output = Result<Written, BlobError>> + use<>) {
        let path = self.path(key);
        let (sender, pieces) = mpsc::channel(WAITING);
        let task = tokio::task::spawn_blocking(move || append(&path, offset, checksum, pieces));
        let outcome = async {
            task.await.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(BlobError::Source)
        };
        (sender, outcome)
    }

    /// Removes the file; no error when there is none.
    pub async fn remove(&self, key: SpoolKey) -> Result<(), BlobError> {
        let path = self.path(key);
        blocking(move || {
            gone(std::fs::remove_file(mark_of(&path)))?;
            gone(std::fs::remove_file(&path))
        })
        .await
    }

    /// Removes every file of a session; returns how many there were.
    pub async fn remove_session(&self, session: PhotoSessionId) -> Result<u64, BlobError> {
        let folder = self.root.join(session.to_string());
        blocking(move || {
            let files = walkdir::WalkDir::new(&folder).into_iter().filter_map(Result::ok);
            let count = files.filter(|file| file.file_type().is_file()).count() as u64;
            gone(std::fs::remove_dir_all(&folder))?;
            Ok(count)
        })
        .await
    }

    /// Every file that is there with the time of its last byte.
    pub async fn files(&self) -> Result<Vec<(SpoolKey, SystemTime)>, BlobError> {
        let root = self.root.clone();
        blocking(move || {
            let files = walkdir::WalkDir::new(&root).min_depth(2).max_depth(2).into_iter();
            Ok(files.filter_map(Result::ok).filter_map(|file| named(&file)).collect())
        })
        .await
    }
}

/// The key and age of a file that is an upload's.
fn named(file: &walkdir::DirEntry) -> Option<(SpoolKey, SystemTime)> {
    let session = file.path().parent()?.file_name()?.to_str()?.parse().ok()?;
    let upload = file.file_name().to_str()?.parse().ok()?;
    Some((SpoolKey { session, upload }, file.metadata().ok()?.modified().ok()?))
}

/// A file system that does not say how much is free keeps nobody out.
pub(super) fn room(folder: &Path) -> io::Result<()> {
    match disk::free_bytes(folder) {
        Ok(free) if free < disk::LEAST_FOR_PHOTOS => Err(ErrorKind::StorageFull.into()),
        _ => Ok(()),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, BlobError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(BlobError::Source)
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn mark_of(path: &Path) -> PathBuf {
    path.with_extension("unverified")
}

/// Makes the coming and going of names in a file's folder durable.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn settle(path: &Path) -> io::Result<Spooled> {
    let file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Spooled { bytes: 0, touched: None }),
        opened => opened?,
    };
    let mark = mark_of(path);
    match std::fs::read(&mark) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        read => {
            // A mark that was cut short itself was never waited for, so nothing was written after it.
            if let Ok(began) = <[u8; 8]>::try_from(read?).map(u64::from_le_bytes) {
                cut(&file, began)?;
            }
            remove_mark(&mark)?;
        }
    }
    file.sync_data()?;
    let meta = file.metadata()?;
    Ok(Spooled { bytes: meta.len(), touched: Some(meta.modified()?) })
}

/// Shortens a file; never lengthens it.
fn cut(file: &File, length: u64) -> io::Result<()> {
    if file.metadata()?.len() > length {
        file.set_len(length)?;
    }
    file.sync_data()
}

fn remove_mark(mark: &Path) -> io::Result<()> {
    gone(std::fs::remove_file(mark))?;
    // A mark that came back after a power cut would take back what has been told since.
    sync_folder_of(mark)
}

fn append(
    path: &Path,
    offset: u64,
    checksum: Option<Checksum>,
    mut pieces: mpsc::Receiver<Piece>,
) -> io::Result<Written> {
    if let Some(folder) = path.parent()
        && !folder.exists()
    {
        std::fs::create_dir_all(folder)?;
        sync_folder_of(folder)?;
    }
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    if file.metadata()?.len() != offset {
        return Err(io::Error::other("a spooled file is not as long as it was a moment ago"));
    }
    let mark = mark_of(path);
    if checksum.is_some() {
        let mut written = File::create(&mark)?;
        written.write_all(&offset.to_le_bytes())?;
        written.sync_all()?;
    }
    if checksum.is_some() || offset == 0 {
        sync_folder_of(path)?;
    }

    let mut hash = checksum.as_ref().map(Hash::of);
    let mut length = offset;
    let ended = loop {
        match pieces.blocking_recv() {
            Some(Piece::Bytes(bytes)) => {
                file.write_all(&bytes)?;
                length += bytes.len() as u64;
                if let Some(hash) = &mut hash {
                    hash.update(&bytes);
                }
            }
            Some(Piece::End) => break Some(true),
            Some(Piece::Discard) => break Some(false),
            None => break None,
        }
    };
    let verified = hash.map(Hash::finish) == checksum;
    let written = match (ended, &checksum) {
        (Some(true), _) if verified => Written::Kept(length),
        (Some(true), _) => Written::ChecksumMismatch,
        (None, None) => Written::Kept(length),
        (None, Some(_)) | (Some(false), _) => Written::Discarded,
    };
    if let Written::Kept(_) = written {
        file.sync_data()?;
    } else {
        cut(&file, offset)?;
    }
    if checksum.is_some() {
        remove_mark(&mark)?;
    }
    Ok(written)
}

enum Hash {
    Sha1(Box<sha1_smol::Sha1>),
    Sha256(Box<Sha256>),
}

impl Hash {
    fn of(checksum: &Checksum) -> Self {
        match checksum {
            Checksum::Sha1(_) => Self::Sha1(Box::default()),
            Checksum::Sha256(_) => Self::Sha256(Box::default()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    fn finish(self) -> Checksum {
        match self {
            Self::Sha1(hash) => Checksum::Sha1(hash.digest().bytes()),
            Self::Sha256(hash) => Checksum::Sha256(hash.finalize().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool() -> (tempfile::TempDir, Spool, SpoolKey) {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        let key = SpoolKey { session: PhotoSessionId::generate(), upload: UploadId::generate() };
        (folder, spool, key)
    }

    async fn send(
        spool: &Spool,
        key: SpoolKey,
        offset: u64,
        checksum: Option<Checksum>,
        pieces: Vec<Piece>,
    ) -> Result<Written, BlobError> {
        let (sender, outcome) = spool.append(key, offset, checksum);
        for piece in pieces {
            assert!(sender.send(piece).await.is_ok());
        }
        drop(sender);
        outcome.await
    }

    fn bytes(text: &'static str) -> Piece {
        Piece::Bytes(Bytes::from_static(text.as_bytes()))
    }

    #[tokio::test]
    async fn an_interrupted_part_counts_unless_it_promised_a_checksum() {
        let (_folder, spool, key) = spool();
        assert_eq!(spool.settle(key).await.unwrap(), Spooled { bytes: 0, touched: None });
        let written = send(&spool, key, 0, None, vec![bytes("abc"), bytes("de")]).await.unwrap();
        assert_eq!(written, Written::Kept(5));
        let sum = Checksum::Sha256(Sha256::digest(b"fgh").into());
        let cut = send(&spool, key, 5, Some(sum.clone()), vec![bytes("fg")]).await.unwrap();
        assert_eq!(cut, Written::Discarded);
        let wrong = send(&spool, key, 5, Some(sum.clone()), vec![bytes("fgx"), Piece::End]).await.unwrap();
        assert_eq!(wrong, Written::ChecksumMismatch);
        assert_eq!(spool.settle(key).await.unwrap().bytes, 5);
        let right = send(&spool, key, 5, Some(sum), vec![bytes("f"), bytes("gh"), Piece::End]).await.unwrap();
        assert_eq!(right, Written::Kept(8));
        assert_eq!(std::fs::read(spool.path(key)).unwrap(), b"abcdefgh");
        assert!(send(&spool, key, 3, None, vec![]).await.is_err(), "nothing is overwritten");
    }

    /// As a killed process leaves it: half of a part that was never verified.
    #[tokio::test]
    async fn an_unverified_part_is_dropped_after_a_crash() {
        let (_folder, spool, key) = spool();
        send(&spool, key, 0, None, vec![bytes("abc"), Piece::End]).await.unwrap();
        let mark = mark_of(&spool.path(key));
        std::fs::write(&mark, 3_u64.to_le_bytes()).unwrap();
        OpenOptions::new().append(true).open(spool.path(key)).unwrap().write_all(b"half").unwrap();
        assert_eq!(spool.settle(key).await.unwrap().bytes, 3);
        assert!(!mark.exists());
        assert_eq!(spool.files().await.unwrap().len(), 1);
        assert_eq!(spool.remove_session(key.session).await.unwrap(), 1);
        assert_eq!(spool.files().await.unwrap(), vec![]);
    }
}
