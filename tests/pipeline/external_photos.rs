//! Photos of a program that keeps them itself, with the real models.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    OBAMA, account,
    server::search_over_http,
    support::{Pixora, START, Server, sample},
};

struct Program<'a> {
    pixora: &'a Pixora,
    server: Server,
    session: String,
    key: String,
}

impl<'a> Program<'a> {
    async fn new(pixora: &'a Pixora) -> Self {
        let session = pixora.session("Main app");
        account::add(pixora);
        let server = pixora.serve();
        let token = account::sign_in(&server.address).await;
        let body = json!({ "name": "main app", "scopes": ["faces"] });
        let made =
            Client::new().post(format!("http://{}/api/keys", server.address)).bearer_auth(token).json(&body);
        let made: Value = made.send().await.expect("answers").json().await.expect("JSON");
        let key = made["key"].as_str().expect("a key").to_owned();
        Self { pixora, server, session, key }
    }

    fn url(&self, rest: &str) -> String {
        format!("http://{}/api/v1/sessions/{}/{rest}", self.server.address, self.session)
    }

    async fn json(&self, request: RequestBuilder) -> Value {
        let answer = request.bearer_auth(&self.key).send().await.expect("answers");
        assert!(
            answer.status().is_success(),
            "{}: {}",
            answer.status(),
            answer.text().await.unwrap_or_default()
        );
        answer.json().await.expect("JSON")
    }

    async fn put(&self, id: &str, file: &Path) -> Value {
        let bytes = fs::read(file).expect("the sample can be read");
        self.json(Client::new().put(self.url(&format!("photos/{id}"))).body(bytes)).await
    }

    async fn batch(&self, photos: Value) -> String {
        let batch = Client::new().post(self.url("photos:batch")).json(&json!({ "photos": photos }));
        self.json(batch).await["batch_id"].as_str().expect("an id").to_owned()
    }

