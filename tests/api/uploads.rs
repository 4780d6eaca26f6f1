use std::{io::Cursor, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{TimeDelta, Utc};
use image::{ImageFormat, Rgb, RgbImage};
use pixora::{
    blobs::BlobKey,
    domain::{PhotoId, PhotoSessionId, PhotoState, Role, UploadId},
    photos::{Incoming, MAX_BYTES, Receiver, Swept},
    store::Received,
};
use reqwest::{
    Method, RequestBuilder, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    database::database_url,
    helpers::{TestApp, TestUser, assert_problem, start},
    placements::jpeg_with_exif,
};

/// A photograph of nothing; each number gives another.
pub fn jpeg(number: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(96, 64, |x, y| Rgb([number, (x * 2) as u8, (x * y) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).expect("memory takes all");
    bytes.into_inner()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Somebody who may put photos into a session, and speaks tus.
pub struct Sender {
    pub app: TestApp,
    pub user: TestUser,
    pub session: PhotoSessionId,
}

pub async fn sender() -> Sender {
    let app = start().await;
    let session = app.session().await;
    let user = app.user(Role::Admin, &[app.studio().await]).await;
    Sender { app, user, session }
}

pub fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name} {}", BASE64_STANDARD.encode(value)));
    pairs.collect::<Vec<_>>().join(",")
}

impl Sender {
    pub fn tus(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.app.request(method, path).bearer_auth(&self.user.access_token);
        request.header("tus-resumable", "1.0.0")
    }

    pub fn creation(&self, length: u64, more: &[(&str, &str)]) -> RequestBuilder {
        let session = self.session.to_string();
        let pairs = [&[("photo_session_id", session.as_str()), ("filename", "IMG 1.JPG")], more].concat();
        let request = self.tus(Method::POST, "/api/uploads").header("upload-length", length);
        request.header("upload-metadata", metadata(&pairs))
    }

    /// Begins an upload; its address.
    pub async fn begin(&self, length: usize, more: &[(&str, &str)]) -> String {
        let response = self.creation(length as u64, more).send().await.unwrap();
        assert_eq!(response.status(), 201);
        place(&response)
    }

    pub async fn patch(&self, at: &str, offset: usize, bytes: &[u8]) -> Response {
        self.part(at, offset, bytes).send().await.unwrap()
    }

    pub fn part(&self, at: &str, offset: usize, bytes: &[u8]) -> RequestBuilder {
        let request = self.tus(Method::PATCH, at).header("upload-offset", offset);
        request.header("content-type", "application/offset+octet-stream").body(bytes.to_vec())
    }

    pub async fn head(&self, at: &str) -> Response {
        self.tus(Method::HEAD, at).send().await.unwrap()
    }

    pub async fn offset(&self, at: &str) -> usize {
        let response = self.head(at).await;
        assert_eq!(response.status(), 200);
        header(&response, "upload-offset").and_then(|offset| offset.parse().ok()).expect("a number")
    }

    /// A whole file in one go.
    async fn send(&self, bytes: &[u8], more: &[(&str, &str)]) -> Response {
        let request = self.creation(bytes.len() as u64, more);
        let request = request.header("content-type", "application/offset+octet-stream");
        let response = request.body(bytes.to_vec()).send().await.unwrap();
        assert_eq!(response.status(), 201);
        response
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        let path = format!("/api/photo-sessions/{}/{path}", self.session);
        let request = self.app.request(Method::POST, &path).bearer_auth(&self.user.access_token);
        request.json(body).send().await.unwrap()
    }

    async fn rejections(&self) -> Vec<Value> {
        let path = format!("/api/photo-sessions/{}/rejections", self.session);
        self.app.get_as(&self.user, &path).await["rejections"].as_array().unwrap().clone()
    }

    async fn original(&self, photo: PhotoId) -> Vec<u8> {
        let key = BlobKey::original(self.session, photo);
        self.app.app.blobs.get(key).await.expect("the original is there").to_vec()
    }

    pub fn spooled(&self) -> usize {
        let files = walkdir::WalkDir::new(self.app.data.path().join("uploads")).into_iter().flatten();
        files.filter(|file| file.file_type().is_file()).count()
    }

    /// Where the upload's bytes lie until they are all there.
    fn spool_path(&self, at: &str) -> std::path::PathBuf {
        let id = at.rsplit('/').next().unwrap();
        self.app.data.path().join("uploads").join(self.session.to_string()).join(id)
    }

    /// A `PATCH` that says how long it is and then sends only `bytes`; the connection stays open.
    async fn half_a_patch(&self, at: &str, length: usize, bytes: &[u8]) -> tokio::net::TcpStream {
        let host = self.app.url.trim_start_matches("http://");
        let mut stream = tokio::net::TcpStream::connect(host).await.expect("connects");
        let head = format!(
            "PATCH {at} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n\
             Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {length}\r\n\r\n",
            self.user.access_token
        );
        stream.write_all(head.as_bytes()).await.expect("sends");
        stream.write_all(bytes).await.expect("sends");
        let path = self.spool_path(at);
        while std::fs::metadata(&path).map_or(0, |file| file.len()) < bytes.len() as u64 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stream
    }
}

/// The path of the new upload.
pub fn place(response: &Response) -> String {
    let at = header(response, "location").expect("says where");
    reqwest::Url::parse(&at).expect("is absolute").path().to_owned()
}

pub fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

fn photo(response: &Response) -> PhotoId {
    header(response, "pixora-photo-id").and_then(|id| id.parse().ok()).expect("names the photo")
}

fn result(response: &Response) -> String {
    header(response, "pixora-result").unwrap_or_default()
}

#[tokio::test]
async fn the_server_says_what_it_can_do() {
    let app = start().await;
    let response = app.request(Method::OPTIONS, "/api/uploads").send().await.unwrap();
    assert_eq!(response.status(), 204);
    let said = |name| header(&response, name).unwrap_or_default();
    assert_eq!((said("tus-resumable"), said("tus-version")), ("1.0.0".into(), "1.0.0".into()));
    assert_eq!(said("tus-extension"), "creation,creation-with-upload,checksum,termination,expiration");
    assert_eq!(
        (said("tus-checksum-algorithm"), said("tus-max-size")),
        ("sha1,sha256".into(), "100000000".into())
    );
}

#[tokio::test]
async fn a_file_in_parts_becomes_a_photo_byte_for_byte() {
    let sender = sender().await;
    let bytes = jpeg(1);
    let at = sender.begin(bytes.len(), &[("guest_id", "table 7"), ("is_selected", "false")]).await;
    assert_eq!(sender.offset(&at).await, 0);

    let first = sender.patch(&at, 0, &bytes[..100]).await;
    assert_eq!((first.status().as_u16(), header(&first, "upload-offset")), (204, Some("100".into())));
    assert_eq!(header(&first, "pixora-result"), None);
    let expires = header(&first, "upload-expires").expect("is kept for a while");
    let expires = chrono::DateTime::parse_from_rfc2822(&expires).expect("as HTTP writes it");
    assert!((expires.to_utc() - Utc::now() - TimeDelta::hours(24)).abs() < TimeDelta::minutes(1));

    let head = sender.head(&at).await;
    assert_eq!(header(&head, "upload-offset"), Some("100".into()));
    assert_eq!(header(&head, "upload-length"), Some(bytes.len().to_string()));
    assert_eq!(header(&head, "cache-control"), Some("no-store".into()));
    assert!(header(&head, "upload-metadata").unwrap().contains(&metadata(&[("filename", "IMG 1.JPG")])));

    let last = sender.patch(&at, 100, &bytes[100..]).await;
    assert_eq!((last.status().as_u16(), result(&last)), (204, "stored".into()));
    let id = photo(&last);
    assert_eq!(sender.original(id).await, bytes);
    let row = sender.app.app.store.photos().get(id).await.unwrap().expect("has a row");
    assert_eq!((row.filename.as_str(), row.guest_id.as_deref()), ("IMG 1.JPG", Some("table 7")));
    assert_eq!((row.is_selected, row.state, row.sha256), (false, PhotoState::Queued, sha256(&bytes)));
    let jobs = sender.app.app.jobs.lease(pixora::jobs::JobKind::ProcessPhoto, 10, Utc::now()).await.unwrap();
    assert_eq!(jobs.iter().map(|job| job.subject).collect::<Vec<_>>(), [id.0], "is queued once");
    assert_eq!(sender.spooled(), 0);

    // Asking or sending nothing more changes nothing.
    for again in [sender.head(&at).await, sender.patch(&at, bytes.len(), b"").await] {
        assert!(again.status().is_success());
        assert_eq!((result(&again), photo(&again)), ("stored".into(), id));
    }
}

#[tokio::test]
async fn a_small_file_needs_one_request() {
    let sender = sender().await;
    let response = sender.send(&jpeg(2), &[]).await;
    assert_eq!(result(&response), "stored");
    assert_eq!(sender.original(photo(&response)).await, jpeg(2));
    let empty = sender.begin(0, &[]).await;
    let head = sender.head(&empty).await;
    assert_eq!(
        (result(&head), header(&head, "pixora-reject-code")),
        ("rejected".into(), Some("empty_file".into()))
    );
}

#[tokio::test]
async fn a_part_must_begin_where_the_upload_stands_and_end_within_it() {
    let sender = sender().await;
    let bytes = jpeg(3);
    let at = sender.begin(bytes.len(), &[]).await;
    sender.patch(&at, 0, &bytes[..10]).await;
    for wrong in [0, 9, 11] {
        let problem =
            assert_problem(sender.patch(&at, wrong, b"xyz").await, 409, "upload_offset_mismatch").await;
        assert_eq!(problem["upload_offset"], 10);
    }
    let long = [&bytes[10..], b"more"].concat();
    let problem = assert_problem(sender.patch(&at, 10, &long).await, 400, "malformed_upload").await;
    assert_eq!(problem["field"], "Content-Length");
    // The same without saying so beforehand.
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>(long)]);
    let chunked = sender.part(&at, 10, b"").body(reqwest::Body::wrap_stream(chunks)).send().await.unwrap();
    assert_problem(chunked, 400, "malformed_upload").await;
    assert_eq!(sender.offset(&at).await, 10);

    let no_offset = sender.tus(Method::PATCH, &at).header("content-type", "application/offset+octet-stream");
    assert_problem(no_offset.send().await.unwrap(), 400, "malformed_upload").await;
    let no_part = sender.tus(Method::PATCH, &at).header("upload-offset", 10).body("x").send().await.unwrap();
    assert_problem(no_part, 415, "unsupported_type").await;
    let silent =
        sender.app.request(Method::PATCH, &at).bearer_auth(&sender.user.access_token).send().await.unwrap();
    assert_eq!(header(&silent, "tus-version"), Some("1.0.0".into()));
    assert_eq!(header(&silent, "tus-resumable"), Some("1.0.0".into()));
    assert_problem(silent, 412, "tus_version_unsupported").await;
    assert_eq!(result(&sender.patch(&at, 10, &bytes[10..]).await), "stored");
}

