//! Where unfinished uploads stand on the server, from one run of the program to the next.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A small file of addresses by server, session and content. Losing it costs sending a file from its start.
pub(super) struct Memory {
    path: Option<PathBuf>,
    addresses: Mutex<BTreeMap<String, String>>,
}

impl Memory {
    /// In the user's folder for such things; a file that cannot be read is as good as none.
    pub(super) fn open() -> Self {
        let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
        let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state"));
        let path = state.or_else(home).map(|state| state.join("pixora/uploads.json"));
        let text = path.as_ref().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        Self { path, addresses: Mutex::new(serde_json::from_slice(&text).unwrap_or_default()) }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, upload: &str) -> Option<String> {
        self.held().get(upload).cloned()
    }

    pub(super) fn remember(&self, upload: String, address: String) {
        let mut addresses = self.held();
        addresses.insert(upload, address);
        self.write(&addresses);
    }

    pub(super) fn forget(&self, upload: &str) {
        let mut addresses = self.held();
        if addresses.remove(upload).is_some() {
            self.write(&addresses);
        }
    }

    fn write(&self, addresses: &BTreeMap<String, String>) {
        let Some(path) = &self.path else { return };
        let write = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let whole = path.with_extension(format!("{}.new", std::process::id()));
            std::fs::write(&whole, serde_json::to_vec(addresses)?)?;
            std::fs::rename(whole, path)
        };
        if let Err(error) = write() {
            tracing::debug!(%error, "unfinished uploads cannot be remembered");
        }
    }
}
