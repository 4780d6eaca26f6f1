//! Compares sent files with stored files, one by one: the numbers add up, or a missing file is named.

use std::collections::HashSet;

use uuid::Uuid;

use super::Uploads;
use crate::{
    domain::{PhotoId, PhotoSessionId, PhotoState},
    store::{Rejection, RejectionCursor, Store, StoreError},
};

/// A file that the sender has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    pub filename: String,
    /// Lower-case hex.
    pub sha256: String,
}

/// Where a sent file stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// With how many faces it shows, and whether the file is damaged.
    Indexed(PhotoId, u32, bool),
    Queued(PhotoId),
    /// With the photo, where the file is kept although it cannot be shown.
    Rejected(Option<PhotoId>, String),
    /// No picture, but what an editor says of one. It has been read.
    Sidecar,
    /// It has not arrived whole.
    Missing,
}

/// `sent = indexed + queued + rejected + sidecars + missing`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    pub sent: usize,
    /// Files whose bytes are kept: the indexed, the queued, and those that the pipeline rejected.
    pub stored: usize,
    pub indexed: usize,
    pub queued: usize,
    pub rejected: usize,
    pub sidecars: usize,
    pub missing: usize,
    /// In the order of the question.
    pub files: Vec<(SentFile, Standing)>,
}

impl Uploads {
    /// Compares what was sent with what is there, by content.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn ledger(&self, session: PhotoSessionId, sent: Vec<SentFile>) -> Result<Ledger, StoreError> {
        ledger(&self.store, session, sent).await
    }

    /// Files that were sent and cannot be shown, oldest first; `after` is the last one of the page before.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn rejections(
        &self,
        session: PhotoSessionId,
        after: Option<RejectionCursor>,
        limit: u32,
    ) -> Result<Vec<Rejection>, StoreError> {
        self.store.uploads().rejections(session, after, limit).await
    }
}

impl Uploads {
    /// Forgets that a file was not taken: its sender has dealt with it. `false` when there is no such rejection.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn dismiss(&self, session: PhotoSessionId, rejection: Uuid) -> Result<bool, StoreError> {
        self.store.uploads().dismiss(session, rejection).await
    }
}

async fn ledger(store: &Store, session: PhotoSessionId, sent: Vec<SentFile>) -> Result<Ledger, StoreError> {
    let hashes: Vec<&str> = sent.iter().map(|file| file.sha256.as_str()).collect();
    let photos = store.photos().by_hashes(session, &hashes).await?;
    let sidecars: HashSet<String> = store.sidecars().known(session, &hashes).await?.into_iter().collect();
    let refused = store.uploads().reject_codes(session, &hashes).await?;
    let mut ledger = Ledger { sent: sent.len(), ..Ledger::default() };
    for file in sent {
        let standing = match (photos.get(&file.sha256), refused.get(&file.sha256)) {
            (Some(photo), _) => match photo.state {
                PhotoState::Ready | PhotoState::Indexed => {
                    Standing::Indexed(photo.id, photo.faces, photo.readable.is_some())
                }
                PhotoState::Queued => Standing::Queued(photo.id),
                PhotoState::Rejected => {
                    let code = photo.reject_code.clone().unwrap_or_else(|| "rejected".to_owned());
                    Standing::Rejected(Some(photo.id), code)
                }
            },
            (None, _) if sidecars.contains(&file.sha256) => Standing::Sidecar,
            (None, Some(code)) => Standing::Rejected(None, code.clone()),
            (None, None) => Standing::Missing,
        };
        match &standing {
            Standing::Indexed(..) => ledger.indexed += 1,
            Standing::Queued(_) => ledger.queued += 1,
            Standing::Rejected(..) => ledger.rejected += 1,
            Standing::Sidecar => ledger.sidecars += 1,
            Standing::Missing => ledger.missing += 1,
        }
        let kept = !matches!(standing, Standing::Rejected(None, _) | Standing::Sidecar | Standing::Missing);
        ledger.stored += usize::from(kept);
        ledger.files.push((file, standing));
    }
    Ok(ledger)
}
