//! Attachments: in, out and away.
//!
//! A file comes in through the spool, is looked at whole, and lies under its own key before any row names it;
//! the row commits with the ticket or the reply. Before the file is written, a row says that it is expected: what a
//! crash leaves in between is found by that, and [`Support::sweep`] removes it a day later. A deleted ticket's files
//! go the same way if a crash keeps them.

use std::{ops::Range, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};

use super::{KEPT_WITHOUT_ROW, Kind, Support, SupportError, Viewer};
use crate::{
    blobs::{BlobError, BlobKey, BlobStream, Piece, SpoolKey, Written},
    domain::{Attachment, AttachmentId, TicketId},
    store::StoreError,
};

/// Of one file.
pub const MAX_BYTES: u64 = 10_000_000;
/// Files that are looked at, whole and in memory, at the same time.
pub(super) const LOOKED_AT: usize = 8;
/// With one ticket or one reply.
pub const MOST_FILES: usize = 5;
/// Rows looked at in one go by a sweep.
const PAGE: u32 = 500;
/// A connection that has sent nothing for so long is let go.
const IDLE: Duration = Duration::from_secs(60);

/// Why a file was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError<E> {
    #[error("a file has more than {} MB", MAX_BYTES / 1_000_000)]
    TooLarge,
    #[error("the file is empty")]
    Empty,
    /// Its content is none of what is taken, whatever its name says.
    #[error("files of this type are not taken")]
    Unsupported,
    /// The connection fell silent.
    #[error("the file was interrupted")]
    Interrupted,
    #[error("the body cannot be read")]
    Body(E),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file that lies under its key and waits for its row.
#[derive(Debug, Clone)]
pub struct Received {
    pub attachment: Attachment,
    pub sha256: [u8; 32],
}

