//! The bin: what is in it is deleted at every door of guests, can be taken back for thirty days, and is erased then.

use pixora::{
    domain::{Photo, PhotoId, PhotoSessionId, Role, Viewer},
    store::{Narrowed, PhotoOrder},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    events::Stream,
    helpers::{TestApp, TestUser, assert_problem, start},
    people::{grouped, keeper, with_people},
    uploads::{Sender, jpeg, sender},
};

const DAY: i64 = 24 * 60 * 60;
/// What puts a photo into the bin; without it, it is erased.
const BIN: &str = "?bin=true";

async fn own_session(app: &TestApp) -> (TestUser, PhotoSessionId) {
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    (user, session)
}

fn thumb(session: PhotoSessionId, photo: PhotoId) -> String {
    format!("/media/{session}/{photo}/320-00000000000000a1.jpg")
}

async fn delete(app: &TestApp, user: &TestUser, photo: PhotoId, query: &str) -> StatusCode {
    app.send_as(user, Method::DELETE, &format!("/api/photos/{photo}{query}"), json!({})).await.status()
}

async fn batch(app: &TestApp, user: &TestUser, session: PhotoSessionId, action: &str, ids: Value) -> Value {
    let path = format!("/api/photo-sessions/{session}/photos/batch");
    let body = json!({ "photo_ids": ids, "action": action });
    app.send_as(user, Method::POST, &path, body).await.json().await.expect("JSON")
}

async fn listed(app: &TestApp, user: &TestUser, session: PhotoSessionId, query: &str) -> Vec<String> {
    let page = app.get_as(user, &format!("/api/photo-sessions/{session}/photos{query}")).await;
    let name = |photo: &Value| photo["filename"].as_str().expect("a name").to_owned();
    page["photos"].as_array().expect("a list").iter().map(name).collect()
}

async fn counts(app: &TestApp, user: &TestUser, session: PhotoSessionId) -> Value {
    app.get_as(user, &format!("/api/photo-sessions/{session}")).await["photos"].clone()
}

/// Photos with a face each, in a session whose people guests may see.
async fn with_faces(app: &TestApp) -> (TestUser, PhotoSessionId, Photo, Photo) {
    let (user, session) = with_people(app).await;
    let switches = format!("/api/photo-sessions/{session}/people/switches");
    let on = json!({ "is_on": true, "for_guests": true });
    assert_eq!(app.send_as(&user, Method::PUT, &switches, on).await.status(), 200);
    let gone = app.photo_showing(session, "gone.jpg", &[[1.0, 0.0, 0.0, 0.0]]).await;
    let kept = app.photo_showing(session, "kept.jpg", &[[0.0, 1.0, 0.0, 0.0]]).await;
    grouped(&mut keeper(app, "test")).await;
    (user, session, gone, kept)
}

