//! Room on the disk for the engine.
//!
//! The engine maps its files into memory, and most of them have holes: a write into a hole for which the disk has
//! no room ends the whole process (SIGBUS), and so may opening the index. So the disk is asked before each write,
//! which is refused where too little is left; searches need nothing. A reserve is held for what must be possible
//! on a full disk all the same: opening the index, and deleting from it. Others may fill the disk while the engine
//! writes: meanwhile somebody looks on, and gives the reserve back in time.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use super::IndexError;
use crate::disk::{NoRoom, Reserve, free_bytes, give_back};

/// Left to others whenever something is written; the engine's files grow by whole pages, and by new files.
const SPARE: u64 = 16 << 20;
/// For a deletion, or the opening of an index, which repeats what its log holds.
const LEAST: u64 = 8 << 20;
/// Held while there is more than enough.
const RESERVE: u64 = 48 << 20;
/// So much must be free beside the reserve when it is taken.
const BESIDE_RESERVE: u64 = 64 << 20;
/// Of one point besides its numbers: payload, ids, marks, and all of it once more in the log.
const POINT: u64 = 4096;
/// Of one number: four bytes in its place, up to nine in the log.
const NUMBER: u64 = 13;
/// Between looks at the disk while the engine writes.
const LOOK: Duration = Duration::from_millis(10);

const NAME: &str = "reserve";

pub(super) struct Room {
    folder: PathBuf,
    reserve: Reserve,
}

impl Room {
    /// Room for the index in `folder`, which is about to be opened: the reserve is given back where it is needed.
    ///
    /// # Errors
    /// [`IndexError::Full`] when even then there is too little.
    pub(super) fn open(folder: &Path) -> Result<Self, IndexError> {
        let room = Self { folder: folder.to_owned(), reserve: Reserve::new(folder.join(NAME), RESERVE) };
        if !room.has(SPARE) {
            room.reserve.give_back();
        }
        if room.has(LEAST) { Ok(room) } else { Err(IndexError::Full(NoRoom)) }
    }

    /// Whether so many points can be added.
    pub(super) fn for_points(&self, points: usize, dimension: usize) -> bool {
        self.reserve.take(BESIDE_RESERVE);
        self.has(SPARE + points as u64 * (POINT + NUMBER * dimension as u64))
    }

    /// Whether something can be deleted, which may use the reserve.
    pub(super) fn for_deletion(&self) -> bool {
        if !self.has(SPARE) {
            self.reserve.give_back();
        }
        self.has(LEAST)
    }

    /// Whether all of the index can be written anew beside itself.
    pub(super) fn for_a_copy(&self) -> bool {
        let files = walkdir::WalkDir::new(&self.folder).into_iter().filter_map(Result::ok);
        let bytes = files.filter_map(|file| file.metadata().ok()).map(|file| crate::disk::allocated(&file));
        self.has(2 * bytes.sum::<u64>() + SPARE)
    }

    /// Does work of the engine that writes; the reserve is given back when others fill the disk meanwhile.
    pub(super) fn watched<T>(&self, work: impl FnOnce() -> T) -> T {
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let watch = scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    if !self.has(LEAST) {
                        self.reserve.give_back();
                    }
                    thread::park_timeout(LOOK);
                }
            });
            // The watch must end also where the engine panics.
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            done.store(true, Ordering::Release);
            watch.thread().unpark();
            result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Whether a failure of the engine may be the disk's end.
    pub(super) fn is_short(&self) -> bool {
        !self.has(LEAST)
    }

    /// A file system that does not say how much is free does not keep anybody from writing.
    fn has(&self, bytes: u64) -> bool {
        free_bytes(&self.folder).map_or(true, |free| free >= bytes)
    }
}

/// Gives back the reserves of all indexes in a folder where the disk has no room at all: what is opened before
/// the index needs some, too.
pub(super) fn give_back_where_full(folder: &Path) {
    if free_bytes(folder).map_or(true, |free| free >= LEAST) {
        return;
    }
    let indexes = folder.read_dir().into_iter().flatten().filter_map(Result::ok);
    for index in indexes {
        give_back(&index.path().join(NAME));
    }
}
