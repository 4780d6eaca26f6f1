//! Originals that stay where they lie: a folder or a bucket that is only read.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
};
use pixora::blobs::S3Bucket;
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    OBAMA, account, found,
    postgres::Postgres,
    s3,
    server::search_over_http,
    support::{Pixora, START, Server, sample},
};

/// A studio with a library, on a running server.
pub struct Studio<'a> {
    pixora: &'a Pixora,
    server: Server,
    token: String,
    pub session: String,
}

impl<'a> Studio<'a> {
    pub async fn new(pixora: &'a Pixora, session: String) -> Self {
        account::add(pixora);
        Self::open(pixora, session).await
    }

    pub async fn open(pixora: &'a Pixora, session: String) -> Self {
        let server = pixora.serve();
        let token = account::sign_in(&server.address).await;
        Self { pixora, server, token, session }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        Client::new().get(self.url(path)).bearer_auth(&self.token).send().await.expect("answers")
    }

    pub async fn json(&self, path: &str) -> Value {
        self.get(path).await.json().await.expect("JSON")
    }

    pub async fn state(&self) -> Value {
        self.json(&format!("/api/photo-sessions/{}/library", self.session)).await
    }

    /// Waits until a sync that is due has ended, and every photo is settled.
    async fn settled(&self) -> Value {
        let started = Instant::now();
        loop {
            let state = self.state().await;
            let due = state["due_at"].as_str().map(|due| due.parse::<chrono::DateTime<chrono::Utc>>());
            let is_due = due.is_some_and(|due| due.expect("is a time") <= chrono::Utc::now());
            let status = self.json(&format!("/api/v1/sessions/{}/facepass-status", self.session)).await;
            if state["is_running"] == false && !is_due && status["queued"] == 0 {
                return state;
            }
            assert!(started.elapsed() < START, "{state} {status}\n{}", self.pixora.server_log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub async fn sync(&self) -> Value {
        let path = format!("/api/photo-sessions/{}/sync", self.session);
        let answer = Client::new().post(self.url(&path)).bearer_auth(&self.token).send().await;
        assert_eq!(answer.expect("answers").status(), 202);
        self.settled().await
    }

    /// The photos by name, each with its id.
    pub async fn photos(&self) -> BTreeMap<String, String> {
        let page = self.json(&format!("/api/photo-sessions/{}/photos?limit=200", self.session)).await;
        let photos = page["photos"].as_array().unwrap_or_else(|| panic!("{page}"));
        let text = |photo: &Value, name: &str| photo[name].as_str().expect("is text").to_owned();
        photos.iter().map(|photo| (text(photo, "filename"), text(photo, "photo_id"))).collect()
    }

    pub async fn original(&self, photo: &str) -> reqwest::Response {
        self.get(&format!("/api/photos/{photo}/original")).await
    }

    async fn found(&self, selfie: &Path) -> Vec<String> {
        let (status, answer) = search_over_http(&self.server.address, &self.session, selfie).await;
        assert_eq!(status, 200, "{answer}");
        found(answer["matches"].as_array().expect("a list")).into_iter().map(str::to_owned).collect()
    }
}

pub fn settings(pixora: &Pixora, text: &str) {
    fs::write(pixora.folder.path().join("pixora.toml"), text).expect("can be written");
}

/// Everything below a folder with its content and the time of its last change.
fn contents(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("can be read"));
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let changed = entry.metadata().expect("is there").modified().expect("is known");
            (entry.path().to_owned(), (fs::read(entry.path()).expect("can be read"), changed))
        })
        .collect()
}

fn copy_officials(into: &Path) {
    fs::create_dir_all(into).expect("can be made");
    for file in fs::read_dir(sample("officials")).expect("is there") {
        let file = file.expect("can be read").path();
        fs::copy(&file, into.join(file.file_name().expect("has a name"))).expect("can be copied");
    }
}

