//! Stored data stays whole or its damage is told: a database that is missing or damaged, lost pictures, bit rot.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use pixora::{
    blobs::Blobs,
    photos::{Care, Scrubber},
    store::{JobKind, Scrub, Store},
};
use serde_json::Value;

use crate::{
    assert_fails, ingest,
    server::search_over_http,
    support::{Pixora, START, sample},
    text,
};

/// Files below a folder, by their path.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

fn derivatives(pixora: &Pixora, session: &str) -> Vec<PathBuf> {
    files(&pixora.data().join("blobs/sessions").join(session).join("derivatives"))
}

/// Flips one bit in the middle of a file.
fn rot(file: &Path) {
    let mut bytes = fs::read(file).expect("can be read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(file, bytes).expect("can be written");
}

/// Flips one bit of a vector in its row.
async fn rot_a_vector(database: &Path) {
    use sqlx::{Connection, Row};
    let url = format!("sqlite:{}", database.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("opens");
    let row = sqlx::query("SELECT id, embedding FROM faces ORDER BY id LIMIT 1");
    let row = row.fetch_one(&mut connection).await.expect("there are faces");
    let (id, mut vector): (String, Vec<u8>) = (row.get(0), row.get(1));
    vector[100] ^= 0x10;
    let update = sqlx::query("UPDATE faces SET embedding = $2 WHERE id = $1").bind(id).bind(vector);
    update.execute(&mut connection).await.expect("can be written");
    connection.close().await.expect("closes");
}

/// What `doctor` says, whatever it thinks of it: its document and its words on stderr.
fn doctor(pixora: &Pixora, more: &[&str]) -> (Value, String) {
    let output = pixora.command(&["doctor", "--json"]).args(more).output().expect("the program starts");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {words}"));
    assert_eq!(report["ok"] == true, output.status.success(), "{report}");
    (report, words)
}

fn faults(report: &Value) -> Vec<&str> {
    let mut faults: Vec<&str> = report["faults"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|fault| fault["fault"].as_str())
        .collect();
    faults.sort_unstable();
    faults
}

fn detail(report: &Value, name: &str) -> String {
    let checks = report["checks"].as_array().expect("a list");
    let check = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{report}"));
    check["detail"].as_str().expect("is text").to_owned()
}

#[test]
fn an_empty_database_beside_files_is_refused_and_nothing_is_swept() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Wedding");
    ingest(&pixora, &session, &[&sample("officials/obama.jpg")]);
    let blobs = pixora.data().join("blobs");
    let attachment = blobs.join(format!("tickets/{}/{}", uuid::Uuid::now_v7(), uuid::Uuid::now_v7()));
    fs::create_dir_all(attachment.parent().expect("has one")).expect("can be made");
    fs::write(&attachment, "of a ticket").expect("can be written");
    let before = files(&blobs);
    let database = pixora.data().join("pixora.db");
    let aside = pixora.folder.path().join("aside.db");
    fs::rename(&database, &aside).expect("can be moved");

    for arguments in [&["serve", "--bind", "127.0.0.1:0"][..], &["session", "list"], &["doctor"]] {
        assert_refused(&pixora, arguments, "[database_missing]");
    }
    assert!(!database.exists(), "nothing is in the way of the one that belongs there");
    // One that somebody made, and that nobody has written to.
    fs::write(&database, "").expect("can be written");
    assert_refused(&pixora, &["serve", "--bind", "127.0.0.1:0"], "[database_missing]");
    assert_eq!(files(&blobs), before);
    for file in ["pixora.db", "pixora.db-wal", "pixora.db-shm"] {
        let _ = fs::remove_file(pixora.data().join(file));
    }

    fs::rename(&aside, &database).expect("can be moved");
    let served = pixora.serve();
    assert_eq!(files(&blobs), before, "a file that no row tells of is left alone");
    drop(served);
    let (report, words) = doctor(&pixora, &[]);
    assert_eq!(report["ok"], true, "{report} {words}");
}

/// As [`assert_fails`], for commands that may print what they have found all the same.
fn assert_refused(pixora: &Pixora, arguments: &[&str], code: &str) {
    let output = pixora.command(arguments).output().expect("the program starts");
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}:\n{log}");
    assert!(log.contains(code), "{arguments:?} does not say {code}:\n{log}");
}

