//! A photobooth's hand-off: begun, changed, watched, listed.

use std::io::Cursor;

use base64::{Engine, prelude::BASE64_STANDARD};
use image::{ImageFormat, Rgb, RgbImage};
use pixora::domain::{HandoffId, Role, StudioId};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{
    cards::{read, rendered},
    events::Stream,
    helpers::{MALFORMED, TestApp, assert_problem, start},
};

/// A photograph of nothing; each number gives another.
pub fn jpeg(number: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(48, 32, |x, y| Rgb([number, (x * 5) as u8, (y * 7) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).expect("memory takes all");
    bytes.into_inner()
}

pub async fn post(app: &TestApp, path: &str, body: Value) -> Response {
    app.request(Method::POST, path).json(&body).send().await.expect("the server answers")
}

pub async fn json_of(response: Response, status: u16) -> Value {
    assert_eq!(response.status(), status);
    response.json().await.expect("JSON")
}

/// The address of a new hand-off, made without an account.
pub async fn handoff(app: &TestApp, kind: &str) -> String {
    let made = json_of(post(app, "/api/session/create", json!({ "type": kind })).await, 201).await;
    format!("/api/session/{}", made["id"].as_str().expect("has an id"))
}

pub async fn send(app: &TestApp, handoff: &str, number: u8) -> Response {
    let photo = json!({ "photo_data": BASE64_STANDARD.encode(jpeg(number)) });
    post(app, &format!("{handoff}/photos"), photo).await
}

pub async fn put(app: &TestApp, path: &str, body: Value) -> Response {
    app.request(Method::PUT, path).json(&body).send().await.expect("the server answers")
}

/// A key for booths, of somebody with this role.
pub async fn booth(app: &TestApp, role: Role, studios: &[StudioId]) -> String {
    let owner = app.user(role, studios).await;
    let key = json!({ "name": "Booth", "scopes": ["handoff"] });
    let made = json_of(app.send_as(&owner, Method::POST, "/api/keys", key).await, 201).await;
    made["key"].as_str().expect("a key").to_owned()
}

pub async fn with_key(app: &TestApp, key: &str, method: Method, path: &str, body: Value) -> Response {
    app.request(method, path).bearer_auth(key).json(&body).send().await.expect("the server answers")
}

#[tokio::test]
async fn the_old_client_goes_its_seven_steps() {
    let app = start().await;
    // 1. create, in its own spelling
    let new = json!({ "type": "upload", "telegramUserId": 700100, "telegramUsername": "@guest_of_booth",
        "data": { "boothId": "booth-1", "layout": 4 } });
    let made = json_of(post(&app, "/api/session/create", new).await, 201).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["status"], "pending");
    assert_eq!(made["telegram_user_id"], 700100);
    assert_eq!(made["telegram_username"], "guest_of_booth");
    assert_eq!(made["phone_url"], format!("/handoff/{id}"));
    assert_eq!(made["telegram_url"], Value::Null, "there is no bot");
    let life = |which: &str| made[which].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(life("expires_at") - life("created_at"), chrono::TimeDelta::minutes(30));
    // 2. get
    let path = format!("/api/session/{id}");
    assert_eq!(app.get_json(&path).await, made);
    // 3. three photos: a data URL, plain base64, plain base64 with line breaks
    let plain = BASE64_STANDARD.encode(jpeg(2));
    let url = format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(jpeg(1)));
    let broken: String =
        plain.as_bytes().chunks(76).flat_map(|line| [line, b"\r\n"].concat()).map(char::from).collect();
    for (place, text) in [url, plain, broken].into_iter().enumerate() {
        let photo = json!({ "photoData": text, "photoType": "uploaded", "orderIndex": place });
        let added = json_of(post(&app, &format!("{path}/photos"), photo).await, 201).await;
        assert_eq!(added["order_index"], place);
        assert_eq!(added["session_id"], id);
    }
    // 4. list the photos
    let photos = app.get_json(&format!("{path}/photos?include=data")).await;
    assert_eq!(photos["photos"].as_array().unwrap().len(), 3);
    for photo in photos["photos"].as_array().unwrap() {
        let bytes = BASE64_STANDARD.decode(photo["photo_data"].as_str().unwrap()).unwrap();
        assert_eq!(image::guess_format(&bytes).unwrap(), ImageFormat::Jpeg);
        let shown = app.get(photo["url"].as_str().unwrap()).await;
        assert_eq!(shown.headers()["content-type"], "image/jpeg");
        assert_eq!(shown.headers()["cache-control"], "no-store");
        assert_eq!(shown.bytes().await.unwrap(), bytes);
    }
    assert_eq!(app.get_json(&path).await["status"], "ready", "three are enough");
    // 5. update
    let changed =
        json_of(put(&app, &path, json!({ "status": "completed", "data": { "printed": 2 } })).await, 200)
            .await;
    assert_eq!((&changed["status"], &changed["data"]["printed"]), (&json!("completed"), &json!(2)));
    // 6. list the active
    let key = booth(&app, Role::Admin, &[app.studio().await]).await;
    let list = json_of(with_key(&app, &key, Method::GET, "/api/sessions/list", json!({})).await, 200).await;
    assert_eq!((&list["sessions"][0]["id"], &list["sessions"][0]["photo_count"]), (&json!(id), &json!(3)));
    // 7. delete
    let deleted = app.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    assert_problem(app.get(&path).await, 404, "handoff_not_found").await;
    let url = photos["photos"][0]["url"].as_str().unwrap();
    assert_problem(app.get(url).await, 404, "handoff_not_found").await;
    assert!(app.app.blobs.handoffs().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_code_leads_to_the_phones_page() {
    let app = start().await;
    let made = json_of(post(&app, "/api/session/create", json!({ "type": "download" })).await, 201).await;
    let id = made["id"].as_str().unwrap();
    let read = read(&rendered(made["qr_svg"].as_str().unwrap())).1;
    assert_eq!(read, format!("https://photos.example/handoff/{id}"));
    let page = app.get(&format!("/handoff/{id}")).await;
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
    assert_eq!(app.get(&format!("/handoff/{}", uuid::Uuid::new_v4())).await.status(), 404);
    app.later(1800);
    assert_eq!(app.get(&format!("/handoff/{id}")).await.status(), 410);
    // With a bot there is a second way.
    app.app.telegram.as_ref().expect("is set up").meet("pixora_test_bot".into());
    let made = json_of(post(&app, "/api/session/create", json!({ "type": "upload" })).await, 201).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["telegram_url"], format!("https://t.me/pixora_test_bot?start={id}"));
}

#[tokio::test]
async fn what_is_wrong_with_a_new_one_is_said() {
    let app = start().await;
    let create = async |body: Value| post(&app, "/api/session/create", body).await;
    for body in [json!({}), json!({ "type": "both" }), json!({ "type": "Upload" })] {
        assert_problem(create(body).await, 422, "invalid_handoff_type").await;
    }
    for telegram in [
        json!({ "telegram_user_id": 0 }),
        json!({ "telegram_user_id": -5 }),
        json!({ "telegram_username": "no spaces" }),
        json!({ "telegram_username": "a".repeat(33) }),
    ] {
        let mut body = json!({ "type": "upload" });
        body.as_object_mut().unwrap().extend(telegram.as_object().unwrap().clone());
        assert_problem(create(body).await, 422, "invalid_telegram_user").await;
    }
    assert_problem(
        create(json!({ "type": "upload", "telegram_user_id": "seven" })).await,
        422,
        "malformed_body",
    )
    .await;
    assert_problem(
        create(json!({ "type": "upload", "data": "x".repeat(16 << 10) })).await,
        413,
        "handoff_data_too_large",
    )
    .await;
    assert_problem(
        create(json!({ "type": "upload", "data": "x".repeat(300 << 10) })).await,
        413,
        "body_too_large",
    )
    .await;
    let text =
        app.request(Method::POST, "/api/session/create").body("{\"type\":\"upload\"}").send().await.unwrap();
    assert_problem(text, 415, "unsupported_type").await;
    // A number as text, as some JSON writers have it, and nothing at all.
    let made = json_of(
        create(json!({ "type": "upload", "telegram_user_id": "7001000000", "telegram_username": "" })).await,
        201,
    )
    .await;
    assert_eq!(
        (&made["telegram_user_id"], &made["telegram_username"]),
        (&json!(7_001_000_000_i64), &Value::Null)
    );
    for id in MALFORMED {
        assert_problem(app.get(&format!("/api/session/{id}")).await, 422, "malformed_id").await;
    }
    let unknown = format!("/api/session/{}", HandoffId::generate());
    assert_problem(app.get(&unknown).await, 404, "handoff_not_found").await;
    assert_problem(put(&app, &unknown, json!({})).await, 404, "handoff_not_found").await;
    assert_problem(send(&app, &unknown, 1).await, 404, "handoff_not_found").await;
}

#[tokio::test]
async fn a_change_leaves_out_what_stays_and_clears_what_is_null() {
    let app = start().await;
    let new = json!({ "type": "upload", "telegram_user_id": 7, "telegram_username": "guest", "data": [1] });
    let made = json_of(post(&app, "/api/session/create", new).await, 201).await;
    let path = format!("/api/session/{}", made["id"].as_str().unwrap());
    let same = json_of(put(&app, &path, json!({ "type": "upload" })).await, 200).await;
    for member in ["status", "telegram_user_id", "telegram_username", "data"] {
        assert_eq!(same[member], made[member], "{member}");
    }
    let cleared = json!({ "telegramUserId": null, "telegramUsername": null, "data": null });
    let cleared = json_of(put(&app, &path, cleared).await, 200).await;
    for member in ["telegram_user_id", "telegram_username", "data"] {
        assert_eq!(cleared[member], Value::Null, "{member}");
    }
    assert_problem(put(&app, &path, json!({ "type": "download" })).await, 422, "invalid_handoff_type").await;
    assert_problem(put(&app, &path, json!({ "status": "done" })).await, 422, "invalid_handoff_status").await;
    assert_eq!(put(&app, &path, json!({ "status": "ready" })).await.status(), 200);
    let refused = put(&app, &path, json!({ "status": "pending", "data": 5 })).await;
    let refused = assert_problem(refused, 409, "handoff_status_refused").await;
    assert_eq!((&refused["from"], &refused["to"]), (&json!("ready"), &json!("pending")));
    assert_eq!(app.get_json(&path).await["data"], Value::Null, "nothing of a refused change is kept");
    // A booth may give a hand-off up.
    assert_eq!(put(&app, &path, json!({ "status": "expired" })).await.status(), 200);
    assert_problem(app.get(&path).await, 410, "handoff_expired").await;
}

#[tokio::test]
async fn the_same_request_is_answered_once() {
    let app = start().await;
    let create = async |key: &str, body: Value| {
        let request = app.request(Method::POST, "/api/session/create").header("idempotency-key", key);
        request.json(&body).send().await.unwrap()
    };
    let (a, b) = (uuid::Uuid::new_v4().to_string(), uuid::Uuid::new_v4().to_string());
    let first = json_of(create(&a, json!({ "type": "upload" })).await, 201).await;
    assert_eq!(json_of(create(&a, json!({ "type": "upload" })).await, 201).await, first);
    assert_ne!(json_of(create(&b, json!({ "type": "upload" })).await, 201).await["id"], first["id"]);
    assert_problem(create(&a, json!({ "type": "download" })).await, 422, "idempotency_key_reused").await;
    // When the hand-off is over, so is the memory of it.
    app.later(1801);
    app.app.handoff.sweep().await.unwrap();
    assert_ne!(json_of(create(&a, json!({ "type": "upload" })).await, 201).await["id"], first["id"]);
}

#[tokio::test]
async fn two_strangers_with_the_same_idempotency_key_get_two_hand_offs() {
    let app = start().await;
    let create = async |cookie: Option<&str>| {
        let mut request = app.request(Method::POST, "/api/session/create").header("idempotency-key", "1");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.json(&json!({ "type": "upload" })).send().await.unwrap();
        let cookie = answer.headers().get("set-cookie").map(|it| it.to_str().unwrap().to_owned());
        (json_of(answer, 201).await["id"].as_str().unwrap().to_owned(), cookie)
    };
    let (first, cookie) = create(None).await;
    let cookie = cookie.expect("a stranger is given something to be known by");
    for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/api/session/create"] {
        assert!(cookie.split("; ").any(|p| p == part), "{part} in {cookie}");
    }
    let (second, _) = create(None).await;
    let (third, _) = create(Some("pixora_sender=chosen-by-somebody")).await;
    assert!(first != second && second != third && third != first, "behind one address");
    let (again, renewed) = create(cookie.split(';').next()).await;
    assert_eq!((again, renewed), (first, None), "who asks again with what they have gets the first answer");
}

