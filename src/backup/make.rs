//! Making a back-up.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{
    BLOBS, BackupError, FilesAre, KEYS, Manifest, RowsAre,
    files::{Copier, PART, at, make_folder, sha256, sync},
    manifest::lock,
};
use crate::{
    blobs::{kept_files, original_path},
    clock,
    store::{KeptPhoto, Store},
};

/// Of a snapshot, in its back-up's folder.
pub(super) const ROWS: &str = "rows.db";

/// How far a back-up or a restore has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files looked at.
    pub files: u64,
    /// Of these, copied.
    pub copied: u64,
    /// Bytes of all files looked at.
    pub bytes: u64,
}

/// Backs rows, files and keys up into the folder `to`, while others work on. `blobs` is the files' folder;
/// `None` where they lie in a store with back-ups of its own.
///
/// # Errors
/// [`BackupError`]; an earlier back-up in the same folder is as it was, whenever this one ends before its time.
pub async fn make(
    store: &Store,
    blobs: Option<&Path>,
    data_dir: &Path,
    to: &Path,
    progress: impl FnMut(Progress) + Send + 'static,
) -> Result<Manifest, BackupError> {
    make_folder(to)?;
    let _lock = lock(to)?;
    let rows = if store.is_embedded() { RowsAre::Inside } else { RowsAre::Dumped };
    let files = if blobs.is_some() { FilesAre::Inside } else { FilesAre::Elsewhere };
    let mut manifest = Manifest::begin(rows, files);
    manifest.installation = store.installation().await?;
    not_anothers(to, &manifest, store).await?;
    let own = manifest.folder(to);
    make_folder(&own)?;
    let photos = match rows {
        RowsAre::Dumped => store.kept_photos().await?,
        RowsAre::Inside => {
            let file = own.join(ROWS);
            store.copy_to(&file).await?;
            sync(&file)?;
            manifest.rows_sha256 = Some(sha256(&file)?);
            store.kept_photos().await?
        }
    };
    manifest.photos = photos.iter().filter(|photo| !photo.is_second).count() as u64;
    manifest.began_at = clock::now();

    let (data_dir, from, to) = (data_dir.to_owned(), blobs.map(Path::to_owned), to.to_owned());
    let copied = tokio::task::spawn_blocking(move || {
        let mut keys = Copier::into(&own);
        KEYS.iter().try_for_each(|name| keys.copy_folder(&data_dir, name))?;
        keys.finish()?;
        sync(&to)?;
        let lost = match &from {
            None => Vec::new(),
            Some(from) => copy_files(from, &to, photos, &mut manifest, progress)?,
        };
        Ok::<_, BackupError>((manifest, from, to, lost))
    });
    let (mut manifest, from, to, lost) = ended(copied.await)?;
    for photo in lost {
        // Erased meanwhile, row and file, or really lost.
        let now = store.photos().get(photo.id).await?;
        // Or replaced by a later file, which the next back-up has.
        if now.is_some_and(|now| now.originals().any(|file| file == photo.file)) {
            manifest.missing.push(photo.id);
        }
    }
    let finished = tokio::task::spawn_blocking(move || {
        manifest.finished_at = clock::now();
        manifest.write(&to)?;
        remove_other_rows(&to, manifest.id)?;
        if let (Some(from), true) = (from, manifest.missing.is_empty()) {
            manifest.removed = remove_unwanted(&from, &to.join(BLOBS))?;
            manifest.write(&to)?;
        }
        Ok(manifest)
    });
    ended(finished.await)
}

/// A back-up removes from its folder what the storage has no more. In the folder of other rows, or with rows that
/// have lost every photo, that would be all of the last good back-up.
///
/// # Errors
/// [`BackupError::OfAnother`].
async fn not_anothers(to: &Path, manifest: &Manifest, store: &Store) -> Result<(), BackupError> {
    let before = match Manifest::read(to) {
        Ok(before) => before,
        Err(BackupError::Incomplete(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let of_another = match (&before.installation, &manifest.installation) {
        (Some(before), Some(now)) => before != now,
        // An earlier version made it, and did not say whose it is.
        _ => before.photos > 0 && store.kept_photos().await?.is_empty(),
    };
    if of_another { Err(BackupError::OfAnother(to.to_owned())) } else { Ok(()) }
}

/// Copies what the back-up does not have. Returns the photos whose original is in neither place.
fn copy_files(
    from: &Path,
    to: &Path,
    mut photos: Vec<KeptPhoto>,
    manifest: &mut Manifest,
    mut progress: impl FnMut(Progress),
) -> Result<Vec<KeptPhoto>, BackupError> {
    let blobs = to.join(BLOBS);
    make_folder(&blobs)?;
    let (mut copier, mut done) = (Copier::into(&blobs), Progress::default());
    for file in kept_files(from) {
        let file = file.map_err(at(from))?;
        let (source, target) = (from.join(&file.path), blobs.join(&file.path));
        let Some(bytes) = length(&source)? else { continue };
        // A file never changes under its name.
        if length(&target)? != Some(bytes) {
            if copier.copy(&source, &file.path)?.is_none() {
                continue;
            }
            done.copied += 1;
        }
        (done.files, done.bytes) = (done.files + 1, done.bytes + bytes);
        progress(done);
    }
    copier.finish()?;
    (manifest.file_count, manifest.copied, manifest.file_bytes) = (done.files, done.copied, done.bytes);
    photos.retain(|photo| !blobs.join(original_path(photo.session, photo.file)).exists());
    Ok(photos)
}

/// `None` when there is no such file.
fn length(file: &Path) -> Result<Option<u64>, BackupError> {
    match fs::metadata(file) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(file)(error)),
    }
}

/// Rows and keys of earlier back-ups, finished or not.
fn remove_other_rows(to: &Path, id: Uuid) -> Result<(), BackupError> {
    for entry in fs::read_dir(to).map_err(at(to))? {
        let entry = entry.map_err(at(to))?;
        let of_another = |name: &OsStr| {
            name.to_str().and_then(|name| name.parse::<Uuid>().ok()).is_some_and(|other| other != id)
        };
        if of_another(&entry.file_name()) {
            fs::remove_dir_all(entry.path()).map_err(at(&entry.path()))?;
        }
    }
    Ok(())
}

/// Removes what the storage has no more, erased since an earlier back-up, and what a killed one left half.
/// Returns how many files.
fn remove_unwanted(from: &Path, blobs: &Path) -> Result<u64, BackupError> {
    let mut removed = 0;
    for entry in walkdir::WalkDir::new(blobs) {
        let entry = entry.map_err(|error| at(blobs)(error.into()))?;
        let path: PathBuf = entry.path().strip_prefix(blobs).unwrap_or(entry.path()).to_owned();
        let half = entry.path().extension().is_some_and(|end| PART.ends_with(&*end.to_string_lossy()));
        if entry.file_type().is_file() && (half || length(&from.join(path))?.is_none()) {
            fs::remove_file(entry.path()).map_err(at(entry.path()))?;
            removed += u64::from(!half);
        }
    }
    Ok(removed)
}

/// The result of a blocking task.
pub(super) fn ended<T>(
    outcome: Result<Result<T, BackupError>, tokio::task::JoinError>,
) -> Result<T, BackupError> {
    outcome.unwrap_or_else(|error| Err(at(Path::new("the back-up"))(io::Error::other(error))))
}