#[tokio::test]
async fn a_part_with_a_checksum_counts_whole_or_not_at_all() {
    let sender = sender().await;
    let bytes = jpeg(4);
    let at = sender.begin(bytes.len(), &[]).await;
    let sha1 = BASE64_STANDARD.encode(sha1_smol::Sha1::from(&bytes[..50]).digest().bytes());
    let sent =
        |offset, part: &[u8], sum: String| sender.part(&at, offset, part).header("upload-checksum", sum);
    let right = sent(0, &bytes[..50], format!("sha1 {sha1}")).send().await.unwrap();
    assert_eq!(right.status(), 204);
    let wrong = sent(50, &bytes[50..60], format!("sha1 {sha1}")).send().await.unwrap();
    assert_problem(wrong, 460, "checksum_mismatch").await;
    assert_eq!(sender.offset(&at).await, 50);
    for unknown in ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1 short", "sha1"] {
        let refused = sent(50, &bytes[50..60], unknown.to_owned()).send().await.unwrap();
        let problem = assert_problem(refused, 400, "malformed_upload").await;
        assert_eq!(problem["field"], "Upload-Checksum");
    }
    let sum = format!("sha256 {}", BASE64_STANDARD.encode(Sha256::digest(&bytes[50..])));
    let last = sent(50, &bytes[50..], sum).send().await.unwrap();
    assert_eq!(result(&last), "stored");
    assert_eq!(sender.original(photo(&last)).await, bytes);
}

