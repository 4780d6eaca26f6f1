//! Libraries at their limits: too many files, the longest keys, and changes that are seen without waiting.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, http::Uri};
use serde_json::Value;

use crate::{
    library::{Studio, picture, settings},
    support::{Pixora, START},
};

/// Below what the program has as the limit of one session.
const FULL: usize = 200_000;

fn write(folder: &Path, number: usize) -> PathBuf {
    let path = folder.join(format!("IMG_{number:04}.jpg"));
    fs::write(&path, picture(number)).expect("can be written");
    path
}

/// The ledger's lines with this code.
async fn lines(studio: &Studio<'_>, code: &str) -> Vec<Value> {
    let path = format!("/api/photo-sessions/{}/rejections?limit=200", studio.session);
    let page = studio.json(&path).await;
    let lines = page["rejections"].as_array().unwrap_or_else(|| panic!("{page}"));
    lines.iter().filter(|line| line["code"] == code).cloned().collect()
}

/// Ties a new session to this folder on a running server with these settings.
async fn tied<'a>(pixora: &'a Pixora, root: &Path, more: &str) -> Studio<'a> {
    let session = pixora.session("At the limit");
    settings(pixora, &format!("PIXORA_LIBRARY_ROOTS = '{}'\n{more}\n", root.display()));
    pixora.json(&["session", "library", &session, root.to_str().expect("is text"), "--json"]);
    Studio::new(pixora, session).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_of_more_files_than_a_session_may_have_is_told_and_costs_nothing() {
    let Some(pixora) = Pixora::new() else { return };
    let root = pixora.folder.path().join("root");
    fs::create_dir_all(&root).expect("can be made");
    let files: Vec<PathBuf> = (0..5).map(|number| write(&root, number)).collect();
    let studio = tied(&pixora, &root, "PIXORA_LIBRARY_MAX_FILES = 5").await;
    assert_eq!(studio.sync().await["code"], Value::Null);
    let whole = studio.photos().await;
    assert_eq!(whole.len(), 5);

    // Too many, and one of the old ones gone: nothing is removed, because nobody has seen the rest of the listing.
    for number in 5..9 {
        write(&root, number);
    }
    fs::remove_file(&files[0]).expect("can be removed");
    let state = studio.sync().await;
    assert_eq!(state["code"], "library_too_many_files", "{state}");
    let photos = studio.photos().await;
    assert!(whole.iter().all(|(name, id)| photos.get(name) == Some(id)), "{photos:?}");
    assert_eq!(studio.sync().await["code"], "library_too_many_files");
    let told = lines(&studio, "library_too_many_files").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["filename"], format!("file://{}", root.display()), "{told:?}");

    // With more room everything is there, what is gone is gone, and the ledger is clear.
    let session = studio.session.clone();
    drop(studio);
    settings(
        &pixora,
        &format!("PIXORA_LIBRARY_ROOTS = '{}'\nPIXORA_LIBRARY_MAX_FILES = 8\n", root.display()),
    );
    let studio = Studio::open(&pixora, session).await;
    let state = studio.sync().await;
    assert_eq!((&state["code"], &state["photos"]), (&Value::Null, &8.into()), "{state}");
    let photos = studio.photos().await;
    assert!(photos.len() == 8 && !photos.contains_key("IMG_0000.jpg"), "{photos:?}");
    assert_eq!(lines(&studio, "library_too_many_files").await, Vec::<Value>::new());
}

