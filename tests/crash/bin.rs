//! `kill -9` while a bin is emptied: what was acknowledged as emptied is erased in the end, rows, files and vectors, and
//! nothing else is.

use std::time::{Duration, Instant};

use pixora::{domain::PhotoSessionId, photos::Left};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::{
    Rows, account, pictures, seed,
    support::{Pixora, START},
    text,
};

const PHOTOS: usize = 60;
const STAY: usize = 5;
const KILLS: usize = 5;

#[tokio::test]
async fn a_bin_is_emptied_to_its_end_although_the_process_was_killed_again_and_again() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    account::add(&pixora);
    let id = pixora.session("Wedding");
    let session: PhotoSessionId = id.parse().expect("is an id");
    let card = pixora.folder.path().join("card");
    std::fs::create_dir(&card).expect("can be made");
    pictures::write_distinct(&card, PHOTOS);
    pixora.json(&["ingest", "--json", "--session", &id, text(&card)]);
    let before = Rows::read(&pixora.data(), session).await;
    let doomed: Vec<String> = before.photos.keys().skip(STAY).map(ToString::to_string).collect();

    let mut server = pixora.serve();
    let token = account::sign_in(&server.address).await;
    let address = server.address.clone();
    let send = async |method: Method, path: &str, body: Value| -> Value {
        let request =
            Client::new().request(method, format!("http://{address}{path}")).bearer_auth(&token).json(&body);
        request.send().await.expect("the server answers").json().await.expect("JSON")
    };
    let batch = format!("/api/photo-sessions/{id}/photos/batch");
    let binned = send(Method::POST, &batch, json!({ "photo_ids": doomed, "action": "bin" })).await;
    assert_eq!(binned["changed"], PHOTOS - STAY, "{binned}");
    assert_eq!(Rows::read(&pixora.data(), session).await.photos.len(), PHOTOS, "all of them are kept");
    let gallery = send(Method::GET, &format!("/api/v1/sessions/{id}/photos"), json!({})).await;
    assert_eq!(gallery["total"], STAY);

    let emptied = send(Method::DELETE, &format!("/api/photo-sessions/{id}/bin"), json!({})).await;
    assert_eq!(emptied["photos"], PHOTOS - STAY);
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random.random_range(0..120))).await;
        server.child.kill().expect("was started here");
        server.child.wait().expect("was started here");
        server = pixora.serve_soon();
    }
    let started = Instant::now();
    while Rows::read(&pixora.data(), session).await.photos.len() > STAY {
        assert!(started.elapsed() < START, "the bin is not emptied: {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    while !server.is_ready() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Whatever the last kill left beside the rows goes with the next look.
    server.child.kill().expect("was started here");
    server.child.wait().expect("was started here");
    drop(pixora.serve());
    let after = Rows::read(&pixora.data(), session).await;
    assert!(after.photos.values().all(|photo| photo.bin_until.is_none()));
    assert_eq!(after.photos.len(), STAY);
    assert_eq!(
        pixora.json(&["doctor", "--deep", "--json"])["ok"],
        true,
        "no file and no vector is left over"
    );
    let erased = pixora.json(&["erase", "--session", &id, "--receipt"]);
    assert_eq!(erased["left"], serde_json::to_value(Left::default()).expect("is JSON"), "{erased}");
}
