//! The contract of the file storage, for a folder and for a bucket.

use std::collections::HashSet;

use bytes::Bytes;
use futures::TryStreamExt;
use pixora::{
    blobs::{BlobError, BlobKey, BlobStream, Blobs, Copied, copy},
    domain::{AttachmentId, HandoffId, HandoffPhotoId, PhotoId, PhotoSessionId, TicketId},
};
use tempfile::TempDir;

use crate::s3;

/// A folder, and a bucket where there is an S3.
fn storages(folder: &TempDir) -> Vec<Blobs> {
    let folder = Blobs::open_folder(folder.path().join("files")).unwrap();
    let bucket = s3::bucket().map(|bucket| Blobs::open_s3(&bucket).unwrap());
    std::iter::once(folder).chain(bucket).collect()
}

fn derivative(session: PhotoSessionId, photo: PhotoId, hash: &str) -> BlobKey {
    BlobKey::derivative_of(session, photo, 320, hash).unwrap()
}

fn original() -> BlobKey {
    BlobKey::original(PhotoSessionId::generate(), PhotoId::generate())
}

async fn all(stream: BlobStream) -> Bytes {
    stream.bytes.try_collect::<Vec<_>>().await.unwrap().concat().into()
}

/// Bytes that show where they are from, so that parts that change places are noticed.
pub fn content(length: usize) -> Bytes {
    (0_u64..).flat_map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_le_bytes()).take(length).collect()
}

#[tokio::test]
async fn a_file_reads_back_byte_for_byte() {
    let folder = TempDir::new().unwrap();
    for blobs in storages(&folder) {
        let key = original();
        assert!(matches!(blobs.get(key).await, Err(BlobError::NotFound)));
        blobs.put(key, "first").await.unwrap();
        blobs.put(key, "second").await.unwrap();
        assert_eq!(blobs.get(key).await.unwrap(), "second");
        blobs.delete(key).await.unwrap();
        blobs.delete(key).await.unwrap();
        assert!(matches!(blobs.get_stream(key, None).await.map(|_| ()), Err(BlobError::NotFound)));
    }
}

#[tokio::test]
async fn a_range_is_served_with_the_whole_length() {
    let folder = TempDir::new().unwrap();
    for blobs in storages(&folder) {
        let key = original();
        blobs.put(key, "0123456789").await.unwrap();
        let whole = blobs.get_stream(key, None).await.unwrap();
        assert_eq!((whole.length, whole.range.clone()), (10, 0..10));
        let etag = whole.etag.clone();
        assert!(etag.as_ref().is_some_and(|etag| !etag.contains('"')));
        assert_eq!(all(whole).await, "0123456789");
        let part = blobs.get_stream(key, Some(2..5)).await.unwrap();
        assert_eq!((part.length, part.range.clone(), part.etag.clone()), (10, 2..5, etag.clone()));
        assert_eq!(all(part).await, "234");
        assert_eq!(all(blobs.get_stream(key, Some(8..100)).await.unwrap()).await, "89");
        assert!(matches!(blobs.get_stream(key, Some(10..11)).await.map(|_| ()), Err(BlobError::Range)));
        blobs.put(key, "9876543210").await.unwrap();
        assert_ne!(blobs.get_stream(key, None).await.unwrap().etag, etag);
    }
}

/// Short ones go in one piece, long ones in parts of 8 MiB, of which the last is shorter or not.
#[tokio::test]
async fn a_file_of_any_length_is_adopted_whole_and_stays_where_it_is() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("spooled");
    for length in [0, 1, 16 << 20, (16 << 20) + 1, 24 << 20, (24 << 20) + 4321] {
        let content = content(length);
        std::fs::write(&file, &content).unwrap();
        for blobs in storages(&folder) {
            let key = original();
            for _ in 0..2 {
                blobs.adopt(key, file.clone()).await.unwrap();
                assert!(blobs.get(key).await.unwrap() == content, "{length}");
            }
            if length > 20 << 20 {
                // Over the seam of two parts.
                let range = (8 << 20) - 3..(8 << 20) + 3;
                let part = blobs.get_stream(key, Some(range.start as u64..range.end as u64)).await.unwrap();
                assert_eq!(all(part).await, content.slice(range));
            }
        }
        assert!(file.exists());
        std::fs::remove_file(&file).unwrap();
    }
}

