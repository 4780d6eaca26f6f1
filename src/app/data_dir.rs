//! The data directory is for its owner alone: photos, embeddings, names and keys lie in it.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::{fs::Mode, process::umask};

/// The permission bits of the group and of others.
const OTHERS: u32 = 0o077;
/// Beside the folder itself, what an earlier version made readable for everybody.
const FILES: [&str; 6] =
    ["pixora.db", "pixora.db-wal", "pixora.db-shm", "keys/access.json", "keys/links.json", "keys/push.json"];

/// From now on this process makes files and folders that only its own user can read.
pub fn make_private_files() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Makes the folder if it is not there, closed to others.
///
/// # Errors
/// [`io::Error`] of the file system.
pub fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The parts of a data directory that users other than its owner can read: the folder, or files in it.
///
/// # Errors
/// [`io::Error`] of the file system.
pub fn exposed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut exposed = Vec::new();
    for path in std::iter::once(folder.to_owned()).chain(FILES.map(|file| folder.join(file))) {
        match fs::metadata(&path) {
            Ok(metadata) if metadata.mode() & OTHERS != 0 => exposed.push(path),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(exposed)
}

/// Closes what is [`exposed`] to others; what it was.
///
/// # Errors
/// [`io::Error`]: only the owner may change the modes.
pub fn close(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let exposed = exposed(folder)?;
    for path in &exposed {
        let mode = fs::metadata(path)?.mode() & !OTHERS;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    }
    Ok(exposed)
}

/// The same at a start: what cannot be closed is said, and `pixora doctor` says it again.
pub fn close_at_start(folder: &Path) {
    match close(folder) {
        Ok(exposed) if exposed.is_empty() => {}
        Ok(exposed) => {
            tracing::warn!(?exposed, "other users of this machine could read this; they cannot any more")
        }
        Err(error) => tracing::warn!(%error, "other users of this machine can read the data directory"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_directory_is_made_closed_and_an_open_one_is_closed() {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        let mode = |path: &Path| fs::metadata(path).expect("is there").mode() & 0o777;
        let made = root.path().join("a/data");
        make(&made).expect("can be made");
        assert_eq!(mode(&made), 0o700);
        assert_eq!(exposed(&made).expect("can be read"), Vec::<PathBuf>::new());

        let database = made.join("pixora.db");
        fs::write(&database, "rows").expect("can be written");
        fs::set_permissions(&made, fs::Permissions::from_mode(0o755)).expect("is ours");
        fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).expect("is ours");
        assert_eq!(exposed(&made).expect("can be read"), [made.clone(), database.clone()]);
        close(&made).expect("is ours");
        assert_eq!((mode(&made), mode(&database)), (0o700, 0o600));
        assert!(exposed(&made).expect("can be read").is_empty());
    }
}
