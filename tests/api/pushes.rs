//! Notifications of browsers, against a push service that reads them with another program's cryptography.

use std::{path::Path, process::Stdio, sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use pixora::{
    domain::{ConsentId, NewsChannel, Photo, PhotoSessionId},
    news::NewsKeeper,
    push::{Push, PushKeys, Pusher},
    targets::Target,
};
use reqwest::{Method, Response, header::COOKIE};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::{
    helpers::{TestApp, assert_problem, start},
    news::{found_in, version},
    people::ANNA,
    wishes::found,
};

/// `tests/support/push.mjs`; stops with the test.
struct PushService {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u64,
    keys: Value,
}

impl PushService {
    /// `None`, and a word about it, where Node is not installed.
    async fn start() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/push.mjs");
        let process = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut process) = process else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "node is missing on CI");
            println!("SKIPPED: node is missing");
            return None;
        };
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let first = lines.next_line().await.expect("can be read").expect("says its port");
        let first: Value = serde_json::from_str(&first).expect("is JSON");
        let port = first["port"].as_u64().expect("a port");
        Some(Self { _process: process, lines, port, keys: first["keys"].clone() })
    }

    /// The next request, as the browser reads it.
    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(20), self.lines.next_line());
        let line = line.await.expect("a notification comes").expect("can be read").expect("the service runs");
        serde_json::from_str(&line).expect("is JSON")
    }

    fn endpoint(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// A browser that hears of photos. The test's push service is inside, where no guest could lead us: its address is put into
/// the row behind the application's back, and this sender alone may go there.
struct Browser {
    id: ConsentId,
    key: String,
}

impl Browser {
    async fn of(
        app: &TestApp,
        session: PhotoSessionId,
        known: &[&Photo],
        keys: &Value,
        endpoint: &str,
    ) -> Self {
        let cookie = found(app, session, known).await;
        // Each browser has an endpoint of its own.
        let unguessable = format!("https://hooks.example/{}", uuid::Uuid::new_v4());
        let begun = subscribe(app, session, &cookie, &unguessable, keys).await;
        assert_eq!(begun.status(), 201);
        let begun: Value = begun.json().await.unwrap();
        assert_eq!(begun["state"], "on", "a browser subscribes for itself");
        let id: ConsentId = serde_json::from_value(begun["news_id"].clone()).unwrap();
        sqlx::query("UPDATE news SET address = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(json!({ "endpoint": endpoint, "keys": keys }).to_string())
            .execute(&mut app.rows().await)
            .await
            .unwrap();
        Self { id, key: begun["key"].as_str().unwrap().to_owned() }
    }

    async fn is_kept(&self, app: &TestApp) -> bool {
        app.app.store.news().get(self.id).await.unwrap().is_some()
    }
}

async fn subscribe(
    app: &TestApp,
    session: PhotoSessionId,
    cookie: &str,
    endpoint: &str,
    keys: &Value,
) -> Response {
    let body = json!({
        "channel": "push",
        "subscription": { "endpoint": endpoint, "expirationTime": null, "keys": keys },
        "version": version(app, session).await,
        "language": "ru",
    });
    let request = app.request(Method::POST, &format!("/api/v1/sessions/{session}/news")).json(&body);
    request.header(COOKIE, cookie).send().await.unwrap()
}

fn pusher(app: &TestApp, target: Target) -> Pusher {
    let keys = PushKeys::open(&app.data.path().join("keys/push.json")).unwrap();
    let (store, composer) = (app.app.store.clone(), Arc::new(app.app.news.clone()));
    let push = Push::new(Arc::new(keys), target);
    Pusher::new(store, push, composer, "https://photos.example".into(), app.app.clock.clone()).unwrap()
}

/// New photos are looked for now, and what is found is queued.
async fn look(app: &TestApp, found: &[&Photo]) {
    *app.search.again.lock().unwrap() = found.iter().map(|photo| found_in(photo)).collect();
    let keeper = NewsKeeper(app.app.news.clone());
    keeper.round().await.unwrap();
    app.later(3700);
    keeper.round().await.unwrap();
}

#[tokio::test]
async fn a_browser_is_notified_of_new_photos_and_one_tap_erases_everything() {
    let Some(mut service) = PushService::start().await else { return };
    let app = start().await;
    let session = app.session().await;
    let offered = app.get_json(&format!("/api/v1/sessions/{session}/news")).await;
    assert_eq!(offered["channels"], json!(["mail", "push"]));
    let known = app.photo_showing(session, "known.jpg", &[ANNA]).await;
    let browser = Browser::of(&app, session, &[&known], &service.keys, &service.endpoint("/ok")).await;
    let new = app.photo_showing(session, "new.jpg", &[ANNA]).await;
    look(&app, &[&known, &new]).await;
    let pusher = pusher(&app, Target::new(true));
    assert_eq!(pusher.send_due().await.unwrap(), 1);
    let sent = service.next().await;
    let told = &sent["read"];
    assert_eq!((&told["body"], &told["lang"]), (&json!("Новых фотографий с вами: 1"), &json!("ru")));
    assert!(told["title"].as_str().unwrap().starts_with("Anna & Ivan"), "{told}");
    assert!(sent["bytes"].as_u64().unwrap() <= 4096 && sent["ttl"] == "86400", "{sent}");
    let claims = &sent["claims"];
    assert_eq!(claims["aud"], service.endpoint("").as_str());
    assert_eq!(
        (&claims["k"], &claims["sub"]),
        (&offered["push_public_key"], &json!("https://photos.example"))
    );
    let left = claims["exp"].as_i64().unwrap() - Utc::now().timestamp();
    assert!((0..24 * 3600 + 3700).contains(&left), "{claims}");

    let image = told["image"].as_str().unwrap();
    assert_eq!(app.get(image).await.bytes().await.unwrap(), "1024 px");
    let (path, _) = image.split_once('?').unwrap();
    assert_problem(app.get(path).await, 404, "news_not_found").await;
    app.app.gallery.select(session, &[new.id], false).await.unwrap();
    assert_problem(app.get(image).await, 404, "photo_not_found").await;

    let stop = told["stop"].as_str().unwrap();
    assert_eq!(stop, format!("/api/news/{}/stop?key={}", browser.id, browser.key));
    let stopped = app.request(Method::POST, stop).send().await.unwrap();
    assert_eq!(stopped.json::<Value>().await.unwrap()["erased"]["addresses"], 1);
    assert!(!browser.is_kept(&app).await);
    assert_eq!(pusher.send_due().await.unwrap(), 0);
}

#[tokio::test]
async fn a_photo_that_was_hidden_meanwhile_is_not_notified() {
    let Some(service) = PushService::start().await else { return };
    let app = start().await;
    let session = app.session().await;
    let browser = Browser::of(&app, session, &[], &service.keys, &service.endpoint("/ok")).await;
    let new = app.photo_showing(session, "new.jpg", &[ANNA]).await;
    look(&app, &[&new]).await;
    app.app.gallery.select(session, &[new.id], false).await.unwrap();
    let pusher = pusher(&app, Target::new(true));
    assert_eq!(pusher.send_due().await.unwrap(), 1);
    assert_eq!(pusher.send_due().await.unwrap(), 0, "it is dropped");
    assert!(browser.is_kept(&app).await);
}

#[tokio::test]
async fn what_a_push_service_answers_is_followed() {
    let Some(mut service) = PushService::start().await else { return };
    let app = start().await;
    let session = app.session().await;
    let mut browsers = Vec::new();
    for path in ["/gone", "/missing", "/refused", "/busy"] {
        let browser = Browser::of(&app, session, &[], &service.keys, &service.endpoint(path)).await;
        browsers.push((path, browser));
    }
    let new = app.photo_showing(session, "new.jpg", &[ANNA]).await;
    look(&app, &[&new]).await;
    let pusher = pusher(&app, Target::new(true));
    assert_eq!(pusher.send_due().await.unwrap(), 4);
    for _ in 0..4 {
        service.next().await;
    }
    for (path, browser) in &browsers {
        let is_kept = ["/refused", "/busy"].contains(path);
        assert_eq!(browser.is_kept(&app).await, is_kept, "{path}");
    }
    // The service asked for two hours; our own wait would have been over.
    app.later(3600);
    assert_eq!(pusher.send_due().await.unwrap(), 0);
    app.later(3700);
    assert_eq!(pusher.send_due().await.unwrap(), 1);
    assert_eq!(service.next().await["path"], "/busy");
    assert_eq!(pusher.send_due().await.unwrap(), 0, "it is sent");
}

#[tokio::test]
async fn a_subscription_leads_to_public_addresses_by_https_and_nowhere_else() {
    let app = start().await;
    let session = app.session().await;
    let cookie = found(&app, session, &[]).await;
    let keys = json!({
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    });
    let long = format!("https://hooks.example/{}", "x".repeat(1_000));
    for endpoint in [
        "http://hooks.example/push",
        "https://inside.example/push",
        "https://nobody.example/push",
        "https://192.168.1.1/push",
        "https://127.0.0.1/push",
        "https://[::1]/push",
        "https://169.254.169.254/latest/meta-data",
        "https://user@hooks.example/push",
        "file:///etc/passwd",
        "",
        &long,
    ] {
        let answer = subscribe(&app, session, &cookie, endpoint, &keys).await;
        assert_problem(answer, 422, "invalid_push_subscription").await;
    }
    let point_nowhere = json!({ "p256dh": format!("BA{}", "A".repeat(85)), "auth": keys["auth"] });
    let short = json!({ "p256dh": keys["p256dh"], "auth": "AAAA" });
    for keys in [point_nowhere, short, json!({ "p256dh": "", "auth": "" })] {
        let answer = subscribe(&app, session, &cookie, "https://hooks.example/push", &keys).await;
        assert_problem(answer, 422, "invalid_push_subscription").await;
    }
    let answer = subscribe(&app, session, &cookie, "https://hooks.example/push", &keys).await;
    assert_eq!(answer.status(), 201);

    // A name that means another address by the time of sending is not followed either.
    let browser = Browser::of(&app, session, &[], &keys, "https://inside.example/push").await;
    let new = app.photo_showing(session, "new.jpg", &[ANNA]).await;
    look(&app, &[&new]).await;
    let strict = Target::with_lookup(false, Arc::new(|_| Box::pin(async { Ok(vec![[10, 0, 0, 1].into()]) })));
    assert_eq!(pusher(&app, strict).send_due().await.unwrap(), 2);
    assert!(browser.is_kept(&app).await);
    let left = app
        .app
        .store
        .news_messages(NewsChannel::Push)
        .lease_due(10, Duration::ZERO, app.app.now() + TimeDelta::days(9))
        .await;
    assert!(left.unwrap().is_empty(), "they are given up");
}

#[tokio::test]
async fn the_page_can_be_installed_and_brings_its_worker() {
    let app = start().await;
    let session = app.session().await;
    let page = app.get(&format!("/session/{session}")).await.text().await.unwrap();
    let manifest = format!("/session/{session}/manifest.webmanifest");
    assert!(page.contains(&manifest), "the page names its manifest");
    let manifest = app.get_json(&manifest).await;
    assert_eq!((&manifest["name"], &manifest["display"]), (&json!("Anna & Ivan"), &json!("standalone")));
    for icon in manifest["icons"].as_array().unwrap() {
        let picture = app.get(icon["src"].as_str().unwrap()).await;
        assert_eq!(
            (picture.status().as_u16(), &picture.headers()["content-type"]),
            (200, &"image/png".parse().unwrap())
        );
    }
    let worker = app.get("/news-worker.js").await;
    assert!(worker.headers()["content-type"].to_str().unwrap().starts_with("text/javascript"));
    assert!(worker.text().await.unwrap().contains("notificationclick"));
    app.set_facepass(session, false).await;
    app.later(60);
    let closed = app.get_json(&format!("/session/{session}/manifest.webmanifest")).await;
    assert_eq!(closed["name"], "Pixora", "a gallery that is closed says nothing of itself");
}
