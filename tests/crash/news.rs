//! A guest stops their news while the server is killed again and again: nothing of address and vector is left anywhere in
//! the end, and the receipt says so.

use std::{
    fs::File,
    process::Stdio,
    time::{Duration, Instant},
};

use pixora::domain::ConsentId;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use reqwest::{
    Client,
    header::{COOKIE, SET_COOKIE},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    erasures::standing,
    open, seed,
    support::{Pixora, START, Server, free_address, sample},
    text,
};

const ADDRESS: &str = "anna@mail.example";
const KILLS: usize = 4;

async fn post(address: &str, path: &str, body: Value, cookie: &str) -> Value {
    let request = Client::new().post(format!("http://{address}{path}")).header(COOKIE, cookie).json(&body);
    request.send().await.expect("the server answers").json().await.expect("JSON")
}

/// A guest's selfie under a consent; returns the cookie of the search.
async fn search(address: &str, session: &str, consent: &str) -> String {
    let selfie = std::fs::read(sample("officials/obama2.jpg")).expect("the sample is there");
    let selfie = Part::bytes(selfie).file_name("me.jpg").mime_str("image/jpeg").expect("a type");
    let form = Form::new().part("selfie", selfie).text("consent_id", consent.to_owned());
    let url = format!("http://{address}/api/v1/sessions/{session}/search");
    let answer = Client::new().post(url).multipart(form).send().await.expect("the server answers");
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()[SET_COOKIE].to_str().expect("a text").to_owned();
    cookie.split(';').next().unwrap_or_default().to_owned()
}

/// With a mail server that is not there: the question to the reader waits, and has to go too.
fn serve(pixora: &Pixora) -> Server {
    let address = free_address();
    let log = File::create(pixora.folder.path().join("serve.log")).expect("the log can be written");
    let mut command = pixora.command(&["serve", "--bind", &address]);
    command.env("PIXORA_SMTP_URL", "smtp://127.0.0.1:9").env("PIXORA_MAIL_FROM", "photos@studio.example");
    let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("the program starts");
    Server { child, address }
}

async fn is_ready(server: &Server) {
    let started = Instant::now();
    while !server.is_ready() {
        assert!(started.elapsed() < START, "the server does not start");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn news_that_were_stopped_leave_no_byte_although_the_process_was_killed() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    let session = pixora.session("Wedding");
    pixora.json(&["ingest", "--json", "--session", &session, text(&sample("officials/obama.jpg"))]);
    let mut server = serve(&pixora);
    is_ready(&server).await;
    let texts = format!("http://{}/api/v1/sessions/{session}/consent-texts", server.address);
    let texts: Value = Client::new().get(texts).send().await.expect("answers").json().await.expect("JSON");
    let version = |purpose: &str| {
        let texts = texts["texts"].as_array().expect("a list");
        texts.iter().find(|text| text["purpose"] == purpose).expect("is asked")["version"].clone()
    };
    let given = json!({ "version": version("match"), "language": "en" });
    let consent = post(&server.address, &format!("/api/v1/sessions/{session}/consents"), given, "").await;
    let consent = consent["consent_id"].as_str().expect("an id").to_owned();
    let cookie = search(&server.address, &session, &consent).await;
    let wanted =
        json!({ "channel": "mail", "address": ADDRESS, "version": version("news"), "language": "en" });
    let begun = post(&server.address, &format!("/api/v1/sessions/{session}/news"), wanted, &cookie).await;
    let id: ConsentId = serde_json::from_value(begun["news_id"].clone()).expect("an id");
    let kept = open(&pixora.data()).await.news().kept(id).await.expect("can be read").expect("is kept");
    let piece: Vec<u8> = kept.vectors[0].iter().take(16).flat_map(|n| n.to_le_bytes()).collect();
    let remains = [piece, ADDRESS.as_bytes().to_vec()];
    assert_eq!(standing(&pixora.data(), &remains), 2, "both are there before");

    let path = |action: &str| format!("/api/news/{id}{action}?key={}", begun["key"].as_str().expect("a key"));
    let stopped = post(&server.address, &path("/stop"), json!({}), "").await;
    assert_eq!((&stopped["state"], &stopped["erased"]["vectors"]), (&json!("stopped"), &json!(1)));
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random.random_range(0..150))).await;
        server.child.kill().expect("was started here");
        server.child.wait().expect("was started here");
        server = serve(&pixora);
    }
    is_ready(&server).await;
    let started = Instant::now();
    loop {
        let url = format!("http://{}{}", server.address, path(""));
        let now: Value = Client::new().get(url).send().await.expect("answers").json().await.expect("JSON");
        if now["erased"]["is_complete"] == true {
            break;
        }
        assert!(started.elapsed() < START, "{now}: {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(standing(&pixora.data(), &remains), 0);
}
