use pixora::{
    blobs::BlobKey,
    domain::{PhotoId, PhotoSessionId, Role},
    index::IndexedFace,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

async fn own_session(app: &TestApp) -> (TestUser, PhotoSessionId) {
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    (user, session)
}

fn thumb(session: PhotoSessionId, photo: PhotoId) -> String {
    format!("/media/{session}/{photo}/320-00000000000000a1.jpg")
}

fn names(page: &Value) -> Vec<&str> {
    page["photos"].as_array().unwrap().iter().map(|photo| photo["filename"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_studio_sees_every_photo_and_can_narrow() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let a = app.photo(session, "a.jpg").await;
    app.photo(session, "b.jpg").await;
    app.queued_photo(session, "c.jpg").await;
    app.app.store.photos().set_selected(session, &[a.id], false).await.unwrap();
    let path = format!("/api/photo-sessions/{session}/photos");
    let page = app.get_as(&user, &path).await;
    assert_eq!(names(&page), ["a.jpg", "b.jpg", "c.jpg"]);
    assert_eq!(page["counts"], json!({ "ready": 2, "queued": 1, "rejected": 0, "selected": 1 }));
    let url = |name: &str| format!("/media/{session}/{}/{name}.jpg", a.id);
    let created_at = page["photos"][0]["created_at"].clone();
    assert!(created_at.as_str().unwrap().ends_with("+00:00"));
    assert_eq!(
        page["photos"][0],
        json!({
            "photo_id": a.id, "photo_session_id": session, "filename": "a.jpg", "bytes": 1, "sha256": a.sha256, "width": 4000, "height": 2000,
            "state": "ready", "reject_code": null, "is_selected": false, "is_withheld": false, "faces": 0, "focus": null,
            "taken_at": page["photos"][0]["taken_at"], "created_at": created_at, "guest_id": null, "thumbhash": "AQID",
            "thumb_url": url("320-00000000000000a1"), "tile_url": url("320-00000000000000a1"), "preview_url": url("1024-00000000000000b2"),
            "full_url": url("2048-00000000000000c3"), "damaged": false, "readable": null, "animated": false,
            "camera": null, "utc_offset_minutes": null, "rating": null, "label": null, "keywords": [],
            "caption": null, "creator": null, "copyright": null, "media_type": "image/jpeg", "raw": null,
        })
    );
    for (query, expected) in [
        ("?state=queued", vec!["c.jpg"]),
        ("?state=ready", vec!["a.jpg", "b.jpg"]),
        ("?selected=false", vec!["a.jpg"]),
        ("?state=ready&selected=true", vec!["b.jpg"]),
        ("?state=rejected", vec![]),
    ] {
        assert_eq!(names(&app.get_as(&user, &format!("{path}{query}")).await), expected, "{query}");
    }
    let first = app.get_as(&user, &format!("{path}?limit=2")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = app.get_as(&user, &format!("{path}?limit=2&cursor={cursor}")).await;
    assert_eq!((names(&second), &second["next_cursor"]), (vec!["c.jpg"], &Value::Null));
    for query in ["?state=lost", "?selected=2"] {
        let refused = app.send_as(&user, Method::GET, &format!("{path}{query}"), json!({})).await;
        assert_problem(refused, 422, "malformed_query").await;
    }
}

#[tokio::test]
async fn a_hidden_photo_is_gone_for_guests_everywhere() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let (hidden, shown) = (app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await);
    let set = async |is_selected: Value| {
        app.send_as(&user, Method::PATCH, &format!("/api/photos/{}", hidden.id), is_selected).await
    };
    let response = set(json!({ "isSelected": false })).await;
    assert_eq!(response.json::<Value>().await.unwrap()["is_selected"], false);

    assert_problem(app.get(&thumb(session, hidden.id)).await, 404, "photo_not_found").await;
    assert_eq!(app.get(&thumb(session, shown.id)).await.status(), 200);
    let gallery = app.get_json(&format!("/api/v1/sessions/{session}/photos")).await;
    assert_eq!((names(&gallery), &gallery["total"]), (vec!["b.jpg"], &json!(1)));
    let status = app.get_json(&format!("/api/v1/sessions/{session}/facepass-status")).await;
    assert_eq!(status["photos_ready"], 1);
    let page = app.get(&format!("/session/{session}")).await.text().await.unwrap();
    assert!(page.contains("\"photos_ready\":1"), "the page counts what can be seen");

    assert_eq!(set(json!({ "is_selected": true })).await.status(), 200);
    assert_eq!(app.get(&thumb(session, hidden.id)).await.status(), 200);
    assert_problem(set(json!({})).await, 422, "malformed_body").await;
}

#[tokio::test]
async fn a_studio_sees_its_own_pictures_while_facepass_is_off_or_a_photo_is_hidden() {
    let app = start().await;
    let (owner, session) = own_session(&app).await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let operator = app.user(Role::SuperAdmin, &[]).await;
    let colleague = app.user(Role::Photographer, &[studio]).await;
    let foreign = app.user(Role::Admin, &[app.other_studio().await]).await;
    let key = async |scope: &str| {
        let new = json!({ "name": "script", "scopes": [scope] });
        let made: Value = app.send_as(&owner, Method::POST, "/api/keys", new).await.json().await.unwrap();
        made["key"].as_str().unwrap().to_owned()
    };
    let (reading, writing) = (key("sessions:read").await, key("photos:write").await);
    let (hidden, shown) = (app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await);
    let queued = app.queued_photo(session, "c.jpg").await;
    app.app.store.photos().set_selected(session, &[hidden.id], false).await.unwrap();
    let sees = async |token: &str, photo: PhotoId| {
        let request = app.request(Method::GET, &thumb(session, photo)).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    };
    let insiders = [&owner, &admin, &operator].map(|user| user.access_token.as_str());
    let outsiders = [&*colleague.access_token, &*foreign.access_token, &*writing];
    for token in insiders.into_iter().chain([&*reading]) {
        assert_eq!(sees(token, hidden.id).await, 200, "a hidden photo");
        assert_eq!(sees(token, queued).await, 404, "there is no picture of it yet");
    }
    for token in outsiders {
        assert_eq!((sees(token, hidden.id).await, sees(token, shown.id).await), (404, 200));
    }

    app.set_facepass(session, false).await;
    app.later(30);
    for token in insiders.into_iter().chain([&*reading]) {
        assert_eq!(
            (sees(token, hidden.id).await, sees(token, shown.id).await),
            (200, 200),
            "while it is closed"
        );
    }
    for token in outsiders {
        assert_eq!(sees(token, shown.id).await, 404, "closed");
    }
    assert_problem(app.get(&thumb(session, shown.id)).await, 404, "facepass_disabled").await;
}

#[tokio::test]
async fn a_deleted_photo_leaves_nothing() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let (photo, other) = (app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await);
    app.app.blobs.put(BlobKey::original(session, photo.id), "original").await.unwrap();
    let files = app.app.blobs.count_session(session).await.unwrap();
    let path = format!("/api/photos/{}", photo.id);
    assert_eq!(app.send_as(&user, Method::DELETE, &path, json!({})).await.status(), 204);
    assert_problem(app.get(&thumb(session, photo.id)).await, 404, "photo_not_found").await;
    assert!(app.app.store.photos().get(photo.id).await.unwrap().is_none());
    assert_eq!(app.app.blobs.count_session(session).await.unwrap(), files - 4, "original and three sizes");
    assert_eq!(app.get(&thumb(session, other.id)).await.status(), 200);
    assert!(app.app.store.erasures().due(None).await.unwrap().is_empty(), "nothing is left to do");
    assert_problem(app.send_as(&user, Method::DELETE, &path, json!({})).await, 404, "photo_not_found").await;
}

#[tokio::test]
async fn a_deletion_that_was_interrupted_is_finished_later() {
    let app = start().await;
    let (_, session) = own_session(&app).await;
    let photo = app.photo(session, "a.jpg").await;
    let face = pixora::domain::FaceId::derive(photo.id, 0, "test");
    let indexed = IndexedFace { id: face, photo_id: photo.id, vector: vec![1.0, 0.0, 0.0, 0.0] };
    app.app.index.upsert(session, vec![indexed]).await.unwrap();
    // Killed right after the commit.
    let now = chrono::Utc::now();
    let left = app.app.store.erasures().begin(photo.id, now).await.unwrap().expect("there was a photo");
    assert_problem(app.get(&thumb(session, photo.id)).await, 404, "photo_not_found").await;
    assert!(app.app.blobs.count_session(session).await.unwrap() > 0);
    let eraser = &app.eraser;
    // The faces had no rows in this test; what the rows named is what goes.
    let left = pixora::store::Erasure { faces: vec![face], ..left };
    eraser.remove(&left).await.unwrap();
    assert_eq!(app.app.index.count(session).await.unwrap(), 0);
    assert_eq!(app.app.blobs.count_session(session).await.unwrap(), 0);

    let second = app.photo(session, "b.jpg").await;
    app.app.store.erasures().begin(second.id, now).await.unwrap();
    assert_eq!(eraser.sweep(Some(now)).await.unwrap(), 1);
    assert_eq!(app.app.blobs.count_session(session).await.unwrap(), 0);
    assert_eq!(eraser.sweep(None).await.unwrap(), 0);
}

#[tokio::test]
async fn many_are_changed_at_once_and_only_the_sessions_own() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let (a, b) = (app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await);
    let (_, elsewhere) = own_session(&app).await;
    let foreign = app.photo(elsewhere, "c.jpg").await;
    let path = format!("/api/photo-sessions/{session}/photos/batch");
    let batch = async |ids: Value, action: &str| {
        app.send_as(&user, Method::POST, &path, json!({ "photo_ids": ids, "action": action })).await
    };
    let all = json!([a.id, b.id, foreign.id, PhotoId::generate()]);
    let changed = async |action: &str| batch(all.clone(), action).await.json::<Value>().await.unwrap();
    let hidden = changed("hide").await;
    assert_eq!(hidden["changed"], 2);
    let failed = hidden["failed"].as_array().expect("two were not changed");
    assert_eq!(failed.len(), 2, "{hidden}");
    assert!(failed.iter().all(|photo| photo["code"] == "photo_not_found"), "{hidden}");
    assert!(failed.iter().any(|photo| photo["photo_id"] == foreign.id.to_string()), "{hidden}");
    let gallery = app.get_json(&format!("/api/v1/sessions/{session}/photos")).await;
    assert_eq!(gallery["photos"], json!([]));
    assert_eq!(changed("select").await["changed"], 2);
    assert_eq!(app.get(&thumb(session, a.id)).await.status(), 200);
    assert_eq!(changed("delete").await["changed"], 2);
    assert_problem(app.get(&thumb(session, a.id)).await, 404, "photo_not_found").await;
    assert_eq!(
        app.get(&thumb(elsewhere, foreign.id)).await.status(),
        200,
        "another session's was left alone"
    );
    assert_eq!(changed("delete").await["changed"], 0);

    let many: Vec<PhotoId> = (0..501).map(|_| PhotoId::generate()).collect();
    assert_problem(batch(json!(many), "hide").await, 422, "too_many_photos").await;
    assert_problem(batch(json!(["x"]), "hide").await, 422, "malformed_id").await;
    assert_problem(batch(json!([]), "hide").await, 422, "malformed_body").await;
    assert_problem(batch(json!([a.id]), "burn").await, 422, "malformed_body").await;
}

#[tokio::test]
async fn a_photo_of_another_is_not_there() {
    let app = start().await;
    let (_, session) = own_session(&app).await;
    let photo = app.photo(session, "a.jpg").await;
    let (stranger, _) = own_session(&app).await;
    let path = format!("/api/photos/{}", photo.id);
    for method in [Method::PATCH, Method::DELETE] {
        let refused = app.send_as(&stranger, method, &path, json!({ "is_selected": false })).await;
        assert_problem(refused, 404, "photo_not_found").await;
    }
    assert_eq!(app.get(&thumb(session, photo.id)).await.status(), 200);
}
