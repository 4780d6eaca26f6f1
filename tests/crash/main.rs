//! `kill -9` at random moments while 200 photos come in: what was acknowledged is there once, with its
//! faces once, none is stuck, and rows, files and vectors agree in the end.

#![expect(clippy::disallowed_methods, reason = "a test may look at the clock")]

#[path = "../support/account.rs"]
mod account;
mod backup;
mod bin;
#[path = "../support/ftp.rs"]
mod camera;
mod comments;
mod consents;
mod erasures;
mod ftp;
mod guest_photos;
mod handoffs;
mod news;
mod nodes;
mod pictures;
#[expect(dead_code, reason = "other tests stop it, and ask as other roles")]
#[path = "../support/postgres.rs"]
mod postgres;
mod proxy;
#[path = "../support/qdrant.rs"]
mod qdrant;
mod reembed;
mod replacements;
#[path = "../support/mod.rs"]
mod support;
mod tickets;
mod uploads;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use pixora::{
    blobs::{BlobKey, Blobs},
    domain::{FaceId, FaceRow, Photo, PhotoId, PhotoSessionId, PhotoState},
    index::{EdgeIndex, FaceIndex, Opened},
    jobs::JobKind,
    store::Store,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{Pixora, START, sample};

const PHOTOS: usize = 200;
const ROUNDS: usize = 20;
/// How long after its first sign of life a process is killed, at most.
const LIFE: Duration = Duration::from_millis(600);

/// What the rows say at one moment.
#[derive(Default)]
struct Rows {
    photos: BTreeMap<PhotoId, Photo>,
    faces: BTreeMap<PhotoId, Vec<FaceRow>>,
}

impl Rows {
    /// Reads as another process beside the one under test, and lets go of the database again.
    async fn read(data: &Path, session: PhotoSessionId) -> Self {
        let store = open(data).await;
        let ids = store.photos().ids(session).await.expect("rows can be read");
        let photos = store.photos().get_many(&ids).await.expect("rows can be read");
        let mut rows = Self::default();
        for photo in photos {
            let faces = store.faces().of_photo(photo.id).await.expect("rows can be read");
            rows.faces.insert(photo.id, faces.into_iter().map(|face| face.face).collect());
            rows.photos.insert(photo.id, photo);
        }
        store.close().await;
        rows
    }

