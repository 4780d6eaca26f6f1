//! A disk that is full to its last byte: nothing dies, nothing is lost, and everything goes on with the first room.
//!
//! The engine maps its files. Written beyond the disk's end it does not fail, it takes the process along, this test's
//! too.

use std::time::Duration;

use pixora::{
    domain::{ConsentId, ConsentPurpose, Language, PhotoSessionId, SearchId},
    index::{EdgeIndex, FaceIndex, IndexError, Opened},
    store::{Consent, NewSearch, Store, StoreError},
    usage::Usage,
};
use rand::{SeedableRng, rngs::SmallRng};
use tempfile::TempDir;

use crate::{
    fixtures::{DIMENSION, indexed_faces, now},
    small_disk::SmallDisk,
};

/// Enough for an index, its reserve and what must be free beside it.
const DISK: u32 = 192;

async fn is_found(index: &EdgeIndex, session: PhotoSessionId, vector: &[f32]) -> bool {
    !index.search(session, vector, 5, 0.99).await.expect("a search needs no room").is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_on_a_full_disk_refuses_and_searches_and_goes_on_with_the_first_room() {
    let folder = TempDir::new().unwrap();
    let Some(disk) = SmallDisk::at(folder.path(), DISK) else { return };
    let (index, opened) = EdgeIndex::open(&disk.path().join("index"), DIMENSION).unwrap();
    assert_eq!(opened, Opened::Fresh);
    let session = PhotoSessionId::generate();
    let mut random = SmallRng::seed_from_u64(13);
    let faces = indexed_faces(&mut random, 500);
    index.upsert(session, faces.clone()).await.unwrap();

    disk.fill_but(0);
    let refused = index.upsert(session, indexed_faces(&mut random, 500)).await.unwrap_err();
    assert!(matches!(refused, IndexError::Full(_)), "{refused}");
    assert!(is_found(&index, session, &faces[7].vector).await);
    assert!(index.health().await.is_ok(), "a full disk takes no search away");
    assert!(matches!(index.maintain().await, Err(IndexError::Full(_))));

    // What makes room must be possible: the reserve is for that.
    index.delete_faces(session, &[faces[7].id]).await.expect("the reserve is given back");
    assert_eq!(index.count(session).await.unwrap(), 499);

    disk.empty();
    index.upsert(session, indexed_faces(&mut random, 500)).await.expect("there is room again");
    assert_eq!(index.count(session).await.unwrap(), 999);
    assert!(is_found(&index, session, &faces[8].vector).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_opened_on_a_full_disk_from_its_reserve() {
    let folder = TempDir::new().unwrap();
    let Some(disk) = SmallDisk::at(folder.path(), DISK) else { return };
    let folder = disk.path().join("index");
    let session = PhotoSessionId::generate();
    let faces = indexed_faces(&mut SmallRng::seed_from_u64(14), 500);
    let (index, _) = EdgeIndex::open(&folder, DIMENSION).unwrap();
    index.upsert(session, faces.clone()).await.unwrap();
    drop(index);

    disk.fill_but(0);
    let (index, opened) = EdgeIndex::open(&folder, DIMENSION).expect("the reserve is given back");
    assert_eq!(opened, Opened::Loaded, "a full disk is no damage");
    assert!(is_found(&index, session, &faces[3].vector).await);
    drop(index);

    // Nothing is left of the reserve: it is said, and nothing is taken for damaged.
    disk.fill_but(0);
    let refused = EdgeIndex::open(&folder, DIMENSION).err().expect("there is no room");
    assert!(matches!(refused, IndexError::Full(_)), "{refused}");
    disk.empty();
    let (index, opened) = EdgeIndex::open(&folder, DIMENSION).unwrap();
    assert_eq!((opened, index.count(session).await.unwrap()), (Opened::Loaded, 500));
}

/// Others write to the same disk while the engine does.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_outlives_a_disk_that_fills_while_it_writes() {
    let folder = TempDir::new().unwrap();
    let Some(disk) = SmallDisk::at(folder.path(), DISK) else { return };
    let (index, _) = EdgeIndex::open(&disk.path().join("index"), DIMENSION).unwrap();
    let session = PhotoSessionId::generate();
    let mut random = SmallRng::seed_from_u64(15);
    index.upsert(session, indexed_faces(&mut random, 10)).await.unwrap();
    let index = std::sync::Arc::new(index);
    let writing = tokio::spawn({
        let index = std::sync::Arc::clone(&index);
        async move {
            let mut written = 10;
            loop {
                match index.upsert(session, indexed_faces(&mut random, 200)).await {
                    Ok(()) => written += 200,
                    Err(error) => return (written, error),
                }
            }
        }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    while disk.free() > 0 && !writing.is_finished() {
        disk.fill_but(disk.free().saturating_sub(1 << 20));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let (written, error) = writing.await.unwrap();
    assert!(matches!(error, IndexError::Full(_)), "{error}");
    assert!(index.count(session).await.unwrap() >= written, "what was acknowledged is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_on_a_full_disk_says_so_and_a_search_is_counted_later() {
    let folder = TempDir::new().unwrap();
    let Some(disk) = SmallDisk::at(folder.path(), 16) else { return };
    let url = format!("sqlite:{}?mode=rwc", disk.path().join("pixora.db").display());
    let store = Store::open(&url).await.unwrap();
    let usage = Usage::new(store.clone());
    let session = PhotoSessionId::generate();
    let consent = |id| Consent {
        id,
        record: id,
        studio_id: None,
        purpose: ConsentPurpose::Match,
        withdrawn_at: None,
        photo_session_id: session,
        version: "1".to_owned(),
        language: Language::Russian,
        created_at: now(),
    };
    let (kept, withdrawn) = (ConsentId::generate(), ConsentId::generate());
    for id in [kept, withdrawn] {
        store.guests().record_consent(&consent(id)).await.unwrap();
    }

    disk.fill_but(0);
    // The write-ahead log has some room of its own left.
    let mut refused = None;
    for _ in 0..2000 {
        if let Err(error) = store.guests().record_consent(&consent(ConsentId::generate())).await {
            refused = Some(error);
            break;
        }
    }
    let refused = refused.expect("the disk has an end");
    assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
    assert_eq!(refused.code(), "storage_full");
    // Many at once: a connection whose commit failed must not reach the next of them.
    let crowd: Vec<_> = (0..16)
        .map(|_| {
            let (store, consent) = (store.clone(), consent(ConsentId::generate()));
            tokio::spawn(async move {
                for _ in 0..20 {
                    let consent = Consent { id: ConsentId::generate(), ..consent.clone() };
                    match store.guests().record_consent(&consent).await {
                        Ok(()) | Err(StoreError::Full(_)) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
            })
        })
        .collect();
    for each in crowd {
        each.await.expect("the disk is full, and nothing else is wrong");
    }
    let search = |consent_id| NewSearch {
        id: SearchId::generate(),
        photo_session_id: session,
        consent_id: Some(consent_id),
        matches: 3,
    };
    usage.record_search(search(kept), now()).await.expect("a guest is answered");
    usage.record_search(search(withdrawn), now()).await.expect("a guest is answered");
    assert_eq!(store.guests().searches(session).await.unwrap(), 0);

    disk.empty();
    store.guests().withdraw_consent(withdrawn, now()).await.unwrap();
    usage.flush().await.unwrap();
    assert_eq!(
        store.guests().searches(session).await.unwrap(),
        1,
        "counted later, and not what was taken back"
    );
}
