//! How a hand-off ends: nothing of it is left.

use base64::{Engine, prelude::BASE64_STANDARD};
use pixora::{
    blobs::BlobKey,
    domain::{HandoffId, HandoffPhotoId, Role},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    events::Stream,
    handoff::{booth, handoff, jpeg, json_of, post, put, send, with_key},
    helpers::{TestApp, assert_problem, start},
};

/// Rows of hand-offs and their pictures, files, folders.
async fn left(app: &TestApp) -> (usize, usize) {
    let all = app.app.handoff.list(None, None, None, 10_000).await.expect("is read").len();
    let files = walkdir::WalkDir::new(app.data.path().join("blobs").join("handoffs")).min_depth(1);
    (all, files.into_iter().flatten().count())
}

#[tokio::test]
async fn after_half_an_hour_every_address_says_that_it_is_over() {
    let app = start().await;
    let path = handoff(&app, "upload").await;
    let photo = json_of(send(&app, &path, 1).await, 201).await;
    post(&app, &format!("{path}/result"), json!({ "photo_data": BASE64_STANDARD.encode(jpeg(2)) })).await;
    app.later(1795);
    assert_eq!(app.get(&path).await.status(), 200);
    let mut events = Stream::of(app.get(&format!("{path}/events")).await);
    assert_eq!(events.event().await.unwrap().0, "session");
    app.later(10);
    let gone = events.event().await.expect("the end is told");
    assert_eq!((gone.0.as_str(), &gone.1["code"]), ("gone", &json!("handoff_expired")));

    let addresses = [
        path.clone(),
        format!("{path}/photos"),
        format!("{path}/result"),
        format!("{path}/events"),
        photo["url"].as_str().unwrap().to_owned(),
    ];
    // Before the sweep by the row, after it by the id.
    for swept in [false, true] {
        for address in &addresses {
            assert_problem(app.get(address).await, 410, "handoff_expired").await;
        }
        assert_problem(send(&app, &path, 2).await, 410, "handoff_expired").await;
        assert_problem(put(&app, &path, json!({ "status": "ready" })).await, 410, "handoff_expired").await;
        assert_problem(post(&app, &format!("{path}/result"), json!({})).await, 410, "handoff_expired").await;
        if !swept {
            let row = app.app.store.handoffs().get(path.rsplit('/').next().unwrap().parse().unwrap()).await;
            assert_eq!(
                row.unwrap().expect("is still there").status.as_str(),
                "expired",
                "marked at the first request"
            );
            assert_eq!(app.app.handoff.sweep().await.unwrap(), 1);
            assert_eq!(left(&app).await, (0, 0));
        }
    }
    let deleted = app.request(Method::DELETE, &path).send().await.unwrap();
    assert_problem(deleted, 410, "handoff_expired").await;
}

#[tokio::test]
async fn who_deletes_an_expired_one_removes_it_too() {
    let app = start().await;
    let path = handoff(&app, "upload").await;
    send(&app, &path, 1).await;
    app.later(1801);
    assert_problem(app.request(Method::DELETE, &path).send().await.unwrap(), 410, "handoff_expired").await;
    assert_eq!(left(&app).await, (0, 0));
    assert_eq!(app.app.handoff.sweep().await.unwrap(), 0);
}

#[tokio::test]
async fn of_a_thousand_hand_offs_nothing_is_left() {
    let app = start().await;
    let key = booth(&app, Role::Admin, &[app.studio().await]).await;
    let picture = json!({ "photo_data": BASE64_STANDARD.encode(jpeg(1)) });
    let one = async |number: usize| {
        let kind = if number.is_multiple_of(2) { "upload" } else { "download" };
        let new = json!({ "type": kind, "data": { "number": number } });
        let made = with_key(&app, &key, Method::POST, "/api/session/create", new).await;
        let path = format!("/api/session/{}", json_of(made, 201).await["id"].as_str().unwrap());
        if number % 5 < 3 {
            let to = if kind == "upload" { "photos" } else { "result" };
            assert_eq!(post(&app, &format!("{path}/{to}"), picture.clone()).await.status(), 201);
        }
    };
    for start in (0..1000).step_by(20) {
        futures::future::join_all((start..start + 20).map(one)).await;
    }
    // Each picture in its folder.
    assert_eq!(left(&app).await, (1000, 600 + 600));
    app.later(1801);
    let young = handoff(&app, "upload").await;
    send(&app, &young, 1).await;
    let cleaned = with_key(&app, &key, Method::POST, "/api/sessions/cleanup", json!({})).await;
    assert_eq!(json_of(cleaned, 200).await["removed"], 1000);
    assert_eq!(left(&app).await, (1, 2), "the live one stays");
    assert_eq!(app.get_json(&format!("{young}/photos")).await["photos"].as_array().unwrap().len(), 1);
    app.later(1801);
    assert_eq!(app.app.handoff.sweep().await.unwrap(), 1);
    assert_eq!(left(&app).await, (0, 0));
}

#[tokio::test]
async fn what_a_killed_process_leaves_goes_with_the_next_sweep() {
    let app = start().await;
    // Killed between the file and its row, in a hand-off that lives.
    let path = handoff(&app, "upload").await;
    let live: HandoffId = path.rsplit('/').next().unwrap().parse().unwrap();
    let orphan = BlobKey::Handoff { handoff: live, photo: HandoffPhotoId::generate() };
    app.app.blobs.put(orphan, jpeg(1)).await.unwrap();
    // Killed between a deletion's rows and its files, one of them half written.
    let dead = HandoffId::generate();
    app.app
        .blobs
        .put(BlobKey::Handoff { handoff: dead, photo: HandoffPhotoId::generate() }, jpeg(2))
        .await
        .unwrap();
    let folder = app.data.path().join("blobs").join("handoffs").join(dead.to_string());
    std::fs::write(folder.join(format!("{}.jpg#1", HandoffPhotoId::generate())), b"half").unwrap();

    assert_eq!(app.app.handoff.sweep().await.unwrap(), 0);
    assert!(!folder.exists());
    assert_eq!(left(&app).await, (1, 2), "the live one's folder waits for its end");
    assert_eq!(app.get_json(&path).await["photo_count"], 0, "a file without a row is not a photo");
    app.later(1801);
    assert_eq!(app.app.handoff.sweep().await.unwrap(), 1);
    assert_eq!(left(&app).await, (0, 0));
}

#[tokio::test]
async fn cleaning_up_is_for_who_looks_after_booths() {
    let app = start().await;
    let studio = app.studio().await;
    let path = handoff(&app, "upload").await;
    app.later(1801);
    let clean = async |key: &str| with_key(&app, key, Method::POST, "/api/sessions/cleanup", json!({})).await;
    assert_problem(post(&app, "/api/sessions/cleanup", json!({})).await, 401, "sign_in_required").await;
    assert_problem(clean(&booth(&app, Role::Photographer, &[studio]).await).await, 403, "forbidden").await;
    assert_eq!(json_of(clean(&booth(&app, Role::Operator, &[]).await).await, 200).await["removed"], 1);
    assert_eq!(app.get(&path).await.json::<Value>().await.unwrap()["code"], "handoff_expired");
}
