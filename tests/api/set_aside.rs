//! A photo that failed by our fault (`processing_failed`) is tried again: by hand, or when the same file comes.

use pixora::{
    domain::{PROCESSING_FAILED, Photo, PhotoId, PhotoSessionId, PhotoState, Role},
    store::{JobKind, Queue},
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

async fn own_session(app: &TestApp) -> (TestUser, PhotoSessionId) {
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    (user, session)
}

/// The pipeline gives a waiting photo up.
async fn give_up(app: &TestApp, photo: PhotoId) {
    let queue = Queue { kind: JobKind::ProcessPhoto, owner: "test" };
    let jobs = app.app.store.jobs();
    let leased =
        jobs.lease(queue, 100, std::time::Duration::ZERO, chrono::Utc::now()).await.expect("is leased");
    let job = leased.iter().find(|job| job.subject == photo.0).expect("waits");
    assert!(app.app.store.photos().set_aside(photo, job.id, "no memory", "test").await.expect("is written"));
}

async fn stored(app: &TestApp, photo: PhotoId) -> Photo {
    app.app.store.photos().get(photo).await.expect("is read").expect("is there")
}

fn picture() -> Vec<u8> {
    let mut jpeg = Vec::new();
    let grey = image::RgbImage::from_pixel(64, 48, image::Rgb([128; 3]));
    grey.write_to(&mut std::io::Cursor::new(&mut jpeg), image::ImageFormat::Jpeg).expect("is encoded");
    jpeg
}

async fn send(app: &TestApp, user: &TestUser, session: PhotoSessionId) -> Value {
    let form = Form::new().part("photo", Part::bytes(picture()).file_name("a.jpg"));
    let request = app.request(Method::POST, &format!("/api/photo-sessions/{session}/photos"));
    let answer = request.bearer_auth(&user.access_token).multipart(form).send().await.expect("answers");
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.expect("JSON")["results"][0].clone()
}

#[tokio::test]
async fn the_studio_has_failed_photos_processed_again() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let (a, b) = (app.queued_photo(session, "a.jpg").await, app.queued_photo(session, "b.jpg").await);
    give_up(&app, a).await;
    give_up(&app, b).await;
    let base = format!("/api/photo-sessions/{session}/photos");
    let post = |path: String| app.request(Method::POST, &path).bearer_auth(&user.access_token);
    let chosen = json!({ "photo_ids": [a], "action": "retry" });
    let answer = post(format!("{base}/batch")).json(&chosen).send().await.expect("answers");
    assert_eq!(answer.json::<Value>().await.expect("JSON"), json!({ "changed": 1 }));
    assert_eq!(
        (stored(&app, a).await.state, stored(&app, b).await.state),
        (PhotoState::Queued, PhotoState::Rejected)
    );
    let all = async || {
        post(format!("{base}/retry")).send().await.expect("answers").json::<Value>().await.expect("JSON")
    };
    assert_eq!(all().await, json!({ "changed": 1 }));
    assert_eq!(all().await, json!({ "changed": 0 }));
    assert_eq!(stored(&app, b).await.state, PhotoState::Queued);

    let stranger = app.user(Role::Photographer, &[]).await;
    let foreign = app.request(Method::POST, &format!("{base}/retry")).bearer_auth(&stranger.access_token);
    assert_problem(foreign.send().await.expect("answers"), 404, "session_not_found").await;
}

/// The same file was called a duplicate of the rejected one.
#[tokio::test]
async fn the_same_file_sent_again_goes_on_with_a_failed_photo() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let first = send(&app, &user, session).await;
    assert_eq!(first["result"], "stored");
    assert_eq!(send(&app, &user, session).await["result"], "duplicate");
    let photo: PhotoId = first["photo_id"].as_str().expect("an id").parse().expect("an id");
    give_up(&app, photo).await;
    assert_eq!(stored(&app, photo).await.reject_code.as_deref(), Some(PROCESSING_FAILED));

    // By form.
    let again = send(&app, &user, session).await;
    assert_eq!((&again["result"], &again["photo_id"]), (&first["result"], &first["photo_id"]));
    assert_eq!(stored(&app, photo).await.state, PhotoState::Queued);
    assert_eq!(send(&app, &user, session).await["result"], "duplicate", "it waits");

    // By tus, whose original has been lost meanwhile.
    give_up(&app, photo).await;
    let original = pixora::blobs::BlobKey::original(session, photo);
    app.app.blobs.delete(original).await.expect("is deleted");
    let picture = picture();
    let upload = pixora::photos::NewUpload {
        session,
        user: user.id,
        filename: "a.jpg".into(),
        bytes: picture.len() as u64,
        sha256: Some(hex::encode(Sha256::digest(&picture))),
        guest_id: None,
        begins_selected: true,
        replaces: false,
        metadata: String::new(),
    };
    let begun = app.app.uploads.create(upload).await.expect("is begun");
    let request = app.request(Method::PATCH, &format!("/api/uploads/{}", begun.upload.id));
    let request = request.bearer_auth(&user.access_token).header("tus-resumable", "1.0.0");
    let request =
        request.header("upload-offset", "0").header("content-type", "application/offset+octet-stream");
    let answer = request.body(picture.clone()).send().await.expect("answers");
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!((header("pixora-result"), header("pixora-photo-id")), ("stored".into(), photo.to_string()));
    assert_eq!(stored(&app, photo).await.state, PhotoState::Queued);
    assert_eq!(app.app.blobs.get(original).await.expect("is there again"), picture);
}

/// Giving up deleted the job, and the alert never fired.
#[tokio::test]
async fn a_photo_that_was_given_up_is_counted_and_the_alert_fires() {
    let app = start().await;
    let session = app.session().await;
    let admin = app.user(Role::SuperAdmin, &[]).await;
    let value = async || {
        let metrics = app.request(Method::GET, "/metrics").bearer_auth(&admin.access_token);
        let text = metrics.send().await.expect("answers").text().await.expect("text");
        let line =
            text.lines().find_map(|line| line.strip_prefix("pixora_queue_failed{kind=\"process_photo\"} "));
        line.expect("is there").parse::<f64>().expect("a number")
    };
    let alerts = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/prometheus/alerts.yml");
    let alerts = std::fs::read_to_string(alerts).expect("is there");
    let (_, rule) = alerts.split_once("alert: PixoraJobsGivenUp").expect("there is such an alert");
    let expression = rule.lines().find_map(|line| line.trim().strip_prefix("expr: ")).expect("it has one");
    let limit =
        expression.strip_prefix("max by (kind) (pixora_queue_failed) > ").expect("is about failed jobs");
    let limit: f64 = limit.parse().expect("a number");

    let photo = app.queued_photo(session, "a.jpg").await;
    assert!(value().await <= limit);
    give_up(&app, photo).await;
    assert!(value().await > limit, "fires");
    app.app.gallery.retry(session, None).await.expect("is queued");
    assert!(value().await <= limit, "is over");
}
