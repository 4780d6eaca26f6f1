use pixora::domain::{Role, StudioId};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

const URL: &str = "https://hooks.example/pixora";

async fn call(app: &TestApp, user: &TestUser, method: Method, path: &str, body: Value) -> Response {
    app.request(method, path).bearer_auth(&user.access_token).json(&body).send().await.expect("answers")
}

async fn post(app: &TestApp, user: &TestUser, body: Value) -> Response {
    call(app, user, Method::POST, "/api/webhooks", body).await
}

/// An admin of the first studio with a webhook; its JSON.
async fn with_webhook(app: &TestApp) -> (TestUser, Value) {
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let made =
        post(app, &admin, json!({ "url": URL, "events": ["session.disabled", "session.enabled"] })).await;
    assert_eq!(made.status(), 201);
    (admin, made.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_webhook_is_made_listed_switched_and_removed_and_its_secret_is_shown_once() {
    let app = start().await;
    let (admin, made) = with_webhook(&app).await;
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let id = made["id"].as_str().unwrap();
    let listed = app.get_as(&admin, "/api/webhooks").await;
    let expected = json!({ "webhooks": [{
        "id": id, "studio_id": app.studio().await, "url": URL, "events": ["session.enabled", "session.disabled"],
        "enabled": true, "created_at": made["created_at"],
    }] });
    assert_eq!(listed, expected);

    let path = format!("/api/webhooks/{id}");
    let off = call(&app, &admin, Method::PATCH, &path, json!({ "enabled": false })).await;
    assert_eq!(off.json::<Value>().await.unwrap()["enabled"], false);
    assert_eq!(call(&app, &admin, Method::DELETE, &path, json!({})).await.status(), 204);
    let again = call(&app, &admin, Method::DELETE, &path, json!({})).await;
    assert_problem(again, 404, "webhook_not_found").await;
    let gone = call(&app, &admin, Method::PATCH, &path, json!({ "enabled": true })).await;
    assert_problem(gone, 404, "webhook_not_found").await;
}

#[tokio::test]
async fn a_webhook_leads_outside_and_asks_for_something() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let with_url = |url: &str| json!({ "url": url, "events": ["session.completed"] });
    for (url, code) in [
        ("http://hooks.example/", "invalid_webhook_url"),
        ("https://me:secret@hooks.example/", "invalid_webhook_url"),
        ("hooks.example", "invalid_webhook_url"),
        ("https://nowhere.example/", "private_webhook_url"),
        ("https://hooks.example\\@127.0.0.1/", "invalid_webhook_url"),
        ("https://hooks.exa\nmple/", "invalid_webhook_url"),
        ("https://inside.example/", "private_webhook_url"),
        ("https://127.0.0.1/", "private_webhook_url"),
        ("https://169.254.169.254/latest/meta-data", "private_webhook_url"),
    ] {
        assert_problem(post(&app, &admin, with_url(url)).await, 422, code).await;
    }
    for events in [json!([]), json!(["session.enabled", "session.deleted"])] {
        let answer = post(&app, &admin, json!({ "url": URL, "events": events })).await;
        assert_problem(answer, 422, "invalid_webhook_events").await;
    }
    for _ in 0..20 {
        assert_eq!(post(&app, &admin, with_url(URL)).await.status(), 201);
    }
    assert_problem(post(&app, &admin, with_url(URL)).await, 422, "too_many_webhooks").await;
}

#[tokio::test]
async fn a_studio_sees_its_own_webhooks_and_the_house_sees_all() {
    let app = start().await;
    let (admin, made) = with_webhook(&app).await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let stranger = app.user(Role::Admin, &[there]).await;
    let house = app.user(Role::SuperAdmin, &[]).await;
    let count =
        async |user: &TestUser| app.get_as(user, "/api/webhooks").await["webhooks"].as_array().unwrap().len();
    assert_eq!([count(&admin).await, count(&stranger).await, count(&house).await], [1, 0, 1]);

    let new = |studio: StudioId| json!({ "url": URL, "events": ["session.enabled"], "studio_id": studio });
    assert_problem(post(&app, &stranger, new(here)).await, 404, "studio_not_found").await;
    // A studio of the external database has no row of ours.
    assert_eq!(post(&app, &house, new(StudioId::generate())).await.status(), 201);
    let path = format!("/api/webhooks/{}", made["id"].as_str().unwrap());
    for (method, body) in [(Method::PATCH, json!({ "enabled": false })), (Method::DELETE, json!({}))] {
        let answer = call(&app, &stranger, method, &path, body).await;
        assert_problem(answer, 404, "webhook_not_found").await;
    }
    assert_eq!(count(&admin).await, 1);
}

#[tokio::test]
async fn the_log_is_paged_and_a_line_of_it_is_sent_again() {
    let app = start().await;
    let (admin, _) = with_webhook(&app).await;
    // One that begins enabled is the first to be told.
    let session = app.session().await;
    for enabled in [false, true, false] {
        app.set_facepass(session, enabled).await;
    }
    let page = async |query: &str| app.get_as(&admin, &format!("/api/webhooks/deliveries{query}")).await;
    let first = page("?limit=2").await;
    let lines = first["deliveries"].as_array().unwrap();
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["session.disabled", "session.enabled"]);
    let line = lines[0].as_object().unwrap();
    assert_eq!(
        (&line["state"], &line["attempts"], &line["session_id"]),
        (&"queued".into(), &0.into(), &json!(session))
    );
    assert!(
        line["last_status"].is_null()
            && line["delivered_at"].is_null()
            && line["next_attempt_at"].is_string()
    );
    let second = page(&format!("?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    let events: Vec<_> =
        second["deliveries"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!((events, &second["next_cursor"]), (vec!["session.disabled", "session.enabled"], &Value::Null));
    for (query, code) in [("?limit=0", "invalid_limit"), ("?cursor=x", "invalid_cursor")] {
        let path = format!("/api/webhooks/deliveries{query}");
        assert_problem(call(&app, &admin, Method::GET, &path, json!({})).await, 422, code).await;
    }

    let replay = format!("/api/webhooks/deliveries/{}/replay", line["id"].as_str().unwrap());
    assert_eq!(call(&app, &admin, Method::POST, &replay, json!({})).await.status(), 202);
    let stranger = app.user(Role::Admin, &[app.other_studio().await]).await;
    let answer = call(&app, &stranger, Method::POST, &replay, json!({})).await;
    assert_problem(answer, 404, "delivery_not_found").await;
    assert_eq!(app.get_as(&stranger, "/api/webhooks/deliveries").await["deliveries"], json!([]));
}