#[tokio::test]
async fn who_asks_a_hand_offs_page_of_an_unknown_id_gets_what_they_ask_for() {
    let app = start().await;
    let unknown = format!("/handoff/{}", HandoffId::generate());
    assert_problem(app.get(&unknown).await, 404, "handoff_not_found").await;
    let person =
        app.request(Method::GET, &unknown).header("accept", "text/html,*/*;q=0.8").send().await.unwrap();
    assert_eq!(person.status(), 404);
    assert_eq!(person.headers()["content-type"], "text/html; charset=utf-8");
    assert!(person.text().await.unwrap().contains("<html"), "the page whose script says so in words");
    let document = app.get_json("/api/openapi.json").await;
    let answers = &document["paths"]["/handoff/{handoff_id}"]["get"]["responses"]["404"]["content"];
    assert!(answers["text/html"].is_object() && answers["application/problem+json"].is_object(), "{answers}");
}

#[tokio::test]
async fn strangers_are_counted_and_booths_with_a_key_are_not() {
    let app = start().await;
    let key = booth(&app, Role::Admin, &[app.studio().await]).await;
    for _ in 0..60 {
        handoff(&app, "upload").await;
    }
    let refused = post(&app, "/api/session/create", json!({ "type": "upload" })).await;
    assert_problem(refused, 429, "too_many_attempts").await;
    for _ in 0..5 {
        let made =
            with_key(&app, &key, Method::POST, "/api/session/create", json!({ "type": "upload" })).await;
        assert_eq!(made.status(), 201);
    }
    // A key for something else is a stranger's.
    let owner = app.user(Role::Admin, &[app.studio().await]).await;
    let other = json!({ "name": "Script", "scopes": ["sessions:read"] });
    let other = json_of(app.send_as(&owner, Method::POST, "/api/keys", other).await, 201).await;
    let refused = with_key(
        &app,
        other["key"].as_str().unwrap(),
        Method::POST,
        "/api/session/create",
        json!({ "type": "upload" }),
    )
    .await;
    assert_problem(refused, 429, "too_many_attempts").await;
}