#[test]
fn a_new_installation_does_not_replace_the_back_up_of_a_lost_one() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Wedding");
    ingest(&pixora, &session, &[&sample("officials/obama.jpg")]);
    let backup = pixora.folder.path().join("backup");
    pixora.json(&["backup", text(&backup), "--json"]);
    let before = files(&backup.join("blobs"));
    assert!(!before.is_empty());
    // The disk is replaced, and the back-up is made every night.
    fs::remove_dir_all(pixora.data()).expect("can be removed");
    assert_fails(&pixora, &["backup", text(&backup)], 1, "[backup_of_another]");
    assert_eq!(files(&backup.join("blobs")), before);
    fs::remove_dir_all(pixora.data()).expect("can be removed");
    assert_eq!(pixora.json(&["restore", text(&backup), "--json"])["photos"], 1);
    pixora.json(&["backup", text(&backup), "--json"]);
}

/// Rows are taken before files. A picture that goes in between, since its photo is processed again or erased, is named by
/// the rows and is not there.
#[tokio::test]
async fn a_picture_that_went_while_a_back_up_was_made_is_made_again_after_it_is_restored() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Wedding");
    ingest(&pixora, &session, &[&sample("officials/obama.jpg"), &sample("officials/obama2.jpg")]);
    let contents = || -> Vec<Vec<u8>> {
        derivatives(&pixora, &session).iter().map(|file| fs::read(file).expect("can be read")).collect()
    };
    let before = contents();
    let backup = pixora.folder.path().join("backup");
    pixora.json(&["backup", text(&backup), "--json"]);
    let copied = files(&backup.join("blobs")).into_iter().find(|file| text(file).contains("derivatives"));
    fs::remove_file(copied.expect("was copied")).expect("can be removed");
    fs::remove_dir_all(pixora.data()).expect("can be removed");
    assert_eq!(pixora.json(&["restore", text(&backup), "--json"])["photos"], 2);
    assert_eq!(contents().len(), before.len() - 1);
    let store =
        Store::open(&format!("sqlite:{}", pixora.data().join("pixora.db").display())).await.expect("opens");
    let depth =
        store.jobs().depth(JobKind::ProcessPhoto, chrono::Utc::now()).await.expect("rows can be read");
    assert_eq!(depth.queued, 1, "the other photo is whole");
    store.close().await;
    // The next command that works on the queue does it.
    ingest(&pixora, &session, &[&sample("officials/biden.jpg")]);
    assert!(before.iter().all(|picture| contents().contains(picture)), "as it was");
    assert_eq!(pixora.json(&["doctor", "--json"])["ok"], true);
}