    async fn ended(&self, batch: &str) -> Value {
        let started = Instant::now();
        loop {
            let state = self.json(Client::new().get(self.url(&format!("photo-batches/{batch}")))).await;
            if !state["ended_at"].is_null() {
                return state;
            }
            assert!(started.elapsed() < 2 * START, "{state}\n{}", self.pixora.server_log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The external ids that a selfie finds.
    async fn found(&self, selfie: &str) -> Vec<String> {
        let (status, answer) = search_over_http(&self.server.address, &self.session, &sample(selfie)).await;
        assert_eq!(status, 200, "{answer}");
        let ids = answer["matches"].as_array().expect("a list").iter();
        let mut ids: Vec<String> =
            ids.map(|found| found["external_id"].as_str().expect("has one").to_owned()).collect();
        ids.sort_unstable();
        ids
    }

    async fn status(&self) -> Value {
        self.json(Client::new().get(self.url("index-status"))).await
    }
}

/// Files that are kept of photos.
fn kept(pixora: &Pixora) -> usize {
    let files = walkdir::WalkDir::new(pixora.data().join("blobs")).into_iter().flatten();
    files
        .filter(|entry| entry.file_type().is_file() && entry.path().to_string_lossy().contains("sessions"))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_of_another_program_are_found_by_their_ids_and_nothing_of_them_is_kept() {
    let Some(pixora) = Pixora::new() else { return };
    let library = pixora.folder.path().join("nas");
    let session_folder = "PIXORA_LIBRARY_URL = 'file://{nas}/{session_id}/'\n";
    let settings = session_folder.replace("{nas}", library.to_str().expect("is text"));
    fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("can be written");
    fs::create_dir_all(&library).expect("can be made");
    let other = pixora.session("Another");
    let program = Program::new(&pixora).await;
    let folder = library.join(&program.session);
    fs::create_dir_all(folder.join("day one")).expect("can be made");

    // One by one as a body; the rest by their keys in the library.
    let photo = program.put("biden.jpg", &sample("officials/biden.jpg")).await;
    assert_eq!((photo["faces"].as_array().expect("a list").len(), &photo["state"]), (1, &"indexed".into()));
    let mut photos = Vec::new();
    for name in OBAMA {
        fs::copy(sample(&format!("officials/{name}")), folder.join("day one").join(name))
            .expect("can be copied");
        photos.push(json!({ "external_id": name, "library_key": format!("day one/{name}") }));
    }
    let one = json!({ "library_key": "day one/obama.jpg" });
    let one = program.json(Client::new().put(program.url("photos/obama.jpg")).json(&one)).await;
    assert_eq!(one["state"], "indexed", "{one}");
    fs::write(folder.join("no picture.jpg"), "text").expect("can be written");
    std::os::unix::fs::symlink(sample("officials/biden.jpg"), folder.join("link.jpg"))
        .expect("can be linked");
    for (id, key) in [
        ("gone", "gone.jpg"),
        ("outside", "../secret.jpg"),
        ("linked", "link.jpg"),
        ("folder", "day one"),
        ("text", "no picture.jpg"),
    ] {
        photos.push(json!({ "external_id": id, "library_key": key }));
    }
    let batch = program.batch(photos.into()).await;
    let ended = program.ended(&batch).await;
    assert_eq!((&ended["done"], &ended["failed"]), (&6.into(), &5.into()), "{ended}");
    let failures: Vec<(&str, &str)> = ended["failures"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["external_id"].as_str().expect("an id"), one["code"].as_str().expect("a code")))
        .collect();
    let nothing = "library_file_not_found";
    assert_eq!(
        failures,
        [
            ("gone", nothing),
            ("outside", nothing),
            ("linked", nothing),
            ("folder", nothing),
            ("text", "unsupported_type")
        ]
    );

    assert_eq!(program.found("officials/obama.jpg").await, OBAMA);
    assert_eq!(program.found("officials/biden.jpg").await, ["biden.jpg"]);
    assert_eq!(kept(&pixora), 0);
    assert_eq!(program.status().await["indexed"], 7);
    // Another session knows nothing of them.
    let (_, answer) = search_over_http(&program.server.address, &other, &sample("officials/obama.jpg")).await;
    assert_eq!(answer["matches"], json!([]), "{answer}");

    // After a restart and a rewritten index they are found still, and nobody misses their files.
    let Program { server, session, key, .. } = program;
    drop(server);
    assert!(pixora.command(&["reindex"]).status().expect("the program starts").success());
    assert_eq!(pixora.json(&["doctor", "--deep", "--json"])["ok"], true);
    let program = Program { pixora: &pixora, server: pixora.serve(), session, key };
    assert_eq!(program.found("officials/obama.jpg").await, OBAMA);

    let forgotten = program.json(Client::new().delete(program.url("photos"))).await;
    assert_eq!(forgotten, json!({ "forgotten": 7 }));
    assert_eq!(program.found("officials/obama.jpg").await, Vec::<String>::new());
    drop(program);
    assert_eq!(pixora.json(&["doctor", "--deep", "--json"])["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_goes_on_where_a_process_died_that_had_it_in_hand() {
    let Some(pixora) = Pixora::new() else { return };
    let library = pixora.folder.path().join("nas");
    let settings = format!("PIXORA_LIBRARY_URL = 'file://{}/{{session_id}}/'\n", library.display());
    fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("can be written");
    let program = Program::new(&pixora).await;
    let folder = library.join(&program.session);
    fs::create_dir_all(&folder).expect("can be made");
    let picture = fs::read(sample("officials/biden.jpg")).expect("the sample can be read");
    let photos: Vec<Value> = (0..30)
        .map(|n| {
            // What follows the end of a JPEG makes another file of it.
            fs::write(folder.join(format!("{n}.jpg")), [&picture[..], format!("{n}").as_bytes()].concat())
                .expect("can be written");
            json!({ "external_id": format!("{n}"), "library_key": format!("{n}.jpg") })
        })
        .collect();
    let batch = program.batch(photos.into()).await;
    let mut program = program;
    let mut was_cut = false;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        // Dropping the server is `kill -9`.
        let Program { server, session, key, .. } = program;
        drop(server);
        program = Program { pixora: &pixora, server: pixora.serve(), session, key };
        let state = program.json(Client::new().get(program.url(&format!("photo-batches/{batch}")))).await;
        was_cut |= state["ended_at"].is_null() && state["waiting"] != 0;
    }
    assert!(was_cut, "it was killed in the middle");
    let ended = program.ended(&batch).await;
    assert_eq!((&ended["done"], &ended["failed"]), (&30.into(), &0.into()), "{ended}");
    let status = program.status().await;
    assert_eq!((&status["indexed"], &status["faces"]), (&30.into(), &30.into()), "{status}");
    drop(program);
    assert_eq!(pixora.json(&["doctor", "--deep", "--json"])["ok"], true);
}
