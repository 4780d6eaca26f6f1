//! What a camera finds behind the door: its own files of this connection, folders that are only names, and a place to
//! put photos.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use async_trait::async_trait;
use tokio::io::AsyncRead;
use unftp_core::storage::{Error, ErrorKind, Fileinfo, Metadata, Result, StorageBackend};

use super::{House, control::Control, ending, sign_in::Camera};
use crate::photos::{About, UploadError, UploadResult, plain_filename};

/// Files and folders that are remembered for a connection; the photos of a whole wedding.
const REMEMBERED: usize = 10_000;
const LONGEST_PATH: usize = 1_000;

/// One connection's. Cheap to clone.
#[derive(Clone)]
pub(super) struct Intake {
    house: Arc<House>,
    control: Arc<Control>,
    sent: Arc<Mutex<BTreeMap<PathBuf, Entry>>>,
}

/// A file that the camera has sent, or a folder that it has made.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    bytes: u64,
    is_folder: bool,
    at: SystemTime,
}

impl Metadata for Entry {
    fn len(&self) -> u64 {
        self.bytes
    }

    fn is_dir(&self) -> bool {
        self.is_folder
    }

    fn is_file(&self) -> bool {
        !self.is_folder
    }

    fn is_symlink(&self) -> bool {
        false
    }

    fn modified(&self) -> Result<SystemTime> {
        Ok(self.at)
    }

    fn gid(&self) -> u32 {
        0
    }

    fn uid(&self) -> u32 {
        0
    }
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Intake")
    }
}

impl Intake {
    pub(super) fn new(house: Arc<House>, control: Arc<Control>) -> Self {
        Self { house, control, sent: Arc::default() }
    }

    /// A panic while the map was held has left it whole: each use is one call.
    fn sent(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Entry>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, path: PathBuf, bytes: u64, is_folder: bool) {
        let at = self.house.services.uploads.now().into();
        let mut sent = self.sent();
        if sent.len() >= REMEMBERED {
            sent.pop_first();
        }
        sent.insert(path, Entry { bytes, is_folder, at });
    }

    /// Whether the camera may send into its session now.
    async fn admit(&self, Camera(account): &Camera) -> Result<()> {
        if self.house.stopping.is_cancelled() {
            return Err(ErrorKind::TransientFileNotAvailable.into());
        }
        let is_known = self.house.services.accounts.is_camera_account(account).await;
        let is_known = is_known.map_err(|error| Error::new(ErrorKind::LocalError, error))?;
        let admitted = is_known && self.house.takes_photos(account).await;
        if admitted { Ok(()) } else { Err(ErrorKind::PermissionDenied.into()) }
    }
}

#[async_trait]
impl StorageBackend<Camera> for Intake {
    type Metadata = Entry;

    async fn metadata<P: AsRef<Path> + Send + fmt::Debug>(&self, _: &Camera, path: P) -> Result<Entry> {
        let path = plain(path.as_ref())?;
        if path == Path::new("/") {
            return Ok(Entry { bytes: 0, is_folder: true, at: self.house.services.uploads.now().into() });
        }
        self.sent().get(&path).cloned().ok_or_else(|| ErrorKind::PermanentFileNotAvailable.into())
    }

    async fn list<P: AsRef<Path> + Send + fmt::Debug>(
        &self,
        _: &Camera,
        path: P,
    ) -> Result<Vec<Fileinfo<PathBuf, Entry>>> {
        let folder = plain(path.as_ref())?;
        let sent = self.sent();
        let here =
            sent.iter().filter(|(path, _)| path.parent() == Some(folder.as_path()) || **path == folder);
        let here = here.filter(|(path, entry)| **path != folder || !entry.is_folder);
        Ok(here.map(|(path, entry)| Fileinfo { path: path.clone(), metadata: entry.clone() }).collect())
    }