#[tokio::test]
async fn deleting_a_session_leaves_nothing_of_it() {
    let folder = TempDir::new().unwrap();
    for blobs in storages(&folder) {
        let (session, other) = (PhotoSessionId::generate(), PhotoSessionId::generate());
        let photos = [PhotoId::generate(), PhotoId::generate()];
        for session in [session, other] {
            for photo in photos {
                blobs.put(BlobKey::original(session, photo), "original").await.unwrap();
                blobs.put(derivative(session, photo, "00000000000000aa"), "small").await.unwrap();
                blobs.put(derivative(session, photo, "00000000000000bb"), "smaller").await.unwrap();
            }
        }
        let sorted = |mut photos: Vec<PhotoId>| {
            photos.sort();
            photos
        };
        assert_eq!(sorted(blobs.originals(session).await.unwrap()), photos);
        assert_eq!(sorted(blobs.derived(session).await.unwrap()), photos);
        let sessions: HashSet<_> = blobs.sessions().await.unwrap().into_iter().collect();
        assert_eq!(sessions, HashSet::from([session, other]));
        assert_eq!(blobs.delete_photo(session, photos[0]).await.unwrap(), 3);
        assert_eq!(blobs.delete_photo(session, photos[0]).await.unwrap(), 0);
        assert_eq!(blobs.count_session(session).await.unwrap(), 3);
        assert_eq!(blobs.delete_session(session).await.unwrap(), 3);
        assert_eq!(blobs.delete_session(session).await.unwrap(), 0);
        assert_eq!(blobs.count_session(session).await.unwrap(), 0);
        assert_eq!(blobs.sessions().await.unwrap(), [other]);
        assert_eq!(blobs.count_session(other).await.unwrap(), 6);
    }
}

/// As a killed upload leaves it: hidden from listings, but a picture all the same.
#[tokio::test]
async fn half_a_file_in_a_folder_goes_with_its_session() {
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::open_folder(folder.path().join("files")).unwrap();
    let (session, photo) = (PhotoSessionId::generate(), PhotoId::generate());
    blobs.put(BlobKey::original(session, photo), "original").await.unwrap();
    let staged = folder.path().join(format!("files/sessions/{session}/originals/{photo}#1"));
    std::fs::write(&staged, "half a picture").unwrap();
    assert_eq!(blobs.unfinished(session, false).await.unwrap(), 1);
    assert_eq!(blobs.delete_session(session).await.unwrap(), 1);
    assert!(!folder.path().join(format!("files/sessions/{session}")).exists());
}

