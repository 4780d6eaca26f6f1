//! Requirements of tus 1.0 for every server; `uploads` tests our own rules.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Method, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    helpers::assert_problem,
    uploads::{Sender, header, jpeg, metadata, place, sender},
};

const PART: &str = "application/offset+octet-stream";

async fn unfinished(sender: &Sender) -> usize {
    sender.app.app.store.uploads().unfinished(None, 100).await.expect("can be read").len()
}

#[tokio::test]
async fn every_answer_about_an_upload_names_the_protocols_version() {
    let sender = sender().await;
    let at = sender.begin(10, &[]).await;
    let stranger = |method, path: &str| sender.app.request(method, path).header("tus-resumable", "1.0.0");
    let gone = "/api/uploads/01900000-0000-7000-8000-000000000000";
    for (request, status) in [
        (stranger(Method::HEAD, &at), 401),
        (stranger(Method::POST, "/api/uploads").header("upload-length", 5), 401),
        (sender.tus(Method::GET, &at), 405),
        (sender.tus(Method::PUT, &at), 405),
        (sender.tus(Method::HEAD, "/api/uploads/nonsense"), 422),
        (sender.tus(Method::HEAD, gone), 404),
        (sender.tus(Method::HEAD, "/api/uploads/a/b"), 404),
        (sender.app.request(Method::HEAD, &at).bearer_auth(&sender.user.access_token), 412),
        (sender.creation(100_000_001, &[]), 413),
        (sender.tus(Method::PATCH, &at).header("content-encoding", "gzip").body("x"), 415),
        (sender.tus(Method::HEAD, &at), 200),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{}", response.url());
        assert_eq!(header(&response, "tus-resumable").as_deref(), Some("1.0.0"), "with {status}");
    }
    let asked = sender.app.request(Method::OPTIONS, &at).send().await.unwrap();
    assert_eq!((asked.status().as_u16(), header(&asked, "tus-version").as_deref()), (204, Some("1.0.0")));
    let elsewhere = sender.app.get("/api/uploadsomething").await;
    assert_eq!(header(&elsewhere, "tus-resumable"), None);
}

#[tokio::test]
async fn a_client_that_cannot_send_a_method_names_it() {
    let sender = sender().await;
    let at = sender.begin(100, &[]).await;
    let asked = |method, asked: &str| sender.tus(method, &at).header("x-http-method-override", asked);
    let part = asked(Method::POST, "PATCH").header("upload-offset", 0).header("content-type", PART);
    let part = part.body(vec![1; 40]).send().await.unwrap();
    assert_eq!((part.status().as_u16(), header(&part, "upload-offset").as_deref()), (204, Some("40")));
    let head = asked(Method::GET, "head").send().await.unwrap();
    assert_eq!(header(&head, "upload-offset").as_deref(), Some("40"));
    assert_eq!(asked(Method::POST, "DELETE").send().await.unwrap().status(), 204);
    assert_eq!(sender.head(&at).await.status(), 404);
    // Elsewhere a method is what it is.
    let session = format!("/api/photo-sessions/{}", sender.session);
    let session = sender.tus(Method::GET, &session).header("x-http-method-override", "DELETE");
    assert_eq!(session.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn metadata_comes_back_as_it_was_given() {
    let sender = sender().await;
    let session = sender.session.to_string();
    let known = metadata(&[("photo_session_id", &session), ("filename", "a.jpg")]);
    let given = format!("{known},filetype {},emptyval,camera {}", b64("image/jpeg"), b64("Nikon"));
    let begun = sender.tus(Method::POST, "/api/uploads").header("upload-length", 10);
    let begun = begun.header("upload-metadata", &given).send().await.unwrap();
    let head = sender.head(&place(&begun)).await;
    assert_eq!(header(&head, "upload-metadata"), Some(given));
    let endless = format!("{known},comment {}", "A".repeat(8 << 10));
    let refused = sender.tus(Method::POST, "/api/uploads").header("upload-length", 10);
    let refused = refused.header("upload-metadata", endless).send().await.unwrap();
    assert_eq!(assert_problem(refused, 400, "malformed_upload").await["field"], "Upload-Metadata");
}

fn b64(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

#[tokio::test]
async fn an_extension_that_is_not_spoken_is_refused() {
    let sender = sender().await;
    for (name, value) in [
        ("Upload-Concat", "partial"),
        ("Upload-Concat", "final;/api/uploads/a"),
        ("Upload-Defer-Length", "1"),
    ] {
        let refused = sender.creation(5, &[]).header(name, value).send().await.unwrap();
        assert_eq!(assert_problem(refused, 400, "malformed_upload").await["field"], name);
    }
    assert_eq!(unfinished(&sender).await, 0);
}

#[tokio::test]
async fn a_media_type_is_one_in_any_case_and_with_parameters() {
    let sender = sender().await;
    let at = sender.begin(40, &[]).await;
    for (offset, media_type) in
        [(0, "Application/Offset+Octet-Stream"), (10, "application/offset+octet-stream; charset=utf-8")]
    {
        let part = sender.tus(Method::PATCH, &at).header("upload-offset", offset);
        let part = part.header("content-type", media_type).body(vec![1; 10]).send().await.unwrap();
        assert_eq!(part.status(), 204, "{media_type}");
    }
    let other =
        sender.tus(Method::PATCH, &at).header("upload-offset", 20).header("content-type", "image/jpeg");
    assert_problem(other.body("x").send().await.unwrap(), 415, "unsupported_type").await;
    // A creation must not swallow a body that it does not take.
    let other = sender.creation(5, &[]).header("content-type", "image/jpeg").body("12345");
    assert_problem(other.send().await.unwrap(), 415, "unsupported_type").await;
}

#[tokio::test]
async fn a_creation_that_brings_too_much_leaves_nothing_behind() {
    let sender = sender().await;
    let refused = sender.creation(10, &[]).header("content-type", PART).body(vec![1; 50]);
    assert_problem(refused.send().await.unwrap(), 400, "malformed_upload").await;

    // Without a length it shows only while the bytes come.
    let host = sender.app.url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(host).await.expect("connects");
    let session = sender.session.to_string();
    let head = format!(
        "POST /api/uploads HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n\
         Upload-Length: 10\r\nUpload-Metadata: {}\r\nContent-Type: {PART}\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n14\r\n12345678901234567890\r\n0\r\n\r\n",
        sender.user.access_token,
        metadata(&[("photo_session_id", &session), ("filename", "a.jpg")]),
    );
    stream.write_all(head.as_bytes()).await.expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answers");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");

    let damaged = sender.creation(10, &[]).header("content-type", PART);
    let damaged = damaged.header("upload-checksum", format!("sha1 {}", BASE64_STANDARD.encode([0; 20])));
    assert_problem(damaged.body(vec![1; 10]).send().await.unwrap(), 460, "checksum_mismatch").await;
    assert_eq!((unfinished(&sender).await, sender.spooled()), (0, 0));
}

#[tokio::test]
async fn the_location_of_an_upload_is_absolute() {
    let sender = sender().await;
    let begun = sender.creation(jpeg(1).len() as u64, &[]).send().await.unwrap();
    assert_eq!(begun.status(), StatusCode::CREATED);
    let at = header(&begun, "location").expect("says where");
    assert!(
        at.starts_with(&format!("{}/api/uploads/", sender.app.url)),
        "where the client met the service: {at}"
    );
    let public = sender.creation(10, &[]).header("host", "photos.example").send().await.unwrap();
    assert!(header(&public, "location").unwrap().starts_with("https://photos.example/api/uploads/"));
}