#[tokio::test]
async fn a_photo_in_the_bin_is_deleted_at_every_door_of_guests() {
    let app = start().await;
    let (user, session, gone, kept) = with_faces(&app).await;
    let v1 = format!("/api/v1/sessions/{session}");
    let archive = async |photos: Value| {
        let body = json!({ "photo_ids": photos });
        app.request(Method::POST, &format!("{v1}/archives")).json(&body).send().await.expect("answers")
    };
    let made: Value = archive(json!([gone.id, kept.id])).await.json().await.expect("JSON");
    let heart = app.request(Method::PUT, &format!("{v1}/hearts/{}", gone.id)).send().await.expect("answers");
    assert_eq!(heart.status(), 200);
    let cookie =
        heart.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
    let cart = app.cart(session).await;
    app.put(&cart, json!([{ "price_id": cart.prices.print, "photo_id": gone.id, "quantity": 1 }])).await;
    app.send_as(
        &user,
        Method::PATCH,
        &format!("/api/photo-sessions/{session}"),
        json!({ "cover_photo_id": gone.id }),
    )
    .await;
    let mut events = Stream::open(&app, session, "").await;

    assert_eq!(delete(&app, &user, gone.id, BIN).await, 204);

    let told = events.event().await.expect("an event");
    assert_eq!((&told.1["photo_id"], &told.1["state"]), (&json!(gone.id), &json!("deleted")), "{told:?}");
    // Pictures, whole, asked about, and in part.
    let path = thumb(session, gone.id);
    assert_problem(app.get(&path).await, 404, "photo_not_found").await;
    assert_eq!(app.request(Method::HEAD, &path).send().await.expect("answers").status(), 404);
    let part = app.request(Method::GET, &path).header("range", "bytes=0-1").send().await.expect("answers");
    assert_problem(part, 404, "photo_not_found").await;
    // Lists, counts, the page of the photo and the page of the session.
    let page = app.get_json(&format!("{v1}/photos")).await;
    assert_eq!((page["total"].as_u64(), page["photos"].as_array().map(Vec::len)), (Some(1), Some(1)));
    assert_eq!(app.get_json(&format!("{v1}/photos/ids")).await["photo_ids"], json!([kept.id]));
    assert_eq!(app.get_json(&format!("{v1}/photos/hours")).await["hours"][0]["photos"], 1);
    assert_eq!(app.get_json(&format!("{v1}/facepass-status")).await["photos_ready"], 1);
    assert_problem(app.get(&format!("{v1}/gallery/{}", gone.id)).await, 404, "photo_not_found").await;
    assert_eq!(app.get(&format!("/session/{session}/photo/{}", gone.id)).await.status(), 404);
    let html = app.get(&format!("/session/{session}")).await.text().await.expect("text");
    assert!(!html.contains(&gone.id.to_string()) && html.contains(&kept.id.to_string()));
    let people = app.get_json(&format!("{v1}/people")).await;
    assert_eq!(people["people"].as_array().map(Vec::len), Some(1), "{people}");
    // A search names only what is findable, and news go out only for what guests see.
    let findable = app.app.store.photos().findable(session, &[gone.id, kept.id]).await.expect("is read");
    assert_eq!(findable.iter().map(|photo| photo.id).collect::<Vec<_>>(), [kept.id]);
    // Archives: new ones, and the one that was made before.
    let empty = archive(json!([gone.id])).await;
    assert_problem(empty, 404, "photo_not_found").await;
    assert_problem(app.get(made["url"].as_str().expect("a URL")).await, 410, "archive_changed").await;
    // Hearts and the cart.
    let hearts = app.request(Method::GET, &format!("{v1}/hearts")).header("cookie", &cookie);
    let hearts: Value = hearts.send().await.expect("answers").json().await.expect("JSON");
    assert_eq!(hearts["photo_ids"], json!([]));
    let again = app.request(Method::PUT, &format!("{v1}/hearts/{}", gone.id)).header("cookie", &cookie);
    assert_problem(again.send().await.expect("answers"), 404, "photo_not_found").await;
    let cart = app.get_json(&format!("/api/carts/{}", cart.token)).await;
    assert_eq!((&cart["removed"], &cart["count"]), (&json!([{ "photo_id": gone.id }]), &json!(0)));
}