    fn in_state(&self, state: PhotoState) -> usize {
        self.photos.values().filter(|photo| photo.state == state).count()
    }
}

async fn open(data: &Path) -> Store {
    let url = format!("sqlite:{}?mode=rwc", data.join("pixora.db").display());
    Store::open(&url).await.expect("the database opens")
}

fn seed() -> u64 {
    let named = std::env::var("PIXORA_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = named.unwrap_or_else(rand::random);
    println!("PIXORA_TEST_SEED={seed} plays the same moments again");
    seed
}

#[tokio::test]
async fn two_hundred_photos_survive_twenty_kills() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    let id = pixora.session("Killed again and again");
    let session: PhotoSessionId = id.parse().expect("a session's id is an id");
    let (card, pile) = (pixora.folder.path().join("card"), pixora.folder.path().join("pile"));
    for folder in [&card, &pile] {
        std::fs::create_dir(folder).expect("can be made");
    }
    let mut pile: Vec<_> = pictures::write_distinct(&pile, PHOTOS);

    let (mut acknowledged, mut killed_at_work) = (Rows::default(), 0);
    for round in 0..ROUNDS {
        // New photos each round, so that there is something to store as well as something to compute.
        for photo in pile.drain(..PHOTOS / ROUNDS) {
            let name = photo.file_name().expect("a photo has a name");
            std::fs::rename(&photo, card.join(name)).expect("can be moved");
        }
        let before = Rows::read(&pixora.data(), session).await;
        let serves = round % 2 == 1;
        let mut at_work = Vec::new();
        let mut server = None;
        if random.random_bool(0.25) {
            // During the start: loading, taking jobs back, mending the index.
            if serves {
                server = Some(pixora.serve_soon());
            } else {
                at_work.push(start_ingest(&pixora, &id, &card));
            }
            tokio::time::sleep(LIFE.mul_f64(2.0 * random.random::<f64>())).await;
        } else {
            if serves {
                server = Some(pixora.serve());
            }
            at_work.push(start_ingest(&pixora, &id, &card));
            wait_for_progress(&pixora, session, &before).await;
            tokio::time::sleep(LIFE.mul_f64(random.random())).await;
        }
        acknowledged = Rows::read(&pixora.data(), session).await;
        let mut processes: Vec<&mut Child> = server.iter_mut().map(|server| &mut server.child).collect();
        processes.extend(&mut at_work);
        let mut was_at_work = false;
        for process in processes {
            was_at_work |= process.try_wait().expect("was started here").is_none();
            process.kill().expect("was started here");
            process.wait().expect("was started here");
        }
        killed_at_work += usize::from(was_at_work);
        let after = Rows::read(&pixora.data(), session).await;
        println!(
            "round {round}: {} stored, {} ready{}",
            after.photos.len(),
            after.in_state(PhotoState::Ready),
            if serves { ", with a server" } else { "" }
        );
        assert_kept(&pixora.data(), session, &acknowledged, &after).await;
    }
    assert!(killed_at_work * 2 > ROUNDS, "only {killed_at_work} of {ROUNDS} were at work when killed");
    assert!(acknowledged.photos.len() > PHOTOS / 2, "too little was stored to prove anything");

    let report = pixora.json(&["ingest", "--json", "--session", &id, text(&card)]);
    let numbers = ["accepted", "duplicates"].map(|key| report[key].as_u64().unwrap_or_default());
    assert_eq!(numbers[0] + numbers[1], PHOTOS as u64, "{report}");
    assert_eq!(report["rejected"], json!([]));
    assert_complete(&pixora, &id, session).await;
    assert_like_undisturbed(&pixora, session, &card).await;
}

fn start_ingest(pixora: &Pixora, session: &str, card: &Path) -> Child {
    let mut command = pixora.command(&["ingest", "--json", "--session", session, text(card)]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are text")
}

/// Until a photo more is stored or ready than before.
async fn wait_for_progress(pixora: &Pixora, session: PhotoSessionId, before: &Rows) {
    let store = open(&pixora.data()).await;
    let started = Instant::now();
    loop {
        let now = store.photos().counts(session).await.expect("rows can be read");
        let was = (before.photos.len() as u64, before.in_state(PhotoState::Ready) as u64);
        if (now.total, now.ready) != was {
            break;
        }
        assert!(started.elapsed() < START, "nothing moves; {now:?} {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    store.close().await;
}

/// Nothing acknowledged is lost or doubled, and what is not ready will be: its job is there.
async fn assert_kept(data: &Path, session: PhotoSessionId, acknowledged: &Rows, after: &Rows) {
    for (id, photo) in &acknowledged.photos {
        let now = after.photos.get(id).unwrap_or_else(|| panic!("{} was stored and is gone", photo.filename));
        assert_eq!((&now.sha256, &now.filename), (&photo.sha256, &photo.filename));
        if photo.state == PhotoState::Ready {
            assert_eq!(now, photo, "ready is final");
            assert_eq!(after.faces[id], acknowledged.faces[id], "faces of {}", photo.filename);
        }
    }
    let distinct: BTreeSet<&str> = after.photos.values().map(|photo| photo.sha256.as_str()).collect();
    assert_eq!(distinct.len(), after.photos.len(), "a photo is there twice");
    let blobs = Blobs::open_folder(data.join("blobs")).expect("the folder is there");
    for photo in after.photos.values() {
        let original = blobs.get(BlobKey::original(session, photo.id)).await;
        let original = original.unwrap_or_else(|error| panic!("{} has no original: {error}", photo.filename));
        assert_eq!(hex::encode(Sha256::digest(&original)), photo.sha256, "{} is damaged", photo.filename);
        assert_ne!(photo.state, PhotoState::Rejected, "{} is a good photo", photo.filename);
    }
    let store = open(data).await;
    let depth =
        store.jobs().depth(JobKind::ProcessPhoto, chrono::Utc::now()).await.expect("rows can be read");
    // Ready photos whose pictures are made again after a restore wait there too.
    assert!(depth.queued as usize >= after.in_state(PhotoState::Queued), "a photo is stuck");
    store.close().await;
}

/// Every photo is ready, the queue empty, and rows, files and vectors say the same.
async fn assert_complete(pixora: &Pixora, id: &str, session: PhotoSessionId) {
    let rows = Rows::read(&pixora.data(), session).await;
    let faces: usize = rows.faces.values().map(Vec::len).sum();
    let shown = &pixora.json(&["session", "show", id, "--json"])["photos"];
    let expected = json!({ "total": PHOTOS, "queued": 0, "ready": PHOTOS, "rejected": 0, "selected": PHOTOS, "faces": faces });
    assert_eq!(*shown, expected);

    // A file whose row never came is found and removed, those of the kills and one more.
    let blobs = Blobs::open_folder(pixora.data().join("blobs")).expect("the folder is there");
    let unfinished = pixora.data().join(format!("blobs/sessions/{id}/originals/{}#1", PhotoId::generate()));
    std::fs::write(&unfinished, b"half a").expect("can be written");
    assert_eq!(doctor(pixora, &[]), (false, vec!["files".to_owned()]));
    assert!(doctor(pixora, &["--fix"]).0 && !unfinished.exists());
    let orphan = BlobKey::original(session, PhotoId::generate());
    blobs.put(orphan, &b"half a story"[..]).await.expect("can be written");
    assert_eq!(doctor(pixora, &[]), (false, vec!["files".to_owned()]));
    assert!(doctor(pixora, &["--fix"]).0);
    assert_eq!(doctor(pixora, &[]), (true, vec![]));
    assert!(blobs.get(orphan).await.is_err());
    let expected: BTreeSet<String> = rows.photos.values().flat_map(files_of).collect();
    let there = files(&pixora.data().join("blobs/sessions").join(id));
    let odd: Vec<&String> = there.symmetric_difference(&expected).collect();
    assert!(odd.is_empty(), "nobody's, or missing: {odd:?}");

    let model = rows.faces.values().flatten().next().expect("the photos have faces").model.clone();
    let directory = pixora.data().join("index").join(&model);
    let dimension = rows.faces.values().flatten().next().map_or(0, |face| face.embedding.len());
    let (index, opened) = EdgeIndex::open(&directory, dimension).expect("no process has it open");
    assert_eq!(opened, Opened::Loaded);
    assert_eq!(index.total().await.expect("the index answers"), faces as u64);
    for (photo, faces) in &rows.faces {
        let ids: BTreeSet<FaceId> = faces.iter().map(|face| face.id).collect();
        assert_eq!(ids.len(), faces.len());
        for face in faces {
            assert_eq!(face.model, model);
            let near =
                index.search(session, &face.embedding, PHOTOS * 4, 0.99).await.expect("the index answers");
            let itself = near.iter().find(|hit| hit.face_id == face.id);
            assert_eq!(itself.map(|hit| hit.photo_id), Some(*photo), "a face is not in the index");
        }
    }
}

/// Whether all is well, and the names of the checks that are not.
fn doctor(pixora: &Pixora, more: &[&str]) -> (bool, Vec<String>) {
    let arguments = [&["doctor", "--json"], more].concat();
    let output = pixora.command(&arguments).output().expect("the program starts");
    let document: Value = serde_json::from_slice(&output.stdout).expect("doctor prints one document");
    assert_eq!(document["ok"], output.status.success());
    if document["ok"] == false {
        println!("{document:#}");
    }
    let failed = document["checks"].as_array().expect("a list").iter().filter(|check| check["ok"] == false);
    (output.status.success(), failed.filter_map(|check| check["name"].as_str().map(str::to_owned)).collect())
}

/// Paths below the session's folder that a ready photo has.
fn files_of(photo: &Photo) -> Vec<String> {
    let small = photo
        .derivatives
        .iter()
        .map(|made| format!("derivatives/{}/{}-{}.jpg", photo.id, made.size, made.hash));
    small.chain([format!("originals/{}", photo.id)]).collect()
}

/// Every file below a folder, whatever its name.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("can be walked"));
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.map(|file| text(file.path().strip_prefix(folder).expect("is below")).to_owned()).collect()
}

/// The same photos, never killed: every photo has the same faces at the same places.
async fn assert_like_undisturbed(killed: &Pixora, session: PhotoSessionId, card: &Path) {
    let quiet = Pixora::new().expect("was there before");
    let id = quiet.session("Undisturbed");
    let report = quiet.json(&["ingest", "--json", "--session", &id, text(card)]);
    assert_eq!((&report["accepted"], &report["indexed"]), (&PHOTOS.into(), &PHOTOS.into()), "{report}");

    let quiet_session = id.parse().expect("a session's id is an id");
    let by_name = |rows: Rows| -> BTreeMap<String, Vec<FaceRow>> {
        let Rows { photos, mut faces } = rows;
        photos
            .into_values()
            .map(|photo| (photo.filename, faces.remove(&photo.id).unwrap_or_default()))
            .collect()
    };
    let expected = by_name(Rows::read(&quiet.data(), quiet_session).await);
    let survived = by_name(Rows::read(&killed.data(), session).await);
    assert_eq!(survived.len(), expected.len());
    for (name, faces) in &expected {
        let apart = |a: &FaceRow, b: &FaceRow| {
            [a.rect.x - b.rect.x, a.rect.y - b.rect.y, a.rect.w - b.rect.w, a.rect.h - b.rect.h]
                .into_iter()
                .fold(0.0_f32, |most, side| most.max(side.abs()))
        };
        assert_eq!(survived[name].len(), faces.len(), "faces of {name}");
        for (mine, theirs) in survived[name].iter().zip(faces) {
            let cosine: f32 = mine.embedding.iter().zip(&theirs.embedding).map(|(a, b)| a * b).sum();
            assert!(mine.number == theirs.number && apart(mine, theirs) < 1e-3 && cosine > 0.999, "{name}");
        }
    }
    for selfie in ["officials/obama.jpg", "officials/biden.jpg"] {
        let found = |pixora: &Pixora, session: &str| -> Vec<String> {
            let answer = pixora.json(&["search", "--json", "--session", session, text(&sample(selfie))]);
            let matches = answer["matches"].as_array().expect("a list");
            let mut names: Vec<String> =
                matches.iter().filter_map(|found| found["filename"].as_str().map(str::to_owned)).collect();
            names.sort_unstable();
            names
        };
        let names = found(&quiet, &id);
        assert!(names.len() > 5, "{selfie} finds {names:?}");
        assert_eq!(found(killed, &session.to_string()), names, "by {selfie}");
    }
}