#[tokio::test]
async fn a_terminated_upload_is_gone_but_its_photo_stays() {
    let sender = sender().await;
    let bytes = jpeg(5);
    let at = sender.begin(bytes.len(), &[]).await;
    sender.patch(&at, 0, &bytes[..20]).await;
    assert_eq!(sender.spooled(), 1);
    assert_eq!(sender.tus(Method::DELETE, &at).send().await.unwrap().status(), 204);
    assert_eq!(sender.spooled(), 0);
    assert_eq!(sender.head(&at).await.status(), 404);
    assert_problem(sender.patch(&at, 20, &bytes[20..]).await, 404, "upload_not_found").await;
    assert_problem(sender.tus(Method::DELETE, &at).send().await.unwrap(), 404, "upload_not_found").await;

    let whole = sender.send(&bytes, &[]).await;
    let at = place(&whole);
    assert_eq!(sender.tus(Method::DELETE, &at).send().await.unwrap().status(), 204);
    assert_eq!(sender.original(photo(&whole)).await, bytes);
}

#[tokio::test]
async fn an_upload_is_kept_for_a_day_after_its_last_byte() {
    let sender = sender().await;
    let (fresh, stale) = (sender.begin(100, &[]).await, sender.begin(100, &[]).await);
    for at in [&fresh, &stale] {
        sender.patch(at, 0, b"half").await;
    }
    let old = std::fs::File::options().append(true).open(sender.spool_path(&stale)).unwrap();
    old.set_modified(std::time::SystemTime::now() - Duration::from_secs(3600)).unwrap();
    let uploads = &sender.app.app.uploads;
    // The row of the stale one is young: only the last byte counts when it came later.
    let later = |hours: i64, minutes: i64| Utc::now() + TimeDelta::hours(hours) + TimeDelta::minutes(minutes);
    assert_eq!(uploads.sweep(later(23, 50)).await.unwrap(), Swept::default());
    assert_eq!(uploads.sweep(later(24, 1)).await.unwrap(), Swept { finished: 0, expired: 2 });
    assert_eq!((sender.spooled(), sender.head(&fresh).await.status().as_u16()), (0, 404));
}