#[tokio::test]
async fn who_manages_a_session_takes_photos_back_and_a_deletion_erases_as_it_always_did() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let (a, b) = (app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await);
    assert_eq!(delete(&app, &user, a.id, BIN).await, 204);
    assert_eq!(delete(&app, &user, a.id, BIN).await, 404, "it is deleted");
    for (method, path) in [(Method::PATCH, ""), (Method::GET, "/original")] {
        let refused = app
            .send_as(&user, method, &format!("/api/photos/{}{path}", a.id), json!({ "is_selected": true }))
            .await;
        assert_problem(refused, 404, "photo_not_found").await;
    }
    assert_eq!(listed(&app, &user, session, "").await, ["b.jpg"]);
    assert_eq!(listed(&app, &user, session, "?bin=true").await, ["a.jpg"]);
    let binned = app.get_as(&user, &format!("/api/photo-sessions/{session}/photos?bin=true")).await;
    assert!(binned["photos"][0]["bin_until"].is_string(), "{binned}");
    assert_eq!(counts(&app, &user, session).await["in_bin"], 1);
    assert_eq!(counts(&app, &user, session).await["ready"], 1);
    // Who looks into the bin sees its pictures; a colleague of another session does not.
    let picture = app.send_as(&user, Method::GET, &thumb(session, a.id), json!({})).await;
    assert_eq!(picture.status(), 200);
    let (stranger, _) = own_session(&app).await;
    let refused = app.send_as(&stranger, Method::GET, &thumb(session, a.id), json!({})).await;
    assert_problem(refused, 404, "photo_not_found").await;

    let all = json!([a.id, b.id]);
    let restored = batch(&app, &user, session, "restore", all.clone()).await;
    assert_eq!(restored["changed"], 1);
    assert_eq!(restored["failed"], json!([{ "photo_id": b.id, "code": "photo_not_in_bin" }]));
    assert_eq!(listed(&app, &user, session, "").await, ["a.jpg", "b.jpg"]);
    assert_eq!(app.get(&thumb(session, a.id)).await.status(), 200);

    assert_eq!(batch(&app, &user, session, "bin", all.clone()).await["changed"], 2);
    assert_eq!(delete(&app, &user, a.id, "").await, 204);
    assert!(app.app.store.photos().get(a.id).await.expect("is read").is_none());
    assert_eq!(batch(&app, &user, session, "delete", json!([b.id])).await["changed"], 1);
    assert_eq!(app.app.blobs.count_session(session).await.expect("is counted"), 0);
    let refused = app.send_as(&user, Method::DELETE, &format!("/api/photos/{}?bin=x", b.id), json!({})).await;
    assert_problem(refused, 422, "malformed_query").await;
}

#[tokio::test]
async fn what_is_in_the_bin_is_erased_after_thirty_days_and_not_before() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let (old, new, stays) = (
        app.photo(session, "old.jpg").await,
        app.photo(session, "new.jpg").await,
        app.photo(session, "stays.jpg").await,
    );
    delete(&app, &user, old.id, BIN).await;
    app.later(29 * DAY);
    assert_eq!(app.app.gallery.bin(session, &[new.id]).await.expect("is deleted"), [new.id]);
    assert_eq!(app.app.gallery.sweep_bins().await.expect("is swept"), 0);
    app.later(DAY + 1);
    let late = app.app.gallery.restore(session, &[old.id]).await.expect("is asked");
    assert!(late.is_empty(), "its time is over");
    assert_eq!(app.app.gallery.sweep_bins().await.expect("is swept"), 1);
    assert!(app.app.store.photos().get(old.id).await.expect("is read").is_none());
    assert_eq!(app.app.blobs.count_photo(session, old.id).await.expect("is counted"), 0);
    assert!(app.app.blobs.count_photo(session, new.id).await.expect("is counted") > 0);
    assert!(app.app.store.erasures().due(None).await.expect("is read").is_empty(), "nothing is left to do");
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    assert_eq!(listed(&app, &admin, session, "").await, ["stays.jpg"]);
    assert_eq!(listed(&app, &admin, session, "?bin=true").await, ["new.jpg"]);
    assert!(app.app.store.photos().get(stays.id).await.expect("is read").is_some());
}