#[tokio::test]
async fn a_list_shows_a_studio_its_own_and_nobodys() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let (ours, theirs) = (booth(&app, Role::Admin, &[here]).await, booth(&app, Role::Admin, &[there]).await);
    let nobodys = handoff(&app, "upload").await;
    let mut of = Vec::new();
    for key in [&ours, &theirs] {
        let made =
            with_key(&app, key, Method::POST, "/api/session/create", json!({ "type": "download" })).await;
        of.push(format!("/api/session/{}", json_of(made, 201).await["id"].as_str().unwrap()));
    }
    let listed = async |key: &str, query: &str| {
        let list = with_key(&app, key, Method::GET, &format!("/api/sessions/list{query}"), json!({})).await;
        let list = json_of(list, 200).await;
        let ids = list["sessions"].as_array().unwrap().iter();
        (
            ids.map(|each| format!("/api/session/{}", each["id"].as_str().unwrap())).collect::<Vec<_>>(),
            list["next_cursor"].clone(),
        )
    };
    let mut seen = listed(&ours, "").await.0;
    seen.sort();
    let mut expected = vec![nobodys.clone(), of[0].clone()];
    expected.sort();
    assert_eq!(seen, expected);
    assert!(!listed(&theirs, "").await.0.contains(&of[0]));
    let desk = booth(&app, Role::Operator, &[]).await;
    assert_eq!(listed(&desk, "").await.0.len(), 3);
    // Page by page, and by status.
    let (first, cursor) = listed(&desk, "?limit=2").await;
    let (rest, end) = listed(&desk, &format!("?limit=2&cursor={}", cursor.as_str().unwrap())).await;
    assert_eq!((first.len(), rest.len(), end), (2, 1, Value::Null));
    assert_eq!(put(&app, &nobodys, json!({ "status": "completed" })).await.status(), 200);
    assert_eq!(listed(&desk, "?status=completed").await.0, [nobodys]);
    let bad = with_key(&app, &desk, Method::GET, "/api/sessions/list?status=done", json!({})).await;
    assert_problem(bad, 422, "invalid_handoff_status").await;
    assert_problem(app.get("/api/sessions/list").await, 401, "sign_in_required").await;
}

#[tokio::test]
async fn booth_and_phone_see_changes_as_they_come() {
    let app = start().await;
    let path = handoff(&app, "upload").await;
    let mut events = Stream::of(app.get(&format!("{path}/events")).await);
    let (name, first) = events.event().await.expect("the stream begins");
    assert_eq!((name.as_str(), &first["photo_count"]), ("session", &json!(0)));
    send(&app, &path, 1).await;
    assert_eq!(events.event().await.unwrap().1["photo_count"], 1);
    put(&app, &path, json!({ "status": "completed" })).await;
    assert_eq!(events.event().await.unwrap().1["status"], "completed");
    post(&app, &format!("{path}/result"), json!({ "photo_data": BASE64_STANDARD.encode(jpeg(9)) })).await;
    assert_eq!(events.event().await.unwrap().1["has_result"], true);
    app.request(Method::DELETE, &path).send().await.unwrap();
    let gone = events.event().await.unwrap();
    assert_eq!((gone.0.as_str(), &gone.1["code"]), ("gone", &json!("handoff_not_found")));
    assert!(events.event().await.is_none(), "that was the last word");
    assert_problem(app.get(&format!("{path}/events")).await, 404, "handoff_not_found").await;
}
