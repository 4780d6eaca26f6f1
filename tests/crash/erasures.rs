//! Erasing over HTTP beside the running server: no byte of a vector is left in the data directory, also when the process
//! is killed in the middle, and a restored back-up of before does not bring it back.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use pixora::domain::PhotoSessionId;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    Rows, account, seed,
    support::{Pixora, START, sample},
    text,
};

/// Kills between asking and the receipt.
const KILLS: usize = 4;

/// Vectors of a session as they lie on the disk, a piece of each.
async fn vectors(pixora: &Pixora, session: &str) -> Vec<Vec<u8>> {
    let session: PhotoSessionId = session.parse().expect("is an id");
    let rows = Rows::read(&pixora.data(), session).await;
    let faces = rows.faces.values().flatten();
    faces.map(|face| face.embedding.iter().take(16).flat_map(|n| n.to_le_bytes()).collect()).collect()
}

/// How many of them stand in files below a folder.
pub fn standing(folder: &Path, vectors: &[Vec<u8>]) -> usize {
    let files =
        walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    // The server may remove one meanwhile.
    let files: Vec<Vec<u8>> =
        files.filter_map(|entry| std::fs::read(entry.path()).ok()).map(written).collect();
    let stands = |vector: &&Vec<u8>| {
        files.iter().any(|file| file.windows(vector.len()).any(|part| part == vector.as_slice()))
    };
    vectors.iter().filter(stands).count()
}

/// A file without its empty pages: the engine makes its files larger than what is in them.
fn written(file: Vec<u8>) -> Vec<u8> {
    const EMPTY: [u8; 4096] = [0; 4096];
    file.chunks(EMPTY.len()).filter(|page| *page != &EMPTY[..page.len()]).flatten().copied().collect()
}

async fn send(address: &str, token: &str, path: &str, body: Value) -> Value {
    let request = Client::new().post(format!("http://{address}{path}")).bearer_auth(token);
    let request = request.header("idempotency-key", "one erasure").json(&body);
    request.send().await.expect("the server answers").json().await.expect("JSON")
}

async fn state(address: &str, token: &str, erasure: &Value) -> Value {
    let id = erasure["id"].as_str().expect("an id");
    let request = Client::new().get(format!("http://{address}/api/erasures/{id}")).bearer_auth(token);
    request.send().await.expect("the server answers").json().await.expect("JSON")
}

pub async fn ask(address: &str, token: &str, path: &str) -> Value {
    let preview = send(address, token, path, json!({})).await;
    let erasure = send(address, token, path, json!({ "confirm": preview["confirm"] })).await;
    assert_eq!(erasure["state"], "running", "{erasure}");
    erasure
}

pub async fn receipt(pixora: &Pixora, address: &str, token: &str, erasure: &Value) -> Value {
    let started = Instant::now();
    loop {
        let now = state(address, token, erasure).await;
        if now["state"] == "complete" {
            return now["receipt"].clone();
        }
        assert!(started.elapsed() < START, "{now}: {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn an_erased_vector_is_nowhere_in_the_data_directory_although_the_process_was_killed() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    account::add(&pixora);
    let (erased, kept) = (pixora.session("Erased"), pixora.session("Kept"));
    pixora.json(&["ingest", "--json", "--session", &erased, text(&sample("officials"))]);
    pixora.json(&["ingest", "--json", "--session", &kept, text(&sample("officials/obama2.jpg"))]);
    let (gone, stay) = (vectors(&pixora, &erased).await, vectors(&pixora, &kept).await);
    assert!(gone.len() > 5, "the sample has faces");
    // The same pictures in both sessions make the same vectors.
    let gone: Vec<Vec<u8>> = gone.into_iter().filter(|vector| !stay.contains(vector)).collect();
    let backup = pixora.folder.path().join("backup");
    pixora.json(&["backup", text(&backup), "--json"]);

    let mut server = pixora.serve();
    let token = account::sign_in(&server.address).await;
    assert_eq!(standing(&pixora.data(), &gone), gone.len(), "they are there before");
    let path = format!("/api/photo-sessions/{erased}/erasure");
    let erasure = ask(&server.address, &token, &path).await;
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random.random_range(0..150))).await;
        server.child.kill().expect("was started here");
        server.child.wait().expect("was started here");
        server = pixora.serve_soon();
    }
    while !server.is_ready() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let receipt = receipt(&pixora, &server.address, &token, &erasure).await;
    assert_eq!(receipt["index"], json!({ "rewritten": true }), "{receipt}");
    assert!(receipt["left"].as_object().expect("counts").values().all(|left| left == 0), "{receipt}");
    assert_eq!(standing(&pixora.data(), &gone), 0, "{receipt}");
    assert_eq!(standing(&pixora.data(), &stay), stay.len(), "the neighbour's stay");
    assert_eq!(
        send(&server.address, &token, &path, json!({ "confirm": "" })).await["code"],
        "idempotency_key_reused"
    );
    drop(server);

    // The back-up is older than the erasure: its receipt keeps the dead dead.
    let receipts = pixora.data().join("receipts");
    let other = Pixora::new().expect("was there before");
    let restored = other.json(&["restore", text(&backup), "--receipts", text(&receipts), "--json"]);
    assert_eq!((&restored["carried_out"], &restored["photos"]), (&1.into(), &1.into()), "{restored}");
    assert_eq!(standing(&other.data(), &gone), 0, "not even for a moment after the restore");
    assert_eq!(other.json(&["doctor", "--json"])["ok"], true);
    let third = Pixora::new().expect("was there before");
    let restored = third.json(&["restore", text(&backup), "--json"]);
    assert_eq!(restored["carried_out"], 0, "{restored}");
    assert_eq!(standing(&third.data(), &gone), gone.len(), "without it they are back");
}
