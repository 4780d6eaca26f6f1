//! Erasing for good over HTTP: who may, the second confirmation, the same request twice, and a receipt only at the end.

use std::time::Duration;

use chrono::Utc;
use pixora::{
    domain::{PhotoSessionId, Role},
    erasures::ErasureKeeper,
    index::IndexedFace,
    store::{JobKind, Processed, Queue},
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    helpers::{TestApp, TestUser, assert_problem, faces_of, start},
    people::{ANNA, BORIS, grouped, keeper, people, with_people},
};

/// The word that confirms an erasure.
async fn confirmation(app: &TestApp, user: &TestUser, path: &str) -> String {
    let preview = app.send_as(user, Method::POST, path, json!({})).await;
    assert_eq!(preview.status(), StatusCode::OK, "{path}");
    let preview: Value = preview.json().await.expect("JSON");
    preview["confirm"].as_str().expect("a word").to_owned()
}

pub async fn erase(app: &TestApp, user: &TestUser, path: &str) -> Value {
    let confirm = confirmation(app, user, path).await;
    let answer = app.send_as(user, Method::POST, path, json!({ "confirm": confirm })).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "{path}");
    answer.json().await.expect("JSON")
}

async fn with_key(app: &TestApp, user: &TestUser, path: &str, key: &str, confirm: &str) -> Response {
    let request = app.request(Method::POST, path).bearer_auth(&user.access_token);
    let request = request.header("idempotency-key", key).json(&json!({ "confirm": confirm }));
    request.send().await.expect("answers")
}

/// What the background does.
pub async fn kept(app: &TestApp) -> usize {
    ErasureKeeper(app.app.erasures.clone()).round().await.expect("the rows answer")
}

pub async fn state(app: &TestApp, user: &TestUser, erasure: &Value) -> Value {
    app.get_as(user, &format!("/api/erasures/{}", erasure["id"].as_str().expect("an id"))).await
}

fn of_session(session: PhotoSessionId) -> String {
    format!("/api/photo-sessions/{session}/erasure")
}

#[tokio::test]
async fn a_session_is_gone_at_once_and_its_receipt_comes_when_nothing_is_left() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let kept_session = app.session().await;
    let other = app.photo(kept_session, "b.jpg").await;
    let preview = app.send_as(&admin, Method::POST, &of_session(session), json!({})).await;
    let preview: Value = preview.json().await.expect("JSON");
    assert_eq!((&preview["photos"], &preview["files"]), (&1.into(), &3.into()), "{preview}");
    assert_eq!(app.get(&format!("/api/v1/sessions/{session}")).await.status(), 200, "nothing is erased yet");

    let erasure = erase(&app, &admin, &of_session(session)).await;
    assert_eq!((&erasure["state"], &erasure["receipt"]), (&json!("running"), &Value::Null), "{erasure}");
    assert_problem(app.get(&format!("/api/v1/sessions/{session}")).await, 404, "session_not_found").await;
    assert_eq!(app.app.blobs.count_session(session).await.expect("counted"), 3, "files go in the background");

    assert_eq!(kept(&app).await, 1);
    let done = state(&app, &admin, &erasure).await;
    assert_eq!(done["state"], "complete", "{done}");
    let receipt = &done["receipt"];
    assert_eq!((&receipt["session"], &receipt["files"]), (&json!(session), &3.into()), "{receipt}");
    assert_eq!(receipt["rows"]["photos"], 1, "{receipt}");
    assert!(receipt["left"].as_object().expect("counts").values().all(|left| left == 0), "{receipt}");
    if app.app.store.is_embedded() {
        assert_eq!(
            (&receipt["database"]["free_pages"], &receipt["database"]["log_pages"]),
            (&0.into(), &0.into())
        );
    }
    let file = app.data.path().join(format!("receipts/{}.json", erasure["id"].as_str().expect("an id")));
    let file: Value = serde_json::from_slice(&std::fs::read(file).expect("a receipt")).expect("JSON");
    assert_eq!(&file, receipt, "the file says the same");
    assert_eq!(kept(&app).await, 0, "and that is all");

    assert_eq!(app.app.blobs.count_session(session).await.expect("counted"), 0);
    assert_eq!(app.app.blobs.count_photo(kept_session, other.id).await.expect("counted"), 3);
    assert_eq!(app.app.store.photos().get(photo.id).await.expect("read"), None);
}

