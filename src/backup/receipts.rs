//! Receipts of erasures that were made after a back-up: a restore carries them out, so that nobody comes back.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;
use uuid::Uuid;

use super::{BackupError, files::at};
use crate::{clock, domain::Erasable, store::Store};

/// What the receipts (`*.json`) in a folder name, each as `pixora erase --receipt` printed it or the service kept it.
///
/// # Errors
/// [`BackupError::Receipt`] for a file that is none: nobody is left out in silence.
pub fn read_receipts(folder: &Path) -> Result<Vec<Erasable>, BackupError> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(at(folder))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()
        .map_err(at(folder))?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Result<Erasable, BackupError> {
    let receipt = fs::read(file).map_err(at(file))?;
    let receipt: Option<Value> = serde_json::from_slice(&receipt).ok();
    receipt.as_ref().and_then(named).ok_or_else(|| BackupError::Receipt(file.to_owned()))
}

/// What a receipt is about. That of a photo or a person names its session too.
fn named(receipt: &Value) -> Option<Erasable> {
    ["news", "photo", "person", "session", "consent", "order", "account"].iter().find_map(|kind| {
        let id: Uuid = receipt[kind].as_str()?.parse().ok()?;
        Erasable::new(kind, id)
    })
}

/// Erases the rows of what the receipts name; returns how many of it were there again.
pub(super) async fn carry_out(store: &Store, receipts: &[Erasable]) -> Result<u64, BackupError> {
    let mut were_back = 0;
    for erased in receipts {
        were_back += u64::from(store.erasure_requests().carry_out(*erased, clock::now()).await?);
        if let Erasable::Photo(photo) = erased {
            // Its files are left out of the restore.
            store.erasures().finish(*photo).await?;
        }
    }
    Ok(were_back)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_names_what_was_erased_and_anything_else_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let [session, photo] = [Uuid::new_v4(), Uuid::now_v7()];
        let write =
            |name: &str, text: String| std::fs::write(folder.path().join(name), text).expect("written");
        write("a.json", format!(r#"{{"session": "{session}", "photo": null, "files": 3}}"#));
        write("b.json", format!(r#"{{"session": "{session}", "photo": "{photo}", "files": 3}}"#));
        write("notes.txt", "not a receipt".into());
        let found = read_receipts(folder.path()).expect("are read");
        assert_eq!(found.iter().map(Erasable::kind).collect::<Vec<_>>(), ["session", "photo"]);
        assert_eq!(found.iter().map(Erasable::id).collect::<Vec<_>>(), [session, photo]);
        for damaged in [r#"{"session": "#, r#"{"session": 7}"#, "[]", ""] {
            write("c.json", damaged.into());
            assert!(matches!(read_receipts(folder.path()), Err(BackupError::Receipt(_))), "{damaged}");
        }
    }
}
