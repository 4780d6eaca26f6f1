//! Copies of files that are whole and on the disk, or not there.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::BackupError;

/// Of a copy that is being written.
pub(super) const PART: &str = ".part";
/// Of a file, in memory at a time.
const PIECE: usize = 256 << 10;

/// For `map_err`: what happened where.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |reason| BackupError::Io { path, reason }
}

/// Makes a folder, with those above it; nobody else may look into a new one.
pub(super) fn make_folder(folder: &Path) -> Result<(), BackupError> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o700)))
        .map_err(at(folder))
}

pub(super) fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(at(path))
}

/// Writes a small file whole.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let part = part_of(path);
    fs::write(&part, bytes).map_err(at(&part))?;
    sync(&part)?;
    fs::rename(&part, path).map_err(at(path))?;
    sync(path.parent().unwrap_or(path))
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(PART);
    name.into()
}

/// Copies files into a folder, and remembers where names are new.
pub(super) struct Copier {
    root: PathBuf,
    folders: BTreeSet<PathBuf>,
}

impl Copier {
    pub(super) fn into(root: &Path) -> Self {
        Self { root: root.to_owned(), folders: BTreeSet::from([root.to_owned()]) }
    }

    /// Copies a file, its mode too, to a path below the folder; returns its SHA-256, or `None` when it is not
    /// there (any more).
    pub(super) fn copy(&mut self, from: &Path, below: &Path) -> Result<Option<String>, BackupError> {
        let mut source = match File::open(from) {
            Ok(source) => source,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(from)(error)),
        };
        let to = self.root.join(below);
        let folder = to.parent().unwrap_or(&self.root);
        if !self.folders.contains(folder) {
            make_folder(folder)?;
            let new = folder.ancestors().take_while(|above| above.starts_with(&self.root));
            self.folders.extend(new.map(Path::to_owned));
        }
        let part = part_of(&to);
        let mut target = File::create(&part).map_err(at(&part))?;
        let hash = pour(&mut source, &mut target).map_err(at(&part))?;
        let mode = source.metadata().map_err(at(from))?.permissions();
        target.set_permissions(mode).and_then(|()| target.sync_all()).map_err(at(&part))?;
        fs::rename(&part, &to).map_err(at(&to))?;
        Ok(Some(hash))
    }

    /// Copies a small folder whole, if it is there, under its own name.
    pub(super) fn copy_folder(&mut self, from: &Path, name: &str) -> Result<(), BackupError> {
        let folder = from.join(name);
        if !folder.exists() {
            return Ok(());
        }
        for entry in walkdir::WalkDir::new(&folder) {
            let entry = entry.map_err(|error| at(&folder)(error.into()))?;
            if entry.file_type().is_file() {
                self.copy(entry.path(), entry.path().strip_prefix(from).unwrap_or(entry.path()))?;
            }
        }
        Ok(())
    }

    /// Makes the new names durable.
    pub(super) fn finish(self) -> Result<(), BackupError> {
        self.folders.iter().try_for_each(|folder| sync(folder))
    }
}

/// SHA-256 of a file, lower-case hex.
pub(super) fn sha256(path: &Path) -> Result<String, BackupError> {
    File::open(path).and_then(|mut file| pour(&mut file, &mut io::sink())).map_err(at(path))
}

/// Writes all of `source`; returns its SHA-256, lower-case hex.
fn pour(source: &mut File, target: &mut impl Write) -> io::Result<String> {
    let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        let read = source.read(&mut piece)?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&piece[..read]);
        target.write_all(&piece[..read])?;
    }
}