#[tokio::test]
async fn a_broken_connection_keeps_what_came_over_it() {
    let sender = sender().await;
    let bytes = jpeg(6);
    let at = sender.begin(bytes.len(), &[]).await;
    drop(sender.half_a_patch(&at, bytes.len(), &bytes[..300]).await);
    assert_eq!(sender.offset(&at).await, 300);
    assert_eq!(result(&sender.patch(&at, 300, &bytes[300..]).await), "stored");
}

#[tokio::test]
async fn two_requests_never_write_to_one_upload() {
    let sender = sender().await;
    let bytes = jpeg(7);
    let at = sender.begin(bytes.len(), &[]).await;
    let mut first = sender.half_a_patch(&at, bytes.len(), &bytes[..200]).await;
    assert_problem(sender.patch(&at, 200, &bytes[200..]).await, 423, "upload_locked").await;
    assert_problem(sender.patch(&at, 0, &bytes).await, 423, "upload_locked").await;
    // Who asks has lost the first connection, whatever its other end looks like from here.
    assert_eq!(sender.offset(&at).await, 200);
    assert_eq!(result(&sender.patch(&at, 200, &bytes[200..]).await), "stored");
    // What the first still sends goes nowhere.
    let _ = first.write_all(&bytes[200..]).await;
    let mut answer = String::new();
    let _ = first.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 409"), "{answer:?}");
    let ledger =
        sender.post("ledger", &json!({ "files": [{ "filename": "a", "sha256": sha256(&bytes) }] })).await;
    assert_eq!(ledger.json::<Value>().await.unwrap()["queued"], 1, "bit for bit");
}