#[tokio::test]
async fn nothing_is_erased_without_the_second_confirmation() {
    let app = start().await;
    let studio = app.studio().await;
    let (admin, colleague) = (app.user(Role::Admin, &[studio]).await, app.user(Role::Admin, &[studio]).await);
    let (session, other) = (app.session().await, app.session().await);
    let confirm = confirmation(&app, &admin, &of_session(session)).await;
    let send = async |user: &TestUser, session, confirm: &str| {
        app.send_as(user, Method::POST, &of_session(session), json!({ "confirm": confirm })).await
    };
    for answer in [
        send(&admin, other, &confirm).await,
        send(&colleague, session, &confirm).await,
        send(&admin, session, "").await,
        send(&admin, session, "9999999999.AAAA").await,
        send(&admin, session, &confirm.replace('.', "0.")).await,
    ] {
        assert_problem(answer, 409, "erasure_not_confirmed").await;
    }
    app.later(601);
    assert_problem(send(&admin, session, &confirm).await, 409, "erasure_not_confirmed").await;
    for session in [session, other] {
        assert_eq!(app.get(&format!("/api/v1/sessions/{session}")).await.status(), 200);
    }
}

#[tokio::test]
async fn the_same_request_twice_erases_once_and_both_hear_of_one_erasure() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let (session, other) = (app.session().await, app.session().await);
    let (path, key) = (of_session(session), "0192f0c1-7a3b-4c4d-8e5f-001122334455");
    let confirm = confirmation(&app, &admin, &path).await;
    let first: Value = with_key(&app, &admin, &path, key, &confirm).await.json().await.expect("JSON");
    assert_eq!(kept(&app).await, 1);
    let again = with_key(&app, &admin, &path, key, &confirm).await;
    assert_eq!(again.status(), StatusCode::ACCEPTED, "although there is no such session any more");
    let again: Value = again.json().await.expect("JSON");
    assert_eq!((&again["id"], &again["state"]), (&first["id"], &json!("complete")), "{again}");
    let confirm = confirmation(&app, &admin, &of_session(other)).await;
    let reused = with_key(&app, &admin, &of_session(other), key, &confirm).await;
    assert_problem(reused, 422, "idempotency_key_reused").await;
    assert_problem(with_key(&app, &admin, &path, "another", &confirm).await, 404, "session_not_found").await;
}

#[tokio::test]
async fn receipts_are_seen_by_whoever_asked_and_by_the_studios_admins() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let owner = app.user(Role::Photographer, &[here]).await;
    let session = app.session_of(&owner, here).await;
    let erasure = erase(&app, &owner, &of_session(session)).await;
    let path = format!("/api/erasures/{}", erasure["id"].as_str().expect("an id"));
    for (role, studio, sees) in [
        (Role::Admin, here, true),
        (Role::SuperAdmin, there, true),
        (Role::Admin, there, false),
        (Role::Photographer, here, false),
    ] {
        let user = app.user(role, &[studio]).await;
        let status = app.send_as(&user, Method::GET, &path, json!({})).await.status();
        assert_eq!(status == StatusCode::OK, sees, "{role}: {status}");
        let listed = app.get_as(&user, "/api/erasures").await;
        assert_eq!(listed["erasures"].as_array().expect("a list").len(), usize::from(sees), "{role}");
    }
    assert_eq!(app.get_as(&owner, "/api/erasures").await["erasures"][0]["id"], erasure["id"]);
}

#[tokio::test]
async fn while_a_worker_has_a_photo_in_hand_the_receipt_waits() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let photo = app.queued_photo(session, "a.jpg").await;
    let queue = Queue { kind: JobKind::ProcessPhoto, owner: "test" };
    app.app.store.jobs().lease(queue, 1, Duration::from_secs(60), Utc::now()).await.expect("leases");
    let erasure = erase(&app, &admin, &of_session(session)).await;
    assert_eq!(kept(&app).await, 0);
    assert_eq!(state(&app, &admin, &erasure).await["waits_for"], "photo_in_hand");
    // The worker writes what it has made, as it does before it looks at the rows.
    let vector = vec![1.0, 0.0, 0.0, 0.0];
    let id = pixora::domain::FaceId::derive(photo, 0, "test");
    app.app.index.upsert(session, vec![IndexedFace { id, photo_id: photo, vector }]).await.expect("indexed");
    app.later(601);
    assert_eq!(kept(&app).await, 1);
    assert_eq!(state(&app, &admin, &erasure).await["state"], "complete");
    assert_eq!(app.app.index.count(session).await.expect("counted"), 0);
}

#[tokio::test]
async fn a_photo_is_erased_with_its_vectors_and_its_neighbour_stays() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let photo = app.photo_showing(session, "a.jpg", &[ANNA]).await;
    let neighbour = app.photo(session, "b.jpg").await;
    let face = &faces_of(photo.id, "test", &[ANNA])[0];
    let indexed = IndexedFace { id: face.id, photo_id: photo.id, vector: face.embedding.clone() };
    app.app.index.upsert(session, vec![indexed]).await.expect("indexed");
    let erasure = erase(&app, &admin, &format!("/api/photos/{}/erasure", photo.id)).await;
    assert_eq!(kept(&app).await, 1);
    let receipt = state(&app, &admin, &erasure).await["receipt"].clone();
    assert_eq!(receipt["photo"], json!(photo.id), "{receipt}");
    assert_eq!((&receipt["files"], &receipt["vectors"]), (&3.into(), &1.into()), "{receipt}");
    assert_eq!(receipt["rows"]["faces"], 1, "{receipt}");
    assert_eq!(app.app.blobs.count_photo(session, neighbour.id).await.expect("counted"), 3);
    let path = format!("/api/photos/{}/erasure", photo.id);
    assert_problem(app.send_as(&admin, Method::POST, &path, json!({})).await, 404, "photo_not_found").await;
}

