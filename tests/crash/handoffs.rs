//! `kill -9` while phones send to photobooths and booths delete: what was acknowledged is there, what was
//! deleted is not, and in the end nothing is left.

use std::{
    collections::BTreeSet,
    io::Cursor,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use image::{ImageFormat, Rgb, RgbImage};
use pixora::store::Store;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use reqwest::{
    Client, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{open, seed, support::Pixora};

const ROUNDS: usize = 8;
const HANDOFFS: usize = 6;
/// How long after it is ready a server is killed, at most.
const LIFE: u64 = 800;

/// What the server has said.
#[derive(Default)]
struct Said {
    taken: BTreeSet<(String, String)>,
    deleted: BTreeSet<String>,
}

fn jpeg(number: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(64, 48, |x, y| Rgb([number, x as u8, y as u8]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).expect("memory takes all");
    bytes.into_inner()
}

fn files(data: &Path) -> usize {
    let all = walkdir::WalkDir::new(data.join("blobs").join("handoffs")).min_depth(1);
    all.into_iter().flatten().count()
}

/// One booth with its phone, until the server dies: five photos, and then half of the booths delete all.
async fn meet(http: Client, base: String, said: Arc<Mutex<Said>>, number: usize) -> reqwest::Result<()> {
    let new = http.post(format!("{base}/api/session/create")).json(&json!({ "type": "upload" }));
    let made: Value = new.send().await?.json().await?;
    let id = made["id"].as_str().expect("has an id").to_owned();
    let path = format!("{base}/api/session/{id}");
    for photo in 0..5 {
        let form = Form::new().part("photo", Part::bytes(jpeg(photo)).file_name("a.jpg"));
        let taken = http.post(format!("{path}/photos")).multipart(form).send().await?;
        assert_eq!(taken.status(), StatusCode::CREATED);
        let taken: Value = taken.json().await?;
        let photo = taken["id"].as_str().expect("has an id").to_owned();
        said.lock().expect("not poisoned").taken.insert((id.clone(), photo));
    }
    if number.is_multiple_of(2) {
        let deleted = http.delete(&path).send().await?;
        assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
        said.lock().expect("not poisoned").deleted.insert(id);
    }
    Ok(())
}

/// Every photo that was acknowledged can be fetched, of what was deleted nothing; returns the ids that live.
async fn agree(http: &Client, base: &str, said: &Said) -> BTreeSet<String> {
    let mut live = BTreeSet::new();
    for (id, photo) in &said.taken {
        let picture =
            http.get(format!("{base}/api/session/{id}/photos/{photo}")).send().await.expect("answers");
        if said.deleted.contains(id) {
            assert_eq!(picture.status(), StatusCode::NOT_FOUND, "{photo} was deleted");
        } else if picture.status() == StatusCode::NOT_FOUND {
            // The answer to a deletion was lost: then the whole hand-off is gone.
            let whole = http.get(format!("{base}/api/session/{id}")).send().await.expect("answers");
            assert_eq!(whole.status(), StatusCode::NOT_FOUND, "{photo} was acknowledged");
        } else {
            assert_eq!(picture.status(), StatusCode::OK, "{photo} was acknowledged");
            live.insert(id.clone());
        }
    }
    live
}

#[tokio::test]
async fn hand_offs_survive_kills_and_leave_nothing() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    let said = Arc::new(Mutex::new(Said::default()));
    let http = Client::new();
    for _ in 0..ROUNDS {
        let mut server = pixora.serve();
        let base = format!("http://{}", server.address);
        let booths: Vec<_> = (0..HANDOFFS)
            .map(|number| tokio::spawn(meet(http.clone(), base.clone(), Arc::clone(&said), number)))
            .collect();
        tokio::time::sleep(Duration::from_millis(random.random_range(20..LIFE))).await;
        server.child.kill().expect("can be killed");
        server.child.wait().expect("is dead");
        for booth in booths {
            // Most of them lose their server in the middle of something.
            let _ = booth.await.expect("no answer was wrong");
        }
    }
    let server = pixora.serve();
    let base = format!("http://{}", server.address);
    let said = Arc::try_unwrap(said).ok().expect("the booths are done").into_inner().expect("not poisoned");
    assert!(said.taken.len() > 20, "only {} photos were taken", said.taken.len());
    let live = agree(&http, &base, &said).await;
    drop(server);

    // Those that live, and those that began and have no photo, are deleted; the rest went with the sweep.
    let server = pixora.serve();
    let base = format!("http://{}", server.address);
    let rows = rows(&pixora.data()).await;
    assert!(live.iter().all(|id| rows.contains(id)), "every live one has its row");
    for id in &rows {
        let deleted = http.delete(format!("{base}/api/session/{id}")).send().await.expect("answers");
        assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    }
    let started = Instant::now();
    while files(&pixora.data()) > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "{} files are left", files(&pixora.data()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(self::rows(&pixora.data()).await.is_empty());
    drop(server);
}

/// Ids of the hand-offs that have a row.
async fn rows(data: &Path) -> BTreeSet<String> {
    let store: Store = open(data).await;
    let all =
        store.handoffs().list(None, None, None, 10_000, chrono::Utc::now()).await.expect("rows can be read");
    store.close().await;
    all.iter().map(|handoff| handoff.id.to_string()).collect()
}