/// A picture like no other: what follows the end of a JPEG makes another file of it.
pub fn picture(number: usize) -> Vec<u8> {
    let mut bytes = fs::read(sample("officials/biden.jpg")).expect("the sample can be read");
    bytes.extend_from_slice(format!("number {number}").as_bytes());
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_of_an_existing_studio_is_found_without_any_upload() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(postgres) = Postgres::start().await else { return };
    let session = postgres.session("Wedding").await.to_string();
    let shelf = pixora.folder.path().join("nas");
    let folder = shelf.join(&session);
    copy_officials(&folder);
    fs::write(folder.join("obama.xmp"), "a sidecar").expect("can be written");
    settings(
        &pixora,
        &format!(
            "MAIN_APP_DATABASE_URL = '{}'\nPIXORA_LIBRARY_URL = 'file://{}/{{session_id}}/'\n\
             PIXORA_LIBRARY_SYNC_SECONDS = 3600\n",
            postgres.url("reader"),
            shelf.display()
        ),
    );
    let before = contents(&shelf);
    let studio = Studio::new(&pixora, session.clone()).await;
    assert_eq!(studio.state().await["synced_at"], Value::Null);

    // The first guest who opens the page is enough.
    assert_eq!(studio.get(&format!("/session/{session}")).await.status(), 200);
    let state = studio.settled().await;
    assert_eq!((&state["listed"], &state["photos"], &state["code"]), (&7.into(), &7.into(), &Value::Null));
    assert_eq!(studio.found(&sample("officials/obama.jpg")).await, OBAMA);
    let photos = studio.photos().await;
    let id = &photos["obama2.jpg"];
    let whole = studio.original(id).await.bytes().await.expect("comes whole");
    assert_eq!(whole, fs::read(folder.join("obama2.jpg")).expect("is there"));
    let part = Client::new().get(studio.url(&format!("/api/photos/{id}/original")));
    let part = part.bearer_auth(&studio.token).header("range", "bytes=10-19").send().await.expect("answers");
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.expect("comes")[..], whole[10..20]);

    // Nothing was copied, and nothing there was touched.
    assert_eq!(contents(&shelf), before);
    let blobs = walkdir::WalkDir::new(pixora.data().join("blobs")).into_iter().flatten();
    assert_eq!(
        blobs.filter(|entry| entry.path().components().any(|step| step.as_os_str() == "originals")).count(),
        0
    );
    assert_eq!(pixora.json(&["doctor", "--deep", "--json"])["ok"], true);

    // Renamed: the same photo. Deleted here: it does not come back. Gone there: gone here. Changed: analysed anew.
    fs::rename(folder.join("obama2.jpg"), folder.join("renamed.jpg")).expect("can be renamed");
    fs::remove_file(folder.join("obama3.jpg")).expect("can be removed");
    fs::write(folder.join("biden.jpg"), fs::read(sample("groups/sample1.jpg")).expect("is there"))
        .expect("can be written");
    let hidden = Client::new().delete(studio.url(&format!("/api/photos/{}", photos["32bit.png"])));
    assert!(hidden.bearer_auth(&studio.token).send().await.expect("answers").status().is_success());
    let state = studio.sync().await;
    assert_eq!(state["code"], Value::Null, "{state}");
    let after = studio.photos().await;
    assert_eq!(after.len(), 5, "{after:?}");
    assert_eq!(after.get("biden.jpg"), photos.get("biden.jpg"));
    assert!(after.values().any(|photo| photo == id), "{after:?}");
    assert_eq!(studio.original(id).await.bytes().await.expect("comes whole"), whole);
    let gone: Vec<&str> =
        OBAMA.into_iter().filter(|name| !["32bit.png", "obama3.jpg"].contains(name)).collect();
    let found: Vec<String> = studio.found(&sample("officials/obama.jpg")).await;
    assert_eq!(found.len(), gone.len(), "{found:?}");

    // Away: guests go on, an original is told to come later, and nothing is removed.
    let aside = pixora.folder.path().join("aside");
    fs::rename(&shelf, &aside).expect("can be moved");
    let state = studio.sync().await;
    assert_eq!(state["code"], "library_unavailable", "{state}");
    assert_eq!(studio.found(&sample("officials/obama.jpg")).await, found);
    let away = studio.original(id).await;
    assert_eq!(away.status(), 503);
    assert!(away.headers().contains_key("retry-after"));
    let ready: Value = studio.json("/readyz").await;
    assert!(ready.to_string().contains("a library of originals does not answer"), "{ready}");
    let doctor = pixora.command(&["doctor", "--json"]).output().expect("the program starts");
    let doctor: Value = serde_json::from_slice(&doctor.stdout).expect("one document");
    assert_eq!(doctor["ok"], false);
    // An empty folder where the files were is one that is not mounted.
    fs::create_dir_all(&folder).expect("can be made");
    let state = studio.sync().await;
    assert_eq!((&state["code"], studio.photos().await.len()), (&"library_empty".into(), 5), "{state}");
    fs::remove_dir_all(&shelf).expect("can be removed");
    fs::rename(&aside, &shelf).expect("can be moved");
    assert_eq!(studio.sync().await["code"], Value::Null);
    assert_eq!(studio.photos().await, after);

    // Erased: the next guest does not bring the photos back.
    drop(studio);
    let receipt = pixora.json(&["erase", "--session", &session, "--receipt"]);
    assert_eq!(receipt["left"]["photos"], 0, "{receipt}");
    let studio = Studio::open(&pixora, session.clone()).await;
    assert_eq!(studio.get(&format!("/session/{session}")).await.status(), 200);
    studio.settled().await;
    assert_eq!(studio.photos().await, BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tied_folder_serves_nothing_from_outside_and_tells_what_it_refuses() {
    let Some(pixora) = Pixora::new() else { return };
    let root = pixora.folder.path().join("root");
    let folder = root.join("day one");
    copy_officials(&folder);
    let secret = pixora.folder.path().join("secret.jpg");
    fs::write(&secret, picture(1)).expect("can be written");
    let elsewhere = pixora.folder.path().join("elsewhere");
    copy_officials(&elsewhere);
    symlink(&secret, folder.join("link.jpg")).expect("can be linked");
    symlink(&elsewhere, folder.join("linked folder")).expect("can be linked");
    symlink(folder.join("obama.jpg"), folder.join("inside.jpg")).expect("can be linked");
    symlink(folder.join("nowhere.jpg"), folder.join("broken.jpg")).expect("can be linked");
    fs::write(folder.join("two\nlines.jpg"), picture(2)).expect("can be written");
    fs::write(folder.join("no picture.jpg"), "text").expect("can be written");
    fs::write(folder.join("._obama.jpg"), picture(3)).expect("can be written");
    make_pipe(&folder.join("pipe.jpg"));
    let session = pixora.session("Tied");
    settings(&pixora, &format!("PIXORA_LIBRARY_ROOTS = '{}'\n", root.display()));
    let studio = Studio::new(&pixora, session.clone()).await;

    let tie = async |folder: &Path| {
        let path = studio.url(&format!("/api/photo-sessions/{session}/library"));
        let request = Client::new().put(path).bearer_auth(&studio.token).json(&json!({ "folder": folder }));
        request.send().await.expect("answers")
    };
    for outside in
        [elsewhere.as_path(), Path::new("/"), &root.join("day one/../../elsewhere"), &root.join("none")]
    {
        let refused = tie(outside).await;
        assert_eq!(refused.status(), 422, "{}", outside.display());
        let problem: Value = refused.json().await.expect("a problem");
        assert_eq!(problem["code"], "library_folder_not_allowed");
    }
    symlink(&elsewhere, root.join("way out")).expect("can be linked");
    assert_eq!(tie(&root.join("way out")).await.status(), 422);
    assert_eq!(tie(&folder).await.status(), 200);
    let state = studio.settled().await;
    let refused: BTreeMap<&str, &str> = state["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|file| (file["key"].as_str().unwrap_or_default(), file["code"].as_str().unwrap_or_default()))
        .collect();
    let expected = BTreeMap::from([
        ("broken.jpg", "broken_link"),
        ("link.jpg", "outside_library"),
        ("linked folder", "outside_library"),
        ("no picture.jpg", "unsupported_type"),
        ("pipe.jpg", "not_a_file"),
        ("two\nlines.jpg", "library_key_unusable"),
    ]);
    assert_eq!(refused, expected, "{state}");
    // A link inside the folder is the photo that it leads to.
    assert_eq!(studio.photos().await.len(), 7);
    assert_eq!(studio.found(&sample("officials/obama.jpg")).await, OBAMA);

    // A file that becomes a link to the outside is not followed.
    let id = studio.photos().await["obama2.jpg"].clone();
    fs::remove_file(folder.join("obama2.jpg")).expect("can be removed");
    symlink(&secret, folder.join("obama2.jpg")).expect("can be linked");
    assert!(!studio.original(&id).await.status().is_success());

    // The operator takes the permission back.
    let url = format!("/api/photos/{}/original", studio.photos().await["obama.jpg"]);
    let Studio { server, .. } = studio;
    drop(server);
    settings(&pixora, &format!("PIXORA_LIBRARY_ROOTS = '{}'\n", elsewhere.display()));
    let server = pixora.serve();
    let token = account::sign_in(&server.address).await;
    let answer = Client::new().get(format!("http://{}{url}", server.address)).bearer_auth(token).send().await;
    assert_eq!(answer.expect("answers").status(), 404);
}

fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo starts");
    assert!(made.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_was_killed_goes_on_and_doubles_nothing() {
    const PICTURES: usize = 24;
    let Some(pixora) = Pixora::new() else { return };
    let root = pixora.folder.path().join("root");
    fs::create_dir_all(&root).expect("can be made");
    for number in 0..PICTURES {
        fs::write(root.join(format!("IMG_{number:04}.jpg")), picture(number)).expect("can be written");
    }
    let session = pixora.session("Killed");
    settings(&pixora, &format!("PIXORA_LIBRARY_ROOTS = '{}'\n", root.display()));
    pixora.json(&["session", "library", &session, root.to_str().expect("is text"), "--json"]);
    for _ in 0..3 {
        let mut server = pixora.serve();
        tokio::time::sleep(Duration::from_millis(700)).await;
        server.child.kill().expect("can be killed");
        server.child.wait().expect("was started here");
    }
    let studio = Studio::new(&pixora, session).await;
    let state = studio.sync().await;
    assert_eq!((&state["photos"], &state["code"]), (&PICTURES.into(), &Value::Null), "{state}");
    let photos = studio.photos().await;
    assert_eq!(photos.len(), PICTURES, "{photos:?}");
    let status = studio.json(&format!("/api/v1/sessions/{}/facepass-status", studio.session)).await;
    assert_eq!((&status["photos_total"], &status["photos_ready"]), (&PICTURES.into(), &PICTURES.into()));
}

/// A line to the store that lets nothing through but reading, and notes what else was tried.
async fn read_only(bucket: &S3Bucket) -> (String, Arc<Mutex<Vec<String>>>) {
    let target = bucket.endpoint.clone().expect("the tests' store has an address");
    let tried: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&tried);
    let pass = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| -> Response {
        if !matches!(method, Method::GET | Method::HEAD) {
            noted.lock().expect("is not poisoned").push(format!("{method} {uri}"));
            return answer(StatusCode::FORBIDDEN, HeaderMap::new(), Body::empty());
        }
        let mut request = Client::new().request(method, format!("{target}{uri}")).body(body);
        for (name, value) in headers.iter().filter(|(name, _)| *name != header::HOST) {
            request = request.header(name, value);
        }
        let found = request.send().await.expect("the store answers");
        let (status, headers) = (found.status(), found.headers().clone());
        answer(status, headers, Body::from(found.bytes().await.expect("comes whole")))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("is bound"));
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(pass)).await });
    (address, tried)
}

