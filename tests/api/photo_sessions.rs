use pixora::domain::{PhotoSessionId, Role};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

const PATH: &str = "/api/photo-sessions";

async fn create(app: &TestApp, user: &TestUser, key: Option<&str>, body: &Value) -> Response {
    let request = app.request(Method::POST, PATH).bearer_auth(&user.access_token).json(body);
    let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
    request.send().await.expect("the server answers")
}

async fn created(app: &TestApp, user: &TestUser, body: Value) -> Value {
    let response = create(app, user, None, &body).await;
    assert_eq!(response.status(), 201);
    response.json().await.expect("JSON")
}

fn path(session: &Value) -> String {
    format!("{PATH}/{}", session["id"].as_str().expect("has an id"))
}

async fn patch(app: &TestApp, user: &TestUser, session: &Value, body: Value) -> Response {
    app.send_as(user, Method::PATCH, &path(session), body).await
}

#[tokio::test]
async fn a_new_session_is_whole_and_guests_find_it_at_once() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let client = app.user(Role::Customer, &[]).await.id;
    let session = created(
        &app,
        &user,
        json!({ "name": "  Wedding ", "description": "By the lake", "scheduled_at": "2026-06-20T19:00:00+02:00", "client_id": client }),
    )
    .await;
    let id = session["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "name": "Wedding", "description": "By the lake", "studio_id": studio, "photographer_id": user.id,
        "client_id": client, "status": "created", "gallery_open": true, "face_search": true,
        "pin": null, "reveals_at": null, "ends_at": null, "at_end": "archive", "downloads": "full",
        "watermark": true, "prices": null, "network_url": session["network_url"],
        "cover_photo_id": null, "previews": "none", "guest_photos": "off", "most_from_a_guest": 50, "most_from_guests": 1000, "comments": "off",
        "facepass_enabled": true,
        "scheduled_at": "2026-06-20T17:00:00.000000+00:00", "completed_at": null, "settings": null,
        "created_at": session["created_at"], "updated_at": session["created_at"],
        "url": format!("https://photos.example/session/{id}"),
        "photos": { "ready": 0, "queued": 0, "rejected": 0, "selected": 0 },
    });
    assert_eq!(session, expected);
    assert_eq!(app.get_as(&user, &path(&session)).await, expected);
    assert_eq!(app.get_json(&format!("/api/v1/sessions/validate/{id}")).await["valid"], true);
}

#[tokio::test]
async fn a_session_has_a_time_zone_where_somebody_names_one() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let session = created(&app, &user, json!({ "name": "Party", "time_zone": "Europe/Berlin" })).await;
    assert_eq!(session["time_zone"], "Europe/Berlin");
    let guests = app.get_json(&path(&session)).await;
    assert_eq!(guests["time_zone"], "Europe/Berlin");
    let page = app.get(&format!("/session/{}", session["id"].as_str().unwrap())).await.text().await.unwrap();
    assert!(page.contains(r#""time_zone":"Europe/Berlin""#));
    let changed = patch(&app, &user, &session, json!({ "timeZone": "Asia/Tokyo" })).await;
    assert_eq!(changed.json::<Value>().await.unwrap()["time_zone"], "Asia/Tokyo");
    let kept = patch(&app, &user, &session, json!({ "name": "Feast" })).await.json::<Value>().await.unwrap();
    assert_eq!(kept["time_zone"], "Asia/Tokyo");
    assert_problem(
        patch(&app, &user, &session, json!({ "time_zone": "+03:00" })).await,
        422,
        "invalid_time_zone",
    )
    .await;
    let none =
        patch(&app, &user, &session, json!({ "time_zone": null })).await.json::<Value>().await.unwrap();
    assert_eq!(none.get("time_zone"), None, "readers see times in their own");
}

#[tokio::test]
async fn what_cannot_be_a_session_is_refused() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let there = app.other_studio().await;
    for (body, status, code) in [
        (json!({ "name": " " }), 422, "invalid_name"),
        (json!({ "name": "x".repeat(201) }), 422, "invalid_name"),
        (json!({ "name": "a\nb" }), 422, "invalid_name"),
        (json!({ "name": "x", "description": "x".repeat(2001) }), 422, "invalid_description"),
        (json!({ "name": "x", "scheduled_at": "tomorrow" }), 422, "invalid_time"),
        (json!({ "name": "x", "time_zone": "Mars/Olympus" }), 422, "invalid_time_zone"),
        (json!({ "name": "x", "studio_id": there }), 404, "studio_not_found"),
        (json!({}), 422, "malformed_body"),
    ] {
        assert_problem(create(&app, &user, None, &body).await, status, code).await;
    }
    let unemployed = app.user(Role::Photographer, &[]).await;
    let refused = create(&app, &unemployed, None, &json!({ "name": "x" })).await;
    assert_problem(refused, 404, "studio_not_found").await;
    assert_eq!(app.get_as(&user, PATH).await["sessions"], json!([]));
}