#[tokio::test]
async fn an_upload_is_its_creators_and_a_session_its_studios() {
    let mut sender = sender().await;
    let at = sender.begin(100, &[]).await;
    let studio = sender.app.studio().await;
    let colleague = sender.app.user(Role::Admin, &[studio]).await;
    let owner = std::mem::replace(&mut sender.user, colleague);
    assert_eq!(sender.head(&at).await.status(), 404);
    assert_problem(sender.patch(&at, 0, b"x").await, 404, "upload_not_found").await;
    assert_problem(sender.tus(Method::DELETE, &at).send().await.unwrap(), 404, "upload_not_found").await;

    let (session, client) = (sender.session, sender.app.user(Role::Customer, &[]).await);
    let elsewhere = sender.app.other_studio().await;
    for stranger in [sender.app.user(Role::Admin, &[elsewhere]).await, client] {
        sender.user = stranger;
        assert_problem(sender.creation(1, &[]).send().await.unwrap(), 404, "session_not_found").await;
        assert_problem(sender.post("ledger", &json!({ "files": [] })).await, 404, "session_not_found").await;
    }
    // For the client whom the session is shot for it is open.
    let database = database_url(sender.app.data.path()).await;
    let mut rows = sqlx::AnyConnection::connect(&database).await.expect("the database is there");
    sqlx::query("UPDATE photo_sessions SET client_id = $1 WHERE id = $2")
        .bind(sender.user.id.to_string())
        .bind(session.to_string())
        .execute(&mut rows)
        .await
        .expect("is written");
    assert_eq!(result(&sender.send(&jpeg(8), &[]).await), "stored");

    sender.user = owner;
    assert_eq!(sender.offset(&at).await, 0, "nobody has touched it");
}

#[tokio::test]
async fn what_cannot_be_a_photo_is_refused_before_it_is_sent() {
    let sender = sender().await;
    let large = sender.creation(MAX_BYTES + 1, &[("sha256", &"ab".repeat(32))]).send().await.unwrap();
    assert_problem(large, 413, "upload_too_large").await;
    let rejections = sender.rejections().await;
    let listed = (&rejections[0]["filename"], &rejections[0]["code"], &rejections[0]["bytes"]);
    assert_eq!(listed, (&json!("IMG 1.JPG"), &json!("too_large"), &json!(MAX_BYTES + 1)));

    let session = sender.session.to_string();
    let request = |length: &str, metadata: &str| {
        let request = sender.tus(Method::POST, "/api/uploads").header("upload-length", length);
        request.header("upload-metadata", metadata).send()
    };
    let good = metadata(&[("photo_session_id", &session), ("filename", "a.jpg")]);
    for length in ["", "-1", "+1", "1.5", "99999999999999999999999"] {
        let problem = assert_problem(request(length, &good).await.unwrap(), 400, "malformed_upload").await;
        assert_eq!(problem["field"], "Upload-Length");
    }
    for broken in ["filename ***", "filename YQ==,filename YQ==", "filename /w=="] {
        let problem = assert_problem(request("1", broken).await.unwrap(), 400, "malformed_upload").await;
        assert_eq!(problem["field"], "Upload-Metadata");
    }
    for (name, value) in [
        ("photo_session_id", "1"),
        ("filename", ".."),
        ("sha256", "abc"),
        ("is_selected", "maybe"),
        ("guest_id", "a\nb"),
    ] {
        let pairs = [("photo_session_id", session.as_str()), ("filename", "a.jpg")];
        let pairs: Vec<_> = pairs.into_iter().filter(|pair| pair.0 != name).chain([(name, value)]).collect();
        let refused = request("1", &metadata(&pairs)).await.unwrap();
        let problem = assert_problem(refused, 422, "invalid_upload_metadata").await;
        assert_eq!(problem["field"], name);
    }
    let absent = PhotoSessionId::generate().to_string();
    let refused =
        request("1", &metadata(&[("photoSessionId", &absent), ("filename", "a.jpg")])).await.unwrap();
    assert_problem(refused, 404, "session_not_found").await;
    assert_eq!(sender.spooled(), 0);
}