#[tokio::test]
async fn a_picture_that_is_gone_or_damaged_is_made_again() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Wedding");
    let selfie = sample("officials/obama.jpg");
    ingest(&pixora, &session, &[&selfie]);
    let made = derivatives(&pixora, &session);
    assert_eq!(made.len(), 4);
    let contents: Vec<Vec<u8>> = made.iter().map(|file| fs::read(file).expect("can be read")).collect();
    let is_whole =
        || made.iter().zip(&contents).all(|(file, content)| fs::read(file).ok().as_ref() == Some(content));

    // By `doctor`, where no server runs.
    fs::remove_file(&made[0]).expect("is there");
    fs::write(&made[1], "no picture").expect("can be written");
    let (report, _) = doctor(&pixora, &[]);
    assert_eq!(faults(&report), ["derivative_damaged", "derivative_missing"], "{report}");
    assert!(detail(&report, "pictures and faces").contains("--fix"), "{report}");
    let (report, words) = doctor(&pixora, &["--fix"]);
    assert_eq!(report["ok"], true, "{report} {words}");
    assert!(is_whole(), "{report}");
    assert_eq!(pixora.json(&["doctor", "--json"])["ok"], true);

    // By itself, when a guest meets it.
    let server = pixora.serve();
    let (_, answer) = search_over_http(&server.address, &session, &selfie).await;
    let address = answer["matches"][0]["thumb_url"].as_str().expect("has a picture").to_owned();
    let thumb = made.iter().find(|file| text(file).contains("/320-")).expect("is made");
    for damage in [|file: &Path| fs::remove_file(file).expect("is there"), |file: &Path| rot(file)] {
        damage(thumb);
        let get =
            async || reqwest::get(format!("http://{}{address}", server.address)).await.expect("answers");
        let first = get().await;
        assert_eq!(first.status(), 503, "{}", pixora.server_log());
        assert!(first.headers().contains_key("retry-after"));
        assert_eq!(first.json::<Value>().await.expect("is a problem")["code"], "picture_being_made");
        let started = Instant::now();
        while get().await.status() != 200 {
            assert!(started.elapsed() < START, "the picture does not come back: {}", pixora.server_log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(is_whole());
    }
    // By `doctor` beside the server, which does it.
    rot(thumb);
    let (report, _) = doctor(&pixora, &["--deep", "--fix"]);
    assert_eq!(report["ok"], true, "{report}");
    let started = Instant::now();
    while !is_whole() {
        assert!(started.elapsed() < START, "{}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn bits_that_rot_are_found_and_what_can_be_made_again_is() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Wedding");
    ingest(&pixora, &session, &[&sample("officials/obama.jpg"), &sample("officials/biden.jpg")]);
    assert_eq!(pixora.json(&["doctor", "--deep", "--json"])["ok"], true);

    let made = derivatives(&pixora, &session);
    let before = fs::read(&made[0]).expect("can be read");
    rot(&made[0]);
    assert_eq!(pixora.json(&["doctor", "--json"])["ok"], true, "a flipped bit is not seen from outside");
    let (report, _) = doctor(&pixora, &["--deep"]);
    assert_eq!(faults(&report), ["derivative_damaged"], "{report}");
    doctor(&pixora, &["--deep", "--fix"]);
    assert_eq!(fs::read(&made[0]).expect("can be read"), before);

    rot_a_vector(&pixora.data().join("pixora.db")).await;
    let (report, _) = doctor(&pixora, &["--deep"]);
    assert!(faults(&report).contains(&"vector_damaged"), "{report}");
    let (report, words) = doctor(&pixora, &["--deep", "--fix"]);
    assert_eq!(report["ok"], true, "{report} {words}");
    assert_eq!(pixora.json(&["doctor", "--deep", "--json"])["ok"], true);

    // An original: nothing here brings it back, so it is named.
    let original = files(&pixora.data().join("blobs/sessions").join(&session).join("originals")).remove(0);
    rot(&original);
    let photo = original.file_name().expect("has one").to_str().expect("is text");
    let (report, _) = doctor(&pixora, &["--deep", "--fix"]);
    assert_eq!((report["ok"] == true, faults(&report)), (false, vec!["original_damaged"]), "{report}");
    assert!(detail(&report, "files").contains(photo), "{report}");
    // What is made from it stays: a damaged original must not take its place.
    fs::remove_file(&derivatives(&pixora, &session)[0]).expect("is there");
    let _ = doctor(&pixora, &["--deep", "--fix"]);
    let photos = &pixora.json(&["session", "show", &session, "--json"])["photos"];
    assert_eq!(photos["ready"], 2, "{photos}");
}

#[tokio::test]
async fn the_slow_walk_finds_what_rots_mends_it_and_goes_on_where_it_was() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Wedding");
    ingest(&pixora, &session, &[&sample("officials/obama.jpg"), &sample("officials/biden.jpg")]);
    let made = derivatives(&pixora, &session);
    let before = fs::read(&made[0]).expect("can be read");
    rot(&made[0]);
    let url = format!("sqlite:{}", pixora.data().join("pixora.db").display());
    let store = Store::open(&url).await.expect("the database opens");
    let blobs = Blobs::open_folder(pixora.data().join("blobs")).expect("the folder opens");
    let scrubber = Scrubber::new(store.clone(), Care::new(store.clone(), blobs, pixora::clock::system()));

    let now = pixora::clock::now();
    let walked = scrubber.walk(now, u64::MAX).await.expect("walks");
    assert_eq!((walked.photos, walked.damaged, walked.after), (2, 1, None));
    // Nothing is walked again before it is due; then everything is.
    let soon = scrubber.walk(now + TimeDelta::days(1), u64::MAX).await.expect("walks");
    let finished = |scrub: &Scrub| scrub.finished_at.map(|time| time.timestamp_micros());
    assert_eq!(finished(&soon), finished(&walked));
    // The process ended behind the first photo: only the other is looked at.
    let first = store.photos().page(None, 1).await.expect("can be read").remove(0);
    let broken_off = Scrub { after: Some(first.id), photos: 1, damaged: 0, ..walked };
    store.scrubs().keep(&broken_off).await.expect("can be written");
    let walked = scrubber.walk(now + TimeDelta::days(1), u64::MAX).await.expect("walks");
    assert_eq!((walked.photos, walked.after), (2, None));
    store.close().await;

    // What it found is made again by the next worker.
    let server = pixora.serve();
    let started = Instant::now();
    // It is gone until it is made.
    while fs::read(&made[0]).ok().as_ref() != Some(&before) {
        assert!(started.elapsed() < START, "{}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(server);
}

/// A copy of the models that may be changed.
fn copied_models(pixora: &Pixora) -> PathBuf {
    let models = pixora.folder.path().join("models");
    fs::create_dir(&models).expect("can be made");
    let named = pixora
        .command(&[])
        .get_envs()
        .find(|(name, _)| *name == "PIXORA_MODEL_DIR")
        .and_then(|(_, dir)| dir.map(PathBuf::from));
    for entry in fs::read_dir(named.expect("the models are somewhere")).expect("can be read") {
        let path = entry.expect("can be read").path();
        fs::copy(&path, models.join(path.file_name().expect("has one"))).expect("can be copied");
    }
    models
}

/// What the program says when it cannot be used with these models.
fn refused(pixora: &Pixora, models: &Path, arguments: &[&str]) -> String {
    let mut command = pixora.command(arguments);
    let output = command.env("PIXORA_MODEL_DIR", models).output().expect("the program starts");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{log}");
    log
}

/// The index would have been thrown away and built anew, of vectors that do not fit into it.
#[test]
fn a_model_of_another_dimension_under_the_same_name_is_refused_and_nothing_is_changed() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Wedding");
    ingest(&pixora, &session, &[&sample("officials/obama.jpg")]);
    let models = copied_models(&pixora);
    // SFace alone, 128 numbers, under the name of the model whose 640 numbers are stored.
    let sface = fs::read_to_string(models.join("sface.toml")).expect("can be read");
    fs::write(models.join("fused.toml"), sface.replace("name = \"sface\"", "name = \"fused\""))
        .expect("written");
    for other in ["sface.toml", "fr_feature.toml"] {
        fs::remove_file(models.join(other)).expect("can be removed");
    }
    let shard = pixora.data().join("index/fused/shard");
    let before = fs::metadata(&shard).expect("is there").created().expect("is known");
    for arguments in [&["serve", "--bind", "127.0.0.1:0"][..], &["reindex"], &["reindex", "--model", "fused"]]
    {
        let log = refused(&pixora, &models, arguments);
        assert!(log.contains("[model_dimension]") && log.contains("640") && log.contains("128"), "{log}");
    }
    assert_eq!(fs::metadata(&shard).expect("is there").created().expect("is known"), before);
    let selfie = sample("officials/obama2.jpg");
    let found = pixora.json(&["search", "--session", &session, "--json", text(&selfie)]);
    assert_eq!(found["matches"].as_array().map(Vec::len), Some(1), "{found}");
}

#[test]
fn a_damaged_model_is_refused_at_the_start() {
    let Some(pixora) = Pixora::new() else { return };
    let models = copied_models(&pixora);
    rot(&models.join("fr_feature_zeroed.onnx"));
    let log = refused(&pixora, &models, &["serve", "--bind", "127.0.0.1:0"]);
    assert!(log.contains("[model_damaged]") && log.contains("fr_feature"), "{log}");
}

#[test]
fn a_damaged_database_says_so_and_how_to_go_on() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Wedding");
    ingest(&pixora, &session, &[&sample("officials/obama.jpg")]);
    let database = pixora.data().join("pixora.db");
    let whole = fs::read(&database).expect("can be read");
    // Not a database at all; and one with pages of something else in the middle.
    let mut pages = whole.clone();
    let (from, to) = (4096, whole.len() - 4096);
    pages[from..to].fill(0xa5);
    for damaged in [b"not what SQLite writes, in any version of it that anybody has seen; far longer than its header is, too".repeat(60), pages] {
        for file in ["pixora.db-wal", "pixora.db-shm"] {
            let _ = fs::remove_file(pixora.data().join(file));
        }
        fs::write(&database, damaged).expect("can be written");
        for arguments in [&["serve", "--bind", "127.0.0.1:0"][..], &["doctor"]] {
            let output = pixora.command(arguments).output().expect("the program starts");
            let log = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {log}");
            assert!(log.contains("database_damaged"), "{arguments:?}: {log}");
            assert!(log.contains("pixora restore") && log.contains(".recover"), "{arguments:?}: {log}");
        }
    }
}