#[tokio::test]
async fn the_same_request_twice_is_one_session() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let body = json!({ "name": "Wedding" });
    let first: Value = create(&app, &user, Some("key-1"), &body).await.json().await.unwrap();
    let again = create(&app, &user, Some("key-1"), &body).await;
    assert_eq!(again.status(), 201);
    assert_eq!(again.headers()["content-type"], "application/json");
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    let other = create(&app, &user, Some("key-1"), &json!({ "name": "Birthday" })).await;
    assert_problem(other, 422, "idempotency_key_reused").await;
    assert_problem(create(&app, &user, Some(""), &body).await, 422, "invalid_idempotency_key").await;
    let endless = "k".repeat(256);
    assert_problem(create(&app, &user, Some(&endless), &body).await, 422, "invalid_idempotency_key").await;

    // Another's key, and another key, are other requests.
    let colleague = app.user(Role::Photographer, &[studio]).await;
    let theirs: Value = create(&app, &colleague, Some("key-1"), &body).await.json().await.unwrap();
    let new: Value = create(&app, &user, Some("key-2"), &body).await.json().await.unwrap();
    assert!(theirs["id"] != first["id"] && new["id"] != first["id"]);
    assert_eq!(app.get_as(&user, PATH).await["sessions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_crowd_of_the_same_request_is_one_session() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let body = json!({ "name": "Wedding" });
    let crowd = futures::future::join_all((0..10).map(|_| create(&app, &user, Some("k"), &body))).await;
    let mut ids = std::collections::HashSet::new();
    for response in crowd {
        assert_eq!(response.status(), 201);
        ids.insert(response.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(app.get_as(&user, PATH).await["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_is_stored_only_with_its_session() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    // Refused before anything is written: the key is free for the corrected request.
    assert_problem(create(&app, &user, Some("k"), &json!({ "name": "" })).await, 422, "invalid_name").await;
    assert_eq!(create(&app, &user, Some("k"), &json!({ "name": "Wedding" })).await.status(), 201);
}

#[tokio::test]
async fn everybody_lists_what_is_theirs() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let (anna, ivan) =
        (app.user(Role::Photographer, &[here]).await, app.user(Role::Photographer, &[here]).await);
    let far = app.user(Role::Photographer, &[there]).await;
    let one = created(&app, &anna, json!({ "name": "One" })).await;
    created(&app, &ivan, json!({ "name": "Two" })).await;
    created(&app, &far, json!({ "name": "Three" })).await;
    let id: PhotoSessionId = one["id"].as_str().unwrap().parse().unwrap();
    app.photo(id, "a.jpg").await;
    app.queued_photo(id, "b.jpg").await;

    let names = async |user: &TestUser, query: &str| {
        let answer = app.get_as(user, &format!("{PATH}{query}")).await;
        let sessions = answer["sessions"].as_array().unwrap().clone();
        sessions.iter().map(|each| each["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&anna, "").await, ["One"]);
    assert_eq!(names(&far, "").await, ["Three"]);
    assert_eq!(names(&app.user(Role::Admin, &[here]).await, "").await, ["Two", "One"]);
    assert_eq!(names(&app.user(Role::Admin, &[]).await, "").await, Vec::<String>::new());
    let root = app.user(Role::SuperAdmin, &[]).await;
    assert_eq!(names(&root, "").await, ["Three", "Two", "One"]);
    assert_eq!(names(&root, "?status=active").await, Vec::<String>::new());
    patch(&app, &anna, &one, json!({ "status": "active" })).await;
    assert_eq!(names(&root, "?status=active").await, ["One"]);

    let first = app.get_as(&root, &format!("{PATH}?limit=2")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = app.get_as(&root, &format!("{PATH}?limit=2&cursor={cursor}")).await;
    assert_eq!((second["sessions"][0]["name"].as_str(), &second["next_cursor"]), (Some("One"), &Value::Null));
    assert_eq!(
        second["sessions"][0]["photos"],
        json!({ "ready": 1, "queued": 1, "rejected": 0, "selected": 1 })
    );
    for (query, code) in
        [("?limit=0", "invalid_limit"), ("?cursor=x", "invalid_cursor"), ("?status=lost", "invalid_status")]
    {
        let refused = app.send_as(&root, Method::GET, &format!("{PATH}{query}"), json!({})).await;
        assert_problem(refused, 422, code).await;
    }
}

#[tokio::test]
async fn by_the_link_one_sees_what_a_guest_may_see() {
    let app = start().await;
    let here = app.studio().await;
    let user = app.user(Role::Photographer, &[here]).await;
    let session =
        created(&app, &user, json!({ "name": "One", "client_id": app.user(Role::Customer, &[]).await.id }))
            .await;
    let id: PhotoSessionId = session["id"].as_str().unwrap().parse().unwrap();
    let hidden = app.photo(id, "a.jpg").await;
    app.photo(id, "b.jpg").await;
    app.app.store.photos().set_selected(id, &[hidden.id], false).await.unwrap();
    let guest = app.get_json(&path(&session)).await;
    assert_eq!(guest["photos"], json!({ "ready": 1, "queued": 0 }));
    for secret in ["client_id", "settings", "photographer_id"] {
        assert!(guest.get(secret).is_none(), "{guest}");
    }
    let colleague = app.user(Role::Photographer, &[here]).await;
    assert_eq!(app.get_as(&colleague, &path(&session)).await, guest);
    assert_eq!(app.get_as(&user, &path(&session)).await["photos"]["ready"], 2);
    let absent = format!("{PATH}/{}", PhotoSessionId::generate());
    assert_problem(app.get(&absent).await, 404, "session_not_found").await;

    // A key for something else is no way around its scope.
    let key = json!({ "name": "k", "scopes": ["photos:write"] });
    let key = app.send_as(&user, Method::POST, "/api/keys", key).await.json::<Value>().await.unwrap();
    let with_key = app.request(Method::GET, &path(&session)).bearer_auth(key["key"].as_str().unwrap());
    assert_eq!(with_key.send().await.unwrap().json::<Value>().await.unwrap(), guest);
}

#[tokio::test]
async fn a_change_is_seen_by_guests_at_once() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let session = created(&app, &user, json!({ "name": "One" })).await;
    let validate = format!("/api/v1/sessions/validate/{}", session["id"].as_str().unwrap());
    assert_eq!(app.get_json(&validate).await["valid"], true);
    let changed = patch(
        &app,
        &user,
        &session,
        json!({ "facepass_enabled": false, "name": "Two", "description": null }),
    )
    .await;
    let changed: Value = changed.json().await.unwrap();
    assert_eq!((&changed["name"], &changed["facepass_enabled"]), (&json!("Two"), &json!(false)));
    // No cache time has passed.
    assert_eq!(app.get_json(&validate).await["error"], "FacePass is not enabled");
    patch(&app, &user, &session, json!({ "facepass_enabled": true })).await;
    assert_eq!(app.get_json(&validate).await["session"]["name"], "Two");
}

#[tokio::test]
async fn statuses_go_their_way_and_completion_is_noted_once() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let session = created(&app, &user, json!({ "name": "One" })).await;
    let to = async |status: &str| patch(&app, &user, &session, json!({ "status": status })).await;
    for status in ["completed", "archived", "deleted", ""] {
        let problem = assert_problem(to(status).await, 422, "invalid_status").await;
        assert_eq!((&problem["from"], &problem["to"]), (&json!("created"), &json!(status)));
    }
    assert_eq!(to("active").await.json::<Value>().await.unwrap()["completed_at"], Value::Null);
    let completed = to("completed").await.json::<Value>().await.unwrap();
    assert!(completed["completed_at"].as_str().is_some_and(|at| at.ends_with("+00:00")), "{completed}");
    assert_problem(to("active").await, 422, "invalid_status").await;
    assert_eq!(to("archived").await.status(), 200);
    let back = to("completed").await.json::<Value>().await.unwrap();
    assert_eq!(back["completed_at"], completed["completed_at"]);
}

#[tokio::test]
async fn the_studios_webhooks_hear_of_a_change() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let events = ["session.enabled", "session.disabled", "session.completed"];
    let hook = json!({ "url": "https://hooks.example/pixora", "events": events });
    assert_eq!(app.send_as(&admin, Method::POST, "/api/webhooks", hook).await.status(), 201);
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = created(&app, &user, json!({ "name": "One" })).await;
    patch(&app, &user, &session, json!({ "facepass_enabled": false, "status": "active" })).await;
    patch(&app, &user, &session, json!({ "status": "completed" })).await;
    patch(&app, &user, &session, json!({ "name": "Two" })).await;
    let log = app.get_as(&admin, "/api/webhooks/deliveries").await;
    let mut heard: Vec<_> =
        log["deliveries"].as_array().unwrap().iter().map(|each| each["event"].as_str().unwrap()).collect();
    heard.sort_unstable();
    assert_eq!(heard, ["session.completed", "session.disabled", "session.enabled"]);
}
