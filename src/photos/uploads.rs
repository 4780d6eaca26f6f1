//! Files that come in piece by piece, over connections that break.
//!
//! An upload's row says what is coming, its spooled file how much of it is there, and nothing is told that
//! would not survive `kill -9`. One request at a time writes to an upload. The last byte makes it a photo;
//! where a crash came between, the next question about the upload or the next [`Uploads::sweep`] does the rest.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{Stream, StreamExt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    MAX_BYTES,
    receive::{Incoming, ReceiveError, Receiver},
};
use crate::{
    blobs::{BlobError, Checksum, Piece, Spool, SpoolClaim, SpoolKey, Written},
    domain::{PhotoId, PhotoSessionId, UploadId, UserId},
    store::{Received, Store, StoreError, Upload, UploadResult},
    telemetry,
};

/// How long after its last byte an upload is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(24);
/// How much longer one is kept of which nothing is here: it may be in another node's spool, and alive.
const ELSEWHERE: TimeDelta = TimeDelta::days(6);
/// A connection that has sent nothing for so long is let go; the client goes on where it was.
const IDLE: Duration = Duration::from_secs(60);
/// How long a request waits for one that it has taken an upload from.
const HAND_OVER: Duration = Duration::from_secs(10);
/// Uploads looked at in one go by [`Uploads::sweep`].
const PAGE: u32 = 200;

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// There is none, it has expired, or it is another's.
    #[error("there is no such upload")]
    NotFound,
    #[error("the file is larger than {} MB", MAX_BYTES / 1_000_000)]
    TooLarge,
    /// Another request is writing to it.
    #[error("the upload is in use by another request")]
    Busy,
    #[error("the part begins somewhere else than at {0}, where the upload stands")]
    OffsetMismatch(u64),
    #[error("the part goes beyond the file's end")]
    TooLong,
    #[error("the part is not what its checksum promised")]
    ChecksumMismatch,
    /// The connection broke or fell silent, or another request asked for the upload.
    #[error("the part was interrupted")]
    Interrupted,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("the file could not be taken in: {0}")]
    Receive(ReceiveError),
    #[error("a task ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl UploadError {
    /// Whether there is no room left, so that trying again later helps.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Blob(error) | Self::Receive(ReceiveError::Blob(error)) => error.is_full(),
            Self::Store(error) | Self::Receive(ReceiveError::Store(error)) => error.is_full(),
            _ => false,
        }
    }
}

/// The data of a file before it is sent.
#[derive(Debug, Clone)]
pub struct NewUpload {
    pub session: PhotoSessionId,
    pub user: UserId,
    /// See [`plain_filename`].
    pub filename: String,
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: Option<String>,
    pub guest_id: Option<String>,
    pub begins_selected: bool,
    /// It is to take the place of the photo of its name.
    pub replaces: bool,
    /// All that the client said of it, in its own words.
    pub metadata: String,
}

/// The other fields of a form with photos.
#[derive(Debug, Clone)]
pub struct About {
    pub guest_id: Option<String>,
    pub begins_selected: bool,
    /// They are to take the places of the photos of their names.
    pub replaces: bool,
}

impl Default for About {
    fn default() -> Self {
        Self { guest_id: None, begins_selected: true, replaces: false }
    }
}

/// Where a part belongs.
#[derive(Debug, Clone)]
pub struct Part {
    pub offset: u64,
    /// As far as the client says it beforehand.
    pub length: Option<u64>,
    pub checksum: Option<Checksum>,
}

/// How an upload stands; it has a result when the last byte is there.
#[derive(Debug, Clone)]
pub struct Progress {
    pub upload: Upload,
    /// Bytes that are there for good.
    pub offset: u64,
    pub expires_at: DateTime<Utc>,
}

/// The outcome of [`Uploads::sweep`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub finished: u64,
    pub expired: u64,
}

/// The entry of the pipeline. Cheap to clone; all clones share who is writing what.
#[derive(Clone)]
pub struct Uploads {
    pub(super) store: Store,
    spool: Spool,
    receiver: Receiver,
    busy: Busy,
}

type Busy = Arc<Mutex<HashMap<UploadId, Slot>>>;

/// Somebody is writing: how to ask for the end of it, and how to learn of it.
#[derive(Debug, Clone, Default)]
struct Slot {
    stop: CancellationToken,
    done: CancellationToken,
}

/// The right to write to one upload, until dropped.
struct Turn {
    busy: Busy,
    upload: UploadId,
    slot: Slot,
}

impl Drop for Turn {
    fn drop(&mut self) {
        held(&self.busy).remove(&self.upload);
        self.slot.done.cancel();
    }
}