#[tokio::test]
async fn a_rejected_file_is_accounted_for_until_the_right_one_comes() {
    let sender = sender().await;
    let bitmap = b"BM and more".to_vec();
    let refused = sender.send(&bitmap, &[]).await;
    assert_eq!(
        (result(&refused), header(&refused, "pixora-reject-code"), header(&refused, "pixora-photo-id")),
        ("rejected".into(), Some("unsupported_type".into()), None)
    );
    let bytes = jpeg(9);
    let damaged = sender.send(&jpeg(10), &[("sha256", &sha256(&bytes).to_uppercase())]).await;
    assert_eq!(header(&damaged, "pixora-reject-code"), Some("checksum_mismatch".into()));
    let files = json!({ "files": [
        { "filename": "a.bmp", "sha256": sha256(&bitmap) },
        { "filename": "b.jpg", "sha256": sha256(&bytes) },
        { "filename": "c.jpg", "sha256": "00".repeat(32) },
    ] });
    let account: Value = sender.post("ledger", &files).await.json().await.unwrap();
    let sums = ["sent", "stored", "indexed", "queued", "rejected", "missing"]
        .map(|name| account[name].as_u64().unwrap());
    assert_eq!(sums, [3, 0, 0, 0, 2, 1]);
    assert_eq!(account["files"][1]["code"], "checksum_mismatch");
    assert_eq!(sender.rejections().await.len(), 2);

    assert_eq!(result(&sender.send(&bytes, &[("sha256", &sha256(&bytes))]).await), "stored");
    let ready = sender.app.photo(sender.session, "ready.jpg").await;
    let mut files = files["files"].as_array().unwrap().clone();
    files.push(json!({ "filename": "ready.jpg", "sha256": ready.sha256.to_uppercase() }));
    let account: Value = sender.post("ledger", &json!({ "files": files })).await.json().await.unwrap();
    let sums = ["sent", "stored", "indexed", "queued", "rejected", "missing"]
        .map(|name| account[name].as_u64().unwrap());
    assert_eq!(sums, [4, 2, 1, 1, 1, 1]);
    let states: Vec<_> =
        account["files"].as_array().unwrap().iter().map(|file| file["state"].clone()).collect();
    assert_eq!(states, ["rejected", "queued", "missing", "indexed"]);
    assert_eq!(account["files"][3]["photo_id"], json!(ready.id));
    let codes: Vec<_> = sender.rejections().await.iter().map(|one| one["code"].clone()).collect();
    assert_eq!(codes, ["unsupported_type"]);
}

#[tokio::test]
async fn a_ledger_takes_five_thousand_files() {
    let sender = sender().await;
    let file = json!({ "filename": "a long name of a photograph.jpg", "sha256": "0f".repeat(32) });
    let account = sender.post("ledger", &json!({ "files": vec![file.clone(); 5000] })).await;
    assert_eq!(account.json::<Value>().await.unwrap()["missing"], 5000);
    let many = sender.post("ledger", &json!({ "files": vec![file; 5001] })).await;
    assert_problem(many, 422, "too_many_files").await;
    let odd =
        sender.post("ledger", &json!({ "files": [{ "filename": "a", "sha256": "0g".repeat(32) }] })).await;
    assert_problem(odd, 422, "malformed_body").await;
}

#[tokio::test]
async fn what_failed_is_listed_until_it_is_dealt_with() {
    let sender = sender().await;
    sender.send(b"BM no photo", &[]).await;
    let listed = sender.rejections().await;
    assert_eq!((listed.len(), &listed[0]["photo_id"]), (1, &Value::Null));
    let path = |session: &dyn std::fmt::Display| {
        let id = listed[0]["rejection_id"].as_str().expect("an id");
        format!("/api/photo-sessions/{session}/rejections/{id}")
    };
    let other = sender.app.session_of(&sender.user, sender.app.studio().await).await;
    let elsewhere = sender.app.send_as(&sender.user, Method::DELETE, &path(&other), json!({})).await;
    assert_problem(elsewhere, 404, "not_found").await;
    assert_eq!(sender.rejections().await.len(), 1);
    let done = sender.app.send_as(&sender.user, Method::DELETE, &path(&sender.session), json!({})).await;
    assert_eq!(done.status(), 204);
    assert_eq!(sender.rejections().await, Vec::<Value>::new());
}