impl Support {
    /// Takes a file in, piece by piece. `name` is the sender's, without folders and control characters.
    ///
    /// # Errors
    /// [`ReceiveError`]; nothing is kept then.
    pub async fn receive<E>(
        &self,
        ticket: TicketId,
        name: &str,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Received, ReceiveError<E>> {
        let id = AttachmentId::generate();
        let spooled = SpoolKey::attachment(ticket, id);
        self.store.loose_attachments().expect(ticket, id, (self.clock)()).await?;
        let received = self.spooled(ticket, id, name, spooled, body).await;
        // The answer is true without it; the spool is swept of files that nobody knows.
        if let Err(error) = self.spool.remove(spooled).await {
            tracing::warn!(%error, "a spooled attachment could not be removed");
        }
        received
    }

    async fn spooled<E>(
        &self,
        ticket: TicketId,
        id: AttachmentId,
        name: &str,
        key: SpoolKey,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Received, ReceiveError<E>> {
        let (pieces, written) = self.spool.append(key, 0, None);
        let mut room = MAX_BYTES;
        let mut sha256 = Sha256::new();
        let poured = loop {
            let bytes = match tokio::time::timeout(IDLE, body.next()).await {
                Ok(Some(Ok(bytes))) => bytes,
                Ok(None) => break Ok(()),
                Ok(Some(Err(error))) => break Err(ReceiveError::Body(error)),
                Err(_) => break Err(ReceiveError::Interrupted),
            };
            let Some(left) = room.checked_sub(bytes.len() as u64) else { break Err(ReceiveError::TooLarge) };
            room = left;
            sha256.update(&bytes);
            // A writer that is gone has failed and says so itself.
            if pieces.send(Piece::Bytes(bytes)).await.is_err() {
                break Ok(());
            }
        };
        let _ = pieces.send(if poured.is_ok() { Piece::End } else { Piece::Discard }).await;
        let written = written.await?;
        poured?;
        let Written::Kept(bytes) = written else { return Err(ReceiveError::Interrupted) };
        if bytes == 0 {
            return Err(ReceiveError::Empty);
        }
        let path = self.spool.path(key);
        // It is never closed; whoever waits here waits for disks, not for clients.
        let looking = self.looking.acquire().await;
        let look = {
            let path = path.clone();
            move || std::fs::read(path).map(|content| Kind::of(&content))
        };
        let looked = tokio::task::spawn_blocking(look).await.map_err(std::io::Error::other);
        let kind = looked.and_then(|looked| looked).map_err(BlobError::Source)?;
        drop(looking);
        let kind = kind.ok_or(ReceiveError::Unsupported)?;
        self.blobs.adopt(BlobKey::Attachment { ticket, attachment: id }, path).await?;
        let attachment = Attachment {
            id,
            reply: None,
            filename: kind.name(name),
            bytes,
            media_type: kind.media_type().to_owned(),
        };
        Ok(Received { attachment, sha256: sha256.finalize().into() })
    }

    /// Removes files that came for nothing: what they came with was refused, or had been answered before.
    pub async fn discard(&self, ticket: TicketId, files: &[Received]) {
        for file in files {
            let key = BlobKey::Attachment { ticket, attachment: file.attachment.id };
            if let Err(error) = self.blobs.delete(key).await {
                tracing::warn!(%error, "an attachment without a ticket stays until it is swept");
            }
        }
    }

    /// A file as its reader gets it, and whose it is.
    ///
    /// # Errors
    /// `NotFound`, `AttachmentNotFound`, `StoreError`
    pub async fn attachment(
        &self,
        viewer: &Viewer,
        ticket: TicketId,
        id: AttachmentId,
    ) -> Result<Attachment, SupportError> {
        self.find(viewer, ticket).await?;
        let files = self.store.tickets().attachments(&[ticket], viewer.sight().is_desk()).await?;
        let mut files = files.into_iter().map(|(_, file)| file);
        files.find(|file| file.id == id).ok_or(SupportError::AttachmentNotFound)
    }

    /// The content of a file that [`Support::attachment`] has given, or a part of it.
    ///
    /// # Errors
    /// `AttachmentNotFound` when it was deleted meanwhile; those of the storage.
    pub async fn content(
        &self,
        ticket: TicketId,
        attachment: AttachmentId,
        range: Option<Range<u64>>,
    ) -> Result<BlobStream, SupportError> {
        match self.blobs.get_stream(BlobKey::Attachment { ticket, attachment }, range).await {
            Err(BlobError::NotFound) => Err(SupportError::AttachmentNotFound),
            other => Ok(other?),
        }
    }

    /// Removes files that were expected more than a day ago and have no row, those whose ticket was deleted, and old
    /// ones that a ticket does not know; returns how many there were. A file of which no row tells whose it is is left
    /// alone: the rows may be those of another day.
    ///
    /// # Errors
    /// `StoreError`, `BlobError`
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, SupportError> {
        let mut swept = 0;
        loop {
            let loose = self.store.loose_attachments().since_before(now - KEPT_WITHOUT_ROW, PAGE).await?;
            for (ticket, attachment, _) in loose.iter().filter(|(_, _, attached)| !attached) {
                self.blobs.delete(BlobKey::Attachment { ticket: *ticket, attachment: *attachment }).await?;
                self.spool.remove(SpoolKey::attachment(*ticket, *attachment)).await?;
                swept += 1;
            }
            let settled: Vec<AttachmentId> = loose.iter().map(|(_, attachment, _)| *attachment).collect();
            self.store.loose_attachments().forget(&settled).await?;
            if loose.len() < PAGE as usize {
                break;
            }
        }
        let old = self.blobs.attachments().await?.into_iter();
        let old = old.filter(|(_, _, written)| *written + KEPT_WITHOUT_ROW < now);
        let old: Vec<(TicketId, AttachmentId)> = old.map(|(ticket, file, _)| (ticket, file)).collect();
        for (ticket, attachment) in self.store.tickets().strays(&old).await? {
            self.blobs.delete(BlobKey::Attachment { ticket, attachment }).await?;
            swept += 1;
        }
        Ok(swept)
    }
}