pub fn answer(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer.headers_mut().remove(header::TRANSFER_ENCODING);
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_read_page_by_page_and_never_written() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(bucket) = s3::bucket() else { return };
    let session = pixora.session("In a bucket");
    let put = async |name: &str, bytes: Vec<u8>| {
        let endpoint = bucket.endpoint.as_deref().unwrap_or_default();
        let key = format!("{}/{session}/originals/{name}", bucket.prefix);
        // The tests' store asks that somebody signs, and does not look who.
        let signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, \
                      Signature=00";
        let request = Client::new().put(format!("{endpoint}/{}/{key}", bucket.name)).body(bytes);
        let answer = request.header(header::AUTHORIZATION, signed).send().await;
        let answer = answer.expect("the store answers");
        assert!(answer.status().is_success(), "{name}: {answer:?}");
    };
    for file in fs::read_dir(sample("officials")).expect("is there") {
        let file = file.expect("can be read").path();
        let name = file.file_name().and_then(|name| name.to_str()).expect("is text").to_owned();
        put(&name, fs::read(&file).expect("can be read")).await;
    }
    // Odd keys end no listing, and more files than one page has are all seen.
    put("a%09tab.jpg", picture(1)).await;
    put("a//double.jpg", picture(2)).await;
    put("with%20space%20%2B%20plus%2525.jpg", picture(3)).await;
    for number in 0..1_010 {
        put(&format!("previews/._{number}.jpg"), b"litter".to_vec()).await;
    }
    let (address, tried) = read_only(&bucket).await;
    let prefix = &bucket.prefix;
    settings(
        &pixora,
        &format!(
            "PIXORA_LIBRARY_URL = 's3://{}/{prefix}/none/{{session_id}}/,s3://{}/{prefix}/{{session_id}}/originals/'\n\
             PIXORA_LIBRARY_S3_ENDPOINT = '{address}'\nPIXORA_LIBRARY_S3_ACCESS_KEY_ID = 'reader'\n\
             PIXORA_LIBRARY_S3_SECRET_ACCESS_KEY = 'password'\nPIXORA_LIBRARY_SYNC_SECONDS = 3600\n",
            bucket.name, bucket.name
        ),
    );
    let studio = Studio::new(&pixora, session.clone()).await;
    let state = studio.sync().await;
    assert_eq!((&state["photos"], &state["code"]), (&8.into(), &Value::Null), "{state}");
    let refused = state["refused"].as_array().expect("a list");
    assert_eq!(refused.len(), 2, "{state}");
    assert!(refused.iter().all(|file| file["code"] == "library_key_unusable"), "{state}");
    assert_eq!(studio.found(&sample("officials/obama.jpg")).await, OBAMA);
    let photos = studio.photos().await;
    let odd = photos.get("with space + plus%25.jpg").unwrap_or_else(|| panic!("{photos:?}"));
    assert_eq!(studio.original(odd).await.bytes().await.expect("comes whole"), picture(3));

    // A changed object is not served as the old one, and the next sync takes it in.
    put("biden.jpg", picture(4)).await;
    assert_eq!(studio.original(&photos["biden.jpg"]).await.status(), 503);
    assert_eq!(studio.sync().await["code"], Value::Null);
    assert_eq!(studio.photos().await.get("biden.jpg"), photos.get("biden.jpg"));
    assert_eq!(studio.original(&photos["biden.jpg"]).await.bytes().await.expect("comes whole"), picture(4));
    drop(studio);
    let erased = pixora.json(&["erase", "--session", &session, "--receipt"]);
    assert_eq!(erased["left"]["photos"], 0, "{erased}");
    assert_eq!(*tried.lock().expect("is not poisoned"), [""; 0], "the library was only read");
}