    async fn get<P: AsRef<Path> + Send + fmt::Debug>(
        &self,
        _: &Camera,
        _: P,
        _: u64,
    ) -> Result<Box<dyn AsyncRead + Send + Sync + Unpin>> {
        Err(ErrorKind::PermissionDenied.into())
    }

    async fn put<P: AsRef<Path> + Send + fmt::Debug, R: AsyncRead + Send + Sync + Unpin + 'static>(
        &self,
        camera: &Camera,
        input: R,
        path: P,
        start: u64,
    ) -> Result<u64> {
        // What broke off is not kept, so there is nothing to go on from.
        if start > 0 {
            return Err(ErrorKind::CommandNotImplemented.into());
        }
        let _transfer = self.control.transfer();
        let path = plain(path.as_ref())?;
        let filename = path.file_name().and_then(|name| plain_filename(&name.to_string_lossy()));
        let filename = filename.ok_or(ErrorKind::FileNameNotAllowedError)?;
        self.admit(camera).await?;
        let length = ending::Length::default();
        let body = ending::body(input, Arc::clone(&self.control), length.clone());
        let (session, about) = (camera.0.session, About::default());
        match self.house.services.uploads.take(session, filename, about, body).await {
            Ok(UploadResult::Stored(_) | UploadResult::Duplicate(_) | UploadResult::Sidecar) => {
                self.remember(path, length.get(), false);
                Ok(length.get())
            }
            Ok(UploadResult::Rejected(code)) if code == "too_large" => {
                Err(ErrorKind::ExceededStorageAllocationError.into())
            }
            Ok(UploadResult::Rejected(code)) => Err(Error::new(ErrorKind::FileNameNotAllowedError, code)),
            Err(UploadError::Interrupted) => {
                tracing::info!(%session, bytes = length.get(), "a camera's transfer broke off; it is not kept");
                Err(ErrorKind::ConnectionClosed.into())
            }
            Err(error) if error.is_full() => Err(ErrorKind::InsufficientStorageSpaceError.into()),
            Err(error) => {
                tracing::warn!(%error, %session, "a camera's photo could not be taken in");
                Err(Error::new(ErrorKind::LocalError, error))
            }
        }
    }

    async fn del<P: AsRef<Path> + Send + fmt::Debug>(&self, _: &Camera, _: P) -> Result<()> {
        Err(ErrorKind::PermissionDenied.into())
    }

    async fn mkd<P: AsRef<Path> + Send + fmt::Debug>(&self, _: &Camera, path: P) -> Result<()> {
        self.remember(plain(path.as_ref())?, 0, true);
        Ok(())
    }

    async fn rename<P: AsRef<Path> + Send + fmt::Debug>(&self, _: &Camera, _: P, _: P) -> Result<()> {
        Err(ErrorKind::PermissionDenied.into())
    }

    async fn rmd<P: AsRef<Path> + Send + fmt::Debug>(&self, _: &Camera, _: P) -> Result<()> {
        Err(ErrorKind::PermissionDenied.into())
    }

    async fn cwd<P: AsRef<Path> + Send + fmt::Debug>(&self, _: &Camera, path: P) -> Result<()> {
        plain(path.as_ref()).map(drop)
    }
}

/// A path from the root, without `.` and `..`.
fn plain(path: &Path) -> Result<PathBuf> {
    if path.as_os_str().len() > LONGEST_PATH {
        return Err(ErrorKind::FileNameNotAllowedError.into());
    }
    let mut plain = PathBuf::from("/");
    for step in path.components() {
        match step {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_root_and_has_an_end() {
        let of = |path: &str| plain(Path::new(path)).ok();
        assert_eq!(
            of("/DCIM/100CANON/../101CANON/./IMG_0001.JPG"),
            Some("/DCIM/101CANON/IMG_0001.JPG".into())
        );
        assert_eq!(of("../../etc/passwd"), Some("/etc/passwd".into()));
        assert_eq!(of("/"), Some("/".into()));
        assert_eq!(of(&"x/".repeat(600)), None);
    }
}
