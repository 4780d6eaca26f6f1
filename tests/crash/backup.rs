//! A back-up while photos come in, are worked on and are deleted; restored elsewhere, all that was acknowledged
//! before it is there. And one that is killed.

use std::{
    collections::BTreeSet,
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use pixora::domain::{AttachmentId, PhotoId, PhotoSessionId, PhotoState, TicketId};
use serde_json::Value;

use crate::{
    Rows, account, assert_kept, doctor, files, pictures, start_ingest,
    support::{Pixora, START, sample},
    text,
};

const BEFORE: usize = 30;
const MEANWHILE: usize = 30;
const DELETED: usize = 12;

#[tokio::test]
async fn a_back_up_under_load_restores_all_that_was_acknowledged() {
    let Some(pixora) = Pixora::new() else { return };
    let id = pixora.session("Backed up at work");
    let session: PhotoSessionId = id.parse().expect("a session's id is an id");
    account::add(&pixora);
    let (card, more) = (pixora.folder.path().join("card"), pixora.folder.path().join("more"));
    std::fs::create_dir(&card).expect("can be made");
    std::fs::create_dir(&more).expect("can be made");
    for photo in pictures::write_distinct(&card, BEFORE + MEANWHILE).drain(BEFORE..) {
        std::fs::rename(&photo, more.join(photo.file_name().expect("has a name"))).expect("can be moved");
    }
    pixora.json(&["ingest", "--json", "--session", &id, text(&card)]);
    let before = Rows::read(&pixora.data(), session).await;
    assert_eq!(before.in_state(PhotoState::Ready), BEFORE);

    large_attachment(&pixora, 100 << 20);
    // Photos come in and are worked on, others are deleted, and meanwhile:
    let server = pixora.serve();
    let token = account::sign_in(&server.address).await;
    let mut coming_in = start_ingest(&pixora, &id, &more);
    let doomed: Vec<PhotoId> = before.photos.keys().copied().step_by(2).take(DELETED).collect();
    let (live, moment) = (pixora.folder.path().join("backup"), pixora.folder.path().join("moment"));
    let deleting = tokio::spawn(delete(server.address.clone(), token, doomed.clone(), live.clone()));
    let first = backup(&pixora, &live).await;
    copy(&live, &moment);
    deleting.await.expect("deletes");
    assert!(coming_in.wait().expect("is a child").success());
    let started = Instant::now();
    loop {
        let rows = Rows::read(&pixora.data(), session).await;
        if rows.in_state(PhotoState::Ready) == BEFORE + MEANWHILE - DELETED {
            break;
        }
        assert!(started.elapsed() < START, "the queue stands still: {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let after = Rows::read(&pixora.data(), session).await;

    // Again: what is new is copied, what was deleted goes; then there is nothing left to do.
    let second = backup(&pixora, &live).await;
    assert!(number(&second, "copied") > 0 && number(&second, "removed") > 0, "{second}");
    let third = backup(&pixora, &live).await;
    assert_eq!((number(&third, "copied"), number(&third, "removed")), (0, 0), "{third}");
    let there = |folder: &Path| files(&folder.join("blobs/sessions"));
    assert_eq!(there(&live), there(&pixora.data()));

    // Elsewhere, from what the first one was when it ended.
    let other = Pixora::new().expect("was there before");
    let restored = other.json(&["restore", text(&moment), "--json"]);
    let rows = Rows::read(&other.data(), session).await;
    assert_eq!(number(&restored, "photos"), rows.photos.len() as u64, "{restored}");
    println!(
        "{} photos at the first back-up, {} erased during it",
        number(&first, "photos"),
        restored["erased"]
    );
    let mut acknowledged = Rows::default();
    for (photo, row) in before.photos.iter().filter(|(photo, _)| !doomed.contains(photo)) {
        acknowledged.photos.insert(*photo, row.clone());
        acknowledged.faces.insert(*photo, before.faces[photo].clone());
    }
    // With the file of each row that is there, byte for byte.
    assert_kept(&other.data(), session, &acknowledged, &rows).await;
    assert!(rows.photos.values().all(|photo| restored_files(&other, session, photo.id)));
    let originals = files(&other.data().join(format!("blobs/sessions/{id}/originals")));
    assert_eq!(originals, rows.photos.keys().map(ToString::to_string).collect::<BTreeSet<_>>());
    // What waited then is worked on now, and faces are found again.
    assert_eq!(
        other.json(&["ingest", "--json", "--session", &id, text(&card)])["rejected"],
        serde_json::json!([])
    );
    assert_eq!(doctor(&other, &[]), (true, vec![]));
    let common = |pixora: &Pixora, theirs: &Rows| -> BTreeSet<String> {
        let answer =
            pixora.json(&["search", "--json", "--session", &id, text(&sample("officials/obama.jpg"))]);
        let found = answer["matches"].as_array().expect("a list").iter();
        let id_of = |found: &Value| found["photo_id"].as_str().unwrap_or_default().to_owned();
        found.map(id_of).filter(|id| theirs.photos.contains_key(&id.parse().expect("an id"))).collect()
    };
    drop(server);
    let found = common(&other, &after);
    assert!(found.len() > 5, "{found:?}");
    assert!(found.is_subset(&common(&pixora, &after)), "finds strangers");
    let fails = other.command(&["restore", text(&moment)]).output().expect("the program starts");
    assert!(String::from_utf8_lossy(&fails.stderr).contains("[data_directory_not_empty]"));
}

#[tokio::test]
async fn a_killed_back_up_is_known_as_one_and_leaves_the_last_whole() {
    let Some(pixora) = Pixora::new() else { return };
    let id = pixora.session("Backed up and killed");
    let card = pixora.folder.path().join("card");
    std::fs::create_dir(&card).expect("can be made");
    pictures::write_distinct(&card, 5);
    pixora.json(&["ingest", "--json", "--session", &id, text(&card)]);
    let to = pixora.folder.path().join("backup");
    large_attachment(&pixora, 256 << 20);
    kill_at_work(&pixora, &to);
    let into = |name: &str| {
        let mut command = pixora.command(&["restore", text(&to), "--json"]);
        command.env("PIXORA_DATA_DIR", pixora.folder.path().join(name)).output().expect("the program starts")
    };
    let failed = into("first");
    assert_eq!(failed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&failed.stderr).contains("[backup_incomplete]"));

    let whole = backup(&pixora, &to).await;
    large_attachment(&pixora, 256 << 20);
    kill_at_work(&pixora, &to);
    let restored = into("second");
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let restored: Value = serde_json::from_slice(&restored.stdout).expect("one document");
    assert_eq!((number(&restored, "photos"), &restored["id"]), (5, &whole["id"]));

    // A damaged original is left out and told; everything else is there.
    let originals = to.join(format!("blobs/sessions/{id}/originals"));
    let name = files(&originals).pop_first().expect("there are five");
    std::fs::write(originals.join(&name), b"not what it was").expect("can be written");
    let damaged = into("third");
    assert_eq!(damaged.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&damaged.stderr).contains("[originals_missing]"));
    let damaged: Value = serde_json::from_slice(&damaged.stdout).expect("one document");
    assert_eq!((number(&damaged, "photos"), &damaged["damaged"]), (5, &serde_json::json!([name])));
    assert!(!pixora.folder.path().join(format!("third/blobs/sessions/{id}/originals/{name}")).exists());

    // What the storage has lost stays in the back-up.
    std::fs::remove_dir_all(pixora.data().join("blobs/sessions")).expect("is there");
    std::fs::remove_file(originals.join(&name)).expect("is there");
    let output = pixora.command(&["backup", text(&to), "--json"]).output().expect("the program starts");
    assert!(String::from_utf8_lossy(&output.stderr).contains("[originals_missing]"));
    let told: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!((&told["missing"], number(&told, "removed")), (&serde_json::json!([name]), 0));
    assert_eq!(files(&originals).len(), 4);
}

/// The manifest.
async fn backup(pixora: &Pixora, to: &Path) -> Value {
    // The deletions go on meanwhile.
    let mut command = pixora.command(&["backup", text(to), "--json"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("runs");
    let output = output.expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one document")
}

fn number(document: &Value, key: &str) -> u64 {
    document[key].as_u64().unwrap_or_else(|| panic!("{key} of {document} is a number"))
}

/// From the moment at which the back-up begins.
async fn delete(address: String, token: String, photos: Vec<PhotoId>, backup: PathBuf) {
    while !backup.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let client = reqwest::Client::new();
    for photo in photos {
        let request = client.delete(format!("http://{address}/api/photos/{photo}")).bearer_auth(&token);
        assert_eq!(request.send().await.expect("the server answers").status(), 204);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn restored_files(pixora: &Pixora, session: PhotoSessionId, photo: PhotoId) -> bool {
    pixora.data().join(format!("blobs/sessions/{session}/originals/{photo}")).is_file()
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, to]).status().expect("cp starts").success());
}

/// A file that takes a back-up a while.
fn large_attachment(pixora: &Pixora, bytes: u64) {
    let ticket = pixora.data().join(format!("blobs/tickets/{}", TicketId::generate()));
    std::fs::create_dir_all(&ticket).expect("can be made");
    let file = File::create(ticket.join(AttachmentId::generate().to_string())).expect("can be made");
    file.set_len(bytes).expect("takes no room");
}

/// `kill -9` of a back-up that is copying the large file.
fn kill_at_work(pixora: &Pixora, to: &Path) {
    let mut command = pixora.command(&["backup", text(to)]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let started = Instant::now();
    let half = || {
        let entries = walkdir::WalkDir::new(to.join("blobs/tickets")).into_iter().filter_map(Result::ok);
        entries.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with(".part"))
    };
    while !half() {
        assert!(started.elapsed() < START, "nothing is copied");
        assert!(child.try_wait().expect("is a child").is_none(), "was too fast to be killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("can be killed");
    child.wait().expect("is dead");
}