#[tokio::test]
async fn an_emptied_bin_gives_nothing_back_although_the_erasure_comes_later() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let (_, elsewhere) = own_session(&app).await;
    let mut photos = Vec::new();
    for name in ["a.jpg", "b.jpg", "c.jpg"] {
        photos.push(app.photo(session, name).await.id);
    }
    batch(&app, &user, session, "bin", json!(photos)).await;
    let empty = async |session| {
        app.send_as(&user, Method::DELETE, &format!("/api/photo-sessions/{session}/bin"), json!({})).await
    };
    assert_problem(empty(elsewhere).await, 404, "session_not_found").await;
    assert_eq!(empty(session).await.json::<Value>().await.expect("JSON"), json!({ "photos": 3 }));
    assert_eq!(empty(session).await.json::<Value>().await.expect("JSON"), json!({ "photos": 0 }));
    // As after a crash right behind the answer: the rows are there, and nobody gets them back.
    let late = batch(&app, &user, session, "restore", json!(photos)).await;
    assert_eq!(late["changed"], 0, "{late}");
    assert_eq!(listed(&app, &user, session, "?bin=true").await, [""; 0]);
    assert_eq!(counts(&app, &user, session).await["in_bin"], Value::Null);
    assert_eq!(app.app.gallery.sweep_bins().await.expect("is swept"), 3);
    assert_eq!(app.app.blobs.count_session(session).await.expect("is counted"), 0);
}

#[tokio::test]
async fn a_file_that_is_sent_again_takes_its_photo_out_of_the_bin() {
    let Sender { app, user, session } = sender().await;
    let send = async || -> Value {
        let part = reqwest::multipart::Part::bytes(jpeg(7)).file_name("again.jpg");
        let path = format!("/api/photo-sessions/{session}/photos");
        let request = app.request(Method::POST, &path).bearer_auth(&user.access_token);
        let request = request.multipart(reqwest::multipart::Form::new().part("photo", part));
        let sent: Value = request.send().await.expect("answers").json().await.expect("JSON");
        sent["results"][0].clone()
    };
    let first = send().await;
    let photo: PhotoId = first["photo_id"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(delete(&app, &user, photo, BIN).await, 204);
    let hash = app.app.store.photos().get(photo).await.expect("is read").expect("is kept").sha256;
    let body = json!({ "files": [{ "filename": "again.jpg", "sha256": hash }] });
    let ledger = async || -> Value {
        let path = format!("/api/photo-sessions/{session}/ledger");
        app.send_as(&user, Method::POST, &path, body.clone()).await.json().await.expect("JSON")
    };
    assert_eq!(ledger().await["missing"], 1, "the sender is asked for it again");
    assert_eq!(send().await["photo_id"], photo.to_string());
    assert_eq!(listed(&app, &user, session, "").await, ["again.jpg"]);
    assert_eq!(ledger().await["missing"], 0);
}

#[tokio::test]
async fn an_erased_session_takes_its_bin_along() {
    let app = start().await;
    let (user, session, gone, _) = with_faces(&app).await;
    delete(&app, &user, gone.id, BIN).await;
    let receipt = app.eraser.session(session).await.expect("is erased");
    assert_eq!(receipt.rows.map(|rows| rows.photos), Some(2));
    assert_eq!(receipt.left, pixora::photos::Left::default(), "the second look counts the bin too");
    assert!(app.app.store.photos().get(gone.id).await.expect("is read").is_none());
}

#[tokio::test]
async fn a_guests_erasure_does_not_wait_for_the_bin() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let photo = app.photo(session, "a.jpg").await;
    delete(&app, &user, photo.id, BIN).await;
    let path = format!("/api/photos/{}/erasure", photo.id);
    let preview = app.send_as(&user, Method::POST, &path, json!({})).await;
    let preview: Value = preview.json().await.expect("JSON");
    assert_eq!(preview["photos"], 1, "{preview}");
    let asked = app.send_as(&user, Method::POST, &path, json!({ "confirm": preview["confirm"] })).await;
    assert!(asked.status().is_success(), "{asked:?}");
    assert!(app.app.store.photos().get(photo.id).await.expect("is read").is_none(), "the row goes at once");
    let none = app
        .app
        .store
        .photos()
        .ready_ids((session, Viewer::Studio), Narrowed::default(), PhotoOrder::default())
        .await;
    assert_eq!(none.expect("is read"), []);
}