/// A panic while the map was held has left it whole: each use is one call.
fn held(busy: &Busy) -> MutexGuard<'_, HashMap<UploadId, Slot>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Uploads {
    #[must_use]
    pub fn new(store: Store, spool: Spool, receiver: Receiver) -> Self {
        Self { store, spool, receiver, busy: Arc::default() }
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.receiver.now()
    }

    /// Announces a file. The caller has checked that this user may put photos into the session.
    ///
    /// # Errors
    /// `TooLarge`, which is recorded as a rejection; `Store`.
    pub async fn create(&self, new: NewUpload) -> Result<Progress, UploadError> {
        let NewUpload {
            session,
            user,
            filename,
            bytes,
            sha256,
            guest_id,
            begins_selected,
            replaces,
            metadata,
        } = new;
        if bytes > MAX_BYTES {
            let code = ReceiveError::TooLarge.code();
            self.receiver.reject(session, &filename, sha256, bytes, code).await?;
            return Err(UploadError::TooLarge);
        }
        self.spool.room().await?;
        let upload = Upload {
            id: UploadId::generate(),
            photo_session_id: session,
            user,
            photo: PhotoId::generate(),
            filename,
            bytes,
            sha256,
            guest_id,
            begins_selected,
            replaces,
            metadata: Some(metadata),
            result: None,
            created_at: self.now(),
        };
        self.store.uploads().create(&upload).await?;
        self.settle(&upload).await
    }

    /// Writes a part. Goes on after the request that carries it is dropped, so that every byte that came
    /// counts. When the last one is there, the file becomes a photo before this returns.
    ///
    /// # Errors
    /// [`UploadError`]; what the upload then stands at, [`Uploads::progress`] tells.
    pub async fn append<E: Send>(
        &self,
        user: UserId,
        id: UploadId,
        part: Part,
        body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    ) -> Result<Progress, UploadError> {
        let uploads = self.clone();
        tokio::spawn(async move { uploads.write(user, id, part, body).await }).await?
    }

    async fn write<E>(
        &self,
        user: UserId,
        id: UploadId,
        Part { offset, length, checksum }: Part,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Progress, UploadError> {
        let turn = self.turn(id).map_err(|_| UploadError::Busy)?;
        let upload = self.find(user, id).await?;
        let before = self.settle(&upload).await?;
        if before.offset != offset {
            return Err(UploadError::OffsetMismatch(before.offset));
        }
        let room = upload.bytes - offset;
        if length.is_some_and(|length| length > room) {
            return Err(UploadError::TooLong);
        }
        if before.upload.result.is_some() {
            return Ok(before);
        }
        self.spool.room().await?;
        let (pieces, written) = self.spool.append(key(&upload), offset, checksum);
        let poured = pour(body, room, pieces, &turn.slot.stop).await;
        match (written.await?, poured) {
            (_, Poured::TooLong) => Err(UploadError::TooLong),
            (Written::ChecksumMismatch, _) => Err(UploadError::ChecksumMismatch),
            (Written::Discarded, _) => Err(UploadError::Interrupted),
            // The connection may have broken behind the last byte.
            (Written::Kept(length), Poured::Interrupted) if length < upload.bytes => {
                Err(UploadError::Interrupted)
            }
            (Written::Kept(_), _) => self.settle(&upload).await,
        }
    }

    /// How an upload stands. A client asks this when its connection is gone: a request that is still
    /// writing is one whose end nobody has told us of, and makes room.
    ///
    /// # Errors
    /// `NotFound`; `Busy` when the other does not let go; `Store`, `Blob`, `Receive`.
    pub async fn progress(&self, user: UserId, id: UploadId) -> Result<Progress, UploadError> {
        self.find(user, id).await?;
        let _turn = self.take_over(id).await?;
        let upload = self.find(user, id).await?;
        self.settle(&upload).await
    }

    /// Forgets an upload and what has come of it. A photo that it has become stays.
    ///
    /// # Errors
    /// As [`Uploads::progress`].
    pub async fn terminate(&self, user: UserId, id: UploadId) -> Result<(), UploadError> {
        self.find(user, id).await?;
        let _turn = self.take_over(id).await?;
        let upload = self.find(user, id).await?;
        self.store.uploads().delete(id).await?;
        Ok(self.spool.remove(key(&upload)).await?)
    }

    /// Takes in a file that comes in one piece and is not to be resumed.
    ///
    /// # Errors
    /// `Interrupted`, `Store`, `Blob`, `Receive`; a file that is to blame is an [`UploadResult::Rejected`].
    pub async fn take<E>(
        &self,
        session: PhotoSessionId,
        filename: String,
        about: About,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<UploadResult, UploadError> {
        self.spool.room().await?;
        let key = SpoolKey { session, upload: UploadId::generate() };
        let (pieces, written) = self.spool.append(key, 0, None);
        let poured = pour(body, MAX_BYTES, pieces, &CancellationToken::new()).await;
        let written = written.await;
        let photo = PhotoId::generate();
        let About { guest_id, begins_selected, replaces } = about;
        let incoming =
            Incoming { session, photo, filename, guest_id, begins_selected, replaces, sha256: None };
        let result = match (written, poured) {
            (Err(error), _) => Err(error.into()),
            (_, Poured::Interrupted) => Err(UploadError::Interrupted),
            (_, Poured::TooLong) => {
                let code = ReceiveError::TooLarge.code();
                // How large it would have become nobody knows.
                self.receiver.reject(session, &incoming.filename, None, MAX_BYTES + 1, code).await?;
                Ok(UploadResult::Rejected(code.to_owned()))
            }
            (Ok(_), Poured::Whole) => self.receive(&incoming, &self.spool.path(key)).await,
        };
        self.spool.remove(key).await?;
        result
    }

    /// The right to [`sweep`](Self::sweep), of which there is one for all processes with the same spool: what one of
    /// them is writing, another would take for cut short. `None` while another has it; kept until dropped.
    ///
    /// # Errors
    /// `Blob`.
    pub async fn claim(&self) -> Result<Option<SpoolClaim>, UploadError> {
        Ok(self.spool.claim().await?)
    }

    /// Finishes what was interrupted, and removes uploads that nobody has resumed for [`KEPT`].
    ///
    /// # Errors
    /// `Store` and `Blob`; an upload that cannot be finished now is left for the next time.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<Swept, UploadError> {
        let mut swept = Swept::default();
        let mut after = None;
        loop {
            let page = self.store.uploads().unfinished(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for upload in &page {
                // An upload that is being written to stays.
                let Ok(_turn) = self.turn(upload.id) else { continue };
                match self.settle(upload).await {
                    Ok(progress) if progress.upload.result.is_some() => swept.finished += 1,
                    Ok(Progress { offset, expires_at, .. }) if expires_at + self.patience(offset) < now => {
                        // The row last: it is what the file is found by.
                        self.spool.remove(key(upload)).await?;
                        self.store.uploads().delete(upload.id).await?;
                        swept.expired += 1;
                    }
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, upload = %upload.id, "an upload cannot be finished"),
                }
            }
        }
        self.store.uploads().forget_finished(now - KEPT).await?;
        for (key, touched) in self.spool.files().await? {
            if DateTime::<Utc>::from(touched) + KEPT >= now {
                continue;
            }
            let over = match self.store.uploads().get(key.upload).await? {
                Some(upload) => upload.result.is_some(),
                // Of a form, which has no row, or of an upload that is forgotten. Only where the rows know the
                // session: they may be those of another day, and the file all that is left.
                None => self.store.knows_session(key.session).await?,
            };
            if over {
                self.spool.remove(key).await?;
            }
        }
        Ok(swept)
    }

    /// With an upload whose time is over here, of which so many bytes are here.
    fn patience(&self, offset: u64) -> TimeDelta {
        if offset == 0 && self.store.is_shared() { ELSEWHERE } else { TimeDelta::zero() }
    }

    async fn find(&self, user: UserId, id: UploadId) -> Result<Upload, UploadError> {
        let upload = self.store.uploads().get(id).await?;
        upload.filter(|upload| upload.user == user).ok_or(UploadError::NotFound)
    }

    /// Where the upload stands; a complete one is made a photo. The caller has the turn.
    async fn settle(&self, upload: &Upload) -> Result<Progress, UploadError> {
        let mut upload = upload.clone();
        let mut expires_at = upload.created_at + KEPT;
        if upload.result.is_some() {
            return Ok(Progress { offset: upload.bytes, upload, expires_at });
        }
        let there = self.spool.settle(key(&upload)).await?;
        if let Some(touched) = there.touched {
            expires_at = expires_at.max(DateTime::<Utc>::from(touched) + KEPT);
        }
        if there.bytes == upload.bytes {
            upload.result = Some(self.finish(&upload).await?);
        }
        Ok(Progress { upload, offset: there.bytes, expires_at })
    }

    async fn finish(&self, upload: &Upload) -> Result<UploadResult, UploadError> {
        let key = key(upload);
        if upload.bytes == 0 {
            // No part has made its file.
            let (_, written) = self.spool.append(key, 0, None);
            written.await?;
        }
        let incoming = Incoming {
            session: upload.photo_session_id,
            photo: upload.photo,
            filename: upload.filename.clone(),
            guest_id: upload.guest_id.clone(),
            begins_selected: upload.begins_selected,
            replaces: upload.replaces,
            sha256: upload.sha256.clone(),
        };
        let result = self.receive(&incoming, &self.spool.path(key)).await?;
        self.store.uploads().finish(upload.id, &result, self.now()).await?;
        // The answer is true without it, and the sweep comes again.
        if let Err(error) = self.spool.remove(key).await {
            tracing::warn!(%error, "a spooled file could not be removed");
        }
        Ok(result)
    }

    async fn receive(&self, incoming: &Incoming, path: &Path) -> Result<UploadResult, UploadError> {
        match self.receiver.receive_spooled(incoming, path.to_owned()).await {
            Ok(Received::Stored(photo)) => Ok(UploadResult::Stored(photo)),
            Ok(Received::Duplicate(photo)) => Ok(UploadResult::Duplicate(photo)),
            Ok(Received::Sidecar) => Ok(UploadResult::Sidecar),
            Err(error) if error.is_rejection() => Ok(UploadResult::Rejected(error.code().to_owned())),
            Err(error) => Err(UploadError::Receive(error)),
        }
    }

    /// The right to write, or who has it.
    fn turn(&self, upload: UploadId) -> Result<Turn, Slot> {
        let mut busy = held(&self.busy);
        if let Some(other) = busy.get(&upload) {
            return Err(other.clone());
        }
        let slot = Slot::default();
        busy.insert(upload, slot.clone());
        Ok(Turn { busy: Arc::clone(&self.busy), upload, slot })
    }

    async fn take_over(&self, upload: UploadId) -> Result<Turn, UploadError> {
        let waited = tokio::time::timeout(HAND_OVER, async {
            loop {
                match self.turn(upload) {
                    Ok(turn) => return turn,
                    Err(other) => {
                        other.stop.cancel();
                        other.done.cancelled().await;
                    }
                }
            }
        });
        waited.await.map_err(|_| UploadError::Busy)
    }
}