/// A bucket that lists a million keys, a thousand on a page, and counts the pages.
async fn endless() -> (String, Arc<AtomicUsize>) {
    let asked: Arc<AtomicUsize> = Arc::default();
    let counting = Arc::clone(&asked);
    let list = async move |uri: Uri| {
        counting.fetch_add(1, Ordering::SeqCst);
        let query = uri.query().unwrap_or_default();
        let value = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default()
        };
        let prefix = percent_encoding::percent_decode_str(value("prefix")).decode_utf8_lossy().into_owned();
        let page: usize = value("continuation-token").parse().unwrap_or(0);
        let most: usize = value("max-keys").parse().unwrap_or(1_000);
        let key = |number: usize| {
            format!(
                "<Contents><Key>{prefix}._{page}_{number}.jpg</Key><Size>9</Size><ETag>e</ETag></Contents>"
            )
        };
        let keys: String = (0..most).map(key).collect();
        let (is_cut, next) = (page + 1 < 1_000, page + 1);
        format!(
            "<ListBucketResult><IsTruncated>{is_cut}</IsTruncated>\
             <NextContinuationToken>{next}</NextContinuationToken>{keys}</ListBucketResult>"
        )
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("is bound"));
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(list)).await });
    (address, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_that_lists_a_million_keys_is_left_at_the_limit() {
    let Some(pixora) = Pixora::new() else { return };
    let (address, asked) = endless().await;
    let session = pixora.session("Endless");
    settings(
        &pixora,
        &format!(
            "PIXORA_LIBRARY_URL = 's3://endless/{{session_id}}/'\nPIXORA_LIBRARY_S3_ENDPOINT = '{address}'\n\
             PIXORA_LIBRARY_S3_ACCESS_KEY_ID = 'reader'\nPIXORA_LIBRARY_S3_SECRET_ACCESS_KEY = 'password'\n"
        ),
    );
    let studio = Studio::new(&pixora, session).await;
    let state = studio.sync().await;
    assert_eq!(state["code"], "library_too_many_files", "{state}");
    assert_eq!(lines(&studio, "library_too_many_files").await.len(), 1);
    // One page to see where the files are, those up to the limit, and the one behind it.
    let pages = asked.load(Ordering::SeqCst);
    assert!((FULL / 1_000..FULL / 1_000 + 10).contains(&pages), "{pages} pages");
    // The next try is not at once.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(asked.load(Ordering::SeqCst), pages);
    assert!(studio.state().await["due_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_a_thousand_bytes_is_a_photo_and_a_longer_one_is_told() {
    let Some(pixora) = Pixora::new() else { return };
    let root = pixora.folder.path().join("root");
    let step = "n".repeat(240);
    let long = root.join([step.as_str(); 4].join("/"));
    let longer = long.join(&step);
    fs::create_dir_all(&longer).expect("can be made");
    fs::create_dir_all(root.join("two..dots")).expect("can be made");
    write(&root.join("two..dots"), 1);
    let name = format!("{}.jpg", "x".repeat(1_000 - 4 * 241 - 4));
    fs::write(long.join(&name), picture(2)).expect("can be written");
    fs::write(longer.join("longer.jpg"), picture(3)).expect("can be written");
    let studio = tied(&pixora, &root, "").await;
    let state = studio.sync().await;
    let photos = studio.photos().await;
    assert_eq!(photos.len(), 2, "{photos:?} {state}");
    let original = studio.original(&photos[&name]).await;
    assert_eq!(original.bytes().await.expect("comes whole"), picture(2));
    let refused = &state["refused"];
    assert_eq!(
        (refused[0]["code"].as_str(), refused[1].as_object()),
        (Some("library_key_unusable"), None),
        "{state}"
    );
    assert_eq!(lines(&studio, "library_key_unusable").await.len(), 1);
}

/// Waits until the session has exactly these photos, without asking for a sync.
async fn becomes(studio: &Studio<'_>, names: &[&str]) {
    let started = Instant::now();
    loop {
        let photos = studio.photos().await;
        if photos.keys().map(String::as_str).eq(names.iter().copied()) {
            return;
        }
        assert!(started.elapsed() < START, "{photos:?} {}", studio.state().await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_in_a_folder_does_not_wait_for_the_next_sync() {
    let Some(pixora) = Pixora::new() else { return };
    let root = pixora.folder.path().join("root");
    fs::create_dir_all(root.join("day one")).expect("can be made");
    write(&root, 1);
    let studio = tied(&pixora, &root, "PIXORA_LIBRARY_SYNC_SECONDS = 86400").await;
    becomes(&studio, &["IMG_0001.jpg"]).await;

    let second = write(&root.join("day one"), 2);
    becomes(&studio, &["IMG_0001.jpg", "IMG_0002.jpg"]).await;
    // A folder that comes later is watched as well.
    fs::create_dir_all(root.join("day two")).expect("can be made");
    write(&root.join("day two"), 3);
    fs::remove_file(second).expect("can be removed");
    becomes(&studio, &["IMG_0001.jpg", "IMG_0003.jpg"]).await;

    // That we and others read is no change: nothing is looked through again.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let synced = studio.state().await["synced_at"].clone();
    let id = studio.photos().await["IMG_0001.jpg"].clone();
    assert_eq!(studio.original(&id).await.bytes().await.expect("comes whole"), picture(1));
    fs::read(root.join("IMG_0001.jpg")).expect("can be read");
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(studio.state().await["synced_at"], synced);
}
