//! Putting a back-up into an empty data directory.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use uuid::Uuid;

use super::{
    BLOBS, BackupError, FilesAre, KEYS, Manifest, Progress, RowsAre,
    files::{Copier, at, make_folder, sync},
    make::{ROWS, ended},
    manifest::lock,
    receipts::carry_out,
};
use crate::{
    blobs::{Belongs, BlobKey, kept_files},
    clock,
    domain::{Erasable, PhotoId, PhotoSessionId},
    store::{KeptPhoto, Store},
};

/// Everything lies here until it is whole.
const STAGE: &str = "restoring";
const DATABASE: &str = "pixora.db";

/// The outcome of a restore.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// The back-up.
    pub id: Uuid,
    pub photos: u64,
    pub files: u64,
    pub bytes: u64,
    /// Photos that were erased while the back-up was made: their rows are gone again.
    pub erased: u64,
    /// Erasures that were made after the back-up, of which something was there again.
    pub carried_out: u64,
    /// Photos whose original is not in the back-up, or is not the one that its row names; their rows are there.
    pub damaged: Vec<PhotoId>,
}

/// Puts the back-up in the folder `from` into `data_dir`, which must be empty or hold an interrupted restore.
/// `receipts` name what was erased since; it is not restored. `database` is the PostgreSQL into which the rows have been restored, if they are not in the back-up. The
/// face index is made again by the next start.
///
/// # Errors
/// [`BackupError`]; nothing counts until all is there, and a second try begins anew.
pub async fn restore(
    from: &Path,
    data_dir: &Path,
    database: Option<Store>,
    receipts: &[Erasable],
    progress: impl FnMut(Progress) + Send + 'static,
) -> Result<Restored, BackupError> {
    let manifest = Manifest::read(from)?;
    let _lock = lock(from)?;
    let stage = prepare(data_dir)?;
    let own = manifest.folder(from);
    let store = match (manifest.rows, database) {
        (RowsAre::Inside, Some(_)) => return Err(BackupError::RowsInside),
        (RowsAre::Dumped, None) => return Err(BackupError::RowsOutside),
        (RowsAre::Dumped, Some(store)) => store,
        (RowsAre::Inside, None) => {
            let mut rows = Copier::into(&stage);
            let hash = rows.copy(&own.join(ROWS), Path::new(DATABASE))?;
            if hash.is_none() || hash != manifest.rows_sha256 {
                return Err(BackupError::Damaged("its rows are not those that were written"));
            }
            rows.finish()?;
            Store::open(&format!("sqlite:{}?mode=rw", stage.join(DATABASE).display())).await?
        }
    };
    let carried_out = carry_out(&store, receipts).await?;
    let photos = store.kept_photos().await?;
    if photos.iter().any(|photo| photo.created_at > manifest.began_at) {
        return Err(BackupError::RowsTooNew);
    }
    let is_here = manifest.files == FilesAre::Inside;
    let is_there = |missing: &&PhotoId| photos.iter().any(|photo| photo.id == **missing);
    let missing: Vec<PhotoId> = manifest.missing.iter().filter(is_there).copied().collect();
    let (blobs, staged) = (from.join(BLOBS), stage.clone());
    let copied = tokio::task::spawn_blocking(move || {
        let mut keys = Copier::into(&staged);
        KEYS.iter().try_for_each(|name| keys.copy_folder(&own, name))?;
        keys.finish()?;
        let mut files = Files {
            originals: by_file(photos),
            derivatives: HashSet::new(),
            damaged: missing,
            done: Progress::default(),
        };
        if is_here {
            files.copy(&blobs, &staged.join(BLOBS), progress)?;
        } else {
            files.originals.clear();
        }
        Ok(files)
    });
    let Files { originals: lost, derivatives, mut damaged, done } = ended(copied.await)?;
    // The file of a row is there before it. Where it is not, the photo was erased while files were copied; where only
    // its RAW or the file that it was replaced by is not, the photo is kept and told.
    let (erased, replaced): (Vec<&Kept>, Vec<&Kept>) =
        lost.values().partition(|kept| kept.file == kept.photo && !kept.is_second);
    damaged.extend(replaced.iter().map(|kept| kept.photo));
    let erased: BTreeSet<PhotoId> = erased.iter().map(|kept| kept.photo).collect();
    for photo in &erased {
        if store.erasures().begin(*photo, clock::now()).await?.is_some() {
            store.erasures().finish(*photo).await?;
        }
    }
    store.forget_what_was_left_out().await?;
    if carried_out > 0 {
        // The rows' file still holds what the rows do not.
        store.scrub().await?;
    }
    let kept = store.kept_photos().await?;
    let photos: HashMap<PhotoId, PhotoSessionId> =
        kept.iter().filter(|photo| !photo.is_second).map(|photo| (photo.id, photo.session)).collect();
    if is_here {
        remake(&store, &photos, &derivatives).await?;
    }
    store.close().await;
    settle(&stage, data_dir)?;
    let Progress { copied: files, bytes, .. } = done;
    let photos = photos.len() as u64;
    Ok(Restored { id: manifest.id, photos, files, bytes, erased: erased.len() as u64, carried_out, damaged })
}