/// S3 lists and deletes a thousand at a time.
#[tokio::test]
async fn more_files_than_one_page_has_are_all_counted_and_deleted() {
    let folder = TempDir::new().unwrap();
    for blobs in storages(&folder) {
        let (session, photo) = (PhotoSessionId::generate(), PhotoId::generate());
        let puts = (0..1_050_u64).map(|n| {
            let key = derivative(session, photo, &format!("{n:016x}"));
            let blobs = blobs.clone();
            async move { blobs.put(key, "x").await }
        });
        futures::stream::StreamExt::buffer_unordered(futures::stream::iter(puts), 8)
            .try_collect::<Vec<_>>()
            .await
            .unwrap();
        assert_eq!(blobs.count_session(session).await.unwrap(), 1_050);
        assert_eq!(blobs.delete_session(session).await.unwrap(), 1_050);
        assert_eq!(blobs.count_session(session).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn files_of_tickets_and_of_handoffs_are_found_and_go() {
    let folder = TempDir::new().unwrap();
    for blobs in storages(&folder) {
        let (ticket, attachment) = (TicketId::generate(), AttachmentId::generate());
        blobs.put(BlobKey::Attachment { ticket, attachment }, "a letter").await.unwrap();
        let found = blobs.attachments().await.unwrap();
        assert_eq!((found.len(), found[0].0, found[0].1), (1, ticket, attachment));
        assert!((chrono::Utc::now() - found[0].2).num_minutes().abs() < 5);
        assert_eq!(blobs.delete_ticket(ticket).await.unwrap(), 1);
        let (handoff, photo) = (HandoffId::generate(), HandoffPhotoId::generate());
        blobs.put(BlobKey::Handoff { handoff, photo }, "a picture").await.unwrap();
        assert_eq!(blobs.handoffs().await.unwrap(), [handoff]);
        assert_eq!(blobs.delete_handoff(handoff).await.unwrap(), 1);
        assert_eq!((blobs.handoffs().await.unwrap(), blobs.attachments().await.unwrap()), (vec![], vec![]));
    }
}

#[tokio::test]
async fn a_storage_that_works_says_so_and_keeps_nothing_of_the_check() {
    let folder = TempDir::new().unwrap();
    for blobs in storages(&folder) {
        blobs.health().await.unwrap();
        blobs.check().await.unwrap();
        blobs.check().await.unwrap();
        let empty = Blobs::open_folder(folder.path().join("empty")).unwrap();
        assert_eq!(copy(&blobs, &empty, |_| ()).await.unwrap(), Copied::default());
    }
}

#[tokio::test]
async fn health_fails_when_the_folder_or_the_bucket_is_gone() {
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::open_folder(folder.path().join("files")).unwrap();
    std::fs::remove_dir_all(folder.path().join("files")).unwrap();
    assert_eq!(blobs.health().await.unwrap_err().code(), "file_unreadable");

    let Some(mut bucket) = s3::bucket() else { return };
    bucket.name = "nobody-made-this-bucket".to_owned();
    let blobs = Blobs::open_s3(&bucket).unwrap();
    let said = blobs.check().await.unwrap_err().to_string();
    assert!(said.contains("could not be written") && said.contains("no such bucket"), "{said}");
    assert_eq!(blobs.health().await.unwrap_err().code(), "storage_unavailable");
    // It is no file that is not there, so nothing is believed to be erased.
    assert_eq!(blobs.get(original()).await.unwrap_err().code(), "storage_unavailable");
}

/// Both ways; what is there is not sent again, whatever is missing or was cut short is.
#[tokio::test]
async fn files_move_from_a_folder_to_a_bucket_and_back() {
    let folder = TempDir::new().unwrap();
    let here = Blobs::open_folder(folder.path().join("here")).unwrap();
    let there = match s3::bucket() {
        Some(bucket) => Blobs::open_s3(&bucket).unwrap(),
        None => Blobs::open_folder(folder.path().join("there")).unwrap(),
    };
    let (session, photo) = (PhotoSessionId::generate(), PhotoId::generate());
    let long = content((17 << 20) + 5);
    let (ticket, attachment) = (TicketId::generate(), AttachmentId::generate());
    let keys = [
        (BlobKey::original(session, photo), long.clone()),
        (derivative(session, photo, "00000000000000aa"), content(1000)),
        (original(), content(10)),
        (BlobKey::Attachment { ticket, attachment }, content(20)),
    ];
    for (key, content) in &keys {
        here.put(*key, content.clone()).await.unwrap();
    }
    let bytes = keys.iter().map(|(_, content)| content.len() as u64).sum();
    let all = Copied { copied: 4, bytes, present: 0, gone: 0 };
    assert_eq!(copy(&here, &there, |_| ()).await.unwrap(), all);
    assert_eq!(copy(&here, &there, |_| ()).await.unwrap(), Copied { present: 4, ..Copied::default() });
    // What came meanwhile, and what an earlier copy of another kind had left half.
    there.delete(keys[2].0).await.unwrap();
    there.put(keys[3].0, "half").await.unwrap();
    let rest = Copied { copied: 2, bytes: 30, present: 2, gone: 0 };
    assert_eq!(copy(&here, &there, |_| ()).await.unwrap(), rest);
    let back = Blobs::open_folder(folder.path().join("back")).unwrap();
    assert_eq!(copy(&there, &back, |_| ()).await.unwrap(), all);
    for (key, content) in &keys {
        for storage in [&here, &there, &back] {
            assert!(storage.get(*key).await.unwrap() == *content);
        }
    }
}
