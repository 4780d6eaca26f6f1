//! The face index: who looks like this vector, inside one photo session.
//!
//! Every call takes the session, so a search across sessions cannot be written. The index is a copy:
//! the `faces` rows are the truth, and [`FaceIndex`] can be rebuilt from them at any time.
//!
//! # Where vectors are
//!
//! `index/` has one trait and two adapters, the embedded engine (`edge.rs`) and a Qdrant server
//! (`server.rs`); `IndexPlace` says which, and the tests of one are the tests of both. Every call names a
//! session. The index is a copy of rows: `index/rebuild.rs` fills it, and brings it in step at a node's
//! start.
//!
//! - **Other nodes are at work meanwhile**, so nothing is emptied: what is missing is added, what is too
//!   much goes face by face. A node writes a photo's vectors before its rows; vectors of a photo that still
//!   waits are therefore no surplus. A face that is erased between our reading of its row and our writing
//!   of its vector is looked for once more after the write, and taken away again.
//! - **Counting is enough, except after a move.** What a crash leaves changes the number of a session's
//!   faces. A copy that was filled while photos came and went may hold the right number of the wrong faces,
//!   so the rows remember where the index was (`face_indexes`), and one that is found elsewhere is compared
//!   by ids, session by session, without reading a vector.
//! - **No graph and no `exact` on the server.** The engine, told that there are no graph links, compares
//!   the probe with every one-byte copy of the session; three times the wanted number are scored by their
//!   vectors. `exact` would skip the copies and read every vector from the disk.
//! - **Deleted is not erased.** The engine marks deleted points and keeps their bytes until it merges files. Whoever
//!   promises that nothing is left asks for [`FaceIndex::wipe`], which writes the embedded index anew beside searches
//!   (`rewrite.rs`). A server merges when it likes, and the receipt says so.
//! - **The client's words are not ours.** Its errors may hold the address or the key; `server.rs` says what
//!   it knows in words of its own.

#![warn(clippy::unwrap_used)]

pub(crate) use pixora_domain as domain;
pub(crate) use pixora_platform::{disk, reach};
pub(crate) use pixora_store::store;

use std::collections::HashMap;

use async_trait::async_trait;

use crate::domain::{FaceId, PhotoId, PhotoSessionId};

mod edge;
mod exact;
mod place;
mod rebuild;
mod rewrite;
mod room;
mod server;
mod shard;
mod writer;

pub use edge::{EdgeIndex, Opened};
pub use exact::ExactIndex;
pub use place::IndexPlace;
pub use rebuild::{RebuildError, Reconciled, rebuild, reconcile};
pub use server::{QdrantIndex, QdrantServer};

/// A face on its way into the index.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexedFace {
    pub id: FaceId,
    pub photo_id: PhotoId,
    /// `[dimension] f32`, L2-normalised.
    pub vector: Vec<f32>,
}

/// A face that the index found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub face_id: FaceId,
    pub photo_id: PhotoId,
    /// Cosine similarity to the probe, -1..1.
    pub cosine: f32,
    /// The stored vector; the matcher's second step needs it.
    pub vector: Vec<f32>,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum IndexError {
    #[error("the face index is not available: {0}")]
    Unavailable(String),
    /// Nothing of the call was done, and searches go on.
    #[error("the disk that holds the face index is full; make room, and everything goes on by itself")]
    Full(#[source] disk::NoRoom),
    #[error("the face index is locked by another process")]
    Locked,
    #[error("a vector of {got} numbers does not fit an index of {expected}")]
    Dimension { expected: usize, got: usize },
}

impl IndexError {
    /// Whether the index is away or has no room, which says nothing of what it was asked to do.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Full(_) | Self::Locked => true,
            Self::Dimension { .. } => false,
        }
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }
}

/// How far the bytes of deleted faces are gone from the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wiped {
    /// Nothing of them is there.
    Rewritten,
    /// They are never found again; their bytes go when the server merges its files, which it does by itself.
    ByServer,
}

/// One embedding model's vectors. Implementations are shared (`&self`) and may be called from many tasks.
#[async_trait]
pub trait FaceIndex: Send + Sync + 'static {
    /// Writes or overwrites faces. `Ok` means durable: `kill -9` after it loses none of them.
    async fn upsert(&self, session: PhotoSessionId, faces: Vec<IndexedFace>) -> Result<(), IndexError>;

    /// The `limit` most similar faces of the session with a cosine of at least `min_cosine`, best first.
    /// Exact within the session.
    async fn search(
        &self,
        session: PhotoSessionId,
        probe: &[f32],
        limit: usize,
        min_cosine: f32,
    ) -> Result<Vec<Hit>, IndexError>;

    /// Deletes faces by id; ids that are not there are no error. Durable like `upsert`.
    async fn delete_faces(&self, session: PhotoSessionId, ids: &[FaceId]) -> Result<(), IndexError>;

    /// Deletes every face of a session. Durable like `upsert`.
    async fn delete_session(&self, session: PhotoSessionId) -> Result<(), IndexError>;

    /// Faces of one session.
    async fn count(&self, session: PhotoSessionId) -> Result<u64, IndexError>;

    /// Faces of all sessions; compared with the rows at start.
    async fn total(&self) -> Result<u64, IndexError>;

    /// Faces of each session that has any. Reads neither vectors nor ids.
    async fn counts(&self) -> Result<HashMap<PhotoSessionId, u64>, IndexError>;

    /// The faces of a session that are indexed, each with its photo, without vectors.
    async fn faces(&self, session: PhotoSessionId) -> Result<HashMap<FaceId, PhotoId>, IndexError>;

    /// Answers quickly whether searches can be served.
    async fn health(&self) -> Result<(), IndexError>;

    /// Housekeeping when nothing else is to do (Edge: optimise segments; a server does its own).
    async fn maintain(&self) -> Result<(), IndexError>;

    /// Removes the bytes of faces that were deleted before, while searches and writes go on.
    async fn wipe(&self) -> Result<Wiped, IndexError> {
        Ok(Wiped::Rewritten)
    }
}

fn check_dimension(expected: usize, vector: &[f32]) -> Result<(), IndexError> {
    let got = vector.len();
    if got == expected { Ok(()) } else { Err(IndexError::Dimension { expected, got }) }
}
