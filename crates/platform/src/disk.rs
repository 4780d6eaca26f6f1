//! A disk's end: how much room there is, a reserve that is given back, and which failures mean "full".
//!
//! Every room asks [`is_full`] here, so that a full disk has one name wherever it is met.

use std::{
    error::Error,
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// Below this, photos are not taken in: what is left belongs to the rows, the face index and deletions.
pub const LEAST_FOR_PHOTOS: u64 = 48 << 20;

/// There is no room left on a disk of ours. It ends the chain of causes of the errors that mean it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no room is left on the disk")]
pub struct NoRoom;

/// Bytes that this process may still write where `path` lies.
///
/// # Errors
/// When the file system does not say.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Whether an input or output failed for want of room: the disk's, or the user's quota.
#[must_use]
pub fn no_room(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Whether an error, or anything that led to it, is a full disk.
#[must_use]
pub fn is_full(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let of_the_system = error.downcast_ref::<io::Error>();
        let inside = of_the_system.and_then(io::Error::get_ref);
        if error.is::<NoRoom>()
            || of_the_system.is_some_and(no_room)
            || inside.is_some_and(|inside| is_full(inside))
        {
            return true;
        }
        next = error.source();
    }
    false
}

/// A file that holds room on a disk until the room is needed more than the file.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
    bytes: u64,
    /// Keeps giving back and taking apart.
    turn: Mutex<()>,
}

impl Reserve {
    /// A reserve that is not taken yet.
    #[must_use]
    pub fn new(path: PathBuf, bytes: u64) -> Self {
        Self { path, bytes, turn: Mutex::new(()) }
    }

    /// Takes the room, if at least `spare` bytes stay free beside it; returns whether it is held now. Another
    /// process may have given it back.
    pub fn take(&self, spare: u64) -> bool {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.allocate(spare).unwrap_or(false)
    }

    fn allocate(&self, spare: u64) -> io::Result<bool> {
        let there = fs::metadata(&self.path).map_or(0, |file| allocated(&file));
        if there >= self.bytes {
            return Ok(true);
        }
        let folder = self.path.parent().unwrap_or(&self.path);
        if free_bytes(folder)? < spare.saturating_add(self.bytes - there) {
            return Ok(false);
        }
        let file = File::options().create(true).truncate(false).write(true).open(&self.path)?;
        if let Err(error) = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, self.bytes) {
            give_back(&self.path);
            return Err(error.into());
        }
        Ok(true)
    }

    /// Gives the room back to whoever writes next.
    pub fn give_back(&self) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        give_back(&self.path);
    }
}

/// Bytes that a file takes on the disk: less than its length where it has holes.
#[must_use]
pub fn allocated(file: &fs::Metadata) -> u64 {
    file.blocks() * 512
}

/// Empties the file of a reserve, whoever made it. Shortening a file needs no room. The process that keeps the
/// reserve takes the room again when there is enough.
pub fn give_back(path: &Path) {
    match File::options().write(true).open(path).and_then(|file| file.set_len(0)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the reserve on the disk could not be given back");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_full_disk_is_known_through_every_wrapping() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        assert!(is_full(&full()));
        assert!(is_full(&Outer(full())));
        assert!(is_full(&Outer(io::Error::other(Outer(full())))));
        assert!(is_full(&Outer(io::Error::other(NoRoom))));
        assert!(is_full(&io::Error::from(io::ErrorKind::QuotaExceeded)));
        assert!(!is_full(&Outer(io::Error::from(io::ErrorKind::PermissionDenied))));
    }

    #[test]
    fn a_reserve_holds_real_room_and_gives_it_back() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("reserve");
        let reserve = Reserve::new(path.clone(), 1 << 20);
        let held = || fs::metadata(&path).map_or(0, |file| allocated(&file));
        assert!(reserve.take(0));
        assert!(held() >= 1 << 20, "a hole in a file holds nothing");
        reserve.give_back();
        assert_eq!(held(), 0);
        assert!(!reserve.take(u64::MAX), "what others need comes first");
        assert!(reserve.take(0));
    }
}