fn key(upload: &Upload) -> SpoolKey {
    SpoolKey { session: upload.photo_session_id, upload: upload.id }
}

enum Poured {
    Whole,
    Interrupted,
    TooLong,
}

/// Passes a body on to the disk as it comes; the channel's few places are all the memory that it takes.
async fn pour<E>(
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    mut room: u64,
    pieces: mpsc::Sender<Piece>,
    stop: &CancellationToken,
) -> Poured {
    loop {
        let next = tokio::select! {
            biased;
            () = stop.cancelled() => return Poured::Interrupted,
            next = tokio::time::timeout(IDLE, body.next()) => next,
        };
        let (piece, poured) = match next {
            Ok(Some(Ok(bytes))) => match room.checked_sub(bytes.len() as u64) {
                Some(left) => {
                    telemetry::uploaded(bytes.len() as u64);
                    room = left;
                    (Piece::Bytes(bytes), None)
                }
                None => (Piece::Discard, Some(Poured::TooLong)),
            },
            Ok(None) => (Piece::End, Some(Poured::Whole)),
            Ok(Some(Err(_))) | Err(_) => return Poured::Interrupted,
        };
        // A writer that is gone has failed and says so itself.
        let sent = pieces.send(piece).await;
        match poured {
            Some(poured) => return poured,
            None if sent.is_err() => return Poured::Interrupted,
            None => {}
        }
    }
}

/// A client's name for a file as text that is safe to show: without folders and control characters, at most
/// 255 characters. `None` when nothing is left.
#[must_use]
pub fn plain_filename(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let plain: String = name.chars().filter(|letter| !letter.is_control()).take(255).collect();
    Some(plain.trim().to_owned()).filter(|name| !matches!(name.as_str(), "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filename_is_text_and_no_path() {
        let plain = |name: &str| plain_filename(name);
        assert_eq!(plain("IMG 1.JPG").as_deref(), Some("IMG 1.JPG"));
        assert_eq!(plain("Свадьба 👰.jpg").as_deref(), Some("Свадьба 👰.jpg"));
        assert_eq!(plain("../../etc/passwd").as_deref(), Some("passwd"));
        assert_eq!(plain("C:\\card\\a\u{0}\r\n.jpg").as_deref(), Some("a.jpg"));
        assert_eq!(plain(&"x".repeat(300)).map(|name| name.len()), Some(255));
        for nothing in ["", "..", "a/", "\u{7}"] {
            assert_eq!(plain(nothing), None, "{nothing:?}");
        }
    }
}