#[tokio::test]
async fn rejections_come_in_pages() {
    let sender = sender().await;
    for number in 0..5 {
        sender.send(format!("%PDF {number}").as_bytes(), &[]).await;
    }
    let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let path = format!("/api/photo-sessions/{}/rejections?{query}", sender.session);
        let page = sender.app.get_as(&sender.user, &path).await;
        seen.extend(
            page["rejections"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["sha256"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    let expected: Vec<_> = (0..5).map(|number| sha256(format!("%PDF {number}").as_bytes())).collect();
    assert_eq!(seen, expected);
    for (query, code) in [("limit=0", "invalid_limit"), ("cursor=x", "invalid_cursor")] {
        let path = format!("/api/photo-sessions/{}/rejections?{query}", sender.session);
        let request = sender.app.request(Method::GET, &path).bearer_auth(&sender.user.access_token);
        assert_problem(request.send().await.unwrap(), 422, code).await;
    }
}

#[tokio::test]
async fn a_duplicate_is_told_and_not_stored() {
    let sender = sender().await;
    let first = sender.send(&jpeg(11), &[]).await;
    let second = sender.send(&jpeg(11), &[]).await;
    assert_eq!((result(&first), result(&second)), ("stored".into(), "duplicate".into()));
    assert_eq!(photo(&second), photo(&first));
    assert_eq!(sender.app.app.blobs.originals(sender.session).await.unwrap(), [photo(&first)]);
    assert_eq!(sender.spooled(), 0);
}

/// As a process leaves it that was killed behind the last byte, before or after the photo's row was written.
#[tokio::test]
async fn a_complete_file_becomes_one_photo_after_a_crash() {
    let sender = sender().await;
    let app = &sender.app.app;
    let mut photos = Vec::new();
    for number in [12, 13, 14] {
        let bytes = jpeg(number);
        let at = sender.begin(bytes.len(), &[]).await;
        let path = sender.spool_path(&at);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        if number == 13 {
            let id: UploadId = at.rsplit('/').next().unwrap().parse().unwrap();
            let row = app.store.uploads().get(id).await.unwrap().unwrap();
            let receiver = Receiver::new(
                app.store.clone(),
                app.blobs.clone(),
                app.jobs.clone(),
                app.events.clone(),
                app.clock.clone(),
            );
            let incoming = Incoming {
                session: sender.session,
                photo: row.photo,
                filename: row.filename,
                guest_id: None,
                begins_selected: true,
                replaces: false,
                sha256: None,
            };
            let received = receiver.receive_spooled(&incoming, path.clone()).await.unwrap();
            assert_eq!(received, Received::Stored(row.photo));
        }
        if number == 14 {
            assert_eq!(app.uploads.sweep(Utc::now()).await.unwrap(), Swept { finished: 1, expired: 0 });
        }
        let head = sender.head(&at).await;
        assert_eq!(result(&head), "stored", "{number}");
        assert_eq!(sender.original(photo(&head)).await, bytes);
        photos.push(photo(&head));
    }
    photos.sort_unstable();
    assert_eq!(app.store.photos().ids(sender.session).await.unwrap(), photos);
    assert_eq!(sender.spooled(), 0);
}

/// Until it was ready, a portrait photo lay on its side.
#[tokio::test]
async fn a_portrait_photo_is_upright_from_its_first_row() {
    let sender = sender().await;
    let sent = sender.send(&jpeg_with_exif(640, 480), &[]).await;
    let row = sender.app.app.store.photos().get(photo(&sent)).await.unwrap().expect("has a row");
    assert_eq!((row.state, row.width, row.height), (PhotoState::Queued, 480, 640));
}

#[tokio::test]
async fn a_script_sends_a_form_of_whole_files() {
    let sender = sender().await;
    let file = |name: &str, bytes: Vec<u8>| Part::bytes(bytes).file_name(name.to_owned());
    let form = Form::new()
        .part("photo", file("../a.jpg", jpeg(15)))
        .part("photo", file("text.jpg", b"no picture".to_vec()))
        .part("photo", file("b.jpg", jpeg(15)));
    let path = format!("/api/photo-sessions/{}/photos", sender.session);
    let request = || sender.app.request(Method::POST, &path).bearer_auth(&sender.user.access_token);
    let answer: Value = request().multipart(form).send().await.unwrap().json().await.unwrap();
    let id = answer["results"][0]["photo_id"].clone();
    assert_eq!(
        answer["results"],
        json!([
            { "filename": "a.jpg", "result": "stored", "photo_id": id, "code": null },
            { "filename": "text.jpg", "result": "rejected", "photo_id": null, "code": "unsupported_type" },
            { "filename": "b.jpg", "result": "duplicate", "photo_id": id, "code": null },
        ])
    );
    assert_eq!(sender.original(id.as_str().unwrap().parse().unwrap()).await, jpeg(15));
    assert_eq!((sender.rejections().await.len(), sender.spooled()), (1, 0));
    let empty = request().header("content-type", "multipart/form-data; boundary=x").body("--x--\r\n");
    assert_problem(empty.send().await.unwrap(), 422, "missing_photo").await;
    let other = request().multipart(Form::new().text("selfie", "x")).send().await.unwrap();
    assert_eq!(assert_problem(other, 422, "unknown_field").await["field"], "selfie");
}
