//! Whether a storage can be used, asked before anything depends on it.

use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStoreExt, PutPayload, path::Path};

use super::{BlobError, Blobs, Trouble};

/// The bytes that are written and read back.
const CONTENT: &[u8] = b"Pixora looks whether it can write here.";

impl Blobs {
    /// Writes a file of its own, reads a part of it, finds it in a listing, and deletes it, in the way in which
    /// pictures are. A folder is only looked at: the first write would tell the same.
    ///
    /// # Errors
    /// `Check`, whose sentence says what could not be done and why.
    pub async fn check(&self) -> Result<(), BlobError> {
        if self.root.is_some() {
            return self.health().await;
        }
        let folder = Path::from("check");
        let file = folder.clone().join(uuid::Uuid::now_v7().to_string());
        let failed = |step| move |error| BlobError::Check { step, trouble: Trouble::of(&error) };
        let put = self.store.put(&file, PutPayload::from_static(CONTENT)).await;
        put.map_err(failed("written"))?;
        let part = self.store.get_range(&file, 1..6).await.map_err(failed("read"))?;
        if part[..] != CONTENT[1..6] {
            return Err(BlobError::Check { step: "read", trouble: Trouble::other_bytes() });
        }
        let listed: Vec<_> = self.store.list(Some(&folder)).try_collect().await.map_err(failed("listed"))?;
        // The files of earlier checks that were killed are removed as well.
        let files = listed.into_iter().map(|file| Ok(file.location)).chain([Ok(file)]);
        let deleted = self.store.delete_stream(stream::iter(files).boxed()).try_collect::<Vec<_>>().await;
        deleted.map(|_| ()).map_err(failed("deleted"))
    }
}
