//! `kill -9` at random moments: what was acknowledged is there, whole, afterwards.
//!
//! The victim is this test program itself, started again with one of the `victim_…` tests and a folder.
//! It prints an id after each acknowledgement; a line that was printed is a promise.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use pixora::{
    blobs::{BlobKey, Blobs},
    domain::{FaceId, PhotoId, PhotoSessionId},
    index::{FaceIndex, IndexedFace, Opened},
    store::Received,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    database::database_url,
    fixtures::{self, MODEL, indexed_faces, new_photo, now, unit_vector},
    index::open,
};

const FOLDER: &str = "PIXORA_TEST_VICTIM_FOLDER";
const KILLS: usize = 8;

/// Starts the victim, kills it at a random moment after it has begun to acknowledge, and returns the
/// ids that it printed.
pub fn run_and_kill(victim: &str, folder: &Path, random: &mut SmallRng) -> Vec<Uuid> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", victim, "--ignored", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    // The test harness prints lines of its own, and its first one may share a line with ours.
    let id = |line: String| line.split_whitespace().last().and_then(|word| Uuid::try_parse(word).ok());
    let first = lines.by_ref().find_map(id);
    assert!(first.is_some(), "{victim} acknowledged nothing");
    std::thread::sleep(Duration::from_millis(random.random_range(0..400)));
    child.kill().unwrap();
    child.wait().unwrap();
    first.into_iter().chain(lines.filter_map(id)).collect()
}

/// The folder, when this process is a victim.
pub fn victim_folder() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

pub fn acknowledge(id: Uuid) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "\n{id}").unwrap();
    stdout.flush().unwrap();
}

/// One session for every run, so that all of them can be looked for in one place.
const SESSION: PhotoSessionId = PhotoSessionId(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001));

/// A face whose vector follows from its id, so that the other side can check it.
fn face_of(photo: PhotoId) -> IndexedFace {
    let vector = unit_vector(&mut SmallRng::seed_from_u64(photo.0.as_u64_pair().1));
    IndexedFace { id: FaceId::derive(photo, 0, MODEL), photo_id: photo, vector }
}

#[tokio::test]
#[ignore = "a victim of the test below"]
async fn victim_indexes_faces() {
    let Some(folder) = victim_folder() else { return };
    let (index, _) = open(&folder);
    for round in 0.. {
        let faces: Vec<_> = (0..20).map(|_| face_of(PhotoId::generate())).collect();
        let photos: Vec<_> = faces.iter().map(|face| face.photo_id).collect();
        index.upsert(SESSION, faces).await.unwrap();
        photos.into_iter().for_each(|photo| acknowledge(photo.0));
        if round % 10 == 9 {
            index.maintain().await.unwrap();
        }
    }
}

#[tokio::test]
async fn faces_survive_kills_during_writes_and_optimising() {
    let folder = TempDir::new().unwrap();
    let mut random = SmallRng::seed_from_u64(3);
    let mut acknowledged = Vec::new();
    // Something to merge: the optimiser has work from the start.
    let (index, _) = open(folder.path());
    index.upsert(PhotoSessionId::generate(), indexed_faces(&mut random, 3000)).await.unwrap();
    drop(index);
    for _ in 0..KILLS {
        acknowledged.extend(run_and_kill("crash::victim_indexes_faces", folder.path(), &mut random));
        let (index, opened) = open(folder.path());
        assert_eq!(opened, Opened::Loaded);
        for photo in &acknowledged {
            let face = face_of(PhotoId(*photo));
            let hits = index.search(SESSION, &face.vector, 1, 0.99).await.unwrap();
            assert_eq!(hits.first().map(|hit| hit.face_id), Some(face.id));
        }
    }
    assert!(acknowledged.len() > KILLS * 20);
}

/// Longer than one chunk, so that a file is written in several parts.
fn content_of(photo: PhotoId) -> Vec<u8> {
    photo.0.as_bytes().repeat(400_000)
}

#[tokio::test]
#[ignore = "a victim of the test below"]
async fn victim_stores_photos() {
    let Some(folder) = victim_folder() else { return };
    let blobs = Blobs::open_folder(folder.join("files")).unwrap();
    let store = pixora::store::Store::open(&database_url(&folder).await).await.unwrap();
    loop {
        let photo = new_photo(SESSION);
        blobs.put(BlobKey::original(SESSION, photo.id), content_of(photo.id)).await.unwrap();
        let received = store.photos().receive(&photo, now()).await.unwrap();
        assert_eq!(received, Received::Stored(photo.id));
        acknowledge(photo.id.0);
    }
}

#[tokio::test]
async fn photos_survive_kills_whole_and_with_their_job() {
    let folder = TempDir::new().unwrap();
    let mut random = SmallRng::seed_from_u64(4);
    let mut acknowledged = Vec::new();
    for _ in 0..KILLS {
        acknowledged.extend(run_and_kill("crash::victim_stores_photos", folder.path(), &mut random));
    }
    let store = fixtures::open(&folder).await;
    let blobs = Blobs::open_folder(folder.path().join("files")).unwrap();
    let rows = store.photos().ids(SESSION).await.unwrap();
    assert!(acknowledged.iter().all(|id| rows.contains(&PhotoId(*id))));
    let depth = store.jobs().depth(pixora::jobs::JobKind::ProcessPhoto, now()).await.unwrap();
    assert_eq!(depth.queued, rows.len() as u64);
    // Also files whose row never came are whole: there is no half a picture under any key.
    for photo in blobs.originals(SESSION).await.unwrap() {
        let content = blobs.get(BlobKey::original(SESSION, photo)).await.unwrap();
        assert!(content == content_of(photo), "{photo} is damaged");
    }
    for photo in rows {
        assert!(blobs.get(BlobKey::original(SESSION, photo)).await.is_ok());
    }
}
