//! The state that the searches and the writing thread of the embedded index share.

use std::{
    fs::File,
    sync::atomic::{AtomicBool, Ordering},
};

use qdrant_edge::EdgeShard;

use super::{IndexError, room::Room};

pub(super) const SESSION: &str = "session_id";
pub(super) const PHOTO: &str = "photo_id";

/// The shard and the lock that says that it is ours.
pub(super) struct Engine {
    pub(super) shard: EdgeShard,
    /// Length of the vectors.
    pub(super) dimension: usize,
    pub(super) room: Room,
    /// Whether the last write failed: on a full disk, or a shard that must be opened again.
    broken: AtomicBool,
    _lock: File,
}

impl Engine {
    pub(super) fn new(shard: EdgeShard, dimension: usize, room: Room, lock: File) -> Self {
        Self { shard, dimension, room, broken: AtomicBool::new(false), _lock: lock }
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Notes whether the last write failed.
    pub(super) fn set_broken(&self, failed: bool) {
        self.broken.store(failed, Ordering::Relaxed);
    }
}

pub(super) fn unavailable(error: impl std::fmt::Display) -> IndexError {
    IndexError::Unavailable(error.to_string())
}