#[tokio::test]
async fn an_erased_person_does_not_come_back_when_the_photo_is_looked_at_again() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    let photo = app.photo_showing(session, "a.jpg", &[ANNA, BORIS]).await;
    let only_anna = app.photo_showing(session, "b.jpg", &[ANNA]).await;
    let mut keeper = keeper(&app, "test");
    grouped(&mut keeper).await;
    let anna = people(&app, &admin, session).await.into_iter().find(|it| it["photos"] == 2).expect("Anna");
    let anna = anna["person_id"].as_str().expect("an id").to_owned();
    let path = format!("/api/photo-sessions/{session}/people/{anna}");
    // Hidden people do not come to light by being erased.
    let hidden = app.send_as(&admin, Method::PATCH, &path, json!({ "is_hidden": true })).await;
    assert_eq!(hidden.status(), 204);
    let erasure = erase(&app, &admin, &format!("{path}/erasure")).await;
    assert_eq!(kept(&app).await, 1);
    let receipt = state(&app, &admin, &erasure).await["receipt"].clone();
    assert_eq!((&receipt["person"], &receipt["rows"]["faces"]), (&json!(anna), &2.into()), "{receipt}");
    let faces = async |photo| app.app.store.faces().of_photo(photo).await.expect("read").len();
    assert_eq!((faces(photo.id).await, faces(only_anna.id).await), (1, 0), "Boris stays");
    for id in [photo.id, only_anna.id] {
        let photo = app.app.store.photos().get(id).await.expect("read").expect("is there");
        assert!(!photo.is_visible(), "{} stays out of sight", photo.filename);
    }
    // Another look, as after an upgrade.
    app.app.store.jobs().remake(photo.id, Utc::now()).await.expect("queued");
    let queue = Queue { kind: JobKind::ProcessPhoto, owner: "test" };
    let jobs =
        app.app.store.jobs().lease(queue, 9, Duration::from_secs(60), Utc::now()).await.expect("leases");
    let job = jobs.iter().find(|job| job.subject == photo.id.0).expect("is queued");
    let made = Processed {
        original: photo.id,
        began: Utc::now(),
        width: 4000,
        height: 2000,
        taken_at: None,
        facts: photo.facts.clone(),
        thumbhash: None,
        derivatives: photo.derivatives.clone(),
        files: Vec::new(),
        model: "test".into(),
        faces: faces_of(photo.id, "test", &[ANNA, BORIS]),
        also: Vec::new(),
    };
    app.app.store.photos().complete(photo.id, &made, job.id).await.expect("is written");
    assert_eq!(faces(photo.id).await, 1, "Boris alone");
    grouped(&mut keeper).await;
    assert_eq!(people(&app, &admin, session).await.len(), 1);
}

#[tokio::test]
async fn a_consent_goes_with_its_searches_and_an_order_forgets_its_buyer() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let (session, other) = (app.session().await, app.session().await);
    let given = json!({ "version": "2026-11", "language": "en" });
    let path = format!("/api/v1/sessions/{session}/consents");
    let consent: Value = app.post_json(&path, &given).await.json().await.expect("JSON");
    let consent = consent["consent_id"].as_str().expect("an id").to_owned();
    let elsewhere = format!("/api/photo-sessions/{other}/consents/{consent}/erasure");
    let refused = app.send_as(&admin, Method::POST, &elsewhere, json!({})).await;
    assert_problem(refused, 404, "consent_not_found").await;
    let path = format!("/api/photo-sessions/{session}/consents/{consent}/erasure");
    let of_consent = erase(&app, &admin, &path).await;
    let order = app.order(session).await;
    let of_order = erase(&app, &admin, &format!("/api/shop/orders/{}/erasure", order.id)).await;
    assert_eq!(kept(&app).await, 2);
    let receipt = state(&app, &admin, &of_consent).await["receipt"].clone();
    assert_eq!(
        (&receipt["consent"], &receipt["rows"]["consents"]),
        (&json!(consent), &1.into()),
        "{receipt}"
    );
    let receipt = state(&app, &admin, &of_order).await["receipt"].clone();
    assert_eq!(receipt["rows"]["orders_with_buyer"], 1, "{receipt}");
    assert_eq!(app.get_json(&order.path("")).await["name"], "");
}
