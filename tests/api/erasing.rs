//! The effect of `pixora erase` on rows, remembered answers, the database's own files and the next back-up.

use std::path::Path;

use pixora::domain::{PhotoSessionId, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, start};

const NAME: &str = "Zauberberg and the Wedding of Clawdia";
const LATER_NAME: &str = "Davos, seven years later";
const DESCRIPTION: &str = "Snow, thermometers and Mazurkas";

/// Whether a text stands in any file below the folder.
fn stands_in(folder: &Path, text: &str) -> bool {
    walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file()).any(
        |entry| {
            let bytes = std::fs::read(entry.path()).expect("can be read");
            bytes.windows(text.len()).any(|part| part == text.as_bytes())
        },
    )
}

/// A session made with an `Idempotency-Key`, renamed often, so that its row has lain in many places.
async fn session(app: &TestApp, user: &TestUser) -> PhotoSessionId {
    let new = app.request(Method::POST, "/api/photo-sessions").bearer_auth(&user.access_token);
    let new = new
        .header("idempotency-key", "of the tests")
        .json(&json!({ "name": NAME, "description": DESCRIPTION }));
    let made: Value = new.send().await.expect("answers").json().await.expect("JSON");
    let id: PhotoSessionId = made["id"].as_str().expect("has an id").parse().expect("is one");
    for round in 0..40 {
        app.session_named(&"neighbour ".repeat(20)).await;
        let name =
            if round % 2 == 0 { format!("{LATER_NAME} {}", "x".repeat(round)) } else { NAME.to_owned() };
        let path = format!("/api/photo-sessions/{id}");
        assert_eq!(app.send_as(user, Method::PATCH, &path, json!({ "name": name })).await.status(), 200);
        app.photo(id, &format!("{round}.jpg")).await;
    }
    id
}

#[tokio::test]
async fn an_erased_session_stands_in_no_remembered_answer_and_in_no_back_up() {
    let app = start().await;
    let user = app.user(Role::Admin, &[app.studio().await]).await;
    let id = session(&app, &user).await;
    let store = &app.app.store;
    let receipt = app.eraser.session(id).await.expect("is erased");
    assert_eq!(receipt.rows.map(|rows| rows.answered_requests), Some(1), "{receipt:?}");
    if store.is_embedded() {
        let backup = app.data.path().join("backup.db");
        store.copy_to(&backup).await.expect("is copied");
        let copied = std::fs::read(&backup).expect("can be read");
        for text in [NAME, LATER_NAME, DESCRIPTION, &id.to_string()] {
            assert!(!copied.windows(text.len()).any(|part| part == text.as_bytes()), "{text}");
        }
    }
    // The same key makes another session now.
    let again = app.request(Method::POST, "/api/photo-sessions").bearer_auth(&user.access_token);
    let again = again
        .header("idempotency-key", "of the tests")
        .json(&json!({ "name": NAME, "description": DESCRIPTION }));
    let again: Value = again.send().await.expect("answers").json().await.expect("JSON");
    assert_ne!(again["id"], id.to_string());
}

#[tokio::test]
async fn after_erasing_neither_the_database_nor_its_log_holds_id_name_or_description() {
    let app = start().await;
    let user = app.user(Role::Admin, &[app.studio().await]).await;
    let id = session(&app, &user).await;
    let store = &app.app.store;
    if !store.is_embedded() {
        assert_eq!(store.scrub().await.expect("is not ours to scrub"), None);
        return;
    }
    app.app.usage.flush().await.expect("counts are written");
    assert!(stands_in(app.data.path(), NAME) && stands_in(app.data.path(), &id.to_string()));
    app.eraser.session(id).await.expect("is erased");
    let scrubbed = store.scrub().await.expect("is scrubbed").expect("is ours");
    assert!(scrubbed.is_clean(), "{scrubbed:?}");
    for text in [NAME, LATER_NAME, DESCRIPTION, &id.to_string()] {
        assert!(!stands_in(app.data.path(), text), "{text}");
    }
}

#[tokio::test]
async fn a_photos_receipt_counts_what_is_there_before_and_after() {
    let app = start().await;
    let id = app.session().await;
    let photo = app.photo(id, "a.jpg").await;
    let neighbour = app.photo(id, "b.jpg").await;
    let faces = [photo.id, neighbour.id].map(|photo| pixora::index::IndexedFace {
        id: pixora::domain::FaceId::derive(photo, 0, "test"),
        photo_id: photo,
        vector: vec![1.0, 0.0, 0.0, 0.0],
    });
    app.app.index.upsert(id, faces.into()).await.expect("are indexed");
    // No row says that these faces are there: they are found by looking, and removed.
    let receipt = app.eraser.photo(photo.id).await.expect("is erased").expect("was there");
    assert_eq!((receipt.files, receipt.vectors), (3, 1), "three copies and no original: {receipt:?}");
    assert_eq!(receipt.rows.map(|rows| (rows.photos, rows.faces)), Some((1, 0)));
    assert_eq!(receipt.left, pixora::photos::Left::default());

    let left = async |photo| app.app.blobs.count_photo(id, photo).await.expect("can be counted");
    assert_eq!((left(photo.id).await, left(neighbour.id).await), (0, 3));
    assert_eq!(app.app.index.count(id).await.expect("can be counted"), 1, "the neighbour's");
}

#[tokio::test]
async fn deleting_a_ticket_a_draft_or_a_hand_off_forgets_the_answer_that_made_it() {
    let app = start().await;
    let admin = app.user(Role::SuperAdmin, &[app.studio().await]).await;
    let customer = app.user(Role::Customer, &[]).await;
    let send = async |user: &TestUser, path: &str, body: Value| -> Value {
        let request = app.request(Method::POST, path).bearer_auth(&user.access_token);
        let sent = request
            .header("idempotency-key", "0192f0c1-7a3b-4c4d-8e5f-001122334455")
            .json(&body)
            .send()
            .await;
        sent.expect("answers").json().await.expect("JSON")
    };
    let delete = async |user: &TestUser, path: String| {
        assert_eq!(app.send_as(user, Method::DELETE, &path, json!({})).await.status(), 204, "{path}");
    };
    let ticket = json!({ "subject": "Chauchat's thermometer", "message": "It is broken." });
    let draft = json!({ "draft": true, "title": "Settembrini's essays" });
    let handoff = json!({ "type": "upload", "data": { "note": "Behrens" } });
    let made = send(&customer, "/api/ticket", ticket.clone()).await;
    delete(&admin, format!("/api/ticket/{}", made["id"].as_str().expect("has an id"))).await;
    assert_ne!(send(&customer, "/api/ticket", ticket).await["id"], made["id"]);
    let made = send(&customer, "/api/orders", draft.clone()).await;
    delete(&customer, format!("/api/orders/{}", made["id"].as_str().expect("has an id"))).await;
    assert_ne!(send(&customer, "/api/orders", draft).await["id"], made["id"]);
    let made = send(&customer, "/api/session/create", handoff.clone()).await;
    delete(&customer, format!("/api/session/{}", made["id"].as_str().expect("has an id"))).await;
    assert_ne!(send(&customer, "/api/session/create", handoff).await["id"], made["id"]);
}
