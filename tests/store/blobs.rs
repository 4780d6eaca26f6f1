//! What the file storage promises.

use bytes::Bytes;
use futures::TryStreamExt;
use pixora::{
    blobs::{BlobError, BlobKey, BlobStream, Blobs},
    domain::{PhotoId, PhotoSessionId},
};
use tempfile::TempDir;

fn storage() -> (TempDir, Blobs) {
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::open_folder(folder.path().join("files")).unwrap();
    (folder, blobs)
}

fn derivative(session: PhotoSessionId, photo: PhotoId, hash: &str) -> BlobKey {
    BlobKey::derivative_of(session, photo, 320, hash).unwrap()
}

async fn all(stream: BlobStream) -> Bytes {
    stream.bytes.try_collect::<Vec<_>>().await.unwrap().concat().into()
}

#[tokio::test]
async fn a_file_reads_back_byte_for_byte() {
    let (_folder, blobs) = storage();
    let key = BlobKey::original(PhotoSessionId::generate(), PhotoId::generate());
    assert!(matches!(blobs.get(key).await, Err(BlobError::NotFound)));
    blobs.put(key, "first").await.unwrap();
    blobs.put(key, "second").await.unwrap();
    assert_eq!(blobs.get(key).await.unwrap(), "second");
    blobs.delete(key).await.unwrap();
    blobs.delete(key).await.unwrap();
    assert!(matches!(blobs.get_stream(key, None).await.map(|_| ()), Err(BlobError::NotFound)));
}

#[tokio::test]
async fn a_range_is_served_with_the_whole_length() {
    let (_folder, blobs) = storage();
    let key = BlobKey::original(PhotoSessionId::generate(), PhotoId::generate());
    blobs.put(key, "0123456789").await.unwrap();
    let whole = blobs.get_stream(key, None).await.unwrap();
    assert_eq!((whole.length, whole.range.clone()), (10, 0..10));
    let etag = whole.etag.clone();
    assert!(etag.is_some());
    assert_eq!(all(whole).await, "0123456789");
    let part = blobs.get_stream(key, Some(2..5)).await.unwrap();
    assert_eq!((part.length, part.range.clone(), part.etag.clone()), (10, 2..5, etag));
    assert_eq!(all(part).await, "234");
    assert_eq!(all(blobs.get_stream(key, Some(8..100)).await.unwrap()).await, "89");
    assert!(matches!(blobs.get_stream(key, Some(10..11)).await.map(|_| ()), Err(BlobError::Range)));
}

#[tokio::test]
async fn deleting_a_session_leaves_nothing_of_it() {
    let (folder, blobs) = storage();
    let (session, other) = (PhotoSessionId::generate(), PhotoSessionId::generate());
    let photos = [PhotoId::generate(), PhotoId::generate()];
    for session in [session, other] {
        for photo in photos {
            blobs.put(BlobKey::original(session, photo), "original").await.unwrap();
            blobs.put(derivative(session, photo, "00000000000000aa"), "small").await.unwrap();
            blobs.put(derivative(session, photo, "00000000000000bb"), "smaller").await.unwrap();
        }
    }
    let mut originals = blobs.originals(session).await.unwrap();
    originals.sort();
    assert_eq!(originals, photos);
    assert_eq!(blobs.delete_photo(session, photos[0]).await.unwrap(), 3);
    assert_eq!(blobs.delete_photo(session, photos[0]).await.unwrap(), 0);
    assert_eq!(blobs.count_session(session).await.unwrap(), 3);
    // As a killed upload leaves it: hidden from listings, but a picture all the same.
    let staged = folder.path().join(format!("files/sessions/{session}/originals/{}#1", photos[1]));
    std::fs::write(&staged, "half a picture").unwrap();
    assert_eq!(blobs.delete_session(session).await.unwrap(), 3);
    assert_eq!(blobs.delete_session(session).await.unwrap(), 0);
    assert!(!folder.path().join(format!("files/sessions/{session}")).exists());
    assert_eq!(blobs.count_session(other).await.unwrap(), 6);
}

#[tokio::test]
async fn health_fails_when_the_folder_is_gone() {
    let (folder, blobs) = storage();
    blobs.health().await.unwrap();
    std::fs::remove_dir_all(folder.path().join("files")).unwrap();
    assert_eq!(blobs.health().await.unwrap_err().code(), "file_unreadable");
}