/// Has the pictures of a photo made again where some were replaced or erased while the back-up was made, after its rows
/// had been taken and before its files were.
async fn remake(
    store: &Store,
    photos: &HashMap<PhotoId, PhotoSessionId>,
    derivatives: &HashSet<(PhotoId, String)>,
) -> Result<(), BackupError> {
    let ids: Vec<PhotoId> = photos.keys().copied().collect();
    let named = store.files().sums(&ids, "").await?.into_keys();
    // Originals have their sums there too.
    let is_derivative = |(photo, name): &(PhotoId, String)| {
        let key = BlobKey::named(photos[photo], *photo, name);
        matches!(key, Some(BlobKey::Derivative { .. }))
    };
    let missing = named.filter(|file| is_derivative(file) && !derivatives.contains(file));
    for photo in missing.map(|(photo, _)| photo).collect::<BTreeSet<_>>() {
        store.jobs().remake(photo, clock::now()).await?;
    }
    Ok(())
}

fn by_file(photos: Vec<KeptPhoto>) -> HashMap<PhotoId, Kept> {
    let kept =
        |KeptPhoto { id, file, is_second, sha256, .. }| (file, Kept { photo: id, file, is_second, sha256 });
    photos.into_iter().map(kept).collect()
}

/// An original that a row names.
#[derive(Clone)]
struct Kept {
    photo: PhotoId,
    /// Under which id it lies.
    file: PhotoId,
    is_second: bool,
    sha256: String,
}

struct Files {
    /// Originals with a row that have not been met yet, by the ids under which they lie.
    originals: HashMap<PhotoId, Kept>,
    /// Those that were met, by their photos and names.
    derivatives: HashSet<(PhotoId, String)>,
    damaged: Vec<PhotoId>,
    done: Progress,
}

impl Files {
    /// Copies every file that something refers to, and checks the originals.
    fn copy(
        &mut self,
        from: &Path,
        to: &Path,
        mut progress: impl FnMut(Progress),
    ) -> Result<(), BackupError> {
        make_folder(to)?;
        let mut copier = Copier::into(to);
        let known = self.originals.clone();
        let photos: HashSet<PhotoId> = known.values().map(|kept| kept.photo).collect();
        for file in kept_files(from) {
            let file = file.map_err(at(from))?;
            let (source, target) = (from.join(&file.path), to.join(&file.path));
            let wanted = match file.belongs {
                Belongs::Original(file) => known.contains_key(&file),
                Belongs::Derivative(photo) => photos.contains(&photo),
                Belongs::Elsewhere => true,
            };
            self.done.files += 1;
            if wanted && let Some(hash) = copier.copy(&source, &file.path)? {
                self.done.copied += 1;
                self.done.bytes += fs::metadata(&target).map_err(at(&target))?.len();
                match file.belongs {
                    Belongs::Original(file) => {
                        if let Some(kept) = self.originals.remove(&file).filter(|kept| kept.sha256 != hash) {
                            fs::remove_file(&target).map_err(at(&target))?;
                            self.damaged.push(kept.photo);
                        }
                    }
                    Belongs::Derivative(photo) => {
                        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
                        self.derivatives.insert((photo, name));
                    }
                    Belongs::Elsewhere => {}
                }
            }
            progress(self.done);
        }
        self.originals.retain(|_, kept| !self.damaged.contains(&kept.photo));
        copier.finish()
    }
}

/// An empty folder within the data directory, which has nothing else in it.
fn prepare(data_dir: &Path) -> Result<PathBuf, BackupError> {
    make_folder(data_dir)?;
    let stage = data_dir.join(STAGE);
    let mut names = Vec::new();
    for entry in fs::read_dir(data_dir).map_err(at(data_dir))? {
        names.push(entry.map_err(at(data_dir))?.file_name());
    }
    // An interrupted restore: its parts that are in place are not in use before the rows are.
    let parts = [STAGE, BLOBS, KEYS[0], KEYS[1]];
    let may_go = |name: &str| parts.contains(&name) && names.iter().any(|other| other == STAGE);
    if names.iter().any(|name| name != "lost+found" && !name.to_str().is_some_and(may_go)) {
        return Err(BackupError::NotEmpty(data_dir.to_owned()));
    }
    for name in parts {
        let part = data_dir.join(name);
        match fs::remove_dir_all(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&part)(error)),
            _ => {}
        }
    }
    make_folder(&stage)?;
    Ok(stage)
}

/// Moves everything to where it belongs, the rows last.
fn settle(stage: &Path, data_dir: &Path) -> Result<(), BackupError> {
    for name in [KEYS[0], KEYS[1], BLOBS, DATABASE] {
        let (from, to) = (stage.join(name), data_dir.join(name));
        if from.exists() {
            fs::rename(&from, &to).map_err(at(&to))?;
            sync(data_dir)?;
        }
    }
    fs::remove_dir_all(stage).map_err(at(stage))?;
    sync(data_dir)
}
