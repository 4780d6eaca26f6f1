//! The program on a disk that is full to its last byte.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    OBAMA, account,
    camera::Camera,
    found, ingest,
    server::search_over_http,
    small_disk::SmallDisk,
    support::{Pixora, START, Server, free_address, sample},
};

/// `/readyz` wants more free than this whole disk has.
async fn serve(pixora: &Pixora) -> Server {
    let server = pixora.serve_soon();
    let started = Instant::now();
    let url = format!("http://{}/healthz", server.address);
    while !reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
        assert!(started.elapsed() < START, "the server does not start: {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server
}

/// Sends something that has to be written down until the disk refuses; says with which code.
async fn until_refused(server: &Server, path: &str, body: &Value) -> Value {
    let http = reqwest::Client::new();
    for _ in 0..3000 {
        let request = http.post(format!("http://{}{path}", server.address)).json(body);
        let answer = request.send().await.expect("the server answers");
        match answer.status() {
            StatusCode::OK | StatusCode::CREATED => {}
            status => {
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {:?}", answer.text().await);
                assert!(answer.headers().contains_key("retry-after"), "{path} says when to come again");
                return answer.json().await.expect("a problem is JSON");
            }
        }
    }
    panic!("{path} is written down on a full disk for ever");
}

async fn post(server: &Server, path: &str, body: &Value) -> Value {
    let request = reqwest::Client::new().post(format!("http://{}{path}", server.address)).json(body);
    request.send().await.expect("the server answers").json().await.expect("is JSON")
}

async fn announce_an_upload(server: &Server, token: &str, session: &str) -> reqwest::Response {
    let url = format!("http://{}/api/uploads", server.address);
    let metadata = |name: &str, value: &str| {
        use base64::Engine;
        format!("{name} {}", base64::engine::general_purpose::STANDARD.encode(value))
    };
    let metadata = [metadata("photo_session_id", session), metadata("filename", "a.jpg")].join(",");
    reqwest::Client::new()
        .request(Method::POST, url)
        .bearer_auth(token)
        .header("tus-resumable", "1.0.0")
        .header("upload-length", "1000")
        .header("upload-metadata", metadata)
        .send()
        .await
        .expect("the server answers")
}

async fn finds_obama(server: &Server, session: &str, selfie: &Path) {
    let (status, answer) = search_over_http(&server.address, session, selfie).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(found(answer["matches"].as_array().expect("a list")), OBAMA);
}

/// A camera that has signed in.
async fn camera(pixora: &Pixora, server: &Server, token: &str, session: &str) -> Camera {
    let url = format!("http://{}/api/photo-sessions/{session}/ftp", server.address);
    let request = reqwest::Client::new().post(url).bearer_auth(token);
    let made: Value = request.send().await.expect("the server answers").json().await.expect("is JSON");
    let of = |name: &str| made["account"][name].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let at = std::fs::read_to_string(pixora.folder.path().join("pixora.toml")).expect("was written");
    let at = at.split('"').nth(1).and_then(|at| at.parse().ok()).expect("is an address");
    Camera::signed_in(at, &of("login"), &of("password")).await
}

#[tokio::test]
async fn a_full_disk_kills_nobody_and_everything_goes_on_with_the_first_room() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(disk) = SmallDisk::at(&pixora.data(), 320) else { return };
    let session = pixora.session("Full");
    account::add(&pixora);
    ingest(&pixora, &session, &[&sample("officials")]);
    let settings = format!("PIXORA_FTP_BIND = \"{}\"\n", free_address());
    std::fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("can be written");
    let selfie = sample("officials/obama.jpg");
    let mut server = serve(&pixora).await;
    let token = account::sign_in(&server.address).await;
    let login = json!({ "login": "sender@example.com", "password": "an invented password" });
    let signed_in = post(&server, "/api/auth/login", &login).await;

    let mut camera = camera(&pixora, &server, &token, &session).await;
    disk.fill_but(0);
    let photo = std::fs::read(&selfie).expect("the sample can be read");
    let answer = camera.send("IMG_0001.JPG", &[&photo[..], b"another"].concat()).await;
    assert!(answer.starts_with("452 "), "{answer}");
    finds_obama(&server, &session, &selfie).await;
    let consent = json!({ "version": "2026-11", "language": "ru" });
    let consents = format!("/api/v1/sessions/{session}/consents");
    assert_eq!(until_refused(&server, &consents, &consent).await["code"], "storage_full");
    let handoff = json!({ "type": "upload" });
    assert_eq!(until_refused(&server, "/api/session/create", &handoff).await["code"], "storage_full");
    assert_eq!(until_refused(&server, "/api/auth/login", &login).await["code"], "storage_full");
    // Whoever is signed in stays so: they are the one who makes room.
    let refresh = json!({ "refresh_token": signed_in["refresh_token"] });
    let refreshed = post(&server, "/api/auth/refresh", &refresh).await;
    assert_eq!(refreshed["refresh_token"], signed_in["refresh_token"], "{refreshed}");
    assert!(refreshed["access_token"].is_string(), "{refreshed}");
    let upload = announce_an_upload(&server, &token, &session).await;
    assert_eq!(upload.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(upload.json::<Value>().await.expect("a problem is JSON")["code"], "storage_full");
    // Its row cannot be written; the guest is answered all the same.
    finds_obama(&server, &session, &selfie).await;
    assert!(server.child.try_wait().expect("was started here").is_none(), "{}", pixora.server_log());

    // Killed and started again where there is no room at all.
    drop(server);
    disk.fill_but(0);
    let mut server = serve(&pixora).await;
    finds_obama(&server, &session, &selfie).await;
    assert!(server.child.try_wait().expect("was started here").is_none(), "{}", pixora.server_log());

    disk.empty();
    let renewed = post(&server, "/api/auth/refresh", &refresh).await;
    assert_ne!(renewed["refresh_token"], signed_in["refresh_token"], "{renewed}");
    let report = ingest(&pixora, &session, &[&sample("groups"), Path::new("--wait")]);
    assert_eq!((&report["accepted"], &report["indexed"]), (&6.into(), &6.into()), "{report}");
    let upload = announce_an_upload(&server, &token, &session).await;
    assert_eq!(upload.status(), StatusCode::CREATED, "{:?}", upload.text().await);
    assert!(server.child.try_wait().expect("was started here").is_none(), "{}", pixora.server_log());
}
